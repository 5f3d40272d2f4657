"""Net under a refactoring: the hash of every product of a build, and what differs between two
lists.

``python -m tools.checks.product_hashes write FOLDER LIST`` hashes what a build left in a folder;
``python -m tools.checks.product_hashes compare BEFORE AFTER`` says which products differ, are new
or are gone, and ends with 1 where there are any. A list is one ``hash  product`` a line, so that
two can also be read side by side.
"""

import sys
from pathlib import Path

from helpers.files import file_digest, write

# The build's own notes, and the record that names commit and library versions.
LEFT_OUT = (".build", "provenance.json")


def hashes(folder: Path) -> dict[str, str]:
    """Products below a folder with the hash of their bytes, in order of their names."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: file_digest(path) for name, path in names.items()
            if name.split("/")[0] not in LEFT_OUT}


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Lines that say what differs.

    Examples
    --------
    >>> differences({"a": "1", "b": "1"}, {"a": "2", "c": "1"})
    ['gone     b', 'differs  a', 'new      c']
    """
    gone = [f"gone     {name}" for name in before.keys() - after.keys()]
    new = [f"new      {name}" for name in after.keys() - before.keys()]
    changed = [f"differs  {name}" for name in before.keys() & after.keys()
               if before[name] != after[name]]
    return sorted(gone) + sorted(changed) + sorted(new)


def read(path: Path) -> dict[str, str]:
    """A list as `main` writes it."""
    rows = (line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines())
    return {name: digest for digest, name in rows}


def main(arguments: list[str]) -> int:
    """Write a list, or compare two."""
    command, first, second = arguments[0], Path(arguments[1]), Path(arguments[2])
    if command == "write":
        found = hashes(first)
        write(second, "".join(f"{digest}  {name}\n" for name, digest in found.items()))
        print(f"{len(found)} products")
        return 0
    lines = differences(read(first), read(second))
    print("\n".join(lines) or "the same")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
