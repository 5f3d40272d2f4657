"""The scoring notebook's sentences follow the answers, and its tables the chain, also where weights
are calibrated."""

import pandas as pd
import pytest
from conftest import tell_run
from notebook_cells import run_cells

from helpers.chain import Analysis
from helpers.publish.tables import to_csv
from helpers.study import Study, parameters


@pytest.fixture
def run(package_copy, tmp_path, monkeypatch):
    """Run the notebook's cells in this process; return its names, what it said, what it showed."""
    said, shown = {}, {}

    def text(self, key, /, when=True, **values):
        said[key] = self.t(key, **self._known(values))

    def show(self, frame, key="", **values):
        shown[key] = frame

    publisher = "helpers.publish.publisher.Publisher"
    monkeypatch.setattr(f"{publisher}.text", text)
    monkeypatch.setattr(f"{publisher}.show", show)
    monkeypatch.setattr(f"{publisher}.figure", lambda *given, **values: None)

    def go(**chosen):
        values = parameters.load()
        values["scoring"] |= {"replicates": 50, "imputations": 2} | chosen
        own = values | {"lang": "en"} | values["scoring"]
        tell_run(monkeypatch, tmp_path, raw=package_copy.folder, out=tmp_path / "out",
                 parameters={"scoring": values["scoring"]})
        monkeypatch.setattr(parameters, "load", lambda *given: values)
        state = dict(own)
        run_cells("scoring", state)
        study = Study("scoring", own, package_copy.folder, checked=True)
        inputs = {name: study.table(name) for name in
                  ("areas", "items", "responses", "frame", "known_totals") if study.has(name)}
        chain = Analysis(inputs, {"scoring": values["scoring"], "force_field": {"evidence": ""}},
                         lambda stage, purpose: study.child_seed(purpose))
        return state, said, shown, chain, tmp_path / "out" / "tables"

    return go


def raise_answers(item: str):
    """Answers to the needs of capital, one step higher where they can be."""
    def change(text: str) -> str:
        lines = [line.split(",") for line in text.strip().split("\n")]
        place = lines[0].index(item)
        for line in lines[1:]:
            line[place] = str(min(int(line[place]) + 1, 5)) if line[place] else ""
        return "\n".join(map(",".join, lines)) + "\n"

    return change


def test_calibrated_tables_are_the_chain_s_and_an_aspect_that_stands_out_is_named(
        run, package_copy):
    for number in range(1, 5):
        package_copy.edit_text("responses", raise_answers(f"need_capital_{number}"))
    _, said, shown, chain, tables = run(weights="calibrated", equivalence_margin=0.2)
    for name in ("scores", "design_effects", "need_access_gap", "aspect_contrasts",
                 "zone_contrasts", "score_regression", "factor_count", "factor_loadings",
                 "factor_models"):
        expected = chain.table(name).assign(status="simulated")
        assert (tables / f"{name}.csv").read_text(encoding="utf-8") == to_csv(expected), name
    assert said["found.gap.largest"].startswith("The gap is largest for the aspect **capital**:")
    assert "equivalence.narrow" in said and "equivalence.lax" not in said
    assert shown["known.caption"]["known"].tolist() == pytest.approx([687 / 12065, 11378 / 12065])


def test_no_new_table_shows_a_zone_with_too_few_respondents(run):
    """The 52 of the city are too few, and those of the south go with them: no zones to compare."""
    _, said, shown, _, tables = run(minimum_cell=60)
    for key, number in (("association.shares", "share"), ("medians.caption", "median"),
                        ("shares.caption", "share")):
        city = shown[key][shown[key]["level"] == "city"]
        assert len(city) and city[[number, "ci_low", "ci_high"]].isna().all(axis=None), key
    association = shown["association.caption"]
    assert association["statistic"].isna().all() and association["n"].eq(246).all()
    assert "Of 0 scales" in said["association.meaning"]
    assert not (tables / "zone_contrasts.csv").is_file()
    assert (tables / "aspect_contrasts.csv").is_file()
    assert not (tables / "design_effects.csv").is_file()
    terms = pd.read_csv(tables / "score_regression.csv")["term"]
    assert set(terms) == {"constant", "business_type"}


def test_the_simulated_survey_names_no_largest_gap_and_says_how_lax_its_margin_is(run):
    state, said, shown, _, tables = run()
    assert "no aspect may be called the largest" in said["found.gap.open"]
    assert said["found.status.simulated"]
    assert "**lax**" in said["equivalence.lax"]
    assert "over all of them together at most 10%" in said["contrasts.families"]
    assert state["design"]["weight"].equals(state["designs"]["design"]["weight"])
    # What is shown beside the results is not what they rest on.
    assert "known_totals" not in state["st"].was_read
    assert shown["ways.caption"]["weights"].unique().tolist() == ["none", "design", "calibrated"]
    assert shown["rules.caption"]["rule"].nunique() == 4
    # Items and areas are told by what they say and are called, their codes beside it.
    weakest = state["weakest"]["item"]
    [statement] = state["items"].set_index("item").loc[[weakest], "text_en"]
    assert f"“{statement}” ({weakest})" in said["items.critical"]
    assert "<td>Wonodadi <code>35.05.01</code></td>" in (tables / "scores.html").read_text()


def test_without_a_frame_and_known_totals_the_rest_is_there(run, package_copy):
    package_copy.keep("areas", "items", "responses", "sources")
    state, said, shown, _, tables = run(weights="calibrated")
    assert not state["calibrated"] and "calibrated.change" not in said
    assert "ways.caption" not in shown and (tables / "aspect_contrasts.csv").is_file()
    assert state["design"]["weight"].eq(1).all()
