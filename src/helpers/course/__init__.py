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

__all__ = ["EXPLAINED", "NOTEBOOKS", "Checks", "Wrong", "explain_errors", "open", "seed"]
