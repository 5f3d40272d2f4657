"""Attack on hidden groups: what a reader can work out from all that is published of a survey.

Four packages with groups of one to four respondents are built, with site, slides and report, and go
through the chain under every weighting; the attacker has all that is published of all of them:
tables, sheets, figures' data, distributions, what pages and pictures say, packed data, the search
index. Known are the frame, who answered where, and that answers are whole numbers; one attacker
knows all answers but the withheld, another one none. A group is recovered when the mean of its
answers cannot lie anywhere in a range of one answer any more: integer and linear programming find
the ends of its range. Nothing of `helpers.disclosure` is used for that.
``python -m tools.checks.disclosure_attack`` runs it, and so does ``make verify FULL=1``, which also
looks for keys of respondents in all that a build made.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import scoring
from helpers.chain import STEPS, Analysis
from helpers.intake import describe
from helpers.study import parameters
from helpers.study.package import Package
from helpers.study.paths import ROOT
from tools.checks import everything_published
from tools.checks.everything_published import NUMBERS, PLANNED

RANGE = 1.0  # answers
SETTINGS = ("design", "none", "calibrated")
TABLES = ("scores", "need_access_gap", "zone_contrasts", "aspect_contrasts", "item_analysis")
TARGETS = ("site", "slides", "report")
BESIDE = ("claims", "sources", "villages", "land")
FINE = NUMBERS - {"share", "answer", "difference"}
NEEDED = ("areas", "items", "responses", "frame")
TEXT = {".csv", ".html", ".ipynb", ".json", ".svg", ".md", ".txt"}
EXACT = 1e-6
LONGEST = 2.0  # seconds of a search


def keep(tables: Mapping[str, pd.DataFrame], counts: Mapping[str, int],
         column: str = "code") -> dict[str, pd.DataFrame]:
    """Package of a survey in which so many respondents of some levels remain, all items answered.

    Examples
    --------
    >>> tables = {"responses": pd.DataFrame({"code": list("aabb"), "q": 1.0}),
    ...           "items": pd.DataFrame({"item": ["q"], "lowest": 1, "highest": 5})}
    >>> keep(tables, {"a": 1})["responses"]["code"].tolist()
    ['a', 'b', 'b']
    """
    rows, items = tables["responses"], tables["items"]
    place = rows.groupby(column).cumcount()
    rows = rows[place < rows[column].map(counts).fillna(len(rows))].reset_index(drop=True)
    names = list(items["item"])
    rows[names] = rows[names].fillna((items["lowest"].min() + items["highest"].max()) // 2)
    return {**tables, "responses": rows}


def packages() -> dict[str, dict[str, pd.DataFrame]]:
    """The packages that are attacked, made of the project's simulated survey."""
    package = Package(ROOT / "data" / "raw")
    tables = {name: package.table(name) for name in NEEDED}
    zones = tables["areas"].groupby("zone", sort=False)["code"].agg(list)
    north, south, city = zones["north"], zones["south"], zones["city"]
    plain = {name: tables[name] for name in NEEDED if name != "frame"}
    return {"single areas": keep(tables, {north[0]: 1, north[1]: 1, south[0]: 3}),
            "a small zone": keep(tables, dict(zip(city, (2, 1, 1)))),
            "a small type of business": keep(tables, {"small": 3}, "business_type"),
            "without a frame": keep(plain, {north[4]: 4, south[2]: 2})}


def published(tables: Mapping[str, pd.DataFrame]) -> dict[str, list[pd.DataFrame]]:
    """Every table of the survey that the chain publishes, by weighting."""
    values = {name: dict(part) for name, part in parameters.load(None).items()
              if isinstance(part, dict)}
    chain = Analysis({**tables, "live": True}, values, 1)
    settings = [name for name in SETTINGS if name == "none" or "frame" in tables]
    found: dict[str, list[pd.DataFrame]] = {}
    for name in settings:
        made = [chain.get(STEPS.tables[table], {"scoring.weights": name}) for table in TABLES]
        known = [table for tables in found.values() for table in tables]
        found[name] = [table for table in made if table is not None
                       and not any(map(table.equals, known))]
    return found


