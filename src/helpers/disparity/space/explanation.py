"""Tables of the gap between zones, raw and adjusted, for several indicators."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.disparity import regression
from helpers.disparity.regression import NotEstimableError
from helpers.disparity.space.neighbourhoods import Rule
from helpers.disparity.space.spatial_regression import (
    IMPACTS,
    residual_tests,
    spatial_regression,
)
from helpers.library_types import GeoDataFrame


class Explanation(NamedTuple):
    """Tables of `explain_gaps`; the indicator is the first column, numbers are logarithms.

    Attributes
    ----------
    gaps : DataFrame
        One row an indicator and zone, as from `gap_explained`, and the verdict: no_gap (the
        interval of the raw gap holds zero, so that there is no share to speak of), part (the
        drivers account for something: the interval of the explained part excludes zero) or unclear.
    parts : DataFrame
        One row an indicator, zone and driver, as from `gap_parts`.
    terms : DataFrame
        model (raw, adjusted), estimator (ols, error, lag), term, and what `least_squares` or
        `spatial_regression` says of it. The spatial estimators are there where the residuals ask
        for them.
    tests : DataFrame
        One row an indicator and model, as from `residual_tests`.
    left_out : DataFrame
        indicator and reason: not_positive (no logarithm), no_drivers, or a reason of
        `NotEstimableError`.
    """

    gaps: pd.DataFrame
    parts: pd.DataFrame
    terms: pd.DataFrame
    tests: pd.DataFrame
    left_out: pd.DataFrame


def explain_gaps(outcomes: Mapping[str, pd.Series], zones: pd.Series, base: str,
                 drivers: pd.DataFrame, polygons: GeoDataFrame | None = None,
                 alpha: float = 0.05, weights: Rule | None = None) -> Explanation:
    """Share of the gap between zones that the drivers explain, for several indicators.

    The values enter as logarithms, so that a gap is a ratio: exp(gap) is the zone's mean
    (geometric) over that of the base. Areas that lack a value or a driver are left out; so are
    indicators that cannot be treated, with the reason.

    Parameters
    ----------
    base : str
        Zone that the others are compared with.
    drivers : DataFrame
        By code, for example slope and distance to the city.
    polygons, weights
        As in `residual_tests`; without polygons there are neither terms nor tests.
    alpha : float
        Level of the tests; intervals cover 1 - alpha.
    """
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in Explanation._fields}
    for name, values in outcomes.items():
        try:
            tables = _explained(values, zones, base, drivers, polygons, alpha, weights)
        except NotEstimableError as obstacle:
            tables = {"left_out": pd.DataFrame({"reason": [obstacle.reason]})}
        for kind, table in tables.items():
            table.insert(0, "indicator", name)
            found[kind].append(table)
    nothing = pd.DataFrame(columns=["indicator", "zone", "reason"])
    return Explanation(*(pd.concat(tables, ignore_index=True) if tables else nothing
                         for tables in found.values()))


def gap_ratios(gaps: pd.DataFrame) -> pd.DataFrame:
    """Raw, adjusted and explained gaps of an `Explanation` as ratios.

    Examples
    --------
    >>> gaps = pd.DataFrame({"zone": ["north"], "raw": [0.0], "raw_low": [np.log(0.5)],
    ...                      "share": [0.2]})
    >>> gap_ratios(gaps)[["raw", "raw_low", "share"]].round(6).values.tolist()
    [[1.0, 0.5, 0.2]]
    """
    logs = [name for name in gaps.columns if name.split("_")[0] in ("raw", "adjusted", "explained")]
    return gaps.assign(**{name: np.exp(gaps[name]) for name in logs})


def _explained(values: pd.Series, zones: pd.Series, base: str, drivers: pd.DataFrame,
               polygons: GeoDataFrame | None, alpha: float,
               weights: Rule | None) -> dict[str, pd.DataFrame]:
    """Tables of one indicator."""
    if drivers.empty:
        raise NotEstimableError(
            "no_drivers", "there is nothing that could explain the gap: no driver in the data")
    known = drivers.dropna().index.intersection(values.dropna().index).intersection(zones.index)
    values, zones, drivers = values[known], zones[known], drivers.loc[known]
    if not (values > 0).all():
        raise NotEstimableError(
            "not_positive", "a value of zero or less has no logarithm: no ratio can be explained")
    logs, confidence = np.log(values), 1 - alpha
    gaps = regression.gap_explained(logs, zones, base, drivers, confidence)
    # One gap that can be told from zero and one that cannot may still be alike: what the drivers do
    # is asked of their difference, which has an interval of its own.
    unclear = [(gaps[f"{name}_low"] <= 0) & (gaps[f"{name}_high"] >= 0)
               for name in ("raw", "explained")]
    gaps["verdict"] = np.select(unclear, ["no_gap", "unclear"], "part")
    tables = {"gaps": gaps, "parts": regression.gap_parts(logs, zones, base, drivers)}
    if polygons is None:
        return tables
    terms, tests = [], []
    for model, regressors in (("raw", None), ("adjusted", drivers)):
        design = regression.zone_design(zones, base, regressors)
        tested = residual_tests(logs, design, polygons, alpha, weights)
        tests.append({"model": model, **tested})
        # Only with a lag do effects spread: what comes back, and what comes from neighbours.
        fits = {"ols": regression.least_squares(logs, design, confidence).assign(
            **dict.fromkeys(IMPACTS, np.nan))}
        if (asked := tested["asks_for"]) != "ols":
            fits[asked] = spatial_regression(logs, design, polygons, asked, weights, confidence)
        terms += [fit.rename_axis("term").reset_index().assign(model=model, estimator=estimator)
                  for estimator, fit in fits.items()]
    return {**tables, "terms": pd.concat(terms, ignore_index=True), "tests": pd.DataFrame(tests)}
