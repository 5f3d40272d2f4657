"""Changes of what people read, see or download: each one must be noticed, in both languages."""

import base64
import hashlib
import io
import json
import re
import zipfile

import pytest
from shared_build import mexico

from helpers.files import as_json
from helpers.verdict import on_disk, printed, reading, snapshot, traced, verdict

FIGURES = ("local_clusters", "reference_maps", "zone_gaps")
TABLES = ("inequality", "zone_indicators")
FILES = re.compile(
    rf"(site/)?(figures/({'|'.join(FIGURES)})|tables/({'|'.join(TABLES)}))\.\w+|figures/atlas.html|"
    r"notebooks/0_\w+.ipynb|site/(index|map|tables|provenance|glossary|figures).html|"
    r"site/[\w-]+\.(js|css|json)|provenance.json")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Some files of a build, among them every kind of file."""
    files = snapshot.files_of(mexico(tmp_path_factory))
    return {path: content for path, content in files.items() if FILES.fullmatch(path)}


@pytest.fixture(scope="module")
def kept(built):
    """The reference of that build, as if it were the one of each language."""
    other = built | {path: content.replace(b"mean", b"rata") for path, content in built.items()
                     if path.endswith(".html")}
    return snapshot.of(other, {"en": built}), snapshot.of(built)


def edit(path, old, new, count=1):
    """Replace a text, or what a pattern finds."""
    def change(files):
        text = files[path].decode()
        changed = (old.sub(new, text, count=count) if isinstance(old, re.Pattern)
                   else text.replace(old, new, count))
        assert changed != text, "the mutation changes nothing"
        files[path] = changed.encode()

    return change


def swap(*pairs):
    def change(files):
        for one, other in pairs:
            assert files[one] != files[other]
            files[one], files[other] = files[other], files[one]

    return change


def paint(path, change_picture):
    """Change the pixels of a picture."""
    def change(files):
        from PIL import Image

        image = Image.open(io.BytesIO(files[path])).convert("RGB")
        out = io.BytesIO()
        change_picture(image).save(out, format=path.rpartition(".")[2].upper(), lossless=True)
        assert out.getvalue() != files[path]
        files[path] = out.getvalue()

    return change


def channels(image):
    """Red and blue exchanged."""
    from PIL import Image

    red, green, blue = image.split()
    return Image.merge("RGB", (blue, green, red))


def digit(image):
    """A few pixels of a digit painted over, at the upper left where the axis has its numbers."""
    image.paste((255, 255, 255), (image.width // 10, image.height // 3, image.width // 10 + 6,
                                  image.height // 3 + 9))
    image.putpixel((image.width // 10, image.height // 3), (0, 0, 1))
    return image


def moved(image):
    """One square of the picture exchanged with another."""
    wide, high = image.width // 4, image.height // 4
    one, other = (wide, high, 2 * wide, 2 * high), (2 * wide, 2 * high, 3 * wide, 3 * high)
    first, second = image.crop(one), image.crop(other)
    image.paste(second, one)
    image.paste(first, other)
    return image


def cell_of_workbook(path):
    def change(files):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(files[path])) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                part = old.read(name)
                if name.endswith("sheet1.xml"):
                    part = re.sub(rb"<v>(\d)", rb"<v>9\1", part, count=1)
                new.writestr(name, part)
        files[path] = out.getvalue()

    return change


def workbook_part(name, content, path="site/tables/inequality.xlsx"):
    """Add a part to a workbook, or change it."""
    def change(files):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(files[path])) as old, zipfile.ZipFile(out, "w") as new:
            parts = {one: old.read(one) for one in old.namelist()}
            parts[name] = content(parts[name]) if callable(content) else content
            for one, part in parts.items():
                new.writestr(one, part)
        files[path] = out.getvalue()

    return change


def picture_of_notebook(files):
    """A picture of a notebook replaced by another one, its alternative text left."""
    path = "notebooks/0_overview.ipynb"
    notebook = json.loads(files[path])
    other = base64.b64encode(files["figures/local_clusters.png"]).decode()
    code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    code["outputs"].append({"output_type": "display_data", "metadata": {},
                            "data": {"image/png": other, "text/plain": "x"}})
    files[path] = json.dumps(notebook).encode()


def last_row(path):
    return edit(path, re.compile(r"\n[^\n]+\n$"), "\n")


NUMBER = re.compile(r"(\d)\.(\d)")
WORD_COLOUR = re.compile(r'(<g style="fill: )#[0-9a-f]{6}(" transform)')
LEGEND = re.compile(r'(?s)(id="legend_1".*?style="fill: )#[0-9a-f]{6}')
MUTATIONS = {
    # The reviewer's list, by kind.
    "a word of the start page": edit("site/index.html", re.compile(r">([A-Z]\w+) (\w+)"),
                                     r">\1 not \2"),
    "a count of the start page": edit("site/index.html", re.compile(r"\b\d\d?\b(?=[^<>]*<)"), "77"),
    "a mark of origin on a page": edit("site/index.html", "status-published", "status-simulated"),
    "the word of a mark of origin": edit("site/tables.html", ">published<", ">simulated<"),
    "every decimal number of a page": edit("site/tables.html", NUMBER, r"9.\2", 0),
    "two drawings swapped everywhere": swap(*(
        (f"{place}figures/{FIGURES[0]}.svg", f"{place}figures/{FIGURES[2]}.svg")
        for place in ("", "site/"))),
    "two pictures swapped": swap(*[[f"site/figures/{name}.webp" for name in FIGURES[:2]]]),
    "a table as a page": edit("tables/inequality.html", NUMBER, r"\1.9\2"),
    "a table that people download": edit("site/tables/inequality.csv", NUMBER, r"\1.9\2"),
    "a workbook that nobody can read": lambda files: files.update(
        {"site/tables/inequality.xlsx": b"PK no more"}),
    "a cell of a workbook": cell_of_workbook("site/tables/zone_indicators.xlsx"),
    "a cell of a figure's workbook": cell_of_workbook("site/figures/zone_gaps.xlsx"),
    "the data of the map": edit("site/map.html", re.compile(r"0\.\d"), "0.1", 0),
    "a tile of the map": edit("figures/atlas.html", re.compile(r'( d=")M ?[\d.]+'), r"\1M0"),
    "a name on the map": edit("site/map.html", re.compile(r"(<title>)[^<]+"), r"\1Elsewhere"),
    "no provenance": lambda files: files.update({"provenance.json": b"{}"}),
    "another status in the provenance": edit("provenance.json", '"status": "published"',
                                             '"status": "simulated"'),
    "a script": edit("site/site.js", re.compile(r"$"), "document.body.textContent = 'x';"),
    "a style that hides marks": edit("site/site.css", re.compile(r"$"), ".status{display:none}"),
    "colours of a picture": paint("figures/zone_gaps.png", channels),
    "colours of the picture on a page": paint("site/figures/zone_gaps.webp", channels),
    "some pixels of a digit": paint("figures/zone_gaps.png", digit),
    "names exchanged in a picture": paint("figures/reference_maps.png", moved),
    "the colour of a word in a drawing": edit("figures/local_clusters.svg", WORD_COLOUR,
                                              r"\1#ff0000\2"),
    "the colour of a class in a legend": edit("figures/reference_maps.svg", LEGEND, r"\1#123456"),
    "a letter of a drawing": edit("figures/zone_gaps.svg", re.compile(
        r'(<use xlink:href="#)48(")'), r"\g<1>49\2"),
    "the shape of a letter": edit("figures/zone_gaps.svg", re.compile(
        r'(<path id="48" d="M )\d+'), r"\g<1>9999"),
    "a bar that is moved": edit("figures/zone_gaps.svg", re.compile(
        r'(<g id="patch_2">\n<path d="M )[\d.]+'), r"\g<1>200"),
    "an output of a notebook": edit("notebooks/0_overview.ipynb", re.compile(r"<td>"), "<td>9"),
    "a picture of a notebook": picture_of_notebook,
    # Further ones.
    "a digit of a table": edit("tables/inequality.csv", NUMBER, r"\1.9\2"),
    "a row that is gone": last_row("tables/zone_indicators.csv"),
    "a row that is gone from the download": last_row("site/tables/zone_indicators.csv"),
    "a row that is gone from a page": edit("site/tables.html", re.compile(
        r"(?s)<tbody>\n<tr>.*?</tr>"), "<tbody>"),
    "a status in a table": edit("tables/inequality.csv", "published", "simulated"),
    "an alternative text on a page": edit("site/index.html", re.compile(r'alt="[^"]+'), 'alt="x'),
    "an alternative text of a figure": edit("figures/zone_gaps.json", re.compile(
        r'"alt": "'), '"alt": "Not '),
    "a caption": edit("figures/zone_gaps.json", '"caption": "', '"caption": "Not '),
    "what a figure was made from": edit("figures/zone_gaps.json", '"made_from": [\n',
                                        '"made_from": [\n  "nothing",\n'),
    "the cell that made a table": edit("tables/inequality.json", '"cell": "', '"cell": "x'),
    "a word that only the dark scheme shows": edit(
        "site/index.html", "</main>", "<p class='dark-only' hidden>not</p></main>"),
    "a colour of the dark scheme": edit("site/site.css", re.compile(
        r"(?s)(prefers-color-scheme: dark.*?)#[0-9a-f]{6}"), r"\1#000001"),
    "a colour of a word on a page": edit("site/index.html", "<h1>", "<h1 style='color:#fff'>"),
    "a link to another figure": edit("site/index.html", re.compile(r'href="figures.html#\w+'),
                                     'href="figures.html#x'),
    "a page that loads another script": edit("site/index.html", "</head>",
                                             "<script src='x.js'></script></head>"),
    "a heading": edit("site/glossary.html", "<h1>", "<h1>Not "),
    "a number of the search": edit("site/search-index.js", re.compile(r"\d\.\d"), "9.9"),
    "the parameters in the provenance": edit("site/provenance.html", "1759", "1760"),
    "a fraction of sixteen digits": edit("site/tables/inequality.csv", re.compile(
        r"0\.\d(\d{15})\b"), r"0.9\1"),
    "ends of lines of a download": edit("site/tables/inequality.csv", "\n", "\r\n", -1),
    "a blank row in a download": edit("site/tables/inequality.csv", "\n", "\n\n"),
    "a hidden sheet of a workbook": workbook_part(
        "xl/worksheets/sheet2.xml", b"<worksheet><row><v>9</v></row></worksheet>"),
    "a note in a workbook": workbook_part("xl/comments1.xml", b"<comments>Not</comments>"),
    "a sheet that nobody sees": workbook_part("xl/workbook.xml", lambda part: part.replace(
        b"<sheet ", b'<sheet state="hidden" ')),
    "another drawing on a page": edit("site/figures.html", "figures/zone_gaps.svg",
                                      "figures/local_clusters.svg"),
    "a policy that lets all run": edit("site/index.html", re.compile(r"default-src [^;]+"),
                                       "default-src *"),
    "a page that leads elsewhere": edit(
        "site/index.html", "</head>", "<meta http-equiv='refresh' content='0;url=x'></head>"),
    "a sign that nobody sees": edit("site/index.html", "<h1>", "<h1>\u200b"),
    "a link of the search": edit("site/search-index.js", re.compile(r"(3_disparity|tables)\.html"),
                                 "index.html"),
    "a column that is hidden": edit("site/tables.html", '<td class="number">',
                                    '<td class="number" style="display:none">'),
    "the language of a page": edit("site/index.html", 'lang="en"', 'lang="id"'),
    "a picture beside a notebook's text": edit(
        "notebooks/0_overview.ipynb", '"cell_type": "markdown",',
        '"cell_type": "markdown", "attachments": {"a.png": {"image/png": "aGk="}},'),
    "rows in another order": lambda files: files.update({"tables/inequality.csv": b"\n".join(
        [*(rows := files["tables/inequality.csv"].split(b"\n"))[:1], *rows[-2:0:-1], b""])}),
    "a line of a drawing in another colour": edit("figures/zone_gaps.svg", re.compile(
        r"stroke: #[0-9a-f]{6}"), "stroke: #ff0000"),
    "a table without its origin": lambda files: files.pop("tables/inequality.json"),
    "a figure that is gone from the site": lambda files: files.pop("site/figures/zone_gaps.webp"),
    "a page that is gone": lambda files: files.pop("site/glossary.html"),
    # What nobody looks at, and a reader is told by.
    "a title inside a drawing": edit("figures/zone_gaps.svg", re.compile(r"(<svg [^>]*>)"),
                                     r"\1<title>Not so</title>"),
    "a word of a drawing that is faint": edit("site/figures/zone_gaps.svg", re.compile(
        r'(<g id="text_1")'), r'\1 opacity="0.01"'),
    "a word of a drawing that is small": edit("figures/local_clusters.svg", re.compile(
        r"(<g id=\"text_1\">\s*(?:<!--.*?-->\s*)?<g [^>]*scale\()0\.\d+"), r"\g<1>0.001"),
    "a layer over a drawing": edit("site/figures/zone_gaps.svg", "</svg>",
                                   '<rect width="99%" height="99%" fill="#fff"/></svg>'),
    "a spoken name on a page": edit("site/map.html", re.compile(r'aria-label="'),
                                    'aria-label="Not '),
    "a download that is another table": edit("site/tables.html", "tables/inequality.csv",
                                             "tables/zone_indicators.csv"),
    "two rows of a page's table swapped": edit("site/tables.html", re.compile(
        r"(?s)(<tbody>\s*)(<tr>.*?</tr>)(\s*)(<tr>.*?</tr>)"), r"\1\4\3\2"),
    "two columns of a page's table swapped": edit("site/tables.html", re.compile(
        r"(?s)(<thead>\s*<tr>\s*)(<th.*?</th>)(\s*)(<th.*?</th>)"), r"\1\4\3\2"),
    "a number that is read from the right": edit("site/tables.html", '<td class="number">',
                                                 '<td class="number" dir="rtl">'),
    "a word in another language": edit("site/index.html", "<h1>", '<h1 lang="la">'),
    "a tip of the mouse": edit("site/index.html", "<h1>", '<h1 title="Not so">'),
    "a place of a page": edit("site/tables.html", re.compile(r'id="inequality"'), 'id="unequal"'),
    "a page that is made for machines alone": edit(
        "site/index.html", "</head>", '<meta name="robots" content="noindex"></head>'),
    "a title of the browser": edit("site/index.html", "<title>", "<title>Not "),
    "a formula behind a cell": workbook_part("xl/worksheets/sheet1.xml", lambda part: part.replace(
        b"<v>", b"<f>1+1</f><v>", 1)),
    "a column of a workbook that is hidden": workbook_part(
        "xl/worksheets/sheet1.xml", lambda part: re.sub(
            rb"<sheetData", b'<cols><col min="1" max="1" hidden="1"/></cols><sheetData', part,
            count=1)),
    "a row of a workbook that is hidden": workbook_part(
        "xl/worksheets/sheet1.xml", lambda part: part.replace(b"<row ", b'<row hidden="1" ', 1)),
    "who made a workbook": workbook_part("docProps/core.xml", b"<creator>Nobody</creator>"),
    "the form of a workbook's numbers": workbook_part(
        "xl/styles.xml", b'<styleSheet><numFmts><numFmt formatCode="0%"/></numFmts></styleSheet>'),
    "a link of a workbook": workbook_part("xl/worksheets/_rels/sheet1.xml.rels", (
        b'<Relationships><Relationship Target="https://x.org"/></Relationships>')),
    "a number of a notebook's plain text": edit("notebooks/0_overview.ipynb", re.compile(
        r'("text/plain": \[\s*")'), r"\g<1>9"),
    "the language in a sidecar": edit("tables/inequality.json", re.compile(
        r'("lang": ")\w+'), r"\1xx"),
    "a file that nobody knows": lambda files: files.update({"site/new.html": b"<p>new</p>"}),
}


NOTHING = verdict.Declared((), (), ())


def not_consistent(files, reference, lang):
    return [item for item in verdict.of_files(files, files, reference, NOTHING, lang)
            if not item.consistent]


def test_the_build_itself_is_good_in_both_languages(built, kept):
    for reference, lang in zip(kept, ("en", "id")):
        assert not not_consistent(built, reference, lang)


@pytest.mark.parametrize("number, name", [*enumerate(MUTATIONS)])
def test_every_change_is_noticed(built, kept, number, name):
    files = dict(built)
    MUTATIONS[name](files)
    touched = {verdict.item_of(path) for path in {**files, **built}
               if files.get(path) != built.get(path)}
    # Every third one also as a build in the language of which no texts are kept.
    for reference, lang in zip(kept[number % 3 > 0:], ("en", "id")[number % 3 > 0:]):
        bad = not_consistent(files, reference, lang)
        assert touched & {(item.kind, item.name) for item in bad} or any(
            item.kind == "prose" for item in bad)
        assert all(verdict.sentence(one, lang) for item in bad for one in item.differences)


def laid(folder, files):
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder


def test_what_is_handed_over_may_lie_beside_the_results(tmp_path):
    """As in `data/processed`, where the project's own outputs put it."""
    about = {"tables/a.json": b'{"lang": "id"}'}
    made = laid(tmp_path / "made", about | {"processed/list.csv": b"name,status\nx,simulated\n"})
    out = laid(tmp_path / "out", about)
    beside = laid(tmp_path / "data", {"list.csv": b"name,status\nx,simulated\n"})
    assert [one["kind"] for one in on_disk.compared(made, out, "id")["differences"]
            ].count("missing") == 1
    assert not [one for one in on_disk.compared(made, out, "id", beside)["differences"]
                if one["kind"] in ("missing", "said")]
    (beside / "list.csv").write_bytes(b"name,status\ny,simulated\n")
    found = on_disk.compared(made, out, "id", beside)
    assert "processed/list.csv" in str(found["differences"])


