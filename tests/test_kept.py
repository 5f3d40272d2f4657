"""What an earlier build made is taken over where nothing differs behind it, and only then."""

import functools
import hashlib
import json
import os

import matplotlib
import pandas as pd
import pytest
from conftest import tell_run
from matplotlib.figure import Figure

from helpers import forked, kept, multiverse, publish
from helpers import study as studies
from helpers.choices import Choices
from helpers.multiverse import evaluation
from helpers.publish import figures
from helpers.publish.texts import catalogue
from helpers.study import parameters

CHOICES = Choices({"synthesis.zone_mean": ["plain", "weighted"]},
                  thresholds={"synthesis.alpha": [0.05, 0.1]})


@pytest.fixture
def notes(tmp_path, monkeypatch):
    """Notes of a build, as its kernels find them."""
    tell_run(monkeypatch, tmp_path, shared=tmp_path / "shared", kept=tmp_path / "kept", code="one")
    return tmp_path


@pytest.mark.parametrize("spoil", ["nothing", "value", "half", "other key"])
def test_a_note_counts_only_as_it_was_written(tmp_path, spoil):
    made = kept.Kept(tmp_path, "one")
    key = made.key("a", [1.5, None])
    made.note("figures/a", key, {"width": 960, "limits": [0.1, float("nan")]})
    path = tmp_path / "figures" / "a.json"
    if spoil == "value":
        path.write_text(path.read_text().replace("960", "961"))
    if spoil == "half":
        path.write_text(path.read_text()[:40])
    found = made.recall("figures/a", made.key("b") if spoil == "other key" else key)
    assert (found or {}).get("width") == (960 if spoil == "nothing" else None)
    assert kept.Kept(tmp_path, "two").key("a", [1.5, None]) != key


def test_the_outcomes_of_a_claim_are_taken_over_until_something_behind_them_changes(
        notes, study, in_force, monkeypatch):
    worked, judged = [], evaluation._judged

    def counted(analysis, wanted, piece):
        worked.append([*wanted["test"].unique()])
        return judged(analysis, wanted, piece)

    def evaluate(series=None, label="the north", **synthesis):
        worked.clear()
        tables = multiverse.read(study) | ({} if series is None else {"series": series})
        parameters = in_force | {"synthesis": in_force["synthesis"] | {
            "permutations": 99} | synthesis}
        wanted = study.table("claims")[1:5].assign(label=label)
        return multiverse.long_table(multiverse.evaluate(
            multiverse.Analysis(tables, parameters, 1), wanted, CHOICES), whole=True)

    monkeypatch.setattr(evaluation, "_judged", counted)
    first = evaluate()
    assert len(worked) == 2
    pd.testing.assert_frame_equal(evaluate(label="utara"), first)
    assert worked == [], "the words of a claim are no part of what is found"
    evaluate(clear_majority=0.9)
    assert worked  # rules are behind every claim
    evaluate()
    halved = study.table("series").assign(value=lambda rows: rows["value"] / 2)
    evaluate(halved)
    assert worked == [["growth_continues", "poor_rise", "growth_with_rising_poor"]]
    path = next((notes / "shared").glob("series*.json"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"hash": hashlib.sha256().hexdigest()}
                               ))
    evaluate(halved)
    assert len(worked) == 1


DRAWN = []
TEXTS = {"title": "Dots", "caption": "{high:d} high", "alt": "Dots."}


class Own:
    """A class that a notebook may define."""


def dots(frame, *, t, high=1):
    """Chart that leaves a trace."""
    DRAWN.append(high)
    figure = Figure(figsize=(2, 2), layout="constrained")
    figure.subplots().plot(frame["n"], [high] * len(frame), "o")
    return figure


WORDS = pd.Series(["low", "high"], dtype=pd.CategoricalDtype(["low", "high"]), name="class")


@pytest.mark.parametrize("one, other", [
    (WORDS, WORDS.cat.as_ordered()), (WORDS.to_frame(), WORDS.cat.as_ordered().to_frame()),
    (WORDS, WORDS.cat.reorder_categories(["high", "low"])),
    (pd.Series([1, 2], index=WORDS), pd.Series([1, 2], index=[*WORDS])),
    (pd.Series([1, 2], index=WORDS), pd.Series([1, 2], index=WORDS.cat.as_ordered())),
    (pd.Series([1, 2], index=[1, 2]), pd.Series([1, 2], index=[1.0, 2.0])),
    (pd.Series([1, 2]), pd.Series([1, 2], index=pd.RangeIndex(2, name="n")))])
def test_columns_are_told_apart_by_all_that_a_chart_may_see(one, other):
    assert kept.digest(one) == kept.digest(one.copy()) != kept.digest(other)


