"""Tests that compare two zones.

The areas are all there are: nothing was sampled. What could have been otherwise is which areas bear
the name of a zone (`zone_null`):

neighbours
    Names say nothing, and neighbours are alike as far as the values allow (`claims.likeness`): the
    only way that keeps its level where they are.
contiguous
    Names dealt out to contiguous parts of the same sizes, as zones are contiguous.
labels
    Names dealt out to single areas, as if neighbours were not alike.

Where there are no polygons, or, for contiguous, a zone does not hang together, single areas are all
that can be dealt out. Without polygons nobody knows who is whose neighbour, so nothing is supported
unless labels were asked for: less evidence must not decide more.
"""

from collections.abc import Callable, Iterator
from math import comb

import numpy as np
import pandas as pd

from helpers import permutation
from helpers.claims.evidence import Evidence, NotTestableError, Outcome, Rules, named_test
from helpers.claims.likeness import Models, models_of, plausible
from helpers.errors import check_choice
from helpers.geography.contiguous import contiguous_divisions, pairs_among

MEANS, NULLS = ("plain", "weighted"), ("neighbours", "contiguous", "labels")


@named_test(("development_index",), ("alpha", "zone_null"))
def zone_higher(evidence: Evidence, rules: Rules, zone_a: str, zone_b: str) -> Outcome:
    """Zone a is more developed than zone b, by the development index of its areas.

    Areas without an index are left out. Supported: the difference of the zone means is positive and
    its p is below alpha. Not supported: the difference is zero or negative. Mixed: positive, but
    names that mean nothing give as much too often, or nobody knows who is whose neighbour
    (``neighbours_unknown``, whatever p). The limits are those of
    `helpers.permutation.shift_interval`, or of the gap under every plausible likeness of
    neighbours: above zero exactly where p is below alpha. Readings: the same rule with each
    area left out in turn.
    """
    check_choice("zone_null", rules.zone_null, NULLS)
    table = evidence.table("development_index")
    pair = evidence.remembered(("index", zone_a, zone_b), lambda: _index_of(table, zone_a, zone_b))
    if min(map(len, pair)) < 2:
        raise NotTestableError

    def gap() -> _Gap:
        return _Gap(evidence, rules, *pair)

    found = evidence.remembered(("gap", zone_a, zone_b, *_chance(rules)), gap)
    low, high, p = found.chance(rules.alpha)

    def holds_without(code) -> bool:
        fewer = _Gap(evidence, rules, *({own: value for own, value in zone.items() if own != code}
                                        for zone in pair))
        return _verdict(fewer, fewer.chance(rules.alpha)[2], rules) == "supported"

    return Outcome(_verdict(found, p, rules), "difference", found.difference, low, high, p,
                   found.kind, lambda: float(np.mean([holds_without(code)
                                                      for zone in pair for code in zone])))


class _Gap:
    """Difference of two zones' means, and what chance gives; a zone is its values by code."""

    def __init__(self, evidence: Evidence, rules: Rules, one: dict, other: dict):
        deal = Deal(evidence, rules, [*one], [*other])
        first, second = (np.array([*zone.values()]) for zone in (one, other))
        self.difference = float(first.mean() - second.mean())
        self.kind, self.deal, self.freedom = deal.kind, deal, deal.size - 2
        if deal.models is not None:
            values = np.concatenate([first, second])[:, None]
            gap, error, likelihood = deal.models.fits(values)
            kept = plausible(likelihood)
            self.gap, self.error = gap[kept, 0], error[kept, 0]
        if deal.models is None or (self.error <= permutation.TIE * abs(values).max()).any():
            self.kind = "labels" if self.kind == "neighbours" else self.kind
            self.gap, self.shifts = None, permutation.critical_shifts(
                first, second, deal.drawn, deal.seed, deal.places)

    def chance(self, alpha: float) -> tuple[float, float, float]:
        """Limits, and the p-value of no difference."""
        if self.gap is None:
            return (*permutation.shift_interval(self.shifts, self.deal.number, alpha),
                    permutation.shift_p(self.shifts, self.deal.number))
        from scipy.special import stdtr, stdtrit

        reach = stdtrit(self.freedom, 1 - alpha) * self.error
        # However far apart: never rarer than the one division of all that was observed.
        least = 1 / comb(self.deal.size, self.deal.first)
        p = max(float(stdtr(self.freedom, -self.gap / self.error).max()), least)
        if least >= alpha:
            return -np.inf, np.inf, p
        return (float(min((self.gap - reach).min(), self.difference)),
                float(max((self.gap + reach).max(), self.difference)), p)


