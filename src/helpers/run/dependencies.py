"""Dependencies of stages and documents: what they are made from, by names that people understand.

They hold content, never times: the notebook, each helper module that it imports (found by reading
the imports, however far away), each resource, each parameter, the lock.
"""

import ast
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from helpers.files import file_digest
from helpers.messages import Message, term
from helpers.run.execution.libraries import LOCK, not_as_locked
from helpers.run.inputs import Inputs
from helpers.run.plan import Stage
from helpers.run.project import Project, digest

PACKAGE = "helpers"
OTHERWISE = "libraries that are not the locked ones"
RUNNER = ("execute.py", "engine.py", "kernel.py")
# How names begin, and how messages say them.
KINDS = {"resource ": "resource {name}", "parameter ": "parameter {name}",
         "results of ": "results of {name}"}


def of_all(project: Project, inputs: Inputs) -> dict[str, str]:
    """Dependencies that all stages and documents of a build have in common."""
    runner = Path(__file__).with_name("execution")
    other = ", ".join(not_as_locked(project.root / LOCK))
    return ({OTHERWISE: other} if other else {}) | {
        "datapackage.json": digest(inputs.about), LOCK: file_digest(project.root / LOCK),
        "Python": ".".join(map(str, sys.version_info[:2])),
        "the notebook runner": digest([file_digest(runner / name) for name in RUNNER])}


def of_stage(project: Project, inputs: Inputs, stage: Stage) -> dict[str, str]:
    """Dependencies of a stage beside those of all: name to content, or to the hash of it."""
    notebook = project.notebooks / f"{stage.notebook}.ipynb"
    found = {notebook.name: file_digest(notebook)}
    found |= _helpers(project, notebook_code(notebook), (stage.name,))
    found |= {f"resource {name}": inputs.resources[name] for name in stage.reads(inputs.resources)}
    found |= {f"parameter {name}": json.dumps(value)
              for name, value in inputs.parameters_of(stage).items()}
    if stage.weighs:
        found |= {path.name: file_digest(path) for path in project.plan_files}
    return found


def of_document(project: Project, inputs: Inputs, module: str,
                domains: tuple[str, ...]) -> dict[str, str]:
    """Dependencies of a document, the results of the stages apart: those of the package that makes
    it, with the text catalogues of the ``domains`` and of ``common``."""
    return _helpers(project, f"import {module}", domains) | {
        "parameter lang": json.dumps(inputs.parameters["lang"])}


def code_of(contents: dict[str, str]) -> dict[str, str]:
    """Those of a stage's dependencies that a step of it may be made by: code, texts, libraries and
    the package's description, without what the step is given.

    >>> code_of({"parameter k": "4", "resource land": "", "1_sampling.ipynb": "", "Python": "3.11"})
    {'Python': '3.11'}
    """
    return {name: content for name, content in contents.items()
            if not name.startswith((*KINDS,)) and not name.endswith(".ipynb")}


def differences(before: dict[str, str], now: dict[str, str]) -> list[Message]:
    """What changed between two sets of dependencies, in the order of their names.

    >>> before = {"parameter k": "4", "Python": "3.11"}
    >>> differences(before, {"parameter k": "5", "resource land": ""})
    ['Python is no longer an input', 'parameter k changed from 4 to 5', 'new input: resource land']
    """
    return [_difference(name, before.get(name), now.get(name))
            for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name)]


def _difference(key: str, before: str | None, now: str | None) -> Message:
    kind = next((kind for kind in KINDS if key.startswith(kind)), None)
    name = Message(KINDS[kind], name=key.removeprefix(kind)) if kind else term(key)
    if before is None:
        return Message("new input: {name}", name=name)
    if now is None:
        return Message("{name} is no longer an input", name=name)
    if kind == "parameter ":
        return Message("{name} changed from {before} to {now}", name=name, before=before, now=now)
    return Message("{name} changed", name=name)


def _helpers(project: Project, code: str, domains: tuple[str, ...]) -> dict[str, str]:
    source = project.source
    return {f"{source.name}/{path.relative_to(source).as_posix()}": file_digest(path)
            for path in helper_files(code, source, (*domains, "common"))}


def notebook_code(path: Path) -> str:
    """Code cells of a notebook as one program, without IPython's magics."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    lines = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            lines += "".join(cell["source"]).splitlines() + [""]
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)


def helper_files(code: str, source: Path, domains: tuple[str, ...]) -> list[Path]:
    """Files of ``helpers`` that a program depends on, however far away, and their data files.

    Imports inside functions count too; of the text catalogues only those of the ``domains``.
    """
    found: dict[str, Path | None] = {}
    waiting = {*_imported(code, PACKAGE, is_package=True)}
    while waiting:
        name = waiting.pop()
        if name.endswith("."):
            folder = source.joinpath(*name.split(".")[1:-1])
            waiting |= {name + path.stem for path in folder.glob("[!_]*.py")} - found.keys()
            continue
        path = found[name] = _module_file(name, source)
        if path is not None:
            named = _imported(path.read_text(encoding="utf-8"), name, path.name == "__init__.py")
            waiting |= {*named, name.rpartition(".")[0]} - found.keys()
    files = {path for path in found.values() if path is not None}
    for path in [*files]:
        if path.name == "__init__.py":
            files.update(_data_files(path.parent, domains))
    return sorted(files)


@cache  # all stages read much the same modules
def _imported(code: str, module: str, is_package: bool) -> frozenset[str]:
    try:
        return frozenset(_names(ast.parse(code), module, is_package))
    except SyntaxError:
        # The notebook itself says what is wrong when it runs; mending it changes its bytes.
        return frozenset()


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
            # A module named in a string may be imported by that name; before a placeholder
            # ("helpers.chain.") it may be any of the package.
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
