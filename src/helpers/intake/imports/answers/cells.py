"""One cell of an item: a number, a label, both, no answer, or nothing that can be read."""

import re
from dataclasses import dataclass

from helpers.intake.imports.answers.table import AnswerTable
from helpers.messages import Message

NUMBER = re.compile(r"-?\d+([.,]\d+)?")
FIRST = re.compile(r"[(\[]?(-?\d+(?:[.,]0+)?)\s*(?:[-–—.:=)(\]]+\s*|\s+)([^\d\s].*?)[)\]]?")
LAST = re.compile(r"([^\d].*?)(?:\s*[-–—:=(\[]+\s*|\s+)(\d+)[)\]]?")
MONTH = "(jan|feb|mar|apr|mei|may|jun|jul|agu|agt|ags|aug|sep|okt|oct|nov|nop|des|dec)[a-z]*"
DATE = re.compile(rf"\d{{1,4}}[-/. ]{MONTH}\.?([-/. ]\d{{1,4}})?|{MONTH}\.?[-/. ]+\d{{1,4}}|"
                  r"\d{4}-\d\d-\d\d([ t]\d\d:\d\d(:\d\d(\.\d+)?)?)?|"
                  r"\d{1,2}[/.-]\d{1,2}[/.-](\d{2}|\d{4})", re.IGNORECASE)
SHOWN_AS_DATE = re.compile(r"(1899-12-3[01]|1900-0[1-3]-\d\d)( 00:00:00)?")


@dataclass(frozen=True)
class Cell:
    """What a cell says: a `number`, the `label` in words, or both; or no answer (`empty`).

    `written` is the label as it stands there; a `problem` says why a cell cannot be read.
    """

    number: float | None = None
    label: str | None = None
    written: str = ""
    empty: bool = False
    problem: Message | None = None
    unknown: bool = False


def read(text: str, table: AnswerTable, points: int, codes_count: bool = False) -> Cell:
    """Meaning of a cell; text beside a number must be known, unless a person said that codes count.

    >>> from helpers.intake.imports.answers import load
    >>> table = load()
    >>> [read(text, table, 5).number for text in ("4", "4 - Setuju", "Setuju (4)", "4,0")]
    [4.0, 4.0, 4.0, 4.0]
    >>> read("5. Tidak tahu", table, 5).empty, read("1-Mei", table, 5).number
    (True, None)
    """
    if table.is_no_answer(text, points):
        return Cell(empty=True)
    if NUMBER.fullmatch(text):
        return Cell(number=value(text))
    if SHOWN_AS_DATE.fullmatch(text):
        return Cell(problem=Message("a number that Excel shows as a date; give the column the "
                                    "format General (Ctrl+1) and save the file again"))
    if DATE.fullmatch(text):
        return Cell(problem=Message(
            "a date: Excel makes dates of answers such as 1-5 or 1/5 and keeps nothing of them; "
            "take the answer from the original export, with the column as text"))
    if word := table.word(text):
        return Cell(label=word, written=text)
    return _both(text, table, points, codes_count) or Cell(unknown=True)


def _both(text: str, table: AnswerTable, points: int, codes_count: bool) -> Cell | None:
    """Cell with a number and words, or None."""
    for pattern, code, words in ((FIRST, 1, 2), (LAST, 2, 1)):
        if found := pattern.fullmatch(text):
            number, label = value(found.group(code)), found.group(words).rstrip("( [")
            if table.is_no_answer(label, points):
                return Cell(number=number, empty=True)
            if word := table.word(label):
                return Cell(number=number, label=word, written=label)
            if codes_count and pattern is FIRST and not re.search(r"\d", label):
                return Cell(number=number)
    return None


def value(text: str) -> float:
    """Number of a text that `NUMBER` fits."""
    return float(text.replace(",", "."))
