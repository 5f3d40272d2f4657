"""Disclosure control: nothing of a group too small is published, whoever calls."""

from helpers.disclosure.levels import WHOLE, levels_by_weights, told
from helpers.disclosure.ranges import OF_ERROR, OF_MEAN, WIDTH, Survey, narrowest
from helpers.disclosure.release import (
    DECIMALS,
    WORD,
    check_rows,
    of_whole,
    release,
    rounded,
    without,
)
from helpers.disclosure.suppression import determined, protect

__all__ = ["DECIMALS", "OF_ERROR", "OF_MEAN", "WHOLE", "WIDTH", "WORD", "Survey", "check_rows",
           "determined", "levels_by_weights", "narrowest", "of_whole", "protect", "release",
           "rounded", "told", "without"]
