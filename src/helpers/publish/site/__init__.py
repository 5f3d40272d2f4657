"""Pages that need no server and no network: an index, a page per notebook, all figures, all tables.

They need no script either, save the interactive map.
"""

from helpers.publish.site.pages import make
from helpers.publish.site.verdict import pages as verdict_pages
from helpers.publish.site.verdict import place as verdict_place

__all__ = ["make", "verdict_pages", "verdict_place"]
