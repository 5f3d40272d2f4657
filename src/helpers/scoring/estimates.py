"""Design-based estimates: weighted means with Taylor standard errors, by domain.

The design is one stage: strata, a simple random sample without replacement in each. The engine is
svy, which is also the reference for any other; large samples go through `helpers.scoring.counts`,
which gives the same to ten digits.
"""

import numpy as np
import pandas as pd

from helpers.errors import Error, check_choice
from helpers.scoring.answers import WHOLE, scale_list
from helpers.scoring.classes import classify, quadrant
from helpers.scoring.counts import count_values
from helpers.scoring.design import beside_design, check_design

DOMAINS: dict[str, str | None]
DOMAINS = {"all": None, "zone": "zone", "area": "code", "business_type": "business_type"}
ESTIMATES = ["n", "mean", "se", "ci_low", "ci_high"]
# From so many respondents on, variables with few different values are estimated from counts.
LARGE, FEW = 20_000, 1_000


def estimate_means(data: pd.DataFrame, variables: list[str], weight: str, stratum: str,
                   population: str | None = None, by: str | None = None,
                   confidence: float = 0.95) -> pd.DataFrame:
    r"""Weighted means with standard errors of a stratified sample.

    .. math::

        \bar y_d = \frac{\sum_{i \in d} w_i y_i}{\sum_{i \in d} w_i} \qquad
        v(\bar y_d) = \sum_h \left(1 - \frac{n_h}{N_h}\right) \frac{n_h}{n_h - 1}
        \sum_{i \in h} (u_i - \bar u_h)^2, \quad
        u_i = \frac{w_i (y_i - \bar y_d)}{\sum_{d} w}\ \text{inside the domain, 0 outside}

    One respondent in a stratum: the deviation is taken from the mean of the whole sample, not of
    the stratum ("center" in svy, "adjust" in R), which errs on the side of caution. An estimate
    from a single answer has no standard error; one with as many answers as strata has no interval.
    The table has variable, level (`all` without `by`), n (answers), mean, se, ci_low, ci_high; one
    row for each variable and level, also where nobody answered. Raises ValueError if a column is
    absent or not numeric, a weight is not positive, or the stratum's size is not one number that
    covers its respondents.

    Parameters
    ----------
    variables : list of str
        Numeric columns. A missing value leaves the respondent out of that variable's domain, not
        out of the design.
    weight, stratum : str
        Columns with the design weight (positive) and the stratum.
    population : str, optional
        Column with N_h, the size of the stratum; gives the finite population correction.
    by : str, optional
        Column of domains. Categories keep their order, other values are sorted; empty belongs to no
        domain.
    confidence : float
        Of the interval, which uses t with (respondents - strata) degrees of freedom, both counted
        in the domain.

    References
    ----------
    Särndal, C.-E., Swensson, B. & Wretman, J. (1992). Model Assisted Survey Sampling, chapters 5
    and 10.

    Examples
    --------
    Two strata of 10 and 30 units, two asked in each: (10 x 2 + 30 x 4) / 40 = 3.5,
    variance (1/4)^2 x 0.8 x 2/2 + (3/4)^2 x (14/15) x 2/2 = 0.575:

    >>> data = pd.DataFrame({"y": [1, 3, 3, 5], "w": [5, 5, 15, 15], "h": list("aabb"),
    ...                      "N": [10, 10, 30, 30]})
    >>> estimate_means(data, ["y"], "w", "h", "N")[["mean", "se"]].round(4).values.tolist()
    [[3.5, 0.7583]]
    """
    found = estimate_with_freedom(data, variables, weight, stratum, population, by, confidence)
    return found.drop(columns="freedom")


def score_table(scores: pd.DataFrame, design: pd.DataFrame, items: pd.DataFrame, classes: int = 3,
                class_range: str = "theoretical", confidence: float = 0.95,
                counted: bool = False) -> pd.DataFrame:
    """Mean score of every scale in the whole and by zone, area and type of business.

    The table has domain, level, dimension, aspect, n, mean, se, ci_low, ci_high, class. The class
    is empty where the observed range is a single value. Raises ValueError if `class_range` is
    unknown.

    Parameters
    ----------
    class_range : {"theoretical", "observed"}
        Classes divide the answer scale, or the range of the respondents' scores on the same scale.
    counted : bool
        Estimate from counts, whatever the size of the survey: the same to ten digits, in a tenth of
        the time.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a"], "dimension": "need", "aspect": "capital", "lowest": 1,
    ...                       "highest": 5})
    >>> design = pd.DataFrame({"code": ["x", "x"], "zone": ["z", "z"], "weight": [1.0, 1.0]})
    >>> scores = pd.DataFrame({"need.capital": [4.0, 5.0], "need.all": [4.0, 5.0]})
    >>> score_table(scores, design, items)[["level", "aspect", "mean", "class"]].values.tolist()[0]
    ['all', 'capital', 4.5, 'high']
    """
    scales = scale_list(items)[["dimension", "aspect", "variable"]]
    table = means_by_domain(scores, design, list(scales["variable"]), confidence, counted)
    table = table.merge(scales, on="variable", how="left")
    table = table[["domain", "level", "dimension", "aspect", *ESTIMATES]]
    return with_classes(table, scores, items, classes, class_range)


