"""Two languages: one word for one thing, and numbers as each language writes them."""

import json
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from babel.messages.pofile import read_po
from language_checks import foreign, numbers, of_own_region, visible
from matplotlib.figure import Figure

from helpers.publish import figures
from helpers.publish.charts.axes import name_outer
from helpers.publish.texts import Texts
from helpers.run.execution.execute import one_language

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "helpers"
TERMS = ROOT / "docs" / "terms.md"
LESSONS = {"id": ROOT / "course" / "lesson-plan.id.md", "en": ROOT / "course" / "lesson-plan.md"}
# Code and formulas, where numbers look the same in every language.
UNSPOKEN = re.compile(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)


def indonesian_texts() -> dict[str, str]:
    """Every Indonesian text that the project writes itself, by where it stands."""
    texts = {
        f"{path.stem}: {message.id}": "".join(message.string)
        for path in sorted(SOURCE.glob("**/locale/id/**/*.po"))
        for message in read_po(path.open("rb")) if message.id
    }
    pages = {
        ROOT / "README.id.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "data").rglob("*.md"),
        LESSONS["id"]
    } - {TERMS}
    return texts | cells("id") | {
        path.name: path.read_text(encoding="utf-8") for path in sorted(pages)
    }


def cells(lang: str) -> dict[str, str]:
    """Every text cell of a language, of the stages and of the course, by where it stands."""
    return {
        f"{path.relative_to(ROOT)}: {cell['id']}": "".join(cell["source"])
        for folder in ("notebooks", "course", "explorer")
        for path in sorted((ROOT / folder).rglob("*.ipynb"))
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if f"lang-{lang}" in cell["metadata"].get("tags", [])
    }


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")),
                         ids=lambda path: path.stem)
def test_texts_of_another_package_speak_of_no_region_and_no_indicator(path, lang):
    shown = one_language(nbformat.read(path, as_version=4), lang, own=False).cells
    found = {cell.id: said for cell in shown if cell.cell_type == "markdown"
             and (said := of_own_region(cell.source))}
    assert not found, found


def test_indonesian_texts_use_one_word_for_one_thing():
    rows = [line.strip("|").split("|") for line in TERMS.read_text(encoding="utf-8").splitlines()
            if line.startswith("| ")]
    avoided = [word.strip() for row in rows[1:] for word in row[3].split(",") if word.strip()]
    assert len(avoided) > 20 and all(len(row) == 4 for row in rows)
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, avoided))})\b", re.IGNORECASE)
    assert {
        where: pattern.findall(text) for where, text in indonesian_texts().items()
        if pattern.search(text)
    } == {}


@pytest.mark.parametrize("lang, text, found", [
    ("id", "Gini 0.412 dan 1.234,5 dan 12,3%", ["Gini 0.412 dan 1.234,5 dan 12,3%"]),
    ("id", "1,234,567 orang", ["1,234,567 orang"]),
    ("id", "1.234.567 orang, 35.05.01, 3,5, CC BY 4.0", []),
    ("en", "a gap of 0,41", ["a gap of 0,41"]), ("en", "1.234,5", ["1.234,5"]),
    ("en", "1,234.5 and 0.412, in 2018-2024, ICC(2,1)", [])])
def test_numbers_of_the_other_language_are_noticed(lang, text, found):
    assert foreign(text, lang) == found


@pytest.mark.parametrize("lang", LESSONS)
def test_notebooks_and_lessons_write_numbers_as_their_language_does(lang):
    texts = cells(lang) | {"lessons": LESSONS[lang].read_text(encoding="utf-8")}
    assert len(texts) > 350
    assert {
        where: found for where, text in texts.items()
        if (found := foreign(UNSPOKEN.sub(" ", text), lang))
    } == {}


def test_the_same_numbers_are_known_in_both_languages():
    page = "<p title='x'>{}</p><code>0.5</code><!-- 0.7 -->"
    assert numbers(visible(page.format("1.234,5 dan 0,40")),
                   "id") == numbers(visible(page.format("1,234.5 and 0.40")), "en")


@pytest.mark.parametrize("lang, shown", [("id", "1.234,568"), ("en", "1,234.568")])
def test_a_number_keeps_its_first_digits_in_each_language(lang, shown):
    t = Texts(lang, "common")
    assert t.significant(1234.5678, 7) == shown
    assert t.significant(0) == "0" and t.significant(-0.00012345678) == t.significant(-0.000123457)


def test_a_title_leaves_room_for_the_legend_beside_it():
    figure = Figure(figsize=(8.1, 6), layout="constrained")
    figure.subplots().plot([1, 2], label="a series with a rather long name")
    figure.legend(loc="outside right upper")
    figures.finish(figure, Texts("id", "common"),
                   "Persentase penduduk berpendidikan SMA/sederajat ke atas menurut wilayah", "x",
                   "published")
    figures.settle(figure)
    renderer = figure.canvas.get_renderer()
    title = next(text for text in figure.texts if text.get_text().startswith("Persentase"))
    assert "\n" in title.get_text()
    assert not title.get_window_extent(renderer).overlaps(
        figure.legends[0].get_window_extent(renderer))


def test_a_name_stands_where_it_hides_no_point():
    table = pd.DataFrame({
        "name": ["Wlingi", "b", "Bakung", "Talun"], "x": [0.5, 0.55, 0.0, 1.0],
        "y": [0.5, 0.51, 1.0, 0.0]
    })
    axes = Figure().subplots()
    name_outer(axes, table, "x", "y")
    sides = {text.get_text(): text.get_horizontalalignment() for text in axes.texts}
    assert sides["Wlingi"] == "right" and sides["Bakung"] == "left" and sides["Talun"] == "right"
