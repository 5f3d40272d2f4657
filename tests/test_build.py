"""The build: keys, products, execution, outcome. Small notebooks that import nothing stand in for
the stages."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from helpers.cli import commands
from helpers.run import dependencies, plan, runner
from helpers.run.execution import libraries
from helpers.run.inputs import Inputs
from helpers.run.plan import Stage
from helpers.run.products import Products
from helpers.run.project import ROOT, Project
from helpers.run.provenance import facts

WRITE = """
import json, os, pathlib
run = json.loads(pathlib.Path(os.environ["KESENJANGAN_RUN"]).read_text())
staging = pathlib.Path(run["staging"])
def put(name, text):
    (staging / name).parent.mkdir(parents=True, exist_ok=True)
    (staging / name).write_text(text)
"""
STAGES = (
    Stage("alpha", "1_alpha", ("areas",)),
    Stage("beta", "2_beta", ("areas", "items")),
    Stage("gamma", "3_gamma", ("claims",), (), ("alpha", "beta")),
)
PARAMETERS = {"seed": 1, "lang": "id", "alpha": {"x": 3}, "beta": {"y": 4}}
RESOURCES = {"areas": "a", "items": "i", "claims": "c", "sources": "s"}


def notebook(path, parameters, *code):
    cells = [("markdown", "title-id", "# Judul", ["lang-id"]),
             ("markdown", "title-en", "# Title", ["lang-en"]),
             ("code", "parameters", parameters, ["parameters"])]
    cells += [("code", f"step-{number}", source, [])
              for number, source in enumerate((WRITE, *code), start=1)]
    content = [{
        "cell_type": kind, "id": name, "metadata": {"tags": tags} if tags else {}, "source": source,
        **({"outputs": [], "execution_count": None} if kind == "code" else {})
    } for kind, name, source, tags in cells]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps({"cells": content, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


class Bench:
    """A project of three small stages in a folder of its own."""

    def __init__(self, folder):
        source, out = folder / "helpers", folder / "out"
        self.project = Project(folder / "raw", out, out / "processed", jobs=2, root=folder,
                               notebooks=folder / "notebooks", source=source, stages=STAGES)
        self.inputs = Inputs(PARAMETERS, RESOURCES)
        self.lines = []

    def create(self):
        (self.project.root / "requirements.lock").write_text("no-library==2\n")
        self.project.source.mkdir()
        (self.project.source / "__init__.py").write_text("")
        folder = self.project.notebooks
        notebook(folder / "1_alpha.ipynb", 'seed = 0\nlang = "id"\nx = 0',
                 'put("tables/alpha.csv", f"x\\n{x}\\n"); put("processed/hand.csv", "h")')
        notebook(folder / "2_beta.ipynb", 'seed = 0\nlang = "id"\ny = 0',
                 'put("figures/beta.csv", f"y\\n{y}\\n")')
        notebook(folder / "3_gamma.ipynb", 'seed = 0\nlang = "id"', """