def design_effects(table: pd.DataFrame, values: pd.DataFrame,
                   design: pd.DataFrame) -> pd.DataFrame:
    r"""Design effect of weighted means: their variance over that of a simple random sample.

    .. math:: \text{deff} = \frac{v(\bar y)}{s^2 / n}, \qquad
        s^2 = \frac{n}{n - 1} \frac{\sum_i w_i (y_i - \bar y)^2}{\sum_i w_i}

    The simple sample has as many respondents, drawn with replacement, so that a design without
    replacement has a deff below one (R's ``svymean(deff = "replace")``). n / deff respondents of a
    simple sample would tell as much. Missing where there is no standard error, or all answer alike.
    The table has domain, level, dimension, aspect, n, deff.

    Parameters
    ----------
    table : DataFrame
        As from `score_table`: domain, level, dimension, aspect, n, mean, se.
    values, design : DataFrame
        What `score_table` took: scores (``need.capital``, ...) and design.

    Examples
    --------
    Weights 5, 5, 15, 15 of the answers 1, 3, 3, 5 with a mean of 3.5: s2 = 7 / 3. A variance of
    0.575 is 0.986 of 7 / 12.

    >>> table = pd.DataFrame({"domain": ["all"], "level": ["all"], "dimension": ["need"],
    ...                       "aspect": ["capital"], "n": [4], "mean": [3.5], "se": [0.575 ** 0.5]})
    >>> design = pd.DataFrame({"weight": [5, 5, 15, 15]})
    >>> values = pd.DataFrame({"need.capital": [1, 3, 3, 5]})
    >>> design_effects(table, values, design)["deff"].round(4).tolist()
    [0.9857]
    """
    weight, found = design["weight"].to_numpy(float), pd.Series(np.nan, table.index)
    variables = table["dimension"].astype(str) + "." + table["aspect"].astype(str)
    for domain, rows in table.groupby("domain"):
        column = DOMAINS[domain]
        levels = pd.Series("all", design.index) if column is None else design[column]
        codes, names = pd.factorize(levels.astype("str").where(levels.notna()))
        for variable, own in rows.groupby(variables):
            answers = values[variable].to_numpy(float)
            there = ~np.isnan(answers) & (codes >= 0)
            place = codes[there], len(names)
            total, first, second = (
                np.bincount(place[0], weight[there] * answers[there] ** power, place[1])
                for power in (0, 1, 2))
            with np.errstate(divide="ignore", invalid="ignore"):
                spread = pd.Series(second / total - (first / total) ** 2, names)
            # Of equal answers the difference of two sums is hardly ever quite nothing.
            spread = spread.where(spread > 1e-12)
            found[own.index] = own["se"] ** 2 * (own["n"] - 1) / own["level"].map(spread)
    return table[["domain", "level", "dimension", "aspect", "n"]].assign(deff=found)


def with_classes(table: pd.DataFrame, scores: pd.DataFrame, items: pd.DataFrame, classes: int = 3,
                 class_range: str = "theoretical") -> pd.DataFrame:
    """Mean scores with their classes.

    The column class is empty where the observed range is a single value. Raises ValueError if
    `class_range` is unknown.

    Parameters
    ----------
    table : DataFrame
        dimension, aspect, mean.
    scores, items, classes, class_range
        As in `score_table`.

    Examples
    --------
    >>> table = pd.DataFrame({"dimension": "need", "aspect": "all", "mean": [4.5]})
    >>> items = pd.DataFrame({"lowest": [1], "highest": [5]})
    >>> with_classes(table, pd.DataFrame(), items, classes=2)["class"].tolist()
    ['high']
    """
    check_choice("class_range", class_range, ("theoretical", "observed"))
    if class_range == "theoretical":
        words = _class_words(table["mean"], float(items["lowest"].min()),
                             float(items["highest"].max()), classes)
    else:
        parts = table.groupby(table["dimension"] + "." + table["aspect"])["mean"]
        words = pd.concat([_class_words(part, scores[name].min(), scores[name].max(), classes)
                           for name, part in parts])
    return table.assign(**{"class": words})


