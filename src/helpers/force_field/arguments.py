"""Messages about factors, options and columns that cannot be right."""

from __future__ import annotations

import pandas as pd

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
            raise ValueError(
                f"factors: factor {factor!r} has the force {force!r}; allowed are {listed(FORCES)}")
    for force in FORCES:
        if not (factors["force"] == force).any():
            raise ValueError(
                f"factors: there is no {force} factor; a force field needs at least one of each force"
            )


def check_columns(name: str, table: pd.DataFrame, needed: list[str]) -> None:
    missing = [column for column in needed if column not in table]
    if missing:
        raise ValueError(
            f"{name}: column {listed(missing)} is missing; it has {listed(table.columns)}")


def check_unique(name: str, table: pd.DataFrame, column: str) -> None:
    twice = table.loc[table[column].duplicated(), column]
    if len(twice):
        raise ValueError(
            f"{name}: {column} {twice.iloc[0]!r} appears twice; every {column} needs a name of its own"
        )


def check_range(name: str, table: pd.DataFrame, column: str, allowed: tuple[int, int],
                key: str) -> None:
    lowest, highest = allowed
    values = pd.to_numeric(table[column])
    outside = table[values.notna() & ~values.between(lowest, highest)]
    if len(outside):
        row = outside.iloc[0]
        raise ValueError(
            f"{name}: expert {row['expert']!r} gives {column} {row[column]:g} to factor {row[key]!r}; "
            f"allowed is {lowest} to {highest}")


def check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; allowed are {listed(allowed)}")


def check_keys(keys: int) -> None:
    if keys < 1:
        raise ValueError(f"keys is {keys}; at least one key factor of each force is needed")
