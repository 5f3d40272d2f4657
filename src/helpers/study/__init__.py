"""Parameters, data package and simulated data: knows files, not methods."""

from helpers.errors import InputError
from helpers.study.session import Study
from helpers.study.session import open_study as open

__all__ = ["InputError", "Study", "open"]
