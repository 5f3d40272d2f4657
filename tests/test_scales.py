"""Other scales: the region beside its country, and its villages beside its kecamatan."""

import math
from functools import partial

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from helpers import disparity
from helpers.errors import Error, InputError
from helpers.messages import translate
from helpers.publish import maps, tables
from helpers.publish.charts import inequality as charts
from helpers.publish.texts import Texts
from helpers.study import borders, validation
from helpers.study.package import Package

RAW = ROOT / "data" / "raw"
CODES = {"code": "str", "area": "str"}
table = partial(pd.read_csv, dtype=CODES)


@pytest.fixture(scope="module")
def country():
    return table(RAW / "national.csv")


@pytest.fixture(scope="module")
def context(country):
    return disparity.context_table(country)


# --- the country --------------------------------------------------------------------------------


def by_hand(values, weights):
    """Mean, Gini, Theil and coefficient of variation, each by its definition over all pairs."""
    shares = [weight / sum(weights) for weight in weights]
    pairs = list(zip(shares, values, strict=True))
    mean = math.fsum(p * y for p, y in pairs)
    return {
        "mean": mean,
        "gini": math.fsum(p * q * abs(y - z) for p, y in pairs for q, z in pairs) / (2 * mean),
        "theil": math.fsum(p * y / mean * math.log(y / mean) for p, y in pairs if y),
        "cv": math.sqrt(math.fsum(p * (y - mean) ** 2 for p, y in pairs)) / mean,
    }


def test_context_of_every_regency_is_that_of_independent_arithmetic(country, context):
    assert len(context) == 4 * 421 and set(context["of"]) == {421}
    groups = dict(list(country.groupby(country["code"].str[:5])))
    for row in context.itertuples():
        part = groups[row.regency]
        assert (row.areas, row.desa) == (len(part), part["desa"].sum())
        for name, value in by_hand(part[row.indicator].tolist(), part["desa"].tolist()).items():
            assert getattr(row, name) == pytest.approx(value, rel=1e-9, abs=1e-12), (row, name)
    for _, part in context.groupby("indicator"):
        theil = part["theil"].round(12)
        assert part["rank"].tolist() == [int((theil > own).sum()) + 1 for own in theil]
        assert part["rank"].is_monotonic_increasing


def test_own_kecamatan_are_those_of_the_indicators(country):
    """The same means, up to the last published digit."""
    published = table(RAW / "indicators.csv").pivot_table(index="code", columns="indicator",
                                                          values="value")
    own = country[country["code"].str.startswith("35.05")].set_index("code")
    assert len(own) == 22
    for name, column in {"idm": "idm_index", "iks": "idm_social_iks", "ike": "idm_economic_ike",
                         "ikl": "idm_environment_ikl", "desa": "idm_desa_measured",
                         "idm_sd": "idm_index_sd_between_desa"}.items():
        assert (own[name] - published[column].reindex(own.index)).abs().max() < 1.1e-4, name


def made(**columns):
    """A country of two regencies with two kecamatan each."""
    return pd.DataFrame({"code": ["11.01.01", "11.01.02", "11.02.01", "11.02.02"], "desa": 1,
                         "idm": [1.0, 3.0, 3.0, 1.0]} | columns)


def test_ties_share_the_better_rank_and_the_next_is_left_out():
    codes = [f"11.0{regency}.0{area}" for regency in (1, 2, 3) for area in (1, 2)]
    tied = pd.DataFrame({"code": codes, "desa": 1, "idm": [1.0, 3, 3, 1, 2, 2.5]})
    found = disparity.national_context(tied, fewest=2)
    assert found[["regency", "rank", "of"]].values.tolist() == [
        ["11.01", 1, 3], ["11.02", 1, 3], ["11.03", 3, 3]]


def test_a_kecamatan_without_a_value_takes_no_part():
    found = disparity.national_context(made(idm=[1.0, None, 3.0, 1.0], desa=[2, 3, 4, 5]), fewest=1)
    assert found.set_index("regency")[["areas", "desa", "of"]].to_dict("index") == {
        "11.01": {"areas": 1, "desa": 2, "of": 2}, "11.02": {"areas": 2, "desa": 9, "of": 2}}
    assert disparity.national_context(made(idm=[1.0, None, 3.0, 1.0]),
                                      fewest=2)["regency"].tolist() == ["11.02"]
    for few in (made(), made(idm=[None] * 4)):
        nothing = disparity.national_context(few)
        assert nothing.empty and nothing.columns.tolist() == [
            "regency", "areas", "desa", "indicator", "mean", "gini", "theil", "cv", "rank", "of"]


