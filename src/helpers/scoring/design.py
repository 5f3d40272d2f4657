"""Sampling design of a survey: stratum, weight and units of every respondent, and their checks."""

import pandas as pd

from helpers.errors import Error, check_share, check_weights


def with_design(responses: pd.DataFrame, areas: pd.DataFrame,
                frame: pd.DataFrame | None = None, own: bool = True) -> pd.DataFrame:
    r"""Stratum, zone and design weight of every respondent.

    .. math:: w_{hi} = N_h \frac{g_{hi}}{\sum_j g_{hj}}, \qquad
              w_{hi} = N_h / n_h \text{ where all } g_{hi} \text{ are equal}

    A column weight of the responses holds the weights :math:`g` that a survey gave its respondents;
    with a frame they share out the units of each stratum, without one they count as they are, with
    a mean of 1.

    The table has code, zone (ordered as in `areas`), weight, units (with a frame only) and
    business_type (if asked), with the index of `responses`. Raises ValueError if a respondent's
    area is unknown or has no units in the frame, more were asked than there are, or a weight
    is not above 0.

    Parameters
    ----------
    responses : DataFrame
        code, business_type where it was asked, weight where the survey has its own.
    areas : DataFrame
        code, zone; their order becomes the order of all results.
    frame : DataFrame, optional
        code, units. Without it every respondent counts the same and the population is taken as very
        large.
    own : bool
        Whether weights of the survey count.

    Examples
    --------
    >>> responses = pd.DataFrame({"code": ["a", "a", "b"]})
    >>> areas = pd.DataFrame({"code": ["a", "b"], "zone": ["north", "south"]})
    >>> frame = pd.DataFrame({"code": ["a", "b"], "units": [10, 4]})
    >>> with_design(responses, areas, frame)["weight"].tolist()
    [5.0, 5.0, 4.0]
    >>> responses["weight"] = [3.0, 1.0, 2.0]
    >>> with_design(responses, areas, frame)["weight"].tolist()
    [7.5, 2.5, 4.0]
    >>> with_design(responses, areas)["weight"].tolist()
    [1.5, 0.5, 1.0]
    """
    zones = areas.set_index("code")["zone"]
    unknown = responses.loc[~responses["code"].isin(zones.index), "code"]
    if len(unknown):
        raise Error("a respondent has area {area!r}, which is not in areas", area=unknown.iloc[0])
    design = pd.DataFrame({"code": pd.Categorical(responses["code"], zones.index),
                           "zone": pd.Categorical(responses["code"].map(zones), zones.unique()),
                           "weight": _survey_weights(responses, own)}, index=responses.index)
    if frame is not None:
        asked = responses["code"].value_counts()
        units = frame.set_index("code")["units"].reindex(asked.index)
        for code, n in asked.items():
            if pd.isna(units[code]):
                raise Error("area {code!r} has {n} respondents but is not in frame; add it or "
                            "correct the area", code=code, n=n)
            if not units[code] >= n:
                raise Error("area {code!r} has {n} respondents but {units:g} units in frame; "
                            "correct one", code=code, n=n, units=units[code])
        design["units"] = responses["code"].map(units)
        share = design["weight"].groupby(responses["code"]).transform("sum")
        design["weight"] = responses["code"].map(units) * design["weight"] / share
    if "business_type" in responses:
        design["business_type"] = responses["business_type"]
    return design


def _survey_weights(responses: pd.DataFrame, own: bool) -> pd.Series | float:
    """Weights that the survey gave, with a mean of 1; 1 where it gave none."""
    if not own or "weight" not in responses:
        return 1.0
    given = pd.to_numeric(responses["weight"], errors="coerce")
    check_weights(given, responses["weight"].astype("str"))
    return given / given.mean()


