"""Tests of an assignment in two halves: calls of the student's functions, and what each must give.

The first half goes to the student's process and holds no answer; the second stays with the grader.
"""

import ast
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from helpers.course.checks import Checks
from helpers.errors import Error

ANSWER = "_answer_"


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
    """Code of each test with the answers alone, and the names that those rest on.

    Backwards, as a name that only the wanted values rest on would give them away.
    """
    asked = {name: [] for name in tests}
    statements = [(name, line) for name, test in tests.items() for line in test.body]
    number, alive = sum(_call(line) is not None for _, line in statements), set()
    for name, line in reversed(statements):
        call = _call(line)
        if call is not None:
            number -= 1
            kept = f"{ANSWER}({number}, {ast.unparse(call.args[1])})"
            alive |= _read(call.args[1])
        elif alive & {node.id for target in line.targets for node in ast.walk(target)
                      if isinstance(node, ast.Name)}:
            kept = ast.unparse(line)
            alive |= _read(line.value)
        else:
            continue
        asked[name].insert(0, kept)
    return {name: "\n".join(lines) for name, lines in asked.items()}


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
