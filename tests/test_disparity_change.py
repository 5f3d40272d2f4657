"""Convergence, weights of the index, stability of ranks, sectors: hand numbers, other
implementations, bad input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from helpers import disparity
from helpers.disparity.index import weights

LEVELS = some.lists(some.floats(0.1, 1e3), min_size=6, max_size=20, unique=True)
AREAS = pd.DataFrame({"light": [1.0, 2.0, 4.0, 9.0, 3.0], "school": [5.0, 1.0, 3.0, 4.0, 2.0],
                      "poor": [30.0, 20.0, 25.0, 5.0, 10.0]}, index=list("abcde"))
DIRECTION = pd.Series({"light": 1, "school": 1, "poor": -1})
THEMES = pd.Series({"light": "economy", "school": "people", "poor": "people"})


# Convergence


def made(initial, growth, years=4):
    initial = pd.Series(initial, dtype=float)
    return pd.DataFrame({2000: initial, 2000 + years: initial * np.exp(years * np.asarray(growth))})


def test_beta_by_another_implementation():
    from spreg import OLS

    rng = np.random.default_rng(2)
    initial = rng.lognormal(0, 1, 20)
    table = made(initial, 0.05 - 0.02 * np.log(initial) + rng.normal(0, 0.01, 20))
    _, x, y = disparity.growth_points(table)
    found, other = disparity.beta_convergence(table), OLS(y.to_numpy(), x.to_numpy()[:, None])
    assert found["b"] == pytest.approx(other.betas[1, 0], abs=1e-10)
    assert found["r_squared"] == pytest.approx(other.r2, abs=1e-10)
    leverage = 1 / 20 + (x - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum()
    scaled = (x - x.mean()) * other.u[:, 0] / (1 - leverage)
    assert found["se"] == pytest.approx(
        np.sqrt((scaled**2).sum()) / ((x - x.mean())**2).sum(), abs=1e-12)


def test_conditional_beta_looks_inside_the_zones():
    """Inside both zones the lower ones catch up; the higher zone grows faster, so that over all of
    them none do."""
    initial = np.exp([0.0, 1.0, 2.0, 5.0, 6.0, 7.0])
    table = made(initial, [0.03, 0.02, 0.01, 0.13, 0.12, 0.11])
    zones = pd.Series(list("aaabbb"))
    inside, over = disparity.beta_convergence(table, zones), disparity.beta_convergence(table)
    assert inside["b"] == pytest.approx(-0.01) and over["b"] > 0
    assert inside["half_life"] == pytest.approx(-4 * np.log(2) / np.log(1 - 0.04)) and np.isnan(
        over["half_life"])


def test_an_area_alone_in_its_zone_tells_nothing_about_the_slope():
    table = made(np.exp([0.0, 1.0, 2.0, 5.0, 6.0, 7.0, 3.0]),
                 [0.03, 0.02, 0.01, 0.13, 0.12, 0.11, 9.0])
    found = disparity.beta_convergence(table, pd.Series(list("aaabbbc")))
    assert found["areas"] == 6 and found["b"] == pytest.approx(-0.01)


def test_half_life_is_the_time_to_half_of_the_distance():
    start, rate, years = np.log([1.0, 2.0, 5.0, 9.0, 30.0, 70.0]), 0.1, 7
    end = 2 + (start - 2) * np.exp(-rate * years)
    found = disparity.beta_convergence(pd.DataFrame({0: np.exp(start), years: np.exp(end)}))
    assert found["half_life"] == pytest.approx(np.log(2) / rate)


@given(LEVELS, some.floats(0.1, 50))
@settings(max_examples=40, deadline=None)
def test_units_of_measurement_change_neither_beta_nor_sigma(levels, factor):
    rng = np.random.default_rng(len(levels))
    table = made(levels, rng.normal(0.02, 0.01, len(levels)))
    one, other = disparity.beta_convergence(table), disparity.beta_convergence(factor * table)
    assert other["b"] == pytest.approx(one["b"], rel=1e-6, abs=1e-9)
    assert disparity.sigma(factor * table).tolist() == pytest.approx(
        disparity.sigma(table).tolist(), abs=1e-9)


def test_one_pace_for_all_is_no_convergence():
    found = disparity.beta_convergence(made([1, 2, 3, 4, 5, 6], [0.05] * 6))
    assert found["b"] == pytest.approx(0, abs=1e-12) and np.isnan(found["half_life"])
    line = disparity.sigma(made([1, 2, 3, 4, 5, 6], [0.05] * 6))
    assert line.iloc[0] == pytest.approx(line.iloc[1])


def test_trend_equals_scipy():
    from scipy.stats import linregress, t

    line = pd.Series([0.7, 0.75, 0.71, 0.8], index=[2018, 2019, 2021, 2024])
    found, other = disparity.trend(line), linregress(line.index, line)
    assert found["slope"] == pytest.approx(other.slope) and found["p_value"] == pytest.approx(
        other.pvalue)
    assert found["ci_high"] == pytest.approx(other.slope + t.ppf(0.975, 2) * other.stderr)
    assert disparity.trend(line.iloc[:2])[["ci_low", "ci_high", "p_value"]].isna().all()


def test_areas_with_gaps_and_zeros_are_left_out():
    by_year = {
        2018: pd.Series({"a": 1.0, "b": 0.0, "c": 2.0, "d": 3.0}),
        2019: pd.Series({"a": 1.0, "b": 1.0, "c": -2.0}), 2020: pd.Series({"a": 5.0, "c": 1.0})
    }
    assert disparity.balanced(by_year, 2018, 2020).index.tolist() == ["a"]
    assert disparity.balanced(by_year, 2018, 2018).index.tolist() == ["a", "c", "d"]
    assert disparity.balanced({None: by_year[2018]}, None, None).empty


def test_what_cannot_be_judged_has_no_row():
    table, zones = made([1, 2, 3, 4, 5, 6], np.linspace(0, 0.05, 6)), pd.Series(list("nnnssc"))
    found = disparity.convergence_table(table, zones, ("n", "s"))
    assert found["scope"].tolist() == [
        "all", "pair"
    ], "five areas in two zones are too few for a line of their own"
    assert disparity.convergence_table(table.iloc[:, :1], zones, None).empty
    assert disparity.convergence_table(table.iloc[:4], zones, None).empty
    assert disparity.convergence_table(made([2] * 6, [0.1] * 6), zones, None).empty
    assert disparity.convergence_table(pd.DataFrame(), zones, None).empty


@pytest.mark.parametrize(("table", "message"), [
    (made([1, 2, 3, 4], [0.1] * 4), "convergence of 4 areas cannot be judged; at least 5"),
    (made([2] * 6, [0.1] * 6), "the first values are all equal"),
    (made([2, 2, 2, 2, 2, 9], [0.1, 0.2, 0.3, 0.1, 0.2, 0.3]),
     "area 5 alone decides a coefficient"),
    (made([1, 2, 3, 4, 5, 6], [0.1] * 6).iloc[:, :1], "at least two years"),
])
def test_bad_input_of_convergence_is_named(table, message):
    with pytest.raises(ValueError, match=message):
        disparity.beta_convergence(table)


def test_a_trend_needs_two_years():
    with pytest.raises(ValueError, match="trend needs values of at least two years"):
        disparity.trend(pd.Series({2020: 1.0}))


def test_window_of_change():
    years = [2018, 2020, 2024]
    assert disparity.window(years, 2018) == (2018, 2024) and disparity.window(years,
                                                                              1900) == (2018, 2024)
    assert disparity.window(years,
                            2024) == (2018, 2024), "a window of one year would show no change"
    assert disparity.window([2020], 2020) == (2020, 2020)


# Weights of the index


@pytest.mark.parametrize("rule", weights.RULES)
def test_weights_sum_to_one_and_follow_no_order(rule):
    found = disparity.index_weights(AREAS, DIRECTION, THEMES, rule)
    turned = disparity.index_weights(AREAS[AREAS.columns[::-1]].iloc[::-1], DIRECTION, THEMES, rule)
    assert found.sum() == pytest.approx(1) and (found >= 0).all()
    assert turned[found.index].tolist() == pytest.approx(found.tolist())


@pytest.mark.parametrize("rule", ["pca", "entropy"])
@given(factor=some.floats(0.01, 100), shift=some.floats(-100, 100))
@settings(max_examples=25, deadline=None)
def test_units_of_measurement_change_no_weight(rule, factor, shift):
    other = AREAS.assign(light=factor * AREAS["light"] + shift)
    found = [disparity.index_weights(part, DIRECTION, THEMES, rule) for part in (AREAS, other)]
    assert found[0].to_numpy() == pytest.approx(found[1].to_numpy(), abs=1e-7)


def test_pca_index_of_z_scores_is_the_first_component():
    rng = np.random.default_rng(3)
    common = rng.normal(size=40)
    areas = pd.DataFrame({name: common + rng.normal(scale=scale, size=40) for name, scale in
                          (("light", 0.3), ("school", 0.6), ("poor", 0.9))})
    areas["poor"] *= -1
    load = disparity.index_weights(areas, DIRECTION, THEMES, "pca")
    index = disparity.development_index(areas, DIRECTION, load, "z")["index"]
    scores = (areas * DIRECTION - (areas * DIRECTION).mean()) / areas.std(ddof=0)
    first = np.linalg.svd(scores.to_numpy(), full_matrices=False)[2][0]
    component = scores.to_numpy() @ first
    assert abs(np.corrcoef(component, index)[0, 1]) == pytest.approx(1, abs=1e-12)
    assert load["light"] > load["school"] > load["poor"], "the noisier, the lighter"


def test_pca_gives_nothing_to_what_points_the_other_way():
    rng = np.random.default_rng(4)
    common = rng.normal(size=30)
    areas = pd.DataFrame(
        {"light": common + rng.normal(scale=0.2, size=30), "school": common, "poor": common})
    assert disparity.index_weights(areas, DIRECTION, THEMES, "pca")["poor"] == 0


def test_entropy_weights_by_hand():
    """Scaled to 0-1, light is 0, .125, .375, 1, .25 and poor, turned round, 0, .4, .2, 1, .8."""
    found = disparity.index_weights(AREAS, DIRECTION, THEMES, "entropy")
    told = {"light": np.array([0.125, 0.375, 1, 0.25]), "school": np.array([1, 0.5, 0.75, 0.25]),
            "poor": np.array([0.4, 0.2, 1, 0.8])}
    left = {
        name: 1 + ((x / x.sum()) * np.log(x / x.sum())).sum() / np.log(5)
        for name, x in told.items()
    }
    assert found.to_dict() == pytest.approx(
        {name: part / sum(left.values()) for name, part in left.items()}, abs=1e-12)


def test_weights_with_gaps_and_constants():
    gaps = AREAS.assign(flat=1.0, empty=np.nan)
    direction, themes = (pd.concat([part, pd.Series(value, ["flat", "empty"])]) for part, value in
                         ((DIRECTION, 1), (THEMES, "x")))
    found = disparity.index_weights(gaps, direction, themes, "pca")
    assert found[["flat", "empty"]].tolist() == [0, 0]
    assert found[AREAS.columns].tolist() == pytest.approx(
        disparity.index_weights(AREAS, DIRECTION, THEMES, "pca").tolist())


@pytest.mark.parametrize(("values", "rule", "message"), [
    (AREAS, "delphi",
     "index_weights is 'delphi'; allowed are 'equal', 'theme_equal', 'pca', 'entropy'"),
    (AREAS.iloc[:2], "pca", "2 areas have a value in every indicator"),
    (AREAS * 0, "entropy", "an indicator that differs between them: choose equal or theme_equal"),
])
def test_bad_weights_are_named(values, rule, message):
    with pytest.raises(ValueError, match=message):
        disparity.index_weights(values, DIRECTION, THEMES, rule)


# Stability of ranks


def test_all_ways_are_tried_once():
    found = disparity.rank_variants(AREAS, DIRECTION, THEMES, "z", "entropy")
    assert found.index[0] == ("z", "entropy", "") and found.index.is_unique
    assert len(found) == 3 * 4 + 3


def test_ranks_of_every_way_are_those_of_the_index():
    found = disparity.rank_variants(AREAS, DIRECTION, THEMES, "z", "entropy")
    for way, ranks in found.iterrows():
        scale, rule, left_out = way
        kept = AREAS.drop(columns=left_out, errors="ignore")
        load = disparity.index_weights(kept, DIRECTION, THEMES, rule)
        expected = disparity.development_index(kept, DIRECTION[kept.columns], load, scale)["rank"]
        assert ranks.tolist() == expected.tolist(), way


def test_one_indicator_is_never_left_out_and_sparse_data_give_no_weights():
    one = AREAS[["light"]]
    found = disparity.rank_variants(one, DIRECTION, THEMES, "min_max", "equal")
    assert len(found) == 12 and (found
                                 == found.iloc[0]).all(axis=None), "one indicator has one order"
    sparse = AREAS.where(
        pd.DataFrame({"light": list("11000"), "school": list("11111"), "poor": list("11111")},
                     index=AREAS.index) == "1")
    ways = disparity.rank_variants(sparse, DIRECTION, THEMES, "min_max", "equal").index
    assert not {"pca", "entropy"} & set(ways.get_level_values("weights"))


def test_ranges_and_agreement():
    variants = disparity.rank_variants(AREAS, DIRECTION, THEMES, "min_max", "equal")
    ranges, agreement = disparity.rank_ranges(variants), disparity.rank_agreement(variants)
    assert (ranges["best"] <= ranges["rank"]).all() and (ranges["rank"] <= ranges["worst"]).all()
    assert len(agreement) == len(variants) - 1 and agreement["kendall"].between(-1, 1).all()
    assert agreement["largest_move"].max() == (variants - variants.iloc[0]).abs().max(axis=None)


def test_areas_without_a_rank_stay_without_a_range():
    sparse = AREAS.copy()
    sparse.loc["c", ["light", "school"]] = np.nan
    variants = disparity.rank_variants(sparse, DIRECTION, THEMES, "min_max", "equal")
    assert disparity.rank_ranges(variants).loc["c"].isna().all()
    others = disparity.rank_variants(sparse.drop("c"), DIRECTION, THEMES, "z", "equal")
    assert disparity.rank_agreement(variants)["kendall"].notna().all() and others.notna().all(
        axis=None)


def test_ways_without_a_common_area_have_no_agreement():
    ways = pd.MultiIndex.from_tuples([("z", "equal", ""), ("z", "equal", "light")],
                                     names=["normalisation", "weights", "left_out"])
    found = disparity.rank_agreement(
        pd.DataFrame({"a": [1.0, np.nan], "b": [np.nan, 1.0]}, index=ways))
    assert found[["kendall", "largest_move"]].isna().all(axis=None)


# Sectors


def test_sector_quotients_average_to_one_over_the_people():
    sectors = pd.DataFrame({"trade": [10.0, 30.0, 5.0], "farm": [20.0, 10.0, 60.0]},
                           index=list("abc"))
    total, zones = pd.Series([100.0, 80.0, 90.0], list("abc")), pd.Series(list("nns"), list("abc"))
    found = disparity.sector_quotients(sectors, total, zones).set_index(["zone", "sector"])
    assert found.loc[("n", "trade"), "location_quotient"] == pytest.approx((40 / 180) / (45 / 270))
    assert found.groupby("zone")["share"].sum().tolist() == pytest.approx([1, 1])
    people = {"n": 180, "s": 90}
    trade = found.xs("trade", level="sector")["location_quotient"]
    assert sum(trade[zone] * people[zone] for zone in people) == pytest.approx(270)
    with pytest.raises(ValueError, match="area c has more people in its sectors than in its total"):
        disparity.sector_quotients(sectors, total - 30, zones)


def test_sensitivity_has_the_share_ratio():
    light, zones = pd.Series([1.0, 1.0, 4.0]), pd.Series(["n", "n", "s"])
    found = disparity.sensitivity(light, zones, None, None)
    assert found["ratio_20_20"].tolist() == pytest.approx([4.0, 1.0])
