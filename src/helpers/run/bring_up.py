"""A target brought up to date: its stages with what they need before, and its documents."""

import hashlib
import sys
import time

from helpers.errors import report
from helpers.files import file_digest
from helpers.messages import say
from helpers.run import output_dir, provenance
from helpers.run.documents import OF_TARGET, SITE, VERDICT, seen_as, translated
from helpers.run.execution.libraries import LOCK, not_as_locked
from helpers.run.inputs import checked, read_inputs
from helpers.run.plan import Stage
from helpers.run.products import Products
from helpers.run.project import Project, digest, tree_digest
from helpers.run.provenance import git_state


def bring_up(project: Project, target: str, explain: bool = False) -> int:
    """Exit status of bringing a target (a stage, a document, ``all``) up to date, or explaining it.
    """
    if project.both:
        twin = translated(project)
        say("first the results in the other language ({lang}), then those of {target} and the "
            "pages in both", lang=twin.lang, target=target)
        if status := bring_up(twin, "figures", explain):
            return status
    start, seen = time.monotonic(), glance(project)
    if not explain and nothing_to_do(project, target, seen):
        _say_nothing_to_do(target, start)
        return 0
    from helpers.run.execution import kernels

    if not explain:
        # At once, so that it imports while this process reads and checks the input.
        kernels.start_server()
    inputs = read_inputs(project)
    with output_dir.hold(project):
        if not explain:
            checked(project).note(validated=inputs.passed)
        work = _work(project, inputs, target, say, seen, explain)
        return _explain(work) if explain else _build(work, target, start, seen)


def stale(project: Project, target: str) -> list[str]:
    """Stages and documents that a build would run."""
    work = _work(project, read_inputs(project), target, [].append, None, dry=True)
    return [name for name, why in work.reasons().items() if why]


def stages_of(target: str, stages: tuple[Stage, ...]) -> list[str]:
    """Stages of a target, with what they need before.

    >>> from helpers.run.plan import STAGES
    >>> stages_of("scoring", STAGES)
    ['scoring']
    >>> stages_of("synthesis", STAGES)
    ['sampling', 'scoring', 'disparity', 'force_field', 'synthesis']
    """
    chosen = [name for stage in stages if stage.name == target for name in (*stage.after, target)]
    return chosen or [stage.name for stage in stages]


def glance(project: Project) -> str | None:
    """Hash of all that a build can read, found without an import that takes time; None where
    something is not there.

    It counts too much rather than too little: all of the data package, all notebooks, all helpers.
    """
    found = hashlib.sha256(digest([
        project.lang, sys.version_info[:2], git_state.commit(project.root),
        Products(project, VERDICT).files]).encode())
    try:
        found.update(" ".join(not_as_locked(project.root / LOCK)).encode())
        for folder in (project.raw, project.notebooks, project.source):
            found.update(tree_digest(folder).encode())
        for path in (project.root / "params.yml", project.root / LOCK,
                     project.parameters_file, *project.plan_files):
            found.update(file_digest(path).encode() if path else b"-")
    except OSError:
        return None
    return found.hexdigest()


def nothing_to_do(project: Project, target: str, seen: str | None) -> bool:
    """Whether all was up to date when a build last saw these bytes, and is as it was then."""
    documents = [document.name for document in OF_TARGET.get(target, ())]
    names = [*stages_of(target, project.stages), *documents, provenance.NAME]
    return seen is not None and all(
        Products(project, name).settled(seen_as(project, name, seen)) for name in names)


def _work(project: Project, inputs, target: str, say_line, seen: str | None, dry: bool):
    from helpers.run import runner

    able = runner.skip_unavailable(project, inputs, say_line, seen, dry)
    names = [name for name in stages_of(target, project.stages) if name in able]
    shown = OF_TARGET.get(target, ()) if names else ()
    return runner.Build(project, inputs, names, shown, say_line)


def _build(work, target: str, start: float, seen: str | None) -> int:
    outcome = work.run()
    work.record(seen)
    for error in dict.fromkeys(outcome.errors):
        report(error)
    if outcome.stopped:
        raise KeyboardInterrupt
    if outcome.failed:
        return 1
    if outcome.ran:
        values = {"target": target, "seconds": time.monotonic() - start}
        out, page = work.project.out, work.project.out / SITE.name / "index.html"
        if SITE in OF_TARGET.get(target, ()) and page.is_file():
            say("{target}: done in {seconds:.1f} s; open {page}", **values,
                page=work.project.shown(page))
        else:
            say("{target}: done in {seconds:.1f} s; results in {out}", **values,
                out=work.project.shown(out))
    else:
        _say_nothing_to_do(target, start)
    return 0


def _say_nothing_to_do(target: str, start: float) -> None:
    say("{target}: nothing to do, everything is up to date ({seconds:.1f} s)", target=target,
        seconds=time.monotonic() - start)


def _explain(work) -> int:
    for name, why in work.reasons().items():
        say("{name:<12} would run:" if why else "{name:<12} up to date", name=name)
        for reason in why:
            say("{name:<12} - {reason}", name="", reason=reason)
    return 0
