"""Ranges: between which values the answers of hidden groups can lie, by all that is published."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

WIDTH = 1.0  # answers: so much of the scale stays possible for the mean of a hidden small group
# How far a published mean and its standard error may lie from what they were: `release` rounds to
# steps of 0.05. A fifth is taken off, as several tables show much the same.
OF_MEAN, OF_ERROR = 0.02, 0.02
MOST_NODES = 500  # of a search; one that needs more counts as too narrow


@dataclass(frozen=True)
class Survey:
    """Answers to one scale, with all that a reader may know of those who gave them.

    Attributes
    ----------
    y : array, shape (n,)
        Score of every respondent, missing without one.
    answered : array, shape (n,)
        Number of items behind it: scores are multiples of one over this.
    weights : DataFrame, shape (n, settings)
        Weights under every setting that somebody may publish.
    code : array, shape (n,)
        Stratum.
    sampled : array, shape (n,)
        Share of the stratum that was asked; 0 in a very large one.
    lowest, highest : float
        Ends of the answer scale.
    """

    y: np.ndarray
    answered: np.ndarray
    weights: pd.DataFrame
    code: np.ndarray
    sampled: np.ndarray
    lowest: float
    highest: float


def narrowest(survey: Survey, inside: np.ndarray, unknown: np.ndarray,
              groups: list[np.ndarray]) -> list[float]:
    r"""Width of the range of the mean of every group, from a published total.

    The total of `inside` is published under every setting w, the answers of all but `unknown` in it
    count as known. So the answers s, whole numbers of steps, fulfil

    .. math:: \Big| \sum_{i \in \text{unknown}} w_i s_i / k_i - R_w \Big| \le \epsilon
        \sum_{i \in \text{inside}} w_i

    and the standard errors bound how far one who is alone in a stratum lies from the mean. Of all s
    that do, integer programming finds those with the lowest and the highest mean of a group.

    Parameters
    ----------
    survey : Survey
    inside, unknown : array of bool, shape (n,)
        Respondents behind the total, and those of them in no published part.
    groups : list of arrays of bool
        Respondents of each group, among the unknown.

    Examples
    --------
    Two of 20 are unknown, and both gave the highest answer; their sum is known to 20 x 0.02, so
    nothing else is possible. In the middle of the scale one could be low and the other high:

    >>> y = np.array([5.0, 5.0, *[3.0, 4.0] * 9])
    >>> def survey(y): return Survey(y, np.ones(20), pd.DataFrame({"none": np.ones(20)}),
    ...                              np.array([*"aa", *"c" * 18]), np.zeros(20), 1, 5)
    >>> every, unknown = np.ones(20, dtype=bool), np.arange(20) < 2
    >>> narrowest(survey(y), every, unknown, [np.arange(20) == 0])
    [0.0]
    >>> y[:2] = 3
    >>> narrowest(survey(y), every, unknown, [np.arange(20) == 0])
    [4.0]
    """
    there = ~np.isnan(survey.y)
    inside, unknown = inside & there, unknown & there
    places = np.flatnonzero(unknown)
    if not len(places):
        return [np.inf] * len(groups)
    weights = survey.weights.to_numpy(float)[inside]
    shares = weights / weights.sum(axis=0)
    own = shares[unknown[inside]]
    low, high = _alone(survey, inside, unknown, shares)
    # Who cannot be told from each other count together.
    member = np.array([group[places] for group in groups]).T
    alike = np.column_stack([own.round(12), survey.answered[places], low, high, member])
    _, kind, size = np.unique(alike, axis=0, return_inverse=True, return_counts=True)
    first = np.array([np.flatnonzero(kind.ravel() == number)[0] for number in range(len(size))])
    steps = survey.answered[places][first]
    bounds = low[first] * steps * size, high[first] * steps * size
    rows = (own[first] / steps[:, None]).T
    middle = own.T @ survey.y[places]
    found = []
    for number, group in enumerate(groups):
        there = max(int((group & unknown).sum()), 1)
        mean = member[first, number] / steps / there
        found.append(_width(mean, rows, middle, bounds) if member[:, number].any() else np.inf)
    return found


def across(survey: Survey, published: list[np.ndarray], part: np.ndarray,
           groups: list[np.ndarray]) -> list[float]:
    """Width of the range of the mean of every group, from all published levels at once.

    A reader who knows nobody's answer has one equation a level and setting, also of levels that cut
    across each other (areas, types of business): linear programming finds the ends.

    Parameters
    ----------
    survey : Survey
    published, groups : list of arrays of bool
        Respondents of every level that is published, and of every hidden group.
    part : array, shape (n,)
        Which respondents are in the same levels.

    Examples
    --------
    The one of area a is one of the two in the trade, whose answers were the highest:

    >>> y = np.array([5.0, 5.0, 1.0, 3.0])
    >>> survey = Survey(y, np.ones(4), pd.DataFrame({"none": np.ones(4)}), np.array([*"abbc"]),
    ...                 np.zeros(4), 1, 5)
    >>> trade = np.array([True, True, False, False])
    >>> across(survey, [trade], np.arange(4), [np.arange(4) == 0])
    [0.04]
    """
    from scipy.sparse import csr_array

    there = ~np.isnan(survey.y)
    weights = survey.weights.to_numpy(float)[there]
    alike = np.column_stack([part[there], weights.round(12)])
    _, kind, size = np.unique(alike, axis=0, return_inverse=True, return_counts=True)
    kind, y = kind.ravel(), survey.y[there]
    shares = [(weights * level[there, None] / weights[level[there]].sum(axis=0)).T
              for level in published if level[there].any()]
    each = np.vstack(shares) if shares else np.zeros((1, len(y)))
    rows = np.array([np.bincount(kind, row, len(size)) for row in each]) / size
    bounds = size * survey.lowest, size * survey.highest
    means = [np.bincount(kind, group[there], len(size)) / size / max(group[there].sum(), 1)
             for group in groups]
    return [_width(mean, csr_array(rows), each @ y, bounds, whole=False) if mean.any() else np.inf
            for mean in means]


def _width(mean: np.ndarray, rows, middle: np.ndarray, bounds: tuple[np.ndarray, np.ndarray],
           whole: bool = True) -> float:
    """Highest less lowest mean under the equations, by `whole` steps or any; 0 where the search
    is not finished."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    limits = Bounds(np.ceil(bounds[0] - 1e-6), np.floor(bounds[1] + 1e-6)) if whole else Bounds(
        *bounds)
    equations = LinearConstraint(rows, middle - OF_MEAN, middle + OF_MEAN)
    ends = [milp(sign * mean, constraints=equations, bounds=limits,
                 integrality=np.full(len(mean), int(whole)), options={"node_limit": MOST_NODES})
            for sign in (1.0, -1.0)]
    return round(-ends[1].fun - ends[0].fun, 9) if all(end.success for end in ends) else 0.0


