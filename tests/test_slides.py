"""The decks: which cells are slides, what of them is shown, nothing loaded from elsewhere, nothing
of the data markup."""

import base64
import io
import json
import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from PIL import Image
from small_site import NASTY, PIXEL, cell, result

from helpers.documents import slides
from helpers.documents.site.pages import asset
from helpers.documents.slides import deck, picture
from helpers.publish import figures
from helpers.publish.charts.figure import one_panel
from helpers.publish.texts import Texts

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
KINDS = {"slide", "subslide", "-", "notes"}
TABLE = ("<table><caption>Kecamatan</caption><tbody>"
         + "".join(f"<tr><td>{row}</td></tr>" for row in range(30)) + "</tbody></table>")


def slide(kind, *arguments, **more):
    made = cell(*arguments, **more)
    made["metadata"]["slideshow"] = {"slide_type": kind}
    return made


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slides")
    said = [result("display_data", text_markdown=f"Temuan nomor {number}.") for number in range(6)]
    cells = [
        slide("slide", "markdown", "title",
              "# Berapa orang?\n\n**Pertanyaan.** Berapa yang *cukup*? Berapa kurang?"),
        cell("code", "set-up", "st = study.open()"),
        slide(
            "slide", "markdown", "size",
            "## 2. Berapa?\n\n### Slovin\n\nDengan batas galat $e$:\n\n"
            "$$n = \\frac{N}{1 + N e^2}$$\n\nHitung dulu dengan tangan. "
            + "Lalu panjang sekali. " * 20),
        slide("-", "code", "say", "hidden_code()",
              [result(text_markdown="Ada **399** orang, \\<b\\>bukan\\</b\\>.")]),
        slide("notes", "markdown", "aside", "Hanya untuk pembicara."),
        cell("markdown", "left-out", "## 3. Bagian lain\n\nTidak di salindia."),
        slide("subslide", "code", "picture", "draw()",
              [result("display_data", image_png=PIXEL, text_plain="A dot.")]),
        slide("-", "code", "table", "out.table()", [result(text_html=TABLE)]),
        slide("slide", "markdown", "found", "## Temuan"),
        slide("-", "code", "many", "said()", said),
        slide("-", "code", "print", "print()",
              [{"output_type": "stream", "name": "stdout", "text": NASTY}]),
        slide(
            "slide", "markdown", "check",
            "## Uji diri\n\n1. Mengapa?\n\n<details><summary>Jawaban</summary>\n\n1. Karena.\n</"
            "details>"
        ),
    ]
    path = folder / "notebooks" / "1_sampling.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4,
                                "nbformat_minor": 5}))
    (folder / "tables").mkdir()
    (folder / "tables" / "scores.json").write_text('{"stage": "sampling", "status": "simulated"}')
    (folder / "tables" / "other.json").write_text('{"stage": "scoring", "status": "published"}')
    made = [
        "notebooks/1_sampling.ipynb", "tables/scores.csv", "tables/scores.json", "tables/other.json"
    ]
    for name in ("one", "two"):
        slides.make(folder, made, "id", {"title": NASTY}, folder / name)
    return folder / "one" / "sampling.html"


@pytest.fixture(scope="module")
def sheets(page):
    """The slides, with their notes set apart."""
    body = page.read_text().partition('<div class="slides">')[2].partition('<p class="foot">')[0]
    found = []
    for sheet in body.split('<div class="sheet">')[1:]:
        notes = re.findall(r'<aside class="notes">(.*?)</aside>', sheet, re.DOTALL)
        found.append((re.sub(r'<aside class="notes">.*?</aside>', "", sheet,
                             flags=re.DOTALL), "".join(notes)))
    return found


def test_cells_without_a_mark_are_not_in_the_deck(sheets):
    text = "".join(shown + notes for shown, notes in sheets)
    assert len(sheets) == 7 and "Tidak di salindia" not in text and "hidden_code" not in text


def test_scripts_run_by_the_mark_of_the_page_alone(page):
    """Also in the speaker's view, a window of its own that shows these slides in frames."""
    text = page.read_text()
    [stated] = re.findall(r'content="([^"]*)" http-equiv="Content-Security-Policy"', text)
    mark = re.search(r"script-src 'nonce-(\w{32})'; frame-src 'self' file:$", stated)[1]
    assert stated.startswith("default-src 'none'")
    assert {*re.findall(r"<script[^>]*>", text)} == {f'<script nonce="{mark}">',
                                                    f"<script nonce='{mark}'>"}
    index = (page.parent / "index.html").read_text()
    assert "Content-Security-Policy" in index and 'href="#content"' in index
    assert asset("site.css") in index, "the list looks as the other pages do"


