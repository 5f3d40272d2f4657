"""Charts of the synthesis."""

from itertools import pairwise

import numpy as np
import pandas as pd

from helpers.claims.courses import GROWTH, POOR
from helpers.library_types import Axes, Figure
from helpers.publish.charts.figure import entry, folded, new_figure, one_panel
from helpers.publish.texts import MADE_UP, NOTHING, Texts
from helpers.publish.verdicts import simulated_limits

UP, DOWN = "#D55E00", "#0072B2"
VERDICT_COLOURS = {"supported": "#0072B2", "mixed": "#E69F00", "not_supported": "#D55E00",
                   "not_testable": "#8a8a8a"}
VERDICT_MARKS = {"supported": "●", "mixed": "◐", "not_supported": "○", "not_testable": "–"}
MADE_UP_COLOUR = "#6b6b6b"
SOURCE_MARKERS = "osD^vPX*<>hp8d"


def growth_and_poverty(points: pd.DataFrame, *, split: int, t: Texts) -> Figure:
    """Growth above, number of poor people and poverty rate below, one column an area.

    Filled marks take part in the tests; hollow ones do not; their forms say the source. `points`
    has ``area, indicator, year, value, source, used`` of growth (percent), number (persons)
    and rate (percent) of poor people; a line stands where today's period begins, before the year
    `split`.
    """
    areas = list(points["area"].drop_duplicates())
    sources = sorted(points.loc[points["indicator"].isin(POOR), "source"].unique())
    markers = {source: SOURCE_MARKERS[place % len(SOURCE_MARKERS)]
               for place, source in enumerate(sources)}
    figure = new_figure(10, 8.4 + 0.08 * len(sources))
    panels = figure.subplots(3, len(areas), sharex=True, squeeze=False)
    for column, area in enumerate(areas):
        part = points[points["area"] == area]
        _growth(panels[0, column], part[part["indicator"].isin(GROWTH)], t)
        for row, indicator in enumerate(POOR, 1):
            _poor(panels[row, column], part[part["indicator"] == indicator], markers, t)
        panels[0, column].set_title(area, size=11)
    for row in (0, 2):
        for axes in panels[row, 1:]:
            axes.sharey(panels[row, 0])
    for axes in panels.flat:
        axes.axvline(split - 0.5, color="#888888", lw=0.8, ls=":")
    years = points["year"]
    panels[0, 0].set_xlim(years.min() - 0.7, years.max() + 0.7)
    panels[0, 0].xaxis.get_major_locator().set_params(integer=True)
    for axes, key in zip(panels[:, 0], ("growth_axis", "poor_axis", "rate_axis"), strict=True):
        axes.set_ylabel(t(f"chart.{key}"))
    handles = [entry(color="#333333", marker=marker, ls="", label=t.source(source))
               for source, marker in markers.items()]
    handles.append(entry(color="#333333", marker="o", markerfacecolor="white", ls="",
                         label=t("chart.not_used")))
    rows = -(-len(handles) // len(areas))
    for place, first in enumerate(range(0, len(handles), rows)):
        panels[-1, place].legend(handles=handles[first:first + rows], title=t("chart.source"),
                                 loc="upper left", bbox_to_anchor=(0, -0.15), frameon=False,
                                 fontsize=8)
    return figure


def error_rates(rates: pd.DataFrame, *, t: Texts) -> Figure:
    """False support and power of each test under each rule, a mark for each kind of world.

    `rates` has ``test, rule, null, false_support, power, draws``; lines are what draws leave open.
    """
    rows = rates[["test", "rule"]].drop_duplicates(ignore_index=True)
    places = rates.merge(rows.reset_index(), on=["test", "rule"])["index"]
    nulls = list(rates["null"].drop_duplicates())
    figure = new_figure(12, 1.6 + 0.27 * len(rows))
    panels = figure.subplots(1, 2, sharey=True)
    shift = {null: 0.3 * (place / max(1, len(nulls) - 1) - 0.5)
             for place, null in enumerate(nulls)}
    for axes, column in zip(panels, ("false_support", "power"), strict=True):
        for place, null in enumerate(nulls):
            of = rates["null"] == null
            low, high = simulated_limits(rates.loc[of, column], rates.loc[of, "draws"])
            heights, colour = places[of] + shift[null], f"C{place % 10}"
            axes.hlines(heights, low, high, lw=0.9, color=colour)
            axes.plot(rates.loc[of, column], heights, ls="", ms=5, color=colour,
                      marker=SOURCE_MARKERS[place % len(SOURCE_MARKERS)], label=t.word(null))
        axes.set_title(t(f"chart.{column}"), size=10.5)
        axes.xaxis.set_major_formatter(lambda value, _: t.percent(value))
        axes.spines[["right", "top"]].set_visible(False)
        axes.grid(axis="y", color="#eeeeee")
    panels[0].axvline(0.1, color="#333333", lw=0.8, ls=":")
    panels[0].set_xlim(left=-0.01)
    panels[0].set_yticks(rows.index, [f"{t.word(row.test)}, {t.word(row.rule)}"
                                      for row in rows.itertuples()], size=8.5)
    panels[0].invert_yaxis()
    figure.legend(*panels[0].get_legend_handles_labels(), title=t("chart.world"), frameon=False,
                  loc="outside right center", fontsize=8)
    return figure


def claims(evaluated: pd.DataFrame, *, t: Texts) -> Figure:
    """Claims, verdicts, bases and robustness on one sheet, which fits a screen.

    `evaluated` is what :func:`helpers.claims.evaluate` returns, with ``label`` (the claim in the
    reader's language), ``result`` and ``limits`` (its statistic and the limits of it in words) and
    ``beside`` (what published findings say). Verdicts on made-up data are grey and have no mark.
    """
    rows = evaluated.to_dict("records")
    texts = [folded(row["label"], 47) for row in rows]
    found = [f"{folded(row['result'], 42)}\n{folded(row['limits'], 42)}" for row in rows]
    beside = [row["beside"].replace(", ", "\n") or NOTHING for row in rows]
    heights = np.array([max(2, *(text.count("\n") + 1 for text in cells))
                        for cells in zip(texts, found, beside, strict=True)]) + 0.35
    ends = np.cumsum(heights)
    figure, axes = one_panel(12, 0.6 + 0.175 * ends[-1])
    axes.set(xlim=(0, 122), ylim=(ends[-1], -1.5))
    axes.axis("off")
    columns = {"claim": 0, "verdict": 36, "basis": 57, "statistic": 67, "beside": 95,
               "robustness": 111}
    for key, x in columns.items():
        axes.text(x, -0.8, t(f"column.{key}"), weight="bold", size=9.5, va="center")
    lines = zip(rows, texts, found, beside, ends - heights, ends, strict=True)
    for row, text, statistic, published, start, end in lines:
        middle = (start + end) / 2
        axes.axhline(start, color="#bbbbbb", lw=0.7)
        axes.text(0, middle, text, size=9, va="center")
        made_up = row["basis"] in MADE_UP
        said = t.verdict(row["verdict"], row["basis"])
        said = folded(said, 22) if made_up else f"{VERDICT_MARKS[row['verdict']]} {said}"
        axes.text(36, middle, said, size=9.5, va="center", weight="normal" if made_up else "bold",
                  color=MADE_UP_COLOUR if made_up else VERDICT_COLOURS[row["verdict"]],
                  family="DejaVu Sans")
        axes.text(57, middle, t.word(row["basis"]) or NOTHING, size=9, va="center")
        axes.text(67, middle, statistic, size=8, va="center")
        axes.text(95, middle, published, size=8, va="center")
        _robustness(axes, row["robustness"], middle, t)
    return figure


def _growth(axes: Axes, part: pd.DataFrame, t: Texts) -> None:
    used, other = part[part["used"]], part[~part["used"]]
    axes.bar(used["year"], used["value"], color=np.where(used["value"] > 0, DOWN, UP), width=0.6)
    axes.plot(other["year"], other["value"], ls="", marker="o", ms=3.5, color="#333333",
              markerfacecolor="white")
    for year, value in zip(used["year"], used["value"], strict=True):
        if value < 0:
            axes.annotate(t.number(value, 1), (year, value), (0, -3), size=8, ha="center",
                          textcoords="offset points", va="top")
    axes.axhline(0, color="#333333", lw=0.8)
    axes.margins(y=0.18)
    axes.yaxis.set_major_formatter(lambda value, _: t.number(value))
    axes.spines[["right", "top"]].set_visible(False)


def _poor(axes: Axes, part: pd.DataFrame, markers: dict[str, str], t: Texts) -> None:
    used = part[part["used"]].sort_values("year")
    for (year, value), (later, then) in pairwise(zip(used["year"], used["value"], strict=True)):
        axes.plot([year, later], [value, then], color=UP if then > value else DOWN,
                  ls="--" if later - year > 1 else "-", lw=2, zorder=1)
    for row in part.sort_values("used").itertuples():
        axes.plot(row.year, row.value, marker=markers[row.source], color="#333333", ms=6, zorder=2,
                  markerfacecolor="#333333" if row.used else "white")
    axes.set_ylim(0, 1.12 * max(part["value"], default=1))
    axes.yaxis.set_major_formatter(lambda value, _: t.number(value))
    axes.spines[["right", "top"]].set_visible(False)


def _robustness(axes: Axes, share: float, middle: float, t: Texts) -> None:
    if np.isnan(share):
        axes.text(111, middle, t.number(share), size=9, va="center")
        return
    axes.barh(middle, 10, left=111, height=0.5, color="#e4e4e4")
    axes.barh(middle, 10 * share, left=111, height=0.5, color="#555555")
    axes.text(111, middle - 0.72, t.percent(share), size=8, va="center")
