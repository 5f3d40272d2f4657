"""The same bytes under other surroundings: the variations of reprotest, compared with a plain
build.

Those that do not touch the same thing share a build: where its bytes are the same, none of them
changes any. Where they are not, each of them is built alone, and those that differ are named.

What cannot be varied on a machine is said, not passed over. Not compared is only ``.build``, the
build's own notes: they hold the times of files, and no result is read from them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from helpers.run.project import ROOT
from helpers.verdict.snapshot import files_of
from tools.checks import clock_shift
from tools.checks.at_once import at_once
from tools.checks.clean_build import CleanBuild, Tree

NOBODY = 65534
NOT_COMPARED = (".build is not compared: it is the build's own notes, with times of files; no "
                "result is read from it")
FIRST = "import os, sys; {}; os.execvp(sys.argv[1], sys.argv[1:])"


@dataclass(frozen=True, eq=False)
class Variation:
    """One change of the surroundings.

    Attributes
    ----------
    name, what : str
        For people: what is varied, and to what.
    environment : dict
        Variables of the build; None takes one away.
    before : tuple of str
        A command that runs the build's command.
    jobs : int
    path : str
        Where the sources lie, below the variation's folder.
    owner : int or None
        The user who runs the build and owns its folder; None for whoever calls.
    shared : int
        Number of the build that it shares with others.
    not_here : str
        Why it cannot be varied on this machine; empty where it can.
    """

    name: str
    what: str
    environment: dict[str, str | None] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    jobs: int = 1
    path: str = "project"
    owner: int | None = None
    shared: int = 0
    not_here: str = ""


BASELINE = Variation("baseline", "plain kernels, one job")


def variations() -> list[Variation]:
    """Return what is varied, as far as this machine allows."""
    posix = "" if os.name == "posix" else "this system has no umask"
    affinity = "" if hasattr(os,
                             "sched_setaffinity") else "this system does not bind processes to CPUs"
    return [Variation("path", "another folder, deeper, with a space and ü",
                      path="jalan lain/dua/ü/project"), _user(),
            Variation("home", "an empty home folder",
                      {"HOME": "{folder}/home", "USERPROFILE": "{folder}/home"}),
            Variation("time zone", "Pacific/Kiritimati", {"TZ": "Pacific/Kiritimati"}),
            *(_locale(name, number)
              for number, name in enumerate(("C", "id_ID.UTF-8", "tr_TR.UTF-8"))),
            Variation("date", "2000 days ahead",
                      {"PYTHONPATH": os.pathsep.join(["{folder}/clock", "{source}/src"])},
                      shared=2),
            Variation("hash seed", "PYTHONHASHSEED=random", {"PYTHONHASHSEED": "random"},
                      shared=1),
            Variation("jobs", "four jobs", jobs=4),
            Variation("kernels", "forked kernels, two jobs", {"KESENJANGAN_KERNELS": None},
                      jobs=2, shared=2),
            Variation("umask", "077", before=_python("os.umask(0o077)"), shared=2,
                      not_here=posix),
            Variation("CPUs", "one CPU seen", not_here=affinity, shared=1,
                      before=_python("os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})"))]


def together(chosen: Sequence[Variation]) -> Variation:
    """One build's surroundings with all of these changes.

    >>> zone = Variation("time zone", "C", {"TZ": "C"})
    >>> both = together([Variation("jobs", "four", jobs=4), zone])
    >>> both.name, both.jobs, both.environment
    ('jobs, time zone', 4, {'TZ': 'C'})
    """
    environment: dict[str, str | None] = {}
    for variation in chosen:
        if taken := environment.keys() & variation.environment.keys():
            raise ValueError(f"{variation.name}: {min(taken)} is varied by another one already")
        environment |= variation.environment
    own = [variation for variation in chosen if variation.path != BASELINE.path]
    owners = [variation.owner for variation in chosen if variation.owner is not None]
    return Variation(", ".join(variation.name for variation in chosen),
                     ", ".join(variation.what for variation in chosen), environment,
                     tuple(part for variation in chosen for part in variation.before),
                     max(variation.jobs for variation in chosen),
                     own[0].path if own else BASELINE.path, owners[0] if owners else None)


def run(tree: Tree, folder: Path, say: Callable[[str], None] = print,
        built: Path | None = None) -> list[dict]:
    """Build under every variation and compare with the baseline.

    Parameters
    ----------
    tree : Tree
        The sources.
    folder : Path
        An empty folder for the builds.
    say : callable
    built : Path, optional
        Output folder of a plain build of the sources, which is the baseline; else it is made.

    Returns
    -------
    list of dict
        kind, name, ok (None where it could not be varied), detail.
    """
    chosen = variations()
    shared: dict[int, list[Variation]] = {}
    for variation in chosen:
        if not variation.not_here:
            shared.setdefault(variation.shared, []).append(variation)
    builds = [*([] if built else [BASELINE]), *map(together, shared.values())]
    made = _made(tree, folder / "together", builds, say)
    baseline, error = (files_of(built), "") if built else made.pop(0)
    if error:
        say(f"variation baseline: {error}")
        return [{"kind": "variation", "name": BASELINE.name, "ok": False, "detail": error}]
    good = {number: _compared(together(several), baseline, *files)[0]
            for (number, several), files in zip(shared.items(), made)}
    alone = [variation for number, several in shared.items() if not good[number]
             for variation in several]
    apart = dict(zip(alone, _made(tree, folder / "alone", alone, say)))
    checks = []
    for variation in chosen:
        if variation.not_here:
            ok, detail = None, f"not varied here: {variation.not_here}"
        elif variation in apart:
            ok, detail = _compared(variation, baseline, *apart[variation])
        else:
            ok, detail = True, f"{variation.what}: {len(baseline)} files, the same bytes"
        checks.append({"kind": "variation", "name": variation.name, "ok": ok, "detail": detail})
        say(f"variation {variation.name:<10} {detail}")
    for number, several in shared.items():
        if not good[number] and all(_compared(one, baseline, *apart[one])[0] for one in several):
            name = together(several).name
            say(f"variation {name}: different together, though not alone")
            checks.append({"kind": "variation", "name": name, "ok": False,
                           "detail": "different together, though not alone"})
    say(f"variation: {NOT_COMPARED}")
    return checks


def _made(tree: Tree, folder: Path, builds: Sequence[Variation], say: Callable[[str], None]
          ) -> list[tuple[dict[str, bytes], str]]:
    return at_once(partial(_files, tree, say),
                   [folder / str(number) for number in range(len(builds))], builds)


def main() -> bool:
    """Run the variations on the project and print the table; tell whether all bytes stay the
    same."""
    tree = Tree.of(ROOT)
    print(f"reproducibility: {tree.sentence()}")
    with tempfile.TemporaryDirectory(prefix="kb-vary-") as name:
        checks = run(tree, Path(name).resolve())
    different = [check["name"] for check in checks if check["ok"] is False]
    print(f"reproducibility: "
          f"{'different under ' + ', '.join(different) if different else 'the same bytes'}")
    return not different


def _files(tree: Tree, say: Callable[[str], None], folder: Path,
           variation: Variation) -> tuple[dict[str, bytes], str]:
    """Build once; return every file, and what went wrong."""
    source, out = tree.check_out_to(folder / variation.path), folder / "made" / "out"
    for new in (folder / "home", out.parent):
        new.mkdir(parents=True)
    clock_shift.install(folder / "clock")
    if variation.owner is not None:
        _give(folder, variation.owner)
    environment = {name: value
                   and value.replace("{folder}", str(folder)).replace("{source}", str(source))
                   for name, value in variation.environment.items()}
    with CleanBuild(source, out, variation.jobs, environment, list(variation.before)) as build:
        error = build.wait()
    say(f"built: {variation.name}, {variation.what}")
    files = {} if error else files_of(out)
    shutil.rmtree(folder)
    return files, error


def _give(folder: Path, owner: int) -> None:
    """Let a user own a folder, and pass through the temporary folders above it."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, owner)
    top = Path(tempfile.gettempdir()).resolve()
    for above in folder.parents:
        if above == top:
            break
        above.chmod(0o711)


