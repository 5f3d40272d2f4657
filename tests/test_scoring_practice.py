"""Omega, ordinal alpha, flags, shares, medians, crossings, replicates, further checks of
contrasts."""

import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats
from scipy.special import ndtr, ndtri

from helpers import scoring
from helpers.scoring.structure import factors, reliability

RAW = Path(__file__).resolve().parents[1] / "data/raw"


@pytest.fixture(scope="module")
def survey():
    names = ("areas", "frame", "items", "responses")
    areas, frame, items, responses = (pd.read_csv(RAW / f"{name}.csv") for name in names)
    answers = scoring.align(responses, items)
    design = scoring.with_design(responses, areas, frame)
    return {"items": items, "responses": responses, "answers": answers, "design": design,
            "scores": scoring.scores_by_respondent(answers, items)}


def stage(survey):
    return survey["scores"], survey["design"], survey["items"]


def one_scale(values, zones, codes=None, weight=1.0):
    """A single scale in the form of the stage."""
    items = pd.DataFrame(
        {"item": ["a"], "dimension": "need", "aspect": "capital", "lowest": 1, "highest": 5})
    design = pd.DataFrame(
        {"code": zones if codes is None else codes, "zone": zones, "weight": weight})
    scores = pd.DataFrame({"need.capital": values, "need.all": values},
                          index=design.index).astype(float)
    return scores, design, items


# Omega and polychoric


def with_correlations(matrix: np.ndarray, n: int = 40) -> pd.DataFrame:
    """Data whose sample correlations are exactly those given."""
    noise = np.random.default_rng(0).normal(size=(n, len(matrix)))
    waves = np.linalg.qr(noise - noise.mean(axis=0))[0]
    return pd.DataFrame(waves @ np.linalg.cholesky(matrix).T)


@settings(max_examples=25, deadline=None)
@given(some.lists(some.floats(0.3, 0.9), min_size=3, max_size=8))
def test_omega_of_a_perfect_one_factor_model(loadings):
    loadings = np.array(loadings)
    unique = 1 - loadings**2
    data = with_correlations(np.outer(loadings, loadings) + np.diag(unique))
    expected = loadings.sum() ** 2 / (loadings.sum() ** 2 + unique.sum())
    assert scoring.omega(data) == pytest.approx(expected, abs=1e-5)
    assert scoring.cronbach_alpha(data) <= expected + 1e-5


def test_omega_is_alpha_where_loadings_are_equal():
    data = with_correlations(np.full((4, 4), 0.4) + 0.6 * np.eye(4))
    assert scoring.omega(data) == pytest.approx(scoring.cronbach_alpha(data), abs=1e-7)


def test_omega_does_not_care_about_units_of_all_items():
    data = with_correlations(np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]]))
    assert scoring.omega(3 * data + 2) == pytest.approx(scoring.omega(data), abs=1e-9)


@pytest.mark.parametrize("data", [
    pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 1, 4, 3]}),
    pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [2, 1, 4, 3, 5], "c": 3}),
    pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [1, 2, 3, 4, 5], "c": [1, 2, 3, 4, 5]}),
    pd.DataFrame({"a": [1, 2, 3], "b": [2, 1, 3], "c": [1, 3, 2]}),
])
def test_no_omega_without_a_model(data):
    # Two items, an item that does not vary, items that are one and the same, too few respondents.
    assert np.isnan(scoring.omega(data))


@pytest.mark.parametrize("rho", [-0.8, -0.2, 0.0, 0.35, 0.9])
def test_polychoric_finds_the_correlation_behind_exact_cells(rho):
    normal = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]])
    cuts = [-8, -0.9, 0.1, 1.2, 8]
    below = np.array([[normal.cdf([a, b]) for b in cuts] for a in cuts])
    cells = np.diff(np.diff(below, axis=0), axis=1)
    assert reliability._pair(cells) == pytest.approx(rho, abs=2e-4)


def test_ordinal_alpha_exceeds_alpha_of_coarse_answers():
    rng = np.random.default_rng(6)
    factor = rng.normal(size=(4000, 1))
    hidden = 0.7 * factor + np.sqrt(1 - 0.49) * rng.normal(size=(4000, 4))
    coarse = pd.DataFrame(np.digitize(hidden, [0.5, 1.2]))
    expected = 4 / 3 * (1 - 4 / (4 + 12 * 0.49))
    assert scoring.ordinal_alpha(coarse) == pytest.approx(expected, abs=0.015)
    assert scoring.cronbach_alpha(coarse) < expected - 0.05


def test_ordinal_alpha_without_variation_is_empty():
    assert np.isnan(scoring.ordinal_alpha(pd.DataFrame({"a": [1, 2, 3], "b": [2, 2, 2]})))
    assert np.isnan(scoring.ordinal_alpha(pd.DataFrame({"a": [1, 2, 3]})))


def test_forms_of_reliability(survey):
    table = scoring.reliability_forms(survey["answers"], survey["items"])
    published = scoring.reliability_table(survey["answers"], survey["items"])
    assert table["alpha"].tolist() == published["alpha"].tolist()
    assert (table["omega"] > table["alpha"]).all() and (table["ordinal_alpha"]
                                                        > table["alpha"]).all()


# Suspicious answers