def calibration_margins(responses: pd.DataFrame, areas: pd.DataFrame, frame: pd.DataFrame,
                        known_totals: pd.DataFrame | None = None) -> dict[str, pd.Series]:
    r"""Totals to which the weights of those who answered can be calibrated, all of one sum.

    .. math:: T_h = N_h \frac{N_z}{\sum_{h' \in z,\ \text{answered}} N_{h'}}

    An area without respondents is represented by the others of its zone; so the total of an area is
    raised until those of a zone add up to all its units. A zone without respondents stays out. The
    known totals of other traits are scaled to the same sum, so only their shares count.

    Parameters
    ----------
    responses : DataFrame
        code, and the traits named in `known_totals`.
    areas, frame : DataFrame
        code, zone; code, units.
    known_totals : DataFrame, optional
        margin (a column of `responses`), level, units.

    Returns
    -------
    dict of Series
        Trait to totals by level, for `helpers.sampling.rake`; `code` comes first.

    References
    ----------
    Deville, J.-C. & Särndal, C.-E. (1992). Journal of the American Statistical Association 87,
    376-382.

    Examples
    --------
    Nobody answered in b; so a stands for its 10 units too:

    >>> responses = pd.DataFrame({"code": ["a", "c"], "kind": ["x", "y"]})
    >>> areas = pd.DataFrame({"code": list("abc"), "zone": list("nns")})
    >>> frame = pd.DataFrame({"code": list("abc"), "units": [20, 10, 30]})
    >>> known = pd.DataFrame({"margin": "kind", "level": ["x", "y"], "units": [1, 3]})
    >>> found = calibration_margins(responses, areas, frame, known)
    >>> found["code"].to_dict(), found["kind"].to_dict()
    ({'a': 30.0, 'c': 30.0}, {'x': 15.0, 'y': 45.0})
    """
    places = areas.merge(frame[["code", "units"]], on="code")
    asked = places[places["code"].isin(responses["code"])]
    raised = (places.groupby("zone")["units"].sum() / asked.groupby("zone")["units"].sum())
    units = (asked["units"] * asked["zone"].map(raised).astype(float)).set_axis(asked["code"])
    margins = {"code": units}
    if known_totals is not None:
        for margin, part in known_totals.groupby("margin", sort=False):
            shares = part.set_index("level")["units"] / part["units"].sum()
            margins[str(margin)] = shares * units.sum()
    return margins


def known_shares(known_totals: pd.DataFrame, responses: pd.DataFrame,
                 weight: pd.Series) -> pd.DataFrame:
    """Shares of every level by the known totals and by the weighted sample.

    The table has margin, level, known, answered. Parameters are those of `calibration_margins`, and
    the weight of each respondent.

    Examples
    --------
    >>> known = pd.DataFrame({"margin": "kind", "level": ["x", "y"], "units": [1, 3]})
    >>> responses = pd.DataFrame({"kind": ["x", "y"]})
    >>> known_shares(known, responses, pd.Series([2.0, 2.0])).values.tolist()
    [['kind', 'x', 0.25, 0.5], ['kind', 'y', 0.75, 0.5]]
    """
    known = known_totals["units"] / known_totals.groupby("margin")["units"].transform("sum")
    answered = [weight[responses[margin].astype("string") == level].sum() / weight.sum()
                for margin, level in zip(known_totals["margin"], known_totals["level"])]
    return known_totals[["margin", "level"]].assign(known=known, answered=answered)


def beside_design(values: pd.DataFrame, design: pd.DataFrame
                  ) -> tuple[pd.DataFrame, tuple[str, str, str | None]]:
    """Values beside their design, and its columns of weight, stratum and units (if it has any).

    The design's columns have names of their own, so that a scale cannot hide one.
    """
    columns = "design weight", "design code", "design units" if "units" in design else None
    return pd.concat([values, design.add_prefix("design ")], axis=1), columns


def check_design(data: pd.DataFrame, variables: list[str], weight: str, stratum: str,
                 population: str | None, by: str | None, confidence: float) -> None:
    """Check that the columns of a design can be estimated with."""
    for column in [*variables, weight, stratum, population, by]:
        if column is not None and column not in data.columns:
            raise Error("the data have no column {column!r}", column=column)
    for column in [*variables, weight, population]:
        if column is not None and not pd.api.types.is_numeric_dtype(data[column]):
            raise Error("column {column!r} holds text; numbers are needed", column=column)
    if data.empty:
        raise Error("there are no respondents in the data")
    check_share("confidence", confidence, 0.95)
    check_weights(data[weight])
    if data[stratum].isna().any():
        raise Error("row {row!r} has no {stratum!r}; every row needs its stratum",
                    row=data.index[data[stratum].isna()][0], stratum=stratum)
    if population is not None:
        _check_population(data, stratum, population)


def _check_population(data: pd.DataFrame, stratum: str, population: str) -> None:
    sizes = data.groupby(stratum, observed=True)[population].agg(["min", "max", "size", "count"])
    for name, row in sizes.iterrows():
        if row["count"] < row["size"] or row["min"] != row["max"]:
            raise Error("{population!r} of stratum {stratum!r} is not one number; give every row "
                        "the same size", population=population, stratum=name)
        if row["min"] < row["size"]:
            raise Error("stratum {stratum!r} has {respondents:g} respondents but {units:g} units "
                        "in {population!r}", stratum=name, respondents=row["size"],
                        units=row["min"], population=population)
