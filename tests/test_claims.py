"""Claims: each named test on evidence whose verdict can be seen by eye, on the published series,
and on bad input."""

from itertools import combinations, product
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from permutation_checks import permutation_p
from scipy import stats

from helpers import claims
from helpers.claims import likeness
from helpers.geography import contiguous_divisions
from helpers.permutation import critical_shifts, number_of_permutations, shift_interval, shift_p
from helpers.publish import verdicts
from helpers.publish.texts import Texts
from helpers.study.package import Package
from helpers.study.paths import ROOT

PUBLISHED = {
    "series": "published", "development_index": "published", "area_measures": "published",
    "touching": "published", "catalogue": "published", "scores": "simulated",
    "strategies": "illustrative", "strategy_chance": "illustrative"
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

def test_growth_continues_in_both_periods(published):
    """By hand: 14 years without a fall, so 1 of 2^14 turns of signs; of 11 years 2020 alone
    shrinks, so two turns give as much."""
    row = decide("growth_continues", series=published)
    assert (row["verdict"], row["basis"], row["evidence"]) == ("supported", "published",
                                                               "claim_periods;growth_and_poverty")
    assert (row["statistic"], row["uncertainty"]) == ("mean_growth", "signs_thesis")
    assert row["p_value"] == 2**-14
    today = decide("growth_continues", series=published, period="today")
    assert (today["verdict"], today["p_value"]) == ("supported", 2 / 2**11)
    kabupaten = [5.06, 5.08, 5.07, 5.10, 5.12, -2.29, 3.03, 5.2, 4.45, 4.44, 5.06]
    kota = [5.67, 5.76, 5.79, 5.82, 5.85, -2.28, 4.28, 5.22, 5.29, 5.32, 5.31]
    assert today["value"] == pytest.approx((np.mean(kabupaten) + np.mean(kota)) / 2)


def test_poverty_rises_in_two_steps_of_the_thesis_s_period_and_falls_today(published):
    """By hand: the rate rises in both steps that are published before 2015, which chance does in
    one of four; since then both areas have fewer poor people."""
    row = decide("poor_rise", series=published)
    assert (row["verdict"], row["statistic"], row["p_value"]) == ("mixed", "mean_rate", 1 / 4)
    assert row["uncertainty"] == "few_thesis" and np.isnan(row["low"])
    steps = [(17.91 - 16.11) / ((17.91 + 16.11) / 2), (7.39 - 6.73) / ((7.39 + 6.73) / 2)]
    assert row["value"] == pytest.approx(100 * np.mean(steps))
    today = decide("poor_rise", series=published, period="today")
    assert (today["verdict"], today["statistic"]) == ("not_supported", "mean_number")
    kabupaten, kota = [113510, 112930, 112400, 103750, 108550, 112620, 101940, 95910], [
        9970, 11220, 10470, 10100, 11100, 11330, 10650, 10610, 9860, 9690]
    changes = [(95910 - 113510) / np.mean(kabupaten) / 8, (9690 - 9970) / np.mean(kota) / 9]
    assert today["value"] == pytest.approx(100 * np.mean(changes))
    line = claims.consistent_series(published, "poor_number").query("area == 'Kabupaten Blitar'")
    assert claims.runs(line.set_index("year")["value"]).values.tolist() == [
        [2016, 2019, 113510, 103750], [2019, 2021, 103750, 112620], [2021, 2024, 112620, 95910],
    ]


def test_growth_and_rising_poverty_by_period(published):
    both = claims.steps_by_period(published)
    thesis = both[both["period"] == "thesis"]
    assert thesis[["area", "first", "last", "growth"]].values.tolist() == [
        ["Kabupaten Blitar", 2005, 2006, 5.38], ["Kota Blitar", 2012, 2013, 6.49]]
    assert decide("growth_with_rising_poor", series=published)["verdict"] == "mixed"
    today = decide("growth_with_rising_poor", series=published, period="today")
    assert (today["verdict"], today["statistic"]) == ("not_supported", "mean_number")


def test_periods_say_which_years_they_have(published):
    wanted = Package(ROOT / "data" / "raw").table("claims")
    found = claims.by_period(wanted, published).set_index(["claim", "period"])
    assert found.index.tolist() == [(claim, period) for claim in ("c03", "c04", "c05")
                                    for period in ("thesis", "today")]
    assert found.loc[("c04", "thesis"), "years"] == (
        "Kabupaten Blitar 2005-2006;Kota Blitar 2012-2013")
    assert found.loc[("c04", "today"), "years"] == (
        "Kabupaten Blitar 2016-2021, 2023-2024;Kota Blitar 2016-2025")
    assert found.loc[("c03", "thesis"), "sources"] == "S25"
    later = claims.by_period(wanted, published[published["year"] > 2015])
    assert (later.loc[later["period"] == "thesis", "verdict"] == "not_testable").all()


@pytest.mark.parametrize(("source", "years", "verdict", "uncertainty"), [
    ("T22", "Kabupaten Blitar 2003-2014;Kota Blitar 2003-2007, 2009-2014", "supported",
     "signs_thesis"),
    ("S28", "Kabupaten Blitar 2016-2021;Kota Blitar 2016-2021", "supported", "signs_today"),
])
def test_the_source_of_growth_is_a_choice(published, source, years, verdict, uncertainty):
    claim = {"claim": "c", "test": "growth_continues", "options": None}
    rules = claims.Rules(growth_source=source)
    found = claims.decide(claim, claims.Evidence({}, published), rules)
    assert (found.course.years, found.verdict, found.uncertainty) == (years, verdict, uncertainty)


# Growth and poverty on made-up lines.

@pytest.mark.parametrize(("rule", "statistic"), [
    ("trend", "mean_growth"), ("most_steps", "share_of_steps_growth"),
    ("first_to_last", "mean_growth"),
])
@pytest.mark.parametrize(("values", "verdict"), [
    ([5, 4, 3, 6, 2, 1], "supported"), ([5, -3, 4, -4, 2, 1], "mixed"),
    ([-5, -4, 3, -6, -2, -1], "not_supported"), ([0, 0, 0, 0, 0, 0], "not_supported"),
])
def test_growth_by_every_rule_can_have_each_verdict(rule, statistic, values, verdict):
    row = decide("growth_continues", series=line(values, "economic_growth"), series_rule=rule)
    assert (row["verdict"], row["statistic"]) == (verdict, statistic)
    assert row["robustness"] == pytest.approx(np.mean(np.array(values) > 0))
    assert (row["low"] > 0) == (row["p_value"] < 0.05) or rule == "most_steps"


@pytest.mark.parametrize("rule", ["trend", "most_steps", "first_to_last"])
@pytest.mark.parametrize(("values", "verdict"), [
    ([1, 2, 3, 4.5, 6, 7], "supported"), ([1, 3, 2, 2.5, 4, 3.5], "mixed"),
    ([6, 5, 4, 4.5, 3, 2], "not_supported"),
])
def test_rising_poor_by_every_rule(rule, values, verdict):
    assert decide("poor_rise", series=line(values), series_rule=rule)["verdict"] == verdict
    both = pd.concat([line([None, *[5] * 5], "economic_growth", unit="%"), line(values)])
    assert decide("growth_with_rising_poor", series=both, series_rule=rule)["verdict"] == verdict
    shrinking = pd.concat([line([None, *[-5] * 5], "economic_growth", unit="%"), line(values)])
    assert decide("growth_with_rising_poor", series=shrinking,
                  series_rule=rule)["verdict"] == "not_supported"


def test_signs_are_turned_in_all_ways():
    """Against a plain count over every turn of the signs of unequal steps."""
    values = [4.0, 5.0, 4.5, 7.0, 6.5, 9.0]
    steps = np.diff(values)
    as_much = sum(np.dot(signs, steps) >= steps.sum() - 1e-12
                  for signs in product((-1, 1), repeat=5))
    row = decide("poor_rise", series=line(values))
    assert row["p_value"] == as_much / 32
    assert row["value"] == pytest.approx(100 * 5 / np.mean(values) / 5)


def test_limits_are_the_changes_that_turning_signs_does_not_reject():
    growth = [5.0, 4.0, 6.0, 2.0, -1.0, 3.0, 7.0]
    row = decide("growth_continues", series=line(growth, "economic_growth"), alpha=0.1)

    def p(shift, sign):
        steps = sign * (np.array(growth) - shift)
        turns = np.array(list(product((-1, 1), repeat=7)))
        return (turns @ steps >= steps.sum() - 1e-9).mean()

    for limit, sign in ((row["low"], 1), (row["high"], -1)):
        assert p(limit + sign * 1e-6, sign) >= 0.1 > p(limit - sign * 1e-6, sign)


def test_student_s_t_is_that_of_the_steps():
    """By hand: mean 26/7, standard deviation 2.69, so t = 3.65 with 6 degrees of freedom."""
    row = decide("growth_continues", series=line([5, 4, 6, 2, -1, 3, 7], "economic_growth"),
                 series_rule="first_to_last")
    assert row["value"] == pytest.approx(26 / 7)
    assert row["p_value"] == pytest.approx(0.00529, abs=5e-5)
    assert row["uncertainty"] == "spread_today"


def test_areas_over_the_same_years_turn_together():
    """Two areas alike say no more than one; other years would."""
    one = line([1, 2, 3, 4, 5])
    row = decide("poor_rise", series=pd.concat([one, one.assign(area="B")]))
    assert row["p_value"] == decide("poor_rise", series=one)["p_value"] == 1 / 16
    later = pd.concat([line([1, 2, 3], first=2015), line([3, 4, 5], area="B", first=2018)])
    assert decide("poor_rise", series=later)["p_value"] == 1 / 16
    overlapping = pd.concat([line([1, None, None, 2], first=2015), line([1, 2], area="B",
                                                                        first=2016)])
    assert decide("poor_rise", series=overlapping)["p_value"] == 1 / 2


@pytest.mark.parametrize(("values", "ways"), [([1, 2], 2), ([1, 2, 3], 4)])
@pytest.mark.parametrize("rule", ["trend", "most_steps", "first_to_last"])
def test_one_or_two_steps_support_nothing(values, ways, rule):
    row = decide("poor_rise", series=line(values), series_rule=rule, alpha=0.3)
    assert row["p_value"] == 1 / ways and row["uncertainty"] == "few_today"
    assert row["verdict"] == "mixed" and pd.isna([row["low"], row["high"]]).all()
    assert decide("poor_rise", series=line(values), series_rule=rule)["verdict"] == "mixed"


@pytest.mark.parametrize("rule", ["trend", "most_steps", "first_to_last"])
def test_equal_steps_are_no_rarer_than_all_of_them_going_one_way(rule):
    """Three equal steps, or nearly equal ones, as interpolation makes them, decide nothing."""
    few = decide("poor_rise", series=line([5, 6, 7, 8]), series_rule=rule)
    assert (few["verdict"], few["p_value"], few["uncertainty"]) == ("mixed", 1 / 8, "few_today")
    alike = decide("poor_rise", series=line([10, 11, 12.1, 13]), series_rule=rule)
    assert (alike["verdict"], alike["p_value"]) == ("mixed", 1 / 8), "by Student's t 0.0017"
    more = decide("poor_rise", series=line(range(5, 12)), series_rule=rule)
    assert (more["verdict"], more["p_value"]) == ("supported", 1 / 64)


def test_poor_rise_looks_at_every_area():
    rising, falling = line([1, 2, 3, 4, 5, 6]), line([6, 5, 4, 3.9, 3.8, 3.7], area="B")
    series = pd.concat([rising, falling])
    assert decide("poor_rise", series=series)["verdict"] == "mixed"
    assert decide("poor_rise", "area=A", series=series)["verdict"] == "supported"
    assert decide("poor_rise", "area=B", series=series)["verdict"] == "not_supported"


def test_the_rate_decides_only_where_the_number_is_not_published():
    rate = line([9, 8, 7, 6, 5, 4], "poor_percent", unit="%")
    assert decide("poor_rise", series=rate)["statistic"] == "mean_rate"
    both = pd.concat([rate, line([1, 2, 3, 4, 5, 6])])
    row = decide("poor_rise", series=both)
    assert (row["statistic"], row["verdict"]) == ("mean_number", "supported")


def test_the_rate_is_told_beside_the_number(published):
    """Kabupaten 10.0 to 7.6 per cent, Kota 7.3 to 6.6: down since 2015, as the number is."""
    wanted = pd.DataFrame({"claim": ["c04", "c05", "c03"],
                           "test": ["poor_rise", "growth_with_rising_poor", "growth_continues"],
                           "options": [None, "area=Kota Blitar", ""]})
    periods = claims.by_period(wanted, published)
    found = claims.by_rate(wanted, periods, published)
    assert found[["claim", "period", "verdict"]].values.tolist() == [
        ["c04", "today", "not_supported"], ["c05", "today", "not_supported"]]
    assert found["years"].tolist() == [
        "Kabupaten Blitar 2015-2016, 2018-2025;Kota Blitar 2015, 2018-2025",
        "Kota Blitar 2015, 2018-2025"]
    assert found["value"].iloc[0] == pytest.approx(-1.798, abs=5e-4)
    assert claims.by_rate(wanted.tail(1), periods, published).empty


def test_years_outside_the_period_do_not_count():
    series = line([9, 8, 7, 6, 5, 4, 5, 6, 7, 8, 9], first=2009)
    assert decide("poor_rise", series=series)["verdict"] == "not_supported"
    assert decide("poor_rise", series=series, period="today")["uncertainty"] == "few_today"
    assert decide("poor_rise", series=series, period_split=2014,
                  period="today")["verdict"] == "supported"
    assert decide("poor_rise", series=series, period="all")["uncertainty"] == "signs_all"
    assert decide("poor_rise", series=series, period="today",
                  period_split=2019)["verdict"] == "not_testable"


def test_an_unknown_rule_is_named():
    for name, wrong, known in (("series_rule", "mostly", "'trend', 'most_steps', 'first_to_last'"),
                               ("period", "then", "'thesis', 'today', 'all'")):
        with pytest.raises(ValueError, match=f"{name} is '{wrong}'; allowed are {known}"):
            decide("poor_rise", series=line([1, 2]), **{name: wrong})
    with pytest.raises(ValueError, match="synthesis.growth_source: 'S9' gives no growth; choose "
                                         "'longest' or one of 'S'"):
        decide("growth_continues", series=line([1, 2], "economic_growth"), growth_source="S9")
    tables = {"area_measures": measures({"school": ([3, 4], [1, 2])}), "catalogue": CATALOGUE}
    options = "zone_a=north;zone_b=south"
    with pytest.raises(ValueError, match="zone_mean is 'median'; allowed are 'plain', 'weighted'"):
        decide("zone_higher_share", options, tables, zone_mean="median")
    with pytest.raises(ValueError, match="zone_null is 'rows'; allowed are 'neighbours', "
                                         "'contiguous', 'labels'"):
        decide("zone_higher_share", options, tables, zone_null="rows")


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
    marked = claims.marked_points(series)
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
                 {"development_index": index_table(north, south, [100])}, zone_null="labels")
    assert (row["verdict"], row["evidence"]) == (verdict, "development_index")
    assert row["value"] == pytest.approx(np.mean(north) - np.mean(south))


