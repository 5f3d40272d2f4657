"""Notebooks that students handed in: found, recognised, and put in the assignment's order."""

import ast
import codecs
import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from helpers.course import assignments
from helpers.course.battery import about, defined
from helpers.languages import languages
from helpers.messages import Message, joined

EMPTY = "NotImplementedError"
LARGEST = 50 << 20  # bytes of a file that are read
WORDS = 4  # of a new text cell that is taken for the written answer
MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_file_?")


@dataclass
class Submission:
    """Work of one student: a notebook, or the reason why there is none to grade.

    Attributes
    ----------
    identifier : str
        Number that Moodle gave the participant.
    """

    student: str
    identifier: str = ""
    path: Path | None = None
    notebook: object = None
    reason: Message | str = ""


@dataclass
class Restored:
    """Notebook in the assignment's order: locked cells as they were handed out.

    Attributes
    ----------
    cells : list
        Of the lecturer's version where they are locked, else the student's.
    essay : str
        Text of the written answer; empty where there is none.
    """

    cells: list
    essay: str = ""
    remarks: list[Message] = field(default_factory=list)


def collect(folder: Path, given) -> tuple[list[Submission], list[Message]]:
    """Submissions below a folder, one a student, and what is said of the other files.

    Of two notebooks of one student neither counts: which one is meant only they know.
    """
    found: dict[str, list[Path]] = {}
    said = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") or part == "__MACOSX" for part in parts) or path.is_dir():
            continue
        student = path.stem if len(parts) == 1 else parts[0]
        if path.suffix.lower() != ".ipynb" or not path.is_file():
            if len(parts) == 1:
                said.append(Message("{file} is not graded: it is no notebook (.ipynb)",
                                    file=path.name))
            else:
                found.setdefault(student, [])
            continue
        found.setdefault(student, []).append(path)
    return [_submission(student, paths, given) for student, paths in found.items()], said


def _submission(student: str, paths: list[Path], given) -> Submission:
    moodle = MOODLE.fullmatch(student)
    found = Submission(moodle["name"] if moodle else student, moodle["number"] if moodle else "")
    read = {path: _read(path) for path in paths}
    own = {path: notebook for path, notebook in read.items()
           if not isinstance(notebook, str) and belongs(notebook, given)}
    broken = [Message("{file}: {reason}", file=path.name, reason=reason)
              for path, reason in read.items() if isinstance(reason, str)]
    if len(own) == 1:
        [(found.path, found.notebook)] = own.items()
        found.reason = joined(broken, "; ") if broken else ""
    elif own:
        found.reason = Message("handed in {number} notebooks of this assignment ({files}); leave "
                               "one of them", number=len(own),
                               files=", ".join(path.name for path in own))
    elif broken:
        found.reason = joined(broken, "; ")
    elif paths:
        found.reason = Message("{file} belongs to another assignment", file=paths[0].name)
    else:
        found.reason = Message("handed in no notebook (.ipynb)")
    return found


def _read(path: Path):
    """Notebook, or the reason why it is none."""
    if path.stat().st_size > LARGEST:
        return Message("larger than {size} MB; clear its outputs and hand it in again",
                       size=LARGEST >> 20)
    try:
        with warnings.catch_warnings(action="ignore"):
            notebook = nbformat.reads(_text(path.read_bytes()), as_version=4)
        for cell in notebook.cells:
            cell.setdefault("metadata", nbformat.from_dict({}))
            cell.source = str(cell.get("source", ""))
            if not isinstance(cell.metadata.get("nbgrader", {}), dict):
                del cell.metadata["nbgrader"]
        return notebook
    except UnicodeDecodeError:
        return Message("not saved as UTF-8; open it in JupyterLab, save it and hand it in again")
    except Exception as error:
        told = " ".join(f"{type(error).__name__}: {error}".split())[:120]
        return Message("no notebook that can be read ({error})", error=told)


