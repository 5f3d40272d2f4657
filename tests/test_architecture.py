"""The floors: imports go down, methods know neither files nor plots, heavy libraries wait until
they are used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "helpers"
# `universe` runs the methods one after the other, so it stands above them, beside what reads and
# what shows.
FLOOR = {
    "arguments": 0, "errors": 0, "files": 0, "messages": 0, "permutation": 0, "words": 0, "multiverse": 1, "sampling": 1,
    "scoring": 1, "disparity": 1, "geography": 1, "force_field": 1, "claims": 1, "disclosure": 1,
    "course": 2, "universe": 2, "study": 2, "publish": 2, "explorer": 3, "build": 3
}
MODULES = sorted(path for path in SOURCE.rglob("*.py")
                 if path.parent != SOURCE or path.stem in FLOOR)
HEAVY = {
    "geopandas", "scipy", "esda", "libpysal", "inequality", "mapclassify", "svy", "frictionless",
    "seaborn", "spreg", "shapely", "pyproj", "sklearn", "matplotlib", "papermill", "nbconvert",
    "nbgrader", "pytask", "polars", "dask", "distributed"
}


def part(path: Path) -> str:
    """Return the first name below helpers: the module or package that a file belongs to."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Return the names below helpers that a file imports, lazy imports included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "helpers":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {
                alias.name.split(".")[1] for alias in node.names
                if alias.name.startswith("helpers.")
            }
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_go_down(path):
    for other in imports(path) - {part(path)}:
        assert FLOOR[other] <= FLOOR[part(path)], f"{part(path)} must not know {other}"
    if part(path) == "study":
        assert "publish" not in imports(path)


@pytest.mark.parametrize("path", [path for path in MODULES if FLOOR[part(path)] == 1], ids=lambda path: path.name)
def test_methods_know_neither_files_nor_plots(path):
    text = path.read_text(encoding="utf-8")
    assert "matplotlib" not in text and "open(" not in text and "read_csv" not in text and "Path(" not in text


def test_no_circle_between_modules():
    graph = {}
    for path in MODULES:
        name = part(path)
        graph.setdefault(name, set()).update(imports(path) - {name})

    def walk(name, above):
        assert name not in above, f"circle: {' -> '.join([*above, name])}"
        for other in graph.get(name, ()):
            walk(other, [*above, name])

    for name in graph:
        walk(name, [])


def test_importing_everything_is_light():
    names = ", ".join(f"helpers.{name}" for name in FLOOR)
    code = f"import {names}, sys; print(*sorted(set(sys.modules) & {HEAVY!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
