"""Contrasts between zones and between aspects: difference, interval, tests, effect size.

And a regression by the design: zones may differ because their businesses do, so it compares zones
at equal types of business.
"""

from collections.abc import Collection
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.scoring.answers import WHOLE, scale_list
from helpers.scoring.design import beside_design
from helpers.scoring.estimates import estimate_with_freedom, paired_scores

SMALL_EFFECT, MEDIUM_EFFECT = 0.2, 0.5  # standard deviations (Cohen, 1988)
REGRESSED = ["outcome", "term", "level", "reference", "n", "coefficient", "se", "ci_low", "ci_high",
           "p_value"]
TERMS = ("zone", "business_type")


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
            parts = [zone_values(scores[scale.variable], design, zone["level"]) for zone in (a, b)]
            rows.append((scale.dimension, scale.aspect, a["level"], b["level"],
                         *_contrast(a, b, confidence), hedges_g(*parts[0], *parts[1])))
    table = pd.DataFrame(rows, columns=["dimension", "aspect", "zone_a", "zone_b", "difference",
                                        "se", "ci_low", "ci_high", "p_value", "effect_size"])
    p_adjusted = table.groupby("dimension", sort=False)["p_value"].transform(holm)
    table.insert(table.columns.get_loc("effect_size"), "p_adjusted", p_adjusted)
    return table


def aspect_contrasts(scores: pd.DataFrame, design: pd.DataFrame, items: pd.DataFrame,
                     confidence: float = 0.95) -> pd.DataFrame:
    r"""Contrasts of every pair of aspects in the whole region, respondent by respondent.

    .. math:: d_i = y_{ia} - y_{ib} \qquad t = \bar d / \text{se}(\bar d)

    Both aspects were rated by the same person: the difference is taken first and averaged
    afterwards, so its error knows how the two go together (a paired t test with weights and
    strata). Parameters are those of `score_table`; where items ask for both, the `gap` (need less
    access) is compared as well.

    Returns
    -------
    DataFrame
        dimension (need, access, gap), aspect_a, aspect_b, n, difference, se, ci_low, ci_high,
        p_value, p_adjusted (Holm, over all pairs of the same dimension). Empty p-values where
        nothing varies.

    Examples
    --------
    Differences 2, 1, 0 and 1: mean 1, standard error sqrt(2/3 / 4), t = 2.449 on 3:

    >>> items = pd.DataFrame({"item": ["a", "b"], "dimension": "need", "aspect": ["x", "y"]})
    >>> design = pd.DataFrame({"code": ["c"] * 4, "zone": "z", "weight": 1.0})
    >>> scores = pd.DataFrame({"need.x": [5.0, 3, 2, 4], "need.y": [3.0, 2, 2, 3]})
    >>> row = aspect_contrasts(scores, design, items).iloc[0]
    >>> float(row["difference"]), round(float(row["se"]), 4), round(float(row["p_value"]), 4)
    (1.0, 0.4082, 0.0917)
    """
    from scipy.stats import t

    scales = scale_list(items).query("aspect != 'all'")
    aspects = {dimension: list(part["aspect"])
               for dimension, part in scales.groupby("dimension", sort=False)}
    values = {(scale.dimension, scale.aspect): scores[scale.variable]
              for scale in scales.itertuples()}
    if {"need", "access"} <= set(aspects):
        aspects["gap"] = [aspect for aspect in aspects["need"] if aspect in aspects["access"]]
        values |= {("gap", aspect): values["need", aspect] - values["access", aspect]
                   for aspect in aspects["gap"]}
    rows = [(dimension, *pair) for dimension, own in aspects.items()
            for pair in combinations(own, 2)]
    table = pd.DataFrame(rows, columns=["dimension", "aspect_a", "aspect_b"])
    pairs = {str(number): values[row.dimension, row.aspect_a] - values[row.dimension, row.aspect_b]
             for number, row in enumerate(table.itertuples())}
    data, columns = beside_design(pd.DataFrame(pairs, index=scores.index), design)
    found = estimate_with_freedom(data, list(pairs), *columns, None, confidence)
    table = table.join(found.rename(columns={"mean": "difference"}).drop(columns="variable"))
    difference, error, freedom = (table[name].astype(float) for name in ("difference", "se",
                                                                         "freedom"))
    ratio = (difference / error).abs().where(error > 0)
    table["p_value"] = 2 * t.sf(ratio, freedom.where(freedom > 0))
    p_adjusted = table.groupby("dimension", sort=False)["p_value"].transform(holm)
    return table.assign(p_adjusted=p_adjusted)[
        ["dimension", "aspect_a", "aspect_b", "n", "difference", "se", "ci_low", "ci_high",
         "p_value", "p_adjusted"]]


