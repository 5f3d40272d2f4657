"""Plausibility of places: points that are nowhere, and islands that a coastline lacks."""

import numpy as np
import pandas as pd

from helpers.errors import Error
from helpers.geography.crs import LONGITUDE_LATITUDE, bounds_of, metric_crs
from helpers.library_types import BaseGeometry

RADIUS = 6_371_000.0  # metres, of the Earth
# A village is far from the others of its area beyond both: kilometres, and times the median
# distance of the region. Of 83,379 real villages of Indonesia none is refused; 17 are worth a look.
REFUSED = (400.0, 30.0)
ODD = (50.0, 15.0)
NEAR_LAND = 5000.0  # metres: a coarse coast misses a village by less; beyond, it lacks an island
ISLAND = (200.0, 1000.0)  # metres: least and greatest radius of land round a point


def check_places(villages: pd.DataFrame) -> pd.DataFrame:
    """Villages that lie oddly far from the others of their area: ``code``, ``area``, ``km``.

    Raises ValueError for a village at 0, 0, which is how programs write a missing place, and for
    one that lies farther from the others of its area than any real village.

    Parameters
    ----------
    villages : DataFrame
        Columns ``code``, ``area`` (empty for neighbours), ``lon``, ``lat`` in degrees.

    Examples
    --------
    Three villages about a kilometre apart, and one 57 km (half a degree) away.

    >>> points = pd.DataFrame({"code": ["1", "2", "3", "4"], "area": "a", "lat": 0.0,
    ...                        "lon": [112.0, 112.01, 112.02, 112.52]})
    >>> check_places(points).round().to_dict("records")
    [{'code': '4', 'area': 'a', 'km': 56.0}]
    >>> check_places(points.assign(lon=[112.0, 112.01, 112.02, 12.02]))
    Traceback (most recent call last):
    helpers.errors.Error: village 4 lies at lon 12.02, lat 0, which is 11,118 km from the other \
villages of its area a; correct lon and lat, or leave both empty
    """
    from pyproj import Geod

    lon, lat = (villages[axis].to_numpy(dtype=float) for axis in ("lon", "lat"))
    nowhere = (lon == 0) & (lat == 0)
    if nowhere.any():
        raise Error("village {code} lies at lon 0, lat 0, where a program puts what has no place; "
                    "correct lon and lat, or leave both empty",
                    code=villages["code"].iloc[int(nowhere.argmax())])
    known = pd.DataFrame({"code": villages["code"].to_numpy(), "area": villages["area"].to_numpy(),
                          "lon": unwrapped(lon), "lat": lat}).dropna(subset="area")
    middle = known.groupby("area")[["lon", "lat"]].transform("median")
    known["km"] = Geod(a=RADIUS, f=0).inv(known["lon"], known["lat"], middle["lon"],
                                          middle["lat"])[2] / 1000
    typical = max(float(known["km"].median()), 1.0)
    first = known.loc[known["km"].idxmax()] if len(known) else None
    if first is not None and first["km"] > max(REFUSED[0], REFUSED[1] * typical):
        raise Error("village {code} lies at lon {lon:g}, lat {lat:g}, which is {km:,.0f} km from "
                    "the other villages of its area {area}; correct lon and lat, or leave both "
                    "empty", code=first["code"], lon=first["lon"], lat=first["lat"],
                    km=first["km"], area=first["area"])
    return known.loc[known["km"] > max(ODD[0], ODD[1] * typical), ["code", "area", "km"]]


def unwrapped(lon: np.ndarray) -> np.ndarray:
    """Longitudes that run on across 180 degrees where the points lie on both sides of it.

    Examples
    --------
    >>> unwrapped(np.array([179.0, -179.0])).tolist(), unwrapped(np.array([-3.0, 3.0])).tolist()
    ([179.0, 181.0], [-3.0, 3.0])
    """
    west, _, east, _ = bounds_of(lon, np.zeros(len(lon))) if len(lon) else (0, 0, 0, 0)
    return np.where(lon < 0, lon + 360, lon) if west > east else lon


def with_islands(villages: pd.DataFrame, land: BaseGeometry
                 ) -> tuple[BaseGeometry, list[str], float]:
    """Land with what a coastline lacks: round points that lie on no land of it.

    An island that is too small for a coarse coast would leave an area without land, or count its
    villages for another island. Round every point of such an area, and every point more than 5 km
    from land, land is drawn with half the median distance of villages as radius, from 200 m to 1
    km; nearer to another area's village it is that area's.

    Returns
    -------
    tuple of geometry, list of str, float
        Land in longitude and latitude, the areas that got some, and the radius in metres.

    Examples
    --------
    The second area lies 11 km off the coast.

    >>> from shapely import box
    >>> points = pd.DataFrame({"area": ["a", "a", "b"], "lon": [112.0, 112.05, 112.2], "lat": -8.0})
    >>> made, areas, radius = with_islands(points, box(111.9, -8.1, 112.1, -7.9))
    >>> areas, radius, len(made.geoms)
    (['b'], 1000.0, 2)
    """
    import shapely
    from pyproj import Transformer
    from scipy.spatial import KDTree

    own = villages.dropna(subset="area")
    lon, lat = (own[axis].to_numpy(dtype=float) for axis in ("lon", "lat"))
    flat = metric_crs(bounds_of(lon, lat))
    to_flat = Transformer.from_crs(LONGITUDE_LATITUDE, flat, always_xy=True)
    xy = np.column_stack(to_flat.transform(lon, lat))
    parts = shapely.transform(shapely.get_parts(land), lambda degrees: np.column_stack(
        to_flat.transform(*degrees.T)))
    points, tree = shapely.points(xy), shapely.STRtree(parts)
    away = np.zeros(len(points))
    place, distance = tree.query_nearest(points, return_distance=True, all_matches=False)
    away[place[0]] = distance
    drowned = pd.Series(away > 0).groupby(own["area"].to_numpy()).transform("all").to_numpy()
    bare = (away > NEAR_LAND) | drowned
    if not bare.any():
        return land, [], 0.0
    spacing = np.median(KDTree(xy).query(xy, k=2)[0][:, 1]) / 2 if len(xy) > 1 else 0.0
    radius = float(np.clip(spacing, *ISLAND))
    back = Transformer.from_crs(flat, LONGITUDE_LATITUDE, always_xy=True)
    circles = shapely.transform(shapely.buffer(points[bare], radius), lambda metres:
                                np.column_stack(back.transform(*metres.T)))
    made = shapely.union_all([land, *circles])
    return made, sorted(set(own["area"].to_numpy()[bare])), radius
