"""Permutation tests: divisions of areas into two groups, and p-values corrected for their number.

All divisions are counted where there are few; otherwise random ones are drawn from a
`numpy.random.Generator` made from the seed, and the observed division counts as one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.errors import check_choice

AT_ONCE = 2_000_000  # numbers held in memory at a time
CORRECTIONS = ("none", "fdr")
TIE = 1e-12  # equal sums in another order can differ in the last digits


def divisions(size: int, first: int, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Divisions of `size` places into a first group and the rest, in blocks.

    The blocks bound the memory and change no draw.

    Parameters
    ----------
    size, first : int
        How many places there are, and how many of them belong to the first group.
    permutations : int
        All divisions are yielded when there are at most so many (see `are_all`), otherwise so many
        random ones.

    Yields
    ------
    array of int, shape (block, first)
        Places of the first group, one division a row.

    Examples
    --------
    >>> next(divisions(3, 2, 100, 0)).tolist()
    [[0, 1], [0, 2], [1, 2]]
    """
    if _are_few(size, first, permutations):
        yield _kept(size, first, permutations, seed)[0]
        return
    if are_all(size, first, permutations):
        yield _all(size, first)
        return
    block = max(1, AT_ONCE // size)
    rng = np.random.default_rng(seed)
    for start in range(0, permutations, block):
        yield _drawn(rng, min(block, permutations - start), size, first)


def are_all(size: int, first: int, permutations: int) -> bool:
    """Whether the divisions are few enough to be counted one by one.

    Examples
    --------
    >>> are_all(5, 2, 10), are_all(5, 2, 9)
    (True, False)
    """
    return comb(size, first) <= permutations


def tails(size: int, first: int, statistic: Callable[[np.ndarray], np.ndarray],
          permutations: int = 9999, seed: int = 0) -> tuple[float, float]:
    """Shares of divisions whose statistic is at least, and at most, the observed one.

    They are the upper and the lower tail; of random divisions (1 + b) / (1 + m), because the
    observed one is one of them.

    Parameters
    ----------
    size, first : int
        Places 0 to `first` - 1 are the observed first group.
    statistic : callable
        Takes places as from `divisions`, returns one number a row. A missing one counts in both
        tails, because nobody knows that it is less extreme.
    permutations, seed : int
        As in `divisions`.

    Examples
    --------
    Of the three divisions of 1, 2, 4 into two and one, only {2, 4} has a sum as large as itself.

    >>> values = np.array([2.0, 4.0, 1.0])
    >>> upper, lower = tails(3, 2, lambda places: values[places].sum(axis=1))
    >>> round(upper, 6), lower
    (0.333333, 1.0)
    """
    observed = statistic(np.arange(first)[None])[0]
    slack = TIE * max(1.0, abs(observed))
    above = below = counted = 0
    for places in divisions(size, first, permutations, seed):
        found = statistic(places)
        above += int((~(found < observed - slack)).sum())
        below += int((~(found > observed + slack)).sum())
        counted += len(places)
    own = 0 if are_all(size, first, permutations) else 1
    return (above + own) / (counted + own), (below + own) / (counted + own)


def adjusted(p_values: pd.Series, correction: str = "fdr") -> pd.Series:
    r"""P-values corrected for the number of tests.

    Of m p-values in ascending order the i-th becomes (Benjamini and Hochberg 1995)

    .. math:: \tilde p_{(i)} = \min_{j \ge i} \frac{m}{j} p_{(j)}

    so that of the areas whose corrected p-value is at most alpha, a share of alpha is expected to
    be there by chance. Raises ValueError for another correction.

    Parameters
    ----------
    p_values : Series
        Missing ones are no tests: they stay missing and are not counted.
    correction : str
        none or fdr.

    Examples
    --------
    >>> adjusted(pd.Series([0.01, 0.04, None, 0.03])).round(6).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    from scipy.stats import false_discovery_control

    check_choice("correction", correction, CORRECTIONS)
    tested = p_values.dropna()
    if correction == "none" or tested.empty:
        return p_values
    return pd.Series(false_discovery_control(tested), index=tested.index).reindex(p_values.index)


def permutation_p(first: ArrayLike, second: ArrayLike, permutations: int = 9999,
                  seed: int = 0) -> float:
    """One-sided permutation p-value for "the mean of the first group is higher".

    All divisions into groups of the same sizes are counted when there are at most `permutations` of
    them; otherwise as many random ones are drawn, and the observed one counts as one of them: (1 +
    b) / (1 + m).

    Parameters
    ----------
    first, second : array of shape (n,), (m,)
        Values of the two groups.
    permutations, seed : int
        As in `divisions`.

    Examples
    --------
    Only one of the ten ways to choose three of 1..5 has a mean as high as that of 3, 4, 5.

    >>> permutation_p([3, 4, 5], [1, 2])
    0.1
    """
    own = np.asarray(first, dtype=float)
    pooled = np.concatenate([own, np.asarray(second, dtype=float)])
    # In units of the largest value: the tolerance for ties then fits small and large numbers.
    pooled = pooled / (np.abs(pooled).max(initial=0.0) or 1.0)
    return tails(len(pooled), len(own), lambda places: pooled[places].sum(axis=1), permutations,
                 seed)[0]


def critical_shifts(first: ArrayLike, second: ArrayLike, permutations: int = 9999, seed: int = 0,
                    among: np.ndarray | None = None) -> np.ndarray:
    r"""Shift of the first group from which each division counts in the upper tail.

    If the first group lies :math:`\delta` above the second, taking :math:`\delta` off makes the
    labels exchangeable. A division whose first group has sum S and k members of the observed one
    counts against a shift when

    .. math:: S - k \delta \ge S_0 - n \delta \iff \delta \ge \frac{S_0 - S}{n - k}

    with the observed sum :math:`S_0` of n members. So one pass over the divisions gives the p-value
    of every shift. The shifts are sorted; divisions that are the observed one are left out, as they
    count at every shift.

    Parameters
    ----------
    first, second, permutations, seed
        As in `permutation_p`.
    among : array of int, shape (m, n), optional
        Places of the first group in each division, where these alone are possible.

    Examples
    --------
    >>> critical_shifts([3, 5], [1]).tolist()
    [2.0, 4.0]
    """
    own = np.asarray(first, dtype=float)
    pooled, size = np.concatenate([own, np.asarray(second, dtype=float)]), len(own)
    scale = np.abs(pooled).max(initial=0.0) or 1.0
    found = []
    blocks = _memberships(len(pooled), size, permutations, seed) if among is None else [
        marked(among, len(pooled))]
    for members in blocks:
        others = size - members[:, :size] @ np.ones(size)
        moved = others > 0
        found.append((own.sum() - (members @ pooled)[moved]) / others[moved])
    shifts = np.sort(np.concatenate(found))
    shifts[np.abs(shifts) < TIE * scale * size] = 0.0
    return shifts


def number_of_divisions(size: int, first: int, permutations: int) -> int:
    """Number of divisions that `divisions` yields, with the observed one.

    Examples
    --------
    >>> number_of_divisions(5, 2, 10), number_of_divisions(5, 2, 9)
    (10, 10)
    """
    return comb(size, first) if are_all(size, first, permutations) else permutations + 1


def shift_p(shifts: np.ndarray, divided: int) -> float:
    """P-value of no shift from critical shifts.

    Parameters
    ----------
    shifts : array
        From `critical_shifts`.
    divided : int
        Number of divisions, with the observed one.

    Examples
    --------
    >>> shift_p(critical_shifts([3, 4, 5], [1, 2]), 10)
    0.1
    """
    always = divided - len(shifts)
    return float((always + np.searchsorted(shifts, 0.0, side="right")) / divided)


def shift_interval(shifts: np.ndarray, divided: int, alpha: float) -> tuple[float, float]:
    """Interval of the shift by inversion of the permutation test.

    It holds the shifts that neither tail of the test rejects: its lower limit lies above zero
    exactly where p is below alpha, and both tails together leave out two alpha. Where there are too
    few divisions to reject anything, a limit is infinite.

    Parameters
    ----------
    shifts, divided
        As in `shift_p`.
    alpha : float
        Level of each tail.

    Examples
    --------
    Of ten divisions the observed one always counts; a shift is rejected at 20 % as long as no other
    one does.

    >>> shift_interval(critical_shifts([3, 4, 5], [1, 2]), 10, 0.2)
    (1.0, 4.0)
    """
    # A shift is kept once at least alpha of all divisions count against it. Each division counts
    # from its critical shift on, so the limit is an order statistic: the critical shift of the last
    # division that is needed, counted from below and, for the other tail, from above.
    needed = int(np.ceil(round(alpha * divided, 9))) - (divided - len(shifts))
    if needed < 1:
        return -np.inf, np.inf
    if needed > len(shifts):
        return np.inf, -np.inf
    return float(shifts[needed - 1]), float(shifts[-needed])


def _memberships(size: int, first: int, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Divisions as zeros and ones, a place a column."""
    if _are_few(size, first, permutations):
        yield _kept(size, first, permutations, seed)[1]
    else:
        yield from (marked(places, size) for places in divisions(size, first, permutations, seed))


def _are_few(size: int, first: int, permutations: int) -> bool:
    return min(permutations, comb(size, first)) * size <= AT_ONCE


@lru_cache(maxsize=8)
def _kept(size: int, first: int, permutations: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Small set of divisions, as places and as zeros and ones, kept for the next comparison."""
    if are_all(size, first, permutations):
        places = _all(size, first)
    else:
        places = _drawn(np.random.default_rng(seed), permutations, size, first)
    members = marked(places, size)
    for kept in (places, members):
        kept.setflags(write=False)
    return places, members


def _all(size: int, first: int) -> np.ndarray:
    return np.array(list(combinations(range(size), first)), dtype=np.intp).reshape(-1, first)


def _drawn(rng: np.random.Generator, count: int, size: int, first: int) -> np.ndarray:
    return rng.permuted(np.tile(np.arange(size), (count, 1)), axis=1)[:, :first]


def marked(places: np.ndarray, size: int) -> np.ndarray:
    """Divisions as zeros and ones, a place a column.

    Examples
    --------
    >>> marked(np.array([[0, 2]]), 3).tolist()
    [[1.0, 0.0, 1.0]]
    """
    members = np.zeros((len(places), size))
    np.put_along_axis(members, places, 1.0, axis=1)
    return members
