"""Index of the search: made with the pages, read by a script, so that it needs no server."""

import json
import re
from html import unescape

from helpers.documents.site.glossary import Term
from helpers.documents.site.notebook import TAG, Page

SECTION = re.compile(r'<h2 id="([^"]*)">(.*?)</h2>', re.DOTALL)
# Code is found by its section; the words of a table are on the page of tables.
LEFT_OUT = re.compile(r"<(details|table|math|pre)\b.*?</\1>", re.DOTALL)


def entries(pages: list[Page], figures: list, tables: list, known: list[Term],
            titles: dict[str, str]) -> list[list[str]]:
    """Entries of the index: address, page, heading and text; ``titles`` are those of the pages."""
    found = [entry for page in pages for entry in sections(page)]
    found += [[f"figures.html#{figure.name}", titles["figures"], figure.about["title"],
               f"{figure.about['caption']} {figure.about['alt']}"] for figure in figures]
    found += [[f"tables.html#{table.name}", titles["tables"], table.about["title"],
               f"{table.name} {plain(table.html)}"] for table in tables]
    found += [[f"glossary.html#{term.key}", titles["glossary"], term.name,
               "; ".join((*term.forms[1:], term.meaning))] for term in known]
    return found


def script(found: list[list[str]]) -> str:
    """Index as a script: a page opened from a disk may load no other kind of data."""
    return f"const SEARCH_INDEX = {json.dumps(found, ensure_ascii=False, separators=(',', ':'))};\n"


def plain(html: str) -> str:
    """Words of a piece of HTML.

    >>> plain("<p>Utara &amp;<br>selatan</p>")
    'Utara & selatan'
    """
    return " ".join(unescape(TAG.sub(" ", html)).split())


def sections(page: Page) -> list[list[str]]:
    """Entries of one page: what stands before its first heading, and below each."""
    start, *parts = SECTION.split(page.body)
    sections = [("", page.title, start), *zip(parts[::3], parts[1::3], parts[2::3], strict=True)]
    return [[f"{page.name}.html" + (f"#{name}" if name else ""), page.title, plain(heading),
             plain(LEFT_OUT.sub(" ", body))] for name, heading, body in sections]
