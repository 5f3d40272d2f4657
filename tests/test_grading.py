"""Grading a class: each student gets what is due, whatever the others handed in."""

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import assignments
import nbformat
import pandas as pd
import pytest

from helpers import course, messages
from helpers.cli import commands
from helpers.course import battery, gradebook, grading, outcomes, sandbox, submissions
from helpers.course.assignments import ASSIGNMENTS
from helpers.publish.texts import Texts
from tools.benchmarks import grading_speed

STAGE = "sampling"
EXERCISES = {"slovin": 2, "people": 2, "quota": 2, "allocate": 3, "weight": 2, "margin": 3,
             "difference": 2, "draw": 2}
RIGHT, WRITTEN = sum(EXERCISES.values()), 4
GOOD = "return population / (1 + population * margin**2)"
# Without end, and without work: a core of the machine is for the other tests.
ENDLESS = "import time\n    while True: time.sleep(0.01)"
HANGS = ("import signal, time\n    signal.setitimer(signal.ITIMER_REAL, 0)\n    while True:\n"
         "        try:\n            time.sleep(0.01)\n        except:\n            pass")
ALWAYS = ("class Same:\n    def __eq__(self, other): return True\n"
          "    def __float__(self): return 86.3388\n")


def code(source, **metadata):
    return nbformat.v4.new_code_cell(source, metadata=metadata)


def handed_in(slovin=None, **how):
    """A right notebook, its first exercise written otherwise."""
    notebook = assignments.submission(STAGE, "en", **how)
    cells = {cell.id.removesuffix("-en"): cell for cell in notebook.cells}
    if slovin is not None:
        cells["slovin"].source = f"def slovin(population, margin):\n    {slovin}"
    return notebook, cells


def changed(change, **how):
    notebook, cells = handed_in(**how)
    change(notebook, cells)
    return notebook


def set_source(name, source):
    return lambda notebook, cells: cells[name].update(source=source)


def add(place, *new):
    def change(notebook, cells):
        notebook.cells[place:place] = new
    return change


def without_metadata(notebook, cells):
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = nbformat.from_dict({}), f"c{number}"


def as_text(name):
    def change(notebook, cells):
        cell = cells[name]
        cell.cell_type = "markdown"
        for key in ("outputs", "execution_count"):
            cell.pop(key)
    return change


def set_up_last(notebook, cells):
    notebook.cells.remove(cells["set-up"])
    notebook.cells.append(cells["set-up"])


def copied(name):
    def change(notebook, cells):
        notebook.cells.append(nbformat.from_dict(dict(cells[name]) | {"id": "copy"}))
    return change


def essay_in_a_new_cell(notebook, cells):
    cells["defend"].source = "YOUR ANSWER HERE"
    notebook.cells.append(nbformat.v4.new_markdown_cell("I choose equal parts, because of that."))


def fake(source):
    """No answer at all, and a cell that makes the checks believe there is."""
    return lambda: changed(add(6, code(source)), answered=False)


