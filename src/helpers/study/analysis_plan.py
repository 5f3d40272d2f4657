"""The analysis plan: a page whose tables name every choice and threshold that a claim rests on.

A row reads ``| `section.parameter` | value in force | its alternatives | why |``, the alternatives
parted by a comma, or a dash where nothing is varied.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from helpers.choices import Choices
from helpers.errors import InputError

ROW = re.compile(r"\| `([\w.]+)` \|([^|]*)\|([^|]*)\|")
NOTHING = "–"


@dataclass(frozen=True)
class Plan:
    """What was planned: the page, and by parameter the value and its alternatives, as text."""

    content: bytes
    values: dict[str, tuple[str, tuple[str, ...]]]

    @cached_property
    def sha256(self) -> str:
        """Hash of the page."""
        return hashlib.sha256(self.content).hexdigest()


def load(path: Path, known: Collection[str]) -> Plan:
    """Plan of a file; an `InputError` names the line of a parameter that no claim can rest on (is
    not `known`), or that stands twice."""
    content, values = path.read_bytes(), {}
    for number, line in enumerate(content.decode("utf-8-sig").splitlines(), start=1):
        row = ROW.match(line)
        if row is None:
            continue
        name, own, others = (part.strip() for part in row.groups())
        if name not in known:
            raise InputError("{path}: line {line} names '{name}', on which no claim rests; claims "
                             "rest on: {known}", path=path.name, line=number, name=name,
                             known=", ".join(sorted(known)))
        if name in values:
            raise InputError("{path}: line {line} names '{name}' a second time; keep one of them",
                             path=path.name, line=number, name=name)
        values[name] = own, () if others == NOTHING else tuple(re.split(r",\s*", others))
    return Plan(content, values)


def departures(plan: Plan, choices: Choices, in_force: Mapping[str, Mapping[str, object]],
               known: Collection[str]) -> list[tuple[str, str, str]]:
    """Where an analysis departs from its plan: parameter, what was planned, what is done.

    Each is written ``value (alternatives)``; what the plan leaves unsaid was planned as a dash.

    >>> plan = Plan(b"", {"scoring.missing": ("listwise", ("pairwise",)),
    ...                   "synthesis.alpha": ("0.05", ())})
    >>> choices = Choices({"scoring.missing": ["listwise", "pairwise"]})
    >>> in_force = {"scoring": {"missing": "listwise"}, "synthesis": {"alpha": 0.1}}
    >>> departures(plan, choices, in_force, ["scoring.missing", "synthesis.alpha"])
    [('synthesis.alpha', '0.05', '0.1')]
    """
    rows = []
    for name in known:
        section, _, parameter = name.partition(".")
        own = str(in_force[section][parameter])
        others = [str(value) for value in choices.listed.get(name, ()) if str(value) != own]
        planned = plan.values.get(name, (NOTHING, ()))
        if planned[0] != own or {*planned[1]} != {*others}:
            rows.append((name, _written(*planned), _written(own, others)))
    return rows


def _written(own: str, others: Collection[str]) -> str:
    return f"{own} ({', '.join(others)})" if others else own
