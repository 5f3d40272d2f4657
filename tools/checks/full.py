"""Every further check of ``make verify FULL=1``, part by part.

``python -m tools.checks.full [PART ...]`` runs some of them alone, on the commit. Parts that show
most for their time come first, and each ends with one line: how many of how many passed, and the
seconds it took.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from helpers.run.project import ROOT
from helpers.verdict import snapshot, verdict
from tools.checks import (
    disclosure_attack,
    fault_injection,
    mutated_inputs,
    mutation_checks,
    reproducibility,
)
from tools.checks.clean_build import CleanBuild, Tree


@dataclass
class Given:
    """What the parts work on: the sources, an unchanged build of them, and an empty folder."""

    tree: Tree
    folder: Path
    say: Callable[[str], None] = partial(print, flush=True)
    made: Path | None = None

    @cached_property
    def built(self) -> Path:
        """Output folder of an unchanged build in the language of the reference, made where there
        is none."""
        if self.made:
            return self.made
        source = self.tree.check_out_to(self.folder / "unchanged" / "project")
        with CleanBuild(source, source.parent / "out") as build:
            if error := build.wait():
                raise SystemExit(f"error: {error}")
        return build.out


def _mutations(given: Given) -> list[dict]:
    root = given.tree.root
    return mutation_checks.run(given.tree, given.built, snapshot.read(root / "reference"),
                               verdict.Declared.of(root), given.folder / "mutations", given.say)


PARTS: dict[str, Callable[[Given], list[dict]]] = {
    "inputs": lambda given: mutated_inputs.run(given.folder / "inputs", say=given.say),
    "disclosure": lambda given: disclosure_attack.run(given.built, given.say),
    "mutations": _mutations,
    "surroundings": lambda given: reproducibility.run(
        given.tree, given.folder / "variations", given.say, given.built),
    "faults": lambda given: fault_injection.run(given.folder / "faults", say=given.say)}


def run(given: Given, names: list[str] | None = None) -> list[dict]:
    """Results of some parts, or all: kind, name, ok (None where it is not possible here), detail.
    """
    given.folder.mkdir(parents=True, exist_ok=True)
    found = []
    for name in names or PARTS:
        start = time.monotonic()
        checks = PARTS[name](given)
        passed = sum(check["ok"] is True for check in checks)
        given.say(f"{name}: {passed} of {len(checks)}, {time.monotonic() - start:.0f} s")
        found += checks
    return found


def main(names: list[str]) -> int:
    """Run the parts with these names, or all; 1 where a check failed."""
    if unknown := [name for name in names if name not in PARTS]:
        print(f"error: there is no part {unknown[0]}; there are {', '.join(PARTS)}",
              file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="kb-full-") as folder:
        checks = run(Given(Tree.of(ROOT), Path(folder).resolve()), names)
    for check in checks:
        if check["ok"] is False:
            print(f"FAILED {check['kind']} {check['name']}: {check['detail']}")
    return int(any(check["ok"] is False for check in checks))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
