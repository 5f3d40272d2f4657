"""Textbook variants, power, allocation, field list and non-response: published values, invariants,
bad input."""

import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from helpers import sampling

ROOT = Path(__file__).resolve().parents[1]
populations = some.integers(1, 10_000_000)
margins = some.integers(1, 400).map(lambda thousandths: thousandths / 1000)
strata = some.lists(some.integers(1, 400), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def frame():
    areas = pd.read_csv(ROOT / "data/raw/areas.csv")
    return areas.merge(pd.read_csv(ROOT / "data/raw/frame.csv")[["code", "units"]], on="code")


# Textbook variants


@given(populations, margins)
def test_slovin_is_cochran_with_z_two_and_one_half(population, margin):
    slovin = sampling.n_exact(population, "slovin", margin)
    assert sampling.size_from_z(population, 2, margin, 0.5, minus_one=False) == slovin


@settings(deadline=None)
@given(populations, margins, some.sampled_from([0.9, 0.95, 0.99]))
def test_lemeshow_is_cochran_in_another_order(population, margin, confidence):
    from scipy.stats import norm

    z = norm.ppf((1 + confidence) / 2)
    lemeshow = z**2 * 0.25 * population / (margin**2 * (population - 1) + z**2 * 0.25)
    assert lemeshow == pytest.approx(sampling.n_exact(population, "cochran", margin, confidence),
                                     rel=1e-12)


def test_two_corrections_at_528_units():
    # 222.4 and 222.6, printed 222 and 223.
    sizes = sampling.textbook_sizes(528).set_index("variant")["n_exact"]
    assert sizes[["cochran_n0", "cochran"]].round(1).tolist() == [222.4, 222.6]


@pytest.mark.parametrize(("table", "n"),
                         [("sugiyono_1pct", 116), ("sugiyono_5pct", 100), ("sugiyono_10pct", 92),
                                          ("krejcie_morgan", 103)])
def test_printed_tables_at_140_units(table, n):
    assert sampling.table_size(140, table) == n


def test_the_exchanged_digits_ask_for_twenty_people_fewer_in_a_thousand():
    assert [sampling.table_size(1000, table)
            for table in ("sugiyono_5pct", "krejcie_morgan")] == [258, 278]


def test_every_variant_agrees_with_its_own_function():
    sizes = sampling.textbook_sizes(128_951).set_index("variant")["n"]
    assert list(sizes.index) == ["slovin", "cochran_n0", "cochran", "lemeshow", *sampling.TABLES]
    for method in sampling.METHODS:
        assert sizes[method] == sampling.sample_size(128_951, method)
    for table in sampling.TABLES:
        assert sizes[table] == sampling.table_size(128_951, table)
    assert sizes["lemeshow"] == sizes["cochran"]


def test_roscoe_rules():
    rules = sampling.roscoe_rules(pd.Series({"north": 300, "south": 201}))
    assert rules["met"].tolist() == [False, True, True]
    assert sampling.roscoe_rules(pd.Series({"north": 30}))["met"].tolist() == [True, True]


@pytest.mark.parametrize(("call", "message"), [
    (lambda: sampling.size_from_z(100, 0), "z is 0; give a number above zero, such as 1.96"),
    (lambda: sampling.size_from_z(100, 2, margin=5), "margin is 5; give a share between 0 and 1"),
    (lambda: sampling.table_size(100, "isaac"),
     "table is 'isaac'; allowed are 'krejcie_morgan', 'sugiyono_1pct'"),
    (lambda: sampling.table_size(0), "population is 0; give a whole number of at least 1"),
    (lambda: sampling.textbook_sizes(100, confidence=95),
     "confidence is 95; give a share between 0 and 1"),
])
def test_bad_variants(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value).startswith(message)


# What zones can show


@settings(deadline=None)
@given(some.integers(2, 500), some.integers(2, 500), some.floats(0.5, 0.99), some.floats(0.6, 0.99))
def test_the_detectable_difference_has_the_power_asked_for(n_a, n_b, power, confidence):
    zones = pd.DataFrame({"domain": "zone", "level": ["x", "y"], "units": 10**6, "n": [n_a, n_b]})
    row = sampling.detectable_differences(zones, power, confidence).iloc[0]
    found = sampling.power_of_difference(row["difference"], row["margin"], confidence)
    # The formula of the size leaves out the far tail, which the power counts.
    assert power - 1e-9 <= found <= power + (1 - confidence) / 2
    assert row["effect"] == pytest.approx(2 * row["difference"])


def test_cohens_table_has_sixty_three_for_half_a_standard_deviation():
    # Cohen (1988), table 2.4.1: 64 by the t distribution; 62.8 by the normal one.
    zones = pd.DataFrame({"domain": "zone", "level": ["x", "y"], "units": 10**9})
    effects = [
        sampling.detectable_differences(zones.assign(n=n)).iloc[0]["effect"] for n in (62, 63)
    ]
    assert effects[0] > 0.5 > effects[1]


def test_power_by_simulation():
    rng = np.random.default_rng(3)
    n, shares = 200, (0.5, 0.36)
    drawn = rng.binomial(n, shares, (20_000, 2)) / n
    error = np.sqrt((drawn * (1 - drawn)).sum(axis=1) / n)
    simulated = (np.abs(drawn[:, 0] - drawn[:, 1]) > 1.959964 * error).mean()
    margin = 1.959964 * math.sqrt(sum(p * (1 - p) for p in shares) / n)
    assert sampling.power_of_difference(0.14, margin) == pytest.approx(simulated, abs=0.015)


def test_zones_of_blitar(frame):
    precision = sampling.zone_precision(sampling.allocation_table(frame, 399))
    found = sampling.detectable_differences(precision)
    pd.testing.assert_series_equal(found["margin"],
                                   sampling.difference_margins(precision)["margin"])
    assert len(found) == 3 and (found["difference"] / found["margin"]).round(4).eq(1.4294).all()


@pytest.mark.parametrize(("call", "message"), [
    (lambda: sampling.detectable_differences(pd.DataFrame(columns=["domain", "n"]), power=80),
     "power is 80; give"),
    (lambda: sampling.detectable_differences(pd.DataFrame(columns=["domain", "n"]), confidence=1),
     "confidence is 1;"),
    (lambda: sampling.power_of_difference(0.1, 0),
     "margin is 0; give the margin of error of the difference"),
])
def test_bad_power(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value).startswith(message)


# Allocation


@settings(max_examples=50, deadline=None)
@given(strata, some.data())
def test_equal_and_neyman_sum_to_n_within_their_limits(sizes, data):
    units = pd.Series(sizes, index=[f"s{i}" for i in range(len(sizes))])
    n = data.draw(some.integers(len(sizes), sum(sizes)))
    spread = pd.Series(
        data.draw(some.lists(some.floats(0, 9), min_size=len(sizes), max_size=len(sizes))),
        units.index)
    equal, neyman = sampling.equal_allocation(units,
                                              n), sampling.neyman_allocation(units, spread, n)
    for allocation, least in ((equal, 0), (neyman, 1)):
        assert allocation.sum() == n and allocation.between(least, units).all()
        assert allocation.index.equals(units.index)


@settings(max_examples=50, deadline=None)
@given(strata, some.data())
def test_equal_shares_differ_by_one_where_units_reach(sizes, data):
    n = data.draw(some.integers(0, sum(sizes)))
    allocation = sampling.equal_allocation(pd.Series(sizes), n)
    open_strata = allocation[allocation < pd.Series(sizes)]
    if len(open_strata):
        assert open_strata.max() - open_strata.min() <= 1
        assert (allocation <= open_strata.max()).all() or allocation.max() - open_strata.min() <= 1


def variance(units, spread, asked) -> float:
    return float((units**2 * spread**2 * (1 / asked - 1 / units)).sum())


@settings(max_examples=50, deadline=None)
@given(some.lists(some.tuples(some.integers(2, 60), some.floats(0.1, 5)), min_size=2, max_size=4),
       some.data())
def test_no_exchange_of_a_unit_beats_neyman(pairs, data):
    units, spread = pd.Series([p[0] for p in pairs]), pd.Series([p[1] for p in pairs])
    n = data.draw(some.integers(len(pairs), int(units.sum())))
    best = sampling.neyman_allocation(units, spread, n)
    for a, b in [*combinations(units.index, 2), *combinations(units.index[::-1], 2)]:
        other = best.copy()
        other[a], other[b] = other[a] - 1, other[b] + 1
        if other[a] >= 1 and other[b] <= units[b]:
            assert variance(units, spread,
                            best) <= variance(units, spread, other) * (1 + 1e-9) + 1e-9


def test_neyman_with_equal_spreads_is_proportional(frame):
    units = frame.set_index("code")["units"]
    same = sampling.neyman_allocation(units, pd.Series(1.0, units.index), 399)
    assert (same - sampling.allocate(units, 399)).abs().max() <= 1


def test_design_effects_by_simulation():
    frame = pd.DataFrame({"code": ["a", "b"], "units": [600, 300]})
    rng = np.random.default_rng(5)
    values = {"a": rng.normal(3, 1, 600), "b": rng.normal(5, 3, 300)}
    means, spread = (pd.Series({code: f(v) for code, v in values.items()})
                     for f in (np.mean, lambda v: v.std(ddof=1)))
    table = sampling.compare_allocations(frame, 60, means, spread).set_index("allocation")
    everyone = np.concatenate(list(values.values()))
    alone = (1 - 60 / 900) * everyone.var(ddof=1) / 60
    units = frame.set_index("code")["units"]
    for name, asked in (("equal", sampling.equal_allocation(units, 60)),
                        ("neyman", sampling.neyman_allocation(units, spread, 60))):
        runs = [
            sum(units[c] / 900 * rng.choice(values[c], asked[c], replace=False).mean()
                for c in "ab") for _ in range(8000)
        ]
        assert np.var(runs) / alone == pytest.approx(table.loc[name, "design_effect"], rel=0.06)
    assert table["design_effect"].idxmin() == "neyman"
    assert (table["n"] == 60).all()
    assert table.loc["equal", "weight_effect"] == pytest.approx(60 * ((2 / 3)**2 + (1 / 3)**2) / 30)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: sampling.equal_allocation(pd.Series([3, 2]), 6),
     "n is 6, more than the 5 units of all strata; lower n"),
    (lambda: sampling.neyman_allocation(pd.Series({"a": 3}), pd.Series({"b": 1.0}), 2),
     "spread of 'a' is nan; give a"),
    (lambda: sampling.neyman_allocation(pd.Series({"a": 3}), pd.Series({"a": -1.0}), 2),
     "spread of 'a' is -1.0; give"),
    (lambda: sampling.neyman_allocation(pd.Series([3, 3]), pd.Series([1, 1]), 1),
     "n is 1, but a minimum of 1 in each"),
    (lambda: sampling.neyman_allocation(pd.Series([3]), pd.Series([1]), 1, 0),
     "minimum is 0; give a whole number"),
])
def test_bad_allocations(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value).startswith(message)


