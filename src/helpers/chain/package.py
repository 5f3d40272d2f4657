"""The resources that claims rest on, as an analysis takes them."""

import pandas as pd

RESOURCES = ("areas", "items", "responses", "frame", "indicators", "catalogue", "factors",
             "ratings", "linkages", "comparisons", "strategies", "series")


def read(study) -> dict[str, pd.DataFrame]:
    """Return the tables of an open study, as far as its data package has them.

    Parameters
    ----------
    study : helpers.study.Study

    Returns
    -------
    dict
        Resource to table; ``indicators`` with the ratios of the catalogue, ``catalogue`` indexed by
        indicator.
    """
    tables = {name: study.table(name) for name in RESOURCES if study.has(name)}
    if "indicators" in tables:
        tables["indicators"] = study.indicators()
    if "catalogue" in tables:
        tables["catalogue"] = study.catalogue()
    return tables