def test_a_slide_has_the_beginning_and_the_formula_and_its_notes_the_whole_text(sheets):
    shown, notes = sheets[1]
    assert "<h2>Slovin</h2>" in shown and '<p class="above">2. Berapa?</p>' in shown
    assert ("<mfrac>" in shown and "Ada <strong>399</strong> orang" in shown
            and "&lt;b&gt;bukan" in shown)
    assert ("dengan tangan" not in shown and "dengan tangan" in notes
            and "Hanya untuk pembicara" in notes)


@pytest.mark.parametrize("source", ["", "\n\n", "<details><summary>More</summary>\n\nText."])
def test_a_text_cell_may_be_empty_or_folded_as_a_whole(source):
    assert deck.excerpt(source) == deck.Excerpt("", "", "")


def test_the_title_slide_has_the_whole_question(sheets):
    assert "<h1>Berapa orang?</h1>" in sheets[0][0] and "Berapa kurang?" in sheets[0][0]


def test_a_slide_that_begins_with_a_cell_of_code_has_the_heading_of_its_section(sheets):
    shown, _ = sheets[2]
    assert "<h2>3. Bagian lain</h2>" in shown and "<img alt='A \"single\" dot.'" in shown
    assert "<tr>" not in shown  # a picture has its slide to itself
    shown, _ = sheets[3]
    assert "<h2>3. Bagian lain</h2>" in shown and "7 dari 30 baris" in shown
    assert shown.count("<tr>") == deck.ROWS


def test_many_sentences_go_on_to_another_slide_with_the_same_heading(sheets):
    (first, _), (second, _) = sheets[4:6]
    assert first.count("Temuan nomor") == deck.SENTENCES and second.count(
        "Temuan nomor") == 6 - deck.SENTENCES
    assert "<h2>Temuan</h2>" in second


def test_answers_stay_with_the_speaker(sheets):
    shown, notes = sheets[6]
    assert "Mengapa?" in shown and "Karena." not in shown and "Karena." in notes


def test_a_deck_is_one_file_that_loads_nothing(page):
    html = page.read_text()
    outside_scripts = re.sub(r"<(script|style)\b[^>]*>.*?</\1>", "", html, flags=re.DOTALL)
    loaded = re.findall(r'(?:src|href)="([^"]*)"', outside_scripts)
    assert loaded and all(address.startswith("data:image/png;base64,") for address in loaded)
    assert "<script>alert" not in html and 'lang="id"' in html
    assert re.findall(r'<h[12] id=', html) == []
    assert (page.parent / "index.html").read_text().count("sampling.html") == 1


def test_the_same_notebook_gives_the_same_bytes(page):
    assert page.read_bytes() == (page.parents[1] / "two" / page.name).read_bytes()


def test_what_is_vendored_is_small_and_has_its_licence():
    folder = ROOT / "src" / "helpers" / "documents" / "slides" / "reveal"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 300_000
    assert "Permission is hereby granted" in (folder / "LICENSE").read_text()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebooks_mark_their_slides(path):
    # A text for another package is no further slide: it takes the place of this one's.
    cells = [one for one in nbformat.read(path, as_version=4).cells
             if "other" not in one.metadata.get("tags", [])]
    marks = {one.id: one.metadata.get("slideshow", {}).get("slide_type") for one in cells}
    assert set(marks.values()) <= KINDS | {None}
    assert cells[0].id == "title-id" and marks["title-id"] == "slide"
    assert 6 <= sum(mark in deck.STARTS
                    for name, mark in marks.items() if not name.endswith("-en")) <= 60
    for name in marks:
        if name.endswith("-id"):
            assert marks[name] == marks[f"{name[:-3]}-en"], name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_slide_of_the_notebooks_holds_a_page_of_text(path):
    for one in nbformat.read(path, as_version=4).cells:
        if one.cell_type == "markdown" and one.metadata.get(
                "slideshow", {}).get("slide_type") in (*deck.STARTS, "-"):
            told = deck.excerpt(one.source)
            words = [
                block for block in deck.blocks(told.shown)
                if not block.startswith(("$$", "|", "1.", "- ", *deck.SYMBOLS))
            ]
            assert sum(map(len,
                           words)) <= (460 if one.id.startswith("title") else 300), (one.id, words)


# Names of functions and of parts of a formula that stand for no quantity.
SIGNS = re.compile(r"""\\(?:text|operatorname)\s*\{[^}]*\} | \\(?:frac|tfrac|sum|sqrt|left|right
    |cdot|times|bar|hat|overline|overbrace|underbrace|ln|log|max|min|in|notin|ne|ge|le|qquad|quad
    |mid|cup|setminus|propto|pm|Big|textstyle)(?![A-Za-z])""", re.VERBOSE)


