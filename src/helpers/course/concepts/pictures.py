"""Pictures of the concepts notebooks, of small made-up data.

Each gives the figure and the values of its sentence, ``concepts.<name>.said``, which says in words
what is to be seen: caption and alternative text at once.
"""

import numpy as np
import pandas as pd

from helpers.library_types import Axes, Figure
from helpers.publish.charts.figure import new_figure, one_panel
from helpers.publish.charts.palette import COLOURS, INK, styles
from helpers.publish.texts import Texts

BLUE, ORANGE = COLOURS[:2]
PALE = "#D5D5D5"
Drawn = tuple[Figure, dict]
ROWS = 40  # of dots in a block
MOST_PEOPLE = 2800  # at the height of the picture: the same for every margin of error


def drawn(units: pd.Series, chosen: pd.Series, *, t: Texts) -> Drawn:
    """A dot a business of each stratum: those met in the largest one, and those drawn.

    Parameters
    ----------
    units : Series
        Businesses of each stratum.
    chosen : Series
        How many are drawn in each.
    """
    people = int(chosen.sum())
    figure = new_figure(8, 3.4)
    rng = np.random.default_rng(0)
    met = pd.Series(0, units.index).where(units.index != units.idxmax(), people)
    for axes, taken, name in zip(figure.subplots(1, 2), (met, chosen), ("met", "lot"), strict=True):
        left = 0.0
        for place, (stratum, count) in enumerate(units.items()):
            places = np.arange(count)
            marked = np.isin(places, places[:taken[stratum]] if name == "met"
                             else rng.choice(places, taken[stratum], replace=False))
            x, y = left + places // ROWS, places % ROWS
            axes.scatter(x[~marked], y[~marked], s=5, lw=0, color=PALE)
            axes.scatter(x[marked], y[marked], s=16, lw=0, color=ORANGE if name == "met" else BLUE)
            axes.text(left - 0.5, -(0.12 + 0.13 * (place % 2)) * ROWS, stratum, size=9, color=INK)
            left += -(-count // ROWS) + 5
        axes.set_title(t(f"concepts.drawn.{name}"), loc="left", size=11)
        axes.set(ylim=(-0.35 * ROWS, ROWS), xlim=(-1, left))
        axes.set_axis_off()
    return figure, {"people": people, "units": int(units.sum()), "share": people / units.sum(),
                    "strata": int((chosen > 0).sum()), "largest": str(units.idxmax())}


def size(sizes: pd.Series, *, t: Texts) -> Drawn:
    """Sample size by population, with the size that it never passes.

    `sizes` is population to sample size; its ``name`` is the margin of error.
    """
    limit = 1 / sizes.name**2
    figure, axes = one_panel(7, 3.4)
    axes.plot(sizes.index, sizes, marker="o", color=BLUE)
    axes.axhline(limit, color=ORANGE, ls="--")
    axes.text(sizes.index[0], limit + 40, t("concepts.size.limit", limit=limit), color=ORANGE,
              va="bottom", size=10)
    axes.set(xscale="log", ylim=(0, MOST_PEOPLE), xlabel=t("concepts.size.population"),
             ylabel=t("concepts.size.people"))
    axes.xaxis.set_major_formatter(lambda value, _: t.number(value))
    axes.yaxis.set_major_formatter(lambda value, _: t.number(value))
    return figure, {"margin": sizes.name, "small": sizes.index[0], "few": sizes.iloc[0],
                    "large": sizes.index[-1], "many": sizes.iloc[-1], "limit": limit}


def turned(before: pd.DataFrame, after: pd.DataFrame, *, t: Texts) -> Drawn:
    """Answers of each respondent (rows) as a line over the items, before and after turning one."""
    figure = new_figure(8, 3.3)
    panels = figure.subplots(1, 2, sharey=True)
    looks = styles(before.index)
    for axes, answers, name in zip(panels, (before, after), ("before", "after"), strict=True):
        for respondent, line in answers.iterrows():
            axes.plot(range(1, answers.shape[1] + 1), line, lw=2, **looks[respondent])
        axes.set_title(t(f"concepts.turned.{name}"), loc="left", size=11)
        axes.set_xticks(range(1, answers.shape[1] + 1))
        axes.set_xlabel(t("concepts.turned.item"))
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set(ylabel=t("concepts.turned.answer"), yticks=range(1, 6))
    changed = (before != after).any()
    return figure, {"respondents": len(before), "item": int(np.flatnonzero(changed)[0]) + 1}


def items(alphas: pd.Series, *, t: Texts) -> Drawn:
    """Alpha by the mean correlation of items; `alphas` has the correlation as index and the number
    of items as name."""
    enough, needed = 0.7, alphas.index[(alphas >= 0.7).to_numpy()][0]
    figure, axes = one_panel(7, 3.4)
    axes.plot(alphas.index, alphas, color=BLUE, lw=2.5)
    axes.axhline(enough, color=ORANGE, ls="--")
    axes.plot([needed, needed], [0, enough], color=INK, ls=":")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel=t("concepts.items.correlation"),
             ylabel=t("concepts.items.alpha"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: t.number(value, 1))
    return figure, {"items": alphas.name, "enough": enough, "needed": needed}


def _squares(axes: Axes, grid: pd.DataFrame, values: pd.Series, t: Texts) -> None:
    high = values > values.mean()
    for row, column, value, up in zip(grid["row"], grid["column"], values, high, strict=True):
        axes.add_patch(_square(column, row, BLUE if up else "#CFE3F1"))
        axes.text(column, row, t.number(value), ha="center", va="center", size=12,
                  color="white" if up else INK)
    line = (grid.groupby("zone")["row"].min().max() + grid.groupby("zone")["row"].max().min()) / 2
    ends = grid["column"].min() - 0.5, grid["column"].max() + 0.5
    axes.plot(ends, [line, line], color=ORANGE, lw=2.5)
    axes.set(xlim=(ends[0] - 0.05, ends[1] + 0.05), aspect="equal",
             ylim=(grid["row"].min() - 0.55, grid["row"].max() + 0.55))
    axes.set_axis_off()


def _square(column: int, row: int, colour: str):
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.48, row - 0.48), 0.96, 0.96, color=colour)


