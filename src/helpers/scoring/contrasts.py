"""Contrasts between zones: difference, interval, test, adjusted test, effect size."""

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.scoring.answers import scale_list
from helpers.scoring.design import beside_design
from helpers.scoring.estimates import estimate_with_freedom


def contrast_table(scores: pd.DataFrame, design: pd.DataFrame, items: pd.DataFrame,
                   confidence: float = 0.95) -> pd.DataFrame:
    r"""Contrasts of every pair of zones on every scale.

    .. math::

        d = \bar y_a - \bar y_b \qquad \text{se}(d) = \sqrt{\text{se}_a^2 + \text{se}_b^2}
        \qquad t = d / \text{se}(d)

    Zones are unions of strata, and strata are sampled independently: so the variances add up. t has
    the degrees of freedom of both zones together (respondents less strata). Parameters are those of
    `score_table`.

    Returns
    -------
    DataFrame
        dimension, aspect, zone_a, zone_b, difference, se, ci_low, ci_high, p_value,
        p_adjusted (Holm, over all rows of the same dimension), effect_size (`hedges_g`, sign of the
        difference).

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "capital"})
    >>> design = pd.DataFrame({"code": list("xxyy"), "zone": list("nnss"), "weight": 1.0})
    >>> scores = pd.DataFrame({"need.capital": [4.0, 5, 1, 2], "need.all": [4.0, 5, 1, 2]})
    >>> row = contrast_table(scores, design, items).iloc[0]
    >>> float(row["difference"]), round(float(row["se"]), 4), round(float(row["p_value"]), 4)
    (3.0, 0.7071, 0.0513)
    """
    scales = scale_list(items)
    data, columns = beside_design(scores, design)
    estimates = estimate_with_freedom(data, list(scales["variable"]), *columns, "design zone",
                                      confidence)
    rows = []
    for scale in scales.itertuples():
        of_scale = estimates[estimates["variable"] == scale.variable]
        for a, b in combinations(of_scale.to_dict("records"), 2):
            parts = [_zone_values(scores[scale.variable], design, zone["level"]) for zone in (a, b)]
            rows.append((scale.dimension, scale.aspect, a["level"], b["level"],
                         *_contrast(a, b, confidence), hedges_g(*parts[0], *parts[1])))
    table = pd.DataFrame(rows, columns=["dimension", "aspect", "zone_a", "zone_b", "difference",
                                        "se", "ci_low", "ci_high", "p_value", "effect_size"])
    p_adjusted = table.groupby("dimension", sort=False)["p_value"].transform(holm)
    table.insert(table.columns.get_loc("effect_size"), "p_adjusted", p_adjusted)
    return table


def holm(p_values: pd.Series) -> pd.Series:
    r"""Holm's step-down adjustment of p-values for multiple tests.

    .. math:: \tilde p_{(i)} = \max_{j \le i} \min\left(1, (m - j + 1)\, p_{(j)}\right)

    The index is kept. Empty values stay empty and do not count.

    References
    ----------
    Holm, S. (1979). Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    3 x .01, 2 x .03, and 1 x .04, which may not fall below the one before:

    >>> holm(pd.Series([0.04, 0.01, 0.03])).tolist()
    [0.06, 0.03, 0.06]
    """
    ordered = p_values.dropna().sort_values(kind="stable")
    factors = np.arange(len(ordered), 0, -1)
    return (ordered * factors).clip(upper=1).cummax().reindex(p_values.index)


def hedges_g(values_a: ArrayLike, weights_a: ArrayLike, values_b: ArrayLike,
             weights_b: ArrayLike) -> float:
    r"""Hedges' g: the difference of two weighted means in standard deviations.

    It is corrected for small samples.

    .. math::

        g = \frac{\bar y_a - \bar y_b}{s} \left(1 - \frac{3}{4 \nu - 1}\right), \quad
        s^2 = \frac{(n_a - 1) s_a^2 + (n_b - 1) s_b^2}{\nu}, \quad \nu = n_a + n_b - 2

    where the variance of each group is weighted: sum w (y - mean)^2 / sum w, times n / (n - 1). g
    is empty where a group has fewer than 2 values or nothing varies.

    Parameters
    ----------
    values_a, weights_a, values_b, weights_b : array, shapes (n_a,) and (n_b,)
        Without missing values.

    References
    ----------
    Hedges, L. V. (1981). Journal of Educational Statistics 6, 107-128.

    Examples
    --------
    Means 4.5 and 1.5, both variances 0.5: 3 / sqrt(0.5) x (1 - 3/7):

    >>> round(hedges_g([4, 5], [1, 1], [1, 2], [1, 1]), 4)
    2.4244
    """
    sizes = [np.size(values_a), np.size(values_b)]
    if min(sizes) < 2:
        return np.nan
    mean_a, variance_a = _weighted(values_a, weights_a)
    mean_b, variance_b = _weighted(values_b, weights_b)
    freedom = sum(sizes) - 2
    pooled = ((sizes[0] - 1) * variance_a + (sizes[1] - 1) * variance_b) / freedom
    if pooled <= 0:
        return np.nan
    return float((mean_a - mean_b) / np.sqrt(pooled) * (1 - 3 / (4 * freedom - 1)))


def _contrast(a: dict, b: dict, confidence: float) -> tuple[float, ...]:
    from scipy.stats import t

    difference, error = a["mean"] - b["mean"], np.hypot(a["se"], b["se"])
    freedom = a["freedom"] + b["freedom"]
    if not (freedom > 0 and error > 0):
        return difference, error, np.nan, np.nan, np.nan
    reach = t.ppf((1 + confidence) / 2, freedom) * error
    p_value = 2 * t.sf(abs(difference / error), freedom)
    return difference, error, difference - reach, difference + reach, p_value


def _zone_values(values: pd.Series, design: pd.DataFrame,
                 zone: str) -> tuple[np.ndarray, np.ndarray]:
    inside = (design["zone"].astype(str) == zone) & values.notna()
    return values[inside].to_numpy(), design.loc[inside, "weight"].to_numpy()


def _weighted(answers: ArrayLike, weights: ArrayLike) -> tuple[float, float]:
    values, weight = np.asarray(answers, dtype=float), np.asarray(weights, dtype=float)
    mean = np.average(values, weights=weight)
    return mean, np.average((values - mean) ** 2, weights=weight) * len(values) / (len(values) - 1)
