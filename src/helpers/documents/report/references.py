"""Works that are cited, and sources of the data: as hayagriva reads them, and as a list."""

import pandas as pd
import yaml

from helpers.documents.report.blocks import Block, Heading, Paragraph, References, Span
from helpers.documents.report.results import text_of
from helpers.files import settings
from helpers.publish.texts import Texts


def literature() -> dict[str, dict]:
    """Works on methods."""
    return settings(__file__, "references.yml")


def works(sources: pd.DataFrame, t: Texts) -> dict[str, dict]:
    """All works: those on methods, marked where they could not be verified, and the sources of the
    data as web pages.

    >>> source = {"source": "S45", "title": "Growth", "publisher": "Dinas", "year": 2025}
    >>> t = Texts("en", "report")
    >>> works(pd.DataFrame([source | {"url": "https://x.id/a"}]), t)["S45"]
    {'type': 'web', 'title': 'Growth', 'author': {'name': 'Dinas'}, 'date': 2025, 'url':
    'https://x.id/a'}
    >>> works(pd.DataFrame(), t)["sianipar2003"]["title"]
    'Teknik-teknik Analisis Manajemen [not verified]'
    """
    own = {key: work | {"title": f"{work['title']} [{t('references.not_verified')}]"}
           if work.get("note") == "not verified" else work for key, work in literature().items()}
    return own | {row["source"]: _work(row) for row in sources.to_dict("records")}


def chapter(sources: pd.DataFrame, t: Texts) -> list[Block]:
    """Works that are cited, then the sources of the data."""
    own = [_entry(row, t) for row in sources.to_dict("records")]
    heading = [Heading(t("references.sources"), 2, numbered=False)] if own else []
    return [Heading(t("references.title"), numbered=False), References(), *heading, *own]


def as_yaml(found: dict[str, dict]) -> str:
    """Works as the text of a hayagriva file."""
    return yaml.safe_dump(found, allow_unicode=True, sort_keys=True, width=1000)


def _work(row: dict) -> dict:
    publisher = text_of(row.get("publisher"))
    # As a name of one part: a comma in it does not begin a first name.
    work = {"type": "web", "title": row["title"], "author": publisher and {"name": publisher},
            "date": _year(row), "url": text_of(row.get("url"))}
    return {key: value for key, value in work.items() if value}


def _entry(row: dict, t: Texts) -> Paragraph:
    """Source by its key: publisher, year, title, licence and address."""
    year = f" ({_year(row)})" if _year(row) else ""
    parts = [f"{text_of(row.get('publisher')) or '–'}{year}", text_of(row.get("title")),
             t.word(text_of(row.get("licence")))]
    text = " " + " ".join(f"{part.rstrip('.')}." for part in parts if part)
    url = text_of(row.get("url"))
    return Paragraph([Span("strong", row["source"]), Span("text", text),
                      *([Span("text", " "), Span("link", url)] if url else [])],
                     name=f"source-{row['source']}")


def _year(row: dict) -> int | None:
    year = text_of(row.get("year"))
    return int(float(year)) if year else None
