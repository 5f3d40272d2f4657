"""Synthesis: the claims, and what decides them."""

from helpers import claims as tests
from helpers.chain.steps import table


def rules(synthesis__alpha, synthesis__strong_need, synthesis__easy_access,
          synthesis__top_strategies, synthesis__clear_majority, synthesis__zone_mean,
          synthesis__zone_null, synthesis__series_rule, synthesis__period, synthesis__period_split,
          synthesis__growth_source, synthesis__permutations, seed__synthesis__zones):
    """Thresholds of the tests."""
    return tests.Rules(
        synthesis__alpha, synthesis__strong_need, synthesis__easy_access,
        synthesis__top_strategies, synthesis__clear_majority, synthesis__zone_mean,
        synthesis__zone_null, synthesis__series_rule, synthesis__period, synthesis__period_split,
        synthesis__growth_source, synthesis__permutations, seed__synthesis__zones)


@table("claims")
def evaluated_claims(claims, rules, statuses=None, scores=None, development_index=None,
                     area_measures=None, touching=None, ranked_strategies=None,
                     strategy_chance=None, catalogue=None, series=None, shares=None):
    """Verdicts from the published tables, with their statuses and the shares of universes."""
    tables = {"scores": scores, "development_index": development_index,
              "area_measures": area_measures, "touching": touching,
              "strategies": ranked_strategies, "strategy_chance": strategy_chance,
              "catalogue": catalogue}
    return tests.evaluate(claims, tables, statuses, series, rules, shares)


@table("claim_periods")
def claim_periods(claims, rules, series=None):
    """Verdicts of the claims about a course of years, in the thesis's period and today's."""
    found = [] if series is None else tests.by_period(claims, series, rules)
    return found if len(found) else None


@table("claim_tests")
def claim_tests(error_rates=None):
    """Error rate and power of the claims' tests, as simulated from the package's own data."""
    return error_rates


@table("published_comparison")
def published_comparison(claims, findings=None):
    """Published findings beside the claims, in their order; a claim may have none."""
    return None if findings is None else tests.published_comparison(claims, findings)


# What the tests of claims read of the tables, quick enough for thousands of universes: one step
# for each combination of tables, whose evidence remembers what it was asked before.


def scores_evidence(decisive_scores=None):
    """Evidence of tests that read ``scores``."""
    return tests.Evidence({"scores": decisive_scores})


def development_index_evidence(decisive_index=None, touching=None):
    """Evidence of tests that read ``development_index``."""
    return tests.Evidence({"development_index": decisive_index, "touching": touching})


def area_measures_evidence(area_measures=None, catalogue=None, touching=None):
    """Evidence of tests that read ``area_measures``."""
    return tests.Evidence({"area_measures": area_measures, "catalogue": catalogue,
                           "touching": touching})


def strategies_evidence(decisive_ranks=None):
    """Evidence of tests that read ``strategies``."""
    return tests.Evidence({"strategies": decisive_ranks, "strategy_chance": decisive_ranks})


def informed_strategies_evidence(ranked_strategies=None, strategy_chance=None):
    """Evidence of tests that read ``strategies``, where the survey's gaps inform urgency."""
    return tests.Evidence({"strategies": ranked_strategies, "strategy_chance": strategy_chance})


def series_evidence(series=None):
    """Evidence of tests that read the series alone; its words as plain objects, which are read
    faster than strings."""
    words = {} if series is None else dict.fromkeys(series.select_dtypes("str"), object)
    return tests.Evidence({}, series if series is None else series.astype(words))
