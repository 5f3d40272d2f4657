"""The simulated data: what the models make, and what they do not build in."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.sampling import allocate
from helpers.scoring import cronbach_alpha
from tools.data import simulate
from tools.data.simulate import FORCE_FIELD, QUESTIONNAIRE, TRAITS

RAW = Path(__file__).parents[1] / "data" / "raw"
MADE = ("responses", "ratings", "linkages")
FRAME, ITEMS, FACTORS, RESPONSES, RATINGS, LINKAGES = (pd.read_csv(RAW / f"{name}.csv")
                                                       for name in ("frame", "items", "factors",
                                                                    "responses", "ratings",
                                                                    "linkages"))
ZONES = pd.read_csv(RAW / "areas.csv").set_index("code")["zone"]
DOMAINS = list(QUESTIONNAIRE.domains)


def turned(responses):
    """Answers with the reverse-keyed items turned, so that high always means much need or easy
    access."""
    answers = responses[ITEMS["item"]].astype(float)
    reverse = ITEMS.loc[ITEMS["reverse"], "item"]
    return answers.assign(**{item: 6 - answers[item] for item in reverse})


def scores(responses):
    """Mean of each person's answers, by dimension and aspect."""
    answers = turned(responses)
    return pd.DataFrame({key: answers[group["item"]].mean(axis=1)
                         for key, group in ITEMS.groupby(["dimension", "aspect"], sort=False)})


@pytest.fixture(scope="module")
def large():
    """A sample so large that chance hardly matters: the model itself, seen through its answers."""
    frame = FRAME.assign(units=FRAME["units"] * 100)
    return simulate.simulate_responses(frame, ITEMS, seed=1,
                                       model=replace(QUESTIONNAIRE, margin=0.005))


# --- the committed files --------------------------------------------------------------------------


def test_committed_files_are_what_the_generator_makes(tmp_path):
    for name in ("frame", "items", "factors"):
        (tmp_path / f"{name}.csv").write_bytes((RAW / f"{name}.csv").read_bytes())
    simulate.main([str(tmp_path)])
    for name in MADE:
        assert (tmp_path / f"{name}.csv").read_bytes() == (RAW / f"{name}.csv").read_bytes()


def test_another_seed_makes_other_answers(tmp_path):
    for name in ("frame", "items", "factors"):
        (tmp_path / f"{name}.csv").write_bytes((RAW / f"{name}.csv").read_bytes())
    simulate.main([str(tmp_path), "--seed", "2"])
    for name in MADE:
        assert (tmp_path / f"{name}.csv").read_bytes() != (RAW / f"{name}.csv").read_bytes()


def test_respondents_fill_the_proportional_quota():
    assert len(RESPONSES) == 399
    quota = allocate(FRAME.set_index("code")["units"], 399)
    assert RESPONSES.groupby("code").size().to_dict() == quota.to_dict()
    assert RESPONSES["respondent"].is_unique


def test_answers_are_whole_numbers_from_one_to_five_with_few_gaps():
    answers = RESPONSES[ITEMS["item"]]
    given = answers.stack().dropna()
    assert set(given) == {1, 2, 3, 4, 5}
    assert 0.01 <= answers.isna().mean().mean() <= 0.02
    assert answers.notna().any(axis=1).all()


def test_scales_are_as_reliable_as_real_ones():
    answers = turned(RESPONSES)
    for _, group in ITEMS.groupby(["dimension", "aspect"]):
        assert 0.7 <= cronbach_alpha(answers[group["item"]].dropna()) <= 0.9


def test_words_of_the_abstract_hold_in_the_committed_answers():
    means = scores(RESPONSES).mean()
    assert (means["need"] > 3.67).all()
    assert (means["access"] < 3).all()


def test_unturned_reverse_items_would_spoil_their_scale():
    capital = ITEMS.query("dimension == 'access' and aspect == 'capital'")["item"]
    assert cronbach_alpha(RESPONSES[capital].dropna()) < 0.3


# --- the model ------------------------------------------------------------------------------------


def test_trait_correlation_is_one():
    correlation = simulate.trait_correlation().to_numpy()
    assert np.allclose(correlation, correlation.T) and np.allclose(np.diag(correlation), 1)
    assert np.linalg.eigvalsh(correlation).min() > 0.1


def test_category_probabilities_by_hand():
    # P(Y >= 2) at theta 1, a 2, b 0 is 1 / (1 + e^-2) = 0.8808; P(Y >= 3) with b 1 is 0.5
    chances = simulate.category_probabilities([1.0], 2.0, [0.0, 1.0])
    assert chances.round(4).tolist() == [[0.1192, 0.3808, 0.5]]


def test_category_probabilities_sum_to_one_and_rise_with_the_trait():
    trait = np.linspace(-4, 4, 81)
    for dimension in ("need", "access"):
        for position in range(4):
            thresholds = simulate.item_thresholds(dimension, position)
            assert (np.diff(thresholds) > 0).all()
            chances = simulate.category_probabilities(trait,
                                                      QUESTIONNAIRE.discriminations[position],
                                                      thresholds)
            assert chances.shape == (81, 5) and (chances > 0).all()
            assert np.allclose(chances.sum(axis=1), 1)
            assert (np.diff(chances @ np.arange(1, 6)) > 0).all()


