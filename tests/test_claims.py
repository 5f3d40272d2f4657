"""Claims: each named test on evidence whose verdict can be seen by eye, on the published series,
and on bad input."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import claims
from helpers.permutation import critical_shifts, permutation_p, shift_interval, shift_p
from helpers.study.package import Package
from helpers.study.paths import ROOT

PUBLISHED = {
    "series": "published", "development_index": "published", "zone_indicators": "published",
    "catalogue": "published", "scores": "simulated", "strategies": "illustrative"
}


def decide(test, options=None, tables=None, series=None, **rules):
    """The row that one claim becomes."""
    claim = pd.DataFrame(
        {"claim": ["c"], "text_id": ["i"], "text_en": ["e"], "test": [test], "options": [options]})
    return claims.evaluate(claim, tables or {}, PUBLISHED, series, claims.Rules(**rules)).iloc[0]


def line(values, indicator="poor_number", area="A", first=2016, unit="person", source="S"):
    """A series of one area from consecutive years; None leaves a year out."""
    rows = [(area, indicator, first + step, value, unit, source)
            for step, value in enumerate(values) if value is not None]
    return pd.DataFrame(rows, columns=["area", "indicator", "year", "value", "unit", "source"])


@pytest.fixture(scope="module")
def published():
    return Package(ROOT / "data" / "raw").table("series")


# The published series of the project.

def test_growth_does_not_continue_through_2020(published):
    row = decide("growth_continues", series=published)
    assert (row["verdict"], row["basis"], row["evidence"]) == ("mixed", "published",
                                                               "growth_and_poverty")
    assert row["statistic"] == "lowest_growth"
    assert row["value"] == -2.29
    assert row["robustness"] == pytest.approx(10 / 12)


def test_number_of_poor_falls_rises_and_falls_again(published):
    """By hand: the Kabupaten rises in 2 of 6 steps, the Kota in 3 of 6."""
    row = decide("poor_rise", series=published)
    assert row["verdict"] == "mixed"
    assert row["value"] == pytest.approx(5 / 12)
    assert decide("poor_rise", "area=Kabupaten Blitar",
                  series=published)["value"] == pytest.approx(2 / 6)
    kabupaten = claims.consistent_series(published,
                                         "poor_number").query("area == 'Kabupaten Blitar'")
    runs = claims.runs(kabupaten.set_index("year")["value"])
    assert runs.values.tolist() == [
        [2016, 2019, 113510, 103750], [2019, 2021, 103750, 112620], [2021, 2024, 112620, 95910],
    ]


def test_windows_of_the_kabupaten_with_more_poor_are_four_of_twenty_one(published):
    values = [113510, 112930, 112400, 103750, 108550, 112620, 95910]
    rises = sum(after > before for before, after in combinations(values, 2))
    assert rises == 4
    assert decide("poor_rise", "area=Kabupaten Blitar",
                  series=published)["robustness"] == pytest.approx(4 / 21)


def test_growth_and_rising_poverty_meet_in_three_of_ten_years(published):
    row = decide("growth_with_rising_poor", series=published)
    assert row["verdict"] == "mixed"
    assert row["value"] == pytest.approx(3 / 10)


# Growth and poverty on made-up lines.

@pytest.mark.parametrize(("values", "verdict", "value", "robustness"), [
    ([5, 4, 3], "supported", 3, 1), ([5, -1, 0], "mixed", -1, 1 / 3),
    ([-1, 0, -2], "not_supported", -2, 0),
])
def test_growth_continues(values, verdict, value, robustness):
    row = decide("growth_continues", series=line(values, "economic_growth"))
    assert (row["verdict"], row["value"]) == (verdict, value)
    assert row["robustness"] == pytest.approx(robustness)


@pytest.mark.parametrize(("values", "verdict", "value", "robustness"), [
    ([1, 2, 3], "supported", 1, 1), ([3, 2, 1], "not_supported", 0, 0),
    ([2, 2], "not_supported", 0, 0),
    ([2, 1, None, 3], "mixed", 1 / 2, 2 / 3),
])
def test_poor_rise(values, verdict, value, robustness):
    row = decide("poor_rise", series=line(values))
    assert row["verdict"] == verdict
    assert (row["value"], row["robustness"]) == pytest.approx((value, robustness))


def test_poor_rise_looks_at_every_area():
    series = pd.concat([line([1, 2, 3]), line([3, 2], area="B")])
    assert decide("poor_rise", series=series)["verdict"] == "mixed"
    assert decide("poor_rise", "area=A", series=series)["verdict"] == "supported"


@pytest.mark.parametrize(("growth", "poor", "verdict", "value"), [
    ([None, 5, 5], [1, 2, 3], "supported", 1), ([None, 5, 5], [3, 2, 1], "not_supported", 0),
    ([None, 5, -5], [1, 2, 3], "mixed", 1 / 2), ([None, 5, 5], [1, 2, 1], "mixed", 1 / 2),
])
def test_growth_with_rising_poor(growth, poor, verdict, value):
    row = decide("growth_with_rising_poor",
                 series=pd.concat([line(growth, "economic_growth", unit="%"),
                                   line(poor)]))
    assert (row["verdict"], row["value"]) == (verdict, value)


@pytest.mark.parametrize(("rule", "verdict", "statistic", "value"), [
    ("every_step", "mixed", "lowest_growth", -5),
    ("most_steps", "supported", "share_of_years_growing", 2 / 3),
    ("first_to_last", "supported", "lowest_growth_in_all", 100 * (1.05 * 0.95 * 1.04 - 1)),
])
def test_growth_by_every_rule(rule, verdict, statistic, value):
    row = decide("growth_continues", series=line([5, -5, 4], "economic_growth"), series_rule=rule)
    assert (row["verdict"], row["statistic"], row["uncertainty"]) == (verdict, statistic,
                                                                      "complete")
    assert row["value"] == pytest.approx(value)
    assert np.isnan(row["low"]) and np.isnan(row["high"])


@pytest.mark.parametrize(("rule", "verdict", "statistic", "value"), [
    ("every_step", "mixed", "share_of_steps_rising", 2 / 3),
    ("most_steps", "supported", "share_of_steps_rising", 2 / 3),
    ("first_to_last", "not_supported", "smallest_change", -1),
])
def test_rising_poor_by_every_rule(rule, verdict, statistic, value):
    row = decide("poor_rise", series=line([5, 6, 7, 4]), series_rule=rule)
    assert (row["verdict"], row["statistic"]) == (verdict, statistic)
    assert row["value"] == pytest.approx(value)


@pytest.mark.parametrize(("rule", "verdict", "value"), [
    ("every_step", "mixed", 2 / 3), ("most_steps", "supported", 2 / 3),
    ("first_to_last", "not_supported", 0),
])
def test_growth_with_rising_poor_by_every_rule(rule, verdict, value):
    series = pd.concat([line([None, 5, 5, 5], "economic_growth", unit="%"), line([5, 6, 7, 4])])
    row = decide("growth_with_rising_poor", series=series, series_rule=rule)
    assert (row["verdict"], row["value"]) == (verdict, pytest.approx(value))


def test_most_steps_are_counted_in_each_area():
    series = pd.concat([line([1, 2, 3, 2]), line([3, 2, 1, 2], area="B")])
    assert decide("poor_rise", series=series, series_rule="most_steps")["verdict"] == "mixed"


def test_years_outside_the_window_do_not_count():
    series = pd.concat([line([None, 5, 5, -5], "economic_growth", unit="%"), line([5, 6, 7, 4])])
    assert decide("poor_rise", series=series, last_year=2018)["verdict"] == "supported"
    assert decide("poor_rise", series=series, first_year=2018)["verdict"] == "not_supported"
    assert decide("growth_continues", series=series, last_year=2018)["verdict"] == "supported"
    row = decide("growth_with_rising_poor", series=series, first_year=2017, last_year=2018)
    assert (row["verdict"], row["value"]) == ("supported", 1)
    assert decide("poor_rise", series=series, first_year=2019)["verdict"] == "not_testable"


def test_an_unknown_rule_is_named():
    with pytest.raises(
            ValueError,
            match="series_rule is 'mostly'; allowed are 'every_step', 'most_steps', "
                  "'first_to_last'"):
        decide("poor_rise", series=line([1, 2]), series_rule="mostly")
    tables = {
        "zone_indicators": zone_table([("school", 2020, "north", 2, 2)]), "catalogue": CATALOGUE
    }
    with pytest.raises(ValueError, match="zone_mean is 'median'; allowed are 'plain', 'weighted'"):
        decide("zone_higher_share", "zone_a=north;zone_b=south", tables, zone_mean="median")


def test_weighted_zone_means_can_turn_a_claim():
    table = zone_table([("school", 2020, "north", 3, 1), ("school", 2020, "south", 2, 2)])
    tables, options = {"zone_indicators": table,
                       "catalogue": CATALOGUE}, "zone_a=north;zone_b=south"
    assert decide("zone_higher_share", options, tables)["verdict"] == "supported"
    assert decide("zone_higher_share", options, tables,
                  zone_mean="weighted")["verdict"] == "not_supported"


def test_windows_stop_at_a_year_without_data():
    windows = claims.growth_poverty_windows(pd.Series({2017: 10.0, 2019: 10.0}),
                                            pd.Series({2016: 1, 2017: 2, 2019: 3}))
    assert windows[["first", "last"]].values.tolist() == [[2016, 2017]]


def test_no_common_year_is_not_testable():
    series = pd.concat([line([5, 5], "economic_growth", first=2000, unit="%"), line([1, 2])])
    assert decide("growth_with_rising_poor", series=series)["verdict"] == "not_testable"


def test_one_observed_year_is_not_testable():
    assert decide("poor_rise", series=line([1]))["verdict"] == "not_testable"


def test_an_area_that_is_not_there_is_not_testable():
    assert decide("poor_rise", "area=Z", series=line([1, 2]))["verdict"] == "not_testable"


def test_consistent_series_never_mixes_methods_or_sources():
    series = pd.concat([
        line([10, 11, 12], source="long"),
        line([99], first=2017, source="short"),
        line([50, 51], first=2019, unit="person (old method)"),
        line([13], first=2020, source="late"),
    ])
    kept = claims.consistent_series(series, "poor_number")
    assert kept[["year", "value", "source"]].values.tolist() == [
        [2016, 10, "long"], [2017, 11, "long"], [2018, 12, "long"], [2020, 13, "late"],
    ]
    marked = claims.mark_consistent(series, ["poor_number"])
    assert marked["used"].tolist() == [True, True, True, False, False, False, True]


# Zones.

def index_table(north, south, city=()):
    zones = ["north"] * len(north) + ["south"] * len(south) + ["city"] * len(city)
    return pd.DataFrame({"zone": zones, "index": [*north, *south, *city]})


@pytest.mark.parametrize(("north", "south", "verdict"), [
    ([5, 6, 7, 8], [1, 2, 3, 4], "supported"), ([2, 4, 6], [1, 5, 3], "mixed"),
    ([1, 2], [1, 2], "not_supported"),
    ([1, 2], [3, 4], "not_supported"),
])
def test_zone_higher(north, south, verdict):
    row = decide("zone_higher", "zone_a=north;zone_b=south",
                 {"development_index": index_table(north, south, [100])})
    assert (row["verdict"], row["evidence"]) == (verdict, "development_index")
    assert row["value"] == pytest.approx(np.mean(north) - np.mean(south))


def test_zone_higher_leaves_each_area_out():
    """p is 1/70 with all areas and 1/35 without any one: it holds in every reading at 5 %, in none
    at 2 %."""
    tables = {"development_index": index_table([5, 6, 7, 8], [1, 2, 3, 4])}
    options = "zone_a=north;zone_b=south"
    assert decide("zone_higher", options, tables)["robustness"] == 1
    strict = decide("zone_higher", options, tables, alpha=0.02)
    assert (strict["verdict"], strict["robustness"]) == ("supported", 0)


@pytest.mark.parametrize("tables", [{}, {"development_index": index_table([1, 2], [3])}])
def test_zone_without_areas_is_not_testable(tables):
    row = decide("zone_higher", "zone_a=north;zone_b=south", tables)
    assert (row["verdict"], row["basis"], row["evidence"], row["statistic"]) == ("not_testable", "",
                                                                                 "", "")
    assert np.isnan(row["value"]) and np.isnan(row["robustness"])


def test_permutation_p_counts_all_divisions():
    """Against a plain count over every way to choose the first group."""
    pooled = [3.0, 9.0, 4.0, 1.0, 5.0, 2.5]
    higher = sum(sum(chosen) >= 16 for chosen in combinations(pooled, 3))
    assert permutation_p(pooled[:3], pooled[3:]) == higher / 20


def test_drawn_permutations_come_near_the_exact_value():
    rng = np.random.default_rng(3)
    first, second = rng.normal(0.6, 1, 9), rng.normal(0, 1, 8)
    exact = permutation_p(first, second, permutations=24310)
    drawn = permutation_p(first, second, permutations=20000, seed=1)
    assert drawn == pytest.approx(exact, abs=0.005)
    assert drawn == permutation_p(first, second, permutations=20000, seed=1)
    assert drawn != permutation_p(first, second, permutations=20000, seed=2)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=2, max_size=5),
       st.lists(st.floats(-100, 100), min_size=2, max_size=5))
def test_permutation_p_is_a_share_and_never_zero(first, second):
    exact = permutation_p(first, second)
    assert 0 < exact <= 1
    assert 0 < permutation_p(first, second, permutations=1, seed=0) <= 1


def inverted(first, second, alpha, shift):
    """Whether neither tail of the permutation test rejects a shift of the first group."""
    moved = np.asarray(first) - shift
    return permutation_p(moved, second) >= alpha and permutation_p(-moved,
                                                                   -np.asarray(second)) >= alpha


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.3])
def test_limits_are_the_shifts_that_the_test_does_not_reject(alpha):
    first, second = [5.0, 7.5, 8.0, 9.0, 4.0], [3.0, 4.5, 5.5, 1.0]
    shifts = critical_shifts(first, second)
    low, high = shift_interval(shifts, 9, 5, alpha)
    assert inverted(first, second, alpha, low + 1e-6) and inverted(first, second, alpha,
                                                                   high - 1e-6)
    assert not inverted(first, second, alpha, low - 1e-6) and not inverted(
        first, second, alpha, high + 1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=2, max_size=9),
       st.lists(st.integers(-9, 9), min_size=2, max_size=9),
       st.sampled_from([0.02, 0.05, 0.1]), st.sampled_from([99, 999]))
def test_p_from_shifts_is_the_permutation_p_and_the_limits_agree_with_the_verdict(
        first, second, alpha, permutations):
    sizes = len(first) + len(second), len(first)
    shifts = critical_shifts(first, second, permutations, 7)
    p = shift_p(shifts, *sizes, permutations)
    assert p == pytest.approx(permutation_p(first, second, permutations, 7), abs=1e-12)
    low, high = shift_interval(shifts, *sizes, alpha, permutations)
    assert (low > 0) == (p < alpha)
    assert low <= high or p < alpha


def test_limits_of_a_claim_are_above_zero_where_it_is_supported():
    tables = {"development_index": index_table([5, 6, 7, 8], [1, 2, 3, 4])}
    row = decide("zone_higher", "zone_a=north;zone_b=south", tables)
    assert (row["verdict"], row["uncertainty"]) == ("supported",
                                                    "permutation") and 0 < row["low"] < row["value"]
    row = decide("zone_higher", "zone_a=north;zone_b=south",
                 {"development_index": index_table([2, 4, 6], [1, 5, 3])})
    assert row["verdict"] == "mixed" and row["low"] <= 0 < row["high"]


def test_areas_without_an_index_are_left_out():
    tables = {"development_index": index_table([5, 6, 7, 8, None], [1, 2, 3, 4])}
    row = decide("zone_higher", "zone_a=north;zone_b=south", tables)
    assert (row["verdict"], row["value"]) == ("supported", 4.0)


def zone_table(rows):
    table = pd.DataFrame(rows, columns=["indicator", "year", "zone", "mean", "weighted_mean"])
    return table.assign(areas=1, ratio_to_all=1.0)


CATALOGUE = pd.DataFrame({"indicator": ["school", "slope", "size"], "direction": [1, -1, 0],
                          "theme": ["people", "land", "land"]})


def test_zone_higher_share_knows_directions_and_latest_years():
    """Ahead in schooling in the latest year, behind in the former; less steep, which is better;
    size says nothing."""
    table = zone_table([("school", 2010, "north", 1, 1), ("school", 2010, "south", 2, 2),
                        ("school", 2020, "north", 3, 2), ("school", 2020, "south", 2, 3),
                        ("slope", None, "north", 5, 5), ("slope", None, "south", 9, 9),
                        ("slope", None, "city", 1, 1), ("size", 2020, "north", 0, 0),
                        ("size", 2020, "south", 9, 9),])
    options = "zone_a=north;zone_b=south"
    tables = {"zone_indicators": table, "catalogue": CATALOGUE}
    row = decide("zone_higher_share", options, tables)
    assert (row["verdict"], row["value"], row["evidence"]) == ("supported", 1, "zone_indicators")
    assert row["robustness"] == pytest.approx(3 / 6)
    turned = decide("zone_higher_share", "zone_a=south;zone_b=north", tables)
    assert (turned["verdict"], turned["value"]) == ("not_supported", 0)
    land = decide("zone_higher_share", options + ";theme=land", tables)
    assert (land["value"], land["robustness"]) == (1, 1)


def test_more_than_half_but_no_clear_majority_is_mixed():
    names = [f"i{number}" for number in range(5)]
    rows = [(name, 2020, zone, value, value) for place, name in enumerate(names)
            for zone, value in (("north", 2 if place < 3 else 0), ("south", 1))]
    catalogue = pd.DataFrame({"indicator": names, "direction": 1, "theme": "t"})
    tables = {"zone_indicators": zone_table(rows), "catalogue": catalogue}
    options = "zone_a=north;zone_b=south"
    row = decide("zone_higher_share", options, tables)
    assert (row["verdict"], row["value"]) == ("mixed", 0.6)
    assert decide("zone_higher_share", options, tables,
                  clear_majority=0.6)["verdict"] == "supported"


# Scores and strategies.

def scores(dimension, low, mean, high, parts=()):
    rows = [("all", "all", dimension, "capital", mean, low, high)]
    rows += [("zone", f"z{place}", dimension, "capital", part, part, part)
             for place, part in enumerate(parts)]
    columns = ["domain", "level", "dimension", "aspect", "mean", "ci_low", "ci_high"]
    return {"scores": pd.DataFrame(rows, columns=columns)}


@pytest.mark.parametrize(("low", "mean", "high", "verdict"), [
    (3.67, 3.8, 3.9, "supported"), (3.6, 3.7, 3.8, "mixed"), (3.2, 3.4, 3.66, "not_supported"),
])
def test_strongly_needed(low, mean, high, verdict):
    row = decide("strongly_needed", "aspect=capital",
                 scores("need", low, mean, high, [3.67, 3.5, 4.0]))
    assert (row["verdict"], row["basis"], row["value"]) == (verdict, "simulated", mean)
    assert row["robustness"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(("low", "mean", "high", "verdict"), [
    (3.2, 3.4, 3.66, "supported"), (3.6, 3.7, 3.8, "mixed"), (3.67, 3.8, 3.9, "not_supported"),
])
def test_not_easy(low, mean, high, verdict):
    row = decide("not_easy", "aspect=capital", scores("access", low, mean, high))
    assert (row["verdict"], row["statistic"], row["value"]) == (verdict, "mean_access", mean)
    assert np.isnan(row["robustness"])


def test_an_aspect_without_scores_is_not_testable():
    assert decide("not_easy", "aspect=market", scores("access", 1, 2,
                                                      3))["verdict"] == "not_testable"


RANKS = pd.DataFrame({"rank": [1, 2, 3, 3, 5], "strategy": list("abcde")})


@pytest.mark.parametrize(("names", "top", "verdict", "worst"), [
    ("a", 2, "supported", 1), ("b", 3, "supported", 2), ("c", 3, "mixed", 3),
    ("c", 4, "supported", 3),
    ("e", 3, "not_supported", 5),
    ("a,b", 2, "supported", 2), ("a, e", 2, "mixed", 5),
])
def test_strategy_priority(names, top, verdict, worst):
    row = decide("strategy_priority", f"strategy={names}", {"strategies": RANKS},
                 top_strategies=top)
    assert (row["verdict"], row["basis"], row["value"]) == (verdict, "illustrative", worst)
    assert np.isnan(row["robustness"])


def test_strategy_robustness_is_the_share_of_variants():
    variants = pd.DataFrame(
        [(weighting, "n", aggregate, strategy, rank)
         for weighting, aggregate in product(("separate", "joint"), ("mean", "mode"))
         for strategy, rank in (("a", 2 if aggregate == "mode" else 1),
                                ("b", 1 if aggregate == "mode" else 2))],
        columns=["weighting", "divisor", "aggregate", "strategy", "rank"])
    tables = {"strategies": RANKS, "strategy_variants": variants}
    assert decide("strategy_priority", "strategy=a", tables, top_strategies=1)["robustness"] == 0.5
    assert decide("strategy_priority", "strategy=a", tables, top_strategies=2)["robustness"] == 1


# The table as a whole.

def test_columns_and_basis_is_the_weakest_status():
    claim = pd.DataFrame({
        "claim": ["c"], "text_id": ["i"], "text_en": ["e"], "test": ["zone_higher_share"],
        "options": ["zone_a=north;zone_b=south"]
    })
    table = zone_table([("school", 2020, "north", 2, 2), ("school", 2020, "south", 1, 1)])
    statuses = {"zone_indicators": "published", "catalogue": "illustrative"}
    found = claims.evaluate(claim, {"zone_indicators": table, "catalogue": CATALOGUE}, statuses)
    assert list(found.columns) == [
        "claim", "text_id", "text_en", "verdict", "basis", "evidence", "statistic", "value",
        "robustness", "low", "high", "uncertainty",
    ]
    assert found["basis"].tolist() == ["illustrative"]


def test_shares_of_universes_are_the_robustness_where_they_are_given():
    claim = pd.DataFrame(
        {"claim": ["c", "d"], "text_id": "i", "text_en": "e", "test": "poor_rise", "options": None})
    found = claims.evaluate(claim, {}, PUBLISHED, line([1, 2]), shares={"c": 0.25})
    assert found["robustness"].iloc[0] == 0.25 and np.isnan(found["robustness"].iloc[1])
    none = claims.evaluate(claim, {}, PUBLISHED, None, shares={"c": 0.0})
    assert none["robustness"].isna().all()


def test_every_test_names_rules_that_there_are():
    for test in claims.TESTS.values():
        assert set(test.rules) <= set(vars(claims.Rules()))


def test_every_claim_of_the_package_is_decided_or_said_to_be_not_testable(published):
    wanted = Package(ROOT / "data" / "raw").table("claims")
    claims.check(wanted)
    found = claims.evaluate(wanted, {}, PUBLISHED, published)
    assert found["claim"].tolist() == wanted["claim"].tolist()
    decided = found["verdict"] != "not_testable"
    assert set(wanted.loc[decided,
                          "test"]) == {"growth_continues", "poor_rise", "growth_with_rising_poor"}
    assert (found.loc[decided, "basis"] == "published").all()
    assert set(wanted["test"]) == set(claims.TESTS)


@pytest.mark.parametrize(("test", "options", "message"), [
    ("zone_hihger", None,
     "claims: claim 'c' names the test 'zone_hihger'; known tests are 'zone_higher', "),
    ("zone_higher", "zone_a=north",
     "claims: claim 'c' needs the option 'zone_b' for its test 'zone_higher'"),
    ("poor_rise", "areas=A",
     "claims: claim 'c' gives the test 'poor_rise' the option 'areas=A'; known options are "
     "'area', "),
    ("poor_rise", "area",
     "the option 'area'; known options are 'area', 'indicator', written key=value"),
    ("strategy_priority", "strategy=z",
     "strategy 'z' is not in the table strategies, which has 'a', 'b', "),
])
def test_bad_claims(test, options, message):
    with pytest.raises(ValueError) as error:
        decide(test, options, {"strategies": RANKS})
    assert message in str(error.value)
