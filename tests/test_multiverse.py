"""The multiverse as pure methods: products, exclusions, balanced universes, shares, Shapley shares,
turning choices."""

import re
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import multiverse
from helpers.multiverse import Choices

THREE = Choices({"a": [1, 2], "b": ["x", "y", "z"], "c": [True, False]},
                [{"a": 2, "b": ["y", "z"]}])


def found(rows, names):
    """A claim's own product from rows of alternatives and whether it is supported."""
    table = pd.DataFrame([row[:-1] for row in rows], columns=names)
    return table.assign(completions=1,
                        verdict=["supported" if row[-1] else "mixed" for row in rows], value=1.0)


def test_products_leave_out_what_is_excluded():
    rows = multiverse.own_product(THREE, ["a", "b"])
    assert rows.values.tolist() == [[1, "x", 1], [1, "y", 1], [1, "z", 1], [2, "x", 1]]
    assert multiverse.size(THREE) == 8
    assert len(multiverse.own_product(THREE, ["a", "b", "c"])) == 8


def test_a_part_of_linked_choices_counts_its_completions():
    assert multiverse.own_product(THREE, ["a"]).values.tolist() == [[1, 3], [2, 1]]
    assert multiverse.own_product(THREE, ["b"]).values.tolist() == [["x", 2], ["y", 1], ["z", 1]]
    assert multiverse.own_product(THREE, ["c"])["completions"].tolist() == [1, 1]
    assert multiverse.own_product(THREE, [])["completions"].tolist() == [1]


def test_shares_over_a_part_are_those_over_the_full_product():
    """The claim holds for a = 1 only: in six of the eight universes."""
    own = multiverse.own_product(THREE, ["a"]).assign(verdict=["supported", "mixed"])
    assert multiverse.share_supported(own) == 6 / 8


def test_groups_join_what_claims_and_exclusions_join():
    assert multiverse.groups(THREE) == [["a", "b"], ["c"]]
    assert multiverse.groups(THREE, {"claim": ["b", "c"]}) == [["a", "b", "c"]]


def test_small_products_are_listed_in_full():
    rows = multiverse.universes(Choices(THREE.alternatives, THREE.exclude, count=8), {}, 0)
    assert len(rows) == 8 and not rows.duplicated().any()
    assert not ((rows["a"] == 2) & (rows["b"] != "x")).any()


def test_every_claim_meets_its_own_product_equally_often():
    choices = Choices({name: list(range(4)) for name in "abcdef"}, count=32)
    reads = {"one": ["a", "b"], "two": ["c"], "three": ["e", "f"]}
    rows = multiverse.universes(choices, reads, 5)
    assert len(rows) == 32
    for names in reads.values():
        assert set(rows.groupby(names).size()) == {32 // 4 ** len(names)}
        assert len(rows[names].drop_duplicates()) == 4 ** len(names)
    pd.testing.assert_frame_equal(rows, multiverse.universes(choices, reads, 5))
    assert not rows.equals(multiverse.universes(choices, reads, 6))


def test_too_few_universes_are_refused():
    choices = Choices({"a": [1, 2], "b": [1, 2, 3], "c": list(range(9))}, count=8)
    with pytest.raises(
            ValueError,
            match="8 universes are too few: c alone have 9 combinations; ask for at least as many"):
        multiverse.universes(choices, {}, 0)


@pytest.mark.parametrize(("exclude", "message"), [
    ([{"d": 1}],
     "an exclusion names the choice 'd', which is not one of the choices; known are a, b, c"),
    ([{"a": 3}], r"an exclusion names a = 3, which is none of its alternatives \(1, 2\)"),
    ([{"a": [1, 2]}], "the exclusions leave no universe: every combination of a is excluded"),
    ([{"a": 1, "b": ["x", "y"]}, {"b": "z"}, {"a": 2}], "every combination of a, b is excluded"),
])
def test_wrong_exclusions_are_named(exclude, message):
    with pytest.raises(ValueError, match=message):
        multiverse.check(Choices(THREE.alternatives, exclude))


def test_shares_by_verdict_and_choice():
    table = found([(1, "x", True), (1, "y", True), (2, "x", False), (2, "y", True)], ["a", "b"])
    assert multiverse.by_verdict(table).to_dict() == {"mixed": 0.25, "supported": 0.75}
    assert multiverse.by_choice(table, ["a", "b"]).values.tolist() == [
        ["a", 1, 2, 1.0], ["a", 2, 2, 0.5], ["b", "x", 2, 0.5], ["b", "y", 2, 1.0],
    ]


def test_a_claim_that_cannot_be_tested_has_no_share():
    table = found([(1, True), (2, True)], ["a"])
    assert np.isnan(multiverse.share_supported(table.assign(verdict="not_testable")))
    assert multiverse.share_supported(table.assign(verdict=["not_testable", "supported"])) == 0.5


def by_permutations(table, names):
    """Shapley shares from the definition by orders in which choices join, each variance worked out
    by pandas."""
    from itertools import permutations

    holds = (table["verdict"] == "supported").astype(float)

    def explained(chosen):
        return np.var(holds.groupby([table[name]
                                     for name in chosen]).transform("mean")) if chosen else 0.0

    orders = list(permutations(names))
    sums = dict.fromkeys(names, 0.0)
    for order in orders:
        for place, name in enumerate(order):
            sums[name] += explained(order[:place + 1]) - explained(order[:place])
    total = sum(sums.values())
    return {name: value / total if total > 1e-9 else 0.0 for name, value in sums.items()}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=12, max_size=12), st.sets(st.integers(0, 11), max_size=5))
