"""Palettes of maps: how far apart classes are for readers with a colour-vision deficiency, and in
grey."""

from itertools import combinations, pairwise

import pytest
from vision import DEFICIENCIES, VIEWS, apart, lab

from helpers.publish import maps

JUST_SEEN = 2.3  # CIEDE2000 that most people just notice side by side
NEED_ACCESS = [style for row in maps.NEED_ACCESS for style in row]
PALETTES = {
    "clusters": list(maps.CLUSTERS.values()), "change": maps.diverging(),
    "need and access": NEED_ACCESS
}


def test_simulated_colours_are_those_that_are_known():
    assert lab("#ffffff")[0] == pytest.approx(100) and lab("#000000")[0] == pytest.approx(0)
    assert lab("#ff0000") == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    for view in DEFICIENCIES:
        assert lab("#808080", view) == pytest.approx(lab("#808080"), abs=0.05), "grey stays grey"
    red, brown = "#ff0000", "#7f6000"
    assert apart(red, brown, "protanopia") < 1 < 30 < apart(red, brown, "full")
    assert abs(lab("#cc3311", "grey")[1:]).max() < 0.01


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("k, least",
                         [(3, 24), (4, 14.5), (5, 10.5), (6, 8.5), (7, 7), (8, 6), (9, 5)])
def test_neighbouring_classes_differ(view, k, least):
    assert min(apart(one, other, view)
               for one, other in pairwise(maps.sequential(k))) > least > 2 * JUST_SEEN


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("k", range(2, 10))
def test_more_is_darker(view, k):
    lightness = [lab(colour, view)[0] for colour in maps.sequential(k)]
    assert lightness == sorted(lightness, reverse=True)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", PALETTES)
def test_all_classes_differ_by_colour_or_by_hatch(name, view):
    for (one, hatch), (other, other_hatch) in combinations(PALETTES[name], 2):
        assert hatch != other_hatch or apart(one, other, view) > 11, (one, other)


@pytest.mark.parametrize("view", ["full", *DEFICIENCIES])
@pytest.mark.parametrize("name, least", [("clusters", 5.5), ("change", 12), ("need and access", 9)])
def test_all_classes_differ_by_colour_alone_where_there_is_colour(name, view, least):
    assert min(apart(one, other, view)
               for (one, _), (other, _) in combinations(PALETTES[name], 2)) > least


@pytest.mark.parametrize("view", VIEWS)
def test_both_ways_a_larger_change_is_darker(view):
    lightness = [lab(colour, view)[0] for colour, _ in maps.diverging()]
    assert lightness[:4] == sorted(lightness[:4]) and lightness[3:] == sorted(
        lightness[3:], reverse=True)


@pytest.mark.parametrize("view", VIEWS)
def test_more_need_is_darker_however_easy_access_is(view):
    for column in range(3):
        lightness = [lab(maps.NEED_ACCESS[row][column][0], view)[0] for row in range(3)]
        assert min(before - after for before, after in pairwise(lightness)) > 12
