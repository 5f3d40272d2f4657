"""Disclosure control: worked tables, and the laws that no suppressed cell may break."""

import shutil
from dataclasses import replace
from inspect import unwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as some

from helpers.chain import Analysis
from helpers.disclosure import (
    determined,
    levels,
    levels_by_weights,
    protect,
    release,
    told,
)
from helpers.study import parameters
from helpers.study.package import Package
from tools.checks import disclosure_attack


def table_of(cells: list[list[int]]) -> tuple[pd.Series, list]:
    """Return the cells of a table with its row totals, column totals and grand total, and their
    equations."""
    rows, columns = range(len(cells)), range(len(cells[0]))
    counts = {(row, column): cells[row][column] for row in rows for column in columns}
    sums = [(("row", row), [(row, column) for column in columns]) for row in rows]
    sums += [(("column", column), [(row, column) for row in rows]) for column in columns]
    for total, parts in sums:
        counts[total] = sum(counts[part] for part in parts)
    sums += [("all", [("row", row) for row in rows]),
             ("all", [("column", column) for column in columns])]
    counts["all"] = sum(map(sum, cells))
    return pd.Series(list(counts.values()), index=pd.Index(list(counts), tupleize_cols=False)), sums


def test_a_table_with_rows_and_columns():
    """One small cell needs three more: the rectangle of the smallest counts."""
    counts, sums = table_of([[20, 3, 9], [8, 15, 30], [12, 40, 25]])
    reason = protect(counts, sums, 5)
    assert reason[reason == "small"].index.tolist() == [(0, 1)]
    assert set(reason[reason == "protecting"].index) == {(0, 2), (1, 1), (1, 2)}


def test_two_cells_in_every_line_are_not_always_enough():
    """Two closed paths that one cell joins: that cell is given away although no line holds a
    suppressed cell alone."""
    block = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (2, 3), (3, 2), (3, 3), (1, 2)]
    _, sums = table_of([[9] * 4] * 4)
    assert determined(block, [[total, *parts] for total, parts in sums]) == {(1, 2)}


def test_a_group_without_a_second_part_hides_its_total():
    counts = pd.Series({"all": 40, "north": 3, "south": 37, "a": 3, "b": 30, "c": 7})
    reason = protect(counts, [("all", ["north", "south"]), ("north", ["a"]), ("south", ["b", "c"])],
                     5)
    assert reason.to_dict() == {
        "all": "", "north": "small", "south": "protecting", "a": "small", "b": "", "c": "protecting"
    }


def test_nothing_is_hidden_where_all_are_large_or_the_threshold_is_one():
    counts = pd.Series({"all": 12, "a": 1, "b": 11, "empty": 0})
    sums = [("all", ["a", "b", "empty"])]
    assert protect(counts, sums, 1).eq("").all() and protect(counts + 5, sums, 5).eq("").all()
    assert protect(counts, sums,
                   2).to_dict() == {"all": "", "a": "small", "b": "protecting", "empty": ""}


@settings(max_examples=60, deadline=None)
@given(some.data())
def test_no_line_of_a_table_holds_one_suppressed_cell_alone(data):
    """Every line holds none or at least two, small cells are all hidden, and nothing hidden is
    given away."""
    shape = data.draw(some.tuples(some.integers(2, 5), some.integers(2, 5)))
    cells = data.draw(
        some.lists(some.lists(some.integers(0, 30), min_size=shape[1], max_size=shape[1]),
                   min_size=shape[0], max_size=shape[0]))
    threshold = data.draw(some.integers(1, 10))
    counts, sums = table_of(cells)
    reason = protect(counts, sums, threshold)
    assert (reason == "small").equals((counts > 0) & (counts < threshold))
    hidden = set(reason.index[reason != ""])
    for total, parts in sums:
        assert len(hidden & {total, *parts}) != 1
    assert _fixed_by_search(hidden, sums) == set()


def _fixed_by_search(hidden: set, sums: list) -> set:
    """Return the hidden cells that two different completions of the table cannot tell apart: by
    least squares."""
    names = sorted(hidden, key=str)
    if not names:
        return set()
    matrix = np.array([[(name == total) - float(name in parts) for name in names]
                       for total, parts in sums])
    projector = np.eye(len(names)) - np.linalg.pinv(matrix) @ matrix
    return {
        name for name, free in zip(names,
                                   np.abs(projector).max(axis=1), strict=True) if free < 1e-9
    }


def survey_of(zones: list[list[int]], middle: float = 3.0) -> tuple:
    """Return scores, design and weights of areas with so many respondents, zone by zone."""
    rng = np.random.default_rng(1)
    rows = [(f"{number}.{place}", f"z{number}", 1000 / n) for number, zone in enumerate(zones)
            for place, n in enumerate(zone) for _ in range(n)]
    design = pd.DataFrame(rows, columns=["code", "zone", "weight"])
    answers = np.clip(rng.normal(middle, 1, (len(design), 4)).round(), 1, 5)
    scores = pd.DataFrame({"need.all": answers.mean(axis=1)})
    weights = pd.DataFrame({"none": 1.0, "design": design.pop("weight")})
    return scores, scores * 0 + 4, design, weights, (1, 5)


@settings(max_examples=15, deadline=None)
@given(some.lists(some.lists(some.integers(1, 12), min_size=1, max_size=4), min_size=2, max_size=3),
       some.integers(2, 6))