def test_flags():
    items = pd.DataFrame({"item": [f"q{i}" for i in range(10)]})
    rows = np.tile(np.arange(10) % 5 + 1.0, (5, 1))
    rows[0] = 4
    rows[1, 0] = 5
    rows[4, 2:] = np.nan
    responses = pd.DataFrame(rows, columns=items["item"]).assign(code=["a", "a", "a", "a", "a"])
    flags = scoring.flag_respondents(responses, items)
    assert flags["straight"].tolist() == [True, False, False, False, False]
    assert flags["twin"].tolist() == [False, False, True, True, False]
    assert flags["answered"].tolist() == [10, 10, 10, 10, 2]
    # In another area the same answers are a coincidence.
    assert not scoring.flag_respondents(responses.assign(code=list("abcde")), items)["twin"].any()


def test_all_answers_equal_are_flagged_and_have_no_reliability():
    items = pd.DataFrame(
        {"item": list("abc"), "dimension": "need", "aspect": "capital", "lowest": 1, "highest": 5})
    answers = pd.DataFrame(3.0, index=range(6), columns=list("abc"))
    assert scoring.flag_respondents(answers.assign(code="x"), items)["straight"].all()
    forms = scoring.reliability_forms(answers, items)
    assert forms[["alpha", "omega", "ordinal_alpha"]].isna().all(axis=None)


def test_floor_and_ceiling():
    items = pd.DataFrame(
        {"item": list("ab"), "dimension": "need", "aspect": "capital", "lowest": 1, "highest": 5})
    answers = pd.DataFrame({"a": [1, 1, 5, 5, 3, np.nan], "b": [1, 2, 5, 5, 3, 5.0]})
    row = scoring.floor_ceiling(answers, items).iloc[0]
    assert row[["n", "floor", "ceiling", "marked"]].tolist() == [5, 0.2, 0.4, True]


def test_a_reversed_item_that_is_not_declared_is_suspected(survey):
    items, responses = survey["items"], survey["responses"]
    assert scoring.suspected_reversed(scoring.item_table(survey["answers"], items)) == []
    turned = items.loc[items["reverse"], "item"].iloc[0]
    wrong = items.assign(reverse=items["reverse"] & (items["item"] != turned))
    assert scoring.suspected_reversed(scoring.item_table(scoring.align(responses, wrong),
                                                         wrong)) == [turned]


def test_an_area_with_respondents_that_the_frame_lacks():
    areas = pd.DataFrame({"code": ["a", "b"], "zone": "z"})
    frame = pd.DataFrame({"code": ["a"], "units": [9]})
    with pytest.raises(
            ValueError,
            match="area 'b' has 2 respondents but is not in frame; add it or correct the area"):
        scoring.with_design(pd.DataFrame({"code": ["a", "b", "b"]}), areas, frame)


def test_one_respondent_in_a_stratum_keeps_its_weight_and_counts_in_every_look():
    parts = one_scale([3, 4, 5, 2, 1, 2, 3], list("nnnnsss"), codes=list("aaabccc"))
    # The formula holds it against the whole sample, the bootstrap leaves it as it is: so the
    # formula is wider.
    found = scoring.check_errors(parts[0], parts[1], 2000,
                                 np.random.default_rng(1)).query("level == 'n'").iloc[0]
    assert 0 < found["ratio"] < 1
    assert scoring.rank_contrasts(*parts)["p_value"].between(0, 1).all()
    assert scoring.ordinal_contrasts(*parts)["p_value"].between(0, 1).all()


# Shares, medians, crossings


def test_top_box_by_hand():
    items = pd.DataFrame({
        "item": list("abc"), "dimension": "need", "aspect": ["x", "x", "y"], "lowest": 1,
        "highest": 5
    })
    answers = pd.DataFrame({"a": [5, 4, np.nan], "b": [3, 4, np.nan], "c": [1, np.nan, np.nan]})
    found = scoring.top_box(answers, items)
    assert found["need.x"].tolist()[:2] == [0.5, 1.0] and found["need.all"].tolist()[:2] == [
        pytest.approx(1 / 3), 1.0
    ]
    assert found.iloc[2].isna().all()
    assert scoring.top_box(answers, items, 1)["need.x"].tolist()[:2] == [0.5, 0.0]


def test_shares_agree_with_the_answers_in_the_top_boxes(survey):
    shares = scoring.top_box(survey["answers"], survey["items"])
    table = scoring.share_table(shares, survey["design"], survey["items"])
    there = survey["answers"].dropna()
    bars = scoring.answer_shares(there, survey["items"], survey["design"].loc[there.index,
                                                                              "weight"])
    complete = scoring.share_table(
        shares[survey["answers"].notna().all(axis=1)].reindex(shares.index), survey["design"],
        survey["items"])
    whole = complete[(complete["domain"] == "all") & (complete["aspect"] != "all")]
    top = bars[bars["answer"] >= 4].groupby(["dimension", "aspect"], sort=False)["share"].sum()
    assert whole["share"].tolist() == pytest.approx(top.tolist())
    assert table["ci_low"].dropna().between(0, 1).all() and table["ci_high"].dropna().between(
        0, 1).all()
    assert set(table["precision"]) <= {"good", "caution", "unusable"}
    assert (table["precision"] == "unusable").equals(~(table["cv"] <= 0.5))


def test_the_precision_of_a_scale_does_not_depend_on_its_zero():
    table = pd.DataFrame({"mean": [3.0], "se": [0.7]})
    from_one = scoring.rate_precision(table, "mean", lowest=1)
    from_zero = scoring.rate_precision(table.assign(mean=2.0), "mean")
    assert from_one["cv"].item() == from_zero["cv"].item() == 0.35


@settings(deadline=None)
@given(some.lists(some.tuples(some.integers(1, 9), some.integers(1, 20)), min_size=1, max_size=20),
       some.floats(0.01, 1))
