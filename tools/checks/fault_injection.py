"""Break real builds on purpose, and see that the next one ends with the same bytes: for ``make
verify FULL=1``.

A part of the project's own data package is built: two stages side by side, one that reads their
tables, and the pages. Everything that is random descends from one seed, so that a run can be
repeated.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import psutil

from helpers.files import file_digest
from helpers.intake import describe
from helpers.run.project import ROOT
from tools.checks.at_once import at_once

KEPT = ["areas", "factors", "ratings", "linkages", "strategies", "claims", "sources"]
VICTIMS = ("the build", "a kernel", "all of its processes")
SEED = 3505
GRACE = 10.0  # seconds until every process of a killed build must be gone
PATIENCE = 600.0
STOPPED_WITHIN = 2.0
TOGETHER = 5
# Room on a disk on which nothing is yet: bytes, then numbers of files.
SMALL_DISKS = (*(f"size={kilobytes}k" for kilobytes in (12, 20, 40, 60, 80, 100, 120, 160)),
               "size=64m,nr_inodes=6", "size=64m,nr_inodes=12")


class Ground:
    """A folder with a data package, an output folder and a folder for temporary files, for builds
    that are broken.

    Parameters
    ----------
    folder : Path
        Is made; nothing outside of it is written.
    """

    def __init__(self, folder: Path):
        self.raw, self.out, self.temporary = folder / "raw", folder / "out", folder / "tmp"
        self.temporary.mkdir(parents=True)
        shutil.copytree(ROOT / "data" / "raw", self.raw)
        self.raw.chmod(0o755)
        (self.raw / describe.DESCRIPTOR).chmod(0o644)
        describe.keep(self.raw, KEPT)
        self.other = folder / "other.yml"
        self.other.write_text("seed: 11\nforce_field:\n  aggregate: median\n", encoding="utf-8")

    def start(self, *arguments: str, out: Path | None = None, target: str = "all",
              before: Callable[[], None] | None = None) -> subprocess.Popen:
        """Start ``make all``, or another target, as a person does, in a group of its own."""
        # Python would leave half a compiled module where a file may not grow.
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1",
                                    "TMPDIR": str(self.temporary)}
        code = ("import sys; from helpers.cli import commands, early; "
                "early.exit_now(commands.main(sys.argv[1:]))")
        command = [sys.executable, "-c", code, target, f"RAW={self.raw}", f"OUT={out or self.out}",
                   *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, start_new_session=True,
                                preexec_fn=before)

    def build(self, *arguments: str, **options) -> tuple[int, str, str]:
        """Build; return the exit status, what was printed, and what was complained about."""
        process = self.start(*arguments, **options)
        printed, complained = process.communicate(timeout=PATIENCE)
        return process.returncode, printed, complained

    def bytes(self, out: Path | None = None) -> dict[str, str]:
        """Return the hash of every file of the results.

        Provenance is left out: it names the commit, which people may move while builds are broken
        for a quarter of an hour.
        """
        out = out or self.out
        return {path.relative_to(out).as_posix(): file_digest(path)
                for path in sorted(out.rglob("*")) if path.is_file() and ".build" not in path.parts
                and path.stem != "provenance"}

    def products(self, stages: list[str]) -> set[str]:
        """Return the files that these stages made, by their records."""
        records = [self.out / ".build" / "records" / f"{stage}.json" for stage in stages]
        return {name for path in records
                for name in json.loads(path.read_text(encoding="utf-8"))["made"]}

    def wipe(self) -> None:
        """Start from nothing."""
        shutil.rmtree(self.out, ignore_errors=True)

    def left_over(self) -> str:
        """Name what a build should not leave: temporary folders, half files, what was being
        made."""
        found = [*self.temporary.iterdir(), *self.out.rglob("*.new"), *self.out.rglob("*.part"),
                 *(self.out / ".build" / "staging").glob("*")]
        return ", ".join(path.name for path in found)


def run(folder: Path, kills: int = 40, seed: int = SEED,
        say: Callable[[str], None] = print) -> list[dict]:
    """Break builds in every way that this machine allows, and say what came of each at once.

    Parameters
    ----------
    folder : Path
        Where to work; it is made.
    kills : int
        How many builds are killed.
    seed : int
        Decides when and what is killed.
    say : callable

    Returns
    -------
    list of dict
        ``kind`` ("fault"), ``name``, ``ok`` (None where it could not be tried) and ``detail``.
    """
    def told(result: dict) -> dict:
        state = {None: "not tried", True: "ok", False: "FAILED"}[result["ok"]]
        say(f"{result['name']:<55} {state}: {result['detail']}")
        return result

    # As many builds at the same time as there are CPUs, also those that nobody disturbs: a kill
    # falls into the time that such a build takes.
    grounds: SimpleQueue[Ground] = SimpleQueue()
    first = [Ground(folder / str(number)) for number in range(os.cpu_count() or 1)]
    undisturbed = at_once(_undisturbed, first)
    whole = undisturbed[0][1]
    for complained, found, _ in undisturbed:
        if fault := complained or differences(whole, found):
            return [told(_result("an undisturbed build", False, fault))]
    took = max(seconds for *_, seconds in undisturbed)
    for ground in first:
        grounds.put(ground)

    def killed(number: int) -> dict:
        ground = grounds.get()
        try:
            return told(_killed(ground, whole, took, number, seed))
        finally:
            grounds.put(ground)

    results = at_once(killed, range(kills))
    return results + [told(result) for result in _broken(first[0], whole)]


def _undisturbed(ground: Ground) -> tuple[str, dict[str, str], float]:
    """What a build complains of when it fails, what it makes, and the seconds it takes."""
    start = time.monotonic()
    status, _, complained = ground.build()
    return complained.strip() if status else "", ground.bytes(), time.monotonic() - start


def _broken(ground: Ground, whole: dict[str, str]) -> Iterator[dict]:
    yield _at_once(ground, whole)
    yield _interrupted(ground, whole, "kernels start", 0)
    yield _interrupted(ground, whole, "cells run", 0.7)
    yield from (attempt(ground, whole) for attempt in (_read_only, _full_disk, _large_file))
    yield from (_nearly_full_disk(ground, options) for options in SMALL_DISKS)


def moment(seed: int, number: int, length: float) -> float:
    """Return the second at which a build is killed: uniform over its length, a stream of its own
    for each kill.

    Examples
    --------
    >>> 0 <= moment(1, 1, 10.0) < 10.0, moment(1, 1, 10.0) == moment(1, 2, 10.0)
    (True, False)
    """
    name = int.from_bytes(hashlib.sha256(f"fault/kill {number}".encode()).digest()[:8], "big")
    return float(np.random.default_rng([seed, name]).uniform(0, length))


def family(process: subprocess.Popen) -> list[psutil.Process]:
    """Return the processes that a build has started, and theirs."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def kernels(process: subprocess.Popen) -> list[psutil.Process]:
    """Return the kernels of a build: they have a session of their own, and are no leaders of the
    build's."""
    found = []
    for child in family(process):
        with suppress(psutil.Error, ProcessLookupError):
            if os.getsid(child.pid) == child.pid and child.parent(
            ).pid != process.pid or "ipykernel" in child.cmdline():
                found.append(child)
    return found


