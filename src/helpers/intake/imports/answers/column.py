"""Cells of one item as numbers; labels, codes and the person's options against each other."""

import re
from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from helpers.errors import InputError
from helpers.intake.imports.answers import cells as one
from helpers.intake.imports.answers import direction
from helpers.intake.imports.answers.table import AnswerTable, folded
from helpers.intake.imports.source import Source, shown
from helpers.messages import Message


@dataclass
class Reading:
    """How the cells of one item were read: in which way, from which words to which numbers, and
    which cells mean no answer; `turned` says that labels turned the codes."""

    how: Message
    words: dict[int, str] = field(default_factory=dict)
    emptied: Counter = field(default_factory=Counter)
    turned: bool = False


class Column:
    """Cells of one item: what each says, and what the file declares about its codes."""

    def __init__(self, source: Source, column: str, item: str, table: AnswerTable,
                 missing: tuple[str, ...], coding: str | None, lowest: int, highest: int):
        self.file, self.column, self.item, self.table = source.name, column, item, table
        self.lowest, self.highest, self.coding = lowest, highest, coding
        declared = source.labels.get(column, {})
        cells = source.cells[column]
        self.index, self.cells = cells.index, cells[cells != ""]
        self.meant = {cell: self._read(cell, declared, missing) for cell in self.cells.unique()}
        nothing = {text: cell.empty for text, cell in self.meant.items()}
        empty = self.cells.map(nothing).astype(bool)
        self.emptied = Counter({declared.get(text, text): int(number) for text, number
                                in self.cells[empty].value_counts().items()})
        self.cells = self.cells[~empty]
        self.labels = self._labels(declared, missing)
        self.verbal = {cell.label for cell in self.given if cell.number is None and cell.label}

    def _read(self, text: str, declared: dict[str, str], missing: tuple[str, ...]) -> one.Cell:
        cell = one.read(text, self.table, self.points, self.coding == "codes")
        label = declared.get(text, declared.get(f"{cell.number:g}" if cell.number is not None
                                                else text))
        if is_missing(text, missing):
            return one.Cell(empty=True)
        if label is not None and (said := one.read(label, self.table, self.points)).empty:
            return said
        return cell if label is None or cell.number is not None else said

    @property
    def given(self) -> list[one.Cell]:
        """What the cells say that are an answer, each once."""
        return [cell for cell in self.meant.values() if not cell.empty]

    @property
    def used(self) -> set[float]:
        """Codes that occur."""
        return {cell.number for cell in self.given if cell.number is not None}

    @property
    def codes_counted(self) -> bool:
        """Whether cells hold unknown text beside a number that counts as a person said."""
        return self.coding == "codes" and any(
            cell.number is not None and not cell.empty and not one.NUMBER.fullmatch(text)
            for text, cell in self.meant.items())

    def counted_by(self, numbers: dict[str, int]) -> str | None:
        """Whether codes are those of a scale, ``same`` or ``reversed``; None if neither."""
        pairs = {(code, numbers[word] + self.lowest - 1)
                 for code, words in self.labels.items() for word in words}
        if self.verbal or not pairs:
            return None
        if all(code == number for code, number in pairs):
            return "same"
        turned = self.lowest + self.highest
        return "reversed" if all(code == turned - number for code, number in pairs) else None

    def _labels(self, declared: dict[str, str],
                missing: tuple[str, ...]) -> dict[float, dict[str, str]]:
        """Code -> label as compared -> label as written, for codes of the scale or of a cell."""
        found: dict[float, dict[str, str]] = {}
        for code, label in declared.items():
            said = one.read(label, self.table, self.points)
            if not one.NUMBER.fullmatch(code) or said.empty:
                continue
            number = one.value(code)
            if is_missing(code, missing):
                continue
            if self.lowest <= number <= self.highest or number in self.used:
                found.setdefault(number, {})[said.label or folded(label)] = label
        for cell in self.given:
            if cell.number is not None and cell.label:
                found.setdefault(cell.number, {}).setdefault(cell.label, cell.written)
        return found

    @property
    def points(self) -> int:
        """How many answers the item has."""
        return self.highest - self.lowest + 1

    @property
    def compared(self) -> set[str]:
        """Labels whose scale must be known: those of the cells, else those of the file's codes."""
        if self.verbal:
            return {cell.label for cell in self.given if cell.label}
        return {word for words in self.labels.values() for word in words}

    def refuse_unreadable(self) -> None:
        """Raise ``InputError`` at the first cell that is neither number nor known label."""
        wrong = {text for text, cell in self.meant.items() if cell.problem or cell.unknown}
        for row, text in self.cells[self.cells.isin(wrong)].head(1).items():
            cell = self.meant[text]
            if cell.problem:
                raise InputError("{file}: row {row}, column {column}: {cell} is {problem}",
                                 **self._at(row, text), problem=cell.problem)
            if all(re.fullmatch(r"AO?\d{1,3}", other) for other in self.cells.unique()):
                raise InputError("{file}: row {row}, column {column}: {cell} is an answer code of "
                                 "LimeSurvey, which says nothing about its order; export again "
                                 "with full answers", **self._at(row, text))
            raise InputError(
                "{file}: row {row}, column {column}: the answer {cell} is not in {table} "
                "(scales of {points} points); correct the cell, add the label to a file of "
                "your own and say answers=FILE, or say missing={cell} if it means no answer",
                **self._at(row, text), table=self.table.name, points=self.points)

    def refuse_label(self, label: str) -> None:
        """Raise ``InputError`` for a label that belongs to scales of other lengths."""
        row, text = next((row, cell) for row, cell in self.cells.items()
                         if self.meant[cell].label == label)
        points = {self.table.points(name) for name, numbers in self.table.scales.items()
                  if label in numbers}
        raise InputError("{file}: row {row}, column {column}: {cell} belongs to scales of "
                         "{points} points, but item '{item}' has {needed} ({lowest} to "
                         "{highest}); correct the items or say answers=FILE",
                         **self._at(row, text), points=", ".join(map(str, sorted(points))),
                         item=self.item, needed=self.points, lowest=self.lowest,
                         highest=self.highest)

    def _at(self, row: int, text: str) -> dict:
        return {"file": self.file, "row": row, "column": shown(self.column), "cell": shown(text)}

    def judged(self, scale: str | None) -> tuple[dict[float, float] | None, Message]:
        """Code -> number where labels turn the codes (else None), and how the cells are read."""
        meaning = self.table.scales[scale] if scale else {}
        self._refuse_disagreeing(meaning)
        return direction.judge(self, meaning, scale)

    @property
    def directed(self) -> bool:
        """Whether the column says which way it runs: words, or a known label off the middle."""
        middle = (self.lowest + self.highest) / 2
        return bool(self.verbal) or any(
            code != middle and any(self.table.word(word) for word in words)
            for code, words in self.labels.items())

    def numbers(self, scale: str | None, turned: dict[float, float] | None) -> pd.Series:
        """Numbers (Int64)."""
        meaning = self.table.scales[scale] if scale else {}
        values = {text: self._number(cell, meaning, turned) for text, cell in self.meant.items()}
        wrong = {text for text in self.cells.unique() if values[text] is None
                 or values[text] % 1 or not self.lowest <= values[text] <= self.highest}
        for row, text in self.cells[self.cells.isin(wrong)].head(1).items():
            self._refuse_value(row, text, values[text])
        return self.cells.map(values).reindex(self.index).astype("Int64")

    def words(self, scale: str | None, turned: dict[float, float] | None) -> dict[int, str]:
        """Words of the answers by number; none of codes that count against them as told."""
        meaning = self.table.scales[scale] if scale else {}
        found = {meaning[cell.label] + self.lowest - 1: cell.label for cell in self.given
                 if cell.number is None and cell.label}
        if self.coding != "codes":
            found |= {int((turned or {}).get(code, code)): next(iter(words))
                      for code, words in self.labels.items()}
        return found

    def _number(self, cell: one.Cell, meaning: dict[str, int],
                turned: dict[float, int] | None) -> float | None:
        if cell.empty or (cell.number is None and cell.label is None):
            return None
        if cell.number is None:
            return meaning[cell.label] + self.lowest - 1
        if turned is None:
            return cell.number
        return turned.get(cell.number, cell.number)

    def _refuse_disagreeing(self, meaning: dict[str, int]) -> None:
        """Raise ``InputError`` where one code has two labels that count differently."""
        for code, words in self.labels.items():
            if len({meaning.get(word, word) for word in words}) < 2 or self.table.agree(words):
                continue
            numbered = {text: cell for text, cell in self.meant.items()
                        if cell.number == code and cell.label}
            here = self.cells[self.cells.isin(numbered)]
            counts = here.map({text: cell.label for text, cell in numbered.items()}).value_counts()
            text = next(text for text in reversed(list(numbered))
                        if numbered[text].label == counts.index[-1])
            other = next(label for word, label in words.items() if word != counts.index[-1])
            raise InputError("{file}: row {row}, column {column}: {cell}, while {code:g} is "
                             "{label} elsewhere; number and word disagree: correct the cell",
                             **self._at(here.index[here == text][0], text), code=code,
                             label=shown(other))

    def _refuse_value(self, row: int, text: str, value: float | None) -> None:
        if value is None or value % 1:
            raise InputError("{file}: row {row}, column {column}: {cell} is not a whole "
                             "number; correct the cell or leave it empty", **self._at(row, text))
        if value == self.lowest - 1 and self.highest not in self.used:
            raise InputError("{file}: row {row}, column {column}: {cell} is outside the scale of "
                             "'{item}', {lowest} to {highest}, and nobody gave {highest}; if "
                             "answers were coded from {cell} on, give items=FILE with that scale",
                             **self._at(row, text) | {"cell": f"{value:g}"}, item=self.item,
                             lowest=self.lowest, highest=self.highest)
        raise InputError("{file}: row {row}, column {column}: {cell} is outside the scale "
                         "of '{item}'; allowed is {lowest} to {highest} or an empty cell: "
                         "correct it, say missing={cell} if it means no answer, or give "
                         "items=FILE if the scale differs",
                         **self._at(row, text) | {"cell": f"{value:g}"}, item=self.item,
                         lowest=self.lowest, highest=self.highest)


def is_missing(text: str, missing: tuple[str, ...]) -> bool:
    """Whether a person said that a cell means no answer: 99 is also 99.0 and "99 - Tidak tahu"."""
    leading = one.FIRST.fullmatch(text)
    number = text if one.NUMBER.fullmatch(text) else leading and leading.group(1)
    return any(folded(text) == folded(cell)
               or (number is not None and one.NUMBER.fullmatch(cell)
                   and one.value(number) == one.value(cell)) for cell in missing)
