"""Power diagrams: a Voronoi diagram in which every point has a weight, and the weights that give areas of a wanted size."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

MOST_STEPS = 60
SMALLEST_SHARE = 0.05  # of its wanted size, which an area may have on the way: a step that goes below it is halved


class Diagram(NamedTuple):
    """Cells of a power diagram and the edges between them.

    Attributes
    ----------
    cells : ndarray of Polygon, shape (points,)
        Empty where a point is hidden, which happens when heavier points are near.
    pairs : ndarray of int, shape (edges, 2)
        The two points whose cells meet along an edge.
    edges : ndarray of LineString, shape (edges,)
        Cells that share an edge share its two ends exactly.
    """

    cells: np.ndarray
    pairs: np.ndarray
    edges: np.ndarray


def power_diagram(xy: np.ndarray, weights: np.ndarray, limit: BaseGeometry) -> Diagram:
    r"""Give every place to the point whose squared distance less its weight is smallest.

    .. math:: C_i = \{x : |x - p_i|^2 - w_i \le |x - p_j|^2 - w_j \text{ for all } j\}

    Borders stay straight and at right angles to the line between two points, :math:`(w_i - w_j) / (2 |p_i - p_j|)`
    beyond its middle. With equal weights this is the Voronoi diagram.

    Parameters
    ----------
    xy : array, shape (points, 2)
        Distinct places in a metric system.
    weights : array, shape (points,)
        Weights in square metres; adding the same to all changes nothing.
    limit : shapely geometry
        Where the cells are needed: they reach far beyond its bounds and are not clipped.

    Returns
    -------
    Diagram
        Cells, and the edges at which they meet.

    Notes
    -----
    Points are lifted to the height :math:`x^2 + y^2 - w`. Each facet of the lower side of their convex hull is a corner
    of the diagram, and every edge of the hull an edge between two cells [1]_. Four points far away close the outer cells.

    References
    ----------
    .. [1] Aurenhammer, F. (1987). Power diagrams: properties, algorithms and applications. SIAM Journal on Computing
       16(1), 78-96.

    Examples
    --------
    Two points 4 m apart. A weight of 4 moves the border by 4 / (2 x 4) = 0.5 m towards the other point.

    >>> from shapely import box
    >>> diagram = power_diagram(np.array([[1.0, 1.0], [5.0, 1.0]]), np.array([4.0, 0.0]), box(0, 0, 6, 2))
    >>> float(diagram.edges[0].xy[0][0].__round__(9))
    3.5
    """
    import shapely
    from scipy.spatial import ConvexHull

    middle, reach = _frame(xy, weights, limit)
    corners = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
    flat = np.concatenate([(xy - middle) / reach, corners * 10])
    height = (flat**2).sum(axis=1) - np.concatenate([weights / reach**2, np.zeros(4)])
    # Qt cuts facets with more than three corners into triangles that keep one equation, and so one corner of the diagram.
    hull = ConvexHull(np.column_stack([flat, height]), qhull_options="Qt")
    lower = hull.equations[:, 2] < -1e-12
    triangles = hull.simplices[lower]
    slope = hull.equations[lower]
    corner = -slope[:, :2] / (2 * slope[:, 2:3]) * reach + middle

    cells = _cells(flat, triangles, corner, len(xy))
    new_place = np.cumsum(lower) - 1
    pairs, ends = [], []
    for side in range(3):
        other = hull.neighbors[lower][:, side]
        once = lower[other] & (np.arange(len(triangles)) < new_place[other])
        pairs.append(np.delete(triangles, side, axis=1)[once])
        ends.append(np.stack([corner[once], corner[new_place[other[once]]]], axis=1))
    pairs, ends = np.concatenate(pairs), np.concatenate(ends)
    real = (pairs < len(xy)).all(axis=1)
    return Diagram(cells, pairs[real], shapely.linestrings(ends[real]))


def fit_weights(xy: np.ndarray, owner: np.ndarray, sizes: np.ndarray, limit: BaseGeometry,
                tolerance: float = 1e-6) -> np.ndarray:
    r"""Find the weight of each owner with which its cells cover an area of a wanted size.

    All points of an owner have the same weight, so that borders inside it stay as they are. Points without an owner
    keep the weight 0. Sizes rise with the own weight and fall with that of a neighbour, by the length of the shared
    edges over twice the distance of their points:

    .. math:: \frac{\partial A_k}{\partial w_l} = -\sum_{i \in k, j \in l} \frac{|e_{ij}|}{2 |p_i - p_j|}

    Newton's method on these derivatives, with a step halved until the misfit falls and no area vanishes, converges
    wherever the sizes are possible [1]_.

    Parameters
    ----------
    xy : array, shape (points, 2)
        Distinct places in a metric system.
    owner : array of int, shape (points,)
        Number of the owner from 0, or -1 for points without one.
    sizes : array, shape (owners,)
        Wanted sizes in square metres. Where all points have an owner, they must add up to the size of the limit.
    limit : shapely geometry
        Land that is divided.
    tolerance : float
        Largest misfit of an area, as a share of its wanted size.

    Returns
    -------
    ndarray, shape (owners,)
        Weights in square metres.

    Raises
    ------
    ValueError
        When the sizes cannot be reached, for example on an island of its own.

    References
    ----------
    .. [1] Kitagawa, J., Mérigot, Q., Thibert, B. (2019). Convergence of a Newton algorithm for semi-discrete optimal
       transport. Journal of the European Mathematical Society 21(9), 2603-2651.

    Examples
    --------
    A strip of 6 x 2 m and points at 1 and 5 m. The first area shall have 7 of the 12 square metres: the border
    moves from 3 to 3.5 m, so that the weights differ by 0.5 x 2 x 4 = 4.

    >>> from shapely import box
    >>> places = np.array([[1.0, 1.0], [5.0, 1.0]])
    >>> first, second = fit_weights(places, np.array([0, 1]), np.array([7.0, 5.0]), box(0, 0, 6, 2))
    >>> round(float(first - second), 6)
    4.0
    """
    weights = np.zeros(len(sizes))
    areas, change = _areas_and_change(xy, owner, weights, limit)
    smallest = SMALLEST_SHARE * np.minimum(areas, sizes)
    for _ in range(MOST_STEPS):
        misfit = sizes - areas
        if (np.abs(misfit) <= tolerance * sizes).all():
            return weights
        # Adding the same to all weights changes nothing where no point lacks an owner; the small number keeps that solvable.
        step, share = np.linalg.solve(change + 1e-9 * np.eye(len(sizes)), misfit), 1.0
        while share > 1e-6:
            tried = weights + share * step
            areas, change = _areas_and_change(xy, owner, tried, limit)
            if (areas >= smallest).all() and _length(sizes - areas) <= (1 - share / 2) * _length(misfit):
                break
            share /= 2
        else:
            break
        weights = tried
    raise ValueError("the published areas cannot be reached by moving borders, for example because an area is an island")


def within(shapes: np.ndarray, limit: BaseGeometry) -> np.ndarray:
    """Intersect shapes with a limit; most lie inside it, and asking that first is much faster.

    Examples
    --------
    >>> from shapely import area, box
    >>> area(within(np.array([box(0, 0, 1, 1), box(3, 0, 5, 1)]), box(-1, -1, 4, 2))).tolist()
    [1.0, 1.0]
    """
    import shapely

    shapely.prepare(limit)
    found = shapes.copy()
    cut = ~shapely.contains_properly(limit, shapes)
    found[cut] = shapely.intersection(shapes[cut], limit)
    return found


def _frame(xy, weights, limit) -> tuple[np.ndarray, float]:
    """Return a middle and a length in which all places, and the reach of the weights, lie between -1 and 1."""
    bounds = np.array(limit.bounds).reshape(2, 2)
    low, high = np.minimum(xy.min(axis=0), bounds[0]), np.maximum(xy.max(axis=0), bounds[1])
    return (low + high) / 2, float((high - low).max() / 2 + np.sqrt(np.ptp(weights)))


def _cells(flat: np.ndarray, triangles: np.ndarray, corner: np.ndarray, size: int) -> np.ndarray:
    """Join the corners of each point's triangles, in the order in which the triangles lie around the point."""
    import shapely

    point, triangle = triangles.ravel(), np.repeat(np.arange(len(triangles)), 3)
    away = flat[triangles].mean(axis=1)[triangle] - flat[point]
    order = np.lexsort([np.arctan2(away[:, 1], away[:, 0]), point])
    point, places = point[order], corner[triangle[order]]
    kept = point < size
    point, places = point[kept], places[kept]
    shown, start = np.unique(point, return_index=True)
    rings = shapely.linearrings(places, indices=np.repeat(np.arange(len(shown)), np.diff([*start, len(point)])))
    cells = np.full(size, shapely.Polygon(), dtype=object)
    cells[shown] = shapely.polygons(rings)
    # A weight at which a point is about to be hidden leaves a cell without width.
    return np.where(shapely.area(cells) > 0, cells, shapely.Polygon())


def _areas_and_change(xy, owner, weights, limit) -> tuple[np.ndarray, np.ndarray]:
    """Return the sizes of the owners' areas on the land, and their derivatives by the weights."""
    import shapely

    diagram = power_diagram(xy, np.append(weights, 0.0)[owner], limit)
    named = owner >= 0
    size = shapely.area(within(diagram.cells[named], limit))
    areas = np.bincount(owner[named], size, minlength=len(weights))

    one, other = owner[diagram.pairs].T
    meets = one != other
    pairs, one, other = diagram.pairs[meets], one[meets], other[meets]
    length = shapely.length(within(diagram.edges[meets], limit))
    flow = length / (2 * np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T))
    change = np.zeros((len(weights) + 1,) * 2)  # the last row and column are the points without an owner
    np.add.at(change, (one, other), -flow)
    np.add.at(change, (other, one), -flow)
    np.fill_diagonal(change, -change.sum(axis=1))
    return areas, change[:-1, :-1]


def _length(misfit: np.ndarray) -> float:
    return float(np.linalg.norm(misfit))
