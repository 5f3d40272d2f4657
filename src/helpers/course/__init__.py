"""Graded course: checks of the exercises, assignments, grading."""

from helpers.course.checks import (
    EXPLAINED,
    NOTEBOOKS,
    Checks,
    Wrong,
    explain_errors,
    open,
    seed,
)
from helpers.course.concepts.board import board

__all__ = ["EXPLAINED", "NOTEBOOKS", "Checks", "Wrong", "board", "explain_errors", "open", "seed"]
