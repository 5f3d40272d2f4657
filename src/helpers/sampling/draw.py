"""Draw of a stratified sample, replacement units, and the list for the field."""

import hashlib
import math

import numpy as np
import pandas as pd

from helpers.errors import Error
from helpers.sampling.arguments import whole, whole_units


def draw(frame: pd.DataFrame, allocation: pd.Series, seed: int) -> pd.DataFrame:
    r"""Simple random sample without replacement in every stratum.

    Each stratum has a random stream of its own, named by the seed and its code:
    adding, leaving out or reordering strata does not change what is drawn in the others.

    .. math:: w_h = N_h / n_h

    The table has code, unit (number on the list of its stratum, 1 to N_h) and weight, in the order
    of the frame, then by unit. Raises ValueError if codes repeat, the allocation names a code that
    is not in the frame, or asks for more units than there are.

    Parameters
    ----------
    frame : DataFrame
        Columns `code` (unique) and `units` (N_h, whole numbers).
    allocation : Series of int
        n_h by code, as `allocate` gives it; a code that is not in it gets nobody.

    Examples
    --------
    >>> sample = draw(pd.DataFrame({"code": ["a", "b"], "units": [10, 4]}),
    ...               pd.Series({"a": 2, "b": 4}), seed=1)
    >>> sample.groupby("code")["weight"].sum().to_dict()
    {'a': 10.0, 'b': 4.0}
    >>> sample.loc[sample["code"] == "b", "unit"].tolist()
    [1, 2, 3, 4]
    """
    _check_draw(frame, allocation, seed)
    sizes = dict(zip(frame["code"], whole_units(frame.set_index("code")["units"])))
    parts = []
    for code, size in sizes.items():
        n = int(allocation.get(code, 0))
        if n > size:
            raise Error("allocation asks for {n} units in {code!r}, which has {units}", n=n,
                        code=code, units=size)
        chosen = np.sort(_stream(seed, code).choice(size, n, replace=False)) + 1
        weight = size / n if n else np.nan
        parts.append(pd.DataFrame({"code": code, "unit": chosen, "weight": weight}))
    return pd.concat(parts, ignore_index=True).astype({"unit": "int64", "weight": "float64"})


def reserve(frame: pd.DataFrame, sample: pd.DataFrame, seed: int,
            share: float = 0.2) -> pd.DataFrame:
    """Replacement units beside the sample, in the order in which they are to be called on.

    They come from a random stream of their own: the sample stays what `draw` gave, however many
    replacements there are, and a longer reserve begins with the shorter one. The table has code,
    unit and order (1, 2, ... inside the stratum). Raises ValueError if the share is out of its
    range.

    Parameters
    ----------
    frame : DataFrame
        code, units.
    sample : DataFrame
        code, unit, as `draw` gives them.
    share : float
        Replacements for each unit drawn, from 0 to 1; rounded up in every stratum, as far as its
        units reach.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["a"], "units": [10]})
    >>> sample = draw(frame, pd.Series({"a": 4}), seed=1)
    >>> extra = reserve(frame, sample, seed=1, share=0.5)
    >>> len(extra), set(extra["unit"]) & set(sample["unit"])
    (2, set())
    """
    if not 0 <= share <= 1:
        raise Error("share is {share}; give the replacements for each unit drawn, from 0 to 1",
                    share=share)
    parts = [pd.DataFrame({"code": [], "unit": [], "order": []}).astype({"code": "str"})]
    for code, size in zip(frame["code"], whole_units(frame.set_index("code")["units"])):
        drawn = sample.loc[sample["code"] == code, "unit"]
        others = np.setdiff1d(np.arange(1, size + 1), drawn)
        # Nine decimals: 0.2 of 15 is 3, not 3.0000000000000004 rounded up.
        n = min(math.ceil(round(share * len(drawn), 9)), len(others))
        chosen = _stream(seed, f"{code}/reserve").permutation(others)[:n]
        parts.append(pd.DataFrame({"code": code, "unit": chosen, "order": range(1, n + 1)}))
    return pd.concat(parts, ignore_index=True).astype({"unit": "int64", "order": "int64"})


def field_list(frame: pd.DataFrame, sample: pd.DataFrame,
               replacements: pd.DataFrame) -> pd.DataFrame:
    """Field list: the units drawn, then the replacements of each area, with columns to fill in.

    Parameters
    ----------
    frame : DataFrame
        code, name, zone.
    sample : DataFrame
        code, unit, as `draw` gives them.
    replacements : DataFrame
        code, unit, order, as `reserve` gives them.

    Returns
    -------
    DataFrame
        number (running), code, name, zone, unit (number on the area's list), role (main or
        replacement), order (of the replacement; 0 for a main unit), visited, result, replaces
        (empty: to be filled in).

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["a"], "name": ["A"], "zone": ["z"], "units": [10]})
    >>> sample = pd.DataFrame({"code": ["a"], "unit": [7]})
    >>> extra = pd.DataFrame({"code": ["a"], "unit": [3], "order": [1]})
    >>> field_list(frame, sample, extra)[["number", "unit", "role"]].values.tolist()
    [[1, 7, 'main'], [2, 3, 'replacement']]
    """
    both = pd.concat([sample[["code", "unit"]].assign(role="main", order=0),
                      replacements[["code", "unit", "order"]].assign(role="replacement")])
    places = {code: place for place, code in enumerate(frame["code"])}
    keys = {"place": both["code"].map(places), "kind": both["role"].eq("replacement")}
    both = both.assign(**keys).sort_values(["place", "kind", "order", "unit"], kind="stable")
    table = both.merge(frame[["code", "name", "zone"]], on="code", how="left")
    table = table[["code", "name", "zone", "unit", "role", "order"]]
    table.insert(0, "number", range(1, len(table) + 1))
    return table.assign(visited="", result="", replaces="")


def _check_draw(frame: pd.DataFrame, allocation: pd.Series, seed: int) -> None:
    whole(seed, "seed", 0)
    repeated = frame["code"][frame["code"].duplicated()]
    if len(repeated):
        raise Error("frame has code {code!r} more than once; give one row a stratum",
                    code=repeated.iloc[0], resource="frame")
    if allocation.index.has_duplicates:
        raise Error("allocation has a code more than once; give one value a stratum")
    unknown = allocation.index.difference(frame["code"])
    if len(unknown):
        raise Error("allocation names {code!r}, which is not a code of the frame", code=unknown[0])
    for code, n in allocation.items():
        whole(n, f"allocation of {code!r}", 0)


def _stream(seed: int, name: object) -> np.random.Generator:
    key = int.from_bytes(hashlib.sha256(str(name).encode()).digest()[:8], "big")
    return np.random.default_rng(np.random.SeedSequence(int(seed), spawn_key=(key,)))
