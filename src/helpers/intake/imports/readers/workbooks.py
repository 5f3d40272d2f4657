"""Workbooks of Excel and LibreOffice: sheets as rows of cells, with what a reader must know."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from helpers.errors import InputError
from helpers.intake.imports.readers import package_parts, sheets
from helpers.intake.imports.source import Source, cell_text

# A rectangle of so many cells may be held beside those that are there.
SPARE_CELLS = 2_000_000


@dataclass
class Sheet:
    """Cells of a sheet as the library gives them, row 1 first, and what is wrong or hidden in it.
    """

    title: str
    rows: list
    marks: package_parts.Marks = field(default_factory=package_parts.Marks)
    hidden: bool = False


def read(path: Path, kind: str, known: Callable, area: Callable, sheet: str | None,
         header: int | None) -> Source:
    """Source of a workbook: of the sheet that names the items, of those that a person names, or of
    one sheet an area."""
    made = sheets_of(path, kind)
    for one in made:
        one.rows = _texts(one.rows)
    return sheets.chosen(path.name, [one for one in made if any(map(any, one.rows))], known, area,
                         sheet, header)


def sheets_of(path: Path, kind: str) -> list[Sheet]:
    """All sheets of a workbook, by the ending of its name."""
    return _old_sheets(path) if kind == ".xls" else _package_sheets(path)


def _package_sheets(path: Path) -> list[Sheet]:
    """Sheets of an .xlsx or .ods by calamine; one whose cells stand far apart by openpyxl, row by
    row."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    with package_parts.open_package(path) as package:
        try:
            marks = package_parts.marks_by_title(package, path)
            book = CalamineWorkbook.from_path(str(path))
            made = []
            for about in book.sheets_metadata:
                if about.typ != SheetTypeEnum.WorkSheet:
                    continue
                found = marks.get(about.name, package_parts.Marks())
                if found.rows * found.columns > 2 * found.cells + SPARE_CELLS:
                    values = _far_rows(path, about.name)
                else:
                    page = book.get_sheet_by_name(about.name)
                    values = page.to_python(skip_empty_area=False)
                    found.merged = found.merged or sorted(
                        (top + 1, left + 1, bottom + 1, right + 1)
                        for (top, left), (bottom, right) in page.merged_cell_ranges or [])
                made.append(Sheet(about.name, [*values], found,
                                  about.visible != SheetVisibleEnum.Visible))
        except (InputError, MemoryError):
            raise
        except Exception as error:  # damage has as many forms as zip and XML do
            raise package_parts.damaged(path, error) from None
    return made


def _far_rows(path: Path, title: str):
    from openpyxl import load_workbook

    page = load_workbook(path, read_only=True, data_only=True)[title]
    # Else every row that is not there is as wide as the sheet says it is.
    page.reset_dimensions()
    return page.iter_rows(values_only=True)


def _old_sheets(path: Path) -> list[Sheet]:
    """Sheets of an .xls."""
    import io

    import xlrd

    try:
        book = xlrd.open_workbook(str(path), formatting_info=True, logfile=io.StringIO())
    except MemoryError:  # no fault of the file
        raise
    except Exception as error:
        raise package_parts.damaged(path, error) from None
    return [_old_sheet(page, book.datemode) for page in book.sheets()]


def _old_sheet(page, datemode: int) -> Sheet:
    import xlrd

    marks = package_parts.Marks(hidden=[row + 1 for row, about in sorted(page.rowinfo_map.items())
                                        if about.hidden])
    values = []
    for row in range(page.nrows):
        line = []
        for column, cell in enumerate(page.row(row)):
            value = cell.value
            if cell.ctype == xlrd.XL_CELL_ERROR:
                value = xlrd.error_text_from_code.get(value, "#N/A")
                marks.errors[row + 1, column + 1] = value
            elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                value = bool(value)
            elif cell.ctype == xlrd.XL_CELL_DATE:
                try:
                    value = xlrd.xldate_as_datetime(value, datemode)
                except (ValueError, OverflowError):
                    value = float(value)
            line.append(value)
        values.append(line)
    marks.merged = [(top + 1, left + 1, bottom, right)
                    for top, bottom, left, right in page.merged_cells]
    return Sheet(page.name, values, marks, page.visibility != 0)


def _texts(values) -> list[list[str]]:
    """Cells as texts."""
    rows: list[list[str]] = []
    known: dict[float, str] = {}
    for line in values:
        row = []
        for value in line:
            if value.__class__ is float:
                if (text := known.get(value)) is None:
                    text = known[value] = cell_text(value)
            else:
                text = cell_text(value)
            row.append(text)
        rows.append(row)
    while rows and not any(rows[-1]):
        rows.pop()
    return rows
