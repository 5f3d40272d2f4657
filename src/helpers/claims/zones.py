"""Tests that compare two zones.

The areas are all there are: nothing was sampled. What could have been otherwise is which areas bear
the name of a zone, so names are dealt out again (`zone_null`): to contiguous parts of the same
sizes, as zones are contiguous and neighbours alike, or to single areas (labels). With both the
larger p counts: neither way alone keeps its level where neighbours are alike. Where there are no
polygons, or a zone does not hang together, single areas are all that can be dealt out.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers import permutation
from helpers.claims.evidence import Evidence, NotTestableError, Outcome, Rules, named_test
from helpers.errors import check_choice
from helpers.geography.contiguous import contiguous_divisions, pairs_among

MEANS, DEALS = ("plain", "weighted"), ("contiguous", "labels")
NULLS = ("both", *DEALS)


@named_test(("development_index",), ("alpha", "zone_null"))
def zone_higher(evidence: Evidence, rules: Rules, zone_a: str, zone_b: str) -> Outcome:
    """Zone a is more developed than zone b, by the development index of its areas.

    Areas without an index are left out. Supported: the difference of the zone means is positive and
    its p is below alpha. Not supported: the difference is zero or negative. Mixed: positive, but
    names dealt out at random give as much too often. The limits are those of
    `helpers.permutation.shift_interval`: above zero exactly where the claim is supported. Readings:
    the same rule with each area left out in turn.
    """
    return _larger_p(rules, lambda null: _higher(evidence, null, zone_a, zone_b))


def _higher(evidence: Evidence, rules: Rules, zone_a: str, zone_b: str) -> Outcome:
    table = evidence.table("development_index")
    first, second = evidence.remembered(("index", zone_a, zone_b),
                                        lambda: [_index_of(table, zone)
                                                 for zone in (zone_a, zone_b)])
    if min(len(first), len(second)) < 2:
        raise NotTestableError

    def dealt() -> tuple[Deal, np.ndarray, float]:
        deal = Deal(evidence, rules, [*first.index], [*second.index])
        return deal, deal.shifts(first, second), float(first.mean() - second.mean())

    deal, shifts, difference = evidence.remembered(("dealt", zone_a, zone_b, *_chance(rules)),
                                                   dealt)
    p = permutation.shift_p(shifts, deal.number)
    low, high = permutation.shift_interval(shifts, deal.number, rules.alpha)

    def holds_without(code) -> bool:
        one, other = first.drop(code, errors="ignore"), second.drop(code, errors="ignore")
        fewer = Deal(evidence, rules, [*one.index], [*other.index])
        p = permutation.shift_p(fewer.shifts(one, other), fewer.number)
        return _verdict(one.mean() - other.mean(), p, rules) == "supported"

    return Outcome(_verdict(difference, p, rules), "difference", difference, low, high, p,
                   deal.kind, lambda: float(np.mean([holds_without(code) for code in
                                                     (*first.index, *second.index)])))


@named_test(("area_measures",), ("alpha", "clear_majority", "zone_mean", "zone_null"),
            ("zone_indicators",))
def zone_higher_share(evidence: Evidence, rules: Rules, zone_a: str, zone_b: str,
                      theme: str | None = None) -> Outcome:
    """Zone a is ahead of zone b in most themes, each measure in its latest year.

    A theme counts once, however many measures it has: its lead is the mean of theirs, in standard
    deviations between the areas. With a `theme`, its measures count one by one. The p-value is the
    chance of a larger share, or of the same share with at least this mean lead. Supported: ahead in
    at least the clear majority, and p below alpha. Not supported: ahead in half of them or fewer.
    Mixed: between, or not more than names dealt out at random give. Readings: the same rule with
    each theme left out in turn.
    """
    check_choice("zone_mean", rules.zone_mean, MEANS)
    return _larger_p(rules, lambda null: _higher_share(evidence, null, zone_a, zone_b, theme))


def _higher_share(evidence: Evidence, rules: Rules, zone_a: str, zone_b: str,
                  theme: str | None) -> Outcome:
    def found() -> tuple[np.ndarray, np.ndarray, Deal]:
        return _leads(evidence, rules, zone_a, zone_b, theme)

    observed, dealt, deal = evidence.remembered(
        ("leads", rules.zone_mean, zone_a, zone_b, theme, *_chance(rules)), found)

    def decided(kept: np.ndarray) -> tuple[str, float, float]:
        (share,), (lead,) = _summary(observed[None, kept])
        shares, leads = _summary(dealt[:, kept])
        slack = permutation.TIE * max(1.0, abs(lead))
        less = (shares < share - slack) | (shares < share + slack) & (leads < lead - slack)
        p = float(1 - less.sum() / deal.number)
        clear = share >= rules.clear_majority and p < rules.alpha
        return "supported" if clear else "not_supported" if share <= 0.5 else "mixed", share, p

    def readings() -> float:
        everything = np.arange(len(observed))
        kept = [np.delete(everything, place) for place in everything] if len(observed) > 1 else []
        return float(np.mean([decided(few)[0] == "supported" for few in kept])) if kept else np.nan

    verdict, share, p = decided(np.arange(len(observed)))
    statistic = "share_of_themes" if theme is None else "share_of_indicators"
    return Outcome(verdict, statistic, float(share), p_value=p, uncertainty=deal.kind,
                   readings=readings)


class Deal:
    """Divisions over which the names of two zones are dealt out.

    Attributes
    ----------
    kind : str
        contiguous or labels: what the null became, where polygons are not there.
    number : int
        Number of divisions, with the observed one.
    """

    def __init__(self, evidence: Evidence, rules: Rules, first: list, second: list):
        self.size, self.first = len(first) + len(second), len(first)
        self.drawn, self.seed = rules.permutations, rules.seed
        self.kind, self.places = "labels", None
        self.number = permutation.number_of_divisions(self.size, self.first, self.drawn)
        touching = evidence.optional("touching") if rules.zone_null == "contiguous" else None
        if touching is not None:
            pairs = pairs_among(zip(touching["one"], touching["other"]), [*first, *second])
            found = contiguous_divisions(pairs, self.size, self.first, self.drawn, self.seed)
            if found:
                self.kind, (self.places, complete) = "contiguous", found
                self.number = len(self.places) + (not complete)

    def shifts(self, first: pd.Series, second: pd.Series) -> np.ndarray:
        """Critical shifts of `helpers.permutation` over these divisions."""
        return permutation.critical_shifts(first, second, self.drawn, self.seed, self.places)

    def blocks(self) -> Iterator[np.ndarray]:
        """Divisions as places of the first group, one a row."""
        if self.places is None:
            return permutation.divisions(self.size, self.first, self.drawn, self.seed)
        return iter([self.places])


def _index_of(table: pd.DataFrame, zone: str) -> pd.Series:
    """Index by code; in arrays, as thousands of universes ask for it."""
    codes = table.get("code", table.index)
    values = table["index"].to_numpy(float)
    kept = (table["zone"].to_numpy() == zone) & ~np.isnan(values)
    return pd.Series(values[kept], codes.to_numpy()[kept])


def _larger_p(rules: Rules, decide: Callable[[Rules], Outcome]) -> Outcome:
    """Outcome with the larger p of the ways to deal the names out."""
    check_choice("zone_null", rules.zone_null, NULLS)
    asked = DEALS if rules.zone_null == "both" else [rules.zone_null]
    return max((decide(replace(rules, zone_null=null)) for null in asked),
               key=lambda outcome: outcome.p_value)


def _chance(rules: Rules) -> tuple:
    return rules.zone_null, rules.permutations, rules.seed


def _verdict(difference: float, p: float, rules: Rules) -> str:
    if difference <= 0:
        return "not_supported"
    return "supported" if p < rules.alpha else "mixed"


def _summary(leads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of themes ahead and mean lead, a row a division; a missing lead counts as one."""
    return (~(leads <= 0)).mean(axis=1), leads.mean(axis=1)


