"""One ZIP to deposit: sources, data, results, what made what, and the hash of every file in it.

The same build gives the same bytes: names in order, one date, no owner. Answers of persons that are
real are left out, as in the crate.
"""

import csv
import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import yaml

from helpers.errors import InputError
from helpers.files import CHOICES, PLAN, as_json
from helpers.run.products import Products, known
from helpers.run.project import MADE, Project
from helpers.run.provenance import check_used, crate, git_state
from helpers.study.package import DESCRIPTOR, OF_PERSONS, Package

NAME = "archive"
FILE = f"{NAME}.zip"
SUMS = "SHA256SUMS"
NO_RESULTS = (NAME, crate.NAME, "compare", "docs")  # what is made of results
MOMENT = (2024, 1, 1, 0, 0, 0)  # of every entry; the commit says when
# What the project is made of where no git says so; whatever else lies there is a person's own.
FOLDERS = (".ci", ".devcontainer", ".github", "course", "docs", "examples", "explorer",
           "notebooks", "reference", "src", "tests", "tools", "data/raw")
HIDDEN = (".dockerignore", ".gitattributes", ".gitignore", ".pre-commit-config.yaml")
SUFFIXES = ("", ".cff", ".lock", ".md", ".sh", ".toml", ".yml")
README = """{title}

Commit: {commit}; the files {tree}.
To check the files:      sha256sum -c {sums}
To make the results:     make all      (git, make and Python 3.11 or newer; see README.md)
To compare with these:   make compare A=results B=outputs

results/          every table, figure, executed notebook and page of the build, and provenance.json
status.csv        the status of every resource, table and figure: published, simulated, illustrative
{sums}        hash of every file
.zenodo.json      metadata of a deposit, from CITATION.cff
codecheck.yml     manifest of a CODECHECK: the results, and the verdict where there is one
requirements.lock every package of the environment with its hashes
{left_out}"""
LEFT_OUT = """
Left out, because answers of persons are or may be in it: {names}
"""


def make(project: Project, facts: dict) -> tuple[Path, int]:
    """Write the archive of a finished build into the output folder; return it and its number of
    files. An `InputError` says what is not as the build used or made it."""
    made = [products for products in known(project) if products.stage not in NO_RESULTS]
    for products in made:
        if why := products.damage():
            raise InputError("{stage}: {reason}; run make all first", stage=products.stage,
                             reason=why[0])
    _check_used(project, facts)
    content, withheld = _sources(project)
    results = {product: project.place(product).read_bytes()
               for products in made for product in products.files}
    content |= {f"results/{product}": data for product, data in results.items()}
    content |= _beside(project, facts, results, withheld)
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n"
                   for name, data in sorted(content.items()))
    content[SUMS] = sums.encode()
    with Products(project, NAME).making() as staging:
        _write(staging / FILE, content, project.root)
    return project.out / FILE, len(content)


