"""The report as a PDF: typst sets it, with fonts that come along; nothing is read from the system
or the network."""

import json
import shutil
import tempfile
from pathlib import Path

from helpers.documents.report.blocks import Figure, Report, as_data
from helpers.documents.report.references import as_yaml
from helpers.publish.texts import Texts
from helpers.study.package import STATUSES

TEMPLATE = Path(__file__).with_name("report.typ")
# What PDF readers show as the time of making: the same for the same report.
MOMENT = 315532800


def make(report: Report, out: Path) -> bytes:
    """Report as a tagged PDF (PDF/UA-1).

    Parameters
    ----------
    report : Report
    out : Path
        The output folder, where the figures lie.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix="report") as name:
        folder = Path(name)
        for block in report.blocks():
            if isinstance(block, Figure):
                place = folder / block.path
                place.parent.mkdir(exist_ok=True)
                shutil.copyfile(out / block.path, place)
        shutil.copyfile(TEMPLATE, folder / TEMPLATE.name)
        (folder / "report.json").write_text(json.dumps(_data(report), ensure_ascii=False),
                                            encoding="utf-8")
        return typst.compile(folder / TEMPLATE.name, root=folder, format="pdf",
                             font_paths=[_fonts()], ignore_system_fonts=True,
                             pdf_standards=["ua-1"], timestamp=MOMENT)


def _fonts() -> Path:
    """Folder of DejaVu, which has letters of many scripts; typst brings the other fonts itself."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def _data(report: Report) -> dict:
    t = Texts(report.lang, "report")
    return {"lang": report.lang, "title": report.title, "subtitle": report.subtitle,
            "notice": report.notice, "foot": report.foot, "words": report.words,
            "works": as_yaml(report.works),
            "meanings": {status: t(f"status.{status}") for status in (*STATUSES, "mixed")},
            "abstracts": [as_data(block) for block in report.abstracts],
            "parts": [{"landscape": part.landscape,
                       "blocks": [as_data(block) for block in part.blocks]}
                      for part in report.parts]}
