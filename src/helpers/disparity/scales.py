"""Villages beside their areas: what a number says at either scale.

The same villages are looked at twice: each on its own, and joined to the areas (kecamatan) that
they lie in. Means of zones are then the same; inequality, patterns in space and p-values are not
(the modifiable areal unit problem).
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.disparity.gaps import zone_gap
from helpers.disparity.inequality import gini
from helpers.disparity.nested import nested_theil
from helpers.disparity.panel import closest
from helpers.disparity.space.autocorrelation import local_moran, moran
from helpers.disparity.space.neighbourhoods import Rule
from helpers.disparity.space.spatial_permutations import FEWEST_AREAS
from helpers.disparity.villages import SURFACE
from helpers.library_types import GeoDataFrame

SCALES = ("area", "village")
LEVELS = ("group", "zone", "area")
COLUMNS = ["indicator", "year", "weight", "scale", "units", "zone_a", "zone_b", "mean_a", "mean_b",
           "p_difference", "gini", "theil", *(f"{level}_share" for level in (*LEVELS, "village")),
           "moran_i", "p_permutation", "high_high", "low_low"]
SENTENCES = ("ahead", "largest_part", "pattern", "where_high", "where_low")


class Scales(NamedTuple):
    """What `compare_scales` found: `table`, one row an indicator and scale; `units`, one row an
    indicator, scale and unit: code, value, cluster (missing without polygons)."""

    table: pd.DataFrame
    units: pd.DataFrame


def village_units(villages: pd.DataFrame, published: pd.DataFrame, name: str,
                  year: int | None) -> tuple[pd.DataFrame, int | None, str]:
    """Villages with a value of an indicator, each with its weight; the year, and the weight's name.

    No population is known by village. A village counts with its surface, or all count equally:
    whichever comes nearer to the published values of the areas by its means. Where some village has
    no surface, or no area a published value, all count equally.

    Parameters
    ----------
    villages : DataFrame
        code, area, indicator, year (may be empty) and value.
    published : DataFrame
        The same by area: code, indicator, year, value.
    name : str
    year : int or None
        As in `closest`.

    Returns
    -------
    DataFrame
        By the codes of the villages: area, value, weight (km2, or 1).
    int or None
    str
        ``surface`` or ``equal``.

    Examples
    --------
    Light of 4 on 1 km2 and of 1 on 2 km2 make 2 on the whole, as published; not 2.5.

    >>> rows = pd.DataFrame({"code": list("aabb"), "area": "k", "value": [4.0, 1, 1, 2],
    ...                      "indicator": ["light", SURFACE] * 2, "year": 2024})
    >>> whole = pd.DataFrame({"code": ["k"], "indicator": "light", "year": 2024, "value": [2.0]})
    >>> units, when, weight = village_units(rows, whole, "light", 2024)
    >>> units["weight"].tolist(), weight
    ([1.0, 2.0], 'surface')
    >>> village_units(rows, whole.head(0), "light", 2024)[2]
    'equal'
    """
    values, when = closest(villages, name, year)
    area = villages.drop_duplicates("code").set_index("code")["area"]
    units = pd.DataFrame({"area": area.reindex(values.index), "value": values, "weight": 1.0})
    known = (villages["indicator"] == SURFACE).any() and (published["indicator"] == name).any()
    if not known:
        return units, when, "equal"
    surface = closest(villages, SURFACE, year)[0].reindex(values.index)
    whole = closest(published, name, when)[0]
    by_surface = units.assign(weight=surface)
    apart = [(joined(way)["value"] - whole).abs().max() for way in (units, by_surface)]
    if surface.isna().any() or not apart[1] < apart[0]:
        return units, when, "equal"
    return by_surface, when, "surface"


def joined(units: pd.DataFrame) -> pd.DataFrame:
    """Areas that villages make: by code, the weighted mean (value) and the sum of the weights.

    Examples
    --------
    >>> units = pd.DataFrame({"area": list("kkm"), "value": [4.0, 1, 3], "weight": [1.0, 2, 1]})
    >>> joined(units).values.tolist()
    [[2.0, 3.0], [3.0, 1.0]]
    """
    sums = units.assign(value=units["value"] * units["weight"]).groupby("area")[
        ["value", "weight"]].sum()
    return sums.assign(value=sums["value"] / sums["weight"])


def compare_scales(villages: pd.DataFrame, published: pd.DataFrame, names: Iterable[str],
                   levels: pd.DataFrame, pair: tuple[str, str] | None, year: int | None,
                   polygons: Mapping[str, GeoDataFrame | None], weights: Rule | None = None,
                   permutations: int = 9999, seed: int = 0, alpha: float = 0.05,
                   correction: str = "none") -> Scales:
    """Gap, inequality, pattern in space and clusters of indicators at both scales.

    Parameters
    ----------
    villages, published
        As in `village_units`.
    names : iterable of str
        Indicators; those without a village value, or with one below zero, are left out.
    levels : DataFrame
        By the codes of the areas: zone and, coarser, group (may be missing).
    pair : tuple of str or None
        The two zones that are compared.
    year : int or None
        As in `closest`.
    polygons : mapping
        ``area`` and ``village`` to polygons with a column code; None without.
    weights, correction
        As in `local_moran`.

    Returns
    -------
    Scales
        Its table has indicator; year; weight (see `village_units`); scale; units (how many have a
        value); zone_a, zone_b, mean_a and mean_b; p_difference as in `zone_gap`, dealing the names
        of the zones out to the units; gini and theil; group_share, zone_share, area_share and
        village_share: parts of theil between groups, between zones inside them, between areas
        inside these, and between villages inside areas (missing at the coarser scale; the level
        that is not there is missing too); moran_i and p_permutation; high_high and low_low (number
        of units). Missing is also what the units do not allow.

    Examples
    --------
    Two villages each in four areas, of which one zone has two.

    >>> rows = pd.DataFrame({"code": list("abcdefgh"), "area": list("kkllmmnn"), "year": 2024,
    ...                      "indicator": "light", "value": [4.0, 2, 3, 3, 1, 1, 2, 0]})
    >>> levels = pd.DataFrame({"zone": list("nnss")}, index=list("klmn"))
    >>> nothing = {"area": None, "village": None}
    >>> found = compare_scales(rows, rows.head(0), ["light"], levels, ("n", "s"), 2024,
    ...                        nothing).table
    >>> found[["scale", "units", "mean_a", "mean_b", "gini"]].values.tolist()
    [['area', 4, 3.0, 1.0, 0.25], ['village', 8, 3.0, 1.0, 0.34375]]
    >>> found[["area_share", "village_share"]].round(3).values.tolist()
    [[0.0, nan], [0.0, 0.452]]
    """
    rows, found = [], []
    for name in names:
        if not (villages["indicator"] == name).any():
            continue
        units, when, weight = village_units(villages, published, name, year)
        if (units["value"] < 0).any() or not units["value"].any():
            continue
        areas = joined(units)
        for scale, part in (("area", areas.assign(area=areas.index)), ("village", units)):
            local = _clusters(part["value"], polygons[scale], permutations, seed, alpha, weights,
                              correction)
            rows.append({"indicator": name, "year": when, "weight": weight, "scale": scale,
                         "units": len(part),
                         **_gap(part, levels["zone"], pair, permutations, seed),
                         **_inequality(part, levels, scale),
                         **_pattern(part["value"], polygons[scale], permutations, seed, weights),
                         **{kind: (local == kind).sum() if local.notna().any() else np.nan
                            for kind in ("high_high", "low_low")}})
            found.append(pd.DataFrame({"indicator": name, "scale": scale, "code": part.index,
                                       "area": part["area"].to_numpy(),
                                       "value": part["value"].to_numpy(),
                                       "cluster": local.to_numpy()}))
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"year": "Int64"})
    counts = table[["high_high", "low_low"]].astype("Int64")
    return Scales(table.assign(**counts), pd.concat(found, ignore_index=True) if found
                  else pd.DataFrame(columns=["indicator", "scale", "code", "area", "value",
                                             "cluster"]))


def scale_sentences(scales: Scales, zones: pd.Series, alpha: float = 0.05) -> pd.DataFrame:
    """What one would say at either scale, and whether it is the same.

    Parameters
    ----------
    scales : Scales
    zones : Series
        Zone of every area.
    alpha : float
        Level of the tests.

    Returns
    -------
    DataFrame
        One row an indicator and sentence that can be said at both scales: indicator; sentence;
        area and village, what is said; same. The sentences are ahead (the zone with the clearly
        higher mean, ``nobody`` where zone names dealt out at random do as much), largest_part (the
        level that holds most of Theil's index: ``between_groups``, ``between_zones``,
        ``between_areas``, ``between_villages``), pattern (``clustered``, ``dispersed`` or
        ``random``), where_high and where_low (the zone in which most clusters of high, and of low,
        values lie; ``nowhere`` without any).

    Examples
    --------
    >>> table = pd.DataFrame({"indicator": "light", "scale": ["area", "village"],
    ...                       "zone_a": "n", "zone_b": "s", "mean_a": 3.0, "mean_b": 1.0,
    ...                       "p_difference": [0.2, 0.01], "group_share": np.nan,
    ...                       "zone_share": [0.9, 0.3], "area_share": 0.1,
    ...                       "village_share": [np.nan, 0.6], "moran_i": np.nan,
    ...                       "p_permutation": np.nan})
    >>> none = pd.DataFrame(columns=["indicator", "scale", "area", "cluster"])
    >>> scale_sentences(Scales(table, none), pd.Series()).iloc[:, 1:].values.tolist()
    [['ahead', 'nobody', 'n', False], ['largest_part', 'between_zones', 'between_villages', False]]
    """
    rows = []
    for name, part in scales.table.groupby("indicator", sort=False):
        own = scales.units[scales.units["indicator"] == name]
        said = {row["scale"]: _sentence_values(row, own[own["scale"] == row["scale"]], zones, alpha)
                for row in part.to_dict("records")}
        for sentence in SENTENCES:
            told = {scale: said[scale].get(sentence) for scale in SCALES}
            if all(told.values()):
                rows.append({"indicator": name, "sentence": sentence, **told,
                             "same": told["area"] == told["village"]})
    return pd.DataFrame(rows, columns=["indicator", "sentence", *SCALES, "same"])


def side_by_side(scales: Scales, name: str, column: str = "value") -> pd.DataFrame:
    """What the units of an indicator have, village by village.

    By the codes of the villages that have a value: by_area, that of the area in which it lies;
    by_village, its own.

    Parameters
    ----------
    scales : Scales
    name : str
        Indicator.
    column : str
        value or cluster.

    Examples
    --------
    >>> units = pd.DataFrame({"indicator": "light", "scale": ["area", "village", "village"],
    ...                       "code": ["k", "a", "b"], "area": "k", "value": [2.0, 1.0, 3.0]})
    >>> side_by_side(Scales(pd.DataFrame(), units), "light").to_dict("list")
    {'by_area': [2.0, 2.0], 'by_village': [1.0, 3.0]}
    """
    own = scales.units[scales.units["indicator"] == name]
    by_area, village = (own[own["scale"] == scale].set_index("code") for scale in SCALES)
    return pd.DataFrame({"by_area": village["area"].map(by_area[column]),
                         "by_village": village[column]})


def _sentence_values(row: Mapping, units: pd.DataFrame, zones: pd.Series,
                     alpha: float) -> dict[str, str]:
    said = {}
    if pd.notna(row["p_difference"]):
        higher = row["zone_a"] if row["mean_a"] > row["mean_b"] else row["zone_b"]
        said["ahead"] = higher if row["p_difference"] <= alpha else "nobody"
    shares = pd.Series({level: row[f"{level}_share"] for level in (*LEVELS, "village")}).dropna()
    if len(shares):
        said["largest_part"] = f"between_{shares.idxmax()}s"
    if pd.notna(row["p_permutation"]):
        side = "clustered" if row["moran_i"] > -1 / (row["units"] - 1) else "dispersed"
        said["pattern"] = side if row["p_permutation"] <= alpha else "random"
        for sentence, kind in (("where_high", "high_high"), ("where_low", "low_low")):
            places = units.loc[units["cluster"] == kind, "area"].map(zones).value_counts()
            said[sentence] = places.idxmax() if len(places) else "nowhere"
    return said


def _gap(units: pd.DataFrame, zones: pd.Series, pair: tuple[str, str] | None, permutations: int,
         seed: int) -> dict:
    own = units["area"].map(zones)
    if pair is None or not set(pair) <= set(own):
        return {}
    gap = zone_gap(units["value"], own, pair, units["weight"], permutations, seed)
    return gap[["zone_a", "zone_b", "mean_a", "mean_b", "p_difference"]].to_dict()


def _inequality(units: pd.DataFrame, levels: pd.DataFrame, scale: str) -> dict[str, float]:
    grouped = levels.filter(["group"]).dropna(axis=1).assign(zone=levels["zone"])
    grouped = grouped.reindex(units["area"]).set_axis(units.index)
    if scale == "village":
        grouped = grouped.assign(area=units["area"])
    nested = nested_theil(units["value"], grouped, units["weight"]).set_index("level")
    parts = nested["share"].rename({"within": scale})
    return {"gini": gini(units["value"], units["weight"]), "theil": nested["theil"].sum(),
            **{f"{level}_share": share for level, share in parts.items()}}


def _judged(values: pd.Series, polygons: GeoDataFrame | None) -> bool:
    return polygons is not None and len(values) >= FEWEST_AREAS and values.nunique() > 1


def _pattern(values: pd.Series, polygons: GeoDataFrame | None, permutations: int, seed: int,
             weights: Rule | None) -> dict[str, float]:
    if not _judged(values, polygons):
        return {}
    return moran(values, polygons, permutations, seed, weights)[
        ["moran_i", "p_permutation"]].to_dict()


def _clusters(values: pd.Series, polygons: GeoDataFrame | None, permutations: int, seed: int,
              alpha: float, weights: Rule | None, correction: str) -> pd.Series:
    if not _judged(values, polygons):
        return pd.Series(None, values.index, dtype="object")
    return local_moran(values, polygons, permutations, seed, alpha, weights, correction)["cluster"]
