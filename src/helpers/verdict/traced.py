"""Codes of the provenance held to the files themselves: what a build made, and what it was made
from."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from helpers.files import as_json, file_digest

RECORD = "provenance.json"
PAGE = "site/provenance.html"
CODE = re.compile(r"<code[^>]*>([0-9a-f]{16})")


def differences(files: dict[str, bytes], source: Path | None = None,
                commit: str | None = None) -> list[dict]:
    """Where the provenance of a build does not name the files that are there.

    Without the `source` folder only what was made is looked at; a `commit` is what it has to name.
    """
    if RECORD not in files:
        return []
    try:
        facts = json.loads(files[RECORD])
        documents = facts.pop("documents", {})
        found = [{"kind": "untraced", "name": path}
                 for product in [*facts["products"].values(), *documents.values()]
                 for path, code in product["files"].items()
                 if hashlib.sha256(files.get(path, b"")).hexdigest() != code]
        if source:
            found += [{"kind": "untraced", "name": path} for path, code in _read(facts)
                      if not _is(source / path, code)]
        if commit and facts["build"]["commit"] != commit:
            found.append({"kind": "untraced", "name": f"commit {facts['build']['commit'][:12]}"})
    except (ValueError, KeyError, TypeError, AttributeError):
        return [{"kind": "untraced", "name": RECORD}]
    text = files[RECORD].decode()
    found += [{"kind": "untraced", "name": f"{PAGE}, {code}"}
              for code in CODE.findall(files.get(PAGE, b"").decode()) if code not in text]
    # The site shows what report and slides were made of, not these.
    if f"site/{RECORD}" in files and files[f"site/{RECORD}"] != (
            as_json(facts).encode() if documents else files[RECORD]):
        found.append({"kind": "copy", "name": f"site/{RECORD}", "other": RECORD})
    return found


def _read(facts: dict) -> Iterator[tuple[str, str]]:
    for stage in facts["stages"].values():
        yield stage["notebook"]["path"], stage["notebook"]["sha256"]
        yield stage["lock"]["path"], stage["lock"]["sha256"]
        yield from ((f"src/{path}", code) for path, code in stage["helpers"].items())
        yield from ((f"data/raw/{one['path']}", one["sha256"])
                    for one in stage["resources"].values())


def _is(path: Path, code: str) -> bool:
    try:
        return file_digest(path) == code
    except OSError:
        return False
