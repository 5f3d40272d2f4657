"""Agreement of several experts, outlying experts, and the analysis without each of them."""

import numpy as np
import pandas as pd

from helpers.errors import check_choice
from helpers.force_field.arguments import check_columns
from helpers.force_field.balance import force_totals
from helpers.force_field.strategies import rank_strategies
from helpers.force_field.weighing import analyse

JUDGED = ("urgency", "support", "linkage")
PERMUTATIONS = 999

# A modified z-score above 3.5 is the usual mark of an outlier (Iglewicz & Hoaglin 1993); .6745
# makes the median absolute deviation comparable with a standard deviation.
OUTLYING_Z = 3.5
NORMAL_QUARTILE = 0.6745


def expert_matrix(table: pd.DataFrame, judged: str = "urgency") -> pd.DataFrame:
    """Ratings with one row a factor (or pair of factors) and one column an expert.

    The table is ``ratings`` for urgency and support, ``linkages`` for linkage.

    Examples
    --------
    >>> ratings = pd.DataFrame({"expert": ["E1", "E2", "E1"], "factor": ["D1", "D1", "R1"],
    ...                         "urgency": [3, 4, 5]})
    >>> expert_matrix(ratings).fillna(0).values.tolist()
    [[3.0, 4.0], [5.0, 0.0]]
    """
    check_choice("judged", judged, JUDGED)
    name, objects = "ratings", ["factor"]
    if judged == "linkage":
        name, objects = "linkages", ["factor_a", "factor_b"]
    check_columns(name, table, ["expert", *objects, judged])
    if judged == "linkage":
        ends = np.sort(table[objects].astype(object).to_numpy(), axis=1)
        table = table.assign(factor_a=ends[:, 0], factor_b=ends[:, 1])
    return table.pivot_table(judged, objects, "expert", sort=False).astype(float)


def kendall_w(matrix: pd.DataFrame, permutations: int = 0,
              rng: np.random.Generator | None = None) -> pd.Series:
    r"""Kendall's coefficient of concordance: 0 for unrelated orders, 1 for a common order.

    With :math:`m` experts, :math:`n` objects, :math:`R_i` the rank sum of an object and :math:`T`
    the ties,

    .. math:: W = \frac{12 \sum_i (R_i - \bar R)^2}{m^2 (n^3 - n) - m \sum_e T_e}, \qquad
              T_e = \sum_{ties} (t^3 - t), \qquad \chi^2_{n-1} = m (n - 1) W

    The row has ``experts, objects, w, chi2, p_chi2, p_permutation``; NaN with fewer than 2 complete
    experts or objects, or where every expert gives every object the same rating.

    Parameters
    ----------
    matrix : DataFrame
        One row an object, one column an expert. Experts with gaps are left out.
    permutations : int
        How often each expert's order is shuffled for a p-value without chi-squared; 0 for none.

    References
    ----------
    Kendall, M. G. & Babington Smith, B. (1939). Annals of Mathematical Statistics 10, 275-287.

    Examples
    --------
    Two experts agree, the third turns the order round: rank sums 5, 6, 7, so W = 12 x 2 / (9 x 24)
    = 1/9.

    >>> matrix = pd.DataFrame({"A": [1, 2, 3], "B": [1, 2, 3], "C": [3, 2, 1]})
    >>> round(float(kendall_w(matrix)["w"]), 4)
    0.1111
    """
    from scipy.stats import chi2

    complete = matrix.dropna(axis=1)
    objects, experts = complete.shape
    ranks = complete.rank().to_numpy()
    found = {"experts": experts, "objects": objects}
    found |= dict.fromkeys(["w", "chi2", "p_chi2", "p_permutation"], np.nan)
    same = [complete[name].value_counts() for name in complete]
    ties = sum((counts**3 - counts).sum() for counts in same)
    largest = experts**2 * (objects**3 - objects) - experts * ties
    if experts > 1 and objects > 1 and largest > 0:
        spread = _spread(ranks.sum(axis=1))
        found["w"] = 12 * spread / largest
        found["chi2"] = experts * (objects - 1) * found["w"]
        found["p_chi2"] = chi2.sf(found["chi2"], objects - 1)
        if permutations and rng is not None:
            shuffled = np.zeros((permutations, objects))
            for expert in range(experts):
                shuffled += rng.permuted(np.broadcast_to(ranks[:, expert], shuffled.shape), axis=1)
            as_large = (_spread(shuffled) >= spread - 1e-9).sum()
            found["p_permutation"] = (as_large + 1) / (permutations + 1)
    return pd.Series(found)


