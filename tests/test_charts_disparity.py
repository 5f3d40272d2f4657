"""Charts of gaps and inequality: what their axes say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.publish.charts.axes import numbers, ratio_axis
from helpers.publish.charts.disparity import lorenz, theil_by_year
from helpers.publish.charts.inequality import gap_explained, inequality_intervals
from helpers.publish.texts import Texts, catalogue

T = Texts("en", "disparity")
MEASURES = ("gini", "theil", "theil_between", "theil_within", "williamson", "cv")


@pytest.mark.parametrize("count", [1, 3, 5, 6])
def test_the_years_stand_below_every_column_of_panels(count):
    table = pd.DataFrame([{
        "scope": "all", "year": year, "measure": measure, "value": 0.3, "ci_low": 0.2,
        "ci_high": 0.4
    } for measure in MEASURES[:count] for year in (2018, 2024)])
    figure = inequality_intervals(table, t=T)
    figure.draw_without_rendering()
    grid = np.array(figure.axes).reshape(-1, 3)
    for column in grid.T:
        shown = [axes for axes in column if axes.axison]
        named = [[tick.get_text() for tick in axes.get_xticklabels() if tick.get_visible()]
                 for axes in shown]
        assert not shown or named[-1] == ["2018", "2024"]
        assert not any(named[:-1])


@pytest.mark.parametrize("lang, word", [("en", "data without a year"), ("id", "data tanpa tahun")])
def test_values_without_a_year_are_called_so(lang, word):
    t = Texts(lang, "disparity")
    table = pd.DataFrame({"year": [None], "theil": 0.1, "theil_between": 0.04,
                          "theil_within": 0.06, "between_share": 0.4})
    bars = theil_by_year(table, t=t).axes[0]
    curve = pd.DataFrame({"year": [None, None], "population_share": [0, 1], "value_share": [0, 1]})
    lines = lorenz(curve, t=t, people=False).axes[0]
    assert [tick.get_text() for tick in bars.get_xticklabels()] == [word]
    assert lines.get_legend().get_texts()[1].get_text() == word


@pytest.mark.parametrize("lang, count", [("en", "six"), ("id", "enam")])
def test_the_caption_counts_no_measures(lang, count):
    assert count not in catalogue("disparity",
                                  lang)["figure.inequality_intervals.caption"].lower().split()


def test_ratios_of_geometric_means_are_called_so():
    row = {
        "label": "Light", "zone_a": "north", "zone_b": "south", "raw": 2.0, "raw_low": 1.5,
        "raw_high": 2.6, "adjusted": 1.4, "adjusted_low": 1.1, "adjusted_high": 1.8, "share": 0.5,
        "verdict": "smaller"
    }
    axes = gap_explained(pd.DataFrame([row]), t=T).axes[0]
    assert axes.get_xlabel() == "north over south, geometric means"
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1.0", "1.5", "2.0"]


@pytest.mark.parametrize("ratios, limits, ticks", [
    ([[0.5, 2.0]], (0.5 / 1.05, 2.1), ["0.50", "0.75", "1.0", "1.5", "2.0"]),
    ([[0.98, np.nan]], (0.9 / 1.05, 1.1 * 1.05), ["1.0"]),
    ([], (0.9 / 1.05, 1.1 * 1.05), ["1.0"])])
def test_an_axis_of_ratios_is_logarithmic_around_one(ratios, limits, ticks):
    axes = Figure().subplots()
    assert ratio_axis(axes, pd.DataFrame(ratios), T) == pytest.approx(limits)
    assert axes.get_xscale() == "log" and axes.get_xlim() == pytest.approx(limits)
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ticks


@pytest.mark.parametrize("theil, ticks", [
    (0.9, ["0.00", "0.25", "0.50", "0.75", "1.00"]),
    (0.00035, ["0.0000", "0.0001", "0.0002", "0.0003", "0.0004"]),
    (0.0045, ["0.000", "0.002", "0.004"])])
def test_ticks_of_small_numbers_differ(theil, ticks):
    axes = Figure().subplots()
    axes.set_ylim(0, theil * 1.15)
    axes.yaxis.set_major_formatter(numbers(T, pd.Series([theil])))
    axes.locator_params(axis="y", nbins=5)
    assert [tick.get_text() for tick in axes.get_yticklabels()][:len(ticks)] == ticks
