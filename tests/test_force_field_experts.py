"""Several experts: agreement, who stands apart, leaving one out, and draws of experts and rating
errors."""

import warnings
from itertools import product

import numpy as np
import pandas as pd
import pytest
from force_fields import pairings, panels, tables
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare

from helpers import force_field
from helpers.study.paths import ROOT

SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9],
                 [6, 2, 4, 7]]


@pytest.fixture(scope="module")
def raw():
    return [pd.read_csv(ROOT / "data" / "raw" / f"{name}.csv")
            for name in ("factors", "ratings", "linkages", "strategies")]


def test_intraclass_correlations_of_shrout_and_fleiss():
    """The published table; bounds as the R package psych prints them."""
    found = force_field.icc(pd.DataFrame(SHROUT_FLEISS))
    assert found["form"].tolist() == ["single", "average"]
    assert found["icc"].round(2).tolist() == [0.29, 0.62]
    assert found["ci_low"].round(3).tolist() == [0.019, 0.071]
    assert found["ci_high"].round(3).tolist() == [0.761, 0.927]


def test_intraclass_correlation_of_experts_who_agree_or_say_nothing():
    same = pd.DataFrame({"A": [1, 2, 5], "B": [1, 2, 5]})
    assert force_field.icc(same)["icc"].tolist() == [1, 1]
    # absolute agreement notices a milder expert
    assert force_field.icc(same + [0, 1])["icc"].iloc[0] < 1
    for empty in (pd.DataFrame({"A": [3, 3], "B": [3, 3]}), same[["A"]], same.head(1)):
        assert force_field.icc(empty)["icc"].isna().all()


@settings(max_examples=200, deadline=None)
@given(st.integers(2,
                   6).flatmap(lambda experts: st.lists(st.lists(st.integers(1, 5), min_size=experts,
                                                                max_size=experts),
                                                          min_size=2, max_size=7)))
def test_intraclass_correlations_lie_within_their_limits(ratings):
    """Where experts contradict each other, the formula of the mean divides by zero or less and
    means nothing."""
    found = force_field.icc(pd.DataFrame(ratings))
    low, value, high = (found[name].to_numpy() for name in ("ci_low", "icc", "ci_high"))
    assert not np.isinf(found[["ci_low", "icc", "ci_high"]].to_numpy()).any()
    for smaller, larger in ((low, value), (value, high), (low, high), (value, 1), (high, 1)):
        assert not (smaller > larger + 1e-9).any()


def test_experts_who_contradict_each_other_have_no_mean_to_rely_on():
    contrary = force_field.icc(pd.DataFrame([[1, 5], [5, 1], [2, 3]]))
    assert contrary["icc"].iloc[0] < 0 and contrary["icc"].isna().tolist() == [False, True]
    assert force_field.icc(pd.DataFrame([[1, 3], [3, 1]]))["icc"].isna().all()
    with warnings.catch_warnings(action="error"):  # a notebook would show the warning
        assert force_field.icc(pd.DataFrame([[3, 5, 1], [3, 1, 5]]))["ci_high"].isna().all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(1, 5), min_size=6, max_size=6), min_size=3, max_size=6))
def test_concordance_equals_friedmans_test(ratings):
    matrix = pd.DataFrame(ratings).T
    found = force_field.kendall_w(matrix)
    if (matrix.nunique() == 1).all():
        assert np.isnan(found["w"])
    else:
        # objects are the treatments, experts the blocks
        other = friedmanchisquare(*matrix.to_numpy())
        assert (found["chi2"], found["p_chi2"]) == pytest.approx((other.statistic, other.pvalue))
        assert -1e-9 <= found["w"] <= 1 + 1e-9


def test_concordance_by_permutation():
    matrix = pd.DataFrame({"A": [1, 2, 3], "B": [1, 2, 3], "C": [1, 2, 3]})
    found = force_field.kendall_w(matrix, 20_000, np.random.default_rng(0))
    assert found["w"] == 1
    # all three alike: 6 of the 6 x 6 x 6 orders
    assert found["p_permutation"] == pytest.approx(1 / 36, abs=0.004)
    assert np.isnan(force_field.kendall_w(matrix)["p_permutation"])


