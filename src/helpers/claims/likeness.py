r"""Likeness of neighbours: a gap of zones against what neighbours that are alike give anyway.

.. math:: y = \mu + \delta z + u, \qquad u = \rho W u + e

with the rows of W (areas that touch) adding up to one. Zones that cut a region along its shortest
line part the smoothest pattern it can have, so likeness of neighbours makes their gap larger than
that of other stretches as well: no dealing out of names keeps its level. Taken off at the right
:math:`\rho`, what is left is exchangeable.

How alike neighbours are nobody knows, and a few areas say little about it. So all :math:`\rho`
count whose restricted likelihood is not far below the best, and the largest p decides.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from helpers.permutation import TIE

RHOS = np.arange(20) / 20
# Below the best log likelihood; by `tools.simulations.error_rates` the widest range of likeness
# that is needed for a level of 5 %.
PLAUSIBLE = 1.0


@dataclass(frozen=True)
class Models:
    """Generalised least squares of a gap under every likeness in `RHOS` (R of them, n areas).

    Attributes
    ----------
    together : array of shape (R, n, n)
        Turns independent values into alike ones.
    alone : array of shape (R, n, n)
        Turns alike values into independent ones, without their mean.
    gap : array of shape (R, n)
    rest : array of shape (R, n, n)
        What the gap and the mean leave.
    spread : array of shape (R,)
        Variance of the gap, of independent values of variance one.
    constant : array of shape (R,)
        The part of the log likelihood that does not depend on the values.
    """

    together: np.ndarray
    alone: np.ndarray
    gap: np.ndarray
    rest: np.ndarray
    spread: np.ndarray
    constant: np.ndarray

    def fits(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Gaps, standard errors and restricted log likelihoods, a likeness a row.

        Parameters
        ----------
        values : array of shape (n, m)

        Returns
        -------
        tuple of array of shape (R, m)
            The log likelihood is 0 under every likeness where the gap leaves nothing of the values
            (a constant in each zone): all that is left is rounding, which tells no likeness.

        Examples
        --------
        Not alike at all it is the difference of means with Student's standard error.

        >>> models = models_of(frozenset({(0, 1), (1, 2), (2, 3)}), 4, 2)
        >>> gap, error, _ = models.fits(np.array([[4.0], [6.0], [1.0], [3.0]]))
        >>> float(gap[0, 0]), round(float(error[0, 0]), 4)
        (3.0, 1.4142)
        """
        squares = (np.einsum("rij,jm->rim", self.rest, values) ** 2).sum(axis=1)
        freedom = self.gap.shape[1] - 2
        error = np.sqrt(squares / freedom * self.spread[:, None])
        with np.errstate(divide="ignore"):
            likelihood = self.constant[:, None] - freedom / 2 * np.log(squares)
        flat = (error <= TIE * np.abs(values).max(axis=0)).any(axis=0)
        return self.gap @ values, error, np.where(flat, 0.0, likelihood)


@lru_cache(maxsize=64)
def models_of(touching: frozenset[tuple[int, int]], size: int, first: int) -> Models:
    """Models of the gap between the first areas and the rest.

    Parameters
    ----------
    touching : frozenset of pairs of int
        Areas 0 .. `size` - 1 that touch, each pair in one order or in both. An area that touches
        none is alike to none.
    size, first : int
        Number of areas, and of those in the first zone: 0 .. `first` - 1.
    """
    near = np.zeros((size, size))
    for one, other in touching:
        near[one, other] = near[other, one] = 1
    near /= np.maximum(near.sum(axis=1, keepdims=True), 1)
    zone = np.column_stack([np.ones(size), np.arange(size) < first])
    parts = []
    for rho in RHOS:
        apart = np.eye(size) - rho * near
        design, mean = apart @ zone, apart @ zone[:, :1]
        inner = np.linalg.inv(design.T @ design)
        off_mean = np.eye(size) - mean @ mean.T / (mean.T @ mean)
        parts.append((np.linalg.inv(apart), off_mean @ apart, (inner @ design.T @ apart)[1],
                      apart - design @ inner @ design.T @ apart, inner[1, 1],
                      np.linalg.slogdet(apart)[1] + np.linalg.slogdet(inner)[1] / 2))
    return Models(*map(np.array, zip(*parts)))


def plausible(likelihood: np.ndarray) -> np.ndarray:
    """Places in `RHOS` whose log likelihood, summed over independent evidence (a column each), is
    not far below the best.

    Examples
    --------
    >>> plausible(np.array([[-3.0], [-1.5], [-1.0]])).tolist()
    [1, 2]
    """
    whole = likelihood.sum(axis=1)
    return np.flatnonzero(whole >= whole.max() - PLAUSIBLE)
