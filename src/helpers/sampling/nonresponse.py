"""Non-response: replacement, weighting classes, raking; and the cost of unequal weights."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.errors import Error, check_weights
from helpers.sampling.arguments import whole

# Shares of the businesses in the invented fieldwork, and of those who find credit easy to get.
KINDS = pd.Series({"small": 2 / 3, "informal": 1 / 3})
EASY = pd.Series({"small": 0.7, "informal": 0.4})


def replace_missing(sample: pd.DataFrame, answered: pd.Series,
                    replacements: pd.DataFrame) -> pd.DataFrame:
    """Respondents after substitution: replacements, in their order, for units that did not answer.

    It restores the number of respondents and not the mix: who answers in place of a refusal is
    somebody who answers. Raises ValueError if nobody answered in a stratum.

    Parameters
    ----------
    sample : DataFrame
        code, unit, weight, as `draw` gives them.
    answered : Series of bool
        Whether each unit of the sample answered; the index of `sample`.
    replacements : DataFrame
        code, unit, order (as `reserve` gives them) and answered (bool).

    Returns
    -------
    DataFrame
        code, unit, weight, role (main or replacement): those who answered. The weight of a stratum
        is shared out equally among them, so that a stratum that ran out of replacements still
        stands for all its units.

    Examples
    --------
    >>> sample = pd.DataFrame({"code": "a", "unit": [1, 2], "weight": 5.0})
    >>> extra = pd.DataFrame({"code": "a", "unit": [7, 9], "order": [1, 2],
    ...                       "answered": [False, True]})
    >>> replace_missing(sample, pd.Series([True, False]), extra)[["unit", "role"]].values.tolist()
    [[1, 'main'], [9, 'replacement']]
    """
    answered = _answers(sample, answered)
    parts = []
    for code, drawn in sample.groupby("code", sort=False):
        there = drawn[answered[drawn.index]].assign(role="main")
        able = replacements[(replacements["code"] == code) & replacements["answered"]]
        called = able.sort_values("order").head(len(drawn) - len(there))
        both = pd.concat([there, called[["code", "unit"]].assign(role="replacement")])
        if both.empty:
            raise Error("nobody answered in {code!r}; call on more replacements or join it to "
                        "another stratum", code=code)
        parts.append(both.assign(weight=drawn["weight"].sum() / len(both)))
    return pd.concat(parts, ignore_index=True)[["code", "unit", "weight", "role"]]


def weighting_classes(sample: pd.DataFrame, answered: pd.Series, by: str,
                      weight: str = "weight") -> pd.Series:
    r"""Weights adjusted within classes: respondents stand for non-respondents of their class.

    .. math:: w_i' = w_i \frac{\sum_{j \in c} w_j}{\sum_{j \in c,\ \text{answered}} w_j}

    It takes away the bias as far as people of one class are alike, whether they answer or not. The
    new weights of those who answered add up, in every class, to what all its units weigh. Raises
    ValueError if nobody answered in a class, a class is missing, or a weight is not above zero.

    Parameters
    ----------
    sample : DataFrame
        The units drawn, with the columns `by` and `weight`.
    answered : Series of bool
        The index of `sample`.
    by : str
        Column with the class, known of everybody who was drawn.
    weight : str
        Column with the design weight, above zero.

    References
    ----------
    Kalton, G. & Flores-Cervantes, I. (2003). Journal of Official Statistics 19, 81-97.

    Examples
    --------
    Of two units one answered and stands for both:

    >>> sample = pd.DataFrame({"zone": ["n", "n", "s"], "weight": 5.0})
    >>> weighting_classes(sample, pd.Series([True, False, True]), "zone").tolist()
    [10.0, 5.0]
    """
    answered, classes = _answers(sample, answered), sample[by]
    check_weights(sample[weight])
    if classes.isna().any():
        raise Error("row {row!r} has no {by!r}; every unit drawn needs its class",
                    row=classes.index[classes.isna()][0], by=by)
    empty = set(classes) - set(classes[answered])
    if empty:
        raise Error("nobody answered in class {level!r} of {by!r}; join it to another class",
                    level=sorted(empty)[0], by=by)
    drawn = sample[weight].groupby(classes).sum()
    there = sample.loc[answered, weight].groupby(classes[answered]).sum()
    return sample.loc[answered, weight] * classes[answered].map(drawn / there)


def rake(respondents: pd.DataFrame, margins: dict[str, pd.Series],
         weight: str = "weight") -> pd.Series:
    r"""Weights raked to several known margins, each in turn until all hold.

    .. math:: w_i \leftarrow w_i \frac{T_{m, g(i)}}{\sum_{j:\, g(j) = g(i)} w_j} \qquad m = 1, 2,
    \dots

    The engine is svy. The raked weights, with the index of `respondents`, add up to each total to
    within one part in a million. Raises ValueError if there are no margins, a level has respondents
    but no total or a total but no respondents, the margins have different sums, or the margins
    cannot be met together.

    Parameters
    ----------
    respondents : DataFrame
        One row a respondent, with a column a margin, and `weight`.
    margins : dict of Series
        Column name to known totals by level. All margins have the same sum.
    weight : str
        Column with the weight before raking, above zero.

    References
    ----------
    Deming, W. E. & Stephan, F. F. (1940). Annals of Mathematical Statistics 11, 427-444.

    Examples
    --------
    >>> people = pd.DataFrame({"zone": list("nnss"), "kind": list("xyxy"), "weight": 1.0})
    >>> totals = {"zone": pd.Series({"n": 30, "s": 10}), "kind": pd.Series({"x": 20, "y": 20})}
    >>> rake(people, totals).round(6).tolist()
    [15.0, 15.0, 5.0, 5.0]
    """
    import polars as pl
    import svy

    check_weights(respondents[weight])
    _check_margins(respondents, margins)
    # Plain names and numbered levels: a label of the user can then be no keyword of the engine.
    columns, controls = {"w": respondents[weight].to_numpy(float)}, {}
    for number, (name, totals) in enumerate(margins.items()):
        codes = {level: str(place) for place, level in enumerate(totals.index)}
        columns[f"m{number}"] = [codes[level] for level in respondents[name]]
        controls[f"m{number}"] = {codes[level]: float(total) for level, total in totals.items()}
    sample = svy.Sample(pl.DataFrame(columns), svy.Design(wgt="w"))
    try:
        raked = sample.weighting.rake(controls=controls, wgt_name="raked", tol=1e-10, max_iter=1000)
    except svy.SvyError:
        raise Error("the margins cannot be met together by these respondents; join small "
                    "levels") from None
    return pd.Series(raked.data["raked"].to_numpy(), index=respondents.index, name=weight)


def effective_size(weights: pd.Series) -> float:
    r"""Kish's effective size: an equally weighted sample as precise as the weighted one.

    It holds where weights are unrelated to the answers.

    .. math:: n_{\text{eff}} = \frac{(\sum_i w_i)^2}{\sum_i w_i^2}

    Raises ValueError if a weight is not above zero.

    References
    ----------
    Kish, L. (1965). Survey Sampling, section 11.7.

    Examples
    --------
    >>> effective_size(pd.Series([1.0, 1.0, 4.0]))
    2.0
    """
    check_weights(weights)
    return float(weights.sum() ** 2 / (weights**2).sum())


def invented_fieldwork(units: pd.DataFrame, response_rate: float, seed: int) -> pd.DataFrame:
    """Invented answers, for teaching: non-response bias is seen only where the truth is known.

    Two of three businesses are `small`, the others `informal`, by chance. Credit is easy to get for
    70 % of the small and 40 % of the informal, so 60 % of all; and the informal answer less often
    than the small. The table has kind (small or informal), easy (0 or 1) and answered (bool), with
    the index of `units`. Raises ValueError if the rate or the seed is out of its range.

    Parameters
    ----------
    units : DataFrame
        One row a unit drawn.
    response_rate : float
        Share that answers on average, above 0 and at most 1.

    Examples
    --------
    >>> found = invented_fieldwork(pd.DataFrame({"unit": range(9000)}), 0.7, seed=1)
    >>> found.groupby("kind")["easy"].mean().round(1).to_dict()
    {'informal': 0.4, 'small': 0.7}
    """
    whole(seed, "seed", 0)
    if not 0 < response_rate <= 1:
        raise Error("response_rate is {response_rate}; give a share above 0 and at most 1",
                    response_rate=response_rate)
    rng = np.random.default_rng(seed)
    kind = np.where(rng.random(len(units)) < KINDS["small"], "small", "informal")
    easy = rng.random(len(units)) < EASY[kind].to_numpy()
    # The informal lose twice what the small gain, so that the average stays.
    shift = 0.6 * min(1 - response_rate, response_rate / 2)
    rate = np.where(kind == "small", response_rate + shift, response_rate - 2 * shift)
    answered = rng.random(len(units)) < rate
    return pd.DataFrame({"kind": kind, "easy": easy.astype(int), "answered": answered},
                        index=units.index)


def compare_adjustments(sample: pd.DataFrame, field: pd.DataFrame, replacements: pd.DataFrame,
                        reserve_field: pd.DataFrame, margins: dict[str, pd.Series]) -> pd.DataFrame:
    """One share by every adjustment, beside the true one of all who were drawn.

    Parameters
    ----------
    sample, replacements : DataFrame
        code, zone, unit, weight of the units drawn; code, unit, order of the replacements.
    field, reserve_field : DataFrame
        What `invented_fieldwork` gives for either.
    margins : dict of Series
        Known totals for `rake`.

    Returns
    -------
    DataFrame
        rule (everybody, answered, replacement, class_area, class_kind, raking), n, share, bias
        (less the share of everybody), effective_n. A rule that so small a sample does not allow
        (nobody answered in a class) has no share.

    Examples
    --------
    >>> sample = pd.DataFrame({"code": "a", "zone": "z", "unit": range(1, 401), "weight": 1.0})
    >>> extra = sample.assign(unit=sample["unit"] + 400, order=sample["unit"])
    >>> field, spare = invented_fieldwork(sample, 0.7, 1), invented_fieldwork(extra, 0.7, 2)
    >>> margins = {"kind": field["kind"].value_counts()}
    >>> compare_adjustments(sample, field, extra, spare, margins)["n"].iloc[[0, 2]].tolist()
    [400, 400]
    """
    drawn = sample.join(field)
    there = drawn[drawn["answered"]]
    spare = replacements.join(reserve_field)
    answers = pd.concat([drawn, spare]).set_index(["code", "unit"])["easy"]

    def replaced():
        people = replace_missing(sample, field["answered"], spare).set_index(["code", "unit"])
        return answers.reindex(people.index), people["weight"]

    versions: dict[str, Callable[[], tuple[pd.Series, pd.Series]]] = {
        "everybody": lambda: (drawn["easy"], drawn["weight"]),
        "answered": lambda: (there["easy"], there["weight"]),
        "replacement": replaced,
        "class_area": lambda: (there["easy"], weighting_classes(drawn, drawn["answered"], "zone")),
        "class_kind": lambda: (there["easy"], weighting_classes(drawn, drawn["answered"], "kind")),
        "raking": lambda: (there["easy"], rake(there, margins)),
    }
    rows = [(rule, *_estimate(version)) for rule, version in versions.items()]
    table = pd.DataFrame(rows, columns=["rule", "n", "share", "effective_n"])
    table.insert(3, "bias", table["share"] - table["share"].iloc[0])
    return table


def _estimate(version: Callable[[], tuple[pd.Series, pd.Series]]) -> tuple[int, float, float]:
    try:
        values, weights = version()
    except ValueError:
        values = ()
    if not len(values):
        return 0, np.nan, np.nan
    return len(values), float(np.average(values, weights=weights)), effective_size(weights)


def _answers(sample: pd.DataFrame, answered: pd.Series) -> pd.Series:
    if not answered.index.equals(sample.index) or answered.isna().any():
        raise Error("answered must say yes or no for every unit of the sample, in its order")
    return answered.astype(bool)


def _check_margins(respondents: pd.DataFrame, margins: dict[str, pd.Series]) -> None:
    if not margins:
        raise Error("there are no margins; give known totals of at least one column")
    sums = {name: float(totals.sum()) for name, totals in margins.items()}
    first = next(iter(sums))
    for name, totals in margins.items():
        found = set(respondents[name])
        for level in sorted(found - set(totals.index), key=str):
            raise Error("margin {name!r} has no total for {level!r}, which has respondents",
                        name=name, level=level)
        for level in sorted(set(totals.index) - found, key=str):
            raise Error("margin {name!r} has a total for {level!r}, but nobody of it answered; "
                        "join levels", name=name, level=level)
        wrong = totals[~(totals > 0)]
        if len(wrong):
            raise Error("margin {name!r} has the total {total} for {level!r}; give more than 0",
                        name=name, total=wrong.iloc[0], level=wrong.index[0])
        if abs(sums[name] - sums[first]) > 1e-6 * sums[first]:
            raise Error("margin {name!r} adds up to {total:g} and {other!r} to {other_total:g}; "
                        "margins of one population have one sum", name=name, total=sums[name],
                        other=first, other_total=sums[first])
