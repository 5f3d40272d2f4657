"""What lies behind the verdicts under every combination of listed choices: index and ranks."""

from functools import partial

import pandas as pd

from helpers import forked, kept
from helpers.chain import STEPS, Analysis
from helpers.choices import COMPLETIONS, Choices, own_product
from helpers.multiverse.evaluation import check_resources

FOLLOWED = {"index": "index", "strategies": "decisive_ranks"}  # name to step of the chain


def followed(analysis: Analysis, choices: Choices) -> dict[str, pd.DataFrame]:
    """Development index of every area, and rank of every strategy, under each combination of the
    choices that they read.

    What the package does not allow, or no listed choice moves, is left out; so are strategies that
    rest on the survey, as `helpers.multiverse.within_reach`.

    Parameters
    ----------
    analysis : Analysis
    choices : Choices

    Returns
    -------
    dict
        ``index``, ``strategies``: one row a combination, with a column for each choice and one for
        each area (its index) or strategy (its rank).
    """
    check_resources(choices, analysis.inputs, analysis.parameters)
    notes, found = kept.of_run("shared"), {}
    for name, step in FOLLOWED.items():
        names = [choice for choice in choices.alternatives if choice in STEPS.reads(step)]
        beyond = step == "decisive_ranks" and analysis.parameters["force_field"][
            "evidence"] != "experts"
        if beyond or not names or analysis.get(step) is None:
            continue
        product = own_product(choices, names).drop(columns=COMPLETIONS)
        combinations = product.to_dict("records")
        key = notes.key(step, combinations, analysis.behind_steps(step))
        rows = notes.recall(f"followed_{name}", key)
        if rows is None:
            half = len(combinations) // 2 + 1
            parts = forked.by_two(partial(_all_values, analysis, step),
                                  [combinations[:half], combinations[half:]])
            rows = [row for part in parts for row in part]
            notes.note(f"followed_{name}", key, rows)
        found[name] = product.join(pd.DataFrame(rows))
    return found


def _all_values(analysis: Analysis, step: str, combinations: list[dict]) -> list[dict]:
    return [_values(analysis.get(step, chosen)) for chosen in combinations]


def _values(result: pd.Series | pd.DataFrame | None) -> dict[str, float | int]:
    """Index by area, or rank by strategy, as JSON holds them; the index as it is ranked."""
    if result is None:
        return {}
    if isinstance(result, pd.DataFrame):
        return dict(zip(result["strategy"].tolist(), result["rank"].tolist()))
    return {code: round(value, 12) for code, value in result.dropna().items()}
