"""Rows of the public SQL files of borders, read as text; nothing of them is ever run."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from helpers.errors import InputError

# Far more than the largest of the real files (11 MB, and 0.6 MB a row): a file of another kind
# must not fill the memory.
MOST_BYTES = 64 * 10**6
MOST_LETTERS = 16 * 10**6
DEEPEST = 4  # polygons, their rings, positions, degrees
ROW = re.compile(r"\s*\(\s*'([0-9.]+)'\s*,\s*'((?:[^'\\]|''|\\.)*)'\s*,\s*-?[0-9.]+\s*,"
                 r"\s*-?[0-9.]+\s*,\s*'([][0-9eE+., \t-]*)'\s*\)\s*[,;]?\s*$")
START = re.compile(r"\s*\(\s*'([0-9.]+)'")


class Row(NamedTuple):
    """Code, name, and polygons as lists of rings of (lon, lat)."""

    code: str
    name: str
    polygons: list[list[list[tuple[float, float]]]]


def read_rows(path: Path, beginnings: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows whose code begins with one of these, in the order of the file.

    The files have latitude first; what is returned has longitude first. An `InputError` names the
    row that cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise InputError("{file}: has {megabytes:.0f} MB, more than the {most:.0f} MB of any file "
                         "of borders of this form; give the file as it was published",
                         file=path.name, megabytes=path.stat().st_size / 10**6,
                         most=MOST_BYTES / 10**6)
    try:
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                start = START.match(line)
                if start and start.group(1).startswith(beginnings):
                    yield _row(line, number, path.name)
    except UnicodeDecodeError:
        raise InputError("{file}: is no text in UTF-8; give the file as it was published",
                         file=path.name) from None


def _row(line: str, number: int, label: str) -> Row:
    found = ROW.match(line) if len(line) <= MOST_LETTERS else None
    rings = found and _polygons(found.group(3))
    if not rings:
        raise InputError("{file}: line {line}: is no row of code, name, latitude, longitude and "
                         "lists of [latitude, longitude]; give the file as it was published",
                         file=label, line=number)
    code, name, _ = found.groups()
    return Row(code, re.sub(r"\\(.)", r"\1", name.replace("''", "'")).strip(), rings)


def _polygons(text: str) -> list | None:
    """Polygons of nested lists, one or many; None where they are no such lists.

    >>> _polygons("[[[-8,112],[-8,113],[-7,113],[-8,112]]]")
    [[[(112, -8), (113, -8), (113, -7), (112, -8)]]]
    >>> _polygons("[[-8,112]]") is None
    True
    """
    depth = len(text) - len(text.lstrip("["))
    if depth not in (DEEPEST - 1, DEEPEST) or "[" * (DEEPEST + 1) in text:
        return None
    try:
        lists = json.loads(text)
        many = lists if depth == DEEPEST else [lists]
        return [[[(lon, lat) for lat, lon in ring] for ring in polygon] for polygon in many]
    except (ValueError, TypeError):
        return None
