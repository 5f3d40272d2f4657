"""Parts of a workbook's package (.xlsx, .ods), looked at before a library opens it.

The libraries give an empty cell for an error and for a formula without a result, hold a sheet as
one rectangle, however far away its last cell stands, and unpack whatever a file says. So the parts
are read once as a stream: sizes first, then the cells and rows that need a word.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
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
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/"
RELATION = f"{{{OFFICE}relationships}}id"


@dataclass
class Marks:
    """What stands in a sheet beside its values.

    Rows and columns count from 1; `errors` has the cells that show an error, `unstored` those with
    a formula and no result; `hidden` and `hidden_columns` what is not shown; `rows` and `columns`
    are the last ones with a cell, `cells` how many cells there are.
    """

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    unstored: list[tuple[int, int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)
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


def sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
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


def marks(package: zipfile.ZipFile, part: str) -> Marks:
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


def refuse_repeats(package: zipfile.ZipFile, name: str) -> None:
    """Stop at an .ods that says in few words that it has millions of filled cells."""
    repeated = re.compile(rb'number-(?:rows|columns)-repeated="(\d+)"')
    filled = re.compile(rb"<table:table-row\b([^>]*)>(?:(?!</table:table-row>).)*?<text:p", re.S)
    for chunk in _pieces(package, "content.xml", b"</table:table-row>"):
        for attributes in filled.findall(chunk):
            rows = repeated.search(attributes)
            if rows and int(rows.group(1)) > 1000:
                raise InputError("{path}: a row is repeated {number} times; save the sheet as .csv",
                                 path=name, number=int(rows.group(1)))
        for cells in re.findall(rb"<table:table-cell\b([^>]*)>\s*<text:p", chunk):
            columns = repeated.search(cells)
            if columns and int(columns.group(1)) > 1000:
                raise InputError("{path}: a cell is repeated {number} times; save the sheet as "
                                 ".csv", path=name, number=int(columns.group(1)))
