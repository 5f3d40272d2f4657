"""Argument checks of factors, options and columns."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from helpers.errors import Error
from helpers.words import listed

FORCES = ("driving", "restraining")
AGGREGATES = ("mean", "median", "mode")

URGENCY_RANGE = SUPPORT_RANGE = (1, 5)
LINKAGE_RANGE = (0, 5)


def check_factors(factors: pd.DataFrame) -> None:
    check_columns("factors", factors, ["factor", "force", "aspect"])
    check_unique("factors", factors, "factor")
    for factor, force in zip(factors["factor"], factors["force"]):
        if force not in FORCES:
            raise Error("factors: factor {factor!r} has the force {force!r}; allowed are {forces}",
                        factor=factor, force=force, forces=listed(FORCES), resource="factors")
    for force in FORCES:
        if not (factors["force"] == force).any():
            raise Error("factors: there is no {force} factor; a force field needs at least one of "
                        "each force", force=force, resource="factors")


def check_columns(name: str, table: pd.DataFrame, needed: list[str]) -> None:
    missing = [column for column in needed if column not in table]
    if missing:
        raise Error("{resource}: column {column} is missing; it has {known}", resource=name,
                    column=listed(missing), known=listed(table.columns))


def check_unique(name: str, table: pd.DataFrame, column: str) -> None:
    twice = table.loc[table[column].duplicated(), column]
    if len(twice):
        raise Error("{resource}: {column} {value!r} appears twice; every {column} needs a name of "
                    "its own", resource=name, column=column, value=twice.iloc[0])


def check_range(name: str, table: pd.DataFrame, column: str, allowed: tuple[int, int],
                key: str) -> None:
    lowest, highest = allowed
    values = pd.to_numeric(table[column])
    outside = table[values.notna() & ~values.between(lowest, highest)]
    if len(outside):
        row = outside.iloc[0]
        raise Error("{resource}: expert {expert!r} gives {column} {value:g} to factor {factor!r}; "
                    "allowed is {lowest} to {highest}", resource=name, expert=row["expert"],
                    column=column, value=row[column], factor=row[key], lowest=lowest,
                    highest=highest)


def check_choice(name: str, value: str, allowed: Collection[str]) -> None:
    if value not in allowed:
        raise Error("{parameter} is {value!r}; allowed are {allowed}", parameter=name, value=value,
                    allowed=listed(allowed))


def check_keys(keys: int) -> None:
    if keys < 1:
        raise Error("keys is {keys}; at least one key factor of each force is needed", keys=keys)
