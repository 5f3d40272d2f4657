"""Tables of the stage from indicators by area and year."""

from collections.abc import Iterable

import pandas as pd

from helpers.disparity import inequality
from helpers.disparity.development import zone_summary
from helpers.disparity.space.autocorrelation import moran
from helpers.disparity.space.neighbourhoods import Rule
from helpers.errors import Error
from helpers.library_types import GeoDataFrame


def by_year(indicators: pd.DataFrame, name: str) -> dict[int | None, pd.Series]:
    """Values of one indicator by year.

    `indicators` has the columns code, indicator, year (may be empty) and value. Raises ValueError
    when there is no value of this indicator.

    Returns
    -------
    dict
        Year -> values by code, in the order of the years. An indicator without any year has the
        single key None; where some rows have one, those without are left out.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": ["a", "a"], "indicator": "light", "year": [2024, 2018],
    ...                      "value": [3.0, 2.0]})
    >>> {year: values.to_dict() for year, values in by_year(rows, "light").items()}
    {2018: {'a': 2.0}, 2024: {'a': 3.0}}
    """
    rows = indicators[(indicators["indicator"] == name) & indicators["value"].notna()]
    if rows.empty:
        raise Error("there is no value of the indicator '{name}'", name=name)
    values = rows.set_index("code")["value"]
    if rows["year"].isna().all():
        return {None: values}
    return {int(year): values.iloc[places]
            for year, places in sorted(rows.groupby("year").indices.items())}


def closest(indicators: pd.DataFrame, name: str, year: int | None) -> tuple[pd.Series, int | None]:
    """Values of an indicator in the year nearest to the one asked for, and that year.

    Of two years that are equally near, the earlier one counts. An indicator without years is
    returned as it is.

    Parameters
    ----------
    indicators, name
        As in `by_year`.
    year : int or None
        None asks for the latest.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": ["a", "a"], "indicator": "people", "year": [2010, 2024],
    ...                      "value": [3.0, 2.0]})
    >>> closest(rows, "people", 2018)[1]
    2024
    """
    found = by_year(indicators, name)
    when = nearest(found, year)
    return found[when], when


def cross_section(indicators: pd.DataFrame, names: Iterable[str],
                  year: int | None) -> pd.DataFrame:
    """Indicators side by side, each in the year of `closest`; those without a value are left out.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": ["a", "b"], "indicator": ["farm", "trade"], "year": 2024,
    ...                      "value": [3.0, 2.0]})
    >>> cross_section(rows, ["trade", "fish"], 2020).to_dict("index")
    {'b': {'trade': 2.0}}
    """
    there = set(indicators.loc[indicators["value"].notna(), "indicator"])
    return pd.DataFrame({name: closest(indicators, name, year)[0]
                         for name in names if name in there})


def nearest(years: Iterable[int | None], year: int | None) -> int | None:
    """Year that `closest` takes from several, or None where these are only None.

    Examples
    --------
    >>> nearest([2010, 2024], 2017), nearest([2010, 2024], None), nearest([None], 2017)
    (2010, 2024, None)
    """
    known = [other for other in years if other is not None]
    if not known:
        return None
    return max(known) if year is None else min(known, key=lambda other: (abs(other - year), other))


def window(years: Iterable[int | None], first: int) -> tuple[int | None, int | None]:
    """First and last year of a window of change.

    It starts with the earliest year that is not before the one asked for, and ends with the last.
    Where no later year would be left to compare with, it starts with the first year of all.

    Parameters
    ----------
    years : iterable of int, or only None
        The years with values, as the keys of `by_year`.
    first : int
        Year asked for.

    Returns
    -------
    tuple of int, or of None without years

    Examples
    --------
    >>> window([2018, 2020, 2024], 2019), window([1940, 2000], 2018), window([None], 2018)
    ((2020, 2024), (1940, 2000), (None, None))
    """
    known = sorted(year for year in years if year is not None)
    if not known:
        return None, None
    return next((year for year in known[:-1] if year >= first), known[0]), known[-1]


