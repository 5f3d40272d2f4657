"""Charts of spatial disparity."""

import numpy as np
import pandas as pd

from helpers.library_types import Axes, Figure
from helpers.publish.charts.axes import name_outer, numbers, rows_look, year_ticks
from helpers.publish.charts.figure import entry, folded, one_panel, year_name
from helpers.publish.charts.palette import INK, styles
from helpers.publish.maps import CLUSTERS
from helpers.publish.texts import Texts

WITHIN, BETWEEN = ("#b9cfe4", ""), ("#0072B2", "//")
BARS_NAMED = 14
MOST_ROWS = 60  # areas that a ranked chart shows one by one


def zones_over_years(table: pd.DataFrame, *, t: Texts, zones: list[str], unit: str) -> Figure:
    """Average of each zone over the years, and that of all areas.

    `table` has year, zone and average, one row a zone and year; the zone ``all`` is the whole
    region.
    """
    figure, axes = one_panel(8.5, 4.6)
    looks = {**styles(zones), "all": {"color": "#777777", "marker": "", "linestyle": ":"}}
    for zone, look in looks.items():
        line = table[table["zone"] == zone].sort_values("year")
        axes.plot(line["year"], line["average"], label=t.word(zone), linewidth=1.8, markersize=5,
                  **look)
    axes.set_ylim(bottom=min(0, table["average"].min()))
    year_ticks(axes, table["year"].astype(int))
    axes.set_ylabel(folded(unit, 40))
    axes.yaxis.set_major_formatter(numbers(t, table["average"]))
    axes.grid(axis="y", color="#dddddd", linewidth=0.7)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def lorenz(points: pd.DataFrame, *, t: Texts, people: bool) -> Figure:
    """Lorenz curves, one a year, against the line of equality.

    `points` has year, population_share and value_share, of `people` or else of areas.
    """
    figure, axes = one_panel(6.2, 5.6)
    axes.plot([0, 1], [0, 1], color="#777777", linewidth=1, linestyle=":",
              label=t("chart.equality"))
    for (year, curve), look in zip(points.groupby("year", dropna=False),
                                   styles(points["year"].unique()).values(), strict=True):
        axes.plot(curve["population_share"], curve["value_share"], label=year_name(year, t),
                  linewidth=1.8, markersize=3.5, **look)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", ylabel=t("chart.share_of_value"),
             xlabel=t("chart.share_of_people" if people else "chart.share_of_areas"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda share, _: t.percent(share))
    axes.legend(frameon=False, loc="upper left")
    return figure


def theil_by_year(table: pd.DataFrame, *, t: Texts) -> Figure:
    """Theil's T by year, stacked from its parts between and within zones.

    `table` has year, theil, theil_between, theil_within, between_share.
    """
    figure, axes = one_panel(8, 4.4)
    places = np.arange(len(table))
    base = np.zeros(len(table))
    for part, (colour, hatch) in (("theil_between", BETWEEN), ("theil_within", WITHIN)):
        axes.bar(places, table[part], bottom=base, width=0.62, color=colour, hatch=hatch,
                 edgecolor="#ffffff", linewidth=0.6, label=t(f"chart.{part}"))
        base = base + table[part].to_numpy()
    # Of a long series some years are named, the last one among them.
    named = places[::-1][::-(-len(table) // BARS_NAMED) or 1][::-1]
    years, totals, shares = (table[column].iloc[named] for column in ("year", "theil",
                                                                      "between_share"))
    for place, total, share in zip(named, totals, shares, strict=True):
        axes.text(place, total, t.percent(float(share)), ha="center", va="bottom", size=8.5,
                  color=INK)
    axes.set_xticks(named, [year_name(year, t) for year in years])
    axes.set(ylim=(0, max(table["theil"].max(), 1e-9) * 1.15), ylabel=t("chart.theil_axis"))
    axes.yaxis.set_major_formatter(numbers(t, table["theil"]))
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def moran_scatter(local: pd.DataFrame, *, t: Texts, moran_i: float, label: str,
                  unit: str) -> Figure:
    """Moran scatter plot: value against the neighbours' mean; the line's slope is Moran's I.

    `local` has name, value, lag and cluster of each area, as from
    ``helpers.disparity.local_moran``.
    """
    local = local.dropna(subset="lag")
    figure, axes = one_panel(8.4, 5.4)
    middle, middle_lag = local["value"].mean(), local["lag"].mean()
    axes.axvline(middle, color="#aaaaaa", linewidth=0.8)
    axes.axhline(middle_lag, color="#aaaaaa", linewidth=0.8)
    ends = np.array([local["value"].min(), local["value"].max()])
    axes.plot(ends, middle_lag + moran_i * (ends - middle), color=INK, linewidth=1.4,
              label=t("chart.moran_slope", value=moran_i))
    markers = dict(zip(CLUSTERS, "osD^.", strict=True))
    for cluster, (colour, _) in CLUSTERS.items():
        part = local[local["cluster"] == cluster]
        axes.scatter(part["value"], part["lag"], color=colour, marker=markers[cluster],
                     edgecolor="#555555", linewidth=0.6,
                     s=60 if cluster == "not_significant" else 46, label=t.word(cluster), zorder=3)
    name_outer(axes, local, "value", "lag", first=local["cluster"] != "not_significant")
    axes.set(xlabel=folded(f"{label} ({unit})", 80), ylabel=t("chart.lag_axis", unit=unit))
    axes.xaxis.set_major_formatter(numbers(t, local["value"]))
    axes.yaxis.set_major_formatter(numbers(t, local["lag"]))
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), fontsize=9)
    return figure


