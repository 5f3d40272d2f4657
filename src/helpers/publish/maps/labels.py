"""Names on a map: in their areas or beside them with a line; none over another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.library_types import Axes, GeoDataFrame

MOST_LABELS = 40  # areas; with more, names would hide the map
LABEL_SIZE = 8.0  # points
PADDING = 0.12  # of the pale box around a name, in heights of its letters
SHRINK = 0.97  # share of its width that the layout leaves to a map at least
ROOM = 1.06  # how much larger than measured a box is taken: letters snap to pixels
GRID = 13  # positions tried inside an area, along each side of its surroundings
DIRECTIONS = 32  # in which a place beside an area is sought
STEPS = 24  # how often a step further away is tried


@dataclass(frozen=True)
class Place:
    """Place of a name: the centre of its box, and the foot of the line that leads to the area, or
    None for a name that stands in its area."""

    x: float
    y: float
    foot: tuple[float, float] | None


def write(axes: Axes, shapes: GeoDataFrame, inches: float, furniture: Sequence = ()) -> None:
    """Names of areas written into a map of final limits, `inches` wide in the figure, and not over
    its furniture; one that finds no place is left out."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    point = (east - west) / (inches * SHRINK * 72)  # metres on the ground of a typographic point
    names = shapes["name"].tolist()
    places = place(shapes.geometry.to_numpy(), measured(names) * point, (west, south, east, north),
                   furniture)
    # A pale box, not a halo: outlined letters would triple the size of the vector file.
    box = {"boxstyle": f"round,pad={PADDING}", "facecolor": "#ffffff", "linewidth": 0}
    for name, found in zip(names, places, strict=True):
        if found is None:
            continue
        if found.foot:
            # pale below, to be seen on dark areas
            for colour, width in (("#ffffff", 1.6), ("#222222", 0.6)):
                axes.plot([found.x, found.foot[0]], [found.y, found.foot[1]], color=colour,
                          linewidth=width, zorder=4, marker="o", markersize=2.2 + width,
                          markevery=[1], solid_capstyle="round")
        axes.text(found.x, found.y, name, size=LABEL_SIZE, ha="center", va="center",
                  color="#111111", zorder=5, bbox=box | {"alpha": 0.92 if found.foot else 0.75})


def measured(names: Sequence[str]) -> np.ndarray:
    """Width and height of the boxes of names, in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=LABEL_SIZE)
    letters = [text_to_path.get_text_width_height_descent(name, font, ismath=False)[:2]
               for name in names]
    _, highest, _ = text_to_path.get_text_width_height_descent("lp", font, ismath=False)
    sizes = np.array([(width, max(height, highest)) for width, height in letters]).reshape(-1, 2)
    return (sizes + 2 * PADDING * LABEL_SIZE) * ROOM


def place(polygons: np.ndarray, sizes: np.ndarray, bounds: Sequence[float],
          furniture: Sequence = ()) -> list[Place | None]:
    """Place for the name of every area, the same at every run.

    A name goes into its area, as near to its widest spot as it fits. One that fits nowhere inside
    goes to the nearest free spot around it, where its box touches no other box, and its line
    neither a box nor another line. A place is None where there is no room. `sizes` has width and
    height of each name's box in the units of the map, `bounds` west, south, east and north of the
    sheet, where names may stand, but not on shapes of `furniture`.

    A name 4 wide fits into a square of 10, but not into the square of 2 beside it, nor over the
    other name.

    >>> from shapely import box
    >>> squares = np.array([box(0, 0, 10, 10), box(10, 4, 12, 6)])
    >>> one, other = place(squares, np.array([[4.0, 1.0], [4.0, 1.0]]), (-5, -5, 25, 15))
    >>> (round(one.x, 9), round(one.y, 9), one.foot), other.foot
    ((5.0, 5.0, None), (11.0, 5.0))
    """
    import shapely

    widest = shapely.maximum_inscribed_circle(polygons)
    anchors = shapely.get_coordinates(shapely.get_point(widest, 0))
    # Greedy, in two passes: first the names that fit into their areas, where none is in the way
    # of another, then the others around them. No place is taken back: the same at every run.
    places = [_inside(polygon, anchor, size)
              for polygon, anchor, size in zip(polygons, anchors, sizes, strict=True)]
    taken = [*furniture, *(_boxes([(found.x, found.y)], size)[0]
                           for found, size in zip(places, sizes, strict=True) if found)]
    outside = np.flatnonzero([found is None for found in places])
    for number in outside:
        # Areas too small for their names stay visible, or where there is no room for that, the feet
        # of their lines.
        others = outside[outside != number]
        for small in (polygons[others], shapely.points(anchors[others])):
            found = _beside(anchors[number], sizes[number], [*taken, *small], taken, bounds)
            if found:
                break
        places[number] = found
        if found:
            taken += [_boxes([(found.x, found.y)], sizes[number])[0],
                      shapely.LineString([found.foot, (found.x, found.y)])]
    return places


def _inside(polygon, anchor: np.ndarray, size: np.ndarray) -> Place | None:
    import shapely

    west, south, east, north = shapely.bounds(polygon)
    grid = np.stack(np.meshgrid(np.linspace(west, east, GRID), np.linspace(south, north, GRID)),
                    axis=-1).reshape(-1, 2)
    spots = np.vstack([anchor, grid])
    shapely.prepare(polygon)
    fits = spots[shapely.contains(polygon, _boxes(spots, size))]
    if not len(fits):
        return None
    nearest = fits[np.hypot(*(fits - anchor).T).argmin()]
    return Place(float(nearest[0]), float(nearest[1]), None)


def _beside(anchor: np.ndarray, size: np.ndarray, hidden: list, crossed: list,
            bounds: Sequence[float]) -> Place | None:
    """Nearest place whose box hides nothing that must be seen, and whose line crosses nothing."""
    import shapely

    # All candidates at once, on rings around the anchor: rejecting them costs less than a search.
    angles = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    reach = size[1] * (1.2 + 0.8 * np.arange(STEPS))
    away = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    # Beside a foot the box begins half its own width further away.
    offset = away[None] * reach[:, None, None] + np.sign(
        away.round(9))[None] * np.abs(away)[None] * size / 2
    spots = anchor + offset.reshape(-1, 2)
    boxes = _boxes(spots, size)
    lines = shapely.linestrings(np.stack([np.broadcast_to(anchor, spots.shape), spots], axis=1))
    free = shapely.contains(shapely.box(bounds[0], bounds[1], bounds[2], bounds[3]), boxes)
    for obstacles, shapes in ((hidden, boxes), (crossed, lines)):
        for obstacle in obstacles:
            free &= ~shapely.intersects(obstacle, shapes)
    free &= ~shapely.intersects_xy(boxes, *anchor)
    if not free.any():
        return None
    length = np.where(free, np.hypot(*(spots - anchor).T), np.inf)
    x, y = spots[length.argmin()]
    return Place(float(x), float(y), (float(anchor[0]), float(anchor[1])))


def _boxes(centres, size: np.ndarray) -> np.ndarray:
    import shapely

    centres = np.atleast_2d(centres)
    (x, y), (width, height) = centres.T, size
    return shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
