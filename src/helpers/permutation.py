"""Divisions of areas into two groups, as they could have fallen: the base of tests that permute labels.

All divisions are counted where there are few; otherwise random ones are drawn from a `numpy.random.Generator` made from
the seed, and the observed division counts as one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from math import comb

import numpy as np

AT_ONCE = 2_000_000  # numbers held in memory at a time
TIE = 1e-12  # equal sums in another order can differ in the last digits


def divisions(size: int, first: int, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Yield, in blocks, divisions of `size` places into a first group and the rest.

    The blocks bound the memory and change no draw.

    Parameters
    ----------
    size, first : int
        How many places there are, and how many of them belong to the first group.
    permutations : int
        All divisions are yielded when there are at most so many (see `are_all`), otherwise so many random ones.
    seed : int

    Yields
    ------
    array of int, shape (block, first)
        Places of the first group, one division a row.

    Examples
    --------
    >>> next(divisions(3, 2, 100, 0)).tolist()
    [[0, 1], [0, 2], [1, 2]]
    """
    if are_all(size, first, permutations):
        yield np.array(list(combinations(range(size), first)), dtype=np.intp).reshape(-1, first)
        return
    rng = np.random.default_rng(seed)
    block = max(1, AT_ONCE // size)
    for start in range(0, permutations, block):
        count = min(block, permutations - start)
        yield rng.permuted(np.tile(np.arange(size), (count, 1)), axis=1)[:, :first]


def are_all(size: int, first: int, permutations: int) -> bool:
    """Return whether the divisions are few enough to be counted one by one.

    Examples
    --------
    >>> are_all(5, 2, 10), are_all(5, 2, 9)
    (True, False)
    """
    return comb(size, first) <= permutations


def tails(size: int, first: int, statistic: Callable[[np.ndarray], np.ndarray], permutations: int = 9999,
          seed: int = 0) -> tuple[float, float]:
    """Return the shares of divisions whose statistic is at least, and at most, the observed one.

    Parameters
    ----------
    size, first : int
        Places 0 to `first` - 1 are the observed first group.
    statistic : callable
        Takes places as from `divisions`, returns one number a row.
    permutations, seed : int
        As in `divisions`.

    Returns
    -------
    tuple of float
        Upper and lower tail; of random divisions (1 + b) / (1 + m), because the observed one is one of them.

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
        above += int((found >= observed - slack).sum())
        below += int((found <= observed + slack).sum())
        counted += len(places)
    own = 0 if are_all(size, first, permutations) else 1
    return (above + own) / (counted + own), (below + own) / (counted + own)


def permutation_p(first, second, permutations: int = 9999, seed: int = 0) -> float:
    """One-sided p-value for "the mean of the first group is higher", with the group labels permuted.

    All divisions into groups of the same sizes are counted when there are at most `permutations` of them; otherwise
    as many random ones are drawn, and the observed one counts as one of them: (1 + b) / (1 + m).

    Parameters
    ----------
    first, second : array of shape (n,), (m,)
        Values of the two groups.
    permutations : int
        How many random divisions.
    seed : int
        Seed of the random divisions.

    Examples
    --------
    Only one of the ten ways to choose three of 1..5 has a mean as high as that of 3, 4, 5.

    >>> permutation_p([3, 4, 5], [1, 2])
    0.1
    """
    pooled = np.concatenate([np.asarray(first, dtype=float), np.asarray(second, dtype=float)])
    # In units of the largest value, so that the tolerance for ties means the same for small and large numbers.
    pooled = pooled / (np.abs(pooled).max(initial=0.0) or 1.0)
    return tails(len(pooled), len(first), lambda places: pooled[places].sum(axis=1), permutations, seed)[0]
