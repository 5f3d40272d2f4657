"""Checks of exercises: they say what is wrong with an answer, and where the way to a right one is
explained.

A notebook of the course asks for its checks once, ``check = course.open("sampling", lang)``, and
its tests call them::

    check.number("slovin", lambda: n_exact, 86.3388, within=0.01, margin_not_squared=632 / (1 + 632
    * 0.1))

The answer comes in a function, so that one that is not there yet is told in words too. Every
further name is a known mistake with the answer that it leads to; its text is
``<stage>.<exercise>.<mistake>`` in the catalogue ``course``.
"""

import warnings
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from helpers.errors import Error
from helpers.languages import DEFAULT, languages
from helpers.messages import either

NOTEBOOKS = {"sampling": "1_sampling", "scoring": "2_scoring", "disparity": "3_disparity",
             "force_field": "4_force_field", "synthesis": "5_synthesis"}
# Exercise to the text cell of the stage's notebook that explains it, without the language.
EXPLAINED = {"sampling": {"slovin": "slovin", "people": "slovin-rounding", "quota": "quota",
                          "allocate": "remainder", "weight": "weights", "margin": "precision",
                          "difference": "difference"},
             "scoring": {"turn": "align", "mean": "scores", "alpha": "alpha", "corrected": "items",
                         "class": "classes", "weighted": "estimates", "gap": "gap"},
             "disparity": {"mean": "zones", "williamson": "williamson", "gini": "gini",
                           "theil": "theil", "between": "theil", "moran": "space"},
             "force_field": {"weights": "urgency", "support": "support",
                             "linkage": "linkage", "total": "total", "keys": "keys",
                             "verdict": "balance", "agreement": "agreement"},
             "synthesis": {"decide": "claims", "basis": "evidence",
                           "growth": "windows", "course": "series",
                           "universes": "multiverse", "robustness": "products",
                           "effect": "turns"}}
DIGITS = "#,##0.####"


