"""Place where students' code runs: for each a process of its own in a folder of its own.

Where the system allows it (Linux, `unshare` of util-linux) the process sees nothing but Python, the
helpers, read-only, and a copy of the assignment's data: no network, no other processes, no sources
of the exercises, no other student's files; it may do nothing that root may, and all that it started
ends with it. There each is a copy of one process, in which the imports are done. Elsewhere it has a
folder, limits and a group of its own, and `Sandbox.walled` says no.
"""

import contextlib
import io
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from helpers.run.project import ROOT

SECONDS = 20  # for one cell or one answer
GRACE = 5  # seconds after which a process that does not stop is ended
ALL = 180  # seconds for a notebook
MOST = 8 << 20  # bytes that a process may tell
PACKAGE = ROOT / "src" / "helpers"
PROGRAM = [sys.executable, "-m", "helpers.course.student_process"]
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/usr", "/etc", "/dev/null", "/dev/zero",
          "/dev/urandom", "/dev/random")
# A root of its own: what is named is there, read-only; the rest is not.
SCRIPT = """set -e
new=$1; work=$2; shift 2
mount -t tmpfs -o size=256m none "$new"
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir -p "$new$1"; else mkdir -p "$new$(dirname "$1")"; : > "$new$1"; fi
  mount --bind "$1" "$new$1"
  [ ! -d "$1" ] || mount -o remount,bind,ro "$new$1"
  shift
done; shift
mkdir -p "$new/proc" "$new/tmp" "$new/handed-in"
mount -t proc proc "$new/proc"
mount --bind "$work" "$new/handed-in"
mount -o remount,ro "$new"
cd "$new"
exec chroot "$new" /bin/sh -c 'cd /handed-in && exec "$@"' sh "$@"
"""


