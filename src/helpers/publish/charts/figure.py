"""Figures and legends of charts, and texts beside them."""

import textwrap

import pandas as pd

from helpers.library_types import Axes, Figure, Line2D
from helpers.publish.texts import Texts


def new_figure(width: float, height: float) -> Figure:
    """Empty figure of a size in inches, which makes room for its labels and legends."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def one_panel(width: float, height: float) -> tuple[Figure, Axes]:
    """Empty figure of a size in inches, and its only axes, open at the top and right."""
    figure = new_figure(width, height)
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def entry(**look) -> Line2D:
    """Entry of a legend: a line or a marker."""
    from matplotlib.lines import Line2D

    return Line2D([], [], **look)


def year_name(year, t: Texts) -> str:
    """Year as text, or that there is none."""
    return t("data.undated") if pd.isna(year) else str(int(year))


def folded(text: str, width: int) -> str:
    """Text broken into lines."""
    return "\n".join(textwrap.wrap(text, width))
