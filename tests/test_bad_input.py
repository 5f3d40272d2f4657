"""Every wrong package gets one line that says where, what, and what to do."""

import json

import pytest

from helpers.messages import translate
from helpers.study import InputError, validation
from helpers.study.package import Package
from helpers.study.validation import semantic_checks


def message(copy) -> str:
    """Validate a broken copy and return its one-line message."""
    with pytest.raises(InputError) as caught:
        validation.validate(Package(copy.folder))
    text = str(caught.value)
    assert "\n" not in text and len(text) < 400
    return text


def test_the_project_s_own_package_is_valid(package_copy):
    validation.validate(Package(package_copy.folder))


def rename_column(old, new):
    return lambda line: line.replace(old, new, 1)


CELLS = [  # resource, row, column, value, what the message must say
    ("indicators", 2, "code", "99.99.99",
     ["indicators.csv: row 2", "'99.99.99' is not in areas.code"]),
    ("indicators", 5, "value", "many",
     ["indicators.csv: row 5, column 'value': 'many' is not a number"]),
    ("indicators", 5, "value", "1,5",
     ["indicators.csv: row 5, column 'value': '1,5' has a decimal comma", "decimalChar"]),
    ("indicators", 3, "source", "S99", ["row 3", "'S99' is not in sources.source"]),
    ("frame", 4, "units", "-3",
     ["frame.csv: row 4, column 'units': '-3' is not allowed; allowed is", "at least 0"]),
    ("frame", 4, "units", "2.5", ["frame.csv: row 4, column 'units': '2.5' is not a whole number"]),
    ("frame", 4, "units", "",
     ["frame.csv: row 4, column 'units': the cell is empty; it needs a value"]),
    ("known_totals", 2, "margin", "colour",
     ["known_totals.csv: row 2, column 'margin': 'colour' is no column of 'responses' that weights "
      "can be calibrated to; those are: business_type, gender"]),
    ("known_totals", 2, "margin", "need_capital_1", ["row 2, column 'margin': 'need_capital_1'"]),
    ("known_totals", 2, "level", "large",
     ["known_totals.csv: row 2: 'large' of 'business_type' has 687 units and 0 respondents"]),
    ("known_totals", 2, "units", "0",
     ["known_totals.csv: row 2: 'small' of 'business_type' has 0 units"]),
    ("known_totals", 3, "units", "-1", ["known_totals.csv: row 3, column 'units': '-1' is not"]),
    ("responses", 3, "need_capital_1", "7", ["responses.csv: row 3, column 'need_capital_1'", "7"]),
    ("responses", 3, "need_capital_1", "often",
     ["responses.csv: row 3, column 'need_capital_1': 'often' is not a whole number"]),
    ("responses", 3, "code", "35.05.77",
     ["responses.csv: row 3", "'35.05.77' is not in areas.code"]),
    ("catalogue", 2, "direction", "2",
     ["catalogue.csv: row 2, column 'direction': '2' is not allowed", "one of: -1, 0, 1"]),
    ("ratings", 2, "urgency", "9", ["ratings.csv: row 2, column 'urgency': '9' is not allowed"]),
    ("ratings", 2, "factor", "X9", ["ratings.csv: row 2", "'X9' is not in factors.factor"]),
    ("linkages", 2, "factor_b", "X9", ["linkages.csv: row 2", "'X9' is not in factors.factor"]),
    ("linkages", 2, "linkage", "6", ["linkages.csv: row 2, column 'linkage': '6' is not allowed"]),
    ("items", 2, "dimension", "wish",
     ["items.csv: row 2, column 'dimension': 'wish' is not allowed", "need, access"]),
    ("items", 2, "lowest", "5", ["items.csv: row 2: 'lowest' (5) must be below 'highest' (5)"]),
    ("villages", 2, "area", "35.05.99", ["villages.csv: row 2", "'35.05.99' is not in areas.code"]),
    ("claims", 2, "test", "guess",
     ["claims.csv: row 2, column 'test': there is no test 'guess'; known are:"]),
    ("findings", 2, "claim", "c99", ["findings.csv: row 2", "'c99' is not in claims.claim"]),
    ("findings", 2, "claim", "",
     ["findings.csv: row 2, column 'claim': the cell is empty; it needs a value"]),
    ("findings", 3, "direction", "maybe",
     ["findings.csv: row 3, column 'direction': 'maybe' is not allowed",
      "one of: for, against, mixed"]),
    ("findings", 4, "source", "",
     ["findings.csv: row 4, column 'source': the cell is empty; it needs a value"]),
    ("findings", 4, "source", "X9", ["findings.csv: row 4", "'X9' is not in sources.source"]),
]


