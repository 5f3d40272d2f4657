"""Polygons of a file as people have it: format, layer and text encoding found, and said."""

import codecs
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from helpers.errors import Error, InputError
from helpers.files import parts_of
from helpers.intake.boundaries.kml import read_kml
from helpers.messages import Message
from helpers.study.borders.shapes import driver_of, layers, read_layer
from helpers.study.package import check_beside

FORMATS = ("GeoPackage", "GeoJSON", "Shapefile (also zipped)", "KML", "KMZ", "TopoJSON",
           "FlatGeobuf", "GML", "GeoParquet", "file geodatabase (.gdb)", "SQL of "
           "cahyadsn/wilayah_boundaries")
SUFFIXES = (".shp", ".gpkg", ".geojson", ".json", ".kml", ".fgb", ".gml", ".parquet", ".gdb",
            ".sql")
MOST_FILES, MOST_BYTES = 2000, 4 * 10**9  # that are unpacked
PIECE = 1 << 20
POLYGONS = ("Polygon", "Unknown", "GeometryCollection", "Surface")
ENCODINGS = ("UTF-8", None, "cp1252")  # None: as the Shapefile says
KML, PARQUET, ZIP, SQL = "KML", "Parquet", "ZIP", "SQL"

NOT_LIKE_ONE = Error("it does not begin like one")

Score = Callable[[object], int]  # areas that shapes know


def read_polygons(file: Path, label: str, score: Score, layer: str | None = None,
                  encoding: str | None = None) -> tuple[object, list[Message]]:
    """Shapes of the layer with polygons, in the system of the file, and what was found.

    Of several layers with polygons the one counts that knows most of the areas, as `score` says.
    Raises ``InputError`` where the file cannot be read, names a layer that it does not have, or
    leaves open which one is meant.
    """
    with _unpacked(file, label) as parts:
        found = [(name, part, kind) for part in parts
                 for name, kind in _layers_of(part, label, alone=len(parts) == 1).items()]
        names = [name for name, _, _ in found]
        if layer is not None and layer not in names:
            raise InputError("LAYER={layer}: {label} has no such layer; it has: {names}",
                             layer=layer, label=label, names=", ".join(names))
        wanted = [(name, part) for name, part, kind in found
                  if (any(one in kind for one in POLYGONS) if layer is None else name == layer)]
        if not wanted:
            raise InputError("{label}: holds no polygons; borders are Polygon or MultiPolygon",
                             label=label)
        read = [(name, *_read(part, name, label, score, encoding)) for name, part in wanted]
        chosen = _best(read, label, score)
    said = list(chosen[2])
    if len(names) > 1:
        said.insert(0, Message("{label}: layer '{name}' of {names}", label=label, name=chosen[0],
                               names=", ".join(names)))
    return chosen[1], said


def _best(read: list[tuple], label: str, score: Score) -> tuple:
    """The only layer, or the one that knows most of the areas."""
    with_polygons = [one for one in read
                     if one[1].geom_type.isin(["Polygon", "MultiPolygon"]).any()]
    if not with_polygons:
        raise InputError("{label}: holds no polygons; borders are Polygon or MultiPolygon",
                         label=label)
    if len(with_polygons) == 1:
        return with_polygons[0]
    known = [score(one[1]) for one in with_polygons]
    if max(known) == 0 or known.count(max(known)) > 1:
        raise InputError("{label}: has several layers with polygons; say which is meant with "
                         "LAYER= ({names})", label=label,
                         names=", ".join(one[0] for one in with_polygons))
    return with_polygons[known.index(max(known))]


def _layers_of(part: Path, label: str, alone: bool) -> dict[str, str]:
    """Layers of one file and the kind of their shapes; a file of one layer is named by itself."""
    driver = _driver_of(part)
    if driver in (KML, PARQUET, SQL):
        return {part.stem: "Polygon"}
    if driver is None or driver == ZIP:
        raise _not_readable(label, NOT_LIKE_ONE)
    if driver == "ESRI Shapefile":
        check_beside(part, label)
    try:
        found = layers(part)
    except MemoryError:  # no fault of the file
        raise
    except Exception as error:
        unlike = "not recognized" in str(error)
        raise _not_readable(label, NOT_LIKE_ONE if unlike else error) from None
    if len(found) == 1:
        return {part.stem if not alone else next(iter(found)): next(iter(found.values()))}
    return found


