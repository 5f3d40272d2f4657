"""One thing at a time changed in a small data package, its parameters or its choices: for ``make
verify FULL=1``.

Every input must be answered within seconds, by one line that names what was changed, or be taken.
A traceback, a wait and a line that names nothing are faults whatever was changed; silence is one
where the change is of a kind that changes what the input means (`MUST_BE_REFUSED`).
"""

import csv
import io
import json
import os
import re
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import yaml

from helpers.errors import InputError
from helpers.messages import translate
from helpers.run.inputs import read_inputs
from helpers.run.project import ROOT, Project
from helpers.study import validation
from tools.checks.remembered import remembering

SEED, NUMBER, LONGEST = 3505, 2000, 10.0
TINY = {"seed": 1, "lang": "en", "scoring": {"replicates": 50},
        "disparity": {"permutations": 99, "bootstrap": 99}, "force_field": {"draws": 100},
        "synthesis": {"permutations": 99}}
HIDDEN = ("\u200b", "\u200d", "\ufeff", "\u00ad", "\u200e", "\u202e", "\U000e0041", "\u0007")
NO_NUMBERS = ("NaN", "inf", "-inf", "1_000", "１２", "0x10", "1e999", "twelve", "1,5", "--1", "1 2")
NO_ADDRESSES = ("www.bps.go.id/tabel", "javascript:alert(1)", "//127.0.0.1/x", "ftp://x.org/y",
                "https://", "https://x y.org", "http://x.org:99999/", "bps", "https:x.org")


