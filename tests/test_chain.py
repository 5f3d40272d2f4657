"""The chain: every table that a notebook publishes is one of its steps, whatever the setting."""

from pathlib import Path

import pytest
from conftest import tell_run
from notebook_cells import run_cells

from helpers import multiverse
from helpers.chain import STEPS, Analysis, Chain, Given, Steps
from helpers.chain.steps import When
from helpers.publish.tables import to_csv
from helpers.run import plan
from helpers.study import Study, choices, parameters
from helpers.study.package import Package, weakest
from helpers.study.paths import ROOT

RAW = ROOT / "data" / "raw"
STAGES = [stage.name for stage in plan.STAGES if stage.name != "overview"]
# Far from params.yml: no table but the size of the population stays as it was.
FAR = {
    "sampling": {"method": "cochran", "margin": 0.07, "minimum_per_area": 2},
    "scoring": {"classes": 5, "class_range": "observed", "missing": "listwise", "weights": "none",
                "quadrant_cut": "grand_mean", "confidence": 0.9, "minimum_cell": 12,
                "replicates": 50},
    "disparity": {"year": 2021, "reference_indicator": "nightlight_lit_share", "map_indicators": [],
                  "city_zone": "north", "normalisation": "z", "index_weights": "entropy",
                  "spatial_weights": "knn", "local_correction": "fdr", "permutations": 99,
                  "bootstrap": 99},
    "force_field": {"weighting": "joint", "divisor": "rated", "linkage_scope": "own",
                    "aggregate": "median", "evidence": "gaps", "strategy_rule": "product",
                    "keys": 2, "draws": 200},
    "synthesis": {"alpha": 0.1, "zone_mean": "weighted", "series_rule": "first_to_last",
                  "period": "all",
                  "top_strategies": 2, "permutations": 99},
}


def of_the_chain(chosen: dict, raw: Path = RAW) -> dict[str, str]:
    """Every published table as the chain makes it, with its status, as a file has it."""
    studies = {stage: Study(stage, chosen | chosen.get(stage, {}), raw, checked=True)
               for stage in STAGES}
    study = studies["synthesis"]
    given = {"inputs": study.inputs(STEPS.needs(*STEPS.functions)),
             "parameters": {stage: chosen[stage] for stage in STAGES if stage in chosen},
             "seed": lambda stage, purpose: studies[stage].child_seed(purpose)}
    analysis = Analysis(**given)

    def status_of(name: str) -> str:
        needs = analysis.needs(STEPS.tables[name])
        drawn = {"polygons", "village_polygons"}
        names = [*needs - drawn, *(study.drawn_from if needs & drawn else ())]
        return weakest(map(study.status, names))

    found = {name: analysis.table(name) for name in STEPS.tables if name != "claims"}
    found = {name: table.assign(status=status_of(name)) for name, table in found.items()
             if table is not None}
    listed = choices.load(choices.place(raw), given["parameters"])
    universes = multiverse.evaluate(analysis, given["inputs"]["claims"], listed)
    given["inputs"] |= {
        "shares": {name: multiverse.share_supported(multiverse.at_thresholds(listed, product))
                   for name, product in universes.items() if multiverse.choices_of(product)},
        "statuses": {name: table["status"].iloc[0] for name, table in found.items()}
        | {name: study.status(name) for name in ("series", "catalogue")}
        | {"area_measures": study.status("indicators"),
           "touching": weakest(map(study.status, study.drawn_from))}}
    claims = Analysis(**given).table("claims")
    found["claims"] = claims.assign(status=claims["basis"])
    return {name: to_csv(table) for name, table in found.items()}


def of_a_build(out: Path) -> dict[str, str]:
    """Every table that a build published."""
    return {path.stem: path.read_text(encoding="utf-8") for path in (out / "tables").glob("*.csv")}


def test_every_table_of_notebooks_far_from_the_project_is_that_of_the_chain(
        tmp_path, monkeypatch, few_universes):
    """To the byte, status and all; `test_whole` compares those of the project."""
    raw = few_universes.raw
    # As in JupyterLab, where a kernel keeps what it found of claims.
    tell_run(monkeypatch, tmp_path, raw=raw, out=tmp_path, checked=Package(raw).fingerprint,
             interactive=True)
    monkeypatch.setattr("helpers.publish.publisher.Publisher.figure", lambda *given, **values: None)
    chosen = parameters.load()
    chosen |= {stage: chosen[stage] | far for stage, far in FAR.items()}
    monkeypatch.setattr(parameters, "load", lambda *given: chosen)
    for stage in STAGES:
        run_cells(stage, chosen | chosen.get(stage, {}))
    published = of_a_build(tmp_path)
    # Of small groups there are no design effects.
    assert set(STEPS.tables) - set(published) == {"design_effects"}
    # Nothing is taken over here: a result kept under too little would agree with itself.
    monkeypatch.setattr("helpers.kept._of_kernel", {})
    assert of_the_chain(chosen, raw) == published


# The steps.

IF_COUNTED = When("shop.costs", ("counted",))


def total(sales, costs=IF_COUNTED, shop__discount=0):
    return sum(sales) - sum(costs or []) - shop__discount


def drawn(total, seed__shop__draw):
    return total + seed__shop__draw


def chain(**inputs) -> Chain:
    return Chain(Steps([total, drawn]), inputs, {"shop": {"costs": "left out", "discount": 1}},
                 lambda stage, purpose: len(stage + purpose))


def test_a_step_is_kept_under_all_that_it_reads(monkeypatch):
    made = chain(sales=[5, 6])
    assert made.get("drawn") == 18
    monkeypatch.setitem(made.steps.functions, "total", None)  # cannot be made again
    assert made.get("drawn", {"other.parameter": 2}) == 18
    with pytest.raises(TypeError):
        made.get("drawn", {"shop.discount": 2})


def test_an_input_is_read_only_where_a_parameter_says_so():
    made = chain(sales=[5, 6], costs=[4])
    counted = {"shop.costs": "counted"}
    assert (made.get("total"), made.get("total", counted)) == (10, 6)
    assert (set(made.needs("drawn")), set(made.needs("drawn", counted))) == (
        {"sales"}, {"sales", "costs"})


def test_what_needs_something_that_is_not_there_is_not_there():
    assert chain().get("drawn") is None and chain(sales=[]).get("drawn") == 7


def test_an_input_can_be_given_anew_and_the_old_one_comes_back():
    made = chain(sales=[5, 6])
    assert made.get("total", {"sales": Given("one sale", lambda: [7])}) == 6
    assert made.get("total", {"sales": Given("one sale", list)}) == 6  # the key counts
    assert made.get("total") == 10


def test_the_least_recently_used_result_goes_first():
    made = Chain(Steps([total]), {"sales": [5]}, {"shop": {"costs": "", "discount": 1}}, hash, 2)
    for discount in (1, 2, 1, 3):
        made.get("total", {"shop.discount": discount})
    assert [key[-1] for key in made._kept] == [1, 3]
