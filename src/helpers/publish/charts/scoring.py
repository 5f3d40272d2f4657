"""Charts of the scoring stage."""

import numpy as np
import pandas as pd

from helpers.library_types import Axes, Figure
from helpers.publish.charts.axes import numbers, percents
from helpers.publish.charts.figure import entry, new_figure
from helpers.publish.charts.palette import INK, styles
from helpers.publish.texts import Texts

WHOLE = "all"
# Brown and blue-green of equal lightness; the neutral middle is grey.
DISAGREE, NEUTRAL, AGREE = ("#8C510A", "#D8B365"), "#D9D9D9", ("#5AB4AC", "#01665E")
EMPTY = "#f2f2f2"
# Dimensions beside each other: colours that no zone has.
SIDES = {"need": ("#000000", "o", -0.13), "access": ("#CC79A7", "s", 0.13),
         "scale": ("#000000", "o", 0)}
PROFILE_COLUMNS = 5


def likert_by_aspect(shares: pd.DataFrame, labels: dict[int, str], *, t: Texts) -> Figure:
    """Diverging stacked bars of answers, one bar an aspect, one panel a dimension.

    `shares` has dimension, aspect, answer, share, as from `helpers.scoring.answer_shares`,
    `labels` the words of answers, where the package says them.
    """
    from matplotlib.patches import Patch

    panels = dict(list(shares.groupby("dimension", sort=False)))
    steps = sorted(shares["answer"].unique())
    colours = dict(zip(steps, _diverging(len(steps))))
    bars = [part["aspect"].nunique() for part in panels.values()]
    figure = new_figure(10, 1.9 + 0.55 * sum(bars))
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=bars)[:, 0]
    for axes, (dimension, part) in zip(grid, panels.items()):
        table = part.pivot(index="aspect", columns="answer",
                           values="share").loc[part["aspect"].unique(), steps]
        _diverging_bars(axes, table, colours, t)
        axes.set_title(t.word(dimension), loc="left", size=11)
    reach = max(abs(limit) for axes in grid for limit in axes.dataLim.intervalx)
    reach = min(reach + 0.05, 1)
    grid[-1].set_xlim(-reach, reach)
    grid[-1].xaxis.set_major_formatter(percents(t))
    grid[-1].set_xlabel(t("chart.answers_axis" if len(steps) % 2 else "chart.halves_axis"))
    handles = [Patch(facecolor=colours[step], label=_answer_name(step, steps, labels, t))
               for step in steps]
    figure.legend(handles=handles, loc="outside right center", frameon=False, fontsize=9)
    return figure


def factor_structure(loadings: pd.DataFrame, counted: pd.DataFrame, *, t: Texts) -> Figure:
    """Eigenvalues against those of noise, and below them the loadings, one column a dimension.

    `loadings` is from `helpers.scoring.factor_loadings`, `counted` from `parallel_analysis`.
    """
    import seaborn

    panels = dict(list(loadings.groupby("dimension", sort=False)))
    most = max(part["item"].nunique() for part in panels.values())
    figure = new_figure(2 + 4.2 * len(panels), 4.4 + 0.27 * most)
    grid = figure.subplots(2, len(panels), squeeze=False, height_ratios=[3, 0.3 * most])
    for (above, below), (dimension, part) in zip(grid.T, panels.items()):
        lines = counted[counted["dimension"] == dimension]
        for column, look, ink in (("eigenvalue", "o-", INK), ("noise", "s--", "#777777")):
            above.plot(lines["factor"], lines[column], look, ms=4, lw=1.2, color=ink,
                       label=t(f"column.{column}"))
        above.set(title=t.word(dimension), xlabel=t("column.factor"), ylim=(0, None))
        above.set_xticks(lines["factor"])
        above.yaxis.set_major_formatter(lambda value, _: t.number(value, 1))
        above.spines[["top", "right"]].set_visible(False)
        table = part.pivot(index="item", columns="factor", values="loading")
        table = table.loc[part["item"].unique()]
        words = table.map(lambda value: t.number(value, 2))
        seaborn.heatmap(table, ax=below, cmap="PuOr", vmin=-1, vmax=1, annot=words, fmt="",
                        annot_kws={"size": 8.5, "zorder": 60}, cbar=False, linewidths=0.5)
        _readable(below)
        below.set(xlabel=t("column.factor"), ylabel="")
        below.tick_params(length=0, labelsize=8.5)
        below.set_yticks(below.get_yticks(), below.get_yticklabels(), rotation=0)
    grid[0, 0].legend(frameon=False, fontsize=9)
    bar = figure.colorbar(grid[1, 0].collections[0], ax=list(grid[1]), shrink=0.7,
                          label=t("column.loading"), ticks=[-1, -0.5, 0, 0.5, 1],
                          format=lambda value, _: t.number(value, 1))
    bar.outline.set_visible(False)
    return figure


