"""Factors behind the answers: how many there are, what loads on them, whether the aspects fit."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

UNIQUE_FLOOR = 0.005


def parallel_analysis(answers: pd.DataFrame, items: pd.DataFrame, rng: np.random.Generator,
                      draws: int = 200, share: float = 0.95) -> pd.DataFrame:
    """Number of factors of each dimension by parallel analysis.

    A factor is kept as long as its eigenvalue of the items' correlations lies above the `share`
    quantile of eigenvalues of as many independent normal answers, and all before it do. The table
    has dimension, factor (1, 2, ...), eigenvalue, noise, kept (yes or no) and respondents;
    complete respondents count. Dimensions with fewer than three items, or with one that does not
    vary, are left out.

    References
    ----------
    Horn, J. L. (1965). Psychometrika 30, 179-185. Glorfeld, L. W. (1995). Educational and
    Psychological Measurement 55, 377-393.

    Examples
    --------
    Three items that are one and the same have one factor, with the eigenvalue 3.

    >>> one = np.random.default_rng(0).normal(size=50)
    >>> answers = pd.DataFrame({"a": one, "b": one, "c": -one})
    >>> items = pd.DataFrame({"item": list("abc"), "dimension": "need"})
    >>> found = parallel_analysis(answers, items, np.random.default_rng(1))
    >>> found["eigenvalue"].round(6).abs().tolist(), found["kept"].tolist()
    ([3.0, 0.0, 0.0], ['yes', 'no', 'no'])
    """
    tables = []
    for dimension, part in _by_dimension(answers, items):
        size = part.shape
        values = np.linalg.eigvalsh(part.corr().to_numpy())[::-1]
        noise = [np.linalg.eigvalsh(np.corrcoef(rng.normal(size=size), rowvar=False))[::-1]
                 for _ in range(draws)]
        limit = np.quantile(noise, share, axis=0)
        kept = np.cumprod(values > limit) == 1
        tables.append(pd.DataFrame({
            "dimension": dimension, "factor": range(1, size[1] + 1), "eigenvalue": values,
            "noise": limit, "kept": np.where(kept, "yes", "no"), "respondents": size[0]}))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=[
        "dimension", "factor", "eigenvalue", "noise", "kept", "respondents"])


def factor_loadings(answers: pd.DataFrame, items: pd.DataFrame,
                    counts: Mapping[str, int]) -> pd.DataFrame:
    """Loadings of the items on the factors of each dimension, and what they leave unexplained.

    Maximum likelihood on the correlations, as R's ``factanal``, turned by varimax; each factor's
    sign makes its sum positive, and factors come by their sum of squares. The table has item,
    dimension, aspect, factor, loading, uniqueness. Dimensions without a factor, or whose fit is not
    found, are left out.

    Parameters
    ----------
    counts : mapping
        Number of factors of each dimension.

    Examples
    --------
    Correlations .72, .63 and .56 are those of loadings .9, .8 and .7.

    >>> wanted = np.array([[1, .72, .63], [.72, 1, .56], [.63, .56, 1]])
    >>> waves = np.linalg.qr(np.vander(np.linspace(-1, 1, 9), 4))[0][:, [0, 1, 2]]
    >>> waves = np.linalg.qr(waves - waves.mean(axis=0))[0]
    >>> answers = pd.DataFrame(waves @ np.linalg.cholesky(wanted).T, columns=list("abc"))
    >>> items = pd.DataFrame({"item": list("abc"), "dimension": "need", "aspect": "capital"})
    >>> factor_loadings(answers, items, {"need": 1})["loading"].round(3).tolist()
    [0.9, 0.8, 0.7]
    """
    rows = []
    for dimension, part in _by_dimension(answers, items):
        count = counts.get(dimension, 0)
        fitted = fitted_factors(part.corr().to_numpy(), count) if count else None
        if fitted is None:
            continue
        loadings, unique = _varimax(fitted[0]), fitted[1]
        loadings = loadings * np.where(loadings.sum(axis=0) < 0, -1, 1)
        loadings = loadings[:, np.argsort(-(loadings ** 2).sum(axis=0), kind="stable")]
        aspect = items.set_index("item")["aspect"]
        rows += [(item, dimension, aspect[item], number + 1, loadings[place, number],
                  unique[place]) for place, item in enumerate(part)
                 for number in range(count)]
    return pd.DataFrame(rows, columns=["item", "dimension", "aspect", "factor", "loading",
                                       "uniqueness"])


def factor_models(answers: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    r"""Confirmatory factor models of each dimension: one factor, or one for each aspect.

    Every item loads on the factor of its aspect alone, and the factors may go together. Maximum
    likelihood on the correlations S of the complete respondents, with the implied
    :math:`\Sigma = \Lambda \Phi \Lambda' + \Psi` of p items:

    .. math:: F = \log|\Sigma| + \text{tr}(S \Sigma^{-1}) - \log|S| - p, \qquad
        \chi^2 = n F

    The table has dimension, structure (one_factor, factor_per_aspect), respondents, chi2, df,
    p_value, cfi, tli, rmsea and srmr, as lavaan has them. A model that these items do not identify,
    or whose fit is not found, is left out.

    References
    ----------
    Joreskog, K. G. (1969). Psychometrika 34, 183-202. Hu, L. & Bentler, P. M. (1999). Structural
    Equation Modeling 6, 1-55.

    Examples
    --------
    Two pairs of items, .64 within and .32 between: loadings of .8 and factors that go together by
    .5 fit exactly, one factor does not.

    >>> wanted = np.full((4, 4), .32) + np.kron(np.eye(2), np.full((2, 2), .32)) + .36 * np.eye(4)
    >>> waves = np.linalg.qr(np.vander(np.linspace(-1, 1, 40), 5))[0][:, :4]
    >>> waves = np.linalg.qr(waves - waves.mean(axis=0))[0]
    >>> answers = pd.DataFrame(waves @ np.linalg.cholesky(wanted).T, columns=list("abcd"))
    >>> items = pd.DataFrame({"item": list("abcd"), "dimension": "need", "aspect": list("xxyy")})
    >>> found = factor_models(answers, items).set_index("structure")
    >>> found.loc["factor_per_aspect", ["chi2", "df", "cfi"]].astype(float).round(6).tolist()
    [0.0, 1.0, 1.0]
    >>> bool(found.loc["one_factor", "chi2"] > 5)
    True
    """
    rows = []
    for dimension, part in _by_dimension(answers, items):
        aspects = items.set_index("item")["aspect"][[*part]]
        whole = pd.Series("all", aspects.index)
        for structure, of in {"one_factor": whole, "factor_per_aspect": aspects}.items():
            if structure == "one_factor" or of.nunique() > 1:
                found = _confirmed(part.corr().to_numpy(), pd.factorize(of)[0], len(part))
                if found is not None:
                    rows.append((dimension, structure, len(part), *found))
    return pd.DataFrame(rows, columns=["dimension", "structure", "respondents", "chi2", "df",
                                       "p_value", "cfi", "tli", "rmsea", "srmr"])


def _confirmed(known: np.ndarray, of: np.ndarray, respondents: int) -> tuple | None:
    """Fit of a model in which each item loads on one factor."""
    from scipy.optimize import minimize
    from scipy.stats import chi2

    size, count = len(known), int(of.max()) + 1
    first, second = np.triu_indices(count, k=1)
    # An item alone on its factor gives one number less: loading and rest are not told apart.
    lone = int((np.bincount(of) == 1).sum()) if count > 1 else 0
    freedom = size * (size - 1) // 2 - size - len(first) + lone
    if freedom < 1 or np.linalg.eigvalsh(known)[0] < 1e-10:
        return None
    where, constant = np.eye(count)[of], np.linalg.slogdet(known)[1] + size

    def implied(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        together = np.eye(count)
        together[first, second] = together[second, first] = values[2 * size:]
        load = where * values[:size, None]
        return load, together, load @ together @ load.T + np.diag(values[size:2 * size])

    def misfit(values: np.ndarray) -> tuple[float, np.ndarray]:
        load, together, fitted = implied(values)
        sign, size_of = np.linalg.slogdet(fitted)
        if sign <= 0:
            return 1e6, np.zeros_like(values)
        back = np.linalg.inv(fitted)
        slope = back - back @ known @ back
        return size_of + np.trace(known @ back) - constant, np.concatenate([
            (2 * slope @ load @ together * where).sum(axis=1), np.diag(slope),
            2 * (load.T @ slope @ load)[first, second]])

    start = np.concatenate([np.full(size, 0.6), np.full(size, 0.6), np.full(len(first), 0.3)])
    bounds = [(-1, 1)] * size + [(UNIQUE_FLOOR, 1)] * size + [(-0.99, 0.99)] * len(first)
    found = minimize(misfit, start, jac=True, method="L-BFGS-B", bounds=bounds,
                     options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 2000})
    least = max(found.fun, 0.0)
    inside = [low < value < high for value, (low, high) in zip(found.x, bounds)]
    # At the last digits the search may end as abnormal; the slope says whether it is there.
    if not (least < 1e5 and (found.success or np.abs(found.jac[inside]).max(initial=0) < 1e-5)):
        return None
    statistic, alone = respondents * least, -respondents * np.linalg.slogdet(known)[1]
    apart = size * (size - 1) // 2
    excess, most = max(statistic - freedom, 0), max(statistic - freedom, alone - apart, 0)
    away = (known - implied(found.x)[2])[np.tril_indices(size)]
    ratio = alone / apart
    return (statistic, freedom, float(chi2.sf(statistic, freedom)),
            1 - excess / most if most > 0 else 1.0,
            (ratio - statistic / freedom) / (ratio - 1) if ratio > 1 else np.nan,
            (excess / freedom / respondents) ** 0.5, float((away ** 2).mean() ** 0.5))


def _by_dimension(answers: pd.DataFrame, items: pd.DataFrame) -> Iterator[tuple]:
    """Complete answers to each dimension that can have a factor model."""
    for dimension, names in items.groupby("dimension", sort=False)["item"]:
        part = answers[[*names]].dropna().astype(float)
        if len(names) > 2 and len(part) > len(names) and (part.std() > 0).all():
            yield dimension, part


def _varimax(loadings: np.ndarray, rounds: int = 500) -> np.ndarray:
    """Loadings turned so that the squares of each factor vary most; rows of equal length (Kaiser).
    """
    size = np.sqrt((loadings ** 2).sum(axis=1, keepdims=True))
    rows, turn = loadings / np.where(size > 0, size, 1), np.eye(loadings.shape[1])
    reached = 0.0
    for _ in range(rounds):
        turned = rows @ turn
        u, values, v = np.linalg.svd(rows.T @ (turned ** 3 - turned * (turned ** 2).mean(axis=0)))
        turn, before, reached = u @ v, reached, values.sum()
        if reached < before * (1 + 1e-10):
            break
    return rows @ turn * size


def fitted_factors(correlations: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Loadings and unique variances of so many factors by maximum likelihood."""
    from scipy.optimize import minimize

    if np.linalg.eigvalsh(correlations)[0] < 1e-10:
        return None

    def loadings_at(unique):
        values, vectors = np.linalg.eigh(correlations / np.sqrt(np.outer(unique, unique)))
        common = vectors[:, -count:] * np.sqrt(np.maximum(values[-count:] - 1, 0))
        return values[:-count], np.sqrt(unique)[:, None] * common

    def misfit(unique):
        rest, loadings = loadings_at(unique)
        implied = loadings @ loadings.T + np.diag(unique)
        return float((rest - np.log(rest) - 1).sum()), np.diag(implied - correlations) / unique**2

    start = 0.5 / np.diag(np.linalg.inv(correlations))
    found = minimize(misfit, np.clip(start, UNIQUE_FLOOR, 1), jac=True, method="L-BFGS-B",
                     bounds=[(UNIQUE_FLOOR, 1)] * len(start),
                     options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 1000})
    return loadings_at(found.x)[1], found.x
