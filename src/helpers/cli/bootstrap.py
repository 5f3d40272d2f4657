"""The project's environment, made from ``requirements.lock`` by a bare Python. Standard library
only.

The first call makes ``.venv``, installs uv with its locked hash, and lets uv install the rest with
theirs. A stamp holds the hash of the lock; as long as it fits, later calls cost a few milliseconds.
A conda environment that holds the locked versions (``environment.yml`` makes one) is used as it is.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

from helpers.errors import Error
from helpers.messages import Message, joined, reason_of, say, translate

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
LOCK = os.path.join(ROOT, "requirements.lock")
PROJECT = os.path.join(ROOT, "pyproject.toml")
ENVIRONMENT = os.path.join(ROOT, ".venv")
STAMP = "kesenjangan.stamp"
# The source, and what `python -m helpers` needs before it can say where not to import from: loaded
# with the environment, it is not looked for in the folder in which one stands.
POINTER = os.path.join(ROOT, "src") + "\nimport helpers, runpy\n"
FROM_PIP = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX",
            "find-links": "UV_FIND_LINKS", "cert": "SSL_CERT_FILE"}


class BootstrapError(Error):
    """The environment cannot be made."""


def enter(arguments):
    """Entry into the environment: return when this is its Python, else start Python anew there."""
    try:
        if sys.version_info < OLDEST:
            _replace(newer_python(), arguments)
        if os.environ.get("CONDA_PREFIX") and same(
                sys.prefix, os.environ["CONDA_PREFIX"]) and _fits(sys.prefix):
            return
        python = python_of(ENVIRONMENT)
        if not stamped(ENVIRONMENT):
            make(ENVIRONMENT)
        if not same(sys.prefix, ENVIRONMENT):
            _replace(python, arguments)
    except BootstrapError as error:
        sys.exit(translate(Message("error: {error}", error=error)))
    except OSError as error:
        sys.exit(translate(Message("error: the environment cannot be made in {folder}: {reason}",
                                   folder=ENVIRONMENT, reason=reason_of(error))))
    except KeyboardInterrupt:
        sys.exit(translate(Message("stopped; the next call goes on with the environment")))


def make(folder):
    """Make or mend the environment in ``folder``; two at once wait for each other."""
    from helpers.run import locks

    with locks.exclusive(folder + ".lock", "waiting: another process is making the environment"):
        if stamped(folder):
            return
        say("environment: installing the locked packages into {folder} (once)",
            folder=os.path.basename(folder))
        python = python_of(folder)
        if not runs([python, "-c", ""]):
            _call([sys.executable, "-m", "venv", "--clear", folder], "Python's venv does not work "
                  "here (on Debian and Ubuntu: apt install python3-venv)")
        if not _has_locked_uv(folder) and not runs([python, "-m", "pip", "--version"]):
            _call([python, "-m", "ensurepip"], "Python's own pip cannot be installed")
        if _has_locked_uv(folder) or _install_uv(python):
            uv = [_script(folder, "uv"), "--quiet", "--no-progress", "pip"]
            where = ["--python", python]
            # Hashes are checked, so a package may come from whichever of the machine's indexes has
            # it. Compiled now, once: a system that may not write caches would compile at each start
            # of each process.
            _call(uv + ["sync", "--require-hashes", "--compile-bytecode", "--index-strategy",
                        "unsafe-best-match"] + where + [LOCK],
                  "the locked packages cannot be installed", _index_settings())
            _call(uv + ["install", "--no-deps", "--offline"] + where + ["-e", ROOT],
                  "the project cannot be installed")
        else:
            _call([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                   "--require-hashes", "--no-deps", "-r", LOCK],
                  "the locked packages cannot be installed")
        _point_to_source(python)
        _stamp(folder)


def locked_versions(text=None):
    """Name and version of every package in the lock that has no condition.

    >>> locked_versions("uv==0.13.9 \\\\\\n    --hash=sha256:ab\\nx==0.1 ; os_name == 'nt' \\\\\\n")
    {'uv': '0.13.9'}
    """
    if text is None:
        text = _read(LOCK)
    return dict(re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^\s;]+) *\\?$", text))


def _fits(prefix):
    """Whether the environment that runs this is at the lock; the project itself is added once."""
    from importlib import metadata

    if stamped(prefix):
        return True
    differing = []
    for name, version in locked_versions().items():
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            return False
        if found != version:
            differing.append(Message("{name} {found} instead of {version}", name=name, found=found,
                                     version=version))
    if differing:
        print(translate(Message(
            "the conda environment is not at the lock ({differing}): using .venv; conda env "
            "update -f environment.yml mends that", differing=joined(differing[:3]))),
            file=sys.stderr)
        return False
    _point_to_source(sys.executable)
    _stamp(prefix)
    return True


def _has_locked_uv(folder):
    ask = [_script(folder, "uv"), "--version"]
    return runs(ask) and run(ask).stdout.split()[1] == locked_versions()["uv"]


def _install_uv(python):
    """Install the locked uv; tell whether there is a wheel of it for this machine."""
    block = re.search(r"(?m)^uv==.*(?:\n .*)*", _read(LOCK)).group(0)
    with tempfile.TemporaryDirectory() as folder:
        requirement = os.path.join(folder, "uv.txt")
        with open(requirement, "w", encoding="ascii") as handle:
            handle.write(block + "\n")
        result = run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                      "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", requirement])
    none = "No matching distribution" in result.stderr
    if result.returncode and none and "from versions: none" not in result.stderr:
        return False
    _check(result, "uv cannot be installed")
    return True


def _point_to_source(python):
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = run([python, "-c", code]).stdout.strip()
    with open(os.path.join(site, "kesenjangan_blitar.pth"), "w", encoding="utf-8",
              errors="surrogateescape") as handle:
        handle.write(POINTER)


def _index_settings():
    """The machine's pip settings for uv, which does not read them. None is written to a file."""
    settings = {}
    listed = run([sys.executable, "-m", "pip", "config", "list"]).stdout
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        variable = FROM_PIP.get(name.replace(":env:.", "").split(".")[-1])
        if variable:
            settings[variable] = value.strip("'\"").replace("\\n", " ").strip()
    return {variable: value for variable, value in settings.items() if value
            and variable not in os.environ}


