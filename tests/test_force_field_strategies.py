"""Strategies: score rules, Borda, Condorcet, comparisons of pairs and what the survey says, against
known numbers."""

import numpy as np
import pandas as pd
import pytest
from force_fields import force_fields, pairings, panels, tables
from hypothesis import given, settings

from helpers import force_field


@pytest.fixture
def analysed():
    return pd.DataFrame({
        "factor": ["D1", "D2", "R1", "R2"], "force": ["driving"] * 2 + ["restraining"] * 2,
        "tnb": [3.0, 1.0, 2.0, 2.5], "rank": [1, 2, 2, 1]
    })


@pytest.fixture
def three():
    return pd.DataFrame({
        "strategy": ["a", "b", "c"], "driving": ["D1", "D2", "D1"],
        "restraining": ["R1", "R2", "R2"]
    })


@pytest.mark.parametrize(("rule", "scores", "order"), [
    ("sum", [5.5, 5.0, 3.5], ["c", "a", "b"]),
    ("product", [7.5, 6.0, 2.5], ["c", "a", "b"]),
    ("restrainer_first", [2.5, 2.5, 2.0], ["c", "b", "a"]),
])
def test_score_rules(analysed, three, rule, scores, order):
    ranked = force_field.rank_strategies(three, analysed, rule)
    assert ranked["score"].tolist() == scores
    assert ranked["strategy"].tolist() == order and ranked["rank"].tolist() == [1, 2, 3]


def test_restrainer_first_ties_only_where_both_factors_tie(analysed, three):
    same = pd.concat([three, three.tail(1).assign(strategy="d")])
    ranked = force_field.rank_strategies(same, analysed, "restrainer_first")
    assert ranked["rank"].tolist() == [1, 1, 3, 4]


def test_unknown_rule_and_pairs_of_two_drivers(analysed, three):
    with pytest.raises(
            ValueError,
            match="strategy_rule is 'mean'; allowed are 'sum', 'product', 'restrainer_first'"):
        force_field.rank_strategies(three, analysed, "mean")
    wrong = three.assign(restraining=["D2", "R1", "R1"])
    with pytest.raises(ValueError,
                       match="names 'D2' as its restraining factor, but that factor is driving"):
        force_field.strategy_matrix(wrong, analysed)


@settings(max_examples=25, deadline=None)
@given(force_fields())
def test_every_rule_prefers_what_is_better_on_both_sides(field):
    factors = field[0]
    analysed = force_field.analyse(*field)
    tnb = analysed.set_index("factor")["tnb"]
    for rule in force_field.STRATEGY_RULES:
        ranked = force_field.rank_strategies(pairings(factors), analysed, rule)
        driver, restrainer = ranked["driving"].map(tnb).to_numpy(), ranked["restraining"].map(
            tnb).to_numpy()
        better = (driver[:, None] > driver + 1e-9) & (restrainer[:, None] > restrainer + 1e-9)
        rank = ranked["rank"].to_numpy()
        assert (rank[:, None] < rank)[better].all(), rule


def test_matrix_holds_every_pair_and_marks_the_candidates(analysed, three):
    matrix = force_field.strategy_matrix(three, analysed)
    assert matrix["driving"].tolist() == ["D1", "D1", "D2", "D2"]
    assert matrix["restraining"].tolist() == ["R2", "R1", "R2", "R1"]
    assert matrix["score"].tolist() == [5.5, 5.0, 3.5, 3.0
                                        ] and matrix["rank"].tolist() == [1, 2, 3, 4]
    assert matrix["candidates"].tolist() == ["c", "a", "b", ""]


def test_variants_with_all_choices():
    field = tables(2, 2, [1, 2, 3, 4], [5, 4, 3, 2], np.full((4, 4), 2))
    strategies = pairings(field[0])
    variants = force_field.strategy_variants(strategies, *field, force_field.ALL_VARIANTS)
    assert len(variants) == 2 * 3 * 3 * 2 * 3 * 4
    chosen = variants.query("weighting == 'joint' and divisor == 'rated' and aggregate == 'mode' "
                            "and linkage_scope == 'own' and strategy_rule == 'product'")
    analysed = force_field.analyse(*field, weighting="joint", divisor="rated", aggregate="mode",
                                   linkage_scope="own")
    expected = force_field.rank_strategies(strategies, analysed, "product")
    assert chosen["score"].tolist() == expected["score"].tolist()


