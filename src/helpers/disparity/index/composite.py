"""Development index of a data package: its indicators, their years, and its table."""

from collections.abc import Mapping

import pandas as pd

from helpers.disparity.development import development_index, differing
from helpers.disparity.index.weights import FROM_DATA, can_decide, index_weights
from helpers.disparity.panel import closest

NONE = "none"
ROLES = ("activity", "schools")  # each the parameter index_<role>


def zones_of(areas: pd.DataFrame, city_zone: str = "own") -> pd.Series:
    """Zone of every area, the city counted where it is asked to be.

    `city_zone` is ``own``, or the zone that the areas of the zone ``city`` become part of.

    Examples
    --------
    >>> areas = pd.DataFrame({"zone": ["north", "city"]}, index=["a", "b"])
    >>> zones_of(areas, "north").tolist()
    ['north', 'north']
    """
    return areas["zone"] if city_zone == "own" else areas["zone"].replace({"city": city_zone})


def directed_indicators(indicators: pd.DataFrame, catalogue: pd.DataFrame) -> list[str]:
    """Indicators with a direction and a value, in the catalogue's order.

    Examples
    --------
    >>> catalogue = pd.DataFrame({"direction": [1, 0, -1]}, index=["school", "people", "poor"])
    >>> directed_indicators(pd.DataFrame({"indicator": ["people", "poor"]}), catalogue)
    ['poor']
    """
    known = catalogue.index.isin(indicators["indicator"])
    return list(catalogue.index[(catalogue["direction"] != 0) & known])


def index_members(catalogue: pd.DataFrame, roles: Mapping[str, str],
                  leave_out: str = "none") -> pd.DataFrame:
    """Catalogue with other members in the development index.

    Several indicators may measure one thing: light by area or per head, schools by area or per
    head. The catalogue gives them one ``role``; one of them is in the index, with the direction of
    the role. A role without any indicator in the catalogue changes nothing.

    Parameters
    ----------
    catalogue : DataFrame
        Indexed by indicator: direction, in_index and, where there are alternatives, role.
    roles : mapping
        Role to its indicator in the index, or to ``none``.
    leave_out : str
        Indicator that is left out in any case, or ``none``.

    Examples
    --------
    >>> catalogue = pd.DataFrame({"direction": [1, 0, -1], "in_index": [True, False, True],
    ...                           "role": ["activity", "activity", ""]},
    ...                          index=["light", "light_per_head", "poor"])
    >>> chosen = index_members(catalogue, {"activity": "light_per_head"}, "poor")
    >>> chosen.loc[chosen["in_index"], "direction"].to_dict()
    {'light_per_head': 1}
    """
    chosen = catalogue.copy()
    for role, name in roles.items():
        others = with_role(catalogue, role)
        if name not in (NONE, *others):
            continue
        chosen.loc[others, "in_index"] = False
        if name != NONE:
            directions = catalogue.loc[[name, *others], "direction"]
            chosen.loc[name, "in_index"] = True
            chosen.loc[name, "direction"] = next(filter(None, directions), 0)
    chosen.loc[chosen.index == leave_out, "in_index"] = False
    return chosen


def with_role(catalogue: pd.DataFrame, role: str) -> list[str]:
    """Indicators that have a role in the development index, one instead of another.

    Examples
    --------
    >>> with_role(pd.DataFrame({"role": ["activity", None]}, index=["light", "poor"]), "activity")
    ['light']
    """
    return list(catalogue.index[catalogue["role"] == role]) if "role" in catalogue else []


def index_parts(indicators: pd.DataFrame, catalogue: pd.DataFrame, codes: pd.Index,
                year: int | None) -> tuple[pd.DataFrame, pd.Series]:
    """Values of the index's indicators in the year nearest to the one asked for.

    The table has areas in the rows and indicators in the columns; the series has the year of each
    (missing where it has none).

    Examples
    --------
    >>> rows = pd.DataFrame({"code": ["a", "b"], "indicator": "school", "year": 2020,
    ...                      "value": [1.0, 2.0]})
    >>> catalogue = pd.DataFrame({"direction": [1], "in_index": [True]}, index=["school"])
    >>> parts, years = index_parts(rows, catalogue, pd.Index(["a", "b"]), 2024)
    >>> parts["school"].tolist(), years.tolist()
    ([1.0, 2.0], [2020])
    """
    chosen = [name for name in directed_indicators(indicators, catalogue)
              if catalogue.loc[name, "in_index"]]
    rows = indicators[indicators["indicator"].isin(chosen)]
    dated = {name: closest(rows, name, year) for name in chosen}
    parts = pd.DataFrame({name: values for name, (values, _) in dated.items()}, index=codes)
    return parts, pd.Series({name: when for name, (_, when) in dated.items()}, dtype="Int64")


def development_table(areas: pd.DataFrame, zones: pd.Series, parts: pd.DataFrame,
                      catalogue: pd.DataFrame, rule: str = "equal",
                      normalisation: str = "min_max") -> pd.DataFrame:
    """Areas ranked by their development index.

    The table has code, name, zone, index, rank; best first.

    Parameters
    ----------
    parts : DataFrame
        From `index_parts`.
    rule : str
        Weights, as in `index_weights`.
    normalisation : str
        As in `development_index`.

    Examples
    --------
    >>> areas = pd.DataFrame({"name": ["A", "B"]}, index=pd.Index(["a", "b"], name="code"))
    >>> catalogue = pd.DataFrame({"direction": [1], "theme": ["education"]}, index=["school"])
    >>> development_table(areas, pd.Series({"a": "n", "b": "s"}),
    ...                   pd.DataFrame({"school": [1.0, 2.0]}, index=["a", "b"]),
    ...                   catalogue)["code"].tolist()
    ['b', 'a']
    """
    known = catalogue.loc[parts.columns]
    load = index_weights(parts, known["direction"], known["theme"], rule)
    index = development_index(parts, known["direction"], load, normalisation)
    table = areas[["name"]].assign(zone=zones).join(index).reset_index()
    return table.sort_values(["rank", "code"])


def has_index(parts: pd.DataFrame, rule: str = "equal") -> bool:
    """Whether there is an index: an indicator differs, and the data can give the weights.

    Examples
    --------
    >>> has_index(pd.DataFrame({"school": [1.0, 2.0]})), has_index(
    ...     pd.DataFrame({"school": [1.0, 2.0]}), "pca")
    (True, False)
    """
    return bool(differing(parts).any()) and (rule not in FROM_DATA or can_decide(parts))
