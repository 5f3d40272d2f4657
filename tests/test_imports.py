"""Own questionnaires: what people have is read, what was found is said, what is wrong is named in
one line."""

import csv
import io
import re

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as some

from helpers.errors import InputError
from helpers.intake import imports
from helpers.study.package import Package
from helpers.study.validation import validate

ITEMS = [["item", "dimension", "aspect", "text_id", "text_en", "reverse", "lowest", "highest"],
         [
             "n1", "need", "capital", "Saya butuh modal, segera.", "I need capital, soon.", "false",
             "1", "5"
         ], ["n2", "need", "capital", "Saya butuh alat.", "I need tools.", "false", "1", "5"],
         ["n3", "need", "capital", "Saya butuh kas.", "I need cash.", "false", "1", "5"],
         ["a1", "access", "capital", "Pinjaman mudah.", "Loans are easy.", "false", "1", "5"],
         ["a2", "access", "capital", "Syarat ringan.", "Terms are light.", "false", "1", "5"]]
AREAS = [["code", "name", "zone", "group"], ["k1", "Garum", "north", "g"],
         ["k2", "Talun", "north", "g"], ["k3", "Bakung", "south", "g"],
         ["k4", "Wates", "south", "g"]]
FRAME = [["code", "units"], ["k1", "100"], ["k2", "90"], ["k3", "80"], ["k4", "70"]]
HEADER = ["respondent", "code", "business_type", "n1", "n2", "n3", "a1", "a2"]
ANSWERS = [
    "45521", "34312", "55433", "23344", "44522", "12251", "33342", "54411", "25534", "44423",
    "31215", "52443"
]
WORDS = {
    "1": "Sangat tidak setuju", "2": "Tidak setuju", "3": "Netral", "4": "Setuju",
    "5": "Sangat setuju"
}
ENGLISH = {
    "1": "Strongly disagree", "2": "Disagree", "3": "Neutral", "4": "Agree", "5": "Strongly agree"
}


def rows(extra: dict | None = None) -> list[list[str]]:
    """Return header and twelve respondents, three in each of four areas, with further columns at
    the end."""
    table = [[f"P{number}", f"k{number % 4 + 1}", ("small", "informal")[number % 2], *answers]
             for number, answers in enumerate(ANSWERS)]
    for values in (extra or {}).values():
        for number, row in enumerate(table):
            row.append(values[number % len(values)] if isinstance(values, list) else values)
    return [HEADER + list(extra or {}), *table]


def changed(row: int, column: str, value: str,
            table: list[list[str]] | None = None) -> list[list[str]]:
    """Return the rows with one cell replaced; row 2 is the first below the header."""
    table = table or rows()
    table[row - 1][table[0].index(column)] = value
    return table


