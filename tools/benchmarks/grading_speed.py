"""How long a class of forty takes to grade, beside one plain run of each of its notebooks."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import pandas as pd

from helpers.course import assignments, gradebook, grading
from helpers.course.battery import about
from helpers.languages import DEFAULT
from tools.benchmarks.measuring import as_rows

STAGE = "sampling"
# Kind of notebook: how many of the class, and what its writer put before the first exercise.
CLASS = {"good": (20, ""), "careless": (10, ""), "broken": (5, "import os\nos._exit(0)"),
         "cheating": (5, "class C:\n    number = numbers = same = record = sealed = "
                         "lambda *a, **k: None\ncheck = C()")}
EMPTY = ("cheating",)
WORTH = {"good": (1, 1), "careless": (0.5, 0.9), "broken": (0, 0), "cheating": (0, 0)}  # shares
SECONDS, CPU = 90, 60  # a class on two cores


def measure() -> list[dict]:
    """Grade forty made-up notebooks of an assignment, then run each of them plainly.

    Returns
    -------
    list of dict
        name, value, unit, goal (at most), against.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "class"
        paths = _write(folder)
        with contextlib.redirect_stdout(io.StringIO()):
            wall, spent = _timed(lambda: grading.grade_folder(STAGE, folder, Path(name) / "graded"))
        _compare(Path(name) / "graded" / gradebook.TABLE, paths)
        data = assignments.ASSIGNMENTS / STAGE
        plain = sum(count * _timed(lambda path=paths[kind]: _run(path, data))[1]
                    for kind, (count, _) in CLASS.items())
    count = sum(count for count, _ in CLASS.values())
    number = f"{count} notebooks of '{STAGE}'"
    return as_rows([
        ("grading a class", wall, "s", SECONDS, f"{number}, on {os.cpu_count()} processors"),
        ("processor time of grading a class", spent, "s", CPU, number),
        ("grading over running", spent / plain, "", 1,
         f"each notebook by itself, {plain:.1f} s; one of each kind was run"),
    ])


def _compare(table: Path, paths: dict[str, Path]) -> None:
    """Raise RuntimeError where a kind of notebook got other points than it is worth."""
    points = pd.read_csv(table, index_col="student")["points"]
    most = points["(maximum)"]
    for kind, path in paths.items():
        got = points[path.stem] / most
        if not WORTH[kind][0] <= got <= WORTH[kind][1]:
            raise RuntimeError(f"the notebook of kind '{kind}' got {got:.0%} of the points")


def _write(folder: Path) -> dict[str, Path]:
    """Write a class, in which each student has a number of their own; one notebook of each kind."""
    given = assignments.lecturers(STAGE, DEFAULT)
    empty = assignments.student(given, DEFAULT)
    folder.mkdir()
    found, number = {}, 2_100_000
    for kind, (count, first) in CLASS.items():
        for _ in range(count):
            notebook = nbformat.from_dict(empty if kind in EMPTY else given)
            places = [number for number, cell in enumerate(notebook.cells)
                      if about(cell).get("solution")]
            if kind == "careless":
                cell = notebook.cells[places[0]]
                cell.source = cell.source.replace("population", "popluation", 1)
            number += 1
            own = next(cell for cell in notebook.cells if cell.id == "parameters")
            own.source = own.source.replace('student = ""', f'student = "{number}"')
            notebook.cells.insert(places[0], nbformat.v4.new_code_cell(first))
            found[kind] = folder / f"{number}.ipynb"
            found[kind].write_text(assignments.as_text(notebook), encoding="utf-8")
    return found


def _run(path: Path, data: Path) -> None:
    subprocess.run([sys.executable, "-m", "IPython", "--colors=NoColor", str(path)], cwd=data,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                   env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                                     "OPENBLAS_NUM_THREADS": "1"})


def _timed(work) -> tuple[float, float]:
    """Seconds of the clock, and of all processors for this process and those that it started."""
    start, before = time.perf_counter(), os.times()
    work()
    after = os.times()
    return time.perf_counter() - start, sum(after[:4]) - sum(before[:4])
