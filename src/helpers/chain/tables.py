"""One data package under any choices: what the stages would publish, as far as a claim rests on it.

Every step calls the functions that the notebooks call. What several universes have in common is
worked out once: a step is kept under the choices that it reads, so the answers are scored once for
each rule about gaps, not for each universe.
"""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from helpers import claims, disparity, force_field, scoring
from helpers.errors import Error
from helpers.scoring.counts import count_values

# The choices that each published table rests on, as far as a test reads it.
READS = {
    "scores": ("scoring.missing", "scoring.missing_share", "scoring.weights", "scoring.confidence"),
    "development_index": ("disparity.year", "disparity.city_zone", "disparity.normalisation",
                          "disparity.index_weights",
                          ),
    "zone_indicators": ("disparity.city_zone", "disparity.population_indicator"),
    "strategies": ("force_field.weighting", "force_field.divisor", "force_field.linkage_scope",
                   "force_field.aggregate", "force_field.strategy_rule",
                   "force_field.urgency_source",
                   ),
}
NEEDS = {
    "scores": ("areas", "items", "responses"),
    "development_index": ("areas", "indicators"),
    "zone_indicators": ("areas", "indicators"),
    "strategies": ("factors", "ratings", "linkages", "strategies"),
}
RULES = "synthesis."
SOURCE = "force_field.urgency_source"


def known_choices() -> set[str]:
    """Return the choices that some claim can rest on.

    Examples
    --------
    >>> "synthesis.alpha" in known_choices(), "sampling.margin" in known_choices()
    (True, False)
    """
    rules = {f"{RULES}{rule}" for test in claims.TESTS.values() for rule in test.rules}
    return rules | {name for names in READS.values() for name in names}


