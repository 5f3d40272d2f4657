"""Notebooks as JupyterLab shows and saves them: one language, and the parameters in force for the
data package, while the file keeps all languages and the project's values.

The file stays the one source: a changed cell goes back to its place, a deleted text takes its
twins in other languages along, a new cell stands where it was put.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from helpers.run.documents import BOTH
from helpers.run.execution.execute import PARAMETERS_TAG, assigned, literals, twins

SHOWN = "KESENJANGAN_LAB"  # what `told` says, for the server


def __getattr__(name: str):
    """Contents manager of ``make lab``, `OneLanguage`: made when JupyterLab's server, which alone
    needs it, asks for it by name."""
    if name != "OneLanguage":
        raise AttributeError(name)
    from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

    class OneLanguage(AsyncLargeFileManager):
        async def _read_notebook(self, os_path, *arguments, raw: bool = False, **options):
            found = await super()._read_notebook(os_path, *arguments, raw=raw, **options)
            notebook = found[0] if raw else found
            notebook.cells = shown(notebook.cells, **_asked(os_path))
            return found

        async def _save_notebook(self, os_path, nb, *arguments, **options):
            if os.path.isfile(os_path):
                source = await super()._read_notebook(os_path, as_version=4)
                cells = merged(source.cells, nb.cells, **_asked(os_path))
                nb = type(nb)(nb | {"cells": cells})
            await super()._save_notebook(os_path, nb, *arguments, **options)

    return OneLanguage


def told(lang: str, own: bool, parameters: Mapping[str, Mapping],
         paired: bool = True) -> dict[str, str]:
    """Environment that tells the server what to show: language, whether the data package is the
    project's, the parameters in force by notebook, whether need and access are both asked."""
    return {SHOWN: json.dumps({"lang": lang, "own": own, "parameters": parameters,
                               "paired": paired})}


def _asked(path: str) -> dict:
    asked = json.loads(os.environ[SHOWN])
    return asked | {"values": asked.pop("parameters").get(Path(path).stem, {})}


def shown(cells: list, lang: str, own: bool = True, values: Mapping = {},
          paired: bool = True) -> list:
    """Cells of a notebook in one language (or all), or the next best in which a text is written.

    ``own`` says whether the data package is the project's, ``paired`` whether its questionnaire
    asks for need and access: what is tagged for another one is left out. ``values`` are the
    parameters in force.
    """
    return [_in_force(cell, lang, values) for cell, _ in _groups(cells, lang, own, paired)
            if cell is not None]


def merged(source: list, view: list, lang: str, own: bool = True, values: Mapping = {},
           paired: bool = True) -> list:
    """Cells of the file after those of a view of it were edited.

    What the view does not show stays behind the cell that it followed.
    """
    behind: dict[str | None, list] = {}
    place, together = None, {}
    for cell, group in _groups(source, lang, own, paired):
        if cell is None:
            behind.setdefault(place, []).extend(group)
        else:
            place, together[cell.id] = cell.id, group
    there = {cell.id for cell in view}
    found = list(behind.pop(None, []))
    for cell in view:
        group = together.get(cell.id, [cell])
        found += [_as_in_file(cell, one, lang, values) if one.id == cell.id else one
                  for one in group]
        found += behind.pop(cell.id, [])
    # What stood behind a deleted cell is not lost with it.
    lost = [one for name, hidden in behind.items() if name not in there for one in hidden]
    return found + lost


def _groups(cells: list, lang: str, own: bool, paired: bool) -> list[tuple]:
    return [(cell, [cell]) for cell in cells] if lang == BOTH else twins(cells, lang, own, paired)


def _in_force(cell, lang: str, values: Mapping):
    """Cell whose parameters are those in force, and speak the language shown."""
    if PARAMETERS_TAG not in cell.metadata.get("tags", []):
        return cell
    values = {**values, **({} if lang == BOTH else {"lang": lang})}
    return type(cell)(cell | {"source": assigned(cell.source, values)})


def _as_in_file(cell, source, lang: str, values: Mapping):
    """Edited cell with the file's own value of every parameter that was only shown."""
    before = _in_force(source, lang, values)
    if before is source or cell.source == before.source:
        return type(cell)(cell | {"source": source.source}) if before is not source else cell
    in_force, file = literals(before.source), literals(source.source)
    kept = {name: file[name] for name, value in literals(cell.source).items()
            if name in in_force and value == in_force[name]}
    return type(cell)(cell | {"source": assigned(cell.source, kept)})
