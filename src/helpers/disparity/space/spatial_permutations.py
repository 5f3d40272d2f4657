"""Common ground of the spatial measures: matching of polygons, weights, seeded permutations."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
import pandas as pd

from helpers.disparity.space.neighbourhoods import Rule, neighbourhood
from helpers.errors import Error
from helpers.library_types import GeoDataFrame, W, csr_array
from helpers.permutation import AT_ONCE

FEWEST_AREAS = 4


@contextmanager
def quiet_esda():
    """PySAL's esda without import warnings, and silent where a variance is zero."""
    with warnings.catch_warnings():
        # A progress bar that is never shown warns about a missing widget inside a notebook.
        warnings.simplefilter("ignore")
        import esda
    with np.errstate(invalid="ignore", divide="ignore"):
        yield esda


def matched(values: pd.Series, polygons: GeoDataFrame) -> tuple[np.ndarray, GeoDataFrame]:
    """Values and their polygons in the same order, checked."""
    y = values.to_numpy(dtype=float)
    if not np.isfinite(y).all():
        code = values.index[~np.isfinite(y)][0]
        raise Error("area {code} has no value; leave out areas without a value first", code=code)
    if values.index.has_duplicates:
        raise Error("area {area} has more than one value; give one",
                    area=values.index[values.index.duplicated()][0])
    if len(y) < FEWEST_AREAS:
        raise Error("spatial autocorrelation of {areas} areas cannot be judged; at least {fewest} "
                    "are needed", areas=len(y), fewest=FEWEST_AREAS)
    if np.ptp(y) == 0:
        raise Error("all values are equal ({value:g}): there is no pattern in space to be found",
                    value=y[0])
    labelled = polygons
    if "code" in polygons and values.index.isin(polygons["code"]).any():
        labelled = polygons.set_index("code")
    absent = values.index.difference(labelled.index)
    if len(absent):
        raise Error("area {absent} has no polygon; every area with a value needs one",
                    absent=absent[0])
    return y, labelled.loc[values.index]


def linked(values: pd.Series, polygons: GeoDataFrame,
           weights: Rule | None) -> tuple[np.ndarray, csr_array]:
    """Values as an array, and their neighbours by a rule (queen contiguity without one)."""
    y, shapes = matched(values, polygons)
    return y, (weights or neighbourhood())(shapes)


def pysal_weights(links: csr_array) -> W:
    """Matrix of neighbours as PySAL's binary weights."""
    from libpysal.weights import WSP

    return WSP(links.tocsr()).to_W(silence_warnings=True)


def row_standardised(links: csr_array) -> csr_array:
    """Row-standardised weights; zero for an area without neighbours."""
    from scipy.sparse import diags_array

    degree = links.sum(axis=1)
    return diags_array(1 / np.maximum(degree, 1)) @ links


def simulated(statistic: Callable[[np.ndarray], np.ndarray], z: np.ndarray, permutations: int,
              seed: int) -> np.ndarray:
    """Statistic of random permutations of the values, which it takes one a column."""
    return np.concatenate([*map(statistic, permuted_values(z, permutations, seed))])


def permuted_values(z: np.ndarray, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Random permutations in blocks, one a column; blocks bound the memory and change no draw."""
    block = max(1, AT_ONCE // len(z))
    if permutations <= block:
        yield z[_kept_orders(len(z), permutations, seed)].T
        return
    rng = np.random.default_rng(seed)
    for start in range(0, permutations, block):
        yield z[_orders(rng, min(block, permutations - start), len(z))].T


@lru_cache(maxsize=4)
def _kept_orders(size: int, permutations: int, seed: int) -> np.ndarray:
    """Small set of orders, kept because several measures, years and rules share areas and seed."""
    orders = _orders(np.random.default_rng(seed), permutations, size)
    orders.setflags(write=False)
    return orders


def _orders(rng: np.random.Generator, count: int, size: int) -> np.ndarray:
    return rng.permuted(np.tile(np.arange(size), (count, 1)), axis=1)


def conditional_lags(z: np.ndarray, degree: np.ndarray, permutations: int,
                     rng: np.random.Generator) -> Iterator[tuple[int, np.ndarray]]:
    """Each area with neighbours, and simulated means of as many values from all other areas.

    Every area takes the first of the same random order of the other n - 1 positions, as in PySAL.
    """
    largest = int(degree.max())
    others = len(z) - 1
    block = max(1, AT_ONCE // others)
    positions = np.concatenate([_orders(rng, min(block, permutations - start), others)[:, :largest]
                                for start in range(0, permutations, block)])
    for area in np.flatnonzero(degree):
        drawn = positions[:, :degree[area]]
        yield int(area), z[drawn + (drawn >= area)].mean(axis=1)


def conditional_p(z: np.ndarray, lag: np.ndarray, degree: np.ndarray, permutations: int, seed: int,
                  scale: np.ndarray) -> np.ndarray:
    """Two-sided p-value of every area's scaled lag while its neighbours' values are drawn from all
    others; missing without neighbours."""
    found = np.full(len(z), np.nan)
    rng = np.random.default_rng(seed)
    for area, drawn in conditional_lags(z, degree, permutations, rng):
        found[area] = two_sided(drawn * scale[area], lag[area] * scale[area])
    return found


def two_sided(drawn: np.ndarray, observed: float) -> float:
    """Two-sided p-value: twice the smaller tail, the observed value counted in, at most 1."""
    # Equal values in another order can differ in the last digit: such a draw is a tie.
    slack = 1e-12 * max(abs(observed), 1e-12)
    above, below = (drawn >= observed - slack).sum(), (drawn <= observed + slack).sum()
    return min(1.0, 2 * (int(min(above, below)) + 1) / (len(drawn) + 1))
