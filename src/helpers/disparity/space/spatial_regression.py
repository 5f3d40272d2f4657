"""Spatial regression: tests of residuals, and the models that they ask for.

Residuals that resemble their neighbours' make the standard errors of least squares too small, or
show that what happens next door matters. The tests and the models of maximum likelihood are those
of PySAL's spreg.
"""

import warnings
from contextlib import contextmanager, redirect_stdout
from io import StringIO

import numpy as np
import pandas as pd

from helpers.disparity.regression import check_design
from helpers.disparity.space.neighbourhoods import Rule
from helpers.disparity.space.spatial_permutations import linked, pysal_weights
from helpers.errors import check_choice
from helpers.library_types import GeoDataFrame, W

MODELS = {"error": "lambda", "lag": "rho"}  # and the name of the parameter that each adds
IMPACTS = ("direct", "indirect", "total")


def residual_tests(values: pd.Series, design: pd.DataFrame, polygons: GeoDataFrame,
                   alpha: float = 0.05, weights: Rule | None = None) -> pd.Series:
    """Tests of least-squares residuals for spatial dependence, and the model they ask for.

    The decision is Anselin's: without a significant simple test least squares is enough; with one,
    its model is taken; with both, the one whose robust test has the smaller p-value. Raises
    NotEstimableError as in `least_squares`, and ValueError for areas without a polygon, and as the
    rule of neighbourhood does.

    Parameters
    ----------
    values, design
        As in `least_squares`.
    polygons : GeoDataFrame
        Column ``code``; polygons of at least these areas.
    weights : callable, optional
        Rule of neighbourhood; queen contiguity without one. Neighbours together weigh one.

    Returns
    -------
    Series
        areas, r2, moran_i and moran_p of the residuals (for normal residuals; Cliff and Ord 1981),
        the p-values of the Lagrange multiplier tests lm_error_p, lm_lag_p, robust_error_p,
        robust_lag_p (Anselin and others 1996), and asks_for: ols, error or lag.
    """
    y, x, w = _prepared(values, design, polygons, weights)
    with _spreg() as spreg:
        fit = spreg.OLS(y, x, w=w, spat_diag=True, moran=True)
    found = {"lm_error_p": fit.lm_error, "lm_lag_p": fit.lm_lag, "robust_error_p": fit.rlm_error,
             "robust_lag_p": fit.rlm_lag}
    tests = {name: float(p_value) for name, (_, p_value) in found.items()}
    return pd.Series({"areas": len(y), "r2": float(fit.r2), "moran_i": float(fit.moran_res[0]),
                      "moran_p": float(fit.moran_res[2]), **tests,
                      "asks_for": _asks_for(alpha=alpha, **tests)})


def spatial_regression(values: pd.Series, design: pd.DataFrame, polygons: GeoDataFrame, model: str,
                       weights: Rule | None = None, confidence: float = 0.95) -> pd.DataFrame:
    r"""Spatial error or lag model, fitted by maximum likelihood.

    .. math:: \text{error:}\quad y = X b + u,\; u = \lambda W u + e \qquad
              \text{lag:}\quad y = \rho W y + X b + e

    In the error model b means what it means in least squares, with better standard errors. In the
    lag model b is the effect before it spreads to the neighbours and back. When it has, an area
    feels on average direct of a change of its own, with

    .. math:: \text{direct} = \frac{b}{n} \, \text{tr} (I - \rho W)^{-1}, \qquad
              \text{total} = \frac{b}{1 - \rho}

    and the rest, indirect, of changes of all other areas (LeSage and Pace 2009). Raises ValueError
    as in `residual_tests`, and for another model.

    Parameters
    ----------
    values, design, polygons, weights
        As in `residual_tests`.
    model : str
        error or lag.

    Returns
    -------
    DataFrame
        Indexed by term, the last one lambda or rho: coefficient, se, ci_low, ci_high, p_value (of
        the normal distribution, so that with few areas intervals are rather too narrow), and
        direct, indirect and total, what the effect comes to with all that spreads (missing for the
        last; in the error model nothing spreads).
    """
    from scipy.stats import norm

    check_choice("spatial_model", model, MODELS)
    y, x, w = _prepared(values, design, polygons, weights)
    with _spreg() as spreg:
        fit = (spreg.ML_Error(y, x, w) if model == "error"
               else spreg.ML_Lag(y, x, w, spat_impacts="full"))
    coefficients = np.asarray(fit.betas).ravel()
    errors = np.sqrt(np.diag(fit.vm))[:len(coefficients)]
    reach = norm.ppf((1 + confidence) / 2) * errors
    spread = fit.sp_multipliers["full"] if model == "lag" else (1, 0, 1)
    impacts = {name: np.append(coefficients[:-1] * factor, np.nan)
               for name, factor in zip(IMPACTS, spread)}
    return pd.DataFrame({"coefficient": coefficients, "se": errors, "ci_low": coefficients - reach,
                         "ci_high": coefficients + reach,
                         "p_value": 2 * norm.sf(np.abs(coefficients) / errors), **impacts},
                        index=[*design.columns, MODELS[model]])


def _asks_for(lm_error_p: float, lm_lag_p: float, robust_error_p: float, robust_lag_p: float,
              alpha: float) -> str:
    error, lag = lm_error_p <= alpha, lm_lag_p <= alpha
    if error and lag:
        return "error" if robust_error_p < robust_lag_p else "lag"
    return "error" if error else "lag" if lag else "ols"


def _prepared(values: pd.Series, design: pd.DataFrame, polygons: GeoDataFrame,
              weights: Rule | None) -> tuple[np.ndarray, np.ndarray, W]:
    """Values, regressors without the constant (spreg adds its own), row-standardised weights."""
    y, x = check_design(values, design)
    w = pysal_weights(linked(values.reindex(design.index), polygons, weights)[1])
    w.transform = "r"
    return y, x[:, (design != 1).any().to_numpy()], w


@contextmanager
def _spreg():
    """Spreg without its remarks on islands and tolerances, and without what it prints."""
    with warnings.catch_warnings(), redirect_stdout(StringIO()):
        warnings.simplefilter("ignore")
        import spreg

        yield spreg
