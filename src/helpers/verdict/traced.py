"""Codes of the provenance held to the files themselves: what a build made, and what it was made
from."""

import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from helpers.files import as_json, file_digest
from helpers.languages import languages
from helpers.publish.texts import catalogue

RECORD = "provenance.json"
PAGE = "site/provenance.html"
SHOWN = re.compile(r"<code[^>]*>([0-9a-f]{16})")
CODE = re.compile(r"(?<![.,\w])(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{16})\b")
FRACTION = re.compile(r"-?\d+\.\d{9,}(?:e[-+]?\d+)?")
PYTHON = re.compile(r'(<dt>Python</dt><dd>|"python": ")[\d.]+')
COMMITTED = re.compile(r'("(?:commit|tree)": ")[^"]*')
STATES = ("clean", "changed", "unknown")


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
              for code in SHOWN.findall(files.get(PAGE, b"").decode()) if code not in text]
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


def settled(text: str) -> str:
    """Text without what names the state of the project, fractions with nine digits."""
    text = FRACTION.sub(lambda found: f"{float(found[0]):.9g}", CODE.sub("…", text))
    text = PYTHON.sub(r"\1…", COMMITTED.sub(r"\1…", text))
    for sentence in _states():
        text = text.replace(sentence, "…")
    return text


@cache
def _states() -> set[str]:
    """Sentences about the state of the project, on pages and in the report."""
    site = {text for lang in languages() for key, text in catalogue("site", lang).items()
            if key.startswith("provenance.tree.")}
    return site | {half.strip() for lang in languages() for state in STATES
                   for half in catalogue("report", lang)[f"appendix.provenance.{state}"].split(
                       "`{commit}`") if len(half) > 1}
