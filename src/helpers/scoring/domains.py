"""Domain estimates: shares, medians, crossings, and which estimates are too rough."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.errors import Error
from helpers.scoring.answers import scale_list
from helpers.scoring.classes import class_bounds
from helpers.scoring.counts import ALIKE, logit_limits
from helpers.scoring.design import beside_design
from helpers.scoring.estimates import (
    DOMAINS,
    estimate_means,
    estimate_with_freedom,
    means_by_domain,
)

CAUTION, UNUSABLE = 0.25, 0.5  # coefficients of variation from which an estimate is worse
ERRORS = ["se", "ci_low", "ci_high", "cv", "precision"]


def top_box(answers: pd.DataFrame, items: pd.DataFrame, boxes: int = 2) -> pd.DataFrame:
    """Share of each respondent's answers in the top boxes: `important` or `easy`.

    Shares lie between 0 and 1, of the answered items; columns are the variables of `scale_list`.
    `boxes` is the number of the highest answers that count; 2 takes 4 and 5 of a scale to 5. Raises
    ValueError if the boxes are not fewer than the answers of the scale.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "dimension": "need", "aspect": "capital",
    ...                       "lowest": 1, "highest": 5})
    >>> top_box(pd.DataFrame({"a": [4, 3], "b": [2, None]}), items)["need.all"].tolist()
    [0.5, 0.0]
    """
    steps = int(items["highest"].max() - items["lowest"].min()) + 1
    if boxes != int(boxes) or not 1 <= boxes < steps:
        raise Error("boxes is {boxes}; give a whole number from 1 to {most}, fewer than the "
                    "{steps} answers", boxes=boxes, most=steps - 1, steps=steps)
    high = answers.gt(items["highest"].max() - boxes).astype(float).where(answers.notna())
    return pd.DataFrame({scale.variable: high[scale.items].mean(axis=1)
                         for scale in scale_list(items).itertuples()})


def high_scores(scores: pd.DataFrame, items: pd.DataFrame, classes: int = 3) -> pd.DataFrame:
    """Whether the score of each respondent lies in the highest class of the scale (1) or not (0).

    Empty where there is no score; columns are those of `scores`. Classes are those of
    `class_bounds` on the answer scale.

    Examples
    --------
    >>> items = pd.DataFrame({"lowest": [1], "highest": [5]})
    >>> high_scores(pd.DataFrame({"need.all": [4.0, 3.5, None]}), items)["need.all"].tolist()
    [1.0, 0.0, nan]
    """
    limit = class_bounds(float(items["lowest"].min()), float(items["highest"].max()), classes)[-2]
    return scores.gt(limit).astype(float).where(scores.notna())


def share_table(shares: pd.DataFrame, design: pd.DataFrame, items: pd.DataFrame,
                confidence: float = 0.95) -> pd.DataFrame:
    """Share of answers in the top boxes in the whole and by zone, area and type of business.

    The table has domain, level, dimension, aspect, n, share, se, ci_low, ci_high (as `logit_limits`
    gives them), cv, precision (as `rate_precision` gives it). A share of 0 or 1 has no error: all
    answers being alike is no evidence of precision.

    Parameters
    ----------
    shares : DataFrame, shape (respondents, scales)
        From `top_box` or `high_scores`.
    design, items, confidence
        As in `score_table`.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "capital", "lowest": 1,
    ...                       "highest": 5})
    >>> design = pd.DataFrame({"code": ["x", "x"], "zone": ["z", "z"], "weight": [1.0, 3.0]})
    >>> shares = pd.DataFrame({"need.capital": [1.0, 0.0], "need.all": [1.0, 0.0]})
    >>> float(share_table(shares, design, items)["share"].iloc[0])
    0.25
    """
    scales = scale_list(items)[["dimension", "aspect", "variable"]]
    table = means_by_domain(shares, design, list(scales["variable"]), confidence)
    table = table.merge(scales, on="variable").rename(columns={"mean": "share"})
    table["se"] = table["se"].where(table["share"].between(ALIKE, 1 - ALIKE))
    table["ci_low"], table["ci_high"] = logit_limits(table["share"], table["se"], table["freedom"],
                                                     confidence)
    columns = ["domain", "level", "dimension", "aspect", "n", "share", *ERRORS]
    return rate_precision(table, "share")[columns]


def rate_precision(table: pd.DataFrame, estimate: str, lowest: float = 0) -> pd.DataFrame:
    r"""Precision rating by coefficient of variation, as statistical offices do it.

    .. math:: \text{cv} = \text{se} / (\text{estimate} - \text{lowest})

    The zero of an answer scale is arbitrary; so the scores of a scale are counted from its lowest
    answer. Without that a scale from 1 to 5 would seem more precise than the same scale written as
    0 to 4. The table gets cv and precision: `good` up to 25 %, `caution` up to 50 %, `unusable`
    above, and also where there is no standard error.

    Parameters
    ----------
    table : DataFrame
        se, and the column `estimate`.
    lowest : float
        Lowest possible value of the estimate.

    Examples
    --------
    >>> table = pd.DataFrame({"mean": [3.0, 3.0, 3.0, 3.0], "se": [0.4, 0.8, 1.2, None]})
    >>> rate_precision(table, "mean", lowest=1)["precision"].tolist()
    ['good', 'caution', 'unusable', 'unusable']
    """
    above = table[estimate] - lowest
    cv = (table["se"] / above).where(above > 0)
    words = np.select([cv <= CAUTION, cv <= UNUSABLE], ["good", "caution"], "unusable")
    return table.assign(cv=cv, precision=words)


def weighted_quantile(values: ArrayLike, weights: ArrayLike, share: float) -> float:
    r"""Weighted quantile: the inverse of the weighted distribution function.

    .. math:: q_p = \min \Big\{ y : \sum_{i:\, y_i \le y} w_i \ge p \sum_i w_i \Big\}

    Rules that interpolate give other values; this one always gives an answer that somebody gave. It
    is empty where there are no values. Raises ValueError if the share is out of its range.

    Parameters
    ----------
    values, weights : array, shape (n,)
        Without missing values; weights above zero.
    share : float
        p, above 0 and at most 1; one half gives the median.

    Examples
    --------
    >>> weighted_quantile([1, 2, 3], [1, 1, 2], 0.5), weighted_quantile([1, 2, 3], [1, 1, 2.1], 0.5)
    (2.0, 3.0)
    """
    if not 0 < share <= 1:
        raise Error("share is {share}; give a number above 0 and at most 1, such as 0.5 for the "
                    "median", share=share)
    y = np.asarray(values, dtype=float)
    if not len(y):
        return np.nan
    order = np.argsort(y, kind="stable")
    reached = np.cumsum(np.asarray(weights, dtype=float)[order])
    # A hair below: sums of weights that should be equal may differ in their last digit.
    place = np.searchsorted(reached, share * reached[-1] * (1 - 1e-12))
    return float(y[order][place])


def median_table(scores: pd.DataFrame, design: pd.DataFrame, items: pd.DataFrame,
                 confidence: float = 0.95) -> pd.DataFrame:
    r"""Weighted median score of every scale in every domain, with Woodruff's interval.

    .. math:: \big[q_{F - t\,\text{se}(F)},\; q_{F + t\,\text{se}(F)}\big], \qquad
        F = \hat F(q_{0.5}), \qquad \text{se} = \frac{\text{upper} - \text{lower}}{2 t}

    F is the share of scores up to the median, which is estimated with its error like any other;
    its limits are turned back into scores (``svyquantile`` of R, ``interval.type = "mean"``).
    Parameters are those of `score_table`. The table has domain, level, dimension, aspect, n,
    median, se, ci_low, ci_high; a limit beyond 0 or 1 is empty, and the error with it, and both
    limits where no score is above the median, as F then shows no error. Domains without answers
    are left out.

    References
    ----------
    Woodruff, R. S. (1952). Journal of the American Statistical Association 47, 635-646.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "capital"})
    >>> design = pd.DataFrame({"code": ["x"] * 9, "zone": "z", "weight": 1.0})
    >>> scores = pd.DataFrame({"need.capital": np.arange(9.0), "need.all": np.arange(9.0)})
    >>> found = median_table(scores, design, items)
    >>> found[["median", "ci_low", "ci_high"]].iloc[0].tolist()
    [4.0, 1.0, 8.0]
    """
    from scipy.special import stdtrit

    weights, scales = design["weight"].to_numpy(float), scale_list(items)
    names = list(scales["variable"])
    parts = []
    for domain, column in DOMAINS.items():
        if column is not None and column not in design:
            continue
        levels = pd.Series("all", index=design.index) if column is None else design[column]
        codes, labels = pd.factorize(levels, sort=True)
        sides, rows = scores[names].astype(float), []
        for code, level in enumerate(labels):
            for name in names:
                values = scores[name].to_numpy(float)
                there = (codes == code) & ~np.isnan(values)
                middle = weighted_quantile(values[there], weights[there], 0.5)
                sides.loc[there, name] = (values[there] <= middle).astype(float)
                rows.append((str(level), name, middle, values[there], weights[there]))
        data, columns = beside_design(sides, design)
        by = column and f"design {column}"
        below = estimate_with_freedom(data, names, *columns, by, confidence)
        found = pd.DataFrame(rows, columns=["level", "variable", "median", "values", "weights"])
        parts.append(found.merge(below, on=["level", "variable"]).assign(domain=domain))
    table = pd.concat(parts, ignore_index=True).merge(scales, on="variable")
    for side in ("ci_low", "ci_high"):
        known = table[side].where(table[side].between(0, 1) & (table["mean"] < 1 - ALIKE))
        table[side] = [weighted_quantile(values, weight, share) if share > 0 else np.nan
                       for values, weight, share
                       in zip(table["values"], table["weights"], known, strict=True)]
    freedom = table["freedom"].where(table["freedom"] > 0)
    table["se"] = (table["ci_high"] - table["ci_low"]) / 2 / stdtrit(freedom, (1 + confidence) / 2)
    table = table[["domain", "level", "dimension", "aspect", "n", "median", "se", "ci_low",
                   "ci_high"]]
    return table[table["n"] > 0].reset_index(drop=True)


def crossing_table(scores: pd.DataFrame, design: pd.DataFrame, items: pd.DataFrame,
                   by: tuple[str, str] = ("zone", "business_type"),
                   confidence: float = 0.95) -> pd.DataFrame:
    """Mean score of every scale where two domains cross, such as zone and type of business.

    The table has the two columns, dimension, aspect, n, mean, se, ci_low, ci_high, cv, precision
    (counted from the lowest answer); crossings in which nobody is are left out. Raises ValueError
    if the design lacks one of the columns.

    Parameters
    ----------
    scores, design, items, confidence
        As in `score_table`.
    by : tuple of str
        Two columns of the design.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "capital", "lowest": 1,
    ...                       "highest": 5})
    >>> design = pd.DataFrame({"code": ["x"] * 4, "zone": list("nnss"), "business_type": "small",
    ...                        "weight": 1.0})
    >>> scores = pd.DataFrame({"need.capital": [1.0, 2, 4, 5], "need.all": [1.0, 2, 4, 5]})
    >>> crossing_table(scores, design, items)[["zone", "business_type", "mean"]].values.tolist()[:2]
    [['n', 'small', 1.5], ['s', 'small', 4.5]]
    """
    absent = [column for column in by if column not in design]
    if absent:
        raise Error("the design has no column {column!r}; it has {known}", column=absent[0],
                    known=", ".join(design.columns))
    crossed = design[list(by)].dropna().groupby(list(by), observed=True, sort=True)
    names = crossed.first().index.to_frame(index=False).astype(str)
    scales = scale_list(items)[["dimension", "aspect", "variable"]]
    data, columns = beside_design(scores, design)
    data["design group"] = crossed.ngroup().reindex(design.index)
    table = estimate_means(data, list(scales["variable"]), *columns, "design group", confidence)
    table = table[table["n"] > 0].merge(scales, on="variable")
    place = table["level"].astype(float).astype(int)
    for column in by:
        table[column] = names[column].to_numpy()[place]
    table = rate_precision(table, "mean", float(items["lowest"].min()))
    return table[[*by, "dimension", "aspect", "n", "mean", *ERRORS]]
