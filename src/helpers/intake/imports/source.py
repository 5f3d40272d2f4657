"""What was read from a file, before anything is known about its meaning."""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from helpers.errors import InputError
from helpers.messages import Message
from helpers.study.package import hidden_sign

# What word processors and messengers leave in texts, and nobody sees.
UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]")


@dataclass
class Source:
    """Table of texts as a person sees it in the file `name`.

    The index of `cells` names rows as a spreadsheet does (with the sheet, where several are read);
    an empty cell is "". `texts` has the question of a column, where the file carries one apart from
    the column's name, `labels` the value labels of a column by code. `faults` has what is wrong
    with a column if it is needed (a formula without a result, an error, merged cells), as row and
    message. `hidden_rows` are the rows that a spreadsheet does not show, `sheet` the title of each
    row's sheet, where several were read.
    `twice` has the columns of a name that stands more than once, `header` the row of the names
    and the column of each number (from 1), `declared` the cells that the file itself declares
    missing. `beside` has the rows of cells above the header and in other sheets, which may explain
    codes. `said` is what was found out about the file.
    """

    name: str
    cells: pd.DataFrame
    texts: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    faults: dict[str, tuple[int | str, Message]] = field(default_factory=dict)
    hidden_rows: list[int | str] = field(default_factory=list)
    sheet: pd.Series | None = None
    twice: dict[str, list[str]] = field(default_factory=dict)
    header: tuple[int, dict[int, str]] = (1, {})
    declared: set[str] = field(default_factory=set)
    beside: list[list[str]] = field(default_factory=list)

    def column(self, wanted: str, option: str) -> str:
        """Column that a person names by its header, its last part, or ``#`` and its number."""
        names = list(self.cells)
        if wanted in names and wanted not in self.twice:
            return wanted
        if wanted.startswith("#") and wanted[1:].isdigit():
            number = int(wanted[1:])
            if 1 <= number <= len(names):
                return names[number - 1]
        found = self.twice.get(wanted) or [name for name in names if last_part(name) == wanted]
        if len(found) == 1:
            return found[0]
        reason = Message("{number} columns end in it" if found
                         else "there is no such column", number=len(found))
        columns = [f"#{number} {shown(name)}" for number, name in enumerate(names, 1)]
        raise InputError(
            "{source}: {option}={wanted}: {reason}; name one by its header or its number: "
            "{columns}", source=self.name, option=option, wanted=wanted, reason=reason,
            columns=", ".join(columns if len(columns) <= 40 else [*columns[:40], "..."]))

    def refuse_unusable(self, needed: Iterable[str]) -> None:
        """Stop at a column that is needed and cannot be read."""
        for column in needed:
            damaged = [cell for cell in self.cells[column].unique() if hidden_sign(cell)]
            for row in self.cells.index[self.cells[column].isin(damaged)][:1]:
                raise InputError("{file}: row {row}, column {column}: the cell holds the invisible "
                                 "character {sign}; remove it", file=self.name, row=row,
                                 column=shown(column), sign=hidden_sign(self.cells[column][row]))
            if column in self.faults:
                row, problem = self.faults[column]
                raise InputError("{file}: row {row}, column {column}: {problem}", file=self.name,
                                 row=row, column=shown(column), problem=problem)


def last_part(name: str) -> str:
    """Column's name without the groups that KoboToolbox and ODK write before it.

    >>> last_part("business/need_capital_1")
    'need_capital_1'
    """
    return name.rsplit("/", 1)[-1].strip()


def shown(text: str, longest: int = 60) -> str:
    """Text in quotation marks, cut where it is long.

    >>> shown("a long question", 8)
    "'a long …'"
    """
    text = " ".join(text[:longest * 20].split())
    return f"'{text}'" if len(text) <= longest else f"'{text[:longest - 1]}…'"


def seen(text: str) -> str:
    """Text without the signs that nobody sees.

    >>> seen("Setuju\\u200e")
    'Setuju'
    """
    return text if text.isascii() else UNSEEN.sub("", text)


def cell_text(value: object) -> str:
    """Cell of a workbook or statistics file as a person reads it.

    >>> [cell_text(value) for value in (None, 4.0, 2.5, " a ", True)]
    ['', '4', '2.5', 'a', 'TRUE']
    >>> cell_text(datetime.datetime(2026, 1, 5))
    '2026-01-05'
    """
    if isinstance(value, str):
        return seen(value).strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value).strip()


def existing(path: str | Path, option: str) -> Path:
    """Path to a file that is there."""
    path = Path(path)
    if not path.is_file():
        raise InputError("{option}: there is no file '{path}' in '{parent}'; correct the path",
                         option=option, path=path.name, parent=path.parent)
    return path
