"""Sensitivity of zone contrasts: by ranks, by an ordinal model, and for equivalence."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.errors import Error
from helpers.scoring.answers import scale_list
from helpers.scoring.contrasts import holm, pooled_sd, zone_values

STEPS = 60  # of Newton's method, at most
KEYS = ["dimension", "aspect", "zone_a", "zone_b"]


def rank_contrasts(scores: pd.DataFrame, design: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    r"""Rank contrasts of every pair of zones: no mean and no equal steps needed.

    .. math:: \hat R_i = \hat F(y_i), \qquad d = \bar R_a - \bar R_b

    Ranks are those in the estimated population of the two zones; the test knows weights and strata
    (Lumley and Scott), but no finite population correction, so it errs on the side of caution.
    Parameters are those of `score_table`.

    Returns
    -------
    DataFrame
        dimension, aspect, zone_a, zone_b, rank_difference (between -1 and 1; 0 means that neither
        zone tends to the higher scores), p_value, p_adjusted (Holm, as in `contrast_table`). Empty
        where a zone has fewer than 2 answers or nothing varies.

    References
    ----------
    Lumley, T. & Scott, A. J. (2013). Biometrika 100, 831-842.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "capital"})
    >>> design = pd.DataFrame({"code": list("xxxyyy"), "zone": list("nnnsss"), "weight": 1.0})
    >>> scores = pd.DataFrame({"need.capital": [3.0, 4, 5, 1, 2, 3],
    ...                        "need.all": [3.0, 4, 5, 1, 2, 3]})
    >>> round(float(rank_contrasts(scores, design, items)["rank_difference"].iloc[0]), 3)
    0.444
    """
    import polars as pl
    import svy

    rows = []
    for scale, a, b, values, zones in _pairs(scores, design, items):
        difference = p_value = np.nan
        there = values.notna() & zones.isin([a, b])
        fewest = min((there & (zones == zone)).sum() for zone in (a, b))
        if fewest > 1 and values[there].nunique() > 1:
            columns = {"y": values.where(there).to_numpy(float),
                       "w": design["weight"].to_numpy(float),
                       "h": pd.factorize(design["code"])[0].astype(str),
                       "g": np.where(zones == a, "0", np.where(zones == b, "1", "2"))}
            table = pl.DataFrame(columns).with_columns(pl.col("y").fill_nan(None))
            sample = svy.Sample(table, svy.Design(stratum="h", wgt="w", singleton="center"))
            found = sample.categorical.ranktest("y", group="g", where=svy.col("g") != "2",
                                                drop_nulls=True)
            # The engine takes the second group less the first.
            difference, p_value = -found.diff[0].diff, found.stats.p_value
        rows.append((scale.dimension, scale.aspect, a, b, difference, p_value))
    return _adjusted(pd.DataFrame(rows, columns=[*KEYS, "rank_difference", "p_value"]))


def proportional_odds(answers: pd.Series, groups: pd.Series, weight: pd.Series,
                      stratum: pd.Series) -> tuple[pd.Series, pd.DataFrame]:
    r"""Proportional odds model of an ordered answer on groups, with design-based errors.

    .. math:: \text{logit}\, P(Y \le k \mid g) = \theta_k - \beta_g

    Weighted maximum likelihood; the covariance is the sandwich of the weighted information and the
    variance of the weighted scores over the strata, without a finite population correction.

    Parameters
    ----------
    answers : Series
        Ordered answers, at least two different ones; empty leaves the respondent out of the model,
        not of the design.
    groups : Series
        At least two groups; the first by order is the one that the others are compared with.
    weight, stratum : Series
        Of the design. All four have one index.

    Returns
    -------
    Series, DataFrame
        beta by group (0 for the first): log odds of a higher answer against the first group; and
        their covariance. Not a number where the model cannot be fitted, as where the answers of a
        group all lie at one end.

    References
    ----------
    McCullagh, P. (1980). Journal of the Royal Statistical Society B 42, 109-142.
    Binder, D. A. (1983). International Statistical Review 51, 279-292.

    Examples
    --------
    With two answers it is the logarithm of the odds ratio of the table, here 3 x 3:

    >>> answers, groups = pd.Series([1, 1, 1, 2, 1, 2, 2, 2]), pd.Series(list("aaaabbbb"))
    >>> weight, stratum = pd.Series(1.0, answers.index), pd.Series("x", answers.index)
    >>> beta, _ = proportional_odds(answers, groups, weight, stratum)
    >>> float(np.exp(beta["b"]).round(6))
    9.0
    """
    there = (answers.notna() & groups.notna()).to_numpy()
    order = pd.Index(groups[there].unique()).sort_values()
    codes = np.unique(answers[there], return_inverse=True)[1]
    cuts, effects = codes.max(), len(order) - 1
    dummies = (groups[there].to_numpy()[:, None] == order.to_numpy()[None, 1:]).astype(float)
    w = weight[there].to_numpy(float)
    below = np.array([w[codes <= k].sum() / w.sum() for k in range(cuts)])
    start = np.concatenate([np.log(below / (1 - below)), np.zeros(effects)])
    found = _newton(start, codes, dummies, w)
    if found is None:
        empty = np.full((len(order), len(order)), np.nan)
        return pd.Series(empty[0], order), pd.DataFrame(empty, order, order)
    parameters, inverse = found
    pieces = np.zeros((len(answers), len(parameters)))
    pieces[there] = _slopes(parameters, codes, dummies) * w[:, None]
    spread = inverse @ _between(pieces, stratum) @ inverse
    beta, covariance = np.zeros(len(order)), np.zeros((len(order), len(order)))
    beta[1:], covariance[1:, 1:] = parameters[cuts:], spread[cuts:, cuts:]
    return pd.Series(beta, order), pd.DataFrame(covariance, order, order)


def ordinal_contrasts(scores: pd.DataFrame, design: pd.DataFrame, items: pd.DataFrame,
                      confidence: float = 0.95) -> pd.DataFrame:
    """Odds ratios of every pair of zones, in a proportional odds model of each scale.

    Scores are rounded to the nearest answer of the scale, halves up, since the model is one of
    ordered answers. Parameters are those of `score_table`.

    Returns
    -------
    DataFrame
        dimension, aspect, zone_a, zone_b, odds_ratio (of a higher answer in the first zone),
        ci_low, ci_high, p_value, p_adjusted (Holm, as in `contrast_table`); t has respondents less
        strata degrees of freedom.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "capital"})
    >>> design = pd.DataFrame({"code": "x", "zone": list("nnnnssss"), "weight": 1.0})
    >>> scores = pd.DataFrame({"need.capital": [1.0, 2, 2, 2, 1, 1, 1, 2]})
    >>> scores["need.all"] = scores["need.capital"]
    >>> float(ordinal_contrasts(scores, design, items)["odds_ratio"].iloc[0].round(6))
    9.0
    """
    from scipy.stats import t

    rows = []
    fits: dict[str, tuple[pd.Series, pd.DataFrame] | None] = {}
    for scale, a, b, values, zones in _pairs(scores, design, items):
        if scale.variable not in fits:
            rounded, plan = np.floor(values + 0.5), (design["weight"], design["code"])
            several = rounded.nunique() > 1
            fits[scale.variable] = proportional_odds(rounded, zones, *plan) if several else None
        odds, fit = np.full(4, np.nan), fits[scale.variable]
        if fit is not None and {a, b} <= set(fit[0].index):
            beta, covariance = fit
            difference = beta[a] - beta[b]
            error = np.sqrt(covariance.loc[a, a] + covariance.loc[b, b] - 2 * covariance.loc[a, b])
            freedom = _freedom(values.notna(), design)
            if error > 0 and freedom > 0:
                reach = t.ppf((1 + confidence) / 2, freedom) * error
                odds = np.append(np.exp([difference, difference - reach, difference + reach]),
                                 2 * t.sf(abs(difference / error), freedom))
        rows.append((scale.dimension, scale.aspect, a, b, *odds))
    columns = [*KEYS, "odds_ratio", "ci_low", "ci_high", "p_value"]
    return _adjusted(pd.DataFrame(rows, columns=columns))


def equivalence_table(contrasts: pd.DataFrame, scores: pd.DataFrame, design: pd.DataFrame,
                      margin: float, alpha: float = 0.05) -> pd.DataFrame:
    r"""Equivalence of zones by two one-sided tests (TOST).

    .. math:: p = \max\left\{P\left(T > \frac{d + \Delta}{\text{se}}\right),
        P\left(T < \frac{d - \Delta}{\text{se}}\right)\right\}

    "Not significantly different" is no evidence of equality: a small sample finds nothing.
    Equivalence is shown when the interval with 1 - 2 alpha confidence lies inside the margins.
    Raises ValueError if margin or alpha is out of its range.

    Parameters
    ----------
    contrasts : DataFrame
        From `contrast_table`.
    scores, design : DataFrame
        The same that the contrasts were made from; they give the degrees of freedom.
    margin : float
        Delta, above 0, in points of the scale: a difference that would not matter. It is set before
        looking.
    alpha : float
        Level of the tests, above 0 and below 0.5.

    Returns
    -------
    DataFrame
        dimension, aspect, zone_a, zone_b, difference, low, high (interval with 1 - 2 alpha
        confidence), p_value (of equivalence), verdict: `equivalent`, `different` (Holm's p-value of
        the contrast below alpha), `slight` (both: the difference is there but does not matter),
        `undecided` (neither); margin_sd (the margin in standard deviations within the two zones)
        and chance (that the test would show equivalence if the two zones were exactly equal): a
        margin of many standard deviations, which nearly every sample would show, asks for little.

    References
    ----------
    Schuirmann, D. J. (1987). Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.

    Examples
    --------
    >>> from helpers.scoring.contrasts import contrast_table
    >>> items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "capital"})
    >>> design = pd.DataFrame({"code": ["x"] * 50 + ["y"] * 50, "zone": ["n"] * 50 + ["s"] * 50,
    ...                        "weight": 1.0})
    >>> scores = pd.DataFrame({"need.capital": [3.0, 4.0] * 50, "need.all": [3.0, 4.0] * 50})
    >>> contrasts = contrast_table(scores, design, items)
    >>> [equivalence_table(contrasts, scores, design, m)["verdict"].iloc[0] for m in (0.5, 0.1)]
    ['equivalent', 'undecided']
    """
    from scipy.stats import t

    if not margin > 0:
        raise Error("margin is {margin}; give the largest difference that would not matter, above "
                    "zero", margin=margin)
    if not 0 < alpha < 0.5:
        raise Error("alpha is {alpha}; give a level above 0 and below 0.5, such as 0.05",
                    alpha=alpha)
    zones = design["zone"].astype(str)
    inside = (zones.isin([row.zone_a, row.zone_b])
              & scores[f"{row.dimension}.{row.aspect}"].notna() for row in contrasts.itertuples())
    freedom = np.array([_freedom(there, design) for there in inside], dtype=float)
    difference, error = contrasts["difference"].to_numpy(float), contrasts["se"].to_numpy(float)
    known = (freedom > 0) & (error > 0)
    freedom, error = np.where(known, freedom, np.nan), np.where(known, error, np.nan)
    p_value = np.maximum(t.sf((difference + margin) / error, freedom),
                         t.cdf((difference - margin) / error, freedom))
    reach = t.ppf(1 - alpha, freedom) * error
    same, apart = p_value < alpha, (contrasts["p_adjusted"] < alpha).to_numpy()
    verdict = np.select([same & apart, same, apart], ["slight", "equivalent", "different"],
                        "undecided")
    spread = [pooled_sd(*zone_values(scores[f"{row.dimension}.{row.aspect}"], design, row.zone_a),
                        *zone_values(scores[f"{row.dimension}.{row.aspect}"], design, row.zone_b))
              for row in contrasts.itertuples()]
    chance = np.maximum(2 * t.cdf((margin - reach) / error, freedom) - 1, 0)
    found = contrasts[[*KEYS, "difference"]]
    return found.assign(low=difference - reach, high=difference + reach, p_value=p_value,
                        verdict=verdict, margin_sd=margin / np.array(spread), chance=chance)


def agreement_table(*tables: pd.DataFrame) -> pd.DataFrame:
    """Adjusted p-values of several analyses of the same contrasts.

    The table has dimension, aspect, zone_a, zone_b, p_mean, p_rank, p_ordinal. The tables are those
    of `contrast_table`, `rank_contrasts` and `ordinal_contrasts`, in this order.

    Examples
    --------
    >>> table = pd.DataFrame({"dimension": ["need"], "aspect": ["all"], "zone_a": ["n"],
    ...                       "zone_b": ["s"], "p_adjusted": [0.2]})
    >>> agreement_table(table, table, table)[["p_mean", "p_rank", "p_ordinal"]].values.tolist()
    [[0.2, 0.2, 0.2]]
    """
    both = tables[0][KEYS]
    for name, table in zip(("p_mean", "p_rank", "p_ordinal"), tables):
        own = table[[*KEYS, "p_adjusted"]].rename(columns={"p_adjusted": name})
        both = both.merge(own, on=KEYS, how="left")
    return both


def _pairs(scores: pd.DataFrame, design: pd.DataFrame, items: pd.DataFrame) -> Iterator[tuple]:
    """Scale, two zones, scores on the scale, and zones of the respondents."""
    zones = design["zone"].astype(str).where(design["zone"].notna())
    order = [str(zone) for zone in pd.Series(pd.Categorical(design["zone"]).categories)]
    for scale in scale_list(items).itertuples():
        values = scores[scale.variable]
        present = set(zones)
        for a, b in combinations([zone for zone in order if zone in present], 2):
            yield scale, a, b, values, zones


def _adjusted(table: pd.DataFrame) -> pd.DataFrame:
    p_values = table.groupby("dimension", sort=False)["p_value"]
    return table.assign(p_adjusted=p_values.transform(holm))


def _freedom(there: pd.Series, design: pd.DataFrame) -> int:
    """Respondents less strata among those who answered."""
    return int(there.sum() - design.loc[there, "code"].nunique())


def _chances(parameters: np.ndarray, codes: np.ndarray,
             dummies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chances of an answer at most as high as each one's, and of a lower one."""
    cuts = codes.max()
    shift = dummies @ parameters[cuts:]
    limits = np.concatenate([[-np.inf], parameters[:cuts], [np.inf]])
    upper, lower = (1 / (1 + np.exp(-(limits[codes + step] - shift))) for step in (1, 0))
    return upper, lower


