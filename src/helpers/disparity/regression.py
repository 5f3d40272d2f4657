"""Regression of a gap between zones on other differences, for few areas.

Standard errors are those of HC3 (MacKinnon and White 1985), which presume no equal spread and are
the more careful ones in small samples; intervals take the t distribution. With a few dozen areas
every number here is rough.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from helpers.errors import Error

FEWEST_PER_TERM = 3  # areas for each coefficient, at least


class NotEstimableError(Error):
    """Data that cannot answer; ``reason`` is a word for why.

    One of missing, equal, few_areas, one_zone, lone_area or collinear.
    """

    def __init__(self, reason: str, template: str, **values: object):
        super().__init__(template, **values)
        self.reason = reason


def zone_design(zones: pd.Series, base: str, drivers: pd.DataFrame | None = None) -> pd.DataFrame:
    """Regressors: a constant, a dummy for each zone other than the base, and drivers.

    Raises NotEstimableError where no area is in the base, or all are. The others are compared with
    the zone `base`. The table has, by code, the columns constant, the other zones in the order of
    their appearance, and the drivers.

    Examples
    --------
    >>> zones = pd.Series({"a": "north", "b": "south"})
    >>> zone_design(zones, "north",
    ...             pd.DataFrame({"slope": {"a": 2.0, "b": 7.0}})).to_numpy().tolist()
    [[1.0, 0.0, 2.0], [1.0, 1.0, 7.0]]
    """
    others = [zone for zone in zones.unique() if zone != base]
    if not others or len(others) == zones.nunique():
        raise NotEstimableError("one_zone", "no gap: all areas are in the zone {base}"
                                if not others else "no gap: no area is in the zone {base}",
                                base=base)
    dummies = {zone: (zones == zone).astype(float) for zone in others}
    design = pd.DataFrame({"constant": 1.0, **dummies})
    return design if drivers is None else design.join(drivers.astype(float))


def least_squares(values: pd.Series, design: pd.DataFrame,
                  confidence: float = 0.95) -> pd.DataFrame:
    r"""Linear model fitted by ordinary least squares, with HC3 standard errors.

    .. math:: b = (X'X)^{-1} X'y, \qquad V = (X'X)^{-1}
        \left( \sum_i \frac{e_i^2}{(1 - h_{ii})^2}\, x_i x_i' \right) (X'X)^{-1}

    with residuals e and leverages h. The variance inflation factor 1/(1 - R2) of a regressor on the
    others says how many times its variance grows because they go together; above 5 or 10 the
    coefficients can hardly be told apart. Raises NotEstimableError for missing or equal values,
    fewer than three areas per coefficient, collinear regressors, and an area that alone decides a
    coefficient (the only one of its zone). The table has, by term, coefficient, se, ci_low,
    ci_high, p_value, vif (missing for the constant). `design` has the regressors by code, the
    constant among them, shape (n, k).

    Examples
    --------
    >>> values = pd.Series([1.0, 3.0, 2.0, 6.0, 8.0, 7.0])
    >>> design = pd.DataFrame({"constant": 1.0, "south": [0, 0, 0, 1, 1, 1]})
    >>> fit = least_squares(values, design)
    >>> fit["coefficient"].round(6).tolist()
    [2.0, 5.0]

    Deviations -1, 1, 0 in each zone, leverages 1/3: each zone's variance is 2/(2/3)^2/9 = 0.5.

    >>> fit["se"].round(6).tolist()
    [0.707107, 1.0]
    """
    y, x = check_design(values, design)
    return fitted(y, x, design.columns, confidence).assign(vif=_inflation(design))


def fitted(y: np.ndarray, x: np.ndarray, terms: Iterable[str],
           confidence: float = 0.95) -> pd.DataFrame:
    """Fit of `least_squares` without its checks.

    `x`, of shape (n, k), has full rank, and no area has a leverage of one (see `check_lone`). The
    table has, by term, coefficient, se, ci_low, ci_high, p_value (missing for a coefficient of zero
    without error).

    Examples
    --------
    >>> fitted(np.array([1.0, 3.0]), np.ones((2, 1)), ["constant"])[["coefficient",
    ...                                                              "se"]].round(4).values.tolist()
    [[2.0, 1.4142]]
    """
    from scipy.stats import t

    influence, coefficients = _influences(y, x)
    errors = np.sqrt((influence**2).sum(axis=1))
    free = len(y) - x.shape[1]
    reach = t.ppf((1 + confidence) / 2, free) * errors
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * t.sf(np.abs(coefficients) / errors, free)
    return pd.DataFrame({"coefficient": coefficients, "se": errors, "ci_low": coefficients - reach,
                         "ci_high": coefficients + reach, "p_value": p_value}, index=terms)


def gap_explained(values: pd.Series, zones: pd.Series, base: str, drivers: pd.DataFrame,
                  confidence: float = 0.95) -> pd.DataFrame:
    r"""Raw gap between zones, and the gap between areas that are alike in other things.

    The raw gap g is the coefficient of a zone in a regression on zones alone (a difference of
    means), the adjusted gap a the one in a regression on zones and drivers. The drivers explain the
    part g - a, a share 1 - a/g of the gap. Errors are those of `zone_design` and `least_squares`.

    Both regressions see the same areas, so that their errors go together. The standard error of the
    explained part and of the share (by linearisation) add up what each area contributes to both. A
    share can be negative (the drivers hide a gap) or above one (they turn it round); where the raw
    gap is near zero it says nothing, and its interval is wide. The table has zone and, with limits
    (_low, _high) beside each, raw, adjusted, explained and share. Parameters are those of
    `zone_design`.

    Examples
    --------
    Each zone rises by 1 with every degree of slope, and the south is 2 degrees steeper: the slope
    explains 2 of 5.

    >>> zones = pd.Series(["n"] * 5 + ["s"] * 5)
    >>> slope = pd.DataFrame({"slope": [1.0, 2, 3, 4, 5, 3, 4, 5, 6, 7]})
    >>> noise = [0.1, -0.2, 0.0, 0.2, -0.1] * 2
    >>> gaps = gap_explained(slope["slope"] + 3 * (zones == "s") + noise, zones, "n", slope)
    >>> gaps[["raw", "adjusted", "explained", "share"]].round(3).iloc[0].tolist()
    [5.0, 3.0, 2.0, 0.4]
    """
    from scipy.stats import t

    full = zone_design(zones, base, drivers)
    others = [zone for zone in full.columns[1:] if zone not in drivers]
    simple = full[["constant", *others]]
    adjusted_influence, adjusted = _influences(*check_design(values, full))
    raw_influence, raw = _influences(*check_design(values, simple))
    places = slice(1, 1 + len(others))
    raw, adjusted = raw[places], adjusted[places]
    raw_influence, adjusted_influence = raw_influence[places], adjusted_influence[places]
    explained, explained_influence = raw - adjusted, raw_influence - adjusted_influence
    share = explained / raw
    share_influence = (explained_influence - share[:, None] * raw_influence) / raw[:, None]
    table: dict[str, object] = {"zone": others}
    parts = {"raw": (raw, raw_influence, simple), "adjusted": (adjusted, adjusted_influence, full),
             "explained": (explained, explained_influence, full),
             "share": (share, share_influence, full)}
    for name, (number, influence, terms) in parts.items():
        errors = np.sqrt((influence**2).sum(axis=1))
        reach = t.ppf((1 + confidence) / 2, len(full) - terms.shape[1]) * errors
        table |= {name: number, f"{name}_low": number - reach, f"{name}_high": number + reach}
    return pd.DataFrame(table)


def gap_parts(values: pd.Series, zones: pd.Series, base: str,
              drivers: pd.DataFrame) -> pd.DataFrame:
    r"""Explained part of the gap by driver; the parts add up in any order (Gelbach 2016).

    .. math:: g - a = \sum_k \gamma_k b_k

    with b the coefficient of driver k in the full regression and gamma the gap between the zones in
    that driver. Parameters and errors are those of `gap_explained`. The table has zone, driver,
    driver_gap (gamma), coefficient (b), part (their product).

    Examples
    --------
    >>> zones = pd.Series(["n"] * 5 + ["s"] * 5)
    >>> slope = pd.DataFrame({"slope": [1.0, 2, 3, 4, 5, 3, 4, 5, 6, 7]})
    >>> parts = gap_parts(slope["slope"] + 3 * (zones == "s") + [0.1, -0.2, 0.0, 0.2, -0.1] * 2,
    ...                   zones, "n", slope)
    >>> parts[["driver_gap", "coefficient", "part"]].round(3).iloc[0].tolist()
    [2.0, 1.0, 2.0]
    """
    full = zone_design(zones, base, drivers)
    others = [zone for zone in full.columns[1:] if zone not in drivers]
    simple = full[["constant", *others]]
    effects = pd.Series(_influences(*check_design(values, full))[1], index=full.columns)
    differences = np.linalg.pinv(simple.to_numpy()) @ full[list(drivers)].to_numpy()
    rows = [{"zone": zone, "driver": driver, "driver_gap": differences[place, column],
             "coefficient": effects[driver], "part": differences[place, column] * effects[driver]}
            for place, zone in enumerate(others, start=1) for column, driver in enumerate(drivers)]
    return pd.DataFrame(rows)


def check_design(values: pd.Series, design: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Values and regressors in the same order, checked.

    Errors are those of `least_squares`.

    Returns
    -------
    tuple of ndarray
        Shapes (n,) and (n, k).
    """
    y, x = values.reindex(design.index).to_numpy(dtype=float), design.to_numpy(dtype=float)
    missing = ~(np.isfinite(y) & np.isfinite(x).all(axis=1))
    if missing.any():
        code = design.index[missing][0]
        raise NotEstimableError(
            "missing", "area {code} has no value or lacks a regressor; leave it out", code=code)
    if np.ptp(y) == 0:
        raise NotEstimableError(
            "equal", "all values are equal ({value:g}): there is nothing to explain", value=y[0])
    areas, terms = x.shape
    if areas < FEWEST_PER_TERM * terms:
        raise NotEstimableError(
            "few_areas", "{areas} areas are too few for {terms} coefficients; at least {fewest} "
            "are needed", areas=areas, terms=terms, fewest=FEWEST_PER_TERM * terms)
    if np.linalg.matrix_rank(x / np.linalg.norm(x, axis=0).clip(1e-300)) < terms:
        raise NotEstimableError(
            "collinear", "one of the regressors {regressors} follows from the others, so that "
            "their effects cannot be told apart; leave one out",
            regressors=", ".join(map(str, design.columns[1:])))
    check_lone(design)
    return y, x


def check_lone(design: pd.DataFrame) -> None:
    """Check that no area alone decides a coefficient: its residual is zero whatever its value."""
    alone = _leverages(design.to_numpy(dtype=float)) > 1 - 1e-9
    if alone.any():
        raise NotEstimableError("lone_area",
                                "area {area} alone decides a coefficient (it may be the "
                                "only one of its zone); leave it out or join its zone to another",
                                area=design.index[alone][0])


def _influences(y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Contributions of each area to the coefficients, shape (k, n), and the coefficients.

    A contribution is how much the coefficient moves when the area is left out; the sum of squares
    is the HC3 variance.
    """
    solver = np.linalg.pinv(x)
    coefficients = solver @ y
    return solver * ((y - x @ coefficients) / (1 - _leverages(x))), coefficients


def _leverages(x: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ji->i", x, np.linalg.pinv(x))


def _inflation(design: pd.DataFrame) -> np.ndarray:
    """Variance inflation factors: the diagonal of the inverse of the regressors' correlations."""
    factors = np.full(design.shape[1], np.nan)
    varying = (design.nunique() > 1).to_numpy()
    correlations = np.corrcoef(design.loc[:, varying].to_numpy(), rowvar=False)
    factors[varying] = np.diag(np.linalg.inv(np.atleast_2d(correlations)))
    return factors
