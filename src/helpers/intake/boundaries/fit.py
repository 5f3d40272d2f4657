"""Polygons of any file as those of a package's areas: by code, else by name, never by guessing."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import geography
from helpers.errors import InputError
from helpers.geography import names
from helpers.intake.area_codes import refuse_others
from helpers.intake.boundaries import codes, place
from helpers.messages import Message, some
from helpers.study.package import Package

TOUCHING = 1e-4  # degrees, about ten metres: parts of one area that lie no farther apart


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

    Every area is decided by itself: by its code, unless villages or names say that the code is
    another area's; else by its name. A match by code is *code*, one of a person's (`confirmed`:
    code -> name in the file) *confirmed*; ``shape`` is a list of rows. `shapes` has any columns, in
    longitude and latitude; `label` is how messages name the file. Where the package has
    ``villages`` they say which of two namesakes is meant.
    """
    for option, column in (("CODE", columns.code), ("NAME", columns.name),
                           ("PARENT", columns.parent)):
        codes.check(shapes, option, column, label)
    areas = package.table("areas")
    inside, said = place.villages_in(shapes, package, label)
    named = _named(shapes, areas, columns, inside, place.of_others(shapes, package))
    table, more = _by_code(shapes, label, areas, named, inside, columns)
    said += more
    left = areas[~areas["code"].isin(table["code"])]
    if len(left):
        if named is None:
            raise _nothing_known(shapes, label, areas, left, table)
        by_name, more = _by_name(label, left, named, inside, table, confirmed)
        table = pd.concat([table, by_name] if len(table) else [by_name])
        said += more
        _refuse_missing(table, label, inside, named)
    return table.set_index("code").loc[areas["code"]].reset_index(), said


def known(package: Package, columns: Columns, shapes) -> int:
    """Number of areas whose code or name a table knows."""
    areas = package.table("areas")
    given = columns.code if columns.code in codes.texts(shapes) else None
    found = codes.find(shapes, areas["code"], given)
    keys = areas["name"].map(names.folded)
    by_name = max((keys.isin({names.folded(value) for value in shapes[column].dropna().astype("str")
                              }).sum() for column in codes.texts(shapes)), default=0)
    return int(by_name) + (0 if found is None else len(found.rows))


@dataclass(frozen=True)
class _Named:
    """Names in the file: ``table`` has name and, if known, parent by the first row of a shape.

    ``rows`` has all rows of it: rows of one name and one regency are parts of one area. Where no
    regency is known, so are rows of one name that lie side by side or hold villages of one area.
    """

    column: str
    parent: str | None
    table: pd.DataFrame
    rows: dict[Hashable, list[Hashable]]


def _named(shapes, areas: pd.DataFrame, columns: Columns, inside, others) -> _Named | None:
    column = columns.name or _best_column(shapes, areas["name"].map(names.respelled),
                                          names.respelled)
    if column is None:
        return None
    parent = columns.parent or _parent_column(shapes, areas, column)
    table = pd.DataFrame({"name": shapes[column]})
    if parent is not None:
        table["parent"] = shapes[parent]
    elif (behind := table["name"].map(names.parent_in_name)).notna().any():
        table["parent"] = behind
    rows = _parts(shapes, table, inside or {}, others)
    return _Named(column, parent, table.loc[list(rows)], rows)


def _parts(shapes, table: pd.DataFrame, inside, others) -> dict[Hashable, list[Hashable]]:
    """Rows of one area by the first of them."""
    area_of = {row: code for code, row in inside}
    keys = table["name"].fillna("").map(names.folded)
    if "parent" in table:
        keys += "|" + table["parent"].fillna("").map(names.parent_key).map(str)
    found = {}
    for key, rows in keys.groupby(keys, sort=False).groups.items():
        own = list(rows)
        alone = len(own) == 1 or key in ("", "|('', False)")
        for part in ([[row] for row in own] if alone else
                     [own] if "parent" in table else _pieces(shapes, own, area_of, others)):
            found[part[0]] = part
    return dict(sorted(found.items(), key=lambda item: table.index.get_loc(item[0])))


