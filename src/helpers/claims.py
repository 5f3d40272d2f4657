"""Claims and the tests that decide them.

A claim is a sentence of the thesis's abstract. Its comparative words ("more", "rises", "not easy") are decided by a
named test on published tables and on nothing else. A verdict is ``supported``, ``mixed``, ``not_supported`` or, where
the evidence is not there, ``not_testable``. The basis of a claim is the weakest status of its evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.permutation import permutation_p

VERDICTS = ("supported", "mixed", "not_supported", "not_testable")
STATUSES = ("published", "simulated", "illustrative")
COLUMNS = ["claim", "text_id", "text_en", "verdict", "basis", "evidence", "statistic", "value", "robustness"]


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
            raise _NotTestable
        self.used.append(name)
        return found

    def readings(self, indicator: str, area: str | None) -> dict[str, pd.Series]:
        """Return the consistent series of an indicator by area, or end the test as not testable."""
        if self.series is None:
            raise _NotTestable
        chosen = self.series if area is None else self.series[self.series["area"] == area]
        lines = {name: line for name, line in _lines(consistent_series(chosen, indicator)).items() if len(line) > 1}
        if not lines:
            raise _NotTestable
        self.used.append("series")
        return lines


class _NotTestable(Exception):
    """The evidence of a test is not there."""


def evaluate(
    claims: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame | None],
    statuses: Mapping[str, str],
    series: pd.DataFrame | None = None,
    rules: Rules = Rules(),
) -> pd.DataFrame:
    """Decide every claim by its named test.

    Parameters
    ----------
    claims : DataFrame
        ``claim, text_id, text_en, test`` and, if there, ``options`` (``key=value;key=value``) for the test.
    tables : mapping
        Published tables by name; None or absent where a stage did not run. `zone_higher_share` also needs
        ``catalogue``; `strategy_priority` takes its robustness from ``strategy_variants``
        (:func:`helpers.force_field.strategy_variants`).
    statuses : mapping
        Status (published, simulated, illustrative) of each table, and of ``series``.
    series : DataFrame, optional
        ``area, indicator, year, value, unit, source``
    rules : Rules
        Thresholds of the tests.

    Returns
    -------
    DataFrame
        ``claim, text_id, text_en, verdict, basis, evidence, statistic, value, robustness``. `evidence` joins names
        with ``;``. `robustness` is the share of the test's own alternative readings in which the claim holds, empty
        where there are none. A claim that is not testable has neither basis nor statistic.

    Raises
    ------
    ValueError
        If a claim names an unknown test, or gives a test an option that it does not know or lacks.

    Examples
    --------
    >>> claims = pd.DataFrame({"claim": ["growth"], "text_id": ["Ekonomi tumbuh"], "text_en": ["The economy grows"],
    ...                        "test": ["growth_continues"]})
    >>> series = pd.DataFrame({"area": "A", "indicator": "economic_growth", "year": [2019, 2020, 2021, 2022],
    ...                        "value": [5.0, -2.0, 3.0, 4.0], "unit": "%", "source": "S"})
    >>> found = evaluate(claims, {}, {"series": "published"}, series)
    >>> found[["verdict", "basis", "value", "robustness"]].values.tolist()
    [['mixed', 'published', -2.0, 0.75]]
    """
    check(claims)
    rows = []
    for row in claims.to_dict("records"):
        test = TESTS[row["test"]]
        options = _options_of(row, test)
        evidence = Evidence(tables, series)
        try:
            outcome = test.decide(evidence, rules, **options)
            basis = max((statuses[name] for name in evidence.used), key=STATUSES.index)
            names = ";".join(test.evidence)
        except _NotTestable:
            outcome, basis, names = Outcome("not_testable", "", np.nan), "", ""
        rows.append({
            "claim": row["claim"], "text_id": row["text_id"], "text_en": row["text_en"], "verdict": outcome.verdict,
            "basis": basis, "evidence": names, "statistic": outcome.statistic, "value": outcome.value,
            "robustness": outcome.robustness,
        })
    return pd.DataFrame(rows, columns=COLUMNS)


def check(claims: pd.DataFrame) -> None:
    """Refuse claims whose test is unknown, or whose options the test does not know or lacks.

    Raises
    ------
    ValueError
        Naming the claim, its test and what is known.

    Examples
    --------
    >>> check(pd.DataFrame({"claim": ["c1"], "test": ["poor_rise"], "options": ["area=Kota Blitar"]}))
    """
    for row in claims.to_dict("records"):
        _options_of(row, _test_of(row))


def fragile(evaluated: pd.DataFrame) -> pd.DataFrame:
    """Keep the claims whose verdict goes against most of the test's other readings.

    Examples
    --------
    >>> fragile(pd.DataFrame({"claim": ["a", "b", "c"], "verdict": ["supported", "not_supported", "mixed"],
    ...                       "robustness": [0.3, 0.7, 0.9]}))["claim"].tolist()
    ['a', 'b']
    """
    against = ((evaluated["verdict"] == "supported") & (evaluated["robustness"] < 0.5)) | (
        (evaluated["verdict"] == "not_supported") & (evaluated["robustness"] > 0.5)
    )
    return evaluated[against]


def sentence_keys(evaluated: pd.DataFrame) -> list[str]:
    """Name the sentence that each verdict is told with: its basis decides between "holds" and "would hold".

    Examples
    --------
    >>> sentence_keys(pd.DataFrame({"verdict": ["mixed", "not_testable"], "basis": ["simulated", ""]}))
    ['claim.simulated.mixed', 'claim.not_testable']
    """
    pairs = zip(evaluated["verdict"], evaluated["basis"])
    return [f"claim.{basis}.{verdict}" if basis else f"claim.{verdict}" for verdict, basis in pairs]


def consistent_series(series: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Reduce several sources to one value a year that can be compared over the years.

    For each area: only the unit with most years is kept, because another unit string means another method or a value
    that somebody derived from a stated change; a year with several sources takes the one that covers most years. Ties
    go to the first in the alphabet.

    Parameters
    ----------
    series : DataFrame
        ``area, indicator, year, value, unit, source``
    indicator : str
        The indicator to keep.

    Returns
    -------
    DataFrame
        The same columns, one row an area and year, sorted.

    Examples
    --------
    >>> series = pd.DataFrame({"area": "A", "indicator": "poor_number", "year": [2015, 2016, 2016, 2017],
    ...     "value": [9, 8, 8.1, 7], "unit": ["person (derived)", "person", "person", "person"],
    ...     "source": list("QQPP")})
    >>> consistent_series(series, "poor_number")[["year", "value"]].values.tolist()
    [[2016.0, 8.1], [2017.0, 7.0]]
    """
    rows = series[series["indicator"] == indicator].dropna(subset=["year", "value"])
    rows = _of_longest(rows, "unit", ["area"])
    years = rows.groupby(["area", "source"])["year"].transform("nunique")
    ordered = rows.assign(years=years).sort_values(
        ["area", "year", "years", "source"], ascending=[True, True, False, True]
    )
    return ordered.drop_duplicates(["area", "year"])[list(series.columns)].reset_index(drop=True)


