"""Tables and claims of a data package under a setting, with their status."""

from collections.abc import Callable, Mapping

import pandas as pd

from helpers.chain import STEPS, Analysis, Given, stage_needs
from helpers.explorer.controls import ratings_of, rerated
from helpers.study import Study
from helpers.study.package import weakest

REMEMBERED = 1000  # results kept, the least recently used go first


class Results:
    """The tables and claims of a data package under any setting.

    `studies` has the open `Study` of each stage, all on the same data package; their parameters in
    force are the values without any change, their seeds those of the notebooks.
    """

    def __init__(self, studies: Mapping[str, Study]):
        self.study = studies["synthesis"]
        self.parameters = self.study.in_force
        self.inputs = self.study.inputs(STEPS.needs(*STEPS.functions))
        self.analysis = Analysis(self.inputs | {"live": True}, self.parameters,
                                 lambda stage, purpose: studies[stage].child_seed(purpose),
                                 REMEMBERED)
        # Real experts' ratings are nobody's to read one by one.
        named = self.has("force_field") and self.study.status("ratings") != "published"
        self.ratings = ratings_of(self.inputs["ratings"]) if named else {}
        self._wanted = self.inputs["claims"].to_dict("records") if self.has("synthesis") else []

    def has(self, stage: str) -> bool:
        """Whether the data package allows a stage."""
        return self.study.has(*stage_needs(stage))

    def table(self, name: str, changed: Mapping[str, object]) -> pd.DataFrame | None:
        """Published table, or another table that a page shows; None where there is none.

        Estimates of the survey come from counts, and of the followed indicator only its year
        counts, so that a page does not wait.
        """
        if name == "claims":
            return self.claims(changed) if self.has("synthesis") else None
        return self.analysis.get(STEPS.tables.get(name, name), self._chosen(changed))

    def status(self, name: str, changed: Mapping[str, object], drawn: bool = False) -> str:
        """Status of a table, or of a map of it: the weakest of what it rests on.

        Ratings that were changed here are nobody's any more.
        """
        return self._status(STEPS.tables.get(name, name), self._chosen(changed), drawn)

    def _status(self, step: str, chosen: Mapping[str, object], drawn: bool = False) -> str:
        needs = self.analysis.needs(step, chosen)
        if needs & chosen.keys():
            return "illustrative"
        names = {name for name in needs if self.study.has(name)}
        if drawn or "polygons" in needs:
            names.update(self.study.drawn_from)
        return weakest(map(self.study.status, names))

    def claims(self, changed: Mapping[str, object]) -> pd.DataFrame:
        """Claims as the multiverse decides them: ``claim, text_id, text_en, verdict, basis,
        statistic, value, low, high, p_value, uncertainty``."""
        return self.once_for_claims("claims", changed, lambda: pd.DataFrame(
            [self._decided(row, self._chosen(changed)) for row in self._wanted]))

    def once_for_claims(self, what: str, changed: Mapping[str, object], make: Callable):
        """What is made of all that the claims rest on, made when it is first asked for."""
        chosen = self._chosen(changed)
        behind = [self.analysis.behind(row, chosen) for row in self._wanted]
        return self.analysis.keep((what, *behind), make)

    def _decided(self, row: Mapping, chosen: Mapping[str, object]) -> dict:
        def decided() -> dict:
            found = self.analysis.decide(row, chosen)
            testable = found.verdict != "not_testable"
            # What cannot be tested rests on nothing: a package without experts has no ratings.
            basis = self._status(self.analysis.evidence_of(row["test"]),
                                 chosen) if testable else ""
            texts = {name: row[name] for name in row if name.startswith("text_")}
            return {"claim": row["claim"], **texts, "verdict": found.verdict,
                    "basis": basis, "statistic": found.statistic,
                    "value": found.value, "low": found.low, "high": found.high,
                    "p_value": found.p_value, "uncertainty": found.uncertainty}

        return self.analysis.keep(("claim", *self.analysis.behind(row, chosen)), decided)

    def unit(self, indicator: str, t) -> str:
        """Unit of an indicator in words."""
        return t.word(self.analysis.get("measures")["unit"].get(indicator, ""))

    def _chosen(self, changed: Mapping[str, object]) -> dict[str, object]:
        """What differs as the chain takes it: ratings are one table."""
        rated = {name: value for name, value in changed.items() if name in self.ratings}
        chosen = {name: value for name, value in changed.items() if name not in rated}
        if rated:
            chosen["ratings"] = Given(frozenset(rated.items()),
                                      lambda: rerated(self.inputs["ratings"], rated))
        return chosen
