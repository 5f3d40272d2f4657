"""Builds that several test modules read: the first to ask makes one, for all workers of the call.

Nobody writes into them; who wants to change one copies it first.
"""

import io
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess

from conftest import ROOT
from small_project import SmallProject

from helpers.cli import commands
from helpers.run.locks import exclusive


def helpers(*arguments) -> CompletedProcess:
    """Call the command line in this process, which has its imports and keeps its fork server.

    `test_whole` and the lines of the README call it as a process of its own.
    """
    out, error = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(error):
        status = commands.main([*map(str, arguments)])
    return CompletedProcess(arguments, status, out.getvalue(), error.getvalue())


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
    """Results, pages and the report of another data package in English."""
    return example(factory, "mexico", "all", "report")


def example(factory, name: str, *targets: str) -> Path:
    """Products of an example in English, with the parameters that it carries and with nothing built
    before."""
    def make(folder):
        for target in targets:
            done = helpers(target, f"RAW={ROOT / 'examples' / name}", f"OUT={folder}", "lang=en")
            assert done.returncode == 0, done.stderr

    return once(factory, name, make)