def mark_consistent(series: pd.DataFrame, indicators: list[str]) -> pd.DataFrame:
    """Keep some indicators' dated values and say which of them the tests use.

    Returns
    -------
    DataFrame
        The rows of `series` with a year, ``year`` as a whole number, and ``used``: whether :func:`consistent_series`
        keeps it.

    Examples
    --------
    >>> series = pd.DataFrame({"area": "A", "indicator": "poor_number", "year": [2015, 2016, 2017], "value": [9, 8, 7],
    ...                        "unit": ["person (derived)", "person", "person"], "source": "Q"})
    >>> mark_consistent(series, ["poor_number"])["used"].tolist()
    [False, True, True]
    """
    dated = series[series["indicator"].isin(indicators)].dropna(subset=["year", "value"])
    kept = pd.concat([consistent_series(series, indicator) for indicator in indicators]).assign(used=True)
    marked = dated.merge(kept, how="left", on=list(series.columns))
    return marked.assign(year=marked["year"].astype(int), used=marked["used"].notna())


def runs(line: pd.Series) -> pd.DataFrame:
    """Cut a series into stretches that only rise or only fall.

    Parameters
    ----------
    line : Series
        Values by year, in the order of the years.

    Returns
    -------
    DataFrame
        ``first, last, before, after``: years and values at both ends; a value that does not change belongs to the
        stretch before it.

    Examples
    --------
    >>> runs(pd.Series({2016: 9, 2017: 8, 2018: 7, 2020: 8})).values.tolist()
    [[2016, 2018, 9, 7], [2018, 2020, 7, 8]]
    """
    rows = []
    for year, value in line.iloc[1:].items():
        before = rows[-1] if rows else {"first": line.index[0], "last": line.index[0], "before": line.iloc[0],
                                        "after": line.iloc[0]}
        turns = (value - before["after"]) * (before["after"] - before["before"]) < 0
        if turns or not rows:
            rows.append({"first": before["last"], "before": before["after"]})
        rows[-1] |= {"last": year, "after": value}
    return pd.DataFrame(rows, columns=["first", "last", "before", "after"])


