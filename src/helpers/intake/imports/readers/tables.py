"""Rows of cells as one table: which rows are the header, and what stands below it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from helpers.errors import InputError
from helpers.intake.imports.source import Source, shown
from helpers.messages import Message, joined

SEARCHED = 10
# What SurveyMonkey writes below a question that has no parts.
GENERIC = {"response", "open-ended response", "respons", "respons terbuka", "tanggapan"}


@dataclass
class Header:
    """Names of the columns, their texts, and the last row (from 1) that belongs to the header."""

    names: list[str]
    top: int
    last: int
    texts: dict[int, str] = field(default_factory=dict)
    said: Message | None = None


def from_rows(rows: list[list[str]], name: str, header_row: int | None, known: Callable,
              where: str = "") -> Source:
    """Source of rows of cells, the first is row 1.

    `header_row` is the row that a person said is the header; `known` tells of a cell which item (or
    other wanted thing) it names; messages name the file, and where in it (a sheet).
    """
    place = joined([name, where], "")
    if not any(any(row) for row in rows):
        raise InputError("{place}: there is nothing in it; give a file with a header and at least "
                         "one row", place=place)
    header = find_header(rows, place, header_row, known)
    body = [(number, row) for number, row in enumerate(rows[header.last:], start=header.last + 1)
            if any(row)]
    if not body:
        raise InputError("{place}: there is a header (row {top}) but no row below it; add at "
                         "least one respondent", place=place, top=header.top)
    kept = [position for position, column in enumerate(header.names) if column]
    unnamed = _unnamed(body, header.names)
    if nothing := {number for number, row in body if number in unnamed[1] and not any(
            row[position] for position in kept if position < len(row))}:
        body = [(number, row) for number, row in body if number not in nothing]
    if not body:
        raise InputError("{place}: there is a header (row {top}) but no row below it; add at "
                         "least one respondent", place=place, top=header.top)
    names, twice = _unique([header.names[position] for position in kept])
    cells = pd.DataFrame({column: [row[position] if position < len(row) else "" for _, row in body]
                          for column, position in zip(names, kept, strict=True)},
                         index=[number for number, _ in body], dtype="str")
    texts = {names[kept.index(position)]: text for position, text in header.texts.items()
             if position in kept}
    texts |= {column: original for original, columns in twice.items() for column in columns[1:]}
    source = Source(name, cells, texts, twice=twice, beside=rows[:header.top - 1], header=(
        header.top, {position + 1: column for column, position in zip(names, kept, strict=True)}))
    source.said.append(
        Message("{place}: header in row {top}, {columns} columns, {rows} rows below it",
                place=place, top=header.top, columns=len(kept), rows=len(cells)))
    source.said += _notes(place, header, body, unnamed, twice)
    return source


def _notes(place: str, header: Header, body: list, unnamed: tuple, twice: dict) -> list[Message]:
    """What is said about the form of a table."""
    said = [header.said] if header.said else []
    if skipped := body[-1][0] - header.last - len(body):
        said.append(Message("{place}: {skipped} empty rows between them left out", place=place,
                            skipped=skipped))
    if unnamed[0]:
        said.append(Message("{place}: left out, columns without a name in the header: {columns}",
                            place=place, columns=", ".join(map(str, unnamed[0][:5]))))
    if twice:
        said.append(Message("{place}: names that stand twice in the header: {names}; each further "
                            "one is called by its number", place=place,
                            names=", ".join(map(shown, list(twice)[:5]))))
    return said


def _unnamed(body: list[tuple[int, list[str]]], names: list[str]) -> tuple[list[int], set[int]]:
    """Numbers of columns without a name that hold something, and the rows that do."""
    gaps = [position for position, column in enumerate(names) if not column]
    columns, rows = set(), set()
    for number, row in body:
        filled = [position for position in gaps if position < len(row) and row[position]]
        filled += [position for position in range(len(names), len(row)) if row[position]]
        if filled:
            columns.update(filled)
            rows.add(number)
    return [position + 1 for position in sorted(columns)], rows


def _unique(names: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Names made different from each other, and those that stand more than once.

    >>> _unique(["Alasan", "a", "Alasan"])
    (['Alasan', 'a', 'Alasan (2)'], {'Alasan': ['Alasan', 'Alasan (2)']})
    """
    taken, made, twice = set(names), [], {}
    for name in names:
        if name not in made:
            made.append(name)
            continue
        number = 2
        while f"{name} ({number})" in taken:
            number += 1
        taken.add(f"{name} ({number})")
        made.append(f"{name} ({number})")
        twice.setdefault(name, [name]).append(made[-1])
    return made, twice


