"""The report as a Word file, to be commented: real headings, captions, tables, equations and
pictures with their texts."""

import io
from contextlib import contextmanager
from pathlib import Path

from helpers.documents.report.blocks import (
    Block,
    Figure,
    Formula,
    Found,
    Heading,
    Paragraph,
    Part,
    Report,
    Span,
    Table,
)
from helpers.documents.report.equations import Typeset, typeset
from helpers.documents.report.word_tables import table_element
from helpers.publish.texts import Texts
from helpers.study.workbook import without_times

UPRIGHT, FLAT = (21.0, 29.7), (29.7, 21.0)
MARGIN = 1.9
PICTURE_HEIGHT = {False: 20.0, True: 13.5}
COLOURS = {"published": "1B5E20", "simulated": "8A3B00", "illustrative": "6A1B6A",
           "mixed": "8A3B00"}
SMALL, NOTE = 8, 9
FONT, INK, ACCENT = "Cambria", "000000", "1F4E79"
STYLES = {"Normal": (10.5, INK), "Caption": (NOTE, INK), "Title": (22, INK),
          "Subtitle": (13, ACCENT), "Heading 1": (16, ACCENT), "Heading 2": (13, ACCENT),
          "TOC Heading": (16, ACCENT), "Intense Quote": (10.5, ACCENT)}


def make(report: Report, out: Path) -> bytes:
    """Report as the bytes of a .docx file, the same for the same report.

    Parameters
    ----------
    report : Report
    out : Path
        The output folder, where the figures lie.
    """
    return _Writer(report, out, typeset(report)).bytes()


