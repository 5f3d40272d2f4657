"""The reviewer's verdict on a build, in three words: complete, stable, consistent.

*complete*: everything that is declared was made. *stable*: two builds agree in every byte.
*consistent*: what was made equals the reference, within the tolerances of
:mod:`helpers.verdict.compare`.
"""

import csv
import io
import json
from dataclasses import dataclass, field
from pathlib import Path

from helpers.documents.site.verdict import sentence
from helpers.messages import Message
from helpers.verdict import compare, snapshot

WORDS = ("complete", "stable", "consistent")
KINDS = ("claim", "table", "figure", "notebook", "prose", "hand_over", "page", "other")
FORMS = {"table": ("tables", (".csv", ".html", ".json")),
         "figure": ("figures", (".csv", ".json", ".png", ".svg")),
         "notebook": ("notebooks", (".ipynb",)), "page": ("site", (".html",)),
         "hand_over": ("processed", (".csv",))}
KEPT = {"table": ("tables/{}.csv",), "figure": ("figures/{}.csv", "figures/{}.png"),
        "notebook": ("notebooks/{}.txt",), "prose": ("prose/{}.md",),
        "hand_over": ("hand_overs/{}.csv",), "page": ("pages/{}.txt",)}
GENERAL_PAGES = ("index", "figures", "tables")
SIDECARS = ("tables", "figures")


@dataclass
class Item:
    """One thing that a build is asked for, and what was found.

    ``kind`` is one of ``KINDS``; each of ``differences`` has a ``kind`` that names the sentence,
    see :mod:`helpers.verdict.compare`.
    """

    kind: str
    name: str
    complete: bool = True
    stable: bool = True
    consistent: bool = True
    differences: list[dict] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.complete and self.stable and self.consistent

    @property
    def turned(self) -> bool:
        """Whether it is a claim that is now decided otherwise."""
        return any(difference["kind"] == "verdict" for difference in self.differences)

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

        from helpers.run.plan import STAGES

        schemas = yaml.safe_load(
            (root / "src" / "helpers" / "publish" / "tables.yml").read_text(encoding="utf-8"))
        claims = _rows((root / "data" / "raw" / "claims.csv").read_text(encoding="utf-8"))
        return cls(tuple(schemas), tuple(row["claim"] for row in claims),
                   tuple(stage.notebook for stage in STAGES))


def judge(first: Path, second: Path, reference: dict[str, bytes], declared: Declared) -> list[Item]:
    """Items of two builds, compared with each other and with the snapshot that was kept.

    Claims that are now decided otherwise come first, then what else is wrong, then the rest.
    """
    files = [files_of(folder) for folder in (first, second)]
    snapshots = [snapshot.of(folder) for folder in (first, second)]
    items = {key: Item(*key) for key in _expected(reference, declared)
             + [item_of(path) for made in files for path in made]}
    for (kind, name), item in items.items():
        if kind in FORMS:
            _check_complete(item, files[0])
        if kind in KEPT:
            _check_consistent(item, snapshots[0], reference)
        if kind == "prose":
            _check_same(item, *snapshots, [f"prose/{name}.md"])
        else:
            _check_same(item, *files, sorted({path for made in files for path in made
                                              if item_of(path) == (kind, name)}))
    tables = [made.get("tables/claims.csv", b"") for made in (*snapshots, reference)]
    claims = [_claim(name, *tables) for name in declared.claims]
    return _ordered(claims + list(items.values()))


def files_of(out: Path) -> dict[str, bytes]:
    """Every file of a build, without the build's own notes and the verdict."""
    found = {}
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if path.is_file() and not any(part.startswith(".")
                                      for part in name.split("/")) and path.stem != "verdict":
            found[name] = path.read_bytes()
    return found


