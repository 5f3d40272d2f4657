"""What any Python can say without an environment: targets, what is missing. Standard library only.
"""

import os
import sys

from helpers.cli import targets
from helpers.errors import UsageError, report
from helpers.languages import languages
from helpers.messages import say, term

WIDTH = 15


def answer(arguments):
    """Exit status of ``help``, ``doctor`` and a target that is not there; None for all else."""
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
    [name] = [argument for argument in arguments if "=" not in argument][:1] or ["help"]
    if name in ("help", "-h", "--help"):
        return show_help()
    if name == "doctor":
        return targets.function_of(targets.find(name))(arguments)
    if not name.startswith("-"):
        targets.find(name)
    return None


def speak_anything():
    """Question marks for signs that a console lacks (``→``), instead of the program's end."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def show_help():
    """Print the targets under the headings of their groups."""
    say("usage: make TARGET [RAW=folder] [OUT=folder] [PARAMS=file] [lang={languages}] "
        "[jobs=N] [explain=1]", languages="|".join(languages()))
    say("   {text}", text=term("or: python src/helpers TARGET ... (the same, without make)"))
    say("first: make doctor, then make all, then open outputs/site/index.html")
    for group, listed in targets.groups():
        say("\n{group}", group=term(group))
        for target in listed:
            say("  {name} {text}", name=target.name.ljust(WIDTH), text=term(target.meaning))
    print()
    say("own questionnaires, without make: python src/helpers import FILE status=... (or: import "
        "help), xlsform [to=FILE]")
    say("another region, without make: python src/helpers new FOLDER --areas FILE [--villages "
        "FILE] (or: new help)")
    say("graded exercises, without make: python src/helpers grade ASSIGNMENT FOLDER (or: grade "
        "help)")
    return 0
