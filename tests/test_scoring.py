"""Scales, classes, estimates, gaps and contrasts: published examples, closed forms, invariants, bad
input."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from helpers import scoring

EXAMPLES = Path(__file__).with_name("examples")
ROOT = Path(__file__).resolve().parents[1]


def example(name: str) -> dict:
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def survey():
    raw = ROOT / "data/raw"
    names = ("areas", "frame", "items", "responses")
    areas, frame, items, responses = (pd.read_csv(raw / f"{name}.csv") for name in names)
    answers = scoring.align(responses, items)
    design = scoring.with_design(responses, areas, frame)
    return {
        "areas": areas, "frame": frame, "items": items, "responses": responses, "answers": answers,
        "design": design, "scores": scoring.scores_by_respondent(answers, items),
    }


@pytest.fixture(scope="module")
def table(survey):
    return scoring.score_table(survey["scores"], survey["design"], survey["items"])


@pytest.fixture(scope="module")
def gaps(survey):
    return scoring.gap_table(survey["scores"], survey["design"], survey["items"])


@pytest.fixture(scope="module")
def contrasts(survey):
    return scoring.contrast_table(survey["scores"], survey["design"], survey["items"])


def instrument(*, reverse=(), highest=5) -> pd.DataFrame:
    """Two items an aspect, two aspects, need and access."""
    rows = [
        (f"{dimension}_{aspect}_{number}", dimension, aspect)
        for dimension in ("need", "access") for aspect in ("capital", "market") for number in (1, 2)
    ]
    items = pd.DataFrame(rows, columns=["item", "dimension", "aspect"])
    return items.assign(reverse=items["item"].isin(reverse), lowest=1, highest=highest)


def answered(items: pd.DataFrame, respondents: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        rng.integers(1, 6, (respondents, len(items))).astype(float), columns=items["item"])


# Published examples


def test_alpha_and_item_totals_of_ten_respondents():
    case = example("reliability_cronbach_10x4")
    data = pd.DataFrame(case["inputs"]["data"], columns=case["inputs"]["items"])
    expected = case["recomputed_outputs"]
    assert scoring.cronbach_alpha(data) == pytest.approx(expected["alpha"], abs=5e-7)
    assert scoring.item_total(data).tolist() == pytest.approx(expected["item_total_r"], abs=5e-5)
    assert scoring.corrected_item_total(data).tolist() == pytest.approx(
        expected["corrected_item_total_r"], abs=5e-5)
    assert scoring.critical_r(len(data)) == pytest.approx(expected["r_table_df8"], abs=5e-5)


def test_alpha_counts_items_and_not_respondents():
    case = example("reliability_wrong_k_slip")
    variances = np.array(list(case["recomputed_outputs"]["item_var"].values()))
    k, total = case["inputs"]["k"], case["recomputed_outputs"]["total_variance"]
    # Answers whose covariance matrix has the printed variances and the printed variance of the
    # total.
    matrix = np.full((k, k), (total - variances.sum()) / (k * (k - 1)))
    np.fill_diagonal(matrix, variances)
    noise = np.random.default_rng(1).normal(size=(60, k))
    noise -= noise.mean(axis=0)
    white = np.linalg.solve(np.linalg.cholesky(np.cov(noise.T)), noise.T).T
    answers = pd.DataFrame(white @ np.linalg.cholesky(matrix).T)
    alpha = scoring.cronbach_alpha(answers)
    assert alpha == pytest.approx(case["recomputed_outputs"]["alpha_17_items"], abs=1e-4)
    assert alpha < case["printed_outputs"]["alpha"] - 0.2


def test_validity_correlation_with_the_total_that_holds_the_item():
    case = example("validity_pearson_10")
    item, total = pd.Series(case["inputs"]["X"]), pd.Series(case["inputs"]["Y"])
    r = scoring.item_total(pd.DataFrame({"item": item, "rest": total - item}))["item"]
    assert r == pytest.approx(case["recomputed_outputs"]["r"], abs=5e-7)
    assert r > scoring.critical_r(len(item)) == pytest.approx(case["printed_outputs"]["r_table"],
                                                              abs=5e-4)


def test_critical_r_gives_every_row_of_the_table():
    rows = example("validity_r_table_df1_97")["printed_outputs"]["table"]
    assert len(rows) == 97
    for freedom, r in rows.items():
        assert scoring.critical_r(int(freedom) + 2) == pytest.approx(r, abs=5.1e-5)


def test_classes_of_the_sum_of_eleven_items():
    case = example("scoring_likert_class_11items")
    bounds = scoring.class_bounds(11, 55, 5)
    assert np.diff(bounds) == pytest.approx(np.full(5, case["printed_outputs"]["interval"]))
    printed = sorted(low for low, _ in case["printed_outputs"]["bounds"])
    assert bounds[:-1].tolist() == pytest.approx(printed)
    named = scoring.classify(pd.Series([11, 19.8, 19.9, 37.4, 37.5, 55]), 11, 55, 5)
    assert named.cat.codes.tolist() == [0, 0, 1, 2, 3, 4]


def test_classes_of_item_means_leave_no_hole():
    case = example("scoring_rescaled_interval_075")
    bounds = scoring.class_bounds(case["inputs"]["min"], case["inputs"]["max"],
                                  case["inputs"]["classes"])
    assert sorted(map(tuple,
                      case["recomputed_outputs"]["exact_bounds"])) == list(zip(bounds, bounds[1:]))
    # 1.755 lies between the printed 1.00-1.75 and 1.76-2.50.
    assert scoring.classify(pd.Series([1.75, 1.755, 1.76]), 1, 4,
                            4).tolist() == ["very_low", "low", "low"]


@pytest.mark.parametrize("question", ["q1", "q2"])
def test_likert_index_in_per_cent_of_the_maximum(question):
    case = example("scoring_likert_index_percent")
    weights, counts = case["inputs"]["weights"], case["inputs"][question]
    items = pd.DataFrame(
        {"item": ["q"], "dimension": "need", "aspect": "all of it", "lowest": 1, "highest": 4})
    answers = pd.DataFrame(
        {"q": np.repeat(list(weights.values()), list(counts.values())).astype(float)})
    shares = scoring.answer_shares(answers, items)
    mean = (shares["answer"] * shares["share"]).sum()
    assert mean == pytest.approx(case["recomputed_outputs"][question]["mean"], abs=5e-5)
    assert 100 * mean / 4 == pytest.approx(case["recomputed_outputs"][question]["index_pct"],
                                           abs=5e-4)


# Answers


def test_a_reversed_item_is_turned_round():
    items = instrument(reverse=["need_capital_2"])
    responses = answered(items, 20)
    turned = scoring.align(responses, items)
    assert turned["need_capital_2"].equals(6 - responses["need_capital_2"])
    assert turned.drop(columns="need_capital_2").equals(responses.drop(columns="need_capital_2"))


def test_nullable_integers_are_read():
    items = instrument()
    responses = answered(items, 5)
    responses.iloc[0, 0] = None
    assert scoring.align(responses.astype("Int64"), items).equals(scoring.align(responses, items))


def test_missing_rules():
    answers = pd.DataFrame(
        {"a": [1.0, None, None, None], "b": [2.0, 2, None, None], "c": [3.0, 3, 3, None]})
    assert scoring.mean_score(answers, "listwise").isna().tolist() == [False, True, True, True]
    assert scoring.mean_score(answers, "pairwise").tolist()[:3] == [2, 2.5, 3]
    assert scoring.mean_score(answers, "person_mean",
                              0.5).isna().tolist() == [False, False, True, True]
    assert scoring.mean_score(answers, "person_mean",
                              2 / 3).isna().tolist() == [False, False, False, True]
    # Nobody who answered nothing gets a score.
    assert scoring.mean_score(answers, "person_mean",
                              1).isna().tolist() == [False, False, False, True]


def test_a_share_of_gaps_at_the_limit_is_allowed():
    answers = pd.DataFrame([[1.0] * 7 + [None] * 3])
    assert scoring.mean_score(answers, "person_mean", 0.3).tolist() == [1.0]


def test_filling_with_the_persons_mean_equals_the_mean_of_the_answered():
    answers = answered(instrument(),
                       50).iloc[:, :4].mask(np.random.default_rng(3).random((50, 4)) < 0.2)
    filled = answers.apply(lambda row: row.fillna(row.mean()), axis=1)
    assert np.allclose(scoring.mean_score(answers, "pairwise"), filled.mean(axis=1), equal_nan=True)


def test_shares_of_answers_are_weighted_and_add_up(survey):
    shares = scoring.answer_shares(survey["answers"], survey["items"], survey["design"]["weight"])
    assert shares.groupby(["dimension", "aspect"])["share"].sum().to_numpy() == pytest.approx(1)
    assert shares["answer"].tolist() == [1, 2, 3, 4, 5] * 6


# Reliability

matrices = some.integers(0, 2**32 - 1).map(lambda seed: pd.DataFrame(
    np.random.default_rng(seed).normal(size=(30, 1)) + np.random.default_rng(seed + 1).normal(size=(
        30, 5))))


@given(matrices, some.permutations(range(5)), some.floats(0.1, 10), some.floats(-5, 5))
def test_alpha_does_not_depend_on_order_unit_or_origin(answers, order, unit, origin):
    alpha = scoring.cronbach_alpha(answers)
    assert scoring.cronbach_alpha(answers[list(order)] * unit + origin) == pytest.approx(alpha)
    assert scoring.cronbach_alpha(answers.sample(frac=1, random_state=1)) == pytest.approx(alpha)
    assert alpha <= 1


@given(matrices)
def test_alpha_equals_the_formula_from_correlations_for_standardised_items(answers):
    standard = (answers - answers.mean()) / answers.std()
    r = (answers.corr().to_numpy().sum() - 5) / 20
    assert scoring.cronbach_alpha(standard) == pytest.approx(5 * r / (1 + 4 * r))


@given(matrices)
def test_item_totals_equal_plain_correlations(answers):
    total = answers.sum(axis=1)
    assert np.allclose(scoring.item_total(answers), [answers[item].corr(total) for item in answers])
    rest = [answers[item].corr(total - answers[item]) for item in answers]
    assert np.allclose(scoring.corrected_item_total(answers), rest)
    dropped = [scoring.cronbach_alpha(answers.drop(columns=item)) for item in answers]
    assert np.allclose(scoring.alpha_if_dropped(answers), dropped)


def test_identical_items_have_alpha_one():
    assert scoring.cronbach_alpha(pd.DataFrame({name: [1, 2, 4, 5]
                                                for name in "abc"})) == pytest.approx(1)


def test_a_forgotten_reversal_lowers_alpha(survey):
    answers, items = survey["answers"], survey["items"]
    turned = items.query("dimension == 'access' and aspect == 'capital'")["item"]
    right = scoring.cronbach_alpha(answers[turned])
    wrong = scoring.cronbach_alpha(survey["responses"][turned])
    assert right > 0.7 > wrong


def test_all_answers_equal_have_no_alpha_and_no_correlation():
    answers = pd.DataFrame({"a": [3.0, 3, 3], "b": [3.0, 3, 3], "c": [3.0, 3, 3]})
    assert np.isnan(scoring.cronbach_alpha(answers))
    assert scoring.corrected_item_total(answers).isna().all()
    assert scoring.alpha_if_dropped(answers).isna().all()


def test_listwise_and_pairwise_differ_in_the_covariance_matrix_only():
    answers = answered(instrument(), 60, seed=4).iloc[:, :4]
    gapped = answers.mask(np.random.default_rng(5).random(answers.shape) < 0.15)
    matrix = gapped.cov().to_numpy()
    pairwise = 4 / 3 * (1 - np.trace(matrix) / matrix.sum())
    assert scoring.cronbach_alpha(gapped, "pairwise") == pytest.approx(pairwise)
    assert scoring.cronbach_alpha(gapped) == pytest.approx(scoring.cronbach_alpha(gapped.dropna()))
    assert scoring.cronbach_alpha(answers) == pytest.approx(
        scoring.cronbach_alpha(answers, "pairwise"))


@given(some.floats(-1, 0.99), some.integers(5, 500), some.integers(2, 20))
def test_interval_holds_alpha_and_grows_with_confidence(alpha, respondents, items):
    low, high = scoring.alpha_interval(alpha, respondents, items)
    wider = scoring.alpha_interval(alpha, respondents, items, 0.99)
    assert wider[0] < low < alpha < high < wider[1] <= 1


def test_alpha_interval_covers_the_truth_as_often_as_it_says():
    # Parallel items with correlation 0.4: alpha is 4 x 0.4 / (1 + 3 x 0.4).
    rng, truth, hits = np.random.default_rng(8), 1.6 / 2.2, 0
    for _ in range(400):
        answers = np.sqrt(0.4) * rng.normal(size=(50, 1)) + np.sqrt(0.6) * rng.normal(size=(50, 4))
        low, high = scoring.alpha_interval(scoring.cronbach_alpha(pd.DataFrame(answers)), 50, 4)
        hits += low <= truth <= high
    assert 0.92 <= hits / 400 <= 0.98


def test_tables_of_the_instrument(survey):
    reliability = scoring.reliability_table(survey["answers"], survey["items"])
    assert list(reliability) == [
        "dimension", "aspect", "items", "respondents", "alpha", "alpha_ci_low", "alpha_ci_high"
    ]
    assert reliability["items"].tolist() == [4, 4, 4, 12] * 2
    assert reliability["alpha"].between(0.6, 0.95).all()
    analysis = scoring.item_table(survey["answers"], survey["items"])
    assert list(analysis) == [
        "item", "dimension", "aspect", "mean", "sd", "item_total", "corrected_item_total",
        "alpha_if_dropped", "missing"
    ]
    assert analysis["item"].tolist() == survey["items"]["item"].tolist()
    assert analysis["missing"].sum() == survey["answers"].isna().to_numpy().sum()
    assert (analysis["item_total"] > analysis["corrected_item_total"]).all()


# Classes


@given(some.lists(some.floats(1, 5), min_size=1), some.integers(2, 12))
def test_every_score_has_a_class_and_classes_keep_the_order(values, classes):
    scores = pd.Series(values)
    named = scoring.classify(scores, 1, 5, classes)
    assert named.notna().all()
    assert named.cat.ordered and len(named.cat.categories) == classes == len(
        set(named.cat.categories))
    assert named.cat.codes[scores.sort_values().index].is_monotonic_increasing


@pytest.mark.parametrize("classes", range(2, 11))
def test_a_limit_belongs_to_the_class_below_it(classes):
    bounds = scoring.class_bounds(1, 5, classes)
    assert scoring.classify(pd.Series(bounds), 1, 5,
                            classes).cat.codes.tolist() == [0, *range(classes)]
    # The same limits reached by another path of rounding.
    again = pd.Series([1 + 4 * step / classes for step in range(classes + 1)])
    assert scoring.classify(again, 1, 5, classes).cat.codes.tolist() == [0, *range(classes)]


def test_three_classes_on_one_to_five_and_a_missing_score():
    named = scoring.classify(pd.Series([2.33, 2.34, 3.66, 3.67, None], index=list("abcde")), 1, 5,
                             3)
    assert named.astype(object).tolist()[:4] == ["low", "medium", "medium", "high"]
    assert named.isna().tolist() == [False] * 4 + [True]
    assert named.index.tolist() == list("abcde")


# Estimates


def closed_form(data: pd.DataFrame, variable: str, inside: pd.Series) -> tuple[float, float]:
    """Weighted mean of a domain and its Taylor standard error, by hand."""
    inside = inside & data[variable].notna()
    mass = data.loc[inside, "w"].sum()
    mean = (data["w"] * data[variable])[inside].sum() / mass
    parts = (data["w"] * (data[variable] - mean) / mass).where(inside, 0.0)
    variance = 0.0
    for _, stratum in data.assign(part=parts).groupby("h"):
        n = len(stratum)
        correction = 1 - n / stratum["N"].iloc[0]
        variance += correction * n / (n - 1) * ((stratum["part"] - stratum["part"].mean())**2).sum()
    return mean, np.sqrt(variance)


def stratified(seed: int) -> pd.DataFrame:
    """Strata of 2 to 12 respondents, unequal weights, a domain, gaps."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 13, rng.integers(2, 6))
    stratum = np.repeat(np.arange(len(sizes)), sizes)
    population = sizes + rng.integers(0, 200, len(sizes))
    data = pd.DataFrame(
        {"h": stratum, "N": population[stratum], "y": rng.normal(3, 1, len(stratum))})
    data["w"] = data["N"] / sizes[stratum]
    data["g"] = rng.choice(["x", "y", "z"], len(stratum))
    data["m"] = data["y"].mask(rng.random(len(stratum)) < 0.2)
    return data