def _alone(survey: Survey, inside: np.ndarray, unknown: np.ndarray,
           shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the scale for every unknown respondent, nearer for one who is alone in a stratum.

    What is left of a published variance without the known strata bounds the square of the distance
    from the mean of somebody who is the only one in a stratum.
    """
    y, code = survey.y[inside], survey.code[inside]
    hidden, kept = unknown[inside], 1 - survey.sampled[inside]
    low = np.full(len(y), float(survey.lowest))
    high = np.full(len(y), float(survey.highest))
    strata = pd.Series(code)
    asked = strata.map(strata.value_counts()).to_numpy(float)
    alone = hidden & (asked == 1)
    for share in shares.T if alone.any() else ():
        mean = share @ y
        u = pd.Series(share * (y - mean))
        apart = u - u.groupby(strata).transform("mean").where(asked > 1, 0)
        parts = kept * asked / np.maximum(asked - 1, 1) * apart**2
        error = np.sqrt(parts.sum())
        left = (error + OF_ERROR) ** 2 - parts[~hidden].sum()
        far = np.sqrt(np.maximum(left, 0) / np.maximum(kept * share**2, 1e-300))
        low = np.where(alone, np.maximum(low, mean - far), low)
        high = np.where(alone, np.minimum(high, mean + far), high)
    return low[hidden], high[hidden]
