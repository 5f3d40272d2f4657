"""One open explorer: a data package, its controls, and the answer to every change."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import pandas as pd

from helpers.errors import InputError
from helpers.explorer import files
from helpers.explorer.controls import HIGHEST, JUDGEMENTS, LOWEST, UNDER, Control, controls_of
from helpers.explorer.drawing import Canvas
from helpers.explorer.pages import YEARS, Pages, Wording
from helpers.explorer.results import Results
from helpers.explorer.setting import PAGE, Known, to_file, to_query
from helpers.files import run_facts
from helpers.languages import in_language, languages
from helpers.messages import translate
from helpers.study import Study, codes, parameters, paths, validation
from helpers.study.package import Package

ready: list["Explorer"] = []  # the one that pages share (preloads)
TABS = ("sampling", "scoring", "disparity", "force_field", "synthesis")
WORDS = ("title", "intro", "lang", "reset", "link", "link_copied", "parameters", "open", "archive",
         "undo", "redo", "compare", "compare_end", "kept", "now", "lost", "go_on", "controls",
         "results", "distance", "expert", "everyone", "urgency", "support", "ratings",
         "ratings_note")


class Explorer:
    """Open explorer of the data package in `raw`, or that the environment names.

    It begins with the setting of a link (`query`), then with the parameter file `given`; its
    language is that of the link, then `lang`, then that of params.yml.
    """

    def __init__(self, raw: Path | None = None, query: str = "", given: Path | None = None,
                 lang: str | None = None):
        raw = raw or paths.raw_folder()
        self.stamp = _stamp(raw, given)
        carried = raw / "params.yml"
        stated = carried if carried.exists() else None
        in_force = parameters.load(stated)
        self.package = Package(raw)
        if run_facts().get("checked") != self.package.fingerprint:
            validation.validate(self.package)
        in_force = validation.with_years(in_force, stated, self.package)
        self.studies = {stage: Study(stage, in_force | in_force[stage], raw, checked=True)
                        for stage in TABS}
        self.results = Results(self.studies)
        study = self.studies["synthesis"]
        self.known = Known(controls_of(study), self.results.ratings)
        self.tabs = [tab for tab in TABS if self.results.has(tab)]
        if not self.tabs:
            raise InputError("{raw}: this package has the resources of no stage; there is nothing "
                             "to explore", raw=raw.name)
        shapes = self.results.inputs.get("polygons")
        self.canvas = None if shapes is None else Canvas(shapes, study.borders)
        self.pages = {lang: Pages(self.results, self._wording(lang), self.canvas)
                      for lang in languages()}
        self.given, self.lang = given, lang or in_force["lang"]
        self.begin_with(query)

    def begin_with(self, query: str) -> None:
        """Take the setting of a link over the parameter file's."""
        from_file, problems = self.known.from_file(self.given) if self.given else ({}, [])
        from_link, linked, more = self.known.from_query(query)
        self.begin = {"changed": {**from_file, **from_link}, "lang": linked or self.lang,
                      "tab": self.tabs[0]}
        self.refused = problems + more

    def warming(self) -> Iterator[Callable[[], object]]:
        """Steps that take longer at the first time: each page, and the city in the other zone."""
        for tab in self.tabs:
            yield partial(self.answer, {"tab": tab})
        if "disparity.city_zone" in self.known.controls:
            other = {"disparity.city_zone": "north"}
            yield partial(self.answer, {"tab": self.tabs[-1], "changed": other})

    def first_answer(self) -> dict[str, object]:
        """Answer to begin with, and what could not be taken from the link and the file."""
        answer = self.answer(self.begin)
        refused = [translate(problem, answer["lang"]) for problem in self.refused]
        return answer | {"problems": refused + answer["problems"]}

    def answer(self, asked: Mapping[str, object]) -> dict[str, object]:
        """What follows from a setting, asked for as ``changed, lang, tab``, and the ``beside`` of
        another one.

        Beside what was asked for: ``changed`` as far as it is allowed, ``html`` of the tab (and of
        the same under the other setting, ``beside``), ``distance``, ``query`` of the link,
        ``problems`` and the ``milliseconds`` that it took.
        """
        start = time.perf_counter()
        lang = asked.get("lang") if asked.get("lang") in self.pages else self.begin["lang"]
        tab = asked.get("tab") if asked.get("tab") in self.tabs else self.tabs[-1]
        changed, problems = self.known.accepted(asked.get("changed") or {}, PAGE)
        problems += self._conflicts(changed)
        try:
            distance = self.pages[lang].distance(changed)
        except ValueError as error:
            distance, problems = "", [*problems, str(translate(error, lang))]
        beside = ""
        if asked.get("beside") is not None:
            beside = self.pages[lang].page(tab, self.known.accepted(asked["beside"], PAGE)[0])
        return {"changed": changed, "lang": lang, "tab": tab, "beside": beside,
                "html": self.pages[lang].page(tab, changed), "distance": distance,
                "query": to_query(changed, lang),
                "problems": [translate(problem, lang) for problem in problems],
                "milliseconds": round(1000 * (time.perf_counter() - start), 1)}

    def opened(self, name: str, text: str, lang: str
               ) -> tuple[dict[str, object] | None, list[str]]:
        """What a parameter file changes that somebody chose, None where nothing of it can be taken,
        and what is wrong with it."""
        with tempfile.TemporaryDirectory(prefix="explorer-") as folder:
            path = Path(folder) / (Path(name).name or "params.yml")
            path.write_text(text, encoding="utf-8")
            try:
                changed, problems = self.known.from_file(path)
            except InputError as error:
                changed, problems = {}, [error.message]
        said = [translate(problem, lang) for problem in problems]
        return None if problems and not changed else changed, said

    def file(self, what: str, asked: Mapping[str, object]) -> tuple[str, str, bytes]:
        """Name, kind and content of a file to take along: ``archive``, ``parameters``, or a table
        by name."""
        changed, _ = self.known.accepted(asked.get("changed") or {}, PAGE)
        t = self.pages[asked["lang"]].t
        text = to_file(changed, t("file.parameters" if changed else "file.no_change"))
        if what == "parameters":
            return "params.yml", "application/yaml", text.encode()
        if what == "archive":
            rows = [(name, self.known.own(name), value) for name, value in changed.items()]
            differences = pd.DataFrame(rows, columns=["name", "own", "now"])
            content = files.archive(self.results, changed, text, differences)
            return "explorer.zip", "application/zip", content
        return f"{what}.csv", "text/csv", files.csv(self.results, what, changed)

    def form(self, lang: str) -> dict[str, object]:
        """What the page is made of: words, tabs, controls and the shapes of the maps."""
        wording, t = self.pages[lang].wording, self.pages[lang].t
        controls = [self._described(control, wording) for control in self.known.controls.values()]
        return {"lang": lang, "words": {word: t(f"word.page.{word}") for word in WORDS},
                "languages": [{"code": code, "name": page.t("language.name")}
                              for code, page in self.pages.items()],
                "tabs": [{"name": tab, "title": t(f"tab.{tab}")} for tab in self.tabs],
                "sections": [{"name": tab, "title": t(f"section.{tab}"),
                              "controls": [control for control in controls
                                           if control["name"].startswith(f"{tab}.")]}
                             for tab in self.tabs],
                "ratings": self._rating_form(wording) if self.known.ratings else None,
                "shapes": self.canvas.defs if self.canvas else ""}

    def _described(self, control: Control, wording: Wording) -> dict[str, object]:
        name, under = control.name, UNDER.get(control.name)
        label = wording.name(name)
        return {"name": name, "label": label[:1].upper() + label[1:], "own": control.own,
                "help": parameters.meaning(name, wording.t.lang), "limits": list(control.limits),
                "options": [{"value": value, "label": wording.value(name, value)}
                            for value in control.options],
                "share": control.share, "year": name in YEARS,
                "under": list(under) if under and under[0] in self.known.controls else None}

    def _rating_form(self, wording: Wording) -> dict[str, object]:
        inputs = self.results.inputs
        return {"experts": [str(expert) for expert in inputs["ratings"]["expert"].unique()],
                "own": self.known.ratings, "limits": [LOWEST, HIGHEST],
                "judgements": list(JUDGEMENTS),
                "factors": [{"factor": str(factor), "label": wording.labels.get(factor, factor)}
                            for factor in inputs["factors"]["factor"]]}

    def _wording(self, lang: str) -> Wording:
        labels = {}
        for name, key in (("catalogue", "indicator"), ("factors", "factor")):
            if self.package.has(name):
                table = self.package.table(name)
                labels |= dict(zip(table[key], in_language(table, "label", lang, table[key])))
        there = [name for name in ("sources",) if self.package.has(name)]
        return Wording(lang, self.known.controls, labels, codes.names(self.package, there, lang))

    def _conflicts(self, changed: Mapping[str, object]) -> list[str]:
        """Refusals of the build although every value by itself is allowed."""
        found = []
        for stage in ("disparity", "synthesis"):
            if not any(name.startswith(f"{stage}.") for name in changed):
                continue
            values = {name: changed.get(f"{stage}.{name}", value)
                      for name, value in self.results.parameters[stage].items()}
            try:
                validation.check_parameters(stage, values, self.package)
            except InputError as error:
                found.append(error.message)
        return found


def open_explorer() -> Explorer:
    """Open the explorer that the run asks for, as a page or a notebook finds it."""
    run, query = run_facts(), os.environ.get("QUERY_STRING", "")
    given = Path(run["given"]) if "given" in run else None
    if ready and ready[0].stamp == _stamp(paths.raw_folder(), given):
        ready[0].begin_with(query)
        return ready[0]
    return Explorer(query=query, given=given, lang=run.get("lang"))


def _stamp(raw: Path, given: Path | None) -> list[tuple]:
    """What changes with the files that an explorer reads."""
    found, usual = [], parameters.ROOT / "params.yml"
    for path in [*sorted(raw.rglob("*")), usual, *([given] if given else [])]:
        with suppress(OSError):  # gone since, or a link to nothing, as editors leave them
            facts = path.stat()
            found.append((str(path), facts.st_mtime_ns, facts.st_size))
    return found