def people(indicators: pd.DataFrame, name: str | None, year: int | None) -> pd.Series | None:
    """Population in the nearest year, or None where the package has none.

    Parameters are those of `closest`.
    """
    if name is None or not (indicators["indicator"] == name).any():
        return None
    return closest(indicators, name, year)[0]


def zone_table(indicators: pd.DataFrame, names: Iterable[str], zones: pd.Series,
               population: str) -> pd.DataFrame:
    """Averages of the zones for several indicators in all their years.

    The table has indicator, year and the columns of `zone_summary`.

    Parameters
    ----------
    indicators
        As in `by_year`.
    population : str
        Indicator that weights the means; without it in ``indicators`` the means are plain.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": list("abab"),
    ...                      "indicator": ["light", "light", "people", "people"], "year": 2024,
    ...                      "value": [1.0, 3.0, 30.0, 10.0]})
    >>> zone_table(rows, ["light"], pd.Series({"a": "n", "b": "s"}),
    ...            "people")["ratio_to_all"].round(3).tolist()
    [0.667, 2.0]
    """
    parts = []
    for name in names:
        for year, values in by_year(indicators, name).items():
            found = zone_summary(values, zones, people(indicators, population, year))
            parts.append(found.assign(indicator=name, year=year))
    table = pd.concat(parts, ignore_index=True)
    columns = ["indicator", "year", "zone", "areas", "mean", "weighted_mean", "ratio_to_all"]
    return table[columns].astype({"year": "Int64"})


def inequality_table(indicators: pd.DataFrame, name: str, zones: pd.Series,
                     population: str | None) -> pd.DataFrame:
    """Inequality of one indicator in all its years.

    The table has indicator, year, gini, theil, theil_between, theil_within, between_share,
    williamson, cv.

    Parameters
    ----------
    indicators, name, zones
        As in `zone_table`.
    population : str or None
        Indicator that weights the areas; without it every area counts once and Williamson's index
        is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": list("abc"), "indicator": "light", "year": 2024,
    ...                      "value": [1.0, 1.0, 4.0]})
    >>> inequality_table(rows, "light", pd.Series({"a": "n", "b": "n", "c": "s"}),
    ...                  None)["gini"].tolist()
    [0.3333333333333333]
    """
    rows = []
    for year, values in by_year(indicators, name).items():
        weights = people(indicators, population, year)
        rows.append({"indicator": name, "year": year, **inequality_row(values, zones, weights)})
    return pd.DataFrame(rows).drop(columns="ratio_20_20").astype({"year": "Int64"})


def inequality_row(values: pd.Series, zones: pd.Series,
                   weights: pd.Series | None) -> dict[str, float]:
    """All measures of inequality of one set of values.

    The row has gini, theil, theil_between, theil_within, between_share, williamson (missing without
    weights), cv, ratio_20_20 (see `share_ratio`).

    Examples
    --------
    >>> row = inequality_row(pd.Series([1.0, 3.0]), pd.Series(["n", "s"]), pd.Series([1.0, 1.0]))
    >>> row["gini"], row["williamson"], row["cv"]
    (0.25, 0.5, 0.5)
    """
    parts = inequality.theil_decomposition(values, zones, weights)
    weighted = inequality.williamson(values, weights) if weights is not None else float("nan")
    return {"gini": inequality.gini(values, weights), "theil": float(parts["total"]),
            "theil_between": float(parts["between"]), "theil_within": float(parts["within"]),
            "between_share": float(parts["between_share"]), "williamson": weighted,
            "cv": inequality.coefficient_of_variation(values),
            "ratio_20_20": inequality.share_ratio(values, weights)}


