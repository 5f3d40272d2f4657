"""What any Python can say before there is an environment: the targets, and what is missing.
Standard library only."""

import os
import re
import sys

from helpers.errors import UsageError, report
from helpers.languages import CATALOGUES, languages, preferred
from helpers.messages import entries, say, term

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
WIDTH = 15
# Commands with arguments of their own; each has a function main(arguments).
TOOLS = {
    "import": "helpers.intake.imports", "xlsform": "helpers.intake.xlsform",
    "boundaries": "helpers.intake.boundaries", "new": "helpers.intake.new",
    "describe": "helpers.intake.describe", "grade": "helpers.course.grading"
}


def answer(arguments):
    """Do ``help`` or ``doctor``, refuse a target that is not there; return the exit status, or None
    for everything else."""
    speak_anything()
    try:
        status = _said(arguments)
        sys.stdout.flush()
        return status
    except UsageError as error:
        report(error)
        return 2
    except BrokenPipeError:
        # Who reads has seen enough (`make doctor | head`); what is left goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _said(arguments):
    [target] = [argument for argument in arguments if "=" not in argument][:1] or ["help"]
    if target in ("help", "-h", "--help"):
        return show_help()
    if target == "doctor":
        from helpers.cli import doctor

        return doctor.main(arguments)
    if not target.startswith("-"):
        check_target(target, list(dict.fromkeys([name for _, name, _ in targets()] + list(TOOLS))))
    return None


def check_target(target, known):
    """Refuse a target that is not among the known ones."""
    if target not in known:
        raise UsageError("there is no target '{target}'; targets are {known}", target=target,
                         known=", ".join(known))


def speak_anything():
    """Let a console that lacks a sign (``→``, ``✓``) show a question mark instead of ending the
    program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def catalogue(domain, lang):
    """Keys and texts of a gettext catalogue, read without Babel; of a language that lacks it, those
    of the next best.

    Examples
    --------
    >>> catalogue("doctor", "en")["state.ok"]
    'ok'
    """
    paths = [os.path.join(CATALOGUES, code, "LC_MESSAGES", domain + ".po")
             for code in preferred(lang)]
    return entries(next(filter(os.path.isfile, paths)))


def targets():
    """Return group, name and meaning of every target, in the order of the Makefile and with its
    words."""
    found, group = [], None
    with open(os.path.join(ROOT, "Makefile"), encoding="utf-8") as file:
        for title, name, text in re.findall(r"(?m)^(?:### (.*)|(\w+):.*?## (.*))$", file.read()):
            group = title or group
            if name:
                found.append((group, name, text))
    return found


def show_help():
    """Print the targets with the comments that stand beside them in the Makefile, under its
    headings."""
    say("usage: make TARGET [RAW=folder] [OUT=folder] [PARAMS=file] [lang={languages}] "
        "[jobs=N] [explain=1]", languages="|".join(languages()))
    say("   {text}",
        text=term("or: python src/helpers TARGET ... (the same, without make)"))
    say("first: make doctor, then make all, then open outputs/site/index.html")
    shown = None
    for group, name, text in targets():
        if group != shown:
            say("\n{group}", group=term(group))
            shown = group
        say("  {name} {text}", name=name.ljust(WIDTH), text=term(text))
    print()
    say("own questionnaires, without make: python src/helpers import FILE status=... (or: import "
        "help), xlsform [to=FILE]")
    say("another region, without make: python src/helpers new FOLDER --areas FILE [--villages "
        "FILE] (or: new help)")
    say("graded exercises, without make: python src/helpers grade ASSIGNMENT FOLDER (or: grade "
        "help)")
    return 0
