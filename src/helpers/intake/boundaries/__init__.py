"""Real borders: official or open polygons become the `boundaries` of a data package.

    python3 src/helpers boundaries [RAW=package] [TO=folder] [FROM=name|address | FILE=file] ...

The package RAW stays as it is; a copy of it with the polygons is written to TO, and the same build
runs on that: `make all RAW=TO`. To do without them, remove the folder.
"""

from functools import partial
from pathlib import Path

import numpy as np

from helpers import geography
from helpers.errors import InputError, report_input_errors
from helpers.files import rows_of, write
from helpers.geography import names
from helpers.intake import geojson, named_options
from helpers.intake.atomic_package import (
    copy_files,
    new_package,
    refuse_taken,
    say_written,
    write_text,
)
from helpers.intake.boundaries import fit, place, source
from helpers.intake.describe import write_descriptor
from helpers.intake.sources import borders
from helpers.messages import Message, joined, say
from helpers.study.package import STATUSES, Package

OPTIONS = {"RAW": "data package that gets the borders (default: data/raw); it is not changed",
           "TO": "folder of the new package (default: RAW's name with -boundaries)",
           "FROM": "a name that is known here ({known}), or an address (default: {default})",
           "SHA256": "hash of the file at an address of your own",
           "MIRROR": "address below which a copy of the file lies",
           "FILE": "file on this machine, instead of FROM: GeoPackage, GeoJSON, Shapefile (also "
           "zipped), KML, TopoJSON, FlatGeobuf, GML, GeoParquet, SQL of "
           "cahyadsn/wilayah_boundaries, or a folder .gdb",
           "CRS": "coordinate reference system of a file that names none, or a wrong one, such as "
           "EPSG:4326",
           "LAYER": "layer of a file that has several (default: the one that knows the areas)",
           "ENCODING": "how a Shapefile writes its text, such as UTF-8 or cp1252 (default: found)",
           "CODE": "column with the areas' codes, or several: kdprov+kdkab+kdkec (default: found)",
           "NAME": "column with their names (default: found)",
           "PARENT": "column with the regency, which tells namesakes apart (default: found)",
           "SNAP": "metres by which borders may miss each other and still count as shared, for "
           "neighbours and for the line between zones (default: {metres}; of FROM=kecamatan, which "
           "is simplified, up to {simplified:g})",
           "MATCH": "table of doubtful matches: written if it is not there, read if it is; you "
           "confirm them in it", "SOURCE": "whose polygons they are; stands below every map",
           "LICENCE": "their licence",
           "STATUS": "published | simulated | illustrative (default: published for a name that is "
           "known here, else illustrative, until you say what they are)"}
MOST_SNAP = 1000.0  # metres
FILE, REPORT = "boundaries.geojson", "boundaries.txt"
CONFIRM = ("code", "name", "found", "similarity", "how", "confirmed")
YES = ("yes", "ya", "y", "1", "true")


@report_input_errors()
def main(arguments: list[str]) -> int:
    """Make a package with real borders; return the exit status: 0 done, 2 wrong input."""
    if named_options.asks_for_help(arguments):
        named_options.show_help("usage: python3 src/helpers boundaries [NAME=value ...]", OPTIONS,
                                known=", ".join(source.names()), default=source.names()[0],
                                metres=geography.SNAP, simplified=borders.SIMPLIFIED)
        return 0
    folder = make(parse(arguments))
    say_written("boundaries", folder)
    return 0


def parse(arguments: list[str]) -> dict[str, str]:
    """Options of a call ``NAME=value ...``.

    >>> parse(["FILE=borders.gpkg", "NAME=WADMKC"])
    {'FILE': 'borders.gpkg', 'NAME': 'WADMKC'}
    """
    options = named_options.parse("boundaries", arguments, OPTIONS)
    if "FILE" in options and (other := {"FROM", "MIRROR", "SHA256"} & set(options)):
        raise InputError("FILE= and {other}= are both given; polygons come from one place: keep "
                         "one of them", other=sorted(other)[0])
    named_options.refuse_other(options, {"STATUS": STATUSES})
    return options


def tolerance(options: dict[str, str]) -> float | None:
    """Metres by which borders may miss each other and still count as shared, if a person says so.

    >>> tolerance({}), tolerance({"SNAP": "300"})
    (None, 300.0)
    """
    if (given := options.get("SNAP")) is None:
        return None
    try:
        metres = float(given)
    except ValueError:
        metres = -1.0
    if not 0 <= metres <= MOST_SNAP:
        raise InputError("SNAP={given}: is no number of metres from 0 to {most:g}", given=given,
                         most=MOST_SNAP)
    return metres


def make(options: dict[str, str]) -> Path:
    """Write a copy of a package with polygons; its folder, which keeps what was found out."""
    package, target = named_options.package_and_copy(options, "boundaries")
    refuse_taken(target, f"TO={target}")
    snap = tolerance(options)
    label, origin, said, read = source.find(options, package)
    columns = fit.Columns(options.get("CODE"), options.get("NAME"), options.get("PARENT"))
    shapes, found = read(partial(fit.known, package, columns))
    said += found
    shapes = _in_degrees(shapes, label, options.get("CRS"), package)
    matches, found = fit.match(shapes, label, package, columns,
                               _confirmed(options.get("MATCH")))
    said += found + [f"{row.code} {row.name}: '{row.found}' ({row.how}, {row.similarity:.2f})"
                     for row in matches.itertuples(index=False) if row.how not in ("code", "same")]
    say(joined(said, "\n"))
    _refuse_doubtful(matches[~matches["how"].isin(names.SURE)], options.get("MATCH"))
    try:
        fitted, repaired = fit.fit(shapes, matches)
        geography.check_polygons(fitted, fitted["code"])
    except ValueError as error:
        raise InputError("{file}: {error}", file=label, error=error) from None
    flat = fitted.to_crs(geography.metric_crs(geography.bounds_of_shapes(fitted)))
    if snap is None:
        level = options.get("FROM", source.PINNED[0])
        snap = borders.tolerance(level, flat) if level in source.PINNED and "FILE" not in options \
            else geography.SNAP
    fit_together = geography.coverage(flat, snap)
    _refuse_far(fit_together.far, label)
    fits = [Message("{file}: {what}", file=label, what=what)
            for what in (*repaired, *geography.coverage_messages(fit_together, snap))]
    say(joined(fits, "\n"))
    _write_package(target, package, fitted, origin | {geography.TOLERANCE: snap}, said + fits)
    return target


