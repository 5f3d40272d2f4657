"""What an import would do, and did, as a person reads it: a dry run, and a page a language."""

import re
from html import unescape

import pytest
from test_imports import Kit, rows

from helpers import messages
from helpers.intake.imports import personal
from helpers.intake.imports.rows import WHY
from helpers.messages import catalogue

PRIVATE = {"Nama": ["Budi Santoso", "Siti Aminah"], "Nomor HP": "0812-3456-7890",
           "umur": ["31", "45"], "<b>x</b>": ["a", "b"]}


@pytest.fixture
def kit(tmp_path, capsys) -> Kit:
    return Kit(tmp_path, capsys)


def table(page: str) -> dict[str, list[str]]:
    """Rows of the first table of a page, by the header of the column that they are about."""
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    found = [[unescape(re.sub("<br>", " | ", cell)) for cell in re.findall("<td>(.*?)</td>", row)]
             for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL)]
    return {row[1]: row for row in found}


def test_a_dry_run_says_everything_and_writes_nothing(kit):
    file = kit.write("data.csv", rows(PRIVATE))
    before = sorted(kit.folder.iterdir())
    code, dry = kit.run(file, "dry=yes")
    assert code == 0 and sorted(kit.folder.iterdir()) == before
    assert "the first 10 of 12 rows as they would be written:" in dry
    assert "\nP0,k1,small,4,5,5,2,1\n" in dry and "P10," not in dry
    assert dry.endswith("import: nothing was written (dry=yes); the same command without it writes "
                        "the package\n")
    _, real = kit.run(file)
    assert real.split("\nimport: ")[0] == dry.split("\nthe first 10")[0]
    assert "import: every column, how it was read and what changes it: " in real
    # What would end the import ends the dry run too.
    assert "is there already and not empty" in kit.run(file, "dry=yes")[1]
    assert kit.run(file, "dry=no")[1] == "error: dry=no: allowed is one of: yes\n"


def test_the_page_tells_each_column_and_the_option_that_changes_it(kit):
    kit.good(kit.write("data.csv", rows(PRIVATE)), "keep=umur")
    pages = {lang: (kit.folder / "made" / f"import.{lang}.html").read_text(encoding="utf-8")
             for lang in ("id", "en")}
    found = table(pages["en"])
    assert list(found) == ["respondent", "code", "business_type", "n1", "n2", "n3", "a1", "a2",
                           *PRIVATE]
    assert found["n1"][2:] == ["item 'n1'", "numbers", "12", "0", "4 | 3 | 5 | 2",
                               "missing=CELL | without=n1"]
    assert found["Nama"][2:] == ["left out, PERSONAL DATA (names)", "", "12", "0",
                                 "Xxxx Xxxxxxx | Xxxx Xxxxxx", "keep=Nama"]
    assert found["Nomor HP"][6:] == ["9999-9999-9999", "keep=#10"]
    assert found["<b>x</b>"][2] == "left out, not recognised"
    assert found["code"][6] == "k1 | k2 | k3 | k4"
    assert found["umur"][2] == "kept as told"
    assert table(pages["id"])["Nama"][2] == "tidak diikutkan, DATA PRIBADI (nama orang)"
    for page in pages.values():
        assert "<b>x" not in page and "Budi" not in page and "0812" not in page
        assert page.count("<h2>") == 3 and page.count("<tr>") + page.count("<tr class") == 24
    # The option as it stands there.
    assert "kept as told: 'Nama'" in kit.run(
        kit.folder / "data.csv", found["Nama"][7], f"to={kit.folder / 'again'}")[1]


def test_labels_and_words_for_no_answer_stand_beside_their_column(kit):
    words = {"1": "STS", "2": "TS", "3": "N", "4": "S", "5": "Tidak tahu"}
    header, *body = rows()
    kit.good(kit.write("data.csv", [header, *[[*row[:3], *[words[n] for n in row[3:]]]
                                             for row in body]]))
    page = (kit.folder / "made" / "import.id.html").read_text(encoding="utf-8")
    assert table(page)["n1"][3] == (
        "label, dibaca menurut skala 'agreement' di answers.yml | 1 = sts, 2 = ts, 3 = n, 4 = s "
        "| tidak menjawab: 'Tidak tahu' 3 kali")


def test_every_kind_of_personal_data_and_of_rows_has_its_indonesian():
    kinds = [*personal.NAMES, *personal.ONE_IS_ENOUGH, *WHY.values(), "the XLSForm of this project"]
    assert [kind for kind in kinds if kind not in catalogue("id")] == []


