"""Answers as numbers: digits, numbers before a label, labels of a table or a statistics file."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from helpers.errors import InputError
from helpers.intake.imports.columns import plain
from helpers.intake.imports.source import Source, existing, shown
from helpers.messages import Message, either

TABLE = Path(__file__).with_name("answers.yml")
NUMBER = re.compile(r"-?\d+([.,]\d+)?")
NUMBERED = re.compile(r"(-?\d+)\s*[-–—.:=)(]+\s*([^\d\s].*?)\)?")


@dataclass(frozen=True)
class AnswerTable:
    """Scales of verbal answers: name -> label -> number, and the labels that are no answer."""

    scales: dict[str, dict[str, int]]
    no_answer: frozenset[str]
    name: str

    def points(self, scale: str) -> int:
        """How many points a scale has."""
        return max(self.scales[scale].values())

    def fitting(self, labels: set[str], points: int) -> list[str]:
        """Scales of so many points that know all of the labels."""
        return [name for name, numbers in self.scales.items()
                if self.points(name) == points and labels <= set(numbers)]


def load(path: str | None = None) -> AnswerTable:
    """Table of verbal answers, with a person's own scales on top."""
    content = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    name = TABLE.name
    if path is not None:
        own_path = existing(path, "answers")
        name = own_path.name
        try:
            own = yaml.safe_load(own_path.read_text(encoding="utf-8-sig"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise InputError("{name}: not valid YAML in UTF-8: {error}", name=name,
                             error=error) from None
        _check_form(own, name)
        content = {"no_answer": content["no_answer"] + own.get("no_answer", []),
                   "scales": content["scales"] | own.get("scales", {})}
    scales = {scale: {plain(str(label)): int(number) for number, labels in rows.items()
                      for label in labels} for scale, rows in content["scales"].items()}
    no_answer = frozenset(" ".join(str(label).split()).casefold() for label in content["no_answer"])
    return AnswerTable(scales, no_answer, name)


def _check_form(own: object, name: str) -> None:
    shape = Message("it must be like answers.yml: scales: {{my_scale: "
                    "{{1: [label, ...], 2: [label, ...]}}}}")
    if not isinstance(own, dict) or set(own) - {"scales", "no_answer"}:
        raise InputError("{name}: {shape}", name=name, shape=shape)
    if not isinstance(own.get("no_answer", []), list) or not isinstance(
            own.get("scales", {}), dict):
        raise InputError("{name}: {shape}", name=name, shape=shape)
    for scale, rows in own.get("scales", {}).items():
        if not isinstance(rows, dict) or not all(
                isinstance(number, int) and isinstance(labels, list)
                for number, labels in rows.items()):
            raise InputError("{name}: scale '{scale}': {problem}", name=name, scale=scale,
                             problem=shape)
        if sorted(rows) != list(range(1, len(rows) + 1)):
            raise InputError("{name}: scale '{scale}' has the points {points}; number them from 1 "
                             "up", name=name, scale=scale, points=", ".join(map(str, rows)))


def to_numbers(source: Source, columns: dict[str, str], items: pd.DataFrame, table: AnswerTable, *,
               scale: str | None = None, coding: str | None = None, missing: tuple[str, ...] = ()
               ) -> tuple[pd.DataFrame, list[str]]:
    """Answers of all items as whole numbers (Int64, one column an item), and how they were read.

    `columns` has the column of each item. A person says which `scale` is meant where several fit,
    whether the ``codes`` or the ``labels`` of a file count where they contradict each other
    (`coding`), and which cells beside empty ones mean no answer (`missing`).
    """
    if scale is not None and scale not in table.scales:
        raise InputError("scale={scale}: there is no such scale in {table}; it has: {known}",
                         scale=scale, table=table.name, known=", ".join(table.scales))
    limits = items.set_index("item")[["lowest", "highest"]]
    readers = {item: _Column(source, column, item, table, missing, *map(int, limits.loc[item]))
               for item, column in columns.items()}
    chosen = _choose_scales(readers, table, scale, source.name)
    numbers, said, ways = {}, [], {}
    for item, reader in readers.items():
        numbers[item], how = reader.numbers(chosen.get(item), coding)
        ways.setdefault(how, []).append(item)
    for how, named in ways.items():
        said.append(Message("{items} items: answers are {how}" if len(named) > 1
                            else "item '{item}': answers are {how}", items=len(named), how=how,
                            item=named[0]))
    if emptied := sum(reader.emptied for reader in readers.values()):
        said.append(Message("{answers} answers that mean no answer (such as 'tidak tahu', "
                            "'-', {missing}) read as empty" if missing
                            else "{answers} answers that mean no answer (such as 'tidak tahu', "
                            "'-') read as empty", answers=emptied, missing=", ".join(missing)))
    return pd.DataFrame(numbers, index=source.cells.index), said


class _Column:
    """The cells of one item."""

    def __init__(self, source: Source, column: str, item: str, table: AnswerTable,
                 missing: tuple[str, ...], lowest: int, highest: int):
        self.file, self.column, self.item, self.table = source.name, column, item, table
        self.lowest, self.highest = lowest, highest
        cells = source.cells[column]
        folded = cells.map(lambda cell: " ".join(cell.split()).casefold())
        empty = folded.isin([*table.no_answer, *(value.casefold() for value in missing)])
        self.emptied = int((empty & (cells != "")).sum())
        self.cells = cells[~empty & (cells != "")]
        self.index = cells.index
        self.value_labels = dict(source.labels.get(column, {}))
        for cell in self.cells.unique():
            if numbered := NUMBERED.fullmatch(cell):
                self.value_labels.setdefault(numbered.group(1), numbered.group(2))
        self.verbal = {plain(cell) for cell in self.cells.unique()
                       if not NUMBER.fullmatch(cell) and not NUMBERED.fullmatch(cell)}

    @property
    def points(self) -> int:
        return self.highest - self.lowest + 1

    @property
    def compared(self) -> set[str]:
        """Labels whose scale must be known: verbal answers, else labels beside codes."""
        return self.verbal or {plain(label) for code, label in self.value_labels.items()
                               if self._within(code)}

    def _within(self, code: str) -> bool:
        number = float(code.replace(",", ".")) if NUMBER.fullmatch(code) else self.lowest - 1
        return self.lowest <= number <= self.highest

    def refuse_label(self, label: str) -> None:
        """Raise ``InputError`` for a label that the table does not know."""
        row = next(number for number, cell in self.cells.items() if plain(cell) == label)
        points = {name: self.table.points(name) for name, numbers in self.table.scales.items()
                  if label in numbers}
        if points and self.points not in points.values():
            raise InputError("{file}: row {row}, column {column}: {cell} belongs to scales of "
                             "{points} points, but item '{item}' has {needed} ({lowest} to "
                             "{highest}); correct the items or say answers=FILE", file=self.file,
                             row=row, column=shown(self.column), cell=shown(self.cells[row]),
                             points=", ".join(map(str, sorted(set(points.values())))),
                             item=self.item, needed=self.points, lowest=self.lowest,
                             highest=self.highest)
        raise InputError("{file}: row {row}, column {column}: the answer {cell} is not in {table} "
                         "(scales of {points} points); correct the cell, or add the label to a "
                         "file of your own and say answers=FILE", file=self.file, row=row,
                         column=shown(self.column), cell=shown(self.cells[row]),
                         table=self.table.name, points=self.points)

    def numbers(self, scale: str | None, coding: str | None) -> tuple[pd.Series, str]:
        """Numbers and how they were read."""
        meaning = self.table.scales[scale] if scale else {}
        recoded = self._recoded(meaning, coding)
        values = {cell: self._number(cell, meaning, recoded) for cell in self.cells.unique()}
        for row, cell in self.cells.items():
            if values[cell] is None:
                raise InputError("{file}: row {row}, column {column}: {cell} is not a whole "
                                 "number; correct the cell or leave it empty", file=self.file,
                                 row=row, column=shown(self.column), cell=shown(cell))
            if not self.lowest <= values[cell] <= self.highest:
                raise InputError("{file}: row {row}, column {column}: {cell} is outside the scale "
                                 "of '{item}'; allowed is {lowest} to {highest} or an empty cell: "
                                 "correct it, say missing={cell} if it means no answer, or give "
                                 "items=FILE if the scale differs", file=self.file, row=row,
                                 column=shown(self.column), cell=values[cell], item=self.item,
                                 lowest=self.lowest, highest=self.highest)
        numbers = self.cells.map(values).reindex(self.index).astype("Int64")
        if self.verbal:
            return numbers, Message("labels, read by the scale '{scale}' of {table}", scale=scale,
                                    table=self.table.name)
        if recoded:
            return numbers, Message("codes whose labels count differently; the labels count "
                                    "(coding=labels, scale '{scale}')", scale=scale)
        if not self.value_labels:
            return numbers, Message("numbers")
        if scale:
            return numbers, Message(
                "numbers with labels that agree with the scale '{scale}' of {table}"
                if coding != "codes"
                else "numbers with labels that agree with the scale '{scale}' of {table} or were "
                "told to give way to the codes", scale=scale, table=self.table.name)
        return numbers, Message("numbers with labels that {table} does not know; the numbers "
                                "count", table=self.table.name)

    def _number(self, cell: str, meaning: dict[str, int], recoded: dict[str, int]) -> int | None:
        numbered = NUMBERED.fullmatch(cell)
        if numbered or NUMBER.fullmatch(cell):
            code = numbered.group(1) if numbered else cell
            number = float(code.replace(",", "."))
            text = str(int(number)) if number.is_integer() else ""
            return recoded.get(text, int(text)) if text else None
        return meaning[plain(cell)] + self.lowest - 1

    def _recoded(self, meaning: dict[str, int], coding: str | None) -> dict[str, int]:
        """Code -> number where labels beside the codes count differently, and are to count."""
        said = {code: meaning[plain(label)] + self.lowest - 1
                for code, label in self.value_labels.items()
                if plain(label) in meaning and NUMBER.fullmatch(code)}
        against = {code: number for code, number in said.items()
                   if float(code.replace(",", ".")) != number}
        if not against or coding == "codes":
            return {}
        code, number = next(iter(against.items()))
        if coding is None:
            raise InputError(
                "{file}: column {column}: the code {code} is labelled {label}, which counts as "
                "{number} in {table}; say coding=labels to count by the labels, or coding=codes "
                "to keep the codes", file=self.file, column=shown(self.column), code=code,
                label=shown(self.value_labels[code]), number=number, table=self.table.name)
        return said


def _choose_scales(readers: dict[str, _Column], table: AnswerTable, told: str | None,
                   file: str) -> dict[str, str]:
    """Scale of every item whose answers are, or carry, labels that the table knows."""
    fitting: dict[str, list[str]] = {}
    for item, reader in readers.items():
        if not reader.compared:
            continue
        names = table.fitting(reader.compared, reader.points)
        if told in names:
            names = [told]
        if not names and reader.verbal:
            known = set().union(*(table.scales[name] for name in table.scales
                                  if table.points(name) == reader.points))
            if unknown := sorted(reader.verbal - known):
                reader.refuse_label(unknown[0])
            raise InputError("{file}: column {column}: its answers ({answers}) belong to no one "
                             "scale of {points} points in {table}; make them words of one scale, "
                             "or say answers=FILE", file=file, column=shown(reader.column),
                             answers=", ".join(sorted(reader.verbal)), points=reader.points,
                             table=table.name)
        if names:
            fitting[item] = names
    return {item: _agreed(item, readers, fitting, table, file) for item in fitting}


def _agreed(item: str, readers: dict[str, _Column], fitting: dict[str, list[str]],
            table: AnswerTable, file: str) -> str:
    """Scale of an item; columns that share a scale decide together what each alone leaves open."""
    own = fitting[item]
    if _same(own, readers[item].compared, table):
        return own[0]
    pool = set().union(*(readers[other].compared for other, names in fitting.items()
                         if set(names) & set(own)
                         and readers[other].points == readers[item].points))
    together = [name for name in own if pool <= set(table.scales[name])]
    if together and _same(together, readers[item].compared, table):
        return together[0]
    word = next(label for label in sorted(readers[item].compared)
                if len({table.scales[name][label] for name in own}) > 1)
    counts = either(Message("scale={name} ('{word}' counts {number})", name=name, word=word,
                            number=table.scales[name][word]) for name in own)
    raise InputError("{file}: column {column}: two readings are possible; say {readings}",
                     file=file, column=shown(readers[item].column), readings=counts)


def _same(names: list[str], labels: set[str], table: AnswerTable) -> bool:
    """Whether several scales count the same labels alike."""
    return all(len({table.scales[name][label] for name in names}) == 1 for label in labels)


def to_measure(source: Source, column: str, decimal: str | None) -> tuple[pd.Series, Message]:
    """Column of numbers with either decimal sign, empty where its cells are, and which sign it was.

    Examples
    --------
    >>> cells = pd.DataFrame({"w": ["1.250,5", "0,75"]}, dtype="str", index=[2, 3])
    >>> to_measure(Source("a.csv", cells), "w", None)[0].tolist()
    [1250.5, 0.75]
    """
    cells = source.cells[column]
    given = cells[cells != ""]
    signs = {"point": ".", "comma": ","}
    if decimal is not None and decimal not in signs:
        raise InputError("decimal={decimal}: allowed is one of: point, comma", decimal=decimal)
    readings = {}
    for name, sign in signs.items():
        other = "," if sign == "." else "."
        form = rf"-?(\d+|\d{{1,3}}(\{other}\d{{3}})+)(\{sign}\d+)?"
        if (decimal or name) == name and given.str.fullmatch(form).all():
            plain_signs = given.str.replace(other, "", regex=False)
            readings[name] = plain_signs.str.replace(sign, ".", regex=False).astype(float)
    if not readings:
        wrong = given[~given.str.fullmatch(r"-?[\d.,]*\d")]
        row = wrong.index[0] if len(wrong) else given.index[0]
        raise InputError("{source}: row {row}, column {column}: {cell} cannot be read as a number "
                         "with a decimal {decimal}; write plain numbers in the whole column"
                         if decimal
                         else "{source}: row {row}, column {column}: {cell} cannot be read as a "
                         "number; write plain numbers in the whole column", source=source.name,
                         row=row, column=shown(column), cell=shown(given[row]), decimal=decimal)
    if len(readings) == 2 and not readings["point"].equals(readings["comma"]):
        row = next(row for row in given.index if readings["point"][row] != readings["comma"][row])
        raise InputError("{source}: row {row}, column {column}: {cell} can be {point:g} "
                         "(decimal=point) or {comma:g} (decimal=comma); say which",
                         source=source.name, row=row, column=shown(column), cell=shown(given[row]),
                         point=readings["point"][row], comma=readings["comma"][row])
    name = next(iter(readings))
    numbers = readings[name].reindex(cells.index)
    if len(readings) == 2:
        return numbers, Message("column {column}: whole numbers", column=shown(column))
    return numbers, Message("column {column}: decimal {sign} as told" if decimal
                            else "column {column}: decimal {sign}", column=shown(column), sign=name)
