"""The force-field notebook runs on packages with and without a survey, comparisons, and several
experts."""


import pandas as pd
import pytest
from conftest import tell_run
from notebook_cells import run_cells

from helpers import force_field, publish
from helpers import study as studies
from helpers.study import parameters, validation
from helpers.study.package import Package

RESOURCES = ("areas", "items", "factors", "ratings", "linkages", "strategies", "sources")


@pytest.fixture
def run(package_copy, tmp_path, monkeypatch):
    """Run the notebook's cells in this process; return its names and the keys and texts of what it
    said."""
    said = []
    monkeypatch.setattr("helpers.publish.publisher.Publisher.text",
                        lambda self, key, /, when=True, **values: when and said
                        .append((key, self.t(key, **self._known(values)))))
    monkeypatch.setattr("helpers.publish.figures.DPI", 40)
    package_copy.keep(*RESOURCES)

    def go(**changed):
        tell_run(monkeypatch, tmp_path, raw=package_copy.folder, out=tmp_path / "out")
        values = parameters.load()
        state = {
            "seed": values["seed"], "lang": "en", **values["force_field"], "draws": 200, **changed
        }
        left_out = run_cells("force_field", state)
        return state, dict(said) | left_out

    return go


@pytest.fixture
def undrawn(monkeypatch):
    """Figures take most of the time; where another test draws them, they are left out."""
    monkeypatch.setattr("helpers.publish.publisher.Publisher.figure", lambda *given, **values: None)


def rewrite(package, name, change):
    """Replace a resource's table by what a function makes of it."""
    package.edit_text(name,
                      lambda text: change(pd.read_csv(package.path(name))).to_csv(index=False))


def add_comparisons(package, comparisons):
    """Add the optional resource to a package."""
    comparisons.to_csv(package.folder / "comparisons.csv", index=False)
    kinds = {"expert": "string", "factor_a": "string", "factor_b": "string", "preference": "number"}
    package.edit_descriptor(lambda descriptor: descriptor["resources"].append({
        "name": "comparisons", "path": "comparisons.csv", "profile": "tabular-data-resource",
        "status": "illustrative", "title": "Comparisons",
        "description": "Pairs of factors compared.", "format": "csv", "mediatype": "text/csv",
        "encoding": "utf-8", "sources": [{"title": "made up"}], "licenses": [{"name": "CC-BY-4.0"}],
        "schema": {
            "fields": [{"name": name, "type": kind} for name, kind in kinds.items()],
            "primaryKey": ["expert", "factor_a", "factor_b"]
        },
    }))


def test_without_a_survey_the_stage_still_runs_and_says_so(run, package_copy):
    """No questionnaire, and one expert who rated half of the factors."""
    rewrite(package_copy, "ratings",
            lambda table: table.drop(table[table["expert"] == "E2"].index[9:]))
    state, said = run(keys=2)
    assert "no survey result" in said["survey"] and "no survey result" in said["shift"]
    assert "urgency.experts" in said and "pairs.from_ratings" in said
    assert said["agreement.words"].startswith(
        "For support") and "mean of 6 experts" in said["agreement.words"]
    assert "of 6 experts" in said["votes.winner" if "votes.winner" in said else "votes.no_winner"]
    assert state["analysed"]["key"].sum() == 4


def test_an_expert_who_rated_a_part_of_a_force_is_not_compared_pair_by_pair(
        run, undrawn, package_copy):
    rewrite(package_copy, "ratings",
            lambda table: table.drop(table[table["expert"] == "E2"].index[5:]))
    state, said = run()
    assert "pairs.from_ratings" in said and len(state["consistent"]) == 2 * 6
    assert "E2" not in set(state["pairs"]["expert"])


def test_experts_of_whom_each_left_something_out(run, undrawn, package_copy, monkeypatch):
    """Nobody rated everything: no pairs to compare, no votes to count, and who alone rated a factor
    cannot be left out."""
    shown = []
    monkeypatch.setattr("helpers.publish.publisher.Publisher.show",
                        lambda self, frame, key, **values: shown.append(key))
    rewrite(package_copy, "ratings", lambda table: table[
        (table["expert"] != "E1") ^ table["factor"].isin(["D1", "H1"])])
    state, said = run()
    assert state["lacking"] == ["driving", "restraining"] and "pairs.lacking" in said
    assert "no vote to count" in said["votes-words"] and "votes.no_cycles" not in said
    assert "votes.table" not in shown and "pairs.table" not in shown and "step.urgency" in shown
    assert "but without 1 of the 7 experts" in said[
        "left_out.partly"] and "left_out.holds" not in said
    assert "found.verdict_holds" not in said and "agreement.none" in said


