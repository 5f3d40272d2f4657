"""Kinds of maps: choropleths, series of choropleths on the same classes, and maps of named categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.publish.maps import classes
from helpers.publish.maps.colours import NO_DATA, sequential
from helpers.publish.maps.sheet import compose

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure

    from helpers.publish.texts import Texts


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
    limits = classes.rising(bins)
    fills = [(colour, "") for colour in sequential(len(limits) - 1)]
    panels = {title: [classes.fill(value, limits, fills) for value in areas[column].to_numpy(dtype=float, na_value=np.nan)]
              for title, column in columns.items()}
    entries = list(zip(fills, classes.ranges(limits, t), strict=True))[::-1]
    if areas[list(columns.values())].isna().any(axis=None):
        entries.append((NO_DATA, t("map.no_data")))
    return compose(areas, panels, entries, unit, t, borders, labels)


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
    return compose(areas, {"": fills}, entries, heading, t, borders, labels)