@given(some.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_estimates_equal_the_closed_form(seed):
    data = stratified(seed)
    for by in (None, "g"):
        table = scoring.estimate_means(data, ["y", "m"], "w", "h", "N", by=by)
        for row in table[table["n"] > 1].itertuples():
            inside = pd.Series(True, index=data.index) if by is None else data["g"] == row.level
            assert (row.mean, row.se) == pytest.approx(closed_form(data, row.variable, inside),
                                                       rel=1e-9, abs=1e-12)
            assert row.n == data.loc[inside, row.variable].notna().sum()


@given(some.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_intervals_use_t_with_respondents_less_strata(seed):
    data = stratified(seed)
    row = scoring.estimate_means(data, ["y"], "w", "h", "N", confidence=0.9).iloc[0]
    reach = stats.t.ppf(0.95, len(data) - data["h"].nunique()) * row["se"]
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(
        (row["mean"] - reach, row["mean"] + reach))


def test_without_population_there_is_no_finite_correction():
    data = stratified(3)
    plain = scoring.estimate_means(data, ["y"], "w", "h").iloc[0]
    endless = scoring.estimate_means(data.assign(N=data["N"] * 10**9), ["y"], "w", "h", "N").iloc[0]
    assert plain["se"] == pytest.approx(endless["se"])
    assert plain["se"] > scoring.estimate_means(data, ["y"], "w", "h", "N").iloc[0]["se"]


def test_a_census_has_no_sampling_error():
    data = pd.DataFrame({"y": [1.0, 2, 3, 4], "w": 1.0, "h": ["a", "a", "b", "b"], "N": 2})
    assert scoring.estimate_means(data, ["y"], "w", "h",
                                  "N").iloc[0][["mean", "se"]].tolist() == [2.5, 0.0]


def test_dropping_the_others_gives_another_standard_error():
    data = stratified(5)
    table = scoring.estimate_means(data, ["y"], "w", "h", "N", by="g").set_index("level")
    inside = data[data["g"] == "x"]
    assert inside["h"].value_counts().min() > 1
    wrong = scoring.estimate_means(inside, ["y"], "w", "h", "N").iloc[0]
    assert wrong["mean"] == pytest.approx(table.loc["x", "mean"])
    assert abs(wrong["se"] - table.loc["x", "se"]) > 1e-3


def test_a_respondent_without_a_domain_stays_in_the_design():
    data = stratified(5)
    data.loc[0, "g"] = None
    row = scoring.estimate_means(data, ["y"], "w", "h", "N", by="g").set_index("level").loc["x"]
    assert (row["mean"], row["se"]) == pytest.approx(closed_form(data, "y", data["g"] == "x"))


def test_one_respondent_in_a_stratum_is_centred_at_the_mean_of_the_sample():
    data = pd.DataFrame({"y": [1.0, 3, 2, 4, 9], "w": [5.0, 5, 10, 10, 20], "h": list("aabbc")})
    data["N"] = [10, 10, 20, 20, 20]
    row = scoring.estimate_means(data, ["y"], "w", "h", "N").iloc[0]
    parts = data["w"] * (data["y"] - row["mean"]) / data["w"].sum()
    variance = sum((1 - 2 / size) * 2 * parts[data["h"] == name].var()
                   for name, size in (("a", 10), ("b", 20)))
    # The stratum's own mean is unknown, so the deviation is taken from that of the whole sample.
    variance += (1 - 1 / 20) * (parts[4] - parts.mean()) ** 2
    assert row["se"] == pytest.approx(np.sqrt(variance))


def test_a_single_answer_has_no_standard_error_and_nobody_has_a_row():
    data = pd.DataFrame({"y": [1.0, 3, 2, 4], "w": 1.0, "h": list("aabb"), "g": list("xxyz")})
    data["e"] = [1.0, 2, None, None]
    table = scoring.estimate_means(data, ["y", "e"], "w", "h",
                                   by="g").set_index(["variable", "level"])
    assert table.loc[("y", "y"), "mean"] == 2
    assert table.loc[("y", "y"), ["se", "ci_low", "ci_high"]].isna().all()
    assert table.loc[("e", "z"), "n"] == 0
    assert table.loc[("e", "z"), ["mean", "se"]].isna().all()


def test_a_variable_that_nobody_answered():
    data = pd.DataFrame({"y": [np.nan, np.nan], "w": 1.0, "h": ["a", "a"]})
    row = scoring.estimate_means(data, ["y"], "w", "h").iloc[0]
    assert row["n"] == 0 and np.isnan(row["mean"])


def test_columns_and_order_of_levels():
    data = stratified(1).assign(g=lambda frame: pd.Categorical(frame["g"], ["z", "x", "y"]))
    table = scoring.estimate_means(data, ["y", "m"], "w", "h", "N", by="g")
    assert list(table) == ["variable", "level", "n", "mean", "se", "ci_low", "ci_high"]
    assert table["level"].tolist() == ["z", "x", "y"] * 2
    assert scoring.estimate_means(data, ["y"], "w", "h")["level"].tolist() == ["all"]


def test_labels_of_the_user_are_only_labels():
    data = pd.DataFrame(
        {"a b": [1.0, 3, 2, 4], "svy": 1.0, "by": ["__Null__"] * 2 + ["w"] * 2, "g": list("yyNN")})
    table = scoring.estimate_means(data, ["a b"], "svy", "by", by="g")
    assert dict(zip(table["level"], table["mean"])) == {"N": 3.0, "y": 2.0}


# Tables of the stage


def test_scores_cover_the_whole_zones_areas_and_types(survey, table):
    assert list(table) == [
        "domain", "level", "dimension", "aspect", "n", "mean", "se", "ci_low", "ci_high", "class"
    ]
    counts = table.groupby("domain").size()
    assert counts.to_dict() == {"all": 8, "zone": 24, "area": 200, "business_type": 16}
    assert (table["ci_low"] < table["mean"]).all() and (table["mean"] < table["ci_high"]).all()
    assert table.loc[table["domain"] == "zone",
                     "level"].unique().tolist() == ["north", "south", "city"]


def test_scores_equal_the_closed_form(survey, table):
    design = survey["design"].rename(columns={"weight": "w", "code": "h", "units": "N"})
    data = design.assign(h=design["h"].astype(str)).join(survey["scores"])
    for zone in ("north", "south", "city"):
        expected = closed_form(data, "need.market", data["zone"] == zone)
        row = table[(table["level"] == zone) & (table["dimension"] == "need") &
                    (table["aspect"] == "market")].iloc[0]
        assert (row["mean"], row["se"]) == pytest.approx(expected)


def test_classes_of_the_observed_range(survey):
    observed = scoring.score_table(survey["scores"], survey["design"], survey["items"], 3,
                                   "observed")
    score = survey["scores"]["need.capital"]
    rows = observed[(observed["dimension"] == "need") & (observed["aspect"] == "capital")]
    expected = scoring.classify(rows["mean"], score.min(), score.max(), 3)
    assert rows["class"].tolist() == expected.tolist()


def test_gap_is_need_less_access_in_every_row(survey, gaps):
    assert list(gaps) == [
        "domain", "level", "aspect", "need", "access", "gap", "se", "ci_low", "ci_high",
        "fulfilment", "quadrant"
    ]
    assert np.allclose(gaps["need"] - gaps["access"], gaps["gap"])
    assert np.allclose(gaps["fulfilment"], 100 * gaps["access"] / gaps["need"])


def test_gap_counts_only_respondents_with_both_scores():
    items = instrument()
    answers = answered(items, 12)
    answers.loc[0, ["need_capital_1", "need_capital_2"]] = None
    design = pd.DataFrame({"code": list("aabb") * 3, "zone": list("xxyy") * 3, "weight": 1.0})
    gaps = scoring.gap_table(scoring.scores_by_respondent(answers, items), design, items)
    row = gaps[(gaps["domain"] == "all") & (gaps["aspect"] == "capital")].iloc[0]
    both = answers.loc[1:]
    need, access = (both[[f"{side}_capital_1", f"{side}_capital_2"]].mean(axis=1)
                    for side in ("need", "access"))
    assert row["gap"] == pytest.approx((need - access).mean())
    assert row["need"] - row["access"] == pytest.approx(row["gap"])


def test_gap_knows_that_both_answers_come_from_one_person(survey, table, gaps):
    whole = gaps[(gaps["domain"] == "all") & (gaps["aspect"] == "all")].iloc[0]
    errors = table[(table["domain"] == "all") & (table["aspect"] == "all")]["se"]
    # Need and access go against each other here, so the gap varies more than two separate samples
    # would say.
    assert whole["se"] > np.hypot(*errors)


def test_quadrants_by_midpoint_and_by_grand_mean(survey, gaps):
    assert scoring.quadrant_cuts(gaps, survey["items"]) == (3.0, 3.0)
    relative = scoring.gap_table(survey["scores"], survey["design"], survey["items"], "grand_mean")
    need, access = scoring.quadrant_cuts(relative, survey["items"], "grand_mean")
    whole = relative[relative["domain"] == "all"].set_index("aspect")
    assert (need, access) == (whole.loc["all", "need"], whole.loc["all", "access"])
    assert whole.loc["all", "quadrant"] == "low_need_low_access"
    assert relative["quadrant"].nunique() > gaps["quadrant"].nunique()


@given(some.floats(1, 5), some.floats(1, 5))
def test_quadrants_are_named_in_words(need, access):
    word = scoring.quadrant(pd.Series([need]), pd.Series([access]), 3, 3).iloc[0]
    assert word == f"{'high' if need > 3 else 'low'}_need_{'high' if access > 3 else 'low'}_access"


def test_contrasts_of_every_pair_on_every_scale(contrasts):
    assert list(contrasts) == [
        "dimension", "aspect", "zone_a", "zone_b", "difference", "se", "ci_low", "ci_high",
        "p_value", "p_adjusted", "effect_size"
    ]
    assert len(contrasts) == 2 * 4 * 3
    assert (contrasts["p_adjusted"] >= contrasts["p_value"]).all()
    assert (np.sign(contrasts["effect_size"]) == np.sign(contrasts["difference"])).all()
    inside = (contrasts["ci_low"] < 0) & (contrasts["ci_high"] > 0)
    assert (inside == (contrasts["p_value"] > 0.05)).all()


def test_a_contrast_adds_the_variances_of_the_zones(table, contrasts):
    zones = table[(table["dimension"] == "need")
                  & (table["aspect"] == "capital")].set_index("level")
    row = contrasts.iloc[0]
    assert row["difference"] == pytest.approx(zones.loc["north", "mean"]
                                              - zones.loc["south", "mean"])
    assert row["se"] == pytest.approx(np.hypot(zones.loc["north", "se"], zones.loc["south", "se"]))
    freedom = 246 - 15 + 101 - 7
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(row["difference"] / row["se"], freedom))


def test_a_contrast_of_one_stratum_each_is_the_t_test_of_unequal_weights():
    # One stratum a zone and equal weights: Welch's statistic, with n_a + n_b - 2 degrees of
    # freedom.
    items = instrument()
    answers = answered(items, 30)
    design = pd.DataFrame(
        {"code": ["a"] * 12 + ["b"] * 18, "zone": ["x"] * 12 + ["y"] * 18, "weight": 1.0})
    scores = scoring.scores_by_respondent(answers, items)
    row = scoring.contrast_table(scores, design, items).iloc[0]
    a, b = scores["need.capital"][:12], scores["need.capital"][12:]
    welch = stats.ttest_ind(a, b, equal_var=False).statistic
    assert row["difference"] / row["se"] == pytest.approx(welch)
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(abs(welch), 28))
    pooled = np.sqrt((11 * a.var() + 17 * b.var()) / 28)
    assert row["effect_size"] == pytest.approx((a.mean() - b.mean()) / pooled * (1 - 3 /
                                                                                 (4 * 28 - 1)))


