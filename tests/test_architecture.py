"""The architecture: what the contracts of import-linter (tests/test_lint.py) do not see."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "helpers"
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
LAYERS = [re.findall(r"\w+", layer)
          for layer in SETTINGS["importlinter"]["contracts"][0]["layers"]]
METHODS = [
    "sampling", "scoring", "disparity", "geography", "force_field", "claims", "chain", "choices",
    "disclosure", "permutation", "ratios", "multiverse"
]
HEAVY = {
    "geopandas", "scipy", "esda", "libpysal", "inequality", "mapclassify", "svy", "frictionless",
    "seaborn", "spreg", "shapely", "pyproj", "sklearn", "matplotlib", "papermill", "nbconvert",
    "nbgrader", "pytask", "polars", "dask", "distributed"
}
MOST_MODULES = 12


def test_the_page_shows_the_layers_of_the_contract():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| (`\w+`(?:, `\w+`)*) \|", page)
    assert [re.findall(r"\w+", row) for row in rows] == LAYERS
    assert len(page.split()) <= 1200 and page.count("```\n") == 3  # one drawing, one example


@pytest.mark.parametrize("path", [path for name in METHODS for path in sorted(
    {*SOURCE.glob(f"{name}.py"), *SOURCE.glob(f"{name}/**/*.py")})],
                         ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_methods_know_neither_files_nor_plots(path):
    text = path.read_text(encoding="utf-8")
    assert [word for word in ("matplotlib", "open(", "read_csv", "Path(") if word in text] == []


def test_importing_everything_is_light():
    names = ", ".join(f"helpers.{name}" for layer in LAYERS for name in layer
                      if list(SOURCE.glob(name)) or list(SOURCE.glob(f"{name}.py")))
    code = f"import {names}, sys; print(*sorted(set(sys.modules) & {HEAVY!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_folder_has_few_modules():
    modules = {}
    for path in SOURCE.rglob("*.py"):
        if path.name != "__init__.py":
            modules.setdefault(path.parent.relative_to(SOURCE).as_posix(), []).append(path.name)
    assert {folder: names for folder, names in modules.items() if len(names) > MOST_MODULES} == {}


def test_no_module_hides_one_of_python():
    """``python src/helpers`` looks for modules there first, before it has loaded its own."""
    assert {path.stem for path in SOURCE.glob("*.py")} & sys.stdlib_module_names == set()