def test_results_on_this_disk_are_held_to_what_was_verified(built, tmp_path):
    made, empty = laid(tmp_path / "made", built), tmp_path / "empty"
    there = laid(tmp_path / "there", built)
    assert on_disk.compared(made, empty, "en")["state"] == "none"
    # The list of what was made names files that this test leaves out.
    found = on_disk.compared(made, there, "en")
    assert {one["kind"] for one in found["differences"]} <= {"untraced", "copy"}
    assert on_disk.compared(made, there, "id")["lang"] == "en"
    page = there / "site" / "index.html"
    text = page.read_text(encoding="utf-8")
    linked = text.replace("    </ul>\n  </nav>",
                          '      <li><a href="verdict.html">Verdict</a></li>\n    </ul>\n  </nav>')
    assert linked != text
    page.write_text(linked, encoding="utf-8")
    assert not [one for one in on_disk.compared(made, there, "en")["differences"]
                if one["kind"] == "said"]
    page.write_text(linked.replace("<h1>", "<h1>Not "), encoding="utf-8")
    laid(there, {"report.pdf": b"x"})
    found = on_disk.compared(made, there, "en")
    assert found["state"] == "other" and found["beside"] == ["report.pdf"]
    assert found["differences"][0]["name"] == "site/index.html"
    assert found["differences"][0]["found"].startswith("Not ")


