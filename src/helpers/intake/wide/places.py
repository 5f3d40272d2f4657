"""Which row is which area, where the headings end, and what the other rows are."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import NoReturn

import pandas as pd

from helpers.errors import InputError
from helpers.geography.names import ALIKE, CITIES, folded, similarity
from helpers.intake.area_codes import BEFORE_NAME, AreaNames, plain, refuse_others
from helpers.intake.wide.grid import Grid

TOTALS = {"jumlah", "total", "jumlahtotal", "grandtotal", "rataratata", "ratarata", "average",
          "mean", "sum"}
SOURCE = re.compile(r"(?i)^(?:sumber|source)\s*(?:/\s*source)?\s*:?\s*(.+)$")
CLOSE = 0.005  # how far a stated total may be from the sum, by rounding
SUM = re.compile(r"(?i)(?:jumlah|total)\b")
WHOLE = re.compile(r"(?i)(?:kabupaten|kab|kota|provinsi|regency|province)\b")
REGENCY = re.compile(r"(?i)kab(?:upaten)?\b|[^,;/(]*\bregency\b")
CITY = re.compile(rf"(?i)\b(?:{'|'.join(CITIES)})\b")
WHOLE_NAMED = re.compile(r"(?i)(?:kabupaten|kab\.?|kota|provinsi)\s+[a-z]")
NUMBERING = re.compile(r"\(?\d{1,2}\)?")
# Headings, without what stands between words, of columns that hold codes, count rows, count things.
CODES = re.compile(r"(kode|code)\w*|(kd|id)((prov|kab|kec|des|kel|wil|bps)\w*)?")
CODE_ALONE = re.compile(rf"{CODES.pattern}|kec(amatan)?")
ROWS = re.compile(r"no|nomor|nr|num|number|(no)?urut")
NO_CODES = re.compile(rf"{ROWS.pattern}|(jumlah|jml|total|banyak)\w*")


@dataclass(frozen=True)
class Layout:
    """Where the table lies in its grid.

    ``areas`` has the code of an area by row (from 1), ``key`` is the column that names them,
    ``headings`` are the rows of the headings, ``title`` and ``source`` what stands above and below
    the table, ``totals`` rows of sums or means by what they are called.
    """

    key: int
    areas: dict[int, str]
    headings: list[int]
    title: str
    source: str
    totals: dict[int, str]


def find(grid: Grid, areas: pd.DataFrame) -> Layout:
    """Layout of a table whose rows are these areas (code, name, and group where there are some).

    An InputError says which row is no area, or that no column names them.
    """
    known = AreaNames(areas)
    columns = range(len(grid.rows[0]))
    found = [{number: code for number, row in enumerate(grid.rows, start=1)
              if (code := known.code_of(row[column]))} for column in columns]
    key = max(columns, key=lambda column: len(set(found[column].values())))
    rows = found[key]
    regions = _regions(grid, rows, key, areas)
    rows = {row: code for row, code in rows.items() if row not in regions}
    if len(set(rows.values())) < max(2, len(areas) / 2):
        _refuse_nameless(grid, known, areas)
    _refuse_contradicted(grid, found, key, rows)
    _refuse_twice(grid, rows)
    groups = {folded(str(name)) for name in areas.get("group", pd.Series(dtype=str)).dropna()}
    lacking = set(areas["name"][~areas["code"].isin(list(rows.values()))])
    top = _top(grid, key, min(rows.keys() | regions), groups, lacking)
    totals, source = _others(grid, lacking, set(areas["name"]), key, rows, top, groups, regions)
    headings, title = _above(grid, top)
    return Layout(key, rows, headings, title, source, totals)


def with_codes_together(grid: Grid, areas: pd.DataFrame) -> Grid:
    """Grid in which a code that stands in two or three columns (35, 04, 010, or 3504, 010) is in
    the first of them alone.

    Beside a column that names the areas by itself, numbers are the end of a code only where their
    heading says so; elsewhere, where it does not say that they count something.
    """
    regencies = {plain(code)[:4] for code in areas["code"] if len(plain(code)) >= 6}
    known = AreaNames(areas)
    named = any(len({known.code_of(cell) for cell in cells} - {None}) >= max(2, len(areas) / 2)
                for cells in zip(*grid.rows, strict=True))
    columns = len(grid.rows[0])
    for size, left in [*((2, left) for left in range(columns - 2)),
                       *((1, left) for left in range(columns - 1))]:
        parts = {number: [plain(cell).zfill(2) for cell in row[left:left + size + 1]]
                 for number, row in enumerate(grid.rows)}
        own = {number: last for number, (*first, last) in parts.items()
               if "".join(first) in regencies and re.fullmatch(r"\d{2,3}", last) and int(last)}
        if len(own) < 2 or len(set(own.values())) < len(own):
            continue
        above = [heading_key(str(row[left + size])) for row in grid.rows[:min(own)]]
        if (any(map(CODE_ALONE.fullmatch, above)) if named
                else not any(map(NO_CODES.fullmatch, above))):
            width = max(map(len, own.values()))
            rows = [[*row[:left], "".join(parts[number][:-1]) + own[number].zfill(width),
                     *[""] * size, *row[left + size + 1:]] if number in own else row
                    for number, row in enumerate(grid.rows)]
            return Grid(grid.name, rows)
    return grid


def heading_key(heading: str) -> str:
    """Heading without what stands between its words.

    >>> heading_key("Kode_Kec.")
    'kodekec'
    """
    return re.sub(r"[\W_]+", "", heading.casefold())


def _refuse_nameless(grid: Grid, known: AreaNames, areas: pd.DataFrame) -> NoReturn:
    """Raise ``InputError``: no column names the areas."""
    for position, cells in enumerate(zip(*grid.rows, strict=True)):
        refuse_others(cells, areas["code"], grid.name, position + 1)
    for number, row in enumerate(grid.rows, start=1):
        if len({known.code_of(cell) for cell in row} - {None}) >= max(2, len(areas) / 2):
            raise InputError("{table}: the areas stand beside each other in row {row}; turn the "
                             "table round (Excel: Paste Special, Transpose), so that each has a "
                             "row", table=grid.name, row=number)
    raise InputError("{table}: no column names the areas of the package; a row an area is needed, "
                     "with its code or its name, such as '{code}' or '{name}'", table=grid.name,
                     code=areas["code"].iloc[0], name=areas["name"].iloc[0])


def _refuse_contradicted(grid: Grid, found: list[dict[int, str]], key: int,
                         rows: dict[int, str]) -> None:
    """Raise ``InputError`` where a column of codes and one of names say different areas."""
    def coded(position: int) -> bool:
        return all(plain(grid.rows[row - 1][position]).isdigit() for row in found[position])

    for position, own in enumerate(found):
        if len(own) < len(rows) / 2 or coded(position) == coded(key):
            continue
        for row in rows.keys() & own.keys():
            if own[row] != rows[row]:
                raise InputError("{table}: row {row}: '{one}' and '{other}' are two areas "
                                 "({code}, {second}); correct the row, or remove one of the two "
                                 "columns", table=grid.name, row=row, code=rows[row],
                                 one=plain(grid.rows[row - 1][key]), second=own[row],
                                 other=plain(grid.rows[row - 1][position]))


def _refuse_twice(grid: Grid, rows: dict[int, str]) -> None:
    times = Counter(rows.values())
    code, most = times.most_common(1)[0]
    if most == 1:
        return
    first, second = [row for row, one in rows.items() if one == code][:2]
    several = sum(number > 1 for number in times.values()) > len(times) / 2
    raise InputError("{table}: most areas have several rows (rows {first} and {second} are both "
                     "{code}); give each one row: add up its villages, or write a column a year"
                     if several else
                     "{table}: rows {first} and {second} are both the area {code}; keep one of "
                     "them, or give a column with codes", table=grid.name, first=first,
                     second=second, code=code)


def _regions(grid: Grid, rows: dict[int, str], key: int, areas: pd.DataFrame) -> set[int]:
    """Rows of the regency, which has the name of its seat: those that are called so among areas
    that are not, and the last one, where one of its numbers is the sum of the others."""
    called = {row for row in rows
              if REGENCY.match(BEFORE_NAME.sub("", str(grid.rows[row - 1][key])))}
    if len(called) >= len(rows) / 2 or all(len(plain(code)) == 4 for code in areas["code"]):
        called = set()
    rows = {row: code for row, code in rows.items() if row not in called}
    last = max(rows, default=0)
    if Counter(rows.values())[rows.get(last, "")] < 2:
        return called
    for column in range(len(grid.rows[0])):
        numbers = {row: _plain_number(grid.rows[row - 1][column]) for row in rows}
        total, parts = numbers.pop(last), [one for one in numbers.values() if one is not None]
        if total and len(parts) > 1 and abs(total - sum(parts)) <= CLOSE * abs(total):
            return called | {last}
    return called


def _plain_number(cell: str | float) -> float | None:
    if isinstance(cell, float):
        return cell
    text = re.sub(r"[., ](?=\d{3}(?!\d))", "", cell)
    return float(text) if re.fullmatch(r"-?\d+", text) else None


def _nearest(name: str, areas: set[str]) -> str | None:
    """Area that is meant where a name is spelled otherwise, or one of both is called a city."""
    def alike(area: str) -> float:
        return max(similarity(name, area), similarity(*(CITY.sub("", one).strip() or one
                                                        for one in (name, area))))

    near = max(sorted(areas), key=alike, default=None)
    return near if near is not None and alike(near) >= ALIKE else None


def _top(grid: Grid, key: int, top: int, groups: set[str], lacking: set[str]) -> int:
    """First row below the headings: that of the first area, or of a sum or what may be another area
    above it."""
    while top > 2 and any(map(looks_numeric, row := grid.rows[top - 2])) and (
            folded(name := str(row[key])) in TOTALS | groups or WHOLE_NAMED.match(name)
            or _nearest(name, lacking)):
        top -= 1
    return top


def _others(grid: Grid, lacking: set[str], names: set[str], key: int, rows: dict[int, str],
            top: int, groups: set[str], regions: set[int]) -> tuple[dict[int, str], str]:
    """Rows of sums and the stated source; what else has numbers below the headings is wrong, and
    so is a row called a regency or a city that may be that of an area without one."""
    totals, source = {}, ""
    below = list(enumerate(grid.rows[top - 1:], start=top))
    # Last those called regencies: where another row may be the seat, that one is asked about.
    for number, row in sorted(below, key=lambda one: bool(REGENCY.match(str(one[1][key])))):
        said = next((str(cell) for cell in row if cell != ""), "")
        if number in rows or not said:
            continue
        if found := SOURCE.match(said):
            source = source or found[1].strip()
            continue
        name = str(row[key]) or said
        numeric = any(map(looks_numeric, row))
        outside = not min(rows) < number < max(rows) and WHOLE.match(name) and numeric
        whole = number in regions or outside
        near = _nearest(name, lacking if whole else names)
        if folded(name) in TOTALS | groups or SUM.match(name) or (whole and not near):
            totals[number] = name
        elif numeric:
            raise InputError("{table}: row {row}: '{name}' is no area of the package; did you mean "
                             "'{near}'? Correct it, or remove the row" if near else
                             "{table}: row {row}: '{name}' is no area of the package; correct it, "
                             "or remove the row", table=grid.name, row=number, name=name,
                             near=near)
    return totals, source


def _above(grid: Grid, top: int) -> tuple[list[int], str]:
    """Rows of headings above the first area, and the title above them."""
    headings: list[int] = []
    for number in range(top - 1, 0, -1):
        row = [cell for cell in grid.rows[number - 1] if cell != ""]
        different = {str(cell) for cell in row}
        if len(different) > 1 and all(NUMBERING.fullmatch(
                f"{cell:g}" if isinstance(cell, float) else cell) for cell in row):
            continue  # columns counted: (1) (2) (3)
        if len(different) < 2:
            # One text alone is a title, or an empty row; a merged heading has others beside it.
            if headings:
                break
            continue
        headings.insert(0, number)
    if not headings:
        raise InputError("{table}: there is no heading above the first area (row {row}); write the "
                         "name of every column there", table=grid.name, row=top)
    titles = [next((str(cell) for cell in grid.rows[number - 1] if cell != ""), "")
              for number in range(1, headings[0])]
    return headings, " ".join(title for title in titles if title)


def looks_numeric(cell: str | float) -> bool:
    """Whether a cell holds a number, or the text of one."""
    return isinstance(cell, float) or bool(re.fullmatch(r"-?\d[\d., ]*%?", cell))
