"""Voting: each expert's own analysis as a ballot, counted after Borda and Condorcet."""

import numpy as np
import pandas as pd

from helpers.force_field.strategies import rank_strategies
from helpers.force_field.weighing import analyse


def expert_ranks(factors: pd.DataFrame, ratings: pd.DataFrame, linkages: pd.DataFrame,
                 strategies: pd.DataFrame, strategy_rule: str = "sum", **options) -> pd.DataFrame:
    """Ranks of the strategies in the analysis of every expert alone.

    `options` are arguments of :func:`analyse`. Urgency from elsewhere (comparisons) is that of the
    whole group for every expert. The table has one row a strategy and one column an expert. An
    expert who did not rate urgency and support of every factor has no analysis of his or her own
    and no column; a pair left out counts as 0.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"],
    ...                         "force": ["driving", "driving", "restraining"], "aspect": "market"})
    >>> ratings = pd.DataFrame({"expert": ["E1"] * 3 + ["E2"] * 2,
    ...                         "factor": ["D1", "D2", "R1", "D1", "D2"], "urgency": 3,
    ...                         "support": [5, 1, 3, 1, 5]})
    >>> linkages = pd.DataFrame({"expert": ["E1"], "factor_a": ["D1"], "factor_b": ["R1"],
    ...                          "linkage": [2]})
    >>> strategies = pd.DataFrame({"strategy": ["S1", "S2"], "driving": ["D1", "D2"],
    ...                            "restraining": "R1"})
    >>> expert_ranks(factors, ratings, linkages, strategies).to_dict()
    {'E1': {'S1': 1, 'S2': 2}}
    """
    columns = {}
    for expert, own in ratings.dropna(subset=["urgency", "support"]).groupby("expert", sort=False):
        if set(factors["factor"]) <= set(own["factor"]):
            analysed = analyse(factors, own, linkages[linkages["expert"] == expert], **options)
            ranked = rank_strategies(strategies, analysed, strategy_rule)
            columns[expert] = ranked.set_index("strategy")["rank"]
    return pd.DataFrame(columns, index=pd.Index(strategies["strategy"], name="strategy"))


def borda(ranks: pd.DataFrame) -> pd.DataFrame:
    r"""Borda count: a point for each rival ranked below, half a point for a tie.

    .. math:: B_s = \sum_e \left( \#\{r : s \succ_e r\} + \tfrac{1}{2} \#\{r : s \sim_e r\} \right)

    The table has ``strategy, points, rank`` in the order given; equal points share the best of
    their ranks. `ranks` has one row a strategy and one column an expert, 1 the best, as from
    :func:`expert_ranks`.

    References
    ----------
    Borda, J.-C. de (1784). Mémoire sur les élections au scrutin. Read in 1781.

    Examples
    --------
    >>> ranks = pd.DataFrame({"E1": [1, 2, 3], "E2": [1, 1, 3]}, index=["a", "b", "c"])
    >>> borda(ranks).values.tolist()
    [['a', 3.5, 1], ['b', 2.5, 2], ['c', 0.0, 3]]
    """
    points = (len(ranks) - ranks.rank(method="average")).sum(axis=1).astype(float)
    rank = points.rank(method="min", ascending=False).astype(int)
    return pd.DataFrame({"strategy": ranks.index, "points": points.to_numpy(),
                         "rank": rank.to_numpy()})


def duels(ranks: pd.DataFrame) -> pd.DataFrame:
    """Number of experts who rank the strategy of the row above that of the column.

    Examples
    --------
    >>> duels(pd.DataFrame({"E1": [1, 2], "E2": [1, 1]}, index=["a", "b"])).values.tolist()
    [[0, 1], [0, 0]]
    """
    values = ranks.to_numpy()
    above = (values[:, None, :] < values[None, :, :]).sum(axis=-1)
    return pd.DataFrame(above, index=ranks.index, columns=ranks.index)


def condorcet(ranks: pd.DataFrame) -> dict[str, object]:
    """Condorcet winner, Smith set, ties and cycles of the majorities over every two strategies.

    Parameters are those of :func:`borda`.

    Returns
    -------
    dict
        ``winner``: the strategy that beats every other one, or None. ``top``: the smallest set
        whose members beat all others (Smith set); one member is a winner. ``tied``: pairs with as
        many experts on either side. ``cycles``: groups of strategies that beat each other in a
        circle.

    References
    ----------
    Condorcet, M. de (1785). Essai sur l'application de l'analyse à la probabilité des décisions.

    Examples
    --------
    Three experts whose majorities go round in a circle: a beats b, b beats c, c beats a.

    >>> found = condorcet(pd.DataFrame({"E1": [1, 2, 3], "E2": [3, 1, 2], "E3": [2, 3, 1]},
    ...                                index=["a", "b", "c"]))
    >>> found["winner"], found["top"], found["cycles"]
    (None, ['a', 'b', 'c'], [['a', 'b', 'c']])
    """
    names = list(ranks.index)
    above = duels(ranks).to_numpy()
    beats = above > above.T
    level = (above == above.T) & ~np.eye(len(names), dtype=bool)
    # A tie does not beat: the top are those who reach all others by duels that they did not lose.
    unbeaten = _reachable(beats | level) | np.eye(len(names), dtype=bool)
    top = np.flatnonzero(unbeaten.all(axis=1))
    reach = _reachable(beats)
    circle = reach & reach.T
    cycles = {tuple(np.flatnonzero(row)) for row in circle if row.any()}
    return {"winner": names[top[0]] if len(top) == 1 else None,
            "top": [names[place] for place in top],
            "tied": [(names[a], names[b]) for a, b in zip(*np.nonzero(np.triu(level)))],
            "cycles": [[names[place] for place in cycle] for cycle in sorted(cycles)]}


def _reachable(edges: np.ndarray) -> np.ndarray:
    """Reachability of places from each other in one or more steps."""
    reach = edges.copy()
    for middle in range(len(reach)):
        reach |= np.outer(reach[:, middle], reach[middle])
    return reach
