"""Published findings beside the claims."""

import pandas as pd

COMPARED = ["claim", "direction", "text_id", "text_en", "value", "population", "year",
            "differs_id", "differs_en", "source"]


def published_comparison(claims: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Findings in the order of the claims; a claim may have none.

    Parameters
    ----------
    claims : DataFrame
        ``claim``
    findings : DataFrame
        ``claim, direction`` (for, against, mixed), ``text_id, text_en, value, population, year,
        differs_id, differs_en`` (why it is not the same as the claim), ``source``.

    Examples
    --------
    >>> claims = pd.DataFrame({"claim": ["c02", "c01"]})
    >>> findings = pd.DataFrame({"claim": ["c01", "c02"], "direction": ["for", "against"]})
    >>> found = published_comparison(claims, findings.reindex(columns=COMPARED))
    >>> found[["claim", "direction"]].values.tolist()
    [['c02', 'against'], ['c01', 'for']]
    """
    place = dict(zip(claims["claim"], range(len(claims))))
    return findings.sort_values("claim", key=lambda claim: claim.map(place), kind="stable",
                                ignore_index=True)[COMPARED]
