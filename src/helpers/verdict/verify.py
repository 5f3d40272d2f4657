"""``make verify`` and ``make reference``: two clean builds of the committed tree, held against each
other and the reference."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from helpers import messages
from helpers.errors import InputError
from helpers.files import write
from helpers.messages import Message
from helpers.run.bring_up import bring_up, stale
from helpers.run.documents import SITE, VERDICT, bilingual
from helpers.run.output_dir import hold
from helpers.run.products import Products
from helpers.run.project import Project, tool
from helpers.verdict import compare, snapshot, verdict

LANG = "id"
COMMAND = "import sys; from helpers.cli import commands; sys.exit(commands.main(sys.argv[1:]))"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", "outputs", "processed", "__pycache__",
                                  ".pytest_cache", ".hypothesis", "*.egg-info",
                                  ".ipynb_checkpoints")


@dataclass(frozen=True)
class Tree:
    """The sources that are verified.

    Attributes
    ----------
    commit : str or None
        None outside a git checkout; then the folder as it stands is verified.
    state : {"clean", "dirty", "unknown"}
    dirty : tuple of str
        Files that differ from the commit. They are not verified.
    """

    root: Path
    commit: str | None
    state: str
    dirty: tuple[str, ...] = ()

    @classmethod
    def of(cls, root: Path) -> "Tree":
        """Look at a folder."""
        top = _git(root, "rev-parse", "--show-toplevel")
        commit = _git(root, "rev-parse", "--verify",
                      "HEAD") if top and Path(top).resolve() == root.resolve() else None
        if not commit:
            return cls(root, None, "unknown")
        listed = _git(root, "status", "--porcelain", "-z", "--no-renames") or ""
        changed = [entry[3:] for entry in listed.split("\0") if entry]
        return cls(root, commit, "dirty" if changed else "clean", tuple(changed))

    def lay(self, folder: Path) -> Path:
        """Put the sources into a new folder: a checkout of the commit, else a copy."""
        if self.commit is None:
            shutil.copytree(self.root, folder, ignore=LEFT_OUT)
            return folder
        for command in (["clone", "--quiet", "--no-checkout",
                         str(self.root),
                         str(folder)], [
                             "-C",
                             str(folder), "-c", "core.autocrlf=false", "checkout", "--quiet",
                             "--detach", self.commit
                         ]):
            subprocess.run(["git", "-c", "safe.directory=*", *command], check=True,
                           capture_output=True, text=True)
        return folder

    def sentence(self) -> Message:
        """Say what is verified."""
        if self.commit is None:
            return Message("not a git checkout: the folder is verified as it stands")
        if not self.dirty:
            return Message("commit {commit}, the tree is clean", commit=self.commit[:12])
        named = Message("{first} and {number} more" if len(self.dirty) > 5 else "{first}",
                        first=", ".join(self.dirty[:5]), number=len(self.dirty) - 5)
        return Message("commit {commit}; NOT verified are uncommitted changes in {files}",
                       commit=self.commit[:12], files=named)


class CleanBuild:
    """A whole build of a folder of sources by an interpreter of its own, with plain kernels.

    Parameters
    ----------
    source : Path
        The sources, as :meth:`Tree.lay` puts them.
    out : Path
        The output folder.
    jobs : int
    environment : dict, optional
        Variables in place of those of this process; None takes one away.
    before : list of str, optional
        A command that runs the build's command.
    variables : list of str, optional
        Further words for the command line, ``PARAMS=...``.
    """

    def __init__(self, source: Path, out: Path, jobs: int = 1,
                 environment: dict[str, str | None] | None = None, before: list[str] | None = None,
                 variables: list[str] | None = None):
        out.parent.mkdir(parents=True, exist_ok=True)
        self.source, self.out, self.log = source, out, out.with_name(f"{out.name}.log")
        chosen = {
            name: value for name, value in os.environ.items() if not name.startswith("KESENJANGAN_")
        }
        chosen |= {"PYTHONPATH": str(source / "src"), "KESENJANGAN_KERNELS": "plain"} | (environment
                                                                                         or {})
        command = [
            *(before or []), sys.executable, "-c", COMMAND, "all", f"OUT={out}", f"lang={LANG}",
            f"jobs={jobs}", *(variables or [])
        ]
        self.start = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=source, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={name: value for name, value in chosen.items() if value is not None})

    def wait(self) -> str:
        """Wait for the end; return what went wrong, empty when all went well."""
        code = self.process.wait()
        if code == 0:
            return ""
        lines = [
            line.strip()
            for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            if line.strip()
        ]
        errors = [line for line in lines if line.startswith("error:")
                  ] or lines[-1:] or [f"ended with exit code {code}"]
        # The verdict is read elsewhere, where the folders of this machine mean nothing.
        return errors[0].replace(str(self.source), "project").replace(str(self.out), "outputs")

    def stop(self) -> None:
        """End it, if it still runs."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


@contextmanager
def building(*builds: CleanBuild):
    """Make sure that no build outlives this process."""
    try:
        yield builds
    finally:
        for build in builds:
            build.stop()


