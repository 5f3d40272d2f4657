"""Tables as BPS, Dukcapil and ministries publish them become indicators, and nothing is guessed."""

import openpyxl
import pandas as pd
import pytest
from conftest import ROOT

from helpers import messages
from helpers.errors import InputError
from helpers.intake import new, wide
from helpers.intake.wide import columns
from helpers.intake.wide import table as wide_table
from helpers.study import parameters
from helpers.study.package import Package
from helpers.study.validation import validate, with_years

EXAMPLE = ROOT / "examples" / "tulungagung"
AREAS = pd.read_csv(EXAMPLE / "areas.csv", dtype="str")
NAMES = list(AREAS["name"])


def people(number: int) -> tuple[int, int]:
    return 20_000 + 317 * number, 21_000 + 291 * number


@pytest.fixture
def workbook(tmp_path):
    """Title, merged headings in two rows, counted columns, names in capitals, the regency's row
    (with the name of its seat), a source."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(["Jumlah Penduduk Menurut Kecamatan di Kabupaten Tulungagung (jiwa), 2023"])
    page.append(["Kecamatan", "Jumlah Penduduk", None, None, "Kepadatan per km2"])
    page.append([None, "Laki-laki", "Perempuan", "Jumlah", None])
    page.append(["(1)", "(2)", "(3)", "(4)", "(5)"])
    for number, name in enumerate(NAMES):
        men, women = people(number)
        page.append([f"{number + 1:03d} {name.upper()}", men, women, men + women, 300.25 + number])
    men, women = (sum(people(number)[sex] for number in range(len(NAMES))) for sex in (0, 1))
    page.append(["Tulungagung", men, women, men + women, 320])
    page.append(["Sumber: BPS Kabupaten Tulungagung"])
    for span in ("A1:E1", "A2:A3", "B2:D2", "E2:E3"):
        page.merge_cells(span)
    book.save(tmp_path / "people.xlsx")
    return tmp_path / "people.xlsx"


def table(folder, lines: list[str], name: str = "table.csv") -> str:
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return f"TABLE={folder / name}"


def rows(cell, sign: str = ";") -> list[str]:
    return [f"Kec. {name}{sign}{cell(number)}" for number, name in enumerate(NAMES)]


def test_a_workbook_of_bps_is_found_out(workbook, tmp_path, capsys):
    target = tmp_path / "with"
    call = [f"TABLE={workbook}", f"RAW={EXAMPLE}", f"TO={target}", "STATUS=published",
            "WORSE=Kepadatan per km2"]
    assert wide.main(call) == 0
    said = capsys.readouterr().out
    for part in ("19 areas, 4 columns of numbers, headings in row 3",
                 "'Jumlah Penduduk Laki-laki' -> jumlah_penduduk_laki_laki (jiwa, 2023): "
                 "19 of 19 areas, 20000 to 25706",
                 "'Kepadatan per km2' -> kepadatan_per_km2 (no unit, 2023)",
                 "row 24 ('Tulungagung') is a total and is left out",
                 "source: BPS Kabupaten Tulungagung", "weighted by jumlah_penduduk_jumlah"):
        assert part in said, part
    package = Package(target)
    validate(package)
    values = package.table("indicators").set_index(["indicator", "code"])["value"]
    for number, code in enumerate(AREAS["code"]):
        assert values["jumlah_penduduk_jumlah", code] == sum(people(number))
    catalogue = package.table("catalogue").set_index("indicator")
    assert catalogue.loc["kepadatan_per_km2", "direction"] == -1
    assert catalogue.loc["jumlah_penduduk_jumlah", ["unit", "direction"]].tolist() == ["jiwa", 0]
    assert package.table("sources").iloc[-1][["source", "publisher"]].tolist() == [
        "W1", "BPS Kabupaten Tulungagung"]
    assert package.status("indicators") == "simulated", "densities of villages are still there"
    chosen = parameters.load(target / "params.yml")["disparity"]
    assert chosen["population_indicator"] == "jumlah_penduduk_jumlah"
    assert chosen["reference_indicator"] == "village_density"
    before = {path.name: path.read_bytes() for path in EXAMPLE.iterdir() if path.is_file()}
    assert (before["indicators.csv"] != (target / "indicators.csv").read_bytes()
            and before["areas.csv"] == (target / "areas.csv").read_bytes())


def test_columns_that_are_years_and_totals_that_do_not_fit(tmp_path, capsys):
    lines = ["Jumlah Puskesmas Menurut Kecamatan;;", "Kecamatan;2022;2023",
             *rows(lambda number: f"{number};{'-' if number == 2 else number + 1}"),
             "Jumlah;171;999", ";;", "Sumber: Dinas Kesehatan;;"]
    call = [table(tmp_path, lines), f"RAW={EXAMPLE}", f"TO={tmp_path / 'with'}", "DASH=missing"]
    assert wide.main(call) == 0
    said = capsys.readouterr().out
    assert "'2023' -> jumlah_puskesmas (no unit, 2023): 18 of 19 areas, 1 to 19" in said
    assert "note: '2023': the areas add up to 187, the row 'Jumlah' says 999" in said
    assert "note: '2022'" not in said and "source: Dinas Kesehatan" in said
    found = Package(tmp_path / "with").table("indicators")
    assert found.loc[found["indicator"] == "jumlah_puskesmas", "year"].value_counts().to_dict() == {
        2022: 19, 2023: 18}


@pytest.mark.parametrize("above", [True, False])
@pytest.mark.parametrize("name", ["Kabupaten Tulungagung", "KAB. TULUNGAGUNG", "Kota Lain",
                                  "Jumlah"])
def test_the_row_of_the_regency_is_not_its_seat(name, above, tmp_path):
    """Both are called Tulungagung; a mean is no sum that would tell them apart."""
    own, whole = rows(lambda number: f"{1234567 + number}"), [f"{name};1111111"]
    lines = ["Kecamatan;Kepadatan", *whole * above, *own, *whole * (not above)]
    found = wide_table.read(AREAS, wide.parse([table(tmp_path, lines)]))
    assert found.columns[0].values["35.04.01"] == 1234567 + NAMES.index("Tulungagung")
    assert any("19 of 19 areas, 1234567 to 1234585" in line for line in found.said)
    assert any(f"('{name}') is a total and is left out" in line for line in found.said)
    assert found.columns[0].heading == "Kepadatan"


@pytest.mark.parametrize("seat, named, rows, message", [
    ("Sumenep", "Kota Sumenep", "ohr", "row 2: 'Kota Sumenep'"),
    ("Sumenep", "Kota Sumenep", "rho", "row 6: 'Kota Sumenep'"),
    ("Kota Sumenep", "Kota Sumenap", "ohr", "row 2: 'Kota Sumenap'"),
    ("Kota Sumenep", "Sumenep", "ohr", "row 2: 'Sumenep'"),
    ("Sumenep", "Sumenap", "oh", "row 2: 'Sumenap'"),
    ("Sumenep", "", "hr", "row 5: 'Kabupaten Sumenep'"),
    ("Sumenep", "", "rh", "row 2: 'Kabupaten Sumenep'"),
    ("Sumenep", "SUMENEP", "ohr", None), ("Kota Sumenep", "Kota Sumenep", "rho", None)])
def test_a_row_of_the_regency_never_becomes_its_seat(seat, named, rows, message, tmp_path):
    """Order of the rows: o the seat's own, h the other areas, r the regency."""
    areas = pd.DataFrame({"code": ["35.29.01", "35.29.02", "35.29.03", "35.29.04"],
                          "name": [seat, "Kalianget", "Manding", "Talango"]})
    parts = {"o": [f"{named};81234"], "h": ["Kalianget;40123", "Manding;29456", "Talango;36789"],
             "r": ["Kabupaten Sumenep;187602"]}
    given = wide.parse([table(tmp_path, ["Kecamatan;Penduduk", *(line for part in rows
                                                                for line in parts[part])])])
    if message is None:
        assert wide_table.read(areas, given).columns[0].values == {
            "35.29.01": 81234, "35.29.02": 40123, "35.29.03": 29456, "35.29.04": 36789}
        return
    with pytest.raises(InputError) as refused:
        wide_table.read(areas, given)
    assert str(refused.value) == (f"table.csv: {message} is no area of the package; did you mean "
                                  f"'{seat}'? Correct it, or remove the row")


