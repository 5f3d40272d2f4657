"""What can be taken along: a table, all tables, the parameters."""

import io
import zipfile
from collections.abc import Mapping

import pandas as pd

from helpers.chain import STEPS
from helpers.explorer.controls import rerated
from helpers.explorer.results import Results
from helpers.publish.tables import to_csv

# a ZIP knows no time before; so the same setting gives the same bytes
EARLIEST = (1980, 1, 1, 0, 0, 0)
SHOWN = (*STEPS.tables, "precision", "score_classes")


def table(results: Results, name: str, changed: Mapping[str, object]) -> pd.DataFrame | None:
    """Return a table of a setting with its status in the last column; None where there is none.

    Parameters
    ----------
    results : Results
    name : str
    changed : mapping
        What differs from the parameters in force.
    """
    found = results.table(name, changed)
    if found is None:
        return None
    return found.assign(
        status=found["basis"] if name == "claims" else results.status(name, changed))


def csv(results: Results, name: str, changed: Mapping[str, object]) -> bytes:
    """Return one table as CSV."""
    if name not in SHOWN:
        raise KeyError(name)
    return to_csv(table(results, name, changed)).encode()


def archive(results: Results, changed: Mapping[str, object], parameters: str,
            differences: pd.DataFrame) -> bytes:
    """ZIP with all tables, the parameters, what differs, and the ratings where some were changed.

    Parameters
    ----------
    results, changed
        As in `table`.
    parameters : str
        The parameter file.
    differences : DataFrame
        What differs from the setting without any change.
    """
    made = {name: table(results, name, changed) for name in STEPS.tables}
    parts = {f"tables/{name}.csv": to_csv(found) for name, found in made.items()
             if found is not None}
    parts |= {"params.yml": parameters, "changes.csv": to_csv(differences)}
    if any(name in results.ratings for name in changed):
        parts["ratings.csv"] = to_csv(rerated(results.inputs["ratings"], changed))
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(zipfile.ZipInfo(name, EARLIEST), text.encode(), zipfile.ZIP_DEFLATED)
    return into.getvalue()
