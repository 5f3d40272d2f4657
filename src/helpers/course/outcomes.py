"""Outcome of an answer: what a student's function gave, as data, or what went wrong where.

Checks judge outcomes, not objects, so the answer may have been worked out in another process. The
inputs of a function are put back after the call: what it changed in place is lost to nobody else.
"""

import contextlib
import copy
import linecache
import math
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from types import CodeType, FunctionType, TracebackType

import numpy as np
import pandas as pd

LONGEST = 10_000  # items of an answer, and signs of a word, that are looked at
INPUTS = (pd.Series, pd.DataFrame, np.ndarray, list, dict, tuple)
OWN_CODE = ("helpers", "site-packages", "<frozen")


class Overtime(BaseException):
    """An answer takes longer than the grader waits; no `except Exception` stops it."""


@dataclass
class Outcome:
    """Outcome of an answer.

    Attributes
    ----------
    trouble : str
        Empty, or nothing (no answer yet), no_name (the function is not there), unknown_name,
        caret, broken, late.
    about : dict
        Of the trouble: ``error``, ``name``, ``line``, ``text``, ``function``.
    changed : list of str
        Inputs that the answer changed in place.
    """

    value: object = None
    trouble: str = ""
    about: dict = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)


def outcome(answer: Callable[[], object]) -> Outcome:
    """Run an answer; warnings and what it writes to stderr are no mistakes.

    >>> outcome(lambda: 0.1 + 0.2).value
    0.30000000000000004
    >>> outcome(lambda: unknown(1)).trouble
    'no_name'
    """
    inputs = _inputs(answer)
    before = [copy.deepcopy(names[name]) for names, name in inputs]
    try:
        with warnings.catch_warnings(action="ignore"), contextlib.redirect_stderr(sys.stdout):
            found = Outcome(answer())
    except NotImplementedError:
        found = Outcome(trouble="nothing")
    except Overtime:
        found = Outcome(trouble="late")
    except BaseException as error:
        # Also who leaves by exit() gave no answer.
        found = _broken(error)
    for (names, name), value in zip(inputs, before, strict=True):
        if not _equal(names.get(name), value):
            names[name] = value
            found.changed.append(name)
    return found


def _inputs(answer: object, seen: tuple = ()) -> list[tuple[dict, str]]:
    """Names of the notebook that an answer and the functions that it calls read, and can change,
    each with the dict that holds it."""
    known, code = getattr(answer, "__globals__", {}), getattr(answer, "__code__", None)
    found = []
    for name in code.co_names if isinstance(code, CodeType) else ():
        value = known.get(name)
        if isinstance(value, INPUTS):
            found.append((known, name))
        elif isinstance(value, FunctionType) and value not in seen:
            found += _inputs(value, (*seen, value))
    return found


def _equal(one: object, other: object) -> bool:
    return type(one) is type(other) and encode(one) == encode(other)


def _broken(error: BaseException) -> Outcome:
    told = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    line, text, function = _place(error.__traceback__)
    about = {"error": told, "line": line, "text": text, "function": function}
    if isinstance(error, NameError) and error.name:
        # In the check's own line it is the function that is missing, else a name inside it.
        return Outcome(trouble="unknown_name" if function else "no_name",
                       about=about | {"name": error.name})
    caret = "bitwise_xor" in told or "for ^" in told
    return Outcome(trouble="caret" if caret and "^" in text else "broken", about=about)


def _place(trace: TracebackType | None) -> tuple[int, str, str]:
    """Line within the student's function where it stopped, that line, the name of the function."""
    found = 0, "", ""
    while trace is not None:
        code, number = trace.tb_frame.f_code, trace.tb_lineno
        own = not any(part in code.co_filename for part in OWN_CODE)
        if own and not code.co_name.startswith("<"):
            text = linecache.getline(code.co_filename, number, trace.tb_frame.f_globals).strip()
            found = number - code.co_firstlineno + 1, text, code.co_name
        trace = trace.tb_next
    return found


def as_data(found: Outcome) -> dict:
    """Outcome as plain data that JSON holds."""
    return asdict(Outcome(None, found.trouble, found.about, found.changed)) | {
        "value": encode(found.value)}


def from_data(data: dict) -> Outcome:
    """Outcome from data of another process: nothing in it runs."""
    return Outcome(decode(data["value"]), str(data["trouble"]), dict(data["about"]),
                   [str(name) for name in data["changed"]])


def encode(value: object) -> object:
    """Value as plain data: kinds that exercises ask for as they are, others by the name of theirs.

    >>> decode(encode({"a": (1, float("inf"))}))
    {'a': [1, inf]}
    >>> decode(encode(open)).name
    'builtin_function_or_method'
    """
    if value is None or isinstance(value, (bool, np.bool_)):
        return None if value is None else bool(value)
    if isinstance(value, (int, np.integer)):
        return ["int", str(int(value))] if abs(int(value)) < 10 ** 300 else _other(value)
    if isinstance(value, (float, np.floating)):
        return ["float", repr(float(value))]
    if isinstance(value, str):
        return str(value)[:LONGEST]
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return encode(value.item())
    if isinstance(value, pd.Series):
        return ["series", encode(list(value.index)), encode(list(value))]
    if isinstance(value, pd.DataFrame):
        return ["frame", encode(list(value.index)), encode(list(value.columns)),
                encode(value.to_numpy())]
    if isinstance(value, dict):
        return ["dict", encode(list(value)), encode(list(value.values()))]
    if isinstance(value, (list, tuple, np.ndarray, pd.Index, set, frozenset)):
        kind = "set" if isinstance(value, (set, frozenset)) else "list"
        return [kind, [encode(item) for item in list(value)[:LONGEST]]]
    return _other(value)


def _other(value: object) -> list:
    return ["other", type(value).__name__[:100]]


@dataclass(frozen=True)
class Other:
    """Value of a kind that no exercise asks for."""

    name: str

    def __str__(self) -> str:
        return f"<{self.name}>"


def decode(data: object) -> object:
    """Value from plain data.

    Raises ValueError where the data are not of the form that `encode` gives.
    """
    if data is None or isinstance(data, (bool, str)):
        return data
    if not isinstance(data, list) or not data or not isinstance(data[0], str):
        raise ValueError
    kind, *parts = data
    if kind == "series":
        index, values = map(decode, parts)
        return pd.Series(values, pd.Index(index, tupleize_cols=False), dtype=_kind(values))
    if kind == "frame":
        index, columns, rows = map(decode, parts)
        return pd.DataFrame(rows, index, columns)
    if kind == "dict":
        return dict(zip(map(_hashable, decode(parts[0])), decode(parts[1]), strict=True))
    if kind in ("list", "set"):
        found = [decode(item) for item in parts[0]]
        return found if kind == "list" else set(map(_hashable, found))
    simple = {"int": int, "float": float, "other": Other}
    if kind not in simple or not isinstance(parts[0], str):
        raise ValueError
    return simple[kind](parts[0])


def _kind(values: list) -> type:
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool)
                  for value in values)
    whole = numbers and values and all(isinstance(value, int) for value in values)
    return int if whole and max(map(abs, values)) < 2 ** 63 else float if numbers else object


def _hashable(value: object) -> object:
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def is_number(value: object) -> bool:
    """Whether a value is one number; true and false are none.

    >>> is_number(np.array(86.3)), is_number(True), is_number("86")
    (True, False, False)
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def is_finite(value: object) -> bool:
    """Whether a value is a finite number."""
    return is_number(value) and math.isfinite(value)