def test_what_is_hidden_is_not_told(zones, minimum):
    """Every small level is hidden, alone in no published total, and with enough others."""
    scores, answered, design, weights, scale = survey_of(zones)
    hidden, _ = levels_by_weights(scores, answered, design, weights, scale, minimum)
    keys = set(zip(hidden["domain"], hidden["level"], strict=True))
    for column, domain in (("code", "area"), ("zone", "zone")):
        counts = design[column].value_counts()
        assert {(domain, level) for level in counts.index[counts < minimum]} <= keys
    for number, zone in enumerate(zones):
        parts = [n for place, n in enumerate(zone) if ("area", f"{number}.{place}") in keys]
        if parts and ("zone", f"z{number}") not in keys:
            assert len(parts) > 1 and sum(parts) >= minimum


def test_two_groups_of_one_do_not_hide_each_other():
    """A2: with 1, 1, 40 and 41 respondents a third group is hidden, not the first two alone."""
    scores, answered, design, weights, scale = survey_of([[1, 1, 40, 41], [60]])
    hidden, _ = levels_by_weights(scores, answered, design, weights[["none"]], scale, 5)
    assert {"0.0", "0.1", "0.2"} <= set(hidden["level"]) and "all" not in set(hidden["level"])
    assert hidden.set_index("level").loc[["0.0", "0.1"], "reason"].eq("small").all()


def test_a_small_group_at_an_end_of_the_scale_needs_more_around_it():
    """Where all answers are the highest, no range is left: the total itself is hidden."""
    few, answered, design, weights, scale = survey_of([[3, 9, 30], [40]])
    least, _ = levels_by_weights(few, answered, design, weights, scale, 5)
    most, _ = levels_by_weights(few * 0 + 5, answered, design, weights, scale, 5)
    assert len(least) < len(most) and ("all", "all") in set(zip(most["domain"], most["level"]))


def test_what_is_hidden_does_not_depend_on_the_weights_where_the_whole_can_be_published():
    """A7: one step looks at all weights together, whichever are chosen."""
    from helpers.chain import STEPS

    assert "scoring.weights" not in STEPS.reads("levels_by_weights")
    assert {"responses", "frame", "known_totals"} <= set(STEPS.needs("levels_by_weights"))
    scores, answered, design, weights, scale = survey_of([[2, 9, 30], [40]])
    weights["calibrated"] = weights["design"]
    plain, calibrated = levels_by_weights(scores, answered, design, weights, scale, 5)
    assert plain.equals(calibrated) and "all" not in set(plain["level"])


def test_a_survey_that_calibration_would_tell_is_published_without_it():
    """Two in a zone stand for a sixth of all where weights are calibrated: plain and calibrated
    means of the whole tell theirs to less than one answer. The plain mean alone does not."""
    scores, answered, design, weights, scale = survey_of([[4] * 10, [2]])
    weights["design"] = weights["none"]
    weights["calibrated"] = [1.0] * 40 + [4.0] * 2
    plain, calibrated = levels_by_weights(scores, answered, design, weights, scale, 5)
    assert "all" in set(calibrated["level"]) and len(calibrated) == 1 + 2 + 11
    assert "all" not in set(plain["level"]) and {"0.0", "1.0", "z1"} <= set(plain["level"])


def test_nothing_is_published_of_weights_that_would_tell_a_survey():
    """Beside the plain mean of all, that of a type by calibrated weights is one equation more."""
    scores, answered, design, weights, scale = survey_of([[6, 20], [2]])
    design["business_type"] = [*"sm"] * 14
    weights["design"] = weights["none"]
    weights["calibrated"] = [1.0] * 26 + [4.0] * 2
    plain, calibrated = levels_by_weights(scores, answered, design, weights, scale, 5)
    assert [*calibrated["level"]] == ["all", "z0", "z1", "0.0", "0.1", "1.0", "m", "s"]
    assert [*calibrated["n"]] == [28, 26, 2, 6, 20, 2, 14, 14]
    assert calibrated.loc[calibrated["reason"] == "small", "level"].tolist() == ["z1", "1.0"]
    assert [*calibrated["reason"]].count("protecting") == 6
    assert [*plain["level"]] == ["z0", "z1", "0.0", "1.0"]


def test_a_level_that_answered_on_one_scale_alone_is_hidden_where_it_is_small():
    """No answer on a scale tells nothing, but the two on the other are two persons'."""
    scores, answered, design, weights, scale = survey_of([[2, 20, 20], [30]])
    scores["access.all"] = scores["need.all"].where(design["code"] != "0.0")
    hidden, _ = levels_by_weights(scores, scores * 0 + 4, design, weights, scale, 5)
    assert ["0.0", 2, "small"] in hidden[["level", "n", "reason"]].values.tolist()
    assert "protecting" in set(hidden["reason"])


def test_two_respondents_that_carry_a_level_hide_it():
    """Dominance: of ten, two carry more than nine tenths of the weight."""
    scores, answered, design, weights, scale = survey_of([[10, 30], [30, 30]])
    weights.loc[:1, "design"] = 1e6
    hidden, _ = levels_by_weights(scores, answered, design, weights, scale, 5)
    assert ("0.0", "small") in set(zip(hidden["level"], hidden["reason"]))


HIDDEN = pd.DataFrame({"domain": ["area", "zone", "area"], "level": ["a", "city", "c"],
                       "n": [2, 4, 9], "reason": ["small", "small", "protecting"]})


