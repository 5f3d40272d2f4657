"""The course, graded: a lecturer's and a student's version of every assignment, from one source.

``course/assignments/<stage>/<stage>.ipynb`` holds the texts in both languages, the solutions and
the hidden tests; the other files of its folder are its data. The lecturer's version is the source
in one language; the student's is what ``nbgrader generate_assignment`` makes of it, by nbgrader's
own steps. Both lie in ``course/`` of the output folder as nbgrader expects a course to lie, with
its configuration, so that its commands work there as they are. Beside them lies the other material,
``course/<method>/*.ipynb`` in one language, with the data that it shares.
"""

import json
import re
import shutil

import nbformat

from helpers.errors import InputError
from helpers.files import write
from helpers.languages import DEFAULT
from helpers.run.execution.execute import one_language
from helpers.run.products import Products
from helpers.run.project import ROOT, Project

NAME = "course"
MATERIAL = ROOT / "course"
ASSIGNMENTS = MATERIAL / "assignments"
DATA = MATERIAL / "data"
CONFIGURATION = """# nbgrader's settings. Call nbgrader in this folder:
#   nbgrader generate_assignment sampling --force   student/sampling, and the points in gradebook.db
#   nbgrader autograde sampling                     grades submitted/STUDENT/sampling
#   nbgrader export                                 grades.csv
import os
import sys

from nbconvert import HTMLExporter

from helpers.documents.site import notebook

# nbgrader calls a program of its environment by its bare name, also where nobody activated the environment.
os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])

c = get_config()
c.CourseDirectory.course_id = "kesenjangan"
c.CourseDirectory.source_directory = "lecturer"
c.CourseDirectory.release_directory = "student"
c.Execute.timeout = 120
# Feedback is read with the network cut, too: its formulas are MathML and wait for no script from elsewhere.
c.HTMLExporter.filters = {"markdown2html": notebook.exporter_of(HTMLExporter, "lab", notebook.HERE).render}
"""


def names() -> list[str]:
    """Assignments, by the order of their stages.

    Raises
    ------
    InputError
        When there are none.
    """
    from helpers.course import NOTEBOOKS

    found = [name for name in NOTEBOOKS if (ASSIGNMENTS / name / f"{name}.ipynb").is_file()]
    if not found:
        raise InputError("there are no assignments in course/assignments; students' copies of the "
                         "project are without them")
    return found


def make(project: Project, lang: str) -> int:
    """Write both versions of every assignment, and the material, in one language.

    What students handed in, and what nbgrader made of it, lies in the same folder and stays.

    Parameters
    ----------
    project : Project
    lang : str

    Returns
    -------
    int
        How many assignments there are.
    """
    products = Products(project, NAME)
    try:
        folder = products.start() / NAME
        for name in names():
            source = ASSIGNMENTS / name
            given = in_language(nbformat.read(source / f"{name}.ipynb", as_version=4), lang)
            for version, notebook in (("lecturer", given), ("student", student(given))):
                target = folder / version / name
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.ipynb", ".*"))
                write(target / f"{name}.ipynb", as_text(notebook))
        for path in MATERIAL.glob("*/*.ipynb"):
            notebook = in_language(nbformat.read(path, as_version=4), lang)
            write(folder / "material" / path.relative_to(MATERIAL), as_text(notebook))
        # Not the file of known answers, by which the tests check the data.
        shutil.copytree(DATA, folder / "material" / DATA.name,
                        ignore=shutil.ignore_patterns(".*", "*.yml"))
        write(folder / "nbgrader_config.py", CONFIGURATION)
        products.accept()
    finally:
        products.discard()
    return len(names())


def in_language(source, lang: str):
    """Notebook of the course in one language; an assignment still has its solutions and hidden
    tests.

    Parameters
    ----------
    source : NotebookNode
        With the texts in both languages; it is left as it is.
    lang : str
    """
    notebook = one_language(nbformat.from_dict(source), lang)
    for cell in notebook.cells:
        del cell.metadata["number"]
        cell.metadata.pop("tags", None)
        if cell.cell_type == "code":
            cell.source = re.sub(rf'\blang( ?= ?)"{DEFAULT}"', rf'lang\1"{lang}"', cell.source)
    return notebook


def student(notebook):
    """Assignment without solutions and hidden tests: what nbgrader would hand out.

    Parameters
    ----------
    notebook : NotebookNode
        A lecturer's version; it is left as it is.
    """
    from nbgrader import preprocessors as steps

    found = nbformat.from_dict(notebook)
    for step in (steps.LockCells, steps.ClearSolutions, steps.ClearOutput, steps.CheckCellMetadata,
                 steps.ClearHiddenTests, steps.ClearMarkScheme, steps.ComputeChecksums,
                 steps.CheckCellMetadata):
        found, _ = step().preprocess(found, {})
    return found


def as_text(notebook) -> str:
    """Notebook as the bytes of a file, the same each time."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
