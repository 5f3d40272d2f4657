"""Personal data: what a column seems to hold that tells who a person is."""

import re
from collections import Counter

import pandas as pd

from helpers.files import settings

NAMES = {kind: rf"\b({'|'.join(forms)})\b"
         for kind, forms in settings(__file__, "personal.yml").items()}
NOT_NAMES = re.compile(r"\b(nama|name)\s+"
                       r"(kecamatan|desa|kelurahan|kabupaten|kota|zona|district|village|area)\b")
ONE_IS_ENOUGH = {
    "e-mail addresses": r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}",
    "identity numbers": r"\d{16}|\d{6}[ .]\d{6}[ .]\d{4}",
    "phone numbers": r"(\+?62|0)\s?-?8\d{1,2}[\s.-]?\d{3,4}[\s.-]?\d{2,5}|\+\d{9,14}|628\d{8,11}",
    "exact coordinates": r"-?\d{1,3}\.\d{4,},?\s+-?\d{1,3}\.\d{4,}(\s+-?\d+(\.\d+)?){0,2}",
}
WITHIN = {
    # One sign before the @ is enough: more would be tried from every letter of a long text.
    "e-mail addresses": r"[^@\s]@[^@\s]+\.[A-Za-z]{2,}",
    "phone numbers": r"(?<!\d)(\+?62|0)\s?-?8\d{1,2}[\s.-]?\d{3,4}[\s.-]?\d{3,5}(?!\d)",
    "identity numbers": r"(?<!\d)\d{16}(?!\d)",
}
WITHOUT_ZERO = r"8[1-9]\d{7,10}"
DEGREES = r"-?\d{1,3}[.,]\d{4,}"
LETTERS = r"[^\W\d_][^\W\d_'’.-]*( [^\W\d_][^\W\d_'’.-]*){0,4}"
PERSON = (r"(\b(?:H|Hj|Bpk|Ibu|Pak|Bu|Drs?|Ir|Mr|Mrs|Ms)\b\.?\s+)?"
          r"[A-Z][a-z'’]+(\s+[A-Z][a-z'’.]*){1,4}")
TITLED = (r"(?:H|Hj|Haji|Bpk|Bapak|Ibu|Pak|Bu|Mas|Mbak|Ustadz?|Drs?|Ir|Mr|Mrs|Ms)\b\.?\s+"
          r"[A-Z][a-z'’]+(\s+[A-Z][a-z'’.]*){0,3}")
# Kinds of which a cell tells one person: the same twice may be a person asked twice.
OF_ONE = ("phone numbers", "identity numbers", "e-mail addresses", "names")
FEWEST_NAMES = 5
LONGEST_SERIAL = 4


def is_serial(keys: pd.Series) -> bool:
    """Whether keys are running numbers, perhaps behind letters that all share: they name nobody.

    >>> is_serial(pd.Series(["r001", "r002"])), is_serial(pd.Series(["Budi1", "Siti2"]))
    (True, False)
    >>> is_serial(pd.Series(["7", "12"])), is_serial(pd.Series(["350501", "350502"]))
    (True, False)
    """
    parts = keys.str.extract(r"^(\D{0,4}?)0*(\d+)$")
    return bool(parts.notna().all(axis=None) and parts[0].nunique() == 1
                and (parts[1].str.len() <= max(LONGEST_SERIAL, len(str(10 * len(keys))))).all())


def again(kind_found: str | None, values: pd.Series) -> pd.Index:
    """Rows whose cell tells of a person who stands in an earlier row.

    >>> again("phone numbers", pd.Series(["0812", "", "0812", ""])).tolist()
    [2]
    """
    telling = values.str.contains(" ") if kind_found == "names" else values != ""
    persons = values[telling].str.casefold() if kind_found in OF_ONE else values[:0]
    repeated = persons.index[persons.duplicated()]
    # Names that mostly come again are those of interviewers or groups.
    return repeated if kind_found != "names" or 2 * len(repeated) <= len(persons) else repeated[:0]


def kind(name: str, values: pd.Series) -> str | None:
    """Kind of personal data that a column seems to hold, or None.

    The column's name decides first, then its content. One cell that is an e-mail address, a phone
    number, an identity number (NIK, 16 digits) or a pair of coordinates is enough; names and free
    text need most of the column.

    >>> kind("Nomor HP", pd.Series(["1"])), kind("q7", pd.Series(["3505012304850001", ""]))
    ('phone numbers', 'identity numbers')
    >>> kind("gender", pd.Series(["male", "female"])) is None
    True
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = " ".join(re.sub(r"[_\W]+", " ", words).split()).casefold()
    for found, pattern in NAMES.items():
        if re.search(pattern, words) and not (found == "names" and NOT_NAMES.search(words)):
            return found
    cells = Counter(value.strip() for value in values if value)
    if not cells:
        return None

    def share(pattern: str) -> float:
        fits = re.compile(pattern).fullmatch
        return sum(number for cell, number in cells.items() if fits(cell)) / cells.total()

    for found, pattern in ONE_IS_ENOUGH.items():
        if any(map(re.compile(pattern).fullmatch, cells)):
            return found
    for found, pattern in WITHIN.items():
        if any(map(re.compile(pattern).search, cells)):
            return found
    if share(DEGREES) == 1 and max(abs(float(cell.replace(",", "."))) for cell in cells) <= 180:
        return "exact coordinates"
    if share(WITHOUT_ZERO) > 0.5:
        return "phone numbers"
    if share(TITLED) > 0.5:
        return "names"
    unique = len(cells) / cells.total()
    if unique > 0.5 and share(PERSON) > 0.5 and cells.total() > 2:
        return "names"
    # Names of one word, in capitals or small letters: words that hardly ever come again.
    if unique > 0.8 and share(LETTERS) > 0.8 and cells.total() > FEWEST_NAMES:
        return "names"
    words_of_cells = sum(number * len(cell.split()) for cell, number in cells.items())
    if unique > 0.5 and words_of_cells / cells.total() >= 4:
        return "free text"
    return None
