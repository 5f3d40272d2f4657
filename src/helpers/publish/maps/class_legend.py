"""Classes of a map: limits, the class of a value, and the ranges of the legend."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.errors import Error
from helpers.publish.maps.colours import NO_DATA
from helpers.publish.texts import Texts


def rising(bins: Sequence[float] | np.ndarray) -> np.ndarray:
    """Class limits, checked to rise; the lowest may stand twice, as a class of this value alone."""
    limits = np.asarray(bins, dtype=float)
    steps = np.diff(limits)
    if len(limits) < 2 or steps[0] < 0 or (steps[1:] <= 0).any():
        raise Error("class limits must rise; they are {limits}" if len(limits)
                    else "class limits must rise; they are none",
                    limits=", ".join(f"{limit:g}" for limit in limits))
    return limits


def around_zero(values) -> np.ndarray:
    """Limits of seven classes around zero; the middle one holds what hardly changed.

    The limits are -7, -5, -3, -1, 1, 3, 5 and 7 times a round number (1, 2 or 5 times a power of
    ten), the smallest that holds all values. `values` are changes, missing ones left out; pass
    those of all maps of a series to get one set of limits.

    The largest change, 62, needs steps of 10, because 7 times 5 is 35.

    >>> around_zero([-3, 62]).tolist()
    [-70.0, -50.0, -30.0, -10.0, 10.0, 30.0, 50.0, 70.0]
    """
    numbers = np.abs(np.asarray(values, dtype=float))
    numbers = numbers[np.isfinite(numbers)]
    largest = numbers.max() if len(numbers) and numbers.max() > 0 else 7.0
    power = 10.0 ** np.floor(np.log10(largest / 7))
    step = next(step * power for step in (1, 2, 5, 10) if 7 * step * power >= largest * (1 - 1e-12))
    return np.arange(-7, 8, 2) * step


def thirds(values) -> np.ndarray:
    """Limits of three equally wide classes; equal values fall into the middle one.

    >>> thirds([1, 4]).tolist(), thirds([2, 2]).tolist()
    ([1.0, 2.0, 3.0, 4.0], [0.5, 1.5, 2.5, 3.5])
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if not len(known):
        raise Error("map classes need at least one value; all are missing")
    low, high = known.min(), known.max()
    return np.linspace(low, high, 4) if high > low else low + np.arange(-1.5, 2)


def numbers(values: pd.Series) -> np.ndarray:
    """Column as numbers, missing ones as NaN."""
    return values.to_numpy(dtype=float, na_value=np.nan)


def fill(value: float, limits: np.ndarray, fills: list[tuple[str, str]]) -> tuple[str, str]:
    """Colour and hatch of a value; a class holds its upper limit."""
    return NO_DATA if np.isnan(value) else fills[class_of(value, limits)]


def entries(limits: np.ndarray, styles: list[tuple[str, str]], missing: bool, t: Texts,
            whole: bool = False) -> list[tuple[tuple[str, str], str]]:
    """Entries of the legend, the highest class first; at last that of no data, where some is."""
    found = list(zip(styles, ranges(limits, t, whole=whole), strict=True))[::-1]
    return found + [(NO_DATA, t("map.no_data"))] * bool(missing)


def class_of(value: float, limits: np.ndarray) -> int:
    """Number of the class that holds a value."""
    return int(np.searchsorted(limits[1:-1], value, side="left"))


def ranges(limits: np.ndarray, t: Texts, digits: int | None = None, whole: bool = False
           ) -> list[str]:
    """Range of every class, as the legend writes it; `digits` where others are shown as well. Of
    `whole` numbers none stands in two ranges."""
    digits = decimals(limits) if digits is None else digits
    shown = [t.number(limit, digits) for limit in limits]
    lows = [shown[0], *(t.number(limit + whole, digits) for limit in limits[1:-1])]
    said = [t("map.range", low=low, high=high) if low != high or not whole else high
            for low, high in zip(lows, shown[1:], strict=True)]
    if limits[0] == limits[1]:
        said[:2] = [shown[0], *(t("map.above", low=shown[0], high=high) for high in shown[2:3])]
    return said


def decimals(limits: Sequence[float] | np.ndarray) -> int:
    """Decimals that tell limits apart: rounding moves none by over a twentieth of a class.

    >>> decimals([0, 10, 20]), decimals([0.5, 0.71, 0.74])
    (0, 2)
    """
    exact = np.unique(np.asarray(limits, dtype=float))
    narrowest = np.diff(exact).min() if len(exact) > 1 else 1.0
    return next((digits for digits in range(6)
                 if np.abs(exact.round(digits) - exact).max() <= narrowest / 20), 6)
