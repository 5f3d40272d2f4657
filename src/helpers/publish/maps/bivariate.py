"""Square legend of a map of two numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from helpers.publish.maps.class_legend import decimals
from helpers.publish.maps.colours import NEED_ACCESS
from helpers.publish.texts import Texts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LABEL = "<key>"  # of its axes: no panel of the map itself
SIDE = 1.05  # inches
MARGIN = 0.15
ABOVE = 0.75  # inches for the title of the figure


def key_of(headings: tuple[str, str], bins: tuple[Sequence[float], Sequence[float]],
           t: Texts) -> Callable[[Figure], None]:
    """Function that draws the legend of nine colours into the upper right corner of a figure.

    `headings` and `bins` (four class limits each) are of the rows and of the columns of the square.
    """
    def draw(figure: Figure) -> None:
        from matplotlib.patches import Rectangle

        width, height = figure.get_size_inches()
        corner = (1 - (SIDE + MARGIN) / width, 1 - (ABOVE + SIDE) / height)
        axes = figure.add_axes((*corner, SIDE / width, SIDE / height), label=LABEL)
        axes.set_in_layout(False)
        for row, styles in enumerate(NEED_ACCESS):
            for column, (colour, hatch) in enumerate(styles):
                axes.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, hatch=hatch or None,
                                         edgecolor="#9a9a9a", linewidth=0.5))
        axes.set(xlim=(0, 3), ylim=(0, 3), xticks=range(4), yticks=range(4))
        for axis, limits, heading in zip((axes.yaxis, axes.xaxis), bins, headings, strict=True):
            digits = decimals(limits)
            axis.set_ticklabels([t.number(limit, digits) for limit in limits])
            axis.set_label_text(textwrap.fill(t("map.rising", what=heading), 22))
            axis.label.set_size(7.5)
        axes.tick_params(labelsize=6.5, length=2)
        for spine in axes.spines.values():
            spine.set_visible(False)

    return draw
