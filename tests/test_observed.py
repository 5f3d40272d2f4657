"""Status of results: observed from what the notebook read, and no word makes it stronger."""

import json

import pytest
from conftest import tell_run

from helpers import publish, study
from helpers.errors import Error
from helpers.messages import translate
from helpers.publish.observed import followed
from helpers.study import parameters


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A notebook of the sampling stage: runs cells, and gives status and origin of a table."""
    tell_run(monkeypatch, tmp_path, out=tmp_path)
    values = parameters.load()["sampling"] | {"seed": 1, "lang": "en", "In": [""]}
    values["st"] = study.open("sampling", values)
    values["out"] = publish.open(values["st"])

    def run(*cells):
        for code in cells:
            values["In"].append(code)
            exec(compile(code, "<cell>", "exec"), values)
        about = json.loads((tmp_path / "tables" / "sample_size.json").read_text(encoding="utf-8"))
        return about["status"], about["made_from"]

    values["In"].append("import pandas as pd")
    exec("import pandas as pd", values)
    return run


SIZES = ("sizes = pd.DataFrame({'method': ['slovin'], 'population': [1], 'margin': [0.05], "
         "'confidence': [0.95], 'n_exact': [1.0], 'n': [len(%s)]})")
SHOW = "out.table('sample_size', sizes)"
SAID = "out.table('sample_size', sizes, made_from=['areas'])"
READS = ("areas = st.table('areas')", "responses = st.table('responses')")


def test_only_what_reaches_a_result_counts(notebook):
    assert notebook(*READS, SIZES % "areas", SHOW) == ("published", ["areas"])
    assert notebook(SIZES % "responses", SHOW) == ("simulated", ["responses"])
    assert notebook(SIZES % "areas", SHOW) == ("published", ["areas"])


@pytest.mark.parametrize("cells", [
    [SIZES % "responses"],
    ["one = responses", "two = [one]", SIZES % "two"],
    ["def count(): return responses", SIZES % "count()"],
    ["kept = {}", "kept['x'] = responses", SIZES % "kept['x']"],
    ["kept = []", "kept.append(responses)", SIZES % "kept"],
    ["kept = []", "def put(a, b): a.append(b)", "put(kept, responses)", SIZES % "kept"],
    ["for part in [responses]:\n    kept = part", SIZES % "kept"],
    ["kept = [one for one in responses]", SIZES % "kept"],
    ["kept = areas", "kept = kept.assign(x=responses.iloc[0, 0])", SIZES % "kept"],
    ["st.kept = responses", SIZES % "st.kept"],
    ["out.remember(hidden=responses)", SIZES % "out.remembered['hidden']"],
    [SIZES % "globals()['responses']"],
    [SIZES % "eval('responses')"],
    ["again = lambda: st.table('responses')", SIZES % "again()"],
])
def test_a_status_cannot_be_made_stronger_by_a_word(notebook, cells):
    assert notebook(*READS, *cells, SHOW)[0] == "simulated"
    with pytest.raises(Error) as stopped:
        notebook(SAID)
    assert translate(stopped.value.message).startswith(
        "what the cell shows as published (made_from=areas) rests on responses, which is simulated")


def test_what_was_invented_is_no_published_number(notebook):
    assert notebook(*READS, SIZES % "'x'", SHOW)[0] == "simulated", "weakest of all that was read"
    assert notebook("out.table('sample_size', sizes, made_from=['illustrative'])") == (
        "illustrative", ["illustrative"])
    with pytest.raises(Error) as stopped:
        notebook("out.table('sample_size', sizes, made_from=['published'])")
    assert "nobody can say so of his own numbers" in translate(stopped.value.message)


def test_names_inside_comprehensions_carry_nothing_out():
    cells = ["", "name = 'a'\nx = [name for name in st.table('r')]", "y = name"]
    assert followed(cells, [((1, 2), "r")], (2, 1)) == set()