def test_weighted_quantiles_equal_those_of_repeated_values(pairs, share):
    values, counts = zip(*pairs)
    everyone = np.sort(np.repeat(values, counts))
    place = int(np.ceil(share * len(everyone) - 1e-9)) - 1
    assert scoring.weighted_quantile(values, counts, share) == everyone[max(place, 0)]


def test_medians_of_domains(survey):
    table = scoring.median_table(*stage(survey)).set_index(
        ["domain", "level", "dimension", "aspect"])
    design, scores = survey["design"], survey["scores"]
    south = (design["zone"] == "south") & scores["access.market"].notna()
    there = pd.DataFrame(
        {"y": scores.loc[south, "access.market"], "w": design.loc[south,
                                                                  "weight"]}).sort_values("y")
    expected = there["y"][(there["w"].cumsum() >= there["w"].sum() / 2 - 1e-9)].iloc[0]
    assert table.loc[("zone", "south", "access", "market"), "median"] == expected
    assert table.loc[("zone", "south", "access", "market"), "n"] == south.sum()


def test_crossings_are_the_domains_of_both(survey):
    table = scoring.crossing_table(*stage(survey))
    design, scores = survey["design"], survey["scores"]
    for row in table.itertuples():
        inside = (design["zone"].astype(str) == row.zone) & (design["business_type"]
                                                             == row.business_type)
        values = scores.loc[inside, f"{row.dimension}.{row.aspect}"].dropna()
        assert row.n == len(values)
        assert row.mean == pytest.approx(
            np.average(values, weights=design.loc[values.index, "weight"]))


# Replicates


def test_bootstrap_weights_keep_the_size_of_every_stratum(survey):
    design = survey["design"]
    weights = scoring.bootstrap_weights(design, 50, np.random.default_rng(1))
    assert weights.shape == (len(design), 50) and (weights > 0).all()
    totals = pd.DataFrame(weights).groupby(design["code"].to_numpy(), observed=True).sum()
    whole = design.groupby("code", observed=True)["weight"].sum()
    assert totals.to_numpy() == pytest.approx(np.repeat(whole.to_numpy()[:, None], 50, axis=1))


def test_a_census_does_not_vary():
    design = pd.DataFrame({"code": ["x"] * 4, "weight": 1.0, "units": 4})
    assert scoring.bootstrap_weights(design, 9,
                                     np.random.default_rng(1)) == pytest.approx(np.ones((4, 9)))


def test_the_bootstrap_agrees_with_the_formula(survey):
    found = scoring.check_errors(survey["scores"], survey["design"], 1000, np.random.default_rng(4))
    assert found["ratio"].between(0.88, 1.12).all() and found["ratio"].mean() == pytest.approx(
        1, abs=0.03)


# Contrasts


def test_ranks_of_one_stratum_a_zone_equal_the_probability_of_being_higher():
    rng = np.random.default_rng(2)
    a, b = rng.normal(3, 1, 30), rng.normal(3.4, 1, 40)
    found = scoring.rank_contrasts(*one_scale(np.r_[a, b], ["n"] * 30 + ["s"] * 40)).iloc[0]
    higher = (a[:, None] > b[None, :]).mean()
    assert found["rank_difference"] == pytest.approx(higher - 0.5, abs=1e-9)
    assert found["p_value"] == pytest.approx(stats.brunnermunzel(a, b).pvalue, abs=0.02)


def test_ranks_do_not_change_with_the_spacing_of_the_answers(survey):
    scores, design, items = stage(survey)
    found, stretched = (scoring.rank_contrasts(s, design, items) for s in (scores, np.exp(scores)))
    pd.testing.assert_frame_equal(found, stretched)


def test_proportional_odds_of_two_answers_is_the_weighted_odds_ratio():
    rng = np.random.default_rng(3)
    answers, groups = pd.Series(rng.integers(1, 3, 60)), pd.Series(rng.choice(list("ab"), 60))
    weight = pd.Series(rng.uniform(1, 4, 60))
    table = weight.groupby([groups, answers]).sum().unstack()
    beta, covariance = scoring.proportional_odds(answers, groups, weight,
                                                 pd.Series("x", answers.index))
    expected = np.log(table.loc["b", 2] / table.loc["b", 1]) - np.log(
        table.loc["a", 2] / table.loc["a", 1])
    assert beta["b"] == pytest.approx(expected, abs=1e-8)
    assert covariance.loc["b", "b"] > 0 and covariance.loc["a"].eq(0).all()


def test_proportional_odds_finds_what_was_built_in():
    rng = np.random.default_rng(9)
    groups = pd.Series(rng.choice(list("abc"), 6000))
    hidden = groups.map({"a": 0.0, "b": 0.8, "c": -0.4}) + rng.logistic(size=6000)
    answers = pd.Series(np.digitize(hidden, [-1.5, 0, 1.5]))
    weight, stratum = pd.Series(2.0, groups.index), pd.Series("x", groups.index)
    beta, covariance = scoring.proportional_odds(answers, groups, weight, stratum)
    for group, truth in (("b", 0.8), ("c", -0.4)):
        assert abs(beta[group] - truth) < 3 * np.sqrt(covariance.loc[group, group])
    assert np.sqrt(covariance.loc["b", "b"]) == pytest.approx(0.055, abs=0.01)


