"""What a well-formed package must also mean, for the stages to make sense of it."""

import pandas as pd

from helpers.errors import InputError, check_weights
from helpers.messages import Message
from helpers.study.borders import read_boundaries, tessellated
from helpers.study.package import Package
from helpers.study.validation.claim_checks import check_claims

FAR = 3.0  # degrees from the others at which a village of its own is not believed
FARTHEST = 10.0  # degrees at which none is
OWN_COLUMNS = ("respondent", "code", "business_type", "weight")
YEARS = dict.fromkeys(("indicators", "series", "village_indicators"), (1900, 2100)) | {
    "sources": (1500, 2100)}  # old books are quoted, none of the next century
INDICATOR_NAME = r"(?=.{1,80}$)[^\W_](?:[\w .-]*[^\W_])?"


def check_meaning(package: Package) -> None:
    """Check a package whose cells are all well formed; the first fault ends it."""
    _check_names(package.table("areas"), package.resource("areas").label)
    _check_years(package)
    # Respondents have a spread of their own, whatever the number of their zone's areas.
    if package.has("indicators") or not package.has("responses"):
        check_zones(package.table("areas"), package.resource("areas").label)
    for names, check in CHECKS.items():
        if all(package.has(name) for name in names):
            check(package)


def _row(index: int) -> int:
    """Return the row as a spreadsheet counts it: the header is row 1."""
    return int(index) + 2


def check_zones(areas: pd.DataFrame, label: str) -> None:
    """Refuse a zone of one area; ``label`` is how messages name the file that has the zones."""
    alone = areas[~areas["zone"].duplicated(keep=False)]
    if len(alone):
        raise InputError("{resource}: the zone '{zone}' has one area ({code}); zones are compared "
                         "by the spread between their areas, so give it a second one or merge the "
                         "zone", resource=label, zone=alone["zone"].iloc[0],
                         code=alone["code"].iloc[0])


def _check_names(areas: pd.DataFrame, label: str) -> None:
    """Refuse two areas of one name in one group: tables and figures show names."""
    names = pd.DataFrame({"name": areas["name"].str.strip().str.casefold(),
                          "group": areas["group"].fillna("") if "group" in areas else ""})
    for row in names.index[names.duplicated()][:1]:
        first = names.index[(names == names.loc[row]).all(axis=1)][0]
        raise InputError("{resource}: row {row}, column 'name': '{name}' is the name of row "
                         "{first} too, in the same group; tables and figures show names: write "
                         "what tells the two apart, such as {name} (2), or their groups",
                         resource=label, row=_row(row), name=areas["name"][row],
                         first=_row(first))


def _check_years(package: Package) -> None:
    """Refuse a year that is none; a period, which only a source may have, is a text."""
    for resource, (first, last) in YEARS.items():
        rows = package.table(resource) if package.has(resource) else pd.DataFrame()
        # A descriptor may leave the type out: then years are texts.
        years = pd.to_numeric(rows.get("year", pd.Series(dtype=float)), errors="coerce").dropna()
        for row in years.index[~years.between(first, last)][:1]:
            raise InputError("{resource}: row {row}, column 'year': {year} is no year from {first} "
                             "to {last}; correct the cell", row=_row(row),
                             year=rows["year"][row], resource=package.resource(resource).label,
                             first=first, last=last)


def _check_indicators(package: Package) -> None:
    """Refuse names that no file can have: every indicator may become the file of a map."""
    for resource in ("catalogue", "indicators"):
        if package.has(resource):
            column = package.table(resource)["indicator"]
            wrong = column.index[~column.str.fullmatch(INDICATOR_NAME)]
            if len(wrong):
                raise InputError("{resource}: row {row}, column 'indicator': '{indicator}' cannot "
                                 "name a file; allowed are letters, digits, spaces, '_', '-' and "
                                 "'.', at most 80, a letter or digit first and last: rename the "
                                 "indicator", resource=package.resource(resource).label,
                                 row=_row(wrong[0]), indicator=column[wrong[0]])
    if package.has("indicators"):
        rows = package.table("indicators").dropna(subset="unit")
        first = rows.groupby("indicator", sort=False)["unit"].transform("first")
        for row in rows.index[rows["unit"] != first][:1]:
            raise InputError("{resource}: row {row}, column 'unit': '{indicator}' is in '{unit}' "
                             "here and in '{first}' in an earlier row; bring its values to one "
                             "unit", resource=package.resource("indicators").label, row=_row(row),
                             indicator=rows["indicator"][row], unit=rows["unit"][row],
                             first=first[row])


