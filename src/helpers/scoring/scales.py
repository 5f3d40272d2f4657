"""Reliability of scales: alpha, item-total correlations, critical r.

All of it comes from one covariance matrix, so that the listwise and the pairwise treatment of gaps
differ in that matrix only. Respondents are not weighted here: reliability describes the instrument.
"""

import numpy as np
import pandas as pd

from helpers.errors import Error, check_choice, check_share
from helpers.scoring.answers import scale_list


def cronbach_alpha(items: pd.DataFrame, missing: str = "listwise") -> float:
    r"""Cronbach's alpha: internal consistency of a scale.

    .. math:: \alpha = \frac{k}{k-1} \left(1 - \frac{\sum_j s_j^2}{s_{\text{total}}^2}\right)

    It is at most 1 and can be negative; not a number where the total does not vary (all answers
    equal). Raises ValueError if there are fewer than 2 items or fewer than 2 complete respondents.

    Parameters
    ----------
    items : DataFrame, shape (respondents, k)
        Aligned answers, one column per item; k is the number of items, at least 2.
    missing : {"listwise", "pairwise"}
        listwise uses respondents who answered all items; pairwise uses, for every pair of items,
        those who answered both.

    References
    ----------
    Cronbach, L. J. (1951). Psychometrika 16, 297-334.

    Examples
    --------
    Two items with covariance 1 and variances 5/3 and 1: 2 (1 - (8/3) / (14/3)) = 6/7:

    >>> round(cronbach_alpha(pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 3, 3, 3]})), 4)
    0.8571
    """
    return _alpha(_covariance(items, missing))


def alpha_interval(alpha: float, respondents: int, items: int,
                   confidence: float = 0.95) -> tuple[float, float]:
    r"""Confidence interval of alpha by Feldt's F distribution.

    .. math:: 1 - (1 - \hat\alpha)\, F_{1 \mp (1-c)/2;\; n-1,\; (n-1)(k-1)}

    The pair is the lower and the upper limit. There are n respondents and k items, at least 2 each.
    Raises ValueError if n or k is below 2 or the confidence is out of range.

    References
    ----------
    Feldt, L. S., Woodruff, D. J. & Salih, F. A. (1987). Applied Psychological Measurement 11,
    93-103.

    Examples
    --------
    F with 40 and 280 degrees of freedom is 1.540 at 0.975 and 0.597 at 0.025:

    >>> [round(limit, 3) for limit in alpha_interval(0.8, 41, 8)]
    [0.692, 0.881]
    """
    from scipy.stats import f

    if respondents < 2 or items < 2:
        raise Error("alpha of {items} items and {respondents} respondents has no interval; at "
                    "least 2 of each", items=items, respondents=respondents)
    check_share("confidence", confidence, 0.95)
    freedom = (respondents - 1, (respondents - 1) * (items - 1))
    tail = (1 - confidence) / 2
    low, high = (float(1 - (1 - alpha) * f.ppf(q, *freedom)) for q in (1 - tail, tail))
    return low, high


