"""Notebook as slides: a heading and one idea a slide, the whole text in the speaker's notes.

Cells say themselves which are slides, as JupyterLab writes it: ``slideshow.slide_type`` is
``slide`` (the next one to the right), ``subslide`` (the next one below), ``-`` (goes on) or
``notes`` (only the speaker sees it). A cell without it is not in the deck.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import takewhile, zip_longest
from pathlib import Path

from helpers.documents.slides import picture

HERE = Path(__file__).parent
STARTS = ("slide", "subslide")
# A longer table is cut on a slide, and more sentences go on to the next one; the page has it all.
ROWS = 7
SENTENCES = 4
LENGTH = 170  # characters
SHORT = 45  # of a sentence that says nothing without the next one
LINES = 230  # characters of a finding that take the room of one sentence
FORMULA = 2  # sentences whose room a formula with its symbols takes, and a table of many rows
FEW = 4  # rows
FOLDED = "<details"
RAW = re.compile(r"`[a-z_]+`")  # a name of the program, which only the speaker sees
CODED = re.compile(r"(<td>[^<]+) <code>[^<]*</code></td>")  # a name has no code on a wall
BEGINS_WHOLE = re.compile(r"\$\$|\||(?:[-*]|\d+\.) ")  # formula, table, list
SYMBOLS = ("Here $", "Di sini $")  # begins what a formula's symbols mean
# A label such as "**Question.**" is no sentence of its own.
SENTENCE = re.compile(r"(?:\*\*[^*]+\*\*\s+)?.+?(?:[.!?][*)\"”]*(?=\s|$)|$)")


@dataclass(frozen=True)
class Excerpt:
    """Text cell on its slide: second-level heading, the one below it, and what is shown."""

    section: str
    heading: str
    shown: str


def excerpt(source: str) -> Excerpt:
    """Beginning of a text cell, its formulas, lists and tables, each with the sentence that leads
    to it, and what is said of a formula's symbols.

    >>> excerpt("## 2. How many?\\n\\n### Slovin\\n\\nWith $e$:\\n\\n$$n = 1$$\\n\\nFirst by hand.")
    Excerpt(section='2. How many?', heading='Slovin', shown='With $e$:\\n\\n$$n = 1$$')
    """
    headings, shown, said, formula = {}, [], False, False
    parts = blocks(source.partition(FOLDED)[0])
    for block, after in zip_longest(parts, parts[1:], fillvalue=""):
        if block.startswith("#"):
            marks, _, text = block.partition(" ")
            headings[len(marks)] = text
        elif BEGINS_WHOLE.match(block) or block.startswith(SYMBOLS):
            shown.append(block)
            formula = block.startswith("$$") or formula and block.startswith(SYMBOLS)
        elif not block.startswith("```"):
            leads = bool(BEGINS_WHOLE.match(after))
            shown.append(block if 1 in headings else beginning(block, not said, formula, leads))
            said, formula = True, False
    title = headings.get(1, "")
    return Excerpt(headings.get(2, ""), title or headings.get(3, ""),
                   "\n\n".join(filter(None, shown)))


def blocks(source: str) -> list[str]:
    """Parts of a Markdown text between empty lines; a formula or code block stays in one piece.

    >>> blocks("a\\nb\\n\\n$$x\\n\\ny$$\\n\\nc")
    ['a\\nb', '$$x\\n\\ny$$', 'c']
    """
    found = [""]
    for part in source.split("\n\n"):
        unfinished = found[-1].count("$$") % 2 or found[-1].count("```") % 2
        found[-1:] = [f"{found[-1]}\n\n{part}"] if unfinished else [found[-1], part.strip("\n")]
    return [part for part in found if part.strip()]


def beginning(paragraph: str, first: bool = True, explains: bool = False,
              leads: bool = False) -> str:
    """Sentences of a paragraph that a slide shows: if it is the first one its beginning, one and
    what there is room for; if it explains a formula what holds symbols; if it leads to a formula,
    list or table its end.

    >>> long = "And so on, " * 15 + "and so on."
    >>> beginning(f"It costs Rp1.500 a day, and that is no more than it was. {long}")
    'It costs Rp1.500 a day, and that is no more than it was.'
    >>> beginning("It is old. There are two rules:", first=False, leads=True)
    'There are two rules:'
    >>> beginning("with $n$ people. That is many.", first=False, explains=True)
    'with $n$ people.'
    """
    text = " ".join(paragraph.split())
    found = [match.group().strip() for match in SENTENCE.finditer(text) if match.group().strip()]
    wanted = [place for place, said in enumerate(found) if explains and (
        "$" in said or (place == 0 and said[0].islower()))]
    wanted += [len(found) - 1] if leads else []
    if first:
        plain = [place for place, said in enumerate(found) if not RAW.search(said)]
        wanted += (plain or [0])[:1] + list(takewhile(plain.__contains__, range(1, len(found))))
    kept: set[int] = set()
    for place in wanted:
        said = sum(len(found[one]) for one in kept)
        if said < SHORT or said + len(found[place]) < LENGTH:
            kept.add(place)
    return " ".join(found[place] for place in sorted(kept))


def prepare(notebook, t, figures: dict[str, dict] | None = None):
    """Executed notebook with the cells of the deck only, each as it stands on its slide.

    ``figures`` are the sidecars of the figures, by name.
    """
    deck, waiting = _Deck(), ""
    for cell in notebook.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "skip")
        is_text = cell.cell_type == "markdown"
        text = deck.read(cell.source) if is_text else None
        if kind == "skip" or not (is_text or cell.outputs):
            # A cell that computes only begins the slide of what follows.
            waiting = kind if kind in STARTS else waiting
            continue
        kind, waiting = (waiting or kind) if kind == "-" else kind, ""
        if kind in STARTS or deck.full and kind == "-" and is_text:
            deck.start(cell, kind if kind in STARTS else "subslide")
        if kind == "notes":
            deck.cells.append(cell)
        elif is_text:
            deck.add_text(cell, text.shown)
        else:
            for part in _outputs(cell, SENTENCES - deck.said, t, figures or {}):
                deck.add_result(part, goes_on=part is cell)
    notebook.cells = deck.cells
    return notebook


class _Deck:
    """Cells of a deck while it is made, with the headings in force, and the slide that is being
    filled: the room that sentences took on it, and whether a picture has all of it."""

    def __init__(self):
        self.cells: list = []
        self.section = self.heading = ""
        self.said, self.full = 0, False

    def read(self, source: str) -> Excerpt:
        """Excerpt of a text; its headings are in force from now on."""
        text = excerpt(source)
        self.heading = text.heading or ("" if text.section else self.heading)
        self.section = text.section or self.section
        return text

    def start(self, cell, kind: str, title: str = "") -> None:
        """Begin a slide below the headings in force, or below these with a title of its own."""
        above, below = (self.heading or self.section, title) if title else (self.section,
                                                                            self.heading)
        self.cells.append(_heading(cell, above, below, kind))
        self.said, self.full = 0, False

    def add_text(self, cell, shown: str) -> None:
        """Add what a slide shows of a text, and all of it to the notes."""
        self.cells += [_part(cell, "shown", shown, "-"),
                       _part(cell, "notes", cell.source, "notes")]
        self.said += FORMULA if "$$" in shown else 0

    def add_result(self, part, goes_on: bool) -> None:
        """Add outputs, to the slide as it is where they go on with it and there is room."""
        title, wide = part.metadata.get("title", ""), "title" in part.metadata
        if wide and self.cells and self.cells[-1].metadata.get("heading"):
            # A picture has a slide of its own; one that only waits for it is that slide.
            self.start(part, self.cells.pop().metadata["slideshow"]["slide_type"], title)
        elif wide or self.full or not goes_on:
            self.start(part, "subslide", title)
        self.said, self.full = self.said + _sentences(part), wide
        self.cells.append(part)


def _part(cell, name: str, source: str, kind: str, **metadata):
    import nbformat

    return nbformat.v4.new_markdown_cell(source, id=f"{cell.id}-{name}"[-64:],
                                         metadata={"slideshow": {"slide_type": kind}} | metadata)


def _heading(cell, section: str, heading: str, kind: str):
    """Heading of a slide; the section of a part stands small above it."""
    if cell.source.startswith("# "):
        return _part(cell, "heading", f"# {heading}", kind, first=True)
    above = section if heading else ""
    return _part(cell, "heading", f"## {heading or section}", kind, above=above, heading=True)


def _outputs(cell, room: int, t, figures: dict[str, dict]) -> list:
    """Code cell as cells with its outputs only; pictures, and sentences without room, have their
    own."""
    cell.metadata["slideshow"] = {"slide_type": "-"}
    parts, waiting = [cell], cell.outputs
    cell.outputs = []
    for place, output in enumerate(waiting):
        if "text/html" in output.get("data", {}):
            output.data["text/html"] = shortened(
                CODED.sub(r"\1</td>", output.data["text/html"]), t)
        if "image/png" in output.get("data", {}):
            parts += _pictures(cell, f"{cell.id}-{place}", output, t, figures)
            continue
        there = _sentences(parts[-1])
        left = (room if parts[-1] is cell else SENTENCES) - there
        # What is longer than a slide has one of its own.
        if "title" in parts[-1].metadata or _lines(output) > left and (there or left < SENTENCES):
            parts.append(_code(f"{cell.id}-{place}", [], cell.metadata))
        parts[-1].outputs.append(output)
    return parts if cell.outputs else parts[1:]


def _pictures(cell, name: str, output, t, figures: dict[str, dict]) -> list:
    """Cells of a picture, one a slide, with its title and its source in letters of the slide."""
    about = output.metadata.get("image/png", {})
    said = figures.get(about.get("figure"), {})
    made = []
    for number, piece in enumerate(picture.pieces(output.data["image/png"], about)):
        one = type(output)(output | {"data": output.data | {"image/png": piece}})
        made.append(_code(f"{name}-{number}", [one], cell.metadata | {
            "title": said.get("title", ""), "source": said and t(
                "figure.footer", status=t.word(said["status"]), source=said["source"])}))
    return made


def _code(name: str, outputs: list, metadata: dict):
    import nbformat

    return nbformat.v4.new_code_cell(id=name[-64:], metadata=dict(metadata), outputs=outputs)


def _sentences(cell) -> int:
    """Room that the findings of a cell take, in sentences of usual length."""
    return sum(map(_lines, cell.outputs))


def _lines(output) -> int:
    data = output.get("data", {})
    if "text/html" in data:
        return FORMULA if data["text/html"].count("<tr") > FEW + 1 else 1
    return -(-len(data.get("text/markdown", "")) // LINES)


def shortened(html: str, t) -> str:
    """Table as HTML, cut after its first rows with a note of how many there are."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup(html, "html.parser")
    rows = page.select("tbody tr")
    if len(rows) <= ROWS + 1:
        return html
    for row in rows[ROWS:]:
        row.decompose()
    more = page.new_tag("p", attrs={"class": "more"})
    more.string = t("table.more", shown=ROWS, rows=len(rows))
    page.append(more)
    return str(page)


@cache
def exporter():
    """Nbconvert's exporter of slides, with formulas as MathML and reveal.js from this folder."""
    from nbconvert import SlidesExporter

    from helpers.documents.site import notebook

    return notebook.exporter_of(SlidesExporter, "template", HERE)
