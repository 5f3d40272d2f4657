"""Tabs of the explorer as HTML. Everything from the data is escaped."""

from collections.abc import Callable, Mapping
from html import escape

import pandas as pd

from helpers import geography
from helpers.explorer.controls import Control
from helpers.explorer.drawing import Canvas
from helpers.explorer.results import Results
from helpers.languages import in_language
from helpers.messages import translate
from helpers.publish import findings, verdicts
from helpers.publish.choices import choice_name
from helpers.publish.tables import styles_of, to_html
from helpers.publish.texts import Texts
from helpers.study.package import weakest

INDICATORS = ("disparity.reference_indicator", "disparity.index_activity",
              "disparity.index_schools", "disparity.index_leave_out")
YEARS = ("disparity.year", "synthesis.period_split")
CLASSES = 5  # of the map of respondents
SCORES = {"level": "word", "dimension": "word", "aspect": "word", "n": "d", "mean": ".2f",
          "ci_low": ".2f", "ci_high": ".2f", "class": "word"}
GAPS = {"level": "word", "aspect": "word", "need": ".2f", "access": ".2f", "gap": ".2f",
        "ci_low": ".2f", "ci_high": ".2f", "quadrant": "word"}
PRECISION = {"domain": "word", "level": "word", "units": "d", "n": "d", "margin": ".1%"}
CLASS_LIMITS = {"class": "word", "above": ".2f", "up_to": ".2f"}
FACTORS = {"factor": "text", "label": "text", "force": "word", "nu": ".2f", "bf": ".3f",
           "nd": ".2f", "nbd": ".3f", "nbk": ".3f", "tnb": ".3f", "rank": "d", "key": "word"}
STRATEGIES = {"rank": "d", "label": "text", "driving": "text", "restraining": "text",
              "score": ".3f"}
CLAIMS = {"label": "text", "verdict": "verdict", "basis": "word", "result": "text",
          "limits": "text", "beside": "text", "before": "text"}


class Wording:
    """What a page calls things, in one language; ``labels`` are those of indicators and factors,
    ``sources`` the publishers by their keys."""

    def __init__(self, lang: str, controls: Mapping[str, Control], labels: Mapping[str, str],
                 sources: Mapping[str, str] = {}):
        self.t = Texts(lang, "explorer", sources=sources)
        # The names that the synthesis gives to the choices of the multiverse.
        self._synthesis = Texts(lang, "synthesis")
        self.controls, self.labels = controls, labels

    def name(self, name: str) -> str:
        """Name of a parameter, or of a rating ``judgement.expert.factor``."""
        if name in self.controls:
            return choice_name(self.t if self.t.has(f"choice.{name}") else self._synthesis, name)
        judgement, expert, factor = name.split(".", 2)
        return self.t(f"rating.{judgement}", expert=expert, factor=self.labels.get(factor, factor))

    def value(self, name: str, value: object) -> str:
        """Value in words, or as the language writes numbers."""
        if name not in self.controls:
            return self.t.number(value)
        if name in INDICATORS and value in self.labels:
            return self.labels[value]
        key = f"alternative.{name}.{value}"
        for texts in (self.t, self._synthesis):
            if texts.has(key):
                return texts(key)
        if name.endswith("_source"):
            return self.t.source(value)
        if isinstance(value, str):
            return Texts(self.t.lang, name.partition(".")[0]).word(value)
        if name in YEARS:
            return str(value)
        if self.controls[name].share:
            return self.t.percent(value, 0 if round(100 * value, 6) == round(100 * value) else 1)
        return self.t.number(value, 0 if value == int(value) else 2)


