"""What a file says beside its table about the codes of its answers: "1 = Sangat setuju"."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from helpers.intake.imports.answers.table import AnswerTable, folded

# Numbers; those of several parts (1-5, 2,5, 20%) are no codes, but 1.0 is.
NUMBERS = re.compile(r"(?<![^\W_])(\d+(?:[.,/:–-]\d+)*%?)(?![^\W_])")
WHOLE = re.compile(r"(\d+)(?:[.,]00?)?")
JOINING = (r"s[/.]d\.?|sampai|dengan|hingga|dan|atau|jika|skor|nilai|bobot|kode|angka|pilihan|"
           r"dari|diberi|bernilai|untuk|berarti|artinya|adalah|to|and|or|if|score|code|number|means|is")
AROUND = rf"(?:[\W_]|(?<![^\W_])(?:{JOINING})(?![^\W_]))+"
ENDS = re.compile(rf"(?i)^{AROUND}|(?<=[^\W_]){AROUND}$")
PARTS = re.compile(r"[^\w\s'’-]|[\n\t]|\s-\s")
MARKUP = re.compile(r"<[^<>]*>")
LONGEST = 2000
# A code, a word of a scale, or what is neither.
Token = int | str | None


def legend(rows: Iterable[list[str]], table: AnswerTable, lowest: int,
           highest: int) -> dict[str, str]:
    """Label of each code as the rows of cells explain them, empty where they do not.

    Codes and words stand in one cell, side by side, or one above the other. They explain a scale
    where one of the table has as many points and counts the words as the codes do, or the other way
    round (all of them, or in order from end to end): so that a person is asked, that is taken where
    both stand there.

    >>> from helpers.intake.imports.answers import load
    >>> legend([["1.0 = Sangat setuju, 2. Setuju s/d (5) Sangat tidak setuju"]], load(), 1, 5)
    {'1': 'Sangat setuju', '2': 'Setuju', '5': 'Sangat tidak setuju'}
    >>> legend([["4", "Setuju"], ["5", "Sangat setuju"], ["1", "Laki-laki"]], load(), 1, 5)
    {'4': 'Setuju', '5': 'Sangat setuju'}
    """
    read = [[_tokens(cell, table) for cell in row] for row in rows]
    agreeing: dict[str, str] = {}
    for run in _runs([*_beside(read, int), *_above(read)]) + _runs(_beside(read, str)):
        words = {code: table.word(word) or "" for code, word in sorted(run.items())}
        labels = {str(code): word for code, word in run.items()}
        for name in table.fitting(set(words.values()), highest - lowest + 1):
            numbers = {code: table.scales[name][word] + lowest - 1 for code, word in words.items()}
            falling = all(one > other for one, other in pairwise(numbers.values()))
            if falling and numbers.keys() >= {lowest, highest} or all(
                    code == lowest + highest - number for code, number in numbers.items()):
                return labels
            if all(code == number for code, number in numbers.items()):
                agreeing = agreeing or labels
    return agreeing


def scale_words(rows: Iterable[list[str]], table: AnswerTable, points: int) -> list[str]:
    """Different answers of one scale of so many points that stand in the rows, as written.

    >>> from helpers.intake.imports.answers import load
    >>> scale_words([["Setuju, sangat setuju, biru", "S"]], load(), 5)
    ['Setuju', 'sangat setuju']
    """
    # Letters alone mean much else: P is a woman too.
    words = {table.word(token): token for row in rows for cell in row
             for token in _tokens(cell, table) if isinstance(token, str) and len(token) > 3}
    for name, numbers in table.scales.items():
        found = {numbers[word]: words[word] for word in words if word in numbers}
        if table.points(name) == points and len(found) > 1:
            return list(found.values())
    return []


def _tokens(cell: str, table: AnswerTable) -> list[Token]:
    """Codes and words of a cell, in the order in which they stand."""
    tokens: list[Token] = []
    for number, text in enumerate(NUMBERS.split(MARKUP.sub(" ", cell[:LONGEST]))):
        if number % 2:
            whole = WHOLE.fullmatch(text)
            tokens.append(int(whole[1]) if whole else None)
        elif text := _bare(text):
            parts = [text] if table.word(text) else map(_bare, PARTS.split(text))
            tokens += [one if table.word(one) else None for one in parts if one]
    return tokens


def _bare(text: str) -> str:
    """Text without what joins it to others; a bracket within it stays closed."""
    text = ENDS.sub("", text)
    return f"{text})" if "(" in text and ")" not in text else text


def _beside(rows: list[list[list[Token]]], first: type) -> Iterator[tuple[int, str]]:
    """Codes and words that follow each other in a row: codes first, or words first where both
    stand on either side ("1 Setuju 2")."""
    for row in rows:
        tokens = [None, *(token for cell in row for token in cell), None]
        for before, one, other, after in zip(tokens, tokens[1:], tokens[2:], tokens[3:]):
            clear = not isinstance(before, type(other)) and not isinstance(after, type(one))
            if None not in (one, other) and type(one) is not type(other) and (
                    clear or type(one) is first):
                yield (one, other) if isinstance(one, int) else (other, one)


def _above(rows: list[list[list[Token]]]) -> Iterator[tuple[int, str]]:
    """Codes and words that stand one above the other, each alone in its cell."""
    for upper, lower in pairwise(rows):
        columns = [(one[0], other[0]) for one, other in zip(upper, lower, strict=False)
                   if len(one) == len(other) == 1]
        for words, side in ((lower, 0), (upper, 1)):
            found = [(pair[side], pair[1 - side]) for pair in columns
                     if isinstance(pair[side], int) and isinstance(pair[1 - side], str)]
            # Below or above every word stands a code, or the numbers are something else.
            if 1 < len(found) == sum(isinstance(token, str) for cell in words for token in cell):
                yield from found


def _runs(pairs: Iterable[tuple[int, str]]) -> list[dict[int, str]]:
    """Pairs that follow each other until a code or a word comes again; one alone is no scale."""
    runs: list[dict[int, str]] = [{}]
    for code, word in pairs:
        if code in runs[-1] or folded(word) in map(folded, runs[-1].values()):
            runs.append({})
        runs[-1][code] = word
    return [run for run in runs if len(run) > 1]