def test_a_group_at_one_end_has_no_odds_ratio():
    found = scoring.ordinal_contrasts(*one_scale([1, 2, 1, 2, 5, 5, 5, 5], ["n"] * 4 + ["s"] * 4))
    assert found[["odds_ratio", "p_value", "p_adjusted"]].isna().all(axis=None)


def test_equal_answers_have_no_test():
    parts = one_scale([3] * 8, ["n"] * 4 + ["s"] * 4)
    assert scoring.rank_contrasts(*parts)["p_value"].isna().all()
    assert scoring.ordinal_contrasts(*parts)["p_value"].isna().all()
    assert scoring.equivalence_table(scoring.contrast_table(*parts), *parts[:2],
                                     0.5)["verdict"].eq("undecided").all()


def test_one_zone_gives_empty_tables():
    parts = one_scale([3, 4, 5], ["n"] * 3)
    assert scoring.rank_contrasts(*parts).empty and scoring.ordinal_contrasts(*parts).empty


def test_the_three_looks_agree_on_the_simulated_survey(survey):
    tables = [
        f(*stage(survey))
        for f in (scoring.contrast_table, scoring.rank_contrasts, scoring.ordinal_contrasts)
    ]
    both = scoring.agreement_table(*tables)
    assert len(both) == len(
        tables[0]) and not both[["p_mean", "p_rank", "p_ordinal"]].isna().any(axis=None)
    # No difference is built in, and no look finds one.
    assert (both[["p_mean", "p_rank", "p_ordinal"]] > 0.05).all(axis=None)
    assert np.sign(tables[1]["rank_difference"]).eq(np.sign(tables[0]["difference"])).mean() > 0.7


def test_equivalence_is_the_interval_inside_the_margins(survey):
    scores, design, items = stage(survey)
    contrasts = scoring.contrast_table(scores, design, items)
    for margin in (0.1, 0.25, 0.5):
        table = scoring.equivalence_table(contrasts, scores, design, margin)
        inside = (table["low"] > -margin) & (table["high"] < margin)
        assert inside.equals(table["p_value"] < 0.05)
        assert (table.loc[inside, "verdict"].isin(["equivalent", "slight"])).all()
    # The degrees of freedom are those of the contrasts.
    wide = scoring.equivalence_table(contrasts, scores, design, 0.5, alpha=0.025)
    assert wide["low"].tolist() == pytest.approx(contrasts["ci_low"].tolist())


def test_equivalence_of_two_samples_is_the_t_test_moved_by_the_margin():
    rng = np.random.default_rng(1)
    a, b = rng.normal(3, 0.5, 30), rng.normal(3.1, 0.5, 30)
    parts = one_scale(np.r_[a, b], ["n"] * 30 + ["s"] * 30)
    found = scoring.equivalence_table(scoring.contrast_table(*parts), *parts[:2], 0.4).iloc[0]
    sides = [stats.ttest_ind(a + 0.4, b, alternative="greater").pvalue,
             stats.ttest_ind(a - 0.4, b, alternative="less").pvalue]
    assert found["p_value"] == pytest.approx(max(sides), rel=1e-9)


def test_the_margin_is_said_in_standard_deviations_and_chances():
    rng = np.random.default_rng(2)
    values = np.r_[rng.normal(3, 0.5, 40), rng.normal(3, 0.5, 40)]
    parts = one_scale(values, ["n"] * 40 + ["s"] * 40)
    contrasts = scoring.contrast_table(*parts)
    found = scoring.equivalence_table(contrasts, *parts[:2], 0.25).iloc[0]
    within = np.sqrt((values[:40].var(ddof=1) + values[40:].var(ddof=1)) / 2)
    assert found["margin_sd"] == pytest.approx(0.25 / within)
    # Of 4,000 samples without a difference so many show equivalence; the error is that of `found`.
    error = contrasts["se"].iloc[0]
    drawn = stats.t.rvs(78, size=4000, random_state=1) * error
    reach = stats.t.ppf(0.95, 78) * error
    assert found["chance"] == pytest.approx((np.abs(drawn) + reach < 0.25).mean(), abs=0.02)
    assert scoring.equivalence_table(contrasts, *parts[:2], 0.01)["chance"].eq(0).all()


# Paired aspects, association


def test_the_survey_does_not_tell_its_aspects_apart(survey):
    found = scoring.aspect_contrasts(*stage(survey))
    assert found["dimension"].value_counts().to_dict() == {"need": 3, "access": 3, "gap": 3}
    # Nothing is built in, and a paired mean is the difference of the means.
    assert (found["p_adjusted"] > 0.05).all()
    means = scoring.score_table(*stage(survey)).query("domain == 'all'").set_index(
        ["dimension", "aspect"])["mean"]
    for row in found[found["dimension"] != "gap"].itertuples():
        assert row.difference == pytest.approx(
            means[row.dimension, row.aspect_a] - means[row.dimension, row.aspect_b], abs=1e-12)
    assert set(scoring.leading_aspects(found, "gap", 0.05)) == {"capital", "market", "policy"}


def test_an_aspect_that_is_larger_is_named_alone(survey):
    scores, design, items = stage(survey)
    moved = scores.assign(**{"need.capital": scores["need.capital"] + 0.4})
    found = scoring.aspect_contrasts(moved, design, items)
    assert scoring.leading_aspects(found, "gap", 0.05) == ["capital"]
    assert set(scoring.leading_aspects(found, "gap", 0.05, smallest=True)) == {"market", "policy"}
    assert scoring.leading_aspects(found, "access", 0.05) != ["capital"]


