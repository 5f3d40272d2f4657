"""Real borders: official or open polygons, downloaded or from a file, become the `boundaries` of a
data package.

    python -m helpers boundaries [RAW=package] [TO=folder] [FROM=name|address | FILE=file]
    [MATCH=table] ...

The package RAW stays as it is; a copy of it with the polygons is written to TO, and the same build
runs on that: `make all RAW=TO`. To do without them, remove the folder.
"""

import csv
import io
from functools import cache
from pathlib import Path

import yaml

from helpers import geography
from helpers.files import write
from helpers.study.errors import InputError, spoken
from helpers.study.package import STATUSES, Package
from helpers.study.paths import DEFAULT_RAW, ROOT

OPTIONS = {
    "RAW": "data package that gets the borders (default: data/raw); it is not changed",
    "TO": "folder of the new package (default: RAW's name with -boundaries)",
    "FROM": "a name that is known here ({known}), or an address (default: {default})",
    "SHA256": "hash of the file at an address of your own",
    "MIRROR": "address below which a copy of the file lies",
    "FILE": "GeoPackage, GeoJSON or Shapefile on this machine, instead of FROM",
    "CRS": "coordinate reference system of a file that names none, such as EPSG:4326",
    "CODE": "column with the areas' codes (default: found)",
    "NAME": "column with their names (default: found)",
    "PARENT": "column with the regency, which tells namesakes apart (default: found)",
    "MATCH": "table of doubtful matches: written if it is not there, read if it is; you confirm them in it",
    "SOURCE": "whose polygons they are; stands below every map", "LICENCE": "their licence",
    "STATUS": "published | simulated | illustrative (default: published for a name that is known here, else illustrative, "
    "until you say what they are)",
}
CONFIRM = ("code", "name", "found", "similarity", "how", "confirmed")
YES = ("yes", "ya", "y", "1", "true")


@spoken()
def main(arguments: list[str]) -> int:
    """Make a package with real borders; return the exit status: 0 done, 2 wrong input."""
    if set(arguments) & {"help", "-h", "--help"}:
        print("usage: python -m helpers boundaries [NAME=value ...]\n")
        for name, text in OPTIONS.items():
            print(
                f"  {name + '=':<10} {text.format(known=', '.join(known()), default=next(iter(known())))}"
            )
        return 0
    folder = make(parse(arguments))
    print(
        f"boundaries: data package written to {folder}; build it with: make all RAW={folder} OUT=FOLDER"
    )
    return 0


def parse(arguments: list[str]) -> dict[str, str]:
    """Read ``NAME=value ...``.

    Examples
    --------
    >>> parse(["FILE=borders.gpkg", "NAME=WADMKC"])
    {'FILE': 'borders.gpkg', 'NAME': 'WADMKC'}
    """
    options = {}
    for argument in arguments:
        name, sign, value = argument.partition("=")
        if not sign or name not in OPTIONS:
            raise InputError(
                f"'{argument}' is not known; boundaries takes NAME=value with {', '.join(OPTIONS)}")
        if name in options:
            raise InputError(f"{name}= is given twice; keep one of them")
        options[name] = value
    if "FILE" in options and (other := {"FROM", "MIRROR", "SHA256"} & set(options)):
        raise InputError(
            f"FILE= and {sorted(other)[0]}= are both given; polygons come from one place: keep one of them"
        )
    if options.get("STATUS", STATUSES[0]) not in STATUSES:
        raise InputError(f"STATUS={options['STATUS']}: allowed is one of: {', '.join(STATUSES)}")
    return options


@cache
def known() -> dict[str, dict]:
    """Return the polygons that are known by name."""
    return yaml.safe_load(Path(__file__).with_name("known.yml").read_text(encoding="utf-8"))


def make(options: dict[str, str]) -> Path:
    """Write a copy of a package with polygons; return its folder. What was found out is printed and
    kept in it."""
    from helpers.intake.atomic_package import refuse_taken
    from helpers.intake.boundaries import fit
    from helpers.intake.boundaries.package_writer import write_package
    from helpers.study.borders import read_shapes

    raw = Path(options.get("RAW", ROOT / DEFAULT_RAW)).resolve()
    package = Package(raw)
    target = Path(options["TO"]) if "TO" in options else raw.with_name(f"{raw.name}-boundaries")
    refuse_taken(target, f"TO={target}")
    if target.resolve().is_relative_to(raw):
        raise InputError(
            f"TO={target}: lies in the data package {raw.name}, which is not changed; name another folder"
        )
    file, origin, said = _file(options)
    columns = fit.Columns(options.get("CODE"), options.get("NAME"), options.get("PARENT"))
    shapes = _in_degrees(read_shapes(file, file.name), file.name, options.get("CRS"))
    matches, found = fit.match(shapes, file.name, package, columns,
                               _confirmed(options.get("MATCH")))
    said += found + [f"{row.code} {row.name}: '{row.found}' ({row.how}, {row.similarity:.2f})"
                     for row in matches.itertuples(index=False) if row.how not in ("code", "same")]
    print("\n".join(said))
    _refuse_doubtful(fit.doubtful(matches), options.get("MATCH"))
    try:
        fitted = fit.fit(shapes, matches)
        geography.check_polygons(fitted, fitted["code"])
    except ValueError as error:
        raise InputError(f"{file.name}: {error}") from None
    write_package(target, package, fitted, origin, said)
    return target


