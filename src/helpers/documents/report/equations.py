"""What typst writes of citations, references and formulas, for a Word file: plain text, and
equations that Word can edit."""

import json
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from helpers.documents.report.blocks import Formula, Found, Paragraph, Report
from helpers.documents.report.references import as_yaml

TEMPLATE = Path(__file__).with_name("works.typ")
OMML = "http://schemas.openxmlformats.org/officeDocument/2006/math"
# MathML's element -> that of Word, and the names of its arguments in MathML's order.
ARGUMENTS = {"mfrac": ("f", "num", "den"), "msub": ("sSub", "e", "sub"),
             "msup": ("sSup", "e", "sup"), "msubsup": ("sSubSup", "e", "sub", "sup"),
             "munder": ("limLow", "e", "lim"), "mover": ("limUpp", "e", "lim")}
BAR = "\u0304"
FENCES = ("(", "|", "[")


@dataclass(frozen=True)
class Typeset:
    """What typst made of the report's citations, formulas and references.

    Attributes
    ----------
    cites : dict
        Keys as a span holds them -> the citation as it stands in the text.
    formulas : dict
        Formula in typst's notation -> its element ``oMathPara``.
    references : list of list of (str, bool)
        Every entry as pieces of text, each with whether it is in italics.
    """

    cites: dict[str, str]
    formulas: dict
    references: list[list[tuple[str, bool]]]


def typeset(report: Report) -> Typeset:
    """Let typst write the citations, formulas and references of a report."""
    import typst
    from lxml import html

    cites = list(dict.fromkeys(_cited(report)))
    formulas = list(
        dict.fromkeys(block.typst for block in report.blocks() if isinstance(block, Formula)))
    with tempfile.TemporaryDirectory(prefix="works") as name:
        folder = Path(name)
        (folder / TEMPLATE.name).write_bytes(TEMPLATE.read_bytes())
        (folder / "works.json").write_text(json.dumps({
            "lang": report.lang, "cites": [keys.split() for keys in cites], "formulas": formulas,
            "works": as_yaml(report.works)}), encoding="utf-8")
        page, _ = typst.compile_with_warnings(folder / TEMPLATE.name, root=folder, format="html",
                                              ignore_system_fonts=True)
    tree = html.fromstring(page)
    return Typeset({keys: tree.get_element_by_id(f"cite-{number}").text_content()
                    for number, keys in enumerate(cites)},
                   {formula: equation(tree.get_element_by_id(f"formula-{number}").find("math"))
                    for number, formula in enumerate(formulas)},
                   [_pieces(entry) for entry in tree.iterfind(".//section//li")])


def equation(math):
    """Turn MathML into Word's own markup for equations.

    Examples
    --------
    >>> from lxml import etree
    >>> fraction = etree.fromstring("<math><mfrac><mi>y</mi><msqrt><mn>2</mn></msqrt></mfrac></math>")
    >>> "".join(equation(fraction).itertext()), [part.tag.partition("}")[2] for part in equation(fraction).iter()][:5]
    ('y2', ['oMathPara', 'oMath', 'f', 'num', 'r'])
    """
    paragraph = _element("oMathPara")
    body = _element("oMath")
    paragraph.append(body)
    body.extend(_converted(math))
    return paragraph


def _converted(node) -> list:
    if node.tag in ARGUMENTS:
        name, *arguments = ARGUMENTS[node.tag]
        if node.tag == "mover" and node[1].text == BAR:
            return [_with(_element("bar", _properties("bar", "pos", "top")), ("e",), node)]
        return [_with(_element(name), arguments, node)]
    if node.tag == "munderover":
        lower = _with(_element("limLow"), ("e", "lim"), node)
        above = _element("limUpp", _element("e", lower), _element("lim", *_converted(node[2])))
        return [above]
    if node.tag == "msqrt":
        root = _element("rad", _properties("rad", "degHide", "1"), _element("deg"),
                        _element("e", *[part for child in node for part in _converted(child)]))
        return [root]
    if node.tag == "mrow" and len(
            node) > 1 and node[0].tag == node[-1].tag == "mo" and node[0].text in FENCES:
        sides = _element("dPr", _valued("begChr", node[0].text), _valued("endChr", node[-1].text))
        return [_element("d", sides,
                         _element("e",
                                  *[part for child in node[1:-1] for part in _converted(child)]))]
    if node.tag == "mspace":
        return [_run("\u2003")]
    if len(node):
        return [part for child in node for part in _converted(child)]
    return [_run(unicodedata.normalize("NFKC", node.text or ""), upright=node.tag == "mtext")]


def _with(element, arguments, node):
    for name, child in zip(arguments, node, strict=False):
        element.append(_element(name, *_converted(child)))
    return element


def _run(text: str, upright: bool = False):
    word = _element("t")
    word.text = text
    style = [_element("rPr", _valued("sty", "p"))] if upright else []
    return _element("r", *style, word)


def _properties(owner: str, name: str, value: str):
    return _element(f"{owner}Pr", _valued(name, value))


def _valued(name: str, value: str):
    element = _element(name)
    element.set(f"{{{OMML}}}val", value)
    return element


def _element(name: str, *children):
    from lxml import etree

    element = etree.Element(f"{{{OMML}}}{name}", nsmap={"m": OMML})
    element.extend(children)
    return element


def _cited(report: Report):
    for block in report.blocks():
        paragraphs = [block.spans] if isinstance(
            block, Paragraph) else block.paragraphs if isinstance(block, Found) else []
        yield from (span.text for spans in paragraphs for span in spans if span.kind == "cite")


def _pieces(entry) -> list[tuple[str, bool]]:
    """Text of an entry in pieces, upright and in italics."""
    pieces = [(entry.text or "", False)]
    for child in entry:
        pieces += [(child.text_content(), child.tag == "em"), (child.tail or "", False)]
    return [piece for piece in pieces if piece[0]]
