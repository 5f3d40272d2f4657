"""The fork server's start for notebooks that import nothing: the same, without the libraries, which
take two seconds of every build that a test starts."""

import sys

LIBRARIES = ("debugpy", "jedi", "pandas", "pyarrow", "yaml", "babel", "matplotlib", "scipy",
             "geopandas")

# What stands as None cannot be imported; what a process has already, it keeps.
HIDDEN = [name for name in LIBRARIES if name not in sys.modules]
sys.modules.update(dict.fromkeys(HIDDEN))
try:
    import helpers.run.execution.preloads  # noqa: F401
finally:
    for name in HIDDEN:
        del sys.modules[name]
