"""Run one notebook with papermill; it leaves the same bytes wherever and whenever it runs."""

import ast
import json
import logging
import os
import re
import signal
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient.exceptions import DeadKernelError
from papermill import execute_notebook
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError

from helpers import files
from helpers.errors import Error
from helpers.languages import preferred
from helpers.messages import Message, term
from helpers.run.execution import persons, private, read_audit
from helpers.run.execution.engine import ENGINE, Engine

LANGUAGE_TAG = "lang-"
# Texts of the project's own data package, and those that stand instead of them in any other.
OWN_TAG, OTHER_TAG = "own", "other"
# Cells for questionnaires that ask for need and access, and those that stand instead for any other.
PAIRED_TAG, PLAIN_TAG = "paired", "plain"
PARAMETERS_TAG = "parameters"
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
CELL_LINE = re.compile(r"(?:Cell )?In\[\d+\], line (\d+)|<ipython-input-[^>]*>[^\n]*?line (\d+)")
COMPILED = re.compile(r" \(\d+\.py, line \d+\)$")
LONGEST_MESSAGE = 600


class StageError(Error):
    """A notebook did not run to its end."""


@dataclass(eq=False)
class Run:
    """One notebook being executed in a kernel of its own.

    ``parameters`` are values for its parameters cell, ``lang`` and ``seed`` among them; ``facts``
    what the kernel is told (`helpers.files.run_facts`); ``folder`` is where it works; ``own`` says
    whether the data package is the project's own, ``paired`` whether its questionnaire asks for
    need and access, ``real`` what gives away persons whose answers are real.
    """

    notebook: Path
    parameters: dict
    facts: dict
    folder: Path
    own: bool = True
    real: persons.Persons | None = None
    paired: bool = True

    executed = cell = kernel = exit_code = None
    peak, stopped = 0, False
    began = seconds = 0.0

    def execute(self, target: Path, failed: Path, hidden: dict[str, str]) -> None:
        """Run the notebook and write it to ``target``, normalised; when it fails, only to
        ``failed``.

        ``hidden`` are folders of this machine that must not show in outputs, and what stands there
        instead.
        """
        for attempt in (1, 2):
            try:
                self._attempt(failed)
                break
            except RuntimeError as error:
                # Only a kernel that never came up is started a second time; a failing cell is not
                # run twice.
                if attempt == 2 or self.stopped:
                    raise StageError("{notebook}: no kernel could be started ({error})",
                                      notebook=self.notebook.name, error=term(str(error))) from None
        failed.unlink(missing_ok=True)
        self.cell = persons.showing(self.executed, self.real) if self.real else None
        if self.cell:
            raise StageError("{notebook}, {cell}: shows rows of single persons, whose answers are "
                             "real; remove what shows them, or show counts or means by out.show",
                             notebook=self.notebook.name, cell=_name(self.cell))
        write(normalised(self.executed, hidden), target)

    def _attempt(self, failed: Path) -> None:
        prepared = one_language(nbformat.read(self.notebook, as_version=4),
                                self.parameters["lang"], self.own, self.paired)
        if not self.own:
            in_force(prepared.cells, self.parameters)
        with tempfile.TemporaryDirectory(prefix="k", dir=private.folder(),
                                         ignore_cleanup_errors=True) as own:
            try:
                execute_notebook(prepared, None, self.parameters, engine_name=ENGINE, run=self,
                                 private=own, kernel_name="python3", language="python",
                                 progress_bar=False, request_save_on_cell_execute=False)
            except PapermillExecutionError as error:
                raise StageError(self._keep(failed, *self._cell_error(error))) from None
            except DeadKernelError:
                raise StageError(
                    self._keep(failed, self._kernel_death(Path(own, "kernel.log")))) from None
            if undeclared := read_audit.violation(own):
                # A library may have swallowed the refusal; what it left out is not what the
                # notebook asked for.
                raise StageError(self._keep(failed, undeclared))

    def stop(self) -> None:
        """End the kernel and everything that it started, at once."""
        self.stopped = True
        process = self.kernel and self.kernel.provisioner and self.kernel.provisioner.process
        if process is not None and process.poll() is None:
            if hasattr(os, "killpg"):
                # One that was born a moment ago has no group of its own yet.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()

    def started(self, cell, cell_index) -> None:
        """Note which cell runs, and name it in the request for it, as JupyterLab does."""
        self.cell = cell
        self.began = time.monotonic()
        self.kernel.session.metadata["cellId"] = cell.id

    def ended(self, cell, cell_index, execute_reply) -> None:
        """Add up how long the cells took."""
        self.seconds += time.monotonic() - self.began

    def _keep(self, failed: Path, what: str, line: int | None = None) -> Message:
        """Message about a failure; the notebook is kept as far as it got, unless stopped."""
        if not self.stopped:
            write(self.executed, failed)
        return Message("{notebook}, {cell}, line {line}: {what}" if line
                       else "{notebook}, {cell}: {what}", notebook=self.notebook.name,
                       cell=_name(self.cell), line=line, what=what)

    def _cell_error(self, error: PapermillExecutionError) -> tuple[str, int | None]:
        line = _failing_line(error.traceback)
        message = COMPILED.sub("", " ".join(ANSI.sub("", error.evalue).split()))[:LONGEST_MESSAGE]
        what = f"{error.ename}: {message}" if message else error.ename
        return what + _source_line(self.cell.source, line), line

    def _kernel_death(self, log: Path) -> Message:
        last = _last_line(log)
        memory = self.peak and Message(", having used {peak:.0f} MiB of memory at most",
                                       peak=self.peak / 2**20)
        return Message("the kernel {ending}{memory} ({last})" if last
                       else "the kernel {ending}{memory}", ending=_ending(self.exit_code),
                       memory=memory or "", last=last)


