"""Snapshot of a build, in a form that can be compared and kept in git: the reference is one.

``tables/*.csv``, ``figures/*.csv`` and a reduced ``.png``, ``hand_overs/*.csv``, ``prose/*.md``
(what people read in each notebook, and the side-cars' texts), ``notebooks/*.txt`` (code and what
else it shows), ``pages/*.txt`` (headings).
"""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from helpers.verdict import compare

SAID = ("title", "caption", "alt", "source", "status")


def of(out: Path) -> dict[str, bytes]:
    """Snapshot of the build in an output folder: path to content."""
    found: dict[str, bytes] = {}
    for folder in ("tables", "processed", "figures"):
        place = "hand_overs" if folder == "processed" else folder
        for path in _files(out / folder, "*.csv"):
            found[f"{place}/{path.name}"] = path.read_bytes()
    for path in _files(out / "figures", "*.png"):
        found[f"figures/{path.name}"] = compare.reduced(path.read_bytes())
    for kind in ("tables", "figures"):
        found[f"prose/{kind}.md"] = _sidecars(out / kind).encode()
    for path in _files(out / "notebooks", "*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found[f"prose/{path.stem}.md"] = prose(cells).encode()
        found[f"notebooks/{path.stem}.txt"] = work(cells).encode()
    for path in _files(out / "site", "*.html"):
        found[f"pages/{path.stem}.txt"] = headings(path.read_text(encoding="utf-8")).encode()
    return found


def read(folder: Path) -> dict[str, bytes]:
    """Snapshot that a folder keeps; empty where there is none."""
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file() and path.parent != folder}


def prose(cells: list[dict]) -> str:
    """What people read in an executed notebook: Markdown cells and sentences that its code says.

    Examples
    --------
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


def headings(page: str) -> str:
    """Headings of a page, one a line.

    Examples
    --------
    >>> headings("<h1>Peta</h1><p>x</p><h2 id='a'>Kelas <b>dan</b> warna</h2>")
    'Peta\\nKelas dan warna\\n'
    """
    return "".join(f"{' '.join(_text(inner).split())}\n"
                   for inner in re.findall(r"(?s)<h[1-3]\b[^>]*>(.*?)</h[1-3]>", page))


def _shown(output: dict) -> str:
    data = output.get("data", {})
    if "text/markdown" in data:
        return ""
    if "text/html" in data:
        return _text(_joined(data["text/html"]))
    return _joined(data.get("text/plain", output.get("text", "")))


def _sidecars(folder: Path) -> str:
    parts = []
    for path in _files(folder, "*.json"):
        about = json.loads(path.read_text(encoding="utf-8"))
        said = [f"{name}: {about[name]}" for name in SAID if name in about]
        parts.append("\n".join(
            [f"## {path.stem}", *said, f"made_from: {', '.join(about.get('made_from', []))}"]))
    return "\n\n".join(parts) + "\n"


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    return (path for path in sorted(folder.glob(pattern)) if path.is_file())


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _text(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    lines = ("".join(reader.parts)).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())


class _Reader(HTMLParser):
    """Visible text of a fragment: a line a row, cells set apart."""

    def __init__(self):
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in ("style", "script")
        if tag in ("tr", "p", "div", "caption", "br", "li"):
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" | ")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("style", "script")

    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(data)