def lay(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write a package of a survey of real persons."""
    shutil.copytree(ROOT / "data" / "raw", folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    describe.keep(folder, [*tables, *BESIDE])
    about = json.loads((folder / describe.DESCRIPTOR).read_text("utf-8"))
    about["name"] = "attacked"
    for entry in about["resources"]:
        entry.pop("collected", None)
        if entry["name"] in ("responses", "items", "frame"):
            entry["status"] = "published"
    describe.write_descriptor(folder, about)
    tables["responses"].to_csv(folder / "responses.csv", index=False)
    (folder / "params.yml").write_text("seed: 1\nscoring: {replicates: 50, imputations: 2}\n"
                                       "synthesis: {permutations: 99}\n", encoding="utf-8")
    describe.refresh(folder)


def build(raw: Path, out: Path) -> str:
    """Build everything of a package that people read; what was complained about, or nothing."""
    for target in TARGETS:
        made = subprocess.run(
            [sys.executable, "-m", "helpers", target, f"RAW={raw}", f"OUT={out}", "lang=en"],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, capture_output=True,
            text=True)
        if made.returncode:
            return f"{target}: {made.stderr.strip()}"
    return ""


def said_of(out: Path, tables: Mapping[str, pd.DataFrame], hidden: Mapping[str, str]) -> list[str]:
    """Sentences, hover texts, alternative texts and packed data with a number beside the name of a
    hidden area, and numbers of answers with more digits than are published."""
    names = tables["areas"].set_index("code")["name"].astype("str")
    units = tables.get("frame", pd.DataFrame({"code": [], "units": []})).set_index("code")["units"]
    planned = {f"{int(units[code]):,}" for code in hidden if code in units}  # rows of the sample
    words = {word for code in hidden for word in (code, names.get(code, code))}
    named = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, sorted(words))) + r")(?!\w)")
    found = [f"{place}: {' '.join(text.split())[:80]}" for place, text in [
        *everything_published.texts(out), *everything_published.of_reports(out)]
        if words and named.search(text) and everything_published.NUMBER.search(named.sub("", text))
        and not any(one in text for one in planned)]
    for place, table in everything_published.tables(out):
        for column in FINE.intersection(table.columns if "power" not in table else ()):
            values = pd.to_numeric(table[column], errors="coerce").dropna() * 100
            if not np.allclose(values, values.round(), atol=EXACT):
                found.append(f"{place}: {column} has more than two decimals")
    return [*dict.fromkeys(found)]


def resolution(values: pd.Series) -> float:
    """Half the step of published numbers: what is not told of each of them.

    Examples
    --------
    >>> resolution(pd.Series([3.05, 4.1])), resolution(pd.Series([3.01])), resolution(
    ...     pd.Series([3.012345678]))
    (0.025, 0.005, 1e-06)
    """
    for step in (0.05, 0.01):
        steps = values.dropna() / step
        if np.allclose(steps, steps.round(), atol=1e-6):
            return step / 2
    return EXACT


@dataclass(frozen=True)
class Equation:
    """What a published number says of the answers, under one weighting.

    `terms` are (sign, respondents, share of each item, value of each answer); the number is the sum
    over them of the weighted mean, and lies within `half` of `value`.
    """

    setting: str
    terms: tuple
    value: float
    half: float
    domains: frozenset
    counts: bool

    def key(self) -> tuple:
        """What it says; the same is said in several places."""
        return (self.setting, self.value, self.half, *((sign, *(part.tobytes() for part in parts))
                                                       for sign, *parts in self.terms))


class Reader:
    """Reader of everything published of one survey, who knows the weights and who answered where.

    Unknown are, for every group of respondents and every scale, how many gave which answer: whole
    numbers, of which every published number is a sum.

    Parameters
    ----------
    tables : mapping
        The data package, all items answered.
    read : mapping
        Weighting to the tables that were published under it, that of scores first.
    scales : collection of str
        Attacked; all without it.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame],
                 read: Mapping[str, list[pd.DataFrame]], threshold: int = 5,
                 scales: Collection[str] = ()):
        self.scales = scoring.scale_list(tables["items"])
        if scales:
            self.scales = self.scales[self.scales["variable"].isin(scales)]
        rows, self.items, self.threshold = tables["responses"], tables["items"], threshold
        self.answers = scoring.align(rows, self.items)[list(self.items["item"])].to_numpy(int)
        lowest, highest = int(self.items["lowest"].min()), int(self.items["highest"].max())
        self.values = np.arange(lowest, highest + 1)
        self.answer = self.values.astype(float)
        scale = self.items.groupby(["dimension", "aspect"], sort=False).ngroup().to_numpy()
        self.asked = scale == np.arange(scale.max() + 1)[:, None]  # items of the same scale
        zone = tables["areas"].set_index("code")["zone"]
        self.of = pd.DataFrame({"area": rows["code"].astype("str"),
                                "zone": rows["code"].map(zone).astype("str"), "all": "all",
                                "business_type": rows["business_type"].astype("str")})
        self.weight = {"none": np.ones(len(rows))}
        if "frame" in tables:
            units = tables["frame"].set_index("code")["units"]
            asked = rows.groupby("code")["code"].transform("size")
            self.weight["design"] = (rows["code"].map(units) / asked).to_numpy(float)
            self.weight["calibrated"] = self.weight["design"]
        self.tables = [(setting, table) for setting, some in read.items() for table in some]
        said = [one for setting, table in self.tables for one in self._said(setting, table)]
        self.equations = [*{one.key(): one for one in said}.values()]

    def recovered(self) -> list[str]:
        """Groups below the threshold of which too little is open, in words."""
        found = []
        for domain in ("area", "business_type", "zone"):
            for level, n in self.of[domain].value_counts().items():
                if n < self.threshold:
                    found += self._attacked(domain, str(level))
        return found

    def _attacked(self, domain: str, level: str) -> list[str]:
        for _, table in self.tables:
            if {"domain", "level"} <= {*table}:
                row = table[(table["domain"].astype("str") == domain)
                            & (table["level"].astype("str") == level)]
                told = row.select_dtypes("number").notna().any()
                if {*told.index[told]} - PLANNED:
                    return [f"{domain} {level} is published"]
        inside = (self.of[domain] == level).to_numpy()
        lattice = {"all", "business_type"} if domain == "business_type" else {"all", "zone", "area"}
        # Somebody who knows all answers but those that a table withholds; somebody who knows none.
        withheld = self._withheld(domain)
        return [f"{domain} {level}, {scale}: to {width:.3f}, {who}"
                for who, unknown, told in (("knowing the others", withheld, lattice),
                                           ("knowing nobody", np.ones(len(inside), bool), None))
                for scale, width in self._widths(inside, unknown, told) if width < RANGE - EXACT]

    def _withheld(self, domain: str) -> np.ndarray:
        """Respondents in levels of a domain (of zones, in their areas) that no table shows."""
        finest = "area" if domain == "zone" else domain
        shown = {str(level) for _, table in self.tables if {"domain", "level", "mean"} <= {*table}
                 for level in table.loc[(table["domain"].astype("str") == finest)
                                        & table["mean"].notna(), "level"]}
        return ~self.of[finest].isin(shown).to_numpy()

    def _said(self, setting: str, table: pd.DataFrame) -> Iterator[Equation]:
        """Equations of a table, by the columns that it has."""
        columns, of, answer = {*table}, self.of, self.answer

        def mask(domain: object, level: object) -> np.ndarray:
            return (of[str(domain)] == str(level)).to_numpy()

        def share(dimension: object, aspect: object) -> np.ndarray:
            asked = (self.items["dimension"] == dimension) & (
                (self.items["aspect"] == aspect) | (aspect == "all"))
            return asked.to_numpy(float) / asked.sum()

        def made(row, column: str, *terms, domains=("all",)) -> Iterator[Equation]:
            if pd.notna(row[column]):
                counts = any(worth is not answer for *_, worth in terms)
                yield Equation(setting, terms, float(row[column]), resolution(table[column]),
                               frozenset(domains), counts)

        everybody = np.ones(len(of), dtype=bool)
        if {"item", "dimension", "aspect", "mean", "sd"} <= columns:
            yield from self._of_items(table, everybody)
            return
        for row in table.to_dict("records"):
            place = row.get("domain", "zone"), row.get("level")
            if place[1] is not None and not (place[0] in of and mask(*place).any()):
                continue  # nobody was asked there, or it is no level of these
            if {"level", "dimension", "aspect"} <= columns and place[1] is not None:
                asked = share(row["dimension"], row["aspect"])
                for column, worth in (("mean", answer), ("share", self._top(row.get("boxes")))):
                    if column in columns:
                        yield from made(row, column, (1, mask(*place), asked, worth),
                                        domains=place[:1])
            elif {"domain", "need", "access"} <= columns:
                for side in ("need", "access"):
                    asked = share(side, row.get("aspect", "all"))
                    yield from made(row, side, (1, mask(*place), asked,
                                                answer), domains=place[:1])
            elif {"zone_a", "zone_b", "dimension", "difference"} <= columns:
                asked = share(row["dimension"], row["aspect"])
                yield from made(row, "difference", (1, mask("zone", row["zone_a"]), asked, answer),
                                (-1, mask("zone", row["zone_b"]), asked, answer),
                                domains=("zone",))
            elif {"aspect_a", "aspect_b", "difference"} <= columns:
                sides = {"gap": ((1, "need"), (-1, "access"))}.get(
                    row["dimension"], ((1, row["dimension"]),))
                yield from made(row, "difference", *[
                    (sign * other, everybody, share(side, row[aspect]), answer)
                    for sign, side in sides for other, aspect in ((1, "aspect_a"), (-1, "aspect_b"))
                ])
            elif {"answer", "share", "aspect"} <= columns:
                yield from made(row, "share", (1, everybody, share(row["dimension"], row["aspect"]),
                                               (answer == float(row["answer"])).astype(float)))

    def _top(self, boxes: int | None) -> np.ndarray:
        return (self.values > self.values[-1] - (boxes or 2)).astype(float)

    def _of_items(self, table: pd.DataFrame, everybody: np.ndarray) -> Iterator[Equation]:
        """Sums of answers, and sums of their squares, from means and deviations of items."""
        n, half = len(everybody), resolution(table["mean"])
        spread, deviation = resolution(table["sd"]), table["sd"].astype(float)
        for (dimension, aspect), rows in table.assign(sd=deviation).groupby(["dimension",
                                                                           "aspect"]):
            asked = ((self.items["dimension"] == dimension) & (self.items["aspect"] == aspect))
            share = asked.to_numpy(float) / asked.sum()
            if not asked.any() or len(rows) != asked.sum() or rows[["mean", "sd"]].isna().any(
                    axis=None):
                continue
            yield Equation("none", ((1, everybody, share, self.answer),), rows["mean"].mean(),
                           half, frozenset({"all"}), counts=False)
            ends = [((rows["sd"] + side * spread).clip(0) ** 2 * (n - 1) / n
                     + (rows["mean"] + side * half) ** 2).mean() for side in (-1, 1)]
            yield Equation("none", ((1, everybody, share, self.answer ** 2),), sum(ends) / 2,
                           (ends[1] - ends[0]) / 2, frozenset({"all"}), counts=True)

    def _widths(self, inside: np.ndarray, unknown: np.ndarray,
                told: Collection | None) -> Iterator[tuple[str, float]]:
        """Every scale, and the range of the mean of the answers of a group to it.

        Who knows the other answers counts answers in whole numbers, by the equations about the
        domains of which he is `told`; who knows nobody has all equations of means, and sums.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array, eye_array, kron, vstack

        names = self.of[["area", "business_type"]].agg("/".join, axis=1)
        cell, _ = pd.factorize(names.where(pd.Series(unknown)))
        cells, k = int(cell.max()) + 1, len(self.asked)
        size = np.bincount(cell[unknown], minlength=cells)
        counted = told is not None and any(one.counts for one in self.equations)
        basis = self.values if counted else np.ones(1)
        rows, least, most = [csr_array((1, cells * k * len(basis)))], [-np.inf], [np.inf]
        for one in self.equations:
            if one.counts if told is None else not one.domains <= {*told}:
                continue
            row, rest, weight = np.zeros((cells, k, len(basis))), 0.0, self.weight[one.setting]
            for sign, mask, share, worth in one.terms:
                each = sign * weight * mask / (weight * mask).sum()
                rest += float(each[~unknown] @ (
                    worth[self.answers[~unknown] - self.values[0]] @ share))
                by_cell = np.bincount(cell[unknown], each[unknown], cells) / size
                row += by_cell[:, None, None] * (share @ self.asked.T / self.asked.sum(axis=1))[
                    :, None] * (worth if counted else 1.0)
            if row.any():
                rows.append(csr_array(row.reshape(1, -1)))
                least.append(one.value - one.half - rest - EXACT)
                most.append(one.value + one.half - rest + EXACT)
        said, least, most = vstack(rows, "csr"), np.array(least), np.array(most)
        each = np.outer(size, self.asked.sum(axis=1))[:, :, None] + 0 * basis
        low, high = (0 * each, each) if counted else (each * self.values[0],
                                                      each * self.values[-1])
        share = np.bincount(cell[inside], minlength=cells) / size / inside.sum()
        for scale in self.scales.itertuples():
            asked = self.asked[:, self.items["item"].isin(scale.items)].any(axis=1)
            wanted = np.outer(share, asked / len(scale.items))[:, :, None] * basis
            # Whole numbers are searched scale by scale, by what is said of its items alone.
            used = np.broadcast_to(asked[:, None] | (told is None), each.shape).ravel()
            own = np.flatnonzero(abs(said[:, ~used]).sum(axis=1) == 0)
            limits = [LinearConstraint(said[own][:, used], least[own], most[own])] * bool(len(own))
            if counted:  # somebody gave each answer
                full = each[:, :, 0].ravel()[used[::len(basis)]]
                all_of = kron(eye_array(len(full)), np.ones((1, len(basis))), "csr")
                limits.append(LinearConstraint(all_of, full, full))
            ends = []
            for sign in (1, -1):
                solved = milp(sign * wanted.ravel()[used], constraints=limits,
                              bounds=Bounds(low.ravel()[used], high.ravel()[used]),
                              integrality=np.full(used.sum(), int(told is not None)),
                              options={"node_limit": 500, "time_limit": LONGEST})
                # Where the search is not finished, its bound is what is sure.
                best = solved.fun if solved.success else solved.mip_dual_bound
                sure = solved.success or told is not None and best is not None
                ends.append(sign * best if sure else -sign * np.inf)
            yield scale.variable, ends[1] - ends[0]


def unions(tables: Mapping[str, pd.DataFrame], read: Mapping[str, list[pd.DataFrame]],
           threshold: int = 5) -> list[str]:
    """Zones that are published while the areas hidden in them are too few together."""
    first, said = next(iter(read.values()))[0], []
    means = first[first["aspect"] == "all"].drop_duplicates(["domain", "level"]).set_index(
        ["domain", "level"])["mean"]
    zone = tables["areas"].set_index("code")["zone"]
    counts = tables["responses"]["code"].value_counts()
    for name in zone.unique():
        hidden = [n for code, n in counts.items() if zone[code] == name
                  and pd.isna(means.get(("area", str(code))))]
        if hidden and pd.notna(means.get(("zone", str(name)))) and sum(hidden) < threshold:
            said.append(f"zone {name}: {sum(hidden)} hidden together")
    return said


def keys_shown(out: Path, respondents: pd.Series) -> list[str]:
    """Files below a folder of outputs in which keys of respondents stand."""
    known = set(respondents.astype("str"))
    return [str(path.relative_to(out)) for path in sorted(out.rglob("*"))
            if path.suffix in TEXT and path.is_file()
            and known & set(re.findall(r"\w+", path.read_text("utf-8", errors="replace")))]


def attacked(tables: Mapping[str, pd.DataFrame], folder: Path) -> list[str]:
    """What is recovered of a package from a build of it, and from its tables of all weightings."""
    lay(tables, folder / "raw")
    if fault := build(folder / "raw", folder / "out"):
        return [f"the build failed: {fault}"]
    read = published(tables)
    setting = "design" if "frame" in tables else "none"
    read[setting] = [*read[setting], *(table for _, table in everything_published.tables(
        folder / "out"))]
    reader = Reader(tables, read)
    asked = tables["responses"]["code"].astype("str").value_counts()
    hidden = {code: "" for code, n in asked.items() if n < reader.threshold}
    return reader.recovered() + unions(tables, read) + said_of(folder / "out", tables, hidden)


def run(built: Path | None = None, say: Callable[[str], None] = print) -> list[dict]:
    """Attack the packages, and a finished build; kind, name, ok and detail of each, said at once
    (`say`)."""
    found = []

    def tell(name: str, said: list[str]) -> None:
        found.append({"kind": "disclosure", "name": name, "ok": not said,
                      "detail": "; ".join(said[:5])})
        say(f"{name} - {'nothing recovered' if not said else found[-1]['detail']}")

    for name, tables in packages().items():
        with tempfile.TemporaryDirectory(prefix="kb-attack-") as folder:
            tell(name, attacked(tables, Path(folder)))
    if built is not None:
        keys = Package(ROOT / "data" / "raw").table("responses")["respondent"]
        tell("keys of respondents", keys_shown(built, keys))
    return found


def main() -> int:
    """Attack the packages, a line for each; 1 where something was recovered."""
    return int(not all(check["ok"] for check in run(say=partial(print, flush=True))))


if __name__ == "__main__":
    raise SystemExit(main())
