"""Shapes as they are drawn, with no more detail than a reader can see."""

from helpers.library_types import GeoDataFrame

SMALLEST = 0.02  # of the map's width: what is smaller, and lies apart, gets a disc of this size
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


def with_discs(areas: GeoDataFrame) -> tuple[list, bool]:
    """Shapes of the areas, those that are too small to be seen with a disc round their largest
    part where that covers no other area; and whether there are such.

    >>> import geopandas
    >>> from shapely import box
    >>> areas = geopandas.GeoDataFrame(geometry=[box(0, 0, 90, 90), box(99.5, 0, 100, 0.5)])
    >>> shapes, some = with_discs(areas)
    >>> some, round(shapes[1].bounds[0], 1), shapes[0].area
    (True, 98.8, 8100.0)
    """
    import shapely

    geometry = areas.geometry.to_numpy()
    west, _, east, _ = areas.total_bounds
    size, tree, drawn = SMALLEST * (east - west), shapely.STRtree(geometry), list(geometry)
    for number, shape in enumerate(geometry):
        part = max(shapely.get_parts(shape), key=shapely.area)
        left, low, right, high = part.bounds
        disc = shapely.buffer(part.centroid, size / 2)
        if max(right - left, high - low) < size and set(
                tree.query(disc, "intersects")) == {number}:
            drawn[number] = shapely.union(shape, disc)
    return drawn, any(one is not other for one, other in zip(drawn, geometry, strict=True))


def path(geometry):
    """Polygon as a path of matplotlib, its holes open."""
    import shapely
    from matplotlib.path import Path

    # Holes run against the outline: matplotlib fills by the winding of the rings.
    polygons = shapely.get_parts(shapely.orient_polygons(geometry))
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    paths = (Path(shapely.get_coordinates(ring), closed=True) for ring in rings)
    return Path.make_compound_path(*paths)
