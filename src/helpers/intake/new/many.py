"""Packages of many regencies, one line each; one that fails is named and passed over."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import InputError
from helpers.intake import atomic_package
from helpers.intake.imports.readers import text
from helpers.intake.new import make_regency
from helpers.intake.sources import register
from helpers.messages import Message, listed, say

COLUMNS = ("regency", "with", "zones")
ALIASES = {"kabupaten": "regency", "kota": "regency", "kabupaten/kota": "regency",
           "kab/kota": "regency", "dengan": "with", "zona": "zones"}
BORDERS = ("kecamatan", "villages")
MOST = 1000  # rows; the country has 514 regencies


@dataclass(frozen=True)
class Wish:
    """One row of a list: regencies that are taken together, and the zones of a row of its own."""

    asked: tuple[str, ...]
    zones: str | None = None

    @property
    def shown(self) -> str:
        """The regencies as the person wrote them."""
        return " + ".join(self.asked)


def read_list(path: Path) -> list[Wish]:
    """Regencies of a list: one a line (``35.72 + 35.05`` are taken together), or a table with the
    column ``regency`` and, if they are wanted, ``with`` and ``zones``.

    Empty lines and those that begin with # are left out.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise InputError("--list {file}: cannot be read; give a file with one regency a line, or a "
                         "CSV with the column regency", file=path) from None
    decoded = text.decode(content, path.name)[0].replace("\0", "")
    lines = [line for line in decoded.splitlines() if line.strip() and line.strip()[0] != "#"]
    header = lines[0] if lines else ""
    comma = max(",;\t", key=header.count)
    headings = [*map(str.strip, header.split(comma))]
    names = [ALIASES.get(heading.casefold(), heading.casefold()) for heading in headings]
    if COLUMNS[0] in names:
        for column in COLUMNS:
            same = [one for one, name in zip(headings, names, strict=True) if name == column]
            if len(same) > 1:
                raise InputError("--list {file}: the columns '{first}' and '{second}' mean the "
                                 "same; write both into one", file=path.name, first=same[0],
                                 second=same[1])
        rows = csv.DictReader(io.StringIO("\n".join(lines[1:])), names, delimiter=comma)
        wishes = [Wish(_parts(row["regency"], row.get("with")),
                       (row.get("zones") or "").strip() or None) for row in rows]
    else:
        wishes = [Wish(_parts(line)) for line in lines]
    wishes = [wish for wish in wishes if wish.asked]
    for wish in wishes:
        if "\n" in wish.shown:
            raise InputError("--list {file}: a quotation mark before '{regency}' is not closed; "
                             "close it, or take it out", file=path.name,
                             regency=wish.shown.partition("\n")[0].strip(" ,;"))
    if not wishes or len(wishes) > MOST:
        raise InputError("--list {file}: names {number} regencies; allowed are 1 to {most}: give "
                         "one a line, or a CSV with the column regency", file=path.name,
                         number=len(wishes), most=MOST)
    return wishes


def folder_of(wish: Wish, below: Path, mirror: str | None = None) -> Path:
    """Folder of a package below another one: codes of its regencies, and name of the first."""
    codes = [register.find(one, mirror) for one in wish.asked]
    try:
        name = register.regencies(mirror)["name"].get(codes[0], "")
    except InputError:
        name = ""
    return below / "-".join([*codes, atomic_package.slug(name, "regency")])


def make(path: Path, below: Path, zones: str | None, mirror: str | None,
         borders: str | None = None) -> int:
    """Write the packages of a list; return the exit status: 0, or 1 where one was passed over."""
    failed, folders = [], []
    wishes = read_list(path)
    for wish in wishes:
        try:
            folder, told = package(wish, below, zones, mirror, borders)
            folders.append(folder)
            say(told)
        except InputError as error:
            failed.append(wish.shown)
            say("{regency}: passed over: {error}", regency=wish.shown, error=error.message)
    say("new: {made} of {number} packages in {folder}", made=len(set(folders)),
        number=len(set(folders)) + len(failed), folder=below)
    if failed:
        say("     passed over: {failed}", failed=listed(failed))
    return 1 if failed else 0


def package(wish: Wish, below: Path, zones: str | None, mirror: str | None,
            borders: str | None = None) -> tuple[Path, Message]:
    """Folder of the package of a wish, made if it is not there yet, and a line that says so."""
    folder = folder_of(wish, below, mirror)
    rule = wish.zones or zones
    if (folder / "datapackage.json").is_file():
        _refuse_otherwise(folder, rule, borders)
        return folder, Message("{regency}: is there already: {folder}", regency=wish.shown,
                               folder=folder)
    said = make_regency(list(wish.asked), folder, rule, mirror, borders == BORDERS[1])
    return folder, Message("{made}; package in {folder}", made=said[0], folder=folder)


def _refuse_otherwise(folder: Path, rule: str | None, borders: str | None) -> None:
    """Raise ``InputError`` where a package was made with other borders or zones than are asked for:
    what people filled in is not overwritten, and their wish is not passed over."""
    from helpers.intake.new.zones import DESCRIPTIONS, from_file
    from helpers.intake.sources.borders import TITLES
    from helpers.study.package import Package

    package, what = Package(folder), None
    if rule is not None:
        areas = package.table("areas")
        made = package.resources["areas"].descriptor.get("description")
        same = made == DESCRIPTIONS[rule] if rule in DESCRIPTIONS else from_file(
            rule, areas)[0].equals(areas.get("zone"))
        what = None if same else Message("zones")
    if borders is not None:
        # Of edited borders nobody knows how they were made.
        drawn = package.resources.get("boundaries")
        titles = [source.get("title") for source in drawn.descriptor.get("sources", [])
                  ] if drawn else []
        joined = [title == TITLES["villages"]["title"] for title in titles]
        what = what if joined == [borders == BORDERS[1]] else Message("borders")
    if what is not None:
        raise InputError("{folder} was made with other {what} than are asked for now, and stays as "
                         "it is; name another folder, or remove this one and call again: "
                         "rm -r {folder}", folder=folder, what=what)


def _parts(*cells: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for cell in cells for part in (cell or "").split("+")
                 if part.strip())
