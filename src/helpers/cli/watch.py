"""``make watch``: brings a target up to date again whenever something that it reads was edited."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import repeat
from pathlib import Path

from helpers.messages import say
from helpers.run.project import MADE, ROOT, Project

PAUSE = 0.7  # seconds between two glances


def run(project: Project, target: str, build: Callable[[], object],
        glances: Iterable = repeat(None), wait: Callable[[float], None] = time.sleep) -> int:
    """Build, then build again after every edit, until Ctrl-C. A build that fails says so, and the
    next edit tries again."""
    say("watch: {target} is made again after every edit of notebooks, data, parameters or helpers; "
        "Ctrl-C ends it", target=target)
    before: dict[Path, tuple] | None = None
    for _ in glances:
        now = stamps(project)
        if before is None:
            build()
        elif now != before:
            changed = min(path for path in {*now, *before} if now.get(path) != before.get(path))
            say("watch: {name} changed", name=project.shown(changed))
            build()
        before = now
        wait(PAUSE)
    return 0


def stamps(project: Project) -> dict[Path, tuple[int, int]]:
    """Time and size of every file that a build may read: they say that something may have changed;
    the build itself goes by bytes."""
    found = {}
    folders = (project.raw, project.notebooks, project.source)
    for path in [*(path for folder in folders for path in folder.rglob("*")), *project.plan_files,
                 *filter(None, [project.root / "params.yml", project.parameters_file])]:
        # What an editor writes beside a file, and then removes, is none of it.
        if not path.name.startswith((".", "~")) and not {*path.parts} & MADE and path.is_file():
            with suppress(FileNotFoundError):  # gone since: as an editor saves
                about = path.stat()
                found[path] = (about.st_mtime_ns, about.st_size)
    return found


def build_apart(arguments: list[str]) -> None:
    """Call of the command line in a process of its own, which reads code that was edited anew; what
    Ctrl-C ends has said so itself."""
    process = subprocess.Popen([sys.executable, str(ROOT / "src" / "helpers"), *arguments])
    try:
        process.wait()
    except KeyboardInterrupt:
        process.wait()
        raise