def gap_table(scores: pd.DataFrame, design: pd.DataFrame, items: pd.DataFrame,
              quadrant_cut: str = "midpoint", confidence: float = 0.95,
              counted: bool = False) -> pd.DataFrame:
    r"""Gap between need and access, with interval, fulfilment and quadrant.

    .. math:: \text{gap} = \overline{\text{need} - \text{access}} \qquad
        \text{fulfilment} = 100\, \overline{\text{access}} / \overline{\text{need}}

    The gap is taken respondent by respondent, so its interval knows that both answers come from one
    person. Respondents count where they have both scores; so need less access equals the gap in
    every row. The table has domain, level, aspect, need, access, gap, se, ci_low, ci_high (of the
    gap), fulfilment (per cent), quadrant. Raises ValueError if a dimension is absent, the two have
    different aspects, or the cut is unknown.

    Parameters
    ----------
    scores, design, items, confidence, counted
        As in `score_table`; dimensions must be `need` and `access`.
    quadrant_cut : {"midpoint", "grand_mean"}
        Axes cross at the middle of the answer scale, or at the means of the whole sample over all
        aspects.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "dimension": ["need", "access"],
    ...                       "aspect": "capital", "lowest": 1, "highest": 5})
    >>> design = pd.DataFrame({"code": ["x", "x"], "zone": ["z", "z"], "weight": [1.0, 1.0]})
    >>> scores = pd.DataFrame({"need.capital": [4.0, 5.0], "need.all": [4.0, 5.0],
    ...                        "access.capital": [2.0, 2.5], "access.all": [2.0, 2.5]})
    >>> row = gap_table(scores, design, items).iloc[0]
    >>> float(row["gap"]), float(row["fulfilment"]), row["quadrant"]
    (2.25, 50.0, 'high_need_low_access')
    """
    aspects = _paired_aspects(items)
    both = paired_scores(scores, aspects)
    estimates = means_by_domain(both, design, list(both), confidence, counted)
    estimates[["part", "aspect"]] = estimates["variable"].str.split(".", n=1, expand=True)
    means = estimates.pivot(index=["domain", "level", "aspect"], columns="part", values="mean")
    table = estimates[estimates["part"] == "gap"].rename(columns={"mean": "gap"})
    table = table.merge(means[["need", "access"]].reset_index(), on=["domain", "level", "aspect"],
                        how="left")
    table["fulfilment"] = 100 * table["access"] / table["need"]
    columns = ["domain", "level", "aspect", "need", "access", "gap", "se", "ci_low", "ci_high"]
    return with_quadrants(table[[*columns, "fulfilment"]], items, quadrant_cut)


def with_quadrants(gaps: pd.DataFrame, items: pd.DataFrame,
                   quadrant_cut: str = "midpoint") -> pd.DataFrame:
    """Gaps with the quadrant (column quadrant) of need and access as they stand in the table.

    Parameters
    ----------
    gaps, items, quadrant_cut
        As in `quadrant_cuts`.

    Examples
    --------
    >>> gaps = pd.DataFrame({"domain": ["all"], "aspect": ["all"], "need": [4.2], "access": [2.6]})
    >>> items = pd.DataFrame({"lowest": [1], "highest": [5]})
    >>> with_quadrants(gaps, items)["quadrant"].tolist()
    ['high_need_low_access']
    """
    return gaps.assign(quadrant=quadrant(gaps["need"], gaps["access"],
                                         *quadrant_cuts(gaps, items, quadrant_cut)))


def quadrant_cuts(gaps: pd.DataFrame, items: pd.DataFrame,
                  quadrant_cut: str = "midpoint") -> tuple[float, float]:
    """Cut points at which the axes of need and access cross.

    The pair is the cut of need and the cut of access. Raises ValueError if the rule is unknown.

    Parameters
    ----------
    gaps : DataFrame
        domain, aspect, need, access, as `gap_table` gives them.
    quadrant_cut : {"midpoint", "grand_mean"}
        The middle of the answer scale is absolute: all aspects may lie on one side. The grand means
        are relative: some aspect lies on each side, however much or little is needed.

    Examples
    --------
    >>> gaps = pd.DataFrame({"domain": ["all"], "aspect": ["all"], "need": [4.2], "access": [2.6]})
    >>> items = pd.DataFrame({"lowest": [1], "highest": [5]})
    >>> quadrant_cuts(gaps, items), quadrant_cuts(gaps, items, "grand_mean")
    ((3.0, 3.0), (4.2, 2.6))
    """
    check_choice("quadrant_cut", quadrant_cut, ("midpoint", "grand_mean"))
    if quadrant_cut == "midpoint":
        middle = (float(items["lowest"].min()) + float(items["highest"].max())) / 2
        return middle, middle
    whole = gaps[(gaps["domain"] == "all") & (gaps["aspect"] == WHOLE)].iloc[0]
    return float(whole["need"]), float(whole["access"])


