"""Set-up: pyproject, lock and environment.yml agree; the bootstrap says what is wrong in one
line."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.cli import bootstrap
from helpers.run import locks
from helpers.run.project import ROOT

FIXED = ("jupyterlab", "pandas", "matplotlib", "seaborn", "papermill", "nbconvert", "geopandas")
LOCK = (ROOT / "requirements.lock").read_text()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked():
    """Name to every version in the lock, whatever its condition."""
    found = {}
    for name, version in re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^\s;]+)", LOCK):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def direct():
    project = PYPROJECT["project"]
    return [
        Requirement(text)
        for text in project["dependencies"] + project["optional-dependencies"]["test"]
    ]


def test_the_lock_has_every_dependency_at_a_version_that_pyproject_allows():
    versions = locked()
    for requirement in direct():
        assert versions[canonicalize_name(requirement.name)], requirement
        assert all(
            requirement.specifier.contains(version)
            for version in versions[canonicalize_name(requirement.name)])


def test_every_locked_package_has_hashes_and_the_lock_has_no_address():
    blocks = re.split(r"(?m)^(?=\S)", LOCK)[1:]
    assert len(blocks) > 150
    for block in blocks:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block.splitlines()[0]
    assert "://" not in LOCK and "index" not in LOCK.replace("--hash", "")


def test_environment_yml_installs_the_same_lock():
    content = yaml.safe_load((ROOT / "environment.yml").read_text())
    python = next(part for part in content["dependencies"] if str(part).startswith("python="))
    assert content["name"] == PYPROJECT["project"]["name"]
    assert content["channels"][0] == "conda-forge" and "pip" in content["dependencies"]
    assert content["dependencies"][-1] == {"pip": ["-r requirements.lock"]}
    assert python.removeprefix("python=") in Requirement(
        f"python{PYPROJECT['project']['requires-python']}").specifier


def test_the_fixed_libraries_are_locked_and_installed():
    for name in FIXED:
        assert metadata.version(name) in locked()[name]
        assert canonicalize_name(name) in {
            canonicalize_name(requirement.name) for requirement in direct()
        }


def test_the_locked_uv_can_install_the_project_without_the_network():
    [backend] = [Requirement(text) for text in PYPROJECT["build-system"]["requires"]]
    [version] = locked()["uv"]
    assert backend.name == "uv_build" and backend.specifier.contains(version)


def test_this_environment_holds_the_locked_versions():
    wrong = {name: metadata.version(name) for name, version in bootstrap.locked_versions().items()
             if metadata.version(name) != version}
    assert not wrong


def test_helpers_come_from_this_checkout_in_any_folder(tmp_path):
    code = ("import helpers, sys; print(helpers.__file__); print(sorted(set(sys.modules) & "
            "{'pandas', 'numpy', 'yaml'}))")
    shown = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True,
                           text=True, check=True).stdout
    assert shown.splitlines() == [str(ROOT / "src" / "helpers" / "__init__.py"), "[]"]


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with a lock of its own that holds uv only, and no environment."""
    for name, value in (("ROOT", tmp_path), ("LOCK", tmp_path / "requirements.lock"),
                        ("PROJECT", tmp_path / "pyproject.toml"), ("ENVIRONMENT",
                                                                   tmp_path / ".venv")):
        monkeypatch.setattr(bootstrap, name, str(value))
    (tmp_path / "requirements.lock").write_text(f"uv==0.0.1 \\\n    --hash=sha256:{'0' * 64}\n")
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def test_without_the_network_one_line_says_so(checkout, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(checkout))
    monkeypatch.setattr(bootstrap, "_call", lambda *arguments: None)
    monkeypatch.setattr(bootstrap, "runs",
                        lambda command: "--version" not in command or "pip" in command)
    monkeypatch.setattr(bootstrap, "python_of", lambda folder: base_python())
    with pytest.raises(SystemExit) as stopped:
        bootstrap.enter([])
    message = stopped.value.code
    assert message.startswith(
        "error: uv cannot be installed: ERROR: Could not find a version") and "\n" not in message
    assert message.endswith("(is the network there? it is needed once, to install)")


def base_python():
    """A Python with pip: the one that this environment was made from."""
    return os.path.join(sys.base_prefix, "bin",
                        f"python{sys.version_info[0]}.{sys.version_info[1]}")


def test_an_old_python_looks_for_a_newer_one_and_else_says_which_is_needed(checkout, monkeypatch):
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit) as stopped:
        bootstrap.enter([])
    assert stopped.value.code == ("error: Python 3.11 or newer is needed, this is 3.9; "
                                  "install it, or name it: make PYTHON=python3.11")
    started = []
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}"
                        if name == "python3.12" else None)
    monkeypatch.setattr(bootstrap, "runs", lambda command: True)
    monkeypatch.setattr(bootstrap.os, "execv", lambda python, command: started.append(command))
    monkeypatch.setattr(bootstrap, "make", lambda folder: None)
    bootstrap.enter(["all"])
    assert started[0][0] == "/usr/bin/python3.12" and started[0][-1] == "all"


