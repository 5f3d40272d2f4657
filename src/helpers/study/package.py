"""The data package: a descriptor, its resources, their status, and typed tables."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NoReturn

import pandas as pd

from helpers.errors import InputError
from helpers.files import SHAPEFILE, digest_of_all, file_digest, parts_of, settings
from helpers.messages import Message, either, reason_of, term
from helpers.study.jsonschema_fast import validator_class

STATUSES = ("published", "simulated", "illustrative")
TRUE, FALSE = ("true", "True", "TRUE", "1"), ("false", "False", "FALSE", "0")
DESCRIPTOR = "datapackage.json"
# Resources with rows of single persons: where these are real (published), no copy of them leaves
# the package, and of the crate only their hash.
OF_PERSONS = ("responses", "ratings", "linkages", "comparisons")
LONGEST_PATH, LARGEST = 255, 10_000_000  # characters, bytes of a descriptor
OWN_PACKAGE = "kesenjangan-blitar"  # the project's own, whatever folder a copy of it lies in
# What a dialect may say beside its delimiter: what holds anyway.
DIALECT = {"delimiter": ",", "header": True, "quoteChar": '"', "doubleQuote": True,
           "skipInitialSpace": False, "lineTerminator": "\n", "caseSensitiveHeader": True,
           "csvddfVersion": 1.2}
# Control characters, half characters, signs without width, and marks that reverse the order in
# which text is shown: no file needs them, and they make a page, a picture or a terminal show
# something else than what the file holds. Joiners belong between letters of
# scripts that need them.
HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb"
    r"\U000e0000-\U000e0fff]|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])")


def weakest(statuses) -> str:
    """Return the status of something made from things with these statuses: the weakest of them.

    >>> weakest(["published", "simulated", "published"])
    'simulated'
    """
    return max(statuses, key=STATUSES.index)


def is_own(about: Mapping) -> bool:
    """Whether a descriptor is that of the project's own package, of which its texts may speak."""
    return about.get("name") == OWN_PACKAGE


def is_paired(package: "Package") -> bool:
    """Whether the questionnaire of a package, if there is one, asks for need and access both."""
    return not package.has("items") or {"need", "access"} <= set(
        package.table("items")["dimension"])


@dataclass(frozen=True)
class Resource:
    """One file of a data package, as its descriptor states it."""

    name: str
    folder: Path
    descriptor: dict

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self.folder / self.descriptor["path"]

    @property
    def files(self) -> list[Path]:
        """The file, with all that belong to it where it is a Shapefile."""
        return parts_of(self.path)

    @property
    def label(self) -> str:
        """How messages name the file: the path written in the descriptor."""
        return self.descriptor["path"]

    @property
    def status(self) -> str:
        """Return published, simulated or illustrative."""
        return self.descriptor["status"]

    @property
    def tabular(self) -> bool:
        """Whether the resource is a table with a schema."""
        return "schema" in self.descriptor

    @property
    def fields(self) -> dict[str, dict]:
        """The declared columns by name."""
        return {field["name"]: field for field in self.descriptor["schema"]["fields"]}

    @property
    def encoding(self) -> str:
        """The declared encoding; ``utf-8-sig`` is UTF-8 behind a byte-order mark."""
        return self.descriptor.get("encoding", "utf-8").lower()

    @property
    def delimiter(self) -> str:
        """The declared column separator."""
        return self.descriptor.get("dialect", {}).get("delimiter", ",")

    @cached_property
    def sha256(self) -> str:
        """Hash of the file as it lies on disk, of a Shapefile that of all its files."""
        return digest_of_all(self.path)

    def read_text_table(self) -> pd.DataFrame:
        """Read every cell as text; an empty cell is an empty string."""
        return pd.read_csv(self.path, sep=self.delimiter, encoding=self.encoding, dtype="str",
                           keep_default_na=False, na_filter=False, skipinitialspace=False)

    def read(self) -> pd.DataFrame:
        """Read the table with the declared types; columns outside the schema stay text."""
        raw = self.read_text_table()
        missing = self.descriptor["schema"].get("missingValues", [""])
        columns = {name: _typed(column, self.fields.get(name, {"type": "string"}), missing)
                   for name, column in raw.items()}
        return pd.DataFrame(columns, index=raw.index)


