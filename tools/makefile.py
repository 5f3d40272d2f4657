"""The Makefile, made from the table of targets: ``python -m tools.makefile`` writes it anew."""

from helpers import files
from helpers.cli import targets
from helpers.run.project import ROOT

FILE = ROOT / "Makefile"
HEAD = """\
# Made from src/helpers/cli/targets.py by: python -m tools.makefile
# Every target is one call of Python, also without make: python src/helpers TARGET [RAW=...]
# The first call makes the environment (.venv); see `make env`.

# Values go to the program as they were given: make does not expand them (value, unexport), and no
# shell reads them (quoted).
override SHELL = /bin/sh
override .SHELLFLAGS = -c
override quoted = '$(subst ','\\'',$(1))'
# Every variable of the command line is handed on, known or not; none of the environment is.
override NAMES := $(sort $(foreach word,$(MAKEOVERRIDES),$(firstword $(subst =, ,$(word)))))
unexport $(foreach name,$(NAMES),$(if $(filter command,$(origin $(name))),$(name)))
override GIVEN = $(foreach name,$(filter-out PYTHON SHELL .SHELLFLAGS MAKEFLAGS,$(NAMES)),\\
  $(if $(filter command,$(origin $(name))),$(call quoted,$(name)=$(value $(name)))))
# Straight into the environment where there is one; a conda environment goes first.
override FOUND = $(or $(if $(value CONDA_PREFIX),,$(wildcard .venv/bin/python)),\\
  $(firstword $(shell command -v python3 python3.11 python)))
override RUN = $(call quoted,$(or $(value PYTHON),$(FOUND))) src/helpers $(call quoted,$@) $(GIVEN)

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