def text_of(table: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(table)
    return out.getvalue()


class Kit:
    """A folder with a small instrument and a file to import."""

    def __init__(self, folder, capsys):
        self.folder, self.capsys = folder, capsys
        for name, table in (("items", ITEMS), ("areas", AREAS), ("frame", FRAME)):
            self.write(f"{name}.csv", table)

    def write(self, name: str, table, delimiter: str = ",", encoding: str = "utf-8"):
        content = table if isinstance(table, str) else text_of(table, delimiter)
        path = self.folder / name
        path.write_bytes(content.encode(encoding))
        return path

    def workbook(self, sheets: dict, merge: str | None = None):
        from openpyxl import Workbook

        book = Workbook()
        book.remove(book.active)
        for title, table in sheets.items():
            page = book.create_sheet(title)
            for row in table:
                page.append([int(cell) if cell.isdigit() else cell for cell in row])
            if merge:
                page.merge_cells(merge)
        book.save(self.folder / "data.xlsx")
        return self.folder / "data.xlsx"

    def run(self, file, *options: str) -> tuple[int, str]:
        """Import with the small instrument; return the exit status and what was printed."""
        own = [f"{name}={self.folder / name}.csv" for name in ("items", "areas", "frame")
               if not any(option.startswith(f"{name}=") for option in options)]
        status = [] if any(option.startswith("status=")
                           for option in options) else ["status=illustrative"]
        target = [] if any(option.startswith("to=")
                           for option in options) else [f"to={self.folder / 'made'}"]
        code = imports.main([str(file), *status, *target, *own, *options])
        printed = self.capsys.readouterr()
        return code, printed.out + printed.err

    def good(self, file, *options: str) -> tuple[pd.DataFrame, str]:
        """Import what must succeed; return the responses and what was said."""
        code, said = self.run(file, *options)
        assert code == 0, said
        return Package(self.folder / "made").table("responses"), said

    def bad(self, file, *options: str) -> str:
        """Import what must fail; return the message, which is one line and leaves nothing
        behind."""
        before = sorted(path.name for path in self.folder.iterdir())
        code, said = self.run(file, *options)
        assert code == 2 and said.startswith("error: ") and said.count("\n") == 1, said
        assert sorted(path.name for path in self.folder.iterdir()) == before
        return said.removeprefix("error: ").strip()


@pytest.fixture
def kit(tmp_path, capsys) -> Kit:
    return Kit(tmp_path, capsys)


def numbers(responses: pd.DataFrame) -> list[str]:
    """Return the answers of every respondent as one word."""
    return ["".join("-" if pd.isna(value) else str(value) for value in row)
            for row in responses[["n1", "n2", "n3", "a1", "a2"]].to_numpy(dtype=object)]


# Text files


@pytest.mark.parametrize(("delimiter", "word"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
@pytest.mark.parametrize(("encoding", "name"), [
    ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with a byte-order mark"), ("utf-16", "UTF-16"),
    ("utf-16-le", "UTF-16 without a byte-order mark"), ("utf-16-be",
                                                        "UTF-16 without a byte-order mark"),
    ("cp1252", "not UTF-8, so read as Windows-1252: 'kafé'")])
def test_every_dialect_reads_the_same(kit, delimiter, word, encoding, name):
    file = kit.write("data.csv", rows({"sector": ["food", "kafé"]}), delimiter, encoding)
    responses, said = kit.good(file, "keep=sector")
    assert numbers(responses) == ANSWERS
    assert responses["sector"].tolist() == ["food", "kafé"] * 6
    assert f"{name}" in said and f"separated by {word}" in said


def test_plain_letters_need_no_encoding(kit):
    _, said = kit.good(kit.write("data.csv", rows()))
    assert "plain letters, the same in every encoding" in said


def test_a_hint_of_excel_names_the_separator(kit):
    responses, said = kit.good(kit.write("data.csv", "sep=;\r\n" + text_of(rows(), ";")))
    assert len(responses) == 12 and "separated by semicolon as told" in said


def test_two_possible_separators_ask(kit):
    text = "respondent,code;business_type,n1;n2,n3;a1,a2\n" + "P0,k1;small,4;5,3;1,2\n"
    assert kit.bad(kit.write("data.csv", text)) == (
        "data.csv: two readings are possible; say delimiter=comma (5 columns) or "
        "delimiter=semicolon (4 columns)"
    )


@pytest.mark.parametrize(("text", "message"), [
    ("", "data.csv: the file is empty; export it again"),
    ("\r\n \r\n", "data.csv: the file is empty; export it again"),
    ("a\n1\n",
     "data.csv: no comma, semicolon or tab separates columns in row 1; is it a CSV export?"),
    ("n1,n2\n1,2\n1,2,3\n",
     "data.csv: row 3 has 3 cells but row 1 has 2 (separated by comma); put quotation marks "
                            "around cells that hold a comma"),
    ('n1,n2\n1,"2\n3,4\n',
     "data.csv: row 2: unexpected end of data; look for a quotation mark that is missing or "
     "too many"),
    ("n1,n2,n1\n1,2,3\n",
     "data.csv: the columns 'n1' and 'n1 (2)' both hold the item 'n1'; delete one of them"),
    ("n1,n2\n",
     "data.csv: there is a header (row 1) but no row below it; add at least one respondent"),
    ("n1,n2\nSaya butuh alat.,I need cash.\n1,2\n",
     "data.csv: rows 1 and 2 both look like a header; delete one of "
     "them, or say header=2 to begin there (what stands above is left out)"),
])
def test_broken_text_files(kit, text, message):
    assert kit.bad(kit.write("data.csv", text)) == message


@pytest.mark.parametrize(("option", "message"), [
    ("delimiter=pipe", "data.csv: delimiter=pipe: allowed is one of: comma, semicolon, tab"),
    ("encoding=klingon", "data.csv: encoding=klingon: not known; use utf-8, cp1252 or utf-16"),
    ("encoding=ascii", "data.csv: encoding=ascii: byte "),
    ("header=0", "data.csv: header=0: allowed is a row from 1 to 13"),
    ("header=first", "header=first: allowed is the number of a row, such as header=2"),
    ("coding=both", "coding=both: allowed is one of: codes, labels"),
    ("unusable=yes", "unusable=yes: allowed is one of: out"),
    ("status=real", "status=real: not known; say status=published (real answers of people), "
                    "status=simulated (made by "
                    "a model) or status=illustrative (made up to show a method)"),
    ("colour=red", "'colour' is not an option of import; options are "
                   + ", ".join(imports.OPTIONS)),
    ("scale=mine", "scale=mine: there is no such scale in answers.yml; it has: "),
    ("without=n9", "without=n9: items.csv has no such item; it has: n1, n2, n3, a1, a2"),
    ("keep=age", "data.csv: keep=age: there is no such column; name one by its header or its "
                 "number: #1 'respondent', "),
    ("keep=n1", "data.csv: keep=n1: this column is used already; leave it out of keep"),
    ("area=", "area=: says nothing; column with the code or the name of the area"),
])
def test_wrong_options(kit, option, message):
    file = kit.write("data.csv", rows({"é": "x"}))
    assert kit.bad(file, option).startswith(message)


def test_status_must_be_said(kit):
    assert imports.main([str(kit.write("data.csv", rows()))]) == 2
    assert ("status= is not given, and only you can know what these answers are"
            in kit.capsys.readouterr().err)


def test_help_names_every_option(kit):
    assert imports.main(["help"]) == 0
    shown = kit.capsys.readouterr().out
    assert [name for name in imports.OPTIONS if f"  {name}=" not in shown] == []


def test_files_that_are_not_read(kit):
    assert kit.bad(kit.write("data.numbers", rows())) == (
        "data.numbers: files that end in '.numbers' are not read; allowed are .csv, .txt, .tsv, "
        ".xlsx, .xlsm, .xls, .ods, .sav, .zsav, .por, .dta, .sas7bdat, .xpt: open it and save it "
        "as .xlsx")
    assert kit.bad(kit.folder
                   / "absent.csv").startswith("import: there is no file 'absent.csv' in ")
    file = kit.write("data.csv", rows())
    assert kit.bad(file, str(file)).startswith("give one file to import, not 2")
    (kit.folder / "full").mkdir()
    (kit.folder / "full" / "a.txt").write_text("mine")
    assert kit.bad(file, f"to={kit.folder / 'full'}") == (
        "to=full: is there already and not empty; name another folder or remove it")


def test_a_place_that_cannot_be_written(kit):
    assert kit.bad(kit.write("data.csv", rows()),
                   "to=/proc/of/mine").endswith("; say to=FOLDER where you may write")


# Workbooks


def test_workbook_with_further_sheets(kit):
    responses, said = kit.good(
        kit.workbook({"Ringkasan": [["jumlah", "12"]], "Form Responses 1": rows()}))
    assert numbers(responses) == ANSWERS
    assert "data.xlsx: sheet 'Form Responses 1' of 2, the only one that names items" in said


def test_workbook_with_a_title_above(kit):
    file = kit.workbook({"data": [["Survei 2026"], *rows()]}, merge="A1:E1")
    responses, said = kit.good(file)
    assert numbers(responses) == ANSWERS
    assert "the names of the columns stand in row 2" in said
    assert "respondent <- 'respondent'" in said
    assert kit.bad(kit.workbook({"data": rows()}, merge="A1:B1")).startswith(
        "data.xlsx, sheet 'data': the header has merged cells (A1:B1); unmerge them")


def test_broken_workbooks(kit):
    assert kit.bad(kit.workbook({"a": rows(), "b": rows()})) == (
        "data.xlsx: 2 sheets name the items; say sheet=NAME with one of: a, b, or "
        "sheet=all if they are parts of one survey")
    assert kit.bad(kit.workbook({"a": [["x", "y"]], "b": [["z"]]})) == (
        "data.xlsx: none of its sheets names the items; say sheet=NAME with one of: a, b")
    assert kit.bad(kit.workbook({"a": rows()}), "sheet=c") == (
        "data.xlsx: sheet=c: there is no such sheet with content; it has: a")
    assert kit.bad(kit.workbook({"a": rows()}, merge="D3:D4")) == (
        "data.xlsx: row 3, column 'n1': the cells D3:D4 are merged; unmerge them and fill each one")
    assert kit.bad(
        kit.workbook({"a": [HEADER, ["I need capital, soon.", "I need tools."], *rows()[1:]]
                      })).startswith("data.xlsx, sheet 'a': rows 1 and 2 both look like a header")
    assert kit.bad(kit.workbook({"a": changed(3, "n2", "#N/A")})) == (
        "data.xlsx: row 3, column 'n2': the cell shows the error #N/A; correct the formula or "
        "empty the cell")
    assert kit.bad(kit.workbook({"a": changed(3, "n2", "=D3+1")})) == (
        "data.xlsx: row 3, column 'n2': the cell holds a formula without a stored result; open the "
        "file, save it again, or put the value in")
    assert kit.bad(kit.write("data.xlsx", "no workbook")) == (
        "data.xlsx: this is not what its name says but text; rename it so that it ends in .csv")
    assert kit.bad(kit.workbook({"a": [],
                                 "b": []})) == "data.xlsx: all sheets are empty; export it again"


# SPSS and Stata


def statistics(kit, kind: str, labels: dict[int, str] | None = None, missing: int | None = None):
    import pyreadstat

    table = rows()[1:]
    frame = pd.DataFrame({
        "kec": [int(row[1][1]) for row in table],
        "jenis": [1 if row[2] == "small" else 2 for row in table],
        **{f"Q{number}": [int(row[number + 3]) for row in table] for number in range(5)}
    })
    if missing:
        frame.loc[0, "Q0"] = missing
    texts = {f"Q{number}": ITEMS[number + 1][4]
             for number in range(5)} | {"kec": "Kecamatan", "jenis": "Jenis usaha"}
    named = {"kec": {number: AREAS[number][1] for number in range(1, 5)},
             "jenis": {1: "Usaha kecil", 2: "Usaha informal"}}
    if labels:
        named |= {f"Q{number}": labels for number in range(5)}
    file = kit.folder / f"data.{kind}"
    if kind == "dta":
        pyreadstat.write_dta(frame, file, column_labels=texts, variable_value_labels=named)
    else:
        pyreadstat.write_sav(frame, file, column_labels=texts, variable_value_labels=named,
                             missing_ranges={"Q0": [missing]} if missing else None,
                             compress=kind == "zsav")
    return file


@pytest.mark.parametrize(("kind", "program"), [("sav", "SPSS"), ("zsav", "SPSS"), ("dta", "Stata")])
def test_statistics_files_with_labels(kit, kind, program):
    labels = {number: WORDS[str(number)] for number in range(1, 6)}
    responses, said = kit.good(statistics(kit, kind, labels))
    assert numbers(responses) == ANSWERS
    assert responses["code"].tolist() == [row[1] for row in rows()[1:]]
    assert responses["business_type"].tolist() == [row[2] for row in rows()[1:]]
    assert f"data.{kind}: {program}, 7 variables (7 with value labels), 12 cases" in said
    assert "items: 5 of 5 found, 5 by question" in said
    assert "numbers with labels that agree with the scale 'agreement' of answers.yml" in said


def test_declared_missing_values_are_empty(kit):
    responses, said = kit.good(statistics(kit, "sav", missing=9))
    assert numbers(responses)[0] == "-" + ANSWERS[0][1:]
    assert "variable 'Q0': 9 declared missing, 1 cells read as empty" in said


def test_codes_that_run_against_their_labels_ask(kit):
    file = statistics(kit, "sav", {6 - number: WORDS[str(number)] for number in range(1, 6)})
    assert kit.bad(file) == (
        "data.sav: column 'Q0': the code 1 is labelled 'Sangat setuju', which counts as 5 in "
        "answers.yml; say coding=labels to count by the labels, or coding=codes to keep the codes")
    responses, said = kit.good(file, "coding=labels")
    assert numbers(responses) == ["".join(str(6 - int(sign)) for sign in word) for word in ANSWERS]
    assert "the labels count (coding=labels, scale 'agreement')" in said
    kit.good(file, "coding=codes", f"to={kit.folder / 'made2'}")
    assert numbers(Package(kit.folder / "made2").table("responses")) == ANSWERS


def test_broken_statistics_files(kit):
    assert kit.bad(kit.write("data.sav", "nothing")).startswith("data.sav: this is not what its")
    (kit.folder / "data.sav").write_bytes(b"$FL2" + bytes(500))
    assert kit.bad(kit.folder / "data.sav").startswith(
        "data.sav: cannot be read as a file of SPSS (")
    assert kit.bad(kit.write("data.dta", "<stata_dta>\0")).startswith(
        "data.dta: cannot be read as a file of Stata (")


# Survey tools


def test_kobo_export(kit):
    table = rows({
        "_gps_latitude": "-8.09812", "_id": [str(number) for number in range(12)],
        "_uuid": [f"u{number}" for number in range(12)], "_submission_time": "2026-11-24T04:00:00"
    })
    table[0] = [
        "respondent", "place/code", "business_type", *(f"part_1/{item}" for item in HEADER[3:]),
        *table[0][8:]
    ]
    responses, said = kit.good(kit.write("data.csv", table, ";"))
    assert numbers(responses) == ANSWERS and "5 by key" in said
    assert list(responses) == ["respondent", "code", "business_type", "n1", "n2", "n3", "a1", "a2"]
    assert "left out, written by KoboToolbox / ODK: '_id', '_uuid', '_submission_time'" in said
    assert "left out, PERSONAL DATA (exact coordinates): '_gps_latitude'" in said


def test_odk_export(kit):
    table = rows({
        "SubmissionDate": "2026", "KEY": [f"uuid:{number}" for number in range(12)],
        "SubmitterName": "Budi"
    })
    table[0] = [
        "respondent", "place-code", "business_type", *(f"part_1-{item}" for item in HEADER[3:]),
        *table[0][8:]
    ]
    responses, said = kit.good(kit.write("data.csv", table))
    assert numbers(responses) == ANSWERS and responses["code"].iloc[0] == "k1"
    assert ("left out, written by KoboToolbox / ODK: 'SubmissionDate', 'KEY', 'SubmitterName'"
            in said)


def test_a_submission_that_stands_twice(kit):
    table = rows({"_uuid": [f"u{number}" for number in range(11)]})
    assert kit.bad(kit.write("data.csv", table)) == (
        "data.csv: row 13, column '_uuid': 'u0' stands in row 2 already (1 such rows); keep one "
        "row for each "
        "respondent")


@pytest.mark.parametrize(("words", "text", "stamp"),
                         [(WORDS, 3, "Cap waktu"), (ENGLISH, 4, "Timestamp")])
def test_google_forms_export(kit, words, text, stamp):
    header = [stamp, "Kecamatan", "Jenis usaha",
              *(f"{number}. {row[text]} *" for number, row in enumerate(ITEMS[1:], start=1)),
              "Saran"]
    table = [[
        "11/24/2026 4:47:18", f"Kec. {AREAS[int(row[1][1])][1].upper()}",
        {"small": "Usaha kecil"}.get(row[2], "Usaha informal"), *(words[cell] for cell in row[3:]),
        "tolong adakan pelatihan lagi " + row[0]
    ] for row in rows()[1:]]
    responses, said = kit.good(kit.write("data.csv", [header, *table]))
    assert numbers(responses) == ANSWERS
    assert responses["code"].tolist() == [row[1] for row in rows()[1:]]
    assert responses["respondent"].tolist()[:2] == ["R0001", "R0002"]
    assert "5 items: answers are labels, read by the scale 'agreement' of answers.yml" in said
    assert "4 of 4 areas, 4 of them by name" in said and "'Usaha kecil' as small" in said
    assert f"left out, written by Google Forms: '{stamp}'" in said
    assert "left out, PERSONAL DATA (free text): 'Saran'; keep=Saran keeps it" in said


def test_a_grid_of_google_forms(kit):
    table = rows()
    table[0] = [*HEADER[:3], *(f"Seberapa setuju Anda? [{row[3]}]" for row in ITEMS[1:])]
    assert numbers(kit.good(kit.write("data.csv", table))[0]) == ANSWERS


def test_the_projects_own_answers_survive_the_way_through_google_forms(kit):
    """All 399 respondents, written as a form would write them, come back as they were."""
    package = Package(ROOT / "data" / "raw")
    responses, items = package.table("responses"), package.table("items").set_index("item")
    names = package.table("areas").set_index("code")["name"]
    form = responses[["code", "business_type"]].assign(code=responses["code"].map(names))
    form.columns = ["Kecamatan", "Jenis usaha"]
    for item in items.index:
        form[items.loc[item, "text_id"]] = responses[item].map(
            lambda cell: "" if pd.isna(cell) else WORDS[str(cell)])
    file = kit.folder / "form.csv"
    form.to_csv(file, index=False, sep=";", encoding="utf-16")
    code = imports.main([str(file), "status=simulated", f"to={kit.folder / 'made'}"])
    said = kit.capsys.readouterr().out
    assert code == 0 and "152 of 9576 answers are missing" in said
    back = Package(kit.folder / "made")
    validate(back)
    assert list(back.resources) == ["areas", "items", "responses", "frame", "sources"]
    for column in ["code", "business_type", *items.index]:
        pd.testing.assert_series_equal(
            back.table("responses")[column], responses[column], check_dtype=False)
    assert {name: back.status(name) for name in ("areas", "frame", "items", "responses")} == {
        "areas": "published", "frame": "published", "items": "simulated", "responses": "simulated"}


def test_the_status_is_that_of_answers_and_questionnaire(kit):
    kit.good(kit.write("data.csv", rows()), "status=published", "source=Survei kecamatan, 2026")
    package = Package(kit.folder / "made")
    assert package.status("responses") == package.status("items") == "published"
    assert package.resource("responses").descriptor["sources"] == [{
        "title": "Survei kecamatan, 2026"
    }]
    assert "status: published, as told" in (kit.folder / "made"
                                            / "import.txt").read_text(encoding="utf-8")


def test_two_imports_have_the_same_bytes(kit):
    file = kit.write("data.csv", rows())
    kit.good(file)
    kit.good(file, f"to={kit.folder / 'again'}")
    for path in (kit.folder / "made").iterdir():
        assert path.read_bytes() == (kit.folder / "again" / path.name).read_bytes()

@settings(max_examples=40, deadline=None)
@given(some.data())
def test_any_answers_in_any_dialect_read_the_same(tmp_path_factory, data):
    """Digits or words, any separator and encoding: the numbers are those that were written."""
    from helpers.intake.imports import answers, readers
    from helpers.intake.imports.columns import ItemNames

    items = pd.DataFrame(ITEMS[1:], columns=ITEMS[0]).astype({"lowest": int, "highest": int})
    cell = some.integers(0, 5)  # 0 is no answer
    given_answers = data.draw(
        some.lists(some.lists(cell, min_size=5, max_size=5), min_size=1, max_size=8))
    words = data.draw(
        some.sampled_from([{str(step): str(step) for step in range(1, 6)}, WORDS, ENGLISH]))
    delimiter = data.draw(some.sampled_from([",", ";", "\t"]))
    encoding = data.draw(some.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]))
    note = data.draw(some.text(some.characters(blacklist_categories=("Cs", "Cc")), max_size=12))
    table = [[*(row[3] for row in ITEMS[1:]), "note"]]
    table += [[*(words.get(str(step), "") for step in row), f"x{note}"] for row in given_answers]
    file = tmp_path_factory.mktemp("any") / "data.csv"
    file.write_bytes(text_of(table, delimiter).encode(encoding))
    names = ItemNames(items)
    try:
        source = readers.read(file, names)
    except InputError as question:
        # The free text may split evenly at another separator: then the import asks, and is told.
        assert "two readings are possible" in str(question)
        source = readers.read(file, names, delimiter=delimiter)
    columns = {
        names.find(column, "", "data.csv"): column for column in source.cells if names(column)
    }
    try:
        numbers, _, _ = answers.to_numbers(source, columns, items, answers.load())
    except InputError as question:
        # Few words, such as "tidak setuju" alone, may belong to several scales, and all but the
        # middle are those of a scale of four: then the import asks, and is told.
        assert words is not WORDS and "say scale=agreement if the middle" in str(question) or (
            words is WORDS and re.search("say scale=agreement( if the middle| [(])", str(question)))
        numbers, *_ = answers.to_numbers(source, columns, items, answers.load(),
                                         scale="agreement")
    assert list(numbers) == list(items["item"])
    assert numbers.fillna(0).astype(int).values.tolist() == given_answers


# Verbal answers


def verbal(column: str, words: list[str]) -> list[list[str]]:
    table = rows()
    for row, word in zip(table[1:], words * 12, strict=False):
        row[HEADER.index(column)] = word
    return table


def test_a_label_that_the_table_does_not_have(kit):
    table = verbal("n2", ["Setuju", "Setuju", "Setuju banget"])
    assert kit.bad(kit.write("data.csv", table)) == (
        "data.csv: row 4, column 'n2': the answer 'Setuju banget' is not in answers.yml (scales of "
        "5 points); correct "
        "the cell, add the label to a file of your own and say answers=FILE, or say "
        "missing='Setuju banget' if it means no answer")
    own = kit.write(
        "own.yml",
        "scales:\n  gaul:\n    1: [ogah]\n    2: [kurang]\n    3: [lumayan]\n    4: [setuju]\n"
        "    5: [setuju banget]\n")
    responses, said = kit.good(kit.folder / "data.csv", f"answers={own}")
    assert responses["n2"].tolist()[:3] == [4, 4, 5
                                            ] and "read by the scale 'gaul' of own.yml" in said


@pytest.mark.parametrize(("text", "message"), [
    ("[1, 2]", "own.yml: it must be like answers.yml: scales: "), ("scales: [", "own.yml: not "
                                                                   "valid YAML in UTF-8: "),
    ("scales: {a: {1: [x], 3: [y]}}",
     "own.yml: scale 'a' has the points 1, 3; number them from 1 up"),
    ("scales: {a: {1: x}}", "own.yml: scale 'a': it must be like answers.yml"),
    ("answers: {}", "own.yml: it must be like answers.yml")])
def test_a_broken_table_of_answers(kit, text, message):
    own = kit.write("own.yml", text)
    assert kit.bad(kit.write("data.csv", rows()), f"answers={own}").startswith(message)


def test_two_possible_scales_ask(kit):
    table = verbal("n2", ["Kurang setuju", "Setuju"])
    assert kit.bad(kit.write("data.csv", table)) == (
        "data.csv: column 'n2': two readings are possible; say "
        "scale=agreement_kurang_in_the_middle ('kurang setuju' "
        "counts 3) or scale=agreement_kurang_below_the_middle ('kurang setuju' counts 2) or "
        "scale=agreement_from_tidak_setuju ('kurang setuju' counts 2)")
    responses, _ = kit.good(kit.folder / "data.csv", "scale=agreement_kurang_in_the_middle")
    assert responses["n2"].tolist()[:2] == [3, 4]


def test_other_columns_settle_the_scale(kit):
    table = verbal("n2", ["Kurang setuju", "Setuju"])
    for row, word in zip(table[1:], ["Sangat tidak setuju", "Kurang setuju", "Netral"] * 4,
                         strict=True):
        row[HEADER.index("n1")] = word
    responses, _ = kit.good(kit.write("data.csv", table))
    assert responses["n2"].tolist()[:2] == [2, 4] and responses["n1"].tolist()[:3] == [1, 2, 3]


def test_labels_of_another_scale(kit):
    four = [row[:-1] + ["4"] if row[0] != "item" else row for row in ITEMS]
    kit.write("four.csv", four)
    table = [HEADER] + [row[:3] + [WORDS[cell] for cell in row[3:]] for row in rows()[1:]]
    message = kit.bad(kit.write("data.csv", table), f"items={kit.folder / 'four.csv'}")
    assert "'Netral' belongs to scales of 5, 7 points, but item 'n1' has 4 (1 to 4)" in message


def test_no_answer_in_words_or_numbers(kit):
    table = changed(2, "n1", "Tidak tahu", changed(3, "n1", "99"))
    assert kit.bad(kit.write("data.csv", table)) == (
        "data.csv: row 3, column 'n1': 99 is outside the scale of 'n1'; allowed is 1 to 5 or an "
        "empty cell: correct "
        "it, say missing=99 if it means no answer, or give items=FILE if the scale differs")
    responses, said = kit.good(kit.folder / "data.csv", "missing=99")
    assert responses["n1"].isna().tolist()[:3] == [True, True, False]
    assert ("2 answers that mean no answer read as empty: 'Tidak tahu' 1 times, '99' 1 times"
            in said)


def test_numbers_before_labels(kit):
    table = verbal("n1", ["5 (Sangat setuju)", "2 - Tidak setuju", "3. Netral", "4,0", "1.0"])
    assert kit.good(kit.write("data.csv", table))[0]["n1"].tolist()[:5] == [5, 2, 3, 4, 1]
    kit.write("data.csv", verbal("n1", ["1 (Sangat setuju)", "5 (Sangat tidak setuju)"]))
    assert "the code 1 is labelled 'Sangat setuju', which counts as 5" in kit.bad(kit.folder
                                                                                  / "data.csv")


# What answers must be


@pytest.mark.parametrize(("row", "column", "value", "message"), [
    (3, "n2", "6",
     "data.csv: row 3, column 'n2': 6 is outside the scale of 'n2'; allowed is 1 to 5"),
    (3, "n2", "0",
     "data.csv: row 3, column 'n2': 0 is outside the scale of 'n2'; allowed is 1 to 5"),
    (3, "n2", "2.5", "data.csv: row 3, column 'n2': '2.5' is not a whole number; correct the cell "
                     "or leave it empty"),
    (3, "code", "",
     "data.csv: row 3, column 'code': the area is empty; fill it in, or take the row out"),
    (3, "code", "Garun",
     "data.csv: row 3, column 'code': 'Garun' is not an area of areas.csv; did you mean 'Garum'"),
    (3, "code", "Kediri",
     "data.csv: row 3, column 'code': 'Kediri' is not an area of areas.csv; known are: Garum, "
                          "Talun,"),
    (3, "business_type", "",
     "data.csv: row 3, column 'business_type': the type of business is empty; fill it in"),
    (3, "respondent", "",
     "data.csv: row 3, column 'respondent': the respondent has no key; give one"),
    (5, "respondent", "P1",
     "data.csv: row 5, column 'respondent': 'P1' stands in row 3 already (1 such rows); keep "
                            "one row for each respondent"),
])
def test_wrong_cells(kit, row, column, value, message):
    assert kit.bad(kit.write("data.csv", changed(row, column, value))).startswith(message)


def test_an_item_nobody_answered(kit):
    table = verbal("n2", [""])
    assert kit.bad(kit.write("data.csv", table)) == (
        "data.csv: column 'n2': nobody answered the item 'n2'; say without=n2 to take it off the "
        "questionnaire"
    )
    responses, said = kit.good(kit.folder / "data.csv", "without=n2")
    assert "n2" not in responses and "left out as told: n2" in said


def test_an_item_without_a_column(kit):
    table = rows()
    table[0][4] = "Apakah Anda butuh peralatan?"
    assert kit.bad(kit.write("data.csv", table)) == (
        "data.csv: 1 of 5 items have no column, the first is 'n2'; name its column by the key or "
        "the exact question, "
        "or say without=n2 (not recognised so far: 'Apakah Anda butuh peralatan?')")
    table[0][4] = "I need capital, soon."
    assert kit.bad(kit.write("data.csv", table)) == (
        "data.csv: the columns 'n1' and 'I need capital, soon.' both hold the item 'n1'; delete "
        "one of them"
    )
    assert kit.bad(kit.write("data.csv", "a,b\n1,2\n")).startswith(
        "data.csv: no column is named by an item of items.csv or by its question; the first "
        "columns are 'a', 'b'"
    )


def test_all_answers_equal(kit):
    table = [HEADER] + [row[:3] + ["3"] * 5 for row in rows()[1:]]
    assert kit.bad(kit.write("data.csv", table)) == (
        "data.csv: all answers of all respondents are 3; nothing can be estimated from that: check "
        "the export"
    )
    _, said = kit.good(kit.write("data.csv", verbal("n2", ["4"])))
    assert ("everyone gave the same answer to: n2; such an item says nothing about reliability"
            in said)


def test_roles_that_are_missing_or_double(kit):
    table = [row[:1] + row[3:] for row in rows()]
    assert kit.bad(kit.write("data.csv", table)) == (
        "data.csv: no column tells the area of a respondent; say area=COLUMN (not recognised so "
        "far: none)"
    )
    table = [row[:2] + row[3:] for row in rows({"q": "x"})]
    assert kit.bad(kit.write("data.csv", table)).startswith(
        "data.csv: no column tells the type of business; say business_type=COLUMN, or "
        "business_type=all:WORD"
    )
    assert set(kit.good(kit.folder / "data.csv",
                        "business_type=all:informal")[0]["business_type"]) == {"informal"}
    table = rows({"Kecamatan": "Garum"})
    assert kit.bad(kit.write("data.csv", table)) == (
        "data.csv: 2 columns could be the area ('code', 'Kecamatan'); say area=COLUMN")
    kit.good(kit.folder / "data.csv", "area=Kecamatan", "keep=code", f"to={kit.folder / 'again'}")
    responses = Package(kit.folder / "again").table("responses")
    assert set(responses["code"]) == {
        "k1"
    } and responses["code (kept)"].tolist() == ["k1", "k2", "k3", "k4"] * 3


def test_items_of_different_scales(kit):
    kit.write("items.csv", [*ITEMS[:5], [*ITEMS[5][:7], "7"]])
    assert kit.bad(kit.write("data.csv", rows())) == (
        "items.csv: row 6: the item 'a2' runs from 1 to 7, but 'n1' from 1 to 5; scores are "
        "averaged, so bring all "
        "items to one scale")


# The frame and weights


def test_strata_against_the_frame(kit):
    file = kit.write("data.csv", rows())
    short = kit.write("short.csv", FRAME[:4])
    assert kit.bad(file, f"frame={short}") == (
        "data.csv: row 5: the stratum 'k4' has 3 respondents but no row in short.csv; add it to "
        "the frame, correct the "
        "respondents' area, or say frame=no")
    small = kit.write("small.csv", [*FRAME[:4], ["k4", "2"]])
    assert kit.bad(file, f"frame={small}") == (
        "data.csv: row 5: the stratum 'k4' has 3 respondents but 2 units in small.csv; correct one "
        "of them, or say "
        "frame=no")
    kit.good(file, "frame=no")
    assert not Package(kit.folder / "made").has("frame")


def test_a_zone_of_answers_may_have_one_area(kit):
    """Zones are compared by their respondents; codes that differ by a point are two areas."""
    codes = {"k1": "1.1", "k2": "11", "k3": "2", "k4": "3"}
    zones = ("north", "south", "east", "east")
    kit.write("areas.csv", [AREAS[0], *([codes[row[0]], row[1], zone, row[3]]
                                        for row, zone in zip(AREAS[1:], zones, strict=True))])
    table = [[codes.get(cell, cell) for cell in row] for row in rows()]
    responses, _ = kit.good(kit.write("data.csv", table), "frame=no")
    assert responses["code"].tolist() == [row[1] for row in table[1:]]


def test_a_fault_of_the_package_is_told_of_the_file_that_has_it(kit):
    """Names, rows and columns are those that a person sees, with a title and an empty row above."""
    blank = [["Daftar"] + [""] * 3, *AREAS[:1], [""] * 4, *AREAS[1:]]
    kit.write("wilayah.csv", [*blank[:-1], ["k4", "Wates", "SOUTH", "g"]])
    own = f"areas={kit.folder / 'wilayah.csv'}"
    file = kit.write("Jawaban akhir.csv", rows())
    assert kit.bad(file, own).startswith(
        "wilayah.csv: row 7, column 'zone': 'SOUTH' looks like 'south' in an earlier row")
    kit.write("kerangka.csv", [*FRAME, ["Total", "340"]])
    assert kit.bad(file, f"frame={kit.folder / 'kerangka.csv'}") == (
        "kerangka.csv: row 6, column 'code': 'Total' is not an area of areas.csv; correct it, add "
        "the area, or delete the row if it is a total")
    table = [["Survei"] + [""] * 7, *rows()]
    table[5][2] = "\x07small"
    table[1][2] = "Jenis usaha"
    assert kit.bad(kit.write("Jawaban akhir.csv", table)) == (
        "Jawaban akhir.csv: row 6, column 'Jenis usaha': the cell holds the invisible character "
        "U+0007; remove it")
    table[5][2], table[1][2] = "small", "business_type"
    table[6][2] = "x" * 100_001
    assert kit.bad(kit.write("Jawaban akhir.csv", table)).startswith(
        "Jawaban akhir.csv: row 7 has 100")


def test_signs_that_nobody_sees_change_nothing(kit):
    table = rows()
    table[0][3], table[2][3] = "\ufeffn1", "3\u200e"
    table[3][1], table[3][2] = "k3\u200b", "sm\u00adall"
    responses, _ = kit.good(kit.write("data.csv", table))
    assert responses["n1"].tolist() == [int(row[0]) for row in ANSWERS]
    assert responses.loc[2, ["code", "business_type"]].tolist() == ["k3", "small"]


def test_sources_of_a_frame_are_the_projects_or_left_empty(kit):
    kit.write("frame.csv", [["code", "units", "source"], *(
        [code, units, source] for (code, units), source in
        zip(FRAME[1:], ("S15", "S15", "mine", ""), strict=True))])
    _, said = kit.good(kit.write("data.csv", rows()))
    made = Package(kit.folder / "made")
    assert made.table("frame")["source"].fillna("").tolist() == ["S15", "S15", "", ""]
    assert made.table("sources")["source"].tolist() == ["S15"]
    assert "frame.csv: the sources mine are not described in the project" in said


@pytest.mark.parametrize(("value", "what"), [
    ("", "the weight is missing"),
    ("0", "the weight is '0'"),
    ("-1,5", "the weight is '-1,5'"),
])
def test_weights_that_do_not_weigh(kit, value, what):
    table = changed(4, "bobot", value, rows({"bobot": "1,5"}))
    assert kit.bad(kit.write("data.csv", table, ";")) == (
        f"data.csv: row 4, column 'bobot': {what} (1 such rows); give a number above zero")


def test_decimal_signs_of_weights(kit):
    responses, said = kit.good(kit.write("data.csv", rows({"bobot": ["1,5", "1.250,75"]}), ";"))
    assert responses["weight"].tolist()[:2] == [1.5, 1250.75] and "decimal comma" in said
    file = kit.write("data.csv", rows({"bobot": ["1,250", "2"]}), ";")
    assert kit.bad(file) == (
        "data.csv: row 2, column 'bobot': '1,250' can be 1250 (decimal=point) or 1.25 "
        "(decimal=comma); say which")
    kit.good(file, "decimal=comma", f"to={kit.folder / 'comma'}")
    assert Package(kit.folder / "comma").table("responses")["weight"].tolist()[:2] == [1.25, 2]
    kit.write("data.csv", rows({"bobot": ["1,5", "2.5"]}), ";")
    assert "cannot be read as a number" in kit.bad(kit.folder / "data.csv")
    assert kit.bad(kit.write("data.csv", rows({"bobot": "berat"}))) == (
        "data.csv: row 2, column 'bobot': 'berat' cannot be read as a number; write plain numbers "
        "in the whole column"
    )


# What is only reported


def test_reports(kit):
    table = rows()
    table[5][1] = "k1"  # k2 keeps two
    table = [row for row in table if row[1] != "k3" or row[0] == "P2"]
    table = [row for row in table if row[1] != "k4"]
    table += [["P90", *table[2][1:]], ["P91", "k1", "small", *"44444"]]
    _, said = kit.good(kit.write("data.csv", table))
    assert "one respondent only in: k3" in said
    assert "no respondent in 1 of 4 areas: k4" in said
    assert "1 rows repeat an earlier row's area and all of its answers (rows " in said
    assert "1 respondents gave one answer throughout" in said


def test_an_item_that_runs_against_its_scale(kit):
    generator = np.random.default_rng(4)
    trait = generator.integers(1, 6, 60)
    table = [HEADER]
    for number, level in enumerate(trait):
        near = np.clip(level + generator.integers(-1, 2, 5), 1, 5)
        near[1] = 6 - near[1]
        table.append([f"P{number}", f"k{number % 4 + 1}", "small", *map(str, near)])
    _, said = kit.good(kit.write("data.csv", table))
    assert re.search(
        r"running against the rest of their scale \(corrected item-total below 0\): .*'n2' "
        r"\(-0\.\d\d\)",
        said)
    assert "is 'reverse' right for them in the items? Nothing was changed" in said


def test_a_middle_that_nobody_chose(kit):
    table = [HEADER] + [
        row[:3] + ["4" if cell == "3" else cell for cell in row[3:]] for row in rows()[1:]
    ]
    _, said = kit.good(kit.write("data.csv", table))
    assert "nobody gave the middle answer 3 to any item; if the questionnaire had 4 answers" in said


# Personal data


@pytest.mark.parametrize(("name", "values", "kind"), [
    ("Nama lengkap", ["x"], "names"), ("namaPemilik", ["x"], "names"),
    ("q1", ["Budi Santoso", "Siti Aminah", "Hj. Rina Wati"], "names"),
    ("No HP", ["1"], "phone numbers"), ("q1", ["food", "0812-3456-7890"], "phone numbers"),
    ("q1", ["+62 812 3456 789", ""], "phone numbers"),
    ("q1", ["81234567890", "82234567891"], "phone numbers"),
    ("Alamat email", ["x"], "e-mail addresses"),
    ("q1", ["trade", "a.b@contoh.co.id"], "e-mail addresses"),
    ("NIK", ["1"], "identity numbers"), ("q1", ["3505012304850001"], "identity numbers"),
    ("_gps_longitude", ["1"], "exact coordinates"),
    ("q1", ["-8.0955 112.1609 0 0"], "exact coordinates"),
    ("q1", ["-8.09551", "-8.10223"], "exact coordinates"), ("alamat", ["x"], "addresses"),
    ("Tanggal lahir", ["1"], "dates of birth"), ("Saran", ["x"], "free text"),
    ("q1", ["saya ingin pelatihan pemasaran", "bunga pinjaman masih terlalu tinggi"], "free text"),
    ("q1", ["ya", "hubungi 081234567890 saja"], "phone numbers"),
    ("foto_usaha", ["a.jpg"], "pictures or recordings"),
    ("deviceid", ["x"], "devices or users"),
    ("gender", ["male", "female"], None), ("nama kecamatan", ["Garum"], None),
    ("umur", ["32", "47"], None),
    ("omzet", ["12500000", "8000000"], None), ("sector", ["food", "trade", "services"], None),
    ("q1", ["", ""], None),
    ("business_age", ["under_3_years", "over_10_years"], None),
])
def test_personal_data_is_recognised(name, values, kind):
    from helpers.intake.imports import personal

    assert personal.kind(name, pd.Series(values, dtype="str")) == kind


def test_personal_data_stays_out_unless_asked_for(kit):
    phones = [f"0812345678{number:02d}" for number in range(12)]
    file = kit.write("data.csv",
                     rows({"Nama": "Budi", "kontak": phones, "sector": ["food", "trade"]}))
    responses, said = kit.good(file)
    assert "left out, PERSONAL DATA (names): 'Nama'; keep=Nama keeps it" in said
    assert "left out, PERSONAL DATA (phone numbers): 'kontak'; keep=kontak keeps it" in said
    assert "left out, not recognised: 'sector' (keep=sector keeps it)" in said
    assert not any("0812345678" in path.read_text(encoding="utf-8")
                   for path in (kit.folder / "made").iterdir())
    _, said = kit.good(file, "keep=#10,sector", f"to={kit.folder / 'kept'}")
    kept = Package(kit.folder / "kept").table("responses")
    assert kept["kontak"].tolist() == phones and kept["sector"].tolist() == ["food", "trade"] * 6
    assert (
        "kept as told: 'kontak', although it seems to hold phone numbers: do not publish this "
        "folder as it is"
        in said)


def test_a_respondents_key_that_is_personal_is_replaced(kit):
    table = rows()
    for number, row in enumerate(table[1:]):
        row[0] = f"35050123048500{number:02d}"
    responses, said = kit.good(kit.write("data.csv", table))
    assert responses["respondent"].iloc[0] == "R0001"
    assert "respondent: 'respondent' holds identity numbers, so respondents are numbered" in said


# Instruments of one's own


def test_items_without_a_column_for_reversed_ones(kit):
    kit.write("items.csv", [row[:5] + row[6:] for row in ITEMS])
    _, said = kit.good(kit.write("data.csv", rows()))
    assert "items.csv: no column 'reverse', so all rows have 'no'" in said
    assert not Package(kit.folder / "made").table("items")["reverse"].any()


@pytest.mark.parametrize(("name", "table", "message"), [
    ("items", [row[:5] + row[6:7] for row in ITEMS],
     "items.csv: the column 'highest' is missing; items have the columns item, dimension, aspect, "
     "text_id, text_en, reverse, lowest, highest; it has: item, dimension, aspect, text_id, "
     "text_en, lowest"),
    ("items", [*ITEMS[:5], ["a2", "wish", *ITEMS[5][2:]]],
     "items.csv: row 6, column 'dimension': 'wish' is not "
                                                           "allowed; allowed is one of: need, "
                                                           "access"),
    ("items", [*ITEMS[:5], [*ITEMS[5][:5], "maybe", "1", "5"]],
     "items.csv: row 6, column 'reverse': 'maybe' is not "
                                                                "true or false"),
    ("items", [*ITEMS[:5], ["a 2", *ITEMS[5][1:]]],
     "items.csv: row 6, column 'item': 'a 2' cannot be a key"),
    ("items", [*ITEMS, ITEMS[5]], "items.csv: row 7, column 'item': 'a2' stands in row 6 already"),
    ("areas", [*AREAS[:4], ["k4", "Wates", "", "g"]],
     "areas.csv: row 5, column 'zone': the cell is empty; it needs a "
                                                      "value"),
    ("areas", AREAS[:4], "frame.csv: row 5, column 'code': 'k4' is not an area of areas.csv"),
    ("frame", [*FRAME[:4], ["k4", "7,5"]],
     "frame.csv: row 5, column 'units': '7,5' is not a whole number; correct the "
                                           "cell"),
])
def test_a_broken_instrument(kit, name, table, message):
    kit.write(f"{name}.csv", table)
    assert kit.bad(kit.write("data.csv", rows())).startswith(message)
