"""Spatial autocorrelation: whether neighbouring areas have alike values.

Areas are neighbours when they share a border or a corner (queen contiguity), unless another rule is
given (see `neighbourhood`), and each area's neighbours together weigh one (row-standardised
weights). An area without neighbours stays in the sample, as in PySAL: its lag is zero, so that it
adds nothing to Moran's I, and it belongs to no cluster.

Permutations come from a `numpy.random.Generator` made from the seed: NumPy's global state is
neither read nor changed. The permutation p-value is two-sided: twice the smaller tail, the observed
arrangement counted in, at most 1. (PySAL's ``p_sim`` is the smaller tail alone, half of it.)
"""

import numpy as np
import pandas as pd

from helpers.disparity.space import spatial_permutations as common
from helpers.disparity.space.neighbourhoods import KINDS, Rule, components, neighbourhood
from helpers.library_types import GeoDataFrame, csr_array
from helpers.permutation import adjusted


def moran(values: pd.Series, polygons: GeoDataFrame, permutations: int = 9999, seed: int = 0,
          weights: Rule | None = None) -> pd.Series:
    r"""Moran's I with its normal and its permutation test.

    .. math:: I = \frac{n}{S_0} \frac{\sum_i \sum_j w_{ij} z_i z_j}{\sum_i z_i^2}, \qquad z_i = y_i
    - \bar y

    Expected value -1/(n - 1) and variance are those of normally distributed values (Cliff and Ord
    1981).

    I, moments and the normal test come from ``esda.Moran``; only the permutations are drawn here,
    because esda draws them from NumPy's global state. The Monte-Carlo standard error of a p-value
    is sqrt(p (1 - p) / permutations). The row has moran_i, expected, variance, z, p_normal
    (two-sided), p_permutation (two-sided). Raises ValueError for missing or equal values, fewer
    than four areas, codes without polygon, and areas none of which touch.

    Parameters
    ----------
    values : Series, shape (n,)
        One value an area; its index holds the codes of ``polygons`` (or its row labels).
    polygons : GeoDataFrame
        Polygons of at least these areas, with a column ``code``; others are left out, also as
        neighbours.
    permutations : int
        Random permutations of the values over the areas.
    seed : int
        Seed of these permutations.
    weights : callable, optional
        Rule of neighbourhood, as from `neighbourhood`; queen contiguity without one. It is applied
        to the areas that have a value.

    Examples
    --------
    Four squares in a row with the values 1, 2, 3, 4: the products z times lag sum to 2, the squares
    to 5, and S0 = n.

    >>> import geopandas
    >>> from shapely import box
    >>> row = geopandas.GeoDataFrame({"code": list("abcd")},
    ...                              geometry=[box(x, 0, x + 1, 1) for x in range(4)])
    >>> result = moran(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row, permutations=99,
    ...                seed=1)
    >>> result[["moran_i", "expected"]].round(6).tolist()
    [0.4, -0.333333]
    """
    return _moran(*common.linked(values, polygons, weights), permutations, seed)


def local_moran(values: pd.Series, polygons: GeoDataFrame, permutations: int = 9999, seed: int = 0,
                alpha: float = 0.05, weights: Rule | None = None,
                correction: str = "none") -> pd.DataFrame:
    r"""Local Moran's I: clusters of alike values, and areas unlike their neighbours.

    .. math:: I_i = \frac{z_i \sum_j w_{ij} z_j}{\sum_j z_j^2 / (n - 1)}

    (the divisor of PySAL and GeoDa). Each area keeps its value while its neighbours' values are
    drawn from all others. Errors are those of `moran`.

    Parameters
    ----------
    values, polygons, permutations, seed
        As in `moran`.
    alpha : float
        Areas with a p-value up to this level get a cluster.
    weights
        As in `moran`.
    correction : str
        none, or fdr: clusters are decided by p-values that are corrected for testing every area
        (see `adjusted`). The p-values returned are the uncorrected ones.

    Returns
    -------
    DataFrame
        With the index of ``values``: value, lag (mean of the neighbours' values, missing without
        neighbours), local_i, p_permutation (two-sided, missing without neighbours), and cluster:
        high_high, low_low, high_low (high among low), low_high (low among high) or not_significant.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> row = geopandas.GeoDataFrame({"code": list("abcd")},
    ...                              geometry=[box(x, 0, x + 1, 1) for x in range(4)])
    >>> local = local_moran(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row,
    ...                     permutations=99, seed=1)
    >>> local["lag"].tolist()
    [2.0, 2.0, 3.0, 3.0]
    >>> local["local_i"].round(6).tolist()
    [0.45, 0.15, 0.15, 0.45]
    """
    y, links = common.linked(values, polygons, weights)
    averaging = common.row_standardised(links)
    z = y - y.mean()
    lag = averaging @ z
    degree = np.diff(links.indptr)
    p_value = pd.Series(common.conditional_p(z, lag, degree, permutations, seed, scale=z),
                        index=values.index)
    quadrant = np.select([(z > 0) & (lag > 0), (z <= 0) & (lag <= 0), z > 0],
                         ["high_high", "low_low", "high_low"], "low_high")
    cluster = np.where(adjusted(p_value, correction) <= alpha, quadrant, "not_significant")
    return pd.DataFrame({"value": y, "lag": np.where(degree == 0, np.nan, averaging @ y),
                         "local_i": (len(y) - 1) * z * lag / (z @ z), "p_permutation": p_value,
                         "cluster": cluster}, index=values.index)


