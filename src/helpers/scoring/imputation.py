"""Missing answers: multiple imputation beside the rules that need no model.

The method is our own and small: chained equations with predictive mean matching, as R's mice has
it. scikit-learn offers none that keeps to the answers of a scale, and needs seconds for each copy.
"""

import numpy as np
import pandas as pd

from helpers.errors import Error
from helpers.scoring.answers import MISSING_RULES, scale_list, scores_by_respondent
from helpers.scoring.counts import count_values
from helpers.scoring.design import beside_design
from helpers.scoring.estimates import estimate_means

ROUNDS, DONORS = 5, 5
TIE = 1e-9
RIDGE = 1e-5  # of the diagonal, where answers determine each other


def impute(answers: pd.DataFrame, groups: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    r"""Answers with every gap filled by one plausible answer of somebody alike.

    Item by item, in `ROUNDS` rounds, the item is regressed on all others and on the groups, and the
    coefficients are drawn from their posterior distribution (flat prior):

    .. math:: \sigma^{*2} = \text{RSS} / \chi^2_{n - q}, \qquad
        \beta^* \sim N(\hat\beta,\, \sigma^{*2} (Z'Z)^{-1})

    A gap gets the answer of one of the `DONORS` respondents, at random, whose prediction by the
    estimated coefficients is nearest to that of the gap by the drawn ones. So no answer leaves the
    scale. Who answered nothing at all stays empty.

    Parameters
    ----------
    answers : DataFrame, shape (respondents, items)
        Aligned; each item has an answer.
    groups : DataFrame
        Categories that go into the model, such as zone and type of business; the same index.
    rng : Generator
        The draws, which make one copy differ from the next.

    References
    ----------
    van Buuren, S. (2018). Flexible Imputation of Missing Data, second edition, sections 3.4, 4.5.

    Examples
    --------
    Who knows one answer knows the other here:

    >>> answers = pd.DataFrame({"a": [1.0, 2, 3, 4, 5] * 8, "b": [1.0, 2, 3, 4, 5] * 8})
    >>> answers.loc[3, "b"] = None
    >>> groups = pd.DataFrame(index=answers.index)
    >>> impute(answers, groups, np.random.default_rng(1)).loc[3, "b"].item()
    4.0
    """
    there = answers.notna().any(axis=1)
    values = answers[there].to_numpy(float, copy=True)
    gaps = np.isnan(values)
    for column in np.flatnonzero(gaps.any(axis=0)):
        known = values[~gaps[:, column], column]
        values[gaps[:, column], column] = rng.choice(known, gaps[:, column].sum())
    marks = [(groups.loc[there, name] == level).to_numpy(float)
             for name in groups for level in groups.loc[there, name].dropna().unique()[1:]]
    for _ in range(ROUNDS):
        for column in np.flatnonzero(gaps.any(axis=0)):
            others = np.delete(values, column, axis=1)
            beside = np.column_stack([np.ones(len(values)), others, *marks])
            gap = gaps[:, column]
            values[gap, column] = _matched(values[~gap, column], beside[~gap], beside[gap], rng)
    filled = answers.astype(float)
    filled[there] = values
    return filled


def pool(means: np.ndarray, variances: np.ndarray, freedom: np.ndarray,
         confidence: float = 0.95) -> pd.DataFrame:
    r"""Estimates from several completed copies, pooled by Rubin's rules.

    .. math:: T = W + \left(1 + \tfrac{1}{m}\right) B, \qquad \lambda = (1 + 1/m) B / T, \qquad
        \frac{1}{\nu} = \frac{\lambda^2}{m - 1}
        + \left[\frac{\nu_0 + 1}{\nu_0 + 3}\, \nu_0 (1 - \lambda)\right]^{-1}

    W is the mean of the variances and B the variance of the means of the m copies; lambda is the
    share of the variance that is due to the gaps.

    Parameters
    ----------
    means, variances : ndarray, shape (m, estimates)
        m at least 2.
    freedom : ndarray, shape (estimates,)
        Degrees of freedom without gaps.

    Returns
    -------
    DataFrame
        mean, se, ci_low, ci_high, lost (lambda).

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys, chapter 3.
    Barnard, J. & Rubin, D. B. (1999). Biometrika 86, 948-955.

    Examples
    --------
    W = 0.04, B = 0.01, T = 0.04 + 1.5 x 0.01:

    >>> found = pool(np.array([[3.0], [3.1414]]), np.array([[0.04], [0.04]]), np.array([100.0]))
    >>> found[["mean", "se", "lost"]].round(3).values.tolist()
    [[3.071, 0.235, 0.273]]
    """
    from scipy.special import stdtrit

    copies = len(means)
    if copies < 2:
        raise Error("imputations is {imputations}; at least 2 are needed, 20 are usual",
                    imputations=copies)
    between = (1 + 1 / copies) * means.var(axis=0, ddof=1)
    total = variances.mean(axis=0) + between
    with np.errstate(invalid="ignore", divide="ignore"):
        lost = between / total
        complete = (freedom + 1) / (freedom + 3) * freedom * (1 - lost)
        nu = 1 / (lost**2 / (copies - 1) + 1 / complete)
    mean, error = means.mean(axis=0), np.sqrt(total)
    reach = stdtrit(np.where(nu > 0, nu, np.nan), (1 + confidence) / 2) * error
    return pd.DataFrame({"mean": mean, "se": error, "ci_low": mean - reach, "ci_high": mean + reach,
                         "lost": lost})


def missing_table(answers: pd.DataFrame, items: pd.DataFrame, design: pd.DataFrame,
                  missing_share: float, imputations: int, rng: np.random.Generator,
                  confidence: float = 0.95) -> pd.DataFrame:
    """Mean scores of the whole region under each rule for missing answers.

    Parameters
    ----------
    answers, items, missing_share
        As in `scores_by_respondent`.
    design, confidence
        As in `score_table`; zone and type of business go into the model of the imputation.
    imputations : int
        m, completed copies.
    rng : Generator

    Returns
    -------
    DataFrame
        dimension, aspect, rule (person_mean, listwise, pairwise, multiple), n, mean, se, ci_low,
        ci_high, lost (share of the variance due to the gaps; `multiple` only).

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "dimension": "need", "aspect": "capital"})
    >>> answers = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [1.0, 2, 3, 4, None]})
    >>> design = pd.DataFrame({"code": "x", "zone": "z", "weight": 1.0}, index=answers.index)
    >>> found = missing_table(answers, items, design, 0.5, 5, np.random.default_rng(1))
    >>> found[["rule", "n"]].head(4).values.tolist()
    [['person_mean', 5], ['listwise', 4], ['pairwise', 5], ['multiple', 5]]
    """
    scales = scale_list(items)[["dimension", "aspect", "variable"]]
    names = list(scales["variable"])
    parts = []
    for rule in MISSING_RULES:
        data, columns = beside_design(
            scores_by_respondent(answers, items, rule, missing_share), design)
        parts.append(estimate_means(data, names, *columns, None, confidence).assign(rule=rule))
    groups = design[[name for name in ("zone", "business_type") if name in design]]
    copies = []
    for _ in range(imputations):
        scores = scores_by_respondent(impute(answers, groups, rng), items)
        data, columns = beside_design(scores, design)
        copies.append(count_values(data, names, *columns).means_with_freedom(None, confidence))
    means, errors = (np.array([copy[column] for copy in copies]) for column in ("mean", "se"))
    pooled = pool(means, errors**2, copies[0]["freedom"].to_numpy(), confidence)
    parts.append(copies[0][["variable", "n"]].join(pooled).assign(rule="multiple"))
    table = scales.merge(pd.concat(parts), on="variable")
    return table[["dimension", "aspect", "rule", "n", "mean", "se", "ci_low", "ci_high", "lost"]]


def _matched(known: np.ndarray, beside: np.ndarray, asked: np.ndarray,
             rng: np.random.Generator) -> np.ndarray:
    """Answers for those asked, of donors whose predictions are nearest (predictive matching)."""
    square = beside.T @ beside
    inverse = np.linalg.inv(square + RIDGE * np.diag(np.diag(square)))
    estimated = inverse @ beside.T @ known
    freedom = max(len(known) - len(square), 1)
    spread = np.sqrt(((known - beside @ estimated) ** 2).sum() / rng.chisquare(freedom))
    drawn = estimated + spread * np.linalg.cholesky(inverse) @ rng.standard_normal(len(square))
    away = np.abs((beside @ estimated)[None, :] - (asked @ drawn)[:, None])
    away += TIE * spread * rng.random(away.shape)  # among those equally near, chance decides
    donors = min(DONORS, len(known))
    nearest = np.argpartition(away, donors - 1, axis=1)[:, :donors]
    return known[nearest[np.arange(len(asked)), rng.integers(donors, size=len(asked))]]
