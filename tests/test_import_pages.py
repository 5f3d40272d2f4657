"""What an import would do, and did, as a person reads it: a dry run, and a page a language."""

import re
from html import unescape

import pytest
from test_imports import Kit, rows

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
    assert kit.run(file, "dry=no")[1] == "error: dry=no: allowed is: yes\n"


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