def _refuse_far(far, label: str) -> None:
    """Refuse an area with a part farther away than any real one has: it is another area's."""
    far = far[far["impossible"].astype(bool)]
    if len(far):
        raise InputError("{label}: a part of {code} lies {km:,.0f} km from the rest of it, and no "
                         "area is so wide; take it out of the file, or give it its own code",
                         label=label, code=far["code"].iloc[0], km=far["km"].iloc[0])


def _write_package(target: Path, package: Package, shapes, origin: dict, said: list[str]) -> None:
    """Copy of a package with polygons in place of its own, validated before it is put in its place.

    `shapes` has ``code``, ``name``, ``geometry`` in longitude and latitude, `origin` their
    ``status``, ``sources`` and ``licenses``; what was `said` is the report, kept in the package.
    """
    with new_package(target, f"TO={target}") as made:
        copy_files(package.folder, made)
        (made / FILE).write_text(geojson.text(shapes), encoding="utf-8", newline="\n")
        write_text(made / REPORT, "\n".join(said))
        entry = {"name": "boundaries", "path": FILE, "profile": "data-resource",
                 "title": "Polygons of the areas",
                 "description": "Polygons by code, in longitude and latitude; what was matched "
                                f"stands in {REPORT}.", **origin, "format": "geojson",
                 "mediatype": "application/geo+json", "encoding": "utf-8"}
        others = [one for one in package.descriptor["resources"] if one["name"] != "boundaries"]
        write_descriptor(made, package.descriptor | {"resources": [*others, entry]})


def _confirmed(table: str | None) -> dict[str, str]:
    """Code -> name in the file for the rows that a person confirmed."""
    if table is None or not Path(table).is_file():
        return {}
    rows = rows_of(Path(table))
    if rows and not set(CONFIRM[:3] + CONFIRM[-1:]) <= set(rows[0]):
        raise InputError("MATCH={table}: must have the columns {columns}; it has: {found}",
                         table=table, columns=", ".join(CONFIRM), found=", ".join(rows[0]))
    return {row["code"]: row["found"] for row in rows
            if (row["confirmed"] or "").strip().casefold() in YES}


def _refuse_doubtful(doubtful, table: str | None) -> None:
    if doubtful.empty:
        return
    first = doubtful.iloc[0]
    example = f"{first['code']} {first['name']}" + (f" ('{first['found']}', {first['how']})"
                                                    if first["found"] else "")
    if table is None:
        remedy = Message("add MATCH=table.csv to get them in a table, in which you confirm or "
                         "correct them")
    else:
        if not Path(table).is_file():
            write(Path(table),
                  doubtful.reindex(columns=CONFIRM).to_csv(index=False, lineterminator="\n"))
        remedy = Message("in {table}, write in 'found' the name that the file has, and yes in "
                         "'confirmed', then run the same again", table=Path(table).name)
    raise InputError("areas without a sure polygon: {number}, for example {example}; {remedy}",
                     number=len(doubtful), example=example, remedy=remedy)


def _in_degrees(shapes, label: str, crs: str | None, package: Package):
    """Shapes in longitude and latitude; rows without one are left out."""
    import shapely
    from pyproj.exceptions import CRSError

    # A row without a shape says nothing; an area that has no other is missed later, by name.
    shapes = shapes[~(shapes.geometry.isna() | shapes.geometry.is_empty)].reset_index(drop=True)
    if shapes.crs is None and crs is None:
        raise InputError("{label}: names no coordinate reference system; say which with CRS=, for "
                         "example CRS=EPSG:4326", label=label)
    try:
        shapes = (shapes if crs is None else shapes.set_crs(crs, allow_override=True)).to_crs(4326)
    except CRSError:
        raise InputError("CRS={crs}: is no coordinate reference system; give one such as "
                         "EPSG:4326", crs=crs) from None
    west, south, east, north = shapely.bounds(shapes.geometry.to_numpy()).T
    try:
        geography.check_degrees(np.concatenate([west, east]), np.concatenate([south, north]))
    except ValueError as error:
        swapped = np.abs(north).max() <= 180 and np.abs(east).max() <= 90
        remedy = place.SWAP if swapped else Message(
            "if these are metres, say of which system with CRS=, for example CRS={example}",
            example=_example_crs(package))
        raise InputError("{label}: {error}: {remedy}", label=label, error=error,
                         remedy=remedy) from None
    return shapes


def _example_crs(package: Package) -> str:
    """System in metres that a map of the package's region may have."""
    if not package.has("villages"):
        return "EPSG:32749"
    villages = package.table("villages")
    bounds = geography.bounds_of(villages["lon"].to_numpy(), villages["lat"].to_numpy())
    code = geography.metric_crs(bounds).to_epsg()
    return "EPSG:3857" if code is None else f"EPSG:{code}"