tables = pathlib.Path(run["out"]) / "tables"
put("tables/gamma.csv", ",".join(path.read_text() for path in sorted(tables.glob("alpha.csv"))))""")
        return self

    def build(self, names=None, **changes):
        self.inputs = replace(self.inputs, **changes)
        able = runner.skip_unavailable(self.project, self.inputs, self.lines.append)
        return self.work([name for name in able if names is None or name in names]).run()

    def work(self, names=("alpha", "beta", "gamma")):
        return runner.Build(self.project, self.inputs, list(names), say=self.lines.append)

    def parameters(self, stage, **values):
        return {**self.inputs.parameters, stage: {**self.inputs.parameters[stage], **values}}

    def read(self, product):
        return self.project.place(product).read_text()

    def outputs(self):
        return {path.relative_to(self.project.out).as_posix(): path.read_bytes()
                for path in sorted(self.project.out.rglob("*"))
                if path.is_file() and ".build" not in path.parts}

    def break_alpha(self, code):
        notebook(self.project.notebooks / "1_alpha.ipynb", 'seed = 0\nlang = "id"\nx = 0', code)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    bench = Bench(tmp_path_factory.mktemp("built")).create()
    outcome = bench.build()
    assert sorted(outcome.ran) == ["alpha", "beta", "gamma"]
    return bench


@pytest.fixture
def bench(built, tmp_path):
    shutil.copytree(built.project.root, tmp_path / "moved")
    return Bench(tmp_path / "moved")


def test_a_build_makes_products_and_says_one_line_a_stage(built):
    assert built.read("tables/alpha.csv") == "x\n3\n"
    assert built.read("tables/gamma.csv") == "x\n3\n"
    assert built.read("processed/hand.csv") == "h"
    assert sorted(built.outputs()) == [
        "figures/beta.csv", "notebooks/1_alpha.ipynb", "notebooks/2_beta.ipynb",
        "notebooks/3_gamma.ipynb", "processed/hand.csv", "tables/alpha.csv", "tables/gamma.csv"
    ]
    done = [line for line in built.lines if " done in " in line]
    assert len(done) == len(built.lines) == 3
    assert done[-1].startswith("gamma        done in ")
    assert all(line.endswith("s  (first run)") for line in done)
    assert not list((built.project.state / "staging").iterdir())


def test_the_executed_notebook_speaks_one_language_and_keeps_no_trace_of_time_or_place(built):
    executed = json.loads(built.read("notebooks/1_alpha.ipynb"))
    assert [cell["id"] for cell in executed["cells"]] == [
        "title-id", "parameters", "injected-parameters", "step-1", "step-2"]
    text = json.dumps(executed)
    assert "papermill" not in text and "iopub" not in text and str(built.project.root) not in text
    assert "x = 3" in "".join(executed["cells"][2]["source"])


def test_nothing_changed_does_nothing_even_after_a_move_and_a_touch(bench):
    for path in bench.project.root.rglob("*"):
        os.utime(path, (1, 1))
    before = bench.outputs()
    outcome = bench.build()
    assert (outcome.ran, sorted(outcome.fresh)) == ([], ["alpha", "beta", "gamma"])
    assert bench.outputs() == before


def test_a_parameter_re_runs_its_stage_and_what_reads_a_changed_table(bench):
    outcome = bench.build(parameters=bench.parameters("beta", y=5))
    assert sorted(outcome.ran) == ["beta", "gamma"]
    assert any(line.startswith("beta ") and line.endswith("(parameter beta.y changed from 4 to 5)")
               for line in bench.lines)
    assert bench.read("figures/beta.csv") == "y\n5\n"


def test_one_stage_on_its_own_counts_as_the_same_stage_in_a_build_of_all(bench):
    bench.inputs = replace(bench.inputs, parameters=bench.parameters("alpha", x=6))
    assert bench.work(["alpha"]).reasons() == {"alpha": ["parameter alpha.x changed from 3 to 6"]}
    assert bench.work().reasons()["alpha"] == ["parameter alpha.x changed from 3 to 6"]
    assert bench.work(["beta"]).reasons() == {"beta": []}


def test_a_dependency_that_is_gone_is_a_reason(bench):
    bench.inputs = replace(
        bench.inputs, resources={name: RESOURCES[name] for name in ("areas", "items", "claims")})
    assert bench.work(["alpha"]).reasons() == {
        "alpha": ["resource sources is no longer an input"]}
    bench.inputs = replace(bench.inputs, resources=RESOURCES | {"land": "l"})
    assert bench.work(["alpha"]).reasons() == {"alpha": []}, "it does not read that one"


def test_a_stage_that_makes_the_same_tables_again_does_not_re_run_what_reads_them(bench):
    path = bench.project.notebooks / "1_alpha.ipynb"
    path.write_text(path.read_text().replace("# Judul", "# Judul lain"))
    assert bench.build().ran == ["alpha"]
    assert "gamma        up to date: what it reads came out the same" in bench.lines


def test_a_removed_or_hand_edited_table_is_made_again(bench):
    bench.project.place("tables/alpha.csv").unlink()
    assert bench.build().ran == ["alpha"]
    assert bench.read("tables/alpha.csv") == "x\n3\n"
    bench.project.place("tables/gamma.csv").write_text("x\n99\n")
    assert bench.work().reasons()["gamma"] == ["its outputs were changed"]
    assert bench.build().ran == ["gamma"]
    assert bench.read("tables/gamma.csv") == "x\n3\n"


def test_reasons_name_what_changed_and_run_nothing(bench):
    notebook_file = bench.project.notebooks / "2_beta.ipynb"
    notebook_file.write_text(notebook_file.read_text() + " ")
    (bench.project.root / "requirements.lock").write_text("no-library==3\n")
    bench.project.place("tables/alpha.csv").unlink()
    bench.inputs = replace(bench.inputs, resources=RESOURCES | {"areas": "new"})
    before = bench.outputs()
    reasons = bench.work().reasons()
    assert reasons == {
        "alpha": [
            "tables/alpha.csv is missing", "requirements.lock changed", "resource areas changed"
        ], "beta": ["2_beta.ipynb changed", "requirements.lock changed", "resource areas changed"],
        "gamma": ["an upstream stage will run"]
    }
    assert bench.outputs() == before


def test_a_failing_cell_is_named_and_nothing_built_is_touched(bench):
    bench.break_alpha('put("tables/alpha.csv", "half")\nvalues = {}\nvalues["lon"]')
    before = bench.outputs()
    outcome = bench.build()
    assert (outcome.failed, outcome.held_back, outcome.ran) == (["alpha"], ["gamma"], [])
    [message] = outcome.errors
    assert message.startswith(
        "1_alpha.ipynb, cell 5 (step-2), line 3: KeyError: 'lon'\n  values[\"lon\"]\n  as far as "
        "it got:"
    )
    failed = bench.project.out / "failed" / "1_alpha.ipynb"
    assert f"{failed}; open it with: " in message and "-m jupyter lab" in message
    after = bench.outputs()
    assert "KeyError" in after.pop("failed/1_alpha.ipynb").decode()
    assert after == before
    assert not list((bench.project.state / "staging").iterdir())
    bench.break_alpha('put("tables/alpha.csv", "whole")')
    assert sorted(bench.build().ran) == ["alpha", "gamma"]
    assert not failed.exists()
    assert not bench.project.place(
        "processed/hand.csv").exists(), "a product that is no longer made stays"


@pytest.fixture
def ctrl_c():
    """Ctrl-C as a terminal means it: a shell that starts the tests in the background lets them
    ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_killed_kernel_is_reported_with_its_signal_and_its_cell(bench):
    bench.break_alpha("import signal\nos.kill(os.getpid(), signal.SIGKILL)")
    [message] = bench.build(["alpha"]).errors
    assert re.match(r"1_alpha\.ipynb, cell 5 \(step-2\): the kernel was killed by SIGKILL, "
                    r"having used \d+ MiB of memory at most\n", message)


