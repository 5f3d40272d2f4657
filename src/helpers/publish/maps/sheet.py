"""Sheet of a map: panels, legend, scale bar, north arrow, zone border, inset, note."""

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from helpers import geography
from helpers.library_types import Axes, Figure, GeoDataFrame
from helpers.publish.maps import inset
from helpers.publish.maps import labels as names
from helpers.publish.maps import shapes as drawing
from helpers.publish.texts import Texts

MAP_WIDTH = 6.2  # inches of the map itself
PANEL_WIDTH = 4.4  # inches of one map of two to four
SMALL_PANEL_WIDTH = 3.1  # inches of one map of many
LEGEND_WIDTH = 1.9  # at least; long words ask for more
LETTER_WIDTH, TITLE_LETTER, NOTE_LETTER = 0.072, 0.085, 0.058  # inches: legend, title, note
BELOW = 0.75  # inches for the footer
BAR_WORDS = 0.1  # of the map's width, for the number beside the scale bar
MARGINS = (0.02, 0.13, 0.06, 0.02)  # west, south, east, north, in widths and heights of the shapes
EDGE = "#ffffff"
BORDER: dict[str, Any] = {"color": "#111111", "linewidth": 1.7}
CASING: dict[str, Any] = {"color": "#ffffff", "linewidth": 3.4}  # shows the border on dark fills


def compose(areas: GeoDataFrame, panels: Mapping[str, list], entries: list, heading: str, t: Texts,
            borders: str | None, labels: bool, *,
            key: Callable[[Figure], None] | None = None) -> Figure:
    """Panels side by side, one fill an area, with a legend of their common entries.

    `panels` has colour and hatch of every area by the panel's title, `entries` style and text of
    the legend from top to bottom; `key` draws a legend of its own into the figure, above the
    entries.
    """
    shapes = drawing.for_display(areas)
    border = geography.zone_border(shapes) if shapes["zone"].nunique() > 1 else None
    notes = [t("map.approximate")] * (borders == "tessellation")
    notes += [t("map.discs")] * drawing.with_discs(shapes)[1]
    beside = legend_width(entries)
    figure, grid, width = panels_of(len(panels), shapes.total_bounds, beside)
    for number, (axes, (title, fills)) in enumerate(zip(grid, panels.items(), strict=False)):
        paint(axes, shapes, fills, border)
        axes.set_title(textwrap.fill(title, int(width / TITLE_LETTER)), size=10, loc="left")
        frame(axes, shapes.total_bounds)
        bar = scale_bar(axes, shapes.total_bounds, t)
        north_arrow(axes, t)
        if notes and number == 0:
            note(axes, shapes.total_bounds, "; ".join(notes), width)
        if labels and len(shapes) <= names.MOST_LABELS:
            names.write(axes, shapes, width, [bar])
    legend(figure, entries, heading, border is not None, t, lower=key is not None)
    if key is not None:
        key(figure)
    inset.add(figure, shapes, beside - 0.15, BELOW)
    return figure


def legend_width(entries: list) -> float:
    """Inches that the legend takes."""
    letters = max((len(text) for _, text in entries), default=0)
    return max(LEGEND_WIDTH, 0.6 + LETTER_WIDTH * letters)


def panels_of(count: int, bounds: Sequence[float],
              beside: float) -> tuple[Figure, list[Axes], float]:
    """Figure with room for a legend, its axes, and the width of each in inches."""
    from matplotlib.figure import Figure

    west, south, east, north = bounds
    across = min(count, 2 if count <= 4 else 3)
    down = math.ceil(count / across)
    width = MAP_WIDTH if count == 1 else PANEL_WIDTH if count <= 4 else SMALL_PANEL_WIDTH
    height = width * min(max((north - south) / (east - west), 0.4), 1.6) * 1.12
    figure = Figure(figsize=(across * width + beside, down * (height + 0.2) + 0.9),
                    layout="constrained")
    grid = list(figure.subplots(down, across, squeeze=False).ravel())
    for axes in grid[count:]:
        axes.set_axis_off()
    return figure, grid[:count], width


