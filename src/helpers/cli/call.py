"""One call of the command line: a target, a few variables, and the project that they mean."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from helpers.cli.targets import find, variables_of
from helpers.errors import UsageError
from helpers.languages import DEFAULT, languages
from helpers.messages import chosen_language, either
from helpers.run import documents, output_dir
from helpers.run.documents import BOTH, SITE
from helpers.run.project import ROOT, Project


@dataclass(frozen=True)
class Call:
    """One call of the command line."""

    target: str
    variables: dict[str, str]
    explain: bool


def parse(arguments: list[str]) -> Call:
    """Call that ``TARGET NAME=value ... --explain`` means; a `UsageError` where there is no such
    target, or it does not take a variable.

    >>> parse(["scoring", "lang=en", "--explain"])
    Call(target='scoring', variables={'lang': 'en'}, explain=True)
    >>> parse(["all", "OUT=made--explain"]).variables
    {'OUT': 'made--explain'}
    """
    names = [argument for argument in arguments if "=" not in argument and argument[:1] != "-"]
    if len(names) != 1:
        raise UsageError("one target at a time, not {number} ({targets})", number=len(names),
                         targets=", ".join(names))
    target = find(names[0])
    variables = variables_of(target, arguments)
    return Call(target.name, variables, yes(variables.pop("explain", None)))


def yes(given: str | None) -> bool:
    """Whether a variable such as ``explain=1`` asks for something."""
    return given not in (None, "0", "", "no")


def project_of(call: Call) -> Project:
    """Project that a call works on; relative paths start where the person stands."""
    given = call.variables
    raw = Path(given["RAW"]).resolve() if "RAW" in given else ROOT / "data" / "raw"
    out = Path(os.path.realpath(given["OUT"])) if "OUT" in given else ROOT / "outputs"
    if raw == out or raw in out.parents:
        raise UsageError("OUT={given} lies in the data package; give a folder outside of {raw}",
                         given=given.get("OUT", out), raw=raw.name)
    if "OUT" in given and (why := output_dir.refusal(out, given["OUT"])):
        raise UsageError(why)
    if link := output_dir.leading_out(out):
        raise UsageError("OUT={given}: {link} is a link that leads out of this folder; remove the "
                         "link, or give another folder", given=given.get("OUT", out.name),
                         link=link.relative_to(out))
    own = out == ROOT / "outputs"
    processed = ROOT / "data" / "processed" if own else out / "processed"
    carried = raw / "params.yml"
    # Also what cannot be read: to take other parameters instead would go unnoticed.
    parameters_file = carried if os.path.lexists(carried) else None
    if "PARAMS" in given:
        parameters_file = Path(given["PARAMS"]).resolve()
    both = given.get("lang") == BOTH
    if both and SITE not in documents.OF_TARGET.get(call.target, ()):
        raise UsageError("lang=both makes the pages in two languages: it is for all and site, "
                         "not for {target}; give {known}", target=call.target,
                         known=either(languages()))
    if "lang" in given:
        language_of(call, SITE in documents.OF_TARGET.get(call.target, ()))  # refuses what is none
    stated, machine = _reader(parameters_file)
    lang = None if both else given.get("lang") or (None if stated else machine)
    return Project(raw, out, processed, parameters_file, lang, jobs_of(given.get("jobs")),
                   both=both)


def _reader(parameters_file: Path | None) -> tuple[str, str | None]:
    """Language that a parameter file states, if any, and the machine's, of who calls without
    ``lang=``; the project's own default counts as none stated."""
    try:
        text = (parameters_file or ROOT / "params.yml").read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        text = ""  # What cannot be read is told of where it is read.
    chosen = re.search(r"""(?m)^lang:[ \t]*["']?(\w+)""", text)
    stated = chosen[1] if chosen and (parameters_file or chosen[1] != DEFAULT) else ""
    return stated, chosen_language() if chosen_language() in languages() else None


def own_project(call: Call) -> Project:
    """Project of a call that writes results; refuses a folder in which others put something."""
    project = project_of(call)
    if output_dir.foreign(project):
        raise UsageError("OUT={given} holds files that no build made, and they could be "
                         "overwritten; give a new or an empty folder", given=call.variables["OUT"])
    return project


def jobs_of(given: str | None) -> int:
    """Number of stages, or tests, at a time: ``jobs=``, else as many as there are cores."""
    if given is None:
        return len(os.sched_getaffinity(0)) if hasattr(os,
                                                       "sched_getaffinity") else os.cpu_count() or 1
    if not re.fullmatch("[1-9][0-9]?", given):
        raise UsageError("jobs={given}: allowed is a whole number from 1 to 99", given=given)
    return int(given)


def language_of(call: Call, both: bool = False) -> str:
    """The one language that a target works in, or with `both` all: that of ``lang=``, else what
    ``params.yml`` states, else the machine's."""
    given = call.variables.get("lang") or next(filter({*languages()}.__contains__, _reader(None)),
                                               DEFAULT)
    known = [*languages(), *[BOTH] * both]
    if given not in known:
        raise UsageError("lang={given}: allowed is {known}", given=given, known=either(known))
    return given
