"""Spatial weights: four rules that turn polygons into a matrix of zeros and ones.

queen
    Areas that share a border or a corner. An area that touches nobody has no neighbour.
rook
    Areas that share a stretch of border; a common corner is not enough. An area that touches nobody
    has no neighbour.
knn
    The k areas whose centroids are nearest. Every area has k neighbours, but need not be a
    neighbour of theirs. Of areas that are equally far (to a micrometre) the one that comes first in
    the polygons is taken.
distance
    All areas whose centroids lie within one distance: the smallest with which every area has a
    neighbour. One remote area widens it for all; where that makes too many neighbours to be held in
    memory, the rule is refused.

The matrix may have several components that no chain of neighbours joins; the measures accept that.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from helpers import geography
from helpers.errors import Error, check_choice
from helpers.geography.distance import centres
from helpers.library_types import GeoDataFrame, csr_array

Rule = Callable[[GeoDataFrame], csr_array]

KINDS = ("queen", "rook", "knn", "distance")
CORNER = 6  # a border within the tolerance is longer than this many times it
TIE = 1e-6  # metres: distances that differ by less are equal
MOST_LINKS = 5_000_000


def neighbourhood(kind: str = "queen", k: int = 4) -> Rule:
    """Rule of neighbourhood by its name.

    Raises ValueError for an unknown rule and for k below one; when the rule is applied: where no
    area touches another one (queen and rook), for too few areas (knn), for a single area or too
    many neighbours (distance), and for coordinates in degrees (knn and distance).

    Parameters
    ----------
    kind : str
        queen, rook, knn or distance; the module says what they mean.
    k : int
        Neighbours of each area; read only by knn.

    Returns
    -------
    callable
        Takes polygons and returns a sparse matrix of zeros and ones, shape (areas, areas), with a
        zero diagonal; row i holds the neighbours of area i.

    Examples
    --------
    Four squares in a row, the last one after a gap.

    >>> import geopandas
    >>> from shapely import box
    >>> row = geopandas.GeoDataFrame(geometry=[box(x, 0, x + 1, 1) for x in (0, 1, 2, 5)])
    >>> [neighbourhood(kind, 1)(row).sum(axis=1).tolist() for kind in ("queen", "knn", "distance")]
    [[1, 2, 1, 0], [1, 1, 1, 1], [2, 2, 3, 1]]
    """
    check_choice("spatial_weights", kind, KINDS)
    if k < 1:
        raise Error("{k} nearest neighbours is not possible; neighbours_k must be at least 1", k=k,
                    parameter="neighbours_k")
    rules: dict[str, Rule] = {"queen": geography.neighbours, "rook": _sharing_a_border,
                              "knn": partial(_nearest, k=k), "distance": _within_reach}
    return rules[kind]


def components(links: csr_array) -> int:
    """Number of components: groups of areas that no chain of neighbours joins.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> components(csr_array([[0, 1, 0], [1, 0, 0], [0, 0, 0]]))
    2
    """
    from scipy.sparse.csgraph import connected_components

    return int(connected_components(links, directed=False, return_labels=False))


def _sharing_a_border(polygons: GeoDataFrame) -> csr_array:
    import shapely
    from scipy.sparse import coo_array

    touching = geography.neighbours(polygons)
    pairs = coo_array(touching)
    once = pairs.row < pairs.col
    one, other = pairs.row[once], pairs.col[once]
    shapes = polygons.geometry.to_numpy()
    # A common corner has no length; a common border has, and so has the rim of a small overlap.
    border = shapely.length(shapely.intersection(shapes[one], shapes[other])) > 0
    tolerance = geography.tolerance_of(polygons)
    if tolerance:
        # Sides of a corner come as near as a border does, but not for long.
        along = shapely.intersection(shapely.boundary(shapes[one]),
                                     shapely.buffer(shapes[other], tolerance))
        border |= shapely.length(along) > CORNER * tolerance
    if not border.any():
        raise Error("no area shares a border with another one: choose queen, knn or distance as "
                    "spatial weights")
    one, other = one[border], other[border]
    return _matrix(np.r_[one, other], np.r_[other, one], len(shapes))


def _nearest(polygons: GeoDataFrame, k: int) -> csr_array:
    from scipy.spatial import cKDTree

    xy = centres(polygons)
    if k >= len(xy):
        raise Error("{areas} areas have no {k} nearest neighbours each; neighbours_k must be "
                    "smaller than the number of areas", areas=len(xy), k=k,
                    parameter="neighbours_k")
    tree = cKDTree(xy)
    # The k + 1 nearest hold the area itself; all as far as the last of them compete for its place.
    reach = tree.query(xy, k + 1)[0][:, -1]
    found = tree.query_ball_point(xy, reach + TIE)
    one = np.repeat(np.arange(len(xy)), [len(candidates) for candidates in found])
    other = np.concatenate(found).astype(int)
    one, other = one[one != other], other[one != other]
    distance = np.hypot(*(xy[one] - xy[other]).T)
    order = np.lexsort([other, np.round(distance / TIE), one])
    first = np.searchsorted(one, np.arange(len(xy)))
    chosen = order[(first[:, None] + np.arange(k)).ravel()]
    return _matrix(one[chosen], other[chosen], len(xy))


def _within_reach(polygons: GeoDataFrame) -> csr_array:
    from scipy.spatial import cKDTree

    xy = centres(polygons)
    if len(xy) < 2:
        raise Error("one area alone has no neighbour at any distance; at least two areas are "
                    "needed")
    tree = cKDTree(xy)
    reach = tree.query(xy, 2)[0][:, 1].max()
    links = tree.count_neighbors(tree, reach + TIE) - len(xy)
    if links > MOST_LINKS:
        raise Error("with the distance at which every area has a neighbour the areas have "
                    "{links:.0f} each on average: too many; choose queen, rook or knn as spatial "
                    "weights", links=links / len(xy))
    one, other = tree.query_pairs(reach + TIE, output_type="ndarray").T
    return _matrix(np.r_[one, other], np.r_[other, one], len(xy))


def _matrix(one: np.ndarray, other: np.ndarray, size: int) -> csr_array:
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(one), dtype=np.int64), (one, other)), shape=(size, size))
