"""Rows of single persons in what the cells of a notebook showed, past the publisher."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers.study.package import Package

ROW = re.compile(r"</tr>|<br ?/?>|\n", re.IGNORECASE)
TAG, WORD = re.compile(r"<[^>]*>"), re.compile(r"[^\s,;|'\"\[\](){}<>]+")
TELLING = re.compile(r"(?=.*[^\W\d])\w.{2,}|\d{6,}")  # a key that is no number as any other
RUN = 16  # answers one after the other, as they stand in the data: fewer may come by chance
KEYS = {"responses": "respondent", "ratings": "expert"}


@dataclass(frozen=True)
class Persons:
    """What gives a person of a data package away: keys, names of the columns with answers, and runs
    of answers as they stand in its rows and columns."""

    keys: frozenset[str]
    columns: frozenset[str]
    runs: frozenset[tuple[str, ...]]

    def shown(self, text: str) -> bool:
        """Whether a text holds rows of persons.

        Examples
        --------
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
        for line in ROW.split(text):
            words = WORD.findall(TAG.sub(" ", line))
            if self.keys.intersection(words) or len(self.columns.intersection(words)) > 1:
                return True
            if words[:1] == ["Name:"] and self.columns.intersection(words[1:2]):
                return True
        numbers = re.findall(r"(?<![\w.])\d+(?:\.0*)?(?![\w.])", TAG.sub(" ", text))
        whole = [number.partition(".")[0] for number in numbers]
        return any(tuple(whole[at:at + RUN]) in self.runs
                   for at in range(len(whole) - RUN + 1))


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
    for name in real:
        rows, key = package.table(name), KEYS[name]
        if key in rows:
            keys |= {value for value in rows[key].dropna().astype("str")
                     if TELLING.fullmatch(value)}
            columns.add(key)
        if name == "responses" and package.has("items"):
            items = [item for item in package.table("items")["item"] if item in rows]
            columns |= {*items}
            answers = rows[items].to_numpy(float)
            for way in (answers.ravel(), answers.T.ravel()):
                part = [f"{answer:.0f}" for answer in way if answer == answer]
                runs |= {tuple(part[at:at + RUN]) for at in range(len(part) - RUN + 1)
                         if len({*part[at:at + RUN]}) > 2}
    return Persons(frozenset(keys), frozenset(columns), frozenset(runs))


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
