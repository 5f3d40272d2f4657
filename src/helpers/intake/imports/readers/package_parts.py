"""Parts of a workbook's package (.xlsx, .ods), looked at before a library opens it.

The libraries give an empty cell for an error and for a formula without a result, hold a sheet as
one rectangle, however far away its last cell stands, and unpack whatever a file says. So the parts
are read once as a stream: sizes first, then the cells and rows that need a word.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

from helpers.errors import InputError
from helpers.messages import term

LARGEST_UNPACKED = 512 << 20
MOST_PARTS = 5000
CHUNK = 1 << 22
ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
COLUMN = re.compile(rb'<(?:\w+:)?c\b[^>]*?\sr="([A-Z]+)')
FULL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/])>(.*?)</(?:\w+:)?c>", re.S)
VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)</")
# Rows and columns of an .ods, rows with their cells; what tells that such a row must be looked at.
OPEN_PARTS = re.compile(rb"<table:table-row(?=[\s/>])([^>]*?)(?:/>|>(.*?)</table:table-row>)"
                        rb"|<table:(table|table-column)(?=[\s/>])([^>]*)>", re.S)
OPEN_CELLS = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*?)(?:/>|>(.*?)</table:)", re.S)
TELLING = re.compile(rb'-spanned=|"error"|formula=|columns-repeated="\d{4}')
HIDDEN = re.compile(rb'visibility="(?:filter|collapse)"')
# What cells that a program marks as errors show; of other formulas, texts may begin with # too.
MARKED = re.compile(rb"<text:p[^>]*>((?:#|Err:)[^<]+)<")
ERROR = re.compile(rb"<text:p[^>]*>(#(?:N/A|(?:REF|DIV/0|VALUE|NUM|NULL|SPILL|CALC)!|NAME\?)"
                   rb"|Err:\d{3})<")
MOST_REPEATS = 1000
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/"
RELATION = f"{{{OFFICE}relationships}}id"


@dataclass
class Marks:
    """What stands in a sheet beside its values.

    Rows and columns count from 1; `errors` has the cells that show an error, `unstored` those with
    a formula and no result; `hidden` and `hidden_columns` what is not shown; `merged` has ranges as
    (first row, first column, last row, last column); `rows` and `columns` are the last ones with a
    cell, `cells` how many cells there are.
    """

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    unstored: list[tuple[int, int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    rows: int = 0
    columns: int = 0
    cells: int = 0


def open_package(path: Path) -> zipfile.ZipFile:
    """The package of a workbook, when it is one and unpacks to no more than the limit."""
    try:
        package = zipfile.ZipFile(path)
        parts = package.infolist()
        unpacked = sum(part.file_size for part in parts)
        if unpacked > LARGEST_UNPACKED or len(parts) > MOST_PARTS:
            raise InputError(
                "{path}: unpacks to {size:.0f} MB in {parts} parts; workbooks up to {limit:.0f} MB "
                "and {most} parts are read: save the sheet with the answers as .csv",
                path=path.name, size=unpacked / 1e6, parts=len(parts), limit=LARGEST_UNPACKED / 1e6,
                most=MOST_PARTS)
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with package.open(part) as stream:
                    if b"<!DOCTYPE" in stream.read(1 << 16).replace(b"\x00", b""):
                        raise InputError("{path}: the part {part} declares a document type, which "
                                         "no spreadsheet program does; open it and save it again",
                                         path=path.name, part=part.filename)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        raise damaged(path, error) from None
    return package


def damaged(path: Path, error: Exception) -> InputError:
    """Error for a workbook that cannot be read."""
    return InputError("{path}: cannot be read as a workbook ({error}); open it and save it as "
                      ".xlsx again", path=path.name, error=term(str(error)))


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Part of each sheet of an .xlsx by its title."""
    names = set(package.namelist())
    book = "xl/workbook.xml"
    for relation in ElementTree.fromstring(package.read("_rels/.rels")):
        if relation.get("Type", "").endswith("/officeDocument"):
            book = relation.get("Target", book).lstrip("/")
    folder, _, file = book.rpartition("/")
    relations = ElementTree.fromstring(package.read(f"{folder}/_rels/{file}.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations
               if relation.get("Type", "").endswith("/worksheet")}
    parts = {}
    for element in ElementTree.fromstring(package.read(book)).iter():
        if element.tag.endswith("}sheet") and element.get(RELATION) in targets:
            target = targets[element.get(RELATION)]
            part = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
            if part in names:
                parts[element.get("name")] = part
    return parts


def marks_by_title(package: zipfile.ZipFile, path: Path) -> dict[str, Marks]:
    """What the sheets of a workbook hold beside their values, by title."""
    if path.suffix.lower() == ".ods":
        return _open_marks(package, path.name)
    return {title: _marks(package, part) for title, part in _sheet_parts(package).items()}


def _marks(package: zipfile.ZipFile, part: str) -> Marks:
    """What a sheet of an .xlsx holds beside its values."""
    found = Marks()
    for chunk in _pieces(package, part, b"</row>", b":row>"):
        if b"r='" in chunk:
            chunk = chunk.replace(b"'", b'"')
        if not found.rows:
            _hidden_columns(chunk, found)
        _rows(chunk, found)
        columns = COLUMN.findall(chunk)
        found.cells += len(columns)
        found.columns = max([found.columns, *map(_number, set(columns))])
        if b't="e"' in chunk or b"<f" in chunk or b":f" in chunk:
            _exceptions(chunk, found)
    return found


def _pieces(package: zipfile.ZipFile, part: str, *ends: bytes) -> Iterator[bytes]:
    """Text of a part in pieces that end with a row, by the first of its ends that is there."""
    rest = b""
    with package.open(part) as stream:
        while piece := stream.read(CHUNK):
            text = rest + piece
            end = next((end for end in ends if end in text), b"")
            cut = text.rfind(end) + len(end) if end else 0
            yield text[:cut]
            rest = text[cut:]
    yield rest


def _rows(chunk: bytes, found: Marks) -> None:
    for attributes in ROW.findall(chunk):
        number = re.search(rb'\br="(\d+)"', attributes)
        found.rows = int(number.group(1)) if number else found.rows + 1
        if b"hidden=" in attributes and re.search(rb'\bhidden="(1|true)"', attributes):
            found.hidden.append(found.rows)


def _hidden_columns(chunk: bytes, found: Marks) -> None:
    for attributes in re.findall(rb"<(?:\w+:)?col\b([^>]*)>", chunk):
        if re.search(rb'\bhidden="(1|true)"', attributes):
            ends = [re.search(rb'\b' + end + rb'="(\d+)"', attributes) for end in (b"min", b"max")]
            if all(ends):
                first, last = (int(end.group(1)) for end in ends)
                found.hidden_columns.update(range(first, min(last, 16384) + 1))


def _exceptions(chunk: bytes, found: Marks) -> None:
    """Cells of a chunk with an error, or with a formula that has no result."""
    for attributes, content in FULL.findall(chunk):
        error = b't="e"' in attributes
        formula = b"<f" in content or b":f" in content
        place = (error or formula) and re.search(rb'\br="([A-Z]+)(\d+)"', attributes)
        if not place:
            continue
        cell = int(place.group(2)), _number(place.group(1))
        value = VALUE.search(content)
        if error:
            found.errors[cell] = value.group(1).decode() if value else "#N/A"
        elif not value and b't="str"' not in attributes:
            found.unstored.append(cell)


def _number(letters: bytes) -> int:
    """Number of a column from its letters.

    >>> _number(b"A"), _number(b"XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _open_marks(package: zipfile.ZipFile, name: str) -> dict[str, Marks]:
    """What the sheets of an .ods hold beside their values, by title.

    An .ods that says in few words that it has millions of filled cells is refused.
    """
    found: dict[str, Marks] = {}
    here, column = Marks(), 0
    for chunk in _pieces(package, "content.xml", b"</table:table-row>"):
        for row, content, kind, attributes in OPEN_PARTS.findall(chunk):
            if kind == b"table":
                here, column = Marks(), 0
                title = re.search(rb'table:name="([^"]*)"', attributes)
                found[unescape(title.group(1).decode()) if title else ""] = here
            elif kind:
                repeats = _repeats(attributes)
                if HIDDEN.search(attributes):
                    here.hidden_columns.update(range(column + 1, min(column + repeats, 16384) + 1))
                column += repeats
            else:
                _open_row(row, content, here, name)
    return found


def _open_row(attributes: bytes, content: bytes, found: Marks, name: str) -> None:
    repeats = _repeats(attributes)
    if repeats > MOST_REPEATS and b"<text:p" in content:
        raise InputError("{path}: a row is repeated {number} times; save the sheet as .csv",
                         path=name, number=repeats)
    if HIDDEN.search(attributes) and repeats <= MOST_REPEATS:
        found.hidden += range(found.rows + 1, found.rows + repeats + 1)
    if TELLING.search(content):
        _open_cells(content, found, name)
    found.rows += repeats


def _repeats(attributes: bytes) -> int:
    found = re.search(rb'number-(?:rows|columns)-repeated="(\d+)"', attributes)
    return int(found.group(1)) if found else 1


def _open_cells(content: bytes, found: Marks, name: str) -> None:
    """Cells of a row of an .ods that are merged, repeated, or show an error."""
    column = 0
    for attributes, text in OPEN_CELLS.findall(content):
        repeats, row = _repeats(attributes), found.rows + 1
        if repeats > MOST_REPEATS and b"<text:p" in text:
            raise InputError("{path}: a cell is repeated {number} times; save the sheet as .csv",
                             path=name, number=repeats)
        down, across = (int(span.group(1)) if (span := re.search(
            rb'number-' + side + rb'-spanned="(\d+)"', attributes)) else 1
            for side in (b"rows", b"columns"))
        if down * across > 1:
            found.merged.append((row, column + 1, row + down - 1, column + across))
        known = MARKED if b'value-type="error"' in attributes else ERROR
        if (known is MARKED or b"formula=" in attributes) and (shown := known.search(text)):
            found.errors[row, column + 1] = unescape(shown.group(1).decode())
        column += repeats
