"""Balance of the forces: by total weight under both weightings, and by Lewin's plain totals."""

import pandas as pd

from helpers.errors import check_choice
from helpers.force_field.arguments import AGGREGATES, FORCES, check_factors
from helpers.force_field.ratings import expert_ratings
from helpers.force_field.weighing import TIE_DECIMALS, WEIGHTINGS, merged_judgements, weigh


def balance(factors: pd.DataFrame, ratings: pd.DataFrame, linkages: pd.DataFrame,
            divisor: str = "n_minus_1", aggregate: str = "mean", linkage_scope: str = "all",
            weight_scale: str = "fraction", urgency: pd.Series | None = None,
            urgency_shift: pd.Series | None = None) -> pd.DataFrame:
    """Balance of the two forces under both weightings, as the weighting can turn the verdict.

    The table has ``weighting, driving, restraining, net, verdict``: sums of TNB, driving minus
    restraining, and driving_stronger, restraining_stronger or balanced. Parameters are those of
    :func:`analyse`.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"], "aspect": "market",
    ...                         "force": ["driving", "driving", "restraining"]})
    >>> ratings = pd.DataFrame({"expert": "E1", "factor": ["D1", "D2", "R1"], "urgency": [3, 1, 2],
    ...                         "support": [4, 2, 5]})
    >>> linkages = pd.DataFrame({"expert": "E1", "factor_a": ["D1", "D1", "D2"],
    ...                          "factor_b": ["D2", "R1", "R1"], "linkage": [2, 4, 0]})
    >>> balance(factors, ratings, linkages)["verdict"].tolist()
    ['restraining_stronger', 'driving_stronger']
    """
    check_choice("aggregate", aggregate, AGGREGATES)
    check_factors(factors)
    merged = merged_judgements(factors, ratings, linkages, aggregate, urgency, urgency_shift)
    driving = (factors["force"] == "driving").to_numpy()
    rows = []
    for weighting in WEIGHTINGS:
        weighed = weigh(*merged, driving, weighting, divisor, linkage_scope, weight_scale)
        totals = force_totals(factors.assign(tnb=weighed["tnb"]), "tnb")
        rows.append({"weighting": weighting, **totals})
    return pd.DataFrame(rows)


def lewin(factors: pd.DataFrame, ratings: pd.DataFrame, aggregate: str = "mean") -> pd.Series:
    """Plain totals after Lewin: sums of support by force, without weights or linkages.

    The row has ``driving, restraining, net, verdict``.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"],
    ...                         "force": ["driving", "driving", "restraining"], "aspect": "market"})
    >>> ratings = pd.DataFrame({"expert": "E1", "factor": ["D1", "D2", "R1"], "urgency": [3, 1, 2],
    ...                         "support": [4, 2, 5]})
    >>> lewin(factors, ratings).to_dict()
    {'driving': 6.0, 'restraining': 5.0, 'net': 1.0, 'verdict': 'driving_stronger'}
    """
    check_choice("aggregate", aggregate, AGGREGATES)
    check_factors(factors)
    support = expert_ratings(factors, ratings, aggregate)["support"]
    return pd.Series(force_totals(factors.assign(support=support.to_numpy()), "support"))


def force_totals(table: pd.DataFrame, column: str) -> dict[str, float | str]:
    """Sums of a column by force, and the verdict on the stronger one.

    Examples
    --------
    >>> force_totals(pd.DataFrame({"force": ["driving", "restraining"], "tnb": [1.5, 1.5]}), "tnb")
    {'driving': 1.5, 'restraining': 1.5, 'net': 0.0, 'verdict': 'balanced'}
    """
    driving, restraining = (float(table.loc[table["force"] == force, column].sum())
                            for force in FORCES)
    net = driving - restraining
    if round(net, TIE_DECIMALS) == 0:
        verdict = "balanced"
    else:
        verdict = "driving_stronger" if net > 0 else "restraining_stronger"
    return {"driving": driving, "restraining": restraining, "net": net, "verdict": verdict}
