"""The stages: which notebook, which resources, which stages before it."""

from dataclasses import dataclass

EVERYTHING = "*"


@dataclass(frozen=True)
class Stage:
    """One notebook of the chain.

    Attributes
    ----------
    name : str
        Name of the stage, of its target, and of its section in ``params.yml``.
    notebook : str
        File name without ending.
    needs : tuple of str
        Resources without which the stage does not run.
    may_use : tuple of str
        Resources that the stage reads where they are there; ``EVERYTHING`` means any.
    after : tuple of str
        Stages whose tables and figures it reads.
    weighs : tuple of str
        Parameters of other stages that it reads, because it tries their alternatives too
        (``multiverse.yml``).
    length : int
        Roughly how long it runs, beside the others: the longest way to the end starts first.
    """

    name: str
    notebook: str
    needs: tuple[str, ...]
    may_use: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    weighs: tuple[str, ...] = ()
    length: int = 1

    def missing(self, resources) -> list[str]:
        """Return the needed resources that are not among ``resources``."""
        return [name for name in self.needs if name not in resources]

    def reads(self, resources) -> list[str]:
        """Return those of ``resources`` that the stage may read."""
        if EVERYTHING in self.may_use:
            return list(resources)
        return [name for name in resources if name in self.needs + self.may_use + ("sources",)]


POLYGONS = ("villages", "land", "boundaries")
# What the claims rest on, whatever the stages published: see helpers.multiverse.
WEIGHED = ("scoring.missing", "scoring.missing_share", "scoring.weights", "scoring.confidence",
           "scoring.minimum_cell", "disparity.year", "disparity.city_zone",
           "disparity.normalisation", "disparity.index_weights", "disparity.population_indicator",
           "force_field.weighting", "force_field.divisor", "force_field.linkage_scope",
           "force_field.aggregate", "force_field.strategy_rule", "force_field.urgency_source",
           "force_field.evidence")
BEHIND_CLAIMS = ("series", "catalogue", "areas", "items", "responses", "frame", "indicators",
                 "factors", "ratings", "linkages", "comparisons", "strategies")
METHODS = ("sampling", "scoring", "disparity", "force_field")
STAGES = (Stage("overview", "0_overview", ("areas",), (EVERYTHING,)),
          Stage("sampling", "1_sampling", ("areas", "frame"), POLYGONS, length=2),
          Stage("scoring", "2_scoring", ("areas", "items", "responses"), ("frame", *POLYGONS),
                length=5),
          Stage("disparity", "3_disparity", ("areas", "indicators"),
                ("catalogue", "series", *POLYGONS), length=8),
          Stage("force_field", "4_force_field", ("factors", "ratings", "linkages", "strategies"),
                ("comparisons", "items"), after=("scoring",), length=4),
          Stage("synthesis", "5_synthesis", ("claims",), BEHIND_CLAIMS, METHODS, WEIGHED, length=5),
          )
