"""Clean builds: the sources as they are committed, built by an interpreter of their own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from helpers.languages import DEFAULT as LANG
from helpers.messages import Message
from helpers.run.provenance import git_state

TARGETS = ("all", "report", "slides")  # whatever people read of the results
COMMAND = f"""import sys
from helpers.cli import commands
for target in {TARGETS}:
    if status := commands.main([target, *sys.argv[1:]]):
        sys.exit(status)
"""
LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", "outputs", "processed", "__pycache__",
                                  ".pytest_cache", ".hypothesis", "*.egg-info",
                                  ".ipynb_checkpoints")


@dataclass(frozen=True)
class Tree:
    """The sources that are verified.

    Outside a git checkout the commit is None, and the folder as it stands is verified; else
    ``dirty`` are files that differ from the commit, which are not. ``state`` is clean, dirty or
    unknown.
    """

    root: Path
    commit: str | None
    state: str
    dirty: tuple[str, ...] = ()

    @classmethod
    def of(cls, root: Path) -> "Tree":
        """The sources in a folder."""
        commit = git_state.commit(root)
        if commit is None:
            return cls(root, None, "unknown")
        changed = git_state.changed(root) or []
        return cls(root, commit, "dirty" if changed else "clean", tuple(changed))

    def check_out_to(self, folder: Path) -> Path:
        """Put the sources into a new folder: a checkout of the commit, else a copy."""
        if self.commit is None:
            shutil.copytree(self.root, folder, ignore=LEFT_OUT)
            return folder
        clone = ["clone", "--quiet", "--no-checkout", str(self.root), str(folder)]
        checkout = ["-C", str(folder), "-c", "core.autocrlf=false", "checkout", "--quiet",
                    "--detach", self.commit]
        for command in (clone, checkout):
            subprocess.run(["git", "-c", "safe.directory=*", *command], check=True,
                           capture_output=True, text=True)
        return folder

    def sentence(self) -> Message:
        """What is verified."""
        if self.commit is None:
            return Message("not a git checkout: the folder is verified as it stands")
        if not self.dirty:
            return Message("commit {commit}, the tree is clean", commit=self.commit[:12])
        named = Message("{first} and {number} more" if len(self.dirty) > 5 else "{first}",
                        first=", ".join(self.dirty[:5]), number=len(self.dirty) - 5)
        return Message("commit {commit}; NOT verified are uncommitted changes in {files}",
                       commit=self.commit[:12], files=named)


class CleanBuild:
    """A whole build of a folder of sources, with report and slides, by an interpreter of its own,
    with plain kernels; left as a context, it does not outlive this process.

    ``environment`` takes the place of variables of this process, or takes them away (None);
    ``before`` is a command that runs the build's command.
    """

    def __init__(self, source: Path, out: Path, jobs: int = 1,
                 environment: dict[str, str | None] | None = None,
                 before: list[str] | None = None, lang: str = LANG):
        out.parent.mkdir(parents=True, exist_ok=True)
        self.source, self.out, self.log = source, out, out.with_name(f"{out.name}.log")
        chosen = {name: value for name, value in os.environ.items()
                  if not name.startswith("KESENJANGAN_")}
        chosen |= {"PYTHONPATH": str(source / "src"), "KESENJANGAN_KERNELS": "plain"}
        chosen |= environment or {}
        command = [*(before or []), sys.executable, "-c", COMMAND, f"OUT={out}",
                   f"lang={lang}", f"jobs={jobs}"]
        self.start = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=source, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={name: value for name, value in chosen.items() if value is not None})

    def __enter__(self) -> "CleanBuild":
        return self

    def __exit__(self, *raised) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()

    def wait(self) -> str:
        """Wait for the end; return what went wrong, empty when all went well."""
        code = self.process.wait()
        if code == 0:
            return ""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("error:")] or lines[-1:] or [
            f"ended with exit code {code}"]
        # The verdict is read elsewhere, where the folders of this machine mean nothing.
        return errors[0].replace(str(self.source), "project").replace(str(self.out), "outputs")


def build_together(wanted: list[tuple[Path, Path, str]], say: Callable) -> list[str]:
    """Errors of builds at the same time, each of sources into a folder, in a language."""
    errors, jobs = [], max(1, (os.cpu_count() or 1) // len(wanted))
    with ExitStack() as stack:
        builds = [stack.enter_context(CleanBuild(source, out, jobs, lang=lang))
                  for source, out, lang in wanted]
        for number, build in enumerate(builds, start=1):
            error = build.wait()
            say(Message("build {number}: {error}" if error
                        else "build {number}: done after {seconds:.0f} s", number=number,
                        error=error, seconds=time.monotonic() - build.start))
            errors += [f"build {number}: {error}"] if error else []
    return errors
