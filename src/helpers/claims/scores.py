"""Tests of mean scores against a threshold."""

import numpy as np
import pandas as pd

from helpers.claims.evidence import Evidence, NotTestable, Outcome, Rules


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


def _scores(evidence: Evidence, dimension: str, aspect: str) -> tuple[pd.Series, pd.Series]:
    """The whole sample's row and the means of all its parts."""
    scores = evidence.table("scores")
    rows = scores[(scores["dimension"] == dimension) & (scores["aspect"] == aspect)]
    whole = rows[rows["domain"] == "all"]
    if whole.empty or whole[["ci_low", "ci_high"]].isna().any(axis=None):
        raise NotTestable
    return whole.iloc[0], rows.loc[rows["domain"] != "all", "mean"].dropna()


def _share(holds: pd.Series) -> float:
    return float(holds.mean()) if len(holds) else np.nan
