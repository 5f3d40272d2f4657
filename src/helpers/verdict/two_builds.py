"""``make compare``: what differs between two builds, or two data packages, as a page and a line.

Claims come first, then tables cell by cell, figures side by side and texts, and before all that
what may explain it: data, parameters, choices, code. Of answers of persons only the number of cells
that differ is said.
"""

import base64
import csv
import io
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import ndiff
from functools import partial
from pathlib import Path

from helpers import files
from helpers.documents.site import start_page
from helpers.documents.site.downloads import thumbnail
from helpers.documents.site.pages import environment
from helpers.errors import UsageError
from helpers.publish.policy import nonce
from helpers.publish.texts import Texts
from helpers.run.products import Products
from helpers.run.project import Project
from helpers.study.package import DESCRIPTOR, OF_PERSONS, Resource
from helpers.verdict import snapshot
from helpers.verdict.compare import same_value

NAME = "compare"
PAGE = f"{NAME}.html"
CELLS, LINES = 200, 60  # shown of one table, and of the texts of one notebook
WIDE = (900, 1400)  # pixels of a figure on the page, at most
KEYS = ("claim", "code", "indicator", "year", "item", "factor", "strategy", "respondent", "expert",
        "source", "area", "domain", "level", "dimension", "aspect", "period", "test", "name",
        "zone", "zone_a", "zone_b", "factor_a", "factor_b", "measure", "variable", "method")
DECIDED = ("verdict", "basis", "statistic", "value", "low", "high", "p_value", "robustness")


@dataclass
class Table:
    """A table that differs: cells, and rows and columns that only one side has."""

    name: str
    cells: list[dict] = field(default_factory=list)
    only: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, list[str]] = field(default_factory=dict)
    number: int = 0


