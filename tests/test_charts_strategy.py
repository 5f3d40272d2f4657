"""Charts of the force field and the synthesis: what is drawn equals the tables, in both
languages."""

import io
import json

import numpy as np
import pandas as pd
import pytest

from helpers import claims, force_field
from helpers.publish.charts import force_field as force_field_charts
from helpers.publish.charts import multiverse as choice_charts
from helpers.publish.charts import synthesis
from helpers.publish.texts import Texts, catalogue
from helpers.run.plan import STAGES
from helpers.study.package import Package
from helpers.study.paths import ROOT

pytestmark = pytest.mark.parametrize("lang", ["id", "en"])


@pytest.fixture(scope="module")
def package():
    return Package(ROOT / "data" / "raw")


@pytest.fixture(scope="module")
def analysed(package):
    factors = package.table("factors")
    table = force_field.analyse(factors, package.table("ratings"), package.table("linkages"))
    return table.assign(label=factors["label_en"])


@pytest.fixture(scope="module")
def ranked(package, analysed):
    table = force_field.rank_strategies(package.table("strategies"), analysed)
    return table.assign(label=table["label_id"])


@pytest.fixture(scope="module")
def points(package):
    return claims.marked_points(package.table("series"))


@pytest.fixture(scope="module")
def evaluated(package):
    found = claims.evaluate(package.table("claims"), {}, {"series": "published"},
                            package.table("series"))
    return found.assign(label=found["text_en"], result="-2,29", limits="-3,10 .. -1,48",
                        beside="for: 1")


def drawn(figure):
    """The figure's texts; drawing it must not warn."""
    figure.savefig(io.BytesIO(), format="svg")
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_arrows_have_the_length_of_tnb_and_the_side_of_the_force(analysed, lang):
    from matplotlib.patches import FancyArrow

    figure = force_field_charts.force_field_diagram(analysed, t=Texts(lang, "force_field"))
    texts = drawn(figure)
    arrows = [
        patch.get_xy()[:, 0] for patch in figure.axes[0].patches if isinstance(patch, FancyArrow)
    ]
    assert len(arrows) == len(analysed)
    tails = sorted(x[np.abs(x).argmax()] for x in arrows)
    signed = np.where(analysed["force"] == "driving", -1, 1) * analysed["tnb"]
    assert tails == pytest.approx(sorted(signed))
    total = Texts(lang,
                  "force_field").number(analysed.loc[analysed["force"] == "driving", "tnb"].sum(),
                                        2)
    assert any(text.endswith(total) for text in texts)
    assert ("," if lang == "id" else ".") in total


def test_long_labels_are_wrapped_and_the_diagram_grows(analysed, lang):
    t = Texts(lang, "force_field")
    long = analysed.assign(
        label="a factor whose name goes on and on until nobody can remember how it began or why")
    assert (force_field_charts.force_field_diagram(long, t=t).get_size_inches()[1]
            > force_field_charts.force_field_diagram(analysed, t=t).get_size_inches()[1])


def test_bars_of_a_factor_add_up_to_tnb(analysed, lang):
    figure = force_field_charts.factor_tnb(analysed, t=Texts(lang, "force_field"))
    drawn(figure)
    for axes, force in zip(figure.axes, ("driving", "restraining"), strict=True):
        part = analysed[analysed["force"] == force].sort_values("rank")
        support, linkage = axes.containers
        assert [bar.get_width() for bar in support] == pytest.approx(part["nbd"].tolist())
        assert [bar.get_x() + bar.get_width()
                for bar in linkage] == pytest.approx(part["tnb"].tolist())


def test_bars_of_a_strategy_add_up_to_its_score(analysed, ranked, lang):
    figure = force_field_charts.strategies(ranked, analysed, t=Texts(lang, "force_field"))
    texts = drawn(figure)
    ends = [bar.get_x() + bar.get_width() for bar in figure.axes[0].containers[1]]
    assert ends == pytest.approx(ranked["score"].tolist())
    assert set(ranked["driving"]) | set(ranked["restraining"]) <= set(texts)


