"""How each stage computes: paragraphs with the parameters in use, and formulas."""

from helpers.documents.report.blocks import Block, Formula, Heading, prose
from helpers.documents.report.results import Results
from helpers.publish.texts import Texts

TNB = '"NRK"_i = (sum_(j != i) "NK"_(i j)) / %s, quad "TNB"_i = "NBD"_i + "BF"_i "NRK"_i'
# In typst's notation; how each is read aloud stands in report.po.
FORMULAS = {
    "slovin": "n = N / (1 + N e^2)",
    "cochran": "n_0 = (z^2 p (1 - p)) / e^2, quad n = n_0 / (1 + (n_0 - 1) / N)",
    "allocation": "n_h = n N_h / N, quad w_h = N_h / n_h",
    "alpha": "alpha = k / (k - 1) (1 - (sum_(j=1)^k s_j^2) / s_t^2)",
    "mean": "macron(y) = (sum_i w_i y_i) / (sum_i w_i)", "gap": "g = x - y, quad f = 100 y / x",
    "gini": "G = (sum_i sum_j p_i p_j abs(y_i - y_j)) / (2 macron(y))",
    "theil": "T = sum_g s_g ln s_g / p_g + sum_g s_g T_g",
    "williamson": "V_w = sqrt(sum_i p_i (y_i - macron(y))^2) / macron(y)",
    "moran": "I = n / (sum_i sum_j w_(i j)) dot "
             "(sum_i sum_j w_(i j) (y_i - macron(y)) (y_j - macron(y))) / "
             "(sum_i (y_i - macron(y))^2)",
    "bf": '"BF"_i = "NU"_i / (sum_j "NU"_j), quad "NBD"_i = "BF"_i "ND"_i',
    "tnb_n_minus_1": TNB % "(N - 1)", "tnb_n": TNB % "N",
    "tnb_rated": TNB % 'abs({j : "NK"_(i j) > 0})',
}
# What stands in the chapter, in its order: keys of paragraphs, each with the formulas below it.
# A name with braces depends on a parameter, or on what the stage had.
CHAPTERS: dict[str, dict[str, tuple[str, ...]]] = {
    "sampling": {"size": ("slovin", "cochran"), "allocation.{floor}": ("allocation",)},
    "scoring": {"scales": ("alpha",), "estimates.{design}": ("mean",), "classes": (),
                "gap": ("gap",), "contrasts": ()},
    "disparity": {"indices": ("gini", "theil", "williamson"), "comparisons": (),
                  "space": ("moran",), "neighbours": (), "index": ()},
    "force_field": {"idea": ("bf",), "linkages": ("tnb_{divisor}",), "choices": (),
                    "certainty": ()},
    "synthesis": {"claims": (), "robustness.{readings}": ()},
}


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
