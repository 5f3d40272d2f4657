"""Where areas lie: polygons from village points, checked, and what follows from their shape."""

from helpers.geography.classes import class_limits
from helpers.geography.crs import LONGITUDE_LATITUDE, metric_crs
from helpers.geography.polygons import check_polygons, neighbours, zone_border
from helpers.geography.tessellation import tessellate

__all__ = [
    "LONGITUDE_LATITUDE",
    "check_polygons",
    "class_limits",
    "metric_crs",
    "neighbours",
    "tessellate",
    "zone_border",
]