def _compared(variation: Variation, baseline: dict[str, bytes], files: dict[str, bytes],
              error: str) -> tuple[bool, str]:
    if error:
        return False, f"{variation.what}: {error}"
    different = sorted(path for path in baseline.keys() | files.keys()
                       if baseline.get(path) != files.get(path))
    if different:
        return False, (f"{variation.what}: {len(different)} of {len(baseline)} files differ, first "
                       f"{different[0]}")
    return True, f"{variation.what}: {len(files)} files, the same bytes"


def _user() -> Variation:
    what, reading = "an unprivileged user", "+dac_read_search"
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return Variation("user", what, not_here="only root can become another user")
    # The user may read everything, for the interpreter may lie in a folder of root's, and writes
    # only what is its own.
    before = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
              f"--inh-caps={reading}", f"--ambient-caps={reading}")
    if shutil.which("setpriv") is None or subprocess.run([*before, sys.executable, "-c", ""],
                                                         capture_output=True).returncode:
        return Variation("user", what, not_here="setpriv (util-linux) is not there or not allowed")
    return Variation("user", what, {"HOME": "{folder}/home"}, before, owner=NOBODY, shared=1)


def _locale(name: str, shared: int) -> Variation:
    listed = subprocess.run(["locale", "-a"], capture_output=True,
                            text=True).stdout if shutil.which("locale") else ""
    there = name == "C" or name.lower().replace("-", "") in listed.lower().replace("-", "").split()
    note = "" if there else ", set but not installed on this machine"
    return Variation("locale", f"{name}{note}", {"LANG": name, "LC_ALL": name, "LANGUAGE": name},
                     shared=shared)


def _python(statement: str) -> tuple[str, ...]:
    return sys.executable, "-c", FIRST.format(statement)
