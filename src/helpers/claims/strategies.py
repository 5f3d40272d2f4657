"""Tests of the ranks of strategies."""

import numpy as np
import pandas as pd

from helpers.claims.evidence import Evidence, Outcome, Rules, named_test
from helpers.errors import Error
from helpers.words import listed


@named_test(("strategies",), ("top_strategies",))
def strategy_priority(evidence: Evidence, rules: Rules, strategy: str) -> Outcome:
    """The strategy, or each of several joined by a comma, belongs to the first ones.

    Supported: all named strategies rank within the first `top_strategies`. Not supported: none
    does. Mixed: some do, or only a tie across the limit lets them in. The statistic is the worst of
    their ranks; it rests on judgement, no sample. Readings: every variant of the analysis, if the
    stage handed them over.
    """
    strategies = evidence.table("strategies")
    ranks = evidence.remembered("ranks", lambda: _ranks(strategies))
    names = [name.strip() for name in strategy.split(",")]
    unknown = [name for name in names if name not in ranks]
    if unknown:
        raise Error("strategy {strategy!r} is not in the table strategies, which has {known}",
                    strategy=unknown[0], known=listed(ranks))

    def readings() -> float:
        variants = evidence.tables.get("strategy_variants")
        if variants is None:
            return np.nan
        choices = variants.groupby(list(variants.columns.difference(["strategy", "rank", "score"])))
        verdicts = [_priority(_ranks(rows), names, rules.top_strategies) for _, rows in choices]
        return float(np.mean([verdict == "supported" for verdict in verdicts]))

    verdict = _priority(ranks, names, rules.top_strategies)
    return Outcome(verdict, "worst_rank", float(max(ranks[name] for name in names)),
                   uncertainty="judgement", readings=readings)


def _ranks(strategies: pd.DataFrame) -> dict[str, int]:
    return dict(zip(strategies["strategy"], strategies["rank"]))


def _priority(ranks: dict[str, int], names: list[str], top: int) -> str:
    if all(ranks[name] > top for name in names):
        return "not_supported"
    clearly = [sum(rank <= ranks[name] for rank in ranks.values()) <= top for name in names]
    return "supported" if all(clearly) else "mixed"
