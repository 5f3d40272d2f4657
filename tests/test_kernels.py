"""Kernels: forked and plain ones give the same bytes, leave nothing behind, and say how they
died."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from jupyter_client.asynchronous import AsyncKernelClient
from test_build import Bench

from helpers.run import runner
from helpers.run.execution import kernels, private
from helpers.run.execution.engine import Client
from helpers.run.execution.kernel import FIXED, environment

FACTS = """
import sys, hashlib
put("tables/facts.csv", "\\n".join([
    str(hash("planning")), os.environ["TZ"], *run["reads"],
    sys.flags.safe_path and "safe" or "open", str(sys.stdout.encoding),
    os.getcwd().rsplit("/", 1)[-1], sys.path[0] or "here",
    hashlib.sha256("".join(sorted(
        name for name in os.environ if name.startswith("KESENJANGAN"))).encode()).hexdigest()]))
import pandas as pd
print(object())
pd.DataFrame({"a": [0.1 + 0.2]})"""


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "bench").mkdir()
    return Bench(tmp_path / "bench").create()


@pytest.fixture
def plain(monkeypatch):
    """Lets kernels be new interpreters when it is called."""
    return lambda: monkeypatch.setenv("KESENJANGAN_KERNELS", "plain")


def build(bench, code):
    bench.break_alpha(code)
    return bench.work(["alpha"]).run()


def running_kernels():
    return [child for child in psutil.Process().children(recursive=True)
            if child.status() != psutil.STATUS_ZOMBIE and os.getsid(child.pid) == child.pid]


def test_a_forked_kernel_and_a_plain_one_leave_the_same_bytes(bench, plain):
    assert build(bench, FACTS).ran == ["alpha"]
    forked = bench.outputs()
    runner.remove_made(bench.project)
    plain()
    assert build(bench, FACTS).ran == ["alpha"]
    assert bench.outputs() == forked
    assert {"tables/facts.csv", "notebooks/1_alpha.ipynb"} <= set(forked)


def test_a_forked_kernel_is_born_with_its_imports_and_a_plain_one_without(bench, plain):
    code = ('import sys\nput("tables/born.csv", f"{\'pandas\' in sys.modules} {\'helpers.study\' '
            'in sys.modules}")')
    build(bench, code)
    assert bench.read("tables/born.csv") == "True False"
    runner.remove_made(bench.project)
    plain()
    build(bench, code)
    assert bench.read("tables/born.csv") == "False False"


def test_importing_starts_no_pool_of_threads():
    # The one thread beside Python's belongs to the memory allocator of pyarrow, which expects
    # forks.
    code = f"import os, {kernels.PRELOADS}; print(len(os.listdir('/proc/self/task')))"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True,
                          text=True, check=True)
    assert int(done.stdout) <= 2


@pytest.mark.parametrize("forked", [True, False])
def test_a_killed_kernel_tells_signal_cell_and_memory(bench, plain, forked):
    code = ("import signal, time\nheld = bytearray(600 << "
            "20)\ntime.sleep(0.5)\nos.kill(os.getpid(), signal.SIGKILL)")
    if not forked:
        plain()
    [message] = build(bench, code).errors
    found = re.match(r"1_alpha\.ipynb, cell 5 \(step-2\): the kernel was killed by SIGKILL, "
                     r"having used (\d+) MiB of memory at most\n", message)
    assert found, message
    assert 600 <= int(found[1]) < 1200


def test_a_kernel_that_ends_by_itself_tells_its_exit_code(bench):
    [message] = build(bench, "os._exit(7)").errors
    assert message.startswith("1_alpha.ipynb, cell 5 (step-2): the kernel ended with exit code 7")


def test_no_process_and_no_private_folder_is_left(bench):
    build(bench, 'put("tables/pid.csv", os.environ["KESENJANGAN_RUN"])')
    assert not running_kernels()
    assert not os.path.exists(bench.read("tables/pid.csv"))


def test_a_server_that_died_is_started_again(bench):
    build(bench, 'put("tables/alpha.csv", str(os.getppid()))')
    os.kill(int(bench.read("tables/alpha.csv")), signal.SIGKILL)
    assert build(bench, FACTS).ran == ["alpha"]
    restarted = bench.outputs()
    runner.remove_made(bench.project)
    assert build(bench, FACTS).ran == ["alpha"] and bench.outputs() == restarted


def test_kernels_end_when_the_build_that_asked_for_them_is_killed(tmp_path):
    given = ["-f", str(tmp_path / "k.json")], str(tmp_path), str(tmp_path / "log")
    code = f"""
