"""What the fork server imports once, before any kernel is forked from it.

Nothing but imports may happen here: no pool of threads is started, no file written and no socket
opened. Of this project only the launcher is imported: helpers that are being edited are read by the
kernel, as ever.
"""

import gc
import importlib
import os
import signal
import sys
from contextlib import suppress

# What one stage alone uses, its own kernel imports.
MODULES = ("helpers.run.execution.kernel", "ipykernel.kernelapp", "ipykernel.ipkernel",
           "ipykernel.zmqshell", "IPython.core.completer", "IPython.core.ultratb", "debugpy",
           "jedi", "pandas", "pyarrow", "yaml", "babel.messages.pofile", "babel.numbers",
           "matplotlib.figure", "matplotlib.patches", "matplotlib.patheffects",
           "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg",
           "matplotlib_inline.backend_inline", "scipy.sparse", "scipy.spatial", "scipy.stats",
           "geopandas")
PATH = list(sys.path)

# Ctrl-C is for the build, which ends its kernels itself.
signal.signal(signal.SIGINT, signal.SIG_IGN)
parent = os.getppid()
for name in MODULES:
    if os.getppid() != parent:
        # The build has ended, with a word of its own: this process leaves without one.
        os._exit(0)
    # What cannot be imported here, the notebook will try again and report.
    with suppress(Exception):
        importlib.import_module(name)
# Pages of objects that the collector leaves alone stay shared with the children.
gc.collect()
gc.freeze()
