"""Polygons of a package's areas: its own boundaries, or a tessellation of its village points."""

from pathlib import Path

from helpers import geography
from helpers.errors import Error, InputError
from helpers.study.package import Package

SHAPES_BEGIN = (b"{", b"SQLite format 3\0", b"\0\0\x27\x0a")


def polygons(package: Package):
    """Code, name, zone and metric polygon of every area, or None without any geometry."""
    if package.has("boundaries"):
        shapes = read_boundaries(package)
    elif package.has("villages"):
        shapes = tessellated(package)
    else:
        return None
    areas = package.table("areas").set_index("code")[["name", "zone"]]
    shapes = shapes.set_index("code").loc[areas.index]
    shapes.insert(0, "zone", areas["zone"])
    shapes.insert(0, "name", areas["name"])
    return shapes.reset_index()


def read_boundaries(package: Package):
    """Return code and polygon of every area from the resource ``boundaries``, checked."""
    resource = package.resource("boundaries")
    shapes = read_shapes(resource.path, resource.label)
    if "code" not in shapes:
        raise InputError("{resource}: has no column 'code'; it has: {known}",
                         resource=resource.label,
                         known=", ".join(name for name in shapes.columns if name != "geometry"))
    shapes = shapes.assign(code=shapes["code"].astype("str"))[["code", "geometry"]]
    codes = package.table("areas")["code"].tolist()
    try:
        geography.check_polygons(shapes, codes)
    except ValueError as error:
        raise InputError("{resource}: {error}", resource=resource.label, error=error) from None
    shapes = shapes[shapes["code"].isin(codes)]
    return shapes.to_crs(geography.metric_crs(shapes.to_crs(4326).total_bounds))


def tessellated(package: Package):
    """Code and polygon of every area from village points, clipped to the resource ``land``."""
    villages = package.table("villages")
    here = villages[villages["area"].notna()]
    crs = geography.metric_crs(
        (here["lon"].min(), here["lat"].min(), here["lon"].max(), here["lat"].max()))
    try:
        return geography.tessellate(villages, _land(package), crs)[["code", "geometry"]]
    except ValueError as error:
        raise InputError("{resource}: {error}", resource=package.resource("villages").label,
                         error=error) from None


def _land(package: Package):
    if not package.has("land"):
        return None
    resource = package.resource("land")
    return read_shapes(resource.path, resource.label).geometry.union_all()


def read_shapes(path: Path, label: str):
    """Read a file of shapes; heights (Z coordinates) are dropped, they mean nothing on a map.

    GDAL goes by content and knows kinds that name other files: only GeoPackage, GeoJSON and
    Shapefile are let in.
    """
    import geopandas

    try:
        if not _beginning(path).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(SHAPES_BEGIN):
            raise Error("it does not begin like one")
        shapes = geopandas.read_file(path)
        return shapes.set_geometry(shapes.geometry.force_2d())
    # the drivers of GDAL raise many kinds; all mean the same to the reader
    except Exception as error:
        raise InputError("{resource}: cannot be read as GeoPackage, GeoJSON or Shapefile "
                         "({error})", resource=label, error=error) from None


def _beginning(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(64)
