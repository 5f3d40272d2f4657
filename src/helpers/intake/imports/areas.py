"""Areas of respondents: codes and names as people and programs write them."""

import re
from difflib import get_close_matches

import pandas as pd

from helpers.errors import InputError
from helpers.geography.names import folded
from helpers.intake.imports import roles
from helpers.intake.imports.columns import Matching, plain
from helpers.intake.imports.instrument import Instrument
from helpers.intake.imports.source import Source, shown
from helpers.messages import Message, either

OF = re.compile(r"(?i)^\s*district of\s+")
# Parts of a place that say in which regency or province it lies.
WIDER = re.compile(r"^(kabupaten|kab\.?|kota|provinsi|prov\.?|regency|city|province)\b")
SEPARATED = re.compile(r"\s*[,;/()|]\s*|\s+[-–—]\s+|(?<=\d)\s+(?=[^\W\d])")
CODE = re.compile(r"\d+(?:[.\s_-]\d+)*")
BPS = re.compile(r"\d{7}")


class Areas:
    """Areas by whatever a person writes for one: its code, its name, or both with the regency.

    >>> table = pd.DataFrame({"code": ["35.05.01", "35.05.10"], "name": ["Wonodadi", "Talun"]})
    >>> areas = Areas(table, "areas.csv")
    >>> [areas.find(cell)[0] for cell in ("350501", "35_05_10", "KEC. TALUN")]
    ['35.05.01', '35.05.10', '35.05.10']
    >>> areas.find("Kab. Blitar, Kec. Wonodadi")[0], areas.find("35.05.01 - Talun")[0]
    ('35.05.01', None)
    """

    def __init__(self, table: pd.DataFrame, name: str):
        self.table, self.name, self.codes = table, name, set(table["code"])
        self.by_form: dict[str, set[str]] = {}
        for code, title in zip(table["code"], table["name"], strict=True):
            for form in (code, _digits(code), _name(title)):
                self.by_form.setdefault(form, set()).add(code)

    def __call__(self, title: str) -> bool:
        """Whether a title names an area."""
        return self.find(title)[0] is not None

    def find(self, cell: str) -> tuple[str | None, Message | None]:
        """Code of the area that a cell names, or the reason why it names none."""
        if cell in self.codes:
            return cell, None
        if not cell:
            return None, Message("the area is empty; fill it in, or take the row out "
                                 "(unusable=out leaves such rows out)")
        parts = [part for part in SEPARATED.split(cell)
                 if part and not WIDER.match(plain(part))]
        named = [self._forms(part) for part in parts]
        # "35.05.01 - Talun" begins with a code, not with a number before a name.
        found = set() if parts and parts[0] in self.codes else self._forms(cell)
        if not found:
            found = set.union(set(), *named)
            if len(found) > 1 and all(len(one) < 2 for one in named):
                return None, Message("{cell} names {number} areas that are not the same ({codes}); "
                                     "correct the cell", cell=shown(cell), number=len(found),
                                     codes=", ".join(sorted(found)))
        if len(found) == 1:
            return next(iter(found)), None
        return None, self._unknown(cell, found)

    def _forms(self, cell: str) -> set[str]:
        return next((self.by_form[form] for form in (cell, _name(cell), _digits(cell))
                     if form in self.by_form), set())

    def _unknown(self, cell: str, found: set[str]) -> Message:
        if found:
            return Message("{cell} is the name of {number} areas ({codes}); write the code",
                           cell=shown(cell), number=len(found), codes=", ".join(sorted(found)))
        digits = {_digits(code) for code in self.codes}
        if BPS.fullmatch(cell) and any(code[:4] == cell[:4] for code in digits):
            return Message("{cell} is a code of BPS, which numbers districts in another order than "
                           "{areas} ({code}); write the names of the areas, or say areas=FILE with "
                           "these codes", cell=shown(cell), areas=self.name,
                           code=self.table["code"].iloc[0])
        if re.fullmatch(r"\d+\.\d", cell) and _digits(f"{cell}0") in digits:
            return Message("{cell} seems to be the number {number} that lost its last zero; give "
                           "the column the format Text and write the codes again, or write the "
                           "names", cell=shown(cell), number=f"{cell}0")
        names = [*self.table["name"], *self.table["code"]]
        close = get_close_matches(cell, names, n=2)
        hint = Message("did you mean {close}?" if close else "known are: {known} ...",
                       close=either(map(repr, close or [""])), known=", ".join(names[:4]))
        return Message("{cell} is not an area of {areas}; {hint} Correct the cell or say "
                       "areas=FILE", cell=shown(cell), areas=self.name, hint=hint)


def of_respondents(source: Source, matching: Matching, instrument: Instrument
                   ) -> tuple[pd.Series, list[Message]]:
    """Area of each respondent, and what is said; the first row without one stops."""
    areas = Areas(instrument.areas, instrument.names["areas"])
    column = matching.roles.get("area")
    by_sheet = None if source.sheet is None else source.sheet[source.cells.index]
    if by_sheet is not None:
        titles = {title: areas.find(title)[0] for title in by_sheet.unique()}
        by_sheet = by_sheet.map(titles) if None not in titles.values() else None
    if column is None and by_sheet is None:
        others = [shown(name) for name in matching.others[:6]]
        raise InputError("{source}: no column tells the area of a respondent; say area=COLUMN "
                         "(not recognised so far: {others})", source=source.name,
                         others=", ".join(others) or Message("none"))
    if column is None:
        return by_sheet, [Message("area: the title of each row's sheet; {found} of {areas} areas",
                                  found=by_sheet.nunique(), areas=len(areas.table))]
    cells = source.cells[column]
    if not set(cells) <= areas.codes:
        cells = roles.meant(source, column)
    found = {cell: areas.find(cell) for cell in cells.unique()}
    wrong = {cell for cell, (code, _) in found.items() if code is None}
    for row, cell in cells[cells.isin(wrong)].head(1).items():
        raise InputError("{file}: row {row}, column {column}: {problem}", file=source.name, row=row,
                         column=shown(column), problem=found[cell][1])
    codes = cells.map({cell: code for cell, (code, _) in found.items()}).astype("str")
    named = len(set(found) - areas.codes)
    said = [Message("area <- {column}: {found} of {areas} areas, {by_name} of them by name" if named
                    else "area <- {column}: {found} of {areas} areas", column=shown(column),
                    found=codes.nunique(), areas=len(areas.table), by_name=named)]
    if by_sheet is not None and (differing := int((by_sheet != codes).sum())):
        said.append(Message("{rows} rows stand in the sheet of another area than {column} says; "
                            "{column} counts", rows=differing, column=shown(column)))
    return codes, said


def _name(text: str) -> str:
    """Name of an area in the form in which names are compared.

    >>> _name("Kec. Sanan  Wetan"), _name("District of Sananwetan")
    ('sananwetan', 'sananwetan')
    """
    return folded(OF.sub("", text))


def _digits(text: str) -> str:
    """Code without what stands between its digits.

    >>> _digits("35.05_01"), _digits("k1")
    ('350501', 'k1')
    """
    return re.sub(r"\D", "", text) if CODE.fullmatch(text) else text
