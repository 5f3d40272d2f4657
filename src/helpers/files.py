"""Files that several parts know: writing without ever leaving half of one, and where the choices
stand."""

import os
from pathlib import Path

CHOICES = "multiverse.yml"


def write(path: Path, content: bytes | str) -> None:
    """Put content at a path in one step; text is UTF-8 with plain line ends.

    Whoever reads the path sees the old file or the new one, never a part.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        os.replace(temporary, path)
    except OSError as error:
        # People know the file that they asked for, not its temporary name.
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        temporary.unlink(missing_ok=True)


def choices_file(raw: Path, root: Path) -> Path:
    """Return the choices of the multiverse: the data package's own, where it carries some, else the
    project's."""
    carried = raw / CHOICES
    return carried if carried.is_file() else root / CHOICES
