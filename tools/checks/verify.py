"""``make verify``: two clean builds against each other and the reference."""

import platform
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from helpers import messages
from helpers.errors import InputError
from helpers.files import as_json, write
from helpers.messages import Message
from helpers.run.bring_up import bring_up, stale
from helpers.run.documents import SITE, VERDICT, bilingual
from helpers.run.execution.libraries import LOCK, libraries, not_as_locked
from helpers.run.output_dir import hold
from helpers.run.products import Products
from helpers.run.project import Project
from helpers.verdict import compare, drawing, on_disk, snapshot, traced, verdict
from tools.checks import full as further
from tools.checks import posters
from tools.checks.clean_build import LANG, Tree, build_together


def run(project: Project, full: bool, lang: str = LANG,
        say: Callable[[str], None] = messages.say) -> bool:
    """Verify the root of the project, write the verdict and its pages into the output folder;
    return whether everything holds.

    ``full``: also vary the surroundings, mutate the sources, and break builds. ``lang`` is that of
    the page and of the builds, as far as the reference knows it.
    """
    tree = Tree.of(project.root)
    say(Message("verify: {tree}", tree=tree.sentence()))
    with tempfile.TemporaryDirectory(prefix="kb-verify-") as name:
        folder = Path(name).resolve()
        sources = [tree.check_out_to(folder / place / "project") for place in ("first", "second")]
        say(Message("verify: two builds with plain kernels, each in a folder of its own ..."))
        kept = snapshot.read(sources[0] / "reference")
        built = lang if lang in snapshot.known(kept) else LANG
        outs = [source.parent / "out" for source in sources]
        errors = build_together([(source, out, built) for source, out in zip(sources, outs)], say)
        items = verdict.judge(*outs, kept, verdict.Declared.of(sources[0]), built)
        items += _of_the_sources(sources[0], outs[0], tree.commit, built)
        there = None if errors else on_disk.compared(outs[0], project.out, built,
                                                     project.processed)
        extra = []
        if full and not errors:
            extra = further.run(further.Given(Tree.of(sources[0]), folder / "full", say,
                                              outs[0] if built == LANG else None))
        facts = _facts(tree, errors, built, there) | {
            "not_compared": verdict.not_compared(items, kept, built, there)}
        found = verdict.as_json(items, facts, extra)
        _publish(project, found, lang)
        _link(project)
    for line in verdict.summary(found):
        say(line)
    say(Message("verify: {verdict}, {table}", verdict=project.shown(project.out / "verdict.json"),
                table=project.shown(project.out / "site" / "verdict.html")))
    return verdict.holds(found)


def _of_the_sources(source: Path, out: Path, commit: str | None, lang: str) -> list[verdict.Item]:
    """Items about the sources: the provenance names them, the READMEs show this build."""
    traces, picture = verdict.Item("other", "provenance"), verdict.Item("other", "README")
    for difference in traced.differences(snapshot.files_of(out), source, commit):
        traces.fail("consistent", **difference)
    if path := posters.outdated(source, out, lang):
        there = (source / path).is_file()
        picture.fail("consistent", **{"kind": "poster", "name": path} if there
                     else {"kind": "missing", "names": path})
    return [traces, picture]


def _facts(tree: Tree, errors: list[str], lang: str = LANG, there: dict | None = None) -> dict:
    lock = tree.root / LOCK
    installed = libraries(lock) if lock.is_file() else {}
    return {"commit": tree.commit, "tree": tree.state, "dirty": list(tree.dirty), "errors": errors,
            "lang": lang, "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}", "libraries": installed,
            "not_as_locked": not_as_locked(lock, installed) if installed else [],
            "outputs": there, "not_compared": [],
            "tolerance": {"fractions": compare.RELATIVE, "picture_mean": drawing.MEAN,
                          "picture_worst_tile": drawing.WORST, "else": "exact"}}


def _publish(project: Project, found: dict, lang: str) -> None:
    """Write the verdict as products of its own, which the site and ``make clean`` know."""
    from helpers.documents import site

    with hold(project), Products(project, VERDICT).making() as staging:
        write(staging / "verdict.json", as_json(found))
        for name, page in site.verdict_pages(found, lang, (project.out / "site"
                                                           / "index.html").is_file()).items():
            write(staging / "site" / name, page)


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
