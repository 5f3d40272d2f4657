"""Coverage of the intervals that choose words in stage 3, as counted by tools.simulations."""

import pandas as pd
import pytest

from helpers.publish.verdicts import simulated_limits
from helpers.study.paths import ROOT
from tools.simulations import coverage

RAW = ROOT / "data" / "raw"
KEY = ["method", "statistic", "areas", "distribution"]


@pytest.fixture(scope="module")
def committed():
    return pd.read_csv(RAW / "coverage.csv")


def test_intervals_that_choose_words_hold_and_percentiles_do_not(committed):
    assert list(committed) == coverage.COLUMNS
    assert (committed["draws"] == committed["method"].map(coverage.DRAWS)).all()
    assert set(committed["areas"]) == {"15/7", "15/7/3"}, "the zones' real sizes"
    assert {"beta", "beta_zones"} <= set(committed["statistic"]), "each beta that chooses a word"
    used = committed["method"] != "percentile"
    low, high = simulated_limits(committed["coverage"], committed["draws"])
    assert low[used].min() >= 0.93, "with what so many worlds leave open"
    assert high[~used].max() < 0.93


def test_a_small_run_agrees_and_repeats_itself(committed):
    small = coverage.coverage(RAW, 60)
    assert small[KEY].values.tolist() == committed[KEY].values.tolist()
    assert small["coverage"].to_numpy() == pytest.approx(committed["coverage"].to_numpy(), abs=0.17)
    means = small.groupby(small["method"] == "percentile")["coverage"].mean()
    assert means[False] > 0.92 > 0.85 > means[True]
