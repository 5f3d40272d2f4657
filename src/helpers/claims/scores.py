"""Tests of mean scores against a threshold."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.claims.evidence import Evidence, NotTestableError, Outcome, Rules, named_test


@named_test(("scores",), ("strong_need",))
def strongly_needed(evidence: Evidence, rules: Rules, aspect: str = "all") -> Outcome:
    """The aspect is strongly needed.

    Supported: the whole interval of the mean need lies at or above the threshold. Not supported:
    the whole interval lies below. Mixed: the threshold lies inside. Readings: the means of all
    zones, areas and business types.
    """
    total, means = _scores(evidence, "need", aspect)
    if total["ci_low"] >= rules.strong_need:
        verdict = "supported"
    else:
        verdict = "not_supported" if total["ci_high"] < rules.strong_need else "mixed"
    return Outcome(verdict, "mean_need", *_estimate(total), uncertainty="design",
                   readings=lambda: _share(means() >= rules.strong_need))


@named_test(("scores",), ("easy_access",))
def not_easy(evidence: Evidence, rules: Rules, aspect: str = "all") -> Outcome:
    """Access to the aspect is not easy.

    Supported: the whole interval of the mean access lies below the threshold. Not supported: the
    whole interval lies at or above it. Mixed: the threshold lies inside. Readings: the means of all
    zones, areas and business types.
    """
    total, means = _scores(evidence, "access", aspect)
    if total["ci_high"] < rules.easy_access:
        verdict = "supported"
    else:
        verdict = "not_supported" if total["ci_low"] >= rules.easy_access else "mixed"
    return Outcome(verdict, "mean_access", *_estimate(total), uncertainty="design",
                   readings=lambda: _share(means() < rules.easy_access))


def _scores(evidence: Evidence, dimension: str,
            aspect: str) -> tuple[dict, Callable[[], pd.Series]]:
    """Estimate of the whole sample, and a function for the means of all its parts."""
    scores = evidence.table("scores")

    def whole() -> dict:
        rows = scores[scores["domain"] == "all"].drop_duplicates(["dimension", "aspect"])
        limits = rows.set_index(["dimension", "aspect"])[["mean", "ci_low", "ci_high"]]
        return limits.to_dict("index")

    def parts() -> pd.Series:
        asked = (scores["dimension"] == dimension) & (scores["aspect"] == aspect)
        return scores.loc[asked & (scores["domain"] != "all"), "mean"].dropna()

    total = evidence.remembered("whole", whole).get((dimension, aspect))
    if total is None or pd.isna([total["ci_low"], total["ci_high"]]).any():
        raise NotTestableError
    return total, parts


def _estimate(total: dict) -> tuple[float, float, float]:
    return float(total["mean"]), float(total["ci_low"]), float(total["ci_high"])


def _share(holds: pd.Series) -> float:
    return float(holds.mean()) if len(holds) else np.nan
