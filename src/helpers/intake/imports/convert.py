"""From a source and an instrument to the tables of a data package."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from helpers.errors import InputError
from helpers.intake.imports import answers as verbal
from helpers.intake.imports import areas, consistency, roles, turned
from helpers.intake.imports import rows as interviews
from helpers.intake.imports.columns import ROLES, Matching, match
from helpers.intake.imports.instrument import Instrument
from helpers.intake.imports.pages.decisions import Decided, left_out, of_columns
from helpers.intake.imports.source import Source, last_part, shown
from helpers.messages import Message, both

# How programs write the extended missing values of Stata, which its files declare as letters.
EXTENDED = re.compile(r"NA\(([a-z])\)|\.([a-z])")


@dataclass
class Questionnaire:
    """Imported answers: table of the package, headers of its columns and of kept ones, how the
    items were read, what was decided on each column, the source without the rows left out, and what
    is said."""

    responses: pd.DataFrame
    headers: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    readings: dict[str, verbal.Reading] = field(default_factory=dict)
    decided: list[Decided] = field(default_factory=list)
    source: Source | None = None
    said: list[str] = field(default_factory=list)


def convert(source: Source, instrument: Instrument, *, named: dict[str, str] | None = None,
            keep: Iterable[str] = (), answers: str | None = None, scale: str | None = None,
            coding: str | None = None, missing: tuple[str, ...] = (),
            decimal: str | None = None, rows: str | None = None,
            unusable: str | None = None) -> Questionnaire:
    """Table of responses as a data package has it.

    `named` has columns by role (respondent, area, business_type, weight), `keep` those that stay
    although nothing needs them, or although they are personal, `rows` and `unusable` what becomes
    of rows that are no interview or cannot be used. The other options go on to the reading of
    answers and numbers.
    """
    named = dict(named or {})
    everyone = None
    if named.get("business_type", "").startswith("all:"):
        everyone = named.pop("business_type").removeprefix("all:")
    matching = match(source, instrument.items, named)
    said = _items_found(matching, instrument, source)
    kept = [source.column(name, "keep") for name in keep]
    used = {*matching.items.values(), *(matching.roles.get(role) for role in ROLES[1:])}
    for column in [one for one in kept if one in used]:
        raise InputError("{source}: keep={column}: this column is used already; leave it out of "
                         "keep", source=source.name, column=last_part(column))
    source.refuse_unusable([*matching.items.values(), *matching.roles.values(), *kept])
    _refuse_idle(source, matching, instrument, missing, decimal)
    decision, table = interviews.Decision.of(rows), verbal.load(answers)
    source, marked = interviews.without_marked(source, matching, decision)

    readings: dict[str, verbal.Reading] = {}
    by_role: dict[str, Message] = {}

    def read(given: Source) -> tuple[Source, pd.DataFrame, pd.DataFrame, list[Message]]:
        numbers, read_so, how = verbal.to_numbers(
            given, matching.items, instrument.items, table, scale=scale, coding=coding,
            missing=missing)
        readings.update(read_so)
        numbers = numbers[list(instrument.items["item"])]
        given, numbers, empty = interviews.without_empty(given, numbers, decision)
        consistency.refuse_unanswered(numbers, matching.items, given.name)
        codes, area_said = areas.of_respondents(given, matching, instrument)
        kinds, kinds_said = roles.business_types(given, matching, everyone, missing,
                                                 named="business_type" in named)
        keys, keys_said = roles.respondents(given, matching, kept,
                                            named="respondent" in named)
        found = pd.DataFrame({"respondent": keys, "code": codes, "business_type": kinds})
        for name, column in _kept_names(kept, matching).items():
            found[name] = roles.meant(given, column, missing)
        by_role.update(area=area_said[0], business_type=kinds_said[0], respondent=keys_said)
        how = [*empty, *how, *area_said, *kinds_said, keys_said]
        if weight := matching.roles.get("weight"):
            found["weight"], weight_said = roles.weights(
                given, weight, decimal, missing, framed=instrument.frame is not None)
            by_role["weight"] = weight_said
            how.append(weight_said)
        return given, found, numbers, how

    (source, responses, numbers, how), left = interviews.usable(source, read, unusable)
    items = instrument.items
    decided = of_columns(source, matching, readings, by_role, kept,
                         set(items["item"][items["reverse"]]))
    said += [*marked, *left, *how, *left_out(source, decided)]
    if instrument.frame is not None:
        consistency.refuse_outside_frame(responses["code"], instrument.frame, source.name,
                                         instrument.names["frame"])
    if "mirrored" not in decision.kept:
        beside = source.cells.drop(columns=[*matching.items.values()])
        said += turned.refuse_turned(numbers, items, source.name, beside if source.sheet is None
                                     else beside.assign(sheet=source.sheet))
    said += consistency.report(numbers, responses["code"], items, instrument.areas)
    whole = pd.concat([responses, numbers], axis=1).reset_index(drop=True)
    roles_of = {"code" if role == "area" else role: name for role, name in matching.roles.items()}
    names = _kept_names(kept, matching)
    return Questionnaire(whole, matching.items | roles_of | names, names, readings, decided, source,
                         said)


def _refuse_idle(source: Source, matching: Matching, instrument: Instrument,
                 missing: tuple[str, ...], decimal: str | None) -> None:
    """Stop at an option that nothing in the file needs."""
    if decimal is not None and "weight" not in matching.roles and not (
            set(instrument.names) - instrument.own):
        raise InputError("{source}: decimal={decimal}: no column of weights and no frame of your "
                         "own is read; leave the option out", source=source.name, decimal=decimal)
    cells = set(source.cells.to_numpy().ravel()) if missing else set()
    for value in missing:
        bare = EXTENDED.sub(r"\1\2", value)
        if bare not in source.declared and not any(
                verbal.is_missing(cell, (value,)) for cell in cells):
            raise InputError("{source}: missing={value}: no cell holds it; leave it out, or "
                             "correct it", source=source.name, value=value)


def _items_found(matching: Matching, instrument: Instrument, source: Source) -> list[str]:
    wanted = list(instrument.items["item"])
    lacking = [item for item in wanted if item not in matching.items]
    if not matching.items:
        raise InputError("{source}: no column is named by an item of {items} or by its question; "
                         "the first columns are {columns}: say header=ROW if the names stand "
                         "elsewhere, or items=FILE with your own questionnaire", source=source.name,
                         items=instrument.names["items"],
                         columns=", ".join(map(shown, list(source.cells)[:4])))
    if lacking:
        remaining = ", ".join(map(shown, matching.others[:4]))
        raise InputError("{source}: {lacking} of {wanted} items have no column, the first is "
                         "'{item}'; name its column by the key or the exact question, or say "
                         "without={items} (not recognised so far: {remaining})" if remaining
                         else "{source}: {lacking} of {wanted} items have no column, the first is "
                         "'{item}'; name its column by the key or the exact question, or say "
                         "without={items}", source=source.name, lacking=len(lacking),
                         wanted=len(wanted), item=lacking[0], items=",".join(lacking),
                         remaining=remaining)
    by_key = len(wanted) - len(matching.by_text)
    parts = [Message("{items} by key", items=by_key)] * (by_key > 0)
    parts += [Message("{items} by question", items=len(matching.by_text))] * bool(matching.by_text)
    said = [Message("items: {found} of {wanted} found, {parts}", found=len(wanted),
                    wanted=len(wanted), parts=both(parts))]
    said += [f"  {item} <- {shown(matching.items[item])}" for item in matching.by_text]
    return said


def _kept_names(kept: list[str], matching: Matching) -> dict[str, str]:
    """Names of kept columns: the last part of the header, marked where another has it."""
    taken, names = {"respondent", "code", "business_type", "weight", *matching.items}, {}
    for column in kept:
        if column == matching.roles.get("respondent"):
            continue
        name = last_part(column)
        while name in taken or name in names:
            name += " (kept)"
        names[name] = column
    return names
