"""Files that several parts know: writing without ever leaving half of one, tables of settings,
where the choices stand, and what a run tells those that it starts."""

import csv
import errno
import hashlib
import json
import os
import stat
from functools import cache
from pathlib import Path

CHOICES = "multiverse.yml"
PLAN = "analysis-plan.md"
RUN = "KESENJANGAN_RUN"
SMALL = 1 << 20  # bytes of a file that are read at once
SHAPEFILE, BESIDE = ".shp", (".cpg", ".dbf", ".prj", ".shx")  # what such a file is read with


def write(path: Path, content: bytes | str) -> None:
    """Put content at a path in one step; text is UTF-8 with plain line ends.

    Whoever reads the path sees the old file or the new one, never a part.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        os.replace(temporary, path)
    except OSError as error:
        # People know the file that they asked for, not its temporary name.
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        temporary.unlink(missing_ok=True)


def as_json(value: object) -> str:
    """Value as the text of a JSON file, the same for the same value."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file as texts, with or without the mark of UTF-8 at its beginning."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def file_digest(path: Path) -> str:
    """Hash of a file's bytes; what is no file, such as a pipe, would be waited for."""
    about = os.stat(path)
    if not stat.S_ISREG(about.st_mode):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
    with open(path, "rb") as handle:
        if about.st_size <= SMALL:
            return hashlib.sha256(handle.read()).hexdigest()
        return hashlib.file_digest(handle, "sha256").hexdigest()


def parts_of(path: Path) -> list[Path]:
    """A file, and those beside it that it is read with, where it is a Shapefile.

    >>> [part.name for part in parts_of(Path("areas.csv"))]
    ['areas.csv']
    """
    if path.suffix.lower() != SHAPEFILE:
        return [path]
    return [path, *sorted(part for part in path.parent.glob("*") if part.stem == path.stem
                          and part.suffix.lower() in BESIDE)]


def digest_of_all(path: Path) -> str:
    """Hash of a file's bytes; of a Shapefile that of the hashes of all its parts, each behind its
    ending and a blank, a line each."""
    parts = parts_of(path)
    if len(parts) == 1:
        return file_digest(path)
    lines = "\n".join(f"{part.suffix.lower()} {file_digest(part)}" for part in parts)
    return hashlib.sha256(lines.encode()).hexdigest()


@cache
def settings(module: str, name: str):
    """Content of a YAML file beside a module (its ``__file__``), read once."""
    import yaml

    return yaml.safe_load(Path(module).with_name(name).read_text(encoding="utf-8"))


def templates(folder: Path, **options):
    """Environment of the Jinja templates in a folder; what they are given is text, not markup."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(loader=FileSystemLoader(folder), trim_blocks=True, lstrip_blocks=True,
                       **{"autoescape": True, "undefined": StrictUndefined} | options)


def choices_file(raw: Path, root: Path) -> Path:
    """Choices of the multiverse: the data package's own, where it has some, else the project's."""
    carried = raw / CHOICES
    # Also what cannot be read: to take other choices instead would go unnoticed.
    return carried if os.path.lexists(carried) else root / CHOICES


def plan_file(raw: Path, root: Path) -> Path:
    """Return the plan of the analysis: beside the choices that it is about."""
    choices = choices_file(raw, root)
    return choices.with_name(PLAN) if choices.parent == raw else root / "docs" / PLAN


def run_facts() -> dict:
    """What the run that started this process tells it: a JSON file that one variable names.

    ``raw`` and ``out`` are folders. A kernel of the build also gets ``staging`` (a folder),
    ``reads`` (resources that the stage may read), ``parameters`` (of other stages, by section) and
    ``audit`` (rules of `helpers.run.execution.read_audit`); the explorer gets ``checked`` (the
    fingerprint of a package that was validated before), ``given`` (a parameter file) and ``lang``;
    a kernel of ``make lab`` gets ``interactive``, and like the build's ``jobs`` (processes at a
    time). Nothing where no run started it: JupyterLab on its own, a script.
    """
    place = os.environ.get(RUN)
    if not place:
        return {}
    with open(place, encoding="utf-8") as file:
        return json.load(file)
