"""Results of the tests of claims in words."""

from collections.abc import Mapping

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
