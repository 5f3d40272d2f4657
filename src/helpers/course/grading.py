"""Grading without a gradebook: a folder of notebooks that students handed in becomes a table of
points.

    python3 src/helpers grade sampling FOLDER

In FOLDER lie ``ani.ipynb``, ``budi.ipynb``, ... or a folder for each student, as nbgrader and
learning platforms leave them. Locked cells are restored, the student's functions are called in a
process of their own, and their answers judged here, from data. ``FOLDER-graded`` gets
``grades.csv``, every notebook as it ran, the written answers on one page, and tables for Moodle and
Canvas. Points filled into ``essays.csv`` are read by the next call.
"""

import contextlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pandas as pd

from helpers.argument_parser import Parser
from helpers.course import assignments, gradebook, sandbox
from helpers.course.battery import Battery, about, battery, imported
from helpers.course.checks import Checks, Wrong, seed
from helpers.course.gradebook import Result
from helpers.course.outcomes import Outcome, from_data
from helpers.course.submissions import (
    Restored,
    Submission,
    collect,
    language_of,
    restored,
    settings,
)
from helpers.errors import InputError, report_input_errors
from helpers.files import write
from helpers.languages import DEFAULT, languages
from helpers.messages import Message, joined, say, translate
from helpers.publish.texts import Texts
from helpers.run.project import Project

ENDS = {"late": Message("a cell or an answer took longer than {seconds} s and did not stop; the "
                        "rest was not run", seconds=sandbox.SECONDS),
        "ended": Message("the notebook ended itself (exit?); the rest was not run"),
        "too_much": Message("its results are larger than {size} MB; the rest was not run",
                            size=sandbox.MOST >> 20)}


@report_input_errors()
def main(arguments: list[str]) -> int:
    """Grade a folder; return the exit status: 0 done, 2 wrong input."""
    parser = Parser(__doc__, prog="python3 src/helpers grade")
    parser.add_argument("assignment", choices=assignments.names())
    parser.add_argument("folder", type=Path,
                        help="where the notebooks lie; the results go to FOLDER-graded")
    given = parser.parse_args(["--help"] if arguments == ["help"] else arguments)
    folder = given.folder.resolve()
    if not folder.is_dir():
        raise InputError("there is no folder {folder}", folder=given.folder)
    results = folder.with_name(f"{folder.name}-graded")
    table = grade_folder(given.assignment, folder, results)
    place = Project().shown(results / gradebook.TABLE)
    graded = int(table["points"].iloc[1:].notna().sum())
    say("grade: {graded} of {students} students graded; points in {place}, each notebook as it ran "
        "and the written answers beside it", graded=graded, students=len(table) - 1, place=place)
    return 0


def grade_folder(assignment: str, folder: Path, results: Path) -> pd.DataFrame:
    """Grade every notebook of an assignment below a folder, write the results, return the table of
    `helpers.course.gradebook.table_of`."""
    source = assignments.ASSIGNMENTS / assignment
    given = {lang: assignments.lecturers(assignment, lang) for lang in languages()}
    most, written = _most(given[DEFAULT])
    by_hand = gradebook.given_points(results, written)
    found, said = collect(folder, given[DEFAULT])
    for line in said:
        say(line)
    if not found:
        raise InputError("no notebook in {folder} belongs to the assignment '{assignment}'",
                         folder=folder.name, assignment=assignment)
    numbers = {one.student: settings(one.notebook).get("student", "") if one.notebook else ""
               for one in found}
    tests, graded = {number: battery(given[DEFAULT], source, number)
                     for number in numbers.values()}, []
    with sandbox.Sandbox(imported(given[DEFAULT])) as box, \
            ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        if not box.walled:
            say("grade: this machine cannot wall students' code off; it runs in a folder of its "
                "own, but with your rights: use an account of its own, or a container")
        runs = [pool.submit(_run, one, given, tests[numbers[one.student]], source,
                            numbers[one.student], box) for one in found]
        for number, (one, run) in enumerate(zip(found, runs, strict=True), start=1):
            try:
                result = _judged(assignment, one, run.result(), tests[numbers[one.student]], most,
                                 results)
            except Exception as error:
                # Whatever one hands in, the others are graded.
                told = " ".join(f"{type(error).__name__}: {error}".split())[:120]
                result = Result(one.student, one.identifier, remark=translate(
                    Message("could not be graded ({error})", error=told)))
            result.number = numbers[one.student]
            graded.append(result)
            say("grade: {number} of {all}: {student}: {points}", number=number, all=len(found),
                student=one.student, points=Message("{points} points",
                                                    points=sum(result.points.values()))
                if result.points else result.remark)
    _name_twins(graded)
    table = gradebook.table_of(graded, most, written, by_hand)
    gradebook.write_tables(results, graded, table, assignment, by_hand)
    lang = next((language_of(one.notebook) for one in found if one.notebook), None)
    write(results / gradebook.PAGE, gradebook.essay_page(
        graded, _rubric(given[lang or DEFAULT]), Texts(lang or DEFAULT, "course")))
    return table


