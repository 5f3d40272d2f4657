"""Snapshot of a build, in a form that can be compared and kept in git: the reference is one.

In readable form, for the reference's own language: ``tables/*.csv``, ``figures/*.csv`` and
``hand_overs/*.csv`` that are not large, ``drawings/*.txt`` (words and their colours) and a small
``.png``, ``prose/*.md`` (what people read in each notebook, and the sidecars' texts),
``notebooks/*.txt`` (code and what else it shows). Of every other file, and of what differs from it
in another language, ``fingerprints/<lang>.txt`` holds what :mod:`helpers.verdict.reading` makes.
"""

import hashlib
import json
import re
from contextlib import suppress
from html import unescape
from pathlib import Path

from helpers.languages import DEFAULT, languages
from helpers.verdict import drawing, printed, reading

SAID = ("title", "caption", "alt", "source", "status")
LARGE = 60_000
PRINTS = "fingerprints/{}.txt"
WORDS = "#words"
UNSEEN = re.compile(r"(?s)<(style|script)\b.*?</\1>|<!--.*?-->")
ROW, CELL = re.compile(r"<(?:tr|p|div|caption|br|li)\b[^>]*>"), re.compile(r"<t[dh]\b[^>]*>")
FOLDERS = {"tables": "tables", "figures": "figures", "processed": "hand_overs"}


def files_of(out: Path) -> dict[str, bytes]:
    """Every file of a build, without the build's own notes and the verdict."""
    found = {}
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if path.is_file() and not any(part.startswith(".") for part in name.split("/")) and not (
                path.stem.startswith("verdict")):
            found[name] = path.read_bytes()
    return found


def language_of(files: dict[str, bytes]) -> str | None:
    """Language of the results, as their sidecars tell; None where there are none."""
    for path, content in files.items():
        if path.startswith(("tables/", "figures/")) and path.endswith(".json"):
            with suppress(ValueError, KeyError, TypeError):
                return str(json.loads(content)["lang"])
    return None


def of(files: dict[str, bytes], others: dict[str, dict[str, bytes]] | None = None
       ) -> dict[str, bytes]:
    """Snapshot of a build: path to content. `others` are builds in further languages."""
    found = readable(files)
    for name in _names(files, "figures", ".svg"):
        found[f"drawings/{name}.png"] = drawing.small(files[f"figures/{name}.svg"])
    own = all_prints(files)
    found[PRINTS.format(DEFAULT)] = reading.dump(
        {path: kept for path, kept in own.items() if kept_as(path) not in found})
    for lang, other in (others or {}).items():
        found[PRINTS.format(lang)] = reading.dump(
            {path: kept for path, kept in all_prints(other, words=True).items()
             if own.get(path) != kept})
    return found


def readable(files: dict[str, bytes]) -> dict[str, bytes]:
    """The part of a snapshot that people can read, without small pictures."""
    found = {place: content for path, content in files.items()
             if (place := kept_as(path)) and len(content) <= LARGE}
    for name in _names(files, "figures", ".svg"):
        said = drawing.words(files[f"figures/{name}.svg"])
        found[f"drawings/{name}.txt"] = ("\n".join(said) + "\n").encode()
    for kind in ("tables", "figures"):
        found[f"prose/{kind}.md"] = _sidecars(files, kind).encode()
    for name in _names(files, "notebooks", ".ipynb"):
        cells = json.loads(files[f"notebooks/{name}.ipynb"])["cells"]
        found[f"prose/{name}.md"] = prose(cells).encode()
        found[f"notebooks/{name}.txt"] = work(cells).encode()
    return found


def all_prints(files: dict[str, bytes], words: bool = False) -> dict[str, list[str]]:
    """Fingerprints of every file of a build; with those of the ``words`` of its drawings."""
    pictures = named_pictures(files)
    found = {}
    for path, content in files.items():
        found[path] = reading.fingerprints(path, reading.parts(path, content, pictures))
        if words and path.startswith("figures/") and path.endswith(".svg"):
            found[path + WORDS] = reading.fingerprints(path + WORDS, drawing.words(content))
    return found


def prints_of(kept: dict[str, bytes], lang: str) -> dict[str, list[str]]:
    """Fingerprints of a snapshot for builds in a language: its own, else those of the first."""
    found: dict[str, list[str]] = {}
    for one in dict.fromkeys((DEFAULT, lang)):
        found |= reading.load(kept.get(PRINTS.format(one), b""))
    return found


def named_pictures(files: dict[str, bytes]) -> dict[str, str]:
    """Pictures of a build by the hash of their bytes."""
    return {hashlib.sha256(files[path]).hexdigest(): path for path in files
            if path.startswith("figures/") and path.endswith(".png")}


def kept_as(path: str) -> str | None:
    """Where a snapshot keeps a file of a build as it is, when it is not large."""
    folder, _, name = path.rpartition("/")
    return f"{FOLDERS[folder]}/{name}" if folder in FOLDERS and name.endswith(".csv") else None


def known(kept: dict[str, bytes]) -> list[str]:
    """Languages that a snapshot knows."""
    return [lang for lang in languages() if PRINTS.format(lang) in kept]


def read(folder: Path) -> dict[str, bytes]:
    """Snapshot that a folder keeps; empty where there is none."""
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file() and path.parent != folder}


def prose(cells: list[dict]) -> str:
    """What people read in an executed notebook: Markdown cells and sentences that its code says.

    >>> shown = {"output_type": "execute_result", "data": {"text/markdown": "It is **0.31**."}}
    >>> print(prose([{"cell_type": "markdown", "source": "# Gini"},
    ...              {"cell_type": "code", "source": "1", "outputs": [shown]}]))
    # Gini
    <BLANKLINE>
    It is **0.31**.
    <BLANKLINE>
    """
    parts = []
    for cell in cells:
        if cell["cell_type"] == "markdown":
            parts.append(_joined(cell["source"]))
        for output in cell.get("outputs", []):
            if "text/markdown" in output.get("data", {}):
                parts.append(_joined(output["data"]["text/markdown"]))
    return "\n\n".join(parts) + "\n"


def work(cells: list[dict]) -> str:
    """Code of an executed notebook, and the texts of what it shows beside prose."""
    parts = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        parts.append(f"[{cell['id']}]\n{_joined(cell['source'])}")
        parts += [f"->\n{text}" for output in cell.get("outputs", []) if (text := _shown(output))]
    return "\n\n".join(parts) + "\n"


def _shown(output: dict) -> str:
    data = output.get("data", {})
    if "text/markdown" in data:
        return ""
    if "text/html" in data:
        return _text(_joined(data["text/html"]))
    return _joined(data.get("text/plain", output.get("text", "")))


def _sidecars(files: dict[str, bytes], kind: str) -> str:
    found = []
    for name in _names(files, kind, ".json"):
        about = json.loads(files[f"{kind}/{name}.json"])
        said = [f"{part}: {about[part]}" for part in SAID if part in about]
        found.append("\n".join(
            [f"## {name}", *said, f"made_from: {', '.join(about.get('made_from', []))}"]))
    return "\n\n".join(found) + "\n"


def _names(files: dict[str, bytes], folder: str, ending: str) -> list[str]:
    return [Path(path).stem for path in files
            if path.startswith(f"{folder}/") and path.endswith(ending)]


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _text(html: str) -> str:
    """Visible text of a fragment: a line a row, cells set apart."""
    seen = CELL.sub(" | ", ROW.sub("\n", UNSEEN.sub("", html)))
    lines = unescape(printed.TAG.sub("", seen)).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())
