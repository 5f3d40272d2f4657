"""Strategies: one driving factor used to overcome one restraining factor, scored and ranked."""

from __future__ import annotations

from itertools import product

import pandas as pd

from helpers.force_field.checks import AGGREGATES, FORCES, check_columns, check_unique, listed
from helpers.force_field.weighing import DIVISORS, TIE_DECIMALS, WEIGHTINGS, analyse


def rank_strategies(strategies: pd.DataFrame, analysed: pd.DataFrame) -> pd.DataFrame:
    """Rank strategies, each of which uses one driving factor to overcome one restraining factor.

    The score is TNB of the driver plus TNB of the restrainer. Equal scores share the best of their ranks (1, 2, 2, 4).

    Parameters
    ----------
    strategies : DataFrame
        ``strategy`` (key), ``driving``, ``restraining`` and, if there, ``label_id``, ``label_en``.
    analysed : DataFrame
        What :func:`analyse` returns.

    Returns
    -------
    DataFrame
        ``rank, strategy, driving, restraining, score`` and the labels, best first; equal scores in the order given.

    Raises
    ------
    ValueError
        If a strategy names an unknown factor or takes a factor for the other force.

    Examples
    --------
    >>> analysed = pd.DataFrame({"factor": ["D1", "D2", "R1"], "force": ["driving", "driving", "restraining"],
    ...                          "tnb": [2.0, 1.0, 3.0]})
    >>> strategies = pd.DataFrame({"strategy": ["S1", "S2"], "driving": ["D2", "D1"], "restraining": ["R1", "R1"]})
    >>> rank_strategies(strategies, analysed)[["rank", "strategy", "score"]].values.tolist()
    [[1, 'S2', 5.0], [2, 'S1', 4.0]]
    """
    check_columns("strategies", strategies, ["strategy", "driving", "restraining"])
    check_unique("strategies", strategies, "strategy")
    force = analysed.set_index("factor")["force"]
    for role in FORCES:
        for strategy, factor in zip(strategies["strategy"], strategies[role]):
            if factor not in force.index:
                raise ValueError(
                    f"strategies: strategy {strategy!r} names {factor!r} as its {role} factor, "
                    f"which is not in factors; known factors are {listed(force.index)}"
                )
            if force[factor] != role:
                raise ValueError(
                    f"strategies: strategy {strategy!r} names {factor!r} as its {role} factor, but that factor is "
                    f"{force[factor]}; a strategy pairs one driving with one restraining factor"
                )
    tnb = analysed.set_index("factor")["tnb"]
    score = strategies["driving"].map(tnb).astype(float) + strategies["restraining"].map(tnb).astype(float)
    rank = score.round(TIE_DECIMALS).rank(method="min", ascending=False).astype(int)
    labels = [name for name in ("label_id", "label_en") if name in strategies]
    ranked = strategies.assign(rank=rank, score=score).sort_values("rank", kind="stable", ignore_index=True)
    return ranked[["rank", "strategy", "driving", "restraining", "score", *labels]]


def strategy_variants(
    strategies: pd.DataFrame, factors: pd.DataFrame, ratings: pd.DataFrame, linkages: pd.DataFrame
) -> pd.DataFrame:
    """Rank the strategies under every combination of weighting, divisor and aggregate.

    Returns
    -------
    DataFrame
        ``weighting, divisor, aggregate, strategy, rank, score``, one row a variant and strategy
    """
    tables = []
    for weighting, divisor, aggregate in product(WEIGHTINGS, DIVISORS, AGGREGATES):
        analysed = analyse(factors, ratings, linkages, weighting, divisor, aggregate)
        ranked = rank_strategies(strategies, analysed)[["strategy", "rank", "score"]]
        choice = {"weighting": weighting, "divisor": divisor, "aggregate": aggregate}
        tables.append(pd.DataFrame(choice, index=ranked.index).join(ranked))
    return pd.concat(tables, ignore_index=True)
