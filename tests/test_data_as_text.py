"""Values of the data are text: in pages, tables, notebooks and figures they never become markup,
code, links or formulas."""

import csv
import json
import re
import xml.dom.minidom
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from conftest import tell_run
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers import publish, study
from helpers.cli import commands
from helpers.documents.site import downloads, notebook, pages
from helpers.publish import figures, tables
from helpers.publish.texts import Texts
from helpers.study import parameters

BAD = (
    "<script>document.title='x'</script><img src=x onerror=\"document.title='x'\"> **b** "
    "[a](javascript:alert(1)) "
    "$x_1$ {0} {x!r} %s \\textbf{t} #set &lt; ]]> --> `c` kanan")
FORMULAS = ["=1+1", "+1+cmd|' /C calc'!A0", "-1+1", "@SUM(A1:A2)"]
ADDRESS = "https://example.org/\"><script>document.title='x'</script>"  # others are refused
OWN_SCRIPTS = ("site.js", "search.js", "search-index.js")
SMALL = ("areas", "factors", "ratings", "linkages", "strategies", "sources")


class Active(HTMLParser):
    """Finds what a page would run or load because of the data."""

    def __init__(self, text: str):
        super().__init__()
        self.found = []
        self.texts = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "iframe", "object",
                   "embed") and dict(attributes).get("src") not in OWN_SCRIPTS:
            self.found.append(tag)
        for name, value in attributes:
            is_picture = (value or "").startswith("data:image/png;base64,")
            if name.startswith("on") or value == "x" or (re.match(
                    r"\s*(javascript|vbscript|data):", value or "", re.I) and not is_picture):
                self.found.append((tag, name, value))

    def handle_data(self, data):
        self.texts.append(data)


def page_of(tmp_path, *outputs, source="1"):
    cell = nbformat.v4.new_code_cell(
        source, id="cell", outputs=[
            nbformat.v4.new_output("display_data", data, metadata=metadata)
            for data, metadata in outputs
        ])
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# Title", id="title"), cell])
    path = tmp_path / "1_x.ipynb"
    nbformat.write(book, path)
    return notebook.read(path, {}, {})


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("value",
                         [BAD, "a\n\n# b\n\n<b>c</b>", "x\n- [a](javascript:alert(1))",
                          "```mermaid\n<img src=x>\n```"])
def test_a_value_in_a_sentence_stays_the_same_text_on_the_page(tmp_path, value, lang):
    t = Texts(lang, "common").for_markdown()
    page = page_of(tmp_path,
                   ({"text/markdown": f"**Ada** {t.format('{value}', value=value)}."}, {}))
    shown = Active(page.body)
    assert shown.found == [] and not page.sections
    assert " ".join(value.split()) in " ".join("".join(shown.texts).split())


def test_markup_that_a_cell_puts_out_as_markdown_is_shown_as_text(tmp_path):
    links = "[l](javascript:alert(1)) <javascript:alert(1)> ![p](javascript:x)"
    diagram = "```mermaid\n<img src=x>\n```"
    raw = f"{BAD}\n\n{links}\n\n{diagram}\n\n## Not a section"
    page = page_of(tmp_path, ({"text/markdown": raw}, {}), ({"text/latex": raw}, {}),
                   ({"text/plain": BAD}, {}))
    assert Active(page.body).found == [] and page.sections == []


def test_the_alternative_text_of_a_picture_cannot_leave_its_attribute(tmp_path):
    alt = 'x" onerror="document.title=1'
    page = page_of(tmp_path,
                   ({"image/png": "aGk="}, {"image/png": {"alt": alt, "width": '1" onload="x'}}))
    assert Active(page.body).found == [] and "document.title=1" in page.body


def test_script_and_code_outputs_are_left_out(tmp_path):
    page = page_of(tmp_path, ({"application/javascript": "alert(1)"}, {}),
                   ({"image/svg+xml": "<svg onload='x'/>"}, {}))
    assert Active(page.body).found == [] and "alert" not in page.body


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-8-sig"])
def test_tables_of_a_package_are_offered_as_it_declares_them(package_copy, tmp_path, encoding):
    package_copy.edit_entry("sources", lambda entry: entry.update(
        encoding=encoding, dialect={"delimiter": ";"}))
    text = 'source;title\nbps;Café\nown;"=1+1;2"\n'
    package_copy.path("sources").write_bytes(text.encode(encoding))
    listed = {"sources": {"path": "sources.csv", "status": "published"}}
    assert downloads.write_raw(package_copy.folder, listed, tmp_path / "data") == {"sources"}
    shown = (tmp_path / "data" / "sources.csv").read_text(encoding="utf-8")
    assert shown == text.replace("=1", "'=1")
    known = pages._sources(package_copy.folder, listed)
    assert known == {"bps": {"source": "bps", "title": "Café"},
                     "own": {"source": "own", "title": "=1+1;2"}}


@pytest.mark.parametrize("value", [*FORMULAS, BAD, 'with "quotes", commas\nand lines'])
def test_tables_for_machines_hold_every_value_as_it_is(value):
    frame = pd.DataFrame({"name": [value], "n": [1]})
    [row] = csv.DictReader(tables.to_csv(frame).splitlines(keepends=True))
    assert row["name"] == value
    [row] = csv.DictReader(tables.csv_for_people(tables.to_csv(frame)).splitlines(keepends=True))
    assert row["name"] == (f"'{value}" if value in FORMULAS else value), "safe in a spreadsheet"
    shown = Active(
        tables.to_html(frame, {"name": "text", "n": "d"}, Texts("en", "common"), value,
                       "published"))
    assert shown.found == [] and shown.texts.count(value) == 1


