"""Answers as numbers: digits, numbers before a label, labels of a table or a statistics file."""

from collections import Counter
from dataclasses import replace

import pandas as pd

from helpers.errors import InputError
from helpers.intake.imports.answers import direction
from helpers.intake.imports.answers.cells import NUMBER
from helpers.intake.imports.answers.column import Column, Reading, is_missing
from helpers.intake.imports.answers.legend import legend, scale_words
from helpers.intake.imports.answers.measures import to_measure
from helpers.intake.imports.answers.table import AnswerTable, built_in, load
from helpers.intake.imports.source import Source, shown
from helpers.messages import Message, either, joined

__all__ = ["AnswerTable", "Reading", "built_in", "is_missing", "load", "to_measure", "to_numbers"]

MOST_EXAMPLES = 8


def to_numbers(source: Source, columns: dict[str, str], items: pd.DataFrame, table: AnswerTable, *,
               scale: str | None = None, coding: str | None = None, missing: tuple[str, ...] = ()
               ) -> tuple[pd.DataFrame, dict[str, Reading], list[str]]:
    """Answers of all items as whole numbers (Int64, one column an item), how each was read, and
    what is said of it.

    `columns` has the column of each item. A person says which `scale` is meant where several fit,
    whether the ``codes`` or the ``labels`` of a file count where they contradict each other
    (`coding`), and which cells beside empty ones mean no answer (`missing`). What a person says and
    no column needs is an error.
    """
    if scale is not None and scale not in table.scales:
        raise InputError("scale={scale}: there is no such scale in {table}; it has: {known}",
                         scale=scale, table=table.name, known=", ".join(table.scales))
    limits = items.set_index("item")[["lowest", "highest"]].astype(int)
    source, explained = _explained(source, columns, limits, table)
    readers = {item: Column(source, column, item, table, missing, coding, *limits.loc[item])
               for item, column in columns.items()}
    for reader in readers.values():
        reader.refuse_unreadable()
    if coding and not any(reader.labels or reader.codes_counted for reader in readers.values()):
        raise InputError("{file}: coding={coding}: no column of an item has codes with labels; "
                         "leave the option out", file=source.name, coding=coding)
    chosen = _choose_scales(readers, table, scale, source.name)
    if scale is None:
        _refuse_unused_middle(readers, chosen, table, source.name)
    judged = {item: reader.judged(chosen.get(item)) for item, reader in readers.items()}
    if coding == "labels":
        direction.turn_together(readers, judged)
    numbers, readings, ways = {}, {}, {}
    for item, (turned, how) in judged.items():
        numbers[item] = readers[item].numbers(chosen.get(item), turned)
        readings[item] = Reading(how, readers[item].words(chosen.get(item), turned),
                                 readers[item].emptied, turned is not None)
        ways.setdefault(how, []).append(item)
    said = [Message("{items} items: answers are {how}" if len(named) > 1
                    else "item '{item}': answers are {how}", items=len(named), how=how,
                    item=named[0]) for how, named in ways.items()]
    return (pd.DataFrame(numbers, index=source.cells.index), readings,
            [*explained, *said, *_emptied(readers)])


def _explained(source: Source, columns: dict[str, str], limits: pd.DataFrame,
               table: AnswerTable) -> tuple[Source, list[Message]]:
    """Source with the labels that its header, the rows above it or other sheets give to codes."""
    found, unread = {}, []
    scales = {scale: (legend(source.beside, table, *scale),
                      scale_words(source.beside, table, scale[1] - scale[0] + 1))
              for scale in set(limits.itertuples(index=False, name=None))}
    for item, column in columns.items():
        scale = tuple(limits.loc[item])
        own = [[column], [source.texts.get(column, "")]]
        labels, words = scales[scale]
        if source.labels.get(column):
            continue
        if labels := legend(own, table, *scale) or labels:
            found[column] = labels
        elif source.cells[column].str.fullmatch(NUMBER).any():
            unread = unread or scale_words(own, table, scale[1] - scale[0] + 1) or words
    said = [Message("words of a scale stand beside the answers ({words}), but no codes were read "
                    "from them: numbers count as they are; if they mean something else, write "
                    "there '1 = {word}' and so on", words=joined(map(shown, unread)),
                    word=unread[0])] if unread else []
    if not found:
        return source, said
    first = joined(f"{code} = {label}" for code, label in next(iter(found.values())).items())
    return replace(source, labels=source.labels | found), [Message(
        "{items} items: codes are explained beside the answers: {labels}", items=len(found),
        labels=first), *said]


