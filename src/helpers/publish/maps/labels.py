"""Names on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes

MOST_LABELS = 40  # areas; with more, names would hide the map
LABEL_SIZE = 6.2


def write(axes: Axes, shapes: GeoDataFrame, inches: float) -> None:
    """Write the names of areas into a map of that width."""
    import shapely

    west, _, east, _ = shapes.total_bounds
    point = (east - west) / (inches * 72)  # metres on the ground of a typographic point
    inner_circles = shapely.maximum_inscribed_circle(shapes.geometry.to_numpy())
    centres = shapely.get_coordinates(shapely.get_point(inner_circles, 0))
    names = shapes["name"].tolist()
    sizes = np.column_stack([[0.56 * LABEL_SIZE * len(name) * point for name in names],
                             np.full(len(names), 1.15 * LABEL_SIZE * point)])
    # A pale box, not a halo: outlined letters would triple the size of the vector file.
    box = {"boxstyle": "round,pad=0.12", "facecolor": "#ffffff", "alpha": 0.7, "linewidth": 0}
    for name, (x, y) in zip(names, spread(centres, sizes), strict=True):
        axes.text(x, y, name, size=LABEL_SIZE, ha="center", va="center", color="#111111", zorder=5, bbox=box)


def spread(centres: np.ndarray, sizes: np.ndarray, rounds: int = 200) -> np.ndarray:
    """Move boxes apart, as little as needed and always in the same way, until none overlap.

    Parameters
    ----------
    centres, sizes : ndarray, shape (n, 2)
        Centre and full width and height of each box.
    rounds : int
        Most passes over all pairs.

    Returns
    -------
    ndarray, shape (n, 2)
        New centres.

    Examples
    --------
    Two boxes of height 1 lie 0.5 apart: each gives way by 0.25.

    >>> spread(np.array([[0.0, 0.0], [0.0, 0.5]]), np.array([[4.0, 1.0], [4.0, 1.0]])).tolist()
    [[0.0, -0.25], [0.0, 0.75]]
    """
    moved = centres.astype(float).copy()
    for _ in range(rounds):
        settled = True
        for one in range(len(moved)):
            for other in range(one + 1, len(moved)):
                gap = moved[other] - moved[one]
                overlap = (sizes[one] + sizes[other]) / 2 - np.abs(gap)
                if (overlap <= 1e-9 * sizes[one]).any():
                    continue
                axis = int(overlap[1] <= overlap[0])
                step = overlap[axis] / 2 * (1 if gap[axis] >= 0 else -1)
                moved[one, axis] -= step
                moved[other, axis] += step
                settled = False
        if settled:
            break
    return moved