@pytest.mark.parametrize("value", [*FORMULAS, BAD])
def test_a_workbook_has_texts_and_never_formulas(value):
    import io
    import zipfile

    from helpers.study.workbook import workbook

    content = zipfile.ZipFile(io.BytesIO(workbook({"list": [[value], [value]]})))
    sheet = xml.dom.minidom.parseString(content.read("xl/worksheets/sheet1.xml"))
    assert not sheet.getElementsByTagName("f")
    assert [cell.getAttribute("t") for cell in sheet.getElementsByTagName("c")] == ["inlineStr"] * 2
    assert [text.firstChild.data for text in sheet.getElementsByTagName("t")] == [value] * 2


@pytest.mark.parametrize("value", [*FORMULAS, BAD])
def test_a_workbook_that_is_handed_over_has_texts_and_never_formulas(value, tmp_path, monkeypatch):
    import zipfile

    from test_publish import open_stage

    _, out = open_stage(tmp_path, monkeypatch, lang="en")
    out.hand_over_workbook("list", pd.DataFrame({"name": [value]}), {"name": "text"})
    content = zipfile.ZipFile(tmp_path / "processed" / "list.xlsx")
    sheet = xml.dom.minidom.parseString(content.read("xl/worksheets/sheet1.xml"))
    assert not sheet.getElementsByTagName("f")
    assert [cell.getAttribute("t") for cell in sheet.getElementsByTagName("c")] == ["inlineStr"] * 2
    assert [text.firstChild.data
            for text in sheet.getElementsByTagName("t")] == ["Area", value]


def test_a_label_in_a_figure_is_drawn_as_it_is_written():
    figure = Figure(figsize=(20, 8), layout="constrained")
    axes = figure.subplots()
    axes.plot([BAD[number:number + 60] for number in (0, 60, 120)], [1, 2, 3],
              label="$\\frac{1}{0$")
    axes.legend()
    figures.finish(figure, Texts("en", "common"), BAD, BAD, "simulated")
    _, svg, _ = figures.render(figure, "name")
    assert not any(text.get_parse_math() or text.get_usetex() for text in figure.findobj(Text))
    drawing = xml.dom.minidom.parseString(svg)
    assert not [
        tag
        for tag in ("script", "image", "a", "foreignObject") if drawing.getElementsByTagName(tag)
    ]


@pytest.mark.parametrize("name",
                         ["../x", "map_../../x", "/etc/x", "a\\b", ".hidden", "a\0", "x" * 101,
                          "a#b", ""])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, monkeypatch, name):
    tell_run(monkeypatch, tmp_path, out=tmp_path / "out")
    st = study.open("sampling", parameters.load()["sampling"] | {"seed": 1, "lang": "id"})
    out = publish.open(st)
    with pytest.raises(ValueError, match="cannot name a file"):
        out.figure(name, Figure(layout="constrained"), made_from=["frame"],
                   data=pd.DataFrame({"x": [1]}), text="sample_map")
    with pytest.raises(ValueError, match="cannot name a file"):
        out.hand_over(name, pd.DataFrame({"x": [1]}))
    assert not list(tmp_path.rglob("*.*"))


@pytest.fixture
def hostile(package_copy):
    """A package whose every label tries to be something else."""
    package_copy.keep(*SMALL)
    package_copy.edit_cell("areas", 2, "name", f"=1+1 {BAD}")
    for resource, columns in (("factors", ("label_id", "label_en")),
                              ("strategies", ("label_id", "label_en")), ("sources", ("title",
                                                                                     "publisher"))):
        rows = list(csv.DictReader(package_copy.path(resource).open(encoding="utf-8", newline="")))
        for number, row in enumerate(rows, start=2):
            for column in columns:
                package_copy.edit_cell(resource, number, column, f"{row[column]} {BAD}")
    package_copy.edit_descriptor(
        lambda about: about.update(name="other", title=f"T {BAD}", description=f"D {BAD}"))
    package_copy.edit_descriptor(lambda about: [
        entry.update(title=BAD, sources=[{"title": BAD, "path": ADDRESS}], licenses=
                     [{"name": BAD, "title": BAD, "path": ADDRESS}])
        for entry in about["resources"]
    ])
    return package_copy.folder


def test_a_build_of_a_package_full_of_code_shows_all_of_it_as_text(hostile, tmp_path, capfd):
    out = tmp_path / "out 1 é"
    assert commands.main(["all", f"RAW={hostile}", f"OUT={out}"]) == 0, capfd.readouterr()
    pages = [path for path in out.rglob("*.html") if ".build" not in path.parts]
    assert {"index.html", "4_force_field.html", "figures.html",
            "tables.html"} <= {path.name for path in pages}
    assert {path.name: Active(path.read_text(encoding="utf-8")).found
            for path in pages} == {path.name: [] for path in pages}
    shown = Active((out / "site" / "4_force_field.html").read_text(encoding="utf-8")).texts
    assert any(BAD in text for text in shown)
    written = (out / "tables" / "strategies.csv").read_text(encoding="utf-8")
    assert BAD.replace('"', '""') in written
    for path in out.glob("figures/*.svg"):
        assert not xml.dom.minidom.parse(str(path)).getElementsByTagName("script")
    for path in out.glob("notebooks/*.ipynb"):
        nbformat.validate(json.loads(Path(path).read_text(encoding="utf-8")))
