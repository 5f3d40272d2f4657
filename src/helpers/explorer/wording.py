"""Names of parameters, their values and ratings, as people read them."""

from collections.abc import Mapping

from helpers.explorer.controls import Control
from helpers.publish.choices import choice_name
from helpers.publish.texts import Texts

INDICATORS = ("disparity.reference_indicator", "disparity.index_activity",
              "disparity.index_schools", "disparity.index_leave_out")
YEARS = ("disparity.year", "synthesis.period_split")


class Wording:
    """What a page calls things, in one language; ``labels`` are those of indicators and factors."""

    def __init__(self, lang: str, controls: Mapping[str, Control], labels: Mapping[str, str]):
        self.t = Texts(lang, "explorer")
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
        if isinstance(value, str):
            return Texts(self.t.lang, name.partition(".")[0]).word(value)
        if name in YEARS:
            return str(value)
        if self.controls[name].share:
            return self.t.percent(value, 0 if round(100 * value, 6) == round(100 * value) else 1)
        return self.t.number(value, 0 if value == int(value) else 2)