@pytest.mark.parametrize("resource, row, column, value, parts", CELLS)
def test_wrong_cell(package_copy, resource, row, column, value, parts):
    package_copy.edit_cell(resource, row, column, value)
    text = message(package_copy)
    for part in parts:
        assert part in text


def test_a_level_without_a_known_total(package_copy):
    package_copy.edit_text("known_totals", lambda text: "".join(text.splitlines(True)[:2]))
    text = message(package_copy)
    assert text.startswith("responses.csv: row 3, column 'business_type': 'informal' has no row in "
                           "'known_totals'; give every level that was answered its total")


def test_missing_resource(package_copy):
    package_copy.keep("indicators", "catalogue", "sources")
    assert message(package_copy).startswith(
        "datapackage.json: there is no resource 'areas', which every stage needs")


def test_missing_file(package_copy):
    package_copy.path("frame").unlink()
    assert message(package_copy).startswith("frame.csv: the file of resource 'frame' is not there")


def test_missing_column(package_copy):
    package_copy.edit_row("frame", 1, rename_column("units", "businesses"))
    assert message(package_copy
                   ) == "frame.csv: the column 'units' is missing; it has: code, businesses, source"


def test_column_twice(package_copy):
    package_copy.edit_text("frame", lambda text: "\n".join(
        line + "," + line.split(",")[1] for line in text.strip().split("\n")))
    assert "the column 'units' stands twice" in message(package_copy)


def test_column_that_the_schema_forgets(package_copy):
    package_copy.edit_entry("frame", lambda entry: entry["schema"].update(
        fields=[field for field in entry["schema"]["fields"] if field["name"] != "units"]))
    assert "the schema of 'frame' does not declare the column 'units'" in message(package_copy)


@pytest.mark.parametrize(("cell", "said", "told"), [
    *((cell, f"is '{cell}'", f"'{cell}'") for cell in ("-1", "0", "inf", "heavy")),
    ("", "is missing", "tidak ada")])
def test_a_weight_that_is_none(package_copy, cell, said, told):
    """A25: found in stage 2 only, with a row counted from 0."""
    package_copy.edit_text("responses", lambda text: "\n".join(
        line and f"{line},{'weight' if not number else cell if number == 3 else '1.5'}"
        for number, line in enumerate(text.split("\n"))))
    with pytest.raises(InputError) as caught:
        semantic_checks._check_weights(Package(package_copy.folder))
    assert str(caught.value).startswith(
        f"responses.csv: row 4, column 'weight': the weight {said} (1 such rows); give a "
        "number above zero")
    assert translate(caught.value, "id").startswith(
        f"responses.csv: baris 4, kolom 'weight': bobotnya {told} (1 baris demikian)")


def test_duplicate_key(package_copy):
    package_copy.edit_text("areas", lambda text: text + text.split("\n")[1] + "\n")
    text = message(package_copy)
    assert text.startswith("areas.csv: row 27") and "repeats the key (code)" in text


def test_semicolons(package_copy):
    package_copy.edit_text("frame", lambda text: text.replace(",", ";"))
    text = message(package_copy)
    assert text.startswith(
        "frame.csv: the columns are separated by semicolons") and '"delimiter": ";"' in text


