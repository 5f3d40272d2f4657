"""What a well-formed package must also mean, for the stages to make sense of it."""

import pandas as pd

from helpers.study.errors import InputError
from helpers.study.package import Package

INDICATOR_NAME = r"(?=.{1,80}$)[^\W_](?:[\w .-]*[^\W_])?"


def check_meaning(package: Package) -> None:
    """Check a package whose cells are all well formed; the first fault ends it."""
    _check_zones(package)
    for names, check in CHECKS.items():
        if all(package.has(name) for name in names):
            check(package)


def _row(index: int) -> int:
    """Return the row as a spreadsheet counts it: the header is row 1."""
    return int(index) + 2


def _check_zones(package: Package) -> None:
    areas = package.table("areas")
    sizes = areas["zone"].value_counts(sort=False)
    for zone, size in sizes.items():
        if size < 2:
            code = areas.loc[areas["zone"] == zone, "code"].iloc[0]
            raise InputError(
                f"{package.resource('areas').label}: the zone '{zone}' has one area ({code}); zones are "
                "compared by the spread between their areas, so give it a second one or merge the zone"
            )


def _check_indicators(package: Package) -> None:
    """Refuse names that no file can have: every indicator may become the file of a map."""
    for resource in ("catalogue", "indicators"):
        if package.has(resource):
            column = package.table(resource)["indicator"]
            wrong = column.index[~column.str.fullmatch(INDICATOR_NAME)]
            if len(wrong):
                raise InputError(
                    f"{package.resource(resource).label}: row {_row(wrong[0])}, column 'indicator': "
                    f"'{column[wrong[0]]}' cannot name a file; allowed are letters, digits, spaces, "
                    "'_', '-' and '.', at most 80, a letter or digit first and last: rename the indicator"
                )


def _check_frame(package: Package) -> None:
    frame, label = package.table("frame"), package.resource("frame").label
    lacking = sorted(set(package.table("areas")["code"]) - set(frame["code"]))
    if lacking:
        raise InputError(
            f"{label}: the area '{lacking[0]}' has no row; give every area of 'areas' its number of units "
            "(0 where there are none)")
    if frame["units"].sum() == 0:
        raise InputError(
            f"{label}: column 'units' adds up to 0; a sample needs units to be drawn from")


def _check_villages(package: Package) -> None:
    villages, label = package.table("villages"), package.resource("villages").label
    lacking = sorted(set(package.table("areas")["code"]) - set(villages["area"].dropna()))
    if lacking:
        raise InputError(
            f"{label}: no village belongs to the area '{lacking[0]}'; its polygon cannot be made: "
            "add its villages")


def _check_boundaries(package: Package) -> None:
    from helpers.study.borders import read_boundaries

    read_boundaries(package)


def _check_items(package: Package) -> None:
    items, label = package.table("items"), package.resource("items").label
    for index, item in items.iterrows():
        if item["lowest"] >= item["highest"]:
            raise InputError(
                f"{label}: row {_row(index)}: 'lowest' ({item['lowest']}) must be below "
                f"'highest' ({item['highest']})")
    for (dimension, aspect), group in items.groupby(["dimension", "aspect"], sort=False):
        if len(group) < 2:
            raise InputError(
                f"{label}: the aspect '{aspect}' of '{dimension}' has one item ({group['item'].iloc[0]}); "
                "reliability needs at least two: add an item or merge the aspect")
        if group[["lowest", "highest"]].drop_duplicates().shape[0] > 1:
            raise InputError(
                f"{label}: the items of aspect '{aspect}' of '{dimension}' have different scales; "
                "bring them to one lowest and highest")
    for aspect, group in items.groupby("aspect", sort=False):
        if group["dimension"].nunique() < 2:
            raise InputError(
                f"{label}: the aspect '{aspect}' has items of '{group['dimension'].iloc[0]}' only; "
                "a gap needs items of both need and access")


