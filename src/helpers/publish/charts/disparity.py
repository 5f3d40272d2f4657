"""Charts of spatial disparity."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.publish.charts.palette import INK, styles
from helpers.publish.maps import CLUSTERS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from helpers.publish.texts import Texts

WITHIN, BETWEEN = ("#b9cfe4", ""), ("#0072B2", "//")
MOST_NAMED = 12  # points that carry a name in a scatter plot
LETTER = 0.0165  # width of a letter of such a name, as a share of the axes
MOST_ROWS = 60  # areas that a ranked chart shows one by one


def zones_over_years(table: pd.DataFrame, *, t: Texts, zones: list[str], unit: str) -> Figure:
    """Draw the average of each zone over the years, and that of all areas.

    Parameters
    ----------
    table : DataFrame
        year, zone and average, one row a zone and year; the zone ``all`` is the whole region.
    t : Texts
    zones : list of str
        Order of the zones.
    unit : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 4.6), layout="constrained")
    axes = figure.subplots()
    looks = {**styles(zones), "all": {"color": "#777777", "marker": "", "linestyle": ":"}}
    for zone, look in looks.items():
        line = table[table["zone"] == zone].sort_values("year")
        axes.plot(line["year"], line["average"], label=t.word(zone), linewidth=1.8, markersize=5, **look)
    years = table["year"].astype(int)
    axes.set_ylim(bottom=min(0, table["average"].min()))
    _year_ticks(axes, years)
    axes.set_ylabel(_folded(unit, 40))
    axes.yaxis.set_major_formatter(_numbers(t, table["average"]))
    axes.grid(axis="y", color="#dddddd", linewidth=0.7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def lorenz(points: pd.DataFrame, *, t: Texts, people: bool) -> Figure:
    """Draw Lorenz curves, one a year, against the line of equality.

    Parameters
    ----------
    points : DataFrame
        year, population_share and value_share.
    t : Texts
    people : bool
        Whether the horizontal axis counts people (else areas).

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.2, 5.6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#777777", linewidth=1, linestyle=":", label=t("chart.equality"))
    for (year, curve), look in zip(points.groupby("year", dropna=False), styles(points["year"].unique()).values(),
                                   strict=True):
        axes.plot(curve["population_share"], curve["value_share"], label=_year(year), linewidth=1.8, markersize=3.5,
                  **look)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_xlabel(t("chart.share_of_people" if people else "chart.share_of_areas"))
    axes.set_ylabel(t("chart.share_of_value"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda share, _: t.percent(share))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left")
    return figure


def theil_by_year(table: pd.DataFrame, *, t: Texts) -> Figure:
    """Draw Theil's T by year as between and within zones, one on the other.

    Parameters
    ----------
    table : DataFrame
        year, theil, theil_between, theil_within, between_share.
    t : Texts

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.4), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(table))
    base = np.zeros(len(table))
    for part, (colour, hatch) in (("theil_between", BETWEEN), ("theil_within", WITHIN)):
        axes.bar(places, table[part], bottom=base, width=0.62, color=colour, hatch=hatch, edgecolor="#ffffff",
                 linewidth=0.6, label=t(f"chart.{part}"))
        base = base + table[part].to_numpy()
    for place, total, share in zip(places, table["theil"], table["between_share"], strict=True):
        axes.text(place, total, t.percent(float(share)), ha="center", va="bottom", size=8.5, color=INK)
    axes.set_xticks(places, [_year(year) for year in table["year"]])
    axes.set_ylim(0, max(table["theil"].max(), 1e-9) * 1.15)
    axes.set_ylabel(t("chart.theil_axis"))
    axes.yaxis.set_major_formatter(_numbers(t, table["theil"]))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def moran_scatter(local: pd.DataFrame, *, t: Texts, moran_i: float, label: str, unit: str) -> Figure:
    """Draw each area's value against its neighbours' mean; the slope of the line is Moran's I.

    Parameters
    ----------
    local : DataFrame
        name, value, lag and cluster of each area, as from ``helpers.disparity.local_moran``.
    t : Texts
    moran_i : float
    label, unit : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    local = local.dropna(subset="lag")
    figure = Figure(figsize=(8.4, 5.4), layout="constrained")
    axes = figure.subplots()
    middle, middle_lag = local["value"].mean(), local["lag"].mean()
    axes.axvline(middle, color="#aaaaaa", linewidth=0.8)
    axes.axhline(middle_lag, color="#aaaaaa", linewidth=0.8)
    ends = np.array([local["value"].min(), local["value"].max()])
    axes.plot(ends, middle_lag + moran_i * (ends - middle), color=INK, linewidth=1.4,
              label=t("chart.moran_slope", value=moran_i))
    markers = dict(zip(CLUSTERS, "osD^.", strict=True))
    for cluster, (colour, _) in CLUSTERS.items():
        part = local[local["cluster"] == cluster]
        axes.scatter(part["value"], part["lag"], color=colour, marker=markers[cluster], edgecolor="#555555",
                     linewidth=0.6, s=60 if cluster == "not_significant" else 46, label=t.word(cluster), zorder=3)
    _name_outer(axes, local)
    axes.set_xlabel(_folded(f"{label} ({unit})", 80))
    axes.set_ylabel(t("chart.lag_axis", unit=unit))
    axes.xaxis.set_major_formatter(_numbers(t, local["value"]))
    axes.yaxis.set_major_formatter(_numbers(t, local["lag"]))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), fontsize=9)
    return figure


def development_index(table: pd.DataFrame, *, t: Texts, zones: list[str]) -> Figure:
    """Draw the areas in the order of their index, coloured by zone.

    Parameters
    ----------
    table : DataFrame
        name, zone, index and rank; areas without an index are left out. With very many areas only both ends are shown.
    t : Texts
    zones : list of str
        Order of the zones.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    ranked = table.dropna(subset="index").sort_values(["rank", "name"])
    if len(ranked) > MOST_ROWS:
        ranked = pd.concat([ranked.head(MOST_ROWS // 2), ranked.tail(MOST_ROWS // 2)])
    ranked = ranked.assign(place=range(len(ranked)))
    figure = Figure(figsize=(8, 1.3 + 0.22 * len(ranked)), layout="constrained")
    axes = figure.subplots()
    start = min(0, ranked["index"].min())
    axes.hlines(ranked["place"], start, ranked["index"], color="#cccccc", linewidth=1)
    for zone, look in styles(zones).items():
        part = ranked[ranked["zone"] == zone]
        axes.scatter(part["index"], part["place"], color=look["color"], marker=look["marker"], s=42, label=t.word(zone),
                     zorder=3)
    axes.set_yticks(ranked["place"], ranked["name"] + "  " + ranked["rank"].astype("str"), size=8.5)
    axes.set_ylim(len(ranked) - 0.4, -0.6)
    axes.set_xlabel(t("chart.index_axis"))
    axes.xaxis.set_major_formatter(_numbers(t, ranked["index"]))
    axes.grid(axis="x", color="#e3e3e3", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    return figure


def _name_outer(axes, local: pd.DataFrame) -> None:
    """Name members of clusters, then points from the outermost inwards; leave out a name that would lie on another."""
    low, high = local[["value", "lag"]].min(), local[["value", "lag"]].max()
    places = ((local[["value", "lag"]] - low) / (high - low).replace(0, 1)).to_numpy()
    distance = np.hypot(*(places - places.mean(axis=0)).T)
    order = np.lexsort([-distance, local["cluster"] == "not_significant"])
    taken: list[tuple[float, float, float]] = []
    for position in order:
        row, (across, up) = local.iloc[position], places[position]
        left, length = across > 0.75, LETTER * len(row["name"])
        start = across - length if left else across
        if len(taken) == MOST_NAMED or any(start < end and begin < start + length and abs(up - height) < 0.045
                                           for begin, end, height in taken):
            continue
        taken.append((start, start + length, up))
        axes.annotate(row["name"], (row["value"], row["lag"]), xytext=(-6 if left else 6, 3), size=7.5, color=INK,
                      textcoords="offset points", ha="right" if left else "left")


def _year_ticks(axes, years: pd.Series) -> None:
    distinct = sorted(years.unique())
    axes.set_xticks(distinct if len(distinct) <= 12 else distinct[:: len(distinct) // 8])
    axes.xaxis.set_major_formatter(lambda year, _: str(int(year)))
    axes.set_xlim(min(distinct) - 0.3, max(distinct) + 0.3)


def _year(year) -> str:
    return "–" if pd.isna(year) else str(int(year))


def _numbers(t: Texts, values: pd.Series):
    """Return a formatter with as many decimals as the size of the values asks for."""
    largest = float(values.abs().max())
    digits = 0 if largest >= 50 else 1 if largest >= 5 else 2 if largest >= 0.2 else 3
    return lambda value, _: t.number(value, digits)


def _folded(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width))