def _stamp(folder):
    path = os.path.join(folder, STAMP)
    with open(path + ".new", "w", encoding="ascii") as handle:
        handle.write(_wanted())
    os.replace(path + ".new", path)


def stamped(folder):
    """Whether the environment in ``folder`` is finished and made from the lock as it is now."""
    try:
        return _read(os.path.join(folder, STAMP)) == _wanted() and os.path.exists(python_of(folder))
    except OSError:
        return False


def _wanted():
    digest = hashlib.sha256()
    for path in (LOCK, PROJECT):
        with open(path, "rb") as handle:
            digest.update(handle.read())
    digest.update(POINTER.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def newer_python():
    """The oldest Python on the path that is new enough."""
    for minor in range(OLDEST[1], OLDEST[1] + 9):
        found = shutil.which("python%d.%d" % (OLDEST[0], minor))
        if found and runs([found, "-m", "venv", "--help"]):
            return found
    raise BootstrapError("Python {oldest} or newer is needed, this is {found}; install it, or "
                         "name it: make PYTHON=python3.11", oldest="%d.%d" % OLDEST,
                         found="%d.%d" % tuple(sys.version_info[:2]))


def _replace(python, arguments):
    command = [python, os.path.join(ROOT, "src", "helpers")] + arguments
    sys.stdout.flush()
    if os.name == "nt":
        # Windows has no exec that keeps the console waiting for the new process.
        sys.exit(subprocess.call(command))
    os.execv(python, command)


def _call(command, problem, settings=None):
    _check(run(command, settings), problem)


def _check(result, problem):
    if result.returncode:
        lines = [line.strip() for line in result.stderr.splitlines() if line.strip()]
        told = [line for line in lines if line.lower().startswith(("error", "cause", "×"))]
        detail = (told or lines[-1:] or [Message("no message")])[0]
        raise BootstrapError("{problem}: {detail}{hint}", problem=Message(problem), detail=detail,
                             hint=_hint(result.stderr))


def _hint(text):
    signs = ("resolution", "connection", "connect", "network", "unreachable", "timed out", "dns",
             "from versions: none")
    cut = any(sign in text.lower() for sign in signs)
    return Message(" (is the network there? it is needed once, to install)") if cut else ""


def run(command, settings=None):
    """Outcome of a program that runs at the project's root."""
    # Programs need not write in the encoding of the console: a sign that cannot be read must not
    # hide the rest.
    return subprocess.run(command, capture_output=True, text=True, errors="replace", cwd=ROOT,
                          env=dict(os.environ, **(settings or {})))


def runs(command):
    """Whether a program is there and ends well."""
    try:
        return run(command).returncode == 0
    except OSError:
        return False


def python_of(folder):
    """Path of an environment's Python."""
    return _script(folder, "python")


def _script(folder, name):
    place = ("Scripts", name + ".exe") if os.name == "nt" else ("bin", name)
    return os.path.join(folder, *place)


def same(one, other):
    """Whether two paths are one place."""
    return os.path.realpath(one) == os.path.realpath(other)


def _read(path):
    with open(path, encoding="utf-8") as handle:
        return handle.read()
