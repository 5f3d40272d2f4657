"""Inset: a small map of the surroundings."""

from functools import cache
from pathlib import Path

import numpy as np

from helpers.library_types import Figure, GeoDataFrame
from helpers.publish.maps.shapes import path

LABEL = "<inset>"  # of its axes: no panel of the map itself
WIDER = 3.6  # times as wide as the areas are the surroundings, to each side of their centre
LEAST = 1.5  # degrees to each side, so that a city is not shown among its suburbs alone
SIZE = (1.5, 1.05)  # inches
SEA, LAND, COAST, HERE = "#eaf1f6", "#cfcfc8", "#8c8c86", "#b2182b"


def add(figure: Figure, shapes: GeoDataFrame, beside: float, above: float) -> bool:
    """Inset in the lower right corner of a figure; returns whether there is one.

    The coast is that of Natural Earth (1:50 million) in Southeast Asia; elsewhere there is no
    inset. `beside` and `above` are the inches that are free at the right, and to be kept free at
    the bottom.
    """
    import shapely
    from matplotlib.collections import PathCollection

    areas = shapes.geometry.to_crs(4326)
    west, south, east, north = areas.total_bounds
    x, y = (west + east) / 2, (south + north) / 2
    tall = max((north - south) / 2 * WIDER, LEAST)
    stretch = 1 / np.cos(np.radians(y))
    wide = max((east - west) / 2 * WIDER, LEAST, tall * stretch * SIZE[0] / SIZE[1])
    tall = wide / stretch * SIZE[1] / SIZE[0]
    frame = shapely.box(x - wide, y - tall, x + wide, y + tall)
    coast = shapely.intersection(land(), frame)
    if shapely.is_empty(coast):
        return False
    width, height = figure.get_size_inches()
    axes = figure.add_axes((1 - beside / width, above / height, SIZE[0] / width, SIZE[1] / height),
                           label=LABEL)
    axes.set_in_layout(False)
    axes.set(xlim=(x - wide, x + wide), ylim=(y - tall, y + tall), xticks=[], yticks=[],
             facecolor=SEA)
    axes.set_aspect(stretch, adjustable="box")
    for drawn, fill, edge, line in (([coast], LAND, COAST, 0.4), (areas, HERE, HERE, 0.3)):
        axes.add_collection(PathCollection([path(shape) for shape in drawn], facecolors=[fill],
                                           edgecolors=edge, linewidths=line))
    for spine in axes.spines.values():
        spine.set(color="#666666", linewidth=0.6)
    return True


@cache
def land():
    """Land of Southeast Asia in degrees."""
    import shapely

    return shapely.from_geojson(Path(__file__).with_name("land.json").read_text(encoding="utf-8"))
