"""Which commit the project stands at, and whether its files are those of that commit."""

import datetime
import os
import subprocess
import tempfile
from pathlib import Path

UNKNOWN = "unknown"
# Settings of the person or the machine must not change the answer.
PLAIN = ("-c", "safe.directory=*", "-c", "core.fsmonitor=false")


def commit(root: Path) -> str | None:
    """Commit that is checked out at ``root``, read without git; None outside a checkout."""
    try:
        folder = root / ".git"
        if folder.is_file():
            folder = root / folder.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        head = (folder / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        return _of_branch(folder, head.removeprefix("ref: "))
    except OSError:
        return None


def _of_branch(folder: Path, name: str) -> str | None:
    pointer = folder / "commondir"
    shared = folder / pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else folder
    if (shared / name).is_file():
        return (shared / name).read_text(encoding="utf-8").strip()
    for line in (shared / "packed-refs").read_text(encoding="utf-8").splitlines():
        if line.endswith(f" {name}"):
            return line.split()[0]
    return None


def state(root: Path) -> dict[str, str]:
    """``commit`` and ``tree``: clean, changed (files differ from the commit), or unknown."""
    found = commit(root)
    if found is None:
        return {"commit": UNKNOWN, "tree": UNKNOWN}
    differing = changed(root)
    tree = UNKNOWN if differing is None else "changed" if differing else "clean"
    return {"commit": found, "tree": tree}


def changed(root: Path) -> list[str] | None:
    """Files that differ from the commit, also those that git was told to take for unchanged
    (``assume-unchanged``, ``skip-worktree``): an index of the commit alone knows no such marks.

    None where git cannot say it.
    """
    with tempfile.TemporaryDirectory(prefix="kb-index-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        if git(root, "read-tree", "HEAD", more=index) is None:
            return None
        listed = git(root, "-c", "core.checkStat=default", "-c", "core.untrackedCache=false",
                     "status", "--porcelain", "-z", "--no-renames", more=index)
    return None if listed is None else [entry[3:] for entry in listed.split("\0") if entry]


def date(root: Path, found: str) -> str | None:
    """Time of a commit, in universal time; None where it is not known."""
    seconds = None if found == UNKNOWN else git(root, "show", "--no-patch", "--format=%ct", found)
    if seconds is None:
        return None
    return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).isoformat()


def git(root: Path, *arguments: str, more: dict[str, str] | None = None) -> str | None:
    """What git says, whatever the person's settings; None without git, or nothing to say.

    ``more`` are further variables of its environment.
    """
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
                                "GIT_OPTIONAL_LOCKS": "0"} | (more or {})
    try:
        return subprocess.run(["git", *PLAIN, "-C", str(root), *arguments], env=environment,
                              capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
