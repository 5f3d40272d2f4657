"""The stages as pytask tasks: pytask says what is stale and in which order, a few kernels run at a
time.

A task depends on nodes that hold content, never times: the notebook, each helper module that it
imports, each resource, each parameter, the lock. Its products are one node whose state is the hash
of what lies on disk, so that a table that was removed or edited by hand is made again.
"""

import json
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import helpers
from helpers import messages
from helpers.errors import Error
from helpers.files import write
from helpers.messages import Message
from helpers.run import dependencies, git_state, languages, output_dir, provenance
from helpers.run.documents import Document
from helpers.run.execution import read_audit
from helpers.run.nodes import Content, Made, Task
from helpers.run.plan import Stage
from helpers.run.products import Products, known
from helpers.run.project import Inputs, Project, digest, file_digest
from helpers.run.schedule import Schedule

VERDICT = "verdict"


@dataclass
class Outcome:
    """How a build ended."""

    ran: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    held_back: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    stopped: bool = False


class Build:
    """One build of some stages of a project, and of the documents that are asked for.

    Parameters
    ----------
    project : Project
        Folders and choices.
    inputs : Inputs
        Checked parameters and data package.
    names : list of str
        The stages to bring up to date.
    documents : sequence of Document
        The site, the report: what is made from the results of these stages.
    say : callable
        Takes one status line.
    """

    def __init__(self, project: Project, inputs: Inputs, names: list[str],
                 documents: Sequence[Document] = (), say: Callable[[str], None] = messages.say):
        self.project = project
        self.inputs = inputs
        self.stages = [stage for stage in project.stages if stage.name in names]
        self.documents = documents
        self.say = say
        self.running: dict[str, object] = {}
        self.schedule: Schedule | None = None
        self.why: dict[str, list[str]] = {}
        self.times: dict[str, dict[str, float]] = {}
        # Read once, before anything runs: what is edited meanwhile counts as changed the next time.
        self.contents = {stage.name: self._contents(stage) for stage in self.stages}
        self.code = git_state.state(project.root)
        self.facts = {stage.name: self._facts(stage)
                      for stage in self.stages} if inputs.described else {}
        self.contents |= {
            document.name: self._document_contents(document) for document in documents
        }
        self.outcome = Outcome()

    def reasons(self) -> dict[str, list[str]]:
        """Return why each stage would run; an empty list means that it is up to date. Runs
        nothing."""
        session = self._pytask(explain=True)
        found = {}
        for report in session.execution_reports:
            if report.outcome.name == "FAIL":
                raise report.exc_info[1]
            reasons = report.task.attributes["explanation"].reasons
            new = any(reason.node_type == "source" and reason.reason == "not_in_db"
                      for reason in reasons)
            found[report.task.name] = [Message("first run")] if new else sorted({
                _reason(reason, self._products(report.task.name)) for reason in reasons
                if reason.node_name != f"results of {report.task.name}"})
        return {name: found[name] for name in self.contents if name in found}

    def record(self) -> None:
        """Write down what the stages and documents that are up to date were made from."""
        done = self.outcome.ran + self.outcome.fresh
        documents = {
            document.name: provenance.of_document(self._by_name(document.name))
            for document in self.documents if document.name in done and not document.holds_record
        }
        provenance.record(self.project, self.inputs,
                          {name: facts for name, facts in self.facts.items() if name in done},
                          self.code, documents)

    def run(self) -> Outcome:
        """Bring the stages up to date."""
        why = self.why = self.reasons()
        stale = [name for name, reasons in why.items() if reasons]
        self.outcome.fresh = [name for name in why if name not in stale]
        for name in self.outcome.fresh:
            self.say(Message("{name:<12} up to date", name=name))
        if not stale:
            return self.outcome
        # Imported before threads start: two threads that import the same package at once may
        # deadlock.
        from helpers.run.execution import execute, private  # noqa: F401

        private.sweep()
        with _stoppable():
            self.schedule = Schedule(self.stages, self._certain(set(stale)), self._run_stage,
                                     self.project.jobs)
            try:
                self.schedule.start()
                for report in self._pytask(explain=False).execution_reports:
                    self._note(report)
            finally:
                self.schedule.stop(self._end_running)
        write(self.project.state / "times.json", json.dumps(self.times))
        return self.outcome

    def _certain(self, stale: set[str]) -> dict[str, set[str]]:
        """Return the stages that have to run, with the stale ones before each.

        One that waits for a stale stage need not run itself, unless it never ran: what it reads may
        come out the same.
        """
        before = {
            stage.name: stale & set(stage.after) for stage in self.stages if stage.name in stale
        }
        return {name: others for name, others in before.items()
                if not others or not self._products(name).manifest.is_file()}

    def _pytask(self, explain: bool):
        import pytask
        from sqlalchemy import Engine, event

        event.listen(Engine, "connect", _without_waiting)
        config = self.project.state / "pytask.toml"
        write(config, "[tool.pytask.ini_options]\n")
        pytask.console.quiet = True
        options = {
            "config": config, "capture": "no", "explain": explain, "verbose": 0,
            "show_traceback": False
        }
        session = pytask.build(tasks=self._tasks(), **options)
        if session.exit_code == pytask.ExitCode.CONFIGURATION_FAILED:
            # Its memory is unreadable: without it everything counts as new, which costs time and
            # nothing else.
            self._forget()
            session = pytask.build(tasks=self._tasks(), **options)
        if len(session.tasks) != len(self.stages) + len(self.documents):
            raise RuntimeError(f"pytask could not read the tasks ({session.exit_code.name})")
        return session

    def _forget(self) -> None:
        shutil.rmtree(self.project.state / ".pytask", ignore_errors=True)
        for path in self.project.state.glob("pytask.lock*"):
            path.unlink()

    def _note(self, report) -> None:
        import pytask

        name = report.task.name
        if report.outcome == pytask.TaskOutcome.SUCCESS:
            self.outcome.ran.append(name)
        elif report.outcome == pytask.TaskOutcome.SKIP_UNCHANGED and name not in self.outcome.fresh:
            self.outcome.fresh.append(name)
            self.say(Message("{name:<12} up to date: what it reads came out the same", name=name))
        elif report.outcome == pytask.TaskOutcome.SKIP_PREVIOUS_FAILED:
            self.outcome.held_back.append(name)
            self.say(Message("{name:<12} not run: a stage before it failed", name=name))
        elif report.outcome == pytask.TaskOutcome.FAIL:
            error = report.exc_info[1]
            if isinstance(error, KeyboardInterrupt):
                self.outcome.stopped = True
            else:
                self.outcome.failed.append(name)
                self.outcome.errors.append(_message(name, error))

    def _tasks(self) -> list[Task]:
        self._made = {stage.name: self._made_nodes(stage.name) for stage in self.stages}
        tasks = [self._stage_task(stage) for stage in self.stages]
        return tasks + [self._document_task(document) for document in self.documents]

    def _made_nodes(self, name: str) -> dict[str, Made]:
        products = self._products(name)
        return {"all": Made(Message("what {name} made", name=name), products),
                "results": Made(Message("results of {name}", name=name), products, _is_result)}

    def _stage_task(self, stage: Stage) -> Task:
        before = [self._made[name]["results"] for name in stage.after if name in self._made]
        depends_on = {
            str(number): node for number, node in enumerate(self.contents[stage.name] + before)
        }

        return Task(stage.name, lambda: self.schedule.wait_for(stage), depends_on,
                    dict(self._made[stage.name]), self._build_code())

    def _contents(self, stage: Stage) -> list[Content]:
        project, inputs = self.project, self.inputs
        notebook = project.notebooks / f"{stage.notebook}.ipynb"
        nodes = [Content(notebook.name, file_digest(notebook)), self._descriptor()]
        nodes += self._helpers(dependencies.notebook_code(notebook), (stage.name, "common"))
        nodes += [
            Content(Message("resource {name}", name=name), inputs.resources[name])
            for name in stage.reads(inputs.resources)
        ]
        nodes += [
            Content(Message("parameter {name}", name=name), json.dumps(value))
            for name, value in self._named_parameters(stage)
        ]
        if stage.weighs and project.choices_file.is_file():
            nodes.append(Content(project.choices_file.name, file_digest(project.choices_file)))
        nodes += self._surroundings()
        # pytask compares the dependencies that there are; this one changes when one is gone.
        return nodes + [Content(Message("the list of what it reads"), _names(nodes))]

    def _facts(self, stage: Stage) -> dict:
        return provenance.of_stage(stage, self._by_name(stage.name), self.inputs)

    def _by_name(self, name: str) -> dict[str, str]:
        return {node.name: node.content for node in self.contents[name]}

    def _descriptor(self) -> Content:
        return Content("datapackage.json", digest(self.inputs.about))

    def _named_parameters(self, stage: Stage) -> list[tuple[str, object]]:
        chosen = self.inputs.parameters
        return ([(name, chosen[name]) for name in ("seed", "lang")]
                + [(f"{stage.name}.{name}", value)
                   for name, value in chosen.get(stage.name, {}).items()]
                + [(f"{section}.{name}", value) for section, values in self._weighed(stage).items()
                   for name, value in values.items()])

    def _weighed(self, stage: Stage) -> dict[str, dict]:
        """Return the parameters of other stages that a stage reads, by section."""
        found: dict[str, dict] = {}
        for named in stage.weighed():
            section, _, name = named.partition(".")
            if name in self.inputs.parameters.get(section, {}):
                found.setdefault(section, {})[name] = self.inputs.parameters[section][name]
        return found

    def _helpers(self, code: str, domains: tuple[str, ...]) -> list[Content]:
        source = self.project.source
        return [Content(f"{source.name}/{path.relative_to(source).as_posix()}", file_digest(path))
                for path in dependencies.helper_files(code, source, domains)]

    def _surroundings(self) -> list[Content]:
        lock, python = self.project.root / "requirements.lock", ".".join(
            map(str, sys.version_info[:2]))
        return [Content(lock.name, file_digest(lock)), Content("Python", python)]

    def _build_code(self) -> str:
        return digest([
            file_digest(Path(__file__).with_name("execution") / name)
            for name in ("execute.py", "engine.py", "kernel.py")
        ])

    def _document_contents(self, document: Document) -> list[Content]:
        code = self._helpers(f"import {document.module}", (*document.domains, "common"))
        nodes = [self._descriptor(), *code, *self._surroundings(),
                 Content(Message("parameter lang"), json.dumps(self.inputs.parameters["lang"])),
                 Content(Message("the stages"), " ".join(stage.name for stage in self.stages)),
                 Content(Message("what the stages are made from"), digest(self.facts)),
                 Content(Message("the commit"), " ".join(self.code.values()))]
        if document.bilingual:
            nodes.append(Content(Message("the other language"), languages.state(self.project)))
        if document.shows_verdict:
            nodes.append(
                Content(Message("the verdict's page"), " ".join(self._products(VERDICT).files)
                        or "not there"))
        return nodes

    def _document_task(self, document: Document) -> Task:
        nodes = self.contents[document.name] + [made["all"] for made in self._made.values()]
        depends_on = {str(number): node for number, node in enumerate(nodes)}
        produces = {"all": Made(Message("the document {name}", name=document.name),
                                self._products(document.name))}
        return Task(document.name, lambda: self._run_document(document), depends_on, produces,
                    self._build_code())

    def _products(self, name: str) -> Products:
        return Products(self.project, name)

    def _run_stage(self, stage: Stage) -> None:
        from helpers.run.execution.execute import Run, StageFailed

        project, products = self.project, self._products(stage.name)
        parameters = {
            name.rpartition(".")[2]: value for name, value in self._named_parameters(stage)
        }
        run = Run(project.notebooks / f"{stage.notebook}.ipynb", parameters,
                  self._environment(stage, products), project.root)
        failed = project.out / "failed" / f"{stage.notebook}.ipynb"
        with self._timed(stage.name, run):
            try:
                staging = products.start()
                run.execute(staging / "notebooks" / f"{stage.notebook}.ipynb", failed,
                            self._hidden(staging))
                products.accept()
            except StageFailed as error:
                raise StageFailed("{error}\n  {remedy}", error=error,
                                  remedy=self._how_to_open(failed)) from None
            finally:
                products.discard()

    def _run_document(self, document: Document) -> None:
        products = self._products(document.name)
        with self._timed(document.name):
            try:
                made = [
                    product for stage in self.stages for product in self._products(stage.name).files
                ]
                facts = provenance.collect(self.project, self.inputs, self.facts, self.code)
                document.make(self.project, self.inputs, made, facts, products.start())
                products.accept()
            finally:
                products.discard()

    @contextmanager
    def _timed(self, name: str, run=None):
        start = time.monotonic()
        self.running[name] = run
        try:
            yield
        except Exception:
            if not (run and run.stopped):
                self.say(Message("{name:<12} failed after {seconds:.1f} s", name=name,
                                 seconds=time.monotonic() - start))
            raise
        else:
            seconds = time.monotonic() - start
            if run is not None:
                self.times[name] = {"wall": seconds, "cells": run.seconds}
            self.say(Message("{name:<12} done in {seconds:.1f} s  ({reason})", name=name,
                             seconds=seconds, reason=_short(self.why[name])))
        finally:
            del self.running[name]

    def _environment(self, stage: Stage, products: Products) -> dict[str, str]:
        project, names = self.project, stage.reads(self.inputs.resources)
        results = [project.place(product) for before in stage.after
                   for product in self._products(before).files if _is_result(product)]
        read = [file for name in names for file in self.inputs.files.get(name, ())]
        choices = [project.choices_file] if stage.weighs else []
        watched = read_audit.rules(
            stage.name, [project.root, project.raw, project.out, project.processed],
            [project.raw / "datapackage.json", *choices, *read, *results],
            [products.staging, project.source,
             Path(helpers.__file__).parent])
        return {"KESENJANGAN_RAW": str(project.raw), "KESENJANGAN_OUT": str(project.out),
                "KESENJANGAN_STAGING": str(products.staging), "KESENJANGAN_READS": " ".join(names),
                "KESENJANGAN_PARAMETERS": json.dumps(self._weighed(stage))} | watched

    def _hidden(self, staging: Path) -> dict[str, str]:
        project = self.project
        folders = {
            staging: "outputs", project.out: "outputs", project.raw: "data/raw", project.root: ".",
            Path(sys.prefix): "python",
            Path(sys.base_prefix): "python",
            Path.home(): "~"
        }
        # The root of a file system is part of every path and tells nothing.
        return {str(folder): shown for folder, shown in folders.items() if folder != folder.parent}

    def _how_to_open(self, failed: Path) -> str:
        return Message("as far as it got: {failed}; open it with: {python} -m jupyter lab {failed}",
                       failed=self.project.shown(failed),
                       python=self.project.shown(Path(sys.executable)))

    def _end_running(self) -> None:
        for run in list(self.running.values()):
            if run is not None:
                run.stop()


