"""Notebooks as JupyterLab shows and saves them: one language, while the file keeps all.

The file stays the one source: a changed cell goes back to its place, a deleted text takes its
twins in other languages along, a new cell stands where it was put.
"""

import os
import re

from helpers.languages import DEFAULT
from helpers.run.execution.execute import twins

LANG, OWN = "KESENJANGAN_LAB_LANGUAGE", "KESENJANGAN_LAB_OWN"


def __getattr__(name: str):
    """Contents manager of ``make lab``, `OneLanguage`: made when JupyterLab's server, which alone
    needs it, asks for it by name."""
    if name != "OneLanguage":
        raise AttributeError(name)
    from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

    class OneLanguage(AsyncLargeFileManager):
        async def _read_notebook(self, *arguments, raw: bool = False, **options):
            found = await super()._read_notebook(*arguments, raw=raw, **options)
            notebook = found[0] if raw else found
            notebook.cells = shown(notebook.cells, *_asked())
            return found

        async def _save_notebook(self, os_path, nb, *arguments, **options):
            if os.path.isfile(os_path):
                source = await super()._read_notebook(os_path, as_version=4)
                cells = merged(source.cells, nb.cells, *_asked())
                nb = type(nb)(nb | {"cells": cells})
            await super()._save_notebook(os_path, nb, *arguments, **options)

    return OneLanguage


def _asked() -> tuple[str, bool]:
    return os.environ[LANG], os.environ.get(OWN) == "1"


def shown(cells: list, lang: str, own: bool = True) -> list:
    """Cells of a notebook in one language, or the next best in which a text is written; ``own``
    says whether the data package is the project's: what is tagged for another one is left out."""
    return [_speaking(cell, lang) for cell, _ in twins(cells, lang, own) if cell is not None]


def merged(source: list, view: list, lang: str, own: bool = True) -> list:
    """Cells of the file after those of a view of it were edited.

    What the view does not show stays behind the cell that it followed.
    """
    behind: dict[str | None, list] = {}
    place, together = None, {}
    for cell, group in twins(source, lang, own):
        if cell is None:
            behind.setdefault(place, []).extend(group)
        else:
            place, together[cell.id] = cell.id, group
    there = {cell.id for cell in view}
    found = list(behind.pop(None, []))
    for cell in view:
        kept = _speaking(cell, DEFAULT)
        found += [kept if one.id == cell.id else one for one in together.get(cell.id, [cell])]
        found += behind.pop(cell.id, [])
    # What stood behind a deleted cell is not lost with it.
    lost = [one for name, hidden in behind.items() if name not in there for one in hidden]
    return found + lost


def _speaking(cell, lang: str):
    """Cell whose parameter ``lang`` is this one: what a notebook says is in the language shown, and
    the file keeps the project's."""
    if "parameters" not in cell.metadata.get("tags", []):
        return cell
    source = re.sub(r'(?m)^lang = "\w+"', f'lang = "{lang}"', cell.source)
    return type(cell)(cell | {"source": source})
