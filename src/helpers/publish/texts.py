"""Texts in the languages of the catalogues, with numbers as each language writes them."""

import math
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter

from helpers.errors import Error
from helpers.languages import CATALOGUES, DEFAULT, ENGLISH
from helpers.messages import entries

LOCALE = Path(CATALOGUES)
NOTHING = "–"
MADE_UP = ("simulated", "illustrative")  # bases whose verdicts only show the method
VERDICTS = ("supported", "mixed", "not_supported", "not_testable")
WOULD = tuple(f"would.{verdict}" for verdict in VERDICTS)
MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]<>#|$!~&"})


@cache
def catalogue(domain: str, lang: str) -> dict[str, str]:
    """Keys and texts of one gettext catalogue (``common``, ``site``, or a stage); a domain without
    a file has no texts."""
    path = LOCALE / lang / "LC_MESSAGES" / f"{domain}.po"
    return entries(path) if path.is_file() else {}


class MissingTextError(Error, KeyError):
    """A catalogue lacks a text."""


@cache
def number_locale(lang: str):
    """Babel's locale of a language; where Babel does not know it, that of the default language."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale(lang)
    except UnknownLocaleError:
        return Locale(DEFAULT)


@lru_cache(maxsize=50_000)
def _decimal(value, pattern: str, lang: str) -> str:
    """A number as a language writes it; pages, tables and texts of a stage write the same ones."""
    from babel.numbers import format_decimal

    return format_decimal(value, format=pattern, locale=number_locale(lang))


class Texts(Formatter):
    """The texts of a stage in one language. Call it with a key: ``t("found.gap", gap=0.3)``.

    Placeholders follow the language: ``{x:.2f}`` decimals, ``{x:.1%}`` per cent, ``{x:d}`` whole
    numbers with groups, ``{x:p}`` a p-value with its sign ("= 0,012" or "< 0,001"), ``{x:word}`` a
    key word in words, ``{x:nested.}`` the text of the key that begins so and ends with the value; a
    plain ``{x}`` is shown as it is (years, names). A missing number is shown as a dash, several
    values one after the other.

    Keys are looked up in `domain` before ``common``; `escape` is applied to every text value, so
    that a label from the data stays text. `names` are those of the data package's codes, which
    ``{x:named}`` puts before them, and `sources` those of its sources, for where nothing else is
    meant.

    >>> Texts("id", "common").number(1234.5, 1), Texts("en", "common").number(1234.5, 1)
    ('1.234,5', '1,234.5')
    >>> Texts("id", "common").format("p {p:p}", p=0.0004)
    'p < 0,001'
    """

    def __init__(self, lang: str, domain: str, escape=None, names: Mapping[str, str] = {},
                 sources: Mapping[str, str] = {}):
        self.lang = lang
        self.domain = domain
        self.escape = escape
        self.names = names
        self.sources = sources

    def __call__(self, key: str, /, **values) -> str:
        """Text of a key, filled with values."""
        return self.vformat(self.template(key), (), values)

    def has(self, key: str) -> bool:
        """Whether there is a text for this key."""
        return key in catalogue(self.domain, self.lang) or key in catalogue("common", self.lang)

    def lacking(self, *keys: str) -> list[str]:
        """Keys without a text, with the languages that lack it: the project's two, and this one."""
        found = {key: [lang for lang in dict.fromkeys([DEFAULT, ENGLISH, self.lang])
                       if not (catalogue(self.domain, lang) | catalogue("common", lang)).get(key)]
                 for key in keys}
        return [f"{key} ({', '.join(langs)})" for key, langs in found.items() if langs]

    def word(self, value) -> str:
        """Text of a key word of the tables (north, high, ...), or the value itself."""
        key = f"word.{value}"
        return self.template(key) if self.has(key) else str(value)

    def named(self, code: str) -> str:
        """Code of the data package behind its name; a key word in words, any other value itself.

        >>> t = Texts("en", "common", names={"S25": "BPS, via a laboratory"})
        >>> t.named("S25"), t.named("north"), t.named("S26")
        ('BPS, via a laboratory (S25)', 'north', 'S26')
        """
        name = None if self.has(f"word.{code}") else self.names.get(code)
        return _before(name, code) if name else self.word(code)

    def source(self, code: str) -> str:
        """Code of a source behind its publisher, whatever else is called so.

        >>> t = Texts("en", "common", sources={"north": "A bureau of the north."})
        >>> t.source("north"), t.named("north"), t.source("S26")
        ('A bureau of the north (north)', 'north', 'S26')
        """
        name = self.sources.get(code) or self.names.get(code)
        return _before(name, code) if name else str(code)

    def verdict(self, value: str, basis: str | None) -> str:
        """Verdict in words: on simulated or illustrative data it only shows the method.

        >>> t = Texts("en", "common")
        >>> t.verdict("supported", "published"), t.verdict("supported", "simulated")
        ('supported', 'shows the method: would be supported')
        """
        return self.template(f"{'would' if basis in MADE_UP else 'word'}.{value}")

    def number(self, value: float, digits: int = 0) -> str:
        """Number with a fixed count of decimals.

        >>> t = Texts("id", "common")
        >>> t.number(-1234.56, 1), t.number(-0.0004, 3), t.number(float("-inf"))
        ('-1.234,6', '0,000', '-∞')
        """
        return self.format_field(value, f".{digits}f")

    def percent(self, value: float, digits: int = 0) -> str:
        """Share as per cent."""
        return self.format_field(value, f".{digits}%")

    def significant(self, value: float, digits: int = 6) -> str:
        """Number with at most so many significant digits; the whole part keeps all of its own.

        >>> t = Texts("id", "common")
        >>> t.significant(0.080011959), t.significant(1234567.8), t.significant(50.0)
        ('0,080012', '1.234.568', '50')
        """
        places = digits - 1 - math.floor(math.log10(abs(value))) if value else 0
        return self._shown(value, "#,##0" + ("." + "#" * places if places > 0 else ""))

    def for_markdown(self) -> "Texts":
        """The same texts, with values that cannot become Markdown or HTML."""
        return Texts(self.lang, self.domain,
                     lambda text: " ".join(text.split()).translate(MARKDOWN), self.names,
                     self.sources)

    def format_field(self, value, spec: str) -> str:
        """One placeholder, filled."""
        if hasattr(value, "__iter__") and not isinstance(value, str):
            return ", ".join(self.format_field(one, spec) for one in value)
        if isinstance(value, str) and spec.endswith((".", "_")):
            value = self.template(spec + value)
        if spec in ("word", "named"):
            value = getattr(self, spec)(value)
        if isinstance(value, str):
            return self.escape(value) if self.escape else value
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return NOTHING
        if not spec:
            return str(value)
        return self._number(value, spec)

    def _number(self, value, spec: str) -> str:
        if spec == "p":
            return f"{'=' if value >= 0.001 else '<'} {self._number(max(value, 0.001), '.3f')}"
        digits = int(spec[1:-1]) if spec.startswith(".") else 0
        shown = self._shown(value, "#,##0" + "." * (digits > 0) + "0" * digits
                            + "%" * spec.endswith("%"))
        # What is rounded to nothing is neither above nor below it.
        return shown if re.search("[1-9∞]", shown) else shown.lstrip("-")

    def _shown(self, value, pattern: str) -> str:
        return _decimal(value or abs(value), pattern, self.lang)

    def template(self, key: str) -> str:
        """Text of a key, its places not filled: a script on a page does it."""
        for domain in (self.domain, "common"):
            if key in catalogue(domain, self.lang):
                return catalogue(domain, self.lang)[key]
        raise MissingTextError("there is no text '{key}' in {lang}/{domain}.po or {lang}/common.po",
                               key=key, lang=self.lang, domain=self.domain)


def _before(name: str, code: str) -> str:
    return f"{name.rstrip('.')} ({code})"