@named_test(("area_measures",), ("alpha", "clear_majority", "zone_mean", "zone_null"),
            ("zone_indicators",))
def zone_higher_share(evidence: Evidence, rules: Rules, zone_a: str, zone_b: str,
                      theme: str | None = None) -> Outcome:
    """Zone a is ahead of zone b in most themes, each measure in its latest year.

    A theme counts once, however many measures it has: its lead is the mean of theirs, in standard
    deviations between the areas. With a `theme`, its measures count one by one. The p-value is the
    chance of a larger share, or of the same share with at least this mean lead. Supported: ahead in
    at least the clear majority, and p below alpha. Not supported: ahead in half of them or fewer.
    Mixed: between, or not more than names dealt out at random give, or nobody knows who is whose
    neighbour (``neighbours_unknown``, whatever p). Readings: the same rule with each theme left out
    in turn.
    """
    check_choice("zone_mean", rules.zone_mean, MEANS)
    check_choice("zone_null", rules.zone_null, NULLS)

    def found() -> tuple[np.ndarray, list[np.ndarray], Deal]:
        return _leads(evidence, rules, zone_a, zone_b, theme)

    observed, dealt, deal = evidence.remembered(
        ("leads", rules.zone_mean, zone_a, zone_b, theme, *_chance(rules)), found)

    def decided(kept: np.ndarray) -> tuple[str, float, float]:
        (share,), (lead,) = _summary(observed[None, kept])
        slack = permutation.TIE * max(1.0, abs(lead))

        def chance(way: np.ndarray) -> float:
            shares, leads = _summary(way[:, kept])
            less = (shares < share - slack) | (shares < share + slack) & (leads < lead - slack)
            return float(1 - less.sum() / deal.number)

        p = max(map(chance, dealt))
        clear = share >= rules.clear_majority and p < rules.alpha and deal.known
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
    """What could have been otherwise where two zones are compared.

    Attributes
    ----------
    kind : str
        The null, or what it became where polygons are not there.
    number : int
        Number of divisions or draws, with the observed one.
    models : Models, optional
        Of the null neighbours.
    known : bool
        Whether what the null asks for is known.
    """

    def __init__(self, evidence: Evidence, rules: Rules, first: list, second: list):
        self.size, self.first = len(first) + len(second), len(first)
        self.drawn, self.seed = rules.permutations, rules.seed
        self.places, self.models = None, None
        self.number = permutation.number_of_permutations(self.size, self.first, self.drawn)
        touching = evidence.optional("touching") if rules.zone_null != "labels" else None
        self.known = touching is not None or rules.zone_null == "labels"
        self.kind = "labels" if self.known else "neighbours_unknown"
        if touching is None:
            return
        pairs = evidence.remembered(("pairs", *first, None, *second), lambda: pairs_among(
            zip(touching["one"], touching["other"]), [*first, *second]))
        if rules.zone_null == "neighbours" and self.size > 4:
            self.kind, self.models = "neighbours", models_of(pairs, self.size, self.first)
            return
        if rules.zone_null == "neighbours":
            return
        found = contiguous_divisions(pairs, self.size, self.first, self.drawn, self.seed)
        if found:
            self.kind, (self.places, complete) = "contiguous", found
            self.number = len(self.places) + (not complete)

    def blocks(self) -> Iterator[np.ndarray]:
        """Divisions as places of the first group, one a row."""
        if self.places is None:
            return permutation.permuted_labels(self.size, self.first, self.drawn, self.seed)
        return iter([self.places])


