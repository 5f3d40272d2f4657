"""Every claim under every listed choice, packed so that one page decides them without Python."""

import json
from collections.abc import Collection, Mapping
from decimal import ROUND_DOWN, Context, Decimal
from functools import cache
from itertools import groupby
from pathlib import Path

from helpers.documents.site import brushing
from helpers.files import rows_of
from helpers.languages import in_language
from helpers.publish import choices, tables
from helpers.publish.texts import VERDICTS, Texts
from helpers.study import parameters

NAME = "universes"
FOUND = ("claim", "place", "completions", "verdict", "statistic", "value", "low", "high", "status")
FOUR, FOURTH = Context(prec=4, rounding=ROUND_DOWN), Decimal("0.0001")
ZERO = 64  # character of the rank 0 in the page; the letters follow
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
WORDS = ("same", "turned", "turns", "never", "excluded", "own", "analyses",
         "strip", "up", "down", "unmoved", "absent")
# What follows the choices beside the claims: a hand-over, the table of it that is in force, the
# code of a row there.
FOLLOWED = {"index": ("development_index", "code"), "strategies": ("strategies", "strategy")}


def content(path: Path, claims: list[dict], facts: dict, lang: str,
            names: Mapping[str, str]) -> dict:
    """What the page's script reads: choices with their options, claims with all their outcomes.

    `path` is the hand-over ``universes``, `claims` are the rows of the published table. An outcome
    is found by one digit a choice. `names` are those of the data package's codes.
    """
    rows = [{name: cell if name in FOUND else _spelled(cell) for name, cell in row.items()}
            for row in rows_of(path)]
    t, site = Texts(lang, "synthesis", names=names), Texts(lang, "site")
    results = dict.fromkeys(f"result.{row['statistic']}" for row in rows)
    of_claim = {name: [*part] for name, part in groupby(rows, lambda row: row["claim"])}
    own = {name: _spelled(value) for about in facts["stages"].values()
           for name, value in about["parameters"].items() if not isinstance(value, (list, dict))}
    columns = [name for name in rows[0] if name not in FOUND]
    options = {name: list(dict.fromkeys(row[name] for row in rows if row[name]))
               for name in columns}
    return {
        "lang": lang, "digits": DIGITS, "verdicts": VERDICTS,
        "choices": [{"name": name, "label": choices.choice_name(t, name),
                     "stage": name.partition(".")[0],
                     "threshold": "apart" in parameters.rule_of(name, name),
                     "own": options[name].index(own[name]), "spelled": options[name],
                     "options": [choices.alternative_name(t, name, tables.as_number(one))
                                 for one in options[name]]} for name in columns],
        "claims": [_packed(claim, of_claim.get(claim["claim"], []), options, own, t)
                   for claim in claims],
        "results": {key: t.template(key) for key in results if t.has(key)},
        "words": {name: site.template(f"whatif.{name}") for name in WORDS}
        | {"verdicts": [t.word(name) for name in VERDICTS],
           "range": t.template("limits.range").partition(" (")[0]}}


def followed(out: Path, processed: Path, products: Collection[str], choices: list[dict],
             lang: str) -> list[dict]:
    """Index of the areas and ranks of the strategies under each combination of the choices that
    they read, as far as the page has controls for all of these."""
    numbers = {choice["name"]: number for number, choice in enumerate(choices)}
    known = [dict(zip(choice["spelled"], DIGITS)) for choice in choices]
    found = []
    for name, (table, code) in FOLLOWED.items():
        if not {f"processed/{NAME}_{name}.csv", f"tables/{table}.csv"} <= {*products}:
            continue
        rows = rows_of(processed / f"{NAME}_{name}.csv")
        items = _items(out, table, code, lang)
        read = [column for column in rows[0] if column not in items and column != "status"]
        if not {*read} <= {*numbers}:
            continue
        drawn = (brushing.drawn_areas(out) if name == "index" and brushing.ATLAS in products
                 else None)
        mapped = drawn is not None and {item["name"] for item in items.values()} <= {
            *drawn["areas"]}
        about = json.loads((out / f"tables/{table}.json").read_text(encoding="utf-8"))
        values = [[float(row[item]) if row.get(item) else None for item in items] for row in rows]
        ranks = [_ranks(one) for one in values] if name == "index" else None
        found.append({
            "name": name, "status": about["status"], "items": [*items.values()],
            "reads": [numbers[column] for column in read],
            "keys": " ".join("".join(known[numbers[column]][_spelled(row[column])]
                                     for column in read) for row in rows),
            "values": [[None if value is None else round(value, 3) for value in one]
                       for one in values],
            "ranks": ranks and ["".join(chr(ZERO + rank) for rank in one) for one in ranks],
            "drawn": drawn if mapped else None})
    return found