ROW = pd.DataFrame({"one": list("abcdefg"), "other": list("bcdefgh")})


def test_contiguous_divisions_are_all_and_only_those():
    """Against every way to choose, on a grid of three by four areas."""
    edges = frozenset((3 * row + column, 3 * row + column + step) for row in range(4)
                      for column in range(3) for step in (1, 3)
                      if (column < 2 if step == 1 else row < 3))

    def hangs(part):
        reached, part = {min(part)}, set(part)
        while grown := {one for pair in edges for one in pair
                        if set(pair) & reached and one in part} - reached:
            reached |= grown
        return reached == part

    for first in (2, 5, 8):
        expected = [list(part) for part in combinations(range(12), first)
                    if hangs(part) and hangs({*range(12)} - {*part})]
        if list(range(first)) in expected:
            places, complete = contiguous_divisions(edges, 12, first)
            assert complete and places.tolist() == expected
        else:
            assert contiguous_divisions(edges, 12, first) is None


def test_drawn_contiguous_divisions_hang_together(monkeypatch):
    monkeypatch.setattr("helpers.geography.contiguous.MOST", 3)
    row = frozenset((place, place + 1) for place in range(9))
    places, complete = contiguous_divisions(row, 10, 4, 50, 1)
    assert not complete and len(places) == 50
    assert {tuple(part) for part in places.tolist()} == {(0, 1, 2, 3), (6, 7, 8, 9)}