def test_semicolons_decimal_commas_and_mark_are_read_when_stated(package_copy):
    before = Package(package_copy.folder).table("villages")
    package_copy.edit_text("villages",
                           lambda text: "\ufeff" + text.replace(",", ";").replace(".", ","))
    for name in ("code", "area"):  # the codes hold points of their own: bring those back
        table = package_copy.path("villages")
        rows = [line.split(";") for line in table.read_text(encoding="utf-8").strip().split("\n")]
        at = [cell.lstrip("\ufeff") for cell in rows[0]].index(name)
        for row in rows[1:]:
            row[at] = row[at].replace(",", ".")
        table.write_text("\n".join(";".join(row) for row in rows) + "\n", encoding="utf-8")

    def state(entry):
        entry.update(encoding="utf-8-sig", dialect={"delimiter": ";"})
        for field in entry["schema"]["fields"]:
            if field["type"] == "number":
                field["decimalChar"] = ","

    package_copy.edit_entry("villages", state)
    validation.validate(Package(package_copy.folder))
    after = Package(package_copy.folder).table("villages")
    assert after[["lon", "lat", "area"]].equals(before[["lon", "lat", "area"]])


def test_byte_order_mark(package_copy):
    package_copy.edit_text("frame", lambda text: "\ufeff" + text)
    text = message(package_copy)
    assert text.startswith("frame.csv: begins with a byte-order mark") and "utf-8-sig" in text


def test_wrong_encoding(package_copy):
    file = package_copy.path("areas")
    file.write_bytes(file.read_text(encoding="utf-8").replace("Wlingi", "Wlingí").encode("latin-1"))
    text = message(package_copy)
    assert text.startswith("areas.csv: row 18 holds a byte that is not utf-8")


@pytest.mark.parametrize("content, part", [
    ("", "the file is empty"), ("\n\n", "the file is empty"),
    ("code,units,source\n", "there is a header but no row below it"),
])
def test_nothing_in_the_file(package_copy, content, part):
    package_copy.edit_text("frame", lambda text: content)
    assert message(package_copy).startswith("frame.csv: ") and part in message(package_copy)


def test_item_without_responses(package_copy):
    text = package_copy.path("responses").read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.strip().split("\n")]
    at = rows[0].index("access_market_2")
    package_copy.edit_text(
        "responses",
        lambda _: "\n".join(",".join(row[:at] + ([row[at]] if number == 0 else [""]) + row[at + 1:])
                            for number, row in enumerate(rows)) + "\n")
    assert "the item 'access_market_2' was answered by nobody" in message(package_copy)


def test_item_without_a_column(package_copy):
    package_copy.edit_row("responses", 1, rename_column("access_market_2", "other"))
    package_copy.edit_entry(
        "responses", lambda entry: entry["schema"].update(fields=[
            field for field in entry["schema"]["fields"] if field["name"] != "access_market_2"
        ]))
    assert "the item 'access_market_2' has no column" in message(package_copy)


def test_aspect_with_one_item(package_copy):
    package_copy.edit_text(
        "items", lambda text: "\n".join(line for line in text.split("\n") if not line.startswith(
            ("need_policy_2", "need_policy_3", "need_policy_4"))))
    assert "the aspect 'policy' of 'need' has one item (need_policy_1)" in message(package_copy)


def test_aspect_that_is_only_needed(package_copy):
    package_copy.edit_text("items", lambda text: "\n".join(
        line for line in text.split("\n") if not line.startswith("access_policy")))
    assert "the aspect 'policy' has items of 'need' only" in message(package_copy)


def test_zone_with_one_area(package_copy):
    package_copy.edit_cell("areas", 2, "zone", "east")
    package_copy.edit_entry(
        "areas",
        lambda entry: [field.pop("constraints", None) for field in entry["schema"]["fields"]])
    assert message(package_copy).startswith("areas.csv: the zone 'east' has one area (35.05.01)")


