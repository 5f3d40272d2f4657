"""Comparison of areas and zones: averages, typology, specialisation and a composite index."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.errors import Error, check_choice

NORMALISATIONS = ("min_max", "z", "rank")
LEAST_SHARE_PRESENT = 0.5  # of an area's index weights; with less the area gets no index


def zone_summary(values: pd.Series, zones: pd.Series,
                 population: pd.Series | None = None) -> pd.DataFrame:
    """Averages of each zone, and their ratio to the average of all areas.

    Raises ValueError when no area has a value.

    Parameters
    ----------
    values : Series, shape (n,)
        One value an area; areas without one are left out.
    population : Series, optional
        Weights by the same index. Without them, and where an area has none, the weighted mean is
        missing.

    Returns
    -------
    DataFrame
        zone (in alphabetical order), areas (how many have a value), mean, weighted_mean, and
        ratio_to_all: the zone's weighted mean over that of all areas, or, without weights, the
        plain means' ratio (missing when that is zero).

    Examples
    --------
    >>> zone_summary(pd.Series([1.0, 3.0, 8.0]), pd.Series(["n", "n", "s"])).to_dict("list")
    {'zone': ['n', 's'], 'areas': [2, 1], 'mean': [2.0, 8.0], 'weighted_mean': [nan, nan],
    'ratio_to_all': [0.5, 2.0]}
    """
    values = values.dropna()
    if values.empty:
        raise Error("no area has a value; there is nothing to compare")
    weights = (pd.Series(np.nan, values.index) if population is None
               else population.reindex(values.index))
    table = pd.DataFrame({"zone": zones.reindex(values.index), "value": values,
                          "weight": weights.astype(float)})
    table["product"] = table["value"] * table["weight"]
    by_zone = table.groupby("zone", sort=True)
    weighted = by_zone["product"].sum(min_count=1) / by_zone["weight"].sum(min_count=1)
    whole = weights.notna() & (weights.sum() > 0)
    weighted[~whole.groupby(table["zone"]).all()] = np.nan
    means = by_zone["value"].mean()
    if whole.all():
        ratio = weighted / (table["product"].sum() / table["weight"].sum() or np.nan)
    else:
        ratio = means / (values.mean() or np.nan)
    return pd.DataFrame({"areas": by_zone.size(), "mean": means, "weighted_mean": weighted,
                         "ratio_to_all": ratio}).reset_index()


def klassen(level: pd.Series, growth: pd.Series, level_all: float, growth_all: float) -> pd.Series:
    """Klassen's typology: level and growth of each area against those of the whole region.

    The four cells are named in words, because the numbers I to IV are used in different ways by
    different authors. An area that equals the region counts as above it. A type is advanced_growing
    (level and growth at least the region's), advanced_slowing, lagging_growing or lagging_slowing;
    missing where level or growth is.

    Parameters
    ----------
    level, growth : Series
        Level (for example a value per head) and growth of each area, by the same index.
    level_all, growth_all : float
        The same for the whole region.

    Examples
    --------
    >>> klassen(pd.Series([5.0, 5.0, 2.0, 2.0]), pd.Series([3.0, 1.0, 3.0, 1.0]), 4.0, 2.0).tolist()
    ['advanced_growing', 'advanced_slowing', 'lagging_growing', 'lagging_slowing']
    """
    growth = growth.reindex(level.index)
    where = np.where(level >= level_all, "advanced", "lagging")
    pace = np.where(growth >= growth_all, "growing", "slowing")
    named = pd.Series([f"{place}_{speed}" for place, speed in zip(where, pace, strict=True)],
                      index=level.index, dtype="str")
    return named.where(level.notna() & growth.notna())


def location_quotient(table: pd.DataFrame) -> pd.DataFrame:
    r"""Location quotient: an area's share of a sector relative to the region's share.

    .. math:: LQ_{ij} = \frac{e_{ij} / e_{\cdot j}}{e_{i \cdot} / e_{\cdot \cdot}}

    for sector i in area j. Above 1 the sector is stronger there than in the region as a whole. The
    quotients have the same shape, missing for areas or sectors without any. `table` has areas in
    the rows and all sectors in the columns: employment, output or counts. Raises ValueError for
    missing or negative numbers, or a table of zeros.

    Examples
    --------
    A fifth of the area's jobs are in a sector that has a tenth of the region's: LQ = 2.

    >>> location_quotient(pd.DataFrame({"farming": [20, 0],
    ...                                 "other": [80, 100]})).iloc[0].round(6).tolist()
    [2.0, 0.888889]
    """
    numbers = table.to_numpy(dtype=float)
    if not np.isfinite(numbers).all() or (numbers < 0).any():
        raise Error("a location quotient needs numbers of zero or more in every cell; fill the "
                    "gaps first")
    if not numbers.sum() > 0:
        raise Error("all cells are zero: a location quotient has no meaning")
    table = table.astype(float)
    in_area = table.div(table.sum(axis=1).replace(0, np.nan), axis=0)
    in_region = table.sum() / numbers.sum()
    return in_area / in_region.replace(0, np.nan)


def sector_quotients(sectors: pd.DataFrame, total: pd.Series, zones: pd.Series) -> pd.DataFrame:
    """Location quotients of the zones, the rest of the total being a sector of its own.

    The table has zone, sector (the last is ``other``), share (of the zone's total) and
    location_quotient. Raises ValueError where the sectors are more than the total, and as in
    `location_quotient`.

    Parameters
    ----------
    sectors : DataFrame
        Counts, areas in the rows, sectors in the columns.
    total : Series
        All that is counted, by area.

    Examples
    --------
    >>> found = sector_quotients(pd.DataFrame({"trade": [20, 0]}), pd.Series([100, 100]),
    ...                          pd.Series(["n", "s"]))
    >>> found.loc[found["sector"] == "trade", "location_quotient"].tolist()
    [2.0, 0.0]
    """
    other = total.loc[sectors.index] - sectors.sum(axis=1)
    if (other < 0).any():
        raise Error("area {other} has more people in its sectors than in its total",
                    other=other.index[other < 0][0])
    counts = sectors.assign(other=other).groupby(zones.loc[sectors.index], sort=False).sum()
    share = counts.div(counts.sum(axis=1), axis=0)
    tables = {"share": share, "location_quotient": location_quotient(counts)}
    long = pd.DataFrame({name: table.rename_axis("zone").stack() for name, table in tables.items()})
    return long.rename_axis(["zone", "sector"]).reset_index()


def development_index(values: pd.DataFrame, direction: Mapping[str, int] | pd.Series,
                      weights: Mapping[str, float] | pd.Series | None = None,
                      normalisation: str = "min_max") -> pd.DataFrame:
    r"""Composite index: the weighted mean of indicators brought to one scale and one direction.

    min_max: (x - min) / (max - min), 0 to 1; z: (x - mean) / sd (divisor n); rank: the share of the
    other areas that an area outdoes (ties count half). Indicators where less is better are turned
    round before.

    Rules: an indicator that is equal everywhere tells nothing and is left out. An area without a
    value in an indicator gets the weighted mean of the others; when less than half of the weights
    is left, it gets no index and no rank. The table has, by area, index (more is better) and rank
    (1 is best; equal areas share the better rank). Raises ValueError for an unknown normalisation,
    a direction other than 1 and -1, weights that are negative or sum to zero, and when no indicator
    differs between the areas.

    Parameters
    ----------
    direction : mapping indicator -> 1 or -1
        Whether more is better or worse.
    weights : mapping indicator -> float, optional
        Relative weights, equal by default; their sum does not matter.
    normalisation : str
        ``min_max``, ``z`` or ``rank``.

    Examples
    --------
    >>> areas = pd.DataFrame({"income": [1.0, 2.0, 3.0], "poverty": [30.0, 10.0, 20.0]},
    ...                      index=list("abc"))
    >>> development_index(areas, {"income": 1, "poverty": -1})["index"].tolist()
    [0.0, 0.75, 0.75]
    """
    equal = dict.fromkeys(values.columns, 1)
    load = pd.Series(equal if weights is None else weights, dtype=float)
    index = weighted_mean(scaled_indicators(values, direction, normalisation), load)
    # Equal areas must share a rank although their sums may differ in the last digit.
    rank = index.round(12).rank(ascending=False, method="min").astype("Int64")
    return pd.DataFrame({"index": index, "rank": rank})


def scaled_indicators(values: pd.DataFrame, direction: Mapping[str, int] | pd.Series,
                      normalisation: str = "min_max") -> pd.DataFrame:
    """Indicators on one scale, more being better; the first half of `development_index`.

    An indicator that is equal everywhere has no values. Parameters and errors are those of
    `development_index`.

    Examples
    --------
    >>> areas = pd.DataFrame({"income": [1.0, 2.0, 3.0], "poverty": [30.0, 10.0, 20.0]})
    >>> scaled_indicators(areas, {"income": 1, "poverty": -1})["poverty"].tolist()
    [0.0, 1.0, 0.5]
    """
    check_choice("normalisation", normalisation, NORMALISATIONS)
    signs = pd.Series(direction).reindex(values.columns)
    for name, sign in signs.items():
        if sign not in (1, -1):
            raise Error("indicator {name} has the direction {sign}; in an index it must be 1 or "
                        "-1", name=name, sign=sign)
    telling = differing(values)
    if not telling.any():
        raise Error("no indicator differs between the areas; an index needs one that does")
    told = values if telling.all() else values.loc[:, telling]
    directed = told.to_numpy(float) * signs[told.columns].to_numpy(float)
    scaled = _scaled(pd.DataFrame(directed, told.index, told.columns), normalisation)
    return scaled if telling.all() else scaled.reindex(columns=values.columns)


def differing(values: pd.DataFrame) -> pd.Series:
    """Whether each indicator differs between areas; thousands of universes ask.

    Examples
    --------
    >>> differing(pd.DataFrame({"a": [1.0, 1.0], "b": [1.0, 2.0], "c": [np.nan, 2.0]})).tolist()
    [False, True, False]
    """
    numbers = values.to_numpy(float, na_value=np.nan)
    highest = np.fmax.reduce(numbers, axis=0, initial=-np.inf)
    return pd.Series(highest > np.fmin.reduce(numbers, axis=0, initial=np.inf), values.columns)


def weighted_mean(scaled: pd.DataFrame, load: pd.Series) -> pd.Series:
    """Weighted mean of scaled indicators by area; the second half of `development_index`.

    Parameters
    ----------
    scaled : DataFrame
        From `scaled_indicators`.
    load : Series
        Relative weights by indicator.

    Examples
    --------
    >>> scaled = pd.DataFrame({"income": [0.0, 0.5], "poverty": [None, 1.0]}, dtype=float)
    >>> weighted_mean(scaled, pd.Series({"income": 3, "poverty": 1})).tolist()
    [0.0, 0.625]
    """
    given = load.reindex(scaled.columns).to_numpy(float)
    if not (given >= 0).all() or not given.sum() > 0:
        raise Error("index weights must be given for every indicator, be zero or more, and not "
                    "all be zero")
    values = scaled.to_numpy(float)
    there = ~np.isnan(values)
    weight = np.where(there.any(axis=0), given, 0.0)
    mass = (there * weight).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        index = np.nansum(values * weight, axis=1) / mass
        enough = mass / weight.sum() >= LEAST_SHARE_PRESENT
    return pd.Series(np.where(enough, index, np.nan), scaled.index)


def theme_weights(themes: pd.Series) -> pd.Series:
    """Weights that give every theme the same, shared equally by its indicators.

    Returns
    -------
    Series
        Weights that sum to 1.

    Examples
    --------
    >>> theme_weights(pd.Series({"light": "economy", "school": "education",
    ...                          "degree": "education"})).tolist()
    [0.5, 0.25, 0.25]
    """
    return 1 / (themes.map(themes.value_counts()) * themes.nunique())


def _scaled(values: pd.DataFrame, normalisation: str) -> pd.DataFrame:
    if normalisation == "min_max":
        return (values - values.min()) / (values.max() - values.min())
    if normalisation == "z":
        return (values - values.mean()) / values.std(ddof=0)
    return (values.rank() - 1) / (values.count() - 1)