def still_there(processes: list[psutil.Process], seconds: float) -> str:
    """Wait for processes to end; name those that did not."""
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return ", ".join(f"process {process.pid}" for process in alive if process.is_running()
                     and process.status() != psutil.STATUS_ZOMBIE)


def differences(one: dict[str, str], other: dict[str, str]) -> str:
    """Name the files that are not the same."""
    return ", ".join(name for name in sorted(one.keys() | other.keys())
                     if one.get(name) != other.get(name))


def _killed(ground: Ground, whole: dict[str, str], took: float, number: int, seed: int) -> dict:
    victim, at = VICTIMS[number % len(VICTIMS)], moment(seed, number, took)
    ground.wipe()
    process = ground.start()
    _wait(process, at)
    relatives = family(process)
    if victim == "the build":
        process.kill()
    elif victim == "a kernel":
        for kernel in kernels(process)[:1]:
            kernel.kill()
    else:
        for relative in [psutil.Process(process.pid), *relatives
                         ] if process.poll() is None else relatives:
            with suppress(psutil.NoSuchProcess):
                relative.kill()
    process.communicate(timeout=PATIENCE)
    alive = still_there(relatives, GRACE)
    status, _, complained = ground.build()
    faults = [f"left running: {alive}"] if alive else []
    faults += [f"the next build failed: {complained.strip()}"] if status else []
    faults += [f"differs: {names}"] if (names := differences(whole, ground.bytes())) else []
    faults += [f"left behind: {names}"] if (names := ground.left_over()) else []
    name = f"kill {number + 1}: SIGKILL to {victim} after {at:.1f} s"
    return _result(name, not faults, "; ".join(faults) or "the next build ends with the same bytes")


