"""What the sampling functions demand of their arguments, and the normal quantile that they
share."""

import numpy as np
import pandas as pd


def whole(value, name: str, least: int) -> int:
    try:
        whole = not isinstance(value,
                               (bool, np.bool_)) and float(value).is_integer() and value >= least
    except (TypeError, ValueError):
        whole = False
    if not whole:
        raise ValueError(f"{name} is {value}; give a whole number of at least {least}")
    return int(value)


def check_size(population, confidence, proportion) -> None:
    whole(population, "population", 1)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; give a share between 0 and 1, such as 0.95")
    if not 0 < proportion < 1:
        raise ValueError(f"proportion is {proportion}; give a share between 0 and 1, such as 0.5")


def z_value(confidence: float) -> float:
    from scipy.stats import norm

    return float(norm.ppf((1 + confidence) / 2))


def whole_units(units: pd.Series) -> list[int]:
    if len(units) == 0:
        raise ValueError("units is empty; give at least one stratum")
    numbers = pd.to_numeric(units, errors="coerce")
    wrong = units[~(numbers.ge(0) & numbers.mod(1).eq(0))]
    if len(wrong):
        raise ValueError(
            f"units of {wrong.index[0]!r} are {wrong.iloc[0]}; give whole numbers, zero or more")
    return [int(number) for number in numbers]