def _text(content: bytes) -> str:
    """Text of a file as UTF-8, or as what its byte order mark says (editors of Windows)."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if marked else "utf-8-sig")


def belongs(notebook, given) -> bool:
    """Whether a notebook answers this assignment.

    Assignments share some names of exercises; more than half of them are those of one only.
    """
    wanted = {_name(cell) for cell in given.cells if about(cell).get("solution")}
    return 2 * len(wanted & _recognised(notebook, given).keys()) > len(wanted)


def restored(notebook, given) -> Restored:
    """Notebook with locked cells restored and in order, the student's own cells where they were."""
    known, found = _recognised(notebook, given), Restored([])
    used = {id(cell) for cells in known.values() for cell in cells}
    extra: dict[str | None, list] = {}
    place, names = None, {id(cell): name for name, cells in known.items() for cell in cells}
    for cell in notebook.cells:
        if id(cell) in used:
            place = names[id(cell)]
        else:
            extra.setdefault(place, []).append(cell)
    found.cells += extra.get(None, [])
    for cell in given.cells:
        name = _name(cell) or cell.id
        if about(cell).get("solution"):
            found.cells.append(_answer(cell, name, known.get(name, []), found))
        else:
            found.cells.append(nbformat.from_dict(cell))
        own = extra.get(name, [])
        if about(cell).get("solution") and about(cell).get("grade"):
            _write_essay(found, [*extra.get(_before(given, cell), []), *own])
        found.cells += own
    return found


def _answer(cell, name: str, candidates: list, found: Restored):
    """Student's cell of an exercise, as the assignment names it."""
    filled = [one for one in candidates if not _is_empty(one)]
    if not candidates:
        found.remarks.append(Message("the cell '{name}' is missing", name=name))
    if len(filled) > 1:
        found.remarks.append(Message("the cell '{name}' is there {number} times; the last one "
                                     "counts", name=name, number=len(filled)))
    chosen = (filled or candidates or [None])[-1]
    kept = nbformat.from_dict(cell)
    kept.source = chosen.source if chosen is not None else \
        "raise NotImplementedError" if cell.cell_type == "code" else ""
    return kept


def _write_essay(found: Restored, extra: list) -> None:
    cell = found.cells[-1]
    if not _is_empty(cell):
        found.essay = cell.source.strip()
        return
    texts = [one.source.strip() for one in extra
             if one.cell_type == "markdown" and len(one.source.split()) >= WORDS]
    if texts:
        found.essay = "\n\n".join(texts)
        found.remarks.append(Message("the written answer stands in a new cell"))


def _before(given, cell) -> str | None:
    places = [one.id for one in given.cells]
    number = places.index(cell.id)
    return (_name(given.cells[number - 1]) or places[number - 1]) if number else None


def _is_empty(cell) -> bool:
    stubs = [assignments.stubs(lang)[1] for lang in languages()]
    return cell.source.strip() in ("", *stubs) or EMPTY in cell.source


def _name(cell) -> str | None:
    return about(cell).get("grade_id")


def _recognised(notebook, given) -> dict[str, list]:
    """Cells of the assignment by name, by what their editor left: metadata, id, or content."""
    places = {_name(cell) or cell.id: cell for cell in given.cells}
    by_id = {cell.id: name for name, cell in places.items()}
    by_text = {_squeezed(cell.source): name for name, cell in places.items()
               if not about(cell).get("solution")}
    by_text |= {_squeezed(re.sub(r"(?s)### BEGIN HIDDEN.*?### END HIDDEN TESTS\n?", "",
                                 cell.source)): name for name, cell in places.items()
                if about(cell).get("grade") and not about(cell).get("solution")}
    found: dict[str, list] = {}
    left = []
    for cell in notebook.cells:
        candidates = _name(cell), by_id.get(cell.get("id")), by_text.get(_squeezed(cell.source))
        name = next((name for name in candidates if name in places), None)
        if name is None:
            left.append(cell)
        else:
            found.setdefault(name, []).append(cell)
    for name, cell in places.items():
        if not about(cell).get("solution") or any(not _is_empty(one)
                                                  for one in found.get(name, [])):
            continue
        wanted = set(defined([cell.source])) if cell.cell_type == "code" else set()
        own = [one for one in left if wanted and wanted <= _defined(one)]
        if own:
            found[name] = [*found.get(name, []), *own]
            left = [one for one in left if one not in own]
    return found


def _defined(cell) -> set[str]:
    try:
        return set(defined([cell.source])) if cell.cell_type == "code" else set()
    except SyntaxError:
        return set(re.findall(r"(?m)^def (\w+)", cell.source))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def settings(notebook) -> dict[str, str]:
    """Words that a notebook gives to names at its top level: language, student number."""
    found: dict[str, str] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            try:
                tree = ast.parse(cell.source)
            except (SyntaxError, ValueError):
                continue
            for node in tree.body:
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                    found.setdefault(ast.unparse(node.targets[0]), str(node.value.value).strip())
    return found


def language_of(notebook) -> str | None:
    """Language that a notebook sets, None where it sets none."""
    lang = settings(notebook).get("lang")
    return lang if lang in languages() else None
