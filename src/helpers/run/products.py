"""What a stage made, and from what: staged while it runs, moved into place when it succeeded, and
remembered in one record.

The record ``.build/records/<stage>.json`` is all that a build remembers of a stage or a document:
``made`` (product to hash), ``from`` (name of what it depends on to hash or value), and ``seen``
(the hash of all that a build could read when it was last known to be up to date).
"""

import errno
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from helpers.errors import Error
from helpers.files import file_digest, write
from helpers.messages import Message
from helpers.run.project import Project, digest


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
        """What is remembered; nothing of a record that a power cut, or somebody, left as no build
        writes one."""
        try:
            # A pipe by this name would be waited for.
            record = json.loads(self.path.read_text(encoding="utf-8")
                                if self.path.is_file() else "{}")
        except (FileNotFoundError, ValueError, RecursionError):
            return {}
        return record if _is_record(record) else {}

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

    @contextmanager
    def making(self, made_from: dict[str, str] | None = None) -> Iterator[Path]:
        """Context with an empty folder to make the products in; they are moved into place at its
        end, or thrown away where something went wrong."""
        for left in self.staging.parent.glob(f"{self.stage}.*"):
            shutil.rmtree(left, ignore_errors=True)
        self.staging.mkdir(parents=True)
        try:
            yield self.staging
            self._accept(made_from or {})
        finally:
            shutil.rmtree(self.staging, ignore_errors=True)

    def _accept(self, made_from: dict[str, str]) -> None:
        """Move the staged files into place by renaming, remove products that are no longer made,
        write the record: what was made, and from what (see `helpers.run.dependencies`).

        What is about to be moved is written down first: a build that dies here leaves no product
        without an owner.
        """
        staged = {path.relative_to(self.staging).as_posix(): _hash(path)
                  for path in sorted(self.staging.rglob("*")) if path.is_file()}
        self._refuse_foreign(staged)
        self._refuse_outside(staged)
        before = self._owned()
        self.note(moving=sorted(before | staged.keys()))
        for product in staged:
            place = self.project.place(product)
            place.parent.mkdir(parents=True, exist_ok=True)
            _move(self.staging / product, place)
        self._remove_files(before - staged.keys())
        self._write({"made": staged, "from": made_from})

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

    def _refuse_outside(self, staged: Iterable[str]) -> None:
        for product in staged:
            if not self._is_inside(product):
                raise Error("{product} would be written outside of {out}: a folder on its way is a "
                            "link; remove the link", product=product,
                            out=self.project.shown(self.project.out))

    def _is_inside(self, product: str) -> bool:
        """Whether a product lies below the folders of this build, also where links lead."""
        place = self.project.place(product).parent.resolve()
        return any(place.is_relative_to(folder.resolve())
                   for folder in (self.project.out, self.project.processed))

    def _remove_files(self, products: Iterable[str]) -> None:
        for product in filter(self._is_inside, products):
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


def _is_record(record: object) -> bool:
    """Whether this is a record as `Products` writes it, of products that lie in the output folder.

    >>> _is_record({"made": {"tables/scores.csv": "ab"}, "from": {}}), _is_record({"made": {}})
    (True, True)
    >>> _is_record({"made": {"../thesis.docx": "ab"}}), _is_record([1])
    (False, False)
    """
    if not isinstance(record, dict) or not isinstance(record.get("made"), dict):
        return False
    texts = [*record["made"].values(), *(record[name] for name in ("seen", "validated")
                                         if name in record)]
    moving, made_from = record.get("moving", []), record.get("from", {})
    if not isinstance(moving, list) or not isinstance(made_from, dict):
        return False
    return all(isinstance(text, str) for text in [*texts, *made_from.values()]) and all(
        map(_is_product, [*record["made"], *moving]))


def _is_product(name: object) -> bool:
    if not isinstance(name, str) or not name or re.search("[\0\\\\\ud800-\udfff]", name):
        return False
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and path.parts[0] != ".build"


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
