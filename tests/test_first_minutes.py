"""The first five minutes: links that lead somewhere, commands that are there, Windows, Binder, a
plain console."""

import ast
import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace
from urllib.parse import unquote

import pandas as pd
import pytest
import yaml
from conftest import without_browser

from helpers import messages
from helpers.cli import bootstrap, call, early, targets
from helpers.publish.texts import Texts
from helpers.run.plan import STAGES
from helpers.run.project import ROOT
from helpers.study import parameters
from tools import makefile

SOURCES = sorted((ROOT / "src").rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
READMES = ("README.md", "README.id.md")
FIRST_STEPS = {"README.md": "first-steps.md", "README.id.md": "first-steps.id.md"}
DOCUMENTS = [
    *map(ROOT.joinpath, READMES), ROOT / "data" / "raw" / "README.md", *(ROOT / "docs").glob("*.md")
]
LINK = re.compile(r"(?<!`)\[[^\]\n]*\]\(([^)\s]+)\)")
# What has an `open` or `write_text` of its own.
NO_FILES = ("study", "publish", "Image", "archive", "package", "tarfile", "zipfile",
            "atomic_package", "os", "webbrowser")
# What Windows' Python has not.
POSIX_MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "pty", "tty", "syslog", "posix",
                 "crypt", "nis", "spwd")
POSIX_NAMES = {
    "os": ("fork", "forkpty", "killpg", "setsid", "getpgid", "wait4", "waitid", "sched_getaffinity",
           "geteuid", "getuid", "getgid", "mkfifo", "O_ACCMODE", "register_at_fork", "set_blocking",
           "chown", "uname"), "signal": ("SIGKILL", "SIGHUP", "SIGUSR1", "SIGALRM", "setitimer",
                                         "pthread_kill", "pthread_sigmask"),
    "socket": ("AF_UNIX", "socketpair"), "time": ("tzset",)
}


