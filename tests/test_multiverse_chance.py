"""What chance alone gives: the joint test of a specification curve, and strategies among the
first."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from permutation_checks import permutation_p

from helpers import force_field, multiverse
from helpers.multiverse import Choices, chance, curve_test
from helpers.study import choices
from helpers.study.paths import ROOT

ALL = np.array(list(combinations(range(8), 5)))
SIDES = np.array([[1] * 5 + [-1] * 3])


@pytest.fixture(scope="module")
def analysis(in_force, study):
    return multiverse.Analysis(multiverse.read(study), in_force, study.child_seed("zones"))


def test_a_curve_of_one_specification_is_the_permutation_test():
    values = np.random.default_rng(3).normal(size=8)
    found = curve_test(values[None], SIDES, 8, ALL, True, 0.05).set_index("statistic")
    expected = permutation_p(values[:5], values[5:])
    assert found.loc[["median_z", "mean_z"], "p_value"].tolist() == pytest.approx([expected] * 2)
    assert found["divisions"].tolist() == [56] * 3
    assert found.loc["share_significant", "observed"] == float(expected < 0.05)


def test_the_scale_of_a_specification_does_not_matter_and_repeating_it_adds_nothing():
    values = np.random.default_rng(4).normal(size=(3, 8))
    sides = np.repeat(SIDES, 3, axis=0)
    once = curve_test(values, sides, 8, ALL, True, 0.05)
    scaled = curve_test(values * [[1], [10], [0.1]], sides, 8, ALL, True, 0.05)
    twice = curve_test(np.vstack([values, values]), np.vstack([sides, sides]), 8, ALL, True, 0.05)
    for other in (scaled, twice):
        pd.testing.assert_frame_equal(once, other)


def test_p_values_are_those_of_nothing_where_there_is_nothing():
    """Of 300 curves of four related specifications some five per cent are below five."""
    rng, p = np.random.default_rng(5), []
    for _ in range(300):
        values = rng.normal(size=8) + rng.normal(scale=0.7, size=(4, 8))
        found = curve_test(values, np.repeat(SIDES, 4, axis=0), 8, ALL, True, 0.05)
        p.append(found.set_index("statistic")["p_value"])
    below = (pd.DataFrame(p) <= 0.1).mean()
    assert below["median_z"] == pytest.approx(0.1, abs=0.04)
    assert below["mean_z"] == pytest.approx(0.1, abs=0.04)


def test_random_divisions_count_the_observed_one_and_areas_that_stay_are_in_the_means():
    values, sides = np.array([[5.0, 1.0, 0.0, 9.0]]), np.array([[1, -1, -1, 1]])
    found = curve_test(values, sides, 3, np.array([[1], [2]]), False, 0.5)
    assert found["divisions"].tolist() == [3] * 3
    # (5 + 9) / 2 - 1/2 = 6.5 is observed; (1 + 9) / 2 - 5/2 = 2.5 and (0 + 9) / 2 - 3 = 1.5 dealt.
    spread = np.std([6.5, 2.5, 1.5])
    assert found["observed"].iloc[0] == pytest.approx(6.5 / spread)
    assert found["p_value"].iloc[0] == pytest.approx(1 / 3)


def test_an_area_without_an_index_is_left_out():
    values = np.array([[3.0, 1.0, np.nan, 0.0]])
    found = curve_test(values, np.array([[1, 1, 1, -1]]), 4, np.array([[1, 2, 3]]), False, 0.5)
    # Observed (3 + 1) / 2 - 0, dealt (1 + 0) / 2 - 3.
    assert found["observed"].iloc[0] == pytest.approx(2.0 / np.std([2.0, -2.5]))


def test_the_curve_of_the_project_is_more_than_chance(analysis, study, in_force):
    listed = choices.load(ROOT / "multiverse.yml", in_force)
    found = multiverse.joint_test(analysis, study.table("claims"), listed, 0.05, 499,
                                  study.child_seed("joint"))
    assert found["claim"].unique().tolist() == ["c01"]
    assert found["specifications"].unique().tolist() == [3 * 2 * 3 * 4 * 4 * 3 * 2]
    # 511 divisions of the 22 kecamatan of the Kabupaten into a contiguous 7 and 15.
    by_null = found.groupby("dealt_to")["divisions"].first()
    assert by_null.to_dict() == {"labels": 500, "contiguous": 511, "neighbours": 250}
    dealt = found[found["dealt_to"] != "neighbours"]
    assert (dealt["p_value"] < 0.05).all()
    shares = dealt[dealt["statistic"] == "share_significant"]
    assert (shares["observed"] > 0.8).all() and (shares["expected"] < 0.1).all()
    # Neighbours that are alike give such a curve more often than one in twenty.
    assert found.loc[found["dealt_to"] == "neighbours", "p_value"].between(0.05, 0.15).all()


def test_a_curve_whose_neighbours_are_not_alike_is_dealt_out_to_single_areas():
    """Without anybody to be alike to, what is made alike again is the deal itself."""
    rng = np.random.default_rng(3)
    values, sides = rng.normal(size=(3, 7)), np.repeat([[1, 1, 1, -1, -1, -1, 1]], 3, axis=0)
    values[1, 2] = np.nan
    order = np.random.default_rng(9).permuted(np.tile(np.arange(6), (50, 1)), axis=1)
    found = next(chance._alike(values, sides, 6, 3, frozenset(), 50, 9))
    assert found.shape == (3, 51)
    for draw, places in enumerate(order):
        for one in (0, 2):
            dealt = values[one, places]
            expected = (dealt[:3].sum() + values[one, 6]) / 4 - dealt[3:].mean()
            assert found[one, draw + 1] == pytest.approx(expected)
    assert found[1, 0] == pytest.approx(values[1, [0, 1, 6]].mean() - values[1, 3:6].mean())


def test_without_polygons_or_zones_there_is_less_to_test(analysis, study, in_force):
    listed = Choices({"disparity.city_zone": ["own", "north"]})
    without = {name: table for name, table in analysis.inputs.items() if name != "polygons"}
    bare = multiverse.Analysis(without, in_force, 7)
    wanted = study.table("claims")
    found = multiverse.joint_test(bare, wanted, listed, 0.05, 99, 1)
    assert set(found["dealt_to"]) == {"labels"} and set(found["specifications"]) == {2}
    assert multiverse.joint_test(bare, wanted.iloc[2:], listed, 0.05, 99, 1).empty
    assert multiverse.joint_test(multiverse.Analysis({}, in_force, 7), wanted, listed, 0.05, 99,
                                 1).empty


def test_of_nine_strategies_each_is_among_the_first_three_in_a_third(analysis, study):
    odds = multiverse.strategy_odds(analysis, study.table("claims"), 3, 4000,
                                    np.random.default_rng(1))
    assert len(odds) == 9 and odds["by_chance"].between(0.30, 0.37).all()
    redrawn = odds[odds["claim"] != ""].set_index("claim")["redrawn"]
    assert redrawn["c13"] > 0.75 and redrawn["c14"] < 0.1 and 0.4 < redrawn["c12"] < 0.8


def test_strategies_that_gaps_inform_have_no_odds(analysis, study, in_force):
    informed = in_force | {"force_field": in_force["force_field"] | {"evidence": "gaps"}}
    wanted = study.table("claims")
    for other in (multiverse.Analysis(analysis.inputs, informed, 7),
                  multiverse.Analysis({}, in_force, 7)):
        assert multiverse.strategy_odds(other, wanted, 3, 100, np.random.default_rng(1)).empty


def test_weights_are_dealt_out_within_a_force():
    factors = pd.DataFrame({"factor": list("abcd"), "force": ["driving"] * 2 + ["restraining"] * 2})
    drawn = force_field.dealt_anew(factors, [1, 2, 7, 8], 50, np.random.default_rng(0))
    assert (np.sort(drawn.tnb[:, :2]) == [1, 2]).all()
    assert (np.sort(drawn.tnb[:, 2:]) == [7, 8]).all()
    assert len(np.unique(drawn.tnb, axis=0)) == 4
