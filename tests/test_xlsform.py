"""The form for the field: what pyxform makes of it, and the way there and back."""

import csv
import io
import xml.etree.ElementTree as ET

import pandas as pd
import pytest
from conftest import ROOT
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from helpers.intake import imports, xlsform
from helpers.study.package import Package
from helpers.study.workbook import workbook

XF = {
    "x": "http://www.w3.org/2002/xforms", "h": "http://www.w3.org/1999/xhtml",
    "j": "http://openrosa.org/javarosa"
}


@pytest.fixture(scope="module")
def form(tmp_path_factory):
    """The form as the command writes it, and what pyxform reads in it.

    ODK Validate, which pyxform can call after its own checks, is a Java program; the conversion and
    the checks of pyxform itself need none.
    """
    path = tmp_path_factory.mktemp("form") / "questionnaire.xlsx"
    assert xlsform.main([f"to={path}"]) == 0
    warnings = []
    return path, ET.fromstring(convert(str(path), validate=False,
                                       warnings=warnings).xform), warnings


def test_pyxform_accepts_it_without_a_warning(form):
    assert form[2] == []


def test_every_statement_stands_in_both_languages(form):
    root = form[1]
    items = Package(ROOT / "data" / "raw").table("items")
    for language, column in (("Bahasa Indonesia (id)", "text_id"), ("English (en)", "text_en")):
        translation = root.find(f".//x:translation[@lang='{language}']", XF)
        texts = {
            entry.get("id").split("/")[-1]: entry.find("x:value", XF).text for entry in translation
        }
        asked = {item: texts[f"{item}:label"] for item in items["item"]}
        assert asked == dict(zip(items["item"], items[column], strict=True))
    assert [
        entry.get("lang") for entry in root.iterfind(".//x:translation", XF) if entry.get("default")
    ] == ["Bahasa Indonesia (id)"]


def test_answers_are_required_and_within_the_scale(form):
    binds = {bind.get("nodeset").split("/")[-1]: bind for bind in form[1].iterfind(".//x:bind", XF)}
    for item in Package(ROOT / "data" / "raw").table("items")["item"]:
        assert binds[item].get("required") == "true()" and binds[item].get(
            "constraint") == ". >= 1 and . <= 5"
    assert binds["consent"].get("constraint") == ". = 'yes'"
    assert binds["code"].get("required") == binds["business_type"].get("required") == "true()"


def test_choices_are_the_codes_of_the_package(form):
    lists = {
        entry.get("id"): [node.find("x:name", XF).text for node in entry.iterfind(".//x:item", XF)]
        for entry in form[1].iterfind(".//x:instance", XF) if entry.get("id")
    }
    assert lists["area"] == Package(ROOT / "data" / "raw").table("areas")["code"].tolist()
    assert lists["business_type"] == ["small", "informal"]
    assert lists["agreement_1_5"] == ["1", "2", "3", "4", "5"]


def test_the_same_questionnaire_has_the_same_bytes(form, tmp_path):
    assert xlsform.main([f"to={tmp_path / 'again.xlsx'}"]) == 0
    assert (tmp_path / "again.xlsx").read_bytes() == form[0].read_bytes()


def test_nothing_personal_is_asked(form):
    from helpers.intake.imports import personal

    names = [row[1].value for row in load_workbook(form[0])["survey"].iter_rows(min_row=2)]
    assert [name for name in names if personal.kind(name, pd.Series([], dtype="str"))] == []


@pytest.mark.parametrize("kind", ["codes", "Bahasa Indonesia (id)", "English (en)"])
def test_what_comes_back_from_the_field_is_imported(form, tmp_path, capsys, kind):
    """Filled in by names and codes, or as an export with the labels of one language."""
    book = load_workbook(form[0])
    survey, choices = ([[cell.value for cell in row] for row in book[name].iter_rows()]
                       for name in ("survey", "choices"))
    label = survey[0].index(f"label::{kind}") if kind != "codes" else None
    labels = {(row[0], row[1]): row[choices[0].index(f"label::{kind}")] if label else row[1]
              for row in choices[1:]}
    questions = [row for row in survey[1:] if row[0].startswith(("select_one", "text"))]
    responses = Package(ROOT / "data" / "raw").table("responses").head(60)
    header = [row[label] if label else row[1] for row in questions]
    answers = [[_answer(question, person, labels) for question in questions]
               for person in responses.to_dict("records")]
    with (tmp_path / "export.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *answers])
    code = imports.main(
        [str(tmp_path / "export.csv"), "status=simulated", f"to={tmp_path / 'made'}"])
    assert code == 0, capsys.readouterr().err
    back = Package(tmp_path / "made").table("responses")
    for column in back:
        assert back[column].astype("str").tolist() == responses[column].astype("str").tolist()


def _answer(question: list, person: dict, labels: dict) -> str:
    kind, name = question[:2]
    if name == "consent":
        return labels["yes_no", "yes"]
    if kind == "text":
        return person[name]
    value = person[name]
    return "" if pd.isna(value) else labels[kind.split()[1], str(value)]


def test_a_scale_of_ones_own(tmp_path, capsys):
    rows = [["item", "dimension", "aspect", "text_id", "text_en", "reverse", "lowest", "highest"]]
    rows += [[f"q{number}", dimension, "akses pasar", "=Saya butuh kredit", "", "false", "0", "10"]
             for number, dimension in enumerate(["need", "need", "access", "access"])]
    with (tmp_path / "items.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    path = tmp_path / "own.xlsx"
    assert xlsform.main([f"to={path}", f"items={tmp_path / 'items.csv'}"]) == 0
    assert "xlsform: 4 statements, 25 areas, 2 languages" in capsys.readouterr().out
    root = ET.fromstring(convert(str(path), validate=False).xform)
    english = root.find(".//x:translation[@lang='English (en)']", XF)
    texts = {entry.get("id"): entry.find("x:value", XF).text for entry in english}
    assert texts["/data/part_1/q0:label"] == "=Saya butuh kredit"
    assert texts["agreement_0_10-0"] == "0 (Strongly disagree)" and texts["agreement_0_10-3"] == "3"


@pytest.mark.parametrize(("arguments", "message"), [
    (["to=form.xls"],
     "error: to=form.xls: give a name that ends in .xlsx, in a folder that is there\n"),
    (["to=/nowhere/at/all/form.xlsx"],
     "error: to=form.xlsx: give a name that ends in .xlsx, in a folder that is "
                                       "there\n"),
    (["to=/proc/form.xlsx"], "error: /proc/form.xlsx: "),
    (["colour=red"],
     "error: 'colour' is not understood; usage: python3 src/helpers xlsform [to=FILE.xlsx]"),
    (["items=absent.csv"],
     "error: items: there is no file 'absent.csv' in '.'; correct the path\n"),
])
def test_wrong_calls(arguments, message, capsys):
    assert xlsform.main(arguments) == 2
    assert capsys.readouterr().err.startswith(message)


def test_a_workbook_holds_what_it_was_given():
    book = load_workbook(
        io.BytesIO(workbook({"one": [["a", "b"], ["=1+1", 2]], "two": [["c"], [None], ["x"]]})))
    assert [[cell.value for cell in row] for row in book["one"].iter_rows()] == [["a", "b"],
                                                                                 ["=1+1", 2]]
    assert book["one"]["A2"].data_type == "s" and book.sheetnames == ["one", "two"]
    assert book.properties.created.year == book.properties.modified.year == 1980
