"""Where villages of a package lie among the polygons of a file."""

from collections import defaultdict
from collections.abc import Hashable

import numpy as np
import pandas as pd

from helpers import geography
from helpers.errors import InputError
from helpers.messages import Message, some
from helpers.study.package import Package

Shares = dict[tuple[str, Hashable], float]
SWAP = Message("swap the two in the file (in QGIS: Swap X and Y coordinates)")
NEAR = 10_000.0  # metres: villages off the coast count for a polygon that is no farther
SURROUNDINGS = 0.2  # degrees around the villages within which polygons are looked at


def villages_in(shapes, package: Package, label: str) -> tuple[Shares | None, list[Message]]:
    """Share of an area's villages in each polygon that holds one, and what to say of them.

    A village in no polygon counts for the nearest one. None without villages. Raises ``InputError``
    where no polygon lies near the villages.
    """
    import geopandas
    import shapely

    if not package.has("villages"):
        return None, []
    villages = package.table("villages").dropna(subset="area")
    lon, lat = (villages[axis].to_numpy(dtype=float) for axis in ("lon", "lat"))
    _refuse_elsewhere(shapes, lon, lat, label)
    around = shapely.box(lon.min() - SURROUNDINGS, lat.min() - SURROUNDINGS,
                         lon.max() + SURROUNDINGS, lat.max() + SURROUNDINGS)
    near = shapes.iloc[np.sort(shapes.sindex.query(around))]
    flat = geography.metric_crs(geography.bounds_of(lon, lat))
    polygons = near.geometry.to_crs(flat).to_numpy()
    points = np.asarray(geopandas.points_from_xy(
        lon, lat, crs=geography.LONGITUDE_LATITUDE).to_crs(flat))
    tree = shapely.STRtree(polygons)
    point, row = tree.query(points, predicate="within")
    alone = np.setdiff1d(np.arange(len(points)), point)
    beside, nearest = tree.query_nearest(points[alone], max_distance=NEAR, all_matches=False)
    held = pd.DataFrame({"code": villages["area"].to_numpy()[np.r_[point, alone[beside]]],
                         "shape": near.index.to_numpy()[np.r_[row, nearest]]})
    counts = held.groupby(["code", "shape"]).size()
    shares = counts / counts.index.get_level_values("code").map(villages["area"].value_counts())
    said = [Message("{label}: villages that lie in no polygon and count for the nearest one (up to "
                    "{near:g} km): {villages}", label=label, near=NEAR / 1000,
                    villages=some(villages["code"].to_numpy()[alone[beside]]))]
    return shares.to_dict(), said if len(beside) else []


def of_others(shapes, package: Package) -> set[Hashable]:
    """Polygons that hold villages of other areas than the package's."""
    import geopandas

    if not package.has("villages"):
        return set()
    foreign = package.table("villages").query("area.isna()")
    points = geopandas.points_from_xy(foreign["lon"], foreign["lat"])
    return set(shapes.index[shapes.sindex.query(points, predicate="within")[1]])


def together(shares: Shares, rows: dict[Hashable, list[Hashable]]) -> Shares:
    """Shares of polygons that are one, by the first of them.

    >>> together({("a", 1): 0.5, ("a", 2): 0.25}, {1: [1, 2]})
    {('a', 1): 0.75}
    """
    first = {row: one for one, own in rows.items() for row in own}
    joined: Shares = defaultdict(float)
    for (code, row), share in shares.items():
        if row in first:
            joined[code, first[row]] += share
    return dict(joined)


def _refuse_elsewhere(shapes, lon: np.ndarray, lat: np.ndarray, label: str) -> None:
    """Refuse a map of another place, or one whose axes are swapped."""
    import shapely

    bounds = shapely.bounds(shapes.geometry.to_numpy())
    west, south, east, north = bounds[:, 0], bounds[:, 1], bounds[:, 2], bounds[:, 3]

    def meet(x, y) -> bool:
        return bool(((west < x.max() + SURROUNDINGS) & (east > x.min() - SURROUNDINGS)
                     & (south < y.max() + SURROUNDINGS) & (north > y.min() - SURROUNDINGS)).any())

    if meet(lon, lat):
        return
    hint = (Message("longitude and latitude seem swapped: {remedy}", remedy=SWAP) if meet(lat, lon)
            else Message("is it a map of another place, or does CRS= say another system than the "
                         "file has?"))
    raise InputError("{label}: none of its polygons lies near the villages of the package (they "
                     "lie at lon {lon:.2f}, lat {lat:.2f}, the polygons at lon {x:.2f}, lat "
                     "{y:.2f}); {hint}", label=label, lon=np.median(lon), lat=np.median(lat),
                     x=np.median(west), y=np.median(south), hint=hint)
