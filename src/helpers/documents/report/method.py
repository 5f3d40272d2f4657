"""How each stage computes: paragraphs with the parameters in use, and formulas."""

from helpers.documents.report.blocks import Block, Formula, Heading, prose
from helpers.documents.report.results import Results
from helpers.files import settings
from helpers.publish.texts import Texts
from helpers.study.package import is_paired

FORMULAS, CHAPTERS = (settings(__file__, "method.yml")[name] for name in ("formulas", "chapters"))


def chapter(results: Results, t: Texts) -> list[Block]:
    """Chapter on method, for the stages that the build ran."""
    blocks: list[Block] = [Heading(t("method.title")), prose(t("method.lead"))]
    for stage in (stage for stage in CHAPTERS if stage in results.stages):
        chosen, others = results.parameters(stage), _circumstances(results, stage)
        known = chosen | others
        values = {name: _spoken(name, value, t, results.texts(stage))
                  for name, value in chosen.items()} | others
        blocks.append(Heading(t(f"stage.{stage}"), 2))
        for key, names in CHAPTERS[stage].items():
            if key == "gap" and not is_paired(results.package):
                continue
            text = t.for_markdown()(f"method.{stage}.{key.format(**known)}", **values)
            blocks.append(prose(text))
            blocks += [formula(name.format(**known), t) for name in names]
    return blocks


def formula(name: str, t: Texts) -> Formula:
    """One formula."""
    return Formula(FORMULAS[name], t(f"formula.{name}"))


def _circumstances(results: Results, stage: str) -> dict:
    """What the paragraphs of a stage tell besides its parameters."""
    chosen = results.parameters(stage)
    if stage == "sampling":
        return {"population": int(results.table("sample_size")["population"].iloc[0]),
                "floor": "minimum" if chosen["minimum_per_area"] else "free"}
    if stage == "scoring":
        calibrated = "calibrated" if chosen["weights"] == "calibrated" else "weighted"
        weighted = chosen["weights"] != "none" and results.package.has("frame")
        return {"design": calibrated if weighted else "unweighted"}
    if stage == "disparity":
        return {"reference": results.indicator_label(chosen["reference_indicator"]),
                "confidence": 1 - chosen["alpha"]}
    if stage == "synthesis":
        several = "figures/multiverse.json" in results.products
        return {"readings": "multiverse" if several else "own"}
    return {}


def _spoken(name: str, value, t: Texts, words: Texts):
    """Value as a paragraph says it: in the report's words, or else in those of its stage."""
    if not isinstance(value, str):
        return value
    key = f"value.{name}.{value}"
    return t(key) if t.has(key) else words.word(value)
