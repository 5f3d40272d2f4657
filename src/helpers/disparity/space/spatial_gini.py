"""Inequality between neighbours, and between areas that are apart."""

import numpy as np
import pandas as pd

from helpers.disparity.inequality import gini
from helpers.disparity.space.neighbourhoods import Rule
from helpers.disparity.space.spatial_permutations import linked, two_sided
from helpers.library_types import GeoDataFrame
from helpers.permutation import AT_ONCE


def spatial_gini(values: pd.Series, polygons: GeoDataFrame, permutations: int = 9999, seed: int = 0,
                 weights: Rule | None = None) -> pd.Series:
    r"""Gini coefficient decomposed into pairs of neighbours and pairs of areas that are apart.

    .. math:: G = \underbrace{\frac{\sum_{ij} w_{ij} |y_i - y_j|}{2 n^2 \bar y}}_{\text{neighbours}}
              + \underbrace{\frac{\sum_{ij} (1 - w_{ij}) |y_i - y_j|}{2 n^2 \bar y}}_{\text{others}}

    with weights of one for neighbours (Rey and Smith 2013). Since most pairs are apart, the second
    part is large in any map. Polarisation compares the mean differences of the two kinds of pairs:
    1 in a random map, above 1 where neighbours are more alike than areas that are apart.

    Errors are those of `moran` and `gini`.

    Parts and polarisation are those of ``inequality.gini.Gini_Spatial``, whose p-value is the
    smaller tail alone, from NumPy's global random state.

    Parameters
    ----------
    values : Series
        As in `moran`, but zero or more with a positive sum. Every area counts once.
    polygons, permutations, seed, weights
        As in `moran`. Where neighbourhood is not mutual (knn), a pair that is one way only counts
        half to either kind.

    Returns
    -------
    Series
        gini, neighbours and others (which add up to it), others_share, polarisation and
        p_permutation (two-sided, of the part of the neighbours). Polarisation is missing where all
        areas are neighbours of each other.

    Examples
    --------
    Four squares in a row with the values 1, 2, 3, 4: of the differences, 20 over all ordered pairs,
    6 are neighbours'. Their 6 ordered pairs differ by 1 on average, the other 6 by 14/6.

    >>> import geopandas
    >>> from shapely import box
    >>> row = geopandas.GeoDataFrame({"code": list("abcd")},
    ...                              geometry=[box(x, 0, x + 1, 1) for x in range(4)])
    >>> result = spatial_gini(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row,
    ...                       permutations=99)
    >>> result[["gini", "neighbours", "others", "polarisation"]].round(6).tolist()
    [0.25, 0.075, 0.175, 2.333333]
    """
    y, links = linked(values, polygons, weights)
    total = gini(y)
    one, other = links.tocoo().coords
    size = len(y)
    scale = 1 / (2 * size**2 * y.mean())
    near = scale * float(np.abs(y[one] - y[other]).sum())
    simulated = scale * _differences(y, one, other, permutations, np.random.default_rng(seed))
    pairs_near, pairs_apart = len(one), size * (size - 1) - len(one)
    both = bool(pairs_apart and near)
    mean_ratio = (total - near) / near * pairs_near / pairs_apart if both else np.nan
    return pd.Series({"gini": total, "neighbours": near, "others": total - near,
                      "others_share": (total - near) / total, "polarisation": mean_ratio,
                      "p_permutation": two_sided(simulated, near)})


def _differences(y: np.ndarray, one: np.ndarray, other: np.ndarray, permutations: int,
                 rng: np.random.Generator) -> np.ndarray:
    """Sums of the neighbours' absolute differences in random permutations, in blocks."""
    block = max(1, AT_ONCE // max(len(one), len(y)))
    sums = []
    for start in range(0, permutations, block):
        permuted = rng.permuted(np.tile(y, (min(block, permutations - start), 1)), axis=1)
        sums.append(np.abs(permuted[:, one] - permuted[:, other]).sum(axis=1))
    return np.concatenate(sums)
