"""Inequality and spatial statistics against published examples, PySAL, and laws that must hold."""

import json
from pathlib import Path

import esda
import geopandas
import libpysal
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from inequality.gini import Gini
from inequality.theil import Theil, TheilD

from helpers import disparity

EXAMPLES = Path(__file__).parent / "examples"
INCOMES = some.lists(some.floats(0.01, 1e6), min_size=2, max_size=30)


def example(name: str) -> dict:
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def mexico():
    states = geopandas.read_file(libpysal.examples.get_path("mexicojoin.shp"))
    return states.rename(columns={"CODE": "code"})


@pytest.fixture(scope="module")
def queen(mexico):
    return libpysal.weights.Queen.from_dataframe(mexico, use_index=True, silence_warnings=True)


def income(mexico, year=2000) -> pd.Series:
    return mexico.set_index("code")[f"PCGDP{year}"]


def row(*values, gaps=()):
    """Return values and a row of touching squares; after a gap the next square stands apart."""
    codes, shapes, x = [], [], 0.0
    for place in range(len(values)):
        codes.append(f"s{place}")
        shapes.append(shapely.box(x, 0, x + 1, 1))
        x += 6 if place in gaps else 1
    return pd.Series(values, index=codes, dtype=float), geopandas.GeoDataFrame({"code": codes},
                                                                               geometry=shapes)


# Published examples


def test_gini_of_reat():
    given_ = example("disparity_gini_reat")
    inputs, printed = given_["inputs"], given_["printed_outputs"]
    sales = disparity.gini(inputs["sales"])
    assert sales == pytest.approx(printed["gini_sales"], abs=1e-12)
    assert sales * 4 / 3 == pytest.approx(printed["gini_sales_normalised"], abs=1e-12)
    assert disparity.gini(inputs["income"], inputs["size_of_class"]) == pytest.approx(
        given_["recomputed_outputs"]["gini_income_grouped"], abs=5e-7)
    assert round(disparity.gini(inputs["gdp_16_regions"]), 4) == printed["gini_gdp"]


@pytest.mark.parametrize("year", ["2021", "2022", "2023", "2024", "2025"])
def test_williamson_bonet_and_theil_of_kepulauan_riau(year):
    given_ = example("disparity_williamson_bonet_kepri")
    inputs, printed = given_["inputs"][year], given_["printed_outputs"][year]
    values = pd.Series(inputs["pdrb_per_capita_thousand"], index=inputs["region"])
    people = pd.Series(inputs["population"], index=inputs["region"])
    assert round(disparity.williamson(values, people), 4) == printed["williamson"]
    bonet = disparity.bonet(values, people)
    assert bonet.to_dict() == pytest.approx(printed["bonet"], abs=6e-5)
    assert bonet.mean() == pytest.approx(printed["bonet_mean"], abs=6e-5)
    assert (bonet * people).sum() / people.sum() == pytest.approx(printed["bonet_weighted"],
                                                                  abs=6e-5)
    recomputed = given_["recomputed_outputs"][year]
    assert disparity.theil(values, people) == pytest.approx(recomputed["theil_T_pop_weighted"],
                                                            abs=6e-7)
    plain_mean = np.sqrt((people / people.sum()) @ (values - values.mean()) ** 2) / values.mean()
    assert plain_mean == pytest.approx(recomputed["williamson_with_simple_mean"],
                                       abs=6e-6), "the known misuse"
    assert disparity.williamson(values, people) != pytest.approx(plain_mean, abs=1e-3)


def test_theil_decomposition_of_pysal():
    inputs, printed = (example("disparity_theil_decomp_toy")[part]
                       for part in ("inputs", "printed_outputs"))
    for people in (None, [1] * 6):
        parts = disparity.theil_decomposition(inputs["y"], inputs["group"], people)
        assert parts["total"] == pytest.approx(printed["T"], abs=1e-12)
        assert parts["between"] == pytest.approx(printed["between"], abs=1e-12)
        assert parts["within"] == pytest.approx(0, abs=1e-12)
        assert parts["between_share"] == pytest.approx(1)


