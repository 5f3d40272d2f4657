"""Other weights: bootstrap standard errors as a check of the formula, and what weights change."""

import numpy as np
import pandas as pd

from helpers.errors import Error
from helpers.scoring.answers import scale_list
from helpers.scoring.design import beside_design
from helpers.scoring.estimates import estimate_means


def bootstrap_weights(design: pd.DataFrame, replicates: int,
                      rng: np.random.Generator) -> np.ndarray:
    r"""Rescaled bootstrap weights of a stratified sample (Rao and Wu).

    .. math::

        w_{ir}^* = w_i \left[1 + \sqrt{1 - f_h} \left(\frac{n_h}{n_h - 1}\, t_{ir} - 1\right)\right]

    where in every stratum n_h - 1 respondents are drawn with replacement and t counts how often
    each one was. A stratum with one respondent keeps its weight: it cannot be drawn again. Raises
    ValueError if there are fewer than 2 replicates.

    Parameters
    ----------
    design : DataFrame
        code (stratum), weight, and units for the finite population correction.
    replicates : int
        R, at least 2.

    References
    ----------
    Rao, J. N. K. & Wu, C. F. J. (1988). Journal of the American Statistical Association 83,
    231-241.

    Examples
    --------
    >>> design = pd.DataFrame({"code": list("aab"), "weight": [5.0, 5.0, 7.0]})
    >>> bootstrap_weights(design, 4, np.random.default_rng(1))[2].tolist()
    [7.0, 7.0, 7.0, 7.0]
    """
    if replicates < 2:
        raise Error("replicates is {replicates}; at least 2 are needed, 500 are usual",
                    replicates=replicates)
    weights = np.repeat(design["weight"].to_numpy(float)[:, None], replicates, axis=1)
    for places in design.groupby(design["code"].to_numpy(), observed=True).indices.values():
        n = len(places)
        if n < 2:
            continue
        sampled = 1 - n / design["units"].iloc[places[0]] if "units" in design else 1.0
        times = rng.multinomial(n - 1, np.full(n, 1 / n), size=replicates).T
        weights[places] *= 1 + np.sqrt(sampled) * (n / (n - 1) * times - 1)
    return weights


def check_errors(scores: pd.DataFrame, design: pd.DataFrame, replicates: int,
                 rng: np.random.Generator) -> pd.DataFrame:
    """Standard errors by formula (Taylor) and by bootstrap, in the whole and by zone.

    The table has variable, domain (all, zone), level, se, se_bootstrap, ratio (bootstrap to
    formula). With R replicates the bootstrap itself is uncertain by about 1 / sqrt(2 R) of its
    value.

    Examples
    --------
    >>> design = pd.DataFrame({"code": ["x"] * 40, "zone": "z", "weight": 1.0})
    >>> scores = pd.DataFrame({"need.all": np.tile([1.0, 2, 4, 5], 10)})
    >>> found = check_errors(scores, design, 4000, np.random.default_rng(1))
    >>> found["se"].round(3).tolist(), found["ratio"].round(1).tolist()
    ([0.253, 0.253], [1.0, 1.0])
    """
    weights = bootstrap_weights(design, replicates, rng)
    data, columns = beside_design(scores, design)
    parts = []
    for domain, by in (("all", None), ("zone", "design zone")):
        table = estimate_means(data, list(scores), *columns, by).assign(domain=domain)
        inside = [slice(None) if by is None else (design["zone"].astype(str) == level).to_numpy()
                  for level in table["level"]]
        table["se_bootstrap"] = [_spread(scores[name].to_numpy(float)[rows], weights[rows])
                                 for name, rows in zip(table["variable"], inside, strict=True)]
        parts.append(table)
    found = pd.concat(parts, ignore_index=True)
    found["ratio"] = found["se_bootstrap"] / found["se"]
    return found[["variable", "domain", "level", "se", "se_bootstrap", "ratio"]]


def compare_weights(scores: pd.DataFrame, designs: dict[str, pd.DataFrame], items: pd.DataFrame,
                    confidence: float = 0.95) -> pd.DataFrame:
    """Mean scores of the whole region under several weightings.

    The table has dimension, aspect, weights (the name of the design), n, mean, se, ci_low, ci_high.
    Errors take calibrated weights as given: they leave out that totals are known without error.

    Parameters
    ----------
    scores, items, confidence
        As in `score_table`.
    designs : dict of DataFrame
        Name to the design of `with_design`, with other weights.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "capital"})
    >>> scores = pd.DataFrame({"need.capital": [4.0, 5.0], "need.all": [4.0, 5.0]})
    >>> plain = pd.DataFrame({"code": ["x", "x"], "zone": "z", "weight": 1.0})
    >>> designs = {"none": plain, "design": plain.assign(weight=[1.0, 3.0])}
    >>> compare_weights(scores, designs, items)["mean"].tolist()
    [4.5, 4.75, 4.5, 4.75]
    """
    scales = scale_list(items)[["dimension", "aspect", "variable"]]
    parts = []
    for name, design in designs.items():
        data, columns = beside_design(scores, design)
        found = estimate_means(data, list(scales["variable"]), *columns, None, confidence)
        parts.append(found.assign(weights=name))
    table = scales.merge(pd.concat(parts), on="variable")
    return table[["dimension", "aspect", "weights", "n", "mean", "se", "ci_low", "ci_high"]]


def _spread(values: np.ndarray, weights: np.ndarray) -> float:
    there = ~np.isnan(values)
    totals = weights[there].sum(axis=0)
    means = (values[there] @ weights[there])[totals > 0] / totals[totals > 0]
    return float(means.std()) if len(means) > 1 else np.nan
