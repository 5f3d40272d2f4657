"""Polygons of a package's areas: its own boundaries, or a tessellation of its village points."""

from helpers import geography
from helpers.study.errors import InputError
from helpers.study.package import Package


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
    import geopandas

    resource = package.resource("boundaries")
    try:
        shapes = geopandas.read_file(resource.path)
    except Exception as error:  # the drivers of GDAL raise many kinds; all mean the same to the reader
        raise InputError(f"{resource.label}: cannot be read as GeoPackage, GeoJSON or Shapefile "
                         f"({' '.join(str(error).split())})") from None
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
    if not package.has("land"):
        return None
    import geopandas

    return geopandas.read_file(package.resource("land").path).geometry.union_all()