@pytest.mark.parametrize("table", [
    pd.DataFrame({"domain": ["zone", "zone"], "level": ["city", "south"], "n": [4, 90],
                  "mean": [4.25, 3.1234], "se": [0.3, 0.051], "class": ["high", "medium"]}),
    pd.DataFrame({"level": ["city", "south"], "variable": "need.all", "se": [0.0853, 0.051],
                  "se_bootstrap": [0.0861, 0.0512], "ratio": [1.01, 1.02]}),
    pd.DataFrame({"code": ["a", "b"], "name": ["A", "B"], "zone": "city", "need": [4.0, 3.1234]}),
    pd.DataFrame({"zone": ["city", "south"], "business_type": "small", "n": [4, 9],
                  "mean": [4.25, 3.1234], "precision": ["good", "good"]}),
])
def test_the_gate_empties_rows_of_hidden_levels(table):
    """A4, A6: errors, counts and words of a hidden zone go with its mean, in whatever table."""
    found = release(table, HIDDEN)
    free = [name for name in table if name in ("domain", "level", "variable", "code", "name",
                                               "zone", "business_type")]
    first = found.drop(columns=free).iloc[0]
    assert first[[name for name in first.index if table[name].dtype.kind in "if"]].isna().all()
    assert all(pd.isna(value) or value == "suppressed" for value in first)
    assert found.iloc[1].notna().all()
    pd.testing.assert_frame_equal(release(found, HIDDEN), found)


def test_the_gate_rounds_what_is_left():
    """A1: steps of 0.05 for the mean, its error raised, limits about the rounded mean."""
    table = pd.DataFrame({"domain": "all", "level": "all", "mean": [3.1234], "se": [0.0601],
                          "ci_low": [3.0056], "ci_high": [3.2412], "p_value": [0.012]})
    found = release(table, HIDDEN).iloc[0]
    assert found[["mean", "se", "ci_low", "ci_high", "p_value"]].tolist() == [3.1, 0.1, 2.9, 3.3,
                                                                             0.05]


def test_shares_of_levels_are_as_coarse_as_means():
    """In a zone of twenty two decimals are whole persons; of the whole sample they are not."""
    zones = pd.DataFrame({"domain": "zone", "level": ["city", "south"], "share": [0.5, 0.1234]})
    whole = pd.DataFrame({"aspect": "market", "answer": [4, 5], "share": [0.4321, 0.5679]})
    assert release(zones, HIDDEN)["share"].tolist()[1] == 0.1
    assert release(whole, HIDDEN)["share"].tolist() == [0.43, 0.57]


def test_means_and_deviations_of_single_items_are_withheld():
    """Rounded once more, they tell the mean of their scale: the attack came to 0.93 answers."""
    hidden = pd.DataFrame({"domain": ["zone"], "level": ["city"]})
    items = pd.DataFrame({"item": ["a", "b"], "mean": [3.1, 3.2], "sd": [0.9, 1.0],
                          "item_total": [0.5, 0.612]})
    found = release(items, hidden)
    assert found[["mean", "sd"]].isna().all(axis=None)
    assert found["item_total"].tolist() == [0.5, 0.61]
    assert release(items, hidden[:0]) is items


def test_the_gate_leaves_out_comparisons_of_a_hidden_zone():
    pairs = pd.DataFrame({"zone_a": ["north", "north"], "zone_b": ["city", "south"],
                          "difference": [0.111, 0.222]})
    assert release(pairs, HIDDEN)[["zone_b", "difference"]].values.tolist() == [["south", 0.2]]


def test_without_anything_hidden_a_table_is_the_same():
    table = pd.DataFrame({"domain": ["all"], "level": ["all"], "n": [9], "mean": [3.123456]})
    assert release(table, HIDDEN[:0]) is table


def test_a_threshold_below_one():
    with pytest.raises(ValueError, match="threshold is 0; give a whole number of at least 1"):
        protect(pd.Series({"a": 1}), [], 0)


def test_the_project_hides_nothing_of_its_own():
    """The smallest kecamatan of the simulated survey has eight respondents; nothing is rounded."""
    from helpers.study import Study, parameters

    in_force = parameters.load(None)
    study = Study("scoring", in_force | in_force["scoring"], ROOT / "data" / "raw", checked=True)
    assert study.hidden.empty


@pytest.fixture
def out(monkeypatch):
    """Publisher of the scoring stage that has read the answers; groups of `HIDDEN` are hidden."""
    from helpers.publish import publisher
    from helpers.study import Study, parameters

    study = Study("scoring", parameters.load(None) | parameters.load(None)["scoring"],
                  ROOT / "data" / "raw", checked=True)
    study.table("responses")
    vars(study)["hidden"] = HIDDEN
    shown = []
    monkeypatch.setattr(publisher, "show", lambda made, about=None: shown.append(made))
    monkeypatch.setattr(publisher.Publisher, "_write",
                        lambda self, path, content: shown.append({path: content}))
    made = publisher.Publisher(study)
    made.shown = shown
    return made


@pytest.mark.parametrize("columns", [["respondent", "code"], ["code", "need_capital_1"],
                                     ["business_type"]])
def test_rows_of_respondents_pass_no_way_out(out, columns):
    """A3: keys, answers item by item, or just one row a respondent."""
    rows = out.study.table("responses")[columns].rename(columns={"business_type": "kind"})
    ways = [lambda: out.show(rows, columns=dict.fromkeys(rows, "text")),
            lambda: out.table("scores", rows), lambda: out.hand_over("rows", rows),
            lambda: out.hand_over_workbook("rows", rows, dict.fromkeys(rows, "text")),
            lambda: out.figure(lambda rows: None, rows, name="rows")]
    for way in ways:
        with pytest.raises(ValueError, match="rows of single respondents; publish counts or means"):
            way()
    assert out.shown == []


