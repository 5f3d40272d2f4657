"""The printed report: what it says, its two forms, and its place in the build."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import shared_build
from conftest import ROOT
from hypothesis import example, given
from hypothesis import strategies as st
from report_checks import alternative_texts, document_of, fonts_without_a_file, page_count, text_of
from shared_build import helpers
from small_project import SmallProject

from helpers.documents import report
from helpers.documents.report import content, equations, method, pdf, references, word
from helpers.documents.report.blocks import (
    Figure,
    Formula,
    Heading,
    Paragraph,
    Part,
    Report,
    Span,
    Table,
    paragraphs,
    spans,
)
from helpers.documents.report.results import Results
from helpers.publish import exports, tables
from helpers.publish.texts import Texts, catalogue
from helpers.run import documents, provenance, runner
from helpers.run.inputs import read_inputs
from helpers.study import parameters

MARKS = re.compile(r"\{[^}]*\}|\[[@#][^\]]*\]|`[^`]*`")
HOSTILE = '#panic("x") $x^2$ *a* @S1 <b> \\ [@lewin1951] {y} `c`'


@pytest.fixture(scope="module")
def mexico(tmp_path_factory) -> Path:
    """The report on another data package."""
    return shared_build.mexico(tmp_path_factory)


@pytest.fixture(scope="module")
def results(mexico) -> Results:
    facts = json.loads((mexico / "provenance.json").read_text(encoding="utf-8"))
    products = [file for about in facts["products"].values() for file in about["files"]]
    return Results(mexico, products, facts, ROOT / "examples" / "mexico", "en")


@pytest.fixture(scope="module")
def written(results):
    return content.write(results)


# texts

@pytest.mark.parametrize("lang", ["id", "en"])
def test_no_number_is_typed_into_the_texts(lang):
    for key, text in catalogue("report", lang).items():
        assert not re.search(r"\d", MARKS.sub("", text)), f"{key}: {text}"


def test_every_citation_has_a_work_and_every_work_is_cited():
    cited = {
        lang: {
            key for text in catalogue("report", lang).values()
            for mark in re.findall(r"\[@([^\]]+)\]", text) for key in re.findall(r"[\w-]+", mark)
        } for lang in ("id", "en")
    }
    assert cited["id"] == cited["en"] == set(references.literature())


def test_every_formula_is_read_aloud_and_every_stage_has_a_chapter():
    for lang in ("id", "en"):
        assert {f"formula.{name}" for name in method.FORMULAS} <= set(catalogue("report", lang))
    assert set(method.CHAPTERS) == {stage.name for stage in documents.STAGES} - {"overview"}


DEFAULTS = parameters.load()
ENUMS = [(stage, name, value) for stage in method.CHAPTERS
         for name, rule in parameters.names(stage).items() for value in rule.get("enum", [])
         if name != "lang"]


def method_of(folder: Path, stage: str, lang: str, raw: Path = ROOT / "data" / "raw",
              products: tuple = (), **chosen):
    """Return the chapter on method of a build that ran one stage, with parameters of its own."""
    (folder / "tables").mkdir(exist_ok=True)
    (folder / "tables" / "sample_size.csv").write_text(
        "method,population,margin,confidence,n_exact,n,status\nslovin,128951,0.05,0.95,398.76,399,"
        "published\n"
    )
    values = {f"{stage}.{name}": value for name, value in (DEFAULTS[stage] | chosen).items()}
    facts = {"stages": {stage: {"parameters": values}}, "products": {}}
    return method.chapter(Results(folder, list(products), facts, raw, lang), Texts(lang, "report"))


def told(blocks) -> str:
    """Return the text of paragraphs."""
    return "\n".join("".join(span.text for span in block.spans) for block in blocks
                     if isinstance(block, Paragraph))


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("stage, name, value", ENUMS)
def test_the_method_is_told_under_every_choice(tmp_path, stage, name, value, lang):
    blocks = method_of(tmp_path, stage, lang, **{name: value})
    assert sum(isinstance(block, Formula)
               for block in blocks) == sum(map(len, method.CHAPTERS[stage].values()))
    if any(f"{{{name}}}" in text for key, text in catalogue("report", lang).items()
           if key.startswith(f"method.{stage}.")):
        assert f"value.{name}.{value}" in catalogue("report", lang) or Texts(
            lang, stage).has(f"word.{value}")


def test_the_method_counts_linkages_as_the_stage_did(tmp_path):
    own = method_of(tmp_path, "force_field", "en", divisor="rated", linkage_scope="own")
    assert "counted among the factors of the same force" in told(own)
    assert [block.alt for block in own if isinstance(block, Formula)][1].startswith(
        "N R K i equals the sum of N K over the number of N K above zero")
    assert "counted among all factors" in told(method_of(tmp_path, "force_field", "en"))


def test_the_method_claims_weights_only_where_there_were_some(tmp_path):
    assert "finite population correction" in told(method_of(tmp_path, "scoring", "en"))
    for said in (method_of(tmp_path, "scoring", "en", weights="none"),
                 method_of(tmp_path, "scoring", "en", raw=ROOT / "examples" / "mexico")):
        assert "no finite population correction" in told(
            said) and "estimated without weights" in told(said)


def test_the_method_says_what_robustness_is_a_share_of(tmp_path):
    product = "figures/multiverse.json"
    assert "share of the listed analyses" in told(
        method_of(tmp_path, "synthesis", "en", products=(product,)))
    assert "share of other readings of the test" in told(method_of(tmp_path, "synthesis", "en"))


def test_the_method_tells_how_sure_results_are_with_the_parameters_in_use(tmp_path):
    disparity = told(
        method_of(tmp_path, "disparity", "en", alpha=0.1, bootstrap=1234, local_correction="fdr",
                  spatial_weights="rook", first_year=2019))
    for words in ("intervals of 90%", "1,234 bootstrap replicates", "from 2019 on",
                  "stretch of border (rook)", "corrected by controlling the false discovery rate",
                  "HC3"):
        assert words in disparity
    force_field = told(
        method_of(tmp_path, "force_field", "en", draws=4321, rating_error=0.3, evidence="gaps",
                  strategy_rule="product", urgency_source="ratings"))
    for words in ("4,321 draws", "probability of 30%", "the gaps of the survey move it",
                  "product of the TNB", "comes from the experts' ratings", "Kendall's W"):
        assert words in force_field


def test_the_template_holds_no_text(tmp_path):
    words = dict.fromkeys(content.WORDS, "§")
    empty = Report("en", "§", "§", "§", "§", words, abstracts=[],
                   parts=[Part([Paragraph([Span("text", "§")])])])
    (tmp_path / "empty.pdf").write_bytes(pdf.make(empty, tmp_path))
    assert set("".join(text_of(tmp_path / "empty.pdf").split())) <= set("§0123456789")


# pieces

@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=60))
@example("[@lewin1951] [#table-scores] \\[@a] `c` *x* <b> $y$")
def test_any_value_stays_text(value):
    found = spans(Texts("en", "report").for_markdown()("abstract.other", title=value))
    assert {span.kind for span in found} <= {"text"}
    plain = Texts("en", "report")("abstract.other", title=value)
    assert "".join("".join(span.text for span in found).split()) == "".join(plain.split())


def test_paragraphs_of_what_a_notebook_said():
    said = paragraphs("**Gap.** It is 1\\.5.\n\n- one *point*\n- `need_1`\n")
    assert said == [[Span("strong", "Gap."), Span("text", " It is 1.5.")],
                    [Span("text", "one "), Span("emphasis", "point")], [Span("code", "need_1")]]


def test_formulas_become_equations_of_word(written):
    formulas = {block.typst for block in written.blocks() if isinstance(block, Formula)}
    made = equations.typeset(written).formulas
    assert set(made) == formulas and len(formulas) == 4
    gini = made[method.FORMULAS["gini"]]
    names = Counter(element.tag.partition("}")[2] for element in gini.iter())
    assert "".join(gini.itertext(
    )) == "G=∑i∑jpipjyi−yj2y" and names["f"] == 1 and names["d"] == 1 and names["bar"] == 1


def test_every_formula_of_the_method_becomes_an_equation():
    blocks = [Formula(text, name) for name, text in method.FORMULAS.items()]
    empty = Report("en", "", "", "", "", {}, abstracts=[], parts=[Part(blocks)], works={})
    made = equations.typeset(empty).formulas
    assert "".join(made[method.FORMULAS["tnb_rated"]].itertext()).startswith("NRKi=∑j≠iNKij")
    assert set(made) == set(method.FORMULAS.values())


def test_bookmarks_of_long_names_differ(written):
    names = [f"figure-map_{'a_long_name_of_an_indicator' * 2}_{number}" for number in range(3)]
    marks = {word._mark_of(name, number) for number, name in enumerate(names, start=1)}
    assert len(marks) == 3 and all(len(mark) <= 40 and mark.isidentifier() for mark in marks)


def test_references_are_written_by_the_style(written):
    made = equations.typeset(written)
    assert made.cites["rey2023"] == "(Rey et al., 2023)"
    moran = next(pieces for pieces in made.references if pieces[0][0].startswith("Moran"))
    assert "".join(text for text, _ in moran).startswith(
        "Moran, P. A. P. (1950). Notes on continuous stochastic phenomena.")
    assert ("Biometrika", True) in moran


def test_wide_figures_stand_on_turned_pages_and_close_a_section(results):
    figure = Figure("a", "A", "", "a", "", "published", "published", "a.svg", 11, 5)
    square = Figure("b", "B", "", "b", "", "published", "published", "b.svg", 10, 9)
    parts = content._turned([Heading("x"), square, figure, Heading("y")])
    assert parts == [
        Part([Heading("x"), square]),
        Part([figure], landscape=True),
        Part([Heading("y")])
    ]


def test_room_of_a_table():
    table = Table("a", "A", ["Code", "Text"],
                  [["x1", "long words of a text that goes on for some time"]], [False, False])
    assert table.weights == [6, 36] and table.least == 26


def test_statements_about_data_follow_their_status(results):
    assert results._status("disparity") == "published"
    assert {block.status for block in results.found("disparity")} == {"published"}
    assert results.found("overview") == []


# exports

FRAME = pd.DataFrame({
    "rank": [1, 2], "strategy": ["a_b", "50% & more"], "driving": ["D1", "=1+1"],
    "restraining": ["H1", "--x"], "score": [-0.5, 1.25], "label_id": ["modal", "#1"],
    "label_en": ["credit", "{x}~^\\"], "status": ["illustrative"] * 2
})


def test_workbook_keeps_numbers_and_texts(tmp_path):
    from openpyxl import load_workbook

    made = exports.to_xlsx("strategies", FRAME, Texts("id", "force_field"))
    assert made == exports.to_xlsx("strategies", FRAME, Texts("id", "force_field"))
    (tmp_path / "x.xlsx").write_bytes(made)
    sheet = load_workbook(tmp_path / "x.xlsx").active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][-1] == "Status" and rows[1][4] == -0.5 and rows[2][2] == "=1+1" and rows[1][
        -1] == "ilustratif"
    assert [cell.number_format
            for cell in sheet[2]][:5] == ["#,##0", "General", "General", "General", "#,##0.000"]


def test_latex_is_escaped_and_even():
    made = exports.to_latex("strategies", FRAME.drop(columns="status"), Texts("en", "force_field"),
                            "A_B", "illustrative")
    rows = made.split(r"\midrule")[1].split(r"\bottomrule")[0].strip().splitlines()
    assert [len(re.findall(r"(?<!\\)&", row))
            for row in rows] == [6, 6] and r"\caption{A\_B (illustrative)}" in made
    assert rows[0].startswith(r"1 & a\_b & D1 & H1 & $-$0.500 &")
    assert r"50\% \& more" in rows[1] and "-{}-x" in rows[
        1] and r"\{x\}\textasciitilde{}\textasciicircum{}\textbackslash{}" in rows[1]


def test_long_tables_break_over_pages_in_latex():
    frame = pd.concat([FRAME] * 30)
    made = exports.to_latex("strategies", frame.drop(columns="status"), Texts("en", "force_field"),
                            "A", "illustrative")
    assert made.count(
        r"\begin{longtable}{rlllrll}") == 1 and r"\endhead" in made and r"\begin{table}" not in made


# the report on another data package

def test_pdf_can_be_read_aloud(mexico, results):
    found = document_of(mexico / "report.pdf")
    root = found.trailer["/Root"]
    assert root["/Lang"] == "en" and bool(
        root["/MarkInfo"]["/Marked"]) and "/StructTreeRoot" in root
    assert found.metadata.title == "Income of Mexican states 1940-2000"
    figures = [block for block in content.write(results).blocks() if isinstance(block, Figure)]
    spoken = alternative_texts(found)
    assert figures and all(figure.alt in spoken for figure in figures)
    assert all(block.alt in spoken for block in content.write(results).blocks()
               if isinstance(block, Formula))
    assert [entry.title for entry in found.outline
            if not isinstance(entry, list)][:3] == ["Abstract", "Abstrak", "1 Introduction"]
    assert fonts_without_a_file(found) == []


def test_pdf_says_what_is_not_in_the_package(mexico):
    text = text_of(mexico / "report.pdf")
    assert text.count("This stage cannot be run with this data package.") == 4
    assert "Blitar" not in text and "bukan temuan" not in text


def test_every_number_of_the_tables_is_in_the_pdf(mexico, results):
    in_pdf = Counter(text_of(mexico / "report.pdf").split())
    for name in filter(results.has, tables.schemas()):
        table = next(block for block in content.write(results).blocks()
                     if isinstance(block, Table) and block.name == name)
        assert len(table.rows) == len(results.table(name))
        numbers = Counter(cell for row in table.rows
                          for cell, numeric in zip(row, table.numeric, strict=True) if numeric)
        assert not {number for number, count in numbers.items() if in_pdf[number] < count}, name


def test_pdf_points_to_sources_and_works_only(mexico, results):
    found = document_of(mexico / "report.pdf")
    links = {
        link["/A"]["/URI"] for page in found.pages for link in page.get("/Annots", [])
        if "/URI" in link.get("/A", {})
    }
    known = {row["url"] for row in results.sources.to_dict("records")}
    assert all(link in known or link.startswith("https://doi.org/")
               for link in links) and known <= links


def test_same_bytes_twice(mexico, written):
    assert pdf.make(written, mexico) == (mexico / "report.pdf").read_bytes()
    assert word.make(written, mexico) == (mexico / "report.docx").read_bytes()


def test_word_file_has_real_parts(mexico, results):
    from docx import Document
    from docx.oxml.ns import qn

    made, blocks = Document(str(mexico / "report.docx")), list(content.write(results).blocks())
    headings = [block for block in blocks if isinstance(block, Heading)]
    assert [
        paragraph.text.split(" ", 1)[-1] for paragraph in made.paragraphs
        if paragraph.style.name.startswith("Heading")
    ] == [block.text if block.numbered else block.text.split(" ", 1)[-1] for block in headings]
    expected = [block for block in blocks if isinstance(block, Table)]
    assert len(made.tables) == len(expected)
    for table, block in zip(made.tables, expected, strict=True):
        assert len(table.rows) == len(block.rows) + 1
        assert [cell.text for cell in table.rows[0].cells] == block.headings
        assert [cell.text for cell in table.rows[-1].cells] == block.rows[-1]
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    figures = [block for block in blocks if isinstance(block, Figure)]
    assert [shape._inline.docPr.get("descr")
            for shape in made.inline_shapes] == [block.alt for block in figures]
    captions = [
        paragraph.text for paragraph in made.paragraphs if paragraph.style.name == "Caption"
    ]
    assert len(captions) == len(figures) + len(expected) and captions[0].startswith(
        "Table 1. Resources")
    assert made.core_properties.created.year == 1980 and made.core_properties.language == "en-GB"


def test_every_table_is_there_for_other_programs(mexico, results):
    names = {name for name in tables.schemas() if results.has(name)}
    made = {path.name for path in (mexico / "report" / "tables").iterdir()}
    assert made == {f"{name}{ending}" for name in names for ending in (".xlsx", ".tex")}
    assert "cronbach1951:" in (mexico / "report" / "references.yml").read_text(encoding="utf-8")


def test_nothing_to_do_twice_and_clean_removes_the_report(mexico, tmp_path):
    own = shutil.copytree(mexico, tmp_path / "out")
    call = (f"RAW={ROOT / 'examples' / 'mexico'}", f"OUT={own}")
    again = helpers("report", *call, "lang=en")
    assert again.returncode == 0 and "nothing to do" in again.stdout
    assert helpers("clean", *call).returncode == 0 and not own.exists()


# in the build

@pytest.fixture(scope="module")
def small(tmp_path_factory) -> SmallProject:
    project = SmallProject(tmp_path_factory.mktemp("report")).create()
    (project.root / "params.yml").write_text("seed: 7\nlang: en\n")
    descriptor = project.root / "raw" / "datapackage.json"
    about = json.loads(descriptor.read_text(encoding="utf-8"))
    descriptor.write_text(json.dumps(about | {"title": HOSTILE, "name": "other"}), encoding="utf-8")
    assert build(project).ran[-1] == "report"
    return project


def build(project: SmallProject) -> runner.Outcome:
    work = runner.Build(project.project, read_inputs(project.project), ["sampling", "synthesis"],
                        [documents.REPORT], say=project.lines.append)
    outcome = work.run()
    assert not outcome.errors, outcome.errors
    return outcome


def test_the_report_is_made_again_when_what_it_shows_changes(small):
    assert build(small).fresh == ["sampling", "synthesis", "report"]
    (small.project.out / "report.pdf").unlink()
    assert build(small).ran == ["report"]
    texts = small.project.source / "publish" / "locale" / "en" / "LC_MESSAGES" / "report.po"
    texts.write_text(
        texts.read_text(encoding="utf-8").replace("Limitations", "Limits"), encoding="utf-8")
    assert build(small).ran == ["report"]


def test_values_of_the_data_stay_text(small):
    found = document_of(small.project.out / "report.pdf")
    assert found.metadata.title == HOSTILE
    text = " ".join(text_of(small.project.out / "report.pdf").split())
    assert f"This report holds the results computed from the data package “{HOSTILE}”." in text


def test_a_table_that_was_made_by_hand_is_not_shown(small, tmp_path):
    stray = small.project.out / "tables" / "scores.csv"
    stray.write_text("x\n1\n")
    made = [
        product for stage in ("sampling", "synthesis")
        for product in runner.Products(small.project, stage).files
    ]
    inputs = read_inputs(small.project)
    facts = provenance.collect(small.project, inputs,
                               small.work(with_site=False).facts,
                               {"commit": "x", "tree": "unknown"})
    report.make(small.project.out, made, "id", small.project.raw, tmp_path, facts)
    stray.unlink()
    assert {path.stem for path in (tmp_path / "report" / "tables").iterdir()} == {"sample_size"}
    assert page_count(tmp_path / "report.pdf") > 3


def test_a_paragraph_may_be_in_the_other_language(written):
    assert [block.lang for block in written.abstracts] == ["en", "en", "id", "id"]
    assert all(isinstance(block, Paragraph | Heading) for block in written.abstracts)
