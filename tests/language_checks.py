"""What a reader of one language sees of a build, and the numbers in it that are written in the way
of the other one."""

import html
import json
import re
from collections import Counter
from pathlib import Path

NUMBER = re.compile(r"(?<![\w.,/:-])\d[\d.,]*\d(?!\w)")
SIGNS = {"id": (",", "."), "en": (".", ",")}
# Codes of regencies, as the country's table names them, look like numbers with two decimals.
REGENCIES = {line[:5] for line in (Path(__file__).parents[1] / "data" / "raw" / "national.csv")
             .read_text(encoding="utf-8").split("\n")[1:-1]}
# Codes of areas, versions, licences and names of statistics are the same in every language.
NAMES = re.compile(
    r"\bKepmendagri [\d.]+|\bsection \d\.\d|\b10\.\d{4,5}/\S+|"  # titles and DOIs of documents
    r"\b35\.\d\d(?:\.\d\d)?\b|\b\d\.\d\.\d\b|\b(?:CC BY|Attribution|Natural Earth|"
    r"Python)\s+\d\.\d+|ICC\(2,[1k]\)|"
    rf"(?<![\d.,])(?:{'|'.join(map(re.escape, sorted(REGENCIES)))})(?!\d|[.,]\d)"
)
# What no page of another region may speak of: the project's own region, its river, its indicator
# (light seen at night), its city, and the thesis. "Dark means high" is said of a map's colours.
OWN_REGION = re.compile(
    r"(?i)\b(blitar\w*|brantas|nights?|lights?|lit|lamps?|bright\w*|satellites?|city|cities|"
    r"thesis|malam|cahaya\w*|terang|tempat yang gelap|dark place|lampu|satelit|kota|tesis|"
    r"22 (?:wilayah|areas))\b")
# Definitions of words, and what is said of all writing of this kind.
DEFINED = re.compile(r"(?i)kabupaten(?:,| atau| or) kota|(?:a|sebuah) (?:thesis|tesis)\b|"
                     r"skripsi dan tesis|tesis lain|come to light")
UNSEEN = re.compile(r"<(script|style|pre|code|svg)\b.*?</\1>|<!--.*?-->", re.DOTALL)
LANGUAGE = re.compile(r'<html lang="(id|en)"')
SPOKEN = re.compile(r"<[^>]*?\b(?:alt|title|aria-label)=\"([^\"]*)\"[^>]*>")


def foreign(text: str, lang: str) -> list[str]:
    """Return the numbers of a text that are written in the way of the other language, with what
    stands around them."""
    decimal, group = map(re.escape, SIGNS[lang])
    own = re.compile(rf"(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+)(?:{decimal}\d+)?")
    text = NAMES.sub(" ", text)
    return [text[max(0, found.start() - 30):found.end() + 30] for found in NUMBER.finditer(text)
            if not own.fullmatch(found[0])]


def numbers(text: str, lang: str) -> Counter:
    """Return the numbers of a text in the way of a program, and how often each stands there."""
    decimal, group = SIGNS[lang]
    plain = [found.replace(group, "").replace(decimal, ".")
             for found in NUMBER.findall(NAMES.sub(" ", text))]
    # With a point a number may look like the code of a regency, which was taken out.
    return Counter(number for number in plain if number not in REGENCIES)


def visible(page: str) -> str:
    """Return what a page shows or a screen reader says: no code, no scripts."""
    return html.unescape(re.sub(r"<[^>]+>", " ", SPOKEN.sub(r" \1 ", UNSEEN.sub(" ", page))))


def drawn(path: Path) -> str:
    """Return the texts in an SVG figure: matplotlib draws letters as shapes and leaves each text
    beside them."""
    return "\n".join(
        html.unescape(text.strip())
        for text in re.findall(r"<!--(.*?)-->", path.read_text(encoding="utf-8"), re.DOTALL))


def readings(out: Path) -> dict[str, tuple[str, str]]:
    """Return everything that people read in a build, by file: its language, and its text."""
    found = {}
    for path in (out / "figures").glob("*.json"):
        about = json.loads(path.read_text(encoding="utf-8"))
        found[f"figures/{path.name}"] = about["lang"], " ".join(about[part]
                                                                for part in ("title", "caption",
                                                                             "alt", "source"))
        found[f"figures/{path.stem}.svg"] = about["lang"], drawn(path.with_suffix(".svg"))
    for path in [
            *(out / "tables").glob("*.html"), *(out / "figures").glob("*.html"),
            *(out / "site").rglob("*.html")
    ]:
        page = path.read_text(encoding="utf-8")
        found[path.relative_to(out).as_posix()] = LANGUAGE.search(page)[1], visible(page)
    return found


def of_own_region(text: str) -> list[str]:
    """Words of `OWN_REGION` in a text, with what stands around them."""
    text = DEFINED.sub(" ", " ".join(text.split()))
    return [text[max(0, found.start() - 40):found.end() + 30]
            for found in OWN_REGION.finditer(text)]
