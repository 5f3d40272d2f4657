"""The one kind of error that is meant for the person who wrote the input."""

import sys
from collections.abc import Callable
from functools import wraps

LONGEST = 600


class InputError(ValueError):
    """A parameter or a file is not as it must be.

    The message is one line: where (file, row, column), what was found, what is allowed, what to do.
    The command line prints it without a traceback and exits with status 2.
    """

    def __init__(self, message: object):
        super().__init__(one_line(str(message)))


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return a text that stays on one line of a terminal, whatever values of the input it quotes.

    White space becomes one space, anything else that does not print is written as Python would
    escape it.

    Examples
    --------
    >>> one_line("row 2:  'a\\nb\\x1b[2J'")
    "row 2: 'a b\\\\x1b[2J'"
    """
    words = " ".join(text.split())
    shown = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode()
                    for sign in words)
    return shown if len(shown) <= longest else f"{shown[:longest - 1]}…"


def spoken(remedy: str = "") -> Callable:
    """Let a command say in one line what is wrong with its input or a file, and return the exit
    status 2.

    Parameters
    ----------
    remedy : str
        What to do where a file cannot be read or written; follows the system's own words.

    Examples
    --------
    >>> @spoken("say where")
    ... def command(arguments):
    ...     open("no-such-folder/x")
    >>> from contextlib import redirect_stderr
    >>> with redirect_stderr(sys.stdout):
    ...     command([])
    error: no-such-folder/x: No such file or directory; say where
    2
    """
    def decorate(command: Callable[[list[str]], int]) -> Callable[[list[str]], int]:
        @wraps(command)
        def told(arguments: list[str]) -> int:
            try:
                return command(arguments)
            except InputError as error:
                text = str(error)
            except OSError as error:
                text = one_line("; ".join(
                    filter(None, (f"{error.filename}: {error.strerror}", remedy))))
            print(f"error: {text}", file=sys.stderr)
            return 2

        return told

    return decorate
