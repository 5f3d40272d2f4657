"""The catalogue of indicators, and the ratios of published ones that it declares."""

import pandas as pd

from helpers.errors import Error


def by_indicator(indicators: pd.DataFrame, catalogue: pd.DataFrame | None = None) -> pd.DataFrame:
    """Catalogue by indicator; without one, nothing has a direction and nothing is in the index.

    Parameters
    ----------
    indicators : DataFrame
        indicator, unit.
    catalogue : DataFrame, optional
        indicator, unit, direction, theme; ``in_index`` where not all with a direction are meant.

    Returns
    -------
    DataFrame
        Indexed by indicator, with ``in_index``.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["light", "light"], "unit": "nW"})
    >>> by_indicator(rows)[["unit", "direction", "in_index"]].values.tolist()
    [['nW', 0, False]]
    """
    if catalogue is None:
        units = indicators.drop_duplicates("indicator").set_index("indicator")[["unit"]]
        return units.assign(direction=0, theme="", in_index=False)
    known = catalogue.set_index("indicator")
    return known if "in_index" in known else known.assign(in_index=known["direction"] != 0)


def without_background(indicators: pd.DataFrame, indicator: str, background: float) -> pd.DataFrame:
    """Take a constant off all values of an indicator: stray light that a sensor adds, say.

    Raises ValueError where an area would be left with nothing.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": "a", "indicator": ["light", "people"], "year": 2024,
    ...                      "value": [5.0, 20.0]})
    >>> without_background(rows, "light", 0.5)["value"].tolist()
    [4.5, 20.0]
    """
    if not background:
        return indicators
    own = indicators["indicator"] == indicator
    least = indicators[own].sort_values("value").head(1)
    if (least["value"] <= background).any():
        code, year, value = least[["code", "year", "value"]].iloc[0]
        raise Error("disparity.background: {background} leaves area {code!r} nothing of its "
                    "{indicator} ({value} in {year}); choose less than {value}",
                    background=background, code=code, indicator=indicator, value=value, year=year,
                    parameter="background")
    return indicators.assign(value=indicators["value"].where(~own,
                                                             indicators["value"] - background))


def with_derived(indicators: pd.DataFrame, catalogue: pd.DataFrame) -> pd.DataFrame:
    """Add the declared ratios to a long table of indicators.

    A derived indicator has ``numerator`` (indicators to be summed, separated by spaces),
    ``denominator`` (one indicator) and ``scale`` in the catalogue:

        value = scale * sum(numerators) / denominator

    It exists for every area and year that all its parts have. A part without a year (terrain, area)
    goes with every year of the others, and so does one that the catalogue calls ``fixed``: of its
    years the nearest, the earlier of two. A denominator of zero gives no value. A part may be a
    ratio declared above.

    Parameters
    ----------
    indicators : DataFrame
        Columns code, indicator, year, value, unit, source.
    catalogue : DataFrame
        Indexed by indicator, with unit and the three columns above; without them nothing is added.

    Returns
    -------
    DataFrame
        The same columns with the derived rows at the end.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": "a", "indicator": ["poor", "people"], "year": 2024,
    ...                      "value": [5.0, 20.0]})
    >>> rule = pd.DataFrame({"numerator": "poor", "denominator": "people", "scale": 100.0,
    ...                      "unit": "%"}, index=["poor_share"])
    >>> with_derived(rows, rule)["value"].tolist()
    [5.0, 20.0, 25.0]
    """
    if "numerator" not in catalogue:
        return indicators
    lasting = set(catalogue.index[catalogue["fixed"]]) if "fixed" in catalogue else set()
    found = dict(list(indicators.groupby("indicator", sort=False)))
    added = []
    for name, row in catalogue[catalogue["numerator"].notna()].iterrows():
        names = [*row["numerator"].split(), row["denominator"]]
        if all(part in found for part in names):
            found[name] = _ratio({part: found[part] for part in names}, name, row, lasting)
            added.append(found[name])
    return pd.concat([indicators, *added], ignore_index=True) if added else indicators


def _ratio(parts: dict[str, pd.DataFrame], name: str, rule: pd.Series,
           lasting: set[str]) -> pd.DataFrame:
    dated = [rows for part, rows in parts.items()
             if rows["year"].notna().any() and part not in lasting]
    # Where every part lasts, the first that has a year says which it is.
    dated = dated or [rows for rows in parts.values() if rows["year"].notna().any()][:1]
    cells = pd.concat(dated or parts.values())[["code", "year"]]
    cells = cells.drop_duplicates().reset_index(drop=True)
    for part, rows in parts.items():
        years = rows["year"].dropna().unique()
        taken = cells["year"]
        if part in lasting and len(years):
            taken = taken.map({year: min((abs(other - year), other) for other in years)[1]
                               for year in taken.dropna().unique()})
        keys = ["code", "year"] if len(years) or not dated else ["code"]
        values = rows[[*keys, "value"]].rename(columns={"value": part})
        cells[part] = cells.assign(year=taken).merge(values, on=keys, how="left")[part]
    below = cells[rule["denominator"]]
    above = cells[rule["numerator"].split()].sum(axis=1, skipna=False)
    cells = cells.assign(indicator=name, value=rule["scale"] * above / below.where(below != 0),
                         unit=rule["unit"])
    return cells.loc[cells["value"].notna(), ["code", "indicator", "year", "value", "unit"]]
