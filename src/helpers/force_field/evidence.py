"""Survey gaps beside the experts' urgency, and how the one may inform the other."""

import numpy as np
import pandas as pd

from helpers.errors import Error, check_choice
from helpers.force_field.agreement import rank_correlation
from helpers.force_field.arguments import FORCES, RANGES, check_columns
from helpers.force_field.pairwise import PREFERENCE_METHODS, compared_urgency

EVIDENCE = ("experts", "gaps")
URGENCY_SOURCES = ("ratings", *PREFERENCE_METHODS)


def compare_gaps(analysed: pd.DataFrame, gaps: pd.DataFrame) -> pd.DataFrame:
    """Survey gap of each aspect beside the urgency that experts gave to its factors.

    Parameters
    ----------
    analysed : DataFrame
        ``factor, force, aspect, nu``: see :func:`analyse`.
    gaps : DataFrame
        ``aspect, gap, ci_low, ci_high``: need less access, one row an aspect.

    Returns
    -------
    DataFrame
        ``aspect, gap, ci_low, ci_high, driving, restraining, urgency`` (mean NU of the aspect's
        drivers, restrainers and both), ``gap_rank, urgency_rank`` (1 the largest; equal ones share
        the best), ``agree``. Only aspects that both know, from the largest gap down; an aspect
        whose gap is not published is left out.

    Examples
    --------
    >>> analysed = pd.DataFrame({"factor": ["D1", "R1"], "force": ["driving", "restraining"],
    ...                          "aspect": ["capital", "market"], "nu": [3.0, 4.0]})
    >>> gaps = pd.DataFrame({"aspect": ["capital", "market"], "gap": [1.5, 0.5], "ci_low": 0.0,
    ...                      "ci_high": 2.0})
    >>> compare_gaps(analysed, gaps).filter(regex="aspect|rank|agree").values.tolist()
    [['capital', 1, 2, False], ['market', 2, 1, False]]
    """
    check_columns("gaps", gaps, ["aspect", "gap", "ci_low", "ci_high"])
    by_aspect = analysed.groupby("aspect")["nu"].mean().rename("urgency").to_frame()
    for force in FORCES:
        by_aspect[force] = analysed[analysed["force"] == force].groupby("aspect")["nu"].mean()
    known = gaps.loc[gaps["gap"].notna(), ["aspect", "gap", "ci_low", "ci_high"]]
    table = known.merge(by_aspect.reset_index(), on="aspect")
    for name, column in (("gap_rank", "gap"), ("urgency_rank", "urgency")):
        table[name] = table[column].round(10).rank(method="min", ascending=False).astype(int)
    table["agree"] = table["gap_rank"] == table["urgency_rank"]
    columns = [*known.columns, *FORCES, "urgency", "gap_rank", "urgency_rank", "agree"]
    return table.sort_values("gap_rank", kind="stable", ignore_index=True)[columns]


def rank_agreement(compared: pd.DataFrame) -> float:
    """Spearman's correlation of gap and urgency over the aspects; NaN below 3 or without variation.

    Examples
    --------
    >>> rank_agreement(pd.DataFrame({"gap": [3.0, 2.0, 1.0], "urgency": [4.0, 2.5, 3.0]}))
    0.5
    """
    if len(compared) < 3:
        return np.nan
    return round(rank_correlation(compared["gap"], compared["urgency"]), 12)


def urgency_shift(factors: pd.DataFrame, gaps: pd.DataFrame, lowest: float = 1,
                  highest: float = 5) -> pd.Series:
    r"""Points by which the survey raises or lowers the urgency of each factor.

    .. math:: \Delta_i = \frac{4}{h - l} \left( g_{a(i)} - \bar g \right), \qquad
              NU'_i = \min(5, \max(1, NU_i + \Delta_i))

    A factor in an aspect whose gap is larger than the mean gap :math:`\bar g` of the aspects that
    the questionnaire asks about and some factor belongs to becomes more urgent by as many points.
    The questionnaire's scale from :math:`l` to :math:`h` is brought to the four steps of urgency.
    Factors of aspects that were not asked about keep their urgency. The points have the index of
    the factors.

    Parameters
    ----------
    gaps : DataFrame
        ``aspect, gap``, one row an aspect.
    lowest, highest : float
        Ends of the questionnaire's scale.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "R1", "R2"],
    ...                         "aspect": ["capital", "market", "skills"]})
    >>> gaps = pd.DataFrame({"aspect": ["capital", "market"], "gap": [2.0, 1.0]})
    >>> urgency_shift(factors, gaps).to_dict()
    {'D1': 0.5, 'R1': -0.5, 'R2': 0.0}
    """
    check_columns("gaps", gaps, ["aspect", "gap"])
    steps = (RANGES["urgency"][1] - RANGES["urgency"][0]) / (highest - lowest)
    asked = gaps[gaps["aspect"].isin(factors["aspect"])].set_index("aspect")["gap"]
    shift = factors["aspect"].map((asked - asked.mean()) * steps).fillna(0.0)
    return shift.astype(float).set_axis(pd.Index(factors["factor"])).rename("shift")


def urgency_options(factors: pd.DataFrame, evidence: str = "experts",
                    urgency_source: str = "ratings", gaps: pd.DataFrame | None = None,
                    scale: tuple[float, float] = RANGES["urgency"],
                    comparisons: pd.DataFrame | None = None) -> dict[str, pd.Series]:
    """Arguments of :func:`analyse` from the choices about urgency.

    These are none, ``urgency`` or ``urgency_shift``. Raises ValueError if an option is unknown,
    what it needs is not there, or both are asked for at once.

    Parameters
    ----------
    evidence : {"experts", "gaps"}
        Whether the gaps of a survey move the experts' urgency, as in :func:`urgency_shift`; `gaps`
        is None where there was no survey, and `scale` has the ends of the questionnaire's.
    urgency_source : {"ratings", "eigenvector", "wins"}
        Whether NU is rated, or comes from `comparisons` in pairs, as in :func:`compared_urgency`.

    Examples
    --------
    >>> urgency_options(pd.DataFrame({"factor": ["D1"], "aspect": ["market"]}))
    {}
    """
    check_choice("evidence", evidence, EVIDENCE)
    check_choice("urgency_source", urgency_source, URGENCY_SOURCES)
    if evidence == "gaps" and urgency_source != "ratings":
        raise Error("evidence 'gaps' moves ratings, but urgency_source is {urgency_source!r}; "
                    "comparisons have no scale on which a gap could be added, so choose one of "
                    "the two", urgency_source=urgency_source)
    if urgency_source != "ratings":
        if comparisons is None:
            raise Error("urgency_source is {urgency_source!r}, but there are no comparisons; add "
                        "the resource 'comparisons' or choose 'ratings'",
                        urgency_source=urgency_source)
        return {"urgency": compared_urgency(factors, comparisons, urgency_source)}
    if evidence == "gaps":
        if gaps is None:
            raise Error("evidence is 'gaps', but there is no table 'need_access_gap' of a survey; "
                        "run the scoring stage first or choose 'experts'", parameter="evidence")
        return {"urgency_shift": urgency_shift(factors, gaps, *scale)}
    return {}
