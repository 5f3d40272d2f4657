"""Where things are. The root is found from this file, never from the working directory."""

import os
from pathlib import Path

from helpers.files import run_facts

ROOT = Path(__file__).resolve().parents[3]
DEFAULT_RAW = "data/raw"
DEFAULT_OUT = "outputs"


def from_root(path: str | os.PathLike) -> Path:
    """Read a path as the project does: relative paths start at the project's root."""
    return (ROOT / path).resolve()


def raw_folder() -> Path:
    """Folder of the data package: that of the run, else ``data/raw``."""
    return from_root(run_facts().get("raw", DEFAULT_RAW))


def out_folder() -> Path:
    """Folder that results are read from: that of the run, else ``outputs``."""
    return from_root(run_facts().get("out", DEFAULT_OUT))


def processed_folder(out: Path) -> Path:
    """Return the folder of the hand-overs that belong to an output folder.

    The project's own outputs keep theirs in ``data/processed``; any other output folder carries its
    own, so that a build of another package never mixes with this one.
    """
    return ROOT / "data" / "processed" if out == from_root(DEFAULT_OUT) else out / "processed"