def _typed(column: pd.Series, field: dict, missing: list[str]) -> pd.Series:
    kind = field.get("type", "string")
    empty = column.isin(missing)
    if kind in ("number", "integer", "year"):
        numbers = pd.to_numeric(plain_numbers(column, field).where(~empty))
        if kind == "number":
            return numbers.astype("float64")
        return numbers.astype("Int64" if empty.any() else "int64")
    if kind == "boolean":
        truth = column.isin(field.get("trueValues", TRUE))
        return truth.astype("boolean").mask(empty) if empty.any() else truth
    return column.mask(empty, None) if empty.any() else column


def plain_numbers(column: pd.Series, field: Mapping) -> pd.Series:
    """Numbers of a column as text, in which groups have no sign and decimals a point."""
    text = column.str.strip()
    if group := field.get("groupChar"):
        text = text.str.replace(group, "", regex=False)
    return text.str.replace(field.get("decimalChar", "."), ".", regex=False)


class Package:
    """A data package in a folder. Reads what its ``datapackage.json`` declares, nothing else."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.descriptor = _read_descriptor(self.folder)
        self.resources = {entry["name"]: Resource(entry["name"], self.folder, entry)
                          for entry in self.descriptor["resources"]}
        self._tables: dict[str, pd.DataFrame] = {}

    def has(self, name: str) -> bool:
        """Whether the package has a resource of this name."""
        return name in self.resources

    def resource(self, name: str) -> Resource:
        """Return a resource, or say which ones there are."""
        if name not in self.resources:
            raise InputError("datapackage.json: there is no resource '{resource}'; this package "
                             "has: {known}", resource=name, known=", ".join(self.resources))
        return self.resources[name]

    def status(self, name: str) -> str:
        """Return the status of a resource."""
        return self.resource(name).status

    def contents(self) -> pd.DataFrame:
        """Return resource, status, title and rows of every resource; geodata have no rows."""
        rows = [(name, one.status, one.descriptor.get("title"),
                 len(self.table(name)) if one.tabular else None)
                for name, one in self.resources.items()]
        return pd.DataFrame(rows, columns=["resource", "status", "title", "rows"])

    def table(self, name: str) -> pd.DataFrame:
        """Return a typed copy of a resource's table."""
        if name not in self._tables:
            self._tables[name] = self.resource(name).read()
        return self._tables[name].copy()

    @cached_property
    def fingerprint(self) -> str:
        """Return a hash of the descriptor and of every resource's bytes."""
        parts = [file_digest(self.folder / DESCRIPTOR)]
        parts += [f"{name} {resource.sha256}" for name, resource in sorted(self.resources.items())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _read_descriptor(folder: Path) -> dict:
    path = folder / DESCRIPTOR
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise InputError("datapackage.json: is no file; put the descriptor of the package here")
        if path.exists() and path.stat().st_size > LARGEST:
            raise InputError("datapackage.json: has more than {most:,} bytes; it describes files, "
                             "and holds no data", most=LARGEST)
        descriptor = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_once,
                                parse_constant=_no_number)
    except InputError:
        raise
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("{folder}: there is no datapackage.json in this folder; give the folder "
                         "of a data package with RAW=", folder=folder.name) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("datapackage.json: cannot be read ({reason})",
                         reason=reason_of(error)) from None
    except json.JSONDecodeError as error:
        raise InputError("datapackage.json: not valid JSON at line {line}, column {column}: "
                         "{problem}", line=error.lineno, column=error.colno,
                         problem=term(error.msg)) from None
    except (RecursionError, ValueError):
        raise InputError("datapackage.json: is nested too deeply, or holds a number that is too "
                         "long, to be a data package's descriptor") from None
    resources = descriptor.get("resources") if isinstance(descriptor, dict) else None
    if not isinstance(resources, list) or not resources:
        raise InputError("datapackage.json: 'resources' must be a list with at least one resource")
    seen: set[str] = set()
    for number, entry in enumerate(resources, start=1):
        _check_entry(entry, number, folder, seen)
    _check_form(descriptor)
    return descriptor


