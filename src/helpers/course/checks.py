"""Checks of exercises: what is wrong with an answer, and where the way to a right one is explained.

A notebook of the course asks for its checks once, ``check = course.open("sampling", lang)``, and
its tests call them::

    check.number("slovin", lambda: n_exact, 86.3388, within=0.01, margin_not_squared=9.8443)

The answer comes in a function, so that one that is not there yet is told in words too. Every
further name is a known mistake with the answer that it leads to; its text is
``<stage>.<exercise>.<mistake>`` in the catalogue ``course``. Each check raises `Wrong`.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from helpers.course.outcomes import Outcome, is_finite, is_number, outcome
from helpers.errors import Error
from helpers.languages import DEFAULT, languages
from helpers.messages import either

NOTEBOOKS = {"sampling": "1_sampling", "scoring": "2_scoring", "disparity": "3_disparity",
             "force_field": "4_force_field", "synthesis": "5_synthesis"}
EXPLAINED = yaml.safe_load(Path(__file__).with_name("explained.yml").read_text(encoding="utf-8"))
DIGITS = "#,##0.####"
EXACT = 1e-9  # how near a rounded answer is to one of fewer decimals


class Wrong(AssertionError):  # noqa: N818 (students read the name)
    """An answer is not right. The message is for the student: Jupyter shows it without traceback,
    below the link (Markdown) to the paragraph that explains the matter."""

    def __init__(self, message: str, link: str = ""):
        super().__init__(message)
        self.link = link

    def _render_traceback_(self) -> list[str]:
        # IPython asks for the lines more than once.
        link, self.link = self.link, ""
        if link:
            from IPython.display import Markdown, display

            display(Markdown(link))
        return str(self).splitlines()


class Checks:
    """Checks of one stage's exercises; ``t`` are the texts of the catalogue ``course``.

    ``run`` makes an `Outcome` of an answer; a grader's has it already.
    """

    def __init__(self, stage: str, t, run: Callable[..., Outcome] = outcome):
        self.stage, self.t, self.run = stage, t, run

    def number(self, exercise: str, answer: Callable[[], object], wanted: float,
               within: float = 1e-6, **mistakes: float) -> None:
        """Check an answer that is one number, `within` so much of the one wanted.

        `mistakes` has the answers that known mistakes lead to, by the mistake's name.

        >>> check = open("sampling", "en")
        >>> check.number("slovin", lambda: 86.34, 86.3388, within=0.01)
        Right.
        >>> check.number("slovin", lambda: 9.84, 86.3388, 0.01, margin_not_squared=9.84)
        Traceback (most recent call last):
        ...
        helpers.course.checks.Wrong: Not yet. The margin enters the formula squared: ten per cent
        becomes one in a hundred. Your answer: 9.84 Explained in: notebooks/1_sampling.ipynb,
        “Slovin”. Hints stand below the exercise.
        """
        given = self._number(exercise, answer)
        self._compare(exercise, given, float(given), float(wanted), mistakes, _near(within))

    def _number(self, exercise: str, answer: Callable[[], object]):
        given = self._given(exercise, answer)
        if not is_number(given):
            raise self._wrong_kind(exercise, "no_number", given)
        return given

    def numbers(self, exercise: str, answer: Callable[[], object], wanted: Mapping,
                within: float = 1e-6, **mistakes: Mapping | list) -> None:
        """Check an answer that is several numbers with labels, in any order.

        ``wanted`` is label to number; mistakes are the same, or a list in its order; all else is as
        for `number`.

        >>> wanted = {"north": 7.5, "south": 2.5}
        >>> open("sampling", "en").numbers("quota", lambda: {"south": 2.5, "north": 7.5}, wanted)
        Right.
        """
        wanted = pd.Series(wanted, dtype=float)
        given, ordered = self._numbers(exercise, answer, wanted.index)
        known = {name: pd.Series(values, wanted.index, dtype=float)
                 for name, values in mistakes.items()}
        self._compare(exercise, given, ordered, wanted, known, _near(within))

    def _numbers(self, exercise: str, answer: Callable[[], object], labels: pd.Index):
        given = self._given(exercise, answer)
        if not isinstance(given, (Mapping, pd.Series)):
            raise self._wrong_kind(exercise, "no_labels", given, labels=_listed(labels))
        found = pd.Series(given)
        if sorted(map(str, found.index)) != sorted(map(str, labels)):
            raise self._wrong(exercise, "check.other_labels", found=_listed(found.index),
                              labels=_listed(labels))
        ordered = pd.to_numeric(found, errors="coerce").reindex(labels).astype(float)
        if ordered.isna().any():
            lacking = ordered.index[ordered.isna()]
            raise self._wrong(exercise, "check.lacking", labels=_listed(lacking))
        return given, ordered

    def same(self, exercise: str, answer: Callable[[], object], wanted: object,
             **mistakes: object) -> None:
        """Check an answer that is a word, a list of words, or true or false; else as `number`.

        >>> check = open("force_field", "en")
        >>> check.same("keys", lambda: ["D3", "H2"], ["D3", "H2"])
        Right.
        >>> check.same("keys", lambda: pd.Series(["D3"], ["driving"]), {"driving": "D3"})
        Right.
        """
        self._same(exercise, answer, _kind(wanted), _words(_plain(wanted)), wanted, mistakes,
                   lambda one, other: _plain(one) == _plain(other))

    def _same(self, exercise: str, answer: Callable[[], object], kind: str, keys: list[str],
              wanted, mistakes: Mapping, agree: Callable) -> None:
        given = self._given(exercise, answer)
        found = dict(given) if kind == "labels" and isinstance(given, pd.Series) else given
        if kind != _kind(found) and not any(agree(found, value) for value in mistakes.values()):
            raise self._wrong_kind(exercise, "other_kind", given,
                                   wanted=self.t(f"check.kind.{kind}"))
        known = _key_words(self.stage)
        own = [word for word in _words(_plain(found)) if known.get(word, word) != word]
        if own and keys and not set(own) & set(keys):
            raise self._wrong(exercise, "check.own_words", words=_listed(keys), found=_listed(own))
        self._compare(exercise, given, found, wanted, mistakes, agree)

    def sealed(self, exercise: str, answer: Callable[[], object], mark: str) -> None:
        """Check an answer as `number`, `numbers` or `same` do, by what `seal` made of theirs:
        nobody reads the answer there, so a wrong one is not told to be too large or too small.

        >>> check = open("sampling", "en")
        >>> check.sealed("slovin", lambda: 86.34, seal("sampling", "number", 86.3388, 0.01))
        Right.
        """
        made = json.loads(zlib.decompress(base64.urlsafe_b64decode(mark)))
        marks = {name: _Mark(made["within"], *known) for name, known in made["marks"].items()}
        marks |= {f"check.rounded {known}": _Mark(EXACT, known) for known in made["rounded"]}
        wanted, kind = marks.pop(""), made["kind"]
        if kind == "number":
            given = self._number(exercise, answer)
            self._compare(exercise, given, [float(given)], wanted, marks, _bears)
        elif kind == "numbers":
            given, found = self._numbers(exercise, answer, pd.Index(made["labels"]))
            self._compare(exercise, given, list(found), wanted, marks, _bears)
        else:
            self._same(exercise, answer, kind, made["labels"], wanted, marks, _bears)

    def record(self, exercise: str, answer: Callable[[], object], options, student: str = "-"
               ) -> None:
        """Note an answer that is marked only after handing in: one or some of ``options``, or a
        value for each of them. It gives no points, and without it there are none.

        ``student`` is the student number where the numbers of the exercise come from it.

        >>> open("scoring", "en").record("slip", lambda: ["b", "a"], "abcde")
        Noted: b, a. It is marked after you have handed in.
        """
        if not str(student).strip():
            raise self._wrong(exercise, "check.no_student")
        given, options = self._given(exercise, answer), list(map(str, options))
        labels = dict(given) if isinstance(given, (Mapping, pd.Series)) else None
        found = list(map(str, labels)) if labels else _words(_plain(given))
        if not found or (sorted(found) != sorted(options) if labels else {*found} - {*options}):
            raise self._wrong(exercise, "check.options", given, options=_listed(options))
        print(self.t("check.recorded", given=self._shown(given) if labels else _listed(found)))

    def _given(self, exercise: str, answer: Callable[[], object]) -> object:
        found = self.run(answer)
        if found.changed:
            print(self.t("check.changed", names=_listed(found.changed)))
        if found.trouble:
            # Where no line of a function is known there is none to show.
            kind = "broken_here" if found.trouble == "broken" and not found.about["line"] else \
                found.trouble
            raise self._wrong(exercise, f"check.{kind}", **found.about)
        return found.value

    def _compare(self, exercise: str, given, found, wanted, mistakes: Mapping,
                 agree: Callable) -> None:
        if agree(found, wanted):
            print(self.t("check.right"))
            return
        made = next((name for name, value in mistakes.items() if agree(found, value)), None)
        if made:
            own = made.startswith("check.")
            key = made.split()[0] if own else f"{self.stage}.{exercise}.{made}"
        elif isinstance(wanted, float | pd.Series) and _is_rounded(found, wanted):
            key = "check.rounded"
        elif not isinstance(wanted, float) or np.isnan(found):
            key = "check.other"
        else:
            key = "check.too_large" if found > wanted else "check.too_small"
        raise self._wrong(exercise, key, given)

    def _wrong_kind(self, exercise: str, key: str, given: object, **values) -> Wrong:
        return self._wrong(exercise, f"check.{key}", given,
                           found=self.t(f"check.kind.{_kind(given)}"), **values)

    def _wrong(self, exercise: str, key: str, given=None, **values) -> Wrong:
        lines = [self.t("check.wrong", reason=self.t(key, **values))]
        if given is not None:
            lines.append(self.t("check.answer", given=self._shown(given)))
        where, link = self._where(exercise)
        return Wrong("\n".join([*lines, where]), link)

    def _where(self, exercise: str) -> tuple[str, str]:
        """Paragraph that explains an exercise, and a link to it from inside the project."""
        from helpers.study import paragraphs

        cell, notebook = EXPLAINED[self.stage][exercise], f"notebooks/{NOTEBOOKS[self.stage]}.ipynb"
        heading = paragraphs.heading(self.stage, cell, self.t.lang)
        if heading is None:
            return self.t("check.see_notebook", notebook=notebook), ""
        way = paragraphs.way_to_root()
        link = "" if way is None else f"→ [{heading}]({way}{notebook}#cell-id={cell}-{self.t.lang})"
        return self.t("check.see", notebook=notebook, heading=heading), link

    def _shown(self, given: object) -> str:
        from babel.numbers import format_decimal

        from helpers.publish.texts import number_locale

        if is_finite(given):
            return format_decimal(float(given), format=DIGITS, locale=number_locale(self.t.lang))
        if isinstance(given, (Mapping, pd.Series)):
            return "; ".join(f"{label}: {self._shown(value)}" for label, value in given.items())
        return " ".join(str(given).split())


def open(stage: str, lang: str = DEFAULT) -> Checks:
    """Checks of a stage's exercises. Raises ValueError when there is no such stage or language.

    >>> open("sampling", "en").stage
    'sampling'
    """
    from helpers.publish.texts import Texts

    if stage not in NOTEBOOKS:
        raise Error("there are no exercises for the stage '{stage}'; there are some for {known}",
                    stage=stage, known=", ".join(NOTEBOOKS))
    if lang not in languages():
        raise Error("lang is '{lang}'; allowed is {allowed}", lang=lang,
                    allowed=either(languages()))
    explain_errors(stage, lang)
    return Checks(stage, Texts(lang, "course"))


def seed(student: str) -> int:
    """Seed of a student's own numbers: neighbours have other ones, and grading knows them.

    >>> seed("21 040-A") == seed("21040a"), seed("21040a") == seed("21041a")
    (True, False)
    """
    number = "".join(filter(str.isalnum, str(student).lower()))
    return int.from_bytes(hashlib.sha256(number.encode()).digest()[:4], "big")


def explain_errors(stage: str, lang: str = DEFAULT) -> None:
    """From now on show this notebook's errors as one message, with a link to the paragraph that
    explains the method; outside a notebook do nothing."""
    from helpers.study import paragraphs

    paragraphs.show_short(stage, {"lang": lang})


def seal(stage: str, kind: str, wanted, within: float = 1e-6, beside=(), **mistakes) -> str:
    """Text that knows an answer and its known mistakes when it meets them, and tells neither.

    ``kind``, ``wanted`` and ``mistakes`` are those of the check that it stands for, and ``beside``
    all that the exercise's checks know: its key words stand in the text, where they are a choice.
    """
    answers = {"": wanted} | mistakes
    if kind == "same":
        labels = _options(stage, answers, beside)
        kind, within, rounded = _kind(wanted), 0, []
    else:
        wanted = pd.Series(wanted if kind == "numbers" else [wanted], dtype=float)
        labels = wanted.index.tolist() if kind == "numbers" else []
        answers = {name: pd.Series(value if kind == "numbers" else [value], wanted.index,
                                   dtype=float).to_numpy() for name, value in answers.items()}
        rounded = [_Mark.of(one, EXACT).digest for one in _roundings(answers[""])]
    marks = {name: _Mark.of(value, within) for name, value in answers.items()}
    made = {"kind": kind, "labels": labels, "within": within, "rounded": rounded,
            "marks": {name: [mark.digest, *mark.places] for name, mark in marks.items()}}
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(made).encode(), 9)).decode()


def _options(stage: str, answers: Mapping, beside) -> list[str]:
    """Words from which an exercise lets choose, if its answer is of key words; none where the
    answer is the only one known."""
    key_words = {*_key_words(stage).values()}
    if key_words.isdisjoint(_words(_plain(answers[""]))):
        return []
    found = {*_words(_plain([*answers.values()]))}
    found |= {*_words(_plain([*beside]))} & key_words
    return sorted(found) if len(found) > 1 else []


class _Mark:
    """Digest of an answer; of numbers, that of the cells of a grid in which they lie.

    ``places`` are where in its cell each number lies, in 256ths, so that it is in the middle.
    """

    def __init__(self, within: float, digest: str, *places: int):
        self.within, self.digest, self.places = within, digest, places

    @classmethod
    def of(cls, value, within: float) -> "_Mark":
        """Mark of an answer."""
        cells = np.asarray(value) / (2 * within) if within else ()
        places = [round((cell - np.floor(cell)) * 256) if np.isfinite(cell) else 0
                  for cell in cells]
        if within == EXACT:
            places = []
        return cls(within, cls(within, "", *places).met(value), *places)

    def met(self, value) -> str:
        """Digest that an answer has by this grid."""
        seen = [str(np.rint(one / (2 * self.within) - place / 256) + 0.0)
                for one, place in zip_longest(value, self.places, fillvalue=0)] if self.within \
            else _digits(_plain(value))
        return hashlib.blake2b(json.dumps(seen).encode(), digest_size=4).hexdigest()


def _bears(found, mark: _Mark) -> bool:
    return mark.met(found) == mark.digest


def _digits(value: object) -> object:
    """Plain answer in which what Python takes for equal is spelt alike."""
    if isinstance(value, dict):
        return sorted(map(_digits, value.items()), key=str)
    if isinstance(value, (list, tuple)):
        return list(map(_digits, value))
    return float(value) if is_number(value) or isinstance(value, (bool, np.bool_)) else str(value)


def _listed(labels) -> str:
    return ", ".join(map(str, labels))


def _near(within: float) -> Callable:
    return lambda one, other: bool(
        np.all(np.isclose(one, other, rtol=0, atol=within, equal_nan=True)))


def _is_rounded(found, wanted) -> bool:
    """Whether an answer is the right one with fewer decimals, by so many figures that no other
    formula is likely to lead there."""
    return any(np.allclose(one, np.asarray(found, float), rtol=0, atol=EXACT)
               for one in _roundings(np.asarray(wanted, float)))


def _roundings(wanted: np.ndarray) -> list[np.ndarray]:
    found = [how(wanted / step) * step for step in (1, 0.1, 0.01, 0.001)
             for how in (np.rint, np.floor, np.ceil)
             if np.abs(how(wanted / step)).max() >= 10]
    return list({one.tobytes(): one for one in found}.values())


@cache
def _key_words(stage: str) -> dict[str, str]:
    """Key words of the tables by what they are called in any language."""
    from helpers.publish.texts import catalogue

    return {text.lower(): key.removeprefix("word.") for lang in languages()
            for domain in ("common", stage) for key, text in catalogue(domain, lang).items()
            if key.startswith("word.")}


def _words(value: object) -> list[str]:
    """Words of an answer, each once."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return list(dict.fromkeys(word for item in inner for word in _words(item)))


def _kind(value: object) -> str:
    """Kind of an answer as people call it: yes or no, word, number, labels, list."""
    if value is None:
        return "nothing"
    if isinstance(value, (bool, np.bool_)):
        return "truth"
    if isinstance(value, str) or is_number(value):
        return "word" if isinstance(value, str) else "one_number"
    if isinstance(value, Mapping):
        return "labels"
    listed = isinstance(value, (set, frozenset, list, tuple, pd.Series, pd.Index, np.ndarray))
    return "several" if listed else "something"


def _plain(value: object) -> object:
    """Words without their case, and rows as lists: a tuple is as good as a list."""
    if isinstance(value, str):
        return value.strip().lower()
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(_plain, value), key=str)
    if isinstance(value, (list, tuple, pd.Series, pd.Index, np.ndarray)):
        return [_plain(item) for item in value]
    return value
