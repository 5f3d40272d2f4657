"""From a source and an instrument to the tables of a data package."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

import pandas as pd

from helpers.errors import InputError
from helpers.intake.imports import answers as verbal
from helpers.intake.imports import consistency, personal
from helpers.intake.imports.columns import ROLES, Matching, match, plain, words
from helpers.intake.imports.instrument import Instrument
from helpers.intake.imports.source import Source, last_part, shown
from helpers.messages import Message, both, either, joined, term


@dataclass
class Questionnaire:
    """Imported answers: table of the package, headers of kept columns, what was done and seen."""

    responses: pd.DataFrame
    kept: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)


def convert(source: Source, instrument: Instrument, *, told: dict[str, str] | None = None,
            keep: Iterable[str] = (), answers: str | None = None, scale: str | None = None,
            coding: str | None = None, missing: tuple[str, ...] = (),
            decimal: str | None = None) -> Questionnaire:
    """Table of responses as a data package has it.

    `told` has columns by role (respondent, area, business_type, weight), `keep` those that stay
    although nothing needs them, or although they are personal. The other options go on to the
    reading of answers and numbers.
    """
    told = dict(told or {})
    everyone = None
    if told.get("business_type", "").startswith("all:"):
        everyone = told.pop("business_type").removeprefix("all:")
    matching = match(source, instrument.items, told)
    said = _items_found(matching, instrument, source)
    kept = [source.column(name, "keep") for name in keep]
    _refuse_needless(kept, matching, source)
    table = verbal.load(answers)
    numbers, how = verbal.to_numbers(source, matching.items, instrument.items, table, scale=scale,
                                     coding=coding, missing=missing)
    numbers = numbers[list(instrument.items["item"])]
    consistency.refuse_unanswered(numbers, matching.items, source.name)
    codes, area_said = _areas(source, matching, instrument)
    kinds, kinds_said = _business_types(source, matching, everyone)
    respondents, respondents_said = _respondents(source, matching, kept)
    responses = pd.DataFrame({"respondent": respondents, "code": codes, "business_type": kinds})
    said += how + [area_said, kinds_said, respondents_said]
    names = _kept_names(kept, matching)
    for name, column in names.items():
        responses[name] = _labelled(source, column)
    if weight := matching.roles.get("weight"):
        responses["weight"], weight_said = verbal.to_measure(source, weight, decimal)
        consistency.refuse_weights(responses["weight"], weight, source.name)
        said.append(Message("weight: {column}; carried along as 'weight', while stage 2 weighs by "
                            "the frame", column=weight_said))
    said += _left_out(source, matching, kept)
    if instrument.frame is not None:
        consistency.refuse_outside_frame(codes, instrument.frame, source.name,
                                         instrument.names["frame"])
    said += consistency.report(numbers, codes, instrument.items, instrument.areas)
    whole = pd.concat([responses, numbers], axis=1).reset_index(drop=True)
    return Questionnaire(whole, names, said)


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


def _refuse_needless(kept: list[str], matching: Matching, source: Source) -> None:
    used = {*matching.items.values(), *(matching.roles.get(role) for role in ROLES[1:])}
    for column in kept:
        if column in used:
            raise InputError("{source}: keep={column}: this column is used already; leave it out "
                             "of keep", source=source.name, column=last_part(column))


def _areas(source: Source, matching: Matching, instrument: Instrument) -> tuple[pd.Series, str]:
    if "area" not in matching.roles:
        raise InputError("{source}: no column tells the area of a respondent; say area=COLUMN "
                         "(not recognised so far: {others})", source=source.name,
                         others=", ".join(map(shown, matching.others[:6])) or Message("none"))
    column, areas = matching.roles["area"], instrument.areas
    by_name: dict[str, set[str]] = {}
    for code, name in zip(areas["code"], areas["name"], strict=True):
        for form in (code, _digits(code), _area_name(name)):
            by_name.setdefault(form, set()).add(code)
    cells, codes = source.cells[column], {}
    if not set(cells) <= set(areas["code"]):
        cells = _labelled(source, column)
    for row, cell in cells.items():
        if cell in codes:
            continue
        forms = (cell, _area_name(cell), _digits(cell))
        found = next((by_name[form] for form in forms if form in by_name), set())
        if not cell:
            raise InputError("{source}: row {row}, column {column}: the area is empty; fill it "
                             "in, or take the row out", source=source.name, row=row,
                             column=shown(column))
        if len(found) != 1:
            raise InputError("{source}: row {row}, column {column}: {problem}", source=source.name,
                             row=row, column=shown(column),
                             problem=_unknown_area(cell, found, instrument))
        codes[cell] = next(iter(found))
    named = sum(cell not in set(areas["code"]) for cell in codes)
    return cells.map(codes), Message(
        "area <- {column}: {found} of {areas} areas, {by_name} of them by name" if named
        else "area <- {column}: {found} of {areas} areas", column=shown(column),
        found=len(set(codes.values())), areas=len(areas), by_name=named)


def _unknown_area(cell: str, found: set[str], instrument: Instrument) -> Message:
    if found:
        return Message("{cell} is the name of {number} areas ({codes}); write the code",
                       cell=shown(cell), number=len(found), codes=", ".join(sorted(found)))
    names = [*instrument.areas["name"], *instrument.areas["code"]]
    close = get_close_matches(cell, names, n=2)
    hint = Message("did you mean {close}?" if close else "known are: {known} ...",
                   close=either(map(repr, close or [""])), known=", ".join(names[:4]))
    return Message("{cell} is not an area of {areas}; {hint} Correct the cell or say areas=FILE",
                   cell=shown(cell), areas=instrument.names["areas"], hint=hint)


def _area_name(text: str) -> str:
    """Name of an area in the form in which names are compared.

    Examples
    --------
    >>> _area_name("Kec. Sanan  Wetan")
    'sanan wetan'
    """
    return re.sub(r"^(kecamatan|kec\.?|district of|district)\s+", "", plain(text))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text) if re.fullmatch(r"[\d.\s]+", text) else text


def _business_types(source: Source, matching: Matching,
                    everyone: str | None) -> tuple[pd.Series, str]:
    if everyone is not None:
        if not everyone:
            raise InputError("business_type=all: says no type; write it after the colon, such as "
                             "business_type=all:informal")
        return (pd.Series(everyone, index=source.cells.index, dtype="str"),
                Message("business_type: '{everyone}' for all respondents, as told",
                        everyone=everyone))
    if "business_type" not in matching.roles:
        raise InputError("{source}: no column tells the type of business; say "
                         "business_type=COLUMN, or business_type=all:WORD to give all respondents "
                         "the same one", source=source.name)
    column = matching.roles["business_type"]
    cells = _labelled(source, column)
    if len(empty := cells.index[cells == ""]):
        raise InputError("{source}: row {row}, column {column}: the type of business is empty; "
                         "fill it in, or take the row out", source=source.name, row=empty[0],
                         column=shown(column))
    meaning = {plain(label): kind for kind, labels in words()["business_types"].items()
               for label in [kind, *labels]}
    mapped = cells.map({cell: meaning.get(plain(cell), cell) for cell in cells.unique()})
    pairs = [Message("{cell} as {kind}", cell=shown(cell), kind=kind)
             for cell, kind in dict(zip(cells, mapped, strict=True)).items() if cell != kind]
    return mapped, Message("business_type <- {column}: {mapped} ({pairs})" if pairs
                           else "business_type <- {column}: {mapped}", column=shown(column),
                           mapped=", ".join(mapped.unique()), pairs=joined(pairs))


def _respondents(source: Source, matching: Matching, kept: list[str]) -> tuple[pd.Series, str]:
    submission = next((column for names in matching.tools.values() for column in names
                       if {column.casefold(), last_part(column).casefold()}
                       & set(words()["submission"])), None)
    if submission is not None:
        consistency.refuse_repeats(source.cells[submission], submission, source.name)
    numbered = pd.Series([f"R{number:04d}" for number in range(1, len(source.cells) + 1)],
                         index=source.cells.index, dtype="str")
    column = matching.roles.get("respondent")
    if column is None:
        return numbered, Message("respondent: numbered in the order of the rows")
    cells = source.cells[column]
    if len(empty := cells.index[cells == ""]):
        raise InputError("{source}: row {row}, column {column}: the respondent has no key; give "
                         "one", source=source.name, row=empty[0], column=shown(column))
    consistency.refuse_repeats(cells, column, source.name)
    if (kind := personal.kind("", cells)) and column not in kept:
        return numbered, Message("respondent: {column} holds {kind}, so respondents are "
                                 "numbered in the order of the rows (keep={reference} keeps it)",
                                 column=shown(column), kind=term(kind), reference=last_part(column))
    return cells, Message("respondent <- {column}", column=shown(column))


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


def _labelled(source: Source, column: str) -> pd.Series:
    """Column with value labels in place of codes, where the file has them."""
    labels = source.labels.get(column, {})
    return source.cells[column].map(lambda cell: labels.get(cell, cell)).astype("str")


def _left_out(source: Source, matching: Matching, kept: list[str]) -> list[str]:
    said = []
    for column in kept:
        kind = personal.kind(column, source.cells[column])
        said.append(Message("kept as told: {column}, although it seems to hold {kind}: do not "
                            "publish this folder as it is" if kind else "kept as told: {column}",
                            column=shown(column), kind=kind and term(kind)))
    for tool, columns in matching.tools.items():
        out = [column for column in columns if column not in kept]
        if out:
            said.append(Message("left out, written by {tool}: {out}", tool=tool,
                                out=", ".join(map(shown, out))))
    plain_ones = []
    for column in matching.others:
        if column in kept:
            continue
        if kind := personal.kind(f"{column} {source.texts.get(column, '')}", source.cells[column]):
            said.append(Message("left out, PERSONAL DATA ({kind}): {column}; keep={reference} "
                                "keeps it", kind=term(kind), column=shown(column),
                                reference=_reference(source, column)))
        else:
            plain_ones.append(column)
    if plain_ones:
        said.append(Message("left out, not recognised: {columns}", columns=joined(
            Message("{column} (keep={reference} keeps it)", column=shown(column),
                    reference=_reference(source, column)) for column in plain_ones)))
    return said


def _reference(source: Source, column: str) -> str:
    """How a person can name a column in an option."""
    name = last_part(column)
    simple = re.fullmatch(r"[\w.-]+", name) and sum(
        last_part(other) == name for other in source.cells) == 1
    return name if simple else f"#{list(source.cells).index(column) + 1}"