def _check_ratios(package: Package) -> None:
    """Refuse ratios that would have no value, or one that means nothing: of what is no indicator,
    of ratios declared below them, with a scale that is not above 0, of what is below 0."""
    catalogue = package.table("catalogue")
    if "numerator" not in catalogue:
        return
    ratios = catalogue[catalogue["numerator"].notna()]
    row_of = {name: index for index, name in ratios["indicator"].items()}
    label, known = package.resource("catalogue").label, set(catalogue["indicator"])
    for index, rule in ratios.iterrows():
        named = {column: str(rule[column]).split() for column in ("numerator", "denominator")
                 if pd.notna(rule[column])}
        if len(named.get("denominator", [])) != 1:
            raise InputError("{resource}: row {row}, column 'denominator': a ratio needs one "
                             "indicator to divide by; name it, or empty 'numerator'",
                             resource=label, row=_row(index))
        if not rule["scale"] > 0:
            raise InputError("{resource}: row {row}, column 'scale': a ratio needs a scale above "
                             "0, such as 1, or 100 for percent; it is {scale}", resource=label,
                             row=_row(index), scale=Message("empty") if pd.isna(rule["scale"])
                             else rule["scale"])
        for column, parts in named.items():
            if unknown := [part for part in parts if part not in known]:
                raise InputError("{resource}: row {row}, column '{column}': '{part}' is no "
                                 "indicator of the catalogue; correct it, or give it a row",
                                 resource=label, row=_row(index), column=column, part=unknown[0])
            if late := [part for part in parts if row_of.get(part, -1) >= index]:
                raise InputError("{resource}: row {row}, column '{column}': the ratio '{part}' is "
                                 "declared further down; move it above this row", resource=label,
                                 row=_row(index), column=column, part=late[0])
    _check_parts(package, {part for name in ("numerator", "denominator")
                           for text in ratios[name] for part in str(text).split()})


def _check_parts(package: Package, parts: set[str]) -> None:
    """Refuse values below zero of what is counted: their ratios would be shares that none can be.
    """
    for name in ("indicators", "village_indicators"):
        if package.has(name):
            rows = package.table(name)
            below = rows[rows["indicator"].isin(parts) & (rows["value"] < 0)]
            if len(below):
                raise InputError("{resource}: row {row}, column 'value': '{indicator}' is "
                                 "{value:g} and part of a ratio; what is counted cannot be below "
                                 "0: correct the cell", resource=package.resource(name).label,
                                 row=_row(below.index[0]), indicator=below["indicator"].iloc[0],
                                 value=below["value"].iloc[0])


def _check_frame(package: Package) -> None:
    frame, label = package.table("frame"), package.resource("frame").label
    lacking = sorted(set(package.table("areas")["code"]) - set(frame["code"]))
    if lacking:
        raise InputError("{resource}: the area '{area}' has no row; give every area of 'areas' "
                         "its number of units (0 where there are none)", resource=label,
                         area=lacking[0])
    if (frame["units"] <= 1).all() and frame["units"].any():
        raise InputError("{resource}: column 'units': no area has more than one unit, so there is "
                         "nothing to draw; give the number of units of each area", resource=label)
    if frame["units"].sum() == 0:
        raise InputError("{resource}: column 'units' adds up to 0; a sample needs units to be "
                         "drawn from", resource=label)


def _check_respondents(package: Package) -> None:
    """Refuse more respondents than there are units to be asked: the weights would be below one."""
    frame, label = package.table("frame"), package.resource("frame").label
    asked = package.table("responses")["code"].value_counts()
    for index, area in frame.iterrows():
        n = int(asked.get(area["code"], 0))
        if n > area["units"]:
            raise InputError("{resource}: row {row}, column 'units': the area {area} has {units:g} "
                             "units, but {n} respondents in {responses}; correct one of them",
                             resource=label, row=_row(index), area=area["code"],
                             units=area["units"], n=n,
                             responses=package.resource("responses").label)


def _check_weights(package: Package) -> None:
    responses, resource = package.table("responses"), package.resource("responses")
    if "weight" not in responses:
        return
    check_weights(pd.to_numeric(responses["weight"], errors="coerce"),
                  responses["weight"].astype("str"), resource.label)