def zone_higher(evidence: Evidence, rules: Rules, zone_a: str, zone_b: str) -> Outcome:
    """Zone a is more developed than zone b, by the development index of its areas.

    Supported: the difference of the zone means is positive and its permutation p is below alpha. Not supported: the
    difference is zero or negative. Mixed: positive, but labels drawn at random give as much too often. Readings: the
    same rule with each area left out in turn.
    """
    index = evidence.table("development_index")
    first, second = (index.loc[index["zone"] == zone, "index"].to_numpy(float) for zone in (zone_a, zone_b))
    if min(len(first), len(second)) < 2:
        raise _NotTestable
    readings = [(np.delete(first, place), second) for place in range(len(first))]
    readings += [(first, np.delete(second, place)) for place in range(len(second))]
    holds = [_higher(a, b, rules) == "supported" for a, b in readings]
    return Outcome(_higher(first, second, rules), "difference", first.mean() - second.mean(), float(np.mean(holds)))


def zone_higher_share(evidence: Evidence, rules: Rules, zone_a: str, zone_b: str, theme: str | None = None) -> Outcome:
    """Zone a is ahead of zone b in most indicators that have a direction, each in its latest year.

    Supported: ahead in at least the clear majority. Not supported: ahead in half of them or fewer. Mixed: between.
    Readings: every indicator and year, by plain and by weighted zone mean.
    """
    zones = evidence.table("zone_indicators")
    catalogue = evidence.table("catalogue")
    if theme is not None:
        catalogue = catalogue[catalogue["theme"] == theme]
    direction = catalogue.set_index("indicator")["direction"]
    zones = zones.assign(direction=zones["indicator"].map(direction)).query("direction != 0 and direction.notna()")
    leads = [_leads(zones, column, zone_a, zone_b) for column in ("mean", "weighted_mean")]
    if leads[0].empty:
        raise _NotTestable
    share = float(leads[0].groupby("indicator").last().mean())
    verdict = "supported" if share >= rules.clear_majority else "not_supported" if share <= 0.5 else "mixed"
    return Outcome(verdict, "share_of_indicators", share, float(pd.concat(leads).mean()))


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
    windows = _windows_by_area(growing, poverty)
    if windows.empty:
        raise _NotTestable
    both = (windows["growth"] > 0) & (windows["poor_change"] > 0)
    steps = both[windows["last"] - windows["first"] == 1]
    return Outcome(_all_or_none(steps), "share_of_years_with_both", float(steps.mean()), float(both.mean()))


def growth_poverty_windows(growth: pd.Series, poor: pd.Series) -> pd.DataFrame:
    """List all windows of years without a gap, with compounded growth and the change in the number of poor people.

    Parameters
    ----------
    growth : Series
        Growth in percent by year.
    poor : Series
        Number of poor people by year.

    Returns
    -------
    DataFrame
        ``first, last, growth`` (percent over the window) ``, poor_change`` (persons)

    Examples
    --------
    >>> growth = pd.Series({2017: 10.0, 2018: -5.0})
    >>> poor = pd.Series({2016: 100, 2017: 90, 2018: 95})
    >>> growth_poverty_windows(growth, poor).round(1).values.tolist()
    [[2016.0, 2017.0, 10.0, -10.0], [2016.0, 2018.0, 4.5, -5.0], [2017.0, 2018.0, -5.0, 5.0]]
    """
    rows = []
    for first in poor.index:
        level, year = 1.0, first + 1
        while year in poor.index and year in growth.index:
            level *= 1 + growth[year] / 100
            rows.append((first, year, 100 * (level - 1), poor[year] - poor[first]))
            year += 1
    return pd.DataFrame(rows, columns=["first", "last", "growth", "poor_change"])