def test_no_difference_is_built_in_and_none_survives_the_adjustment(contrasts):
    assert (contrasts["p_adjusted"] > 0.05).all()


def test_one_zone_gives_no_contrast():
    items = instrument()
    design = pd.DataFrame({"code": list("aabb"), "zone": "x", "weight": 1.0})
    table = scoring.contrast_table(scoring.scores_by_respondent(answered(items, 4), items), design,
                                   items)
    assert table.empty and "p_adjusted" in table


def test_a_zone_with_one_respondent_has_no_test():
    items = instrument()
    design = pd.DataFrame({"code": list("aaab"), "zone": list("xxxy"), "weight": 1.0})
    table = scoring.contrast_table(scoring.scores_by_respondent(answered(items, 4), items), design,
                                   items)
    assert table["difference"].notna().all()
    assert table[["p_value", "p_adjusted", "effect_size"]].isna().all(axis=None)


@given(some.lists(some.floats(0, 1), min_size=1, max_size=20))
def test_holm_lies_between_the_raw_value_and_bonferroni(values):
    raw = pd.Series(values)
    adjusted = scoring.holm(raw)
    assert (adjusted >= raw).all()
    assert (adjusted <= (raw * len(raw)).clip(upper=1) + 1e-12).all()
    assert adjusted[raw.sort_values(kind="stable").index].is_monotonic_increasing


