"""Settlement measures of areas from village points: number, density, distance."""

import numpy as np
import pandas as pd

from helpers.geography.crs import LONGITUDE_LATITUDE
from helpers.library_types import GeoDataFrame

KELURAHAN = r"\d{2}\.\d{2}\.\d{2}\.1\d{3}"
VILLAGE = r"\d{2}\.\d{2}\.\d{2}\.[123]\d{3}"


def settlement_measures(villages: pd.DataFrame, polygons: GeoDataFrame,
                        capital: tuple[float, float] | None = None) -> pd.DataFrame:
    """Settlement measures of areas from their village points.

    For an area with the points *i* = 1..n and the surface *A*:

    - ``villages``: n;
    - ``village_density``: 100 n / A, villages per 100 km2;
    - ``village_spacing``: mean distance of its villages to the nearest village of any area, in km;
    - ``distance_to_capital``: mean straight-line distance of its villages to the capital, in km;
    - ``kelurahan_share``: per cent of its villages that are kelurahan (urban), read from Indonesian
      codes.

    Parameters
    ----------
    villages : DataFrame
        ``code``, ``area`` (empty for neighbours, which count as nearest villages only), ``lon``,
        ``lat``.
    polygons : GeoDataFrame
        ``code`` and polygon of every area, in a system with metres.
    capital : (lon, lat), optional
        Without it there is no distance to it.

    Returns
    -------
    DataFrame
        Indexed by area code, in the order of the polygons; one column a measure.
        ``kelurahan_share`` is left out where codes are not Indonesian ones (35.05.01.2001; the last
        part begins with 1 for a kelurahan).

    Examples
    --------
    Three villages a kilometre apart in a row, in an area of 100 km2:

    >>> import geopandas, shapely
    >>> villages = pd.DataFrame({"code": ["1", "2", "3"], "area": "a", "lat": 0.0,
    ...                          "lon": [111.0, 111.00899, 111.01797]})
    >>> square = shapely.box(495e3, 9995e3, 505e3, 10005e3)
    >>> area = geopandas.GeoDataFrame({"code": ["a"]}, geometry=[square], crs=32749)
    >>> settlement_measures(villages, area).round(2).to_dict("records")
    [{'villages': 3.0, 'village_density': 3.0, 'village_spacing': 1.0}]
    """
    from pyproj import Transformer
    from scipy.spatial import KDTree

    to_metres = Transformer.from_crs(LONGITUDE_LATITUDE, polygons.crs, always_xy=True)
    degrees = (villages[axis].to_numpy() for axis in ("lon", "lat"))
    xy = np.column_stack(to_metres.transform(*degrees))
    each = pd.DataFrame({"area": villages["area"].to_numpy()})
    if len(xy) > 1:
        each["village_spacing"] = KDTree(xy).query(xy, k=2)[0][:, 1] / 1000
    if capital is not None:
        each["distance_to_capital"] = np.hypot(*(xy - to_metres.transform(*capital)).T) / 1000
    codes = villages.loc[villages["area"].notna(), "code"]
    if codes.str.fullmatch(VILLAGE).all():
        each["kelurahan_share"] = 100.0 * villages["code"].str.fullmatch(KELURAHAN).to_numpy()
    areas = pd.Index(polygons["code"], name="code")
    surface = pd.Series(polygons.area.to_numpy() / 1e6, index=areas)
    counts = each["area"].value_counts().reindex(areas).astype(float)
    measures = pd.DataFrame({"villages": counts, "village_density": 100 * counts / surface})
    return measures.join(each.groupby("area").mean().rename_axis("code"))
