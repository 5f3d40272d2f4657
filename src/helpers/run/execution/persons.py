"""Rows of single persons in what the cells of a notebook showed, past the publisher."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from helpers.study.package import OF_PERSONS, Package

ROW = re.compile(r"</tr>|<br ?/?>|\n", re.IGNORECASE)
CELLS = re.compile(r"(?<=</t[dh]>)\s+(?=<t[dh])")  # a row of cells, each on a line of its own
TAG, WORD = re.compile(r"<(?!NA>)[^>]*>"), re.compile(r"[^\s,;:=|'\"\[\](){}<>]+")
NUMBER = re.compile(r"(?<![\w.])(?:\d+(?:\.0*)?|nan|NaN|None|<NA>)(?![\w.])")
TELLING = re.compile(r"(?=.*[^\W\d])\w.{2,}|\d{6,}")  # a key that is no number as any other
RUN = 16  # answers one after the other, as they stand in the data: fewer may come by chance
KEYS = dict.fromkeys(OF_PERSONS, "expert") | {"responses": "respondent"}
KEY_COLUMNS = {*KEYS.values()}


@dataclass(frozen=True)
class Persons:
    """What gives a person of a data package away: keys, names of the columns with answers, runs
    of answers as they stand in its rows and columns, and the columns of every table of answers."""

    keys: frozenset[str]
    columns: frozenset[str]
    runs: frozenset[tuple[str, ...]]
    heads: frozenset[frozenset[str]] = frozenset()

    def shown(self, text: str) -> bool:
        """Whether a text holds rows of persons.

        >>> persons = Persons(frozenset({"R01"}), frozenset({"respondent", "q1", "q2"}),
        ...                   frozenset({tuple("3141532131415321")}))
        >>> persons.shown("   q1  q2\\n0   3   4"), persons.shown("<td>R01</td>")
        (True, True)
        >>> persons.shown("Name: q1, dtype: int64")
        True
        >>> persons.shown("[9 3 1 4 1 5 3 2 1 3 1 4 1 5 3 2 1]")
        True
        >>> persons.shown("item mean\\nq1 3.1\\nq2 4.0")
        False
        """
        plain = [html.unescape(TAG.sub(" ", line)) for line in ROW.split(CELLS.sub(" ", text))]
        flat = " ".join(" ".join(plain).split())
        if any(key in flat and re.search(rf"(?<!\w){re.escape(key)}(?!\w)", flat)
               for key in self.keys if not WORD.fullmatch(key)):
            return True
        above: set[str] = set()
        for words in filter(None, map(WORD.findall, plain)):
            if self.keys.intersection(words) or len(self.columns.intersection(words)) > 1:
                return True
            if words[:1] == ["Name"] and self.columns.intersection(words[1:2]):
                return True
            # The name of an index stands below those of the columns.
            if self._heads_rows({*words}) or {*words} <= KEY_COLUMNS and self._heads_rows(
                    above | {*words}):
                return True
            above = {*words}
        rows = [[number.partition(".")[0] for number in NUMBER.findall(line)] for line in plain]
        return any(tuple(whole[at:at + RUN]) in self.runs for whole in _sequences(rows)
                   for at in range(len(whole) - RUN + 1))

    def _heads_rows(self, words: set[str]) -> bool:
        """Whether words are columns of a table of persons, a key and what belongs to it."""
        return bool(words & KEY_COLUMNS and words - KEY_COLUMNS) and any(
            words <= head for head in self.heads)


def of_package(raw: Path, described: Mapping[str, Mapping]) -> Persons | None:
    """What gives away the persons whose answers are real; None where none are.

    `described` has the status of every resource of the package in the folder.
    """
    real = [name for name in KEYS if described.get(name, {}).get("status") == "published"]
    if not real:
        return None
    package = Package(raw)
    keys: set[str] = set()
    columns: set[str] = set()
    runs: set[tuple[str, ...]] = set()
    heads = set()
    for name in real:
        rows, key = package.table(name), KEYS[name]
        if key in rows:
            keys |= {" ".join(value.split()) for value in rows[key].dropna().astype("str")
                     if TELLING.fullmatch(value)}
            columns.add(key)
            heads.add(frozenset(rows.columns))
        if name == "responses" and package.has("items"):
            items = [item for item in package.table("items")["item"] if item in rows]
            columns |= {*items}
            answers = rows[items].to_numpy(float)
            for way in (answers.ravel(), answers.T.ravel()):
                part = [f"{answer:.0f}" for answer in way if answer == answer]
                runs |= {tuple(part[at:at + RUN]) for at in range(len(part) - RUN + 1)
                         if len({*part[at:at + RUN]}) > 2}
    return Persons(frozenset(keys), frozenset(columns), frozenset(runs), frozenset(heads))


def _sequences(rows: list[list[str]]) -> Iterator[list[str]]:
    """Numbers as they stand one after the other, and down the columns of lines of equal width."""
    found = [[number for row in rows for number in row]]
    for _, block in groupby(filter(None, rows), key=len):
        found += zip(*block, strict=True)
    for numbers in found:
        yield [number for number in numbers if number.isdigit()]


def showing(notebook, persons: Persons):
    """First cell of an executed notebook that shows rows of persons; None where none does."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            texts = [output.get("text", ""), *(content for mime, content in
                                               output.get("data", {}).items()
                                               if mime.startswith(("text/", "application/json")))]
            if any(persons.shown(text if isinstance(text, str) else str(text)) for text in texts):
                return cell
    return None
