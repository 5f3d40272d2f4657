"""The cells of a notebook, run in the process of a test."""

import nbformat
from conftest import ROOT

from helpers.publish.cell import answered
from helpers.publish.texts import Texts


def run_cells(stage: str, state: dict) -> dict[str, str]:
    """Run a stage's code cells with these parameters.

    Returns
    -------
    dict
        The cells that ``%%when`` left out, and what they say instead.
    """
    left_out, ran = {}, state.setdefault("In", [""])
    [path] = (ROOT / "notebooks").glob(f"?_{stage}.ipynb")
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
            code = answered(cell.source, state, Texts(state["lang"], stage))
            if code.startswith("__import__"):
                left_out[cell.id] = code
            else:
                ran.append(code)
                exec(compile(code, cell.id, "exec"), state)
    return left_out
