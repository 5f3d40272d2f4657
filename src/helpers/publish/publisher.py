"""What a notebook publishes: tables, figures, sentences and hand-overs, each with its status."""

import json
import os
import re
from pathlib import Path

import pandas as pd

from helpers import files
from helpers.errors import Error
from helpers.languages import in_language, label_of
from helpers.publish import figures, tables
from helpers.publish.cell import running_cell
from helpers.publish.texts import Texts
from helpers.study import Study
from helpers.study.package import STATUSES, weakest

ROWS_SHOWN = 30
PLAIN_NAME = re.compile(r"(?=.{1,100}$)[^\W_](?:[\w .-]*[^\W_])?")


class Shown:
    """Something a notebook cell shows; knows its forms (HTML, Markdown, PNG) and their metadata."""

    def __init__(self, forms: dict, metadata: dict | None = None):
        self.forms = forms
        self.metadata = metadata or {}

    def _repr_mimebundle_(self, include=None, exclude=None):
        return self.forms, self.metadata


class Publisher:
    """Writes and shows what a stage makes, in the study's language.

    Under the build, files go to a staging folder (``KESENJANGAN_STAGING``) and reach their place
    when the whole notebook has succeeded; in JupyterLab they go to their place at once.

    Parameters
    ----------
    study : Study
        The open study of the stage.
    """

    def __init__(self, study: Study):
        self.study = study
        self.t = Texts(study.lang, study.stage)
        staging = os.environ.get("KESENJANGAN_STAGING")
        self.folder = Path(staging) if staging else study.out
        self.processed = self.folder / "processed" if staging else study.processed

    def say(self, key: str, **values) -> Shown:
        """Show a sentence with computed values."""
        text = self.t.for_markdown()(key, **values)
        return Shown({"text/markdown": text, "text/plain": text})

    def label(self, row) -> str:
        """A row's label or text in the chosen language, else in another one."""
        found = label_of(row, self.t.lang)
        if not found:
            raise Error("there is no label_id, label_en, text_id or text_en in {names}",
                        names=list(row.keys()))
        return found

    def status(self, made_from: list[str]) -> str:
        """Return the status of what is made from these resources and published tables."""
        return weakest(self._status(name) for name in made_from)

    def table(self, name: str, frame: pd.DataFrame, made_from: list[str],
              row_status: str | None = None) -> Shown:
        """Publish a table: CSV for machines, HTML for people, a side-car with its origin; show it.

        Parameters
        ----------
        name : str
        frame : DataFrame
            With exactly the columns that the table is known to have, ``status`` left out.
        made_from : list of str
            Resources, or published tables.
        row_status : str, optional
            A column that holds each row's own status, where rows rest on different data; a row
            without one has the status of the whole table.
        """
        tables.check_columns(name, frame)
        status, title = self.status(made_from), self.t(f"table.{name}.title")
        html = tables.to_html(frame, tables.schemas()[name], self.t, title, status)
        own = frame[row_status].where(frame[row_status].isin(STATUSES),
                                      status) if row_status else status
        self._write(f"tables/{name}.csv", tables.to_csv(frame.assign(status=own)))
        self._write(f"tables/{name}.html", tables.to_page(html, title, self.t.lang))
        self._write(
            f"tables/{name}.json",
            _json({
                "name": name, "stage": self.study.stage, "title": title, "status": status,
                "made_from": made_from, "lang": self.t.lang, "cell": self._cell(),
                "rows": len(frame), "columns": [*frame.columns, "status"]
            }))
        return self._shown_table(frame,
                                 tables.schemas()[name], title, status,
                                 {"text/html": {"table": name}})

    def show(self, frame: pd.DataFrame, made_from: list[str], columns: dict[str, str],
             caption: str = "") -> Shown:
        """Show a table without publishing it.

        Parameters
        ----------
        frame : DataFrame
        made_from : list of str
        columns : dict
            The columns to show, and how each is read: text, word, year, d, .Nf, .N%, p.
        caption : str
        """
        return self._shown_table(frame[list(columns)], columns, caption, self.status(made_from))

    def figure(self, name: str, figure, made_from: list[str], data: pd.DataFrame,
               sources: list[str] | None = None, text: str | None = None, **values) -> Shown:
        """Publish a figure: PNG, SVG, the table behind it, and a side-car with caption, alternative
        text and source.

        Parameters
        ----------
        name : str
            The texts are ``figure.<name>.title``, ``.caption`` and ``.alt``, unless ``text`` names
            others.
        figure : matplotlib.figure.Figure
        made_from : list of str
            Resources, or published tables.
        data : DataFrame
            The numbers that the figure shows.
        sources : list of str, optional
            Keys of the resource ``sources``; without them the sources that ``made_from`` states.
        text : str, optional
            Instead of the name, where several figures share their texts (one map an indicator).
        **values
            Fill the placeholders of the three texts.
        """
        _check_name(name)
        status, source = self.status(made_from), self._source(made_from, sources)
        texts = {
            part: self.t(f"figure.{text or name}.{part}", **values)
            for part in ("title", "caption", "alt")
        }
        if not texts["alt"].strip():
            raise Error("figure '{name}' has no alternative text; write figure.{text}.alt in both "
                        "languages", name=name, text=text or name)
        figures.finish(figure, self.t, texts["title"], source, status)
        png, svg = figures.render(figure, name)
        self._write(f"figures/{name}.csv", tables.to_csv(data.assign(status=status)))
        self._write(
            f"figures/{name}.json",
            _json({
                "name": name, "stage": self.study.stage, **texts, "source": source,
                "status": status, "made_from": made_from, "lang": self.t.lang, "cell": self._cell()
            }))
        self._write(f"figures/{name}.svg", svg)
        self._write(f"figures/{name}.png", png)
        width = int(figure.get_size_inches()[0] * 96)
        return Shown({"image/png": png, "text/plain": texts["alt"]},
                     {"image/png": {"alt": texts["alt"], "width": width, "figure": name}})

    def layer(self, indicator, values: pd.DataFrame, limits, made_from: list[str],
              sources: list[str]):
        """Return one indicator for `atlas`, with its status and sources.

        Parameters
        ----------
        indicator : mapping
            With label and unit.
        values : DataFrame
            A row an area, a column a year.
        limits : sequence of float
            Class limits for all years.
        made_from, sources : list of str
            As in `figure`.
        """
        from helpers.publish.atlas import Layer

        return Layer(indicator["label"], indicator["unit"], values, limits,
                     self._source(made_from, sources), self.status(made_from))

    def atlas(self, areas, layers: list) -> Shown:
        """Publish the interactive map as one page, ``figures/atlas.html``; show it.

        Parameters
        ----------
        areas : GeoDataFrame
            code, name, zone and polygons in a metric system.
        layers : list
            From `layer`.
        """
        from helpers.publish import atlas

        html, title = atlas.page(areas, layers, t=self.t,
                                 borders=self.study.borders), self.t("atlas.title")
        self._write("figures/atlas.html", html)
        return Shown({"text/html": atlas.framed(html, title), "text/plain": title},
                     {"text/html": {"atlas": title}})

    def hand_over(self, name: str, frame: pd.DataFrame) -> None:
        """Leave a table for later stages in ``data/processed``."""
        _check_name(name)
        files.write(self.processed / f"{name}.csv", tables.to_csv(frame))

    def hand_over_workbook(self, name: str, frame: pd.DataFrame, columns: dict[str, str]) -> None:
        """Leave a table as an .xlsx workbook in ``data/processed``, with headings and words in the
        chosen language.

        Parameters
        ----------
        name : str
        frame : DataFrame
        columns : dict
            The columns to write; those read as ``word`` are translated, the others stay as they
            are.
        """
        from helpers.study.workbook import workbook

        shown = frame[list(columns)].astype(object)
        for column in (column for column, style in columns.items() if style == "word"):
            shown[column] = shown[column].map(self.t.word)
        headings = [self.t(f"column.{column}") for column in columns]
        rows = shown.where(shown.notna(), None).values.tolist()
        files.write(self.processed / f"{name}.xlsx", workbook({name: [headings, *rows]}))

    def _write(self, path: str, content: bytes | str) -> None:
        files.write(self.folder / path, content)

    def _cell(self) -> str | None:
        return running_cell(
            next((self.study.root / "notebooks").glob(f"*_{self.study.stage}.ipynb"), None))

    def _shown_table(self, frame: pd.DataFrame, styles: dict, caption: str, status: str,
                     metadata: dict | None = None) -> Shown:
        html = tables.to_html(frame, styles, self.t, caption, status, rows=ROWS_SHOWN)
        return Shown(
            {"text/html": html, "text/plain": frame.head(ROWS_SHOWN).to_string(index=False)},
            metadata)

    def _status(self, name: str) -> str:
        # What a notebook invents for teaching is made from no resource: it names its status itself.
        if name in STATUSES:
            return name
        if self.study.reads(name):
            return self.study.status(name)
        status = self.study.published_status(name)
        if status is None:
            raise Error("'{name}' is neither a resource of this package nor a published table; "
                        "made_from names what a result was made from", name=name)
        return status

    def _source(self, made_from: list[str], keys: list[str] | None) -> str:
        """Return the source line; whose borders a map shows is always named, whatever the figures'
        sources are."""
        resources = [
            self.study.package.resource(name) for name in made_from if self.study.reads(name)
        ]
        borders = [
            _titles(resource, self.t.lang) for resource in resources
            if resource.name == "boundaries"
        ]
        if keys and self.study.has("sources"):
            titles = self.study.table("sources").set_index("source").fillna("")
            named = [
                f"{titles.loc[key, 'publisher'] or titles.loc[key, 'title']} ({key})"
                for key in keys if key in titles.index
            ]
        else:
            named = [title for resource in resources if resource.name != "boundaries"
                     for title in _titles(resource, self.t.lang)]
        shown = self._some(list(dict.fromkeys(named)), made_from)
        return self.t("figure.source_borders", sources=shown, borders="; ".join(
            borders[0])) if any(borders) else shown

    def _some(self, named: list[str], made_from: list[str]) -> str:
        if not named:
            return self.t("figure.source_tables", tables=", ".join(made_from))
        shown = "; ".join(named[:3])
        return shown if len(named) <= 3 else self.t("figure.source_more", sources=shown,
                                                    more=len(named) - 3)


def _titles(resource, lang: str) -> list[str]:
    return [
        in_language(source, "title", lang)
        for source in resource.descriptor.get("sources", [])
    ]


def _check_name(name: str) -> None:
    """Refuse a name that would be another file's path, or a link that does not lead to the file."""
    if not PLAIN_NAME.fullmatch(name):
        raise Error("'{name}' cannot name a file; allowed are letters, digits, spaces, '_', '-' "
                    "and '.', at most 100, a letter or digit first and last", name=name)


def _json(content: dict) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def open_publisher(study: Study) -> Publisher:
    """Return the publisher of an open study."""
    return Publisher(study)
