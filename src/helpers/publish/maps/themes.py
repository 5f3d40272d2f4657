"""Thematic maps: classes of a number, of a change, of two numbers, and categories."""

import textwrap
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.errors import Error
from helpers.library_types import Figure, GeoDataFrame
from helpers.publish.maps import class_legend
from helpers.publish.maps.colours import NEED_ACCESS, NO_DATA, diverging, sequential
from helpers.publish.maps.sheet import compose
from helpers.publish.texts import Texts

KEY = "<key>"  # label of the legend of two numbers: no panel of the map itself
SIDE = 1.05  # inches
MARGIN = 0.15
ABOVE = 0.75  # inches for the title of the figure


def choropleth(areas: GeoDataFrame, column: str, *, t: Texts, bins: Sequence[float], unit: str = "",
               borders: str | None = None, labels: bool = True, whole: bool = False) -> Figure:
    """Choropleth of one column of numbers in classes.

    Parameters
    ----------
    areas : GeoDataFrame
        name, zone, polygons in a metric system, and the column. A missing value is drawn as "no
        data".
    bins : sequence of float
        Class limits, lowest and highest included, as from `helpers.geography.class_limits`. A class
        holds its upper limit; values beyond the limits fall into the outer classes.
    unit : str
        Heads the legend.
    borders : {"boundaries", "tessellation", None}
        As ``study.borders``; a tessellation is marked as approximate.
    labels : bool
        Write the areas' names (left out when there are too many).
    whole : bool
        The numbers are counts: the legend names each in one class only.
    """
    return series(areas, {"": column}, t=t, bins=bins, unit=unit, borders=borders, labels=labels,
                  whole=whole)


def series(areas: GeoDataFrame, columns: Mapping[str, str] | Sequence[str], *, t: Texts,
           bins: Sequence[float], unit: str = "", borders: str | None = None,
           labels: bool = False, whole: bool = False) -> Figure:
    """Choropleths of several columns side by side on the same classes, as in `choropleth`.

    `columns` maps the title of each panel to its column, or names columns that are the titles.
    """
    columns = columns if isinstance(columns, Mapping) else dict(zip(columns, columns))
    limits = class_legend.rising(bins)
    styles = [(colour, "") for colour in sequential(len(limits) - 1)]
    return _classed(areas, columns, limits, styles, t, unit, borders, labels, whole)


def change(areas: GeoDataFrame, column: str, *, t: Texts, bins: Sequence[float], unit: str = "",
           borders: str | None = None, labels: bool = True) -> Figure:
    """Map of a change in seven classes, losses and gains in colours that part at zero.

    `bins` are eight class limits around zero, as from `helpers.publish.maps.around_zero`; all
    classes stand in the legend. The other arguments are those of `choropleth`.
    """
    return _classed(areas, {"": column}, class_legend.rising(bins), diverging(), t, unit, borders,
                    labels)


def _classed(areas: GeoDataFrame, columns: Mapping[str, str], limits: np.ndarray,
             styles: list[tuple[str, str]], t: Texts, unit: str, borders: str | None,
             labels: bool, whole: bool = False) -> Figure:
    panels = {title: [class_legend.fill(value, limits, styles)
                      for value in class_legend.numbers(areas[column])]
              for title, column in columns.items()}
    missing = areas[list(columns.values())].isna().any(axis=None)
    entries = class_legend.entries(limits, styles, missing, t, whole)
    return compose(areas, panels, entries, unit, t, borders, labels)


def categories(areas: GeoDataFrame, column: str | Mapping[str, str], *, t: Texts,
               styles: Mapping[str, tuple[str, str]], heading: str = "",
               borders: str | None = None, labels: bool = True) -> Figure:
    """Map of a column of key words, each with its colour and hatch; otherwise as `choropleth`.

    `styles` has all categories in the order of the legend, also those that no area has; the words
    of the legend are ``t.word`` of the key words. Of several columns, as in `series`, each has a
    panel.
    """
    columns = {"": column} if isinstance(column, str) else column
    panels = {title: [styles[value] if isinstance(value, str) else NO_DATA for value in areas[one]]
              for title, one in columns.items()}
    entries = [(style, t.word(name)) for name, style in styles.items()]
    if areas[list(columns.values())].isna().any(axis=None):
        entries.append((NO_DATA, t("map.no_data")))
    return compose(areas, panels, entries, heading, t, borders, labels)


def bivariate(areas: GeoDataFrame, rows: str, columns: str, *, t: Texts, row_bins: Sequence[float],
              column_bins: Sequence[float], headings: tuple[str, str], borders: str | None = None,
              labels: bool = True) -> Figure:
    """Map of two columns of numbers, each in three classes: nine colours in a square legend.

    The column `rows` darkens, `columns` turns from orange to blue; each has four class limits and a
    heading in the legend. An area that lacks one of the two is drawn as "no data".
    """
    places = [_thirds(areas[rows], row_bins), _thirds(areas[columns], column_bins)]
    fills = [NO_DATA if row is None or column is None else NEED_ACCESS[row][column]
             for row, column in zip(*places, strict=True)]
    entries = [(NO_DATA, t("map.no_data"))] if NO_DATA in fills else []
    heading = t("map.two", rows=headings[0], columns=headings[1])
    return compose(areas, {"": fills}, entries, heading, t, borders, labels,
                   key=_square_legend(headings, (row_bins, column_bins), t))


def _thirds(values: pd.Series, bins: Sequence[float]) -> list[int | None]:
    limits = class_legend.rising(bins)
    if len(limits) != 4:
        raise Error("a map of two numbers has three classes each, so four class limits; there are "
                    "{number}", number=len(limits))
    return [None if np.isnan(value) else class_legend.class_of(value, limits)
            for value in class_legend.numbers(values)]


def _square_legend(headings: tuple[str, str], bins: tuple[Sequence[float], Sequence[float]],
           t: Texts) -> Callable[[Figure], None]:
    """Function that draws the legend of nine colours into the upper right corner of a figure, of
    the headings and class limits of the rows and of the columns."""
    def draw(figure: Figure) -> None:
        from matplotlib.patches import Rectangle

        width, height = figure.get_size_inches()
        corner = (1 - (SIDE + MARGIN) / width, 1 - (ABOVE + SIDE) / height)
        axes = figure.add_axes((*corner, SIDE / width, SIDE / height), label=KEY)
        axes.set_in_layout(False)
        for row, styles in enumerate(NEED_ACCESS):
            for column, (colour, hatch) in enumerate(styles):
                axes.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, hatch=hatch or None,
                                         edgecolor="#9a9a9a", linewidth=0.5))
        axes.set(xlim=(0, 3), ylim=(0, 3), xticks=range(4), yticks=range(4))
        for axis, limits, heading in zip((axes.yaxis, axes.xaxis), bins, headings, strict=True):
            digits = class_legend.decimals(limits)
            axis.set_ticklabels([t.number(limit, digits) for limit in limits])
            axis.set_label_text(textwrap.fill(t("map.rising", what=heading), 22))
            axis.label.set_size(8)
        axes.tick_params(labelsize=8, length=2)
        for spine in axes.spines.values():
            spine.set_visible(False)

    return draw
