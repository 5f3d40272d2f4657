"""Slides of the stages for reveal.js: one file a stage that needs no network, with the speaker's
notes.

    make(out, products, lang, package, folder)
"""

import json
import re
from pathlib import Path

from helpers import files
from helpers.documents.site import pages
from helpers.documents.slides import deck
from helpers.publish.texts import Texts

HERE = Path(__file__).parent
REVEAL = HERE / "reveal"
# The slides of one page share headings; nothing links to them.
HEADING_ID = re.compile(r'<(h[1-6]) id="[^"]*">')
NUMBER = "0123456789_"


def make(out: Path, products: list[str], lang: str, package: dict, folder: Path) -> None:
    """Write a deck for every stage whose notebook has slides, and a page that lists them.

    Parameters
    ----------
    out : Path
        The output folder, with the executed ``notebooks``.
    products : list of str
        What the stages made; its notebooks are the decks, in this order. The statuses of their
        tables and figures stand at the foot of every slide.
    lang : str
    package : dict
        What the data package says about itself.
    folder : Path
        Where the decks go, e.g. ``sampling.html``.
    """
    import nbformat

    t = Texts(lang, "slides")
    foot = pages.name_of(package, Texts(lang, "site"))
    titles, statuses = {}, _statuses(out, products)
    for product in products:
        if product.startswith("notebooks/") and product.endswith(".ipynb"):
            name = Path(product).stem.lstrip(NUMBER)
            prepared = deck.prepare(nbformat.read(out / product, as_version=4), t)
            if prepared.cells:
                titles[name] = deck.title_of(prepared, name)
                files.write(folder / f"{name}.html",
                            _page(prepared, titles[name], foot, statuses.get(name, set()), t))
    files.write(folder / "index.html", _list(titles, foot, t))


def _statuses(out: Path, products: list[str]) -> dict[str, set[str]]:
    """Statuses of the tables and figures of every stage."""
    found: dict[str, set[str]] = {}
    for product in products:
        if product.startswith(("tables/", "figures/")) and product.endswith(".json"):
            about = json.loads(_read(out / product))
            found.setdefault(about["stage"], set()).add(about["status"])
    return found


def _page(prepared, title: str, foot: str, statuses: set[str], t: Texts) -> str:
    styles = [_read(REVEAL / "reveal.css"), _read(HERE / "slides.css")]
    scripts = [_read(REVEAL / "reveal.js"), _read(REVEAL / "notes.js")]
    status = t(
        f"foot.{next(iter(statuses)) if len(statuses) == 1 else 'mixed'}") if statuses else ""
    resources = {"title": f"{title} · {foot}", "foot": f"{foot} · {title}", "status": status,
                 "styles": "\n".join(styles), "script": "\n".join(scripts),
                 "start": _read(HERE / "slides.js"), "t": t}
    page, _ = deck.exporter().from_notebook_node(prepared, resources=resources)
    return HEADING_ID.sub(r"<\1>", page).strip() + "\n"


def _list(titles: dict[str, str], name: str, t: Texts) -> str:
    from markupsafe import escape

    items = "\n".join(f'<li><a href="{escape(deck_name)}.html">{escape(title)}</a></li>'
                      for deck_name, title in titles.items())
    return (
        f'<!DOCTYPE html>\n<html lang="{t.lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(t('index.title'))} · {escape(name)}</title>\n"
        "<style>body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }"
        f"</style>\n</head>\n<body>\n<main>\n<h1>{escape(t('index.title'))}</h1>\n<ol>\n{items}\n</ol>\n"
        f"<p>{escape(t('keys'))}</p>\n</main>\n</body>\n</html>\n")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