@pytest.fixture
def capital():
    """The textbook vote on a capital of Tennessee, in per cent of the voters; each column is one of
    100 voters."""
    ballots = [(42, [1, 2, 3, 4]), (26, [4, 1, 2, 3]), (15, [4, 3, 1, 2]), (17, [4, 3, 2, 1])]
    columns = [ranks for voters, ranks in ballots for _ in range(voters)]
    return pd.DataFrame(dict(enumerate(columns)),
                        index=["Memphis", "Nashville", "Chattanooga", "Knoxville"])


def test_borda_and_condorcet_of_a_textbook_vote(capital):
    points = force_field.borda(capital).set_index("strategy")
    assert points["points"].to_dict() == {
        "Memphis": 126, "Nashville": 194, "Chattanooga": 173, "Knoxville": 107
    }
    assert points["rank"].tolist() == [3, 1, 2, 4]
    found = force_field.condorcet(capital)
    assert found == {"winner": "Nashville", "top": ["Nashville"], "tied": [], "cycles": []}
    assert force_field.duels(capital).loc["Nashville", "Memphis"] == 58


def test_a_cycle_below_the_winner_is_named():
    circle = [[1, 2, 3, 4], [1, 4, 2, 3], [1, 3, 4, 2]]
    found = force_field.condorcet(pd.DataFrame(dict(enumerate(circle)), index=list("wxyz")))
    assert found["winner"] == "w" and found["cycles"] == [["x", "y", "z"]]


def test_equal_sides_are_tied_and_nobody_wins():
    found = force_field.condorcet(pd.DataFrame({"E1": [1, 2], "E2": [2, 1]}, index=["a", "b"]))
    assert found == {"winner": None, "top": ["a", "b"], "tied": [("a", "b")], "cycles": []}


@settings(max_examples=30, deadline=None)
@given(panels())
def test_votes_have_the_properties_of_votes(panel):
    strategies = pairings(panel[0])
    ranks = force_field.expert_ranks(*panel, strategies)
    count, experts = ranks.shape
    assert experts == panel[1]["expert"].nunique()
    assert force_field.borda(ranks)["points"].sum() == pytest.approx(experts * count *
                                                                     (count - 1) / 2)
    above = force_field.duels(ranks).to_numpy()
    assert (above + above.T <= experts).all()
    found = force_field.condorcet(ranks)
    for name in set(ranks.index) - set(found["top"]):
        place = ranks.index.get_loc(name)
        for member in found["top"]:
            assert above[ranks.index.get_loc(member), place] > above[place,
                                                                     ranks.index.get_loc(member)]
    # A strategy that every expert puts first alone wins both ways.
    unanimous = ranks.copy()
    unanimous.iloc[0] = 0
    assert force_field.condorcet(unanimous)["winner"] == ranks.index[0]
    assert force_field.borda(unanimous)["rank"].iloc[0] == 1


def test_an_expert_without_all_ratings_has_no_vote():
    factors, ratings, linkages = tables(2, 1, [1, 2, 3], [3, 3, 3], np.ones((3, 3)),
                                        experts=["A", "B"])
    ranks = force_field.expert_ranks(factors, ratings.iloc[:-1], linkages, pairings(factors))
    assert list(ranks.columns) == ["A"]