def leading_aspects(contrasts: pd.DataFrame, dimension: str, alpha: float,
                    smallest: bool = False) -> list[str]:
    """Aspects that may be the largest of a dimension: the first, and those not told from it.

    One aspect alone may be called the largest; several may not be told apart by this sample.

    Parameters
    ----------
    contrasts : DataFrame
        From `aspect_contrasts`.
    alpha : float
        Level of the tests; Holm's p-value below it tells two aspects apart.
    smallest : bool
        Look for the smallest instead.

    Examples
    --------
    >>> table = pd.DataFrame({"dimension": "gap", "aspect_a": ["x", "x", "y"],
    ...                       "aspect_b": ["y", "z", "z"], "difference": [0.1, 0.5, 0.4],
    ...                       "p_adjusted": [0.3, 0.01, 0.02]})
    >>> leading_aspects(table, "gap", 0.05), leading_aspects(table, "gap", 0.05, smallest=True)
    (['x', 'y'], ['z'])
    """
    own = contrasts[contrasts["dimension"] == dimension]
    turned = own.rename(columns={"aspect_a": "aspect_b", "aspect_b": "aspect_a"})
    both = pd.concat([own, turned.assign(difference=-own["difference"])])
    ahead = both["difference"].lt(0) if smallest else both["difference"].gt(0)
    wins = ahead.groupby(both["aspect_a"], sort=False).sum()
    first = wins.idxmax()
    told = both[(both["aspect_a"] == first) & (both["p_adjusted"] < alpha)]["aspect_b"]
    return [first, *(aspect for aspect in wins.index if aspect not in {first, *told})]


def association_table(marks: pd.DataFrame, design: pd.DataFrame, items: pd.DataFrame,
                      domain: str = "zone") -> pd.DataFrame:
    r"""Association of a yes-or-no mark with a domain: chi-square with Rao and Scott's correction.

    .. math:: X^2 = n \sum_{g, k} \frac{(\hat p_{gk} - \hat p_{g\cdot}\, \hat p_{\cdot k})^2}
        {\hat p_{g\cdot}\, \hat p_{\cdot k}}, \qquad
        F = \frac{X^2}{\sum \delta} \sim F_{d,\; d \nu}, \qquad
        d = \frac{(\sum \delta)^2}{\sum \delta^2}

    In a complex sample X-square does not follow its usual distribution; the eigenvalues delta of
    its design effects say which one it does (second order correction, ``svychisq`` of R). The
    degrees of freedom nu are respondents less strata. The engine is svy.

    Parameters
    ----------
    marks : DataFrame, shape (respondents, scales)
        1, 0 or empty, such as `high_scores` gives them.
    design, items
        As in `score_table`.
    domain : str
        Column of the design; who has no level is left out.

    Returns
    -------
    DataFrame
        dimension, aspect, n, statistic (F), df_groups, df_error, p_value, p_adjusted (Holm, over
        all scales of the same dimension). Empty where all marks are alike, or fewer than two levels
        answered.

    References
    ----------
    Rao, J. N. K. & Scott, A. J. (1984). Annals of Statistics 12, 46-60.

    Examples
    --------
    Three of four against none of four: X-square is 8 x 12^2 / (4 x 4 x 3 x 5) = 4.8; its design
    effect, 1 / 0.95, is that of an estimated covariance:

    >>> items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "capital"})
    >>> design = pd.DataFrame({"code": "x", "zone": list("nnnnssss"), "weight": 1.0})
    >>> marks = pd.DataFrame({"need.capital": [1.0, 1, 1, 0, 0, 0, 0, 0]})
    >>> marks["need.all"] = marks["need.capital"]
    >>> found = association_table(marks, design, items).iloc[0]
    >>> round(float(found["statistic"]), 4), round(4.8 * 0.95, 4)
    (4.56, 4.56)
    """
    import polars as pl
    import svy

    plan = {"w": design["weight"].to_numpy(float), "h": pd.factorize(design["code"])[0].astype(str)}
    if "units" in design:
        plan["N"] = design["units"].to_numpy(float)
    groups, rows = pd.factorize(design[domain])[0], []
    for scale in scale_list(items).itertuples():
        mark = marks[scale.variable]
        there = (mark.notna() & (groups >= 0)).to_numpy()
        found = (np.nan,) * 4
        if mark[there].nunique() > 1 and len(set(groups[there])) > 1:
            table = pl.DataFrame(plan | {"y": mark.fillna(0).astype(int).astype(str).to_numpy(),
                                         "g": groups.astype(str), "there": there})
            sample = svy.Sample(table, svy.Design(stratum="h", wgt="w", singleton="center",
                                                  pop_size="N" if "N" in plan else None))
            test = sample.categorical.tabulate("g", "y", where=svy.col("there")).stats.f
            found = test.value, test.df_num, test.df_den, test.p_value
        rows.append((scale.dimension, scale.aspect, int(there.sum()), *found))
    table = pd.DataFrame(rows, columns=["dimension", "aspect", "n", "statistic", "df_groups",
                                        "df_error", "p_value"])
    p_adjusted = table.groupby("dimension", sort=False)["p_value"].transform(holm)
    return table.assign(p_adjusted=p_adjusted)


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
    freedom = np.size(values_a) + np.size(values_b) - 2
    spread = pooled_sd(values_a, weights_a, values_b, weights_b)
    if np.isnan(spread):
        return np.nan
    difference = _weighted(values_a, weights_a)[0] - _weighted(values_b, weights_b)[0]
    return float(difference / spread * (1 - 3 / (4 * freedom - 1)))