def claim_reads(wanted: pd.DataFrame, choices: Iterable[str]) -> dict[str, list[str]]:
    """Return which of the choices each claim reads.

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
    found = {}
    for name, test in zip(wanted["claim"], wanted["test"]):
        rules = {f"{RULES}{rule}" for rule in claims.TESTS[test].rules}
        read = rules.union(*(READS[table] for table in claims.TESTS[test].tables))
        found[name] = [choice for choice in choices if choice in read]
    return found


def within_reach(wanted: pd.DataFrame, parameters: Mapping[str, Mapping[str,
                                                                        object]]) -> pd.DataFrame:
    """Keep the claims that universes can decide.

    Where the gaps of the survey inform urgency, strategies rest on every choice of scoring as well
    as on their own: no universe makes them again, and nothing is said about how robust they are.

    Parameters
    ----------
    wanted : DataFrame
        ``claim, test``.
    parameters : mapping
        As `Analysis` takes them.

    Examples
    --------
    >>> wanted = pd.DataFrame({"claim": ["c1", "c2"], "test": ["zone_higher", "strategy_priority"]})
    >>> within_reach(wanted, {"force_field": {"evidence": "gaps"}})["claim"].tolist()
    ['c1']
    """
    if parameters["force_field"]["evidence"] == "experts":
        return wanted
    beyond = [name for name, test in claims.TESTS.items() if "strategies" in test.tables]
    return wanted[~wanted["test"].isin(beyond)]


def check_resources(choices, package: Iterable[str],
                    parameters: Mapping[str, Mapping[str, object]]) -> None:
    """Refuse choices that need a resource which the package does not have.

    Parameters
    ----------
    choices : Choices
    package : iterable of str
        The resources that are there.
    parameters : mapping
        As `Analysis` takes them.

    Raises
    ------
    ValueError
        Naming the choice, the alternative and the resource.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> check_resources(SimpleNamespace(alternatives={SOURCE: ["ratings", "wins"]}), [*NEEDS["strategies"], "comparisons"], {})
    """
    sources = choices.alternatives.get(SOURCE) or [parameters["force_field"]["urgency_source"]]
    compared = [source for source in sources if source != "ratings"]
    if compared and "ratings" in package and "comparisons" not in package:
        raise Error("'{name}' has the alternative '{alternative}', but the data package has no "
                    "comparisons; add the resource 'comparisons' or keep to 'ratings'", name=SOURCE,
                    alternative=compared[0])


class Analysis:
    """The stages on one data package.

    Parameters
    ----------
    package : mapping
        Resource to its table; ``indicators`` with the ratios of the catalogue, ``catalogue``
        indexed by indicator. What the package has not is left out, and what rests on it is not
        testable.
    parameters : mapping
        Section to its parameters: the value of every choice that is not named.
    seed : int
        Of random permutations, as in `helpers.claims.Rules`.
    """

    def __init__(self, package: Mapping[str, pd.DataFrame],
                 parameters: Mapping[str, Mapping[str, object]], seed: int):
        self.package = package
        self.parameters = parameters
        self.rules = {
            name: parameters["synthesis"][name] for name in vars(claims.Rules()) if name != "seed"
        }
        self.rules["seed"] = seed
        self._kept: dict = {}

    def decide(self, claim: Mapping[str, object], chosen: Mapping[str, object]) -> claims.Outcome:
        """Decide a claim in one universe.

        Parameters
        ----------
        claim : mapping
            ``claim, test, options``.
        chosen : mapping
            Choice to alternative; others are as the parameters say.
        """
        own = {
            name.removeprefix(RULES): value for name, value in chosen.items()
            if name.startswith(RULES)
        }
        evidence = self._evidence(claims.TESTS[claim["test"]].tables, chosen)
        return claims.decide(claim, evidence, claims.Rules(**self.rules | own))

    def value(self, choice: str, chosen: Mapping[str, object]):
        """Return the value of a choice in a universe."""
        section, _, name = choice.partition(".")
        return chosen[choice] if choice in chosen else self.parameters[section][name]

    def table(self, name: str, chosen: Mapping[str, object]) -> pd.DataFrame | None:
        """Return a table that a stage would publish in a universe; None where the package does not
        allow the stage.

        Parameters
        ----------
        name : str
            One of `READS`. Of ``scores`` the rows of the whole sample, of ``strategies`` their
            ranks.
        chosen : mapping
            As in `decide`.
        """
        if not set(NEEDS[name]) <= set(self.package):
            return None
        make = {"scores": self._scores, "development_index": self._development_index,
                "zone_indicators": self._zone_indicators, "strategies": self._strategies}[name]
        return self._once(name, READS[name], chosen, make)

    def respondents(self, missing: str, missing_share: float) -> pd.DataFrame:
        """Return the scores of every respondent, as `helpers.scoring.scores_by_respondent` gives
        them."""
        items = self.package["items"]
        answers = self._keep(("answers",), lambda: scoring.align(self.package["responses"], items))
        return self._keep(
            ("scores of respondents", missing, missing_share),
            lambda: scoring.scores_by_respondent(answers, items, missing, missing_share))

    def design(self, weights: str) -> pd.DataFrame:
        """Return stratum, zone and weight of every respondent, as `helpers.scoring.with_design`
        gives them."""
        frame = self.package.get("frame") if weights == "design" else None
        return self._keep(("design", weights), lambda: scoring.with_design(
            self.package["responses"], self.package["areas"], frame))

    def index_parts(self, year: int | None) -> pd.DataFrame:
        """Return the values behind the development index, as `helpers.disparity.index_parts` gives
        them."""
        return self._keep(("parts", year), lambda: disparity.index_parts(
            self.package["indicators"], self.package["catalogue"], self._areas().index, year)[0])

    def _evidence(self, names: tuple[str, ...], chosen: Mapping[str, object]) -> claims.Evidence:
        reads = tuple(choice for name in names for choice in READS[name])

        def gathered(*values) -> claims.Evidence:
            tables = {name: self.table(name, chosen) for name in names}
            if "catalogue" in self.package:
                tables["catalogue"] = self._keep(("catalogue",), self._catalogue)
            return claims.Evidence(tables, self.package.get("series"))

        return self._once(("evidence", names), reads, chosen, gathered)

    def _once(self, step, choices: Iterable[str], chosen: Mapping[str, object], make: Callable):
        """Return what a step makes of the values of its choices, made at the first time it is asked
        for."""
        values = tuple(self.value(choice, chosen) for choice in choices)
        return self._keep((step, *values), lambda: make(*values))

    def _keep(self, key: tuple, make: Callable):
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def _scores(self, missing: str, missing_share: float, weights: str,
                confidence: float) -> pd.DataFrame:
        scores = self.respondents(missing, missing_share)
        counts = self._keep(("counts", missing, missing_share, weights),
                            lambda: self._counts(scores, weights))
        scales = self._keep(
            ("scales",),
            lambda: scoring.scale_list(self.package["items"])[["dimension", "aspect", "variable"]])
        table = counts.means(confidence=confidence).merge(scales,
                                                          on="variable").assign(domain="all")
        return table[table["n"] >= self.parameters["scoring"]["minimum_cell"]]

    def _counts(self, scores: pd.DataFrame, weights: str):
        design = self._keep(("named design", weights),
                            lambda: self.design(weights).add_prefix("design "))
        population = "design units" if "design units" in design else None
        return count_values(scores.join(design), list(scores), "design weight", "design code",
                            population)

    def _development_index(self, year, city_zone, normalisation,
                           index_weights) -> pd.DataFrame | None:
        catalogue = self.package.get("catalogue")
        if catalogue is None:
            return None
        parts = self.index_parts(year)
        if not self._keep(
            ("has index", year, index_weights), lambda: disparity.has_index(parts, index_weights)):
            return None
        known = self._keep(("known",), lambda: catalogue.loc[parts.columns])
        load = self._keep(("weights", year, index_weights), lambda: disparity.index_weights(
            parts, known["direction"], known["theme"], index_weights))
        index = self._keep(
            ("index", year, normalisation, index_weights),
            lambda: disparity.development_index(parts, known["direction"], load, normalisation))
        return index.assign(zone=self._zones(city_zone))

    def _zone_indicators(self, city_zone: str, population_indicator: str) -> pd.DataFrame | None:
        if "catalogue" not in self.package:
            return None
        indicators, directed = self._keep(("latest",), self._latest)
        if not directed:
            return None
        named = indicators["indicator"].isin([*directed, population_indicator])
        return disparity.zone_table(indicators[named], directed, self._zones(city_zone),
                                    population_indicator)

    def _catalogue(self) -> pd.DataFrame:
        return self.package["catalogue"].rename_axis("indicator").reset_index()

    def _latest(self) -> tuple[pd.DataFrame, list[str]]:
        """Values of directed indicators in their latest years, which alone decide a claim, and of
        the population."""
        indicators = self.package["indicators"]
        directed = disparity.directed_indicators(indicators, self.package["catalogue"])
        years = indicators["year"].fillna(0)
        last = years.groupby(indicators["indicator"]).transform("max")
        wanted = indicators["indicator"].isin(directed) & (years == last)
        return indicators[wanted | ~indicators["indicator"].isin(directed)], directed

    def _zones(self, city_zone: str) -> pd.Series:
        return self._keep(("zones", city_zone),
                          lambda: disparity.zones_of(self._areas(), city_zone))

    def _areas(self) -> pd.DataFrame:
        return self._keep(("areas",), lambda: self.package["areas"].set_index("code"))

    def _strategies(
        self, weighting, divisor, linkage_scope, aggregate, strategy_rule, urgency_source
    ) -> pd.DataFrame:
        nu, nd, nk = self._keep(("judgements", aggregate, urgency_source),
                                lambda: self._judgements(aggregate, urgency_source))
        driving, pairs = self._keep(("pairs",), self._pairs)
        tnb = force_field.weigh(nu, nd, nk, driving, weighting, divisor, linkage_scope)["tnb"]
        ranks = force_field.score_and_rank(*tnb[pairs], strategy_rule)[1]
        return pd.DataFrame({"strategy": self.package["strategies"]["strategy"], "rank": ranks})

    def _pairs(self) -> tuple:
        """Which factors drive, and the places of the two factors of each strategy."""
        factors, strategies = self.package["factors"], self.package["strategies"]
        force_field.check_strategies(strategies, factors)
        place = pd.Series(range(len(factors)), index=factors["factor"])
        pairs = [strategies[force].map(place).to_numpy() for force in ("driving", "restraining")]
        return (factors["force"] == "driving").to_numpy(), np.array(pairs)

    def _judgements(self, aggregate: str, urgency_source: str) -> tuple:
        factors, ratings, linkages = (self.package[name]
                                      for name in ("factors", "ratings", "linkages"))
        urgency = force_field.urgency_options(factors, urgency_source=urgency_source,
                                              comparisons=self.package.get("comparisons"))
        return force_field.merged_judgements(factors, ratings, linkages, aggregate, **urgency)
