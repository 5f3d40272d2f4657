"""Excel workbooks with the same bytes every time: field lists, the form of the questionnaire."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence

MOMENT = (1980, 1, 1, 0, 0, 0)
WIDEST = 70


def workbook(
    sheets: Mapping[str, Sequence[Sequence[object]]], formats: Sequence[str | None] = ()) -> bytes:
    """Sheets of plain cells as the bytes of an .xlsx file, first rows as frozen, bold headers.

    Workbooks carry the time of writing in their archive and in their properties; both are set to a
    fixed moment. `formats` says how the numbers of each column are shown, e.g. ``#,##0.00``: the
    program that opens the file writes the signs of its own language for them. The numbers
    themselves keep all digits.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for number, row in enumerate(rows, start=1):
            page.append(list(row))
            # A whole row at once would look through all rows, for its length.
            cells = [page.cell(number, column) for column in range(1, len(row) + 1)]
            for cell in cells:
                if cell.data_type == "f":
                    cell.data_type = "s"  # a text that begins with "=" is a text
            for cell, form in zip(cells, formats, strict=False):
                if form and cell.data_type == "n":
                    cell.number_format = form
        for cell in page[1]:
            cell.font = Font(bold=True)
        page.freeze_panes = "A2"
        for number, column in enumerate(zip(*rows, strict=True), start=1):
            width = max(len(str(value)) for value in column if value is not None) + 2
            page.column_dimensions[get_column_letter(number)].width = min(width, WIDEST)
    raw = io.BytesIO()
    book.save(raw)
    return without_times(raw.getvalue())


def without_times(content: bytes) -> bytes:
    """Office file (.xlsx, .docx) with every time in it set to a fixed moment."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w",
                                                                      zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"1980-01-01T00:00:00Z", part)
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            new.writestr(entry, part)
    return made.getvalue()
