"""Sampling: sample size, allocation, draw and non-response.

Everything here is pure: numbers and data frames in, numbers and data frames out. Populations and
strata are whole numbers of units, N and N_h; `confidence` and `proportion` lie between 0 and 1,
weights and z above 0; a `seed` is not negative.
"""
# ruff: noqa: I001 (names in rows: one a line would be as many lines as names)

from helpers.sampling.allocation import (allocate, allocation_table, compare_allocations,
                                         equal_allocation, neyman_allocation)
from helpers.sampling.draw import draw, field_list, reserve
from helpers.sampling.nonresponse import (KINDS, compare_adjustments, effective_size,
                                          invented_fieldwork, rake, replace_missing,
                                          weighting_classes)
from helpers.sampling.precision import (detectable_differences, difference_margins, margin_of_error,
                                        power_curves, power_of_difference, precision_curves,
                                        size_range, zone_precision)
from helpers.sampling.size import (METHODS, ROUNDINGS, TABLES, compare_sizes, n_exact, roscoe_rules,
                                   sample_size, size_from_z, table_size, textbook_sizes)

__all__ = ["KINDS", "METHODS", "ROUNDINGS", "TABLES", "allocate", "allocation_table",
           "compare_adjustments", "compare_allocations", "compare_sizes", "detectable_differences",
           "difference_margins", "draw", "effective_size", "equal_allocation", "field_list",
           "invented_fieldwork", "margin_of_error", "n_exact", "neyman_allocation", "power_curves",
           "power_of_difference", "precision_curves", "rake", "replace_missing", "reserve",
           "roscoe_rules", "sample_size", "size_from_z", "size_range", "table_size",
           "textbook_sizes", "weighting_classes", "zone_precision"]
