"""Attack on hidden groups: what a reader can work out from all that is published of a survey.

Four packages with groups of one to four respondents go through the chain, under every weighting;
the attacker has all the tables of all of them. Known are the frame, who answered where, and that
answers are whole numbers. A group is recovered when the mean of its answers cannot lie anywhere in
a range of one answer any more: integer programming finds the ends of its range. Nothing of
`helpers.disclosure` is used for that. ``python -m tools.checks.disclosure_attack`` runs it, and so
does ``make verify FULL=1``, which also looks for keys of respondents in all that a build made.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.chain import STEPS, Analysis
from helpers.study import parameters
from helpers.study.package import Package
from helpers.study.paths import ROOT

RANGE = 1.0  # answers
SETTINGS = ("design", "none", "calibrated")
NEEDED = ("areas", "items", "responses", "frame")
TEXT = {".csv", ".html", ".ipynb", ".json", ".svg", ".md", ".txt"}
EXACT = 1e-7


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


def published(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Table of scores by weighting, as everybody may read it."""
    values = {name: dict(part) for name, part in parameters.load(None).items()
              if isinstance(part, dict)}
    chain = Analysis(tables, values, 1)
    settings = [name for name in SETTINGS if name == "none" or "frame" in tables]
    return {name: chain.get(STEPS.tables["scores"], {"scoring.weights": name})
            for name in settings}


def resolution(values: pd.Series) -> float:
    """Half the step of published numbers: what is not told of each of them.

    Examples
    --------
    >>> resolution(pd.Series([3.05, 4.1])), resolution(pd.Series([3.01])), resolution(
    ...     pd.Series([3.012345678]))
    (0.025, 0.005, 1e-07)
    """
    for step in (0.05, 0.01):
        steps = values.dropna() / step
        if np.allclose(steps, steps.round(), atol=1e-6):
            return step / 2
    return EXACT


class Attacker:
    """Reader of all the tables of one survey, with the weights of every setting."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], read: Mapping[str, pd.DataFrame],
                 threshold: int = 5):
        self.items, self.threshold = tables["items"], threshold
        rows = tables["responses"]
        zone = tables["areas"].set_index("code")["zone"]
        self.of = pd.DataFrame({"area": rows["code"].astype("str"),
                                "zone": rows["code"].map(zone).astype("str"), "all": "all",
                                "business_type": rows["business_type"].astype("str")})
        # Everybody is in one cell: of an area, and of a type where that is all that is known.
        self.weight = {"none": pd.Series(1.0, index=rows.index)}
        if "frame" in tables:
            units = tables["frame"].set_index("code")["units"]
            asked = rows.groupby("code")["code"].transform("size")
            self.weight["design"] = rows["code"].map(units) / asked
            self.weight["calibrated"] = self.weight["design"]
        self.read = {name: table.assign(domain=table["domain"].astype("str"),
                                        level=table["level"].astype("str"))
                     for name, table in read.items()}

    def recovered(self) -> list[str]:
        """Groups below the threshold of which too little is open, in words."""
        found = []
        for domain in ("area", "business_type", "zone"):
            for level, n in self.of[domain].value_counts().items():
                if n < self.threshold:
                    found += self._attacked(domain, str(level))
        return found

    def _attacked(self, domain: str, level: str) -> list[str]:
        cells = "business_type" if domain == "business_type" else "area"
        inside = self.of.loc[self.of[domain] == level, cells].unique()
        first = next(iter(self.read.values()))
        shown = first[(first["domain"] == domain) & (first["level"] == level)]
        if shown[["mean", "se", "n"]].notna().any(axis=None):
            return [f"{domain} {level} is published"]
        scales = shown[["dimension", "aspect"]].drop_duplicates().itertuples(index=False)
        said = []
        for dimension, aspect in scales:
            width = self._width(cells, inside, dimension, aspect)
            if width < RANGE - EXACT:
                said.append(f"{domain} {level}, {dimension} {aspect}: to {width:.3f}")
        return said

    def _width(self, cells: str, inside: np.ndarray, dimension: str, aspect: str) -> float:
        """Range of the mean of the answers in some cells; variables are their sums."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        asked = (self.items["dimension"] == dimension) & (
            (self.items["aspect"] == aspect) | (aspect == "all"))
        k = int(asked.sum())
        low, high = self.items["lowest"].min(), self.items["highest"].max()
        size = self.of[cells].value_counts(sort=False)
        names = list(size.index)
        n = size.to_numpy(float)
        lowest, highest = n * k * low, n * k * high
        member = {(domain, level): np.array([
            (self.of.loc[self.of[cells] == name, domain] == level).all() for name in names])
            for domain in ({"zone", "all"} if cells == "area" else {"all"})
            for level in self.of[domain].unique()}
        rows, least, most = [], [], []
        for setting, table in self.read.items():
            if cells == "business_type" and setting != "none":
                continue  # weights differ inside
            part = table[(table["dimension"] == dimension) & (table["aspect"] == aspect)]
            half = resolution(part["mean"])
            mean = part.set_index(["domain", "level"])["mean"]
            weight = self.weight[setting].groupby(self.of[cells]).mean().reindex(names).to_numpy()
            own = np.array([mean.get((cells, name), np.nan) for name in names])
            lowest = np.fmax(lowest, np.ceil((own - half) * n * k - EXACT))
            highest = np.fmin(highest, np.floor((own + half) * n * k + EXACT))
            for (domain, level), there in member.items():
                value = mean.get((domain, level), np.nan)
                if not np.isnan(value):
                    rows.append(np.where(there, weight / k, 0) / (weight * n)[there].sum())
                    least.append(value - half)
                    most.append(value + half)
        wanted = np.array([name in set(inside) for name in names]) / (k * n[
            [name in set(inside) for name in names]].sum())
        ends = []
        for sign in (1, -1):
            solved = milp(sign * wanted, integrality=np.ones(len(n)),
                          bounds=Bounds(lowest, highest),
                          constraints=LinearConstraint(np.array(rows), least, most),
                          options={"node_limit": 500, "time_limit": 2})
            # Where the search is not finished, its bound is what is sure.
            best = solved.fun if solved.success else solved.mip_dual_bound
            ends.append(sign * best if best is not None else 0.0)
        return ends[1] - ends[0]


def unions(tables: Mapping[str, pd.DataFrame], read: Mapping[str, pd.DataFrame],
           threshold: int = 5) -> list[str]:
    """Zones that are published while the areas hidden in them are too few together."""
    first, said = next(iter(read.values())), []
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


def run(built: Path | None = None) -> list[dict]:
    """Attack the packages, and a finished build; kind, name, ok and detail of each."""
    found = []
    for name, tables in packages().items():
        read = published(tables)
        said = Attacker(tables, read).recovered() + unions(tables, read)
        found.append({"kind": "disclosure", "name": name, "ok": not said,
                      "detail": "; ".join(said[:5])})
    if built is not None:
        keys = Package(ROOT / "data" / "raw").table("responses")["respondent"]
        files = keys_shown(built, keys)
        found.append({"kind": "disclosure", "name": "keys of respondents", "ok": not files,
                      "detail": ", ".join(files[:5])})
    return found


def main() -> int:
    """Print what was attacked and recovered; 1 where something was."""
    found = run()
    for check in found:
        print(check["name"], "-", "nothing recovered" if check["ok"] else check["detail"])
    return 0 if all(check["ok"] for check in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
