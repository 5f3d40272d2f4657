"""The synthesis notebook says apart what published figures decide, and no more about universes than
they can know."""

import re
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
from conftest import FEW, ROOT, tell_run
from notebook_cells import run_cells
from test_force_field_notebook import add_comparisons

from helpers import claims, force_field
from helpers.publish import verdicts
from helpers.publish.cell import answered
from helpers.publish.texts import Texts
from helpers.run.execution.execute import one_language
from helpers.study import parameters
from helpers.study.package import Package

RESOURCES = ("areas", "factors", "ratings", "linkages", "strategies", "series", "claims", "sources")


@pytest.fixture
def run(package_copy, tmp_path, monkeypatch):
    """Run the notebook's cells in this process; return its names and what it said, by key."""
    said: dict[str, list] = {}

    def text(self, key, /, when=True, **values):
        if when:
            said.setdefault(key, []).append(self.t(key, **self._known(values)))

    monkeypatch.setattr("helpers.publish.publisher.Publisher.text", text)
    monkeypatch.setattr(
        "helpers.publish.publisher.Publisher.figure",
        lambda self, chart, *drawn, name=None, **values: said.setdefault(
            f"figure.{name or chart.__name__}", []).append(values))
    package_copy.keep(*RESOURCES)

    def go(ranks=None, choices=FEW, **of_force_field):
        values = parameters.load()
        sections = {name: part for name, part in values.items() if isinstance(part, dict)}
        sections["force_field"] |= of_force_field
        tell_run(monkeypatch, tmp_path, raw=package_copy.folder, out=tmp_path / "out",
                 parameters=sections)
        tables = tmp_path / "out" / "tables"
        tables.mkdir(parents=True, exist_ok=True)
        for name, table in (ranks or {}).items():
            table.assign(status="illustrative").to_csv(tables / f"{name}.csv", index=False)
        (package_copy.folder / "multiverse.yml").write_text(choices, encoding="utf-8")
        state = {"seed": values["seed"], "lang": "en", **sections["synthesis"], "permutations": 99}
        run_cells("synthesis", state)
        return state, said

    return go


@pytest.fixture
def raw(package_copy):
    return {
        name: pd.read_csv(package_copy.path(name))
        for name in ("factors", "ratings", "linkages", "strategies")
    }


def ranked(raw, **urgency):
    """What the stage of the force field would publish."""
    judged = [raw[name] for name in ("factors", "ratings", "linkages")]
    analysed = force_field.analyse(*judged, **urgency)
    return {"strategies": force_field.rank_strategies(raw["strategies"], analysed),
            "strategy_chance": force_field.strategy_chance(raw["strategies"], analysed)}


def test_counts_tell_published_verdicts_from_those_that_would_follow(run, raw):
    state, said = run(ranked(raw))
    evaluated = state["evaluated"]
    published = evaluated[evaluated["basis"] == "published"]
    assert said["found.counts"] == [
        f"Of {len(evaluated)} claims, {len(published)} are tested with published figures: "
        f"{(published['verdict'] == 'supported').sum()} are supported, "
        f"{(published['verdict'] == 'mixed').sum()} mixed "
        f"and {(published['verdict'] == 'not_supported').sum()} not supported."
    ]
    assert said["found.would_follow"][0].startswith(
        "The verdicts of 3 other claims only say what would follow")
    assert said["found.not_testable"] == ["8 claims cannot be tested with this data package."]
    assert said["figure.claims"][0]["supported"] == (published["verdict"] == "supported").sum()
    assert "found.untestable" in said and "8 claims can be tested in none" in said[
        "found.untestable"][0]
    told = said["found.robust"][0]
    assert told.startswith(f"{state['agree'].sum()} claims") and len(
        state["agree"]) == len(evaluated) - 8


@pytest.mark.parametrize("lang, asked", [("en", "Does the rate say otherwise?"),
                                         ("id", "Apakah persentasenya berkata lain?")])
def test_the_rate_is_asked_for_only_where_it_answers(lang, asked):
    said, package = [], Package(ROOT / "data" / "raw")
    out = SimpleNamespace(tr=None, texts=lambda key, rows: said.extend([key] * len(rows)), text=(
        lambda key, when: said.extend([Texts(lang, "synthesis")(key)] * bool(when))))
    words = SimpleNamespace(results=lambda rows, t: "", limits=lambda rows, levels, t: "")
    cells = {cell.id: cell.source.partition("\n")[2] for cell in nbformat.read(
        ROOT / "notebooks" / "5_synthesis.ipynb", as_version=4).cells}
    wanted = package.table("claims").assign(label="")
    for series in (whole := package.table("series"), whole[whole["indicator"] != "poor_percent"]):
        state = {"wanted": wanted, "series": series, "rules": claims.Rules(), "out": out,
                 "claims": claims, "verdicts": words, "st": SimpleNamespace(in_force={}),
                 "periods": claims.by_period(wanted, series)}
        for name in ("by-rate", "by-rate-words"):
            exec(cells[name], state)
    assert len(said) == 3 and said[0].endswith(asked) and said[1] == said[2] != said[0]


