"""Columns that are no answers: type of business, key of the respondent, weight."""

import pandas as pd

from helpers.errors import InputError, check_weights
from helpers.intake.imports import answers as verbal
from helpers.intake.imports import consistency, personal
from helpers.intake.imports.answers.table import folded
from helpers.intake.imports.columns import Matching, words
from helpers.intake.imports.source import Source, last_part, shown
from helpers.messages import Message, joined, term

MOST_TYPES = 10
FEWEST_NAMES = 6


def meant(source: Source, column: str, missing: tuple[str, ...] = ()) -> pd.Series:
    """Column as a person reads it: labels in place of codes, empty where a cell means no answer."""
    labels = source.labels.get(column, {})
    reading = {cell: labels.get(cell, cell) for cell in source.cells[column].unique()}
    nothing = {cell for cell, label in reading.items() if cell != "" and (
        verbal.built_in().is_no_answer(label) or verbal.is_missing(cell, missing))}
    return source.cells[column].map(reading | dict.fromkeys(nothing, "")).astype("str")


def business_types(source: Source, matching: Matching, everyone: str | None,
                   missing: tuple[str, ...], *, named: bool) -> tuple[pd.Series, list[Message]]:
    """Type of business of every respondent; `named` says that a person named the column."""
    if everyone is not None:
        if not everyone:
            raise InputError("business_type=all: says no type; write it after the colon, such as "
                             "business_type=all:informal")
        return (pd.Series(everyone, index=source.cells.index, dtype="str"),
                [Message("business_type: '{everyone}' for all respondents, as told",
                         everyone=everyone)])
    if "business_type" not in matching.roles:
        raise InputError("{source}: no column tells the type of business; say "
                         "business_type=COLUMN, or business_type=all:WORD to give all respondents "
                         "the same one", source=source.name)
    column = matching.roles["business_type"]
    cells = meant(source, column, missing)
    if len(empty := cells.index[cells == ""]):
        raw = source.cells[column][empty[0]]
        raise InputError("{source}: row {row}, column {column}: {cell} means no answer, so the "
                         "type of business is empty; fill it in, or take the row out "
                         "(unusable=out leaves such rows out)" if raw else
                         "{source}: row {row}, column {column}: the type of business is empty; "
                         "fill it in, or take the row out (unusable=out leaves such rows out)",
                         source=source.name, row=empty[0], column=shown(column), cell=shown(raw))
    kinds = _types(cells)
    said = [_types_said(source, column, kinds)]
    if (different := kinds.nunique()) >= FEWEST_NAMES and 2 * different > len(kinds):
        if not named:
            raise InputError("{source}: column {column} has {different} different values in "
                             "{rows} rows, such as names of shops; say business_type=all:WORD or "
                             "another column, or business_type={reference} if they are types",
                             source=source.name, column=shown(column), different=different,
                             rows=len(kinds), reference=last_part(column))
        said.append(Message("business_type: {different} different values in {rows} rows, as told; "
                            "names of shops would be published with the results",
                            different=different, rows=len(kinds)))
    return kinds, said


def _types(cells: pd.Series) -> pd.Series:
    """Types in one spelling each: that of the project, else the one written most often."""
    known = {folded(label): kind for kind, labels in words()["business_types"].items()
             for label in [kind, *labels]}
    counts, spelling = cells.value_counts(), {}
    for cell in counts.index:
        spelling.setdefault(folded(cell), cell)
    return cells.map({cell: known.get(folded(cell), spelling[folded(cell)])
                      for cell in counts.index}).astype("str")


def _types_said(source: Source, column: str, kinds: pd.Series) -> Message:
    labels = source.labels.get(column, {})
    written = source.cells[column].map(lambda cell: labels.get(cell, cell))
    pairs = [Message("{cell} as {kind}", cell=shown(cell), kind=kind)
             for cell, kind in dict(zip(written, kinds, strict=True)).items() if cell != kind]
    shown_kinds = ", ".join(kinds.unique()[:MOST_TYPES]) + (
        ", ..." if kinds.nunique() > MOST_TYPES else "")
    return Message("business_type <- {column}: {mapped} ({pairs})" if pairs
                   else "business_type <- {column}: {mapped}", column=shown(column),
                   mapped=shown_kinds, pairs=joined(pairs[:MOST_TYPES]))


def respondents(source: Source, matching: Matching, kept: list[str], *,
                named: bool) -> tuple[pd.Series, Message]:
    """Key of every respondent: that of the file where it is a running number, or was asked for and
    names nobody, else a new one."""
    submission = next((column for names in matching.tools.values() for column in names
                       if {column.casefold(), last_part(column).casefold()}
                       & set(words()["submission"])), None)
    if submission is not None:
        consistency.refuse_repeats(source.cells[submission], submission, source.name)
    numbered = pd.Series([f"R{number:04d}" for number in range(1, len(source.cells) + 1)],
                         index=source.cells.index, dtype="str")
    column = matching.roles.get("respondent")
    if column is None:
        return numbered, Message("respondent: numbered in the order of the rows")
    cells = source.cells[column]
    if len(empty := cells.index[cells == ""]):
        raise InputError("{source}: row {row}, column {column}: the respondent has no key; give "
                         "one", source=source.name, row=empty[0], column=shown(column))
    consistency.refuse_repeats(cells, column, source.name)
    kind = personal.kind("", cells)
    if column in kept or personal.is_serial(cells) or (named and kind is None):
        return cells, Message("respondent <- {column}", column=shown(column))
    return numbered, Message(
        "respondent: {column} holds {kind}, so respondents are numbered in the order of the rows "
        "(keep={reference} keeps it)" if kind else
        "respondent: {column} holds more than running numbers, so respondents are numbered in the "
        "order of the rows (keep={reference} keeps it)", column=shown(column),
        kind=kind and term(kind), reference=last_part(column))


def weights(source: Source, column: str, decimal: str | None, missing: tuple[str, ...], *,
            framed: bool) -> tuple[pd.Series, Message]:
    """Weight of every respondent, above 0, and how stage 2 uses it."""
    cells = source.cells.copy()
    cells[column] = meant(source, column, missing)
    numbers, said = verbal.to_measure(Source(source.name, cells), column, decimal)
    check_weights(numbers, cells[column], source.name, shown(column), None)
    return numbers, Message(
        "weight: {column}; stage 2 counts respondents by it, scaled in every area to the units of "
        "the frame (scoring.weights: none counts all alike)" if framed else
        "weight: {column}; stage 2 counts respondents by it (scoring.weights: none counts all "
        "alike)", column=said)
