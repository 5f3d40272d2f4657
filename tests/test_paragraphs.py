"""Errors in a notebook: one message, and the paragraph that explains it; papermill and the build
still fail on them."""

import json
import re
from importlib import import_module

import nbformat
import pytest
from conftest import tell_run
from nbclient import NotebookClient
from papermill import execute_notebook
from papermill.exceptions import PapermillExecutionError

from helpers import sampling, study
from helpers.run.execution.execute import _failing_line
from helpers.run.plan import STAGES
from helpers.study import paragraphs, parameters, validation
from helpers.study.paths import ROOT

NOTEBOOKS = {stage.name: ROOT / "notebooks" / f"{stage.notebook}.ipynb" for stage in STAGES}
PUBLIC = ("sampling", "scoring", "disparity", "force_field", "claims", "geography", "universe",
          "multiverse", "disclosure")
VALUES = parameters.load()
LISTED = [(stage, name) for stage in NOTEBOOKS for name in parameters.names(stage)]
CALLED = paragraphs.known()["called"]


def cells(stage):
    return json.loads(NOTEBOOKS[stage].read_text(encoding="utf-8"))["cells"]


def opened(stage, **changes):
    """Open a stage with its own values and some others; return what went wrong."""
    own = {name: VALUES[name] for name in parameters.COMMON} | VALUES.get(stage, {})
    with pytest.raises(ValueError) as caught:
        study.open(stage, own | changes)
    return caught.value


def places(stage, error):
    return paragraphs.places(stage, error, error.__traceback__.tb_next)


def test_every_parameter_of_every_stage_has_a_paragraph():
    assert [(stage, name) for stage, name in LISTED
            if not parameters.names(stage)[name].get("paragraph")] == []


@pytest.mark.parametrize("stage", NOTEBOOKS)
def test_every_paragraph_exists_in_both_languages_under_a_heading(stage):
    explained = {parameters.paragraph(stage, name) for name in parameters.names(stage)}
    there = {cell["id"] for cell in cells(stage) if cell["cell_type"] == "markdown"}
    for cell in explained | {*CALLED.get(stage, {}).values()}:
        assert {f"{cell}-id", f"{cell}-en"} <= there, cell
        assert all(paragraphs.heading(stage, cell, lang) for lang in ("id", "en"))


def test_every_section_of_a_document_exists():
    text = {name: (ROOT / place.split("#")[0]).read_text(encoding="utf-8")
            for name, place in paragraphs.known()["documents"].items()}
    sections = {name: {title.replace(" ", "-") for title in re.findall(r"(?m)^## (.*)$", found)}
                for name, found in text.items()}
    assert {*parameters.schema()["properties"]} - {*parameters.COMMON} | {
        "every-stage"
    } <= sections["parameters"]
    assert set(paragraphs._resources()) == sections["data"] >= {
        "areas", "frame", "responses", "indicators", "ratings"
    }


@pytest.mark.parametrize("stage", CALLED)
def test_every_entry_names_code_and_every_method_of_the_notebook_has_one(stage):
    entries = CALLED[stage]
    for entry in entries:
        module, _, name = entry.rpartition(".")
        found = import_module(f"helpers.{module}" if module else "helpers")
        if not hasattr(found, name):
            import_module(f"helpers.{entry}")
    code = "\n".join("".join(cell["source"]) for cell in cells(stage)
                     if cell["cell_type"] == "code")
    for package, name in re.findall(rf"\b({'|'.join(PUBLIC)})\.(\w+)\(", code):
        module = getattr(import_module(f"helpers.{package}"), name).__module__
        called = f"{module.removeprefix('helpers.')}.{name}"
        assert any(called == entry or called.startswith(f"{entry}.") for entry in entries), called


@pytest.mark.parametrize(("stage", "name"), LISTED)
def test_a_broken_parameter_leads_to_its_paragraph(stage, name):
    error = opened(stage, **{name: None})
    section = "every-stage" if name in parameters.COMMON else stage
    paragraph = parameters.paragraph(stage, name)
    assert places(stage, error) == [("cell", paragraph), ("parameters", section)]


@pytest.mark.parametrize(("stage", "changes", "cell"), [
    ("disparity", {"year": 1900}, "data"),
    ("disparity", {"map_indicators": ["idm_indx"]}, "further-maps"),
    ("synthesis", {"period": "today", "period_split": 2100}, "series"),
    ("synthesis", {"growth_source": "S99"}, "series")])
def test_a_parameter_that_does_not_fit_the_data_leads_there_too(stage, changes, cell, monkeypatch):
    monkeypatch.setattr(validation, "validate", lambda package: None)
    assert places(stage, opened(stage, **changes))[0] == ("cell", cell)


def test_a_fault_in_the_data_leads_to_the_columns_of_its_file(package_copy, tmp_path, monkeypatch):
    tell_run(monkeypatch, tmp_path, raw=package_copy.folder)
    paragraphs._resources.cache_clear()
    package_copy.edit_cell("responses", 2, "code", "nowhere")
    assert places("scoring", opened("scoring")) == [("cell", "you-need"), ("data", "responses")]
    monkeypatch.undo()
    paragraphs._resources.cache_clear()