# Replacements and the field list


@settings(max_examples=30, deadline=None)
@given(strata, some.integers(0, 1000), some.data())
def test_the_reserve_never_repeats_a_unit_and_grows_at_its_end(sizes, seed, data):
    frame = pd.DataFrame({"code": [f"s{i}" for i in range(len(sizes))], "units": sizes})
    n = data.draw(some.integers(0, sum(sizes)))
    sample = sampling.draw(frame, sampling.allocate(frame.set_index("code")["units"], n), seed)
    short, long = (sampling.reserve(frame, sample, seed, share) for share in (0.2, 0.6))
    both = pd.concat([sample, long])
    assert not both.duplicated(["code", "unit"]).any()
    for code, size in zip(frame["code"], sizes):
        drawn = int((sample["code"] == code).sum())
        first, second = (part.loc[part["code"] == code, "unit"].tolist() for part in (short, long))
        assert len(first) == min(math.ceil(round(0.2 * drawn, 9)), size - drawn)
        assert second[: len(first)] == first


def test_the_field_list_names_everybody_once(frame):
    sample = sampling.draw(frame, sampling.allocate(frame.set_index("code")["units"], 399), seed=1)
    listed = sampling.field_list(frame, sample, sampling.reserve(frame, sample, seed=1))
    assert listed["number"].tolist() == list(range(1, len(listed) + 1))
    assert (listed["role"] == "main").sum() == 399
    assert list(listed["code"].drop_duplicates()) == [
        code for code in frame["code"] if code in set(sample["code"])
    ]
    for _, area in listed.groupby("code"):
        assert area["order"].tolist() == [0] * (area["role"] == "main").sum() + list(
            range(1, (area["role"] == "replacement").sum() + 1))


