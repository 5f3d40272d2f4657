"""Slides of the stages for reveal.js: one file a stage, with notes, that needs no network."""

import re
from collections import defaultdict
from pathlib import Path

from helpers import files
from helpers.documents.site import pages
from helpers.documents.slides import deck
from helpers.publish.policy import nonce, policy
from helpers.publish.texts import Texts

HERE = Path(__file__).parent
# The slides of one page share headings; nothing links to them.
HEADING_ID = re.compile(r'<(h[1-6]) id="[^"]*">')
NUMBER = "0123456789_"


def make(out: Path, products: list[str], lang: str, package: dict, folder: Path) -> None:
    """Write a deck for every stage whose notebook has slides, and a page that lists them.

    The executed notebooks among `products` in the folder `out` are the decks, in this order; the
    statuses of the tables and figures stand at the foot of every slide. `package` is what the data
    package says about itself.
    """
    import nbformat

    t, site = Texts(lang, "slides"), Texts(lang, "site")
    foot = pages.name_of(package, site)
    tables, figures = ([about for _, about in pages.sidecars(out, products, kind)]
                       for kind in ("tables", "figures"))
    statuses, titles = _statuses([*tables, *figures]), {}
    said = {about["name"]: about for about in figures if "name" in about}
    for product in pages.of_kind(products, "notebooks", ".ipynb"):
        name = Path(product).stem.lstrip(NUMBER)
        prepared = deck.prepare(nbformat.read(out / product, as_version=4), t, said)
        if prepared.cells:
            titles[name] = next((cell.source[2:] for cell in prepared.cells
                                 if cell.source.startswith("# ")), name)
            files.write(folder / f"{name}.html",
                        _page(prepared, titles[name], foot, statuses[name], t))
    index = pages.environment().get_template("decks.html")
    files.write(folder / "index.html", index.render(t=site, told=t, titles=titles,
                                                       name=foot) + "\n")


def _statuses(sidecars: list[dict]) -> dict[str, set[str]]:
    """Statuses of the tables and figures of every stage."""
    found = defaultdict(set)
    for about in sidecars:
        found[about["stage"]].add(about["status"])
    return found


def _page(prepared, title: str, foot: str, statuses: set[str], t: Texts) -> str:
    status = next(iter(statuses)) if len(statuses) == 1 else "mixed"
    # The speaker's view is a window of its own, with a script, and frames with these slides.
    script = "\n".join(map(_read, ("reveal/reveal.js", "reveal/notes.js", "slides.js")))
    mark = nonce(script, str(prepared))
    resources = {"title": f"{title} · {foot}", "foot": f"{foot} · {title}", "t": t,
                 "status": t(f"foot.{status}") if statuses else "", "nonce": mark,
                 "styles": "\n".join(map(_read, ("reveal/reveal.css", "slides.css"))),
                 "script": script.replace("<script>", f"<script nonce='{mark}'>"),
                 "policy": policy(mark, frames=True)}
    page, _ = deck.exporter().from_notebook_node(prepared, resources=resources)
    return HEADING_ID.sub(r"<\1>", page).strip() + "\n"


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
