"""What the fork server of the explorer's pages does once: imports, and the explorer with the pages
that no thread helps to make. The kernel of a page is a child that shares the memory of all that.

The survey's estimates (svy, polars) start threads, which a fork would lose: each kernel makes them.
"""

import gc
from contextlib import suppress

from helpers.explorer import session, widget
from helpers.run.execution import preloads

WITHOUT_THREADS = ("sampling", "disparity", "force_field")

# What goes wrong here goes wrong in the kernel again, which says so on the page.
with suppress(Exception):
    opened = session.open_explorer()
    for tab in opened.tabs:
        if tab in WITHOUT_THREADS:
            opened.answer({"tab": tab})
    session.ready.append(opened)
gc.collect()
gc.freeze()

__all__ = ["preloads", "widget"]
