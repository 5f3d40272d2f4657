"""`make doctor`: asked with nothing installed, one line a question, each fault with its remedy, in
both languages."""

import ast
import json
import os
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.pofile import read_po
from test_environment import base_python, compile_for

from helpers import messages
from helpers.cli import bootstrap, doctor
from helpers.publish.texts import catalogue
from helpers.run.project import ROOT

SOURCE = ROOT / "src" / "helpers"
BARE = ("cli/early", "cli/bootstrap", "cli/doctor", "cli/targets", "run/locks", "run/plan")
ALSO_BARE = ("helpers", "helpers.cli", "helpers.run", "helpers.errors", "helpers.languages",
             "helpers.messages", "helpers.run.plan", "helpers.chain")


@pytest.fixture
def healthy(monkeypatch, tmp_path):
    """A machine on which nothing is missing, without asking this one."""
    answers = {"packages": {"count": 7, "differing": [], "fonts": True}, "kernel": {"why": ""}}
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.setattr(doctor, "environment_python", lambda: "python")
    monkeypatch.setattr(doctor, "_ask", lambda python, question: question)
    monkeypatch.setattr(doctor, "_answer", answers.get)
    monkeypatch.setattr(doctor, "free_memory", lambda: 8 * doctor.GIB)
    monkeypatch.setattr(doctor.shutil, "disk_usage",
                        lambda folder: SimpleNamespace(free=9 * doctor.GIB))
    monkeypatch.setattr(doctor.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(bootstrap, "ROOT", str(tmp_path))
    return answers


def ask(capsys, *arguments):
    status = doctor.main(["doctor", *arguments])
    return status, capsys.readouterr().out.splitlines()


def test_a_python_without_any_package_asks_this_machine():
    """-I and -S: no installed package, no variable of the person."""
    call = [base_python(), "-I", "-S", "src/helpers", "doctor", "lang=en"]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    count = len(bootstrap.locked_versions())
    assert lines[1] == f"ok        environment: all of {count} packages at their locked versions"
    assert lines[2:4] == [
        "ok        fonts of figures and report", "ok        a notebook's kernel starts"
    ]
    assert lines[-1] == "Everything that is needed is there: make all" and done.stderr == ""


def test_help_needs_no_environment_either(tmp_path):
    call = [base_python(), "-I", "-S", ROOT / "src" / "helpers"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "  doctor " in done.stdout and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [*BARE, "languages", "messages"])
def test_what_is_asked_first_needs_the_standard_library_only(name):
    path = SOURCE / f"{name}.py"
    compile_for(path)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else \
            [node.module] if isinstance(node, ast.ImportFrom) else []
        assert all(found in ALSO_BARE or found.split(".")[0] in sys.stdlib_module_names
                   for found in names)


def test_nothing_is_missing(healthy, capsys):
    status, lines = ask(capsys, "lang=en")
    assert status == 0 and all(line.startswith("ok  ") for line in lines[:-2]) and len(lines) == 13
    status, lines = ask(capsys, "lang=id")
    assert status == 0 and all(line.startswith("ada  ") for line in lines[:-2])
    assert lines[-1] == "Semua yang diperlukan sudah ada: make all"


def no_python(monkeypatch, answers):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 9, 1))


def another_python(monkeypatch, answers):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(bootstrap, "newer_python", lambda: "/usr/bin/python3.12")


def no_environment(monkeypatch, answers):
    monkeypatch.setattr(doctor, "environment_python", lambda: None)


def no_venv(monkeypatch, answers):
    no_environment(monkeypatch, answers)
    monkeypatch.setitem(sys.modules, "ensurepip", None)


def silent(monkeypatch, answers):
    answers["packages"] = {"why": "exit code -9", "fonts": True}


def old(monkeypatch, answers):
    answers["packages"]["differing"] = ["numpy 1.0 (2.4)", "pandas - (3.0)"]
    monkeypatch.setattr(bootstrap, "stamped", lambda folder: False)


def edited(monkeypatch, answers):
    old(monkeypatch, answers)
    monkeypatch.setattr(bootstrap, "stamped", lambda folder: True)


def conda(monkeypatch, answers):
    old(monkeypatch, answers)
    monkeypatch.setenv("CONDA_PREFIX", sys.prefix)


def no_fonts(monkeypatch, answers):
    answers["packages"]["fonts"] = False


def no_kernel(monkeypatch, answers):
    answers["kernel"] = {"why": "it runs in /usr"}


def memory(size):
    return lambda monkeypatch, answers: monkeypatch.setattr(doctor, "free_memory", lambda: size and
                                                            size * doctor.GIB)


def full_disk(monkeypatch, answers):
    monkeypatch.setattr(doctor.shutil, "disk_usage",
                        lambda folder: SimpleNamespace(free=doctor.GIB / 4))


def read_only(monkeypatch, answers):
    def refuse(**where):
        raise PermissionError(13, "Permission denied", where["dir"])

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)


def no_temporary(monkeypatch, answers):
    def nowhere():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(doctor.tempfile, "gettempdir", nowhere)


def long_temporary(monkeypatch, answers):
    monkeypatch.setattr(doctor.tempfile, "gettempdir", lambda: "x" * 85)


def without(*gone):
    return lambda monkeypatch, answers: monkeypatch.setattr(
        doctor.shutil, "which", lambda name: None if name in gone else f"/bin/{name}")


