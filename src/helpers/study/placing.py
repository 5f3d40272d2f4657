"""A new data package: complete and valid in its place, or not there at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.study.describe import refresh
from helpers.study.errors import InputError
from helpers.study.package import Package
from helpers.study.validation import validate


def refuse_taken(folder: Path, told: str) -> None:
    """Raise ``InputError`` where something is in a folder already.

    Parameters
    ----------
    folder : Path
        Where a package is to go; must not be there yet, or be empty.
    told : str
        How the person named it, for the message.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{told}: is there already and not empty; name another folder or remove it")


@contextmanager
def new_package(folder: Path, told: str) -> Iterator[Path]:
    """Offer a place beside the folder to write a package in; validate it and only then put it there.

    Parameters
    ----------
    folder, told : Path, str
        As in `refuse_taken`.

    Yields
    ------
    Path
        Where to write. When this is left without an error, sizes and hashes are stated, the package is checked, moved.

    Raises
    ------
    InputError
        When the folder is taken, or the package not valid; nothing is left behind then.
    """
    refuse_taken(folder, told)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".package-") as place:
        made = Path(place) / "package"
        made.mkdir()
        yield made
        refresh(made)
        validate(Package(made))
        if folder.exists():
            folder.rmdir()
        shutil.move(made, folder)
