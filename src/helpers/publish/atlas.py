"""Interactive map: one page that needs no other file, no server and no network.

Indicators and years are chosen by list and slider, by mouse or keyboard. Python writes the shapes
and the texts into the page, its script colours them.
"""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import geography
from helpers.errors import Error
from helpers.library_types import GeoDataFrame
from helpers.publish.maps.class_legend import decimals, ranges, rising
from helpers.publish.maps.colours import sequential
from helpers.publish.maps.shapes import for_display
from helpers.publish.policy import as_script, nonce, policy
from helpers.publish.texts import Texts

HERE = Path(__file__).with_suffix("")
WIDTH = 800  # units of the drawing from west to east; one decimal is kept
PLACE = re.compile(r"\[\[(\w+)\]\]")
NAVIGATION = "<!-- navigation -->"  # where the site puts the way back
MARGIN = 6  # of the drawing, for the outline of an area at its edge
WORDS = ("title", "help", "script", "layer", "year", "legend", "status", "source", "area", "zone",
         "value", "numbers")
SCRIPT_WORDS = {"no_data": "map.no_data", "no_year": "atlas.no_year",
                "zone_border": "map.zone_border"}


@dataclass(frozen=True)
class Layer:
    """One indicator of the map, `label` and `unit` in the page's language.

    `values` has a row an area (index: code) and a column a year, or one column of any name for an
    indicator without years; `limits` are class limits for all years together.
    """

    label: str
    unit: str
    values: pd.DataFrame
    limits: np.ndarray
    source: str
    status: str


def page(areas: GeoDataFrame, layers: list[Layer], *, t: Texts, borders: str | None) -> str:
    """Page of the interactive map: HTML without any address of other files.

    `areas` has code, name, zone and polygons in a metric system; the first layer is shown first, in
    its last year; `borders` of a ``tessellation`` are marked as approximate.
    """
    if not layers:
        raise Error("the interactive map needs at least one indicator; all are missing")
    shapes = for_display(areas)
    draw = Drawing(shapes.total_bounds)
    content = {"lang": t.lang, "words": {name: t(key) for name, key in SCRIPT_WORDS.items()},
               "areas": [{"name": name, "zone": t.word(zone)}
                         for name, zone in zip(shapes["name"], shapes["zone"], strict=True)],
               "layers": [_content(layer, areas["code"], t) for layer in layers]}
    parts = {"lang": t.lang, "style": _own("atlas.css"), "script": _own("atlas.js"),
             "data": as_script(content), "view": draw.view(), "border": draw.border(shapes),
             "shapes": "\n".join(map(_shape, range(len(shapes)), shapes["name"],
                                     map(draw.path, shapes.geometry))),
             "note": escape(t("map.approximate")) if borders == "tessellation" else "",
             "options": "".join(f'<option value="{number}">{escape(layer.label)}</option>'
                                for number, layer in enumerate(layers))}
    mark = nonce(parts["data"], parts["script"])
    parts |= {"nonce": mark, "policy": policy(mark)}
    # What a table calls so too is called so here.
    keys = {name: f"{'atlas' if t.has(f'atlas.{name}') else 'column'}.{name}" for name in WORDS}
    parts |= {f"word_{name}": escape(t(key)) for name, key in keys.items()}
    # In one pass: what a label says is never taken for a place to fill.
    return PLACE.sub(lambda found: parts[found[1]], _own("atlas.html"))


def framed(html: str, title: str) -> str:
    """Page as a frame within another one, as notebooks show it."""
    return (f'<iframe title="{escape(title)}" sandbox="allow-scripts" '
            f'style="width:100%;height:46rem;border:0" srcdoc="{escape(html)}"></iframe>')


class Drawing:
    """Transformation from metres on the ground to units of the drawing, north up."""

    def __init__(self, bounds):
        self.west, south, east, self.north = bounds
        self.scale = WIDTH / (east - self.west)
        self.height = (self.north - south) * self.scale

    def view(self) -> str:
        """View box of the drawing: all of it, and a margin on every side."""
        return f"{-MARGIN} {-MARGIN} {WIDTH + 2 * MARGIN} {self.height + 2 * MARGIN:.1f}"

    def path(self, geometry) -> str:
        """Path data of a polygon."""
        import shapely

        rings = [ring for part in shapely.get_parts(geometry)
                 for ring in (part.exterior, *part.interiors)]
        return "".join(self._line(shapely.get_coordinates(ring)[:-1]) + "Z" for ring in rings)

    def border(self, shapes: GeoDataFrame) -> str:
        """Path data of the border of the zones."""
        import shapely

        if shapes["zone"].nunique() < 2:
            return ""
        lines = shapely.get_parts(geography.zone_border(shapes))
        return "".join(self._line(shapely.get_coordinates(line)) for line in lines)

    def _line(self, points: np.ndarray) -> str:
        drawn = ((points - [self.west, self.north]) * [self.scale, -self.scale]).round(1)
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in drawn + 0.0)


def _shape(number: int, name: str, path: str) -> str:
    return (f'<path class="area" id="area-{number}" data-area="{number}" tabindex="0" role="img" '
            f'aria-label="{escape(name)}" d="{path}"/>')


def _content(layer: Layer, codes: pd.Series, t: Texts) -> dict:
    limits = rising(layer.limits)
    values = layer.values.reindex(codes)
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    dated = all(isinstance(year, (int, np.integer)) for year in values)
    digits = _digits(numbers, limits)
    return {"label": layer.label, "unit": layer.unit,
            "years": [str(year) for year in values] if dated else [],
            "digits": digits, "limits": limits.tolist(), "ranges": ranges(limits, t, digits),
            "colours": sequential(len(limits) - 1), "source": layer.source, "status": layer.status,
            "status_word": t.word(layer.status),
            "values": [[None if np.isnan(number) else float(number) for number in column]
                       for column in numbers.T]}


def _digits(numbers: np.ndarray, limits: np.ndarray) -> int:
    """Decimals that show a value with at least three digits, none for whole numbers.

    >>> _digits(np.array([3.0, 120.0]), np.array([3.0, 120.0]))
    0
    >>> _digits(np.array([0.8391]), np.array([0.7, 0.85]))
    3
    """
    known = numbers[np.isfinite(numbers)]
    if (known == known.round()).all():
        return 0
    largest = float(np.abs(known).max())
    return int(max(decimals(limits), 2 - np.floor(np.log10(largest))))


def _own(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
