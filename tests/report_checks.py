"""What tests ask of a PDF."""

import re
from functools import cache
from pathlib import Path

from pypdf import PdfReader
from pypdf.generic import DecodedStreamObject, NameObject

# Lines and curves of figures, which take most of the time and hold no text.
DRAWN = re.compile(rb"(?:[-\d.]+ ){2}[ml]\s|(?:[-\d.]+ ){6}c\s")


@cache
def document_of(path: Path) -> PdfReader:
    """Open a PDF."""
    return PdfReader(str(path))


@cache
def text_of(path: Path) -> str:
    """Return the text of all pages."""
    return "\n".join(map(_text, PdfReader(str(path)).pages))


def _text(page) -> str:
    content = DecodedStreamObject()
    content.set_data(DRAWN.sub(b"", page.get_contents().get_data()))
    page[NameObject("/Contents")] = content
    return page.extract_text()


def page_count(path: Path) -> int:
    """Return the number of pages."""
    return len(document_of(path).pages)


def alternative_texts(document: PdfReader) -> set[str]:
    """Return the alternative texts that the tags of a PDF hold."""
    found, waiting = set(), [document.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop()
        node = node.get_object()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if "/Alt" in node:
                found.add(node["/Alt"])
            if "/K" in node:
                waiting.append(node["/K"])
    return found


def fonts_without_a_file(document: PdfReader) -> list[str]:
    """Return the names of fonts that are not embedded."""
    missing = set()
    for page in document.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            font = font.get_object()
            for part in font.get("/DescendantFonts", [font]):
                about = part.get_object().get("/FontDescriptor", {})
                if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(about):
                    missing.add(str(font["/BaseFont"]))
    return sorted(missing)