def test_provenance_is_held_to_the_files(built):
    facts = {"build": {"commit": "c" * 40}, "stages": {}, "products": {"x": {"files": {
        "a.csv": hashlib.sha256(b"1").hexdigest()}}}}
    files = {"provenance.json": json.dumps(facts).encode(), "a.csv": b"1"}
    assert traced.differences(files) == []
    assert traced.differences(files, commit="c" * 40) == []
    assert traced.differences(files | {"a.csv": b"2"}) == [{"kind": "untraced", "name": "a.csv"}]
    assert traced.differences(files, commit="d" * 40) == [
        {"kind": "untraced", "name": "commit " + "c" * 12}]
    page = {"site/provenance.html": b"<code>0123456789abcdef</code>"}
    assert traced.differences(files | page)[0]["name"].endswith("0123456789abcdef")
    for damaged in (b"{}", b"[]", b"x"):
        assert traced.differences({"provenance.json": damaged}) == [
            {"kind": "untraced", "name": "provenance.json"}]


# Report and slides are held to as much: pages of words, of drawings, and with codes.
SLIDES = (b"<p>deck</p><section><h2>Gap</h2><p>0.38 points</p>"
          b"<img src=\"data:image/png;base64,aGk=\"></section><section><p>next</p></section>")


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """The first page of a report, one with a drawing, and the last, which names the commit."""
    out = mexico(tmp_path_factory)
    return {"report.pdf": pdf(lambda pages: [pages[0], pages[5], pages[-1]],
                              (out / "report.pdf").read_bytes()),
            "report.docx": (out / "report.docx").read_bytes(), "slides/gap.html": SLIDES}


