"""Choices of the analysis and their alternatives in words."""

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.languages import in_language


def choice_name(t, choice: str) -> str:
    """Name a choice as a reader calls it; one without a text is called as in ``params.yml``."""
    key = f"choice.{choice}"
    return t(key) if t.has(key) else choice


def alternative_name(t, choice: str, value) -> str:
    """Write an alternative as a reader calls it; one without a text is written as it is."""
    key = f"alternative.{choice}.{value}"
    if t.has(key):
        return t(key)
    if isinstance(value, str):
        return (t.source if choice.endswith("_source") else t.named)(value)
    return str(int(value)) if value == int(value) else t.number(value, 2)


def choice_list(alternatives: Mapping[str, Sequence], own: Mapping[str, object], *, t):
    """Choices in words, as a table of ``choice, own, others``: the alternative in force and the
    rest."""
    rows = [{"choice": choice_name(t, name), "own": alternative_name(t, name, own[name]),
             "others": ", ".join(alternative_name(t, name, value) for value in values
                                 if value != own[name])} for name, values in alternatives.items()]
    return pd.DataFrame(rows, columns=["choice", "own", "others"])


def reasons(not_varied: Mapping[str, Mapping], lang: str, *, t):
    """What is not varied (see `helpers.choices.Choices`), with the reason: ``choice, reason``."""
    rows = [(in_language(texts, "label", lang) or choice_name(t, name),
             in_language(texts, "text", lang)) for name, texts in not_varied.items()]
    return pd.DataFrame(rows, columns=["choice", "reason"])


def departed(departures, *, t):
    """Departures from the plan (`helpers.study.analysis_plan`): ``choice, planned, here``."""
    rows = [(choice_name(t, name), planned, here) for name, planned, here in departures]
    return pd.DataFrame(rows, columns=["choice", "planned", "here"])


def with_labels(rows, labels, *, t):
    """Claims, choices, alternatives and verdicts of a table in words.

    `rows` has ``claim, choice, alternative`` (or ``claim, threshold, limit``), and ``own``,
    ``verdict`` or ``share`` where it has them; `labels` a sentence a claim. Returned with
    ``label``, ``becomes`` for the verdict and ``share_met`` for the share.
    """
    rows = rows.rename(columns={"threshold": "choice", "limit": "alternative"})
    told = rows.assign(label=rows["claim"].map(labels),
                       choice=[choice_name(t, name) for name in rows["choice"]])
    for column in rows.columns.intersection(["own", "alternative"]):
        told[column] = [alternative_name(t, name, value)
                        for name, value in zip(rows["choice"], rows[column])]
    if "verdict" in rows:
        told["becomes"] = [t(f"chart.{verdict}") for verdict in rows["verdict"]]
    return told.rename(columns={"share": "share_met"})