def test_growth_and_poverty_shows_every_value_once(points, lang):
    figure = synthesis.growth_and_poverty(points, split=2015, t=Texts(lang, "synthesis"))
    drawn(figure)
    growth = points[points["used"] & points["indicator"].isin(synthesis.GROWTH)]
    bars = [bar.get_height() for axes in figure.axes for bar in axes.patches]
    assert sorted(bars) == pytest.approx(sorted(growth["value"]))
    poor = points[points["indicator"].isin(synthesis.POOR)]
    marks = [
        item.get_ydata()[0] for axes in figure.axes for item in axes.lines
        if len(item.get_xdata()) == 1
    ]
    assert sorted(marks) == sorted(poor["value"])
    hollow = [item for axes in figure.axes for item in axes.lines
              if len(item.get_xdata()) == 1 and item.get_markerfacecolor() == "white"]
    assert len(hollow) == (~poor["used"]).sum()


@pytest.mark.parametrize("areas", range(1, 9))
def test_no_legend_of_sources_is_empty(points, areas, lang):
    one = points[points["area"] == points["area"].iloc[0]]
    many = pd.concat([one.assign(area=f"a{place}") for place in range(areas)])
    figure = synthesis.growth_and_poverty(many, split=2015, t=Texts(lang, "synthesis"))
    legends = [axes.get_legend() for axes in figure.axes if axes.get_legend()]
    assert all(legend.get_texts() for legend in legends)
    sources = one.loc[one["indicator"].isin(synthesis.POOR), "source"].nunique()
    assert sum(len(legend.get_texts()) for legend in legends) == sources + 1


def test_an_area_with_one_of_the_two_series_is_drawn(points, lang):
    alone = points[points["indicator"] == synthesis.POOR[0]]
    drawn(synthesis.growth_and_poverty(alone, split=2015, t=Texts(lang, "synthesis")))
    only_growth = points[points["indicator"].isin(synthesis.GROWTH)]
    drawn(synthesis.growth_and_poverty(only_growth, split=2015, t=Texts(lang, "synthesis")))


def test_claims_sheet_names_every_verdict_and_share(evaluated, lang):
    t = Texts(lang, "synthesis")
    texts = drawn(synthesis.claims(evaluated, t=t))
    for verdict, count in evaluated["verdict"].value_counts().items():
        assert sum(text.endswith(" " + t.word(verdict)) for text in texts) == count
    for share in evaluated["robustness"].dropna():
        assert t.percent(share) in texts


def test_a_verdict_on_made_up_data_is_grey_without_a_mark(evaluated, lang):
    t = Texts(lang, "synthesis")
    made_up = evaluated.assign(basis="simulated", verdict="supported")
    figure = synthesis.claims(made_up, t=t)
    said = t.verdict("supported", "simulated")
    assert said.startswith({"id": "memperagakan metode", "en": "shows the method"}[lang])
    found = [text for text in figure.axes[0].texts if " ".join(text.get_text().split()) == said]
    assert len(found) == len(made_up)
    assert {text.get_color() for text in found} == {synthesis.MADE_UP_COLOUR}


def test_every_verdict_statistic_and_rule_has_its_words(lang):
    words = catalogue("synthesis", lang) | catalogue("common", lang)
    sentences = pd.DataFrame([(verdict, basis) for verdict in claims.VERDICTS[:3]
                              for basis in claims.STATUSES], columns=["verdict", "basis"])
    needed = claims.sentence_keys(sentences) + ["claim.not_testable"]
    needed += [f"rule.{name}" for name in claims.TESTS] + [f"word.{name}" for name in claims.TESTS]
    needed += [f"word.{verdict}" for verdict in claims.VERDICTS]
    things = ("growth", "number", "rate", "number_and_growth", "rate_and_growth")
    for name in ("difference", "share_of_themes", "share_of_indicators", "mean_growth",
                 "mean_number", "mean_rate", *(f"share_of_steps_{thing}" for thing in things),
                 "mean_need", "mean_access", "worst_rank"):
        needed += [f"result.{name}", f"word.{name}"]
    needed += [f"word.{name}" for name in claims.UNCERTAINTIES]
    assert [key for key in needed if key not in words] == []


def test_simulated_and_illustrative_claims_are_worded_as_would_hold(lang):
    conditional = {"id": "andai", "en": "Would"}[lang]
    for key, text in catalogue("synthesis", lang).items():
        if key.startswith(("claim.simulated", "claim.illustrative")):
            assert conditional in text, key
        if key.startswith("claim.published"):
            assert conditional not in text, key