def _pieces(shapes, rows: list[Hashable], area_of: dict,
            others: set[Hashable]) -> list[list[Hashable]]:
    """Rows that lie side by side, or hold villages of one area, together; without those that hold
    villages of `others` only, as a namesake across the border does."""
    import shapely
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    geometry = shapes.geometry.loc[rows].to_numpy()
    one, other = shapely.STRtree(geometry).query(geometry, predicate="dwithin", distance=TOUCHING)
    foreign = np.array([row in others and row not in area_of for row in rows])
    one, other = one[foreign[one] == foreign[other]], other[foreign[one] == foreign[other]]
    first: dict[str, int] = {}
    held = [(first.setdefault(area_of[row], place), place) for place, row in enumerate(rows)
            if row in area_of]
    one, other = [*one, *(a for a, _ in held)], [*other, *(b for _, b in held)]
    links = coo_array(([1] * len(one), (one, other)), shape=(len(rows), len(rows)))
    piece = connected_components(links, directed=False)[1]
    return [list(own) for _, own in pd.Series(rows).groupby(piece)]


def _by_code(shapes, label: str, areas: pd.DataFrame, named: _Named | None, inside,
             columns: Columns) -> tuple[pd.DataFrame, list[str]]:
    """Areas that are known by their code, and what to say of it."""
    empty = pd.DataFrame(columns=["code", "name", "shape", "found", "similarity", "how"])
    found = codes.find(shapes, areas["code"], columns.code)
    if found is None:
        if columns.code is not None:
            raise InputError("{label}: column '{column}' has none of the codes of the areas, such "
                             "as {code}; leave CODE= out to go by names", label=label,
                             column=columns.code, code=codes.code_key(areas["code"].iloc[0]))
        return empty, []
    shown = shapes[named.column if named else found.column.split(codes.TOGETHER)[0]]
    keys = None if named is None else shapes[named.column].fillna("").astype("str").map(
        names.respelled)
    taken, refuted, beside = [], [], []
    for code, name in areas.loc[areas["code"].isin(found.rows), ["code", "name"]].itertuples(
            index=False):
        own = found.rows[code]
        row = (code, name, own, codes.text(shown[own[0]]), 1.0, "code")
        same_name = bool(keys is not None and (keys[own] == names.respelled(name)).any())
        # Statistics and home affairs number the same kecamatan differently: a code may be
        # another area's.
        held = None if inside is None else sum(inside.get((code, part), 0.0) for part in own)
        if held is not None and held < names.INSIDE:
            (beside if same_name and held else refuted).append(row)
        elif inside is None and keys is not None and not same_name and (
                keys == names.respelled(name)).any():
            refuted.append(row)
        else:
            taken.append(row)
    if len(refuted) + len(beside) > len(taken):
        if columns.code is None:
            return empty, []
        first = (refuted + beside)[0]
        raise InputError("{label}: the polygon of {shown} in column '{column}' holds less than "
                         "half of the villages of {code} {name}; are these codes of another list? "
                         "Leave CODE= out to go by names", label=label, shown=first[3],
                         column=found.column, code=first[0], name=first[1])
    text = ("{label}: joined by the codes in column '{column}', which begin with those of the "
            "areas" if found.below else "{label}: matched by the codes in column '{column}'")
    said = [Message(text, label=label, column=found.column)]
    if beside:
        said.append(Message("{label}: code and name agree for {areas}, though most of their "
                            "villages lie outside their polygon", label=label,
                            areas=some(row[0] for row in beside)))
    if refuted:
        said.append(Message("{label}: the codes of {areas} are those of other polygons, as their "
                            "villages or names say; these areas go by name", label=label,
                            areas=some(row[0] for row in refuted)))
    return pd.DataFrame(taken + beside, columns=list(empty)), said


def _by_name(label: str, left: pd.DataFrame, named: _Named, inside, taken: pd.DataFrame,
             confirmed: dict[str, str]) -> tuple[pd.DataFrame, list[str]]:
    """Areas by their names among the shapes that no other area has."""
    used = set(taken["shape"].explode())
    rows = {first: own for first, own in named.rows.items() if not used & set(own)}
    table = named.table.loc[list(rows)]
    joined = None if inside is None else place.together(inside, rows)
    found = _with_confirmed(names.match_names(left, table, joined), table, confirmed, label)
    found["shape"] = [rows.get(first) for first in found["shape"]]
    text = ("{label}: matched by the names in column '{name}', within '{parent}'" if named.parent
            else "{label}: matched by the names in column '{name}'")
    said = [Message(text, label=label, name=named.column, parent=named.parent)]
    joined = [code for code, own in zip(found["code"], found["shape"]) if len(own or ()) > 1]
    if joined and "parent" not in named.table:
        said.append(Message("{label}: polygons of one name that lie side by side count as one "
                            "area: {areas}", label=label, areas=some(joined)))
    return found, said


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


