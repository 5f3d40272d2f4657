"""Lecturer's and student's version of every assignment of the course, from one source.

``course/assignments/<stage>/<stage>.ipynb`` holds the texts in all languages, the solutions and the
hidden tests; the other files of its folder are its data. The lecturer's version is the source in
one language; the student's is what nbgrader's own steps make of it. Both lie in ``course/`` of the
output folder as nbgrader expects a course to lie, with its configuration; beside them the other
material, ``course/<method>/*.ipynb`` in one language, with the data that it shares.
"""

import json
import re
import shutil
from functools import cache
from pathlib import Path

import nbformat
import yaml

from helpers.course import NOTEBOOKS, battery, plan, student_package
from helpers.errors import InputError
from helpers.files import write
from helpers.languages import DEFAULT
from helpers.publish.texts import Texts
from helpers.run.execution.execute import one_language
from helpers.run.products import Products
from helpers.run.project import ROOT, Project

NAME = "course"
MATERIAL = ROOT / "course"
ASSIGNMENTS = MATERIAL / "assignments"
DATA = MATERIAL / "data"
WORDS = MATERIAL / "code.yml"
ANSWERS = "answers"  # of the tasks, for lecturers only
CODE, TEXT = "YOUR CODE HERE", "YOUR ANSWER HERE"
CONFIGURATION = Path(__file__).with_name("nbgrader_config.txt")


def names() -> list[str]:
    """Assignments, by the order of their stages; raises ``InputError`` where there are none."""
    found = [name for name in NOTEBOOKS if (ASSIGNMENTS / name / f"{name}.ipynb").is_file()]
    if not found:
        raise InputError("there are no assignments in course/assignments; students' copies of the "
                         "project are without them")
    return found


def make(project: Project, lang: str) -> int:
    """Write both versions of every assignment, and the material; return how many there are.

    What students handed in, and what nbgrader made of it, lies in the same folder and stays.
    """
    with Products(project, NAME).making() as staging:
        folder = staging / NAME
        for name in names():
            source, given = ASSIGNMENTS / name, lecturers(name, lang)
            _add_goals(given, source / f"{name}.ipynb", lang)
            for version, notebook in (("lecturer", given), ("student", student(given, lang))):
                target = folder / version / name
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.ipynb", ".*"))
                write(target / f"{name}.ipynb", as_text(notebook))
        for path in MATERIAL.glob("*/*.ipynb"):
            notebook = in_language(nbformat.read(path, as_version=4), lang)
            _add_goals(notebook, path, lang)
            own, text = path.relative_to(MATERIAL), as_text(notebook)
            if own.parts[0] == ANSWERS:
                write(folder / own, text.replace("../data/", "../material/data/"))
            else:
                write(folder / "material" / own, text)
        write(folder / plan.FILE, plan.semester_plan())
        # Not the file of known answers, by which the tests check the data.
        shutil.copytree(DATA, folder / "material" / DATA.name,
                        ignore=shutil.ignore_patterns(".*", "*.yml"))
        code, text = stubs(lang)
        configuration = CONFIGURATION.read_text(encoding="utf-8")
        t = Texts(lang, "course")
        readme = t("package.readme", file=student_package.FILE, folder=student_package.NAME)
        write(folder / student_package.FILE, student_package.archive(folder, readme))
        write(folder / "nbgrader_config.py",
              f"{configuration}c.ClearSolutions.code_stub = {code!r}\n"
              f"c.ClearSolutions.text_stub = {text!r}\n")
    return len(names())


def lecturers(name: str, lang: str):
    """Lecturer's version of an assignment: solutions, hidden tests, and seals in the others."""
    folder = ASSIGNMENTS / name
    source = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    return battery.sealed(name, in_language(source, lang), folder)


def _add_goals(notebook, path: Path, lang: str) -> None:
    """Put the learning goals of a notebook of the course below its title."""
    if goals := "\n".join(f"- {goal}" for goal in plan.goals(path, lang)):
        text = f"**{Texts(lang, 'course')('package.goals')}**\n\n{goals}"
        notebook.cells.insert(1, nbformat.v4.new_markdown_cell(text, id="goals"))


def in_language(source, lang: str):
    """Notebook of the course in one language; the source, in all of them, stays as it is."""
    notebook = one_language(nbformat.from_dict(source), lang)
    for cell in notebook.cells:
        del cell.metadata["number"]
        cell.metadata.pop("tags", None)
        if cell.cell_type == "code":
            for english, own in _words(lang).items():
                cell.source = cell.source.replace(english, own)
            cell.source = re.sub(rf'\blang( ?= ?)"{DEFAULT}"', rf'lang\1"{lang}"', cell.source)
    return notebook


@cache
def _words(lang: str) -> dict[str, str]:
    """Words of code cells in a language, by the English ones; those that it lacks stay English."""
    rows = yaml.safe_load(WORDS.read_text(encoding="utf-8")) if WORDS.is_file() else []
    return {row["en"]: row[lang] for row in rows if lang in row}


def stubs(lang: str) -> tuple[dict[str, str], str]:
    """What a student finds in the cell of an exercise: code by programming language, and text."""
    words = _words(lang)
    code = f"# {words.get(CODE, CODE)}\nraise NotImplementedError()"
    return {"python": code}, words.get(TEXT, TEXT)


def student(notebook, lang: str):
    """Lecturer's version without solutions and hidden tests: what nbgrader would hand out."""
    from nbgrader import preprocessors as steps

    code, text = stubs(lang)
    clear = steps.ClearSolutions(code_stub=code, text_stub=text)
    found = nbformat.from_dict(notebook)
    for step in (steps.LockCells(), clear, steps.ClearOutput(), steps.CheckCellMetadata(),
                 steps.ClearHiddenTests(), steps.ClearMarkScheme(), steps.ComputeChecksums(),
                 steps.CheckCellMetadata()):
        found, _ = step.preprocess(found, {})
    return found


def as_text(notebook) -> str:
    """Notebook as the bytes of a file, the same each time."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