class Sandbox:
    """Place for the code of a class.

    Parameters
    ----------
    imports : iterable of str
        Statements that most notebooks begin with; each student's process has them done.

    Attributes
    ----------
    walled : bool
        Whether students' code is walled off; tried with a process that looks around.
    """

    def __init__(self, imports: Iterable[str] = ()):
        self.walled = sys.platform.startswith("linux") and shutil.which("unshare") is not None
        self._imports = [*imports]

    def __enter__(self) -> "Sandbox":
        with contextlib.ExitStack() as stack:
            self._left = stack
            self._folder = Path(stack.enter_context(
                tempfile.TemporaryDirectory(ignore_cleanup_errors=True))).resolve()
            (self._folder / "work").mkdir()
            (self._folder / "root").mkdir()
            if self.walled:
                self._server = stack.enter_context(self._served())
                self.walled = self._is_tight()
            self._left = stack.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._left.close()

    @contextlib.contextmanager
    def _served(self) -> Iterator[socket.socket]:
        """Line to the process of which the students' are copies."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = _walled(self._folder, [*PROGRAM, json.dumps(self._imports)])
        with theirs, subprocess.Popen(command, stdin=theirs, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, start_new_session=True,
                                      env=_environment()) as process:
            theirs.close()
            with ours:
                yield ours
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()

    def _is_tight(self) -> bool:
        """Whether sources are out of sight, helpers read-only, the folder its own and writable, and
        the rights of root given up."""
        seen = ("import os; open('own', 'w').close(); "
                f"print(os.path.exists({str(ROOT / 'course')!r}), "
                f"os.access({str(PACKAGE)!r}, os.W_OK), os.path.exists('own'), "
                "os.access('/', os.W_OK), "
                "[l.split()[1].strip('0') for l in open('/proc/self/status') if l[:4] == 'CapE'])")
        with tempfile.TemporaryDirectory() as nothing:
            told, end = self.run({"set_up": "", "names": [], "steps": [
                {"cell": 0, "source": seen}]}, Path(nothing))
        return end == "done" and "False False True False ['']" in str(told)

    def run(self, plan: dict, data: Path) -> tuple[list[dict], str]:
        """Lines that a student's process told, and how it ended: done, late, ended, or too_much.

        The working folder is a copy of the files in ``data`` without notebooks.
        """
        with tempfile.TemporaryDirectory(dir=self._folder / "work",
                                         ignore_cleanup_errors=True) as work:
            shutil.copytree(data, work, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("*.ipynb", "*.IPYNB", ".*"))
            try:
                with (self._copy if self.walled else _process)(Path(work)) as (asked, told):
                    asked.write(json.dumps(plan | {"seconds": SECONDS}).encode() + b"\n")
                    asked.flush()
                    return _heard(told, sum("cell" in step for step in plan["steps"]))
            except ConnectionError:
                return [], "ended"

    @contextlib.contextmanager
    def _copy(self, work: Path) -> Iterator[tuple]:
        """Ends of the pipes to a copy of the process; it and all that it started end with them."""
        read, asked = os.pipe()
        told, write = os.pipe()
        life, theirs = socket.socketpair()
        with open(asked, "wb") as asked, open(told, "rb") as told, life:
            ends = [read, write, theirs.fileno()]
            try:
                try:
                    socket.send_fds(self._server, [work.name.encode()], ends)
                except OSError:  # the process has ended, of want of memory
                    self._server = self._left.enter_context(self._served())
                    socket.send_fds(self._server, [work.name.encode()], ends)
            finally:
                theirs.close()
                os.close(read)
                os.close(write)
            try:
                yield asked, told
            finally:
                life.shutdown(socket.SHUT_WR)
                life.recv(1)


@contextlib.contextmanager
def _process(work: Path) -> Iterator[tuple]:
    """Ends of the pipes to a process without walls, with a group of its own that ends with it."""
    with subprocess.Popen(PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, start_new_session=True, cwd=work,
                          env=_environment(str(work))) as process:
        try:
            yield process.stdin, process.stdout
        finally:
            if os.name == "posix":
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()


def _heard(told, cells: int) -> tuple[list[dict], str]:
    """Lines that a process tells until it ends, and how it ended, of which so many are cells."""
    found, end = [], "done"
    for line in _lines(told):
        if line is None:
            end = "late"
        elif len(line) > MOST:
            end = "too_much"
        else:
            found += _read(line)
    if end == "done" and sum("cell" in line for line in found) < cells:
        end = "ended"
    return found, end


def _walled(folder: Path, command: list[str]) -> list[str]:
    root, work = folder / "root", folder / "work"
    wanted = [*SYSTEM, sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent),
              str(PACKAGE)]
    places = [place for place in dict.fromkeys(wanted) if os.path.exists(place)]
    inside = [place for place in places
              if not any(place.startswith(f"{other}/") for other in places if other != place)]
    return ["unshare", "--user", "--map-root-user", "--mount", "--net", "--pid", "--ipc", "--fork",
            "--kill-child", "sh", "-c", SCRIPT, "sh", str(root), str(work), *inside, "--", *command]


def _environment(work: str = "/handed-in") -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    return kept | {"HOME": work, "TMPDIR": work, "PYTHONPATH": str(PACKAGE.parent),
                   "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg", "IPYTHONDIR": work,
                   "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
                   "MPLCONFIGDIR": work}


def _read(line: bytes) -> list[dict]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return []
    return [found] if isinstance(found, dict) else []


def _lines(told: io.BufferedIOBase) -> Iterator[bytes | None]:
    """Lines as they come; None, and no more, where one is not there in time."""
    lines: queue.Queue = queue.Queue(maxsize=1000)

    def read() -> None:
        total = 0
        while line := told.readline(MOST + 1):
            total += len(line)
            lines.put(line if total <= MOST else b" " * (MOST + 1))
            if total > MOST:
                break
        lines.put(b"")

    threading.Thread(target=read, daemon=True).start()
    end, patience = time.monotonic() + ALL, ALL  # until Python has started, whatever else runs here
    while True:
        try:
            line = lines.get(timeout=max(0.0, min(patience, end - time.monotonic())))
        except queue.Empty:
            yield None
            return
        if not line:
            return
        patience = SECONDS + GRACE
        yield line
        if len(line) > MOST:
            return