def test_holm_leaves_missing_values_out_of_the_count():
    adjusted = scoring.holm(pd.Series([0.01, None, 0.03]))
    assert adjusted.tolist()[::2] == [0.02, 0.03]
    assert np.isnan(adjusted[1])


def test_weights_add_up_to_the_frame(survey):
    design = survey["design"]
    assert design["weight"].sum() == pytest.approx(survey["frame"]["units"].sum())
    without = scoring.with_design(survey["responses"], survey["areas"])
    assert (without["weight"] == 1).all() and "units" not in without


def test_results_do_not_depend_on_the_order_of_respondents(survey, table):
    shuffled = survey["responses"].sample(frac=1, random_state=2)
    design = scoring.with_design(shuffled, survey["areas"], survey["frame"])
    scores = scoring.scores_by_respondent(scoring.align(shuffled, survey["items"]), survey["items"])
    again = scoring.score_table(scores, design, survey["items"])
    assert again[["domain", "level", "aspect", "n",
                  "class"]].equals(table[["domain", "level", "aspect", "n", "class"]])
    assert np.allclose(again[["mean", "se"]], table[["mean", "se"]])


def test_any_labels_for_zones_aspects_and_types():
    items = instrument().replace({"aspect": {"capital": "modal & kredit", "market": "pasar.lokal"}})
    areas = pd.DataFrame(
        {"code": [1, 2, 3], "name": ["A", "B", "C"], "zone": ["timur|1", "timur|1", "*"]})
    responses = answered(items, 30).assign(code=[1, 2, 3] * 10,
                                           business_type=["mikro", "kecil", "besar"] * 10)
    design = scoring.with_design(responses, areas,
                                 pd.DataFrame({"code": [1, 2, 3], "units": [50, 60, 70]}))
    scores = scoring.scores_by_respondent(scoring.align(responses, items), items)
    table = scoring.score_table(scores, design, items)
    assert table.loc[table["domain"] == "zone", "level"].unique().tolist() == ["timur|1", "*"]
    assert table.loc[table["domain"] == "area", "level"].unique().tolist() == ["1", "2", "3"]
    gaps = scoring.gap_table(scores, design, items)
    assert gaps["aspect"].unique().tolist() == ["modal & kredit", "pasar.lokal", "all"]
    assert len(scoring.contrast_table(scores, design, items)) == 6
    assert scoring.area_cells(table, areas)["name"].unique().tolist() == ["A", "B", "C"]


