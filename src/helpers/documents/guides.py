"""``make docs``: the guides of ``docs/`` as a site of its own, in both languages, with search.

Made of what the site of results is made of: its style, its search and its way of setting Markdown,
so that no other tool has to be kept. A guide is a file with its twin (``x.id.md``), or with a
section a language; what is in English alone is shown as that.
"""

import re
from dataclasses import dataclass
from functools import partial
from html import unescape
from pathlib import Path

from helpers import files
from helpers.documents.site import notebook, search
from helpers.documents.site.pages import asset, environment
from helpers.languages import ENGLISH, languages, other, preferred
from helpers.publish.texts import Texts

NAME = "docs"
FIRST = "first-steps"
SECTIONS = {"id": "Bahasa Indonesia", "en": "English"}
BESIDE = ("CONTRIBUTING.md", "CHANGELOG.md")  # of the project's root
LINK = re.compile(r'<a href="([^"#:]*)(#[^"]*)?"([^>]*)>(.*?)</a>', re.DOTALL)
TITLE = re.compile(r"(?m)\A# (.*)$")


@dataclass(frozen=True)
class Guide:
    """One guide in one language: its file, its name among the pages, its title and Markdown;
    whether it is for `users`, which is written in both languages."""

    path: Path
    name: str
    title: str
    text: str
    lang: str
    users: bool = True


def make(root: Path, lang: str, folder: Path) -> int:
    """Write the guides in a language, and below it in the other one; return how many there are."""
    twin = other(lang)
    found = _write(root, lang, folder, f"{twin}/")
    _write(root, twin, folder / twin, "../")
    return found


def guides(root: Path, lang: str) -> list[Guide]:
    """Guides in a language as far as they are written in it: first steps first, then by title;
    those for developers, in English alone, come after the others."""
    paths = sorted((root / "docs").rglob("*.md")) + [root / name for name in BESIDE]
    found = [_guide(path, root, lang) for path in paths if not _is_twin(path)]
    return sorted(found, key=lambda guide: (
        guide.name != FIRST, not guide.users,
        guide.title.casefold() if guide.users else guide.name))


def _is_twin(path: Path) -> bool:
    return path.stem.rpartition(".")[2] in languages()


def _guide(path: Path, root: Path, lang: str) -> Guide:
    """Guide in the best language that it has: its twin, its section, or the whole file."""
    place = path.relative_to(root / "docs" if path.is_relative_to(root / "docs") else root)
    name, text = "-".join(place.with_suffix("").parts).lower(), path.read_text(encoding="utf-8")
    written = {code: path.with_name(f"{path.stem}.{code}.md") for code in languages()}
    parts = {code: found for code, head in SECTIONS.items()
             if (found := re.search(rf"(?ms)^## {head}\n(.*?)(?=^## |\Z)", text))}
    for code in preferred(lang):
        if written[code].is_file():
            text = written[code].read_text(encoding="utf-8")
            break
        if code in parts:
            # "Teaching with it · Mengajar dengannya": in the order of the sections.
            titles = TITLE.search(text)[1].split(" · ")
            order = sorted(parts, key=lambda one: parts[one].start())
            title = titles[order.index(code)] if len(titles) == len(order) else titles[0]
            section = parts[code][1].replace("\n###", "\n##")
            return Guide(path, name, title, f"# {title}\n\n{section}", code)
        if code == ENGLISH:
            break
    users = any(twin.is_file() for twin in written.values())
    return Guide(path, name, TITLE.search(text)[1], text, code if users else ENGLISH, users)


def _write(root: Path, lang: str, folder: Path, twin: str) -> int:
    t, found = Texts(lang, "site"), guides(root, lang)
    names = {guide.path: guide.name for guide in found}
    common = {"t": t, "layout": "guides.html", "site_name": t("docs.title"), "guides": found,
              "in_other": Texts(other(lang), "site"), "other": twin, "lang": lang, "nonce": ""}
    made, templates, pages = environment(), {}, []
    for guide in found:
        body, headings = notebook.set_markdown(guide.text)
        linked = LINK.sub(partial(_link, guide=guide, names=names, twin=twin), body)
        pages.append(notebook.Page(guide.name, guide.title, "", linked,
                                   [head[1:] for head in headings if head[0] == 2]))
    content = [("index", t("docs.title"), "guide_list", {}),
               ("search", t("search.title"), "search", {})]
    content += [(page.name, page.title, "guide", {"page": page, "guide": guide})
                for page, guide in zip(pages, found)]
    for name, title, template, values in content:
        templates.setdefault(template, made.get_template(f"{template}.html"))
        text = templates[template].render(common | {"name": name, "title": title} | values)
        files.write(folder / f"{name}.html", text + "\n")
    entries = [entry for page in pages for entry in search.sections(page)]
    for name, text in {"site.css": asset("site.css") + notebook.code_colours(),
                       "site.js": asset("site.js"), "search.js": asset("search.js"),
                       "search-index.js": search.script(entries)}.items():
        files.write(folder / name, text)
    return len(found)


def _link(found: re.Match, guide: Guide, names: dict[Path, str], twin: str) -> str:
    """Link to another guide, or to this one in the other language; to anything else, its words."""
    place, more, text = found[1], found[3], found[4]
    # As headings are named here.
    anchor = f"#{notebook.UNSAFE_IN_ID.sub('-', found[2][1:].lower())}" if found[2] else ""
    if not place:
        return f'<a href="{anchor}"{more}>{text}</a>'
    path = (guide.path.parent / unescape(place)).resolve()
    base = path.with_name(f"{path.stem.rpartition('.')[0]}.md") if _is_twin(path) else path
    if base not in names:
        return text
    turned = base == guide.path
    return f'<a href="{twin if turned else ""}{names[base]}.html{anchor}"{more}>{text}</a>'
