"""Grading without a gradebook: a folder of notebooks that students handed in becomes a table of
points.

    python -m helpers grade sampling FOLDER

In FOLDER lie ``ani.ipynb``, ``budi.ipynb``, ... or a folder for each student, as nbgrader and
learning platforms leave them. The tests of a notebook are replaced by those of the assignment,
hidden ones included, and all cells are run. ``FOLDER-graded`` gets ``grades.csv`` and every
notebook as it ran. Students' code runs with your rights.
"""

import os
import shutil
import tempfile
from pathlib import Path

import nbformat
import pandas as pd

from helpers.argument_parser import Parser
from helpers.course import assignments
from helpers.errors import InputError, report_input_errors
from helpers.files import write
from helpers.languages import DEFAULT
from helpers.messages import say
from helpers.run.project import Project

TABLE = "grades.csv"
STUB = "YOUR ANSWER HERE"
PATIENCE = 120


@report_input_errors()
def main(arguments: list[str]) -> int:
    """Grade a folder; return the exit status: 0 done, 2 wrong input."""
    parser = Parser(__doc__, prog="python -m helpers grade")
    parser.add_argument("assignment", choices=assignments.names())
    parser.add_argument("folder", type=Path,
                        help="where the notebooks lie; the results go to FOLDER-graded")
    given = parser.parse_args(["--help"] if arguments == ["help"] else arguments)
    folder = given.folder.resolve()
    if not folder.is_dir():
        raise InputError("there is no folder {folder}", folder=given.folder)
    results = folder.with_name(f"{folder.name}-graded")
    table = grade_folder(given.assignment, folder, results)
    place = Project().shown(results / TABLE)
    say("grade: {notebooks} notebooks; points in {place}, each notebook as it ran beside it",
        notebooks=len(table), place=place)
    return 0


def grade_folder(assignment: str, folder: Path, results: Path) -> pd.DataFrame:
    """Grade every notebook of an assignment below a folder, and write the results.

    The table has ``student``, one column an exercise, ``points`` (their sum), and ``to_grade``: the
    points that a person still has to give, for written answers.
    """
    source = assignments.ASSIGNMENTS / assignment
    given = assignments.in_language(_read(source / f"{assignment}.ipynb"), DEFAULT)
    notebooks = {path: _read(path) for path in sorted(folder.rglob("*.ipynb"))
                 if ".ipynb_checkpoints" not in path.parts}
    handed_in = {path: notebook for path, notebook in notebooks.items()
                 if _belongs(notebook, given)}
    if not handed_in:
        raise InputError("no notebook in {folder} belongs to the assignment '{assignment}'",
                         folder=folder.name, assignment=assignment)
    rows: dict[str, dict] = {}
    for path, notebook in handed_in.items():
        student = path.stem if path.parent == folder else path.relative_to(folder).parts[0]
        if student in rows:
            raise InputError("{student} handed in two notebooks of '{assignment}'; leave one of "
                             "them", student=student, assignment=assignment)
        graded = with_tests(notebook, given)
        run(graded, source)
        write(results / f"{student}.ipynb", assignments.as_text(graded))
        rows[student] = points(graded)
        say("{student}: {points} points, {to_grade} still to be given by hand", student=student,
            points=rows[student]["points"], to_grade=rows[student]["to_grade"])
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("student").reset_index()
    write(results / TABLE, table.to_csv(index=False))
    return table


def with_tests(handed_in, given):
    """Student's notebook with the tests of the lecturer's version, changed or removed ones too."""
    graded = nbformat.from_dict(handed_in)
    own = {name: cell for cell in graded.cells if (name := _name(cell))}
    for cell in given.cells:
        name = _name(cell)
        if name in own:
            own[name].metadata["nbgrader"] = _about(cell)
            if _about(cell)["locked"]:
                own[name].source = cell.source
        elif _about(cell).get("grade"):
            graded.cells.append(cell if _about(cell)["locked"] else cell | {"source": STUB})
    return graded


def run(notebook, data: Path) -> None:
    """Run a notebook beside a copy of its data; a cell that fails does not stop the others."""
    from nbclient import NotebookClient
    from traitlets.config import Config

    late = {"status": "error", "ename": "Timeout", "evalue": f"longer than {PATIENCE} s",
            "traceback": []}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(data, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.ipynb"))
        # Sockets of files belong to whoever grades; the default is open to everyone here.
        sockets = {"transport": "ipc", "ip": f"{folder}/k"} if os.name == "posix" else {}
        NotebookClient(notebook, timeout=PATIENCE, interrupt_on_timeout=True, error_on_timeout=late,
                       allow_errors=True, kernel_name="python3",
                       config=Config(KernelManager=sockets),
                       resources={"metadata": {"path": folder}}).execute()


def points(notebook) -> dict[str, float]:
    """Points of every exercise of a notebook that was run, their sum, and what is left to a person.

    Examples
    --------
    >>> test = {"grade": True, "solution": False, "points": 2, "grade_id": "slovin-test"}
    >>> cell = nbformat.v4.new_code_cell("check", metadata={"nbgrader": test})
    >>> points(nbformat.v4.new_notebook(cells=[cell]))
    {'slovin': 2, 'points': 2, 'to_grade': 0}
    """
    found, left = {}, 0
    for cell in notebook.cells:
        about = _about(cell)
        if not about.get("grade"):
            continue
        if about["solution"]:
            left += about["points"] if cell.source.strip() not in ("", STUB) else 0
        else:
            found[about["grade_id"].removesuffix("-test")] = 0 if _failed(cell) else about["points"]
    return found | {"points": sum(found.values()), "to_grade": left}


def _failed(cell) -> bool:
    return any(output.output_type == "error" or output.get("name") == "stderr"
               for output in cell.outputs)


def _read(path: Path):
    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:
        raise InputError("{path} is no notebook that can be read: {error}", path=path.name,
                         error=error) from None


def _belongs(notebook, given) -> bool:
    # Assignments share some names of exercises; more than half of them are those of one only.
    wanted = {_name(cell) for cell in given.cells if _about(cell).get("solution")}
    return 2 * len(wanted & {_name(cell) for cell in notebook.cells}) > len(wanted)


def _about(cell) -> dict:
    return cell.metadata.get("nbgrader", {})


def _name(cell) -> str | None:
    return _about(cell).get("grade_id")
