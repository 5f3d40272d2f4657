"""Permutation tests: permutations of the labels of two groups, and p-values corrected for number.

All permutations are counted where there are few; otherwise random ones are drawn from a
`numpy.random.Generator` made from the seed, and the observed permutation counts as one of them.
"""

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


def permuted_labels(size: int, first: int, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Permutations of the labels of `size` places, in blocks: a first group and the rest.

    The blocks bound the memory and change no draw.

    Parameters
    ----------
    size, first : int
        How many places there are, and how many of them belong to the first group.
    permutations : int
        All permutations are yielded when there are at most so many (see `are_all`), otherwise so
        many random ones.

    Yields
    ------
    array of int, shape (block, first)
        Places of the first group, one permutation a row.

    Examples
    --------
    >>> next(permuted_labels(3, 2, 100, 0)).tolist()
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
    """Whether the permutations are few enough to be counted one by one.

    Examples
    --------
    >>> are_all(5, 2, 10), are_all(5, 2, 9)
    (True, False)
    """
    return comb(size, first) <= permutations


def tails(size: int, first: int, statistic: Callable[[np.ndarray], np.ndarray],
          permutations: int = 9999, seed: int = 0) -> tuple[float, float]:
    """Shares of permutations whose statistic is at least, and at most, the observed one.

    They are the upper and the lower tail; of random permutations (1 + b) / (1 + m), because the
    observed one is one of them.

    Parameters
    ----------
    size, first : int
        Places 0 to `first` - 1 are the observed first group.
    statistic : callable
        Takes places as from `permuted_labels`, returns one number a row. A missing one counts in
        both tails, because nobody knows that it is less extreme.
    permutations, seed : int
        As in `permuted_labels`.

    Examples
    --------
    Of the three permutations of 1, 2, 4 into two and one, only {2, 4} has a sum as large as itself.

    >>> values = np.array([2.0, 4.0, 1.0])
    >>> upper, lower = tails(3, 2, lambda places: values[places].sum(axis=1))
    >>> round(upper, 6), lower
    (0.333333, 1.0)
    """
    observed = statistic(np.arange(first)[None])[0]
    slack = TIE * max(1.0, abs(observed))
    above = below = counted = 0
    for places in permuted_labels(size, first, permutations, seed):
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


def critical_shifts(first: ArrayLike, second: ArrayLike, permutations: int = 9999, seed: int = 0,
                    among: np.ndarray | None = None) -> np.ndarray:
    r"""Shift of the first group from which each permutation counts in the upper tail.

    If the first group lies :math:`\delta` above the second, taking :math:`\delta` off makes the
    labels exchangeable. A permutation whose first group has sum S and k members of the observed one
    counts against a shift when

    .. math:: S - k \delta \ge S_0 - n \delta \iff \delta \ge \frac{S_0 - S}{n - k}

    with the observed sum :math:`S_0` of n members. So one pass over the permutations gives the
    p-value of every shift. Permutations that are the observed one are left out, as they count at
    every shift.

    Parameters
    ----------
    first, second : array of shape (n,), (m,)
        Values of the two groups.
    permutations, seed : int
        As in `permuted_labels`.
    among : array of int, shape (m, n), optional
        Places of the first group in each permutation, where these alone are possible.

    Examples
    --------
    >>> sorted(critical_shifts([3, 5], [1]).tolist())
    [2.0, 4.0]
    """
    own = np.asarray(first, dtype=float)
    pooled, size = np.concatenate([own, np.asarray(second, dtype=float)]), len(own)
    scale = np.abs(pooled).max(initial=0.0) or 1.0
    found = []
    blocks = _memberships(len(pooled), size, permutations, seed) if among is None else [
        _counted(among, len(pooled), size)]
    for members, others in blocks:
        moved = others > 0
        found.append((own.sum() - (members @ pooled)[moved]) / others[moved])
    shifts = np.concatenate(found)
    shifts[np.abs(shifts) < TIE * scale * size] = 0.0
    return shifts


def number_of_permutations(size: int, first: int, permutations: int) -> int:
    """Number of permutations that `permuted_labels` yields, with the observed one.

    Examples
    --------
    >>> number_of_permutations(5, 2, 10), number_of_permutations(5, 2, 9)
    (10, 10)
    """
    return comb(size, first) if are_all(size, first, permutations) else permutations + 1


def shift_p(shifts: np.ndarray, number: int) -> float:
    """P-value of no shift from critical shifts.

    Parameters
    ----------
    shifts : array
        From `critical_shifts`.
    number : int
        Number of permutations, with the observed one.

    Examples
    --------
    >>> shift_p(critical_shifts([3, 4, 5], [1, 2]), 10)
    0.1
    """
    return float((number - (shifts > 0).sum()) / number)


def shift_interval(shifts: np.ndarray, number: int, alpha: float) -> tuple[float, float]:
    """Interval of the shift by inversion of the permutation test.

    It holds the shifts that neither tail of the test rejects: its lower limit lies above zero
    exactly where p is below alpha, and both tails together leave out two alpha. Where there are too
    few permutations to reject anything, a limit is infinite.

    Parameters
    ----------
    shifts, number
        As in `shift_p`.
    alpha : float
        Level of each tail.

    Examples
    --------
    Of ten permutations the observed one always counts; a shift is rejected at 20 % as long as no
    other one does.

    >>> shift_interval(critical_shifts([3, 4, 5], [1, 2]), 10, 0.2)
    (1.0, 4.0)
    """
    # A shift is kept once at least alpha of all permutations count against it. Each counts from its
    # critical shift on, so the limit is an order statistic: the critical shift of the last one that
    # is needed, counted from below and, for the other tail, from above.
    needed = int(np.ceil(round(alpha * number, 9))) - (number - len(shifts))
    if needed < 1:
        return -np.inf, np.inf
    if needed > len(shifts):
        return np.inf, -np.inf
    ends = needed - 1, len(shifts) - needed
    low, high = np.partition(shifts, ends)[[*ends]]
    return float(low), float(high)


def _memberships(size: int, first: int, permutations: int,
                 seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Permutations as zeros and ones, a place a column, and the number of moved places of each."""
    if _are_few(size, first, permutations):
        _, members, others = _kept(size, first, permutations, seed)
        yield members, others
    else:
        for places in permuted_labels(size, first, permutations, seed):
            yield _counted(places, size, first)


def _counted(places: np.ndarray, size: int, first: int) -> tuple[np.ndarray, np.ndarray]:
    members = marked(places, size)
    return members, first - members[:, :first].sum(axis=1)


def _are_few(size: int, first: int, permutations: int) -> bool:
    return min(permutations, comb(size, first)) * size <= AT_ONCE


@lru_cache(maxsize=8)
def _kept(size: int, first: int, permutations: int,
          seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Small set of permutations, as places and as in `_memberships`, kept for the next comparison.
    """
    if are_all(size, first, permutations):
        places = _all(size, first)
    else:
        places = _drawn(np.random.default_rng(seed), permutations, size, first)
    kept = places, *_counted(places, size, first)
    for part in kept:
        part.setflags(write=False)
    return kept


def _all(size: int, first: int) -> np.ndarray:
    return np.array(list(combinations(range(size), first)), dtype=np.intp).reshape(-1, first)


def _drawn(rng: np.random.Generator, count: int, size: int, first: int) -> np.ndarray:
    return rng.permuted(np.tile(np.arange(size), (count, 1)), axis=1)[:, :first]


def marked(places: np.ndarray, size: int) -> np.ndarray:
    """Permutations as zeros and ones, a place a column.

    Examples
    --------
    >>> marked(np.array([[0, 2]]), 3).tolist()
    [[1.0, 0.0, 1.0]]
    """
    members = np.zeros((len(places), size))
    np.put_along_axis(members, places, 1.0, axis=1)
    return members
