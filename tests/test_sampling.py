"""Sample size, allocation and draw: published examples, invariants, bad input."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from helpers import sampling

EXAMPLES = Path(__file__).with_name("examples")
ROOT = Path(__file__).resolve().parents[1]
populations = some.integers(1, 10_000_000)
margins = some.integers(1, 400).map(lambda thousandths: thousandths / 1000)


def example(name: str) -> dict:
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def frame():
    areas = pd.read_csv(ROOT / "data/raw/areas.csv")
    return areas.merge(pd.read_csv(ROOT / "data/raw/frame.csv")[["code", "units"]], on="code")


# Published examples


def test_krejcie_morgan_gives_every_row_of_its_table():
    rows = example("sampling_krejcie_morgan_table")["printed_outputs"]["table"]
    assert len(rows) == 38
    for population, n in rows.items():
        # The table is to nearest, whatever the rounding asked for.
        for rounding in sampling.ROUNDINGS:
            assert sampling.sample_size(int(population), "krejcie_morgan", rounding=rounding) == n


def test_krejcie_morgan_equals_its_formula():
    for population, size in example(
            "sampling_krejcie_morgan_table")["recomputed_outputs"]["formula"].items():
        assert sampling.n_exact(int(population), "krejcie_morgan") == pytest.approx(size, abs=5e-4)


def test_last_row_of_bad_copies_of_the_table_has_lost_a_zero():
    assert sampling.sample_size(100_000, "krejcie_morgan") == 383
    assert sampling.sample_size(1_000_000, "krejcie_morgan") == 384


@pytest.mark.parametrize(("confidence", "size"), [(0.99, 115.75), (0.90, 92.49)])
def test_krejcie_morgan_at_other_levels_uses_the_chi_square_of_the_tables(confidence, size):
    # 140 units: chi-square 6.635 and 2.706, as Isaac and Michael have them.
    assert sampling.n_exact(140, "krejcie_morgan",
                            confidence=confidence) == pytest.approx(size, abs=0.01)


def test_cochran_rounds_once():
    case = example("sampling_cochran_fpc_528")
    size = sampling.n_exact(528, "cochran", margin=0.05, confidence=0.95)
    assert size == pytest.approx(case["recomputed_outputs"]["n1_with_n0_minus_1_over_N"], abs=0.01)
    rounded = [
        sampling.sample_size(528, "cochran", rounding=rule) for rule in ("up", "nearest", "down")
    ]
    assert rounded == [223, 223, 222]
    # Rounding n0 up to 385 first would give one more at, for example, 1,500 units.
    assert math.ceil(385 / (1 + 384 / 1500)) == 307
    assert sampling.sample_size(1500, "cochran") == 306


def test_slovin_and_allocation_of_batik_firms():
    case = example("sampling_slovin_prop_batik_632")
    strata = pd.Series(case["inputs"]["strata"])
    assert sampling.n_exact(632, margin=0.1) == pytest.approx(86.3388, abs=5e-5)
    assert sampling.sample_size(632, margin=0.1) == 87
    assert sampling.allocate(strata, 90).to_dict() == case["printed_outputs"]["allocation"]
    assert sampling.allocate(strata, 87).to_dict() == case["recomputed_outputs"]["if_n_87"]
    # Rounded one by one the parts of 86 add up to 87; the largest remainder gives 86.
    assert sampling.allocate(strata, 86).to_dict() == case["recomputed_outputs"]["if_n_86"]


def test_slovin_and_allocation_of_a_neighbourhood_with_a_slip_in_its_total():
    case = example("sampling_slovin_prop_rw07")
    strata = pd.Series(case["inputs"]["strata_all"]).drop(case["inputs"]["excluded"])
    assert strata.sum() == 1259
    assert sampling.n_exact(1259) == pytest.approx(303.556, abs=5e-4)
    # The printed 302.97 belongs to a total that is 10 too small.
    assert sampling.n_exact(1249) == pytest.approx(302.97, abs=0.01)
    assert sampling.allocate(strata, 303).to_dict() == case["recomputed_outputs"]["allocation"]


def test_the_project_asks_399_people(frame):
    population = int(frame["units"].sum())
    assert population == 128_951
    assert sampling.sample_size(population) == 399
    table = sampling.allocation_table(frame, 399)
    assert table["n"].sum() == 399
    assert table["n"].min() == 8
    assert (table["weight"] * table["n"]).sum() == pytest.approx(population)
    assert list(table) == ["code", "name", "zone", "units", "quota", "n", "fraction", "weight"]


# Sizes


@pytest.mark.parametrize(("population", "margin", "n"),
                         [(400, 0.05, 200), (100, 0.1, 50), (2500, 0.02, 1250)])
def test_a_whole_number_is_not_rounded_up(population, margin, n):
    assert sampling.n_exact(population, margin=margin) == n
    assert sampling.sample_size(population, margin=margin) == n


@pytest.mark.parametrize(("population", "margin", "n"), [(24_000, 0.015, 3750), (1600, 0.175, 32)])
def test_a_whole_number_that_floating_point_pushes_up_stays_whole(population, margin, n):
    assert math.ceil(population / (1 + population * margin**2)) == n + 1
    assert sampling.sample_size(population, margin=margin) == n


@given(populations, margins, some.sampled_from(sampling.METHODS),
       some.sampled_from(sampling.ROUNDINGS))
def test_size_lies_between_one_and_the_population(population, margin, method, rounding):
    n = sampling.sample_size(population, method, margin, rounding=rounding)
    assert 1 <= n <= population
    assert abs(n - sampling.n_exact(population, method, margin)) < 1 or n in (1, population)


@given(populations, margins, some.sampled_from(sampling.METHODS))
def test_size_grows_with_the_population_and_with_precision(population, margin, method):
    n = sampling.n_exact(population, method, margin)
    assert sampling.n_exact(population + 1000, method, margin) >= n
    assert sampling.n_exact(population, method, margin / 2) >= n


@given(some.integers(2, 1_000_000), margins)
def test_cochran_is_the_inverse_of_the_margin_of_error(population, margin):
    n = sampling.n_exact(population, "cochran", margin)
    if 1 <= n <= population:
        assert sampling.margin_of_error(n, population) == pytest.approx(margin, rel=1e-9)


def test_slovin_is_cochran_with_two_for_z_and_the_other_correction():
    confidence = 0.9544997361036416  # within two standard deviations
    unlimited = sampling.n_exact(10**15, "cochran", 0.05, confidence)
    assert unlimited == pytest.approx(1 / 0.05**2)
    assert sampling.n_exact(5000, "slovin", 0.05) == pytest.approx(unlimited /
                                                                   (1 + unlimited / 5000))


def test_the_chosen_method_stands_first():
    table = sampling.compare_sizes(1000, "cochran")
    assert list(table) == ["method", "population", "margin", "confidence", "n_exact", "n"]
    assert table["method"].tolist() == ["cochran", "slovin", "krejcie_morgan"]
    by_hand = sampling.compare_sizes(1000, "manual", manual_n=120)
    assert by_hand.iloc[0][["method", "n"]].tolist() == ["manual", 120]
    assert by_hand.iloc[0]["margin"] == pytest.approx(sampling.margin_of_error(120, 1000))


# Allocation

strata = some.lists(some.integers(0, 60_000), min_size=1, max_size=40).filter(any)


@given(strata, some.data())
def test_allocation_sums_to_n_and_keeps_within_one_of_the_quota(sizes, data):
    units = pd.Series(sizes, index=[f"area {place}" for place in range(len(sizes))])
    n = data.draw(some.integers(0, sum(sizes)))
    shares = sampling.allocate(units, n)
    assert shares.sum() == n
    assert shares.index.equals(units.index)
    assert ((shares >= 0) & (shares <= units)).all()
    for share, size in zip(shares, sizes):
        assert n * size // sum(sizes) <= share <= -(-n * size // sum(sizes))


@given(strata, some.integers(0, 5), some.data())
def test_allocation_with_a_minimum(sizes, minimum, data):
    units = pd.Series(sizes)
    least = units.clip(upper=minimum)
    n = data.draw(some.integers(int(least.sum()), sum(sizes)))
    shares = sampling.allocate(units, n, minimum)
    assert shares.sum() == n
    assert (shares >= least).all()
    assert (shares <= units).all()
    plain = sampling.allocate(units, n)
    if (plain >= least).all():
        assert shares.equals(plain)


@given(strata, some.integers(0, 100))
def test_larger_strata_never_get_less(sizes, n):
    shares = sampling.allocate(pd.Series(sizes), min(n, sum(sizes)))
    ordered = sorted(zip(sizes, shares))
    assert all(a[1] <= b[1] for a, b in zip(ordered, ordered[1:]) if a[0] < b[0])


def test_ties_go_to_the_larger_stratum_and_then_to_the_first():
    # Quotas 1.5, 0.5, 0.5, 0.5 of n = 3: two seats for four equal remainders.
    assert sampling.allocate(pd.Series([1, 1, 1, 3]), 3).tolist() == [1, 0, 0, 2]
    assert sampling.allocate(pd.Series([1, 1, 1]), 2).tolist() == [1, 1, 0]


def test_a_larger_sample_can_take_a_seat_away():
    # The Alabama paradox: the third stratum loses a seat although one more is asked.
    units = pd.Series([6, 6, 2])
    assert sampling.allocate(units, 10).tolist() == [4, 4, 2]
    assert sampling.allocate(units, 11).tolist() == [5, 5, 1]


# Draw


@given(some.lists(some.integers(1, 300), min_size=1, max_size=8), some.integers(0, 2**32 - 1),
       some.data())
@settings(max_examples=50)
def test_draw_takes_each_unit_once_and_weights_add_up(sizes, seed, data):
    frame = pd.DataFrame({"code": [f"a{place}" for place in range(len(sizes))], "units": sizes})
    numbers = [data.draw(some.integers(0, size)) for size in sizes]
    sample = sampling.draw(frame, pd.Series(numbers, index=frame["code"]), seed)
    assert not sample.duplicated(["code", "unit"]).any()
    assert len(sample) == sum(numbers)
    for code, size, n in zip(frame["code"], sizes, numbers):
        part = sample[sample["code"] == code]
        assert part["unit"].between(1, size).all()
        assert part["weight"].sum() == pytest.approx(size if n else 0)


def test_a_new_stratum_does_not_change_what_is_drawn_elsewhere():
    frame = pd.DataFrame({"code": ["a", "b", "c"], "units": [500, 400, 300]})
    allocation = pd.Series({"a": 20, "b": 10, "c": 5})
    whole = sampling.draw(frame, allocation, seed=7)
    part = sampling.draw(frame.iloc[[2, 0]], allocation[["c", "a"]], seed=7)
    for code in ("a", "c"):
        expected = whole.loc[whole["code"] == code, "unit"].tolist()
        assert part.loc[part["code"] == code, "unit"].tolist() == expected


def test_the_same_seed_draws_the_same_and_another_seed_another():
    frame = pd.DataFrame({"code": ["a"], "units": [10_000]})
    first, again, other = (sampling.draw(frame, pd.Series({"a": 30}), seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_every_unit_is_drawn_equally_often():
    frame = pd.DataFrame({"code": ["a"], "units": [10]})
    drawn = pd.concat([sampling.draw(frame, pd.Series({"a": 3}), seed)
                       for seed in range(400)])["unit"]
    # 120 expected each, standard deviation 9.2.
    assert drawn.value_counts().between(84, 156).all()


# Precision


def test_margins_of_the_whole_a_zone_and_a_pair(frame):
    precision = sampling.zone_precision(sampling.allocation_table(frame, 399))
    margins = precision.set_index(["domain", "level"])["margin"]
    assert margins["all", "all"] == pytest.approx(1.959964 * math.sqrt(0.25 / 399 *
                                                                       (128_951 - 399) / 128_950))
    assert precision.groupby("domain")["n"].sum().eq(399).all()
    pairs = sampling.difference_margins(precision)
    assert len(pairs) == 3
    assert pairs["margin"].iloc[0] == pytest.approx(
        math.hypot(margins["zone", "north"], margins["zone", "south"]))


def test_an_area_where_nobody_is_asked_has_no_margin_and_no_weight():
    frame = pd.DataFrame({"code": ["a", "b"], "name": ["A", "B"], "zone": "z", "units": [1000, 1]})
    table = sampling.allocation_table(frame, 10)
    assert table["n"].tolist() == [10, 0]
    assert np.isnan(table["weight"].iloc[1])
    assert np.isnan(sampling.zone_precision(table)["margin"].iloc[-1])


def test_curves_pass_through_the_chosen_size(frame):
    sizes = sampling.size_range(399, 128_951)
    curves = sampling.precision_curves(frame, sizes)
    assert 399 in sizes
    whole = curves[(curves["domain"] == "all") & (curves["n"] == 399)]
    assert whole["margin"].item() == pytest.approx(sampling.margin_of_error(399, 128_951))
    for _, line in curves.groupby(["domain", "level"]):
        assert line["margin"].is_monotonic_decreasing


# Bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"population": 0}, r"population is 0; give a whole number of at least 1"),
        ({"population": 10.5}, r"population is 10.5; give a whole number"),
        ({"population": "many"}, r"population is many; give a whole number"),
        ({"population": 100, "margin": 5}, r"margin is 5; give a share between 0 and 1"),
        ({"population": 100, "margin": 0}, r"margin is 0; give a share between 0 and 1"),
        ({"population": 100, "confidence": 95}, r"confidence is 95; give a share between 0 and 1"),
        ({"population": 100, "proportion": 1}, r"proportion is 1; give a share between 0 and 1"),
        ({"population": 100, "method": "yamane"},
         r"method is 'yamane'; allowed are 'slovin', 'cochran', 'krejcie_morgan'"),
        ({"population": 100, "rounding": "half"},
         r"rounding is 'half'; allowed are 'up', 'nearest', 'down'"),
    ],
)
def test_bad_size(arguments, message):
    with pytest.raises(ValueError, match=message):
        sampling.sample_size(**arguments)


@pytest.mark.parametrize("n", [None, 0, 101])
def test_bad_manual_size(n):
    with pytest.raises(ValueError,
                       match=f"the size set by hand is {n}; give a whole number from 1 to 100"):
        sampling.compare_sizes(100, "manual", manual_n=n)


def test_bad_method_of_the_comparison():
    with pytest.raises(
            ValueError,
            match="method is 'guess'; allowed are 'slovin', 'cochran', 'krejcie_morgan', "
                  "'manual'"):
        sampling.compare_sizes(100, "guess")


@pytest.mark.parametrize(
    ("units", "n", "minimum", "message"),
    [
        ([3, 4], 8, 0, "n is 8, more than the 7 units of all strata; lower n"),
        ([30, 40], 3, 2,
         "n is 3, but a minimum of 2 in each of 2 strata needs 4; raise n or lower the minimum"),
        ([30, -4], 3, 0, "units of 1 are -4(.0)?; give whole numbers, zero or more"),
        ([30, 4.5], 3, 0, "units of 1 are 4.5; give whole numbers"),
        ([30, None], 3, 0, "units of 1 are nan; give whole numbers"),
        (["30", "some"], 3, 0, "units of 1 are some; give whole numbers"),
        ([], 3, 0, "units is empty; give at least one stratum"),
        ([3, 4], -1, 0, "n is -1; give a whole number of at least 0"),
        ([3, 4], 2.5, 0, "n is 2.5; give a whole number of at least 0"),
        ([3, 4], 2, -1, "minimum is -1; give a whole number of at least 0"),
    ],
)
def test_bad_allocation(units, n, minimum, message):
    with pytest.raises(ValueError, match=message):
        sampling.allocate(pd.Series(units), n, minimum)


@pytest.mark.parametrize(
    ("codes", "allocation", "seed", "message"),
    [
        (["a", "a"], {"a": 1}, 1, "frame has code 'a' more than once"),
        (["a", "b"], {"c": 1}, 1, "allocation names 'c', which is not a code of the frame"),
        (["a", "b"], {"a": 11}, 1, "allocation asks for 11 units in 'a', which has 10"),
        (["a", "b"], {"a": 1.5}, 1, "allocation of 'a' is 1.5; give a whole number"),
        (["a", "b"], {"a": 1}, -1, "seed is -1; give a whole number of at least 0"),
    ],
)
def test_bad_draw(codes, allocation, seed, message):
    frame = pd.DataFrame({"code": codes, "units": 10})
    with pytest.raises(ValueError, match=message):
        sampling.draw(frame, pd.Series(allocation), seed)


def test_an_allocation_with_a_code_twice():
    frame = pd.DataFrame({"code": ["a"], "units": [10]})
    with pytest.raises(ValueError, match="allocation has a code more than once"):
        sampling.draw(frame, pd.Series([1, 2], index=["a", "a"]), 1)


@pytest.mark.parametrize("n", [0, 101])
def test_bad_margin_of_error(n):
    with pytest.raises(ValueError,
                       match="n has values outside 1 to 100, the size of the population"):
        sampling.margin_of_error(n, 100)