def test_codes_of_statistics_beside_the_names_are_no_indicator(tmp_path, capsys):
    lines = ["Kode Kecamatan;Kecamatan;Rumah", *(f"3504{10 * n + 10:03d};{name};{n}"
                                                 for n, name in enumerate(NAMES))]
    assert wide.main([table(tmp_path, lines), f"RAW={EXAMPLE}", f"TO={tmp_path / 'with'}"]) == 0
    assert "left out, because they hold no numbers of areas: Kode Kecamatan" in (
        capsys.readouterr().out)
    found = Package(tmp_path / "with").table("indicators").query("indicator == 'rumah'")
    assert dict(zip(found["code"], found["value"])) == dict(zip(AREAS["code"], range(19)))


@pytest.mark.parametrize("heading, cells", [
    ("Kecamatan", lambda n, code, name: f"[3504{10 * n + 10:03d}] {name}"),
    ("Kecamatan", lambda n, code, name: f"3504{10 * n + 10:03d} - {name}"),
    ("prov;kab;kec", lambda n, code, name: f"35;4;{int(code[-2:])}"),
    ("kab;kec", lambda n, code, name: f"3504;{code[-2:]}"),
    ("kdprov;kdkab;kdkec;nmkec", lambda n, code, name: f"35;04;{10 * n + 10:03d};{name}")])
