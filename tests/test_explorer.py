"""The explorer without a browser: what its pages show is what the build publishes, and what the
multiverse decides."""

import asyncio
import io
import json
import socket
import subprocess
import sys
import zipfile
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest
from conftest import tell_run
from language_checks import foreign, numbers, visible

from helpers import multiverse
from helpers.chain import STEPS
from helpers.explorer import serve, session, setting, widget
from helpers.explorer.controls import rerated
from helpers.explorer.drawing import paint
from helpers.explorer.results import Results
from helpers.explorer.session import Explorer
from helpers.multiverse import known_choices
from helpers.publish import maps
from helpers.run.inputs import Inputs
from helpers.run.project import Project
from helpers.study import InputError, parameters
from helpers.study.package import Package
from tools.benchmarks import explorer_speed

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "reference" / "tables"
FAR = {
    "scoring.missing": "listwise", "disparity.city_zone": "north",
    "disparity.index_weights": "entropy", "force_field.aggregate": "median",
    "synthesis.strong_need": 4.15, "synthesis.series_rule": "first_to_last"
}
RATED = {"urgency.E1.D9": 1, "support.E2.H8": 2}


@pytest.fixture(scope="module")
def explorer(tmp_path_factory):
    """An explorer on the project's own data package, which other tests validate."""
    with pytest.MonkeyPatch.context() as patch:
        tell_run(patch, tmp_path_factory.mktemp("run"),
                 checked=Package(ROOT / "data" / "raw").fingerprint)
        return Explorer(ROOT / "data" / "raw", lang="en")


def published(name: str) -> pd.DataFrame:
    """Return a table of the reference."""
    return pd.read_csv(REFERENCE / f"{name}.csv", dtype={"code": "str"}).drop(columns="status")


def texts(cells: pd.Series) -> list[str]:
    """Cells as a file has them, where an empty text and a missing value are the same."""
    return cells.astype("object").fillna("").astype("str").tolist()


