"""Geography: polygons from village points, checks, and measures of their shape."""

from helpers.geography.class_limits import class_limits, series_classes
from helpers.geography.contiguous import contiguous_divisions, pairs_among
from helpers.geography.coverage import SNAP, coverage, coverage_messages, with_tolerance
from helpers.geography.crs import (
    LONGITUDE_LATITUDE,
    bounds_of,
    bounds_of_shapes,
    check_degrees,
    metric_crs,
)
from helpers.geography.distance import distance_to
from helpers.geography.places import check_places, unwrapped, with_islands
from helpers.geography.polygons import (
    TOLERANCE,
    check_polygons,
    check_shapes,
    mended,
    neighbours,
    repaired,
    tolerance_of,
    zone_border,
)
from helpers.geography.tessellation import tessellate

__all__ = ["LONGITUDE_LATITUDE", "SNAP", "TOLERANCE", "bounds_of", "bounds_of_shapes",
           "check_degrees", "check_places", "check_polygons", "check_shapes", "class_limits",
           "contiguous_divisions", "coverage", "coverage_messages", "distance_to", "mended",
           "metric_crs", "neighbours", "pairs_among", "repaired", "series_classes",
           "tessellate", "tolerance_of", "unwrapped", "with_islands", "with_tolerance",
           "zone_border"]
