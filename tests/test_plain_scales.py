"""A questionnaire of one dimension, and one of two answers, from the file to stage 2."""

import inspect
import json
import re

import nbformat
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, tell_run
from notebook_cells import run_cells

from helpers.errors import InputError
from helpers.intake import imports
from helpers.publish.cell import answered
from helpers.publish.texts import Texts
from helpers.run.execution.execute import one_language
from helpers.study import Study, parameters
from helpers.study.package import Package

AREAS = "code,name,zone\n" + "".join(f"k{n},Area {n},{zone}\n" for n, zone in
                                     enumerate(("north", "north", "south", "south"), 1))
NEED_AND_ACCESS = {"en": re.compile(r"(?i)\b(access|easy|quadrants?|of need|need (and|or))\b"),
                   "id": re.compile(r"(?i)\b(kebutuhan|dibutuhkan|akses|kuadran)\b")}
FREQUENCY = ["Tidak pernah", "Jarang", "Kadang-kadang", "Sering", "Selalu"]


def imported(folder, items: str, answers: list[list[str]], **options):
    """Import the answers of respondents, four areas and two types of business in turn."""
    lines = items.strip().split("\n")
    names = [line.split(",")[0] for line in lines[1:]]
    rows = [f"{n + 1},k{n % 4 + 1},{('small', 'informal')[n // 4 % 2]},{','.join(row)}\n"
            for n, row in enumerate(answers)]
    for name, text in (("items", items), ("areas", AREAS),
                       ("data", f"respondent,code,business_type,{','.join(names)}\n"
                        + "".join(rows))):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    given = {"status": "simulated", "items": str(folder / "items.csv"),
             "areas": str(folder / "areas.csv"), "keep": [], "without": [], "missing": []}
    return imports.import_file(folder / "data.csv", given | options)


def leaning(respondents: int, items: int) -> np.ndarray:
    """Answers that share a leaning, standard normal."""
    draws = np.random.default_rng(5)
    return draws.normal(size=(respondents, 1)) + draws.normal(size=(respondents, items))


@pytest.fixture
def scored(tmp_path, monkeypatch):
    """Run the cells of stage 2 on an imported package; return what they made."""
    shown, drawn, said = {}, {}, []
    publisher = "helpers.publish.publisher.Publisher"

    def show(self, frame, key="", **values):
        shown[self.t(key, **self._known(values))] = frame

    def figure(self, chart, *given, **values):
        asked = inspect.signature(chart).parameters
        picture = chart(*given, t=self.t, **{key: value for key, value in values.items()
                                             if key in asked})
        title, *beside = (self.t(f"figure.{chart.__name__}.{part}", **self._known(values))
                          for part in ("title", "caption", "alt"))
        said.extend(beside)
        drawn[title] = [text.get_text() for legend in picture.legends
                        for text in legend.get_texts()]

    def text(self, key, **values):
        said.append(self.t(key, **self._known(values)))

    monkeypatch.setattr(f"{publisher}.text", text)
    monkeypatch.setattr(f"{publisher}.show", show)
    monkeypatch.setattr(f"{publisher}.figure", figure)

    def go(folder):
        values = parameters.load()
        values["scoring"] |= {"replicates": 50, "imputations": 2}
        own = values | {"lang": "en"} | values["scoring"]
        tell_run(monkeypatch, tmp_path, raw=folder, out=tmp_path / "out",
                 parameters={"scoring": values["scoring"]})
        monkeypatch.setattr(parameters, "load", lambda *given: values)
        left_out = run_cells("scoring", dict(own))
        tables = {path.stem: pd.read_csv(path) for path in (tmp_path / "out" / "tables").glob(
            "*.csv")}
        words = [*shown, *drawn, *(one for texts in drawn.values() for one in texts), *said]
        assert [text for text in words if NEED_AND_ACCESS["en"].search(text)
                or "agree" in text and "the three ways agree" not in text] == []
        return shown, drawn, left_out, tables

    go.said = said
    return go


