"""Light and schools by area and per head: what of the headlines of stage 3 is where people live."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from permutation_checks import permutation_p

from helpers import disparity, multiverse
from helpers.errors import InputError
from helpers.messages import translate
from helpers.ratios import with_derived, without_background
from helpers.study import Study, parameters, validation
from helpers.study.package import Package
from helpers.study.paths import ROOT

ROLES = {"activity": ["nightlight_mean", "nightlight_per_head", "nightlight_lit_per_head", "none"],
         "schools": ["upper_secondary_school_density", "upper_secondary_schools_per_head", "none"]}


@pytest.fixture(scope="module")
def study():
    own = parameters.load()
    return Study("disparity", own["disparity"] | {"seed": 1, "lang": "en"}, checked=True)


@pytest.fixture(scope="module")
def data(study):
    return study.indicators(), study.catalogue(), study.table("areas").set_index("code")


# Ratios


def test_a_ratio_of_a_ratio_takes_the_nearest_year_of_what_is_fixed():
    rows = pd.DataFrame([("a", "light", 2018, 6.0), ("a", "light", 2024, 8.0),
                         ("a", "people", 2020, 10.0), ("a", "people", 2022, 20.0),
                         ("a", "land", None, 5.0)], columns=["code", "indicator", "year", "value"])
    rules = pd.DataFrame({"numerator": ["people", "light"], "denominator": ["land", "density"],
                          "scale": 1.0, "unit": "", "fixed": [True, False]},
                         index=["density", "per_head"])
    rules.loc["people"] = {"fixed": True}
    rules["fixed"] = rules["fixed"].astype(bool)
    found = with_derived(rows, rules).set_index(["indicator", "year"])["value"]
    assert found["density"].to_dict() == {2020: 2.0, 2022: 4.0}
    assert found["per_head"].to_dict() == {2018: 3.0, 2024: 2.0}


def test_light_per_head_is_mean_light_times_area_over_people(data):
    rows = data[0].pivot_table("value", "code", "indicator")
    now = data[0][data[0]["year"].isin([2024, 2025])].pivot_table("value", "code", "indicator")
    expected = 1000 * now["nightlight_mean"] * rows["area_big_polygon"] / rows[
        "population_registered"]
    assert now["nightlight_per_head"].to_numpy() == pytest.approx(expected.to_numpy())
    assert disparity.sources_of(*data[:2], ["nightlight_per_head"]) == disparity.sources_of(
        *data[:2], ["nightlight_mean", "population_registered", "area_big_polygon"])


def test_a_ratio_declared_above_its_part(package_copy):
    lines = package_copy.path("catalogue").read_text(encoding="utf-8").splitlines()
    head, per_head = lines[0], next(row for row in lines if row.startswith("nightlight_per_head"))
    rest = [row for row in lines[1:] if row != per_head]
    package_copy.edit_text("catalogue", lambda _: "\n".join([head, per_head, *rest]) + "\n")
    with pytest.raises(InputError) as caught:
        validation.validate(Package(package_copy.folder))
    assert str(caught.value) == (
        "catalogue.csv: row 2, column 'denominator': the ratio 'population_density' is declared "
        "further down; move it above this row")
    assert translate(caught.value, "id").startswith(
        "catalogue.csv: baris 2, kolom 'denominator': rasio 'population_density'")


# Members of the index


@pytest.mark.parametrize(("changes", "told"), [
    ({"index_activity": "nightlights"},
     "disparity.index_activity: 'nightlights' cannot be a member of the index in catalogue.csv; "
     "allowed are: nightlight_mean, nightlight_per_head, nightlight_lit_per_head, none"),
    ({"index_schools": "nightlight_mean"},
     "disparity.index_schools: 'nightlight_mean' cannot be a member of the index"),
    ({"index_leave_out": "idm_index"},
     "disparity.index_leave_out: 'idm_index' cannot be a member of the index")])
def test_a_member_that_the_catalogue_does_not_know(package_copy, changes, told):
    with pytest.raises(InputError) as caught:
        validation.check_parameters("disparity", parameters.load()["disparity"] | changes,
                                    Package(package_copy.folder))
    assert told in str(caught.value)
    assert "tidak dapat menjadi anggota indeks" in translate(caught.value, "id")


def test_names_in_force_everywhere_are_no_fault_of_a_package_without_them():
    own = parameters.load(ROOT / "examples" / "mexico" / "params.yml")["disparity"]
    mexico = Package(ROOT / "examples" / "mexico")
    validation.check_parameters("disparity", own, mexico)
    with pytest.raises(InputError, match="allowed are: none"):
        validation.check_parameters("disparity", own | {"index_activity": "x"}, mexico)


def test_c01_by_how_light_and_schools_are_measured(data):
    """24 members of the index, 72 ways to make it (labels permuted 999 times): the direction stands
    in most of them, and in half of those with all light per head."""
    indicators, catalogue, areas = data
    holds = []
    for activity, schools, left in product(*ROLES.values(), ["none", "no_school_share"]):
        members = disparity.index_members(catalogue, {"activity": activity, "schools": schools},
                                          left)
        for year in (2024, 2021, 2018):
            parts, _ = disparity.index_parts(indicators, members, areas.index, year)
            known = members.loc[parts.columns]
            for rule, scale in product(("equal", "theme_equal", "pca", "entropy"),
                                       ("min_max", "z", "rank")):
                load = disparity.index_weights(parts, known["direction"], known["theme"], rule)
                index = disparity.development_index(parts, known["direction"], load, scale)["index"]
                for city in ("own", "north"):
                    zones = disparity.zones_of(areas, city)
                    p = permutation_p(index[zones == "north"], index[zones == "south"],
                                                  999, seed=1)
                    holds.append((activity, schools, p < 0.05))
    table = pd.DataFrame(holds, columns=["activity", "schools", "holds"])
    assert len(table) == 1728
    assert table["holds"].mean() == pytest.approx(0.868, abs=0.02)
    share = table.groupby("activity")["holds"].mean()
    assert share["nightlight_mean"] == 1 and share["nightlight_per_head"] == pytest.approx(
        0.49, abs=0.06)


def test_density_alone_gives_the_headlines_and_light_per_head_none_of_them(study, data):
    indicators, _, areas = data
    own = study.params
    table = disparity.beside_table(
        indicators, ["nightlight_mean", *own["beside_indicators"], "nothing"],
        areas[["group", "zone"]], ("north", "south"), "population_registered", 2024,
        study.polygons(), 999, 1).set_index("indicator")
    columns = ["gini", "theil", "between_share", "group_share", "zone_share", "within_share"]
    expected = {"nightlight_mean": [0.415, 0.310, 0.84, 0.77, 0.07, 0.16],
                "population_density": [0.423, 0.334, 0.88, 0.81, 0.07, 0.12],
                "nightlight_per_head": [0.054, 0.005, 0.07, 0.05, 0.02, 0.93],
                "nightlight_lit_per_head": [0.153, 0.060, 0.32, 0.01, 0.31, 0.68]}
    assert list(table.index) == list(expected)
    for name, numbers in expected.items():
        assert table.loc[name, columns].tolist() == pytest.approx(numbers, abs=0.0051), name
    assert table["ratio"].round(2).tolist() == [2.03, 2.05, 0.96, 1.69]
    assert table["ratio_20_20"].round(1).tolist() == [8.1, 8.5, 1.3, 2.5]
    assert table["moran_i"].round(2).tolist() == [0.54, 0.55, -0.10, 0.50]
    assert (table["p_permutation"] <= 0.01).tolist() == [True, True, False, True]
    assert table["correlation"].round(3).tolist()[:2] == [1.0, 0.991]


def test_at_equal_density_no_gap_is_clear(data):
    """Ratio of north and south 2.14 (1.38 to 3.32) as it is, 0.98 (0.85 to 1.12) at equal
    density."""
    indicators, catalogue, areas = data
    outcomes = {name: disparity.closest(indicators, name, 2024)[0]
                for name in disparity.directed_indicators(indicators, catalogue)}
    density = disparity.closest(indicators, "population_density", 2024)[0]
    found = disparity.explain_gaps(outcomes, areas["zone"], "south",
                                   np.log(density).to_frame("density"))
    assert found.terms.empty and found.tests.empty
    ratios = disparity.gap_ratios(found.gaps)
    ratios = ratios[ratios["zone"] == "north"].set_index("indicator")
    light = ratios.loc["nightlight_mean"]
    assert light[["raw", "raw_low", "raw_high", "adjusted", "adjusted_low", "adjusted_high"
                  ]].astype(float).tolist() == pytest.approx(
                      [2.14, 1.38, 3.32, 0.98, 0.85, 1.12], abs=0.005)
    assert light["verdict"] == "part"
    assert ((ratios["adjusted_low"] < 1) & (ratios["adjusted_high"] > 1)).all()


def test_two_gaps_that_differ_in_significance_may_not_differ(data):
    """The gap at equal slope and distance excludes one, and so does the raw one; what slope and
    distance explain is asked of their difference."""
    rng = np.random.default_rng(3)
    zones = pd.Series(["n"] * 11 + ["s"] * 11)
    drivers = pd.DataFrame({"slope": rng.normal(0, 1, 22)})
    values = np.exp(0.5 * (zones == "n") + rng.normal(0, 0.55, 22))
    row = disparity.explain_gaps({"x": values}, zones, "s", drivers).gaps.iloc[0]
    assert row["raw_low"] > 0 > row["explained_low"] and row["verdict"] == "unclear"


# Background


def test_no_statement_about_change_survives_the_background(data):
    indicators, catalogue, areas = data
    by_year = disparity.by_year(indicators, "nightlight_mean")
    people = disparity.people(indicators, "population_registered", 2024)
    pair = areas["zone"][areas["zone"] != "city"]
    table = disparity.background_table(
        disparity.balanced(by_year, 2018, 2024), {"all": areas["zone"], "pair": pair},
        ("north", "south"), [("north", "south")], people,
        catalogue.loc["nightlight_mean", "background"], permutations=999, seed=1)
    found = table.set_index(["measure", "about", "background"]).sort_index()
    beta, ratio = found.loc["beta", "all"], found.loc["ratio", "north/south"]
    assert beta["value"].round(4).tolist() == [0.0109, 0.0076, 0.0038, -0.0006, -0.0061, -0.0130]
    assert beta.loc[0, ["low", "high"]].astype(float).round(4).tolist() == [0.0039, 0.0179]
    assert beta.loc[0.25, ["low", "high"]].astype(float).round(4).tolist() == [-0.0207, -0.0053]
    assert ratio["value"].astype(float).round(3).tolist() == [
        1.082, 1.067, 1.048, 1.026, 0.998, 0.965]
    assert found.loc["gini", "all"]["value"].gt(0).tolist() == [True] * 4 + [False] * 2
    lost = disparity.survival(table)
    assert (lost["lost"].notna() | (lost["side"] == "unclear")).all()
    assert lost[lost["side"] == "above"].shape[0] == 7


def test_a_background_that_leaves_nothing_is_not_taken_off():
    light = pd.DataFrame({2018: [0.1, 3.0, 4.0, 5.0, 6.0], 2024: [3.0, 5.0, 7.0, 9.0, 11.0]})
    zones = pd.Series(list("ssnnn"))
    found = disparity.background_table(light, {"all": zones}, None, [], None, 0.25,
                                       permutations=99)
    assert found["background"].unique().tolist() == [0.0, 0.05]


def test_the_leap_of_2023(data):
    light = data[0][data[0]["indicator"] == "nightlight_mean"]
    leaps = disparity.leaps(light.groupby("year")["value"].mean())
    assert leaps[["start", "end"]].values.tolist() == [[2022, 2023]]
    assert leaps[["growth", "least", "most"]].round(2).values.tolist() == [[0.28, 0.05, 0.14]]
    assert disparity.leaps(pd.Series([1.0, 3.0], [2018, 2019])).empty


# Measures from below


def test_mld_and_atkinson_as_in_rs_ineq():
    """The example on the pages of R's ineq: Gini 0.4620911, Atkinson(0.5) 0.1796591."""
    x = [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]
    assert disparity.gini(x) == pytest.approx(0.4620911, abs=5e-8)
    assert disparity.atkinson(x) == pytest.approx(0.1796591, abs=5e-8)
    assert disparity.atkinson(x, epsilon=1) == pytest.approx(1 - np.exp(-disparity.mld(x)))
    assert disparity.mld([2, 2], [1, 3]) == disparity.atkinson([2, 2], [1, 3]) == 0
    assert np.isinf(disparity.mld([0, 1])) and disparity.atkinson([0, 1], epsilon=1) == 1
    assert disparity.mld([0, 1], [0, 5]) == 0


