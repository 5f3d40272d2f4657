"""Package for students: notebooks, their data and the checks in one archive that pip installs.

It holds nothing with solutions. The same input gives the same bytes.
"""

import io
import re
import tomllib
import zipfile
from pathlib import Path

from helpers.run.project import ROOT

NAME = "kesenjangan-student"
FILE = f"{NAME}.zip"
NEEDED = ("babel", "jupyterlab", "matplotlib", "numpy", "pandas", "pyyaml")
# The labs also draw maps, test and weigh samples; all but one `concepts` do without.
LABS = ("esda", "geopandas", "inequality", "libpysal", "mapclassify", "scipy", "svy")
LEFT_OUT = ("__pycache__", "explorer", "documents", "verdict", "cli", "intake", "rps.html.jinja")
EPOCH = (1980, 1, 1, 0, 0, 0)
PROJECT = """[build-system]
requires = ["setuptools>=70"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "{version}"
requires-python = ">=3.11"
dependencies = [{needed}]

[project.optional-dependencies]
labs = [{labs}]

[tool.setuptools.packages.find]
include = ["helpers*"]

[tool.setuptools.package-data]
"*" = ["*.yml", "*.po", "*.txt"]
"""


def archive(course: Path, readme: str) -> bytes:
    """Archive of the students' notebooks and the material below a made course.

    Parameters
    ----------
    course : Path
        Folder with ``student`` and ``material``.
    readme : str
        What a student reads first.
    """
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"]
    files = {"pyproject.toml": PROJECT.format(
        name=NAME, version=version, needed=_locked(NEEDED), labs=_locked(LABS)).encode(),
             "README.md": readme.encode()}
    for folder in ("student", "material"):
        for path in (course / folder).rglob("*"):
            if path.is_file():
                files[path.relative_to(course).as_posix()] = path.read_bytes()
    package = ROOT / "src" / "helpers"
    for path in package.rglob("*"):
        own = path.relative_to(package.parent)
        if path.is_file() and not set(own.parts) & {*LEFT_OUT}:
            files[own.as_posix()] = path.read_bytes()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{NAME}/{name}", EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            file.writestr(entry, files[name])
    return content.getvalue()


def _locked(names: tuple[str, ...]) -> str:
    """Libraries as this project's lock has them, or newer."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    versions = (re.search(rf"(?m)^{name}==([\w.]+)", lock)[1] for name in names)
    return ", ".join(f'"{name}>={found}"' for name, found in zip(names, versions, strict=True))
