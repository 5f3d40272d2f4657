"""Files beside the pages: numbers as CSV and workbooks, figures, and small pictures of them."""

import io
from pathlib import Path

from helpers import files
from helpers.publish import exports, tables
from helpers.publish.texts import Texts
from helpers.study.package import OF_PERSONS, Package

THUMBNAIL = (400, 300)  # pixels
QUALITY = 60  # of 100, for WebP


def write(out: Path, products: list[str], figures: list, shown_tables: list, lang: str,
          folder: Path) -> None:
    """Write everything that the pages offer for download into the `folder` of the site."""
    for product in products:
        if product.startswith(("figures/", "tables/")) and product.endswith((".svg", ".csv")):
            text = (out / product).read_bytes().decode()
            files.write(folder / product,
                        tables.csv_for_people(text) if product.endswith(".csv") else text)
    for table in shown_tables:
        frame = tables.read(out / "tables" / f"{table.name}.csv")
        workbook = exports.to_xlsx(table.name, frame, Texts(lang, table.about["stage"]))
        files.write(folder / "tables" / f"{table.name}.xlsx", workbook)
    for figure in figures:
        source, place = out / "figures" / figure.name, folder / "figures" / figure.name
        files.write(place.with_name(f"{figure.name}.webp"),
                    thumbnail(source.with_name(f"{figure.name}.png").read_bytes()))
        if figure.html:
            text = source.with_name(f"{figure.name}.csv").read_text(encoding="utf-8")
            workbook = exports.numbers_to_xlsx(figure.name, text,
                                               Texts(lang, figure.about["stage"]))
            files.write(place.with_name(f"{figure.name}.xlsx"), workbook)


def write_raw(raw: Path | None, resources: dict, folder: Path) -> set[str]:
    """Copy the tables of the data package into a folder, in UTF-8; return the resources that are
    there.

    Answers of persons that are real stay where they are.
    """
    found, package = set(), Package(raw) if raw else None
    for name, about in resources.items() if package else ():
        source = package.resource(name)
        real = name in OF_PERSONS and about["status"] == "published"
        if source.path.suffix == ".csv" and not real:
            text = source.path.read_text(encoding=source.encoding)
            files.write(folder / source.path.name, tables.csv_for_people(text, source.delimiter))
            found.add(name)
    return found


def thumbnail(png: bytes, size: tuple[int, int] = THUMBNAIL) -> bytes:
    """Small picture for lists: a tenth of the bytes, enough to recognise a figure by."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        small = image.convert("RGB")
    small.thumbnail(size, reducing_gap=2.0)
    made = io.BytesIO()
    small.save(made, "WEBP", quality=QUALITY, method=6)
    return made.getvalue()