def test_areas_are_found_however_their_codes_are_written(tmp_path, heading, cells):
    lines = [f"{heading};Rumah", *(f"{cells(n, code, name)};{n}" for n, (code, name) in enumerate(
        zip(AREAS["code"], NAMES, strict=True)))]
    found = wide_table.read(AREAS, wide.parse([table(tmp_path, lines)]))
    assert [column.label for column in found.columns] == ["Rumah"]
    assert found.columns[0].values == dict(zip(AREAS["code"], range(19)))


@pytest.mark.parametrize("heading, labels", [
    ("kode_kab;no;kecamatan", ["Rumah"]),
    ("kode_kab;jumlah_desa;kecamatan", ["jumlah_desa", "Rumah"]),
    ("kode_kab;kode_kec;kecamatan", ["Rumah"])])
@pytest.mark.parametrize("turn", [1, -1])
def test_numbers_beside_the_code_of_a_regency_are_no_end_of_codes(tmp_path, heading, labels, turn):
    ends = [f"{n:03d}" if "kode_kec" in heading else n for n in range(1, 20)]
    lines = [f"{heading};Rumah", *(f"3504;{end};{name};{n}" for n, (end, name) in enumerate(
        zip(ends, NAMES[::turn], strict=True)))]
    found = wide_table.read(AREAS, wide.parse([table(tmp_path, lines)]))
    assert [column.label for column in found.columns] == labels
    assert found.columns[-1].values == dict(zip(AREAS["code"][::turn], range(19)))
    if len(labels) > 1:
        assert found.columns[0].values == dict(zip(AREAS["code"][::turn], range(1, 20)))


@pytest.mark.parametrize("heading", ["kode,penduduk", "no,wilayah,penduduk"])
def test_a_number_is_not_the_code_of_an_area_that_has_letters_in_it(tmp_path, heading):
    areas = pd.DataFrame({"code": ["A1", "A2", "A3"], "name": ["Barat", "Tengah", "Timur"]})
    lines = [heading, *("A3,30", "A2,20", "A1,10")] if heading[0] == "k" else [
        heading, "1,Timur,30", "2,Tengah,20", "3,Barat,10"]
    table(tmp_path, lines)
    found = wide_table.read(areas, {"TABLE": str(tmp_path / "table.csv"), "YEAR": "2024"})
    assert found.columns[-1].values == {"A1": 10, "A2": 20, "A3": 30}