def test_overview_names_the_resources_that_the_build_asks_for(lang):
    notebook = json.loads((ROOT / "notebooks" / "0_overview.ipynb").read_text(encoding="utf-8"))
    source = "".join(
        next(cell["source"] for cell in notebook["cells"] if cell["id"] == "stage-needs"))
    literal = source.removeprefix("NEEDS = ")
    expected = {stage.name: list(stage.needs) for stage in STAGES if stage.name != "overview"}
    assert json.loads(literal) == expected


@pytest.fixture(scope="module")
def drawn_shares(package):
    drawn_tnb = force_field.draw_tnb(
        *(package.table(name) for name in ("factors", "ratings", "linkages")), 500,
        np.random.default_rng(0))
    return {"factor": force_field.factor_acceptability(drawn_tnb),
            "strategy": force_field.strategy_acceptability(drawn_tnb, package.table("strategies"))}


def test_rank_heat_maps_write_every_share_from_half_a_per_cent(analysed, ranked, drawn_shares,
                                                               lang):
    t = Texts(lang, "force_field")
    names = {
        "factor": analysed.set_index("factor")["label"],
        "strategy": ranked.set_index("strategy")["label"]
    }
    for key, chart in (("factor", force_field_charts.factor_ranks),
                       ("strategy", force_field_charts.strategy_ranks)):
        texts = [text for text in drawn(chart(drawn_shares[key], names[key], t=t)) if text]
        shares = drawn_shares[key]["share"]
        assert sorted(texts) == sorted(t.percent(share, 0) for share in shares[shares >= 0.005])


def test_network_has_a_line_for_every_strong_linkage_and_a_circle_for_every_factor(
        package, analysed, lang):
    from matplotlib.patches import PathPatch

    matrix = force_field.linkage_matrix(package.table("factors"), package.table("linkages"))
    pairs = force_field.strongest_pairs(matrix)
    figure = force_field_charts.linkage_network(pairs, analysed, t=Texts(lang, "force_field"))
    texts = drawn(figure)
    lines = [patch for patch in figure.axes[0].patches if isinstance(patch, PathPatch)]
    assert len(lines) == len(pairs) and set(analysed["factor"]) <= set(texts)
    widths = [line.get_linewidth() for line in lines]
    assert widths == sorted(widths, reverse=True)  # as the linkages are
    drawn(force_field_charts.linkage_network(pairs.head(1), analysed, t=Texts(lang, "force_field")))


def test_strategy_matrix_writes_every_score_and_frames_the_candidates(package, analysed, lang):
    from matplotlib.patches import Rectangle

    t = Texts(lang, "force_field")
    matrix = force_field.strategy_matrix(package.table("strategies"), analysed)
    figure = force_field_charts.strategy_matrix(matrix, analysed.set_index("factor")["label"], t=t)
    assert drawn(figure) == [t.number(score, 2) for score in matrix["score"]]
    frames = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert len(frames) == (matrix["candidates"] != "").sum() == 9


def test_thresholds_have_a_panel_each_and_claims_alike_share_a_line(lang):
    moved = pd.DataFrame([
        (claim, threshold, limit, limit == 2, share, f"claim {claim}")
        for claim, threshold, shares in (("a", "s", (1, 1, 0)), ("b", "s", (1, 1, 0)),
                                         ("c", "s", (0, 0, 0)), ("c", "t", (1, 0, 0)))
        for limit, share in zip((1, 2, 3), shares)],
        columns=["claim", "threshold", "limit", "in_force", "share", "label"])
    figure = choice_charts.thresholds(moved, made_up={"c"}, t=Texts(lang, "synthesis"))
    assert [axes.get_xlabel() for axes in figure.axes] == ["s", "t"]
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    now = Texts(lang, "synthesis")("chart.in_force")
    assert set(lines) == {"claim a\nclaim b", "claim c", now}
    assert lines["claim a\nclaim b"].get_ydata().tolist() == [1, 1, 0]
    assert lines["claim c"].get_color() == "#777777"
    assert lines[now].get_xdata()[0] == 2
