"""Texts in two languages, with numbers as the language writes them."""

import math
import re
from functools import cache
from pathlib import Path
from string import Formatter

from helpers.errors import Error

LOCALE = Path(__file__).with_name("locale")
LANGUAGES = ("id", "en")
NOTHING = "–"
MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]<>#|$!~&"})


@cache
def catalogue(domain: str, lang: str) -> dict[str, str]:
    """Return key and text of one gettext catalogue; a domain without a file has no texts.

    Parameters
    ----------
    domain : str
        ``common``, ``site``, or the name of a stage.
    lang : {"id", "en"}
    """
    from babel.messages.pofile import read_po

    path = LOCALE / lang / "LC_MESSAGES" / f"{domain}.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {message.id: message.string for message in read_po(file) if message.id}


class MissingTextError(Error, KeyError):
    """A catalogue lacks a text."""


class Texts(Formatter):
    """The texts of a stage in one language. Call it with a key: ``t("found.gap", gap=0.3)``.

    Placeholders follow the language: ``{x:.2f}`` decimals, ``{x:.1%}`` per cent, ``{x:d}`` whole
    numbers with groups, ``{x:p}`` a p-value with its sign ("= 0,012" or "< 0,001"); a plain ``{x}``
    is shown as it is (years, names). A missing number is shown as a dash.

    Parameters
    ----------
    lang : {"id", "en"}
    domain : str
        Where keys are looked up before ``common``.
    escape : callable, optional
        Applied to every text value, so that a label from the data stays text.

    Examples
    --------
    >>> Texts("id", "common").number(1234.5, 1), Texts("en", "common").number(1234.5, 1)
    ('1.234,5', '1,234.5')
    >>> Texts("id", "common").format("p {p:p}", p=0.0004)
    'p < 0,001'
    """

    def __init__(self, lang: str, domain: str, escape=None):
        self.lang = lang
        self.domain = domain
        self.escape = escape

    def __call__(self, key: str, **values) -> str:
        """Return the text of a key, filled with values."""
        return self.vformat(self._text(key), (), values)

    def has(self, key: str) -> bool:
        """Whether there is a text for this key."""
        return key in catalogue(self.domain, self.lang) or key in catalogue("common", self.lang)

    def word(self, value) -> str:
        """Return the text of a key word of the tables (north, high, ...), or the value itself."""
        key = f"word.{value}"
        return self._text(key) if self.has(key) else str(value)

    def verdict(self, value: str, basis: str | None) -> str:
        """Return a verdict in words: "would be" for one that rests on simulated or illustrative
        data.

        Examples
        --------
        >>> Texts("en", "common").verdict("supported", "published"), Texts("en", "common").verdict("supported", "simulated")
        ('supported', 'would be supported')
        """
        return self._text(f"would.{value}" if basis in ("simulated",
                                                        "illustrative") else f"word.{value}")

    def number(self, value: float, digits: int = 0) -> str:
        """Write a number with a fixed count of decimals.

        Examples
        --------
        >>> Texts("id", "common").number(-1234.56, 1), Texts("id", "common").number(-0.0004, 3)
        ('-1.234,6', '0,000')
        """
        return self.format_field(value, f".{digits}f")

    def percent(self, value: float, digits: int = 0) -> str:
        """Write a share as per cent."""
        return self.format_field(value, f".{digits}%")

    def significant(self, value: float, digits: int = 6) -> str:
        """Write a number with at most so many significant digits; the whole part keeps all of its
        own.

        Examples
        --------
        >>> t = Texts("id", "common")
        >>> t.significant(0.080011959), t.significant(1234567.8), t.significant(50.0)
        ('0,080012', '1.234.568', '50')
        """
        from babel.numbers import format_decimal

        places = digits - 1 - math.floor(math.log10(abs(value))) if value else 0
        return format_decimal(value, format="#,##0" + ("." + "#" * places if places > 0 else ""),
                              locale=self.lang)

    def for_markdown(self) -> "Texts":
        """Return the same texts, with values that cannot become Markdown or HTML."""
        return Texts(self.lang, self.domain,
                     lambda text: " ".join(text.split()).translate(MARKDOWN))

    def format_field(self, value, spec: str) -> str:
        """Format one placeholder."""
        if isinstance(value, str):
            return self.escape(value) if self.escape else value
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return NOTHING
        if not spec:
            return str(value)
        return self._number(value, spec)

    def _number(self, value, spec: str) -> str:
        from babel.numbers import format_decimal

        if spec == "p":
            return f"= {self._number(value, '.3f')}" if value >= 0.001 else f"< {self._number(0.001, '.3f')}"
        digits = int(spec[1:-1]) if spec.startswith(".") else 0
        pattern = "#,##0" + ("."
                             + "0" * digits if digits else "") + ("%" if spec.endswith("%") else "")
        shown = format_decimal(value, format=pattern, locale=self.lang)
        # What is rounded to nothing is neither above nor below it.
        return shown if re.search("[1-9]", shown) else shown.lstrip("-")

    def _text(self, key: str) -> str:
        for domain in (self.domain, "common"):
            if key in catalogue(domain, self.lang):
                return catalogue(domain, self.lang)[key]
        raise MissingTextError("there is no text '{key}' in {lang}/{domain}.po or {lang}/common.po",
                               key=key, lang=self.lang, domain=self.domain)
