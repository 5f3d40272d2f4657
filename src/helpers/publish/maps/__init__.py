"""Maps of areas: choropleths, series of choropleths on the same classes, and maps of named categories.

Each map says what no value means, how large it is, where north is, where the zones meet, and whether its borders are
approximate. Palettes keep their order for colour-blind readers and in grey. Shapes are simplified for display only.
"""

from helpers.publish.maps.classes import decimals
from helpers.publish.maps.colours import CLUSTERS, NO_DATA, sequential
from helpers.publish.maps.labels import MOST_LABELS, spread
from helpers.publish.maps.shapes import for_display
from helpers.publish.maps.sheet import BORDER, CASING
from helpers.publish.maps.themes import categories, choropleth, series

__all__ = ["BORDER", "CASING", "CLUSTERS", "MOST_LABELS", "NO_DATA", "categories", "choropleth", "decimals", "for_display",
           "sequential", "series", "spread"]