def test_names_are_dealt_out_to_contiguous_parts():
    """A row of eight areas can be cut into halves in two ways: neighbours alike prove little."""
    table = index_table([5, 6, 7, 8], [1, 2, 3, 4]).assign(code=list("abcdefgh"))
    tables = {"development_index": table, "touching": ROW}
    row = decide("zone_higher", "zone_a=north;zone_b=south", tables, zone_null="contiguous")
    assert (row["verdict"], row["p_value"], row["uncertainty"]) == ("mixed", 1 / 2, "contiguous")
    plain = decide("zone_higher", "zone_a=north;zone_b=south", tables, zone_null="labels")
    assert (plain["verdict"], plain["p_value"], plain["uncertainty"]) == (
        "supported", 1 / comb(8, 4), "labels")


def test_likeness_of_neighbours_is_taken_off():
    """Least squares of the values times I - rho W, and the restricted likelihood written out."""
    values = np.array([5.0, 6, 7, 8, 1, 2, 3, 4])
    models = likeness.models_of(frozenset((place, place + 1) for place in range(7)), 8, 4)
    gap, error, likelihood = (part[:, 0] for part in models.fits(values[:, None]))
    place = list(likeness.RHOS).index(0.5)
    near = np.zeros((8, 8))
    for one in range(7):
        near[one, one + 1] = near[one + 1, one] = 1
    apart = np.eye(8) - 0.5 * near / near.sum(axis=1, keepdims=True)
    design = apart @ np.column_stack([np.ones(8), [1] * 4 + [0] * 4])
    fit, squares, *_ = np.linalg.lstsq(design, apart @ values, rcond=None)
    assert gap[place] == pytest.approx(fit[1])
    assert error[place] == pytest.approx(
        np.sqrt(squares[0] / 6 * np.linalg.inv(design.T @ design)[1, 1]))

    def restricted(rho):
        apart = np.eye(8) - rho * near / near.sum(axis=1, keepdims=True)
        x = apart @ np.column_stack([np.ones(8), [1] * 4 + [0] * 4])
        rest = apart @ values - x @ np.linalg.lstsq(x, apart @ values, rcond=None)[0]
        return (np.linalg.slogdet(apart)[1] - 3 * np.log(rest @ rest)
                - np.linalg.slogdet(x.T @ x)[1] / 2)

    expected = np.array([restricted(rho) for rho in likeness.RHOS])
    assert likelihood - likelihood.max() == pytest.approx(expected - expected.max())

    table = index_table(values[:4], values[4:]).assign(code=list("abcdefgh"))
    row = decide("zone_higher", "zone_a=north;zone_b=south",
                 {"development_index": table, "touching": ROW})
    kept = likelihood >= likelihood.max() - likeness.PLAUSIBLE
    p = stats.t.sf(gap[kept] / error[kept], 6)
    assert row["p_value"] == pytest.approx(max(p.max(), 1 / comb(8, 4)))
    assert row["uncertainty"] == "neighbours"
    reach = stats.t.ppf(0.95, 6) * error
    # Every gap that likeness leaves lies above the difference of means, which the limits hold too.
    assert row["low"] == row["value"] < (gap - reach)[kept].min()
    assert row["high"] == pytest.approx((gap + reach)[kept].max())
    assert row["value"] == 4 and (row["low"] > 0) == (row["verdict"] == "supported")


