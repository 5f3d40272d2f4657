"""New data package: complete and valid in its place, or not there at all."""

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from helpers.errors import InputError
from helpers.intake.describe import refresh
from helpers.messages import say
from helpers.study.package import Package
from helpers.study.validation import contract, validate

NOT_STATED = {"name": "notspecified", "title": "Not stated: state it before you share this package"}


def refuse_taken(folder: Path, told: str) -> None:
    """Raise ``InputError`` where something is in a folder already; ``told`` is how it was named."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("{folder}: is there already and not empty; name another folder or remove "
                         "it", folder=told)


def say_written(command: str, folder: Path) -> None:
    """Tell where a package is, and how a shell is asked to build it."""
    say("{command}: data package written to {folder}; build it with: make all RAW={folder} "
        "OUT=FOLDER", command=command, folder=shlex.quote(str(folder)))


@contextmanager
def new_package(folder: Path, told: str) -> Iterator[Path]:
    """Place beside the folder to write a package in.

    When it is left without an error, sizes and hashes are stated, the package is validated and only
    then moved; otherwise nothing is left behind. ``told`` is how the person named the folder.
    """
    refuse_taken(folder, told)
    new = [parent for parent in folder.parents if not parent.exists()]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".package-") as place, \
                _gone_when_killed(place):
            made = Path(place) / "package"
            made.mkdir()
            yield made
            refresh(made)
            validate(Package(made))
            refuse_taken(folder, told)  # another call may have been faster
            if folder.exists():
                folder.rmdir()
            shutil.move(made, folder)
    except BaseException:
        for parent in new:
            with suppress(OSError):
                parent.rmdir()
        raise


@contextmanager
def _gone_when_killed(place: str) -> Iterator[None]:
    """Context with a second process that removes a folder should this one be killed: it holds
    answers of people, or parts of a package, that nobody would look for."""
    code = "import shutil, sys; sys.stdin.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", code, place], stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          start_new_session=True) as watching:
        # It reads until this end of the pipe is closed, which the system does whatever happens.
        try:
            yield
        finally:
            watching.kill()


def copy_files(package: Path, made: Path) -> None:
    """Copy what lies in the folder of a package, but for hidden files."""
    shutil.copytree(package, made, ignore=shutil.ignore_patterns(".*"),
                    copy_function=shutil.copyfile, dirs_exist_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text as a file of its own: UTF-8, plain line ends, one at the end."""
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def slug(name: str, otherwise: str) -> str:
    """Name as the descriptor of a package may have it.

    >>> slug("Kab. Blitar", "region"), slug("!", "region")
    ('kab-blitar', 'region')
    """
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or otherwise


def table_entry(name: str, title: str, description: str, status: str, source: str, licence: dict,
                schema: dict) -> dict:
    """What a descriptor says of a table ``NAME.csv``."""
    return {"name": name, "path": f"{name}.csv", "profile": "tabular-data-resource", "title": title,
            "description": description, "status": status, "sources": [{"title": source}],
            "licenses": [licence], "encoding": "utf-8", "format": "csv", "mediatype": "text/csv",
            "schema": schema}


def schema(name: str, columns: Iterable[str], present: Collection[str],
           other: Callable[[str], dict] | None = None) -> dict:
    """Schema of the resource `name` as the contract has it.

    Keys that refer to resources which are not `present` are left out; `other` describes a column
    that the contract does not name.

    >>> schema("catalogue", ["indicator"], [])["fields"]
    [{'name': 'indicator', 'type': 'string', 'constraints': {'required': True}}]
    """
    rules = contract()[name]["columns"]
    fields = [{"name": column} | ({key: rules[column][key] for key in ("type", "constraints")
                                   if rules[column].get(key)} if column in rules else other(column))
              for column in columns]
    keys = [(field["name"], *rules[field["name"]]["refers"].split(".")) for field in fields
            if "refers" in rules.get(field["name"], {})]
    return {"fields": fields, "missingValues": [""], "primaryKey": contract()[name]["key"],
            "foreignKeys": [{"fields": [column],
                             "reference": {"resource": resource, "fields": [key]}}
                            for column, resource, key in keys if resource in present]}
