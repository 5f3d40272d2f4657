"""Undeclared reads: a stage that opens a file outside its declared inputs fails the build with the
file's name.

An audit hook in the kernel sees every ``open`` of Python, whoever calls it: notebook, helper or
library. A file may be read when it is declared (the stage's resources, the results of the stages
before it), when the stage made it itself, or when it belongs to the environment (interpreter,
libraries, system, fonts, caches). Reads through GDAL (geopandas, pyogrio) do not pass Python's
``open``; they are seen where pyogrio takes its path.

Not seen: libraries that open files in compiled code of their own, such as ``polars.read_csv``,
``pyarrow`` or ``sqlite3``. Nor is this a wall against ill will: it finds what was forgotten, and
stays silent about a path that is not there, so that a library may look for its optional settings.
"""

import importlib.abc
import importlib.util
import os
import re
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from helpers.files import RUN, run_facts
from helpers.messages import Message, translate

REPORT = "undeclared.txt"
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/etc", "/bin", "/sbin", "/proc", "/sys", "/dev",
          "/run", "/var/lib", "/var/cache", "/opt", "/nix", "/Library", "/System", "C:\\Windows",
          "C:\\Program Files")
OF_A_PERSON = (".cache", ".config/matplotlib", ".matplotlib", ".fonts", ".fontconfig",
               ".local/share/fonts", "Library/Fonts", "Library/Caches",
               "AppData/Local/Microsoft/Windows/Fonts")
OF_LIBRARIES = ("MPLCONFIGDIR", "XDG_CACHE_HOME", "PROJ_DATA", "GDAL_DATA")
# The bits that say whether a file is opened to read or to write; Windows has no name for them.
ACCESS = os.O_RDONLY | os.O_WRONLY | os.O_RDWR
ON_GDAL = re.compile(r"^(?:/vsi\w+/|\w+://)+")


class UndeclaredError(Exception):
    """A stage opens a file that is not among its declared inputs."""


def rules(stage: str, guarded: Iterable[Path], files: Iterable[Path],
          folders: Iterable[Path]) -> dict[str, object]:
    """What a kernel is told: in the `guarded` folders of the project only the `files`, and what is
    in the `folders`, may be read. The stage is named for the message."""
    return {"stage": stage, "guarded": _texts(guarded), "files": _texts(files),
            "folders": _texts(folders)}


def start() -> None:
    """Audit the reads of this process from now on, where its run tells it to."""
    if given := run_facts().get("audit"):
        audit = Audit(given, os.path.dirname(os.environ[RUN]))
        sys.addaudithook(audit.on_event)
        sys.meta_path.insert(0, _PyogrioFinder(audit))


def violation(private: str) -> str | None:
    """What a kernel with this private folder noted about an undeclared read, or None."""
    report = Path(private, REPORT)
    return report.read_text(encoding="utf-8") if report.is_file() else None


class Audit:
    """Decision which files may be read, by what `rules` gave."""

    def __init__(self, given: dict, private: str):
        self.stage = given["stage"]
        self.private = os.path.realpath(private)
        self.files = set(given["files"])
        self.guarded = _folders(given["guarded"])
        # An interpreter in /usr must not let in a project that lies below /usr.
        interpreter = [path
                       for path in {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()}
                       if not any(folder.startswith(_folders([path])) for folder in self.guarded)]
        home = os.path.expanduser("~")
        people = [os.path.join(home, *name.split("/")) for name in OF_A_PERSON]
        people += [os.environ[name] for name in OF_LIBRARIES if os.environ.get(name)]
        self.libraries = tuple(path + os.sep for path in interpreter)
        # Where a person keeps compiled modules apart from their sources (PYTHONPYCACHEPREFIX).
        compiled = [sys.pycache_prefix] if sys.pycache_prefix else []
        self.own = _folders([self.private, *given["folders"], *interpreter, *compiled])
        self.around = _folders([*SYSTEM, *people])

    def on_event(self, event: str, arguments: tuple) -> None:
        """Take an audit event; only opening for reading matters."""
        if event != "open":
            return
        path, _, flags = arguments
        if isinstance(path, (str, bytes, os.PathLike)) and (flags or 0) & ACCESS != os.O_WRONLY:
            self.check(os.fsdecode(path))

    def check(self, path: str) -> None:
        """Refuse a file that is there and may not be read."""
        # Nearly all that is opened are libraries; a look at the first letters spares looking at the
        # disk.
        if path.startswith(self.libraries) and os.pardir not in path or not os.path.isfile(path):
            return
        real = os.path.realpath(path)
        if real in self.files or real.startswith(self.own):
            return
        if real.startswith(self.guarded) or not real.startswith(self.around):
            self._refuse(path)

    def _refuse(self, path: str) -> None:
        message = translate(Message(
            "the stage {stage} reads {path}, which is not among its inputs; declare it in "
            "src/helpers/run/plan.py, or do not read it", stage=self.stage,
            path=os.path.relpath(path)))
        with open(os.path.join(self.private, REPORT), "w", encoding="utf-8") as report:
            report.write(message)
        raise UndeclaredError(message)


class _PyogrioFinder(importlib.abc.MetaPathFinder):
    """Import of pyogrio with a look at the path before its own."""

    def __init__(self, audit: Audit):
        self.audit = audit

    def find_spec(self, name, path=None, target=None):
        """Pyogrio's own module with the look added; other modules are left to the others."""
        if name != "pyogrio.util":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        own, audit = spec.loader.exec_module, self.audit

        def exec_module(module):
            own(module)
            take = module.get_vsi_path_or_buffer

            def looked_at(path_or_buffer):
                if isinstance(path_or_buffer, (str, Path)):
                    audit.check(ON_GDAL.sub("", str(path_or_buffer)).partition("!")[0])
                return take(path_or_buffer)

            module.get_vsi_path_or_buffer = looked_at

        spec.loader.exec_module = exec_module
        return spec


def _texts(paths: Iterable[Path]) -> list[str]:
    return sorted(os.path.realpath(path) for path in paths)


def _folders(paths: Iterable[str]) -> tuple[str, ...]:
    """Folders with an ending that no sibling shares; a file system's root guards nothing."""
    real = {os.path.realpath(path) for path in paths}
    return tuple(path + os.sep for path in real if path != os.path.dirname(path))
