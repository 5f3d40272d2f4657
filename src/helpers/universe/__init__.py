"""Whole analyses: the stages and the claims that rest on them, under any choices, as a pure function of the data."""

from helpers.universe.analysis import READS, Analysis, check, claim_reads, known_choices, within_reach
from helpers.universe.package import RESOURCES, read
from helpers.universe.run import Piece, assemble, evaluate, join, judge, work_units
from helpers.universe.summary import (
    choice_table,
    choices_of,
    long_table,
    most_contested,
    robustness,
    shapley_table,
    turning_table,
)

__all__ = [
    "READS",
    "RESOURCES",
    "Analysis",
    "Piece",
    "assemble",
    "check",
    "choice_table",
    "choices_of",
    "claim_reads",
    "evaluate",
    "join",
    "judge",
    "known_choices",
    "long_table",
    "most_contested",
    "read",
    "robustness",
    "shapley_table",
    "turning_table",
    "within_reach",
    "work_units",
]