@pytest.mark.parametrize(("wrong", "english", "indonesian"), [
    (made().drop(columns="desa"),
     "the kecamatan of the country have no column 'desa'; they have: code, idm",
     "tabel kecamatan seluruh negeri tidak memiliki kolom 'desa'; kolomnya: code, idm"),
    (made(code=["1101010", "11.01.02", "11.02.01", "11.02.02"]),
     "'1101010' is no code of a kecamatan as the Ministry of Home Affairs writes it (such as "
     "35.05.01), which names its province and regency; give those codes",
     "'1101010' bukan kode kecamatan Kementerian Dalam Negeri (seperti 35.05.01), yang memuat "
     "provinsi dan kabupatennya; pakailah kode itu"),
    (made(code=["11.01.01", "11.01.01", "11.02.01", "11.02.02"]),
     "the kecamatan 11.01.01 stands twice; keep one row",
     "kecamatan 11.01.01 tertulis dua kali; sisakan satu baris"),
    (made(desa=[1, 0, 1, 1]),
     "the kecamatan 11.01.02 has no desa; its mean is taken over one or more",
     "kecamatan 11.01.02 tidak memiliki desa; rata-ratanya diambil dari sekurangnya satu desa"),
    (made(idm=[1.0, 2.0, -1.0, 2.0]),
     "the kecamatan 11.02.01 has a value below zero; inequality is measured on values of zero or "
     "more",
     "kecamatan 11.02.01 bernilai di bawah nol; ketimpangan diukur pada nilai nol atau lebih"),
])
def test_a_wrong_country_is_refused_in_one_line(wrong, english, indonesian):
    with pytest.raises(Error) as caught:
        disparity.national_context(wrong)
    assert str(caught.value) == english
    assert translate(caught.value, "id") == indonesian


def test_blitar_stands_where_counting_puts_it(country, context):
    areas = table(RAW / "areas.csv").set_index("code")
    own = disparity.regencies_of(areas)
    assert own == {"35.05": "Kabupaten Blitar", "35.72": "Kota Blitar"}
    found = disparity.standing(context, country, own).set_index("regency")
    assert found["place"].to_dict() == {"35.05": "ranked", "35.72": "absent"}
    kabupaten, idm = found.loc["35.05"], context[context["indicator"] == "idm"]
    assert (kabupaten["rank"], kabupaten["of"], kabupaten["areas"]) == (353, 421, 22)
    ahead = idm[idm["theil"] > kabupaten["theil"]]
    assert kabupaten["more_unequal"] == len(ahead) / 421
    assert kabupaten["province_rank"] == ahead["regency"].str.startswith("35.").sum() + 1 == 18
    assert kabupaten["province_of"] == 29 and kabupaten["median"] == idm["theil"].median()


def test_a_regency_with_few_kecamatan_has_no_rank(country):
    few = country[~country["code"].str.fullmatch(r"35\.05\.(0[5-9]|[12]\d)")]
    found = disparity.standing(disparity.context_table(few), few, ["35.05"])
    assert found[["place", "areas"]].values.tolist() == [["few", 4]]
    assert found["rank"].isna().all()


def test_gap_in_country_is_that_of_independent_arithmetic(country):
    zones = table(RAW / "areas.csv").set_index("code")["zone"]
    found = disparity.gaps_in_country(country, zones, ("north", "south"))
    assert found["indicator"].tolist() == ["idm", "iks", "ike", "ikl"]
    row, desa, idm = found.iloc[0], country["desa"], country["idm"]
    zone = country["code"].map(zones)
    means = {name: np.average(idm[zone == name], weights=desa[zone == name])
             for name in ("north", "south")}
    spread = math.sqrt(np.cov(idm, fweights=desa, ddof=0))
    assert (row["mean_a"], row["mean_b"]) == pytest.approx(tuple(means.values()))
    assert row["in_sd"] == pytest.approx((means["north"] - means["south"]) / spread)
    assert row["below_b"] == desa[idm < means["south"]].sum() / desa.sum()
    assert row["verdict"] == "real_small" and row["in_sd"] == pytest.approx(0.245, abs=1e-3)