def _leads(evidence: Evidence, rules: Rules, zone_a: str, zone_b: str,
           theme: str | None) -> tuple[np.ndarray, np.ndarray, Deal]:
    """Leads of zone a by theme: observed, and in every division."""
    table, catalogue = evidence.table("area_measures"), evidence.table("catalogue")
    known = catalogue.set_index("indicator")
    chosen = known[known["direction"].fillna(0) != 0]
    chosen = chosen if theme is None else chosen[chosen["theme"] == theme]
    table = table[table["indicator"].isin(chosen.index) & table["zone"].isin([zone_a, zone_b])]
    zone = table.drop_duplicates("code").set_index("code")["zone"].sort_values(
        key=lambda zones: zones != zone_a, kind="stable")
    values, people = (table.pivot(index="code", columns="indicator", values=column)
                      .reindex(zone.index) for column in ("value", "people"))
    in_both = values.groupby(zone).count().reindex([zone_a, zone_b]).fillna(0).min() > 0
    values = values.loc[:, in_both]
    if values.empty:
        raise NotTestableError
    spread = values.std(ddof=0).replace(0, 1)
    scaled = values / spread * known.loc[values.columns, "direction"]
    plain = rules.zone_mean == "plain" or people.isna().all(axis=None)
    weight = values.notna() * (1.0 if plain else people[values.columns].fillna(0))
    names = known.loc[values.columns, "theme"] if theme is None else values.columns
    lead = _lead_of(scaled.fillna(0).to_numpy(), weight.to_numpy(float), np.asarray(names))
    first = int((zone == zone_a).sum())
    deal = Deal(evidence, rules, [*zone.index[:first]], [*zone.index[first:]])
    dealt = np.concatenate([lead(places) for places in deal.blocks()])
    return lead(np.arange(first)[None])[0], dealt, deal


def _lead_of(values: np.ndarray, weight: np.ndarray,
             themes: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Leads by theme of the areas at some places over the rest."""
    names = np.unique(themes)
    share = np.array([(themes == name) / (themes == name).sum() for name in names]).T

    def lead(places: np.ndarray) -> np.ndarray:
        members = permutation.marked(places, len(values))
        with np.errstate(invalid="ignore", divide="ignore"):
            own = members @ (weight * values) / (members @ weight)
            rest = (1 - members) @ (weight * values) / ((1 - members) @ weight)
        return (own - rest) @ share

    return lead