@pytest.fixture
def times(tmp_path, monkeypatch):
    """How often the chart is drawn by a build, or by a cell in JupyterLab (without a code)."""
    for lang in ("id", "en"):
        for part, text in TEXTS.items():
            monkeypatch.setitem(catalogue("sampling", lang), f"figure.dots.{part}", text)
    monkeypatch.setattr("helpers.publish.publisher.show", lambda *_: None)

    def go(rows, lang="en", code="one", high=2):
        build = {"staging": tmp_path, "kept": tmp_path / "kept", "code": code} if code else {}
        tell_run(monkeypatch, tmp_path, out=tmp_path, reads=["frame"], **build)
        stage = studies.open("sampling", parameters.load()["sampling"] | {"seed": 1, "lang": lang})
        DRAWN.clear()
        publish.open(stage).figure(dots, rows, made_from=["frame"], high=high)
        return len(DRAWN)

    return go


@pytest.fixture
def of_helpers(monkeypatch):
    """The chart, as if it were one of the package's."""
    monkeypatch.setattr(dots, "__module__", "helpers.publish.charts")
    monkeypatch.setattr("helpers.publish.charts.dots", dots, raising=False)


SIZES = pd.DataFrame({"n": [399, 400]})


def test_a_figure_is_drawn_again_only_where_something_behind_it_differs(times, of_helpers, tmp_path
                                                                        ):
    png = tmp_path / "figures" / "dots.png"
    assert times(SIZES) == 1
    before = png.read_bytes()
    assert times(SIZES) == 0 and png.read_bytes() == before
    assert times(SIZES.copy()) == 0
    assert [times(SIZES, lang="id"), times(SIZES, high=3), times(SIZES * 2),
            times(SIZES, code="two")] == [1] * 4
    png.write_bytes(before[:-1])
    assert times(SIZES, code="two") == 1 and png.read_bytes() == before


@pytest.mark.parametrize("code", ["one", ""])
def test_a_figure_is_drawn_again_where_its_chart_may_have_changed(times, code):
    """A notebook's own chart keeps its name when its cell is edited."""
    assert [times(SIZES, code=code), times(SIZES, code=code)] == [1, 1]
    for own in (dots, [dots], functools.partial(dots, high=3), Own()):
        assert kept.digest(own) is None


@pytest.mark.parametrize("code", ["one", ""])
def test_a_figure_is_drawn_again_where_matplotlib_is_set_otherwise(times, of_helpers, monkeypatch,
                                                                   code):
    monkeypatch.setattr("helpers.publish.figures._kept", {})
    assert [times(SIZES, code=code), times(SIZES, code=code)] == [1, 0]
    with matplotlib.rc_context({"lines.markersize": 20, "interactive": True}):
        assert [times(SIZES, code=code), times(SIZES, code=code)] == [1, 0]
    with matplotlib.rc_context({"interactive": True}):
        assert times(SIZES, code=code) == (code != "")  # a build keeps the last one alone


@pytest.mark.parametrize("ill", ["nothing", "error", "death"])
def test_two_processes_return_what_one_does_and_one_that_dies_is_stood_in_for(
        tmp_path, monkeypatch, ill):
    here = os.getpid()

    def work(item):
        if os.getpid() != here and ill == "death":
            os.kill(os.getpid(), 9)
        if os.getpid() != here and ill == "error":
            raise OSError
        return [item, os.getpid() == here]

    tell_run(monkeypatch, tmp_path, jobs=2)
    assert forked.by_two(work, [1, 2, 3]) == [[1, True], [2, ill != "nothing"], [3, True]]
    tell_run(monkeypatch, tmp_path, jobs=1)
    assert forked.by_two(work, [1, 2]) == [[1, True], [2, True]]


def test_a_kernel_of_jupyterlab_remembers_what_was_decided(tmp_path, monkeypatch):
    """A note stays with its kernel; without one that says so nothing is remembered."""
    tell_run(monkeypatch, tmp_path, interactive=True)
    notes = kept.of_run("shared")
    key = notes.key("alpha", 0.05)
    assert notes.recall("a", key) is None
    notes.note("a", key, [1, [2.5, None]])
    again = kept.of_run("shared")
    assert again.recall("a", key) == [1, [2.5, None]]
    assert again.recall("a", again.key("alpha", 0.1)) is None
    assert again.key(lambda: 1) is None and not [*tmp_path.rglob("a.json")]
    tell_run(monkeypatch, tmp_path)
    assert kept.of_run("shared").key("alpha", 0.05) is None


def test_a_drawing_made_meanwhile_is_the_same(tmp_path, monkeypatch):
    def drawing():
        figure = Figure(figsize=(3, 2), layout="constrained")
        figure.subplots().plot([1, 2, 4], label="a")
        figure.axes[0].legend()
        return figure

    monkeypatch.setattr(kept, "_of_kernel", {})
    tell_run(monkeypatch, tmp_path, jobs=1)
    alone = figures.render(drawing(), "a")
    tell_run(monkeypatch, tmp_path, jobs=2)
    assert figures.render(drawing(), "a") == alone
