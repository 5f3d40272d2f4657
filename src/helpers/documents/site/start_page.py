"""Start page: what a reader of this page alone has to know about every claim."""

from collections import Counter
from pathlib import Path

import pandas as pd

from helpers.publish import verdicts
from helpers.publish.texts import MADE_UP, VERDICTS, Texts

ANALYSES = "figures/multiverse.csv"
NUMBERS = ["value", "low", "high", "p_value"]
COLUMNS = [*NUMBERS, "statistic", "uncertainty"]


def claims(rows: list[dict], facts: dict, lang: str) -> list[dict]:
    """Rows of claims, or of their periods, with ``result`` and ``limits`` in words."""
    t = Texts(lang, "synthesis")
    told = pd.DataFrame([[row.get(name) or None for name in COLUMNS] for row in rows],
                        columns=COLUMNS, dtype=object)
    told[NUMBERS] = told[NUMBERS].apply(pd.to_numeric)
    told["statistic"] = [name if t.has(f"result.{name}") else "" for name in told["statistic"]]
    levels = {"synthesis": {"alpha": None}} | {
        stage: {name.rpartition(".")[2]: value
                for name, value in about["parameters"].items()}
        for stage, about in facts["stages"].items()}
    results, limits = verdicts.results(told, t=t), verdicts.limits(told, levels, t=t)
    return [row | {"result": result if known else "",
                   "limits": limit if row.get("uncertainty") else ""}
            for row, result, limit, known in zip(rows, results, limits, told["statistic"])]


def analyses(rows: list[dict], basis: dict[str, str], t: Texts) -> dict[str, dict]:
    """Shares of the verdicts of each claim in the listed analyses: parts of a bar, and in words.

    `rows` are those of the figure ``multiverse``, `basis` is that of each claim.
    """
    found = {}
    for row in rows:
        shares = {name: float(row[name]) for name in VERDICTS if float(row[name] or 0)}
        starts = [sum([*shares.values()][:place]) for place in range(len(shares))]
        made_up = basis.get(row["claim"]) in MADE_UP
        said = ", ".join(f"{t.percent(share)} {t.word(name)}" for name, share in shares.items())
        found[row["claim"]] = {
            "parts": [(f"{'if-' if made_up else ''}{name}", 100 * start, 100 * share)
                      for start, (name, share) in zip(starts, shares.items())],
            "said": said, "number": int(row["combinations"])}
    return found


def counts(rows: list[dict]) -> Counter:
    """How many claims on published figures have each verdict."""
    return Counter(row["verdict"] for row in rows if row["basis"] == "published")


def split_year(facts: dict, out: Path) -> int | None:
    """Year that parts the thesis's years from today's, where claims have periods."""
    there = (out / "tables" / "claim_periods.csv").is_file()
    parameters = facts["stages"].get("synthesis", {}).get("parameters", {})
    return next((value for name, value in parameters.items()
                 if there and name.endswith("period_split")), None)
