"""Other measures beside the followed indicator: what of its inequality they show as well."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from helpers.disparity.development import zone_summary
from helpers.disparity.inequality import atkinson, mld, theil
from helpers.disparity.nested import nested_theil
from helpers.disparity.panel import by_year, closest, inequality_row, people
from helpers.disparity.space.autocorrelation import moran
from helpers.disparity.space.neighbourhoods import Rule
from helpers.library_types import GeoDataFrame

COLUMNS = ["indicator", "year", "ratio", "gini", "theil", "between_share", "group_share",
           "zone_share", "within_share", "ratio_20_20", "moran_i", "p_permutation", "correlation"]


def beside_table(indicators: pd.DataFrame, names: Iterable[str], levels: pd.DataFrame,
                 pair: tuple[str, str] | None, population: str | None, year: int | None,
                 polygons: GeoDataFrame | None = None, permutations: int = 9999, seed: int = 0,
                 weights: Rule | None = None) -> pd.DataFrame:
    """Headline numbers of several indicators side by side.

    Each indicator is taken in the year nearest to the one asked for; those without a value are left
    out.

    Parameters
    ----------
    indicators : DataFrame
        As in `by_year`.
    names : iterable of str
        The first is the one that the others are compared with.
    levels : DataFrame
        By code: zone, and group where areas belong to several regencies.
    pair : tuple of str, optional
        Zones whose means are divided.
    population : str, optional
        Indicator that weights the areas.
    polygons, permutations, seed, weights
        As in `moran`; without polygons its columns are missing.

    Returns
    -------
    DataFrame
        indicator, year, ratio (of the weighted means of the pair), gini, theil, between_share
        (between zones), group_share, zone_share and within_share (of `nested_theil`), ratio_20_20,
        moran_i, p_permutation, and correlation: Pearson's, of the logarithms, with the first
        indicator (missing where a value is not positive).

    Examples
    --------
    Light doubles with the people of an area, so that per head nothing differs.

    >>> rows = pd.DataFrame({"code": list("abab"), "indicator": ["light"] * 2 + ["per_head"] * 2,
    ...                      "year": 2024, "value": [1.0, 2.0, 3.0, 3.0]})
    >>> levels = pd.DataFrame({"zone": ["n", "s"]}, index=list("ab"))
    >>> table = beside_table(rows, ["light", "per_head", "other"], levels, ("s", "n"), None, 2024)
    >>> table[["ratio", "ratio_20_20"]].round(6).values.tolist()
    [[2.0, 2.0], [1.0, 1.0]]
    """
    there, rows, first = set(indicators["indicator"]), [], None
    for name in (name for name in names if name in there):
        values, when = closest(indicators, name, year)
        load = people(indicators, population, when)
        zones = levels["zone"].reindex(values.index)
        row = {"indicator": name, "year": when, **inequality_row(values, zones, load)}
        nested = nested_theil(values, levels, load).set_index("level")["share"]
        row |= {f"{level}_share": share for level, share in nested.items()}
        means = zone_summary(values, zones, load).set_index("zone")
        means = means["weighted_mean"].fillna(means["mean"])
        if pair and set(pair) <= set(means.index) and means[pair[1]]:
            row["ratio"] = means[pair[0]] / means[pair[1]]
        if polygons is not None and values.nunique() > 1:
            row |= moran(values, polygons, permutations, seed, weights)
        first = values if first is None else first
        row["correlation"] = log_correlation(values, first)
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS).astype({"year": "Int64"})


def further_table(indicators: pd.DataFrame, name: str, zones: pd.Series, population: str | None,
                  epsilon: float = 0.5) -> pd.DataFrame:
    """Further measures of inequality of one indicator in all its years.

    The table has year, theil, mld, mld_between_share (of the mean log deviation, between zones;
    missing where it is zero or infinite) and atkinson. Parameters are those of `inequality_table`
    and `atkinson`.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": list("ab"), "indicator": "light", "year": 2024,
    ...                      "value": [1.0, 3.0]})
    >>> further_table(rows, "light", pd.Series({"a": "n", "b": "s"}), None).round(4).values.tolist()
    [[2024, 0.1308, 0.1438, 1.0, 0.067]]
    """
    rows = []
    for year, values in by_year(indicators, name).items():
        load = people(indicators, population, year)
        load = pd.Series(1.0, values.index) if load is None else load.reindex(values.index)
        home = zones.reindex(values.index)
        sizes, totals = load.groupby(home).sum(), (load * values).groupby(home).sum()
        whole = mld(values, load)
        between = mld(totals[sizes > 0] / sizes[sizes > 0], sizes[sizes > 0])
        share = between / whole if 0 < whole < np.inf else np.nan
        rows.append({"year": year, "theil": theil(values, load), "mld": whole,
                     "mld_between_share": share, "atkinson": atkinson(values, load, epsilon)})
    return pd.DataFrame(rows).astype({"year": "Int64"})


def log_correlation(values: pd.Series, others: pd.Series) -> float:
    """Pearson correlation of the logarithms of two indicators, missing where one is not positive.

    Examples
    --------
    >>> round(log_correlation(pd.Series([1.0, 2.0, 8.0]), pd.Series([3.0, 6.0, 24.0])), 6)
    1.0
    """
    both = pd.concat([values, others], axis=1).dropna()
    if len(both) < 3 or not (both > 0).all(axis=None) or (both.nunique() < 2).any():
        return float("nan")
    return float(np.log(both).corr().iloc[0, 1])
