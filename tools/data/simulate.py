"""The simulated questionnaire and the illustrative force field: made by models, from a seed.

No one was asked. The data exist so that the method of the thesis can be rehearsed from end to end;
they are never a finding. ``python -m tools.data.simulate FOLDER`` reads ``frame.csv``,
``items.csv`` and ``factors.csv`` of a folder and writes ``responses.csv``, ``ratings.csv`` and
``linkages.csv`` beside them. The same seed gives the same bytes.

Every number that was chosen stands in `Questionnaire` and `ForceField`. What was *not* built in:
any difference between zones, kecamatan, business types or other domains, and any difference between
capital, market and policy. What a table shows of such differences is chance.
"""

import argparse
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.sampling import allocate, sample_size

SEED = 1759

ASPECTS = ("capital", "market", "policy")
TRAITS = tuple((dimension, aspect) for dimension in ("need", "access") for aspect in ASPECTS)


@dataclass(frozen=True)
class Questionnaire:
    """Choices behind the simulated answers.

    The abstract gives words, not numbers: capital, market and policy are all strongly needed, and
    access to none of them is easy. `need_location` and `access_location` were set so that the mean
    need lies in the highest of three classes on 1-5 and the mean access at or below the midpoint;
    the same values serve all three aspects. The other values were chosen so that the scales are as
    reliable as questionnaires of this kind usually are (alpha 0.7 to 0.9).

    Attributes
    ----------
    margin : float
        Sampling margin in Slovin's formula, which gives the number of respondents.
    within_dimension : float
        Correlation of two traits of the same dimension (two needs, or two accesses).
    same_aspect : float
        Correlation of need and access of the same aspect: who has access needs a little less.
    other : float
        Correlation of need and access of different aspects.
    discriminations : tuple of float
        How sharply the first to fourth item of an aspect tells people apart, on the logistic scale.
    need_location, access_location : float
        Trait at which an answer is as likely above as below the middle category. Low is easy to
        agree with.
    item_shifts : tuple of float
        Added to the location for the first to fourth item, so that items differ in how easy they
        are to agree with.
    steps : tuple of float
        Added to an item's location for the thresholds of categories 2 to 5.
    missing : float
        Probability that an answer is missing, whatever it is and whoever gives it.
    business_type, gender, sector, business_age : dict
        Shares of the domains. Drawn independently of each other, of the area and of all traits.
    """

    margin: float = 0.05
    within_dimension: float = 0.55
    same_aspect: float = -0.25
    other: float = -0.10
    discriminations: tuple[float, ...] = (1.7, 2.1, 1.9, 1.6)
    need_location: float = -1.65
    access_location: float = 0.60
    item_shifts: tuple[float, ...] = (-0.20, 0.0, 0.20, 0.05)
    steps: tuple[float, ...] = (-1.8, -0.7, 0.7, 1.8)
    missing: float = 0.015
    business_type: dict[str,
                        float] = field(default_factory=lambda: {"small": 0.35, "informal": 0.65})
    gender: dict[str, float] = field(default_factory=lambda: {"female": 0.48, "male": 0.52})
    sector: dict[str, float] = field(
        default_factory=lambda:
        {"trade": 0.42, "food": 0.24, "manufacturing": 0.20, "services": 0.14})
    business_age: dict[str, float] = field(
        default_factory=lambda:
        {"under_3_years": 0.24, "3_to_10_years": 0.43, "over_10_years": 0.33})

    @property
    def domains(self) -> dict[str, dict[str, float]]:
        """Shares by domain column, in the order of the columns."""
        return {
            name: getattr(self, name)
            for name in ("business_type", "gender", "sector", "business_age")
        }


MODERATE, CONSIDERABLE, STRONG = 3.0, 3.5, 4.0


@dataclass(frozen=True)
class ForceField:
    """Choices behind the made-up judgements of the experts.

    The means were set once, from the wording of the factors and before any ranking was computed, on
    three levels only: moderate 3.0, considerable 3.5, strong 4.0. They were not changed to let a
    strategy win or lose.

    Attributes
    ----------
    experts : int
        How many experts judge.
    means : dict
        Mean urgency and mean support by factor.
    same_aspect : float
        Mean linkage of two factors of one aspect.
    linkages : dict
        Mean linkage of two factors of different aspects.
    leniency, noise : float
        Standard deviation between experts, and of single judgements, in points of the scale.
    """

    experts: int = 7
    means: dict[str, tuple[float, float]] = field(
        default_factory=lambda: {
            "D1": (CONSIDERABLE, STRONG),
            "D2": (MODERATE, MODERATE),
            "D3": (CONSIDERABLE, CONSIDERABLE),
            "D4": (STRONG, CONSIDERABLE),
            "D5": (MODERATE, CONSIDERABLE),
            "D6": (CONSIDERABLE, CONSIDERABLE),
            "D7": (CONSIDERABLE, CONSIDERABLE),
            "D8": (MODERATE, STRONG),
            "D9": (CONSIDERABLE, CONSIDERABLE),
            "H1": (STRONG, STRONG),
            "H2": (STRONG, CONSIDERABLE),
            "H3": (STRONG, STRONG),
            "H4": (CONSIDERABLE, CONSIDERABLE),
            "H5": (CONSIDERABLE, MODERATE),
            "H6": (CONSIDERABLE, CONSIDERABLE),
            "H7": (CONSIDERABLE, MODERATE),
            "H8": (CONSIDERABLE, STRONG),
            "H9": (CONSIDERABLE, CONSIDERABLE),
        }
    )
    same_aspect: float = 3.5
    linkages: dict[tuple[str, str], float] = field(
        default_factory=lambda: {
            ("capital", "market"): 2.5,
            ("capital", "policy"): 2.5,
            ("capital", "skills"): 2.0,
            ("capital", "technology"): 3.0,
            ("market", "policy"): 2.0,
            ("market", "skills"): 2.5,
            ("market", "technology"): 3.0,
            ("policy", "skills"): 2.5,
            ("policy", "technology"): 1.5,
            ("skills", "technology"): 3.5,
        }
    )
    leniency: float = 0.3
    noise: float = 0.6


