"""What a file of a build says, part by part, and the fingerprints by which the reference keeps it.

A part is what a difference can be named by: a row, a block of a page with its markup (text,
colours, alternative texts, links, scripts), a cell of a notebook, a slide, a page of the report,
a picture in one of these. What names the state of the
project and not its results is left out: codes of files and commits, checked by themselves in
:mod:`helpers.verdict.traced`. A fraction counts with nine digits.
"""

import base64
import hashlib
import io
import json
import re
import zipfile
import zlib
from difflib import SequenceMatcher
from functools import cache

from helpers.files import as_json
from helpers.languages import languages
from helpers.publish.texts import catalogue
from helpers.verdict import drawing

AT_MOST = 12
CODE = re.compile(r"(?<![.,\w])(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{16})\b")
FRACTION = re.compile(r"-?\d+\.\d{9,}(?:e[-+]?\d+)?")
PYTHON = re.compile(r'(<dt>Python</dt><dd>|"python": ")[\d.]+')
COMMITTED = re.compile(r'("(?:commit|tree)": ")[^"]*')
BLOCK = re.compile(r"(?i)(?=<(?:!doctype|title|meta|link|body|header|main|footer|nav|section|tr|p|"
                   r"li|h[1-6]|dt|dd|div|figure|figcaption|caption|pre|details|summary|script|"
                   r"style|svg|dl|ul|ol|a|img|g|path|option)\b)")
TAG = re.compile(r"<[^>]*>")
ROW = re.compile(rb"(?=<row\b)")
SLIDE = re.compile(r"(?=<section\b)")
PARAGRAPH = re.compile(r"(?=<w:p[ >])")
TOGETHER = 40  # paragraphs of the report that are one part
EMBEDDED = re.compile(r"data:[\w/+.-]+;base64,[\w+/=]+")
SURROUNDED = re.compile(r"(Python )\d+\.\d+\.\d+")
# Pages of the report that take more are drawings; it takes long to read their words.
OF_WORDS = 200_000
PICTURE = "picture "
STATES = ("clean", "changed", "unknown")
STATED = re.compile(r"…[\s.…]*")
DOCUMENTS = ("report.pdf", "report.docx", "report/", "slides/")
ENTRY = re.compile(r"(?<=[}\]]),")
# What the readers of broken archives raise; an encrypted one is a RuntimeError.
BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError)


def parts(path: str, content: bytes, pictures: dict[str, str]) -> list[str]:
    """What a file says; `pictures` names those of the build by the hash of their bytes."""
    ending = path.rpartition(".")[2]
    if ending in ("png", "webp"):
        return [drawing.pixels(content)]
    if ending == "xlsx":
        return _workbook(content)
    if ending == "pdf":
        return _printed(content)
    if ending == "docx":
        return _written(content)
    text = content.decode("utf-8", errors="replace")
    if ending == "svg":
        return text.splitlines()
    if ending == "ipynb":
        return [_settled(cell) for cell in _cells(text, pictures)]
    if path.startswith("slides/"):
        return _slides(_settled(text))
    if path.endswith("provenance.json"):
        text = _without_documents(text)
    text = _settled(text)
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


def words_of(kept: list[str], found: list[str]) -> tuple[list[str], list[str]]:
    """Fingerprints and parts of a document without its pictures, where it has as many parts."""
    if len(kept) != len(found):
        return kept, found
    places = [place for place, part in enumerate(found) if not part.startswith(PICTURE)]
    return [kept[place] for place in places], [found[place] for place in places]


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
    seen = " ".join(TAG.sub(" ", part).split())
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


def _settled(text: str) -> str:
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


def _workbook(content: bytes) -> list[str]:
    """Rows of all sheets, and the other parts of a workbook, as they stand in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return [f"{name}: {part.decode('utf-8', errors='replace')}"
                    for name in sorted(book.namelist()) for part in ROW.split(book.read(name))]
    except BROKEN:
        return _unreadable("workbook", content)


def _unreadable(kind: str, content: bytes) -> list[str]:
    """What nobody can read is compared as it is: two broken files are not the same."""
    return [f"not a {kind}: {hashlib.sha256(content).hexdigest()[:12]}"]


def _printed(content: bytes) -> list[str]:
    """Pages of a PDF: the words of each with its links, and how it is drawn; of those that name
    codes, which come last, the words alone."""
    import pypdf

    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        about = str(dict(reader.metadata or {}))
        pages = [_page(page) for page in reader.pages]
    # The reader raises these too where bytes of a file are wrong.
    except (pypdf.errors.PyPdfError, pypdf.errors.DeprecationError, AttributeError, LookupError,
            NotImplementedError, TypeError, ValueError):
        return _unreadable("PDF", content)
    coded = [_stated(words) for words, _ in pages]
    told = [PICTURE + drawn if not words else f"{words}\n{drawn}"
            for (words, drawn), settled in zip(pages, coded) if settled == words]
    return [about, *told, " ".join(words for words in coded if "…" in words)]


def _stated(text: str) -> str:
    """Words of the report without what names the state of the project."""
    settled = _settled(text)
    return text if settled == text else STATED.sub("… ", SURROUNDED.sub(
        r"\1…", " ".join(settled.split())))


def _page(page) -> tuple[str, str]:
    """Words and links of a page, none of a drawing; the code of what is drawn on it."""
    content = page.get_contents()
    stream = b"" if content is None else content.get_data()
    links = [str(note.get_object().get("/A", {}).get("/URI", ""))
             for note in page.get("/Annots", [])]
    drawn, found = [stream], list(page.get("/Resources", {}).get("/XObject", {}).values())
    words = "" if found or len(stream) > OF_WORDS else " ".join(page.extract_text().split())
    while found:
        part = found.pop().get_object()
        drawn.append(part.get_data())
        found += part.get("/Resources", {}).get("/XObject", {}).values()
    if words:
        words = " ".join([words, *filter(None, links)])
    return words, hashlib.sha256(b"".join([*drawn, *map(str.encode, links)])).hexdigest()[:12]


def _written(content: bytes) -> list[str]:
    """Text of a Word file, paragraphs together, then its other parts and pictures."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            members = {name: book.read(name) for name in sorted(book.namelist())}
    except BROKEN:
        return _unreadable("document", content)
    text = members.pop("word/document.xml", b"").decode("utf-8", errors="replace")
    paragraphs = [told if "…" in (told := _stated(TAG.sub(" ", one))) else one
                  for one in PARAGRAPH.split(text)]
    found = ["".join(paragraphs[start:start + TOGETHER])
             for start in range(0, len(paragraphs), TOGETHER)]
    for name, member in members.items():
        picture = name.startswith("word/media/")
        found.append(f"{PICTURE * picture}{name}: {hashlib.sha256(member).hexdigest()[:12]}")
    return found


def _slides(text: str) -> list[str]:
    """Slides of a deck, each followed by the pictures on it."""
    found = []
    for slide in SLIDE.split(text):
        found.append(" ".join(EMBEDDED.sub("…", slide).split()))
        if pictures := EMBEDDED.findall(slide):
            found.append(PICTURE + hashlib.sha256("".join(pictures).encode()).hexdigest()[:12])
    return found


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
