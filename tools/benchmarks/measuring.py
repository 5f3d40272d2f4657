"""What all measurements of the bench share: their rows, a process of its own, and its highest
memory."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path


def as_rows(found: Iterable[tuple], digits: int = 4) -> list[dict]:
    """Return measurements as ``bench.json`` has them.

    Parameters
    ----------
    found : iterable of tuple
        name, value, unit, goal (at most), against.
    digits : int
        Decimals of the values.

    Examples
    --------
    >>> as_rows([("site", 7.25001, "s", 15, "the notebooks' part")])
    [{'name': 'site', 'value': 7.25, 'unit': 's', 'goal': 15, 'against': "the notebooks' part"}]
    """
    return [{
        "name": name, "value": round(float(value), digits), "unit": unit, "goal": goal,
        "against": against
    } for name, value, unit, goal, against in found]


def alone(function: Callable[..., Iterable[float]], *arguments: object,
          variables: Mapping[str, str] | None = None) -> list[float]:
    """Return the numbers of a function of a module, called in a process that does nothing else.

    So its memory and its threads are not those of the bench.

    Parameters
    ----------
    function : callable
    *arguments
        Numbers and texts.
    variables : mapping, optional
        Added to the environment.
    """
    code = (f"from {function.__module__} import {function.__name__} as measured; "
            f"print(*measured(*{arguments!r}))")
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                          check=True,
                          env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} |
                          (variables or {}))
    return [float(number) for number in done.stdout.split()]


def highest_memory() -> int:
    """Return the most memory, in bytes, that this process had so far."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Not getrusage: on Linux a new process begins there with the memory of the one that started
        # it.
        lines = status.read_text(encoding="utf-8", errors="replace").splitlines()
        line = next(line for line in lines if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:
        import psutil

        return psutil.Process().memory_info().peak_wset
    return resource.getrusage(
        resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
