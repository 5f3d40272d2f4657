"""Text files: CSV in its dialects of separators and encodings."""

import csv
import io
import re
from itertools import islice
from pathlib import Path

from helpers.errors import InputError
from helpers.intake.imports.readers.tables import from_rows
from helpers.intake.imports.source import Source, seen, shown
from helpers.messages import Message, either, term

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
DELIMITER_NAMES = {name: sign for sign, name in DELIMITERS.items()}
ENCODING_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with a byte-order mark", "utf-16": "UTF-16",
                  "utf-32": "UTF-32",
                  "utf-16-le": "UTF-16 without a byte-order mark",
                  "utf-16-be": "UTF-16 without a byte-order mark", "cp1252": "Windows-1252"}
LONGEST_CELL = 1 << 30
UTF8_SIGN = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}"
                       rb"|[\xf0-\xf4][\x80-\xbf]{3}")
# So many rows tell the separator; only then is a large file read to its end.
TRIED = 500


def read(path: Path, known, header, delimiter, encoding) -> Source:
    """Source of a text file; what a person said decides, else what the file shows."""
    content = path.read_bytes()
    if not content.strip(b"\x00\r\n\t \xff\xfe\xef\xbb\xbf"):
        raise InputError("{path}: the file is empty; export it again", path=path.name)
    text, encoding_said = decode(content, path.name, encoding)
    hint = re.match(r"sep=(.)\r?\n", text)
    if hint and delimiter is None and hint.group(1) in DELIMITERS:
        delimiter, text = DELIMITERS[hint.group(1)], text[hint.end():]
    rows, delimiter_said = _split(seen(text), path.name, delimiter)
    source = from_rows(rows, path.name, header, known)
    source.said[:0] = [Message("{path}: {encoding}, {delimiter}", path=path.name,
                               encoding=encoding_said, delimiter=delimiter_said)]
    return source


def decode(content: bytes, name: str, encoding: str | None = None) -> tuple[str, str]:
    """Text and what was found out about its encoding."""
    if encoding is not None:
        try:
            return (content.decode(encoding).removeprefix("\ufeff"),
                    Message("encoding {encoding} as told", encoding=encoding))
        except LookupError:
            raise InputError("{name}: encoding={encoding}: not known; use utf-8, cp1252 or utf-16",
                             name=name, encoding=encoding) from None
        except UnicodeError as error:
            raise InputError("{name}: encoding={encoding}: byte {byte} does not fit it; leave the "
                             "option out to have it found", name=name, encoding=encoding,
                             byte=getattr(error, "start", 0) + 1) from None
    found = _encoding(content)
    if found == "cp1252":
        _refuse_mixed(content, name)
    try:
        text = content.decode(found)
    except UnicodeError as error:
        raise InputError("{name}: reads neither as UTF-8 nor as {encoding} (byte {byte}); say "
                         "encoding=NAME, or save it as UTF-8", name=name,
                         encoding=term(ENCODING_NAMES[found]), byte=error.start + 1) from None
    if text.isascii() and found == "utf-8":
        return text, Message("plain letters, the same in every encoding")
    if found != "cp1252":
        return text, term(ENCODING_NAMES[found])
    example = re.search(r"\w*[^\x00-\x7f]+\w*", text).group()
    return text, Message("not UTF-8, so read as Windows-1252: {example} (if that is wrong say "
                         "encoding=NAME)", example=shown(example))


def _refuse_mixed(content: bytes, name: str) -> None:
    """Stop where some rows, or parts of one, are UTF-8 and others are not, as texts that were put
    together are."""
    other, utf8 = None, False
    for number, line in enumerate(content.splitlines(), 1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            utf8 = True
        except UnicodeDecodeError:
            other = other or number
            if sign := UTF8_SIGN.search(line):
                raise InputError("{name}: row {row} has {letter} as UTF-8 writes it, beside signs "
                                 "that are not UTF-8, as if two texts had been put together; save "
                                 "the parts as UTF-8, or say encoding=cp1252 if {signs} is meant",
                                 name=name, row=number,
                                 signs=shown(sign[0].decode("cp1252", "replace")),
                                 letter=shown(sign[0].decode("utf-8", "replace"))) from None
    if utf8 and other:
        raise InputError("{name}: row {row} is not UTF-8 while others are, as if two files had "
                         "been put together; save the parts as UTF-8, or say encoding=NAME to read "
                         "all rows alike", name=name, row=other)


def _encoding(content: bytes) -> str:
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if content.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "utf-32"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = content[:2000]
    for name, half in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        if half.count(0) > len(half) / 2:
            return name
    try:
        content.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        return "cp1252"


def _split(text: str, name: str, delimiter: str | None) -> tuple[list[list[str]], str]:
    """Rows of cells and what was found out about the separator."""
    if delimiter is not None:
        sign = DELIMITER_NAMES.get(delimiter, delimiter)
        if sign not in DELIMITERS:
            raise InputError("{name}: delimiter={delimiter}: allowed is one of: {known}", name=name,
                             delimiter=delimiter, known=", ".join(DELIMITER_NAMES))
        rows, fault = _rows(text, sign)
        if fault:
            raise InputError("{name}: {fault}", name=name, fault=fault)
        return rows, Message("separated by {delimiter} as told",
                             delimiter=term(DELIMITERS[sign]))
    begun = {sign: _rows(text, sign, TRIED) for sign in DELIMITERS}
    likely = [sign for sign, (rows, fault) in begun.items() if fault is None and len(rows[0]) > 1]
    tried = {sign: _rows(text, sign) for sign in likely} or begun
    fitting = [sign for sign, (rows, fault) in tried.items() if fault is None and len(rows[0]) > 1]
    if len(fitting) > 1:
        readings = either(Message("delimiter={delimiter} ({columns} columns)",
                                  delimiter=DELIMITERS[sign], columns=len(tried[sign][0][0]))
                          for sign in fitting)
        raise InputError("{name}: two readings are possible; say {readings}", name=name,
                         readings=readings)
    if fitting:
        return tried[fitting[0]][0], Message("separated by {delimiter}",
                                             delimiter=term(DELIMITERS[fitting[0]]))
    sign, (rows, fault) = max(tried.items(), key=lambda entry: len(entry[1][0][0])
                              if entry[1][0] else 0)
    if not rows or len(rows[0]) < 2:
        raise InputError("{name}: no comma, semicolon or tab separates columns in row 1; is it a "
                         "CSV export?", name=name)
    raise InputError("{name}: {fault}", name=name, fault=fault)


def _rows(text: str, sign: str, most: int | None = None) -> tuple[list[list[str]], str | None]:
    """Rows under one separator (at `most` so many), and the first fault of form, if any."""
    csv.field_size_limit(LONGEST_CELL)
    reader, rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True), []
    try:
        for row in islice(reader, most):
            rows.append([cell.strip() for cell in row])
    except csv.Error as error:
        return rows, Message("row {row}: {error}; look for a quotation mark that is missing or "
                             "too many", row=len(rows) + 1, error=term(str(error)))
    while rows and not any(rows[-1]):
        rows.pop()
    width = len(next((row for row in rows if any(row)), []))
    for number, row in enumerate(rows, start=1):
        if len(row) != width and any(row):
            return rows, Message(
                "row {row} has {cells} cells but row 1 has {columns} (separated by {delimiter}); "
                "put quotation marks around cells that hold a {delimiter}", row=number,
                cells=len(row), columns=width, delimiter=DELIMITERS[sign])
    return rows, None