def markdown(path):
    """Return the text of a document, or of a notebook's text cells."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


@pytest.mark.parametrize("path", [*NOTEBOOKS, *DOCUMENTS], ids=lambda path: path.name)
def test_every_link_leads_to_a_file_that_is_there(path):
    for link in LINK.findall(markdown(path)):
        if not re.match(r"\w+:", link) and not link.startswith("#"):
            assert (path.parent / unquote(link.split("#")[0])).exists(), link


@pytest.mark.parametrize("name", READMES)
def test_the_overview_and_the_readme_name_every_notebook(name):
    # Those that the claims rest on, and the synthesis: a stage that was added may be unnamed.
    synthesis = next(stage for stage in STAGES if stage.name == "synthesis")
    named = [stage.notebook for stage in STAGES if stage.name in ("synthesis", *synthesis.after)]
    assert len(named) == 5
    for notebook in named:
        assert markdown(NOTEBOOKS[0]).count(f"({notebook}.ipynb)") >= 2
    steps = markdown(ROOT / "docs" / FIRST_STEPS[name])
    assert all(f"`{notebook}`" in steps for notebook in ["0_overview", *named])


@pytest.mark.parametrize("name", READMES)
def test_the_readme_says_it_in_a_minute_with_the_numbers_of_the_reference(name):
    """No number of its findings is typed that the reference does not have."""
    text = markdown(ROOT / name)
    assert len(text.splitlines()) <= 70
    tables = ROOT / "reference" / "tables"
    claims = pd.read_csv(tables / "claims.csv").set_index("claim")
    periods = pd.read_csv(tables / "claim_periods.csv").set_index(["claim", "period"])["verdict"]
    first, growth = claims.loc["c01"], claims.loc["c03"]
    numbers = [f"{first[column]:.2f}" for column in ("value", "low", "high")] + [
        f"p = {first['p_value']:.3f}", f"{growth['value']:.1f} %"]
    if name != "README.md":
        numbers = [number.replace(".", ",") for number in numbers]
    for number in [*numbers, f"{100 * first['robustness']:.0f} %"]:
        assert number in text, number
    # How much hangs on the kind of test, here for c01, in the page on inference for c02 too.
    lines = (ROOT / "reference" / "notebooks" / "5_synthesis.txt").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:]] for line in lines.splitlines()]
    by_kind = {(row[0].rstrip("."), row[1]): row[5] for row in rows
               if len(row) == 7 and row[5].endswith("%")}
    kinds = [Texts("id", "synthesis").word(kind) for kind in ("neighbours", "labels")]
    said = claims["text_id"].str.rstrip(".")
    shares = {claim: [by_kind[said[claim], kind].replace("%", " %") for kind in kinds]
              for claim in ("c01", "c02")}
    assert all(share in text for share in shares["c01"])
    page = markdown(ROOT / "docs" / name.replace("README", "inference"))
    assert all(share in page for share in [*shares["c01"], *shares["c02"]])
    # What the three sentences say in words.
    assert claims.loc[["c01", "c03"], "verdict"].tolist() == ["mixed", "supported"]
    assert claims.loc[["c01", "c03"], "basis"].tolist() == ["published", "published"]
    assert [periods["c05", period] for period in ("thesis", "today")] == ["mixed", "not_supported"]
    assert set(claims["basis"]) == {"published", "simulated", "illustrative"}


def calls(name):
    """Return the lines of a README that call make or Python, from its blocks and from its
    sentences."""
    text = markdown(ROOT / name) + markdown(ROOT / "docs" / FIRST_STEPS[name])
    blocks = [line.split("#")[0].strip() for block in re.findall(r"(?ms)^```sh\n(.*?)^```", text)
              for line in block.splitlines()]
    return [line for line in blocks + re.findall(r"`([^`\n]+)`", text)
            if re.match(r"(make|py|python3?|\S+python)\s", line)]


@pytest.mark.parametrize("name", READMES)
def test_every_command_of_the_readme_is_there(name):
    named, found = [target.name for target in targets.TARGETS], calls(name)
    assert len(found) > 15
    for line in found:
        words = line.split()
        if words[0] == "make":
            assert [word for word in words[1:] if "=" not in word][0] in named, line
            assert all(re.match("[A-Z]+=|lang=|jobs=|explain=", word) for word in words[2:]), line
        elif "-m" in words and words[words.index("-m") + 1] != "helpers":
            module = words[words.index("-m") + 1]
            assert (ROOT / "src" / (module.replace(".", "/") + ".py")).is_file(), line
        else:
            target = words[words.index("helpers" if "helpers" in
                                       words else re.search(r"src[/\\]helpers", line)[0]) + 1]
            assert target in named, line


def test_people_type_the_commands_in_one_form():
    """With the folder, which needs no environment: not as a module."""
    typed = [*(ROOT / "docs").glob("*.md"), *(ROOT / "course").rglob("*.md"), ROOT / "Makefile",
             *(ROOT / "src").rglob("*.po"), *(ROOT / "src" / "helpers" / "intake").rglob("*.py")]
    assert [str(path) for path in typed
            if re.search(r"(?<!/)python -m helpers ", path.read_text("utf-8"))] == []


def test_without_make_every_target_is_there_in_the_same_order_with_the_same_words(capsys):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    written = re.findall(r"(?m)^(\w+):.*?## (.*)$", makefile)
    assert early.answer(["help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    groups = re.findall(r"(?m)^### (.*)$", makefile)
    expected = [f"  {name:<{early.WIDTH}} {text}" for name, text in written]
    assert [line for line in lines if re.match("  \\w", line)] == expected
    assert [line for line in lines if line in groups] == groups and lines[4] == groups[0]
    assert "make doctor" in lines[2] and "make all" in lines[2] and written[0][
        0] == "doctor" and written[1][0] == "all"
    [phony] = re.findall(r"(?m)^\.PHONY: (.*)$", makefile)
    assert set(phony.split()) == {name for name, _ in written}


def test_a_mistyped_target_is_refused_before_an_environment_is_made(capsys):
    assert early.answer(["coarse", "lang=en"]) == 2
    assert capsys.readouterr().err.startswith(
        "error: there is no target 'coarse'; targets are doctor, all, ")
    others = {target.name for target in targets.TARGETS} - {"help", "doctor"}
    assert {early.answer([name]) for name in others} == {None}


def test_a_mistyped_variable_is_refused_before_an_environment_is_made(capsys):
    assert early.answer(["all", "lnag=en"]) == 2
    assert capsys.readouterr().err.endswith("not lnag=en; did you mean lang=?\n")
    assert early.answer(["site", "OUTT=x", "lang=en"]) == 2
    assert capsys.readouterr().err.endswith("did you mean OUT=?\n")
    assert early.answer(["import", "lnag=en"]) is None, "it reads its own arguments"


@pytest.mark.parametrize(("machine", "arguments", "file", "lang"), [
    ("en", [], None, "en"), ("id", [], None, "id"), ("en", ["lang=id"], None, "id"),
    ("en", [], "lang: id\n", "id"), ("en", [], "lang: 'id'\n", "id"),
    ("en", [], "seed: 3\n", "en"), ("jv", [], None, "id")])
def test_pages_are_in_the_readers_language(machine, arguments, file, lang, monkeypatch, tmp_path):
    monkeypatch.setenv(messages.CHOSEN, machine)
    given = [f"OUT={tmp_path / 'out'}", *arguments]
    if file is not None:
        (tmp_path / "mine.yml").write_text(file, encoding="utf-8")
        given.append(f"PARAMS={tmp_path / 'mine.yml'}")
    project = call.project_of(call.parse(["all", *given]))
    assert parameters.load(project.parameters_file, {"lang": project.lang})["lang"] == lang


@pytest.mark.parametrize(("machine", "arguments", "stated", "lang"), [
    ("id", [], "en", "en"), ("en", [], "id", "en"), ("id", [], "id", "id"), ("jv", [], "en", "en"),
    ("id", ["lang=id"], "en", "id"), ("id", [], '"en"', "en"), ("en", [], "\n  fr", "en"),
    ("en", [], "fr", "en")])
def test_a_target_of_one_language_takes_what_params_yml_states(machine, arguments, stated, lang,
                                                               monkeypatch, tmp_path):
    (tmp_path / "params.yml").write_text(f"lang: {stated}  # of texts\n", encoding="utf-8")
    monkeypatch.setattr(call, "ROOT", tmp_path)
    monkeypatch.setenv(messages.CHOSEN, machine)
    assert call.language_of(call.parse(["verify", *arguments])) == lang


def test_containers_take_the_two_commands_of_the_readme_and_nothing_else():
    asked = re.search(r"## Two commands\n.*?```sh\n(.*?)```",
                      (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    two = [line.partition("#")[0].split() for line in asked.splitlines()]
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    steps = [line.split() for line in re.findall(r"(?m)^RUN (make .*)$", text)]
    steps += [json.loads(line) for line in re.findall(r"(?m)^CMD (.*)$", text)]
    assert steps == two == [["make", "all"], ["make", "test"]]
    machine = text.partition("FROM machine")[0]
    assert "install -y --no-install-recommends git make chromium" in machine
    assert re.search(r"FROM python:3\.(\d+)", machine)[1] == str(bootstrap.OLDEST[1])
    about = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert about["postCreateCommand"].split() == two[0] and about["build"]["target"] == "machine"
    ignored = {*(ROOT / ".dockerignore").read_text(encoding="utf-8").split()}
    assert {".venv", "outputs", "data/processed", "data/*-boundaries", "**/*-package", "**/*.xlsx",
            "**/*-field.*.html"} <= ignored and ".git" not in ignored


def test_without_a_browser_the_last_line_names_and_counts_what_was_not_run():
    reports = [SimpleNamespace(nodeid=f"tests/{name}.py::test_x[{number}]", longrepr=why)
               for number, (name, why) in enumerate([
                   ("test_site", ("browser.py", 74, "Skipped: no Chromium found")),
                   ("test_atlas", ("browser.py", 74, "Skipped: no Chromium found")),
                   ("test_faults", ("x.py", 1, "Skipped: only root"))])]
    assert without_browser(reports) == (
        "2 tests of pages were not run, no Chromium found (test_atlas.py, test_site.py); install "
        "one (Debian: apt-get install chromium) and call again")
    assert without_browser(reports[2:]) == ""


def test_the_makefile_is_made_from_the_table_and_every_target_has_its_function():
    assert makefile.FILE.read_text(encoding="utf-8") == makefile.makefile(), \
        "python -m tools.makefile writes it anew"
    assert all(callable(targets.function_of(target)) for target in targets.TARGETS)
    assert len({target.name for target in targets.TARGETS}) == len(targets.TARGETS)


def test_a_new_stage_is_a_target_by_itself():
    code = """
