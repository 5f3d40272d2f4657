"""Argument checks of the sampling functions, and the normal quantile that they share."""

from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import Error, check_share

BOOLEAN = (bool, np.bool_)


def whole(value: Any, name: str, least: int) -> int:
    try:
        fits = float(value).is_integer() and value >= least and not isinstance(value, BOOLEAN)
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise Error("{parameter} is {value}; give a whole number of at least {least}",
                    parameter=name, value=value, least=least)
    return int(value)


def check_size(population: int, confidence: float, proportion: float) -> None:
    whole(population, "population", 1)
    check_share("confidence", confidence, 0.95)
    check_share("proportion", proportion, 0.5)


def z_value(confidence: float) -> float:
    from scipy.stats import norm

    return float(norm.ppf((1 + confidence) / 2))


def whole_units(units: pd.Series) -> list[int]:
    if len(units) == 0:
        raise Error("units is empty; give at least one stratum")
    numbers = pd.to_numeric(units, errors="coerce")
    wrong = units[~(numbers.ge(0) & numbers.mod(1).eq(0))]
    if len(wrong):
        raise Error("units of {stratum!r} are {units}; give whole numbers, zero or more",
                    stratum=wrong.index[0], units=wrong.iloc[0])
    return [int(number) for number in numbers]
