"""Maps drawn anew at every change: the shapes are sent once, a map only fills them."""

from collections.abc import Sequence
from html import escape

import numpy as np

from helpers.publish.atlas import Drawing
from helpers.publish.maps.class_legend import fill, ranges, rising
from helpers.publish.maps.colours import CLUSTERS, NO_DATA, sequential
from helpers.publish.maps.shapes import for_display
from helpers.publish.texts import Texts

ANGLES = {"////": 45, "||||": 0, "----": 90}  # of a hatch's lines


def paint(style: tuple[str, str]) -> str:
    """What fills a shape in a style: its colour, or its pattern where it has a hatch too.

    >>> paint(("#4393c3", "")), paint(("#f4f4f4", "////"))
    ('#4393c3', 'url(#explorer-f4f4f4)')
    """
    colour, hatch = style
    return f"url(#explorer-{colour[1:]})" if hatch else colour


def _pattern(colour: str, hatch: str) -> str:
    return (f'<pattern id="explorer-{colour[1:]}" width="7" height="7" '
            f'patternUnits="userSpaceOnUse" patternTransform="rotate({ANGLES[hatch]})">'
            f'<rect width="7" height="7" fill="{colour}"/>'
            '<line y2="7" stroke="#777777" stroke-width="2"/></pattern>')


class Canvas:
    """Shapes of all areas: code, name, zone and polygons in a metric system; `borders` of a
    ``tessellation`` are marked as approximate."""

    def __init__(self, areas, borders: str):
        shapes = for_display(areas)
        draw = Drawing(shapes.total_bounds)
        paths = [f'<path id="explorer-{place}" d="{draw.path(geometry)}"/>'
                 for place, geometry in enumerate(shapes.geometry)]
        border = f'<path id="explorer-border" fill="none" d="{draw.border(shapes)}"/>'
        patterns = [_pattern(*style) for style in (NO_DATA, *CLUSTERS.values()) if style[1]]
        self.view, self.borders = draw.view(), borders
        self.defs = ('<svg width="0" height="0" aria-hidden="true"><defs>'
                     f'{"".join(patterns + paths)}{border}</defs></svg>')
        self.codes, self.names = list(areas["code"]), list(areas["name"])

    def classes(self, values, limits: Sequence[float], title: str, unit: str, status: str,
                t: Texts) -> str:
        """Map of numbers in classes, as a figure in HTML with its legend.

        ``values`` is a Series by code; the lowest and highest of the limits are included.
        """
        edges = rising(limits)
        styles = [(colour, "") for colour in sequential(len(edges) - 1)]
        numbers = values.reindex(self.codes).to_numpy(dtype=float, na_value=np.nan)
        fills = [fill(number, edges, styles) for number in numbers]
        digits = 0 if (numbers[np.isfinite(numbers)] % 1 == 0).all() else 2
        shown = [f"{t.format_field(number, f'.{digits}f')} {unit}".strip() if np.isfinite(number)
                 else t("map.no_data") for number in numbers]
        legend = list(zip(styles, ranges(edges, t), strict=True))[::-1]
        return self._figure(fills, shown, legend, title, status, t)

    def clusters(self, words, title: str, status: str, t: Texts) -> str:
        """Map of the key words of local clusters; ``words`` is a Series by code."""
        found = words.reindex(self.codes)
        fills = [CLUSTERS.get(word, NO_DATA) for word in found]
        shown = [t.word(word) if word in CLUSTERS else t("map.no_data") for word in found]
        legend = [(style, t.word(word)) for word, style in CLUSTERS.items()]
        return self._figure(fills, shown, legend, title, status, t)

    def _figure(self, fills: list, shown: list[str], legend: list, title: str, status: str,
                t: Texts) -> str:
        uses = "".join(f'<use href="#explorer-{place}" fill="{paint(style)}">'
                       f"<title>{escape(name)}: {escape(text)}</title></use>"
                       for place, (style, name, text)
                       in enumerate(zip(fills, self.names, shown, strict=True)))
        named = [*legend, (NO_DATA, t("map.no_data"))] if NO_DATA in fills else legend
        items = "".join('<li><svg class="swatch" aria-hidden="true"><rect width="100%" '
                        f'height="100%" fill="{paint(style)}"/></svg>{escape(text)}</li>'
                        for style, text in named)
        approximate = f'<p class="note">{escape(t("map.approximate"))}</p>'
        return (f'<figure class="map"><figcaption>{escape(title)} '
                f'<span class="status status-{status}">{escape(t.word(status))}</span></figcaption>'
                f'<div class="sheet"><svg viewBox="{self.view}" role="img" '
                f'aria-label="{escape(title)}"><g class="areas">{uses}</g>'
                '<use href="#explorer-border" class="casing"/>'
                '<use href="#explorer-border" class="border"/></svg>'
                f'<ul class="legend">{items}<li><span class="swatch line"></span>'
                f'{escape(t("map.zone_border"))}</li></ul></div>'
                f'{approximate if self.borders == "tessellation" else ""}</figure>')
