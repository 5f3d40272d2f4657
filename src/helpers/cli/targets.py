"""Targets of the command line: one table, which help, calls and the Makefile are made from.

Standard library only, from Python 3.7 on. After a change, ``python -m tools.makefile`` writes the
Makefile anew; a stage of `helpers.run.plan` is a target by itself.
"""

from collections import namedtuple
from importlib import import_module

from helpers.errors import UsageError
from helpers.messages import Message
from helpers.run.plan import STAGES

GROUPS = ("To begin", "Single stages", "For the classroom", "For reviewers", "Another region",
          "Upkeep")
PROJECT = ("RAW", "OUT", "PARAMS", "lang", "jobs")
BUILD = PROJECT + ("explain",)

# A target is a name, one of the groups (None for a command that the Makefile lacks), what it does,
# the variables that it takes (None where it reads its own arguments), and its function.
Target = namedtuple("Target", "name group meaning variables function")


def _row(group, name, meaning, variables=BUILD, function="helpers.cli.commands:build"):
    return Target(name, group, meaning, variables, function)


def _command(group, name, meaning, variables):
    return Target(name, group, meaning, variables, "helpers.cli.commands:" + name)


def _tool(name, module, group=None, meaning=""):
    return Target(name, group, meaning, None, module + ":main")


_BEGIN, _STAGES, _CLASSROOM, _REVIEWERS, _REGION, _UPKEEP = GROUPS
TARGETS = (
    _tool("doctor", "helpers.cli.doctor", _BEGIN, "what is missing on this machine (Python, "
          "memory, disk, ...), and how to fix it; needs nothing itself"),
    _row(_BEGIN, "all", "every stage that the data package allows, then the site"),
    _command(_BEGIN, "lab", "open the notebooks in JupyterLab, on this machine only, in one "
             "language (lang=both: in both)",
             ("RAW", "OUT", "lang")),
    _command(_BEGIN, "explore", "change every choice in the browser; tables, maps and claims "
             "follow at once (PORT=number, browser=no)",
             ("RAW", "PARAMS", "lang", "PORT", "browser")),
    _row(_BEGIN, "site", "HTML pages in outputs/site, readable with the network cut (runs first "
         "what it needs; lang=both: in both languages)"),
    _row(_BEGIN, "report", "outputs/report.pdf and report.docx; every table also as LaTeX and XLSX "
         "(runs first what it needs)"),
    _command(_BEGIN, "watch", "what all makes, again after every edit of a notebook, the data or "
             "the parameters, until Ctrl-C (stage=NAME: that stage alone)", PROJECT + ("stage",)),
    _command(_BEGIN, "docs", "the guides of docs/ as pages in both languages, with search: "
             "outputs/docs", ("OUT", "lang")),
    *(_row(_STAGES, stage.name, stage.meaning) for stage in STAGES),
    _row(_STAGES, "figures", "every stage, without the site"),
    _row(_STAGES, "tables", "every stage, without the site"),
    _command(_CLASSROOM, "course", "the lecturer's and the students' notebooks of every "
             "assignment, for nbgrader or without it: outputs/course", ("OUT", "lang")),
    _row(_CLASSROOM, "slides", "outputs/slides: a deck of slides a stage, with the speaker's "
         "notes, readable with the network cut (runs first what it needs)"),
    _command(_REVIEWERS, "verify", "complete, stable, consistent: two clean builds against each "
             "other and reference/ (FULL=1: every check)", ("OUT", "lang", "FULL")),
    _command(_REVIEWERS, "multiverse", "every claim in thousands of analyses: "
             "outputs/multiverse.parquet (SCHEDULER=tcp://...: on a Dask cluster; FULL=1: check a "
             "few by the notebooks)", PROJECT + ("FULL", "SCHEDULER")),
    _command(_REVIEWERS, "compare", "what differs between two folders of results, or two data "
             "packages: A=folder B=folder; claims, tables cell by cell, figures side by side, on "
             "the page OUT/compare.html", ("A", "B", "OUT", "lang")),
    _command(_REVIEWERS, "crate", "the finished build as a research object (RO-Crate): data, "
             "notebooks, results and how they hang together", PROJECT),
    _command(_REVIEWERS, "archive", "one ZIP to deposit: sources, data, results, provenance, "
             "status and hash of everything, metadata for Zenodo and CODECHECK: OUT/archive.zip",
             PROJECT),
    _command(_REVIEWERS, "reproducibility", "the same bytes under another path, user, clock, "
             "locale, ... ? (about ten minutes)", ()),
    _command(_REVIEWERS, "bench", "how fast the build is, against papermill's command line and one "
             "plain process", PROJECT),
    _tool("boundaries", "helpers.intake.boundaries", _REGION, "a copy of the data package with "
          "real borders, downloaded or FILE=... (all of it: python3 src/helpers boundaries help)"),
    _command(_REGION, "regions", "a package and a build for each regency of LIST=file, two at a "
             "time (SCHEDULER=tcp://...: on a Dask cluster; MIRROR=, ZONES=, BORDERS=villages), "
             "and a page over all of them; one alone: python3 src/helpers new FOLDER --regency "
             "NAME",
             ("LIST", "OUT", "MIRROR", "ZONES", "BORDERS", "SCHEDULER", "jobs", "lang")),
    _command(_UPKEEP, "env", "make the environment, nothing else", ("lang",)),
    _command(_UPKEEP, "test", "run the tests", ("jobs", "lang")),
    _command(_UPKEEP, "clean", "remove what the build made", PROJECT),
    _command(_UPKEEP, "lock", "resolve requirements.lock anew from pyproject.toml (needs the "
             "network)", ("lang",)),
    _command(_UPKEEP, "reference", "make a fresh build the reference, and show what changed",
             ("jobs",)),
    _row(_UPKEEP, "help", "this text", ("lang",), "helpers.cli.early:show_help"),
    _tool("import", "helpers.intake.imports"),
    _tool("xlsform", "helpers.intake.xlsform"),
    _tool("new", "helpers.intake.new"),
    _tool("indicators", "helpers.intake.wide"),
    _tool("describe", "helpers.intake.describe"),
    _tool("grade", "helpers.course.grading"),
)


