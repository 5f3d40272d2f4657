"""The data package: what lies in data/raw is what its descriptor says, and what the sources say."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.errors import InputError
from helpers.intake import describe
from helpers.messages import translate
from helpers.study import validation
from helpers.study.package import Package
from tools.data import extract

ROOT = Path(__file__).parents[1]
RAW = ROOT / "data" / "raw"
PACKAGE = json.loads((RAW / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = {resource["name"]: resource for resource in PACKAGE["resources"]}
TABLES = [name for name, resource in RESOURCES.items() if "schema" in resource]
# Beginnings of the SHA-256 of the three files that were taken over as they were collected.
COLLECTED = {
    "indicators": "08ef562058d731e8", "series": "bebc98f19970c3ab", "business": "d039fbc9cea76bf0"
}
KEPT = {
    "areas": "code name zone group",
    "villages": "code area name lon lat",
    "indicators": "code indicator year value unit source",
    "catalogue": "indicator label_id label_en unit direction theme",
    "series": "area indicator year value unit source",
    "village_indicators": "code area indicator year value unit source",
    "national": "code name desa idm idm_sd iks ike ikl",
    "frame": "code units source",
    "items": "item dimension aspect text_id text_en reverse lowest highest",
    "responses": "respondent code business_type",
    "factors": "factor force aspect label_id label_en",
    "ratings": "expert factor urgency support",
    "linkages": "expert factor_a factor_b linkage",
    "strategies": "strategy driving restraining label_id label_en",
    "claims": "claim text_id text_en stage test",
    "sources": "source title url publisher year licence",
}


def table(name):
    return pd.read_csv(RAW / f"{name}.csv")


def text(name):
    return pd.read_csv(RAW / f"{name}.csv", dtype=str, keep_default_na=False)


def total(indicator, year=None):
    rows = table("indicators").query("indicator == @indicator")
    return rows.loc[rows["year"] == year if year else rows["year"].isna(), "value"].sum()


# --- the descriptor -----------------------------------------------------------------------------


def test_every_file_of_the_folder_is_described_or_is_a_document():
    described = {resource["path"] for resource in PACKAGE["resources"]}
    others = {"datapackage.json", "README.md", "README.id.md", "LICENSE-villages.txt"}
    assert {path.name for path in RAW.iterdir()} == described | others


@pytest.mark.parametrize("name", RESOURCES)
def test_resource_states_all_that_a_reader_needs(name):
    resource = RESOURCES[name]
    content = (RAW / resource["path"]).read_bytes()
    assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
    assert resource["bytes"] == len(content)
    assert resource["status"] in ("published", "simulated", "illustrative")
    assert resource["title"] and resource["description"] and resource["format"] and resource[
        "mediatype"]
    assert all(source["title"] for source in resource["sources"]) and resource["sources"]
    assert all(licence["name"] for licence in resource["licenses"]) and resource["licenses"]
    assert content.decode("utf-8").endswith(
        "\n") and b"\r" not in content and not content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_those_of_the_schema_and_begin_as_agreed(name):
    fields = [field["name"] for field in RESOURCES[name]["schema"]["fields"]]
    assert text(name).columns.tolist() == fields
    assert fields[: len(KEPT.get(name, "").split())] == KEPT.get(name, "").split()
    for field in RESOURCES[name]["schema"]["fields"]:
        assert field["title_id"] and field["title_en"] == field["title"]


def frictionless(*arguments, folder):
    command = [str(Path(sys.executable).with_name("frictionless")), "validate", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True,
                          env={**os.environ, "COLUMNS": "200"})


def test_frictionless_accepts_the_package_from_any_folder(tmp_path):
    done = frictionless(str(RAW / "datapackage.json"), folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_frictionless_would_notice_a_wrong_cell(tmp_path):
    shutil.copytree(RAW, tmp_path / "raw")
    frame = tmp_path / "raw" / "frame.csv"
    frame.write_text(
        frame.read_text(encoding="utf-8").replace("35.05.01", "35.05.99"), encoding="utf-8")
    describe.refresh(tmp_path / "raw")
    done = frictionless("raw/datapackage.json", folder=tmp_path)
    assert done.returncode == 1
    assert "35.05.99" in done.stdout


def test_statuses_say_what_is_made_up():
    made_up = {
        name: resource["status"] for name, resource in RESOURCES.items()
        if resource["status"] != "published"
    }
    assert made_up == {
        "items": "simulated", "responses": "simulated", "factors": "illustrative",
        "ratings": "illustrative", "linkages": "illustrative", "strategies": "illustrative",
        "error_rates": "simulated", "coverage": "simulated"
    }


# --- published figures --------------------------------------------------------------------------


def test_areas_are_22_and_3_with_their_zones():
    areas = table("areas")
    assert areas["group"].value_counts().to_dict() == {"Kabupaten Blitar": 22, "Kota Blitar": 3}
    assert areas["zone"].value_counts().to_dict() == {"north": 15, "south": 7, "city": 3}
    south = {"Bakung", "Wonotirto", "Panggungrejo", "Wates", "Binangun", "Sutojayan", "Kademangan"}
    assert set(areas.loc[areas["zone"] == "south", "name"]) == south
    assert (areas["zone_source"].isna() == (areas["zone"] == "city")).all()


def test_indicators_are_complete():
    indicators = table("indicators")
    assert len(indicators) == 1736
    assert indicators["indicator"].nunique() == 53
    assert not indicators.duplicated(["code", "indicator", "year"]).any()
    areas = indicators.groupby(["indicator", indicators["year"].fillna(0)])["code"].nunique()
    village = areas.index.get_level_values(0).str.startswith(("idm_", "bumdes_"))
    assert (areas[village] == 22).all() and (areas[~village] == 25).all()


@pytest.mark.parametrize(("indicator", "year", "expected"), [
    ("population_registered", 2024, 1_418_240),
    ("population_census2010_quickcount", 2010, 1_248_028),
    ("households_registered", 2024, 517_926),
    ("occ_self_employed_wiraswasta", 2024, 128_951),
    ("edu_senior_secondary", 2024, 263_524),
    ("villages_total", 2024, 269),
    ("villages_desa", 2024, 220),
    ("schools_total", 2019, 975),
    ("idm_desa_mandiri", 2024, 111),
    ("area_big_polygon", 2025, 1778.27),
    ("nightlight_mean", 2018, 38.4223),
    ("nightlight_mean", 2024, 71.4694),
    ("idm_index", 2024, 17.7066),
    ("elevation_mean", None, 7007.8),
])
def test_indicators_sum_to_what_the_sources_give(indicator, year, expected):
    assert total(indicator, year) == pytest.approx(expected, abs=1e-6)


def test_population_of_kabupaten_and_kota():
    people = table("indicators").query("indicator == 'population_registered'")
    assert people.groupby(
        people["code"].str[:5])["value"].sum().to_dict() == {"35.05": 1_257_701, "35.72": 160_539}


def test_parts_of_the_population_add_up():
    wide = table("indicators").query("year == 2024").pivot(index="code", columns="indicator",
                                                           values="value")
    education = [name for name in wide if name.startswith("edu_")]
    assert (wide[education].sum(axis=1) == wide["population_registered"]).all()
    both = wide["population_female_registered"] + wide["population_male_registered"]
    assert (both == wide["population_registered"]).all()


def test_files_of_facts_have_the_bytes_that_were_collected():
    digest = {name: RESOURCES[name]["hash"].removeprefix("sha256:")[:16] for name in COLLECTED}
    assert digest == COLLECTED
    assert (len(table("series")), len(table("business"))) == (431, 126)


def test_poor_people_of_the_kabupaten_fall_rise_and_fall():
    poor = table("series").query("indicator == 'poor_number' and area == 'Kabupaten Blitar'")
    poor = poor.groupby("year")["value"].first()
    assert poor.loc[[2016, 2019, 2021, 2024]].tolist() == [113_510, 103_750, 112_620, 95_910]


def test_years_before_2015_and_since_have_growth_and_poverty():
    """Undated rates, and growth of the Kota over the break of 2007-2008, are not there."""
    series = table("series")
    years = series.dropna(subset=["year"]).groupby(["indicator", "area"])["year"]
    assert years.min()["poor_percent", "Kabupaten Blitar"] == 2005
    assert years.max()["economic_growth_computed", "Kota Blitar"] == 2025
    assert series.loc[series["indicator"] == "poor_percent", "year"].notna().all()
    chained = series.query("source == 'T22' and area == 'Kota Blitar'")
    assert 2008 not in set(chained["year"]) and len(chained) == 22


def test_villages_add_up_to_their_kecamatan():
    villages = table("village_indicators")
    assert villages["indicator"].value_counts().to_dict() == {
        "area_big_polygon": 269, "nightlight_mean": 269, "nightlight_lit_share": 269,
        "idm_index": 220, "idm_social_iks": 220, "idm_economic_ike": 220,
        "idm_environment_ikl": 220}
    wide = villages.pivot(index=["area", "code"], columns="indicator", values="value")
    surface = wide.pop("area_big_polygon")
    published = table("indicators").query("year.isna() or year >= 2024").pivot_table(
        index="code", columns="indicator", values="value")
    light = [name for name in wide if name.startswith("nightlight")]
    total = surface.groupby("area").sum()
    means = (wide[light].mul(surface, axis=0).groupby("area").sum().div(total, axis=0)).join(
        wide.drop(columns=light).groupby("area").mean()).assign(area_big_polygon=total)
    apart = (means - published[means.columns]).abs().max()
    assert apart["area_big_polygon"] <= 0.0051 and apart["nightlight_mean"] < 0.016
    assert apart["nightlight_lit_share"] <= 0.1201
    assert apart.filter(like="idm").max() <= 0.0001001


def test_country_has_75261_desa():
    national = table("national")
    assert (len(national), national["desa"].sum()) == (6554, 75_261)
    assert national["idm_sd"].isna().tolist() == (national["desa"] == 1).tolist()
    indices = national[["idm", "iks", "ike", "ikl"]]
    assert ((indices > 0) & (indices <= 1)).all(axis=None)
    # The index is the mean of its three parts.
    assert (national["idm"] - indices[["iks", "ike", "ikl"]].mean(axis=1)).abs().max() < 2e-4


def test_series_name_groups_of_the_areas():
    assert set(table("series")["area"]) == set(table("areas")["group"])


def test_frame_is_the_proxy_by_kecamatan():
    frame = table("frame").set_index("code")
    proxy = table("indicators").query("indicator == 'occ_self_employed_wiraswasta'").set_index(
        "code")["value"]
    assert frame["units"].sum() == 128_951
    assert (frame["units"] == proxy).all() and set(frame["source"]) == {"S15"}
    assert "proxy" in RESOURCES["frame"]["description"].lower()


def test_every_source_that_is_named_is_listed_and_says_its_licence():
    sources = text("sources")
    named = {
        source for name in ("indicators", "series", "business", "frame", "village_indicators")
        for source in text(name)["source"]
    }
    assert named <= set(sources["source"])
    assert (sources[["title", "publisher", "licence"]] != "").all(axis=None)
    assert {"NUSANTARA", "NATURAL_EARTH", "SIMULATED", "ILLUSTRATIVE",
            "ABSTRACT"} <= set(sources["source"])


# --- catalogue ----------------------------------------------------------------------------------


def test_catalogue_lists_every_indicator_and_derives_the_rest_from_them():
    catalogue, published = text("catalogue"), set(table("indicators")["indicator"])
    derived = catalogue["numerator"] != ""
    assert set(catalogue.loc[~derived, "indicator"]) == published
    assert (catalogue.loc[~derived, ["denominator", "scale"]] == "").all(axis=None)
    for row in catalogue[derived].itertuples():
        assert set(row.numerator.split()) | {row.denominator} <= published
        assert float(row.scale) > 0 and row.indicator not in published
        published.add(row.indicator)  # a part of the ratios below it


def test_index_uses_directed_ratios_that_all_kecamatan_have():
    catalogue = table("catalogue")
    index = catalogue[catalogue["in_index"]]
    assert index["indicator"].tolist() == [
        "nightlight_mean", "senior_secondary_share", "no_school_share",
        "upper_secondary_school_density"
    ]
    assert index["direction"].isin([1, -1]).all() and index["theme"].nunique() == 3
    covered = table("indicators").groupby("indicator")["code"].nunique()
    for row in text("catalogue").query("in_index == 'true'").itertuples():
        parts = f"{row.numerator} {row.denominator}".split() or [row.indicator]
        assert (covered[parts] == 25).all()


def test_counts_are_neutral_because_large_kecamatan_have_more_of_everything():
    catalogue = table("catalogue")
    counts = catalogue["unit"].isin(
        ["person", "household", "village", "school", "village enterprise"])
    assert (catalogue.loc[counts, "direction"] == 0).all()


@pytest.mark.parametrize(("name", "columns"), [
    ("catalogue", ["label_id", "label_en"]),
    ("factors", ["label_id", "label_en"]),
    ("strategies", ["label_id", "label_en"]),
    ("items", ["text_id", "text_en"]),
    ("claims", ["text_id", "text_en"]),
])
def test_both_languages_are_there_and_differ(name, columns):
    texts = text(name)[columns]
    assert (texts.map(str.strip) == texts).all(axis=None) and (texts != "").all(axis=None)
    assert (texts[columns[0]] != texts[columns[1]]).all()
    assert not texts.apply(lambda column: column.duplicated()).any(axis=None)


# --- questionnaire, force field, claims -----------------------------------------------------------


def test_questionnaire_has_four_items_for_each_need_and_access():
    items = table("items")
    assert items.groupby(["dimension", "aspect"]).size().to_dict() == {
        (dimension, aspect): 4 for dimension in ("need", "access")
        for aspect in ("capital", "market", "policy")
    }
    assert (items["item"] == items["dimension"] + "_" + items["aspect"] + "_" +
            (items.index % 4 + 1).astype(str)).all()
    turned = items[items["reverse"]]
    assert len(turned) >= 2 and set(turned["dimension"]) == {"access"}
    assert set(items["lowest"]) == {1} and set(items["highest"]) == {5}
    assert table("responses").columns[-24:].tolist() == items["item"].tolist()


def test_factors_cover_five_aspects_on_both_sides():
    factors = table("factors")
    assert factors.groupby("force")["aspect"].agg(set).map(len).to_dict() == {
        "driving": 5, "restraining": 5
    }
    assert (factors["force"].value_counts() >= 6).all()


def test_strategies_pair_one_driving_with_one_restraining_factor():
    force = table("factors").set_index("factor")["force"]
    strategies = table("strategies")
    assert len(strategies) >= 8
    assert set(strategies["driving"].map(force)) == {"driving"}
    assert set(strategies["restraining"].map(force)) == {"restraining"}
    assert not strategies.duplicated(["driving", "restraining"]).any()
    assert {"skills_technology", "market_networks",
            "simple_licensing"} < set(strategies["strategy"])


def test_every_claim_names_a_test_that_exists_with_the_options_it_takes():
    from helpers.claims import TESTS

    claims = text("claims")
    # Those of the abstract come first; a claim that is added is one of the reference.
    assert claims["claim"][:14].tolist() == [f"c{number:02d}" for number in range(1, 15)]
    reference = pd.read_csv(ROOT / "reference" / "tables" / "claims.csv")
    assert claims["claim"].tolist() == reference["claim"].tolist(), "new claims: make reference"
    for row in claims.itertuples():
        keys = {option.split("=")[0] for option in row.options.split(";") if option}
        test = TESTS[row.test]
        assert set(test.needed) <= keys <= set(test.needed) | set(test.optional)
    aspects = claims.loc[claims["test"].isin(["strongly_needed", "not_easy"]),
                         "options"].str.removeprefix("aspect=")
    assert set(aspects) == set(table("items")["aspect"])
    named = claims.loc[claims["test"] == "strategy_priority",
                       "options"].str.removeprefix("strategy=")
    assert set(named) < set(table("strategies")["strategy"])


# --- villages and land
# ------------------------------------------------------------------------------


def test_villages_cover_every_kecamatan_as_often_as_the_register_says():
    villages = table("villages")
    own = villages.dropna(subset="area")
    assert len(own) == 269 and len(villages) == 1090
    register = table("indicators").query("indicator == 'villages_total'").set_index("code")["value"]
    assert own.groupby("area").size().to_dict() == register.astype(int).to_dict()
    assert (own["code"].str[:8] == own["area"]).all()
    assert not villages[villages["area"].isna()]["code"].str[:5].isin(["35.05", "35.72"]).any()
    assert not villages.duplicated("code").any() and not villages.duplicated(["lon", "lat"]).any()


def test_neighbours_are_near_and_surround_the_region():
    villages = table("villages")
    own, others = villages.dropna(subset="area"), villages[villages["area"].isna()]
    distance = extract.nearest_km(others["lon"], others["lat"], own["lon"], own["lat"])
    assert distance.min() > 0 and distance.max() <= extract.NEIGHBOUR_DISTANCE_KM
    assert others["lon"].min() < own["lon"].min() and others["lon"].max() > own["lon"].max()
    assert others["lat"].max() > own["lat"].max()


def test_land_is_valid_and_holds_every_village():
    import shapely

    features = json.loads((RAW / "land.geojson").read_text())["features"]
    shapes = [shapely.from_geojson(json.dumps(feature)) for feature in features]
    assert all(shape.is_valid for shape in shapes)
    villages = table("villages")
    points = shapely.points(villages["lon"], villages["lat"])
    assert shapely.contains(shapely.union_all(shapes), points).all()
    # the Indian Ocean
    assert not shapely.contains(shapely.union_all(shapes), shapely.Point(112.2, -8.42))


# --- extract
# ------------------------------------------------------------------------------------------

MADE_VILLAGES = pd.DataFrame({
    "id": ["3505012002", "3505012001", "3507012001", "3507012002"],
    "name": ["Two", " One ", "Near", "Far"],
    "longitude": [112.0, 112.1, 112.2, 113.9],
    "latitude": [-8.0, -8.1234567, -8.1, -8.1],
})


def test_select_villages_keeps_the_region_and_its_near_neighbours():
    made = extract.select_villages(MADE_VILLAGES, regencies=("3505",), distance_km=25)
    assert made.to_dict("list") == {
        "code": ["35.05.01.2001", "35.05.01.2002", "35.07.01.2001"],
        "area": ["35.05.01", "35.05.01", ""],
        "name": ["One", "Two", "Near"],
        "lon": [112.1, 112.0, 112.2],
        "lat": [-8.12346, -8.0, -8.1],
    }


@pytest.mark.parametrize(("change", "message"), [
    ({"id": ["35", "3505012001", "3507012001", "3507012002"]}, "code '35' is not of ten digits"),
    ({"id": ["3505012001", "3505012001", "3507012001", "3507012002"]},
     "has the code of another village"),
    ({"longitude": [1.0] * 4, "latitude": [1.0] * 4}, "has the point of another village"),
    ({"id": ["3605012002", "3605012001", "3607012001", "3607012002"]},
     "none lies in the regencies 3505, 3572"),
])
def test_select_villages_says_what_is_wrong(change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        extract.select_villages(MADE_VILLAGES.assign(**change))


# A square from (0, 0) to (10, 10) of two arcs, the second run backwards, with a hole from (4, 4) to
# (6, 6); and a triangle far away.
TOPOLOGY = {
    "transform": {"scale": [1, 1], "translate": [0, 0]},
    "arcs": [
        [[0, 0], [10, 0], [0, 10]],
        [[0, 0], [0, 10], [10, 0]],
        [[4, 4], [0, 2], [2, 0], [0, -2], [-2, 0]],
        [[50, 50], [1, 0], [0, 1], [-1, -1]],
    ],
    "objects": {"land": {"type": "GeometryCollection", "geometries": [
        {"type": "MultiPolygon", "arcs": [[[0, ~1], [2]], [[3]]]},
        {"type": "Polygon", "arcs": [[3]]},
    ]}},
}


def test_clip_land_cuts_at_the_box_and_keeps_holes():
    parts = extract.clip_land(TOPOLOGY, (-5, -5, 5, 20))
    # half the square of 100, less half the hole of 4
    assert [part.area for part in parts] == [48.0]
    assert parts[0].bounds == (0, 0, 5, 10)


def test_land_geojson_can_be_read_back():
    import shapely

    made = json.loads(extract.land_geojson(extract.clip_land(TOPOLOGY, (0, 0, 20, 20))))
    assert [feature["properties"] for feature in made["features"]] == [{"kind": "land"}]
    assert shapely.from_geojson(json.dumps(made["features"][0]["geometry"])).area == 96


def test_extract_reads_archives_and_folders_alike(tmp_path):
    import gzip

    packed = gzip.compress(MADE_VILLAGES.to_csv(index=False).encode())
    land = json.dumps(TOPOLOGY | {"transform": {"scale": [1, 1], "translate": [108, -18]}}).encode()
    with zipfile.ZipFile(tmp_path / "nusantara.whl", "w") as wheel:
        wheel.writestr(extract.VILLAGES.format(province="35"), packed)
    with tarfile.open(tmp_path / "atlas.tgz", "w:gz") as archive:
        entry = tarfile.TarInfo(extract.LAND)
        entry.size = len(land)
        archive.addfile(entry, io.BytesIO(land))
    for name, content in ((extract.VILLAGES.format(province="35"), packed), (extract.LAND, land)):
        (tmp_path / "open" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "open" / name).write_bytes(content)
    written = []
    for name, sources in {"a": ("nusantara.whl", "atlas.tgz"), "b": ("open", "open")}.items():
        (tmp_path / name).mkdir()
        extract.main([str(tmp_path / source) for source in sources] + [str(tmp_path / name)])
        written.append([(tmp_path / name / file).read_bytes()
                        for file in ("villages.csv", "land.geojson")])
    assert written[0] == written[1]
    assert written[0][0].decode().splitlines()[1] == "35.05.01.2001,35.05.01,One,112.1,-8.12346"
    box = np.array(json.loads(written[0][1])["features"][0]["geometry"]["coordinates"][0])
    assert box.min(axis=0).tolist() == [111.5, -8.7]
    # the land of this test ends at 8 degrees south
    assert box.max(axis=0).tolist() == [112.6, -8.0]


def test_extract_says_which_file_is_missing(tmp_path):
    with pytest.raises(ValueError,
                       match="There is no file or folder .*absent.whl; download the package first"):
        extract.read_member(tmp_path / "absent.whl", "x")
    with pytest.raises(ValueError, match="holds no file data.csv; is it the version named"):
        extract.read_member(tmp_path, "data.csv")


# --- describe
# -----------------------------------------------------------------------------------------


def test_dictionary_is_up_to_date():
    assert (ROOT / "docs"
            / "data-dictionary.md").read_text(encoding="utf-8") == describe.dictionary(PACKAGE)
    texts = describe.translations(RAW, PACKAGE)["id"]
    assert (ROOT / "docs" / "data-dictionary.id.md").read_text(
        encoding="utf-8") == describe.dictionary(PACKAGE, texts)


def test_every_text_of_the_package_has_its_indonesian():
    class Asked(dict):
        def get(self, text, default=None):
            asked.add(text)
            return super().get(text, default)

    texts, asked = describe.translations(RAW, PACKAGE)["id"], set()
    describe.dictionary(PACKAGE, Asked(texts))
    others = {
        *describe.CONSTRAINT_WORDS.values(),
        *(kind for kind in ("integer", "number", "boolean", "year"))
    }
    assert asked <= set(texts) <= asked | others


def test_dictionary_names_every_column_and_its_limits():
    made = describe.dictionary(PACKAGE)
    for name in RESOURCES:
        assert f"## {name}\n" in made
    assert "| `urgency` | integer | required; at least 1; at most 5 |" in made
    assert "- `driving` refers to `factors.factor`" in made


def test_refresh_changes_sizes_and_hashes_and_nothing_else(tmp_path):
    shutil.copytree(RAW, tmp_path / "raw")
    assert describe.refresh(tmp_path / "raw") == []
    assert (tmp_path / "raw"
            / "datapackage.json").read_bytes() == (RAW / "datapackage.json").read_bytes()
    with (tmp_path / "raw" / "frame.csv").open("a", encoding="utf-8") as file:
        file.write("35.05.01,1,S15\n")
    assert describe.refresh(tmp_path / "raw") == ["frame"]
    after = json.loads((tmp_path / "raw" / "datapackage.json").read_text(encoding="utf-8"))
    differing = [(new["name"], key)
                 for old, new in zip(PACKAGE["resources"], after["resources"], strict=True)
                 for key in new if new[key] != old[key]]
    assert differing == [("frame", "bytes"), ("frame", "hash")]
    assert describe.refresh(tmp_path / "raw") == []


def test_describe_says_what_is_missing(tmp_path, capsys):
    with pytest.raises(InputError, match="there is no datapackage.json in this folder"):
        describe.refresh(tmp_path)
    (tmp_path
     / "datapackage.json").write_text('{"resources": [{"name": "areas", "path": "areas.csv"}]}')
    with pytest.raises(InputError, match="areas.csv: the file of resource 'areas' is not there"):
        describe.refresh(tmp_path)
    assert describe.main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(
        "error: areas.csv: the file of resource 'areas' is not there")


def test_describe_command_writes_the_dictionary(tmp_path, capsys):
    shutil.copytree(RAW, tmp_path / "raw")
    describe.main([str(tmp_path / "raw"), "--dictionary", str(tmp_path / "dictionary.md")])
    assert capsys.readouterr().out == "nothing changed\n"
    assert (tmp_path / "dictionary.md").read_text(encoding="utf-8") == describe.dictionary(PACKAGE)


def test_a_package_can_be_thinned_out(package_copy):
    taken = describe.keep(package_copy.folder, ["areas", "frame"])
    left = json.loads(
        (package_copy.folder / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    assert [resource["name"] for resource in left] == ["areas", "frame"]
    assert "responses" in taken and "areas" not in taken
    assert all(key["reference"]["resource"] in ("areas", "frame")
               for resource in left for key in resource["schema"].get("foreignKeys", []))


def test_only_what_is_there_can_be_kept(package_copy):
    with pytest.raises(InputError, match="there is no resource 'aeras' to keep; it has: areas"):
        describe.keep(package_copy.folder, ["aeras"])


@pytest.mark.parametrize("rows", [[2], [3], slice(1, None)])
def test_an_indicator_needs_no_unit(tmp_path, rows):
    """The contract asks for none: an empty cell is no other unit than that of the rows beside."""
    folder = shutil.copytree(ROOT / "examples" / "mexico", tmp_path / "raw")
    lines = (folder / "indicators.csv").read_text(encoding="utf-8").splitlines()
    places = rows if isinstance(rows, list) else range(len(lines))[rows]
    for place in places:
        lines[place] = lines[place].replace(",pesos per person,", ",,")
    (folder / "indicators.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for entry in descriptor["resources"]:
        entry.pop("hash", None)
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    package = Package(folder)
    validation.validate(package)
    assert package.table("indicators")["unit"].isna().sum() == len([*places])


@pytest.mark.parametrize(("row", "column", "value", "message"), [
    (302, "need_capital_1", "7", "row 302, column 'need_capital_1': '7' is not allowed"),
    (302, "need_capital_1", "x", "row 302, column 'need_capital_1': 'x' is not a whole number"),
    (302, "respondent", "R003", "row 302, column 'respondent': repeats the key"),
    (302, "respondent", "", "row 302, column 'respondent': the cell is empty"),
    (302, "code", "99.99.99", "row 302, column 'code': '99.99.99' is not"),
    (302, "code", "", "row 302, column 'code': the cell is empty"),
    (302, "gender", "other", "row 302, column 'gender': 'other' is not allowed")])
def test_a_long_table_is_held_to_the_same_rules(package_copy, monkeypatch, row, column, value,
                                                message):
    """Cells that stand in earlier rows too are read once; faults are named where they stand."""
    package_copy.keep("areas", "items", "responses", "sources")
    package_copy.edit_cell("responses", row, column, value)
    found = []
    for long in (10**9, 0):
        monkeypatch.setattr(validation, "LONG", long)
        with pytest.raises(InputError) as error:
            validation.validate(Package(package_copy.folder))
        found.append(str(error.value))
    assert found[0] == found[1] and message in found[0]


def test_a_long_table_is_shortened_where_it_is_plain(package_copy, monkeypatch, tmp_path):
    monkeypatch.setattr(validation, "LONG", 0)
    package = Package(package_copy.folder)
    headers = {name: list(package.table(name)) for name in ("responses", "areas")}
    merged = {"resources": [validation._merged(package, name, header)
                            for name, header in headers.items()]}
    for entry in merged["resources"]:
        if entry["name"] == "responses":
            entry["schema"]["fields"][0]["constraints"].pop("pattern", None)
    shorter = validation._shortened(package, merged, tmp_path)
    paths = [entry["path"] for entry in shorter["resources"]]
    assert paths[1] == "areas.csv", "others refer to it"
    rows = pd.read_csv(paths[0], dtype=str, keep_default_na=False)
    whole = package.resource("responses").read_text_table()
    assert len(rows) < len(whole) / 4
    for name in whole.columns.difference(["respondent"]):
        assert set(rows[name]) == set(whole[name])
    package_copy.edit_cell("responses", 302, "respondent", "R003")
    assert validation._shortened(Package(package_copy.folder), merged, tmp_path) == merged


def test_published_values_that_were_edited_do_not_pass_as_collected(tmp_path, capsys):
    """`describe` restates the hash of a file, never that of what was collected."""
    from helpers.study.validation import _check_hash

    shutil.copytree(RAW, tmp_path / "raw", copy_function=shutil.copyfile)
    path = tmp_path / "raw" / "indicators.csv"
    _check_hash(Package(tmp_path / "raw").resource("indicators"))
    path.write_text(path.read_text().replace(",1852,", ",9852,", 1))
    assert describe.refresh(tmp_path / "raw") == ["indicators"]
    with pytest.raises(InputError, match="indicators.csv: is published, but no longer what was "
                       "collected from its sources .*; restore the file, give it another status, "
                       "or say that it is a correction: .* --corrected indicators") as caught:
        _check_hash(Package(tmp_path / "raw").resource("indicators"))
    assert "bukan lagi yang dikumpulkan" in translate(caught.value, "id")
    capsys.readouterr()
    assert describe.main([str(tmp_path / "raw"), "--corrected", "indicators"]) == 0
    assert "stated as a correction of what was collected: indicators" in capsys.readouterr().out
    _check_hash(Package(tmp_path / "raw").resource("indicators"))
