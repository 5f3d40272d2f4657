"""The course: one source for lecturer and students, nothing leaks, and grading gives what is due,
by nbgrader too."""

import ast
import base64
import contextlib
import json
import os
import re
import subprocess
import sys
import zipfile
import zlib
from collections import Counter

import assignments
import nbformat
import pandas as pd
import pytest
from assignments import LANGUAGES, WRONG, about, source, versions

from helpers import course
from helpers.cli import commands
from helpers.course import assignments as making
from helpers.course import battery, checks, outcomes, student_package
from helpers.publish.texts import Texts, catalogue
from helpers.run.plan import STAGES
from helpers.run.project import ROOT
from helpers.study import paragraphs

NAMES = list(course.NOTEBOOKS)
TOTAL, WRITTEN = 22, 4
# What later exercises rest on, by a function that every student may call.
TOLD = {"force_field": {"bf", "nrk", "tnb"}}
LIBRARIES = os.path.dirname(os.path.dirname(nbformat.__file__))
both_languages = pytest.mark.parametrize("lang", LANGUAGES)
every_stage = pytest.mark.parametrize("stage", NAMES)


def code_cells(stage):
    return [cell for cell in source(stage).cells if cell.cell_type == "code"]


def calls(code):
    """The calls of checks in a cell."""
    return [
        node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "check"
    ]


def checks_of(stage):
    """Exercise and the mistakes that its checks know, read from the code of the tests."""
    found = {}
    for call in [call for cell in code_cells(stage) for call in calls(cell.source)]:
        found.setdefault(call.args[0].value,
                         set()).update({word.arg for word in call.keywords} - {"within"})
    return found


def between(text, begin, end):
    """Lines between two marks, in all places."""
    inside, found = False, []
    for line in text.split("\n"):
        if begin in line or end in line:
            inside = begin in line
        elif inside:
            found.append(line.strip())
    return found


# One source


def test_every_stage_with_a_notebook_has_an_assignment():
    assert making.names() == NAMES
    assert {stage.name: stage.notebook for stage in STAGES
            if stage.name in NAMES} == course.NOTEBOOKS


@every_stage
def test_the_source_is_complete(stage):
    notebook = source(stage)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    # A backslash too many breaks the line of a formula and spells the command out.
    assert not [cell.id for cell in notebook.cells if cell.cell_type == "markdown"
                and re.search(r"\\\\[a-z]", cell.source)]
    pairs = [cell.id for cell in notebook.cells if cell.cell_type == "markdown"]
    assert [name[:-3] for name in pairs[::2]] == [name[:-3] for name in pairs[1::2]]
    assert {name[-3:] for name in pairs[::2]} == {"-id"} and {name[-3:]
                                                              for name in pairs[1::2]} == {"-en"}
    for exercise in checks_of(stage):
        assert {f"{exercise}-{part}" for part in ("task-id", "hint-en", "test")} | {exercise} <= {
            cell.id for cell in notebook.cells}
        hint = next(cell for cell in notebook.cells if cell.id == f"{exercise}-hint-id")
        assert hint.source.startswith("<details>") and hint.source.endswith("</details>")
        test = next(cell for cell in notebook.cells if cell.id == f"{exercise}-test")
        assert "BEGIN HIDDEN TESTS" in test.source


@every_stage
@both_languages
def test_points_and_names(stage, lang):
    cells = versions(stage, lang)["lecturer"].cells
    graded = [about(cell) for cell in cells if about(cell).get("grade")]
    assert len(graded) >= 6
    assert sum(one["points"] for one in graded) == TOTAL
    assert [one["points"] for one in graded if one["solution"]] == [WRITTEN]
    assert max(Counter(about(cell)["grade_id"] for cell in cells if about(cell)).values()) == 1
    word = {"id": "poin", "en": "points?"}[lang]
    told = [
        int(points) for cell in cells
        for points in re.findall(rf"(?m)^## .*\((\d+) {word}\)$", cell.source)
    ]
    assert told == [one["points"] for one in graded]
    rubric = next(cell.source for cell in cells if cell.id == f"defend-task-{lang}")
    assert sum(map(int, re.findall(r"(?m)\| (\d+) \|$", rubric))) == WRITTEN


