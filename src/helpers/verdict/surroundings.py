"""What ran: versions of the libraries, and where they are not those of ``requirements.lock``."""

import re
from importlib import metadata
from pathlib import Path

PINNED = re.compile(r"(?m)^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)")


def libraries(lock: Path) -> dict[str, str]:
    """Installed versions of the libraries that are locked, those that are missing left out."""
    found = {}
    for name, _ in PINNED.findall(lock.read_text(encoding="utf-8")):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def not_as_locked(lock: Path, installed: dict[str, str]) -> list[str]:
    """Libraries that run at another version than the locked one, e.g. ``x 1.0 (locked: 1.1)``."""
    return [f"{name} {installed[name]} (locked: {version})"
            for name, version in PINNED.findall(lock.read_text(encoding="utf-8"))
            if installed.get(name, version) != version]