@pytest.fixture(scope="module")
def kept_documents(documents):
    return snapshot.all_prints(documents)


def pdf(choose, content):
    """Pages of a PDF that `choose` takes or changes, written anew."""
    import pypdf

    writer, out = pypdf.PdfWriter(), io.BytesIO()
    for page in choose(pypdf.PdfReader(io.BytesIO(content)).pages):
        writer.add_page(page)
    writer.write(out)
    return out.getvalue()


def drawn_on(number, old, new):
    """Change what a page of the report draws."""
    def change(files):
        def changed(pages):
            from pypdf.generic import DecodedStreamObject, NameObject

            stream, text = DecodedStreamObject(), pages[number].get_contents().get_data()
            stream.set_data(re.sub(old, new, text, count=1))
            assert stream.get_data() != text
            pages[number][NameObject("/Contents")] = stream
            return pages

        files["report.pdf"] = pdf(changed, files["report.pdf"])

    return change


def part_of_word(name, old, new):
    def change(files):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(files["report.docx"])) as old_book, \
                zipfile.ZipFile(out, "w") as book:
            for one in old_book.namelist():
                part = old_book.read(one)
                changed = re.sub(old, new, part, count=1) if re.fullmatch(name, one) else part
                book.writestr(one, changed)
        files["report.docx"] = out.getvalue()

    return change


