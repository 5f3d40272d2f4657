"""One thing changed in a small package: refused before anything runs, in one line of both languages
that names it; the kinds of change are those of the fuzzer."""

import os
import shutil

import numpy as np
import pytest
import yaml

from helpers.errors import InputError
from helpers.messages import translate
from helpers.run import inputs
from helpers.run.project import Project
from tools.checks import mutated_inputs as mutated


@pytest.fixture(scope="module")
def small():
    return mutated.small_package()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mutated")


def refused(folder):
    """What is said in both languages about the package in a folder."""
    carried = folder / "params.yml"
    with pytest.raises(InputError) as caught:
        inputs.read_inputs(Project(raw=folder, out=folder.with_name("none"),
                                   parameters_file=carried if os.path.lexists(carried) else None))
    return str(caught.value), translate(caught.value, "id")


def cell(table, row, column, value):
    def change(small):
        small.tables[table][row - 1][small.column(table, column)] = value
        # Stricter rules of our own schema would say it otherwise.
        small.field(table, column).pop("constraints", None)

    return change


def parameter(name, value):
    return lambda small: mutated._set(name, value).make(small)


def alternative(name, *values, section="choices"):
    def change(small):
        small.choices = {"universes": 9, section: {name: [*values]}}

    return change


def two_claims(small):
    place = small.column("claims", "options")
    small.tables["claims"][1][place] = "zone_a=north;zone_a=south;zone_b=south"


def ratio_row(small):
    place = small.column("catalogue", "numerator")
    return next(number for number, row in enumerate(small.tables["catalogue"][1:], start=2)
                if row[place])


def ratio(column, value):
    return lambda small: cell("catalogue", ratio_row(small), column, value)(small)


def land(text):
    return lambda small: small.other.update({"land.geojson": text})


def schema(table, column, **more):
    return lambda small: small.field(table, column).update(more)


def dialect(small):
    small.descriptor["resources"][0]["dialect"] = {"header": False}


def twice(small):
    small.descriptor_text = '{"resources": [{"name": "areas", "status": "simulated", ' \
        '"path": "areas.csv", "status": "published"}]}'


def entry(table, **more):
    def change(small):
        next(one for one in small.descriptor["resources"] if one["name"] == table).update(more)

    return change


def of_schema(table, **more):
    def change(small):
        next(one for one in small.descriptor["resources"]
             if one["name"] == table)["schema"].update(more)

    return change


def every(table, column, value):
    def change(small):
        for row in small.tables[table][1:]:
            row[small.column(table, column)] = value

    return change


def header(table, column, name):
    def change(small):
        small.tables[table][0][small.column(table, column)] = name

    return change


def both(*changes):
    def change(small):
        for one in changes:
            one(small)

    return change


def rows(table, first, last=None):
    return lambda small: small.tables[table].__delitem__(slice(first, last))


def section(name, value):
    return lambda small: small.parameters.update({name: value})


