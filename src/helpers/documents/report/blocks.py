"""What a report consists of, before it becomes a PDF or a Word file."""

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
    """A piece of a sentence.

    Attributes
    ----------
    kind : str
        text, strong, emphasis, code, link (``text`` is the address), cite (``text`` holds the keys
        of works, separated by blanks), or see (``text`` is the name of a table or figure of the
        report, ``table-scores``).
    text : str
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Heading:
    """The title of a part; ``numbered`` ones count as 1, 1.1, others stand in the contents only."""

    text: str
    level: int = 1
    numbered: bool = True
    lang: str | None = None


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, in a language of its own where one is named; ``name`` is that of an entry of a
    list of sources."""

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
    """A formula in typst's notation, and how it is read aloud."""

    typst: str
    alt: str


@dataclass(frozen=True)
class Table:
    """A numbered table.

    Attributes
    ----------
    name : str
    title : str
    headings : list of str
    rows : list of list of str
        Written for people.
    numeric : list of bool
        Which columns stand at the right.
    status : str
        published, simulated, illustrative; empty for a table about the report itself.
    label : str
        The status in words.
    note : str
        What stands below it.
    """

    name: str
    title: str
    headings: list[str]
    rows: list[list[str]]
    numeric: list[bool]
    status: str = ""
    label: str = ""
    note: str = ""

    @property
    def least(self) -> int:
        """Letters that the table needs beside each other when long texts break into lines of a few
        words."""
        return sum(min(weight, max(word + 2, LEAST_OF_TEXT))
                   for weight, word in zip(self.weights, self._words, strict=True))

    @property
    def weights(self) -> list[int]:
        """How much room each column asks for: letters of its longest word, or of a line of a longer
        text."""
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
    """A numbered figure; ``path`` is an SVG with a PNG beside it, from the output folder, ``wide``
    in inches."""

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
    """Where the works that are cited stand."""


Block = Heading | Paragraph | Found | Formula | Table | Figure | References


@dataclass(frozen=True)
class Part:
    """Blocks that stand on pages of one direction."""

    blocks: list[Block]
    landscape: bool = False


@dataclass(frozen=True)
class Report:
    """A report in one language.

    Attributes
    ----------
    lang : str
    own : bool
        Whether it is about the project's own data package.
    title, subtitle : str
    notice, foot : str
        What is real and what is not: on the first page, and at the foot of every page.
    words : dict
        Words of the frame: table, figure, contents, ...
    abstracts : list of Block
    parts : list of Part
    works : dict
        Works that can be cited, as hayagriva writes them.
    """

    lang: str
    own: bool
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

    Examples
    --------
    >>> longest_word(["capital and market", "need_market_4"])
    13
    """
    return max((len(word) for text in texts for word in re.split(r"[\s/]", text)), default=0)


def as_data(block: Block) -> dict:
    """Block as plain data, with its kind."""
    about = {"kind": type(block).__name__.lower()} | asdict(block)
    return about | {"weights": block.weights} if isinstance(block, Table) else about


def spans(markdown: str) -> list[Span]:
    """Read a paragraph of Markdown: emphasis and code; ``[@key]`` cites a work, ``[#table-scores]``
    points to a table.

    Examples
    --------
    >>> [(span.kind, span.text) for span in spans("**Alpha** [@cronbach1951], see [#table-scores].")]
    [('strong', 'Alpha'), ('text', ' '), ('cite', 'cronbach1951'), ('text', ', see '), ('see',
    'table-scores'), ('text', '.')]
    """
    return [span for paragraph in paragraphs(WRITTEN_MARK.sub("\x02\\1\\2\x03", markdown))
            for span in paragraph]


def paragraphs(markdown: str) -> list[list[Span]]:
    """Read Markdown as paragraphs; the points of a list are paragraphs too."""
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
    """Put neighbours of one kind together, then take citations and pointers out of them."""
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
        yield Span("cite", " ".join(re.findall(r"[\w.-]+", names))) if sign == "@" else Span(
            "see", names)
        place = mark.end()
    if rest := span.text[place:]:
        yield Span(span.kind, rest)


@cache
def _parser():
    import mistune

    return mistune.create_markdown(renderer=None)
