"""The survey methods against R: packages survey and psych on the data that they ship
(tests/reference)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from helpers import sampling, scoring

REFERENCE = Path(__file__).with_name("reference")
EXPECTED = json.loads((REFERENCE / "reference.json").read_text(encoding="utf-8"))
EIGHT = {"rel": 1e-8}


@pytest.fixture(scope="module")
def schools():
    return pd.read_csv(REFERENCE / "apistrat.csv")


@pytest.fixture(scope="module")
def traits():
    return pd.read_csv(REFERENCE / "bfi.csv")


def as_stage(schools):
    """The schools as the stage sees respondents: strata, zones, one scale."""
    design = pd.DataFrame({
        "code": schools["stype"], "zone": schools["sch_wide"], "business_type": schools["awards"],
        "weight": schools["pw"], "units": schools["fpc"]
    })
    items = pd.DataFrame(
        {"item": ["api00"], "dimension": "need", "aspect": "api", "lowest": 0, "highest": 1000})
    scores = pd.DataFrame(
        {"need.api": schools["api00"].astype(float), "need.all": schools["api00"].astype(float)})
    return scores, design, items


@pytest.mark.parametrize(("name", "population"), [("with_fpc", "fpc"), ("without_fpc", None)])
def test_means_errors_and_intervals(schools, name, population):
    found = scoring.estimate_means(schools, ["api00", "enroll"], "pw", "stype", population)
    for column in ("mean", "se", "ci_low", "ci_high"):
        assert found[column].tolist() == pytest.approx(EXPECTED["means"][name][column], **EIGHT)


def test_the_small_sample_that_the_package_documents():
    data = pd.read_csv(REFERENCE / "fpc.csv")
    found = scoring.estimate_means(data, ["x"], "weight", "stratid", "Nh").iloc[0]
    for column in ("mean", "se", "ci_low", "ci_high"):
        assert found[column] == pytest.approx(EXPECTED["means"]["small_sample"][column], **EIGHT)
    # As the page of the package prints it.
    assert (round(found["mean"], 4), round(found["se"], 3)) == (5.4481, 0.616)


def test_domains(schools):
    found = scoring.estimate_means(schools, ["api00"], "pw", "stype", "fpc", by="sch_wide")
    assert found["level"].tolist() == EXPECTED["domains"]["level"]
    for column in ("mean", "se"):
        assert found[column].tolist() == pytest.approx(EXPECTED["domains"][column], **EIGHT)


def test_crossings(schools):
    found = scoring.crossing_table(*as_stage(schools))
    found = found[found["aspect"] == "all"].set_index(["zone", "business_type"])
    expected = EXPECTED["crossing"]
    assert len(found) == len(expected["a"])
    for a, b, mean, se in zip(expected["a"], expected["b"], expected["mean"], expected["se"]):
        assert found.loc[(a, b), ["mean", "se"]].tolist() == pytest.approx([mean, se], **EIGHT)


def test_shares(schools):
    scores, design, items = as_stage(schools)
    high = schools["grade"].ge(3).astype(float)
    found = scoring.share_table(pd.DataFrame(dict.fromkeys(scores, high)), design, items)
    found = found[(found["domain"] == "zone") & (found["aspect"] == "all")]
    assert found["level"].tolist() == EXPECTED["share"]["level"]
    assert found["share"].tolist() == pytest.approx(EXPECTED["share"]["mean"], **EIGHT)
    assert found["se"].tolist() == pytest.approx(EXPECTED["share"]["se"], **EIGHT)


def test_quantiles(schools):
    expected = EXPECTED["quantiles"]
    found = [scoring.weighted_quantile(schools["api00"], schools["pw"], p) for p in expected["p"]]
    assert found == expected["value"]
    medians = scoring.median_table(*as_stage(schools))
    medians = medians[(medians["domain"] == "zone") & (medians["aspect"] == "all")]
    assert medians["median"].tolist() == EXPECTED["medians"]["value"]


def test_logit_intervals_of_shares(schools):
    scores, design, items = as_stage(schools)
    found = scoring.share_table((scores > 650).astype(float), design, items)
    found = found[found["domain"].isin(["all", "zone"]) & (found["aspect"] == "all")]
    counted = scoring.count_values(schools.assign(y=schools["api00"] > 650, none=0), ["y"], "pw",
                                   "stype", "fpc", ("sch_wide",))
    shares = pd.concat([counted.shares(by, answers={"yes": [1]}) for by in (None, "sch_wide")])
    for side in ("low", "high"):
        expected = pytest.approx(EXPECTED["ciprop"][side], **EIGHT)
        assert found[f"ci_{side}"].tolist() == expected
        assert shares[f"ci_{side}"].tolist() == expected


def test_woodruff_intervals_of_medians(schools):
    found = scoring.median_table(*as_stage(schools))
    found = found[found["domain"].isin(["all", "zone"]) & (found["aspect"] == "all")]
    names = {"median": "median", "ci_low": "low", "ci_high": "high"}
    for ours, theirs in names.items():
        assert found[ours].tolist() == EXPECTED["woodruff"][theirs]
    assert found["se"].tolist() == pytest.approx(EXPECTED["woodruff"]["se"], **EIGHT)


@pytest.mark.parametrize(("name", "mark", "domain", "population"), [
    ("association", "high", "sch_wide", True), ("association_three", "sch_wide", "grade", False)
])
def test_rao_scott(schools, name, mark, domain, population):
    _, design, items = as_stage(schools)
    schools = schools.assign(high=schools["api00"] > 650, sch_wide=schools["sch_wide"] == "Yes")
    marks = pd.DataFrame(dict.fromkeys(["need.api", "need.all"], schools[mark].astype(float)))
    design = design.assign(part=schools[domain])
    plan = design if population else design.drop(columns="units")
    row = scoring.association_table(marks, plan, items, "part").iloc[0]
    expected = EXPECTED[name]
    assert [row["statistic"], row["df_groups"], row["df_error"]] == pytest.approx(
        [expected["statistic"], *expected["df"]], **EIGHT)
    assert row["p_value"] == pytest.approx(expected["p_value"], rel=1e-7)


def test_paired_contrasts(schools):
    _, design, _ = as_stage(schools)
    items = pd.DataFrame({"item": ["a", "b"], "dimension": "need", "aspect": ["api", "enroll"]})
    scores = schools[["api00", "enroll"]].astype(float)
    scores.columns = ["need.api", "need.enroll"]
    row = scoring.aspect_contrasts(scores, design, items).iloc[0]
    expected = EXPECTED["paired"]
    assert row["difference"] == pytest.approx(expected["difference"], **EIGHT)
    assert row["difference"] / row["se"] == pytest.approx(expected["t"], **EIGHT)
    # R's test takes one degree of freedom less.
    assert row["p_value"] == pytest.approx(2 * t.sf(expected["t"], 197), **EIGHT)
    assert expected["p_value"] == pytest.approx(2 * t.sf(expected["t"], 196), **EIGHT)


def test_a_contrast_of_two_strata(schools):
    scores, design, items = as_stage(schools)
    found = scoring.contrast_table(scores, design.assign(zone=schools["stype"]), items)
    row = found[(found["zone_a"] == "E") & (found["zone_b"] == "H")].iloc[0]
    assert [row["difference"], row["se"]] == pytest.approx(
        [EXPECTED["contrast"]["difference"], EXPECTED["contrast"]["se"]], **EIGHT)


def test_ranks(schools):
    found = scoring.rank_contrasts(*as_stage(schools)).iloc[0]
    # R takes the second group less the first.
    assert -found["rank_difference"] == pytest.approx(EXPECTED["rank"]["difference"], **EIGHT)
    assert found["p_value"] == pytest.approx(EXPECTED["rank"]["p_value"], rel=1e-6)


def test_proportional_odds(schools):
    expected = EXPECTED["ordinal"]
    beta, covariance = scoring.proportional_odds(schools["grade"], schools["sch_wide"],
                                                 schools["pw"], schools["stype"])
    # R's optimiser and its numeric Hessian leave about six digits.
    assert beta["Yes"] == pytest.approx(expected["coefficient"], rel=1e-5)
    assert np.sqrt(covariance.loc["Yes", "Yes"]) == pytest.approx(expected["se"], rel=1e-5)


def test_raking(schools):
    margins = {
        "stype": pd.Series({"E": 4421, "H": 755, "M": 1018}),
        "awards": pd.Series({"No": 2100, "Yes": 4094})
    }
    weights = sampling.rake(schools.rename(columns={"pw": "weight"}), margins)
    assert weights.head(20).tolist() == pytest.approx(EXPECTED["raked"]["weights"], **EIGHT)
    assert np.average(schools["enroll"],
                      weights=weights) == pytest.approx(EXPECTED["raked"]["enroll"], **EIGHT)
    # R knows that the margins have no error. Ours takes the weights as given: here 1 % away.
    fixed = scoring.estimate_means(schools.assign(w=weights), ["enroll"], "w", "stype")
    assert fixed["se"].iloc[0] == pytest.approx(EXPECTED["raked"]["se"], rel=0.01)


def test_the_bootstrap_comes_near(schools):
    scores, design, _ = as_stage(schools)
    found = scoring.check_errors(scores[["need.all"]], design, 4000,
                                 np.random.default_rng(8)).set_index("level")
    assert found.loc["all", "se"] == pytest.approx(EXPECTED["means"]["with_fpc"]["se"][0], **EIGHT)
    assert found["ratio"].between(0.96, 1.04).all()


def test_reliability(traits):
    expected = EXPECTED["reliability"]
    assert scoring.cronbach_alpha(traits) == pytest.approx(expected["alpha"], **EIGHT)
    assert scoring.alpha_if_dropped(traits).tolist() == pytest.approx(expected["dropped"], **EIGHT)
    assert scoring.corrected_item_total(traits).tolist() == pytest.approx(
        expected["corrected"], **EIGHT)
    assert scoring.omega(traits) == pytest.approx(expected["omega"], **EIGHT)


def test_polychoric_correlations(traits):
    matrix = scoring.polychoric(traits).to_numpy()
    found = [matrix[i, j] for j in range(5) for i in range(j + 1, 5)]
    # psych stops its search after about four digits.
    assert found == pytest.approx(EXPECTED["reliability"]["polychoric"], abs=3e-5)
    assert scoring.ordinal_alpha(traits) == pytest.approx(EXPECTED["reliability"]["ordinal_alpha"],
                                                          abs=1e-5)