def withdraw(project: Project, inputs: Inputs, say: Callable[[str], None] = messages.say,
             dry: bool = False) -> list[str]:
    """Say which stages the data package does not allow, remove what another package left of them,
    return the others."""
    able = []
    for stage in project.stages:
        missing = stage.missing(inputs.resources)
        if not missing:
            able.append(stage.name)
            continue
        removed = not dry and Products(project, stage.name).remove()
        say(Message("{stage:<12} not in this package: {missing}; earlier results removed" if removed
                    else "{stage:<12} not in this package: {missing}", stage=stage.name,
                    missing=", ".join(missing)))
    return able


def remove_made(project: Project) -> int:
    """Remove every product of every stage; return how many files there were."""
    count = 0
    for products in known(project):
        count += len(products.files)
        products.remove()
    return count


def _is_result(product: str) -> bool:
    return product.endswith((".csv", ".json")) and product.startswith(
        ("tables/", "figures/", "processed/"))


def _reason(reason, products: Products) -> str:
    name, details = reason.node_name, reason.details
    if reason.reason == "cascade":
        return Message("a stage before it runs")
    if reason.reason in ("not_in_db", "first_run"):
        return Message("{name} is new here", name=name)
    if reason.reason == "missing":
        lost = products.lost()
        return Message("{name} is missing" if lost else "{name} is not there yet",
                       name=lost[0] if lost else name)
    if name.startswith("parameter "):
        return Message("{name} changed from {before} to {now}", name=name,
                       before=details["old_hash"], now=details["new_hash"])
    return Message("{name} changed", name=name)


def _names(nodes: list[Content]) -> str:
    return digest(sorted(node.name for node in nodes))


def _message(name: str, error: Exception) -> Message:
    if type(error).__name__ == "StageFailed":
        return error.message
    if isinstance(error, OSError) or output_dir.is_full(error):
        return output_dir.told(error)
    if isinstance(error, Error):
        return Message("{name}: {error}", name=name, error=error)
    return Message("{name}: {kind}: {error}", name=name, kind=type(error).__name__,
                   error=" ".join(str(error).split()))


def _without_waiting(connection, record) -> None:
    """Let the system say when pytask's memory reaches the disk: a loss costs one build, a thousand
    waits cost each one."""
    connection.execute("PRAGMA synchronous = OFF")


def _short(why: list[str]) -> str:
    first, *more = why or [Message("what it made changed meanwhile")]
    return Message("{reason}, and {number} more" if more else "{reason}", reason=first,
                   number=len(more))


@contextmanager
def _stoppable():
    """Treat a polite request to end like Ctrl-C, so that kernels are ended too."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
