"""The files beside the pages: numbers as CSV and as workbooks, figures, and small pictures of
them."""

import csv
import io
import re
import shutil
from pathlib import Path

from helpers import files
from helpers.publish import exports, tables
from helpers.publish.texts import Texts

THUMBNAIL = (400, 300)  # pixels
QUALITY = 60  # of 100, for WebP
# Codes are no numbers, whatever they look like.
VERBATIM = {name for styles in tables.schemas().values() for name, style in styles.items()
            if style == "text"}
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")


def write(out: Path, products: list[str], figures: list, shown_tables: list, lang: str,
          folder: Path) -> None:
    """Write everything that the pages offer for download.

    Parameters
    ----------
    out : Path
        The output folder.
    products : list of str
        What the stages made.
    figures, shown_tables : list of Result
    lang : str
        Of headings and words in the workbooks.
    folder : Path
        Of the site.
    """
    for product in products:
        if product.startswith(("figures/", "tables/")) and product.endswith((".svg", ".csv")):
            (folder / product).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(out / product, folder / product)
    for table in shown_tables:
        frame = tables.read(out / "tables" / f"{table.name}.csv")
        workbook = exports.to_xlsx(table.name, frame, Texts(lang, table.about["stage"]))
        files.write(folder / "tables" / f"{table.name}.xlsx", workbook)
    for figure in figures:
        picture = (out / "figures" / f"{figure.name}.png").read_bytes()
        files.write(folder / "figures" / f"{figure.name}.webp", thumbnail(picture))
        if figure.html:
            text = (out / "figures" / f"{figure.name}.csv").read_text(encoding="utf-8")
            files.write(folder / "figures" / f"{figure.name}.xlsx",
                        workbook_of(figure.name, text, Texts(lang, figure.about["stage"])))


def thumbnail(png: bytes) -> bytes:
    """Small picture for lists: a tenth of the bytes, enough to recognise a figure by."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        small = image.convert("RGB")
    small.thumbnail(THUMBNAIL, reducing_gap=2.0)
    made = io.BytesIO()
    small.save(made, "WEBP", quality=QUALITY, method=2)
    return made.getvalue()


def workbook_of(name: str, text: str, t: Texts) -> bytes:
    """Write the numbers behind a figure as a workbook: headings and words in the language, numbers
    with all digits.

    Parameters
    ----------
    name : str
    text : str
        CSV with a header.
    t : Texts
        Of the figure's stage.
    """
    from helpers.study.workbook import workbook

    header, *rows = list(csv.reader(io.StringIO(text)))
    numeric = [name not in VERBATIM and all(NUMBER.fullmatch(cell) for cell in column if cell)
               for name, column in zip(header, zip(*rows, strict=True), strict=True)]
    typed = [[_typed(*cell, t) for cell in zip(row, header, numeric, strict=True)] for row in rows]
    return workbook({name[:31]: [[tables.heading(column, t) for column in header], *typed]})


def _typed(cell: str, column: str, numeric: bool, t: Texts) -> str | float | None:
    if not cell:
        return None
    return float(cell) if numeric else tables.said(cell, column, t)
