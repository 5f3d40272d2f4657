"""Bootstrap intervals of the measures of inequality, and what growth at random does to them.

Areas are drawn again with replacement inside their zones, so that every replicate has as many areas
of each zone as the region. All replicates are measured at once, as rows of a matrix. What is
simulated is another set of areas like these; where all areas of a region are known, an interval
tells how much hangs on single areas, not an error of sampling.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from helpers.disparity.panel import by_year, inequality_row, people
from helpers.errors import Error, check_share
from helpers.permutation import AT_ONCE

MEASURES = ["gini", "theil", "between_share", "williamson", "cv", "ratio_20_20"]
CLOSE = 1e-12  # changes that differ by less are equal
EQUAL = 1e-14  # Theil's T of equal values, as far as rounding lets it be zero


def inequality_intervals(values: pd.Series, zones: pd.Series, population: pd.Series | None,
                         replicates: int = 999, seed: int = 0,
                         confidence: float = 0.95) -> pd.DataFrame:
    """Measures of inequality with bootstrap percentile intervals.

    Drawing with replacement repeats areas, so that replicates are a little less unequal than the
    region, and the share of their inequality that lies between zones is a little higher. The table
    has measure, value, ci_low, ci_high; the limits are quantiles of the replicates that can be
    measured. Raises ValueError as in `gini`, for areas without a zone, and for fewer than two
    replicates or a confidence outside 0 to 1.

    Parameters
    ----------
    values, zones, population
        As in `inequality_row`.
    replicates : int
        How often the areas are drawn again.

    Examples
    --------
    >>> flat = pd.Series(2.0, index=list("abc"))
    >>> found = inequality_intervals(flat, pd.Series("n", flat.index), None, replicates=50, seed=1)
    >>> found.loc[0, ["value", "ci_low", "ci_high"]].tolist()
    [0.0, 0.0, 0.0]
    """
    known = pd.Series(inequality_row(values, zones, population))[MEASURES]
    return _with_limits(known, replicate(values, zones, population, replicates, seed), confidence)


def inequality_over_years(indicators: pd.DataFrame, name: str, zones: pd.Series,
                          population: str | None, replicates: int = 999, seed: int = 0,
                          confidence: float = 0.95) -> pd.DataFrame:
    """Inequality of one indicator in all its years, with intervals.

    The table has year and the columns of `inequality_intervals`.

    Parameters
    ----------
    zones : Series
        Zone of each area, by code; areas without one here are left out.
    population : str or None
        Indicator that weights the areas.
    replicates, seed, confidence
        As in `inequality_intervals`. Every year draws the same areas as long as the same areas have
        values.
    """
    rows = []
    for year, values in by_year(indicators, name).items():
        here, load = values[values.index.isin(zones.index)], people(indicators, population, year)
        found = inequality_intervals(here, zones, load, replicates, seed, confidence)
        rows.append(found.assign(year=year))
    table = pd.concat(rows, ignore_index=True)
    return table[["year", "measure", "value", "ci_low", "ci_high"]].astype({"year": "Int64"})


def inequality_change(before: pd.Series, after: pd.Series, zones: pd.Series,
                      population: pd.Series | None, permutations: int = 9999, seed: int = 0,
                      confidence: float = 0.95) -> pd.DataFrame:
    """Change of inequality between two years, beside what growth dealt out at random would do.

    All areas are known, so that the change is what it is. Whether it says something of who grew is
    asked by dealing the areas' growth (last value over first) out to them at random: a change above
    or below the middle share ``confidence`` of those is more than chance. That holds for any number
    of areas, where percentiles of a bootstrap call 16 % of random changes a rise or a fall, and far
    more where growth is skewed (``tools/simulations/coverage.py``). Growth at random itself makes
    areas a little less alike, which the limits take into account. Errors are those of
    `inequality_intervals`.

    Parameters
    ----------
    before, after : Series
        Values by code; areas with a value in one of them only are left out.
    zones, population, seed, confidence
        As in `inequality_intervals`; one set of weights serves both years.
    permutations : int
        How often growth is dealt out.

    Returns
    -------
    DataFrame
        measure, before, after, value (after minus before), chance_low, chance_high, and side:
        above, below, or unclear. The limits are missing where a first value is zero.

    Examples
    --------
    >>> before = pd.Series([1.0, 2.0], index=list("ab"))
    >>> zones = pd.Series(["n", "s"], list("ab"))
    >>> found = inequality_change(before, 3 * before, zones, None, permutations=50)
    >>> bool((found[["value", "chance_low"]].drop(3).abs() < 1e-12).all(axis=None))
    True
    """
    both = before.index.intersection(after.index)
    start, end = before[both], after[both]
    known = [pd.Series(inequality_row(values, zones, population))[MEASURES]
             for values in (start, end)]
    home, weights = pd.factorize(zones.loc[both])[0], _weights(start, population)
    chance = pd.DataFrame(np.nan, index=range(2), columns=MEASURES)
    if (start > 0).all():
        rng = np.random.default_rng(seed)
        orders = rng.permuted(np.tile(np.arange(len(both)), (permutations, 1)), axis=1)
        dealt = start.to_numpy() * (end / start).to_numpy()[orders]
        chance = _measure_rows(dealt, np.broadcast_to(weights, dealt.shape), home)
        if population is None:
            chance["williamson"] = np.nan
    table = _with_limits(known[1] - known[0], chance - known[0], confidence)
    table.insert(1, "before", known[0].to_numpy())
    table.insert(2, "after", known[1].to_numpy())
    table = table.rename(columns={"ci_low": "chance_low", "ci_high": "chance_high"})
    beyond = [table["value"] > table["chance_high"] + CLOSE,
              table["value"] < table["chance_low"] - CLOSE]
    return table.assign(side=np.select(beyond, ["above", "below"], "unclear"))


def side(intervals: pd.DataFrame, null: float = 0) -> pd.Series:
    """Side of a value on which intervals lie: above, below, or unclear where they hold it.

    Examples
    --------
    >>> side(pd.DataFrame({"ci_low": [0.1, -1.0, -1.0], "ci_high": [2.0, 2.0, -0.1]})).tolist()
    ['above', 'unclear', 'below']
    """
    known = [intervals["ci_low"] > null, intervals["ci_high"] < null]
    return pd.Series(np.select(known, ["above", "below"], "unclear"), intervals.index)


def replicate(values: pd.Series, zones: pd.Series, population: pd.Series | None, replicates: int,
              seed: int) -> pd.DataFrame:
    """Measures of inequality of redrawn areas.

    The table, of shape (replicates, measures), has gini, theil, between_share, williamson, cv and
    ratio_20_20; missing where a replicate has no total. Parameters are those of
    `inequality_intervals`.
    """
    if replicates < 2:
        raise Error("{replicates} bootstrap replicates are too few for an interval; at least 2 "
                    "are needed", replicates=replicates)
    home = pd.factorize(zones.loc[values.index])[0]
    y = values.to_numpy(dtype=float)
    weights = _weights(values, population)
    parts = [_measure_rows(y[places], weights[places], home)
             for places in redrawn(home, replicates, seed)]
    found = pd.concat(parts, ignore_index=True)
    if population is None:
        found["williamson"] = np.nan
    return found


def limits(drawn: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Percentile intervals.

    The table has ci_low and ci_high by measure, missing where all replicates are. `drawn` has the
    shape (replicates, measures). Missing replicates are left out; infinite ones count, and make a
    limit that falls among them infinite. Raises ValueError for a confidence outside 0 to 1.

    Examples
    --------
    >>> limits(pd.DataFrame({"ratio": [1.0, 2.0, 3.0, np.inf]}), 0.5).loc["ratio"].tolist()
    [1.75, inf]
    """
    check_share("confidence", confidence, 0.95)
    tail = (1 - confidence) / 2
    ends = {"ci_low": (tail, "lower"), "ci_high": (1 - tail, "higher")}
    found = {}
    with np.errstate(invalid="ignore"):
        for name, (place, outwards) in ends.items():
            # Between infinite neighbours nothing can be interpolated: the outer one is the limit.
            outer = drawn.quantile(place, interpolation=outwards)
            found[name] = drawn.quantile(place).fillna(outer)
    return pd.DataFrame(found)


