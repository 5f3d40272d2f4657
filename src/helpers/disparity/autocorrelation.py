"""Spatial autocorrelation: do neighbouring areas have alike values?

Areas are neighbours when they share a border or a corner (queen contiguity), and each area's neighbours together weigh
one (row-standardised weights). An area without neighbours stays in the sample, as in PySAL: its lag is zero, so that it
adds nothing to Moran's I, and it belongs to no cluster.

Permutations come from a `numpy.random.Generator` made from the seed: NumPy's global state is neither read nor changed.
The permutation p-value is two-sided: twice the smaller tail, the observed arrangement counted in, at most 1.
(PySAL's ``p_sim`` is the smaller tail alone, half of it.)
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers import geography

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

FEWEST_AREAS = 4
PERMUTED_AT_ONCE = 2_000_000  # numbers held in memory at a time


def moran(values: pd.Series, polygons: GeoDataFrame, permutations: int = 9999, seed: int = 0) -> pd.Series:
    r"""Moran's I with its normal and its permutation test.

    .. math:: I = \frac{n}{S_0} \frac{\sum_i \sum_j w_{ij} z_i z_j}{\sum_i z_i^2}, \qquad z_i = y_i - \bar y

    Expected value -1/(n - 1) and variance are those of normally distributed values (Cliff and Ord 1981).

    Parameters
    ----------
    values : Series, shape (n,)
        One value an area; its index holds the codes of ``polygons`` (or its row labels).
    polygons : GeoDataFrame
        Polygons of at least these areas, with a column ``code``; others are left out, also as neighbours.
    permutations : int
        Random rearrangements of the values over the areas.
    seed : int
        Seed of these rearrangements.

    Returns
    -------
    Series
        moran_i, expected, variance, z, p_normal (two-sided), p_permutation (two-sided).

    Raises
    ------
    ValueError
        For missing or equal values, fewer than four areas, codes without polygon, and areas none of which touch.

    Notes
    -----
    I, moments and the normal test come from ``esda.Moran``; only the permutations are drawn here, because esda draws
    them from NumPy's global state. The Monte-Carlo standard error of a p-value is sqrt(p (1 - p) / permutations).

    Examples
    --------
    Four squares in a row with the values 1, 2, 3, 4: the products z times lag sum to 2, the squares to 5, and S0 = n.

    >>> import geopandas
    >>> from shapely import box
    >>> row = geopandas.GeoDataFrame({"code": list("abcd")}, geometry=[box(x, 0, x + 1, 1) for x in range(4)])
    >>> result = moran(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row, permutations=99, seed=1)
    >>> result[["moran_i", "expected"]].round(6).tolist()
    [0.4, -0.333333]
    """
    y, shapes = _matched(values, polygons)
    links = geography.neighbours(shapes)
    # esda draws no permutation when asked for none, so that the global random state stays untouched.
    result = _esda().Moran(y, _pysal_weights(links), permutations=0)
    weights = _row_standardised(links)
    z = y - y.mean()
    scale = len(y) / weights.sum() / (z @ z)
    rng = np.random.default_rng(seed)
    simulated = np.concatenate([
        scale * np.einsum("ij,ij->j", arranged, weights @ arranged) for arranged in _arrangements(z, permutations, rng)
    ])
    return pd.Series({
        "moran_i": float(result.I),
        "expected": float(result.EI),
        "variance": float(result.VI_norm),
        "z": float(result.z_norm),
        "p_normal": float(result.p_norm),
        "p_permutation": float(_two_sided(simulated[:, None], np.array([result.I]))[0]),
    })


def local_moran(values: pd.Series, polygons: GeoDataFrame, permutations: int = 9999, seed: int = 0,
                alpha: float = 0.05) -> pd.DataFrame:
    r"""Local Moran's I: which areas form clusters of alike values, which stand out from their neighbours.

    .. math:: I_i = \frac{z_i \sum_j w_{ij} z_j}{\sum_j z_j^2 / (n - 1)}

    (the divisor of PySAL and GeoDa). Each area keeps its value while its neighbours' values are drawn from all others.

    Parameters
    ----------
    values, polygons, permutations, seed
        As in `moran`.
    alpha : float
        Areas with a p-value up to this level get a cluster. No correction for testing every area is made.

    Returns
    -------
    DataFrame
        With the index of ``values``: value, lag (mean of the neighbours' values, missing without neighbours), local_i,
        p_permutation (two-sided, missing without neighbours), and cluster: high_high, low_low, high_low (high among
        low), low_high (low among high) or not_significant.

    Raises
    ------
    ValueError
        As in `moran`.

    Examples
    --------
    >>> import geopandas
    >>> from shapely import box
    >>> row = geopandas.GeoDataFrame({"code": list("abcd")}, geometry=[box(x, 0, x + 1, 1) for x in range(4)])
    >>> local = local_moran(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row, permutations=99, seed=1)
    >>> local["lag"].tolist()
    [2.0, 2.0, 3.0, 3.0]
    >>> local["local_i"].round(6).tolist()
    [0.45, 0.15, 0.15, 0.45]
    """
    y, shapes = _matched(values, polygons)
    links = geography.neighbours(shapes)
    weights = _row_standardised(links)
    z = y - y.mean()
    lag = weights @ z
    degree = np.diff(links.indptr)
    alone = degree == 0
    simulated = _conditional_lags(z, degree, permutations, np.random.default_rng(seed))
    p_value = np.where(alone, np.nan, _two_sided(simulated * z, lag * z))
    quadrant = np.select([(z > 0) & (lag > 0), (z <= 0) & (lag <= 0), z > 0], ["high_high", "low_low", "high_low"],
                         "low_high")
    return pd.DataFrame({
        "value": y,
        "lag": np.where(alone, np.nan, weights @ y),
        "local_i": (len(y) - 1) * z * lag / (z @ z),
        "p_permutation": p_value,
        "cluster": np.where(p_value <= alpha, quadrant, "not_significant"),
    }, index=values.index)


def _esda():
    with warnings.catch_warnings():
        # A progress bar that is never shown warns about a missing widget when it is imported inside a notebook.
        warnings.simplefilter("ignore")
        import esda
    return esda


def _matched(values: pd.Series, polygons: GeoDataFrame) -> tuple[np.ndarray, GeoDataFrame]:
    """Return values and their polygons in the same order, or say what is wrong with them."""
    y = values.to_numpy(dtype=float)
    if not np.isfinite(y).all():
        code = values.index[~np.isfinite(y)][0]
        raise ValueError(f"area {code} has no value; leave out areas without a value first")
    if values.index.has_duplicates:
        raise ValueError(f"area {values.index[values.index.duplicated()][0]} has more than one value; give one")
    if len(y) < FEWEST_AREAS:
        raise ValueError(f"spatial autocorrelation of {len(y)} areas cannot be judged; "
                         f"at least {FEWEST_AREAS} are needed")
    if np.ptp(y) == 0:
        raise ValueError(f"all values are equal ({y[0]:g}): there is no pattern in space to be found")
    labelled = polygons
    if "code" in polygons and values.index.isin(polygons["code"]).any():
        labelled = polygons.set_index("code")
    absent = values.index.difference(labelled.index)
    if len(absent):
        raise ValueError(f"area {absent[0]} has no polygon; every area with a value needs one")
    return y, labelled.loc[values.index]


def _pysal_weights(links):
    from libpysal.weights import WSP

    return WSP(links.tocsr()).to_W(silence_warnings=True)


def _row_standardised(links):
    from scipy.sparse import diags_array

    degree = links.sum(axis=1)
    return diags_array(1 / np.maximum(degree, 1)) @ links


def _arrangements(z: np.ndarray, permutations: int, rng: np.random.Generator):
    """Yield blocks of random rearrangements, one a column; the blocks bound the memory and change no draw."""
    block = max(1, PERMUTED_AT_ONCE // len(z))
    for start in range(0, permutations, block):
        count = min(block, permutations - start)
        yield rng.permuted(np.tile(z, (count, 1)), axis=1).T


def _conditional_lags(z: np.ndarray, degree: np.ndarray, permutations: int, rng: np.random.Generator) -> np.ndarray:
    """Return simulated lags, shape (permutations, n): each area's neighbours drawn from all other areas.

    Every area takes the first of the same random order of the other n - 1 positions, as in PySAL.
    """
    largest = int(degree.max())
    others = len(z) - 1
    block = max(1, PERMUTED_AT_ONCE // others)
    positions = np.concatenate([
        rng.permuted(np.tile(np.arange(others), (min(block, permutations - start), 1)), axis=1)[:, :largest]
        for start in range(0, permutations, block)
    ])
    lags = np.zeros((permutations, len(z)))
    for area in np.flatnonzero(degree):
        drawn = positions[:, :degree[area]]
        lags[:, area] = z[drawn + (drawn >= area)].mean(axis=1)
    return lags


def _two_sided(simulated: np.ndarray, observed: np.ndarray) -> np.ndarray:
    # Equal values in another order can differ in the last digit; such a draw is a tie, not a smaller value.
    slack = 1e-12 * np.maximum(np.abs(observed), 1e-12)
    above = (simulated >= observed - slack).sum(axis=0)
    below = (simulated <= observed + slack).sum(axis=0)
    return np.minimum(1.0, 2 * (np.minimum(above, below) + 1) / (len(simulated) + 1))
