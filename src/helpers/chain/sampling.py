"""Sampling: how many businesses are asked, and where."""

from helpers import sampling
from helpers.chain.steps import table


def businesses(areas, frame):
    """Areas with the number of their businesses."""
    return areas.merge(frame[["code", "units"]], on="code")


@table("sample_size")
def sample_size(businesses, sampling__method, sampling__margin, sampling__confidence,
                sampling__proportion, sampling__rounding, sampling__manual_n):
    """Size by the chosen method, beside those of the others."""
    return sampling.compare_sizes(
        int(businesses["units"].sum()), sampling__method, sampling__margin, sampling__confidence,
        sampling__proportion, sampling__rounding, sampling__manual_n)


@table("sample_allocation")
def sample_allocation(businesses, sample_size, sampling__minimum_per_area):
    """Respondents of each area, and their weights."""
    n = int(sample_size["n"].iloc[0])
    return sampling.allocation_table(businesses, n, sampling__minimum_per_area)


def precision(sample_allocation, sampling__confidence, sampling__proportion):
    """Margins of error of the whole and of the zones."""
    found = sampling.zone_precision(sample_allocation, sampling__confidence, sampling__proportion)
    return found[found["domain"] != "area"]
