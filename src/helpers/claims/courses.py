"""Tests of courses over the years: growth, and the number of poor people.

The years are all that are published: nothing was sampled. What could have been otherwise is the
direction of each step from an observed year to the next, so the signs of the steps are turned,
those of all areas over the same years together. Three rules (`series_rule`) say what counts of a
step:

trend
    How much: the mean change a year, among all turns of signs.
most_steps
    Only whether it rises: the share of the steps that do, among all turns of signs.
first_to_last
    How much, against the spread of the steps: Student's t.

Whichever rule: supported where every area's direction agrees and p is below alpha; not supported
where every area's goes against; mixed where areas disagree, or where chance gives as much too
often. Few steps support nothing: chance turns k of them all one way in 1 of 2^k, so k is at least
three and 1 / 2^k below alpha.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from helpers import permutation
from helpers.claims.evidence import (
    PERIODS,
    Course,
    Evidence,
    NotTestableError,
    Outcome,
    Rules,
    named_test,
)
from helpers.claims.series import growth_steps, level_steps, stretches, values_by_year
from helpers.errors import Error, check_choice
from helpers.messages import listed

SERIES_RULES = ("trend", "most_steps", "first_to_last")
GROWTH, POOR = ("economic_growth", "economic_growth_computed"), ("poor_number", "poor_percent")
COURSE = ("alpha", "series_rule", "period", "period_split")
SHOWN = ("claim_periods", "growth_and_poverty")
LONGEST = "longest"
MOST_EXACT = 16  # stretches of time whose signs are turned in all ways
FEWEST = 3  # ... that can support, and of which Student's t is taken


@named_test((), (*COURSE, "growth_source"), SHOWN)
def growth_continues(evidence: Evidence, rules: Rules, area: str | None = None,
                     indicator: str | None = None) -> Outcome:
    """The economy grows.

    A step is a year, its change the growth in percent. The series of growth is that of
    `growth_source`, or the longest one of the period. Readings: the share of areas and years with
    growth.
    """
    def steps(period: str) -> pd.DataFrame:
        return _growth(evidence, rules, period, area, indicator)

    return _decided(evidence, rules, steps, lambda found: float((found["change"] > 0).mean()))


@named_test((), COURSE, SHOWN)
def poor_rise(evidence: Evidence, rules: Rules, area: str | None = None,
              indicator: str | None = None) -> Outcome:
    """The number of poor people rises, or where it is not published their share.

    A step leads from an observed year to the next, its change in percent of the area's mean.
    Readings: the share of all windows between two observed years in which it rises.
    """
    def steps(period: str) -> pd.DataFrame:
        return _poor(evidence, rules, period, area, indicator)

    def windows(found: pd.DataFrame) -> float:
        return float(np.concatenate([_rises(part["change"].to_numpy())
                                     for _, part in found.groupby("area")]).mean())

    return _decided(evidence, rules, steps, windows)


@named_test((), (*COURSE, "growth_source"), SHOWN)
def growth_with_rising_poor(evidence: Evidence, rules: Rules, area: str | None = None,
                            growth: str | None = None, poor: str | None = None) -> Outcome:
    """The economy grows while the number of poor people rises.

    Only those steps of the number (or share) of poor people count over which growth is known in
    every year. By `most_steps` a step counts in which both happen; by the other rules each has to
    hold, and the weaker of the two decides. Readings: the share of steps in which both happen.
    """
    def steps(period: str) -> pd.DataFrame:
        return steps_of_both(evidence, rules, period, area, growth, poor)

    return _decided(evidence, rules, steps, lambda found: float(
        ((found["change"] > 0) & (found["growth"] > 0)).mean()))


def steps_of_both(evidence: Evidence, rules: Rules, period: str, area: str | None = None,
                  growth: str | None = None, poor: str | None = None) -> pd.DataFrame:
    """Steps of poverty in a period over which growth is known in every year.

    Returns
    -------
    DataFrame
        area, first, last, change (percent of the area's mean), growth (mean of a year), indicator,
        source.

    Examples
    --------
    >>> series = pd.DataFrame({"area": "A", "indicator": ["poor_number"] * 2 + ["economic_growth"],
    ...                        "year": [2016, 2017, 2017], "value": [90, 110, 5.0], "unit": "u",
    ...                        "source": "S"})
    >>> found = steps_of_both(Evidence({}, series), Rules(), "today")
    >>> found[["first", "last", "change", "growth"]].values.tolist()
    [[2016.0, 2017.0, 20.0, 5.0]]
    """
    def made() -> pd.DataFrame:
        growing = _growth(evidence, rules, period, area, growth).set_index(["area", "last"])
        rising, rows = _poor(evidence, rules, period, area, poor), []
        for step in rising.to_dict("records"):
            years = [(step["area"], year) for year in range(step["first"] + 1, step["last"] + 1)]
            if set(years) <= set(growing.index):
                known = growing.loc[years]
                rows.append(step | {"growth": known["change"].mean()} | {
                    name: _joined([step[name], *known[name]]) for name in ("indicator", "source")})
        return pd.DataFrame(rows, columns=[*rising.columns, "growth"])

    return evidence.remembered(
        ("both", period, rules.period_split, rules.growth_source, area, growth, poor), made)


def check_growth_source(series: pd.DataFrame, source: str) -> None:
    """Check that a source gives growth; ``longest`` always may.

    Raises ValueError, naming the sources that do.

    Examples
    --------
    >>> check_growth_source(pd.DataFrame({"indicator": ["economic_growth"], "source": "S"}), "S")
    """
    known = series.loc[series["indicator"].isin(GROWTH), "source"].unique()
    if source not in (LONGEST, *known):
        raise Error("synthesis.growth_source: {source!r} gives no growth; choose 'longest' or one "
                    "of {known}", source=source, known=listed(sorted(known)),
                    parameter="growth_source")


def _growth(evidence: Evidence, rules: Rules, period: str, area: str | None,
            indicator: str | None) -> pd.DataFrame:
    names, source = GROWTH if indicator is None else (indicator,), rules.growth_source

    def made() -> pd.DataFrame:
        rows = evidence.rows(names, area, rules, period, None if source == LONGEST else source)
        if rows.empty:
            check_growth_source(evidence.series, source)
        return _steps(rows, growth_steps)

    return evidence.remembered(("growth", period, rules.period_split, source, area, names), made)


def _poor(evidence: Evidence, rules: Rules, period: str, area: str | None,
          indicator: str | None) -> pd.DataFrame:
    names = POOR if indicator is None else (indicator,)

    def made() -> pd.DataFrame:
        for name in names:
            steps = _steps(evidence.rows([name], area, rules, period), level_steps)
            if len(steps):
                break
        return steps

    return evidence.remembered(("poor", period, rules.period_split, area, names), made)


def _steps(rows: pd.DataFrame, steps_of: Callable[[pd.Series], pd.DataFrame]) -> pd.DataFrame:
    """Steps of all areas: area, first, last, change, indicator, source (of the later year)."""
    parts = [steps_of(line).assign(area=name) for name, line in values_by_year(rows).items()]
    if not parts:
        return pd.DataFrame(columns=["area", "first", "last", "change", "indicator", "source"])
    steps = pd.concat(parts, ignore_index=True)
    return steps.merge(rows.rename(columns={"year": "last"})[["area", "last", "indicator",
                                                              "source"]], on=["area", "last"])


def _rises(changes: np.ndarray) -> np.ndarray:
    """Rise or not over all windows between an earlier and a later observation."""
    level = np.concatenate([[0.0], changes.cumsum()])
    first, last = np.triu_indices(len(level), k=1)
    return level[last] - level[first] > permutation.TIE * np.abs(level).max()


def _decided(evidence: Evidence, rules: Rules, steps_of: Callable[[str], pd.DataFrame],
             readings: Callable[[pd.DataFrame], float]) -> Outcome:
    """Outcome in the period asked for; where nothing is known of the thesis's, in today's."""
    check_choice("series_rule", rules.series_rule, SERIES_RULES)
    check_choice("period", rules.period, PERIODS)
    for period in ("thesis", "today") if rules.period == "thesis" else (rules.period,):
        steps = steps_of(period)
        if len(steps):
            break
    else:
        raise NotTestableError

    def read() -> tuple[pd.Series, Course]:
        blocks = _blocks(steps)
        return blocks, Course(period, _joined(steps["indicator"]), _years(steps),
                              _joined(steps["source"]), int(blocks.max()) + 1)

    def summed() -> list[_Sums]:
        return [_sums(steps, blocks, column, thing, rules)
                for column, thing in _things(steps, rules)]

    # The steps are remembered as well, so no other ones have their identity.
    blocks, course = evidence.remembered(("course", id(steps)), read)
    sums = evidence.remembered(("sums", id(steps), rules.series_rule), summed)
    found = [_direction(one, rules) for one in sums]
    weakest = max(found, key=lambda one: (_ORDER.index(one.verdict), one.p_value))
    kind = "spread" if rules.series_rule == "first_to_last" else "signs"
    verdict, limits = weakest.verdict, (weakest.low, weakest.high)
    p, one_way = max(one.p_value for one in found), 0.5 ** course.steps
    if course.steps < FEWEST or one_way >= rules.alpha:
        kind, limits, p = "few", (np.nan, np.nan), max(p, one_way)
        verdict = "mixed" if verdict == "supported" else verdict
    return Outcome(verdict, weakest.statistic, weakest.value, *limits, p, f"{kind}_{period}",
                   lambda: readings(steps), course)


_ORDER = ("supported", "mixed", "not_supported")


def _joined(texts: Sequence[str]) -> str:
    return ";".join(sorted({part for text in texts for part in text.split(";")}))


def _years(steps: pd.DataFrame) -> str:
    """Observed years of each area: those that growth is of, or both ends of a step."""
    ends = ["last"] if set(steps["indicator"]) <= {*GROWTH} else ["first", "last"]
    return ";".join(f"{area} {stretches({*part[ends].to_numpy().ravel().tolist()})}"
                    for area, part in steps.groupby("area"))


def _blocks(steps: pd.DataFrame) -> pd.Series:
    """Stretch of time of each step, from 0: steps that share a year are in one."""
    ordered = steps.sort_values(["first", "last"])
    reached = ordered["last"].cummax().shift(fill_value=ordered["first"].min())
    return (ordered["first"] >= reached).cumsum().reindex(steps.index) - 1


def _things(steps: pd.DataFrame, rules: Rules) -> list[tuple[str, str]]:
    """Columns whose direction has to hold, and what each is called."""
    named = steps["indicator"].iloc[0]
    thing = "rate" if "poor_percent" in named else "growth" if named in GROWTH else "number"
    if "growth" not in steps:
        return [("change", thing)]
    if rules.series_rule == "most_steps":
        return [("both", thing)]
    return [("change", thing), ("growth", "growth")]


@dataclass(frozen=True)
class _Sums:
    """One thing over the years: name and value of its statistic; its changes and the years' shares
    by stretch of time; whether every area's direction agrees, or goes against; and where signs are
    turned, the critical shift of each way, and their number."""

    statistic: str
    value: float
    moved: np.ndarray
    weight: np.ndarray
    agree: bool
    against: bool
    shifts: np.ndarray | None
    ways: int


def _sums(steps: pd.DataFrame, blocks: pd.Series, column: str, thing: str, rules: Rules) -> _Sums:
    """Changes of one thing, area by area and of all areas alike."""
    change = steps[["change", "growth"]].min(axis=1) if column == "both" else steps[column]
    years = (steps["last"] - steps["first"]).astype(float)
    counted = rules.series_rule == "most_steps"
    if counted:
        change, years = np.sign(change), years * 0 + 1
    elif column == "growth":
        change = change * years
    of_area = years.groupby(steps["area"]).transform("sum") * steps["area"].nunique()
    moved = (change / of_area).groupby(blocks).sum().to_numpy()
    weight = (years / of_area).groupby(blocks).sum().to_numpy()
    by_area = change.groupby(steps["area"]).sum()
    word = f"share_of_steps_{thing}{'_and_growth' if column == 'both' else ''}"
    signs = rules.series_rule != "first_to_last" or len(moved) < FEWEST
    return _Sums(word if counted else f"mean_{thing}",
                 float((change > 0).mean() if counted else moved.sum()), moved, weight,
                 bool((by_area > 0).all()), bool((by_area <= 0).all()),
                 *(_turned(moved, weight, rules) if signs else (None, 0)))


def _direction(sums: _Sums, rules: Rules) -> Outcome:
    """Direction of one thing: what chance says of it."""
    if sums.shifts is None:
        low, high, p = _by_spread(sums.moved, sums.weight, rules.alpha)
    else:
        low, high, p = _by_signs(sums.shifts, sums.ways, rules.alpha)
    clear = sums.agree and p < rules.alpha
    verdict = "not_supported" if sums.against else "supported" if clear else "mixed"
    if rules.series_rule == "most_steps":
        low = high = np.nan
    return Outcome(verdict, sums.statistic, sums.value, low, high, p)


def _turned(moved: np.ndarray, weight: np.ndarray, rules: Rules) -> tuple[np.ndarray, int]:
    """Critical shifts where the signs of the parts of a sum are turned, and number of ways.

    Turning the parts T is as much as the observed sum if their own sum is zero or below; with a
    change of :math:`\\delta` a year taken off, if it is at most :math:`\\delta` times their weight.
    So the critical shift of T is the mean of its parts.
    """
    turned, number = _turns(len(moved), rules.permutations, rules.seed)
    shifts = turned @ moved / (turned @ weight)
    shifts[np.abs(shifts) < permutation.TIE * np.abs(moved).max(initial=0.0) * len(moved)] = 0.0
    return shifts, number


def _by_signs(shifts: np.ndarray, number: int, alpha: float) -> tuple[float, float, float]:
    low, high = permutation.shift_interval(shifts, number, alpha)
    bounded = np.isfinite([low, high]).all()
    return *((low, high) if bounded else (np.nan, np.nan)), permutation.shift_p(shifts, number)


@lru_cache(maxsize=32)
def _turns(count: int, draws: int, seed: int) -> tuple[np.ndarray, int]:
    """Ways to turn the signs of some parts (none left out), and their number with that one."""
    if count <= MOST_EXACT:
        numbers = np.arange(1, 2 ** count)
        return (numbers[:, None] >> np.arange(count) & 1).astype(float), 2 ** count
    drawn = np.random.default_rng(seed).integers(0, 2, (draws, count)).astype(float)
    return drawn[drawn.any(axis=1)], draws + 1


def _by_spread(moved: np.ndarray, weight: np.ndarray, alpha: float) -> tuple[float, float, float]:
    """Limits and p of the sum by Student's t: parts that last longer vary more. Where they do not
    vary, p is the chance that all of them go one way."""
    from scipy.special import stdtr, stdtrit

    freedom, value = len(moved) - 1, moved.sum()
    error = np.sqrt((weight * (moved / weight - value) ** 2).sum() / freedom)
    if error <= permutation.TIE * abs(value):
        return float(value), float(value), 0.5 ** len(moved) if value > 0 else 1.0
    reach = stdtrit(freedom, 1 - alpha) * error
    return float(value - reach), float(value + reach), float(stdtr(freedom, -value / error))
