"""What people call columns, write as codes, and give as places; what it is taken for is said."""

from collections.abc import Mapping

import pandas as pd

from helpers.errors import InputError
from helpers.intake.area_codes import AreaNames, refuse_others
from helpers.messages import Message

VILLAGES = {"longitude": "lon", "long": "lon", "lng": "lon", "bujur": "lon", "x": "lon",
            "latitude": "lat", "lintang": "lat", "y": "lat", "kode": "code", "kode_desa": "code",
            "nama": "name", "desa": "name", "kecamatan": "area", "kode_kecamatan": "area"}
FAR = 5.0  # degrees from every village at which a capital is not believed


def rename(cells: pd.DataFrame, needed: tuple[str, ...], others: Mapping[str, str],
           name: str) -> list[Message]:
    """Give columns that go by another name the one that is needed, in place, and say so."""
    said = []
    for place, column in enumerate(list(cells)):
        wanted = others.get(column.strip().casefold())
        if wanted in needed and wanted not in cells:
            cells.columns = [*cells.columns[:place], wanted, *cells.columns[place + 1:]]
            said.append(Message("{source}: read as '{wanted}': the column '{column}'", source=name,
                                wanted=wanted, column=column))
    return said


def use_codes_of(areas: pd.DataFrame, villages: pd.DataFrame) -> list[Message]:
    """Write the code of their area for villages that have it without dots, or by name, in place."""
    open_ones = villages["area"].notna() & ~villages["area"].isin(areas["code"])
    given = villages.loc[open_ones, "area"]
    found = given.map(AreaNames(areas).code_of).dropna()
    villages.loc[found.index, "area"] = found
    if found.empty:
        return []
    return [Message("{source}: {number} villages name their area in another way than the areas "
                    "('{given}' is {code})", source="villages", number=len(found),
                    given=given[found.index[0]], code=found.iloc[0])]


def no_area_known(given: pd.Series, codes: pd.Series) -> InputError:
    """Error where no village lies in one of the areas."""
    given = given.dropna()
    refuse_others(given, codes, "villages", "'area'")
    return InputError("villages: none lies in one of the areas; their column 'area' holds "
                      "'{given}', and the areas have codes such as '{code}'",
                      given=given.iloc[0], code=codes.iloc[0])


def check_capital(lon: float, lat: float, villages: pd.DataFrame) -> None:
    """Refuse a capital that lies far from all villages, and say where its degrees are swapped."""
    def near(x: float, y: float) -> bool:
        apart = (villages["lon"] - x).abs().combine((villages["lat"] - y).abs(), max)
        return bool((apart <= FAR).any())

    if near(lon, lat):
        return
    if near(lat, lon):
        raise InputError("--capital {lon:g} {lat:g}: longitude and latitude seem swapped; give "
                         "--capital {lat:g} {lon:g}", lon=lon, lat=lat)
    raise InputError("--capital {lon:g} {lat:g}: lies more than {degrees} degrees away from every "
                     "village of the areas; give its longitude and latitude", lon=lon, lat=lat,
                     degrees=int(FAR))


def in_degrees(shapes, name: str):
    """Land in degrees; without a reference system nobody can know what its numbers are."""
    if shapes.crs is None:
        raise InputError("{land}: names no coordinate reference system; save it with one, such as "
                         "EPSG:4326 for longitude and latitude", land=name)
    return shapes.to_crs(4326)