def alpha_bootstrap(items: pd.DataFrame, replicates: int, rng: np.random.Generator,
                    confidence: float = 0.95) -> tuple[float, float]:
    r"""Confidence interval of alpha by drawing the complete respondents again, with replacement.

    The pair holds quantiles of alpha over the replicates, corrected for bias and acceleration
    (BCa): with :math:`\Phi(z_0)` the share of the replicates below alpha and a the
    skewness of the alphas without each respondent in turn, divided by six, the quantiles at

    .. math:: \Phi\left(z_0 + \frac{z_0 \pm z}{1 - a (z_0 \pm z)}\right)

    Feldt's interval supposes normal answers to items of one kind; this one does not. Both limits
    are empty where alpha, or that of a replicate, has no value: so few differ that the interval
    would rest on the others. Parameters are those of `cronbach_alpha` and `alpha_interval`;
    `replicates` is at least 2.

    References
    ----------
    Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical
    Association 82, 171-185.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> answers = pd.DataFrame(rng.normal(size=(300, 1)) + rng.normal(size=(300, 4)))
    >>> low, high = alpha_bootstrap(answers, 400, rng)
    >>> low < cronbach_alpha(answers) < high, round(high - low, 1)
    (True, 0.1)
    """
    from scipy.special import ndtr, ndtri

    check_share("confidence", confidence, 0.95)
    # Spread around the mean of all: alpha does not see the shift, and nothing cancels.
    values = items.dropna().to_numpy(float)
    n, k = values.shape
    if n < 2:
        return np.nan, np.nan
    values = values - values.mean(axis=0)
    # SciPy's bootstrap gives the same numbers from n tables of n - 1 rows; sums need one table.
    table = np.column_stack([values, (values**2).sum(axis=1), values.sum(axis=1) ** 2])
    nothing = 1e-12 * table[:, -1].mean()

    def alphas(means: np.ndarray) -> np.ndarray:
        parts = means[..., k] - (means[..., :k] ** 2).sum(axis=-1)
        whole = means[..., k + 1] - means[..., :k].sum(axis=-1) ** 2
        return k / (k - 1) * (1 - parts / np.where(whole > nothing, whole, np.nan))

    drawn = alphas(np.array([np.bincount(rng.integers(0, n, n), minlength=n) @ table
                             for _ in range(replicates)]) / n)
    without = alphas((table.sum(axis=0) - table) / (n - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        away, alpha = without.mean() - without, alphas(table.mean(axis=0))
        bias = ndtri(((drawn < alpha).mean() + (drawn <= alpha).mean()) / 2)
        moved = bias + ndtri([(1 - confidence) / 2, (1 + confidence) / 2])
        skewness = (away**3).sum() / (6 * (away**2).sum() ** 1.5)
        shares = ndtr(bias + moved / (1 - skewness * moved))
    if np.isnan(drawn).any() or np.isnan(shares).any():
        return np.nan, np.nan
    low, high = np.quantile(drawn, shares)
    return float(low), float(high)


def alpha_intervals(answers: pd.DataFrame, items: pd.DataFrame, replicates: int,
                    rng: np.random.Generator, confidence: float = 0.95) -> pd.DataFrame:
    """Alpha of every scale with Feldt's interval and that of the bootstrap.

    The table has dimension, aspect, alpha, feldt_low, feldt_high, bootstrap_low, bootstrap_high,
    from complete respondents. Parameters are those of `reliability_table` and `alpha_bootstrap`.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "dimension": "need", "aspect": "capital"})
    >>> answers = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 3, 3, 3]})
    >>> found = alpha_intervals(answers, items, 50, np.random.default_rng(1))
    >>> found["alpha"].round(4).tolist()
    [0.8571, 0.8571]
    """
    rows = []
    for scale in scale_list(items).itertuples():
        part = _scale_answers(answers, scale).dropna()
        alpha = cronbach_alpha(part)
        rows.append((scale.dimension, scale.aspect, alpha,
                     *alpha_interval(alpha, len(part), len(scale.items), confidence),
                     *alpha_bootstrap(part, replicates, rng, confidence)))
    return pd.DataFrame(rows, columns=["dimension", "aspect", "alpha", "feldt_low", "feldt_high",
                                       "bootstrap_low", "bootstrap_high"])


def item_total(items: pd.DataFrame, missing: str = "listwise") -> pd.Series:
    r"""Correlation of each item with the total that includes it.

    .. math:: r_j = \frac{\sum_l c_{jl}}{\sqrt{c_{jj} \sum_{l,m} c_{lm}}}

    Values lie between -1 and 1. The item's own part flatters them: see `corrected_item_total`.
    Parameters and errors are those of `cronbach_alpha`.

    Examples
    --------
    >>> item_total(pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 3, 3, 3]})).round(4).to_dict()
    {'a': 0.9562, 'b': 0.9258}
    """
    matrix = _covariance(items, missing)
    return _correlation(matrix.sum(axis=1), matrix.to_numpy().sum(), matrix)


def corrected_item_total(items: pd.DataFrame, missing: str = "listwise") -> pd.Series:
    r"""Correlation of each item with the sum of the other items.

    .. math:: r_j = \frac{\sum_{l \ne j} c_{jl}}{\sqrt{c_{jj} \sum_{l,m \ne j} c_{lm}}}

    Listwise and pairwise are those of `cronbach_alpha`: the pairwise form takes the whole formula
    from the pairwise matrix; it is not the pairwise correlation of the item with the rest score.
    Errors are those of `cronbach_alpha`. Values lie between -1 and 1; that of an item that does not
    vary is empty.

    Examples
    --------
    With two items it is their correlation, 1 / sqrt(5/3 x 1):

    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 3, 3, 3]})
    >>> corrected_item_total(answers).round(4).to_dict()
    {'a': 0.7746, 'b': 0.7746}
    """
    matrix = _covariance(items, missing)
    own, with_total = np.diag(matrix), matrix.sum(axis=1)
    rest_variance = matrix.to_numpy().sum() - 2 * with_total + own
    return _correlation(with_total - own, rest_variance, matrix)


def alpha_if_dropped(items: pd.DataFrame, missing: str = "listwise") -> pd.Series:
    """Alpha of the scale without each item in turn.

    Listwise and pairwise are those of `cronbach_alpha`: listwise keeps the respondents of the whole
    scale, so that only the item changes. Errors are those of `cronbach_alpha`. Values are empty
    where only one item would stay.

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 3, 3, 3], "c": [2, 1, 2, 1]})
    >>> alpha_if_dropped(answers).round(4).to_dict()
    {'a': -2.0, 'b': -1.0, 'c': 0.8571}
    """
    matrix = _covariance(items, missing)
    kept = {item: matrix.drop(index=item, columns=item) for item in matrix}
    return pd.Series({item: _alpha(part) if len(part) > 1 else np.nan
                      for item, part in kept.items()}, dtype=float)


def critical_r(respondents: int, alpha: float = 0.05) -> float:
    r"""Critical r: smallest correlation that a two-sided test calls significant.

    .. math:: r = \frac{t}{\sqrt{t^2 + \nu}}, \qquad \nu = n - 2

    Raises ValueError if n is below 3 or the level is out of range.

    Parameters
    ----------
    respondents : int
        n, at least 3. The table is read at n - 2, not at n less the number of items.
    alpha : float
        Level of the test, between 0 and 1.

    Examples
    --------
    >>> round(critical_r(30), 3)
    0.361
    """
    from scipy.stats import t

    if respondents < 3:
        raise Error("{respondents} respondents give no critical r; at least 3 are needed",
                    respondents=respondents)
    check_share("alpha", alpha, 0.05)
    freedom = respondents - 2
    limit = t.ppf(1 - alpha / 2, freedom)
    return float(limit / np.sqrt(limit**2 + freedom))


def reliability_table(answers: pd.DataFrame, items: pd.DataFrame, missing: str = "listwise",
                      confidence: float = 0.95) -> pd.DataFrame:
    """Alpha with its interval for every aspect and every dimension.

    `missing` may be person_mean, too, and is then read as listwise: gaps filled with a person's own
    mean would flatter alpha. The table has dimension, aspect, items, respondents, alpha,
    alpha_ci_low, alpha_ci_high. `respondents` counts complete answers (listwise) or any answer
    (pairwise). Raises ValueError if a scale has one item, naming it.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "dimension": "need", "aspect": "capital"})
    >>> answers = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 3, 3, 3]})
    >>> reliability_table(answers, items)[["aspect", "items", "respondents"]].values.tolist()
    [['capital', 2, 4], ['all', 2, 4]]
    """
    rows = []
    for scale in scale_list(items).itertuples():
        part = _scale_answers(answers, scale)
        alpha = cronbach_alpha(part, _listwise_or(missing))
        present = part.notna()
        n = int((present.any(axis=1) if missing == "pairwise" else present.all(axis=1)).sum())
        limits = alpha_interval(alpha, n, len(scale.items), confidence)
        rows.append((scale.dimension, scale.aspect, len(scale.items), n, alpha, *limits))
    columns = ["dimension", "aspect", "items", "respondents", "alpha", "alpha_ci_low",
               "alpha_ci_high"]
    return pd.DataFrame(rows, columns=columns)


def item_table(answers: pd.DataFrame, items: pd.DataFrame,
               missing: str = "listwise") -> pd.DataFrame:
    """Item analysis: mean, spread, item-total correlations, alpha without the item, gaps.

    The table has item, dimension, aspect, mean, sd (n - 1), item_total, corrected_item_total,
    alpha_if_dropped, missing (respondents without an answer). Parameters are those of
    `reliability_table`. Raises ValueError if an aspect has one item, naming it.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "dimension": "need", "aspect": "capital"})
    >>> answers = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 3, 3, 3]})
    >>> item_table(answers, items)[["item", "mean", "missing"]].values.tolist()
    [['a', 2.5, 0], ['b', 2.5, 0]]
    """
    parts, rule = [], _listwise_or(missing)
    for scale in scale_list(items).query("aspect != 'all'").itertuples():
        part = _scale_answers(answers, scale)
        table = pd.DataFrame({"dimension": scale.dimension, "aspect": scale.aspect,
                              "mean": part.mean(), "sd": part.std(),
                              "item_total": item_total(part, rule),
                              "corrected_item_total": corrected_item_total(part, rule),
                              "alpha_if_dropped": alpha_if_dropped(part, rule),
                              "missing": part.isna().sum()}, index=scale.items)
        parts.append(table.rename_axis("item").reset_index())
    return pd.concat(parts, ignore_index=True)


def _covariance(items: pd.DataFrame, missing: str) -> pd.DataFrame:
    check_choice("missing", missing, ("listwise", "pairwise"))
    if items.shape[1] < 2:
        raise Error("a scale of {items} item has no alpha; give at least 2 items",
                    items=items.shape[1])
    rows = items.dropna() if missing == "listwise" else items
    if len(rows) < 2:
        raise Error("only {respondents} respondents answered every item of the scale; at least 2 "
                    "are needed", respondents=len(rows))
    return rows.astype(float).cov()


def _alpha(matrix: pd.DataFrame) -> float:
    total = matrix.to_numpy().sum()
    if np.isclose(total, 0):
        return np.nan
    return float(len(matrix) / (len(matrix) - 1) * (1 - np.trace(matrix) / total))


def _correlation(covariance: pd.Series, variance: pd.Series | float,
                 matrix: pd.DataFrame) -> pd.Series:
    product = pd.Series(np.diag(matrix) * variance, index=matrix.index)
    return covariance / np.sqrt(product.where(product > 1e-12))


def _listwise_or(missing: str) -> str:
    return "listwise" if missing == "person_mean" else missing


def _scale_answers(answers: pd.DataFrame, scale) -> pd.DataFrame:
    if len(scale.items) < 2:
        raise Error("aspect {aspect!r} of {dimension!r} has one item ({item}); a scale needs at "
                    "least 2 items, so add one or join it to another aspect", aspect=scale.aspect,
                    dimension=scale.dimension, item=scale.items[0])
    return answers[scale.items]