def test_two_areas_of_one_name_in_one_group(package_copy):
    package_copy.edit_cell("areas", 3, "name", "WONODADI ")
    assert message(package_copy).startswith(
        "areas.csv: row 3, column 'name': 'WONODADI ' is the name of row 2 too, in the same group")
    package_copy.edit_cell("areas", 3, "group", "Kota Blitar")
    validation.validate(Package(package_copy.folder))  # namesakes of two regencies


def test_source_of_a_year_to_come(package_copy):
    package_copy.edit_cell("sources", 2, "year", "3024")
    assert message(package_copy).startswith(
        "sources.csv: row 2, column 'year': 3024 is no year from 1500 to 2100; correct the cell")


def test_area_outside_the_frame(package_copy):
    package_copy.edit_text("frame", lambda text: "\n".join(
        line for line in text.split("\n") if not line.startswith("35.05.07")))
    assert "the area '35.05.07' has no row" in message(package_copy)


def test_factor_rated_by_no_expert(package_copy):
    factor = Package(package_copy.folder).table("factors")["factor"].iloc[0]
    package_copy.edit_text("ratings", lambda text: "\n".join(
        line for line in text.split("\n") if f",{factor}," not in line))
    assert f"the factor '{factor}' is rated by no expert" in message(package_copy)


def test_linkage_with_itself(package_copy):
    linkages = Package(package_copy.folder).table("linkages")
    package_copy.edit_cell("linkages", 2, "factor_b", linkages["factor_a"].iloc[0])
    assert f"linkages.csv: row 2: links '{linkages['factor_a'].iloc[0]}' with itself" in message(
        package_copy)


def test_linkage_in_both_directions(package_copy):
    first = Package(package_copy.folder).table("linkages").iloc[0]
    package_copy.edit_text(
        "linkages",
        lambda text: text + f"{first['expert']},{first['factor_b']},{first['factor_a']},1\n")
    assert "stands twice; linkages are symmetric" in message(package_copy)


def test_strategy_of_two_drivers(package_copy):
    driver = Package(package_copy.folder).table("strategies")["driving"].iloc[0]
    package_copy.edit_cell("strategies", 2, "restraining", driver)
    assert f"column 'restraining': '{driver}' is a driving factor" in message(package_copy)


def test_force_without_factor(package_copy):
    text = package_copy.path("factors").read_text(encoding="utf-8")
    package_copy.edit_text("factors", lambda _: text.replace("driving", "restraining"))
    assert "there is no driving factor" in message(package_copy)


def test_coordinates_swapped(package_copy):
    package_copy.edit_row(
        "villages", 1,
        lambda line: line.replace("lon", "x").replace("lat", "lon").replace("x", "lat"))
    text = message(package_copy)
    assert text.startswith("villages.csv: row 2, column 'lon'") or text.startswith(
        "villages.csv: row 2, column 'lat'")
    assert text.endswith("the columns lon and lat look swapped")


def test_area_without_village(package_copy):
    for resource in ("villages", "village_indicators"):
        package_copy.edit_text(resource, lambda text: "\n".join(
            line for line in text.split("\n") if ",35.05.08," not in line))
    assert "no village belongs to the area '35.05.08'" in message(package_copy)


def test_hash_that_does_not_match(package_copy):
    package_copy.edit_entry("frame", lambda entry: entry.update(hash="sha256:" + "0" * 64))
    text = message(package_copy)
    assert text.startswith("frame.csv: the file is not the one that datapackage.json describes")


@pytest.mark.parametrize("path",
                         ["../secret.csv", "https://example.org/frame.csv", "/etc/hostname"])
def test_path_outside_the_package(package_copy, path):
    package_copy.edit_entry("frame", lambda entry: entry.update(path=path))
    assert f"resource 'frame' points outside the package ('{path}')" in message(package_copy)


def test_link_out_of_the_package(package_copy, tmp_path):
    outside = tmp_path / "outside.csv"
    package_copy.path("frame").rename(outside)
    package_copy.path("frame").symlink_to(outside)
    assert "points outside the package" in message(package_copy)


