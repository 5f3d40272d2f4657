"""Classes of scores (high, medium, low) and quadrants of need against access."""

import numpy as np
import pandas as pd

from helpers.errors import Error

LABELS = {
    2: ["low", "high"],
    3: ["low", "medium", "high"],
    4: ["very_low", "low", "high", "very_high"],
    5: ["very_low", "low", "medium", "high", "very_high"],
    6: ["very_low", "low", "fairly_low", "fairly_high", "high", "very_high"],
    7: ["very_low", "low", "fairly_low", "medium", "fairly_high", "high", "very_high"],
}


def class_bounds(lowest: float, highest: float, classes: int) -> np.ndarray:
    r"""Limits of classes of equal width.

    .. math:: b_i = \text{lowest} + i\,\frac{\text{highest} - \text{lowest}}{k}, \quad i = 0 \dots k

    Raises ValueError if the range is empty or the number of classes is out of range.

    Parameters
    ----------
    lowest, highest : float
        Ends of the scale, or of what was observed.
    classes : int
        k, at least 2.

    Returns
    -------
    ndarray, shape (k + 1,)

    Examples
    --------
    >>> class_bounds(1, 4, 4).tolist()
    [1.0, 1.75, 2.5, 3.25, 4.0]
    """
    if classes < 2 or classes != int(classes):
        raise Error("classes is {classes}; give a whole number of at least 2", classes=classes)
    if not lowest < highest:
        raise Error("lowest is {lowest} and highest is {highest}; lowest must be the smaller one",
                    lowest=lowest, highest=highest)
    return np.linspace(lowest, highest, int(classes) + 1)


def classify(values: pd.Series, lowest: float, highest: float, classes: int) -> pd.Series:
    """Scores in classes of equal width.

    A class holds its upper limit and not its lower one; only the lowest class holds both. So no
    score falls between classes, as 1.755 does between the printed 1.00-1.75 and 1.76-2.50. Raises
    ValueError if a value lies outside the range, or as `class_bounds` does.

    Parameters
    ----------
    values : Series of float
        Scores from `lowest` to `highest`; empty stays empty.
    lowest, highest, classes
        As in `class_bounds`.

    Returns
    -------
    Series of ordered categories
        low, medium, high for 3 classes; up to 7 classes in words, above that class_1, class_2, ...
        Index kept.

    Examples
    --------
    Limits on 1 to 5 are 2.33 and 3.67:

    >>> classify(pd.Series([1.0, 2.33, 2.34, 3.67, 5.0]), 1, 5, 3).tolist()
    ['low', 'low', 'medium', 'high', 'high']
    """
    # Nine decimals: a mean of 7/3 and a limit of 1 + 4/3 are the same number for the reader.
    bounds, rounded = class_bounds(lowest, highest, classes).round(9), values.astype(float).round(9)
    outside = values[(rounded < bounds[0]) | (rounded > bounds[-1])]
    if len(outside):
        raise Error("value {value:g} lies outside the range from {lowest:g} to {highest:g}",
                    value=outside.iloc[0], lowest=lowest, highest=highest)
    codes = np.where(rounded.isna(), -1, np.searchsorted(bounds[1:-1], rounded, side="left"))
    named = pd.Categorical.from_codes(codes, _words(classes), ordered=True)
    return pd.Series(named, index=values.index, name=values.name)


def class_table(lowest: float, highest: float, classes: int) -> pd.DataFrame:
    """Name and limits of every class, as `classify` uses them.

    Parameters are those of `class_bounds`. The table has class, above, up_to; the lowest class also
    holds `lowest` itself.

    Examples
    --------
    >>> class_table(1, 5, 2).values.tolist()
    [['low', 1.0, 3.0], ['high', 3.0, 5.0]]
    """
    bounds = class_bounds(lowest, highest, classes)
    return pd.DataFrame({"class": _words(classes), "above": bounds[:-1], "up_to": bounds[1:]})


def quadrant(need: pd.Series, access: pd.Series, need_cut: float, access_cut: float) -> pd.Series:
    """Quadrant of need against access, named in words.

    A value above its cut is high; a value at the cut is low, as in `classify`. High need with low
    access is the priority. A quadrant is high_need_low_access, high_need_high_access,
    low_need_low_access or low_need_high_access, empty where need or access is.

    Parameters
    ----------
    need, access : Series of float
        With the same index.
    need_cut, access_cut : float
        Where the axes cross.

    Examples
    --------
    >>> quadrant(pd.Series([4.0, 3.0]), pd.Series([2.0, 3.1]), 3, 3).tolist()
    ['high_need_low_access', 'low_need_high_access']
    """
    words = [f"{'high' if strong else 'low'}_need_{'high' if easy else 'low'}_access"
             for strong, easy in zip(need > need_cut, access > access_cut)]
    return pd.Series(words, index=need.index, dtype="str").where(need.notna() & access.notna())


def _words(classes: int) -> list[str]:
    return LABELS.get(int(classes)) or [f"class_{number}" for number in range(1, int(classes) + 1)]
