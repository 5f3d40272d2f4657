"""Force field analysis as Indonesian administration training teaches it, and Lewin's plain totals.

Driving and restraining factors are judged by experts on three things: urgency (NU), support for the
goal (ND) and linkage with every other factor (NK). The total weight of a factor (TNB) decides its
place; the strongest drivers paired with the strongest restrainers give the strategies.

No complete published table of this procedure was found. The formulas are a reconstruction from how
it is commonly described, so every step that practice does in more than one way is an option here
and not a hidden choice.

The functions share these tables, which :func:`analyse` describes: `factors` (``factor, force,
aspect``), `ratings` (``expert, factor, urgency, support``), `linkages` (``expert, factor_a,
factor_b, linkage``), `strategies` (``strategy, driving, restraining``) and `analysed`, what
:func:`analyse` returns.
"""
# ruff: noqa: I001 (names in rows: one a line would be as many lines as names)

from helpers.force_field.agreement import (agreement_table, expert_matrix, icc, kendall_w,
                                           leave_one_out, outlying_experts)
from helpers.force_field.arguments import AGGREGATES
from helpers.force_field.balance import balance, force_totals, lewin
from helpers.force_field.evidence import (compare_gaps, rank_agreement, urgency_options,
                                          urgency_shift)
from helpers.force_field.pairwise import (compared_urgency, consistency, consistency_table,
                                          priorities, ratio_comparisons, uncompared_forces)
from helpers.force_field.ratings import (expert_ratings, linkage_matrix, strongest_pairs,
                                         unrated_pairs)
from helpers.force_field.strategies import (ALL_VARIANTS, STRATEGY_RULES, check_strategies,
                                            pair_chance, rank_strategies, score_and_rank,
                                            strategy_chance, strategy_matrix, strategy_variants)
from helpers.force_field.uncertainty import (dealt_anew, draw_tnb, factor_acceptability,
                                             strategy_acceptability, top_shares, verdict_shares)
from helpers.force_field.voting import borda, condorcet, duels, expert_ranks
from helpers.force_field.weighing import (WEIGHTINGS, analyse, merged_judgements, rank_within,
                                          weigh)

__all__ = ["AGGREGATES", "ALL_VARIANTS", "STRATEGY_RULES", "WEIGHTINGS", "agreement_table",
           "analyse", "balance", "borda", "check_strategies", "compare_gaps", "compared_urgency",
           "condorcet", "consistency", "consistency_table", "dealt_anew", "draw_tnb", "duels",
           "expert_matrix", "expert_ranks", "expert_ratings", "factor_acceptability",
           "force_totals", "icc", "kendall_w", "leave_one_out", "lewin", "linkage_matrix",
           "merged_judgements", "outlying_experts", "priorities", "rank_agreement",
           "pair_chance", "rank_strategies", "rank_within", "ratio_comparisons", "score_and_rank",
           "strategy_acceptability", "strategy_chance", "strategy_matrix", "strategy_variants",
           "strongest_pairs", "top_shares", "uncompared_forces", "unrated_pairs", "urgency_options",
           "urgency_shift", "verdict_shares", "weigh"]
