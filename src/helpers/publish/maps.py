"""Maps of areas: choropleths, series of choropleths on the same classes, and maps of named categories.

Each map says what no value means, how large it is, where north is, where the zones meet, and whether its borders are
approximate. Palettes keep their order for colour-blind readers and in grey. Shapes are simplified for display only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers import geography

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from helpers.publish.texts import Texts

MAP_WIDTH = 6.2  # inches of the map itself
PANEL_WIDTH = 4.4  # inches of one map of a series
LEGEND_WIDTH = 1.9  # at least; long words ask for more
LETTER_WIDTH = 0.072  # inches, of the legend
DETAIL = 1200  # the map's width over the smallest detail kept: below a pixel in print
MOST_LABELS = 40  # areas; with more, names would hide the map
LABEL_SIZE = 6.2
NO_DATA = ("#f4f4f4", "////")
EDGE = "#ffffff"
BORDER = {"color": "#111111", "linewidth": 1.7}
CASING = {"color": "#ffffff", "linewidth": 3.4}  # keeps the border visible on dark fills
CLUSTERS = {
    "high_high": ("#b2182b", ""),
    "low_low": ("#4393c3", ""),
    "high_low": ("#f4a582", "||||"),
    "low_high": ("#d1e5f0", "----"),
    "not_significant": ("#e6e6e6", ""),
}


def choropleth(areas: GeoDataFrame, column: str, *, t: Texts, bins: Sequence[float], unit: str = "",
               borders: str | None = None, labels: bool = True) -> Figure:
    """Map one column of numbers in classes.

    Parameters
    ----------
    areas : GeoDataFrame
        name, zone, polygons in a metric system, and the column. A missing value is drawn as "no data".
    column : str
    t : Texts
    bins : sequence of float
        Class limits, lowest and highest included, as from `helpers.geography.class_limits`. A class holds its upper
        limit; values beyond the limits fall into the outer classes.
    unit : str
        Heads the legend.
    borders : {"boundaries", "tessellation", None}
        As ``study.borders``; a tessellation is marked as approximate.
    labels : bool
        Write the areas' names (left out when there are too many).

    Returns
    -------
    matplotlib.figure.Figure
    """
    return series(areas, {"": column}, t=t, bins=bins, unit=unit, borders=borders, labels=labels)


def series(areas: GeoDataFrame, columns: Mapping[str, str], *, t: Texts, bins: Sequence[float], unit: str = "",
           borders: str | None = None, labels: bool = False) -> Figure:
    """Map several columns side by side on the same classes, so that a colour means the same everywhere.

    Parameters
    ----------
    areas, t, bins, unit, borders, labels
        As in `choropleth`.
    columns : mapping
        Title of each panel and its column.

    Returns
    -------
    matplotlib.figure.Figure
    """
    limits = _limits(bins)
    fills = [(colour, "") for colour in sequential(len(limits) - 1)]
    panels = {title: [_fill(value, limits, fills) for value in areas[column].to_numpy(dtype=float, na_value=np.nan)]
              for title, column in columns.items()}
    entries = list(zip(fills, _ranges(limits, t), strict=True))[::-1]
    if areas[list(columns.values())].isna().any(axis=None):
        entries.append((NO_DATA, t("map.no_data")))
    return _compose(areas, panels, entries, unit, t, borders, labels)


def categories(areas: GeoDataFrame, column: str, *, t: Texts, styles: Mapping[str, tuple[str, str]], heading: str = "",
               borders: str | None = None, labels: bool = True) -> Figure:
    """Map a column of key words, each with its colour and hatch.

    Parameters
    ----------
    areas, column, t, borders, labels
        As in `choropleth`; the words of the legend are ``t.word`` of the key words.
    styles : mapping key word -> (colour, hatch)
        All categories in the order of the legend, also those that no area has.
    heading : str
        Heads the legend.

    Returns
    -------
    matplotlib.figure.Figure
    """
    fills = [styles[value] if isinstance(value, str) else NO_DATA for value in areas[column]]
    entries = [(style, t.word(name)) for name, style in styles.items()]
    if areas[column].isna().any():
        entries.append((NO_DATA, t("map.no_data")))
    return _compose(areas, {"": fills}, entries, heading, t, borders, labels)


def sequential(k: int) -> list[str]:
    """Return k colours from light (low) to dark (high) of the palette viridis.

    Examples
    --------
    >>> sequential(2)
    ['#d2e21b', '#482173']
    """
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    palette = colormaps["viridis"]
    return [to_hex(palette(position)) for position in (np.linspace(0.93, 0.09, k) if k > 1 else [0.5])]


def _compose(areas: GeoDataFrame, panels: Mapping[str, list], entries: list, heading: str, t: Texts,
             borders: str | None, labels: bool) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shapes = _for_display(areas)
    west, south, east, north = shapes.total_bounds
    across = min(len(panels), 2 if len(panels) <= 4 else 3)
    down = math.ceil(len(panels) / across)
    width = MAP_WIDTH if len(panels) == 1 else PANEL_WIDTH
    height = width * min(max((north - south) / (east - west), 0.4), 1.6) * 1.12
    beside = max(LEGEND_WIDTH, 0.6 + LETTER_WIDTH * max(len(text) for _, text in entries))
    figure = Figure(figsize=(across * width + beside, down * (height + 0.2) + 0.9), layout="constrained")
    grid = figure.subplots(down, across, squeeze=False).ravel()
    border = geography.zone_border(shapes) if shapes["zone"].nunique() > 1 else None
    for number, (axes, (title, fills)) in enumerate(zip(grid, panels.items(), strict=False)):
        _paint(axes, shapes, fills, border)
        if title:
            axes.set_title(title, size=10, loc="left")
        _furniture(axes, shapes.total_bounds, t)
        if borders == "tessellation" and number == 0:
            _note(axes, shapes.total_bounds, t("map.approximate"))
        if labels and len(shapes) <= MOST_LABELS:
            _names(axes, shapes, width)
    for axes in grid[len(panels):]:
        axes.set_axis_off()
    handles = [Patch(facecolor=colour, hatch=hatch, edgecolor="#777777", linewidth=0.5, label=text)
               for (colour, hatch), text in entries]
    if border is not None:
        handles.append(Line2D([], [], label=t("map.zone_border"), **BORDER))
    figure.legend(handles=handles, title=_folded(heading), loc="outside right center", frameon=False, fontsize=8.5,
                  title_fontsize=8.5, alignment="left")
    return figure


def _for_display(areas: GeoDataFrame) -> GeoDataFrame:
    """Drop detail that no reader can see, along shared edges alike so that no gap opens."""
    import shapely

    geometry = areas.geometry.to_numpy()
    west, _, east, _ = areas.total_bounds
    detail = (east - west) / DETAIL
    if shapely.coverage_is_valid(geometry):
        return areas.set_geometry(shapely.coverage_simplify(geometry, detail))
    return areas.set_geometry(shapely.simplify(geometry, detail / 2))


def _paint(axes: Axes, shapes: GeoDataFrame, fills: list[tuple[str, str]], border) -> None:
    import shapely
    from matplotlib.collections import LineCollection, PathCollection

    paths = [_path(geometry) for geometry in shapes.geometry]
    for hatch in dict.fromkeys(hatch for _, hatch in fills):
        chosen = [(path, colour) for path, (colour, own) in zip(paths, fills, strict=True) if own == hatch]
        # Hatches take the colour of the edge; white ones would not show.
        axes.add_collection(PathCollection(
            [path for path, _ in chosen], facecolors=[colour for _, colour in chosen], hatch=hatch or None,
            edgecolors="#9a9a9a" if hatch else EDGE, linewidths=0.6))
    if border is not None:
        lines = [shapely.get_coordinates(line) for line in shapely.get_parts(border)]
        for line in (CASING, BORDER):
            axes.add_collection(LineCollection(lines, colors=line["color"], linewidths=line["linewidth"],
                                               capstyle="round"))


def _path(geometry):
    import shapely
    from matplotlib.path import Path

    # Holes run against the outline: matplotlib fills by the winding of the rings.
    polygons = shapely.get_parts(shapely.orient_polygons(geometry))
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    return Path.make_compound_path(*(Path(shapely.get_coordinates(ring), closed=True) for ring in rings))


def _furniture(axes: Axes, bounds: Sequence[float], t: Texts) -> None:
    """Add scale bar and north arrow below and beside the shapes, where they hide nothing."""
    west, south, east, north = bounds
    width, height = east - west, north - south
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_xlim(west - 0.02 * width, east + 0.06 * width)
    axes.set_ylim(south - 0.13 * height, north + 0.02 * height)
    length = _round_length(width / 4)
    base = south - 0.04 * height
    for part, colour in ((0, "#222222"), (1, "#ffffff")):
        axes.add_patch(_bar(west + part * length / 2, base, length / 2, 0.012 * height, colour))
    kilometres = t.number(length / 1000, 0 if length >= 1000 else 1)
    axes.text(west + length + 0.01 * width, base, t("map.kilometres", km=kilometres), size=7.5, va="bottom")
    axes.annotate(t("map.north"), xy=(0.975, 0.99), xytext=(0.975, 0.88), xycoords="axes fraction", ha="center",
                  va="center", size=9, arrowprops={"arrowstyle": "-|>", "color": "#222222", "shrinkA": 0, "shrinkB": 0})


def _note(axes: Axes, bounds: Sequence[float], text: str) -> None:
    west, south, _, north = bounds
    axes.text(west, south - 0.07 * (north - south), text, size=7.5, style="italic", va="top", color="#444444")


def _bar(x: float, y: float, width: float, height: float, colour: str):
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, facecolor=colour, edgecolor="#222222", linewidth=0.7)


def _round_length(longest: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20, ... that fits.

    Examples
    --------
    >>> _round_length(16_000)
    10000.0
    """
    power = 10.0 ** math.floor(math.log10(longest))
    return max(step * power for step in (1, 2, 5) if step * power <= longest)