def _ranks(values: list[float | None]) -> list[int]:
    """Ranks, the highest value first and equals the same; 0 where there is no value.

    >>> _ranks([0.5, 0.70001, None, 0.7])
    [3, 1, 0, 2]
    """
    return [0 if value is None else 1 + sum(other is not None and other > value for other in values)
            for value in values]


def _items(out: Path, table: str, code: str, lang: str) -> dict[str, dict]:
    """Areas or strategies by code: name, and the zone in words."""
    words = Texts(lang, "disparity")
    return {row[code]: {"name": row.get("name") or in_language(row, "label", lang),
                        "zone": words.word(row["zone"]) if "zone" in row else ""}
            for row in sorted(rows_of(out / f"tables/{table}.csv"), key=lambda row: row[code])}


def by_stage(found: dict) -> list[tuple[str, list]]:
    """Numbered choices of each stage, and what stands apart at last."""
    groups: dict[str, list] = {}
    for number, choice in enumerate(found["choices"]):
        groups.setdefault("thresholds" if choice["threshold"] else choice["stage"],
                          []).append((number, choice))
    return sorted(groups.items(), key=lambda group: group[0] == "thresholds")


def _packed(claim: dict, rows: list[dict], options: dict[str, list], own: dict[str, str],
            t: Texts) -> dict:
    """Outcomes of one claim, each found by the digits of its alternatives."""
    read = [name for name in options if rows and rows[0][name]]
    digit = {name: dict(zip(listed, DIGITS)) for name, listed in options.items()}
    for row in rows:
        # With fewer permutations a limit comes out a little otherwise: the published table counts.
        if all(row[name] == own[name] for name in read):
            row |= {name: claim[name] for name in ("verdict", "statistic", "value", "low", "high")}
    statistics = list(dict.fromkeys(row["statistic"] for row in rows))
    return {
        "name": claim["claim"], "text": in_language(claim, "text", t.lang),
        "basis": claim["basis"], "status": t.word(claim["basis"]) if claim["basis"] else "",
        "verdicts": [t.verdict(name, claim["basis"]) for name in VERDICTS],
        "own": VERDICTS.index(claim["verdict"]), "reads": [[*options].index(name) for name in read],
        "keys": " ".join("".join(digit[name][row[name]] for name in read) for row in rows),
        "found": "".join(str(VERDICTS.index(row["verdict"])) for row in rows),
        "statistics": statistics,
        "statistic": "".join(DIGITS[statistics.index(row["statistic"])] for row in rows),
        "numbers": [[_number(row[name]) for name in ("value", "low", "high")] for row in rows],
        "weights": [int(row["completions"]) for row in rows]}


@cache
def _spelled(value) -> str:
    """One spelling of a value, however a column of numbers and empty cells was written.

    >>> _spelled("2024.0"), _spelled(2024), _spelled(0.66), _spelled("none")
    ('2024', '2024', '0.66', 'none')
    """
    try:
        return f"{float(value):.10g}"
    except (TypeError, ValueError):
        return str(value)


def _number(cell: str) -> float | None:
    """Number with four digits, or four decimals, cut and not rounded: the page rounds it once more,
    and a number that was rounded twice can be another one.

    >>> _number("4.164996"), f"{4.165:.2f}", f"{_number('4.164996'):.2f}"
    (4.1649, '4.17', '4.16')
    >>> _number("-0.0326149"), _number("")
    (-0.03261, None)
    """
    if not cell:
        return None
    exact = Decimal(cell)
    many = exact.is_finite() and abs(exact) >= 1
    return float(exact.quantize(FOURTH, ROUND_DOWN) if many else FOUR.plus(exact))
