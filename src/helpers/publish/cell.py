"""Which cell of a notebook is running: what a table or figure says about where it comes from."""

import json
import re
import sys
from pathlib import Path

CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def running_cell(notebook: Path | None) -> str | None:
    """Return the id of the cell that runs now, or None outside a notebook.

    JupyterLab and the build name the cell in every request that they send. Where a front end does
    not (papermill on its own), or names it by a path of its own, the cell is the one whose code the
    request carries.

    Parameters
    ----------
    notebook : Path, optional
        The notebook as it stands in the project.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if not hasattr(shell, "kernel"):
        return None
    request = shell.get_parent()
    named = request.get("metadata", {}).get("cellId")
    if named and CELL_ID.fullmatch(named):
        return named
    return cell_of_code(request["content"]["code"], notebook) if notebook else None


def cell_of_code(code: str, notebook: Path) -> str | None:
    """Return the id of the one cell that holds this code, None where there is none or more than
    one."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    found = [
        cell["id"] for cell in cells
        if cell["cell_type"] == "code" and "".join(cell["source"]) == code
    ]
    return found[0] if len(found) == 1 else None
