"""API pages: docstrings with their formulas, readable with the network cut."""

import inspect
import re

from helpers import permutation
from tools import api_pages


def test_a_page_holds_docstrings_and_formulas_and_loads_nothing(tmp_path):
    api_pages.make(tmp_path, "helpers.permutation")
    page = (tmp_path / "helpers" / "permutation.html").read_text(encoding="utf-8")
    assert "permutations of the labels of two groups" in page and "shift_interval" in page
    written = len(re.findall(r":math:`|\.\. math::", inspect.getsource(permutation)))
    assert page.count("<math") == written > 4 and "math:" not in page
    loaded = re.findall(r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=[\"']([^\"']+)", page)
    assert [address for address in loaded if re.match("https?:|//", address)] == []
