"""GeoJSON as packages keep it: one feature a line, rounded."""

import json

import numpy as np

DECIMALS = 7  # about a centimetre


def text(shapes) -> str:
    """GeoJSON of ``code``, ``name``, ``geometry`` in longitude and latitude."""
    import shapely

    # On a grid, so that joined parts whose corners nearly meet stay valid when they are rounded.
    snapped = shapely.set_precision(shapes.geometry.to_numpy(), 10.0**-DECIMALS)
    rounded = shapely.transform(snapped, lambda degrees: np.round(degrees, DECIMALS))
    lines = [json.dumps({"type": "Feature", "properties": {"code": code, "name": name},
                         "geometry": json.loads(shapely.to_geojson(shape))}, ensure_ascii=False,
                        separators=(",", ":"))
             for code, name, shape in zip(shapes["code"], shapes["name"], rounded, strict=True)]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
