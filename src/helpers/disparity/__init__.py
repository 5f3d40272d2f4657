"""How unequal areas are, where the inequality lies, and whether alike areas lie together."""

from helpers.disparity.autocorrelation import local_moran, moran
from helpers.disparity.development import (
    development_index,
    klassen,
    location_quotient,
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

__all__ = [
    "bonet",
    "coefficient_of_variation",
    "development_index",
    "gini",
    "klassen",
    "local_moran",
    "location_quotient",
    "lorenz",
    "moran",
    "theil",
    "theil_decomposition",
    "williamson",
    "zone_summary",
]
