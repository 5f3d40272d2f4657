"""Scoring: from ticked boxes to estimates."""

import numpy as np
import pandas as pd

from helpers import disclosure, sampling, scoring
from helpers.chain.steps import When, table

IF_WEIGHTED = When("scoring.weights", ("design", "calibrated"))
IF_CALIBRATED = When("scoring.weights", ("calibrated",))


def answers(responses, items):
    """Answers turned the same way round."""
    return scoring.align(responses, items)


def respondents(answers, items, scoring__missing, scoring__missing_share):
    """Scores of every respondent."""
    return scoring.scores_by_respondent(answers, items, scoring__missing, scoring__missing_share)


def design(areas, responses, scoring__weights, frame=IF_WEIGHTED, known_totals=IF_CALIBRATED):
    """Stratum, zone and weight of every respondent; calibrated to known totals where asked for."""
    found = scoring.with_design(responses, areas, frame, own=scoring__weights != "none")
    if frame is None or scoring__weights != "calibrated":
        return found
    margins = scoring.calibration_margins(responses, areas, frame, known_totals)
    return found.assign(weight=sampling.rake(responses.assign(weight=found["weight"]), margins))


def told_answers(answers, responses, areas, hidden):
    """Answers behind reliability, factors and items: without those of hidden areas and types."""
    return answers[disclosure.told(scoring.with_design(responses, areas), hidden)]


@table("reliability")
def reliability(told_answers, items, hidden, scoring__missing, scoring__confidence):
    """Cronbach's alpha of every scale."""
    found = scoring.reliability_table(told_answers, items, scoring__missing, scoring__confidence)
    return disclosure.release(found, hidden)


@table("item_analysis")
def item_analysis(told_answers, items, hidden, scoring__missing):
    """How every item goes with its scale."""
    return disclosure.release(scoring.item_table(told_answers, items, scoring__missing), hidden)


@table("factor_count")
def factor_count(told_answers, items, hidden, seed__scoring__factors):
    """How many factors each dimension has beyond chance; not there where none can be fitted."""
    rng = np.random.default_rng(seed__scoring__factors)
    found = scoring.parallel_analysis(told_answers, items, rng)
    return _of_whole(found, hidden)


@table("factor_loadings")
def factor_loadings(told_answers, items, hidden, factor_count):
    """Loadings of the items on so many factors."""
    kept = factor_count[factor_count["kept"] == "yes"].groupby("dimension").size().to_dict()
    return _of_whole(scoring.factor_loadings(told_answers, items, kept), hidden)


@table("factor_models")
def factor_models(told_answers, items, hidden):
    """Fit of one factor, and of one for each aspect."""
    return _of_whole(scoring.factor_models(told_answers, items), hidden)


def estimates(respondents, design, items, scoring__confidence, live=False):
    """Mean scores of all domains, before their classes; counted where a page has to be quick."""
    return scoring.score_table(respondents, design, items, confidence=scoring__confidence,
                               counted=live)


def weightings(responses, areas, frame=None, known_totals=None):
    """Weights of every respondent under every setting that the data allow, whichever is chosen."""
    found = pd.DataFrame({"none": 1.0}, index=responses.index)
    if "weight" in responses and pd.to_numeric(responses["weight"], errors="coerce").gt(0).all():
        found["own"] = responses["weight"].astype(float)
    if frame is None:
        return found
    try:
        found["design"] = scoring.with_design(responses, areas, frame)["weight"]
        margins = scoring.calibration_margins(responses, areas, frame, known_totals)
        found["calibrated"] = sampling.rake(responses.assign(weight=found["design"]), margins)
    except ValueError:
        return found  # what cannot be worked out nobody publishes
    return found


def levels_by_weights(respondents, answers, weightings, responses, areas, items,
                      scoring__minimum_cell):
    """Domains with too few answers, and those that protect them, where weights are calibrated and
    where they are not: nothing can be published of some small surveys under both."""
    return disclosure.levels_by_weights(
        respondents, scoring.answered(answers, items), scoring.with_design(responses, areas),
        weightings, scoring.ends(items), scoring__minimum_cell)


def hidden(levels_by_weights, scoring__weights):
    """Domains that stay unpublished under the weights in force."""
    return levels_by_weights[scoring__weights == "calibrated"]