def _index_of(table: pd.DataFrame, *zones: str) -> list[dict[str, float]]:
    """Index of each zone by code; without pandas, as thousands of universes ask for it."""
    rows = [*zip(table.get("code", table.index).tolist(), table["zone"].tolist(),
                 table["index"].to_numpy(float).tolist())]
    return [{code: value for code, own, value in rows if own == zone and value == value}
            for zone in zones]


def _chance(rules: Rules) -> tuple:
    return rules.zone_null, rules.permutations, rules.seed


def _verdict(gap: _Gap, p: float, rules: Rules) -> str:
    if gap.difference <= 0:
        return "not_supported"
    return "supported" if p < rules.alpha and gap.deal.known else "mixed"


def _summary(leads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of themes ahead and mean lead, a row a division; a missing lead counts as one."""
    return (~(leads <= 0)).mean(axis=1), leads.mean(axis=1)


def _leads(evidence: Evidence, rules: Rules, zone_a: str, zone_b: str,
           theme: str | None) -> tuple[np.ndarray, list[np.ndarray], Deal]:
    """Leads of zone a by theme: observed, and in every draw, a table for each plausible likeness.
    """
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
    values = values - values.median()  # a constant becomes exactly nothing
    spread = values.std(ddof=0).replace(0, 1)
    scaled = values / spread * known.loc[values.columns, "direction"]
    plain = rules.zone_mean == "plain" or people.isna().all(axis=None)
    weight = values.notna() * (1.0 if plain else people[values.columns].fillna(0))
    themes = np.asarray(known.loc[values.columns, "theme"] if theme is None else values.columns)
    names = np.unique(themes)
    share = np.array([(themes == name) / (themes == name).sum() for name in names]).T
    weighed = weight.to_numpy(float)
    lead = _lead_of(scaled.fillna(0).to_numpy(), weighed, share)
    first = int((zone == zone_a).sum())
    deal = Deal(evidence, rules, [*zone.index[:first]], [*zone.index[first:]])
    observed = lead(np.arange(first)[None])[0]
    if deal.models is not None:
        filled = scaled.fillna(scaled.mean()).to_numpy()
        dealt = [*_alike(deal.models, filled, weighed, share, deal)]
        deal.number = deal.drawn + 1
        return observed, dealt, deal
    return observed, [np.concatenate([lead(places) for places in deal.blocks()])], deal


def _alike(models: Models, values: np.ndarray, weight: np.ndarray, share: np.ndarray,
           deal: Deal) -> Iterator[np.ndarray]:
    """Leads by theme where what would be independent without likeness is dealt out to the areas and
    made alike again, under every likeness that is plausible to the themes together."""
    own = np.arange(deal.size)[:, None] < deal.first
    with np.errstate(invalid="ignore"):
        contrast = weight * own / (weight * own).sum(axis=0)
        contrast = contrast - weight * ~own / (weight * ~own).sum(axis=0)
    order = np.random.default_rng(deal.seed).permuted(
        np.tile(np.arange(deal.size), (deal.drawn, 1)), axis=1)
    for place in plausible(models.fits(values)[2] @ share):
        alone, back = models.alone[place] @ values, models.together[place].T @ contrast
        measures = [alone[:, name][order] @ back[:, name] for name in range(values.shape[1])]
        yield np.column_stack(measures) @ share


def _lead_of(values: np.ndarray, weight: np.ndarray,
             share: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Leads by theme of the areas at some places over the rest."""

    def lead(places: np.ndarray) -> np.ndarray:
        members = permutation.marked(places, len(values))
        with np.errstate(invalid="ignore", divide="ignore"):
            own = members @ (weight * values) / (members @ weight)
            rest = (1 - members) @ (weight * values) / ((1 - members) @ weight)
        return (own - rest) @ share

    return lead
