"""Error rates of the survey's intervals and tests, in simulated surveys where the truth is known.

``python -m tools.checks.survey_errors`` writes ``docs/survey-errors.md``. Surveys are made by the
model of `tools.data.simulate`, in which nothing differs between zones and aspects; the truth of
shares, medians and alpha is that of one very large survey.
"""

import argparse
import datetime
from collections.abc import Iterator
from dataclasses import replace
from unittest import mock

import numpy as np
import pandas as pd

from helpers import files, scoring
from helpers.scoring import estimates
from helpers.scoring.counts import ALIKE
from helpers.study.paths import ROOT
from tools.data.simulate import QUESTIONNAIRE, simulate_responses

FILE = ROOT / "docs" / "survey-errors.md"
SURVEYS, SEED, REPLICATES = 300, 20261130, 200
LEVEL, TOP = 0.05, 2
LARGE = replace(QUESTIONNAIRE, margin=0.002)
HEAD = (
    "# Error rates of the survey\n\n"
    "Made by `python -m tools.checks.survey_errors --surveys {surveys} --seed {seed}` on {day}: do "
    "not edit.\n\n"
    "{surveys} surveys of {n} respondents from the model of `tools.data.simulate`, in which zones "
    "and aspects do not differ; the truth is\n"
    "that of one survey of {large} respondents. Nominal are {cover:.0%} of the intervals, and "
    "{level:.0%} of the surveys with a finding.\n"
    "The last column is the simulation's own standard error.\n\n")


def package() -> dict[str, pd.DataFrame]:
    """Tables of the package that a survey is made from."""
    names = ("areas", "frame", "items")
    return {name: pd.read_csv(ROOT / "data" / "raw" / f"{name}.csv") for name in names}


def survey(tables: dict[str, pd.DataFrame], seed: int, model=QUESTIONNAIRE) -> tuple:
    """Aligned answers, scores and design of one simulated survey."""
    responses = simulate_responses(tables["frame"], tables["items"], seed, model)
    answers = scoring.align(responses, tables["items"])
    design = scoring.with_design(responses, tables["areas"], tables["frame"])
    return answers, scoring.scores_by_respondent(answers, tables["items"]), design


def truth(tables: dict[str, pd.DataFrame], seed: int) -> dict[str, pd.Series]:
    """Shares of high answers, medians and alphas by scale, in a very large survey."""
    answers, scores, _ = survey(tables, seed, LARGE)
    alpha = scoring.reliability_table(answers, tables["items"])
    return {"share": scoring.top_box(answers, tables["items"], TOP).mean(),
            "median": scores.median(), "n": pd.Series(len(answers)),
            "alpha": alpha.set_index(alpha["dimension"] + "." + alpha["aspect"])["alpha"]}


def looks(tables: dict[str, pd.DataFrame], true: dict[str, pd.Series],
          seed: int) -> Iterator[tuple]:
    """What one survey gives: question, way, how many times right (or found), out of how many."""
    answers, scores, design = survey(tables, seed)
    items, rng = tables["items"], np.random.default_rng(seed)

    def held(table, low, high, known):
        inside = table[low].le(known) & table[high].ge(known)
        return int(inside.sum()), int(table[low].notna().sum())

    shares = scoring.share_table(scoring.top_box(answers, items, TOP), design, items)
    shares = shares[shares["domain"] == "area"].reset_index(drop=True)
    known = _of(shares, true["share"])
    reach = _reach(shares)
    wald = shares.assign(low=(shares["share"] - reach).clip(0),
                         high=(shares["share"] + reach).clip(upper=1))
    yield "Share by kecamatan", "Wald, cut off at 0 and 1", *held(wald, "low", "high", known)
    yield "Share by kecamatan", "logit", *held(shares, "ci_low", "ci_high", known)
    medians = scoring.median_table(scores, design, items)
    medians = medians[medians["domain"] == "zone"]
    yield "Median by zone", "Woodruff", *held(medians, "ci_low", "ci_high",
                                              _of(medians, true["median"]))
    alphas = scoring.alpha_intervals(answers, items, REPLICATES, rng)
    for dimension, part in alphas.groupby("dimension", sort=False):
        for way in ("feldt", "bootstrap"):
            yield f"Alpha of {dimension}", way, *held(part, f"{way}_low", f"{way}_high",
                                                      _of(part, true["alpha"]))
    zones = scoring.contrast_table(scores, design, items)
    found = zones["p_adjusted"] < LEVEL
    for dimension, part in found.groupby(zones["dimension"], sort=False):
        yield "Any difference of zones", f"Holm, {dimension}", int(part.any()), 1
    yield "Any difference of zones", "Holm, both dimensions", int(found.any()), 1
    single = scoring.holm(zones["p_value"]) < LEVEL
    yield "Any difference of zones", "Holm, one family", int(single.any()), 1
    marks = scoring.high_scores(scores, items)
    rows = scoring.association_table(marks, design, items)
    known_p = rows["p_value"].dropna()
    yield "High score and zone", "Rao-Scott, each scale", int((known_p < LEVEL).sum()), len(known_p)
    aspects = scoring.aspect_contrasts(scores, design, items)
    first = scoring.leading_aspects(aspects, "gap", LEVEL)
    yield "An aspect named as the largest gap", "paired contrasts", int(len(first) == 1), 1


def _of(table: pd.DataFrame, known: pd.Series) -> pd.Series:
    return (table["dimension"] + "." + table["aspect"]).map(known).set_axis(table.index)


def _reach(shares: pd.DataFrame) -> pd.Series:
    """Half the width of the Wald interval; where nothing varies it has none."""
    from scipy.stats import t

    error = shares["se"].where(shares["share"].between(ALIKE, 1 - ALIKE))
    return t.ppf(1 - LEVEL / 2, shares["n"] - 1) * error


def rates(surveys: int, seed: int) -> tuple[pd.DataFrame, dict[str, int]]:
    """Rates over all surveys, with the error of the simulation between surveys."""
    tables = package()
    # Thousands of estimates: from counts, which give the same.
    with mock.patch.object(estimates, "LARGE", 0):
        true = truth(tables, seed)
        rows = [(number, *look) for number in range(surveys)
                for look in looks(tables, true, seed + 1 + number)]
    table = pd.DataFrame(rows, columns=["survey", "question", "way", "right", "of"])
    table["rate"] = table["right"] / table["of"]
    found = table.groupby(["question", "way"], sort=False)
    result = found[["right", "of"]].sum()
    result["rate"] = result["right"] / result["of"]
    result["error"] = found["rate"].std() / np.sqrt(surveys)
    n = len(survey(tables, seed)[0])
    return result.reset_index(), {"n": n, "large": int(true["n"].iloc[0])}


def page(table: pd.DataFrame, **about) -> str:
    """The page, as Markdown."""
    lines = ["| question | way | rate | of | error |", "|---|---|---|---|---|"]
    lines += [f"| {row.question} | {row.way} | {row.rate:.1%} | {row.of:,} | {row.error:.1%} |"
              for row in table.itertuples()]
    return HEAD.format(**about) + "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> None:
    """Command line: how many surveys, and the seed."""
    parser = argparse.ArgumentParser(prog="python -m tools.checks.survey_errors",
                                     description=__doc__.splitlines()[0])
    parser.add_argument("--surveys", type=int, default=SURVEYS)
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = vars(parser.parse_args(arguments))
    table, sizes = rates(**chosen)
    files.write(FILE, page(table, day=datetime.date.today().isoformat(), cover=1 - LEVEL,
                           level=LEVEL, **sizes, **chosen))


if __name__ == "__main__":
    main()
