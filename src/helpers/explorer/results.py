"""The tables that the stages would publish under a setting, each made once."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from helpers import (
    claims,
    disclosure,
    disparity,
    force_field,
    geography,
    multiverse,
    sampling,
    scoring,
)
from helpers.explorer.controls import NEEDS, ratings_of, rerated
from helpers.study import Study
from helpers.study.package import weakest

REMEMBERED = 1000  # results kept, the least recently used go first
ANSWERED = ("missing", "missing_share", "weights", "confidence")
KNOWN = multiverse.known_choices()
SPATIAL = ("reference_indicator", "spatial_weights", "neighbours_k", "alpha", "local_correction",
           "permutations")
# What the status of a table is the weakest of.
RESTS_ON = {
    "sampling": ("areas", "frame"),
    "scoring": ("responses", "items", "areas"),
    "disparity": ("indicators", "areas"),
    "force_field": ("factors", "ratings", "linkages", "strategies"),
}
STAGE_OF = {"scores": "scoring", "development_index": "disparity", "zone_indicators": "disparity",
            "strategies": "force_field"}


class Results:
    """The tables of a data package under any setting.

    Parameters
    ----------
    studies : mapping
        Stage to its open `Study`, all on the same data package; their parameters in force are the
        values without any change, their seeds those of the notebooks.
    """

    def __init__(self, studies: Mapping[str, Study]):
        self.studies = studies
        self.study = studies["synthesis"]
        self.parameters = self.study.in_force
        self.package = multiverse.read(self.study)
        self.seed = self.study.child_seed("zones")
        self.ratings = ratings_of(self.package["ratings"]) if self.has("force_field") else {}
        self.wanted = self.study.table("claims") if self.has("synthesis") else pd.DataFrame(
            {"claim": [], "test": []})
        self._reads = multiverse.claim_reads(self.wanted, sorted(KNOWN))
        self._analysis = multiverse.Analysis(self.package, self.parameters, self.seed)
        self._kept: OrderedDict = OrderedDict()

    def has(self, stage: str) -> bool:
        """Whether the data package allows a stage."""
        return self.study.has(*NEEDS[stage])

    def status(self, stage: str, changed: Mapping[str, object]) -> str:
        """Return the status of a stage's results: ratings that were changed here are nobody's any
        more."""
        if stage == "force_field" and self._rated(changed):
            return "illustrative"
        weighted = stage == "scoring" and self._value("scoring.weights", changed) == "design"
        names = RESTS_ON[stage] + (("frame",) if weighted and self.study.has("frame") else ())
        return weakest(self.study.status(name) for name in names)

    def drawn_status(self, stage: str, changed: Mapping[str, object]) -> str:
        """Return the status of a map of a stage's results."""
        return weakest(
            [self.status(stage, changed), *map(self.study.status, self.study.drawn_from)])

    def sample(self, changed: Mapping[str, object]) -> dict[str, pd.DataFrame]:
        """Return ``sample_size, sample_allocation`` and the precision by zone, ``precision``."""
        chosen = self._section("sampling", changed)

        def made():
            frame = self.package["areas"].merge(self.package["frame"][["code", "units"]], on="code")
            sizes = sampling.compare_sizes(
                int(frame["units"].sum()), chosen["method"], chosen["margin"], chosen["confidence"],
                chosen["proportion"], chosen["rounding"], chosen["manual_n"])
            allocation = sampling.allocation_table(frame, int(sizes["n"].iloc[0]),
                                                   chosen["minimum_per_area"])
            precision = sampling.zone_precision(allocation, chosen["confidence"],
                                                chosen["proportion"])
            return {"sample_size": sizes, "sample_allocation": allocation,
                    "precision": precision[precision["domain"] != "area"]}

        return self.once("sample", chosen.values(), made)

    def scores(self, changed: Mapping[str, object]) -> dict[str, pd.DataFrame]:
        """Return ``scores, need_access_gap``, the levels with too few answers emptied, and
        ``score_classes``."""
        chosen = self._section("scoring", changed)
        items, answered = self.package["items"], [chosen[name] for name in ANSWERED]
        respondents = self._analysis.respondents(chosen["missing"], chosen["missing_share"])
        design = self._analysis.design(chosen["weights"])
        estimates = self.once("estimates", answered, lambda: scoring.score_table(
            respondents, design, items, confidence=chosen["confidence"], counted=True))
        hidden = disclosure.hidden_levels(estimates, self.package["areas"], chosen["minimum_cell"])
        table = scoring.with_classes(estimates, respondents, items, chosen["classes"],
                                     chosen["class_range"])
        lowest, highest = int(items["lowest"].min()), int(items["highest"].max())
        found = {
            "scores": disclosure.blank(table, hidden, ["mean", "se", "ci_low", "ci_high"], "class"),
            "score_classes": scoring.class_table(lowest, highest, chosen["classes"])
        }
        if {"need", "access"} <= set(items["dimension"]):
            gaps = self.once(
                "gaps", [*answered, chosen["quadrant_cut"]],
                lambda: scoring.gap_table(respondents, design, items, chosen["quadrant_cut"],
                                          chosen["confidence"], counted=True))
            numbers = ["need", "access", "gap", "se", "ci_low", "ci_high", "fulfilment"]
            found["need_access_gap"] = disclosure.blank(gaps, hidden, numbers, "quadrant")
        return found

    def disparity(self, changed: Mapping[str, object]) -> dict[str, pd.DataFrame]:
        """Return tables of the followed indicator in its year, of the index, and ``limits``, the
        map's class limits.

        ``zone_indicators, inequality, spatial_autocorrelation, local_clusters, development_index,
        values, limits``; what the package does not allow is left out.
        """
        chosen = self._section("disparity", changed)
        return self.once("disparity", map(str, chosen.values()), lambda: self._disparity(chosen))

    def force_field(self, changed: Mapping[str, object]) -> dict[str, pd.DataFrame]:
        """Return ``ffa_factors, ffa_balance, strategies``."""
        chosen, ratings = self._section("force_field", changed), self._rated(changed)

        def made():
            judged = (self.package["factors"], rerated(self.package["ratings"], ratings),
                      self._merged_linkages(chosen["aggregate"]))
            options = {name: chosen[name] for name in ("divisor", "aggregate", "linkage_scope")
                       } | self._urgency(chosen)
            analysed = force_field.analyse(*judged, chosen["weighting"], keys=chosen["keys"],
                                           **options)
            ranked = force_field.rank_strategies(self.package["strategies"], analysed,
                                                 chosen["strategy_rule"])
            return {
                "ffa_factors": analysed, "ffa_balance": force_field.balance(*judged, **options),
                "strategies": ranked
            }

        return self.once("force_field", [*map(str, chosen.values()), *ratings.items()], made)

    def claims(self, changed: Mapping[str, object]) -> pd.DataFrame:
        """Return ``claim, text_id, text_en, verdict, basis, statistic, value, low, high,
        uncertainty``.

        Decided as the multiverse decides them. Where the survey's gaps move the experts' urgency no
        universe makes the ranks of strategies again, but the stage here does.
        """
        rows = self.wanted.to_dict("records")
        return self.once(
            "claims", self.behind_claims(changed), lambda: pd.DataFrame([
                self.once(row["claim"], self._behind(row, changed), lambda: self._decided(
                    row, changed)) for row in rows
            ]))

    def behind_claims(self, changed: Mapping[str, object]) -> list:
        """Return what of a setting a claim can rest on."""
        return [item for item in changed.items() if item[0] in KNOWN or item[0] in self.ratings]

    def _behind(self, row: Mapping, changed: Mapping[str, object]) -> list:
        """Return the values of all choices that a claim reads, and the changed ratings where it
        reads strategies."""
        values = [self._value(name, changed) for name in self._reads[row["claim"]]]
        return values + (list(self._rated(changed).items())
                         if "strategies" in claims.TESTS[row["test"]].tables else [])

    def _decided(self, row: Mapping, changed: Mapping) -> dict:
        test, ratings = claims.TESTS[row["test"]], self._rated(changed)
        chosen = {name: value for name, value in changed.items() if name in KNOWN}
        if "strategies" not in test.tables:
            found = self._analysis.decide(row, chosen)
        elif self.parameters["force_field"]["evidence"] == "experts":
            found = self._judged(ratings, self._value("force_field.aggregate",
                                                      changed)).decide(row, chosen)
        else:
            rules = {
                name.partition(".")[2]: value for name, value in chosen.items()
                if name.startswith("synthesis.")
            }
            found = claims.decide(
                row, claims.Evidence({"strategies": self.force_field(changed)["strategies"]}),
                claims.Rules(**self._analysis.rules | rules))
        testable = found.verdict != "not_testable"
        about = {name: row[name] for name in ("claim", "text_id", "text_en")}
        return about | {
            "verdict": found.verdict, "basis": self._basis(test, changed) if testable else "",
            "statistic": found.statistic, "value": found.value, "low": found.low,
            "high": found.high, "uncertainty": found.uncertainty
        }

    def _basis(self, test, changed: Mapping) -> str:
        statuses = [self.status(STAGE_OF[name], changed)
                    for name in test.tables] or [self.study.status("series")]
        read = [self.study.status("catalogue")] if "zone_indicators" in test.tables else []
        return weakest(statuses + read)

    def _judged(self, ratings: Mapping[str, object], aggregate: str) -> multiverse.Analysis:
        """Return an analysis with some ratings changed, and with the experts' linkages merged."""
        return self.once(
            "analysis", [aggregate, *ratings.items()], lambda: multiverse.Analysis(
                self.package | {
                    "ratings": rerated(self.package["ratings"], ratings), "linkages": self.
                    _merged_linkages(aggregate)
                }, self.parameters, self.seed))

    def _merged_linkages(self, aggregate: str) -> pd.DataFrame:
        """Return one linkage a pair: merging the experts anew at every change of a rating would
        take most of the time."""
        def merged():
            matrix = force_field.linkage_matrix(self.package["factors"], self.package["linkages"],
                                                aggregate)
            return force_field.strongest_pairs(matrix, share=1).assign(expert="all")

        return self.once("linkages", [aggregate], merged)

    def _urgency(self, chosen: Mapping) -> dict:
        """Where urgency comes from, as the parameters in force say; the survey's gaps are those
        without any change."""
        items, gaps = self.package.get("items"), None
        if chosen["evidence"] == "gaps" and self.has("scoring"):
            gaps = self.scores({})["need_access_gap"].query("domain == 'all'")
        scale = (1, 5) if items is None else (items["lowest"].min(), items["highest"].max())
        return force_field.urgency_options(self.package["factors"], chosen["evidence"],
                                           chosen["urgency_source"], gaps, scale,
                                           self.package.get("comparisons"))

    def _disparity(self, chosen: Mapping) -> dict[str, pd.DataFrame]:
        areas = self.package["areas"].set_index("code")
        zones = disparity.zones_of(areas, chosen["city_zone"])
        name, people = chosen["reference_indicator"], chosen["population_indicator"]
        indicators = self._indicators(name, people)
        now, year = disparity.closest(indicators, name, chosen["year"])
        rows = indicators[indicators["indicator"].ne(name) | indicators["year"].isna()
                          | indicators["year"].eq(year)]
        limits = geography.class_limits(pd.DataFrame(disparity.by_year(indicators, name)),
                                        chosen["classifier"], chosen["k"])
        found = {
            "values": now.rename("value").rename_axis("code").reset_index(),
            "limits": pd.DataFrame({"limit": limits})
        }
        found |= self.once("zones", [name, year, people, chosen["city_zone"]], lambda: {
            "zone_indicators": disparity.zone_table(rows, [name], zones, people),
            "inequality": disparity.inequality_table(rows, name, zones, people)})
        if self.shapes() is not None and len(self.shapes()) >= disparity.FEWEST_AREAS:
            how = [chosen[key] for key in SPATIAL]
            found |= self.once("space", [year, *how],
                               lambda: self._space(chosen, now, year, rows, areas))
        how = [chosen[key] for key in ("year", "city_zone", "index_weights", "normalisation")]
        index = self.once("index", how, lambda: self._index(chosen, areas, zones))
        return found if index is None else found | {"development_index": index}

    def _space(self, chosen: Mapping, now: pd.Series, year, rows: pd.DataFrame,
               areas: pd.DataFrame) -> dict:
        near = disparity.neighbourhood(chosen["spatial_weights"], chosen["neighbours_k"])
        seeds, shapes = self.studies["disparity"].child_seed, self.shapes()
        local = disparity.local_moran(now, shapes, chosen["permutations"], seeds("local_moran"),
                                      chosen["alpha"], near, chosen["local_correction"])
        local = local.join(areas["name"]).reset_index(names="code").assign(
            indicator=chosen["reference_indicator"], year=year).astype({"year": "Int64"})
        return {
            "spatial_autocorrelation": disparity.autocorrelation_table(
                rows, [chosen["reference_indicator"]], shapes, chosen["permutations"],
                seeds("moran"), near), "local_clusters": local[[
                    "code", "name", "indicator", "year", "local_i", "p_permutation", "cluster"
                ]]
        }

    def _index(self, chosen: Mapping, areas: pd.DataFrame, zones: pd.Series) -> pd.DataFrame | None:
        if "catalogue" not in self.package:
            return None
        catalogue = self.package["catalogue"]
        parts = self._analysis.index_parts(chosen["year"])
        if not disparity.has_index(parts, chosen["index_weights"]):
            return None
        return disparity.development_table(areas, zones, parts, catalogue, chosen["index_weights"],
                                           chosen["normalisation"])

    def _indicators(self, *names: str) -> pd.DataFrame:
        """Only the rows asked for: looking for them among all others would take most of the
        time."""
        return self.once("rows", names, lambda: self.package["indicators"][
            self.package["indicators"]["indicator"].isin(names)])

    def unit(self, indicator: str, t) -> str:
        """Return the unit of an indicator in words."""
        catalogue = self.once("catalogue", (), self.study.catalogue)
        return t.word(catalogue["unit"].get(indicator, ""))

    def shapes(self):
        """Return the polygons of the areas, or None."""
        return self.once("shapes", (), self.study.polygons)

    def _section(self, section: str, changed: Mapping[str, object]) -> dict[str, object]:
        return {
            name: changed.get(f"{section}.{name}", value)
            for name, value in self.parameters[section].items()
        }

    def _value(self, name: str, changed: Mapping[str, object]) -> object:
        section, _, parameter = name.partition(".")
        return changed.get(name, self.parameters[section][parameter])

    def _rated(self, changed: Mapping[str, object]) -> dict[str, object]:
        return {name: value for name, value in changed.items() if name in self.ratings}

    def once(self, step: str, values: Iterable, make: Callable):
        """Return what a step makes of these values, made at the first time it is asked for."""
        key = (step, *values)
        if key not in self._kept:
            self._kept[key] = make()
        self._kept.move_to_end(key)
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)
        return self._kept[key]
