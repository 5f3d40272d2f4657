"""Class limits of maps."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from helpers.errors import Error, check_choice

CLASSIFIERS = ("quantiles", "equal_interval", "fisher_jenks", "natural_breaks")


def class_limits(values: ArrayLike, classifier: str = "quantiles", k: int = 5) -> np.ndarray:
    """Limits between the classes of a map.

    The limits rise, lowest and highest value included: k classes have k + 1 limits. A class holds
    its upper limit. Raises ValueError without any value, and for an unknown classifier.

    Parameters
    ----------
    values : array-like
        Numbers; missing ones are left out. Pass the values of all maps of a series to get one set
        of limits.
    classifier : str
        ``quantiles`` (equally many values a class), ``equal_interval`` (equally wide classes),
        ``fisher_jenks`` or ``natural_breaks`` (smallest spread inside the classes; the latter by
        k-means with a fixed start).
    k : int
        Number of classes; fewer come back when the values have fewer distinct ones.

    Examples
    --------
    >>> class_limits([0, 1, 2, 3, 4, 5, 6, 7, 8], "quantiles", 4).tolist()
    [0.0, 2.0, 4.0, 6.0, 8.0]
    >>> class_limits([0, 1, 10], "equal_interval", 2).tolist()
    [0.0, 5.0, 10.0]
    """
    numbers = np.asarray(values, dtype=float).ravel()
    numbers = numbers[np.isfinite(numbers)]
    check_choice("classifier", classifier, CLASSIFIERS)
    if not len(numbers):
        raise Error("map classes need at least one value; all are missing")
    if classifier == "quantiles":
        upper = np.quantile(numbers, np.arange(1, k + 1) / k)
    elif classifier == "equal_interval":
        upper = np.linspace(numbers.min(), numbers.max(), k + 1)[1:]
    else:
        upper = _optimal_limits(numbers, classifier, k)
    return np.unique(np.concatenate([[numbers.min()], upper]))


def _optimal_limits(numbers: np.ndarray, classifier: str, k: int) -> np.ndarray:
    distinct = len(np.unique(numbers))
    if distinct <= k:
        return np.unique(numbers)
    if classifier == "natural_breaks":
        return _k_means_limits(numbers, np.quantile(numbers, (np.arange(k) + 0.5) / k))
    import mapclassify

    with warnings.catch_warnings():
        # It warns that numba would be faster, which a map of some dozen areas does not need.
        warnings.simplefilter("ignore")
        return mapclassify.FisherJenks(numbers, k=k).bins


def _k_means_limits(numbers: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Limits by Lloyd's algorithm on a line, from given starts: the same at every run."""
    while True:
        edges = (centres[1:] + centres[:-1]) / 2
        members = np.searchsorted(edges, numbers, side="left")
        moved = np.array([numbers[members == group].mean() if (members == group).any() else centre
                          for group, centre in enumerate(centres)])
        if np.array_equal(moved, centres):
            return np.array([numbers[members == group].max() for group in np.unique(members)])
        centres = moved
