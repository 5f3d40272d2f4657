"""What one build works on: folders, inputs, and where each product belongs."""

import hashlib
import json
import sys
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from helpers.errors import InputError
from helpers.files import choices_file, write
from helpers.run.plan import STAGES, Stage

ROOT = Path(__file__).resolve().parents[3]



def tool(name: str):
    """Module of ``tools``, which stands beside the package and is no part of it.

    Parameters
    ----------
    name : str
        ``benchmarks.bench``, ``checks.reproducibility``, ...
    """
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))
    return import_module(f"tools.{name}")


@dataclass(frozen=True)
class Project:
    """Folders and choices of one call of the command line."""

    raw: Path = ROOT / "data" / "raw"
    out: Path = ROOT / "outputs"
    processed: Path = ROOT / "data" / "processed"
    parameters_file: Path | None = None
    lang: str | None = None
    jobs: int = 1
    root: Path = ROOT
    notebooks: Path = ROOT / "notebooks"
    source: Path = ROOT / "src" / "helpers"
    stages: tuple[Stage, ...] = field(default=STAGES)
    both: bool = False

    @property
    def state(self) -> Path:
        """The folder that marks ``out`` as ours: keys, manifests, what is being made."""
        return self.out / ".build"

    @property
    def choices_file(self) -> Path:
        """The choices of the multiverse."""
        return choices_file(self.raw, self.root)

    def place(self, product: str) -> Path:
        """Return where a product (``tables/scores.csv``, ``processed/means.csv``) lies."""
        kind, _, rest = product.partition("/")
        return self.processed / rest if kind == "processed" else self.out / product

    def stage(self, name: str) -> Stage:
        """Return a stage by name."""
        return next(stage for stage in self.stages if stage.name == name)

    def shown(self, path: Path) -> str:
        """Return a path as messages show it: from where the person stands, if it lies below."""
        try:
            return str(path.relative_to(Path.cwd()))
        except ValueError:
            return str(path)


@dataclass(frozen=True)
class Inputs:
    """Checked parameters and data package.

    Attributes
    ----------
    parameters : dict
        ``seed``, ``lang`` and one dict per stage.
    resources : dict
        Name of a resource to the hash of its bytes and of what the descriptor says about it.
    about : dict
        What the descriptor says about the package as a whole: name, title, ...
    fingerprint : str
        Hash of the whole package.
    described : dict
        Name of a resource to what provenance tells of it: title, path, status, licences, and the
        hash of its file.
    files : dict
        Name of a resource to its files.
    """

    parameters: dict
    resources: dict[str, str]
    about: dict = field(default_factory=dict)
    fingerprint: str = "none"
    described: dict[str, dict] = field(default_factory=dict)
    files: dict[str, list[Path]] = field(default_factory=dict)


def read_inputs(project: Project) -> Inputs:
    """Read and check the parameters and the data package; raises ``InputError`` with one line."""
    from helpers import multiverse
    from helpers.study import choices, parameters, validation
    from helpers.study.package import Package

    chosen = parameters.load(project.parameters_file, {"lang": project.lang})
    choices.load(project.choices_file, chosen, multiverse.known_choices())
    package = Package(project.raw)
    _validate_once(project, package, validation)
    for stage in project.stages:
        if not (project.notebooks / f"{stage.notebook}.ipynb").is_file():
            raise InputError("notebooks/{notebook}.ipynb is not there; restore it (git checkout "
                             "-- notebooks)", notebook=stage.notebook)
        if not stage.missing(package.resources):
            validation.check_parameters(stage.name, chosen.get(stage.name, {}), package)
    about = {key: value for key, value in package.descriptor.items() if key != "resources"}
    return Inputs(
        chosen, {name: _state(resource)
                 for name, resource in package.resources.items()}, about, package.fingerprint,
        {name: _described(resource, about) for name, resource in package.resources.items()},
        {name: _files(resource) for name, resource in package.resources.items()})


def _validate_once(project: Project, package, validation) -> None:
    """Validate a package, unless the very same bytes passed the very same checks before."""
    checks = tree_digest(project.source / "study", "*")
    passed = project.state / "validated"
    key = f"{package.fingerprint} {checks}"
    if passed.is_file() and passed.read_text(encoding="utf-8") == key:
        return
    validation.validate(package)
    if passed.parent.is_dir():
        write(passed, key)


def tree_digest(folder: Path, pattern: str = "*") -> str:
    """Return a hash of names and bytes of the files below a folder; made and hidden files do not
    count."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob(pattern)):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in parts):
            found.update(f"{'/'.join(parts)} {file_digest(path)}\n".encode())
    return found.hexdigest()


def file_digest(path: Path) -> str:
    """Return the hash of a file's bytes."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _state(resource) -> str:
    return digest([resource.descriptor] + [file_digest(path) for path in _files(resource)])


def _files(resource) -> list[Path]:
    if resource.path.suffix.lower() == ".shp":
        # A shapefile is several files of one name.
        return sorted(resource.path.parent.glob(f"{resource.path.stem}.*"))
    return [resource.path]


def _described(resource, about: dict) -> dict:
    licences = resource.descriptor.get("licenses", about.get("licenses", []))
    return {
        "title": resource.name, **_kept(resource.descriptor), "path": resource.label,
        "status": resource.status,
        "licences": [_kept(licence, "name", "path") for licence in licences],
        "sources": [_kept(source, "path", "sha256")
                    for source in resource.descriptor.get("sources", [])],
        "sha256": resource.sha256
    }


def _kept(entry: dict, *names: str) -> dict:
    """Part of an entry: its titles in all languages, and what is named, in the entry's order."""
    return {name: value for name, value in entry.items()
            if name in names or name.startswith("title")}


def digest(value: object) -> str:
    """Return the hash of a value that JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