def test_likeness_of_no_neighbours_is_the_textbook_test():
    """Areas that touch nobody: Student's t of 3-6 against 1-4 is 2 / sqrt(5 / 6), 6 degrees."""
    table = index_table([3, 4, 5, 6], [1, 2, 3, 4]).assign(code=list("abcdefgh"))
    nobody = pd.DataFrame({"one": ["x"], "other": ["y"]})
    row = decide("zone_higher", "zone_a=north;zone_b=south",
                 {"development_index": table, "touching": nobody})
    assert row["p_value"] == pytest.approx(stats.t.sf(2 / (5 / 6) ** 0.5, 6))
    flat = index_table([1, 1, 1], [0, 0, 0]).assign(code=list("abcdef"))
    row = decide("zone_higher", "zone_a=north;zone_b=south",
                 {"development_index": flat, "touching": ROW})
    assert (row["p_value"], row["uncertainty"]) == (1 / 20, "labels")


def test_limits_hold_the_reported_difference():
    """The likeness that is plausible here puts the whole interval above the difference of means."""
    near = pd.DataFrame({"one": list("abcdefgh"), "other": list("bcdefghi")})
    holding = []
    for seed in range(40):
        values = np.random.default_rng(seed).normal(size=9).cumsum()
        table = index_table(values[:4], values[4:]).assign(code=list("abcdefghi"))
        row = decide("zone_higher", BETWEEN, {"development_index": table, "touching": near},
                     alpha=0.4)
        assert row["low"] <= row["value"] <= row["high"]
        assert (row["low"] > 0) == (row["verdict"] == "supported")
        holding.append(row["value"] in (row["low"], row["high"]))
    assert any(holding)