def test_an_expert_who_rated_half_is_left_out_of_agreement():
    matrix = pd.DataFrame({"A": [1, 2, 3], "B": [2, 2, 5], "C": [5, np.nan, 1]})
    assert force_field.kendall_w(matrix)["experts"] == 2
    pd.testing.assert_frame_equal(force_field.icc(matrix), force_field.icc(matrix[["A", "B"]]))
    assert np.isnan(force_field.kendall_w(matrix[["A", "C"]])["w"])


def test_agreement_table_has_a_row_for_each_kind_of_rating(raw):
    _, ratings, linkages, _ = raw
    table = force_field.agreement_table(ratings, linkages,
                                        np.random.default_rng(0)).set_index("judged")
    assert table["objects"].to_dict() == {"urgency": 18, "support": 18, "linkage": 153}
    urgency = force_field.expert_matrix(ratings, "urgency")
    assert table.loc["urgency", "w"] == pytest.approx(force_field.kendall_w(urgency)["w"])
    found = force_field.icc(urgency)
    assert table.loc["urgency", ["icc_average", "average_low"]].tolist() == pytest.approx(
        found.loc[1, ["icc", "ci_low"]].tolist())


def test_matrix_of_linkages_knows_no_direction():
    linkages = pd.DataFrame({
        "expert": ["A", "B"], "factor_a": ["D1", "R1"], "factor_b": ["R1", "D1"], "linkage": [2, 5]
    })
    assert force_field.expert_matrix(linkages, "linkage").values.tolist() == [[2, 5]]
    with pytest.raises(ValueError,
                       match="judged is 'weight'; allowed are 'urgency', 'support', 'linkage'"):
        force_field.expert_matrix(linkages, "weight")


def test_outlying_experts_are_named_by_distance_or_direction():
    rng = np.random.default_rng(3)
    truth = np.tile([2, 3, 4], 4)
    matrix = pd.DataFrame(
        {f"E{i}": np.clip(truth + rng.integers(-1, 2, 12), 1, 5) for i in range(1, 8)})
    assert not force_field.outlying_experts(matrix)["outlying"].any()
    against = force_field.outlying_experts(matrix.assign(E8=6 - truth)).set_index("expert")
    assert against.query("outlying").index.tolist() == ["E8"] and against.loc["E8",
                                                                              "correlation"] < 0
    severe = force_field.outlying_experts((matrix - 1).clip(1, 5).assign(E8=(truth + 3).clip(1, 5)))
    assert severe.query("outlying")["expert"].tolist() == ["E8"]
    assert severe["z"].iloc[-1] > 3.5 and severe["level"].iloc[-1] > 1
    single = force_field.outlying_experts(matrix[["E1"]])
    assert not single["outlying"].any() and single["rated"].tolist() == [12]


def test_leaving_one_expert_out(raw):
    factors, ratings, linkages, strategies = raw
    found = force_field.leave_one_out(factors, ratings, linkages, strategies, keys=3,
                                      weighting="joint")
    assert found["expert"].tolist() == [f"E{i}" for i in range(1, 8)]
    others = [table[table["expert"] != "E3"] for table in (ratings, linkages)]
    expected = force_field.analyse(factors, *others, weighting="joint")
    assert found["net"].iloc[2] == pytest.approx(force_field.force_totals(expected, "tnb")["net"])
    first = force_field.rank_strategies(strategies, expected).query("rank <= 3")["strategy"]
    assert found["top_strategies"].iloc[2] == ", ".join(first)
    assert found["rank_correlation"].between(0.5, 1).all()


def test_leaving_out_the_only_rater_of_a_factor_gives_no_result(raw):
    factors, ratings, linkages, strategies = raw
    only = ratings[(ratings["expert"] == "E1") | (ratings["factor"] != "D1")]
    found = force_field.leave_one_out(factors, only, linkages, strategies).set_index("expert")
    assert np.isnan(found.loc["E1", "net"]) and found["net"].notna().sum() == 6
    alone = [table[table["expert"] == "E1"] for table in (ratings, linkages)]
    assert force_field.leave_one_out(factors, *alone, strategies).empty