def _refuse_missing(table: pd.DataFrame, label: str, inside, named: _Named) -> None:
    """Refuse a file that has no polygon where some areas lie: to confirm names cannot help."""
    used = set(table["shape"].explode().dropna())
    free = [row for rows in named.rows.values() for row in rows if row not in used]
    holding = set() if inside is None else {code for code, row in inside if row in set(free)}
    none = table[table["how"] == "none"]
    missing = none[~none["code"].isin(holding)] if inside is not None else none[[not free] * len(
        none)]
    if len(missing):
        raise _without_polygon(label, missing)


def _without_polygon(label: str, areas: pd.DataFrame) -> InputError:
    return InputError("{label}: has no polygon for these areas ({number}): {areas}; give a file "
                      "that has all of them", label=label, number=len(areas),
                      areas=some(areas["code"] + " " + areas["name"], most=30))


def _nothing_known(shapes, label: str, areas: pd.DataFrame, left: pd.DataFrame,
                   table: pd.DataFrame) -> InputError:
    """Error where neither codes nor names are known."""
    if len(table):
        return _without_polygon(label, left)
    for column in codes.candidates(shapes, areas["code"]):
        keys = codes.code_keys(shapes, column, codes.piece_widths(areas["code"]))
        refuse_others(keys, areas["code"], label, f"'{column}'")
    above = codes.level_above(shapes, areas["code"]) or _parent_column(shapes, areas)
    if above is not None:
        return InputError("{label}: holds units above the areas (column '{column}': {example}); "
                          "an area cannot be cut out of them: give polygons of the areas, or of "
                          "smaller units with the code of their area", label=label, column=above,
                          example=some(shapes[above].dropna().map(codes.text), most=3))
    return InputError("{label}: no column holds the codes or the names of the areas; say which "
                      "with CODE= or NAME= (columns: {columns})", label=label,
                      columns=", ".join(codes.texts(shapes)))


def _parent_column(shapes, areas: pd.DataFrame, name: str | None = None) -> str | None:
    """Column of the regencies; of the rows with an area's `name` enough must have a known one."""
    if "group" not in areas or areas["group"].isna().all():
        return None
    wanted = areas["group"].dropna().map(names.parent_key)
    column = _best_column(shapes, wanted, names.parent_key, leave_out=name)
    if name is None or column is None:
        return column
    rows = shapes[name].fillna("").astype("str").map(names.respelled).isin(
        areas["name"].map(names.respelled))
    here = shapes.loc[rows, column].fillna("").map(names.parent_key).isin(wanted).sum()
    return column if here >= codes.LEAST_KNOWN * len(areas) else None


def _best_column(shapes, wanted: pd.Series, key, leave_out: str | None = None) -> str | None:
    """Column that names most of what is wanted; None where none names enough."""
    shares = {}
    for column in codes.texts(shapes):
        if column == leave_out:
            continue
        keys = {key(value) for value in shapes[column].dropna().astype("str").unique()}
        shares[column] = wanted.isin(list(keys)).mean()
    best = max(shares, key=shares.get, default=None)
    return best if best is not None and shares[best] >= codes.LEAST_KNOWN else None


def fit(shapes, matches: pd.DataFrame):
    """``code``, ``name``, ``geometry`` of the areas, rows of one area joined, and what was said.

    Invalid polygons are repaired where that hardly changes their surface. Raises ``ValueError``
    where a polygon cannot be used, naming its area.
    """
    import geopandas

    rows = matches.set_index("code")["shape"].explode()
    found = geopandas.GeoDataFrame({"code": rows.index},
                                   geometry=shapes.geometry.loc[rows.to_list()].to_list(),
                                   crs=shapes.crs)
    # Before parts are joined: shapes that cross themselves cannot be.
    found, said = geography.repaired(found)
    geography.check_shapes(found)
    if found["code"].duplicated().any():
        found = found.dissolve("code", sort=False).reset_index()
    found.insert(1, "name", matches["found"].to_list())
    return found, said
