"""Error rates of the claims' tests: how often each supports when nothing is there, and its power.

    python -m tools.simulations.error_rates [FOLDER]

simulates worlds like those of a data package (``data/raw``), in which either nothing is there or an
effect of a stated size is, decides them by the named tests themselves, and writes
``error_rates.csv`` beside the data. ``python3 src/helpers describe FOLDER`` then renews its hash.
The same seed gives the same bytes. What is alike in every world is taken from the package:

zones
    The zones, who touches whom, the spread between the areas of a zone and how measures go
    together. Nothing there: noise without zones, more or less alike between neighbours (spatial
    autoregression, rho). Effect: standard deviations between the areas of a zone.
courses of years
    The years that are published, the spread of the steps and how the areas go together. Nothing
    there: no growth, or poverty that walks at random (with growth as published). Effect: standard
    deviations of a step, a year.
scores
    The sample's design and the spread of the answers; respondents of each kecamatan are drawn
    again. Nothing there: a mean that lies at the limit. Effect: points of the scale beyond it.
strategies
    The experts, whose ratings are dealt out to the factors at random. Effect: points on the ratings
    of the strategy's two factors.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd

from helpers import claims, force_field, multiverse, scoring
from helpers.claims import courses, zones
from helpers.claims.series import level_steps, values_by_year
from helpers.study import Study, parameters

COLUMNS = ["test", "rule", "null", "false_support", "effect", "power", "draws"]
SEED, PERMUTATIONS = 1759, 999
# Worlds of each kind: as many as bring Wilson's upper limit of every rate in force below 10 %.
DRAWS = {"zone_higher": 400, "zone_higher_share": 400, "growth_continues": 800, "poor_rise": 800,
         "growth_with_rising_poor": 200, "strongly_needed": 200, "not_easy": 200,
         "strategy_priority": 200}
RHOS = (0.0, 0.3, 0.5, 0.7, 0.9)
EFFECTS = {"zone_higher": 1.0, "zone_higher_share": 1.0, "growth_continues": 1.0, "poor_rise": 1.0,
           "growth_with_rising_poor": 1.0, "strongly_needed": 0.1, "not_easy": 0.1,
           "strategy_priority": 1.0}
Worlds = Callable[[np.random.Generator, float], claims.Evidence]


class World:
    """What is alike in every world: resources, steps of the chain, claims and rules in force."""

    def __init__(self, folder: Path):
        in_force = parameters.load()
        study = Study("synthesis", in_force | in_force["synthesis"], folder, checked=True)
        sections = {name: part for name, part in in_force.items() if isinstance(part, dict)}
        self.chain = multiverse.Analysis(multiverse.read(study), sections, SEED)
        self.claims = study.table("claims").drop_duplicates("test").set_index("test", drop=False)
        self.rules = replace(claims.Rules(**in_force["synthesis"], seed=SEED),
                             permutations=PERMUTATIONS)
        self.series = study.table("series")
        self.confidence = in_force["scoring"]["confidence"]

    def pair(self, test: str) -> list[str]:
        """Zones that a claim compares."""
        options = dict(part.split("=") for part in self.claims.loc[test, "options"].split(";"))
        return [options["zone_a"], options["zone_b"]]


def error_rates(folder: Path, draws: int | None = None, rhos=RHOS) -> pd.DataFrame:
    """Error rate and power of every named test under every rule.

    Parameters
    ----------
    folder : Path
        Data package.
    draws : int, optional
        Simulated worlds of each kind; else those of `DRAWS`.

    Returns
    -------
    DataFrame
        The columns `COLUMNS`: ``false_support`` is the share of worlds with nothing in them in
        which the test supports, ``power`` the share where the effect is there.
    """
    world, rows = World(folder), []
    for test, rules, null, worlds in _kinds(world, rhos):
        shares, count = {}, draws or DRAWS[test]
        for size in (0.0, EFFECTS[test]):
            rng = np.random.default_rng([SEED, crc32(f"{test} {null} {size}".encode())])
            found = np.zeros(len(rules))
            for _ in range(count):
                evidence = worlds(rng, size)
                found += [claims.decide(world.claims.loc[test], evidence, rule).verdict
                          == "supported" for rule in rules.values()]
            shares[size] = found / count
        rows += [(test, rule, null, shares[0.0][place], EFFECTS[test],
                  shares[EFFECTS[test]][place], count) for place, rule in enumerate(rules)]
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(
        ["test"], key=lambda names: names.map([*claims.TESTS].index), kind="stable",
        ignore_index=True)


def _kinds(world: World, rhos) -> Iterator[tuple[str, dict[str, claims.Rules], str, Worlds]]:
    """Test, its rules, what is there when nothing is, and the worlds."""
    nulls = {null: replace(world.rules, zone_null=null) for null in zones.NULLS}
    for rho in rhos:
        yield "zone_higher", nulls, f"sar_{rho}", _indices(world, rho)
        yield "zone_higher_share", nulls, f"sar_{rho}", _measures(world, rho)
    for period, test in product(("thesis", "today"), ("growth_continues", "poor_rise",
                                                      "growth_with_rising_poor")):
        rules = {rule: replace(world.rules, series_rule=rule, period=period)
                 for rule in courses.SERIES_RULES}
        null = "no_growth" if test == "growth_continues" else "random_walk"
        yield test, rules, f"{null}_{period}", _series(world, test, period)
    for test, dimension, sign in (("strongly_needed", "need", 1), ("not_easy", "access", -1)):
        yield test, {"interval": world.rules}, "mean_at_limit", _scores(world, dimension, sign)
    top = {f"first_{world.rules.top_strategies}": world.rules}
    yield "strategy_priority", top, "flat_ratings", _ratings(world)


def _alike(world: World, codes: pd.Index, rho: float) -> np.ndarray:
    """Spatial autoregression: turns noise into noise alike between neighbours, of mean variance 1.
    """
    touching = world.chain.get("touching")
    near = pd.crosstab(touching["one"], touching["other"]).reindex(index=codes, columns=codes)
    weights = near.fillna(0).div(near.sum(axis=1).replace(0, 1), axis=0).to_numpy()
    mixing = np.linalg.inv(np.eye(len(codes)) - rho * weights)
    return mixing / np.sqrt((mixing ** 2).sum() / len(codes))


def _indices(world: World, rho: float) -> Worlds:
    pair, touching = world.pair("zone_higher"), world.chain.get("touching")
    index = world.chain.get("decisive_index").dropna()
    index = index[index["zone"].isin(pair)]
    mixing, first = _alike(world, index.index, rho), (index["zone"] == pair[0]).to_numpy()

    def worlds(rng: np.random.Generator, size: float) -> claims.Evidence:
        found = index.assign(index=mixing @ rng.normal(size=len(index)) + size * first)
        return claims.Evidence({"development_index": found, "touching": touching})

    return worlds


def _measures(world: World, rho: float) -> Worlds:
    pair, touching = world.pair("zone_higher_share"), world.chain.get("touching")
    table, catalogue = world.chain.get("area_measures"), world.chain.inputs["catalogue"]
    table = table[table["zone"].isin(pair)]
    direction = table["indicator"].map(catalogue.set_index("indicator")["direction"])
    wide = table.assign(value=table["value"] * direction).pivot(
        index="code", columns="indicator", values="value")
    zone = table.drop_duplicates("code").set_index("code")["zone"].reindex(wide.index)
    together = wide.sub(wide.groupby(zone).transform("mean")).corr().to_numpy()
    values, vectors = np.linalg.eigh(together)
    root = vectors * np.sqrt(values.clip(0))
    mixing, first = _alike(world, wide.index, rho), (zone == pair[0]).to_numpy()
    places = (wide.index.get_indexer(table["code"]), wide.columns.get_indexer(table["indicator"]))

    def worlds(rng: np.random.Generator, size: float) -> claims.Evidence:
        noise = mixing @ rng.normal(size=wide.shape) @ root.T + size * first[:, None]
        found = table.assign(value=noise[places] * direction)
        return claims.Evidence({"area_measures": found, "touching": touching,
                                "catalogue": catalogue})

    return worlds


def _series(world: World, test: str, period: str) -> Worlds:
    """Series over the years of the period, with the spread that steps of today have."""
    evidence, rules = claims.Evidence({}, world.series), replace(world.rules, period=period)

    def published(names, when) -> pd.DataFrame:
        return evidence.rows(names, None, rules, when)

    growing = test == "growth_continues"
    kinds = [courses.GROWTH] if growing else [[name] for name in courses.POOR]
    rows = next(rows for names in kinds if len(rows := published(names, period)) and (
        growing or rows.duplicated("area").any()))
    now = published(kinds[0], "today")
    steps = {area: line if growing else level_steps(line).set_index("last")["change"]
             for area, line in values_by_year(now).items()}
    spread = {area: line.std() for area, line in steps.items()}
    together = pd.DataFrame(steps).corr().fillna(0).to_numpy()
    root = np.linalg.cholesky(together + 1e-9 * np.eye(len(together)))
    others = published(courses.GROWTH, period) if "growth_with" in test else rows.iloc[:0]
    places, years = [*steps], np.arange(rows["year"].min(), rows["year"].max() + 1)

    def worlds(rng: np.random.Generator, size: float) -> claims.Evidence:
        moved = pd.DataFrame((rng.normal(size=(len(years), len(places))) @ root.T + size)
                             * [spread[area] for area in places], years, places)
        lines = moved if growing else 100 + moved.cumsum()
        values = [lines.at[year, area] for year, area in zip(rows["year"], rows["area"])]
        return claims.Evidence({}, pd.concat([rows.assign(value=values), others]))

    return worlds


def _scores(world: World, dimension: str, sign: int) -> Worlds:
    """Samples drawn again in each stratum from the answers, moved to lie at the limit."""
    limit = world.rules.strong_need if dimension == "need" else world.rules.easy_access
    scale = world.chain.get("scales").query("dimension == @dimension").iloc[0]
    column, design = scale["variable"], world.chain.get("design").add_prefix("design ")
    data = world.chain.get("respondents")[[column]].join(design).dropna()
    mean = np.average(data[column], weights=data["design weight"])
    strata = [np.flatnonzero(data["design code"] == code) for code in data["design code"].unique()]
    population = "design units" if "design units" in data else None

    def worlds(rng: np.random.Generator, size: float) -> claims.Evidence:
        again = data.iloc[np.concatenate([rng.choice(part, len(part)) for part in strata])]
        again = again.assign(**{column: again[column] - mean + limit + sign * size})
        found = scoring.estimate_means(again, [column], "design weight", "design code", population,
                                       confidence=world.confidence)
        test = world.claims.loc["strongly_needed" if sign > 0 else "not_easy"]
        aspect = dict(part.split("=") for part in test["options"].split(";"))["aspect"]
        return claims.Evidence({"scores": found.assign(domain="all", dimension=dimension,
                                                       aspect=aspect)})

    return worlds


def _ratings(world: World) -> Worlds:
    factors, ratings, linkages, strategies = (
        world.chain.inputs[name] for name in ("factors", "ratings", "linkages", "strategies"))
    named = world.claims.loc["strategy_priority", "options"].partition("=")[2]
    its_own = strategies.set_index("strategy").loc[named, ["driving", "restraining"]].tolist()
    names = factors["factor"].to_numpy()

    def worlds(rng: np.random.Generator, size: float) -> claims.Evidence:
        dealt = {expert: dict(zip(names, rng.permutation(names)))
                 for expert in ratings["expert"].unique()}

        def renamed(table: pd.DataFrame, column: str) -> list[str]:
            return [dealt[expert][factor] for expert, factor in zip(table["expert"], table[column])]

        rated = ratings.assign(factor=renamed(ratings, "factor"))
        more = size * rated["factor"].isin(its_own)
        rated = rated.assign(**{name: (rated[name] + more).clip(upper=5)
                                for name in ("urgency", "support")})
        linked = linkages.assign(**{name: renamed(linkages, name)
                                    for name in ("factor_a", "factor_b")})
        table = force_field.analyse(factors, rated, linked)
        ranked = force_field.rank_strategies(strategies, table)
        chance = force_field.strategy_chance(ranked, table)
        return claims.Evidence({"strategies": ranked, "strategy_chance": chance})

    return worlds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("data/raw"))
    given = parser.parse_args()
    found = error_rates(given.folder)
    found.to_csv(given.folder / "error_rates.csv", index=False, lineterminator="\n")
    print(found.to_string())


if __name__ == "__main__":
    main()