class Wrong(AssertionError):
    """An answer is not right. The message is for the student, so Jupyter shows it without the way
    through the code.

    Parameters
    ----------
    message : str
    link : str
        Markdown that leads to the paragraph; empty where there is none. Shown by Jupyter above the
        message.
    """

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
    """The checks of one stage's exercises, in one language.

    Parameters
    ----------
    stage : str
    t : Texts
        The texts of the catalogue ``course``.
    """

    def __init__(self, stage: str, t):
        self.stage = stage
        self.t = t

    def number(self, exercise: str, answer: Callable[[], object], wanted: float,
               within: float = 1e-6, **mistakes: float) -> None:
        """Check an answer that is one number.

        Parameters
        ----------
        exercise : str
        answer : callable
            Returns the answer.
        wanted : float
        within : float
            How far from `wanted` an answer may be.
        **mistakes : float
            The answer that a known mistake leads to, by the mistake's name.

        Raises
        ------
        Wrong
            Says what is wrong with the answer.

        Examples
        --------
        >>> check = open("sampling", "en")
        >>> check.number("slovin", lambda: 86.34, 86.3388, within=0.01)
        Right.
        >>> check.number("slovin", lambda: 9.84, 86.3388, within=0.01, margin_not_squared=632 / (1 + 632 * 0.1))
        Traceback (most recent call last):
        ...
        helpers.course.Wrong: Not yet. The margin enters the formula squared: ten per cent becomes
        one in a hundred. Your answer: 9.84 Explained in: notebooks/1_sampling.ipynb, “Slovin”.
        Hints stand below the exercise.
        """
        given = self._given(exercise, answer)
        if not _is_number(given):
            raise self._wrong(exercise, self.t("check.no_number"), given)
        self._compare(exercise, given, float(given), float(wanted), mistakes, _near(within))

    def numbers(self, exercise: str, answer: Callable[[], object], wanted: Mapping,
                within: float = 1e-6, **mistakes: Mapping | list) -> None:
        """Check an answer that is several numbers with labels, in any order.

        Parameters
        ----------
        exercise, answer, within
            As for `number`.
        wanted : mapping or Series
            Label to number.
        **mistakes : mapping, Series, or list in the order of `wanted`

        Raises
        ------
        Wrong
            Says what is wrong with the answer.

        Examples
        --------
        >>> open("sampling", "en").numbers("quota", lambda: {"south": 2.5, "north": 7.5}, {"north": 7.5, "south": 2.5})
        Right.
        """
        given = self._given(exercise, answer)
        wanted = pd.Series(wanted, dtype=float)
        if not isinstance(given, (Mapping, pd.Series)):
            raise self._wrong(exercise,
                              self.t("check.no_labels", labels=", ".join(map(str, wanted.index))),
                              given)
        found = pd.Series(given)
        if sorted(map(str, found.index)) != sorted(map(str, wanted.index)):
            raise self._wrong(exercise,
                              self.t("check.other_labels", given=", ".join(map(str, found.index)),
                                     labels=", ".join(map(str, wanted.index))), None)
        ordered = pd.to_numeric(found, errors="coerce").reindex(wanted.index).astype(float)
        if ordered.isna().any():
            lacking = ordered.index[ordered.isna()]
            raise self._wrong(exercise, self.t("check.lacking",
                                               labels=", ".join(map(str, lacking))), None)
        known = {name: pd.Series(values, wanted.index, dtype=float)
                 for name, values in mistakes.items()}
        self._compare(exercise, given, ordered, wanted, known, _near(within))

    def same(self, exercise: str, answer: Callable[[], object], wanted: object,
             **mistakes: object) -> None:
        """Check an answer that is a word, a list of words, or true or false.

        Parameters
        ----------
        exercise, answer
            As for `number`.
        wanted : object
        **mistakes : object

        Raises
        ------
        Wrong
            Says what is wrong with the answer.

        Examples
        --------
        >>> open("force_field", "en").same("keys", lambda: ["D3", "H2"], ["D3", "H2"])
        Right.
        """
        given = self._given(exercise, answer)
        self._compare(exercise, given, given, wanted, mistakes,
                      lambda one, other: _plain(one) == _plain(other))

    def _given(self, exercise: str, answer: Callable[[], object]) -> object:
        try:
            # A warning on the way, such as the logarithm of zero, is no mistake; nbgrader would
            # take it for one.
            with warnings.catch_warnings(action="ignore"):
                return answer()
        except (NotImplementedError, NameError):
            raise self._wrong(exercise, self.t("check.nothing"), None) from None
        except Exception as error:
            told = self.t("check.broken", error=f"{type(error).__name__}: {error}")
            raise self._wrong(exercise, told, None) from error

    def _compare(self, exercise: str, given, found, wanted, mistakes: Mapping,
                 agree: Callable) -> None:
        if agree(found, wanted):
            print(self.t("check.right"))
            return
        made = next((name for name, value in mistakes.items() if agree(found, value)), None)
        reason = self.t(f"{self.stage}.{exercise}.{made}") if made else self._direction(
            found, wanted)
        raise self._wrong(exercise, reason, given)

    def _direction(self, found, wanted) -> str:
        if not isinstance(wanted, float) or np.isnan(found):
            return self.t("check.other")
        return self.t("check.too_large" if found > wanted else "check.too_small")

    def _wrong(self, exercise: str, reason: str, given) -> Wrong:
        lines = [self.t("check.wrong", reason=reason)]
        if given is not None:
            lines.append(self.t("check.answer", given=self._shown(given)))
        where, link = self._where(exercise)
        return Wrong("\n".join([*lines, where]), link)

    def _where(self, exercise: str) -> tuple[str, str]:
        """Where an exercise is explained, and a link to it from a notebook that lies inside the
        project."""
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

        if _is_number(given) and np.isfinite(given):
            return format_decimal(given, format=DIGITS, locale=self.t.lang)
        if isinstance(given, (Mapping, pd.Series)):
            return "; ".join(f"{label}: {self._shown(value)}" for label, value in given.items())
        return " ".join(str(given).split())


def open(stage: str, lang: str = DEFAULT) -> Checks:
    """Checks of a stage's exercises.

    Parameters
    ----------
    stage : {"sampling", "scoring", "disparity", "force_field", "synthesis"}
    lang : str

    Raises
    ------
    ValueError
        When there is no such stage or language.

    Examples
    --------
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


def explain_errors(stage: str, lang: str = DEFAULT) -> None:
    """From now on show this notebook's errors as one message, with a link to the paragraph that
    explains the method.

    Parameters
    ----------
    stage : {"sampling", "scoring", "disparity", "force_field", "synthesis"}
    lang : str

    Examples
    --------
    Outside a notebook it does nothing.

    >>> explain_errors("sampling", "en")
    """
    from helpers.study import paragraphs

    paragraphs.show_short(stage, {"lang": lang})


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _near(within: float) -> Callable:
    return lambda one, other: bool(
        np.all(np.isclose(one, other, rtol=0, atol=within, equal_nan=True)))


def _plain(value: object) -> object:
    """Words without their case, and rows as lists: "High" is as good as "high", a tuple as good as
    a list."""
    if isinstance(value, str):
        return value.strip().lower()
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(_plain, value), key=str)
    if isinstance(value, (list, tuple, pd.Series, pd.Index, np.ndarray)):
        return [_plain(item) for item in value]
    return value
