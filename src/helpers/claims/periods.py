"""Claims about a course of years in the thesis's period and today's."""

from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.claims.courses import COURSE, GROWTH, LONGEST, POOR, steps_of_both
from helpers.claims.decide import decide, options_of
from helpers.claims.evidence import TESTS, Evidence, Rules

COLUMNS = ["claim", "period", "years", "steps", "indicators", "sources", "verdict", "statistic",
           "value", "low", "high", "p_value", "uncertainty"]
SHOWN = ("thesis", "today")
NUMBER, RATE = POOR
OPTION = {"poor_rise": "indicator", "growth_with_rising_poor": "poor"}  # names what is poverty


def by_period(claims: pd.DataFrame, series: pd.DataFrame, rules: Rules = Rules()) -> pd.DataFrame:
    """Verdicts of the claims about a course of years, period by period.

    Parameters
    ----------
    claims, series, rules
        As in `evaluate`; the period of the rules does not count.

    Returns
    -------
    DataFrame
        The columns `COLUMNS`; of a period without data only claim, period and ``not_testable``.

    Examples
    --------
    >>> claims = pd.DataFrame({"claim": ["growth"], "test": ["growth_continues"]})
    >>> series = pd.DataFrame({"area": "A", "indicator": "economic_growth",
    ...                        "year": range(2010, 2015), "value": 5.0, "unit": "%", "source": "S"})
    >>> found = by_period(claims, series)
    >>> found[["period", "years", "verdict", "p_value"]].values.tolist()
    [['thesis', 'A 2010-2014', 'supported', 0.03125], ['today', '', 'not_testable', nan]]
    """
    rows = []
    for claim in claims.to_dict("records"):
        if not {*COURSE} <= {*TESTS[claim["test"]].rules}:
            continue
        for period in SHOWN:
            found = decide(claim, Evidence({}, series), replace(rules, period=period))
            course = found.course
            if course is None or course.period != period:
                rows.append((claim["claim"], period, "", 0, "", "", "not_testable", "",
                             *[np.nan] * 4, ""))
                continue
            rows.append((claim["claim"], period, course.years, course.steps, course.indicators,
                         course.sources, found.verdict, found.statistic, found.value, found.low,
                         found.high, found.p_value, found.uncertainty))
    return pd.DataFrame(rows, columns=COLUMNS)


def by_rate(claims: pd.DataFrame, periods: pd.DataFrame, series: pd.DataFrame,
            rules: Rules = Rules()) -> pd.DataFrame:
    """Verdicts by the poverty rate of the claims and periods (from `by_period`) that its number
    decides; the same columns."""
    asked = claims[claims["test"].isin([*OPTION])]
    rated = asked.assign(options=[
        ";".join(f"{name}={value}" for name, value in
                 (options_of(claim) | {OPTION[claim["test"]]: RATE}).items())
        for claim in asked.to_dict("records")])
    counted = periods.loc[periods["indicators"].str.contains(NUMBER), ["claim", "period"]]
    found = by_period(rated, series, rules).merge(counted)
    return found[found["steps"] > 0]


def steps_by_period(series: pd.DataFrame, rules: Rules = Rules()) -> pd.DataFrame:
    """Steps of poverty with the growth over them (`courses.steps_of_both`), and their period."""
    evidence = Evidence({}, series)
    parts = [steps_of_both(evidence, rules, period).assign(period=period) for period in SHOWN]
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)


def marked_points(series: pd.DataFrame, rules: Rules = Rules()) -> pd.DataFrame:
    """Dated values of growth and poverty, those marked that decide one of the two periods.

    Returns
    -------
    DataFrame
        Rows of `series`, with year as a whole number and ``used``.

    Examples
    --------
    >>> series = pd.DataFrame({"area": "A", "indicator": "poor_number", "year": [2015, 2016, 2017],
    ...                        "value": [9, 8, 7], "unit": ["person (derived)", "person", "person"],
    ...                        "source": "Q"})
    >>> marked_points(series)["used"].tolist()
    [False, True, True]
    """
    evidence = Evidence({}, series)
    source = None if rules.growth_source == LONGEST else rules.growth_source
    kept = []
    for period in SHOWN:
        poor = [evidence.rows([name], None, rules, period) for name in POOR]
        steps = [rows for rows in poor if rows.duplicated("area").any()]
        kept += [evidence.rows(GROWTH, None, rules, period, source), *steps[:1]]
    dated = series[series["indicator"].isin([*GROWTH, *POOR])].dropna(subset=["year", "value"])
    marked = dated.merge(pd.concat(kept).assign(used=True), how="left", on=list(series.columns))
    return marked.assign(year=marked["year"].astype(int), used=marked["used"].notna())
