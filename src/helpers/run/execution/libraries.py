"""Versions of the libraries that run, beside those that are locked."""

import os
import re
import sys
from pathlib import Path

LOCK = "requirements.lock"
PINNED = re.compile(r"(?m)^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)")
ABOUT = ".dist-info"


def libraries(lock: Path) -> dict[str, str]:
    """Installed versions of the libraries that are locked, those that are missing left out.

    They are read from the names of folders: every build looks at them.
    """
    found: dict[str, str] = {}
    for place in filter(os.path.isdir, sys.path):
        for entry in os.listdir(place):
            name, _, version = entry.removesuffix(ABOUT).rpartition("-")
            if entry.endswith(ABOUT):
                found.setdefault(_plain(name), version)
    return {name: found[_plain(name)] for name, _ in _pinned(lock) if _plain(name) in found}


def not_as_locked(lock: Path, installed: dict[str, str] | None = None) -> list[str]:
    """Libraries that run at another version than the locked one, e.g. ``x 1.0 (locked: 1.1)``."""
    installed = libraries(lock) if installed is None else installed
    return [f"{name} {installed[name]} (locked: {version})" for name, version in _pinned(lock)
            if installed.get(name, version) != version]


def _pinned(lock: Path) -> list[tuple[str, str]]:
    return PINNED.findall(lock.read_text(encoding="utf-8"))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()
