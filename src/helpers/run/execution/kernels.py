"""Kernels that are born with their imports: children of the standard library's fork server.

A notebook spends most of its time importing. The fork server imports once (``preloads``); each
kernel is a forked child of it and starts in a fraction of a second. On other systems than Linux,
and with ``KESENJANGAN_KERNELS=plain``, a kernel is a new interpreter, which gives the same bytes.
"""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from helpers.run.execution import kernel, private
from helpers.run.execution.kernel import LOCK

PRELOADS = "helpers.run.execution.preloads"
_more: list[str] = []  # modules that a server imports beside
# What the server adds to the temporary folder, and how long a socket's path may be.
SOCKET, LONGEST_SOCKET = len("/kb-12345678/pymp-12345678/listener-12345678"), 107


def forked() -> bool:
    """Whether kernels are forked: on Linux, unless ``KESENJANGAN_KERNELS=plain`` or the path of the
    temporary folder is too long for the server's socket.

    macOS' own libraries do not survive a fork, and Windows has none.
    """
    short = len(os.fsencode(tempfile.gettempdir())) + SOCKET <= LONGEST_SOCKET
    plain = os.environ.get("KESENJANGAN_KERNELS") == "plain"
    return sys.platform == "linux" and short and not plain


def start_server(*more: str) -> None:
    """Let the fork server import in the background from now on, where kernels are forked: what all
    kernels use, and ``more`` modules."""
    if forked():
        _more.extend(more)
        from multiprocessing import forkserver

        with _startable():
            forkserver.ensure_running()


@contextmanager
def _startable() -> Iterator[None]:
    """What the fork server must be started with, now for the first time or again after it was
    killed: its imports, and the variables of a kernel's Python.

    Python 3.11's fork server does not take over ``sys.path``, and passes over what it cannot import
    in silence.
    """
    own = kernel.FIXED | {"PYTHONPATH": kernel.environment()["PYTHONPATH"], "PYTHONSAFEPATH": "1"}
    with LOCK:
        multiprocessing.get_context("forkserver").set_forkserver_preload([PRELOADS, *_more])
        before = {name: os.environ.get(name) for name in own}
        os.environ.update(own)
        # multiprocessing makes a temporary folder for the server's socket, and keeps to it.
        temporary, tempfile.tempdir = tempfile.gettempdir(), str(private.folder())
        try:
            yield
        finally:
            tempfile.tempdir = temporary
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value


class Forked:
    """A forked kernel, with the face of a ``subprocess.Popen`` that jupyter_client expects; it is
    ``given`` what `kernel.become` takes."""

    stdin = stdout = stderr = None

    def __init__(self, *given):
        self._process = multiprocessing.get_context("forkserver").Process(
            target=kernel.become, args=given)
        with _startable():
            try:
                self._process.start()
            except (EOFError, OSError):
                # Killed a moment ago: the next attempt starts it again.
                raise RuntimeError("the fork server is gone") from None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Exit code, negative for a signal, None while it runs."""
        with LOCK:
            return self._process.exitcode

    def wait(self) -> int | None:
        """Wait for the end."""
        self._process.join()
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it."""
        self._process.kill()