def _check_responses(package: Package) -> None:
    items, responses = package.table("items"), package.table("responses")
    resource = package.resource("responses")
    for item in items.itertuples():
        if item.item not in responses:
            raise InputError(
                f"{resource.label}: the item '{item.item}' has no column; add its answers "
                f"or take it out of '{package.resource('items').label}'")
        answers = _answers(responses[item.item], item.item, resource.label)
        if answers.empty:
            raise InputError(
                f"{resource.label}: the item '{item.item}' was answered by nobody; add its answers "
                f"or take it out of '{package.resource('items').label}'")
        outside = answers[(answers < item.lowest) | (answers > item.highest)]
        if len(outside):
            raise InputError(
                f"{resource.label}: row {_row(outside.index[0])}, column '{item.item}': "
                f"{outside.iloc[0]:g} is outside the scale; allowed is {item.lowest} to {item.highest}, "
                "or an empty cell for no answer")


def _answers(column: pd.Series, item: str, label: str) -> pd.Series:
    """Return the given answers as numbers, whatever type the package declares for the column."""
    given = column.dropna()
    numbers = pd.to_numeric(given, errors="coerce")
    wrong = given[numbers.isna() | (numbers % 1 != 0)]
    if len(wrong):
        raise InputError(
            f"{label}: row {_row(wrong.index[0])}, column '{item}': '{wrong.iloc[0]}' is not a whole "
            "number; correct the cell or leave it empty")
    return numbers


def _check_factors(package: Package) -> None:
    factors = package.table("factors")
    for force in ("driving", "restraining"):
        if force not in set(factors["force"]):
            raise InputError(f"{package.resource('factors').label}: there is no {force} factor; "
                             "a force field needs both sides")


def _check_ratings(package: Package) -> None:
    unrated = set(package.table("factors")["factor"]) - set(package.table("ratings")["factor"])
    if unrated:
        raise InputError(
            f"{package.resource('ratings').label}: the factor '{min(unrated)}' is rated by no expert; "
            f"add its ratings or take it out of '{package.resource('factors').label}'")


def _check_linkages(package: Package) -> None:
    linkages, label = package.table("linkages"), package.resource("linkages").label
    own = linkages[linkages["factor_a"] == linkages["factor_b"]]
    if len(own):
        raise InputError(
            f"{label}: row {_row(own.index[0])}: links '{own['factor_a'].iloc[0]}' with itself; "
            "remove the row")
    ordered = linkages[["factor_a", "factor_b"]].apply(lambda pair: "|".join(sorted(pair)), axis=1)
    twice = linkages[pd.DataFrame({"expert": linkages["expert"], "pair": ordered}).duplicated()]
    if len(twice):
        first = twice.iloc[0]
        raise InputError(
            f"{label}: row {_row(twice.index[0])}: the pair '{first['factor_a']}' and "
            f"'{first['factor_b']}' of expert '{first['expert']}' stands twice; linkages are symmetric, "
            "so give each pair one row")


def _check_comparisons(package: Package) -> None:
    from helpers.force_field import compared_urgency

    try:
        compared_urgency(package.table("factors"), package.table("comparisons"))
    except ValueError as error:
        raise InputError(f"{package.resource('comparisons').label}: {error}") from None


def _check_strategies(package: Package) -> None:
    force = package.table("factors").set_index("factor")["force"]
    strategies, label = package.table("strategies"), package.resource("strategies").label
    for index, strategy in strategies.iterrows():
        for side in ("driving", "restraining"):
            if force[strategy[side]] != side:
                raise InputError(
                    f"{label}: row {_row(index)}, column '{side}': '{strategy[side]}' is a "
                    f"{force[strategy[side]]} factor; a strategy pairs a driving with a restraining one"
                )


def _check_claims(package: Package) -> None:
    from helpers.claims import TESTS

    claims, label = package.table("claims"), package.resource("claims").label
    unknown = claims[~claims["test"].isin(list(TESTS))]
    if len(unknown):
        raise InputError(f"{label}: row {_row(unknown.index[0])}, column 'test': there is no test "
                         f"'{unknown['test'].iloc[0]}'; known are: {', '.join(TESTS)}")


CHECKS = {
    ("indicators",): _check_indicators,
    ("frame",): _check_frame,
    ("villages",): _check_villages,
    ("boundaries",): _check_boundaries,
    ("items",): _check_items,
    ("items", "responses"): _check_responses,
    ("factors",): _check_factors,
    ("factors", "ratings"): _check_ratings,
    ("linkages",): _check_linkages,
    ("factors", "comparisons"): _check_comparisons,
    ("factors", "strategies"): _check_strategies,
    ("claims",): _check_claims,
}
