"""Charts of the multiverse: how many analyses a claim holds in, and which choice turns it."""

from collections.abc import Collection, Mapping, Sequence
from textwrap import shorten

import numpy as np
import pandas as pd

from helpers.library_types import Axes, Figure
from helpers.publish.charts.figure import entry, folded, new_figure
from helpers.publish.charts.synthesis import VERDICT_COLOURS
from helpers.publish.choices import alternative_name, choice_name
from helpers.publish.texts import VERDICTS, Texts

# Of claims on made-up data: the darker, the more supported.
GREYS = {"supported": "#4d4d4d", "mixed": "#9a9a9a", "not_supported": "#cfcfcf",
         "not_testable": "#ececec"}
WRAP = 56
ROW, LABEL = 0.14, 46  # inches and letters of an alternative below a specification curve
NAMED = 20  # letters that a name needs before a code


def robustness(summary: pd.DataFrame, shapley: pd.DataFrame, *, made_up: Collection[str] = (),
               t: Texts) -> Figure:
    """Shares of verdicts of every claim, and beside them what each choice does to them.

    `summary` is from `helpers.multiverse.robustness`, with ``label``; `shapley` has claim, choice,
    share. Claims that are `made_up` are grey.
    """
    choices = list(dict.fromkeys(shapley["choice"]))
    figure = new_figure(13.5, 1.9 + 0.42 * len(summary))
    bars, grid = figure.subplots(1, 2, sharey=True, width_ratios=[1, 2.3])
    rows, left = range(len(summary)), np.zeros(len(summary))
    colours = [_colours(claim, made_up) for claim in summary["claim"]]
    drawn: list[str] = []
    for verdict in VERDICTS:
        share = summary[verdict].to_numpy(float)
        if share.any():
            bars.barh(rows, share, left=left, color=[colour[verdict] for colour in colours],
                      height=0.62)
            drawn.append(verdict)
        left += share
    for row, share in zip(rows, summary["supported"]):
        bars.text(1.02, row, t.percent(share), va="center", size=8.5)
    bars.set_yticks(rows, [folded(label, WRAP) for label in summary["label"]], fontsize=8)
    bars.set(xlim=(0, 1.14), ylim=(len(summary) - 0.4, -0.6), xticks=[0, 0.5, 1])
    bars.xaxis.set_major_formatter(lambda value, _: t.percent(value))
    bars.set_xlabel(t("chart.share_of_universes"), size=9)
    bars.spines[["top", "right"]].set_visible(False)
    bars.legend(handles=_legend(drawn, t), loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2,
                frameon=False, fontsize=8)
    _shapley_cells(grid, summary, shapley, choices, t)
    return figure


def specification_curves(panels: Mapping[str, pd.DataFrame], alternatives: Mapping[str, Sequence],
                         labels: Mapping[str, str], *, made_up: Collection[str] = (),
                         t: Texts) -> Figure:
    """Specification curves, one claim a panel, above the alternatives each took.

    `panels` has the product of each claim, ordered as it is to be drawn (see `in_order`), `labels`
    its sentence; alternatives of choices that a claim does not read are passed over. Claims that
    are `made_up` are grey.
    """
    columns = min(2, len(panels))
    lines = -(-len(panels) // columns)
    rows = [sum(len(values) for name, values in alternatives.items() if name in product)
            for product in panels.values()]
    heights = [max(2.9, 1.6 + ROW * max(rows[at:at + columns]))
               for at in range(0, len(rows), columns)]
    figure = new_figure(5.3 * columns, sum(heights) + 0.3)
    parts = np.array(figure.subfigures(lines, columns, squeeze=False,
                                       height_ratios=heights)).ravel()
    for part, (claim, product) in zip(parts, panels.items()):
        top, below = part.subplots(2, 1, sharex=True, height_ratios=[1, 1.5])
        colours = _colours(claim, made_up)
        _curve(top, product, colours, t)
        _dashboard(below, product, alternatives, colours, t)
        # Over the names of the choices too: beside long ones little is left for the axes.
        part.suptitle(folded(labels[claim], 62), size=9.5, x=0.02, ha="left")
    drawn = set().union(*(product["verdict"] for product in panels.values()))
    seen = [verdict for verdict in VERDICTS if verdict in drawn]
    figure.legend(handles=_legend(seen, t), loc="outside upper right", ncols=len(seen),
                  frameon=False, fontsize=9)
    return figure


def thresholds(moved: pd.DataFrame, *, made_up: Collection[str] = (), t: Texts) -> Figure:
    """Share of the analyses in which a claim is supported, by the value of each threshold.

    `moved` is from `helpers.multiverse.threshold_table`, with ``label``. Claims with the same
    shares have one line; those that are `made_up` are grey.
    """
    names = list(dict.fromkeys(moved["threshold"]))
    figure = new_figure(11.5, 0.4 + 2.1 * len(names))
    for axes, name in zip(figure.subplots(len(names), 1, squeeze=False).ravel(), names):
        part = moved[moved["threshold"] == name].sort_values("limit", kind="stable")
        _courses(axes, part, made_up, t)
        axes.set_xlabel(choice_name(t, name), size=9)
        axes.set_xticks(*zip(*[(value, alternative_name(t, name, value))
                               for value in part["limit"].unique()]))
    return figure


def _courses(axes: Axes, part: pd.DataFrame, made_up: Collection[str], t: Texts) -> None:
    """Lines of the claims that read one threshold, its value in force marked."""
    alike: dict[tuple, list[str]] = {}
    for (claim, label), rows in part.groupby(["claim", "label"], sort=False):
        alike.setdefault((claim in made_up, *rows["share"]), []).append(label)
    limits, markers = part["limit"].unique(), "osD^vP*X" * len(alike)
    for marker, ((grey, *shares), labels) in zip(markers, alike.items()):
        axes.plot(limits, shares, marker=marker, ms=5, lw=1.4, color="#777777" if grey else None,
                  label="\n".join(folded(label, 70) for label in labels))
    axes.axvline(part.loc[part["in_force"], "limit"].iloc[0], color="#333333", lw=0.9, ls="--",
                 label=t("chart.in_force"))
    axes.set(ylim=(-0.05, 1.05), yticks=[0, 0.5, 1])
    axes.yaxis.set_major_formatter(lambda value, _: t.percent(value))
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=7)