# Bad input


def raises(message: str):
    return pytest.raises(ValueError, match=message)


def test_bad_answers():
    items = instrument()
    good = answered(items, 4)
    with raises(
            "responses have no column for item 'need_capital_1'; add it or take the item off the "
            "list"
    ):
        scoring.align(good.drop(columns="need_capital_1"), items)
    with raises("item 'need_market_2' has no answers; take it off the list of items"):
        scoring.align(good.assign(need_market_2=np.nan), items)
    with raises("item 'need_market_2' has the answer 7; allowed are 1 to 5"):
        scoring.align(good.assign(need_market_2=[1, 7, 2, 3]), items)
    with raises("items have 2 different answer scales; bring them to one scale"):
        scoring.align(good, items.assign(highest=[5] * 7 + [4]))
    with raises("an aspect is called 'all', the word for the whole dimension"):
        scoring.scale_list(items.assign(aspect="all"))


def test_bad_missing_rules():
    with raises("missing is 'median'; allowed are 'person_mean', 'listwise', 'pairwise'"):
        scoring.mean_score(pd.DataFrame({"a": [1.0]}), "median")
    with raises("missing_share is 1.5; give a share from 0 to 1"):
        scoring.mean_score(pd.DataFrame({"a": [1.0]}), missing_share=1.5)


