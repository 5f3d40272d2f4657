"""Which way codes run: by the labels beside them, whatever the number of points."""

from helpers.errors import InputError
from helpers.intake.imports.source import shown
from helpers.messages import Message


def judge(column, meaning: dict[str, int],
          scale: str | None) -> tuple[dict[float, int] | None, Message]:
    """Code -> number where labels turn codes (None where codes count), and how it was read.

    `meaning` is the scale that knows all labels of the column, where one does. Else the labels that
    any scale knows decide by their order: codes that rise with them count, codes that fall against
    them are turned (lowest + highest - code) when a person says coding=labels, and stop otherwise.
    """
    table = column.table.name
    if not column.labels:
        return None, _without_labels(column, scale)
    known = {code: word for code, words in column.labels.items() for word in list(words)[:1]}
    if scale and all(word in meaning for word in known.values()):
        numbers = {code: meaning[word] + column.lowest - 1 for code, word in known.items()}
        return _by_scale(column, numbers, scale)
    verdict = order(column, known)
    if verdict == "same":
        return None, Message("numbers whose labels, as far as {table} knows them, agree with them",
                             table=table)
    if verdict == "unknown":
        return None, Message("numbers with labels that {table} does not know; the numbers "
                             "count", table=table)
    return _against(column, known, verdict)


def turn_together(readers: dict, judged: dict) -> None:
    """Turn columns that say nothing of their direction like those whose labels stand in cells.

    Where only some codes carry a label in their cells ("1 (Sangat setuju)", "2", ...), a column in
    which nobody gave one of these is of the same form. Any other column without a direction stops
    the import when labels turn others: nobody can know which way it runs.
    """
    turned = [item for item, (codes, _) in judged.items() if codes is not None]
    silent = [item for item, reader in readers.items() if not reader.directed and reader.used]
    if not turned or not silent:
        return
    of_cells = {cell.number for item in turned for cell in readers[item].given if cell.label}
    alike = all(judged[item][0] == _turned(readers[item]) for item in turned) and all(
        item in turned or item in silent for item in readers)
    for item in silent:
        column = readers[item]
        bare = {cell.number for cell in column.given if not cell.label}
        if not alike or not of_cells or bare & of_cells:
            raise InputError("{file}: column {column}: coding=labels: labels turn the codes of "
                             "other items, but nothing tells which way this one runs; label its "
                             "codes",
                             **_place(column))
        judged[item] = _turned(column), Message(
            "codes without a label that tells the direction, turned like those of the other items")


def _without_labels(column, scale: str | None) -> Message:
    if column.verbal:
        return Message("labels, read by the scale '{scale}' of {table}", scale=scale,
                       table=column.table.name)
    return Message("numbers")


def _by_scale(column, numbers: dict[float, int], scale: str):
    """Codes against the numbers of a scale that knows all labels."""
    table = column.table.name
    against = {code: number for code, number in numbers.items() if code != number}
    if not against:
        if column.verbal:
            return None, _without_labels(column, scale)
        return None, Message("numbers with labels that agree with the scale '{scale}' of {table}",
                             scale=scale, table=table)
    if column.coding == "codes":
        return None, _codes_told(column)
    code, number = next(iter(against.items()))
    if column.coding is None:
        _refuse_shorter(column)
        raise InputError(
            "{file}: column {column}: the code {code} is labelled {label}, which counts as "
            "{number} in {table}; say coding=labels to count by the labels, or coding=codes "
            "to keep the codes", **_place(column), code=f"{code:g}", label=_label(column, code),
            number=number, table=table)
    if column.counted_by(column.table.scales[scale]) == "reversed":
        return _turned(column), _labels_told(scale)
    if unlabelled := sorted(column.used - set(numbers)):
        raise InputError("{file}: column {column}: coding=labels: the code {code:g} has no label; "
                         "label every code, or say coding=codes", **_place(column),
                         code=unlabelled[0])
    return numbers, _labels_told(scale)