def test_experts_who_agree_entirely_are_said_to_agree(run, undrawn, package_copy):
    first = pd.read_csv(
        package_copy.path("ratings")).query("expert == 'E1'").set_index("factor")["support"]
    rewrite(package_copy, "ratings", lambda table: table.assign(support=table["factor"].map(first)))
    _, said = run()
    assert "is 1.00. An interval cannot be computed" in said["agreement.plain"]


def test_what_single_real_experts_said_is_not_shown(run, undrawn, package_copy, monkeypatch):
    """Their ratings stand together, and none of their keys is in a table or a sentence."""
    shown = []
    monkeypatch.setattr("helpers.publish.publisher.show",
                        lambda made, about=None: shown.append(str(made)))
    experts = {*Package(package_copy.folder).table("ratings")["expert"]}
    package_copy.edit_entry("ratings", lambda entry: entry.update(status="published"))
    state, said = run()
    assert {"outlying-table", "outlying-words", "left-out-table", "left-out-words"} <= {*said}
    assert said["outlying-table"] == said["left-out-table"] and "real persons" in str(
        said["outlying-table"])
    assert any("Lowest" in one for one in shown)
    assert not [expert for expert in experts for one in [*shown, *map(str, said.values())]
                if f">{expert}<" in one or f" {expert}" in one]
    out, ratings = state["out"], Package(package_copy.folder).table("ratings")
    for told in (lambda: out.show(state["experts"], "outlying.table"),
                 lambda: out.hand_over("x", ratings.pivot(index="expert", columns="factor",
                                                          values="support").rename_axis(None)),
                 lambda: out.text("agreement.plain",
                                  w=ratings.groupby("expert")["support"].mean())):
        with pytest.raises(ValueError, match="a table tells what single experts said"):
            told()


@pytest.mark.parametrize("told", [
    pd.DataFrame({"who": ["1", "2"], "urgency": [4, 5]}),
    pd.DataFrame({"who": pd.Categorical(["1", "2"]), "urgency": [4, 5]}),
    pd.DataFrame({"urgency": [4, 5]}, index=["1", "2"]),
    pd.DataFrame({"urgency": [4, 5]}, index=pd.Index([1, 2], name="expert")),
    pd.DataFrame([[4, 5]], columns=["1", "2"]),
    pd.DataFrame([[4, 5]], columns=pd.MultiIndex.from_tuples([("urgency", "1"),
                                                              ("urgency", "2")])),
    pd.Series([4, 5], name="1"),
    pd.Series(["1", "2"]),
    pd.DataFrame({"rank": [1, 2], "label": ["a", "b"]}),
    pd.DataFrame({"label": ["a", "b"]}, index=[1, 2]),
    pd.DataFrame({"factor": ["1", "2"], "mean": [4.0, 5.0]}),
    pd.Series([4.0, 5.0], index=pd.Index(["1", "2"], name="factor"), name="mean"),
], ids=[*["told"] * 8, *["not told"] * 4])
def test_experts_with_numbers_are_told_from_what_is_counted(package_copy, told, request, tmp_path,
                                                            monkeypatch):
    rewrite(package_copy, "ratings", lambda table: table.assign(
        expert=table["expert"].str.removeprefix("E")))
    package_copy.edit_entry("ratings", lambda entry: entry.update(status="published"))
    tell_run(monkeypatch, tmp_path, raw=package_copy.folder, out=tmp_path / "out",
             reads=["ratings", "areas"])
    out = publish.open(studies.open("force_field", parameters.load()["force_field"] | {
        "seed": 1, "lang": "en"}))
    if "not told" in request.node.callspec.id:
        assert out._released(told) is told
        return
    with pytest.raises(ValueError, match="a table tells what single experts said"):
        out._released(told)