COMMIT = re.compile(rb"\b[0-9a-f]{40}\b")
OF_DOCUMENTS = {
    "the same pages written anew": (lambda files: files.update(
        {"report.pdf": pdf(list, files["report.pdf"])}), None),
    "another commit": (part_of_word("word/document.xml", COMMIT, b"0" * 40), None),
    "words in another colour": (drawn_on(0, rb" 0 scn", rb" 1 scn"), "report.pdf"),
    "a letter of the report": (drawn_on(0, rb"\\002", rb"\\003"), "report.pdf"),
    "a point of a drawing": (drawn_on(1, rb" (\d)(\d+)\.(\d+) l ", rb" \2\1.\3 l "), "report.pdf"),
    "a page that is gone": (lambda files: files.update(
        {"report.pdf": pdf(lambda pages: pages[:2], files["report.pdf"])}), "report.pdf"),
    "a report that nobody can read": (lambda files: files.update({"report.pdf": b"%PDF no more"}),
                                      "report.pdf"),
    "a number of the Word file": (part_of_word(
        "word/document.xml", rb"(>[^<]*)\d\.\d", rb"\g<1>9.9"), "report.docx"),
    "a picture of the Word file": (part_of_word(
        r"word/media/.*1\.png", rb"^", rb"x"), "report.docx"),
    "a number on a slide": (edit("slides/gap.html", "0.38", "0.83"), "slides/gap.html"),
    "a picture on a slide": (edit("slides/gap.html", "aGk=", "aGo="), "slides/gap.html"),
    "slides that are gone": (lambda files: files.pop("slides/gap.html"), "slides/gap.html"),
}


