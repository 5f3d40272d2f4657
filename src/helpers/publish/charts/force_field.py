"""Charts of the force field analysis."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.library_types import Axes, Figure, QuadMesh
from helpers.publish.charts.figure import entry, folded, new_figure, one_panel
from helpers.publish.texts import Texts

COLOURS = {"driving": "#0072B2", "restraining": "#D55E00"}
LIGHT = {"driving": "#9CC9E6", "restraining": "#F3BE94"}
SIDES = {"driving": -1, "restraining": 1}  # of a drawing: drivers on the left
LABEL_WIDTH = 44  # letters
DIAGRAM_LABEL_WIDTH = 70


def force_field_diagram(analysed: pd.DataFrame, *, t: Texts) -> Figure:
    """Force field diagram: arrows against the present state, drivers from the left.

    `analysed` is from :func:`helpers.force_field.analyse`, with ``label``.
    """
    from matplotlib.patches import FancyArrow

    rows = int(analysed["rank"].max())
    longest = analysed["tnb"].max()
    labels = [folded(text, DIAGRAM_LABEL_WIDTH) for text in _named(analysed)]
    lines = max(label.count("\n") for label in labels) + 1
    figure, axes = one_panel(10, 1.6 + (0.44 + 0.18 * lines) * rows)
    axes.set(xlim=(-1.12 * longest, 1.12 * longest), ylim=(rows + 0.5, -0.1))
    for row, label in zip(analysed.itertuples(), labels, strict=True):
        side, outwards = SIDES[row.force], "right" if row.force == "driving" else "left"
        axes.add_patch(FancyArrow(
            side * row.tnb, row.rank + 0.15, side * (0.012 * longest - row.tnb), 0, lw=0,
            width=0.26, head_width=0.46, head_length=min(0.05 * longest, row.tnb / 2),
            length_includes_head=True, color=(COLOURS if row.key else LIGHT)[row.force]))
        axes.text(side * 0.02 * longest, row.rank - 0.1, label, size=9, va="bottom", ha=outwards,
                  weight="bold" if row.key else "normal")
        axes.text(side * (row.tnb + 0.012 * longest), row.rank + 0.15, t.number(row.tnb, 2),
                  size=9, va="center", ha=outwards)
    axes.axvline(0, color="#333333", lw=2.5)
    axes.text(0, 0.05, t("chart.present_state"), ha="center", va="center", size=10,
              bbox={"facecolor": "white", "edgecolor": "#333333", "boxstyle": "round,pad=0.3"})
    for force, side in SIDES.items():
        total = t.number(analysed.loc[analysed["force"] == force, "tnb"].sum(), 2)
        axes.text(side * 1.1 * longest, 0.05, t(f"chart.{force}_total", total=total), size=11,
                  weight="bold", color=COLOURS[force], va="center",
                  ha="left" if side < 0 else "right")
    axes.set_xlabel(t("chart.tnb_axis"))
    axes.xaxis.set_major_formatter(lambda value, _: t.number(abs(value), 1))
    axes.yaxis.set_visible(False)
    axes.spines["left"].set_visible(False)
    return figure


def factor_tnb(analysed: pd.DataFrame, *, t: Texts) -> Figure:
    """Total weight by factor, split into its support part (NBD) and its linkage part (NBK).

    `analysed` is from :func:`helpers.force_field.analyse`, with ``label``.
    """
    counts = analysed["force"].value_counts()
    figure = new_figure(10, 2.2 + 0.42 * len(analysed))
    panels = figure.subplots(2, 1, sharex=True,
                             height_ratios=[counts["driving"] + 1, counts["restraining"] + 1])
    for axes, force in zip(panels, COLOURS, strict=True):
        part = analysed[analysed["force"] == force].sort_values("rank")
        places = np.arange(len(part))
        axes.barh(places, part["nbd"], color=COLOURS[force], label=t("chart.nbd"))
        axes.barh(places, part["nbk"], left=part["nbd"], color=LIGHT[force], label=t("chart.nbk"))
        axes.set_yticks(places, [folded(text, LABEL_WIDTH) for text in _named(part)], size=9)
        for place, tick, row in zip(places, axes.get_yticklabels(), part.itertuples(), strict=True):
            weight = "bold" if row.key else "normal"
            tick.set_weight(weight)
            axes.text(row.tnb, place, " " + t.number(row.tnb, 2), va="center", size=9,
                      weight=weight)
        axes.invert_yaxis()
        axes.set_title(t(f"chart.{force}"), loc="left", size=11, color=COLOURS[force])
        axes.legend(loc="lower right", frameon=False, fontsize=9)
        axes.spines[["right", "top"]].set_visible(False)
    panels[1].set(xlabel=t("chart.tnb_axis"), xlim=(0, 1.08 * analysed["tnb"].max()))
    panels[1].xaxis.set_major_formatter(lambda value, _: t.number(value, 1))
    return figure


def strategies(ranked: pd.DataFrame, analysed: pd.DataFrame, *, t: Texts) -> Figure:
    """TNB of the two factors of every strategy, and its score at the end.

    `ranked` is from :func:`helpers.force_field.rank_strategies`, with ``label``; `analysed` from
    :func:`helpers.force_field.analyse`.
    """
    tnb = analysed.set_index("factor")["tnb"]
    figure, axes = one_panel(10, 1.8 + 0.5 * len(ranked))
    places, start = np.arange(len(ranked)), np.zeros(len(ranked))
    for force in COLOURS:
        widths = tnb[ranked[force]].to_numpy()
        axes.barh(places, widths, left=start, color=COLOURS[force], edgecolor="white",
                  label=t(f"chart.{force}_part"))
        for place, name in enumerate(ranked[force]):
            axes.text(start[place] + widths[place] / 2, place, name, color="white", ha="center",
                      va="center", size=9)
        start = start + widths
    for place, (end, score) in enumerate(zip(start, ranked["score"], strict=True)):
        axes.text(end, place, " " + t.number(score, 2), va="center", size=9)
    labels = [f"{rank}.  {folded(label, LABEL_WIDTH)}"
              for rank, label in zip(ranked["rank"], ranked["label"], strict=True)]
    axes.set_yticks(places, labels, size=9)
    axes.invert_yaxis()
    axes.set(xlim=(0, 1.1 * start.max()), xlabel=t("chart.score_axis"))
    axes.xaxis.set_major_formatter(lambda value, _: t.number(value, 1))
    figure.legend(loc="outside upper right", ncols=2, frameon=False, fontsize=9)
    return figure


def factor_ranks(shares: pd.DataFrame, names: pd.Series, *, t: Texts) -> Figure:
    """Heat map of the probability of each rank of each factor, drivers above restrainers.

    `shares` is from :func:`helpers.force_field.factor_acceptability`; `names` has the factors'
    texts in the order of the rows.
    """
    counts = shares.drop_duplicates("factor")["force"].value_counts()
    figure = new_figure(10, 2.4 + 0.36 * len(names))
    panels = figure.subplots(2, 1, height_ratios=[counts["driving"], counts["restraining"]])
    for axes, force in zip(panels, COLOURS, strict=True):
        mesh = _rank_panel(axes, shares[shares["force"] == force], "factor", names,
                           shares["share"].max(), t)
        axes.set_title(t(f"chart.{force}"), loc="left", size=11, color=COLOURS[force])
    panels[1].set_xlabel(t("chart.rank"))
    _share_bar(figure, mesh, list(panels), t)
    return figure


def strategy_ranks(shares: pd.DataFrame, names: pd.Series, *, t: Texts) -> Figure:
    """Heat map of the probability of each rank of each strategy.

    `shares` is from :func:`helpers.force_field.strategy_acceptability`; `names` has the strategies'
    texts in the order of the rows.
    """
    figure, axes = one_panel(10, 1.4 + 0.5 * len(names))
    mesh = _rank_panel(axes, shares, "strategy", names, shares["share"].max(), t)
    axes.set_xlabel(t("chart.rank"))
    _share_bar(figure, mesh, [axes], t)
    return figure


def linkage_network(pairs: pd.DataFrame, analysed: pd.DataFrame, *, t: Texts) -> Figure:
    """Network of the strongest linkages: drivers on the left half of a circle.

    `pairs` is from :func:`helpers.force_field.strongest_pairs`; `analysed` from
    :func:`helpers.force_field.analyse`, with ``label``.
    """
    from matplotlib.patches import PathPatch

    figure, axes = one_panel(11, 6.6)
    places = _on_a_circle(analysed)
    weakest, strongest = pairs["linkage"].min(), pairs["linkage"].max()
    for a, b, linkage in pairs[["factor_a", "factor_b", "linkage"]].itertuples(index=False):
        axes.add_patch(PathPatch(_bow(places[a], places[b]), fill=False, edgecolor="#777777",
                                 alpha=0.75, zorder=1, lw=_line_width(linkage, weakest, strongest)))
    largest = analysed["tnb"].max()
    for row in analysed.itertuples():
        x, y = places[row.factor]
        axes.scatter(x, y, s=250 + 500 * row.tnb / largest, color=COLOURS[row.force],
                     edgecolor="white", zorder=2)
        axes.text(x, y, row.factor, color="white", ha="center", va="center", size=9, weight="bold",
                  zorder=3)
        axes.text(x + SIDES[row.force] * 0.13, y, folded(row.label, 34), va="center", size=8.5,
                  ha="right" if row.force == "driving" else "left")
    axes.set(xlim=(-2.15, 2.15), ylim=(-1.15, 1.15), aspect="equal")
    axes.axis("off")
    handles = [entry(color="#777777", lw=_line_width(value, weakest, strongest),
                     label=t("chart.linkage_of", value=t.number(value, 1)))
               for value in sorted({weakest, strongest})]
    handles += [entry(color=colour, marker="o", ls="", ms=10, label=t(f"chart.{force}"))
                for force, colour in COLOURS.items()]
    figure.legend(handles=handles, loc="outside upper right", ncols=4, frameon=False, fontsize=9)
    return figure


def strategy_matrix(matrix: pd.DataFrame, labels: pd.Series, *, t: Texts) -> Figure:
    """Score of every driver with every restrainer; frames mark the candidate strategies.

    `matrix` is from :func:`helpers.force_field.strategy_matrix`; `labels` has the text of each
    factor.
    """
    from matplotlib.patches import Rectangle

    drivers, restrainers = matrix["driving"].unique(), matrix["restraining"].unique()
    wide = matrix.pivot(index="driving", columns="restraining").loc[drivers]
    scores, candidates = wide["score"][restrainers], wide["candidates"][restrainers]
    frame = {"fill": False, "edgecolor": COLOURS["restraining"], "lw": 3}
    figure, axes = one_panel(max(10, 4.2 + 0.85 * len(restrainers)), 2.6 + 0.5 * len(drivers))
    mesh = _cells(axes, scores.to_numpy(), lambda value: t.number(value, 2), scores.min(axis=None),
                  scores.max(axis=None))
    for row, column in zip(*np.nonzero(candidates.to_numpy() != ""), strict=True):
        axes.add_patch(Rectangle((column + 0.03, row + 0.03), 0.94, 0.94, **frame))
        axes.texts[row * len(restrainers) + column].set_weight("bold")
    axes.set_yticks(np.arange(len(drivers)) + 0.5, size=9,
                    labels=[folded(f"{name}  {labels[name]}", LABEL_WIDTH) for name in drivers])
    axes.set_xticks(np.arange(len(restrainers)) + 0.5, size=7,
                    labels=[folded(f"{name}  {labels[name]}", 12) for name in restrainers])
    figure.colorbar(mesh, ax=axes, shrink=0.7, label=t("chart.pair_score"),
                    format=lambda value, _: t.number(value, 2)).outline.set_visible(False)
    figure.legend(handles=[Rectangle((0, 0), 1, 1, label=t("chart.candidate"), **frame)],
                  loc="outside upper right", frameon=False, fontsize=9)
    return figure


def _named(factors: pd.DataFrame) -> pd.Series:
    return factors["factor"] + "  " + factors["label"]


def _rank_panel(axes: Axes, shares: pd.DataFrame, key: str, names: pd.Series, highest: float,
                t: Texts) -> QuadMesh:
    rows = [name for name in names.index if name in set(shares[key])]
    table = shares.pivot(index=key, columns="rank", values="share").loc[rows]
    mesh = _cells(axes, table.to_numpy(),
                  lambda value: "" if value < 0.005 else t.percent(value, 0), 0, highest)
    axes.set_xticks(np.arange(table.shape[1]) + 0.5, [str(rank) for rank in table.columns], size=9)
    axes.set_yticks(np.arange(len(rows)) + 0.5, [folded(names[name], 52) for name in rows], size=9)
    return mesh


def _cells(axes: Axes, values: np.ndarray, words: Callable[[float], str], lowest: float,
           highest: float) -> QuadMesh:
    """Heat map whose numbers are black or white, whichever stands out from the cell."""
    mesh = axes.pcolormesh(values, cmap="Blues", vmin=lowest, vmax=highest, edgecolors="white",
                           linewidth=0.8)
    middle = lowest + 0.55 * (highest - lowest)
    for (row, column), value in np.ndenumerate(values):
        axes.text(column + 0.5, row + 0.5, words(value), ha="center", va="center", size=9,
                  color="white" if value > middle else "black")
    axes.invert_yaxis()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return mesh


def _share_bar(figure: Figure, mesh: QuadMesh, panels: list[Axes], t: Texts) -> None:
    figure.colorbar(mesh, ax=panels, shrink=0.6, label=t("chart.share_of_draws"),
                    format=lambda value, _: t.percent(value, 0)).outline.set_visible(False)


def _on_a_circle(analysed: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Drivers down the left half, restrainers down the right one, the highest TNB on top."""
    places: dict[str, tuple[float, float]] = {}
    for force, side in SIDES.items():
        names = analysed[analysed["force"] == force].sort_values("rank")["factor"]
        heights = np.linspace(1, -1, 2 * len(names) + 1)[1::2]
        places |= {name: (side * (0.35 + 0.6 * np.sqrt(1 - height**2)), height)
                   for name, height in zip(names, heights, strict=True)}
    return places


def _bow(start: tuple[float, float], end: tuple[float, float]):
    """Line across, or a bow towards the middle between factors of one side, past all circles."""
    from matplotlib.path import Path

    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    if start[0] * end[0] > 0:
        middle = (middle[0] * (1 - 0.7 * min(abs(start[1] - end[1]), 1)) * 0.7, middle[1])
    return Path([start, middle, end], [Path.MOVETO, Path.CURVE3, Path.CURVE3])


def _line_width(linkage: float, weakest: float, strongest: float) -> float:
    return 1 + 3 * (linkage - weakest) / (strongest - weakest) if strongest > weakest else 2