def test_bad_scales():
    with raises("a scale of 1 item has no alpha; give at least 2 items"):
        scoring.cronbach_alpha(pd.DataFrame({"a": [1, 2]}))
    with raises("only 1 respondents answered every item of the scale; at least 2 are needed"):
        scoring.cronbach_alpha(pd.DataFrame({"a": [1, 2], "b": [1, None]}))
    with raises("missing is 'mean'; allowed are 'listwise', 'pairwise'"):
        scoring.cronbach_alpha(pd.DataFrame({"a": [1, 2], "b": [1, 2]}), "mean")
    items = instrument().drop(index=0)
    with raises(
            r"aspect 'capital' of 'need' has one item \(need_capital_2\); a scale needs at least 2 "
            r"items"
    ):
        scoring.reliability_table(answered(items, 5), items)
    with raises("alpha of 1 items and 10 respondents has no interval; at least 2 of each"):
        scoring.alpha_interval(0.5, 10, 1)
    with raises("confidence is 95; give a share between 0 and 1"):
        scoring.alpha_interval(0.5, 10, 3, 95)
    with raises("2 respondents give no critical r; at least 3 are needed"):
        scoring.critical_r(2)
    with raises("alpha is 5; give a share between 0 and 1"):
        scoring.critical_r(20, 5)


