"""Charts of gaps between zones, of inequality over the years and beside a country, of convergence.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.library_types import Axes, Figure
from helpers.publish.charts.axes import name_outer, numbers, ratio_axis, rows_look, year_ticks
from helpers.publish.charts.figure import entry, folded, new_figure, one_panel, year_name
from helpers.publish.charts.palette import COLOURS, INK, styles
from helpers.publish.texts import Texts

SCOPES = {"all": {"color": "#000000", "marker": "o"}, "pair": {"color": "#CC79A7", "marker": "s"}}
PANELS_ACROSS = 3
YEARS_NAMED = 4  # most years below a small panel
LOOKS = {"raw": {"color": "#777777", "marker": "o", "markerfacecolor": "#ffffff"},
         "adjusted": {"color": "#0072B2", "marker": "s", "markerfacecolor": "#0072B2"}}
APART = 0.16  # of a row, between the two marks of a gap
ALL, NEAR, OWN = "#c9c9c9", COLOURS[0], COLOURS[1]
CLASSES = 50  # bars of the silhouette of all regencies
TICKS = (0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)  # of Theil's T


def zone_gaps(table: pd.DataFrame, *, t: Texts, alpha: float) -> Figure:
    """Ratio of two zones' means with its interval, one row an indicator, on a log scale.

    `table` has label and theme, and what ``helpers.disparity.zone_gaps`` returns; indicators
    without a ratio are left out. An interval that reaches zero or infinity runs to the edge. Marks
    are filled where the adjusted p-value is at most `alpha`.
    """
    rows = table.dropna(subset="ratio").sort_values(["theme", "ratio"], ascending=[True, False],
                                                    kind="stable")
    figure, axes = one_panel(8.6, 1.6 + 0.42 * len(rows))
    axes.axvline(1, color="#777777", linewidth=1, linestyle=":")
    pair = rows[["zone_a", "zone_b"]].iloc[0].tolist() if len(rows) else []
    looks = styles(pair)
    ends = rows[["ratio", "ratio_low", "ratio_high"]]
    left, right = ratio_axis(axes, ends.where((ends > 0) & np.isfinite(ends)), t)
    for place, row in enumerate(rows.itertuples()):
        look = looks.get(row.ahead, {"color": "#777777", "marker": "D"})
        axes.hlines(place, max(row.ratio_low, left), min(row.ratio_high, right),
                    color=look["color"], linewidth=1.6)
        axes.plot(row.ratio, place, look["marker"], color=look["color"], markersize=8,
                  markeredgewidth=1.6,
                  markerfacecolor=look["color"] if row.p_adjusted <= alpha else "#ffffff")
    axes.set_yticks(range(len(rows)), [folded(label, 44) for label in rows["label"]], size=8.5)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel(t("chart.ratio_axis", a=t.word(pair[0]), b=t.word(pair[1])) if pair else "")
    rows_look(axes)
    axes.legend(handles=_gap_key(pair, looks, t), loc="lower left", bbox_to_anchor=(0, 1), ncols=2,
                frameon=False, fontsize=9)
    return figure


def inequality_intervals(table: pd.DataFrame, *, t: Texts) -> Figure:
    """Measures of inequality over the years with intervals, one panel a measure.

    `table` has scope (``all`` areas, or the ``pair`` of zones), year, measure, value, ci_low,
    ci_high; measures without any value have no panel.
    """
    from matplotlib.ticker import MaxNLocator

    table = table.dropna(subset="value")
    panels = dict(list(table.groupby("measure", sort=False)))
    years = sorted(table["year"].dropna().unique())
    # panels are small, and many ticks cost much time
    shown = years[:: -(-len(years) // YEARS_NAMED) or 1]
    down = -(-len(panels) // PANELS_ACROSS)
    figure = new_figure(10.4, 0.9 + 2.5 * down)
    grid = figure.subplots(down, PANELS_ACROSS, squeeze=False, sharex=True).ravel()
    scopes = list(table["scope"].unique())
    for place, (axes, (measure, part)) in enumerate(zip(grid, panels.items())):
        for scope, rows in part.groupby("scope", sort=False):
            aside = 0.12 * (scopes.index(scope) - (len(scopes) - 1) / 2) * 2
            _whiskers(axes, rows, aside, SCOPES[scope], t(f"chart.scope_{scope}"))
        axes.set_title(t(f"column.{measure}"), loc="left", size=10)
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(numbers(t, part[["value", "ci_high"]].max()))
        axes.set_xticks(shown or [0], [year_name(year, t) for year in shown or [None]])
        axes.tick_params(labelsize=8)
        if place + PANELS_ACROSS >= len(panels):  # no panel below it has the years
            axes.tick_params(labelbottom=True)
        axes.grid(axis="y", color="#e3e3e3", linewidth=0.7)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in grid[len(panels):]:
        axes.set_axis_off()
    handles, names = grid[0].get_legend_handles_labels()
    figure.legend(handles, [folded(name, 14) for name in names], loc="outside right center",
                  frameon=False, fontsize=9)
    return figure


def background(table: pd.DataFrame, *, t: Texts, unit: str) -> Figure:
    """What is said about change by the background that is taken off, one panel a measure.

    `table` is as from ``helpers.disparity.background_table``, with name: what a line is called.
    Marks are filled where a direction is clear.
    """
    kinds = {"beta": 0.0, "ratio": 1.0, "gini": 0.0}
    figure = new_figure(11.5, 4.4)
    panels = figure.subplots(1, len(kinds))
    for axes, (kind, null) in zip(panels, kinds.items(), strict=True):
        rows = table[table["measure"] == kind]
        for (name, line), look in zip(rows.groupby("name", sort=False),
                                      styles(rows["name"].unique()).values(), strict=True):
            axes.fill_between(line["background"], line["low"].astype(float),
                              line["high"].astype(float), color=look["color"], alpha=0.12)
            axes.plot(line["background"], line["value"], color=look["color"],
                      linestyle=look["linestyle"], linewidth=1.6, label=folded(name, 30))
            for clear, fill in ((True, look["color"]), (False, "#ffffff")):
                part = line[(line["side"] != "unclear") == clear]
                axes.plot(part["background"], part["value"], look["marker"], color=look["color"],
                          markerfacecolor=fill, markersize=6)
        axes.axhline(null, color="#777777", linewidth=1, linestyle=":")
        axes.set_title(t(f"background.{kind}"), loc="left", size=10)
        axes.set_xlabel(t("chart.background_axis", unit=unit), size=9)
        axes.xaxis.set_major_formatter(lambda value, _: t.number(value, 2))
        axes.yaxis.set_major_formatter(numbers(t, rows["value"]))
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=8)
    return figure


def reference_beside(table: pd.DataFrame, *, t: Texts) -> Figure:
    """Headline numbers of several indicators side by side, one panel a number.

    `table` has label and what ``helpers.disparity.beside_table`` returns. The first indicator is
    dark; a number that no indicator has gets no panel.
    """
    kinds = {"ratio": 1.0, "gini": 0.0, "between_share": 0.0, "ratio_20_20": 1.0, "moran_i": 0.0}
    there = [name for name in kinds if table[name].notna().any()]
    figure = new_figure(11.5, 1.5 + 0.42 * len(table))
    panels = figure.subplots(1, len(there), sharey=True, squeeze=False).ravel()
    places = np.arange(len(table))
    colours = [INK, *["#56B4E9"] * (len(table) - 1)]
    for axes, name in zip(panels, there, strict=True):
        shown = table[name].astype(float)
        axes.barh(places, shown.fillna(kinds[name]) - kinds[name], left=kinds[name], height=0.6,
                  color=colours)
        axes.axvline(kinds[name], color="#777777", linewidth=1)
        span = max(shown.max(), kinds[name]) - min(shown.min(), kinds[name]) or 1.0
        axes.set_xlim(min(shown.min(), kinds[name]) - 0.2 * span,
                      max(shown.max(), kinds[name]) + 0.45 * span)
        for place, value in zip(places, shown, strict=True):
            if np.isfinite(value):
                said = t.percent(value) if name.endswith("share") else t.number(value, 2)
                axes.text(max(value, kinds[name]) + 0.03 * span, place, said, va="center", size=8.5,
                          color=INK)
        axes.set_title(t(f"column.{name}"), loc="left", size=9.5)
        axes.set_xticks([kinds[name]], [t.number(kinds[name], 0)])
        rows_look(axes)
    panels[0].set_yticks(places, [folded(label, 34) for label in table["label"]], size=8.5)
    panels[0].set_ylim(len(table) - 0.5, -0.5)
    return figure


def convergence(points: pd.DataFrame, spread: pd.DataFrame, *, t: Texts, zones: list[str],
                slope: float) -> Figure:
    """Growth against the first level (beta), and the spread of the logarithms by year (sigma).

    `points` has name, zone, initial (logarithm of the first value) and growth (per year) of each
    area, `spread` scope (``all`` or ``pair``), year and sigma; `slope` is b of the line through the
    means of the points.
    """
    figure = new_figure(11, 4.8)
    left, right = figure.subplots(1, 2, width_ratios=[1.25, 1])
    for zone, look in styles(zones).items():
        part = points[points["zone"] == zone]
        left.scatter(part["initial"], part["growth"], color=look["color"], marker=look["marker"],
                     s=40, zorder=3, label=t.word(zone))
    ends = np.array([points["initial"].min(), points["initial"].max()])
    left.plot(ends, points["growth"].mean() + slope * (ends - points["initial"].mean()), color=INK,
              linewidth=1.4, label=t("chart.beta_slope", value=slope))
    name_outer(left, points, "initial", "growth")
    left.set(xlabel=t("chart.initial_axis"), ylabel=t("chart.growth_axis"))
    left.xaxis.set_major_formatter(numbers(t, points["initial"]))
    left.yaxis.set_major_formatter(lambda value, _: t.percent(value, 1))
    left.legend(frameon=False, fontsize=8.5)
    for scope, line in spread.groupby("scope", sort=False):
        right.plot(line["year"], line["sigma"], linewidth=1.8, label=t(f"chart.scope_{scope}"),
                   **SCOPES[scope])
    year_ticks(right, spread["year"])
    right.set_ylim(bottom=0)
    right.yaxis.set_major_formatter(numbers(t, spread["sigma"]))
    right.set_ylabel(t("chart.sigma_axis"))
    right.legend(frameon=False, fontsize=8.5, loc="lower left")
    for axes in (left, right):
        axes.grid(axis="y", color="#e3e3e3", linewidth=0.7)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def gap_explained(ratios: pd.DataFrame, *, t: Texts) -> Figure:
    """Ratio of two zones, raw and adjusted, with intervals, one row an indicator; log scale.

    `ratios` has label and what ``helpers.disparity.gap_ratios`` returns. The share of a gap that is
    not clear is left out.
    """
    figure, axes = one_panel(8.6, 1.6 + 0.75 * len(ratios))
    axes.axvline(1, color="#777777", linewidth=1, linestyle=":")
    places = np.arange(len(ratios))
    for (kind, look), aside in zip(LOOKS.items(), (-APART, APART), strict=True):
        axes.hlines(places + aside, ratios[f"{kind}_low"], ratios[f"{kind}_high"],
                    color=look["color"], linewidth=1.8)
        axes.plot(ratios[kind], places + aside, linestyle="", markersize=8, markeredgewidth=1.6,
                  label=t(f"chart.gap_{kind}"), **look)
    clear = ratios["verdict"] != "no_gap"
    for place, share in zip(places[clear], ratios.loc[clear, "share"], strict=True):
        axes.annotate(t("chart.gap_share", share=share), (1, place), color=INK, size=8.5,
                      xycoords=("axes fraction", "data"), xytext=(6, 0), va="center",
                      textcoords="offset points")
    axes.set_yticks(places, [folded(label, 40) for label in ratios["label"]], size=8.5)
    axes.set_ylim(len(ratios) - 0.5, -0.5)
    ratio_axis(axes, ratios[["raw_low", "raw_high", "adjusted_low", "adjusted_high"]], t)
    first, second = ratios[["zone_a", "zone_b"]].iloc[0]
    axes.set_xlabel(t("chart.geometric_ratio_axis", a=t.word(first), b=t.word(second)))
    rows_look(axes)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=9)
    return figure


def national_context(table: pd.DataFrame, *, t: Texts, own: Mapping[str, str]) -> Figure:
    """Inequality inside all regencies of a country, one row an index; those of a region marked.

    `table` has regency, indicator, theil, rank and of, as from ``helpers.disparity.context_table``;
    `own` the name of each own regency by its code. The others of its province are marked too.
    """
    rows = dict(list(table.groupby("indicator", sort=False)))
    figure, axes = one_panel(8.6, 1.7 + 0.95 * len(rows))
    provinces = tuple({code[:2] for code in own})
    edges = np.linspace(0, np.sqrt(table["theil"].max()), CLASSES) ** 2
    for place, part in enumerate(rows.values()):
        counts = np.histogram(part["theil"], edges)[0]
        axes.fill_between(edges, place, place - 0.75 * np.r_[counts, 0] / counts.max(), step="post",
                          color=ALL, linewidth=0)
        near = part[part["regency"].str.startswith(provinces)] if own else part.head(0)
        axes.vlines(near["theil"], place, place + 0.13, color=NEAR, linewidth=1.2)
        mine = part[part["regency"].isin(list(own))]
        axes.plot(mine["theil"], [place] * len(mine), "D", color=OWN, markersize=8,
                  markeredgecolor="#ffffff", zorder=3)
        for row in mine.itertuples():
            axes.annotate(t("chart.rank_of", rank=row.rank, of=row.of), (row.theil, place),
                          xytext=(7, 6), textcoords="offset points", size=8.5, color=INK)
    axes.set_xscale("function", functions=(np.sqrt, np.square))
    axes.set_xlim(0, edges[-1])
    ticks = [tick for tick in TICKS if tick <= edges[-1]]
    axes.set_xticks(ticks, [t.number(tick, 3) for tick in ticks])
    axes.set_yticks(range(len(rows)), [t.word(name) for name in rows], size=9)
    axes.set_ylim(len(rows) - 0.75, -0.95)
    axes.set_xlabel(t("chart.theil_root_axis"))
    rows_look(axes)
    marks = [entry(color=ALL, linewidth=7, label=t("chart.all_regencies"))]
    if own:
        marks += [entry(color=NEAR, marker="|", linestyle="", markersize=9, markeredgewidth=1.4,
                        label=t("chart.same_province")),
                  entry(color=OWN, marker="D", linestyle="", markersize=8,
                        label=", ".join(own.values()))]
    axes.legend(handles=marks, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False,
                fontsize=9)
    return figure


def _whiskers(axes: Axes, rows: pd.DataFrame, aside: float, look: dict, name: str) -> None:
    places = rows["year"].astype(float).fillna(0) + aside
    axes.vlines(places, rows["ci_low"], rows["ci_high"], color=look["color"], linewidth=1.4,
                alpha=0.7)
    axes.plot(places, rows["value"], color=look["color"], marker=look["marker"], markersize=4.5,
              linewidth=1.2, label=name)


def _gap_key(pair: list[str], looks: dict, t: Texts) -> list:
    shared = {"linestyle": "", "markersize": 8}
    zones = [entry(color=looks[zone]["color"], marker=looks[zone]["marker"],
                   label=t("chart.better_off", zone=t.word(zone)), **shared) for zone in pair]
    return zones + [entry(color=INK, marker="o", markerfacecolor=fill, label=t(key), **shared)
                    for key, fill in (("chart.clear_gap", INK), ("chart.unclear_gap", "#ffffff"))]
