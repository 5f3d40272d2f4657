"""What each column of a wide table is: label, unit, year, key of the indicator, numbers."""

import re
import unicodedata
from dataclasses import dataclass

from helpers.errors import InputError
from helpers.intake.area_codes import are_codes
from helpers.intake.wide.grid import Grid
from helpers.intake.wide.places import CODES, ROWS, Layout, heading_key, looks_numeric

YEAR = re.compile(r"(?<![\d/-])((?:19|20)\d\d)(?![\d/-])")
UNIT = re.compile(r"\s*[(\[]([^()\[\]]{1,40})[)\]]")
MISSING = {"", "...", "…", "na", "n/a", "n.a.", "nan", "null"}
DASHES = {"-", "–", "—"}
FORMS = {"comma": r"-?(?:\d+|[1-9]\d{0,2}(?:[. ]\d{3})+)(?:,\d+)?",
         "point": r"-?(?:\d+|[1-9]\d{0,2}(?:[, ]\d{3})+)(?:\.\d+)?"}
COUNTING = re.compile(f"{ROWS.pattern}|{CODES.pattern}")
LONGEST_KEY = 48
LEAST_LABEL = 3  # letters by which a heading says what it is
EDGES = " ,.:;-–/*"


@dataclass(frozen=True)
class Column:
    """One column of numbers: indicator, label, unit, year, and values by code."""

    position: int
    heading: str
    indicator: str
    label: str
    unit: str
    year: int | None
    values: dict[str, float]


@dataclass(frozen=True)
class Told:
    """What a person says where the table does not: year, decimal sign, dashes, name."""

    year: int | None = None
    decimal: str | None = None
    dash: str | None = None
    name: str | None = None


def read(grid: Grid, layout: Layout, told: Told) -> tuple[list[Column], list[str]]:
    """Columns of numbers, and the headings of those that are left out."""
    names = _headings(grid, layout)
    sign = _decimal(grid, layout, told)
    found, left_out = [], []
    for position, heading in names.items():
        cells = {row: grid.rows[row - 1][position] for row in layout.areas}
        if position == layout.key or not heading and all(cell == "" for cell in cells.values()):
            continue
        key = heading_key(heading)
        if (COUNTING.fullmatch(key) or not any(map(looks_numeric, cells.values()))
                or are_codes([cell for cell in cells.values() if cell != ""],
                             layout.areas.values())):
            left_out.append(heading or f"#{position + 1}")
            continue
        if not heading:
            raise InputError("{table}: column {column} has numbers and no heading (row {row}); "
                             "write what it is", table=grid.name, column=position + 1,
                             row=layout.headings[-1])
        numbers = {layout.areas[row]: number for row, cell in cells.items()
                   if (number := _number(grid, row, heading, cell, sign, told)) is not None}
        if numbers:
            found.append(_column(grid, layout, told, position, heading, numbers))
    if not found:
        raise InputError("{table}: no column beside the areas has numbers", table=grid.name)
    keys = [(column.indicator, column.year) for column in found]
    for place, one in enumerate(keys):
        if one in keys[:place]:
            first = found[keys.index(one)]
            raise InputError("{table}: columns {first} and {second} are both '{label}' in one "
                             "year; rename one of them", table=grid.name, first=first.position + 1,
                             second=found[place].position + 1, label=first.label)
    return found, left_out


def total_of(grid: Grid, layout: Layout, row: int, column: Column, told: Told) -> float | None:
    """Number that a row of totals has in a column, None where it has none."""
    cell = grid.rows[row - 1][column.position]
    if not looks_numeric(cell):
        return None
    return _number(grid, row, column.heading, cell, _decimal(grid, layout, told), told)


def _headings(grid: Grid, layout: Layout) -> dict[int, str]:
    """Heading of every column: that of the lowest row, after those above it, each once."""
    rows = [list(grid.rows[number - 1]) for number in layout.headings]
    for row in rows[:-1]:
        for position in range(1, len(row)):
            # A heading over several columns stands in the first of them.
            if row[position] == "" and position > layout.key + 1:
                row[position] = row[position - 1]
    return {position: " ".join(dict.fromkeys(
        f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else str(cell)
        for cell in (row[position] for row in rows) if cell != ""))
        for position in range(len(rows[0]))}