def growth_and_poverty_by_area(series: pd.DataFrame, growth: str, poor: str) -> pd.DataFrame:
    """List the windows of :func:`growth_poverty_windows` for every area, from the values that the tests use.

    Parameters
    ----------
    series : DataFrame
        ``area, indicator, year, value, unit, source``
    growth, poor : str
        The two indicators.

    Returns
    -------
    DataFrame
        ``area, first, last, growth, poor_change``

    Examples
    --------
    >>> series = pd.DataFrame({"area": "A", "indicator": ["g", "p", "p"], "year": [2017, 2016, 2017],
    ...                        "value": [5, 10, 12], "unit": "u", "source": "S"})
    >>> growth_and_poverty_by_area(series, "g", "p").round(1).values.tolist()
    [['A', 2016, 2017, 5.0, 2]]
    """
    return _windows_by_area(*(_lines(consistent_series(series, indicator)) for indicator in (growth, poor)))


def strongly_needed(evidence: Evidence, rules: Rules, aspect: str = "all") -> Outcome:
    """The aspect is strongly needed.

    Supported: the whole interval of the mean need lies at or above the threshold. Not supported: the whole interval
    lies below. Mixed: the threshold lies inside. Readings: the means of all zones, areas and business types.
    """
    total, parts = _scores(evidence, "need", aspect)
    if total["ci_low"] >= rules.strong_need:
        verdict = "supported"
    else:
        verdict = "not_supported" if total["ci_high"] < rules.strong_need else "mixed"
    return Outcome(verdict, "mean_need", float(total["mean"]), _share(parts >= rules.strong_need))


def not_easy(evidence: Evidence, rules: Rules, aspect: str = "all") -> Outcome:
    """Access to the aspect is not easy.

    Supported: the whole interval of the mean access lies below the threshold. Not supported: the whole interval lies
    at or above it. Mixed: the threshold lies inside. Readings: the means of all zones, areas and business types.
    """
    total, parts = _scores(evidence, "access", aspect)
    if total["ci_high"] < rules.easy_access:
        verdict = "supported"
    else:
        verdict = "not_supported" if total["ci_low"] >= rules.easy_access else "mixed"
    return Outcome(verdict, "mean_access", float(total["mean"]), _share(parts < rules.easy_access))


def strategy_priority(evidence: Evidence, rules: Rules, strategy: str) -> Outcome:
    """The strategy, or each of several joined by a comma, belongs to the first ones.

    Supported: all named strategies rank within the first `top_strategies`. Not supported: none does. Mixed: some do,
    or only a tie across the limit lets them in. The statistic is the worst of their ranks. Readings: every
    combination of weighting, divisor and aggregate, if the stage handed them over.
    """
    ranks = evidence.table("strategies").set_index("strategy")["rank"]
    names = [name.strip() for name in strategy.split(",")]
    unknown = [name for name in names if name not in ranks.index]
    if unknown:
        raise ValueError(f"strategy {unknown[0]!r} is not in the table strategies, which has {_listed(ranks.index)}")
    variants = evidence.tables.get("strategy_variants")
    robustness = np.nan
    if variants is not None:
        choices = variants.groupby(["weighting", "divisor", "aggregate"])
        verdicts = [_priority(rows.set_index("strategy")["rank"], names, rules.top_strategies) for _, rows in choices]
        robustness = float(np.mean([verdict == "supported" for verdict in verdicts]))
    verdict = _priority(ranks, names, rules.top_strategies)
    return Outcome(verdict, "worst_rank", float(ranks[names].max()), robustness)


@dataclass(frozen=True)
class NamedTest:
    """A named test: the function that decides, the tables and figures that show its evidence, and its options."""

    decide: Callable[..., Outcome]
    evidence: tuple[str, ...]
    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


TESTS = {
    "zone_higher": NamedTest(zone_higher, ("development_index",), needed=("zone_a", "zone_b")),
    "zone_higher_share": NamedTest(
        zone_higher_share, ("zone_indicators",), needed=("zone_a", "zone_b"), optional=("theme",)
    ),
    "growth_continues": NamedTest(growth_continues, ("growth_and_poverty",), optional=("area", "indicator")),
    "poor_rise": NamedTest(poor_rise, ("growth_and_poverty",), optional=("area", "indicator")),
    "growth_with_rising_poor": NamedTest(
        growth_with_rising_poor, ("growth_and_poverty",), optional=("area", "growth", "poor")
    ),
    "strongly_needed": NamedTest(strongly_needed, ("scores",), optional=("aspect",)),
    "not_easy": NamedTest(not_easy, ("scores",), optional=("aspect",)),
    "strategy_priority": NamedTest(strategy_priority, ("strategies",), needed=("strategy",)),
}


