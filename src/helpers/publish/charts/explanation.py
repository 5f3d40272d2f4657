"""Chart of the gap between zones, raw and adjusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.publish.charts.axes import ratio_axis, rows_look
from helpers.publish.charts.figure import folded, one_panel
from helpers.publish.charts.palette import INK
from helpers.publish.texts import Texts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOOKS = {"raw": {"color": "#777777", "marker": "o", "markerfacecolor": "#ffffff"},
         "adjusted": {"color": "#0072B2", "marker": "s", "markerfacecolor": "#0072B2"}}
APART = 0.16  # of a row, between the two marks


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
