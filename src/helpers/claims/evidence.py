"""Evidence, thresholds and outcome of a test."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from inspect import signature
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from helpers.claims.series import consistent_series, values_by_year

VERDICTS = ("supported", "mixed", "not_supported", "not_testable")
STATUSES = ("published", "simulated", "illustrative")
# What the limits beside a statistic come from; nothing was sampled for `complete`, `judgement`.
UNCERTAINTIES = ("permutation", "design", "complete", "judgement")

Value = TypeVar("Value")


@dataclass(frozen=True)
class Rules:
    """Thresholds of all tests."""

    alpha: float = 0.05
    strong_need: float = 3.67
    easy_access: float = 3.67
    top_strategies: int = 3
    clear_majority: float = 0.66
    zone_mean: str = "plain"
    series_rule: str = "every_step"
    first_year: int = 1900
    last_year: int = 2100
    permutations: int = 9999
    seed: int = 0


@dataclass(frozen=True)
class Outcome:
    """Outcome of a test.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    statistic : str
        Name of the number that decided.
    low, high : float
        Limits of the statistic; missing where `uncertainty` says that nothing was sampled.
    uncertainty : str
        One of `UNCERTAINTIES`.
    readings : callable
        Returns the share of the test's own other readings in which the claim holds; asked for where
        needed.
    """

    verdict: str
    statistic: str
    value: float
    low: float = np.nan
    high: float = np.nan
    uncertainty: str = ""
    readings: Callable[[], float] = lambda: np.nan


@dataclass
class Evidence:
    """Tables and series a test may use; those it does use are noted, as they make the basis.

    What a test works out of the tables whatever the rules say, it leaves here and finds again under
    other rules.
    """

    tables: Mapping[str, pd.DataFrame | None]
    series: pd.DataFrame | None = None
    used: dict[str, None] = field(default_factory=dict)
    memory: dict[Hashable, Any] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """Table by name; without it the test ends as not testable."""
        found = self.tables.get(name)
        if found is None or found.empty:
            raise NotTestableError
        self.used[name] = None
        return found

    def readings(self, indicator: str, area: str | None, rules: Rules) -> dict[str, pd.Series]:
        """Consistent series by area in the window of years; without any, not testable."""
        lines = {name: line.loc[rules.first_year:rules.last_year]
                 for name, line in self.lines(indicator, area).items()}
        lines = {name: line for name, line in lines.items() if len(line) > 1}
        if not lines:
            raise NotTestableError
        return lines

    def lines(self, indicator: str, area: str | None) -> dict[str, pd.Series]:
        """Consistent series of an indicator by area, whatever the years."""
        series = self.series
        if series is None:
            raise NotTestableError
        self.used["series"] = None

        def found() -> dict[str, pd.Series]:
            chosen = series if area is None else series[series["area"] == area]
            return values_by_year(consistent_series(chosen, indicator))

        return self.remembered(("lines", indicator, area), found)

    def remembered(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Value worked out under this key before, else now."""
        if key not in self.memory:
            self.memory[key] = make()
        return self.memory[key]


class NotTestableError(Exception):
    """Evidence of a test that is not there."""


@dataclass(frozen=True)
class NamedTest:
    """Named test of a claim.

    Attributes
    ----------
    decide : callable
        The function that decides; its arguments after evidence and rules are options of the claim.
    tables : tuple of str
        The published tables that it reads; none where it reads the series.
    rules : tuple of str
        The names in `Rules` that can turn it, beside seed and permutations.
    evidence : tuple of str
        The tables and figures that show its evidence to a reader.
    needed, optional : tuple of str
        Options without and with a default.
    """

    decide: Callable[..., Outcome]
    tables: tuple[str, ...]
    rules: tuple[str, ...]
    evidence: tuple[str, ...]
    needed: tuple[str, ...]
    optional: tuple[str, ...]


TESTS: dict[str, NamedTest] = {}


def named_test(tables: tuple[str, ...], rules: tuple[str, ...], shown: tuple[str, ...] = ()):
    """Decorator of a function that decides claims: claims call the test by the function's name.

    Parameters
    ----------
    tables, rules
        As in `NamedTest`.
    shown : tuple of str
        What shows the evidence to a reader, where that is not the tables.
    """
    def register(decide: Callable[..., Outcome]) -> Callable[..., Outcome]:
        options = list(signature(decide).parameters.values())[2:]
        needed = tuple(option.name for option in options if option.default is option.empty)
        optional = tuple(option.name for option in options if option.name not in needed)
        TESTS[decide.__name__] = NamedTest(decide, tables, rules, shown or tables, needed, optional)
        return decide

    return register