import os, psutil, signal
from helpers.run.execution import kernels, private
from helpers.run.execution.kernel import FIXED, environment
arguments, cwd, log = {given!r}
kernels.Forked(arguments, environment(), cwd, log)
print(*(child.pid for child in psutil.Process().children(recursive=True)), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    waiting = [int(pid) for pid in done.stdout.split()]
    assert len(waiting) == 3, "the fork server, multiprocessing's tracker, the kernel"
    until = time.monotonic() + 30
    while any(running(pid) for pid in waiting):
        assert time.monotonic() < until, "a process outlives the build"
        time.sleep(0.05)


def running(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_private_folder_that_is_swept_while_it_is_made_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr(private.tempfile, "tempdir", str(tmp_path))
    lock, made = private.locks.lock, []

    def swept_first(handle, blocking):
        made.append(Path(handle.name).parent)
        if len(made) == 1:
            monkeypatch.setattr(private.locks, "lock", lock)
            private.sweep()  # as a build does that starts at the same moment
            monkeypatch.setattr(private.locks, "lock", swept_first)
        return lock(handle, blocking)

    monkeypatch.setattr(private.locks, "lock", swept_first)
    found = private.folder.__wrapped__()
    private._held.pop().close()
    assert not made[0].exists() and found == made[1] and (found / "lock").is_file()


def test_the_next_build_removes_the_private_folder_of_a_killed_one_and_no_other(tmp_path,
                                                                                monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = f"""
import os, signal, tempfile
from helpers.run.execution import private
tempfile.tempdir = {str(tmp_path)!r}
print(private.folder(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)"""
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    dead, alive, foreign = (Path(killed.stdout.strip()), private.folder.__wrapped__(),
                            tmp_path / "kb-other")
    foreign.mkdir()
    assert dead.is_dir()
    private.sweep()
    assert not dead.exists() and alive.is_dir() and foreign.is_dir()
    private._held.pop().close()


def test_a_temporary_folder_with_a_long_path_gets_plain_kernels(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/" + "x" * 70)
    assert not kernels.forked()


@pytest.mark.parametrize(("platform", "chosen", "forked"), [
    ("linux", None, True), ("linux", "plain", False), ("darwin", None, False),
    ("win32", None, False)])
def test_kernels_are_forked_on_linux_unless_plain_ones_are_asked_for(platform, chosen, forked,
                                                                     monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("KESENJANGAN_KERNELS", raising=False)
    if chosen:
        monkeypatch.setenv("KESENJANGAN_KERNELS", chosen)
    assert kernels.forked() is forked


def test_a_wait_for_a_kernel_that_is_called_off_leaves_nothing_pending(monkeypatch):
    async def endless(self, timeout=None):
        await asyncio.sleep(60)

    async def alive(self):
        return True

    async def called_off() -> set:
        waiting = asyncio.ensure_future(Client.wait_for_ready(Client()))
        await asyncio.sleep(0.15)
        waiting.cancel()
        await asyncio.wait([waiting])
        await asyncio.sleep(0)
        return asyncio.all_tasks() - {asyncio.current_task()}

    monkeypatch.setattr(AsyncKernelClient, "wait_for_ready", endless)
    monkeypatch.setattr(Client, "is_alive", alive)
    assert asyncio.run(called_off()) == set()


def test_variables_are_read_whole_while_the_server_s_stand_in_for_them(monkeypatch):
    """A stage that started just then failed with KeyError: 'MPLBACKEND'."""
    for name in FIXED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(kernels.private, "folder", lambda: Path("unused"))
    own, seen, interval = environment(), [], sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # so that threads meet
    with ThreadPoolExecutor() as threads:
        reading = [threads.submit(lambda: [environment() for _ in range(300)]) for _ in range(3)]
        for _ in range(300):
            with kernels._startable():
                pass
        for found in reading:
            seen += found.result()
    sys.setswitchinterval(interval)
    assert all(found == own for found in seen) and not set(FIXED) & set(os.environ)


OPENED = {
    "pages of the site": """
import time
from helpers.run.documents import _beside
with _beside(2) as call:
    call(abs, 1)()
    print("waiting", flush=True)
    time.sleep(60)""",
    "universes": """
import time
import pandas as pd
from helpers.choices import Choices
from helpers.run import universes
def judged(*_):
    print("waiting", flush=True)
    time.sleep(60)
universes._judge = judged
work = universes.Work("key", {}, {}, 1, pd.DataFrame(), Choices({}))
print([*universes._in_processes(work, [1, 2, 3], 2)])"""}


@pytest.mark.parametrize("code", OPENED.values(), ids=OPENED)
def test_nobody_waits_for_work_of_a_build_that_was_killed(code):
    """A worker of a pool holds both ends of the pipe that brings it work."""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                          env=environment()) as asked:
        assert asked.stdout.readline() == "waiting\n"
        begun = psutil.Process(asked.pid).children(recursive=True)
        asked.kill()
        assert len(begun) >= 2
        _, alive = psutil.wait_procs(begun, timeout=20)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
