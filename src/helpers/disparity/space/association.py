"""Spatial association beyond Moran's I: Geary's C, Getis and Ord's G and local G*.

They share the conventions of `moran`: neighbours by queen contiguity unless another rule is given,
permutations from a generator made from the seed, two-sided permutation p-values.
"""

import numpy as np
import pandas as pd

from helpers.disparity.space import spatial_permutations as common
from helpers.disparity.space.autocorrelation import moran
from helpers.disparity.space.neighbourhoods import Rule
from helpers.errors import Error
from helpers.library_types import GeoDataFrame, csr_array
from helpers.permutation import adjusted


def geary(values: pd.Series, polygons: GeoDataFrame, permutations: int = 9999, seed: int = 0,
          weights: Rule | None = None) -> pd.Series:
    r"""Geary's C: the difference of neighbours relative to that of any two areas.

    .. math:: C = \frac{n - 1}{2 S_0} \frac{\sum_i \sum_j w_{ij} (y_i - y_j)^2}{\sum_i (y_i - \bar
    y)^2}

    with row-standardised weights. Below 1: neighbours are alike; above 1: they are opposites. The
    row has geary_c, expected (1), variance (for normal values, Cliff and Ord 1981), z, p_normal,
    p_permutation (both two-sided). Parameters and errors are those of `moran`.

    Examples
    --------
    Four squares in a row with the values 1, 2, 3, 4: every neighbour differs by 1, so that the
    weighted squares sum to S0 = 4, and C = 3 / (2 x 4) x 4 / 5.

    >>> import geopandas
    >>> from shapely import box
    >>> row = geopandas.GeoDataFrame({"code": list("abcd")},
    ...                              geometry=[box(x, 0, x + 1, 1) for x in range(4)])
    >>> result = geary(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row, permutations=99)
    >>> round(float(result["geary_c"]), 6)
    0.3
    """
    y, links = common.linked(values, polygons, weights)
    with common.quiet_esda() as esda:
        result = esda.Geary(y, common.pysal_weights(links), permutations=0)
    averaging = common.row_standardised(links)
    z = y - y.mean()
    # sum w (z_i - z_j)^2 = sum z^2 (row sum + column sum) - 2 z'Wz needs no list of pairs.
    ends = averaging.sum(axis=1) + averaging.sum(axis=0)
    scale = (len(y) - 1) / (2 * averaging.sum() * (z @ z))

    def statistic(permuted: np.ndarray) -> np.ndarray:
        products = np.einsum("ij,ij->j", permuted, averaging @ permuted)
        return scale * (ends @ permuted**2 - 2 * products)

    drawn = common.simulated(statistic, z, permutations, seed)
    return _tested("geary_c", float(result.C), float(result.EC), float(result.VC_norm), drawn)


def getis_ord(values: pd.Series, polygons: GeoDataFrame, permutations: int = 9999, seed: int = 0,
              weights: Rule | None = None) -> pd.Series:
    r"""Getis and Ord's global G: whether high or low values gather.

    .. math:: G = \frac{\sum_i \sum_j w_{ij} y_i y_j}{\sum_i \sum_{j \ne i} y_i y_j}

    with weights of one for neighbours. Above its expectation: high values gather; below: low values
    do. The row has g, expected, variance (over all permutations, Getis and Ord 1992), z, p_normal,
    p_permutation (both two-sided). Raises ValueError as in `moran`, and for values that are
    negative or of which fewer than two are above zero.

    Parameters
    ----------
    values : Series
        As in `moran`, but zero or more with at least two above zero: G multiplies the values
        themselves, not their distances from the mean.
    polygons, permutations, seed, weights
        As in `moran`.

    Examples
    --------
    Four squares in a row with the values 1, 2, 3, 4: the neighbours' products sum to 2 x (2 + 6 +
    12) = 40, those of all pairs to 10^2 - 30 = 70.

    >>> import geopandas
    >>> from shapely import box
    >>> row = geopandas.GeoDataFrame({"code": list("abcd")},
    ...                              geometry=[box(x, 0, x + 1, 1) for x in range(4)])
    >>> result = getis_ord(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row,
    ...                    permutations=99)
    >>> result[["g", "expected"]].round(6).tolist()
    [0.571429, 0.5]
    """
    y, links = common.linked(values, polygons, weights)
    _check_positive(values)
    pairs = y.sum() ** 2 - y @ y

    def statistic(permuted: np.ndarray) -> np.ndarray:
        return np.einsum("ij,ij->j", permuted, links @ permuted) / pairs

    drawn = common.simulated(statistic, y, permutations, seed)
    expected = links.sum() / (len(y) * (len(y) - 1))
    variance = _second_moment(y, links) - expected**2
    return _tested("g", float(y @ (links @ y) / pairs), float(expected), float(variance), drawn)


