"""How polygons of areas fit together: overlaps, gaps, borders that miss each other, islands."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.geography.polygons import TOLERANCE
from helpers.library_types import GeoDataFrame
from helpers.messages import Message, joined, some

SNAP = 2.0  # metres: tolerance where nobody names another one
WITHIN, ALONG = 100.0, 1000.0  # metres: borders this near for this long are meant to be one
LEAST_OVERLAP = 5e-4  # share of the surface that is worth saying
STEPS = (1, 2, 5, 10, 20, 50, 100)  # metres that are proposed as tolerance
# Kilometres from the rest of its area: worth saying; and too far for more than a tenth of its
# surface, which no real area has there (Amahai's islands are 391 km away, 2 % of it).
FAR_PART, TOO_FAR, MOST_THERE = 50.0, 150.0, 0.1


@dataclass(frozen=True)
class Coverage:
    """Fit of polygons: pairs of areas as ``one``, ``other``; surfaces in km2, lengths in metres.

    - ``snapped``: pairs that touch within the tolerance only, ``gap`` apart;
    - ``near``: pairs that do not touch and run within 100 m of each other for more than 1 km;
    - ``overlap``: share of the surface that two areas have, and ``most`` the pair that has most;
    - ``slivers`` and ``holes``: places inside that belong to no area, narrower than 100 m or wider,
      with their surface and the areas around;
    - ``parts``: areas that consist of several parts, ``alone``: those without a neighbour;
    - ``far``: what lies more than 50 km from the rest of its area (`far_parts`).
    """

    snapped: pd.DataFrame
    near: pd.DataFrame
    overlap: float
    most: str
    slivers: pd.DataFrame
    holes: pd.DataFrame
    parts: dict[str, int]
    alone: list[str]
    far: pd.DataFrame


def coverage(polygons: GeoDataFrame, tolerance: float) -> Coverage:
    """Fit of polygons at a tolerance in metres.

    Parameters
    ----------
    polygons : GeoDataFrame
        Column ``code``, valid polygons in a system with metres.
    tolerance : float
        Metres by which two borders may miss each other and still count as shared.

    Examples
    --------
    Two squares of 2 km, half a metre apart, and a third that overlaps the second by a tenth.

    >>> import geopandas
    >>> from shapely import box
    >>> squares = [box(0, 0, 2e3, 2e3), box(2000.5, 0, 4000.5, 2e3), box(3800.5, 0, 5800.5, 2e3)]
    >>> row = geopandas.GeoDataFrame({"code": ["a", "b", "c"]}, geometry=squares, crs=32749)
    >>> fit = coverage(row, 0.0)
    >>> fit.near[["one", "other", "gap"]].to_numpy().tolist(), round(fit.overlap, 4), fit.alone
    ([['a', 'b', 0.5]], 0.0345, ['a'])
    >>> coverage(row, 1.0).snapped[["one", "other"]].to_numpy().tolist()
    [['a', 'b']]
    """
    import shapely

    shapes, codes = polygons.geometry.to_numpy(), polygons["code"].to_numpy()
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="dwithin", distance=max(WITHIN, tolerance))
    one, other = one[one < other], other[one < other]
    gap = shapely.distance(shapes[one], shapes[other])
    common = np.where(gap == 0, shapely.area(shapely.intersection(shapes[one], shapes[other])), 0.0)
    pairs = pd.DataFrame({"one": codes[one], "other": codes[other], "gap": gap})
    apart = np.flatnonzero(gap > tolerance)
    along = shapely.length(shapely.intersection(shapely.boundary(shapes[one[apart]]),
                                                shapely.buffer(shapes[other[apart]], WITHIN)))
    touching = gap <= tolerance
    union = shapely.union_all(shapes)
    surface = shapely.area(union)
    places = _places(union, shapes, codes)
    parts = pd.Series(shapely.get_num_geometries(shapes), index=codes)
    most = "" if not common.any() else "–".join(codes[[one[common.argmax()],
                                                        other[common.argmax()]]])
    return Coverage(pairs[touching & (gap > 0)], pairs.iloc[apart[along > ALONG]],
                    float(common.sum() / surface), most,
                    places[places["width"] < WITHIN], places[places["width"] >= WITHIN],
                    parts[parts > 1].sort_values(ascending=False, kind="stable").to_dict(),
                    [code for place, code in enumerate(codes)
                     if place not in set(one[touching]) | set(other[touching])],
                    far_parts(polygons))


def far_parts(polygons: GeoDataFrame) -> pd.DataFrame:
    """What lies more than 50 km from the rest of its area, which is its greatest part and all that
    lies nearer to each other: ``code``, ``km`` of the farthest, ``surface`` in km2, and whether it
    is ``impossible`` that the area has so much beyond 150 km.

    >>> import geopandas, shapely
    >>> two = shapely.MultiPolygon([shapely.box(0, 0, 2e3, 2e3), shapely.box(82e3, 0, 83e3, 1e3)])
    >>> areas = geopandas.GeoDataFrame({"code": ["a"]}, geometry=[two], crs=32749)
    >>> far_parts(areas).to_dict("list")
    {'code': ['a'], 'km': [80.0], 'surface': [1.0], 'impossible': [False]}
    """
    import shapely
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    found = []
    for code, shape in zip(polygons["code"], polygons.geometry, strict=True):
        parts = shapely.get_parts(shape)
        links = shapely.STRtree(parts).query(parts, predicate="dwithin", distance=FAR_PART * 1000)
        piece = connected_components(coo_array((np.ones(links.shape[1]), tuple(links)),
                                               shape=(len(parts), len(parts))))[1]
        own = piece == piece[shapely.area(parts).argmax()]
        if not own.all():
            km = shapely.distance(parts[~own], shapely.multipolygons(parts[own])) / 1000
            surface = shapely.area(parts[~own])
            found.append((code, km.max(), surface.sum() / 1e6,
                          bool(surface[km > TOO_FAR].sum() > MOST_THERE * shape.area)))
    return pd.DataFrame(found, columns=["code", "km", "surface", "impossible"])


def coverage_messages(fit: Coverage, tolerance: float) -> list[Message]:
    """What to say of the fit: a line on borders, one on islands and places that belong to nobody.
    """
    found = []
    if len(fit.snapped):
        found.append(Message("pairs of areas that touch within {tolerance:g} m only, and count as "
                             "neighbours: {pairs}", tolerance=tolerance,
                             pairs=_pairs(fit.snapped)))
    if len(fit.near):
        needed = fit.near["gap"].max()
        found.append(Message("pairs within {within:g} m of each other along more than {along:g} km "
                             "that do not touch: {pairs} (neighbours with SNAP={snap:g})",
                             within=WITHIN, along=ALONG / 1000, pairs=_pairs(fit.near),
                             snap=next(step for step in STEPS if step >= needed)))
    if fit.overlap >= LEAST_OVERLAP:
        found.append(Message("overlaps of areas: {share:.1%} of the surface, most of it {pair}",
                             share=fit.overlap, pair=fit.most))
    if len(fit.slivers):
        found.append(Message("gaps between areas: {number}, together {surface:.2f} km2",
                             number=len(fit.slivers), surface=fit.slivers["surface"].sum()))
    said = [Message("borders that miss each other by up to {tolerance:g} m count as shared "
                    "(SNAP=): {found}", tolerance=tolerance, found=joined(found, "; "))
            if found else
            Message("borders that miss each other by up to {tolerance:g} m count as shared "
                    "(SNAP=); none does", tolerance=tolerance)]
    if len(fit.holes):
        largest = fit.holes.loc[fit.holes["surface"].idxmax()]
        said.append(Message("places inside that belong to no area (lakes, or another region?): "
                            "{number}, the largest of {surface:.1f} km2 between {around}",
                            number=len(fit.holes), surface=largest["surface"],
                            around=largest["around"]))
    if fit.parts:
        said.append(Message("areas in several parts (islands): {areas}", areas=some(
            f"{code} ({number})" for code, number in fit.parts.items())))
    if len(fit.far):
        said.append(Message("parts of areas that lie far from the rest of them: {areas}; are they "
                            "theirs?", areas=some(
                                f"{code} ({surface:.0f} km2, {km:.0f} km)" for code, km, surface, _
                                in fit.far.itertuples(index=False))))
    if fit.alone:
        said.append(Message("areas without a neighbour: {areas}", areas=some(fit.alone)))
    return said


def with_tolerance(polygons: GeoDataFrame, tolerance: float) -> GeoDataFrame:
    """Polygons that know by how many metres their borders may miss each other."""
    return polygons.assign(**{TOLERANCE: tolerance}) if tolerance else polygons


def _pairs(pairs: pd.DataFrame) -> str:
    return some(pairs["one"] + "–" + pairs["other"])


def _places(union, shapes: np.ndarray, codes: np.ndarray) -> pd.DataFrame:
    """Places inside that belong to no area: surface, mean width, areas around."""
    import shapely

    rings = [shapely.polygons(ring) for part in shapely.get_parts(union)
             for ring in part.interiors]
    # Without an area that lies in such a place like an island in a lake.
    places = [shapely.difference(ring, union) for ring in rings]
    tree = shapely.STRtree(shapes)
    rows = [(shapely.area(place) / 1e6, 2 * shapely.area(place) / shapely.length(place),
             some(codes[np.sort(tree.query(place, predicate="intersects"))]))
            for place in places if shapely.area(place) > 0]
    return pd.DataFrame(rows, columns=["surface", "width", "around"]).astype(
        {"surface": float, "width": float})
