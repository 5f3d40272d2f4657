"""What a test is given (evidence and thresholds) and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.claims.series import consistent_series, values_by_year

VERDICTS = ("supported", "mixed", "not_supported", "not_testable")
STATUSES = ("published", "simulated", "illustrative")


@dataclass(frozen=True)
class Rules:
    """The thresholds of all tests."""

    alpha: float = 0.05
    strong_need: float = 3.67
    easy_access: float = 3.67
    top_strategies: int = 3
    clear_majority: float = 0.66
    permutations: int = 9999
    seed: int = 0


@dataclass(frozen=True)
class Outcome:
    """What a test says: verdict, the statistic that decided it and the share of alternative readings that agree."""

    verdict: str
    statistic: str
    value: float
    robustness: float = np.nan


@dataclass
class Evidence:
    """The tables and the series a test may use; it notes which ones the test did use, because they make the basis."""

    tables: Mapping[str, pd.DataFrame | None]
    series: pd.DataFrame | None = None
    used: list[str] = field(default_factory=list)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table, or end the test as not testable."""
        found = self.tables.get(name)
        if found is None or found.empty:
            raise NotTestable
        self.used.append(name)
        return found

    def readings(self, indicator: str, area: str | None) -> dict[str, pd.Series]:
        """Return the consistent series of an indicator by area, or end the test as not testable."""
        if self.series is None:
            raise NotTestable
        chosen = self.series if area is None else self.series[self.series["area"] == area]
        by_area = values_by_year(consistent_series(chosen, indicator))
        lines = {name: line for name, line in by_area.items() if len(line) > 1}
        if not lines:
            raise NotTestable
        self.used.append("series")
        return lines


class NotTestable(Exception):
    """The evidence of a test is not there."""