def test_no_way_out_shows_a_hidden_zone(out, monkeypatch):
    """A4: whoever calls, and whatever the cell forgot."""
    import matplotlib.pyplot as plt

    written = {}
    monkeypatch.setattr("helpers.files.write",
                        lambda path, content: written.update({path.name: content}))
    again = pd.DataFrame({"level": ["city", "south"], "dimension": "need", "se": [0.0853, 0.1234],
                          "se_bootstrap": [0.0866, 0.1266], "ratio": [1.0152, 1.0259]})
    drawn = []

    def chart(table):
        drawn.append(table)
        return plt.subplots(layout="constrained")[0]

    out.show(again, "replicates.caption")
    out.hand_over("again", again)
    out.figure(chart, again, name="quadrants", text="need_access_quadrants", points=1, priority=1,
               need=1.0, access=1.0)
    series = pd.Series([0.0853, 3.1266], index=["city", "north"])
    out.remember(ratio=1.0152)
    out.figure(lambda table, means, more: chart([table, means, more]), again, series,
               {"Wonodadi": 0.0866, "a": [1.0152]}, name="quadrants",
               text="need_access_quadrants", points=1, priority=1, need=1.0, access=1.0)
    out.text("replicates.meaning", low=1.0152, high=1.0259, mean=1.0152)
    out.text("found.score", level="city", n=4, dimension="need", mean=4.2468, se=0.0853,
             ci_low=4.0853, ci_high=4.4, **{"class": "high"})
    out.texts("found.score", pd.DataFrame({"domain": "zone", "level": ["city"], "n": [4],
                                           "dimension": "need", "mean": [4.2468], "se": [0.0853],
                                           "ci_low": [4.0853], "ci_high": [4.4],
                                           "class": ["high"]}))
    assert drawn[0]["se"].isna().tolist() == [True, False] and written["again.csv"]
    told = [made for made in out.shown if not {"image/png", "figures/quadrants.svg",
                                                "figures/quadrants.png"} & {*made}]
    everything = f"{told}{written}{drawn[1:]}"
    assert drawn[1][1].isna().tolist() == [True, False] and len(out.shown) > 9
    for number in ("0853", "0866", "1.0152", "4.2", "4,2", "1234", "1266"):
        assert number not in everything, number


HIDING = pd.DataFrame({"domain": ["zone", "area"], "level": ["city", "35.05.01"]})


@pytest.mark.parametrize("table", [
    pd.DataFrame({"place": ["city", "north"], "x": [0.1234, 1.0]}),
    pd.DataFrame({"x": [0.1234, 1.0]}, index=pd.Index(["35.05.01", "35.05.02"])),
    pd.DataFrame({"x": [0.1234, 1.0]}, index=pd.MultiIndex.from_tuples(
        [("need", "city"), ("need", "north")])),
    pd.DataFrame({"city": [0.1234, 0.1234], "north": [1.0, 1.0]}, index=["need", "access"]),
    pd.DataFrame([[0.1234, 1.0]], columns=pd.MultiIndex.from_tuples([("need", "city"),
                                                                     ("need", "north")])),
    pd.DataFrame({"kecamatan": pd.Categorical(["35.05.01", "35.05.02"]), "x": [0.1234, 1.0]}),
])
def test_a_hidden_level_is_known_wherever_its_name_stands(table):
    """In a column of any name, beside the row, or as the name of a column."""
    shown = release(table, HIDING)
    assert "0.12" not in shown.to_csv() and "1.0" in shown.to_csv()


@pytest.mark.parametrize("table", [
    pd.DataFrame({"zone": [1, 2], "mean": [1.2345, 2.0]}, index=["a", "b"]),
    pd.DataFrame({"zone": [1, 2], "mean": [1.2345, 2.0]}),
    pd.DataFrame({"zone": [1.0, 2.0, None], "mean": [1.2345, 2.0, 2.0]}),
    pd.DataFrame({"code": [350401, 350402], "mean": [1.2345, 2.0]}),
    pd.DataFrame({"mean": [1.2345, 2.0]}, index=pd.Index([1, 2], name="zone")),
    pd.DataFrame({"mean": [1.2345, 2.0]}, index=pd.MultiIndex.from_tuples(
        [("need", 1), ("need", 2)], names=["dimension", "zone"])),
])
def test_a_hidden_level_is_known_where_its_name_is_a_number(table):
    hidden = pd.DataFrame({"domain": ["zone", "area"], "level": ["1", "350401"]})
    shown = release(table, hidden)["mean"].tolist()
    assert pd.isna(shown[0]) and shown[1] == 2.0


@pytest.mark.parametrize("table", [
    pd.DataFrame({"rank": [1, 2], "mean": [1.2345, 2.0]}),
    pd.DataFrame({"rank": [1, 2], "mean": [1.2345, 2.0]}, index=[1, 2]),
    pd.DataFrame({"zone": [3, 2], "mean": [1.2345, 2.0]}),
])
def test_a_number_that_names_no_level_hides_nothing(table):
    """Ranks, and rows that are only counted."""
    hidden = pd.DataFrame({"domain": ["zone", "area"], "level": ["1", "350401"]})
    assert release(table, hidden)["mean"].tolist() == [1.25, 2.0]


def test_what_is_said_of_the_whole_rests_on_nobody_who_is_hidden():
    tables = disclosure_attack.packages()["without a frame"]
    values = {name: part for name, part in parameters.load(None).items() if isinstance(part, dict)}

    def made(responses):
        chain = Analysis({**tables, "responses": responses, "live": True}, values, 1)
        return [chain.get(step, {"scoring.weights": "none"}) for step in (
            "reliability", "item_analysis", "factor_loadings")], chain.get("hidden")

    before, hidden = made(tables["responses"])
    inside = tables["responses"]["code"].isin(hidden.loc[hidden["domain"] == "area", "level"])
    changed = tables["responses"].copy()
    changed.loc[inside, "need_capital_1"] = 6 - changed.loc[inside, "need_capital_1"]
    after, again = made(changed)
    assert inside.sum() == 24 and again.equals(hidden)
    assert before[0]["respondents"].eq(350).all()
    assert all(one.equals(other) for one, other in zip(before, after))


@pytest.mark.parametrize("domain, column", [("area", "code"), ("zone", "zone"),
                                            ("business_type", "business_type")])
