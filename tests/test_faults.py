"""The build cannot be broken: killed, interrupted, without room or rights, it leaves what was
built, and the next one mends it."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pytest
from test_build import Bench

from helpers.cli import commands, early
from helpers.errors import report_input_errors
from helpers.files import write
from helpers.intake.boundaries import reading
from helpers.intake.imports.readers import workbooks
from helpers.run import locks, output_dir
from helpers.run.products import Products
from helpers.run.project import ROOT
from helpers.run.provenance import facts as provenance
from helpers.study import validation
from helpers.study.borders import shapes
from helpers.study.package import Package
from tools.checks import fault_injection

HERE = Path(__file__).parent
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SLOW = "\nimport time\ntime.sleep(0.4)"
# What a build of the bench is in a process of its own, with the messages that the command line
# gives; it takes jsonschema's short way, as a build that reads its input does.
BUILD = """
import sys
from pathlib import Path
from helpers.study.jsonschema_fast import validator_class
validator_class()
from test_build import Bench
from helpers.cli import commands, early
from helpers.run import bring_up
from helpers.run.execution import kernels
kernels.PRELOADS = "light_preloads"
bench = Bench(Path(sys.argv[1]))
bench.inputs.parameters["alpha"]["x"] = int(sys.argv[2])
bring_up.read_inputs = lambda project: bench.inputs
commands.build = lambda call: bring_up.bring_up(bench.project, "figures")
early.exit_now(commands.main(["figures"]))
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A finished build that nothing disturbed."""
    bench = Bench(tmp_path_factory.mktemp("whole")).create()
    # The notebook is larger than what its kernel is told, whose length depends on paths.
    bench.break_alpha('put("tables/alpha.csv", f"x\\n{x}\\n"); put("processed/hand.csv", "h"); '
                      'print("filler " * 3000)' + SLOW)
    assert sorted(bench.build().ran) == ["alpha", "beta", "gamma"]
    return bench


@pytest.fixture
def bench(whole, tmp_path):
    """A copy of the finished build, to be broken, and a temporary folder of its own."""
    shutil.copytree(whole.project.root, tmp_path / "moved")
    moved = Bench(tmp_path / "moved")
    # A short path: sockets lie in it.
    with tempfile.TemporaryDirectory(prefix="t") as moved.temporary:
        yield moved


def start(bench, x=3, before=lambda: None, **environment):
    def begin():
        # Who runs the tests in the background ignores some signals, and a child would inherit that.
        for number in STOPPING:
            signal.signal(number, signal.SIG_DFL)
        before()

    # Python would leave half a compiled module where a file may not grow.
    env = os.environ | {"PYTHONPATH": str(HERE), "TMPDIR": bench.temporary,
                        "PYTHONDONTWRITEBYTECODE": "1", **environment}
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, str(bench.project.root),
         str(x)], env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, preexec_fn=begin)


def left_over(bench):
    out, temporary = bench.project.out, Path(bench.temporary)
    return [path.name for path in [*temporary.iterdir(), *out.rglob("*.new"), *out.rglob("*.part"),
                                   *(out / ".build" / "staging").glob("*")]]


@pytest.mark.parametrize("number", range(3))
def test_a_build_killed_at_any_moment_ends_with_the_same_bytes_the_next_time(bench, whole, number):
    victim = fault_injection.VICTIMS[number]
    shutil.rmtree(bench.project.out)
    process = start(bench)
    fault_injection._wait(process, 0.8 + fault_injection.moment(7, number, 2.5))
    relatives = fault_injection.family(process)
    if victim == "a kernel":
        for kernel in fault_injection.kernels(process)[:1]:
            kernel.kill()
    else:
        for relative in relatives if victim != "the build" else []:
            relative.kill()
        process.kill()
    process.communicate(timeout=60)
    assert fault_injection.still_there(relatives, fault_injection.GRACE) == ""
    process = start(bench)
    _, complained = process.communicate(timeout=60)
    assert process.returncode == 0, complained
    assert bench.outputs() == whole.outputs()
    assert left_over(bench) == []


@pytest.mark.parametrize("number", STOPPING)
def test_a_build_that_is_asked_to_end_does_so_within_two_seconds_and_leaves_no_child(bench, number):
    bench.break_alpha("import time\ntime.sleep(60)")
    before, process = bench.outputs(), start(bench)
    while process.poll() is None and not fault_injection.kernels(process):
        time.sleep(0.05)
    time.sleep(0.5)
    relatives, begin = fault_injection.family(process), time.monotonic()
    assert relatives
    os.killpg(process.pid, number)
    _, complained = process.communicate(timeout=60)
    took = time.monotonic() - begin
    assert (process.returncode, complained) == (130, "stopped; what was built before is intact\n")
    assert took < fault_injection.STOPPED_WITHIN
    assert fault_injection.still_there(relatives, 1) == ""
    assert bench.outputs() == before and left_over(bench) == []


@pytest.mark.parametrize(("limit", "name"), [(200, "run.json"), (12000, "1_alpha.ipynb")])
def test_a_full_disk_gives_one_message_and_leaves_whole_files(bench, whole, limit, name):
    before = bench.outputs()
    process = start(bench, x=5, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                                  (limit, limit)))
    _, complained = process.communicate(timeout=60)
    assert process.returncode == 1 and "Traceback" not in complained
    assert complained == f"error: the disk is full ({name} could not be written); " \
                         "what was built before is intact: make room and call again\n"
    after = bench.outputs()
    assert after.keys() == before.keys() and left_over(bench) == []
    assert after["figures/beta.csv"] == before["figures/beta.csv"] and after[
        "tables/alpha.csv"] in (b"x\n3\n", b"x\n5\n")
    process = start(bench)
    assert process.wait(60) == 0
    assert bench.outputs() == whole.outputs()


def test_a_manifest_that_cannot_be_written_leaves_the_stage_stale(bench, whole, monkeypatch):
    def no_room(path, text):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("helpers.run.products.write", no_room)
    outcome = bench.build(["alpha"], parameters=bench.parameters("alpha", x=9))
    assert outcome.errors == [
        output_dir.message_of(OSError(28, "No space left on device", "alpha.json"))
    ]
    assert bench.outputs() == whole.outputs()
    monkeypatch.undo()
    assert bench.build(["alpha"]).ran == ["alpha"] and bench.read("tables/alpha.csv") == "x\n9\n"


def test_a_build_that_was_cut_off_between_move_and_manifest_counts_as_stale(bench):
    Products(bench.project, "alpha").note(moving=["tables/alpha.csv", "tables/half.csv"])
    bench.project.place("tables/half.csv").write_text("half")
    assert bench.build(["alpha"]).ran == ["alpha"]
    assert not bench.project.place("tables/half.csv").exists()


@pytest.mark.parametrize("content", ["", "[", "\0\0", "[1]", "null", "5", '[["a"]]', "[" * 9999,
                                     '{"made": {"a\\u0000b": "x"}}', '{"made": {"\\ud800": "x"}}',
                                     '{"made": {}, "moving": 5}', '{"made": {}, "from": [1]}',
                                     '{"made": {"tables/alpha.csv": 5}}'])
def test_notes_that_no_build_wrote_count_for_nothing(bench, content):
    products = Products(bench.project, "alpha")
    products.path.write_text(content)
    assert not products.settled("") and products.files == [] and not products.remove()


def test_notes_that_are_unreadable_cost_a_run_and_nothing_else(bench, whole):
    Products(bench.project, "alpha").path.write_text("[1]")
    assert bench.build(["alpha"]).ran == ["alpha"] and bench.outputs() == whole.outputs()


def test_a_kernel_that_takes_too_much_memory_is_named_with_its_cell(bench):
    bench.break_alpha(
        "import resource\nsize = int(open('/proc/self/statm').read().split()[0]) * 4096 + (1 << "
        "29)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (size, size))\n"
        "held = []\nwhile True:\n    held.append(bytearray(1 << 26))")
    [message] = bench.build(["alpha"]).errors
    assert message.startswith("1_alpha.ipynb, cell 5 (step-2), line 6: MemoryError")
    assert not [
        child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE
    ]


def test_who_waits_for_a_lock_that_was_removed_takes_the_new_one(tmp_path):
    path, order = tmp_path / "state" / "lock", []

    def second():
        with locks.exclusive(path, "waiting"):
            order.append(path.is_file())

    with locks.exclusive(path, "waiting"):
        waiting = threading.Thread(target=second)
        waiting.start()
        time.sleep(0.3)
        shutil.rmtree(path.parent)
    waiting.join(10)
    assert order == [True]


def test_what_cannot_be_written_leaves_no_half_file(tmp_path, monkeypatch):
    monkeypatch.setattr(
        os, "replace", lambda *given: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "a", "text")
    assert list(tmp_path.iterdir()) == []


def test_nobody_reads_the_status_lines_and_the_build_goes_on(bench):
    process = start(bench, x=4)
    process.stdout.close()
    assert process.wait(60) == 0 and process.stderr.read() == ""
    assert bench.read("tables/alpha.csv") == "x\n4\n"


def test_clean_removes_only_what_was_made(bench, monkeypatch, capsys):
    mine = [
        bench.project.out / name
        for name in ("failed/mine.ipynb", "failed/1_alpha.ipynb", "notes.txt", "tables/my.csv")
    ]
    for path in mine:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    monkeypatch.setattr(commands, "project_of", lambda call: bench.project)
    assert commands.main(["clean"]) == 0
    assert sorted(bench.outputs()) == ["failed/mine.ipynb", "notes.txt", "tables/my.csv"]
    assert capsys.readouterr().out.startswith("clean: 7 files removed")


@pytest.mark.parametrize("name", ["../thesis.docx", "{mine}/thesis.docx",
                                  "tables/../../thesis.docx", "processed/../../thesis.docx"])
@pytest.mark.parametrize("part", ["made", "moving"])
def test_what_a_manifest_names_outside_of_the_results_is_left_alone(bench, monkeypatch, name, part):
    mine = bench.project.out.parent
    (mine / "thesis.docx").write_text("mine")
    note = {"made": {}, part: {name.format(mine=mine): "ab"} if part == "made" else [
        name.format(mine=mine)]}
    Products(bench.project, "alpha").path.write_text(json.dumps(note))
    monkeypatch.setattr(commands, "project_of", lambda call: bench.project)
    assert commands.main(["clean"]) == 0
    assert (mine / "thesis.docx").read_text() == "mine"


def test_no_link_in_a_folder_of_results_leads_a_build_or_clean_elsewhere(bench, tmp_path, capsys):
    mine = tmp_path / "mine"
    shutil.move(bench.project.out / "tables", mine)
    (bench.project.out / "tables").symlink_to(mine)
    Products(bench.project, "alpha").remove()
    assert (mine / "alpha.csv").is_file(), "the product beyond the link"
    [error] = bench.build(["alpha"]).errors
    assert "tables/alpha.csv would be written outside of" in error
    for target in ("clean", "all"):
        assert commands.main([target, f"OUT={bench.project.out}"]) == 2
        assert ": tables is a link that leads out of this folder; remove the link, or " \
            "give another folder" in capsys.readouterr().err
    (bench.project.out / "tables").unlink()
    records = shutil.move(bench.project.state / "records", tmp_path / "records")
    (bench.project.state / "records").symlink_to(records)
    assert output_dir.leading_out(bench.project.out).name == "records"


def test_a_lock_that_is_a_pipe_is_replaced(tmp_path):
    os.mkfifo(tmp_path / "lock")
    with locks.exclusive(tmp_path / "lock", "waiting"):
        assert (tmp_path / "lock").is_file()


@pytest.mark.parametrize("content", ["[1]", '{"stages": [1]}', '{"stages": {"a": 1}}', "[" * 9999])
def test_provenance_that_no_build_wrote_counts_for_nothing(tmp_path, content):
    (tmp_path / provenance.FILE).write_text(content)
    assert provenance.read(tmp_path) == {}


def surprised():
    raise KeyError("ratings")


def out_of_memory():
    raise MemoryError


@pytest.mark.parametrize(("call", "told"), [
    (surprised, r"error: KeyError: 'ratings' \(at \w+\.py:\d+\); this is a fault of the "
     r"program and not of your data: please report it, with what KESENJANGAN_DEBUG=1 shows"),
    (out_of_memory, "error: there is not enough memory for this; .*")])
def test_what_nobody_foresaw_is_one_line(capsys, call, told):
    assert early.guarded(call) == 1
    assert re.fullmatch(told + "\n", capsys.readouterr().err)


@pytest.mark.parametrize(("lang", "told"), [
    ("en", "error: the standard output is closed, so nobody could be told what happens; give a "),
    ("id", "kesalahan: keluaran standar tertutup sehingga tidak ada yang dapat diberi tahu ")])
def test_a_closed_standard_output_is_told_of(capsys, monkeypatch, lang, told):
    monkeypatch.setenv("KESENJANGAN_MESSAGES", lang)
    monkeypatch.setattr(sys, "stdout", None)
    assert early.guarded(lambda: early.answer(["help"])) == 2
    monkeypatch.undo()
    assert capsys.readouterr().err.startswith(told)


def test_a_folder_with_other_files_is_not_taken_for_results(tmp_path, capsys):
    (tmp_path / "thesis.docx").write_text("mine")
    assert commands.main(["all", f"OUT={tmp_path}"]) == 2
    assert "holds files that no build made, and they could be overwritten" in capsys.readouterr(
    ).err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


@pytest.mark.parametrize(("out", "told"), [
    ("{here}/file", "is a file; give a folder"),
    ("{here}/file/out", "no folder can be made there (Not a directory); give a folder of its own"),
    ("{here}/" + "a" * 300, "no folder can be made there (File name too long); give a folder"),
    ("{here}/" + "/".join(["a" * 100] * 45), "no folder can be made there (File name too long)"),
    ("{here}/loop", "no folder can be made there (Too many levels of symbolic links)"),
    ("/proc/x", "no folder can be made there (No such file or directory); give a folder of its"),
    ("/dev/null/x", "no folder can be made there (Not a directory); give a folder of its own"),
    ("{here}/a\nb", "is no name of a folder; give a folder of its own, such as OUT=elsewhere"),
    (" ", "OUT=' ' is no name of a folder"), ("", "OUT='' is no name of a folder"),
    ("~/out", "OUT='~/out' is no name of a folder"), ("--x", "OUT='--x' is no name of a folder"),
    ("https://x.org/y", "OUT='https://x.org/y' is no name of a folder"),
])
@pytest.mark.parametrize("target", ["all", "report", "verify", "clean"])
def test_a_folder_that_cannot_be_ends_in_one_line(tmp_path, capsys, target, out, told):
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert commands.main([target, f"OUT={out.format(here=tmp_path)}"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and told in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "loop"]


def test_a_package_that_is_killed_while_it_is_written_leaves_no_answers(tmp_path):
    code = """
