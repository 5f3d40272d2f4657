"""Cartogram of circles (Dorling): an area's size is its population, not its land."""

from collections.abc import Sequence

import numpy as np

from helpers import geography
from helpers.errors import Error
from helpers.library_types import Axes, Figure, GeoDataFrame
from helpers.publish.maps import class_legend, inset, sheet
from helpers.publish.maps import labels as names
from helpers.publish.maps.colours import NO_DATA, sequential
from helpers.publish.maps.shapes import for_display
from helpers.publish.texts import Texts

COVERED = 0.55  # share of the land that the circles together cover
ROUNDS = 400  # of pushing apart
PULL = 0.04  # share of the way home that a circle goes each round
GROUND = "#ececec"


def circles(centres: np.ndarray, sizes: np.ndarray, land: float) -> tuple[np.ndarray, np.ndarray]:
    """Circles placed near their centres so that none overlap: new centres (n, 2) and radii (n,).

    Overlapping circles push each other apart by half of their overlap, and all are drawn back a
    little, for a fixed number of rounds without any chance; what then still overlaps is ended by
    spreading all alike: the method of Dorling (1996), "Area Cartograms: Their Use and Creation".

    The area of a circle is proportional to its size, which is positive; together they cover a
    little more than half of `land`, the area of the map in its units.

    >>> moved, radii = circles(np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([4.0, 1.0]), 10 * np.pi)
    >>> float(np.round(radii[0] / radii[1],
    ...                12)), bool(np.hypot(*(moved[1] - moved[0])) >= radii.sum())
    (2.0, True)
    """
    sizes = np.asarray(sizes, dtype=float)
    if not (sizes > 0).all():
        raise Error("a circle needs a size above zero; leave areas without people out of the "
                    "cartogram")
    radii = np.sqrt(COVERED * land * sizes / sizes.sum() / np.pi)
    home = np.asarray(centres, dtype=float)
    moved, least = home.copy(), radii[:, None] + radii
    np.fill_diagonal(least, 0)
    # Two forces in turn: home, ever weaker so that the last rounds only separate, and apart.
    for number in range(ROUNDS):
        moved += (home - moved) * PULL * (1 - number / ROUNDS)
        away, distance = _apart(moved)
        push = np.clip(least - distance, 0, None) / 2
        moved += (away / distance[..., None] * push[..., None]).sum(axis=1)
    # What still overlaps is ended by one factor for all, which keeps the picture.
    _, distance = _apart(moved)
    middle = moved.mean(axis=0)
    return middle + (moved - middle) * max(1.0, float((least / distance).max()) * (1 + 1e-9)), radii


def _apart(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vectors from every other point to each, and their lengths; equal points part fixedly."""
    away = points[:, None] - points[None]
    distance = np.hypot(away[..., 0], away[..., 1])
    same = (distance == 0) & ~np.eye(len(points), dtype=bool)
    if same.any():
        one, other = np.nonzero(same)
        away[one, other] = np.sign(one - other)[:, None] * np.array([1.0, 0.5])
        distance = np.hypot(away[..., 0], away[..., 1])
    np.fill_diagonal(distance, np.inf)
    return away, distance


def cartogram(areas: GeoDataFrame, column: str, size: str, *, t: Texts, bins: Sequence[float],
              unit: str = "", borders: str | None = None, labels: bool = True) -> Figure:
    """Cartogram of circles as large as the areas' population, in the class of a column.

    `size` is the column of the population; areas without any are left out. The other arguments are
    those of `helpers.publish.maps.choropleth`.
    """
    import shapely

    shapes = for_display(areas)
    peopled = shapes[shapes[size].to_numpy(dtype=float, na_value=0) > 0].reset_index(drop=True)
    middles = shapely.get_coordinates(shapely.centroid(peopled.geometry.to_numpy()))
    land = float(shapely.area(shapes.geometry.to_numpy()).sum())
    centres, radii = circles(middles, peopled[size].to_numpy(dtype=float), land)
    drawn = peopled.set_geometry(shapely.buffer(shapely.points(centres), radii, quad_segs=16))
    limits = class_legend.rising(bins)
    styles = [(colour, "") for colour in sequential(len(limits) - 1)]
    fills = [class_legend.fill(value, limits, styles)
             for value in class_legend.numbers(drawn[column])]
    entries = class_legend.entries(limits, styles, NO_DATA in fills, t)
    largest = peopled[size].max()
    people = sheet.round_length(largest / 2)
    example = people, radii.max() * float(np.sqrt(people / largest))
    return _drawn(shapes, drawn, fills, entries, example, unit, t, borders, labels)


def _drawn(shapes: GeoDataFrame, drawn: GeoDataFrame, fills: list, entries: list,
           example: tuple[float, float], unit: str, t: Texts, borders: str | None,
           labels: bool) -> Figure:
    bounds = np.column_stack([shapes.total_bounds, drawn.total_bounds])
    bounds = (*bounds[:2].min(axis=1), *bounds[2:].max(axis=1))
    beside = sheet.legend_width(entries)
    figure, (axes,), width = sheet.panels_of(1, bounds, beside)
    border = geography.zone_border(shapes) if shapes["zone"].nunique() > 1 else None
    sheet.paint(axes, shapes, [(GROUND, "")] * len(shapes), border, ground=True)
    sheet.paint(axes, drawn, fills, None)
    sheet.frame(axes, bounds)
    _size_key(axes, bounds, *example, t, t("map.approximate") if borders == "tessellation" else "")
    sheet.north_arrow(axes, t)
    if labels and len(drawn) <= names.MOST_LABELS:
        names.write(axes, drawn, width)
    sheet.legend(figure, entries, unit, border is not None, t)
    inset.add(figure, shapes, beside - 0.15, sheet.BELOW)
    return figure


def _size_key(axes: Axes, bounds: Sequence[float], people: float, radius: float, t: Texts,
              note: str) -> None:
    from matplotlib.patches import Circle

    west, south, east, north = bounds
    x, y = west + radius, south - 0.06 * (north - south)
    axes.set_ylim(min(axes.get_ylim()[0], y - radius * 1.1), axes.get_ylim()[1])
    axes.add_patch(Circle((x, y), radius, facecolor="none", edgecolor="#222222", linewidth=0.8))
    gap = 0.006 * (north - south)
    axes.text(x + radius * 1.15, y + gap, t("map.people", people=people), size=8, va="bottom")
    axes.text(x + radius * 1.15, y - gap, note, size=8, va="top", style="italic", color="#444444")
