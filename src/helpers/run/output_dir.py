"""Where a build may write, and what to say when it cannot."""

import errno
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from helpers.messages import Message, reason_of
from helpers.run.locks import exclusive
from helpers.run.project import ROOT, Project

# Folders of the project that hold what people wrote; a build that wrote there would mix with it.
WRITTEN = (".ci", ".git", ".venv", "course", "data", "docs", "examples", "notebooks", "reference",
           "src", "tests")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# A home folder that no shell put in, an option, an address: as a name they make a folder beside.
NO_FOLDER = re.compile(r"~|-|\w+://")
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def hold(project: Project):
    """Context in which this process alone works on an output folder; who comes second waits."""
    return exclusive(project.state / "lock", "waiting: another build is using this output folder")


def refusal(out: Path, given: str) -> Message | None:
    """Why nothing may be written to an output folder, ``given`` by a person; None where it may.

    >>> refusal(ROOT, ".")
    'OUT=. holds the project itself; give a folder of its own, such as OUT=elsewhere'
    >>> refusal(ROOT / "notebooks" / "out", "notebooks/out")
    "OUT=notebooks/out lies in the project's folder notebooks; give a folder of its own, such as
    OUT=elsewhere"
    """
    own = Message("give a folder of its own, such as OUT=elsewhere")
    if not (given.strip() and given.isprintable()) or NO_FOLDER.match(given):
        return Message("OUT={given} is no name of a folder; {own}", given=repr(given), own=own)
    if os.path.isfile(out):
        return Message("OUT={given} is a file; give a folder", given=given)
    if out == ROOT or out in ROOT.parents:
        return Message("OUT={given} holds the project itself; {own}", given=given, own=own)
    if out.is_relative_to(ROOT) and (first := out.relative_to(ROOT).parts[0]) in WRITTEN:
        return Message("OUT={given} lies in the project's folder {folder}; {own}", given=given,
                       folder=first, own=own)
    above = next(folder for folder in (out, *out.parents) if os.path.lexists(folder))
    try:
        with suppress(FileNotFoundError):
            os.lstat(out)
        if not out.is_dir():
            os.rmdir(tempfile.mkdtemp(dir=above))
        return None
    except OSError as error:
        return Message("OUT={given}: no folder can be made there ({reason}); {own}", given=given,
                       reason=reason_of(error), own=own)


def leading_out(out: Path) -> Path | None:
    """First link in an output folder, or in its ``.build``, that leads out of it; None without one.

    A folder of results can come from anywhere: through such a link a build would write, and
    ``clean`` remove, what is somebody else's.
    """
    folders = [out, out / ".build"]
    links = (path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())
             if path.is_symlink())
    return next((link for link in links if not link.resolve().is_relative_to(out.resolve())), None)


def foreign(project: Project) -> bool:
    """Whether an output folder holds something that no build made and that could be overwritten."""
    if project.state.is_dir() or project.out == ROOT / "outputs" or not project.out.is_dir():
        return False
    return any(project.out.iterdir())


def message_of(error: OSError) -> Message:
    """What went wrong with a file or a disk, in one line.

    >>> message_of(OSError(errno.ENOSPC, "No space left on device", "/x/scores.csv"))
    'the disk is full (scores.csv could not be written); what was built before is intact: make room
    and call again'
    """
    path = getattr(error, "filename", None)
    name = Path(str(path)).name if path else Message("a file")
    if error.errno in FULL:
        return Message("the disk is full ({name} could not be written); what was built before is "
                       "intact: make room and call again", name=name)
    if error.errno in FORBIDDEN:
        return Message("{path} may not be read or written ({reason}); change its permissions, or "
                       "write elsewhere with OUT=", path=path or name, reason=reason_of(error))
    return Message("{path}: {reason}", path=path or name, reason=reason_of(error))
