"""Uncertainty of ranks and verdict from the choice of experts and errors of rating."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.errors import Error, check_choice
from helpers.force_field.agreement import expert_matrix
from helpers.force_field.arguments import AGGREGATES, FORCES, RANGES, check_factors
from helpers.force_field.ratings import checked_pairs, expert_ratings, linkage_matrix
from helpers.force_field.strategies import check_strategies, score_and_rank, shared_ranks
from helpers.force_field.weighing import TIE_DECIMALS, scope_mask, settled_urgency, weigh_sums

# So many draws at a time keep the arrays of all ratings near 20 MB, where a cache still helps.
CHUNK = 2_000
RANDOM_LEVELS = 2**16


@dataclass(frozen=True)
class Draws:
    """TNB of every factor in every draw.

    Attributes
    ----------
    factors : DataFrame
        ``factor``, ``force``, in the order of the columns of `tnb`.
    tnb : array of shape (draws, N)
    """

    factors: pd.DataFrame
    tnb: np.ndarray

    def __len__(self) -> int:
        return len(self.tnb)

    def side(self, force: str) -> np.ndarray:
        """Columns of one force."""
        return np.flatnonzero(self.factors["force"] == force)


def draw_tnb(factors: pd.DataFrame, ratings: pd.DataFrame, linkages: pd.DataFrame, draws: int,
             rng: np.random.Generator, rating_error: float = 0.2, aggregate: str = "mean",
             linkage_scope: str = "all", urgency: pd.Series | None = None,
             urgency_shift: pd.Series | None = None, **options) -> Draws:
    r"""Analysis repeated with experts drawn anew and ratings that may be one step off.

    In each draw as many experts are drawn, with replacement, as there are; then every rating of a
    drawn expert is one step higher with probability :math:`p/2`, one lower with :math:`p/2`, and
    kept on its scale:

    .. math:: x'_{ei} = \min(h, \max(l, x_{ei} + \varepsilon_{ei})), \qquad
              P(\varepsilon = 1) = P(\varepsilon = -1) = p / 2

    Where none of the drawn experts rated a factor or pair, the aggregate of all experts stands in.
    A pair that nobody rated stays 0. An expert who is drawn twice made his or her errors once.
    Raises ValueError as :func:`analyse`, or if there is no draw, the probability is not one, or a
    rating is no whole number.

    Parameters
    ----------
    rating_error : float
        Probability :math:`p` that a rating is off, 0 to 1.
    aggregate : {"mean", "median", "mode"}
        Median and mode take several times as long as the mean, because the ratings of each draw
        have to be counted.
    urgency, urgency_shift : Series, optional
        As in :func:`analyse`. A NU that replaces the ratings is the same in every draw.
    **options
        ``weighting`` and ``divisor`` of :func:`analyse`.

    Examples
    --------
    With one expert and no error every draw is the analysis itself.

    >>> factors = pd.DataFrame({"factor": ["D1", "R1"], "force": ["driving", "restraining"],
    ...                         "aspect": "market"})
    >>> ratings = pd.DataFrame({"expert": "E1", "factor": ["D1", "R1"], "urgency": 3,
    ...                         "support": [5, 4]})
    >>> linkages = pd.DataFrame({"expert": ["E1"], "factor_a": ["D1"], "factor_b": ["R1"],
    ...                          "linkage": [2]})
    >>> rng = np.random.default_rng(0)
    >>> draw_tnb(factors, ratings, linkages, 2, rng, rating_error=0).tnb.tolist()
    [[7.0, 6.0], [7.0, 6.0]]
    """
    _check_draws(draws, rating_error)
    check_choice("aggregate", aggregate, AGGREGATES)
    check_factors(factors)
    names = list(factors["factor"])
    driving = (factors["force"] == "driving").to_numpy()
    merged = expert_ratings(factors, ratings, aggregate)
    nk = linkage_matrix(factors, linkages, aggregate).to_numpy()
    experts = list(pd.unique(pd.concat([ratings["expert"], linkages["expert"]])))
    judged = [_Judgements.of(expert_matrix(ratings, name).reindex(index=names, columns=experts),
                             merged[name].to_numpy(), RANGES[name], rating_error)
              for name in ("urgency", "support")]
    judged.append(_pair_judgements(factors, linkages, nk, experts, rating_error))
    ends = _pair_ends(driving, linkage_scope)
    parts = []
    for start in range(0, draws, CHUNK):
        times = rng.multinomial(len(experts), np.full(len(experts), 1 / len(experts)),
                                min(CHUNK, draws - start))
        nu, nd, pairs = (one.draw(times, rng, aggregate) for one in judged)
        nu = settled_urgency(nu, factors["factor"], urgency, urgency_shift)
        weighed = weigh_sums(nu, nd, pairs @ ends, (pairs > 0).astype(np.float32) @ ends, driving,
                             linkage_scope=linkage_scope, **options)
        parts.append(weighed["tnb"])
    return Draws(factors[["factor", "force"]].reset_index(drop=True), np.concatenate(parts))


@dataclass(frozen=True)
class _Judgements:
    """Ratings of one kind, and the random numbers beyond which a rating is one step off.

    ``values`` and ``rated`` have the shape (experts, objects); where ``rated`` is False, the value
    is 0.
    """

    values: np.ndarray
    rated: np.ndarray
    fallback: np.ndarray
    lower_below: np.ndarray
    higher_from: np.ndarray
    scale: tuple[int, int]

    @classmethod
    def of(cls, matrix: pd.DataFrame, fallback: np.ndarray, scale: tuple[int, int],
           rating_error: float) -> "_Judgements":
        """Judgements from a table with one row an object and one column an expert."""
        rated = matrix.notna().to_numpy().T
        values = matrix.fillna(0).to_numpy().T
        between = values[values % 1 != 0]
        if len(between):
            raise Error("ratings: one of them is {value:g}; an error is one whole step, so "
                        "ratings and linkages have to be whole numbers", value=between[0],
                        resource="ratings")
        values = values.astype(np.int8)
        limit = round(rating_error / 2 * RANDOM_LEVELS)
        lower_below = np.where(rated & (values > scale[0]), limit, 0).astype(np.uint16)
        higher_from = np.where(rated & (values < scale[1]), RANDOM_LEVELS - 1 - limit,
                               RANDOM_LEVELS - 1)
        return cls(values, rated, fallback, lower_below, higher_from.astype(np.uint16), scale)

    def draw(self, times: np.ndarray, rng: np.random.Generator, aggregate: str) -> np.ndarray:
        """Aggregated ratings with new errors, each expert taken so many times: (draws, objects)."""
        number = len(times) * self.values.size
        words = rng.integers(0, 2**64, -(-number // 4), dtype=np.uint64)
        noise = words.astype("<u8", copy=False).view("<u2")[:number]
        noise = noise.reshape(len(times), *self.values.shape)
        if aggregate == "mean":
            return self._means(times, noise)
        return self._counted(times, noise, aggregate)

    def _errors(self, noise: np.ndarray, experts=slice(None)) -> np.ndarray:
        own = noise[:, experts]
        higher, lower = own > self.higher_from[experts], own < self.lower_below[experts]
        return higher.view(np.int8) - lower.view(np.int8)

    def _means(self, times: np.ndarray, noise: np.ndarray) -> np.ndarray:
        # The times of all experts add up to their number, so these whole numbers hold every sum.
        small = np.int8 if times.shape[1] <= np.iinfo(np.int8).max else np.int16
        errors = np.zeros((len(times), self.values.shape[1]), dtype=small)
        for expert, column in enumerate(times.astype(small).T):
            errors += column[:, None] * self._errors(noise, expert)
        weights = times.astype(np.float32)
        raters = weights @ self.rated.astype(np.float32)
        sums = weights @ self.values.astype(np.float32) + errors
        # In double precision, as the analysis: two sums that are equal on paper are equal here.
        return np.divide(sums, raters, out=np.broadcast_to(self.fallback, sums.shape).astype(float),
                         where=raters > 0, dtype=float)

    def _counted(self, times: np.ndarray, noise: np.ndarray, aggregate: str) -> np.ndarray:
        """Median or mode from how often each step of the scale was given."""
        steps = np.arange(self.scale[0], self.scale[1] + 1)
        given = self.values + self._errors(noise)
        counts = np.stack(
            [np.einsum("de,deo->do", times, (given == step) & self.rated) for step in steps])
        raters = counts.sum(axis=0)
        if aggregate == "mode":
            most = counts == counts.max(axis=0)
            found = (most * steps[:, None, None]).sum(axis=0) / most.sum(axis=0)
        else:
            below = counts.cumsum(axis=0)
            middle = [steps[(below > place).argmax(axis=0)]
                      for place in ((raters - 1) // 2, raters // 2)]
            found = (middle[0] + middle[1]) / 2
        return np.where(raters > 0, found, self.fallback)


def _pair_judgements(factors: pd.DataFrame, linkages: pd.DataFrame, nk: np.ndarray, experts: list,
                     rating_error: float) -> "_Judgements":
    """Linkages with a row for every pair of factors, in the order of the upper triangle."""
    upper = np.triu_indices(len(factors), k=1)
    index = pd.MultiIndex.from_tuples(combinations(factors["factor"], 2), names=["first", "second"])
    pairs = checked_pairs(factors, linkages)
    matrix = pairs.pivot(index=["first", "second"], columns="expert", values="linkage")
    matrix = matrix.reindex(index=index, columns=experts)
    return _Judgements.of(matrix, nk[upper], RANGES["linkage"], rating_error)


def _pair_ends(driving: np.ndarray, linkage_scope: str) -> np.ndarray:
    """Matrix that adds each pair within the scope to its two factors; shape (pairs, N)."""
    first, second = np.triu_indices(len(driving), k=1)
    counts = scope_mask(driving, linkage_scope)[first, second]
    ends = np.zeros((len(first), len(driving)))
    ends[np.arange(len(first)), first] = ends[np.arange(len(first)), second] = counts
    return ends


def dealt_anew(factors: pd.DataFrame, tnb: np.ndarray, draws: int,
               rng: np.random.Generator) -> Draws:
    """Draws in which no factor is its own: the TNB are dealt out anew within each force.

    What strategies reach then, they reach by chance: of nine strategies each is among the first
    three in about a third of the draws, more or less as they share factors.

    Parameters
    ----------
    factors : DataFrame
        ``factor, force``.
    tnb : array of shape (N,)

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"],
    ...                         "force": ["driving", "driving", "restraining"]})
    >>> drawn = dealt_anew(factors, np.array([1.0, 2.0, 5.0]), 1000, np.random.default_rng(0))
    >>> float(drawn.tnb[:, 0].mean().round(1)), drawn.tnb[:, 2].tolist() == [5.0] * 1000
    (1.5, True)
    """
    dealt = np.tile(np.asarray(tnb, dtype=float), (draws, 1))
    drawn = Draws(factors[["factor", "force"]].reset_index(drop=True), dealt)
    for places in map(drawn.side, FORCES):
        dealt[:, places] = rng.permuted(dealt[:, places], axis=1)
    return drawn


def factor_acceptability(drawn: Draws) -> pd.DataFrame:
    """Share of the draws in which each factor takes each rank of its force.

    Returns
    -------
    DataFrame
        ``factor, force, rank, share``: a row a factor and rank. Factors with equal TNB share the
        best of their ranks, so the shares of a rank may add up to more or less than 1; those of a
        factor add up to 1.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"],
    ...                         "force": ["driving", "driving", "restraining"]})
    >>> drawn = Draws(factors, np.array([[2.0, 1.0, 1.0], [1.0, 2.0, 1.0], [2.0, 0.5, 1.0],
    ...                                  [3.0, 1.0, 1.0]]))
    >>> factor_acceptability(drawn).query("rank == 1")["share"].tolist()
    [0.75, 0.25, 1.0]
    """
    tables = []
    for force in FORCES:
        places = drawn.side(force)
        shares = _rank_shares(shared_ranks(drawn.tnb[:, places]))
        table = _long_shares(drawn.factors["factor"].iloc[places], shares, "factor")
        tables.append(table.assign(force=force))
    return pd.concat(tables, ignore_index=True)[["factor", "force", "rank", "share"]]


def strategy_acceptability(drawn: Draws, strategies: pd.DataFrame,
                           strategy_rule: str = "sum") -> pd.DataFrame:
    """Share of the draws in which each strategy takes each rank.

    The table has ``strategy, rank, share``; equal scores share the best of their ranks.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"],
    ...                         "force": ["driving", "driving", "restraining"]})
    >>> drawn = Draws(factors, np.array([[2.0, 1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 1.0, 1.0],
    ...                                  [3.0, 1.0, 1.0]]))
    >>> strategies = pd.DataFrame({"strategy": ["S1", "S2"], "driving": ["D1", "D2"],
    ...                            "restraining": "R1"})
    >>> strategy_acceptability(drawn, strategies).query("rank == 1")["share"].tolist()
    [0.75, 0.5]
    """
    check_strategies(strategies, drawn.factors)
    place = {name: number for number, name in enumerate(drawn.factors["factor"])}
    driver, restrainer = (drawn.tnb[:, strategies[force].map(place)] for force in FORCES)
    ranks = score_and_rank(driver, restrainer, strategy_rule)[1]
    return _long_shares(strategies["strategy"], _rank_shares(ranks), "strategy")


def top_shares(acceptability: pd.DataFrame, top: int = 3) -> pd.DataFrame:
    """Probability of being first and among the first, and mean rank, of each factor or strategy.

    The table has the key column, ``share_first`` (rank 1), ``share_top``, ``mean_rank``, in the
    order given. `acceptability` is what :func:`factor_acceptability` or
    :func:`strategy_acceptability` returns.

    Examples
    --------
    >>> table = pd.DataFrame({"strategy": ["a", "a", "b", "b"], "rank": [1, 2] * 2,
    ...                       "share": [0.75, 0.25, 0.25, 0.75]})
    >>> top_shares(table, top=1).values.tolist()
    [['a', 0.75, 0.75, 1.25], ['b', 0.25, 0.25, 1.75]]
    """
    key = acceptability.columns[0]
    shares = acceptability.pivot(index=key, columns="rank", values="share")
    shares = shares.reindex(pd.unique(acceptability[key]))
    ranks = shares.columns.to_numpy()
    found = {"share_first": shares[1], "share_top": shares.loc[:, ranks <= top].sum(axis=1),
             "mean_rank": (shares * ranks).sum(axis=1)}
    return pd.DataFrame(found).rename_axis(key).reset_index()


def verdict_shares(drawn: Draws) -> pd.Series:
    """Probability of each verdict of the balance.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "R1"], "force": ["driving", "restraining"]})
    >>> tnb = np.array([[2.0, 1.0], [1.0, 1.0], [3.0, 2.0], [1.0, 2.0]])
    >>> verdict_shares(Draws(factors, tnb)).to_dict()
    {'driving_stronger': 0.5, 'restraining_stronger': 0.25, 'balanced': 0.25}
    """
    driving, restraining = (drawn.tnb[:, drawn.side(force)].sum(axis=1) for force in FORCES)
    net = np.round(driving - restraining, TIE_DECIMALS)
    shares = {"driving_stronger": (net > 0).mean(), "restraining_stronger": (net < 0).mean(),
              "balanced": (net == 0).mean()}
    return pd.Series(shares, name="share")


def _rank_shares(ranks: np.ndarray) -> np.ndarray:
    """Share of the draws by item (row) and rank (column)."""
    return np.stack([(ranks == rank).mean(axis=0) for rank in range(1, ranks.shape[1] + 1)], axis=1)


def _long_shares(names: pd.Series, shares: np.ndarray, key: str) -> pd.DataFrame:
    items, ranks = shares.shape
    return pd.DataFrame({key: np.repeat(names.to_numpy(), ranks),
                         "rank": np.tile(np.arange(1, ranks + 1), items), "share": shares.ravel()})


def _check_draws(draws: int, rating_error: float) -> None:
    if draws < 1:
        raise Error("draws is {draws}; at least one is needed, and 10,000 or more make shares "
                    "steady", draws=draws)
    if not 0 <= rating_error <= 1:
        raise Error("rating_error is {rating_error:g}; it is a probability, so allowed is 0 to 1",
                    rating_error=rating_error)
