"""Builds that several test modules read: the first to ask makes one, for all workers of the call.

Nobody writes into them; who wants to change one copies it first.
"""

import os
import subprocess
import sys
from pathlib import Path

from conftest import ROOT
from small_project import SmallProject

from helpers.run.locks import exclusive


def helpers(*arguments) -> subprocess.CompletedProcess:
    """Call the command line as a user without make does."""
    return subprocess.run(
        [sys.executable, str(ROOT / "src" / "helpers"), *map(str, arguments)], capture_output=True,
        text=True, cwd=ROOT, timeout=900)


def once(factory, name: str, make) -> Path:
    """The folder that ``make`` has filled, once for all workers.

    Parameters
    ----------
    factory : pytest.TempPathFactory
    name : str
    make : callable
        Takes the folder, which is not there yet.
    """
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = base / f"shared-{name}", base / f"shared-{name}.done"
    with exclusive(base / f"shared-{name}.lock", f"waiting for {name}"):
        if not done.is_file():
            make(folder)
            done.touch()
    return folder


def small_project(factory) -> SmallProject:
    """A clean checkout of two small stages, built, with its site."""
    def make(folder):
        folder.mkdir()
        small = SmallProject(folder).create()
        small.commit()
        small.build()

    small = SmallProject(once(factory, "small", make))
    small.head = small.git("rev-parse", "HEAD")
    return small


def mexico(factory) -> Path:
    """Results and the report of another data package in English, with nothing built before."""
    def make(folder):
        done = helpers("report", f"RAW={ROOT / 'examples' / 'mexico'}", f"OUT={folder}", "lang=en")
        assert done.returncode == 0, done.stderr

    return once(factory, "mexico", make)
