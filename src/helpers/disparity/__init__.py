"""Disparity: inequality between areas, gaps between zones, and spatial patterns.

Values, weights and `zones` are Series by code, one row an area; `parts` and tables of regressors
(`design`, `drivers`) have areas in the rows. `indicators` has the columns code, indicator, year
(may be empty) and value, `catalogue` is indexed by indicator: direction (1 more is better, -1
worse), theme, in_index. `confidence` is that of the intervals, `alpha` the level of the tests.
"""
# ruff: noqa: I001 (names in rows: one a line would be as many lines as names)

from helpers.disparity.beside import beside_table, further_table, log_correlation
from helpers.disparity.bootstrap import (inequality_change, inequality_intervals,
                                         inequality_over_years, side)
from helpers.disparity.convergence import (background_table, balanced, beta_convergence,
                                           convergence_table, doubted, growth_points, leaps, sigma,
                                           survival, trend)
from helpers.disparity.development import (development_index, klassen, location_quotient,
                                           scaled_indicators, sector_quotients, theme_weights,
                                           weighted_mean, zone_summary)
from helpers.disparity.gaps import (gap_change, gap_changes, lead_by_theme, main_pair, never_clear,
                                    zone_gap, zone_gaps)
from helpers.disparity.index.composite import (ROLES, development_table, directed_indicators,
                                               has_index, index_members, index_parts, with_role,
                                               zones_of)
from helpers.disparity.index.stability import rank_agreement, rank_ranges, rank_variants
from helpers.disparity.index.weights import index_weights
from helpers.disparity.national import (FEWEST_KECAMATAN, KECAMATAN, context_table, gaps_in_country,
                                        national_context, regencies_of, standing)
from helpers.disparity.inequality import (atkinson, bonet, coefficient_of_variation, gini, lorenz,
                                          mld, share_ratio, theil, theil_decomposition,
                                          williamson)
from helpers.disparity.nested import nested_theil
from helpers.disparity.panel import (autocorrelation_table, by_year, closest, cross_section,
                                     inequality_row, inequality_table, people, sensitivity,
                                     sources_of, window, zone_averages, zone_table)
from helpers.disparity.scales import SCALES, compare_scales, scale_sentences, side_by_side
from helpers.disparity.space.association import geary, getis_ord, global_statistics, local_getis_ord
from helpers.disparity.space.autocorrelation import local_moran, moran, weights_effect
from helpers.disparity.space.explanation import explain_gaps, gap_ratios
from helpers.disparity.space.neighbourhoods import neighbourhood
from helpers.disparity.space.spatial_gini import spatial_gini
from helpers.disparity.space.spatial_permutations import FEWEST_AREAS
from helpers.disparity.villages import (SURFACE, pooled_means, village_gap, village_gaps,
                                        village_table)
from helpers.permutation import adjusted

__all__ = ["FEWEST_AREAS", "FEWEST_KECAMATAN", "KECAMATAN", "ROLES", "SCALES", "SURFACE",
           "adjusted", "atkinson", "autocorrelation_table", "background_table", "balanced",
           "beside_table", "beta_convergence", "bonet", "by_year", "closest",
           "coefficient_of_variation", "compare_scales", "context_table", "convergence_table",
           "cross_section", "development_index", "development_table", "directed_indicators",
           "doubted", "explain_gaps", "further_table", "gap_change", "gap_changes", "gap_ratios",
           "gaps_in_country", "geary", "getis_ord", "gini", "global_statistics", "growth_points",
           "has_index", "index_members", "index_parts", "index_weights", "inequality_change",
           "inequality_intervals", "inequality_over_years", "inequality_row", "inequality_table",
           "klassen", "lead_by_theme", "leaps", "local_getis_ord", "local_moran",
           "location_quotient", "log_correlation", "lorenz", "main_pair", "mld", "moran",
           "national_context", "neighbourhood", "nested_theil", "never_clear", "people",
           "pooled_means", "rank_agreement", "rank_ranges", "rank_variants", "regencies_of",
           "scale_sentences", "scaled_indicators", "sector_quotients", "sensitivity",
           "share_ratio", "side", "side_by_side", "sigma", "sources_of", "spatial_gini",
           "standing", "survival", "theil", "theil_decomposition", "theme_weights", "trend",
           "village_gap", "village_gaps", "village_table", "weighted_mean", "weights_effect",
           "williamson", "window", "with_role", "zone_averages", "zone_gap", "zone_gaps",
           "zone_summary", "zone_table", "zones_of"]
