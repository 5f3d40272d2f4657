"""Gaps, bootstrap intervals, nested Theil and villages: hand numbers, PySAL, laws that must hold,
bad input."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from inequality.theil import TheilD

from helpers import disparity, permutation
from helpers.disparity import bootstrap
from helpers.disparity.inequality import share_ratio

LIGHT = pd.Series([1.0, 2.0, 4.0, 8.0, 3.0, 5.0, 9.0, 20.0], index=list("abcdefgh"))
PEOPLE = pd.Series([10.0, 20.0, 5.0, 30.0, 15.0, 10.0, 25.0, 40.0], index=LIGHT.index)
ZONES = pd.Series(list("nnnnsssc"), index=LIGHT.index)
GROUPS = ZONES.map({"n": "k", "s": "k", "c": "city"})
ROWS = some.lists(
    some.tuples(some.floats(0.01, 1e4), some.floats(0.1, 1e3), some.sampled_from("abcdef")),
    min_size=2, max_size=25)
PARENTS = {"a": "x", "b": "x", "c": "y", "d": "y", "e": "y", "f": "z"}


def columns(rows):
    values, weights, zones = zip(*rows, strict=True)
    return pd.Series(values), pd.Series(weights), pd.Series(zones)


# Permuted labels


def test_every_division_is_counted_where_there_are_few():
    found = disparity.zone_gap(LIGHT, ZONES, ("n", "s"), PEOPLE, permutations=100)
    y, weights = LIGHT.iloc[:7], PEOPLE.iloc[:7]

    def difference(first):
        rest = y.index.difference(first)
        return np.average(y[first], weights=weights[first]) - np.average(
            y[rest], weights=weights[rest])

    every = np.array([difference(list(first)) for first in combinations(y.index, 4)])
    own = difference(list("abcd"))
    smaller = min((every >= own - 1e-12).mean(), (every <= own + 1e-12).mean())
    assert len(every) == 35 and found["p_difference"] == pytest.approx(2 * smaller, abs=1e-12)
    assert found["difference"] == pytest.approx(own, abs=1e-12)
    assert found[["areas_a", "areas_b"]].tolist() == [4, 3], "the city takes no part"


def test_drawn_divisions_agree_with_all_of_them():
    exact = disparity.zone_gap(LIGHT, ZONES, ("n", "s"), PEOPLE, permutations=35)
    drawn = disparity.zone_gap(LIGHT, ZONES, ("n", "s"), PEOPLE, permutations=34,
                               seed=3)
    many = permutation.tails(7, 4, lambda places: LIGHT.to_numpy()[places].sum(axis=1), 10_000, 5)
    assert permutation.are_all(7, 4, 35) and not permutation.are_all(7, 4, 34)
    assert drawn["p_difference"] == pytest.approx(exact["p_difference"], abs=0.25)
    assert min(many) == pytest.approx(min(permutation.tails(
        7, 4, lambda places: LIGHT.to_numpy()[places].sum(axis=1))), abs=0.02)


def test_equal_weights_give_difference_and_ratio_one_p():
    found = disparity.zone_gap(LIGHT, ZONES, ("n", "s"))
    assert found["p_difference"] == found["p_ratio"]


def test_a_division_without_a_statistic_counts_in_both_tails():
    missing = permutation.tails(
        3, 1, lambda places: np.where(places[:, 0] == 2, np.nan, 1.0 - places[:, 0]))
    assert missing == (2 / 3, 1.0)


def test_blocks_of_divisions_change_no_draw(monkeypatch):
    whole = np.concatenate(list(permutation.permuted_labels(30, 10, 500, 7)))
    monkeypatch.setattr(permutation, "AT_ONCE", 900)
    permutation._kept.cache_clear()
    assert np.array_equal(whole, np.concatenate(list(permutation.permuted_labels(30, 10, 500, 7))))


@given(ROWS, some.floats(0.1, 1e3))
@settings(max_examples=40, deadline=None)
def test_scale_changes_a_difference_and_no_p(rows, factor):
    values, weights, _ = columns(rows)
    zones = pd.Series(["n", "s"] * len(values))[: len(values)]
    one, other = (disparity.zone_gap(part, zones, ("n", "s"), weights, permutations=99)
                  for part in (values, factor * values))
    assert other["difference"] == pytest.approx(factor * one["difference"], rel=1e-9,
                                                abs=1e-9 * factor)
    assert other["ratio"] == pytest.approx(one["ratio"], rel=1e-9)
    assert other["p_difference"] == one["p_difference"]


def test_a_small_mean_beside_a_large_one_keeps_its_digits():
    values, weights = pd.Series([9363.0, 0.01]), pd.Series([3.5, 0.25])
    found = disparity.zone_gap(values, pd.Series(["n", "s"]), ("n", "s"), weights)
    assert found["mean_b"] == 0.01 and found["ratio"] == pytest.approx(936_300, rel=1e-14)


def test_the_zones_swap_roles():
    one = disparity.zone_gap(LIGHT, ZONES, ("n", "s"), PEOPLE, permutations=100)
    other = disparity.zone_gap(LIGHT, ZONES, ("s", "n"), PEOPLE, permutations=100)
    assert other["difference"] == -one["difference"] and other["ratio"] == pytest.approx(
        1 / one["ratio"])
    assert other["p_difference"] == pytest.approx(one["p_difference"])


def test_gap_of_equal_values_is_certain():
    found = disparity.zone_gap(LIGHT * 0 + 3, ZONES, ("n", "s"), PEOPLE, confidence=0.9)
    assert found[["difference", "ratio", "p_difference"]].tolist() == [0.0, 1.0, 1.0]
    assert found[["ratio_low", "ratio_high"]].tolist() == pytest.approx([1.0, 1.0], abs=1e-12)


def test_a_mean_below_zero_has_no_ratio():
    found = disparity.zone_gap(LIGHT - 10, ZONES, ("n", "s"))
    assert found[["ratio", "ratio_low", "p_ratio"]].isna().all() and found["p_difference"] > 0


def test_divisions_and_draws_without_anything_in_a_zone_count():
    """Of 35 divisions, 4 leave at most 0.5 to the second zone: three zeros, or two of the three and
    the 0.5."""
    values = pd.Series([1, 1, 1, 0, 0, 0, 0.5], dtype=float)
    found = disparity.zone_gap(values, pd.Series(list("nnnnsss")), ("n", "s"), confidence=0.5)
    assert found["p_ratio"] == found["p_difference"] == pytest.approx(8 / 35)
    assert found["ratio_high"] == np.inf and found["ratio_low"] > 0
    other = disparity.zone_gap(values, pd.Series(list("nnnnsss")), ("s", "n"), confidence=0.5)
    assert other["ratio_low"] == 0 and other["p_ratio"] == found["p_ratio"]
    moved = disparity.gap_change(values + 1, values, pd.Series(list("nnnnsss")), ("n", "s"))
    assert moved.loc[1, "change"] == pytest.approx(3)


def test_an_endless_interval_is_drawn_to_the_edge():
    from helpers.publish.charts.inequality import zone_gaps
    from helpers.publish.texts import Texts

    table = pd.DataFrame({
        "label": ["a", "b"], "theme": "x", "zone_a": "north", "zone_b": "south",
        "ratio": [2.0, 0.5], "ratio_low": [1.2, 0.0], "ratio_high": [np.inf, 0.9],
        "ahead": ["north", "south"], "p_adjusted": [0.01, 0.5]
    })
    axes = zone_gaps(table, t=Texts("en", "disparity"), alpha=0.05).axes[0]
    drawn = [line.get_segments()[0][:, 0].tolist() for line in axes.collections]
    assert drawn == [[1.2, axes.get_xlim()[1]], [axes.get_xlim()[0], 0.9]]


def test_a_negative_value_leaves_the_ratio_without_interval():
    zones, values = pd.Series(list("nnss")), pd.Series([4.0, 5.0, -1.0, 3.0])
    found = disparity.zone_gap(values, zones, ("n", "s"))
    assert found["ratio"] == 4.5 and found[["ratio_low", "ratio_high", "p_ratio"]].isna().all()
    moved = disparity.gap_change(values, values + 2, zones, ("n", "s")).set_index("measure")
    assert moved.loc["ratio", "change"] == pytest.approx(6.5 / 3 / 4.5) and np.isnan(
        moved.loc["ratio", "ci_low"])
    with pytest.raises(ValueError, match="confidence is 95; give a share between 0 and 1"):
        disparity.zone_gap(values, zones, ("n", "s"), confidence=95)


@pytest.mark.parametrize(("change", "message"), [
    ({"values": LIGHT[ZONES != "s"]}, "zone s has no area with a value"),
    ({"population": PEOPLE.drop("b")}, "area b has no population"),
    ({"population": PEOPLE.where(ZONES != "n", 0)}, "population of zone n is zero or negative"),
    ({"population": -PEOPLE}, "population of zone n is zero or negative"),
])
def test_bad_input_of_a_gap_is_named(change, message):
    given_ = {
        "values": LIGHT, "zones": ZONES, "pair": ("n", "s"), "population": PEOPLE
    } | change
    with pytest.raises(ValueError, match=message):
        disparity.zone_gap(**given_)


def test_main_pair_leaves_the_city_out():
    assert disparity.main_pair(ZONES) == ("n", "s")
    assert disparity.main_pair(pd.Series(["s", "n",
                                          "n"])) == ("s", "n"), "in the order of the package"
    assert disparity.main_pair(pd.Series(["n", "n"])) is None


def long(name, values, year=2024):
    return pd.DataFrame(
        {"code": values.index, "indicator": name, "year": year,
         "value": values.to_numpy()}).astype({"year": "Int64"})


def test_gaps_by_indicator_and_theme():
    rows = pd.concat([long("light", LIGHT), long("poor", 30 - LIGHT), long("people", PEOPLE),
                      long("half", LIGHT[ZONES == "n"])])
    about = pd.DataFrame(
        {"direction": [1, -1, 0, 1], "theme": ["economy", "people", "", "economy"]},
        index=["light", "poor", "people", "half"])
    found = disparity.zone_gaps(rows, about, list(about.index), ZONES, ("n", "s"), "people", 2024)
    assert found["indicator"].tolist() == ["light", "poor",
                                           "people"], "one zone alone cannot be compared"
    assert found["ahead"].tolist()[:2] == ["s", "s"] and pd.isna(found["ahead"].iloc[2])
    assert (found["p_adjusted"] >= found["p_difference"]).all()
    led = disparity.lead_by_theme(found.dropna(subset="ahead")).set_index("theme")
    assert led.loc["economy", ["indicators", "ahead_a", "ahead_b"]].tolist() == [1, 0, 1]


def test_no_indicator_in_both_zones_leaves_an_empty_table():
    rows = long("half", LIGHT[ZONES == "n"])
    about = pd.DataFrame({"direction": [1], "theme": ["x"]}, index=["half"])
    assert disparity.zone_gaps(rows, about, ["half"], ZONES, ("n", "s"), None, 2024).empty


def test_change_of_a_gap():
    after = LIGHT * pd.Series({"a": 2.0}).reindex(LIGHT.index, fill_value=1.0)
    found = disparity.gap_change(LIGHT, after, ZONES, ("n", "s")).set_index("measure")
    assert found.loc["difference", ["before", "after", "change"]].tolist() == pytest.approx(
        [15 / 4 - 17 / 3, 16 / 4 - 17 / 3, 0.25])
    assert found.loc["ratio", "change"] == pytest.approx(16 / 15)
    assert found.loc["ratio", "ci_low"] < 1 < 16 / 15 < found.loc["ratio", "ci_high"]


@pytest.mark.parametrize("weights", [None, PEOPLE])
def test_an_interval_holds_what_its_test_does_not_reject(weights):
    """Just inside a limit p is above the level, just outside below it."""
    found = disparity.zone_gap(LIGHT, ZONES, ("n", "s"), weights, confidence=0.7)
    own = (ZONES == "n").astype(float)
    for limit, aside in (("low", -1), ("high", 1)):
        for step, inside in ((-1e-6, True), (1e-6, False)):
            shift = found[f"difference_{limit}"] + aside * step
            factor = found[f"ratio_{limit}"] * (1 + aside * step)
            shifted = disparity.zone_gap(LIGHT - shift * own, ZONES, ("n", "s"), weights)
            scaled = disparity.zone_gap(LIGHT / factor**own, ZONES, ("n", "s"), weights)
            assert (shifted["p_difference"] > 0.3 - 1e-9) == inside
            assert (scaled["p_ratio"] > 0.3 - 1e-9) == inside


def test_the_interval_of_a_change_moves_with_the_growth_of_a_zone():
    rng = np.random.default_rng(4)
    zones = pd.Series(["n"] * 9 + ["s"] * 6)
    before = pd.Series(rng.lognormal(0, 1, 15))
    growth = pd.Series(rng.uniform(1, 2, 15))
    limits = ["ci_low", "ci_high"]
    one, other = (disparity.gap_change(before, before * growth * factor, zones, ("n", "s"), before,
                                       permutations=499).set_index("measure").loc["ratio"]
                  for factor in (1.0, (zones == "n") * 2.0 + 1.0))
    assert other[limits].tolist() == pytest.approx((3 * one[limits]).tolist())
    assert one["ci_low"] < one["change"] < one["ci_high"]


def test_growth_dealt_out_at_random_is_seldom_called_a_rise():
    """Percentiles of a bootstrap call at least 16 % a rise or a fall."""
    zones, hits = pd.Series(["n"] * 15 + ["s"] * 7 + ["c"] * 3), []
    for draw in range(120):
        rng = np.random.default_rng([7, draw])
        before = pd.Series(rng.lognormal(0, 0.6, 25)) * zones.map({"n": 2, "s": 1, "c": 8})
        after = before * rng.lognormal(0.3, 0.1, 25)
        found = disparity.inequality_change(before, after, zones, None, 199, draw)
        change = disparity.gap_change(before, after, zones, ("n", "s"), None, 199, draw)
        hits.append([*(found["side"][:2] != "unclear"), disparity.side(change, 1)[1] != "unclear"])
    assert (np.mean(hits, axis=0) <= 0.10).all()


# Bootstrap


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_rows_of_replicates_equal_the_single_measures(rows):
    values, weights, zones = columns(rows)
    member = pd.factorize(zones)[0]
    for load in (weights, None):
        own = disparity.inequality_intervals(values, zones, load,
                                             replicates=2).set_index("measure")["value"]
        plain = np.ones(len(values)) if load is None else load.to_numpy()
        row = bootstrap._measure_rows(values.to_numpy()[None], plain[None], member).iloc[0]
        for name in ("gini", "theil", "cv", "ratio_20_20"):
            assert row[name] == pytest.approx(own[name], rel=1e-7, abs=1e-9), name
        if own["theil"] > 1e-9:
            assert row["between_share"] == pytest.approx(own["between_share"], abs=1e-6)


def test_areas_are_drawn_inside_their_zone():
    groups = np.array([0, 1, 0, 1, 1, 2])
    places = np.concatenate(list(bootstrap.redrawn(groups, 300, 1)))
    assert places.shape == (300, 6) and (groups[places] == groups).all()
    assert set(places[:, 0]) == {0, 2} and set(places[:, 1]) == {1, 3, 4} and set(places[:,
                                                                                         5]) == {5}


def test_blocks_of_replicates_change_nothing(monkeypatch):
    whole = bootstrap.replicate(LIGHT, ZONES, PEOPLE, 100, 4)
    monkeypatch.setattr(bootstrap, "AT_ONCE", 80)
    pd.testing.assert_frame_equal(whole, bootstrap.replicate(LIGHT, ZONES, PEOPLE, 100, 4))


def test_intervals_depend_on_the_seed_alone():
    state = np.random.get_state()[1].copy()
    one, same, other = (disparity.inequality_intervals(LIGHT, ZONES, PEOPLE, 50, seed)
                        for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same)
    assert not one.equals(other) and (np.random.get_state()[1] == state).all()


def test_equal_values_have_intervals_without_width():
    found = disparity.inequality_intervals(LIGHT * 0 + 0.1, ZONES, PEOPLE, 50).set_index("measure")
    for name in ("gini", "theil", "williamson", "cv"):
        assert found.loc[name].abs().max() < 1e-9
    assert found.loc["ratio_20_20"].tolist() == pytest.approx([1, 1, 1])
    assert found.loc["between_share"].isna().all(), "nothing to share out"


def test_one_area_a_zone_is_drawn_as_it_is():
    found = disparity.inequality_intervals(LIGHT, pd.Series(LIGHT.index, LIGHT.index), PEOPLE, 50)
    assert found["ci_low"].to_numpy() == pytest.approx(found["value"].to_numpy())
    assert found["ci_high"].to_numpy() == pytest.approx(found["value"].to_numpy())


def test_intervals_cover_the_truth():
    rng = np.random.default_rng(11)
    population = rng.lognormal(0, 0.5, 100_000)
    truth, zones, hits = disparity.gini(population), pd.Series(["one"] * 60), 0
    for draw in range(200):
        sample = pd.Series(rng.choice(population, 60))
        gini = disparity.inequality_intervals(sample, zones, None, 199, draw).iloc[0]
        hits += gini["ci_low"] <= truth <= gini["ci_high"]
    assert 0.86 <= hits / 200 <= 0.99, ("percentile intervals of small samples cover somewhat less "
                                        "than 95 %")


def test_growth_at_one_pace_changes_no_measure():
    found = disparity.inequality_change(LIGHT, LIGHT * 1.7, ZONES, PEOPLE, 50)
    assert found[["value", "chance_low", "chance_high"]].abs().max(axis=None) < 1e-9
    assert (found["side"] == "unclear").all()
    assert found["before"].to_numpy() == pytest.approx(found["after"].to_numpy())


def test_years_and_zones_left_out():
    rows = pd.concat(
        [long("light", LIGHT, 2018),
         long("light", LIGHT * 2, 2024),
         long("people", PEOPLE)])
    found = disparity.inequality_over_years(rows, "light", ZONES[ZONES != "c"], "people", 20)
    assert found["year"].unique().tolist() == [2018, 2024
                                               ] and len(found) == 2 * len(bootstrap.MEASURES)
    without = LIGHT[ZONES != "c"]
    assert found["value"].iloc[0] == pytest.approx(disparity.gini(without, PEOPLE[without.index]))


@pytest.mark.parametrize(("change", "message"), [
    ({"values": -LIGHT}, "area a has a negative value"),
    ({"values": LIGHT * 0}, "all values"),
    ({"values": LIGHT.where(LIGHT > 1)}, "area a has no value"),
    ({"population": PEOPLE * 0}, "all values .or all populations. are zero"),
    ({"population": -PEOPLE}, "area a has a negative population"),
    ({"zones": ZONES.drop("c")}, "area c has no group"),
    ({"replicates": 1}, "1 bootstrap replicates are too few"),
    ({"confidence": 95}, "confidence is 95; give a share between 0 and 1"),
])
def test_bad_input_of_an_interval_is_named(change, message):
    given_ = {"values": LIGHT, "zones": ZONES, "population": PEOPLE, "replicates": 20} | change
    with pytest.raises(ValueError, match=message):
        disparity.inequality_intervals(**given_)


# 20:20


def test_share_ratio_by_hand():
    assert share_ratio(range(1, 11)) == pytest.approx(19 / 3)
    assert share_ratio([1, 3], [1, 1]) == pytest.approx(3), "an area on the border is divided"
    assert share_ratio([1, 3], [3, 1], 0.5) == pytest.approx((0.25 * 3 + 0.25) / 0.5)
    assert np.isnan(share_ratio([0, 0, 0, 0, 5])), "the lowest have nothing"
    with pytest.raises(ValueError, match="share of a share ratio is 0.7"):
        share_ratio([1, 2], share=0.7)


@given(some.lists(some.floats(0.01, 1e6), min_size=1, max_size=30))
def test_share_ratio_is_one_or_more(values):
    assert share_ratio(values) >= 1 - 1e-9


# Nested Theil


def nested(values, weights=None, levels=None):
    levels = pd.DataFrame({"group": GROUPS, "zone": ZONES}) if levels is None else levels
    return disparity.nested_theil(values, levels, weights).set_index("level")["theil"]


def test_nested_theil_by_its_formula():
    share, people = PEOPLE * LIGHT / (PEOPLE * LIGHT).sum(), PEOPLE / PEOPLE.sum()
    group, zone = (pd.DataFrame({"s": share, "p": people}).groupby(by).sum()
                   for by in (GROUPS, ZONES))
    above = pd.Series({"n": "k", "s": "k", "c": "city"})[zone.index]
    inside = zone.div(group.loc[above].to_numpy())
    between_groups = (group["s"] * np.log(group["s"] / group["p"])).sum()
    between_zones = (zone["s"] * np.log(inside["s"] / inside["p"])).sum()
    own = zone.loc[ZONES].set_axis(ZONES.index)
    within = (share * np.log((share / own["s"]) / (people / own["p"]))).sum()
    assert nested(LIGHT, PEOPLE).tolist() == pytest.approx([between_groups, between_zones, within],
                                                           abs=1e-12)


def test_nested_theil_equals_pysal_level_by_level():
    found = nested(LIGHT)
    share = (LIGHT / LIGHT.sum()).to_numpy()
    outer, inner = (TheilD(share, pd.factorize(by)[0]) for by in (GROUPS, ZONES))
    assert found["group"] == pytest.approx(outer.bg[0], abs=1e-12)
    assert found["group"] + found["zone"] == pytest.approx(inner.bg[0], abs=1e-12)
    assert found["within"] == pytest.approx(inner.wg[0], abs=1e-12)


@given(ROWS)
@settings(max_examples=80, deadline=None)
def test_nested_parts_are_no_less_than_zero_and_sum_to_the_whole(rows):
    values, weights, zones = columns(rows)
    levels = pd.DataFrame({"group": zones.map(PARENTS), "zone": zones})
    parts = nested(values, weights, levels)
    assert parts.sum() == pytest.approx(disparity.theil(values, weights), abs=1e-12)
    assert (parts > -1e-12).all()
    split = disparity.theil_decomposition(values, zones, weights)
    assert parts["within"] == pytest.approx(split["within"], abs=1e-12)


def test_a_zone_in_two_groups_counts_as_two():
    levels = pd.DataFrame({"group": list("kc"), "zone": ["n", "n"]})
    assert nested(pd.Series([1.0, 3.0]), None,
                  levels).tolist() == pytest.approx([disparity.theil([1, 3]), 0, 0])


def test_bad_levels_are_named():
    with pytest.raises(ValueError, match="at least one level"):
        disparity.nested_theil([1.0, 2.0], pd.DataFrame(index=[0, 1]))
    with pytest.raises(ValueError, match="an area has no group"):
        nested(LIGHT, PEOPLE, pd.DataFrame({"group": GROUPS.where(GROUPS != "city"),
                                            "zone": ZONES}))
    equal = disparity.nested_theil(LIGHT * 0 + 1, pd.DataFrame({"zone": ZONES}))
    assert equal["theil"].abs().max() < 1e-12


# Villages


def test_pooled_means_are_those_of_the_single_villages():
    rng = np.random.default_rng(5)
    villages = pd.DataFrame(
        {"area": rng.choice(list("abcdef"), 60), "value": rng.normal(0.7, 0.1, 60)})
    zones = pd.Series(dict(zip("abcdef", "nnnsss", strict=True)))
    by_area = villages.groupby("area")["value"].agg(["mean", "std", "size"])
    found = disparity.pooled_means(by_area["mean"], by_area["std"], by_area["size"],
                                   zones).set_index("zone")
    for zone, single in villages.groupby(villages["area"].map(zones)):
        assert found.loc[zone, "mean"] == pytest.approx(single["value"].mean(), abs=1e-12)
        assert found.loc[zone, "sd"] == pytest.approx(single["value"].std(), abs=1e-12)
        apart = single["value"] - single["value"].mean()
        sums = apart.groupby(single["area"]).sum()
        robust = np.sqrt(len(sums) / (len(sums) - 1) * (sums ** 2).sum()) / len(single)
        assert found.loc[zone, "se_clustered"] == pytest.approx(robust, abs=1e-12)
        means = single.groupby("area")["value"].transform("mean")
        assert found.loc[zone, "between_share"] == pytest.approx(
            means.var(ddof=0) / single["value"].var(ddof=0))


def test_village_gap_equals_welch():
    from scipy.stats import ttest_ind

    first, second = [1.0, 2.0, 4.0, 7.0], [0.5, 1.0, 1.5]
    pooled = pd.DataFrame({
        "zone": ["n", "s"], "areas": [4, 3], "mean": [np.mean(first),
                                                      np.mean(second)],
        "se_clustered": [np.std(part, ddof=1) / len(part)**0.5 for part in (first, second)]
    })
    found, other = disparity.village_gap(pooled,
                                         ("n", "s")), ttest_ind(first, second, equal_var=False)
    assert found["p_value"] == pytest.approx(other.pvalue, abs=1e-12)
    assert found[["ci_low", "ci_high"]].tolist() == pytest.approx(list(other.confidence_interval()),
                                                                  abs=1e-12)


def test_villages_without_spread():
    one = pd.Series({"a": 0.5, "b": 0.7})
    found = disparity.pooled_means(one, one * np.nan, one * 0 + 1, pd.Series({"a": "n", "b": "n"}))
    assert found.loc[0, ["mean", "between_share"]].tolist() == pytest.approx([0.6, 1.0])
    assert disparity.village_table(long("light", LIGHT), ["light"], ZONES, 2024).empty


def test_villages_are_pooled_in_a_year_that_has_all_of_them():
    means = pd.Series({"a": 0.5, "b": 0.7})
    rows = pd.concat([
        long("idm", means, 2022),
        long("idm", means + 0.1, 2024),
        long("idm_sd", means * 0 + 0.1, 2022),
        long("villages", means * 0 + 4, 2022),
        long("villages", means * 0 + 9, 2023)
    ])
    zones, named = pd.Series({"a": "n", "b": "n"}), {"spread": "_sd", "count": "villages"}
    found = disparity.village_table(rows, ["idm"], zones, 2024, **named)
    assert found[["year", "mean", "villages"]].values.tolist() == [[2022, pytest.approx(0.6), 8]]
    undated = disparity.village_table(rows[rows["year"] == 2022].assign(year=None), ["idm"], zones,
                                      2024, **named)
    assert undated["mean"].tolist() == [pytest.approx(0.6)] and undated["year"].isna().all()
    apart = rows[(rows["indicator"] == "idm") | (rows["year"] != 2022)]
    assert disparity.village_table(pd.concat([apart, long("idm_sd", means * 0 + 0.1, 2021)]),
                                   ["idm"], zones, 2024, **named).empty


@pytest.mark.parametrize(("spread", "count", "message"), [
    (0.1, 0, "area a needs a number of villages of 1 or more; it has 0"),
    (-0.1, 3, "area a needs a spread between its villages of 0 or more; it has -0.1"),
    (np.nan, 3, "area a needs a spread"),
    (0.1, np.nan, "area a needs a number of villages"),
])
def test_bad_villages_are_named(spread, count, message):
    with pytest.raises(ValueError, match=message):
        disparity.pooled_means(pd.Series({"a": 0.5}), pd.Series({"a": spread}),
                               pd.Series({"a": count}), pd.Series({"a": "n"}))


def test_a_zone_of_one_area_has_no_village_gap():
    one = pd.Series({"a": 0.5, "b": 0.7, "c": 0.6})
    pooled = disparity.pooled_means(one, one * 0 + 0.1, one * 0 + 4,
                                    pd.Series({"a": "n", "b": "n", "c": "s"}))
    assert pooled.set_index("zone").loc["s", ["se_clustered", "ci_low"]].isna().all()
    with pytest.raises(ValueError, match="zone s has fewer than two areas"):
        disparity.village_gap(pooled, ("n", "s"))