NONE = dict.fromkeys(EXERCISES, 0)
LOST = EXERCISES | {"slovin": 0, "people": 0}
# Name to notebook, points, and a word of the remark.
CLASS = {
    "good": (lambda: handed_in()[0], EXERCISES, ""),
    "empty": (lambda: handed_in(answered=False)[0], NONE, ""),
    "wrong": (lambda: handed_in(wrong="allocate")[0], EXERCISES | {"allocate": 0, "draw": 0}, ""),
    # Right is right.
    "stderr": (lambda: handed_in(f"import sys; print(1, file=sys.stderr)\n    {GOOD}")[0],
               EXERCISES, ""),
    "logging": (lambda: handed_in(f"import logging; logging.warning('x')\n    {GOOD}")[0],
                EXERCISES, ""),
    "array": (lambda: handed_in(f"import numpy as np\n    {GOOD.replace('return', 'n =')}\n"
                                "    return np.array(n)")[0], EXERCISES | {"people": 0}, ""),
    "own names": (lambda: changed(add(6, code("sampling = batik = 3; taken = pd = None"))),
                  EXERCISES, ""),
    "in place": (lambda: changed(set_source(
        "quota", "def quota(units, n):\n    share = n * units / units.sum()\n"
        "    units *= 0\n    return share")), EXERCISES, ""),
    # Careless.
    "typo": (lambda: handed_in("return popluation / 2")[0], LOST, ""),
    "test as text": (lambda: changed(as_text("slovin-test")), EXERCISES, ""),
    "test deleted": (lambda: changed(lambda n, c: n.cells.remove(c["slovin-test"])), EXERCISES, ""),
    "test changed": (lambda: changed(set_source("slovin-test", "pass"), wrong="slovin"),
                     LOST, ""),
    "no set-up": (lambda: changed(lambda n, c: n.cells.remove(c["set-up"])), EXERCISES, ""),
    "set-up last": (lambda: changed(set_up_last), EXERCISES, ""),
    "no metadata": (lambda: changed(without_metadata), EXERCISES, "in a new cell"),
    "answer deleted": (lambda: changed(lambda n, c: n.cells.remove(c["difference"])),
                       EXERCISES | {"difference": 0}, "the cell 'difference' is missing"),
    "answer copied": (lambda: changed(copied("defend")), EXERCISES, "2 times"),
    "essay": (lambda: changed(essay_in_a_new_cell), EXERCISES, "stands in a new cell"),
    "much output": (lambda: changed(add(6, code("for i in range(10**5): print('x' * 99)"))),
                    EXERCISES, ""),
    "left by exit": (lambda: handed_in("raise SystemExit")[0], LOST, ""),
    "endless": (lambda: handed_in(ENDLESS)[0], LOST, ""),
    # Broken.
    "ends itself": (lambda: changed(add(6, code("import os; os._exit(0)"))), NONE, "ended itself"),
    "hangs": (lambda: handed_in(HANGS)[0], NONE, "took longer than"),
    "odd": (lambda: changed(add(6, code("1") | {"source": 1}, nbformat.from_dict(
        {"cell_type": "raw", "source": "", "metadata": {"nbgrader": 3}, "id": "odd"}))),
            EXERCISES, ""),
    # Cheating.
    "fake check": (fake("class C:\n    number = numbers = same = lambda self, *a, **k: None\n"
                        "check = C()"), NONE, ""),
    "patched": (fake("from helpers.course import checks, outcomes\n"
                     "checks.Checks.number = lambda *a, **k: None\n"
                     "outcomes.outcome = lambda *a: outcomes.Outcome(86.3388)"), NONE, ""),
    "no traceback": (fake("get_ipython().showtraceback = lambda *a, **k: None"), NONE, ""),
    "equals all": (lambda: changed(set_source(
        "slovin", f"{ALWAYS}\ndef slovin(*given): return Same()")), LOST, ""),
    "forged": (fake("import os, json\nfor fd in range(3, 40):\n    try:\n"
                    "        os.write(fd, b'{\"answer\": 0, \"outcome\": {\"value\": [[[\\n')\n"
                    "    except OSError: pass"), NONE, ""),
    "floods": (fake("import os\nfor fd in range(3, 9):\n    try:\n"
                    "        os.write(fd, b'x' * (20 << 20))\n    except OSError: pass"), NONE,
               "larger than"),
    "no number": (lambda: changed(set_source("parameters", 'lang = "en"')),
                  EXERCISES | {"draw": 0}, ""),
    "neighbour's": (lambda: changed(set_source(
        "draw", "def my_sample():\n    return dict(zip(mine.index, [30, 22, 14, 9, 5]))")),
                    EXERCISES | {"draw": 0}, ""),
    "twin": (lambda: handed_in()[0], EXERCISES, "has the student number of other twin too"),
    "other twin": (lambda: handed_in()[0], EXERCISES, "has the student number of twin too"),
    "known answer": (lambda: handed_in("return 86.3388")[0], EXERCISES | {"slovin": 0,
                                                                          "people": 0}, ""),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class, graded in one call, with short limits."""
    folder = tmp_path_factory.mktemp("class") / "week 2"
    folder.mkdir()
    taken = []
    for name, (make, *_) in CLASS.items():
        number = {"twin": "21 A", "other twin": "21a"}.get(name, f"21 04{len(taken)}")
        text = json.dumps(make()).replace(assignments.NUMBER, number)
        taken.append(name)
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
    good = (folder / "good.ipynb").read_text(encoding="utf-8")
    for name, content in {
            "cut": good[:500], "python": "print(1)", "nothing": "", "deep": "[" * 10 ** 5,
            "other": json.dumps(assignments.submission("scoring", "id"))}.items():
        (folder / f"{name}.ipynb").write_text(content, encoding="utf-8")
    for name in ("ani/sampling.ipynb", "ani/sampling (1).ipynb", "upper/S.IPYNB",
                 "Budi S_12345_assignsubmission_file_/sampling.ipynb"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(good.replace("21 040", f"22{len(name)}"), encoding="utf-8")
    (folder / "word").mkdir()
    (folder / "word" / "answer.docx").write_text("x")
    with pytest.MonkeyPatch.context() as patch:
        # What ends by itself must not be late on a busy machine.
        patch.setattr(sandbox, "SECONDS", 2)
        patch.setattr(sandbox, "GRACE", 4)
        assert commands.main(["grade", STAGE, str(folder)]) == 0
    return folder.with_name("week 2-graded")


@pytest.fixture(scope="module")
def table(graded):
    return pd.read_csv(graded / "grades.csv", keep_default_na=False).set_index("student")


@pytest.mark.parametrize("name", CLASS)
def test_each_gets_what_is_due(table, name):
    *_, due, remark = CLASS[name]
    row = table.loc[name]
    assert {exercise: int(row[exercise]) for exercise in EXERCISES} == due
    assert int(row["points"]) == sum(due.values())
    assert remark in row["remark"] and bool(remark) == bool(row["remark"])


@pytest.mark.parametrize("name, remark", [
    ("cut", "no notebook that can be read"), ("python", "no notebook that can be read"),
    ("nothing", "no notebook that can be read"), ("deep", "no notebook that can be read"),
    ("other", "belongs to another assignment"), ("word", "handed in no notebook"),
    ("ani", "handed in 2 notebooks of this assignment (sampling (1).ipynb, sampling.ipynb)")])
def test_who_cannot_be_graded_stands_in_the_table_with_the_reason(table, name, remark):
    assert remark in table.loc[name, "remark"] and table.loc[name, "points"] == ""


def test_file_names_as_they_come(table):
    assert table.loc["upper", "points"] == table.loc["Budi S", "points"] == str(RIGHT)


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_counts_as_its_editor_saved_it(tmp_path, coding):
    """With the byte order mark of Windows too."""
    notebook, path = handed_in()[0], tmp_path / "a.ipynb"
    path.write_bytes(json.dumps(notebook).encode(coding))
    assert len(submissions._read(path).cells) == len(notebook["cells"])


def test_another_coding_is_said(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_bytes('{"cells": ["é"]}'.encode("cp1252"))
    said = submissions._read(path)
    assert said.translated("en") == ("not saved as UTF-8; open it in JupyterLab, save it and hand "
                                     "it in again")
    assert said.translated("id") == ("tidak disimpan sebagai UTF-8; buka di JupyterLab, simpan, "
                                     "lalu kumpulkan lagi")


def test_a_graded_notebook_says_the_points_of_each_exercise(graded):
    assert said(graded, "good", "allocate").endswith("\n3 of 3 points.\n")
    assert said(graded, "typo", "slovin").endswith("\n0 of 2 points.\n")


def test_the_table_says_what_there_was_to_get(table):
    most = table.loc["(maximum)"]
    assert {name: int(most[name]) for name in EXERCISES} == EXERCISES
    total = RIGHT + WRITTEN
    assert [float(most[name]) for name in ("points", "written", "total")] == [RIGHT, WRITTEN, total]
    assert list(table)[-5:] == ["points", "written", "to_grade", "total", "remark"]
    assert table.loc["good", "to_grade"] == "4" and table.loc["empty", "to_grade"] == "0"


def said(graded, student, exercise):
    """What the checks of an exercise say in the notebook as it ran."""
    notebook = nbformat.read(graded / f"{student}.ipynb", as_version=4)
    nbformat.validate(notebook)
    [cell] = [cell for cell in notebook.cells
              if battery.about(cell).get("grade_id") == f"{exercise}-test"]
    return "".join(output.text for output in cell.outputs)


@pytest.mark.parametrize("student, exercise, key, values", [
    ("typo", "slovin", "unknown_name", {"function": "slovin", "name": "popluation", "line": 2,
                                        "text": "return popluation / 2"}),
    ("empty", "slovin", "nothing", {}),
    ("answer deleted", "difference", "no_name", {"name": "margin_of_difference"}),
    ("endless", "slovin", "late", {}), ("hangs", "slovin", "late", {}),
    ("ends itself", "slovin", "lost", {}), ("in place", "quota", "changed", {"names": "batik"})])
def test_the_message_says_what_was_found_out(graded, student, exercise, key, values):
    assert Texts("en", "course")(f"check.{key}", **values) in said(graded, student, exercise)


def test_output_without_end_is_cut(graded):
    assert max(path.stat().st_size for path in graded.glob("*.ipynb")) < 200_000


@pytest.fixture(scope="module")
def box():
    with sandbox.Sandbox() as found:
        if not found.walled:
            command = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "true"]
            assert not shutil.which("unshare") or subprocess.run(command).returncode, "a wall gave"
            pytest.skip("this machine cannot wall students' code off")
        yield found


def test_the_students_code_sees_no_source_and_no_other_student(tmp_path, box):
    seen = "import os, socket; from pathlib import Path; import helpers\n"
    seen += "root = Path(helpers.__file__).parents[2]\n"
    seen += f"[(root / 'course').exists(), (root / 'tests').exists(), Path({str(tmp_path)!r})"
    seen += ".exists(), os.access(helpers.__file__, os.W_OK), os.getpid() < 9]"
    lines, end = box.run({"set_up": "", "names": [],
                          "steps": [{"cell": 0, "source": seen}]}, ASSIGNMENTS / STAGE)
    assert end == "done" and "[False, False, False, False, True]" in str(lines)


@pytest.mark.parametrize("escape", [
    "os.chroot('/tmp')", "open('/left', 'w')", "open(helpers.__file__, 'a')",
    "os.listdir(f'{os.path.dirname(helpers.__file__)}/../../tests')",
    "os.kill(os.getppid() or 99999, 9)",
    "subprocess.run(['unshare', '--user', 'true'], check=True)",
    "subprocess.run(['mount', '-o', 'remount,bind,rw', os.path.dirname(helpers.__file__)],"
    " check=True)", "socket.if_nameindex()[1]"])
def test_a_wall_has_no_door(escape, box):
    """Each is refused by the system, also to who works beside another student."""
    source = ("import os, socket, subprocess, helpers\n"
              f"try: {escape}\nexcept Exception as error: print('refused', type(error).__name__)\n"
              "else: print('open')")
    lines, end = box.run({"set_up": "", "names": [], "steps": [{"cell": 0, "source": source}]},
                         ASSIGNMENTS / STAGE)
    assert end == "done" and "refused" in str(lines) and "open" not in str(lines)


def test_two_students_see_nothing_of_each_other(box):
    """Neither files nor processes nor messages, at the same time or one after the other."""
    plan = {"set_up": "", "names": [], "steps": [{"cell": 0, "source": (
        "import helpers, os, socket, sys, time\n"
        "known = {*sys.prefix.split('/'), *helpers.__file__.split('/')}  # a checkout below /tmp\n"
        "lines = [sorted({*os.listdir('/tmp')} - known), os.path.exists('mine')"
        " or [one for one in os.listdir('/handed-in') if one.startswith('tmp')] != [],"
        " sum(name.isdigit() for name in os.listdir('/proc'))]\n"
        "open('/tmp/mine', 'w').close(); open('mine', 'w').close()\n"
        "line = socket.socket(socket.AF_UNIX); line.bind('\\0mine')\n"
        "time.sleep(0.5); print(lines)")}]}
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(box.run, plan, ASSIGNMENTS / STAGE) for _ in range(3)]
    assert all("[[], False, 1]" in str(run.result()) for run in runs)


def test_without_walls_the_code_runs_and_the_lecturer_is_told(monkeypatch):
    monkeypatch.setattr(sandbox, "_walled", lambda folder, command: ["false"])
    with sandbox.Sandbox() as box:
        lines, end = box.run({"set_up": "", "names": [], "steps": [
            {"cell": 0, "source": "import os; print(os.path.exists('batik.csv'))"}]},
            ASSIGNMENTS / STAGE)
    assert not box.walled and end == "done" and "True" in str(lines)


def test_the_benchmark_grades_its_class(monkeypatch):
    monkeypatch.setattr(grading_speed, "CLASS", {
        kind: (1, first) for kind, (_, first) in grading_speed.CLASS.items()})
    rows = {row["name"]: row for row in grading_speed.measure()}
    assert len(rows) == 3 and all(row["value"] > 0 for row in rows.values())
    monkeypatch.setattr(grading_speed, "EMPTY", ("good",))
    with pytest.raises(RuntimeError, match="good"):
        grading_speed.measure()


def test_partial_credit_is_by_check(tmp_path):
    """Two points for three checks: one right gives none, two give one."""
    tests = battery.battery(assignments.versions(STAGE, "en")["lecturer"], ASSIGNMENTS / STAGE)
    assert [check.exercise for check in tests.checks][:4] == ["slovin"] * 3 + ["people"]
    told = [{"answer": number, "outcome": outcomes.as_data(outcomes.Outcome(value))}
            for number, value in enumerate([86.3388, 398.7631, 1.0])]
    submission = submissions.Submission("ani")
    run = "en", submissions.Restored([]), told, "done"
    result = grading._judged(STAGE, submission, run, tests, EXERCISES, tmp_path)
    assert result.points == NONE | {"slovin": 1}


@pytest.mark.parametrize("stage", course.NOTEBOOKS)
def test_the_students_half_of_the_tests_gives_no_answer_away(stage):
    given = assignments.versions(stage, "en")["lecturer"]
    tests = battery.battery(given, ASSIGNMENTS / stage)
    asked = "\n".join(tests.asked.values())
    assert "check." not in asked and asked.count(battery.ANSWER) == len(tests.checks)
    for wanted in ("86.3388", "printed", "right", "0.0957392", "helpers"):
        assert wanted not in asked


def test_points_for_written_answers_flow_back(graded, table):
    essays = pd.read_csv(graded / "essays.csv", keep_default_na=False)
    assert essays.loc[essays["student"] == "essay", "text"].item().startswith("I choose equal")
    page = (graded / "essays.html").read_text(encoding="utf-8")
    assert "<h2>essay</h2>" in page and "Defend your choice" in page
    results = [gradebook.Result("good", "7", EXERCISES, "text"), gradebook.Result("cut")]
    marked = gradebook.table_of(results, EXERCISES, WRITTEN, {"good": 3.5}).set_index("student")
    assert marked.loc["good", ["written", "to_grade", "total"]].tolist() == [3.5, 0, RIGHT + 3.5]
    assert pd.isna(marked.loc["cut", "total"])


def test_nothing_that_a_student_wrote_is_a_formula_in_the_lecturers_tables(tmp_path):
    name, formula = "=1+1", '=HYPERLINK("http://x","marks")'
    results = [gradebook.Result(name, "7", EXERCISES, formula, formula, formula),
               gradebook.Result("'Adi", "8", EXERCISES, "text")]
    given = {name: 3.5, "'Adi": 2.0}
    made = gradebook.table_of(results, EXERCISES, WRITTEN, given)
    gradebook.write_tables(tmp_path, results, made, STAGE, given)
    for file in ("grades.csv", "essays.csv", "moodle.csv", "canvas.csv"):
        cells = pd.read_csv(tmp_path / file, dtype="str", keep_default_na=False).to_numpy().ravel()
        assert f"'{name}" in cells and not [one for one in cells if one.startswith("=")], file
    assert gradebook.given_points(tmp_path, WRITTEN) == given


def test_what_moodle_and_canvas_read(graded):
    moodle = pd.read_csv(graded / "moodle.csv").set_index("Full name")
    assert moodle.loc["Budi S"].tolist() == ["Participant 12345", RIGHT, RIGHT + WRITTEN]
    canvas = pd.read_csv(graded / "canvas.csv")
    assert canvas.iloc[0]["Student"].strip() == "Points Possible"
    assert canvas[STAGE].iloc[0] == RIGHT + WRITTEN


@pytest.mark.parametrize("lang, told", [("en", "row 3, column 'points': '5' is no number from 0 to "
                                               "4"), ("id", "baris 3, kolom 'points': '5' bukan")])
def test_points_off_the_scale_are_refused_before_anything_runs(
        tmp_path, capsys, monkeypatch, lang, told):
    monkeypatch.setenv(messages.CHOSEN, lang)
    (tmp_path / "in").mkdir()
    (tmp_path / "in-graded").mkdir()
    (tmp_path / "in-graded" / "essays.csv").write_text("student,points,text\nani,4,x\nbudi,5,y\n")
    assert commands.main(["grade", STAGE, str(tmp_path / "in")]) == 2
    assert told in capsys.readouterr().err


def test_a_folder_without_a_notebook_is_refused(tmp_path, capsys):
    assert commands.main(["grade", STAGE, str(tmp_path)]) == 2
    assert commands.main(["grade", STAGE, str(tmp_path / "none")]) == 2
    told = capsys.readouterr().err
    assert "belongs to the assignment 'sampling'" in told and "there is no folder" in told
