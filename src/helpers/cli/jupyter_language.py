"""Language of JupyterLab's own menus and questions: a language pack made from a catalogue.

The catalogue is ``helpers/locale/<lang>/LC_MESSAGES/jupyterlab.po``. What it does not hold stays
English.
"""

import io
import json
from pathlib import Path

from helpers import files
from helpers.messages import LOCALE

NAME = "jupyterlab"
SETTING = "@jupyterlab/translation-extension:plugin"
CONTEXT = "\x04"  # between a context and a text, in the catalogues of gettext


def write(lang: str, folder: Path) -> list[str]:
    """Folder of a language's pack as JupyterLab finds it on the path of Python's modules and of its
    own settings; none where nobody has translated it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    source = Path(LOCALE, lang, "LC_MESSAGES", f"{NAME}.po")
    if not source.is_file():
        return []
    with source.open("rb") as file:
        catalogue = read_po(file, locale=lang)
    texts = dict(_entry(text) for text in catalogue if text.id)
    header = {"domain": NAME, "language": lang, "plural_forms": catalogue.plural_forms}
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    module = f"jupyterlab_language_pack_{lang}"
    texts_of = f"{module}/locale/{lang}/LC_MESSAGES/{NAME}"
    for name, content in {
        f"{module}/__init__.py": "",
        f"{module}-1.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {module}\nVersion: 1\n",
        f"{module}-1.dist-info/entry_points.txt":
            f"[jupyterlab.languagepack]\n{lang} = {module}\n",
        f"{texts_of}.mo": compiled.getvalue(),
        f"{texts_of}.json": json.dumps({"": header} | texts),
        "labconfig/default_setting_overrides.json": json.dumps({SETTING: {"locale": lang}}),
    }.items():
        files.write(folder / name, content)
    return [str(folder)]


def _entry(text) -> tuple[str, list[str]]:
    """Key and forms of a text; one that has a plural has two forms, also where both are one."""
    if text.pluralizable:
        return text.id[0], [*text.string, ""][:2]
    return CONTEXT.join(filter(None, [text.context, text.id])), [text.string]
