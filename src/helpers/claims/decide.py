"""Verdicts of claims from evidence."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.claims.evidence import STATUSES, TESTS, Evidence, NotTestableError, Outcome, Rules
from helpers.errors import Error
from helpers.languages import same_text
from helpers.messages import listed

COLUMNS = ["claim", "text_id", "text_en", "verdict", "basis", "evidence", "statistic", "value",
           "robustness", "low", "high", "p_value", "uncertainty"]


def evaluate(claims: pd.DataFrame, tables: Mapping[str, pd.DataFrame | None],
             statuses: Mapping[str, str], series: pd.DataFrame | None = None,
             rules: Rules = Rules(), shares: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Verdict of every claim by its named test.

    Raises ValueError if a claim names an unknown test, or gives a test an option that it does not
    know or lacks.

    Parameters
    ----------
    claims : DataFrame
        ``claim, text_id, text_en`` (and further languages), ``test`` and, if there, ``options``
        (``key=value;key=value``) for the test.
    tables : mapping
        Tables by name; None or absent where a stage did not run. `zone_higher_share` also needs
        ``catalogue``; both tests of zones read ``touching`` (``one, other``: codes of areas that
        touch) where it is there. The other readings of `strategy_priority`, asked for without
        `shares`, are those of ``strategy_variants``
        (:func:`helpers.force_field.strategy_variants`).
    statuses : mapping
        Status (published, simulated, illustrative) of each table, and of ``series``.
    series : DataFrame, optional
        ``area, indicator, year, value, unit, source``
    rules : Rules
        Thresholds of the tests.
    shares : mapping, optional
        Share of the universes in which a claim is supported, by claim: its robustness.

    Returns
    -------
    DataFrame
        The columns `COLUMNS`, the text in all languages of the claims; ``low, high, p_value``
        belong to the statistic, ``uncertainty`` says what they come from. `evidence` joins names
        with ``;``. Without `shares` the robustness is the share of the test's own other readings
        in which the claim holds, empty where there are none. A claim that is not testable has
        neither basis nor statistic.

    Examples
    --------
    >>> claims = pd.DataFrame({"claim": ["growth"], "text_id": ["Ekonomi tumbuh"],
    ...                        "text_en": ["The economy grows"], "test": ["growth_continues"]})
    >>> series = pd.DataFrame({"area": "A", "indicator": "economic_growth",
    ...                        "year": [2019, 2020, 2021, 2022], "value": [5.0, -2.0, 3.0, 4.0],
    ...                        "unit": "%", "source": "S"})
    >>> found = evaluate(claims, {}, {"series": "published"}, series)
    >>> found[["verdict", "basis", "value", "robustness"]].values.tolist()
    [['mixed', 'published', 2.5, 0.75]]
    """
    check(claims)
    texts, rows = same_text(claims, "text"), []
    for row in claims.to_dict("records"):
        evidence = Evidence(tables, series)
        outcome = decide(row, evidence, rules)
        basis, shown, robustness = "", "", np.nan
        if outcome.verdict != "not_testable":
            basis = max((statuses[name] for name in evidence.used), key=STATUSES.index)
            shown = ";".join(TESTS[row["test"]].evidence)
            robustness = outcome.readings() if shares is None else shares.get(row["claim"], np.nan)
        rows.append((row["claim"], *map(row.get, texts), outcome.verdict, basis, shown,
                     outcome.statistic, outcome.value, robustness, outcome.low, outcome.high,
                     outcome.p_value, outcome.uncertainty))
    return pd.DataFrame(rows, columns=["claim", *texts, *COLUMNS[3:]])


def decide(claim: Mapping[str, str], evidence: Evidence, rules: Rules = Rules()) -> Outcome:
    """Verdict of one claim.

    `claim` has ``claim, test`` and, if there, ``options``. Errors are those of `evaluate`.

    Examples
    --------
    >>> scores = pd.DataFrame({"domain": ["all"], "dimension": "need", "aspect": "capital",
    ...                        "mean": 4.0, "ci_low": 3.9, "ci_high": 4.1})
    >>> claim = {"claim": "c", "test": "strongly_needed", "options": "aspect=capital"}
    >>> decide(claim, Evidence({"scores": scores})).verdict
    'supported'
    """
    options = options_of(claim)
    try:
        return TESTS[claim["test"]].decide(evidence, rules, **options)
    except NotTestableError:
        return Outcome("not_testable", "", np.nan)


