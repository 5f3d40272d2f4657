"""Controls of the explorer: what can be changed, between which limits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.chain import stage_needs
from helpers.claims import courses
from helpers.disparity import ROLES, with_role
from helpers.study import Study
from helpers.study.parameters import names
from helpers.study.session import ANSWERS

# Lowest, highest, step: narrower than what params.yml allows, so that a slider can be aimed.
SLIDERS = {
    "sampling.margin": (0.01, 0.2, 0.005), "sampling.confidence": (0.8, 0.99, 0.01),
    "sampling.proportion": (0.05, 0.95, 0.05), "sampling.minimum_per_area": (0, 20, 1),
    "sampling.manual_n": (50, 2000, 1), "scoring.classes": (2, 7, 1),
    "scoring.missing_share": (0, 1, 0.05), "scoring.confidence": (0.8, 0.99, 0.01),
    "disparity.k": (2, 9, 1), "disparity.alpha": (0.01, 0.2, 0.01), "force_field.keys": (1, 9, 1),
    "synthesis.alpha": (0.01, 0.2, 0.01), "synthesis.strong_need": (1, 5, 0.01),
    "synthesis.easy_access": (1, 5, 0.01), "synthesis.clear_majority": (0.5, 1, 0.01),
    "synthesis.top_strategies": (1, 9, 1)}
SHARES = ("margin", "confidence", "proportion", "missing_share", "alpha", "clear_majority")
# The order on the page; what is no slider is a list.
ORDER = ("sampling.method", "sampling.margin", "sampling.confidence", "sampling.proportion",
         "sampling.rounding", "sampling.minimum_per_area", "sampling.manual_n", "scoring.classes",
         "scoring.class_range", "scoring.missing", "scoring.missing_share", "scoring.weights",
         "scoring.confidence", "scoring.quadrant_cut", "disparity.city_zone",
         "disparity.reference_indicator", "disparity.year", "disparity.classifier", "disparity.k",
         "disparity.alpha", "disparity.spatial_weights", "disparity.normalisation",
         "disparity.index_weights", "disparity.index_activity", "disparity.index_schools",
         "disparity.index_leave_out", "force_field.weighting", "force_field.divisor",
         "force_field.linkage_scope", "force_field.aggregate", "force_field.strategy_rule",
         "force_field.keys", "synthesis.strong_need", "synthesis.easy_access",
         "synthesis.top_strategies", "synthesis.alpha", "synthesis.clear_majority",
         "synthesis.zone_mean", "synthesis.zone_null", "synthesis.series_rule",
         "synthesis.period", "synthesis.period_split", "synthesis.growth_source")
# A control that only counts under one value of another one.
UNDER = {"sampling.manual_n": ("sampling.method", "manual"),
         "scoring.missing_share": ("scoring.missing", "person_mean")}
# Two ways to count missing answers differ by single persons; real answers are counted in one.
LOCKED = ("scoring.missing", "scoring.missing_share")
JUDGEMENTS = ("urgency", "support")
LOWEST, HIGHEST = 1, 5  # of a rating


@dataclass(frozen=True)
class Control:
    """Parameter ``section.parameter`` that can be changed, with its value in force.

    A list has its values as ``options``, a slider the lowest, highest and step as ``limits``.
    """

    name: str
    own: object
    options: tuple = ()
    limits: tuple = ()

    @property
    def share(self) -> bool:
        """Whether the value is a share, which people read as per cent."""
        return self.name.partition(".")[2] in SHARES


def controls_of(study: Study) -> dict[str, Control]:
    """Controls of a data package by name, in the order of the page.

    Parameters in force of the study are the values without any change; stages that the package does
    not allow have no control.
    """
    choosable, found = _choosable(study), {}
    real = study.has(ANSWERS) and study.status(ANSWERS) == "published"
    for name in ORDER:
        section, _, parameter = name.partition(".")
        if not study.has(*stage_needs(section)) or real and name in LOCKED:
            continue
        own = study.in_force[section][parameter]
        if name in SLIDERS:
            low, high, step = _limits(name, study)
            found[name] = Control(name, own, limits=(min(low, own), max(high, own), step))
            continue
        options = tuple(choosable.get(name) or names(section)[parameter].get("enum", ()))
        options = options if own in options else (own, *options)
        if len(options) > 1:
            found[name] = Control(name, own, options)
    return found


def ratings_of(ratings: pd.DataFrame) -> dict[str, int]:
    """Every rating by the name under which it can be changed.

    >>> row = {"expert": "E1", "factor": "D1", "urgency": 4, "support": 2}
    >>> ratings_of(pd.DataFrame([row]))
    {'urgency.E1.D1': 4, 'support.E1.D1': 2}
    """
    return {f"{judgement}.{row['expert']}.{row['factor']}": int(row[judgement])
            for row in ratings.to_dict("records") for judgement in JUDGEMENTS}


def rerated(ratings: pd.DataFrame, changed: Mapping[str, object]) -> pd.DataFrame:
    """Ratings with those that were changed, by names as in `ratings_of`; others do not count.

    >>> row = {"expert": "E1", "factor": "D1", "urgency": 4, "support": 2}
    >>> rerated(pd.DataFrame([row]), {"urgency.E1.D1": 5})["urgency"].tolist()
    [5]
    """
    of = ratings["expert"].astype("str") + "." + ratings["factor"].astype("str")
    return ratings.assign(**{judgement: [changed.get(f"{judgement}.{name}", value)
                                         for name, value in zip(of, ratings[judgement])]
                             for judgement in JUDGEMENTS})


def _limits(name: str, study: Study) -> tuple:
    low, high, step = SLIDERS[name]
    if name == "synthesis.top_strategies" and study.has("strategies"):
        high = len(study.table("strategies"))
    if name in ("synthesis.strong_need", "synthesis.easy_access") and study.has("items"):
        items = study.table("items")
        low, high = int(items["lowest"].min()), int(items["highest"].max())
    return low, high, step


def _choosable(study: Study) -> dict[str, Iterable]:
    """Options that come from the data."""
    found = {}
    if study.has(*stage_needs("disparity")):
        own = study.in_force["disparity"]["reference_indicator"]
        indicators = study.indicators()
        found["disparity.reference_indicator"] = _followed(study, indicators)
        rows = indicators[indicators["indicator"] == own]
        found["disparity.year"] = _years(rows)
        catalogue = study.catalogue()
        for role in ROLES:
            alternatives = with_role(catalogue, role)
            found[f"disparity.index_{role}"] = [*alternatives, *["none"] * bool(alternatives)]
        found["disparity.index_leave_out"] = ["none", *catalogue.index[catalogue["in_index"]]]
        if "city" not in set(study.table("areas")["zone"]):
            found["disparity.city_zone"] = ["own"]
    if study.has("series"):
        series = study.table("series")
        growing = series[series["indicator"].isin(courses.GROWTH)]
        found["synthesis.period_split"] = _years(growing)[1:]
        found["synthesis.growth_source"] = [courses.LONGEST, *sorted(growing["source"].unique())]
    return found


def _years(table: pd.DataFrame) -> list[int]:
    return [int(year) for year in sorted(table["year"].dropna().unique())]


def _followed(study: Study, indicators: pd.DataFrame) -> list[str]:
    """Indicators of the catalogue that can be mapped and measured: above 0 in all areas.

    They have a direction, or stand for one that has."""
    catalogue, areas = study.catalogue(), study.table("areas")["code"].nunique()
    telling = {*catalogue.index[catalogue["direction"] != 0],
               *(name for role in ROLES for name in with_role(catalogue, role))}
    known = indicators[indicators["indicator"].isin(telling)]
    groups = known.groupby("indicator")
    # Every year of it has a value for every area.
    whole = ((groups["code"].nunique() == areas) & (groups.size() % areas == 0)
             & (groups["value"].min() > 0))
    return [name for name in catalogue.index if whole.get(name, False)]