import sys, time
from pathlib import Path
from helpers.intake.atomic_package import new_package
with new_package(Path(sys.argv[1]) / "new" / "package", "package") as made:
    (made / "responses.csv").write_text("answers")
    print("written", flush=True)
    time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], text=True,
                               stdout=subprocess.PIPE)
    assert process.stdout.readline() == "written\n" and [*tmp_path.rglob("responses.csv")]
    process.kill()
    process.wait()
    end = time.monotonic() + 10
    # Its parent folder alone is looked at: what is being removed cannot be walked through.
    while [*(tmp_path / "new").glob(".package-*")] and time.monotonic() < end:
        time.sleep(0.05)
    assert [*(tmp_path / "new").glob(".package-*")] == []


@pytest.mark.parametrize(("lang", "told"), [
    ("en", "error: the disk is full, and nothing was written; make room and call again\n"),
    ("id", "kesalahan: diska penuh dan tidak ada yang ditulis; "
     "kosongkan sebagian lalu jalankan lagi\n")])
def test_a_full_disk_under_an_import_is_one_line(capsys, monkeypatch, lang, told):
    @report_input_errors("say to=FOLDER where you may write")
    def command(arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("KESENJANGAN_MESSAGES", lang)
    assert command([]) == 2 and capsys.readouterr().err == told


def test_a_package_that_another_call_wrote_first_is_left_alone(tmp_path, monkeypatch):
    """Three imports into one folder: one wins, the others say what is there."""
    from helpers.errors import InputError
    from helpers.intake import atomic_package

    monkeypatch.setattr(atomic_package, "validate", lambda package: None)
    monkeypatch.setattr(atomic_package, "Package", lambda folder: None)
    monkeypatch.setattr(atomic_package, "refresh", lambda folder: None)
    with pytest.raises(InputError, match="p: is there already and not empty; name another"), \
            atomic_package.new_package(tmp_path / "p", "p") as made:
        (made / "areas.csv").write_text("late")
        (tmp_path / "p").mkdir()
        (tmp_path / "p" / "areas.csv").write_text("first")
    assert (tmp_path / "p" / "areas.csv").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


@pytest.mark.parametrize("place, call", [
    ("helpers.study.borders.shapes.driver_of", lambda land: shapes.read_shapes(land, "land")),
    ("helpers.intake.boundaries.reading.layers", lambda land: reading._layers_of(land, "x", True)),
    ("helpers.intake.boundaries.reading.layers", lambda land: reading._read(
        land, "x", "x", None, None)),
    ("xlrd.open_workbook", lambda land: workbooks._old_sheets(land)),
    ("helpers.study.validation.TemporaryDirectory", lambda land: validation._check_cells(
        Package(land.parent), {"sources": ["source"]}))])
def test_too_little_memory_is_not_said_to_be_a_fault_of_the_data(monkeypatch, capsys, place, call):
    """`ulimit -v 400000; make all` said that a schema of the package could not be used."""
    def full(*_, **__):
        raise MemoryError

    monkeypatch.setattr(place, full)
    assert early.guarded(lambda: call(ROOT / "data" / "raw" / "land.geojson")) == 1
    assert capsys.readouterr().err.startswith("error: there is not enough memory for this")