@dataclass
class Small:
    """A small package in memory: tables as rows of text, the descriptor, parameters, choices."""

    descriptor: dict
    tables: dict[str, list[list[str]]]
    other: dict[str, str]
    parameters: dict = field(default_factory=lambda: json.loads(json.dumps(TINY)))
    choices: dict | None = None
    descriptor_text: str | None = None

    def copy(self) -> "Small":
        """A copy that can be changed."""
        return Small(json.loads(json.dumps(self.descriptor)),
                     {name: [[*row] for row in rows] for name, rows in self.tables.items()},
                     dict(self.other), json.loads(json.dumps(self.parameters)),
                     json.loads(json.dumps(self.choices)), self.descriptor_text)

    def write(self, folder: Path) -> None:
        """Write it as a package."""
        for name, rows in self.tables.items():
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(rows)
            (folder / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8",
                                                errors="surrogatepass")
        for name, text in self.other.items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "datapackage.json").write_text(self.descriptor_text or json.dumps(
            self.descriptor), encoding="utf-8")
        for name, content in (("params.yml", self.parameters), ("multiverse.yml", self.choices)):
            if content is not None:
                (folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")

    def column(self, table: str, column: str) -> int:
        """Place of a column."""
        return self.tables[table][0].index(column)

    def field(self, table: str, column: str) -> dict:
        """What the descriptor says of a column."""
        entry = next(entry for entry in self.descriptor["resources"] if entry["name"] == table)
        return next(one for one in entry["schema"]["fields"] if one["name"] == column)


def small_package() -> Small:
    """The project's own package with few villages, years and kecamatan of the country."""
    raw = ROOT / "data" / "raw"
    descriptor = json.loads((raw / "datapackage.json").read_text(encoding="utf-8"))
    tables, other = {}, {}
    for entry in descriptor["resources"]:
        entry.pop("hash", None)
        entry.pop("bytes", None)
        text = (raw / entry["path"]).read_text(encoding="utf-8")
        if "schema" not in entry:
            other[entry["path"]] = text
            continue
        rows = list(csv.reader(io.StringIO(text)))
        tables[entry["name"]] = rows
        entry["path"] = f"{entry['name']}.csv"
    _shorten(tables)
    return Small(descriptor, tables, other)


def _shorten(tables: dict[str, list[list[str]]]) -> None:
    """Keep every second village and respondent, and some of what only adds rows."""
    areas = tables["villages"][0].index("area")
    inside = [row for row in tables["villages"][1:] if row[areas]]
    tables["villages"][1:] = inside
    tables["national"][1:] = [row for row in tables["national"][1:] if row[0].startswith("35.05")
                              ] + tables["national"][1:20]
    tables["responses"][1:] = tables["responses"][1::2]
    experts = {row[0] for row in tables["ratings"][1:]}
    kept = sorted(experts)[:3]
    for name in ("ratings", "linkages"):
        tables[name][1:] = [row for row in tables[name][1:] if row[0] in kept]
    del tables["village_indicators"][400:]


@dataclass(frozen=True)
class Change:
    """One change: what a person would call it, the words of which a message about it must have
    one, and the change itself."""

    told: str
    words: tuple[str, ...]
    make: Callable[[Small], None]


Make = Callable[[Small, np.random.Generator], Change]
KINDS: dict[str, Make] = {}
# Kinds after which the input means something else, or nothing: silence is a fault.
MUST_BE_REFUSED: set[str] = set()


def kind(refused: bool) -> Callable[[Make], Make]:
    """Decorator that enters a kind of change, by the name of its function."""
    def register(make: Make) -> Make:
        name = make.__name__
        KINDS[name] = make
        if refused:
            MUST_BE_REFUSED.add(name)
        return make

    return register


def _cell(small: Small, rng: np.random.Generator, columns: list[tuple[str, str]], values) -> Change:
    table, column = columns[rng.integers(len(columns))]
    row = int(rng.integers(1, len(small.tables[table])))
    value = values[rng.integers(len(values))]
    place = small.column(table, column)
    if callable(value):
        value = value(small.tables[table][row][place])

    def make(changed: Small) -> None:
        changed.tables[table][row][place] = value

    return Change(f"{table} row {row + 1} {column} = {value!r}", (table, column), make)


def _columns(small: Small, *kinds: str) -> list[tuple[str, str]]:
    return [(table, column) for table, rows in small.tables.items() for column in rows[0]
            if small.field(table, column).get("type", "string") in kinds]


def _named(small: Small) -> list[tuple[str, str]]:
    """Columns that name something that is listed elsewhere."""
    names = {"code": "areas", "area": "areas", "source": "sources", "factor": "factors",
             "factor_a": "factors", "factor_b": "factors", "driving": "factors",
             "restraining": "factors", "claim": "claims", "test": "tests", "margin": "responses"}
    return [(table, column) for table, column in _columns(small, "string")
            if column in names and names[column] != table
            and (table, column) not in {("national", "code"), ("villages", "code"),
                                        ("series", "area"), ("error_rates", "test")}]


@kind(refused=True)
def no_number(small: Small, rng: np.random.Generator) -> Change:
    """What is no number, where a number belongs."""
    return _cell(small, rng, _columns(small, "number", "integer"), NO_NUMBERS)


@kind(refused=True)
def hidden_sign(small: Small, rng: np.random.Generator) -> Change:
    """A sign that nobody sees."""
    sign = HIDDEN[rng.integers(len(HIDDEN))]
    values = [sign, lambda text: text[:1] + sign + text[1:]]
    return _cell(small, rng, _columns(small, "string"), values)


@kind(refused=True)
def unknown_name(small: Small, rng: np.random.Generator) -> Change:
    """A name of something that is nowhere else."""
    return _cell(small, rng, _named(small), ["nope", lambda text: text + "x"])


@kind(refused=True)
def no_address(small: Small, rng: np.random.Generator) -> Change:
    """An address that nothing can be fetched from."""
    return _cell(small, rng, [("sources", "url")], NO_ADDRESSES)


@kind(refused=True)
def blank_name(small: Small, rng: np.random.Generator) -> Change:
    """Nothing but blanks, where a text is needed."""
    columns = [("areas", "name"), ("areas", "zone"), ("claims", "text_id"), ("claims", "text_en"),
               ("items", "aspect"), ("responses", "business_type"), ("factors", "factor")]
    return _cell(small, rng, columns, ["", " ", "\u00a0", "\u2003"])


@kind(refused=True)
def look_alike(small: Small, rng: np.random.Generator) -> Change:
    """A name written otherwise, which nobody can tell apart from the right one."""
    columns = [("areas", "zone"), ("items", "aspect"), ("responses", "business_type"),
               ("ratings", "expert"), ("series", "area"), ("series", "indicator"),
               ("catalogue", "theme")]
    return _cell(small, rng, columns, [lambda text: text + " ", lambda text: text.upper(),
                                       lambda text: " " + text])


@kind(refused=True)
def out_of_scale(small: Small, rng: np.random.Generator) -> Change:
    """An answer or a rating that the scale does not have."""
    columns = [("responses", name) for name in small.tables["responses"][0]
               if name.startswith(("need_", "access_"))] + [
        ("ratings", "urgency"), ("ratings", "support"), ("linkages", "linkage")]
    return _cell(small, rng, columns, ["6", "-1", "99"])


@kind(refused=True)
def below_zero(small: Small, rng: np.random.Generator) -> Change:
    """Less than nothing of what is counted."""
    return _cell(small, rng, [("frame", "units"), ("known_totals", "units"), ("national", "desa")],
                 ["-1", "-2147483648"])


@kind(refused=True)
def fewer_units_than_asked(small: Small, rng: np.random.Generator) -> Change:
    """An area with fewer units than respondents."""
    return _cell(small, rng, [("frame", "units")], ["0", "1"])


@kind(refused=True)
def place_outside(small: Small, rng: np.random.Generator) -> Change:
    """A village that is not on this part of the earth."""
    return _cell(small, rng, [("villages", "lat"), ("villages", "lon")],
                 ["-91", "999", "1e300"])


@kind(refused=True)
def row_twice(small: Small, rng: np.random.Generator) -> Change:
    """A row that stands twice, in a table with a key."""
    keyed = [name for name in small.tables if name != "series"]
    table = keyed[rng.integers(len(keyed))]
    row = int(rng.integers(1, len(small.tables[table])))

    def make(changed: Small) -> None:
        changed.tables[table].insert(row, [*changed.tables[table][row]])

    return Change(f"{table} row {row + 1} twice", (table,), make)


@kind(refused=True)
def column_renamed(small: Small, rng: np.random.Generator) -> Change:
    """A column of another name than the schema says."""
    columns = _columns(small, "string", "number", "integer", "boolean")
    table, column = columns[rng.integers(len(columns))]

    def make(changed: Small) -> None:
        changed.tables[table][0][changed.column(table, column)] = column + "_"

    return Change(f"{table}: {column} renamed", (table, column), make)


@kind(refused=True)
def ragged_row(small: Small, rng: np.random.Generator) -> Change:
    """A row with a cell too many or too few."""
    names = list(small.tables)
    table = names[rng.integers(len(names))]
    row, more = int(rng.integers(1, len(small.tables[table]))), bool(rng.integers(2))

    def make(changed: Small) -> None:
        cells = changed.tables[table][row]
        changed.tables[table][row] = [*cells, "x"] if more else cells[:-1]

    return Change(f"{table} row {row + 1}: cell {'more' if more else 'fewer'}",
                  (table,), make)


@kind(refused=True)
def claim_option(small: Small, rng: np.random.Generator) -> Change:
    """An option of a claim that its test does not know, lacks, or that names nothing."""
    place = small.column("claims", "options")
    row = int(rng.integers(1, len(small.tables["claims"])))
    options = ("zone_a=north", "zone_a=north;zone_b=north", "zone_a=east;zone_b=south",
               "zone_a=north;zone_a=south;zone_b=south", "aspect=", "aspect=nope", "capital",
               "strategy=nope", "area=Nowhere", "colour=red", "aspect=capital;aspect=market")
    value = options[rng.integers(len(options))]

    def make(changed: Small) -> None:
        changed.tables["claims"][row][place] = value

    return Change(f"claims row {row + 1} options = {value}", ("claims",), make)


@kind(refused=True)
def ratio(small: Small, rng: np.random.Generator) -> Change:
    """A ratio of what is no indicator, of itself, or with a scale of nothing."""
    rows = [number for number, row in enumerate(small.tables["catalogue"][1:], start=1)
            if row[small.column("catalogue", "numerator")]]
    row = rows[rng.integers(len(rows))]
    column, value = [("numerator", "nope"), ("denominator", "nope"), ("denominator", ""),
                     ("scale", "0"), ("scale", "-1"), ("scale", ""),
                     ("numerator", small.tables["catalogue"][row][0])][rng.integers(7)]

    def make(changed: Small) -> None:
        changed.tables["catalogue"][row][changed.column("catalogue", column)] = value

    return Change(f"catalogue row {row + 1} {column} = {value!r}", ("catalogue", column),
                  make)


def _parameters() -> dict[str, dict]:
    from helpers.study.parameters import schema

    return {f"{section}.{name}": rule for section, entry in schema()["properties"].items()
            for name, rule in entry.get("properties", {}).items()}


def _set(name: str, value: object) -> Change:
    section, _, parameter = name.partition(".")

    def make(changed: Small) -> None:
        changed.parameters.setdefault(section, {})[parameter] = value

    return Change(f"params.yml {name} = {value!r}", (parameter,), make)


@kind(refused=True)
def parameter_no_number(_: Small, rng: np.random.Generator) -> Change:
    """A parameter that is not a number, or is endless."""
    names = [name for name, rule in _parameters().items()
             if rule["type"] in ("number", "integer")]
    values = [float("nan"), float("inf"), -float("inf"), "many", None, True, [1], {"a": 1}]
    return _set(names[rng.integers(len(names))], values[rng.integers(len(values))])


@kind(refused=True)
def parameter_unknown_name(_: Small, rng: np.random.Generator) -> Change:
    """A parameter that names no indicator, no source and no word that is known."""
    rules = _parameters()
    names = [name for name, rule in rules.items() if "enum" in rule
             or rule.get("unit", "").startswith("indicator") or name == "synthesis.growth_source"]
    name = names[rng.integers(len(names))]
    value = ["nope"] if rules[name]["type"] == "array" else "nope"
    return _set(name, value)


@kind(refused=True)
def parameter_misspelt(_: Small, rng: np.random.Generator) -> Change:
    """A parameter that there is not."""
    names = list(_parameters())
    return _set(names[rng.integers(len(names))] + "x", 1)


@kind(refused=True)
def alternative(small: Small, rng: np.random.Generator) -> Change:
    """An alternative of a choice that is none, or that this package does not have."""
    chosen = small.choices or yaml.safe_load(
        (ROOT / "multiverse.yml").read_text(encoding="utf-8")) | {"universes": 10}
    section, name, value = [
        ("choices", "disparity.year", 1999), ("choices", "scoring.missing", "nope"),
        ("choices", "force_field.urgency_source", "eigenvector"),
        ("thresholds", "synthesis.alpha", float("nan")),
        ("thresholds", "scoring.confidence", 1.5),
        ("thresholds", "synthesis.strong_need", 9.0), ("choices", "synthesis.growth_source", "X9"),
        ("choices", "disparity.index_activity", "nope"), ("choices", "no.such", 1),
        ("thesis", "scoring.missing", "nope")][rng.integers(10)]

    def make(changed: Small) -> None:
        changed.choices = json.loads(json.dumps(chosen))
        if section == "thesis":
            changed.choices["thesis"][name] = value
            return
        first = changed.choices[section].get(name, [])
        if name == "force_field.urgency_source":
            changed.choices["not_varied"].pop(name)
            first = ["ratings"]
        changed.choices[section][name] = [*first, value]

    return Change(f"multiverse.yml {name}: {value}", ("multiverse", name), make)


@kind(refused=True)
def key_twice(small: Small, rng: np.random.Generator) -> Change:
    """A name that stands twice in one entry of the descriptor, with two values."""
    entry = int(rng.integers(len(small.descriptor["resources"])))
    names = [name for name in ("status", "path", "title", "name")
             if name in small.descriptor["resources"][entry]]
    name = names[rng.integers(len(names))]

    def make(changed: Small) -> None:
        resource = changed.descriptor["resources"][entry]
        doubled = json.dumps(resource)[:-1] + f', "{name}": "published"}}'
        rest = [json.dumps(one) for one in changed.descriptor["resources"]]
        rest[entry] = doubled
        about = json.dumps({key: value for key, value in changed.descriptor.items()
                            if key != "resources"})
        changed.descriptor_text = f'{about[:-1]}, "resources": [{", ".join(rest)}]}}'

    return Change(f"datapackage.json resource {entry + 1}: {name} twice", (name,),
                  make)


@kind(refused=True)
def descriptor_entry(small: Small, rng: np.random.Generator) -> Change:
    """An entry of the descriptor that does not say what it must."""
    entry = int(rng.integers(len(small.descriptor["resources"])))
    changes: list[tuple[str, object]] = [
        ("status", "true"), ("status", None), ("path", "../x.csv"), ("path", "/etc/passwd"),
        ("path", "none.csv"), ("name", 5), ("encoding", "klingon"), ("hash", "sha256:00"),
        ("dialect", {"header": False}), ("dialect", {"quoteChar": "'"}), ("compression", "gz")]
    name, value = changes[rng.integers(len(changes))]
    tabular = "schema" in small.descriptor["resources"][entry]
    if name in ("encoding", "dialect", "compression") and not tabular:
        name, value = "status", "true"

    def make(changed: Small) -> None:
        changed.descriptor["resources"][entry][name] = value

    return Change(f"datapackage.json resource {entry + 1}: {name} = {value!r}",
                  ("datapackage.json",) + ((small.descriptor["resources"][entry]["name"],)), make)


@kind(refused=True)
def schema_entry(small: Small, rng: np.random.Generator) -> Change:
    """A column that the schema declares otherwise than the stages rely on, or twice, or by a
    pattern that would take for ever."""
    columns = _columns(small, "string")
    table, column = columns[rng.integers(len(columns))]
    number = int(rng.integers(4))

    def make(changed: Small) -> None:
        declared = changed.field(table, column)
        if number == 0:
            declared["type"] = "nope"
        elif number == 1:
            entry = next(one for one in changed.descriptor["resources"] if one["name"] == table)
            entry["schema"]["fields"].append(dict(declared))
        elif number == 2:
            declared.setdefault("constraints", {})["pattern"] = r"(?=x)\1"
        else:
            declared.setdefault("constraints", {})["pattern"] = "(a+)+$"
            changed.tables[table][1][changed.column(table, column)] = "a" * 40 + "!"

    return Change(f"schema of {table}.{column}: {number}", (table, column), make)


@kind(refused=True)
def own_weight(small: Small, rng: np.random.Generator) -> Change:
    """A weight of a respondent that is none."""
    row = int(rng.integers(1, len(small.tables["responses"])))
    value = ("", "0", "-1", "inf", "NaN", "heavy")[rng.integers(6)]

    def make(changed: Small) -> None:
        for number, cells in enumerate(changed.tables["responses"]):
            cells.append("weight" if not number else value if number == row else "1.5")

    return Change(f"responses row {row + 1} weight = {value!r}", ("responses", "weight"), make)


@kind(refused=True)
def land(small: Small, rng: np.random.Generator) -> Change:
    """Land that is none, or lies elsewhere."""
    polygon = '{"type": "Polygon", "coordinates": [[%s]]}'
    texts = [
        small.other["land.geojson"][:-9], '{"type": "FeatureCollection", "features": []}',
        _shape('{"type": "Point", "coordinates": [112, -8]}'),
        _shape(polygon % "[1,1],[2,1],[2,2],[1,1]"), _shape(polygon % "[NaN,1],[2,1],[2,2],[1,1]"),
        '{"type": "gdal_streamed_alg", "command_line": "gdal vector read /etc/passwd"}']
    text = texts[rng.integers(len(texts))]

    def make(changed: Small) -> None:
        changed.other["land.geojson"] = text

    return Change(f"land.geojson = {text[:60]}", ("land",), make)


def _shape(geometry: str) -> str:
    return ('{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, '
            f'"geometry": {geometry}}}]}}')


@kind(refused=False)
def any_cell(small: Small, rng: np.random.Generator) -> Change:
    """Whatever a person may type into any cell."""
    columns = _columns(small, "string", "number", "integer", "boolean")
    return _cell(small, rng, columns, ["", "0", "1e308", "-0", "2147483648", "x" * 500, "=1+1",
                                       "<b>", "'", '"', "a\nb", "1.5", "true", "\u0301", "é" * 90])


@kind(refused=False)
def any_parameter(_: Small, rng: np.random.Generator) -> Change:
    """Whatever a person may write as a parameter."""
    names = list(_parameters())
    values = [0, 1, -1, 2, 0.5, 1e308, 10 ** 30, "", "none", "x" * 5000, [], ["x", "x"], 1900, 2200]
    return _set(names[rng.integers(len(names))], values[rng.integers(len(values))])


@kind(refused=False)
def resource_left_out(small: Small, rng: np.random.Generator) -> Change:
    """A package without one of its resources."""
    entry = int(rng.integers(len(small.descriptor["resources"])))
    name = small.descriptor["resources"][entry]["name"]

    def make(changed: Small) -> None:
        del changed.descriptor["resources"][entry]

    return Change(f"without {name}", (name,), make)


def answer(small: Small, folder: Path) -> tuple[str, str]:
    """What the checks say of a package: ``refused``, ``taken``, ``traceback`` or ``unclear``, and
    the line."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    small.write(folder)
    carried = folder / "params.yml"
    try:
        read_inputs(Project(raw=folder, out=folder.with_name("none"),
                            parameters_file=carried if carried.exists() else None))
    except InputError as error:
        lines = [str(error), str(translate(error, "id"))]
        clear = all(line and "\n" not in line and len(line) <= 700 for line in lines) \
            and lines[0] != lines[1] and not re.search(r"<class|Traceback|object at 0x", lines[0])
        return "refused" if clear else "unclear", lines[0]
    except Exception as error:  # what is looked for
        return "traceback", f"{type(error).__name__}: {error}"
    return "taken", ""


def run(folder: Path, number: int = NUMBER, seed: int = SEED, say=print) -> list[dict]:
    """Change a small package in many ways, one at a time.

    Parameters
    ----------
    folder : Path
        Where to work; it is made.
    number : int
        How many inputs.
    seed : int
        Decides what is changed.

    Returns
    -------
    list of dict
        One for each kind: ``kind`` ("input"), ``name``, ``ok`` and ``detail``.
    """
    folder.mkdir(parents=True)
    if found := answer(small_package(), folder / "raw")[1]:
        return [{"kind": "input", "name": "the small package itself", "ok": False, "detail": found}]
    cores = max(1, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1))
    with ProcessPoolExecutor(cores) as pool:
        parts = pool.map(_part, [folder / str(core) for core in range(cores)],
                         [range(core, number, cores) for core in range(cores)], [seed] * cores)
        faults = [one for part in parts for one in part]
    results = []
    for name in KINDS:
        told = [fault for kind, fault in faults if kind == name]
        found = list(filter(None, told))
        detail = f"{len(told)} inputs, {len(found)} faults" + "".join(
            f"; {fault}" for fault in found[:5])
        results.append({"kind": "input", "name": f"input: {name.replace('_', ' ')}",
                        "ok": not found, "detail": detail})
        say(f"{results[-1]['name']}: {detail}")
    return results


def _part(folder: Path, numbers: range, seed: int) -> list[tuple[str, str]]:
    """Kind and fault, empty where there is none, of every change with one of these numbers."""
    small, check, makers = small_package(), validation._check_cells, [*KINDS.items()]
    validation._check_cells, found = remembering(check), []
    warnings.simplefilter("ignore")
    try:
        for number in numbers:
            name, make = makers[number % len(makers)]
            change, changed = make(small, np.random.default_rng([seed, number])), small.copy()
            change.make(changed)
            found.append((name, _fault(name, change, changed, changed == small, folder)))
    finally:
        validation._check_cells = check
    return found


def _fault(kind: str, change: Change, changed: Small, same: bool, folder: Path) -> str:
    start = time.monotonic()
    outcome, line = answer(changed, folder)
    took = time.monotonic() - start
    if took > LONGEST:
        return f"{change.told}: {took:.0f} s"
    if outcome in ("traceback", "unclear"):
        return f"{change.told}: {outcome}: {line}"
    if outcome == "taken" and kind in MUST_BE_REFUSED and not same:
        return f"{change.told}: taken without a word"
    if outcome == "refused" and not any(word in line for word in change.words):
        return f"{change.told}: told as: {line}"
    return ""


def main() -> int:
    """Change the small package, and print a line a kind."""
    number, seed = [*map(int, sys.argv[1:]), NUMBER, SEED][:2] if len(sys.argv) < 3 else map(
        int, sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="kb-inputs-") as folder:
        results = run(Path(folder) / "inputs", number, seed)
    return int(any(not result["ok"] for result in results))


if __name__ == "__main__":
    sys.exit(main())
