"""Published findings in words, where verdicts are shown."""

from collections import Counter
from collections.abc import Iterable

import pandas as pd

from helpers.languages import in_language
from helpers.publish.texts import Texts

DIRECTIONS = ("for", "against", "mixed")


def counted(comparison: pd.DataFrame | None, claims: Iterable[str], *, t: Texts) -> list[str]:
    """What the published findings beside each claim say, counted; empty where the data package
    has no findings at all.

    >>> import pandas as pd
    >>> from helpers.publish.texts import Texts
    >>> comparison = pd.DataFrame({"claim": ["c11", "c11", "c11"],
    ...                            "direction": ["for", "against", "against"]})
    >>> counted(comparison, ["c11", "c08"], t=Texts("en", "common"))
    ['for: 1, against: 2', 'none found']
    """
    if comparison is None:
        return ["" for _ in claims]
    counts = Counter(zip(comparison["claim"], comparison["direction"], strict=True))
    return [", ".join(t(f"findings.{direction}", count=counts[claim, direction])
                      for direction in DIRECTIONS if counts[claim, direction])
            or t("findings.none") for claim in claims]


def beside_verdicts(comparison: pd.DataFrame, verdicts: pd.DataFrame, *, t: Texts) -> pd.DataFrame:
    """Findings in the language of `t` (``text, differs``), each with the claim's ``label``,
    ``verdict`` and ``basis``."""
    rows = comparison.merge(verdicts[["claim", "label", "verdict", "basis"]], on="claim")
    return rows.assign(text=in_language(rows, "text", t.lang),
                       differs=in_language(rows, "differs", t.lang))