def _driver_of(part: Path) -> str | None:
    """Driver of a format, among them that of rows of SQL, which only its name tells."""
    return driver_of(part) or (SQL if part.suffix.casefold() == ".sql" and part.is_file() else None)


def _read(part: Path, layer: str, label: str, score: Score, encoding: str | None):
    driver = _driver_of(part)
    if encoding is not None and driver != "ESRI Shapefile":
        raise InputError("ENCODING={encoding}: {label} is no Shapefile; only those leave open how "
                         "their text is written: leave ENCODING= out", encoding=encoding,
                         label=label)
    try:
        if driver == KML:
            return read_kml(part), []
        if driver == SQL:
            from helpers.intake.sources import borders

            return borders.read_file(part), []
        if driver == PARQUET:
            import geopandas

            return geopandas.read_parquet(part), []
        if driver == "ESRI Shapefile":
            return _decoded(part, label, score, encoding)
        several = len(layers(part)) > 1
        shapes = read_layer(part, layer if several else None)
        # The format has no other system, and GDAL does not say so.
        return (shapes.set_crs(4326) if driver == "TopoJSON" and shapes.crs is None else shapes), []
    except (InputError, MemoryError):
        raise
    # the drivers raise many kinds; all mean the same to the reader
    except Exception as error:
        raise _not_readable(label, error) from None


def _decoded(part: Path, label: str, score: Score, encoding: str | None):
    """Shapefile with its text decoded so that most of the areas are known."""
    tried = []
    for one in ENCODINGS if encoding is None else (encoding,):
        try:
            codecs.lookup(one or "UTF-8")
            shapes = read_layer(part, encoding=one)
        except (UnicodeDecodeError, LookupError):
            continue
        if encoding is None and one == "UTF-8" and _plain(shapes):
            return shapes, []
        tried.append((score(shapes) if encoding is None else 0, one, shapes))
    if not tried:
        raise InputError("{label}: its text is not written in {encoding}; give another ENCODING=, "
                         "such as UTF-8 or cp1252", label=label, encoding=encoding or "UTF-8")
    best = max(known for known, _, _ in tried)
    _, chosen, shapes = next(one for one in tried if one[0] == best)
    stated = chosen or next((one.read_text(encoding="ascii", errors="replace").strip()
                             for one in parts_of(part) if one.suffix.lower() == ".cpg"),
                            "ISO-8859-1")
    return shapes, [Message("{label}: text read as {encoding} (another one: ENCODING=)",
                            label=label, encoding=stated)]


def _plain(shapes) -> bool:
    """No letters but those that every encoding writes alike."""
    return all(str(value).isascii() for column in shapes.select_dtypes(["object", "str"])
               if column != shapes.geometry.name for value in shapes[column])


@contextmanager
def _unpacked(file: Path, label: str):
    """Files with shapes: the file itself, or those of an archive or a folder."""
    if driver_of(file) == ZIP:
        with tempfile.TemporaryDirectory() as folder:
            _unpack(file, Path(folder), label)
            yield _within(Path(folder), label)
    elif file.is_dir() and driver_of(file) is None:
        yield _within(file, label)
    else:
        yield [file]


def _within(folder: Path, label: str) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.casefold() in SUFFIXES
                   and not any(one.suffix.casefold() == ".gdb" for one in path.parents)
                   and _driver_of(path) is not None)
    if not found:
        raise InputError("{label}: holds no file with shapes; it may be: {formats}", label=label,
                         formats=", ".join(FORMATS))
    return found


def _unpack(file: Path, folder: Path, label: str) -> None:
    """Files of an archive; nothing outside the folder, and no more than a stated size."""
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(file) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_FILES:
                raise Error("it holds more than {most} files", most=MOST_FILES)
            for entry in entries:
                parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
                if any(part in ("..", "/") or ":" in part for part in parts):
                    raise Error("it holds a file outside of itself ({name})", name=entry.filename)
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as packed, open(target, "wb") as unpacked:
                    while piece := packed.read(PIECE):
                        left -= len(piece)
                        if left < 0:
                            raise Error("unpacked it holds more than {most} GB",
                                        most=MOST_BYTES // 10**9)
                        unpacked.write(piece)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError) as error:
        raise InputError("{label}: cannot be unpacked ({error})", label=label,
                         error=error) from None


def _not_readable(label: str, error: Exception) -> InputError:
    return InputError("{label}: cannot be read as one of {formats} ({error})", label=label,
                      formats=", ".join(FORMATS), error=error)
