"""Counts against svy, closed forms and each other: any design, any parts, any order."""

from functools import reduce
from itertools import product
from operator import add
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import svy
from hypothesis import given, settings
from hypothesis import strategies as some

from helpers import scoring
from helpers.scoring.counts import count_answers, count_values
from helpers.scoring.estimates import by_svy, estimate_with_freedom

RAW = Path(__file__).resolve().parents[1] / "data" / "raw"
# Ten digits; the absolute part is for standard errors that are zero but for rounding.
CLOSE = {"rtol": 1e-10, "atol": 1e-12}
NUMBERS = ["n", "mean", "se", "ci_low", "ci_high"]


@pytest.fixture(scope="module")
def package():
    areas, frame, items, responses = (pd.read_csv(RAW / f"{name}.csv") for name in
                                      ("areas", "frame", "items", "responses"))
    answers = scoring.align(responses, items)
    scores = scoring.scores_by_respondent(answers, items)
    design = scoring.with_design(responses, areas, frame)
    data = pd.concat([responses[list(items["item"])], design], axis=1)
    domains = ("zone", "code", "business_type")
    counts = count_answers(data, items, "weight", "code", "units", domains)
    return {
        "items": items, "data": data, "aligned": pd.concat([answers, scores, design], axis=1),
        "counts": counts, "variables": [*answers, *scores]
    }


