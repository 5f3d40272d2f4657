"""Tables for Word, written as its markup: python-docx, cell by cell, takes twenty times as long."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from helpers.documents.report.blocks import Table

HALF_POINTS = 16
GREY = "616161"
TWIPS_PER_CM = 567
# Centimetres of a letter; letters from which a column holds long texts.
LETTER, LONG = 0.14, 24
LINES = {"table": 12, "header": 6}
NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def table_element(block: Table, width: float, warning: tuple[str, str, str] | None):
    """Table as an element of a Word document: a line above, one below the header, one at the end.

    `width` is the centimetres between the margins. The `warning` (word, sentence and hexadecimal
    colour of a status) stands above the header, and like it on every page.
    """
    from docx.oxml import parse_xml

    widths = _widths(block.weights, width)
    heads = [_warning(warning, len(widths), sum(widths))] if warning else []
    heads.append(_row(block.headings, widths, block.numeric, bold=True))
    rows = (_row(row, widths, block.numeric, soft=block.soft) for row in block.rows)
    return parse_xml("".join([
        f'<w:tbl {NAMESPACE}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>',
        _line("top", "table"), _line("bottom", "table"), "</w:tblBorders><w:tblCellMar>",
        *(f'<w:{side} w:w="50" w:type="dxa"/>' for side in ("left", "right")), "</w:tblCellMar>",
        f'<w:tblCaption w:val="{escape(block.title, {chr(34): "&quot;"})}"/>',
        "</w:tblPr><w:tblGrid>", *(f'<w:gridCol w:w="{width}"/>' for width in widths),
        "</w:tblGrid>", *heads, *rows, "</w:tbl>"]))


def _widths(weights: list[int], width: float) -> list[int]:
    """Widths of columns in twips; those of long texts share what the others leave.

    >>> _widths([10, 20], 17), sum(_widths([10, 36, 36, 36, 36], 17))
    ([794, 1588], 9638)
    """
    natural = [weight * LETTER for weight in weights]
    long = [weight if weight > LONG else 0 for weight in weights]
    if sum(natural) > width and any(long):
        left = width - sum(size for size, weight in zip(natural, long, strict=True) if not weight)
        natural = [left * weight / sum(long) if weight else size
                   for size, weight in zip(natural, long, strict=True)]
    return [round(size * TWIPS_PER_CM) for size in natural]


def _row(texts: list[str], widths: list[int], numeric: list[bool], bold: bool = False,
         soft: Sequence[str] = ()) -> str:
    border = f"<w:tcBorders>{_line('bottom', 'header')}</w:tcBorders>" if bold else ""
    cells = (_cell(width, border, f'<w:jc w:val="{"right" if right else "left"}"/>',
                   _run(text, bold, GREY if text in soft else ""))
             for text, width, right in zip(texts, widths, numeric, strict=True))
    header = "<w:tblHeader/>" if bold else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{header}</w:trPr>{''.join(cells)}</w:tr>"


def _warning(warning: tuple[str, str, str], columns: int, width: int) -> str:
    word, sentence, colour = warning
    runs = _run(word.upper(), True, colour) + _run(f" · {sentence}")
    cell = _cell(width, f'<w:gridSpan w:val="{columns}"/>', "", runs)
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cell}</w:tr>"


def _cell(width: int, about: str, alignment: str, runs: str) -> str:
    return (f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{about}</w:tcPr>'
            f'<w:p><w:pPr><w:spacing w:after="0"/>{alignment}</w:pPr>{runs}</w:p></w:tc>')


def _line(side: str, kind: str) -> str:
    return f'<w:{side} w:val="single" w:sz="{LINES[kind]}" w:space="0" w:color="auto"/>'


def _run(text: str, bold: bool = False, colour: str = "") -> str:
    style = ("<w:b/>" if bold else "") + (f'<w:color w:val="{colour}"/>' if colour else "")
    return (f'<w:r><w:rPr>{style}<w:sz w:val="{HALF_POINTS}"/></w:rPr>'
            f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r>')
