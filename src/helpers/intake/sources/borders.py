"""Real borders of kecamatan and villages, by regency."""

from collections.abc import Iterable

from helpers import geography
from helpers.errors import InputError
from helpers.intake.sources.pinned import get, sources
from helpers.intake.sources.sql import Row, read_rows
from helpers.messages import Message

KECAMATAN = "db/kec/wilayah_boundaries_kec_{province}.sql"
VILLAGES = "db/kel/{province}/wilayah_boundaries_kel_{regency}.sql"
CHANGED = 0.01  # share by which mending may change a surface that is still taken for known


def provinces() -> list[str]:
    """Codes of the provinces that have borders.

    Examples
    --------
    >>> len(provinces()), provinces()[0]
    (38, '11')
    """
    listed = sorted(sources()["borders"].files)
    return [path[-6:-4] for path in listed if path.startswith("db/kec/")]


def kecamatan(regencies: Iterable[str], mirror: str | None = None):
    """``code``, ``name``, ``geometry`` (longitude and latitude) of the kecamatan of some regencies,
    sorted by code, and what to tell of them: which were repaired.

    Codes of regencies have the form 35.04; an `InputError` names one that has no kecamatan.
    """
    regencies = tuple(regencies)
    rows = []
    for province in sorted({regency[:2] for regency in regencies}):
        if province not in provinces():
            raise InputError("{code}: there is no province {province}; codes of regencies are "
                             "those of the Ministry of Home Affairs, such as 35.04",
                             code=next(one for one in regencies if one[:2] == province),
                             province=province)
        path = get("borders", KECAMATAN.format(province=province), mirror)
        rows += read_rows(path, tuple(f"{regency}." for regency in regencies))
    return _shapes(rows, regencies)


def regencies_of(province: str, mirror: str | None = None) -> list[str]:
    """Codes of the regencies of a province."""
    path = get("borders", KECAMATAN.format(province=province), mirror)
    return sorted({row.code[:5] for row in read_rows(path, (f"{province}.",))})


def villages(regencies: Iterable[str], mirror: str | None = None):
    """``code``, ``name``, ``geometry`` of the villages of some regencies, as `kecamatan` gives
    those of kecamatan; one file a regency."""
    regencies, rows = tuple(regencies), []
    for regency in regencies:
        path = get("borders", VILLAGES.format(province=regency[:2], regency=regency), mirror)
        rows += read_rows(path, (f"{regency}.",))
    return _shapes(rows, regencies)


def _shapes(rows: list[Row], regencies: tuple[str, ...]):
    import geopandas
    import shapely

    for regency in regencies:
        if not any(row.code.startswith(f"{regency}.") for row in rows):
            raise InputError("{code}: there is no regency of this code; codes are those of the "
                             "Ministry of Home Affairs, such as 35.04", code=regency)
    shapes = [shapely.MultiPolygon([(rings[0], rings[1:]) for rings in row.polygons])
              for row in rows]
    frame = geopandas.GeoDataFrame({"code": [row.code for row in rows],
                                    "name": [row.name for row in rows]}, geometry=shapes, crs=4326)
    # A code that stands twice is one area in parts.
    frame = frame.dissolve("code", aggfunc="first").reset_index() if frame["code"].duplicated(
        ).any() else frame.sort_values("code", ignore_index=True)
    return _repaired(frame)


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