def test_location_quotient_of_farhauer_and_kroell():
    given_ = example("lq_farhauer_kroell")
    e_ij, e_j, e_i, e = (given_["inputs"][name] for name in ("e_ij", "e_j", "e_i", "e"))
    jobs = pd.DataFrame(
        {"sector": [e_ij, e_i - e_ij], "other": [e_j - e_ij, e - e_j - (e_i - e_ij)]},
        index=["area", "rest"])
    quotient = disparity.location_quotient(jobs)
    assert round(quotient.loc["area", "sector"], 7) == given_["printed_outputs"]["LQ"]


# PySAL


@pytest.mark.parametrize("year", range(1940, 2001, 10))
def test_inequality_equals_pysal(mexico, year):
    values = income(mexico, year)
    alike = pd.Series(3.0, values.index)
    regions = mexico.set_index("code")["HANSON98"]
    divided = TheilD(values.to_numpy(), regions.to_numpy())
    for people in (None, alike):
        assert disparity.gini(values, people) == pytest.approx(Gini(values.to_numpy()).g, abs=1e-12)
        assert disparity.theil(values,
                               people) == pytest.approx(Theil(values.to_numpy()).T, abs=1e-12)
        parts = disparity.theil_decomposition(values, regions, people)
        assert parts["between"] == pytest.approx(divided.bg[0], abs=1e-12)
        assert parts["within"] == pytest.approx(divided.wg[0], abs=1e-12)


@pytest.mark.parametrize("year", range(1940, 2001, 10))
def test_moran_equals_esda(mexico, queen, year):
    result = disparity.moran(income(mexico, year), mexico, permutations=99, seed=1)
    theirs = esda.Moran(income(mexico, year).to_numpy(), queen, permutations=0)
    assert list(
        result.index) == ["moran_i", "expected", "variance", "z", "p_normal", "p_permutation"]
    assert result["moran_i"] == pytest.approx(theirs.I, abs=1e-12)
    assert result["expected"] == pytest.approx(theirs.EI, abs=1e-12)
    assert result["variance"] == pytest.approx(theirs.VI_norm, abs=1e-12)
    assert result["z"] == pytest.approx(theirs.z_norm, abs=1e-10)
    assert result["p_normal"] == pytest.approx(theirs.p_norm, abs=1e-10)


def test_permutation_p_is_twice_the_folded_one_of_esda(mexico, queen):
    np.random.seed(7)
    for year in (1950, 1970, 2000):
        theirs = esda.Moran(income(mexico, year).to_numpy(), queen, permutations=9999)
        ours = disparity.moran(income(mexico, year), mexico, permutations=9999, seed=3)
        error = np.sqrt(theirs.p_sim / 9999)
        assert ours["p_permutation"] == pytest.approx(2 * theirs.p_sim, abs=8 * error)


def test_local_moran_equals_esda(mexico, queen):
    local = disparity.local_moran(income(mexico), mexico, permutations=9999, seed=3)
    with pytest.warns(DeprecationWarning, match="will generally double the p-value"):
        theirs = esda.Moran_Local(
            income(mexico).to_numpy(), queen, permutations=9999, seed=5, n_jobs=1)
    assert local["local_i"].to_numpy() == pytest.approx(theirs.Is, abs=1e-10)
    assert local["lag"].to_numpy() == pytest.approx(
        libpysal.weights.lag_spatial(queen, income(mexico).to_numpy()), abs=1e-9)
    # With a single neighbour many draws tie with the observed value, which esda counts in one tail
    # only.
    several = np.array([queen.cardinalities[area] > 1 for area in queen.id_order])
    doubled = np.minimum(2 * theirs.p_sim, 1)
    assert local["p_permutation"].to_numpy()[several] == pytest.approx(doubled[several], abs=0.03)
    names = {1: "high_high", 2: "low_high", 3: "low_low", 4: "high_low"}
    found = local[local["cluster"] != "not_significant"]
    assert len(found) >= 3
    quadrants = pd.Series(theirs.q, local.index).map(names)
    assert (found["cluster"] == quadrants[found.index]).all()


def test_local_p_of_an_area_with_one_neighbour_is_exact(mexico):
    """Its neighbour can be any of the 31 others, equally likely: the p-value can be counted."""
    values = income(mexico)
    local = disparity.local_moran(values, mexico, permutations=9999, seed=3)
    others = values.drop("MX03")
    tail = min((others >= local.loc["MX03", "lag"]).mean(), (others <= local.loc["MX03",
                                                                                 "lag"]).mean())
    assert local.loc["MX03", "p_permutation"] == pytest.approx(2 * tail, abs=0.015)


