"""Small force fields for several test modules: tables from vectors, and random ones for
properties."""

from itertools import combinations

import numpy as np
import pandas as pd
from hypothesis import strategies as st


def tables(driving, restraining, nu, nd, nk, experts=("E1",)):
    """Long tables from vectors; every expert says the same."""
    names = [f"D{i + 1}" for i in range(driving)] + [f"H{i + 1}" for i in range(restraining)]
    factors = pd.DataFrame({
        "factor": names,
        "force": ["driving"] * driving + ["restraining"] * restraining,
        "aspect": "capital",
    })
    ratings = pd.DataFrame(
        [(expert, name, u, s) for expert in experts for name, u, s in zip(names, nu, nd)],
        columns=["expert", "factor", "urgency", "support"],
    )
    linkages = pd.DataFrame([(expert, names[i], names[j], nk[i][j]) for expert in experts
                             for i, j in combinations(range(len(names)), 2)],
                            columns=["expert", "factor_a", "factor_b", "linkage"],
                            )
    return factors, ratings, linkages


def pairings(factors):
    """One strategy for every driver with every restrainer."""
    sides = [
        factors.loc[factors["force"] == force, "factor"] for force in ("driving", "restraining")
    ]
    pairs = pd.DataFrame([(d, r) for d in sides[0] for r in sides[1]],
                         columns=["driving", "restraining"])
    return pairs.assign(strategy=pairs["driving"] + pairs["restraining"])


ratings_1_to_5 = st.integers(1, 5)
linkages_0_to_5 = st.integers(0, 5)


@st.composite
def force_fields(draw):
    """Factors, ratings and linkages of one expert; one to four factors a side."""
    driving, restraining = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    size = driving + restraining
    nu = draw(st.lists(ratings_1_to_5, min_size=size, max_size=size))
    nd = draw(st.lists(ratings_1_to_5, min_size=size, max_size=size))
    upper = draw(
        st.lists(linkages_0_to_5, min_size=size * (size - 1) // 2, max_size=size * (size - 1) // 2))
    nk = np.zeros((size, size))
    nk[np.triu_indices(size, k=1)] = upper
    return tables(driving, restraining, nu, nd, nk + nk.T)


@st.composite
def panels(draw):
    """Factors, ratings and linkages of two to four experts who differ."""
    fields = draw(st.lists(force_fields(), min_size=1, max_size=1))
    factors, ratings, linkages = fields[0]
    experts = [f"E{i + 1}" for i in range(draw(st.integers(2, 4)))]
    rows = []
    for table, columns, lowest in ((ratings, ["urgency",
                                              "support"], 1), (linkages, ["linkage"], 0)):
        many = pd.concat([table.assign(expert=expert) for expert in experts], ignore_index=True)
        for column in columns:
            many[column] = draw(
                st.lists(st.integers(lowest, 5), min_size=len(many), max_size=len(many)))
        rows.append(many)
    return factors, *rows