@pytest.mark.parametrize("change, part", [
    (lambda d: d["resources"][0].pop("status"),
     "has the status None; allowed is one of: published"),
    (lambda d: d["resources"][0].update(status="real"), "has the status 'real'"),
    (lambda d: d["resources"][0].pop("name"), "resource 1 has no 'name'"),
    (lambda d: d["resources"].append(dict(d["resources"][0])), "stands twice"),
    (lambda d: d.update(resources=[]), "'resources' must be a list"),
])
def test_wrong_descriptor(package_copy, change, part):
    package_copy.edit_descriptor(change)
    assert part in message(package_copy)


def test_descriptor_that_is_not_json(package_copy):
    (package_copy.folder / "datapackage.json").write_text("{name: x}", encoding="utf-8")
    assert message(package_copy).startswith("datapackage.json: not valid JSON at line 1, column 2")


def test_folder_without_descriptor(tmp_path):
    with pytest.raises(InputError, match="there is no datapackage.json in this folder"):
        Package(tmp_path)


@pytest.mark.parametrize("parameters, part", [
    ({"year": 1999}, "disparity.year: 1999 is not a year of 'nightlight_mean'"),
    ({"reference_indicator": "happiness"},
     "disparity.reference_indicator: 'happiness' is not an indicator"),
    ({"map_indicators": ["happiness"]},
     "disparity.map_indicators: 'happiness' is not an indicator"),
    ({"map_indicators": ["idm_idnex"]},
     "is not an indicator of indicators.csv; did you mean 'idm_index'"),
])
def test_parameter_that_names_what_is_not_there(package_copy, parameters, part):
    from helpers.study.parameters import load

    with pytest.raises(InputError) as caught:
        validation.check_parameters("disparity",
                                    load()["disparity"] | parameters, Package(package_copy.folder))
    assert part in str(caught.value)


@pytest.mark.parametrize(("parameters", "en", "id_"), [
    ({"period": "today", "period_split": 2026},
     "synthesis.period_split: 2026 leaves no year for today's period, as the series of growth and "
     "poverty end in 2025; give an earlier year", "synthesis.period_split: sejak 2026 tidak ada"),
    ({"growth_source": "S99"},
     "synthesis.growth_source: 'S99' gives no growth; choose 'longest' or one of 'S25', 'S28', "
     "'T22'", "synthesis.growth_source: 'S99' tidak memuat pertumbuhan"),
    ({"strong_need": 5.5},
     "synthesis.strong_need: 5.5 lies outside the scale of the answers, which goes from 1 to 5; "
     "give a score on it", "synthesis.strong_need: 5.5 di luar skala jawaban"),
    ({"easy_access": 0.5}, "synthesis.easy_access: 0.5 lies outside the scale",
     "synthesis.easy_access: 0.5 di luar skala"),
])
def test_rules_of_claims_that_nothing_can_meet(package_copy, parameters, en, id_):
    """Otherwise a claim would be decided whatever the data, or called not testable."""
    from helpers.messages import translate
    from helpers.study.parameters import load

    own, package = load()["synthesis"], Package(package_copy.folder)
    validation.check_parameters("synthesis", own | {"period_split": 2025}, package)
    with pytest.raises(ValueError) as caught:
        validation.check_parameters("synthesis", own | parameters, package)
    assert str(caught.value).startswith(en) and "\n" not in str(caught.value)
    assert translate(caught.value, "id").startswith(id_)


@pytest.mark.parametrize("choice", ["scoring.classes: [3, 5]", "synthesis.permutations: [999, 99]"])
def test_a_build_knows_the_choices_that_the_multiverse_knows(package_copy, tmp_path, choice):
    from helpers.run.inputs import read_inputs
    from helpers.run.project import Project

    project = Project(raw=package_copy.folder, out=tmp_path / "out")
    assert read_inputs(project).parameters["synthesis"]
    (package_copy.folder / "multiverse.yml").write_text(f"choices: {{{choice}}}\n")
    with pytest.raises(InputError,
                       match=f"no stage reads the choice '{choice.partition(':')[0]}' for a claim"):
        read_inputs(project)