def _check_known_totals(package: Package) -> None:
    totals, responses = package.table("known_totals"), package.table("responses")
    label, items = package.resource("known_totals").label, set()
    if package.has("items"):
        items = set(package.table("items")["item"])
    known = [name for name in responses if name not in items | {"respondent", "code"}]
    for index, margin in totals["margin"].items():
        if margin not in known:
            raise InputError("{resource}: row {row}, column 'margin': '{margin}' is no column of "
                             "'responses' that weights can be calibrated to; those are: {known}",
                             resource=label, row=_row(index), margin=margin,
                             known=", ".join(known))
    for margin, part in totals.groupby("margin", sort=False):
        answered = responses[margin].astype("string")
        for row, level, units in zip(part.index, part["level"], part["units"], strict=True):
            n = int((answered == level).sum())
            if 0 < units < n:
                raise InputError("{resource}: row {row}, column 'units': '{level}' of '{margin}' "
                                 "has {units:g} units, but {n} respondents in {responses}; correct "
                                 "one of them", resource=label, row=_row(row), level=level,
                                 margin=margin, units=units, n=n,
                                 responses=package.resource("responses").label)
            if not units > 0 or not n:
                raise InputError("{resource}: row {row}: '{level}' of '{margin}' has {units:g} "
                                 "units and {n:d} respondents; it needs some of both: join it to "
                                 "another level", resource=label, row=_row(row), level=level,
                                 margin=margin, units=units, n=n)
        lacking = responses.index[~answered.isin(part["level"])]
        if len(lacking):
            raise InputError("{resource}: row {row}, column '{margin}': '{level}' has no row in "
                             "'known_totals'; give every level that was answered its total, or "
                             "take '{margin}' out", resource=package.resource("responses").label,
                             row=_row(lacking[0]), margin=margin, level=answered[lacking[0]])


def _check_villages(package: Package) -> None:
    villages, label = package.table("villages"), package.resource("villages").label
    lacking = sorted(set(package.table("areas")["code"]) - set(villages["area"].dropna()))
    if lacking:
        raise InputError("{resource}: no village belongs to the area '{area}'; its polygon cannot "
                         "be made: add its villages", resource=label, area=lacking[0])
    check_far(villages, label)
    if not package.has("boundaries"):
        # Drawn once to see that they can be: from points and land that are what they should be.
        tessellated(package)


def check_far(villages: pd.DataFrame, label: str) -> None:
    """Refuse a village that lies nowhere near the others, as one with a wrong sign does; an island
    with all villages of its area may lie farther away."""
    from helpers.geography import unwrapped

    places = villages[["lon", "lat"]].assign(lon=unwrapped(villages["lon"].to_numpy(dtype=float)))
    away = (places - places.median()).abs().max(axis=1)
    middle = places.groupby(villages["area"]).transform("median")
    alone = ~((places - middle).abs().max(axis=1) <= FAR / 2)  # also those of no area
    # Villages of a whole province lie within a few degrees.
    far = villages.index[(away > max(FAR, 5 * away.quantile(0.75))) & (alone | (away > FARTHEST))]
    if len(far):
        raise InputError("{resource}: row {row}: the village {code} ({lon:g}, {lat:g}) lies "
                         "{degrees:.0f} degrees away from the others; correct lon and lat",
                         resource=label, row=_row(far[0]), code=villages.loc[far[0], "code"],
                         lon=villages.loc[far[0], "lon"], lat=villages.loc[far[0], "lat"],
                         degrees=away[far[0]])


def _check_village_indicators(package: Package) -> None:
    from helpers.disparity import SURFACE

    values, label = package.table("village_indicators"), package.resource(
        "village_indicators").label
    if not package.has("villages"):
        raise InputError("{resource}: its villages are named in the resource 'villages', which is "
                         "not in this package; add it, or take village_indicators out",
                         resource=label)
    own = values["code"].map(package.table("villages").set_index("code")["area"])
    apart = values.index[own != values["area"]]
    if len(apart):
        row = values.loc[apart[0]]
        raise InputError("{resource}: row {row}, column 'area': the village {code} lies in {area} "
                         "here, but in {own} in {villages}; correct one of them", resource=label,
                         row=_row(apart[0]), code=row["code"], area=row["area"],
                         own=own[apart[0]] if isinstance(own[apart[0]], str)
                         else Message("no area"),
                         villages=package.resource("villages").label)
    points = package.table("villages").dropna(subset="area")
    shared = points[points.duplicated(["lon", "lat"], keep=False)].sort_values(["lon", "lat"])
    if len(shared):
        raise InputError("{resource}: the villages {one} and {other} have the same point; maps by "
                         "village need one each: correct lon and lat",
                         resource=package.resource("villages").label, one=shared["code"].iloc[0],
                         other=shared["code"].iloc[1])
    none = values.index[(values["indicator"] == SURFACE) & (values["value"] <= 0)]
    if len(none):
        raise InputError("{resource}: row {row}, column 'value': the surface of the village {code} "
                         "is {value:g}; it must be above 0, in km2: correct the cell or remove the "
                         "row", resource=label, row=_row(none[0]),
                         code=values.loc[none[0], "code"], value=values.loc[none[0], "value"])


