"""Place where a student's code runs: a process of its own in a folder of its own.

Where the system allows it (Linux, `unshare` of util-linux) the process sees nothing but Python, the
helpers, read-only, and a copy of the assignment's data: no network, no other processes, no sources
of the exercises, no other student's files; all that it started ends with it. Elsewhere it has a
folder, limits and a group of its own, and `isolated` says no.
"""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from helpers.run.project import ROOT

SECONDS = 20  # for one cell or one answer
GRACE = 5  # seconds after which a process that does not stop is ended
ALL = 180  # seconds for a notebook
MOST = 8 << 20  # bytes that a process may tell
PACKAGE = ROOT / "src" / "helpers"
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
cd "$new"
exec chroot "$new" /bin/sh -c 'cd /handed-in && exec "$@"' sh "$@"
"""


@cache
def isolated() -> bool:
    """Whether this machine can wall a process off; tried once."""
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        # Sources out of sight, helpers read-only, the folder of its own writable.
        tried = ("import os, sys; open('own', 'w').close(); "
                 f"seen = os.path.exists({str(ROOT / 'course')!r}); "
                 f"open_ = os.access({str(PACKAGE)!r}, os.W_OK); "
                 "sys.exit(7 if seen or open_ else 0)")
        try:
            return subprocess.run(_walled(Path(folder), [sys.executable, "-c", tried]),
                                  capture_output=True, timeout=30, env=_environment()
                                  ).returncode == 0
        except (OSError, subprocess.TimeoutExpired):
            return False


def _walled(folder: Path, command: list[str]) -> list[str]:
    root, work = folder / "root", folder / "work"
    root.mkdir()
    work.mkdir(exist_ok=True)
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


def run(plan: dict, data: Path) -> tuple[list[dict], str]:
    """Lines that a student's process told, and how it ended: done, late, ended, or too_much.

    The working folder is a copy of the files in ``data`` without notebooks.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        shutil.copytree(data, folder / "work",
                        ignore=shutil.ignore_patterns("*.ipynb", "*.IPYNB", ".*"))
        command = [sys.executable, "-m", "helpers.course.student_process"]
        wall = isolated()
        process = subprocess.Popen(
            _walled(folder, command) if wall else command, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            cwd=folder / "work", env=_environment("/handed-in" if wall else str(folder / "work")))
        try:
            found, end = [], "done"
            process.stdin.write(json.dumps(plan | {"seconds": SECONDS}).encode() + b"\n")
            process.stdin.flush()
            for line in _lines(process):
                if line is None:
                    end = "late"
                elif len(line) > MOST:
                    end = "too_much"
                else:
                    found += _read(line)
            told = sum("cell" in line for line in found)
            if end == "done" and told < sum("cell" in step for step in plan["steps"]):
                end = "ended"
            return found, end
        except BrokenPipeError:
            return [], "ended"
        finally:
            _end(process)


def _read(line: bytes) -> list[dict]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return []
    return [found] if isinstance(found, dict) else []


def _lines(process: subprocess.Popen) -> Iterator[bytes | None]:
    """Lines as they come; None, and no more, where one is not there in time."""
    lines: queue.Queue = queue.Queue(maxsize=1000)

    def read() -> None:
        total = 0
        while line := process.stdout.readline(MOST + 1):
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


def _end(process: subprocess.Popen) -> None:
    """End a process and all that it started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.stdin.close()
    process.stdout.close()
    process.wait()