from helpers.run import plan
plan.STAGES += (plan.Stage("growth", "6_growth", ("areas",), meaning="what grew"),)
from helpers.cli import call, early
from tools.makefile import makefile
early.answer(["help"])
print(call.parse(["growth", "jobs=2"]), "growth: ## what grew" in makefile())"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          check=True)
    assert "\n  growth          what grew\n" in done.stdout
    assert done.stdout.endswith(
        "Call(target='growth', variables={'jobs': '2'}, explain=False) True\n")


def test_make_hands_on_what_the_command_line_says_and_nothing_else():
    call = ["make", "-n", "all", "OUT=a b", "RWA=c;d", "PYTHON=python"]
    # As called by a person: make that runs the tests hands its own flags on.
    own = {name: value for name, value in os.environ.items()
           if not name.startswith(("MAKE", "MFL"))}
    done = subprocess.run(call, cwd=ROOT, env=own | {"RAW": "x"}, capture_output=True, text=True,
                          check=True)
    handed = re.sub(" +", " ", done.stdout.split("src/helpers ")[1].strip())
    assert handed == "'all' 'OUT=a b' 'RWA=c;d'"
    new = subprocess.run(["make", "-n", "growth"], cwd=ROOT, env=own, capture_output=True,
                         text=True)
    assert new.stdout.strip().endswith("src/helpers 'growth'"), "a stage that the Makefile lacks"


