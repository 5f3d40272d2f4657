"""Reviewer's verdict as a page a language that needs no other file; differences as sentences."""

from collections import Counter
from pathlib import Path

from helpers import languages
from helpers.documents.site.pages import environment
from helpers.publish.texts import Texts

WORDS = ("complete", "stable", "consistent")
MAIN = "verdict.html"
KINDS = ("claim", "table", "figure", "notebook", "prose", "hand_over", "page", "other")


def sentence(difference: dict, lang: str = "en") -> str:
    """Difference in words; its ``kind`` names the text, the rest fills it.

    >>> sentence({"kind": "cell", "row": 3, "column": "gini", "expected": "0.31", "found": "0.32"})
    'row 3, column gini: expected 0.31, found 0.32'
    """
    t, values = Texts(lang, "site"), dict(difference)
    kind = values.pop("kind")
    if kind == "verdict":
        values = {name: t.word(value) for name, value in values.items()}
    return t(f"verdict.difference.{kind}", **values)


def pages(found: dict, lang: str, back: bool) -> dict[str, str]:
    """Pages of a verdict: ``verdict.html`` in the language asked for, and one in the other.

    `found` is as ``verdict.json`` holds it. Without a site to go `back` to, each page stands alone.
    """
    other = languages.other(lang)
    return {MAIN: _page(found, lang, back, other, _named(other)),
            _named(other): _page(found, other, back, lang, MAIN)}


def place(folder: Path, lang: str) -> str | None:
    """File of a verdict in a language in the site's folder, None where nothing was verified."""
    return next((name for name in (_named(lang), MAIN) if (folder / name).is_file()), None)


def _named(lang: str) -> str:
    return f"verdict-{lang}.html"


def _page(found: dict, lang: str, back: bool, other: str, twin: str) -> str:
    items = found["items"]
    wrong = [item for item in items if not all(item[word] for word in WORDS)]
    turned = [item for item in wrong
              if any(difference["kind"] == "verdict" for difference in item["differences"])]
    return environment().get_template("verdict.html").render(
        t=Texts(lang, "site"), in_other=Texts(other, "site"), twin=twin, back=back, lang=lang,
        found=found, words=WORDS, wrong=wrong, turned=turned, sentence=sentence,
        kinds=sorted({item["kind"] for item in items}, key=KINDS.index),
        counts={word: Counter(item["kind"] for item in items if item[word]) for word in WORDS},
        totals=Counter(item["kind"] for item in items)) + "\n"