# Nothing leaks


@every_stage
@both_languages
def test_no_solution_and_no_hidden_test_reaches_the_students(stage, lang):
    given, handed_out = versions(stage, lang)["lecturer"], versions(stage, lang)["student"]
    text = "\n".join(cell.source for cell in handed_out.cells)
    lines = {line.strip() for line in text.split("\n")}
    secrets = [line for cell in given.cells for line in [
        *between(cell.source, "BEGIN SOLUTION", "END SOLUTION"),
        *between(cell.source, "BEGIN HIDDEN TESTS", "END HIDDEN TESTS")] if line]
    secrets += [sentence for cell in given.cells if cell.id.startswith("defend-") and about(cell)
                for sentence in re.split(r"(?<=[.:;]) ", cell.source)]
    assert len(secrets) > 25
    for secret in secrets:
        assert secret not in lines
        assert len(secret) < 12 or secret not in text
    assert "BEGIN" not in text and "outputs" not in text
    code, answer = making.stubs(lang)
    stub = code["python"].split("\n")[0]
    assert sum(stub in cell.source for cell in handed_out.cells
               if about(cell).get("solution")) == len(checks_of(stage))
    assert sum(cell.source == answer for cell in handed_out.cells) == 1


@every_stage
def test_the_indonesian_notebook_has_no_english_in_its_code(stage):
    """Docstrings, comments and stubs; names of columns and of Python stay as they are."""
    cells = [*versions(stage, "id")["lecturer"].cells, *versions(stage, "id")["student"].cells]
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert not re.findall(r"Return |YOUR |language of", text)
    assert text.count('"""Kembalikan ') == 2 * len(checks_of(stage))


def test_what_code_of_the_course_says_is_in_one_language():
    """Whole phrases: words alone are names of columns."""
    said = {lang: {node.value for path in making.MATERIAL.rglob("*.ipynb")
                   for cell in making.in_language(nbformat.read(path, as_version=4), lang).cells
                   if cell.cell_type == "code" for node in ast.walk(ast.parse(cell.source))
                   if isinstance(node, ast.Constant) and " " in str(node.value).strip()
                   and isinstance(node.value, str)} for lang in LANGUAGES}
    assert len(said["id"]) > 40 and not said["id"] & said["en"]


def test_every_word_of_code_is_in_a_source():
    text = "\n".join(cell.source for path in making.MATERIAL.rglob("*.ipynb")
                     for cell in nbformat.read(path, as_version=4).cells)
    assert not [word for word in making._words("id") if word not in text
                and word not in (making.CODE, making.TEXT)]


@every_stage
def test_no_check_that_students_see_tells_an_answer(stage, monkeypatch):
    """Answers and known mistakes are sealed, and no other name in a test holds one."""
    given = versions(stage, "id")
    due = battery.battery(given["source"], making.ASSIGNMENTS / stage, assignments.NUMBER).checks
    wanted = [repr(outcomes.encode(one.wanted[0])) for one in due if one.kind != "record"]
    right = {cell.id: cell.source.replace('student = ""', f"student = {assignments.NUMBER!r}")
             for cell in given["lecturer"].cells}
    names, seen, asked = {}, set(), []
    monkeypatch.chdir(making.ASSIGNMENTS / stage)
    for cell in given["student"].cells:
        if cell.cell_type == "code" and about(cell).get("grade") and not about(cell)["solution"]:
            asked += [call.func.attr for call in calls(cell.source)]
            names["check"] = assignments.Told(stage)
            before = dict(names)
            with contextlib.redirect_stdout(None):
                exec(compile(cell.source, cell.id, "exec"), names)
            seen |= {name for name in names if names[name] is not before.get(name)}
        elif cell.cell_type == "code":
            with contextlib.redirect_stdout(None):
                exec(compile(right[cell.id], cell.id, "exec"), names)
    assert set(asked) == {"sealed"} | ({"record"} if "record" in [
        one.kind for one in due] else set())
    told = {name for name in seen if repr(outcomes.encode(names[name])) in wanted}
    assert told == TOLD.get(stage, set())


