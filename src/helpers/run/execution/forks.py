"""Kernels that are born with their imports: children forked from a process that has already
imported the stack.

A notebook spends most of its time importing. A fork server (``forkserver``) imports once; each
kernel is a forked child of it and starts in a fraction of a second. Where there is no server (other
systems than Linux, ``KESENJANGAN_KERNELS=plain``, a server that died), a kernel is a new
interpreter, which gives the same bytes.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from helpers.run.execution.forkserver import GROUPS
from helpers.run.execution.kernel import environment

UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in the system's unit of memory


class NoServer(Exception):
    """There is no fork server that answers."""


def usable() -> bool:
    """Whether kernels may be forked: on Linux, unless ``KESENJANGAN_KERNELS=plain``.

    macOS' own libraries do not survive a fork, and Windows has none.
    """
    return sys.platform == "linux" and os.environ.get("KESENJANGAN_KERNELS", "fork") != "plain"


@contextmanager
def server(cwd: str) -> Iterator["Server | None"]:
    """Give a fork server, or None where kernels cannot be forked; end it in the end."""
    if not usable():
        yield None
        return
    running = Server(environment(), cwd)
    try:
        yield running
    finally:
        running.close()


class Server:
    """A running fork server. It imports in the background as soon as it is made.

    Parameters
    ----------
    env : dict
        Variables that must be set before the imports, such as the number of threads.
    cwd : str
        Working folder.
    """

    def __init__(self, env: dict[str, str], cwd: str):
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in GROUPS]
        self.controls = dict(zip(GROUPS, (own for own, _ in pairs), strict=True))
        theirs = [other for _, other in pairs]
        command = [
            sys.executable, "-P", "-m", "helpers.run.execution.forkserver",
            *(str(end.fileno()) for end in theirs)
        ]
        self.process = subprocess.Popen(command, env=env, cwd=cwd,
                                        pass_fds=[end.fileno() for end in theirs],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        for end in theirs:
            end.close()

    def fork(self, group: str, command: list[str], env: dict[str, str], cwd: str,
             log: str) -> "Child":
        """Return a kernel forked from the server of a group; waits until that group is imported."""
        own, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = json.dumps({"command": command, "env": env, "cwd": cwd, "log": log}).encode()
        try:
            with other:
                socket.send_fds(self.controls[group], [request], [other.fileno()])
            return ForkedChild(own)
        except OSError as error:
            own.close()
            raise NoServer(error) from None

    def close(self) -> None:
        """End the server and the kernels that are left of it."""
        for control in self.controls.values():
            control.close()
        with suppress(ProcessLookupError):
            # Not all of it answers: a server that still imports does not look at its socket.
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Child(ABC):
    """A kernel's process, with the face of a ``subprocess.Popen`` that jupyter_client expects.

    Attributes
    ----------
    pid : int
    returncode : int, optional
        The exit code, negative for a signal; None while it runs.
    peak : int, optional
        The most memory that it had, in bytes; known when it has ended.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int):
        self.pid = pid
        self.returncode: int | None = None
        self.peak: int | None = None
        self._watcher = threading.Thread(target=self._await_end, daemon=True)
        self._watcher.start()

    @abstractmethod
    def _await_end(self) -> None:
        """Wait for the end, and note exit code and memory."""

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end."""
        self._watcher.join(timeout)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class ForkedChild(Child):
    """A kernel forked by the server, which tells of it through a socket."""

    def __init__(self, line: socket.socket):
        self._line = line
        super().__init__(self._told()["pid"])

    def _told(self) -> dict:
        message = self._line.recv(4096)
        if not message:
            raise ConnectionResetError("the fork server is gone")
        return json.loads(message)

    def _await_end(self) -> None:
        with self._line:
            try:
                end = self._told()
            except OSError:
                end = {"code": -signal.SIGKILL, "peak": None}
        self.peak, self.returncode = end["peak"], end["code"]


class PlainChild(Child):
    """A kernel in an interpreter of its own."""

    def __init__(self, command: list[str], env: dict[str, str], cwd: str, log: str):
        with open(log, "ab") as output:
            self._process = subprocess.Popen(command,
                                             env=env | {"JPY_PARENT_PID": str(os.getpid())},
                                             cwd=cwd, stdin=subprocess.DEVNULL, stdout=output,
                                             stderr=output, start_new_session=True)
        super().__init__(self._process.pid)

    def _await_end(self) -> None:
        ended = 0
        while not ended:
            time.sleep(0.1)
            ended, status, usage = os.wait4(self.pid, os.WNOHANG)
            self.peak = _high_water(self.pid) or self.peak
        import resource

        # What the system tells in the end counts the build itself too, which the kernel's process
        # was before it began.
        peak = usage.ru_maxrss * UNIT
        if peak > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT:
            self.peak = peak
        # Popen is told, too: it would take the process for a running one.
        code = self._process.returncode = os.waitstatus_to_exitcode(status)
        self.returncode = code


def _high_water(pid: int) -> int | None:
    """Return the most memory that a running process had, in bytes, where the system tells."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else None
