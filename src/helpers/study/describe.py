"""Keep a data package's descriptor true to its files, and write its data dictionary.

After files of a package were edited on purpose::

    python -m helpers describe FOLDER
    python -m helpers describe FOLDER --keep areas indicators catalogue
    python -m helpers describe FOLDER --dictionary docs/data-dictionary.md
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

from helpers import files
from helpers.study.errors import InputError, spoken

DESCRIPTOR = "datapackage.json"
CONSTRAINT_WORDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "pattern `{}`",
}


def refresh(folder: str | Path) -> list[str]:
    """State anew the size and the hash of every file of a data package.

    Only ``bytes`` and ``hash`` in ``datapackage.json`` change; the file is left alone when both are right already.

    Parameters
    ----------
    folder : str or Path
        The folder that holds ``datapackage.json``.

    Returns
    -------
    list of str
        Names of the resources whose entry changed.

    Raises
    ------
    InputError
        When the descriptor or a file that it names is not there.
    """
    path = Path(folder) / DESCRIPTOR
    if not path.is_file():
        raise InputError(f"{folder}: there is no {DESCRIPTOR} in this folder; give the folder of a data package")
    package = json.loads(path.read_text(encoding="utf-8-sig"))
    changed = []
    for resource in package["resources"]:
        file = path.parent / resource["path"]
        if not file.is_file():
            raise InputError(f"{resource['path']}: the file of resource '{resource['name']}' is not there; "
                             f"add it or take the resource out of {DESCRIPTOR}")
        content = file.read_bytes()
        stated = {"bytes": len(content), "hash": "sha256:" + hashlib.sha256(content).hexdigest()}
        if resource | stated != resource:
            resource |= stated
            changed.append(resource["name"])
    if changed:
        files.write(path, json.dumps(package, indent=2, ensure_ascii=False) + "\n")
    return changed


def keep(folder: str | Path, names: list[str]) -> list[str]:
    """Take all resources but the named ones out of a data package's descriptor; files stay where they are.

    Parameters
    ----------
    folder : str or Path
        The folder that holds ``datapackage.json``.
    names : list of str
        The resources that stay.

    Returns
    -------
    list of str
        The resources that were taken out.

    Raises
    ------
    InputError
        When a name is not a resource of the package.
    """
    path = Path(folder) / DESCRIPTOR
    package = json.loads(path.read_text(encoding="utf-8-sig"))
    present = [resource["name"] for resource in package["resources"]]
    for name in names:
        if name not in present:
            raise InputError(f"{DESCRIPTOR}: there is no resource '{name}' to keep; it has: {', '.join(present)}")
    package["resources"] = [resource for resource in package["resources"] if resource["name"] in names]
    for resource in package["resources"]:
        schema = resource.get("schema", {})
        if "foreignKeys" in schema:
            schema["foreignKeys"] = [key for key in schema["foreignKeys"]
                                     if key["reference"]["resource"] in ("", *names)]
    files.write(path, json.dumps(package, indent=2, ensure_ascii=False) + "\n")
    return [name for name in present if name not in names]


def dictionary(package: dict) -> str:
    """Write a data dictionary in Markdown from a package's descriptor.

    Parameters
    ----------
    package : dict
        The content of ``datapackage.json``.

    Returns
    -------
    str
        A heading and a table of columns for each resource, after a table of all resources.

    Examples
    --------
    >>> field = {"name": "code", "type": "string", "title": "Code", "constraints": {"required": True}}
    >>> resource = {"name": "areas", "path": "areas.csv", "title": "Areas", "status": "published",
    ...             "description": "Where.", "schema": {"fields": [field], "primaryKey": ["code"]}}
    >>> package = {"title": "Small", "description": "One table.", "resources": [resource]}
    >>> print(dictionary(package).splitlines()[-1])
    | `code` | string | required | Code |
    """
    lines = [f"# Data dictionary: {package['title']}", "",
             f"Made from `{DESCRIPTOR}` by `python -m helpers.study.describe`: change the descriptor, not this page.",
             "",
             package["description"], "",
             "| resource | what it holds | status |", "|---|---|---|"]
    lines += [f"| [`{resource['name']}`](#{resource['name']}) | {resource['title']} | {resource['status']} |"
              for resource in package["resources"]]
    for resource in package["resources"]:
        lines += ["", f"## {resource['name']}", "", *_about(resource)]
        if "schema" in resource:
            lines += ["", "| column | type | allowed | meaning |", "|---|---|---|---|"]
            lines += [_row(field) for field in resource["schema"]["fields"]]
    return "\n".join(lines) + "\n"


def _about(resource: dict) -> list[str]:
    lines = [resource["description"], "", f"- File: `{resource['path']}`", f"- Status: **{resource['status']}**"]
    for name, word in (("sources", "Sources"), ("licenses", "Licence")):
        if entries := resource.get(name):
            lines.append(f"- {word}: " + "; ".join(entry.get("title") or entry["name"] for entry in entries))
    schema = resource.get("schema", {})
    if key := schema.get("primaryKey"):
        lines.append("- Key: " + ", ".join(f"`{name}`" for name in key))
    for entry in schema.get("foreignKeys", []):
        fields, reference = ", ".join(entry["fields"]), entry["reference"]
        lines.append(f"- `{fields}` refers to `{reference['resource']}.{', '.join(reference['fields'])}`")
    return lines


def _row(field: dict) -> str:
    meaning = ". ".join(part.rstrip(".") for part in (field.get("title"), field.get("description")) if part)
    return f"| `{field['name']}` | {field['type']} | {_allowed(field.get('constraints', {}))} | {_cell(meaning)} |"


def _allowed(constraints: dict) -> str:
    words = [name for name in ("required", "unique") if constraints.get(name)]
    if choices := constraints.get("enum"):
        words.append("one of " + ", ".join(f"`{choice}`" for choice in choices))
    words += [text.format(constraints[name]) for name, text in CONSTRAINT_WORDS.items() if name in constraints]
    return _cell("; ".join(words))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


@spoken()
def main(arguments: list[str]) -> int:
    """Command line: refresh the hashes of a package, thin it out, write its data dictionary."""
    parser = argparse.ArgumentParser(prog="python -m helpers describe", description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="folder that holds datapackage.json")
    parser.add_argument("--keep", metavar="NAME", nargs="+", help="take all other resources out of the descriptor")
    parser.add_argument("--dictionary", metavar="FILE", type=Path, help="Markdown file to write the data dictionary to")
    given = parser.parse_args(arguments)
    if given.keep:
        print("taken out: " + ", ".join(keep(given.folder, given.keep)))
    changed = refresh(given.folder)
    print("changed: " + ", ".join(changed) if changed else "nothing changed")
    if given.dictionary:
        package = json.loads((Path(given.folder) / DESCRIPTOR).read_text(encoding="utf-8-sig"))
        files.write(given.dictionary, dictionary(package))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