@pytest.mark.parametrize("kind, wanted, rest, given", [
    ("number", 0.3, {"within": 0.0005, "two": 0.6, "nothing": float("nan")},
     [0.3, 0.30049, 0.2996, 0.3006, 0.2994, 0.6, float("nan"), -0.3, 0.29, True, "0.3", 0.3006]),
    ("number", 84732.1, {"within": 1, "each": 102294.0}, [84733.09, 84733.11, 84731.2, 102293.4]),
    ("number", 0, {}, [0, 1e-7, -1e-7, -0.0, 1e-5]),
    ("number", 86.3388, {"within": 1e-3}, [86, 87, 86.3, 86.4, 86.34, 86.33, 86.338, 85]),
    ("numbers", {"a": 10, "b": 0.25}, {"first": [9, 0.25], "named": {"b": 1, "a": 2}},
     [{"b": 0.25, "a": 10}, {"a": 9, "b": 0.25}, {"a": 2.0, "b": 1}, {"a": 1}, {"a": 9, "b": None},
      3]),
    ("same", ["low", "high"], {"low": ["low", "low"]},
     [("Low ", "HIGH"), ["low", "low"], ["high", "low"], ["rendah", "tinggi"], 3, None]),
    ("same", {"x": True, "y": 2}, {"no": {"x": False, "y": 2}},
     [{"y": 2.0, "x": 1}, {"x": False, "y": 2}, {"x": True}, pd.Series({"x": True, "y": 2})]),
    ("same", "supported", {"mixed": "mixed"}, ["Supported", "mixed", "didukung", ["supported"]])])
def test_a_seal_judges_as_the_answer_does(kind, wanted, rest, given):
    """Only that a number is too large or too small is not said."""
    mark = checks.seal("scoring", kind, wanted, **rest)
    assert re.fullmatch(r"[\w=-]+", mark)

    def told(check, *about, **more):
        noting = assignments.Told("scoring")
        noting.t = lambda key, **values: key
        with contextlib.suppress(course.Wrong), contextlib.redirect_stdout(None):
            getattr(noting, check)("mean", lambda: one, *about, **more)
        return noting.keys

    for one in given:
        plain = told(kind, wanted, **rest)
        unsaid = plain in (["check.too_small"], ["check.too_large"])
        assert told("sealed", mark) == (["check.other"] if unsaid else plain), one


@every_stage
def test_no_seal_holds_the_answer_as_its_only_key_word(stage):
    """Who opens a seal sees from which words to choose."""
    given = versions(stage, "id")
    single = {one.wanted[0].lower() for one in battery.battery(
        given["source"], making.ASSIGNMENTS / stage).checks
        if one.kind == "same" and isinstance(one.wanted[0], str)}
    for call in [call for cell in given["student"].cells if cell.cell_type == "code"
                 for call in calls(cell.source) if call.func.attr == "sealed"]:
        made = json.loads(zlib.decompress(base64.urlsafe_b64decode(call.args[2].value)))
        if made["kind"] == "word":
            assert len(made["labels"]) > 2 and single & {*made["labels"]}, call.args[0].value
        elif made["kind"] not in ("number", "numbers"):
            assert len(made["labels"]) != 1, call.args[0].value
    alone = json.loads(zlib.decompress(base64.urlsafe_b64decode(
        checks.seal("synthesis", "same", "supported"))))
    assert alone["labels"] == []


def test_a_wrong_mark_in_the_source_is_no_quiet_leak():
    notebook = nbformat.from_dict(versions("sampling", "en")["lecturer"])
    notebook.cells[5].source = notebook.cells[5].source.replace("### END SOLUTION", "")
    with pytest.raises(RuntimeError, match="no end solution statement"):
        making.student(notebook, "en")


# Grading