def _names(axes: Axes, shapes: GeoDataFrame, inches: float) -> None:
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


def _limits(bins: Sequence[float]) -> np.ndarray:
    limits = np.asarray(bins, dtype=float)
    if len(limits) == 1:
        return np.repeat(limits, 2)
    if len(limits) < 2 or (np.diff(limits) <= 0).any():
        raise ValueError(f"class limits must rise; they are {', '.join(f'{limit:g}' for limit in limits) or 'none'}")
    return limits


def _fill(value: float, limits: np.ndarray, fills: list[tuple[str, str]]) -> tuple[str, str]:
    return NO_DATA if np.isnan(value) else fills[int(np.searchsorted(limits[1:-1], value, side="left"))]


def _ranges(limits: np.ndarray, t: Texts) -> list[str]:
    digits = decimals(limits)
    shown = [t.number(limit, digits) for limit in limits]
    return [t("map.range", low=low, high=high) for low, high in zip(shown, shown[1:], strict=False)]


def decimals(limits: Sequence[float]) -> int:
    """Return how many decimals tell class limits apart: rounding moves none by over a twentieth of a class.

    Examples
    --------
    >>> decimals([0, 10, 20]), decimals([0.5, 0.71, 0.74])
    (0, 2)
    """
    limits = np.asarray(limits, dtype=float)
    narrowest = np.diff(limits).min() or 1.0
    return next((digits for digits in range(6) if np.abs(limits.round(digits) - limits).max() <= narrowest / 20), 6)


def _folded(text: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, 24))
