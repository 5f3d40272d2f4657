"""How long the explorer takes to answer a change: every control once, each time from the setting
without any change."""

import os
import statistics
import time

from helpers.explorer import session
from helpers.run.execution import private
from helpers.run.inputs import Inputs
from helpers.run.project import Project
from tools.benchmarks.measuring import as_rows

CHANGES = 20  # of each control
RATED = 5  # highest rating


def measure(project: Project, inputs: Inputs) -> list[dict]:
    """Time the answers to changes of every control.

    Parameters
    ----------
    project : Project
    inputs : Inputs

    Returns
    -------
    list of dict
        name, value, unit, goal (at most), against.
    """
    os.environ.update(private.run_variables({"checked": inputs.fingerprint}))
    start = time.perf_counter()
    explorer = session.Explorer(project.raw)
    for step in explorer.warming():
        step()
    begun = time.perf_counter() - start
    medians = {name: statistics.median(times) for name, times in latencies(explorer).items()}
    slowest = max(medians, key=medians.get)
    return as_rows([("explorer", begun, "s", None, "opened, every page made once"),
                    ("a change in the explorer", statistics.median(medians.values()), "ms", 300,
                     f"median of {len(medians)} controls, Python's part"),
                    ("its slowest control", medians[slowest], "ms", 300,
                     f"{slowest}, median of up to {CHANGES} changes"),])


def latencies(explorer: session.Explorer) -> dict[str, list[float]]:
    """Return the milliseconds of each control's changes, on the tab of its own section.

    Parameters
    ----------
    explorer : Explorer
        With its pages made once before.
    """
    found = {}
    for name, control in explorer.known.controls.items():
        values = [
            value for value in control.options or _along(*control.limits) if value != control.own
        ]
        found[name] = [
            _answered(explorer, name.partition(".")[0], name, value) for value in values[:CHANGES]
        ]
    for name, own in list(explorer.known.ratings.items())[:1]:
        found[name] = [
            _answered(explorer, "force_field", name, value) for value in range(1, RATED + 1)
            if value != own
        ]
    return found


def _along(low: float, high: float, step: float) -> list:
    count = round((high - low) / step)
    stride = max(count // CHANGES, 1)
    return [round(low + step * place, 6) if isinstance(step, float) else low + step * place
            for place in range(0, count + 1, stride)]


def _answered(explorer: session.Explorer, tab: str, name: str, value: object) -> float:
    return explorer.answer({"tab": tab, "changed": {name: value}})["milliseconds"]