def test_large_sample_has_the_expected_item_means(large):
    # mean answer of an item = sum over categories of k times P(k), integrated over a standard
    # normal trait
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    answers = turned(large)
    for row in ITEMS.itertuples():
        position = int(row.item[-1]) - 1
        chances = simulate.category_probabilities(nodes, QUESTIONNAIRE.discriminations[position],
                                                  simulate.item_thresholds(row.dimension, position))
        expected = weights @ (chances @ np.arange(1, 6)) / weights.sum()
        assert answers[row.item].mean() == pytest.approx(expected, abs=0.03)


def test_large_sample_has_the_expected_gaps_and_domains(large):
    assert large[ITEMS["item"]].isna().mean().mean() == pytest.approx(QUESTIONNAIRE.missing,
                                                                      abs=0.001)
    for name, shares in QUESTIONNAIRE.domains.items():
        assert sum(shares.values()) == pytest.approx(1)
        assert large[name].value_counts(normalize=True).to_dict() == pytest.approx(shares, abs=0.01)


def test_large_sample_has_the_signs_of_the_correlations(large):
    correlation = scores(large).corr()
    for one in TRAITS:
        for other in TRAITS:
            if one != other:
                assert np.sign(correlation.loc[one, other]) == np.sign(
                    simulate.trait_correlation().loc[one, other])
    need = correlation.loc[("need", "market")]
    assert need[("access", "market")] < need[("access", "policy")]


def test_no_difference_between_zones_or_groups_is_built_in(large):
    people = scores(large)
    for groups in (large["code"].map(ZONES), *(large[name] for name in DOMAINS)):
        means = people.groupby(groups.to_numpy()).mean()
        errors = people.groupby(groups.to_numpy()).sem()
        difference = means.sub(people.mean()).div(errors)
        assert (difference.abs() < 4).all(axis=None)


def test_answers_do_not_depend_on_which_areas_they_are():
    # Other codes with the same numbers of units give the same answers: no parameter belongs to an
    # area.
    renamed = FRAME.assign(code="area " + FRAME["code"])
    made = simulate.simulate_responses(renamed, ITEMS)
    pd.testing.assert_frame_equal(made.drop(columns="code"),
                                  simulate.simulate_responses(FRAME, ITEMS).drop(columns="code"))


def test_no_difference_between_aspects_is_built_in(large):
    means = scores(large).mean()
    assert np.ptp(means["need"]) < 0.03 and np.ptp(means["access"]) < 0.03


def test_streams_are_apart():
    base = simulate.simulate_responses(FRAME, ITEMS)
    no_gaps = simulate.simulate_responses(FRAME, ITEMS, model=replace(QUESTIONNAIRE, missing=0.0))
    assert not no_gaps.isna().any(axis=None)
    pd.testing.assert_frame_equal(base, no_gaps.where(base.notna(), pd.NA).astype(base.dtypes))


# --- the force field
# --------------------------------------------------------------------------------


def test_every_expert_judges_every_factor_and_every_pair_once():
    experts = [f"E{number}" for number in range(1, 8)]
    factors = FACTORS["factor"].tolist()
    assert len(RATINGS) == 7 * len(factors) and not RATINGS.duplicated(["expert", "factor"]).any()
    assert RATINGS["expert"].unique().tolist() == experts and set(RATINGS["factor"]) == set(factors)
    pairs = LINKAGES[["factor_a", "factor_b"]].apply(lambda pair: tuple(sorted(pair)), axis=1)
    assert (LINKAGES["factor_a"] != LINKAGES["factor_b"]).all()
    assert pairs.nunique() == len(factors) * (len(factors) - 1) // 2
    assert len(LINKAGES) == 7 * pairs.nunique()
    assert not pd.concat([LINKAGES["expert"], pairs], axis=1).duplicated().any()


def test_judgements_stay_on_their_scales():
    assert RATINGS[["urgency", "support"]].stack().between(1, 5).all()
    assert LINKAGES["linkage"].between(0, 5).all()


def test_means_are_stated_for_every_factor_on_three_levels_only():
    assert list(FORCE_FIELD.means) == FACTORS["factor"].tolist()
    levels = {level for pair in FORCE_FIELD.means.values() for level in pair}
    assert levels == {simulate.MODERATE, simulate.CONSIDERABLE, simulate.STRONG}
    aspects = sorted(FACTORS["aspect"].unique())
    assert sorted(FORCE_FIELD.linkages) == [(one, other) for one in aspects for other in aspects
                                            if one < other]


def test_many_experts_agree_with_the_stated_means():
    many = replace(FORCE_FIELD, experts=4000)
    ratings, linkages = simulate.simulate_judgements(FACTORS, seed=3, model=many)
    means = ratings.groupby("factor")[["urgency", "support"]].mean()
    expected = pd.DataFrame(FORCE_FIELD.means, index=["urgency", "support"]).T
    assert (means - expected.loc[means.index]).abs().max(axis=None) < 0.05
    aspect = FACTORS.set_index("factor")["aspect"]
    same = linkages["factor_a"].map(aspect) == linkages["factor_b"].map(aspect)
    assert linkages.loc[same, "linkage"].mean() == pytest.approx(FORCE_FIELD.same_aspect, abs=0.05)


def test_command_names_the_files_it_wrote(tmp_path, capsys):
    for name in ("frame", "items", "factors"):
        (tmp_path / f"{name}.csv").write_bytes((RAW / f"{name}.csv").read_bytes())
    simulate.main([str(tmp_path)])
    assert [Path(line).name
            for line in capsys.readouterr().out.split()] == [f"{name}.csv" for name in MADE]