def _column(grid: Grid, layout: Layout, told: Told, position: int, heading: str,
            numbers: dict[str, float]) -> Column:
    years = set(YEAR.findall(heading))
    if len(years) > 1:
        raise InputError("{table}: the heading '{heading}' names several years; write one", heading=
                         heading, table=grid.name)
    from_title = set(YEAR.findall(layout.title))
    year = years or (from_title if len(from_title) == 1 else set())
    of_all = re.split(r"(?i)\b(?:menurut|per|by|according)\b", UNIT.sub("", YEAR.sub(
        "", layout.title)))[0].strip(EDGES)
    # Of a column a year the title says what it is.
    label = UNIT.sub("", YEAR.sub("", heading)).strip(EDGES) or told.name or of_all
    if len(label) < LEAST_LABEL and of_all != label:
        label = f"{of_all} {label}".strip()  # L and P below a year
    # The title's unit is that of what the title names, not of a density beside it.
    beside = not of_all or of_all.casefold() not in label.casefold()
    units = UNIT.findall(heading) or ([] if beside else UNIT.findall(layout.title))
    if not label:
        raise InputError("{table}: the heading '{heading}' is a year and the table has no title; "
                         "say what its numbers are with INDICATOR=NAME", table=grid.name,
                         heading=heading)
    per_cent = re.search(r"(?i)persen|percent|%", heading if beside else heading + layout.title)
    unit = units[0].strip() if units else "%" if per_cent else ""
    chosen = told.year or (int(next(iter(year))) if year else None)
    return Column(position, heading, key_of(label), label, unit, chosen, numbers)


def key_of(label: str) -> str:
    """Key of an indicator with this label.

    >>> key_of("Jumlah Penduduk: Laki-laki")
    'jumlah_penduduk_laki_laki'
    """
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    key = re.sub(r"[^a-z0-9]+", "_", plain.casefold()).strip("_")[:LONGEST_KEY].strip("_")
    return key if key[:1].isalpha() else f"i_{key}"


def _decimal(grid: Grid, layout: Layout, told: Told) -> str:
    """Decimal sign of all numbers that are texts; an InputError where it could be either."""
    texts = {(row, position): cell.rstrip("%").strip() for row in layout.areas
             for position, cell in enumerate(grid.rows[row - 1])
             if position != layout.key and isinstance(cell, str) and looks_numeric(cell)}
    fitting = {sign for sign, form in FORMS.items()
               if all(re.fullmatch(form, text) for text in texts.values())}
    if told.decimal is not None:
        return told.decimal
    if len(fitting) == 1:
        return fitting.pop()
    for (row, _), text in texts.items():
        if fitting and _parsed(text, "comma") != _parsed(text, "point"):
            raise InputError("{table}: row {row}: '{text}' can be {point:g} (DECIMAL=point) or "
                             "{comma:g} (DECIMAL=comma); say which", table=grid.name, row=row,
                             text=text, point=_parsed(text, "point"), comma=_parsed(text, "comma"))
    return "point"


def _number(grid: Grid, row: int, heading: str, cell: str | float, sign: str,
            told: Told) -> float | None:
    if isinstance(cell, float):
        return cell
    if cell.casefold() in MISSING or cell in DASHES and told.dash == "missing":
        return None
    if cell in DASHES and told.dash == "zero":
        return 0.0
    if cell in DASHES:
        raise InputError("{table}: row {row}, column '{heading}': '{cell}' can mean zero, as BPS "
                         "has it, or that nothing is known; say DASH=zero or DASH=missing",
                         table=grid.name, row=row, heading=heading, cell=cell)
    text = cell.rstrip("%").strip()
    if not re.fullmatch(FORMS[sign], text):
        raise InputError("{table}: row {row}, column '{heading}': '{cell}' is no number with a "
                         "decimal {sign}; write the number alone", table=grid.name, row=row,
                         heading=heading, cell=cell, sign=sign)
    return _parsed(text, sign)


def _parsed(text: str, sign: str) -> float:
    other = "." if sign == "comma" else ","
    return float(text.replace(" ", "").replace(other, "").replace(",", "."))