def test_a_package_is_checked_once_by_a_first_build_for_both_languages(package_copy, tmp_path,
                                                                       monkeypatch):
    from dataclasses import replace

    from helpers.run.bring_up import bring_up
    from helpers.run.documents import translated
    from helpers.run.execution import kernels
    from helpers.run.inputs import checked
    from helpers.run.project import Project

    times, check = [], validation.validate
    monkeypatch.setattr(validation, "validate", lambda package: times.append(check(package)))
    monkeypatch.setattr(kernels, "start_server", lambda: None)
    project = Project(package_copy.folder, tmp_path / "out", tmp_path / "processed", lang="en",
                      stages=())
    bring_up(replace(project, out=tmp_path / "looked at"), "figures", explain=True)
    bring_up(translated(project), "figures")
    assert len(times) == 2  # who asks what a build would do leaves no note of it
    bring_up(project, "figures")
    assert len(times) == 2 and checked(project).record["validated"]
    package_copy.edit_descriptor(lambda about: about.update(version="2.0.0"))
    bring_up(project, "figures")
    assert len(times) == 3
    package_copy.edit_cell("areas", 0, "zone", "nowhere")
    for _ in range(2):  # what did not pass is checked again
        with pytest.raises(InputError):
            bring_up(project, "figures")


def test_a_stage_that_does_not_declare_what_it_weighs():
    from helpers.multiverse import Choices
    from helpers.study.choices import own_universe

    for in_force in ({}, {"scoring": {"confidence": 0.95}}):
        with pytest.raises(
                InputError, match=
                "the choice 'scoring.missing' is no parameter that this stage declares; add it to"):
            own_universe(Choices({"scoring.missing": ["listwise"]}), in_force)


BOX = [[[112.0, -8.2], [112.1, -8.2], [112.1, -8.1], [112.0, -8.1], [112.0, -8.2]]]
BOW = [[[112.0, -8.2], [112.1, -8.1], [112.1, -8.2], [112.0, -8.1], [112.0, -8.2]]]


def with_boundaries(copy, features):
    """Replace the package's geometry by polygons for its first areas."""
    copy.keep("areas")
    copy.edit_text("areas", lambda text: "\n".join(text.split("\n")[:3]) + "\n")
    collection = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"code": code}, "geometry": geometry}
                     for code, geometry in features]
    }
    (copy.folder / "boundaries.geojson").write_text(json.dumps(collection), encoding="utf-8")
    copy.edit_descriptor(lambda descriptor: descriptor["resources"].append(
        {"name": "boundaries", "path": "boundaries.geojson", "status": "published"}))


def square(east=0.0):
    return {"type": "Polygon", "coordinates": [[[x + east, y] for x, y in BOX[0]]]}


@pytest.mark.parametrize("features, part", [
    ([("35.05.01", square()), ("35.05.02", {"type": "Polygon", "coordinates": BOW})], "35.05.02"),
    ([("35.05.01", square())], "35.05.02"),
    ([("35.05.01", square()), ("35.05.02", square(0.1)), ("35.05.02", square(0.2))], "35.05.02"),
    ([("35.05.01", square()),
      ("35.05.02", {"type": "Polygon", "coordinates": [[[y, x] for x, y in BOX[0]]]})], "swapped"),
    ([("35.05.01", square()), ("35.05.02", {"type": "Point", "coordinates": [112.0, -8.0]})],
     "35.05.02"),
])
def test_wrong_boundaries(package_copy, features, part):
    with_boundaries(package_copy, features)
    text = message(package_copy)
    assert text.startswith("boundaries.geojson: ") and part in text


def test_right_boundaries(package_copy):
    with_boundaries(package_copy, [("35.05.01", square()), ("35.05.02", square(0.1))])
    validation.validate(Package(package_copy.folder))
