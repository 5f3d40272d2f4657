"""Where polygons come from, and whose they are: a pinned source, a file, an address."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from helpers.errors import InputError
from helpers.files import settings
from helpers.intake.atomic_package import NOT_STATED
from helpers.intake.boundaries.codes import code_key
from helpers.intake.boundaries.reading import read_polygons
from helpers.intake.download import Wanted, fetch
from helpers.intake.sources import borders
from helpers.intake.sources.pinned import sources
from helpers.messages import Message
from helpers.study.package import STATUSES, Package

PINNED = ("villages", "kecamatan")  # levels of real borders of any regency of Indonesia
KECAMATAN = re.compile(r"(\d\d)(\d\d)\d\d")

Reader = Callable[[Callable], tuple[object, list[Message]]]


def known() -> dict[str, dict]:
    """Polygons that are known by name and lie at one address."""
    return settings(__file__, "known.yml")


def names() -> list[str]:
    """Names that FROM= takes."""
    return [*PINNED, *known()]


def find(options: dict[str, str], package: Package) -> tuple[str, dict, list[Message], Reader]:
    """Label of the polygons, what the package is to say of them, what to tell, and their reader.

    The reader takes a score of shapes (how many areas they know), as `reading.read_polygons`.
    """
    wanted = options.get("FROM", names()[0])
    if "FILE" in options:
        label, facts, said, reader = _file(options)
    elif wanted in PINNED:
        label, facts, said, reader = _pinned(wanted, options, package)
    else:
        label, facts, said, reader = _address(wanted, options)
    licence = {"name": "notspecified", "title": options["LICENCE"]
               } if "LICENCE" in options else facts.get("licence")
    source = facts["source"] if "SOURCE" not in options else {
        **{name: value for name, value in facts["source"].items() if name != "title_id"},
        "title": options["SOURCE"]}
    origin = {"status": options.get("STATUS", facts.get("status", STATUSES[-1])),
              "sources": [source], "licenses": [licence or NOT_STATED]}
    return label, origin, said, reader


def _file(options: dict[str, str]):
    file = Path(options["FILE"])
    if not file.is_file() and not file.is_dir():
        raise InputError("FILE={given}: there is no such file", given=options["FILE"])
    source = {"title": f"file {file.name}; its source is not stated", "sha256": _digest(file)}
    return (file.name, {"source": source},
            [Message("{file}: from this machine", file=file.name)], _reader(file, options))


def _address(wanted: str, options: dict[str, str]):
    if wanted not in known() and not wanted.startswith(("https://", "http://")):
        raise InputError("FROM={wanted}: not known; it is one of {known}, or an address that "
                         "begins with https://", wanted=wanted, known=", ".join(names()))
    facts = known().get(wanted, {"title": f"{wanted}; its source is not stated",
                                 "address": wanted})
    file, said = fetch(Wanted(facts["address"], options.get("SHA256") or facts.get("sha256"),
                              options.get("MIRROR"), facts.get("bytes")))
    source = {"title": facts["title"], "path": facts["address"], "sha256": _digest(file)}
    return file.name, facts | {"source": source}, said, _reader(file, options)


def _pinned(level: str, options: dict[str, str], package: Package):
    """Borders of the regencies of a package, from the pinned source."""
    if "SHA256" in options:
        raise InputError("SHA256= is for an address of your own (FROM=https://…); the hashes of "
                         "FROM={level} are known", level=level)
    regencies = _regencies(package)
    mirror = options.get("MIRROR")
    files, unstated = borders.recorded(borders.files(level, regencies, mirror))
    stated = sources()["borders"]
    [source] = stated.origin["sources"]
    facts = {"status": stated.origin["status"], "licence": stated.licence,
             "source": source | borders.TITLES[level] | {"files": files}}
    said = [Message("{name}: sha256 {found}", name=Path(path).name, found=digest)
            for path, digest in files.items()] + unstated
    label = Path(next(iter(files))).name

    def reader(_score):
        return borders.read(level, regencies, mirror)

    return label, facts, said, reader


def _regencies(package: Package) -> tuple[str, ...]:
    """Regencies of a package's areas, such as 35.05, by the codes of Home Affairs."""
    codes = package.table("areas")["code"]
    found = [KECAMATAN.fullmatch(code_key(code)) for code in codes]
    if None in found:
        raise InputError("{code} is no code of an Indonesian kecamatan (35.05.01), whose borders "
                         "are known here; give yours with FILE=, or FROM=address",
                         code=codes[found.index(None)])
    return tuple(sorted({f"{one[1]}.{one[2]}" for one in found if one}))


def _reader(file: Path, options: dict[str, str]) -> Reader:
    return lambda score: read_polygons(file, file.name, score, options.get("LAYER"),
                                       options.get("ENCODING"))


def _digest(file: Path) -> str:
    """Hash of a file, or of all files of a folder in the order of their names."""
    parts = [file] if file.is_file() else sorted(one for one in file.rglob("*") if one.is_file())
    digest = hashlib.sha256()
    for part in parts:
        with open(part, "rb") as opened:
            hashlib.file_digest(opened, lambda: digest)
    return digest.hexdigest()