def alike(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Compare values; a table written as text has forgotten its kinds of columns."""
    assert list(found) == list(expected)
    for name in expected:
        new, old = found[name].reset_index(drop=True), expected[name].reset_index(drop=True)
        if pd.api.types.is_float_dtype(old):
            assert new.astype("float64").to_numpy() == pytest.approx(old.to_numpy(), rel=1e-9,
                                                                     abs=1e-9, nan_ok=True), name
        else:
            assert texts(new) == texts(old), name


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_page_writes_numbers_as_its_language_does(explorer, lang):
    answers = [
        explorer.answer({"tab": tab, "lang": lang, "changed": FAR | RATED}) for tab in explorer.tabs
    ]
    shown = " ".join(
        visible(part) for answer in answers for part in (answer["html"], answer["distance"]))
    assert foreign(shown, lang) == [] and len(numbers(shown, lang)) > 300


# `test_whole` holds the table that is too large for the reference to the build's.
@pytest.mark.parametrize("name", [name for name in STEPS.tables
                                  if name not in ("claims", "national_context")])
def test_without_changes_the_tables_are_those_of_the_build(explorer, name):
    found, expected = explorer.results.table(name, {}), published(name)
    if {"indicator", "year"} <= {*expected} and name not in ("development_index",
                                                             "reference_beside"):
        # The build follows all years and more indicators; a page shows one.
        keys = found[["indicator", "year"]].drop_duplicates().astype({"year": "int64"})
        assert len(keys) == 1
        expected = expected.merge(keys, on=["indicator", "year"])
    alike(found, expected)


def test_without_changes_the_claims_are_those_of_the_build(explorer):
    columns = ["claim", "text_id", "text_en", "verdict", "basis", "statistic", "value"]
    alike(explorer.results.claims({})[columns], published("claims")[columns])


@pytest.mark.parametrize("changed", [FAR, RATED, FAR | RATED], ids=["choices", "ratings", "both"])
def test_changed_claims_are_those_of_the_multiverse(explorer, changed):
    results = explorer.results
    package = results.inputs | {"ratings": rerated(results.inputs["ratings"], changed)}
    analysis = multiverse.Analysis(package, results.parameters, results.study.child_seed("zones"))
    chosen = {name: value for name, value in changed.items() if name in known_choices()}
    expected = [analysis.decide(row, chosen) for row in results.inputs["claims"].to_dict("records")]
    found = results.claims(changed)
    assert found["verdict"].tolist() == [outcome.verdict for outcome in expected]
    assert found["value"].tolist() == pytest.approx([outcome.value for outcome in expected],
                                                    nan_ok=True)
    own = results.claims({})
    assert (found["verdict"] != own["verdict"]).any()


def test_a_change_reaches_its_page_and_the_way_back_is_the_same(explorer):
    first = explorer.answer({"tab": "sampling", "lang": "en"})
    fewer = explorer.answer({"tab": "sampling", "lang": "en", "changed": {"sampling.margin": 0.1}})
    # Slovin: 128951 / (1 + 128951 x 0.01) = 99.92
    assert "399 respondents of 128,951" in first["html"] and "100 respondents of 128,951" in fewer[
        "html"]
    assert fewer["query"] == "sampling.margin=0.1&lang=en" and "5% → 10%" in fewer["distance"]
    again = explorer.answer({"tab": "sampling", "lang": "en", "changed": {"sampling.margin": 0.05}})
    assert again["html"] == first["html"] and again["changed"] == {}


def test_the_city_can_be_counted_to_the_north(explorer):
    zones = explorer.results.table("zone_indicators", {"disparity.city_zone": "north"})
    assert zones[["zone", "areas"]].values.tolist() == [["north", 18], ["south", 7]]


def test_a_cluster_that_grey_would_hide_is_hatched_on_the_map_and_in_its_legend(explorer):
    shown = explorer.answer({"tab": "disparity", "lang": "en"})["html"]
    for word, text in (("high_low", "high among low"), ("low_high", "low among high")):
        style = maps.CLUSTERS[word]
        assert paint(style).startswith(
            "url(#") and f'id="{paint(style)[5:-1]}"' in explorer.canvas.defs
        assert f'fill="{paint(style)}"/></svg>{text}' in shown


def test_class_limits_move_the_classes_and_nothing_else(explorer):
    own, finer = (explorer.results.table("scores", changed)
                  for changed in ({}, {"scoring.classes": 5}))
    assert own.drop(columns="class").equals(
        finer.drop(columns="class")) and not own["class"].equals(finer["class"])
    limits = explorer.results.table("class_limits", {"disparity.k": 3})
    assert len(limits) == 4


def test_changed_ratings_are_nobodys(explorer):
    page = explorer.answer({"tab": "force_field", "lang": "en", "changed": RATED})
    assert explorer.results.status("ffa_factors", RATED) == "illustrative"
    assert "Urgency by E1" in page["distance"] and 'class="status status-illustrative"' in page[
        "html"]
    claims = explorer.results.claims(RATED)
    assert set(claims.loc[claims["statistic"] == "worst_rank", "basis"]) == {"illustrative"}


def test_changed_ratings_leave_what_people_compared(explorer, monkeypatch):
    monkeypatch.setitem(explorer.results.parameters["force_field"], "urgency_source", "wins")
    results = Results(explorer.studies)
    pairs = [
        pair for _, part in results.inputs["factors"].groupby("force")["factor"]
        for pair in combinations(part, 2)
    ]
    results.analysis.inputs["comparisons"] = pd.DataFrame(
        pairs, columns=["factor_a", "factor_b"]).assign(expert="E1", preference=3.0)
    own, changed = results.claims({}), results.claims({"urgency.E1.D9": 1})
    assert changed["verdict"].tolist() == own["verdict"].tolist() and "illustrative" in set(
        changed["basis"])


def test_nothing_else_keeps_the_kernel_busy_before_a_browser_shows_the_page(explorer, monkeypatch):
    """A page that opens asks the kernel for its widgets; one that was making the other pages came
    too late."""
    made = []
    monkeypatch.setattr(explorer, "warming", lambda: iter([lambda: made.append("a page")]))
    monkeypatch.setattr(widget, "PAUSE", 0)

    async def opened(*messages):
        face = widget.Face(explorer)
        for kind in messages:
            face._message(face, {"kind": kind}, [])
        await asyncio.sleep(0.05)
        return list(made)

    assert asyncio.run(opened()) == [] and asyncio.run(opened("shown", "shown")) == ["a page"]


def test_a_link_brings_back_the_setting(explorer):
    for changed in ({}, FAR, FAR | RATED,
                    {"sampling.margin": 0.035, "scoring.classes": 7, "disparity.year": 2018}):
        accepted, problems = explorer.known.accepted(changed, "a test")
        assert not problems and accepted == changed
        assert explorer.known.from_query(setting.to_query(accepted, "id")) == (accepted, "id", [])


@pytest.mark.parametrize(("query", "message"), [
    ("scoring.classes=99", "the link: 'scoring.classes' is 99; allowed is a whole number at least "
                           "2 and at most 7 (classes)"),
    ("scoring.classes=3.5", "'scoring.classes' is 3.5; allowed is a whole number"),
    ("sampling.margin=nan", "'sampling.margin' is 'nan'; allowed is a number above 0"),
    ("sampling.margn=0.1",
     "there is no parameter 'sampling.margn'; did you mean 'sampling.margin'?"),
    ("force_field.draws=100", "'force_field.draws' cannot be changed here"),
    ("disparity.year=1999", "'disparity.year' is 1999; allowed is one of: 2018, 2019"),
    ("urgency.E1.D9=6", "'urgency.E1.D9' is 6; allowed is a whole number from 1 to 5"),
    ("urgency.E99.D9=3", "there is no rating 'urgency.E99.D9' in this data package"),
])
def test_a_link_that_cannot_be_says_why(explorer, query, message):
    changed, _, problems = explorer.known.from_query(query)
    assert changed == {} and len(problems) == 1 and message in problems[0]


def test_choices_that_do_not_go_together_are_named(explorer, monkeypatch):
    """The page offers no first year of today that is too late; a link of another version may."""
    asked = {
        "tab": "synthesis",
        "changed": {"synthesis.period": "today", "synthesis.period_split": 2030}
    }
    with monkeypatch.context() as any_value:
        any_value.setattr(type(explorer.known), "accepted",
                          lambda self, changed, how: (changed, []))
        for lang, message in {
                "en": "leaves no year for today's period", "id": "tidak ada tahun untuk masa kini"
        }.items():
            assert message in explorer.answer(asked | {"lang": lang})["problems"][0]
    asked = {
        "tab": "disparity",
        "changed": {"disparity.reference_indicator": "no_school_share", "disparity.year": 2018}
    }
    answer = explorer.answer(asked)
    assert answer["problems"] == [] and "<table" in answer["html"]


def test_the_parameter_file_is_one_that_the_build_takes(explorer, tmp_path):
    name, kind, body = explorer.file("parameters", {"lang": "id", "changed": FAR | RATED})
    path = tmp_path / name
    path.write_bytes(body)
    loaded = parameters.load(path)
    for key, value in FAR.items():
        section, _, parameter = key.partition(".")
        assert loaded[section][parameter] == value
    assert explorer.opened(name, body.decode(), "en") == (FAR, [])
    assert explorer.opened("x.yml", "scoring: {classes: 99}", "en")[1] == [
        "x.yml: 'scoring.classes' is 99; allowed is a whole number at least 2 and at most 7 "
        "(classes)"
    ]
    assert "not valid YAML" in explorer.opened("../x.yml", "a: [", "en")[1][0]


def test_all_results_can_be_taken_along(explorer):
    asked = {"lang": "en", "changed": FAR | RATED}
    bodies = [explorer.file("archive", asked)[2] for _ in range(2)]
    assert bodies[0] == bodies[1]
    with zipfile.ZipFile(io.BytesIO(bodies[0])) as file:
        names = set(file.namelist())
        changes = pd.read_csv(file.open("changes.csv"))
        ratings = pd.read_csv(file.open("ratings.csv"))
        scores = pd.read_csv(file.open("tables/scores.csv"))
    assert {f"tables/{name}.csv" for name in STEPS.tables} | {"params.yml"} <= names
    assert changes.set_index("name").loc["disparity.city_zone"].tolist() == ["own", "north"]
    assert ratings.query("expert == 'E1' and factor == 'D9'")["urgency"].item() == 1
    assert set(scores["status"]) == {"simulated"}
    name, kind, body = explorer.file("strategies", {"lang": "en", "changed": {}})
    alike(pd.read_csv(io.BytesIO(body)).drop(columns="status"), published("strategies"))


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_control_has_a_name_and_an_explanation(explorer, lang):
    form = explorer.form(lang)
    controls = [control for section in form["sections"] for control in section["controls"]]
    assert len(controls) == len(explorer.known.controls) > 30
    labels = [(section["name"], control["label"]) for section in form["sections"]
              for control in section["controls"]]
    assert len(set(labels)) == len(labels)
    for control in controls:
        assert "_" not in control["label"] and "." not in control["label"] and control["help"]
        assert all("_" not in option["label"] for option in control["options"])
    json.dumps(form)


def test_a_small_package_has_the_pages_that_it_allows(package_copy):
    package_copy.keep("areas", "indicators", "catalogue", "sources")
    explorer = Explorer(package_copy.folder)
    assert explorer.tabs == ["disparity"] and explorer.canvas is None
    answer = explorer.answer({"tab": "synthesis", "changed": {"disparity.city_zone": "north"}})
    assert answer["tab"] == "disparity" and "<table" in answer["html"] and "<figure" not in answer[
        "html"]
    package_copy.keep("areas", "sources")
    with pytest.raises(InputError, match="there is nothing to explore"):
        Explorer(package_copy.folder)


def test_a_survey_without_experts_and_series_has_its_claims(package_copy):
    package_copy.keep("areas", "items", "responses", "frame", "claims", "strategies", "factors",
                      "sources")
    explorer = Explorer(package_copy.folder, lang="en")
    assert explorer.tabs == ["sampling", "scoring", "synthesis"]
    answer = explorer.answer({"tab": "synthesis", "lang": "en",
                              "changed": {"scoring.confidence": float("nan")}})
    [problem] = answer["problems"]
    assert "'scoring.confidence' is nan; allowed is a number" in problem
    name, _, body = explorer.file("claims", {"lang": "en", "changed": {}})
    found = pd.read_csv(io.BytesIO(body)).set_index("claim")
    assert found.loc["c03", "verdict"] == found.loc["c12", "verdict"] == "not_testable"
    assert found.loc["c06", "basis"] == "simulated" and pd.isna(found.loc["c03", "basis"])
    assert explorer.file("archive", {"lang": "en", "changed": {}})[2][:2] == b"PK"


def test_data_stay_text(package_copy):
    package_copy.keep("areas", "factors", "ratings", "linkages", "strategies", "sources")
    package_copy.edit_cell("strategies", 2, "label_en", "<script>alert(1)</script>")
    explorer = Explorer(package_copy.folder, lang="en")
    page = explorer.answer({"tab": "force_field", "lang": "en"})["html"]
    assert "<script" not in page and "&lt;script&gt;alert(1)" in page


def test_an_explorer_is_shared_until_a_file_that_it_reads_changes(tmp_path, monkeypatch):
    raw = tmp_path / "raw"
    raw.mkdir()
    files = [raw / "areas.csv", tmp_path / "params.yml", tmp_path / "given.yml"]
    for file in files:
        file.write_text("1")
    monkeypatch.setattr(parameters, "ROOT", tmp_path)
    before = session._stamp(raw, files[-1])
    for file in files:
        file.write_text("12")
        assert session._stamp(raw, files[-1]) != before, file.name
        before = session._stamp(raw, files[-1])
    (raw / ".#areas.csv").symlink_to("nobody@nowhere.1")  # as Emacs locks a file
    assert session._stamp(raw, files[-1]) == before


def test_the_port_is_free_or_said_to_be_taken():
    with socket.socket() as taken:
        taken.bind((serve.HOST, 0))
        taken.listen()
        with pytest.raises(ValueError,
                           match=r"PORT=\d+: something else listens there; choose another port"):
            serve.free_port(taken.getsockname()[1])
    assert serve.free_port(None) >= serve.FIRST_PORT


@pytest.mark.parametrize(("given", "message"), [
    ("PORT=80", "PORT=80: allowed is a whole number from 1024 to 65535"),
    ("OUT=x",
     "explore takes RAW=, PARAMS=, lang=, PORT=, browser=, not OUT=x"),
])
def test_calls_that_cannot_be_meant(given, message):
    done = subprocess.run([sys.executable, ROOT / "src" / "helpers", "explore", given],
                          capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr == f"error: {message}\n"


def test_every_control_is_timed(explorer, monkeypatch):
    monkeypatch.setattr(explorer_speed, "CHANGES", 1)
    monkeypatch.setattr(session, "Explorer", lambda raw: explorer)
    # The measurement sets it; afterwards it is what it was.
    monkeypatch.setenv("KESENJANGAN_RUN", "")
    rows = explorer_speed.measure(Project(ROOT / "data" / "raw", ROOT, ROOT, None, None, 1),
                                  Inputs({}, {}))
    assert [row["name"]
            for row in rows] == ["explorer", "a change in the explorer", "its slowest control"]
    assert rows[1]["goal"] == 300 and 0 < rows[1]["value"] <= rows[2]["value"]
