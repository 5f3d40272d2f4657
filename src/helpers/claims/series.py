"""Series over the years: consistent series, stretches of rise and fall, growth against poverty."""

from collections.abc import Mapping

import pandas as pd


def consistent_series(series: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Comparable series: one value a year from several sources.

    For each area: only the unit with most years is kept, because another unit string means another
    method or a value that somebody derived from a stated change; a year with several sources takes
    the one that covers most years. Ties go to the first in the alphabet. The table has the same
    columns, one row an area and year, sorted.

    Parameters
    ----------
    series : DataFrame
        ``area, indicator, year, value, unit, source``
    indicator : str
        The indicator to keep.

    Examples
    --------
    >>> series = pd.DataFrame({"area": "A", "indicator": "poor_number",
    ...                        "year": [2015, 2016, 2016, 2017], "value": [9, 8, 8.1, 7],
    ...                        "unit": ["person (derived)", "person", "person", "person"],
    ...                        "source": list("QQPP")})
    >>> consistent_series(series, "poor_number")[["year", "value"]].values.tolist()
    [[2016.0, 8.1], [2017.0, 7.0]]
    """
    rows = series[series["indicator"] == indicator].dropna(subset=["year", "value"])
    rows = _of_longest(rows, "unit", ["area"])
    years = rows.groupby(["area", "source"])["year"].transform("nunique")
    keys = {"area": True, "year": True, "years": False, "source": True}
    ordered = rows.assign(years=years).sort_values(list(keys), ascending=list(keys.values()))
    return ordered.drop_duplicates(["area", "year"])[list(series.columns)].reset_index(drop=True)


def mark_consistent(series: pd.DataFrame, indicators: list[str]) -> pd.DataFrame:
    """Dated values of some indicators, those that the tests use marked.

    The table has the rows of `series` with a year, ``year`` as a whole number, and ``used``:
    whether :func:`consistent_series` keeps it.

    Examples
    --------
    >>> series = pd.DataFrame({"area": "A", "indicator": "poor_number", "year": [2015, 2016, 2017],
    ...                        "value": [9, 8, 7], "unit": ["person (derived)", "person", "person"],
    ...                        "source": "Q"})
    >>> mark_consistent(series, ["poor_number"])["used"].tolist()
    [False, True, True]
    """
    dated = series[series["indicator"].isin(indicators)].dropna(subset=["year", "value"])
    kept = pd.concat([consistent_series(series, indicator) for indicator in indicators])
    marked = dated.merge(kept.assign(used=True), how="left", on=list(series.columns))
    return marked.assign(year=marked["year"].astype(int), used=marked["used"].notna())


def runs(line: pd.Series) -> pd.DataFrame:
    """Runs of a series: stretches that only rise or only fall.

    `line` has values by year, in the order of the years. The table has ``first, last, before,
    after``: years and values at both ends; a value that does not change belongs to the stretch
    before it.

    Examples
    --------
    >>> runs(pd.Series({2016: 9, 2017: 8, 2018: 7, 2020: 8})).values.tolist()
    [[2016, 2018, 9, 7], [2018, 2020, 7, 8]]
    """
    rows: list[dict] = []
    for year, value in line.iloc[1:].items():
        before = rows[-1] if rows else {"first": line.index[0], "last": line.index[0],
                                        "before": line.iloc[0], "after": line.iloc[0]}
        turns = (value - before["after"]) * (before["after"] - before["before"]) < 0
        if turns or not rows:
            rows.append({"first": before["last"], "before": before["after"]})
        rows[-1] |= {"last": year, "after": value}
    return pd.DataFrame(rows, columns=["first", "last", "before", "after"])


def growth_poverty_windows(growth: pd.Series, poor: pd.Series) -> pd.DataFrame:
    """Windows of years without a gap, with compounded growth and change in poor people.

    The table has ``first, last, growth`` (percent over the window) and ``poor_change`` (persons).
    `growth` has growth in percent, `poor` the number of poor people, by year.

    Examples
    --------
    >>> growth = pd.Series({2017: 10.0, 2018: -5.0})
    >>> poor = pd.Series({2016: 100, 2017: 90, 2018: 95})
    >>> growth_poverty_windows(growth, poor).round(1).values.tolist()
    [[2016.0, 2017.0, 10.0, -10.0], [2016.0, 2018.0, 4.5, -5.0], [2017.0, 2018.0, -5.0, 5.0]]
    """
    rows = []
    for first in poor.index:
        level, year = 1.0, first + 1
        while year in poor.index and year in growth.index:
            level *= 1 + growth[year] / 100
            rows.append((first, year, 100 * (level - 1), poor[year] - poor[first]))
            year += 1
    return pd.DataFrame(rows, columns=["first", "last", "growth", "poor_change"])


def growth_and_poverty_by_area(series: pd.DataFrame, growth: str, poor: str) -> pd.DataFrame:
    """Windows of :func:`growth_poverty_windows` for every area, from the values the tests use.

    The table has ``area, first, last, growth, poor_change``. `growth` and `poor` are indicators of
    `series`, which is that of :func:`consistent_series`.

    Examples
    --------
    >>> series = pd.DataFrame({"area": "A", "indicator": ["g", "p", "p"],
    ...                        "year": [2017, 2016, 2017], "value": [5, 10, 12], "unit": "u",
    ...                        "source": "S"})
    >>> growth_and_poverty_by_area(series, "g", "p").round(1).values.tolist()
    [['A', 2016, 2017, 5.0, 2]]
    """
    return windows_by_area(*(values_by_year(consistent_series(series, indicator))
                             for indicator in (growth, poor)))


def values_by_year(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Values by year of each area."""
    rows = rows.astype({"year": int})
    return {name: part.set_index("year")["value"] for name, part in rows.groupby("area")}


def windows_by_area(growing: Mapping[str, pd.Series],
                    poverty: Mapping[str, pd.Series]) -> pd.DataFrame:
    found = [growth_poverty_windows(growing[name], poverty[name]).assign(area=name)
             for name in growing if name in poverty]
    columns = ["area", "first", "last", "growth", "poor_change"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def _of_longest(rows: pd.DataFrame, column: str, by: list[str]) -> pd.DataFrame:
    """Rows of each group whose value of a column covers most years."""
    years = rows.groupby([*by, column])["year"].nunique().rename("years").reset_index()
    directions = [True] * len(by) + [False, True]
    best = years.sort_values([*by, "years", column], ascending=directions).drop_duplicates(by)
    return rows.merge(best[[*by, column]], on=[*by, column])
