"""Answers of one questionnaire: aligned, averaged into scales, and looked at for their quality."""

import numpy as np
import pandas as pd

from helpers.errors import Error, check_choice

MISSING_RULES = ("person_mean", "listwise", "pairwise")
WHOLE = "all"
END_SHARE = 0.15  # of the respondents at an end of a scale, from which it is marked


def align(responses: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    r"""Answers with reversed items turned round, so that a high number always means much.

    .. math:: x' = \text{lowest} + \text{highest} - x

    The table has the items as columns, in their order, and the index of `responses`. `responses`
    has one column per item, empty without an answer; other columns are left out. Raises ValueError
    if an item has no column or no answer at all, an answer lies outside its scale, or items of one
    instrument have different scales.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "reverse": [False, True], "lowest": 1,
    ...                       "highest": 5})
    >>> align(pd.DataFrame({"a": [4, 2], "b": [2, None]}), items).values.tolist()
    [[4.0, 4.0], [2.0, nan]]
    """
    absent = [item for item in items["item"] if item not in responses.columns]
    if absent:
        raise Error("responses have no column for item {item!r}; add it or take the item off the "
                    "list", item=absent[0], resource="responses")
    scales = items[["lowest", "highest"]].drop_duplicates()
    if len(scales) > 1:
        raise Error("items have {scales} different answer scales; bring them to one scale before "
                    "they are averaged", scales=len(scales), resource="items")
    answers = responses[list(items["item"])].apply(pd.to_numeric).astype(float)
    lowest, highest = (float(limit) for limit in scales.iloc[0])
    for item in answers:
        column = answers[item]
        if column.isna().all():
            raise Error("item {item!r} has no answers; take it off the list of items", item=item)
        outside = column[(column < lowest) | (column > highest)]
        if len(outside):
            raise Error("item {item!r} has the answer {answer:g}; allowed are {lowest:g} to "
                        "{highest:g}", item=item, answer=outside.iloc[0], lowest=lowest,
                        highest=highest)
    turned = items.loc[items["reverse"].astype(bool), "item"]
    answers[turned] = lowest + highest - answers[turned]
    return answers


def scale_list(items: pd.DataFrame) -> pd.DataFrame:
    """Scales of an instrument: each aspect of each dimension, and each dimension as a whole.

    Raises ValueError if an aspect is called `all`, the word kept for the whole.

    Returns
    -------
    DataFrame
        dimension, aspect (`all` for the whole dimension), items (list of item keys), variable
        (`dimension.aspect`, the name under which scores and estimates run); in the order of
        `items`.

    Examples
    --------
    >>> items = pd.DataFrame({"item": list("abc"), "dimension": "need",
    ...                       "aspect": ["capital", "capital", "market"]})
    >>> scale_list(items)[["variable", "items"]].values.tolist()
    [['need.capital', ['a', 'b']], ['need.market', ['c']], ['need.all', ['a', 'b', 'c']]]
    """
    if items["aspect"].eq(WHOLE).any():
        raise Error("an aspect is called {aspect!r}, the word for the whole dimension; give it "
                    "another name", aspect=WHOLE)
    rows = []
    for dimension, of_dimension in items.groupby("dimension", sort=False):
        for aspect, of_aspect in of_dimension.groupby("aspect", sort=False):
            rows.append((dimension, aspect, of_aspect["item"].tolist()))
        rows.append((dimension, WHOLE, of_dimension["item"].tolist()))
    scales = pd.DataFrame(rows, columns=["dimension", "aspect", "items"])
    scales["variable"] = scales["dimension"].astype(str) + "." + scales["aspect"].astype(str)
    return scales


def mean_score(answers: pd.DataFrame, missing: str = "person_mean",
               missing_share: float = 0.5) -> pd.Series:
    r"""Score of every respondent on one scale: the mean of the answered items.

    .. math:: s_i = \frac{1}{k_i} \sum_{j \text{ answered}} x_{ij}

    Averaging the answered items is the same as filling each gap with the person's own mean. The
    score is empty where the rule gives none. Raises ValueError if the rule is unknown or the share
    is out of range.

    Parameters
    ----------
    missing : {"person_mean", "listwise", "pairwise"}
        person_mean: a score where at most `missing_share` of the items are unanswered;
        listwise: a score only where all are answered; pairwise: a score where any is answered.
    missing_share : float
        Between 0 and 1; read by person_mean only.

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [4, 5, None], "b": [2, None, None], "c": [3, None, None],
    ...                         "d": [3, 4, 2]})
    >>> mean_score(answers).tolist()
    [3.0, 4.5, nan]
    >>> mean_score(answers, "listwise").tolist()
    [3.0, nan, nan]
    """
    allowed = allowed_gaps(missing, missing_share)
    return answers.mean(axis=1).where(answers.isna().mean(axis=1) <= allowed)


def allowed_gaps(missing: str, missing_share: float) -> float:
    """Share of unanswered items up to which a rule gives a score, checked.

    A scale has few items: a little air on top makes 0.3 of 10 mean 3.
    """
    check_choice("missing", missing, MISSING_RULES)
    if not 0 <= missing_share <= 1:
        raise Error("missing_share is {missing_share}; give a share from 0 to 1",
                    missing_share=missing_share)
    return {"person_mean": missing_share, "listwise": 0.0, "pairwise": 1.0}[missing] + 1e-12


def scores_by_respondent(answers: pd.DataFrame, items: pd.DataFrame, missing: str = "person_mean",
                         missing_share: float = 0.5) -> pd.DataFrame:
    """Scores of all respondents on all scales of `scale_list`.

    Parameters are those of `scale_list` and `mean_score`. The table has a column for each variable
    of `scale_list`.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "dimension": "need",
    ...                       "aspect": ["capital", "market"]})
    >>> scores_by_respondent(pd.DataFrame({"a": [4.0], "b": [1.0]}), items).iloc[0].to_dict()
    {'need.capital': 4.0, 'need.market': 1.0, 'need.all': 2.5}
    """
    scales = scale_list(items)
    return pd.DataFrame({variable: mean_score(answers[columns], missing, missing_share)
                         for variable, columns in zip(scales["variable"], scales["items"])})


def answered(answers: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Number of answered items behind every score of `scores_by_respondent`.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "dimension": "need", "aspect": "capital"})
    >>> answered(pd.DataFrame({"a": [4.0], "b": [None]}), items).iloc[0].tolist()
    [1, 1]
    """
    scales = scale_list(items)
    return pd.DataFrame({variable: answers[columns].notna().sum(axis=1)
                         for variable, columns in zip(scales["variable"], scales["items"])})


def ends(items: pd.DataFrame) -> tuple[float, float]:
    """Lowest and highest answer of an instrument.

    Examples
    --------
    >>> ends(pd.DataFrame({"lowest": [1, 1], "highest": [5, 5]}))
    (1.0, 5.0)
    """
    return float(items["lowest"].min()), float(items["highest"].max())


def score_loss(answers: pd.DataFrame, items: pd.DataFrame,
               missing_share: float = 0.5) -> pd.DataFrame:
    """Share of respondents who get no score, under each of the three rules.

    Parameters are those of `scores_by_respondent`. The table has dimension, aspect and one column
    per rule; shares lie between 0 and 1.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "dimension": "need", "aspect": "capital"})
    >>> score_loss(pd.DataFrame({"a": [4.0, None], "b": [1.0, 3.0]}), items)["listwise"].tolist()
    [0.5, 0.5]
    """
    loss = scale_list(items)[["dimension", "aspect"]]
    for rule in MISSING_RULES:
        scores = scores_by_respondent(answers, items, rule, missing_share)
        loss[rule] = scores.isna().mean().to_numpy()
    return loss


def answer_shares(answers: pd.DataFrame, items: pd.DataFrame,
                  weight: pd.Series | None = None) -> pd.DataFrame:
    """Weighted share of each answer by aspect.

    `weight` is the design weight of each respondent; without it all weigh the same. The table has
    dimension, aspect, answer (from lowest to highest) and share; shares of one aspect add up to 1.
    All items of an aspect are taken together; missing answers are left out of the base.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "capital", "lowest": 1,
    ...                       "highest": 3})
    >>> answers, weight = pd.DataFrame({"a": [1.0, 3.0]}), pd.Series([1.0, 3.0])
    >>> answer_shares(answers, items, weight)["share"].tolist()
    [0.25, 0.0, 0.75]
    """
    weight = pd.Series(1.0, index=answers.index) if weight is None else weight
    steps = np.arange(int(items["lowest"].min()), int(items["highest"].max()) + 1)
    rows = []
    for (dimension, aspect), group in items.groupby(["dimension", "aspect"], sort=False):
        own = answers[group["item"]]
        mass = np.array([own.eq(step).mul(weight, axis=0).to_numpy().sum() for step in steps])
        rows += [(dimension, aspect, int(step), share)
                 for step, share in zip(steps, mass / mass.sum())]
    return pd.DataFrame(rows, columns=["dimension", "aspect", "answer", "share"])


def flag_respondents(responses: pd.DataFrame, items: pd.DataFrame, least: int = 8) -> pd.DataFrame:
    """Flags of suspicious respondents.

    Nobody is removed: a flag is a question to the field team.

    Parameters
    ----------
    responses : DataFrame
        code, and answers as they were given, before reversed items are turned round.
    least : int
        Answers without which nothing is judged.

    Returns
    -------
    DataFrame
        answered (how many items), straight (one and the same answer to everything, although
        reversed items would ask for opposite ones), twin (all answers and gaps equal to those of
        somebody else in the same area); the index of `responses`.

    Examples
    --------
    >>> items = pd.DataFrame({"item": list("abc")})
    >>> responses = pd.DataFrame({"code": "x", "a": [3, 1, 1], "b": [3, 2, 2], "c": [3, 5, 5]})
    >>> flag_respondents(responses, items, least=3)[["straight", "twin"]].values.tolist()
    [[True, False], [False, True], [False, True]]
    """
    answers = responses[list(items["item"])]
    answered = answers.notna().sum(axis=1)
    judged = answered >= min(least, len(items))
    twin = responses[["code", *answers.columns]].duplicated(keep=False)
    return pd.DataFrame({"answered": answered, "straight": judged & answers.nunique(axis=1).eq(1),
                         "twin": judged & twin}, index=responses.index)


def floor_ceiling(answers: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Floor and ceiling effect: share of respondents at both ends of every scale.

    Where many stand at an end the scale cannot tell them apart, and a change there would not be
    seen. The table has dimension, aspect, n (complete respondents), floor, ceiling (shares), marked
    (either is above 15 %).

    References
    ----------
    Terwee, C. B. et al. (2007). Journal of Clinical Epidemiology 60, 34-42.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "capital", "lowest": 1,
    ...                       "highest": 5})
    >>> floor_ceiling(pd.DataFrame({"a": [1, 5, 5, 3]}), items).values.tolist()[0]
    ['need', 'capital', 4, 0.25, 0.5, True]
    """
    scores = scores_by_respondent(answers, items, "listwise")
    ends = items["lowest"].min(), items["highest"].max()
    rows = []
    for scale in scale_list(items).itertuples():
        there = scores[scale.variable].dropna()
        floor, ceiling = (float(there.eq(end).mean()) for end in ends)
        marked = max(floor, ceiling) > END_SHARE
        rows.append((scale.dimension, scale.aspect, len(there), floor, ceiling, marked))
    return pd.DataFrame(rows, columns=["dimension", "aspect", "n", "floor", "ceiling", "marked"])


def suspected_reversed(item_analysis: pd.DataFrame) -> list[str]:
    """Items that run against their scale: reversed but not declared so, or declared by mistake.

    Those with a negative corrected item-total correlation are named, the most negative first. The
    columns of `item_analysis` are item, corrected_item_total, as `item_table` gives them.

    Examples
    --------
    >>> table = pd.DataFrame({"item": ["a", "b", "c"], "corrected_item_total": [0.4, -0.1, -0.5]})
    >>> suspected_reversed(table)
    ['c', 'b']
    """
    against = item_analysis[item_analysis["corrected_item_total"] < 0]
    return against.sort_values("corrected_item_total", kind="stable")["item"].tolist()
