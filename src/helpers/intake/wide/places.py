"""Which row is which area, where the headings end, and what the other rows are."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from helpers.errors import InputError
from helpers.geography.names import ALIKE, folded, respelled, similarity
from helpers.intake.wide.grid import Grid

TOTALS = {"jumlah", "total", "jumlahtotal", "grandtotal", "rataratata", "ratarata", "average",
          "mean", "sum"}
SOURCE = re.compile(r"(?i)^(?:sumber|source)\s*(?:/\s*source)?\s*:?\s*(.+)$")
CLOSE = 0.005  # how far a stated total may be from the sum, by rounding
SUM = re.compile(r"(?i)(?:jumlah|total)\b")
WHOLE = re.compile(r"(?i)(?:kabupaten|kab\.|kota|provinsi|regency|province)\b")
PLACE = re.compile(r"\d{6,10}")  # code of a kecamatan or a village, without dots
NUMBERING = re.compile(r"\(?\d{1,2}\)?")


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
    known = _Names(areas)
    columns = range(len(grid.rows[0]))
    found = [{number: code for number, row in enumerate(grid.rows, start=1)
              if (code := known.code_of(row[column]))} for column in columns]
    key = max(columns, key=lambda column: len(set(found[column].values())))
    rows = found[key]
    region = _region(grid, rows)
    rows.pop(region, None)
    if len(set(rows.values())) < max(2, len(areas) / 2):
        _refuse_other_codes(grid, areas["code"])
        raise InputError("{table}: no column names the areas of the package; a row an area is "
                         "needed, with its code or its name, such as '{code}' or '{name}'",
                         table=grid.name, code=areas["code"].iloc[0], name=areas["name"].iloc[0])
    for code, times in Counter(rows.values()).items():
        if times > 1:
            first, second = [row for row, one in rows.items() if one == code][:2]
            raise InputError("{table}: rows {first} and {second} are both the area {code}; keep "
                             "one of them, or give a column with codes", table=grid.name,
                             first=first, second=second, code=code)
    top = min(rows)
    totals, source = _others(grid, known, key, rows, areas, region)
    headings, title = _above(grid, top)
    return Layout(key, rows, headings, title, source, totals)


def are_codes(cells: Iterable[str | float], codes: Iterable[str]) -> bool:
    """Whether cells are codes of places in the regencies of some areas, by whatever numbering.

    >>> are_codes(["3504010", "3504020", 3504021.0], ["35.04.01", "35.04.02"])
    True
    >>> are_codes(["35.010", "35.020"], ["35.04.01"]), are_codes(["3504010"], ["35.04.01"])
    (False, False)
    """
    regencies = {plain[:4] for code in codes if len(plain := code.replace(".", "")) >= 6}
    plain = [_digits(cell) for cell in cells]
    return 1 < len(plain) == len(set(plain)) and all(
        PLACE.fullmatch(one) and one[:4] in regencies for one in plain)


def _refuse_other_codes(grid: Grid, codes: pd.Series) -> None:
    """Raise ``InputError`` where a column has codes of the same regencies by another numbering."""
    for position in range(len(grid.rows[0])):
        cells = [row[position] for row in grid.rows if PLACE.fullmatch(_digits(row[position]))]
        if are_codes(cells, codes):
            raise InputError("{table}: column {column} has codes such as {found}, which are not "
                             "those of the package ({code}): statistics (BPS, seven digits) and "
                             "Home Affairs number kecamatan in different orders; add a column with "
                             "the names", table=grid.name, column=position + 1,
                             found=_digits(cells[0]), code=codes.iloc[0])


def _digits(cell: str | float) -> str:
    return f"{cell:.0f}" if isinstance(cell, float) else cell.replace(".", "")


def _region(grid: Grid, rows: dict[int, str]) -> int | None:
    """Last row, where its name is that of another one, as a regency has that of its seat, and one
    of its numbers is the sum of the others."""
    last = max(rows, default=0)
    if list(rows.values()).count(rows.get(last)) < 2:
        return None
    for column in range(len(grid.rows[0])):
        numbers = {row: _plain_number(grid.rows[row - 1][column]) for row in rows}
        total, parts = numbers.pop(last), [one for one in numbers.values() if one is not None]
        if total and len(parts) > 1 and abs(total - sum(parts)) <= CLOSE * abs(total):
            return last
    return None


def _plain_number(cell: str | float) -> float | None:
    if isinstance(cell, float):
        return cell
    text = re.sub(r"[., ](?=\d{3}(?!\d))", "", cell)
    return float(text) if re.fullmatch(r"-?\d+", text) else None


class _Names:
    """Codes and names of the areas, as tables write them."""

    def __init__(self, areas: pd.DataFrame):
        self.codes = {re.sub(r"\D", "", code) or code: code for code in areas["code"]}
        self.names = {folded(name): name for name in areas["name"]}
        self.kept: dict[str, str | None] = {}
        for key in (folded, respelled):
            for code, name in zip(areas["code"], areas["name"], strict=True):
                # A name that two areas share names neither.
                self.kept[key(name)] = None if self.kept.get(key(name), code) != code else code

    def code_of(self, cell: str | float) -> str | None:
        """Code of the area that a cell names."""
        if isinstance(cell, float):
            return self.codes.get(f"{cell:.0f}") if cell.is_integer() else None
        text = re.sub(r"^\d{1,3}[.)]?\s+", "", cell)
        if re.fullmatch(r"[\d.]+", cell):
            return self.codes.get(cell.replace(".", ""))
        return self.codes.get(cell) or self.kept.get(folded(text)) or self.kept.get(respelled(text))


def _others(grid: Grid, known: _Names, key: int, rows: dict[int, str], areas: pd.DataFrame,
            region: int | None) -> tuple[dict[int, str], str]:
    """Rows of sums and the stated source; what else has numbers from the first area on is wrong."""
    groups = {folded(str(name)) for name in areas.get("group", pd.Series(dtype=str)).dropna()}
    totals, source = {}, ""
    for number, row in enumerate(grid.rows[min(rows) - 1:], start=min(rows)):
        said = next((str(cell) for cell in row if cell != ""), "")
        if number in rows or not said:
            continue
        if found := SOURCE.match(said):
            source = source or found[1].strip()
            continue
        name = str(row[key]) or said
        numeric = sum(looks_numeric(cell) for cell in row)
        below = number > max(rows) and WHOLE.match(name) and numeric
        if number == region or folded(name) in TOTALS | groups or SUM.match(name) or below:
            totals[number] = name
        elif numeric:
            near = max(known.names, key=lambda one: similarity(name, one))
            alike = similarity(name, near) >= ALIKE
            raise InputError("{table}: row {row}: '{name}' is no area of the package; did you mean "
                             "'{near}'? Correct it, or remove the row" if alike else
                             "{table}: row {row}: '{name}' is no area of the package; correct it, "
                             "or remove the row", table=grid.name, row=number, name=name,
                             near=known.names[near])
    return totals, source


def _above(grid: Grid, top: int) -> tuple[list[int], str]:
    """Rows of headings above the first area, and the title above them."""
    headings: list[int] = []
    for number in range(top - 1, 0, -1):
        row = [cell for cell in grid.rows[number - 1] if cell != ""]
        different = {str(cell) for cell in row}
        if len(different) > 1 and all(NUMBERING.fullmatch(_text(cell)) for cell in row):
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


def _text(cell: str | float) -> str:
    return f"{cell:g}" if isinstance(cell, float) else cell
