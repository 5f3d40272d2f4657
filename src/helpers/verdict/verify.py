"""``make verify`` and ``make reference``: two clean builds against each other and the reference."""

import os
import platform
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from helpers import messages
from helpers.errors import InputError
from helpers.files import write
from helpers.messages import Message
from helpers.run.bring_up import bring_up, stale
from helpers.run.documents import SITE, VERDICT, bilingual
from helpers.run.output_dir import hold
from helpers.run.products import Products
from helpers.run.project import Project, tool
from helpers.verdict import compare, snapshot, verdict
from helpers.verdict.clean_build import LANG, CleanBuild, Tree


def run(project: Project, full: bool, lang: str = LANG,
        say: Callable[[str], None] = messages.say) -> bool:
    """Verify the root of the project, write the verdict and its pages into the output folder;
    return whether everything holds.

    ``full``: also vary the surroundings, mutate the sources, and break builds. ``lang`` is that of
    the page; what is built is in the language of the reference.
    """
    tree = Tree.of(project.root)
    say(Message("verify: {tree}", tree=tree.sentence()))
    with tempfile.TemporaryDirectory(prefix="kb-verify-") as name:
        folder = Path(name).resolve()
        sources = [tree.check_out_to(folder / place / "project") for place in ("first", "second")]
        say(Message("verify: two builds with plain kernels, each in a folder of its own ..."))
        outs, errors = _build_twice(sources, say)
        items = verdict.judge(*outs, snapshot.read(sources[0] / "reference"),
                              verdict.Declared.of(sources[0]))
        extra = _further(sources[0], outs[0], folder / "full", say) if full and not errors else []
        found = verdict.as_json(items, _facts(tree, errors), extra)
        _publish(project, found, lang)
        _link(project)
    for line in verdict.summary(found):
        say(line)
    say(Message("verify: {verdict}, {table}", verdict=project.shown(project.out / "verdict.json"),
                table=project.shown(project.out / "site" / "verdict.html")))
    return verdict.holds(found)


def rewrite_reference(project: Project, say: Callable[[str], None] = messages.say) -> int:
    """Make a build of the project as it stands the reference; say what changed, claims first."""
    reference = project.root / "reference"
    with tempfile.TemporaryDirectory(prefix="kb-reference-") as name:
        out = Path(name).resolve() / "out"
        say(Message("reference: a clean build with plain kernels ..."))
        with CleanBuild(project.root, out, project.jobs) as build:
            error = build.wait()
        if error:
            say(error)
            say(Message("reference: the build failed; nothing changed"))
            return 1
        before, after = snapshot.read(reference), snapshot.of(out)
        items = verdict.judge(out, out, before, verdict.Declared.of(project.root))
    changed = [item for item in items if not item.good]
    for item in changed if before else ():
        say(Message("{kind} {name}: {differences}", kind=item.kind, name=item.name,
                    differences="; ".join(map(verdict.sentence, item.differences))))
    for path in sorted(before.keys() - after.keys()):
        say(Message("{path}: no longer made", path=path))
        (reference / path).unlink()
    for path, content in after.items():
        # What lies within the tolerance stays as it is, so that another machine does not stir the
        # reference.
        if path not in before or compare.first_difference(path, before[path], content) is not None:
            (reference / path).parent.mkdir(parents=True, exist_ok=True)
            write(reference / path, content)
    say(Message("reference: {changed} of {items} items changed" if changed
                else "reference: nothing changed", changed=len(changed), items=len(items)))
    return 0


def _build_twice(sources: list[Path], say: Callable[[str], None]) -> tuple[list[Path], list[str]]:
    """Build two folders at the same time, each in its own interpreter."""
    outs, errors = [source.parent / "out" for source in sources], []
    jobs = max(1, (os.cpu_count() or 1) // len(sources))
    with ExitStack() as stack:
        builds = [stack.enter_context(CleanBuild(source, out, jobs))
                  for source, out in zip(sources, outs)]
        for number, build in enumerate(builds, start=1):
            error = build.wait()
            say(Message("build {number}: {error}" if error
                        else "build {number}: done after {seconds:.0f} s", number=number,
                        error=error, seconds=time.monotonic() - build.start))
            errors += [f"build {number}: {error}"] if error else []
    return outs, errors


def _further(source: Path, built: Path, folder: Path, say: Callable[[str], None]) -> list[dict]:
    """Vary the surroundings, change the sources on purpose, break builds."""
    fault_injection, mutation_checks, reproducibility = map(tool, (
        "checks.fault_injection", "checks.mutation_checks", "checks.reproducibility"))

    tree = Tree.of(source)
    kept, declared = snapshot.read(source / "reference"), verdict.Declared.of(source)
    checks = reproducibility.run(tree, folder / "variations", say)
    checks += mutation_checks.run(tree, built, kept, declared, folder / "mutations", say)
    return checks + fault_injection.run(folder / "faults")


def _facts(tree: Tree, errors: list[str]) -> dict:
    return {"commit": tree.commit, "tree": tree.state, "dirty": list(tree.dirty), "errors": errors,
            "lang": LANG, "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "tolerance": {"fractions": compare.RELATIVE, "picture_mean": compare.PICTURE_MEAN,
                          "picture_worst_tile": compare.PICTURE_WORST, "else": "exact"}}


def _publish(project: Project, found: dict, lang: str) -> None:
    """Write the verdict as products of its own, which the site and ``make clean`` know."""
    from helpers.documents import site

    products = Products(project, VERDICT)
    with hold(project):
        staging = products.start()
        write(staging / "verdict.json", verdict.dump(found))
        for name, page in site.verdict_pages(found, lang, (project.out / "site"
                                                           / "index.html").is_file()).items():
            write(staging / "site" / name, page)
        products.accept()


def _link(project: Project) -> None:
    """Link the pages of a finished site to the verdict, when nothing else would run for that."""
    site = replace(project, lang=None, both=bilingual(project))
    try:
        there = (project.out / "site" / "index.html").is_file()
        if there and stale(site, SITE.name) == [SITE.name]:
            bring_up(site, SITE.name)
    except InputError:
        # The folder as it stands now cannot be built; what was verified is the commit.
        return
