"""Pages that need no server and no network: an index, a page per notebook, all figures, all tables.

They need no script either, save the interactive map.
"""

from helpers.documents.site.pages import make
from helpers.documents.site.verdict import pages as verdict_pages
from helpers.documents.site.verdict import place as verdict_place

__all__ = ["make", "verdict_pages", "verdict_place"]
