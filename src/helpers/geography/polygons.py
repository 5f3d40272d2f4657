"""Polygons of areas: checks, borders of zones, contiguity."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from helpers.errors import Error
from helpers.geography.crs import check_degrees
from helpers.library_types import BaseGeometry, GeoDataFrame, csr_array
from helpers.messages import Message, some

# Share of its surface by which the meanings of an invalid polygon may differ and it is repaired.
REPAIR_LIMIT = 0.005
# Column with the metres by which borders may miss each other and still count as shared. It stays
# with the polygons wherever they are joined with values; without it they fit exactly.
TOLERANCE = "tolerance"
LEAST_TOLERANCE = 1.0  # metres, of a line that is only drawn

def check_polygons(polygons: GeoDataFrame, codes: Iterable[str]) -> None:
    """Check that polygons can stand for the areas.

    Raises ValueError for a missing reference system, a missing or duplicate polygon, an empty or
    invalid geometry, one that is not a polygon, and coordinates that are no longitudes and
    latitudes although the file says so.

    Parameters
    ----------
    polygons : GeoDataFrame
        Column ``code`` and polygons; rows of other codes are allowed and ignored.
    codes : iterable of str
        The areas that need a polygon.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> shapes = geopandas.GeoDataFrame({"code": ["a"]}, geometry=[box(112, -8, 113, -7)], crs=4326)
    >>> check_polygons(shapes, ["a"])
    >>> check_polygons(shapes, ["a", "b"])
    Traceback (most recent call last):
    helpers.errors.Error: no polygon for area b; every area needs exactly one
    """
    import shapely

    codes = list(codes)
    if polygons.crs is None:
        raise Error("the polygons have no coordinate reference system; save them with one (e.g. "
                    "EPSG:4326)")
    shapes = polygons.loc[polygons["code"].isin(codes), ["code", "geometry"]]
    missing = [code for code in codes if code not in set(shapes["code"])]
    if missing:
        raise Error("no polygon for area {area}; every area needs exactly one",
                    area=some(missing))
    twice = shapes.loc[shapes["code"].duplicated(), "code"].unique().tolist()
    if twice:
        raise Error("more than one polygon for area {area}; dissolve the parts into one "
                    "(multi)polygon", area=some(twice))
    check_shapes(shapes)
    if polygons.crs.is_geographic:
        west, south, east, north = shapely.bounds(shapes.geometry.to_numpy()).T
        check_degrees(np.concatenate([west, east]), np.concatenate([south, north]))


def check_shapes(shapes: GeoDataFrame) -> None:
    """Check that no geometry is empty, not a polygon, or invalid.

    `shapes` has the column ``code`` and geometries; an area may have several.

    Examples
    --------
    >>> import geopandas, shapely
    >>> bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    >>> shapes = [shapely.box(0, 0, 1, 1), bow]
    >>> check_shapes(geopandas.GeoDataFrame({"code": ["a", "a"]}, geometry=shapes))
    Traceback (most recent call last):
    helpers.errors.Error: the polygon of area a is invalid (Self-intersection[0.5 0.5]); repair \