def pairs_by_weights(respondents, answers, weightings, responses, areas, items,
                     scoring__minimum_cell):
    """As `levels_by_weights`, of those who answered for need and access both; None where they
    are those who answered."""
    paired = [name for name in respondents if name.startswith("need.")
              and f"access.{name.partition('.')[2]}" in respondents]
    pairs = scoring.paired_scores(respondents, [name.partition(".")[2] for name in paired])
    pairs = pairs[[name for name in respondents if name in pairs]]
    if pairs.notna().equals(respondents[list(pairs)].notna()):
        return None
    return disclosure.levels_by_weights(
        pairs, scoring.answered(answers, items), scoring.with_design(responses, areas),
        weightings, scoring.ends(items), scoring__minimum_cell)


def hidden_gaps(hidden, scoring__weights, pairs_by_weights=None):
    """Domains hidden, or with too few who answered for need and access both."""
    if pairs_by_weights is None:
        return hidden
    found = pairs_by_weights[scoring__weights == "calibrated"]
    return pd.concat([hidden, found]).drop_duplicates(["domain", "level"], ignore_index=True)


@table("scores")
def scores(estimates, hidden, respondents, items, scoring__classes, scoring__class_range):
    """Mean scores of all domains with their classes."""
    released = disclosure.release(estimates.drop(columns="class"), hidden)
    classed = scoring.with_classes(released, respondents, items, scoring__classes,
                                   scoring__class_range)
    return disclosure.release(classed, hidden)


@table("design_effects")
def design_effects(estimates, hidden, respondents, design):
    """Design effects of the mean scores; none where a domain is hidden: they would tell of it."""
    return scoring.design_effects(estimates, respondents, design) if hidden.empty else None


@table("need_access_gap")
def need_access_gap(respondents, design, items, hidden_gaps, scoring__quadrant_cut,
                    scoring__confidence, live=False):
    """Need against access in all domains; not there where the items ask for one of them alone."""
    if not {"need", "access"} <= set(items["dimension"]):
        return None
    gaps = scoring.gap_table(respondents, design, items, scoring__quadrant_cut,
                             scoring__confidence, counted=live)
    shown = scoring.with_quadrants(disclosure.release(gaps, hidden_gaps), items,
                                   scoring__quadrant_cut)
    return disclosure.release(shown, hidden_gaps)


@table("aspect_contrasts")
def aspect_contrasts(respondents, design, items, hidden, scoring__confidence):
    """Differences between the aspects; not there where there is one aspect."""
    return _of_whole(scoring.aspect_contrasts(respondents, design, items, scoring__confidence),
                     hidden)


@table("zone_contrasts")
def zone_contrasts(respondents, design, items, hidden, scoring__confidence):
    """Differences between the zones; not there where no two can be shown."""
    found = scoring.contrast_table(respondents, design, items, scoring__confidence)
    shown = disclosure.release(found, hidden)
    return shown if len(shown) else None


@table("score_regression")
def score_regression(respondents, design, items, hidden, scoring__confidence):
    """Scores by zone and type of business together; not there where no term has two levels."""
    return _of_whole(scoring.regression_table(respondents, design, items, scoring__confidence,
                                              {*hidden["domain"]}), hidden)


def _of_whole(found, hidden):
    """Table about the whole sample as it may be published; None where nothing is left."""
    shown = disclosure.release(disclosure.of_whole(found, hidden), hidden)
    return shown if len(shown) else None


def score_classes(items, scoring__classes):
    """Limits of the classes on the answer scale."""
    lowest, highest = int(items["lowest"].min()), int(items["highest"].max())
    return scoring.class_table(lowest, highest, scoring__classes)


def scales(items):
    """Names of the scales."""
    return scoring.scale_list(items)[["dimension", "aspect", "variable"]]


def counts(design, respondents):
    """Sums from which the estimates of the whole sample follow under any confidence."""
    named = design.add_prefix("design ")
    population = "design units" if "design units" in named else None
    return scoring.count_values(respondents.join(named), list(respondents), "design weight",
                                "design code", population)


def decisive_scores(counts, scales, hidden, scoring__confidence):
    """Scores of the whole sample, which decide claims; from counts, as there are many universes."""
    found = counts.means(confidence=scoring__confidence).merge(scales, on="variable")
    return disclosure.release(disclosure.of_whole(found.assign(domain="all"), hidden), hidden)
