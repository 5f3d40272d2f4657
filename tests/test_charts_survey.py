"""Charts and texts of sampling and scoring: what is drawn equals the tables, in both languages."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text

from helpers import sampling, scoring
from helpers.publish.charts import palette
from helpers.publish.charts import sampling as sampling_charts
from helpers.publish.charts import scoring as scoring_charts
from helpers.publish.texts import Texts
from helpers.study.package import Package
from helpers.study.paths import ROOT

LANGUAGES = ("id", "en")
both_languages = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture(scope="module")
def package():
    return Package(ROOT / "data" / "raw")


@pytest.fixture(scope="module")
def frame(package):
    return package.table("areas").merge(package.table("frame")[["code", "units"]], on="code")


@pytest.fixture(scope="module")
def survey(package):
    items, responses, areas = (package.table(name) for name in ("items", "responses", "areas"))
    answers = scoring.align(responses, items)
    design = scoring.with_design(responses, areas, package.table("frame"))
    scores = scoring.scores_by_respondent(answers, items)
    return {
        "items": items,
        "areas": areas,
        "shares": scoring.answer_shares(answers, items, design["weight"]),
        "table": scoring.score_table(scores, design, items),
        "gaps": scoring.gap_table(scores, design, items),
        "contrasts": scoring.contrast_table(scores, design, items),
        "aspects": scoring.aspect_contrasts(scores, design, items),
    }


def words(figure) -> set[str]:
    FigureCanvasAgg(figure).draw()
    return {text.get_text() for text in figure.findobj(Text) if text.get_text()}


def lightness(colour) -> float:
    return float(np.dot(to_rgb(colour), [0.2126, 0.7152, 0.0722]))


# Sampling


@both_languages
def test_precision_lines_equal_the_curves(frame, lang):
    table = sampling.allocation_table(frame, 399)
    curves = sampling.precision_curves(frame, sampling.size_range(399, 128_951))
    chosen = sampling.zone_precision(table).query("domain != 'area'").assign(n=399)
    figure = sampling_charts.sample_precision(curves, chosen, t=Texts(lang, "sampling"))
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) > 2]
    assert len(lines) == len(curves.groupby(["domain", "level"])) == 5
    for line, (_, part) in zip(lines, curves.groupby(["domain", "level"], sort=False)):
        assert np.allclose(line.get_ydata(), part["margin"])
    assert len({(to_hex(line.get_color()), str(line.get_linestyle())) for line in lines}) == 5
    shown = words(figure)
    assert ("1.000" if lang == "id" else "1,000") in shown
    assert ("4,9%" if lang == "id" else "4.9%") in shown
    assert "n = 399" in shown


def test_labels_of_like_margins_do_not_collide(frame):
    curves = sampling.precision_curves(frame, [100, 399, 1000])
    zones = {"domain": "zone", "level": ["north", "south", "city"]}
    chosen = pd.DataFrame(zones | {"margin": [0.05, 0.051, 0.052], "n": 399})
    figure = sampling_charts.sample_precision(curves, chosen, t=Texts("en", "sampling"))
    FigureCanvasAgg(figure).draw()
    boxes = sorted(
        (text.get_window_extent() for text in figure.axes[0].texts if "%" in text.get_text()),
        key=lambda box: box.y0)
    assert len(boxes) == 3
    assert all(below.y1 <= above.y0 + 1 for below, above in zip(boxes, boxes[1:]))


# Scoring


@both_languages
def test_bars_are_centred_on_the_neutral_answer(survey, lang):
    figure = scoring_charts.likert_by_aspect(survey["shares"], {}, t=Texts(lang, "scoring"))
    for axes, (_, part) in zip(figure.axes, survey["shares"].groupby("dimension", sort=False)):
        table = part.pivot(index="aspect", columns="answer",
                           values="share").loc[part["aspect"].unique()]
        bars = np.array([[(bar.get_x(), bar.get_width()) for bar in group]
                         for group in axes.containers])
        assert np.allclose(bars[:, :, 1].T, table)
        assert np.allclose(bars[2, :, 0], -table[3] / 2)
        assert np.allclose(bars[:, :, 1].sum(axis=0), 1)
    assert Texts(lang, "scoring")("answer.5.5") in " ".join(text.get_text()
                                                            for text in figure.legends[0].texts)


def test_a_scale_without_a_middle_answer_is_centred_between_the_halves():
    shares = pd.DataFrame({"dimension": "need", "aspect": "capital", "answer": [1, 2, 3, 4]})
    shares["share"] = [0.1, 0.2, 0.3, 0.4]
    axes = scoring_charts.likert_by_aspect(shares, {}, t=Texts("en", "scoring")).axes[0]
    assert [group[0].get_x() for group in axes.containers] == pytest.approx([-0.3, -0.2, 0, 0.3])


def test_the_legend_of_the_bars_has_their_colours(survey):
    figure = scoring_charts.likert_by_aspect(survey["shares"], {}, t=Texts("en", "scoring"))
    drawn = [to_hex(group[0].get_facecolor()) for group in figure.axes[0].containers]
    assert [to_hex(patch.get_facecolor()) for patch in figure.legends[0].get_patches()] == drawn
    steps = [lightness(colour) for colour in drawn]
    assert steps[0] < steps[1] < steps[2] > steps[3] > steps[4]


@both_languages
def test_quadrant_points_equal_the_scores(survey, lang):
    t = Texts(lang, "scoring")
    points = scoring.quadrant_points(survey["table"])
    figure = scoring_charts.need_access_quadrants(points, (3.0, 3.0), t=t)
    drawn = {
        (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for axes in figure.axes for line in axes.lines if len(line.get_xdata()) == 1
    }
    assert drawn == set(zip(points["access"], points["need"]))
    for axes in figure.axes:
        (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
        assert left < points["access_low"].min() and right > max(points["access_high"].max(), 3)
        assert bottom < 3 and top > points["need_high"].max()
    shown = {text.replace("\n", " ") for text in words(figure)}
    assert t("word.high_need_low_access") in shown


@pytest.mark.parametrize("aspects", [1, 2, 4, 5])
def test_quadrants_take_any_number_of_aspects(aspects):
    points = pd.DataFrame({
        "level": "all", "aspect": [f"aspect {place}" for place in range(aspects)], "need": 4.0,
        "need_low": 3.9, "need_high": 4.1, "access": 2.0
    })
    points[["access_low", "access_high"]] = np.nan
    figure = scoring_charts.need_access_quadrants(points, (3.0, 3.0), t=Texts("en", "scoring"))
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == points["aspect"].tolist()


@both_languages
def test_heat_map_shows_every_mean_and_keeps_zones_together(survey, lang):
    cells = scoring.area_cells(survey["table"], survey["areas"])
    figure = scoring_charts.scores_heatmap(cells, (1, 5), t=Texts(lang, "scoring"))
    for axes, (_, part) in zip(figure.axes, cells.groupby("dimension", sort=False)):
        mesh = axes.collections[0]
        assert mesh.get_clim() == (1, 5)
        expected = part.pivot(index="code", columns="aspect", values="mean")
        expected = expected.loc[part["code"].unique(), part["aspect"].unique()]
        assert np.allclose(mesh.get_array().reshape(expected.shape), expected)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels[0] == "Wonodadi (20)" and len(labels) == 25
    zones = cells.drop_duplicates("code")["zone"]
    assert (zones != zones.shift()).sum() == zones.nunique() == 3
    assert ("4,2" if lang == "id" else "4.2") in words(figure)


def test_a_cell_without_answers_is_left_empty():
    cells = pd.DataFrame({
        "code": ["a", "b"], "name": "A", "zone": "z", "dimension": "need", "aspect": "capital",
        "n": [3, 0], "mean": [4.0, np.nan]
    })
    axes = scoring_charts.scores_heatmap(cells, (1, 5), t=Texts("en", "scoring")).axes[0]
    assert np.ma.getmaskarray(axes.collections[0].get_array()).ravel().tolist() == [False, True]


@both_languages
def test_forest_marks_equal_the_contrasts(survey, lang):
    contrasts = survey["contrasts"].copy()
    contrasts.loc[0, "p_adjusted"] = 0.01
    figure = scoring_charts.zone_contrasts_forest(contrasts, 0.05, t=Texts(lang, "scoring"))
    marks, reaches = [], []
    for axes in figure.axes:
        lines = [
            line for line in axes.lines if line.get_xdata()[0] != 0 or len(line.get_xdata()) == 1
        ]
        marks += [(line.get_xdata()[0], line.get_markerfacecolor()) for line in lines
                  if len(line.get_xdata()) == 1]
        reaches += [tuple(line.get_xdata()) for line in lines if len(line.get_xdata()) == 2]
    assert sorted(x for x, _ in marks) == pytest.approx(sorted(contrasts["difference"]))
    assert np.allclose(sorted(reaches), sorted(zip(contrasts["ci_low"], contrasts["ci_high"])))
    filled = [x for x, face in marks if face != "white"]
    assert filled == pytest.approx([contrasts.loc[0, "difference"]])


@both_languages
def test_forest_of_aspects_has_a_row_a_pair_and_fills_what_is_told_apart(survey, lang):
    contrasts = survey["aspects"].copy()
    contrasts.loc[7, "p_adjusted"] = 0.01
    figure = scoring_charts.aspect_contrasts_forest(contrasts, 0.05, t=Texts(lang, "scoring"))
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels[0] == ("modal – pasar" if lang == "id" else "capital – market")
    marks = [(line.get_xdata()[0], line.get_markerfacecolor()) for axes in figure.axes
             for line in axes.lines if len(line.get_xdata()) == 1]
    assert [x for x, _ in marks] == pytest.approx(contrasts["difference"].tolist())
    assert [x for x, face in marks if face != "white"] == pytest.approx(
        [contrasts.loc[7, "difference"]])


@both_languages
def test_profiles_show_every_area_once_and_every_mean(survey, lang):
    cells = scoring.area_cells(survey["table"], survey["areas"], intervals=True)
    hidden = cells["code"] == cells["code"].iloc[0]
    cells.loc[hidden, ["mean", "ci_low", "ci_high"]] = np.nan
    figure = scoring_charts.area_profiles(cells, (1, 5), t=Texts(lang, "scoring"))
    parts = cells[cells["aspect"] != "all"]
    marks = np.concatenate([
        line.get_xdata() for axes in figure.axes for line in axes.lines if line.get_ls() == "None"
    ])
    assert sorted(marks[~np.isnan(marks)]) == pytest.approx(sorted(parts["mean"].dropna()))
    names = {
        f"{name} ({n})"
        for name, n in parts.groupby(["code", "name"])["n"].max().droplevel("code").items()
    }
    assert names <= words(figure) and len(names) == cells["code"].nunique()
    ends = [
        segment[:, 0] for axes in figure.axes for lines in axes.collections
        for segment in lines.get_segments() if len(segment)
    ]
    limits = np.concatenate(ends)
    assert np.nanmin(limits) >= 1 and np.nanmax(limits) <= 5


@pytest.mark.parametrize(("areas", "columns"), [(1, 1), (4, 4), (6, 3), (7, 4)])
def test_profiles_take_any_number_of_areas(survey, areas, columns):
    cells = scoring.area_cells(survey["table"], survey["areas"], intervals=True)
    figure = scoring_charts.area_profiles(cells[cells["code"].isin(cells["code"].unique()[:areas])],
                                          (1, 5), t=Texts("id", "scoring"))
    assert len(figure.axes) == columns  # none stays empty


@both_languages
def test_power_lines_rise_and_pass_through_their_marks(frame, lang):
    found = sampling.detectable_differences(
        sampling.zone_precision(sampling.allocation_table(frame, 399)), 0.8)
    curves = sampling.power_curves(found)
    axes = sampling_charts.zone_power(curves, found, 0.8, t=Texts(lang, "sampling")).axes[0]
    lines = [line for line in axes.lines if len(line.get_xdata()) == 60]
    assert len(lines) == len(found) == 3
    for line, row in zip(lines, found.itertuples()):
        assert (np.diff(line.get_ydata()) > 0).all()
        assert np.interp(row.difference, line.get_xdata(),
                         line.get_ydata()) == pytest.approx(0.8, abs=1e-3)


def test_styles_differ_in_colour_marker_and_line():
    looks = palette.styles(list("abcdef"))
    for part in ("color", "marker", "linestyle"):
        assert len({str(look[part]) for look in looks.values()}) == 6


# Texts

STAGES = {"sampling": "1_sampling", "scoring": "2_scoring"}


@pytest.mark.parametrize("domain", STAGES)
def test_every_text_that_is_asked_for_is_there(domain):
    notebook = json.loads(
        (ROOT / "notebooks" / f"{STAGES[domain]}.ipynb").read_text(encoding="utf-8"))
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"]
                     if cell["cell_type"] == "code")
    code += (ROOT / "src/helpers/publish/charts" / f"{domain}.py").read_text(encoding="utf-8")
    asked = set(re.findall(r"(?:\bt|out\.tr|out\.texts?)\(\"([\w.]+)\"", code))
    asked |= set(re.findall(r"out\.show\(.*?\"(\w+\.[\w.]+)\"", code))
    figures = set(re.findall(r"out\.figure\(charts\.(\w+)", code))
    asked |= {f"figure.{name}.{part}" for name in figures for part in ("title", "caption", "alt")}
    assert len(asked) > 20
    for lang in LANGUAGES:
        assert not [key for key in asked if not Texts(lang, domain).has(key)]


@both_languages
def test_every_word_of_the_tables_is_translated(survey, lang):
    t = Texts(lang, "scoring")
    named = [
        *scoring.classes.LABELS[7], *scoring.classes.LABELS[4],
        *survey["gaps"]["quadrant"].unique(), "high_need_high_access", "low_need_low_access",
        "low_need_high_access", "person_mean", "listwise", "pairwise", "midpoint", "grand_mean"
    ]
    assert not [word for word in named if not t.has(f"word.{word}")]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_structure_of_factors_shows_noise_and_loadings(lang):
    loadings = pd.DataFrame({"item": [*"aabb"], "dimension": "need", "factor": [1, 2] * 2,
                             "loading": [0.7, -0.1, 0.2, 0.6]})
    counted = pd.DataFrame({"dimension": "need", "factor": [1, 2], "eigenvalue": [1.5, 0.5],
                            "noise": [1.2, 1.1]})
    figure = scoring_charts.factor_structure(loadings, counted, t=Texts(lang, "scoring"))
    above, below = figure.axes[:2]
    assert [line.get_ydata().tolist() for line in above.lines] == [[1.5, 0.5], [1.2, 1.1]]
    said = [text.get_text().replace(",", ".") for text in below.texts]
    assert said == ["0.70", "-0.10", "0.20", "0.60"]
    assert [label.get_text() for label in below.get_yticklabels()] == ["a", "b"]
