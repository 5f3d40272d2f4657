"""A few universes run through the notebooks: their tables of claims must say what
``multiverse.parquet`` says. No figure is drawn: no claim rests on one."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd

from helpers.choices import at_thresholds
from helpers.multiverse.evaluation import REAL
from helpers.run import runner
from helpers.run.bring_up import stages_of
from helpers.run.inputs import Inputs, read_inputs
from helpers.run.project import Project
from helpers.run.universes import FILE, prepare
from helpers.study.choices import sections

UNIVERSES = 6
# svy and the counts agree to ten digits; what is decided must be the same.
CLOSE = 1e-9


def run(project: Project, inputs: Inputs, say: Callable[[str], None] = print,
        count: int = UNIVERSES) -> bool:
    """Build some universes with papermill and compare the verdicts and statistics of all claims.

    Parameters
    ----------
    project : Project
        With its ``multiverse.parquet``.
    inputs : Inputs
    say : callable
        Takes one line a universe.
    count : int
        How many, picked by the seed.

    Returns
    -------
    bool
        Whether all of them agree.
    """
    work = prepare(project, inputs)
    rows = at_thresholds(work.choices, pd.read_parquet(project.out / FILE))
    picked = np.random.default_rng(work.seed).choice(rows["universe"].unique(), count,
                                                     replace=False)
    agree = True
    for number in sorted(picked):
        expected = rows[rows["universe"] == number].set_index("claim")
        chosen = sections(expected.iloc[0][list(work.choices.alternatives)].to_dict())
        with tempfile.TemporaryDirectory(prefix="universe-") as folder:
            found = _claims(project, inputs, chosen, Path(folder))
        # Values from real answers are written to steps of 0.05.
        wrong = differences(expected, found, 0.025 if REAL in work.tables else CLOSE)
        agree &= not wrong
        say(f"universe {number}: the notebooks "
            f"{'say the same' if not wrong else f'differ about {wrong[0]}'}")
    return agree


def differences(expected: pd.DataFrame, found: pd.DataFrame, close: float = CLOSE) -> list[str]:
    """Name the claims about which two tables differ in verdict or statistic.

    Parameters
    ----------
    expected, found : DataFrame
        Indexed by claim: verdict, value.
    close : float
        How far two values may lie apart.

    Examples
    --------
    >>> one = pd.DataFrame({"verdict": ["mixed", "mixed"], "value": [1.0, None]},
    ...                    index=["c1", "c2"])
    >>> differences(one, one.assign(value=[2.0, None]))
    ['c1']
    """
    found = found.reindex(expected.index)
    values = [one["value"].astype(float) for one in (found, expected)]
    same = (found["verdict"] == expected["verdict"]) & np.isclose(
        *values, rtol=CLOSE, atol=close + CLOSE, equal_nan=True)
    return list(expected.index[~same])


def _claims(project: Project, inputs: Inputs, chosen: dict, folder: Path) -> pd.DataFrame:
    """Build one universe and return its table of claims."""
    parameters = {name: value | chosen.get(name, {}) if isinstance(value, dict) else value
                  for name, value in inputs.parameters.items()}
    (folder / "universe.yml").write_text(json.dumps(parameters, default=_plain), encoding="utf-8")
    own = replace(project, out=folder / "out", processed=folder / "out" / "processed",
                  parameters_file=folder / "universe.yml", notebooks=folder / "notebooks")
    _copy_undrawn(project.notebooks, own.notebooks)
    read = read_inputs(own)
    able = runner.skip_unavailable(own, read, [].append)
    wanted = [name for name in stages_of("synthesis", own.stages) if name in able]
    outcome = runner.Build(own, read, wanted, say=[].append).run()
    if outcome.stopped:
        raise KeyboardInterrupt
    if outcome.errors:
        raise RuntimeError(f"a universe could not be built: {outcome.errors[0]}")
    return pd.read_csv(folder / "out" / "tables" / "claims.csv").set_index("claim")


def _copy_undrawn(notebooks: Path, folder: Path) -> None:
    """Copy notebooks whose publisher draws nothing."""
    folder.mkdir()
    for path in notebooks.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code" and "= publish.open(" in cell.source:
                cell.source += "\nout.figure = lambda *drawn, **values: None"
        nbformat.write(notebook, folder / path.name)


def _plain(value):
    """Write a number of NumPy as one of Python."""
    return value.item()