def weights_effect(values: pd.Series, polygons: GeoDataFrame, permutations: int = 9999,
                   seed: int = 0, k: int = 4, alpha: float = 0.05) -> pd.DataFrame:
    """Moran's I under every rule of neighbourhood.

    Raises ValueError as in `moran`, but not for a rule that is not possible.

    Parameters
    ----------
    values, polygons, permutations, seed
        As in `moran`.
    k : int
        Neighbours of each area under the rule knn.
    alpha : float
        Level up to which a p-value speaks against a random arrangement.

    Returns
    -------
    DataFrame
        weights (the rule), neighbours (mean number), alone (areas without a neighbour), parts
        (groups of areas that no chain of neighbours joins), moran_i, p_permutation and pattern:
        clustered, dispersed, random; or not_possible where the rule finds no neighbours among these
        areas; and same_as: an earlier rule that gives every area the same neighbours, so that this
        one has nothing of its own to say (missing otherwise).

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> row = geopandas.GeoDataFrame({"code": list("abcd")},
    ...                              geometry=[box(x, 0, x + 1, 1) for x in range(4)])
    >>> effect = weights_effect(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row,
    ...                         permutations=99, k=1)
    >>> effect[["weights", "neighbours", "pattern"]].values.tolist()
    [['queen', 1.5, 'random'], ['rook', 1.5, 'random'], ['knn', 1.0, 'random'], ['distance', 1.5,
    'random']]
    >>> effect["same_as"].fillna("-").tolist()
    ['-', 'queen', '-', 'queen']
    """
    y, shapes = common.matched(values, polygons)
    rows: list[dict[str, object]] = []
    known: dict[str, csr_array] = {}
    for kind in KINDS:
        rule = neighbourhood(kind, k)
        try:
            links = rule(shapes)
        except ValueError:
            rows.append({"weights": kind, "pattern": "not_possible", "same_as": None})
            continue
        same_as = next((other for other, its in known.items() if not (its != links).nnz), None)
        known[kind] = links
        degree = links.sum(axis=1)
        result = _moran(y, links, permutations, seed)
        direction = "clustered" if result["moran_i"] > result["expected"] else "dispersed"
        rows.append({"weights": kind, "neighbours": float(degree.mean()),
                     "alone": int((degree == 0).sum()), "parts": components(links),
                     "moran_i": result["moran_i"], "p_permutation": result["p_permutation"],
                     "pattern": direction if result["p_permutation"] <= alpha else "random",
                     "same_as": same_as})
    return pd.DataFrame(rows).astype({"alone": "Int64", "parts": "Int64"})


def _moran(y: np.ndarray, links: csr_array, permutations: int, seed: int) -> pd.Series:
    # Asked for no permutations, esda draws none: the global random state stays untouched.
    with common.quiet_esda() as esda:
        result = esda.Moran(y, common.pysal_weights(links), permutations=0)
    averaging = common.row_standardised(links)
    z = y - y.mean()
    scale = len(y) / averaging.sum() / (z @ z)

    def statistic(permuted: np.ndarray) -> np.ndarray:
        return scale * np.einsum("ij,ij->j", permuted, averaging @ permuted)

    drawn = common.simulated(statistic, z, permutations, seed)
    return pd.Series({"moran_i": float(result.I), "expected": float(result.EI),
                      "variance": float(result.VI_norm), "z": float(result.z_norm),
                      "p_normal": float(result.p_norm),
                      "p_permutation": common.two_sided(drawn, float(result.I))})
