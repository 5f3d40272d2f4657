"""Process that runs one student's notebook, for the grader who started it.

It reads one line of JSON with the cells and the calls of the tests, and writes a line for each:
outputs of a cell, outcome of an answer. Nothing that it writes is believed to be more than that.
Or it is the process of which the students' are copies: it does the imports once.
"""

import ast
import contextlib
import ctypes
import gc
import io
import json
import os
import re
import signal
import socket
import sys
import time
from pathlib import Path
from typing import NoReturn

from helpers.course.battery import ANSWER
from helpers.course.outcomes import Outcome, Overtime, as_data, outcome

MEMORY, FILE = 4 << 30, 64 << 20  # bytes of a process and of a file
SHOWN = 20_000  # signs of text, and ten times as many of a picture, that a cell shows
# Of Linux: mounts, processes, messages and network of one's own; a folder in another place;
# arguments of prctl and capset.
NEW = 0x00020000 | 0x20000000 | 0x08000000 | 0x40000000
BIND, NO_NEW_PRIVILEGES, DROP_RIGHT, CAPABILITIES = 4096, 38, 24, 0x20080522
AGAIN = 0.5  # seconds after which a swallowed interrupt comes again


class _Capped(io.TextIOBase):
    """Text of a cell as long as somebody would read it."""

    def __init__(self):
        self.parts, self.left = [], SHOWN

    def write(self, text: str) -> int:
        if self.left > 0:
            self.parts.append(text[:self.left])
            self.left -= len(text)
            if self.left <= 0:
                self.parts.append("\n...")
        return len(text)


def serve(imports: list[str]) -> None:
    """Do the imports, and make a copy for each folder and its pipes that the standard input names.

    A copy has a user's rights only, and sees its own folder, processes and network.
    """
    line = socket.socket(fileno=os.dup(0))
    for statement in ("import IPython.core.interactiveshell, IPython.utils.capture", *imports):
        with contextlib.suppress(Exception):
            exec(statement, {})
    gc.freeze()
    while True:
        folder, pipes, *_ = socket.recv_fds(line, 1000, 3)
        if not folder:
            break
        if os.fork() == 0:
            line.close()
            _keep(folder.decode(), *pipes)
        for pipe in pipes:
            os.close(pipe)
        _reap(os.WNOHANG)
    _reap(0)


def _reap(how: int) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, how)[0]:
            pass


def _keep(folder: str, asked: int, told: int, life: int) -> NoReturn:
    """Be the parent of a student's process, which ends when the grader hangs up."""
    try:
        _ask_kernel("unshare", NEW)
        if (child := os.fork()) == 0:
            os.close(life)
            _wall(folder)
            os.dup2(asked, 0)
            os.dup2(told, 1)
            os.closerange(3, max(asked, told) + 1)
            main()
            os._exit(0)
        os.close(asked)
        os.close(told)
        os.read(life, 1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    finally:
        os._exit(1)


def _wall(folder: str) -> None:
    """Hide the other folders and processes, and give up the rights of root for good."""
    _ask_kernel("mount", f"/handed-in/{folder}".encode(), b"/handed-in", None, BIND, None)
    _ask_kernel("mount", b"proc", b"/proc", b"proc", 0, None)
    # Python or the helpers may lie below /tmp, and would be covered: they are put back.
    mounts = Path("/proc/self/mountinfo").read_bytes().splitlines()
    places = [re.sub(rb"\\(\d{3})", lambda code: bytes([int(code[1], 8)]), line.split()[4])
              for line in mounts if line.split()[4].startswith(b"/tmp/")]
    held = [os.open(place, os.O_PATH) for place in places]
    _ask_kernel("mount", b"none", b"/tmp", b"tmpfs", 0, b"size=256m")
    for place, number in zip(places, held):
        os.makedirs(place)
        _ask_kernel("mount", f"/proc/self/fd/{number}".encode(), place, None, BIND, None)
        os.close(number)
    os.chdir("/handed-in")
    os.setsid()
    _ask_kernel("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    rights = Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="ascii")
    for right in range(int(rights) + 1):
        _ask_kernel("prctl", DROP_RIGHT, right, 0, 0, 0)
    _ask_kernel("capset", (ctypes.c_uint32 * 2)(CAPABILITIES, 0), (ctypes.c_uint32 * 6)())


def _ask_kernel(name: str, *values) -> None:
    """Call the system by the C library; raises OSError where it refuses."""
    given = [ctypes.c_ulong(one) if isinstance(one, int) else one for one in values]
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*given):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def main() -> None:
    """Run what stands in the first line of the standard input."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    plan = json.loads(sys.stdin.readline())
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    _limit()
    with contextlib.suppress(ValueError, AttributeError):
        signal.signal(signal.SIGALRM, _overtime)

    def say(**values) -> None:
        told.write(json.dumps(values) + "\n")
        told.flush()

    _run(plan, say)


def _overtime(*_) -> None:
    raise Overtime


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILE),
                       (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


@contextlib.contextmanager
def _within(seconds: float):
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)


def _run(plan: dict, say) -> None:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance(colors="NoColor")
    shell.history_manager.enabled = False
    tests: dict = {}
    with contextlib.redirect_stdout(_Capped()):
        exec(compile(plan["set_up"], "<set-up>", "exec"), tests)
    say(ready=True)
    for step in plan["steps"]:
        if "cell" in step:
            say(cell=step["cell"], outputs=_cell(shell, step["source"], plan["seconds"]))
        else:
            _test(shell.user_ns, tests, step, plan, say)


def _cell(shell, source: str, seconds: float) -> list[dict]:
    from IPython.utils.capture import capture_output

    text = _Capped()
    try:
        with capture_output() as captured, _within(seconds):
            sys.stdout = sys.stderr = text
            shell.run_cell(source, store_history=True)
    except Overtime:
        text.write("Overtime")
    outputs = [{"output_type": "display_data", "metadata": {},
                "data": {kind: value for kind, value in found.data.items()
                         if isinstance(value, str) and len(value) < 10 * SHOWN}}
               for found in captured.outputs[:20]]
    return [{"output_type": "stream", "name": "stdout", "text": "".join(text.parts)}, *outputs]


def _test(names: dict, tests: dict, step: dict, plan: dict, say) -> None:
    """Answers of one test: its own names, and of the student's only what the exercises define."""
    late = False

    def answer(number: int, given) -> None:
        nonlocal late
        found, start = Outcome(trouble="late"), time.monotonic()
        if not late:
            with contextlib.suppress(Overtime), _within(plan["seconds"]), \
                    contextlib.redirect_stdout(_Capped()):
                found = outcome(given)
            late = found.trouble == "late"
        say(answer=number, outcome=as_data(found), seconds=time.monotonic() - start)

    for name in plan["names"]:
        tests.pop(name, None)
        if name in names:
            tests[name] = names[name]
    tests[ANSWER] = answer
    for line in ast.parse(step["source"]).body:
        with contextlib.suppress(Exception):
            exec(compile(ast.Module([line], []), "<test>", "exec"), tests)


if __name__ == "__main__":
    serve(json.loads(sys.argv[1])) if len(sys.argv) > 1 else main()
