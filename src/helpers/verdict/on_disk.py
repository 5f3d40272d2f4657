"""Whether the results that lie in the output folder are those that were verified."""

import re
from pathlib import Path

from helpers.verdict import printed, reading, snapshot, traced

# What a page says about others that may be there: the verdict, and the other language.
BESIDE = re.compile(rb'<li><a href="[./]*verdict[\w-]*\.html">[^<]*</a></li>|'
                    rb'<a class="language"[^>]*>[^<]*</a>|'
                    rb'(?s:<section aria-labelledby="languages">.*?</section>)')
HANDED_OVER = "processed"
FREE = ("tables/", f"{HANDED_OVER}/")  # the same bytes in every language


def compared(built: Path, out: Path, lang: str, processed: Path | None = None) -> dict:
    """How the results in a folder stand to a build that was verified; what one stage hands to the
    next lies in ``processed``, where that is not in the folder.

    ``state`` is "none" (nothing there), "same", "other", or "language": they are in another one,
    and only what does not depend on it is compared. ``beside`` names what is there and was not
    verified.
    """
    made, there = (snapshot.files_of(folder) for folder in (built, out))
    if processed is not None and processed != out / HANDED_OVER:
        handed_over = snapshot.files_of(processed).items()
        there |= {f"{HANDED_OVER}/{name}": content for name, content in handed_over}
    own_language = snapshot.language_of(there)
    found = {"state": "none", "lang": own_language, "files": 0, "differences": [], "beside": []}
    if own_language is None:
        return found
    free = own_language != lang
    bilingual = any(path.startswith("site/") and path.endswith("/index.html")
                    and path.count("/") == 2 for path in there)
    paths = [path for path in made
             if (not free or path.startswith(FREE) and path.endswith(".csv"))
             and not (bilingual and path.endswith("search-index.js"))]
    # Report and slides are made when somebody asks for them.
    paths = [path for path in paths
             if path in there or not path.startswith(printed.DOCUMENTS)]
    found["files"] = len(paths)
    missing = [path for path in paths if path not in there]
    found["differences"] += [{"kind": "missing", "names": path} for path in missing]
    # Most are the same to the byte: only the others are read.
    unlike = [path for path in paths if path in there and made[path] != there[path]]
    verified, lying = _texts(made, unlike), _texts(there, unlike)
    found["differences"] += [difference for path in unlike if (difference := reading.difference(
        path, reading.fingerprints(path, verified[path]), lying[path]))]
    found["differences"] += traced.differences(there)
    found["beside"] = sorted({path.split("/")[0] if "/" in path else path
                              for path in there if path not in made}) if not free else []
    found["state"] = "other" if found["differences"] else "language" if free else "same"
    return found


def _texts(files: dict[str, bytes], paths: list[str]) -> dict[str, list[str]]:
    pictures = snapshot.named_pictures(files)
    return {path: reading.parts(path, BESIDE.sub(b"", files[path]) if path.endswith(".html")
                                else files[path], pictures) for path in paths}
