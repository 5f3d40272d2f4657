"""The reviewer's verdict on a build, in three words: complete, stable, consistent.

*complete*: everything that is declared was made. *stable*: two builds agree in every byte.
*consistent*: whatever a person can read or download says what the reference says, within the
tolerances of :mod:`helpers.verdict.compare` and :mod:`helpers.verdict.drawing`.
"""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from helpers.documents.site.verdict import KINDS, WORDS, sentence
from helpers.languages import DEFAULT
from helpers.messages import Message
from helpers.run.plan import STAGES
from helpers.verdict import compare, drawing, printed, reading, snapshot

FORMS = {"table": ("tables", (".csv", ".html", ".json")),
         "figure": ("figures", (".csv", ".json", ".png", ".svg")),
         "notebook": ("notebooks", (".ipynb",)), "page": ("site", (".html",)),
         "hand_over": ("processed", (".csv",))}
# Further endings of the same things.
ALSO = {"table": (".xlsx",), "figure": (".webp", ".xlsx"), "hand_over": (".xlsx",)}
KEPT = {"table": "tables/{}.csv", "figure": "figures/{}.csv", "notebook": "notebooks/{}.txt",
        "prose": "prose/{}.md", "hand_over": "hand_overs/{}.csv"}
GENERAL_PAGES = ("index", "figures", "tables")
SIDECARS = ("tables", "figures")