def check(claims: pd.DataFrame) -> None:
    """Check that every claim names a known test, and exactly the options that it takes.

    Raises ValueError, naming the claim, its test and what is known.

    Examples
    --------
    >>> check(pd.DataFrame({"claim": ["c"], "test": "poor_rise", "options": "area=Kota Blitar"}))
    """
    for row in claims.to_dict("records"):
        options_of(row)


def fragile(evaluated: pd.DataFrame) -> pd.DataFrame:
    """Claims whose verdict goes against most of the other analyses.

    Examples
    --------
    >>> evaluated = pd.DataFrame({"claim": ["a", "b", "c"], "robustness": [0.3, 0.7, 0.9],
    ...                           "verdict": ["supported", "not_supported", "mixed"]})
    >>> fragile(evaluated)["claim"].tolist()
    ['a', 'b']
    """
    verdict, robustness = evaluated["verdict"], evaluated["robustness"]
    return evaluated[((verdict == "supported") & (robustness < 0.5))
                     | ((verdict == "not_supported") & (robustness > 0.5))]


def tally(evaluated: pd.DataFrame) -> dict[str, int]:
    """Number of claims by verdict, published bases apart from those that only would follow.

    The numbers are ``claims``; ``published`` and of these ``supported, mixed, not_supported``;
    ``would_follow``; ``not_testable``.

    Examples
    --------
    >>> verdicts, bases = ["mixed", "supported", "not_testable"], ["published", "simulated", ""]
    >>> tally(pd.DataFrame({"verdict": verdicts, "basis": bases}))
    {'claims': 3, 'published': 1, 'supported': 0, 'mixed': 1, 'not_supported': 0, 'would_follow': 1,
    'not_testable': 1}
    """
    untestable = int((evaluated["verdict"] == "not_testable").sum())
    decided = evaluated.loc[evaluated["basis"] == "published", "verdict"]
    by_verdict = {verdict: int((decided == verdict).sum())
                  for verdict in ("supported", "mixed", "not_supported")}
    return {"claims": len(evaluated), "published": len(decided), **by_verdict,
            "would_follow": len(evaluated) - len(decided) - untestable, "not_testable": untestable}


def sentence_keys(evaluated: pd.DataFrame) -> list[str]:
    """Text keys of the verdicts: the basis decides between "holds" and "would hold".

    Examples
    --------
    >>> sentence_keys(pd.DataFrame({"verdict": ["mixed", "not_testable"],
    ...                             "basis": ["simulated", ""]}))
    ['claim.simulated.mixed', 'claim.not_testable']
    """
    pairs = zip(evaluated["verdict"], evaluated["basis"])
    return [f"claim.{basis}.{verdict}" if basis else f"claim.{verdict}" for verdict, basis in pairs]


def options_of(row: Mapping[str, str]) -> dict[str, str]:
    """Options that a claim gives its test; errors are those of `check`.

    Examples
    --------
    >>> options_of({"claim": "c", "test": "strongly_needed", "options": "aspect=capital"})
    {'aspect': 'capital'}
    """
    if row["test"] not in TESTS:
        raise Error("claims: claim {claim!r} names the test {test!r}; known tests are {known}",
                    claim=row["claim"], test=row["test"], known=listed(TESTS), resource="claims")
    test, text = TESTS[row["test"]], row.get("options")
    options = {}
    for part in filter(str.strip, [] if pd.isna(text) else str(text).split(";")):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or key not in test.needed + test.optional:
            raise Error("claims: claim {claim!r} gives the test {test!r} the option {option!r}; "
                        "known options are {known}, written key=value", claim=row["claim"],
                        test=row["test"], option=part.strip(),
                        known=listed(test.needed + test.optional), resource="claims")
        if key in options or not value:
            raise Error("claims: claim {claim!r} gives its test the option {key!r} twice, or "
                        "without a value; write it once, as key=value", claim=row["claim"], key=key,
                        resource="claims")
        options[key] = value
    for key in test.needed:
        if key not in options:
            raise Error("claims: claim {claim!r} needs the option {key!r} for its test {test!r}",
                        claim=row["claim"], key=key, test=row["test"], resource="claims")
    return options
