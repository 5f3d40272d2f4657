"""Files of SPSS, Stata and SAS: values as text, with labels; what is declared missing is empty."""

import datetime
from pathlib import Path

import pandas as pd

from helpers.errors import InputError
from helpers.intake.imports.source import Source, cell_text
from helpers.messages import Message

PROGRAMS = {".dta": "Stata", ".sav": "SPSS", ".zsav": "SPSS", ".por": "SPSS",
            ".sas7bdat": "SAS", ".xpt": "SAS"}
SAS_DATES = ("DATE", "DDMMYY", "MMDDYY", "YYMMDD", "E8601DA")
# Formats of SPSS that show seconds since 14 October 1582 as a date, and as a time of day.
SPSS_DATES = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "MOYR", "QYR", "WKYR")
SPSS_MOMENTS = ("DATETIME", "YMDHMS")
# Stata and SAS count from the same day.
SPSS_EPOCH, STATA_EPOCH = datetime.datetime(1582, 10, 14), datetime.datetime(1960, 1, 1)


def read(path: Path, kind: str) -> Source:
    """Source of a file of SPSS, Stata or SAS.

    Values that are declared missing (SPSS: values and ranges, numbers and strings; Stata, SAS:
    ``.a`` to ``.z``) are empty, and counted in what is said. Rows count from 1, as the programs
    show them.
    """
    columns, about = _content(path, kind)
    if not about.number_rows and not any(map(len, columns.values())):
        raise InputError("{path}: has no rows; add at least one respondent", path=path.name)
    cells, declared = {}, []
    for name, values in columns.items():
        missing = _declared(about, name, kind)
        values = pd.Series(list(values), dtype=object)
        codes, unique = pd.factorize(values)
        out = {value for value in unique if _among(value, missing)}
        if missing:
            said = ", ".join(dict.fromkeys(_range(entry) for entry in missing))
            emptied = int(values.isin(out).sum())
            declared.append((name, said, emptied))
        shown = _shown(about.original_variable_types.get(name) or "", kind)
        texts = pd.Series([*("" if value in out else shown(value) for value in unique), ""],
                          dtype="str")
        cells[name] = texts.take(codes).to_numpy()
    rows = len(next(iter(cells.values())))
    source = Source(path.name, pd.DataFrame(cells, dtype="str", index=range(1, rows + 1)),
                    {name: label.strip() for name, label in about.column_names_to_labels.items()
                     if label and label.strip()},
                    {name: _labels(labels, _declared(about, name, kind))
                     for name, labels in about.variable_value_labels.items()})
    program = PROGRAMS[kind]
    source.said.append(
        Message("{path}: {program}, {variables} variables ({labelled} with value labels), {cases} "
                "cases", path=path.name, program=program, variables=len(cells),
                labelled=len(source.labels), cases=rows))
    source.declared = {code for _, values, _ in declared for code in values.split(", ")}
    for name, values, emptied in declared:
        source.said.append(
            Message("{path}: variable '{variable}': {values} declared missing, {cells} cells read "
                    "as empty", path=path.name, variable=name, values=values, cells=emptied))
    return source


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

    options = options | {"disable_datetime_conversion": True, "output_format": "dict"}
    try:
        return reader(str(path), **options)
    except (pyreadstat.ReadstatError, UnicodeError) as error:
        if "decod" not in str(error) and "convert" not in str(error) and not isinstance(
                error, UnicodeError):
            raise
        return reader(str(path), encoding="WINDOWS-1252", **options)


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


def _range(entry: dict) -> str:
    lowest, highest = map(cell_text, (entry["lo"], entry["hi"]))
    return lowest if lowest == highest else f"{lowest} to {highest}"


def _shown(form: str, kind: str):
    """How a value is written: dates as dates, whole numbers without a point."""
    if kind == ".dta":
        form = form.lstrip("%-")
        unit = {"td": {"days": 1}, "d": {"days": 1}, "tc": {"milliseconds": 1},
                "tC": {"milliseconds": 1}}.get(form[:2] if form[:1] == "t" else form[:1])
        if unit:
            return lambda value: _moment(value, STATA_EPOCH, unit, form[:2] in ("tc", "tC"))
        return cell_text
    name = form.rstrip("0123456789.")
    if PROGRAMS[kind] == "SAS":
        if name in SAS_DATES or name == "DATETIME":
            unit = {"seconds": 1} if name == "DATETIME" else {"days": 1}
            return lambda value: _moment(value, STATA_EPOCH, unit, name == "DATETIME")
        return cell_text
    if name in SPSS_DATES or name in SPSS_MOMENTS:
        return lambda value: _moment(value, SPSS_EPOCH, {"seconds": 1}, name in SPSS_MOMENTS)
    return cell_text


def _moment(value: object, epoch: datetime.datetime, unit: dict, with_time: bool) -> str:
    """Date of a number; a number that is none stays as it is.

    >>> _moment(24111.0, STATA_EPOCH, {"days": 1}, False)
    '2026-01-05'
    >>> _moment(6306150067200.0, SPSS_EPOCH, {"seconds": 1}, True)
    '6306150067200'
    """
    if not isinstance(value, int | float) or value != value:
        return cell_text(value)
    try:
        moment = epoch + datetime.timedelta(**dict.fromkeys(unit, value))
    except (OverflowError, ValueError):
        return cell_text(value)
    return moment.isoformat(" ", "seconds") if with_time else moment.date().isoformat()
