"""What a notebook publishes: tables, figures, sentences and hand-overs, each with its status."""

import hashlib
import inspect
import re
from collections.abc import Collection, Mapping
from functools import cached_property
from numbers import Integral
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import disclosure, files, geography, kept
from helpers.errors import Error
from helpers.languages import in_language, label_of
from helpers.publish import atlas, figures, observed, tables
from helpers.publish.cell import answer_conditions, running_cell, show
from helpers.publish.texts import Texts
from helpers.study import Study, codes
from helpers.study.package import STATUSES, weakest
from helpers.study.session import ANSWERS, DRAWN_FROM
from helpers.study.workbook import workbook

PLAIN_NAME = re.compile(r"(?=.{1,100}$)[^\W_](?:[\w .-]*[^\W_])?")
DRAWN = {name for names in DRAWN_FROM.values() for name in names}
FACTORS = {"factor", "factor_a", "factor_b"}  # may be numbered like the experts
DRAFT = "draft"  # status of what has no texts yet


class Publisher:
    """Writes and shows what a stage makes, in the study's language.

    Under the build, files go to a staging folder and reach their place when the whole notebook has
    succeeded; in JupyterLab they go to their place at once. What has no texts yet is a draft:
    JupyterLab shows it and writes nothing, the build refuses it.

    What a result was made from is observed (:mod:`helpers.publish.observed`), but for what it
    stands ``apart_from``: the zones of a result without zones, the borders behind one that neither
    shows nor measures them. ``made_from`` may name it: resources, tables of other stages, or a
    status where something is invented for teaching; it is refused where that would make the status
    stronger than what is observed. Texts
    and charts know the stage's parameters and what the notebook lets the publisher `remember`;
    ``**values`` are the other things that they ask for.
    """

    def __init__(self, study: Study):
        self.study = study
        readable = [name for name in codes.CODES if study.reads(name)]
        names, sources = (codes.names(study.package, {*readable} & {*among}, study.lang)
                          for among in (codes.CODES, ["sources"]))
        self.t = self.tr = Texts(study.lang, study.stage, names=names, sources=sources)
        self.remembered: dict[str, object] = {}
        staging = files.run_facts().get("staging")
        self.building = bool(staging)
        self.folder = Path(staging) if staging else study.out
        self.processed = self.folder / "processed" if staging else study.processed

    def remember(self, **values) -> None:
        """Tell once what many of the texts and charts that follow ask for."""
        self.remembered |= values

    def text(self, key: str, /, when: object = True, **values) -> None:
        """Show a sentence with computed values, ``when`` it holds."""
        if when:
            lacking = self._lacking(key)
            text = self.t("draft", lacking=lacking) if lacking else self.t.for_markdown()(
                key, **self._known(values))
            show({"text/markdown": text, "text/plain": text})

    say = text

    def texts(self, key: str, rows: pd.DataFrame, /, **values) -> None:
        """Show a sentence a row; its columns are values, and fill a key like ``size.{verdict}``."""
        for row in self._released(rows).to_dict("records"):
            self.text(key.format(**row), **row | values)

    def told(self, key: str, rows: pd.DataFrame, /, **values) -> list[str]:
        """Texts of which `texts` would show one a row."""
        return [self.t(key.format(**row), **self._known(row | values))
                for row in self._released(rows).to_dict("records")]

    def label(self, row) -> str:
        """A row's label or text in the chosen language, else in another one."""
        found = label_of(row, self.t.lang)
        if not found:
            raise Error("there is no label_id, label_en, text_id or text_en in {names}",
                        names=list(row.keys()))
        return found

    def status(self, made_from: list[str] | None = None) -> str:
        """Weakest status of these resources and published tables."""
        names = made_from or observed.behind(self.study)
        # What rests on nothing that was read is the notebook's own.
        return weakest(map(self._status, names)) if names else STATUSES[-1]

    def _made_from(self, named: list[str] | None, apart_from: Collection[str] = ()) -> list[str]:
        """What a result was made from: what is observed to be behind it, or what the cell says
        where that is no stronger."""
        if numbers := {*apart_from} - DRAWN - {"areas"}:
            raise Error("apart_from={names}: a result can only stand apart from zones and borders; "
                        "allowed are {allowed}", names=", ".join(sorted(numbers)),
                        allowed=", ".join(sorted(DRAWN | {"areas"})))
        seen = observed.behind(self.study)
        behind = [name for name in seen if name not in apart_from] or seen
        if not named or not behind:
            return [*dict.fromkeys(named or behind)]
        said, weak = (weakest(map(self._status, names)) for names in (named, behind))
        if STATUSES.index(weak) > STATUSES.index(said):
            weaker = [name for name in behind
                      if STATUSES.index(self._status(name)) > STATUSES.index(said)]
            raise Error("what the cell shows as {said} (made_from={named}) rests on {weaker}, "
                        "which is {seen}; name it in made_from, leave made_from out, or make the "
                        "result of something else", said=said, named=", ".join(named),
                        weaker=", ".join(weaker), seen=weak)
        return [*dict.fromkeys(named)]

    def table(self, name: str, frame: pd.DataFrame, made_from: list[str] | None = None,
              row_status: str | None = None, shown: bool = True,
              apart_from: Collection[str] = ()) -> None:
        """Publish a table: CSV for machines, HTML for people, a sidecar with its origin; show it.

        Parameters
        ----------
        name, made_from, apart_from
        frame : DataFrame
            With exactly the columns that the table is known to have, ``status`` left out.
        row_status : str, optional
            A column that holds each row's own status, where rows rest on different data; a row
            without one has the status of the whole table.
        shown : bool
            Whether to show it here.
        """
        key, columns = f"table.{name}.title", tables.schemas().get(name)
        frame = self._released(frame)
        if lacking := self._lacking(key, **{"tables.yml": columns}):
            return self._show_table(frame, tables.guessed(frame), lacking)
        tables.check_columns(name, frame)
        columns = tables.styles_of(name, frame.columns)
        made_from = self._made_from(made_from, apart_from)
        status, title = self.status(made_from), self.t(key)
        html = self._html(frame, columns, title, status)
        own = frame[row_status].where(frame[row_status].isin(STATUSES),
                                      status) if row_status else status
        self._write(f"tables/{name}.csv", tables.to_csv(frame.assign(status=own)))
        self._write(f"tables/{name}.html", tables.to_page(html, title, self.t.lang))
        self._write_sidecar(f"tables/{name}", made_from, {"title": title, "status": status}, {
            "rows": len(frame), "columns": [*frame.columns, "status"]})
        if shown:
            self._show_table(frame, columns, (), title, status, {"text/html": {"table": name}},
                             tables.ROWS_SHOWN)

    def show(self, frame: pd.DataFrame, key: str = "", made_from: list[str] | None = None,
             columns: dict[str, str] | None = None, caption: str = "",
             apart_from: Collection[str] = (), **values) -> None:
        """Show a table without publishing it.

        Its caption is the text `key`, whose columns ``shown.yml`` has, or `caption`; `columns` says
        which columns to show, and how each is read (text, word, year, d, .Nf, .N%, p), where that
        does not.
        """
        columns = columns or tables.shown(self.study.stage, key, frame)
        frame = self._released(frame)
        if lacking := self._lacking(*[key] * bool(key), **{"shown.yml": columns}):
            return self._show_table(frame, tables.guessed(frame), lacking)
        caption = self.t(key, **self._known(values)) if key else caption
        self._show_table(frame[list(columns)], columns, (), caption,
                         self.status(self._made_from(made_from, apart_from)))

    def figure(self, chart, *drawn, made_from: list[str] | None = None, name: str | None = None,
               data: pd.DataFrame | None = None, sources: list[str] | None = None,
               text: str | None = None, apart_from: Collection[str] = (), **values) -> None:
        """Publish a figure: PNG, SVG, the table behind it, and a sidecar with caption, alternative
        text and source; show it.

        Parameters
        ----------
        chart : callable
            Makes the figure of ``drawn``, and of those parameters and values that it asks for; or
            a name, with the figure after it.
        *drawn
        made_from, apart_from
        name : str, optional
            Instead of the chart's. The texts are ``figure.<name>.title``, ``.caption``, ``.alt``.
        data : DataFrame, optional
            Numbers that the figure shows, where they are not the first thing drawn.
        sources : list of str, optional
            Keys of the resource ``sources``; without them the sources that ``made_from`` states.
        text : str, optional
            Instead of the name, where several figures share their texts (one map an indicator).
        **values
        """
        drawn = tuple(map(self._released, drawn))
        data = data if data is None else self._released(data)
        asked = inspect.signature(chart) if callable(chart) else None
        name = name or (chart.__name__ if asked else chart)
        _check_name(name)
        keys = {part: f"figure.{text or name}.{part}" for part in ("title", "caption", "alt")}
        lacking = self._lacking(*keys.values())
        asks = not lacking and any("{no_data}" in self.t.template(key) for key in keys.values())
        hatched = self.t("figure.no_data") if asks and _has_gaps(*drawn) else ""
        values = {"no_data": hatched} | self._known(values)
        said = {part: name if lacking else self.t(key, **values) for part, key in keys.items()}
        # Whose borders a map shows is always named; another figure need not name them.
        unseen = () if made_from or asked and "borders" in asked.parameters else DRAWN
        made_from = self._made_from(made_from, apart_from)
        said["source"] = self._source([one for one in made_from if one not in unseen], sources)
        said["status"] = DRAFT if lacking else self.status(made_from)
        given = self._given(asked, drawn, values) if asked else {}

        def made():
            figure = chart(*drawn, **given) if asked else drawn[0]
            figures.finish(figure, self.t, said["title"], said["source"], said["status"])
            return figures.render(figure, name)

        png, svg, about = self._once(name, [chart, drawn, given, said], made) if asked else made()
        about = about | {"alt": said["alt"]}
        if lacking:
            show({"text/markdown": self.t("draft", lacking=lacking)})
        else:
            data = (drawn[0] if data is None else data).drop(
                columns=["geometry", geography.TOLERANCE], errors="ignore")
            self._write(f"figures/{name}.csv", tables.to_csv(data.assign(status=said["status"])))
            self._write_sidecar(f"figures/{name}", made_from, said)
            self._write(f"figures/{name}.svg", svg)
            self._write(f"figures/{name}.png", png)
            about["figure"] = name
        show({"image/png": png, "text/plain": said["alt"]}, {"image/png": about})

    def layer(self, indicator, values: pd.DataFrame, limits, made_from: list[str] | None = None,
              sources: list[str] | None = None, apart_from: Collection[str] = ()):
        """One indicator (with label and unit) for `atlas`, with its status and sources.

        `values` has a row an area and a column a year, `limits` are class limits for all years.
        """
        made_from = self._made_from(made_from, apart_from)
        return atlas.Layer(indicator["label"], indicator["unit"], self._released(values), limits,
                           self._source(made_from, sources), self.status(made_from))

    def atlas(self, areas, layers: list) -> None:
        """Publish the interactive map as one page, ``figures/atlas.html``; show it.

        `areas` has code, name, zone and polygons in a metric system, `layers` are from `layer`.
        """
        html = atlas.page(areas, layers, t=self.t, borders=self.study.borders)
        title = self.t("atlas.title")
        self._write("figures/atlas.html", html)
        show({"text/html": atlas.framed(html, title), "text/plain": title},
             {"text/html": {"atlas": title}})

    def hand_over(self, name: str, frame: pd.DataFrame) -> None:
        """Leave a table for later stages in ``data/processed``, with its status as last column."""
        _check_name(name)
        files.write(self.processed / f"{name}.csv",
                    tables.to_csv(self._released(frame).assign(status=self.status())))

    def hand_over_workbook(self, name: str, frame: pd.DataFrame,
                           columns: dict[str, str] | None = None) -> None:
        """Leave a table as an .xlsx workbook in ``data/processed``, headings and words in the
        language.

        `columns` says what to write where ``shown.yml`` does not; those read as ``word`` are
        translated.
        """
        columns = columns or tables.shown(self.study.stage, name, frame)
        frame = self._released(frame)
        shown = frame[list(columns)].astype(object)
        for column in (column for column, style in columns.items() if style == "word"):
            shown[column] = shown[column].map(self.t.word)
        headings = [self.t(f"column.{column}") for column in columns]
        rows = shown.where(shown.notna(), None).values.tolist()
        files.write(self.processed / f"{name}.xlsx", workbook({name: [headings, *rows]}))

    def _released(self, one):
        """What a notebook that has the answers of respondents hands over, as it may be published.

        The one place that every table, figure, sentence and hand-over passes.
        """
        if isinstance(one, dict):
            return {name: self._released_value(name, part) for name, part in one.items()}
        if type(one) in (list, tuple):
            return type(one)(self._released_value("", part) for part in one)
        if isinstance(one, pd.DataFrame | pd.Series) and self._tells_experts(pd.DataFrame(one)):
            raise Error("a table tells what single experts said, and their ratings are real; show "
                        "what they said together")
        if not self.study.has_answers:
            return one
        if isinstance(one, np.ndarray) and one.dtype.kind == "f" and len(self._withheld):
            return one.round(disclosure.DECIMALS)
        if not isinstance(one, pd.DataFrame | pd.Series):
            return one
        rows = one if isinstance(one, pd.DataFrame) else one.to_frame("value")
        answers, items = (self.study.table(name, beside=True) for name in (ANSWERS, "items"))
        disclosure.check_rows(rows, answers, items["item"])
        if self._withheld.empty:
            return one
        if isinstance(one, pd.DataFrame):
            return disclosure.release(rows, self._withheld)
        found = disclosure.release(one.to_frame(one.name or "value"), self._withheld)
        return found.iloc[:, 0].rename(one.name)

    def _tells_experts(self, table: pd.DataFrame) -> bool:
        """Whether a table names single experts whose ratings are real: beside its rows, above its
        columns or in them. Numbers name nobody: they count, even where experts are numbered."""
        sides = [axis.get_level_values(level) for axis in table.axes
                 for level in range(axis.nlevels)]
        columns = [table.iloc[:, place] for place in range(table.shape[1])]
        return bool(self._real_experts) and any(
            values.name == "expert" or values.name not in FACTORS and not
            self._real_experts.isdisjoint(text for text in values if isinstance(text, str))
            for values in [*sides, *columns])

    @cached_property
    def _real_experts(self) -> set[str]:
        """Keys of the experts, where their ratings are real."""
        study = self.study
        if not study.reads("ratings") or study.status("ratings") != "published":
            return set()
        return {*study.table("ratings", beside=True)["expert"].astype("str")}

    @cached_property
    def _withheld(self) -> pd.DataFrame:
        """Hidden levels; areas by their codes, and by their names."""
        hidden, areas = self.study.hidden, self.study.table("areas", beside=True)
        codes = hidden.loc[hidden["domain"] == "area", "level"]
        names = areas.loc[areas["code"].isin(codes), "name"] if "name" in areas else []
        return pd.concat([hidden, pd.DataFrame({"domain": "area", "level": [*names]})]
                         ) if len(names) else hidden

    def _released_value(self, name: object, value: object):
        """Value of a sentence or a chart, with the digits that may be published."""
        if isinstance(value, float) and self.study.has_answers and len(self._withheld):
            return disclosure.rounded(str(name), value)
        return self._released(value)

    def _known(self, values: dict) -> dict:
        """What a text or a chart may ask for; without the numbers beside the name of a hidden
        level."""
        known = self.study.chosen | self._released(self.remembered | values)
        said = [value for value in values.values() if isinstance(value, str)]
        if self.study.has_answers and self._withheld["level"].isin(said).any():
            known |= {name: float("nan") for name, value in values.items()
                      if isinstance(value, (int, float, np.number))
                      and not isinstance(value, bool)}
        return known

    def _given(self, asked: inspect.Signature, drawn, values) -> dict[str, object]:
        """What a chart asks for by name."""
        open_ones = asked.parameters.keys() - asked.bind_partial(*drawn).arguments.keys()
        given = {"t": self.t} | values
        if "borders" in open_ones:
            given = {"borders": self.study.borders} | given
        return {name: given[name] for name in sorted(open_ones & given.keys())}

    def _once(self, name: str, behind: list, made) -> tuple[bytes, bytes, dict]:
        """PNG and SVG of a figure, and what is said about it: those of the build before, or of the
        cell's last run in JupyterLab, where nothing differs that it was drawn from."""
        behind = [*behind, figures.settings()]
        if not self.building:
            return figures.kept(kept.digest(name, behind), made)
        notes = kept.of_run("kept")
        key = notes.key(name, behind)
        places = [self.study.out / "figures" / f"{name}.{kind}" for kind in ("png", "svg")]
        if noted := notes.recall(f"figures/{name}", key):
            before = [place.read_bytes() for place in places if place.is_file()]
            if [hashlib.sha256(content).hexdigest() for content in before] == noted["hashes"]:
                return *before, noted["about"]
        *drawn, about = made()
        notes.note(f"figures/{name}", key, {"about": about, "hashes": [
            hashlib.sha256(content).hexdigest() for content in drawn]})
        return *drawn, about

    def _lacking(self, *keys: str, **declared) -> list[str]:
        """What is not written yet, in every language at once; the build refuses it."""
        lacking = self.t.lacking(*keys)
        lacking += [f"columns in {file}" for file, columns in declared.items() if not columns]
        if lacking and self.building:
            raise Error("a draft cannot be published; write first: {texts}",
                        texts=", ".join(lacking))
        return lacking

    def _write(self, path: str, content: bytes | str) -> None:
        files.write(self.folder / path, content)

    def _write_sidecar(self, path: str, made_from: list[str], said: dict,
                       end: dict | None = None) -> None:
        notebook = next((self.study.root / "notebooks").glob(f"*_{self.study.stage}.ipynb"), None)
        about = {"name": Path(path).name, "stage": self.study.stage, **said,
                 "made_from": [*made_from], "lang": self.t.lang,
                 "cell": running_cell(notebook), **(end or {})}
        self._write(f"{path}.json", files.as_json(about))

    def _show_table(self, frame: pd.DataFrame, styles: dict, lacking, caption: str = "",
                    status: str = DRAFT, about: dict | None = None,
                    rows: int | None = None) -> None:
        caption = self.t("draft", lacking=lacking) if lacking else caption
        # What is published nowhere else is shown whole.
        html = self._html(frame, styles, caption, status, rows)
        text = frame.head(tables.ROWS_SHOWN).to_string(index=False)
        show({"text/html": html, "text/plain": text}, about)

    def _html(self, frame: pd.DataFrame, styles: dict, *told) -> str:
        """Table as HTML, with the names of indicators, items, areas, ... before their codes."""
        return tables.spelled(tables.to_html(frame, styles, self.t, *told), self.t.names)

    def _status(self, name: str) -> str:
        # What a notebook invents for teaching is made from no resource: it names its status itself.
        if name in STATUSES[1:]:
            return name
        if name in STATUSES:
            raise Error("made_from=['published']: nobody can say so of his own numbers; name the "
                        "published resources that they were made from")
        if self.study.reads(name):
            return self.study.status(name)
        status = self.study.published_status(name) or self.study.handed_status(name)
        if status is None:
            raise Error("'{name}' is neither a resource of this package nor a published table; "
                        "made_from names what a result was made from", name=name)
        return status

    def _source(self, made_from: list[str], keys: list[str] | None) -> str:
        """Source line, with the borders' own."""
        stated = {name: [in_language(source, "title", self.t.lang) for source in
                         self.study.package.resource(name).descriptor.get("sources", [])]
                  for name in made_from if self.study.reads(name)}
        borders = stated.pop("boundaries", None)
        named = [title for titles in stated.values() for title in titles]
        if keys and self.study.has("sources"):
            named = [self.t.source(key) for key in keys]
        shown = self._some(list(dict.fromkeys(named)), made_from)
        return self.t("figure.source_borders", sources=shown,
                      borders="; ".join(borders)) if borders else shown

    def _some(self, named: list[str], made_from: list[str]) -> str:
        if not named:
            return self.t("figure.source_tables", tables=made_from)
        shown = "; ".join(named[:3])
        return shown if len(named) <= 3 else self.t("figure.source_more", sources=shown,
                                                    more=len(named) - 3)


def _has_gaps(drawn: object, columns: object = (), *_: object) -> bool:
    """Whether a map of these columns has areas without a value; a chart may also take a text or
    numbers there."""
    if not isinstance(drawn, pd.DataFrame) or "geometry" not in drawn:
        return False
    if isinstance(columns, Mapping):
        columns = columns.values()
    elif not isinstance(columns, list | tuple | pd.Index):
        columns = [columns]
    shown = {name for name in columns if isinstance(name, str | Integral)}
    return bool(drawn.loc[:, drawn.columns.isin(shown)].isna().any(axis=None))


def _check_name(name: str) -> None:
    """Refuse a name that would be another file's path, or a link that does not lead to the file."""
    if not PLAIN_NAME.fullmatch(name):
        raise Error("'{name}' cannot name a file; allowed are letters, digits, spaces, '_', '-' "
                    "and '.', at most 100, a letter or digit first and last", name=name)


def open_publisher(study: Study) -> Publisher:
    """Publisher of an open study; from now on cells may begin with ``%%when NAME``."""
    publisher = Publisher(study)
    answer_conditions(publisher.t)
    return publisher