@pytest.mark.parametrize(("fault", "key", "remedy"), [
    (no_python, "python.missing", "make PYTHON=python3.11"),
    (another_python, "python.other", "/usr/bin/python3.12"),
    (no_environment, "environment.none", "make env"), (no_venv, "environment.venv",
                                                       "apt install python3-venv"),
    (silent, "environment.broken", "exit code -9"), (old, "environment.old", "2"),
    (edited, "environment.edited", ".venv"), (conda, "environment.conda",
                                              "conda env update -f environment.yml"),
    (no_fonts, "fonts.missing", "make env"), (no_kernel, "kernel.missing", "it runs in /usr"),
    (memory(1.2), "memory.optional", "make all jobs=1"), (memory(0.4), "memory.missing", "0.4 GiB"),
    (memory(None), "memory.unknown", "1.5 GiB"), (full_disk, "disk.missing", "0.2 GiB"),
    (read_only, "permission.missing", "Permission denied"),
    (no_temporary, "temporary.missing", "TMPDIR"),
    (long_temporary, "temporary.long", "TMPDIR=/tmp"),
    (without("git"), "git.optional", "make verify"),
    (without("make"), "make.optional", "python src/helpers"),
    (without(*doctor.PROGRAMS["browser"]), "browser.optional", "apt-get install chromium")])
def test_each_fault_is_one_line_with_its_remedy(fault, key, remedy, healthy, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "newer_python", lambda:
                        (_ for _ in ()).throw(bootstrap.BootstrapError("none")))
    fault(monkeypatch, healthy)
    needed = key != "environment.none" and (
        key.endswith(".missing") or key.startswith(("environment.", "temporary.")))
    for lang in ("id", "en"):
        texts, (status, lines) = catalogue("doctor", lang), ask(capsys, f"lang={lang}")
        state = "missing" if needed else "ok" if key == "python.other" else (
            "later" if key == "environment.none" else "optional")
        said = remedy.replace(".", ",") if lang == "id" and remedy.endswith("GiB") else remedy
        [line] = [line for line in lines if line.split("  ", 1)[1:] and said in line]
        assert line.startswith(texts[f"state.{state}"]) and "{" not in line and len(line) < 240
        start = texts[key].split("{")[0]
        assert line.split("  ", 1)[1].strip().startswith(start) and status == int(needed)
        assert (lines[-1] == texts["end.missing"].format(count=1)) == needed


def test_paths_that_windows_cannot_hold(monkeypatch):
    registry = SimpleNamespace(HKEY_LOCAL_MACHINE=0, OpenKey=lambda *names: nullcontext())
    monkeypatch.setitem(sys.modules, "winreg", registry)
    long = "C:\\" + "x" * 90
    for root, allowed, state in (("C:\\blitar", 0, "ok"), (long, 0, "missing"), (long, 1, "ok")):
        monkeypatch.setattr(bootstrap, "ROOT", root)
        registry.QueryValueEx = lambda *names, allowed=allowed: (allowed, 4)
        found = doctor.of_long_paths()
        assert found.state == state and found.key == f"paths.{state}"


def test_a_kernel_of_another_place_is_seen(tmp_path):
    """A user's own kernel called python3 must not go unnoticed: the notebooks would not find the
    project in it."""
    kernels = tmp_path / "kernels" / "python3"
    kernels.mkdir(parents=True)
    spec = {
        "argv": ["/no/such/python", "-f", "{connection_file}"], "display_name": "mine",
        "language": "python"
    }
    (kernels / "kernel.json").write_text(json.dumps(spec))
    environment = os.environ | {"JUPYTER_PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", "from helpers.cli import env_report; env_report.kernel()"],
        env=environment, capture_output=True, text=True)
    assert done.returncode != 0 and "/no/such/python" in done.stderr.splitlines()[-1]


def test_an_answer_that_is_none_is_told_as_it_ended(tmp_path):
    code = "raise SystemExit('bad\\nImportError: no zmq')"
    broken = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
    assert doctor._answer(broken) == {"why": "ImportError: no zmq"}


def test_every_text_is_used_and_every_text_is_there():
    used = {
        node.value
        for node in ast.walk(ast.parse(Path(doctor.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    put_together = {
        f"{topic}.{state}"
        for topic in ("memory", "disk", "paths", "fonts", "kernel", *doctor.PROGRAMS, "state")
        for state in (doctor.OK, doctor.MISSING, doctor.OPTIONAL, doctor.LATER)
    }
    keys, topics = set(catalogue("doctor",
                                 "en")), {key.split(".")[0] for key in catalogue("doctor", "en")}
    assert set(catalogue("doctor", "id")) == keys <= used | put_together
    assert {
        text for text in used if re.fullmatch(r"\w+\.\w+", text) and text.split(".")[0] in topics
    } <= keys


def test_catalogues_are_read_without_babel_as_with_it():
    for path in (ROOT / "src/helpers/publish/locale").glob("*/LC_MESSAGES/*.po"):
        with path.open("rb") as file:
            known = {text.id: text.string for text in read_po(file) if text.id}
        assert doctor.catalogue(path.stem, path.parts[-3]) == known, path
        assert catalogue(path.stem, path.parts[-3]) == known, path


@pytest.mark.parametrize(("variables", "lang"), [
    ({"LANG": "id_ID.UTF-8"}, "id"), ({"LANG": "id_ID.UTF-8", "LC_ALL": "C"}, "en"),
    ({"LC_MESSAGES": "id"}, "id"),
    ({"LANG": "idx"}, "en"), ({}, "en")])
def test_the_language_is_the_machines_unless_one_is_given(variables, lang, monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert messages.language(["doctor"]) == lang and messages.language(["doctor", "lang=id"
                                                                        ]) == "id"


def test_a_call_that_is_not_understood(capsys):
    assert doctor.main(["doctor", "RAW=x", "lang=en"]) == 2
    assert capsys.readouterr().err == "error: doctor takes lang=id or lang=en, not 'RAW=x'\n"