def test_no_value_given_to_make_reaches_a_shell(tmp_path):
    ran, told = tmp_path / "ran", tmp_path / "told.py"
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\nimport json, os, sys\n"
                       f"open({str(told)!r}, 'w').write(json.dumps([sys.argv[2:], os.environ]"
                       ", default=dict))\n", encoding="utf-8")
    program.chmod(0o755)
    values = [f"RAW=`touch {ran}`", f"OUT=$(shell touch {ran})", f"FILE=$$(touch {ran})",
              f'TO="; touch {ran}; "', f"lang=en' ; touch {ran}; '", "PARAMS=a $HOME b\\",
              f"SHELL=touch {ran};", f".SHELLFLAGS=-c 'touch {ran}'", *(
                  f"{name}=$(shell touch {ran})" for name in ("NAMES", "GIVEN", "FOUND", "RUN",
                                                              "quoted"))]
    own = {name: value for name, value in os.environ.items()
           if not name.startswith(("MAKE", "MFL"))}
    target = f"`touch {ran}`"
    own |= {"CONDA_PREFIX": f"$(shell touch {ran})", "RAW": f"`touch {ran}`"}
    subprocess.run(["make", target, *values, f"PYTHON={program}"], cwd=ROOT, env=own, check=True)
    # What starts with no PYTHON named is the environment's, whatever the conda prefix would run.
    subprocess.run(["make", "-n", "help"], cwd=ROOT, env=own, check=True, capture_output=True)
    [arguments, environment] = json.loads(told.read_text(encoding="utf-8"))
    assert sorted(arguments) == sorted([target, *values[:6]])
    assert not ran.exists() and "OUT" not in environment


def test_help_that_is_not_read_to_its_end_says_nothing_more():
    script = f"{sys.executable} src/helpers help lang=id | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "" and done.stdout.count("\n") == 1


def test_every_text_file_is_opened_with_its_encoding():
    """Windows would take that of its console."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and takes_text(node):
                told = any(keyword.arg == "encoding" for keyword in node.keywords)
                assert told, f"{path.relative_to(ROOT)}, line {node.lineno}: {ast.unparse(node)}"


def takes_text(node):
    """Whether a call reads or writes text in an encoding."""
    method = isinstance(node.func, ast.Attribute)
    name, owner = (node.func.attr,
                   ast.unparse(node.func.value)) if method else (getattr(node.func, "id", ""), "")
    if name in ("NamedTemporaryFile", "TemporaryFile"):
        return any(keyword.arg == "mode" and "b" not in keyword.value.value
                   for keyword in node.keywords)
    if name == "open" and owner not in NO_FILES:
        named = [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
        modes = [*node.args[0 if method else 1:], *named]
        return not any("b" in text.value for mode in modes
                       for text in ast.walk(mode) if isinstance(text, ast.Constant))
    return method and name in ("read_text",
                               "write_text") and owner not in NO_FILES or name == "TextIOWrapper"


def test_every_module_can_be_imported_where_posix_is_not():
    """As on Windows, as far as a Linux can be without it: modules and names of POSIX are taken away
    first."""
    modules = [".".join(path.relative_to(ROOT / "src").with_suffix("").parts) for path in SOURCES
               if path.name not in ("__init__.py", "__main__.py", "preloads.py")]
    code = f"""
import importlib, sys
import babel.messages.pofile, nbformat, pandas, papermill, psutil, yaml
import jupyter_client.asynchronous, IPython
import concurrent.futures.process, multiprocessing.pool
for name in {POSIX_MODULES!r}:
    sys.modules[name] = None
