"""Shapes as they are drawn, with no more detail than a reader can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

DETAIL = 1200  # the map's width over the smallest detail kept: below a pixel in print


def for_display(areas: GeoDataFrame) -> GeoDataFrame:
    """Areas simplified for display, along shared edges alike so that no gap opens."""
    import shapely

    geometry = areas.geometry.to_numpy()
    west, _, east, _ = areas.total_bounds
    detail = (east - west) / DETAIL
    if shapely.coverage_is_valid(geometry):
        return areas.set_geometry(shapely.coverage_simplify(geometry, detail))
    return areas.set_geometry(shapely.simplify(geometry, detail / 2))


def path(geometry):
    """Polygon as a path of matplotlib, its holes open."""
    import shapely
    from matplotlib.path import Path

    # Holes run against the outline: matplotlib fills by the winding of the rings.
    polygons = shapely.get_parts(shapely.orient_polygons(geometry))
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    paths = (Path(shapely.get_coordinates(ring), closed=True) for ring in rings)
    return Path.make_compound_path(*paths)
