"""A project of two small stages with real helpers, to be built in a few seconds."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from conftest import ROOT, PackageCopy

from helpers.run import documents, runner
from helpers.run.bring_up import glance
from helpers.run.inputs import read_inputs
from helpers.run.plan import Stage
from helpers.run.project import Project

STAGES = (Stage("sampling", "1_sampling", ("areas", "frame")),
          Stage("synthesis", "5_synthesis", ("claims",), ("areas",), ("sampling",)))
OPEN = """from helpers import publish, study
st = study.open("{stage}", globals())
out = publish.open(st)"""
SIZES = """import pandas as pd
sizes = pd.DataFrame({"method": ["slovin"], "population": [128951], "margin": [margin],
                      "confidence": [0.95], "n_exact": [1 / margin], "n": [399]})
out.hand_over("sizes", sizes)
out.hand_over_workbook("sizes", sizes, {"n": "d"})
out.table("sample_size", sizes, made_from=["frame", "areas"])"""
FIGURE = """from matplotlib.figure import Figure
figure = Figure(figsize=(4, 3), layout="constrained")
figure.subplots().plot([1, 2])
out.figure("claims", figure, made_from=["sample_size", "claims"], data=pd.DataFrame({"x": [1, 2]}),
           claims=2, published=2, supported=2, mixed=0, not_supported=0, would_follow=0,
           not_testable=0)"""


class SmallProject:
    """The project in a folder of its own, with a copy of the helpers to be edited."""

    def __init__(self, root: Path):
        self.root = root
        self.project = Project(root / "raw", root / "out", root / "out" / "processed",
                               root / "params.yml", jobs=2, root=root, notebooks=root / "notebooks",
                               source=root / "helpers", stages=STAGES)
        self.lines, self.head = [], None

    def create(self) -> "SmallProject":
        """Write its files."""
        package = PackageCopy(self.root / "raw")
        package.keep("areas", "frame", "claims", "sources")
        (self.root / "params.yml").write_text("seed: 7\n")
        (self.root / ".gitignore").write_text("out*/\n__pycache__/\n")
        shutil.copyfile(ROOT / "requirements.lock", self.root / "requirements.lock")
        shutil.copytree(ROOT / "src" / "helpers", self.root / "helpers",
                        ignore=shutil.ignore_patterns("__pycache__"))
        self.notebook("1_sampling", "sampling", SIZES)
        self.notebook("5_synthesis", "synthesis", f"import pandas as pd\n{FIGURE}")
        return self

    def notebook(self, name: str, stage: str, code: str) -> None:
        """Write a notebook: a pair of texts, the parameters, the set-up, and one cell that
        publishes."""
        cells = [("markdown", "title-id", "# Judul", ["lang-id"]),
                 ("markdown", "title-en", "# Title", ["lang-en"]),
                 ("code", "parameters", "seed = 1", ["parameters"]),
                 ("code", "set-up", OPEN.format(stage=stage), []),
                 ("code", f"make-{stage}", code, [])]
        content = [{
            "cell_type": kind, "id": identifier, "metadata": {"tags": tags} if tags else {},
            "source": source, **({"outputs": [], "execution_count": None} if kind == "code" else {})
        } for kind, identifier, source, tags in cells]
        path = self.root / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            json.dumps({"cells": content, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))

    def work(self, names=("sampling", "synthesis"), with_site=True) -> runner.Build:
        """Return a build of some stages, and of the site."""
        shown = [documents.SITE] if with_site else []
        return runner.Build(self.project, read_inputs(self.project), list(names), shown,
                            say=self.lines.append)

    def build(self, names=("sampling", "synthesis"), with_site=True) -> runner.Outcome:
        """Bring stages up to date, and write down what they were made from."""
        work = self.work(names, with_site)
        outcome = work.run()
        work.record(glance(self.project))
        assert not outcome.errors, outcome.errors
        return outcome

    def moved(self, folder: Path) -> "SmallProject":
        """Return a copy in another place."""
        shutil.copytree(self.root, folder)
        small = SmallProject(folder)
        small.head = self.head
        return small

    def into(self, name: str) -> None:
        """Build into another folder from now on."""
        out = self.root / name
        self.project = replace(self.project, out=out, processed=out / "processed")

    def provenance(self) -> dict:
        """Return what provenance.json says."""
        return json.loads((self.project.out / "provenance.json").read_text(encoding="utf-8"))

    def outputs(self) -> dict[str, bytes]:
        """Return every product, as bytes."""
        return {
            path.relative_to(self.project.out).as_posix(): path.read_bytes()
            for path in sorted(self.project.out.rglob("*"))
            if path.is_file() and ".build" not in path.parts
        }

    def git(self, *arguments: str) -> str:
        """Call git in it, as nobody in particular."""
        who = ("-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false")
        return subprocess.run(["git", "-C", str(self.root), *who, *arguments], check=True,
                              capture_output=True, text=True).stdout.strip()

    def commit(self) -> str:
        """Commit everything, and return the commit."""
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "state")
        return self.git("rev-parse", "HEAD")