def test_no_gap_without_a_pair_or_without_the_zones(country):
    zones = table(RAW / "areas.csv").set_index("code")["zone"]
    assert disparity.gaps_in_country(country, zones, None).empty
    assert disparity.gaps_in_country(country, zones, ("north", "city")).empty


# --- villages ---------------------------------------------------------------------------------


NAMES = ["nightlight_mean", "idm_index", "senior_secondary_share"]


@pytest.fixture(scope="module")
def areas():
    return table(RAW / "areas.csv").set_index("code")


@pytest.fixture(scope="module")
def rows():
    return table(RAW / "village_indicators.csv")


@pytest.fixture(scope="module")
def shapes():
    package = Package(RAW)
    return {"area": borders.polygons(package), "village": borders.village_polygons(package)}


@pytest.fixture(scope="module")
def scales(rows, areas, shapes):
    return disparity.compare_scales(
        rows, table(RAW / "indicators.csv"), NAMES, areas[["group", "zone"]], ("north", "south"),
        2024, shapes, permutations=999, seed=1)


def test_weights_are_those_that_give_back_the_published_kecamatan(scales):
    kept = scales.table.set_index(["indicator", "scale"])
    assert kept["weight"].to_dict() == {
        ("nightlight_mean", "area"): "surface", ("nightlight_mean", "village"): "surface",
        ("idm_index", "area"): "equal", ("idm_index", "village"): "equal"}
    assert kept["units"].tolist() == [25, 269, 22, 220]


@pytest.mark.parametrize("name", NAMES[:2])
def test_both_scales_are_those_of_independent_arithmetic(scales, rows, areas, name):
    wide = rows.pivot(index=["code", "area"], columns="indicator", values="value")[
        [name, "area_big_polygon"]].dropna().reset_index()
    weight = wide["area_big_polygon"] if name == "nightlight_mean" else wide[name] * 0 + 1
    wide = wide.assign(total=wide[name] * weight, weight=weight).join(areas, on="area")
    area = wide.groupby("area")[["total", "weight"]].sum()
    found = scales.table[scales.table["indicator"] == name].set_index("scale")
    for scale, part in (("area", area), ("village", wide)):
        values, weights = (part["total"] / part["weight"]).tolist(), part["weight"].tolist()
        hand = by_hand(values, weights)
        assert found.loc[scale, ["gini", "theil"]].tolist() == pytest.approx(
            [hand["gini"], hand["theil"]])
        for side, zone in (("a", "north"), ("b", "south")):
            inside = wide[wide["zone"] == zone]
            assert found.loc[scale, f"mean_{side}"] == pytest.approx(
                inside["total"].sum() / inside["weight"].sum())

    # The parts of Theil: what is left when everybody has the mean of their group.
    def theil_of(*levels):
        means = wide.groupby(list(levels))[["total", "weight"]].sum()
        return by_hand((means["total"] / means["weight"]).tolist(), means["weight"].tolist())[
            "theil"]

    steps = [0, theil_of("group"), theil_of("group", "zone"), theil_of("area"),
             found.loc["village", "theil"]]
    shares = found.loc["village", ["group_share", "zone_share", "area_share", "village_share"]]
    assert shares.tolist() == pytest.approx(np.diff(steps) / steps[-1], abs=1e-10)
    shares = found.loc["area", ["group_share", "zone_share", "area_share"]]
    assert shares.tolist() == pytest.approx(np.diff(steps[:4]) / steps[3], abs=1e-10)
    assert math.isnan(found.loc["area", "village_share"])


def test_patterns_are_those_of_each_scale(scales, shapes):
    units = scales.units
    light = scales.table.query("indicator == 'nightlight_mean'").set_index("scale")
    for scale in ("area", "village"):
        own = units[(units["indicator"] == "nightlight_mean") & (units["scale"] == scale)]
        values = own.set_index("code")["value"]
        alone = disparity.moran(values, shapes[scale], 999, 1)
        assert light.loc[scale, "moran_i"] == pytest.approx(alone["moran_i"])
        assert light.loc[scale, "p_permutation"] == alone["p_permutation"]
        clusters = disparity.local_moran(values, shapes[scale], 999, 1)["cluster"]
        assert own["cluster"].tolist() == clusters.tolist()
        assert light.loc[scale, "high_high"] == (clusters == "high_high").sum()


