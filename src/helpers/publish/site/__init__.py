"""Pages that need no server, no script and no network: an index, a page per notebook, all figures, all tables."""

from helpers.publish.site.pages import make

__all__ = ["make"]