def test_bad_classes():
    with raises("classes is 1; give a whole number of at least 2"):
        scoring.class_bounds(1, 5, 1)
    with raises("classes is 2.5; give a whole number of at least 2"):
        scoring.class_bounds(1, 5, 2.5)
    with raises("lowest is 5 and highest is 1; lowest must be the smaller one"):
        scoring.class_bounds(5, 1, 3)
    with raises("value 5.5 lies outside the range from 1 to 5"):
        scoring.classify(pd.Series([2, 5.5]), 1, 5, 3)


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({}, {"variables": ["x"]}, "the data have no column 'x'"),
        ({}, {"by": "x"}, "the data have no column 'x'"),
        ({"y": ["1", "2", "3", "4"]}, {}, "column 'y' holds text; numbers are needed"),
        ({"w": [1, 1, 0, 1]}, {}, "weight of row 2 is 0; give a number above zero"),
        ({"w": [1, -1, 1, 1]}, {}, "weight of row 1 is -1; give a number above zero"),
        ({"w": [1, 1, 1, None]}, {}, "row 3 has no weight; give a number above zero"),
        ({"h": ["a", None, "b", "b"]}, {}, "row 1 has no 'h'; every row needs its stratum"),
        ({"N": [9, 8, 9, 9]}, {"population": "N"}, "'N' of stratum 'a' is not one number"),
        ({"N": [None, None, 9, 9]}, {"population": "N"}, "'N' of stratum 'a' is not one number"),
        ({"N": [1, 1, 9, 9]}, {"population": "N"},
         "stratum 'a' has 2 respondents but 1 units in 'N'"),
        ({}, {"confidence": 95}, "confidence is 95; give a share between 0 and 1"),
    ],
)
def test_bad_designs(change, arguments, message):
    data = pd.DataFrame({"y": [1.0, 2, 3, 4], "w": 1.0, "h": list("aabb")}).assign(**change)
    with raises(message):
        scoring.estimate_means(data,
                               **{"variables": ["y"], "weight": "w", "stratum": "h"} | arguments)


