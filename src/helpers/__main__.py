"""Entry point: ``python src/helpers TARGET`` with any bare Python, or ``python -m helpers TARGET``.

Makes sure that the project's environment is there and runs the command line in it.
Until the environment is there, only the standard library may be imported.
"""

import os
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

if __name__ == "__main__":
    # Run as a folder, Python puts the folder itself on the path, where `build` or `publish` would
    # shadow other packages.
    sys.path[:] = [SOURCE] + [
        entry for entry in sys.path
        if os.path.abspath(entry or os.curdir) not in (SOURCE, os.path.join(SOURCE, "helpers"))
    ]

    from helpers import messages
    from helpers.cli import bootstrap, early

    messages.choose_language(sys.argv[1:])
    # What can be said without the environment is said before it is made.
    status = early.answer(sys.argv[1:])
    if status is not None:
        sys.exit(status)
    bootstrap.enter(sys.argv[1:])

    from helpers.cli import commands

    commands.exit_now(commands.main(sys.argv[1:]))
