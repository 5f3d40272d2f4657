"""All published tables, and all claims, of one data package under any choices."""

import inspect
import sys
from collections.abc import Callable, Iterable, KeysView, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pandas as pd

from helpers import claims
from helpers.chain.steps import NOTHING, Chain, Key, Steps

ENGINE = ("steps", "tables")
# Every other module of this package holds the steps of the stage of its name.
STAGES = [import_module(f"helpers.chain.{module.name}")
          for module in iter_modules(sys.modules["helpers.chain"].__path__)
          if module.name not in ENGINE]
STEPS = Steps(
    function for module in STAGES
    for name, function in vars(module).items()
    if inspect.isfunction(function) and function.__module__ == module.__name__
    and not name.startswith("_"))
FOLLOWED = "disparity.reference_indicator"
EVIDENCE = "force_field.evidence"  # brings the survey's gaps to the strategies, or not


def stage_needs(stage: str) -> KeysView[str]:
    """Resources without which a stage cannot make its tables.

    Examples
    --------
    >>> sorted(stage_needs("scoring"))
    ['areas', 'items', 'responses']
    """
    steps = [step for step in STEPS.tables.values() if STEPS.stage(step) == stage]
    return STEPS.needs(*steps, needed=True)


def evidence_of(test: str) -> str:
    """Step that gives a named test its evidence.

    Examples
    --------
    >>> evidence_of("zone_higher"), evidence_of("poor_rise")
    ('development_index_evidence', 'series_evidence')
    """
    return f"{'_and_'.join(claims.TESTS[test].tables) or 'series'}_evidence"


# Steps that decide claims, stage by stage, and the resources that claims rest on.
DECISIVE = [step for step in STEPS.functions if step in set(map(evidence_of, claims.TESTS))]
RESOURCES = tuple(STEPS.needs(*DECISIVE))


def known_choices() -> list[str]:
    """Choices that some claim can rest on, stage by stage.

    Examples
    --------
    >>> "synthesis.alpha" in known_choices(), "sampling.margin" in known_choices()
    (True, False)
    """
    rules = [f"synthesis.{rule}" for test in claims.TESTS.values() for rule in test.rules]
    return list(dict.fromkeys([*STEPS.reads(*DECISIVE), *rules]))


def behind_claims() -> list[str]:
    """Parameters that claims rest on: choices, whether the survey informs the strategies, and the
    indicator whose years limit the alternatives of the year."""
    return [*known_choices(), EVIDENCE, FOLLOWED]


def claim_reads(wanted: pd.DataFrame, choices: Iterable[str]) -> dict[str, list[str]]:
    """Which of the choices each claim reads.

    Parameters
    ----------
    wanted : DataFrame
        ``claim, test``.
    choices : iterable of str
        Their order is kept.

    Examples
    --------
    >>> wanted = pd.DataFrame({"claim": ["c1"], "test": ["zone_higher"]})
    >>> claim_reads(wanted, ["synthesis.alpha", "synthesis.strong_need", "disparity.year"])
    {'c1': ['synthesis.alpha', 'disparity.year']}
    """
    reads = {test: {*STEPS.reads(evidence_of(test)),
                    *(f"synthesis.{rule}" for rule in claims.TESTS[test].rules)}
             for test in wanted["test"].unique()}
    return {name: [choice for choice in choices if choice in reads[test]]
            for name, test in zip(wanted["claim"], wanted["test"])}


class Analysis(Chain):
    """Tables and claims of one data package under any choices.

    Arguments are those of `Chain`; the seed may also be one number for all purposes.
    """

    def __init__(self, inputs: Mapping[str, object],
                 parameters: Mapping[str, Mapping[str, object]],
                 seed: Callable[[str, str], int] | int, most: int | None = None):
        super().__init__(STEPS, inputs, parameters,
                         seed if callable(seed) else lambda *_: seed, most)

    def evidence_of(self, test: str) -> str:
        """Step that gives a test its evidence, under the parameters in force.

        Where the survey's gaps inform urgency, it is the published table of strategies.
        """
        informed = "strategies" in claims.TESTS[test].tables and self._own[EVIDENCE] == "gaps"
        return "informed_strategies_evidence" if informed else evidence_of(test)

    def decide(self, claim: Mapping[str, Any],
               chosen: Mapping[str, object] = NOTHING) -> claims.Outcome:
        """Verdict of a claim (``claim, test, options``) in one universe."""
        evidence = self.get(self.evidence_of(claim["test"]), chosen)
        return claims.decide(claim, evidence, self.get("rules", chosen))

    def behind(self, claim: Mapping[str, Any],
               chosen: Mapping[str, object] = NOTHING) -> Key:
        """All that the verdict of a claim rests on under these choices, as a key."""
        rules = [self.value(f"synthesis.{rule}", chosen)
                 for rule in claims.TESTS[claim["test"]].rules]
        return (claim["claim"], *rules, *self.key(self.evidence_of(claim["test"]), chosen))
