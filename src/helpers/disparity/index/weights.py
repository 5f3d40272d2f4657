"""Weights of the indicators in a composite index, by rule."""

import numpy as np
import pandas as pd

from helpers.disparity.development import differing, theme_weights
from helpers.errors import Error, check_choice

RULES = ("equal", "theme_equal", "pca", "entropy")
FROM_DATA = ("pca", "entropy")
FEWEST_AREAS = 3


def index_weights(values: pd.DataFrame, direction: pd.Series, themes: pd.Series,
                  rule: str = "equal") -> pd.Series:
    """Weights of the indicators by a rule.

    equal: every indicator the same. theme_equal: every theme the same (see `theme_weights`). pca
    and entropy let the data decide (see `pca_weights`, `entropy_weights`): they reward indicators
    that go together, or that differ much, not those that matter to people. Raises ValueError for an
    unknown rule, and where the data cannot decide (see the rules).

    Parameters
    ----------
    direction, themes : Series
        By indicator: 1 (more is better) or -1, and the theme.
    rule : str
        One of ``equal``, ``theme_equal``, ``pca``, ``entropy``.

    Returns
    -------
    Series
        Weights by indicator that sum to 1.

    Examples
    --------
    >>> areas = pd.DataFrame({"light": [1.0, 2.0], "school": [3.0, 1.0]})
    >>> index_weights(areas, pd.Series(1, areas.columns), pd.Series("x", areas.columns)).tolist()
    [0.5, 0.5]
    """
    check_choice("index_weights", rule, RULES)
    if rule == "theme_equal":
        return theme_weights(themes.reindex(values.columns))
    if rule == "equal":
        return pd.Series(1 / values.shape[1], values.columns)
    return {"pca": pca_weights, "entropy": entropy_weights}[rule](values, direction)


def pca_weights(values: pd.DataFrame, direction: pd.Series) -> pd.Series:
    """Weights from the first principal component of the standardised indicators.

    The component is the direction in which areas differ most; its loadings are the weights. The
    component's sign is free: it is turned so that its loadings sum to more than zero (in a tie, the
    first loading is positive). An indicator that then points the other way weighs nothing, because
    an index must not reward being worse off. Areas with a gap are left out; an indicator that is
    equal everywhere weighs nothing. The weights sum to 1. With z-scores and no loading set to zero
    the index is the first component, rescaled. Raises ValueError for fewer than three complete
    areas, or when no indicator differs between them.

    References
    ----------
    Filmer and Pritchett (2001), Estimating wealth effects without expenditure data - or tears: an
    application to educational enrollments in states of India, Demography 38.

    Examples
    --------
    Two indicators have equal loadings, whatever they are.

    >>> areas = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [3.0, 5.0, 4.0]})
    >>> pca_weights(areas, pd.Series(1, areas.columns)).round(6).tolist()
    [0.5, 0.5]
    """
    turned = _varying(values, direction)
    scores = (turned - turned.mean()) / turned.std(ddof=0)
    loadings = np.linalg.eigh(scores.to_numpy().T @ scores.to_numpy())[1][:, -1]
    total = loadings.sum()
    if total < -1e-9 or (abs(total) <= 1e-9 and loadings[0] < 0):
        loadings = -loadings
    load = pd.Series(np.maximum(loadings, 0), turned.columns)
    return (load / load.sum()).reindex(values.columns, fill_value=0.0)


def entropy_weights(values: pd.DataFrame, direction: pd.Series) -> pd.Series:
    r"""Weights from Shannon's entropy: an indicator that hardly differs weighs little.

    .. math:: p_{ij} = \frac{x'_{ij}}{\sum_i x'_{ij}}, \qquad E_j = -\frac{1}{\ln n} \sum_i p_{ij}
    \ln p_{ij}, \qquad
        w_j = \frac{1 - E_j}{\sum_k (1 - E_k)}

    with x' scaled from 0 (worst) to 1 (best) and 0 ln 0 = 0. Parameters and errors are those of
    `pca_weights`.

    Scaling to 0-1 is one habit, shares of the raw values another; they give other weights. An
    indicator with a single high area gets much weight: here that is the city's light.

    Returns
    -------
    Series
        Weights that sum to 1.

    References
    ----------
    Zou, Yun and Sun (2006), Entropy method for determination of weight of evaluating indicators in
    fuzzy synthetic evaluation for water quality assessment, Journal of Environmental Sciences 18.

    Examples
    --------
    One of three has everything (E = 0); two share equally (E = ln 2 / ln 3 = 0.6309).

    >>> areas = pd.DataFrame({"one": [0.0, 0.0, 1.0], "two": [0.0, 1.0, 1.0]})
    >>> entropy_weights(areas, pd.Series(1, areas.columns)).round(4).tolist()
    [0.7304, 0.2696]
    """
    turned = _varying(values, direction)
    scaled = (turned - turned.min()) / (turned.max() - turned.min())
    share = scaled / scaled.sum()
    told = share.where(share > 0, 1.0)
    entropy = -(told * np.log(told)).sum() / np.log(len(turned))
    return ((1 - entropy) / (1 - entropy).sum()).reindex(values.columns, fill_value=0.0)


def can_decide(values: pd.DataFrame) -> bool:
    """Whether the data can give weights: three complete areas between which an indicator differs.

    Examples
    --------
    >>> can_decide(pd.DataFrame({"a": [1.0, 2.0, 3.0]})), can_decide(pd.DataFrame({"a": [1.0, 2.0,
    ...                                                                                  None]}))
    (True, False)
    """
    complete = _complete(values)
    return len(complete) >= FEWEST_AREAS and bool(differing(complete).any())


def _varying(values: pd.DataFrame, direction: pd.Series) -> pd.DataFrame:
    """Complete areas and differing indicators, more of each being better."""
    complete = _complete(values)
    if not can_decide(complete):
        raise Error("{areas} areas have a value in every indicator; weights from the data need at "
                    "least {fewest}, and an indicator that differs between them: choose equal or "
                    "theme_equal", areas=len(complete), fewest=FEWEST_AREAS)
    telling = complete.loc[:, differing(complete)]
    return telling * direction[telling.columns]


def _complete(values: pd.DataFrame) -> pd.DataFrame:
    return values.dropna(axis=1, how="all").dropna().astype(float)
