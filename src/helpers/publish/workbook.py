"""A table as an .xlsx workbook: the same bytes for the same table, whenever it is written."""

import io
import zipfile
from xml.sax.saxutils import escape

import pandas as pd

# Spreadsheets that office programs write carry the time of saving; a fixed date keeps two builds equal.
DATE = (1980, 1, 1, 0, 0, 0)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NAMES = "http://schemas.openxmlformats.org"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{NAMES}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    + "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        f'spreadsheetml.{kind}+xml"/>'
        for part, kind in (("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"), ("styles", "styles"))
    )
    + "</Types>",
    "_rels/.rels": f'<Relationships xmlns="{NAMES}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{NAMES}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{NAMES}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{NAMES}/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{NAMES}/officeDocument/2006/relationships/styles" Target="styles.xml"/>'
    "</Relationships>",
    "xl/styles.xml": f'<styleSheet xmlns="{NAMES}/spreadsheetml/2006/main">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf fontId="0"/><xf fontId="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def workbook(frame: pd.DataFrame, headings: list[str], sheet: str) -> bytes:
    """Return one sheet with a bold head line that stays in view, as the bytes of an .xlsx file.

    Parameters
    ----------
    frame : DataFrame
        Numbers stay numbers; everything else is text, so that no cell is taken for a formula or a date.
    headings : list of str
        What stands above each column.
    sheet : str
        Name of the sheet, at most 31 characters.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["35.05"], "n": [3]})
    >>> workbook(frame, ["Code", "n"], "list") == workbook(frame, ["Code", "n"], "list")
    True
    """
    # The name stands in an attribute: the quotation mark needs escaping as well.
    book = (f'<workbook xmlns="{NAMES}/spreadsheetml/2006/main" xmlns:r="{NAMES}/officeDocument/2006/relationships">'
            f'<sheets><sheet name="{escape(sheet, {chr(34): "&quot;"})}" sheetId="1" r:id="rId1"/></sheets></workbook>')
    parts = PARTS | {"xl/workbook.xml": book, "xl/worksheets/sheet1.xml": _sheet(frame, headings)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, DATE), HEAD + text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _sheet(frame: pd.DataFrame, headings: list[str]) -> str:
    texts = [frame[column].astype(str) for column in frame]
    widths = [max(len(head), int(text.str.len().max()) if len(text) else 0) + 2 for head, text in zip(headings, texts)]
    columns = "".join(f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
                      for place, width in enumerate(widths, 1))
    rows = [_row([_text(head, 1) for head in headings])]
    numeric = [pd.api.types.is_numeric_dtype(frame[column]) for column in frame]
    for values in frame.itertuples(index=False):
        rows.append(_row([_number(value) if number else _text(value) for value, number in zip(values, numeric)]))
    view = ('<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView>'
            "</sheetViews>")
    return (f'<worksheet xmlns="{NAMES}/spreadsheetml/2006/main">{view}<cols>{columns}</cols>'
            f'<sheetData>{"".join(rows)}</sheetData></worksheet>')


def _row(cells: list[str]) -> str:
    return f"<row>{''.join(cells)}</row>"


def _number(value) -> str:
    # Python's own numbers: those of NumPy would write their type as well.
    return "<c/>" if pd.isna(value) else f"<c><v>{value.item() if hasattr(value, 'item') else value}</v></c>"


def _text(value, style: int = 0) -> str:
    if pd.isna(value) or value == "":
        return "<c/>"
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'
