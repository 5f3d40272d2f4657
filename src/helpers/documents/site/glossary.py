"""Terms of the field and of statistics: one page, and links to it from where a term first
stands."""

import re
from dataclasses import dataclass

from helpers.publish.texts import Texts, catalogue

TAG = re.compile(r"(<[^>]*>)")
NAME = re.compile(r"</?([a-zA-Z0-9]+)")
PROSE = re.compile(r'(?<=<section class="text")(.*?)(?=</section>)', re.DOTALL)
# Within these a link would be lost, stand inside another one, or break a word.
CLOSED = frozenset(
    {"a", "code", "pre", "math", "h1", "h2", "h3", "h4", "h5", "h6", "table", "summary", "button"})


@dataclass(frozen=True)
class Term:
    """A term with its meaning.

    Attributes
    ----------
    key : str
        Where it stands on the page of the glossary.
    name : str
    forms : tuple of str
        How it is written in texts, the name first.
    meaning : str
    """

    key: str
    name: str
    forms: tuple[str, ...]
    meaning: str


def terms(lang: str) -> list[Term]:
    """All terms of a language by name.

    Examples
    --------
    >>> next(term for term in terms("id") if term.key == "gini").forms
    ('koefisien Gini', 'Gini')
    """
    t = Texts(lang, "glossary")
    keys = [key.partition(".")[2] for key in catalogue("glossary", lang) if key.startswith("term.")]
    forms = {key: tuple(t(f"term.{key}").split("; ")) for key in keys}
    found = [Term(key, forms[key][0], forms[key], t(f"meaning.{key}")) for key in keys]
    return sorted(found, key=lambda term: term.name.casefold())


def linked(html: str, known: list[Term]) -> str:
    """Link each term to the glossary where it first stands in the prose of a notebook's page.

    Parameters
    ----------
    html : str
        The body of the page; its prose is in sections of the class ``text``.
    known : list of Term

    Examples
    --------
    >>> linked('<section class="text"><p>A proxy, <code>proxy</code>.</p></section>', terms("en"))
    '<section class="text"><p>A <a class="term" href="glossary.html#proxy">proxy</a>,
    <code>proxy</code>.</p></section>'
    """
    keys = {form.casefold(): term.key for term in known for form in term.forms}
    longest_first = sorted(keys, key=len, reverse=True)
    # Lines of the notebook may break within a term.
    forms = "|".join(r"\s+".join(map(re.escape, form.split())) for form in longest_first)
    pattern = re.compile(rf"(?<![\w-])({forms})(?![\w-])", re.IGNORECASE)
    seen: set[str] = set()

    def link(found: re.Match) -> str:
        key = keys[" ".join(found[0].split()).casefold()]
        if key in seen:
            return found[0]
        seen.add(key)
        return f'<a class="term" href="glossary.html#{key}">{found[0]}</a>'

    return PROSE.sub(
        lambda section: _in_open_text(section[0], lambda text: pattern.sub(link, text)), html)


def _in_open_text(html: str, change) -> str:
    """Change the text of a piece of HTML outside of the elements in which no link may stand."""
    depth, parts = 0, TAG.split(html)
    # The piece begins within the section's own tag.
    for number, part in enumerate(parts):
        if part.startswith("<"):
            name = NAME.match(part)
            if name and name[1].lower() in CLOSED:
                depth += -1 if part[1] == "/" else 1
        elif depth == 0 and number:
            parts[number] = change(part)
    return "".join(parts)
