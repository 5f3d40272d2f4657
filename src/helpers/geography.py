"""Polygons of areas: from village points, checked, and what follows from their shape (borders, neighbours, classes)."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

LONGITUDE_LATITUDE = "EPSG:4326"
WIDEST_FOR_UTM = 6.0  # degrees: the width of one UTM zone


def metric_crs(bounds: Sequence[float]) -> CRS:
    """Choose a coordinate system in metres for a region.

    A region narrower than a UTM zone (6 degrees both ways) gets the UTM zone of its centre on WGS 84, a larger one
    the Lambert azimuthal equal-area projection about its centre, which keeps areas comparable.

    Parameters
    ----------
    bounds : four numbers
        West, south, east and north in degrees.

    Returns
    -------
    pyproj.CRS
        A projected system whose unit is the metre.

    Raises
    ------
    ValueError
        When the bounds are not longitudes and latitudes.

    Examples
    --------
    Blitar lies at about 112 degrees east, in zone 49 (108 to 114), south of the equator.

    >>> metric_crs((111.9, -8.4, 112.5, -7.9)).to_epsg()
    32749
    >>> metric_crs((-117.1, 14.6, -86.7, 32.7)).coordinate_operation.method_name
    'Lambert Azimuthal Equal Area'
    """
    from pyproj import CRS

    west, south, east, north = (float(bound) for bound in bounds)
    _check_degrees(np.array([west, east]), np.array([south, north]))
    centre_lon, centre_lat = (west + east) / 2, (south + north) / 2
    if east - west < WIDEST_FOR_UTM and north - south < WIDEST_FOR_UTM:
        zone = min(int((centre_lon + 180) // 6) + 1, 60)
        return CRS.from_epsg((32600 if centre_lat >= 0 else 32700) + zone)
    return CRS.from_proj4(f"+proj=laea +lat_0={centre_lat:.4f} +lon_0={centre_lon:.4f} +datum=WGS84 +units=m +no_defs")


def tessellate(villages: pd.DataFrame, land: BaseGeometry | None, crs) -> GeoDataFrame:
    """Draw one polygon per area from the points of its villages.

    Every village point owns the land that is nearer to it than to any other point (its Voronoi cell). The cells of an
    area's villages together are the area. Points of neighbouring areas, with an empty ``area``, hold the outer borders
    in place and are dropped afterwards. The result covers the land of the named areas without gaps or overlaps, and
    does not depend on the order of the rows.

    Rules: of several points at one place the one with the lowest area code counts (a named area before an empty one).
    Without ``land`` the polygons end at the convex hull of all points, widened by the median distance from a point
    to its nearest neighbour.

    Parameters
    ----------
    villages : DataFrame
        Columns ``area`` (code of the area, empty for neighbours), ``lon`` and ``lat`` (degrees).
    land : shapely geometry or None
        Land to clip to, in longitude and latitude. It should end where the neighbours' points end, or at the coast.
    crs : anything that pyproj understands
        System of the result. Distances are measured in it, or, when it has degrees, in `metric_crs` of the points.

    Returns
    -------
    GeoDataFrame
        Columns ``code`` (sorted, unique) and ``geometry`` (valid Polygon or MultiPolygon) in ``crs``.

    Raises
    ------
    ValueError
        When coordinates are missing, swapped or far from the land, when no point belongs to an area, and when an area
        has no land.

    Notes
    -----
    Borders drawn this way are approximate; say so where they are shown. The diagram comes from GEOS
    (``shapely.voronoi_polygons``); cells share their vertices exactly, so that a coverage union dissolves them.

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
    crs = CRS.from_user_input(crs)
    lon, lat = points["lon"].to_numpy(), points["lat"].to_numpy()
    flat = crs if crs.is_projected else metric_crs((lon.min(), lat.min(), lon.max(), lat.max()))
    to_flat = Transformer.from_crs(LONGITUDE_LATITUDE, flat, always_xy=True)
    xy = np.column_stack(to_flat.transform(lon, lat))
    if land is None:
        limit = _surroundings(xy)
    else:
        _check_near(points, land)
        limit = shapely.transform(land, lambda degrees: np.column_stack(to_flat.transform(*degrees.T)))

    named = points["area"].notna().to_numpy()
    cells = _voronoi_cells(xy, limit)[named]
    codes, area_of = np.unique(points.loc[named, "area"].to_numpy(dtype=object), return_inverse=True)
    shapes = _dissolve(cells, area_of)
    shapes = _clip(shapes, limit)
    if shapely.is_empty(shapes).any():
        code = codes[shapely.is_empty(shapes)][0]
        raise ValueError(f"area {code}: all its village points lie in the sea, so that it has no land; "
                         "check lon and lat")
    return geopandas.GeoDataFrame({"code": pd.Series(codes, dtype="str")}, geometry=shapes, crs=flat).to_crs(crs)