@pytest.mark.parametrize("lang", ["id", "en"])
def test_texts_of_stage_2_follow_the_questionnaire(lang):
    """Every text about need and access is for questionnaires that ask for both, and each has a
    twin, or a section, for those that do not."""
    def texts(paired):
        notebook = nbformat.read(ROOT / "notebooks" / "2_scoring.ipynb", as_version=4)
        return {cell.id: cell.source
                for cell in one_language(notebook, lang, own=False, paired=paired).cells
                if cell.cell_type == "markdown"}

    plain, paired = texts(False), texts(True)
    assert [name for name, text in plain.items() if NEED_AND_ACCESS[lang].search(text)] == []
    assert len([name for name, text in paired.items() if NEED_AND_ACCESS[lang].search(text)]) > 7
    heads = {kind: re.findall(r"(?m)^## (\d+)\.", "\n".join(kind_texts.values()))
             for kind, kind_texts in (("plain", plain), ("paired", paired))}
    assert heads["plain"] == heads["paired"] and len(heads["plain"]) > 8


def test_a_plain_scale_has_reliability_and_scores_and_no_gap(tmp_path, scored):
    answers = (3 + leaning(80, 6)).round().clip(1, 5).astype(int)
    items = "item,aspect,text_en,reverse,lowest,highest\n" + "".join(
        f"q{n},{('trust', 'calm')[n > 3]},Statement {n}.,false,1,5\n" for n in range(1, 7))
    report, folder = imported(tmp_path, items, [[FREQUENCY[n - 1] for n in row]
                                                for row in answers])
    assert "items.csv: no column 'dimension', so all rows have 'scale'" in map(str, report)
    shown, drawn, left_out, tables = scored(folder)
    assert set(tables) == {"reliability", "item_analysis", "scores", "aspect_contrasts",
                           "zone_contrasts", "score_regression", "factor_count", "factor_loadings",
                           "factor_models", "design_effects"}
    whole = tables["scores"].query("domain == 'all'").set_index("aspect")["mean"]
    # Published means are rounded to 0.05.
    assert whole["trust"] == pytest.approx(answers[:, :3].mean(), abs=0.026)
    assert whole["all"] == pytest.approx(answers.mean(), abs=0.026)
    frame = pd.DataFrame(answers)
    alpha = 6 / 5 * (1 - frame.var().sum() / frame.sum(axis=1).var())
    assert tables["reliability"].set_index("aspect")["alpha"]["all"] == pytest.approx(alpha)
    assert "does not ask for need and access both" in left_out["gap-table"]
    assert "Answers by aspect: scale" in drawn
    # The words of the file, not those of a scale of agreement.
    assert [text for text in drawn["Answers by aspect: scale"] if text[0] in "15"] == [
        "1 tidak pernah", "5 selalu"]
    assert not any(word in text for texts in drawn.values() for text in texts
                   for word in ("agree", "need", "access"))
    assert "Share of the 2 highest of 5 answers" in shown


def test_two_answers_go_through_the_whole_stage(tmp_path, scored):
    chosen = leaning(80, 6) > 0
    items = "item,text_en,reverse,lowest,highest\n" + "".join(
        f"q{n},Statement {n}.,false,0,1\n" for n in range(1, 7))
    _, folder = imported(tmp_path, items, [[("Tidak", "Ya")[n] for n in row.astype(int)]
                                           for row in chosen])
    shown, drawn, left_out, tables = scored(folder)
    whole = tables["scores"].query("domain == 'all' and aspect == 'all'").iloc[0]
    assert whole["mean"] == pytest.approx(chosen.mean(), abs=0.026)
    shares = shown["Share of the 1 highest of 2 answers"]
    assert shares.query("domain == 'all' and aspect == 'all'")["share"].iloc[0] == pytest.approx(
        chosen.mean(), abs=0.026)
    assert drawn["Answers by aspect: scale"] == ["0 tidak", "1 ya"]
    assert "There is only one aspect" in left_out["aspects-table"]


