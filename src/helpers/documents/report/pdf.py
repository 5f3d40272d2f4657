"""Report as a PDF: typst sets it, with fonts that come along; no system font, no network."""

import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from helpers.documents.report.blocks import Figure, Report, as_data
from helpers.documents.report.references import as_yaml
from helpers.publish.texts import Texts
from helpers.study.package import STATUSES

HERE = Path(__file__).parent
# What PDF readers show as the time of making: the same for the same report.
MOMENT = 315532800


def make(report: Report, out: Path) -> bytes:
    """Report as a tagged PDF (PDF/UA-1); ``out`` is the output folder, where the figures lie."""
    import matplotlib

    t = Texts(report.lang, "report")
    data = vars(report) | {
        "works": as_yaml(report.works), "abstracts": list(map(as_data, report.abstracts)),
        "meanings": {status: t(f"status.{status}") for status in (*STATUSES, "mixed")},
        "parts": [{"landscape": part.landscape, "blocks": list(map(as_data, part.blocks))}
                  for part in report.parts]}
    figures = [block.path for block in report.blocks() if isinstance(block, Figure)]
    # DejaVu has letters of many scripts; typst brings the other fonts itself.
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return compiled("report", data, out, figures, format="pdf", font_paths=[fonts],
                    pdf_standards=["ua-1"], timestamp=MOMENT)


def compiled(name: str, data: dict, out: Path = HERE, figures: Iterable[str] = (),
             **options) -> bytes:
    """What typst makes of the template ``NAME.typ`` with data in ``NAME.json`` beside it.

    `figures` are files below `out` that the template shows, `options` those of `typst.compile`.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix=name) as place:
        folder = Path(place)
        for source, path in ((HERE, f"{name}.typ"), *((out, path) for path in figures)):
            (folder / path).parent.mkdir(exist_ok=True)
            shutil.copyfile(source / path, folder / path)
        (folder / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        made, _ = typst.compile_with_warnings(folder / f"{name}.typ", root=folder,
                                              ignore_system_fonts=True, **options)
        return made