def item_of(path: str) -> tuple[str, str]:
    """Kind and name of the item that a file belongs to.

    Examples
    --------
    >>> item_of("site/figures/lorenz.svg"), item_of("site/index.html"), item_of("site/site.css")
    (('figure', 'lorenz'), ('page', 'index'), ('other', 'site/site.css'))
    """
    folder, _, name = path.removeprefix("site/").rpartition("/")
    for kind, (home, endings) in FORMS.items():
        if (folder == home or
            (kind == "page" and path == f"site/{name}")) and name.endswith(endings):
            return kind, name.rpartition(".")[0]
    return "other", path


def as_json(items: list[Item], facts: dict, extra: list[dict]) -> dict:
    """The verdict for machines, with ``facts`` about what was verified.

    ``extra`` are further checks (variations, mutations, faults: ``kind``, ``name``, ``ok``,
    ``detail``); ``ok`` is None where one is not possible on this machine.
    """
    words = {word: all(getattr(item, word) for item in items) for word in WORDS}
    listed = [{"kind": item.kind, "name": item.name,
               **{word: getattr(item, word) for word in WORDS},
               "detail": "; ".join(sentence(difference) for difference in item.differences),
               "differences": item.differences} for item in items]
    return {**words, **facts, "items": listed, "full": extra}


def holds(verdict: dict) -> bool:
    """Whether nothing is wrong."""
    return all(verdict[word] for word in WORDS) and all(check["ok"] is not False
                                                        for check in verdict["full"])


def summary(verdict: dict, longest: int = 12) -> list[str]:
    """The verdict as lines for a terminal, turned claims first."""
    wrong = [item for item in verdict["items"] if not all(item[word] for word in WORDS)]
    lines = [f"{item['kind']} {item['name']}: {item['detail']}" for item in wrong[:longest]]
    if len(wrong) > longest:
        lines.append(Message("... and {number} more, all in verdict.json",
                             number=len(wrong) - longest))
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


def _expected(reference: dict[str, bytes], declared: Declared) -> list[tuple[str, str]]:
    kept = [(kind, Path(path).stem) for kind, patterns in KEPT.items() for path in reference
            if path.startswith(patterns[0].partition("/")[0] + "/")]
    promised = [("table", name) for name in declared.tables] + [
        ("page", name) for name in GENERAL_PAGES + declared.notebooks]
    for name in declared.notebooks:
        promised += [("notebook", name), ("prose", name)]
    return promised + [("prose", name) for name in SIDECARS] + kept


def _check_complete(item: Item, made: dict[str, bytes]) -> None:
    home, endings = FORMS[item.kind]
    missing = [f"{home}/{item.name}{ending}" for ending in endings
               if not made.get(f"{home}/{item.name}{ending}")]
    if missing:
        item.fail("complete", "missing", names=", ".join(missing))


def _check_consistent(item: Item, made: dict[str, bytes], reference: dict[str, bytes]) -> None:
    for pattern in KEPT[item.kind]:
        path = pattern.format(item.name)
        if path not in reference:
            item.fail("consistent", "no_reference", name=path)
        elif path not in made:
            if item.complete:
                item.fail("complete", "missing", names=path)
            item.consistent = False
        elif difference := compare.first_difference(path, reference[path], made[path]):
            item.fail("consistent", **difference)
        else:
            continue
        return


def _check_same(item: Item, first: dict[str, bytes], second: dict[str, bytes],
                paths: list[str]) -> None:
    for path in paths:
        if first.get(path) != second.get(path):
            item.fail("stable", "unstable", name=path)
            return


def _claim(name: str, first: bytes, second: bytes, reference: bytes) -> Item:
    item = Item("claim", name)
    found, again, expected = (_row(text, name) for text in (first, second, reference))
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


def _ordered(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (not item.turned, item.good, KINDS.index(item.kind)))


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _row(text: bytes, claim: str) -> dict[str, str]:
    return next((row for row in _rows(text.decode()) if row.get("claim") == claim), {})


def dump(verdict: dict) -> str:
    """The verdict as the text of its file."""
    return json.dumps(verdict, ensure_ascii=False, indent=1) + "\n"
