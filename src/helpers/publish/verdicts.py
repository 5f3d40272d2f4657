"""Results of the tests of claims in words."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd


def results(evaluated: pd.DataFrame, *, t) -> list[str]:
    """Statistic of each claim in words."""
    return [t(f"result.{statistic or 'none'}", value=value)
            for statistic, value in zip(evaluated["statistic"], evaluated["value"])]


def limits(evaluated: pd.DataFrame, parameters: Mapping[str, Mapping], *, t) -> list[str]:
    """Limits and p-value of each statistic in words, and what they come from.

    A sample has the confidence of the scoring, as the sections of `parameters` say; a limit of a
    permutation test leaves out alpha, both together two alpha. An interval without end says nothing
    and is left out.
    """
    alpha = parameters["synthesis"]["alpha"]

    def told(row) -> str:
        if not row.uncertainty:
            return t("limits.none")
        level = (parameters["scoring"]["confidence"] if row.uncertainty == "design"
                 else 1 - 2 * alpha)
        parts = []
        if np.isfinite([row.low, row.high]).all():
            parts.append(t("limits.range", low=row.low, high=row.high, level=level))
        if pd.notna(row.p_value):
            parts.append(t("limits.p", p=row.p_value))
        return "; ".join([*parts, t.word(row.uncertainty)])

    return [told(row) for row in evaluated.itertuples()]


def simulated_limits(share: pd.Series, draws: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Limits within which a simulated share is known: Wilson's interval of 95 %; a share that
    is missing, or of no draws, has none.

    >>> low, high = simulated_limits(pd.Series([0.0, 0.5]), pd.Series([96, 96]))
    >>> high.round(3).tolist(), low.round(3).tolist()
    ([0.038, 0.598], [0.0, 0.402])
    """
    from scipy.stats import binomtest

    found = [binomtest(round(part * number), int(number)).proportion_ci(method="wilson")
             if pd.notna(part) and number >= 1 else (np.nan, np.nan)
             for part, number in zip(share, draws)]
    limits = pd.DataFrame(found, index=share.index, columns=["low", "high"])
    return limits["low"], limits["high"]


def rates(evaluated: pd.DataFrame, simulated: pd.DataFrame, ruling: Collection[str], *,
          t) -> list[str]:
    """How often the test of each claim errs, and finds what is there, in words: a share of nothing
    as the number of draws that had it in none.

    Parameters
    ----------
    evaluated : DataFrame
        ``test, uncertainty``
    simulated : DataFrame
        As in the table ``claim_tests``; of several kinds of world the fewest draws are told.
    ruling : collection of str
        Rules in force. Of a claim about a course of years the worlds of its own period count.
    """
    kept = simulated[simulated["rule"].isin(ruling)]

    def told(row) -> str:
        own, period = kept[kept["test"] == row.test], str(row.uncertainty).rpartition("_")[2]
        if own["null"].str.endswith(f"_{period}").any():
            own = own[own["null"].str.endswith(f"_{period}")]
        if own.empty:
            return t("limits.none")
        draws, worst = own["draws"].min(), own["false_support"].max()
        ends = own["power"].min(), own["power"].max()
        same = t.percent(ends[0]) == t.percent(ends[1])
        power = t.percent(ends[0]) if same else t("rates.power", least=ends[0], most=ends[1])
        return t("rates.range", power=power if ends[1] else t("rates.none", draws=draws),
                 wrongly=t("rates.at_most" if worst else "rates.never", worst=worst, draws=draws))

    return [told(row) for row in evaluated.itertuples()]
