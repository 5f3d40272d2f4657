"""Whether there is nothing to do: a look at all that a build can read and at what it made, before
anything is imported."""

import hashlib
import sys

from helpers.files import write
from helpers.run import git_state
from helpers.run.project import Project, file_digest, tree_digest


class Freshness:
    """Whether the bytes that a build can read, and those that it made, are those of its last
    success.

    This only spares the work of finding out stage by stage. It counts too much rather than too
    little: all of the data package, all notebooks, all helpers.
    """

    def __init__(self, project: Project, target: str):
        self.project = project
        self.path = project.state / "fresh" / target
        self.read = self._read()

    def holds(self) -> bool:
        """Tell whether there is nothing to do."""
        if self.read is None or not self.path.is_file():
            return False
        read, made, *names = [
            *self.path.read_text(encoding="utf-8", errors="replace").splitlines(), "", ""
        ]
        names = [name for name in names if name]
        return bool(names) and read == self.read and made == self._made(names)

    def record(self, names: list[str]) -> None:
        """Write down that these stages are up to date with what was read when this object was
        made."""
        write(self.path, "\n".join([str(self.read), self._made(names), *names]))

    def _read(self) -> str | None:
        project = self.project
        digest = hashlib.sha256(
            f"{project.lang} {project.both} {sys.version_info[:2]} {git_state.commit(project.root)}"
            .encode())
        try:
            for folder in (project.raw, project.notebooks, project.source):
                digest.update(tree_digest(folder).encode())
            for path in (project.root / "params.yml", project.root / "requirements.lock",
                         project.parameters_file,
                         project.choices_file if project.choices_file.is_file() else None):
                digest.update(file_digest(path).encode() if path else b"-")
        except OSError:
            return None
        return digest.hexdigest()

    def _made(self, names: list[str]) -> str:
        from helpers.run import provenance
        from helpers.run.products import Products

        return " ".join(str(provenance.state(self.project) if name == provenance.NAME
                            else Products(self.project, name).state()) for name in names)
