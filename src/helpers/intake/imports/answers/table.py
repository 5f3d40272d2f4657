"""Words that answers are made of: scales of labels, and what means no answer."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from helpers.errors import InputError
from helpers.intake.imports.source import existing
from helpers.messages import Message

TABLE = Path(__file__).with_name("answers.yml")
# Signs between two ways of saying one answer: "Netral (N)", "Setuju / Agree", "STS - Sangat ...".
BETWEEN = re.compile(r"\s*[/|()\[\]:]\s*|\s+[-–—=]\s+")
# Before or after words: a letter that numbers them, a face. Other signs may say the contrary.
FACES = "[\u2639\u263a\ufe0f\U0001f600-\U0001f64f\U0001f910-\U0001f97a]+"
ADORNED = re.compile(rf"^[a-g][.)] +|^{FACES} *| *{FACES}$")
NOTHING = re.compile(r"[-–—−.…/\s]+|na\([a-z_]\)|\.[a-z]")


@dataclass(frozen=True)
class AnswerTable:
    """Scales of verbal answers: name -> label -> number, and the labels that are no answer.

    `own` names the scales that a person gave: their words are answers even where others would say
    that they mean none.
    """

    scales: dict[str, dict[str, int]]
    no_answer: frozenset[str]
    name: str
    own: frozenset[str] = frozenset()

    def points(self, scale: str) -> int:
        """How many points a scale has."""
        return max(self.scales[scale].values())

    def fitting(self, labels: set[str], points: int) -> list[str]:
        """Scales of so many points that know all of the labels."""
        return [name for name, numbers in self.scales.items()
                if self.points(name) == points and labels <= set(numbers)]

    def word(self, text: str) -> str | None:
        """Label of a scale that a text says, perhaps in two ways at once; None if none does.

        >>> table = load()
        >>> [table.word(text) for text in ("Sangat_Setuju", "Netral (N)", "Setuju / Netral")]
        ['sangat setuju', 'netral', None]
        >>> [table.word(text) for text in ("b. Setuju", "😀 Sangat setuju", "❌ Setuju")]
        ['setuju', 'sangat setuju', None]
        """
        whole = folded(text)
        for form in (whole, ADORNED.sub("", whole)):
            if any(form in numbers for numbers in self.scales.values()):
                return form
        parts = [part for part in BETWEEN.split(whole) if part]
        return parts[0] if len(parts) > 1 and self.agree(parts) else None

    def agree(self, labels: Iterable[str]) -> bool:
        """Whether some scale counts all of the labels alike."""
        return any(len({numbers.get(label) for label in labels} - {None}) == 1
                   and all(label in numbers for label in labels)
                   for numbers in self.scales.values())

    def is_no_answer(self, text: str, points: int | None = None) -> bool:
        """Whether a text means that there is no answer; words of a person's own scale do not.

        >>> table = load()
        >>> [table.is_no_answer(text) for text in ("N/A", "—", "Tidak tahu / tidak menjawab", "TS")]
        [True, True, True, False]
        """
        whole = folded(text)
        if any(whole in self.scales[name] for name in self.own
               if points in (None, self.points(name))):
            return False
        if whole in self.no_answer or NOTHING.fullmatch(text.strip().casefold()):
            return True
        parts = [part for part in re.split(r"\s*[/|()\[\],;]\s*", whole) if part]
        return len(parts) > 1 and all(part in self.no_answer for part in parts)


@cache
def folded(text: str) -> str:
    """Text in the form in which labels are compared; names of XML choices have underscores."""
    text = " ".join(unicodedata.normalize("NFC", text).replace("_", " ").split())
    return text.casefold().rstrip("*:. ")


@cache
def built_in() -> AnswerTable:
    """Table of the project alone, for columns that hold no answers."""
    return load()


def load(path: str | None = None) -> AnswerTable:
    """Table of verbal answers, with a person's own scales on top."""
    # "yes" and "no" are words here, so every plain value is read as text.
    content = yaml.load(TABLE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    name, own = TABLE.name, {}
    if path is not None:
        own_path = existing(path, "answers")
        name = own_path.name
        try:
            own = yaml.load(own_path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise InputError("{name}: not valid YAML in UTF-8: {error}", name=name,
                             error=error) from None
        _check_form(own, name)
    scales = {scale: {folded(label): int(number) for number, labels in rows.items()
                      for label in labels}
              for scale, rows in (content["scales"] | own.get("scales", {})).items()}
    no_answer = {folded(label) for label in own.get("no_answer", [])}
    for scale in own.get("scales", {}):
        if both := sorted(no_answer & set(scales[scale])):
            raise InputError("{name}: '{word}' stands in no_answer and in the scale '{scale}'; "
                             "keep one of them", name=name, word=both[0], scale=scale)
    no_answer |= {folded(label) for label in content["no_answer"]}
    return AnswerTable(scales, frozenset(no_answer), name, frozenset(own.get("scales", {})))


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
                number.isdecimal() and isinstance(labels, list)
                and all(isinstance(label, str) for label in labels)
                for number, labels in rows.items()):
            raise InputError("{name}: scale '{scale}': {problem}", name=name, scale=scale,
                             problem=shape)
        if sorted(map(int, rows)) != list(range(1, len(rows) + 1)):
            raise InputError("{name}: scale '{scale}' has the points {points}; number them from 1 "
                             "up", name=name, scale=scale, points=", ".join(rows))
        words = [folded(label) for labels in rows.values() for label in labels]
        if twice := [word for word in words if words.count(word) > 1]:
            raise InputError("{name}: scale '{scale}' has the label '{word}' twice; keep one of "
                             "them", name=name, scale=scale, word=twice[0])
