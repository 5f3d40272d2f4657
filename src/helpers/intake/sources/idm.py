"""Village Development Index (Indeks Desa Membangun) 2024: by desa, joined to the areas of today.

The index knows codes of 2024. In one province they were dealt out anew since, so that a code alone
may be another regency: Raja Ampat is 96.05 there, and Maybrat here. A code counts only where the
names agree with it, else the name within the regency does, and what is left has no index.
"""

import json
from collections.abc import Mapping

import pandas as pd

from helpers.errors import InputError
from helpers.geography import names
from helpers.intake.sources.pinned import get, sources
from helpers.intake.sources.register import dotted
from helpers.messages import Message, listed

FILE = "data/idm/prov/{province}.json"
MOST_BYTES = 64 * 10**6
YEAR = 2024
MEASURES = ("idm_index", "idm_social_iks", "idm_economic_ike", "idm_environment_ikl")
COLUMNS = ["area", "code", "name", *MEASURES, "status"]
STATUSES = ("self_reliant", "advanced", "developing", "behind", "far_behind")  # 1 to 5
AGREE = 0.5  # share of the desa of a kecamatan whose names must be those of the register


def of_areas(areas: pd.DataFrame, known: Mapping[str, str],
             mirror: str | None = None) -> tuple[pd.DataFrame, list[str]]:
    """Index of the desa of some kecamatan, and what to tell.

    Parameters
    ----------
    areas : DataFrame
        ``code`` (35.04.01) and ``name`` of all kecamatan of one or more regencies.
    known : mapping
        Name of each village by its code, as the register has it; may be empty.

    Returns
    -------
    DataFrame
        ``area``, ``code`` (missing where the village is not in the register), ``name``, the four
        `MEASURES` (0 to 1), ``status`` (1 self-reliant to 5 far behind), a row a desa. Empty where
        the index has none of these kecamatan, as in cities, whose villages are kelurahan.
    """
    found, said = [], []
    for regency, own in areas.groupby(areas["code"].str[:5]):
        rows = _rows(regency[:2], mirror)
        pairs = _pairs(own.set_index("code")["name"], rows, known)
        other = {old[:5] for old in pairs} - {regency}
        if other:
            said.append(Message("IDM 2024: {regency} has the codes of {other} there, from before "
                                "they were dealt out anew; its kecamatan were joined by their "
                                "names", regency=regency, other=listed(sorted(other))))
        rows = rows[rows["old"].isin(list(pairs))]
        found.append(_with_codes(rows.assign(area=rows["old"].map(pairs).astype("str")), known))
    table = pd.concat(found, ignore_index=True)
    unmeasured = table["idm_index"].isna()
    if unmeasured.any():
        said.append(Message("IDM 2024: {number} desa have no index ({first})",
                            number=int(unmeasured.sum()), first=table["name"][unmeasured].iloc[0]))
    return table[~unmeasured].reset_index(drop=True), said


def by_area(desa: pd.DataFrame) -> pd.DataFrame:
    """Means of the index and its parts over the desa of each kecamatan, indexed by its code; how
    many desa there are, and how many are self-reliant.

    >>> rows = pd.DataFrame({"area": "a", "status": [1, 2], **dict.fromkeys(MEASURES, [0.5, 0.7])})
    >>> by_area(rows)[["idm_index", "desa", "self_reliant"]].round(3).to_dict("records")
    [{'idm_index': 0.6, 'desa': 2, 'self_reliant': 1}]
    """
    groups = desa.groupby("area")
    return groups[list(MEASURES)].mean().assign(
        desa=groups.size(), self_reliant=(desa["status"] == 1).groupby(desa["area"]).sum())


def _rows(province: str, mirror: str | None) -> pd.DataFrame:
    """Desa of a province with the codes of the index; none where it has none (31, Jakarta)."""
    columns = ("old", "kecamatan", "last", "name", *MEASURES, "status")
    path = FILE.format(province=province)
    if path not in sources()["idm"].files:
        return pd.DataFrame(columns=list(columns))
    file = get("idm", path, mirror)
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ValueError("too large")
        rows = [(dotted(part["k"]), part["nm"], *desa[:-1])
                for part in json.loads(file.read_text(encoding="utf-8"))["kec"]
                for desa in part["ds"]]
        return pd.DataFrame(rows, columns=list(columns)).astype(
            dict.fromkeys(MEASURES, float) | dict.fromkeys(("old", "last", "name"), "str"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError("{file}: is no table of the village index that can be read; give the file "
                         "as it was published", file=file.name) from None


def _pairs(areas: pd.Series, rows: pd.DataFrame, known: Mapping[str, str]) -> dict[str, str]:
    """Code of today by code of the index, for the kecamatan that are surely the same."""
    listed_there = rows.drop_duplicates("old").set_index("old")["kecamatan"]
    pairs = {code: code for code in listed_there.index.intersection(areas.index)
             if _agrees(code, listed_there[code], areas[code], rows, known)}
    left = areas.drop(list(pairs.values()))
    keys = listed_there.drop(list(pairs)).map(names.respelled)
    regency = _same_regency(areas.map(names.respelled), listed_there)
    if left.empty or regency is None:
        return pairs
    keys = keys[keys.index.str[:5] == regency]
    keys = keys[~keys.duplicated(keep=False)]
    by_name = dict(zip(keys, keys.index, strict=True))
    wanted = left.map(names.respelled)
    wanted = wanted[~wanted.duplicated(keep=False) & wanted.isin(list(by_name))]
    return pairs | {by_name[key]: code for code, key in wanted.items()}


def _agrees(code: str, there: str, here: str, rows: pd.DataFrame,
            known: Mapping[str, str]) -> bool:
    """Whether a kecamatan of the index is the area of the same code: by its name, or its desa."""
    if names.respelled(there) == names.respelled(here):
        return True
    own = rows[rows["old"] == code]
    same = [names.respelled(name) == names.respelled(known.get(f"{code}.{last}", ""))
            for name, last in zip(own["name"], own["last"], strict=True)]
    return sum(same) > AGREE * len(same)


def _same_regency(wanted: pd.Series, listed_there: pd.Series) -> str | None:
    """Regency of the index that has most of the names of these areas, if it has half of them."""
    keys = listed_there.map(names.respelled)
    shared = keys.isin(list(wanted)).groupby(keys.index.str[:5]).sum()
    best = shared.idxmax() if len(shared) else None
    return best if best is not None and 2 * shared[best] >= (keys.index.str[:5] == best).sum() \
        else None


def _with_codes(rows: pd.DataFrame, known: Mapping[str, str]) -> pd.DataFrame:
    """Rows with the code of the village today and the area that it lies in today.

    The code of the index holds where its kecamatan kept theirs and the register has it, else that
    of the one village of the name in the kecamatan, then in the regency: kecamatan are divided.
    """
    code = (rows["area"] + "." + rows["last"]).where(rows["old"] == rows["area"])
    if not len(known):
        return rows.assign(code=code)[COLUMNS]
    code = code.where(code.isin(list(known)))
    for length in (len("35.04.01"), len("35.04")):
        free = pd.Series(known).drop(list(code.dropna()))
        keys = free.index.str[:length] + free.map(names.respelled)
        alone = pd.Series(free.index, keys)[~keys.duplicated(keep=False).to_numpy()]
        code = code.fillna((rows["area"].str[:length]
                            + rows["name"].map(names.respelled)).map(alone))
    code = code.mask(code.duplicated())
    return rows.assign(code=code, area=code.str[:8].fillna(rows["area"]))[COLUMNS]