def test_what_was_only_illustrated_is_said_in_the_conditional(run, undrawn):
    _, said = run()
    for key in ("keys.driving_if", "keys.restraining_if", "found.keys_if", "found.strategies_if",
                "found.robust_if", "found.certain_if"):
        assert said[key].startswith("If these ratings were real")
    assert not {"keys.driving", "found.strategies", "found.robust", "found.certain"} & set(said)


def test_one_expert_one_factor_a_side_and_no_linkage(run, package_copy):
    rewrite(package_copy, "factors", lambda table: table[table["factor"].isin(["D1", "H1"])])
    rewrite(
        package_copy, "ratings",
        lambda table: table[table["factor"].isin(["D1", "H1"]) &
                            (table["expert"] == "E1")].assign(urgency=3, support=3))
    rewrite(
        package_copy, "linkages",
        lambda table: table[(table["factor_a"] == "D1") & (table["factor_b"] == "H1") &
                            (table["expert"] == "E1")].assign(linkage=0))
    rewrite(package_copy, "strategies", lambda table: table[table["driving"] == "D1"])
    state, said = run()
    assert {
        "agreement.none", "outlying.none", "left_out.single", "data.agree", "found.verdict_untried"
    } <= set(said)
    assert state["balance"]["verdict"].tolist() == ["balanced", "balanced"]
    assert state["analysed"]["tnb"].tolist() == [3, 3]


def test_gaps_of_the_survey_inform_urgency_when_asked_for(run, undrawn, tmp_path):
    with pytest.raises(ValueError,
                       match="evidence is 'gaps', but there is no table 'need_access_gap'"):
        run(evidence="gaps")
    gaps = pd.DataFrame({
        "domain": ["all", "all", "all", "zone"], "level": ["all"] * 3 + ["north"],
        "aspect": ["capital", "market", "policy", "capital"], "need": 4.0, "access": 2.0,
        "gap": [2.5, 1.5, 0.5, 9.0], "se": 0.1, "ci_low": 0.0, "ci_high": 3.0, "fulfilment": 50.0,
        "quadrant": "high_need_low_access", "status": "simulated"
    })
    (tmp_path / "out" / "tables").mkdir(parents=True, exist_ok=True)
    gaps.to_csv(tmp_path / "out" / "tables" / "need_access_gap.csv", index=False)
    state, said = run(evidence="gaps", strategy_rule="restrainer_first")
    assert "urgency.gaps" in said and "need_access_gap" in state["st"].was_read
    rated = force_field.expert_ratings(state["factors"], state["ratings"], "mean")["urgency"]
    moved = (state["analysed"].set_index("factor")["nu"] - rated).groupby(
        state["factors"].set_index("factor")["aspect"]).mean()
    assert moved["policy"] == pytest.approx(-1) and moved["skills"] == 0
    assert 0 < moved["capital"] <= 1  # kept on the scale where it would pass 5


def test_comparisons_replace_ratings_when_asked_for(run, undrawn, package_copy):
    with pytest.raises(ValueError,
                       match="'eigenvector' reads pairwise comparisons, and this package has no"):
        run(urgency_source="eigenvector")
    factors, ratings = (pd.read_csv(package_copy.path(name)) for name in ("factors", "ratings"))
    comparisons = force_field.ratio_comparisons(factors,
                                                ratings[ratings["expert"].isin(["E1", "E2"])])
    add_comparisons(package_copy, comparisons)
    validation.validate(Package(package_copy.folder))
    state, said = run(urgency_source="eigenvector")
    assert "urgency.eigenvector" in said and "pairs.given" in said
    assert "comparisons" in state["st"].was_read and "need_access_gap" not in state["st"].was_read
    assert {"votes.compared", "left_out.compared"} <= set(said)
    expected = force_field.compared_urgency(factors, comparisons)
    assert state["analysed"]["nu"].tolist() == pytest.approx(expected.tolist(), abs=1e-9)


def test_incomplete_comparisons_are_refused_with_their_expert(package_copy):
    factors, ratings = (pd.read_csv(package_copy.path(name)) for name in ("factors", "ratings"))
    comparisons = force_field.ratio_comparisons(factors, ratings[ratings["expert"] == "E1"])
    add_comparisons(package_copy, comparisons.iloc[1:])
    with pytest.raises(
            ValueError,
            match=r"comparisons.csv: expert 'E1', comparisons: 'D1' and 'D2' are not compared"):
        validation.validate(Package(package_copy.folder))
