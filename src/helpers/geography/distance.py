"""Distances of areas from a place."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from helpers.errors import Error
from helpers.library_types import GeoDataFrame
from helpers.messages import Message


def centres(polygons: GeoDataFrame) -> np.ndarray:
    """Centroids of areas between which distances are to be measured.

    The coordinates are in metres, and so are the centroids, shape (n, 2). Raises ValueError for
    coordinates in degrees.

    Returns
    -------
    array, shape (n, 2)

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> centres(geopandas.GeoDataFrame(geometry=[box(0, 0, 2, 4)])).tolist()
    [[1.0, 2.0]]
    """
    import shapely

    if polygons.crs is not None and polygons.crs.is_geographic:
        raise Error("distances between areas need coordinates in metres, but the polygons are in "
                    "degrees; project them first, for example with geography.metric_crs")
    return shapely.get_coordinates(shapely.centroid(polygons.geometry.to_numpy()))


def distance_to(polygons: GeoDataFrame, codes: Iterable[str]) -> pd.Series:
    """Straight-line distance of each area's centroid from the common centroid of some areas.

    The series has kilometres by code, in the order of the polygons. Raises ValueError where none of
    these areas has a polygon, and for coordinates in degrees.

    Parameters
    ----------
    polygons : GeoDataFrame
        Column ``code``, coordinates in metres.
    codes : iterable of str
        Areas that together are the place, for example the city.

    Examples
    --------
    Two squares of one kilometre: from the first to itself and to the second.

    >>> import geopandas
    >>> from shapely import box
    >>> row = geopandas.GeoDataFrame({"code": ["a", "b"]},
    ...                              geometry=[box(0, 0, 1e3, 1e3), box(3e3, 0, 4e3, 1e3)])
    >>> distance_to(row, ["a"]).to_dict()
    {'a': 0.0, 'b': 3.0}
    """
    import shapely

    middles = centres(polygons)
    codes = list(codes)
    shapes = polygons.geometry.to_numpy()
    place = polygons["code"].isin(codes).to_numpy()
    if not place.any():
        raise Error("none of the areas {codes} has a polygon: there is no place to measure "
                    "distances to", codes=", ".join(map(str, codes)) or Message("(none given)"))
    # Of areas that do not overlap, the common centroid is the mean of theirs weighted by size.
    middle = np.average(middles[place], axis=0, weights=shapely.area(shapes[place]))
    return pd.Series(np.hypot(*(middles - middle).T) / 1000, index=polygons["code"].to_numpy())