@pytest.mark.parametrize(("call", "found"), [
    (lambda: sampling.sample_size(1000, "slovin", 0),
     [("cell", "slovin"), ("parameters", "sampling")]),
    (lambda: sampling.size_from_z(1000, -1, 0.05, 0.5), [("cell", "slovin-is-cochran")]),
    (lambda: int("x"), [])])
def test_a_method_leads_to_the_paragraph_about_it(call, found):
    with pytest.raises(ValueError) as caught:
        call()
    assert places("sampling", caught.value) == found


def notebook_of(*sources):
    """The parameters cell of the sampling notebook, and these below it."""
    notebook = nbformat.read(NOTEBOOKS["sampling"], as_version=4)
    kept = [cell for cell in notebook.cells if cell.id == "parameters"]
    notebook.cells = kept + [nbformat.v4.new_code_cell(source) for source in sources]
    return notebook


def shown(output):
    return "\n".join(output["traceback"]
                     ) if output["output_type"] == "error" else output["data"]["text/markdown"]


@pytest.fixture(scope="module")
def ran():
    """What is shown of cells that go wrong, run in a kernel as JupyterLab runs them."""
    notebook = notebook_of('import pandas as pd\nfrom helpers import sampling, study\nlang = "en"',
                           'margin = 2\nst = study.open("sampling", globals())', '%tb',
                           'frame = pd.DataFrame({"code": ["a"], "units": [1]})\n'
                           'sampling.draw(frame, pd.Series({"a": 2}), 1)', 'int("x")')
    beside = {"metadata": {"path": str(ROOT / "notebooks")}}
    NotebookClient(notebook, allow_errors=True, kernel_name="python3", resources=beside).execute()
    return [[shown(output) for output in cell["outputs"]] for cell in notebook.cells[2:]]


def test_one_message_its_line_and_where_to_read_on(ran):
    error, explained = ran[0]
    assert re.sub(r"\x1b\[\d+m", "", error).splitlines() == [
        "InputError: parameters of sampling: 'margin' is 2; allowed is a number above 0 and at "
        "most 0.5 (share)",
        'Cell In[3], line 2: st = study.open("sampling", globals())', "The full traceback: %tb"
    ]
    assert _failing_line(error.splitlines()) == 2
    assert explained == ("**Explained in:** [Slovin](#cell-id=slovin-en) · "
                         "[all parameters](../docs/parameters.md#sampling)")


def test_the_traceback_comes_back_on_request(ran):
    assert "check_value" in ran[1][0] and len(ran[1][0].splitlines()) > 30


def test_an_error_of_a_method_is_short_too_and_any_other_keeps_its_traceback(ran):
    error, explained = ran[2]
    assert len(error.splitlines()) == 3 and "asks for" in error
    assert explained == "**Explained in:** [5. Whom?](#cell-id=draw-en)"
    assert len(ran[3]) == 1 and "Traceback (most recent call last)" in ran[3][0]


def test_the_words_are_there_in_both_languages():
    words = paragraphs.known()["words"]
    assert words.keys() == {"id", "en"} and words["id"].keys() == words["en"].keys()
    assert not set(words["id"].values()) & set(words["en"].values())


def test_papermill_fails_as_before(tmp_path):
    file = tmp_path / "in.ipynb"
    nbformat.write(
        notebook_of('from helpers import study\nstudy.open("sampling", globals())', "never = 1"),
        file)
    with pytest.raises(PapermillExecutionError,
                       match="InputError: parameters of sampling: 'margin' is 2;"):
        execute_notebook(file, tmp_path / "out.ipynb", {"margin": 2, "lang": "en"},
                         kernel_name="python3", progress_bar=False)


@pytest.mark.parametrize(("folder", "way"), [
    ("", ""), ("course/sampling", "../../"), ("notebooks", "../"), ("..", None)])
def test_links_start_where_the_notebook_is(folder, way, monkeypatch):
    monkeypatch.chdir(ROOT / folder)
    told = paragraphs.markdown([("cell", "slovin"), ("data", "frame")], "sampling", "en")
    places = {
        None: ("Slovin (`notebooks/1_sampling.ipynb#cell-id=slovin-en`)",
               "columns of frame (`docs/data-dictionary.md#frame`)"),
        "../": ("[Slovin](#cell-id=slovin-en)",
                "[columns of frame](../docs/data-dictionary.md#frame)")
    }
    linked = (f"[Slovin]({way}notebooks/1_sampling.ipynb#cell-id=slovin-en)",
              f"[columns of frame]({way}docs/data-dictionary.md#frame)")
    assert told == f"**Explained in:** {' · '.join(places.get(way, linked))}"


def test_under_the_build_nothing_is_looked_up_that_a_stage_does_not_declare(tmp_path, monkeypatch):
    tell_run(monkeypatch, tmp_path, reads=["areas", "frame"])
    monkeypatch.setattr(paragraphs.Path, "read_text",
                        lambda *arguments, **options: pytest.fail("a file was read"))
    found = [("cell", "slovin"), ("parameters", "sampling")]
    assert paragraphs.markdown(found, "sampling", "id") == (
        "**Penjelasannya:** [slovin](#cell-id=slovin-id) · "
        "semua parameter (`docs/parameters.md#sampling`)")
    assert paragraphs._resource("responses.csv: row 2") is None
