"""Strategies: one driving factor used against one restraining factor, scored and ranked."""

from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.errors import Error, check_choice
from helpers.force_field.arguments import AGGREGATES, FORCES, check_columns, check_factors
from helpers.force_field.weighing import (
    DIVISORS,
    LINKAGE_SCOPES,
    TIE_DECIMALS,
    WEIGHTINGS,
    merged_judgements,
    weigh,
)
from helpers.languages import same_text
from helpers.messages import listed

STRATEGY_RULES = ("sum", "product", "restrainer_first")

# The choices under which the robustness of a strategy is reported, unless others are asked for.
VARIANTS = {"weighting": WEIGHTINGS, "divisor": ("n_minus_1", "n"), "aggregate": AGGREGATES}
DEFAULTS = {"weighting": "separate", "divisor": "n_minus_1", "aggregate": "mean",
            "linkage_scope": "all", "strategy_rule": "sum"}
ALL_VARIANTS = VARIANTS | {"divisor": DIVISORS, "linkage_scope": LINKAGE_SCOPES,
                           "strategy_rule": STRATEGY_RULES}


def rank_strategies(strategies: pd.DataFrame, analysed: pd.DataFrame,
                    strategy_rule: str = "sum") -> pd.DataFrame:
    r"""Ranked strategies, each of one driving and one restraining factor.

    .. math:: S_{sum} = TNB_D + TNB_R, \qquad S_{product} = TNB_D \, TNB_R, \qquad
              S_{restrainer\_first} = TNB_R

    Sum lets a strong driver make up for a weak restrainer; product asks for both; restrainer_first
    takes the strongest restrainers first, and looks at the driver only where two strategies face
    equally strong ones. Equal strategies share the best of their ranks (1, 2, 2, 4). The table has
    ``rank, strategy, driving, restraining, score`` and the labels, best first; equal ranks in the
    order given. Raises ValueError if a strategy names an unknown factor or takes a factor for the
    other force, or the rule is unknown.

    Parameters
    ----------
    strategies : DataFrame
        ``strategy`` (key), ``driving``, ``restraining`` and, if there, ``label_id``, ``label_en``
        and labels in further languages.
    strategy_rule : {"sum", "product", "restrainer_first"}
        How the two TNB become a score.

    Examples
    --------
    >>> analysed = pd.DataFrame({"factor": ["D1", "D2", "R1"],
    ...                          "force": ["driving", "driving", "restraining"],
    ...                          "tnb": [2.0, 1.0, 3.0]})
    >>> strategies = pd.DataFrame({"strategy": ["S1", "S2"], "driving": ["D2", "D1"],
    ...                            "restraining": ["R1", "R1"]})
    >>> rank_strategies(strategies, analysed)[["rank", "strategy", "score"]].values.tolist()
    [[1, 'S2', 5.0], [2, 'S1', 4.0]]
    >>> ranked = rank_strategies(strategies, analysed, "restrainer_first")
    >>> ranked[["rank", "strategy", "score"]].values.tolist()
    [[1, 'S2', 3.0], [2, 'S1', 3.0]]
    """
    driver, restrainer = _weights(strategies, analysed)
    score, rank = score_and_rank(driver, restrainer, strategy_rule)
    ranked = strategies.assign(rank=rank, score=score)
    ranked = ranked.sort_values("rank", kind="stable", ignore_index=True)
    return ranked[["rank", "strategy", "driving", "restraining", "score",
                   *same_text(strategies, "label")]]


def strategy_chance(strategies: pd.DataFrame, analysed: pd.DataFrame,
                    strategy_rule: str = "sum") -> pd.DataFrame:
    """Share of all pairs of factors that do as well as each strategy (`pair_chance`).

    The table has ``strategy, pairs, chance`` in the order of the strategies; pairs counts those of
    a driving and a restraining factor. Arguments and errors are those of :func:`rank_strategies`.

    Examples
    --------
    The pairs D1 with R1 and D2 with R1 score 5 and 4.

    >>> analysed = pd.DataFrame({"factor": ["D1", "D2", "R1"],
    ...                          "force": ["driving", "driving", "restraining"],
    ...                          "tnb": [2.0, 1.0, 3.0]})
    >>> strategies = pd.DataFrame({"strategy": ["S1", "S2"], "driving": ["D2", "D1"],
    ...                            "restraining": ["R1", "R1"]})
    >>> strategy_chance(strategies, analysed).values.tolist()
    [['S1', 2, 1.0], ['S2', 2, 0.5]]
    """
    driver, restrainer = _weights(strategies, analysed)
    drivers, restrainers = (analysed.loc[analysed["force"] == force, "tnb"] for force in FORCES)
    chance = pair_chance(drivers, restrainers, driver, restrainer, strategy_rule)
    return pd.DataFrame({"strategy": strategies["strategy"],
                         "pairs": len(drivers) * len(restrainers), "chance": chance})