def test_the_workbook_reads_back_as_the_field_list(frame):
    import io

    from openpyxl import load_workbook

    from helpers.study.workbook import workbook

    listed = pd.DataFrame(
        {"number": [1, 2], "name": ["Wates <&>", "=1+1"], "weight": [0.1, math.nan], "visited": ""})
    content = workbook({'List "A"': [["No", "Name", 'W "x"', "Visited"], *listed.values.tolist()]})
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet.title == 'List "A"' and sheet.freeze_panes == "A2" and sheet["A1"].font.bold
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["No", "Name", 'W "x"', "Visited"], [1, "Wates <&>", 0.1, None], [2, "=1+1", None, None]]
    # A name that begins with an equals sign is text and no formula.
    assert sheet["B3"].data_type == "s"


@pytest.mark.parametrize("lang, head", [
    ("id", ["Nomor", "Wilayah", "Peran", "Bobot", "Tanggal kunjungan"]),
    ("en", ["Number", "Area", "Role", "Weight", "Date of visit"])])
def test_the_field_list_that_is_handed_over_reads_back_in_the_language(
        tmp_path, monkeypatch, lang, head):
    from openpyxl import load_workbook
    from test_publish import open_stage

    _, out = open_stage(tmp_path, monkeypatch, lang=lang)
    listed = pd.DataFrame({
        "number": [1, 2], "name": ["Wates <&>", "=1+1"], "role": ["main", "replacement"],
        "weight": [0.1, math.nan], "visited": ""
    })
    out.hand_over_workbook(
        "list", listed,
        {"number": "d", "name": "text", "role": "word", "weight": ".4f", "visited": "text"})
    sheet = load_workbook(tmp_path / "processed" / "list.xlsx").active
    assert sheet.title == "list" and sheet.freeze_panes == "A2" and sheet["A1"].font.bold
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        head, [1, "Wates <&>", out.t.word("main"), 0.1, None],
        [2, "=1+1", out.t.word("replacement"), None, None]
    ]
    assert out.t.word("main") != "main" or lang == "en"
    assert sheet["B3"].data_type == "s"