# Randomness


def both(values, polygons, permutations, seed):
    return (disparity.moran(values, polygons, permutations, seed),
            disparity.local_moran(values, polygons, permutations, seed))


def test_permutations_depend_on_the_seed_alone(mexico):
    np.random.seed(1)
    first = both(income(mexico), mexico, 499, 11)
    np.random.seed(2)
    state = np.random.get_state()[1].copy()
    again = both(income(mexico), mexico, 499, 11)
    assert (np.random.get_state()[1] == state).all(), "the global random state must stay untouched"
    assert first[0].equals(again[0]) and first[1].equals(again[1])
    other = disparity.local_moran(income(mexico), mexico, 499, seed=12)
    assert not other["p_permutation"].equals(first[1]["p_permutation"])


def test_blocks_of_permutations_change_nothing(mexico, monkeypatch):
    from helpers.disparity.space import spatial_permutations

    whole = both(income(mexico), mexico, 500, 4)
    monkeypatch.setattr(spatial_permutations, "AT_ONCE", 1000)
    parts = both(income(mexico), mexico, 500, 4)
    assert whole[0].equals(parts[0]) and whole[1].equals(parts[1])


def test_all_arrangements_of_four_values():
    """Of the 24 orders of 1, 2, 3, 4 in a row, 2 reach the highest Moran's I: p tends to 2 x
    2/24."""
    values, squares = row(1, 2, 3, 4)
    result = disparity.moran(values, squares, permutations=20_000, seed=2)
    assert result["p_permutation"] == pytest.approx(4 / 24, abs=0.01)


def test_permutation_p_under_chance_is_uniform(mexico):
    rng = np.random.default_rng(8)
    p = [
        disparity.moran(pd.Series(rng.normal(size=32), mexico["code"]), mexico, 199,
                        seed=number)["p_permutation"] for number in range(120)
    ]
    assert 0.01 < np.mean(np.array(p) <= 0.1) < 0.2
    assert np.mean(p) == pytest.approx(0.5, abs=0.1)


# Laws


@given(INCOMES, some.floats(0.001, 1000))
def test_scale_does_not_matter(values, factor):
    people = np.arange(1, len(values) + 1)
    scaled = np.array(values) * factor
    for measure in (disparity.gini, disparity.theil):
        assert measure(scaled) == pytest.approx(measure(values), abs=1e-9)
        assert measure(scaled, people) == pytest.approx(measure(values, people), abs=1e-9)
    assert disparity.williamson(scaled,
                                people) == pytest.approx(disparity.williamson(values, people),
                                                         abs=1e-9)
    variation = disparity.coefficient_of_variation(values)
    assert disparity.coefficient_of_variation(scaled) == pytest.approx(variation, abs=1e-9)


@given(INCOMES)
def test_doubling_the_population_does_not_matter(values):
    for measure in (disparity.gini, disparity.theil, disparity.coefficient_of_variation):
        assert measure(values * 2) == pytest.approx(measure(values), abs=1e-9)


@given(some.lists(some.tuples(some.floats(0.01, 1e4), some.integers(1, 5)), min_size=2,
                  max_size=12))
def test_weights_are_repeated_areas(pairs):
    values, people = zip(*pairs, strict=True)
    spelled_out = np.repeat(values, people)
    assert disparity.gini(values, people) == pytest.approx(disparity.gini(spelled_out), abs=1e-9)
    assert disparity.theil(values, people) == pytest.approx(disparity.theil(spelled_out), abs=1e-9)
    assert disparity.williamson(values, people) == pytest.approx(
        disparity.coefficient_of_variation(spelled_out), abs=1e-9)


@given(INCOMES, some.data())
def test_a_transfer_from_rich_to_poor_lowers_inequality(values, data):
    poor, rich = int(np.argmin(values)), int(np.argmax(values))
    gap = values[rich] - values[poor]
    assume(gap > 1e-3 * max(values))
    moved = list(values)
    share = data.draw(some.floats(0.05, 0.45))
    moved[poor] += share * gap
    moved[rich] -= share * gap
    for measure in (disparity.gini, disparity.theil, disparity.coefficient_of_variation):
        assert measure(moved) < measure(values)