# Saaty (2008), International Journal of Services Sciences 1, 83-98: which drink is drunk more in
# the US
DRINKS = [[1, 9, 5, 2, 1, 1, 1 / 2], [1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
          [1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9], [1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3],
          [1, 9, 4, 2, 1, 2, 1 / 2], [1, 9, 3, 1, 1 / 2, 1, 1 / 3], [2, 9, 9, 3, 2, 3, 1],]


def test_eigenvector_and_consistency_of_saatys_drinks():
    printed = [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]
    assert force_field.priorities(DRINKS).round(3).tolist() == printed
    assert round(force_field.consistency(DRINKS)["ratio"], 3) == 0.022


def test_a_ratio_of_urgencies_is_consistent_and_gives_their_weights_back():
    factors, ratings, linkages = tables(4, 3, [1, 2, 3, 4, 5, 4, 2], [3] * 7, np.ones((7, 7)))
    comparisons = force_field.ratio_comparisons(factors, ratings)
    assert len(comparisons) == 6 + 3
    table = force_field.consistency_table(factors, comparisons)
    assert table["ratio"].tolist() == pytest.approx([0, 0], abs=1e-9) and table["accepted"].all()
    rated = force_field.analyse(factors, ratings, linkages)
    compared = force_field.analyse(factors, ratings, linkages,
                                   urgency=force_field.compared_urgency(factors, comparisons))
    assert compared["bf"].to_numpy() == pytest.approx(rated["bf"].to_numpy())


def test_a_force_rated_in_part_is_not_compared():
    factors, ratings, linkages = tables(3, 2, [1, 2, 4, 3, 3], [3] * 5, np.zeros((5, 5)),
                                        ["E1", "E2"])
    some = ratings[(ratings["expert"] == "E2") | ~ratings["factor"].isin(["D2", "D3"])]
    comparisons = force_field.ratio_comparisons(factors, some)
    assert comparisons.groupby("expert").size().to_dict() == {"E1": 1, "E2": 4}
    assert force_field.uncompared_forces(factors, comparisons) == []
    assert force_field.compared_urgency(factors, comparisons).tolist() == pytest.approx(
        [3 / 7, 6 / 7, 12 / 7, 1, 1])
    nobody = force_field.ratio_comparisons(factors, some[some["factor"] != "D2"])
    assert force_field.uncompared_forces(factors, nobody) == ["driving"]
    with pytest.raises(
            ValueError,
            match="no expert compared the driving factors; add their pairs or use ratings"):
        force_field.compared_urgency(factors, nobody)


def test_an_aspect_without_a_published_gap_is_left_out():
    analysed = pd.DataFrame({"factor": ["D1", "R1"], "force": ["driving", "restraining"],
                             "aspect": ["capital", "market"], "nu": [3.0, 4.0]})
    gaps = pd.DataFrame(
        {"aspect": ["capital", "market"], "gap": [1.5, np.nan], "ci_low": 0.0, "ci_high": 2.0})
    assert force_field.compare_gaps(analysed, gaps)["aspect"].tolist() == ["capital"]


def test_wins_count_who_is_ahead():
    factors, ratings, _ = tables(4, 2, [1, 2, 2, 4, 5, 4], [3] * 6, np.ones((6, 6)))
    comparisons = force_field.ratio_comparisons(factors, ratings)
    urgency = force_field.compared_urgency(factors, comparisons, "wins")
    # 0, 1.5, 1.5 and 3 wins over their mean; 1 and 0
    assert urgency.tolist() == pytest.approx([0, 1, 1, 2, 2, 0])


def test_several_experts_merge_by_the_geometric_mean():
    factors = tables(2, 1, [1] * 3, [1] * 3, np.ones((3, 3)))[0]
    comparisons = pd.DataFrame(
        {"expert": ["A", "B"], "factor_a": "D1", "factor_b": "D2", "preference": [4, 1 / 4]})
    assert force_field.compared_urgency(factors, comparisons).tolist() == pytest.approx([1, 1, 1])


@pytest.mark.parametrize(("rows", "message"), [
    ([("D1", "D2", 3)], "'D1' and 'D3' are not compared; every pair within a force is needed"),
    ([("D1", "H1", 3)],
     "expert 'E1', comparisons: 'D1' with 'H1': compare factors of one force with each other"),
    ([("X1", "H1", 3)],
     "comparisons: 'X1' is not in factors; known factors are 'D1', 'D2', 'D3', 'H1'"),
    ([("D1", "D1", 1)], "'D1' with 'D1': a factor cannot be compared with itself"),
    ([("D1", "D2", 10)], "'D1' with 'D2': preference is 10; allowed is 1/9 (0.11) to 9"),
    ([("D1", "D2", 3), ("D2", "D1", 3)],
     "'D2' with 'D1': the pair stands twice; keep one row a pair"),
    ([], "comparisons: no expert compared the driving factors; add their pairs or use ratings"),
])
def test_bad_comparisons(rows, message):
    factors = tables(3, 1, [1] * 4, [1] * 4, np.ones((4, 4)))[0]
    comparisons = pd.DataFrame(rows, columns=["factor_a", "factor_b",
                                              "preference"]).assign(expert="E1")
    with pytest.raises(ValueError) as error:
        force_field.compared_urgency(factors, comparisons)
    assert message in str(error.value)


def test_the_survey_beside_the_experts():
    analysed = pd.DataFrame({
        "factor": ["D1", "D2", "R1", "R2", "R3"], "force": ["driving"] * 2 + ["restraining"] * 3,
        "aspect": ["capital", "market", "capital", "policy",
                   "skills"], "nu": [3.0, 4.0, 4.0, 2.0, 5.0],
    })
    gaps = pd.DataFrame({
        "aspect": ["policy", "capital", "market", "other"], "gap": [2.0, 1.0, 0.5, 3.0],
        "ci_low": 0.0, "ci_high": 4.0
    })
    compared = force_field.compare_gaps(analysed, gaps)
    assert compared["aspect"].tolist() == ["policy", "capital", "market"]
    assert compared["urgency"].tolist() == [2.0, 3.5, 4.0
                                            ] and compared["urgency_rank"].tolist() == [3, 2, 1]
    assert compared["agree"].tolist() == [False, True, False]
    assert force_field.rank_agreement(compared) == -1
    assert np.isnan(force_field.rank_agreement(compared.head(2)))

    shift = force_field.urgency_shift(analysed, gaps, lowest=1, highest=3)
    mean = (2 + 1 + 0.5) / 3  # the aspect `other` has no factor
    assert shift.tolist() == pytest.approx(
        [2 * (1 - mean), 2 * (0.5 - mean), 2 * (1 - mean), 2 * (2 - mean), 0])


@pytest.fixture
def surveyed():
    factors, ratings, linkages = tables(2, 2, [3, 3, 3, 5], [3] * 4, np.ones((4, 4)))
    factors["aspect"] = ["capital", "market", "skills", "capital"]
    return factors, ratings, linkages, pd.DataFrame(
        {"aspect": ["capital", "market"], "gap": [2.0, 1.0]})


def test_gaps_move_urgency_only_when_asked_for(surveyed):
    factors, ratings, linkages, gaps = surveyed
    assert force_field.urgency_options(factors, gaps=gaps) == {}
    options = force_field.urgency_options(factors, "gaps", gaps=gaps)
    informed = force_field.analyse(factors, ratings, linkages, **options)
    assert informed["nu"].tolist() == [3.5, 2.5, 3, 5]  # 5.5 is kept on the scale
    variants = force_field.strategy_variants(pairings(factors), factors, ratings, linkages,
                                             **options)
    assert variants["score"].iloc[0] == pytest.approx(
        force_field.rank_strategies(pairings(factors), informed)["score"].iloc[0])


def test_comparisons_replace_urgency_only_when_asked_for(surveyed):
    factors, ratings, linkages, _ = surveyed
    comparisons = force_field.ratio_comparisons(factors, ratings)
    options = force_field.urgency_options(factors, urgency_source="wins", comparisons=comparisons)
    assert force_field.analyse(factors, ratings, linkages,
                               **options)["bf"].tolist() == [0.5, 0.5, 0, 1]
    assert force_field.balance(factors, ratings, linkages, **options)["net"].notna().all()


@pytest.mark.parametrize(("options", "message"), [
    ({"evidence": "survey"}, "evidence is 'survey'; allowed are 'experts', 'gaps'"),
    ({"urgency_source": "pairs"},
     "urgency_source is 'pairs'; allowed are 'ratings', 'eigenvector', 'wins'"),
    ({"evidence": "gaps"},
     "evidence is 'gaps', but there is no table 'need_access_gap' of a survey"),
    ({"urgency_source": "wins"},
     "urgency_source is 'wins', but there are no comparisons; add the resource"),
    ({"evidence": "gaps", "urgency_source": "wins"},
     "evidence 'gaps' moves ratings, but urgency_source is 'wins'"),
])
def test_urgency_from_what_is_not_there(surveyed, options, message):
    with pytest.raises(ValueError) as error:
        force_field.urgency_options(surveyed[0], **options)
    assert message in str(error.value)