def _file(options: dict[str, str]) -> tuple[Path, dict, list[str]]:
    """Return the file of polygons, what the package is to say of it, and what to tell."""
    import hashlib

    from helpers.intake.atomic_package import NOT_STATED
    from helpers.intake.boundaries.download import Wanted, fetch

    if "FILE" in options:
        file = Path(options["FILE"])
        if not file.is_file():
            raise InputError(f"FILE={options['FILE']}: there is no such file")
        facts, place = {"title": f"file {file.name}; its source is not stated"}, {}
        said = [f"{file.name}: from this machine"]
    else:
        facts = _facts(options.get("FROM", next(iter(known()))))
        wanted = Wanted(facts["address"],
                        options.get("SHA256") or facts.get("sha256"), options.get("MIRROR"),
                        facts.get("bytes"))
        file, said = fetch(wanted)
        place = {"path": facts["address"]}
    with open(file, "rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    licence = {"name": "notspecified", "title": options["LICENCE"]
               } if "LICENCE" in options else facts.get("licence")
    origin = {
        "status": options.get("STATUS", facts.get("status", STATUSES[-1])),
        "sources": [{"title": options.get("SOURCE", facts["title"]),
                     **place, "sha256": digest}], "licenses": [licence or NOT_STATED]
    }
    return file, origin, said


def _facts(wanted: str) -> dict:
    if wanted in known():
        return known()[wanted]
    if wanted.startswith(("https://", "http://")):
        return {"title": f"{wanted}; its source is not stated", "address": wanted}
    raise InputError(
        f"FROM={wanted}: not known; it is one of {', '.join(known())}, or an address that begins with https://"
    )


def _confirmed(table: str | None) -> dict[str, str]:
    """Return code -> name in the file for the rows that a person confirmed."""
    if table is None or not Path(table).is_file():
        return {}
    rows = list(csv.DictReader(io.StringIO(Path(table).read_text(encoding="utf-8-sig"))))
    if rows and not set(CONFIRM[:3] + CONFIRM[-1:]) <= set(rows[0]):
        raise InputError(
            f"MATCH={table}: must have the columns {', '.join(CONFIRM)}; it has: {', '.join(rows[0])}"
        )
    return {
        row["code"]: row["found"] for row in rows
        if (row["confirmed"] or "").strip().casefold() in YES
    }


def _refuse_doubtful(doubtful, table: str | None) -> None:
    if doubtful.empty:
        return
    first = doubtful.iloc[0]
    example = f"{first['code']} {first['name']}" + (f" ('{first['found']}', {first['how']})"
                                                    if first["found"] else "")
    if table is None:
        remedy = "add MATCH=table.csv to get them in a table, in which you confirm or correct them"
    else:
        if not Path(table).is_file():
            write(Path(table),
                  doubtful.reindex(columns=CONFIRM).to_csv(index=False, lineterminator="\n"))
        remedy = (
            f"in {Path(table).name}, write in 'found' the name that the file has, and yes in 'confirmed', "
            "then run the same again")
    raise InputError(
        f"areas without a sure polygon: {len(doubtful)}, for example {example}; {remedy}")


def _in_degrees(shapes, label: str, crs: str | None):
    """Return shapes in longitude and latitude."""
    from pyproj.exceptions import CRSError

    if not shapes.geom_type.isin(["Polygon", "MultiPolygon"]).any():
        raise InputError(f"{label}: holds no polygons; borders are Polygon or MultiPolygon")
    # A row without a shape says nothing; an area that has no other is missed later, by name.
    shapes = shapes[~(shapes.geometry.isna() | shapes.geometry.is_empty)]

    if shapes.crs is None and crs is None:
        raise InputError(
            f"{label}: names no coordinate reference system; say which with CRS=, for example CRS=EPSG:4326"
        )
    try:
        return (shapes if shapes.crs is not None else shapes.set_crs(crs)).to_crs(4326)
    except CRSError:
        raise InputError(
            f"CRS={crs}: is no coordinate reference system; give one such as EPSG:4326") from None
