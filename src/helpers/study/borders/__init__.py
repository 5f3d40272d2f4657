"""Polygons of a package's areas: its own boundaries, or a tessellation of its village points."""

import pandas as pd

from helpers import geography
from helpers.errors import InputError
from helpers.messages import Message
from helpers.study.borders.shapes import read_shapes
from helpers.study.package import Package


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


def village_polygons(package: Package):
    """Return code, name, area, zone and polygon of every village of the areas in a metric system,
    or None without village points.

    The borders are those of the resource ``boundaries`` where it has every village, else each
    village has the land that is nearer to its point than to any other; ``attrs["borders"]`` says
    which.
    """
    if not package.has("villages"):
        return None
    villages = package.table("villages")
    own = villages.dropna(subset="area").set_index("code")
    known = _read_codes(package) if package.has("boundaries") else None
    if known is not None and own.index.isin(known["code"]).all():
        shapes, borders = _metric(package, known, own.index), "boundaries"
    else:
        alone = villages.assign(area=villages["code"].where(villages["area"].notna()))
        shapes, borders = tessellated(package, alone), "tessellation"
    shapes = shapes.set_index("code").loc[own.index]
    zone = own["area"].map(package.table("areas").set_index("code")["zone"])
    shapes = shapes.assign(name=own["name"], area=own["area"], zone=zone)
    shapes.attrs["borders"] = borders
    return shapes[["name", "area", "zone", "geometry"]].reset_index()


def read_boundaries(package: Package):
    """Return code and polygon of every area from the resource ``boundaries``, checked."""
    shapes = _metric(package, _read_codes(package), package.table("areas")["code"])
    resource = package.resource("boundaries")
    tolerance = resource.descriptor.get(geography.TOLERANCE, 0)
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not (
            0 <= tolerance < float("inf")):
        raise InputError("{resource}: its tolerance in datapackage.json is {tolerance}; it is a "
                         "number of metres", resource=resource.label, tolerance=tolerance)
    return geography.with_tolerance(shapes, float(tolerance))


def _read_codes(package: Package):
    """Code and polygon of all that the resource ``boundaries`` holds."""
    resource = package.resource("boundaries")
    shapes = read_shapes(resource.path, resource.label)
    if "code" not in shapes:
        raise InputError("{resource}: has no column 'code'; it has: {known}",
                         resource=resource.label,
                         known=", ".join(name for name in shapes.columns if name != "geometry"))
    return shapes.assign(code=shapes["code"].astype("str"))[["code", "geometry"]]


def _metric(package: Package, shapes, codes):
    """Shapes of these codes in a metric system, checked."""
    try:
        geography.check_polygons(shapes, codes)
    except ValueError as error:
        raise InputError("{resource}: {error}", resource=package.resource("boundaries").label,
                         error=error) from None
    shapes = shapes[shapes["code"].isin(codes)]
    return shapes.to_crs(geography.metric_crs(geography.bounds_of_shapes(shapes.to_crs(4326))))


def tessellated(package: Package, villages: pd.DataFrame | None = None):
    """Return code and polygon of every area from village points, clipped to the resource ``land``
    if there is one."""
    villages = package.table("villages") if villages is None else villages
    here = villages[villages["area"].notna()]
    crs = geography.metric_crs(geography.bounds_of(here["lon"].to_numpy(), here["lat"].to_numpy()))
    land = _land(package)
    try:
        geography.check_places(villages)
        return geography.tessellate(villages, land, crs)[["code", "geometry"]]
    except ValueError as error:
        raise InputError("{resource}: {error}", resource=package.resource("villages").label,
                         error=error) from None


def _land(package: Package):
    if not package.has("land"):
        return None
    import shapely

    label = package.resource("land").label
    shapes = read_shapes(package.resource("land").path, label)
    land = shapes.to_crs(4326).geometry if shapes.crs else shapes.geometry
    for row, shape in enumerate(land, start=1):
        if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
            raise InputError("{resource}: shape {row} is {kind}; land is drawn with polygons: "
                             "correct or remove it", resource=label, row=row,
                             kind=Message("empty") if shape is None or shape.is_empty
                             else shape.geom_type)
        if not shape.is_valid:
            raise InputError("{resource}: shape {row} is invalid ({reason}); repair it, e.g. with "
                             "'Fix geometries' in QGIS", resource=label, row=row,
                             reason=shapely.is_valid_reason(shape))
    if land.empty:
        raise InputError("{resource}: holds no shape; draw the land, or take the resource out",
                         resource=label)
    west, south, east, north = land.total_bounds
    points = package.table("villages").dropna(subset="area")
    if not (points["lon"].between(west, east) & points["lat"].between(south, north)).any():
        raise InputError("{resource}: the land ({west:.1f} to {east:.1f} east, {south:.1f} to "
                         "{north:.1f} north) holds none of the villages; draw the land of this "
                         "region, in longitude and latitude", resource=label, west=west, east=east,
                         south=south, north=north)
    return land.union_all()
