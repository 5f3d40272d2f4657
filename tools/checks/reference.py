"""``make reference``: clean builds become the reference, their figures the READMEs' pictures."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from helpers import messages
from helpers.files import write
from helpers.messages import Message
from helpers.run.project import Project
from helpers.verdict import compare, drawing, reading, snapshot, verdict
from tools.checks import posters
from tools.checks.clean_build import LANG, build_together


def run(project: Project, say: Callable[[str], None] = messages.say) -> int:
    """Make builds of the project as it stands, one a language, the reference, and their figures
    the pictures of the READMEs; say what changed, claims first."""
    reference, declared = project.root / "reference", verdict.Declared.of(project.root)
    with tempfile.TemporaryDirectory(prefix="kb-reference-") as name:
        outs = {lang: Path(name).resolve() / lang for lang in posters.PLACES}
        say(Message("reference: a clean build with plain kernels in every language ..."))
        if build_together([(project.root, out, lang) for lang, out in outs.items()], say):
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
    for path, content in _written(before, after, items).items():
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
        if posters.outdated(root, outs[lang], lang):
            write(root / path, made)
            say(Message("{path}: made again", path=path))
        codes[path] = [drawing.pixels(made)]
    after[posters.CODES] = reading.dump(codes)


def _written(before: dict[str, bytes], after: dict[str, bytes],
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
            content = reading.dump(_prints(reading.load(old), reading.load(content),
                                           near.get(lang, set())))
        elif old is not None and path.endswith(".png"):
            content = old if Path(name).stem in near[LANG] else content
        elif old is not None and compare.first_difference(path, old, content) is None:
            content = old
        if content != old:
            written[path] = content
    return written


def _prints(old: dict[str, list[str]], new: dict[str, list[str]], near: set[str]
            ) -> dict[str, list[str]]:
    """Fingerprints that are written: of figures within the tolerance the old ones."""
    kept = {path for name in near for path in verdict.pictures_of(name)
            if path in old and path in new}
    return {path: old[path] if path in kept else found for path, found in new.items()}
