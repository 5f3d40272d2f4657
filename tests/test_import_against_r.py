"""Public data sets from a file through ``import`` to the numbers that R prints for them.

Which numbers, and where R printed them: ``tests/reference/README.md``.
"""

import numpy as np
import pandas as pd
import pytest
from test_against_r import EXPECTED, REFERENCE

from helpers import scoring
from helpers.intake import imports
from helpers.scoring.contrasts import linear_model
from helpers.study.package import Package

ITEM = "item,aspect,lowest,highest,reverse\n"


@pytest.fixture
def imported(tmp_path):
    """Import a table with a questionnaire of its own; return the package's tables."""
    def go(table, items, areas, frame=None, **options):
        (tmp_path / "items.csv").write_text(ITEM + items, encoding="utf-8")
        (tmp_path / "areas.csv").write_text("code,name,zone\n" + "".join(
            f"{code},Area {code},whole\n" for code in areas), encoding="utf-8")
        given = {"status": "published", "items": str(tmp_path / "items.csv"),
                 "areas": str(tmp_path / "areas.csv"), "business_type": "all:one",
                 "keep": [], "without": [], "missing": []} | options
        if frame:
            (tmp_path / "frame.csv").write_text("code,units\n" + "".join(
                f"{code},{units}\n" for code, units in frame.items()), encoding="utf-8")
            given["frame"] = str(tmp_path / "frame.csv")
        table.to_csv(tmp_path / "answers.csv", index=False)
        package = Package(imports.import_file(tmp_path / "answers.csv", given)[1])
        return (package.table("responses"), package.table("items"), package.table("areas"),
                package.table("frame") if frame else None)

    return go


def means(responses, areas, frame, items):
    """Means and standard errors as stage 2 estimates them, and the size of the population."""
    design = scoring.with_design(responses, areas, frame)
    data = design.assign(**{item: responses[item].astype(float) for item in items})
    return (scoring.estimate_means(data, items, "weight", "code", "units").set_index("variable"),
            frame["units"].sum())


def alpha(responses, items):
    table = scoring.reliability_table(scoring.align(responses, items), items, "listwise", 0.95)
    return table.set_index("aspect")["alpha"]


def test_survey_fpc(imported):
    """``svymean(~x, withfpc)``: 5.4481, SE 0.616. Tenths, since answers are whole numbers."""
    data = pd.read_csv(REFERENCE / "fpc.csv")
    table = pd.DataFrame({"area": data["stratid"], "x": (data["x"] * 10).round().astype(int),
                          "other": range(1, 9)})
    responses, _, areas, frame = imported(table, "x,a,0,100,no\nother,a,0,100,no\n", (1, 2),
                                          {1: 15, 2: 12})
    found, _ = means(responses, areas, frame, ["x"])
    assert [round(value / 10, digits) for value, digits in zip(
        found.loc["x", ["mean", "se"]], (4, 3), strict=True)] == [5.4481, 0.616]


def test_survey_apistrat(imported):
    """``svymean(~api00, dstrat)``: 662.29, SE 9.4089; ``svytotal(~enroll, dstrat)``: 3687178, SE
    114642."""
    data = pd.read_csv(REFERENCE / "apistrat.csv")
    responses, _, areas, frame = imported(
        data, "api00,a,0,4000,no\nenroll,a,0,4000,no\n", "EHM",
        dict(data.groupby("stype")["fpc"].first()), area="stype")
    found, units = means(responses, areas, frame, ["api00", "enroll"])
    assert (found.loc["api00", "mean"].round(2), found.loc["api00", "se"].round(4)) == (
        662.29, 9.4089)
    # A total is the mean times the units, and so is its error.
    assert [round(found.loc["enroll", name] * units) for name in ("mean", "se")] == [
        3687178, 114642]


@pytest.fixture
def schools(imported):
    """The stratified schools with the survey's own weights, as stage 2 sees them: strata as areas
    and zones, whether a school met its target as the type of business. An aspect needs two items,
    so each column stands twice: a score is then the column itself. R's weights are rounded
    (44.21), ours are scaled to the frame: six digits are the same."""
    data = pd.read_csv(REFERENCE / "apistrat.csv")
    data = data.assign(api00_2=data["api00"], enroll_2=data["enroll"])
    responses, items, areas, frame = imported(
        data, "".join(f"{item},{aspect},0,4000,no\n" for item, aspect in (
            ("api00", "a"), ("api00_2", "a"), ("enroll", "b"), ("enroll_2", "b"))), "EHM",
        dict(data.groupby("stype")["fpc"].first()), area="stype", business_type="sch_wide",
        weight="pw", keep=["grade"])
    design = scoring.with_design(responses, areas, frame)
    scores = scoring.scores_by_respondent(scoring.align(responses, items), items)
    return responses, scores, design.assign(zone=design["code"]), items