def pooled_sd(values_a: ArrayLike, weights_a: ArrayLike, values_b: ArrayLike,
              weights_b: ArrayLike) -> float:
    """Weighted standard deviation within two groups, as `hedges_g` pools it.

    Parameters are those of `hedges_g`. Empty where a group has fewer than 2 values or nothing
    varies.

    Examples
    --------
    >>> round(pooled_sd([4, 5], [1, 1], [1, 2], [1, 1]), 4)
    0.7071
    """
    sizes = [np.size(values_a), np.size(values_b)]
    if min(sizes) < 2:
        return np.nan
    variances = _weighted(values_a, weights_a)[1], _weighted(values_b, weights_b)[1]
    pooled = np.average(variances, weights=[size - 1 for size in sizes])
    return float(np.sqrt(pooled)) if pooled > 0 else np.nan


def _contrast(a: dict, b: dict, confidence: float) -> tuple[float, ...]:
    from scipy.stats import t

    difference, error = a["mean"] - b["mean"], np.hypot(a["se"], b["se"])
    freedom = a["freedom"] + b["freedom"]
    if not (freedom > 0 and error > 0):
        return difference, error, np.nan, np.nan, np.nan
    reach = t.ppf((1 + confidence) / 2, freedom) * error
    p_value = 2 * t.sf(abs(difference / error), freedom)
    return difference, error, difference - reach, difference + reach, p_value


def zone_values(values: pd.Series, design: pd.DataFrame,
                zone: str) -> tuple[np.ndarray, np.ndarray]:
    """Scores of those of a zone who have one, and their weights."""
    inside = (design["zone"].astype(str) == zone) & values.notna()
    return values[inside].to_numpy(), design.loc[inside, "weight"].to_numpy()


def _weighted(answers: ArrayLike, weights: ArrayLike) -> tuple[float, float]:
    values, weight = np.asarray(answers, dtype=float), np.asarray(weights, dtype=float)
    mean = np.average(values, weights=weight)
    return mean, np.average((values - mean) ** 2, weights=weight) * len(values) / (len(values) - 1)