def _spread(sums: np.ndarray) -> np.ndarray:
    return ((sums - sums.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)


def icc(matrix: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    r"""Intraclass correlations for absolute agreement, two-way random: single and average.

    With mean squares between objects :math:`B`, experts :math:`J` and of the rest :math:`E`,
    :math:`n` objects and :math:`k` experts,

    .. math:: ICC(2,1) = \frac{B - E}{B + (k - 1) E + k (J - E) / n}, \qquad
              ICC(2,k) = \frac{B - E}{B + (J - E) / n}

    Parameters
    ----------
    matrix : DataFrame
        One row an object, one column an expert. Experts with gaps are left out.
    confidence : float
        Of the intervals, which use the F distribution with approximate degrees of freedom.

    Returns
    -------
    DataFrame
        ``form`` (single, average), ``icc, ci_low, ci_high``; NaN with fewer than 2 complete experts
        or objects, or where nothing varies. Where experts contradict each other so much that their
        mean differs less between objects than chance allows, the average has no value; a limit that
        the approximation cannot give is missing.

    References
    ----------
    Shrout, P. E. & Fleiss, J. L. (1979). Psychological Bulletin 86, 420-428.

    Examples
    --------
    The table of Shrout and Fleiss: six targets, four judges.

    >>> judges = pd.DataFrame([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6],
    ...                        [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> icc(judges)["icc"].round(2).tolist()
    [0.29, 0.62]
    """
    from scipy.stats import f

    values = matrix.dropna(axis=1).to_numpy(dtype=float)
    objects, experts = values.shape
    rows = pd.DataFrame({"form": ["single", "average"], "icc": np.nan, "ci_low": np.nan,
                         "ci_high": np.nan})
    if objects < 2 or experts < 2 or np.ptp(values) == 0:
        return rows
    grand, by_object, by_expert = values.mean(), values.mean(axis=1), values.mean(axis=0)
    between = experts * ((by_object - grand) ** 2).sum() / (objects - 1)
    judges = objects * ((by_expert - grand) ** 2).sum() / (experts - 1)
    residuals = values - by_object[:, None] - by_expert + grand
    error = (residuals**2).sum() / ((objects - 1) * (experts - 1))
    spread = between + (experts - 1) * error + experts * (judges - error) / objects
    if spread < 1e-12:
        return rows
    single = (between - error) / spread
    if error < 1e-12:  # the experts differ by a constant only: F has no bounds to give
        return rows.assign(icc=[single, _stepped(single, experts)])
    level = 1 - (1 - confidence) / 2
    ratio = judges / error
    inner = experts * single * ratio + objects * (1 + (experts - 1) * single) - experts * single
    # Where the data leave no degree of freedom, or the quantile is infinite, there is no limit.
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = (objects - 1) * (experts - 1) * inner**2 / (
            (objects - 1) * experts**2 * single**2 * ratio**2
            + (objects * (1 + (experts - 1) * single) - experts * single) ** 2)
        below, above = f.ppf(level, objects - 1, freedom), f.ppf(level, freedom, objects - 1)
        rest = experts * judges + (experts * objects - experts - objects) * error
        low = objects * (between - below * error) / (below * rest + objects * between)
        high = objects * (above * between - error) / (rest + objects * above * between)
    # With a part of a degree of freedom, F's quantile is below 1 and the limit on the wrong side.
    low, high = low if low <= single else np.nan, high if high >= single else np.nan
    found = {"icc": single, "ci_low": low, "ci_high": high}
    return rows.assign(**{name: [value, _stepped(value, experts)] for name, value in found.items()})


def _stepped(single: float, experts: int) -> float:
    """Correlation of the mean of all experts from that of one (Spearman and Brown), or NaN."""
    variance = 1 + (experts - 1) * single
    return experts * single / variance if variance > 1e-9 else np.nan


def agreement_table(ratings: pd.DataFrame, linkages: pd.DataFrame,
                    rng: np.random.Generator) -> pd.DataFrame:
    """Concordance and intraclass correlations of urgency, support and linkage.

    `rng` is for the 999 permutations behind the p-value.

    Returns
    -------
    DataFrame
        ``judged, experts, objects, w, p_chi2, p_permutation`` of :func:`kendall_w`, and of
        :func:`icc` ``icc_single`` with ``single_low, single_high`` and ``icc_average`` with
        ``average_low, average_high``.
    """
    rows = []
    for judged in JUDGED:
        matrix = expert_matrix(linkages if judged == "linkage" else ratings, judged)
        correlations = icc(matrix).set_index("form")
        row = {"judged": judged} | kendall_w(matrix, PERMUTATIONS, rng).drop("chi2").to_dict()
        for form in ("single", "average"):
            row |= dict(zip((f"icc_{form}", f"{form}_low", f"{form}_high"), correlations.loc[form]))
        rows.append(row)
    return pd.DataFrame(rows).astype({"experts": int, "objects": int})


def outlying_experts(matrix: pd.DataFrame) -> pd.DataFrame:
    r"""Comparison of every expert with the mean of all others, outlying ones marked.

    The distance of an expert is the mean absolute difference :math:`d_e` between own ratings and
    the mean of the others'. An expert is outlying where the modified z-score

    .. math:: z_e = 0.6745 \, \frac{d_e - \mathrm{median}(d)}{\mathrm{MAD}(d)}

    is above 3.5, or where own ratings run against those of the others (a correlation below 0).
    `matrix` has one row an object and one column an expert, who is compared over the objects that
    he or she rated.

    Returns
    -------
    DataFrame
        ``expert, rated, level`` (mean rating less that of the others), ``distance, z, correlation,
        outlying``. NaN where nothing can be computed: a single expert, a MAD of 0, ratings that do
        not vary.

    References
    ----------
    Iglewicz, B. & Hoaglin, D. C. (1993). How to Detect and Handle Outliers. ASQC Quality Press.

    Examples
    --------
    >>> matrix = pd.DataFrame({"A": [1, 2, 5], "B": [1, 3, 5], "C": [2, 2, 4], "D": [5, 3, 1]})
    >>> outlying_experts(matrix).query("outlying")["expert"].tolist()
    ['D']
    """
    rows = []
    for expert in matrix:
        others = matrix.drop(columns=expert).mean(axis=1)
        both = pd.DataFrame({"own": matrix[expert], "others": others}).dropna()
        difference = both["own"] - both["others"]
        rows.append({"expert": expert, "rated": int(matrix[expert].notna().sum()),
                     "level": difference.mean(), "distance": difference.abs().mean(),
                     "correlation": correlation(both["own"], both["others"])})
    table = pd.DataFrame(rows, columns=["expert", "rated", "level", "distance", "correlation"])
    apart = table["distance"] - table["distance"].median()
    deviation = apart.abs().median()
    table.insert(4, "z", NORMAL_QUARTILE * apart / (deviation if deviation > 1e-12 else np.nan))
    return table.assign(outlying=(table["z"] > OUTLYING_Z) | (table["correlation"] < 0))


def leave_one_out(factors: pd.DataFrame, ratings: pd.DataFrame, linkages: pd.DataFrame,
                  strategies: pd.DataFrame, strategy_rule: str = "sum", top: int = 3,
                  **options) -> pd.DataFrame:
    """Analysis without each expert in turn.

    `options` are arguments of :func:`analyse`. Urgency from elsewhere (comparisons) stays that of
    the whole group.

    Returns
    -------
    DataFrame
        One row an expert: ``expert`` (the one left out), ``rank_correlation`` (Spearman, of the
        factors' TNB with that of all experts, the weaker of the two forces; NaN where neither has
        two factors that differ), ``keys_changed`` (key factors that are no longer key),
        ``top_strategies`` (joined by a comma), ``top_changed``, ``net``, ``verdict``, ``turned``
        (whether the verdict is another one). Empty with a single expert; values are missing where
        the others did not rate a factor.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "R1"], "force": ["driving", "restraining"],
    ...                         "aspect": "market"})
    >>> ratings = pd.DataFrame({"expert": ["E1", "E1", "E2", "E2"], "factor": ["D1", "R1"] * 2,
    ...                         "urgency": 3, "support": [5, 1, 1, 4]})
    >>> linkages = pd.DataFrame({"expert": ["E1"], "factor_a": ["D1"], "factor_b": ["R1"],
    ...                          "linkage": [2]})
    >>> strategies = pd.DataFrame({"strategy": ["S"], "driving": ["D1"], "restraining": ["R1"]})
    >>> without = leave_one_out(factors, ratings, linkages, strategies)
    >>> without[["expert", "net", "turned"]].values.tolist()
    [['E1', -3.0, True], ['E2', 4.0, False]]
    """
    def outcome(ratings: pd.DataFrame, linkages: pd.DataFrame):
        analysed = analyse(factors, ratings, linkages, **options)
        ranked = rank_strategies(strategies, analysed, strategy_rule)
        first = ranked.loc[ranked["rank"] <= top, "strategy"]
        return analysed, list(first), force_totals(analysed, "tnb")

    columns = ["expert", "rank_correlation", "keys_changed", "top_strategies", "top_changed", "net",
               "verdict", "turned"]
    experts = list(pd.unique(ratings["expert"]))
    if len(experts) < 2:
        return pd.DataFrame(columns=columns)
    whole, first, totals = outcome(ratings, linkages)
    rows = []
    for expert in experts:
        others = ratings[ratings["expert"] != expert]
        rated = others.dropna(subset=["urgency", "support"])["factor"]
        row = {"expert": expert}
        if set(factors["factor"]) <= set(rated):
            analysed, now_first, now = outcome(others, linkages[linkages["expert"] != expert])
            by_force = [rank_correlation(whole.loc[rows, "tnb"], analysed.loc[rows, "tnb"])
                        for rows in whole.groupby("force").groups.values()]
            row |= {"rank_correlation": float(pd.Series(by_force).min()),
                    "keys_changed": int((whole["key"] & ~analysed["key"]).sum()),
                    "top_strategies": ", ".join(now_first),
                    "top_changed": set(first) != set(now_first), "net": now["net"],
                    "verdict": now["verdict"], "turned": now["verdict"] != totals["verdict"]}
        rows.append(row)
    return pd.DataFrame(rows, columns=columns)


def rank_correlation(one: pd.Series, other: pd.Series) -> float:
    """Spearman's correlation; NaN where one of the two does not vary.

    Examples
    --------
    >>> rank_correlation(pd.Series([10, 20, 30]), pd.Series([1, 3, 2]))
    0.5
    """
    return correlation(one.rank(), other.rank())


def correlation(one: pd.Series, other: pd.Series) -> float:
    """Pearson's correlation; NaN where one of the two does not vary.

    Examples
    --------
    >>> round(correlation(pd.Series([1, 2, 3]), pd.Series([1, 3, 2])), 12)
    0.5
    >>> correlation(pd.Series([1, 2]), pd.Series([3, 3]))
    nan
    """
    if one.nunique() < 2 or other.nunique() < 2:
        return np.nan
    return float(np.corrcoef(one, other)[0, 1])
