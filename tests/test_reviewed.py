"""What readings of the first version found is held by tests that are there (`reviewed.yml`)."""

import ast
from functools import cache

import pytest
import yaml
from conftest import ROOT

REVIEWED = yaml.safe_load((ROOT / "tests" / "reviewed.yml").read_text(encoding="utf-8"))
FULL = "verify"


@cache
def names(module: str) -> set[str]:
    """Tests of a module."""
    text = (ROOT / "tests" / f"test_{module}.py").read_text(encoding="utf-8")
    return {node.name.removeprefix("test_") for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def parts_of_full() -> set[str]:
    """Modules of ``tools/checks`` that ``make verify FULL=1`` calls."""
    names = [node for node in ast.walk(ast.parse(
        (ROOT / "tools" / "checks" / "full.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "run"]
    return {node.value.id for node in names if isinstance(node.value, ast.Name)}


def test_no_finding_is_left_out():
    wanted = [f"A{number}" for number in range(1, 39)] + [f"R{number}" for number in range(1, 14)]
    assert [*REVIEWED] == wanted


@pytest.mark.parametrize("finding", REVIEWED)
def test_a_finding_is_held_by_tests_that_are_there(finding):
    about = REVIEWED[finding]
    assert about["found"] and about["held"]
    for name in about["held"]:
        module, test = name.split(".")
        assert test in names(module) or (module == FULL and test in parts_of_full()), name
