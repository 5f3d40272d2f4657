"""Reliability beyond alpha: omega of a one-factor model, alpha of ordinal answers."""

import numpy as np
import pandas as pd

from helpers.scoring.answers import scale_list
from helpers.scoring.scales import cronbach_alpha
from helpers.scoring.structure.factors import fitted_factors

# Nodes of the integral over the correlation; 20 give ten digits up to a correlation of 0.95.
NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(20)


def omega(items: pd.DataFrame) -> float:
    r"""McDonald's omega: the share of the sum's variance that one common factor explains.

    .. math:: \omega = \frac{(\sum_j \lambda_j)^2}{(\sum_j \lambda_j)^2 + \sum_j \psi_j}

    Loadings and unique variances are those of a one-factor model fitted by maximum likelihood to
    the covariance matrix of the complete respondents (no unique variance below 0.5 % of its item's
    variance, as R's factanal has it). Alpha is the special case of equal loadings; where they
    differ alpha is the lower one. `items` are aligned answers, shape (respondents, k); a respondent
    with a gap is left out. Omega lies between 0 and 1. It is empty for fewer than 3 items, which do
    not identify the model, and where an item does not vary or the fit is not found.

    References
    ----------
    McDonald, R. P. (1999). Test Theory: A Unified Treatment, chapter 6.
    Joreskog, K. G. (1967). Psychometrika 32, 443-482.

    Examples
    --------
    Three items have an exact solution; with correlations .72, .63 and .56 the loadings are .9, .8
    and .7: 2.4^2 / (2.4^2 + .19 + .36 + .51) = 0.8446:

    >>> wanted = np.array([[1, .72, .63], [.72, 1, .56], [.63, .56, 1]])
    >>> waves = np.linalg.qr(np.vander(np.linspace(-1, 1, 9), 4))[0][:, [0, 1, 2]]
    >>> waves = np.linalg.qr(waves - waves.mean(axis=0))[0]
    >>> round(omega(pd.DataFrame(waves @ np.linalg.cholesky(wanted).T)), 4)
    0.8446
    """
    complete = items.dropna().astype(float)
    spread = complete.std().to_numpy()
    if items.shape[1] < 3 or len(complete) <= items.shape[1] or not (spread > 0).all():
        return np.nan
    fitted = _one_factor(complete.corr().to_numpy())
    if fitted is None:
        return np.nan
    loadings, unique = fitted
    common = float((loadings * spread).sum() ** 2)
    return common / (common + float((unique * spread**2).sum()))


def polychoric(items: pd.DataFrame) -> pd.DataFrame:
    r"""Polychoric correlations: of the normal variables supposed to lie behind ordinal answers.

    Thresholds come from the shares of each item's answers, then each correlation by maximum
    likelihood from the table of two items (the two-step estimator), without a correction of empty
    cells.

    .. math:: \ell(\rho) = \sum_{a,b} n_{ab} \log \left[\Phi_2(\tau_a, \tau_b; \rho)
        - \Phi_2(\tau_{a-1}, \tau_b; \rho) - \Phi_2(\tau_a, \tau_{b-1}; \rho)
        + \Phi_2(\tau_{a-1}, \tau_{b-1}; \rho)\right]

    The diagonal is 1; the correlations of an item whose answers are all equal are empty. `items`
    are whole-numbered answers, shape (respondents, k); a respondent with a gap is left out.

    References
    ----------
    Olsson, U. (1979). Psychometrika 44, 443-460.

    Examples
    --------
    Two items cut in halves: for a share s in agreeing cells the correlation is sin(pi (s - 1/2)) =
    0.5 at s = 2/3:

    >>> halves = pd.DataFrame({"a": [1] * 6 + [2] * 6, "b": [1] * 4 + [2] * 2 + [1] * 2 + [2] * 4})
    >>> round(float(polychoric(halves).loc["a", "b"]), 4)
    0.5
    """
    steps = [np.unique(column, return_inverse=True) for column in items.dropna().to_numpy(float).T]
    matrix = np.eye(len(steps))
    for a, (levels_a, first) in enumerate(steps):
        for b, (levels_b, second) in enumerate(steps[:a]):
            shape = len(levels_a), len(levels_b)
            counts = np.bincount(first * shape[1] + second, minlength=shape[0] * shape[1])
            matrix[a, b] = matrix[b, a] = _pair(counts.reshape(shape))
    return pd.DataFrame(matrix, index=items.columns, columns=items.columns)