def _slopes(parameters: np.ndarray, codes: np.ndarray, dummies: np.ndarray) -> np.ndarray:
    """Derivative of each respondent's log likelihood in every parameter."""
    cuts = codes.max()
    upper, lower = _chances(parameters, codes, dummies)
    chance = np.maximum(upper - lower, 1e-300)
    above, below = upper * (1 - upper) / chance, lower * (1 - lower) / chance
    slopes = np.zeros((len(codes), len(parameters)))
    rows = np.arange(len(codes))
    last, first = codes < cuts, codes > 0
    slopes[rows[last], codes[last]] += above[last]
    slopes[rows[first], codes[first] - 1] -= below[first]
    slopes[:, cuts:] = -dummies * (above - below)[:, None]
    return slopes


def _newton(parameters: np.ndarray, codes: np.ndarray, dummies: np.ndarray,
            weight: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Maximum likelihood estimate and inverse information, or None without a finite maximum."""
    step = 1e-5

    def total(at):
        return weight @ _slopes(at, codes, dummies)

    def height(at):
        upper, lower = _chances(at, codes, dummies)
        return weight @ np.log(np.maximum(upper - lower, 1e-300))

    for _ in range(STEPS):
        moves = np.eye(len(parameters)) * step
        information = -np.array([(total(parameters + move) - total(parameters - move)) / (2 * step)
                                 for move in moves])
        try:
            inverse = np.linalg.inv((information + information.T) / 2)
        except np.linalg.LinAlgError:
            return None
        move, slope = inverse @ total(parameters), 1.0
        now = height(parameters)
        # A hair of room: near the maximum two heights differ by rounding only.
        while height(parameters + slope * move) < now - 1e-10 * abs(now) and slope > 1e-6:
            slope /= 2
        parameters = parameters + slope * move
        # Beyond an odds ratio of e^12 the likelihood only creeps upwards: no finite maximum.
        if np.abs(parameters).max() > 12:
            return None
        if np.abs(move).max() < 1e-9:
            return parameters, inverse
    return None


def _between(pieces: np.ndarray, stratum: pd.Series) -> np.ndarray:
    """Variance of the sum of pieces over strata; a lone respondent is held against the whole."""
    spread = np.zeros((pieces.shape[1],) * 2)
    for rows in stratum.groupby(stratum.to_numpy(), observed=True).indices.values():
        own, n = pieces[rows], len(rows)
        away = own - (own.mean(axis=0) if n > 1 else pieces.mean(axis=0))
        spread += (n / (n - 1) if n > 1 else 1) * away.T @ away
    return spread
