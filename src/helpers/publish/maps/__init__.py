"""Maps of areas: choropleths, series, changes, two numbers at once, categories, cartograms.

Each map says what no value means, how large it is, where north is, where the zones meet, where on
Earth it is, and whether its borders are approximate. Palettes keep their order for colour-blind
readers and in grey. Shapes are simplified for display only.
"""

from helpers.publish.maps.cartogram import cartogram, circles
from helpers.publish.maps.class_legend import around_zero, thirds
from helpers.publish.maps.colours import CLUSTERS, NEED_ACCESS, NO_DATA, diverging, sequential
from helpers.publish.maps.labels import MOST_LABELS
from helpers.publish.maps.shapes import for_display
from helpers.publish.maps.sheet import BORDER, CASING
from helpers.publish.maps.themes import bivariate, categories, change, choropleth, series

__all__ = ["BORDER", "CASING", "CLUSTERS", "MOST_LABELS", "NEED_ACCESS", "NO_DATA", "around_zero",
           "bivariate", "cartogram", "categories", "change", "choropleth", "circles", "diverging",
           "for_display", "sequential", "series", "thirds"]
