"""Cells of a table as a statistics office publishes it: a title, headings of one or two rows, a row
an area, notes below."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import InputError
from helpers.intake.imports import readers
from helpers.intake.imports.readers import text, workbooks

DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Grid:
    """Rows of a file, texts and numbers; the first is row 1. Empty cells are empty texts."""

    name: str
    rows: list[list[str | float]]


def read(path: Path, sheet: str | None = None) -> Grid:
    """Grid of a CSV file or of a sheet of a workbook; an InputError names the file."""
    if not path.is_file():
        raise InputError("there is no file '{path}'; correct the path", path=path.as_posix())
    kind = path.suffix.lower()
    if kind in readers.TEXTS:
        rows: list = _split(text.decode(path.read_bytes(), path.name)[0], path.name)
    elif kind in readers.WORKBOOKS:
        rows = _sheet(path, sheet)
    else:
        raise InputError("{path}: tables are read from {allowed}; open the file and save it as "
                         ".xlsx", path=path.name,
                         allowed=", ".join((*readers.TEXTS, *readers.WORKBOOKS)))
    width = max(map(len, rows), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in rows]
    if not any(any(cell != "" for cell in row) for row in rows):
        raise InputError("{path}: the file is empty; export it again", path=path.name)
    return Grid(path.name, rows)


def _split(content: str, name: str) -> list[list[str]]:
    """Rows under the separator that gives most rows the same number of cells, above one."""
    found: dict[str, list[list[str]]] = {}
    for sign in DELIMITERS:
        try:
            found[sign] = [[_plain(cell) for cell in row] for row in csv.reader(
                io.StringIO(content, newline=""), delimiter=sign)]
        except csv.Error:
            continue

    def regular(rows: list[list[str]]) -> int:
        widths = [len(row) for row in rows if len(row) > 1]
        return max((widths.count(width) * (width - 1) for width in set(widths)), default=0)

    best = max(found, key=lambda sign: regular(found[sign]), default=None)
    if best is None or not regular(found[best]):
        raise InputError("{path}: no comma, semicolon or tab separates columns; is it a CSV "
                         "export?", path=name)
    return found[best]


def _sheet(path: Path, wanted: str | None) -> list[list[str | float]]:
    made = {one.title: one for one in workbooks.sheets_of(path, path.suffix.lower())
            if any(cell not in (None, "") for row in one.rows for cell in row)}
    if wanted is not None and wanted not in made or wanted is None and len(made) > 1:
        raise InputError("{path}: the workbook has several sheets; say SHEET=NAME with one of: "
                         "{sheets}" if wanted is None else
                         "{path}: there is no sheet '{sheet}' with content; it has: {sheets}",
                         path=path.name, sheet=wanted, sheets=", ".join(made))
    if not made:
        return []
    page = made[wanted or next(iter(made))]
    rows = [[_cell(value) for value in row] for row in page.rows]
    for top, left, bottom, right in page.marks.merged:
        for row in rows[top - 1:bottom]:
            row[left - 1:right] = [rows[top - 1][left - 1]] * len(row[left - 1:right])
    return rows


def _cell(value) -> str | float:
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) if value == value else ""
    return _plain(str(value))


def _plain(cell: str) -> str:
    return " ".join(cell.replace("\u00a0", " ").split())