def test_where_most_are_in_small_levels_all_count_and_else_the_small_ones_never(domain, column):
    """Of two types of business, the other one is hidden only because it tells the small one."""
    design = pd.DataFrame({"code": "k", column: list("aaab")})
    hidden = pd.DataFrame({"domain": [domain], "level": ["a"], "reason": ["small"]})
    assert told(design, hidden).all()
    assert told(design, hidden.assign(level="b")).tolist() == [True, True, True, False]
    both = pd.DataFrame({"domain": domain, "level": ["b", "a"], "reason": ["small", "protecting"]})
    assert told(design, both).tolist() == [False, True, True, False]


def test_small_levels_go_before_any_that_protect_others():
    """Half would not be left without the zone that protects another and the small area."""
    design = pd.DataFrame({"zone": list("nnnnssssss"), "code": list("bbbbaacccc")})
    hidden = pd.DataFrame({"domain": ["zone", "area"], "level": ["n", "a"],
                           "reason": ["protecting", "small"]})
    assert told(design, hidden).tolist() == [False] * 3 + [True] + [False] * 2 + [True] * 4


def test_the_others_of_two_types_are_not_the_complement_of_the_small_one():
    """The exact numbers of 27, and the mean of all 30 to 0.05, would tell three to half a point."""
    design = pd.DataFrame({"code": "k", "business_type": ["rare"] * 3 + ["usual"] * 27})
    hidden = pd.DataFrame({"domain": "business_type", "level": ["rare", "usual"],
                           "reason": ["small", "protecting"]})
    found = told(design, hidden)
    assert not found[:3].any() and found.sum() == 15
    # Of fifteen unknown persons, twelve stand beside the three.
    assert (~found[3:]).sum() == 12 and found[3:].to_numpy().nonzero()[0].max() > 20


def test_a_small_type_of_two_is_behind_no_number_of_the_whole():
    """Who knows all other answers has nothing to try out: other answers give the same numbers."""
    tables = disclosure_attack.packages()["without a frame"]
    values = {name: part for name, part in parameters.load(None).items() if isinstance(part, dict)}
    responses = tables["responses"].copy()
    responses["business_type"] = ["rare", "rare", "rare", *["usual"] * (len(responses) - 3)]

    def made(responses):
        chain = Analysis({**tables, "responses": responses, "live": True}, values, 1)
        return chain.get("hidden"), [chain.get(step, {"scoring.weights": "none"}) for step in (
            "reliability", "item_analysis", "factor_loadings")]

    hidden, before = made(responses)
    types = hidden[hidden["domain"] == "business_type"].set_index("level")["reason"]
    assert types.to_dict() == {"rare": "small", "usual": "protecting"}
    rare = responses["business_type"] == "rare"
    changed = responses.copy()
    changed.loc[rare, "need_capital_1"] = 6 - changed.loc[rare, "need_capital_1"]
    again, after = made(changed)
    assert again.equals(hidden) and all(map(pd.DataFrame.equals, before, after))


@pytest.mark.parametrize(("name", "ends"), [
    ("coefficient", [0.15, 0.55]), ("share", [0.15, 0.55]), ("median", [0.15, 0.55]),
    ("mean", [0.15, 0.55])])
def test_limits_of_an_interval_tell_no_more_than_its_estimate(name, ends):
    """0.3333 stands as 0.35; limits of their own, 0.14 and 0.53, would bound it by 0.33 or so."""
    hidden = pd.DataFrame({"domain": ["area"], "level": ["a"]})
    for exact in (0.3333, 0.3666):
        table = pd.DataFrame({"level": ["b"], name: [exact], "se": [0.1],
                              "ci_low": [exact - 0.195], "ci_high": [exact + 0.195]})
        found = release(table, hidden).iloc[0]
        assert [found["ci_low"], found["ci_high"]] == ends
    table = table.assign(ci_low=exact - 0.9, ci_high=exact + 0.9)
    assert release(table, hidden)["ci_high"].tolist() == ([1.0] if name == "share" else [1.25])


def test_coefficients_are_as_coarse_as_means():
    table = pd.DataFrame({"term": ["zone"], "coefficient": [0.3333], "se": [0.051]})
    hidden = pd.DataFrame({"domain": ["area"], "level": ["a"]})
    assert release(table, hidden).iloc[0].tolist() == ["zone", 0.35, 0.1]


def test_what_is_not_about_a_hidden_level_is_rounded_alone():
    table = pd.DataFrame({"code": ["35.05.02"], "zone": ["city"], "mean": [3.1416]})
    assert release(table, HIDING)["mean"].tolist() == [3.15]


SCALES = ("need.capital",)
ATTACKED = ("single areas", "a small zone", "a small type of business", "without a frame")


@pytest.mark.parametrize("name", ATTACKED)
def test_the_attack_recovers_nothing(name, monkeypatch):
    """A1, A2, A7: from all tables of all weightings together."""
    from tools.checks import disclosure_attack

    monkeypatch.setattr(disclosure_attack, "LONGEST", 0.2)
    tables = disclosure_attack.packages()[name]
    read = disclosure_attack.published(tables)
    assert disclosure_attack.Reader(tables, read, scales=SCALES).recovered() == []
    assert disclosure_attack.unions(tables, read) == []


