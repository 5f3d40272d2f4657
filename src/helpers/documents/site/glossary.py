"""Terms of the field and of statistics: one page, and links to it from where each first stands."""

import re
from dataclasses import dataclass
from functools import partial

from helpers.publish.texts import Texts, catalogue

TAGS = re.compile(r"(<[^>]*>)")
NAME = re.compile(r"</?([a-zA-Z0-9]+)")
PROSE = re.compile(r'(?<=<section class="text")(.*?)(?=</section>)', re.DOTALL)
# Within these a link would be lost, stand inside another one, or break a word.
CLOSED = frozenset(
    {"a", "code", "pre", "math", "h1", "h2", "h3", "h4", "h5", "h6", "table", "summary", "button"})


@dataclass(frozen=True)
class Term:
    """Term with its meaning, its key on the page, and how texts write it, the name first."""

    key: str
    forms: tuple[str, ...]
    meaning: str

    @property
    def name(self) -> str:
        """Form that the page shows."""
        return self.forms[0]


def terms(lang: str) -> list[Term]:
    """All terms of a language by name.

    >>> next(term for term in terms("id") if term.key == "gini").forms
    ('koefisien Gini', 'Gini')
    """
    t = Texts(lang, "glossary")
    keys = [key.partition(".")[2] for key in catalogue("glossary", lang) if key.startswith("term.")]
    found = [Term(key, tuple(t(f"term.{key}").split("; ")), t(f"meaning.{key}")) for key in keys]
    return sorted(found, key=lambda term: term.name.casefold())


def linked(html: str, known: list[Term]) -> str:
    """Body of a notebook's page with a link where each term first stands in its prose.

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

    return PROSE.sub(lambda section: _in_open_text(section[0], partial(pattern.sub, link)), html)


def occurring(known: list[Term], pages: list[str]) -> list[Term]:
    """Terms that at least one of these pages links to: another region may have no use for some."""
    return [term for term in known
            if any(f'href="glossary.html#{term.key}"' in page for page in pages)]


def _in_open_text(html: str, change) -> str:
    """Piece of HTML, changed outside of the elements in which no link may stand."""
    depth, parts = 0, TAGS.split(html)
    # The piece begins within the section's own tag.
    for number, part in enumerate(parts):
        if part.startswith("<"):
            name = NAME.match(part)
            if name and name[1].lower() in CLOSED:
                depth += -1 if part[1] == "/" else 1
        elif depth == 0 and number:
            parts[number] = change(part)
    return "".join(parts)