QUESTIONNAIRE = Questionnaire()
FORCE_FIELD = ForceField()


def stream(seed: int, name: str) -> np.random.Generator:
    """Random stream with a name: what one stream draws does not move another.

    Examples
    --------
    >>> bool(stream(1, "traits").random() == stream(1, "traits").random())
    True
    >>> bool(stream(1, "traits").random() == stream(1, "answers").random())
    False
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(name.encode())))


def trait_correlation(model: Questionnaire = QUESTIONNAIRE) -> pd.DataFrame:
    """Correlation matrix of the six traits.

    Parameters
    ----------
    model : Questionnaire

    Returns
    -------
    DataFrame, 6 x 6
        Labelled by dimension and aspect; ones on the diagonal.

    Examples
    --------
    >>> trait_correlation().loc[("need", "capital")].tolist()
    [1.0, 0.55, 0.55, -0.25, -0.1, -0.1]
    """
    def of(one: tuple[str, str], other: tuple[str, str]) -> float:
        if one == other:
            return 1.0
        if one[0] == other[0]:
            return model.within_dimension
        return model.same_aspect if one[1] == other[1] else model.other

    labels = pd.MultiIndex.from_tuples(TRAITS, names=["dimension", "aspect"])
    return pd.DataFrame([[of(one, other) for other in TRAITS] for one in TRAITS], index=labels,
                        columns=labels)


def category_probabilities(trait: np.ndarray, discrimination: float, thresholds) -> np.ndarray:
    r"""Probability of each answer category in Samejima's graded response model.

    $$P(Y \ge k) = \frac{1}{1 + e^{-a(\theta - b_k)}}, \qquad P(Y = k) = P(Y \ge k) - P(Y \ge k +
    1)$$

    Parameters
    ----------
    trait : array_like, shape (n,)
        :math:`\theta`, a value of the trait for each person.
    discrimination : float
        :math:`a > 0`.
    thresholds : sequence of float, length K - 1
        :math:`b_2 \le \dots \le b_K`: the traits at which a higher answer becomes as likely as not.

    Returns
    -------
    ndarray, shape (n, K)
        Rows sum to one.

    References
    ----------
    Samejima, F. (1969). Estimation of latent ability using a response pattern of graded scores.
    Psychometrika Monograph 17.

    Examples
    --------
    At the only threshold both answers are equally likely.

    >>> category_probabilities([0.0], 2.0, [0.0]).tolist()
    [[0.5, 0.5]]
    """
    distance = np.subtract.outer(np.asarray(trait, dtype=float),
                                 np.asarray(thresholds, dtype=float))
    at_least = 1.0 / (1.0 + np.exp(-discrimination * distance))
    edges = np.column_stack([np.ones(len(at_least)), at_least, np.zeros(len(at_least))])
    return edges[:, :-1] - edges[:, 1:]


def item_thresholds(dimension: str, position: int,
                    model: Questionnaire = QUESTIONNAIRE) -> np.ndarray:
    """Thresholds of the item at a position (0 to 3) of any aspect of a dimension.

    Examples
    --------
    >>> item_thresholds("access", 1).round(2).tolist()
    [-1.2, -0.1, 1.3, 2.4]
    """
    location = model.need_location if dimension == "need" else model.access_location
    return location + model.item_shifts[position] + np.asarray(model.steps)


def simulate_responses(
    frame: pd.DataFrame, items: pd.DataFrame, seed: int = SEED, model: Questionnaire = QUESTIONNAIRE
) -> pd.DataFrame:
    """Answers of a proportional sample to the questionnaire.

    The number of respondents is Slovin's, their number by area the proportional allocation of it.
    Traits are multivariate normal, answers follow the graded response model. A reverse-keyed item
    is answered on the turned scale: who has easy access disagrees with it.

    Parameters
    ----------
    frame : DataFrame
        ``code`` and ``units``.
    items : DataFrame
        ``item``, ``dimension``, ``aspect``, ``reverse``, ``lowest``, ``highest``: four items for
        each aspect, on 1-5.
    seed : int
    model : Questionnaire

    Returns
    -------
    DataFrame
        ``respondent``, ``code``, the domain columns and an integer column for each item; missing
        answers are NA.
    """
    units = frame.set_index("code")["units"].sort_index()
    quota = allocate(units, sample_size(int(units.sum()), margin=model.margin))
    codes = quota.index.repeat(quota.to_numpy())
    n = len(codes)
    people = {"respondent": [f"R{number:03d}" for number in range(1, n + 1)], "code": codes}
    for name, shares in model.domains.items():
        people[name] = stream(seed, name).choice(list(shares), size=n, p=list(shares.values()))

    correlation = trait_correlation(model)
    traits = stream(seed, "traits").standard_normal(
        (n, len(TRAITS))) @ np.linalg.cholesky(correlation.to_numpy()).T
    answers, gaps = stream(seed, "answers"), stream(seed, "missing")
    columns = {}
    for (dimension, aspect), group in items.groupby(["dimension", "aspect"], sort=False):
        trait = traits[:, TRAITS.index((dimension, aspect))]
        for position, item in enumerate(group.itertuples()):
            thresholds = item_thresholds(dimension, position, model)
            chances = category_probabilities(trait, model.discriminations[position], thresholds)
            category = (answers.random(n)[:, None] > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
            answer = item.highest - category if item.reverse else item.lowest + category
            columns[item.item] = pd.Series(answer,
                                           dtype="Int64").mask(gaps.random(n) < model.missing)
    return pd.DataFrame(people | columns)


def simulate_judgements(
    factors: pd.DataFrame, seed: int = SEED, model: ForceField = FORCE_FIELD
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ratings and linkages by made-up experts.

    A judgement is the mean of the factor (or pair), plus the leniency of the expert, plus noise,
    rounded to a whole number and kept on the scale: 1-5 for urgency and support, 0-5 for linkages.

    Parameters
    ----------
    factors : DataFrame
        ``factor`` and ``aspect``.
    seed : int
    model : ForceField

    Returns
    -------
    ratings : DataFrame
        ``expert, factor, urgency, support``
    linkages : DataFrame
        ``expert, factor_a, factor_b, linkage``, one row a pair
    """
    names = factors["factor"].tolist()
    aspect = dict(zip(names, factors["aspect"], strict=True))
    pairs = list(combinations(names, 2))
    experts = [f"E{number}" for number in range(1, model.experts + 1)]

    def pair_mean(one: str, other: str) -> float:
        aspects = tuple(sorted((aspect[one], aspect[other])))
        return model.same_aspect if aspects[0] == aspects[1] else model.linkages[aspects]

    def judge(stream_name: str, means, lowest: int) -> np.ndarray:
        draws = stream(seed, stream_name)
        leniency = draws.normal(0, model.leniency, (model.experts, 1))
        noise = draws.normal(0, model.noise, (model.experts, len(means)))
        return np.clip(np.rint(np.asarray(means) + leniency + noise), lowest, 5).astype(int).ravel()

    ratings = pd.DataFrame([(expert, name) for expert in experts for name in names],
                           columns=["expert", "factor"])
    ratings["urgency"] = judge("urgency", [model.means[name][0] for name in names], 1)
    ratings["support"] = judge("support", [model.means[name][1] for name in names], 1)
    linkages = pd.DataFrame([(expert, *pair) for expert in experts for pair in pairs],
                            columns=["expert", "factor_a", "factor_b"])
    linkages["linkage"] = judge("linkage", [pair_mean(*pair) for pair in pairs], 0)
    return ratings, linkages


def write(folder: str | Path, seed: int = SEED) -> list[Path]:
    """Write ``responses.csv``, ``ratings.csv`` and ``linkages.csv`` from the other tables of a
    folder.

    Returns
    -------
    list of Path
        The files written.
    """
    folder = Path(folder)
    frame, items, factors = (pd.read_csv(folder / f"{name}.csv")
                             for name in ("frame", "items", "factors"))
    ratings, linkages = simulate_judgements(factors, seed)
    made = {
        "responses": simulate_responses(frame, items, seed), "ratings": ratings,
        "linkages": linkages
    }
    for name, table in made.items():
        (folder / f"{name}.csv").write_bytes(
            table.to_csv(index=False, lineterminator="\n").encode())
    return [folder / f"{name}.csv" for name in made]


def main(arguments: list[str] | None = None) -> None:
    """Command line: the folder that holds the tables and gets the simulated ones."""
    parser = argparse.ArgumentParser(prog="python -m tools.data.simulate",
                                     description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="folder with frame.csv, items.csv and factors.csv")
    parser.add_argument("--seed", type=int, default=SEED, help="whole number (default %(default)s)")
    for path in write(**vars(parser.parse_args(arguments))):
        print(path)


if __name__ == "__main__":
    main()
