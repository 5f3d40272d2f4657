"""Scoring: from ticked boxes to estimates."""

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


@table("reliability")
def reliability(answers, items, scoring__missing, scoring__confidence):
    """Cronbach's alpha of every scale."""
    return scoring.reliability_table(answers, items, scoring__missing, scoring__confidence)


@table("item_analysis")
def item_analysis(answers, items, scoring__missing):
    """How every item goes with its scale."""
    return scoring.item_table(answers, items, scoring__missing)


def estimates(respondents, design, items, scoring__confidence, live=False):
    """Mean scores of all domains, before their classes; counted where a page has to be quick."""
    return scoring.score_table(respondents, design, items, confidence=scoring__confidence,
                               counted=live)


def hidden(estimates, areas, scoring__minimum_cell):
    """Domains with too few answers, and those that protect them."""
    return disclosure.hidden_levels(estimates, areas, scoring__minimum_cell)


@table("scores")
def scores(estimates, hidden, respondents, items, scoring__classes, scoring__class_range):
    """Mean scores of all domains with their classes."""
    classed = scoring.with_classes(estimates, respondents, items, scoring__classes,
                                   scoring__class_range)
    return disclosure.blank(classed, hidden, ["mean", "se", "ci_low", "ci_high"], "class")


@table("need_access_gap")
def need_access_gap(respondents, design, items, hidden, scoring__quadrant_cut, scoring__confidence,
                    live=False):
    """Need against access in all domains; not there where the items ask for one of them alone."""
    if not {"need", "access"} <= set(items["dimension"]):
        return None
    gaps = scoring.gap_table(respondents, design, items, scoring__quadrant_cut,
                             scoring__confidence, counted=live)
    numbers = ["need", "access", "gap", "se", "ci_low", "ci_high", "fulfilment"]
    return disclosure.blank(gaps, hidden, numbers, "quadrant")


@table("aspect_contrasts")
def aspect_contrasts(respondents, design, items, hidden, scoring__confidence):
    """Differences between the aspects; not there where there is one aspect."""
    found = scoring.aspect_contrasts(respondents, design, items, scoring__confidence)
    shown = disclosure.of_whole(found, hidden)
    return shown if len(shown) else None


@table("zone_contrasts")
def zone_contrasts(respondents, design, items, hidden, scoring__confidence):
    """Differences between the zones; not there where no two can be shown."""
    found = scoring.contrast_table(respondents, design, items, scoring__confidence)
    shown = disclosure.without(found, hidden, "zone", ["zone_a", "zone_b"])
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


def decisive_scores(counts, scales, scoring__confidence, scoring__minimum_cell):
    """Scores of the whole sample, which decide claims; from counts, as there are many universes."""
    found = counts.means(confidence=scoring__confidence).merge(scales, on="variable")
    return found.assign(domain="all")[found["n"] >= scoring__minimum_cell]