def redrawn(groups: np.ndarray, replicates: int, seed: int) -> Iterator[np.ndarray]:
    """Bootstrap draws in blocks: places drawn with replacement inside their group.

    Column j stays in the group of place j.

    Yields
    ------
    array of int, shape (block, n)

    Examples
    --------
    >>> next(redrawn(np.array([0, 1]), 3, 0)).tolist()
    [[0, 1], [0, 1], [0, 1]]
    """
    rng = np.random.default_rng(seed)
    order = np.argsort(groups, kind="stable")
    size = np.bincount(groups)[groups]
    start = (np.cumsum(np.bincount(groups)) - np.bincount(groups))[groups]
    block = max(1, AT_ONCE // len(groups))
    for done in range(0, replicates, block):
        chance = rng.random((min(block, replicates - done), len(groups)))
        yield order[start + (chance * size).astype(np.intp)]


def _weights(values: pd.Series, population: pd.Series | None) -> np.ndarray:
    if population is None:
        return np.ones(len(values))
    return population.loc[values.index].to_numpy(dtype=float)


def _measure_rows(y: np.ndarray, weights: np.ndarray, home: np.ndarray) -> pd.DataFrame:
    """Measures of each row of values y and weights, (rows, n), in the groups of the columns."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = weights / weights.sum(axis=1, keepdims=True)
        mean = (p * y).sum(axis=1, keepdims=True)
        share = p * y / mean
        member = np.eye(home.max() + 1)[home]
        total = _entropy_rows(share, p)
        between = np.minimum(_entropy_rows(share @ member, p @ member), total)
        order = np.argsort(y, axis=1, kind="stable")
        start = np.zeros((len(y), 1))
        people, income = (np.hstack([start, np.take_along_axis(part, order, axis=1).cumsum(axis=1)])
                          for part in (p, share))
        lowest = _at(people, income, 0.2)
        return pd.DataFrame({
            "gini": 1 - (np.diff(people, axis=1) * (income[:, 1:] + income[:, :-1])).sum(axis=1),
            "theil": total,
            "between_share": np.where(total > EQUAL, between / total, np.nan),
            "williamson": np.sqrt((p * (y - mean) ** 2).sum(axis=1)) / mean[:, 0],
            "cv": y.std(axis=1) / y.mean(axis=1),
            "ratio_20_20": np.where(lowest > 0, (1 - _at(people, income, 0.8)) / lowest, np.nan),
        })[MEASURES]


def _entropy_rows(share: np.ndarray, base: np.ndarray) -> np.ndarray:
    terms = np.where(share > 0, share * np.log(share / base), share * 0)
    return np.maximum(terms.sum(axis=1), 0)


def _at(people: np.ndarray, income: np.ndarray, share: float) -> np.ndarray:
    """Each row's Lorenz curve at one share of the people, drawn straight between its points."""
    right = np.argmax(people >= share, axis=1)[:, None]
    low, high, before, after = (np.take_along_axis(curve, place, axis=1)[:, 0]
                                for curve in (people, income) for place in (right - 1, right))
    return before + (after - before) * (share - low) / (high - low)


def _with_limits(values: pd.Series, drawn: pd.DataFrame, confidence: float) -> pd.DataFrame:
    table = limits(drawn, confidence).assign(value=values).rename_axis("measure").reset_index()
    return table[["measure", "value", "ci_low", "ci_high"]]