def _test_of(row: Mapping[str, object]) -> NamedTest:
    if row["test"] not in TESTS:
        raise ValueError(
            f"claims: claim {row['claim']!r} names the test {row['test']!r}; known tests are {_listed(TESTS)}"
        )
    return TESTS[row["test"]]


def _options_of(row: Mapping[str, object], test: NamedTest) -> dict[str, str]:
    text = row.get("options")
    options = {}
    for part in [] if pd.isna(text) else str(text).split(";"):
        if not part.strip():
            continue
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or key not in test.needed + test.optional:
            raise ValueError(
                f"claims: claim {row['claim']!r} gives the test {row['test']!r} the option {part.strip()!r}; "
                f"known options are {_listed(test.needed + test.optional)}, written key=value"
            )
        options[key] = value
    for key in test.needed:
        if key not in options:
            raise ValueError(f"claims: claim {row['claim']!r} needs the option {key!r} for its test {row['test']!r}")
    return options


def _of_longest(rows: pd.DataFrame, column: str, by: list[str]) -> pd.DataFrame:
    """Keep, in each group, the rows whose value of a column covers most years."""
    years = rows.groupby([*by, column])["year"].nunique().rename("years").reset_index()
    best = years.sort_values([*by, "years", column], ascending=[True] * len(by) + [False, True]).drop_duplicates(by)
    return rows.merge(best[[*by, column]], on=[*by, column])


def _higher(first: np.ndarray, second: np.ndarray, rules: Rules) -> str:
    if first.mean() <= second.mean():
        return "not_supported"
    return "supported" if permutation_p(first, second, rules.permutations, rules.seed) < rules.alpha else "mixed"


def _leads(zones: pd.DataFrame, column: str, zone_a: str, zone_b: str) -> pd.Series:
    """Whether zone a is ahead, by indicator and year; years sorted, empty years taken as one."""
    wide = zones.assign(year=zones["year"].fillna(0)).pivot_table(
        index=["indicator", "year"], columns="zone", values=column, aggfunc="first"
    )
    wide = wide.reindex(columns=[zone_a, zone_b]).dropna()
    direction = zones.drop_duplicates("indicator").set_index("indicator")["direction"]
    signed = (wide[zone_a] - wide[zone_b]).mul(direction, level="indicator")
    return (signed > 0).sort_index()


def _scores(evidence: Evidence, dimension: str, aspect: str) -> tuple[pd.Series, pd.Series]:
    """The whole sample's row and the means of all its parts."""
    scores = evidence.table("scores")
    rows = scores[(scores["dimension"] == dimension) & (scores["aspect"] == aspect)]
    whole = rows[rows["domain"] == "all"]
    if whole.empty or whole[["ci_low", "ci_high"]].isna().any(axis=None):
        raise _NotTestable
    return whole.iloc[0], rows.loc[rows["domain"] != "all", "mean"].dropna()


def _priority(ranks: pd.Series, names: list[str], top: int) -> str:
    if not (ranks[names] <= top).any():
        return "not_supported"
    clearly = [(ranks <= ranks[name]).sum() <= top for name in names]
    return "supported" if all(clearly) else "mixed"


def _lines(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Values by year of each area."""
    rows = rows.astype({"year": int})
    return {name: part.set_index("year")["value"] for name, part in rows.groupby("area")}


def _windows_by_area(growing: Mapping[str, pd.Series], poverty: Mapping[str, pd.Series]) -> pd.DataFrame:
    found = [
        growth_poverty_windows(growing[name], poverty[name]).assign(area=name) for name in growing if name in poverty
    ]
    columns = ["area", "first", "last", "growth", "poor_change"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def _changes(values: np.ndarray) -> np.ndarray:
    """Changes over all windows between an earlier and a later observation."""
    first, last = np.triu_indices(len(values), k=1)
    return values[last] - values[first]


def _all_or_none(holds) -> str:
    return "supported" if np.all(holds) else "mixed" if np.any(holds) else "not_supported"


def _share(holds: pd.Series) -> float:
    return float(holds.mean()) if len(holds) else np.nan


def _listed(names) -> str:
    return ", ".join(repr(str(name)) for name in names)
