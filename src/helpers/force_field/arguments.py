"""Argument checks of factors, options and columns."""

import pandas as pd

from helpers.errors import Error
from helpers.messages import listed

FORCES = ("driving", "restraining")
AGGREGATES = ("mean", "median", "mode")

RANGES = {"urgency": (1, 5), "support": (1, 5), "linkage": (0, 5)}


def check_factors(factors: pd.DataFrame) -> None:
    check_columns("factors", factors, ["factor", "force", "aspect"], unique="factor")
    for factor, force in zip(factors["factor"], factors["force"]):
        if force not in FORCES:
            raise Error("factors: factor {factor!r} has the force {force!r}; allowed are {forces}",
                        factor=factor, force=force, forces=listed(FORCES), resource="factors")
    for force in FORCES:
        if not (factors["force"] == force).any():
            raise Error("factors: there is no {force} factor; a force field needs at least one of "
                        "each force", force=force, resource="factors")


def check_columns(name: str, table: pd.DataFrame, needed: list[str], unique: str = "") -> None:
    missing = [column for column in needed if column not in table]
    if missing:
        raise Error("{resource}: column {column} is missing; it has {known}", resource=name,
                    column=listed(missing), known=listed(table.columns))
    if not unique:
        return
    twice = table.loc[table[unique].duplicated(), unique]
    if len(twice):
        raise Error("{resource}: {column} {value!r} appears twice; every {column} needs a name of "
                    "its own", resource=name, column=unique, value=twice.iloc[0])


def check_range(name: str, table: pd.DataFrame, column: str, key: str = "factor") -> None:
    lowest, highest = RANGES[column]
    values = pd.to_numeric(table[column])
    outside = table[values.notna() & ~values.between(lowest, highest)]
    if len(outside):
        row = outside.iloc[0]
        raise Error("{resource}: expert {expert!r} gives {column} {value:g} to factor {factor!r}; "
                    "allowed is {lowest} to {highest}", resource=name, expert=row["expert"],
                    column=column, value=row[column], factor=row[key], lowest=lowest,
                    highest=highest)


def check_keys(keys: int) -> None:
    if keys < 1:
        raise Error("keys is {keys}; at least one key factor of each force is needed", keys=keys)