def test_weights_are_people():
    assert disparity.mld([1, 3], [2, 1]) == pytest.approx(disparity.mld([1, 1, 3]))
    assert disparity.atkinson([1, 3], [2, 1], 2) == pytest.approx(
        disparity.atkinson([1, 1, 3], epsilon=2))
    with pytest.raises(ValueError, match="epsilon of Atkinson's index is 0; it must be above 0"):
        disparity.atkinson([1, 3], epsilon=0)


def test_light_is_where_people_live(data):
    now = disparity.cross_section(data[0], ["nightlight_mean", "population_density"], 2024)
    logs = np.log(now)
    assert logs.corr().iloc[0, 1] == pytest.approx(0.991, abs=0.0005)
    regency = logs[data[2]["group"].reindex(logs.index) != data[2].loc[data[2]["zone"] == "city",
                                                                       "group"].iloc[0]]
    assert len(regency) == 22 and regency.corr().iloc[0, 1]**2 == pytest.approx(0.976, abs=0.0005)


def test_a_background_comes_off_all_values_and_what_rests_on_them(study):
    sections = {name: part for name, part in parameters.load().items() if isinstance(part, dict)}
    own = sections | {"disparity": sections["disparity"] | {"background": 0.15}}
    inputs = {name: study.table(name) for name in ("areas", "indicators", "catalogue")}
    plain, lifted = (multiverse.Analysis(inputs, chosen, 1) for chosen in (sections, own))
    light = lifted.get("panel").query("indicator == 'nightlight_mean'")["value"]
    before = plain.get("panel").query("indicator == 'nightlight_mean'")["value"]
    assert light.to_numpy() == pytest.approx(before.to_numpy() - 0.15)
    # The index by area stays as it is; the ratio of the zones does not.
    pd.testing.assert_series_equal(lifted.get("index"), plain.get("index"))
    per_head = [analysis.get("panel").query("indicator == 'nightlight_per_head'")["value"].sum()
                for analysis in (plain, lifted)]
    assert per_head[1] < per_head[0]


@pytest.mark.parametrize(("lang", "said"), [
    ("en", "disparity.background: 0.5 leaves area '35.05.05' nothing of its nightlight_mean"),
    ("id", "disparity.background: 0.5 tidak menyisakan nightlight_mean apa pun bagi wilayah")])
def test_a_background_that_leaves_an_area_nothing_is_refused(study, lang, said):
    with pytest.raises(ValueError) as error:
        without_background(study.table("indicators"), "nightlight_mean", 0.5)
    told = translate(error.value, lang)
    assert told.startswith(said) and "\n" not in told
