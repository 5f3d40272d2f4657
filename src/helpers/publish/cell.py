"""The cell that runs: what it is called, whether it runs at all, and what it shows."""

import json
import re
import sys
from collections.abc import Mapping
from functools import reduce
from pathlib import Path

CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
LEFT_OUT = "__import__('IPython').display.display({!r}, raw=True, metadata={{'left_out': True}})"
WHEN = re.compile(r"%%when +([\w.]+)[ \t]*(?=\n)")


def running_cell(notebook: Path | None) -> str | None:
    """Id of the cell that runs now, or None outside a notebook.

    JupyterLab and the build name the cell in every request that they send. Where a front end does
    not (papermill on its own), or names it by a path of its own, the cell is the one whose code the
    request carries; `notebook` is the file as it stands in the project.
    """
    shell = _shell()
    if not hasattr(shell, "kernel"):
        return None
    request = shell.get_parent()
    named = request.get("metadata", {}).get("cellId")
    if named and CELL_ID.fullmatch(named):
        return named
    return cell_of_code(request["content"]["code"], notebook) if notebook else None


def cell_of_code(code: str, notebook: Path) -> str | None:
    """Id of the one cell that holds this code, None where there is none or more than one."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    found = [cell["id"] for cell in cells if cell["cell_type"] == "code"
             and "".join(cell["source"]) == code]
    return found[0] if len(found) == 1 else None


def answer_conditions(t) -> None:
    """Let cells of this notebook begin with ``%%when NAME``; `t` says why one is left out. Does
    nothing outside a notebook."""
    if shell := _shell():
        def when(lines: list[str]) -> list[str]:
            return answered("".join(lines), shell.user_ns, t).splitlines(keepends=True)

        # Before the cell is taken for one with a magic: errors keep their line, and come once.
        steps = shell.input_transformers_cleanup
        steps[:] = [step for step in steps if getattr(step, "__name__", "") != "when"] + [when]


def answered(code: str, names: Mapping[str, object], t) -> str:
    """Code of a cell that may begin with ``%%when NAME``: the rest where the name holds (is true,
    or not empty), else what shows in one line why it is left out.

    >>> answered("%%when zones\\n1 + 1", {"zones": ["north"]}, None)
    '\\n1 + 1'
    """
    found = WHEN.match(code)
    if not found:
        return code
    first, *rest = found[1].split(".")
    if first not in names:  # the cell itself says so, as a NameError
        return found[1] + code[found.end():]
    value = reduce(getattr, rest, names[first])
    if len(value) if hasattr(value, "__len__") else value:
        return code[found.end():]
    key = f"when.{found[1]}"
    reason = t(key) if t.has(key) else t("when", name=found[1])
    return LEFT_OUT.format({"text/markdown": reason, "text/plain": reason})


def show(forms: dict, about: dict | None = None) -> None:
    """Show something in its forms (HTML, Markdown, PNG) where a notebook runs."""
    if _shell():
        from IPython.display import display

        display(forms, metadata=about or {}, raw=True)


def _shell():
    """Shell of the notebook; None outside of one."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
