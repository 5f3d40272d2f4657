"""How unequal areas are, where the inequality lies, and whether alike areas lie together."""

from helpers.disparity.arrangements import FEWEST_AREAS, adjusted
from helpers.disparity.autocorrelation import local_moran, moran, weights_effect
from helpers.disparity.development import (
    development_index,
    klassen,
    location_quotient,
    theme_weights,
    zone_summary,
)
from helpers.disparity.inequality import (
    bonet,
    coefficient_of_variation,
    gini,
    lorenz,
    theil,
    theil_decomposition,
    williamson,
)
from helpers.disparity.neighbourhoods import neighbourhood
from helpers.disparity.panel import (
    autocorrelation_table,
    by_year,
    closest,
    inequality_row,
    inequality_table,
    people,
    rank_stability,
    sensitivity,
    sources_of,
    window,
    zone_averages,
    zone_table,
)

__all__ = [
    "FEWEST_AREAS",
    "adjusted",
    "autocorrelation_table",
    "bonet",
    "by_year",
    "closest",
    "coefficient_of_variation",
    "development_index",
    "gini",
    "inequality_row",
    "inequality_table",
    "klassen",
    "local_moran",
    "location_quotient",
    "lorenz",
    "moran",
    "neighbourhood",
    "people",
    "rank_stability",
    "sensitivity",
    "sources_of",
    "theil",
    "theil_decomposition",
    "theme_weights",
    "weights_effect",
    "williamson",
    "window",
    "zone_averages",
    "zone_summary",
    "zone_table",
]