def design_of(seed: int, *, equal: bool = False) -> pd.DataFrame:
    """A small sample: strata of one to nine respondents, two domains, answers 1 to 4, gaps, unequal
    weights."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 10, rng.integers(2, 6))
    stratum = np.repeat(np.arange(len(sizes)), sizes)
    respondents = len(stratum)
    population = sizes + rng.integers(0, 60, len(sizes))
    data = pd.DataFrame({
        "h": np.array(list("dabce"))[stratum], "N": population[stratum].astype(float),
        "w": (population / sizes)[stratum] * (1 if equal else rng.uniform(0.3, 3, respondents)),
        "g": rng.choice(["x", "y", "z"], respondents, p=[0.5, 0.4, 0.1]),
        "k": pd.Categorical(rng.choice(["few", "many"], respondents), ["many", "few", "never"]),
        # Answers that depend on the stratum: within some strata all are equal.
        "a": rng.integers(1, 5, len(sizes))[stratum].astype(float),
        "b": rng.integers(1, 5, respondents).astype(float),
    })
    data["b"] = data["b"].mask(rng.random(respondents) < 0.3)
    data["g"] = data["g"].mask(rng.random(respondents) < 0.1)
    return data.sample(frac=1, random_state=seed)


def assert_same(found: pd.DataFrame, expected: pd.DataFrame, keys=("variable", "level")) -> None:
    assert list(found) == list(expected)
    assert found[list(keys)].values.tolist() == expected[list(keys)].values.tolist()
    for column in found.columns.difference(keys):
        np.testing.assert_allclose(found[column], expected[column], **CLOSE, err_msg=column)


# The reference


@pytest.mark.parametrize("by", [None, "zone", "code", "business_type"])
def test_the_package_gives_what_svy_gives(package, by):
    found = package["counts"].means(by)
    expected = scoring.estimate_means(package["aligned"], package["variables"], "weight", "code",
                                      "units", by)
    assert len(found) == 32 * package["aligned"].assign(all="all")[by or "all"].nunique()
    assert found["n"].dtype == expected["n"].dtype == np.int64
    assert_same(found, expected)


@pytest.mark.parametrize("by", ["zone", "code"])
def test_the_package_crossed_gives_what_svy_gives(package, by):
    aligned = package["aligned"]
    crossed = aligned[by].astype(str) + " × " + aligned["business_type"].astype(str)
    found = package["counts"].means([by, "business_type"],
                                    variables=["need_capital_1", "access.all"])
    expected = scoring.estimate_means(aligned.assign(both=crossed),
                                      ["need_capital_1", "access.all"], "weight", "code", "units",
                                      "both")
    by_name = ["variable", "level"]
    assert_same(found.sort_values(by_name, ignore_index=True),
                expected.sort_values(by_name, ignore_index=True))


def logit_limits_of_svy(data: pd.DataFrame) -> dict[str, list[float]]:
    """Limits of the share of ones by zone; empty where all are alike, as svy has it."""
    marks = data["chosen"].map({1.0: "1", 0.0: "0"}).replace({np.nan: None})
    columns = {"y": marks, "w": data["weight"],
               "g": data["zone"].astype(str), "h": data["code"].astype(str),
               "N": data["units"].astype(float)}
    sample = svy.Sample(pl.DataFrame({name: list(column) for name, column in columns.items()}),
                        svy.Design(stratum="h", wgt="w", pop_size="N", singleton="center"))
    found = sample.estimation.prop("y", by="g", drop_nulls=True).to_polars().to_dicts()
    ones = {row["g"]: row for row in found if row["y"] == "1"}
    zones = data["zone"].cat.categories
    return {name: [ones.get(zone, {}).get(key, np.nan) for zone in zones]
            for name, key in (("ci_low", "lci"), ("ci_high", "uci"))}


def test_shares_of_the_package_are_svy_means_of_indicators(package):
    found = package["counts"].shares("zone", variables=["need_market_2", "access_policy_1"])
    important = package["counts"].shares("zone", variables=["need_market_2"],
                                         answers={"important": [4, 5]})
    aligned = package["aligned"]
    for part, answers in [
        (found.query(f"variable == {name!r} and answer == {answer}"), [answer])
            for name, answer in product(["need_market_2", "access_policy_1"], range(1, 6))
    ] + [(important, [4, 5])]:
        name = part["variable"].iloc[0]
        chosen = aligned[name].isin(answers).astype(float).where(aligned[name].notna())
        expected = scoring.estimate_means(aligned.assign(chosen=chosen), ["chosen"], "weight",
                                          "code", "units", "zone")
        assert part["level"].tolist() == expected["level"].tolist()
        for column, other in zip(["n", "share", "se"], NUMBERS):
            np.testing.assert_allclose(part[column], expected[other], **CLOSE)
        for column, limits in logit_limits_of_svy(aligned.assign(chosen=chosen)).items():
            np.testing.assert_allclose(part[column], limits, **CLOSE)
    assert found.groupby(["variable", "level"])["share"].sum().to_numpy() == pytest.approx(1)


@given(some.integers(0, 2**32 - 1), some.booleans(), some.booleans(),
       some.sampled_from([None, "g", "k"]))
@settings(max_examples=40, deadline=None)
def test_any_design_gives_what_svy_gives(seed, equal, finite, by):
    data, population = design_of(seed, equal=equal), "N" if finite else None
    found = count_values(data, ["a", "b"], "w", "h", population,
                         ("g", "k")).means_with_freedom(by, 0.9)
    expected = by_svy(data, ["a", "b"], "w", "h", population, by, 0.9)
    expected["freedom"] = expected["freedom"].astype(float)
    # Where all answers of a stratum are equal, svy subtracts equal numbers and keeps a rest of some
    # 1e-9.
    nothing = expected["se"] < 1e-8
    assert (found.loc[nothing, "se"] < 1e-12).all()
    for column in ("se", "ci_low", "ci_high"):
        expected.loc[nothing, column] = found.loc[nothing, column]
    assert_same(found, expected)


# Rules


def test_one_respondent_in_a_stratum_is_centred_at_the_mean_of_the_sample():
    data = pd.DataFrame({"y": [1.0, 3, 2, 4, 9], "w": [5.0, 5, 10, 10, 20], "h": list("aabbc")})
    row = count_values(data, ["y"], "w", "h").means().iloc[0]
    parts = data["w"] * (data["y"] - row["mean"]) / data["w"].sum()
    variance = 2 * parts[:2].var() + 2 * parts[2:4].var() + parts[4] ** 2
    assert row["se"] == pytest.approx(np.sqrt(variance), rel=1e-12)


def test_a_domain_that_nobody_answered_for_has_a_row_without_numbers():
    data = pd.DataFrame({"y": [1.0, 3, np.nan], "w": 1.0, "h": list("aab"), "g": list("xxy")})
    rows = count_values(data, ["y"], "w", "h", domains=("g",)).means("g").set_index("level")
    assert rows.loc["x", ["n", "mean", "se"]].tolist() == [2, 2, 1]
    assert rows.loc["y", "n"] == 0 and rows.loc["y", NUMBERS[1:]].isna().all()


def test_a_question_that_nobody_answered_has_rows_without_numbers(package):
    data = package["data"].assign(need_capital_1=np.nan)
    counts = count_answers(data, package["items"], "weight", "code", "units")
    row = counts.means(variables=["need_capital_1"]).iloc[0]
    assert row["n"] == 0 and row[NUMBERS[1:]].isna().all()
    assert counts.shares(variables=["need_capital_1"])["share"].isna().all()


def test_equal_answers_have_no_error_at_all():
    data = pd.DataFrame({"y": 3, "w": np.linspace(1, 9, 50) / 7, "h": list("abcde") * 10})
    row = count_values(data, ["y"], "w", "h").means().iloc[0]
    assert row["mean"] == pytest.approx(3, rel=1e-15) and row["se"] < 1e-16


def test_a_census_has_no_sampling_error():
    data = pd.DataFrame({"y": [1.0, 2, 3, 4], "w": 1.0, "h": list("aabb"), "N": 2})
    assert count_values(data, ["y"], "w", "h", "N").means()[["mean",
                                                             "se"]].values.tolist() == [[2.5, 0]]


@pytest.mark.parametrize("missing, share",
                         [("person_mean", 0.5), ("person_mean", 0.3), ("person_mean", 1.0),
                                            ("person_mean", 0.0), ("listwise", 0), ("pairwise", 1)])
def test_scores_follow_the_rules_for_missing_answers(missing, share):
    rng = np.random.default_rng(4)
    items = pd.DataFrame({
        "item": list("ABCDEFGH"), "dimension": ["need"] * 5 + ["access"] * 3,
        "aspect": list("ppqqqppp"), "lowest": 0, "highest": 3, "reverse": [False, True] * 4
    })
    data = pd.DataFrame(rng.integers(0, 4, (300, 8)).astype(float), columns=list("ABCDEFGH"))
    data = data.mask(rng.random(data.shape) < 0.35).assign(w=rng.uniform(1, 2, 300),
                                                           h=rng.choice(list("xyz"), 300))
    scores = scoring.scores_by_respondent(scoring.align(data, items), items, missing, share)
    found = count_answers(data, items, "w", "h", missing=missing,
                          missing_share=share).means(variables=list(scores))
    expected = scoring.estimate_means(pd.concat([scores, data[["w", "h"]]], axis=1), list(scores),
                                      "w", "h")
    assert_same(found, expected)


@pytest.mark.parametrize("kind",
                         ["int8", "int64", "float32", "float64", "Int8", "Float64",
                          "int8[pyarrow]"])
def test_answers_of_any_number_type(package, kind):
    names = list(package["items"]["item"])
    answers = package["data"][names].fillna(3).astype(kind)
    found = count_answers(package["data"].assign(**answers), package["items"], "weight",
                          "code").means()
    plain = count_answers(package["data"].assign(**answers.astype(float)), package["items"],
                          "weight", "code").means()
    pd.testing.assert_frame_equal(found, plain)


@pytest.mark.parametrize("by", [None, "k"])
def test_large_samples_go_through_counts_and_give_what_svy_gives(monkeypatch, by):
    data = pd.concat([design_of(seed).assign(h=str(seed), N=60.0) for seed in range(60)],
                     ignore_index=True)
    expected = by_svy(data, ["a", "b"], "w", "h", "N", by, 0.95).astype({"freedom": float})
    monkeypatch.setattr("helpers.scoring.estimates.LARGE", len(data))
    monkeypatch.setattr("helpers.scoring.estimates.by_svy", None)
    assert_same(estimate_with_freedom(data, ["a", "b"], "w", "h", "N", by, 0.95), expected)


def test_large_samples_of_many_values_go_to_svy(monkeypatch):
    data = pd.DataFrame({"y": np.arange(30.0), "w": 1.0, "h": list("ab") * 15})
    monkeypatch.setattr("helpers.scoring.estimates.LARGE", 10)
    monkeypatch.setattr("helpers.scoring.estimates.FEW", 29)
    monkeypatch.setattr("helpers.scoring.counts.count_values", None)
    assert scoring.estimate_means(data, ["y"], "w", "h")["mean"].tolist() == [14.5]


def test_shares_are_of_answers_and_not_of_scores(package):
    assert package["counts"].shares()["variable"].unique().tolist() == list(
        package["items"]["item"])
    values = package["counts"].tallies["need.all"].values
    high = package["counts"].shares(variables=["need.all"],
                                    answers={"above 4": values[values > 4]}).iloc[0]
    aligned = package["aligned"]
    above = aligned.assign(
        above=(aligned["need.all"] > 4).astype(float).where(aligned["need.all"].notna()))
    expected = scoring.estimate_means(above, ["above"], "weight", "code", "units").iloc[0]
    assert high[["n", "share",
                 "se"]].tolist() == pytest.approx(expected[["n", "mean", "se"]].tolist(), rel=1e-10)


# Parts


def test_a_question_that_nobody_answered_has_no_shares():
    data = pd.DataFrame(
        {"y": [3.0, 4.0], "z": [np.nan, np.nan], "w": [5, 5], "h": list("ab"), "N": [5, 5]})
    shares = count_values(data, ["y", "z"], "w", "h", "N").shares()
    assert shares[["variable", "answer", "share"]].values.tolist() == [["y", 3, 0.5], ["y", 4, 0.5]]


@given(some.integers(0, 2**32 - 1), some.integers(1, 6), some.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_parts_in_any_order_add_up_to_the_whole(seed, pieces, order):
    data = design_of(seed)
    cuts = np.array_split(np.arange(len(data)), min(pieces, len(data)))
    # A part may know only its own strata, levels and answers.
    parts = [count_values(data.iloc[rows], ["a", "b"], "w", "h", "N", ("g", "k")) for rows in cuts]
    order.shuffle(parts)
    together = reduce(add, parts)
    whole = count_values(data, ["a", "b"], "w", "h", "N", ("g", "k"))
    for by in ("k", ["h", "g"]):
        assert_same(together.means(by), whole.means(by))
    assert_same(together.shares("g"), whole.shares("g"), ("variable", "answer", "level"))


@given(some.integers(0, 2**32 - 1), some.integers(2, 6), some.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_with_one_weight_in_a_stratum_parts_give_the_same_bytes(seed, pieces, order):
    data = design_of(seed, equal=True)
    parts = [count_values(data.iloc[rows], ["a"], "w", "h", "N", ("g",))
             for rows in np.array_split(np.arange(len(data)), min(pieces, len(data)))]
    order.shuffle(parts)
    pd.testing.assert_frame_equal(
        reduce(add, parts).means("g"),
        count_values(data, ["a"], "w", "h", "N", ("g",)).means("g"), check_exact=True)


def test_blocks_of_rows_do_not_show(monkeypatch, package):
    monkeypatch.setattr("helpers.scoring.counts.BLOCK", 7)
    again = count_answers(package["data"], package["items"], "weight", "code", "units", ("zone",))
    assert_same(again.means("zone"), package["counts"].means("zone"))


# Bad input

GOOD = pd.DataFrame({"y": [1.0, 2, 3, 4], "w": 1.0, "h": list("aabb"), "N": 9.0, "g": list("xyxy")})
ITEMS = pd.DataFrame(
    {"item": ["y"], "dimension": "need", "aspect": "capital", "lowest": 1, "highest": 4})


@pytest.mark.parametrize("change, message", [
    ({"w": [1, 0, 1, 1]}, r"weight of row 1 is 0; give a number above zero"),
    ({"w": [1, 1, np.nan, 1]}, r"row 2 has no weight"),
    ({"h": ["a", None, "b", "b"]}, r"row 1 has no 'h'"),
    ({"N": [9, 9, 9, 8]}, r"'N' of stratum 'b' is not one number"),
    ({"N": [9, 9, 9, np.nan]}, r"'N' of stratum 'b' is not one number"),
    ({"N": list("aabb")}, r"column 'N' holds text"),
    ({"y": [1, 2, 3, 5]}, r"item 'y' has the answer 5; allowed are whole numbers from 1 to 4"),
    ({"y": [1, 2, 2.5, np.nan]}, r"item 'y' has the answer 2.5"),
    ({"y": [0, 2, 2, 1]}, r"item 'y' has the answer 0"),
    ({"y": list("abcd")}, r"column 'y' holds text"),
])
def test_bad_data_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        count_answers(GOOD.assign(**change), ITEMS, "w", "h", "N")


def test_more_respondents_than_units_are_found_when_all_parts_are_there():
    parts = [
        count_values(GOOD.assign(N=3)[rows], ["y"], "w", "h", "N")
        for rows in (slice(0, 3), slice(3, 4))
    ]
    assert (parts[0] + parts[1]).means()["n"].tolist() == [4]
    doubled = parts[0] + parts[1] + parts[0]
    with pytest.raises(ValueError, match="stratum 'a' has 4 respondents but 3 units"):
        doubled.means()


@pytest.mark.parametrize("other, message", [
    (count_values(GOOD.assign(z=1), ["z"], "w", "h", "N"), "different variables"),
    (count_values(GOOD, ["y"], "w", "g", "N"), "different strata or domains"),
    (count_values(GOOD, ["y"], "w", "h", "N", ("g",)), "different strata or domains"),
    (count_values(GOOD, ["y"], "w", "h"), "one part has the sizes of the strata"),
    (count_values(GOOD.assign(N=7), ["y"], "w", "h", "N"),
     "the size of stratum 'a' is not one number"),
])
def test_parts_that_were_counted_differently_do_not_add_up(other, message):
    with pytest.raises(ValueError, match=message):
        count_values(GOOD, ["y"], "w", "h", "N") + other


@pytest.mark.parametrize("call, message", [
    (lambda: count_values(GOOD, ["y"], "w", "h", "M"), "the data have no column 'M'"),
    (lambda: count_values(GOOD, ["y"], "w", "h", domains=("zone",)),
     "the data have no column 'zone'"),
    (lambda: count_values(GOOD[:0], ["y"], "w", "h"), "there are no respondents"),
    (lambda: count_values(GOOD, ["y"], "w", "h").means("g"),
     "'g' was not counted as a domain; counted are h"),
    (lambda: count_values(GOOD, ["y"], "w", "h").means(variables=["z"]),
     "variable 'z' was not counted; counted are y"),
    (lambda: count_values(GOOD.assign(y=0.5), ["y"], "w", "h").shares(), "no variable to estimate"),
    (lambda: count_values(GOOD, ["y"], "w", "h").means(confidence=95), "confidence is 95"),
    (lambda: count_answers(GOOD, ITEMS, "w", "h", missing="zero"), "missing is 'zero'"),
    (lambda: count_answers(GOOD, pd.concat([ITEMS, ITEMS.assign(item="N", highest=5)]), "w", "h"),
     "different answer"),
])
def test_bad_calls_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