for module, names in {POSIX_NAMES!r}.items():
    for name in names:
        vars(importlib.import_module(module)).pop(name, None)
for name in {modules!r}:
    importlib.import_module(name)
from helpers.run.execution import read_audit
import os, tempfile
rules = {{"stage": "x", "files": [], "guarded": [], "folders": []}}
audit = read_audit.Audit(rules, tempfile.gettempdir())
audit.on_event("open", (os.devnull, None, os.O_RDONLY))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]


def test_on_windows_the_environment_has_its_programs_in_scripts(monkeypatch):
    monkeypatch.setattr(bootstrap.os, "name", "nt")
    python = bootstrap.python_of("folder")
    monkeypatch.undo()
    assert python == os.path.join("folder", "Scripts", "python.exe")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_console_without_arrows_shows_a_question_mark(lang):
    """The console of Windows in its old encoding."""
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    code = ("import sys; from helpers.cli import early; early.escape_unencodable(); "
            "print('1 \\u2192 2 \\u2713 \\u2026')")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment)
    assert done.returncode == 0 and done.stdout.decode("cp1252").strip() == "1 ? 2 ? …"
    done = subprocess.run([sys.executable, "src/helpers", "help", f"lang={lang}"], cwd=ROOT,
                          capture_output=True, env=environment)
    assert done.returncode == 0 and done.stderr == b""


def test_line_ends_of_windows_are_read(tmp_path, monkeypatch):
    lock = tmp_path / "requirements.lock"
    lock.write_bytes((ROOT / lock.name).read_bytes().replace(b"\n", b"\r\n"))
    before = bootstrap.locked_versions()
    monkeypatch.setattr(bootstrap, "LOCK", str(lock))
    assert bootstrap.locked_versions() == before
    attributes = (ROOT / ".gitattributes").read_text(encoding="utf-8")
    assert "* -text" in attributes.splitlines(
    ), "git on Windows would change line ends, and with them hashes"


def test_no_path_of_the_project_is_too_long_for_windows():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True,
                            check=True).stdout
    paths = listed.splitlines()
    assert max(map(len, paths)) < 100
    refused = re.compile(r'[<>:"|?*\\]|(^|/)(con|nul|aux|prn)(\.|/|$)|[ .](/|$)', re.IGNORECASE)
    assert not [path for path in paths if refused.search(path)]
    assert len({path.lower() for path in paths}) == len(paths)


def test_binder_activates_its_environment_and_makes_the_project_known(tmp_path):
    (tmp_path / "python").write_text('#!/bin/sh\necho "$CONDA_PREFIX" "$@"\n', encoding="utf-8")
    (tmp_path / "python").chmod(0o755)
    assert os.access(ROOT / "postBuild", os.X_OK)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}", "NB_PYTHON_PREFIX": "/srv/conda/envs/notebook"
    }
    done = subprocess.run([ROOT / "postBuild"], cwd=ROOT, env=environment, capture_output=True,
                          text=True, check=True)
    assert done.stdout == "/srv/conda/envs/notebook src/helpers env\n"
    done = subprocess.run([ROOT / "postBuild"], cwd=ROOT,
                          env=environment | {"CONDA_PREFIX": "/mine"}, capture_output=True,
                          text=True, check=True)
    assert done.stdout == "/mine src/helpers env\n"


def test_binder_and_conda_get_a_python_for_which_the_lock_was_resolved():
    """A package of the lock with a condition on Python must be there for the Python of
    environment.yml, once."""
    from packaging.markers import Marker

    content = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    version = next(part for part in content["dependencies"]
                   if str(part).startswith("python=")).removeprefix("python=")
    surroundings = {
        "python_version": version, "python_full_version": f"{version}.0", "sys_platform": "linux",
        "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64",
        "implementation_name": "cpython", "platform_python_implementation": "CPython"
    }
    chosen = {}
    for name, found, _, marker in re.findall(r"(?m)^([\w.-]+)==([^\s;]+)( ; (.*?))? \\$",
                                             (ROOT
                                              / "requirements.lock").read_text(encoding="utf-8")):
        if not marker or Marker(marker).evaluate(surroundings):
            assert name not in chosen, f"{name} stands twice for Python {version}"
            chosen[name] = found
    assert chosen["jupyterlab"] and chosen["ipykernel"] and bootstrap.locked_versions().items(
    ) <= chosen.items()