def test_row_numbers_alone_are_no_codes(tmp_path):
    lines = ["kode_kab;no;Rumah", *(f"3504;{n};{n}" for n in range(1, 20))]
    with pytest.raises(InputError, match="no column names the areas"):
        wide_table.read(AREAS, wide.parse([table(tmp_path, lines)]))


def test_a_letter_below_a_year_is_named_by_the_title(tmp_path):
    lines = ["Penduduk;;;;", "Kecamatan;2021;;2022;", ";L;P;L;P",
             *rows(lambda n: f"{n};{n + 1};{n + 2};{n + 3}")]
    found = wide_table.read(AREAS, wide.parse([table(tmp_path, lines)]))
    assert [(one.label, one.year) for one in found.columns] == [
        ("Penduduk L", 2021), ("Penduduk P", 2021), ("Penduduk L", 2022), ("Penduduk P", 2022)]


def test_new_takes_tables_in_place_of_the_made_up_indicator(workbook, tmp_path):
    more = table(tmp_path, ["kode,kemiskinan (%)", *(
        f'{code.replace(".", "")},"{number},5"' for number, code in enumerate(AREAS["code"]))])
    folder = tmp_path / "region"
    assert new.main([str(folder), "--areas", str(EXAMPLE / "areas.csv"), "--table", str(workbook),
                     "--table", more[6:], "YEAR=2021", "WORSE=kemiskinan"]) == 0
    package = Package(folder)
    validate(package)
    table_ = package.table("indicators")
    assert "example" not in set(table_["indicator"]) | set(package.table("catalogue")["indicator"])
    poor = table_[table_["indicator"] == "kemiskinan"]
    assert poor["value"].tolist() == [number + 0.5 for number in range(19)]
    assert set(poor["year"]) == {2021} and set(poor["unit"]) == {"%"}
    assert package.status("indicators") == "illustrative", "until somebody says what they are"
    chosen = parameters.load(folder / "params.yml")["disparity"]
    assert chosen["reference_indicator"] == "jumlah_penduduk_laki_laki"
    assert chosen["population_indicator"] == "jumlah_penduduk_jumlah"


