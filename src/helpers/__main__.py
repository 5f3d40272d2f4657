"""Entry point: ``python src/helpers TARGET`` with any bare Python, or ``python -m helpers TARGET``.

Makes sure that the project's environment is there and runs the command line in it.
Until the environment is there, only the standard library may be imported.
"""

import os
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

if __name__ == "__main__":
    # Run as a folder, Python puts the folder itself on the path, where `build` or `publish` would
    # shadow other packages; with -m it puts the folder in which one stands, whose files are data.
    try:
        here = os.getcwd()
    except OSError:
        here = None
    mine = {SOURCE, os.path.join(SOURCE, "helpers"), here}
    sys.path[:] = [SOURCE] + [
        entry for entry in sys.path
        if entry not in ("", os.curdir) and os.path.abspath(entry) not in mine]
    # Neither do the processes of this one.
    os.environ["PYTHONSAFEPATH"] = "1"

    from helpers import messages
    from helpers.cli import bootstrap, early

    def call():
        # What can be said without the environment is said before it is made.
        status = early.answer(sys.argv[1:])
        if status is not None:
            return status
        bootstrap.enter(sys.argv[1:])

        from helpers.cli import commands

        return commands.main(sys.argv[1:])

    messages.choose_language(sys.argv[1:])
    early.exit_now(early.guarded(call))