def test_one_dimension_has_no_gap_and_one_aspect_no_contrast(survey):
    scores, design, items = stage(survey)
    need = items[items["dimension"] == "need"]
    assert set(scoring.aspect_contrasts(scores, design, need)["dimension"]) == {"need"}
    capital = need[need["aspect"] == "capital"]
    assert scoring.aspect_contrasts(scores, design, capital).empty


def test_marks_that_are_all_alike_have_no_association():
    parts = one_scale([1] * 8, ["n"] * 4 + ["s"] * 4)
    found = scoring.association_table(*parts)
    assert found["statistic"].isna().all() and found["n"].eq(8).all()
    one_zone = one_scale([1, 0, 1, 0], ["n"] * 4)
    assert scoring.association_table(*one_zone)["p_value"].isna().all()


def test_a_zone_that_is_hidden_takes_no_part_in_the_association(survey):
    scores, design, items = stage(survey)
    highs = scoring.high_scores(scores, items)
    north_south = design["zone"].where(design["zone"] != "city")
    found = scoring.association_table(highs, design.assign(zone=north_south), items)
    assert found["df_groups"].eq(1).all() and found["n"].eq((design["zone"] != "city").sum()).all()


def test_a_share_of_one_has_no_interval_and_is_not_called_precise():
    scores, design, items = one_scale([1, 1, 0, 1, 1, 1], ["n"] * 3 + ["s"] * 3)
    found = scoring.share_table(scores, design, items)
    found = found.query("domain == 'zone' and aspect == 'all'")
    assert found["share"].tolist() == pytest.approx([2 / 3, 1])
    assert found["precision"].tolist()[1] == "unusable"
    assert found[["se", "ci_low", "ci_high", "cv"]].isna().all(axis=1).tolist() == [False, True]
    assert found["ci_low"].iloc[0] > 0 and found["ci_high"].iloc[0] < 1


def test_a_median_at_the_highest_score_has_no_interval():
    scores, design, items = one_scale([5, 5, 5, 5, 1, 2, 3, 4], ["n"] * 4 + ["s"] * 4)
    found = scoring.median_table(scores, design, items).query("domain == 'zone'")
    assert found["median"].tolist() == [5, 5, 2, 2]
    assert found["se"].isna().tolist() == [True, True, True, True]


# Missing answers


def test_imputed_answers_are_answers_of_the_scale_and_nothing_else_changes(survey):
    answers, groups = survey["answers"], survey["design"][["zone", "business_type"]]
    filled = scoring.impute(answers, groups, np.random.default_rng(4))
    assert not filled.isna().any(axis=None)
    assert filled.where(answers.notna()).equals(answers)
    assert set(np.unique(filled)) <= {1, 2, 3, 4, 5}
    again = scoring.impute(answers, groups, np.random.default_rng(4))
    assert again.equals(filled)


def test_who_answered_nothing_stays_empty():
    answers = pd.DataFrame(np.random.default_rng(1).integers(1, 6, (30, 4)), dtype=float)
    answers.iloc[3] = None
    answers.iloc[5, 1] = None
    filled = scoring.impute(answers, pd.DataFrame(index=answers.index), np.random.default_rng(1))
    assert filled.iloc[3].isna().all() and filled.drop(index=3).notna().all(axis=None)


def test_imputation_follows_a_gap_that_depends_on_other_answers():
    """Gaps where another answer is high: the mean of those who answered is too low, that of the
    completed data is not; the pooled error is larger than that of one copy."""
    rng = np.random.default_rng(11)
    known = rng.integers(1, 6, 3000).astype(float)
    answers = pd.DataFrame({"a": known, "b": np.clip(known + rng.integers(-1, 2, 3000), 1, 5)})
    truth = answers["b"].mean()
    answers.loc[(known >= 4) & (rng.random(3000) < 0.7), "b"] = None
    items = pd.DataFrame({"item": ["a", "b"], "dimension": "need", "aspect": ["a", "b"],
                          "lowest": 1, "highest": 5})
    design = pd.DataFrame({"code": "x", "zone": "z", "weight": 1.0}, index=answers.index)
    found = scoring.missing_table(answers, items, design, 0.5, 10, rng)
    found = found[found["aspect"] == "b"].set_index("rule")
    assert found.loc["listwise", "mean"] < truth - 0.3
    assert found.loc["multiple", "mean"] == pytest.approx(truth, abs=0.05)
    assert found.loc["multiple", "lost"] > 0.05 and found.loc["multiple", "n"] == 3000


def test_pooling_is_that_of_rubin_barnard_and_mitools():
    """Mean and error as R's mitools gives them; degrees of freedom by hand:
    lambda = (4/3) B / T, 1 / (lambda^2 / 2 + 1 / (101/103 x 100 (1 - lambda)))."""
    means, variances = np.array([[3], [3.1414], [3.3]]), np.array([[0.04], [0.05], [0.03]])
    found = scoring.pool(means, variances, np.array([100.0])).iloc[0]
    assert found[["mean", "se"]].tolist() == pytest.approx([3.147133333, 0.26463724437636])
    lost = 4 / 3 * means.var(ddof=1) / 0.26463724437636**2
    freedom = 1 / (lost**2 / 2 + 1 / (101 / 103 * 100 * (1 - lost)))
    reach = stats.t.ppf(0.975, freedom) * found["se"]
    assert [found["lost"], found["ci_high"]] == pytest.approx([lost, found["mean"] + reach])
    alone = scoring.pool(means[:1].repeat(2, 0), variances[:1].repeat(2, 0), np.array([100.0]))
    assert alone["lost"].iloc[0] == 0 and alone["se"].iloc[0] == pytest.approx(0.2)


