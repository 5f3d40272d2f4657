"""Real borders of kecamatan and villages, by regency."""

from collections.abc import Iterable
from pathlib import Path

from helpers import geography
from helpers.errors import InputError
from helpers.files import file_digest
from helpers.intake.sources.pinned import get, sources
from helpers.intake.sources.sql import Row, read_rows
from helpers.messages import Message

PATHS = {"kecamatan": "db/kec/wilayah_boundaries_kec_{province}.sql",
         "villages": "db/kel/{province}/wilayah_boundaries_kel_{regency}.sql"}
# Joined villages fit together, and their surfaces are the official ones; the kecamatan of the same
# source are simplified each by itself, so that neighbours miss each other.
TITLES = {"kecamatan": {},
          "villages": {"title": "Borders of villages (BIG), joined; cahyadsn/wilayah_boundaries",
                       "title_id": "Batas desa (BIG), digabung; cahyadsn/wilayah_boundaries"}}
# Kecamatan of that source miss their neighbours by up to 226 m where they were checked against
# the villages joined (35.04, 35.05 with 35.72, 74.07): 94 of 101 pairs touch within 2 m, all within
# 300 m, and no other does. Small areas of a city allow less.
SIMPLIFIED, OF_SIDE = 300.0, 0.1  # metres; share of the side of a square as large as an area
CHANGED = 0.01  # share by which mending may change a surface that is still taken for known


def provinces() -> list[str]:
    """Codes of the provinces that have borders.

    >>> len(provinces()), provinces()[0]
    (38, '11')
    """
    listed = sorted(sources()["borders"].files)
    return [path[-6:-4] for path in listed if path.startswith("db/kec/")]


def tolerance(level: str, flat) -> float:
    """Metres by which the borders of a level miss each other where they are meant to be one.

    >>> import geopandas, shapely
    >>> city = geopandas.GeoSeries([shapely.box(0, 0, 1e3, 2e3)])
    >>> tolerance("villages", city), tolerance("kecamatan", city)
    (2.0, 141.0)
    """
    side = float(flat.area.median()) ** 0.5
    return geography.SNAP if level == "villages" else min(SIMPLIFIED, round(OF_SIDE * side, 0))


def files(level: str, regencies: Iterable[str], mirror: str | None = None) -> dict[str, Path]:
    """Files with the borders of a level of `PATHS` in some regencies, by their paths there."""
    paths = []
    for code in regencies:
        if code[:2] not in provinces():
            raise InputError("{code}: there is no province {province}; codes of regencies are "
                             "those of the Ministry of Home Affairs, such as 35.04", code=code,
                             province=code[:2])
        paths.append(PATHS[level].format(province=code[:2], regency=code))
    return {path: get("borders", path, mirror) for path in sorted(set(paths))}


def recorded(found: dict[str, Path]) -> tuple[dict[str, str], list[Message]]:
    """Hash of each file, and what to tell of those whose hash is not stated here."""
    hashes = {path: file_digest(file) for path, file in found.items()}
    return hashes, [Message("{name}: nobody states its hash; it is trusted as it came, and its "
                            "hash stands in the package: sha256 {found}", name=Path(path).name,
                            found=hashes[path])
                    for path in hashes if path not in sources()["borders"].files]


def regencies_of(province: str, mirror: str | None = None) -> list[str]:
    """Codes of the regencies of a province."""
    [file] = files("kecamatan", [province], mirror).values()
    return sorted({row.code[:5] for row in read_rows(file, (f"{province}.",))})


def read_file(path: Path):
    """Shapes of all rows of a file of this form, as they are there."""
    return _frame([*read_rows(path, ("",))])


def read(level: str, regencies: Iterable[str], mirror: str | None = None):
    """``code``, ``name``, ``geometry`` (longitude and latitude) of the kecamatan or villages of
    some regencies, sorted by code, and what to tell of them: which were repaired.

    Codes of regencies have the form 35.04; an `InputError` names one that has none.
    """
    regencies = tuple(regencies)
    wanted = tuple(f"{regency}." for regency in regencies)
    rows = [row for file in files(level, regencies, mirror).values()
            for row in read_rows(file, wanted)]
    for regency in regencies:
        if not any(row.code.startswith(f"{regency}.") for row in rows):
            raise InputError("{code}: there is no regency of this code; codes are those of the "
                             "Ministry of Home Affairs, such as 35.04", code=regency)
    return _repaired(_frame(rows))


def _frame(rows: list[Row]):
    import geopandas
    import shapely

    shapes = [shapely.MultiPolygon([(rings[0], rings[1:]) for rings in row.polygons])
              for row in rows]
    frame = geopandas.GeoDataFrame({"code": [row.code for row in rows],
                                    "name": [row.name for row in rows]}, geometry=shapes, crs=4326)
    # A code that stands twice is one area in parts.
    return frame.dissolve("code", aggfunc="first").reset_index() if frame["code"].duplicated(
        ).any() else frame.sort_values("code", ignore_index=True)


def _repaired(shapes):
    """Shapes with valid polygons, what to tell of them, and in ``attrs["doubtful"]`` the codes of
    those whose surface is a guess."""
    shapes, change = geography.mended(shapes)
    doubtful = change.index[change > CHANGED]
    shapes.attrs["doubtful"] = shapes["code"][doubtful].tolist()
    small, said = change.drop(doubtful), []
    if len(small):
        worst = small.idxmax()
        said.append(Message("borders: {number} of {areas} polygons crossed themselves and were "
                            "mended; the surface of {code} {name} changed most, by {change:.2%}",
                            number=len(small), areas=len(shapes), code=shapes["code"][worst],
                            name=shapes["name"][worst], change=small[worst]))
    said += [Message("borders: the outline of {code} {name} crosses itself so that its surface is "
                     "not known; it is drawn as what it encloses, and its surface is left out",
                     code=shapes["code"][row], name=shapes["name"][row]) for row in doubtful]
    return shapes, said
