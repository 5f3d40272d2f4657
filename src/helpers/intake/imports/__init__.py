"""Own questionnaires: an export of a survey tool or a spreadsheet becomes a data package.

    python3 src/helpers import FILE status=STATUS [to=FOLDER] [items=FILE] [areas=FILE] ...

What can be found out is found out and said; where two readings are possible the import stops and
asks for the option.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from helpers import files
from helpers.errors import InputError, report_input_errors
from helpers.intake import named_options
from helpers.messages import Message, chosen_language, joined, languages, say, term
from helpers.study.package import STATUSES

OPTIONS = {
    "status": "published | simulated | illustrative: what the answers are; nobody but you can know",
    "to": "folder of the new data package (default: NAME-package beside the file)",
    "items": "your questionnaire, with the columns of items.csv (default: the project's)",
    "areas": "your areas, with the columns of areas.csv (default: the project's)",
    "frame": "your frame, with the columns of frame.csv, or no (default: the project's, with its "
    "areas)", "without": "items that were not asked, separated by commas",
    "respondent": "column with the key of a respondent",
    "area": "column with the code or the name of the area",
    "business_type": "column with the type of business, or all:WORD for all respondents",
    "weight": "column with survey weights",
    "keep": "columns that stay although nothing needs them; may be given several times",
    "answers": "YAML file with verbal answers of your own",
    "scale": "scale of the verbal answers, where several fit",
    "coding": "codes | labels: which counts where a file's codes and labels contradict each other",
    "missing": "cells that mean no answer, such as 99, separated by commas",
    "dry": "yes: show all that the import would do, with the first rows, and write nothing",
    "field": "yes: write no package but a page on how fieldwork stands: interviews by area "
    "against the quota, rows to look at, missing answers",
    "quota": "with field=yes: your quota, with the columns code and n (default: that of stage 1)",
    "interviewer": "with field=yes: column with the interviewer",
    "rows": "rows that are no interview (refused, rejected, test, incomplete, filtered, summary, "
    "trial, hidden, empty, mirrored): out, keep, or the kinds to keep",
    "unusable": "out: leave out rows that cannot be used (no area, no type, unreadable)",
    "sheet": "sheet of the workbook, or all: for sheets that are parts of one survey",
    "header": "number of the row with the names of the columns",
    "delimiter": "comma | semicolon | tab", "encoding": "utf-8 | cp1252 | utf-16 ...",
    "decimal": "point | comma",
    "source": "who asked whom and when; stands below every table and figure"}
SEVERAL = ("keep", "without", "missing")
CHOICES = {"coding": ("codes", "labels"), "dry": ("yes",), "field": ("yes",), "unusable": ("out",),
           "decimal": ("point", "comma")}


@report_input_errors("say to=FOLDER where you may write")
def main(arguments: list[str]) -> int:
    """Import one file; return the exit status: 0 done, 2 wrong input."""
    if not arguments or named_options.asks_for_help(arguments):
        named_options.show_help(
            "usage: python3 src/helpers import FILE status=STATUS [NAME=value ...]", OPTIONS)
        return 0
    from helpers.intake.atomic_package import say_written
    from helpers.intake.imports.package_writer import PAGE

    said, folder = import_file(*parse(arguments))
    say(joined(said, "\n"))
    if folder is not None and folder.suffix == ".html":
        say("import: how fieldwork stands: {page}; no package was written (field=yes)", page=folder)
        return 0
    if folder is None:
        say("import: nothing was written (dry=yes); the same command without it writes the package")
        return 0
    say("import: every column, how it was read and what changes it: {page}",
        page=folder / PAGE.format(lang=chosen_language()))
    say_written("import", folder)
    return 0


def parse(arguments: list[str]) -> tuple[Path, dict]:
    """File and options of a call ``FILE NAME=value ...``.

    >>> parse(["a.csv", "status=illustrative", "keep=#3", "keep=age"])[1]
    {'keep': ['#3', 'age'], 'without': [], 'missing': [], 'status': 'illustrative'}
    """
    files, options = [], {name: [] for name in SEVERAL}
    for argument in arguments:
        name, sign, value = argument.partition("=")
        if not sign or (name not in OPTIONS and Path(argument).is_file()):
            files.append(argument)
        elif name not in OPTIONS:
            raise InputError("'{name}' is not an option of import; options are {options}",
                             name=name, options=", ".join(OPTIONS))
        elif not value:
            raise InputError("{name}=: says nothing; {meaning}", name=name,
                             meaning=term(OPTIONS[name]))
        elif name == "keep":
            options[name].append(value)
        elif name in SEVERAL:
            options[name] += [part.strip() for part in value.split(",") if part.strip()]
        elif name in options:
            raise InputError("{name}= is given twice; keep one of them", name=name)
        else:
            options[name] = value
    if len(files) != 1:
        raise InputError("give one file to import, not {number} ({files})" if files
                         else "give one file to import, not {number}", number=len(files),
                         files=", ".join(files))
    return Path(files[0]), options


def import_file(file: Path, options: dict) -> tuple[list[str], Path | None]:
    """Turn one file into a data package; return what was found out and the folder, the page of
    fieldwork, or None where nothing was written."""
    from helpers.intake import atomic_package
    from helpers.intake.imports import convert, instrument, package_writer, pages, readers
    from helpers.intake.imports.areas import Areas
    from helpers.intake.imports.columns import ROLES, ItemNames

    status, header = _status(options.get("status")), options.get("header")
    if header is not None and not header.isdecimal():
        raise InputError("header={header}: allowed is the number of a row, such as header=2",
                         header=header)
    named_options.refuse_other(options, CHOICES)
    dry, field = options.get("dry"), options.get("field")
    if dry and field:
        raise InputError("field={field}: allowed is: yes, without dry=yes", field=field)
    for name in ("quota", "interviewer"):
        if name in options and not field:
            raise InputError("{name}={value}: only the page of fieldwork has it; say field=yes, or "
                             "leave it out", name=name, value=options[name])
    target = Path(options.get("to") or file.with_name(f"{file.stem}-package"))
    basis = instrument.load(options.get("items"), options.get("areas"), options.get("frame"),
                            tuple(options["without"]), options.get("decimal"))
    source = readers.read(file, ItemNames(basis.items), sheet=options.get("sheet"),
                          header=int(header) if header else None,
                          delimiter=options.get("delimiter"), encoding=options.get("encoding"),
                          area=Areas(basis.areas, basis.names["areas"]))
    result = convert.convert(source, basis,
                             named={role: options[role] for role in ROLES if role in options},
                             keep=[part for entry in options["keep"] for part in (
                                 [entry] if entry in source.cells else entry.split(","))],
                             missing=tuple(options["missing"]),
                             **{name: options.get(name) for name in (
                                 "answers", "scale", "coding", "decimal", "rows", "unusable")})
    said = [*source.said, *basis.said, *result.said,
            Message("status: {status}, as told, for the answers and for the questionnaire",
                    status=status)]
    if field:
        return said, _field_page(file, result, basis, options, said)
    asked_by = options.get("source", file.name)
    if dry is None:
        package_writer.write(target, file.stem, result, basis, status, asked_by, said)
        return said, target
    atomic_package.refuse_taken(target, f"to={target.name}")
    with TemporaryDirectory() as place:
        package_writer.write(Path(place) / "package", file.stem, result, basis, status, asked_by,
                             said)
    rows = [list(result.responses), *pages.preview(result)]
    return [*said, Message("the first {rows} of {all} rows as they would be written:",
                           rows=len(rows) - 1, all=len(result.responses)),
            *map(",".join, rows)], None


def _field_page(file: Path, result, basis, options: dict, said: list[str]) -> Path:
    """Write how fieldwork stands beside the file, in every language; return the page in that of
    the reader."""
    from helpers.intake.imports import pages
    from helpers.intake.imports.pages import fieldwork

    found = fieldwork.parts(result, basis, options.get("quota"), options.get("interviewer"))
    title = Message("Fieldwork of {file}: {number} interviews", file=file.name,
                    number=len(result.responses))
    out = [line for line in said if line.startswith(("NO INTERVIEW", "row ", "status: "))]
    folder, written = Path(options.get("to") or file.parent), {}
    for lang in languages():
        written[lang] = folder / f"{file.stem}-field.{lang}.html"
        files.write(written[lang], pages.page(title, out, found, lang))
    return written[chosen_language()]


def _status(given: str | None) -> str:
    if given not in STATUSES:
        found = Message("status={given}: not known" if given
                        else "status= is not given, and only you can know what these answers are",
                        given=given)
        raise InputError("{found}; say status=published (real answers of people), "
                         "status=simulated (made by a model) or status=illustrative (made up to "
                         "show a method)", found=found)
    return given
