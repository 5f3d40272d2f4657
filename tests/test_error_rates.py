"""Error rates of the claims' tests: the committed table is what the simulation gives, and no rule
decides whatever the data."""

import re

import pandas as pd
import pytest

from helpers import claims
from helpers.claims import courses, zones
from helpers.publish.verdicts import simulated_limits
from helpers.study.paths import ROOT
from tools.simulations import error_rates

RAW = ROOT / "data" / "raw"


@pytest.fixture(scope="module")
def committed():
    return pd.read_csv(RAW / "error_rates.csv")


@pytest.fixture(scope="module")
def small():
    return error_rates.error_rates(RAW, 12, rhos=(0.0, 0.9))


def test_every_test_and_rule_has_its_rate(committed):
    assert list(committed) == error_rates.COLUMNS
    rules = committed.groupby("test")["rule"].unique().map(set).to_dict()
    course = {*courses.SERIES_RULES}
    assert rules == {
        "zone_higher": {*zones.NULLS}, "zone_higher_share": {*zones.NULLS},
        "growth_continues": course, "poor_rise": course, "growth_with_rising_poor": course,
        "strongly_needed": {"interval"}, "not_easy": {"interval"},
        "strategy_priority": {"first_3"}}
    assert {*rules} == {*claims.TESTS}


def test_a_small_simulation_agrees_with_the_committed_table(committed, small):
    """Within four standard errors of both."""
    both = small.merge(committed, on=["test", "rule", "null"], suffixes=("", "_committed"))
    assert len(both) == len(small)
    for column in ("false_support", "power"):
        rate = both[f"{column}_committed"].clip(0.02, 0.98)
        error = (rate * (1 - rate) * (1 / both["draws"] + 1 / both["draws_committed"])) ** 0.5
        assert ((both[column] - both[f"{column}_committed"]).abs() < 4 * error).all(), column


def test_the_same_seed_gives_the_same_rates():
    one, other = (error_rates.error_rates(RAW, 2, rhos=(0.9,)) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


def test_chance_supports_in_at_most_one_of_twenty(committed):
    """Of the rules in force in every kind of world, however alike neighbours are; within two
    standard errors of what so many draws can show."""
    error = (0.05 * 0.95 / committed["draws"]) ** 0.5
    allowed = committed["rule"].isin(["neighbours", "most_steps", "interval", "first_3"])
    assert (committed["false_support"] <= 0.05 + 2 * error)[allowed].all()
    trend = committed[committed["rule"].isin(["trend", "first_to_last"])]
    assert (trend["false_support"] <= 0.1).all()


def test_also_the_limit_of_what_is_simulated_lies_below_ten_per_cent(committed, in_force):
    own = in_force["synthesis"]
    ruling = committed["rule"].isin([own["zone_null"], own["series_rule"], "interval", "first_3"])
    high = simulated_limits(committed["false_support"], committed["draws"])[1]
    assert high[ruling].max() < 0.1
    assert committed.groupby("test")["draws"].unique().map(list).to_dict() == {
        test: [draws] for test, draws in error_rates.DRAWS.items()}


def test_a_share_of_nothing_has_no_limits():
    """Rows without draws stand in the table as they stood before draws were counted."""
    share = pd.Series([float("nan"), 0.5, 0.5, 0.5, 1.0], index=[3, 1, 4, 0, 2])
    low, high = simulated_limits(share, pd.Series([100, 0, float("nan"), 100, 20], share.index))
    assert [*low.index] == [*high.index] == [3, 1, 4, 0, 2]
    assert low.isna().tolist() == high.isna().tolist() == [True, True, True, False, False]
    assert (low[0].round(3), high[0].round(3), high[2]) == (0.404, 0.596, 1)
    low, high = simulated_limits(share[:2], pd.Series([0, 0], share.index[:2]))
    assert low.isna().all() and high.isna().all()


@pytest.mark.parametrize(("name", "sign"), [("inference.md", "."), ("inference.id.md", ",")])
def test_the_page_says_how_often_likeness_supports_falsely(committed, name, sign):
    alike = committed[committed["rule"] == "neighbours"]
    told = f"{100 * alike['false_support'].max():.1f} %".replace(".", sign)
    assert told in (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert set(alike["draws"]) == {400}


@pytest.mark.parametrize("name", ["docs/analysis-plan.md", "docs/analysis-plan.id.md",
                                  "multiverse.yml"])
def test_the_plan_says_how_often_compared_kinds_of_test_err(committed, name):
    worst = committed.groupby("rule")["false_support"].max()
    told = [f"{100 * worst[kind]:.0f} %" for kind in ("contiguous", "labels")]
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"\d+ %(?= (?:and|dan) \d+ %)|(?<= % (?:and|dan) )\d+ %", text) == told


def test_names_that_are_dealt_out_err_where_neighbours_are_alike(committed):
    alike = committed[committed["null"].isin(["sar_0.7", "sar_0.9"])]
    rates = alike.pivot_table(index=["test", "null"], columns="rule", values="false_support")
    assert (rates["contiguous"] < rates["labels"]).all()
    assert (rates[["contiguous", "labels"]] > 0.1).all(axis=None)
    assert (rates["neighbours"] <= 0.06).all()


def test_rules_find_an_effect_where_there_are_steps_enough(committed):
    courses_now = committed[committed["null"].str.endswith("_today")]
    assert (courses_now["power"] > courses_now["false_support"] + 0.2).all()
    few = committed[committed["null"] == "random_walk_thesis"]
    assert (few[["false_support", "power"]] == 0).all(axis=None)