class Pages:
    """Tabs of a data package in one language; there is no canvas without geometry."""

    def __init__(self, results: Results, wording: Wording, canvas: Canvas | None):
        self.results, self.wording, self.canvas, self.t = results, wording, canvas, wording.t

    def page(self, tab: str, changed: Mapping[str, object]) -> str:
        """Page of a tab; where a table cannot be made, the page says why."""
        made: Callable = {"sampling": self._sample, "scoring": self._scores,
                          "disparity": self._disparity, "force_field": self._force_field,
                          "synthesis": self._claims}[tab]
        try:
            return made(changed)
        except ValueError as error:
            reason = str(translate(error, self.t.lang))
            return (f'<p class="problem" role="alert">'
                    f'{escape(self.t("page.refused", reason=reason))}</p>')

    def distance(self, changed: Mapping[str, object]) -> str:
        """Parameters, ratings and verdicts in which a setting differs from the one in force."""
        if not changed:
            return f"<p>{escape(self.t('distance.none'))}</p>"
        turned = self._turned(changed)
        lines = {"changes": [self.t("distance.change", name=self.wording.name(name),
                                    own=self.wording.value(name, self._in_force(name, {})),
                                    now=self.wording.value(name, value))
                             for name, value in changed.items()],
                 "verdicts": [self.t("distance.verdict", claim=row["label"], own=row["before"],
                                     now=row["now"]) for row in turned.to_dict("records")]}
        parts = "".join(f'<h3>{escape(self.t(f"distance.{kind}"))}</h3><ul class="{kind}">'
                        + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"
                        for kind, texts in lines.items() if texts)
        told = self.t("distance.some", changes=len(changed), verdicts=len(turned))
        return f"<details><summary>{escape(told)}</summary>{parts}</details>"

    def _turned(self, changed: Mapping[str, object]) -> pd.DataFrame:
        if not self.results.has("synthesis"):
            return pd.DataFrame(columns=["label", "before", "now"])
        told = self._told_claims(changed)
        return told[told["verdict"] != told["own verdict"]]

    def _sample(self, changed: Mapping[str, object]) -> str:
        t = self._texts("sampling")
        size, allocation = (self.results.table(name, changed)
                            for name in ("sample_size", "sample_allocation"))
        chosen = size.iloc[0]
        lead = self._lead("lead.sampling", n=int(chosen["n"]), population=int(chosen["population"]),
                          method=t.word(chosen["method"]), smallest=int(allocation["n"].min()),
                          largest=int(allocation["n"].max()))
        picture = ""
        if self.canvas is not None and allocation["n"].nunique() > 1:
            limits = geography.class_limits(allocation["n"], "quantiles", CLASSES, whole=True)
            status = self.results.status("sample_allocation", changed, drawn=True)
            picture = self.canvas.classes(allocation.set_index("code")["n"],
                                          limits, self.t("map.sampling"), "", status, t)
        return "".join([lead, self._made("sample_size", changed, t), picture,
                        self._made("precision", changed, t, styles=PRECISION),
                        self._made("sample_allocation", changed, t)])

    def _scores(self, changed: Mapping[str, object]) -> str:
        t, scores = self._texts("scoring"), self.results.table("scores", changed)
        whole = scores[scores["domain"].isin(["all", "zone", "business_type"])]
        total = whole[(whole["domain"] == "all") & (whole["aspect"] == "all")]
        lead = "".join(self._lead("lead.scoring", dimension=t.word(row["dimension"]),
                                  mean=row["mean"], low=row["ci_low"], high=row["ci_high"],
                                  word=t.word(row["class"])) for _, row in total.iterrows())
        gaps = self.results.table("need_access_gap", changed)
        wide = None if gaps is None else gaps[gaps["domain"] != "area"]
        return "".join([lead, self._made("score_classes", changed, t, styles=CLASS_LIMITS),
                        self._made("scores", changed, t, whole, SCORES),
                        self._made("need_access_gap", changed, t, wide, GAPS)])

    def _disparity(self, changed: Mapping[str, object]) -> str:
        t, names = self._texts("disparity"), self.wording.labels
        row = self.results.table("inequality", changed).iloc[0]
        name, year = row["indicator"], row["year"]
        label = names.get(name, name) + ("" if pd.isna(year) else f", {year}")
        parts = [self._lead("lead.disparity", label=label, gini=row["gini"], theil=row["theil"],
                            share=row["between_share"]),
                 *self._maps(label, self.results.unit(name, t), changed)]
        for key in ("zone_indicators", "inequality", "spatial_autocorrelation"):
            table = self.results.table(key, changed)
            named = None if table is None else table.assign(indicator=names.get(name, name))
            parts.append(self._made(key, changed, t, named))
        return "".join([*parts, self._made("development_index", changed, t)])

    def _maps(self, label: str, unit: str, changed: Mapping[str, object]) -> list[str]:
        if self.canvas is None:
            return []
        t, status = self._texts("disparity"), self.results.status("inequality", changed, drawn=True)
        values, _ = self.results.table("followed", changed)
        limits = self.results.table("class_limits", changed)
        pictures = [self.canvas.classes(values, limits, label, unit, status, t)]
        clusters = self.results.table("local_clusters", changed)
        if clusters is not None:
            title = self.t("map.clusters", label=label)
            words = clusters.set_index("code")["cluster"]
            pictures.append(self.canvas.clusters(words, title, status, t))
        return ['<div class="maps">', *pictures, "</div>"]

    def _force_field(self, changed: Mapping[str, object]) -> str:
        t = self._texts("force_field")
        factors, strategies = (self.results.table(name, changed)
                               for name in ("ffa_factors", "strategies"))
        factors = factors.assign(label=factors["factor"].map(self.wording.labels))
        strategies = strategies.assign(label=in_language(strategies, "label", t.lang))
        first = strategies.iloc[0]
        return "".join([
            self._lead("lead.force_field", strategy=first["label"], score=first["score"],
                       status=t.word(self.results.status("strategies", changed))),
            self._made("strategies", changed, t, strategies, STRATEGIES),
            self._made("ffa_balance", changed, t),
            self._made("ffa_factors", changed, t, factors.sort_values(["force", "rank"]), FACTORS)
        ])

    def _claims(self, changed: Mapping[str, object]) -> str:
        told = self._told_claims(changed)
        testable = told[told["basis"] != ""]
        published = testable[testable["basis"] == "published"]
        turned = told["verdict"] != told["own verdict"]
        lead = self._lead("lead.synthesis", claims=len(told),
                          published=len(published), turned=int(turned.sum()),
                          supported=int((published["verdict"] == "supported").sum()))
        shown = told.assign(before=told["before"].where(turned, self.t("claims.same")),
                            basis=told["basis"].replace("", None),
                            beside=findings.counted(self.results.table("published_comparison", {}),
                                                 told["claim"], t=self.t))
        status = weakest([*testable["basis"]] or ["published"])
        return lead + self._table("claims", shown, self.t, status, CLAIMS)

    def _told_claims(self, changed: Mapping[str, object]) -> pd.DataFrame:
        """Claims in words, beside their verdicts without any change."""
        return self.results.once_for_claims(f"told {self.t.lang}", changed,
                                            lambda: self._tell(changed))

    def _tell(self, changed: Mapping[str, object]) -> pd.DataFrame:
        t, own, now = (self._texts("synthesis"), self.results.claims({}),
                       self.results.claims(changed))
        rows = list(now.itertuples())
        levels = {section: {name: self._in_force(f"{section}.{name}", changed)}
                  for section, name in (("synthesis", "alpha"), ("scoring", "confidence"))}
        return now.assign(
            label=in_language(now, "text", t.lang),
            result=verdicts.results(now, t=t), limits=verdicts.limits(now, levels, t=t),
            now=[t.verdict(row.verdict, row.basis) for row in rows],
            before=[t.verdict(row.verdict, row.basis) for row in own.itertuples()],
            **{"own verdict": own["verdict"]})

    def _in_force(self, name: str, changed: Mapping[str, object]):
        """Value of a parameter or rating under a setting."""
        if name in self.results.ratings:
            return changed.get(name, self.results.ratings[name])
        section, _, parameter = name.partition(".")
        return changed.get(name, self.results.parameters[section][parameter])

    def _lead(self, key: str, **values) -> str:
        return f'<p class="lead">{escape(self.t(key, **values))}</p>'

    def _made(self, name: str, changed: Mapping[str, object], t: Texts,
              shown: pd.DataFrame | None = None, styles: Mapping[str, str] | None = None) -> str:
        """A table of the chain, or the rows of it that are shown; nothing where it is not there."""
        table = self.results.table(name, changed) if shown is None else shown
        if table is None:
            return ""
        return self._table(name, table, t, self.results.status(name, changed), styles)

    def _table(self, name: str, frame: pd.DataFrame, t: Texts, status: str,
               styles: Mapping[str, str] | None = None) -> str:
        styles = styles or styles_of(name, frame.columns)
        title = self.t(f"table.{name}.title")
        shown = frame[[column for column in styles if column in frame]
                      + (["basis"] if "basis" in styles else [])]
        table = to_html(shown.loc[:, ~shown.columns.duplicated()], dict(styles), t, title, status)
        return (f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(title)}">'
                f'{table}</div><button type="button" class="csv" data-csv="{name}" '
                f'aria-label="CSV: {escape(title)}">CSV</button>')

    def _texts(self, stage: str) -> Texts:
        return Texts(self.t.lang, stage)
