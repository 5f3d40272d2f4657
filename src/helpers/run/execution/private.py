"""Private folder of a process: the sockets and notes of its kernels, gone when it ends."""

import json
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from multiprocessing import util
from pathlib import Path

from helpers import files
from helpers.run import locks

PREFIX = "kb-"
_held = []


@cache
def folder() -> Path:
    """Folder in the temporary folder that this process alone uses, with a path short enough for
    sockets.

    It holds a lock as long as the process lives: `sweep` tells by it what a killed process left.
    """
    while True:
        made = Path(tempfile.mkdtemp(prefix=PREFIX))
        handle = (made / "lock").open("w", encoding="ascii")
        # Another process may sweep between these two lines.
        if locks.lock(handle, blocking=False) and locks.is_at(handle, made / "lock"):
            break
    _held.append(handle)
    # After multiprocessing has removed its own folder in it.
    util.Finalize(None, remove, exitpriority=-200)
    return made


def run_variables(facts: dict, place: str | None = None) -> dict[str, str]:
    """Variable that names a file in a folder, with the ``facts`` that `helpers.files.run_facts`
    reads in processes that this one starts."""
    path = Path(place or folder(), "run.json")
    files.write(path, json.dumps(facts))
    return {files.RUN: str(path)}


def remove() -> None:
    """Remove the folder, where there is one; the process is about to end."""
    while _held:
        _held.pop().close()
        shutil.rmtree(folder(), ignore_errors=True)


def sweep() -> None:
    """Remove the folders that killed processes left."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/lock"):
        with suppress(OSError), open(path, "r+", encoding="ascii") as handle:
            if locks.lock(handle, blocking=False):
                shutil.rmtree(path.parent, ignore_errors=True)