# What turns a value into another one, or leaves none: all of these were never tried before.
FURTHER = [
    (cell("indicators", 3, "unit", "furlong"), "indicators.csv: row 3, column 'unit': 'age_65_69' "
     "is in 'furlong' here and in 'person' in an earlier row; bring its values to one unit",
     "indicators.csv: baris 3, kolom 'unit': 'age_65_69' di sini dalam 'furlong'"),
    (cell("known_totals", 2, "units", "1"), "known_totals.csv: row 2, column 'units': 'small' of "
     "'business_type' has 1 units, but 68 respondents in responses.csv; correct one of them",
     "known_totals.csv: baris 2, kolom 'units': 'small' dari 'business_type' memiliki 1 satuan"),
    (of_schema("responses", missingValues=["", "3"]), "datapackage.json: resource 'responses': "
     "missingValues has '3', which is an answer of the scale", "datapackage.json: sumber "
     "'responses': missingValues memuat '3'"),
    (of_schema("indicators", missingValues=["", "0"]), "indicators.csv: row 202, column 'value'",
     "indicators.csv: baris 202"),
    (schema("indicators", "value", groupChar="."), "datapackage.json: resource 'indicators', "
     "column 'value': groupChar \".\" would read a value as another one", "datapackage.json: "
     "sumber 'indicators', kolom 'value': groupChar"),
    (schema("indicators", "value", groupChar="0"), "column 'value': groupChar \"0\" would read",
     "datapackage.json: sumber 'indicators', kolom 'value'"),
    (schema("items", "reverse", trueValues=["false"]), "datapackage.json: resource 'items', column "
     "'reverse': trueValues [\"false\"] would read a value as another one", "datapackage.json: "
     "sumber 'items', kolom 'reverse': trueValues"),
    (schema("items", "reverse", falseValues=["True"]), "falseValues [\"True\"] would read",
     "datapackage.json: sumber 'items', kolom 'reverse': falseValues"),
    *[(schema("items", "reverse", **{one: ["x"], other: 3}), f"datapackage.json: resource 'items': "
       f"schema/fields/6/{other} is 3; it must be a list", "datapackage.json: berkas data 'items': "
       f"schema/fields/6/{other} bernilai 3; seharusnya sebuah daftar")
      for one, other in (("trueValues", "falseValues"), ("falseValues", "trueValues"))],
    (both(cell("areas", 2, "name", "Bakung é"), entry("areas", encoding="latin-1")),
     "areas.csv: is UTF-8, and not latin-1 as datapackage.json states: letters with marks would be",
     "areas.csv: berupa UTF-8, bukan latin-1"),
    (schema("indicators", "value", decimalChar=","), "indicators.csv: row 77, column 'value': "
     "'43.43' is not a number", "indicators.csv: baris 77"),
    (both(schema("indicators", "value", bareNumber=False), cell("indicators", 3, "value", "12 kg")),
     "indicators.csv: row 3, column 'value': '12 kg' is not a number", "indicators.csv: baris 3"),
    (entry("areas", dialect={"commentChar": "3"}), "datapackage.json: resource 'areas': "
     "dialect/commentChar is \"3\"", "datapackage.json: sumber 'areas': dialect/commentChar"),
    (entry("areas", dialect={"commentRows": [3]}), "dialect/commentRows is [3]",
     "datapackage.json: sumber 'areas': dialect/commentRows"),
    (entry("areas", dialect={"nullSequence": "north"}), "dialect/nullSequence is \"north\"",
     "datapackage.json: sumber 'areas': dialect/nullSequence"),
    (entry("areas", dialect={"headerRows": [2]}), "dialect/headerRows is [2]",
     "datapackage.json: sumber 'areas': dialect/headerRows"),
    (entry("areas", dialect={"delimiter": "abc"}), "dialect/delimiter is 'abc'; it must be one",
     "datapackage.json: "),
    (entry("areas", status="Published"), "resource 'areas' has the status 'Published'; allowed is",
     "datapackage.json: "),
    (of_schema("areas", primaryKey=[]), "resource 'areas': schema/primaryKey is []",
     "datapackage.json: "),
    (cell("responses", 3, "respondent", "r001"), "responses.csv: row 3, column 'respondent': "
     "'r001' looks like 'R001' in an earlier row", "responses.csv: baris 3"),
    (cell("indicators", 3, "year", "24"), "indicators.csv: row 3, column 'year': 24 is no "
     "year from 1900 to 2100; correct the cell", "indicators.csv: baris 3, kolom 'year': 24 bukan"),
    (both(cell("indicators", 3, "year", "24"),
          lambda small: small.field("indicators", "year").pop("type")), "indicators.csv: row 3, "
     "column 'year': 24 is no year", "indicators.csv: baris 3, kolom 'year': 24 bukan"),
    (cell("series", 3, "year", "2016.5"), "series.csv: row 3, column 'year': '2016.5' is not a "
     "whole number", "series.csv: baris 3, kolom 'year'"),
    (both(cell("items", 2, "lowest", "5"), cell("items", 2, "highest", "1")), "items.csv: row 2: "
     "'lowest' (5) must be below 'highest' (1)", "items.csv: baris 2"),
    (cell("items", 2, "highest", "7"), "items.csv: the items of aspect 'capital' of 'need' have "
     "different scales", "items.csv: "),
    (cell("items", 2, "reverse", "maybe"), "'maybe' is not true or false", "items.csv: baris 2"),
    (cell("catalogue", 2, "direction", "up"), "catalogue.csv: row 2, column 'direction': 'up' is",
     "catalogue.csv: baris 2, kolom 'direction'"),
    (cell("claims", 3, "claim", "c01"), "claims.csv: row 3: repeats the key (claim) of an "
     "earlier row", "claims.csv: baris 3"),
    (cell("claims", 2, "test", "guess"), "claims.csv: row 2, column 'test': there is no test "
     "'guess'", "claims.csv: baris 2, kolom 'test'"),
    (header("areas", "zone", "Zone"), "areas.csv: the column 'zone' is missing; it has: code, name,"
     " Zone", "areas.csv: kolom 'zone'"),
    (every("responses", "need_capital_1", ""), "the item 'need_capital_1' was answered by nobody",
     "responses.csv: "),
    (every("areas", "zone", "north"), "claims.csv: row 2, column 'options': zone_b=south names "
     "nothing", "claims.csv: baris 2"),
    (every("indicators", "value", "1"), "'nightlight_mean' is 1 in every area", "disparity."),
    (every("series", "year", "2020"), "series.csv: row 10: repeats the key", "series.csv: baris"),
    (rows("responses", 1), "responses.csv: there is a header but no row below it", "responses.csv"),
    (rows("frame", 1, 2), "frame.csv: the area '35.05.01' has no row", "frame.csv: "),
    (rows("ratings", 2), "ratings.csv: the factor 'D2' is rated by no expert", "ratings.csv: "),
    (section("seed", True), "params.yml: 'seed' is True; allowed is a whole number", "params.yml"),
    (section("lang", ["id"]), "params.yml: 'lang' is ['id']; allowed is one of", "params.yml: "),
    (section("scoring", [1]), "params.yml: 'scoring' is a section with parameters below it, not",
     "params.yml: 'scoring'"),
    (section("scorings", {"weights": "none"}), "there is no parameter 'scorings'; did you mean "
     "'scoring'?", "params.yml: "),
]
CASES = [  # what is changed, what is said in English, how it begins in Indonesian
    (parameter("disparity.population_indicator", "nope"),
     "disparity.population_indicator: 'nope' is not an indicator of indicators.csv; it has: ",
     "disparity.population_indicator: 'nope' bukan indikator"),
    (parameter("disparity.terrain_indicators", ["slope_maen"]),
     "disparity.terrain_indicators: 'slope_maen' is not an indicator of indicators.csv; did you "
     "mean 'slope_mean'", "disparity.terrain_indicators: 'slope_maen' bukan indikator"),
    (parameter("disparity.sector_indicators", ["nope"]),
     "disparity.sector_indicators: 'nope' is not an indicator", "disparity.sector_indicators: "),
    (parameter("synthesis.strong_need", float("nan")),
     "params.yml: 'synthesis.strong_need' is nan; allowed is a number", "params.yml: 'synthesis."),
    (parameter("scoring.confidence", float("inf")),
     "params.yml: 'scoring.confidence' is inf; allowed is a number", "params.yml: 'scoring."),
    (parameter("force_field.urgency_source", "wins"),
     "force_field.urgency_source: 'wins' reads pairwise comparisons, and this package has no "
     "resource 'comparisons'; add it, or choose 'ratings'",
     "force_field.urgency_source: 'wins' membaca perbandingan berpasangan"),
    (alternative("synthesis.alpha", 0.05, float("nan"), section="thresholds"),
     "multiverse.yml: 'synthesis.alpha' is nan; allowed is", "multiverse.yml: 'synthesis.alpha'"),
    (alternative("disparity.year", 2024, 1999),
     "multiverse.yml: 'disparity.year' has the value 1999, which does not suit the data package; "
     "it allows 20", "multiverse.yml: 'disparity.year'"),
    (alternative("force_field.urgency_source", "ratings", "eigenvector"),
     "multiverse.yml: 'force_field.urgency_source' has the alternative 'eigenvector', but the data "
     "package has no comparisons", "multiverse.yml: "),
    (two_claims, "claims.csv: row 2, column 'options': claims: claim 'c01' gives its test the "
     "option 'zone_a' twice, or without a value; write it once, as key=value",
     "claims.csv: baris 2, kolom 'options': "),
    (cell("claims", 2, "options", "zone_a=east;zone_b=south"),
     "claims.csv: row 2, column 'options': zone_a=east names nothing in this package; ",
     "claims.csv: baris 2, kolom 'options': zone_a=east tidak menyebut apa pun"),
    (cell("claims", 2, "options", "zone_a=north;zone_b=north"),
     "claims.csv: row 2, column 'options': zone_a and zone_b are both 'north'; name two zones",
     "claims.csv: baris 2, kolom 'options': zone_a dan zone_b"),
    (cell("claims", 7, "options", "aspect=captial"),
     "claims.csv: row 7, column 'options': aspect=captial names nothing in this package; did you "
     "mean 'capital'?", "claims.csv: baris 7, "),
    (cell("claims", 3, "stage", "growth"),
     "claims.csv: row 3, column 'stage': there is no stage 'growth'; known are: sampling, ",
     "claims.csv: baris 3, kolom 'stage': tidak ada tahap 'growth'"),
    (ratio("denominator", "nope"), ", column 'denominator': 'nope' is no indicator of the "
     "catalogue; correct it, or give it a row", "catalogue.csv: baris "),
    (ratio("denominator", ""), ", column 'denominator': a ratio needs one indicator to divide by; ",
     "catalogue.csv: baris "),
    (ratio("scale", "0"), ", column 'scale': a ratio needs a scale above 0, such as 1, or 100 for "
     "percent; it is 0.0", "catalogue.csv: baris "),
    (cell("catalogue", 55, "numerator", "higher_education_share"), "catalogue.csv: row 55, column "
     "'numerator': the ratio 'higher_education_share' is declared further down; move it above",
     "catalogue.csv: baris 55, kolom 'numerator': rasio 'higher_education_share'"),
    (cell("indicators", 124, "value", "-5"), "indicators.csv: row 124, column 'value': "
     "'edu_bachelor' is -5 and part of a ratio; what is counted cannot be below 0",
     "indicators.csv: baris 124, kolom 'value': 'edu_bachelor'"),
    (every("frame", "units", "1"), "frame.csv: column 'units': no area has more than one unit, so "
     "there is nothing to draw", "frame.csv: kolom 'units': "),
    (cell("frame", 2, "units", "1"), "frame.csv: row 2, column 'units': the area 35.05.01 has 1 "
     "units, but ", "frame.csv: baris 2, kolom 'units': wilayah 35.05.01 memiliki 1 satuan"),
    (cell("frame", 2, "units", str(2 ** 62)), "frame.csv: row 2, column 'units': '46116860184273879"
     "04' is too large; numbers up to 1e+15 can be calculated with", "frame.csv: baris 2, "),
    (cell("indicators", 3, "value", "１２"),
     "indicators.csv: row 3, column 'value': '１２' is not a number; correct the cell",
     "indicators.csv: baris 3, kolom 'value': '１２'"),
    (cell("indicators", 3, "value", "1_000"), "indicators.csv: row 3, column 'value': '1_000' is "
     "not a number", "indicators.csv: baris 3, "),
    (cell("indicators", 3, "value", "1e308"), "indicators.csv: row 3, column 'value': '1e308' is "
     "too large", "indicators.csv: baris 3, "),
    (cell("areas", 2, "name", "\u00a0"), "areas.csv: row 2, column 'name': the cell ",
     "areas.csv: baris 2, kolom 'name': "),
    (cell("claims", 2, "text_id", " "), "claims.csv: row 2, column 'text_id': the cell ",
     "claims.csv: baris 2, "),
    (cell("areas", 2, "zone", "North"), "areas.csv: row 3, column 'zone': 'north' looks like "
     "'North' in an earlier row, but is written otherwise", "areas.csv: baris 3, kolom 'zone': "),
    (cell("areas", 2, "name", "Ba\u200bkung"), "areas.csv: row 2 holds the invisible character "
     "U+200B; remove it", "areas.csv: baris 2 "),
    (cell("areas", 2, "name", "\U000e0041"), "areas.csv: row 2 holds the invisible character "
     "U+E0041; remove it", "areas.csv: baris 2 "),
    (cell("items", 2, "item", "code"), "items.csv: row 2, column 'item': 'code' is the name of "
     "another column of the answers; ", "items.csv: baris 2, kolom 'item': 'code'"),
    (cell("sources", 2, "url", "www.bps.go.id/tabel"), "sources.csv: row 2, column 'url': "
     "'www.bps.go.id/tabel' is no address that a page can link to; it begins with https:// or ",
     "sources.csv: baris 2, kolom 'url': 'www.bps.go.id/tabel' bukan alamat"),
    (cell("sources", 2, "url", "javascript:alert(1)"), "sources.csv: row 2, column 'url': ",
     "sources.csv: baris 2, "),
    (cell("villages", 2, "lon", "-112.2"), "villages.csv: row 2: the village ",
     "villages.csv: baris 2: desa "),
    (land("hello"), "land.geojson: cannot be read as GeoPackage, GeoJSON or Shapefile",
     "land.geojson: "),
    (land(mutated._shape('{"type": "Point", "coordinates": [112, -8]}')), "land.geojson: shape 1 "
     "is Point; land is drawn with polygons", "land.geojson: bentuk 1 berupa Point"),
    (land(mutated._shape('{"type": "Polygon", "coordinates": [[[1,1],[2,1],[2,2],[1,1]]]}')),
     "land.geojson: the land (1.0 to 2.0 east, 1.0 to 2.0 north) holds none of the villages",
     "land.geojson: daratan ini "),
    (twice, "datapackage.json: the name 'status' stands twice in one entry, as \"simulated\" and "
     "as \"published\"; keep one of them", "datapackage.json: nama 'status' muncul dua kali"),
    (dialect, "datapackage.json: resource 'areas': dialect/header is false; tables are read with a "
     "header", "datapackage.json: sumber 'areas': dialect/header bernilai false"),
    (schema("areas", "name", constraints={"pattern": r"(?=x)\1"}), "datapackage.json: resource "
     "'areas': the pattern '(?=x)\\1' of the column 'name' cannot be used (",
     "datapackage.json: sumber 'areas': pola "),
    (schema("areas", "name", constraints={"pattern": "(a+)+$"}), "areas.csv: row 2, column 'name': "
     "'", "areas.csv: baris 2, kolom 'name': "),
]


