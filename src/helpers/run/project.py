"""Folders of one build, where each product belongs, and hashes."""

import hashlib
import json
import sys
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from helpers.files import choices_file, file_digest, plan_file
from helpers.run.plan import STAGES, Stage

ROOT = Path(__file__).resolve().parents[3]
MADE = {"__pycache__", ".ipynb_checkpoints"}  # folders that tools make beside sources


def tool(name: str):
    """Module of ``tools`` (``benchmarks.bench``, ...), which is no part of the package."""
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
    first: Path | None = None  # results in the first language, where these are in the second

    @property
    def state(self) -> Path:
        """The folder that marks ``out`` as ours: records, what is being made."""
        return self.out / ".build"

    @property
    def kept(self) -> Path:
        """Notes of what need not be made again (`helpers.kept`)."""
        return self.state / "kept"

    @property
    def shared(self) -> Path:
        """Notes of what has no language: those of the first one."""
        return (self.first or self.out) / ".build" / "shared"

    @property
    def choices_file(self) -> Path:
        """The choices of the multiverse."""
        return choices_file(self.raw, self.root)

    @property
    def plan_file(self) -> Path:
        """The plan of the analysis."""
        return plan_file(self.raw, self.root)

    @property
    def plan_files(self) -> list[Path]:
        """Choices and plan, as far as they are there."""
        return [path for path in (self.choices_file, self.plan_file) if path.is_file()]

    def place(self, product: str) -> Path:
        """Place of a product (``tables/scores.csv``, ``processed/means.csv``)."""
        kind, _, rest = product.partition("/")
        return self.processed / rest if kind == "processed" else self.out / product

    def stage(self, name: str) -> Stage:
        """Stage by name."""
        return next(stage for stage in self.stages if stage.name == name)

    def shown(self, path: Path) -> str:
        """Path as messages show it: from where the person stands, if it lies below."""
        try:
            return str(path.relative_to(Path.cwd()))
        except ValueError:
            return str(path)


def tree_digest(folder: Path, pattern: str = "*") -> str:
    """Hash of names and bytes of the files below a folder, without made and hidden files."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob(pattern)):
        parts = path.relative_to(folder).parts
        if not any(part.startswith((".", "__pycache__")) for part in parts) and path.is_file():
            found.update(f"{'/'.join(parts)} {file_digest(path)}\n".encode())
    return found.hexdigest()


def digest(value: object) -> str:
    """Hash of a value that JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
