"""Published findings beside the claims."""

import pandas as pd

from helpers.languages import same_text


def published_comparison(claims: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Findings in the order of the claims; a claim may have none.

    Parameters
    ----------
    claims : DataFrame
        ``claim``
    findings : DataFrame
        ``claim, direction`` (for, against, mixed), ``text_id, text_en, value, population, year,
        differs_id, differs_en`` (why it is not the same as the claim), ``source``; both texts may
        stand in further languages.

    Examples
    --------
    >>> claims = pd.DataFrame({"claim": ["c02", "c01"]})
    >>> findings = pd.DataFrame({"claim": ["c01", "c02"], "direction": ["for", "against"],
    ...                          "value": "1", "population": "", "year": "", "source": "s"})
    >>> found = published_comparison(claims, findings)
    >>> found[["claim", "direction"]].values.tolist()
    [['c02', 'against'], ['c01', 'for']]
    """
    place = dict(zip(claims["claim"], range(len(claims))))
    columns = ["claim", "direction", *same_text(findings, "text"), "value", "population", "year",
               *same_text(findings, "differs"), "source"]
    return findings.sort_values("claim", key=lambda claim: claim.map(place), kind="stable",
                                ignore_index=True)[columns]
