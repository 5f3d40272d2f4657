"""Disclosure control: worked tables, and the laws that no suppressed cell may break."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from helpers.disclosure import blank, determined, hidden_levels, protect


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


@settings(max_examples=60, deadline=None)
@given(some.lists(some.lists(some.integers(0, 20), min_size=1, max_size=6), min_size=1, max_size=4),
       some.integers(1, 9))
def test_no_area_is_given_away_by_its_zone(zones, minimum):
    scores = [("all", "all", sum(map(sum, zones)))]
    areas = []
    for number, zone in enumerate(zones):
        scores.append(("zone", f"z{number}", sum(zone)))
        for place, n in enumerate(zone):
            scores.append(("area", f"{number}.{place}", n))
            areas.append((f"{number}.{place}", f"z{number}"))
    scores = pd.DataFrame(scores, columns=["domain", "level", "n"])
    areas = pd.DataFrame(areas, columns=["code", "zone"])
    hidden = hidden_levels(scores, areas, minimum)
    keys = set(zip(hidden["domain"], hidden["level"], strict=True))
    for row in scores.itertuples():
        assert not 0 < row.n < minimum or (row.domain, row.level) in keys
    for number, zone in enumerate(zones):
        family = {("zone", f"z{number}"),
                  *(("area", f"{number}.{place}") for place, n in enumerate(zone) if n)}
        assert len(keys & family) != 1


def test_a_level_is_hidden_for_all_its_scales():
    scores = pd.DataFrame({
        "domain": ["all"] * 2 + ["business_type"] * 4, "level": ["all"] * 2 + ["x", "x", "y", "y"],
        "aspect": ["capital", "all"] * 3, "n": [30, 30, 4, 6, 26,
                                                24], "mean": 3.0, "class": "medium"
    })
    hidden = hidden_levels(scores, pd.DataFrame({"code": [], "zone": []}), 5)
    assert hidden.values.tolist() == [["business_type", "x", 4, "small"],
                                      ["business_type", "y", 24, "protecting"]]
    shown = blank(scores, hidden, ["mean"], "class")
    assert shown["mean"].isna().tolist() == [False] * 2 + [True] * 4
    assert shown["class"].tolist() == ["medium"] * 2 + ["suppressed"] * 4
    assert shown["n"].tolist() == scores["n"].tolist() and scores["mean"].notna().all()


def test_without_anything_hidden_a_table_is_the_same():
    table = pd.DataFrame({"domain": ["all"], "level": ["all"], "n": [9], "mean": [3.0]})
    assert blank(table, hidden_levels(table, pd.DataFrame({"code": [], "zone": []}), 5),
                 ["mean"]) is table


def test_a_threshold_below_one():
    with pytest.raises(ValueError, match="threshold is 0; give a whole number of at least 1"):
        protect(pd.Series({"a": 1}), [], 0)


def test_the_project_hides_nothing_of_its_own(tmp_path):
    """The smallest kecamatan of the simulated survey has eight respondents."""
    from conftest import ROOT

    from helpers.study.package import Package

    package = Package(ROOT / "data" / "raw")
    responses, areas = package.table("responses"), package.table("areas")
    scores = pd.concat([pd.DataFrame({"domain": "all", "level": ["all"], "n": [len(responses)]})]
                       + [
                           responses[column].value_counts().rename_axis("level").reset_index(
                               name="n").assign(domain=domain)
                           for domain, column in (("area", "code"),
                                                  ("business_type", "business_type"))
                       ])
    assert scores["n"].min() == 8 and hidden_levels(scores, areas, 5).empty


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