def zone_border(areas: GeoDataFrame, zone: str = "zone", tolerance: float = 1.0) -> BaseGeometry:
    """Return the lines along which different zones meet.

    Parameters
    ----------
    areas : GeoDataFrame
        Polygons with a column of zones, in a system with metres.
    zone : str
        Name of that column.
    tolerance : float
        Metres by which two borders may miss each other and still count as shared: hand-drawn polygons seldom
        agree to the last digit.

    Returns
    -------
    shapely geometry
        LineString or MultiLineString, empty when there is one zone.

    Examples
    --------
    Two unit squares (of 1 km) side by side share one edge of 1 km.

    >>> import geopandas
    >>> from shapely import box
    >>> squares = geopandas.GeoDataFrame({"zone": ["north", "south"]}, crs=32749,
    ...                                  geometry=[box(0, 1000, 1000, 2000), box(0, 0, 1000, 1000)])
    >>> round(zone_border(squares, tolerance=0).length)
    1000
    """
    import shapely

    zones = areas.dissolve(zone).geometry.to_numpy()
    edges = [shapely.MultiLineString()]
    for position, one in enumerate(zones[:-1]):
        rest = shapely.union_all(zones[position + 1:])
        edges.append(shapely.intersection(shapely.boundary(one), shapely.buffer(rest, tolerance)))
    lines = [part for part in shapely.get_parts(edges) if shapely.get_type_id(part) == 1]
    return shapely.line_merge(shapely.union_all(lines))


def neighbours(polygons: GeoDataFrame):
    """Return who touches whom: queen contiguity, a border or a corner in common.

    Parameters
    ----------
    polygons : GeoDataFrame
        One row an area; the index names the areas.

    Returns
    -------
    scipy.sparse.csr_array
        Zeros and ones, shape (areas, areas), symmetric, zero diagonal.

    Raises
    ------
    ValueError
        When no area touches another one.

    Notes
    -----
    Polygons that overlap a little count as touching; for clean polygons the result equals
    ``libpysal.weights.Queen``.

    Examples
    --------
    In a row of three squares the middle one has two neighbours.

    >>> import geopandas
    >>> from shapely import box
    >>> row = geopandas.GeoDataFrame(geometry=[box(x, 0, x + 1, 1) for x in range(3)], crs=32749)
    >>> neighbours(row).sum(axis=1).tolist()
    [1, 2, 1]
    """
    from scipy.sparse import csr_array

    one, other = polygons.sindex.query(polygons.geometry, predicate="intersects")
    apart = one != other
    one, other = one[apart], other[apart]
    if not len(one):
        raise ValueError("no area touches another one: spatial statistics need neighbours; check the polygons")
    size = len(polygons)
    return csr_array((np.ones(len(one), dtype=np.int64), (one, other)), shape=(size, size))


