"""Answer quality: straight-lining, duplicates, floor and ceiling, wrongly keyed items."""

import pandas as pd

from helpers.scoring.answers import scale_list, scores_by_respondent

END_SHARE = 0.15


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