def _weights(strategies: pd.DataFrame, analysed: pd.DataFrame) -> list[np.ndarray]:
    check_strategies(strategies, analysed)
    tnb = analysed.set_index("factor")["tnb"]
    return [strategies[force].map(tnb).to_numpy(float) for force in FORCES]


def score_and_rank(driver: ArrayLike, restrainer: ArrayLike,
                   strategy_rule: str = "sum") -> tuple[np.ndarray, np.ndarray]:
    """Scores and ranks of pairs of factors; leading dimensions (draws) are kept.

    Parameters
    ----------
    driver, restrainer : array of shape (..., S)
        TNB of the two factors of each strategy.
    strategy_rule : str
        As in :func:`rank_strategies`.

    Returns
    -------
    tuple of array of shape (..., S)
        Scores, and ranks from 1, equal ones sharing the best.

    Examples
    --------
    >>> score_and_rank([3.0, 1.0, 2.0], [1.0, 4.0, 4.0], "product")[0].tolist()
    [3.0, 4.0, 8.0]
    >>> score_and_rank([3.0, 1.0, 2.0], [1.0, 4.0, 4.0], "restrainer_first")[1].tolist()
    [3, 2, 1]
    """
    check_choice("strategy_rule", strategy_rule, STRATEGY_RULES)
    drivers, restrainers = (np.asarray(tnb, dtype=float) for tnb in (driver, restrainer))
    if strategy_rule == "restrainer_first":
        return restrainers, shared_ranks(restrainers, drivers)
    score = drivers * restrainers if strategy_rule == "product" else drivers + restrainers
    return score, shared_ranks(score)


def shared_ranks(values: ArrayLike, then: ArrayLike | None = None) -> np.ndarray:
    """Ranks from the largest down along the last axis; equal values share the best.

    Where `values` are equal, `then` decides; both have the shape (..., S).

    Examples
    --------
    >>> shared_ranks([5, 7, 5, 1]).tolist()
    [2, 1, 2, 4]
    """
    first = np.asarray(values).round(TIE_DECIMALS)
    second = None if then is None else np.asarray(then).round(TIE_DECIMALS)
    ranks = np.ones(first.shape, dtype=np.int16)
    # One pass a rival: the comparison of all pairs at once would be S times as large as the values.
    for place in range(first.shape[-1]):
        rival = first[..., place, None]
        ahead = rival > first
        if second is not None:
            ahead |= (rival == first) & (second[..., place, None] > second)
        ranks += ahead
    return ranks


def pair_chance(drivers: ArrayLike, restrainers: ArrayLike, driver: ArrayLike,
                restrainer: ArrayLike, strategy_rule: str = "sum") -> np.ndarray:
    """Share of all pairs of a driving and a restraining factor that do as well as a strategy.

    Where the weights could as well have been dealt out to the factors of each force in any other
    way, it is the probability that a strategy scores at least as much. A rank among a few
    strategies has no such meaning: one of nine is among the first three in a third of all cases.

    Parameters
    ----------
    drivers, restrainers : array of shape (D,), (R,)
        TNB of all factors of a force.
    driver, restrainer : array of shape (S,)
        TNB of the two factors of each strategy.
    strategy_rule : str
        As in :func:`rank_strategies`.

    Examples
    --------
    Of the four pairs of 1, 2 with 1, 3 two score at least 4; one scores 5.

    >>> pair_chance([1, 2], [1, 3], [1, 2], [3, 3]).tolist()
    [0.5, 0.25]
    """
    own = len(np.atleast_1d(driver))
    grid = np.meshgrid(np.asarray(drivers, float), np.asarray(restrainers, float))
    sides = [np.concatenate([side, pairs.ravel()]) for side, pairs in
             zip((driver, restrainer), grid)]
    rank = score_and_rank(sides[0], sides[1], strategy_rule)[1]
    return (rank[own:] <= rank[:own, None]).mean(axis=1)


