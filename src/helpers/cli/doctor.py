"""``doctor``: what is missing on this machine, and how to fix it, one line each.

Standard library only, and no newer Python than the first that can read this file: it is asked
before there is an environment. What needs the environment's packages is asked of the environment's
own Python (`helpers.cli.env_report`).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import namedtuple

from helpers import messages
from helpers.cli import bootstrap
from helpers.languages import CATALOGUES, languages, preferred
from helpers.messages import entries

OK, MISSING, OPTIONAL, LATER = "ok", "missing", "optional", "later"
GIB = 2.0 ** 30
# `make all` takes 0.8 GiB with two stages at a time in forked kernels; plain kernels share nothing.
MEMORY = 1.5 * GIB
MEMORY_OF_ONE = 0.8 * GIB
DISK = 0.5 * GIB
DISK_OF_ENVIRONMENT = 2.0 * GIB
PATIENCE = 30  # seconds
# Sockets have short names: what the build adds to the temporary folder, and what the strictest
# system allows.
SOCKET = len("/kb-12345678/k12345678/k-5")
LONGEST_SOCKET = 103
# Windows without long paths ends a path after 260 signs; the deepest file of the environment takes
# most of them.
LONGEST_ROOT = 90
# What is not needed: git names the commit that results come from, make is a shorthand, the browser
# is for the tests of pages.
PROGRAMS = {"git": ("git",), "make": ("make",),
            "browser": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
                        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
                        r"C:\Program Files\Google\Chrome\Application\chrome.exe")}

# Sizes among the values are floats, in bytes.
Finding = namedtuple("Finding", "state key values")


def main(arguments):
    """Exit status: 0 where all that is needed is there, 1 where not, 2 for a wrong call."""
    texts = catalogue("doctor", messages.language(arguments))
    known = ["doctor"] + ["lang=%s" % code for code in languages()]
    unknown = [argument for argument in arguments if argument not in known]
    if unknown:
        print(texts["usage"].format(given=unknown[0]), file=sys.stderr)
        return 2
    findings = examine()
    width = max(len(texts["state." + state]) for state in (OK, MISSING, OPTIONAL, LATER))
    # As it can be called on this machine.
    own = {"env": "make env" if shutil.which("make") else "python src/helpers env"}
    for found in findings:
        values = dict(own, **{name: _shown(value, texts["decimal.sign"])
                              for name, value in found.values.items()})
        print("%s  %s" %
              (texts["state." + found.state].ljust(width), texts[found.key].format(**values)))
    count = sum(found.state == MISSING for found in findings)
    print()
    print(texts["end.missing" if count else "end.ready"].format(count=count))
    return 1 if count else 0


def catalogue(domain, lang):
    """Keys and texts of a gettext catalogue, read without Babel, else those of the next best
    language.

    >>> catalogue("doctor", "en")["state.ok"]
    'ok'
    """
    paths = [os.path.join(CATALOGUES, code, "LC_MESSAGES", domain + ".po")
             for code in preferred(lang)]
    return entries(next(filter(os.path.isfile, paths)))


def examine():
    """One finding per question."""
    python = environment_python()
    # Started first: they run while the rest is asked.
    asked = [_ask(python, question) for question in ("packages", "kernel")] if python else []
    machine = [of_memory(), of_disk(python is None), of_permission(), of_temporary()]
    if os.name == "nt":
        machine.append(of_long_paths())
    machine += [of_program(key, names) for key, names in PROGRAMS.items()]
    if python is None:
        return [of_python(), no_environment()] + machine
    packages, kernel = [_answer(process) for process in asked]
    # The fonts of figures and report come along with their packages.
    there = OK if packages.get("fonts") else MISSING
    starts = MISSING if kernel["why"] else OK
    return [of_python(), of_environment(packages), Finding(there, "fonts." + there, {}),
            Finding(starts, "kernel." + starts, {"why": kernel["why"]})] + machine


def of_python():
    """Whether this Python, or another one that the build would find, is new enough."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= bootstrap.OLDEST:
        return Finding(OK, "python.ok", {"version": version})
    try:
        return Finding(OK, "python.other", {"version": version, "other": bootstrap.newer_python()})
    except bootstrap.BootstrapError:
        return Finding(MISSING, "python.missing", {"version": version})


def environment_python():
    """Python of the environment that the build would use, None where none starts."""
    if in_conda():
        return sys.executable
    python = bootstrap.python_of(bootstrap.ENVIRONMENT)
    return python if bootstrap.runs([python, "-c", ""]) else None


def in_conda():
    """Whether a conda environment is active and runs this."""
    conda = os.environ.get("CONDA_PREFIX")
    return bool(conda) and bootstrap.same(sys.prefix, conda)


def no_environment():
    """How the environment is made, or what is in the way."""
    try:
        import ensurepip
    except ImportError:
        return Finding(MISSING, "environment.venv", {})
    return Finding(LATER, "environment.none",
                   {"pip": ensurepip.version(), "size": DISK_OF_ENVIRONMENT})