def test_an_adjustment_that_a_small_sample_does_not_allow_has_no_share():
    sample = pd.DataFrame({"code": "a", "zone": ["n", "s"], "unit": [1, 2], "weight": 3.0})
    field = pd.DataFrame({"kind": ["small", "small"], "easy": [1, 0], "answered": [True, False]})
    none = pd.DataFrame({"code": [], "unit": [], "order": []}), field.iloc[:0]
    table = sampling.compare_adjustments(sample, field, *none,
                                         {"kind": pd.Series({"small": 4, "informal": 2})})
    assert table.set_index("rule")["share"].isna().to_dict() == {
        "everybody": False, "answered": False, "replacement": False, "class_area": True,
        "class_kind": False, "raking": True
    }
    nobody = sampling.compare_adjustments(sample, field.assign(answered=False), *none,
                                          {"kind": pd.Series({"small": 6})})
    assert nobody["share"].notna().tolist() == [True, False, False, False, False, False]


def test_bad_reserve(frame):
    with pytest.raises(ValueError,
                       match="share is 20; give the replacements for each unit drawn, from 0 to 1"):
        sampling.reserve(frame, pd.DataFrame({"code": [], "unit": []}), 1, 20)


# Non-response


@settings(max_examples=30, deadline=None)
@given(some.integers(0, 10_000))
def test_weighting_classes_keep_the_total_of_every_class(seed):
    rng = np.random.default_rng(seed)
    sample = pd.DataFrame({"zone": rng.choice(list("nsc"), 60), "weight": rng.uniform(1, 9, 60)},
                          index=range(7, 67))
    answered = pd.Series(rng.random(60) < 0.6, sample.index)
    answered |= ~sample["zone"].duplicated()
    weights = sampling.weighting_classes(sample, answered, "zone")
    assert list(weights.index) == list(sample.index[answered])
    pd.testing.assert_series_equal(
        weights.groupby(sample["zone"]).sum(),
        sample.groupby("zone")["weight"].sum(), check_names=False)
    assert (weights >= sample.loc[weights.index, "weight"] - 1e-9).all()


