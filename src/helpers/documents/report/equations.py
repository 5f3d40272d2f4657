"""Citations, references and formulas for Word: typst's text, and equations that can be edited."""

import unicodedata
from dataclasses import dataclass

from helpers.documents.report.blocks import Formula, Report
from helpers.documents.report.pdf import compiled
from helpers.documents.report.references import as_yaml

OMML = "http://schemas.openxmlformats.org/officeDocument/2006/math"
# MathML's element -> that of Word, and the names of its arguments in MathML's order.
ARGUMENTS = {"mfrac": ("f", "num", "den"), "msub": ("sSub", "e", "sub"),
             "msup": ("sSup", "e", "sup"), "msubsup": ("sSubSup", "e", "sub", "sup"),
             "munder": ("limLow", "e", "lim"), "mover": ("limUpp", "e", "lim")}
BAR = "\u0304"
FENCES = ("(", "|", "[")


@dataclass(frozen=True)
class Typeset:
    """Citations by the keys of their span, elements ``oMathPara`` by the formula in typst's
    notation, and references as pieces of text, each with whether it is in italics."""

    cites: dict[str, str]
    formulas: dict
    references: list[list[tuple[str, bool]]]


def typeset(report: Report) -> Typeset:
    """Citations, formulas and references of a report as typst writes them."""
    from lxml import html

    cites = list(dict.fromkeys(_cited(report)))
    formulas = list(dict.fromkeys(block.typst for block in report.blocks()
                                  if isinstance(block, Formula)))
    data = {"lang": report.lang, "cites": [keys.split() for keys in cites], "formulas": formulas,
            "works": as_yaml(report.works)}
    tree = html.fromstring(compiled("works", data, format="html"))
    return Typeset({keys: tree.get_element_by_id(f"cite-{number}").text_content()
                    for number, keys in enumerate(cites)},
                   {formula: equation(tree.get_element_by_id(f"formula-{number}").find("math"))
                    for number, formula in enumerate(formulas)},
                   [_pieces(entry) for entry in tree.iterfind(".//section//li")])


def equation(math):
    """MathML in Word's own markup for equations.

    >>> from lxml import etree
    >>> math = "<math><mfrac><mi>y</mi><msqrt><mn>2</mn></msqrt></mfrac></math>"
    >>> [part.tag.partition("}")[2] for part in equation(etree.fromstring(math)).iter()][:5]
    ['oMathPara', 'oMath', 'f', 'num', 'r']
    """
    return _element("oMathPara", _element("oMath", *_converted(math)))


def _converted(*nodes) -> list:
    """Elements of Word for nodes of MathML."""
    return [element for node in nodes for element in _elements(node)]


def _elements(node) -> list:
    if node.tag == "mover" and node[1].text == BAR:
        return [_element("bar", _element("barPr", _element("pos", val="top")),
                         *_named(("e",), node))]
    if node.tag in ARGUMENTS:
        name, *arguments = ARGUMENTS[node.tag]
        return [_element(name, *_named(arguments, node))]
    if node.tag == "munderover":
        lower = _element("limLow", *_named(("e", "lim"), node))
        return [_element("limUpp", _element("e", lower), *_named(("lim",), node[2:]))]
    if node.tag == "msqrt":
        return [_element("rad", _element("radPr", _element("degHide", val="1")), _element("deg"),
                         _element("e", *_converted(*node)))]
    if node.tag == "mspace":
        return [_run("\u2003")]
    if not len(node):
        return [_run(unicodedata.normalize("NFKC", node.text or ""), upright=node.tag == "mtext")]
    first, last = node[0], node[-1]
    if (node.tag == "mrow" and first is not last and first.tag == last.tag == "mo"
            and first.text in FENCES):
        sides = _element("dPr", _element("begChr", val=first.text),
                         _element("endChr", val=last.text))
        return [_element("d", sides, _element("e", *_converted(*node[1:-1])))]
    return _converted(*node)


def _named(names, nodes) -> list:
    return [_element(name, *_converted(node)) for name, node in zip(names, nodes, strict=False)]


def _run(text: str, upright: bool = False):
    style = [_element("rPr", _element("sty", val="p"))] if upright else []
    return _element("r", *style, _element("t", text=text))


def _element(name: str, *children, val: str | None = None, text: str | None = None):
    from lxml import etree

    element = etree.Element(f"{{{OMML}}}{name}", nsmap={"m": OMML})
    if val is not None:
        element.set(f"{{{OMML}}}val", val)
    element.text = text
    element.extend(children)
    return element


def _cited(report: Report):
    """Keys of every citation, in order."""
    for block in report.blocks():
        paragraphs = getattr(block, "paragraphs", [getattr(block, "spans", [])])
        yield from (span.text for spans in paragraphs for span in spans if span.kind == "cite")


def _pieces(entry) -> list[tuple[str, bool]]:
    """Text of an entry in pieces, upright and in italics."""
    pieces = [(entry.text or "", False)]
    for child in entry:
        pieces += [(child.text_content(), child.tag == "em"), (child.tail or "", False)]
    return [piece for piece in pieces if piece[0]]