def _emptied(readers: dict[str, Column]) -> list[Message]:
    """How many answers mean no answer, and in which words."""
    found = sum((reader.emptied for reader in readers.values()), Counter())
    if not found:
        return []
    words = joined(Message("{word} {number} times", word=shown(word), number=number)
                   for word, number in found.most_common(MOST_EXAMPLES))
    return [Message("{answers} answers that mean no answer read as empty: {words}",
                    answers=found.total(), words=words)]


def _choose_scales(readers: dict[str, Column], table: AnswerTable, scale: str | None,
                   file: str) -> dict[str, str]:
    """Scale of every item whose answers are, or carry, labels that the table knows."""
    fitting: dict[str, list[str]] = {}
    for item, reader in readers.items():
        if not reader.compared:
            continue
        names = table.fitting(reader.compared, reader.points)
        # A person's own scales count before those of the project.
        names = [name for name in names if name in table.own] or names
        if scale and (scale in names or _is_meant(scale, reader, table)):
            _refuse_unfit(scale, reader, names, table, file)
            names = [scale]
        if not names and reader.verbal:
            _refuse_verbal(reader, table, file)
        if names:
            fitting[item] = names
    if scale and not any(names == [scale] for names in fitting.values()):
        raise InputError("{file}: scale={scale}: no column holds answers of this scale; leave the "
                         "option out", file=file, scale=scale)
    return {item: _agreed(item, readers, fitting, table, file) for item in fitting}


def _is_meant(scale: str, reader: Column, table: AnswerTable) -> bool:
    """Whether a scale that a person names is that of a column: they share a word off the middle."""
    middle = (table.points(scale) + 1) / 2
    return any(table.scales[scale].get(word, middle) != middle for word in reader.compared)


def _refuse_unfit(scale: str, reader: Column, names: list[str], table: AnswerTable,
                  file: str) -> None:
    if scale in names:
        return
    unknown = sorted(word for word in reader.compared if word not in table.scales[scale])
    if unknown:
        raise InputError("{file}: column {column}: scale={scale} does not know {word}; leave the "
                         "option out, or say answers=FILE with the scale as it was asked",
                         file=file, column=shown(reader.column), scale=scale,
                         word=shown(unknown[0]))
    if table.points(scale) != reader.points:
        raise InputError("{file}: column {column}: scale={scale} has {points} points, but item "
                         "'{item}' has {needed}; give items=FILE with the scale as it was asked",
                         file=file, column=shown(reader.column), scale=scale,
                         points=table.points(scale), item=reader.item, needed=reader.points)


def _refuse_verbal(reader: Column, table: AnswerTable, file: str) -> None:
    known = set().union(*(table.scales[name] for name in table.scales
                          if table.points(name) == reader.points))
    if unknown := sorted(reader.verbal - known):
        reader.refuse_label(unknown[0])
    raise InputError("{file}: column {column}: its answers ({answers}) belong to no one "
                     "scale of {points} points in {table}; make them words of one scale, "
                     "or say answers=FILE", file=file, column=shown(reader.column),
                     answers=", ".join(sorted(reader.verbal)), points=reader.points,
                     table=table.name)


def _refuse_unused_middle(readers: dict[str, Column], chosen: dict[str, str], table: AnswerTable,
                          file: str) -> None:
    """Raise ``InputError`` where words are all answers of a shorter scale that counts them
    otherwise."""
    for scale in dict.fromkeys(chosen.values()):
        of_scale = [item for item in chosen if chosen[item] == scale and readers[item].verbal]
        words = set().union(*(readers[item].compared for item in of_scale))
        middle = (table.points(scale) + 1) / 2
        if scale in table.own or middle in {table.scales[scale][word] for word in words}:
            continue
        for name, numbers in table.scales.items():
            if (words and table.points(name) < table.points(scale)
                    and words <= set(numbers)
                    and {numbers[word] for word in words} == set(numbers.values())):
                item = of_scale[0]
                raise InputError(
                    "{file}: column {column}: its answers are all those of a scale of {fewer} "
                    "('{short}'), and nobody gave the middle of '{scale}' ({points}); say "
                    "scale={scale} if the middle could be chosen, or give items=FILE with "
                    "{fewer} points", file=file, column=shown(readers[item].column),
                    fewer=table.points(name), short=name, scale=scale, points=table.points(scale))


def _agreed(item: str, readers: dict[str, Column], fitting: dict[str, list[str]],
            table: AnswerTable, file: str) -> str:
    """Scale of an item; columns that share a scale decide together what each alone leaves open."""
    own = fitting[item]
    for way in ("same", "reversed"):
        if fits := [name for name in own if readers[item].counted_by(table.scales[name]) == way]:
            return fits[0]
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