@pytest.mark.parametrize(("null", "kind"), [("neighbours", "neighbours"),
                                            ("contiguous", "labels"), ("labels", "labels")])
def test_islands_of_which_none_touch_are_decided(null, kind):
    """Where nobody is a neighbour the test is the textbook one; it was "not testable"."""
    tables = {"development_index": index_table([5, 6, 7, 9], [1, 2, 3, 3]),
              "touching": pd.DataFrame({"one": [], "other": []}, dtype=object)}
    row = decide("zone_higher", BETWEEN, tables, zone_null=null)
    assert (row["verdict"], row["uncertainty"]) == ("supported", kind)


def test_a_zone_that_does_not_hang_together_is_dealt_out_to_single_areas():
    table = index_table([5, 6, 7, 8], [1, 2, 3, 4]).assign(code=list("acegbdfh"))
    row = decide("zone_higher", "zone_a=north;zone_b=south",
                 {"development_index": table, "touching": ROW}, zone_null="contiguous")
    assert (row["p_value"], row["uncertainty"]) == (1 / comb(8, 4), "labels")
    row = decide("zone_higher", "zone_a=north;zone_b=south",
                 {"development_index": table, "touching": ROW})
    assert (row["p_value"], row["uncertainty"]) == (1 / comb(8, 4), "neighbours")