it, e.g. with 'Fix geometries' in QGIS
    """
    import shapely

    geometry = shapes.geometry.to_numpy()
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    if empty.any():
        raise Error("the polygon of area {code} is empty; draw it",
                    code=some(shapes["code"][empty]))
    flat = ~np.isin(shapely.get_type_id(geometry), (3, 6))
    if flat.any():
        kind = geometry[flat][0].geom_type
        raise Error("the geometry of area {code} is a {kind}; it must be a polygon",
                    code=some(shapes["code"][flat]), kind=kind)
    broken = ~shapely.is_valid(geometry)
    if broken.any():
        reason = shapely.is_valid_reason(geometry[broken][0])
        raise Error("the polygon of area {code} is invalid ({reason}); repair it, e.g. with 'Fix "
                    "geometries' in QGIS", code=some(shapes["code"][broken]), reason=reason)


def mended(shapes: GeoDataFrame) -> tuple[GeoDataFrame, pd.Series]:
    """Shapes whose invalid polygons were made valid, and by what share that changed their surface.

    Where lines cross, what they enclose an odd number of times is inside; lines and points that are
    left over are dropped. The changes are those of the mended rows, with their index. A polygon
    that crosses itself in the middle has no surface of its own to begin with: its change is large,
    and what it encloses is a guess.

    Examples
    --------
    A bow tie whose halves are drawn in opposite directions: their surfaces cancel each other.

    >>> import geopandas, shapely
    >>> bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    >>> shapes = [shapely.box(0, 0, 1, 1), bow]
    >>> made, change = mended(geopandas.GeoDataFrame(geometry=shapes, crs=32749))
    >>> made.area.tolist(), change.tolist()
    ([1.0, 0.5], [inf])
    """
    import shapely

    geometry = shapes.geometry.to_numpy().copy()
    broken = ~shapely.is_valid(geometry)
    before = shapely.area(geometry[broken])
    parts, owner = shapely.get_parts(shapely.make_valid(geometry[broken]), return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    flat = shapely.get_type_id(parts) == 3
    parts, owner = parts[flat], owner[inner[flat]]
    geometry[broken] = [shapely.union_all(parts[owner == row]) for row in range(broken.sum())]
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.abs(shapely.area(geometry[broken]) / before - 1)
    return shapes.set_geometry(geometry, crs=shapes.crs), pd.Series(change, shapes.index[broken])


def repaired(shapes: GeoDataFrame) -> tuple[GeoDataFrame, list[Message]]:
    """Shapes whose invalid polygons are made valid where that hardly changes them, and what to say.

    A polygon that crosses itself is ambiguous: its surface by the order of its corners, its hull by
    the rings, and its surface by even and odd crossings. Where these three agree within
    `REPAIR_LIMIT` the meaning is plain, and ``shapely.make_valid`` (GEOS) gives it; else the
    polygon stays as it is.

    `shapes` has the column ``code`` and geometries; an area may have several.

    Examples
    --------
    >>> import geopandas, shapely
    >>> corners = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 5), (-1, 4), (0, 4), (-1, 5)]
    >>> table = geopandas.GeoDataFrame({"code": ["a"]}, geometry=[shapely.Polygon(corners)])
    >>> made, said = repaired(table)
    >>> bool(made.is_valid.all()), said[0]
    (True, 'the polygon of area a was invalid (Self-intersection[-0.5 4.5]) and was repaired; its \
surface changed by 0.46 %')
    """
    import shapely

    made, change = mended(shapes)
    before, after = shapes.geometry.to_numpy(), made.geometry.to_numpy()
    broken = ~shapely.is_valid(before)
    hulls = shapely.area(shapely.make_valid(before[broken], method="structure",
                                            keep_collapsed=False))
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.maximum(change, np.abs(hulls / shapely.area(after[broken]) - 1))
    plain = change <= REPAIR_LIMIT
    rows, change = np.flatnonzero(broken)[plain], 100 * change[plain].to_numpy()
    if not len(rows):
        return shapes, []
    geometry = before.copy()
    geometry[rows] = after[rows]
    codes, worst = shapes["code"].to_numpy()[rows], change.argmax()
    text = ("the polygon of area {code} was invalid ({reason}) and was repaired; its surface "
            "changed by {change:.2f} %" if len(rows) == 1 else
            "{number} invalid polygons were repaired ({areas}); surfaces changed by {change:.2f} % "
            "at most ({code})")
    return shapes.set_geometry(geometry, crs=shapes.crs), [Message(
        text, number=len(rows), areas=some(dict.fromkeys(codes)), code=codes[worst],
        change=change[worst], reason=shapely.is_valid_reason(before[rows[worst]]))]


def tolerance_of(polygons: GeoDataFrame) -> float:
    """Metres by which borders of these polygons may miss each other; 0 where nothing says so.

    Examples
    --------
    >>> import pandas as pd
    >>> tolerance_of(pd.DataFrame({"tolerance": [2, 2]})), tolerance_of(pd.DataFrame())
    (2.0, 0.0)
    """
    return float(polygons[TOLERANCE].iloc[0]) if TOLERANCE in polygons and len(polygons) else 0.0


def zone_border(areas: GeoDataFrame, zone: str = "zone",
                tolerance: float | None = None) -> BaseGeometry:
    """Lines along which different zones meet.

    The geometry is empty where there is one zone.

    Parameters
    ----------
    areas : GeoDataFrame
        Polygons with a column of zones, in a system with metres.
    zone : str
        Name of that column.
    tolerance : float, optional
        Metres by which two borders may miss each other and still count as shared: hand-drawn
        polygons seldom agree to the last digit. As for `neighbours` it is that of the polygons
        (column ``tolerance``), at least 1 m.

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

    if tolerance is None:
        tolerance = max(tolerance_of(areas), LEAST_TOLERANCE)
    zones = areas.dissolve(zone).geometry.to_numpy()
    edges = [shapely.MultiLineString()]
    for position, one in enumerate(zones[:-1]):
        rest = shapely.union_all(zones[position + 1:])
        edges.append(shapely.intersection(shapely.boundary(one), shapely.buffer(rest, tolerance)))
    lines = [part for part in shapely.get_parts(edges) if shapely.get_type_id(part) == 1]
    return shapely.line_merge(shapely.union_all(lines))


def neighbours(polygons: GeoDataFrame) -> csr_array:
    """Queen contiguity: a border or a corner in common.

    Polygons that overlap a little count as touching, and so do those that miss each other by less
    than their column ``tolerance`` says; for clean polygons the result equals
    ``libpysal.weights.Queen``. `polygons` has one row an area; the index names the areas. Raises
    ValueError when no area touches another one.

    Returns
    -------
    sparse array
        Zeros and ones, shape (areas, areas), symmetric, zero diagonal.

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

    tolerance = tolerance_of(polygons)
    one, other = (polygons.sindex.query(polygons.geometry, predicate="dwithin", distance=tolerance)
                  if tolerance else
                  polygons.sindex.query(polygons.geometry, predicate="intersects"))
    apart = one != other
    one, other = one[apart], other[apart]
    if not len(one):
        raise Error("no area touches another one: spatial statistics need neighbours; check the "
                    "polygons, or take islands by distance (spatial_weights knn or distance)",
                    parameter="spatial_weights")
    size = len(polygons)
    return csr_array((np.ones(len(one), dtype=np.int64), (one, other)), shape=(size, size))
