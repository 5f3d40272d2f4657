"""Command lines of tools in the language of the reader.

argparse asks gettext for its own words, and gettext reads compiled catalogues only: here it is
given ours.
"""

import argparse

from helpers.messages import term, translate


class Parser(argparse.ArgumentParser):
    """A parser whose words, description and help are translated; of the description, the docstring
    of a command, the first paragraph is shown."""

    def __init__(self, description: str, **options):
        first = " ".join(description.partition("\n\n")[0].split())
        super().__init__(description=_translated(first), **options)

    def add_argument(self, *names: str, **options) -> argparse.Action:
        """Add an argument as argparse does."""
        if options.get("help") not in (None, argparse.SUPPRESS):
            options["help"] = _translated(options["help"])
        return super().add_argument(*names, **options)


def _translated(text: str) -> str:
    return str(translate(term(text)))


argparse._ = _translated
argparse.ngettext = lambda one, many, number: _translated(one if number == 1 else many)
