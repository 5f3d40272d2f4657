"""What a stage made, and from what: staged while it runs, moved into place when it succeeded, and
remembered in one record.

The record ``.build/records/<stage>.json`` is all that a build remembers of a stage or a document:
``made`` (product to hash), ``from`` (name of what it depends on to hash or value), and ``seen``
(the hash of all that a build could read when it was last known to be up to date).
"""

import errno
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from helpers.errors import Error
from helpers.files import write
from helpers.messages import Message
from helpers.run.project import Project, digest, file_digest


class Products:
    """The products of one stage (or of the site) in one output folder."""

    def __init__(self, project: Project, stage: str):
        self.project = project
        self.stage = stage
        # A folder of this process alone: a kernel that outlives a killed build for a moment cannot
        # write into the next.
        self.staging = project.state / "staging" / f"{stage}.{os.getpid()}"
        self.path = project.state / "records" / f"{stage}.json"

    @property
    def record(self) -> dict:
        """What is remembered; nothing of a record that a power cut left unreadable."""
        try:
            record = json.loads(self.path.read_text(encoding="utf-8"))
            return record if isinstance(record["made"], dict) else {}
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return {}

    @property
    def files(self) -> list[str]:
        """The products that the last success made, e.g. ``tables/scores.csv``."""
        return list(self.record.get("made", {}))

    def state(self, results_only: bool = False) -> str:
        """Hash of the products as they were made, or of those that other stages read."""
        made = self.record.get("made", {})
        return digest({product: found for product, found in made.items()
                       if is_result(product) or not results_only})

    def hashes(self) -> dict[str, str | None]:
        """Hash of every product as it lies on disk, None where it is missing."""
        return {product: _hash(self.project.place(product)) for product in self.files}

    def damage(self) -> list[Message]:
        """What happened to the products since they were made; an empty list where nothing did."""
        record, found = self.record, self.hashes()
        lost = [product for product, now in found.items() if now is None]
        if lost:
            return [Message("{name} is missing", name=lost[0])]
        if "moving" in record or found != record.get("made", {}):
            return [Message("its outputs were changed")]
        return []

    def settled(self, seen: str) -> bool:
        """Whether nothing has changed since it was up to date, nor what a build could read."""
        return self.record.get("seen") == seen and not self.damage()

    def start(self) -> Path:
        """An empty folder to make the products in."""
        for left in self.staging.parent.glob(f"{self.stage}.*"):
            shutil.rmtree(left, ignore_errors=True)
        self.staging.mkdir(parents=True)
        return self.staging

    def discard(self) -> None:
        """Throw away what was being made."""
        shutil.rmtree(self.staging, ignore_errors=True)

    def accept(self, made_from: dict[str, str] | None = None) -> None:
        """Move the staged files into place by renaming, remove products that are no longer made,
        write the record: what was made, and from what (see `helpers.run.dependencies`).

        What is about to be moved is written down first: a build that dies here leaves no product
        without an owner.
        """
        staged = {path.relative_to(self.staging).as_posix(): _hash(path)
                  for path in sorted(self.staging.rglob("*")) if path.is_file()}
        self._refuse_foreign(staged)
        before = self._owned()
        self.note(moving=sorted(before | staged.keys()))
        for product in staged:
            place = self.project.place(product)
            place.parent.mkdir(parents=True, exist_ok=True)
            _move(self.staging / product, place)
        self._remove_files(before - staged.keys())
        self._write({"made": staged, "from": made_from or {}})
        self.discard()

    def note(self, **more: object) -> None:
        """Add to the record."""
        record = {"made": {}} | self.record
        if record != record | more:
            self._write(record | more)

    def remove(self) -> bool:
        """Remove every product and the record; tell whether there was one."""
        products = self._owned()
        self._remove_files(products)
        self.path.unlink(missing_ok=True)
        return bool(products)

    def _owned(self) -> set[str]:
        record = self.record
        return {*record.get("made", ()), *record.get("moving", ())}

    def _write(self, record: dict) -> None:
        write(self.path, json.dumps(record, indent=0, ensure_ascii=False))

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
    """Products of everything that has a record."""
    return [Products(project, path.stem)
            for path in sorted((project.state / "records").glob("*.json"))]


def is_result(product: str) -> bool:
    """Whether other stages may read a product."""
    return product.endswith((".csv", ".json")) and product.startswith(
        ("tables/", "figures/", "processed/"))


def _hash(path: Path) -> str | None:
    return file_digest(path) if path.is_file() else None


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
