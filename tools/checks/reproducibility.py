"""The same bytes under other surroundings: the variations of reprotest, each a whole build,
compared with a plain one.

What cannot be varied on a machine is said, not passed over. Not compared is only ``.build``, the
build's own notes: they hold the times of files, and no result is read from them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from helpers.run.project import ROOT
from helpers.verdict.clean_build import CleanBuild, Tree
from helpers.verdict.snapshot import files_of
from tools.checks import clock_shift
from tools.checks.at_once import at_once

NOBODY = 65534
NOT_COMPARED = (".build is not compared: it is the build's own notes, with times of files; no "
                "result is read from it")
FIRST = "import os, sys; {}; os.execvp(sys.argv[1], sys.argv[1:])"


@dataclass(frozen=True)
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
    not_here: str = ""


BASELINE = Variation("baseline", "plain kernels, one job")


def variations() -> list[Variation]:
    """Return what is varied, as far as this machine allows."""
    found = [Variation("path", "another folder, deeper, with a space and ü",
                       path="jalan lain/dua/ü/project"), _user(),
             Variation("home", "an empty home folder",
                       {"HOME": "{folder}/home", "USERPROFILE": "{folder}/home"}),
             Variation("time zone", "Pacific/Kiritimati", {"TZ": "Pacific/Kiritimati"}),
             *(_locale(name) for name in ("C", "id_ID.UTF-8", "tr_TR.UTF-8")),
             Variation("date", "2000 days ahead",
                       {"PYTHONPATH": os.pathsep.join(["{folder}/clock", "{source}/src"])}),
             Variation("hash seed", "PYTHONHASHSEED=random", {"PYTHONHASHSEED": "random"}),
             Variation("jobs", "four jobs", jobs=4),
             Variation("kernels", "forked kernels, two jobs", {"KESENJANGAN_KERNELS": None},
                       jobs=2)]
    posix = "" if os.name == "posix" else "this system has no umask"
    found.append(Variation("umask", "077", before=_python("os.umask(0o077)"), not_here=posix))
    affinity = "" if hasattr(os,
                             "sched_setaffinity") else "this system does not bind processes to CPUs"
    found.append(
        Variation("CPUs", "one CPU seen", not_here=affinity,
                  before=_python("os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})")))
    return found


def run(tree: Tree, folder: Path, say: Callable[[str], None] = print) -> list[dict]:
    """Build under every variation and compare with the baseline.

    Parameters
    ----------
    tree : Tree
        The sources.
    folder : Path
        An empty folder for the builds.
    say : callable

    Returns
    -------
    list of dict
        kind, name, ok (None where it could not be varied), detail.
    """
    chosen = variations()
    possible = [BASELINE, *(variation for variation in chosen if not variation.not_here)]
    made = iter(at_once(partial(_files, tree, say),
                        [folder / str(number) for number in range(len(possible))], possible))
    baseline, error = next(made)
    if error:
        say(f"variation baseline: {error}")
        return [{"kind": "variation", "name": BASELINE.name, "ok": False, "detail": error}]
    checks = []
    for variation in chosen:
        ok, detail = (None, f"not varied here: {variation.not_here}"
                      ) if variation.not_here else _compared(variation, baseline, *next(made))
        checks.append({"kind": "variation", "name": variation.name, "ok": ok, "detail": detail})
        say(f"variation {variation.name:<10} {detail}")
    say(f"variation: {NOT_COMPARED}")
    return checks


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
    return Variation("user", what, {"HOME": "{folder}/home"}, before, owner=NOBODY)


def _locale(name: str) -> Variation:
    listed = subprocess.run(["locale", "-a"], capture_output=True,
                            text=True).stdout if shutil.which("locale") else ""
    there = name == "C" or name.lower().replace("-", "") in listed.lower().replace("-", "").split()
    note = "" if there else ", set but not installed on this machine"
    return Variation("locale", f"{name}{note}", {"LANG": name, "LC_ALL": name, "LANGUAGE": name})


def _python(statement: str) -> tuple[str, ...]:
    return sys.executable, "-c", FIRST.format(statement)
