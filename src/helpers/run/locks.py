"""One process at a time: a lock file that the operating system frees when its holder dies."""

import os
from contextlib import contextmanager

from helpers.messages import say


@contextmanager
def exclusive(path, waiting):
    """Context that holds the lock file at ``path``, after saying ``waiting`` where another does."""
    said = False
    while True:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # A pipe or a device by this name came with a folder of results; no build makes one.
        if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
            os.unlink(path)
        with open(path, "a+", encoding="ascii") as handle:
            if not lock(handle, blocking=False):
                if not said:
                    say(waiting)
                said = True
                lock(handle, blocking=True)
            if is_at(handle, path):
                yield
                return


def is_at(handle, path):
    """Whether the locked file still is at its path: who held it before may have removed it."""
    try:
        return os.path.samestat(os.fstat(handle.fileno()), os.stat(path))
    except OSError:
        return False


def lock(handle, blocking):
    """Lock an open file until it is closed; return False where another process holds it."""
    if os.name == "nt":
        import msvcrt

        try:
            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK if blocking else msvcrt.LK_NBLCK, 1)
        except OSError:
            return lock(handle, blocking=True) if blocking else False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if blocking else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True
