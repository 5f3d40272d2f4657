"""Polygons of any file as those of a package's areas: by code, else by name, never by guessing."""

import re
from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd

from helpers import geography
from helpers.errors import InputError
from helpers.geography import names
from helpers.messages import Message
from helpers.study.package import Package

# share of the areas that a column must name to be taken for the column of names or codes
LEAST_KNOWN = 0.5


@dataclass(frozen=True)
class Columns:
    """Columns that a person names; None means: found by their values."""

    code: str | None = None
    name: str | None = None
    parent: str | None = None


def match(shapes, label: str, package: Package, columns: Columns,
          confirmed: dict[str, str]) -> tuple[pd.DataFrame, list[str]]:
    """Polygon of every area of a package, as `names.match_names` returns it, and which columns were
    used.

    A match by code is *code*, one of a person's (`confirmed`: code -> name in the file)
    *confirmed*. `shapes` has any columns, in longitude and latitude; `label` is how messages name
    the file. Where the package has ``villages`` they say which of two namesakes is meant.
    """
    _check_columns(shapes, label, columns)
    areas, inside = package.table("areas"), _inside(shapes, package)
    by_code = _by_code(shapes, label, areas, inside, columns)
    if by_code is not None:
        return by_code
    name = columns.name or _best_column(shapes, areas["name"].map(names.respelled), names.respelled)
    if name is None:
        raise InputError("{label}: no column holds the codes or the names of the areas; say which "
                         "with CODE= or NAME= (columns: {columns})", label=label,
                         columns=", ".join(_texts(shapes)))
    parent = columns.parent or _parent_column(shapes, areas)
    named = pd.DataFrame({"name": shapes[name]} | ({"parent": shapes[parent]} if parent else {}))
    found = names.match_names(areas, named, inside)
    said = [Message("{label}: matched by the names in column '{name}', within '{parent}'" if parent
                    else "{label}: matched by the names in column '{name}'", label=label, name=name,
                    parent=parent)]
    return _with_confirmed(found, named, confirmed, label), said


def doubtful(matches: pd.DataFrame) -> pd.DataFrame:
    """Matches that a person must look at."""
    return matches[~matches["how"].isin(names.SURE)]


def fit(shapes, matches: pd.DataFrame):
    """``code``, ``name``, ``geometry`` of the areas; rows of one code are joined.

    Raises ``ValueError`` where a polygon cannot be used, naming its area.
    """
    import geopandas

    rows = matches.set_index("code")["shape"].explode()
    found = geopandas.GeoDataFrame({"code": rows.index},
                                   geometry=shapes.geometry.loc[rows.to_list()].to_list(),
                                   crs=shapes.crs)
    # Before parts are joined: shapes that cross themselves cannot be.
    geography.check_shapes(found)
    if found["code"].duplicated().any():
        found = found.dissolve("code", sort=False).reset_index()
    found.insert(1, "name", matches["found"].to_list())
    return found


def _by_code(shapes, label: str, areas: pd.DataFrame, inside,
             columns: Columns) -> tuple[pd.DataFrame, list[str]] | None:
    """Match by a column with every area's code; None without one, or against the villages."""
    column = columns.code or _code_column(shapes, areas)
    if column is None:
        return None
    keys = shapes[column].map(_code_key)
    rows_of = keys.groupby(keys).groups
    shown = shapes[columns.name or column].map(_text)
    rows = []
    for code, name in zip(areas["code"], areas["name"], strict=True):
        own = list(rows_of.get(_code_key(code), ()))
        if not own:
            raise InputError("{label}: column '{column}' has no {code}; leave CODE= out to go by "
                             "names", label=label, column=column, code=_code_key(code))
        if inside is not None and sum(inside.get((code, row), 0.0) for row in own) < names.INSIDE:
            # Statistics and home affairs number the same kecamatan differently: a code may be
            # another area's.
            if columns.code is None:
                return None
            raise InputError("{label}: the polygon of {shown} in column '{column}' holds less "
                             "than half of the villages of {code} {name}; are these codes of "
                             "another list? Leave CODE= out to go by names", label=label,
                             shown=shown[own[0]], column=column, code=code, name=name)
        rows.append((code, name, own, shown[own[0]], 1.0, "code"))
    table = pd.DataFrame(rows, columns=["code", "name", "shape", "found", "similarity", "how"])
    return table, [Message("{label}: matched by the codes in column '{column}'", label=label,
                           column=column)]