def test_medians_of_weighted_scores(schools):
    """``svyquantile(~api00, design, 0.5)`` of the whole and by ``sch.wide``, with Woodruff's
    interval and error."""
    _, scores, design, items = schools
    found = scoring.median_table(scores, design, items)
    found = found[found["domain"].isin(["all", "business_type"]) & (found["aspect"] == "a")]
    for ours, theirs in {"median": "median", "ci_low": "low", "ci_high": "high"}.items():
        assert found[ours].tolist() == EXPECTED["woodruff"][theirs]
    assert found["se"].tolist() == pytest.approx(EXPECTED["woodruff"]["se"], rel=1e-6)


def test_domains_of_weighted_scores(schools):
    """``svyby(~api00, ~sch.wide, design, svymean)``."""
    _, scores, design, items = schools
    found = scoring.score_table(scores, design, items)
    found = found[(found["domain"] == "business_type") & (found["aspect"] == "a")]
    assert found["level"].tolist() == EXPECTED["domains"]["level"]
    for column in ("mean", "se"):
        assert found[column].tolist() == pytest.approx(EXPECTED["domains"][column], rel=1e-6)


def test_contrasts_of_weighted_scores(schools):
    """``svycontrast`` of two strata, ``svyttest(I(api00 - enroll) ~ 0)`` and
    ``svyranktest(api00 ~ sch.wide)``."""
    _, scores, design, items = schools
    table = scoring.contrast_table(scores, design, items)
    row = table[(table["zone_a"] == "E") & (table["zone_b"] == "H")
                & (table["aspect"] == "a")].iloc[0]
    expected = EXPECTED["contrast"]
    assert [row["difference"], row["se"]] == pytest.approx(
        [expected["difference"], expected["se"]], rel=1e-6)
    row = scoring.aspect_contrasts(scores, design, items).iloc[0]
    assert [row["difference"], row["difference"] / row["se"]] == pytest.approx(
        [EXPECTED["paired"]["difference"], EXPECTED["paired"]["t"]], rel=1e-6)
    ranks = scoring.rank_contrasts(scores, design.assign(zone=design["business_type"])
                                   .drop(columns="units"), items)
    row = ranks[ranks["aspect"] == "a"].iloc[0]
    assert -row["rank_difference"] == pytest.approx(EXPECTED["rank"]["difference"], rel=1e-6)
    assert row["p_value"] == pytest.approx(EXPECTED["rank"]["p_value"], rel=1e-6)


def test_regressions_of_weighted_scores(schools):
    """``svyolr(grade ~ sch.wide)``; on strata alone, ``svyglm`` has the difference of their means
    and its error (``svycontrast``)."""
    responses, scores, design, items = schools
    beta, covariance = scoring.proportional_odds(
        responses["grade"].astype(int), design["business_type"], design["weight"], design["code"])
    expected = EXPECTED["ordinal"]
    assert [beta["Yes"], np.sqrt(covariance.loc["Yes", "Yes"])] == pytest.approx(
        [expected["coefficient"], expected["se"]], rel=1e-5)
    alone = scores.assign(**{"scale.all": scores["scale.a"]})
    found = scoring.regression_table(alone, design.drop(columns="business_type"), items)
    found = found.set_index("level").loc["H"]
    assert [found["coefficient"], found["se"]] == pytest.approx(
        [-EXPECTED["contrast"]["difference"], EXPECTED["contrast"]["se"]], rel=1e-6)


