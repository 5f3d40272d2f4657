"""Errors meant for whoever made the call or the input. Standard library only, from Python 3.7."""

import errno
import sys
from functools import wraps

from helpers.messages import Message, joined, listed, reason_of, term, translate

LONGEST = 600


class Error(ValueError):
    """Something is not as it must be; the error holds what it says as a template and its values.

    The template says in English where, what was found, what is allowed, what to do. ``parameter``,
    ``resource``, ``row`` and ``column`` may be given beside the values of its names in braces.

    >>> error = Error("row {row} is empty; fill it in", row=2, resource="areas")
    >>> str(error), error.about
    ('row 2 is empty; fill it in', {'row': 2, 'resource': 'areas'})
    """

    kind = Message

    def __init__(self, template, **values):
        message = getattr(template, "message", template)
        self.message = message if isinstance(message, self.kind) else self.kind(message, **values)
        super().__init__(self.message)

    def __str__(self):
        return str(self.message)

    @property
    def about(self):
        """What the error is about: its values by name, and those of the messages among them."""
        return _about(self.message)


def _about(message):
    found = dict(message.values)
    for value in message.values.values():
        inner = getattr(value, "message", value)
        if isinstance(inner, Message):
            found.update(_about(inner))
    return found


class UsageError(Error):
    """A call is not understood."""


class Line(Message):
    """A message of one line, whatever values of the input it quotes."""

    @staticmethod
    def finished(text):
        """Return the text on one line."""
        return one_line(text)


class InputError(Error):
    """A parameter or a file is not as it must be.

    The message is one line: where (file, row, column), what was found, what is allowed, what to do.
    The command line prints it without a traceback and exits with status 2.
    """

    kind = Line


def check_choice(name, value, allowed):
    """Refuse a value of a parameter that is none of those allowed.

    >>> check_choice("rounding", "half", ("up", "down"))
    Traceback (most recent call last):
    helpers.errors.Error: rounding is 'half'; allowed are 'up', 'down'
    """
    if value not in allowed:
        raise Error("{parameter} is {value!r}; allowed are {allowed}", parameter=name, value=value,
                    allowed=listed(allowed))


def check_share(name, value, example):
    """Refuse a value of a parameter that is not between 0 and 1."""
    if not 0 < value < 1:
        raise Error("{parameter} is {value}; give a share between 0 and 1, such as {example}",
                    parameter=name, value=value, example=example)


def check_weights(weights, given=None, resource=None, column="'weight'", first=2):
    """Refuse a weight that is no number above zero.

    `weights` is a Series, not a number where nothing can be read; `given` has the cells as they
    stand in the `column` of a `resource`, whose rows count from `first` (None: the index names
    them).

    >>> import pandas as pd
    >>> check_weights(pd.Series([1.0, 0.0]))
    Traceback (most recent call last):
    helpers.errors.Error: weight of row 1 is 0.0; give a number above zero
    """
    wrong = ~((weights > 0) & (weights < float("inf")))
    if wrong.any():
        row, value = weights.index[wrong][0], (weights if given is None else given)[wrong].iloc[0]
        missing = value != value or value == ""
        if resource is None:
            raise Error("row {row!r} has no weight; give a number above zero" if missing else
                        "weight of row {row!r} is {weight}; give a number above zero", row=row,
                        weight=value)
        raise InputError("{resource}: row {row}, column {column}: the weight is missing ({number} "
                         "such rows); give a number above zero" if missing else
                         "{resource}: row {row}, column {column}: the weight is '{weight}' "
                         "({number} such rows); give a number above zero", resource=resource,
                         row=row if first is None else int(row) + first, column=column,
                         weight=value, number=int(wrong.sum()))


def one_line(text, longest=LONGEST):
    """Return a text that stays on one line of a terminal.

    White space becomes one space; what does not print is written as Python would escape it.

    >>> one_line("row 2:  'a\\nb\\x1b[2J'")
    "row 2: 'a b\\\\x1b[2J'"
    """
    words = " ".join(text.split())
    shown = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode()
                    for sign in words)
    return shown if len(shown) <= longest else shown[:longest - 1] + "…"


def report_input_errors(remedy=""):
    """Let a command say in one line what is wrong with its input or a file, and return status 2.

    `remedy` says what to do where a file cannot be read or written, after the system's own words.

    >>> @report_input_errors("say where")
    ... def command(arguments):
    ...     open("no-such-folder/x")
    >>> from contextlib import redirect_stderr
    >>> with redirect_stderr(sys.stdout):
    ...     command([])
    error: no-such-folder/x: No such file or directory; say where
    2
    """
    def decorate(command):
        @wraps(command)
        def reported(arguments):
            try:
                return command(arguments)
            except InputError as error:
                report(error)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                    # The system need not say which file, and no other place was meant.
                    report(Line("the disk is full, and nothing was written; make room and call "
                                "again"))
                    return 2
                report(Line("{file}: {reason}", file=error.filename or "?",
                            reason=joined([reason_of(error), *filter(None, [term(remedy)])], "; ")))
            return 2

        return reported

    return decorate


def report(error):
    """Print an error in the language of this process, where there is somebody to read it."""
    if sys.stderr is not None:
        print(translate(Message("error: {error}", error=error)), file=sys.stderr)
