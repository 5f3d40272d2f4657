"""The command line: one target, a few variables, one line per stage."""

import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

from helpers import messages
from helpers.cli import early
from helpers.cli.call import Call, jobs_of, language_of, own_project, parse, project_of, yes
from helpers.cli.targets import TARGETS, find, function_of
from helpers.errors import Error, UsageError, report
from helpers.messages import CHOSEN, ORIGINAL, chosen_language, either, say
from helpers.run import output_dir, provenance
from helpers.run.bring_up import bring_up
from helpers.run.documents import BOTH
from helpers.run.inputs import read_inputs
from helpers.run.plan import STAGES
from helpers.run.products import Products
from helpers.run.project import ROOT, Project, tool

FIRST_USER_PORT, LAST_PORT = 1024, 65535


def main(arguments: list[str]) -> int:
    """Exit status of a call: 0 done, 1 a stage failed, 2 wrong input, 130 stopped."""
    try:
        with signals_as_interrupt():
            for target in TARGETS:
                if target.variables is None and arguments[:1] == [target.name]:
                    # The language is that of the messages, which is none of its own options.
                    return function_of(target)([argument for argument in arguments[1:]
                                                if not messages.chosen(argument)])
            call = parse(arguments)
            return function_of(find(call.target))(call)
    except Error as error:
        report(error)
        return 2
    except OSError as error:
        report(output_dir.message_of(error))
        return 1
    except KeyboardInterrupt:
        return early.stopped()


@contextmanager
def signals_as_interrupt():
    """Context in which a request to end, or a closed terminal, is treated like Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_):
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # nohup asks that a closed terminal be ignored.
    before = {number: signal.signal(number, interrupt) for number in numbers
              if signal.getsignal(number) is not signal.SIG_IGN}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def build(call: Call) -> int:
    """Bring the stages of a target up to date, with what they need before."""
    return bring_up(own_project(call), call.target, call.explain)


def clean(call: Call) -> int:
    """Remove what the build made, and nothing else."""
    import shutil

    from helpers.run import runner

    project = project_of(call)
    if not project.state.is_dir():
        if "OUT" in call.variables and project.out.exists():
            raise UsageError("OUT={given} was not made by this build (it has no .build folder); "
                             "nothing removed", given=call.variables["OUT"])
        say("clean: nothing to do")
        return 0
    with output_dir.hold(project):
        count = runner.remove_made(project)
        for stage in project.stages:
            (project.out / "failed" / f"{stage.notebook}.ipynb").unlink(missing_ok=True)
        shutil.rmtree(project.state)
    for folder in (project.out / "failed", project.out, project.processed):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    say("clean: {count} files removed", count=count)
    return 0


def multiverse(call: Call) -> int:
    """Decide every claim in thousands of universes."""
    from helpers.run import universes

    project = own_project(call)
    inputs = read_inputs(project)
    with output_dir.hold(project):
        universes.run(project, inputs, say, call.variables.get("SCHEDULER"))
    return 0 if not yes(call.variables.get("FULL")) or tool("checks.multiverse_notebooks").run(
        project, inputs, say) else 1


def _finished(call: Call) -> tuple[Project, dict]:
    """Project of a finished build, and its provenance."""
    project = project_of(call)
    facts = provenance.read(project.out)
    if not facts:
        raise UsageError("there is no finished build in {out}; run make all first",
                         out=project.shown(project.out))
    return project, facts


def crate(call: Call) -> int:
    """Write the research object of a finished build."""
    from helpers.run.provenance import crate

    project, facts = _finished(call)
    with output_dir.hold(project):
        count = crate.make(project, facts)
    say("crate: {count} files in {out}", count=count, out=project.shown(project.out / crate.NAME))
    return 0


def archive(call: Call) -> int:
    """Write one ZIP of a finished build."""
    from helpers.run.provenance import archive

    project, facts = _finished(call)
    with output_dir.hold(project):
        path, count = archive.make(project, facts)
    say("archive: {count} files, {size:.1f} MB in {path}", count=count,
        size=path.stat().st_size / 1e6, path=project.shown(path))
    return 0


def docs(call: Call) -> int:
    """Write the guides as pages."""
    from helpers.documents import guides

    project, lang = own_project(call), language_of(call)
    with output_dir.hold(project), Products(project, guides.NAME).making() as staging:
        count = guides.make(project.root, lang, staging / guides.NAME)
    say("docs: {count} guides; open {page}", count=count,
        page=project.shown(project.out / guides.NAME / "index.html"))
    return 0


def watch(call: Call) -> int:
    """Build again after every edit."""
    from helpers.cli import watch

    target = call.variables.pop("stage", "all")
    names = ["all", *(stage.name for stage in STAGES)]
    if target not in names:
        raise UsageError("stage={given}: allowed is {known}", given=target, known=either(names))
    given = [target, *(f"{name}={value}" for name, value in call.variables.items())]
    return watch.run(own_project(call), target, lambda: watch.build_apart(given))


def course(call: Call) -> int:
    """Write the lecturer's and the students' notebooks of every assignment."""
    from helpers.course import assignments

    project, lang = own_project(call), language_of(call)
    with output_dir.hold(project):
        count = assignments.make(project, lang)
    say("course: {count} assignments in {out} (lecturer/ and student/)", count=count,
        out=project.shown(project.out / assignments.NAME))
    return 0


def lab(call: Call) -> int:
    """Open the notebooks in JupyterLab: on this machine only, with its token."""
    from helpers.cli import jupyter_language, one_language
    from helpers.run.execution import private
    from helpers.study.package import is_own

    shown = language_of(call, both=True)
    call.variables.pop("lang", None)
    project = project_of(call)
    inputs = read_inputs(project)
    if "OUT" in call.variables and not output_dir.foreign(project):
        # Notebooks write to their place at once: the folder is marked as one that holds results.
        project.state.mkdir(parents=True, exist_ok=True)
    # Ours go first: JupyterLab does not ask whether it may fetch news, and starts without the
    # panels of nbgrader.
    told = private.run_variables({"raw": str(project.raw), "out": str(project.out),
                                  "interactive": True, "jobs": project.jobs})
    pack = jupyter_language.write(chosen_language() if shown == BOTH else shown,
                                  Path(private.folder(), "language"))
    parameters = inputs.parameters
    environment = _own_environment() | told | one_language.told(
        shown, is_own(inputs.about),
        {stage.notebook: {"seed": parameters["seed"], **parameters.get(stage.name, {})}
         for stage in STAGES}, inputs.paired)
    for name, ours in (("JUPYTER_CONFIG_PATH", [str(Path(__file__).with_name("jupyter"))]),
                       ("PYTHONPATH", [])):
        found = [*pack, *ours, *filter(None, [environment.get(name)])]
        environment |= {name: os.pathsep.join(found)} if found else {}
    command = [sys.executable, "-m", "jupyter", "lab",
               "--LabApp.default_url=/lab/tree/notebooks/0_overview.ipynb",
               "--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={project.root}",
               "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
               "--LabApp.extension_manager=readonly",
               "--ServerApp.contents_manager_class=helpers.cli.one_language.OneLanguage"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container everyone is root; the server still listens on this machine only, and asks
        # for its token.
        command.append("--allow-root")
    return subprocess.call(command, cwd=project.root, env=environment)


def _own_environment() -> dict[str, str]:
    """Environment of programs in which people import from the folder that they work in."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}


