"""Force field analysis as Indonesian administration training teaches it, and Lewin's plain totals.

Driving and restraining factors are judged by experts on three things: urgency (NU), support for the goal (ND) and
linkage with every other factor (NK). The total weight of a factor (TNB) decides its place; the strongest drivers
paired with the strongest restrainers give the strategies.

No complete published table of this procedure was found. The formulas are a reconstruction from how it is commonly
described, so every step that practice does in more than one way is an option here and not a hidden choice.
"""

from helpers.force_field.balance import balance, force_totals, lewin
from helpers.force_field.checks import AGGREGATES, FORCES, LINKAGE_RANGE, SUPPORT_RANGE, URGENCY_RANGE
from helpers.force_field.ratings import expert_ratings, linkage_matrix, unrated_pairs
from helpers.force_field.strategies import (
    ALL_VARIANTS,
    STRATEGY_RULES,
    VARIANTS,
    rank_strategies,
    score_and_rank,
    shared_ranks,
    strategy_matrix,
    strategy_variants,
)
from helpers.force_field.weighing import (
    DIVISORS,
    LINKAGE_SCOPES,
    TIE_DECIMALS,
    WEIGHTINGS,
    WEIGHT_SCALES,
    analyse,
    rank_within,
    weigh,
    weigh_sums,
)

__all__ = [
    "AGGREGATES",
    "ALL_VARIANTS",
    "DIVISORS",
    "FORCES",
    "LINKAGE_RANGE",
    "LINKAGE_SCOPES",
    "STRATEGY_RULES",
    "SUPPORT_RANGE",
    "TIE_DECIMALS",
    "URGENCY_RANGE",
    "VARIANTS",
    "WEIGHTINGS",
    "WEIGHT_SCALES",
    "analyse",
    "balance",
    "expert_ratings",
    "force_totals",
    "lewin",
    "linkage_matrix",
    "rank_strategies",
    "rank_within",
    "score_and_rank",
    "shared_ranks",
    "strategy_matrix",
    "strategy_variants",
    "unrated_pairs",
    "weigh",
    "weigh_sums",
]