def test_zone_higher_leaves_each_area_out():
    """p is 1/70 with all areas and 1/35 without any one: it holds in every reading at 5 %, in none
    at 2 %."""
    tables = {"development_index": index_table([5, 6, 7, 8], [1, 2, 3, 4])}
    options = "zone_a=north;zone_b=south"
    assert decide("zone_higher", options, tables, zone_null="labels")["robustness"] == 1
    strict = decide("zone_higher", options, tables, alpha=0.02, zone_null="labels")
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
    low, high = shift_interval(shifts, comb(9, 5), alpha)
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
    divided = number_of_permutations(len(first) + len(second), len(first), permutations)
    shifts = critical_shifts(first, second, permutations, 7)
    p = shift_p(shifts, divided)
    assert p == pytest.approx(permutation_p(first, second, permutations, 7), abs=1e-12)
    low, high = shift_interval(shifts, divided, alpha)
    assert (low > 0) == (p < alpha)
    assert low <= high or p < alpha


def test_limits_of_a_claim_are_above_zero_where_it_is_supported():
    tables = {"development_index": index_table([5, 6, 7, 8], [1, 2, 3, 4])}
    row = decide("zone_higher", "zone_a=north;zone_b=south", tables, zone_null="labels")
    assert (row["verdict"], row["uncertainty"]) == ("supported", "labels")
    assert 0 < row["low"] < row["value"]
    row = decide("zone_higher", "zone_a=north;zone_b=south",
                 {"development_index": index_table([2, 4, 6], [1, 5, 3])})
    assert row["verdict"] == "mixed" and row["low"] <= 0 < row["high"]


@pytest.mark.parametrize("null", ["neighbours", "contiguous"])
def test_less_evidence_does_not_decide_more(null):
    """Without polygons nobody knows how alike neighbours are: what single areas give is shown, and
    supports nothing."""
    tables = {"development_index": index_table([5, 6, 7, 8], [1, 2, 3, 4])}
    row = decide("zone_higher", BETWEEN, tables, zone_null=null)
    assert (row["verdict"], row["uncertainty"]) == ("mixed", "neighbours_unknown")
    assert row["p_value"] == pytest.approx(1 / 70)
    for lang, said in (("en", "neighbours are unknown"), ("id", "tetangganya tidak diketahui")):
        words = verdicts.limits(pd.DataFrame([row]), {"synthesis": {"alpha": 0.05}},
                                t=Texts(lang, "synthesis"))
        assert "p = " in words[0] and said in words[0]
    tables = {"area_measures": measures({"school": ([7, 8, 9, 9], [1, 2, 3, 3])}),
              "catalogue": CATALOGUE}
    row = decide("zone_higher_share", BETWEEN, tables, zone_null=null)
    assert (row["verdict"], row["value"], row["uncertainty"]) == ("mixed", 1, "neighbours_unknown")
    assert row["p_value"] == pytest.approx(1 / 70)


def test_areas_without_an_index_are_left_out():
    tables = {"development_index": index_table([5, 6, 7, 8, None], [1, 2, 3, 4])}
    row = decide("zone_higher", "zone_a=north;zone_b=south", tables, zone_null="labels")
    assert (row["verdict"], row["value"]) == ("supported", 4.0)


def measures(values, people=None):
    """Values of measures in the areas of two zones, (north, south) by measure; None is no value."""
    rows = [(f"{zone}{place}", zone, indicator, value, people[zone][place] if people else None)
            for indicator, zones in values.items() for zone, part in zip(("north", "south"), zones)
            for place, value in enumerate(part) if value is not None]
    return pd.DataFrame(rows, columns=["code", "zone", "indicator", "value", "people"])