def _write(path: Path, content: dict[str, bytes], root: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(content.items()):
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            runs = os.access(root / name, os.X_OK) and (root / name).is_file()
            entry.external_attr = (0o100755 if runs else 0o100644) << 16
            archive.writestr(entry, data)


def _check_used(project: Project, facts: dict) -> None:
    """Refuse data, notebooks, choices and code that are not those of the build."""
    package = Package(project.raw)
    code = {name: value for stage in facts["stages"].values()
            for name, value in stage["helpers"].items()}
    for name, sha256 in code.items():
        check_used(f"src/{name}", project.root / "src" / name, sha256)
    for stage in facts["stages"].values():
        used = [(about, project.raw / about["path"]) for about in stage["resources"].values()]
        used += [(stage[kind], path) for kind, path in (
            ("notebook", project.root / stage["notebook"]["path"]),
            ("choices", project.choices_file), ("plan", project.plan_file)) if kind in stage]
        for about, path in used:
            check_used(about["path"], path, about["sha256"])
        for name, about in stage["resources"].items():
            if not package.has(name) or package.status(name) != about["status"]:
                raise InputError("{place} is not what the build used or made; run make all first",
                                 place=DESCRIPTOR)


def _sources(project: Project) -> tuple[dict[str, bytes], list[str]]:
    """Files of the project, and of another data package in ``package/``; and what is left out."""
    listed = git_state.git(project.root, "ls-files", "-z")
    paths = [project.root / name for name in listed.split("\0") if name
             ] if listed else _known_files(project)
    found = {path.relative_to(project.root).as_posix(): path for path in paths if path.is_file()}
    own = project.raw.is_relative_to(project.root)
    place = project.raw.relative_to(project.root).as_posix() if own else "package"
    if not own or not any(name.startswith(f"{place}/") for name in found):
        found |= {f"{place}/{path.relative_to(project.raw).as_posix()}": path
                  for path in sorted(project.raw.rglob("*")) if path.is_file()}
    folders = {path.parent for path in found.values() if path.name == DESCRIPTOR}
    withheld = {path for folder in folders for path in _withheld(folder)}
    return {name: path.read_bytes() for name, path in found.items() if path not in withheld}, [
        name for name, path in found.items() if path in withheld]


def _known_files(project: Project) -> list[Path]:
    top = [path for path in sorted(project.root.iterdir()) if path.name in HIDDEN
           or path.suffix in SUFFIXES and not path.name.startswith(".")]
    return top + [path for folder in FOLDERS for path in sorted((project.root / folder).rglob("*"))
                  if not {*path.parts} & MADE and not path.is_relative_to(project.out)]


def _withheld(folder: Path) -> list[Path]:
    """Files of a package with real answers that are no part of it, or hold these answers: what an
    import writes beside them quotes them."""
    package = Package(folder)
    real = [one for name, one in package.resources.items()
            if name in OF_PERSONS and one.status == "published"]
    if not real:
        return []
    listed = {path.resolve() for one in package.resources.values() for path in one.files}
    listed -= {path.resolve() for one in real for path in one.files}
    listed |= {(folder / name).resolve() for name in (DESCRIPTOR, CHOICES, PLAN, "params.yml")}
    return [path for path in folder.rglob("*") if path.resolve() not in listed and not (
        path.parent == folder and path.name.startswith(("README", "LICENSE"))
        and path.suffix in ("", ".md", ".txt"))]


def _beside(project: Project, facts: dict, results: dict[str, bytes],
            withheld: list[str]) -> dict[str, bytes]:
    citation = yaml.safe_load((project.root / "CITATION.cff").read_text(encoding="utf-8"))
    title, build = facts["package"].get("title") or citation["title"], facts["build"]
    tree = {"clean": "were those of the commit", "changed": "differed from the commit"}.get(
        build["tree"], "were in no git checkout")
    text = README.format(title=title, commit=build["commit"], tree=tree, sums=SUMS,
                         left_out=LEFT_OUT.format(names=", ".join(withheld)) if withheld else "")
    return {"README.txt": text.encode(), "status.csv": _statuses(facts).encode(),
            ".zenodo.json": _zenodo(citation, facts).encode(),
            "codecheck.yml": _codecheck(project, citation, results).encode()}


def _statuses(facts: dict) -> str:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["kind", "name", "status"])
    resources = {name: about for stage in facts["stages"].values()
                 for name, about in stage["resources"].items()}
    writer.writerows(["resource", name, about["status"]] for name, about in resources.items())
    writer.writerows([about["kind"], name, about["status"]]
                     for name, about in facts["products"].items() if "status" in about)
    return table.getvalue()


def _zenodo(citation: dict, facts: dict) -> str:
    return as_json({
        "title": citation["title"], "upload_type": "software", "version": citation["version"],
        "publication_date": str(citation["date-released"]), "license": citation["license"],
        "creators": [{"name": _name(author)} | (
            {"orcid": author["orcid"].rpartition("/")[2]} if "orcid" in author else {})
            for author in citation["authors"]],
        "keywords": citation.get("keywords", []),
        "description": f"{citation['title']}. Commit {facts['build']['commit']}. Results rest on "
                       "data of the status that they state: published, simulated or illustrative.",
    } | ({"doi": citation["doi"]} if "doi" in citation else {}) | ({"related_identifiers": [
        {"identifier": citation["repository-code"], "relation": "isIdenticalTo"}]}
        if "repository-code" in citation else {}))


def _name(author: dict) -> str:
    """Name of an author, as an archive writes it."""
    return author.get("name") or ", ".join(
        filter(None, [author.get("family-names"), author.get("given-names")]))


def _codecheck(project: Project, citation: dict, results: dict[str, bytes]) -> str:
    """Manifest of a CODECHECK (https://codecheck.org.uk/spec/config/1.0/); who checks fills in the
    certificate, and nothing of it is claimed here."""
    manifest = [{"file": f"results/{name}", "comment": json.loads(
        results.get(name.rpartition(".")[0] + ".json", b"{}")).get("title", "")}
        for name in results if name.startswith(("tables/", "figures/"))
        and name.endswith((".csv", ".png"))]
    verdict = project.out / "verdict.json"
    found = json.loads(verdict.read_text(encoding="utf-8")) if verdict.is_file() else None
    summary = "not verified yet: make verify" if found is None else ", ".join(
        f"{word} {'yes' if found[word] else 'no'}" for word in ("complete", "stable", "consistent"))
    return yaml.safe_dump({
        "version": "https://codecheck.org.uk/spec/config/1.0/",
        "paper": {"title": citation["title"], "authors": [{"name": _name(author)}
                                                          for author in citation["authors"]]},
        "manifest": manifest, "summary": f"make verify: {summary}"}, sort_keys=False,
        allow_unicode=True, width=100)
