"""The simulation of the survey's error rates: what it counts, and the page that it wrote."""

import pytest

from helpers.scoring import estimates
from tools.checks import survey_errors


def test_every_question_is_counted_in_every_survey():
    found, sizes = survey_errors.rates(2, 7)
    assert sizes == {"n": 399, "large": 85072} and estimates.LARGE == 20_000
    of = found.set_index(["question", "way"])["of"]
    assert of["Any difference of zones", "Holm, one family"] == 2
    assert of["Median by zone", "Woodruff"] <= 2 * 3 * 8
    assert of["Alpha of need", "feldt"] == of["Alpha of access", "bootstrap"] == 2 * 4
    # The same shares, by two intervals; both hold most of the time.
    shares = found[found["question"] == "Share by kecamatan"]
    assert shares["of"].nunique() == 1 and shares["rate"].between(0.85, 1).all()


def test_the_page_is_that_of_the_settings_and_its_rates_are_near_their_nominal_ones():
    text = survey_errors.FILE.read_text(encoding="utf-8")
    assert f"--surveys {survey_errors.SURVEYS} --seed {survey_errors.SEED}`" in text
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.endswith("% |")]
    rates = {(question, way): float(rate.rstrip("%")) for question, way, rate, *_ in rows}
    assert rates["Share by kecamatan", "logit"] == pytest.approx(95, abs=1.5)
    assert rates["Share by kecamatan", "Wald, cut off at 0 and 1"] < 93
    assert rates["Any difference of zones", "Holm, both dimensions"] < 10
    assert rates["High score and zone", "Rao-Scott, each scale"] == pytest.approx(5, abs=1.5)
    assert rates["An aspect named as the largest gap", "paired contrasts"] < 5