CATALOGUE = pd.DataFrame({"indicator": ["school", "slope", "size", "books"],
                          "direction": [1, -1, 0, 1],
                          "theme": ["people", "land", "land", "people"]})
BETWEEN = "zone_a=north;zone_b=south"


def test_zone_higher_share_knows_directions_and_themes():
    """By hand: ahead in schooling more than behind in books, so ahead in people; less steep, which
    is better; size says nothing. Of 20 divisions only the observed one gives as much."""
    values = {"school": ([7, 8, 9], [1, 2, 3]), "books": ([4, 5, 6], [4, 5, 7]),
              "slope": ([1, 2, 3], [7, 8, 9]), "size": ([0, 0, 0], [9, 9, 9])}
    tables = {"area_measures": measures(values), "catalogue": CATALOGUE}
    row = decide("zone_higher_share", BETWEEN, tables, alpha=0.06, zone_null="labels")
    assert (row["verdict"], row["statistic"], row["value"]) == ("supported", "share_of_themes", 1)
    assert (row["evidence"], row["uncertainty"]) == ("zone_indicators", "labels")
    assert row["p_value"] == pytest.approx(1 / 20)
    assert decide("zone_higher_share", BETWEEN, tables)["verdict"] == "mixed"
    turned = decide("zone_higher_share", "zone_a=south;zone_b=north", tables)
    assert (turned["verdict"], turned["value"]) == ("not_supported", 0)
    people = decide("zone_higher_share", BETWEEN + ";theme=people", tables)
    assert (people["value"], people["statistic"]) == (1 / 2, "share_of_indicators")


def test_the_chance_of_a_share_counts_equal_shares_by_their_mean_lead():
    """Against a plain count over every division."""
    north = np.array([[5.0, 1], [3, 4], [6, 2]])
    south = np.array([[2.0, 3], [4, 1], [1, 2], [2, 2]])
    values = {"school": (north[:, 0], south[:, 0]), "slope": (north[:, 1], south[:, 1])}
    row = decide("zone_higher_share", BETWEEN, {"area_measures": measures(values),
                                                "catalogue": CATALOGUE})
    signed = np.vstack([north, south]) * [1, -1]
    signed = signed / signed.std(axis=0)

    def key(chosen):
        rest = [place for place in range(7) if place not in chosen]
        lead = signed[list(chosen)].mean(axis=0) - signed[rest].mean(axis=0)
        return (lead > 0).mean(), round(lead.mean(), 9)

    as_much = sum(key(chosen) >= key((0, 1, 2)) for chosen in combinations(range(7), 3))
    assert row["p_value"] == pytest.approx(as_much / 35)


@pytest.mark.parametrize("flat", [([0.1] * 4, [0.1] * 4), ([0.7] * 4, [0.1] * 4)])
def test_a_measure_that_says_nothing_within_zones_tells_no_likeness(flat):
    """Rounding is all that the gap leaves of it; times 3, that rounding is another."""
    values = np.random.default_rng(3).normal(size=8).cumsum()
    found = []
    for times in (1, 3, 7e5):
        own = {"school": (values[:4], values[4:]),
               "slope": tuple(np.array(zone) * times for zone in flat)}
        table = measures(own).assign(code=[*"abcdefgh"] * 2)
        found.append(decide("zone_higher_share", BETWEEN, {
            "area_measures": table, "catalogue": CATALOGUE, "touching": ROW}))
    assert len({(row["value"], row["p_value"]) for row in found}) == 1
    assert found[0]["uncertainty"] == "neighbours"
    models = likeness.models_of(frozenset((place, place + 1) for place in range(7)), 8, 4)
    both = np.column_stack([values, np.concatenate(flat)])
    likelihood = models.fits(both)[2]
    assert (likelihood[:, 1] == 0).all() and np.ptp(likelihood[:, 0]) > 0.1


def test_areas_without_a_value_are_left_out_of_a_measure():
    values = {"school": ([7, None, 9], [1, 2, None]), "slope": ([1, 2, 3], [None] * 3)}
    row = decide("zone_higher_share", BETWEEN, {"area_measures": measures(values),
                                                "catalogue": CATALOGUE})
    assert (row["value"], row["statistic"]) == (1, "share_of_themes")
    nothing = {"area_measures": measures({"size": ([1, 2], [3, 4])}), "catalogue": CATALOGUE}
    assert decide("zone_higher_share", BETWEEN, nothing)["verdict"] == "not_testable"