def quadrant_points(scores: pd.DataFrame) -> pd.DataFrame:
    """Need and access of each aspect with their intervals, in the whole and by zone.

    The table has level, aspect, need, need_low, need_high, access, access_low, access_high.

    Examples
    --------
    >>> scores = pd.DataFrame({"domain": "all", "level": "all", "dimension": ["need", "access"],
    ...                        "aspect": "capital", "mean": [4.0, 2.0], "ci_low": [3.9, 1.8],
    ...                        "ci_high": [4.1, 2.2]})
    >>> quadrant_points(scores)[["need", "access_low"]].values.tolist()
    [[4.0, 1.8]]
    """
    rows = scores[scores["domain"].isin(["all", "zone"]) & (scores["aspect"] != WHOLE)]
    keys, sides = ["domain", "level", "aspect"], []
    for side in ("need", "access"):
        names = {"mean": side, "ci_low": f"{side}_low", "ci_high": f"{side}_high"}
        own = rows[rows["dimension"] == side].rename(columns=names)
        sides.append(own[[*keys, *names.values()]])
    return sides[0].merge(sides[1], on=keys).drop(columns="domain")


def area_cells(scores: pd.DataFrame, areas: pd.DataFrame, intervals: bool = False) -> pd.DataFrame:
    """Mean scores of the areas, with their names and zones, zone by zone.

    The table has code, name, zone, dimension, aspect, n, mean; ci_low and ci_high if asked for.
    With `intervals` there are the limits of the intervals, too.

    Examples
    --------
    >>> scores = pd.DataFrame({"domain": ["all", "area"], "level": ["all", "a"],
    ...                        "dimension": "need", "aspect": "capital", "n": [2, 1],
    ...                        "mean": [4.0, 3.0]})
    >>> areas = pd.DataFrame({"code": ["a"], "name": ["A"], "zone": ["z"]})
    >>> area_cells(scores, areas).values.tolist()
    [['a', 'A', 'z', 'need', 'capital', 1, 3.0]]
    """
    places = areas[["code", "name", "zone"]].astype({"code": "str"})
    rows = scores[scores["domain"] == "area"].rename(columns={"level": "code"})
    cells = rows.merge(places, on="code", how="left")
    order = {zone: place for place, zone in enumerate(areas["zone"].unique())}
    cells = cells.sort_values("zone", key=lambda zones: zones.map(order), kind="stable",
                              ignore_index=True)
    limits = ["ci_low", "ci_high"] if intervals else []
    return cells[["code", "name", "zone", "dimension", "aspect", "n", "mean", *limits]]


def estimate_with_freedom(data: pd.DataFrame, variables: list[str], weight: str, stratum: str,
                          population: str | None, by: str | None,
                          confidence: float) -> pd.DataFrame:
    """Estimates of `estimate_means` with the degrees of freedom of each interval (`freedom`).

    svy up to 20,000 respondents, and for variables with more than 1,000 different values; counts
    otherwise.
    """
    if len(data) >= LARGE and all(name in data and data[name].nunique() <= FEW
                                  for name in variables):
        domains = () if by is None else (by,)
        counts = count_values(data, variables, weight, stratum, population, domains)
        return counts.means_with_freedom(by, confidence)
    return by_svy(data, variables, weight, stratum, population, by, confidence)


def by_svy(data: pd.DataFrame, variables: list[str], weight: str, stratum: str,
           population: str | None, by: str | None, confidence: float) -> pd.DataFrame:
    """Estimates of `estimate_with_freedom` by svy at any size: the reference."""
    check_design(data, variables, weight, stratum, population, by, confidence)
    levels = _levels(data, by)
    domain = pd.Series("all", index=data.index) if by is None else data[by]
    results = _svy_means(data, variables, weight, stratum, population, domain, levels, confidence)
    every = pd.MultiIndex.from_product([variables, levels], names=["variable", "level"])
    table = results.set_index(["variable", "level"]).reindex(every).reset_index()
    table["n"] = table["n"].fillna(0).astype("int64")
    # The deviation of a single answer from itself is 0; that is no evidence of precision.
    table.loc[table["n"] < 2, ["se", "ci_low", "ci_high"]] = np.nan
    table["level"] = table["level"].astype(str)
    return table


