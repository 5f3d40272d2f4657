"""axe-core in a page that is open in a browser: what it finds against WCAG 2.1 AA and good
practice."""

import hashlib
from functools import cache
from pathlib import Path

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
FIND = """axe.run(document, {preload: false, resultTypes: ["violations"], elementRef: false})
    .then(found => found.violations.map(one => [
        one.impact, one.id, one.nodes[0].html.slice(0, 200), one.nodes[0].failureSummary]))"""


@cache
def _axe() -> str:
    content = AXE.read_bytes()
    assert hashlib.sha256(content).hexdigest(
    ) == SHA256, f"{AXE.name} is not the version that the tests were written for"
    return content.decode()


def violations(browser) -> list[list[str]]:
    """Return what is wrong with the open page: impact, rule, the first element, and how to mend
    it."""
    browser.run(f"{_axe()};0")
    return browser.run(FIND)
