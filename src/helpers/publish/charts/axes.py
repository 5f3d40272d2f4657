"""Axes of charts: ticks, numbers in the chosen language, names of points."""

import numpy as np
import pandas as pd

from helpers.library_types import Axes
from helpers.publish.charts.palette import INK
from helpers.publish.texts import Texts

MOST_DECIMALS = 9  # of a tick
MOST_NAMED = 12  # points that carry a name in a scatter plot
RATIOS = (0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 25)  # ticks of an axis of ratios
LETTER = 0.0165  # width of a letter of such a name, as a share of the axes
LINE = 0.045  # its height
GAP = 0.012  # and its distance from the point
Box = tuple[float, float, float]  # where a name begins and ends, and its height


def name_outer(axes: Axes, table: pd.DataFrame, across: str, up: str,
               first: pd.Series | None = None) -> None:
    """Names of points from the outermost inwards, those marked `first` before, where there is room.

    A name that would lie on another, or hide a point, is left out. `table` has name, and the
    columns `across` and `up` of the coordinates.
    """
    low, high = table[[across, up]].min(), table[[across, up]].max()
    places = ((table[[across, up]] - low) / (high - low).replace(0, 1)).to_numpy()
    distance = np.hypot(*(places - places.mean(axis=0)).T)
    later = np.zeros(len(table), dtype=bool) if first is None else ~first.to_numpy()
    taken: list[Box] = []
    for position in np.lexsort([-distance, later]):
        row, others = table.iloc[position], np.delete(places, position, axis=0)
        right, height = places[position]
        free = [(left, box)
                for left, box in _sides(right, height, row["name"]) if _is_free(box, others, taken)]
        if len(taken) == MOST_NAMED or not free:
            continue
        left, box = free[0]
        taken.append(box)
        axes.annotate(row["name"], (row[across], row[up]), xytext=(-6 if left else 6, 3), size=7.5,
                      color=INK, textcoords="offset points", ha="right" if left else "left")


def _sides(right: float, height: float, name: str) -> list[tuple[bool, Box]]:
    """Places for a name, the better one first: whether left of its point, and its box."""
    length = LETTER * len(name)
    sides = [False] if right < 0.25 else [True] if right > 0.75 else [False, True]
    return [(left, (right - GAP - length, right - GAP, height) if left
             else (right + GAP, right + GAP + length, height)) for left in sides]


def _is_free(box: Box, points: np.ndarray, taken: list[Box]) -> bool:
    start, end, height = box
    on_names = any(start < stop and begin < end and abs(height - other) < LINE
                   for begin, stop, other in taken)
    across, up = points.T
    hidden = (across > start) & (across < end) & (up > height - LINE / 4) & (up < height + LINE)
    return not on_names and not hidden.any()


def year_ticks(axes: Axes, years: pd.Series) -> None:
    """Ticks at every year with a value, or at some of many."""
    distinct = sorted(years.unique())
    axes.set_xticks(distinct if len(distinct) <= 12 else distinct[:: len(distinct) // 8])
    axes.xaxis.set_major_formatter(lambda year, _: str(int(year)))
    axes.set_xlim(min(distinct) - 0.3, max(distinct) + 0.3)


def ratio_axis(axes: Axes, ratios: pd.DataFrame, t: Texts) -> tuple[float, float]:
    """Logarithmic axis of ratios around one; returns its limits."""
    ends = ratios.to_numpy(dtype=float) if ratios.size else np.ones(1)
    low, high = min(float(np.nanmin(ends)), 0.9), max(float(np.nanmax(ends)), 1.1)
    ticks = [tick for tick in RATIOS if low / 1.1 <= tick <= high * 1.1]
    axes.set_xscale("log")
    axes.set_xlim(low / 1.05, high * 1.05)
    axes.set_xticks(ticks, [t.number(tick, 2 if tick < 1 else 1) for tick in ticks])
    axes.minorticks_off()
    return low / 1.05, high * 1.05


def rows_look(axes: Axes) -> None:
    """Look of a chart with one row a thing: grid lines behind it, nothing beside the names."""
    axes.grid(axis="x", color="#e3e3e3", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)


def numbers(t: Texts, values: pd.Series, fewest: int | None = None):
    """Formatter with as many decimals as the size of the values asks for, or `fewest`, and as the
    ticks need to differ."""
    largest = float(values.abs().max())
    if fewest is None:
        fewest = 0 if largest >= 50 else 1 if largest >= 5 else 2 if largest >= 0.2 else 3
    return _as_exact_as_ticks(t.number, fewest, 1e-6 * largest)


def percents(t: Texts):
    """Formatter of shares as per cent, with decimals where the ticks need them to differ."""
    return _as_exact_as_ticks(lambda value, digits: t.percent(abs(value), digits - 2), 2, 1e-6)


def _as_exact_as_ticks(show, fewest: int, tolerance: float):
    from matplotlib.ticker import Formatter

    class Decimals(Formatter):
        digits = fewest

        def set_locs(self, locs):
            self.digits = next((digits for digits in range(fewest, MOST_DECIMALS) if all(
                abs(round(tick, digits) - tick) < tolerance for tick in locs)), fewest)

        def __call__(self, value, pos=None):
            return show(value, self.digits)

    return Decimals()