papermill_engines.register(ENGINE, Engine)
# What went wrong is said once, by the build.
logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)


def write(notebook, path: Path) -> None:
    """Write a notebook with sorted keys, whole or not at all."""
    files.write(path, nbformat.v4.writes(notebook) + "\n")


def one_language(notebook, lang: str, own: bool = True, paired: bool = True):
    """Notebook with each text in one language, or in the next best that it is written in, without
    what is tagged for another data package; every cell notes its number in the original."""
    for number, cell in enumerate(notebook.cells, start=1):
        cell.metadata["number"] = number
    notebook.cells = [cell for cell, _ in twins(notebook.cells, lang, own, paired)
                      if cell is not None]
    return notebook


def twins(cells: list, lang: str, own: bool = True,
          paired: bool = True) -> list[tuple[object, list]]:
    """Versions of each cell together, and the one that is shown in a language; None where it is
    tagged for another data package, or another kind of questionnaire."""
    left_out = {OTHER_TAG if own else OWN_TAG, PLAIN_TAG if paired else PAIRED_TAG}
    versions: dict[tuple[str, bool], dict[str, object]] = {}
    for cell in cells:
        code = next((tag.removeprefix(LANGUAGE_TAG) for tag in cell.metadata.get("tags", [])
                     if tag.startswith(LANGUAGE_TAG)), "")
        # A code cell may be called like the text above it: only texts have versions.
        name = (cell.id.removesuffix(f"-{code}"), True) if code else (cell.id, False)
        versions.setdefault(name, {})[code] = cell
    found = []
    for group in versions.values():
        chosen = group[next(code for code in ("", *preferred(lang), *group) if code in group)]
        skipped = not left_out.isdisjoint(chosen.metadata.get("tags", []))
        found.append((None if skipped else chosen, list(group.values())))
    return found


def in_force(cells: list, parameters: dict) -> None:
    """Write the values of a build into the parameters cell, whose own are those of the project's
    package, and would stand there as if they were another one's."""
    for cell in cells:
        if PARAMETERS_TAG in cell.metadata.get("tags", []):
            cell.source = assigned(cell.source, parameters)


