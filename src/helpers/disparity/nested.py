"""Theil's T over nested levels: between regencies, between their zones, and within zones."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.disparity.inequality import theil_decomposition
from helpers.errors import Error


def nested_theil(values: ArrayLike, levels: pd.DataFrame,
                 population: ArrayLike | None = None) -> pd.DataFrame:
    r"""Theil's T decomposed over nested levels, without remainder.

    With regencies g, zones z inside them and areas i inside the zones:

    .. math:: T = \underbrace{\sum_g S_g \ln \frac{S_g}{P_g}}_{between\ regencies}
        + \underbrace{\sum_g \sum_{z \in g} S_z \ln \frac{S_z / S_g}{P_z / P_g}}_{between\ zones}
        + \underbrace{\sum_z S_z T_z}_{within\ zones}

    with S and P shares of the total and of the population. The table has level (the columns' names,
    then ``within``), theil and share (of the total; missing when that is zero). Raises ValueError
    as in `theil_decomposition`, and without levels.

    Parameters
    ----------
    values, population
        As in `gini`.
    levels : DataFrame, shape (n, levels)
        Group of each area, one column a level, the coarsest first; matched by the index where
        ``values`` has one. A group that lies in two groups of the level above counts as two.

    References
    ----------
    Akita (2003), Decomposing regional income inequality in China and Indonesia using two-stage
    nested Theil decomposition method, Annals of Regional Science 37.

    Examples
    --------
    One regency holds 1, 1 and 2, the other 4: ln(2/3) / 2 + ln(2) / 2 lies between them, and
    nothing inside the zones.

    >>> levels = pd.DataFrame({"group": list("kkkc"), "zone": list("nnsc")})
    >>> nested_theil([1, 1, 2, 4], levels).round(4).to_dict("list")
    {'level': ['group', 'zone', 'within'], 'theil': [0.1438, 0.0294, 0.0], 'share': [0.8301, 0.1699,
    0.0]}
    """
    if not levels.shape[1]:
        raise Error("a nested decomposition needs at least one level of groups; there is none")
    if isinstance(values, pd.Series):
        levels = levels.reindex(values.index)
    between = []
    for depth in range(1, levels.shape[1] + 1):
        cells = _cells(levels.iloc[:, :depth])
        parts = theil_decomposition(values, cells, population)
        between.append(parts["between"] if cells.nunique() > 1 else 0.0)
    theil = np.diff([0.0, *between, parts["total"]])
    # A finer grouping never has less between its groups; what rounding takes away is nothing.
    theil = np.where(np.abs(theil) < 1e-15, 0.0, theil)
    share = theil / parts["total"] if parts["total"] > 0 else np.full(len(theil), np.nan)
    return pd.DataFrame({"level": [*levels.columns, "within"], "theil": theil, "share": share})


def _cells(levels: pd.DataFrame) -> pd.Series:
    """One label for each combination of groups, missing where one of them is."""
    named = levels.astype("object").agg(tuple, axis=1)
    return named.where(levels.notna().all(axis=1))