# svyglm(api00 ~ ..., dstrat): coefficient, error, p and interval of each term (tests/reference).
SEVERAL = {
    "ell meals mobility": [
        (820.8873159056232, 10.077735949885389, 5.594749814545701e-152, 801.0113244897284,
         840.7633073215179),
        (-0.4805866121719494, 0.3919734032225283, 0.2216587151554869, -1.253663028983467,
         0.2924898046395684),
        (-3.1415353099845613, 0.28394650641650143, 2.254134651846002e-22, -3.7015537855799514,
         -2.581516834389171),
        (0.22571321022963628, 0.39321836202252897, 0.5666226131622016, -0.5498185984025248,
         1.0012450188617978)],
    "H M ell": [
        (775.7306583868246, 11.849649018573977, 3.2630185984235765e-134, 752.3599803549974,
         799.1013364186518),
        (-94.30409173057109, 13.762882733480284, 9.410892391306364e-11, -121.44817850054949,
         -67.16000496059267),
        (-59.75026975434801, 15.85848199630205, 0.00021845626681868947, -91.02742891169283,
         -28.473100597003175),
        (-4.029461351902181, 0.3094400140647052, 2.888619765945113e-28, -4.639759844923757,
         -3.4191628588806036)]}


@pytest.mark.parametrize("terms", SEVERAL)
def test_regression_with_several_terms(schools, terms):
    """``svyglm(api00 ~ ell + meals + mobility, dstrat)``, printed as 820.8873 (10.0777), -0.4806
    (0.3920), -3.1415 (0.2839), 0.2257 (0.3932); ``svyglm(api00 ~ stype + ell, dstrat)``."""
    _, scores, design, _ = schools
    data = pd.read_csv(REFERENCE / "apistrat.csv")
    columns = [data[term] if term in data else data["stype"] == term for term in terms.split()]
    found = linear_model(scores["scale.a"], np.column_stack(columns).astype(float), design, 0.95)
    expected = np.array(SEVERAL[terms])[:, [0, 1, 3, 4, 2]]
    assert np.array(found) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("words", [("0", "1"), ("Tidak", "Ya")])
def test_ltm_lsat(imported, words):
    """``cronbach.alpha(LSAT)``: 0.295 for 5 items and 1000 sample units."""
    patterns = pd.read_csv(REFERENCE / "lsat.csv", dtype={"answers": str})
    rows = patterns["answers"].repeat(patterns["respondents"])
    table = pd.DataFrame([[words[int(sign)] for sign in row] for row in rows],
                         columns=[f"q{n}" for n in range(1, 6)])
    table["area"] = np.arange(1000) % 2
    responses, items, *_ = imported(table, "".join(f"q{n},a,0,1,no\n" for n in range(1, 6)), "01")
    assert len(responses) == 1000
    assert alpha(responses, items)["a"].round(3) == 0.295


def test_performance_mtcars(imported):
    """``cronbachs_alpha(mtcars[, c("cyl", "gear", "carb", "hp")])``: 0.09463206."""
    table = pd.read_csv(REFERENCE / "mtcars.csv")
    responses, items, *_ = imported(table, "".join(
        f"{item},a,0,400,no\n" for item in ("cyl", "gear", "carb", "hp")), "01", area="am")
    assert alpha(responses, items)["a"] == pytest.approx(0.09463206, abs=5e-9)


def test_datasets_attitude(imported):
    """``ci.reliability(attitude, type="omega")`` of MBESS: 0.8563268; ``psych::alpha``: 0.84."""
    table = pd.read_csv(REFERENCE / "attitude.csv")
    keys = list(table)
    table["area"] = np.arange(len(table)) % 2
    responses, items, *_ = imported(table, "".join(f"{item},a,0,100,no\n" for item in keys), "01")
    assert scoring.omega(responses[keys]) == pytest.approx(0.8563268, abs=5e-8)
    assert alpha(responses, items)["a"].round(2) == 0.84


def test_psych_bfi(imported):
    """``alpha()`` and ``omega()`` of psych, printed by ``make_reference.R``; item A1 as it was
    asked, reversed."""
    table = pd.read_csv(REFERENCE / "bfi.csv")
    first, *_ = keys = list(table)
    table[first] = 7 - table[first]
    table["area"] = np.arange(len(table)) % 2
    responses, items, *_ = imported(table, "".join(
        f"{item},a,1,6,{'yes' if item == first else 'no'}\n" for item in keys), "01")
    assert alpha(responses, items)["a"] == pytest.approx(EXPECTED["reliability"]["alpha"],
                                                         rel=1e-8)
    aligned = scoring.align(responses, items)[keys]
    assert scoring.omega(aligned) == pytest.approx(EXPECTED["reliability"]["omega"], rel=1e-8)
    assert scoring.alpha_if_dropped(aligned).tolist() == pytest.approx(
        EXPECTED["reliability"]["dropped"], rel=1e-8)