def symbols(formula: str) -> set[str]:
    r"""Letters of a formula, of whatever place.

    >>> sorted(symbols(r"\frac{\bar y_i}{\text{se}}"))
    ['i', 'y']
    """
    return set(re.findall(r"\\[A-Za-z]+|[A-Za-z]", SIGNS.sub(" ", formula)))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_slide_explains_the_symbols_of_its_formulas(path):
    unexplained = {}
    for one in nbformat.read(path, as_version=4).cells:
        kind = one.metadata.get("slideshow", {}).get("slide_type")
        if one.cell_type == "markdown" and kind in (*deck.STARTS, "-"):
            parts = deck.excerpt(one.source).shown.split("$$")
            told = set().union(*map(symbols, re.findall(r"\$([^$]+)\$", " ".join(parts[::2]))))
            if lacking := set().union(*map(symbols, parts[1::2])) - told:
                unexplained[one.id] = lacking
    assert unexplained == {}


def test_every_slide_says_what_its_numbers_are(page, tmp_path):
    """The foot belongs to no slide: it stays while they change."""
    foot = BeautifulSoup(page.read_text(encoding="utf-8"),
                         "html.parser").select_one(".reveal > .foot")
    assert foot.strong.text == "Angka simulasi, bukan temuan"
    assert slides._statuses([{"stage": "one", "status": status} for status in
                             ("published", "illustrative")]) == {"one": {"published",
                                                                         "illustrative"}}


def drawing(height: int) -> tuple[str, dict]:
    """Figure of ten lines of letters 9 points high, 6 inches wide, and what is known of it."""
    figure, axes = one_panel(6, height)
    axes.set_yticks(range(10), [f"line {number}" for number in range(10)], size=9)
    figures.finish(figure, Texts("en", "common"), "A title", "a source", "published")
    png, _, about = figures.render(figure, "name")
    return base64.b64encode(png).decode(), about


def test_a_slide_names_an_indicator_without_its_code():
    table = "<table><tr><td>Cahaya <code>nightlight_mean</code></td></tr></table>"
    cells = [slide("slide", "code", "t", "out.table()", [result(text_html=table)])]
    notebook = nbformat.from_dict({"cells": cells, "metadata": {}, "nbformat": 4,
                                   "nbformat_minor": 5})
    made = deck.prepare(notebook, Texts("id", "slides")).cells[-1].outputs[0]
    assert made["data"]["text/html"] == "<table><tr><td>Cahaya</td></tr></table>"


@pytest.mark.parametrize("height, count", [(3, 1), (9, 2)])
def test_letters_of_a_figure_can_be_read_on_a_wall(height, count):
    png, about = drawing(height)
    assert about["letters"] == 9 and about["width"] == 576
    made = [Image.open(io.BytesIO(base64.b64decode(one))) for one in picture.pieces(png, about)]
    assert len(made) == count
    # Title and footer are words of the slide; what is between them is all there, once.
    whole = Image.open(io.BytesIO(base64.b64decode(png))).height
    top, bottom = about["shows"]
    assert 0.03 < top < 0.15 and 0.85 < bottom < 0.97
    assert abs(sum(one.height for one in made) - whole * (bottom - top)) < 2 * picture.MARGIN + 2
    sizes = [9 * picture.on_screen(one.width, one.height, 150 / 72) for one in made]
    assert min(sizes) >= picture.READABLE and len({one.width for one in made}) == 1


def test_a_figure_has_its_title_and_its_source_in_words_of_the_slide():
    png, about = drawing(9)
    shown = slide("slide", "code", "map", "draw()", [result("display_data", image_png=png)])
    shown["outputs"][0]["metadata"] = {"image/png": about | {"figure": "lorenz"}}
    said = {"lorenz": {"title": "A title", "source": "BPS", "status": "published"}}
    notebook = nbformat.from_dict({"cells": [cell("markdown", "part", "## 2. Look"), shown],
                                   "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    found = deck.prepare(notebook, Texts("en", "slides"), said).cells
    assert [one.source for one in found if one.cell_type == "markdown"] == ["## A title"] * 2
    assert {one.metadata.above for one in found[::2]} == {"2. Look"}
    assert found[1].metadata.source == "Status: published · Source: BPS"


def test_a_notebook_without_slides_has_no_deck(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Text.")])
    (tmp_path / "notebooks").mkdir()
    nbformat.write(notebook, tmp_path / "notebooks" / "1_own.ipynb")
    slides.make(tmp_path, ["notebooks/1_own.ipynb"], "en", {}, tmp_path / "slides")
    assert [path.name for path in (tmp_path / "slides").iterdir()] == ["index.html"]
