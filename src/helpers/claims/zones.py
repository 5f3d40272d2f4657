"""Tests that compare two zones."""

import numpy as np
import pandas as pd

from helpers.claims.evidence import Evidence, NotTestable, Outcome, Rules
from helpers.permutation import permutation_p


def zone_higher(evidence: Evidence, rules: Rules, zone_a: str, zone_b: str) -> Outcome:
    """Zone a is more developed than zone b, by the development index of its areas.

    Supported: the difference of the zone means is positive and its permutation p is below alpha. Not supported: the
    difference is zero or negative. Mixed: positive, but labels drawn at random give as much too often. Readings: the
    same rule with each area left out in turn.
    """
    index = evidence.table("development_index")
    first, second = (index.loc[index["zone"] == zone, "index"].to_numpy(float) for zone in (zone_a, zone_b))
    if min(len(first), len(second)) < 2:
        raise NotTestable
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
        raise NotTestable
    share = float(leads[0].groupby("indicator").last().mean())
    verdict = "supported" if share >= rules.clear_majority else "not_supported" if share <= 0.5 else "mixed"
    return Outcome(verdict, "share_of_indicators", share, float(pd.concat(leads).mean()))


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
