"""Cells of a table as a statistics office publishes it: a title, headings of one or two rows, a row
an area, notes below."""

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import InputError
from helpers.messages import term

MOST_BYTES = 100_000_000  # of a workbook when unpacked; a table of areas has some thousand cells
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
    if kind in (".csv", ".txt", ".tsv"):
        rows: list = _split(_decode(path), path.name)
    elif kind == ".xlsx":
        rows = _sheet(path, sheet)
    else:
        raise InputError("{path}: tables are read from .csv and .xlsx; open the file and save it "
                         "as .xlsx", path=path.name)
    width = max(map(len, rows), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in rows]
    if not any(any(cell != "" for cell in row) for row in rows):
        raise InputError("{path}: the file is empty; export it again", path=path.name)
    return Grid(path.name, rows)


def _decode(path: Path) -> str:
    content = path.read_bytes()
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",
                                                                               "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError("{path}: the file is no text in UTF-8; save it as CSV UTF-8",
                     path=path.name)


def _split(text: str, name: str) -> list[list[str]]:
    """Rows under the separator that gives most rows the same number of cells, above one."""
    found: dict[str, list[list[str]]] = {}
    for sign in DELIMITERS:
        try:
            found[sign] = [[_plain(cell) for cell in row] for row in csv.reader(
                io.StringIO(text, newline=""), delimiter=sign)]
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
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > MOST_BYTES:
            raise InputError("{path}: the workbook is too large to be a table of areas; copy the "
                             "table into a workbook of its own", path=path.name)
        book = load_workbook(path, data_only=True)
    except InputError:
        raise
    except Exception as error:  # a damaged workbook fails in as many ways as zip and XML do
        raise InputError("{path}: cannot be read as an .xlsx workbook ({error}); open it and save "
                         "it as .xlsx again", path=path.name, error=term(str(error))) from None
    filled = [page.title for page in book.worksheets
              if any(cell is not None for row in page.iter_rows(values_only=True) for cell in row)]
    if wanted is not None and wanted not in filled or wanted is None and len(filled) > 1:
        raise InputError("{path}: the workbook has several sheets; say SHEET=NAME with one of: "
                         "{sheets}" if wanted is None else
                         "{path}: there is no sheet '{sheet}' with content; it has: {sheets}",
                         path=path.name, sheet=wanted, sheets=", ".join(filled))
    if not filled:
        return []
    page = book[wanted or filled[0]]
    rows = [[_cell(value) for value in row] for row in page.iter_rows(values_only=True)]
    for span in page.merged_cells.ranges:
        for row in range(span.min_row, span.max_row + 1):
            for column in range(span.min_col, span.max_col + 1):
                rows[row - 1][column - 1] = rows[span.min_row - 1][span.min_col - 1]
    return rows


def _cell(value) -> str | float:
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) if value == value else ""
    return _plain(str(value))


def _plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())