def test_ctrl_c_ends_the_kernels_and_leaves_what_was_built(bench, ctrl_c):
    bench.break_alpha('put("tables/alpha.csv", str(os.getpid()))\nimport time\ntime.sleep(60)')
    before = bench.outputs()
    staged = Products(bench.project, "alpha").staging / "tables" / "alpha.csv"

    def interrupt():
        while not (staged.is_file() and staged.read_text()):
            time.sleep(0.05)
        pids.append(int(staged.read_text()))
        os.kill(os.getpid(), signal.SIGINT)

    pids = []
    threading.Thread(target=interrupt).start()
    start = time.monotonic()
    assert bench.build(["alpha"]).stopped
    assert time.monotonic() - start < 30
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
    assert bench.outputs() == before


def test_a_stage_without_its_resources_is_no_error_and_its_earlier_results_go(bench):
    resources = {name: state for name, state in RESOURCES.items() if name != "items"}
    outcome = bench.build(resources=resources)
    assert "beta         not in this package: items; earlier results removed" in bench.lines
    assert not outcome.failed and not bench.project.place("figures/beta.csv").exists()
    assert bench.read("tables/alpha.csv") == "x\n3\n"


def test_two_output_folders_do_not_share_anything(bench, tmp_path):
    other = Bench(bench.project.root)
    other.project = replace(bench.project, out=tmp_path / "second",
                            processed=tmp_path / "second" / "processed")
    assert other.build(["alpha"], parameters=other.parameters("alpha", x=7)).ran == ["alpha"]
    assert (other.read("tables/alpha.csv"), bench.read("tables/alpha.csv")) == ("x\n7\n", "x\n3\n")
    assert bench.build().ran == []


def test_an_unreadable_memory_costs_a_run_and_nothing_else(bench):
    for path in (bench.project.state / "records").iterdir():
        path.write_text("not {json")
    before = bench.outputs()
    assert sorted(bench.build().ran) == ["alpha", "beta", "gamma"]
    assert bench.outputs() == before, "two runs of the same differ"


def test_two_stages_may_not_make_the_same_file(bench):
    bench.break_alpha('put("figures/beta.csv", "mine")')
    [message] = bench.build(["alpha"]).errors
    assert message == (
        "alpha: alpha made figures/beta.csv, which is a product of beta; give it another name"
    )


