"""Another date for a whole build: every Python that starts with this file as ``sitecustomize``
lives years later.

Shifts what Python programs ask for the date (``time``, ``datetime``); clocks that only measure
durations stay. It does what ``faketime`` does for programs in C, whose waiting the sockets of
Jupyter's kernels do not survive.
"""

import ctypes
import datetime
import functools
import gc
import time
from pathlib import Path

SECONDS = 2000 * 86400 + 12345


def install(folder: Path) -> None:
    """Write the start-up file into a folder that is going to be first in PYTHONPATH."""
    folder.mkdir(parents=True)
    own = Path(__file__).read_text(encoding="utf-8")
    (folder / "sitecustomize.py").write_text(f"{own}\n\nlive_ahead()\n", encoding="utf-8")


def live_ahead() -> None:
    """Shift the clocks of this process."""
    seconds, nanoseconds, local = time.time, time.time_ns, time.localtime
    now, utcnow, shift = datetime.datetime.now, datetime.datetime.utcnow, datetime.timedelta(
        seconds=SECONDS)
    time.time = lambda: seconds() + SECONDS
    time.time_ns = lambda: nanoseconds() + SECONDS * 10**9
    for name in ("gmtime", "localtime", "ctime"):
        setattr(time, name, _of_now(getattr(time, name), lambda: time.time()))
    for name in ("asctime", "strftime"):
        setattr(time, name, _of_now(getattr(time, name), lambda: local(time.time())))
    # datetime.today and date.today ask time.time.
    _put(datetime.datetime, "now", staticmethod(lambda tz=None: now(tz) + shift))
    _put(datetime.datetime, "utcnow", staticmethod(lambda: utcnow() + shift))


def _of_now(function, moment):
    """Let a function of an optional moment take the shifted one, where none is given."""
    place = 1 if function.__name__ == "strftime" else 0

    @functools.wraps(function)
    def ahead(*arguments):
        return function(*arguments) if len(arguments) > place else function(*arguments, moment())

    return ahead


def _put(kind: type, name: str, method) -> None:
    """Replace a method of a class that C code made; such a class must stay the same object."""
    gc.get_referents(kind.__dict__)[0][name] = method
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