def test_sentences_that_change_are_those_of_the_index(scales, areas):
    told = disparity.scale_sentences(scales, areas["zone"])
    assert len(told) == 10 and told.groupby("indicator")["same"].sum().to_dict() == {
        "idm_index": 2, "nightlight_mean": 5}
    index = told[told["indicator"] == "idm_index"].set_index("sentence")
    assert index.loc["pattern", ["area", "village"]].tolist() == ["random", "clustered"]
    assert index.loc["largest_part", ["area", "village"]].tolist() == [
        "between_areas", "between_villages"]


def test_without_polygons_group_or_pair_the_rest_is_told(rows, areas):
    found = disparity.compare_scales(
        rows, rows.head(0), ["idm_index"], areas[["zone"]], None, 2024,
        {"area": None, "village": None}).table
    assert found[["weight", "scale"]].values.tolist() == [["equal", "area"], ["equal", "village"]]
    missing = ["zone_a", "mean_a", "p_difference", "group_share", "moran_i", "p_permutation",
               "high_high"]
    assert found[missing].isna().all(axis=None) and found[["gini", "zone_share"]].notna().all(
        axis=None)


def test_indicators_without_villages_or_with_negative_values_are_left_out(rows, areas):
    below = rows.assign(value=rows["value"].where(rows["indicator"] != "idm_index", -1))
    found = disparity.compare_scales(below, rows.head(0), ["idm_index", "absent"], areas[["zone"]],
                                     None, 2024, {"area": None, "village": None})
    assert found.table.empty and found.units.empty
    assert list(found.table) == [*tables.schemas()["scale_effect"]]


def test_villages_are_tessellated_or_come_with_the_borders(package_copy):
    package = Package(package_copy.folder)
    drawn = borders.village_polygons(package)
    assert len(drawn) == 269 and drawn.attrs["borders"] == "tessellation"
    # The villages of an area make its polygon.
    areas = borders.polygons(package).set_index("code")
    assert (drawn.dissolve("area").area - areas.area).abs().max() < 1
    path = package_copy.folder / "boundaries.geojson"
    shifted = drawn[["code", "geometry"]].assign(geometry=drawn.geometry.buffer(-10))
    both = pd.concat([shifted, areas.reset_index()[["code", "geometry"]]]).to_crs(4326)
    both.to_file(path, driver="GeoJSON")
    package_copy.edit_descriptor(lambda descriptor: descriptor["resources"].append(
        {"name": "boundaries", "path": path.name, "status": "published"}))
    own = borders.village_polygons(Package(package_copy.folder))
    assert own.attrs["borders"] == "boundaries"
    assert own.area.sum() < drawn.area.sum()
    both[~both["code"].isin(["35.05.01.2001"])].to_file(path, driver="GeoJSON")
    assert borders.village_polygons(Package(package_copy.folder)).attrs["borders"] == "tessellation"


def test_a_map_of_key_words_has_a_panel_a_column(shapes):
    drawn = shapes["area"].assign(one="high_high", other=None)
    figure = maps.categories(drawn, {"First": "one", "Second": "other"}, t=Texts("en", "disparity"),
                             styles=maps.CLUSTERS, labels=False)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[:2] == ["First", "Second"]
    assert [text.get_text() for text in figure.legends[0].get_texts()][-2] == "no data"


@pytest.mark.parametrize("own", [{}, {"35.05": "Kabupaten Blitar"}])
def test_chart_of_the_country_marks_the_own_regencies(context, own):
    figure = charts.national_context(context, t=Texts("id", "disparity"), own=own)
    said = [text.get_text() for text in figure.axes[0].texts]
    assert said == (["peringkat 353 dari 421", "peringkat 344 dari 421", "peringkat 329 dari 421",
                     "peringkat 329 dari 421"] if own else [])
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()][1:] == (
        ["provinsi yang sama", "Kabupaten Blitar"] if own else [])


# --- wrong packages -----------------------------------------------------------------------------


def told(copy) -> tuple[str, str]:
    """What a broken copy of the package is refused with, in both languages."""
    with pytest.raises(InputError) as caught:
        validation.validate(Package(copy.folder))
    found = str(caught.value), translate(caught.value, "id")
    assert all("\n" not in text and len(text) < 400 for text in found)
    return found


def loose(entry):
    """No patterns: what the contract and the checks of meaning refuse by themselves."""
    for column in entry["schema"]["fields"]:
        column.get("constraints", {}).pop("pattern", None)
    entry["schema"].pop("foreignKeys", None)


