"""Columns by what they are: items, area, type of business, respondent, weight, a tool's own."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from html import unescape

import pandas as pd

from helpers.errors import InputError
from helpers.files import settings
from helpers.intake.imports.source import Source, last_part, shown
from helpers.languages import DEFAULT, language_columns

# "3. ", "Q1. ", "P.12) ", "(1.2) ", "No. 4: ", "B3 - ", "1.2 " before a question.
NUMBERING = re.compile(r"^(?:(?:no\.?|nomor|pertanyaan|question|butir)\s*)?"
                       r"(?:\(\s*[a-z]{0,2}[.\s]?\d+(?:\.\d+)*[a-z]?\s*\)[.:]?\s*"
                       r"|[a-z]{0,2}[.\s]?\d+(?:\.\d+)*[a-z]?\s*(?:[.):]|\s[-–—])\s+"
                       r"|[a-z]{0,2}\d+(?:\.\d+)+\s+)(?=\S*[^\W\d])")
ROLES = ("respondent", "area", "business_type", "weight")


@dataclass
class Matching:
    """Columns by what they are."""

    items: dict[str, str] = field(default_factory=dict)
    by_text: list[str] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    tools: dict[str, list[str]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)


def words() -> dict:
    """Names of columns.yml."""
    return settings(__file__, "columns.yml")


@lru_cache(maxsize=100_000)
def plain(text: str) -> str:
    """Name or question in the form in which names are compared: without markup and numbering,
    capitals, underscores, and the signs that forms put at the end.

    >>> plain("3.  Saya  membutuhkan modal. *"), plain("Q12) <b>Saya butuh</b> modal&nbsp;.")
    ('saya membutuhkan modal', 'saya butuh modal')
    >>> plain("sangat_setuju"), plain("(1.2) **Saya** butuh"), plain("2 Setuju"), plain("Q1")
    ('sangat setuju', 'saya butuh', '2 setuju', 'q1')
    """
    if "<" in text or "&" in text:
        text = unescape(re.sub(r"</?[A-Za-z][^<>]*>", " ", text))
    text = unicodedata.normalize("NFC", text).replace("_", " ")
    text = re.sub(r"(\*\*|`)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
    text = " ".join(text.split()).casefold()
    return NUMBERING.sub("", text).rstrip("*:. ")


class ItemNames:
    """Names under which items may stand in a header: their key, or their question."""

    def __init__(self, items: pd.DataFrame):
        self.key_of: dict[str, set[str]] = {}
        for column in ("item", *language_columns(items, "text", DEFAULT)):
            for item, text in zip(items["item"], items[column], strict=True):
                if isinstance(text, str) and text:
                    self.key_of.setdefault(plain(text), set()).add(item)

    def __call__(self, cell: str) -> set[str] | None:
        """Items that a cell of a header names, or none."""
        return next((self.key_of[plain(form)] for form in forms(cell)
                     if plain(form) in self.key_of), None)

    def find(self, name: str, text: str, file: str) -> str | None:
        """Item that a column holds, or None."""
        for form in (*forms(name), *forms(text)):
            found = self.key_of.get(plain(form), set())
            if len(found) > 1:
                raise InputError("{file}: the column {name} has the question of several items "
                                 "({found}); name the column by one of these keys", file=file,
                                 name=shown(name), found=", ".join(sorted(found)))
            if found:
                return next(iter(found))
        return None


def forms(name: str) -> list[str]:
    """Column's name in the forms that tools give it: whole, after groups, as a row of a grid, as a
    code before a question.

    >>> forms("access-need_capital_1")[-1], forms("Setuju? [Saya butuh modal]")[-1]
    ('need_capital_1', 'Saya butuh modal')
    >>> forms("G1[q1]. Saya butuh modal")[-2:]
    ['q1', 'Saya butuh modal']
    """
    if not name:
        return []
    grid = re.search(r"\[(.+)\]\s*$", name)
    coded = re.fullmatch(r"(?:\w*\[)?([^\W\d]\w*)\]?\. (.+)", name)
    return [name, last_part(name), name.rsplit("-", 1)[-1],
            *(grid.groups() if grid else ()), *(coded.groups() if coded else ())]


def match(source: Source, items: pd.DataFrame, named: dict[str, str]) -> Matching:
    """Columns of a source by what they are; `named` has those that a person names, by role."""
    known, matching = ItemNames(items), Matching()
    matching.roles = {role: source.column(name, role) for role, name in named.items()}
    candidates: dict[str, list[str]] = {}
    for column in source.cells:
        if column in matching.roles.values():
            continue
        text = source.texts.get(column, "")
        if item := known.find(column, text, source.name):
            if item in matching.items:
                raise InputError("{source}: the columns {first} and {second} both hold the item "
                                 "'{item}'; delete one of them", source=source.name,
                                 first=shown(matching.items[item]), second=shown(column), item=item)
            matching.items[item] = column
            if last_part(column) != item:
                matching.by_text.append(item)
        elif role := next((role for role in ROLES if _names(role) & {
                plain(form) for form in (*forms(column), *forms(text))}), None):
            candidates.setdefault(role, []).append(column)
        elif tool := next((tool for tool, names in words()["tools"].items() if {
                column.casefold(), last_part(column).casefold()} & set(names)), None):
            matching.tools.setdefault(tool, []).append(column)
        else:
            matching.others.append(column)
    _refuse_lone_prefix(matching, known, source)
    _assign(matching, candidates, source)
    return matching


def _refuse_lone_prefix(matching: Matching, known: ItemNames, source: Source) -> None:
    """Stop where one column alone has its item behind other words: it may be a note on it."""
    def bare(column: str) -> bool:
        return bool(known.key_of.keys() & {plain(column), plain(source.texts.get(column, ""))})

    behind = [(item, column) for item, column in matching.items.items() if not bare(column)]
    if len(behind) == 1 and len(matching.items) > 2:
        item, column = behind[0]
        raise InputError("{source}: the column {column} ends in the item '{item}', while all other "
                         "items are named as they are; name the column of the answers '{item}', "
                         "and a note on it otherwise", source=source.name, column=shown(column),
                         item=item)


def _assign(matching: Matching, candidates: dict[str, list[str]], source: Source) -> None:
    for role, columns in candidates.items():
        if role in matching.roles:
            matching.others += columns
        elif len(columns) > 1:
            raise InputError("{source}: {number} columns could be the {role} ({columns}); say "
                             "{role}=COLUMN", source=source.name, number=len(columns), role=role,
                             columns=", ".join(map(shown, columns)))
        else:
            matching.roles[role] = columns[0]


@cache
def _names(role: str) -> set[str]:
    return {plain(name) for name in words()["roles"][role]}