def test_a_force_of_one_factor_has_no_order_to_compare(raw):
    factors, ratings, linkages, strategies = raw
    few = factors[(factors["force"] == "driving") | (factors["factor"] == "H1")]
    kept = [ratings[ratings["factor"].isin(few["factor"])],
            linkages[linkages[["factor_a", "factor_b"]].isin(list(few["factor"])).all(axis=1)]]
    found = force_field.leave_one_out(few, *kept, strategies[strategies["restraining"] == "H1"])
    assert found["rank_correlation"].between(-1, 1).all()


@pytest.mark.parametrize("column", ["urgency", "linkage"])
def test_draws_refuse_ratings_between_two_steps(raw, column):
    factors, ratings, linkages, _ = raw
    given = [
        table.astype({column: float}).replace({column: {4.0: 3.5}}) if column in table else table
        for table in (ratings, linkages)
    ]
    with pytest.raises(ValueError, match="one of them is 3.5; an error is one whole step"):
        force_field.draw_tnb(factors, *given, 5, np.random.default_rng(0))


@pytest.mark.parametrize("aggregate", ["mean", "median", "mode"])
def test_draws_without_errors_are_analyses_of_drawn_experts(aggregate):
    """With two experts there are three samples: AA (1/4), AB (1/2), BB (1/4); each is analysed by
    its ratings."""
    nk = np.array([[0, 1, 2], [1, 0, 5], [2, 5, 0]])
    factors, first, pairs = tables(2, 1, [1, 2, 3], [4, 5, 1], nk, experts=["A"])
    _, second, more = tables(2, 1, [5, 2, 4], [2, 2, 3], 5 - nk, experts=["B"])
    panel = {"A": (first, pairs), "B": (second, more)}
    drawn = force_field.draw_tnb(factors, pd.concat([first, second]), pd.concat([pairs,
                                                                                 more]), 4000,
                                 np.random.default_rng(5), rating_error=0, aggregate=aggregate)
    found, counts = np.unique(drawn.tnb.round(9), axis=0, return_counts=True)
    expected = {}
    for sample in product("AB", repeat=2):
        parts = [[panel[name][part].assign(expert=place) for place, name in enumerate(sample)]
                 for part in (0, 1)]
        tnb = force_field.analyse(factors, *map(pd.concat, parts), aggregate=aggregate)["tnb"]
        expected[tuple(tnb.round(9))] = expected.get(tuple(tnb.round(9)), 0) + 1 / 4
    assert {tuple(row) for row in found} == set(expected)
    for row, count in zip(found, counts):
        assert count / 4000 == pytest.approx(expected[tuple(row)], abs=0.03)


@pytest.mark.parametrize("aggregate", ["mean", "median"])
def test_draws_with_errors_follow_the_stated_probabilities(aggregate):
    """One expert, one factor a side: support 5 can only fall, 3 can do both; urgency does not
    matter here."""
    factors, ratings, linkages = tables(1, 1, [3, 3], [5, 3], [[0, 0], [0, 0]])
    drawn = force_field.draw_tnb(factors, ratings, linkages, 40_000, np.random.default_rng(1),
                                 rating_error=0.4, aggregate=aggregate)
    linkage = 0.2  # 0 can only rise
    supports = {5: 0.8, 4: 0.2}, {3: 0.6, 2: 0.2, 4: 0.2}
    for column, chances in enumerate(supports):
        for total in (2, 3, 4, 5, 6):
            expected = chances.get(total, 0) * (1 - linkage) + chances.get(total - 1, 0) * linkage
            assert (drawn.tnb[:,
                              column] == total).mean() == pytest.approx(expected,
                                                                        abs=0.01), (column, total)


@settings(max_examples=15, deadline=None)
@given(panels(), st.sampled_from(["mean", "median", "mode"]), st.sampled_from(["all", "own"]),
       st.sampled_from(["n_minus_1", "n", "rated"]))