def _svy_means(data: pd.DataFrame, variables: list[str], weight: str, stratum: str,
               population: str | None, domain: pd.Series, levels: list,
               confidence: float) -> pd.DataFrame:
    import polars as pl
    import svy

    # Plain names and numbered levels: a label of the user can then be no keyword of the engine.
    number = {level: str(position) for position, level in enumerate(levels)}
    columns = {"w": data[weight].to_numpy(float), "h": pd.factorize(data[stratum])[0].astype(str),
               "g": [number.get(level) for level in domain]}
    if population:
        columns["N"] = data[population].to_numpy(float)
    answered = [name for name in variables if (data[name].notna() & domain.notna()).any()]
    columns |= {f"y{i}": data[name].to_numpy(float) for i, name in enumerate(answered)}
    table = pl.DataFrame(columns).with_columns(pl.col("^y.*$").fill_nan(None))
    plan = svy.Design(stratum="h", wgt="w", pop_size="N" if population else None,
                      singleton="center")
    sample = svy.Sample(table, plan)
    names = {"est": "mean", "lci": "ci_low", "uci": "ci_high", "df": "freedom"}
    parts = [pd.DataFrame(columns=["variable", "level", *ESTIMATES, "freedom"])]
    for i, name in enumerate(answered):
        means = sample.estimation.mean(f"y{i}", by="g", drop_nulls=True, alpha=1 - confidence)
        found = pd.DataFrame(means.to_polars().to_dict(as_series=False)).rename(columns=names)
        found["level"] = [levels[int(code)] for code in found["g"]]
        parts.append(found.assign(variable=name)[parts[0].columns])
    return pd.concat(parts[1:] or parts, ignore_index=True)


def _levels(data: pd.DataFrame, by: str | None) -> list:
    if by is None:
        return ["all"]
    if isinstance(data[by].dtype, pd.CategoricalDtype):
        present = set(data[by].dropna())
        return [level for level in data[by].cat.categories if level in present]
    return sorted(data[by].dropna().unique())


def means_by_domain(values: pd.DataFrame, design: pd.DataFrame, variables: list[str],
                    confidence: float, counted: bool = False) -> pd.DataFrame:
    """Means of the variables in every domain of the design, with `domain` and `freedom`."""
    data, columns = beside_design(values, design)
    domains = {name: column and f"design {column}"
               for name, column in DOMAINS.items() if column in (None, *design)}
    named = tuple(by for by in domains.values() if by)
    counts = count_values(data, variables, *columns, named) if counted else None
    parts = []
    for domain, by in domains.items():
        found = (counts.means_with_freedom(by, confidence) if counts is not None
                 else estimate_with_freedom(data, variables, *columns, by, confidence))
        # Level by level, as a reader looks things up.
        order = found["level"].drop_duplicates()
        found["rank"] = found["level"].map(dict(zip(order, range(len(order)))))
        parts.append(found.sort_values("rank", kind="stable").assign(domain=domain))
    return pd.concat(parts, ignore_index=True)


def _class_words(means: pd.Series, lowest: float, highest: float, classes: int) -> pd.Series:
    if not lowest < highest:
        return pd.Series(None, index=means.index, dtype="str")
    return classify(means, lowest, highest, classes).astype("str")


def _paired_aspects(items: pd.DataFrame) -> list[str]:
    scales = scale_list(items)
    aspects = {dimension: list(part["aspect"])
               for dimension, part in scales.groupby("dimension", sort=False)}
    for dimension in ("need", "access"):
        if dimension not in aspects:
            raise Error("items have no dimension {dimension!r}; the gap needs both need and "
                        "access", dimension=dimension, resource="items")
    alone = set(aspects["need"]) ^ set(aspects["access"])
    if alone:
        raise Error("aspect {aspect!r} is asked for need or for access only; the gap needs both",
                    aspect=sorted(alone)[0])
    return aspects["need"]


def paired_scores(scores: pd.DataFrame, aspects: list[str]) -> pd.DataFrame:
    """Need, access and gap of the respondents who have a score for both."""
    columns = {}
    for aspect in aspects:
        pair = scores[[f"need.{aspect}", f"access.{aspect}"]].dropna().reindex(scores.index)
        columns[f"need.{aspect}"], columns[f"access.{aspect}"] = pair.iloc[:, 0], pair.iloc[:, 1]
        columns[f"gap.{aspect}"] = pair.iloc[:, 0] - pair.iloc[:, 1]
    return pd.DataFrame(columns)