def strategy_variants(strategies: pd.DataFrame, factors: pd.DataFrame, ratings: pd.DataFrame,
                      linkages: pd.DataFrame, variants: dict[str, tuple] = VARIANTS,
                      **options) -> pd.DataFrame:
    """Ranks of the strategies under every combination of choices.

    Parameters
    ----------
    variants : dict
        The alternatives of ``weighting``, ``divisor``, ``aggregate``, ``linkage_scope`` (arguments
        of :func:`analyse`) and ``strategy_rule``; what is not named keeps its default.
    **options
        Of the same kinds, what is the same in every variant; and ``urgency``, ``urgency_shift`` of
        :func:`analyse`.

    Returns
    -------
    DataFrame
        One column a choice, then ``strategy, rank, score, chance``: one row a variant and strategy.
    """
    same = DEFAULTS | {name: options[name] for name in DEFAULTS if name in options}
    alternatives = {name: (value,) for name, value in same.items()} | variants
    urgency = {name: value for name, value in options.items() if name not in DEFAULTS}
    check_factors(factors)
    check_strategies(strategies, factors)
    driving = (factors["force"] == "driving").to_numpy()
    place = {name: number for number, name in enumerate(factors["factor"])}
    sides = [strategies[force].map(place).to_numpy() for force in FORCES]
    # What costs time, the merging of the experts, is done once for all variants that share it.
    merged = {how: merged_judgements(factors, ratings, linkages, how, **urgency)
              for how in alternatives["aggregate"]}
    tables = []
    for values in product(*alternatives.values()):
        choice = dict(zip(alternatives, values))
        tnb = weigh(*merged[choice["aggregate"]], driving, choice["weighting"], choice["divisor"],
                    choice["linkage_scope"])["tnb"]
        driver, restrainer = (tnb[side] for side in sides)
        score, rank = score_and_rank(driver, restrainer, choice["strategy_rule"])
        order = np.argsort(rank, kind="stable")
        chance = pair_chance(tnb[driving], tnb[~driving], driver, restrainer,
                             choice["strategy_rule"])
        table = {name: choice[name] for name in variants}
        tables.append(pd.DataFrame(table | {"strategy": strategies["strategy"].to_numpy()[order],
                                            "rank": rank[order], "score": score[order],
                                            "chance": chance[order]}))
    return pd.concat(tables, ignore_index=True)


def strategy_matrix(strategies: pd.DataFrame, analysed: pd.DataFrame,
                    strategy_rule: str = "sum") -> pd.DataFrame:
    """Score of every driver with every restrainer, and the candidate strategies.

    Returns
    -------
    DataFrame
        ``driving, restraining, score, rank, candidates``: one row a pair, drivers and restrainers
        each from the highest TNB down; the rank is among all pairs, candidates are the keys of the
        strategies that pair the two, joined by a comma, or empty.

    Examples
    --------
    >>> analysed = pd.DataFrame({"factor": ["D1", "D2", "R1"],
    ...                          "force": ["driving", "driving", "restraining"],
    ...                          "tnb": [1.0, 2.0, 3.0], "rank": [2, 1, 1]})
    >>> strategies = pd.DataFrame({"strategy": ["S1"], "driving": ["D1"], "restraining": ["R1"]})
    >>> strategy_matrix(strategies, analysed).values.tolist()
    [['D2', 'R1', 5.0, 1, ''], ['D1', 'R1', 4.0, 2, 'S1']]
    """
    check_strategies(strategies, analysed)
    ordered = analysed.sort_values("rank")
    sides = [ordered.loc[ordered["force"] == force, ["factor", "tnb"]] for force in FORCES]
    pairs = sides[0].merge(sides[1], how="cross", suffixes=("_driving", "_restraining"))
    score, rank = score_and_rank(pairs["tnb_driving"], pairs["tnb_restraining"], strategy_rule)
    table = pairs[["factor_driving", "factor_restraining"]].set_axis(list(FORCES), axis=1)
    table = table.assign(score=score, rank=rank)
    named = strategies.groupby(list(FORCES))["strategy"].agg(", ".join).rename("candidates")
    return table.join(named, on=list(FORCES)).fillna({"candidates": ""})


def check_strategies(strategies: pd.DataFrame, analysed: pd.DataFrame) -> None:
    """Check that every strategy pairs one driving with one restraining factor."""
    check_columns("strategies", strategies, ["strategy", *FORCES], unique="strategy")
    force = analysed.set_index("factor")["force"]
    for role in FORCES:
        for strategy, factor in zip(strategies["strategy"], strategies[role]):
            if factor not in force.index:
                raise Error("strategies: strategy {strategy!r} names {factor!r} as its {role} "
                            "factor, which is not in factors; known factors are {known}",
                            strategy=strategy, factor=factor, role=role, known=listed(force.index),
                            resource="strategies")
            if force[factor] != role:
                raise Error("strategies: strategy {strategy!r} names {factor!r} as its {role} "
                            "factor, but that factor is {force}; a strategy pairs one driving "
                            "with one restraining factor", strategy=strategy, factor=factor,
                            role=role, force=force[factor], resource="strategies")
