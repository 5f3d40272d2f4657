"""Disparity: how unequal the areas are, and where."""

import pandas as pd

from helpers import disparity, geography, ratios
from helpers.chain.steps import table


def by_code(areas):
    """Areas by their code."""
    return areas.set_index("code")


def zones(by_code, disparity__city_zone):
    """Zone of each area."""
    return disparity.zones_of(by_code, disparity__city_zone)


def measures(indicators, catalogue=None):
    """The catalogue by indicator; without one nothing has a direction."""
    return ratios.by_indicator(indicators, catalogue)


def panel(indicators, measures, disparity__reference_indicator, disparity__background):
    """Values by area, indicator and year, less the background of the followed one, with the ratios
    that the catalogue declares."""
    lifted = ratios.without_background(indicators, disparity__reference_indicator,
                                       disparity__background)
    return ratios.with_derived(lifted, measures)


def directed(panel, measures):
    """Indicators of which more is better, or less; not there where there are none."""
    return disparity.directed_indicators(panel, measures) or None


def followed_rows(panel, disparity__reference_indicator, disparity__population_indicator):
    """Values of the followed indicator, and of the people that weight it."""
    names = [disparity__reference_indicator, disparity__population_indicator]
    return panel[panel["indicator"].isin(names)]


def followed(followed_rows, disparity__reference_indicator, disparity__year):
    """Values of the followed indicator in the year nearest to the chosen one, and that year."""
    return disparity.closest(followed_rows, disparity__reference_indicator, disparity__year)


def rows(panel, followed_rows, followed, disparity__reference_indicator, live=False):
    """What the tables cover: the panel; on a page only the followed indicator in its year."""
    if not live:
        return panel
    year, dated = followed[1], followed_rows["year"]
    other = followed_rows["indicator"] != disparity__reference_indicator
    return followed_rows[other | dated.isna() | dated.eq(year)]


def mapped(measures, disparity__reference_indicator, disparity__map_indicators, live=False):
    """Indicators that are tested in space: the followed one, and those of further maps."""
    further = [name for name in disparity__map_indicators if name in measures.index]
    return list(dict.fromkeys([disparity__reference_indicator, *(() if live else further)]))


def compared(mapped, directed=(), live=False):
    """Indicators whose zone means are compared."""
    return mapped if live else list(dict.fromkeys([*mapped, *directed]))


@table("zone_indicators")
def zone_indicators(rows, compared, zones, disparity__population_indicator):
    """Means of the zones."""
    return disparity.zone_table(rows, compared, zones, disparity__population_indicator)


@table("inequality")
def inequality(rows, zones, disparity__reference_indicator, disparity__population_indicator):
    """Inequality of the followed indicator, year by year."""
    return disparity.inequality_table(rows, disparity__reference_indicator, zones,
                                      disparity__population_indicator)


def shapes(polygons=None):
    """Polygons of the areas; not there where they are too few for a test in space."""
    enough = polygons is not None and len(polygons) >= disparity.FEWEST_AREAS
    return polygons if enough else None


def neighbours(disparity__spatial_weights, disparity__neighbours_k):
    """Rule that says who is whose neighbour."""
    return disparity.neighbourhood(disparity__spatial_weights, disparity__neighbours_k)


@table("spatial_autocorrelation")
def spatial_autocorrelation(rows, mapped, shapes, neighbours, disparity__permutations,
                            seed__disparity__moran):
    """Moran's I."""
    return disparity.autocorrelation_table(rows, mapped, shapes, disparity__permutations,
                                           seed__disparity__moran, neighbours)


@table("local_clusters")
def local_clusters(followed, by_code, shapes, neighbours, disparity__reference_indicator,
                   disparity__permutations, disparity__alpha, disparity__local_correction,
                   seed__disparity__local_moran):
    """Local Moran's I of the followed indicator in its year."""
    values, year = followed
    local = disparity.local_moran(values, shapes, disparity__permutations,
                                  seed__disparity__local_moran, disparity__alpha, neighbours,
                                  disparity__local_correction)
    named = local.join(by_code["name"]).reset_index(names="code").assign(
        indicator=disparity__reference_indicator, year=year).astype({"year": "Int64"})
    return named[["code", "name", "indicator", "year", "local_i", "p_permutation", "cluster"]]


def both_scales(panel, mapped, by_code, zones, neighbours, disparity__year,
                disparity__permutations, disparity__alpha, disparity__local_correction,
                seed__disparity__scales, shapes=None, village_indicators=None,
                village_polygons=None):
    """Followed indicators by village and by area; not there without values of villages."""
    if village_indicators is None:
        return None
    levels = by_code.filter(["group"]).assign(zone=zones)
    return disparity.compare_scales(
        village_indicators, panel, mapped, levels, disparity.main_pair(zones), disparity__year,
        {"area": shapes, "village": village_polygons}, neighbours, disparity__permutations,
        seed__disparity__scales, disparity__alpha, disparity__local_correction)


