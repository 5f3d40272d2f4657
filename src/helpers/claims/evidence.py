"""Evidence, thresholds and outcome of a test."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from helpers.claims.series import consistent_series

VERDICTS = ("supported", "mixed", "not_supported", "not_testable")
STATUSES = ("published", "simulated", "illustrative")
PERIODS = ("thesis", "today", "all")
# What limits and p-value beside a statistic come from: likeness of neighbours, names of zones dealt
# out to contiguous parts or to single areas, or to these as nobody knows who is whose neighbour;
# signs of the steps of a period turned, or too few of them for any p below alpha; answers sampled;
# weights dealt out to the factors.
UNCERTAINTIES = ("neighbours", "contiguous", "labels", "neighbours_unknown",
                 *(f"{kind}_{period}" for kind in ("signs", "spread", "few") for period in PERIODS),
                 "design", "factors")

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
    zone_null: str = "neighbours"
    series_rule: str = "trend"
    period: str = "thesis"
    period_split: int = 2015
    growth_source: str = "longest"
    permutations: int = 9999
    seed: int = 0


@dataclass(frozen=True)
class Course:
    """Years that a claim about a course of years was decided by.

    Attributes
    ----------
    period : str
        One of `PERIODS`.
    indicators, years, sources : str
        What was read, joined by ``;``; the years of each area as observed.
    steps : int
        Number of stretches of time whose signs are turned together.
    """

    period: str
    indicators: str
    years: str
    sources: str
    steps: int


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
        Limits of the statistic; missing where it has none.
    p_value : float
        Chance of at least as much where there is nothing; missing for samples, whose limits decide.
    uncertainty : str
        One of `UNCERTAINTIES`.
    readings : callable
        Returns the share of the test's own other readings in which the claim holds; asked for where
        needed.
    course : Course, optional
        The years behind a claim about a course of years.
    """

    verdict: str
    statistic: str
    value: float
    low: float = np.nan
    high: float = np.nan
    p_value: float = np.nan
    uncertainty: str = ""
    readings: Callable[[], float] = lambda: np.nan
    course: "Course | None" = None


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

    def optional(self, name: str) -> pd.DataFrame | None:
        """Table by name where it is there, also without a row (areas of which none touch)."""
        found = self.tables.get(name)
        if found is not None:
            self.used[name] = None
        return found

    def rows(self, indicators: Sequence[str], area: str | None, rules: Rules, period: str,
             source: str | None = None) -> pd.DataFrame:
        """Comparable values of a period: of several indicators the one with most years an area."""
        given = self.series
        if given is None:
            raise NotTestableError
        self.used["series"] = None

        def found() -> pd.DataFrame:
            series = given if area is None else given[given["area"] == area]
            early = series["year"] < rules.period_split
            kept = {"thesis": early, "today": series["year"] >= rules.period_split}
            return consistent_series(series[kept.get(period, early | True)], indicators, source)

        key = ("rows", tuple(indicators), area, period, rules.period_split, source)
        return self.remembered(key, found)

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

    @property
    def about(self) -> str:
        """What the claim is about: zones, courses, scores or strategies, the module of its test."""
        return self.decide.__module__.rpartition(".")[2]


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
