"""Gaps between two zones, with permutation tests and bootstrap intervals.

Two questions, two answers. *Could labels given at random do as much?* The zones' names are permuted
over their areas (`helpers.permutation`). *How much hangs on single areas?* The areas of each zone
are drawn again (bootstrap).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.disparity.bootstrap import limits, redrawn
from helpers.disparity.panel import closest, people
from helpers.errors import Error
from helpers.permutation import adjusted, tails

GAP_COLUMNS = ["indicator", "theme", "year", "zone_a", "zone_b", "areas_a", "areas_b", "mean_a",
               "mean_b", "difference", "difference_low", "difference_high", "ratio", "ratio_low",
               "ratio_high", "p_difference", "p_ratio", "ahead"]


def main_pair(zones: pd.Series) -> tuple[str, str] | None:
    """Pair of zones with most areas, in the order of their appearance; None with one zone only.

    Of equally large zones the one that appears first counts.

    Examples
    --------
    >>> main_pair(pd.Series(["city", "north", "north", "south", "south"]))
    ('north', 'south')
    """
    order = list(zones.dropna().unique())
    sizes = zones.value_counts()
    largest = sorted(order, key=lambda zone: (-sizes[zone], order.index(zone)))[:2]
    if len(largest) < 2:
        return None
    first, second = sorted(largest, key=order.index)
    return first, second


def zone_gap(values: pd.Series, zones: pd.Series, pair: tuple[str, str],
             population: pd.Series | None = None, permutations: int = 9999, replicates: int = 999,
             seed: int = 0, confidence: float = 0.95) -> pd.Series:
    r"""Difference and ratio of the means of two zones, with p-values and intervals.

    .. math:: d = \bar y_a - \bar y_b, \qquad r = \bar y_a / \bar y_b, \qquad
        \bar y_z = \frac{\sum_{i \in z} f_i y_i}{\sum_{i \in z} f_i}

    With equal weights and no negative value a division that raises the difference raises the ratio
    as well, so that both p-values agree. Raises ValueError when a zone has no area with a value, or
    no people.

    Parameters
    ----------
    values : Series
        One value an area, by code; areas without one are left out.
    pair : tuple of str
        Zone a and zone b. Other zones take no part, neither in the permutations.
    population : Series, optional
        Weights f by code; without them every area counts once.
    permutations : int
        Random divisions behind a p-value; fewer possible ones are all counted.
    replicates : int
        Bootstrap replicates behind an interval.

    Returns
    -------
    Series
        zone_a, zone_b, areas_a, areas_b, mean_a, mean_b, difference, difference_low,
        difference_high, ratio, ratio_low, ratio_high, p_difference, p_ratio. The p-values are
        two-sided: twice the smaller tail, at most 1. Ratio and its companions are missing where a
        mean is not positive, the interval and the p-value of the ratio also where a value is
        negative. A limit of the ratio is infinite (zero) where draws give zone b (zone a) a mean of
        zero.

    Examples
    --------
    >>> values, zones = pd.Series([4.0, 6.0, 1.0, 1.0]), pd.Series(["n", "n", "s", "s"])
    >>> found = zone_gap(values, zones, ("n", "s"), replicates=99)
    >>> found[["difference", "ratio", "p_difference"]].round(6).tolist()
    [4.0, 5.0, 0.333333]
    """
    y, weights, first = _of_pair(values, zones, pair, population)
    scale = np.abs(y).max() or 1.0
    own = _own_means(y, weights, first)
    difference, ratio = float(np.subtract(*own)), float(_known(_ratio(*own)))
    compared = bool(np.isfinite(ratio)) and (y >= 0).all()
    drawn = _drawn_means(y, weights, first, replicates, seed)
    replicated = pd.DataFrame({"difference": np.subtract(*drawn),
                               "ratio": _ratio(*drawn) if compared else np.nan})
    spread = limits(replicated, confidence)

    def p_value(compare: Callable) -> float:
        def statistic(places: np.ndarray) -> np.ndarray:
            return compare(*_means(y / scale, weights, places))

        return min(1.0, 2 * min(tails(len(y), first, statistic, permutations, seed)))

    return pd.Series({
        "zone_a": pair[0], "zone_b": pair[1], "areas_a": first, "areas_b": len(y) - first,
        "mean_a": own[0], "mean_b": own[1], "difference": difference,
        "difference_low": spread.loc["difference", "ci_low"],
        "difference_high": spread.loc["difference", "ci_high"], "ratio": ratio,
        "ratio_low": spread.loc["ratio", "ci_low"], "ratio_high": spread.loc["ratio", "ci_high"],
        "p_difference": p_value(np.subtract), "p_ratio": p_value(_ratio) if compared else np.nan,
    })


def zone_gaps(indicators: pd.DataFrame, catalogue: pd.DataFrame, names: Iterable[str],
              zones: pd.Series, pair: tuple[str, str] | None, population: str | None,
              year: int | None, **options) -> pd.DataFrame:
    """Gaps between two zones in several indicators, each in the year nearest to the one asked for.

    Parameters
    ----------
    names : iterable of str
        Indicators; those without a value in one of the zones are left out.
    zones, pair
        As in `zone_gap`; without a pair there is nothing to compare, and no row.
    population : str or None
        Indicator that weights the means.
    **options
        permutations, replicates, seed and confidence of `zone_gap`.

    Returns
    -------
    DataFrame
        indicator, theme, year, the results of `zone_gap`, ahead (the zone that is better off;
        missing where they are equal, and for indicators without a direction) and p_adjusted:
        p_difference with the false discovery rate controlled over the indicators (see `adjusted`).

    Examples
    --------
    >>> rows = pd.DataFrame({"code": list("abcd"), "indicator": "poor", "year": 2024,
    ...                      "value": [1.0, 2.0, 5.0, 6.0]})
    >>> about = pd.DataFrame({"direction": [-1], "theme": "people"}, index=["poor"])
    >>> zones = pd.Series(list("nnss"), list("abcd"))
    >>> zone_gaps(rows, about, ["poor"], zones, ("n", "s"), None,
    ...           2024)[["ahead", "difference"]].values.tolist()
    [['n', -4.0]]
    """
    rows = []
    for name in names:
        values, when = closest(indicators, name, year)
        if pair is None or not set(pair) <= set(zones.reindex(values.index)):
            continue
        found = zone_gap(values, zones, pair, people(indicators, population, when), **options)
        better = np.sign(found["difference"]) * catalogue.loc[name, "direction"]
        ahead = pair[0] if better > 0 else pair[1] if better < 0 else None
        rows.append({"indicator": name, "theme": catalogue.loc[name, "theme"], "year": when,
                     **found, "ahead": ahead})
    table = pd.DataFrame(rows, columns=GAP_COLUMNS).astype({"year": "Int64"})
    return table.assign(p_adjusted=adjusted(table["p_difference"]))


def lead_by_theme(gaps: pd.DataFrame, alpha: float = 0.05) -> pd.DataFrame:
    """Number of indicators in which each of two zones is ahead, by theme.

    The table has theme, indicators, ahead_a, ahead_b (in how many each zone is ahead) and clear (in
    how many the difference is more than labels given at random would show).

    Parameters
    ----------
    gaps : DataFrame
        As from `zone_gaps`.
    alpha : float
        Level for the adjusted p-value.

    Examples
    --------
    >>> gaps = pd.DataFrame({"theme": ["x", "x"], "zone_a": "n", "zone_b": "s", "ahead": ["n", "s"],
    ...                      "p_adjusted": [0.01, 1]})
    >>> lead_by_theme(gaps).values.tolist()
    [['x', 2, 1, 1, 1]]
    """
    marked = gaps.assign(ahead_a=gaps["ahead"] == gaps["zone_a"],
                         ahead_b=gaps["ahead"] == gaps["zone_b"], clear=gaps["p_adjusted"] <= alpha)
    counted = marked.groupby("theme", sort=False)
    table = counted[["ahead_a", "ahead_b", "clear"]].sum()
    table.insert(0, "indicators", counted.size())
    return table.reset_index()


def gap_change(before: pd.Series, after: pd.Series, zones: pd.Series, pair: tuple[str, str],
               population: pd.Series | None = None, replicates: int = 999, seed: int = 0,
               confidence: float = 0.95) -> pd.DataFrame:
    """Change of the gap between two zones from one year to another, with intervals.

    Both years are measured on the same drawn areas, so that an area's level, which it keeps over
    the years, drops out. Errors are those of `zone_gap`.

    Parameters
    ----------
    before, after : Series
        Values by code; areas with a value in one of them only are left out.
    zones, pair, population, replicates, seed, confidence
        As in `zone_gap`; one set of weights serves both years.

    Returns
    -------
    DataFrame
        measure (difference, ratio), before, after, change, ci_low, ci_high. The change of the ratio
        is after / before, that of the difference after minus before. The ratio is missing as in
        `zone_gap`.

    Examples
    --------
    When every area doubles, the difference doubles as well and the ratio stays.

    >>> light, zones = pd.Series([4.0, 6.0, 1.0, 1.0]), pd.Series(["n", "n", "s", "s"])
    >>> gap_change(light, 2 * light, zones, ("n", "s"), replicates=99)[["before", "after",
    ...                                                                 "change"]].values.tolist()
    [[4.0, 8.0, 4.0], [5.0, 5.0, 1.0]]
    """
    both = before.index.intersection(after.index)
    known, drawn, positive = [], [], True
    for values in (before[both], after[both]):
        y, weights, first = _of_pair(values, zones, pair, population)
        known.append(_own_means(y, weights, first))
        drawn.append(_drawn_means(y, weights, first, replicates, seed))
        positive = positive and bool((y >= 0).all())
    rows = []
    for measure, compare in (("difference", np.subtract), ("ratio", _ratio)):
        start, end = (compare(*means) for means in known)
        moved = compare(compare(*drawn[1]), compare(*drawn[0]))
        if compare is _ratio:
            start, end = _known(start), _known(end)
            moved = moved if positive and np.isfinite(start + end) else moved * np.nan
        ends = limits(pd.DataFrame({measure: moved}), confidence).loc[measure]
        rows.append({"measure": measure, "before": float(start), "after": float(end),
                     "change": float(compare(end, start)), **ends})
    return pd.DataFrame(rows)


def gap_changes(before: pd.Series, after: pd.Series, zones: pd.Series,
                pairs: Iterable[tuple[str, str]], population: pd.Series | None = None,
                **options) -> pd.DataFrame:
    """Changes of the gaps of several pairs of zones between two years.

    The table has zone_a, zone_b and the columns of `gap_change`, for each pair once.

    Parameters
    ----------
    before, after, zones, population
        As in `gap_change`.
    pairs : iterable of tuple of str
        Those of which a zone has no area with a value in both years are left out.
    **options
        replicates, seed and confidence of `gap_change`.

    Examples
    --------
    >>> light, zones = pd.Series([4.0, 6.0, 1.0, 1.0]), pd.Series(["n", "n", "s", "s"])
    >>> found = gap_changes(light, light + 1, zones, [("n", "s"), ("n", "c")], replicates=99)
    >>> found[["zone_b", "change"]].values.tolist()
    [['s', 0.0], ['s', 0.6]]
    """
    there = set(zones.reindex((before + after).dropna().index))
    columns = ["zone_a", "zone_b", "measure", "before", "after", "change", "ci_low", "ci_high"]
    tables = [pd.DataFrame(columns=columns)]
    for a, b in dict.fromkeys(pairs):
        if {a, b} <= there:
            found = gap_change(before, after, zones, (a, b), population, **options)
            tables.append(found.assign(zone_a=a, zone_b=b)[columns])
    return pd.concat(tables[1:] or tables, ignore_index=True)


def _of_pair(values: pd.Series, zones: pd.Series, pair: tuple[str, str],
             population: pd.Series | None) -> tuple[np.ndarray, np.ndarray, int]:
    """Values and weights of two zones' areas, the first zone's first, and how many these are."""
    values = values.dropna()
    home = zones.reindex(values.index)
    parts = [values[home == zone] for zone in pair]
    for zone, part in zip(pair, parts, strict=True):
        if part.empty:
            raise Error("zone {zone} has no area with a value; there is nothing to compare",
                        zone=zone)
    pooled = pd.concat(parts)
    weights = np.ones(len(pooled))
    if population is not None:
        weights = population.reindex(pooled.index).to_numpy(dtype=float)
        if np.isnan(weights).any():
            raise Error("area {pooled} has no population; every area needs one",
                        pooled=pooled.index[np.isnan(weights)][0])
    first = len(parts[0])
    for zone, load in zip(pair, (weights[:first], weights[first:]), strict=True):
        if not load.sum() > 0 or (load < 0).any():
            raise Error("the population of zone {zone} is zero or negative; its mean has no "
                        "meaning", zone=zone)
    return pooled.to_numpy(dtype=float), weights, first


def _own_means(y: np.ndarray, weights: np.ndarray, first: int) -> tuple[float, float]:
    """Means of both zones, each from its own areas, because a difference of sums loses digits."""
    own, other = (float(np.average(y[part], weights=weights[part]))
                  for part in (slice(first), slice(first, None)))
    return own, other


def _means(y: np.ndarray, weights: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted means of the places in each row, and of all others."""
    total, load = (weights * y)[places].sum(axis=1), weights[places].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return total / load, ((weights * y).sum() - total) / (weights.sum() - load)


def _drawn_means(y: np.ndarray, weights: np.ndarray, first: int, replicates: int,
                 seed: int) -> tuple[np.ndarray, np.ndarray]:
    groups = (np.arange(len(y)) >= first).astype(int)
    blocks = []
    for places in redrawn(groups, replicates, seed):
        load, product = weights[places], (weights * y)[places]
        with np.errstate(divide="ignore", invalid="ignore"):
            blocks.append([product[:, part].sum(axis=1) / load[:, part].sum(axis=1)
                           for part in (slice(first), slice(first, None))])
    own, other = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    return own, other


def _ratio(upper: ArrayLike, lower: ArrayLike) -> np.ndarray:
    """Ratio; infinite over zero, missing where both are zero or one is negative."""
    over, under = np.asarray(upper, dtype=float), np.asarray(lower, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((over >= 0) & (under >= 0), over / under, np.nan)


def _known(ratio: np.ndarray) -> np.ndarray:
    """Ratio of the observed means, missing unless both are positive."""
    return np.where((ratio > 0) & np.isfinite(ratio), ratio, np.nan)
