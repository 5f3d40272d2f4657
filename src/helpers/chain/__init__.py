"""Chain of analysis: every published table as one pure step, and the claims that rest on them."""

from helpers.chain.steps import Chain, Given, Steps
from helpers.chain.tables import (
    RESOURCES,
    STEPS,
    Analysis,
    behind_claims,
    claim_reads,
    evidence_of,
    known_choices,
    stage_needs,
)

__all__ = ["RESOURCES", "STEPS", "Analysis", "Chain", "Given", "Steps",
           "behind_claims", "claim_reads", "evidence_of", "known_choices", "stage_needs"]
