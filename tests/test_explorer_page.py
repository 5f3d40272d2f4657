"""The explorer in a real browser, served as `make explore` serves it: mouse, keyboard, links,
files, no network."""

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from browser import Browser
from tornado.web import HTTPError

from helpers.explorer.kernels import FORKED, FewKernels

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "tests" / "vendor" / "axe.min.js"
READY = "document.querySelector('.explorer .panel table')"
PATIENCE = 120  # seconds until a busy machine has started the page


@pytest.fixture(scope="module")
def served():
    """The address of a page that `explore` serves, as long as the tests of this module run, and its
    process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, ROOT / "src" / "helpers", "explore", f"PORT={port}", "browser=no", "lang=en"
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().split()[1], process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        # A kernel that is ended at work may say so before.
        assert errors.endswith(
            "stopped; what was built before is intact\n") and "Traceback" not in errors


@pytest.fixture(scope="module")
def address(served):
    """The address of the page, without its token."""
    return served[0].partition("?")[0]


@pytest.fixture(scope="module")
def page(served, address):
    """A browser on the page."""
    end = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}voila/static/voila.js",
                                                                  timeout=5):
            break
        assert time.monotonic() < end
        time.sleep(0.2)
    browser = Browser()
    try:
        browser.visit(served[0], READY, height=1000)
        yield browser
    finally:
        browser.close()


@pytest.fixture(autouse=True)
def from_the_start(page):
    """Begin each test with nothing changed, in English, on the first page."""
    act(page,
        "document.querySelector('.reset').disabled || document.querySelector('.reset').click()")
    if page.run("document.querySelector('.explorer').lang") != "en":
        act(page, "document.querySelector('button[lang=en]').click()")
    show(page, "sampling")


def act(page, script: str) -> None:
    """Do something, and wait until the page shows what follows from the last question."""
    page.run(script)
    page.wait(
        "(([root]) => !root.querySelector('.tab[aria-selected=true]') || root.dataset.serial === "
        "root.dataset.asked)"
        "([document.querySelector('.explorer')])", PATIENCE)


def show(page, tab: str) -> None:
    """Open a section of the controls, and its tab with it."""
    act(page, f"document.querySelector('[data-section={tab}]').open"
              f" ? document.querySelector('[data-tab={tab}]').click()"
              f" : document.querySelector('[data-section={tab}] summary').click()")
    page.wait(
        f"document.querySelector('[data-tab={tab}]').getAttribute('aria-selected') === 'true'")


def control(label: str) -> str:
    """Return the expression of the control with a label."""
    return (
        f"[...document.querySelectorAll('.explorer label')].find((one) => one.textContent === "
        f"{label!r}"
        " && one.control.offsetParent).control")


def middle(page, expression: str) -> tuple[float, float, float, float]:
    """Return left, width and the middle of an element in the window."""
    page.run(f"{expression}.scrollIntoView({{block: 'center'}})")
    return tuple(page.run(f"(({{left, width, top, height}}) => [left, width, top + height / 2])"
                          f"({expression}.getBoundingClientRect())"))


def drag(page, label: str, share: float) -> None:
    """Drag the handle of a slider to a share of its length."""
    slider = control(label)
    left, width, y = middle(page, slider)
    before = page.run(f"((one) => (one.value - one.min) / (one.max - one.min))({slider})")
    page.drag((left + 8 + (width - 16) * before, y), (left + 8 + (width - 16) * share, y))
    act(page, "0")


def text(page, selector: str) -> str:
    """Return what stands in an element."""
    return page.run(f"document.querySelector({selector!r}).textContent")


def test_nothing_comes_from_elsewhere_and_nothing_complains(page, address):
    asked = [url for url in page.requested() if not url.startswith(("data:", "blob:"))]
    assert asked and all(url.startswith(address) for url in asked)
    assert page.complaints() == []


def test_every_control_has_its_label_and_every_id_is_one(page):
    inputs = page.run(
        "[...document.querySelectorAll('.explorer input:not([type=file]), .explorer select')]"
        ".map((one) => [...one.labels].map((label) => label.textContent).join())")
    assert len(inputs) > 60 and all(inputs)
    ids = page.run("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(set(ids)) == len(ids)


def test_a_dragged_slider_changes_the_sample_at_once(page):
    assert text(page, ".lead").startswith("399 respondents")
    drag(page, "Margin of error", 0.9)
    chosen = float(page.run(f"{control('Margin of error')}.value"))
    assert chosen > 0.15
    n = -(-128951 // (1 + 128951 * chosen**2))
    assert text(page, ".lead").startswith(f"{n:.0f} respondents")
    assert f"sampling.margin={chosen:g}" in page.run("location.search")
    assert "1 choices" in text(page, ".distance summary")
    act(page, "document.querySelector('.reset').click()")
    assert text(page, ".lead").startswith("399 respondents") and "first setting" in text(
        page, ".distance")


def test_the_keyboard_is_enough(page):
    page.run(f"{control('Margin of error')}.focus()")
    page.press("ArrowRight", "ArrowRight")
    act(page, "0")
    assert page.run("location.search") == "?sampling.margin=0.06&lang=en"
    page.run("document.querySelector('.tab[aria-selected=true]').focus()")
    page.press("ArrowRight")
    act(page, "0")
    assert page.run("document.activeElement.dataset.tab") == "scoring" and "Score of need" in text(
        page, ".lead")


def test_the_zone_of_the_city_and_the_class_limits_change_the_maps(page):
    show(page, "disparity")
    zones = (
        "[...document.querySelectorAll('.panel table')].find((one) => "
        "one.caption.textContent.includes('by zone'))"
        ".tBodies[0].rows.length")
    assert page.run(zones) == 3 and page.run(
        "document.querySelectorAll('.map')[0].querySelectorAll('.legend li').length") == 6
    city = control("Zone of the city")
    act(page, f"{city}.value = '1'; {city}.dispatchEvent(new Event('change'))")
    assert page.run(zones) == 2
    drag(page, "Number of map classes", 0)
    assert page.run(
        "document.querySelectorAll('.map')[0].querySelectorAll('.legend li').length") == 3
    fills = page.run(
        "[...new Set([...document.querySelector('.map').querySelectorAll('.areas use')]"
        ".map((one) => one.getAttribute('fill')))].length")
    assert fills == 2


def test_ratings_of_one_expert_and_of_all_move_the_strategies(page):
    show(page, "force_field")
    page.run("document.querySelector('.more').open = true")
    first = "document.querySelector('.panel tbody tr').cells[1].textContent"
    assert "lead" not in page.run(first)
    slider = "document.querySelectorAll('.ratings fieldset')[8].querySelector('input')"
    act(page, f"{slider}.value = '1'; {slider}.dispatchEvent(new Event('input'))")
    assert text(page, ".distance summary").startswith("Different from the first setting: 7 choices")
    expert = control("Expert")
    page.run(f"{expert}.value = 'E1'; {expert}.dispatchEvent(new Event('change'))")
    assert page.run(f"{slider}.value") == "1"
    show(page, "synthesis")
    assert "illustrative" in text(page, ".panel caption") and "would not be supported" in text(
        page, ".panel table")


def test_the_other_language_keeps_the_setting(page):
    drag(page, "Margin of error", 0.5)
    value = page.run(f"{control('Margin of error')}.value")
    act(page, "document.querySelector('button[lang=id]').click()")
    page.wait("document.querySelector('.explorer').lang === 'id'")
    assert page.run(f"{control('Batas galat')}.value") == value
    assert "responden dari 128.951 orang" in text(
        page, ".lead") and "lang=id" in page.run("location.search")


def test_files_are_taken_along_and_brought_back(page, tmp_path):
    page.call("Browser.setDownloadBehavior", behavior="allow",
              downloadPath=str(tmp_path), browserContextId=page.profile)
    drag(page, "Margin of error", 0.9)
    changed = page.run("location.search")
    page.run("document.querySelector('.archive').click()")
    page.run("document.querySelector('button.parameters').click()")
    end = time.monotonic() + PATIENCE
    while not {"explorer.zip", "params.yml"} <= {path.name for path in tmp_path.iterdir()}:
        assert time.monotonic() < end
        time.sleep(0.1)
    with zipfile.ZipFile(tmp_path / "explorer.zip") as file:
        assert "tables/sample_allocation.csv" in file.namelist() and file.testzip() is None
    act(page, "document.querySelector('.reset').click()")
    node = page.call("Runtime.evaluate",
                     expression="document.querySelector('input[type=file]')")["result"]["objectId"]
    page.call("DOM.setFileInputFiles", objectId=node, files=[str(tmp_path / "params.yml")])
    page.wait(f"location.search === {changed!r}")
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("scoring: {classes: 99}\n", encoding="utf-8")
    page.call("DOM.setFileInputFiles", objectId=node, files=[str(wrong)])
    page.wait(
        "document.querySelector('.problems').textContent.startsWith(\"wrong.yml: 'scoring.classes' "
        "is 99\")"
    )
    # What cannot be taken leaves the setting as it is; what has no control here is named.
    assert page.run("location.search") == changed
    wrong.write_text("disparity: {permutations: 99}\n", encoding="utf-8")
    page.call("DOM.setFileInputFiles", objectId=node, files=[str(wrong)])
    page.wait("document.querySelector('.problems').textContent.includes('cannot be changed here')")
    assert page.run("location.search") == changed


def test_a_change_is_undone_and_done_again(page):
    first = page.run("location.search")
    drag(page, "Margin of error", 0.9)
    second = page.run("location.search")
    act(page, "document.querySelector('.reset').click()")
    for what, where in (("undo", second), ("undo", first), ("redo", second), ("redo", first),
                        ("undo", second)):
        act(page, f"document.querySelector('.{what}').click()")
        page.wait(f"location.search === {where!r}")


def test_two_settings_stand_side_by_side(page):
    lead = text(page, ".lead")
    act(page, "document.querySelector('.compare').click()")
    drag(page, "Margin of error", 0.9)
    leads = page.run("[...document.querySelectorAll('.panel.two section .lead')]"
                     ".map((one) => one.textContent)")
    heads = page.run("[...document.querySelectorAll('.panel.two h2')]"
                     ".map((one) => one.textContent)")
    assert leads[0] == lead != leads[1]
    assert heads == ["The setting that was kept", "The setting now"]
    act(page, "document.querySelector('.compare').click()")
    assert page.run("document.querySelectorAll('.lead').length") == 1


def test_a_lost_kernel_is_told_within_five_seconds_and_the_setting_is_not_lost(page, served):
    stopped = kernels(served[1])
    for process in stopped:
        process.send_signal(signal.SIGSTOP)
    try:
        start = time.monotonic()
        page.run("document.querySelector('.controls input[type=range]').value = '0.08';"
                 "document.querySelector('.controls input[type=range]')"
                 ".dispatchEvent(new Event('input'))")
        page.wait("document.querySelector('.lost .go-on')", 10)
        assert time.monotonic() - start < 8
        assert text(page, ".lost").startswith("There has been no answer for five seconds")
    finally:
        for process in stopped:
            process.send_signal(signal.SIGCONT)
    page.wait("!document.querySelector('.lost').textContent", PATIENCE)


@pytest.mark.parametrize("width", [1200, 390])
def test_axe_finds_nothing_serious(page, width):
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=1000, deviceScaleFactor=1,
              mobile=False)
    page.run(AXE.read_text(encoding="utf-8") + "; 0")
    found = []
    for tab in ("sampling", "disparity", "synthesis"):
        show(page, tab)
        found += page.run(
            "axe.run(document.querySelector('.explorer')).then((result) => result.violations"
            ".filter((one) => ['serious', 'critical'].includes(one.impact))"
            ".map((one) => one.id + ': ' + one.nodes[0].html))")
    assert found == []
    assert page.run("document.documentElement.scrollWidth") <= width
    page.call("Emulation.setDeviceMetricsOverride", width=1200, height=1000, deviceScaleFactor=1,
              mobile=False)


@pytest.mark.parametrize("width", [1200, 390])
def test_the_controls_stay_in_view_beside_the_last_result(page, width):
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=1000, deviceScaleFactor=1,
              mobile=False)
    show(page, "disparity")
    page.run("[...document.querySelectorAll('.panel .csv')].at(-1).scrollIntoView()")
    top, bottom = page.run(
        "(({top, bottom}) => [top, "
        "bottom])(document.querySelector('.controls').getBoundingClientRect())"
    )
    assert -50 < top < 20 and bottom > 400
    assert page.run(
        "[...document.querySelectorAll('.panel .csv')].at(-1).getBoundingClientRect().top") < 1000
    page.call("Emulation.setDeviceMetricsOverride", width=1200, height=1000, deviceScaleFactor=1,
              mobile=False)


def kernels(process: int) -> list:
    """Return the kernels that the server has started and not yet ended."""
    children = psutil.Process(process).children(recursive=True)
    # A forked kernel has the command line of the fork server, whose child it is.
    return [child for child in children if "forkserver" in " ".join(child.parent().cmdline())]


def test_a_link_opens_its_setting_and_the_page_that_was_left_ends_its_kernel(page, served):
    address, process = served[0].partition("?")[0], served[1]
    query = "scoring.classes=5&synthesis.strong_need=4.15&scoring.missing=nonsense&lang=en"
    page.visit(f"{address}?{query}", READY, height=1000)
    assert "3 choices" not in text(page, ".distance summary") and "2 choices" in text(
        page, ".distance summary")
    assert "'scoring.missing' is 'nonsense'; allowed is one of: person_mean" in text(
        page, ".problems")
    show(page, "synthesis")
    assert page.run(f"{control('Limit of “strong need”')}.value") == "4.15"
    assert "would be mixed" in text(page, ".panel table")
    end = time.monotonic() + PATIENCE
    while len(kernels(process)) > 1:
        assert time.monotonic() < end
        time.sleep(0.2)


def asked(url: str, **headers: str) -> tuple[int, str]:
    """Status of an answer, and where it leads; nothing is followed."""
    place = urlsplit(url)
    connection = HTTPConnection(place.hostname, place.port, timeout=60)
    connection.request("GET", f"{place.path}?{place.query}", headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.getheader("Location", "")


def test_only_who_has_the_printed_address_and_asks_this_machine_gets_a_page(served, address):
    url = served[0]
    assert asked(address)[0] == 302 and asked(address)[1].startswith("/login")
    assert asked(f"{address}?token=guess")[0] == 302
    assert asked(url, Host="evil.example:8866")[0] == 403
    assert asked(f"{address}api/kernels")[0] in (302, 403)
    with open(f"/proc/{served[1]}/cmdline", encoding="utf-8") as file:
        assert url.partition("token=")[2] not in file.read()


def test_a_stated_number_of_pages_is_served(monkeypatch):
    monkeypatch.setattr("helpers.run.execution.kernels.start_server", lambda *more: None)
    monkeypatch.setattr("helpers.run.execution.kernels.forked", lambda: True)
    few = FewKernels()
    monkeypatch.setattr(few, "_kernels", dict.fromkeys(range(FORKED)))
    with pytest.raises(HTTPError, match="40 pages are open already; close one of them"):
        asyncio.run(few.start_kernel())
