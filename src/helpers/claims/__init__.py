"""Claims of the thesis and the tests that decide them.

A claim is a sentence of the thesis's abstract. Its comparative words ("more", "rises", "not easy")
are decided by a named test on published tables and on nothing else. A verdict is ``supported``,
``mixed``, ``not_supported`` or, where the evidence is not there, ``not_testable``. The basis of a
claim is the weakest status of its evidence.
"""
# ruff: noqa: I001 (names in rows: one a line would be as many lines as names)

from helpers.claims.courses import growth_continues, growth_with_rising_poor, poor_rise
from helpers.claims.decide import (COLUMNS, LIMITS, TESTS, NamedTest, check, decide, evaluate,
                                   fragile, sentence_keys, tally)
from helpers.claims.evidence import STATUSES, UNCERTAINTIES, VERDICTS, Evidence, Outcome, Rules
from helpers.claims.scores import not_easy, strongly_needed
from helpers.claims.series import (consistent_series, growth_and_poverty_by_area,
                                   growth_poverty_windows, mark_consistent, runs)
from helpers.claims.strategies import strategy_priority
from helpers.claims.zones import zone_higher, zone_higher_share

__all__ = ["COLUMNS", "LIMITS", "STATUSES", "TESTS", "UNCERTAINTIES", "VERDICTS", "Evidence",
           "NamedTest", "Outcome", "Rules", "check", "consistent_series", "decide", "evaluate",
           "fragile", "growth_and_poverty_by_area", "growth_continues", "growth_poverty_windows",
           "growth_with_rising_poor", "mark_consistent", "not_easy", "poor_rise", "runs",
           "sentence_keys", "strategy_priority", "strongly_needed", "tally", "zone_higher",
           "zone_higher_share"]