def test_a_build_that_died_while_moving_leaves_no_file_without_an_owner(bench):
    Products(bench.project, "alpha").note(moving=["tables/orphan.csv"])
    bench.project.place("tables/orphan.csv").write_text("x")
    assert bench.build(["alpha"], parameters=bench.parameters("alpha", x=8)).ran == ["alpha"]
    assert not bench.project.place("tables/orphan.csv").exists()


def test_clean_removes_what_the_build_made_and_nothing_else(bench):
    mine = bench.project.place("tables/mine.csv")
    mine.write_text("kept")
    assert runner.remove_made(bench.project) == 7
    assert list(bench.outputs()) == ["tables/mine.csv"]


@pytest.fixture
def source(tmp_path):
    files = {
        "__init__.py": "", "pure.py": "from helpers.deep import low", "other.py": "",
        "deep/__init__.py": "", "deep/low.py": "def f():\n    from .lazy import x\n",
        "deep/lazy.py": "x = 1", "deep/table.yml": "", "deep/locale/id/pure.po": "",
        "deep/locale/id/other.po": "", "deep/sub/__init__.py": "", "deep/sub/data.csv": ""
    }
    for name, text in files.items():
        path = tmp_path / "helpers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "helpers"


@pytest.mark.parametrize("code",
                         ["from helpers import pure", "import helpers.pure as p",
                          "from helpers.pure import x",
                                  "def f():\n    from helpers import pure",
                                  "importlib.import_module('helpers.pure')"])
def test_helper_files_follow_imports_however_far_away(source, code):
    found = [
        path.relative_to(source).as_posix()
        for path in dependencies.helper_files(code, source, ("pure", "common"))
    ]
    assert found == [
        "__init__.py", "deep/__init__.py", "deep/lazy.py", "deep/locale/id/pure.po", "deep/low.py",
        "deep/table.yml", "pure.py"
    ]


def test_plan_has_a_notebook_for_every_stage_and_names_resources_of_the_contract():
    known = {
        "areas", "villages", "boundaries", "indicators", "catalogue", "series", "frame", "items",
        "responses", "factors", "ratings", "linkages", "comparisons", "strategies", "claims",
        "sources", "land", "known_totals", "village_indicators", "national", "findings",
        "error_rates", "coverage", plan.EVERYTHING, plan.BEHIND_CLAIMS
    }
    for stage in plan.STAGES:
        assert set(stage.needs + stage.may_use) <= known
        assert set(stage.after) <= {other.name for other in plan.STAGES}