@table("scale_effect")
def scale_effect(both_scales):
    """What the scale does to gap, inequality and patterns; not there without a common indicator."""
    return both_scales.table if len(both_scales.table) else None


@table("reference_beside")
def reference_beside(panel, by_code, zones, neighbours, disparity__reference_indicator,
                     disparity__beside_indicators, disparity__population_indicator,
                     disparity__year, disparity__permutations, seed__disparity__moran,
                     shapes=None):
    """Headline numbers of the followed indicator and of others beside it; not there alone."""
    others = [name for name in disparity__beside_indicators if name in set(panel["indicator"])]
    if not others:
        return None
    levels = by_code.filter(["group"]).dropna(axis=1).assign(zone=zones)
    return disparity.beside_table(
        panel, [disparity__reference_indicator, *others], levels, disparity.main_pair(zones),
        disparity__population_indicator, disparity__year, shapes, disparity__permutations,
        seed__disparity__moran, neighbours)


@table("national_context")
def national_context(national=None):
    """Inequality inside every regency of the country, and its rank; not there without a country."""
    return None if national is None else disparity.context_table(national)


def class_limits(followed_rows, followed, disparity__reference_indicator, disparity__classifier,
                 disparity__k):
    """Limits of the classes on maps of the followed indicator: the same in all years, or of its
    year alone where classes of all years would not part the areas."""
    by_year = pd.DataFrame(disparity.by_year(followed_rows, disparity__reference_indicator))
    _, limits, relative = geography.series_classes(by_year, disparity__classifier, disparity__k)
    return geography.class_limits(followed[0], disparity__classifier,
                                  disparity__k) if relative else limits


def members(measures, disparity__index_activity, disparity__index_schools,
            disparity__index_leave_out):
    """The catalogue with the members of the development index that are chosen."""
    roles = {"activity": disparity__index_activity, "schools": disparity__index_schools}
    return disparity.index_members(measures, roles, disparity__index_leave_out)


def candidates(panel, measures, by_code, disparity__year):
    """Values of all indicators that can be in the development index."""
    possible = measures[measures["in_index"] | measures.get("role", pd.Series()).notna()]
    possible = possible.assign(in_index=True, direction=1)
    return disparity.index_parts(panel, possible, by_code.index, disparity__year)[0]


def parts(candidates, members):
    """Values behind the development index."""
    chosen = members.index[members["in_index"] & (members["direction"] != 0)]
    return candidates[[name for name in chosen if name in candidates]]


def load(parts, members, disparity__index_weights):
    """Weights of the index's indicators; not there where there is no index."""
    if not disparity.has_index(parts, disparity__index_weights):
        return None
    known = members.loc[parts.columns]
    return disparity.index_weights(parts, known["direction"], known["theme"],
                                   disparity__index_weights)


def scaled(parts, members, disparity__normalisation):
    """Parts of the development index on one scale; not there where none differs."""
    if not disparity.has_index(parts):
        return None
    direction = members.loc[parts.columns, "direction"]
    return disparity.scaled_indicators(parts, direction, disparity__normalisation)


def index(scaled, load):
    """Development index of the areas."""
    return disparity.weighted_mean(scaled, load)


@table("development_index")
def development_index(by_code, zones, parts, members, disparity__index_weights,
                      disparity__normalisation):
    """Areas by their development index; not there where the data allow none."""
    if not disparity.has_index(parts, disparity__index_weights):
        return None
    return disparity.development_table(by_code, zones, parts, members, disparity__index_weights,
                                       disparity__normalisation)


def plain_zones(zones):
    """Zone of each area in plain objects, which thousands of universes read faster than strings."""
    plain = pd.Series(zones.to_numpy(object), zones.index.astype(object), object)
    return plain.to_frame("zone")


def decisive_index(index, plain_zones):
    """Development index and zone of the areas, in their own order: draws of labels depend on it."""
    return plain_zones.assign(index=index.to_numpy())


def latest_rows(panel, directed):
    """Directed indicators in their latest years, which alone decide claims, and all others."""
    years, known = panel["year"].fillna(0), panel["indicator"].isin(directed)
    last = years.groupby(panel["indicator"]).transform("max")
    return panel[known & (years == last) | ~known]


def area_measures(latest_rows, directed, zones, disparity__population_indicator):
    """Directed indicators of the areas in their latest years: code, zone, indicator, value, people.
    """
    parts = []
    for name in directed:
        for year, values in disparity.by_year(latest_rows, name).items():
            people = disparity.people(latest_rows, disparity__population_indicator, year)
            parts.append(pd.DataFrame({"zone": zones, "indicator": name, "value": values,
                                       "people": people}, index=zones.index))
    return pd.concat(parts).rename_axis("code").reset_index().dropna(subset=["value"])


def touching(polygons=None):
    """Areas that share a border or a corner, by their codes: one, other."""
    if polygons is None or len(polygons) < 2:
        return None
    one, other = geography.neighbours(polygons).nonzero()
    codes = polygons["code"].to_numpy()
    return pd.DataFrame({"one": codes[one], "other": codes[other]}, dtype=object)
