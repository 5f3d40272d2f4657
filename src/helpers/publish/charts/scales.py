"""Charts of a region at other scales: beside its country."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.publish.charts.axes import rows_look
from helpers.publish.charts.figure import entry, one_panel
from helpers.publish.charts.palette import COLOURS, INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from helpers.publish.texts import Texts

ALL, NEAR, OWN = "#c9c9c9", COLOURS[0], COLOURS[1]
CLASSES = 50  # bars of the silhouette of all regencies
TICKS = (0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)  # of Theil's T


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