def legend(figure: Figure, entries: list, heading: str, with_border: bool, t: Texts,
           lower: bool = False) -> None:
    """Legend at the right of a figure."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [Patch(facecolor=colour, hatch=hatch, edgecolor="#777777", linewidth=0.5, label=text)
               for (colour, hatch), text in entries]
    if with_border:
        handles.append(Line2D([], [], label=t("map.zone_border"), **BORDER))
    figure.legend(handles=handles, title=folded(heading),
                  loc=f"outside right {'center' if lower else 'upper'}", frameon=False,
                  fontsize=8.5, title_fontsize=8.5, alignment="left", handleheight=1.1)


def paint(axes: Axes, shapes: GeoDataFrame, fills: list[tuple[str, str]], border,
          ground: bool = False) -> None:
    """Areas filled, then the border of the zones; as the ground of a map both are faint."""
    import shapely
    from matplotlib.collections import LineCollection, PathCollection

    paths = [drawing.path(geometry) for geometry in drawing.with_discs(shapes)[0]]
    for hatch in dict.fromkeys(hatch for _, hatch in fills):
        chosen = [(path, colour)
                  for path, (colour, own) in zip(paths, fills, strict=True) if own == hatch]
        # Hatches take the colour of the edge; white ones would not show.
        axes.add_collection(PathCollection(
            [path for path, _ in chosen], facecolors=[colour for _, colour in chosen],
            hatch=hatch or None, edgecolors="#9a9a9a" if hatch else EDGE, linewidths=0.6,
            zorder=0 if ground else 1))
    if border is not None:
        lines = [shapely.get_coordinates(line) for line in shapely.get_parts(border)]
        for line in (CASING, BORDER):
            axes.add_collection(LineCollection(
                lines, colors=line["color"], capstyle="round", zorder=1 if ground else 2,
                linewidths=line["linewidth"] * (0.6 if ground else 1)))


def frame(axes: Axes, bounds: Sequence[float]) -> None:
    """Room around the shapes for scale bar, arrow and note, where they hide nothing."""
    west, south, east, north = bounds
    width, height = east - west, north - south
    axes.set_axis_off()
    axes.set(aspect="equal", xlim=(west - MARGINS[0] * width, east + MARGINS[2] * width),
             ylim=(south - MARGINS[1] * height, north + MARGINS[3] * height))


def scale_bar(axes: Axes, bounds: Sequence[float], t: Texts):
    """Scale bar below the shapes; the box that it takes with its number."""
    import shapely
    from matplotlib.patches import Rectangle

    west, south, east, north = bounds
    width, height = east - west, north - south
    length = round_length(width / 4)
    base = south - 0.04 * height
    for part, colour in ((0, "#222222"), (1, "#ffffff")):
        axes.add_patch(Rectangle((west + part * length / 2, base), length / 2, 0.012 * height,
                                 facecolor=colour, edgecolor="#222222", linewidth=0.7))
    kilometres = t.number(length / 1000, 0 if length >= 1000 else 1)
    axes.text(west + length + 0.01 * width, base, t("map.kilometres", km=kilometres), size=8,
              va="bottom")
    return shapely.box(west, base - 0.01 * height, west + length + BAR_WORDS * width,
                       base + 0.03 * height)


def north_arrow(axes: Axes, t: Texts) -> None:
    """North arrow beside the shapes."""
    axes.annotate(t("map.north"), xy=(0.975, 0.99), xytext=(0.975, 0.88), xycoords="axes fraction",
                  ha="center", va="center", size=9,
                  arrowprops={"arrowstyle": "-|>", "color": "#222222", "shrinkA": 0, "shrinkB": 0})


def note(axes: Axes, bounds: Sequence[float], text: str, width: float) -> None:
    """Note below the scale bar, no wider than its panel (in inches): the layout would take the room
    from the other panels."""
    west, south, _, north = bounds
    text = textwrap.fill(text, int(width / NOTE_LETTER))
    axes.text(west, south - 0.07 * (north - south), text, size=8, style="italic", va="top",
              color="#444444")


def round_length(longest: float) -> float:
    """Largest of 1, 2, 5, 10, 20, ... that fits.

    >>> round_length(16_000)
    10000.0
    """
    power = 10.0 ** math.floor(math.log10(longest))
    return max(step * power for step in (1, 2, 5) if step * power <= longest)


def folded(text: str) -> str:
    """Heading broken into lines of the legend's width."""
    return "\n".join(textwrap.wrap(text, 24, break_on_hyphens=False))