def test_the_attack_recovers_what_is_only_blanked(monkeypatch):
    """Means with all digits, and no range kept open: what stood in the tables before."""
    from helpers import disclosure
    from tools.checks import disclosure_attack

    def blanked(table, hidden):
        shown = release(table, hidden)
        return shown.assign(mean=table["mean"].where(shown["mean"].notna())
                            ) if "mean" in table else shown

    # Nothing is taken over that was hidden by the rule in force.
    monkeypatch.setattr("helpers.disclosure.levels._hidden", unwrap(levels._hidden))
    monkeypatch.setattr("helpers.disclosure.levels.narrowest",
                        lambda survey, inside, unknown, groups: [np.inf] * len(groups))
    monkeypatch.setattr("helpers.disclosure.levels._told_across", lambda *_: set())
    monkeypatch.setattr(disclosure, "release", blanked)
    monkeypatch.setattr(disclosure_attack, "LONGEST", 60.0)
    tables = disclosure_attack.packages()["single areas"]
    found = disclosure_attack.Reader(tables, disclosure_attack.published(tables),
                                     scales=SCALES).recovered()
    assert len(found) >= 3 and any("to 0.000" in one for one in found)


def test_the_suite_looks_for_the_groups_of_one_survey_once(monkeypatch):
    """Whatever names `tools.checks.remembered` replaces have to be those that are called."""
    given = survey_of([[2, 9, 31], [41]])
    first = levels_by_weights(*given, 5)
    monkeypatch.setattr("helpers.disclosure.levels.protect", None)
    for one, other in zip(first, levels_by_weights(*given, 5), strict=True):
        pd.testing.assert_frame_equal(one, other)


LEAKS = {  # a hidden area's number, in everything that a build publishes
    "figures/a.csv": "code,mean,status\n35.05.01,4.25,published\n",
    "site/tables/a.html": "<table><tr><th>Code<th>Mean</tr><tr><td>35.05.01<td>4.25</tr></table>",
    "site/map.html": "<svg><title>Wonodadi: 4.25</title></svg>",
    "figures/a.svg": "<svg><g><title>Wonodadi 4.25</title></g></svg>",
    "site/index.html": '<img alt="Wonodadi is at 4.25">',
    "site/search-index.js": 'x = [["2_scoring.html","Wonodadi 4.25"]]',
    "site/whatif.html": '<script>{"Wonodadi":[4.25]}</script>',
    "slides/scoring.html": "<p>Of all, Wonodadi needs 4,25.</p>",
    "tables/a.json": '{"caption": "Wonodadi 4.25"}',
    "notebooks/2_scoring.ipynb": '{"cells": [{"outputs": [{"text": ["Wonodadi 4.25"]}]}]}',
}


TOLD = {  # what the attack quotes of those that are no tables
    "site/map.html": "Wonodadi: 4.25", "figures/a.svg": "Wonodadi 4.25",
    "site/index.html": "Wonodadi is at 4.25",
    "site/search-index.js": 'x = [["2_scoring.html","Wonodadi 4.25"',
    "site/whatif.html": '{"Wonodadi":[4.25', "slides/scoring.html": "Of all, Wonodadi needs 4,25.",
    "tables/a.json": '{"caption": "Wonodadi 4.25"', "notebooks/2_scoring.ipynb": "Wonodadi 4.25",
}


@pytest.mark.parametrize("place", [*LEAKS, "sheet", "hidden sheet", "digits"])
def test_the_attack_reads_everything_that_is_published(tmp_path, place):
    from tools.checks import disclosure_attack
    from tools.checks import everything_published as everything

    tables = {"areas": pd.DataFrame({"code": ["35.05.01"], "name": ["Wonodadi"]})}
    path = tmp_path / (place if place in LEAKS else "book.xlsx")
    path.parent.mkdir(parents=True, exist_ok=True)
    if place in LEAKS:
        path.write_text(LEAKS[place], encoding="utf-8")
    else:
        from openpyxl import Workbook

        book = Workbook()
        sheet = book.active if place == "sheet" else book.create_sheet("more")
        sheet.sheet_state = "hidden" if place == "hidden sheet" else "visible"
        for row in (["Code", "Mean"], ["35.05.01", 4.2567 if place == "digits" else 4.25]):
            sheet.append(row)
        book.save(path)
    seen = [table for _, table in everything.tables(tmp_path) if {"level", "mean"} <= {*table}]
    said = disclosure_attack.said_of(tmp_path, tables, {"35.05.01": ""})
    rows = [table.loc[0, ["domain", "level", "mean"]].tolist() for table in seen]
    # Tables are read as tables, what stands in other files as text, as far as the number.
    mean = {"digits": 4.2567}.get(place, 4.25)
    assert rows == ([] if place in TOLD else [["area", "35.05.01", mean]])
    assert said == ([f"{place}: {TOLD[place]}"] if place in TOLD else
                    ["book.xlsx more: mean has more than two decimals"] * (place == "digits"))


def test_a_search_that_does_not_finish_counts_as_too_narrow(monkeypatch):
    from types import SimpleNamespace

    from helpers.disclosure.ranges import Survey, across

    survey = Survey(np.array([5.0, 5.0, 1.0, 3.0]), np.ones(4),
                    pd.DataFrame({"none": np.ones(4)}), np.array([*"abbc"]), np.zeros(4), 1, 5)
    monkeypatch.setattr("scipy.optimize.milp", lambda *_, **__: SimpleNamespace(success=False))
    alone, nobody = np.arange(4) == 0, np.zeros(4, dtype=bool)
    assert across(survey, [np.arange(4) < 2], np.arange(4), [alone, nobody]) == [0.0, np.inf]


def test_types_that_cut_across_areas_tell_nothing_of_a_small_one():
    """One respondent of a heavy area among three of her trade: the trade is hidden too."""
    design = pd.DataFrame({"code": [*"a", *"b" * 20, *"c" * 20], "zone": [*"n" * 21, *"s" * 20],
                           "business_type": ["rare", *["rare", "other"] * 10, *["other"] * 20]})
    scores = pd.DataFrame({"need.all": [5.0, *[2.0, 3.0, 4.0, 3.0] * 10]})
    weights = pd.DataFrame({"none": 1.0, "design": [400.0, *[10.0] * 40]})
    found, _ = levels_by_weights(scores, scores * 0 + 1, design, weights, (1, 5), 5)
    assert ("business_type", "rare") in set(zip(found["domain"], found["level"]))


