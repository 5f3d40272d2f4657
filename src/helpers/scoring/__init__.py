"""Scoring: scales, reliability, classes, design-based means, gaps and contrasts.

Everything here is pure: data frames in, data frames out. The same tables go through all of it:
`items`, one row an item (item, dimension, aspect, reverse, lowest, highest); `answers`, aligned by
`align`, shape (respondents, items); `scores` of `scores_by_respondent`, shape (respondents,
scales); the `design` of `with_design`, on the same index; `areas` with code, name and zone.
`confidence`, between 0 and 1, is that of the intervals.
"""
# ruff: noqa: I001 (names in rows: one a line would be as many lines as names)

from helpers.scoring.answers import (align, answer_shares, answered, ends, flag_respondents,
                                     floor_ceiling, mean_score, scale_list, score_loss,
                                     scores_by_respondent, suspected_reversed)
from helpers.scoring.classes import class_bounds, class_table, classify, quadrant
from helpers.scoring.contrasts import (MEDIUM_EFFECT, SMALL_EFFECT, aspect_contrasts,
                                       association_table, contrast_table, hedges_g, holm,
                                       leading_aspects, regression_table)
from helpers.scoring.counts import Counts, count_answers, count_values
from helpers.scoring.design import calibration_margins, known_shares, with_design
from helpers.scoring.domains import (crossing_table, high_scores, median_table, rate_precision,
                                     share_table, top_box, weighted_quantile)
from helpers.scoring.estimates import (area_cells, design_effects, estimate_means, gap_table,
                                       paired_scores, quadrant_cuts, quadrant_points, score_table,
                                       with_classes, with_quadrants)
from helpers.scoring.imputation import impute, missing_table, pool
from helpers.scoring.replicates import bootstrap_weights, check_errors, compare_weights
from helpers.scoring.scales import (alpha_bootstrap, alpha_if_dropped, alpha_interval,
                                    alpha_intervals, corrected_item_total, critical_r,
                                    cronbach_alpha, item_table, item_total, reliability_table)
from helpers.scoring.sensitivity import (agreement_table, equivalence_table, ordinal_contrasts,
                                         proportional_odds, rank_contrasts)
from helpers.scoring.structure.factors import factor_loadings, factor_models, parallel_analysis
from helpers.scoring.structure.reliability import (omega, ordinal_alpha, polychoric,
                                                   reliability_forms)

__all__ = ["MEDIUM_EFFECT", "SMALL_EFFECT", "Counts", "agreement_table", "align",
           "alpha_bootstrap", "alpha_if_dropped", "alpha_interval", "alpha_intervals",
           "answer_shares", "answered", "area_cells", "aspect_contrasts", "association_table",
           "bootstrap_weights", "calibration_margins", "check_errors", "class_bounds",
           "class_table", "classify", "compare_weights", "contrast_table", "corrected_item_total",
           "count_answers", "count_values", "critical_r", "cronbach_alpha", "crossing_table",
           "design_effects", "ends", "equivalence_table", "estimate_means", "factor_loadings",
           "factor_models", "flag_respondents", "floor_ceiling", "gap_table", "hedges_g",
           "high_scores", "holm", "impute", "item_table", "item_total", "known_shares",
           "leading_aspects", "mean_score", "median_table", "missing_table", "omega",
           "ordinal_alpha", "ordinal_contrasts", "paired_scores", "parallel_analysis",
           "polychoric", "pool", "proportional_odds", "quadrant", "quadrant_cuts",
           "quadrant_points", "rank_contrasts", "rate_precision", "regression_table",
           "reliability_forms", "reliability_table", "scale_list", "score_loss", "score_table",
           "scores_by_respondent", "share_table", "suspected_reversed", "top_box",
           "weighted_quantile", "with_classes", "with_design", "with_quadrants"]