def _name_twins(graded: list[Result]) -> None:
    """Remark on students who give one student number, so the same own numbers."""
    for one in graded:
        twins = [other.student for other in graded if other is not one and one.number
                 and seed(other.number) == seed(one.number)]
        if twins:
            said = translate(Message("has the student number of {others} too",
                                     others=", ".join(twins)))
            one.remark = f"{one.remark}; {said}" if one.remark else said


def _most(given) -> tuple[dict[str, int], int]:
    """Points of each exercise, and of the written answers."""
    graded = [about(cell) for cell in given.cells if about(cell).get("grade")]
    return ({_exercise(one["grade_id"]): one["points"] for one in graded if not one["solution"]},
            sum(one["points"] for one in graded if one["solution"]))


def _exercise(test: str) -> str:
    return test.removesuffix("-test")


def _rubric(given) -> str:
    from nbconvert.filters import markdown2html

    places = [number for number, cell in enumerate(given.cells)
              if about(cell).get("grade") and about(cell).get("solution")]
    return "".join(markdown2html(given.cells[number - 1].source) for number in places)


def _run(one: Submission, given: dict, tests: Battery, data: Path, number: str,
         box: sandbox.Sandbox) -> tuple[str, Restored, list[dict], str] | None:
    """Language, notebook in order, what its process told, and how that ended."""
    if one.notebook is None:
        return None
    lang = language_of(one.notebook) or DEFAULT
    found = restored(one.notebook, given[lang])
    steps = []
    for place, cell in enumerate(found.cells):
        name = about(cell).get("grade_id")
        if cell.get("id") == "parameters":
            cell.source += f"\nstudent = {number!r}"
        if cell.cell_type == "code":
            steps.append({"test": name, "source": tests.asked[name]} if name in tests.asked
                         else {"cell": place, "source": cell.source})
    first = f"lang = {lang!r}\nstudent = {number!r}\n"
    plan = {"set_up": first + tests.set_up, "names": tests.names, "steps": steps}
    return lang, found, *box.run(plan, data)


def _judged(stage: str, one: Submission, run, tests: Battery, most: dict[str, int],
            results: Path) -> Result:
    """Points of one student; the notebook as it ran is written."""
    if run is None:
        return Result(one.student, one.identifier, remark=translate(one.reason))
    lang, found, told, end = run
    outcomes = {line["answer"]: line["outcome"] for line in told if "answer" in line}
    passed, noted, said = {name: [] for name in tests.asked}, {}, {}
    late = end == "late"
    for number, check in enumerate(tests.checks):
        outcome, here = _outcome(outcomes.get(number)), io.StringIO()
        if outcome is None:
            outcome, late = Outcome(trouble="late" if late else "lost"), False
        checks = Checks(stage, Texts(lang, "course"), lambda _, known=outcome: known)
        with contextlib.redirect_stdout(here):
            try:
                check.judge(checks)
                right = True
            except Wrong as wrong:
                right = False
                print(wrong)
        if check.kind == "record":
            noted[check.test] = right
        else:
            passed[check.test].append(right)
        said.setdefault(check.test, []).append(here.getvalue())
    points = {_exercise(name): most[_exercise(name)] * sum(right) // len(right)
              * noted.get(name, True) for name, right in passed.items()}
    for name in passed:
        said[name].append(Texts(lang, "course")("check.points", points=points[_exercise(name)],
                                                most=most[_exercise(name)]) + "\n")
    outputs = {line["cell"]: line["outputs"] for line in told if "cell" in line}
    write(results / f"{one.student}.ipynb", assignments.as_text(_as_it_ran(found, outputs, said)))
    remarks = [*([one.reason] if one.reason else []), *found.remarks,
               *([ENDS[end]] if end in ENDS else [])]
    return Result(one.student, one.identifier, points, found.essay,
                  translate(joined(remarks, "; ")) if remarks else "")


def _outcome(data) -> Outcome | None:
    """Outcome that a process told; None where what it told is none."""
    try:
        return from_data(data)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError, OverflowError):
        return None


def _as_it_ran(found: Restored, outputs: dict, said: dict[str, list[str]]):
    """Notebook with the outputs of its cells, and below each test what the checks say."""
    notebook = nbformat.v4.new_notebook(cells=found.cells)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        if cell.cell_type == "code":
            # Once, however many checks say the same.
            text = "".join(dict.fromkeys(said.get(about(cell).get("grade_id"), [])))
            told = [{"output_type": "stream", "name": "stdout", "text": text}] if text else \
                outputs.get(number, [])
            cell.execution_count = None
            cell.outputs = [nbformat.from_dict(one) for one in told if isinstance(one, dict)
                            and one.get("text", True)]
    return notebook
