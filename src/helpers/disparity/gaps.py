"""Gaps between two zones, with permutation tests and the intervals that belong to them.

*Could labels given at random do as much?* The zones' names are permuted over their areas
(`helpers.permutation`). The interval holds every gap that this test does not reject: it excludes no
gap exactly where p is below the level, and it covers what it says for as few areas as there are, if
the zones differ by the gap and in nothing else. Percentiles of a bootstrap do not: with 15 and 7
areas they cover 88 to 90 % instead of 95 (``tools/simulations/coverage.py``).
"""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.disparity.panel import closest, people
from helpers.errors import Error, check_share
from helpers.permutation import (
    TIE,
    adjusted,
    marked,
    number_of_permutations,
    permuted_labels,
    shift_interval,
    tails,
)

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
             population: pd.Series | None = None, permutations: int = 9999, seed: int = 0,
             confidence: float = 0.95) -> pd.Series:
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
        Random divisions behind a p-value and an interval; fewer possible ones are all counted.

    Returns
    -------
    Series
        zone_a, zone_b, areas_a, areas_b, mean_a, mean_b, difference, difference_low,
        difference_high, ratio, ratio_low, ratio_high, p_difference, p_ratio. The p-values are
        two-sided: twice the smaller tail, at most 1. The interval of the difference holds the
        shifts of zone a's values, that of the ratio the factors, which leave the labels
        exchangeable; a limit is infinite (of a ratio also zero) where there are too few divisions
        to reject anything. Ratio and its companions are missing where a mean is not positive, the
        interval and the p-value of the ratio also where a value is negative.

    Examples
    --------
    >>> values, zones = pd.Series([4.0, 6.0, 1.0, 1.0]), pd.Series(["n", "n", "s", "s"])
    >>> found = zone_gap(values, zones, ("n", "s"))
    >>> found[["difference", "ratio", "p_difference"]].round(6).tolist()
    [4.0, 5.0, 0.333333]

    Of six divisions none can be rejected at 5 %; at 60 % the interval is as wide as the values
    are apart.

    >>> found = zone_gap(values, zones, ("n", "s"), confidence=0.4)
    >>> found[["difference_low", "difference_high", "ratio_low", "ratio_high"]].round(6).tolist()
    [3.0, 5.0, 4.0, 6.0]
    """
    check_share("confidence", confidence, 0.95)
    y, weights, first = _of_pair(values, zones, pair, population)
    scale = np.abs(y).max() or 1.0
    own = _own_means(y, weights, first)
    difference, ratio = float(np.subtract(*own)), float(_known(_ratio(*own)))
    compared = bool(np.isfinite(ratio)) and (y >= 0).all()
    divided = number_of_permutations(len(y), first, permutations)
    dealt = [_dealt(y, weights, marked(places, len(y)), first)
             for places in permuted_labels(len(y), first, permutations, seed)]
    spread = {"difference": _interval(dealt, _shifts, own, divided, confidence),
              "ratio": _interval(dealt, _factors, own, divided, confidence)
              if compared else (np.nan, np.nan)}

    def p_value(compare: Callable) -> float:
        def statistic(places: np.ndarray) -> np.ndarray:
            return compare(*_means(y / scale, weights, places))

        return min(1.0, 2 * min(tails(len(y), first, statistic, permutations, seed)))

    return pd.Series({
        "zone_a": pair[0], "zone_b": pair[1], "areas_a": first, "areas_b": len(y) - first,
        "mean_a": own[0], "mean_b": own[1], "difference": difference,
        "difference_low": spread["difference"][0], "difference_high": spread["difference"][1],
        "ratio": ratio, "ratio_low": spread["ratio"][0], "ratio_high": spread["ratio"][1],
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
        permutations, seed and confidence of `zone_gap`.

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


def never_clear(gaps: pd.DataFrame, alpha: float, permutations: int = 9999) -> pd.DataFrame:
    """Row on two zones of so few areas that no difference between them can be clear; else none.

    Names that are dealt out in N ways cannot give a p-value below 2 / N, and no correction makes it
    smaller.

    Parameters
    ----------
    gaps : DataFrame
        As from `zone_gaps`.
    alpha : float
        Level of the test.
    permutations : int
        As in `zone_gap`.

    Returns
    -------
    DataFrame
        areas, ways, p (the smallest possible).

    Examples
    --------
    Three areas of seven can be chosen in 35 ways, four of eight in 70.

    >>> never_clear(pd.DataFrame({"areas_a": [3], "areas_b": [4]}), 0.05).round(3).values.tolist()
    [[7.0, 35.0, 0.057]]
    >>> len(never_clear(pd.DataFrame({"areas_a": [4], "areas_b": [4]}), 0.05))
    0
    """
    # A package of one zone has no gap, and its columns no type.
    areas = (gaps["areas_a"] + gaps["areas_b"]).astype(int)
    most = gaps.assign(areas=areas).nlargest(1, "areas")
    ways = [number_of_permutations(int(row.areas), int(row.areas_a), permutations)
            for row in most.itertuples()]
    table = most[["areas"]].assign(ways=ways, p=[min(1.0, 2 / number) for number in ways])
    return table[table["p"] > alpha].reset_index(drop=True)


def gap_change(before: pd.Series, after: pd.Series, zones: pd.Series, pair: tuple[str, str],
               population: pd.Series | None = None, permutations: int = 9999, seed: int = 0,
               confidence: float = 0.95) -> pd.DataFrame:
    r"""Change of the gap between two zones from one year to another, with intervals.

    The change of the ratio is itself the ratio of two weighted means, those of the areas' growth:

    .. math:: \frac{\bar y_{a,T} / \bar y_{b,T}}{\bar y_{a,0} / \bar y_{b,0}}
        = \frac{\sum_{i \in a} v_i g_i / \sum_{i \in a} v_i}
               {\sum_{i \in b} v_i g_i / \sum_{i \in b} v_i}, \qquad
        g_i = y_{i,T} / y_{i,0}, \quad v_i = f_i\, y_{i,0}

    so that it is asked whether growth dealt out to the areas at random would do as much: the areas
    keep their zone, their people and their level. The change of the difference is the difference of
    the mean increases, and labels are permuted as in `zone_gap`. Errors are those of `zone_gap`.

    Parameters
    ----------
    before, after : Series
        Values by code; areas with a value in one of them only are left out.
    zones, pair, population, permutations, seed, confidence
        As in `zone_gap`; one set of weights serves both years. Growth is always dealt out at
        random, also where all ways could be counted.

    Returns
    -------
    DataFrame
        measure (difference, ratio), before, after, change, ci_low, ci_high. The change of the ratio
        is after / before, that of the difference after minus before. The ratio is missing as in
        `zone_gap`, its interval also where a first value is not positive.

    Examples
    --------
    When every area doubles, the difference doubles as well and the ratio stays.

    >>> light, zones = pd.Series([4.0, 6.0, 1.0, 1.0]), pd.Series(["n", "n", "s", "s"])
    >>> found = gap_change(light, 2 * light, zones, ("n", "s"), permutations=99)
    >>> found[["before", "after", "change"]].values.tolist()
    [[4.0, 8.0, 4.0], [5.0, 5.0, 1.0]]
    """
    check_share("confidence", confidence, 0.95)
    both = before.index.intersection(after.index)
    ends = [_of_pair(values[both], zones, pair, population) for values in (before, after)]
    (start, weights, first), end = ends[0], ends[1][0]
    means = [_own_means(y, weights, first) for y in (start, end)]
    gap = [float(np.subtract(*pair_means)) for pair_means in means]
    ratio = [float(_known(_ratio(*pair_means))) for pair_means in means]
    divided = number_of_permutations(len(start), first, permutations)
    dealt = [_dealt(end - start, weights, marked(places, len(start)), first)
             for places in permuted_labels(len(start), first, permutations, seed)]
    increases = _own_means(end - start, weights, first)
    limits = {"difference": _interval(dealt, _shifts, increases, divided, confidence),
              "ratio": (np.nan, np.nan)}
    if (start > 0).all() and (end >= 0).all() and np.isfinite(ratio).all():
        grown = _regrown(end / start, weights * start, first, permutations, seed)
        growths = _own_means(end / start, weights * start, first)
        limits["ratio"] = _interval(grown, _factors, growths, permutations + 1, confidence)
    rows = [("difference", *gap, gap[1] - gap[0], *limits["difference"]),
            ("ratio", *ratio, ratio[1] / ratio[0], *limits["ratio"])]
    return pd.DataFrame(rows, columns=["measure", "before", "after", "change", "ci_low", "ci_high"])


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
        permutations, seed and confidence of `gap_change`.

    Examples
    --------
    >>> light, zones = pd.Series([4.0, 6.0, 1.0, 1.0]), pd.Series(["n", "n", "s", "s"])
    >>> found = gap_changes(light, light + 1, zones, [("n", "s"), ("n", "c")], permutations=99)
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


def _dealt(y: np.ndarray, weights: np.ndarray, members: np.ndarray, first: int) -> np.ndarray:
    """Parts of the means of dealt zones, by whether an area belongs to zone a in truth.

    Shape (6, deals): the dealt zone a's mean from areas that are not and that are of a, the same of
    the dealt zone b, and the weight that areas of a have in either. ``members`` is one where an
    area is dealt to a.
    """
    own = (np.arange(len(y)) < first).astype(float)
    columns = np.column_stack([weights * y * (1 - own), weights * y * own, weights * own, weights])
    parts = [zone @ columns for zone in (members, 1 - members)]
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (part[:, :3] / part[:, 3:] for part in parts)
    return np.vstack([a[:, 0], a[:, 1], b[:, 0], b[:, 1], a[:, 2], b[:, 2]])


def _regrown(growth: np.ndarray, weights: np.ndarray, first: int, permutations: int,
             seed: int) -> list[np.ndarray]:
    """Parts as from `_dealt`, with growth dealt out over areas that keep their zone and weight."""
    rng, size = np.random.default_rng(seed), len(growth)
    orders = rng.permuted(np.tile(np.arange(size), (permutations, 1)), axis=1)
    dealt, own = growth[orders], orders < first
    loads = weights[:first] / weights[:first].sum(), weights[first:] / weights[first:].sum()
    places = slice(None, first), slice(first, None)
    parts = [(dealt[:, place] * mark[:, place]) @ load
             for place, load in zip(places, loads, strict=True) for mark in (~own, own)]
    return [np.array(parts)]


def _shifts(parts: np.ndarray, observed: tuple[float, float]) -> np.ndarray:
    """Shift of zone a from which each deal counts in the upper tail: (d0 - d) / (1 - k)."""
    difference = parts[0] + parts[1] - parts[2] - parts[3]
    moved = 1 - (parts[4] - parts[5])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(moved > TIE, (observed[0] - observed[1] - difference) / moved, np.nan)


def _factors(parts: np.ndarray, observed: tuple[float, float]) -> np.ndarray:
    r"""Factor of zone a from which each deal counts in the upper tail.

    With zone a's values divided by a factor, u its inverse, a deal has the ratio (a + bu)/(c + du)
    and the observed one r u. They are equal at the positive root of r d u^2 + (r c - b) u - a = 0.
    """
    a, b, c, d = parts[:4]
    ratio = observed[0] / observed[1]
    linear = ratio * c - b
    with np.errstate(divide="ignore", invalid="ignore"):
        root = (np.sqrt(linear**2 + 4 * ratio * d * a) - linear) / (2 * ratio * d)
        # Nobody changes zones: the deal counts at every factor or at none. (One that gives the
        # observed ratio counts always, and has no critical factor.)
        unmoved = np.where(np.abs(linear) <= TIE * ratio * c, np.nan,
                           np.where(linear < 0, 0.0, np.inf))
        return np.where(d > 0, 1 / root, np.where(a > 0, np.maximum(linear, 0) / a, unmoved))


def _interval(dealt: list[np.ndarray], critical: Callable, observed: tuple[float, float],
              divided: int, confidence: float) -> tuple[float, float]:
    """Limits between which the permutation test rejects nothing."""
    found = np.concatenate([critical(parts, observed) for parts in dealt])
    known = found[~np.isnan(found)]
    known[np.abs(known) < TIE * max(map(abs, observed))] = 0.0
    low, high = shift_interval(known, divided, round((1 - confidence) / 2, 12))
    return (max(low, 0.0), high) if critical is _factors else (low, high)


def _ratio(upper: ArrayLike, lower: ArrayLike) -> np.ndarray:
    """Ratio; infinite over zero, missing where both are zero or one is negative."""
    over, under = np.asarray(upper, dtype=float), np.asarray(lower, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((over >= 0) & (under >= 0), over / under, np.nan)


def _known(ratio: np.ndarray) -> np.ndarray:
    """Ratio of the observed means, missing unless both are positive."""
    return np.where((ratio > 0) & np.isfinite(ratio), ratio, np.nan)