class _Writer:
    """Puts the blocks of a report into a document, one by one."""

    def __init__(self, report: Report, out: Path, typeset_: Typeset):
        from docx import Document

        self.report = report
        self.out = out
        self.typeset = typeset_
        self.t = Texts(report.lang, "report")
        self.document = Document()
        self.numbers = _numbers(report)
        self.sections = [0, 0]
        self.bookmarks = 0
        self._prepare()
        self._front()
        for block in report.abstracts:
            self._draw(block, landscape=False)
        self._contents()
        for part in report.parts:
            self._part(part)

    def bytes(self) -> bytes:
        """Finished file."""
        content = io.BytesIO()
        self.document.save(content)
        return without_times(content.getvalue())

    def _prepare(self) -> None:
        """Set language, type and page, and what the file says about itself."""
        import datetime

        from docx.oxml.ns import qn
        from docx.shared import Pt, RGBColor

        styles = self.document.styles
        for name, (size, colour) in STYLES.items():
            font = styles[name].font
            font.name, font.size, font.color.rgb = FONT, Pt(size), RGBColor.from_string(colour)
            for theme in [key for key in styles[name].element.rPr.rFonts.attrib
                          if key.endswith("Theme")]:
                # A theme's type would win over the one that is named.
                del styles[name].element.rPr.rFonts.attrib[theme]
        for element in styles.element.iter(qn("w:lang")):
            element.set(qn("w:val"), self.t("language.tag"))
        about = self.document.core_properties
        about.title, about.author, about.last_modified_by, about.comments = self.report.title, "", "", ""
        about.language = self.t("language.tag")
        about.created = about.modified = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)
        self._turn(self.document.sections[0], landscape=False)
        self._foot()

    def _turn(self, section, landscape: bool) -> None:
        from docx.enum.section import WD_ORIENT
        from docx.shared import Cm

        width, height = FLAT if landscape else UPRIGHT
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Cm(width), Cm(height)
        section.left_margin = section.right_margin = Cm(MARGIN)
        section.top_margin = section.bottom_margin = Cm(MARGIN)

    def _foot(self) -> None:
        from docx.shared import Pt

        line = self.document.sections[0].footer.paragraphs[0]
        line.add_run(f"{self.report.foot} · {self.report.words['page']} ")
        self._field(line, "PAGE", "1")
        for run in line.runs:
            run.font.size = Pt(SMALL)

    def _front(self) -> None:
        self.document.add_paragraph(self.report.title, style="Title")
        self.document.add_paragraph(self.report.subtitle, style="Subtitle")
        self.document.add_paragraph(style="Intense Quote").add_run(self.report.notice)

    def _contents(self) -> None:
        """Add the contents as a field: Word fills in the pages when it is asked to update it."""
        self.document.add_paragraph(self.report.words["contents"], style="TOC Heading")
        lines = [block.text for block in self.report.blocks() if isinstance(block, Heading)]
        self._field(self.document.add_paragraph(), r'TOC \o "1-2" \h \z \u', "\n".join(lines))
        self.document.add_page_break()

    def _part(self, part: Part) -> None:
        from docx.enum.section import WD_SECTION

        if part.landscape != (self.document.sections[-1].orientation == 1):
            self._turn(self.document.add_section(WD_SECTION.NEW_PAGE), part.landscape)
        for block in part.blocks:
            self._draw(block, part.landscape)

    def _draw(self, block: Block, landscape: bool) -> None:
        if isinstance(block, Heading):
            self._heading(block)
        elif isinstance(block, Paragraph):
            self._spans(self.document.add_paragraph(), block.spans, block.lang)
        elif isinstance(block, Found):
            self._found(block)
        elif isinstance(block, Formula):
            self.document.add_paragraph()._p.append(self.typeset.formulas[block.typst])
        elif isinstance(block, Table):
            self._table(block, landscape)
        elif isinstance(block, Figure):
            self._figure(block, landscape)
        else:
            self._references()

    def _heading(self, block: Heading) -> None:
        text = block.text
        if block.numbered:
            self.sections = [self.sections[0] + 1, 0
                             ] if block.level == 1 else [self.sections[0], self.sections[1] + 1]
            text = f"{'.'.join(str(number) for number in self.sections[:block.level])} {text}"
        self._speak(self.document.add_heading(text, block.level).runs, block.lang)

    def _found(self, block: Found) -> None:
        self._status(self.document.add_paragraph(), block.status, block.label, block.meaning)
        for spans in block.paragraphs:
            self._spans(self.document.add_paragraph(style="List Bullet"), spans)

    def _status(self, paragraph, status: str, label: str, meaning: str) -> None:
        from docx.shared import Pt, RGBColor

        run = paragraph.add_run(label.upper())
        run.bold = True
        run.font.color.rgb = RGBColor.from_string(COLOURS[status])
        paragraph.add_run(f" · {meaning}")
        for run in paragraph.runs:
            run.font.size = Pt(NOTE)

    def _table(self, block: Table, landscape: bool) -> None:
        title = f"{block.title} ({block.label})" if block.label else block.title
        caption = self._caption("table", block.name, title, block.note)
        caption.paragraph_format.keep_with_next = True
        width = (FLAT if landscape else UPRIGHT)[0] - 2 * MARGIN
        warning = None if block.status in ("", "published") else (
            block.label, self.t(f"status.{block.status}"), COLOURS[block.status])
        self.document.element.body.insert_element_before(table_element(block, width, warning),
                                                         "w:sectPr")
        self.document.add_paragraph()

    def _figure(self, block: Figure, landscape: bool) -> None:
        from docx.shared import Cm, Inches

        width, height = (FLAT if landscape else UPRIGHT)[0] - 2 * MARGIN, PICTURE_HEIGHT[landscape]
        scale = min(width / (block.width * 2.54), height / (block.height * 2.54), 1)
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        picture = paragraph.add_run().add_picture(str((self.out / block.path).with_suffix(".png")),
                                                  width=min(Inches(block.width * scale), Cm(width)))
        about = picture._inline.docPr
        about.set("descr", block.alt)
        about.set("title", block.title)
        words = self.report.words
        self._caption("figure", block.name, f"{block.title} ({block.label})",
                      f"{block.caption} {words['source']}: {block.source}.")

    def _caption(self, kind: str, name: str, title: str, more: str):
        paragraph = self.document.add_paragraph(style="Caption")
        word = self.report.words[kind]
        with self._marked(paragraph, f"{kind}-{name}"):
            paragraph.add_run(f"{word} ")
            self._field(paragraph, f"SEQ {word} \\* ARABIC", str(self.numbers[f"{kind}-{name}"]))
        paragraph.add_run(f". {title}. ")
        paragraph.add_run(more).bold = False
        return paragraph

    def _references(self) -> None:
        from docx.shared import Cm

        for pieces in self.typeset.references:
            paragraph = self.document.add_paragraph()
            paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Cm(
                1), Cm(-1)
            for text, italic in pieces:
                paragraph.add_run(text).italic = italic

    def _spans(self, paragraph, spans: list[Span], lang: str | None = None) -> None:
        for span in spans:
            if span.kind == "cite":
                paragraph.add_run(self.typeset.cites[span.text])
            elif span.kind == "see":
                self._pointer(paragraph, span.text)
            elif span.kind == "link":
                self._link(paragraph, span.text)
            else:
                run = paragraph.add_run(span.text)
                run.bold, run.italic = span.kind == "strong" or None, span.kind == "emphasis" or None
                if span.kind == "code":
                    run.font.name = "Consolas"
        self._speak(paragraph.runs, lang)

    def _speak(self, runs, lang: str | None) -> None:
        """Say in which language runs are, where it is not that of the report."""
        if lang in (None, self.report.lang):
            return
        for run in runs:
            tag = Texts(lang, "report")("language.tag")
            run._r.get_or_add_rPr().append(_word("lang", val=tag))

    def _pointer(self, paragraph, name: str) -> None:
        """Point to a table or figure: a field that follows when Word renumbers."""
        word = self.report.words[name.partition("-")[0]]
        self._field(paragraph, f"REF {_mark_of(name, self.numbers[name])} \\h",
                    f"{word} {self.numbers[name]}")

    def _link(self, paragraph, address: str) -> None:
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.oxml.ns import qn
        from docx.shared import RGBColor

        link = _word("hyperlink")
        link.set(
            qn("r:id"),
            self.document.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        run = paragraph.add_run(address)
        run.font.color.rgb = RGBColor.from_string(ACCENT)
        link.append(run._r)
        paragraph._p.append(link)

    @contextmanager
    def _marked(self, paragraph, name: str):
        """Put a bookmark around what is written meanwhile."""
        self.bookmarks += 1
        paragraph._p.append(
            _word("bookmarkStart", id=str(self.bookmarks), name=_mark_of(name, self.numbers[name])))
        yield
        paragraph._p.append(_word("bookmarkEnd", id=str(self.bookmarks)))

    def _field(self, paragraph, instruction: str, shown: str) -> None:
        """Add a field of Word with what it shows until it is updated."""
        from docx.oxml.ns import qn

        for kind in ("begin", "separate", "end"):
            if kind == "separate":
                text = _word("instrText")
                text.text = instruction
                text.set(qn("xml:space"), "preserve")
                paragraph.add_run()._r.append(text)
            paragraph.add_run()._r.append(_word("fldChar", fldCharType=kind))
            if kind == "separate":
                paragraph.add_run(shown)


def _numbers(report: Report) -> dict[str, int]:
    """Number of every table and figure, counted as the PDF counts them."""
    found: dict[str, int] = {}
    for kind, of in (("table", Table), ("figure", Figure)):
        names = [block.name for block in report.blocks() if isinstance(block, of)]
        found |= {f"{kind}-{name}": number for number, name in enumerate(names, start=1)}
    return found


def _mark_of(name: str, number: int) -> str:
    """Name of a bookmark: letters, digits and underscores, at most 40 of them, with a number of its
    own.

    Examples
    --------
    >>> _mark_of("table-report-parameters-force_field", 12), len(_mark_of("figure-" + "long" * 20, 3))
    ('table_report_parameters_force_field_12', 40)
    """
    end = f"_{number}"
    return "".join(sign if sign.isalnum() else "_" for sign in name)[:40 - len(end)] + end


def _word(element_name: str, **attributes: str):
    """Element of Word's markup."""
    from docx.oxml import OxmlElement

    element = OxmlElement(f"w:{element_name}")
    for key, value in attributes.items():
        element.set(_name(key), value)
    return element


def _name(name: str) -> str:
    from docx.oxml.ns import qn

    return qn(f"w:{name}")