def test_weighting_classes_equal_svy():
    import polars as pl
    import svy

    rng = np.random.default_rng(2)
    sample = pd.DataFrame({"zone": rng.choice(list("ns"), 40), "weight": rng.uniform(1, 9, 40)})
    answered = pd.Series(rng.random(40) < 0.7)
    table = pl.DataFrame({"z": sample["zone"].tolist(), "w": sample["weight"].to_numpy(),
                          "r": np.where(answered, "yes", "no").tolist()})
    theirs = svy.Sample(table, svy.Design(wgt="w")).weighting.adjust(
        resp_status="r", cells="z", resp_mapping={"rr": "yes", "nr": "no"},
        wgt_name="a").data["a"].to_numpy()
    assert sampling.weighting_classes(sample, answered,
                                      "zone").to_numpy() == pytest.approx(theirs, rel=1e-12)


def test_raking_meets_both_margins_and_keeps_the_odds():
    rng = np.random.default_rng(4)
    people = pd.DataFrame({"zone": rng.choice(["n", "s"], 200), "kind": rng.choice(["x", "y"], 200),
                           "weight": rng.uniform(1, 3, 200)}, index=range(100, 300))
    totals = {
        "zone": pd.Series({"n": 700.0, "s": 300.0}), "kind": pd.Series({"x": 450.0, "y": 550.0})
    }
    weights = sampling.rake(people, totals)
    for name, wanted in totals.items():
        pd.testing.assert_series_equal(
            weights.groupby(people[name]).sum(), wanted, check_names=False, rtol=1e-6)
    odds = []
    for w in (people["weight"], weights):
        cells = w.groupby([people["zone"], people["kind"]]).sum().unstack().to_numpy()
        odds.append(cells[0, 0] * cells[1, 1] / (cells[0, 1] * cells[1, 0]))
    assert odds[0] == pytest.approx(odds[1], rel=1e-6)


def test_raking_equals_iterative_fitting_by_hand():
    people = pd.DataFrame(
        {"zone": list("nnnss"), "kind": list("xxyxy"), "weight": [1.0, 2, 1, 1, 3]})
    totals = {"zone": pd.Series({"n": 60, "s": 40}), "kind": pd.Series({"x": 70, "y": 30})}
    weights = people["weight"].copy()
    for _ in range(100):
        for name, wanted in totals.items():
            weights = weights * people[name].map(wanted / weights.groupby(people[name]).sum())
    assert sampling.rake(people, totals).to_numpy() == pytest.approx(weights.to_numpy(), rel=1e-6)


def test_replacement_fills_up_in_order_and_shares_the_weight_of_the_stratum():
    sample = pd.DataFrame({"code": list("aaab"), "unit": [1, 2, 3, 1], "weight": [10.0, 10, 10, 7]})
    extra = pd.DataFrame({"code": "a", "unit": [9, 8, 7, 6], "order": [1, 2, 3, 4],
                          "answered": [False, True, True, True]})
    found = sampling.replace_missing(sample, pd.Series([True, False, False, True]), extra)
    assert found[["code", "unit", "role"]].values.tolist() == [
        ["a", 1, "main"], ["a", 8, "replacement"], ["a", 7, "replacement"], ["b", 1, "main"]]
    short = sampling.replace_missing(sample, pd.Series([True, False, False, True]), extra.head(2))
    assert short["weight"].tolist() == [15, 15, 7]


