"""Tests of courses over the years: growth, and the number of poor people.

A course of years is judged by one of three rules (`series_rule`): every step has to agree; or most
steps of an area; or only the first and the last year of an area count. Whichever rule: supported
where it holds throughout, not supported where it never holds, mixed where it holds in some steps or
areas. Published series are complete, no sample of years: their statistics have no sampling error.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.claims.evidence import Evidence, NotTestableError, Outcome, Rules, named_test
from helpers.claims.series import windows_by_area
from helpers.errors import check_choice

COURSE, SHOWN = ("series_rule", "first_year", "last_year"), ("growth_and_poverty",)


@named_test((), COURSE, SHOWN)
def growth_continues(evidence: Evidence, rules: Rules, area: str | None = None,
                     indicator: str = "economic_growth") -> Outcome:
    """The economy grows year after year.

    A step is a year, and growth over a window is compounded. The statistic is the lowest growth
    rate of a year; under the other rules the share of years with growth, and the lowest compounded
    growth of an area. Readings: each area and year.
    """
    lines = evidence.readings(indicator, area, rules)
    growth = pd.concat(lines)
    steps = {name: line > 0 for name, line in lines.items()}
    total = np.array([100 * (np.prod(1 + line / 100) - 1) for line in lines.values()])
    statistics = {"every_step": ("lowest_growth", growth.min()),
                  "most_steps": ("share_of_years_growing", (growth > 0).mean()),
                  "first_to_last": ("lowest_growth_in_all", total.min())}
    return _course(rules, steps, total > 0, statistics, lambda: float((growth > 0).mean()))


@named_test((), COURSE, SHOWN)
def poor_rise(evidence: Evidence, rules: Rules, area: str | None = None,
              indicator: str = "poor_number") -> Outcome:
    """The number of poor people rises.

    A step leads from an observed year to the next. The statistic is the share of steps with a rise;
    from first to last the smallest change of an area, in persons. Readings: all windows between two
    observed years.
    """
    lines = evidence.readings(indicator, area, rules)
    steps = {name: np.diff(line) > 0 for name, line in lines.items()}
    share = np.concatenate(list(steps.values())).mean()
    change = np.array([line.iloc[-1] - line.iloc[0] for line in lines.values()])
    statistics = {"every_step": ("share_of_steps_rising", share),
                  "most_steps": ("share_of_steps_rising", share),
                  "first_to_last": ("smallest_change", change.min())}

    def readings() -> float:
        rises = [_changes(line.to_numpy(float)) > 0 for line in lines.values()]
        return float(np.concatenate(rises).mean())

    return _course(rules, steps, change > 0, statistics, readings)


@named_test((), COURSE, SHOWN)
def growth_with_rising_poor(evidence: Evidence, rules: Rules, area: str | None = None,
                            growth: str = "economic_growth", poor: str = "poor_number") -> Outcome:
    """The economy grows while the number of poor people rises.

    Only areas and years count in which growth is known and the number of poor is known for this
    year and the one before. The statistic is the share of years with both; from first to last the
    share of areas, over the longest window without a gap. Readings: all windows between two years
    without a gap, growth compounded.
    """
    growing, poverty = evidence.lines(growth, area), evidence.lines(poor, area)
    windows = evidence.remembered(("windows", growth, poor, area),
                                  lambda: windows_by_area(growing, poverty))
    windows = windows[(windows["first"] >= rules.first_year) & (windows["last"] <= rules.last_year)]
    if windows.empty:
        raise NotTestableError
    years = windows["last"] - windows["first"]
    both = (windows["growth"] > 0) & (windows["poor_change"] > 0)
    steps = dict(list(both[years == 1].groupby(windows["area"])))
    longest = both[years.groupby(windows["area"]).idxmax()]
    share = ("share_of_years_with_both", both[years == 1].mean())
    statistics = {"every_step": share, "most_steps": share,
                  "first_to_last": ("share_of_areas_with_both", longest.mean())}
    return _course(rules, steps, longest, statistics, lambda: float(both.mean()))


def _course(rules: Rules, steps: Mapping[str, ArrayLike], from_first_to_last: ArrayLike,
            statistics: dict[str, tuple[str, float]], readings: Callable[[], float]) -> Outcome:
    holds: dict[str, Callable[[], ArrayLike]] = {
        "every_step": lambda: np.concatenate([np.asarray(part) for part in steps.values()]),
        "most_steps": lambda: [np.mean(np.asarray(part)) > 0.5 for part in steps.values()],
        "first_to_last": lambda: from_first_to_last}
    check_choice("series_rule", rules.series_rule, holds)
    statistic, value = statistics[rules.series_rule]
    held = holds[rules.series_rule]()
    verdict = "supported" if np.all(held) else "mixed" if np.any(held) else "not_supported"
    return Outcome(verdict, statistic, float(value), uncertainty="complete", readings=readings)


def _changes(values: np.ndarray) -> np.ndarray:
    """Changes over all windows between an earlier and a later observation."""
    first, last = np.triu_indices(len(values), k=1)
    return values[last] - values[first]
