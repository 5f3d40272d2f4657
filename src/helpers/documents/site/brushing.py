"""Map, Moran's scatter, Lorenz curve and table of one indicator, linked by what is selected."""

import json
import re
from pathlib import Path

from helpers.files import rows_of
from helpers.publish.texts import Texts

SCATTER, LORENZ, ATLAS = "figures/moran_scatter.csv", "figures/lorenz.csv", "figures/atlas.html"
SHAPE = re.compile(r'<path class="area" id="area-(\d+)"[^>]*? d="([^"]*)"')
VIEW = re.compile(r'<svg id="map" viewBox="([^"]*)"')
BORDER = re.compile(r'<path class="border" d="([^"]*)"')
READ = ("lang", "areas", "lorenz", "words")  # what the script needs of it
SIDE = (400, 380)  # of the scatter's field
WORDS = ("none", "some", "mean", "shares")
NEAR = 1e-6  # of a slope, relative


def content(out: Path, products: list[str], lang: str) -> dict | None:
    """What the page draws, with a row an area; None where the stages made no map or no scatter, the
    two are not about the same areas, or an area without neighbours has no point in the scatter."""
    if not {SCATTER, ATLAS} <= {*products}:
        return None
    drawn, rows = drawn_areas(out), rows_of(out / SCATTER)
    if not drawn or {row["name"] for row in rows} - {*drawn["areas"]} or not all(
            row["lag"] and row["p_permutation"] for row in rows):
        return None
    t, site = Texts(lang, "disparity"), Texts(lang, "site")
    about = json.loads((out / SCATTER).with_suffix(".json").read_text(encoding="utf-8"))
    areas = [drawn["areas"][row["name"]] | {
              "name": row["name"], "value": float(row["value"]),
              "lag": float(row["lag"]), "cluster": row["cluster"],
              "cluster_word": t.word(row["cluster"]), "p": float(row["p_permutation"])}
             for row in rows]
    lorenz = _segments(out / LORENZ, areas, rows[0].get("year")) if LORENZ in products else None
    # Without a number of people, every area counts alike in the curve.
    alike = lorenz is not None and len({round(piece[2], 9) for piece in lorenz}) == 1
    words = {name: site.template(f"brushing.{name}") for name in WORDS}
    if alike:
        words["shares"] = site.template("brushing.shares_of_areas")
    shown = [label for label in drawn["units"] if label in about["title"]]
    return {"lang": lang, "about": about, "areas": areas, "view": drawn["view"],
            "unit": drawn["units"][max(shown, key=len)] if shown else "",
            "border": drawn["border"], "lorenz": lorenz, "alike": alike, "words": words}


def drawn_areas(out: Path) -> dict | None:
    """Zone and outline of the areas of the interactive map by their names, the units of its
    measures by theirs, and the border between zones; None where two areas have one name."""
    page = (out / ATLAS).read_text(encoding="utf-8")
    content = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    listed = content["areas"]
    shapes = dict(SHAPE.findall(page))
    areas = {area["name"]: {"zone": area["zone"], "path": shapes[str(number)]}
             for number, area in enumerate(listed)}
    return None if len(areas) < len(listed) else {
        "areas": areas, "view": VIEW.search(page)[1], "border": BORDER.search(page)[1],
        "units": {layer["label"]: layer["unit"] for layer in content["layers"]}}


def scale(areas: list[dict], t: Texts) -> dict:
    """Places of the scatter's points, and the ends of its axes in words."""
    found: dict = {"points": []}
    for name, axis in (("value", "x"), ("lag", "y")):
        ends = [end(area[name] for area in areas) for end in (min, max)]
        found[axis] = [t.number(value, 2) for value in ends]  # as in the table below
        found[name] = (ends[0], (ends[1] - ends[0]) or 1.0)
    for area in areas:
        x, y = ((area[name] - found[name][0]) / found[name][1] for name in ("value", "lag"))
        found["points"].append((round(SIDE[0] * x, 1), round(SIDE[1] * (1 - y), 1)))
    return found


def _segments(path: Path, areas: list[dict], year: str | None) -> list[list[float]] | None:
    """Piece of the Lorenz curve of each area: where it begins, and its shares of people and of the
    value; None where the curve is not that of these values."""
    points = [(float(row["population_share"]), float(row["value_share"])) for row in rows_of(path)
              if row.get("year") == year]
    order = sorted(range(len(areas)), key=lambda place: areas[place]["value"])
    if len(points) != len(areas) + 1:
        return None
    found: list[list[float]] = [[]] * len(areas)
    slopes = []
    for place, (x, y), (right, top) in zip(order, points, points[1:]):
        found[place] = [x, y, right - x, top - y]
        slopes.append((top - y) / (right - x) / areas[place]["value"] if areas[place]["value"]
                      and right > x else None)
    known = [slope for slope in slopes if slope is not None]
    alike = known and max(known) - min(known) <= NEAR * max(map(abs, known))
    return found if alike else None