def test_a_limit_tells_no_more_of_an_error_than_the_error_published():
    """Whatever confidence is asked for: half the interval is t times the error as it is rounded."""
    for t in np.arange(1.2, 3.0, 0.05):
        limits = [release(pd.DataFrame({"domain": "all", "level": "all", "mean": [3.0], "se": se,
                                        "ci_low": 3 - t * se, "ci_high": 3 + t * se}), HIDDEN)
                  for se in (0.051, 0.0999)]
        pd.testing.assert_frame_equal(*limits)


def test_a_quadrant_says_on_which_side_the_published_mean_lies():
    """A mean of 3.001 is shown as 3.0: that it lies above the middle would be one more digit."""
    from helpers.chain import STEPS, Analysis
    from helpers.study import parameters
    from tools.checks import disclosure_attack

    tables = disclosure_attack.packages()["without a frame"]
    values = {name: part for name, part in parameters.load(None).items() if isinstance(part, dict)}
    gaps = Analysis(tables, values, 1).get(STEPS.tables["need_access_gap"]).dropna(subset="need")
    said = gaps["quadrant"].astype("str").str.startswith("high")
    assert (said == (gaps["need"] > 3)).all() and (gaps["need"] * 20 % 1).max() < 1e-6


def test_the_attack_finds_keys_of_respondents(tmp_path):
    from tools.checks import disclosure_attack

    (tmp_path / "page.html").write_text("<td>R001</td>", encoding="utf-8")
    (tmp_path / "other.html").write_text("<td>R0010</td>", encoding="utf-8")
    assert disclosure_attack.keys_shown(tmp_path, pd.Series(["R001", "R002"])) == ["page.html"]


@pytest.mark.parametrize("printed, caught", [
    ("  respondent     code\n0       R001  35.05.01\n", True),
    ("<table><tr><td>0</td><td>R001</td></tr></table>", True),
    ("   need_capital_1  need_capital_2\n0   4   3\n", True),
    ("0    4\n1    3\nName: need_capital_1, Length: 399, dtype: int64", True),
    ("item            mean\nneed_capital_1  3.20\nneed_capital_2  4.10\n", False),
    ("n 399, mean 3.41, 12 of 34 cells", False),
])
@pytest.mark.parametrize("status", ["published", "simulated"])
def test_rows_of_real_persons_printed_past_the_publisher_end_the_build(
        package_copy, tmp_path, monkeypatch, printed, caught, status):
    import nbformat

    from helpers.run.execution import execute, persons

    package_copy.edit_entry("responses", lambda entry: entry.update(status=status))
    cell = nbformat.v4.new_code_cell(
        "responses.head()", id="peek", metadata={"number": 3},
        outputs=[nbformat.v4.new_output("stream", text=printed)])
    run = execute.Run(Path("2_scoring.ipynb"), {}, {}, tmp_path,
                      real=persons.of_package(package_copy.folder,
                                            {"responses": {"status": status}}))
    run.executed = nbformat.v4.new_notebook(cells=[cell])
    monkeypatch.setattr(run, "_attempt", lambda failed: None)
    target = tmp_path / "made.ipynb"
    if caught and status == "published":
        with pytest.raises(execute.StageError, match=r"2_scoring.ipynb, cell 3 \(peek\): shows "
                           "rows of single persons, whose answers are real; remove what shows"):
            run.execute(target, tmp_path / "failed.ipynb", {})
    else:
        run.execute(target, tmp_path / "failed.ipynb", {})
    assert target.is_file() != (caught and status == "published")


def test_a_build_whose_cell_prints_rows_of_real_persons_ends_with_the_cells_name(tmp_path):
    """End to end, in both languages; nothing of the notebook is left in the outputs."""
    from conftest import PackageCopy
    from small_project import SmallProject

    from helpers.messages import translate
    from helpers.run.inputs import read_inputs
    from helpers.run.plan import Stage
    from helpers.run.runner import Build

    small = SmallProject(tmp_path)
    package = PackageCopy(tmp_path / "raw")
    package.keep("areas", "items", "responses", "sources")
    package.edit_entry("responses", lambda entry: entry.update(status="published"))
    (tmp_path / "params.yml").write_text("seed: 7\n")
    shutil.copyfile(ROOT / "requirements.lock", tmp_path / "requirements.lock")
    (tmp_path / "helpers").symlink_to(ROOT / "src" / "helpers")
    small.notebook("2_scoring", "scoring", 'print(st.table("responses").head(2))')
    stage = Stage("scoring", "2_scoring", ("areas", "items", "responses"))
    small.project = replace(small.project, stages=(stage,))
    made = Build(small.project, read_inputs(small.project), ["scoring"], [], say=small.lines.append)
    [error] = made.run().errors
    assert str(error).endswith(
        "2_scoring.ipynb, cell 5 (make-scoring): shows rows of single persons, whose answers are "
        "real; remove what shows them, or show counts or means by out.show")
    assert "sel 5 (make-scoring): menampilkan baris per orang" in translate(error, "id")
    assert not [path for path in small.project.out.rglob("*") if path.is_file() and b"R001" in
                path.read_bytes()]


def test_an_array_of_real_answers_is_recognised(package_copy):
    """Without any name: a row, or a column, as it stands in the data."""
    from helpers.run.execution import persons

    package_copy.edit_entry("responses", lambda entry: entry.update(status="published"))
    package = Package(package_copy.folder)
    rows = package.table("responses")
    known = persons.of_package(package.folder, {"responses": {"status": "published"}})
    items = list(package.table("items")["item"])
    assert known.shown(str(rows[items].to_numpy(float)[:3]))
    assert known.shown(str(rows[items[0]].dropna().tolist()[:30]))
    few = rows[items].head()
    for shown in (few.T, few.astype(float).T):  # an empty answer is <NA> or NaN
        assert known.shown(shown.to_string()) and known.shown(shown.to_html())
    assert not known.shown("5 4 3 2 1 2 3 4 5 4 3 2")


