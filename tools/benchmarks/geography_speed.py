"""What the geography of a whole country costs: as many villages and kecamatan as Indonesia has, on
made-up islands."""

from time import perf_counter

import numpy as np
import pandas as pd

from tools.benchmarks.measuring import alone, as_rows, highest_memory

VILLAGES, KECAMATAN, ISLANDS = 83_000, 7_280, 700
WEST, SOUTH, EAST, NORTH = 95.0, -11.0, 141.0, 6.0
COAST_VERTICES = 40_000
PERMUTATIONS = 999
# share of villages that lie off the coast: a coastline is coarser than the places on it
OUTSIDE = 0.03


def measure(villages: int = VILLAGES, kecamatan: int = KECAMATAN) -> list[dict]:
    """Time and memory of the national tessellation, of its clipping to the coast, and of Moran's I
    on it.

    Parameters
    ----------
    villages, kecamatan : int
        Size of the country.

    Returns
    -------
    list of dict
        name, value, unit, goal (at most), against; the goals are for Indonesia's size.
    """
    drawn, plain, clipped, moran, memory = alone(run_once, villages, kecamatan)
    size = f"{villages:,} made-up villages, {kecamatan:,} kecamatan"
    return as_rows([
        ("national tessellation", drawn, "s", 5, f"{size}, dissolved"),
        ("national tessellation over plain shapely", drawn / plain, "", 2,
         "voronoi_polygons and a coverage_union_all an area, fastest of 3"),
        ("national tessellation clipped to the coast", clipped, "s", 30,
         f"{size}, {ISLANDS} islands and islets"),
        (f"Moran's I with {PERMUTATIONS} permutations", moran, "s", 30,
         f"{kecamatan:,} kecamatan, finding the neighbours included"),
        ("memory of the national run", memory / 2**30, "GiB", 2, "its highest, libraries included"),
    ])


def run_once(villages: int, kecamatan: int) -> tuple[float, float, float, float, int]:
    """Return the seconds of drawing, of plain shapely, of drawing with a coast, of Moran's I, and
    the memory in bytes."""
    from helpers import disparity, geography

    points, land = country(villages, kecamatan)
    crs = geography.metric_crs((WEST, SOUTH, EAST, NORTH))
    xy, owner = _placed(points, crs)
    seconds = {"plain": np.inf, "drawn": np.inf}
    # They take turns, so that a busy moment hits both.
    for _ in range(3):
        seconds["plain"] = min(seconds["plain"], _timed(_by_hand, xy, owner)[0])
        seconds["drawn"] = min(seconds["drawn"], _timed(geography.tessellate, points, None, crs)[0])
    clipped, shapes = _timed(geography.tessellate, points, land, crs)
    values = pd.Series(np.random.default_rng(0).normal(size=len(shapes)), index=shapes["code"])
    moran, _ = _timed(disparity.moran, values, shapes, PERMUTATIONS)
    return seconds["drawn"], seconds["plain"], clipped, moran, highest_memory()


def country(villages: int, kecamatan: int, seed: int = 0):
    """Make up an archipelago: few large islands and many small ones, and villages that cluster
    around kecamatan.

    Returns
    -------
    villages : DataFrame
        area, lon, lat.
    land : shapely.MultiPolygon
        Islands with wiggly coasts; some villages lie just off them, each on an islet of its own.

    Examples
    --------
    >>> points, land = country(600, 50)
    >>> len(points), points["area"].nunique(), land.is_valid
    (600, 50, True)
    """
    import shapely

    rng = np.random.default_rng(seed)
    land = _islands(rng)
    parts = shapely.get_parts(land)
    share = shapely.area(parts) / land.area
    home = _inside(rng, parts, rng.choice(len(parts), kecamatan, p=share))
    area = np.concatenate([np.arange(kecamatan), rng.integers(0, kecamatan, villages - kecamatan)])
    spread = np.sqrt(land.area / kecamatan) / 4
    places = home[area] + rng.normal(0, spread, (villages, 2))
    shapely.prepare(land)
    # Those in the sea go back to near the middle of their kecamatan, all but a few.
    off = ~shapely.contains_xy(land, places) & (rng.random(villages) > OUTSIDE)
    places[off] = home[area[off]] + rng.normal(0, spread / 20, (off.sum(), 2))
    islets = shapely.buffer(shapely.points(places[~shapely.contains_xy(land, places)]), spread / 5,
                            quad_segs=2)
    codes = np.char.mod("%05d", area)
    points = pd.DataFrame(
        {"area": pd.Series(codes, dtype="str"), "lon": places[:, 0], "lat": places[:, 1]})
    return points, shapely.union_all([land, *islets])


def _islands(rng):
    import shapely

    size = np.minimum(rng.pareto(0.6, ISLANDS) + 0.02, 300)
    radius = 3.6 * np.sqrt(size / size.max())
    middle = rng.uniform((WEST + 3, SOUTH + 2), (EAST - 3, NORTH - 2), (ISLANDS, 2))
    vertices = np.maximum(COAST_VERTICES * radius / radius.sum(), 8).astype(int)
    return shapely.union_all(
        [_island(rng, *island) for island in zip(middle, radius, vertices, strict=True)])


def _island(rng, middle: np.ndarray, radius: float, vertices: int):
    import shapely

    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    waves = np.arange(1, 12)
    wiggle = (rng.normal(0, 0.25, 11)
              / waves) @ np.sin(np.outer(waves, angle) + rng.uniform(0, 6, (11, 1)))
    far = radius * (0.5 + np.clip(wiggle, -0.35, 0.5) + rng.normal(0, 0.01, vertices))
    around = np.column_stack([np.cos(angle), np.sin(angle) * 0.6])
    return shapely.Polygon(middle + around * far[:, None])


def _inside(rng, parts: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return one random place in each chosen part."""
    import shapely

    bounds, places = shapely.bounds(parts[chosen]), np.full((len(chosen), 2), np.nan)
    open_ = np.arange(len(chosen))
    while len(open_):
        places[open_] = rng.uniform(bounds[open_, :2], bounds[open_, 2:])
        open_ = open_[~shapely.contains_xy(parts[chosen[open_]], places[open_])]
    return places


def _placed(points: pd.DataFrame, crs) -> tuple[np.ndarray, np.ndarray]:
    from pyproj import Transformer

    to_crs = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return np.column_stack(to_crs.transform(points["lon"],
                                            points["lat"])), points["area"].astype(int).to_numpy()


def _by_hand(xy: np.ndarray, owner: np.ndarray) -> list:
    """The shortest way with shapely alone: nothing checked, nothing that closes the outer cells
    near the points."""
    import shapely

    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(xy), ordered=True))
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.unique(owner))
    return [shapely.coverage_union_all(own) for own in np.split(cells[order], starts[1:])]


def _timed(work, *arguments):
    start = perf_counter()
    result = work(*arguments)
    return perf_counter() - start, result
