"""Keep a data package's descriptor true to its files, and write its data dictionary.

After files of a package were edited on purpose::

    python3 src/helpers describe FOLDER
    python3 src/helpers describe FOLDER --keep areas indicators catalogue
    python3 src/helpers describe FOLDER --corrected indicators
    python3 src/helpers describe FOLDER --dictionary docs/data-dictionary.md

The dictionary is written in English, and beside it in every language that has a catalogue
``dictionary`` (``docs/data-dictionary.id.md``).
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from helpers import files, messages
from helpers.argument_parser import Parser
from helpers.errors import InputError, report_input_errors
from helpers.messages import say
from helpers.study.package import DESCRIPTOR

MADE = ("Made from `datapackage.json` by `python3 src/helpers describe`: change the descriptor, "
        "not this page.")
PAGE = Path(__file__).with_name("dictionary.md.jinja")
CONSTRAINT_WORDS = {"minimum": "at least {}", "maximum": "at most {}",
                    "minLength": "at least {} characters", "maxLength": "at most {} characters",
                    "pattern": "pattern `{}`"}


def refresh(folder: str | Path) -> list[str]:
    """Names of the resources whose size or hash in ``datapackage.json`` was stated anew.

    Nothing else changes; the file is left alone when all are right already.
    """
    package, changed = _read(folder), []
    for resource in package["resources"]:
        file = Path(folder) / resource["path"]
        if not file.is_file():
            raise InputError("{path}: the file of resource '{resource}' is not there; add it or "
                             "take the resource out of datapackage.json", path=resource["path"],
                             resource=resource["name"])
        stated = {"bytes": sum(part.stat().st_size for part in files.parts_of(file)),
                  "hash": f"sha256:{files.digest_of_all(file)}"}
        if resource | stated != resource:
            resource |= stated
            changed.append(resource["name"])
    if changed:
        write_descriptor(folder, package)
    return changed


def collect(folder: str | Path, names: list[str]) -> None:
    """State that these resources are as collected from their sources: with ``collected``, a hash
    that `refresh` leaves alone, so that a later edit does not pass as published."""
    package = _read(folder)
    known = {resource["name"]: resource for resource in package["resources"]}
    for name in names:
        if name not in known:
            raise InputError("there is no resource '{name}'; there are {known}", name=name,
                             known=", ".join(known))
        known[name]["collected"] = known[name]["hash"]
    write_descriptor(folder, package)


def keep(folder: str | Path, names: list[str]) -> list[str]:
    """Names of the resources taken out of a descriptor that keeps the named ones; no file goes."""
    package = _read(folder)
    present = [resource["name"] for resource in package["resources"]]
    for name in names:
        if name not in present:
            raise InputError("datapackage.json: there is no resource '{name}' to keep; it has: "
                             "{present}", name=name, present=", ".join(present))
    package["resources"] = closed([resource for resource in package["resources"]
                                   if resource["name"] in names])
    write_descriptor(folder, package)
    return [name for name in present if name not in names]


def closed(resources: list[dict]) -> list[dict]:
    """Resources of a descriptor without foreign keys that refer to others than these."""
    present, found = ("", *(resource["name"] for resource in resources)), []
    for resource in resources:
        schema = dict(resource.get("schema", {}))
        if keys := schema.pop("foreignKeys", ()):
            own = [key for key in keys if key["reference"]["resource"] in present]
            schema |= {"foreignKeys": own} if own else {}
        found.append(resource | ({"schema": schema} if schema else {}))
    return found


def write_descriptor(folder: str | Path, package: dict) -> None:
    """Write the descriptor of a package."""
    files.write(Path(folder) / DESCRIPTOR, json.dumps(package, indent=2, ensure_ascii=False) + "\n")


def _read(folder: str | Path) -> dict:
    path = Path(folder) / DESCRIPTOR
    if not path.is_file():
        raise InputError("{folder}: there is no datapackage.json in this folder; give the folder "
                         "of a data package", folder=folder)
    return json.loads(path.read_text(encoding="utf-8-sig"))


def dictionary(package: dict, texts: Mapping[str, str] | None = None) -> str:
    """Data dictionary in Markdown, made from a package's descriptor.

    `texts` has English texts in another language, see `translations`; others stay as they are.

    >>> field = {"name": "code", "type": "string", "title": "Code", "constraints": {"unique": True}}
    >>> resource = {"name": "areas", "path": "areas.csv", "title": "Areas", "status": "published",
    ...             "description": "Where.", "schema": {"fields": [field], "primaryKey": ["code"]}}
    >>> package = {"title": "Small", "description": "One table.", "resources": [resource]}
    >>> print(dictionary(package, {"unique": "unik", "Code": "Kode"}).splitlines()[-1])
    | `code` | string | unik | Kode |
    """
    from jinja2 import ChainableUndefined

    def text(english: str) -> str:
        return (texts or {}).get(english, english)

    def allowed(constraints: dict) -> str:
        words = [text(name) for name in ("required", "unique") if constraints.get(name)]
        if choices := constraints.get("enum"):
            words.append(f"{text('one of')} {_ticked(choices)}")
        words += [text(said).format(constraints[name])
                  for name, said in CONSTRAINT_WORDS.items() if name in constraints]
        return "; ".join(words)

    def meaning(field: dict) -> str:
        parts = [text(part) for part in (field.get("title"), field.get("description")) if part]
        return ". ".join(part.rstrip(".") for part in parts)

    made = files.templates(PAGE.parent, keep_trailing_newline=True, autoescape=False,
                           undefined=ChainableUndefined)
    made.globals |= {"text": text, "allowed": allowed, "meaning": meaning, "ticked": _ticked,
                     "head": lambda *columns: f"| {' | '.join(map(text, columns))} |\n|"
                     + "---|" * len(columns),
                     "cell": lambda shown: shown.replace("|", "\\|").replace("\n", " ")}
    return made.get_template(PAGE.name).render(package=package, made=MADE)


def _ticked(names: Iterable) -> str:
    return ", ".join(f"`{name}`" for name in names)


def translations(folder: Path, package: dict) -> dict[str, dict[str, str]]:
    """What a data dictionary says, English to another language, by the other languages.

    Statements of the questionnaire in ``folder`` are columns of the answers.
    """
    rows = [row for resource in package["resources"] if resource["name"] == "items"
            and (folder / resource["path"]).is_file()
            for row in files.rows_of(folder / resource["path"])]
    return {path.parts[-3]: messages.entries(path)
            | {row["text_en"]: text for row in rows
               if (text := row.get(f"text_{path.parts[-3]}")) and row.get("text_en")}
            for path in sorted(Path(messages.LOCALE).glob("*/LC_MESSAGES/dictionary.po"))}


@report_input_errors()
def main(arguments: list[str]) -> int:
    """Command line: refresh the hashes of a package, thin it out, write its data dictionary."""
    parser = Parser(__doc__, prog="python3 src/helpers describe")
    parser.add_argument("folder", help="folder that holds datapackage.json")
    parser.add_argument("--keep", metavar="NAME", nargs="+",
                        help="take all other resources out of the descriptor")
    parser.add_argument("--corrected", metavar="NAME", nargs="+",
                        help="resources whose published values were corrected")
    parser.add_argument("--dictionary", metavar="FILE", type=Path,
                        help="Markdown file to write the data dictionary to, with its twins in "
                        "other languages beside it")
    given = parser.parse_args(arguments)
    if given.keep:
        say("taken out: {keep}", keep=", ".join(keep(given.folder, given.keep)))
    changed = refresh(given.folder)
    say("changed: {changed}" if changed else "nothing changed", changed=", ".join(changed))
    if given.corrected:
        collect(given.folder, given.corrected)
        say("stated as a correction of what was collected: {corrected}",
            corrected=", ".join(given.corrected))
    if given.dictionary:
        package = _read(given.folder)
        files.write(given.dictionary, dictionary(package))
        for lang, texts in translations(Path(given.folder), package).items():
            twin = given.dictionary.with_suffix(f".{lang}.md")
            files.write(twin, dictionary(package, texts))
    return 0