def _check_national(package: Package) -> None:
    from helpers.disparity import KECAMATAN

    code = package.table("national")["code"]
    foreign = code.index[~code.str.fullmatch(KECAMATAN)]
    if len(foreign):
        raise InputError("{resource}: row {row}, column 'code': '{code}' is no code of a kecamatan "
                         "as the Ministry of Home Affairs writes it (such as 35.05.01), which "
                         "names its province and regency; give those codes",
                         resource=package.resource("national").label, row=_row(foreign[0]),
                         code=code[foreign[0]])


def _check_items(package: Package) -> None:
    items, label = package.table("items"), package.resource("items").label
    for index, item in items.iterrows():
        if item["item"] in OWN_COLUMNS:
            raise InputError("{resource}: row {row}, column 'item': '{item}' is the name of "
                             "another column of the answers; name the item otherwise, here and "
                             "there", resource=label, row=_row(index), item=item["item"])
        if item["aspect"] == "all":
            raise InputError("{resource}: row {row}, column 'aspect': 'all' is the word for the "
                             "whole dimension; name the aspect otherwise", resource=label,
                             row=_row(index))
        if item["lowest"] >= item["highest"]:
            raise InputError("{resource}: row {row}: 'lowest' ({lowest}) must be below 'highest' "
                             "({highest})", resource=label, row=_row(index), lowest=item["lowest"],
                             highest=item["highest"])
    for (dimension, aspect), group in items.groupby(["dimension", "aspect"], sort=False):
        if len(group) < 2:
            raise InputError("{resource}: the aspect '{aspect}' of '{dimension}' has one item "
                             "({item}); reliability needs at least two: add an item or merge the "
                             "aspect", resource=label, aspect=aspect, dimension=dimension,
                             item=group["item"].iloc[0])
        if group[["lowest", "highest"]].drop_duplicates().shape[0] > 1:
            raise InputError("{resource}: the items of aspect '{aspect}' of '{dimension}' have "
                             "different scales; bring them to one lowest and highest",
                             resource=label, aspect=aspect, dimension=dimension)
    dimensions = set(items["dimension"])
    if "scale" in dimensions and len(dimensions) > 1:
        raise InputError("{resource}: column 'dimension': 'scale' is for a questionnaire of one "
                         "dimension, but other items have '{dimension}'; write 'scale' in all "
                         "rows, or need and access", resource=label,
                         dimension=min(dimensions - {"scale"}))
    for aspect, group in items.groupby("aspect", sort=False):
        if group["dimension"].nunique() < len(dimensions):
            raise InputError("{resource}: the aspect '{aspect}' has items of '{dimension}' only; "
                             "a gap needs items of both need and access", resource=label,
                             aspect=aspect, dimension=group["dimension"].iloc[0])


def _check_responses(package: Package) -> None:
    items, responses = package.table("items"), package.table("responses")
    resource = package.resource("responses")
    taken = {str(end) for item in items.itertuples() for end in range(item.lowest, item.highest + 1)
             } & {*resource.descriptor["schema"].get("missingValues", [])}
    if taken:
        raise InputError("datapackage.json: resource 'responses': missingValues has '{value}', "
                         "which is an answer of the scale: it would count as no answer; take it "
                         "out", value=min(taken))
    for item in items.itertuples():
        if item.item not in responses:
            raise InputError("{resource}: the item '{item}' has no column; add its answers or "
                             "take it out of '{items}'", resource=resource.label, item=item.item,
                             items=package.resource("items").label)
        answers = _answers(responses[item.item], item.item, resource.label)
        if answers.empty:
            raise InputError("{resource}: the item '{item}' was answered by nobody; add its "
                             "answers or take it out of '{items}'", resource=resource.label,
                             item=item.item, items=package.resource("items").label)
        outside = answers[(answers < item.lowest) | (answers > item.highest)]
        if len(outside):
            raise InputError("{resource}: row {row}, column '{item}': {value:g} is outside the "
                             "scale; allowed is {lowest} to {highest}, or an empty cell for no "
                             "answer", resource=resource.label, row=_row(outside.index[0]),
                             item=item.item, value=outside.iloc[0], lowest=item.lowest,
                             highest=item.highest)


