"""Tests of the ranks of strategies."""

import numpy as np
import pandas as pd

from helpers.claims.evidence import Evidence, Outcome, Rules, named_test
from helpers.errors import Error
from helpers.messages import listed


@named_test(("strategies",), ("alpha", "top_strategies"), ("strategies", "strategy_chance"))
def strategy_priority(evidence: Evidence, rules: Rules, strategy: str) -> Outcome:
    """The strategy, or each of several joined by a comma, belongs to the first ones.

    Supported: all named strategies rank within the first `top_strategies`, and of all pairs of a
    driving and a restraining factor a share below alpha scores as much. Not supported: none ranks
    there. Mixed: some do; or only a tie across the limit lets them in; or weights dealt out to the
    factors at random give as much too often. The statistic is the worst of their ranks, the p-value
    the largest of their shares (`helpers.force_field.pair_chance`). Readings: every variant of the
    analysis, if the stage handed them over.
    """
    strategies = evidence.table("strategies")
    ranks = evidence.remembered("ranks", lambda: _by_strategy(strategies, "rank"))
    shares = evidence.table("strategy_chance")
    chance = evidence.remembered("chance", lambda: _by_strategy(shares, "chance"))
    names = [name.strip() for name in strategy.split(",")]
    unknown = [name for name in names if name not in ranks]
    if unknown:
        raise Error("strategy {strategy!r} is not in the table strategies, which has {known}",
                    strategy=unknown[0], known=listed(ranks))

    def readings() -> float:
        variants = evidence.tables.get("strategy_variants")
        if variants is None:
            return np.nan
        found = ["strategy", "rank", "score", "chance"]
        choices = variants.groupby(list(variants.columns.difference(found)))
        verdicts = [_priority(_by_strategy(rows, "rank"), _by_strategy(rows, "chance"), names,
                              rules) for _, rows in choices]
        return float(np.mean([verdict == "supported" for verdict in verdicts]))

    return Outcome(_priority(ranks, chance, names, rules), "worst_rank",
                   float(max(ranks[name] for name in names)),
                   p_value=float(max(chance[name] for name in names)), uncertainty="factors",
                   readings=readings)


def _by_strategy(strategies: pd.DataFrame, column: str) -> dict[str, float]:
    return dict(zip(strategies["strategy"], strategies[column]))


def _priority(ranks: dict[str, float], chance: dict[str, float], names: list[str],
              rules: Rules) -> str:
    top = rules.top_strategies
    if all(ranks[name] > top for name in names):
        return "not_supported"
    clearly = [sum(rank <= ranks[name] for rank in ranks.values()) <= top
               and chance[name] < rules.alpha for name in names]
    return "supported" if all(clearly) else "mixed"