def check_polygons(polygons: GeoDataFrame, codes: Iterable[str]) -> None:
    """Raise a message for people when polygons cannot stand for the areas.

    Parameters
    ----------
    polygons : GeoDataFrame
        Column ``code`` and polygons; rows of other codes are allowed and ignored.
    codes : iterable of str
        The areas that need a polygon.

    Raises
    ------
    ValueError
        For a missing reference system, a missing or duplicate polygon, an empty or invalid geometry, one that is not
        a polygon, and coordinates that are no longitudes and latitudes although the file says so.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> shapes = geopandas.GeoDataFrame({"code": ["a"]}, geometry=[box(112, -8, 113, -7)], crs=4326)
    >>> check_polygons(shapes, ["a"])
    >>> check_polygons(shapes, ["a", "b"])
    Traceback (most recent call last):
    ValueError: no polygon for area b; every area needs exactly one
    """
    import shapely

    codes = list(codes)
    if polygons.crs is None:
        raise ValueError("the polygons have no coordinate reference system; save them with one (e.g. EPSG:4326)")
    shapes = polygons.loc[polygons["code"].isin(codes), ["code", "geometry"]]
    missing = [code for code in codes if code not in set(shapes["code"])]
    if missing:
        raise ValueError(f"no polygon for area {_listed(missing)}; every area needs exactly one")
    twice = shapes.loc[shapes["code"].duplicated(), "code"].unique().tolist()
    if twice:
        raise ValueError(f"more than one polygon for area {_listed(twice)}; dissolve the parts into one (multi)polygon")
    geometry = shapes.geometry.to_numpy()
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    if empty.any():
        raise ValueError(f"the polygon of area {_listed(shapes['code'][empty])} is empty; draw it")
    flat = ~np.isin(shapely.get_type_id(geometry), (3, 6))
    if flat.any():
        kind = geometry[flat][0].geom_type
        raise ValueError(f"the geometry of area {_listed(shapes['code'][flat])} is a {kind}; it must be a polygon")
    broken = ~shapely.is_valid(geometry)
    if broken.any():
        reason = shapely.is_valid_reason(geometry[broken][0])
        raise ValueError(f"the polygon of area {_listed(shapes['code'][broken])} is invalid ({reason}); "
                         "repair it, e.g. with 'Fix geometries' in QGIS")
    if polygons.crs.is_geographic:
        west, south, east, north = shapely.bounds(geometry).T
        _check_degrees(np.concatenate([west, east]), np.concatenate([south, north]))


def class_limits(values, classifier: str = "quantiles", k: int = 5) -> np.ndarray:
    """Cut values into map classes and return the limits between them.

    Parameters
    ----------
    values : array-like
        Numbers; missing ones are left out. Pass the values of all maps of a series to get one set of limits.
    classifier : str
        ``quantiles`` (equally many values a class), ``equal_interval`` (equally wide classes), ``fisher_jenks`` or
        ``natural_breaks`` (smallest spread inside the classes; the latter by k-means with a fixed start).
    k : int
        Number of classes; fewer come back when the values have fewer distinct ones.

    Returns
    -------
    ndarray
        Rising limits, lowest and highest value included: k classes have k + 1 limits. A class holds its upper limit.

    Raises
    ------
    ValueError
        Without any value, and for an unknown classifier.

    Examples
    --------
    >>> class_limits([0, 1, 2, 3, 4, 5, 6, 7, 8], "quantiles", 4).tolist()
    [0.0, 2.0, 4.0, 6.0, 8.0]
    >>> class_limits([0, 1, 10], "equal_interval", 2).tolist()
    [0.0, 5.0, 10.0]
    """
    numbers = np.asarray(values, dtype=float).ravel()
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        raise ValueError("map classes need at least one value; all are missing")
    if classifier == "quantiles":
        upper = np.quantile(numbers, np.arange(1, k + 1) / k)
    elif classifier == "equal_interval":
        upper = np.linspace(numbers.min(), numbers.max(), k + 1)[1:]
    elif classifier in ("fisher_jenks", "natural_breaks"):
        upper = _optimal_limits(numbers, classifier, k)
    else:
        raise ValueError(f"classifier '{classifier}' is unknown; choose quantiles, equal_interval, fisher_jenks or "
                         f"natural_breaks")
    return np.unique(np.concatenate([[numbers.min()], upper]))


def _optimal_limits(numbers: np.ndarray, classifier: str, k: int) -> np.ndarray:
    distinct = len(np.unique(numbers))
    if distinct <= k:
        return np.unique(numbers)
    if classifier == "natural_breaks":
        return _k_means_limits(numbers, np.quantile(numbers, (np.arange(k) + 0.5) / k))
    import mapclassify

    with warnings.catch_warnings():
        # It says that it would be faster with numba, which a map of some dozen areas does not need.
        warnings.simplefilter("ignore")
        return mapclassify.FisherJenks(numbers, k=k).bins