def test_a_stamp_makes_the_next_call_cheap_and_a_changed_lock_voids_it(checkout):
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").write_text("")
    assert not bootstrap.stamped(bootstrap.ENVIRONMENT)
    bootstrap._stamp(bootstrap.ENVIRONMENT)
    assert bootstrap.stamped(bootstrap.ENVIRONMENT)
    (checkout / "requirements.lock").write_text("uv==0.0.2 \\\n")
    assert not bootstrap.stamped(bootstrap.ENVIRONMENT)


def test_a_conda_environment_at_the_lock_is_used_and_another_one_is_not(
        checkout, monkeypatch, capsys):
    monkeypatch.setenv("CONDA_PREFIX", sys.prefix)
    monkeypatch.setattr(bootstrap, "stamped", lambda folder: False)
    monkeypatch.setattr(bootstrap, "_stamp", lambda folder: None)
    monkeypatch.setattr(bootstrap, "_point_to_source", lambda python: None)
    made = []
    monkeypatch.setattr(bootstrap, "make", made.append)
    monkeypatch.setattr(bootstrap.os, "execv", lambda python, command: None)
    (checkout / "requirements.lock").write_text(f"numpy=={metadata.version('numpy')} \\\n")
    bootstrap.enter([])
    assert made == []
    (checkout / "requirements.lock").write_text("numpy==0.1 \\\n")
    bootstrap.enter([])
    assert made == [bootstrap.ENVIRONMENT]
    assert "the conda environment is not at the lock (numpy " in capsys.readouterr().err
    (checkout / "requirements.lock").write_text("no-such-package==0.1 \\\n")
    bootstrap.enter([])
    assert len(made) == 2 and capsys.readouterr().err == ""


def test_pip_settings_reach_uv_and_what_uv_was_told_goes_first(monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://mirror.example/simple\n")
    for name in bootstrap.FROM_PIP.values():
        monkeypatch.delenv(name, raising=False)
    for name in [
            name for name in os.environ if name.startswith("PIP_") and name != "PIP_CONFIG_FILE"
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(bootstrap.sys, "executable", base_python())
    assert bootstrap._index_settings()["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://other.example/simple")
    assert "UV_DEFAULT_INDEX" not in bootstrap._index_settings()


def test_two_at_once_wait_for_each_other(tmp_path):
    holder = "import sys, time; from helpers.run.locks import exclusive\n" \
             "with exclusive(sys.argv[1], ''): print('held', flush=True); time.sleep(0.6)"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path / "lock")], stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        waiting = subprocess.run([
            sys.executable, "-c", "import sys; from helpers.run.locks import exclusive\n"
            "with exclusive(sys.argv[1], 'waiting'): print('mine')",
            str(tmp_path / "lock")
        ], capture_output=True, text=True, check=True).stdout
    assert waiting == "waiting\nmine\n"
    with locks.exclusive(tmp_path / "lock", "waiting"):
        pass


def test_the_entry_point_can_be_read_by_an_old_python():
    """All that is imported before there is an environment, in the grammar of Python 3.7 and with
    what its functools hold."""
    code = """
import sys
sys.path.insert(0, "src")
from helpers.cli import bootstrap, doctor, early
from helpers.run import locks
print(*(module.__file__ for name, module in sys.modules.items() if name.startswith("helpers")))
"""
    done = subprocess.run([base_python(), "-I", "-S", "-c", code], cwd=ROOT, capture_output=True,
                          text=True, check=True)
    paths = [ROOT / "src" / "helpers" / "__main__.py", *map(Path, done.stdout.split())]
    assert {"messages.py", "errors.py", "languages.py", "plan.py", "targets.py", "early.py",
            "bootstrap.py", "locks.py"} <= {path.name for path in paths}
    for path in paths:
        compile_for(path)
        newer = re.findall(r"functools import .*\b(cache|cached_property|singledispatchmethod)\b",
                           path.read_text(encoding="utf-8"))
        assert newer == [], f"{path.name}: not in Python 3.7"


def compile_for(path):
    import ast

    ast.parse(path.read_text(), feature_version=(3, 7))


def test_ci_runs_the_tests_then_the_build_and_stops_at_a_failure(tmp_path):
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    for failing, expected in (("", "test\nall\n"), ("test", "test\n"), ("all", "test\nall\n")):
        (tmp_path / "Makefile").write_text(
            f"test all:\n\t@echo $@ >> log\n\t@test '$@' != '{failing}'\n")
        (tmp_path / "log").unlink(missing_ok=True)
        result = subprocess.run([tmp_path / ".ci" / "run"], capture_output=True)
        assert (result.returncode == 0) == (failing
                                            == "") and (tmp_path / "log").read_text() == expected
