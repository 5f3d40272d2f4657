"""What was read from a file, before anything is known about its meaning."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from helpers.errors import InputError
from helpers.messages import Message, joined


@dataclass
class Source:
    """Table of texts as a person sees it in the file `name`.

    The index of `cells` counts rows as a spreadsheet does; an empty cell is "". `texts` has the
    question of a column, where the file carries one apart from the column's name, `labels` the
    value labels of a column by code, `said` what was found out about the file.
    """

    name: str
    cells: pd.DataFrame
    texts: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def column(self, wanted: str, option: str) -> str:
        """Column that a person names by its header, its last part, or ``#`` and its number."""
        names = list(self.cells)
        if wanted in names:
            return wanted
        if wanted.startswith("#") and wanted[1:].isdigit():
            number = int(wanted[1:])
            if 1 <= number <= len(names):
                return names[number - 1]
        found = [name for name in names if last_part(name) == wanted]
        if len(found) == 1:
            return found[0]
        reason = Message("{number} columns end in it" if found
                         else "there is no such column", number=len(found))
        raise InputError(
            "{source}: {option}={wanted}: {reason}; name one by its header or its number: "
            "{columns}", source=self.name, option=option, wanted=wanted, reason=reason,
            columns=", ".join(f"#{number} {shown(name)}" for number, name in enumerate(names, 1)))


def last_part(name: str) -> str:
    """Column's name without the groups that KoboToolbox and ODK write before it.

    Examples
    --------
    >>> last_part("business/need_capital_1")
    'need_capital_1'
    """
    return name.rsplit("/", 1)[-1].strip()


def shown(text: str, longest: int = 60) -> str:
    """Text in quotation marks, cut where it is long.

    Examples
    --------
    >>> shown("a long question", 8)
    "'a long …'"
    """
    text = " ".join(text.split())
    return f"'{text}'" if len(text) <= longest else f"'{text[:longest - 1]}…'"


def from_rows(rows: list[list[str]], name: str, header: int | None, known,
              where: str = "") -> Source:
    """Source of rows of cells, the first is row 1; what is not one table is refused.

    `header` is the row that a person said is the header; `known` tells of a cell whether it names
    something that is wanted (an item, an area's code); messages name the file, and where in it (a
    sheet).
    """
    place = joined([name, where], "")
    if not any(any(row) for row in rows):
        raise InputError("{place}: there is nothing in it; give a file with a header and at least "
                         "one row", place=place)
    top = _header_row(rows, place, header, known)
    names = [cell.strip() for cell in rows[top - 1]]
    width = max(len(names), *(len(row) for row in rows))
    names += [""] * (width - len(names))
    body = {number: row + [""] * (width - len(row))
            for number, row in enumerate(rows[top:], start=top + 1) if any(row)}
    for position, column in enumerate(names):
        filled = next((number for number, row in body.items() if row[position]), None)
        if not column and filled:
            raise InputError("{place}: column {column} has no name in the header (row {top}) but "
                             "row {row} holds {cell}; name the column or empty it", place=place,
                             column=position + 1, top=top, row=filled,
                             cell=shown(body[filled][position]))
        if column and names.index(column) != position:
            raise InputError("{place}: row {row}: the column {column} stands twice (columns "
                             "{first} and {second}); rename or delete one of them", place=place,
                             row=top, column=shown(column), first=names.index(column) + 1,
                             second=position + 1)
    if not body:
        raise InputError("{place}: there is a header (row {top}) but no row below it; add at "
                         "least one respondent", place=place, top=top)
    kept = [position for position, column in enumerate(names) if column]
    cells = pd.DataFrame([[row[position] for position in kept] for row in body.values()],
                         dtype="str", index=list(body),
                         columns=[names[position] for position in kept])
    source = Source(name, cells)
    source.said.append(
        Message("{place}: header in row {top}, {columns} columns, {rows} rows below it",
                place=place, top=top, columns=len(kept), rows=len(cells)))
    if skipped := max(body) - top - len(body):
        source.said.append(Message("{place}: {skipped} empty rows between them left out",
                                   place=place, skipped=skipped))
    return source


def _header_row(rows: list[list[str]], place: str, header: int | None, known) -> int:
    if header is not None:
        if not 1 <= header <= len(rows):
            raise InputError("{place}: header={header}: allowed is a row from 1 to {rows}",
                             place=place, header=header, rows=len(rows))
        return header
    naming = [number for number, row in enumerate(rows[:10], start=1) if sum(map(known, row)) > 1]
    if len(naming) > 1:
        raise InputError("{place}: rows {first} and {second} both look like a header; delete one "
                         "of them, or say header={second} to begin there (what stands above is "
                         "left out)", place=place, first=naming[0], second=naming[1])
    if naming and naming[0] > 1:
        raise InputError("{place}: the header seems to be row {row}, not row 1; delete the rows "
                         "above it or say header={row}", place=place, row=naming[0])
    return 1


def existing(path: str | Path, option: str) -> Path:
    """Path to a file that is there."""
    path = Path(path)
    if not path.is_file():
        raise InputError("{option}: there is no file '{path}' in '{parent}'; correct the path",
                         option=option, path=path.name, parent=path.parent)
    return path
