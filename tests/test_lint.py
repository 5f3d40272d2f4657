"""Style, layers and types: the commands of the pre-commit hooks, run as one test each."""

import os
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]


@pytest.mark.parametrize("entry", [pytest.param(hook["entry"], id=hook["id"]) for hook in HOOKS])
def test_nothing_is_found(entry):
    program, *arguments = shlex.split(entry)
    found = shutil.which(program, path=sysconfig.get_path("scripts"))
    done = subprocess.run([found, *arguments], cwd=ROOT, capture_output=True, text=True,
                          encoding="utf-8", env=os.environ | {"PYTHONUTF8": "1", "NO_COLOR": "1"})
    assert done.returncode == 0, f"{entry}\n{done.stdout}{done.stderr}"


def test_the_hooks_are_style_layers_and_types():
    assert [hook["id"] for hook in HOOKS] == ["style", "layers", "types"]