TITLE = ["Jumlah Menurut Kecamatan, 2023;"]
WRONG = {  # lines, further options, English, Indonesian
    "dash": ([*TITLE, "Kecamatan;Sekolah", *rows(lambda n: "-" if n == 4 else n)], [],
             "table.csv: row 7, column 'Sekolah': '-' can mean zero, as BPS has it, or that "
             "nothing is known; say DASH=zero or DASH=missing",
             "tulis DASH=zero atau DASH=missing"),
    "decimal": (["Kecamatan;Nilai", *rows(lambda n: f"{n + 1}.125")], [],
                "row 2: '1.125' can be 1.125 (DECIMAL=point) or 1125 (DECIMAL=comma); say which",
                "sebutkan yang mana"),
    "name": (["Kecamatan;Nilai", *rows(lambda n: n), "Boyolungu;5"], [],
             "row 21: 'Boyolungu' is no area of the package; did you mean 'Boyolangu'?",
             "bukan wilayah paket ini; maksudnya 'Boyolangu'?"),
    "twice": (["Kecamatan;Nilai", *rows(lambda n: n), "Boyolangu;5"], [],
              "rows 3 and 21 are both the area 35.04.02; keep one of them",
              "sama-sama wilayah 35.04.02"),
    "no area": (["Kota;Nilai", *(f"Kota {letter};3" for letter in "ABCD")], [],
                "no column names the areas of the package", "tidak ada kolom yang menyebut"),
    "codes of BPS": (["idkec;Nilai", *(f"3504{10 * n + 10:03d};{n}" for n in range(19)),
                      "3504;171"], [],
                     "table.csv: column 1 has codes such as 3504010, which are not those of the "
                     "package (35.04.01): statistics (BPS, seven digits) and Home Affairs number "
                     "kecamatan in different orders; add a column with the names",
                     "BPS (tujuh angka) dan Kemendagri menomori kecamatan dengan urutan yang "
                     "berbeda; tambahkan kolom nama kecamatan"),
    "codes of BPS in three columns": (
        ["kdprov;kdkab;kdkec;Nilai", *(f"35;4;{10 * n + 10};{n}" for n in range(19))], [],
        "column 1 has codes such as 3504010, which are not those of the package",
        "bukan kode paket ini"),
    "code and name": (["Kode;Kecamatan;Nilai", *(f"{code};{NAMES[n - 1 if n in (4, 5) else n]};1"
                                                 for n, code in enumerate(AREAS["code"]))], [],
                      f"row 6: '350405' and '{NAMES[3]}' are two areas (35.04.05, 35.04.04); "
                      "correct the row", "adalah dua wilayah"),
    "villages": (["Kecamatan;Desa;Nilai", *rows(lambda n: "A;1"), *rows(lambda n: "B;2")], [],
                 "most areas have several rows (rows 2 and 21 are both 35.04.01); give each one "
                 "row: add up its villages, or write a column a year", "jumlahkan desanya"),
    "turned": ([";".join(["Tahun", *NAMES]), ";".join(["2022", *map(str, range(19))])], [],
               "the areas stand beside each other in row 1; turn the table round",
               "putar tabelnya"),
    "year alone": (["Kecamatan;2022", *rows(lambda n: n)], [],
                   "the heading '2022' is a year and the table has no title; say what its numbers "
                   "are with INDICATOR=NAME", "INDICATOR=NAMA"),
    "mark": (["Kecamatan;Nilai", *rows(lambda n: f"{n}*" if n == 3 else n)], [],
             "row 5, column 'Nilai': '3*' is no number", "bukan angka"),
    "heading": (["Kecamatan;Nilai;", *rows(lambda n: f"{n};{n}")], [],
                "column 3 has numbers and no heading (row 1)", "tidak berjudul"),
    "same": (["Kecamatan;Nilai 2022;Nilai, 2022", *rows(lambda n: f"{n};{n}")], [],
             "columns 2 and 3 are both 'Nilai' in one year", "sama-sama 'Nilai'"),
    "direction": (["Kecamatan;Nilai", *rows(lambda n: n)], ["BETTER=Skor"],
                  "BETTER=Skor: table.csv has no such column of numbers; it has: Nilai",
                  "tidak punya kolom angka itu"),
    "absent": (["Kecamatan;Nilai"], ["SHEET=x", "SHEET=y"], "SHEET= is given twice", "SHEET="),
    "already": (["Kecamatan;Villages", *rows(lambda n: n)], [],
                "the package has villages of no year already", "paket sudah memuat villages"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("lang", ["en", "id"])
def test_what_a_table_does_not_say_is_asked_in_one_line(tmp_path, capsys, monkeypatch, case, lang):
    lines, options, english, indonesian = WRONG[case]
    monkeypatch.setenv(messages.CHOSEN, lang)
    target = tmp_path / "with"
    call = [table(tmp_path, lines), f"RAW={EXAMPLE}", f"TO={target}", *options]
    assert wide.main(call) == 2
    said = capsys.readouterr().err
    assert (english if lang == "en" else indonesian) in said, said
    assert len(said.strip().splitlines()) == 1 and not target.exists()


def test_years_of_another_package_are_those_of_its_data(tmp_path):
    lines = ["Kecamatan;Nilai 2014;Nilai 2019", *rows(lambda n: f"{n};{2 * n}")]
    folder = tmp_path / "region"
    assert new.main([str(folder), "--areas", str(EXAMPLE / "areas.csv"), "--table",
                     table(tmp_path, lines)[6:]]) == 0
    given = folder / "params.yml"
    found = with_years(parameters.load(given), given, Package(folder))["disparity"]
    assert (found["year"], found["first_year"]) == (2019, 2014)
    given.write_text(given.read_text() + "  year: 2014\n")
    found = with_years(parameters.load(given), given, Package(folder))["disparity"]
    assert (found["year"], found["first_year"]) == (2014, 2014)
    own = parameters.load()
    assert with_years(own, None, Package(ROOT / "data" / "raw")) == own


def test_keys_are_plain_words():
    assert columns.key_of("Persentase Penduduk Miskin (%)") == "persentase_penduduk_miskin"
    assert columns.key_of("2-digit") == "i_2_digit"