def _once(pairs: list[tuple[str, object]]) -> dict:
    """Entry of the descriptor; a name in it must not have two values, of which one would count."""
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise InputError("datapackage.json: the name '{name}' stands twice in one entry, as "
                             "{one} and as {other}; keep one of them", name=name,
                             one=json.dumps(found[name], ensure_ascii=False)[:80],
                             other=json.dumps(value, ensure_ascii=False)[:80])
        found[name] = value
    return found


def _no_number(text: str) -> None:
    raise InputError("datapackage.json: {text} is no value of JSON; write a number, or leave the "
                     "entry out", text=text)


def _check_form(descriptor: dict) -> None:
    for entry in descriptor["resources"]:
        _check_taken(entry)
    for text in _texts(descriptor):
        if sign := hidden_sign(text):
            raise InputError("datapackage.json: '{text}' holds the invisible character {sign}; "
                             "remove it", text=text[:60], sign=sign)
    for fault in validator_class()(settings(__file__, "descriptor.yml")).iter_errors(descriptor):
        resources = descriptor["resources"]
        at = list(fault.absolute_path)
        name = resources[at[1]]["name"] if at[:1] == ["resources"] else None
        where = "/".join(
            str(part + 1) if isinstance(part, int) else part for part in (at[2:] if name else at))
        raise InputError("datapackage.json: resource '{resource}': {problem}" if name
                         else "{file}: {problem}", file=DESCRIPTOR, resource=name,
                         problem=_form_wanted(where or Message("this entry"), fault))


def _check_taken(entry: dict) -> None:
    """Refuse what would be passed over, although it says how the file is to be read."""
    dialect = entry.get("dialect")
    for name, value in dialect.items() if isinstance(dialect, dict) else ():
        if name not in DIALECT or name != "delimiter" and value != DIALECT[name]:
            raise InputError("datapackage.json: resource '{resource}': dialect/{name} is {value}; "
                             "tables are read with a header, with \" around cells, and with the "
                             "delimiter that dialect/delimiter states: leave it out, and save the "
                             "file so", resource=entry["name"], name=name, value=json.dumps(value))
    if entry.get("compression") not in (None, "", "no") or "data" in entry:
        raise InputError("datapackage.json: resource '{resource}' states '{name}', which is not "
                         "read; put the table into a plain file of its own", resource=entry["name"],
                         name="data" if "data" in entry else "compression")
    schema = entry.get("schema")
    fields = schema.get("fields") if isinstance(schema, dict) else None
    seen = set()
    for field in fields if isinstance(fields, list) else ():
        name = field.get("name") if isinstance(field, dict) else None
        if isinstance(name, str) and name in seen:
            raise InputError("datapackage.json: the schema of '{resource}' declares the column "
                             "'{column}' twice; keep one of them", resource=entry["name"],
                             column=name)
        seen.add(name if isinstance(name, str) else None)
        if wrong := _read_otherwise(field) if isinstance(field, dict) else None:
            raise InputError("datapackage.json: resource '{resource}', column '{column}': {wrong} "
                             "would read a value as another one; correct it, or leave it out",
                             resource=entry["name"], column=name, wrong=wrong)


def _read_otherwise(field: dict) -> str | None:
    """What in a field's declaration turns a value into another one without a word."""
    if field.get("type") in ("number", "integer") and field.get("groupChar") in (
            field.get("decimalChar", "."), *"0123456789-"):
        return f"groupChar {json.dumps(field['groupChar'])}"
    for name, other in (("trueValues", "falseValues"), ("falseValues", "trueValues")):
        # What is no list is refused for its form.
        stated, against = (value if isinstance(value, list) else [] for value in
                           (field.get(name), field.get(other)))
        usual = FALSE if name == "trueValues" else TRUE
        if {*map(str, stated)} & {*usual, *map(str, against)}:
            return f"{name} {json.dumps(stated)}"
    return None


