"""Every claim in every universe that matters to it, in pieces that can be worked out apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from helpers import claims
from helpers.chain.tables import READS, Analysis, check_resources, claim_reads, within_reach
from helpers.multiverse.design import COMPLETIONS, Choices, own_product

# Combinations of the choices behind a table that one piece goes through; few, so that workers end
# together.
PIECE = 4
OUTCOME = ["verdict", "statistic", "value", "low", "high"]


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
    reads = claim_reads(wanted, choices.alternatives)
    tables = {
        name: claims.TESTS[test].tables for name, test in zip(wanted["claim"], wanted["test"])
    }
    products = {
        read: own_product(choices, read) for read in {tuple(names) for names in reads.values()}
    }
    pieces = []
    for group in dict.fromkeys(tables.values()):
        behind = [
            name for name in choices.alternatives
            if name in {read for table in group for read in READS[table]}
        ]
        own = {
            name: _cut(products[tuple(reads[name])], behind, size) for name in tables
            if tables[name] == group
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
    rows = []
    for claim in wanted[wanted["claim"].isin(list(piece.products))].to_dict("records"):
        product = piece.products[claim["claim"]].drop(columns=COMPLETIONS)
        for place, chosen in enumerate(product.to_dict("records")):
            outcome = analysis.decide(claim, chosen)
            rows.append((claim["claim"], place, *(getattr(outcome, name) for name in OUTCOME)))
    return pd.DataFrame(rows, columns=["claim", "place", *OUTCOME])


def join(wanted: pd.DataFrame, pieces: Iterable[Piece],
         judged: Iterable[pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Put what was judged beside the choices.

    Returns
    -------
    dict
        Claim to its own product with ``completions, verdict, statistic, value, low, high``.
    """
    parts: dict[str, list] = {name: [] for name in wanted["claim"]}
    for piece, outcomes in zip(pieces, judged, strict=True):
        by_claim = dict(list(outcomes.groupby("claim")[OUTCOME]))
        for name, product in piece.products.items():
            parts[name].append(product.join(by_claim[name].reset_index(drop=True)))
    return {name: pd.concat(found, ignore_index=True) for name, found in parts.items()}


def evaluate(analysis: Analysis, wanted: pd.DataFrame, choices: Choices) -> dict[str, pd.DataFrame]:
    """Decide every claim within reach in its own product: what `join` returns, worked out here and
    now.

    Parameters
    ----------
    analysis : Analysis
    wanted : DataFrame
        ``claim, test, options``; of these only what `helpers.multiverse.within_reach` keeps.
    choices : Choices

    Raises
    ------
    ValueError
        As `helpers.chain.tables.check_resources`.
    """
    check_resources(choices, analysis.package, analysis.parameters)
    wanted = within_reach(wanted, analysis.parameters)
    pieces = work_units(wanted, choices, size=1_000_000)
    return join(wanted, pieces, [judge(analysis, wanted, piece) for piece in pieces])


def assemble(universes: pd.DataFrame, found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Write down every claim in every universe.

    Parameters
    ----------
    universes : DataFrame
        One row a universe, one column a choice.
    found : mapping
        From `join`.

    Returns
    -------
    DataFrame
        universe (1, 2, ...), the choices, claim, verdict, statistic, value, low, high; ordered by
        universe and claim.
    """
    numbered = universes.assign(universe=range(1, len(universes) + 1))
    parts = []
    for place, (name, product) in enumerate(found.items()):
        names = [column for column in universes if column in product]
        known = product[[*names, *OUTCOME]]
        joined = numbered.merge(known, on=names, how="left") if names else numbered.merge(
            known, how="cross")
        parts.append(joined.assign(claim=name, place=place))
    rows = pd.concat(parts, ignore_index=True).sort_values(["universe", "place"], kind="stable",
                                                           ignore_index=True)
    return rows[["universe", *universes, "claim", *OUTCOME]]