def test_the_rules_agree_with_the_scores_of_the_stage(survey):
    found = scoring.missing_table(survey["answers"], survey["items"], survey["design"], 0.5, 3,
                                  np.random.default_rng(1))
    table = scoring.score_table(*stage(survey)).query("domain == 'all'")
    own = found[found["rule"] == "person_mean"]
    assert own["mean"].tolist() == pytest.approx(table["mean"].tolist(), abs=1e-12)
    assert own["se"].tolist() == pytest.approx(table["se"].tolist(), abs=1e-12)
    assert found["lost"].notna().sum() == 8


# Alpha drawn again


def test_bootstrap_alpha_covers_normal_answers_as_feldt_does():
    """60 surveys of 100: both intervals hold the alpha that was built in (0.8), about as often."""
    rng = np.random.default_rng(8)
    held = np.zeros(2)
    for _ in range(60):
        answers = pd.DataFrame(rng.normal(size=(100, 1)) + rng.normal(size=(100, 4)))
        limits = (scoring.alpha_interval(scoring.cronbach_alpha(answers), 100, 4),
                  scoring.alpha_bootstrap(answers, 200, rng))
        held += [low <= 0.8 <= high for low, high in limits]
    assert (held >= 52).all()


def test_bootstrap_alpha_is_wider_for_skewed_answers():
    rng = np.random.default_rng(3)
    skewed = pd.DataFrame(np.exp(rng.normal(size=(400, 1)) + rng.normal(size=(400, 4))))
    feldt = scoring.alpha_interval(scoring.cronbach_alpha(skewed), 400, 4)
    drawn = scoring.alpha_bootstrap(skewed, 400, rng)
    assert drawn[1] - drawn[0] > 1.5 * (feldt[1] - feldt[0])


def test_bootstrap_alpha_is_corrected_for_bias_and_acceleration():
    """The formula of Efron (1987) by hand: both limits of skewed answers lie below percentiles."""
    rng = np.random.default_rng(11)
    answers = np.exp(rng.normal(size=(60, 1)) + rng.normal(size=(60, 3)))

    def alpha(rows):
        return 1.5 * (1 - answers[rows].var(axis=0).sum() / answers[rows].sum(axis=1).var())

    own = scoring.alpha_bootstrap(pd.DataFrame(answers), 4000, rng)
    drawn = np.array([alpha(rng.integers(0, 60, 60)) for _ in range(4000)])
    without = np.array([alpha(np.arange(60) != row) for row in range(60)])
    away = without.mean() - without
    bias = ndtri((drawn < alpha(slice(None))).mean())
    moved = bias + ndtri([0.025, 0.975])
    a = (away**3).sum() / (6 * (away**2).sum() ** 1.5)
    assert own == pytest.approx(np.quantile(drawn, ndtr(bias + moved / (1 - a * moved))), abs=0.03)
    assert (np.quantile(drawn, [0.025, 0.975]) - own > 0.02).all()


def test_bootstrap_alpha_is_that_of_scipy_in_little_memory():
    from scipy.stats import bootstrap

    def alphas(*answers, axis):
        whole = np.sum(answers, axis=0).var(axis=axis)
        return 1.5 * (1 - np.sum([item.var(axis=axis) for item in answers], axis=0) / whole)

    skewed = np.random.default_rng(2)
    answers = np.exp(skewed.normal(size=(75, 1)) + skewed.normal(size=(75, 3))) + 1000
    expected = bootstrap([*answers.T], alphas, n_resamples=300, paired=True, method="BCa",
                         confidence_level=0.9, rng=np.random.default_rng(5)).confidence_interval
    own = scoring.alpha_bootstrap(pd.DataFrame(answers), 300, np.random.default_rng(5), 0.9)
    assert own == pytest.approx((expected.low, expected.high), abs=1e-9)
    many = pd.DataFrame(skewed.normal(size=(2000, 1)) + skewed.normal(size=(2000, 12)))
    tracemalloc.start()
    scoring.alpha_bootstrap(many, 20, skewed)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * many.memory_usage().sum()


def test_alpha_of_equal_answers_has_no_interval():
    rng = np.random.default_rng(1)
    assert np.isnan(scoring.alpha_bootstrap(pd.DataFrame(np.ones((20, 3))), 50, rng)).all()
    # One of twenty differs: a third of the replicates leave it out, and have no alpha.
    alone = pd.DataFrame(np.vstack([[2.0, 2.0, 3.0], np.ones((19, 3))]))
    assert np.isnan(scoring.alpha_bootstrap(alone, 50, rng)).all()
    assert np.isnan(scoring.alpha_bootstrap(alone[:1], 50, rng)).all()


ITEMS = pd.DataFrame(
    {"item": ["a"], "dimension": "need", "aspect": "capital", "lowest": 1, "highest": 5})


@pytest.mark.parametrize(("call", "message"), [
    (lambda: scoring.top_box(pd.DataFrame({"a": [1.0]}), ITEMS, 5),
     "boxes is 5; give a whole number from 1 to 4"),
    (lambda: scoring.weighted_quantile([1], [1], 0),
     "share is 0; give a number above 0 and at most 1"),
    (lambda: scoring.crossing_table(*one_scale([1, 2], ["n", "s"])),
     "the design has no column 'business_type'; it"),
    (lambda: scoring.bootstrap_weights(pd.DataFrame({"code": ["x"], "weight": [1.0]}), 1,
                                       np.random.default_rng(1)),
     "replicates is 1; at least 2 are needed"),
    (lambda: scoring.pool(np.ones((1, 1)), np.ones((1, 1)), np.ones(1)),
     "imputations is 1; at least 2 are needed, 20 are usual"),
    (lambda: scoring.equivalence_table(*[pd.DataFrame()] * 3, 0),
     "margin is 0; give the largest difference"),
    (lambda: scoring.equivalence_table(*[pd.DataFrame()] * 3, 1, 0.5),
     "alpha is 0.5; give a level above 0"),
])
def test_bad_input(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value).startswith(message)


