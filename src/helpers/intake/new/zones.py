"""Zones of areas by a rule that is said, or from a file."""

import pandas as pd

from helpers.errors import InputError
from helpers.intake.area_codes import AreaNames, refuse_others
from helpers.intake.imports import consistency
from helpers.intake.imports.readers import read
from helpers.messages import Message, some, term
from helpers.study.validation.semantic_checks import check_zones

# Rule: what is compared with its median, the zone above it and the zone up to it.
RULES = {"latitude": ("lat", "north", "south"), "longitude": ("lon", "east", "west"),
         "distance": ("km", "far", "near")}
DESCRIPTIONS = {
    "latitude": "Zones are no official division: north and south are the halves by the latitude of "
                "the areas' centres.",
    "longitude": "Zones are no official division: east and west are the halves by the longitude of "
                 "the areas' centres.",
    "distance": "Zones are no official division: near and far are the halves by the distance of "
                "the areas' centres from the capital."}


def by_rule(centres: pd.DataFrame, rule: str) -> tuple[pd.Series, Message]:
    """Zone of each area, in two halves about the median, and what to tell.

    The middle one of an odd number belongs to the zone up to the median.

    Parameters
    ----------
    centres : DataFrame
        ``lon`` and ``lat`` in degrees, and for *distance* ``km`` from the capital, by code.
    rule : str
        One of `RULES`.

    >>> centres = pd.DataFrame({"lon": [1, 2, 3], "lat": [0, 0, 0]}, index=list("abc"))
    >>> by_rule(centres, "longitude")[0].tolist()
    ['west', 'west', 'east']
    """
    column, upper, lower = RULES[rule]
    zones = (centres[column] > centres[column].median()).map({True: upper, False: lower})
    if zones.nunique() < 2:
        raise InputError("--zones {rule}: all areas have the same {rule}, so that there are no two "
                         "halves; take another rule, or a file with the columns code and zone",
                         rule=rule)
    return zones, Message("zones: {one} and {other}, two halves by the {axis} of the areas' "
                          "centres; nobody's official division", one=term(upper),
                          other=term(lower), axis=term(rule))


def from_file(path: str, areas: pd.DataFrame) -> tuple[pd.Series, Message]:
    """Zone of each area from a table with the columns ``code`` (or names) and ``zone``, and what to
    tell."""
    source = read(path, lambda cell: cell.strip() in ("code", "zone"), option="--zones")
    for column in ("code", "zone"):
        if column not in source.cells:
            raise InputError("{source}: the column '{column}' is missing; --zones needs code and "
                             "zone; it has: {found}", source=source.name, column=column,
                             found=", ".join(source.cells))
    given = source.cells["code"]
    known = AreaNames(areas)
    keys = given.map(lambda cell: known.code_of(cell) or cell)
    consistency.refuse_repeats(keys, "code", source.name, consistency.ONE_OF_THEM)
    zones = areas["code"].map(dict(zip(keys, source.cells["zone"], strict=True)))
    lacking = areas["code"][zones.isna() | (zones == "")]
    if len(lacking):
        refuse_others(given, areas["code"], source.name, "'code'")
        raise InputError("{source}: the area {code} has no zone; give each of the {number} areas "
                         "one", source=source.name, code=lacking.iloc[0], number=len(areas))
    if zones.nunique() < 2:
        raise InputError("{source}: puts all areas in the zone '{zone}'; zones are compared with "
                         "each other: name at least two, or take a rule ({rules})",
                         source=source.name, zone=zones.iloc[0], rules=", ".join(RULES))
    check_zones(areas.assign(zone=zones), source.name)
    other = given[~keys.isin(areas["code"])]
    text = "zones: from {source}; rows of other areas are left out: {others}"
    return zones, Message(text if len(other) else "zones: from {source}", source=source.name,
                          others=some(other))