def test_a_package_without_findings_has_none_beside_its_verdicts(run, raw):
    state, said = run(ranked(raw))
    assert state["beside"] is None and set(state["shown"]["beside"]) == {""}
    assert "findings.contradicted" not in said and "findings.without" not in said


def test_contrary_findings_are_told_among_what_was_found(run, raw, package_copy):
    entry = dict(Package(ROOT / "data" / "raw").resource("findings").descriptor)
    package_copy.edit_descriptor(lambda descriptor: descriptor["resources"].append(entry))
    state, said = run(ranked(raw))
    contrary = said["findings.contradicted"][0]
    assert contrary.startswith("Published findings speak against: The north of Blitar")
    assert "Simpler business licensing is a priority strategy" in contrary
    assert "strongly need supportive policy" in said["findings.without"][0]
    assert state["shown"].set_index("claim")["beside"]["c11"] == "for: 1, against: 2"


@pytest.mark.parametrize("source", ["eigenvector", "wins"])
def test_the_analysis_in_force_is_a_universe_wherever_urgency_comes_from(
        run, raw, package_copy, source):
    compared = raw["ratings"].assign(urgency=6 - raw["ratings"]["urgency"])
    comparisons = force_field.ratio_comparisons(raw["factors"], compared)
    add_comparisons(package_copy, comparisons)
    published = ranked(raw, urgency=force_field.compared_urgency(raw["factors"], comparisons,
                                                                 source))
    state, _ = run(published, urgency_source=source)
    for claim in state["wanted"].query("test == 'strategy_priority'")["claim"]:
        product, own = state["found"][claim], state["own"]
        mine = product[[*product][: [*product].index("completions")]]
        row = product[(mine == pd.Series(own)[mine.columns]).all(axis=1)].iloc[0]
        said = state["evaluated"].set_index("claim").loc[claim]
        assert (row["verdict"], row["value"]) == (said["verdict"], said["value"])


def test_strategies_that_gaps_inform_have_a_verdict_but_no_robustness(run, raw):
    state, said = run(ranked(raw), evidence="gaps")
    about = state["evaluated"].set_index("claim").loc[["c12", "c13", "c14"]]
    assert (about["verdict"] != "not_testable").all() and about["robustness"].isna().all()
    assert said["choices.beyond"][0].startswith("3 claims about strategies get no robustness")


def test_analyses_that_cannot_test_a_claim_are_told_of(run):
    state, said = run(
        choices="choices: {synthesis.period: [thesis, today], "
        "synthesis.period_split: [2015, 2026]}")
    lost = state["summary"].set_index("claim")["not_testable"]
    assert 0 < lost["c04"] < 1
    assert f"{((lost > 0) & (lost < 1)).sum()} cannot be tested in a part" in said[
        "found.untestable"][0]
    assert "c04" in set(state["contested"])


def test_no_choice_is_named_where_none_has_a_share(run):
    """The verdict goes from mixed to not supported, so the condition is met nowhere and no choice
    has a share."""
    state, said = run(
        choices="choices: {synthesis.period: [thesis, today, all]}")
    shares = state["weights"].groupby("claim")["share"].sum()
    without = [name for name in state["contested"] if shares[name] == 0]
    label = state["evaluated"].set_index("claim")["label"]
    told = [*said.get("found.turned_published", []), *said.get("found.turned_simulated", [])]
    assert without and not [text for text in told for name in without if label[name] in text]


def test_limits_name_their_level(run):
    state, _ = run()
    t = state["out"].t
    rows = pd.DataFrame({"low": [0.1, 0.1, None], "high": [0.2, 0.2, None],
                         "p_value": [0.01, None, 0.25],
                         "uncertainty": ["contiguous", "design", "few_thesis"]})
    assert verdicts.limits(rows, state["st"].in_force, t=t) == [
        "0.10 to 0.20 (90%); p = 0.010; contiguous parts", "0.10 to 0.20 (95%); sample",
        "p = 0.250; too few steps, earlier period"]


