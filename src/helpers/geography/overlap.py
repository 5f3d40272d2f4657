"""How well two ways of drawing the same areas agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


def overlap(drawn: GeoDataFrame, real: GeoDataFrame) -> pd.DataFrame:
    r"""Compare drawn areas with real ones of the same code.

    The intersection over union (IoU, also Jaccard's index) is 1 where both agree and 0 where they do not meet:

    .. math:: \mathrm{IoU}_k = \frac{|D_k \cap R_k|}{|D_k \cup R_k|}

    Parameters
    ----------
    drawn, real : GeoDataFrame
        Column ``code`` and polygons, in one system with metres.

    Returns
    -------
    DataFrame
        Index code, in the order of ``real``: ``drawn``, ``real`` and ``common`` in square metres, ``iou``. The sum of
        ``common`` over the sum of ``real`` is the share of the land that lies in its right area.

    Raises
    ------
    ValueError
        When the systems or the codes differ.

    Examples
    --------
    Two squares of 1 km; the drawn border lies 100 m too far east. The western square keeps all its land in a larger
    one (1 / 1.1), the eastern loses a tenth (0.9 / 1).

    >>> import geopandas
    >>> from shapely import box
    >>> real = geopandas.GeoDataFrame({"code": ["w", "e"]}, crs=32749,
    ...                               geometry=[box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)])
    >>> drawn = real.set_geometry([box(0, 0, 1100, 1000), box(1100, 0, 2000, 1000)])
    >>> overlap(drawn, real)["iou"].round(3).tolist()
    [0.909, 0.9]
    """
    import shapely

    if drawn.crs != real.crs:
        raise ValueError(f"drawn and real areas lie in different systems ({drawn.crs}, {real.crs}); bring them into one")
    if set(drawn["code"]) != set(real["code"]):
        odd = sorted(set(drawn["code"]) ^ set(real["code"]))
        raise ValueError(f"area {odd[0]} is drawn or real, but not both; compare the same areas")
    one, other = (shapes.set_index("code").geometry.loc[real["code"]].to_numpy() for shapes in (drawn, real))
    found = pd.DataFrame({"drawn": shapely.area(one), "real": shapely.area(other),
                          "common": shapely.area(shapely.intersection(one, other))}, index=pd.Index(real["code"]))
    return found.assign(iou=found["common"] / (found["drawn"] + found["real"] - found["common"]))