def test_no_respondents():
    data = pd.DataFrame({"y": [1.0], "w": 1.0, "h": ["a"]}).iloc[:0]
    with raises("there are no respondents in the data"):
        scoring.estimate_means(data, ["y"], "w", "h")


def test_bad_frames(survey):
    responses, areas, frame = survey["responses"], survey["areas"], survey["frame"]
    with raises("a respondent has area '99.99.99', which is not in areas"):
        scoring.with_design(responses.assign(code="99.99.99"), areas, frame)
    with raises(
            r"area '35.05.01' has 20 respondents but is not in frame; add it or correct the area"):
        scoring.with_design(responses, areas, frame.iloc[1:])
    with raises(r"area '35.05.01' has 20 respondents but 19 units in frame; correct one"):
        scoring.with_design(responses, areas, frame.assign(units=[19, *frame["units"][1:]]))


def test_bad_choices_of_the_stage(survey, gaps):
    scores, design, items = survey["scores"], survey["design"], survey["items"]
    with raises("class_range is 'both'; allowed are 'theoretical', 'observed'"):
        scoring.score_table(scores, design, items, class_range="both")
    with raises("quadrant_cut is 'median'; allowed are 'midpoint', 'grand_mean'"):
        scoring.quadrant_cuts(gaps, items, "median")
    with raises("items have no dimension 'access'; the gap needs both need and access"):
        scoring.gap_table(scores, design, items[items["dimension"] == "need"])
    with raises("aspect 'policy' is asked for need or for access only; the gap needs both"):
        scoring.gap_table(scores, design,
                          items.query("not (dimension == 'need' and aspect == 'policy')"))
