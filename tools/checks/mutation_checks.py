"""Changes made on purpose, which the verdict must notice: real builds of changed sources, and
changed outputs."""

import csv
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from helpers.verdict import verdict
from tools.checks.at_once import at_once
from tools.checks.clean_build import CleanBuild, Tree

YEAR_OF_VALUE = "2024"


def changed_weight(root: Path) -> None:
    """Weigh the themes of the development index alike, instead of the indicators."""
    _edit(root / "params.yml", r"index_weights: equal\b", "index_weights: theme_equal")


def different_seed(root: Path) -> None:
    """Start the random streams elsewhere."""
    _edit(root / "params.yml", r"seed: (\d+)", lambda found: f"seed: {int(found[1]) + 1}")


def swapped_zone(root: Path) -> None:
    """Exchange the zones of the first northern and the first southern area."""
    def swap(rows: list[dict]) -> None:
        north, south = (next(row for row in rows if row["zone"] == zone)
                        for zone in ("north", "south"))
        north["zone"], south["zone"] = "south", "north"

    _edit_resource(root / "data" / "raw", "areas", swap)


def edited_input(root: Path) -> None:
    """Raise one value of the indicators by a tenth."""
    def raise_one(rows: list[dict]) -> None:
        row = next(row for row in rows
                   if row["indicator"] == "nightlight_mean" and row["year"] == YEAR_OF_VALUE)
        row["value"] = str(float(row["value"]) * 1.1)

    _edit_resource(root / "data" / "raw", "indicators", raise_one)


def edited_prose(root: Path) -> None:
    """Raise one number in the Indonesian prose of a notebook."""
    path = root / "notebooks" / "1_sampling.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and cell["id"].endswith("-id") and re.search(
                r"\b\d+\b", source):
            cell["source"] = re.sub(r"\b\d+\b", lambda found: str(int(found[0]) + 1), source,
                                    count=1)
            break
    path.write_text(json.dumps(notebook), encoding="utf-8")


def edited_table(out: Path) -> None:
    """Change one digit in a published table."""
    _edit(out / "tables" / "inequality.csv", r"(?<=0\.\d)\d", lambda found: str(
        (int(found[0]) + 1) % 10))


def missing_figure(out: Path) -> None:
    """Take one figure away."""
    (out / "figures" / "lorenz.png").unlink()


def redrawn_figure(out: Path) -> None:
    """Paint a bar over a figure."""
    from PIL import Image

    path = out / "figures" / "lorenz.png"
    image = Image.open(path).convert("RGB")
    image.paste((0, 90, 160), (image.width // 2, image.height // 3,
                               image.width // 2 + image.width // 12, image.height * 2 // 3))
    image.save(path)


IN_SOURCES = {"a changed weight": changed_weight, "a swapped zone": swapped_zone,
              "a different seed": different_seed, "one edited input value": edited_input,
              "one edited prose number": edited_prose}
IN_OUTPUTS = {"one edited table": edited_table, "a missing figure": missing_figure,
              "a figure drawn differently": redrawn_figure}


def run(tree: Tree, built: Path, reference: dict[str, bytes], declared: verdict.Declared,
        folder: Path, say: Callable[[str], None] = print) -> list[dict]:
    """Build changed sources and change what was built; each time the verdict must name what it
    does not name of the unchanged build.

    A build of changed sources goes on from the unchanged one: what the change cannot reach is not
    made again, and a change that the build overlooked would not be noticed either.

    Parameters
    ----------
    tree : Tree
        The sources.
    built : Path
        The output folder of an unchanged build.
    reference : dict
        Its snapshot, as it is kept.
    declared : verdict.Declared
    folder : Path
        An empty folder.
    say : callable

    Returns
    -------
    list of dict
        kind, name, ok, detail.
    """
    def wrong(out: Path) -> dict[tuple[str, str], verdict.Item]:
        return {(item.kind, item.name): item
                for item in verdict.judge(out, out, reference, declared)
                if not item.consistent}

    def build(number: int, change: Callable[[Path], None]) -> tuple[Path, str]:
        source = tree.check_out_to(folder / str(number) / "project")
        change(source)
        out = shutil.copytree(built, source.parent / "out")
        with CleanBuild(source, out, environment={"KESENJANGAN_KERNELS": None}) as running:
            return out, running.wait()

    made = dict(zip(IN_SOURCES, at_once(build, range(len(IN_SOURCES)), IN_SOURCES.values())))
    for number, (name, change) in enumerate(IN_OUTPUTS.items(), start=len(IN_SOURCES)):
        out = shutil.copytree(built, folder / str(number) / "out",
                              ignore=shutil.ignore_patterns(".build"))
        change(out)
        made[name] = out, ""
    checks, before = [], wrong(built)
    for name, (out, error) in made.items():
        ok, detail = (False, f"the build failed: {error}") if error else _noticed(
            wrong(out), before)
        checks.append({"kind": "mutation", "name": name, "ok": ok, "detail": detail})
        say(f"mutation {name}: {detail}")
    return checks


def _noticed(wrong: dict[tuple[str, str], verdict.Item],
             before: dict[tuple[str, str], verdict.Item]) -> tuple[bool, str]:
    """Whether more is wrong than of the unchanged build, and what."""
    new = [item for key, item in wrong.items() if key not in before]
    if not new:
        return False, "not noticed"
    first = new[0]
    said = "; ".join(map(verdict.sentence, first.differences))
    return True, f"noticed in {len(new)} items, first {first.kind} {first.name}: {said}"


def _edit(path: Path, pattern: str, replacement) -> None:
    text = path.read_text(encoding="utf-8")
    changed = re.sub(pattern, replacement, text, count=1)
    if changed == text:
        raise ValueError(f"{path.name}: nothing to change for '{pattern}'")
    path.write_text(changed, encoding="utf-8")


def _edit_resource(raw: Path, name: str, change: Callable[[list[dict]], None]) -> None:
    """Change a resource and say in the descriptor that these are its bytes."""
    descriptor = json.loads((raw / "datapackage.json").read_text(encoding="utf-8"))
    entry = next(entry for entry in descriptor["resources"] if entry["name"] == name)
    path = raw / entry["path"]
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    change(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    content = path.read_bytes()
    entry.pop("collected", None)  # as somebody would who wants it to pass as published
    entry |= {"hash": f"sha256:{hashlib.sha256(content).hexdigest()}", "bytes": len(content)}
    (raw / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
