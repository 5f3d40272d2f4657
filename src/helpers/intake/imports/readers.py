"""Files that people have: CSV in its dialects, Excel, SPSS, Stata. All that is found is said."""

import csv
import io
import re
from pathlib import Path

from helpers.errors import InputError
from helpers.intake.imports.source import Source, existing, from_rows, shown
from helpers.messages import Message, either, joined, term

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
DELIMITER_NAMES = {name: sign for sign, name in DELIMITERS.items()}
ENCODING_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with a byte-order mark", "utf-16": "UTF-16",
                  "utf-16-le": "UTF-16 without a byte-order mark",
                  "utf-16-be": "UTF-16 without a byte-order mark", "cp1252": "Windows-1252"}
LONGEST_CELL = 1_000_000


def read(path: str | Path, known, *, sheet: str | None = None, header: int | None = None,
         delimiter: str | None = None, encoding: str | None = None,
         option: str = "import") -> Source:
    """Table of a file, read by the ending of its name.

    `known` tells of a cell whether it names something that is wanted: so header and sheet are
    found. Further options are what a person said, where the file leaves a choice, and how messages
    name the argument (`option`).
    """
    path = existing(path, option)
    kind = path.suffix.lower()
    if kind in (".csv", ".txt", ".tsv"):
        return _read_text(path, known, header, delimiter, encoding)
    if kind == ".xlsx":
        return _read_workbook(path, known, sheet, header)
    if kind in (".sav", ".zsav", ".dta"):
        return _read_statistics(path, kind)
    sheets = (".xls", ".ods", ".xlsm", ".xlsb")
    remedy = Message("open it and save it as .xlsx" if kind in sheets
                     else "export it as one of these")
    raise InputError("{path}: files that end in '{kind}' are not read; allowed are .csv, .tsv, "
                     ".txt, .xlsx, .sav, .zsav, .dta: {remedy}", path=path.name, kind=kind,
                     remedy=remedy)


def _read_text(path: Path, known, header, delimiter, encoding) -> Source:
    content = path.read_bytes()
    if not content.strip(b"\x00\r\n\t \xff\xfe\xef\xbb\xbf"):
        raise InputError("{path}: the file is empty; export it again", path=path.name)
    text, encoding_said = _decode(content, path.name, encoding)
    hint = re.match(r"sep=(.)\r?\n", text)
    if hint and delimiter is None and hint.group(1) in DELIMITERS:
        delimiter, text = DELIMITERS[hint.group(1)], text[hint.end():]
    rows, delimiter_said = _split(text, path.name, delimiter)
    source = from_rows(rows, path.name, header, known)
    source.said[:0] = [Message("{path}: {encoding}, {delimiter}", path=path.name,
                               encoding=encoding_said, delimiter=delimiter_said)]
    return source


def _decode(content: bytes, name: str, encoding: str | None) -> tuple[str, str]:
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


def _encoding(content: bytes) -> str:
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
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
        return rows, Message("separated by {delimiter} as told", delimiter=DELIMITERS[sign])
    tried = {sign: _rows(text, sign) for sign in DELIMITERS}
    fitting = [sign for sign, (rows, fault) in tried.items() if fault is None and len(rows[0]) > 1]
    if len(fitting) > 1:
        readings = either(Message("delimiter={delimiter} ({columns} columns)",
                                  delimiter=DELIMITERS[sign], columns=len(tried[sign][0][0]))
                          for sign in fitting)
        raise InputError("{name}: two readings are possible; say {readings}", name=name,
                         readings=readings)
    if fitting:
        return tried[fitting[0]][0], Message("separated by {delimiter}",
                                             delimiter=DELIMITERS[fitting[0]])
    sign, (rows, fault) = max(tried.items(), key=lambda entry: len(entry[1][0][0])
                              if entry[1][0] else 0)
    if not rows or len(rows[0]) < 2:
        raise InputError("{name}: no comma, semicolon or tab separates columns in row 1; is it a "
                         "CSV export?", name=name)
    raise InputError("{name}: {fault}", name=name, fault=fault)


def _rows(text: str, sign: str) -> tuple[list[list[str]], str | None]:
    """Rows under one separator, and the first fault of form, if any."""
    csv.field_size_limit(LONGEST_CELL)
    reader, rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True), []
    try:
        for row in reader:
            rows.append([cell.strip() for cell in row])
    except csv.Error as error:
        return rows, Message("row {row}: {error}; look for a quotation mark that is missing or "
                             "too many", row=len(rows) + 1, error=term(str(error)))
    while rows and not any(rows[-1]):
        rows.pop()
    width = len(next((row for row in rows if any(row)), []))
    for number, row in enumerate(rows, start=1):
        if any(row) and len(row) != width:
            return rows, Message(
                "row {row} has {cells} cells but row 1 has {columns} (separated by {delimiter}); "
                "put quotation marks around cells that hold a {delimiter}", row=number,
                cells=len(row), columns=width, delimiter=DELIMITERS[sign])
    return rows, None