def fieldwork(kit, *options: str) -> str:
    """Page of fieldwork on twelve interviews of which four need a look; row 2 is the first."""
    ends = ["09:10", "09:12", "09:03", "09:11"] + ["09:10"] * 7 + ["08:00"]
    table = rows({"start": "2026-11-02T09:00:00+07:00",
                  "end": [f"2026-11-02T{end}:00+07:00" for end in ends],
                  "petugas": ["E1", "E2"]})
    table[5][3:8] = ["4"] * 5
    table[7][3:8] = ["4", "", "", "", ""]
    table[9][3:8] = table[1][3:8]
    kit.write("quota.csv", [["code", "n"], ["k1", "5"], ["k2", "2"], ["k3", "4"]])
    file = kit.write("data.csv", table)
    code, said = kit.run(file, "field=yes", f"to={kit.folder}", *options)
    assert code == 0 and "no package was written (field=yes)" in said, said
    assert not (kit.folder / "made").exists()
    return (kit.folder / "data-field.en.html").read_text(encoding="utf-8")


def cells(page: str) -> list[list[list[str]]]:
    """Cells of every table of a page."""
    return [[[unescape(cell.replace("<br>", " | ")) for cell in re.findall("<td>(.*?)</td>", row)]
             for row in re.findall(r"<tr.*?</tr>", part.split("</tbody>")[0], re.DOTALL)]
            for part in page.split("<tbody>")[1:]]


def test_fieldwork_against_the_quota_and_what_needs_a_look(kit):
    page = fieldwork(kit, f"quota={kit.folder / 'quota.csv'}", "interviewer=petugas")
    areas, people, looks, items = cells(page)
    assert areas == [["k1", "Garum", "3", "5", "2", "60%"], ["k2", "Talun", "3", "2", "0", "150%"],
                     ["k3", "Bakung", "3", "4", "1", "75%"], ["k4", "Wates", "3", "0", "0", "–"],
                     ["", "All", "12", "11", "3", "109%"]]
    assert people == [["E1", "6", "1", "13%", "10.0"], ["E2", "6", "0", "0%", "10.0"]]
    assert looks == [
        ["4", "k3", "3.0 minutes; half of the interviews took 10.0 or more"],
        ["6", "k1", "one answer throughout"], ["8", "k3", "80% of the answers are missing"],
        ["10", "k1", "the same answers as row 2, in the same area"]]
    assert items == [[item, "1", "8%"] for item in ("n2", "n3", "a1", "a2")]
    assert "Below 0 or above 24 hours, so not counted: rows 13." in page
    assert "status: illustrative, as told" in page
    own = cells(fieldwork(kit))[0]
    # Slovin of 340 units at 5 %, in proportion to 100, 90, 80 and 70.
    assert [row[3] for row in own] == ["54", "49", "43", "38", "184"]


@pytest.mark.parametrize(("options", "message"), [
    (("field=no",), "field=no: allowed is one of: yes"),
    (("field=yes", "dry=yes"), "field=yes: allowed is: yes, without dry=yes"),
    (("quota=q.csv",), "quota=q.csv: only the page of fieldwork has it; say field=yes, or leave it "
     "out"),
    (("field=yes", "interviewer=x"), "data.csv: interviewer=x: there is no such column"),
    (("field=yes", "quota={}/frame.csv"), "frame.csv: the column 'n' is missing; a quota has"),
    (("field=yes", "quota={}/q.csv"), "q.csv: column 'code': 'k9' is not an area of areas.csv")])
def test_options_of_fieldwork_that_do_not_fit(kit, options, message):
    kit.write("q.csv", [["code", "n"], ["k9", "5"]])
    said = kit.bad(kit.write("data.csv", rows()),
                   *[option.format(kit.folder) for option in options])
    assert said.startswith(message)


@pytest.mark.parametrize(("n", "told"), [
    (["5", "2"], {"en": "q.csv: code 'k1' stands twice; a quota has one row an area: add its "
                        "numbers up",
                  "id": "q.csv: kode 'k1' tercantum dua kali; kuota berisi satu baris per wilayah: "
                        "jumlahkan angkanya"}),
    *((n, {"en": "q.csv: column 'n': 'k1' has no whole number; correct the cell",
           "id": "q.csv: kolom 'n': 'k1' tidak berisi bilangan bulat; perbaiki selnya"})
      for n in (["12.7"], [""], ["-3"]))])
@pytest.mark.parametrize("lang", ["en", "id"])
def test_a_quota_that_is_no_number_of_interviews_an_area_is_refused(kit, monkeypatch, n, told,
                                                                    lang):
    monkeypatch.setenv(messages.CHOSEN, lang)
    kit.write("q.csv", [["code", "n"], *(["k1", number] for number in n), ["k2", "4"]])
    code, said = kit.run(kit.write("data.csv", rows()), "field=yes",
                         f"quota={kit.folder / 'q.csv'}")
    assert code == 2 and told[lang] in said and said.count("\n") == 1
