"""Types of libraries that take long to import: annotations name them, and nothing is imported."""

from typing import TYPE_CHECKING

__all__ = ["CRS", "W", "Axes", "BaseGeometry", "Figure", "GeoDataFrame", "Line2D", "QuadMesh",
           "csr_array"]

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.weights import W
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from pyproj import CRS
    from scipy.sparse import csr_array
    from shapely.geometry.base import BaseGeometry
else:
    globals().update({name: type(name, (), {}) for name in __all__})