@given(some.lists(some.tuples(some.floats(0, 1e5), some.sampled_from("abc"), some.floats(0.1, 100)),
                  min_size=1,
                  max_size=25))
def test_between_and_within_add_up(rows):
    values, groups, people = (np.array(part) for part in zip(*rows, strict=True))
    assume(values.sum() > 1e-6)
    for weights in (None, people):
        parts = disparity.theil_decomposition(values, groups, weights)
        assert parts["between"] + parts["within"] == pytest.approx(parts["total"], abs=1e-12)
        assert parts["total"] == pytest.approx(disparity.theil(values, weights), abs=1e-9)
        assert parts["between"] >= 0 and parts["within"] >= 0
        load = np.ones(len(values)) if weights is None else weights
        by_hand = sum((load * values)[own].sum() / (load * values).sum()
                      * disparity.theil(values[own], load[own])
                      for own in (groups == name for name in set(groups)) if values[own].sum() > 0)
        assert parts["within"] == pytest.approx(by_hand, abs=1e-9)


@given(INCOMES)
def test_bounds_and_equality(values):
    n = len(values)
    assert -1e-9 <= disparity.gini(values) <= 1 - 1 / n + 1e-9
    assert -1e-9 <= disparity.theil(values) <= np.log(n) + 1e-9
    for measure in (disparity.gini, disparity.theil, disparity.coefficient_of_variation):
        assert measure([values[0]] * n) == pytest.approx(0, abs=1e-9)


@given(INCOMES)
def test_lorenz_curve_sags_and_holds_twice_its_area_as_gini(values):
    points = disparity.lorenz(values)
    steps = np.diff(points.to_numpy(), axis=0)
    slopes = steps[:, 1] / steps[:, 0]
    assert (np.diff(slopes) >= -1e-9 * slopes.max()).all()
    area = np.trapezoid(points["value_share"], points["population_share"])
    assert 1 - 2 * area == pytest.approx(disparity.gini(values), abs=1e-9)


def test_one_area_has_everything():
    assert disparity.gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert disparity.theil([0, 0, 0, 8]) == pytest.approx(np.log(4))
    assert disparity.gini([5.0]) == disparity.theil([5.0]) == disparity.coefficient_of_variation(
        [5.0]) == 0


def test_an_area_without_people_has_no_weight():
    values, people = [1.0, 3.0, 100.0], [1, 1, 0]
    assert disparity.gini(values, people) == pytest.approx(disparity.gini([1.0, 3.0]))
    assert disparity.theil(values, people) == pytest.approx(disparity.theil([1.0, 3.0]))
    assert disparity.williamson(values, people) == pytest.approx(0.5)


def test_series_are_matched_by_their_index():
    values = pd.Series([1.0, 5.0], index=["a", "b"])
    people = pd.Series([1, 3, 9], index=["b", "a", "c"])
    assert disparity.williamson(values, people) == pytest.approx(np.sqrt(3) / 2)
    groups = pd.Series(["s", "n"], index=["b", "a"])
    assert disparity.theil_decomposition(values, groups,
                                         people)["between_share"] == pytest.approx(1)


@pytest.mark.parametrize("values, people, message", [
    ([1, np.nan], None, "area 1 has no value; leave out"),
    ([1, -2], None, "area 1 has a negative value \\(-2\\)"),
    ([0, 0], None, "all values .* are zero"),
    ([], None, "there is none"),
    ([1, 2], [1], "2 values, but for population 1"),
    ([1, 2], [1, -1], "negative population"),
    ([1, 2], [1, np.nan], "area 1 has no population"),
    ([1, 2], [0, 0], "zero"),
    (pd.Series([1, 2], index=["x", "y"]), pd.Series([1], index=["x"]), "area y has no population"),
])
def test_bad_values_are_named(values, people, message):
    for measure in (disparity.gini, disparity.theil, disparity.lorenz):
        with pytest.raises(ValueError, match=message):
            measure(values, people)


