"""What `helpers.cli.doctor` asks the environment's Python; a question prints a line of JSON."""

import json
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from helpers.cli import bootstrap

FONT = "mpl-data/fonts/ttf/DejaVuSans.ttf"
PATIENCE = 20  # seconds


def packages() -> None:
    """Packages that are not those of the lock, and whether the fonts came along."""
    locked = bootstrap.locked_versions()
    found = {name: _version(name) for name in locked}
    differing = [f"{name} {found[name] or '-'} ({version})"
                 for name, version in locked.items() if found[name] != version]
    matplotlib = find_spec("matplotlib")
    fonts = matplotlib is not None and Path(matplotlib.origin).parent.joinpath(FONT).is_file()
    print(json.dumps({"count": len(locked), "differing": differing, "fonts": fonts}))


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def kernel() -> None:
    """Whether a kernel of JupyterLab starts, in this environment, and finds the project."""
    from jupyter_client.manager import start_new_kernel

    heard = []
    manager, client = start_new_kernel(startup_timeout=PATIENCE)
    try:
        client.execute_interactive("import helpers, sys; print(sys.prefix)", timeout=PATIENCE,
                                   output_hook=heard.append)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    said = [message["content"] for message in heard if message["msg_type"] in ("stream", "error")]
    prefix = said[0].get("text", "").strip() if said else ""
    why = "" if prefix == sys.prefix else said[0].get(
        "evalue") or f"it runs in {prefix}" if said else "it said nothing"
    print(json.dumps({"why": why}))
