"""Names that lecturers' material and outside checks rely on: columns of the published tables."""

import pytest

from helpers.publish.tables import schemas

COLUMNS = {
    "sample_size": "method population margin confidence n_exact n",
    "sample_allocation": "code name zone units quota n fraction weight",
    "reliability": "dimension aspect items respondents alpha alpha_ci_low alpha_ci_high",
    "item_analysis": (
        "item dimension aspect mean sd item_total corrected_item_total alpha_if_dropped "
        "missing"
    ),
    "scores": "domain level dimension aspect n mean se ci_low ci_high class",
    "need_access_gap": (
        "domain level aspect need access gap se ci_low ci_high fulfilment quadrant"
    ),
    "zone_contrasts": (
        "dimension aspect zone_a zone_b difference se ci_low ci_high p_value p_adjusted "
        "effect_size"
    ),
    "zone_indicators": "indicator year zone areas mean weighted_mean ratio_to_all",
    "inequality": (
        "indicator year gini theil theil_between theil_within between_share williamson cv"
    ),
    "spatial_autocorrelation": (
        "indicator year moran_i expected variance z p_normal p_permutation"
    ),
    "local_clusters": "code name indicator year local_i p_permutation cluster",
    "development_index": "code name zone index rank",
    "ffa_factors": "factor force aspect nu bf nd nbd tnk nrk nbk tnb rank key",
    "ffa_balance": "weighting driving restraining net verdict",
    "strategies": "rank strategy driving restraining score label_id label_en",
    "claims": (
        "claim text_id text_en verdict basis evidence statistic value robustness low high "
        "p_value uncertainty"
    ),
    "claim_tests": "test rule null false_support effect power draws",
    "published_comparison": (
        "claim direction text_id text_en value population year differs_id differs_en source"
    ),
    "national_context": "regency areas desa indicator mean gini theil cv rank of",
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_published_table_has_these_columns_in_this_order_and_no_other(name):
    assert list(schemas()[name]) == COLUMNS[name].split()