def _refuse_shorter(column) -> None:
    """Raise ``InputError`` where codes and labels agree as a scale of fewer points."""
    words = {code: next(iter(words)) for code, words in column.labels.items()}
    for name, scale in column.table.scales.items():
        points = column.table.points(name)
        if points < column.points and len(words) == points and all(
                scale.get(word) == code - column.lowest + 1 for code, word in words.items()):
            raise InputError(
                "{file}: column {column}: its labels are a scale of {points} answers ('{scale}'), "
                "but item '{item}' has {needed} ({lowest} to {highest}); give items=FILE with the "
                "scale as it was asked, or say coding=labels or coding=codes to keep {needed}",
                **_place(column), points=points, scale=name, item=column.item,
                needed=column.points, lowest=column.lowest, highest=column.highest)


def _against(column, known: dict[float, str], verdict: str):
    """Labels whose order contradicts that of the codes."""
    if column.coding == "codes":
        return None, _codes_told(column)
    ends = [code for code in known if code in (column.lowest, column.highest)]
    if verdict == "reversed" and column.coding == "labels" and ends:
        return _turned(column), Message("codes whose labels run the other way; the labels count "
                                        "(coding=labels): lowest + highest - code")
    code = next(code for code, word in known.items() if column.table.word(word))
    if verdict == "reversed" and ends:
        raise InputError("{file}: column {column}: the codes run against their labels ({code} is "
                         "{label}); say coding=labels to count by the labels, or coding=codes to "
                         "keep the codes", **_place(column), code=f"{code:g}",
                         label=_label(column, code))
    raise InputError("{file}: column {column}: codes and labels contradict each other ({pairs}); "
                     "say answers=FILE with the scale as it was asked, or coding=codes to keep "
                     "the codes", **_place(column),
                     pairs=", ".join(f"{code:g} {_label(column, code)}" for code in sorted(known)))


def _place(column) -> dict:
    return {"file": column.file, "column": shown(column.column)}


def _label(column, code: float) -> str:
    return shown(next(iter(column.labels[code].values())))


def _turned(column) -> dict[float, int]:
    total = column.lowest + column.highest
    return {float(code): total - code for code in range(column.lowest, column.highest + 1)}


def _codes_told(column) -> Message:
    return Message("codes that run against their labels in {table}; the codes count "
                   "(coding=codes)", table=column.table.name)


def _labels_told(scale: str) -> Message:
    return Message("codes whose labels count differently; the labels count "
                   "(coding=labels, scale '{scale}')", scale=scale)


def order(column, known: dict[float, str]) -> str:
    """Whether codes rise (``same``) or fall (``reversed``) with what their labels mean.

    ``mixed`` where they do neither, ``unknown`` where no scale knows a label. The scales that know
    most of the labels decide; a single label decides by the half of the scale where it stands.
    """
    places = [found for numbers in column.table.scales.values() if (found := {
        code: (numbers[word] - 1) / (max(numbers.values()) - 1)
        for code, word in known.items() if word in numbers})]
    most = max((len(set(found.values())) for found in places), default=0)
    if most == 1:
        places = [found | {(column.lowest + column.highest) / 2: 0.5} for found in places]
    verdicts = {_rising(found) if most == 1 else _within(column, known, found)
                for found in places if most == 1 or len(set(found.values())) == most}
    verdicts -= {"unknown"}
    if not verdicts:
        return "unknown"
    return verdicts.pop() if len(verdicts) == 1 else (
        "same" if "same" in verdicts and "reversed" not in verdicts else "mixed")


def _rising(found: dict[float, float]) -> str:
    """How places on a scale, from 0 to 1, follow their codes."""
    rising = {found[a] < found[b] for a in found for b in found
              if a < b and found[a] != found[b]}
    return "unknown" if not rising else "mixed" if len(rising) > 1 else (
        "same" if rising.pop() else "reversed")


def _within(column, known: dict[float, str], found: dict[float, float]) -> str:
    """The same, where beyond the last word of a scale there is no further answer of it."""
    way = _rising(found)
    for code, place in found.items():
        up = place == (1 if way == "same" else 0)
        if place in (0, 1) and any(
                (other > code if up else other < code)
                for other in known if other not in found and other in column.used):
            return "mixed"
    return way
