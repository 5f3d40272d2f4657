"""Claims of the thesis and the tests that decide them.

A claim is a sentence of the thesis's abstract. Its comparative words ("more", "rises", "not easy")
are decided by a named test on published tables and on nothing else. A verdict is ``supported``,
``mixed``, ``not_supported`` or, where the evidence is not there, ``not_testable``. The basis of a
claim is the weakest status of its evidence.
"""
# ruff: noqa: I001 (names in rows: one a line would be as many lines as names)

from helpers.claims import zones, courses, scores, strategies  # their tests, in this order
from helpers.claims.decide import (COLUMNS, check, decide, evaluate, fragile, options_of,
                                   sentence_keys, tally)
from helpers.claims.evidence import (PERIODS, STATUSES, TESTS, UNCERTAINTIES, VERDICTS, Course,
                                     Evidence, NamedTest, Outcome, Rules, named_test)
from helpers.claims.findings import published_comparison
from helpers.claims.periods import by_period, by_rate, marked_points, steps_by_period
from helpers.claims.series import consistent_series, runs, stretches

__all__ = ["COLUMNS", "PERIODS", "STATUSES", "TESTS", "UNCERTAINTIES", "VERDICTS", "Course",
           "Evidence", "NamedTest", "Outcome", "Rules", "by_period", "by_rate", "check",
           "consistent_series", "courses", "decide", "evaluate", "fragile", "marked_points",
           "named_test", "options_of", "published_comparison", "runs", "scores", "sentence_keys",
           "steps_by_period", "strategies", "stretches", "tally", "zones"]


def __getattr__(name: str):
    """Function of a named test: ``help(claims.poor_rise)``."""
    if name in TESTS:
        return TESTS[name].decide
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
