"""Force field analysis: a constructed case worked by hand, published weight tables, invariants and
bad input."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from force_fields import force_fields, ratings_1_to_5, tables
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import force_field

EXAMPLES = Path(__file__).parent / "examples"


def example(name):
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def constructed():
    """The constructed case (not a publication): four drivers, three restrainers, one expert."""
    inputs = example("ffa_constructed_not_published")["inputs"]
    return tables(4, 3, list(inputs["NU"].values()), list(inputs["ND"].values()),
                  inputs["NK_matrix"])


@pytest.mark.parametrize("weighting", force_field.WEIGHTINGS)
@pytest.mark.parametrize(("divisor", "printed"), [("n_minus_1", "NRK/N-1"), ("n", "NRK/N")])
def test_constructed_case_in_all_variants(constructed, weighting, divisor, printed):
    expected = example(
        "ffa_constructed_not_published")["recomputed_outputs"][f"{weighting}|{printed}"]
    analysed = force_field.analyse(*constructed, weighting=weighting, divisor=divisor, keys=1)
    for _, row in analysed.iterrows():
        for column, value in expected["table"][row["factor"]].items():
            assert row[column.lower()] == pytest.approx(value, abs=5e-7), (row["factor"], column)
    totals = force_field.force_totals(analysed, "tnb")
    assert totals["driving"] == pytest.approx(expected["sum_TNB_D"], abs=5e-7)
    assert totals["restraining"] == pytest.approx(expected["sum_TNB_H"], abs=5e-7)
    assert totals["net"] == pytest.approx(expected["net"], abs=5e-7)
    assert analysed.loc[analysed["key"],
                        "factor"].tolist() == [expected["FKK_D"], expected["FKK_H"]]


def test_weighting_turns_the_verdict(constructed):
    balance = force_field.balance(*constructed)
    assert list(balance.columns) == ["weighting", "driving", "restraining", "net", "verdict"]
    assert balance["weighting"].tolist() == ["separate", "joint"]
    assert balance["verdict"].tolist() == ["restraining_stronger", "driving_stronger"]
    assert balance["driving"].tolist() == pytest.approx([6.866667, 3.614035], abs=5e-7)
    assert balance["restraining"].tolist() == pytest.approx([7.203704, 3.412281], abs=5e-7)


def test_columns_are_those_of_the_contract(constructed):
    assert list(force_field.analyse(*constructed).columns) == [
        "factor", "force", "aspect", "nu", "bf", "nd", "nbd", "tnk", "nrk", "nbk", "tnb", "rank",
        "key",
    ]


@pytest.mark.parametrize(("name", "weighting"),
                         [("ffa_like_efe_aren", "joint"), ("ffa_like_ife_kacang", "separate")])
def test_published_weight_times_rating_tables(name, weighting):
    """The same arithmetic as NBD = BF x ND, in published matrices whose weights are given."""
    case = example(name)
    weights = np.array([factor["weight"] for factor in case["inputs"]["factors"]])
    ratings = [factor["rating"] for factor in case["inputs"]["factors"]]
    names = [factor["name"] for factor in case["inputs"]["factors"]]
    size = len(names)
    driving = np.array([name[0] in "OS" for name in names])
    weighed = force_field.weigh(weights, ratings, np.zeros((size, size)), driving, weighting)
    share = weights.sum() if weighting == "separate" else 1.0
    printed = case["recomputed_outputs"]["scores"]
    assert weighed["nbd"] * share == pytest.approx([printed[name] for name in names], abs=1e-9)
    assert weighed["nbd"].sum() * share == pytest.approx(case["recomputed_outputs"]["sum_scores"],
                                                         abs=1e-9)


def test_paired_comparison_totals_give_the_printed_weights():
    case = example("ffa_like_paired_weights_17")
    totals = [sum(row) for row in case["inputs"]["rows_without_diagonal"]]
    assert totals == case["printed_outputs"]["row_total"]
    size = len(totals)
    weighed = force_field.weigh(totals, np.ones(size), np.zeros((size, size)),
                                np.ones(size, dtype=bool), "joint")
    assert weighed["bf"] == pytest.approx(case["printed_outputs"]["weight"], abs=5e-4)


def test_weigh_takes_an_asymmetric_matrix_row_by_row():
    weighed = force_field.weigh([1, 1], [1, 1], [[9, 4], [2, 9]], [True, False])
    assert weighed["tnk"].tolist() == [4, 2]


def test_weigh_keeps_leading_dimensions(constructed):
    analysed = force_field.analyse(*constructed)
    nk = force_field.linkage_matrix(constructed[0], constructed[2]).to_numpy()
    driving = (analysed["force"] == "driving").to_numpy()
    draws = force_field.weigh(np.stack([analysed["nu"], 2 * analysed["nu"]]),
                              np.stack([analysed["nd"]] * 2), np.stack([nk] * 2), driving)
    assert draws["tnb"].shape == (2, 7)
    for draw in draws["tnb"]:
        assert draw == pytest.approx(analysed["tnb"].to_numpy())


@pytest.mark.parametrize(("aggregate", "expected"), [("mean", 3.5), ("median", 4.0), ("mode", 5.0)])
def test_experts_become_one_number(aggregate, expected):
    factors, ratings, linkages = tables(1, 1, [1, 2], [3, 3], [[0, 1], [1, 0]],
                                        experts=["A", "B", "C", "D"])
    ratings.loc[ratings["factor"] == "D1", "urgency"] = [1, 3, 5, 5]
    analysed = force_field.analyse(factors, ratings, linkages, aggregate=aggregate)
    assert analysed["nu"].tolist() == [expected, 2]


def test_mode_of_equally_frequent_values_is_their_mean():
    factors, ratings, linkages = tables(1, 1, [1, 2], [3, 3], [[0, 1], [1, 0]], experts=["A", "B"])
    ratings.loc[ratings["factor"] == "D1", "urgency"] = [2, 5]
    assert force_field.analyse(factors, ratings, linkages, aggregate="mode")["nu"].iloc[0] == 3.5


def test_an_expert_may_leave_out_a_factor(constructed):
    factors, ratings, linkages = constructed
    second = ratings.assign(expert="E2").iloc[1:]
    both = force_field.analyse(factors, pd.concat([ratings, second]), linkages)
    pd.testing.assert_frame_equal(both, force_field.analyse(*constructed))


def test_pairs_without_a_rating_count_as_no_relation(constructed):
    factors, ratings, linkages = constructed
    zero = linkages["linkage"] == 0
    assert zero.sum() == 1
    pd.testing.assert_frame_equal(
        force_field.analyse(factors, ratings, linkages[~zero]), force_field.analyse(*constructed)
    )
    assert force_field.unrated_pairs(factors, linkages[~zero]).values.tolist() == [["D4", "H3"]]
    assert force_field.unrated_pairs(factors, linkages).empty


def test_the_same_pair_in_both_directions_is_one_statement(constructed):
    factors, ratings, linkages = constructed
    mirrored = linkages.rename(columns={"factor_a": "factor_b", "factor_b": "factor_a"})
    pd.testing.assert_frame_equal(
        force_field.analyse(factors, ratings, pd.concat([linkages, mirrored], ignore_index=True)),
        force_field.analyse(*constructed),
    )


def test_ties_go_to_weight_then_support_then_order():
    weighed = pd.DataFrame({
        "force": "driving",
        "tnb": [2.0, 2.0, 2.0 + 1e-13, 2.0, 3.0],
        "bf": [0.2, 0.3, 0.2, 0.2, 0.1],
        "nbd": [1.0, 1.0, 1.2, 1.0, 1.0],
        "nbk": [1.0, 1.0, 0.8, 1.0, 2.0],
    })
    assert force_field.rank_within(weighed).tolist() == [4, 2, 3, 5, 1]


def test_plain_lewin_totals(constructed):
    factors, ratings, _ = constructed
    assert force_field.lewin(factors, ratings).to_dict() == {
        "driving": 14.0, "restraining": 12.0, "net": 2.0, "verdict": "driving_stronger",
    }


def test_equal_forces_are_balanced():
    balance = force_field.balance(*tables(3, 3, [1, 3, 2] * 2, [4, 2, 5] * 2, np.full((6, 6), 3)))
    assert balance["verdict"].tolist() == ["balanced", "balanced"]


@pytest.fixture(scope="module")
def pairings():
    return pd.DataFrame({
        "strategy": ["S1", "S2", "S3", "S4"],
        "driving": ["D1", "D3", "D1", "D4"],
        "restraining": ["H1", "H2", "H1", "H3"],
        "label_id": list("abcd"),
        "label_en": list("efgh"),
    })


def test_strategies_are_ranked_and_ties_share_a_rank(constructed, pairings):
    ranked = force_field.rank_strategies(pairings, force_field.analyse(*constructed))
    assert list(ranked.columns) == [
        "rank", "strategy", "driving", "restraining", "score", "label_id", "label_en"
    ]
    assert ranked["strategy"].tolist() == ["S2", "S1", "S3", "S4"]
    assert ranked["rank"].tolist() == [1, 2, 2, 4]
    assert ranked["score"].tolist() == pytest.approx([7.111111, 4.377778, 4.377778, 1.481481],
                                                     abs=2e-6)


def test_variants_hold_every_choice(constructed, pairings):
    variants = force_field.strategy_variants(pairings, *constructed)
    assert len(variants) == 2 * 2 * 3 * 4
    chosen = variants.query("weighting == 'joint' and divisor == 'n' and aggregate == 'median'")
    expected = force_field.rank_strategies(
        pairings,
        force_field.analyse(*constructed, weighting="joint", divisor="n", aggregate="median"))
    assert chosen["score"].tolist() == expected["score"].tolist()


@settings(max_examples=40, deadline=None)
@given(force_fields())
def test_invariants(field):
    factors, ratings, linkages = field
    size = len(factors)
    analysed = force_field.analyse(*field)
    by_force = analysed.groupby("force")
    assert by_force["bf"].sum().to_numpy() == pytest.approx(1)
    assert (by_force["nbd"].sum() >= by_force["nd"].min() - 1e-9).all()
    assert (by_force["nbd"].sum() <= by_force["nd"].max() + 1e-9).all()
    assert analysed["tnk"].sum() == pytest.approx(2 * linkages["linkage"].sum())
    assert ((analysed["tnb"] >= 0) & (analysed["tnb"] <= 10 * analysed["bf"] + 1e-9)).all()
    assert by_force["rank"].apply(lambda ranks: sorted(ranks) == list(range(1,
                                                                            len(ranks) + 1))).all()

    by_n = force_field.analyse(*field, divisor="n")
    assert by_n["nrk"].to_numpy() == pytest.approx(analysed["nrk"].to_numpy() * (size - 1) / size)
    percent = force_field.analyse(*field, weight_scale="percent")
    for column in ("bf", "nbd", "nbk", "tnb"):
        assert percent[column].to_numpy() == pytest.approx(100 * analysed[column].to_numpy())
    assert percent["rank"].tolist() == analysed["rank"].tolist()
    joint = force_field.analyse(*field, weighting="joint")
    assert joint["bf"].sum() == pytest.approx(1)
    assert joint.groupby("force")["rank"].apply(list).to_dict() == by_force["rank"].apply(
        list).to_dict()


@settings(max_examples=25, deadline=None)
@given(force_fields(), st.randoms(use_true_random=False))
def test_order_of_rows_and_names_do_not_matter(field, random):
    factors, ratings, linkages = field
    names = list(factors["factor"])
    renamed = dict(zip(names, random.sample([f"x{i}" for i in range(len(names))], len(names))))
    shuffled = [table.sample(frac=1, random_state=random.randrange(1000)) for table in field]
    shuffled[0] = shuffled[0].assign(factor=shuffled[0]["factor"].map(renamed))
    shuffled[1] = shuffled[1].assign(factor=shuffled[1]["factor"].map(renamed))
    shuffled[2] = shuffled[2].assign(
        factor_a=linkages["factor_b"].map(renamed), factor_b=linkages["factor_a"].map(renamed)
    )
    expected = force_field.analyse(*field).set_index("factor")["tnb"]
    found = force_field.analyse(*shuffled).set_index("factor")["tnb"]
    for name in names:
        assert found[renamed[name]] == pytest.approx(expected[name])


@settings(max_examples=25, deadline=None)
@given(st.lists(ratings_1_to_5, min_size=4, max_size=4), st.floats(0.1, 50))
def test_scale_of_urgency_changes_nothing(nu, factor):
    nd, nk, driving = [3, 1, 4, 2], np.full((4, 4), 2), [True, True, False, False]
    once = force_field.weigh(nu, nd, nk, driving)
    scaled = force_field.weigh(np.array(nu) * factor, nd, nk, driving)
    assert scaled["tnb"] == pytest.approx(once["tnb"])


@settings(max_examples=25, deadline=None)
@given(st.lists(ratings_1_to_5, min_size=4, max_size=4, unique=True))
def test_with_equal_support_and_linkage_urgency_decides(nu):
    analysed = force_field.analyse(*tables(4, 1, [*nu, 3], [3] * 5, np.full((5, 5), 2)))
    drivers = analysed[analysed["force"] == "driving"]
    assert drivers.sort_values("rank")["nu"].tolist() == sorted(nu, reverse=True)


@settings(max_examples=25, deadline=None)
@given(force_fields())
def test_linkages_by_scope_and_by_those_above_zero(field):
    factors, ratings, linkages = field
    analysed = force_field.analyse(*field, divisor="rated")
    matrix = force_field.linkage_matrix(factors, linkages).to_numpy()
    rated = (matrix > 0).sum(axis=1)
    assert (analysed["nrk"] * rated).to_numpy() == pytest.approx(analysed["tnk"].to_numpy())
    assert (analysed.loc[rated == 0, ["nrk", "nbk"]] == 0).all(axis=None)
    assert (analysed.loc[rated > 0, "nrk"] >= 1).all()  # no linkage above 0 is below 1

    # Within the own force, a force analysed with weak company is as it would be alone.
    own = force_field.analyse(*field, linkage_scope="own")
    force = factors["force"].to_numpy()
    assert own["tnk"].to_numpy() == pytest.approx((matrix * (force[:, None] == force)).sum(axis=1))
    sizes = factors["force"].map(factors["force"].value_counts())
    assert (own.loc[(sizes == 1).to_numpy(), "nrk"] == 0).all()
    by_n = force_field.analyse(*field, linkage_scope="own", divisor="n")
    assert by_n["nrk"].to_numpy() == pytest.approx((own["tnk"] / sizes.to_numpy()).to_numpy())


def test_all_ratings_equal_leave_the_order_of_the_list():
    analysed = force_field.analyse(*tables(3, 2, [3] * 5, [3] * 5, np.full((5, 5), 3)))
    assert analysed["rank"].tolist() == [1, 2, 3, 1, 2]
    assert analysed["tnb"].tolist() == pytest.approx([2, 2, 2, 3, 3])


def test_one_factor_a_side_needs_no_other():
    analysed = force_field.analyse(*tables(1, 1, [2, 4], [5, 1], [[0, 3], [3, 0]]))
    assert analysed["bf"].tolist() == [1, 1] and analysed["tnb"].tolist() == [8, 4]


def test_an_expert_who_rated_half_counts_where_he_rated(constructed):
    factors, ratings, linkages = constructed
    second = ratings.assign(expert="E2", urgency=5).iloc[:3]
    both = force_field.analyse(factors, pd.concat([ratings, second]), linkages)
    expected = ratings["urgency"].astype(float).to_numpy(copy=True)
    expected[:3] = (expected[:3] + 5) / 2
    assert both["nu"].to_numpy() == pytest.approx(expected)


def test_urgency_may_come_from_elsewhere(constructed):
    factors, ratings, linkages = constructed
    rated = ratings.set_index("factor")["urgency"]
    pd.testing.assert_frame_equal(
        force_field.analyse(*constructed, urgency=rated.sample(frac=1, random_state=0)),
        force_field.analyse(*constructed),
    )
    for wrong, message in ((rated.drop("D2"), "urgency: factor 'D2' has nan"),
                           (rated.replace(rated["D1"], -1),
                            "urgency: factor 'D1' has -1; it needs a value of 0 or more")):
        with pytest.raises(ValueError, match=message):
            force_field.analyse(*constructed, urgency=wrong)


def changed(table, **values):
    """The table with some columns of its first row replaced."""
    table = table.copy()
    for column, value in values.items():
        table[column] = table[column].astype(object)
        table.loc[0, column] = value
    return table


@pytest.mark.parametrize(("where", "change", "message"), [
    ("factors", lambda t: changed(t, force="pushing"),
     "factors: factor 'D1' has the force 'pushing'; allowed are"),
    ("factors", lambda t: t[t["force"] == "driving"], "factors: there is no restraining factor"),
    ("factors", lambda t: t[t["force"] == "restraining"], "factors: there is no driving factor"),
    ("factors", lambda t: changed(t, factor="D2"), "factors: factor 'D2' appears twice"),
    ("factors", lambda t: t.drop(columns="force"), "factors: column 'force' is missing"),
    ("ratings", lambda t: changed(t, factor="X9"),
     "ratings: expert 'E1' rates 'X9', which is not in factors"),
    ("ratings", lambda t: t.iloc[1:],
     "ratings: factor 'D1' has no urgency and support from any expert"),
    ("ratings", lambda t: changed(t, support=None),
     "ratings: factor 'D1' has no support from any expert"),
    ("ratings", lambda t: changed(t, urgency=6),
     "ratings: expert 'E1' gives urgency 6 to factor 'D1'; allowed is 1 to 5"),
    ("ratings", lambda t: changed(t, support=0),
     "ratings: expert 'E1' gives support 0 to factor 'D1'; allowed is 1 to 5"),
    ("ratings", lambda t: pd.concat([t, t.head(1)]),
     "ratings: expert 'E1' rates factor 'D1' twice"),
    ("linkages", lambda t: changed(t, factor_a="X9"),
     "linkages: expert 'E1' links 'X9', which is not in factors"),
    ("linkages", lambda t: changed(t, factor_b="D1"),
     "linkages: expert 'E1' links factor 'D1' with itself"),
    ("linkages", lambda t: changed(t, linkage=7),
     "linkages: expert 'E1' gives linkage 7 to factor 'D1'; allowed is 0 to 5"),
    ("linkages", lambda t: changed(t, factor_a="D3", factor_b="D1"),
     "linkages: expert 'E1' gives the pair 'D1' and 'D3' two values, 3 and 4; linkage is "
     "symmetric"),
])
def test_bad_tables(constructed, where, change, message):
    given_tables = dict(zip(("factors", "ratings", "linkages"), constructed))
    given_tables[where] = change(given_tables[where])
    with pytest.raises(ValueError) as error:
        force_field.analyse(**given_tables)
    assert message in str(error.value)


@pytest.mark.parametrize(("option", "message"), [
    ({"weighting": "both"}, "weighting is 'both'; allowed are 'separate', 'joint'"),
    ({"divisor": "n-1"}, "divisor is 'n-1'; allowed are 'n_minus_1', 'n', 'rated'"),
    ({"linkage_scope": "group"}, "linkage_scope is 'group'; allowed are 'all', 'own'"),
    ({"weight_scale": "points"}, "weight_scale is 'points'; allowed are 'fraction', 'percent'"),
    ({"aggregate": "max"}, "aggregate is 'max'; allowed are 'mean', 'median', 'mode'"),
    ({"keys": 0}, "keys is 0; at least one key factor"),
])
def test_bad_options(constructed, option, message):
    with pytest.raises(ValueError) as error:
        force_field.analyse(*constructed, **option)
    assert message in str(error.value)


@pytest.mark.parametrize(("change", "message"), [
    ({"restraining": "D2"},
     "strategy 'S1' names 'D2' as its restraining factor, but that factor is driving"),
    ({"driving": "X9"}, "strategy 'S1' names 'X9' as its driving factor, which is not in factors"),
    ({"strategy": "S2"}, "strategy 'S2' appears twice"),
])
def test_bad_strategies(constructed, pairings, change, message):
    with pytest.raises(ValueError) as error:
        force_field.rank_strategies(changed(pairings, **change), force_field.analyse(*constructed))
    assert message in str(error.value)
