"""Maps that are drawn anew at every change: the shapes are sent once, a map only fills them."""

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

    Examples
    --------
    >>> paint(("#4393c3", "")), paint(("#f4f4f4", "////"))
    ('#4393c3', 'url(#explorer-f4f4f4)')
    """
    colour, hatch = style
    return f"url(#explorer-{colour[1:]})" if hatch else colour


def _pattern(colour: str, hatch: str) -> str:
    return (
        f'<pattern id="explorer-{colour[1:]}" width="7" height="7" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate({ANGLES[hatch]})"><rect width="7" height="7" fill="{colour}"/>'
        '<line y2="7" stroke="#777777" stroke-width="2"/></pattern>')


class Canvas:
    """The shapes of all areas.

    Parameters
    ----------
    areas : GeoDataFrame
        code, name, zone and polygons in a metric system.
    borders : {"boundaries", "tessellation"}
        A tessellation is marked as approximate.
    """

    def __init__(self, areas, borders: str):
        shapes = for_display(areas)
        draw = Drawing(shapes.total_bounds)
        paths = [f'<path id="explorer-{place}" d="{draw.path(geometry)}"/>'
                 for place, geometry in enumerate(shapes.geometry)]
        border = f'<path id="explorer-border" fill="none" d="{draw.border(shapes)}"/>'
        self.view = draw.view()
        patterns = [_pattern(*style) for style in (NO_DATA, *CLUSTERS.values()) if style[1]]
        self.defs = (
            '<svg width="0" height="0" aria-hidden="true">'
            f'<defs>{"".join(patterns + paths)}{border}</defs></svg>'
        )
        self.codes, self.names, self.borders = list(areas["code"]), list(areas["name"]), borders

    def classes(self, values, limits: Sequence[float], title: str, unit: str, status: str,
                t: Texts) -> str:
        """Draw numbers in classes.

        Parameters
        ----------
        values : Series
            By code.
        limits : sequence of float
            Class limits, lowest and highest included.
        title, unit, status : str
        t : Texts

        Returns
        -------
        str
            A figure in HTML: map, legend, and how sure the borders are.
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
        """Draw the key words of local clusters; ``words`` is a Series by code."""
        found = words.reindex(self.codes)
        fills = [CLUSTERS.get(word, NO_DATA) for word in found]
        shown = [t.word(word) if word in CLUSTERS else t("map.no_data") for word in found]
        return self._figure(fills, shown, [(style, t.word(word))
                                           for word, style in CLUSTERS.items()], title, status, t)

    def _figure(self, fills: list[tuple[str, str]], shown: list[str],
                legend: list[tuple[tuple[str, str],
                                   str]], title: str, status: str, t: Texts) -> str:
        uses = "".join(
            f'<use href="#explorer-{place}" fill="{paint(style)}">'
            f"<title>{escape(name)}: {escape(text)}</title></use>"
            for place, (style, name, text) in enumerate(zip(fills, self.names, shown, strict=True)))
        named = [*legend, (NO_DATA, t("map.no_data"))] if NO_DATA in fills else legend
        items = "".join(
            '<li><svg class="swatch" aria-hidden="true">'
            f'<rect width="100%" height="100%" fill="{paint(style)}"/></svg>'
            f"{escape(text)}</li>" for style, text in named)
        items += f'<li><span class="swatch line"></span>{escape(t("map.zone_border"))}</li>'
        note = ""
        if self.borders == "tessellation":
            note = f'<p class="note">{escape(t("map.approximate"))}</p>'
        mark = f'<span class="status status-{status}">{escape(t.word(status))}</span>'
        return (
            f'<figure class="map"><figcaption>{escape(title)} {mark}</figcaption>'
            '<div class="sheet">'
            f'<svg viewBox="{self.view}" role="img" aria-label="{escape(title)}">'
            f'<g class="areas">{uses}</g><use href="#explorer-border" class="casing"/>'
            '<use href="#explorer-border" class="border"/></svg>'
            f'<ul class="legend">{items}</ul></div>{note}</figure>')
