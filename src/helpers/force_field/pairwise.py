"""Urgency by pairwise comparison of factors instead of by rating."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.errors import Error, check_choice
from helpers.force_field.arguments import FORCES, check_columns
from helpers.messages import Message, listed

PREFERENCE_METHODS = ("eigenvector", "wins")
PREFERENCE_RANGE = (1 / 9, 9)

# Mean consistency index of random reciprocal matrices of order 1 to 15, as Saaty (1980) prints
# them; larger matrices take the last one, which grows only slowly.
RANDOM_INDEX = (0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
ACCEPTED_RATIO = 0.10


def comparison_matrix(names: list[str], comparisons: pd.DataFrame) -> np.ndarray:
    """Reciprocal matrix of one expert from one row a pair.

    The columns of `comparisons` are ``factor_a, factor_b, preference``: how many times factor_a is
    as pressing as factor_b, from 1/9 to 9 (1/9 may be written 0.11); further ones are ignored.
    Raises ValueError if a pair is missing or there twice, a factor is unknown or compared with
    itself, or a preference is out of range.

    Returns
    -------
    array of shape (N, N)

    Examples
    --------
    >>> comparison_matrix(["a", "b"], pd.DataFrame({"factor_a": ["b"], "factor_b": ["a"],
    ...                                             "preference": [4]})).tolist()
    [[1.0, 0.25], [4.0, 1.0]]
    """
    check_columns("comparisons", comparisons, ["factor_a", "factor_b", "preference"])
    place = {name: number for number, name in enumerate(names)}
    matrix = np.full((len(names), len(names)), np.nan)
    np.fill_diagonal(matrix, 1)
    for a, b, preference in zip(comparisons["factor_a"], comparisons["factor_b"],
                                comparisons["preference"]):
        pair = Message("comparisons: {a!r} with {b!r}", a=a, b=b)
        if a not in place or b not in place:
            raise Error("{pair}: compare factors of one force with each other; here these are "
                        "{names}", pair=pair, names=listed(names))
        if a == b:
            raise Error("{pair}: a factor cannot be compared with itself; remove the row",
                        pair=pair)
        if not PREFERENCE_RANGE[0] - 0.005 <= preference <= PREFERENCE_RANGE[1]:
            raise Error("{pair}: preference is {preference:g}; allowed is 1/9 (0.11) to 9",
                        pair=pair, preference=preference)
        if not np.isnan(matrix[place[a], place[b]]):
            raise Error("{pair}: the pair stands twice; keep one row a pair, the other direction "
                        "is its reciprocal", pair=pair)
        matrix[place[a], place[b]], matrix[place[b], place[a]] = preference, 1 / preference
    for a, b in combinations(names, 2):
        if np.isnan(matrix[place[a], place[b]]):
            raise Error("comparisons: {a!r} and {b!r} are not compared; every pair within a force "
                        "is needed", a=a, b=b)
    return matrix


def priorities(matrix: ArrayLike) -> np.ndarray:
    r"""Weights of a reciprocal matrix: its principal eigenvector, summing to 1.

    .. math:: A w = \lambda_{max} w

    References
    ----------
    Saaty, T. L. (1980). The Analytic Hierarchy Process. McGraw-Hill.

    Examples
    --------
    >>> priorities([[1, 2, 6], [1 / 2, 1, 3], [1 / 6, 1 / 3, 1]]).round(4).tolist()
    [0.6, 0.3, 0.1]
    """
    values, vectors = np.linalg.eig(np.asarray(matrix, dtype=float))
    weights = np.abs(vectors[:, values.real.argmax()].real)
    return weights / weights.sum()


def consistency(matrix: ArrayLike) -> dict[str, float]:
    r"""Consistency index and ratio of a comparison matrix.

    .. math:: CI = \frac{\lambda_{max} - N}{N - 1}, \qquad CR = \frac{CI}{RI_N}

    RI is the index of random matrices. A ratio of at most 0.10 is commonly accepted; with two
    factors nothing can contradict, and the ratio is 0. The keys are ``lambda_max, index, ratio``.

    Examples
    --------
    a is twice b, b is three times c, but a is only four times c instead of six.

    >>> {name: round(value, 4)
    ...  for name, value in consistency([[1, 2, 4], [1/2, 1, 3], [1/4, 1/3, 1]]).items()}
    {'lambda_max': 3.0183, 'index': 0.0091, 'ratio': 0.0158}
    """
    values = np.asarray(matrix, dtype=float)
    size = len(values)
    if size < 3:
        return {"lambda_max": float(size), "index": 0.0, "ratio": 0.0}
    largest = float(np.linalg.eigvals(values).real.max())
    index = max(largest - size, 0) / (size - 1)
    return {"lambda_max": largest, "index": index,
            "ratio": index / RANDOM_INDEX[min(size, len(RANDOM_INDEX)) - 1]}


def wins(matrix: ArrayLike) -> np.ndarray:
    """Number of comparisons that each factor wins; equal ones count half.

    Examples
    --------
    >>> wins([[1, 2, 4], [1/2, 1, 1], [1/4, 1, 1]]).tolist()
    [2.0, 0.5, 0.5]
    """
    times = np.asarray(matrix, dtype=float)
    return (times > 1 + 1e-9).sum(axis=1) + ((np.abs(times - 1) <= 1e-9).sum(axis=1) - 1) / 2


def compared_urgency(factors: pd.DataFrame, comparisons: pd.DataFrame,
                     method: str = "eigenvector") -> pd.Series:
    """NU of every factor from the experts' pairwise comparisons within each force.

    The eigenvectors of several experts are merged by their geometric mean, wins by their mean; a
    factor that never wins has NU 0, and so no weight. Comparisons stay within a force and say
    nothing about the other one: each force has a mean NU of 1, and joint weighting then only counts
    factors. The series by factor is for the argument ``urgency`` of :func:`analyse`. The columns of
    `comparisons` are ``expert, factor_a, factor_b, preference``; every expert compares all pairs of
    a force or none of it. Raises ValueError as :func:`comparison_matrix`; or if a force with
    several factors was compared by no expert.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"],
    ...                         "force": ["driving", "driving", "restraining"]})
    >>> comparisons = pd.DataFrame({"expert": ["E1"], "factor_a": ["D1"], "factor_b": ["D2"],
    ...                             "preference": [3]})
    >>> compared_urgency(factors, comparisons).round(6).to_dict()
    {'D1': 1.5, 'D2': 0.5, 'R1': 1.0}
    """
    check_choice("method", method, PREFERENCE_METHODS)
    for force in uncompared_forces(factors, comparisons):
        raise Error("comparisons: no expert compared the {force} factors; add their pairs or use "
                    "ratings", force=force)
    found = []
    for _, names, matrices in _by_force(factors, comparisons):
        weights = pd.Series(_merged(matrices, method) if len(names) > 1 else 1.0, index=names)
        found.append(weights / weights.mean())
    return pd.concat(found).reindex(factors["factor"]).rename("urgency")


def uncompared_forces(factors: pd.DataFrame, comparisons: pd.DataFrame) -> list[str]:
    """Forces with several factors that no expert compared.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"],
    ...                         "force": ["driving", "driving", "restraining"]})
    >>> nothing = pd.DataFrame(columns=["expert", "factor_a", "factor_b", "preference"])
    >>> uncompared_forces(factors, nothing)
    ['driving']
    """
    return [force for force, names, matrices in _by_force(factors, comparisons)
            if len(names) > 1 and not matrices]


def _merged(matrices: dict[str, np.ndarray], method: str) -> np.ndarray:
    if method == "wins":
        return np.mean([wins(matrix) for matrix in matrices.values()], axis=0)
    return np.exp(np.mean([np.log(priorities(matrix)) for matrix in matrices.values()], axis=0))


def consistency_table(factors: pd.DataFrame, comparisons: pd.DataFrame) -> pd.DataFrame:
    """Consistency of the comparisons of every expert and force.

    The table has ``expert, force, factors, lambda_max, index, ratio, accepted``.
    """
    rows = [{"expert": expert, "force": force, "factors": len(names), **consistency(matrix)}
            for force, names, matrices in _by_force(factors, comparisons)
            for expert, matrix in matrices.items()]
    columns = ["expert", "force", "factors", "lambda_max", "index", "ratio"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(accepted=table["ratio"] <= ACCEPTED_RATIO)


def ratio_comparisons(factors: pd.DataFrame, ratings: pd.DataFrame) -> pd.DataFrame:
    """Comparisons implied by ratings: the ratio of two urgencies.

    Returns
    -------
    DataFrame
        ``expert, factor_a, factor_b, preference`` for every pair within a force of which the expert
        rated all factors; of a force rated in part there is nothing, as nobody compares a part of a
        force.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"],
    ...                         "force": ["driving", "driving", "restraining"]})
    >>> ratings = pd.DataFrame({"expert": "E1", "factor": ["D1", "D2", "R1"], "urgency": [4, 2, 5]})
    >>> ratio_comparisons(factors, ratings).values.tolist()
    [['E1', 'D1', 'D2', 2.0]]
    """
    rows = []
    for expert, own in ratings.groupby("expert", sort=False):
        for _, names in factors.groupby("force", sort=False)["factor"]:
            urgency = own.set_index("factor")["urgency"].reindex(names)
            if urgency.notna().all():
                rows += [(expert, a, b, float(urgency[a] / urgency[b]))
                         for a, b in combinations(names, 2)]
    return pd.DataFrame(rows, columns=["expert", "factor_a", "factor_b", "preference"])


def _by_force(factors: pd.DataFrame, comparisons: pd.DataFrame,
              ) -> Iterator[tuple[str, list[str], dict[str, np.ndarray]]]:
    """Force, names of its factors, and the matrix of every expert who compared them."""
    check_columns("comparisons", comparisons, ["expert", "factor_a", "factor_b", "preference"])
    force_of = factors.set_index("factor")["force"]
    belongs = comparisons["factor_a"].map(force_of)
    unknown = comparisons[belongs.isna()]
    if len(unknown):
        raise Error("comparisons: {factor!r} is not in factors; known factors are {known}",
                    factor=unknown["factor_a"].iloc[0], known=listed(factors["factor"]))
    for force in FORCES:
        names = list(factors.loc[factors["force"] == force, "factor"])
        matrices = {}
        for expert, rows in comparisons[belongs == force].groupby("expert", sort=False):
            try:
                matrices[expert] = comparison_matrix(names, rows)
            except ValueError as error:
                raise Error("expert {expert!r}, {error}", expert=expert, error=error) from None
        yield force, names, matrices
