"""Tests of what happens over the years: growth, and the number of poor people."""

import numpy as np
import pandas as pd

from helpers.claims.evidence import Evidence, NotTestable, Outcome, Rules
from helpers.claims.series import windows_by_area


def growth_continues(
    evidence: Evidence, rules: Rules, area: str | None = None, indicator: str = "economic_growth"
) -> Outcome:
    """The economy grows year after year.

    Supported: growth is positive in every area and year. Not supported: in none. Mixed: in some. The statistic is the
    lowest growth rate. Readings: each area and year.
    """
    growth = pd.concat(evidence.readings(indicator, area))
    holds = growth > 0
    return Outcome(_all_or_none(holds), "lowest_growth", float(growth.min()), float(holds.mean()))


def poor_rise(evidence: Evidence, rules: Rules, area: str | None = None, indicator: str = "poor_number") -> Outcome:
    """The number of poor people rises.

    Supported: it rises from every observed year to the next, in every area. Not supported: it never rises. Mixed: it
    rises in some steps. The statistic is the share of steps with a rise. Readings: all windows between two observed
    years.
    """
    lines = evidence.readings(indicator, area).values()
    steps = np.concatenate([np.diff(line) > 0 for line in lines])
    windows = np.concatenate([_changes(line.to_numpy(float)) > 0 for line in lines])
    return Outcome(_all_or_none(steps), "share_of_steps_rising", float(steps.mean()), float(windows.mean()))


def growth_with_rising_poor(
    evidence: Evidence,
    rules: Rules,
    area: str | None = None,
    growth: str = "economic_growth",
    poor: str = "poor_number",
) -> Outcome:
    """The economy grows while the number of poor people rises.

    Only areas and years count in which growth is known and the number of poor is known for this year and the one
    before. Supported: both happen in all of them. Not supported: in none. Mixed: in some. The statistic is the share
    of years with both. Readings: all windows between two years without a gap, growth compounded.
    """
    growing, poverty = evidence.readings(growth, area), evidence.readings(poor, area)
    windows = windows_by_area(growing, poverty)
    if windows.empty:
        raise NotTestable
    both = (windows["growth"] > 0) & (windows["poor_change"] > 0)
    steps = both[windows["last"] - windows["first"] == 1]
    return Outcome(_all_or_none(steps), "share_of_years_with_both", float(steps.mean()), float(both.mean()))


def _changes(values: np.ndarray) -> np.ndarray:
    """Changes over all windows between an earlier and a later observation."""
    first, last = np.triu_indices(len(values), k=1)
    return values[last] - values[first]


def _all_or_none(holds) -> str:
    return "supported" if np.all(holds) else "mixed" if np.any(holds) else "not_supported"
