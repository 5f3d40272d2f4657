"""Two languages: every text has its twin, of the same form, and stands in the language that it
claims."""

import ast
import json
import re
from itertools import zip_longest
from pathlib import Path
from string import Formatter

import pytest
import yaml

from helpers import messages
from helpers.publish.texts import LOCALE, catalogue

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(path for folder in ("notebooks", "course", "explorer")
                   for path in (ROOT / folder).rglob("*.ipynb"))
PAGES = sorted(path for path in ROOT.joinpath("docs").glob("*.md")
               if not path.name.endswith(".id.md") and not path.with_suffix(".id.md").exists())
# For those who work on the code, as the code itself: in English.
OF_DEVELOPERS = {path.relative_to(ROOT).as_posix() for path in (
    ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md",
    ROOT / "docs" / "maintaining.md", ROOT / "docs" / "survey-errors.md",
    *ROOT.glob("docs/decisions/*.md"))}
# Made from a table with a column a language, or from the words of a data package.
PARAGRAPH_BY_PARAGRAPH = set()
TWINNED = sorted(path for folder in (ROOT.glob("*.id.md"),
                                     *((ROOT / name).rglob("*.id.md")
                                       for name in ("data", "docs", "course", "examples")))
                 for path in folder)
TABLES = {"docs/parameters.md", "docs/terms.md"}
DOMAINS = sorted({path.stem for path in LOCALE.rglob("*.po")})
LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
# Words that are frequent in one language and none in the other.
STOP = {
    "id": (
        "yang dan di dengan untuk dari pada adalah tidak ini itu dalam atau ke oleh sebagai karena "
        "setiap "
        "bila juga tetapi sebuah ada bukan lebih sudah akan dapat antara jika serta ialah menurut "
        "sama saja "
        "hanya belum lalu agar maka kedua semua tanpa seperti beberapa masing wilayah zona skor "
        "bobot kolom "
        "baris nilai berkas kelas indeks peta tabel gambar angka butir responden ahli faktor klaim "
        "sel tahun "
        "peringkat jawaban kebutuhan selisih rata galat selang "),
    "en": (
        "the of and is are to with for that this not by from be which or an it has have was as at "
        "when than "
        "what how its only each one all without they were into who where there if these those been "
        "but every "
        "both area areas zone zones scores weight weights column row rows value values file number "
        "years rank "
        "answer answers needed map table figure claim year error give "),
}
STOP = {lang: set(words.split()) for lang, words in STOP.items()}
# Place of the key among the arguments of what asks for a text.
KEY_AT = {"t": 0, "tr": 0, "say": 0, "text": 0, "texts": 0, "told": 0, "show": 1}
# A work in a list of literature keeps its own language.
CITED = re.compile(r"\(\d{4}[a-z]?\)\. ")
# Code, formulas, links, names of files, quotations of the other language.
UNREAD = re.compile(
    r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|\]\([^)]*\)|https?://\S+|<[^>]+>|\{[^{}]*\}|"
    r"\*[^*\n]+\*|\S+[._/=]\S+", re.DOTALL)