@pytest.mark.parametrize("printed, caught", [
    ("R01: 4", True), ("R01=4", True), ("4 answers of Budi  Santoso", True),
    ("<td>Budi\nSantoso</td>", True), ("<td>Siti (O&#x27;Brien)</td>", True),
    ("R012: 4", False), ("of Budi and Santoso", False)])
def test_a_key_is_recognised_however_it_is_written(printed, caught):
    from helpers.run.execution.persons import Persons

    known = Persons(frozenset({"R01", "Budi Santoso", "Siti (O'Brien)"}), frozenset(), frozenset())
    assert known.shown(printed) is caught


@pytest.mark.parametrize("table", ["ratings", "linkages", "comparisons"])
def test_tables_of_real_experts_printed_past_the_publisher_are_recognised(package_copy, table):
    """Keys as short as E1 tell nothing; the heading of a table does."""
    from helpers.run.execution import persons

    package = Package(package_copy.folder)
    rows = package.table("linkages" if table == "comparisons" else table)
    if table == "comparisons":
        rows = rows.rename(columns={"linkage": "preference"})
        package_copy.edit_descriptor(lambda about: about["resources"].append(
            about["resources"][[one["name"] for one in about["resources"]].index("linkages")]
            | {"name": "comparisons", "path": "comparisons.csv"}))
        rows.to_csv(package_copy.folder / "comparisons.csv", index=False)
    known = persons.of_package(package_copy.folder, {table: {"status": "published"}})
    value = rows.columns[-1]
    for shown in (rows.head(), rows.set_index("expert")[[value]], rows[["expert", value]]):
        assert known.shown(str(shown)) and known.shown(shown.head().to_html())
    assert not known.shown(str(rows.groupby(rows.columns[1])[value].mean()))
    assert not known.shown(f"expert\n{len(rows)} rows of an expert and a {value}")


def test_real_answers_are_not_counted_in_two_ways_in_the_explorer(package_copy):
    """Two rules for missing answers differ by single persons."""
    from helpers.explorer.controls import controls_of
    from helpers.study import Study, parameters

    values = parameters.load(None)
    study = Study("scoring", values | values["scoring"], package_copy.folder, checked=True)
    assert {"scoring.missing", "scoring.weights"} <= set(controls_of(study))
    study.package.resource("responses").descriptor["status"] = "published"
    locked = controls_of(study)
    assert "scoring.weights" in locked
    assert not {"scoring.missing", "scoring.missing_share"} & set(locked)


@pytest.mark.parametrize("status, packed", [("published", False), ("simulated", True)])
def test_real_answers_are_not_packed_into_the_crate(status, packed):
    """A5: their hash is stated instead."""
    from types import SimpleNamespace

    from helpers.run.provenance.crate import LEFT_OUT, _Writer

    writer = object.__new__(_Writer)
    writer.project = SimpleNamespace(raw=Path("raw"))
    writer._add = lambda identifier, kind, **said: (identifier, said)
    writer._file = lambda source, place, sha256, **said: (place, said)
    about = {"path": "responses.csv", "status": status, "title": "Answers", "sha256": "abc",
             "licences": []}
    found, said = writer._resource("responses", about)
    assert found == ("data/raw/responses.csv" if packed else "#data-responses")
    assert packed or (said["sha256"], said["description"]) == ("abc", LEFT_OUT)


@pytest.mark.parametrize("spoil", [None, "squares.dbf", "squares.prj"])
def test_of_a_shapefile_the_crate_has_all_files(tmp_path, spoil):
    from types import SimpleNamespace

    from helpers.errors import InputError
    from helpers.files import digest_of_all
    from helpers.run.provenance.crate import _Writer

    for ending in ("shp", "shx", "dbf", "prj", "csv"):
        (tmp_path / f"squares.{ending}").write_text(ending)
    about = {"path": "squares.shp", "status": "published", "title": "Squares", "licences": [],
             "sha256": digest_of_all(tmp_path / "squares.shp")}
    if spoil:
        (tmp_path / spoil).write_text("changed")
    writer = object.__new__(_Writer)
    writer.project, packed = SimpleNamespace(raw=tmp_path), []
    writer._add = lambda identifier, kind, **said: said
    writer._file = lambda source, place, sha256, **said: packed.append(place) or SimpleNamespace(
        id=place)
    if spoil:
        with pytest.raises(InputError, match="data/raw/squares.shp is not what the build used"):
            writer._resource("boundaries", about)
        return
    said = writer._resource("boundaries", about)
    assert packed == [f"data/raw/squares.{ending}" for ending in ("shp", "dbf", "prj", "shx")]
    assert said["mainEntity"] == {"@id": packed[0]} and len(said["hasPart"]) == 4


def test_the_heat_map_says_what_is_suppressed():
    from helpers.publish.charts.scoring import scores_heatmap
    from helpers.publish.texts import Texts

    cells = pd.DataFrame({
        "code": ["a", "b", "c"], "name": ["A", "B", "C"], "zone": "north", "dimension": "need",
        "aspect": "capital", "n": [9, 3, 8], "mean": [3.0, np.nan, np.nan]
    })
    t = Texts("en", "scoring")
    legend = scores_heatmap(cells, (1, 5), t=t).axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == [t("chart.suppressed")]
    assert scores_heatmap(cells.assign(mean=3.0), (1, 5), t=t).axes[0].get_legend() is None
