"""One build: which stages and documents are stale, and why; these run, a few kernels at a time.

What is remembered of each is one record (`helpers.run.products`); a reason is the difference
between the record and what there is now, so a table that was edited by hand is made again.
"""

import json
import re
import sys
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
from helpers.run import dependencies, output_dir, provenance
from helpers.run.documents import Document, seen_as
from helpers.run.execution import read_audit
from helpers.run.inputs import Inputs
from helpers.run.plan import Stage
from helpers.run.products import Products, is_result, known
from helpers.run.project import ROOT, Project, digest
from helpers.run.provenance import git_state
from helpers.run.schedule import Schedule
from helpers.study.package import is_own

PICTURE = re.compile(r"figures/.+\.(?:png|svg)")


@dataclass
class Outcome:
    """How a build ended."""

    ran: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    held_back: list[str] = field(default_factory=list)
    errors: list[Message] = field(default_factory=list)
    stopped: bool = False


class Build:
    """One build of some stages of a project, and of the documents that are made from their results.

    ``names`` are those of the stages; ``say`` takes one status line.
    """

    def __init__(self, project: Project, inputs: Inputs, names: list[str],
                 documents: Sequence[Document] = (), say: Callable[[str], None] = messages.say):
        self.project = project
        self.inputs = inputs
        self.stages = [stage for stage in project.stages if stage.name in names]
        self.documents = documents
        self.say = say
        self.running: dict[str, object] = {}
        self.why: dict[str, list[Message]] = {}
        self.times: dict[str, dict[str, float]] = {}
        self.outcome = Outcome()
        # Read once, before anything runs: what is edited meanwhile counts as changed the next time.
        self.code = git_state.state(project.root)
        self.common = dependencies.of_all(project, inputs)
        self.contents = {stage.name: self.common | dependencies.of_stage(project, inputs, stage)
                         for stage in self.stages}
        self.facts = {stage.name: provenance.of_stage(stage, self.contents[stage.name], inputs)
                      for stage in self.stages} if inputs.described else {}
        self.contents |= {document.name: self._document_contents(document)
                          for document in documents}

    def reasons(self) -> dict[str, list[Message]]:
        """Why each stage and document would run; an empty list means that it is up to date."""
        found: dict[str, list[Message]] = {}
        for job in (*self.stages, *self.documents):
            upstream = any(found.get(name) for name in self._before(job))
            found[job.name] = self._reasons(job, upstream)
        return found

    def run(self) -> Outcome:
        """Bring the stages and documents up to date."""
        self.why = self.reasons()
        stale = [name for name, reasons in self.why.items() if reasons]
        for name in self.why:
            if name not in stale:
                self._note_fresh(name, "{name:<12} up to date")
        if stale:
            if other := self.common.get(dependencies.OTHERWISE):
                self.say(Message("libraries   NOT the locked versions: {names}", names=other))
            try:
                self._run_stages([stage for stage in self.stages if stage.name in stale])
                for document in self.documents:
                    if document.name in stale:
                        self._bring_up(document)
            except KeyboardInterrupt:
                self.outcome.stopped = True
            write(self.project.state / "times.json", json.dumps(self.times))
        return self.outcome

    def record(self, seen: str | None = None) -> None:
        """Write down what the stages and documents that are up to date were made from, and the hash
        of all that a build could read when this one read it (``seen``)."""
        done = self.outcome.ran + self.outcome.fresh
        documents = {document.name: provenance.of_document(self.contents[document.name])
                     for document in self.documents if document.name in done
                     and not document.is_site}
        provenance.record(self.project, self.inputs,
                          {name: facts for name, facts in self.facts.items() if name in done},
                          self.code, documents)
        for name in (*done, provenance.NAME) if seen else ():
            if self._products(name).files:
                self._products(name).note(seen=seen_as(self.project, name, seen))

    def _products(self, name: str) -> Products:
        return Products(self.project, name)

    def _before(self, job: Stage | Document) -> Sequence[str]:
        return job.after if isinstance(job, Stage) else [stage.name for stage in self.stages]

    def _reasons(self, job: Stage | Document, upstream: bool) -> list[Message]:
        products = self._products(job.name)
        record = products.record
        if "from" not in record:
            return [Message("first run")]
        if upstream:
            return [Message("an upstream stage will run")]
        return products.damage() + dependencies.differences(record["from"], self._now(job))

    def _now(self, job: Stage | Document) -> dict[str, str]:
        """What a stage or document depends on, with the results of the stages before it."""
        results = {f"results of {name}": self._products(name).state(isinstance(job, Stage))
                   for name in self._before(job) if self._products(name).files}
        return self.contents[job.name] | results

    def _document_contents(self, document: Document) -> dict[str, str]:
        own = dependencies.of_document(self.project, self.inputs, document.module, document.domains)
        return self.common | own | {
            "the stages": " ".join(stage.name for stage in self.stages),
            "what the stages are made from": digest(self.facts),
            "the commit": " ".join(self.code.values())} | document.surroundings(self.project)

    def _run_stages(self, stages: list[Stage]) -> None:
        # Imported before threads start: two threads that import the same package at once may
        # deadlock.
        from helpers.run.execution import execute, private  # noqa: F401

        private.sweep()
        schedule = Schedule(stages, self._run_stage, self.project.jobs)
        try:
            while schedule.waiting or schedule.running:
                for stage, held_back in schedule.start(self._is_stale):
                    self._note_not_run(stage.name, held_back)
                for stage, error in schedule.ended():
                    self._note_run(stage.name, error)
        finally:
            schedule.stop(self._end_running)

    def _bring_up(self, document: Document) -> None:
        """Make a document, here in the main thread, where it can be interrupted."""
        if self.outcome.failed or not self._is_stale(document):
            self._note_not_run(document.name, bool(self.outcome.failed))
            return
        try:
            self._run_document(document)
        except Exception as error:
            self._note_run(document.name, error)
        else:
            self._note_run(document.name, None)

    def _is_stale(self, job: Stage | Document) -> bool:
        """Whether it has to run after all: what it reads may have come out the same."""
        self.why[job.name] = self._reasons(job, upstream=False)
        return bool(self.why[job.name])

    def _note_run(self, name: str, error: BaseException | None) -> None:
        if error is None:
            self.outcome.ran.append(name)
        else:
            self.outcome.failed.append(name)
            self.outcome.errors.append(_message(name, error))

    def _note_not_run(self, name: str, held_back: bool) -> None:
        if held_back:
            self.outcome.held_back.append(name)
            self.say(Message("{name:<12} not run: a stage before it failed", name=name))
        else:
            self._note_fresh(name, "{name:<12} up to date: what it reads came out the same")

    def _note_fresh(self, name: str, template: str) -> None:
        self.outcome.fresh.append(name)
        self.say(Message(template, name=name))

    def _run_stage(self, stage: Stage, alone: bool) -> None:
        from helpers.run.execution import persons
        from helpers.run.execution.execute import Run, StageError

        project, products = self.project, self._products(stage.name)
        parameters = {name.rpartition(".")[2]: value
                      for name, value in self.inputs.parameters_of(stage).items()}
        run = Run(project.notebooks / f"{stage.notebook}.ipynb", parameters,
                  self._run_facts(stage, products, alone), project.root, is_own(self.inputs.about),
                  persons.of_package(project.raw, self.inputs.described),
                  self.inputs.paired)
        failed = project.out / "failed" / f"{stage.notebook}.ipynb"
        made_from = self._now(stage)
        with self._timed(stage.name, run):
            try:
                with products.making(made_from) as staging:
                    run.execute(staging / "notebooks" / f"{stage.notebook}.ipynb", failed,
                                self._hidden(staging))
            except StageError as error:
                if not failed.is_file():  # of what shows persons nothing is kept
                    raise
                remedy = Message("as far as it got: {failed}; open it with: {python} -m jupyter "
                                 "lab {failed}", failed=project.shown(failed),
                                 python=project.shown(Path(sys.executable)))
                raise StageError("{error}\n  {remedy}", error=error, remedy=remedy) from None

    def _run_document(self, document: Document) -> None:
        made_from = self._now(document)
        with self._timed(document.name), self._products(document.name).making(made_from) as staging:
            made = [product for stage in self.stages
                    for product in self._products(stage.name).files]
            facts = provenance.collect(self.project, self.inputs, self.facts, self.code)
            document.make(self.project, self.inputs, made, facts, staging)

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
            first, *more = self.why[name]
            reason = Message("{reason}, and {number} more" if more else "{reason}", reason=first,
                             number=len(more))
            self.say(Message("{name:<12} done in {seconds:.1f} s  ({reason})", name=name,
                             seconds=seconds, reason=reason))
        finally:
            del self.running[name]

    def _run_facts(self, stage: Stage, products: Products, alone: bool) -> dict:
        """What a kernel is told, see `helpers.files.run_facts`; all workers are its own where no
        other stage can run beside it."""
        project, names = self.project, stage.reads(self.inputs.resources)
        results = [project.place(product) for before in stage.after
                   for product in self._products(before).files if is_result(product)]
        read = [file for name in names for file in self.inputs.files.get(name, ())]
        choices = project.plan_files if stage.weighs else []
        audit = read_audit.rules(
            stage.name, [project.root, project.raw, project.out, project.processed],
            # The project's parameters: which of a package's are its own is asked again there.
            [project.raw / "datapackage.json", ROOT / "params.yml", *choices, *read, *results,
             # Of its own earlier results only the pictures, which are kept where nothing changed.
             *(project.place(product) for product in products.files if PICTURE.fullmatch(product))],
            [products.staging, project.source, Path(helpers.__file__).parent, project.kept,
             project.shared])
        return {"raw": str(project.raw), "out": str(project.out), "staging": str(products.staging),
                "reads": names, "parameters": self.inputs.weighed(stage), "audit": audit,
                "kept": str(project.kept), "shared": str(project.shared),
                "jobs": project.jobs if alone else 1,
                "code": digest(dependencies.code_of(self.contents[stage.name]))}

    def _hidden(self, staging: Path) -> dict[str, str]:
        project = self.project
        folders = {staging: "outputs", project.out: "outputs", project.raw: "data/raw",
                   project.root: ".", Path(sys.prefix): "python", Path(sys.base_prefix): "python",
                   Path.home(): "~"}
        # The root of a file system is part of every path and tells nothing.
        return {str(folder): shown for folder, shown in folders.items() if folder != folder.parent}

    def _end_running(self) -> None:
        for run in list(self.running.values()):
            if run is not None:
                run.stop()


def skip_unavailable(project: Project, inputs: Inputs, say: Callable[[str], None] = messages.say,
                     seen: str | None = None, dry: bool = False) -> list[str]:
    """Names of the stages that the data package allows.

    What another package left of the others is removed, unless ``dry``; ``seen`` is remembered.
    """
    able = []
    for stage in project.stages:
        missing = stage.missing(inputs.resources)
        if not missing:
            able.append(stage.name)
            continue
        products = Products(project, stage.name)
        removed = not dry and products.remove()
        if seen and not dry:
            products.note(seen=seen)
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


def _message(name: str, error: BaseException) -> Message:
    if type(error).__name__ == "StageError":
        return error.message
    if isinstance(error, OSError):
        return output_dir.message_of(error)
    if isinstance(error, Error):
        return Message("{name}: {error}", name=name, error=error)
    return Message("{name}: {kind}: {error}", name=name, kind=type(error).__name__,
                   error=" ".join(str(error).split()))
