"""From claims and evidence to verdicts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.claims.courses import growth_continues, growth_with_rising_poor, poor_rise
from helpers.claims.evidence import STATUSES, Evidence, NotTestable, Outcome, Rules
from helpers.claims.scores import not_easy, strongly_needed
from helpers.claims.strategies import strategy_priority
from helpers.claims.words import listed
from helpers.claims.zones import zone_higher, zone_higher_share

COLUMNS = ["claim", "text_id", "text_en", "verdict", "basis", "evidence", "statistic", "value", "robustness"]


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
        except NotTestable:
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


def _test_of(row: Mapping[str, object]) -> NamedTest:
    if row["test"] not in TESTS:
        raise ValueError(
            f"claims: claim {row['claim']!r} names the test {row['test']!r}; known tests are {listed(TESTS)}"
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
                f"known options are {listed(test.needed + test.optional)}, written key=value"
            )
        options[key] = value
    for key in test.needed:
        if key not in options:
            raise ValueError(f"claims: claim {row['claim']!r} needs the option {key!r} for its test {row['test']!r}")
    return options
