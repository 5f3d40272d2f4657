"""The worked examples of docs/own-questionnaire.md: what they say is what happens."""

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT

from helpers.errors import InputError
from helpers.intake import imports
from helpers.messages import Message, translate
from helpers.study.package import Package
from tools.data import questionnaires

DOCUMENT = (ROOT / "docs" / "own-questionnaire.md").read_text(encoding="utf-8")
SECTIONS = dict(zip(("en", "id"), re.split(r"(?m)^## ", DOCUMENT)[1:], strict=True))
BLOCKS = re.compile(r"```sh\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
EXAMPLES = [[(shlex.split(commands.split("\n")[0])[3:], lines.strip().split("\n"))
             for commands, lines in BLOCKS.findall(section)] for section in SECTIONS.values()]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("questionnaires")
    questionnaires.main([str(folder / "forms")])
    return folder


@pytest.mark.parametrize(("english", "indonesian"), [*zip(*EXAMPLES, strict=True)])
def test_an_example_says_what_the_document_says(files, monkeypatch, tmp_path, english, indonesian):
    monkeypatch.chdir(files)
    arguments, lines = english
    assert indonesian[0] == arguments
    try:
        said, _ = imports.import_file(*imports.parse([*arguments, f"to={tmp_path / 'made'}"]))
        check_answers(arguments[0], Package(tmp_path / "made").table("responses"), files)
    except InputError as error:
        said = [Message("error: {error}", error=error.message)]
    for lang, wanted in zip(SECTIONS, (lines, indonesian[1]), strict=True):
        told = [translate(line, lang) for line in said]
        assert [line for line in wanted if line not in told] == []
        assert len(said) > 1 or told == wanted


def check_answers(name: str, found: pd.DataFrame, files) -> None:
    """Compare all cells with the answers that the file was made from."""
    if name == "forms/stata.dta":
        keys, given = questionnaires.MOOD, pd.read_stata(files / name, convert_categoricals=False)
    else:
        given, keys = questionnaires.table(), list(questionnaires.items()["item"])
        if name == "forms/kobo.xlsx":
            given = given.drop(index=[7, 8, 9]).reset_index(drop=True)
        assert found["code"].tolist() == given["code"].tolist()
        assert found["business_type"].tolist() == given["business_type"].tolist()
    pd.testing.assert_frame_equal(found[keys].astype("Float64"), given[keys].astype("Float64"),
                                  check_names=False)
    assert given[keys].isna().any(axis=None)


def test_the_examples_show_five_programs():
    assert {Path(arguments[0]).stem for arguments, _ in EXAMPLES[0]} == set(
        questionnaires.EXAMPLES)
