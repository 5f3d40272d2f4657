"""Parameters: the schema refuses what it should, and says what is allowed."""

import json
from pathlib import Path

import pytest

from helpers.study import InputError, parameters

ROOT = Path(__file__).resolve().parents[1]
STAGES = {"sampling": "1_sampling", "scoring": "2_scoring", "disparity": "3_disparity",
          "force_field": "4_force_field", "synthesis": "5_synthesis", "overview": "0_overview"}


@pytest.mark.parametrize("text, message", [
    ("sampling: {margn: 0.1}",
     "there is no parameter 'sampling.margn'; did you mean 'sampling.margin'?"),
    ("smapling: {margin: 0.1}", "there is no parameter 'smapling'; did you mean 'sampling'?"),
    ("sampling: {margin: 5}",
     "'sampling.margin' is 5; allowed is a number above 0 and at most 0.5 (share)"),
    ("sampling: {margin: '0.05'}", "'sampling.margin' is '0.05'; allowed is a number"),
    ("sampling: {method: yamane}", "allowed is one of: slovin, cochran, krejcie_morgan, manual"),
    ("scoring: {classes: 3.5}", "'scoring.classes' is 3.5; allowed is a whole number"),
    ("scoring: {classes: yes}", "'scoring.classes' is True; allowed is a whole number"),
    ("disparity: {map_indicators: idm_index}",
     "'disparity.map_indicators' is 'idm_index'; allowed is a list"),
    ("sampling: 3", "'sampling' is a section with parameters below it, not 3"),
    ("seed: -1", "'seed' is -1; allowed is a whole number at least 0"),
    ("seed: [", "not valid YAML at line 1, column 8"),
    ("seed: 1\nseed: 2", "not valid YAML at line 2, column 1: the name 'seed' stands twice"),
    ("- seed", "must hold names with values such as 'seed: 1', but holds list"),
    ("lang: !!python/object/apply:os.getcwd []", "could not determine a constructor for the tag"),
])
def test_wrong_file_is_refused_in_one_line(tmp_path, text, message):
    file = tmp_path / "mine.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        parameters.load(file)
    assert message in str(caught.value)
    assert str(caught.value).startswith("mine.yml: ") and "\n" not in str(caught.value)


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="none.yml: cannot be read"):
        parameters.load(tmp_path / "none.yml")


def test_file_in_another_encoding(tmp_path):
    (tmp_path / "mine.yml").write_bytes("lang: id # \xe9".encode("latin-1"))
    with pytest.raises(InputError, match="byte 12 is not UTF-8"):
        parameters.load(tmp_path / "mine.yml")


def test_what_a_file_leaves_out_comes_from_the_project(tmp_path):
    (tmp_path / "mine.yml").write_text("sampling: {margin: 0.1}\n", encoding="utf-8")
    mine, own = parameters.load(tmp_path / "mine.yml"), parameters.load()
    assert mine["sampling"]["margin"] == 0.1
    own["sampling"]["margin"] = 0.1
    assert mine == own


def test_command_line_wins_and_is_checked():
    assert parameters.load(overrides={"lang": "en"})["lang"] == "en"
    with pytest.raises(InputError,
                       match="the command line: 'lang' is 'jv'; allowed is one of: id, en"):
        parameters.load(overrides={"lang": "jv"})


def test_every_parameter_is_explained_in_both_languages_and_set():
    values = parameters.load()
    for stage in STAGES:
        for name, rule in parameters.names(stage).items():
            assert rule["unit"] and rule["text_id"] and rule["text_en"]
            assert name in (values if name in parameters.COMMON else values[stage])


@pytest.mark.parametrize("stage, notebook", STAGES.items())
def test_notebook_has_the_same_names_and_defaults(stage, notebook):
    cells = json.loads(
        (ROOT / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1
    import ast
    module = ast.parse("".join(tagged[0]["source"]))
    assert all(isinstance(line, ast.Assign) for line in module.body), "the cell holds literals only"
    found = {line.targets[0].id: ast.literal_eval(line.value) for line in module.body}
    defaults = parameters.load()
    expected = {name: defaults[name] if name in parameters.COMMON else defaults[stage][name]
                for name in parameters.names(stage)}
    assert found == expected


def test_parameter_missing_from_a_notebook_is_named():
    with pytest.raises(InputError, match="parameters of force_field: 'linkage_scope' is not set"):
        parameters.check(
            "force_field",
            {"seed": 1, "lang": "id", "weighting": "joint", "divisor": "n", "aggregate": "mean"})


def test_guide_is_up_to_date():
    from tools.parameter_guide import FILE, guide

    assert FILE.read_text(encoding="utf-8") == guide(), "run: python -m tools.parameter_guide"