def test_an_area_without_a_group_is_an_error():
    with pytest.raises(ValueError, match="an area has no group"):
        disparity.theil_decomposition([1, 2], ["a", None])


def test_a_group_of_one_area_has_nothing_within():
    parts = disparity.theil_decomposition([1, 2, 6], ["a", "b", "c"], [3, 2, 1])
    assert parts["within"] == pytest.approx(
        0, abs=1e-15) and parts["between_share"] == pytest.approx(1)


def test_equal_values_have_no_share_between():
    parts = disparity.theil_decomposition([2, 2, 2], ["a", "a", "b"])
    assert parts["total"] == pytest.approx(0, abs=1e-15)
    parts = disparity.theil_decomposition([1, 1], ["a", "b"], [1, 1])
    assert parts["total"] == 0 and np.isnan(parts["between_share"])


# Space


def test_moran_of_extreme_patterns():
    values, squares = row(1, 1, 1, 9, 9, 9)
    assert disparity.moran(values, squares, 99)["moran_i"] == pytest.approx(2 / 3)
    values, squares = row(1, 9, 1, 9, 1, 9)
    assert disparity.moran(values, squares, 99)["moran_i"] == pytest.approx(-1)


def test_an_island_adds_nothing_and_belongs_to_no_cluster():
    values, squares = row(1, 2, 3, 4, 30, gaps=(3,))
    result = disparity.moran(values, squares, permutations=99)
    z = values.to_numpy() - 8
    lag = np.array([z[1], (z[0] + z[2]) / 2, (z[1] + z[3]) / 2, z[2]])
    assert result["moran_i"] == pytest.approx(5 / 4 * (z[:4] @ lag) / (z @ z))
    assert result["expected"] == -0.25, "n stays 5, as in PySAL"
    local = disparity.local_moran(values, squares, permutations=99)
    assert local.loc["s4", "cluster"] == "not_significant"
    assert local.loc["s4", ["p_permutation", "lag"]].isna().all() and local.loc["s4",
                                                                                "local_i"] == 0


def test_areas_without_a_value_are_no_neighbours(mexico):
    part = income(mexico).drop(["MX01", "MX09"])
    inside = mexico[~mexico["code"].isin(["MX01", "MX09"])].reset_index(drop=True)
    assert disparity.moran(part, mexico, 99, 1).equals(disparity.moran(part, inside, 99, 1))


def test_order_of_values_and_polygons_changes_nothing(mexico):
    values = income(mexico)
    straight = disparity.moran(values, mexico, 99, 1)
    mixed = disparity.moran(values, mexico.sample(frac=1, random_state=1), 99, 1)
    assert straight.equals(mixed)
    by_label = disparity.moran(mexico["PCGDP2000"], mexico, 99, 1)
    assert straight.equals(by_label)


@pytest.mark.parametrize("change, message", [
    (lambda v: v.where(v.index != "MX05"), "area MX05 has no value"),
    (lambda v: v * 0 + 3, "all values are equal \\(3\\)"),
    (lambda v: v.head(3), "at least 4 are needed"),
    (lambda v: v.rename({"MX05": "MX99"}), "area MX99 has no polygon"),
    (lambda v: pd.concat([v, v.head(1)]), "more than one value"),
])
def test_bad_spatial_input_is_named(mexico, change, message):
    for statistic in (disparity.moran, disparity.local_moran):
        with pytest.raises(ValueError, match=message):
            statistic(change(income(mexico)), mexico, 99)


def test_islands_only():
    values, squares = row(1, 2, 3, 4, gaps=(0, 1, 2))
    with pytest.raises(ValueError, match="no area touches another"):
        disparity.moran(values, squares, 99)


# Zones, typology, index


def test_zone_summary_by_hand():
    values = pd.Series({"a": 2.0, "b": 4.0, "c": 10.0, "d": np.nan})
    zones = pd.Series({"a": "n", "b": "n", "c": "s", "d": "s"})
    people = pd.Series({"a": 3, "b": 1, "c": 4, "d": 8})
    table = disparity.zone_summary(values, zones, people).set_index("zone")
    assert table["areas"].to_dict() == {"n": 2, "s": 1}
    assert table["mean"].to_dict() == {"n": 3.0, "s": 10.0}
    assert table["weighted_mean"].to_dict() == {"n": 2.5, "s": 10.0}
    assert table["ratio_to_all"].to_dict() == pytest.approx({"n": 2.5 / 6.25, "s": 10 / 6.25})