WRONG = [  # resource, row, column, value, what the message must say in English, in Indonesian
    ("village_indicators", 2, "code", "35.05.01.2999",
     "village_indicators.csv: row 2, column 'code': '35.05.01.2999' is not in villages.code",
     "village_indicators.csv: baris 2, kolom 'code': '35.05.01.2999' tidak ada di villages.code"),
    ("village_indicators", 4, "indicator", "nightlight_mean",
     "village_indicators.csv: row 4: repeats the key (code, indicator, year) of an earlier row",
     "village_indicators.csv: baris 4: mengulangi kunci"),
    ("village_indicators", 2, "area", "35.05.02",
     "village_indicators.csv: row 2, column 'area': the village 35.05.01.2001 lies in 35.05.02 "
     "here, but in 35.05.01 in villages.csv; correct one of them",
     "village_indicators.csv: baris 2, kolom 'area': di sini desa 35.05.01.2001 berada di "
     "35.05.02, tetapi di villages.csv berada di 35.05.01; perbaiki salah satunya"),
    ("village_indicators", 2, "value", "0",
     "village_indicators.csv: row 2, column 'value': the surface of the village 35.05.01.2001 is "
     "0; it must be above 0, in km2: correct the cell or remove the row",
     "village_indicators.csv: baris 2, kolom 'value': luas desa 35.05.01.2001 tertulis 0; luas "
     "harus di atas 0, dalam km2: perbaiki selnya atau hapus barisnya"),
    ("village_indicators", 2, "value", "-1.5", "35.05.01.2001 is -1.5; it must be above 0",
     "tertulis -1.5; luas harus di atas 0"),
    ("national", 2, "code", "1101010",
     "national.csv: row 2, column 'code': '1101010' is no code of a kecamatan as the Ministry of "
     "Home Affairs writes it (such as 35.05.01)",
     "national.csv: baris 2, kolom 'code': '1101010' bukan kode kecamatan Kementerian Dalam "
     "Negeri"),
    ("national", 3, "code", "11.01.01",
     "national.csv: row 3, column 'code': repeats the key (code) of an earlier row; remove or "
     "rename one of them", "national.csv: baris 3, kolom 'code': mengulangi kunci"),
    ("national", 2, "desa", "0", "national.csv: row 2, column 'desa': '0' is not allowed",
     "national.csv: baris 2, kolom 'desa': '0' tidak boleh"),
    ("national", 2, "idm", "-0.1", "national.csv: row 2, column 'idm': '-0.1' is not allowed",
     "national.csv: baris 2, kolom 'idm': '-0.1' tidak boleh"),
]


@pytest.mark.parametrize(("resource", "row", "column", "value", "english", "indonesian"), WRONG)
def test_a_wrong_cell_is_one_line(package_copy, resource, row, column, value, english, indonesian):
    package_copy.edit_entry(resource, loose)
    package_copy.edit_cell(resource, row, column, value)
    found = told(package_copy)
    assert english in found[0] and indonesian in found[1]


@pytest.mark.parametrize(("resource", "column"), [
    ("village_indicators", "area"), ("national", "desa"), ("national", "ikl")])
def test_a_missing_column_is_one_line(package_copy, resource, column):
    package_copy.edit_row(resource, 1, lambda line: line.replace(column, "other", 1))
    english, indonesian = told(package_copy)
    assert english.startswith(f"{resource}.csv: the column '{column}' is missing; it has:")
    assert indonesian.startswith(f"{resource}.csv: kolom '{column}' tidak ada")


def test_two_villages_at_one_point(package_copy):
    package_copy.edit_cell("villages", 273, "lon", "111.97307")
    package_copy.edit_cell("villages", 273, "lat", "-8.02165")
    english, indonesian = told(package_copy)
    assert english == ("villages.csv: the villages 35.05.01.2001 and 35.05.01.2002 have the same "
                       "point; maps by village need one each: correct lon and lat")
    assert indonesian.startswith("villages.csv: desa 35.05.01.2001 dan 35.05.01.2002 ")


def test_values_of_villages_without_the_villages(package_copy):
    package_copy.keep("areas", "indicators", "catalogue", "sources", "village_indicators")
    english, indonesian = told(package_copy)
    assert english == ("village_indicators.csv: its villages are named in the resource 'villages', "
                       "which is not in this package; add it, or take village_indicators out")
    assert indonesian.startswith("village_indicators.csv: desanya disebut dalam berkas data")