# Factors


def two_aspects(together: float) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Answers whose correlations are those of two factors, their items and loadings."""
    loadings = np.kron(np.eye(2), np.array([[0.8], [0.7], [0.6], [0.5]]))
    implied = loadings @ np.array([[1, together], [together, 1]]) @ loadings.T
    np.fill_diagonal(implied, 1)
    names = [f"q{number}" for number in range(8)]
    items = pd.DataFrame({"item": names, "dimension": "need", "aspect": ["a"] * 4 + ["b"] * 4})
    return with_correlations(implied, 200).set_axis(names, axis=1), items, loadings


def test_factors_are_counted_and_loaded_as_they_were_made():
    answers, items, loadings = two_aspects(0.0)
    counted = scoring.parallel_analysis(answers, items, np.random.default_rng(1))
    assert counted["kept"].tolist() == ["yes"] * 2 + ["no"] * 6
    assert counted["eigenvalue"].sum() == pytest.approx(8)
    found = scoring.factor_loadings(answers, items, {"need": 2})
    wide = found.pivot(index="item", columns="factor", values="loading").to_numpy()
    # Two factors of equal size: which one is first does not matter.
    order = [0, 1] if wide[0, 0] > 0.5 else [1, 0]
    assert wide[:, order] == pytest.approx(loadings, abs=1e-4)
    assert found["uniqueness"].iloc[::2].to_numpy() == pytest.approx(
        1 - (loadings ** 2).sum(axis=1), abs=1e-4)
    assert scoring.factor_loadings(answers, items, {}).empty


def test_varimax_keeps_what_the_factors_have_in_common():
    answers, items, _ = two_aspects(0.4)
    loadings, unique = factors.fitted_factors(answers.corr().to_numpy(), 2)
    turned = factors._varimax(loadings)
    assert turned @ turned.T == pytest.approx(loadings @ loadings.T)
    assert (turned ** 2).sum(axis=1) + unique == pytest.approx(1, abs=1e-5)


def test_fit_of_the_model_that_made_the_answers_and_of_one_factor():
    """Degrees of freedom by hand: 28 correlations less 8 loadings, less one between the factors."""
    answers, items, _ = two_aspects(0.4)
    found = scoring.factor_models(answers, items).set_index("structure")
    right, wrong = found.loc["factor_per_aspect"], found.loc["one_factor"]
    assert (right["df"], wrong["df"]) == (28 - 8 - 1, 28 - 8)
    assert right["chi2"] == pytest.approx(0, abs=1e-6) and right["p_value"] == pytest.approx(1)
    assert (right["cfi"], right["rmsea"]) == (1, 0) and right["srmr"] < 1e-4
    # The discrepancy of one factor is that of the maximum-likelihood factor analysis.
    known = answers.corr().to_numpy()
    loadings, unique = factors.fitted_factors(known, 1)
    implied = loadings @ loadings.T + np.diag(unique)
    least = (np.linalg.slogdet(implied)[1] - np.linalg.slogdet(known)[1]
             + np.trace(known @ np.linalg.inv(implied)) - 8)
    assert wrong["chi2"] == pytest.approx(200 * least, rel=1e-6)
    assert wrong["p_value"] == pytest.approx(stats.chi2.sf(200 * least, 20), rel=1e-4)
    alone = -200 * np.linalg.slogdet(known)[1]
    assert wrong["cfi"] == pytest.approx(1 - (200 * least - 20) / (alone - 28), rel=1e-6)
    assert wrong["rmsea"] == pytest.approx(((200 * least / 20 - 1) / 200) ** 0.5, rel=1e-5)


def test_an_item_alone_on_its_aspect_takes_one_number():
    """By hand, 3 + 3 + 1 items: 21 correlations less 6 loadings and 3 between the factors."""
    of = np.array([0, 0, 0, 1, 1, 1, 2])
    between = np.full((3, 3), 0.4) + 0.6 * np.eye(3)
    load = np.where(of < 2, 0.7, 1)
    known = np.outer(load, load) * between[of][:, of]
    np.fill_diagonal(known, 1)
    statistic, freedom, p, *_ = factors._confirmed(known, of, 200)
    assert freedom == 12 == 21 - 6 - 3
    assert statistic == pytest.approx(0, abs=1e-4) and p == pytest.approx(1)
    # One aspect of one item is a scale that was asked whole: no model of its own.
    assert factors._confirmed(known, of * 0, 200)[1] == 21 - 7
    assert factors._confirmed(known[:2, :2], np.array([0, 1]), 200) is None


def test_a_fit_that_was_not_found_is_left_out(monkeypatch):
    from scipy import optimize

    search = optimize.minimize
    monkeypatch.setattr(optimize, "minimize", lambda *given, options, **named: search(
        *given, options=options | {"maxiter": 2}, **named))
    answers, items, _ = two_aspects(0.4)
    assert scoring.factor_models(answers, items).empty


def test_dimensions_that_have_no_factor_model_are_left_out():
    answers = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 2, 4, 3], "c": 2, "d": [1, 3, 2, 4]})
    items = pd.DataFrame({"item": list("abcd"), "dimension": ["x", "x", "y", "y"], "aspect": "z"})
    assert scoring.parallel_analysis(answers, items, np.random.default_rng(1)).empty
    assert scoring.factor_models(answers, items).empty


# Design effects and regression by the design


def test_design_effects_are_those_of_svy(survey):
    import polars as pl
    import svy

    scores, design, items = stage(survey)
    table = scoring.design_effects(scoring.score_table(scores, design, items), scores, design)
    table = table.query("domain == 'zone'")
    data = pl.DataFrame({"y": scores["need.all"].to_numpy(), "w": design["weight"].to_numpy(float),
                         "h": design["code"].astype(str).to_list(),
                         "g": design["zone"].astype(str).to_list(),
                         "N": design["units"].to_numpy(float)})
    plan = svy.Design(stratum="h", wgt="w", pop_size="N", singleton="center")
    means = svy.Sample(data.with_columns(pl.col("y").fill_nan(None)), plan).estimation.mean(
        "y", by="g", deff="wr", drop_nulls=True).to_polars()
    expected = dict(zip(means["g"], means["deff"]))
    found = table[(table["dimension"] == "need") & (table["aspect"] == "all")]
    assert found.set_index("level")["deff"].to_dict() == pytest.approx(expected)


def test_answers_that_are_all_alike_have_no_design_effect():
    given = one_scale([3, 3, 4, 5], list("nnss"))
    table = scoring.design_effects(scoring.score_table(*given), *given[:2])
    zones = table[(table["domain"] == "zone") & (table["aspect"] == "capital")]
    assert np.isnan(zones["deff"].iloc[0]) and zones["deff"].iloc[1] > 0


def test_regression_is_that_of_the_formula(survey):
    """Weighted least squares, and a variance from the strata with what is missing outside."""
    scores, design, items = stage(survey)
    scores = scores.assign(**{"access.all": scores["access.all"].where(scores.index > 20)})
    found = scoring.regression_table(scores, design, items).query("outcome == 'access'")
    zones, types = pd.unique(design["zone"]), pd.unique(design["business_type"])
    x = np.column_stack([np.ones(len(design)), *[design["zone"] == zone for zone in zones[1:]],
                         *[design["business_type"] == kind for kind in types[1:]]]).astype(float)
    y, there = scores["access.all"].fillna(0).to_numpy(), scores["access.all"].notna().to_numpy()
    weight = design["weight"].to_numpy(float) * there
    inner = np.linalg.inv(x.T @ (x * weight[:, None]))
    fit = inner @ x.T @ (weight * y)
    moved = x * (weight * (y - x @ fit))[:, None]
    middle = np.zeros_like(inner)
    for rows in design.groupby("code").indices.values():
        size, off = len(rows), moved[rows] - moved[rows].mean(axis=0)
        left = 1 - size / design["units"].iloc[rows[0]]
        middle += left * size / (size - 1) * off.T @ off
    assert found["coefficient"].to_numpy() == pytest.approx(fit)
    assert found["se"].to_numpy() == pytest.approx(np.sqrt(np.diag(inner @ middle @ inner)))
    assert found["n"].unique().tolist() == [there.sum()]
    freedom = there.sum() - design.loc[there, "code"].nunique() - x.shape[1] + 1
    t = found["coefficient"] / found["se"]
    assert found["p_value"].to_numpy() == pytest.approx(2 * stats.t.sf(abs(t), freedom))


def regressed(zones, types, need):
    design = pd.DataFrame({"code": "x", "zone": [*zones], "business_type": [*types], "weight": 1.0})
    scores = pd.DataFrame({"need.all": need, "need.a": need}).astype(float)
    items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "a"})
    found = scoring.regression_table(scores, design, items)
    return found[["level", "reference", "coefficient"]].round(6).values.tolist()


def test_types_that_the_zones_tell_are_left_out():
    """Each zone has one type, or types of its own: means by zone, 2 and 5, nothing beside them."""
    need = [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]
    expected = [["", "", 2.0], ["s", "n", 3.0]]
    assert regressed("nnnnnnssssss", "aaaaaabbbbbb", need) == expected
    assert regressed("nnnnnnssssss", "abcabcdedede", need) == expected


def test_the_reference_is_the_first_level_that_answered():
    """Nobody of the first type or zone has a score: differences are from the next ones."""
    none, need = [None] * 3, [1, 2, 3, 3, 4, 5, 2, 3, 4, 4, 5, 6]
    types = "aaa" + "bbbccc" * 2
    assert regressed("nnn" + "n" * 6 + "s" * 6, types, [*none, *need]) == [
        ["", "", 2.0], ["s", "n", 1.0], ["c", "b", 2.0]]
    assert regressed("www" + "n" * 6 + "s" * 6, types, [*none, *need]) == [
        ["", "", 2.0], ["s", "n", 1.0], ["c", "b", 2.0]]
    assert regressed("nnnsss", "aaabbb", [*none, 1, 2, 3]) == []
    assert regressed("nnsss", "aabbb", [None] * 5) == []


def test_a_term_with_a_hidden_level_is_left_out(survey):
    found = scoring.regression_table(*stage(survey), hidden={"zone", "area"})
    assert set(found["term"]) == {"constant", "business_type"}
    assert scoring.regression_table(*stage(survey), hidden={"zone", "business_type"}).empty
