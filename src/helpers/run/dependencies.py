"""What a stage depends on, found by reading: the helper modules that a notebook imports, and what
they import."""

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = "helpers"


def notebook_code(path: Path) -> str:
    """Return the code cells of a notebook as one program, without IPython's magics."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    lines = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            lines += "".join(cell["source"]).splitlines() + [""]
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)


def helper_files(code: str, source: Path, domains: tuple[str, ...]) -> list[Path]:
    """Return the files of ``helpers`` that a program depends on, however far away, and their data
    files.

    Parameters
    ----------
    code : str
        The program. Imports inside functions count too.
    source : Path
        The folder of the package ``helpers``.
    domains : tuple of str
        The text catalogues that the program looks texts up in; the others do not count.
    """
    found: dict[str, Path | None] = {}
    waiting = {*_imported(code, PACKAGE, is_package=True)}
    while waiting:
        name = waiting.pop()
        path = found[name] = _module_file(name, source)
        if path is not None:
            named = _imported(path.read_text(encoding="utf-8"), name, path.name == "__init__.py")
            waiting |= {*named, name.rpartition(".")[0]} - found.keys()
    files = {path for path in found.values() if path is not None}
    for path in [*files]:
        if path.name == "__init__.py":
            files.update(_data_files(path.parent, domains))
    return sorted(files)


def _parse(code: str) -> ast.Module:
    try:
        return ast.parse(code)
    except SyntaxError:
        # The notebook itself says what is wrong when it runs; mending it changes its bytes.
        return ast.Module([], [])


@cache  # all stages read much the same modules
def _imported(code: str, module: str, is_package: bool) -> frozenset[str]:
    return frozenset(_names(_parse(code), module, is_package))


def _names(tree: ast.Module, module: str, is_package: bool) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module, is_package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(
                node.value, str) and node.value.startswith(f"{PACKAGE}."):
            # A module named in a string may be imported by that name.
            yield node.value


def _absolute(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    parts = parts[:len(parts) - node.level + is_package]
    return ".".join(parts + ([node.module] if node.module else []))


def _module_file(name: str, source: Path) -> Path | None:
    top, *rest = name.split(".")
    if top != PACKAGE or not all(part.isidentifier() for part in rest):
        return None
    base = source.joinpath(*rest)
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
            return path
    return None


def _data_files(folder: Path, domains: tuple[str, ...]) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith((".", "__pycache__")):
            continue
        if path.is_dir():
            if not (path / "__init__.py").exists():
                yield from _data_files(path, domains)
        elif path.suffix == ".po":
            if path.stem in domains:
                yield path
        elif path.suffix not in (".py", ".pyc", ".mo"):
            yield path
