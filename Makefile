# Made from src/helpers/cli/targets.py by: python -m tools.makefile
# Every target is one call of Python, also without make: python src/helpers TARGET [RAW=...]
# The first call makes the environment (.venv); see `make env`.

# Values go to the program as they were given: make does not expand them (value, unexport), and no
# shell reads them (quoted).
override SHELL = /bin/sh
override .SHELLFLAGS = -c
override quoted = '$(subst ','\'',$(1))'
# Every variable of the command line is handed on, known or not; none of the environment is.
override NAMES := $(sort $(foreach word,$(MAKEOVERRIDES),$(firstword $(subst =, ,$(word)))))
unexport $(foreach name,$(NAMES),$(if $(filter command,$(origin $(name))),$(name)))
override GIVEN = $(foreach name,$(filter-out PYTHON SHELL .SHELLFLAGS MAKEFLAGS,$(NAMES)),\
  $(if $(filter command,$(origin $(name))),$(call quoted,$(name)=$(value $(name)))))
# Straight into the environment where there is one; a conda environment goes first.
override FOUND = $(or $(if $(value CONDA_PREFIX),,$(wildcard .venv/bin/python)),\
  $(firstword $(shell command -v python3 python3.11 python)))
override RUN = $(call quoted,$(or $(value PYTHON),$(FOUND))) src/helpers $(call quoted,$@) $(GIVEN)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: doctor all lab explore site report watch docs overview sampling scoring disparity force_field synthesis figures tables course slides verify multiverse compare crate archive reproducibility bench boundaries regions env test clean lock reference help
# A stage that is new in the plan, or a mistake, which is told of.
.DEFAULT:
	@$(RUN)

### To begin
doctor: ## what is missing on this machine (Python, memory, disk, ...), and how to fix it; needs nothing itself
	@$(RUN)
all: ## every stage that the data package allows, then the site
	@$(RUN)
lab: ## open the notebooks in JupyterLab, on this machine only, in one language (lang=both: in both)
	@$(RUN)
explore: ## change every choice in the browser; tables, maps and claims follow at once (PORT=number, browser=no)
	@$(RUN)
site: ## HTML pages in outputs/site, readable with the network cut (runs first what it needs; lang=both: in both languages)
	@$(RUN)
report: ## outputs/report.pdf and report.docx; every table also as LaTeX and XLSX (runs first what it needs)
	@$(RUN)
watch: ## what all makes, again after every edit of a notebook, the data or the parameters, until Ctrl-C (stage=NAME: that stage alone)
	@$(RUN)
docs: ## the guides of docs/ as pages in both languages, with search: outputs/docs
	@$(RUN)

### Single stages
overview: ## the map of the chain
	@$(RUN)
sampling: ## sample size, allocation and draw
	@$(RUN)
scoring: ## reliability, scores, need and access by zone
	@$(RUN)
disparity: ## indicators, inequality, spatial clusters, development index
	@$(RUN)
force_field: ## driving and restraining factors, balance, strategies
	@$(RUN)
synthesis: ## the abstract's claims against the tables (runs first what it needs)
	@$(RUN)
figures: ## every stage, without the site
	@$(RUN)
tables: ## every stage, without the site
	@$(RUN)

### For the classroom
course: ## the lecturer's and the students' notebooks of every assignment, for nbgrader or without it: outputs/course
	@$(RUN)
slides: ## outputs/slides: a deck of slides a stage, with the speaker's notes, readable with the network cut (runs first what it needs)
	@$(RUN)

### For reviewers
verify: ## complete, stable, consistent: two clean builds against each other and reference/ (FULL=1: every check)
	@$(RUN)
multiverse: ## every claim in thousands of analyses: outputs/multiverse.parquet (SCHEDULER=tcp://...: on a Dask cluster; FULL=1: check a few by the notebooks)
	@$(RUN)
compare: ## what differs between two folders of results, or two data packages: A=folder B=folder; claims, tables cell by cell, figures side by side, on the page OUT/compare.html
	@$(RUN)
crate: ## the finished build as a research object (RO-Crate): data, notebooks, results and how they hang together
	@$(RUN)
archive: ## one ZIP to deposit: sources, data, results, provenance, status and hash of everything, metadata for Zenodo and CODECHECK: OUT/archive.zip
	@$(RUN)
reproducibility: ## the same bytes under another path, user, clock, locale, ... ? (about ten minutes)
	@$(RUN)
bench: ## how fast the build is, against papermill's command line and one plain process
	@$(RUN)

### Another region
boundaries: ## a copy of the data package with real borders, downloaded or FILE=... (all of it: python3 src/helpers boundaries help)
	@$(RUN)
regions: ## a package and a build for each regency of LIST=file, two at a time (SCHEDULER=tcp://...: on a Dask cluster; MIRROR=, ZONES=, BORDERS=villages), and a page over all of them; one alone: python3 src/helpers new FOLDER --regency NAME
	@$(RUN)

### Upkeep
env: ## make the environment, nothing else
	@$(RUN)
test: ## run the tests
	@$(RUN)
clean: ## remove what the build made
	@$(RUN)
lock: ## resolve requirements.lock anew from pyproject.toml (needs the network)
	@$(RUN)
reference: ## make a fresh build the reference, and show what changed
	@$(RUN)
help: ## this text
	@$(RUN)