def ordinal_alpha(items: pd.DataFrame) -> float:
    r"""Ordinal alpha: Cronbach's formula on polychoric correlations.

    .. math:: \alpha_o = \frac{k}{k-1} \left(1 - \frac{k}{\sum_{j,l} r_{jl}}\right)

    Few or crowded answer categories lower ordinary alpha; this one asks what it would be without
    them. It describes the supposed variables, not the score that is computed from the answers.
    Alpha is empty where an item does not vary. Parameters are those of `polychoric`.

    References
    ----------
    Zumbo, B. D., Gadermann, A. M. & Zeisser, C. (2007). Journal of Modern Applied Statistical
    Methods 6, 21-29.

    Examples
    --------
    Two items with a correlation of 0.5: 2 (1 - 2 / 3):

    >>> halves = pd.DataFrame({"a": [1] * 6 + [2] * 6, "b": [1] * 4 + [2] * 2 + [1] * 2 + [2] * 4})
    >>> round(ordinal_alpha(halves), 4)
    0.6667
    """
    matrix = polychoric(items).to_numpy()
    k = len(matrix)
    if k < 2 or np.isnan(matrix).any():
        return np.nan
    return float(k / (k - 1) * (1 - k / matrix.sum()))


def reliability_forms(answers: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Alpha, omega and ordinal alpha of every scale, from its complete respondents.

    Errors are those of `cronbach_alpha`. The table has dimension, aspect, items, respondents,
    alpha, omega, ordinal_alpha.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "dimension": "need", "aspect": "capital"})
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 3, 3, 3]})
    >>> reliability_forms(answers, items)[["aspect", "items", "respondents"]].values.tolist()
    [['capital', 2, 4], ['all', 2, 4]]
    """
    rows = []
    for scale in scale_list(items).itertuples():
        part = answers[scale.items]
        rows.append((scale.dimension, scale.aspect, len(scale.items), len(part.dropna()),
                     cronbach_alpha(part), omega(part), ordinal_alpha(part)))
    columns = ["dimension", "aspect", "items", "respondents", "alpha", "omega", "ordinal_alpha"]
    return pd.DataFrame(rows, columns=columns)


def _one_factor(correlations: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    fitted = fitted_factors(correlations, 1)
    if fitted is None:
        return None
    loadings = fitted[0][:, 0]
    return loadings * (1 if loadings.sum() >= 0 else -1), fitted[1]


def _pair(table: np.ndarray) -> float:
    from scipy.optimize import minimize_scalar
    from scipy.special import ndtr, ndtri

    if min(table.shape) < 2:
        return np.nan
    reached = (np.cumsum(table.sum(axis=axis))[:-1] / table.sum() for axis in (1, 0))
    # Beyond eight standard deviations nothing is left, so that the ends need no own formula.
    h, k = (np.concatenate([[-8.0], ndtri(shares), [8.0]]) for shares in reached)
    alone = np.outer(ndtr(h), ndtr(k))
    squares = (h**2)[:, None, None] + (k**2)[None, :, None]
    products = 2 * np.multiply.outer(h, k)[:, :, None]

    def misfit(correlation):
        # The two-dimensional normal distribution by the integral of its slope in the correlation.
        angle = np.arcsin(correlation)
        sine = np.sin(angle * (NODES + 1) / 2)
        slope = np.exp((products * sine - squares) / (2 * (1 - sine**2)))
        both = alone + angle / 2 * (slope @ NODE_WEIGHTS) / (2 * np.pi)
        cells = np.diff(np.diff(both, axis=0), axis=1)
        return -float((table * np.log(np.maximum(cells, 1e-12))).sum())

    found = minimize_scalar(misfit, bounds=(-0.999, 0.999), method="bounded",
                            options={"xatol": 1e-7})
    return float(found.x)