def _wait(process: subprocess.Popen, seconds: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def _at_once(ground: Ground, whole: dict[str, str]) -> dict:
    ground.wipe()
    both = [ground.start() for _ in range(TOGETHER)]
    ended = [(*process.communicate(timeout=PATIENCE), process.returncode) for process in both]
    names, waited = differences(whole, ground.bytes()), any("waiting: " in printed
                                                            for printed, _, _ in ended)
    ok = not names and waited and not any(status for _, _, status in ended)
    return _result(
        f"{TOGETHER} builds of the same outputs at once", ok,
        "the others wait, all end well, same bytes" if ok
        else f"differs: {names or 'nothing'}; {ended}")


def _interrupted(ground: Ground, whole: dict[str, str], when: str, wait: float) -> dict:
    """Ctrl-C reaches every process of the terminal's group.

    A stage that says "done" before keeps its new results; of the others nothing may have changed,
    and the next build ends with the first one's bytes.
    """
    process = ground.start(f"PARAMS={ground.other}")
    while process.poll() is None and not kernels(process):
        time.sleep(0.02)
    time.sleep(wait)
    relatives, start = family(process), time.monotonic()
    with suppress(ProcessLookupError):  # a build that has ended by now shows by its status
        os.killpg(process.pid, signal.SIGINT)
    said, complained = process.communicate(timeout=PATIENCE)
    took, alive = time.monotonic() - start, still_there(relatives, 1)
    finished = [line.split()[0] for line in said.splitlines() if " done in " in line
                and ": done in " not in line]
    own, now = ground.products(finished), ground.bytes()
    harmed = differences({name: one for name, one in whole.items() if name not in own},
                         {name: one for name, one in now.items() if name not in own})
    status, _, again = ground.build()
    names = differences(whole, ground.bytes())
    ok = (process.returncode == 130 and took < STOPPED_WITHIN and not alive and not harmed
          and "Traceback" not in complained and not status and not names)
    return _result(
        f"Ctrl-C while {when}", ok,
        f"ends after {took:.1f} s with status {process.returncode}; still there: "
        f"{alive or 'nothing'}; of unfinished stages differs: {harmed or 'nothing'}; after the "
        f"next build differs: {again.strip() or names or 'nothing'}")


def _read_only(ground: Ground, whole: dict[str, str]) -> dict:
    paths = [ground.raw, *ground.raw.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    ground.wipe()
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        status, _, complained = ground.build()
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    names = differences(whole, ground.bytes())
    return _result("a read-only data package", not status and not names,
                   complained.strip() or names or "same bytes")


def _full_disk(ground: Ground, whole: dict[str, str]) -> dict:
    with _small_disk(ground.out.parent / "disk") as disk:
        if disk is None:
            return _result("a full disk (tmpfs)", None,
                           "a small disk may not be mounted here; see: a file size limit")
        out = disk / "out"
        status, _, complained = ground.build(out=out)
        before, filler = ground.bytes(out), disk / "filler"
        _fill(filler)
        failed, _, message = ground.build(f"PARAMS={ground.other}", out=out)
        names = differences(before, ground.bytes(out))
        filler.unlink()
        mended, _, again = ground.build(out=out)
        faults = [f"the first build failed: {complained}"] if status else []
        faults += _complaints(failed, message)
        faults += [f"of the earlier results differs: {names}"] if names else []
        faults += [f"the next build failed: {again}"] if mended else []
        faults += [f"differs: {other}"] if (other := differences(whole, ground.bytes(out))) else []
    return _result("a full disk (tmpfs)", not faults, "; ".join(faults) or message.strip())


def _nearly_full_disk(ground: Ground, options: str) -> dict:
    """Either everything is there, provenance too, or the build says in one line why not; with room
    the next one mends it."""
    name = f"a disk with {options}"
    with _small_disk(ground.out.parent / "small", options) as disk:
        if disk is None:
            return _result(name, None, "a small disk may not be mounted here")
        out = disk / "out"
        status, _, message = ground.build(target="overview", out=out)
        complete = (out / "provenance.json").is_file()
        faults = ["a traceback"] if "Traceback" in message else []
        faults += ["status 0 without provenance"] if status == 0 and not complete else []
        faults += [f"says: {message.strip() or 'nothing'}"] if status and message.count(
            "error: ") != 1 else []
        room = ["mount", "-o", "remount,size=64m,nr_inodes=10000", str(disk)]
        subprocess.run(room, check=True, capture_output=True)
        mended, _, again = ground.build(target="overview", out=out)
        if mended or not (out / "provenance.json").is_file():
            faults.append(f"with room: status {mended}, {again.strip() or 'no provenance'}")
    return _result(name, not faults, "; ".join(faults) or message.strip() or "all is there")


def _large_file(ground: Ground, whole: dict[str, str]) -> dict:
    """Stand in for a full disk where none may be mounted: no file may grow beyond a few
    kilobytes."""
    ground.wipe()
    ground.build()
    status, _, message = ground.build(f"PARAMS={ground.other}", before=limit_file_size)
    mended, _, again = ground.build()
    faults = _complaints(status, message) + ([f"the next build failed: {again}"] if mended else [])
    faults += [f"differs: {names}"] if (names := differences(whole, ground.bytes())) else []
    return _result("a file size limit (RLIMIT_FSIZE)", not faults, "; ".join(faults)
                   or message.strip())


def limit_file_size() -> None:
    """Let no file of this process and its children grow beyond 4 KiB."""
    # Windows has no such limits, and must be able to read this file.
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def _complaints(status: int, message: str) -> list[str]:
    faults = [] if status == 1 else [f"exit status {status} instead of 1"]
    faults += ["a traceback"] if "Traceback" in message else []
    # A cell that finds no room says so itself, in the words of the system.
    return faults + ([] if "the disk is full" in message or "No space left" in message else
                     [f"says: {message.strip() or 'nothing'}"])


@contextmanager
def _small_disk(folder: Path, options: str = "size=64m") -> Iterator[Path | None]:
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True, capture_output=True)


def _fill(path: Path) -> None:
    """Write until nothing more fits."""
    with suppress(OSError), open(path, "wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            with suppress(OSError):
                while file.write(b"\0" * size):
                    pass


def _result(name: str, ok: bool | None, detail: str) -> dict:
    return {"kind": "fault", "name": name, "ok": ok, "detail": " ".join(detail.split())}


def main() -> int:
    """Run all faults; a line for each as soon as it is over."""
    with tempfile.TemporaryDirectory(prefix="kb-faults-") as folder:
        results = run(Path(folder) / "faults", *map(int, sys.argv[1:]),
                      say=partial(print, flush=True))
    return int(any(result["ok"] is False for result in results))


if __name__ == "__main__":
    sys.exit(main())