@every_stage
@both_languages
def test_a_perfect_submission_has_all_points(stage, lang):
    graded = assignments.grade(stage, lang, assignments.submission(stage, lang))
    assert graded.said == {}
    assert sum(graded.points.values()) == TOTAL - WRITTEN


@every_stage
@both_languages
def test_an_empty_submission_has_none(stage, lang):
    graded = assignments.grade(stage, lang, assignments.submission(stage, lang, answered=False))
    assert set(graded.points.values()) == {0}
    told = Texts(lang, "course")("check.nothing")
    assert all(told in said and "notebooks/" in said for said in graded.said.values())


def test_every_exercise_has_a_wrong_answer_here():
    assert set(WRONG) == {(stage, exercise) for stage in NAMES for exercise in checks_of(stage)}


@pytest.mark.parametrize("stage, exercise", WRONG)
def test_a_wrong_answer_loses_its_points_and_is_told_why(stage, exercise):
    *_, mistake, builds_on_it = WRONG[stage, exercise]
    for lang in LANGUAGES:
        graded = assignments.grade(stage, lang, assignments.submission(stage, lang, wrong=exercise))
        lost = {f"{name}-test" for name in (exercise, *builds_on_it)}
        assert {name for name, points in graded.points.items() if not points} == lost
        reason, *_, where = graded.said[f"{exercise}-test"].split("\n")
        t = Texts(lang, "course")
        assert reason == t("check.wrong", reason=t(f"{stage}.{exercise}.{mistake}"))
        heading = paragraphs.heading(stage, course.EXPLAINED[stage][exercise], lang)
        assert where == t("check.see", notebook=f"notebooks/{course.NOTEBOOKS[stage]}.ipynb",
                          heading=heading)


@every_stage
def test_every_known_mistake_is_told_by_its_own_text(stage, monkeypatch):
    tried = set()
    for kind in ("number", "numbers", "same"):
        original = getattr(course.Checks, kind)

        def check(self, exercise, answer, wanted, kind=kind, original=original, **rest):
            original(self, exercise, answer, wanted, **rest)
            for mistake in rest.keys() - {"within"}:
                given = rest[mistake] if kind != "numbers" else pd.Series(
                    rest[mistake],
                    pd.Series(wanted).index)
                with pytest.raises(course.Wrong) as caught:
                    original(self, exercise, lambda given=given: given, wanted, **rest)
                assert self.t(f"{stage}.{exercise}.{mistake}") in str(caught.value)
                tried.add((exercise, mistake))
        monkeypatch.setattr(course.Checks, kind, check)
    perfect = assignments.submission(stage, "id")
    assert assignments.grade(stage, "id", perfect, "source").said == {}
    assert tried == {(exercise, mistake) for exercise, mistakes in checks_of(stage).items()
                     for mistake in mistakes}


# Texts


def test_every_text_is_used_and_there_is_one_for_every_mistake():
    asked = {
        f"{stage}.{exercise}.{name}" for stage in NAMES
        for exercise, mistakes in checks_of(stage).items() for name in mistakes
    }
    code = "".join(path.read_text(encoding="utf-8")
                   for path in [*sorted((ROOT / "src" / "helpers" / "course").rglob("*.py"))])
    for lang in LANGUAGES:
        keys = set(catalogue("course", lang))
        own = {key for key in keys if key.startswith(("check.", "concepts.", "essays.",
                                                      "package."))}
        assert keys - own == asked
        assert not [key for key in own if f'{key.split(".")[-1]}"' not in code
                    and f"{key}'" not in code and f'{key.rpartition(".")[0]}.{{' not in code]


@every_stage
@both_languages
def test_the_paragraph_that_a_check_names_is_there(stage, lang):
    assert set(course.EXPLAINED[stage]) == set(checks_of(stage))
    named = {
        cell: paragraphs.heading(stage, cell, lang) for cell in course.EXPLAINED[stage].values()
    }
    assert all(named.values()), named


