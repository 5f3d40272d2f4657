"""Tests of an assignment in two halves: calls of the student's functions, and what each must give.

The first half goes to the student's process and holds no answer; the second stays with the grader.
"""

import ast
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import nbformat

from helpers.course.checks import Checks, seal
from helpers.errors import Error

ANSWER = "_answer_"
HIDDEN = "### BEGIN HIDDEN TESTS"


@dataclass(frozen=True)
class Check:
    """One check: its test, and the call of `Checks` without the answer."""

    test: str
    kind: str
    exercise: str
    wanted: tuple
    mistakes: dict

    def judge(self, checks: Checks) -> None:
        """Judge what ``checks`` runs as the answer; raises `Wrong`."""
        getattr(checks, self.kind)(self.exercise, lambda: None, *self.wanted, **self.mistakes)


@dataclass(frozen=True)
class Battery:
    """Tests of an assignment.

    Attributes
    ----------
    set_up : str
        Code of the locked cell that opens data.
    asked : dict
        Test to the code that calls the student's functions; number of a check as first argument.
    names : tuple of str
        What the student defines; all other names are the tests' own.
    checks : tuple of Check
        In the order of their numbers.
    """

    set_up: str
    asked: dict[str, str]
    names: tuple[str, ...]
    checks: tuple[Check, ...]


def about(cell) -> dict:
    """nbgrader's entry of a cell."""
    return cell.metadata.get("nbgrader") or {}


def battery(notebook, folder: Path, student: str = "") -> Battery:
    """Battery of the lecturer's version of an assignment; its data lie in ``folder``, and own
    numbers come from the student number.

    Raises ValueError where a test does more than assign names and call checks.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    set_up = "\n".join(cell.source for cell in cells
                       if about(cell).get("locked") and not about(cell).get("grade"))
    solutions = [cell.source for cell in cells if about(cell).get("solution")]
    tests = {about(cell)["grade_id"]: ast.parse(cell.source) for cell in cells if _is_test(cell)}
    parameters = next(cell.source for cell in cells if cell.id == "parameters")
    parameters += f"\nstudent = {student!r}"
    return Battery(set_up, _asked(tests), defined(solutions),
                   tuple(_wanted([parameters, set_up, *solutions], tests, folder)))


def _is_test(cell) -> bool:
    return bool(about(cell).get("grade") and not about(cell).get("solution"))


def defined(sources: list[str]) -> tuple[str, ...]:
    """Names that cells define at their top level."""
    found = []
    for node in (node for source in sources for node in ast.parse(source).body):
        found += [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else [
            name.id for name in ast.walk(node)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)]
    return tuple(dict.fromkeys(found))


def imported(notebook) -> list[str]:
    """Imports at the top level of the code cells."""
    return [ast.unparse(node) for cell in notebook.cells if cell.cell_type == "code"
            for node in ast.parse(cell.source).body
            if isinstance(node, ast.Import | ast.ImportFrom)]


def _call(statement: ast.stmt) -> ast.Call | None:
    """Call of a check that a statement is; None of an assignment."""
    if isinstance(statement, ast.Assign):
        return None
    call = getattr(statement, "value", None)
    if not (isinstance(statement, ast.Expr) and isinstance(call, ast.Call) and len(call.args) > 1
            and isinstance(call.func, ast.Attribute) and isinstance(call.args[1], ast.Lambda)):
        raise Error("a test assigns names or calls a check with the answer as a lambda; found: "
                    "{line}", line=ast.unparse(statement))
    return call


def _asked(tests: dict[str, ast.Module]) -> dict[str, str]:
    """Code of each test with the answers alone, and the names that those rest on."""
    asked, number = {name: [] for name in tests}, 0
    for name, line, needed in _needed(tests):
        if (call := _call(line)) is not None:
            asked[name].append(f"{ANSWER}({number}, {ast.unparse(call.args[1])})")
            number += 1
        elif needed:
            asked[name].append(ast.unparse(line))
    return {name: "\n".join(lines) for name, lines in asked.items()}


def _needed(tests: dict[str, ast.Module]) -> list[tuple[str, ast.stmt, bool]]:
    """Test and statement, and whether an answer rests on it.

    Backwards, as a name that only the wanted values rest on would give them away.
    """
    found, alive = [], set()
    for name, line in reversed([(name, line) for name, test in tests.items()
                                for line in test.body]):
        call = _call(line)
        rests = call.args[1] if call is not None else line.value
        needed = call is not None or bool(alive & {
            node.id for target in line.targets for node in ast.walk(target)
            if isinstance(node, ast.Name)})
        alive |= _read(rests) if needed else set()
        found.append((name, line, needed))
    return found[::-1]


def sealed(stage: str, notebook, folder: Path):
    """Lecturer's version in which the tests that students see know the answers by their seals
    (`helpers.course.checks.seal`); names that only the answers rest on are hidden too."""
    found = nbformat.from_dict(notebook)
    cells = {about(cell)["grade_id"]: cell for cell in found.cells if _is_test(cell)}
    seen = {name: ast.parse(cell.source.split(HIDDEN)[0]) for name, cell in cells.items()}
    every = battery(notebook, folder).checks
    checks = iter(every)
    kept = {name: ([], []) for name in cells}
    for name, line, needed in _needed(seen):
        source = ast.get_source_segment(cells[name].source, line)
        if (call := _call(line)) is not None:
            check = next(one for one in checks if one.test == name)
            if check.kind != "record":
                beside = [value for one in every
                          if one.kind == "same" and one.exercise == check.exercise
                          for value in (one.wanted[0], *one.mistakes.values())]
                mark = seal(stage, check.kind, *check.wanted, beside=beside, **check.mistakes)
                asked = [ast.get_source_segment(cells[name].source, one) for one in call.args[:2]]
                source = f"check.sealed({', '.join(asked)},\n{_in_lines(mark)})"
        kept[name][not needed].append(source)
    for name, cell in cells.items():
        shown, hidden = kept[name]
        cell.source = "\n".join([*shown, HIDDEN, *hidden]) + cell.source.partition(HIDDEN)[2]
    return found


def _in_lines(text: str) -> str:
    return "\n".join(f'{" " * 13}"{text[place:place + 80]}"' for place in range(0, len(text), 80))


def _read(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


class _Collector:
    """Stand-in for `Checks` that notes what a test wants."""

    def __init__(self):
        self.test, self.found = "", []

    def __getattr__(self, kind: str):
        def check(exercise, _answer, *wanted, **mistakes):
            self.found.append(Check(self.test, kind, exercise, wanted, mistakes))
        return check


def _wanted(code: list[str], tests: dict[str, ast.Module], folder: Path) -> list[Check]:
    names, collector, here = {}, _Collector(), os.getcwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(None):
            for source in code:
                exec(compile(source, "<lecturer>", "exec"), names)
            names["check"] = collector
            for collector.test, test in tests.items():
                exec(compile(test, f"<{collector.test}>", "exec"), names)
    finally:
        os.chdir(here)
    return collector.found