@pytest.mark.parametrize(("change", "english", "indonesian"), CASES + FURTHER)
def test_what_means_something_else_is_refused(small, folder, change, english, indonesian):
    changed = small.copy()
    change(changed)
    shutil.rmtree(folder / "raw", ignore_errors=True)
    (folder / "raw").mkdir()
    changed.write(folder / "raw")
    line, said = refused(folder / "raw")
    assert english in line and "\n" not in line and said.startswith(indonesian)


@pytest.mark.parametrize("name, text, english, indonesian", [
    *[("params.yml", f"seed: {text}\n", f"params.yml: not valid YAML at line 1, column 7: '{text}' "
       "is no number as people write it", "params.yml: bukan YAML yang sah")
      for text in ("010", "1:30", "1_000", "0x10", "0b11", "1:30.5", "0.5_0")],
    ("params.yml", "#" * 1_000_001, "params.yml: has more than 1,000,000 bytes",
     "params.yml: lebih"),
    ("multiverse.yml", "#" * 1_000_001, "multiverse.yml: has more than ", "multiverse.yml: lebih"),
    ("datapackage.json", " " * 10_000_001, "datapackage.json: has more than 10,000,000 bytes",
     "datapackage.json: lebih dari"),
    ("areas.csv", None, "areas.csv: table, column 'zone': the header cannot be read with the rows "
     "below it; is a quotation mark missing", "areas.csv: tabel, kolom 'zone': baris judul")])