def wrong_language(text, lang):
    """Return the paragraphs of a text that speak the other language: more of its frequent words
    than of their own."""
    other = "en" if lang == "id" else "id"
    found = []
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:[-*#|]|\d+\.)\s)", text):
        if CITED.search(paragraph):
            continue
        words = re.findall(r"[^\W\d_]+", UNREAD.sub(" ", paragraph).lower())
        own, foreign = (sum(word in STOP[one] for word in words) for one in (lang, other))
        if foreign > own and (foreign > 1 or len(words) < 8):
            found.append(paragraph.strip())
    return found


def form(text):
    """Return what a text and its twin share, whatever the language: headings, lists, tables, code,
    formulas, links."""
    blocks = re.findall(r"(?ms)^```.*?^```", text)
    prose = re.sub(r"(?ms)^```.*?^```", "", text)
    lines = prose.splitlines()
    return {
        "headings": [re.match("#+", line)[0] for line in lines
                     if re.match(r"#+ ", line)], "list items": [
                         bool(re.match(r"\s*\d+\.", line)) for line in lines
                         if re.match(r"\s*(?:[-*]|\d+\.) ", line)
                     ],
        "table rows": [len(re.split(r"(?<!\\)\|", line)) for line in lines if line.startswith("|")],
        "code": [[re.sub(r"\s*#.*|lang=(?:id|en)", "", line) for line in block.splitlines()]
                 if re.match(r"```(?:sh|python|po)", block) else len(block.splitlines())
                 for block in blocks], "formulas": sorted(
                     re.sub(r"\\text\{[^{}]*\}|_\{[a-z]+\}", "", formula)
                     for formula in re.findall(r"\$\$.*?\$\$", prose, re.DOTALL)), "links": sorted(
                         re.sub(r"-(?:id|en)$|\.id(?=\.(?:md|png)$)", "", link)
                         for link in re.findall(r"\]\(([^)\s]+)\)", prose)),
    }


def differences(one, other):
    """Return in which parts of their form two texts differ."""
    first, second = form(one), form(other)
    return {part: (first[part], second[part]) for part in first if first[part] != second[part]}


class Sources:
    """What code, notebooks, templates and data say that a key may be: whole, or put together."""

    def __init__(self):
        self.whole, self.put_together, self.asked = set(), set(), {}
        self.words = set()
        helpers = ROOT / "src" / "helpers"
        for path in [*sorted(helpers.rglob("*.py")), ROOT / "tools" / "checks" / "verify.py"]:
            self._read(path.read_text(encoding="utf-8"), path.name)
        for path in NOTEBOOKS:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            code = "\n".join("".join(cell["source"]) for cell in cells
                             if cell["cell_type"] == "code")
            self._read(re.sub(r"(?m)^[%!].*$", "", code), path.name)
        for path in (file for kind in ("html", "j2", "js", "yml", "typ")
                     for file in helpers.rglob(f"*.{kind}")):
            self._read_template(path.read_text(encoding="utf-8"), path.name)
        shown = yaml.safe_load(
            (helpers / "publish" / "shown.yml").read_text(encoding="utf-8"))
        self.whole |= {key for tables in shown.values() for key in tables}
        styles = {style for tables in shown.values() for columns in tables.values()
                  for style in columns.values()}
        texts = [text for domain in DOMAINS for text in catalogue(domain, "en").values()]
        styles |= {spec for text in texts for _, _, spec, _ in Formatter().parse(text) if spec}
        self.put_together |= {
            re.escape(style) + ".+" for style in styles if style.endswith((".", "_"))}
        raw = ROOT / "data" / "raw"
        for path in [ROOT / "params.yml", *raw.glob("*.csv"), *raw.glob("*.json")]:
            self.words |= set(re.findall(r"[A-Za-z0-9]+", path.read_text(encoding="utf-8")))
        self.pattern = re.compile("|".join(sorted(self.put_together)))

    def uses(self, key: str) -> bool:
        """Whether somebody asks for this key, or for keys of this form with words that occur."""
        if key in self.whole:
            return True
        return bool(self.pattern.fullmatch(key)) and self.mentions(key)

    def mentions(self, key: str) -> bool:
        """Whether all words of a key occur somewhere."""
        return set(re.findall(r"[A-Za-z0-9]+", key)) <= self.words

    def _read(self, code: str, where: str) -> None:
        self.words |= set(re.findall(r"[A-Za-z0-9]+", code))
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.whole.add(node.value)
                if re.fullmatch(r"[\w.]*\{\w+\}", node.value):
                    self.put_together.add(_form_of_key(node))
            elif isinstance(node, (ast.JoinedStr, ast.BinOp)):
                form = _form_of_key(node)
                if form and re.search(r"\w", form):
                    self.put_together.add(form)
            elif isinstance(node, ast.Call) and (at := KEY_AT.get(_name(
                    node.func))) is not None and len(node.args) > at:
                form = _form_of_key(node.args[at])
                if form and re.fullmatch(r"(?:[\w]|\\\.|\.\+)+", form) and "\\." in form:
                    self.asked.setdefault(form, where)

    def _read_template(self, text: str, where: str) -> None:
        self.words |= set(re.findall(r"[A-Za-z0-9]+", text))
        self.whole |= set(re.findall(r"[\"']([\w.]+)[\"']", text))
        self.put_together |= {
            re.escape(start) + ".+" for start in re.findall(r"[\"']([\w.]+\.)[\"'] *[~+]", text)
        }
        for key in re.findall(r"\bt\([\"'](\w+\.[\w.]*\w)[\"'][,)]", text):
            self.asked.setdefault(re.escape(key), where)


def _name(node):
    return node.id if isinstance(node,
                                 ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _form_of_key(node):
    """Return a text, or one that is put together, as a regular expression; None where it is
    neither."""
    if isinstance(node, ast.Constant):
        # A row fills a key such as "found.{verdict}".
        return re.sub(r"\\\{\w+\\\}", ".+", re.escape(node.value)) if isinstance(
            node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            re.escape(part.value) if isinstance(part, ast.Constant) else ".+"
            for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _form_of_key(node.left), _form_of_key(node.right)
        return (left or ".+") + (right or ".+") if left or right else None
    return None


def english(path):
    """Return the English twin of a page in Indonesian."""
    return path.with_name(path.name.replace(".id.md", ".md"))


def cells(path):
    """Return the text cells of a notebook, in their order."""
    read = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(cell["id"], "".join(cell["source"]), cell["metadata"].get("tags", [])) for cell in read
            if cell["cell_type"] == "markdown"]


def faults_of_cells(found):
    """Return what is wrong with the text cells of a notebook: (id, text, tags) in their order."""
    faults = []
    for first, second in zip_longest(found[::2], found[1::2], fillvalue=("", "", [])):
        name = first[0][:-3]
        if (first[0], second[0]) != (f"{name}-id", f"{name}-en"):
            faults.append(f"{first[0]}, {second[0]}: no pair of Indonesian and English")
            break
        faults += [f"{one}: not tagged lang-{one[-2:]}" for one, _, tags in (first, second)
                   if f"lang-{one[-2:]}" not in tags]
        faults += [
            f"{name}: other {part}: {both}"
            for part, both in differences(first[1], second[1]).items()
        ]
        faults += [f"{one}: {text!r} is the other language" for one, all_of_it, _ in (first, second)
                   for text in wrong_language(all_of_it, one[-2:])]
    return faults


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_text_cell_has_its_twin_of_the_same_form_in_its_language(path):
    assert faults_of_cells(cells(path)) == []


def sections(path):
    """Return the part of each language of a page that holds both."""
    text = path.read_text(encoding="utf-8")
    found = {
        lang: re.search(rf"(?ms)^## {heading}\n(.*?)(?=^## |\Z)", text)
        for lang, heading in LANGUAGES.items()
    }
    return {lang: section[1] for lang, section in found.items() if section}


@pytest.mark.parametrize("path", [
    page for page in PAGES if page.relative_to(ROOT).as_posix() not in OF_DEVELOPERS | TABLES],
                         ids=lambda path: path.name)
def test_every_guide_speaks_both_languages_in_the_same_form(path):
    found = sections(path)
    assert set(found) == set(
        LANGUAGES), "write a section ## English and a section ## Bahasa Indonesia"
    assert differences(found["id"], found["en"]) == {}
    assert {lang: wrong_language(text, lang)
            for lang, text in found.items()} == {"id": [], "en": []}


@pytest.mark.parametrize("path", TWINNED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_page_in_two_files_has_the_same_form_in_both(path):
    texts = {
        "id": path.read_text(encoding="utf-8"), "en": english(path).read_text(encoding="utf-8")
    }
    assert differences(*texts.values()) == {}
    # Headings of the dictionary are names of the data; tests/test_data_package.py looks after its
    # texts.
    assert path.name == "data-dictionary.id.md" or {
        lang: wrong_language(text, lang) for lang, text in texts.items()} == {"id": [], "en": []}


def test_every_page_is_in_two_languages():
    pages = {path for folder in ("data", "docs", "course", "examples", "explorer", "notebooks")
             for path in (ROOT / folder).rglob("*.md") if ".ipynb_checkpoints" not in path.parts}
    pages |= set(ROOT.glob("*.md"))
    twins = {*TWINNED, *map(english, TWINNED)}
    alone = {
        path.relative_to(ROOT).as_posix() for path in pages - twins
        if set(sections(path)) != set(LANGUAGES)
    }
    assert alone == PARAGRAPH_BY_PARAGRAPH | OF_DEVELOPERS | TABLES



def test_no_catalogue_has_a_text_twice():
    for path in sorted((ROOT / "src").rglob("*.po")):
        text = path.read_text(encoding="utf-8")
        keys = re.findall(r'(?m)^(?:msgctxt "(.+)"\n)?msgid "(.+)"$', text)
        assert len(keys) > 5 and [key for key in set(keys) if keys.count(key) > 1] == [], path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_cell_names_columns_as_they_are_headed(lang):
    cells = json.loads((ROOT / "notebooks" / "4_force_field.ipynb").read_text("utf-8"))["cells"]
    [said] = ["".join(cell["source"]) for cell in cells
              if cell["id"] == f"strategy-chance-{lang}"]
    heads = [catalogue("common", lang)[f"column.{name}"] for name in ("pairs", "chance")]
    assert re.findall(r"\*([^*]+)\*", said) == heads and not re.search(r"nine|sembilan", said)


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_is_in_its_language(domain, lang):
    assert {
        key: text for key, text in catalogue(domain, lang).items() if wrong_language(text, lang)
    } == {}


def test_messages_and_parameters_are_in_their_language():
    found = messages.entries(f"{messages.LOCALE}/id/LC_MESSAGES/errors.po")
    assert [text for text in found if wrong_language(text, "en")] == []
    assert [text for text in found.values() if wrong_language(text, "id")] == []
    schema = (ROOT / "src" / "helpers" / "study" / "parameters.yml").read_text(encoding="utf-8")
    for lang in LANGUAGES:
        texts = re.findall(rf'text_{lang}: "([^"]*)"', schema)
        assert len(texts) > 50 and [text for text in texts if wrong_language(text, lang)] == []


@pytest.fixture(scope="module")
def sources():
    return Sources()


# The page of the glossary lists all its terms; marks of the course name stage, exercise and
# mistake.
LISTED = {"glossary": r"(?:term|meaning)\..+", "course": r"\w+\.\w+\.\w+"}


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_key_is_unused(sources, domain):
    listed = LISTED.get(domain, "$.")
    keys = catalogue(domain, "en")
    assert [key for key in keys if not (sources.uses(key) or re.fullmatch(listed, key))] == []


def test_no_key_is_unknown(sources):
    known = {key for domain in DOMAINS for key in catalogue(domain, "en")}
    unknown = {form: where for form, where in sources.asked.items()
               if not any(re.fullmatch(form, key) for key in known)}
    assert len(sources.asked) > 300 and unknown == {}


TWINS = [("a-id", "## Judul\n\nIni sebuah kalimat yang pendek.\n\n- satu", ["lang-id"]),
         ("a-en", "## Title\n\nThis is a sentence that is short.\n\n- one", ["lang-en"])]


@pytest.mark.parametrize("part, changed, fault", [
    (0, ("a-id", TWINS[1][1], ["lang-id"]), "is the other language"),
    (1, ("a-en", TWINS[0][1], ["lang-en"]), "is the other language"),
    (1, ("b-en", TWINS[1][1], ["lang-en"]), "no pair"),
    (1, ("a-en", TWINS[1][1], ["lang-id"]), "not tagged lang-en"),
    (1, ("a-en", TWINS[1][1] + "\n- two", ["lang-en"]), "other list items"),
    (1, ("a-en", "#" + TWINS[1][1], ["lang-en"]), "other headings"),
    (1, ("a-en", TWINS[1][1] + "\n\n$$x$$", ["lang-en"]), "other formulas"),
    (1, ("a-en", TWINS[1][1] + " [there](x.md)", ["lang-en"]), "other links")])
def test_a_fault_in_a_cell_is_noticed(part, changed, fault):
    assert faults_of_cells(TWINS) == []
    found = list(TWINS)
    found[part] = changed
    assert fault in faults_of_cells(found)[0]
    assert "no pair" in faults_of_cells(TWINS[:1])[0]


def test_a_fault_in_a_key_or_a_page_is_noticed(sources):
    assert sources.uses("found.unheardof") is False and sources.uses("word.nobodysaysthis") is False
    assert sources.uses("word.north") and sources.uses("figure.lorenz.caption")
    assert differences("```sh\nmake all # semua\n```", "```sh\nmake all # all\n```") == {}
    assert differences("```sh\nmake all\n```", "```sh\nmake site\n```") and differences(
        "| a | b |", "| a |")
    assert wrong_language("Rata-rata zona yang lebih tinggi.", "en") and wrong_language(
        "The mean of a zone.", "id")


def texts_of_template(text):
    """Return what a page's template says by itself, between its tags and in the attributes that are
    read out."""
    text = re.sub(
        r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|\[\[.*?\]\]|<!--.*?-->|<(script|style|code)\b.*?</\1>",
        " ", text, flags=re.DOTALL)
    return re.findall(r">([^<]+)<", text) + re.findall(
        r'\b(?:title|aria-label|alt|placeholder)="([^"]*)"', text)


def test_pages_hold_no_words_of_their_own():
    templates = [
        path for kind in ("*.html", "*.j2") for path in (ROOT / "src" / "helpers").rglob(kind)
    ]
    said = {
        path.name: text for path in templates
        for text in texts_of_template(path.read_text(encoding="utf-8"))
        if not text.startswith("make ") and set(re.findall(r"[a-z]+", text.lower()))
        & (STOP["id"] | STOP["en"])
    }
    assert len(templates) > 8 and said == {}
    assert texts_of_template('<p title="The name">{{ t("x") }} of all</p>') == [
        "  of all", "The name"
    ]


def test_figures_hold_no_words_of_their_own():
    drawing = {
        "set_xlabel", "set_ylabel", "set_title", "suptitle", "text", "annotate", "set_label",
        "supxlabel", "supylabel"
    }
    said = []
    for path in (ROOT / "src" / "helpers" / "publish").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in drawing:
                said += [
                    f"{path.name}: {value.value}" for value in node.args
                    if isinstance(value, ast.Constant) and isinstance(value.value, str)
                    and re.search("[A-Za-z]{3}", value.value)
                ]
    assert said == []