def of_environment(told):
    """Whether the environment holds the locked versions."""
    differing = told.get("differing")
    if differing is None:
        return Finding(MISSING, "environment.broken", {"why": told["why"]})
    if differing and in_conda():
        return Finding(MISSING, "environment.conda",
                       {"count": len(differing), "first": differing[0]})
    if differing:
        # An environment with a fitting stamp counts as finished: `make env` would leave it as it
        # is.
        key = "environment.edited" if bootstrap.stamped(
            bootstrap.ENVIRONMENT) else "environment.old"
        return Finding(MISSING, key, {"count": len(differing), "first": differing[0]})
    return Finding(OK, "environment.ok", {"count": told["count"]})


def of_memory():
    """Whether the memory that is free now is enough for two stages at a time, or for one."""
    free = free_memory()
    if free is None:
        return Finding(OPTIONAL, "memory.unknown", {"needed": MEMORY})
    state = OK if free >= MEMORY else OPTIONAL if free >= MEMORY_OF_ONE else MISSING
    return Finding(state, "memory." + state,
                   {"free": free, "needed": MEMORY, "least": MEMORY_OF_ONE})


def free_memory():
    """Bytes that programs can still get, a container's limit heeded; None where unknown."""
    if os.name == "nt":
        return _free_memory_of_windows()
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            free = next(
                int(line.split()[1]) * 1024.0 for line in file if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return _memory_of_mac()
    try:
        limit, used = [_read(name)
                       for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current")]
        return min(free, float(limit) - float(used))
    except (OSError, ValueError):
        return free


def _read(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def _memory_of_mac():
    try:
        return float(bootstrap.run(["sysctl", "-n", "hw.memsize"]).stdout)
    except (OSError, ValueError):
        return None


def _free_memory_of_windows():
    import ctypes

    # MEMORYSTATUSEX: its own length, the load in per cent, then seven sizes; the second is what is
    # free.
    status = (ctypes.c_ulonglong * 8)()
    status[0] = ctypes.sizeof(status)
    return float(status[2]) if ctypes.windll.kernel32.GlobalMemoryStatusEx(
        ctypes.byref(status)) else None


def of_disk(without_environment):
    """Whether there is room for what a build makes, and for an environment still to make."""
    needed = DISK + (DISK_OF_ENVIRONMENT if without_environment else 0)
    free = float(shutil.disk_usage(bootstrap.ROOT).free)
    state = OK if free >= needed else MISSING
    return Finding(state, "disk." + state, {"free": free, "needed": needed})


def of_permission():
    """Whether the folders that a build writes to can be written."""
    for name in ("", "outputs", os.path.join("data", "processed")):
        folder = os.path.join(bootstrap.ROOT, name)
        while not os.path.isdir(folder):
            folder = os.path.dirname(folder)
        try:
            # Asked by doing: what the system says of a folder is not always what it does.
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            return Finding(MISSING, "permission.missing", {"folder": folder, "why": error.strerror})
    return Finding(OK, "permission.ok", {})


def of_temporary():
    """Whether there is a temporary folder, with a path short enough for the kernels' sockets."""
    try:
        folder = tempfile.gettempdir()
    except OSError:
        return Finding(MISSING, "temporary.missing", {})
    if os.name != "nt" and len(os.fsencode(folder)) + SOCKET > LONGEST_SOCKET:
        return Finding(MISSING, "temporary.long", {"folder": folder})
    return Finding(OK, "temporary.ok", {"folder": folder})


def of_long_paths():
    """Whether the packages' long paths fit into what Windows takes."""
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE,
                            r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
            allowed = winreg.QueryValueEx(key, "LongPathsEnabled")[0]
    except OSError:
        allowed = 0
    state = OK if allowed or len(bootstrap.ROOT) <= LONGEST_ROOT else MISSING
    return Finding(state, "paths." + state, {"root": bootstrap.ROOT, "length": len(bootstrap.ROOT)})


def of_program(key, names):
    """Whether one of some programs is there."""
    found = next(filter(None, map(shutil.which, names)), None)
    return Finding(OK, key + ".ok", {"path": found}) if found else Finding(
        OPTIONAL, key + ".optional", {})


def _ask(python, question):
    code = "from helpers.cli import env_report; env_report.%s()" % question
    environment = dict(os.environ, PYTHONPATH=os.path.join(bootstrap.ROOT, "src"))
    return subprocess.Popen([python, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            universal_newlines=True, env=environment, cwd=bootstrap.ROOT)


def _answer(process):
    """What the environment's Python said of itself, or why it said nothing."""
    try:
        told, complaint = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return {"why": "no answer within %d s" % PATIENCE}
    try:
        return json.loads(told)
    except ValueError:
        return {"why": (complaint.strip().splitlines()
                        or ["exit code %s" % process.returncode])[-1]}


def _shown(value, sign):
    """Value as the message shows it: a size in GiB, anything else as it is."""
    return ("%.1f GiB" % (value / GIB)).replace(".", sign) if isinstance(value, float) else value
