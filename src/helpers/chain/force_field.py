"""Force field: what drives, what restrains, and which strategies follow."""

import numpy as np
import pandas as pd

from helpers import force_field
from helpers.chain.steps import When, table

IF_COMPARED = When("force_field.urgency_source", ("eigenvector", "wins"))
IF_GAPS = When("force_field.evidence", ("gaps",))


def expert_urgency(factors, force_field__urgency_source, comparisons=IF_COMPARED):
    """Urgency as the experts give it: rated, or from pairwise comparison."""
    return force_field.urgency_options(factors, urgency_source=force_field__urgency_source,
                                       comparisons=comparisons)


def urgency(factors, expert_urgency, force_field__evidence, force_field__urgency_source,
            need_access_gap=IF_GAPS, items=IF_GAPS):
    """Urgency of the experts, or moved by the gaps of the survey."""
    if force_field__evidence == "experts":
        return expert_urgency
    gaps = None if need_access_gap is None else need_access_gap.query("domain == 'all'")
    scale = (1, 5) if items is None else (items["lowest"].min(), items["highest"].max())
    return force_field.urgency_options(factors, force_field__evidence, force_field__urgency_source,
                                       gaps, scale)


def merged_linkages(factors, linkages, force_field__aggregate):
    """Linkages merged over the experts, one a pair: takes most of the time and needs no ratings."""
    matrix = force_field.linkage_matrix(factors, linkages, force_field__aggregate)
    return force_field.strongest_pairs(matrix, share=1).assign(expert="all")


@table("ffa_factors")
def ffa_factors(factors, ratings, merged_linkages, urgency, force_field__weighting,
                force_field__divisor, force_field__aggregate, force_field__keys,
                force_field__linkage_scope):
    """Factors weighed and ranked."""
    return force_field.analyse(
        factors, ratings, merged_linkages, force_field__weighting, force_field__divisor,
        force_field__aggregate, force_field__keys, force_field__linkage_scope, **urgency)


@table("ffa_balance")
def ffa_balance(factors, ratings, merged_linkages, urgency, force_field__divisor,
                force_field__aggregate, force_field__linkage_scope):
    """Driving against restraining forces, under both weightings."""
    return force_field.balance(factors, ratings, merged_linkages, force_field__divisor,
                               force_field__aggregate, force_field__linkage_scope, **urgency)


@table("strategies")
def ranked_strategies(strategies, ffa_factors, force_field__strategy_rule):
    """Strategies scored and ranked."""
    return force_field.rank_strategies(strategies, ffa_factors, force_field__strategy_rule)


@table("strategy_chance")
def strategy_chance(strategies, ffa_factors, force_field__strategy_rule):
    """Share of all pairs of factors that do as well as each strategy."""
    return force_field.strategy_chance(strategies, ffa_factors, force_field__strategy_rule)


def judgements(factors, ratings, merged_linkages, expert_urgency, force_field__aggregate):
    """Experts merged into arrays: what many universes have in common."""
    return force_field.merged_judgements(factors, ratings, merged_linkages, force_field__aggregate,
                                         **expert_urgency)


def pairs(factors, strategies):
    """Places of the driving and the restraining factor of each strategy."""
    force_field.check_strategies(strategies, factors)
    place = pd.Series(range(len(factors)), index=factors["factor"])
    return np.array([strategies[force].map(place) for force in ("driving", "restraining")])


def decisive_tnb(factors, judgements, force_field__weighting, force_field__divisor,
                 force_field__linkage_scope):
    """Total weights of the factors, where experts alone say what is urgent."""
    driving = (factors["force"] == "driving").to_numpy()
    nu, nd, nk = judgements
    return force_field.weigh(nu, nd, nk, driving, force_field__weighting, force_field__divisor,
                             force_field__linkage_scope)["tnb"]


def decisive_ranks(strategies, factors, decisive_tnb, pairs, force_field__strategy_rule):
    """Ranks of the strategies and what chance gives, which decide claims."""
    driver, restrainer = decisive_tnb[pairs]
    _, rank = force_field.score_and_rank(driver, restrainer, force_field__strategy_rule)
    driving = (factors["force"] == "driving").to_numpy()
    chance = force_field.pair_chance(decisive_tnb[driving], decisive_tnb[~driving], driver,
                                     restrainer, force_field__strategy_rule)
    return pd.DataFrame({"strategy": strategies["strategy"], "rank": rank, "chance": chance})
