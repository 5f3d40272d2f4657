"""Polygons of areas from the points of their villages."""

import numpy as np
import pandas as pd

from helpers.errors import Error
from helpers.geography.crs import LONGITUDE_LATITUDE, bounds_of, check_degrees, metric_crs
from helpers.library_types import BaseGeometry, GeoDataFrame
from helpers.messages import Message, some


def tessellate(villages: pd.DataFrame, land: BaseGeometry | None, crs: object) -> GeoDataFrame:
    """Voronoi polygons: one per area, from the points of its villages.

    Every village point owns the land that is nearer to it than to any other point (its Voronoi
    cell). The cells of an area's villages together are the area. Points of neighbouring areas, with
    an empty ``area``, hold the outer borders in place and are dropped afterwards. The result covers
    the land of the named areas without gaps or overlaps, and does not depend on the order of the
    rows.

    Rules: of several points at one place the one with the lowest area code counts (a named area
    before an empty one). Without ``land`` the polygons end at the convex hull of all points,
    widened by the median distance from a point to its nearest neighbour.

    Borders drawn this way are approximate; say so where they are shown. The diagram comes from GEOS
    (``shapely.voronoi_polygons``); cells share their vertices exactly, so that a coverage union
    dissolves them. The table has ``code`` (sorted, unique) and ``geometry`` (valid Polygon or
    MultiPolygon) in ``crs``. Raises ValueError when coordinates are missing, swapped or far from
    the land, when no point belongs to an area, when an area has no land, and when a size is
    missing, not positive or out of reach.

    Parameters
    ----------
    villages : DataFrame
        Columns ``area`` (code of the area, empty for neighbours), ``lon`` and ``lat`` (degrees).
    land : shapely geometry or None
        Land to clip to, in longitude and latitude. It should end where the neighbours' points end,
        or at the coast.
    crs : anything that pyproj understands
        System of the result. Distances are measured in it, or, when it has degrees, in `metric_crs`
        of the points.

    Examples
    --------
    Two areas whose points mirror each other share the middle: each gets half of the square of land.

    >>> from shapely import box
    >>> points = pd.DataFrame({"area": ["a", "b"], "lon": [111.1, 111.3], "lat": [-0.1, -0.1]})
    >>> halves = tessellate(points, box(111.0, -0.2, 111.4, 0.0), 32749)
    >>> halves["code"].tolist(), float((halves.area / halves.area.sum()).round(3).iloc[0])
    (['a', 'b'], 0.5)
    """
    import geopandas
    import shapely
    from pyproj import CRS, Transformer

    points = _distinct_points(villages)
    wanted = CRS.from_user_input(crs)
    lon, lat = points["lon"].to_numpy(), points["lat"].to_numpy()
    flat = wanted if wanted.is_projected else metric_crs(bounds_of(lon, lat))
    to_flat = Transformer.from_crs(LONGITUDE_LATITUDE, flat, always_xy=True)
    xy = np.column_stack(to_flat.transform(lon, lat))
    if land is None:
        limit = _surroundings(xy)
    else:
        _check_near(points, land)
        limit = shapely.transform(land, lambda corners: np.column_stack(
            to_flat.transform(*corners.T)))
        if not limit.is_valid:
            # Lines that run close to each other in degrees may cross in metres.
            limit = shapely.make_valid(limit)

    # Points of other areas cut the cells too, but have no polygon of their own.
    named = points["area"].notna().to_numpy()
    area = points.loc[named, "area"].to_numpy(dtype=object)
    codes, area_of = np.unique(area, return_inverse=True)
    shapes = _clip(_dissolve(_voronoi_cells(xy, limit)[named], area_of), limit)
    if shapely.is_empty(shapes).any():
        raise Error("area {areas}: all its village points lie in the sea, so that it has no land; "
                    "check lon and lat", areas=some(codes[shapely.is_empty(shapes)]))
    code = pd.Series(codes, dtype="str")
    return geopandas.GeoDataFrame({"code": code}, geometry=shapes, crs=flat).to_crs(wanted)