def local_getis_ord(values: pd.Series, polygons: GeoDataFrame, permutations: int = 9999,
                    seed: int = 0, alpha: float = 0.05, weights: Rule | None = None,
                    correction: str = "none") -> pd.DataFrame:
    r"""Local G*: hot spots and cold spots.

    .. math:: G_i^* = \frac{\sum_j w_{ij} y_j}{\sum_j y_j}, \qquad w_{ii} = 1

    with weights of one for the area itself and for its neighbours. Parameters are those of
    `getis_ord` and `local_moran`, errors those of `getis_ord`.

    While the area keeps its value and its neighbours' values are drawn from all others, only the
    neighbours' sum changes, in G* as in local Moran's I: both have the same permutation p-value.
    What differs is the name given to what is found. A spot is hot (cold) when z is positive
    (negative) and its neighbours are on the same side of all others: a bright city among dark
    villages is no hot spot, while a dark area among bright ones may well be one.

    Returns
    -------
    DataFrame
        With the index of ``values``: value, g_star, z (standardised as in Ord and Getis 1995),
        p_permutation (two-sided, missing without neighbours) and spot: hot, cold or
        not_significant.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> row = geopandas.GeoDataFrame({"code": list("abcd")},
    ...                              geometry=[box(x, 0, x + 1, 1) for x in range(4)])
    >>> local = local_getis_ord(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row,
    ...                         permutations=99)
    >>> local["g_star"].tolist()
    [0.3, 0.6, 0.9, 0.7]
    """
    y, links = common.linked(values, polygons, weights)
    _check_positive(values)
    degree = np.diff(links.indptr)
    total = y + links @ y
    z = _standardised(total, y, degree + 1)
    lag = common.row_standardised(links) @ y
    others = (y.sum() - y) / (len(y) - 1)
    p_value = pd.Series(
        common.conditional_p(y, lag, degree, permutations, seed, scale=np.ones(len(y))),
        index=values.index)
    side = np.select([(z > 0) & (lag > others), (z < 0) & (lag < others)], ["hot", "cold"],
                     "not_significant")
    spot = np.where(adjusted(p_value, correction) <= alpha, side, "not_significant")
    return pd.DataFrame({"value": y, "g_star": total / y.sum(), "z": z, "p_permutation": p_value,
                         "spot": spot}, index=values.index)


def global_statistics(values: pd.Series, polygons: GeoDataFrame, permutations: int = 9999,
                      seed: int = 0, weights: Rule | None = None) -> pd.DataFrame:
    """Moran's I, Geary's C and Getis and Ord's G of the same values.

    The table has statistic (moran, geary, getis_ord), value, expected, z, p_normal, p_permutation.
    Parameters are those of `moran`. G is left out where values are negative or fewer than two are
    above zero.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> row = geopandas.GeoDataFrame({"code": list("abcd")},
    ...                              geometry=[box(x, 0, x + 1, 1) for x in range(4)])
    >>> table = global_statistics(pd.Series([-1.0, 2.0, 3.0, 4.0], index=list("abcd")), row,
    ...                           permutations=99)
    >>> table["statistic"].tolist()
    ['moran', 'geary']
    """
    asked = {"moran": moran, "geary": geary}
    if (values >= 0).all() and (values > 0).sum() > 1:
        asked["getis_ord"] = getis_ord
    rows = []
    for name, measure in asked.items():
        result = measure(values, polygons, permutations, seed, weights)
        rows.append({"statistic": name, "value": result.iloc[0],
                     **result.drop(["variance", result.index[0]])})
    return pd.DataFrame(rows)


def _check_positive(values: pd.Series) -> None:
    if (values < 0).any():
        code = values.index[values < 0][0]
        raise Error("area {code} has the value {value:g}; Getis and Ord's G needs values of zero "
                    "or more", code=code, value=values[code])
    if (values > 0).sum() < 2:
        raise Error("fewer than two values are above zero; Getis and Ord's G multiplies values of "
                    "two areas")


def _second_moment(y: np.ndarray, links: csr_array) -> float:
    """Mean of G squared over all permutations; ``esda.G`` compares all pairs in memory."""
    n, both = len(y), links + links.T
    s0, s1 = links.sum(), (both.multiply(both)).sum() / 2
    s2 = ((links.sum(axis=0) + links.sum(axis=1)) ** 2).sum()
    m1, m2, m3, m4 = (float((y**power).sum()) for power in (1, 2, 3, 4))
    b0 = (n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2
    b1 = -((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    b2 = -(2 * n * s1 - (n + 3) * s2 + 6 * s0**2)
    b3 = 4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2
    b4 = s1 - s2 + s0**2
    total = b0 * m2**2 + b1 * m4 + b2 * m1**2 * m2 + b3 * m1 * m3 + b4 * m1**4
    return total / ((m1**2 - m2) ** 2 * n * (n - 1) * (n - 2) * (n - 3))


def _standardised(total: np.ndarray, y: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Sums in standard errors from what as many values drawn without order would give."""
    n = len(y)
    spread = y.std() * np.sqrt((n * members - members**2) / (n - 1))
    # An area that neighbours all others always has the sum of all: it cannot stand out.
    return np.divide(total - members * y.mean(), spread, out=np.zeros(n), where=spread > 0)


def _tested(name: str, value: float, expected: float, variance: float,
            drawn: np.ndarray) -> pd.Series:
    from scipy.stats import norm

    # Where all areas are neighbours of each other, every arrangement gives the same value.
    z = (value - expected) / np.sqrt(variance) if variance > (1e-9 * expected) ** 2 else np.nan
    return pd.Series({name: value, "expected": expected, "variance": variance, "z": z,
                      "p_normal": float(2 * norm.sf(abs(z))),
                      "p_permutation": common.two_sided(drawn, value)})