@dataclass
class Item:
    """One thing that a build is asked for, and what was found.

    ``kind`` is one of ``KINDS``; each of ``differences`` has a ``kind`` that names the sentence,
    see :mod:`helpers.verdict.compare`. ``near``: the reference's within a tolerance, not exactly.
    """

    kind: str
    name: str
    complete: bool = True
    stable: bool = True
    consistent: bool = True
    differences: list[dict] = field(default_factory=list)
    near: bool = False

    @property
    def good(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.complete and self.stable and self.consistent

    @property
    def turned(self) -> bool:
        """Whether it is a claim that is now decided otherwise."""
        return any(difference["kind"] == "verdict" for difference in self.differences)

    def miss(self, path: str) -> None:
        """Note that a file is not there."""
        if self.complete:
            self.fail("complete", "missing", names=path)
        self.consistent = False

    def fail(self, word: str, kind: str, **values) -> None:
        """Note that one of the three words does not hold, and why."""
        setattr(self, word, False)
        self.differences.append({"kind": kind, **values})


@dataclass(frozen=True)
class Declared:
    """What a project promises to make: names of tables, claims and notebooks."""

    tables: tuple[str, ...]
    claims: tuple[str, ...]
    notebooks: tuple[str, ...]

    @classmethod
    def of(cls, root: Path) -> "Declared":
        """The promises of a project's folder."""
        import yaml

        schemas = yaml.safe_load(
            (root / "src" / "helpers" / "publish" / "tables.yml").read_text(encoding="utf-8"))
        claims = _rows((root / "data" / "raw" / "claims.csv").read_text(encoding="utf-8"))
        return cls(tuple(schemas), tuple(row["claim"] for row in claims),
                   tuple(stage.notebook for stage in STAGES))


def judge(first: Path, second: Path, reference: dict[str, bytes], declared: Declared,
          lang: str = DEFAULT) -> list[Item]:
    """Items of two builds, compared with each other and with the snapshot that was kept.

    Claims that are now decided otherwise come first, then what else is wrong, then the rest.
    """
    return of_files(snapshot.files_of(first), snapshot.files_of(second), reference, declared, lang)


def of_files(first: dict[str, bytes], second: dict[str, bytes], reference: dict[str, bytes],
             declared: Declared, lang: str = DEFAULT) -> list[Item]:
    """Items of the files of two builds, as `judge` gives them."""
    files = [first, second]
    made = Made(first)
    kept = Kept(reference, lang)
    paths: dict[tuple[str, str], list[str]] = {}
    for path in dict.fromkeys([*kept.prints, *files[0], *files[1]]):
        if not path.endswith(snapshot.WORDS):
            paths.setdefault(item_of(path), []).append(path)
    keys = _expected(reference, declared, lang) + list(paths)
    items = {key: Item(*key) for key in sorted(dict.fromkeys(keys), key=lambda key: (
        key[0] != "prose"))}
    for (kind, name), item in items.items():
        own = paths.get((kind, name), [])
        if kind in FORMS:
            _check_complete(item, files[0])
        if kind in KEPT:
            _check_kept(item, made, kept)
        if kind == "figure":
            _check_drawing(item, made, kept)
        if not _said_in_prose(item, items):
            _check_prints(item, own, made, kept, any(one.near for one in items.values()))
        _check_same(item, *files, own)
    tables = [one.get("tables/claims.csv", b"") for one in (*files, reference)]
    claims = [_claim(name, *tables) for name in declared.claims]
    return sorted(claims + list(items.values()),
                  key=lambda item: (not item.turned, item.good, KINDS.index(item.kind)))


class Made:
    """What a build made: its files, and as a snapshot keeps them."""

    def __init__(self, files: dict[str, bytes]):
        self.files = files
        self.readable = snapshot.readable(files)
        self.pictures = snapshot.named_pictures(files)

    def parts(self, path: str) -> list[str]:
        """What a file says."""
        return reading.parts(path, self.files[path], self.pictures)


class Kept:
    """What a reference keeps for builds in a language."""

    def __init__(self, reference: dict[str, bytes], lang: str):
        self.files = reference
        self.prints = snapshot.prints_of(reference, lang)
        own = reading.load(reference.get(snapshot.PRINTS.format(lang), b""))
        self.own = set(own) if lang != DEFAULT else set()
        self.readable = lang == DEFAULT

    def place(self, kind: str, name: str) -> str | None:
        """Where an item is kept so that people can read it, in this language."""
        place = KEPT[kind].format(name)
        path = f"{FORMS[kind][0]}/{name}.csv" if kind in FORMS else ""
        if path and path in self.prints:
            return None
        return place if self.readable or place.endswith(".csv") else None


def item_of(path: str) -> tuple[str, str]:
    """Kind and name of the item that a file belongs to.

    >>> item_of("site/figures/lorenz.svg"), item_of("site/index.html"), item_of("site/site.css")
    (('figure', 'lorenz'), ('page', 'index'), ('other', 'site/site.css'))
    """
    folder, _, name = path.removeprefix("site/").rpartition("/")
    for kind, (home, endings) in FORMS.items():
        if (folder == home or (kind == "page" and path == f"site/{name}")) and name.endswith(
                endings + ALSO.get(kind, ())):
            return kind, name.rpartition(".")[0]
    return "other", path


def as_json(items: list[Item], facts: dict, extra: list[dict]) -> dict:
    """The verdict for machines, with ``facts`` about what was verified.

    ``extra`` are further checks (variations, mutations, faults, disclosure: ``kind``, ``name``,
    ``ok``, ``detail``); ``ok`` is None where one is not possible on this machine.
    """
    words = {word: all(getattr(item, word) for item in items) for word in WORDS}
    listed = [{"kind": item.kind, "name": item.name,
               **{word: getattr(item, word) for word in WORDS},
               "detail": "; ".join(sentence(difference) for difference in item.differences),
               "differences": item.differences} for item in items]
    return {**words, **facts, "items": listed, "full": extra}


def not_compared(items: list[Item], reference: dict[str, bytes], lang: str,
                 there: dict | None) -> list[dict]:
    """What this verdict says nothing about; ``kind`` names the sentence."""
    near = [item.name for item in items if item.near]
    found: list[dict] = [{"kind": "look"}, {"kind": "codes"}, {"kind": "documents"}]
    found += [{"kind": "language", "lang": other} for other in snapshot.known(reference)
              if other != lang]
    found += [{"kind": "near", "names": near}] if near else []
    if there and there["beside"]:
        found.append({"kind": "beside", "names": there["beside"]})
    return found


def holds(verdict: dict) -> bool:
    """Whether nothing is wrong, also not with the results that lie beside the verdict."""
    there = verdict.get("outputs")
    return (all(verdict[word] for word in WORDS)
            and all(check["ok"] is not False for check in verdict["full"])
            and not (there and there["state"] == "other"))


def summary(verdict: dict, longest: int = 12) -> list[str]:
    """The verdict as lines for a terminal, turned claims first."""
    wrong = [item for item in verdict["items"] if not all(item[word] for word in WORDS)]
    lines = [f"{item['kind']} {item['name']}: {item['detail']}" for item in wrong[:longest]]
    if len(wrong) > longest:
        lines.append(Message("... and {number} more, all in verdict.json",
                             number=len(wrong) - longest))
    lines += _beside(verdict)
    checks = verdict["full"]
    lines += [f"{check['kind']} {check['name']}: {check['detail']}" for check in checks
              if check["ok"] is not True]
    for word in WORDS:
        failing = sum(not item[word] for item in verdict["items"])
        lines.append(Message("{word:<11} no: {failing} of {items}" if failing else "{word:<11} yes",
                             word=word, failing=failing, items=len(verdict["items"])))
    if checks:
        passed, idle = (sum(check["ok"] is ok for check in checks) for ok in (True, None))
        lines.append(
            Message("full {passed} of {checks} further checks passed, {idle} not possible here",
                    passed=passed, checks=len(checks), idle=idle))
    return lines


def _beside(verdict: dict) -> list[str]:
    """Lines about the results on this disk, libraries, and what was not compared."""
    lines = []
    if there := verdict.get("outputs"):
        lines.append(Message({
            "none": "outputs     there are none on this disk",
            "same": "outputs     the {files} files on this disk are what was verified",
            "language": "outputs     in another language ({lang}): the {files} tables are what "
                        "was verified, the texts were not compared (lang={lang} does)",
            "other": "outputs     NOT what was verified: {number} differences on this disk, first "
                     "{first} (make all, and make report or make slides where these differ, "
                     "make them again)"}[there["state"]],
            files=there["files"], lang=there["lang"], number=len(there["differences"]),
            first=sentence(there["differences"][0]) if there["differences"] else ""))
    if other := verdict.get("not_as_locked"):
        lines.append(Message("libraries   NOT the locked versions: {names}",
                             names=", ".join(other)))
    if left := verdict.get("not_compared"):
        lines.append(Message("not compared (all in verdict.json): {kinds}",
                             kinds=", ".join(one["kind"] for one in left)))
    return lines


def _expected(reference: dict[str, bytes], declared: Declared, lang: str
              ) -> list[tuple[str, str]]:
    kept = [(kind, Path(path).stem) for kind, pattern in KEPT.items() for path in reference
            if path.startswith(pattern.partition("/")[0] + "/")
            and (lang == DEFAULT or kind != "prose")]
    promised = [("table", name) for name in declared.tables] + [
        ("page", name) for name in GENERAL_PAGES + declared.notebooks]
    promised += [("notebook", name) for name in declared.notebooks]
    if lang == DEFAULT:
        promised += [("prose", name) for name in (*declared.notebooks, *SIDECARS)]
    return promised + kept


def _check_complete(item: Item, made: dict[str, bytes]) -> None:
    home, endings = FORMS[item.kind]
    missing = [f"{home}/{item.name}{ending}" for ending in endings
               if not made.get(f"{home}/{item.name}{ending}")]
    if missing:
        item.fail("complete", "missing", names=", ".join(missing))


def _check_kept(item: Item, made: Made, kept: Kept) -> None:
    """Compare with what the reference keeps for people to read."""
    place = kept.place(item.kind, item.name)
    if place is None:
        return
    if place not in kept.files:
        item.fail("consistent", "no_reference", name=place)
    elif place not in made.readable:
        item.miss(place)
    elif found := compare.first_difference(place, kept.files[place], made.readable[place]):
        item.fail("consistent", **found)


def _said_in_prose(item: Item, items: dict[tuple[str, str], Item]) -> bool:
    """Whether the difference is named already, in the item of the same file's texts."""
    texts = {"notebook": item.name, "figure": "figures", "table": "tables"}.get(item.kind)
    prose = items.get(("prose", texts)) if texts else None
    return not item.consistent or prose is not None and not prose.consistent


def _check_prints(item: Item, paths: list[str], made: Made, kept: Kept, near: bool) -> None:
    """Compare every file with the fingerprints of what it says; of report and slides the words
    alone where a figure is `near` the reference's, as theirs are then too."""
    pictures = pictures_of(item.name) if item.kind == "figure" else ()
    for path in paths:
        known = path in kept.prints or snapshot.kept_as(path) in kept.files
        if path not in made.files:
            item.miss(path)
        elif not known:
            item.fail("consistent", "no_reference", name=path)
        elif path in kept.prints and path not in pictures and (found := reading.difference(
                path, *_said(path, made, kept, near))):
            item.fail("consistent", **found)
        else:
            continue
        return


def _said(path: str, made: Made, kept: Kept, near: bool) -> tuple[list[str], list[str]]:
    both = kept.prints[path], made.parts(path)
    return printed.words_of(*both) if near and path.startswith(printed.DOCUMENTS) else both


def pictures_of(name: str) -> tuple[str, ...]:
    """Places of a figure's drawings and pictures."""
    return tuple(f"{place}figures/{name}.{ending}" for place, ending in (
        ("", "svg"), ("site/", "svg"), ("", "png"), ("site/", "webp")))


def _check_drawing(item: Item, made: Made, kept: Kept) -> None:
    """Compare a drawing by its words, colours and shapes, and the pictures with the drawing."""
    drawn, copy, *pictures = pictures_of(item.name)
    if not item.consistent or drawn not in made.files or drawn not in kept.prints:
        return

    def exact(path: str) -> bool:
        return reading.difference(path, kept.prints.get(path, []), made.parts(path)) is None

    svg, same = made.files[drawn], exact(drawn)
    if not same and (found := _drawn_otherwise(item.name, svg, made, kept)):
        return item.fail("consistent", **found)
    item.near = not same
    if made.files.get(copy, svg) != svg:
        return item.fail("consistent", "copy", name=copy, other=drawn)
    for path in pictures:
        if path not in made.files or path not in kept.prints or exact(path):
            continue
        if same:
            return item.fail("consistent", "copy", name=path, other=drawn)
        if found := drawing.compared(svg, made.files[path], drawing.OTHER_MEAN,
                                     drawing.OTHER_WORST):
            return item.fail("consistent", **found)


def _drawn_otherwise(name: str, svg: bytes, made: Made, kept: Kept) -> dict | None:
    """How a drawing differs from the reference's beyond the tolerance."""
    words = f"figures/{name}.svg{snapshot.WORDS}"
    if words in kept.own:
        return reading.difference(words, kept.prints[words], drawing.words(svg))
    place, small = f"drawings/{name}.txt", f"drawings/{name}.png"
    for path in (place, small):
        if path not in kept.files:
            return {"kind": "no_reference", "name": path}
    return compare.texts(kept.files[place].decode(), made.readable[place].decode()) or (
        drawing.compared(kept.files[small], svg))


def _check_same(item: Item, first: dict[str, bytes], second: dict[str, bytes],
                paths: list[str]) -> None:
    for path in paths:
        if first.get(path) != second.get(path):
            item.fail("stable", "unstable", name=path)
            return


def _claim(name: str, first: bytes, second: bytes, reference: bytes) -> Item:
    item = Item("claim", name)
    found, again, expected = (
        next((row for row in _rows(text.decode()) if row.get("claim") == name), {})
        for text in (first, second, reference))
    if not found or not found["verdict"]:
        item.fail("complete", "undecided")
        item.consistent = False
        return item
    if found != again:
        item.fail("stable", "unstable", name=f"tables/claims.csv, {name}")
    if not expected:
        item.fail("consistent", "no_reference", name=f"tables/claims.csv, {name}")
        return item
    # The verdict is what a claim is about: it is looked at first, whatever the order of the
    # columns.
    for column in ("verdict", *(column for column in expected if column != "verdict")):
        one, other = expected[column], found.get(column, "")
        if not compare.same_value(one, other):
            values = {"expected": one, "found": other}
            item.fail("consistent", "verdict", **values) if column == "verdict" else item.fail(
                "consistent", "column", column=column, **values)
            break
    return item


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))
