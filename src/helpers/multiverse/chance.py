"""What chance alone would give: a specification curve as a whole, and strategies among the first.

A curve is one finding, not as many as it has points: the same areas stand behind all of them. It is
tested as one, by dealing the names of two zones out again and drawing the whole curve each time.

After Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020). Specification curve analysis. Nature
Human Behaviour 4, 1208-1214.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from helpers import claims, force_field, kept
from helpers.chain import STEPS, Analysis, claim_reads
from helpers.choices import COMPLETIONS, Choices, own_product
from helpers.claims import likeness
from helpers.geography import contiguous_divisions, pairs_among
from helpers.multiverse.evaluation import ASKED
from helpers.permutation import TIE, marked, permuted_labels

INDEX = "decisive_index"
COLUMNS = ["claim", "dealt_to", "specifications", "statistic", "observed", "expected", "p_value",
           "divisions"]
ODDS = ["strategy", "claim", "rank", "by_chance", "redrawn"]


def joint_test(analysis: Analysis, wanted: pd.DataFrame, choices: Choices, alpha: float,
               draws: int, seed: int) -> pd.DataFrame:
    """Joint test of the specification curve of every claim that one zone has the higher index.

    Areas that a choice moves between zones (a city) stay where each specification puts them; the
    names are dealt out among all others: to single areas, and, where it is known which areas touch
    and both zones hang together, to contiguous parts. Where it is known, neighbours also stay alike
    (`helpers.claims.likeness`): the largest p of every second plausible likeness.

    Parameters
    ----------
    analysis : Analysis
    wanted : DataFrame
        ``claim, test, options``.
    choices : Choices
    alpha : float
        Level at which a specification counts as significant.
    draws, seed : int
        Random divisions, where they are too many to be counted.

    Returns
    -------
    DataFrame
        claim, dealt_to (labels, contiguous, neighbours), specifications, and the columns of
        `curve_test`.
    """
    rows = wanted[wanted["test"] == "zone_higher"].filter(items=ASKED).to_dict("records")
    notes = kept.of_run("shared")
    key = notes.key(rows, choices, alpha, draws, seed, analysis.behind_steps(INDEX, "touching"))
    found = notes.recall("joint_test", key)
    if found is None:
        parts = [_of_claim(analysis, claim, choices, alpha, draws, seed) for claim in rows]
        found = [row for part in parts if len(part)
                 for row in part[COLUMNS].to_dict("split")["data"]]
        notes.note("joint_test", key, found)
    return pd.DataFrame(found, columns=COLUMNS)


def _of_claim(analysis: Analysis, claim: dict, choices: Choices, alpha: float, draws: int,
              seed: int) -> pd.DataFrame:
    zones = [claims.options_of(claim)[side] for side in ("zone_a", "zone_b")]
    reads = claim_reads(pd.DataFrame([claim]), choices.alternatives)[claim["claim"]]
    product = own_product(choices, [name for name in reads if name in STEPS.reads(INDEX)])
    tables = [analysis.get(INDEX, chosen)
              for chosen in product.drop(columns=COMPLETIONS).to_dict("records")]
    tables = [table for table in tables if table is not None]
    if not tables:
        return pd.DataFrame()
    values = np.array([table["index"].to_numpy(float) for table in tables])
    names = np.array([table["zone"].to_numpy() for table in tables])
    sides = np.where(names == zones[0], 1, np.where(names == zones[1], -1, 0))
    # The first zone's areas first, as divisions expect them, then the other's, then the rest.
    lasting = np.where((sides == sides[0]).all(axis=0), sides[0], 0)
    order = np.argsort(-lasting + 3 * (lasting == 0), kind="stable")
    first, size = int((lasting == 1).sum()), int((lasting != 0).sum())
    codes = tables[0].index[order[:size]].tolist()
    drawn = np.concatenate(list(permuted_labels(size, first, draws, seed)))
    dealt = {"labels": (drawn, len(drawn) < draws)}
    touching = analysis.get("touching")
    pairs = None if touching is None else pairs_among(
        zip(touching["one"], touching["other"]), codes)
    found = pairs and contiguous_divisions(pairs, size, first, draws, seed)
    if found:
        dealt["contiguous"] = found
    curve = values[:, order], sides[:, order], size
    parts = [curve_test(*curve, *division, alpha).assign(dealt_to=name)
             for name, division in dealt.items()]
    if pairs is not None and size > 4:
        ways = [_statistics(way, alpha) for way in _alike(*curve, first, pairs, draws // 2, seed)]
        rows = pd.concat(ways).sort_values("p_value", kind="stable").groupby("statistic").last()
        parts.append(rows.reindex(ways[0]["statistic"]).reset_index().assign(
            dealt_to="neighbours"))
    return pd.concat(parts).assign(claim=claim["claim"], specifications=len(tables))


def curve_test(values: np.ndarray, sides: np.ndarray, size: int, places: np.ndarray,
               complete: bool, alpha: float) -> pd.DataFrame:
    r"""Three statistics of a whole curve against the same statistics of dealt-out names.

    With the difference :math:`d_s` of the zone means in specification s and its standard deviation
    :math:`\sigma_s` over all divisions: the median of :math:`z_s = d_s / \sigma_s`; its mean (the
    joint z of Stouffer, up to a factor); and the share of specifications with a one-sided
    :math:`p_s < \alpha`, where :math:`p_s` is the share of divisions with a difference at least as
    large.

    Parameters
    ----------
    values : array of shape (S, n)
        Index by specification and area; missing where an area has none.
    sides : array of shape (S, n)
        1 for the first zone, -1 for the second, 0 for neither.
    size : int
        The first so many areas are dealt out, the others stay.
    places : array of int, shape (D, k)
        Places of the first zone in each division.
    complete : bool
        Whether these are all divisions there are, the observed one among them.
    alpha : float

    Returns
    -------
    DataFrame
        statistic, observed, expected (mean over the divisions), p_value, divisions (with the
        observed one).

    Examples
    --------
    The divisions of 1, 2, 4 into two and one differ by 2 (observed), -2.5 and 0.5: z is 2 over the
    square root of 3.5.

    >>> places = np.array([[0, 1], [0, 2], [1, 2]])
    >>> values, sides = np.array([[2.0, 4.0, 1.0]]), np.array([[1, 1, -1]])
    >>> found = curve_test(values, sides, 3, places, True, 0.4)
    >>> found[["statistic", "observed", "p_value"]].round(3).values.tolist()
    [['median_z', 1.069, 0.333], ['mean_z', 1.069, 0.333], ['share_significant', 1.0, 0.333]]
    """
    observed = sides[0, :size] == 1
    members = marked(places, size)
    if complete:
        members = members[(members != observed).any(axis=1)]
    members = np.vstack([observed, members]).T
    one, other = (_part(values, sides, size, dealt, which) for dealt, which in
                  ((members, 1), (1 - members, -1)))
    return _statistics(one[0] / one[1] - other[0] / other[1], alpha)


def _part(values: np.ndarray, sides: np.ndarray, size: int, dealt: np.ndarray,
          which: int) -> tuple[np.ndarray, np.ndarray]:
    """Sum and number of the values of a zone, a specification a row and a division a column."""
    there, known, stay = ~np.isnan(values), np.nan_to_num(values), sides[:, size:] == which
    return (known[:, :size] @ dealt + (known[:, size:] * stay).sum(axis=1)[:, None],
            there[:, :size] @ dealt + (there[:, size:] & stay).sum(axis=1)[:, None])


def _statistics(difference: np.ndarray, alpha: float) -> pd.DataFrame:
    """Statistics of a curve; differences by specification and division, the observed first."""
    z = difference / difference.std(axis=1, keepdims=True)
    z = z.round(-int(np.log10(TIE)))
    # Significant (a share below alpha is at least as large): above the first that are too many.
    most = int((np.arange(z.shape[1]) / z.shape[1] < alpha).sum()) - 1
    limit = -np.partition(-z, most, axis=1)[:, most, None]
    curves = {"median_z": np.median(z, axis=0), "mean_z": z.mean(axis=0),
              "share_significant": (z > limit).mean(axis=0)}
    rows = [(name, curve[0], curve.mean(), float((curve >= curve[0] - TIE).mean()), len(curve))
            for name, curve in curves.items()]
    return pd.DataFrame(rows, columns=["statistic", "observed", "expected", "p_value", "divisions"])


def _alike(values: np.ndarray, sides: np.ndarray, size: int, first: int, pairs: frozenset,
           draws: int, seed: int) -> Iterator[np.ndarray]:
    """Differences where what would be independent without likeness is dealt out and made alike
    again, under every plausible likeness."""
    zone = (np.arange(size) < first).astype(float)
    sums = [_part(values, sides, size, np.array([side, side]).T, which) for side, which in
            ((zone, 1), (1 - zone, -1))]
    (own, count), (rest, others) = [(total[:, :1], number[:, :1]) for total, number in sums]
    dealt = values[:, :size]
    contrast = ~np.isnan(dealt) * (zone / count - (1 - zone) / others)
    dealt = np.where(np.isnan(dealt), np.nanmean(dealt, axis=1, keepdims=True), dealt)
    observed, models = own / count - rest / others, likeness.models_of(pairs, size, first)
    likelihood = models.fits(dealt.T)[2].mean(axis=1, keepdims=True)
    order = np.random.default_rng(seed).permuted(np.tile(np.arange(size), (draws, 1)), axis=1)
    dealt_to = np.zeros((draws, size, size))
    np.put_along_axis(dealt_to, order[:, :, None], 1, axis=2)
    places = dealt_to.reshape(draws, -1).T
    for place in likeness.plausible(likelihood)[::2]:
        alone, back = dealt @ models.alone[place].T, contrast @ models.together[place]
        # Every draw moves the sum of products of back and alone, and nothing else.
        moved = (back[:, :, None] * alone[:, None, :]).reshape(len(dealt), -1) @ places
        kept = observed - (back * alone).sum(axis=1, keepdims=True)
        yield np.hstack([observed, kept + moved])


def strategy_odds(analysis: Analysis, wanted: pd.DataFrame, top: int, draws: int,
                  rng: np.random.Generator) -> pd.DataFrame:
    """How often a strategy is among the first by chance, and with the same experts drawn again.

    Parameters
    ----------
    analysis : Analysis
    wanted : DataFrame
        ``claim, test, options``.
    top : int
        How many are the first.
    draws : int
    rng : Generator

    Returns
    -------
    DataFrame
        strategy, claim (that names it, or empty), rank, by_chance (weights dealt out anew among the
        factors of a force), redrawn (experts drawn with replacement). No rows where the package has
        no strategies, or the survey's gaps inform them.
    """
    ranks = analysis.get("decisive_ranks")
    if ranks is None or analysis.parameters["force_field"]["evidence"] == "gaps":
        return pd.DataFrame(columns=ODDS)
    factors, ratings, linkages, strategies = (
        analysis.inputs[name] for name in ("factors", "ratings", "linkages", "strategies"))
    weighting, divisor, aggregate, scope, rule = (
        str(analysis.value(f"force_field.{name}", {}))
        for name in ("weighting", "divisor", "aggregate", "linkage_scope", "strategy_rule"))
    drawn = {
        "by_chance": force_field.dealt_anew(factors, analysis.get("decisive_tnb"), draws, rng),
        "redrawn": force_field.draw_tnb(
            factors, ratings, linkages, draws, rng, 0.0, aggregate, scope, weighting=weighting,
            divisor=divisor, **analysis.get("expert_urgency"))}
    for name, tnb in drawn.items():
        shares = force_field.strategy_acceptability(tnb, strategies, rule)
        found = force_field.top_shares(shares, top).set_index("strategy")["share_top"]
        ranks = ranks.assign(**{name: ranks["strategy"].map(found)})
    rows = wanted[wanted["test"] == "strategy_priority"].to_dict("records")
    named = {strategy.strip(): claim["claim"] for claim in rows
             for strategy in claims.options_of(claim)["strategy"].split(",")}
    ranks = ranks.assign(claim=ranks["strategy"].map(named).fillna(""))
    return ranks.sort_values("rank", kind="stable", ignore_index=True)[ODDS]
