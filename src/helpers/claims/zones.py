"""Tests that compare two zones."""

from functools import partial

import numpy as np
import pandas as pd

from helpers.claims.evidence import Evidence, NotTestableError, Outcome, Rules, named_test
from helpers.errors import check_choice
from helpers.permutation import critical_shifts, permutation_p, shift_interval, shift_p

MEANS = {"plain": "mean", "weighted": "weighted_mean"}


@named_test(("development_index",), ("alpha",))
def zone_higher(evidence: Evidence, rules: Rules, zone_a: str, zone_b: str) -> Outcome:
    """Zone a is more developed than zone b, by the development index of its areas.

    Areas without an index are left out. Supported: the difference of the zone means is positive and
    its permutation p is below alpha. Not supported: the difference is zero or negative. Mixed:
    positive, but labels drawn at random give as much too often. The limits are those of
    `helpers.permutation.shift_interval`: above zero exactly where the claim is supported. Readings:
    the same rule with each area left out in turn.
    """
    index = evidence.table("development_index")
    first, second = (evidence.remembered(("index", zone), partial(_index_of, index, zone))
                     for zone in (zone_a, zone_b))
    if min(len(first), len(second)) < 2:
        raise NotTestableError
    size, drawn = len(first) + len(second), rules.permutations
    shifts = evidence.remembered(("shifts", zone_a, zone_b, drawn, rules.seed),
                                 lambda: critical_shifts(first, second, drawn, rules.seed))
    difference, p = first.mean() - second.mean(), shift_p(shifts, size, len(first), drawn)
    low, high = shift_interval(shifts, size, len(first), rules.alpha, drawn)

    def readings() -> float:
        pairs = [(np.delete(first, place), second) for place in range(len(first))]
        pairs += [(first, np.delete(second, place)) for place in range(len(second))]
        verdicts = [_verdict(one.mean() - other.mean(),
                             permutation_p(one, other, drawn, rules.seed), rules)
                    for one, other in pairs]
        return float(np.mean([verdict == "supported" for verdict in verdicts]))

    return Outcome(_verdict(difference, p, rules), "difference", float(difference), low, high,
                   "permutation", readings)


@named_test(("zone_indicators",), ("clear_majority", "zone_mean"))
def zone_higher_share(evidence: Evidence, rules: Rules, zone_a: str, zone_b: str,
                      theme: str | None = None) -> Outcome:
    """Zone a is ahead of zone b in most indicators that have a direction, each in its latest year.

    Supported: ahead in at least the clear majority. Not supported: ahead in half of them or fewer.
    Mixed: between. The measures are complete, no sample of measures. Readings: every indicator and
    year, by plain and by weighted zone mean.
    """
    check_choice("zone_mean", rules.zone_mean, MEANS)
    zones, catalogue = evidence.table("zone_indicators"), evidence.table("catalogue")

    def leads_by(column: str) -> pd.Series:
        return evidence.remembered(
            ("leads", column, zone_a, zone_b, theme),
            lambda: _leads(_directed(zones, catalogue, theme), column, zone_a, zone_b))

    leads = {kind: leads_by(column) for kind, column in MEANS.items()}
    if leads[rules.zone_mean].empty:
        raise NotTestableError
    share = evidence.remembered(
        ("latest", rules.zone_mean, zone_a, zone_b, theme),
        lambda: float(leads[rules.zone_mean].groupby("indicator").last().mean()))
    clear = share >= rules.clear_majority
    verdict = "supported" if clear else "not_supported" if share <= 0.5 else "mixed"
    return Outcome(verdict, "share_of_indicators", share, uncertainty="complete",
                   readings=lambda: float(pd.concat(leads.values()).mean()))


def _verdict(difference: float, p: float, rules: Rules) -> str:
    if difference <= 0:
        return "not_supported"
    return "supported" if p < rules.alpha else "mixed"


def _index_of(index: pd.DataFrame, zone: str) -> np.ndarray:
    return index.loc[index["zone"] == zone, "index"].dropna().to_numpy(float)


def _directed(zones: pd.DataFrame, catalogue: pd.DataFrame, theme: str | None) -> pd.DataFrame:
    """Zone means of the indicators that have a direction, with it."""
    if theme is not None:
        catalogue = catalogue[catalogue["theme"] == theme]
    direction = zones["indicator"].map(catalogue.set_index("indicator")["direction"])
    return zones.assign(direction=direction)[direction.notna() & (direction != 0)]


def _leads(zones: pd.DataFrame, column: str, zone_a: str, zone_b: str) -> pd.Series:
    """Whether zone a is ahead, by indicator and year; years sorted, empty years taken as one."""
    wide = zones.assign(year=zones["year"].fillna(0)).pivot_table(
        index=["indicator", "year"], columns="zone", values=column, aggfunc="first")
    wide = wide.reindex(columns=[zone_a, zone_b]).dropna()
    direction = zones.drop_duplicates("indicator").set_index("indicator")["direction"]
    signed = (wide[zone_a] - wide[zone_b]).mul(direction, level="indicator")
    return (signed > 0).sort_index()
