"""Pages that need no server, no script and no network: an index, a page per notebook, all figures, all tables."""

from helpers.publish.site.pages import make
from helpers.publish.site.verdict import page as verdict_page

__all__ = ["make", "verdict_page"]