def test_away_from_the_project_the_notebook_is_named(check, monkeypatch):
    monkeypatch.setattr(paragraphs, "ROOT", ROOT / "src")
    with pytest.raises(course.Wrong, match="Penjelasan: notebooks/1_sampling.ipynb. Petunjuk"):
        check.number("slovin", lambda: 1, 2)


# The checks themselves


@pytest.fixture
def check():
    return course.open("sampling", "id")


@pytest.mark.parametrize("answer, told", [
    (lambda: None, "`return` terlupa"), (lambda: "87", "Yang diminta sebuah bilangan"),
    (lambda: True, "Yang diminta sebuah bilangan"),
    (lambda: 88, "Bilangannya terlalu besar."), (lambda: 5, "Bilangannya terlalu kecil."),
    (lambda: float("nan"), "Itu bukan jawaban yang dicari."), (lambda: 1 / 0, "ZeroDivisionError: "
                                                               "division by zero"),
    (lambda: not_there, "`not_there` belum ada")])  # noqa: F821
def test_a_number_that_is_none(check, answer, told):
    with pytest.raises(course.Wrong, match=re.escape(told)):
        check.number("slovin", answer, 86.3388, within=0.01)


@pytest.mark.parametrize("answer, told", [
    (lambda: 3, "satu bilangan untuk setiap label (a, b)"), (lambda: {"a": 1}, "Labelnya a, "
                                                             "seharusnya a, b."),
    (lambda: {"a": 1, "b": None}, "Tidak ada bilangan untuk b."),
    (lambda: pd.Series({"b": 2.0, "a": "x"}), "Tidak ada bilangan untuk a."),
    (lambda: {"a": 1, "b": 1234.5}, "Jawaban Anda: a: 1; b: 1.234,5")])
def test_numbers_that_are_not_there(check, answer, told):
    with pytest.raises(course.Wrong, match=re.escape(told)):
        check.numbers("quota", answer, {"a": 1, "b": 2})


def test_the_student_sees_the_message_and_no_way_through_the_code(check):
    with pytest.raises(course.Wrong) as caught:
        check.number("slovin", lambda: 9.84, 86.3388, within=0.01, margin_not_squared=9.8443)
    assert caught.value._render_traceback_() == [
        "Belum tepat. Batas galat masuk ke rumus dalam kuadrat: sepuluh persen menjadi satu per "
        "seratus.",
        "Jawaban Anda: 9,84",
        "Penjelasan: notebooks/1_sampling.ipynb, “Slovin”. Petunjuk ada di bawah soal."
    ]


def test_inside_the_project_a_link_leads_to_the_paragraph(check, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda text: shown.append(text.data))
    for folder in (ROOT / "course" / "assignments" / "sampling", ROOT.parent):
        monkeypatch.chdir(folder)
        with pytest.raises(course.Wrong) as caught:
            check.number("slovin", lambda: 9, 86.3388)
        assert caught.value._render_traceback_() == caught.value._render_traceback_()
    [link] = shown
    name, target = re.fullmatch(r"→ \[(.*)\]\((.*)\)", link).groups()
    place, cell = target.split("#cell-id=")
    notebook = nbformat.read(ROOT / "course" / "assignments" / "sampling" / place, as_version=4)
    assert f"# {name}" in next(found.source for found in notebook.cells if found.id == cell)


def test_words_are_compared_as_people_do(check, capsys):
    check.same("people", lambda: ("Low ", ["HIGH"]), ["low", ["high"]])
    check.same("people", lambda: {"b", "a"}, ["a", "b"])
    assert capsys.readouterr().out == "Benar.\nBenar.\n"


@pytest.mark.parametrize("stage, lang, told", [("report", "id",
                                                "there are no exercises for the stage 'report'"),
                                               ("sampling", "fr",
                                                "lang is 'fr'; allowed is id or en")])
def test_opening_what_is_not_there(stage, lang, told):
    with pytest.raises(ValueError, match=told):
        course.open(stage, lang)


