"""Languages of the texts: the folders of their catalogues, and how one is chosen among them.

Standard library only, from Python 3.7 on: read before there is an environment.
"""

import os
import re
from functools import lru_cache

CATALOGUES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "publish", "locale")
DEFAULT, ENGLISH = "id", "en"
CODE = re.compile("[a-z]{2,3}")


@lru_cache(1)
def languages():
    """Codes of the languages that have catalogues, the default one first.

    >>> languages()[:2]
    ('id', 'en')
    """
    found = sorted(name for name in os.listdir(CATALOGUES) if CODE.fullmatch(name))
    return tuple(sorted(found, key=lambda code: (code != DEFAULT, code != ENGLISH)))


def preferred(lang):
    """Languages in the order in which a text is looked for: the chosen one, the default, English,
    any other.

    >>> preferred("en")[:2]
    ('en', 'id')
    """
    return (lang,) + tuple(code for code in languages() if code != lang)


def other(lang):
    """Language of the second version of bilingual pages: the default, for the default English."""
    return preferred(lang)[1]


def language_columns(names, stem, lang):
    """Those of some names that hold a text in a language, the best first, by their `stem` before
    it.

    A name without a language holds English, as the titles of a data package do.

    >>> language_columns(["text_id", "title", "title_id", "title_nl"], "title", "jv")
    ['title_id', 'title', 'title_nl']
    """
    by_language = {}
    for name in names:
        code = ENGLISH if name == stem else str(name)[len(stem) + 1:]
        if name == stem or str(name).startswith(stem + "_") and CODE.fullmatch(code):
            by_language.setdefault(code, []).append(name)
    order = [code for code in preferred(lang) if code in by_language]
    order += sorted(set(by_language) - set(order))
    return [name for code in order for name in sorted(by_language[code], reverse=True)]


def same_text(names, stem):
    """Those of some names that hold one text in several languages, as tables carry it on.

    >>> same_text(["text_jv", "claim", "text_en", "text_id"], "text")
    ['text_id', 'text_en', 'text_jv']
    """
    return [name for name in language_columns(names, stem, DEFAULT) if name != stem]


def in_language(texts, stem, lang, otherwise=None):
    """Text of a row, or of every row of a table (``title_id``, ``title_en``, ...), in a language;
    where it has none the default language's, then the English, then any, and ``otherwise`` at last.

    >>> in_language({"label_id": "Utara", "label_en": "North", "label_jv": ""}, "label", "jv")
    'Utara'
    """
    names = language_columns(texts.keys(), stem, lang)
    if hasattr(texts, "columns"):
        found = otherwise
        for name in reversed(names):
            found = texts[name] if found is None else texts[name].fillna(found)
        return found
    return next((texts[name] for name in names if isinstance(texts[name], str) and texts[name]),
                otherwise)


def label_of(row, lang, otherwise=None):
    """What a row is called: its label, or else its text, as `in_language` chooses it."""
    return in_language(row, "label", lang) or in_language(row, "text", lang, otherwise)
