"""Series over the years: consistent series, their steps, stretches of rise and fall."""

from collections.abc import Iterable, Sequence

import pandas as pd


def consistent_series(series: pd.DataFrame, indicators: str | Sequence[str],
                      source: str | None = None) -> pd.DataFrame:
    """Comparable series: one value a year from several sources.

    For each area: of the indicators and their units only the one with most years is kept, because
    another unit string means another method or a value that somebody derived from a stated change;
    a year with several sources takes the one that covers most years. Ties go to the first in the
    alphabet. The table has the same columns, one row an area and year, sorted.

    Parameters
    ----------
    series : DataFrame
        ``area, indicator, year, value, unit, source``
    indicators : str or list of str
        The indicator to keep, or several that say the same, such as growth published and computed.
    source : str, optional
        The only source to keep.

    Examples
    --------
    >>> series = pd.DataFrame({"area": "A", "indicator": "poor_number",
    ...                        "year": [2015, 2016, 2016, 2017], "value": [9, 8, 8.1, 7],
    ...                        "unit": ["person (derived)", "person", "person", "person"],
    ...                        "source": list("QQPP")})
    >>> consistent_series(series, "poor_number")[["year", "value"]].values.tolist()
    [[2016.0, 8.1], [2017.0, 7.0]]
    """
    names = [indicators] if isinstance(indicators, str) else list(indicators)
    rows = series[series["indicator"].isin(names)].dropna(subset=["year", "value"])
    rows = rows if source is None else rows[rows["source"] == source]
    rows = _of_longest(rows, ["indicator", "unit"])
    years = rows.groupby(["area", "source"])["year"].transform("nunique")
    keys = {"area": True, "year": True, "years": False, "source": True}
    ordered = rows.assign(years=years).sort_values(list(keys), ascending=list(keys.values()))
    return ordered.drop_duplicates(["area", "year"])[list(series.columns)].reset_index(drop=True)


def stretches(years: Iterable[int]) -> str:
    """Years as stretches without a gap: no range is claimed that is not observed.

    Examples
    --------
    >>> stretches([2005, 2006, 2015, 2018, 2019])
    '2005-2006, 2015, 2018-2019'
    """
    found: list[list[int]] = []
    for year in sorted(years):
        if found and year == found[-1][1] + 1:
            found[-1][1] = year
        else:
            found.append([year, year])
    return ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in found)


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


def growth_steps(line: pd.Series) -> pd.DataFrame:
    """Steps of a series of yearly growth: each year is one.

    Returns
    -------
    DataFrame
        first, last (years between which the step lies) and change (percent).

    Examples
    --------
    >>> growth_steps(pd.Series({2016: 5.0, 2018: 4.0})).values.tolist()
    [[2015.0, 2016.0, 5.0], [2017.0, 2018.0, 4.0]]
    """
    return pd.DataFrame({"first": line.index - 1, "last": line.index, "change": line.to_numpy()})


def level_steps(line: pd.Series) -> pd.DataFrame:
    """Steps of a series of levels, from each observed year to the next, in percent of its mean.

    Examples
    --------
    >>> level_steps(pd.Series({2015: 90.0, 2018: 110.0})).values.tolist()
    [[2015.0, 2018.0, 20.0]]
    """
    scale = 100 / (line.abs().mean() or 1.0)
    return pd.DataFrame({"first": line.index[:-1], "last": line.index[1:],
                         "change": scale * line.diff().iloc[1:].to_numpy()})


def values_by_year(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Values by year of each area."""
    rows = rows.astype({"year": int})
    return {name: part.set_index("year")["value"] for name, part in rows.groupby("area")}


def _of_longest(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Rows of each area whose values of some columns cover most years."""
    years = rows.groupby(["area", *columns])["year"].nunique().rename("years").reset_index()
    best = years.sort_values(["area", "years", *columns],
                             ascending=[True, False, *(True for _ in columns)])
    return rows.merge(best.drop_duplicates("area")[["area", *columns]], on=["area", *columns])