def regression_table(scores: pd.DataFrame, design: pd.DataFrame, items: pd.DataFrame,
                     confidence: float = 0.95,
                     hidden: Collection[str] = ()) -> pd.DataFrame:
    r"""Weighted regression of need, access and gap on zone and type of business.

    .. math:: \hat b = (X'WX)^{-1} X'Wy, \qquad
        v(\hat b) = (X'WX)^{-1} \Big[\sum_h \Big(1 - \frac{n_h}{N_h}\Big) \frac{n_h}{n_h - 1}
        \sum_{i \in h} (u_i - \bar u_h)(u_i - \bar u_h)'\Big] (X'WX)^{-1}, \quad
        u_i = w_i x_i (y_i - x_i' \hat b)

    as R's ``svyglm``, with respondents less strata less coefficients, plus one, degrees of freedom.
    A coefficient is the difference from the reference, the first level that answered, at equal
    other terms. A term with a level that the earlier ones tell (each zone has a type of business of
    its own) is left out, as its share cannot be told from theirs.

    Parameters
    ----------
    scores, design, items, confidence
        As in `helpers.scoring.score_table`.
    hidden : collection of str
        Terms that are left out, because one of their levels may not be published.

    Returns
    -------
    DataFrame
        The columns `REGRESSED`: outcome (need, access, gap), term (constant, zone, business_type),
        level and reference (empty for the constant). No rows where no term has two levels.

    Examples
    --------
    One stratum, weights of one: north 1, 3 against south 4, 6.

    >>> items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "capital"})
    >>> design = pd.DataFrame({"code": "x", "zone": list("nnss"), "weight": 1.0})
    >>> scores = pd.DataFrame({"need.capital": [1.0, 3, 4, 6], "need.all": [1.0, 3, 4, 6]})
    >>> found = regression_table(scores, design, items)
    >>> found[["term", "level", "coefficient"]].round(6).values.tolist()
    [['constant', '', 2.0], ['zone', 's', 3.0]]
    """
    levels = {term: pd.unique(design[term].dropna()) for term in TERMS
              if term in design and term not in hidden}
    levels = {term: [str(level) for level in found] for term, found in levels.items()
              if len(found) > 1}
    rows: list[tuple] = []
    if levels:
        outcomes = {f"{dimension}": scores[f"{dimension}.{WHOLE}"]
                    for dimension in items["dimension"].unique()}
        if {"need", "access"} <= set(outcomes):
            outcomes["gap"] = paired_scores(scores, [WHOLE])[f"gap.{WHOLE}"]
        for name, values in outcomes.items():
            rows += _fitted(name, values, design, levels, confidence)
    return pd.DataFrame(rows, columns=REGRESSED)


def _fitted(name: str, values: pd.Series, design: pd.DataFrame, levels: dict[str, list[str]],
            confidence: float) -> list[tuple]:
    answered = (values.notna() & design[[*levels]].notna().all(axis=1)).to_numpy()
    terms, known = [("constant", "", "")], np.ones((len(values), 1))
    for term, found in levels.items():
        own = design[term].astype("str").to_numpy()
        first, *others = [level for level in found if level in own[answered]] or [""]
        wider = np.column_stack([known, *[own == level for level in others]])
        # A term that the earlier ones tell already would give its levels another reference.
        if np.linalg.matrix_rank(wider[answered]) == wider.shape[1]:
            known, terms = wider, [*terms, *((term, level, first) for level in others)]
    if len(terms) == 1 or answered.sum() <= len(terms) + design["code"].nunique():
        return []
    return [(name, *term, int(answered.sum()), *told) for term, told in zip(
        terms, linear_model(values.where(answered), known[:, 1:], design, confidence))]


def linear_model(values: pd.Series, terms: np.ndarray, design: pd.DataFrame,
                 confidence: float) -> list[tuple[float, ...]]:
    """Coefficient, standard error, interval and p-value of the constant and of each column of
    `terms`, as R's ``svyglm``; a value that is missing is left out, its stratum is not."""
    import polars as pl
    import svy

    data, (weight, stratum, population) = beside_design(values.to_frame("y"), design)
    columns = {"y": data["y"].to_numpy(float), "w": data[weight].to_numpy(float),
               "h": pd.factorize(data[stratum])[0].astype(str)}
    if population:
        columns["N"] = data[population].to_numpy(float)
    named = {f"x{place}": column.astype(float) for place, column in enumerate(terms.T)}
    table = pl.DataFrame(columns | named).with_columns(pl.col("y").fill_nan(None))
    sample = svy.Sample(table, svy.Design(stratum="h", wgt="w", singleton="center",
                                          pop_size="N" if population else None))
    fit = sample.glm.fit(y="y", x=[*named], drop_nulls=True, alpha=1 - confidence)
    return [tuple(row[column] for column in (
        "estimate", "std_err", "conf_low", "conf_high", "p_value"))
        for row in fit.to_polars().to_dicts()]