def at_once(function: Callable, *arguments: Iterable) -> list:
    """Call a function that waits for a build, for as many builds at the same time as there are
    CPUs.

    Ctrl-C reaches the builds that run; those that wait are not started.
    """
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        futures = [pool.submit(function, *given) for given in zip(*arguments)]
        try:
            return [future.result() for future in futures]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def run(project: Project, full: bool, lang: str = LANG,
        say: Callable[[str], None] = messages.say) -> bool:
    """Verify the project and write the verdict into the output folder; tell whether everything
    holds.

    Parameters
    ----------
    project : Project
        Its root is verified; its output folder receives ``verdict.json``, ``site/verdict.html`` and
        its twin.
    full : bool
        Also vary the surroundings, mutate the sources, and break builds.
    lang : str
        Language of the page. What is built is Indonesian, as the reference is.
    """
    tree = Tree.of(project.root)
    say(Message("verify: {tree}", tree=tree.sentence()))
    with tempfile.TemporaryDirectory(prefix="kb-verify-") as name:
        folder = Path(name).resolve()
        sources = [tree.lay(folder / place / "project") for place in ("first", "second")]
        say(Message("verify: two builds with plain kernels, each in a folder of its own ..."))
        outs, errors = _build_twice(sources, say)
        items = verdict.judge(*outs, snapshot.read(sources[0] / "reference"),
                              verdict.Declared.of(sources[0]))
        extra = _further(sources[0], outs[0], folder / "full", say) if full and not errors else []
        found = verdict.as_json(items, _facts(tree, errors), extra)
        _publish(project, found, lang)
        _link(project)
    for line in verdict.summary(found):
        say(line)
    say(Message("verify: {verdict}, {table}", verdict=project.shown(project.out / "verdict.json"),
                table=project.shown(project.out / "site" / "verdict.html")))
    return verdict.holds(found)


def rewrite_reference(project: Project, say: Callable[[str], None] = messages.say) -> int:
    """Build the project as it stands and make that the reference; say what changed, claims
    first."""
    reference = project.root / "reference"
    with tempfile.TemporaryDirectory(prefix="kb-reference-") as name:
        out = Path(name).resolve() / "out"
        say(Message("reference: a clean build with plain kernels ..."))
        with building(CleanBuild(project.root, out, project.jobs)) as (build,):
            error = build.wait()
        if error:
            say(error)
            say(Message("reference: the build failed; nothing changed"))
            return 1
        before, after = snapshot.read(reference), snapshot.of(out)
        items = verdict.judge(out, out, before, verdict.Declared.of(project.root))
    changed = [item for item in items if not item.good]
    for item in changed if before else ():
        say(Message("{kind} {name}: {differences}", kind=item.kind, name=item.name,
                    differences="; ".join(map(verdict.sentence, item.differences))))
    for path in sorted(before.keys() - after.keys()):
        say(Message("{path}: no longer made", path=path))
        (reference / path).unlink()
    for path, content in after.items():
        # What lies within the tolerance stays as it is, so that another machine does not stir the
        # reference.
        if path not in before or compare.part(path, before[path], content) is not None:
            (reference / path).parent.mkdir(parents=True, exist_ok=True)
            write(reference / path, content)
    say(Message("reference: {changed} of {items} items changed" if changed
                else "reference: nothing changed", changed=len(changed), items=len(items)))
    return 0


def _build_twice(sources: list[Path], say: Callable[[str], None]) -> tuple[list[Path], list[str]]:
    """Build two folders at the same time, each in its own interpreter."""
    outs, errors = [source.parent / "out" for source in sources], []
    jobs = max(1, (os.cpu_count() or 1) // len(sources))
    with building(*(CleanBuild(source, out, jobs) for source, out in zip(sources, outs))) as builds:
        for number, build in enumerate(builds, start=1):
            error = build.wait()
            say(Message("build {number}: {error}" if error
                        else "build {number}: done after {seconds:.0f} s", number=number,
                        error=error, seconds=time.monotonic() - build.start))
            errors += [f"build {number}: {error}"] if error else []
    return outs, errors


def _further(source: Path, built: Path, folder: Path, say: Callable[[str], None]) -> list[dict]:
    """Vary the surroundings, change the sources on purpose, break builds."""
    fault_injection, mutation_checks, reproducibility = map(tool, (
        "checks.fault_injection", "checks.mutation_checks", "checks.reproducibility"))

    tree = Tree.of(source)
    kept, declared = snapshot.read(source / "reference"), verdict.Declared.of(source)
    checks = reproducibility.run(tree, folder / "variations", say)
    checks += mutation_checks.run(tree, built, kept, declared, folder / "mutations", say)
    return checks + fault_injection.run(folder / "faults")


def _facts(tree: Tree, errors: list[str]) -> dict:
    return {
        "commit": tree.commit, "tree": tree.state, "dirty": list(tree.dirty), "errors": errors,
        "lang": LANG, "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}", "tolerance": {
            "fractions": compare.RELATIVE, "picture_mean": compare.PICTURE_MEAN,
            "picture_worst_tile": compare.PICTURE_WORST, "else": "exact"
        }
    }


def _publish(project: Project, found: dict, lang: str) -> None:
    """Write the verdict as products of its own, which the site and ``make clean`` know."""
    from helpers.documents import site

    products = Products(project, VERDICT)
    with hold(project):
        staging = products.start()
        write(staging / "verdict.json", verdict.dump(found))
        for name, page in site.verdict_pages(found, lang, (project.out / "site"
                                                           / "index.html").is_file()).items():
            write(staging / "site" / name, page)
        products.accept()


def _link(project: Project) -> None:
    """Let the pages of a finished site lead to the verdict, when nothing else would run for
    that."""
    site = replace(project, lang=None, both=bilingual(project))
    try:
        if (project.out / "site" / "index.html").is_file() and stale(site, SITE.name) == [SITE.name]:
            bring_up(site, SITE.name)
    except InputError:
        # The folder as it stands now cannot be built; what was verified is the commit.
        return


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git says, None where there is no git or nothing for it."""
    try:
        done = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(root), *arguments],
                              capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.rstrip("\n") if done.returncode == 0 else None