def test_shapley_shares_are_those_of_the_definition(holds, without):
    """Also where exclusions leave holes in the product."""
    rows = [(*values, hold) for values, hold in zip(product((0, 1), "xyz", (5, 6)), holds)]
    table = found([row for place, row in enumerate(rows) if place not in without], ["a", "b", "c"])
    shares = multiverse.shapley(table, ["a", "b", "c"])
    expected = by_permutations(table, ["a", "b", "c"])
    assert shares.to_dict() == pytest.approx(expected, abs=1e-9)
    assert (shares >= 0).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=12, max_size=12))
def test_shapley_shares_add_to_one_over_a_full_product(holds):
    rows = [(*values, hold) for values, hold in zip(product((0, 1), "xyz", (5, 6)), holds)]
    shares = multiverse.shapley(found(rows, ["a", "b", "c"]), ["a", "b", "c"])
    assert shares.sum() == pytest.approx(1 if 0 < sum(holds) < 12 else 0)


def test_a_choice_that_alone_decides_has_all_of_it():
    rows = [(a, b, a == 1) for a in (1, 2, 3) for b in "xy"]
    assert multiverse.shapley(found(rows, ["a", "b"]), ["a", "b"]).to_dict() == {"a": 1.0, "b": 0.0}


def test_single_choices_that_turn_a_verdict():
    rows = [(a, b, a == 1 or b == "y") for a in (1, 2) for b in "xy"]
    table = found(rows, ["a", "b"])
    assert multiverse.turning(table, ["a", "b"],
                              {"a": 1, "b": "x"}).values.tolist() == [["a", 1, 2, "mixed"]]
    assert multiverse.turning(table, ["a", "b"], {"a": 1, "b": "y"}).empty
    assert multiverse.turning(table, ["a", "b"], {"a": 9, "b": "y"}).empty


# Words.

ROOT = Path(__file__).resolve().parents[1]
CLAIMED = re.compile(
    r"(all|every|semua|setiap|seluruh)\s+(the\s+)?(\w+\s+){0,3}(defensible|sensible combinations)|"
    r"analisis\s+yang\s+dapat\s+dipertanggung\s*jawabkan|defensible\s+analys|"
    r"gabungan\s+pilihan\s+analisis\s+yang\s+masuk\s+akal", re.IGNORECASE)


def test_no_text_takes_the_listed_analyses_for_all():
    """Who wrote the list chose the denominator, so no text may sound as if it were exhaustive."""
    texts = [path for folder in ("src", "docs", "notebooks", "course", "explorer", "tools")
             for path in (ROOT / folder).rglob("*")
             if path.suffix in (".py", ".md", ".po", ".yml", ".ipynb") and path.is_file()]
    texts += [*ROOT.glob("*.md"), *ROOT.glob("*.yml"), *ROOT.glob("data/raw/*.md")]
    wrong = {path.relative_to(ROOT).as_posix(): found[0] for path in texts
             if (found := CLAIMED.search(path.read_text(encoding="utf-8")))}
    assert len(texts) > 300 and wrong == {}


@pytest.mark.parametrize("text", ["share of all defensible analyses", "every defensible analysis",
                                  "semua analisis yang dapat dipertanggungjawabkan"])
def test_the_words_that_are_looked_for_are_found(text):
    assert CLAIMED.search(text) and not CLAIMED.search("share of the listed analyses")


def test_thresholds_are_moved_one_at_a_time():
    listed = Choices({"a": [1, 2]}, thresholds={"s": [0.5, 0.6], "t": [3, 4, 5]})
    rows = multiverse.with_thresholds(listed, ["a", "s", "t"])
    assert len(rows) == 2 * (1 + 1 + 2) and multiverse.choices_of(rows) == ["a"]
    assert not ((rows["s"] != 0.5) & (rows["t"] != 3)).any()
    assert multiverse.at_thresholds(listed, rows).values.tolist() == [[1, 1], [2, 1]]
    assert multiverse.at_thresholds(listed, rows, {"t": 5}).values.tolist() == [[1, 1], [2, 1]]
    assert multiverse.groups(listed, {"claim": ["a", "t"]}) == [["a"]]
