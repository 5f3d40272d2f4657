"""A few universes run through the notebooks: their tables of claims must say what
``multiverse.parquet`` says."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.choices import at_thresholds
from helpers.run.inputs import Inputs
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
        wrong = differences(expected, found)
        agree &= not wrong
        say(f"universe {number}: the notebooks "
            f"{'say the same' if not wrong else f'differ about {wrong[0]}'}")
    return agree


def differences(expected: pd.DataFrame, found: pd.DataFrame) -> list[str]:
    """Name the claims about which two tables differ in verdict or statistic.

    Parameters
    ----------
    expected, found : DataFrame
        Indexed by claim: verdict, value.

    Examples
    --------
    >>> one = pd.DataFrame({"verdict": ["mixed", "mixed"], "value": [1.0, None]},
    ...                    index=["c1", "c2"])
    >>> differences(one, one.assign(value=[2.0, None]))
    ['c1']
    """
    found = found.reindex(expected.index)
    same = (found["verdict"] == expected["verdict"]) & np.isclose(
        found["value"].astype(float), expected["value"].astype(float), rtol=CLOSE, atol=CLOSE,
        equal_nan=True)
    return list(expected.index[~same])


def _claims(project: Project, inputs: Inputs, chosen: dict, folder: Path) -> pd.DataFrame:
    """Build one universe and return its table of claims."""
    parameters = {name: value | chosen.get(name, {}) if isinstance(value, dict) else value
                  for name, value in inputs.parameters.items()}
    (folder / "universe.yml").write_text(json.dumps(parameters, default=_plain), encoding="utf-8")
    command = [sys.executable, str(project.source), "synthesis", f"RAW={project.raw}",
               f"OUT={folder / 'out'}", f"PARAMS={folder / 'universe.yml'}", f"jobs={project.jobs}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"a universe could not be built: {done.stderr.strip()[-400:]}")
    return pd.read_csv(folder / "out" / "tables" / "claims.csv").set_index("claim")


def _plain(value):
    """Write a number of NumPy as one of Python."""
    return value.item()
