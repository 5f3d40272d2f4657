"""What made what: for every table and figure its notebook and cell, helpers, resources, parameters,
lock and commit.

The facts about a stage are the very list that decides whether it runs again. They are written at
the end of a build to ``provenance.json`` in the output folder, with the hashes of the report; a
stage or document that a build does not work on keeps the facts of the build that made it. There are
no dates, names of people or folders of a machine in it: two builds of one commit write the same
bytes.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from helpers.errors import InputError
from helpers.files import CHOICES, PLAN, as_json, digest_of_all
from helpers.run.dependencies import OTHERWISE
from helpers.run.execution.libraries import LOCK
from helpers.run.inputs import Inputs
from helpers.run.plan import Stage
from helpers.run.products import Products
from helpers.run.project import Project

NAME = "provenance"
FILE = f"{NAME}.json"
KINDS = {"tables": "table", "figures": "figure", "notebooks": "notebook", "processed": "hand-over"}


def of_stage(stage: Stage, contents: dict[str, str], inputs: Inputs) -> dict:
    """What one stage is made from; ``contents`` is what it depends on, as the build counts it."""
    parameters = {name.removeprefix("parameter "): json.loads(value)
                  for name, value in contents.items() if name.startswith("parameter ")}
    planned = {kind: {"path": path, "sha256": contents[path]}
               for kind, path in (("choices", CHOICES), ("plan", PLAN)) if path in contents}
    return {"notebook": {"path": f"notebooks/{stage.notebook}.ipynb",
                         "sha256": contents[f"{stage.notebook}.ipynb"]}, "parameters": parameters,
            "resources": {name: inputs.described[name] for name in stage.reads(inputs.described)},
            "helpers": _helpers(contents), "reads_results_of": list(stage.after),
            "lock": _lock(contents), "python": contents["Python"]} | planned


def of_document(contents: dict[str, str]) -> dict:
    """What a document is made by; what it is made from are the stages."""
    return {"helpers": _helpers(contents), "lock": _lock(contents)}


def _helpers(contents: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in contents.items() if name.startswith("helpers/")}


def _lock(contents: dict[str, str]) -> dict[str, str]:
    other = {"not_as_locked": contents[OTHERWISE]} if OTHERWISE in contents else {}
    return {"path": LOCK, "sha256": contents[LOCK]} | other


def collect(project: Project, inputs: Inputs, stages: dict[str, dict], code: dict[str,
                                                                                  str]) -> dict:
    """All facts: about the build, the data package, these stages, and what they made.

    ``code`` is commit and tree of the project, for stages whose facts do not name theirs yet.
    """
    stages = {name: code | facts for name, facts in stages.items()}
    products = {}
    for name in stages:
        products |= _products(project, name, stages[name])
    _trace(products, {resource for facts in stages.values() for resource in facts["resources"]})
    about = {key: inputs.about[key] for key in ("name", "title", "version") if key in inputs.about}
    package = about | {"fingerprint": inputs.fingerprint}
    return {"build": code, "package": package, "stages": stages, "products": products}


def record(project: Project, inputs: Inputs, stages: dict[str, dict], code: dict[str, str],
           documents: dict[str, dict] | None = None) -> None:
    """Write ``provenance.json``.

    ``stages`` and ``documents`` are facts about those that are up to date; what an earlier build
    wrote about others is kept, as long as their products are there. Documents show what `collect`
    returns, so their own hashes cannot be part of it.
    """
    facts = _with_kept(project, stages, "stages")
    together = {stage.name: facts[stage.name] for stage in project.stages if stage.name in facts}
    if not together:
        Products(project, NAME).remove()
        return
    made = {name: about | {"files": Products(project, name).hashes()}
            for name, about in (documents or {}).items()}
    documents = dict(sorted(_with_kept(project, made, "documents").items()))
    text = as_json(
        collect(project, inputs, together, code) | ({"documents": documents} if documents else {}))
    place, products = project.out / FILE, Products(project, NAME)
    if products.files and place.is_file() and place.read_text(encoding="utf-8") == text:
        return
    with products.making() as staging:
        (staging / FILE).write_text(text, encoding="utf-8")


def _with_kept(project: Project, facts: dict[str, dict], part: str) -> dict[str, dict]:
    """Add what an earlier build wrote about others whose products are still there."""
    return facts | {name: about for name, about in read(project.out).get(part, {}).items()
                    if name not in facts and Products(project, name).files}


def read(out: Path) -> dict:
    """What ``provenance.json`` says, an empty dict where there is none that can be read."""
    path = out / FILE
    try:
        facts = json.loads(path.read_text(encoding="utf-8") if path.is_file() else "{}")
    except (OSError, ValueError, RecursionError):
        return {}
    return facts if _are_facts(facts) else {}


def _are_facts(facts: object) -> bool:
    parts = [facts] + ([facts.get(part, {}) for part in ("stages", "documents")]
                       if isinstance(facts, dict) else [])
    return all(isinstance(part, dict) for part in parts) and all(
        isinstance(about, dict) for part in parts[1:] for about in part.values())


def check_used(place: str, path: Path, sha256: str, digest=digest_of_all) -> None:
    """Refuse a file that is not what a build used or made."""
    if not path.is_file() or digest(path) != sha256:
        raise InputError("{place} is not what the build used or made; run make all first",
                         place=place)


def _products(project: Project, stage: str, facts: dict) -> dict[str, dict]:
    """Products of a stage: a table, figure or notebook is one product of several files."""
    files: dict[str, dict[str, str]] = {}
    for product, sha256 in Products(project, stage).hashes().items():
        files.setdefault(product.rpartition(".")[0], {})[product] = sha256
    numbers = _cell_numbers(project.place(facts["notebook"]["path"]))
    return {name: _product(project, name, stage, numbers) | {"files": hashes}
            for name, hashes in files.items()}


def _product(project: Project, name: str, stage: str, numbers: dict[str, int]) -> dict:
    found = {"kind": KINDS[name.partition("/")[0]], "stage": stage}
    side_car = project.place(f"{name}.json")
    if not side_car.is_file():
        return found
    about = json.loads(side_car.read_text(encoding="utf-8"))
    cell = about.get("cell")
    return found | {"cell": cell, "cell_number": numbers.get(cell), "status": about["status"],
                    "made_from": about["made_from"]}


def _cell_numbers(notebook: Path) -> dict[str, int]:
    """Place of every cell in the notebook of the project, which has all languages."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"] if notebook.is_file() else []
    return {cell["id"]: cell["metadata"]["number"] for cell in cells
            if "number" in cell["metadata"]}


def _trace(products: dict[str, dict], known: set[str]) -> None:
    """Add to every product the tables and resources that it goes back to, however far.

    A name that is both means the resource, as it does where a notebook says what a table is made
    from.
    """
    for product in products.values():
        if "made_from" in product:
            tables: list[str] = []
            resources: list[str] = []
            _follow(product["made_from"], products, known, tables, resources)
            product |= {"tables": tables, "resources": resources}


def _follow(names: Iterable[str], products: dict[str, dict], known: set[str], tables: list[str],
            resources: list[str]) -> None:
    for name in names:
        if name in known:
            resources += [name] if name not in resources else []
        elif name not in tables and f"tables/{name}" in products:
            tables.append(name)
            _follow(products[f"tables/{name}"]["made_from"], products, known, tables, resources)
