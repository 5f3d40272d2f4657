"""Every claim in every universe that matters to it, in pieces that can be worked out apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import claims, disclosure, forked, kept
from helpers.chain import RESOURCES, STEPS, Analysis, claim_reads, evidence_of
from helpers.choices import COMPLETIONS, Choices, with_thresholds
from helpers.errors import Error

# Combinations of the choices behind a table that one piece goes through; few, so that workers end
# together.
PIECE = 4
LARGE_PIECE = 864  # where two work: half of the indices that the project's own choices make
# Of a claim; its words have a language, and what is found has none.
ASKED = ["claim", "test", "options"]
OUTCOME = ["verdict", "statistic", "value", "low", "high"]
ANSWERS, REAL = "responses", "real answers"
SOURCE = "force_field.urgency_source"


def read(study) -> dict[str, object]:
    """Resources of an open `Study` that claims rest on, as far as its data package has them, and
    whether the answers of respondents are real."""
    real = study.has(ANSWERS) and study.status(ANSWERS) == "published"
    return study.inputs(RESOURCES) | ({REAL: True} if real else {})


def within_reach(wanted: pd.DataFrame, parameters: Mapping[str, Mapping[str,
                                                                        object]]) -> pd.DataFrame:
    """Keep the claims that universes can decide.

    Where the gaps of the survey inform urgency, strategies rest on every choice of scoring as well
    as on their own: no universe makes them again, and nothing is said about how robust they are.

    Parameters
    ----------
    wanted : DataFrame
        ``claim, test``.
    parameters : mapping
        As `Analysis` takes them.

    Examples
    --------
    >>> wanted = pd.DataFrame({"claim": ["c1", "c2"], "test": ["zone_higher", "strategy_priority"]})
    >>> within_reach(wanted, {"force_field": {"evidence": "gaps"}})["claim"].tolist()
    ['c1']
    """
    if parameters["force_field"]["evidence"] == "experts":
        return wanted
    beyond = [name for name, test in claims.TESTS.items() if "strategies" in test.tables]
    return wanted[~wanted["test"].isin(beyond)]


def check_resources(choices: Choices, package: Iterable[str],
                    parameters: Mapping[str, Mapping[str, object]]) -> None:
    """Refuse choices that need a resource which the package does not have.

    Parameters
    ----------
    choices : Choices
    package : iterable of str
        The resources that are there.
    parameters : mapping
        As `Analysis` takes them.

    Raises
    ------
    ValueError
        Naming the choice, the alternative and the resource.

    Examples
    --------
    >>> check_resources(Choices({SOURCE: ["ratings", "wins"]}), ["ratings", "comparisons"], {})
    """
    sources = choices.alternatives.get(SOURCE) or [parameters["force_field"]["urgency_source"]]
    compared = [source for source in sources if source != "ratings"]
    if compared and "ratings" in package and "comparisons" not in package:
        raise Error("'{name}' has the alternative '{alternative}', but the data package has no "
                    "comparisons; add the resource 'comparisons' or keep to 'ratings'", name=SOURCE,
                    alternative=compared[0])


@dataclass(frozen=True)
class Piece:
    """Universes that have the making of a table in common, and the claims that rest on it.

    Attributes
    ----------
    products : dict
        Claim to the rows of its own product that belong to this piece.
    """

    products: dict[str, pd.DataFrame]


def work_units(wanted: pd.DataFrame, choices: Choices, size: int = PIECE) -> list[Piece]:
    """Cut the work so that no table is made in two pieces.

    Parameters
    ----------
    wanted : DataFrame
        ``claim, test``.
    choices : Choices
    size : int
        Combinations of the choices behind a table, a piece.

    Examples
    --------
    Three alternatives of the year make three indices; alpha is tried on each of them.

    >>> wanted = pd.DataFrame({"claim": ["c1"], "test": ["zone_higher"]})
    >>> choices = Choices({"disparity.year": [2018, 2021, 2024], "synthesis.alpha": [0.05, 0.1]})
    >>> [len(piece.products["c1"]) for piece in work_units(wanted, choices, 2)]
    [4, 2]
    """
    reads = claim_reads(wanted, choices.listed)
    evidence = {name: evidence_of(test) for name, test in zip(wanted["claim"], wanted["test"])}
    products = {
        read: with_thresholds(choices, read) for read in {tuple(names) for names in reads.values()}
    }
    pieces = []
    for step in dict.fromkeys(evidence.values()):
        behind = [name for name in choices.listed if name in STEPS.reads(step)]
        own = {
            name: _cut(products[tuple(reads[name])], behind, size) for name in evidence
            if evidence[name] == step
        }
        for number in range(max(map(len, own.values()))):
            pieces.append(
                Piece({name: parts[number] for name, parts in own.items() if number < len(parts)}))
    return pieces


def _cut(product: pd.DataFrame, behind: list[str], size: int) -> list[pd.DataFrame]:
    """Cut a product after so many combinations of the choices behind a table, in the order in which
    they come."""
    if not behind:
        return [product]
    number = product.groupby(behind, sort=False).ngroup() // size
    return [part.reset_index(drop=True) for _, part in product.groupby(number)]


def judge(analysis: Analysis, wanted: pd.DataFrame, piece: Piece) -> pd.DataFrame:
    """Decide the claims of a piece in its universes.

    Numbers from real answers are written as coarsely as tables with hidden groups are published:
    two rules for missing answers differ by single persons. Verdicts rest on all digits.

    Parameters
    ----------
    analysis : Analysis
    wanted : DataFrame
        ``claim, test, options``.
    piece : Piece

    Returns
    -------
    DataFrame
        claim, place (row of the piece's product), verdict, statistic, value, low, high.
    """
    return pd.DataFrame(_judged(analysis, wanted, piece), columns=["claim", "place", *OUTCOME])


def _judged(analysis: Analysis, wanted: pd.DataFrame, piece: Piece) -> list[list]:
    rows = []
    for claim in wanted[wanted["claim"].isin(list(piece.products))].to_dict("records"):
        product = piece.products[claim["claim"]].drop(columns=COMPLETIONS)
        coarse = REAL in analysis.inputs and ANSWERS in STEPS.needs(
            analysis.evidence_of(claim["test"]))
        for place, chosen in enumerate(product.to_dict("records")):
            outcome = analysis.decide(claim, chosen)
            rows.append([claim["claim"], place, *(_written(getattr(outcome, name), coarse)
                                                  for name in OUTCOME)])
    return rows


def _written(value: object, coarse: bool) -> object:
    plain = value.item() if isinstance(value, np.generic) else value
    return disclosure.rounded("mean", plain) if coarse else plain


def _judged_once(analysis: Analysis, wanted: pd.DataFrame,
                 pieces: list[Piece]) -> list[pd.DataFrame]:
    """What `judge` returns of each piece; what another run found from the same inputs, parameters,
    claims and choices is not worked out again, and the rest by two processes where there may be
    two."""
    notes = kept.of_run("shared")
    wanted = wanted.filter(items=ASKED)
    of_piece = [wanted[wanted["claim"].isin(list(piece.products))] for piece in pieces]
    steps = [list(dict.fromkeys(map(analysis.evidence_of, asked["test"]))) for asked in of_piece]
    keys = [notes.key(asked.to_dict("list"), piece.products, behind, analysis.behind_steps(
        "rules", *behind), REAL in analysis.inputs)
            for asked, piece, behind in zip(of_piece, pieces, steps)]
    names = [f"{behind[0]}_{place}" for place, behind in enumerate(steps)]
    found = [*map(notes.recall, names, keys)]
    missing = sorted((place for place, rows in enumerate(found) if rows is None),
                     key=lambda place: -sum(map(len, pieces[place].products.values())))

    def work(place: int) -> list[list]:
        return _judged(analysis, of_piece[place], pieces[place])

    for place, rows in zip(missing, forked.by_two(work, missing)):
        found[place] = rows
        notes.note(names[place], keys[place], rows)
    return [pd.DataFrame(rows, columns=["claim", "place", *OUTCOME]) for rows in found]


def join(wanted: pd.DataFrame, pieces: Iterable[Piece],
         judged: Iterable[pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Put what was judged beside the choices.

    Returns
    -------
    dict
        Claim to its own product with ``completions``, the thresholds that it reads, and ``verdict,
        statistic, value, low, high``.
    """
    parts: dict[str, list] = {name: [] for name in wanted["claim"]}
    for piece, outcomes in zip(pieces, judged, strict=True):
        by_claim = dict(list(outcomes.groupby("claim")[OUTCOME]))
        for name, product in piece.products.items():
            parts[name].append(product.join(by_claim[name].reset_index(drop=True)))
    return {name: pd.concat(found, ignore_index=True) for name, found in parts.items()}


def evaluate(analysis: Analysis, wanted: pd.DataFrame, choices: Choices) -> dict[str, pd.DataFrame]:
    """Decide every claim within reach in its own product: what `join` returns.

    Parameters
    ----------
    analysis : Analysis
    wanted : DataFrame
        ``claim, test, options``; of these only what `helpers.multiverse.within_reach` keeps.
    choices : Choices

    Raises
    ------
    ValueError
        As `check_resources`.
    """
    check_resources(choices, analysis.inputs, analysis.parameters)
    wanted = within_reach(wanted, analysis.parameters)
    pieces = work_units(wanted, choices, LARGE_PIECE)
    return join(wanted, pieces, _judged_once(analysis, wanted, pieces))


def assemble(universes: pd.DataFrame, found: Mapping[str, pd.DataFrame],
             choices: Choices) -> pd.DataFrame:
    """Write down every claim in every universe.

    Parameters
    ----------
    universes : DataFrame
        One row a universe, one column a choice.
    found : mapping
        From `join`.
    choices : Choices

    Returns
    -------
    DataFrame
        universe (1, 2, ...), the choices, the thresholds, claim, verdict, statistic, value, low,
        high; ordered by universe and claim. Of a claim that reads thresholds there is one row at
        those in force, and after it one for each value to which one of them is moved.
    """
    numbered = universes.assign(universe=range(1, len(universes) + 1))
    own = {name: values[0] for name, values in choices.apart.items()}
    parts = []
    for place, (name, product) in enumerate(found.items()):
        names = [column for column in universes if column in product]
        known = product.assign(**{column: value for column, value in own.items()
                                  if column not in product})[[*names, *own, *OUTCOME]]
        joined = numbered.merge(known, on=names, how="left") if names else numbered.merge(
            known, how="cross")
        parts.append(joined.assign(claim=name, place=place))
    rows = pd.concat(parts, ignore_index=True)
    rows["moved"] = (rows[list(own)] != pd.Series(own, dtype=object)).any(axis=1)
    rows = rows.sort_values(["universe", "place", "moved"], kind="stable", ignore_index=True)
    return rows[["universe", *universes, *own, "claim", *OUTCOME]]