@dataclass
class Found:
    """What differs between two folders."""

    names: tuple[str, str]
    causes: list[dict] = field(default_factory=list)
    claims: list[dict] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    figures: list[dict] = field(default_factory=list)
    texts: list[dict] = field(default_factory=list)
    only: dict[str, list[str]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    languages: tuple[str, ...] = ()
    facts: tuple[dict, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether the two say the same."""
        return not (self.causes or self.claims or self.tables or self.figures or self.texts
                    or self.only or self.others)

    @property
    def beside(self) -> int:
        """How many other files differ, or are on one side only."""
        return len(self.others) + sum(map(len, self.only.values()))


def compare(one: Path, other: Path, names: tuple[str, str]) -> Found:
    """What differs between two output folders or two data packages, named as a person gave them."""
    kinds = [_kind(folder, name) for folder, name in zip((one, other), names)]
    if kinds[0] != kinds[1]:
        raise UsageError("A={one} is {kind} and B={other} is {other_kind}; give two folders of "
                         "results, or two data packages", one=names[0], kind=kinds[0],
                         other=names[1], other_kind=kinds[1])
    found = Found(names)
    if kinds[0] == "datapackage.json":
        _compare_packages(found, one, other)
    else:
        _compare_outputs(found, snapshot.files_of(one), snapshot.files_of(other))
    return found


def write(found: Found, lang: str, project: Project) -> Path:
    """Write the page, which needs no other file, into the output folder."""
    for claim in found.claims:
        claim["pair"] = [row and start_page.claims([row], facts, lang)[0]
                         for row, facts in zip(claim["pair"], found.facts)]
    render = partial(environment().get_template("compare.html").render, t=Texts(lang, "site"),
                     found=found, shown=CELLS)
    page = render(nonce=nonce(render(nonce="")))
    with Products(project, NAME).making() as staging:
        files.write(staging / PAGE, page + "\n")
    return project.out / PAGE


def _kind(folder: Path, name: str) -> str:
    for marker in ("provenance.json", "datapackage.json"):
        if (folder / marker).is_file():
            return marker
    raise UsageError("{name} is no folder of results (provenance.json) and no data package "
                     "(datapackage.json); give one of them with A= and B=", name=name)


def _compare_outputs(found: Found, one: dict[str, bytes], other: dict[str, bytes]) -> None:
    found.facts = tuple(json.loads(there["provenance.json"]) for there in (one, other))
    found.causes = _causes(*found.facts)
    found.languages = tuple(snapshot.language_of(there) or "" for there in (one, other))
    same_language = len({*found.languages}) == 1
    found.only = _only({path for path in one if _compared(path)},
                       {path for path in other if _compared(path)}, found.names)
    shared = [path for path in one if path in other and _compared(path)]
    unlike = [path for path in shared if one[path] != other[path]]
    for path in unlike:
        name = path.rpartition("/")[2].rpartition(".")[0]
        if path.endswith(".csv"):
            table = tables(name, one[path].decode(), other[path].decode(), found.names)
            if path == "tables/claims.csv":
                found.claims = _claims(one[path].decode(), other[path].decode())
            found.tables += [table] if table.number else []
        elif same_language:
            small = (thumbnail(there[path], WIDE) for there in (one, other))
            found.figures.append({"name": name, "pictures": [
                "data:image/webp;base64," + base64.b64encode(one).decode() for one in small]})
    if same_language:
        found.texts = _texts(snapshot.readable(one), snapshot.readable(other))
        # What no part above shows is named: a page or a drawing may have been edited alone.
        found.others = [path for path in sorted({*one, *other} - {"provenance.json"})
                        if not _compared(path) and one.get(path) != other.get(path)]


def _compared(path: str) -> bool:
    return path.startswith("tables/") and path.endswith(".csv") or (
        path.startswith("figures/") and path.endswith(".png"))


def _compare_packages(found: Found, one: Path, other: Path) -> None:
    described = [json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8-sig"))
                 for folder in (one, other)]
    resources = [{about["name"]: about for about in package["resources"]} for package in described]
    found.only = _only({*resources[0]}, {*resources[1]}, found.names)
    for name in (name for name in resources[0] if name in resources[1]):
        pair = [Resource(name, folder, {"path": ""} | there[name])
                for folder, there in zip((one, other), resources)]
        found.causes += _different(f"{name}: status", *(it.descriptor.get("status") for it in pair))
        changed = _different(name, *(_hash(it.path) for it in pair))
        if not changed:
            continue
        texts = [_text(it.path, it.encoding) for it in pair]
        table = Table(name)
        if None not in texts and all(it.label.lower().endswith(".csv") for it in pair):
            table = tables(name, *texts, found.names, [it.delimiter for it in pair])
        # Bytes that differ where no cell does are said too.
        found.causes += [] if table.number else changed
        if name in OF_PERSONS:
            table.cells, table.rows = [], {}
        found.tables += [table] if table.number else []
    for name in ("params.yml", files.CHOICES, files.PLAN):
        places = [folder / name for folder in (one, other)]
        found.causes += _different(name, *(name != files.PLAN and _text(place, "utf-8")
                                           or _hash(place) for place in places))


def _hash(path: Path) -> str | None:
    """Hash of a file, as it is shown; None where there is none."""
    with suppress(OSError):
        return files.digest_of_all(path)[:12]
    return None


def _text(path: Path, encoding: str) -> str | None:
    try:
        return path.read_bytes().decode(encoding).removeprefix("\ufeff")
    except (OSError, UnicodeDecodeError, LookupError):
        return None


def tables(name: str, one: str, other: str, names: tuple[str, str],
           delimiters: Sequence[str] = (",", ",")) -> Table:
    """Differences of two CSV texts, row by row where they have keys in common.

    >>> found = tables("t", "code,x\\na,1\\nb,2\\n", "code,x\\nb,3\\nc,4\\n", ("A", "B"))
    >>> found.cells
    [{'row': 'b', 'column': 'x', 'values': ['2', '3']}]
    >>> found.rows, found.number
    ({'A': ['a'], 'B': ['c']}, 3)
    """
    readers = [csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
               for text, delimiter in zip((one, other), delimiters)]
    headers = [reader.fieldnames or [] for reader in readers]
    shared = [column for column in headers[0] if column in headers[1]]
    keyed = _keyed([list(reader) for reader in readers], shared)
    found = Table(name, only=_only({*headers[0]}, {*headers[1]}, names),
                  rows=_only({*keyed[0]}, {*keyed[1]}, names))
    for key, row in keyed[0].items():
        twin = keyed[1].get(key)
        found.cells += [{"row": key, "column": column, "values": [row[column], twin[column]]}
                        for column in shared if twin and not same_value(row[column] or "",
                                                                        twin[column] or "")]
    found.number = sum(map(len, (found.cells, *found.rows.values(), *found.only.values())))
    return found


def _keyed(sides: list[list[dict]], columns: list[str]) -> list[dict[str, dict]]:
    """Rows of both sides by what names them; by their place where nothing does, or a name stands
    twice on a side."""
    keys = [[" · ".join(row[name] or "–" for name in KEYS if name in columns) for row in rows]
            for rows in sides]
    if any(len({*side}) < len(side) for side in keys):
        keys = [[str(place) for place in range(2, len(rows) + 2)] for rows in sides]
    return [dict(zip(side, rows)) for side, rows in zip(keys, sides)]


def _only(one: set[str], other: set[str], names: tuple[str, str]) -> dict[str, list[str]]:
    found = {names[0]: sorted(one - other), names[1]: sorted(other - one)}
    return {name: things for name, things in found.items() if things}


def _claims(one: str, other: str) -> list[dict]:
    sides = [{row["claim"]: row for row in csv.DictReader(io.StringIO(text))}
             for text in (one, other)]
    rows = []
    for name in dict.fromkeys([*sides[0], *sides[1]]):
        pair = [side.get(name) for side in sides]
        if None in pair or any(not same_value(pair[0].get(column) or "", pair[1].get(column) or "")
                               for column in DECIDED):
            rows.append({"row": next(filter(None, pair)), "pair": pair,
                         "turned": None in pair or pair[0]["verdict"] != pair[1]["verdict"]})
    return sorted(rows, key=lambda row: not row["turned"])


def _causes(one: dict, other: dict) -> list[dict]:
    sides = [{f"{kind} {name}": value for stage in facts["stages"].values()
              for kind, told in _read_by(stage) for name, value in told.items()}
             | {"commit": facts["build"]["commit"]} for facts in (one, other)]
    return [cause for name in dict.fromkeys([*sides[0], *sides[1]])
            for cause in _different(name, *(side.get(name) for side in sides))]


def _read_by(stage: dict) -> list[tuple[str, dict]]:
    read = [(kind, {stage[kind]["path"]: stage[kind]["sha256"][:12]})
            for kind in ("notebook", "choices", "plan", "lock") if kind in stage]
    return [("data", {name: f"{about['status']} {about['sha256'][:12]}"
                      for name, about in stage["resources"].items()}),
            ("parameter", stage["parameters"]), *read,
            ("code", {name: value[:12] for name, value in stage["helpers"].items()}),
            ("Python", {"version": stage.get("python")})]


def _different(name: str, one, other) -> list[dict]:
    return [] if one == other else [{"name": name, "values": [
        "–" if value is None else value if isinstance(value, str) else json.dumps(value)
        for value in (one, other)]}]


def _texts(one: dict[str, bytes], other: dict[str, bytes]) -> list[dict]:
    found = []
    for path in (path for path in one if path.startswith("prose/") and path in other
                 and one[path] != other[path]):
        lines = [line for line in ndiff(*(there[path].decode().splitlines()
                                          for there in (one, other))) if line[:1] in "+-"]
        found.append({"name": path[6:-3], "lines": lines[:LINES], "more": len(lines) - LINES})
    return found
