"""``make explore``: the explorer as a page, on this machine only, and the kernels of its pages."""

import os
import secrets
import socket
import subprocess
import sys

from helpers.errors import UsageError
from helpers.messages import say
from helpers.run.execution import private
from helpers.run.inputs import Inputs
from helpers.run.project import Project

FIRST_PORT = 8866
TRIES = 20
FOLDER = "explorer"
HOST = "127.0.0.1"


def free_port(wanted: int | None) -> int:
    """Port that nobody listens on: the wanted one, or the first free one from `FIRST_PORT` on."""
    for port in [wanted] if wanted is not None else range(FIRST_PORT, FIRST_PORT + TRIES):
        with socket.socket() as probe:
            if os.name == "posix":
                # What listened a moment ago does not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise UsageError("PORT={port}: something else listens there; choose another port"
                     if wanted is not None
                     else "no port from {first} to {last} is free; name one with PORT=",
                     port=wanted, first=FIRST_PORT, last=FIRST_PORT + TRIES - 1)


def command(port: int, browser: bool) -> list[str]:
    """Call of Voilà, made in the folder of the explorer: ``voila.json`` there says the rest."""
    # Sockets in a private folder where the system has them: no kernel's port is open to others.
    sockets = ["--KernelManager.transport=ipc"] if os.name == "posix" else []
    return [sys.executable, "-P", "-m", "voila", "explorer.ipynb", f"--Voila.port={port}",
            f"--Voila.open_browser={browser}", *sockets]


def environment(project: Project, inputs: Inputs, token: str) -> dict[str, str]:
    """Environment of the page: its data package, checked before, what to begin with, and the token
    that it asks for; in a command, every user of the machine could read it."""
    facts = {"raw": str(project.raw), "checked": inputs.fingerprint}
    carried = project.raw / "params.yml"
    if project.parameters_file is not None and project.parameters_file != carried:
        facts["given"] = str(project.parameters_file)
    if project.lang is not None:
        facts["lang"] = project.lang
    return os.environ | private.run_variables(facts) | {"JUPYTER_PATH": str(project.root / FOLDER),
                                               "JUPYTER_TOKEN": token}


def run(project: Project, inputs: Inputs, port: int | None, browser: bool) -> int:
    """Serve the page until somebody stops it; ``browser`` tells whether to open it."""
    chosen, token = free_port(port), secrets.token_urlsafe(24)
    say("explore: http://{host}:{port}/?token={token} (Ctrl-C ends it)", host=HOST, port=chosen,
        token=token)
    process = subprocess.Popen(command(chosen, browser), cwd=project.root / FOLDER,
                               env=environment(project, inputs, token))
    try:
        return process.wait()
    finally:
        # Voilà ends its kernels when it is asked to end, and only then.
        process.terminate()
        process.wait()
