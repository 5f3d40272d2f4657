"""What a file says beside its table about the codes of its answers: "1 = Sangat setuju"."""

import re
from collections.abc import Iterable

from helpers.intake.imports.answers.cells import NUMBER
from helpers.intake.imports.answers.table import AnswerTable, folded

CODE_FIRST = re.compile(r"(?<![\d.,])(\d{1,2})\s*[=:]\s*([^\d=:,;()/|]*[^\d=:,;()/|\s.])")
WORD_FIRST = re.compile(r"([^\d=:,;()/|\s][^\d=:,;()/|]*?)\s*[=:]\s*(\d{1,2})(?![\d.,])")


def legend(rows: Iterable[list[str]], table: AnswerTable, lowest: int,
           highest: int) -> dict[str, str]:
    """Label of each code as the rows of cells explain them, empty where they do not.

    Codes and words stand in one cell or side by side. They explain a scale where one of the table
    has as many points and counts the words as the codes do, or all the other way round: so that a
    person is asked, that is taken where both stand there.

    >>> from helpers.intake.imports.answers import load
    >>> legend([["1 = Sangat setuju, 2 = Setuju; 5: Sangat tidak setuju"]], load(), 1, 5)
    {'1': 'Sangat setuju', '2': 'Setuju', '5': 'Sangat tidak setuju'}
    >>> legend([["4", "Setuju"], ["5", "Sangat setuju"], ["1", "Laki-laki"]], load(), 1, 5)
    {'4': 'Setuju', '5': 'Sangat setuju'}
    """
    runs: list[dict[str, str]] = [{}]
    for code, word in (pair for row in rows for pair in _pairs(row)):
        if table.word(word) is None:
            continue
        if code in runs[-1] or folded(word) in map(folded, runs[-1].values()):
            runs.append({})
        runs[-1][code] = word
    agreeing: dict[str, str] = {}
    for run in runs:
        words = {int(code): table.word(word) or "" for code, word in run.items()}
        fitting = table.fitting(set(words.values()), highest - lowest + 1)
        for name in fitting if len(run) > 1 else []:
            numbers = {code: table.scales[name][word] + lowest - 1 for code, word in words.items()}
            if all(code == lowest + highest - number for code, number in numbers.items()):
                return run
            if all(code == number for code, number in numbers.items()):
                agreeing = agreeing or run
    return agreeing


def _pairs(row: list[str]) -> list[tuple[str, str]]:
    """Codes and words of a row of cells, in the order in which they stand."""
    found = []
    for cell in row:
        found += CODE_FIRST.findall(cell) or [(code, word) for word, code
                                              in WORD_FIRST.findall(cell)]
    filled = [cell for cell in row if cell]
    for one, other in zip(filled, filled[1:], strict=False):
        if NUMBER.fullmatch(one) and one.isdecimal():
            found.append((one, other))
        elif other.isdecimal():
            found.append((other, one))
    return found