def test_a_students_copy_has_no_assignments(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(making, "ASSIGNMENTS", tmp_path)
    assert [
        commands.main(call)
        for call in (["course", f"OUT={tmp_path / 'out'}"], ["grade", "sampling", "."])
    ] == [2, 2]
    assert capsys.readouterr().err.count("there are no assignments in course/assignments") == 2


# make course, and nbgrader on what it made


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The course in Indonesian, in an output folder of its own."""
    out = tmp_path_factory.mktemp("course") / "out"
    assert commands.main(["course", f"OUT={out}", "lang=id"]) == 0
    return out


def test_what_is_made(made):
    for stage in NAMES:
        for version in ("lecturer", "student"):
            folder = made / "course" / version / stage
            notebook = nbformat.read(folder / f"{stage}.ipynb", as_version=4)
            nbformat.validate(notebook)
            assert 'lang = "id"' in next(cell.source for cell in notebook.cells
                                         if cell.id == "parameters")
            assert len(list(folder.glob("*.csv"))) >= 1
    for path in (ROOT / "course").glob("*/*.ipynb"):
        given = made / "course" / "material" / path.relative_to(ROOT / "course")
        if path.parent.name == "answers":
            assert not given.exists()
            given = made / "course" / path.relative_to(ROOT / "course")
        set_up = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
        assert path.parent.name in ("python", "answers") or re.search(
            rf'\n(board = course.board|course.explain_errors)\("{path.parent.name}", '
            r'lang(="id")?\)\n', set_up)
        assert "-id" in given.read_text(encoding="utf-8") and '-en",' not in given.read_text(
            encoding="utf-8")
        for data in re.findall(r'read_csv\("([^"]+)"', "\n".join(
                cell.source for cell in nbformat.read(given, as_version=4).cells)):
            assert (given.parent / data).is_file()
    assert not list((made / "course").rglob("*.yml"))
    assert not [path for path in made.rglob("*") if path.suffix in (".ipynb", ".py")
                and str(ROOT) in path.read_text(encoding="utf-8")]


def secrets(stage):
    """Lines that only the lecturer may see."""
    cells = versions(stage, "id")["lecturer"].cells
    return {line for cell in cells for line in [
        *between(cell.source, "BEGIN SOLUTION", "END SOLUTION"),
        *between(cell.source, "BEGIN HIDDEN TESTS", "END HIDDEN TESTS")] if len(line) > 25}


def test_the_students_package_holds_nothing_with_solutions_and_checks_alone(made, tmp_path):
    file = made / "course" / student_package.FILE
    assert file.stat().st_size < 3_000_000
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path)
        content = {name: archive.read(name) for name in archive.namelist()}
    lines = {line.strip() for text in content.values()
             for line in text.decode("utf-8", "replace").replace('\\n",', "").split("\n")}
    for stage in NAMES:
        assert not {f'"{line}' for line in secrets(stage)} & lines and not secrets(stage) & lines
    assert not [name for name in content
                if re.search(r"assignments/|answers/|known.yml|rps.html", name)]
    # What it needs of this project is in it, and of libraries none that only the labs need.
    (tmp_path / "all.py").write_text("\n".join([
        "import os, sys", f"sys.path[:] = [os.getcwd(), *sys.path, {LIBRARIES!r}]",
        f"sys.modules.update(dict.fromkeys({[*student_package.LABS, 'pyarrow']}))",
        *[f"os.chdir({str(making.ASSIGNMENTS / stage)!r})\n" + "\n".join(
            cell.source for cell in assignments.submission(stage, "id").cells
            if cell.cell_type == "code") for stage in NAMES], "print(course.__file__)"]))
    run = subprocess.run([sys.executable, "-S", tmp_path / "all.py"], capture_output=True,
                         text=True, cwd=tmp_path / student_package.NAME)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("Benar.\n") > 30
    assert run.stdout.split("\n")[-2].startswith(str(tmp_path))


def test_another_language_overwrites_the_notebooks_and_leaves_what_students_handed_in(
        tmp_path, capsys):
    out = tmp_path / "out"
    assert commands.main(["course", f"OUT={out}", "lang=id"]) == 0
    handed_in = out / "course" / "submitted" / "ani" / "sampling" / "sampling.ipynb"
    handed_in.parent.mkdir(parents=True)
    handed_in.write_text("hers")
    before = (out / "course" / "student" / "sampling" / "sampling.ipynb").read_bytes()
    assert commands.main(["course", f"OUT={out}", "lang=en"]) == 0
    assert (out / "course" / "student" / "sampling" / "sampling.ipynb").read_bytes() != before
    assert commands.main(["clean", f"OUT={out}"]) == 0
    assert [path for path in out.rglob("*") if path.is_file()] == [handed_in]
    for wrong in ("lang=fr", f"RAW={tmp_path}"):
        assert commands.main(["course", f"OUT={out}x", wrong]) == 2
    assert "lang=fr: allowed is id or en" in capsys.readouterr().err


def nbgrader(app, *arguments):
    """Call nbgrader as its command line does, in the working directory, with the settings that lie
    there."""
    app.clear_instance()
    command = app.instance()
    command.initialize(list(arguments))
    command.start()
    app.clear_instance()


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_nbgrader_hands_out_the_same_notebooks_and_grades_them(made, monkeypatch):
    """``generate_assignment`` gives our students' version; ``autograde`` all points, none, and
    those that are due."""
    from nbgrader.api import Gradebook
    from nbgrader.apps import AutogradeApp, GenerateAssignmentApp, GenerateFeedbackApp

    folder, stage, wrong = made / "course", "sampling", "allocate"
    students = {"perfect": {}, "empty": {"answered": False}, "wrong": {"wrong": wrong}}
    for name, how in students.items():
        target = folder / "submitted" / name / stage / f"{stage}.ipynb"
        target.parent.mkdir(parents=True)
        nbformat.write(assignments.submission(stage, "id", **how), target)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", os.environ["PATH"])

    for name in NAMES:
        path = folder / "student" / name / f"{name}.ipynb"
        ours = nbformat.read(path, as_version=4)
        path.unlink()
        nbgrader(GenerateAssignmentApp, name, "--force")
        assert nbformat.read(path, as_version=4) == ours
    nbgrader(AutogradeApp, stage)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        scores = {
            name: {
                grade.name: grade.auto_score
                for grade in gradebook.find_submission_notebook(stage, stage, name).grades
            } for name in students
        }
    due = {name: assignments.grade(stage, "id", assignments.submission(stage, "id", **how)).points
           for name, how in students.items()}
    assert scores == {
        "perfect": due["perfect"] | {"defend": None}, "empty": due["empty"] | {"defend": 0},
        "wrong": due["wrong"] | {"defend": None}
    }
    graded = nbformat.read(folder / "autograded" / "wrong" / stage / f"{stage}.ipynb", as_version=4)
    error, _ = [
        output for cell in graded.cells for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    assert error.traceback[
        0] == f"Belum tepat. {Texts('id', 'course')(f'{stage}.{wrong}.rounded_one_by_one')}"

    nbgrader(GenerateFeedbackApp, stage, "--student", "wrong")
    feedback = (folder / "feedback" / "wrong" / stage / f"{stage}.html").read_text(encoding="utf-8")
    assert "<math" in feedback and "$$e" not in feedback


@pytest.mark.parametrize("stage", [name for name in NAMES
                                   if "course.seed(" in code_cells(name)[1].source])
def test_a_class_of_forty_has_forty_exercises_of_its_own(stage, monkeypatch):
    """Student numbers of one year follow each other; of three classes no two have one table."""
    monkeypatch.chdir(ROOT / "course" / "assignments" / stage)
    for first in (21040110001, 2241720001, 160721100000):
        drawn = set()
        for student in range(first, first + 40):
            names = {"lang": "en", "student": str(student)}
            exec(code_cells(stage)[1].source, names)  # noqa: S102 (our own set-up cell)
            own = [name for name in names if name == "mine" or name.startswith("my_")]
            drawn.add(repr([names[name] if isinstance(names[name], (int, float, str))
                            else names[name].to_csv() for name in own]))
        assert len(drawn) == 40
