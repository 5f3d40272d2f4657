"""Report as a Word file, to be commented: real headings, captions, tables, equations, pictures."""

import io
from contextlib import contextmanager
from pathlib import Path

from helpers.documents.report.blocks import Figure, Heading, Report, Span, Table, kind_of
from helpers.documents.report.equations import typeset
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
    """Report as the bytes of a .docx file, the same for the same one; its figures lie in `out`."""
    content = io.BytesIO()
    _Writer(report, out).document.save(content)
    return without_times(content.getvalue())


class _Writer:
    """Puts the blocks of a report into a document, one by one: a method a kind."""

    def __init__(self, report: Report, out: Path):
        from docx import Document

        self.report, self.out, self.words = report, out, report.words
        self.typeset, self.t = typeset(report), Texts(report.lang, "report")
        self.document = Document()
        self.numbers = _numbers(report)
        self.sections, self.bookmarks, self.landscape = [0, 0], 0, False
        self._prepare()
        self._front()
        self._draw(report.abstracts)
        self._contents()
        for part in report.parts:
            if part.landscape != self.landscape:
                self._turn(self.document.add_section(), part.landscape)
            self._draw(part.blocks)

    def _prepare(self) -> None:
        """Language, type and page, and what the file says about itself."""
        import datetime

        from docx.oxml.ns import qn
        from docx.shared import Pt, RGBColor

        styles, about = self.document.styles, self.document.core_properties
        for name, (size, colour) in STYLES.items():
            font = styles[name].font
            font.name, font.size, font.color.rgb = FONT, Pt(size), RGBColor.from_string(colour)
            fonts = styles[name].element.rPr.rFonts
            for theme in [key for key in fonts.attrib if key.endswith("Theme")]:
                # A theme's type would win over the one that is named.
                del fonts.attrib[theme]
        about.language = self.t("language.tag")
        for element in styles.element.iter(qn("w:lang")):
            element.set(qn("w:val"), about.language)
        about.title = self.report.title
        about.author = about.last_modified_by = about.comments = ""
        about.created = about.modified = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)
        self._turn(self.document.sections[0], landscape=False)

    def _turn(self, section, landscape: bool) -> None:
        from docx.enum.section import WD_ORIENT
        from docx.shared import Cm

        self.landscape = landscape
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = map(Cm, FLAT if landscape else UPRIGHT)
        section.left_margin = section.right_margin = Cm(MARGIN)
        section.top_margin = section.bottom_margin = Cm(MARGIN)

    def _front(self) -> None:
        from docx.shared import Pt

        line = self.document.sections[0].footer.paragraphs[0]
        line.add_run(f"{self.report.foot} · {self.words['page']} ")
        self._field(line, "PAGE", "1")
        for run in line.runs:
            run.font.size = Pt(SMALL)
        for style, text in (("Title", self.report.title), ("Subtitle", self.report.subtitle),
                            ("Intense Quote", self.report.notice)):
            self.document.add_paragraph(style=style).add_run(text)

    def _contents(self) -> None:
        """Contents as a field: Word fills in the pages when it is asked to update it."""
        self.document.add_paragraph(self.words["contents"], style="TOC Heading")
        lines = [block.text for block in self.report.blocks() if isinstance(block, Heading)]
        self._field(self.document.add_paragraph(), r'TOC \o "1-2" \h \z \u', "\n".join(lines))
        self.document.add_page_break()

    def _draw(self, blocks) -> None:
        for block in blocks:
            getattr(self, f"_{kind_of(block)}")(block)

    def _heading(self, block: Heading) -> None:
        text, (first, second) = block.text, self.sections
        if block.numbered:
            self.sections = [first + 1, 0] if block.level == 1 else [first, second + 1]
            text = f"{'.'.join(map(str, self.sections[:block.level]))} {text}"
        self._speak(self.document.add_heading(text, block.level).runs, block.lang)

    def _paragraph(self, block) -> None:
        self._spans(self.document.add_paragraph(), block.spans, block.lang)

    def _formula(self, block) -> None:
        self.document.add_paragraph()._p.append(self.typeset.formulas[block.typst])

    def _found(self, block) -> None:
        from docx.shared import Pt, RGBColor

        paragraph = self.document.add_paragraph()
        run = paragraph.add_run(block.label.upper())
        run.bold, run.font.color.rgb = True, RGBColor.from_string(COLOURS[block.status])
        paragraph.add_run(f" · {block.meaning}")
        for run in paragraph.runs:
            run.font.size = Pt(NOTE)
        for spans in block.paragraphs:
            self._spans(self.document.add_paragraph(style="List Bullet"), spans)

    @property
    def _width(self) -> float:
        return (FLAT if self.landscape else UPRIGHT)[0] - 2 * MARGIN

    def _table(self, block: Table) -> None:
        caption = self._caption("table", block, block.note)
        caption.paragraph_format.keep_with_next = True
        warning = None if block.status in ("", "published") else (
            block.label, self.t(f"status.{block.status}"), COLOURS[block.status])
        table = table_element(block, self._width, warning)
        self.document.element.body.insert_element_before(table, "w:sectPr")
        self.document.add_paragraph()

    def _figure(self, block: Figure) -> None:
        from docx.shared import Cm, Inches

        scale = min(self._width / (block.width * 2.54),
                    PICTURE_HEIGHT[self.landscape] / (block.height * 2.54), 1)
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        path = (self.out / block.path).with_suffix(".png")
        width = min(Inches(block.width * scale), Cm(self._width))
        about = paragraph.add_run().add_picture(str(path), width=width)._inline.docPr
        about.set("descr", block.alt)
        about.set("title", block.title)
        self._caption("figure", block, f"{block.caption} {self.words['source']}: {block.source}.")

    def _caption(self, kind: str, block, more: str):
        paragraph, name = self.document.add_paragraph(style="Caption"), f"{kind}-{block.name}"
        with self._marked(paragraph, name):
            paragraph.add_run(f"{self.words[kind]} ")
            self._field(paragraph, f"SEQ {self.words[kind]} \\* ARABIC", str(self.numbers[name]))
        label = f" ({block.label})" if block.label else ""
        paragraph.add_run(f". {block.title}{label}. ")
        paragraph.add_run(more).bold = False
        return paragraph

    def _references(self, _) -> None:
        from docx.shared import Cm

        for pieces in self.typeset.references:
            paragraph = self.document.add_paragraph()
            form = paragraph.paragraph_format
            form.left_indent, form.first_line_indent = Cm(1), Cm(-1)
            for text, italic in pieces:
                paragraph.add_run(text).italic = italic

    def _spans(self, paragraph, spans: list[Span], lang: str | None = None) -> None:
        for kind, text in ((span.kind, span.text) for span in spans):
            if kind == "cite":
                paragraph.add_run(self.typeset.cites[text])
            elif kind == "see":
                # A field that follows when Word renumbers.
                number = self.numbers[text]
                self._field(paragraph, f"REF {_mark_of(text, number)} \\h",
                            f"{self.words[text.partition('-')[0]]} {number}")
            elif kind == "link":
                self._link(paragraph, text)
            else:
                run = paragraph.add_run(text)
                run.bold, run.italic = kind == "strong" or None, kind == "emphasis" or None
                if kind == "code":
                    run.font.name = "Consolas"
        self._speak(paragraph.runs, lang)

    def _speak(self, runs, lang: str | None) -> None:
        """Language of runs, where it is not that of the report."""
        if lang not in (None, self.report.lang):
            tag = Texts(lang, "report")("language.tag")
            for run in runs:
                run._r.get_or_add_rPr().append(_word("lang", val=tag))

    def _link(self, paragraph, address: str) -> None:
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.oxml.ns import qn
        from docx.shared import RGBColor

        link, run = _word("hyperlink"), paragraph.add_run(address)
        part = self.document.part
        link.set(qn("r:id"), part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        run.font.color.rgb = RGBColor.from_string(ACCENT)
        link.append(run._r)
        paragraph._p.append(link)

    @contextmanager
    def _marked(self, paragraph, name: str):
        """Bookmark around what is written meanwhile."""
        self.bookmarks += 1
        number, mark = str(self.bookmarks), _mark_of(name, self.numbers[name])
        paragraph._p.append(_word("bookmarkStart", id=number, name=mark))
        yield
        paragraph._p.append(_word("bookmarkEnd", id=number))

    def _field(self, paragraph, instruction: str, shown: str) -> None:
        """Field of Word with what it shows until it is updated."""
        from docx.oxml.ns import qn

        text = _word("instrText")
        text.text = instruction
        text.set(qn("xml:space"), "preserve")
        begin, separate, end = (_word("fldChar", fldCharType=kind)
                                for kind in ("begin", "separate", "end"))
        for element in (begin, text, separate):
            paragraph.add_run()._r.append(element)
        paragraph.add_run(shown)
        paragraph.add_run()._r.append(end)


def _numbers(report: Report) -> dict[str, int]:
    """Number of every table and figure, counted as the PDF counts them."""
    found: dict[str, int] = {}
    for of in (Table, Figure):
        blocks = [block for block in report.blocks() if isinstance(block, of)]
        found |= {f"{kind_of(block)}-{block.name}": number
                  for number, block in enumerate(blocks, start=1)}
    return found


def _mark_of(name: str, number: int) -> str:
    """Name of a bookmark: at most 40 letters, digits and underscores, with a number of its own.

    >>> _mark_of("table-report-parameters-force_field", 12)
    'table_report_parameters_force_field_12'
    """
    end = f"_{number}"
    return "".join(sign if sign.isalnum() else "_" for sign in name)[:40 - len(end)] + end


def _word(element_name: str, **attributes: str):
    """Element of Word's markup."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(f"w:{element_name}")
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element
