"""Places of villages, and the land that they lie on: what is missing is named, sea is no land."""

from pathlib import Path

import pandas as pd

from helpers import geography
from helpers.errors import InputError
from helpers.intake.new import spellings
from helpers.messages import Message, some
from helpers.study.borders import read_shapes


def with_place(villages: pd.DataFrame, label: str) -> tuple[pd.DataFrame, list[Message]]:
    """Villages that have a place, and which have none or lie oddly far from their area.

    An `InputError` names a village that lies nowhere.
    """
    lost = villages[["lon", "lat"]].isna().any(axis=1)
    said = []
    if lost.any():
        said.append(Message("{source}: villages without a place are left out ({number}): {codes}",
                            source=label, number=lost.sum(),
                            codes=some(villages["code"][lost])))
        villages = villages[~lost].reset_index(drop=True)
    if (villages["lat"].abs() > 90).any() or (villages["lon"].abs() > 180).any():
        return villages, said  # the first is named where degrees are checked
    try:
        odd = geography.check_places(villages)
    except ValueError as error:
        raise InputError("{label}: {error}", label=label, error=error) from None
    if len(odd):
        named = some(f"{row.code} ({row.km:.0f} km)" for row in odd.itertuples())
        said.append(Message("{label}: villages far from the others of their area, look at their "
                            "{lon} and {lat}: {villages}", label=label, lon="lon", lat="lat",
                            villages=named))
    return villages, said


def read(path: Path | None, villages: pd.DataFrame):
    """Land of a file with the islands that it lacks, the same again where that is more than the
    file has (else None), and what to say.
    """
    if path is None:
        return None, None, [Message("village_density: left out, as without --land nobody knows how "
                                    "much of the surface is sea; add the coast with --land FILE")]
    shapes, changed = geography.mended(spellings.in_degrees(read_shapes(path, path.name),
                                                            path.name))
    shape = shapes.geometry.union_all()
    made, areas, radius = geography.with_islands(villages, shape)
    said = []
    if len(changed):
        said.append(Message("{label}: its outline crosses itself and was mended", label=path.name))
    if areas:
        said.append(Message("{label}: lacks islands of these areas: {areas}; land of {radius:.0f} "
                            "m was drawn round their villages there, and their surfaces and "
                            "densities are made of it", label=path.name,
                            areas=some(areas, most=30), radius=radius))
    return made, made if said else None, said