def development_index(table: pd.DataFrame, *, t: Texts, zones: list[str]) -> Figure:
    """Areas in the order of their index, coloured by zone.

    `table` has name, zone, index and rank; areas without an index are left out. With very many
    areas only both ends are shown.
    """
    figure, axes, ranked = _ranked(table.dropna(subset="index"), 1.3)
    start = min(0, ranked["index"].min())
    axes.hlines(ranked["place"], start, ranked["index"], color="#cccccc", linewidth=1)
    for zone, look in styles(zones).items():
        part = ranked[ranked["zone"] == zone]
        axes.scatter(part["index"], part["place"], color=look["color"], marker=look["marker"], s=42,
                     label=t.word(zone), zorder=3)
    axes.set_yticks(ranked["place"], ranked["name"] + "  " + ranked["rank"].astype("str"), size=8.5)
    axes.set_xlabel(t("chart.index_axis"))
    axes.xaxis.set_major_formatter(numbers(t, ranked["index"]))
    rows_look(axes)
    axes.legend(frameon=False, loc="lower right")
    return figure


def rank_stability(table: pd.DataFrame, *, t: Texts, zones: list[str]) -> Figure:
    """Rank of each area in the composite index, with the range of its ranks in all variants.

    `table` has name, zone, rank, best, median and worst, as from ``helpers.disparity.rank_ranges``;
    areas without a rank are left out. With very many areas only both ends are shown.
    """
    figure, axes, ranked = _ranked(table.dropna(subset="rank"), 1.5)
    for zone, look in styles(zones).items():
        part = ranked[ranked["zone"] == zone]
        axes.hlines(part["place"], part["best"], part["worst"], color=look["color"], linewidth=2,
                    alpha=0.45)
        axes.scatter(part["median"], part["place"], color=look["color"], marker="|", s=70, zorder=3)
        axes.scatter(part["rank"], part["place"], color=look["color"], marker=look["marker"], s=42,
                     zorder=4, label=t.word(zone))
    axes.set_yticks(ranked["place"], ranked["name"], size=8.5)
    axes.set(xlim=(0.3, float(ranked["worst"].max()) + 0.7), xlabel=t("chart.rank_axis"))
    axes.xaxis.get_major_locator().set_params(integer=True)
    rows_look(axes)
    marks = [entry(color=INK, linewidth=2, alpha=0.45, label=t("chart.rank_range")),
             entry(color=INK, marker="|", linestyle="", markersize=9, label=t("chart.rank_median"))]
    axes.legend(handles=[*axes.get_legend_handles_labels()[0], *marks], frameon=False,
                loc="lower left", fontsize=9)
    return figure


def _ranked(table: pd.DataFrame, above: float) -> tuple[Figure, Axes, pd.DataFrame]:
    """Figure with one row an area in the order of rank; of very many areas those at both ends."""
    ranked = table.sort_values(["rank", "name"])
    if len(ranked) > MOST_ROWS:
        ranked = pd.concat([ranked.head(MOST_ROWS // 2), ranked.tail(MOST_ROWS // 2)])
    figure, axes = one_panel(8, above + 0.22 * len(ranked))
    axes.set_ylim(len(ranked) - 0.4, -0.6)
    return figure, axes, ranked.assign(place=range(len(ranked)))
