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
from helpers.verdict import (
    compare,
    drawing,
    on_disk,
    posters,
    reading,
    snapshot,
    surroundings,
    traced,
    verdict,
)
from helpers.verdict.clean_build import LANG, CleanBuild, Tree


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
        outs, errors = _build_twice(sources, built, say)
        items = verdict.judge(*outs, kept, verdict.Declared.of(sources[0]), built)
        items += _of_the_sources(sources[0], outs[0], tree.commit, built)
        there = None if errors else on_disk.compared(outs[0], project.out, built,
                                                     project.processed)
        extra = _further(sources[0], outs[0], folder / "full", say) if full and not errors else []
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


def rewrite_reference(project: Project, say: Callable[[str], None] = messages.say) -> int:
    """Make builds of the project as it stands, one a language, the reference, and their figures
    the pictures of the READMEs; say what changed, claims first."""
    reference, declared = project.root / "reference", verdict.Declared.of(project.root)
    with tempfile.TemporaryDirectory(prefix="kb-reference-") as name:
        outs = {lang: Path(name).resolve() / lang for lang in posters.PLACES}
        say(Message("reference: a clean build with plain kernels in every language ..."))
        errors = _build([project.root] * len(outs), outs, say)
        if errors:
            say(Message("reference: the build failed; nothing changed"))
            return 1
        before = snapshot.read(reference)
        items = {lang: verdict.judge(out, out, before, declared, lang)
                 for lang, out in outs.items()}
        files = {lang: snapshot.files_of(out) for lang, out in outs.items()}
        after = snapshot.of(files.pop(LANG), files)
        _draw_posters(project.root, outs, after, say)
    changed = [item for item in items[LANG] if not item.good]
    for item in changed if before else ():
        say(Message("{kind} {name}: {differences}", kind=item.kind, name=item.name,
                    differences="; ".join(map(verdict.sentence, item.differences))))
    for path in sorted(before.keys() - after.keys()):
        say(Message("{path}: no longer made", path=path))
        (reference / path).unlink()
    for path, content in _settled(before, after, items).items():
        (reference / path).parent.mkdir(parents=True, exist_ok=True)
        write(reference / path, content)
    say(Message("reference: {changed} of {items} items changed" if changed
                else "reference: nothing changed", changed=len(changed), items=len(items[LANG])))
    return 0


def _draw_posters(root: Path, outs: dict[str, Path], after: dict[str, bytes],
                  say: Callable[[str], None]) -> None:
    """Make the pictures of the READMEs; the reference keeps a code of each."""
    codes = {}
    for lang, path in posters.PLACES.items():
        made = posters.compose(outs[lang] / "figures")
        if made is None:
            continue
        if posters.difference(root, outs[lang], lang):
            write(root / path, made)
            say(Message("{path}: made again", path=path))
        codes[path] = [drawing.pixels(made)]
    after[posters.CODES] = reading.dump(codes)


def _settled(before: dict[str, bytes], after: dict[str, bytes],
             items: dict[str, list[verdict.Item]]) -> dict[str, bytes]:
    """What of a new reference is written: what lies within the tolerance stays as it is, so that
    another machine does not stir the reference."""
    near = {lang: {item.name for item in found if item.kind == "figure" and item.good}
            for lang, found in items.items()}
    written = {}
    for path, content in after.items():
        folder, _, name = path.rpartition("/")
        old = before.get(path)
        if folder == "fingerprints" and old is not None:
            lang = Path(name).stem
            content = reading.dump(verdict.settled(reading.load(old), reading.load(content),
                                                   near.get(lang, set())))
        elif old is not None and path.endswith(".png"):
            content = old if Path(name).stem in near[LANG] else content
        elif old is not None and compare.first_difference(path, old, content) is None:
            content = old
        if content != old:
            written[path] = content
    return written


def _build_twice(sources: list[Path], lang: str, say: Callable[[str], None]
                 ) -> tuple[list[Path], list[str]]:
    """Build two folders at the same time, each in its own interpreter."""
    outs = [source.parent / "out" for source in sources]
    return outs, _build(sources, dict(enumerate(outs)), say, lang)


def _build(sources: list[Path], outs: dict, say: Callable[[str], None], lang: str | None = None
           ) -> list[str]:
    """Build into folders at the same time, in a language or in that of their keys; errors."""
    errors, jobs = [], max(1, (os.cpu_count() or 1) // len(outs))
    with ExitStack() as stack:
        builds = [stack.enter_context(CleanBuild(source, out, jobs, lang=lang or key))
                  for source, (key, out) in zip(sources, outs.items())]
        for number, build in enumerate(builds, start=1):
            error = build.wait()
            say(Message("build {number}: {error}" if error
                        else "build {number}: done after {seconds:.0f} s", number=number,
                        error=error, seconds=time.monotonic() - build.start))
            errors += [f"build {number}: {error}"] if error else []
    return errors


def _of_the_sources(source: Path, out: Path, commit: str | None, lang: str) -> list[verdict.Item]:
    """Items about the sources: the provenance names them, the READMEs show this build."""
    traces, picture = verdict.Item("other", "provenance"), verdict.Item("other", "README")
    for difference in traced.differences(snapshot.files_of(out), source, commit):
        traces.fail("consistent", **difference)
    if difference := posters.difference(source, out, lang):
        picture.fail("consistent", **difference)
    return [traces, picture]


def _further(source: Path, built: Path, folder: Path, say: Callable[[str], None]) -> list[dict]:
    """Vary the surroundings, change the sources on purpose, break builds, attack what is hidden."""
    disclosure_attack, fault_injection, mutation_checks, reproducibility = map(tool, (
        "checks.disclosure_attack", "checks.fault_injection", "checks.mutation_checks",
        "checks.reproducibility"))

    tree = Tree.of(source)
    kept, declared = snapshot.read(source / "reference"), verdict.Declared.of(source)
    checks = reproducibility.run(tree, folder / "variations", say)
    checks += mutation_checks.run(tree, built, kept, declared, folder / "mutations", say)
    checks += tool("checks.mutated_inputs").run(folder / "inputs", say=say)
    checks += disclosure_attack.run(built)
    return checks + fault_injection.run(folder / "faults")


def _facts(tree: Tree, errors: list[str], lang: str = LANG, there: dict | None = None) -> dict:
    lock = tree.root / "requirements.lock"
    installed = surroundings.libraries(lock) if lock.is_file() else {}
    return {"commit": tree.commit, "tree": tree.state, "dirty": list(tree.dirty), "errors": errors,
            "lang": lang, "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}", "libraries": installed,
            "not_as_locked": surroundings.not_as_locked(lock, installed) if installed else [],
            "outputs": there, "not_compared": [],
            "tolerance": {"fractions": compare.RELATIVE, "picture_mean": drawing.MEAN,
                          "picture_worst_tile": drawing.WORST, "else": "exact"}}


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
