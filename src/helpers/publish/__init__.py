"""Texts, tables, figures, maps and pages: knows results, not methods."""

from helpers.publish.publisher import Publisher
from helpers.publish.publisher import open_publisher as open

__all__ = ["Publisher", "open"]
