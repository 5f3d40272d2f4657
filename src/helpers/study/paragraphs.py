"""Which paragraph explains an error: a notebook shows one message and where to read on, not forty
lines of traceback.

`parameters.yml` says where every parameter is explained, `paragraphs.yml` where a method is. Only
errors that this project raises on purpose are shown short; whatever else goes wrong keeps its
traceback, and ``%tb`` brings back that of a short one.
"""

import json
import linecache
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import TracebackType

from helpers import messages
from helpers.files import run_facts, settings
from helpers.languages import preferred
from helpers.study import parameters
from helpers.study.paths import ROOT, raw_folder

RED, PLAIN = "\x1b[31m", "\x1b[39m"


def known() -> dict:
    """Return what `paragraphs.yml` holds."""
    return settings(__file__, "paragraphs.yml")


def show_short(stage: str, values: Mapping[str, object]) -> None:
    """From now on show this notebook's errors short, each with its place; outside a notebook do
    nothing. The notebook's ``lang`` is read when an error comes."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return

    def shown(shell, kind, error, trace, tb_offset=None):  # noqa: ARG001 (IPython passes it)
        if not _on_purpose(trace):
            return shell.showtraceback((kind, error, trace))
        # For %tb.
        sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
        lang = next(code for code in preferred(values.get("lang")) if code in known()["words"])
        lines = short(shell, error, trace, lang)
        # What the build hears of it is in the language of its own messages.
        shell._showtraceback(kind, messages.translate(error), lines)
        _display(markdown(places(stage, error, trace), stage, lang))
        return lines

    shell.set_custom_exc((ValueError,), shown)


def places(stage: str, error: Exception, trace: TracebackType | None) -> list[tuple[str, str]]:
    """Where an error is explained: ("cell", its id without the language), ("parameters", section)
    or ("data", section). `trace` is what it came through, from the notebook's cell inwards."""
    subject = getattr(error, "about", {})
    if name := _parameter(subject, parameters.names(stage), stage):
        section = "every-stage" if name in parameters.COMMON else stage
        return [("cell", parameters.paragraph(stage, name)), ("parameters", section)]
    found = [("cell", cell) for cell in [_called(trace, known()["called"].get(stage, {}))] if cell]
    return found + [("data", name) for name in [_resource(subject)] if name]


def _parameter(subject: Mapping, names: Mapping, stage: str) -> str | None:
    """Parameter of this stage that an error names, else one whose value it holds."""
    section, _, name = str(subject.get("parameter", "")).rpartition(".")
    if name:
        return name if name in names and section in ("", stage) else None
    return next((name for name in subject if name in names), None)


def _called(trace: TracebackType | None, entries: Mapping[str, str]) -> str | None:
    """Paragraph about what the cell called, or, where there is none, what that called."""
    for called in _calls(trace):
        parts = called.split(".")
        for length in range(len(parts), 0, -1):
            if cell := entries.get(".".join(parts[:length])):
                return cell
    return None


def _calls(trace: TracebackType | None) -> Iterator[str]:
    """The project's functions in a traceback, outermost first, as ``sampling.size.sample_size``."""
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.startswith("helpers."):
            yield f"{module.removeprefix('helpers.')}.{trace.tb_frame.f_code.co_name}"
        trace = trace.tb_next


def _on_purpose(trace: TracebackType | None) -> bool:
    """Whether the project raised the error; a library's is a fault, and needs its traceback."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__", "").startswith("helpers.")


def _resource(subject: Mapping) -> str | None:
    """Resource that an error is about, by its file or name, if the data dictionary has it."""
    if _built() or "resource" not in subject:
        return None
    return next((name for name, file in _resources().items()
                 if subject["resource"] in (name, file)), None)


@cache
def _resources() -> dict[str, str]:
    """Return name and file of the resources that the data dictionary describes."""
    described = re.findall(r"(?m)^## (\w+)$",
                           (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8"))
    try:
        entries = json.loads(
            (raw_folder() / "datapackage.json").read_text(encoding="utf-8"))["resources"]
        files = {entry["name"]: entry["path"] for entry in entries}
    except (OSError, ValueError, LookupError, TypeError):
        files = {}
    return {name: files.get(name, f"{name}.csv") for name in described}


def short(shell, error: Exception, trace: TracebackType, lang: str) -> list[str]:
    """What stands in place of a traceback: the message, its line, how to see the rest."""
    lines = [f"{RED}{type(error).__name__}{PLAIN}: {messages.translate(error, lang)}"]
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if cell := shell.compile.format_code_name(file):
            source = linecache.getline(file, trace.tb_lineno).strip()
            lines.append(f"{' '.join(cell)}, line {trace.tb_lineno}: {source}")
        trace = trace.tb_next
    return [*lines, known()["words"][lang]["full"]]


def markdown(found: list[tuple[str, str]], stage: str, lang: str) -> str:
    """One line with links to the places that explain an error; empty where there is none."""
    words = known()["words"][lang]
    links = [_link(kind, name, stage, lang) for kind, name in found]
    return f"**{words['explained']}:** {' · '.join(links)}" if links else ""


def _link(kind: str, name: str, stage: str, lang: str) -> str:
    if kind == "cell":
        text, place = heading(stage, name, lang) or name, f"#cell-id={name}-{lang}"
        if _built() or Path.cwd() == ROOT / "notebooks":
            return f"[{text}]({place})"
        place = f"notebooks/{_notebook(stage).name}{place}"
    else:
        text = known()["words"][lang][kind].format(name=name)
        place = _twin(known()["documents"][kind].format(name=name), lang)
    way = way_to_root()
    return f"{text} (`{place}`)" if way is None else f"[{text}]({way}{place})"


def _twin(place: str, lang: str) -> str:
    """Return the same section of a document in the language, where the document has such a twin."""
    twin = place.replace(".md#", f".{lang}.md#")
    return twin if (ROOT / twin.partition("#")[0]).is_file() else place


def way_to_root() -> str | None:
    """Beginning of links from the running notebook to the project's files, if it can be known."""
    here = Path.cwd()
    # Under the build the notebook does not lie where its kernel works.
    if _built() or not here.is_relative_to(ROOT):
        return None
    return "../" * len(here.relative_to(ROOT).parts)


def heading(stage: str, cell: str, lang: str) -> str | None:
    """Heading that a paragraph stands under, None where the notebook cannot be looked up."""
    path = _notebook(stage)
    if path is None or _built():
        return None
    found = None
    for text in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if text["cell_type"] == "markdown" and text["id"].endswith(f"-{lang}"):
            titles = re.findall(r"(?m)^#+ (.*)$", "".join(text["source"]))
            found = titles[-1] if titles else found
        if text["id"] == f"{cell}-{lang}":
            return found
    return None


def _notebook(stage: str) -> Path | None:
    return next((ROOT / "notebooks").glob(f"*_{stage}.ipynb"), None)


def _built() -> bool:
    """Whether the build runs this notebook: a stage then reads nothing that it does not declare."""
    return "reads" in run_facts()


def _display(text: str) -> None:
    if text:
        plain = re.sub(r"\[(.*?)\]\((.*?)\)", r"\1 (\2)", text.replace("**", ""))
        sys.modules["IPython"].display.display({"text/markdown": text, "text/plain": plain},
                                               raw=True)
