"""Plain permutation test that others are held to."""

import numpy as np

from helpers.permutation import tails


def permutation_p(first, second, permutations=9999, seed=0):
    """One-sided p-value for "the mean of the first group is higher"."""
    pooled = np.concatenate([np.asarray(first, dtype=float), np.asarray(second, dtype=float)])
    # In units of the largest value: the tolerance for ties then fits small and large numbers.
    pooled = pooled / (np.abs(pooled).max(initial=0.0) or 1.0)
    return tails(len(pooled), len(first), lambda places: pooled[places].sum(axis=1), permutations,
                 seed)[0]