def find_header(rows: list[list[str]], place: str, header_row: int | None,
                known: Callable) -> Header:
    """Header of a table: one row, or the two or three that Qualtrics and SurveyMonkey write."""
    if header_row is not None:
        if not 1 <= header_row <= len(rows):
            raise InputError("{place}: header={header}: allowed is a row from 1 to {rows}",
                             place=place, header=header_row, rows=len(rows))
        return _below(rows, _with_upper(rows, header_row, known, only_gaps=True), known)
    naming = naming_rows(rows, known)
    if not naming:
        return _below(rows, Header(_names(rows[0]), 1, 1), known)
    first = naming[0]
    if len(naming) > 1 and (naming[1] != first + 1 or len(naming) > 2
                            or not _same(rows[first - 1], rows[first], known)):
        raise InputError("{place}: rows {first} and {second} both look like a header; delete one "
                         "of them, or say header={second} to begin there (what stands above is "
                         "left out)", place=place, first=first, second=naming[1])
    if len(naming) == 1 < first < len(rows) and _is_imported(rows[first]):
        first -= 1  # Qualtrics: its own names, the questions, the import keys
    header = _with_upper(rows, first, known)
    if naming[0] == first > 1:
        header.said = Message("{place}: the names of the columns stand in row {row}; a row above "
                              "it adds to them, others are left out", place=place, row=first)
    return _below(rows, header, known)


def naming_rows(rows: list[list[str]], known: Callable) -> list[int]:
    """Rows among the first that name more than one wanted thing."""
    return [number for number, row in enumerate(rows[:SEARCHED], start=1)
            if len(_wanted(row, known)) > 1]


def _wanted(row: list[str], known: Callable) -> set:
    """Things that a row names; the key and the question of one item are one."""
    found = {cell: known(cell) for cell in row if cell and not cell.isdigit()}
    return {cell if what is True else frozenset(what) for cell, what in found.items() if what}


def _names(row: list[str]) -> list[str]:
    return [cell.strip() for cell in row]


def _same(first: list[str], second: list[str], known: Callable) -> bool:
    """Whether two rows name the same things in the same columns."""
    pairs = [(known(one), known(other)) for one, other in zip(first, second, strict=False)]
    above = [one for one, _ in pairs if one]
    return all(other is not True and (one == other or not one and other not in above)
               for one, other in pairs if other)


def _with_upper(rows: list[list[str]], top: int, known: Callable,
                only_gaps: bool = False) -> Header:
    """Names of row `top`, with what the row above it adds (a question, a group)."""
    names = _names(rows[top - 1])
    if top == 1:
        return Header(names, top, top)
    upper = _names(rows[top - 2])
    if sum(map(bool, upper)) == 1 and not only_gaps:  # a title, not names
        return Header(names, top, top)
    width = max(len(names), len(upper))
    names += [""] * (width - len(names))
    upper += [""] * (width - len(upper))
    for position, (name, above) in enumerate(zip(names, upper, strict=True)):
        if not above or known(name):
            continue
        if not name or name.casefold() in GENERIC:
            names[position] = above
        elif not only_gaps:
            names[position] = f"{above} [{name}]"
    return Header(names, top, top)


def _below(rows: list[list[str]], header: Header, known: Callable) -> Header:
    """The header with the rows of texts and of import keys that a program writes below it."""
    while header.last < len(rows):
        row = rows[header.last]
        filled = [cell for cell in row if cell]
        if filled and all(cell.casefold() in GENERIC for cell in filled):
            header.last += 1
            continue
        if _is_imported(row):
            if header.last == header.top + 1:
                header.texts = dict(enumerate(rows[header.top]))
            header.last += 1
            return header
        of_qualtrics = header.last + 1 < len(rows) and _is_imported(rows[header.last + 1])
        if header.last > header.top or not (of_qualtrics or len(_wanted(row, known)) > 1):
            return header
        header.texts = dict(enumerate(_names(row)))
        header.last += 1
    return header


def _is_imported(row: list[str]) -> bool:
    """Whether a row has the import keys of Qualtrics."""
    filled = [cell for cell in row if cell]
    return bool(filled) and all(cell.startswith('{"ImportId"') for cell in filled)