def maps(grid: pd.DataFrame, *, t: Texts) -> Drawn:
    """Two regencies with the same values, beside each other."""
    figure = new_figure(7, 3.6)
    for axes, name in zip(figure.subplots(1, 2), ("together", "scattered"), strict=True):
        _squares(axes, grid, grid[name], t)
        axes.set_title(t(f"word.{name}"), size=11)
    return figure, {"areas": len(grid)}


def swaps(state: tuple[pd.DataFrame, pd.Series], *, t: Texts) -> Drawn:
    """One regency of values, and its measures beside it.

    `state` is the grid with a column ``value``, and measures by name, each from 0 to 1 or -1 to 1.
    """
    grid, measures = state
    figure = new_figure(8, 3.4)
    left, right = figure.subplots(1, 2, width_ratios=[2, 3])
    _squares(left, grid, grid["value"], t)
    names = [t(f"concepts.swaps.{name}") for name in measures.index]
    right.barh(names, measures, color=[BLUE if value >= 0 else ORANGE for value in measures])
    for place, value in enumerate(measures):
        right.text(max(value, 0) + 0.04, place, t.number(value, 2), va="center")
    right.axvline(0, color=INK, lw=1)
    right.set(xlim=(-1.1, 1.3))
    right.invert_yaxis()
    right.xaxis.set_major_formatter(lambda value, _: t.number(value, 1))
    right.spines[["top", "right"]].set_visible(False)
    return figure, dict(measures)


def forces(analysed: pd.DataFrame, *, t: Texts) -> Drawn:
    """Driving and restraining forces as arrows against the present state; `analysed` is from
    :func:`helpers.force_field.analyse`, with ``label``."""
    figure, axes = one_panel(8, 2.8)
    longest = analysed["tnb"].max()
    for row in analysed.itertuples():
        side, colour = (-1, BLUE) if row.force == "driving" else (1, ORANGE)
        axes.annotate("", (side * 0.03 * longest, -row.rank), (side * row.tnb, -row.rank),
                      arrowprops={"arrowstyle": "-|>", "lw": 6, "color": colour,
                                  "mutation_scale": 22, "shrinkA": 0, "shrinkB": 0})
        axes.text(side * 0.03 * longest, -row.rank + 0.2, f"{row.label} ({t.number(row.tnb, 2)})",
                  ha="right" if side < 0 else "left", size=10)
    axes.axvline(0, color=INK, lw=3)
    axes.set(xlim=(-1.15 * longest, 1.15 * longest), ylim=(-analysed["rank"].max() - 0.4, -0.3))
    axes.set_axis_off()
    sums = analysed.groupby("force")["tnb"].sum()
    return figure, {"driving": sums["driving"], "restraining": sums["restraining"]}


def balance(balances: pd.DataFrame, *, t: Texts) -> Drawn:
    """Sums of both forces under each weighting; `balances` is from
    :func:`helpers.force_field.balance`."""
    figure, axes = one_panel(7, 2.8)
    for place, row in enumerate(balances.itertuples()):
        for shift, force, colour in ((-0.2, "driving", BLUE), (0.2, "restraining", ORANGE)):
            value = getattr(row, force)
            axes.barh(place + shift, value, 0.36, color=colour,
                      label=t(f"word.{force}") if place == 0 else None)
            axes.text(value, place + shift, f" {t.number(value, 2)}", va="center")
    names = [t(f"concepts.balance.{name}") for name in balances["weighting"]]
    axes.set_yticks(range(len(names)), names)
    axes.set(xlim=(0, 8.5), xlabel="TNB")
    axes.invert_yaxis()
    axes.legend(frameon=False, loc="lower right")
    net = balances.set_index("weighting")["net"]
    return figure, {name: t(f"concepts.balance.{'driving' if value > 0 else 'restraining'}")
                    for name, value in net.items()}
