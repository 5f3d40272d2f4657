"""The Makefile, made from the table of targets: ``python -m tools.makefile`` writes it anew."""

from helpers import files
from helpers.cli import targets
from helpers.run.project import ROOT

FILE = ROOT / "Makefile"
HEAD = """\
# Made from src/helpers/cli/targets.py by: python -m tools.makefile
# Every target is one call of Python, also without make: python src/helpers TARGET [RAW=...]
# The first call makes the environment (.venv); see `make env`.

# Straight into the environment where there is one; a conda environment goes first.
PYTHON ?= $(or $(if $(CONDA_PREFIX),,$(wildcard .venv/bin/python)),\\
  $(firstword $(shell command -v python3 python3.11 python)))
# Every variable of the command line is handed on, known or not; none of the environment is.
NAMES = $(sort $(foreach word,$(MAKEOVERRIDES),$(firstword $(subst =, ,$(word)))))
GIVEN = $(foreach name,$(filter-out PYTHON SHELL MAKEFLAGS,$(NAMES)),\\
  $(if $(filter command,$(origin $(name))),"$(name)=$($(name))"))
RUN = $(PYTHON) src/helpers $@ $(GIVEN)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: %s
# A stage that is new in the plan, or a mistake, which is told of.
.DEFAULT:
\t@$(RUN)
"""


def makefile() -> str:
    """Text of the Makefile."""
    groups = targets.groups()
    parts = [HEAD % " ".join(target.name for _, listed in groups for target in listed)]
    for group, listed in groups:
        parts.append(f"\n### {group}\n")
        parts += [f"{target.name}: ## {target.meaning}\n\t@$(RUN)\n" for target in listed]
    return "".join(parts)


if __name__ == "__main__":
    files.write(FILE, makefile())
