"""Charts of the synthesis."""

import textwrap

import numpy as np

from helpers.publish.texts import NOTHING

GROWTH, POOR = "economic_growth", "poor_number"
UP, DOWN = "#D55E00", "#0072B2"
VERDICT_COLOURS = {
    "supported": "#0072B2", "mixed": "#E69F00", "not_supported": "#D55E00",
    "not_testable": "#8a8a8a"
}
VERDICT_MARKS = {"supported": "●", "mixed": "◐", "not_supported": "○", "not_testable": "–"}
SOURCE_MARKERS = "osD^vPX*"


def growth_and_poverty(points, *, t):
    """Draw growth above and the number of poor people below, one column an area, over the same
    years.

    Filled marks take part in the tests; hollow ones are second sources or values that somebody
    derived.

    Parameters
    ----------
    points : DataFrame
        ``area, indicator, year, value, source, used`` of growth (percent) and number of poor
        people.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    areas = list(points["area"].drop_duplicates())
    sources = sorted(points["source"].unique())
    markers = {
        source: SOURCE_MARKERS[place % len(SOURCE_MARKERS)] for place, source in enumerate(sources)
    }
    figure = Figure(figsize=(10, 6.4), layout="constrained")
    panels = figure.subplots(2, len(areas), sharex=True, squeeze=False)
    for column, area in enumerate(areas):
        panels[0, column].sharey(panels[0, 0])
        part = points[points["area"] == area]
        _growth(panels[0, column], part[part["indicator"] == GROWTH], t)
        _poor(panels[1, column], part[part["indicator"] == POOR], markers, t)
        panels[0, column].set_title(area, size=11)
    years = points["year"]
    panels[0, 0].set_xlim(years.min() - 0.7, years.max() + 0.7)
    panels[0, 0].xaxis.get_major_locator().set_params(integer=True)
    panels[0, 0].set_ylabel(t("chart.growth_axis"))
    panels[1, 0].set_ylabel(t("chart.poor_axis"))
    handles = [
        Line2D([], [], color="#333333", marker=markers[source], ls="", label=source)
        for source in sources
    ]
    hollow = {"color": "#333333", "marker": "o", "markerfacecolor": "white", "ls": ""}
    handles.append(Line2D([], [], label=t("chart.not_used"), **hollow))
    panels[1, -1].legend(handles=handles, title=t("chart.source"), loc="lower left", ncols=2,
                         frameon=False, fontsize=9)
    return figure


def claims(evaluated, *, t):
    """Draw claims, verdicts, bases and robustness on one sheet, which fits a screen.

    Parameters
    ----------
    evaluated : DataFrame
        What :func:`helpers.claims.evaluate` returns, with ``label`` (the claim in the reader's
        language), ``result`` and ``limits`` (its statistic and the limits of it in words).
    """
    from matplotlib.figure import Figure

    texts = [textwrap.wrap(label, 47) for label in evaluated["label"]]
    heights = np.array([max(2, len(text)) for text in texts]) + 0.35
    ends = np.cumsum(heights)
    figure = Figure(figsize=(10, 0.6 + 0.175 * ends[-1]), layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(0, 101), ylim=(ends[-1], -1.5))
    axes.axis("off")
    for x, key in ((0, "claim"), (36, "verdict"), (57, "basis"), (67, "statistic"), (90,
                                                                                     "robustness")):
        axes.text(x, -0.8, t(f"column.{key}"), weight="bold", size=9.5, va="center")
    lines = zip(evaluated.to_dict("records"), texts, ends - heights, ends, strict=True)
    for row, text, start, end in lines:
        middle = (start + end) / 2
        axes.axhline(start, color="#bbbbbb", lw=0.7)
        axes.text(0, middle, "\n".join(text), size=9, va="center")
        axes.text(36, middle,
                  f"{VERDICT_MARKS[row['verdict']]} {t.verdict(row['verdict'], row['basis'])}",
                  size=9.5, va="center", weight="bold", color=VERDICT_COLOURS[row["verdict"]],
                  family="DejaVu Sans")
        axes.text(57, middle, t.word(row["basis"]) or NOTHING, size=9, va="center")
        axes.text(67, middle, f"{row['result']}\n{row['limits']}", size=8, va="center")
        _robustness(axes, row["robustness"], middle, t)
    return figure


def _growth(axes, part, t):
    used = part[part["used"]]
    axes.bar(used["year"], used["value"], color=np.where(used["value"] > 0, DOWN, UP), width=0.6)
    for _, row in used.iterrows():
        axes.annotate(t.number(row["value"], 1), (row["year"], row["value"]),
                      (0, 3 if row["value"] > 0 else -3), textcoords="offset points", size=8,
                      ha="center", va="bottom" if row["value"] > 0 else "top")
    axes.axhline(0, color="#333333", lw=0.8)
    axes.margins(y=0.18)
    axes.yaxis.set_major_formatter(lambda value, _: t.number(value))
    axes.spines[["right", "top"]].set_visible(False)


def _poor(axes, part, markers, t):
    used = part[part["used"]].sort_values("year")
    for (_, before), (_, after) in zip(used.iloc[:-1].iterrows(), used.iloc[1:].iterrows(),
                                       strict=True):
        rises, gap = after["value"] > before["value"], after["year"] - before["year"] > 1
        axes.plot([before["year"], after["year"]], [before["value"], after["value"]],
                  color=UP if rises else DOWN, ls="--" if gap else "-", lw=2, zorder=1)
    for _, row in part.sort_values("used").iterrows():
        axes.plot(row["year"], row["value"], marker=markers[row["source"]], color="#333333", ms=6,
                  zorder=2, markerfacecolor="#333333" if row["used"] else "white")
    axes.set_ylim(0, 1.12 * max(part["value"], default=1))
    axes.yaxis.set_major_formatter(lambda value, _: t.number(value))
    axes.spines[["right", "top"]].set_visible(False)


def _robustness(axes, share, middle, t):
    if np.isnan(share):
        axes.text(90, middle, t.number(share), size=9, va="center")
        return
    axes.barh(middle, 10, left=90, height=0.5, color="#e4e4e4")
    axes.barh(middle, 10 * share, left=90, height=0.5, color="#555555")
    axes.text(90, middle - 0.72, t.percent(share), size=8, va="center")