def literals(source: str) -> dict[str, object]:
    """Values of the assignments of a parameters cell; what cannot be read has none.

    >>> literals("k = 5  # classes\\nmaps = [\\nlevel = k / 2\\nyear = 2023")
    {'k': 5, 'year': 2023}
    """
    return {name: value for name, value, _ in _assignments(source.splitlines())}


def assigned(source: str, values: Mapping[str, object]) -> str:
    """Assignments with other values, each on a line with its comment.

    >>> print(assigned('k = 5  # classes\\nmaps = [  # further maps\\n    "idm"]', {"maps": []}))
    k = 5  # classes
    maps = []  # further maps
    """
    lines = source.splitlines()
    for name, given, own in reversed(_assignments(lines)):
        if values.get(name, given) != given:
            comment = next((line.partition("  #")[2] for line in lines[own] if "  #" in line), "")
            value = str(values[name]) if not isinstance(values[name], str | list) else json.dumps(
                values[name], ensure_ascii=False)
            lines[own] = [f"{name} = {value}" + (f"  #{comment}" if comment else "")]
    return "\n".join(lines)


def _assignments(lines: list[str]) -> list[tuple[str, object, slice]]:
    """Name, value and lines of every statement that gives one name a literal, whatever the others
    are, while somebody writes them."""
    found, start = [], 0
    while start < len(lines):
        for end in range(start + 1, len(lines) + 1):
            with suppress(SyntaxError, ValueError):
                body = ast.parse("\n".join(lines[start:end])).body
                break
        else:
            body, end = [], start + 1
        with suppress(ValueError, TypeError, AttributeError):
            [statement] = body
            [target] = statement.targets
            found.append((target.id, ast.literal_eval(statement.value), slice(start, end)))
        start = end
    return found


def normalised(notebook, hidden: dict[str, str]):
    """Notebook without what differs between two runs: times, random ids, folders, addresses."""
    notebook.metadata = type(notebook.metadata)(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python", "file_extension": ".py", "mimetype": "text/x-python",
                       "pygments_lexer": "ipython3"})
    for cell in notebook.cells:
        for key in ("papermill", "execution", "ExecuteTime"):
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags"):
            # papermill gives every cell an empty list.
            cell.metadata.pop("tags", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("papermill", None)
            _hide(output, hidden)
    return notebook


def _hide(output, hidden: dict[str, str]) -> None:
    holders = [(output, "text")] if "text" in output else []
    holders += [(output.data, mime) for mime in output.get("data", {}) if mime.startswith("text/")]
    for holder, key in holders:
        text = holder[key]
        for string, shown in sorted(hidden.items(), key=lambda pair: -len(pair[0])):
            text = text.replace(string, shown)
        holder[key] = ADDRESS.sub("0x…", text) if key in ("text", "text/plain") else text


def _name(cell) -> Message:
    if cell is None:
        return Message("before the first cell")
    number = cell.metadata.get("number")
    return Message("cell {number} ({id})" if number else "the injected parameters",
                   number=number, id=cell.id)


def _failing_line(traceback: list[str]) -> int | None:
    found = CELL_LINE.search(ANSI.sub("", "\n".join(traceback)))
    return int(found.group(1) or found.group(2)) if found else None


def _source_line(source: str, line: int | None) -> str:
    lines = source.splitlines()
    return f"\n  {lines[line - 1].strip()}" if line and line <= len(lines) else ""


def _ending(code: int | None) -> Message:
    if code is None or code == 0:
        return Message("ended")
    if code > 0:
        return Message("ended with exit code {code}", code=code)
    try:
        return Message("was killed by {signal}", signal=signal.Signals(-code).name)
    except ValueError:
        return Message("was killed by signal {number}", number=-code)


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.is_file() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "")[:LONGEST_MESSAGE]