@pytest.mark.parametrize("name", OF_DOCUMENTS)
def test_every_change_of_report_and_slides_is_noticed(documents, kept_documents, name):
    files, (change, place) = dict(documents), OF_DOCUMENTS[name]
    change(files)
    changed = [path for path in documents if documents[path] != files.get(path)]
    prints = reading.dump({path: kept_documents[path] for path in changed})
    found = [item for item in not_consistent(
        {path: files[path] for path in changed if path in files},
        {snapshot.PRINTS.format("id"): prints}, "id") if item.name in documents]
    assert [item.name for item in found] == [place] * bool(place)
    assert all(verdict.sentence(one, "id") for item in found for one in item.differences)


@pytest.mark.parametrize("path", ["report.pdf", "report.docx", "tables/a.xlsx"])
def test_two_files_that_nobody_can_read_are_not_the_same(path):
    one, other = (reading.parts(path, text, {}) for text in (b"no more", b"nothing"))
    assert one == reading.parts(path, b"no more", {}) and one[0].startswith("not a ")
    assert reading.difference(path, reading.fingerprints(path, one), other)["kind"] == "said"


def test_an_archive_with_broken_bytes_is_not_read():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("word/document.xml", "<w:p>words</w:p>" * 50)
    content = bytearray(out.getvalue())
    content[50] ^= 255
    assert reading.parts("report.docx", bytes(content), {})[0].startswith("not a document: ")


