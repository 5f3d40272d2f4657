"""The sheet of a map: panels, legend, scale bar, north arrow, border of the zones, note on the borders."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from helpers import geography
from helpers.publish.maps import labels as names
from helpers.publish.maps import shapes as drawing

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from helpers.publish.texts import Texts

MAP_WIDTH = 6.2  # inches of the map itself
PANEL_WIDTH = 4.4  # inches of one map of a series
LEGEND_WIDTH = 1.9  # at least; long words ask for more
LETTER_WIDTH = 0.072  # inches, of the legend
EDGE = "#ffffff"
BORDER = {"color": "#111111", "linewidth": 1.7}
CASING = {"color": "#ffffff", "linewidth": 3.4}  # keeps the border visible on dark fills


def compose(areas: GeoDataFrame, panels: Mapping[str, list], entries: list, heading: str, t: Texts,
             borders: str | None, labels: bool) -> Figure:
    """Draw panels side by side, one fill an area, with a legend of their common entries."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shapes = drawing.for_display(areas)
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
        if labels and len(shapes) <= names.MOST_LABELS:
            names.write(axes, shapes, width)
    for axes in grid[len(panels):]:
        axes.set_axis_off()
    handles = [Patch(facecolor=colour, hatch=hatch, edgecolor="#777777", linewidth=0.5, label=text)
               for (colour, hatch), text in entries]
    if border is not None:
        handles.append(Line2D([], [], label=t("map.zone_border"), **BORDER))
    figure.legend(handles=handles, title=_folded(heading), loc="outside right center", frameon=False, fontsize=8.5,
                  title_fontsize=8.5, alignment="left")
    return figure


def _paint(axes: Axes, shapes: GeoDataFrame, fills: list[tuple[str, str]], border) -> None:
    import shapely
    from matplotlib.collections import LineCollection, PathCollection

    paths = [drawing.path(geometry) for geometry in shapes.geometry]
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


def _folded(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 24))