def test_a_scale_of_seven_points_names_the_item_with_one_answer(tmp_path, scored):
    answers = (4 + leaning(80, 6)).round().clip(1, 7).astype(int)
    answers[:, 4] = 6
    items = "item,text_en,reverse,lowest,highest\n" + "".join(
        f"q{n},Statement {n}.,false,1,7\n" for n in range(1, 7))
    report, folder = imported(tmp_path, items, [[str(n) for n in row] for row in answers])
    assert any("everyone gave the same answer to: q5;" in line for line in map(str, report))
    _, _, _, tables = scored(folder)
    [line] = [line for line in scored.said if "the same answer to **" in line]
    assert line.startswith("Whoever counts here and answered gave the same answer to **q5**: ")
    whole = tables["scores"].query("domain == 'all' and aspect == 'all'").iloc[0]
    assert whole["mean"] == pytest.approx(answers.mean(), abs=0.026)
    assert not any("several aspects" in line for line in scored.said)


@pytest.mark.parametrize(("rows", "message"), [
    ("q1,need,a\nq2,need,a\nq3,scale,a\nq4,scale,a\n",
     "items.csv: column 'dimension': 'scale' is for a questionnaire of one dimension, but other "
     "items have 'need'; write 'scale' in all rows, or need and access"),
    ("q1,need,a\nq2,need,a\nq3,access,b\nq4,access,b\n",
     "items.csv: the aspect 'a' has items of 'need' only; a gap needs items of both need and "
     "access"),
    ("q1,need,all\nq2,need,all\n", "items.csv: row 2, column 'aspect': 'all' is the word for the "
     "whole dimension; name the aspect otherwise")])
def test_dimensions_that_no_stage_can_use_are_refused(tmp_path, rows, message):
    items = "item,dimension,aspect,reverse,lowest,highest\n" + rows.replace(
        "\n", ",false,1,5\n")
    answers = [[str(n % 5 + 1), "2", "3", "4"][:rows.count("\n")] for n in range(12)]
    with pytest.raises(InputError, match="dimension|gap|aspect") as error:
        imported(tmp_path, items, answers)
    assert str(error.value) == message
    assert not (tmp_path / "data-package").exists()


def test_words_of_answers_stand_in_the_package(tmp_path):
    items = "item,reverse,lowest,highest\nq1,false,1,5\nq2,false,1,5\n"
    _, folder = imported(tmp_path, items, [["1 (Jarang sekali)", "5"], ["3", "2"]] * 6,
                         coding="codes")
    fields = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    [schema] = [entry["schema"] for entry in fields["resources"] if entry["name"] == "responses"]
    assert schema["fields"][3]["categories"] == [{"value": n, "label": ""} for n in range(1, 6)]
    values = {"seed": 1, "lang": "en"}
    study = Study("scoring", parameters.load()["scoring"] | values, folder, checked=True)
    assert study.answer_labels() == dict.fromkeys(range(1, 6), "")
    assert Package(folder).table("items")["dimension"].unique().tolist() == ["scale"]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_list_of_a_plain_scale_names_what_its_cells_make(lang):
    """Only what rests on need and access is missing."""
    notebook = nbformat.read(ROOT / "notebooks" / "2_scoring.ipynb", as_version=4)
    texts = {cell.id: re.findall(r"`(\w+)`", cell.source) for cell in notebook.cells}
    both, plain = (texts[f"you-need-{kind}{lang}"] for kind in ("", "plain-"))
    assert [name for name in both if name not in plain] == [
        "boundaries", "villages", "need_access_gap", "need_access_quadrants", "need_access_map"]
    assert "factor_structure" in plain


@pytest.mark.parametrize(("lang", "ours"), [("id", "kita"), ("en", "Our")])
def test_nothing_is_said_of_answers_that_nobody_has_seen(lang, ours):
    notebook = nbformat.read(ROOT / "notebooks" / "2_scoring.ipynb", as_version=4)
    [said] = [cell.source for cell in notebook.cells if cell.id == f"alpha-again-plain-{lang}"]
    assert ours not in said and {"id": "bila demikian", "en": "where they do"}[lang] in said


def test_quadrants_of_which_no_point_can_be_published_are_left_out():
    """As where few answered in each of many areas (first example of own-questionnaire.md): the
    cell gets a table without rows."""
    notebook = nbformat.read(ROOT / "notebooks" / "2_scoring.ipynb", as_version=4)
    [code] = [cell.source for cell in notebook.cells if cell.id == "quadrants"]
    said = answered(code, {"points": pd.DataFrame({"need": []})}, Texts("en", "scoring"))
    assert "no score of the whole or of a zone can be published" in said