def need_access_quadrants(points: pd.DataFrame, cuts: tuple[float, float], *, t: Texts) -> Figure:
    """Need against access with intervals, one panel an aspect; quadrants are named in words.

    `points` has level (all or a zone), aspect, and need and access with their limits, ``need_low``
    and so on; the axes cross at `cuts`, of need and access.
    """
    from matplotlib.ticker import MaxNLocator

    levels, aspects = list(points["level"].unique()), list(points["aspect"].unique())
    looks = styles([level for level in levels if level != WHOLE])
    looks[WHOLE] = {"color": "#000000", "marker": "D"}
    across = min(len(aspects), 3)
    down = -(-len(aspects) // across)
    figure = new_figure(1.6 + 3.2 * across, 1 + 3.6 * down)
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    # A name is wider than high, so the axis of access keeps more room beside the cut.
    reach = {side: _reach(points[[side, f"{side}_low", f"{side}_high"]], cut, room)
             for side, cut, room in (("need", cuts[0], 0.3), ("access", cuts[1], 0.6))}
    for axes, aspect in zip(grid, aspects):
        for row in points[points["aspect"] == aspect].itertuples():
            _cross(axes, row, looks[row.level])
        _quadrant_names(axes, cuts, reach, t)
        axes.set(xlim=reach["access"], ylim=reach["need"], title=t.word(aspect))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
            axis.set_major_formatter(lambda value, _: t.number(value, 1))
    for axes in grid[len(aspects):]:
        axes.set_axis_off()
    grid[across * (down - 1) + (across - 1) // 2].set_xlabel(t("chart.access_axis"))
    grid[0].set_ylabel(t("chart.need_axis"))
    handles = [entry(lw=1.4, color=looks[level]["color"], marker=looks[level]["marker"],
                     label=t.word(level)) for level in levels]
    figure.legend(handles=handles, loc="outside right center", frameon=False, fontsize=9)
    return figure


def scores_heatmap(cells: pd.DataFrame, limits: tuple[float, float], *, t: Texts) -> Figure:
    """Heat map of mean scores by area and aspect, one panel a dimension.

    `cells` is from `helpers.scoring.area_cells`; an empty mean above answers was suppressed. The
    colour scale ends at `limits`, the lowest and highest answer.
    """
    import seaborn
    from matplotlib.patches import Patch

    digits = 1 if limits[1] - limits[0] > 2 else 2
    panels = list(cells["dimension"].unique())
    rows = cells.groupby(["code", "name", "zone"], sort=False, as_index=False)["n"].max()
    figure = new_figure(3 + 3.1 * len(panels), 1.8 + 0.27 * len(rows))
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, dimension in zip(grid, panels):
        part = cells[cells["dimension"] == dimension]
        table = part.pivot(index="code", columns="aspect",
                           values="mean").loc[rows["code"], part["aspect"].unique()]
        words = table.map(lambda value: "" if np.isnan(value) else t.number(value, digits))
        seaborn.heatmap(table, ax=axes, cmap="cividis", vmin=limits[0], vmax=limits[1], annot=words,
                        fmt="", annot_kws={"size": 8.5, "zorder": 60}, cbar=False, linewidths=0.5)
        _readable(axes)
        axes.set(title=t.word(dimension), xlabel="", ylabel="")
        axes.set_xticklabels([t.word(aspect) for aspect in table.columns], rotation=0, size=9)
        axes.set_yticks([place + 0.5 for place in range(len(rows))],
                        [f"{row.name} ({row.n})" for row in rows.itertuples(index=False)], size=9,
                        rotation=0)
        axes.tick_params(length=0)
        axes.set_facecolor(EMPTY)
    _zone_marks(grid, rows["zone"].tolist(), t)
    bar = figure.colorbar(grid[0].collections[0], ax=list(grid), shrink=0.5,
                          label=t("chart.mean_score"), format=lambda value, _: t.number(value, 1))
    bar.outline.set_visible(False)
    if (cells["mean"].isna() & (cells["n"] > 0)).any():
        swatch = Patch(facecolor=EMPTY, edgecolor="#999999", label=t("chart.suppressed"))
        grid[0].legend(handles=[swatch], loc="upper left", bbox_to_anchor=(0, -0.04), frameon=False,
                       fontsize=9)
    return figure


def area_profiles(cells: pd.DataFrame, limits: tuple[float, float], *, t: Texts) -> Figure:
    """Scores of every area with intervals, one small panel an area, zone by zone.

    `cells` is from `helpers.scoring.area_cells` with intervals; whole dimensions are left out. Axes
    and intervals end at `limits`, the lowest and highest answer.
    """
    from matplotlib.ticker import MaxNLocator

    parts = cells[cells["aspect"] != WHOLE]
    aspects = list(parts["aspect"].unique())
    places = parts.groupby(["code", "name", "zone"], sort=False)["n"].max()
    zones = styles(parts["zone"].unique())
    across = min(len(places), PROFILE_COLUMNS)
    down = -(-len(places) // across)
    across = -(-len(places) // down)
    figure = new_figure(11, 1.1 + (0.42 + 0.19 * len(aspects)) * down)
    # One axes a column and not one a panel: laying out many axes takes longer than all the rest of
    # the stage.
    grid = figure.subplots(1, across, sharex=True, sharey=True, squeeze=False)[0]
    block = len(aspects) + 1.6
    for number, ((code, name, zone), count) in enumerate(places.items()):
        axes, top = grid[number // down], number % down * block
        _profile(axes, parts[parts["code"] == code], aspects, top, limits)
        axes.plot([limits[0]] * 2, [top - 0.5, top + len(aspects) - 0.5],
                  color=zones[zone]["color"], lw=5, clip_on=False, solid_capstyle="butt")
        axes.text(limits[0], top - 0.65, f"{name} ({count})", size=8.5, va="bottom")
    for axes in grid:
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.xaxis.set_major_formatter(lambda value, _: t.number(value))
        axes.grid(axis="x", color="#e6e6e6", lw=0.6)
        axes.tick_params(labelsize=8)
        axes.tick_params(axis="y", length=0)
        axes.spines[["top", "right", "left"]].set_visible(False)
    grid[0].set(xlim=limits, ylim=((down - 1) * block + len(aspects) - 0.4, -1.4))
    rows = [place * block + row for place in range(down) for row in range(len(aspects))]
    grid[0].set_yticks(rows, [t.word(aspect) for aspect in aspects] * down)
    handles = [entry(color=colour, marker=marker, lw=1.6, label=t.word(side))
               for side, (colour, marker, _) in SIDES.items() if side in {*parts["dimension"]}]
    handles += [entry(color=look["color"], lw=5, label=t("chart.zone", zone=t.word(zone)))
                for zone, look in zones.items()]
    figure.legend(handles=handles, loc="outside right center", frameon=False, fontsize=9)
    return figure


def _profile(axes: Axes, part: pd.DataFrame, aspects: list[str], top: float,
             limits: tuple[float, float]) -> None:
    for side, (colour, marker, shift) in SIDES.items():
        own = part[part["dimension"] == side]
        heights = [top + aspects.index(aspect) + shift for aspect in own["aspect"]]
        axes.hlines(heights, own["ci_low"].clip(*limits), own["ci_high"].clip(*limits),
                    color=colour, lw=1.4)
        axes.plot(own["mean"], heights, color=colour, marker=marker, ms=4.5, mec="white", mew=0.5,
                  ls="")


def zone_contrasts_forest(contrasts: pd.DataFrame, level: float, *, t: Texts) -> Figure:
    """Forest plot of the table `zone_contrasts`, one panel a dimension; adjusted p-values below
    `level` are drawn filled, others hollow."""
    named = contrasts.assign(pair=list(zip(contrasts["zone_a"], contrasts["zone_b"])))
    looks = styles(dict.fromkeys(named["pair"]))
    panels, aspects = list(named["dimension"].unique()), list(named["aspect"].unique())
    figure = new_figure(11, 1.6 + (0.24 * len(looks) + 0.16) * len(aspects))
    grid = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for axes, dimension in zip(grid, panels):
        for place, (pair, look) in enumerate(looks.items()):
            part = named[(named["dimension"] == dimension) & (named["pair"] == pair)]
            shift = 0.72 * ((place + 0.5) / len(looks) - 0.5)
            _forest_rows(axes, part, [aspects.index(aspect) + shift for aspect in part["aspect"]],
                         look, level)
        _forest_axes(axes, dimension, [t.word(aspect) for aspect in aspects], named, t)
    handles = [entry(color=look["color"], marker=look["marker"], lw=1.6,
                     label=" – ".join(t.word(zone) for zone in pair))
               for pair, look in looks.items()]
    figure.legend(handles=handles + _forest_fills(level, t), loc="outside right center",
                  frameon=False, fontsize=9)
    return figure


def aspect_contrasts_forest(contrasts: pd.DataFrame, level: float, *, t: Texts) -> Figure:
    """Forest plot of the table `aspect_contrasts`, one panel a dimension, one row a pair; adjusted
    p-values below `level` are drawn filled, others hollow."""
    named = contrasts.assign(pair=list(zip(contrasts["aspect_a"], contrasts["aspect_b"])))
    panels, pairs = list(named["dimension"].unique()), list(named["pair"].unique())
    figure = new_figure(11, 1.4 + 0.35 * len(pairs))
    grid = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for axes, dimension in zip(grid, panels):
        part = named[named["dimension"] == dimension]
        _forest_rows(axes, part, [pairs.index(pair) for pair in part["pair"]],
                     {"color": INK, "marker": "o"}, level)
        _forest_axes(axes, dimension, [" – ".join(map(t.word, pair)) for pair in pairs], named, t)
    figure.legend(handles=_forest_fills(level, t), loc="outside right center", frameon=False,
                  fontsize=9)
    return figure


def _forest_axes(axes: Axes, dimension: str, rows: list[str], contrasts: pd.DataFrame,
                 t: Texts) -> None:
    axes.axvline(0, color=INK, lw=1)
    axes.set(title=t.word(dimension), xlabel=t("column.difference"))
    axes.set_yticks(range(len(rows)), rows)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.xaxis.set_major_formatter(numbers(t, contrasts[["ci_low", "ci_high"]].stack(), 1))
    axes.grid(axis="x", color="#e0e0e0", lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def _forest_fills(level: float, t: Texts) -> list:
    return [entry(color=INK, marker="o", ls="", mfc=fill, label=t(key, level=level))
            for fill, key in ((INK, "chart.below_level"), ("white", "chart.above_level"))]


def _forest_rows(axes: Axes, part: pd.DataFrame, heights: list[float], look: dict,
                 level: float) -> None:
    for height, row in zip(heights, part.itertuples()):
        fill = look["color"] if row.p_adjusted < level else "white"
        axes.plot([row.ci_low, row.ci_high], [height, height], color=look["color"], lw=1.6)
        axes.plot(row.difference, height, marker=look["marker"], color=look["color"], mfc=fill,
                  ms=6.5, mew=1.4)


def _diverging(steps: int) -> list:
    from matplotlib.colors import LinearSegmentedColormap

    def ramp(ends: tuple[str, str]) -> list:
        return list(LinearSegmentedColormap.from_list("", ends)(np.linspace(0, 1, steps // 2)))

    return [*ramp(DISAGREE), *([NEUTRAL] if steps % 2 else []), *ramp(AGREE[::-1])[::-1]]


def _diverging_bars(axes: Axes, table: pd.DataFrame, colours: dict, t: Texts) -> None:
    steps = list(table.columns)
    half = len(steps) // 2
    middle = table[steps[half]] / 2 if len(steps) % 2 else 0
    start = -(table[steps[:half]].sum(axis=1) + middle)
    for place, step in enumerate(steps):
        dark = place == 0 or place == len(steps) - 1
        axes.barh(range(len(table)), table[step], left=start, color=colours[step], height=0.72)
        for row, (left, share) in enumerate(zip(start, table[step])):
            if share >= 0.055:
                axes.text(left + share / 2, row, t.percent(share), ha="center", va="center",
                          size=8.5, zorder=60, color="white" if dark else "black")
        start = start + table[step]
    axes.axvline(0, color=INK, lw=0.8, zorder=0)
    axes.set_yticks(range(len(table)), [t.word(aspect) for aspect in table.index])
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _answer_name(step: int, steps: list[int], labels: dict[int, str], t: Texts) -> str:
    if labels:
        return f"{step} {labels.get(step, '')}".strip()
    key = f"answer.{len(steps)}.{step - steps[0] + 1}"
    return f"{step} {t(key)}" if t.has(key) else str(step)


def _reach(values: pd.DataFrame, cut: float, room: float) -> tuple[float, float]:
    low, high = min(values.min(axis=None), cut), max(values.max(axis=None), cut)
    # Room for the name of a quadrant on each side of the cut, also where no point lies there.
    edge, beside = 0.15 * (high - low), room * (high - low)
    return min(low - edge, cut - beside), max(high + edge, cut + beside)


def _cross(axes: Axes, row, look: dict) -> None:
    axes.plot([row.access_low, row.access_high], [row.need, row.need], color=look["color"], lw=1.3)
    axes.plot([row.access, row.access], [row.need_low, row.need_high], color=look["color"], lw=1.3)
    axes.plot(row.access, row.need, color=look["color"], marker=look["marker"], ms=6.5, mec="white",
              zorder=4)


def _quadrant_names(axes: Axes, cuts: tuple[float, float], reach: dict, t: Texts) -> None:
    need_cut, access_cut = cuts
    axes.axhline(need_cut, color=INK, lw=1)
    axes.axvline(access_cut, color=INK, lw=1)
    edges = {"low": (reach["need"][0], "bottom", 3), "high": (reach["need"][1], "top", -3)}
    for need, (edge, align, shift) in edges.items():
        for access, end in zip(("low", "high"), reach["access"], strict=True):
            axes.annotate(t.word(f"{need}_need_{access}_access").replace(", ", ",\n"),
                          ((end + access_cut) / 2, edge), xytext=(0, shift), va=align, size=7,
                          textcoords="offset points", ha="center", color="#5a5a5a", style="italic")


def _readable(axes: Axes) -> None:
    """Numbers of a heat map in black or white, whichever stands out more from the cell."""
    from seaborn.utils import relative_luminance

    mesh = axes.collections[0]
    cells = mesh.get_facecolors()[~np.ma.getmaskarray(mesh.get_array()).ravel()]
    for text, colour in zip(axes.texts, cells):
        # Black and white contrast alike at a luminance of 0.18 (WCAG 2).
        text.set_color("black" if relative_luminance(colour) > 0.18 else "white")


def _zone_marks(grid: list[Axes], zones: list[str], t: Texts) -> None:
    ends = [place for place in range(1, len(zones)) if zones[place] != zones[place - 1]]
    for axes in grid:
        for end in ends:
            axes.axhline(end, color="white", lw=5)
    for start, end in zip([0, *ends], [*ends, len(zones)]):
        grid[-1].text(1.03, (start + end) / 2, t.word(zones[start]),
                      transform=grid[-1].get_yaxis_transform(), rotation=270, ha="left",
                      va="center", size=10, color=INK)