def explore(call: Call) -> int:
    """Serve the explorer, on this machine only."""
    from helpers.explorer import serve

    given = call.variables.get("PORT")
    if given is not None and not (re.fullmatch("[0-9]{1,5}", given)
                                  and FIRST_USER_PORT <= int(given) <= LAST_PORT):
        raise UsageError("PORT={given}: allowed is a whole number from {lowest} to {highest}",
                         given=given, lowest=FIRST_USER_PORT, highest=LAST_PORT)
    project = project_of(call)
    return serve.run(project, read_inputs(project), given and int(given),
                     yes(call.variables.get("browser", "yes")))


def regions(call: Call) -> int:
    """Make and build every regency of a list."""
    from helpers.cli import regions

    given = call.variables
    if "LIST" not in given:
        raise UsageError("LIST= is missing; give a file with one regency a line: make regions "
                         "LIST=students.txt OUT=class")
    borders = given.get("BORDERS")
    if borders not in (None, *regions.many.BORDERS):
        raise UsageError("{name}={value}: allowed is one of: {known}", name="BORDERS",
                         value=borders, known=", ".join(regions.many.BORDERS))
    return regions.run(regions.Wanted(
        Path(given["LIST"]), Path(given.get("OUT", "regions")), language_of(call),
        given.get("ZONES"), given.get("MIRROR"),
        given.get("SCHEDULER") or os.environ.get("SCHEDULER"),
        jobs_of(given["jobs"]) if "jobs" in given else regions.AT_A_TIME, borders))


def bench(call: Call) -> int:
    """Measure how fast the build is; a missed goal is reported and is no failure."""
    tool("benchmarks.bench").run(project_of(call))
    return 0


def test(call: Call) -> int:
    """Run the tests."""
    given = call.variables.get("jobs")
    # Some tests wait for a browser or another process: one worker more than there are cores uses
    # that time.
    workers = str(jobs_of(given) if given else jobs_of(None) + 1)
    # In the order of tests/conftest.py: left to itself, xdist keeps the modules with few and long
    # tests for the end.
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, "--dist", "loadfile",
               "--no-loadscope-reorder"]
    return subprocess.call(command, cwd=ROOT, env=_own_environment() | {CHOSEN: ORIGINAL})


def verify(call: Call) -> int:
    """Hold two clean builds against each other and against the reference."""

    project, lang = project_of(call), language_of(call)
    return 0 if tool("checks.verify").run(project, yes(call.variables.get("FULL")), lang) else 1


def compare(call: Call) -> int:
    """Say what differs between two folders of results, or two data packages."""
    from helpers.verdict import two_builds

    given = [call.variables.get(name, "") for name in ("A", "B")]
    if "" in given:
        raise UsageError("A= and B= are two folders of results, or two data packages: make "
                         "compare A=outputs B=other-outputs")
    project, lang = own_project(call), language_of(call)
    found = two_builds.compare(*map(Path, given), tuple(given))
    with output_dir.hold(project):
        page = two_builds.write(found, lang, project)
    say("compare: {claims} verdicts, {tables} tables, {figures} figures and {others} other files "
        "differ; open {page}", others=found.beside,
        claims=sum(claim["turned"] for claim in found.claims), tables=len(found.tables),
        figures=len(found.figures), page=project.shown(page))
    return 0


def reference(call: Call) -> int:
    """Make a fresh build the reference."""
    return tool("checks.reference").run(project_of(call))


def reproducibility(_: Call) -> int:
    """Build under varied surroundings and compare the bytes."""
    return 0 if tool("checks.reproducibility").main() else 1


def env(_: Call) -> int:
    """Say which environment this is; entering it made it."""
    say("environment: {prefix} is up to date (Python {version})", prefix=sys.prefix,
        version=sys.version.split()[0])
    return 0


def lock(_: Call) -> int:
    """Resolve the lock anew."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "pyproject.toml", "--extra",
               "test", "--universal", "--generate-hashes", "--no-emit-index-url", "--no-annotate",
               "--no-header", "-o", "requirements.lock"]
    return subprocess.call(command, cwd=ROOT)