def _answers(column: pd.Series, item: str, label: str) -> pd.Series:
    """Return the given answers as numbers, whatever type the package declares for the column."""
    given = column.dropna()
    numbers = pd.to_numeric(given, errors="coerce")
    wrong = given[numbers.isna() | (numbers % 1 != 0)]
    if len(wrong):
        raise InputError("{resource}: row {row}, column '{column}': '{cell}' is not a whole "
                         "number; correct the cell or leave it empty", resource=label,
                         row=_row(wrong.index[0]), column=item, cell=wrong.iloc[0])
    return numbers


def _check_factors(package: Package) -> None:
    factors = package.table("factors")
    for force in ("driving", "restraining"):
        if force not in set(factors["force"]):
            raise InputError("{resource}: there is no {force} factor; a force field needs both "
                             "sides", resource=package.resource("factors").label, force=force)


def _check_ratings(package: Package) -> None:
    unrated = set(package.table("factors")["factor"]) - set(package.table("ratings")["factor"])
    if unrated:
        raise InputError("{resource}: the factor '{factor}' is rated by no expert; add its "
                         "ratings or take it out of '{factors}'",
                         resource=package.resource("ratings").label, factor=min(unrated),
                         factors=package.resource("factors").label)


def _check_linkages(package: Package) -> None:
    linkages, label = package.table("linkages"), package.resource("linkages").label
    own = linkages[linkages["factor_a"] == linkages["factor_b"]]
    if len(own):
        raise InputError("{resource}: row {row}: links '{factor}' with itself; remove the row",
                         resource=label, row=_row(own.index[0]), factor=own["factor_a"].iloc[0])
    ordered = linkages[["factor_a", "factor_b"]].apply(lambda pair: "|".join(sorted(pair)), axis=1)
    twice = linkages[pd.DataFrame({"expert": linkages["expert"], "pair": ordered}).duplicated()]
    if len(twice):
        first = twice.iloc[0]
        raise InputError("{resource}: row {row}: the pair '{factor}' and '{other}' of expert "
                         "'{expert}' stands twice; linkages are symmetric, so give each pair one "
                         "row", resource=label, row=_row(twice.index[0]), factor=first["factor_a"],
                         other=first["factor_b"], expert=first["expert"])


def _check_comparisons(package: Package) -> None:
    from helpers.force_field import compared_urgency

    try:
        compared_urgency(package.table("factors"), package.table("comparisons"))
    except ValueError as error:
        raise InputError("{resource}: {error}", resource=package.resource("comparisons").label,
                         error=error) from None


def _check_strategies(package: Package) -> None:
    force = package.table("factors").set_index("factor")["force"]
    strategies, label = package.table("strategies"), package.resource("strategies").label
    for index, strategy in strategies.iterrows():
        for side in ("driving", "restraining"):
            if force[strategy[side]] != side:
                raise InputError("{resource}: row {row}, column '{column}': '{strategy}' is a "
                                 "{force} factor; a strategy pairs a driving with a restraining "
                                 "one", resource=label, row=_row(index), column=side,
                                 strategy=strategy[side], force=force[strategy[side]])


CHECKS = {
    ("indicators",): _check_indicators,
    ("frame",): _check_frame,
    ("frame", "responses"): _check_respondents,
    ("responses",): _check_weights,
    ("responses", "known_totals"): _check_known_totals,
    ("villages",): _check_villages,
    ("village_indicators",): _check_village_indicators,
    ("catalogue",): _check_ratios,
    ("national",): _check_national,
    ("boundaries",): read_boundaries,
    ("items",): _check_items,
    ("items", "responses"): _check_responses,
    ("factors",): _check_factors,
    ("factors", "ratings"): _check_ratings,
    ("linkages",): _check_linkages,
    ("factors", "comparisons"): _check_comparisons,
    ("factors", "strategies"): _check_strategies,
    ("claims",): check_claims,
}
