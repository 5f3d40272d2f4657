"""Kernels: forked and plain ones give the same bytes, leave nothing behind, and say how they
died."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import entry_points

import psutil
import pytest
from jupyter_client.asynchronous import AsyncKernelClient
from test_build import Bench

from helpers.run import runner
from helpers.run.execution import forks
from helpers.run.execution.engine import Client
from helpers.run.execution.execute import remove_left_folders
from helpers.run.execution.forkserver import GROUPS
from helpers.run.execution.kernel import environment
from helpers.run.execution.provisioner import Provisioner
from helpers.run.plan import STAGES
from helpers.run.project import ROOT

FACTS = """
import sys, hashlib
put("tables/facts.csv", "\\n".join([
    str(hash("planning")), os.environ["TZ"], os.environ.get("KESENJANGAN_READS"), sys.flags.safe_path and "safe" or "open",
    str(sys.stdout.encoding), os.getcwd().rsplit("/", 1)[-1], sys.path[0] or "here",
    hashlib.sha256("".join(sorted(name for name in os.environ if name.startswith("KESENJANGAN"))).encode()).hexdigest()]))
import pandas as pd
print(object())
pd.DataFrame({"a": [0.1 + 0.2]})"""


@pytest.fixture(scope="module")
def server():
    with forks.server(str(ROOT)) as running:
        assert running is not None
        yield running


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "bench").mkdir()
    return Bench(tmp_path / "bench").create()


def build(bench, server, code, names=("alpha",)):
    bench.break_alpha(code)
    return runner.Build(bench.project, bench.inputs, list(names), say=bench.lines.append,
                        server=server).run()


def children_of(server):
    return [child for child in psutil.Process(server.process.pid).children(recursive=True)
            if child.status() != psutil.STATUS_ZOMBIE and os.getpgid(child.pid) == child.pid]


def test_a_forked_kernel_and_a_plain_one_leave_the_same_bytes(bench, server):
    assert build(bench, server, FACTS).ran == ["alpha"]
    forked = bench.outputs()
    runner.remove_made(bench.project)
    assert build(bench, None, FACTS).ran == ["alpha"]
    assert bench.outputs() == forked
    assert {"tables/facts.csv", "notebooks/1_alpha.ipynb"} <= set(forked)


def test_a_forked_kernel_is_born_with_its_imports_and_a_plain_one_without(bench, server):
    code = 'import sys\nput("tables/born.csv", f"{\'pandas\' in sys.modules} {\'helpers.study\' in sys.modules}")'
    build(bench, server, code)
    assert bench.read("tables/born.csv") == "True False"
    runner.remove_made(bench.project)
    build(bench, None, code)
    assert bench.read("tables/born.csv") == "False False"


def test_every_stage_names_a_group_of_imports():
    assert {stage.imports for stage in STAGES} <= set(GROUPS)


def test_importing_starts_no_pool_of_threads():
    # The one thread beside Python's belongs to the memory allocator of pyarrow, which expects
    # forks.
    modules = [module for group in GROUPS.values() for module in group]
    code = f"import importlib, os\nfor name in {modules!r}: importlib.import_module(name)\nprint(len(os.listdir('/proc/self/task')))"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True,
                          text=True, check=True)
    assert int(done.stdout) <= 2


@pytest.mark.parametrize("forked", [True, False])
def test_a_killed_kernel_tells_signal_cell_and_memory(bench, server, forked):
    code = "import signal, time\nheld = bytearray(600 << 20)\ntime.sleep(0.5)\nos.kill(os.getpid(), signal.SIGKILL)"
    [message] = build(bench, server if forked else None, code).errors
    found = re.match(r"1_alpha\.ipynb, cell 5 \(step-2\): the kernel was killed by SIGKILL, "
                     r"having used (\d+) MiB of memory at most\n", message)
    assert found, message
    assert 600 <= int(found[1]) < 1200


def test_a_kernel_that_ends_by_itself_tells_its_exit_code(bench, server):
    [message] = build(bench, server, "os._exit(7)").errors
    assert message.startswith("1_alpha.ipynb, cell 5 (step-2): the kernel ended with exit code 7")


def test_no_process_and_no_private_folder_is_left(bench, server):
    build(bench, server, 'put("tables/pid.csv", os.environ["KESENJANGAN_PRIVATE"])')
    assert not children_of(server)
    assert not os.path.exists(bench.read("tables/pid.csv"))
    assert not list((bench.project.state / "kernels").iterdir())


def test_a_server_that_died_is_replaced_by_plain_kernels(bench):
    with forks.server(str(ROOT)) as dying:
        os.killpg(dying.process.pid, signal.SIGKILL)
        dying.process.wait()
        assert build(bench, dying, 'put("tables/alpha.csv", "made")').ran == ["alpha"]
    assert bench.read("tables/alpha.csv") == "made"


def test_kernels_end_when_the_build_that_asked_for_them_is_killed(tmp_path):
    log, connection = tmp_path / "log", tmp_path / "k.json"
    code = f"""
import os, signal
from helpers.run.execution import forks
from helpers.run.execution.kernel import environment
with forks.server({str(ROOT)!r}) as server:
    child = server.fork("base", ["kernel", "-f", {str(connection)!r}], environment(), {str(tmp_path)!r}, {str(log)!r})
    print(child.pid, server.process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    waiting = [int(pid) for pid in done.stdout.split()]
    until = time.monotonic() + 30
    while any(running(pid) for pid in waiting):
        assert time.monotonic() < until, "a process outlives the build"
        time.sleep(0.05)


def running(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_next_build_removes_the_private_folders_of_a_killed_one_and_no_other(bench, tmp_path):
    register = bench.project.state / "kernels"
    register.mkdir(parents=True)
    ours, foreign = tmp_path / "kb-0a", tmp_path / "kb-0b"
    for folder in (ours, foreign):
        folder.mkdir()
        (folder / "k-1").write_text("socket")
    (register / "kb-0a").write_text(json.dumps(str(ours)))
    (register / "kb-0c").write_text(json.dumps(str(foreign)))
    (register / "kb-0d").write_text('"half')
    remove_left_folders(register)
    assert not ours.exists() and foreign.exists(
    ), "a note may only remove the folder that it is named for"
    assert not list(register.iterdir())


@pytest.mark.parametrize(("platform", "chosen", "forked"), [
    ("linux", None, True), ("linux", "plain", False), ("darwin", None, False), ("win32", None, False)])
def test_kernels_are_forked_on_linux_unless_plain_ones_are_asked_for(platform, chosen, forked,
                                                                     monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("KESENJANGAN_KERNELS", raising=False)
    if chosen:
        monkeypatch.setenv("KESENJANGAN_KERNELS", chosen)
    assert forks.usable() is forked


def test_jupyter_finds_the_provisioner_by_its_entry_point():
    [entry] = [
        entry for entry in entry_points(group="jupyter_client.kernel_provisioners")
        if entry.name == "kesenjangan"
    ]
    assert entry.load() is Provisioner


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
