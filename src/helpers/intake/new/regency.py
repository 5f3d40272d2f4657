"""Tables of a regency of Indonesia from public sources: real borders, village points, the village
index. What is lacking is said, and nothing is made up for it."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from helpers import geography
from helpers.errors import InputError
from helpers.geography.settlements import settlement_measures
from helpers.intake.new import zones
from helpers.intake.sources import borders, idm, register
from helpers.intake.sources.pinned import Source, sources
from helpers.messages import Message, listed, some

FEWEST = 4  # kecamatan that zones and neighbours need
FAR_KM = 50.0  # from its regency, a village point is no place of this regency
AROUND = 0.5  # degrees about a regency in which its villages' neighbours are looked for
TOGETHER = 3.0  # degrees between regencies that are still taken together
APART = 0.05  # share by which the surface of a regency may differ from the official one, unsaid
SURFACE = "area_big_polygon"
MEASURES = {  # indicator: unit, direction, theme, in the index, source
    "idm_index": ("index 0-1", 1, "village", False, "idm"),
    "idm_social_iks": ("index 0-1", 1, "village", True, "idm"),
    "idm_economic_ike": ("index 0-1", 1, "village", True, "idm"),
    "idm_environment_ikl": ("index 0-1", 1, "village", True, "idm"),
    "self_reliant_village_share": ("% of villages measured", 1, "village", False, "idm"),
    SURFACE: ("km2", 0, "terrain", False, "borders"),
    "villages": ("villages", 0, "settlement", False, "points"),
    "village_density": ("villages per 100 km2", 0, "settlement", False, "points"),
    "village_spacing": ("km", -1, "reach", False, "points"),
    "distance_to_capital": ("km", -1, "reach", False, "points"),
    "kelurahan_share": ("%", 0, "settlement", False, "points"),
}


@dataclass
class Regency:
    """One regency, or several that are taken together, by codes such as 35.04.

    ``shapes`` are the kecamatan (code, name, geometry), ``points`` the villages of the register
    (None where it could not be had), ``said`` what was found out, ``villages`` the borders of
    villages that the kecamatan were joined from, or None; ``files`` are those of the borders, by
    their hashes.
    """

    codes: list[str]
    shapes: object
    points: pd.DataFrame | None
    facts: pd.DataFrame
    around: pd.DataFrame
    mirror: str | None = None
    said: list[Message] = field(default_factory=list)
    villages: object = None
    files: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Name of the regency, or names."""
        return ", ".join(self.names.values())

    @property
    def names(self) -> dict[str, str]:
        """Name of each regency by its code; where nobody told it, its kind and its code."""
        kinds = {code: ("Kota " if code[3] == "7" else "Kabupaten ") + code for code in self.codes}
        return {code: self.facts["name"].get(code, kinds[code]) for code in self.codes}

    @property
    def level(self) -> str:
        """Level whose borders were taken."""
        return "kecamatan" if self.villages is None else "villages"

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The sources, with the title of the borders that were taken."""
        title = borders.TITLES[self.level]
        return sources() | {"borders": replace(sources()["borders"], **title)}

    @cached_property
    def flat(self):
        """The kecamatan in a metric system."""
        return self.shapes.to_crs(geography.metric_crs(self.shapes.total_bounds))

    @cached_property
    def surface(self) -> pd.Series:
        """Surfaces in km2 by code, without those that nobody knows."""
        known = ~self.shapes["code"].isin(self.shapes.attrs["doubtful"])
        return pd.Series((self.flat.area / 1e6).to_numpy(), self.shapes["code"])[known.to_numpy()]

    @cached_property
    def desa(self) -> pd.DataFrame:
        """The village index by desa."""
        known = {} if self.points is None else dict(zip(self.points["code"], self.points["name"]))
        table, said = idm.of_areas(self.shapes[["code", "name"]], known, self.mirror)
        self.said += said
        return table

    @cached_property
    def located(self) -> pd.DataFrame | None:
        """Villages with a point of their own in this regency; those left out are said. None where
        an area would be without any."""
        if self.points is None:
            return None
        kept = self.points
        for wrong, why in (
                (kept["lon"].isna() | kept["lat"].isna(),
                 Message("nobody gave coordinates")),
                (self._far(kept), Message("the point lies more than {km:g} km outside", km=FAR_KM)),
                (kept.duplicated(["lon", "lat"]) & kept["lon"].notna(),
                 Message("the point is that of another village"))):
            out = kept[wrong.reindex(kept.index, fill_value=False)]
            kept = kept.drop(out.index)
            if len(out):
                self.said.append(Message(
                    "villages: {number} of {all} have no place on the map, as {why}: {names}",
                    number=len(out), all=len(self.points), why=why,
                    names=_first(out)))
        bare = self.shapes[~self.shapes["code"].isin(kept["area"])]
        if bare.empty:
            return kept
        self.said.append(Message("villages: {code} {name} has none with a known point, so that the "
                                 "package has no village points", code=bare["code"].iloc[0],
                                 name=bare["name"].iloc[0]))
        return None

    @cached_property
    def capital(self) -> tuple[float, float] | None:
        """Longitude and latitude of the capital of the first regency, if it is known; one that lies
        outside is said."""
        places = self.facts[self.facts.index == self.codes[0]].reindex(columns=["lon", "lat"])
        if places.empty or places.isna().any(axis=None):
            return None
        lon, lat = places.iloc[0]
        far = self._far(places).any()
        if far:
            self.said.append(Message(
                "capital: the source puts it at lon {lon:.2f}, lat {lat:.2f}, more than {km:g} km "
                "outside of {name}, so that no distance to it is known", lon=lon, lat=lat,
                km=FAR_KM, name=self.title))
        return None if far else (lon, lat)

    @cached_property
    def tolerance(self) -> float:
        """Metres by which its borders may miss each other and still count as shared."""
        return borders.tolerance(self.level, self.flat)

    @cached_property
    def apart(self) -> bool:
        """Whether no area touches another one, as islands; that is said."""
        try:
            geography.neighbours(geography.with_tolerance(self.flat, self.tolerance))
            return False
        except ValueError:
            self.said.append(Message("neighbours: no kecamatan of {name} touches another one, so "
                                     "that the nearest count as neighbours (spatial_weights: knn)",
                                     name=self.title))
            return True

    @cached_property
    def centres(self) -> pd.DataFrame:
        """Centres of the areas: ``lon``, ``lat``, and ``km`` from the capital where it is known."""
        import geopandas

        middle = self.flat.representative_point()
        degrees = middle.to_crs(4326)
        table = pd.DataFrame({"lon": degrees.x.to_numpy(), "lat": degrees.y.to_numpy()},
                             index=pd.Index(self.shapes["code"], name="code"))
        if self.capital:
            place = geopandas.points_from_xy([self.capital[0]], [self.capital[1]], crs=4326)
            table["km"] = middle.distance(place.to_crs(self.flat.crs)[0]).to_numpy() / 1000
        return table

    def _far(self, places: pd.DataFrame) -> pd.Series:
        """Which of some places with coordinates lie far outside."""
        import geopandas

        known = places.dropna(subset=["lon", "lat"])
        points = geopandas.GeoSeries(geopandas.points_from_xy(known["lon"], known["lat"]),
                                     index=known.index, crs=4326).to_crs(self.flat.crs)
        return points.distance(self.flat.union_all()) > FAR_KM * 1000


def _first(villages: pd.DataFrame) -> str:
    return some(villages["code"] + " " + villages["name"], 3)


def open_regency(asked: list[str], mirror: str | None = None,
                 by_village: bool = False) -> Regency:
    """Regency that is asked for, taken together with the others that are named after it; on the
    simplified borders of kecamatan, or on those that its villages make together.

    An `InputError` says what this regency lacks, such as a fourth kecamatan, and what to do.
    """
    codes = [register.find(one, mirror) for one in asked]
    if len(set(codes)) < len(codes):
        raise InputError("--with {code}: is the regency itself, or named twice; name its "
                         "neighbours", code=next(one for one in codes if codes.count(one) > 1))
    shapes, said = borders.read("kecamatan", codes, mirror)
    villages = None
    if by_village:
        villages, said = borders.read("villages", codes, mirror)
        shapes = _joined(villages, shapes)
    _refuse_apart(codes, shapes)
    files, unstated = borders.recorded(
        borders.files("villages" if by_village else "kecamatan", codes, mirror))
    try:
        facts, points = register.regencies(mirror), register.points(codes, mirror)
        around = _around(codes, shapes, mirror)
        # As the register writes them, where it has the same name: the borders have some without
        # capitals.
        there = shapes["code"].map(register.kecamatan(mirror))
        shapes["name"] = there.where(there.str.casefold() == shapes["name"].str.casefold(),
                                     shapes["name"])
    except InputError as error:
        facts, points, around = pd.DataFrame({"name": pd.Series(dtype="str")}), None, None
        said = [*said, Message("villages: their points cannot be had, so that the package has "
                               "borders and the index only, and no names of regencies ({why})",
                               why=error.message)]
    undotted = [one.strip() for one in asked if one.strip().isdecimal()]
    told = [Message("{codes}: read as codes of Home Affairs (11.01); statistics (BPS) number some "
                    "regencies otherwise, and those of Papua have new codes since 2022",
                    codes=", ".join(undotted))] if undotted else []
    made = Regency(codes, shapes, points, facts, around, mirror, [*told, *unstated, *said],
                   villages, files)
    if len(shapes) < FEWEST:
        raise InputError("{name} ({code}): has {number} kecamatan, and zones and neighbours need "
                         "{fewest}; take it together with its neighbour: --with {neighbour}",
                         name=made.title, code=", ".join(codes), number=len(shapes), fewest=FEWEST,
                         neighbour=_neighbour(codes, shapes, mirror))
    made.said += [Message("borders: {what}", what=what) for what in geography.coverage_messages(
        geography.coverage(made.flat, made.tolerance), made.tolerance)]
    return made


def _refuse_apart(codes: list[str], shapes) -> None:
    """Raise ``InputError`` where regencies that are taken together lie far from each other."""
    own = {code: shapes[shapes["code"].str.startswith(code)].total_bounds for code in codes}
    first, *others = own.items()
    for code, (west, south, east, north) in others:
        gap = max(west - first[1][2], first[1][0] - east, south - first[1][3], first[1][1] - north)
        if gap > TOGETHER:
            raise InputError("--with {code}: lies {gap:.0f} degrees away from {first}; regencies "
                             "that are taken together are neighbours", code=code, gap=gap,
                             first=first[0])


def _joined(villages, kecamatan):
    """Kecamatan as their villages make them, with the names of the kecamatan; an ``InputError``
    names one without villages."""
    area = villages["code"].str[:8]
    bare = kecamatan[~kecamatan["code"].isin(area)]
    if len(bare):
        raise InputError("--borders villages: {code} {name} has no village there; take the borders "
                         "of kecamatan (leave --borders out)", code=bare["code"].iloc[0],
                         name=bare["name"].iloc[0])
    whole = villages[["geometry"]].dissolve(area.to_numpy()).rename_axis("code").reset_index()
    whole.insert(1, "name", whole["code"].map(kecamatan.set_index("code")["name"]))
    whole.attrs["doubtful"] = sorted({code[:8] for code in villages.attrs["doubtful"]})
    return whole[whole["code"].isin(kecamatan["code"])].reset_index(drop=True)


def areas(regency: Regency, rule: str) -> tuple[pd.DataFrame, bool]:
    """Areas with the zones of a rule or a file, and whether it was a rule."""
    made = pd.DataFrame({"code": regency.shapes["code"], "name": regency.shapes["name"]})
    by_rule = rule in zones.RULES
    if not by_rule:
        found, told = zones.from_file(rule, made)
    elif rule == "distance" and regency.capital is None:
        raise InputError("--zones distance: the place of the capital of {name} is not known; take "
                         "latitude, longitude or a file", name=regency.title)
    else:
        found, told = zones.by_rule(regency.centres, rule)
        found = found.loc[made["code"]].reset_index(drop=True)
    regency.said.append(told)
    return made.assign(zone=found, group=made["code"].str[:5].map(regency.names)), by_rule


def measures(regency: Regency) -> pd.DataFrame:
    """Indicators by area (rows) that can be had; cells without a value are missing."""
    codes = pd.Index(regency.shapes["code"], name="code")
    _compare_surfaces(regency)
    found = pd.DataFrame({SURFACE: regency.surface.reindex(codes)}, index=codes)
    if not regency.desa.empty:
        index = idm.by_area(regency.desa)
        share = 100 * index["self_reliant"] / index["desa"]
        found = found.join(index[list(idm.MEASURES)]).join(share.rename(
            "self_reliant_village_share"))
        without = regency.shapes[~codes.isin(index.index)]
        if len(without):
            regency.said.append(Message(
                "IDM 2024: {number} of {areas} kecamatan have no desa, and so no index: {names}",
                number=len(without), areas=len(codes), names=listed(without["name"].tolist())))
    else:
        regency.said.append(Message(
            "IDM 2024: {name} has no index, as its villages are kelurahan or are not in it; no "
            "indicator of this package speaks of welfare: add one (README.md says how)",
            name=regency.title))
    return found.join(_settlement(regency, codes))


def _compare_surfaces(regency: Regency) -> None:
    """Say where the surfaces of the borders do not add up to the official one."""
    stated = regency.facts["area"].reindex(regency.codes) if "area" in regency.facts else None
    whole = len(regency.surface) == len(regency.shapes)
    if stated is None or stated.isna().any() or not whole:
        return
    apart = regency.surface.sum() / stated.sum() - 1
    if abs(apart) > APART:
        regency.said.append(Message(
            "surfaces: the borders of {name} enclose {found:,.0f} km2, and {stated:,.0f} km2 are "
            "the official surface ({apart:+.0%}); densities rest on the borders",
            name=regency.title, found=regency.surface.sum(), stated=stated.sum(), apart=apart))


def _settlement(regency: Regency, codes: pd.Index) -> pd.DataFrame:
    """Measures of the villages: numbers from the whole register, distances from those located."""
    if regency.points is None:
        return pd.DataFrame(index=codes)
    all_of = regency.points.groupby("area")["code"]
    count = all_of.size().reindex(codes).astype(float)
    kelurahan = all_of.apply(lambda own: 100 * own.str[-4].eq("1").mean()).reindex(codes)
    made = pd.DataFrame({"villages": count, "village_density": 100 * count / regency.surface,
                         "kelurahan_share": kelurahan}, index=codes)
    if regency.located is None:
        return made
    own = pd.concat([regency.located, regency.around], ignore_index=True)
    far = settlement_measures(own, regency.flat, regency.capital)
    return made.join(far[[name for name in ("village_spacing", "distance_to_capital")
                          if name in far]])


def villages_on_map(regency: Regency) -> pd.DataFrame | None:
    """Located villages that have land of their own where each point of the regency's land belongs
    to the nearest village; those that have none are said."""
    import geopandas
    import shapely

    own = regency.located
    if own is None or len(own) < 2:
        return own
    points = geopandas.points_from_xy(own["lon"], own["lat"], crs=4326).to_crs(regency.flat.crs)
    land = regency.flat.union_all()
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points),
                                                       extend_to=land, ordered=True))
    landless = own[~shapely.intersects(cells, shapely.buffer(land, -1))]
    kept = own.drop(landless.index)
    if len(landless) and set(kept["area"]) == set(own["area"]):
        regency.said.append(Message(
            "villages: {number} of {all} have no place on the map, as {why}: {names}",
            number=len(landless), all=len(regency.points), names=_first(landless),
            why=Message("all land of the regency is nearer to others")))
        return kept
    return own


def _around(codes: list[str], shapes, mirror: str | None) -> pd.DataFrame:
    """Villages of other regencies near this one, in its provinces, without an area."""
    west, south, east, north = shapes.total_bounds
    others = [code for code in register.regencies(mirror).index
              if code not in codes and code[:2] in {one[:2] for one in codes}]
    if not others:
        return pd.DataFrame(columns=["code", "area", "name", "lon", "lat"])
    near = register.points(others, mirror)
    near = near[near["lon"].between(west - AROUND, east + AROUND)
                & near["lat"].between(south - AROUND, north + AROUND)]
    return near.assign(area=pd.NA)


def _neighbour(codes: list[str], shapes, mirror: str | None) -> str:
    """Code of the regency of the province that lies nearest, the one with most kecamatan."""
    import shapely

    province = [one for one in borders.regencies_of(codes[0][:2], mirror) if one not in codes]
    others, _ = borders.read("kecamatan", province, mirror)
    away = pd.Series(shapely.distance(others.geometry.to_numpy(), shapes.union_all()))
    away = away.groupby(others["code"].str[:5]).agg(["min", "size"])
    nearest = away[away["min"] <= max(away["min"].min(), 0.01)]
    return nearest["size"].idxmax()