def test_replacement_does_not_take_the_bias_away_and_raking_does():
    units = pd.DataFrame({"code": "a", "unit": range(1, 40_001), "weight": 2.0})
    field = sampling.invented_fieldwork(units, 0.6, seed=11)
    truth = field["easy"].mean()
    there = field[field["answered"]]
    assert there["easy"].mean() - truth > 0.02
    extra = sampling.invented_fieldwork(units, 0.6, seed=12)
    reserve = units.assign(unit=units["unit"] + 40_000, order=units["unit"],
                           answered=extra["answered"])
    chosen = sampling.replace_missing(units, field["answered"], reserve).merge(
        pd.concat([units.assign(easy=field["easy"]),
                   reserve.assign(easy=extra["easy"])])[["unit", "easy"]], on="unit")
    assert len(chosen) == 40_000 and chosen["easy"].mean() - truth > 0.02
    classes = sampling.weighting_classes(units.join(field["kind"]), field["answered"], "kind")
    raked = sampling.rake(there.assign(weight=2.0), {"kind": 2.0 * field["kind"].value_counts()})
    for weights in (classes, raked):
        assert np.average(there["easy"], weights=weights) == pytest.approx(truth, abs=0.008)
    assert classes.to_numpy() == pytest.approx(raked.to_numpy(), rel=1e-6)


@given(some.lists(some.floats(0.01, 100), min_size=1, max_size=30))
def test_effective_size_lies_between_one_and_n(weights):
    weights = pd.Series(weights)
    assert 1 - 1e-9 <= sampling.effective_size(weights) <= len(weights) + 1e-9
    assert sampling.effective_size(weights * 7) == pytest.approx(sampling.effective_size(weights))


PEOPLE = pd.DataFrame({"zone": ["n", "s"], "weight": [1.0, 1.0]})


@pytest.mark.parametrize(("call", "message"), [
    (lambda: sampling.weighting_classes(PEOPLE, pd.Series([True, False]), "zone"),
     "nobody answered in class 's' of 'zone'; join it to another class"),
    (lambda: sampling.weighting_classes(PEOPLE, pd.Series([True]), "zone"),
     "answered must say yes or no for every"),
    (lambda: sampling.weighting_classes(PEOPLE.assign(weight=[1, 0]), pd.Series([True, True]),
                                        "zone"),
     "weight of row 1 is 0; give a number above zero"),
    (lambda: sampling.weighting_classes(PEOPLE.assign(zone=["n", None]), pd.Series([True, True]),
                                        "zone"),
     "row 1 has no 'zone'; every unit drawn needs its class"),
    (lambda: sampling.rake(PEOPLE, {}),
     "there are no margins; give known totals of at least one column"),
    (lambda: sampling.rake(PEOPLE, {"zone": pd.Series({"n": 5})}),
     "margin 'zone' has no total for 's', which has"),
    (lambda: sampling.rake(PEOPLE, {"zone": pd.Series({"n": 5, "s": 5, "c": 1})}),
     "margin 'zone' has a total for 'c', but nobody of it answered"),
    (lambda: sampling.rake(PEOPLE, {"zone": pd.Series({"n": 5, "s": 0})}),
     "margin 'zone' has the total 0 for 's'"),
    (lambda: sampling.rake(PEOPLE.assign(kind="x"),
                           {"zone": pd.Series({"n": 5, "s": 5}), "kind": pd.Series({"x": 11})}),
     "margin 'kind' adds up to 11 and 'zone' to 10; margins of one population have one sum"),
    (lambda: sampling.rake(PEOPLE.assign(kind=["x", "y"]),
                           {"zone": pd.Series({"n": 5, "s": 5}),
                            "kind": pd.Series({"x": 2, "y": 8})}),
     "the margins cannot be met together by these respondents; join small levels"),
    (lambda: sampling.effective_size(pd.Series([1.0, math.nan])),
     "row 1 has no weight; give a number above zero"),
    (lambda: sampling.replace_missing(pd.DataFrame({"code": ["a"], "unit": [1], "weight": [2.0]}),
                                      pd.Series([False]),
                                      pd.DataFrame(columns=["code", "unit", "order", "answered"],
                                                   dtype=object)),
     "nobody answered in 'a'; call on more replacements or join it to another stratum"),
    (lambda: sampling.invented_fieldwork(PEOPLE, 0, 1),
     "response_rate is 0; give a share above 0 and at most 1"),
])
def test_bad_nonresponse(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value).startswith(message)