@pytest.mark.parametrize(("target", "message"), [
    ("clean",
     "error: OUT=theirs was not made by this build (it has no .build folder); nothing removed"),
    ("all", "error: OUT=theirs holds files that no build made, and they could be overwritten"),
])
def test_a_folder_with_other_files_is_left_alone(target, message, tmp_path, capsys, monkeypatch):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "letter.txt").write_text("mine", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert commands.main([target, "OUT=theirs"]) == 2
    assert capsys.readouterr().err.startswith(message)
    assert [path.name for path in (tmp_path / "theirs").iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(("arguments", "message"), [
    (["al"], "error: there is no target 'al'; targets are doctor, all, lab, explore, site"),
    (["all", "RWA=x"],
     "error: all takes RAW=, OUT=, PARAMS=, lang=, jobs=, explain=, not RWA=x; did you mean RAW=?"),
    (["all", "lnag=en"],
     "error: all takes RAW=, OUT=, PARAMS=, lang=, jobs=, explain=, not lnag=en; did you mean lan"),
    (["all", "--quick"], "error: all takes RAW=, OUT=, PARAMS=, lang=, jobs=, explain=, not --q"),
    (["all", "site"], "error: one target at a time, not 2 (all, site)"),
    (["all", "jobs=0"], "error: jobs=0: allowed is a whole number from 1 to 99"),
    (["all", "OUT=pyproject.toml"], "error: OUT=pyproject.toml is a file; give a folder"),
    (["all", "OUT=data/raw/x"],
     "error: OUT=data/raw/x lies in the data package; give a folder outside of raw"),
    (["all", "OUT=."],
     "error: OUT=. holds the project itself; give a folder of its own, such as OUT=elsewhere"),
    (["clean", "OUT=.."], "error: OUT=.. holds the project itself; give a folder of its own"),
    (["all", "OUT=src/helpers"],
     "error: OUT=src/helpers lies in the project's folder src; give a folder of its own"),
    (["all", "RAW=nowhere", "OUT=nowhere-out"],
     "error: nowhere: there is no datapackage.json in this folder"),
    (["all", "PARAMS=nowhere.yml", "OUT=nowhere-out"], "error: nowhere.yml: cannot be read"),
    (["all", "lang=fr", "OUT=nowhere-out"],
     "error: lang=fr: allowed is id or en or both"),
    (["sampling", "lang=fr", "OUT=nowhere-out"], "error: lang=fr: allowed is id or en"),
])
def test_a_wrong_call_ends_with_one_line_and_status_2(arguments, message, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert commands.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(message) and error.count("\n") == 1
    assert not (ROOT / "nowhere-out").exists()


def test_help_comes_from_the_makefile_and_without_make_it_is_the_same():
    call = [sys.executable, "src/helpers"]
    shown = subprocess.run([*call, "help"], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout
    assert "  synthesis       the abstract's claims against the tables" in shown
    assert subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True,
                          text=True).stdout == shown
    assert subprocess.run([sys.executable, "-m", "helpers"], cwd="/", capture_output=True,
                          text=True).stdout == shown


def test_lab_opens_the_overview_on_this_machine_only_with_its_token(monkeypatch, tmp_path):
    called = []
    monkeypatch.setattr(commands.subprocess, "call", lambda command, **options: called.append(
        (command, options)) or 0)
    assert commands.main(["lab", f"OUT={tmp_path / 'elsewhere'}"]) == 0
    [(command, options)] = called
    assert "--ServerApp.ip=127.0.0.1" in command and f"--ServerApp.root_dir={ROOT}" in command
    assert "--LabApp.default_url=/lab/tree/notebooks/0_overview.ipynb" in command
    assert not [part for part in command if "token" in part or "password" in part]
    told = json.loads(Path(options["env"]["KESENJANGAN_RUN"]).read_text(encoding="utf-8"))
    assert told["out"].endswith("elsewhere") and told["raw"] == str(ROOT / "data" / "raw")
    settings = Path(options["env"]["JUPYTER_CONFIG_PATH"].split(os.pathsep)[0], "labconfig",
                    "default_setting_overrides.json")
    assert json.loads(settings.read_text(encoding="utf-8")) == {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
    # The panels of nbgrader are for the lecturer's own server: here they would make the start
    # seconds longer.
    page = json.loads(settings.with_name("page_config.json").read_text(encoding="utf-8"))
    assert page == {"disabledExtensions": {"@jupyter/nbgrader": True}}
    server = json.loads(
        (settings.parents[1] / "jupyter_server_config.json").read_text(encoding="utf-8"))
    installed = Path(sys.prefix, "etc", "jupyter", "jupyter_server_config.d", "nbgrader.json")
    panels = json.loads(installed.read_text(encoding="utf-8"))["ServerApp"]["jpserver_extensions"]
    assert server == {"ServerApp": {"jpserver_extensions": dict.fromkeys(panels, False)}}


def test_the_libraries_are_listed_once_for_all_stages(bench, monkeypatch):
    """It takes 10 ms, for every stage and document before."""
    asked = []
    monkeypatch.setattr(dependencies, "not_as_locked", lambda lock: asked.append(lock) or ["x 2"])
    work = runner.Build(bench.project, bench.inputs, ["alpha", "beta", "gamma"])
    assert asked == [bench.project.root / "requirements.lock"]
    assert {work.contents[name][dependencies.OTHERWISE] for name in work.contents} == {"x 2"}


def test_libraries_that_are_not_the_locked_ones_are_said_and_recorded(bench):
    """R7: the provenance named the lock's hash as if it were what ran."""
    installed = libraries.libraries(ROOT / "requirements.lock")["numpy"]
    (bench.project.root / "requirements.lock").write_text("numpy==1.0\n")
    bench.build()
    assert f"libraries   NOT the locked versions: numpy {installed} (locked: 1.0)" in bench.lines
    given = bench.project, bench.inputs
    lock = facts.of_stage(STAGES[0], dependencies.of_all(*given) | dependencies.of_stage(
        *given, STAGES[0]), replace(bench.inputs, described={}))["lock"]
    assert lock["not_as_locked"] == f"numpy {installed} (locked: 1.0)"
