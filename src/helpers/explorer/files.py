"""Files to take along: a table, all tables, the parameters."""

import io
import zipfile
from collections.abc import Mapping

import pandas as pd

from helpers.chain import STEPS
from helpers.explorer.controls import rerated
from helpers.explorer.results import Results
from helpers.publish.tables import csv_for_people, to_csv
from helpers.study.workbook import MOMENT

SHOWN = (*STEPS.tables, "precision", "score_classes")


def table(results: Results, name: str, changed: Mapping[str, object]) -> pd.DataFrame | None:
    """Table of a setting with its status in the last column; None where there is none."""
    found = results.table(name, changed)
    if found is None:
        return None
    status = found["basis"] if name == "claims" else results.status(name, changed)
    return found.assign(status=status)


def csv(results: Results, name: str, changed: Mapping[str, object]) -> bytes:
    """One table as CSV."""
    if name not in SHOWN:
        raise KeyError(name)
    return csv_for_people(to_csv(table(results, name, changed))).encode()


def archive(results: Results, changed: Mapping[str, object], parameters: str,
            differences: pd.DataFrame) -> bytes:
    """ZIP of all tables, the parameter file, what differs, and ratings where some were changed."""
    made = {name: table(results, name, changed) for name in STEPS.tables}
    parts = {f"tables/{name}.csv": to_csv(found) for name, found in made.items()
             if found is not None}
    parts |= {"params.yml": parameters, "changes.csv": to_csv(differences)}
    if any(name in results.ratings for name in changed):
        parts["ratings.csv"] = to_csv(rerated(results.inputs["ratings"], changed))
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            shown = csv_for_people(text) if name.endswith(".csv") else text
            file.writestr(zipfile.ZipInfo(name, MOMENT), shown.encode(), zipfile.ZIP_DEFLATED)
    return into.getvalue()