def _with_confirmed(found: pd.DataFrame, named: pd.DataFrame, confirmed: dict[str, str],
                    label: str) -> pd.DataFrame:
    for position, match in found.iterrows():
        wanted = confirmed.get(match["code"])
        if wanted is None:
            continue
        rows = named.index[named["name"] == wanted]
        if len(rows) > 1 and match["found"] == wanted and match["shape"] is not None:
            rows = [match["shape"]]
        if len(rows) != 1:
            raise InputError("{label}: the name '{wanted}', confirmed for {code} {name}, stands "
                             "there {times} times; it must stand there once", label=label,
                             wanted=wanted, code=match["code"], name=match["name"], times=len(rows))
        found.loc[position, ["found", "how"]] = [wanted, "confirmed"]
        found.at[position, "shape"] = rows[0]
    twice = found["shape"].notna() & found["shape"].duplicated(keep=False)
    if twice.any():
        found.loc[twice, "how"] = "ambiguous"
    return found


def _inside(shapes, package: Package) -> dict[tuple[str, Hashable], float] | None:
    """Share of an area's villages in each polygon that holds one; None without villages."""
    import geopandas

    if not package.has("villages"):
        return None
    villages = package.table("villages").dropna(subset="area")
    points = geopandas.GeoDataFrame({"code": villages["area"]}, crs=4326,
                                    geometry=geopandas.points_from_xy(villages["lon"],
                                                                      villages["lat"]))
    row, point = shapes.sindex.query(points.geometry, predicate="within")[::-1]
    held = pd.DataFrame(
        {"code": points["code"].to_numpy()[point], "shape": shapes.index.to_numpy()[row]})
    counts = held.groupby(["code", "shape"]).size()
    return (counts
            / counts.index.get_level_values("code").map(points["code"].value_counts())).to_dict()


def _code_column(shapes, areas: pd.DataFrame) -> str | None:
    wanted = set(areas["code"].map(_code_key))
    return next(
        (column for column in _texts(shapes) if wanted <= set(shapes[column].map(_code_key))), None)


def _parent_column(shapes, areas: pd.DataFrame) -> str | None:
    if "group" not in areas or areas["group"].isna().all():
        return None
    return _best_column(shapes, areas["group"].dropna().map(names.parent_key), names.parent_key)


def _best_column(shapes, wanted: pd.Series, key) -> str | None:
    """Column that names most of what is wanted; None where none names enough."""
    shares = {}
    for column in _texts(shapes):
        keys = {key(value) for value in shapes[column].dropna().astype("str").unique()}
        shares[column] = wanted.isin(list(keys)).mean()
    best = max(shares, key=shares.get, default=None)
    return best if best is not None and shares[best] >= LEAST_KNOWN else None


def _texts(shapes) -> list[str]:
    return [column for column in shapes.columns if column != shapes.geometry.name]


def _check_columns(shapes, label: str, columns: Columns) -> None:
    for option, column in (("CODE", columns.code), ("NAME", columns.name), ("PARENT",
                                                                            columns.parent)):
        if column is not None and column not in _texts(shapes):
            raise InputError("{option}={column}: {label} has no such column; it has: {known}",
                             option=option, column=column, label=label,
                             known=", ".join(_texts(shapes)))


def _code_key(code: object) -> str:
    """Code without dots, blanks and the country: 35.05.01 and ID350501 are the same."""
    return re.sub(r"[^0-9A-Z]", "", _text(code).upper()).removeprefix("ID")


def _text(value: object) -> str:
    """Cell as text. A column of whole numbers with a gap comes as fractions: 350501.0.

    Examples
    --------
    >>> _text(350501.0), _text(0.5), _text("35.05.01")
    ('350501', '0.5', '35.05.01')
    """
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