def find(name):
    """Target of a name; where there is none, a `UsageError` lists those that there are."""
    for target in TARGETS:
        if target.name == name:
            return target
    raise UsageError("there is no target '{target}'; targets are {known}", target=name,
                     known=", ".join(target.name for target in TARGETS))


def variables_of(target, arguments):
    """Variables that a target is given, by name; what it does not take is refused, and the nearest
    that it takes is named.

    >>> variables_of(find("scoring"), ["scoring", "lang=en", "--explain"])
    {'lang': 'en', 'explain': '1'}
    """
    found, taken = {}, {name.lower(): name for name in target.variables or ()}
    for argument in arguments:
        name, sign, value = ("explain=1" if argument == "--explain" else argument).partition("=")
        if sign and name in taken.values():
            found[name] = value
        elif argument != target.name:
            from difflib import get_close_matches

            close = get_close_matches(name.strip("-").lower(), taken, n=1)
            known = ", ".join("%s=" % name for name in target.variables or ())
            raise UsageError(
                "{target} takes {known}, not {argument}; did you mean {nearest}=?" if close
                else "{target} takes {known}, not {argument}", target=target.name,
                known=known or Message("no variables"), argument=argument,
                nearest="".join(taken[name] for name in close))
    return found


def function_of(target):
    """Function that does what a target asks for."""
    module, _, name = target.function.partition(":")
    return getattr(import_module(module), name)


def groups():
    """Groups of the Makefile, each with its targets."""
    return [(group, [target for target in TARGETS if target.group == group]) for group in GROUPS]
