"""What can be taken along: a table, all tables, the parameters."""

import io
import zipfile
from collections.abc import Mapping

import pandas as pd

from helpers.explorer.controls import rerated
from helpers.explorer.results import Results
from helpers.publish.tables import to_csv

# a ZIP knows no time before; so the same setting gives the same bytes
EARLIEST = (1980, 1, 1, 0, 0, 0)
OF_STAGE = {"sampling": "sample", "scoring": "scores", "disparity": "disparity",
            "force_field": "force_field"}
NOT_TABLES = ("limits", "values", "score_classes", "precision")


def tables(results: Results, changed: Mapping[str, object]) -> dict[str, pd.DataFrame]:
    """Every table of a setting by its name, with its status in the last column.

    Parameters
    ----------
    results : Results
    changed : mapping
        What differs from the parameters in force.
    """
    found = {}
    for stage, name in OF_STAGE.items():
        if results.has(stage):
            status = results.status(stage, changed)
            found |= {key: table.assign(status=status)
                      for key, table in getattr(results, name)(changed).items()}
    if results.has("synthesis"):
        found["claims"] = results.claims(changed).assign(status=lambda table: table["basis"])
    return found


def csv(results: Results, name: str, changed: Mapping[str, object]) -> bytes:
    """One table as CSV."""
    return to_csv(tables(results, changed)[name]).encode()


def archive(results: Results, changed: Mapping[str, object], parameters: str,
            differences: pd.DataFrame) -> bytes:
    """ZIP with all tables, the parameters, what differs, and the ratings where some were changed.

    Parameters
    ----------
    results, changed
        As in `tables`.
    parameters : str
        The parameter file.
    differences : DataFrame
        What differs from the setting without any change.
    """
    parts = {f"tables/{name}.csv": to_csv(table) for name, table in tables(results, changed).items()
             if name not in NOT_TABLES}
    parts |= {"params.yml": parameters, "changes.csv": to_csv(differences)}
    if any(name in results.ratings for name in changed):
        parts["ratings.csv"] = to_csv(rerated(results.package["ratings"], changed))
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(zipfile.ZipInfo(name, EARLIEST), text.encode(), zipfile.ZIP_DEFLATED)
    return into.getvalue()
