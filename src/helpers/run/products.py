"""What a stage made: staged while it runs, moved into place when it succeeded, listed in a
manifest."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from helpers.errors import Error
from helpers.files import write
from helpers.run.project import Project, file_digest


class Products:
    """The products of one stage (or of the site) in one output folder."""

    def __init__(self, project: Project, stage: str):
        self.project = project
        self.stage = stage
        # A folder of this process alone: a kernel that outlives a killed build for a moment cannot
        # write into the next.
        self.staging = project.state / "staging" / f"{stage}.{os.getpid()}"
        self.manifest = project.state / "manifests" / f"{stage}.json"
        self.moving = self.manifest.with_suffix(".moving")

    @property
    def files(self) -> list[str]:
        """The products that the last success made, e.g. ``tables/scores.csv``."""
        return _listed(self.manifest)

    def state(self, wanted: Callable[[str], bool] = lambda product: True) -> str | None:
        """Return a hash of the wanted products as they lie on disk; None where one is missing, or a
        move was cut off."""
        if not self.manifest.is_file() or self.moving.is_file():
            return None
        digest = hashlib.sha256()
        for product in filter(wanted, self.files):
            path = self.project.place(product)
            if not path.is_file():
                return None
            digest.update(f"{product} {file_digest(path)}\n".encode())
        return digest.hexdigest()

    def lost(self) -> list[str]:
        """Return listed products that are not on disk."""
        return [product for product in self.files if not self.project.place(product).is_file()]

    def start(self) -> Path:
        """Return an empty folder to make the products in."""
        for left in self.staging.parent.glob(f"{self.stage}.*"):
            shutil.rmtree(left, ignore_errors=True)
        self.staging.mkdir(parents=True)
        return self.staging

    def discard(self) -> None:
        """Throw away what was being made."""
        shutil.rmtree(self.staging, ignore_errors=True)

    def accept(self) -> None:
        """Move the staged files into place by renaming, remove products that are no longer made,
        write the manifest.

        What is about to be moved is written down first: a build that dies here leaves no product
        without an owner.
        """
        staged = sorted(path.relative_to(self.staging).as_posix()
                        for path in self.staging.rglob("*") if path.is_file())
        self._refuse_foreign(staged)
        before = set(self.files) | set(_listed(self.moving))
        write(self.moving, _listing(before | set(staged)))
        for product in staged:
            place = self.project.place(product)
            place.parent.mkdir(parents=True, exist_ok=True)
            _move(self.staging / product, place)
        self._remove_files(before - set(staged))
        write(self.manifest, _listing(staged))
        self.moving.unlink()
        self.discard()

    def remove(self) -> bool:
        """Remove every product and the manifest; tell whether there was one."""
        products = set(self.files) | set(_listed(self.moving))
        self._remove_files(products)
        self.manifest.unlink(missing_ok=True)
        self.moving.unlink(missing_ok=True)
        return bool(products)

    def _refuse_foreign(self, staged: Iterable[str]) -> None:
        for other in known(self.project):
            clash = set(staged) & set(other.files) if other.stage != self.stage else set()
            if clash:
                raise Error("{stage} made {product}, which is a product of {other}; give it "
                            "another name", stage=self.stage, product=min(clash), other=other.stage)

    def _remove_files(self, products: Iterable[str]) -> None:
        for product in products:
            path = self.project.place(product)
            path.unlink(missing_ok=True)
            _beside(path).unlink(missing_ok=True)
            _remove_empty(path.parent, {self.project.out, self.project.processed})


def known(project: Project) -> list[Products]:
    """Return the products of every stage that has a manifest, or was on the way to one."""
    folder = project.state / "manifests"
    names = {path.stem for pattern in ("*.json", "*.moving") for path in folder.glob(pattern)}
    return [Products(project, name) for name in sorted(names)]


def _listing(products: Iterable[str]) -> str:
    return json.dumps(sorted(products), indent=0, ensure_ascii=False)


def _listed(path: Path) -> list[str]:
    """Read a list of products; one that a power cut left unreadable counts as none, and the stage
    runs again."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []


def _move(source: Path, target: Path) -> None:
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # data/processed may lie on another disk than the outputs: copy beside the target, then
        # rename.
        new = _beside(target)
        try:
            shutil.copyfile(source, new)
            os.replace(new, target)
        finally:
            new.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _remove_empty(folder: Path, keep: set[Path]) -> None:
    while folder not in keep and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
