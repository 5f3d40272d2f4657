"""What the documents of a build say, part by part: pages of the report as PDF, paragraphs of it as
Word file, slides of a deck, and the pictures in them."""

import hashlib
import io
import re
import zipfile
import zlib

from helpers.verdict.traced import settled

DOCUMENTS = ("report.pdf", "report.docx", "report/", "slides/")
SLIDE = re.compile(r"(?=<section\b)")
PARAGRAPH = re.compile(r"(?=<w:p[ >])")
TAG = re.compile(r"<[^>]*>")
TOGETHER = 40  # paragraphs of the report that are one part
EMBEDDED = re.compile(r"data:[\w/+.-]+;base64,[\w+/=]+")
SURROUNDED = re.compile(r"(Python )\d+\.\d+\.\d+")
# Pages of the report that take more are drawings; it takes long to read their words.
OF_WORDS = 200_000
PICTURE = "picture "
STATED = re.compile(r"…[\s.…]*")
# What the readers of broken archives raise; an encrypted one is a RuntimeError.
BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError)


def pdf(content: bytes) -> list[str]:
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
        return unreadable("PDF", content)
    coded = [_stated(words) for words, _ in pages]
    told = [PICTURE + drawn if not words else f"{words}\n{drawn}"
            for (words, drawn), bare in zip(pages, coded) if bare == words]
    return [about, *told, " ".join(words for words in coded if "…" in words)]


def word_file(content: bytes) -> list[str]:
    """Text of a Word file, paragraphs together, then its other parts and pictures."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            members = {name: book.read(name) for name in sorted(book.namelist())}
    except BROKEN:
        return unreadable("document", content)
    text = members.pop("word/document.xml", b"").decode("utf-8", errors="replace")
    paragraphs = [told if "…" in (told := _stated(TAG.sub(" ", one))) else one
                  for one in PARAGRAPH.split(text)]
    found = ["".join(paragraphs[start:start + TOGETHER])
             for start in range(0, len(paragraphs), TOGETHER)]
    for name, member in members.items():
        picture = name.startswith("word/media/")
        found.append(f"{PICTURE * picture}{name}: {hashlib.sha256(member).hexdigest()[:12]}")
    return found


def slides(text: str) -> list[str]:
    """Slides of a deck, each followed by the pictures on it."""
    found = []
    for slide in SLIDE.split(text):
        found.append(" ".join(EMBEDDED.sub("…", slide).split()))
        if pictures := EMBEDDED.findall(slide):
            found.append(PICTURE + hashlib.sha256("".join(pictures).encode()).hexdigest()[:12])
    return found


def words_of(kept: list[str], found: list[str]) -> tuple[list[str], list[str]]:
    """Fingerprints and parts of a document without its pictures, where it has as many parts."""
    if len(kept) != len(found):
        return kept, found
    places = [place for place, part in enumerate(found) if not part.startswith(PICTURE)]
    return [kept[place] for place in places], [found[place] for place in places]


def unreadable(kind: str, content: bytes) -> list[str]:
    """What nobody can read is compared as it is: two broken files are not the same."""
    return [f"not a {kind}: {hashlib.sha256(content).hexdigest()[:12]}"]


def _stated(text: str) -> str:
    """Words of the report without what names the state of the project."""
    bare = settled(text)
    return text if bare == text else STATED.sub("… ", SURROUNDED.sub(
        r"\1…", " ".join(bare.split())))


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
