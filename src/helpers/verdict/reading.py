"""What a file of a build says, part by part, and the fingerprints by which the reference keeps it.

A part is what a difference can be named by: a row, a block of a page with its markup (text,
colours, alternative texts, links, scripts), a cell of a notebook, a part of a document (see
:mod:`helpers.verdict.printed`). What names the state of the project and not its results is left
out: codes of files and commits, checked by themselves in :mod:`helpers.verdict.traced`. A fraction
counts with nine digits.
"""

import base64
import hashlib
import io
import json
import re
import zipfile
from difflib import SequenceMatcher

from helpers.files import as_json
from helpers.verdict import drawing, printed
from helpers.verdict.traced import settled

AT_MOST = 12
BLOCK = re.compile(r"(?i)(?=<(?:!doctype|title|meta|link|body|header|main|footer|nav|section|tr|p|"
                   r"li|h[1-6]|dt|dd|div|figure|figcaption|caption|pre|details|summary|script|"
                   r"style|svg|dl|ul|ol|a|img|g|path|option)\b)")
ROW = re.compile(rb"(?=<row\b)")
ENTRY = re.compile(r"(?<=[}\]]),")


def parts(path: str, content: bytes, pictures: dict[str, str]) -> list[str]:
    """What a file says; `pictures` names those of the build by the hash of their bytes."""
    ending = path.rpartition(".")[2]
    if ending in ("png", "webp"):
        return [drawing.pixels(content)]
    if ending == "xlsx":
        return _workbook(content)
    if ending == "pdf":
        return printed.pdf(content)
    if ending == "docx":
        return printed.word_file(content)
    text = content.decode("utf-8", errors="replace")
    if ending == "svg":
        return text.splitlines()
    if ending == "ipynb":
        return [settled(cell) for cell in _cells(text, pictures)]
    if path.startswith("slides/"):
        return printed.slides(settled(text))
    if path.endswith("provenance.json"):
        text = _without_documents(text)
    text = settled(text)
    if ending == "csv":  # blank rows and ends of lines are part of what is downloaded
        return text.removesuffix("\n").split("\n")
    if ending == "html":
        found = [" ".join(block.split()) for block in BLOCK.split(text)]
    elif path.endswith("search-index.js"):
        found = ENTRY.split(text)
    else:
        found = text.splitlines()
    return [part for part in found if part]


def fingerprints(path: str, found: list[str]) -> list[str]:
    """Eight letters for every part of what people read; of other files at most twelve."""
    each = _each(path, found)
    texts = ("\n".join(found[start:start + each]) for start in range(0, len(found), each))
    return [base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())[:8].decode()
            for text in texts]


def _each(path: str, found: list[str]) -> int:
    """Parts that one fingerprint stands for; the workbooks and the site's own copies of tables
    say what is compared elsewhere row by row."""
    single = path.endswith((".html", ".ipynb", ".pdf", ".docx")) or (path.endswith(".csv")
                                                    and not path.startswith("site/"))
    return 1 if single else max(1, -(-len(found) // AT_MOST))


def difference(path: str, kept: list[str], found: list[str]) -> dict | None:
    """First place in which a file does not say what the fingerprints that were kept stand for.

    >>> kept = fingerprints("x.csv", ["a", "b", "c"])
    >>> difference("x.csv", kept, ["a", "B", "c"])
    {'kind': 'said', 'name': 'x.csv', 'row': 2, 'found': 'B'}
    >>> difference("x.csv", kept, ["a", "c"])
    {'kind': 'not_said', 'name': 'x.csv', 'row': 2, 'number': 1}
    """
    now = fingerprints(path, found)
    if kept == now:
        return None
    # The finding of the longest common part takes too long where nearly all differs.
    first = next((place for place, pair in enumerate(zip(kept, now)) if pair[0] != pair[1]),
                 min(len(kept), len(now)))
    window = slice(first, first + 400)
    change, start, end, at, until = next(
        code for code in SequenceMatcher(None, kept[window], now[window],
                                         autojunk=False).get_opcodes() if code[0] != "equal")
    if change == "delete":
        return {"kind": "not_said", "name": path, "row": first + at + 1, "number": end - start}
    each = _each(path, found)
    said = found[(first + at) * each:(first + until) * each] or [""]
    return {"kind": "said", "name": path, "row": (first + at) * each + 1,
            "found": shown(said[0])}


def shown(part: str) -> str:
    """A part as people see it; its markup where it has nothing else."""
    seen = " ".join(printed.TAG.sub(" ", part).split())
    text = seen if len(seen) > 1 else part
    return text if len(text) <= 160 else text[:160] + "…"


def dump(kept: dict[str, list[str]]) -> bytes:
    """Fingerprints of files as the text of a file."""
    rows = []
    for path, found in kept.items():
        rows += [path, *(" " + " ".join(found[start:start + 11])
                         for start in range(0, len(found), 11))]
    return ("\n".join(rows) + "\n").encode()


def load(text: bytes) -> dict[str, list[str]]:
    """Fingerprints that `dump` wrote."""
    kept: dict[str, list[str]] = {}
    path = ""
    for line in text.decode().splitlines():
        if line.startswith(" "):
            kept[path] += line.split()
        else:
            path = line
            kept[path] = []
    return kept


def _workbook(content: bytes) -> list[str]:
    """Rows of all sheets, and the other parts of a workbook, as they stand in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return [f"{name}: {part.decode('utf-8', errors='replace')}"
                    for name in sorted(book.namelist()) for part in ROW.split(book.read(name))]
    except printed.BROKEN:
        return printed.unreadable("workbook", content)


def _without_documents(text: str) -> str:
    """Provenance without what it says of report and slides, whose making changes no other result;
    their hashes are held to the files."""
    try:
        facts = json.loads(text)
        return as_json(facts) if facts.pop("documents", None) else text
    except (ValueError, AttributeError):
        return text


def _cells(text: str, pictures: dict[str, str]) -> list[str]:
    """Cells of a notebook: source, outputs, and which picture of the build each one shows."""
    try:
        cells = json.loads(text)["cells"]
    except (ValueError, KeyError):
        return text.splitlines()
    found = []
    for cell in cells:
        outputs = []
        for output in cell.get("outputs", []):
            data = dict(output.get("data", {}))
            if "image/png" in data:
                content = base64.b64decode("".join(data["image/png"]))
                code = hashlib.sha256(content).hexdigest()
                data["image/png"] = pictures.get(code) or drawing.pixels(content)
            outputs.append(output | {"data": data})
        beside = [cell["attachments"]] if cell.get("attachments") else []
        found.append(json.dumps([cell["cell_type"], cell["source"], outputs, cell["metadata"].get(
            "tags"), *beside], ensure_ascii=False))
    return found
