"""Files of shapes, read by drivers that are allowed by name: no file names another one.

GDAL goes by content and knows formats that are programs, lists of other files, or addresses. All
drivers but those of `DRIVERS` are taken out of it before the first file, and its access to the
network is closed.
"""

import re
import sqlite3
from functools import cache
from pathlib import Path
from urllib.parse import quote

from helpers.errors import Error, InputError

# Format by its GDAL driver, as people call it.
DRIVERS = {"GPKG": "GeoPackage", "GeoJSON": "GeoJSON", "ESRI Shapefile": "Shapefile",
           "TopoJSON": "TopoJSON", "GeoJSONSeq": "GeoJSON", "FlatGeobuf": "FlatGeobuf",
           "GML": "GML", "OpenFileGDB": "file geodatabase", "MEM": "memory"}
OF_PACKAGES = ("GPKG", "GeoJSON", "ESRI Shapefile")
BEGINNINGS = {b"SQLite format 3\0": "GPKG", b"\0\0\x27\x0a": "ESRI Shapefile",
              b"{": "GeoJSON", b"\x1e{": "GeoJSONSeq", b"fgb\x03fgb": "FlatGeobuf",
              b"PAR1": "Parquet", b"PK\x03\x04": "ZIP"}
XML = re.compile(rb"<(?:[\w.-]+:)?(kml|gml|FeatureCollection)\b")
TOPOLOGY = re.compile(rb'^\{[^{}\[\]]*"type"\s*:\s*"Topology"')
LOOKED_AT = 4096  # bytes in which a format shows itself
CLOSED = {"CPL_VSIL_CURL_ALLOWED_FILENAME": "none", "GDAL_HTTP_PROXY": "127.0.0.1:9",
          "GML_DOWNLOAD_SCHEMA": "NO", "GML_SKIP_RESOLVE_ELEMS": "ALL"}


def read_shapes(path: Path, label: str):
    """Shapes of a package's own file; heights (Z coordinates) are dropped, they mean nothing on a
    map.
    """
    try:
        if driver_of(path) not in OF_PACKAGES:
            raise Error("it does not begin like one")
        return read_layer(path)
    except MemoryError:  # no fault of the file
        raise
    # the drivers of GDAL raise many kinds; all mean the same to the reader
    except Exception as error:
        raise InputError("{resource}: cannot be read as GeoPackage, GeoJSON or Shapefile "
                         "({error})", resource=label, error=error) from None


def read_layer(path: Path, layer: str | None = None, encoding: str | None = None):
    """Shapes of one layer (default: the first), without heights."""
    import warnings

    import geopandas

    only_named_drivers()
    chosen = {} if layer is None else {"layer": layer}
    if driver_of(path) == "GPKG":
        check_database(path)
        chosen["IMMUTABLE"] = "YES"  # nor is a file made beside it
    with warnings.catch_warnings():
        # Of several layers, which are told where they are chosen; of odd rings, which are checked.
        warnings.simplefilter("ignore")
        shapes = geopandas.read_file(path.resolve(), encoding=encoding, **chosen)
    if "geometry" not in shapes or not hasattr(shapes, "crs"):
        raise Error("it holds a table without shapes")
    return shapes.set_geometry(shapes.geometry.force_2d())


def layers(path: Path) -> dict[str, str]:
    """Layers of a file and the kind of their shapes, empty for a table without."""
    import pyogrio

    only_named_drivers()
    if driver_of(path) == "GPKG":
        check_database(path)
    return {name: kind or "" for name, kind in pyogrio.list_layers(path.resolve())}


def driver_of(path: Path) -> str | None:
    """Driver of the format as which a file begins; None for another one, or for no file.

    KML, which GDAL reads without its table of values, Parquet and ZIP have that name.
    """
    if path.is_dir():
        return "OpenFileGDB" if path.suffix.casefold() == ".gdb" else None
    if not path.is_file():
        return None
    with open(path, "rb") as file:
        text = file.read(LOOKED_AT).removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if text.startswith(b"<"):
        found = XML.search(text)
        return None if found is None else "KML" if found[1] == b"kml" else "GML"
    if TOPOLOGY.search(text):
        return "TopoJSON"
    return next((driver for start, driver in BEGINNINGS.items() if text.startswith(start)), None)


@cache
def only_named_drivers() -> None:
    """Take all other drivers out of GDAL, and close its way to the network."""
    import pyogrio
    from pyogrio import _ogr

    others = set(pyogrio.list_drivers()) - set(DRIVERS)
    pyogrio.set_gdal_config_options({**CLOSED, "GDAL_SKIP": ",".join(sorted(others))})
    # GDAL heeds GDAL_SKIP where it registers its drivers, which pyogrio lets it do on import.
    _ogr._register_drivers()
    left = set(pyogrio.list_drivers()) - set(DRIVERS)
    if left:
        raise RuntimeError(f"GDAL keeps drivers that were to be left out: {sorted(left)}")


def check_database(path: Path) -> None:
    """Check that a GeoPackage holds tables only: a view can run for ever or read other files."""
    # What another program has not written into it yet would be read, and written: no hash knows it.
    for ending in ("-wal", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.is_file() and beside.stat().st_size:
            raise Error("{name} lies beside it: a program (QGIS?) still has the file open, or did "
                        "not close it; close it there, then take the file again", name=beside.name)
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    database = sqlite3.connect(address, uri=True)
    try:
        rows = database.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
        for kind, name, text in rows:
            virtual = re.match(r"\s*CREATE\s+VIRTUAL\s+TABLE.*?\bUSING\s+(\w+)", text or "",
                               re.IGNORECASE | re.DOTALL)
            if kind == "view" or (virtual and virtual[1].casefold() != "rtree"):
                raise Error("'{name}' in it is a view, whose rows are computed; save the layer as "
                            "a table of its own (in QGIS: Export, Save Features As)", name=name)
            if kind == "table" and not virtual and any(
                    column[-1] in (2, 3) for column in database.execute(
                        "SELECT * FROM pragma_table_xinfo(?)", (name,))):
                raise Error("the table '{name}' in it has computed columns; save the layer anew "
                            "(in QGIS: Export, Save Features As)", name=name)
    finally:
        database.close()