def test_files_that_are_read_otherwise_than_written_are_refused(small, tmp_path, name, text,
                                                                english, indonesian):
    small.write(tmp_path)
    place = tmp_path / name
    place.write_text(place.read_text() + '"abc,\n' * 5000 if text is None else text)
    line, said = refused(tmp_path)
    assert english in line and said.startswith(indonesian)


def test_a_path_that_ends_as_a_folder_is_no_file(small, tmp_path):
    changed = small.copy()
    changed.descriptor["resources"][0]["path"] += "/"
    changed.write(tmp_path)
    assert refused(tmp_path)[0].startswith("areas.csv/: the file of resource 'areas' is not a file")


@pytest.mark.parametrize("name", ["datapackage.json", "params.yml", "multiverse.yml"])
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("nowhere.yml")])
def test_what_is_no_file_is_neither_waited_for_nor_passed_over(small, tmp_path, name, make):
    changed = small.copy()
    (tmp_path / "raw").mkdir()
    changed.write(tmp_path / "raw")
    place = tmp_path / "raw" / name
    place.unlink(missing_ok=True)
    make(place)
    english, indonesian = refused(tmp_path / "raw")
    assert (name in english or name == "datapackage.json") and english != indonesian


def test_one_input_of_every_kind_of_the_fuzzer(folder):
    found = mutated._part(folder / "fuzzed", range(len(mutated.KINDS)), seed=11)
    assert [fault for _, fault in found if fault] == []
    assert [name for name, _ in found] == list(mutated.KINDS)


def test_the_fuzzer_notices_silence_tracebacks_and_unclear_lines(small, folder, monkeypatch):
    change = mutated.Change("nothing", ("areas",), lambda changed: changed)
    assert mutated._fault("no_number", change, small, False, folder / "same") == \
        "nothing: taken without a word"
    assert mutated._fault("any_cell", change, small, False, folder / "same") == ""

    def fails(error):
        def read(project):
            raise error

        monkeypatch.setattr(mutated, "read_inputs", read)
        return mutated._fault("any_cell", change, small, False, folder / "same")

    assert fails(KeyError("x")) == "nothing: traceback: KeyError: 'x'"
    assert fails(InputError("no language")).startswith("nothing: unclear: no language")
    assert fails(InputError("{path}: the file is empty; export it again", path="x")).startswith(
        "nothing: told as: x: the file is empty")


def test_every_change_changes_something(small):
    for number, make in enumerate(mutated.KINDS.values()):
        changed = small.copy()
        make(small, np.random.default_rng([5, number])).make(changed)
        assert changed != small, make.__name__
    assert yaml.safe_dump(small.parameters)
