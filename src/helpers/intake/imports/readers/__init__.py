"""Files that people have, read by the ending of their name. All that is found is said."""

from pathlib import Path

from helpers.errors import InputError
from helpers.intake.imports.readers import contents, statistics, text, workbooks
from helpers.intake.imports.source import Source, existing
from helpers.messages import Message

TEXTS = (".csv", ".txt", ".tsv")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
STATISTICS = (".sav", ".zsav", ".por", ".dta", ".sas7bdat", ".xpt")
READ = (*TEXTS, *WORKBOOKS, *STATISTICS)


def never(_: str) -> bool:
    """No title is an area."""
    return False


def read(path: str | Path, known, *, sheet: str | None = None, header: int | None = None,
         delimiter: str | None = None, encoding: str | None = None,
         option: str = "import", area=None) -> Source:
    """Table of a file.

    `known` tells of a cell whether it names something that is wanted: so header and sheet are
    found; `area` tells of the title of a sheet whether it is an area, where that may be. Further
    options are what a person said, where the file leaves a choice, and how messages name the
    argument (`option`).
    """
    path = existing(path, option)
    kind = path.suffix.lower()
    if kind not in READ:
        remedy = Message("open it and save it as .xlsx" if kind in (".xlsb", ".numbers", ".gsheet")
                         else "export it as one of these")
        raise InputError("{path}: files that end in '{kind}' are not read; allowed are {allowed}: "
                         "{remedy}", path=path.name, kind=kind, allowed=", ".join(READ),
                         remedy=remedy)
    contents.refuse_other(path, kind)
    has = {"sheet": kind in WORKBOOKS, "header": kind not in STATISTICS,
           "delimiter": kind in TEXTS, "encoding": kind in TEXTS}
    for name, value in (("sheet", sheet), ("header", header), ("delimiter", delimiter),
                        ("encoding", encoding)):
        if value is not None and not has[name]:
            raise InputError("{path}: {option}={value}: a file that ends in '{kind}' has no such "
                             "choice; leave the option out", path=path.name, option=name,
                             value=value, kind=kind)
    if kind in TEXTS:
        return text.read(path, known, header, delimiter, encoding)
    if kind in WORKBOOKS:
        return workbooks.read(path, kind, known, area or never, sheet, header)
    return statistics.read(path, kind)