def test_the_rates_of_a_test_stand_beside_its_verdict():
    simulated = pd.read_csv(ROOT / "data" / "raw" / "error_rates.csv")
    rows = pd.DataFrame({"test": ["zone_higher", "growth_continues", "strategy_priority",
                                  "growth_with_rising_poor", "new"],
                         "uncertainty": ["neighbours", "signs_thesis", "factors", "few_thesis",
                                         ""]})
    told = verdicts.rates(rows, simulated, ["neighbours", "trend", "first_3"],
                          t=Texts("en", "synthesis"))
    # Of the course of years only the worlds of the period that decided.
    assert told == ["supports wrongly in at most 4.8%; power 31% to 82%",
                    "supports wrongly in at most 6.1%; power 97%",
                    "supports wrongly in at most 3.0%; power 100%",
                    "supports wrongly in none of 200 draws; power 0 of 200 draws",
                    Texts("en", "synthesis")("limits.none")]


@pytest.mark.parametrize(("lang", "within", "never"), [
    ("en", "in none did the test support in more than 10% of the draws. The highest share is 6.1%; "
     "with 200 draws or more for each kind the true share may be up to 8.3%.",
     "supports in none of 200 draws, not even where the stated effect is there; the true share may "
     "be up to 1.9%."),
    ("id", "tidak satu pun di antaranya membuat uji mendukung dalam lebih dari 10% undian. Bagian "
     "tertinggi 6,1%; dengan 200 undian atau lebih untuk setiap jenis, bagian yang sebenarnya bisa "
     "sampai 8,3%.",
     "tidak mendukung dalam satu pun dari 200 undian, juga bila efek yang disebut ada; bagian yang "
     "sebenarnya bisa sampai 1,9%.")])
def test_draws_that_support_nothing_leave_a_share_open(lang, within, never):
    notebook = nbformat.read(ROOT / "notebooks" / "5_synthesis.ipynb", as_version=4)
    t, told = Texts(lang, "synthesis"), []
    out = SimpleNamespace(text=lambda key, **given: told.append(t(key, **given)),
                          texts=lambda key, rows: told.extend(
                              t(key, **row) for row in rows.to_dict("records")))
    names = {"rates": pd.read_csv(ROOT / "data" / "raw" / "error_rates.csv"), "has_rates": True,
             "ruling": ["neighbours", "trend", "first_3", "interval"], "out": out,
             "verdicts": verdicts}
    for cell in notebook.cells:
        if cell.id in ("rates-counts", "rates-never", "rates-powerless"):
            exec(answered(cell.source, names, t), names)
    assert within in told[0] and len(told) == 3 and never in told[2]
    more = never.replace("200", "800").replace("1.9%", "0.5%").replace("1,9%", "0,5%")
    assert more in told[1], "the earlier period has two steps; 800 draws leave less open"


def test_what_another_package_reads_of_kinds_of_test_is_no_result_of_this_region():
    for lang, claimed in (("id", "menjaga tarafnya"), ("en", "keeps its level")):
        notebook = nbformat.read(ROOT / "notebooks" / "5_synthesis.ipynb", as_version=4)
        tags = {cell.id: cell.metadata.get("tags") for cell in notebook.cells}
        [odds] = [cell.source for cell in notebook.cells if cell.id == f"odds-{lang}"]
        assert not re.search("nine|sembilan|third|sepertiga", odds)
        assert tags[f"nulls-{lang}"] == [f"lang-{lang}", "own"]
        [other] = [cell.source for cell in one_language(notebook, lang, own=False).cells
                   if cell.id.startswith("nulls-") and cell.cell_type == "markdown"]
        assert claimed not in other


def test_claims_that_read_no_listed_choice_get_no_robustness(run, raw):
    state, said = run(ranked(raw), choices="universes: 3\nchoices:\n  force_field.strategy_rule: "
                      "[sum, product, restrainer_first]\n")
    touched = state["evaluated"]["claim"].isin(state["found"])
    assert touched.sum() == 3 and state["evaluated"]["robustness"].notna().eq(touched).all()
    assert said["choices.untouched"] == [
        f"{(~touched).sum()} claims read none of the choices that multiverse.yml lists, "
        "so they get no robustness: nothing was varied to test them."
    ]


def test_a_multiverse_that_no_claim_reads_is_told_and_nothing_is_drawn(run, raw, package_copy):
    package_copy.edit_text(
        "claims", lambda text: "\n".join(line for line in text.splitlines() if line.startswith(
            "claim,") or ",strategy_priority," in line) + "\n")
    state, said = run(ranked(raw),
                      choices="universes: 2\nchoices:\n  scoring.weights: [design, none]\n")
    assert state["found"] == {} and state["evaluated"]["robustness"].isna().all()
    assert said["choices.untouched"][0].startswith("3 claims read none of the choices")
    assert "figure.multiverse" not in said and "figure.specification_curves" not in said