def _form_wanted(where: str, fault) -> Message:
    if fault.validator == "required":
        lacking = next(name for name in fault.validator_value if name not in fault.instance)
        return Message("{where} has no '{lacking}'; add it", where=where, lacking=lacking)
    if fault.validator == "enum":
        return Message("{where} is {value!r}; allowed is one of: {allowed}", where=where,
                       value=fault.instance, allowed=", ".join(map(str, fault.validator_value)))
    words = {"string": "a text", "array": "a list", "object": "names with values in braces",
             "integer": "a whole number", "number": "a number", "boolean": "true or false"}
    if fault.validator == "type":
        kinds = fault.validator_value if isinstance(fault.validator_value,
                                                    list) else [fault.validator_value]
        return Message("{where} is {value!r}; it must be {kinds}", where=where,
                       value=fault.instance, kinds=either(term(words[kind]) for kind in kinds))
    if fault.validator == "maxLength":
        return Message("{where} is {value!r}; it must be one character", where=where,
                       value=fault.instance)
    if fault.validator == "anyOf":
        return Message("{where} is {value!r}; it must be a name or a list of names", where=where,
                       value=fault.instance)
    return Message("{where} is {value!r}; it must not be empty or negative", where=where,
                   value=fault.instance)


def _texts(value: object) -> Iterator[str]:
    """Yield every text of a JSON value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def hidden_sign(text: str) -> str | None:
    """First character that does not belong in a text, written as U+0000, or None."""
    found = HIDDEN.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def _check_entry(entry: object, number: int, folder: Path, seen: set[str]) -> None:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise InputError("datapackage.json: resource {number} has no 'name'; give each resource a "
                         "name", number=number)
    name = entry["name"]
    if name in seen:
        raise InputError("datapackage.json: the resource '{resource}' stands twice; keep one of "
                         "them", resource=name)
    seen.add(name)
    path = entry.get("path")
    if not isinstance(path, str) or not path:
        raise InputError("datapackage.json: resource '{resource}' has no 'path' to one file of "
                         "this folder", resource=name)
    if hidden_sign(path) or "\n" in path or len(path) > LONGEST_PATH:
        raise InputError("datapackage.json: resource '{resource}' has a 'path' that no file has "
                         "(it is too long, or holds an invisible character): '{path}'",
                         resource=name, path=path[:80])
    if "://" in path:
        _outside(name, path)
    if entry.get("status") not in STATUSES:
        raise InputError("datapackage.json: resource '{resource}' has the status {status!r}; "
                         "allowed is one of: {statuses}", resource=name, status=entry.get("status"),
                         statuses=", ".join(STATUSES))
    _check_file(folder / path, folder, name, path)
    for part in parts_of(folder / path)[1:]:
        _check_file(part, folder, name, part.relative_to(folder).as_posix())
    check_beside(folder / path, path)


def _check_file(place: Path, folder: Path, name: str, path: str) -> None:
    """Refuse what is no file that can be read, or lies elsewhere."""
    if not _lies_within(place, folder):
        _outside(name, path)
    try:
        is_file = place.is_file()
    except OSError as error:
        raise InputError("{path}: cannot be read ({reason}); make it readable", path=path,
                         reason=reason_of(error)) from None
    if not is_file or path.endswith("/"):  # which pathlib leaves away
        what = Message("is not a file" if place.exists() else "is not there")
        raise InputError("{path}: the file of resource '{resource}' {what}; add it or take the "
                         "resource out of datapackage.json", path=path, resource=name, what=what)
    if not os.access(place, os.R_OK):
        raise InputError("{path}: the file of resource '{resource}' cannot be read; make it "
                         "readable (chmod +r)", path=path, resource=name)


def _outside(name: str, path: str) -> NoReturn:
    raise InputError("datapackage.json: resource '{resource}' points outside the package "
                     "('{path}'); copy the file into the package's folder", resource=name,
                     path=path)


def check_beside(place: Path, label: str) -> None:
    """Refuse a Shapefile without the files without which it says nothing."""
    there = {part.suffix.lower() for part in parts_of(place)}
    if SHAPEFILE in there and (missing := [ending for ending in (".shx", ".dbf")
                                           if ending not in there]):
        raise InputError("{label}: of the Shapefile {name} the file {missing} is missing; copy all "
                         "its files together (.shp, .shx, .dbf, .prj, .cpg), or give the .zip",
                         label=label, name=place.name,
                         missing=" ".join(place.stem + ending for ending in missing))


def _lies_within(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links that lead round in a circle
        return False
