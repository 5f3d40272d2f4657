"""Polygons of a package's areas: its own boundaries, or a tessellation of its village points."""

from helpers import geography
from helpers.study.errors import InputError
from helpers.study.package import Package, Resource

SHAPES_BEGIN = (b"{", b"SQLite format 3\0", b"\0\0\x27\x0a")


def polygons(package: Package):
    """Return code, name, zone and polygon of every area in a metric system, or None without any geometry."""
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
    shapes = _read_shapes(resource)
    if "code" not in shapes:
        raise InputError(f"{resource.label}: has no column 'code'; it has: "
                         f"{', '.join(name for name in shapes.columns if name != 'geometry')}")
    shapes = shapes.assign(code=shapes["code"].astype("str"))[["code", "geometry"]]
    codes = package.table("areas")["code"].tolist()
    try:
        geography.check_polygons(shapes, codes)
    except ValueError as error:
        raise InputError(f"{resource.label}: {error}") from None
    shapes = shapes[shapes["code"].isin(codes)]
    return shapes.to_crs(geography.metric_crs(shapes.to_crs(4326).total_bounds))


def tessellated(package: Package):
    """Return code and polygon of every area from village points, clipped to the resource ``land`` if there is one."""
    villages = package.table("villages")
    here = villages[villages["area"].notna()]
    crs = geography.metric_crs((here["lon"].min(), here["lat"].min(), here["lon"].max(), here["lat"].max()))
    try:
        return geography.tessellate(villages, _land(package), crs)[["code", "geometry"]]
    except ValueError as error:
        raise InputError(f"{package.resource('villages').label}: {error}") from None


def _land(package: Package):
    return _read_shapes(package.resource("land")).geometry.union_all() if package.has("land") else None


def _read_shapes(resource: Resource):
    """Read a file of shapes. GDAL goes by content and knows kinds that name other files: only three are let in."""
    import geopandas

    try:
        if not resource.path.read_bytes()[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(SHAPES_BEGIN):
            raise ValueError("it does not begin like one")
        return geopandas.read_file(resource.path)
    except Exception as error:  # the drivers of GDAL raise many kinds; all mean the same to the reader
        raise InputError(f"{resource.label}: cannot be read as GeoPackage, GeoJSON or Shapefile ({error})") from None