def _distinct_points(villages: pd.DataFrame) -> pd.DataFrame:
    points = villages[["area", "lon", "lat"]].reset_index(drop=True)
    gaps = points[["lon", "lat"]].isna().any(axis=1)
    if gaps.any():
        first = int(gaps.to_numpy().argmax()) + 1
        raise Error("row {row}: a village has no lon or lat; every point needs both", row=first)
    check_degrees(points["lon"].to_numpy(dtype=float), points["lat"].to_numpy(dtype=float))
    if points["area"].isna().all():
        raise Error("no village belongs to an area: the column 'area' is empty")
    points = points.sort_values(["area", "lon", "lat"], na_position="last", ignore_index=True)
    return points.drop_duplicates(["lon", "lat"], ignore_index=True)


def _check_near(points: pd.DataFrame, land: BaseGeometry) -> None:
    import shapely

    if not land.is_valid:
        raise Error("the land is no valid geometry ({reason}); repair it",
                    reason=shapely.is_valid_reason(land))
    around = shapely.box(*land.bounds)
    if shapely.intersects_xy(around, points["lon"], points["lat"]).any():
        return
    swapped = shapely.intersects_xy(around, points["lat"], points["lon"]).any()
    hint = Message("longitude and latitude seem swapped" if swapped
                   else "check lon and lat, and the coordinate system of the land")
    first = points.iloc[0]
    raise Error("no village lies near the land (for example lon {lon:g}, lat {lat:g}): {hint}",
                lon=first["lon"], lat=first["lat"], hint=hint)


def _surroundings(xy: np.ndarray) -> BaseGeometry:
    import shapely
    from scipy.spatial import KDTree

    if len(xy) < 2:
        raise Error("a single village point and no land: there is nothing that limits its area; "
                    "add the resource land")
    # Without land the outermost cells would be endless: they end a usual distance behind the hull.
    nearest = KDTree(xy).query(xy, k=2)[0][:, 1]
    return shapely.buffer(shapely.convex_hull(shapely.multipoints(xy)), float(np.median(nearest)))


def _voronoi_cells(xy: np.ndarray, limit: BaseGeometry) -> np.ndarray:
    """Cell of every point, in the order of the points."""
    import shapely

    around = shapely.box(*limit.bounds)
    if len(xy) == 1:
        return np.array([around], dtype=object)
    points = shapely.multipoints(xy)
    return shapely.get_parts(shapely.voronoi_polygons(points, extend_to=around, ordered=True))


def _dissolve(cells: np.ndarray, area_of: np.ndarray) -> np.ndarray:
    """Cells of each area joined, without the borders between them; areas are numbers from 0."""
    import shapely

    order = np.argsort(area_of, kind="stable")
    starts = np.searchsorted(area_of[order], np.arange(area_of.max() + 1))
    return np.array([shapely.coverage_union_all(group)
                     for group in np.split(cells[order], starts[1:])], dtype=object)


def _clip(shapes: np.ndarray, limit: BaseGeometry) -> np.ndarray:
    """Shapes clipped to the land, empty where they have none.

    A coast of many islands has far more vertices than the areas: an area is cut only with the
    islands that it meets, and not at all with one that holds it, as most areas lie inland.
    """
    import shapely

    parts = shapely.get_parts(limit)
    shapely.prepare(parts)
    area, part = shapely.STRtree(parts).query(shapes, predicate="intersects")
    inside = shapely.contains_properly(parts[part], shapes[area])
    pieces = shapes[area]
    pieces[~inside] = shapely.intersection(shapes[area[~inside]], parts[part[~inside]])
    # Where shapes only touch, the intersection is a line or a point: no land.
    pieces, of = shapely.get_parts(pieces, return_index=True)
    flat = shapely.get_type_id(pieces) == 3
    pieces, owner = pieces[flat], area[of[flat]]
    order = np.argsort(owner, kind="stable")
    pieces = pieces[order]
    found, starts, count = np.unique(owner[order], return_index=True, return_counts=True)
    clipped = np.full(len(shapes), shapely.Polygon(), dtype=object)
    clipped[found] = pieces[starts]
    for place in np.flatnonzero(count > 1):
        own = pieces[starts[place]:starts[place] + count[place]]
        clipped[found[place]] = shapely.union_all(own)
    return clipped
