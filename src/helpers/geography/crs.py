"""Coordinate reference systems."""

from collections.abc import Sequence

import numpy as np

from helpers.errors import Error
from helpers.library_types import CRS, GeoDataFrame
from helpers.messages import Message

LONGITUDE_LATITUDE = "EPSG:4326"
WIDEST_FOR_UTM = 6.0  # degrees: the width of one UTM zone


def metric_crs(bounds: Sequence[float]) -> CRS:
    """Coordinate system in metres for a region.

    A region narrower than a UTM zone (6 degrees both ways) gets the UTM zone of its centre on WGS
    84, a larger one the Lambert azimuthal equal-area projection about its centre, which keeps areas
    comparable. The system is projected, and its unit is the metre. The `bounds` are west, south,
    east and north in degrees; west is greater than east where the region lies across 180 degrees,
    as `bounds_of` gives it. Raises ValueError when the bounds are not longitudes and latitudes.

    Examples
    --------
    Blitar lies at about 112 degrees east, in zone 49 (108 to 114), south of the equator.

    >>> metric_crs((111.9, -8.4, 112.5, -7.9)).to_epsg()
    32749
    >>> metric_crs((-117.1, 14.6, -86.7, 32.7)).coordinate_operation.method_name
    'Lambert Azimuthal Equal Area'
    >>> metric_crs((179.0, -18.0, -179.5, -16.0)).to_epsg()
    32760
    """
    from pyproj import CRS

    west, south, east, north = (float(bound) for bound in bounds)
    check_degrees(np.array([west, east]), np.array([south, north]))
    if west > east:
        east += 360
    centre_lon, centre_lat = (west + east) / 2, (south + north) / 2
    centre_lon -= 360 * (centre_lon > 180)
    if east - west < WIDEST_FOR_UTM and north - south < WIDEST_FOR_UTM:
        zone = min(int((centre_lon + 180) // 6) + 1, 60)
        return CRS.from_epsg((32600 if centre_lat >= 0 else 32700) + zone)
    centre = f"+lat_0={centre_lat:.4f} +lon_0={centre_lon:.4f}"
    return CRS.from_proj4(f"+proj=laea {centre} +datum=WGS84 +units=m +no_defs")


def bounds_of(lon: np.ndarray, lat: np.ndarray) -> tuple[float, float, float, float]:
    """West, south, east and north of points; west is greater than east across 180 degrees.

    Points that fill more than half of the Earth's round lie across 180 degrees where the widest gap
    between them is on the other side.

    Examples
    --------
    >>> bounds_of(np.array([179.0, -179.0]), np.array([-17.0, -16.0]))
    (179.0, -17.0, -179.0, -16.0)
    >>> bounds_of(np.array([111.0, 112.0]), np.array([-8.0, -7.0]))
    (111.0, -8.0, 112.0, -7.0)
    """
    rising = np.sort(np.asarray(lon, dtype=float))
    west, east = float(rising[0]), float(rising[-1])
    if east - west > 180:
        gaps = np.diff(rising)
        widest = int(gaps.argmax())
        if gaps[widest] > 360 - (east - west):
            west, east = float(rising[widest + 1]), float(rising[widest])
    return west, float(np.min(lat)), east, float(np.max(lat))


def bounds_of_shapes(shapes: GeoDataFrame) -> tuple[float, float, float, float]:
    """Bounds of polygons in degrees, as `bounds_of`; one across 180 degrees is cut there in two."""
    import shapely

    west, south, east, north = shapely.bounds(
        shapely.get_parts(shapes.geometry.to_numpy())).T
    return bounds_of(np.concatenate([west, east]), np.concatenate([south, north]))


def check_degrees(lon: np.ndarray, lat: np.ndarray) -> None:
    """Check that pairs are longitudes and latitudes; the first that is not is named.

    Examples
    --------
    >>> check_degrees(np.array([112.0]), np.array([-8.0]))
    >>> check_degrees(np.array([-8.0]), np.array([112.0]))
    Traceback (most recent call last):
    helpers.errors.Error: lon -8, lat 112 is no place on Earth: lon lies in -180..180, \
lat in -90..90; longitude and latitude seem swapped
    """
    outside = (np.abs(lat) > 90) | (np.abs(lon) > 180) | ~np.isfinite(lat) | ~np.isfinite(lon)
    if not outside.any():
        return
    first = int(outside.argmax())
    swapped = abs(lat[first]) <= 180 and abs(lon[first]) <= 90
    hint = Message("longitude and latitude seem swapped" if swapped else "give degrees, not metres")
    raise Error("lon {lon:g}, lat {lat:g} is no place on Earth: lon lies in -180..180, lat in "
                "-90..90; {hint}", lon=lon[first], lat=lat[first], hint=hint)
