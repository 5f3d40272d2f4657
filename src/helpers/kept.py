"""What an earlier run of the same build made from the very same things, so that it is not made
again.

One note a thing says what it was made from, as one hash over the code, the values and the words
that went into it; where any of them differs, or the note is damaged, the thing is made anew. A
build in an empty folder has no notes.
"""

import hashlib
import io
import json
import pickle
import sys
from contextlib import suppress
from pathlib import Path
from types import FunctionType
from typing import Any

import pandas as pd

from helpers.files import run_facts, write

# Whose functions and classes a name stands for: the build's code and its lock tell when they
# change. What a notebook or a module beside it defines may have another body under the same name.
KNOWN = {"helpers", "geopandas", "matplotlib", "numpy", "pandas", "pyproj", "shapely",
         *sys.stdlib_module_names}
_of_kernel: dict[tuple[str, str], str] = {}


class Kept:
    """Notes in a folder about what was made with some code (its hash), or in `memory`; none without
    either."""

    def __init__(self, folder: Path | None = None, code: str = "", memory: dict | None = None):
        self.folder, self.code, self.memory = folder, code, memory

    def key(self, *behind: object) -> str | None:
        """Hash of the code and of all that something is made from; None where it is not kept."""
        kept = self.folder is not None or self.memory is not None
        return digest(self.code, behind) if kept else None

    def recall(self, name: str, key: str | None) -> Any:
        """What was noted under a name, where it was made from the same; else None."""
        if self.memory is not None and key is not None:
            return json.loads(self.memory.get((name, key), "null"))
        with suppress(OSError, ValueError, TypeError, KeyError):
            if key is not None and self.folder is not None:
                noted = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
                if noted["key"] == key and noted["hash"] == _hash(noted["value"]):
                    return noted["value"]
        return None

    def note(self, name: str, key: str | None, value: object) -> None:
        """Write a value that JSON can hold down under a name, and what it was made from."""
        if self.memory is not None and key is not None:
            self.memory[name, key] = json.dumps(value)
        elif key is not None and self.folder is not None:
            write(self.folder / f"{name}.json", json.dumps(
                {"key": key, "hash": _hash(value), "value": value}))


def digest(*things: object) -> str | None:
    """Hash of what things are; None where one cannot be written down.

    Examples
    --------
    >>> digest([1, "a"]) == digest([1, "a"]), digest(1) == digest(1.0), digest(lambda: 1)
    (True, False, None)
    """
    content = io.BytesIO()
    pickler = _Content(content, protocol=5)
    pickler.fast = True  # equal things give equal bytes, be they one object or two
    try:
        pickler.dump(things)
    except (pickle.PicklingError, AttributeError, TypeError, ValueError, RecursionError):
        return None
    return hashlib.sha256(content.getvalue()).hexdigest()


class _Content(pickle.Pickler):
    """What things are, whatever pandas did with a table or a column meanwhile."""

    def reducer_override(self, thing):
        """A table as its columns, and a column as its values; nothing by the name of something
        whose code is not known."""
        if isinstance(thing, FunctionType | type) and (
                str(thing.__module__).partition(".")[0] not in KNOWN):
            raise pickle.PicklingError
        if isinstance(thing, pd.DataFrame):
            columns = [thing.iloc[:, place] for place in range(thing.shape[1])]
            return type(thing), (columns, [*thing.columns], thing.columns.names, thing.index,
                                 thing.attrs)
        if isinstance(thing, pd.Series):
            kind = (str(thing.dtype), getattr(thing.dtype, "categories", None),
                    getattr(thing.dtype, "ordered", None), str(getattr(thing, "crs", "")))
            return type(thing), (kind, thing.tolist(), thing.name, thing.index, thing.attrs)
        return NotImplemented


def of_run(name: str) -> Kept:
    """Notes of the build that started this process, of its own language (``kept``) or of all
    languages together (``shared``); in JupyterLab those of this kernel; none elsewhere."""
    facts = run_facts()
    if name in facts:
        return Kept(Path(facts[name]), facts["code"])
    return Kept(memory=_of_kernel if facts.get("interactive") else None)


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