def test_shares_are_shares(panel, aggregate, scope, divisor):
    drawn = force_field.draw_tnb(*panel, 60, np.random.default_rng(0), aggregate=aggregate,
                                 linkage_scope=scope, divisor=divisor, weighting="joint")
    assert len(drawn) == 60 and np.isfinite(drawn.tnb).all() and (drawn.tnb >= 0).all()
    by_factor = force_field.factor_acceptability(drawn).groupby("factor")["share"].sum()
    by_strategy = force_field.strategy_acceptability(drawn, pairings(panel[0]), "product")
    assert by_factor.to_numpy() == pytest.approx(1)
    assert by_strategy.groupby("strategy")["share"].sum().to_numpy() == pytest.approx(1)
    assert force_field.verdict_shares(drawn).sum() == pytest.approx(1)
    top = force_field.top_shares(by_strategy, top=2)
    assert (top["share_first"] <= top["share_top"] + 1e-9).all() and (top["mean_rank"] >= 1).all()


def test_drawn_means_centre_on_the_analysis(raw):
    factors, ratings, linkages, _ = raw
    analysed = force_field.analyse(factors, ratings, linkages, divisor="n")
    drawn = force_field.draw_tnb(factors, ratings, linkages, 5000, np.random.default_rng(2),
                                 rating_error=0, divisor="n")
    assert drawn.tnb.mean(axis=0) == pytest.approx(analysed["tnb"].to_numpy(), abs=0.01)


def test_a_shift_of_urgency_reaches_every_draw(raw):
    factors, ratings, linkages, _ = raw
    shift = pd.Series({"D1": 4.0})
    one = [table[table["expert"] == "E1"] for table in (ratings, linkages)]
    drawn = force_field.draw_tnb(factors, *one, 3, np.random.default_rng(0), rating_error=0,
                                 urgency_shift=shift)
    informed = force_field.analyse(factors, *one, urgency_shift=shift)
    assert informed["nu"].iloc[0] == 5
    assert drawn.tnb[0] == pytest.approx(informed["tnb"].to_numpy())


def test_urgency_from_elsewhere_is_the_same_in_every_draw(raw):
    factors, ratings, linkages, _ = raw
    one = [table[table["expert"] == "E1"] for table in (ratings, linkages)]
    urgency = pd.Series(range(18), index=factors["factor"])
    drawn = force_field.draw_tnb(factors, *one, 3, np.random.default_rng(0), rating_error=0,
                                 urgency=urgency)
    assert drawn.tnb[2] == pytest.approx(
        force_field.analyse(factors, *one, urgency=urgency)["tnb"].to_numpy())


def test_who_left_out_a_factor_or_a_pair_is_replaced_by_all(raw):
    factors, ratings, linkages, _ = raw
    only = ratings[(ratings["expert"] == "E1") | (ratings["factor"] != "D1")]
    few = linkages[(linkages["expert"] == "E1") | (linkages["factor_a"] != "D1")]
    for aggregate in force_field.AGGREGATES:
        drawn = force_field.draw_tnb(factors, only, few, 50, np.random.default_rng(0),
                                     rating_error=0, aggregate=aggregate)
        assert np.isfinite(drawn.tnb).all()


def test_same_seed_same_draws_however_many_follow(raw):
    factors, ratings, linkages, _ = raw
    drawn = force_field.draw_tnb(factors, ratings, linkages, 5_000, np.random.default_rng(7))
    again = force_field.draw_tnb(factors, ratings, linkages, 2_000, np.random.default_rng(7))
    assert (again.tnb == drawn.tnb[:2_000]).all()


@pytest.mark.parametrize(("option", "message"), [
    ({"draws": 0}, "draws is 0; at least one is needed"),
    ({"rating_error": 1.5}, "rating_error is 1.5; it is a probability, so allowed is 0 to 1"),
    ({"aggregate": "max"}, "aggregate is 'max'; allowed are"),
    ({"divisor": "m"}, "divisor is 'm'; allowed are"),
])
def test_bad_options(raw, option, message):
    with pytest.raises(ValueError) as error:
        force_field.draw_tnb(*raw[:3], **{"draws": 10, "rng": np.random.default_rng(0)} | option)
    assert message in str(error.value)
