"""The reviewer's verdict as a page a language that needs no other file, and differences as
sentences."""

from collections import Counter
from pathlib import Path

from helpers import languages
from helpers.publish.texts import Texts

HERE = Path(__file__).parent
WORDS = ("complete", "stable", "consistent")
MAIN = "verdict.html"


def sentence(difference: dict, lang: str = "en") -> str:
    """Say a difference in words.

    Parameters
    ----------
    difference : dict
        ``kind`` names the text, the rest fills it.
    lang : str

    Examples
    --------
    >>> sentence({"kind": "cell", "row": 3, "column": "gini", "expected": "0.31", "found": "0.32"})
    'row 3, column gini: expected 0.31, found 0.32'
    """
    t = Texts(lang, "site")
    kind, values = difference["kind"], {name: value for name, value in difference.items()
                                        if name != "kind"}
    if kind == "verdict":
        values = {name: t.word(value) for name, value in values.items()}
    return t(f"verdict.difference.{kind}", **values)


def pages(found: dict, lang: str, back: bool) -> dict[str, str]:
    """Pages of a verdict by file name: one in the language asked for, one in the other.

    Parameters
    ----------
    found : dict
        The verdict, as ``verdict.json`` holds it.
    lang : str
        Of ``verdict.html``.
    back : bool
        Whether there is a site to go back to. Without one each page stands alone.
    """
    other = languages.other(lang)
    return {MAIN: _page(found, lang, back, (other, _named(other))),
            _named(other): _page(found, other, back, (lang, MAIN))}


def place(folder: Path, lang: str) -> str | None:
    """File of a verdict in a language, None where nothing was verified.

    Parameters
    ----------
    folder : Path
        Of the site.
    lang : str
    """
    return next((name for name in (_named(lang), MAIN) if (folder / name).is_file()), None)


def _named(lang: str) -> str:
    return f"verdict-{lang}.html"


def _page(found: dict, lang: str, back: bool, twin: tuple[str, str]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True,
                              undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    kinds = list(dict.fromkeys(item["kind"] for item in sorted(found["items"], key=_in_order)))
    wrong = [item for item in found["items"] if not _good(item)]
    turned = [item for item in wrong
              if any(difference["kind"] == "verdict" for difference in item["differences"])]
    return environment.get_template("verdict.html").render(
        t=Texts(lang, "site"), found=found, words=WORDS, kinds=kinds, wrong=wrong, turned=turned,
        back=back, lang=lang, twin=twin, in_other=Texts(twin[0], "site"), sentence=sentence,
        style=(HERE / "site.css").read_text(encoding="utf-8"), counts={
            word: Counter(item["kind"] for item in found["items"] if item[word]) for word in WORDS
        }, totals=Counter(item["kind"] for item in found["items"])) + "\n"


ORDER = ("claim", "table", "figure", "notebook", "prose", "hand_over", "page", "other")


def _in_order(item: dict) -> int:
    return ORDER.index(item["kind"])


def _good(item: dict) -> bool:
    return all(item[word] for word in WORDS)
