"""Files of SPSS, Stata and SAS: values as text, with labels; what is declared missing is empty."""

import datetime
from pathlib import Path

import pandas as pd

from helpers.errors import InputError
from helpers.intake.imports.source import Source, cell_text
from helpers.messages import Message

PROGRAMS = {".dta": "Stata", ".sav": "SPSS", ".zsav": "SPSS", ".por": "SPSS",
            ".sas7bdat": "SAS", ".xpt": "SAS"}
# Formats that show a number of days, or of seconds, as a date, where the library does not.
SAS_DATES = dict.fromkeys(("DATE", "DDMMYY", "MMDDYY", "YYMMDD", "E8601DA"), "days") | {
    "DATETIME": "seconds"}
SPSS_DATES = ("MOYR", "QYR", "WKYR")  # a month, a quarter, a week: by its first second
SAS_START, SPSS_START = datetime.datetime(1960, 1, 1), datetime.datetime(1582, 10, 14)


def read(path: Path, kind: str) -> Source:
    """Source of a file of SPSS, Stata or SAS.

    Values that are declared missing (SPSS: values and ranges, numbers and strings; Stata, SAS:
    ``.a`` to ``.z``) are empty, and counted in what is said. Rows count from 1, as the programs
    show them.
    """
    columns, about = _content(path, kind)
    if not about.number_rows and not any(map(len, columns.values())):
        raise InputError("{path}: has no rows; add at least one respondent", path=path.name)
    cells, declared, said = {}, set(), []
    for name, values in columns.items():
        missing = _declared(about, name, kind)
        values = pd.Series(list(values), dtype=object)
        codes, unique = pd.factorize(values)
        out = {value for value in unique if _among(value, missing)}
        if missing:
            ranges = list(dict.fromkeys(
                lowest if lowest == highest else f"{lowest} to {highest}"
                for lowest, highest in ((cell_text(entry["lo"]), cell_text(entry["hi"]))
                                        for entry in missing)))
            declared |= {*ranges}
            said.append(Message("{path}: variable '{variable}': {values} declared missing, {cells} "
                                "cells read as empty", path=path.name, variable=name,
                                values=", ".join(ranges), cells=int(values.isin(out).sum())))
        form = about.original_variable_types.get(name) or ""
        texts = pd.Series([*("" if value in out else _text(value, form, kind) for value in unique),
                           ""], dtype="str")
        cells[name] = texts.take(codes).to_numpy()
    rows = len(next(iter(cells.values())))
    texts = {name: label.strip() for name, label in about.column_names_to_labels.items()
             if label and label.strip()}
    labels = {name: _labels(found, _declared(about, name, kind))
              for name, found in about.variable_value_labels.items()}
    read_as = Message("{path}: {program}, {variables} variables ({labelled} with value labels), "
                      "{cases} cases", path=path.name, program=PROGRAMS[kind],
                      variables=len(cells), labelled=len(labels), cases=rows)
    return Source(path.name, pd.DataFrame(cells, dtype="str", index=range(1, rows + 1)), texts,
                  labels, [read_as, *said], declared=declared)


def _content(path: Path, kind: str):
    import pyreadstat

    reader = {".dta": pyreadstat.read_dta, ".por": pyreadstat.read_por,
              ".sas7bdat": pyreadstat.read_sas7bdat, ".xpt": pyreadstat.read_xport}.get(
        kind, pyreadstat.read_sav)
    # A portable file says which values are missing only by leaving them out.
    options = {} if kind in (".por", ".xpt") else {"user_missing": True}
    try:
        return _attempts(reader, path, options)
    except (pyreadstat.PyreadstatError, pyreadstat.ReadstatError, UnicodeError, ValueError,
            OSError, OverflowError) as error:
        raise InputError("{path}: cannot be read as a file of {program} ({error}); save it from "
                         "{program} again, or export it as CSV", path=path.name,
                         program=PROGRAMS[kind], error=error) from None


def _attempts(reader, path: Path, options: dict):
    """The file as it says it is encoded, else as Windows-1252, in which old files are."""
    import pyreadstat

    options = options | {"output_format": "dict"}
    try:
        return reader(str(path), **options)
    except OverflowError:  # a date that no calendar has: dates stay the numbers that they are
        return reader(str(path), disable_datetime_conversion=True, **options)
    except (pyreadstat.ReadstatError, UnicodeError) as error:
        if "decod" not in str(error) and "convert" not in str(error) and not isinstance(
                error, UnicodeError):
            raise
        return reader(str(path), encoding="WINDOWS-1252", **options)


def _text(value: object, form: str, kind: str) -> str:
    """Value as a person reads it, moments to the second.

    >>> _text(24111.0, "DATE9.", ".xpt"), _text(24111.0, "BEST8.", ".xpt")
    ('2026-01-05', '24111')
    >>> _text(13986950400.0, "QYR8", ".sav")
    '2026-01-05'
    """
    name, program = form.rstrip("0123456789."), PROGRAMS[kind]
    if isinstance(value, float):
        try:
            if program == "SAS" and name in SAS_DATES:
                value = SAS_START + datetime.timedelta(**{SAS_DATES[name]: value})
            elif program == "SPSS" and name in SPSS_DATES:
                value = (SPSS_START + datetime.timedelta(seconds=value)).date()
        except (OverflowError, ValueError):  # no value, or a date that no calendar has
            pass
    if isinstance(value, datetime.datetime | datetime.time):
        value = value.replace(microsecond=0)
    return cell_text(value)


def _declared(about, name: str, kind: str) -> list[dict]:
    """Ranges of values that are declared missing."""
    if kind in (".dta", ".sas7bdat"):
        return [{"lo": code, "hi": code} for code in about.missing_user_values.get(name, [])]
    return about.missing_ranges.get(name, [])


def _among(value: object, ranges: list[dict]) -> bool:
    for entry in ranges:
        lowest, highest = entry["lo"], entry["hi"]
        if isinstance(value, str) or isinstance(lowest, str):
            if str(value).rstrip() == str(lowest).rstrip():
                return True
        elif lowest <= value <= highest:
            return True
    return False


def _labels(labels: dict, missing: list[dict]) -> dict[str, str]:
    """Labels of the values that are answers, in the order of their codes."""
    kept = {code: str(label).strip() for code, label in labels.items()
            if not _among(code, missing)}
    return {cell_text(code): kept[code]
            for code in sorted(kept, key=lambda code: (isinstance(code, str), code))}
