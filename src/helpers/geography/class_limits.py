"""Class limits of maps."""

import warnings

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.errors import Error, check_choice

CLASSIFIERS = ("quantiles", "equal_interval", "fisher_jenks", "natural_breaks")
COLLAPSED, PARTED = 0.9, 0.5  # largest share of a class, of all years together and of one alone


def class_limits(values: ArrayLike, classifier: str = "quantiles", k: int = 5,
                 whole: bool = False) -> np.ndarray:
    """Limits between the classes of a map.

    The limits rise, lowest and highest value included: k classes have k + 1 limits. A class holds
    its upper limit. Where the lowest value alone would fill a class (zero, of areas most of which
    have none), it is a class of its own, and the lowest limit stands twice; values that differ
    are never all in one class. Raises ValueError without any value, and for an unknown classifier.

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
        Number of classes, at least two; fewer come back when the values have fewer distinct ones.
    whole : bool
        Round the limits up to whole numbers, for counts.

    Examples
    --------
    >>> class_limits([0, 1, 2, 3, 4, 5, 6, 7, 8], "quantiles", 4).tolist()
    [0.0, 2.0, 4.0, 6.0, 8.0]
    >>> class_limits([0, 1, 10], "equal_interval", 2).tolist()
    [0.0, 5.0, 10.0]

    Of eight values six are zero, more than the two that fill one of four classes:

    >>> class_limits([0, 0, 0, 0, 0, 0, 1, 9], "quantiles", 4).tolist()
    [0.0, 0.0, 1.0, 9.0]
    """
    numbers = np.asarray(values, dtype=float).ravel()
    numbers = numbers[np.isfinite(numbers)]
    check_choice("classifier", classifier, CLASSIFIERS)
    if not len(numbers):
        raise Error("map classes need at least one value; all are missing")
    lowest, highest = numbers.min(), numbers.max()
    above = numbers[numbers > lowest]
    ties = len(numbers) - len(above)
    # Ties that fill one of the k classes would take others along.
    if len(above) and ties > 1 and ties * k >= len(numbers):
        upper = np.append(lowest, _upper(above, classifier, k - 1))
    else:
        upper = _upper(numbers, classifier, k)
    upper = np.unique(np.ceil(upper) if whole else upper)
    if len(upper) == 1 and len(above):  # ties at the top: what lies below them is the other class
        upper = np.append(numbers[numbers < highest].max(), upper)
    return np.append(lowest, upper)


def series_classes(years: pd.DataFrame, classifier: str = "quantiles",
                   k: int = 5) -> tuple[pd.DataFrame, np.ndarray, bool]:
    """Values of several years with class limits for all of them.

    Where the classes of a year collapse (nine tenths of its areas in one class, although classes
    of its own would part them), as in a long series of current prices, every value is divided by
    the mean of the areas in its year, so that differences between areas are seen.

    Parameters
    ----------
    years : DataFrame
        A row an area, a column a year.
    classifier, k
        As in `class_limits`.

    Returns
    -------
    DataFrame, array, bool
        Values, their class limits, and whether the values are relative to the mean of their year.

    Examples
    --------
    Incomes that grow a hundredfold: on common limits each year would have one colour.

    >>> import pandas as pd
    >>> years = pd.DataFrame({1929: [1, 2, 3, 4], 2009: [100, 200, 300, 400]})
    >>> values, limits, relative = series_classes(years, "equal_interval", 4)
    >>> values[2009].tolist(), relative
    ([0.4, 0.8, 1.2, 1.6], True)
    """
    limits = class_limits(years, classifier, k)
    means = years.mean()
    if not (years.min().min() >= 0 and (means > 0).all()):
        return years, limits, False
    known = [numbers.dropna().to_numpy(dtype=float) for _, numbers in years.items()]
    collapsed = any(_largest(numbers, limits) >= COLLAPSED
                    and _largest(numbers, class_limits(numbers, classifier, k)) <= PARTED
                    for numbers in known)
    if not collapsed:
        return years, limits, False
    relative = years / means
    return relative, class_limits(relative, classifier, k), True


def _largest(numbers: np.ndarray, limits: np.ndarray) -> float:
    """Share of the values in the class that holds most of them."""
    return np.bincount(np.searchsorted(limits[1:-1], numbers)).max() / len(numbers)


def _upper(numbers: np.ndarray, classifier: str, k: int) -> np.ndarray:
    """Upper limits of at most k classes."""
    distinct = np.unique(numbers)
    if k == 1:
        return distinct[-1:]
    if len(distinct) <= k and classifier != "equal_interval":
        return distinct
    if classifier == "quantiles":
        return np.quantile(numbers, np.arange(1, k + 1) / k)
    if classifier == "equal_interval":
        return np.linspace(numbers.min(), numbers.max(), k + 1)[1:]
    return _optimal_limits(numbers, classifier, k)


def _optimal_limits(numbers: np.ndarray, classifier: str, k: int) -> np.ndarray:
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
