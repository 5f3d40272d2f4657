"""Polygons of a KML file with their table of values, which GDAL's own driver leaves out."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from helpers.errors import Error

DECLARED = (b"<!DOCTYPE", b"<!ENTITY")  # no KML needs them, and they can grow without end


def read_kml(path: Path):
    """Placemarks with shapes: name, description and extended data, in longitude and latitude."""
    import geopandas
    import pandas as pd
    import shapely

    content = path.read_bytes()
    if any(word in content for word in DECLARED):
        raise Error("it declares entities, which no map needs")
    rows, shapes = [], []
    for mark in ElementTree.fromstring(content).iter():
        if _name(mark) != "Placemark":
            continue
        polygons = [_polygon(one) for one in mark.iter() if _name(one) == "Polygon"]
        if polygons:
            shapes.append(polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons))
            rows.append(_values(mark))
    if not rows:
        raise Error("it holds no polygons")
    return geopandas.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=4326)


def _values(mark) -> dict[str, str]:
    found = {}
    for one in mark.iter():
        if _name(one) in ("name", "description") and one in list(mark):
            found[_name(one).capitalize()] = one.text
        elif _name(one) == "SimpleData":
            found[one.get("name", "")] = one.text
        elif _name(one) == "Data":
            found[one.get("name", "")] = next((value.text for value in one
                                               if _name(value) == "value"), None)
    return found


def _polygon(element):
    import shapely

    outer, inner = [], []
    for side in element:
        rings = [_corners(one) for one in side.iter() if _name(one) == "coordinates"]
        (outer if _name(side) == "outerBoundaryIs" else inner).extend(rings)
    return shapely.Polygon(outer[0] if outer else None, inner)


def _corners(element) -> np.ndarray:
    """Longitudes and latitudes of a text "lon,lat,height lon,lat ..."."""
    return np.array([corner.split(",")[:2] for corner in (element.text or "").split()],
                    dtype=float)


def _name(element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
