"""From ticked boxes to estimates: scales, reliability, classes, design-based means, gaps and contrasts.

Everything here is pure: data frames in, data frames out.
"""

from helpers.scoring.answers import align, answer_shares, mean_score, scale_list, score_loss, scores_by_respondent
from helpers.scoring.classes import class_bounds, class_table, classify, quadrant
from helpers.scoring.contrasts import contrast_table, hedges_g, holm
from helpers.scoring.counts import Counts, count_answers, count_values
from helpers.scoring.estimates import (
    area_cells,
    estimate_means,
    gap_table,
    quadrant_cuts,
    quadrant_points,
    score_table,
    with_design,
)
from helpers.scoring.scales import (
    alpha_if_dropped,
    alpha_interval,
    corrected_item_total,
    critical_r,
    cronbach_alpha,
    item_table,
    item_total,
    reliability_table,
)

__all__ = [
    "Counts",
    "align",
    "alpha_if_dropped",
    "alpha_interval",
    "answer_shares",
    "area_cells",
    "class_bounds",
    "class_table",
    "classify",
    "contrast_table",
    "corrected_item_total",
    "count_answers",
    "count_values",
    "critical_r",
    "cronbach_alpha",
    "estimate_means",
    "gap_table",
    "hedges_g",
    "holm",
    "item_table",
    "item_total",
    "mean_score",
    "quadrant",
    "quadrant_cuts",
    "quadrant_points",
    "reliability_table",
    "scale_list",
    "score_loss",
    "score_table",
    "scores_by_respondent",
    "with_design",
]