def test_zone_without_a_population_has_no_weighted_mean():
    values = pd.Series({"a": 2.0, "b": 4.0, "c": 9.0})
    zones = pd.Series({"a": "n", "b": "n", "c": "s"})
    table = disparity.zone_summary(values, zones, pd.Series({"a": 3, "b": 1})).set_index("zone")
    assert table.loc["n", "weighted_mean"] == 2.5 and np.isnan(table.loc["s", "weighted_mean"])
    assert table["ratio_to_all"].to_dict() == pytest.approx(
        {"n": 0.6, "s": 1.8}), "plain means where one has no weight"
    with pytest.raises(ValueError, match="no area has a value"):
        disparity.zone_summary(values * np.nan, zones)


def test_klassen_on_the_line_counts_as_above_and_gaps_stay_gaps():
    types = disparity.klassen(pd.Series([4.0, np.nan]), pd.Series([2.0, 2.0]), 4.0, 2.0)
    assert types[0] == "advanced_growing" and pd.isna(types[1])


def test_location_quotients_average_to_one():
    jobs = pd.DataFrame({"x": [10, 30, 0], "y": [20, 5, 0], "none": [0, 0, 0]}, index=list("abc"))
    quotient = disparity.location_quotient(jobs)
    shares = jobs.sum(axis=1) / jobs.to_numpy().sum()
    assert (quotient["x"].fillna(0) * shares).sum() == pytest.approx(1)
    assert quotient.loc["c"].isna().all() and quotient["none"].isna().all()
    with pytest.raises(ValueError, match="every cell"):
        disparity.location_quotient(jobs.where(jobs != 5))
    with pytest.raises(ValueError, match="all cells are zero"):
        disparity.location_quotient(jobs * 0)


def test_development_index_by_hand():
    parts = pd.DataFrame({"light": [0.0, 5.0, 10.0], "poor": [40.0, 10.0, 20.0]}, index=list("abc"))
    direction, weights = {"light": 1, "poor": -1}, {"light": 3, "poor": 1}
    plain = disparity.development_index(parts, direction, weights)
    assert plain["index"].to_dict() == pytest.approx(
        {"a": 0.0, "b": 0.25 + 0.375, "c": 0.75 + 0.25 * 2 / 3})
    assert plain["rank"].to_dict() == {"a": 3, "b": 2, "c": 1}
    scores = disparity.development_index(parts, direction, weights, "z")
    by_hand = 0.75 * (parts["light"] - 5) / parts["light"].std(ddof=0) - 0.25 * (
        parts["poor"] - parts["poor"].mean()) / parts["poor"].std(ddof=0)
    assert scores["index"].to_dict() == pytest.approx(by_hand.to_dict())
    ranks = disparity.development_index(parts, direction, weights, "rank")
    assert ranks["index"].to_dict() == pytest.approx(
        {"a": 0.0, "b": 0.75 * 0.5 + 0.25, "c": 0.75 + 0.25 * 0.5})


def test_development_index_rules():
    parts = pd.DataFrame(
        {
            "same": [1.0, 1.0, 1.0], "light": [0.0, 1.0, 1.0], "road": [0.0, np.nan, 1.0],
            "tax": [0.0, np.nan, 1.0]
        }, index=list("abc"))
    direction = dict.fromkeys(parts, 1)
    result = disparity.development_index(parts, direction)
    assert result.loc["b"].isna().all(), "a third of the weights is too little"
    result = disparity.development_index(parts, direction,
                                         {"same": 9, "light": 2, "road": 1, "tax": 1})
    assert result.loc["b", "index"] == 1.0 and result["rank"].tolist() == [3, 1, 1]


@pytest.mark.parametrize("direction, weights, normalisation, message", [
    ({"light": 0}, None, "min_max", "light has the direction 0"),
    ({}, None, "min_max", "light has the direction nan"),
    ({"light": 1}, {"light": -1}, "min_max", "index weights"),
    ({"light": 1}, {"other": 1}, "min_max", "index weights"),
    ({"light": 1}, None, "log", "normalisation is 'log'; allowed are 'min_max', 'z', 'rank'"),
])
def test_development_index_bad_input(direction, weights, normalisation, message):
    with pytest.raises(ValueError, match=message):
        disparity.development_index(pd.DataFrame({"light": [1.0, 2.0]}), direction, weights,
                                    normalisation)


