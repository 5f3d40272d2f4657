"""The stages: notebook, resources, stages before it. Standard library only, from Python 3.7 on."""

from __future__ import annotations

from dataclasses import dataclass

EVERYTHING = "*"
# What claims rest on, whatever the stages published: the chain says which resources and parameters.
BEHIND_CLAIMS = "behind claims"


@dataclass(frozen=True)
class Stage:
    """One notebook of the chain.

    Its name is that of its target and of its section in ``params.yml``. It ``needs`` some resources
    and ``may_use`` others (``EVERYTHING``: any; ``BEHIND_CLAIMS``: those that claims rest on),
    comes ``after`` the stages whose tables and figures it reads, and ``weighs`` parameters of other
    stages, because it tries their alternatives too (``BEHIND_CLAIMS``: those that claims rest on).
    ``length`` is roughly how long it runs: the longest way to the end starts first. ``meaning`` is
    what the help says.
    """

    name: str
    notebook: str
    needs: tuple[str, ...]
    may_use: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    weighs: tuple[str, ...] = ()
    length: int = 1
    meaning: str = ""

    def missing(self, resources) -> list[str]:
        """Needed resources that are not among ``resources``."""
        return [name for name in self.needs if name not in resources]

    def reads(self, resources) -> list[str]:
        """Those of ``resources`` that the stage may read."""
        if EVERYTHING in self.may_use:
            return list(resources)
        known = {*self.needs, *self.may_use, "sources"}
        if BEHIND_CLAIMS in known:
            # Imported late: whether there is anything to do is found out before the methods are.
            from helpers.chain import RESOURCES

            known |= {*RESOURCES}
        return [name for name in resources if name in known]

    def weighed(self) -> list[str]:
        """Parameters of other stages that it reads."""
        if BEHIND_CLAIMS not in self.weighs:
            return list(self.weighs)
        from helpers.chain import behind_claims

        return [name for name in behind_claims() if name.partition(".")[0] != self.name]


POLYGONS = ("villages", "land", "boundaries")
METHODS = ("sampling", "scoring", "disparity", "force_field")
STAGES = (
    Stage("overview", "0_overview", ("areas",), (EVERYTHING,), meaning="the map of the chain"),
    Stage("sampling", "1_sampling", ("areas", "frame"), POLYGONS, length=2,
          meaning="sample size, allocation and draw"),
    Stage("scoring", "2_scoring", ("areas", "items", "responses"),
          ("frame", "known_totals", *POLYGONS), length=5,
          meaning="reliability, scores, need and access by zone"),
    Stage("disparity", "3_disparity", ("areas", "indicators"),
          ("catalogue", "series", "village_indicators", "national", "coverage", *POLYGONS),
          length=8,
          meaning="indicators, inequality, spatial clusters, development index"),
    Stage("force_field", "4_force_field", ("factors", "ratings", "linkages", "strategies"),
          ("comparisons", "items"), after=("scoring",), length=4,
          meaning="driving and restraining factors, balance, strategies"),
    Stage("synthesis", "5_synthesis", ("claims",),
          ("findings", "error_rates", BEHIND_CLAIMS, *POLYGONS),
          METHODS, (BEHIND_CLAIMS,), length=5,
          meaning="the abstract's claims against the tables (runs first what it needs)"),
)