def test_weighted_zone_means_can_turn_a_claim():
    table = measures({"school": ([9, 1, 1], [3, 3, 3])},
                     {"north": [1, 50, 50], "south": [1, 1, 1]})
    tables = {"area_measures": table, "catalogue": CATALOGUE}
    assert decide("zone_higher_share", BETWEEN, tables)["value"] == 1
    weighted = decide("zone_higher_share", BETWEEN, tables, zone_mean="weighted")
    assert (weighted["verdict"], weighted["value"]) == ("not_supported", 0)


def test_more_than_half_but_no_clear_majority_is_mixed():
    names = [f"i{number}" for number in range(5)]
    values = {name: ([8, 9, 10, 11], [1, 2, 3, 4]) if place < 3 else ([1, 2, 3, 4], [2, 3, 4, 5])
              for place, name in enumerate(names)}
    catalogue = pd.DataFrame({"indicator": names, "direction": 1, "theme": names})
    tables = {"area_measures": measures(values), "catalogue": catalogue}
    row = decide("zone_higher_share", BETWEEN, tables)
    assert (row["verdict"], row["value"]) == ("mixed", 0.6)
    assert decide("zone_higher_share", BETWEEN, tables, clear_majority=0.6, alpha=0.4,
                  zone_null="labels")["verdict"] == "supported"


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


RANKS = {"strategies": pd.DataFrame({"rank": [1, 2, 3, 3, 5], "strategy": list("abcde")}),
         "strategy_chance": pd.DataFrame({"strategy": list("abcde"),
                                          "chance": [0.01, 0.02, 0.03, 0.04, 0.5]})}


@pytest.mark.parametrize(("names", "top", "verdict", "worst"), [
    ("a", 2, "supported", 1), ("b", 3, "supported", 2), ("c", 3, "mixed", 3),
    ("c", 4, "supported", 3),
    ("e", 3, "not_supported", 5),
    ("a,b", 2, "supported", 2), ("a, e", 2, "mixed", 5),
])
def test_strategy_priority(names, top, verdict, worst):
    row = decide("strategy_priority", f"strategy={names}", RANKS, top_strategies=top)
    assert (row["verdict"], row["basis"], row["value"]) == (verdict, "illustrative", worst)
    assert np.isnan(row["robustness"])


def test_a_rank_that_chance_gives_too_often_supports_nothing():
    often = RANKS | {"strategy_chance": RANKS["strategy_chance"].assign(
        chance=[0.01, 0.06, 0.03, 0.04, 0.5])}
    for names, verdict, p in (("a", "supported", 0.01), ("b", "mixed", 0.06),
                              ("a,b", "mixed", 0.06), ("e", "not_supported", 0.5)):
        row = decide("strategy_priority", f"strategy={names}", often)
        assert (row["verdict"], row["p_value"], row["uncertainty"]) == (verdict, p, "factors")
    assert decide("strategy_priority", "strategy=b", often,
                  alpha=0.1)["verdict"] == "supported"


def test_strategy_robustness_is_the_share_of_variants():
    variants = pd.DataFrame(
        [(weighting, "n", aggregate, strategy, rank)
         for weighting, aggregate in product(("separate", "joint"), ("mean", "mode"))
         for strategy, rank in (("a", 2 if aggregate == "mode" else 1),
                                ("b", 1 if aggregate == "mode" else 2))],
        columns=["weighting", "divisor", "aggregate", "strategy", "rank"]).assign(chance=0.01)
    tables = RANKS | {"strategy_variants": variants}
    assert decide("strategy_priority", "strategy=a", tables, top_strategies=1)["robustness"] == 0.5
    assert decide("strategy_priority", "strategy=a", tables, top_strategies=2)["robustness"] == 1


# The table as a whole.

def test_columns_and_basis_is_the_weakest_status():
    claim = pd.DataFrame({"claim": ["c"], "text_id": ["i"], "text_en": ["e"],
                          "test": ["zone_higher_share"], "options": [BETWEEN]})
    tables = {"area_measures": measures({"school": ([2, 3], [1, 1])}), "catalogue": CATALOGUE}
    statuses = {"area_measures": "published", "catalogue": "illustrative"}
    found = claims.evaluate(claim, tables, statuses)
    assert list(found.columns) == [
        "claim", "text_id", "text_en", "verdict", "basis", "evidence", "statistic", "value",
        "robustness", "low", "high", "p_value", "uncertainty",
    ]
    assert found["basis"].tolist() == ["illustrative"]
    assert {*found["uncertainty"]} <= {*claims.UNCERTAINTIES}


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
        decide(test, options, RANKS)
    assert message in str(error.value)