def _colours(claim: str, made_up: Collection[str]) -> Mapping[str, str]:
    return GREYS if claim in made_up else VERDICT_COLOURS


def _legend(verdicts: Sequence[str], t: Texts) -> list:
    return [entry(color=VERDICT_COLOURS[verdict], marker="s", ls="", label=t(f"chart.{verdict}"))
            for verdict in verdicts]


def in_order(product: pd.DataFrame) -> pd.DataFrame:
    """Product of a claim ordered by verdict, and by its statistic within."""
    place = product["verdict"].map({verdict: number for number, verdict in enumerate(VERDICTS)})
    return product.assign(place=place).sort_values(["place", "statistic", "value"], kind="stable",
                                                   ignore_index=True).drop(columns="place")


def _shapley_cells(axes: Axes, summary: pd.DataFrame, shapley: pd.DataFrame, choices: list[str],
                   t: Texts) -> None:
    from matplotlib.patches import Rectangle

    table = shapley.pivot(index="claim", columns="choice",
                          values="share").reindex(summary["claim"])[choices]
    for (row, column), share in np.ndenumerate(table.to_numpy(float)):
        if np.isnan(share):
            continue
        # One hue from nearly white: what a claim does not read stays empty, what does not turn it
        # is the lightest.
        shade = 0.94 - 0.64 * share
        axes.add_patch(Rectangle((column - 0.47, row - 0.4), 0.94, 0.8,
                                 facecolor=(shade, shade, min(1.0, shade + 0.06))))
        if share >= 0.005:
            axes.text(column, row, t.percent(share), ha="center", va="center", size=8,
                      color="white" if share > 0.55 else "black")
    axes.set_xlim(-0.5, len(choices) - 0.5)
    axes.set_xticks(range(len(choices)), [choice_name(t, choice) for choice in choices],
                    rotation=50, ha="left", rotation_mode="anchor", fontsize=8)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, left=False)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(t("chart.shapley"), size=9)


def _curve(axes: Axes, product: pd.DataFrame, colours: Mapping[str, str], t: Texts) -> None:
    x, same = np.arange(len(product)), product["statistic"].nunique() == 1
    ranks = {verdict: -rank for rank, verdict in enumerate(VERDICTS)}
    y = product["value"] if same else product["verdict"].map(ranks)
    for verdict in VERDICTS:
        chosen = (product["verdict"] == verdict).to_numpy()
        if same and product["low"].notna().any():
            axes.vlines(x[chosen], product["low"][chosen], product["high"][chosen],
                        colors=colours[verdict], lw=0.6, alpha=0.35, rasterized=True,
                        antialiased=False)
        axes.plot(x[chosen], y[chosen], color=colours[verdict], marker="s", ms=2, ls="",
                  rasterized=True)
    if same:
        digits = 0 if (y % 1 == 0).all() else 2
        axes.yaxis.set_major_formatter(lambda value, _: t.number(value, digits))
        if y.nunique() == 1 and product["low"].isna().all():
            axes.set_yticks([y.iloc[0]])
        elif not digits:
            axes.yaxis.get_major_locator().set_params(integer=True)
        axes.set_ylabel(folded(t.word(product["statistic"].iloc[0]), 22), size=8)
    else:
        seen = sorted(set(y), reverse=True)
        axes.set_yticks(seen, [t(f"chart.{VERDICTS[-level]}") for level in seen])
        axes.margins(y=0.25)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _dashboard(axes: Axes, product: pd.DataFrame, alternatives: Mapping[str, Sequence],
               colours: Mapping[str, str], t: Texts) -> None:
    """Cells with a row an alternative and a column a combination, in the colour of the verdict."""
    from matplotlib.colors import to_rgb

    cells = np.array([to_rgb(colours[verdict]) for verdict in product["verdict"]])
    labels, lines, ends = [], [], []
    for name in (name for name in alternatives if name in product):
        for value in alternatives[name]:
            taken = (product[name] == value).to_numpy()[:, None]
            lines.append(np.where(taken, cells, 1.0))
            label = f"{choice_name(t, name)}: {alternative_name(t, name, value)}"
            labels.append(_short(label))
        ends.append(len(lines))
    axes.imshow(np.array(lines), aspect="auto", interpolation="nearest")
    for row in range(1, len(lines) + 1):
        colour, width = ("#999999", 0.7) if row in ends else ("white", 1.5)
        axes.axhline(row - 0.5, color=colour, lw=width)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set_xlabel(t("chart.specifications", count=len(product)), size=8)
    axes.tick_params(axis="x", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _short(label: str) -> str:
    """Label of at most `LABEL` signs; the code at its end is what sets one source off from others.

    >>> _short("growth: A bureau of statistics, through a laboratory of a university (growth_2)")
    'growth: A bureau of statistics, … (growth_2)'
    >>> _short("left out: Households (share_of_households_with_safe_drinking_water)")
    'left out: Households …'
    """
    name, bracket, code = label.rpartition(" (")
    room = LABEL - len(bracket + code)
    if len(label) <= LABEL or room < NAMED or " " in code or not code.endswith(")"):
        return shorten(label, LABEL, placeholder=" …")
    return shorten(name, room, placeholder=" …") + bracket + code
