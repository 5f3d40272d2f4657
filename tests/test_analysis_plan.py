"""The plan of the analysis says every choice and threshold, in both languages, and nothing else."""

import re

import pandas as pd
import pytest

from helpers import multiverse
from helpers.cli.commands import main
from helpers.files import file_digest, plan_file
from helpers.messages import translate
from helpers.study import InputError, analysis_plan, choices, parameters
from helpers.study.paths import ROOT

PAGES = ("analysis-plan.md", "analysis-plan.id.md")
KNOWN = multiverse.known_choices()
CLAIM = re.compile(r"(?m)^\| (c\d+) \| `(\w+)` \|")


@pytest.fixture(scope="module")
def in_force():
    return {name: values for name, values in parameters.load().items() if isinstance(values, dict)}


@pytest.fixture(scope="module")
def listed(in_force):
    return choices.load(ROOT / "multiverse.yml", in_force, KNOWN)


@pytest.mark.parametrize("page", PAGES)
def test_the_plan_says_what_params_and_multiverse_hold(page, listed, in_force):
    plan = analysis_plan.load(ROOT / "docs" / page, KNOWN)
    assert analysis_plan.departures(plan, listed, in_force, KNOWN) == []
    assert set(plan.values) == set(KNOWN)


@pytest.mark.parametrize("page", PAGES)
def test_the_plan_names_every_claim_with_its_test(page):
    wanted = pd.read_csv(ROOT / "data" / "raw" / "claims.csv")
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert CLAIM.findall(text) == list(zip(wanted["claim"], wanted["test"]))


@pytest.mark.parametrize("page", PAGES)
def test_thresholds_choices_and_what_stays_stand_under_their_headings(page, listed):
    parts = re.split(r"(?m)^## ", (ROOT / "docs" / page).read_text(encoding="utf-8"))
    named = [set(re.findall(r"(?m)^\| `([\w.]+\.\w+)` \|", part)) for part in parts]
    assert [found for found in named if found] == [
        set(listed.thresholds), set(listed.compared), set(listed.alternatives),
        {name for name in listed.not_varied if "." in name}]


@pytest.mark.parametrize(("change", "left"), [
    ({"synthesis": {"alpha": 0.1}}, ("synthesis.alpha", "0.05 (0.01, 0.1)", "0.1 (0.05, 0.01)")),
    ({"scoring": {"minimum_cell": 1}}, ("scoring.minimum_cell", "5", "1")),
])
def test_a_parameter_that_moved_is_a_departure(change, left, in_force):
    moved = {name: values | change.get(name, {}) for name, values in in_force.items()}
    listed = choices.load(ROOT / "multiverse.yml", moved, KNOWN)
    plan = analysis_plan.load(ROOT / "docs" / PAGES[0], KNOWN)
    assert analysis_plan.departures(plan, listed, moved, KNOWN) == [left]


def test_a_choice_that_the_plan_leaves_unsaid_is_a_departure(tmp_path, listed, in_force):
    page = (ROOT / "docs" / PAGES[0]).read_text(encoding="utf-8")
    (tmp_path / "plan.md").write_text(re.sub(r"(?m)^\| `scoring.weights`.*\n", "", page),
                                      encoding="utf-8")
    plan = analysis_plan.load(tmp_path / "plan.md", KNOWN)
    assert analysis_plan.departures(plan, listed, in_force, KNOWN) == [
        ("scoring.weights", "–", "design (none)")]


@pytest.mark.parametrize(("text", "english", "indonesian"), [
    ("# Plan\n\n| `scoring.mising` | listwise | – | why |\n",
     "analysis-plan.md: line 3 names 'scoring.mising', on which no claim rests; claims rest on: ",
     "analysis-plan.md: baris 3 menyebut 'scoring.mising', padahal tidak ada klaim yang bertumpu "),
    ("| `scoring.missing` | listwise | – | a |\n| `scoring.missing` | pairwise | – | b |\n",
     "analysis-plan.md: line 2 names 'scoring.missing' a second time; keep one of them",
     "analysis-plan.md: baris 2 menyebut 'scoring.missing' untuk kedua kalinya; sisakan satu"),
])
def test_a_wrong_plan_is_refused_in_one_line(tmp_path, text, english, indonesian):
    (tmp_path / "analysis-plan.md").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        analysis_plan.load(tmp_path / "analysis-plan.md", KNOWN)
    assert str(caught.value).startswith(english) and "\n" not in str(caught.value)
    assert translate(caught.value, "id").startswith(indonesian)


def test_a_build_refuses_a_plan_that_names_what_is_unknown(package_copy, tmp_path, capsys):
    package_copy.keep("areas", "frame", "sources")
    (package_copy.folder / "multiverse.yml").write_text("choices: {}\n", encoding="utf-8")
    (package_copy.folder / "analysis-plan.md").write_text("| `a.b` | 1 | – | why |\n",
                                                          encoding="utf-8")
    assert main(["sampling", f"RAW={package_copy.folder}", f"OUT={tmp_path / 'out'}"]) == 2
    told = capsys.readouterr().err
    assert "analysis-plan.md" in told and "'a.b'" in told and told.count("\n") == 1


def test_a_package_with_choices_of_its_own_has_a_plan_of_its_own(tmp_path):
    assert plan_file(tmp_path, ROOT) == ROOT / "docs" / "analysis-plan.md"
    (tmp_path / "multiverse.yml").touch()
    assert plan_file(tmp_path, ROOT) == tmp_path / "analysis-plan.md"


def test_the_hash_of_the_plan_is_in_the_provenance(in_force):
    from helpers.run import dependencies, provenance
    from helpers.run.inputs import read_inputs
    from helpers.run.project import Project

    project = Project()
    inputs, stage = read_inputs(project), project.stage("synthesis")
    facts = provenance.of_stage(stage, dependencies.of_all(project, inputs)
                                | dependencies.of_stage(project, inputs, stage), inputs)
    assert facts["plan"] == {"path": "analysis-plan.md",
                             "sha256": file_digest(ROOT / "docs" / "analysis-plan.md")}
    assert facts["choices"]["path"] == "multiverse.yml"
