"""Results of the tests of claims in words."""

from collections.abc import Collection, Mapping

import pandas as pd


def results(evaluated: pd.DataFrame, *, t) -> list[str]:
    """Statistic of each claim in words."""
    return [t(f"result.{statistic or 'none'}", value=value)
            for statistic, value in zip(evaluated["statistic"], evaluated["value"])]


def limits(evaluated: pd.DataFrame, parameters: Mapping[str, Mapping], *, t) -> list[str]:
    """Limits and p-value of each statistic in words, and what they come from.

    A sample has the confidence of the scoring, as the sections of `parameters` say; a limit of a
    permutation test leaves out alpha, both together two alpha.
    """
    alpha = parameters["synthesis"]["alpha"]

    def told(row) -> str:
        if not row.uncertainty:
            return t("limits.none")
        level = (parameters["scoring"]["confidence"] if row.uncertainty == "design"
                 else 1 - 2 * alpha)
        parts = []
        if pd.notna(row.low):
            parts.append(t("limits.range", low=row.low, high=row.high, level=level))
        if pd.notna(row.p_value):
            parts.append(t("limits.p", p=row.p_value))
        return "; ".join([*parts, t.word(row.uncertainty)])

    return [told(row) for row in evaluated.itertuples()]


def rates(evaluated: pd.DataFrame, simulated: pd.DataFrame, ruling: Collection[str], *,
          t) -> list[str]:
    """How often the test of each claim errs, and finds what is there, in words.

    Parameters
    ----------
    evaluated : DataFrame
        ``test, uncertainty``
    simulated : DataFrame
        As in the table ``claim_tests``.
    ruling : collection of str
        Rules in force. Of a claim about a course of years the worlds of its own period count.
    """
    kept = simulated[simulated["rule"].isin(ruling)]

    def told(row) -> str:
        own, period = kept[kept["test"] == row.test], str(row.uncertainty).rpartition("_")[2]
        if own["null"].str.endswith(f"_{period}").any():
            own = own[own["null"].str.endswith(f"_{period}")]
        return t("rates.range", worst=own["false_support"].max(), least=own["power"].min(),
                 most=own["power"].max()) if len(own) else t("limits.none")

    return [told(row) for row in evaluated.itertuples()]
