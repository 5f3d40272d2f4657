"""What any Python can say without an environment: targets, what is missing. Standard library only.
"""

import io
import os
import sys

from helpers.cli import targets
from helpers.errors import Line, UsageError, report
from helpers.languages import languages
from helpers.messages import Message, say, term, translate

WIDTH = 15
STOPPED = 130


def answer(arguments):
    """Exit status of ``help``, ``doctor`` and a target that is not there; None for all else."""
    if sys.stdout is None:
        raise UsageError("the standard output is closed, so nobody could be told what happens; "
                         "give a file, such as > build.log")
    escape_unencodable()
    try:
        status = _answer(arguments)
        sys.stdout.flush()
        return status
    except UsageError as error:
        report(error)
        return 2
    except BrokenPipeError:
        # Who reads has seen enough (`make doctor | head`); what is left goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def guarded(call):
    """Status of what ``call`` does; a failure that nobody foresaw is one line, without a traceback.

    Where ``KESENJANGAN_DEBUG`` is set, the traceback is shown.
    """
    try:
        return call()
    except UsageError as error:
        report(error)
        return 2
    except KeyboardInterrupt:
        return stopped()
    except MemoryError:
        report(Message("there is not enough memory for this; what was built before is intact: "
                       "close other programs, raise the limit (ulimit -v), or give jobs=1"))
        return 1
    except Exception as error:
        if os.environ.get("KESENJANGAN_DEBUG"):
            raise
        report(Line("{kind}: {error} (at {place}); this is a fault of the program and not of your "
                    "data: please report it, with what KESENJANGAN_DEBUG=1 shows",
                    kind=type(error).__name__, error=error, place=_place(error)))
        return 1


def stopped():
    """Status of a call that was stopped, after saying so."""
    print(translate(Message("stopped; what was built before is intact")), file=sys.stderr)
    return STOPPED


def exit_now(status):
    """End of this process; who stopped it does not wait for libraries to tidy up for a second."""
    if status == STOPPED:
        private = sys.modules.get("helpers.run.execution.private")
        if private:
            private.remove()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def _place(error):
    """Innermost line of this project that an error came through."""
    place, step = "?", error.__traceback__
    while step is not None:
        path = step.tb_frame.f_code.co_filename
        if os.path.join("src", "helpers") in path or place == "?":
            place = "%s:%d" % (os.path.basename(path), step.tb_lineno)
        step = step.tb_next
    return place


def _answer(arguments):
    [name] = [argument for argument in arguments if "=" not in argument][:1] or ["help"]
    if name in ("help", "-h", "--help"):
        return show_help()
    if name == "doctor":
        return targets.function_of(targets.find(name))(arguments)
    if not name.startswith("-"):
        target = targets.find(name)
        if target.variables is not None:
            targets.variables_of(target, [name, *(one for one in arguments if "=" in one)])
    return None


def escape_unencodable():
    """Question marks for signs that a console lacks (``→``), instead of the program's end."""
    if sys.stderr is None:
        sys.stderr = io.StringIO()
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
    say("graded assignments, without make: python src/helpers grade ASSIGNMENT FOLDER (or: grade "
        "help)")
    return 0