def autocorrelation_table(indicators: pd.DataFrame, names: Iterable[str], polygons: GeoDataFrame,
                          permutations: int, seed: int,
                          weights: Rule | None = None) -> pd.DataFrame:
    """Spatial autocorrelation of several indicators in all their years.

    The table has indicator, year and the results of `moran`; sets of values that are all equal have
    no row.

    Parameters
    ----------
    indicators, names
        As in `zone_table`.
    polygons, permutations, seed, weights
        As in `moran`. The same seed serves every test, so that a test does not depend on which
        others are made.
    """
    rows = []
    for name in names:
        for year, values in by_year(indicators, name).items():
            if values.nunique() > 1:
                found = moran(values, polygons, permutations, seed, weights)
                rows.append({"indicator": name, "year": year, **found})
    return pd.DataFrame(rows).astype({"year": "Int64"})


def sources_of(indicators: pd.DataFrame, catalogue: pd.DataFrame,
               names: Iterable[str]) -> list[str]:
    """Sources that indicators rest on; a ratio rests on those of its parts.

    The list is empty where the package names none.

    Parameters
    ----------
    indicators : DataFrame
        Columns indicator and source (may be empty).
    catalogue : DataFrame
        Indexed by indicator; ratios name their parts in numerator (several, separated by spaces)
        and denominator.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["poor", "people"], "source": ["S1", "S2"]})
    >>> rule = pd.DataFrame({"numerator": ["poor"], "denominator": ["people"]},
    ...                     index=["poor_share"])
    >>> sources_of(rows, rule, ["poor_share"])
    ['S1', 'S2']
    """
    parts = set(names)
    # From below: a ratio rests on what is declared above it.
    for name in reversed(catalogue.index) if "numerator" in catalogue else ():
        rule = catalogue.loc[name]
        if name in parts and isinstance(rule["numerator"], str):
            parts |= {*rule["numerator"].split(), rule["denominator"]}
    if "source" not in indicators:
        return []
    return sorted(indicators.loc[indicators["indicator"].isin(parts), "source"].dropna().unique())


def zone_averages(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Averages of the zones in one indicator, weighted where the table has weights.

    `table` is as from `zone_table`. Years are in the rows (one row without a name for an indicator
    without years), zones in the columns.

    Examples
    --------
    >>> table = pd.DataFrame({"indicator": "light", "year": [2018, 2018], "zone": ["n", "s"],
    ...                       "mean": [2.0, 1.0], "weighted_mean": [3.0, None]})
    >>> zone_averages(table, "light").to_dict("index")
    {2018: {'n': 3.0, 's': 1.0}}
    """
    rows = table[table["indicator"] == name]
    rows = rows.assign(average=rows["weighted_mean"].fillna(rows["mean"]))
    return pd.DataFrame({year: part.set_index("zone")["average"]
                         for year, part in rows.groupby("year", dropna=False)}).T


def sensitivity(values: pd.Series, zones: pd.Series, population: pd.Series | None,
                land: pd.Series | None) -> pd.DataFrame:
    """Inequality with other weights, and without each zone in turn.

    `population` and `land` are weights by code: people, and the area of land.

    Returns
    -------
    DataFrame
        weights (people, each_area or land), without (a zone, or missing) and the measures of
        `inequality_row`. Zones are left out one by one with the first kind of weights, as long as
        two areas remain.

    Examples
    --------
    >>> light, zones = pd.Series([1.0, 1.0, 4.0]), pd.Series(["n", "n", "s"])
    >>> sensitivity(light, zones, None, None)["gini"].round(3).tolist()
    [0.333, 0.0]
    """
    kinds = {"people": population, "each_area": None, "land": land}
    kinds = {kind: load for kind, load in kinds.items() if load is not None or kind == "each_area"}
    first = next(iter(kinds))
    home = zones[values.index]
    cases = [(kind, None, values) for kind in kinds]
    cases += [(first, zone, values[home != zone]) for zone in home.unique()
              if (home != zone).sum() > 1]
    return pd.DataFrame(
        [{"weights": kind, "without": zone, **inequality_row(part, zones, kinds[kind])}
         for kind, zone, part in cases])