def test_development_index_of_equal_areas():
    with pytest.raises(ValueError, match="no indicator differs"):
        disparity.development_index(pd.DataFrame({"light": [1.0, 1.0]}), {"light": 1})


@settings(max_examples=40)
@given(some.lists(some.tuples(some.integers(0, 50), some.integers(0, 50)), min_size=3, max_size=15),
       some.sampled_from(["min_max", "z", "rank"]))
def test_turning_an_indicator_round_turns_the_index_round(pairs, normalisation):
    parts = pd.DataFrame(pairs, columns=["x", "y"], dtype=float)
    assume((parts.nunique() > 1).any())
    up = disparity.development_index(parts, {"x": 1, "y": 1}, normalisation=normalisation)["index"]
    down = disparity.development_index(parts, {"x": -1, "y": -1},
                                       normalisation=normalisation)["index"]
    top = {"min_max": 1, "z": 0, "rank": 1}[normalisation]
    assert (up + down).to_numpy() == pytest.approx(np.full(len(parts), top), abs=1e-9)


# Tables


def long(rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["code", "indicator", "year",
                                       "value"]).astype({"year": "Int64"})


def test_by_year_and_closest():
    table = long([("a", "light", 2018, 1.0), ("a", "light", 2024, 2.0), ("a", "light", None, 9.0),
                  ("a", "slope", None, 3.0)])
    assert list(disparity.by_year(table, "light")) == [2018, 2024]
    assert list(disparity.by_year(table, "slope")) == [None]
    assert disparity.closest(table, "light",
                             2021)[1] == 2018, "of two equally near years the earlier"
    assert disparity.closest(table, "light", None)[1] == 2024
    assert disparity.closest(table, "slope", 2021)[1] is None
    with pytest.raises(ValueError, match="no value of the indicator 'rain'"):
        disparity.by_year(table, "rain")


def test_tables_have_the_columns_of_the_contract(mexico):
    table = long([(code, "income", year, float(value)) for year in (1940, 2000)
                  for code, value in income(mexico, year).items()])
    zones = (mexico.set_index("code")["HANSON98"] > 2).map({True: "x", False: "y"})
    compared = disparity.zone_table(table, ["income"], zones, "people")
    assert list(compared) == [
        "indicator", "year", "zone", "areas", "mean", "weighted_mean", "ratio_to_all"
    ]
    unequal = disparity.inequality_table(table, "income", zones, None)
    assert list(unequal) == [
        "indicator", "year", "gini", "theil", "theil_between", "theil_within", "between_share",
        "williamson", "cv"
    ]
    assert unequal["williamson"].isna().all() and unequal["year"].tolist() == [1940, 2000]
    assert unequal["gini"].iloc[1] == pytest.approx(Gini(income(mexico).to_numpy()).g)
    space = disparity.autocorrelation_table(table, ["income"], mexico, 99, 1)
    assert list(space) == [
        "indicator", "year", "moran_i", "expected", "variance", "z", "p_normal", "p_permutation"
    ]


def test_sources_of_a_ratio_are_those_of_its_parts():
    table = pd.DataFrame({"indicator": ["a", "b", "c"], "source": ["S1", "S2", "S3"]})
    rules = pd.DataFrame({"numerator": ["a b", None], "denominator": ["c", None]},
                         index=["ratio", "a"])
    assert disparity.sources_of(table, rules, ["ratio"]) == ["S1", "S2", "S3"]
    assert disparity.sources_of(table, rules, ["a"]) == ["S1"]
    assert disparity.sources_of(table.drop(columns="source"), rules, ["a"]) == []


def test_theme_weights_share_equally():
    weights = disparity.theme_weights(pd.Series({"a": "x", "b": "y", "c": "y", "d": "y"}))
    assert weights.to_dict() == pytest.approx({"a": 1 / 2, "b": 1 / 6, "c": 1 / 6, "d": 1 / 6})