def _k_means_limits(numbers: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Lloyd's algorithm on a line from given starts: the same limits at every run, which random starts do not give."""
    while True:
        edges = (centres[1:] + centres[:-1]) / 2
        members = np.searchsorted(edges, numbers, side="left")
        moved = np.array([numbers[members == group].mean() if (members == group).any() else centre
                          for group, centre in enumerate(centres)])
        if np.array_equal(moved, centres):
            return np.array([numbers[members == group].max() for group in np.unique(members)])
        centres = moved


def _distinct_points(villages: pd.DataFrame) -> pd.DataFrame:
    points = villages[["area", "lon", "lat"]].reset_index(drop=True)
    gaps = points[["lon", "lat"]].isna().any(axis=1)
    if gaps.any():
        first = int(gaps.to_numpy().argmax()) + 1
        raise ValueError(f"row {first}: a village has no lon or lat; every point needs both")
    _check_degrees(points["lon"].to_numpy(dtype=float), points["lat"].to_numpy(dtype=float))
    if points["area"].isna().all():
        raise ValueError("no village belongs to an area: the column 'area' is empty")
    points = points.sort_values(["area", "lon", "lat"], na_position="last", ignore_index=True)
    return points.drop_duplicates(["lon", "lat"], ignore_index=True)


def _check_degrees(lon: np.ndarray, lat: np.ndarray) -> None:
    outside = (np.abs(lat) > 90) | (np.abs(lon) > 180) | ~np.isfinite(lat) | ~np.isfinite(lon)
    if not outside.any():
        return
    first = int(outside.argmax())
    hint = ("longitude and latitude seem swapped" if abs(lat[first]) <= 180 and abs(lon[first]) <= 90
            else "give degrees, not metres")
    raise ValueError(f"lon {lon[first]:g}, lat {lat[first]:g} is no place on Earth: "
                     f"lon lies in -180..180, lat in -90..90; {hint}")


def _check_near(points: pd.DataFrame, land: BaseGeometry) -> None:
    import shapely

    if not land.is_valid:
        raise ValueError(f"the land is no valid geometry ({shapely.is_valid_reason(land)}); repair it")
    within = shapely.intersects_xy(shapely.box(*land.bounds), points["lon"], points["lat"])
    if within.any():
        return
    swapped = shapely.intersects_xy(shapely.box(*land.bounds), points["lat"], points["lon"]).any()
    hint = ("longitude and latitude seem swapped" if swapped
            else "check lon and lat, and the coordinate system of the land")
    first = points.iloc[0]
    raise ValueError(f"no village lies near the land (for example lon {first['lon']:g}, lat {first['lat']:g}): {hint}")


def _surroundings(xy: np.ndarray) -> BaseGeometry:
    import shapely
    from scipy.spatial import KDTree

    if len(xy) < 2:
        raise ValueError("a single village point and no land: there is nothing that limits its area; "
                         "add the resource land")
    nearest = KDTree(xy).query(xy, k=2)[0][:, 1]
    return shapely.buffer(shapely.convex_hull(shapely.multipoints(xy)), float(np.median(nearest)))


def _voronoi_cells(xy: np.ndarray, limit: BaseGeometry) -> np.ndarray:
    """Return the cell of every point, in the order of the points."""
    import shapely

    if len(xy) == 1:
        return np.array([shapely.box(*limit.bounds)], dtype=object)
    diagram = shapely.voronoi_polygons(shapely.multipoints(xy), extend_to=shapely.box(*limit.bounds), ordered=True)
    return shapely.get_parts(diagram)


def _dissolve(cells: np.ndarray, area_of: np.ndarray) -> np.ndarray:
    import shapely

    order = np.argsort(area_of, kind="stable")
    starts = np.searchsorted(area_of[order], np.arange(area_of.max() + 1))
    return np.array([shapely.coverage_union_all(group) for group in np.split(cells[order], starts[1:])], dtype=object)


def _clip(shapes: np.ndarray, limit: BaseGeometry) -> np.ndarray:
    """Intersect with the land part by part: an area meets few parts, and most meet no coast at all."""
    import shapely

    parts = shapely.get_parts(limit)
    shapely.prepare(parts)
    area, part = shapely.STRtree(parts).query(shapes, predicate="intersects")
    inside = shapely.contains_properly(parts[part], shapes[area])
    pieces = np.where(inside, shapes[area], None)
    pieces[~inside] = shapely.intersection(shapes[area[~inside]], parts[part[~inside]])
    clipped = [[] for _ in shapes]
    for position, piece in zip(area, pieces, strict=True):
        clipped[position].extend(p for p in shapely.get_parts(piece) if shapely.get_type_id(p) == 3)
    return np.array([shapely.union_all(own) if own else shapely.Polygon() for own in clipped], dtype=object)


def _listed(codes: Iterable[str], most: int = 5) -> str:
    codes = list(codes)
    more = f" and {len(codes) - most} more" if len(codes) > most else ""
    return ", ".join(map(str, codes[:most])) + more
