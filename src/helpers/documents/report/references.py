"""Works that are cited, and the sources of the data, in the format hayagriva and as a list with
their keys."""

from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from helpers.documents.report.blocks import Paragraph, Span
from helpers.publish.texts import Texts

FILE = Path(__file__).with_name("references.yml")


@cache
def literature() -> dict[str, dict]:
    """Works on methods."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def works(sources: pd.DataFrame) -> dict[str, dict]:
    """All works: those on methods, and the sources of the data as web pages.

    Examples
    --------
    >>> source = {"source": "S45", "title": "Growth", "publisher": "Dinas", "year": 2025, "url": "https://x.id/a"}
    >>> works(pd.DataFrame([source]))["S45"]
    {'type': 'web', 'title': 'Growth', 'author': {'name': 'Dinas'}, 'date': 2025, 'url':
    'https://x.id/a'}
    """
    return literature() | {row["source"]: _work(row) for row in sources.to_dict("records")}


def entries(sources: pd.DataFrame, t: Texts) -> list[Paragraph]:
    """One paragraph a source: its key, publisher, year, title, licence and address."""
    return [_entry(row, t) for row in sources.to_dict("records")]


def as_yaml(found: dict[str, dict]) -> str:
    """Works as the text of a hayagriva file."""
    return yaml.safe_dump(found, allow_unicode=True, sort_keys=True, width=1000)


def _work(row: dict) -> dict:
    publisher = _given(row, "publisher")
    # As a name of one part: a comma in it does not begin a first name.
    work = {"type": "web", "title": row["title"],
            "author": {"name": publisher} if publisher else None, "date": _year(row),
            "url": _given(row, "url")}
    return {key: value for key, value in work.items() if value}


def _entry(row: dict, t: Texts) -> Paragraph:
    year = f" ({_year(row)})" if _year(row) else ""
    parts = [f"{_given(row, 'publisher') or '–'}{year}", _given(row, "title"),
             t.word(_given(row, "licence"))]
    text = " " + " ".join(f"{part.rstrip('.')}." for part in parts if part)
    url = _given(row, "url")
    return Paragraph([Span("strong", row["source"]), Span("text", text),
                      *([Span("text", " "), Span("link", url)] if url else [])],
                     name=f"source-{row['source']}")


def _given(row: dict, name: str) -> str:
    value = row.get(name)
    return "" if value is None or pd.isna(value) else str(value)


def _year(row: dict) -> int | None:
    value = row.get("year")
    return None if value is None or pd.isna(value) else int(value)