def _read_workbook(path: Path, known, sheet, header) -> Source:
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, data_only=True)
        formulas = load_workbook(path)
    except Exception as error:  # a damaged workbook fails in as many ways as zip and XML do
        raise InputError("{path}: cannot be read as an .xlsx workbook ({error}); open it and save "
                         "it as .xlsx again", path=path.name, error=term(str(error))) from None
    filled = {page.title: _cells(page) for page in book.worksheets
              if page.max_row > 1 or page["A1"].value is not None}
    title = _sheet(path.name, filled, known, sheet)
    page, where = book[title], Message(", sheet '{title}'", title=title)
    for merged in sorted(page.merged_cells.ranges, key=lambda area: (area.min_row, area.min_col)):
        if merged.min_row <= (header or 1) <= merged.max_row:
            raise InputError("{path}{where}: the header has merged cells ({coord}); unmerge them "
                             "and give every column its own name" if header
                             else
                             "{path}{where}: the header has merged cells ({coord}); unmerge them "
                             "and give every column its own name, or say header=ROW if the names "
                             "stand below", path=path.name, where=where, coord=merged.coord)
        if merged.min_row > (header or 1):
            raise InputError("{path}{where}: the cells {coord} are merged; unmerge them and fill "
                             "each one", path=path.name, where=where, coord=merged.coord)
    for line in formulas[title].iter_rows():
        for cell in line:
            if cell.data_type == "f" and page[cell.coordinate].value is None:
                raise InputError("{path}{where}: the cell {coordinate} holds a formula without a "
                                 "stored result; open the file, save it again, or put the value "
                                 "in", path=path.name, where=where, coordinate=cell.coordinate)
    _refuse_error_cells(filled[title], joined([path.name, where], ""))
    source = from_rows(filled[title], path.name, header, known, where)
    if len(book.sheetnames) > 1:
        source.said.insert(0, Message("{path}: sheet '{title}' of {sheets} as told" if sheet
                                      else "{path}: sheet '{title}' of {sheets}, the only one that "
                                      "names items", path=path.name, title=title,
                                      sheets=len(book.sheetnames)))
    return source


def _sheet(name: str, filled: dict[str, list[list[str]]], known, sheet: str | None) -> str:
    if not filled:
        raise InputError("{name}: all sheets are empty; export it again", name=name)
    if sheet is not None:
        if sheet not in filled:
            raise InputError("{name}: sheet={sheet}: there is no such sheet with content; it has: "
                             "{filled}", name=name, sheet=sheet, filled=", ".join(filled))
        return sheet
    if len(filled) == 1:
        return next(iter(filled))
    naming = [title for title, rows in filled.items()
              if any(sum(map(known, row)) > 1 for row in rows[:10])]
    if len(naming) != 1:
        reason = Message("none of its sheets names the items" if not naming
                         else "{sheets} sheets name the items", sheets=len(naming))
        raise InputError("{name}: {reason}; say sheet=NAME with one of: {sheets}", name=name,
                         reason=reason, sheets=", ".join(naming or filled))
    return naming[0]


def _cells(page) -> list[list[str]]:
    return [[_text(value) for value in line] for line in page.iter_rows(values_only=True)]


def _refuse_error_cells(rows: list[list[str]], place: str) -> None:
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            if re.fullmatch(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)", text):
                raise InputError("{place}: row {row}, column {column}: the cell shows the error "
                                 "{text}; correct the formula or empty the cell", place=place,
                                 row=number, column=column, text=text)


def _text(value: object) -> str:
    """Cell of a workbook or statistics file as a person reads it.

    Examples
    --------
    >>> [_text(value) for value in (None, 4.0, 2.5, " a ", True)]
    ['', '4', '2.5', 'a', 'TRUE']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()


def _read_statistics(path: Path, kind: str) -> Source:
    import pandas as pd
    import svy_io

    program = "Stata" if kind == ".dta" else "SPSS"
    try:
        if kind == ".dta":
            table, about = svy_io.read_dta(path)
        else:
            table, about = svy_io.read_sav(path, normalize_names=False)
    except (RuntimeError, OSError, ValueError) as error:
        raise InputError("{path}: cannot be read as a file of {program} ({error}); save it from "
                         "{program} again, or export it as CSV", path=path.name, program=program,
                         error=error) from None
    if not table.height:
        raise InputError("{path}: has no rows; add at least one respondent", path=path.name)
    cells = pd.DataFrame({name: [_text(value) for value in table[name].to_list()]
                          for name in table.columns}, dtype="str", index=range(1, table.height + 1))
    sets = {entry["set_name"]: entry["mapping"] for entry in about["value_labels"]}
    variables = about["vars"]
    source = Source(path.name, cells,
                    {entry["name"]: entry["label"].strip() for entry in variables
                     if entry["label"]},
                    {entry["name"]: {_code(code): label.strip()
                                     for code, label in sets[entry["label_set"]].items()}
                     for entry in variables if entry["label_set"] in sets})
    source.said.append(
        Message("{path}: {program}, {variables} variables ({labelled} with value labels), {cases} "
                "cases", path=path.name, program=program, variables=table.width,
                labelled=len(source.labels), cases=table.height))
    for entry in about["user_missing"]:
        values = [_text(value) for value in entry["na_values"] or []]
        values += ["{} to {}".format(*map(_text, entry["na_range"]))] if entry["na_range"] else []
        source.said.append(
            Message("{path}: variable '{variable}': {values} declared missing, read as empty",
                    path=path.name, variable=entry["col"], values=", ".join(values)))
    return source


def _code(code: object) -> str:
    """Code of a value label as its cell is written.

    Examples
    --------
    >>> _code("1.0"), _code("a")
    ('1', 'a')
    """
    try:
        return _text(float(code))
    except ValueError:
        return str(code)
