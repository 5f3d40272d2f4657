"""Public data sets from a file through ``import`` to the numbers that R prints for them.

Which numbers, and where R printed them: ``tests/reference/README.md``.
"""

import numpy as np
import pandas as pd
import pytest
from test_against_r import EXPECTED, REFERENCE

from helpers import scoring
from helpers.intake import imports
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
