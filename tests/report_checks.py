"""What tests ask of a PDF."""

import re
from functools import cache
from pathlib import Path

from pypdf import PdfReader
from pypdf.generic import DecodedStreamObject, NameObject

# What the place of a text rests on; drawings beside texts take most of the time.
TEXTS = re.compile(rb"(\nBT(?=[ /]).*?\nET\n)", re.S)
MOVES = re.compile(rb"(?<!\S)(?:q|Q|(?:[-\d.]+ ){6}cm)(?=[\s/])")
NOTHING = re.compile(rb"\nq(?:\n[-\d. ]+cm)*\nQ(?=\n)")
# Nine tenths of the tags are those of tables; a figure or formula in one would not be found.
PLAIN = "/Table"


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
    content.set_data(_undrawn(page.get_contents().get_data()))
    page[NameObject("/Contents")] = content
    return page.extract_text()


def _undrawn(content: bytes) -> bytes:
    """The content of a page without its drawings: texts, and what moves them."""
    parts = TEXTS.split(content)
    for place in range(0, len(parts), 2):
        moves, empty = b"\n".join([b"", *MOVES.findall(parts[place]), b""]), True
        while empty:
            moves, empty = NOTHING.subn(b"", moves)
        parts[place] = moves
    return b"".join(parts)


def page_count(path: Path) -> int:
    """Return the number of pages."""
    return len(document_of(path).pages)


def alternative_texts(document: PdfReader) -> set[str]:
    """Return the alternative texts that the tags of a PDF hold outside its tables."""
    found, waiting = set(), [document.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop()
        node = node.get_object()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if "/Alt" in node:
                found.add(node["/Alt"])
            if "/K" in node and node.get("/S") != PLAIN:
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
