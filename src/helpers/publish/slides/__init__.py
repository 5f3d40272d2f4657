"""Slides of the stages for reveal.js: one file a stage that needs no network, with the speaker's notes.

    make(out, products, lang, package, folder)
"""

import re
from pathlib import Path

from helpers import files
from helpers.publish.site import pages
from helpers.publish.slides import deck
from helpers.publish.texts import Texts

HERE = Path(__file__).parent
REVEAL = HERE / "reveal"
# The slides of one page share headings; nothing links to them.
HEADING_ID = re.compile(r'<(h[1-6]) id="[^"]*">')
NUMBER = "0123456789_"


def make(out: Path, products: list[str], lang: str, package: dict, folder: Path) -> None:
    """Write a deck for every stage, and a page that lists them.

    Parameters
    ----------
    out : Path
        The output folder, with the executed ``notebooks``.
    products : list of str
        What the stages made; its notebooks are the decks, in this order.
    lang : {"id", "en"}
    package : dict
        What the data package says about itself.
    folder : Path
        Where the decks go, e.g. ``sampling.html``.
    """
    import nbformat

    t = Texts(lang, "slides")
    foot = pages.name_of(package, Texts(lang, "site"))
    found = {}
    for product in products:
        if product.startswith("notebooks/") and product.endswith(".ipynb"):
            name = Path(product).stem.lstrip(NUMBER)
            notebook = nbformat.read(out / product, as_version=4)
            found[name], page = slides_of(notebook, foot, t)
            files.write(folder / f"{name}.html", page)
    files.write(folder / "index.html", _list(found, foot, t))


def slides_of(notebook, foot: str, t: Texts) -> tuple[str, str]:
    """Return the title of a deck, and the deck as a page.

    Parameters
    ----------
    notebook : NotebookNode
        Executed, in one language; its cells say which of them are slides.
    foot : str
        What stands at the foot of every slide.
    t : Texts
        Of the domain ``slides``.
    """
    prepared = deck.prepare(notebook, t)
    title = next(cell.source for cell in prepared.cells if cell.source.startswith("# ")).removeprefix("# ")
    styles = [_read(REVEAL / "reveal.css"), _read(HERE / "slides.css")]
    scripts = [_read(REVEAL / "reveal.js"), _read(REVEAL / "notes.js")]
    resources = {"title": f"{title} · {foot}", "foot": f"{foot} · {title}", "styles": "\n".join(styles),
                 "script": "\n".join(scripts), "start": _read(HERE / "slides.js"), "t": t}
    page, _ = deck.exporter().from_notebook_node(prepared, resources=resources)
    return title, HEADING_ID.sub(r"<\1>", page).strip() + "\n"


def _list(titles: dict[str, str], name: str, t: Texts) -> str:
    from markupsafe import escape

    items = "\n".join(f'<li><a href="{escape(deck_name)}.html">{escape(title)}</a></li>'
                      for deck_name, title in titles.items())
    return (f'<!DOCTYPE html>\n<html lang="{t.lang}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(t('index.title'))} · {escape(name)}</title>\n"
            "<style>body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }"
            f"</style>\n</head>\n<body>\n<main>\n<h1>{escape(t('index.title'))}</h1>\n<ol>\n{items}\n</ol>\n"
            f"<p>{escape(t('keys'))}</p>\n</main>\n</body>\n</html>\n")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