def test_pages_without_content_are_empty_pages():
    import pypdf

    def empty(pages):
        writer, out = pypdf.PdfWriter(), io.BytesIO()
        for _ in range(pages):
            writer.add_blank_page(100, 100)
        writer.write(out)
        return reading.parts("report.pdf", out.getvalue(), {})

    assert [len(empty(pages)) for pages in (1, 5)] == [1 + 1 + 1, 1 + 5 + 1]


def test_words_alone_are_compared_where_figures_are_drawn_otherwise(documents, kept_documents):
    """Another machine draws within the tolerance: so do the pages of its report."""
    for path, (old, new), told in [("slides/gap.html", (b"aGk=", b"aGo="), False),
                                   ("slides/gap.html", (b"0.38", b"0.83"), True)]:
        found = reading.parts(path, documents[path].replace(old, new), {})
        assert bool(reading.difference(
            path, *printed.words_of(kept_documents[path], found))) == told


def test_a_report_beside_the_results_is_held_to_its_own_record(tmp_path):
    """Who asks for the report changes no other result; who changes it is told of."""
    facts = {"build": {"commit": "c" * 40}, "stages": {}, "products": {}}
    about = {"tables/a.json": b'{"lang": "id"}', "report.docx": b"no document"}
    record = as_json(facts).encode()
    made = about | {"provenance.json": record, "site/provenance.json": record}
    code = hashlib.sha256(about["report.docx"]).hexdigest()
    facts["documents"] = {"report": {"files": {"report.docx": code}}}
    there = made | {"provenance.json": as_json(facts).encode()}
    built = laid(tmp_path / "made", made)
    out = laid(tmp_path / "out", there)
    assert on_disk.compared(built, out, "id")["state"] == "same"
    (out / "report.docx").write_bytes(b"another")
    assert {"kind": "untraced", "name": "report.docx"} in on_disk.compared(
        built, out, "id")["differences"]
    for path in ("report.docx", "provenance.json"):
        (out / path).unlink()
    assert not [one for one in on_disk.compared(built, out, "id")["differences"]
                if "report.docx" in str(one)]


def test_what_stands_beside_the_words_of_report_and_slides_counts():
    """The name of a PDF in a window, notes that a speaker reads, a picture's text in Word."""
    from pypdf import PdfWriter

    def pdf(**about):
        writer, out = PdfWriter(), io.BytesIO()
        writer.add_blank_page(100, 100)
        writer.add_metadata({f"/{name}": text for name, text in about.items()})
        writer.write(out)
        return reading.parts("report.pdf", out.getvalue(), {})

    def deck(note):
        return reading.parts("slides/1.html", (
            f"<section><h2>A</h2><aside class='notes'>{note}</aside></section>").encode(), {})

    assert pdf(Title="Report") == pdf(Title="Report") != pdf(Title="Not this report")
    assert pdf(Title="Report", Author="A") != pdf(Title="Report", Author="B")
    assert deck("Say so") == deck("Say so") != deck("Say not so")
