"""Parts of a report, before it becomes a PDF or a Word file."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache

# Letters of a line in a column of long texts: where there is room, and at least.
ROOM_OF_TEXT, LEAST_OF_TEXT = 34, 20
# A mark that stands in a text, not one that a value brought along: its brackets are escaped.
WRITTEN_MARK = re.compile(r"(?<!\\)\[([@#])([\w.; @-]+)\]")
# Between control characters, which no data package may hold.
MARK = re.compile(r"\x02([@#])([^\x03]+)\x03")


@dataclass(frozen=True)
class Span:
    """Piece of a sentence.

    ``kind`` is text, strong, emphasis, code, link (``text`` is the address), cite (``text`` holds
    the keys of works, separated by blanks), or see (``text`` is ``table-scores``).
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Heading:
    """Title of a part; ``numbered`` ones count as 1, 1.1, others stand in the contents only."""

    text: str
    level: int = 1
    numbered: bool = True
    lang: str | None = None


@dataclass(frozen=True)
class Paragraph:
    """Paragraph, in a language of its own where one is named; entries of a list have a name."""

    spans: list[Span]
    lang: str | None = None
    name: str = ""


@dataclass(frozen=True)
class Found:
    """Sentences that a stage computed, under the status of what they rest on."""

    status: str
    label: str
    meaning: str
    paragraphs: list[list[Span]]


@dataclass(frozen=True)
class Formula:
    """Formula in typst's notation, and how it is read aloud."""

    typst: str
    alt: str


@dataclass(frozen=True)
class Table:
    """Numbered table: rows as people read them, ``numeric`` columns at the right, a note below.

    The status is empty for a table about the report itself; ``label`` is the status in words. The
    ``soft`` texts are grey: verdicts that only show the method.
    """

    name: str
    title: str
    headings: list[str]
    rows: list[list[str]]
    numeric: list[bool]
    status: str = ""
    label: str = ""
    note: str = ""
    soft: list[str] = field(default_factory=list)

    @property
    def least(self) -> int:
        """Letters of a line of the table when long texts break after a few words."""
        return sum(min(weight, max(word + 2, LEAST_OF_TEXT))
                   for weight, word in zip(self.weights, self._words, strict=True))

    @property
    def weights(self) -> list[int]:
        """Room that each column asks for: letters of its longest word, or of a line of text."""
        return [max(word, min(ROOM_OF_TEXT, max(map(len, texts[1:]), default=0))) + 2
                for word, texts in zip(self._words, self._columns, strict=True)]

    @property
    def _columns(self) -> list[list[str]]:
        return [[heading, *(row[number] for row in self.rows)]
                for number, heading in enumerate(self.headings)]

    @property
    def _words(self) -> list[int]:
        return [longest_word(texts) for texts in self._columns]


@dataclass(frozen=True)
class Figure:
    """Numbered figure: an SVG in the output folder with a PNG beside it; its size in inches."""

    name: str
    title: str
    caption: str
    alt: str
    source: str
    status: str
    label: str
    path: str
    width: float
    height: float


@dataclass(frozen=True)
class References:
    """Place of the works that are cited."""


Block = Heading | Paragraph | Found | Formula | Table | Figure | References


@dataclass(frozen=True)
class Part:
    """Blocks that stand on pages of one direction."""

    blocks: list[Block]
    landscape: bool = False


@dataclass(frozen=True)
class Report:
    """Report in one language.

    ``notice`` and ``foot`` tell what is real and what is not, on the first and on every page;
    ``words`` are those of the frame (table, figure, contents, ...), ``works`` can be cited.
    """

    lang: str
    title: str
    subtitle: str
    notice: str
    foot: str
    words: dict[str, str]
    abstracts: list[Block]
    parts: list[Part]
    works: dict[str, dict] = field(default_factory=dict)

    def blocks(self) -> Iterator[Block]:
        """Go through all blocks in their order."""
        yield from self.abstracts
        for part in self.parts:
            yield from part.blocks


def longest_word(texts: list[str]) -> int:
    """Letters of the longest piece that cannot be broken.

    >>> longest_word(["capital and market", "need_market_4"])
    13
    """
    return max((len(word) for text in texts for word in re.split(r"[\s/]", text)), default=0)


def kind_of(block: Block) -> str:
    """Kind of a block: heading, paragraph, found, formula, table, figure or references."""
    return type(block).__name__.lower()


def as_data(block: Block) -> dict:
    """Block as plain data, with its kind."""
    about = {"kind": kind_of(block)} | asdict(block)
    return about | {"weights": block.weights} if isinstance(block, Table) else about


def spans(markdown: str) -> list[Span]:
    """Pieces of a paragraph of Markdown; ``[@key]`` cites, ``[#table-scores]`` points to a table.

    >>> [(span.kind, span.text) for span in spans("**Alpha** [@cronbach1951], [#table-scores].")]
    [('strong', 'Alpha'), ('text', ' '), ('cite', 'cronbach1951'), ('text', ', '), ('see',
    'table-scores'), ('text', '.')]
    """
    return [span for paragraph in paragraphs(WRITTEN_MARK.sub("\x02\\1\\2\x03", markdown))
            for span in paragraph]


def prose(text: str, lang: str | None = None) -> Paragraph:
    """Paragraph of one text in Markdown."""
    return Paragraph(spans(text), lang)


def paragraphs(markdown: str) -> list[list[Span]]:
    """Paragraphs of a text in Markdown, the points of lists among them."""
    found: list[list[Span]] = []
    _walk(_parser()(markdown), found)
    return found


def _walk(tokens: list[dict], found: list[list[Span]]) -> None:
    for token in tokens:
        if token["type"] in ("paragraph", "block_text", "heading"):
            found.append(_joined(_inline(token["children"], "text")))
        elif "children" in token:
            _walk(token["children"], found)


def _inline(tokens: list[dict], kind: str) -> Iterator[Span]:
    for token in tokens:
        if token["type"] in ("strong", "emphasis"):
            yield from _inline(token["children"], token["type"])
        elif token["type"] == "codespan":
            yield Span("code", token["raw"])
        elif token["type"] in ("softbreak", "linebreak"):
            yield Span(kind, " ")
        elif "children" in token:
            yield from _inline(token["children"], kind)
        else:
            yield Span(kind, token["raw"])


def _joined(pieces: Iterator[Span]) -> list[Span]:
    """Neighbours of one kind together, then citations and pointers taken out of them."""
    together: list[Span] = []
    for piece in pieces:
        if together and together[-1].kind == piece.kind != "code":
            together[-1] = Span(piece.kind, together[-1].text + piece.text)
        else:
            together.append(piece)
    return [part for piece in together
            for part in (_marked(piece) if piece.kind != "code" else [piece])]


def _marked(span: Span) -> Iterator[Span]:
    place = 0
    for mark in MARK.finditer(span.text):
        if before := span.text[place:mark.start()]:
            yield Span(span.kind, before)
        sign, names = mark.groups()
        keys = " ".join(re.findall(r"[\w.-]+", names))
        yield Span("cite", keys) if sign == "@" else Span("see", names)
        place = mark.end()
    if rest := span.text[place:]:
        yield Span(span.kind, rest)


@cache
def _parser():
    import mistune

    return mistune.create_markdown(renderer=None)
