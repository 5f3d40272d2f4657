"""A small country in the form of the public sources: SQL of borders, JSON of the village index, and
a wheel with names and points, below one folder that is given as MIRROR=."""

import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path

import yaml

from helpers.intake.sources import pinned, register

# Regency: name, kecamatan in a row of squares of a tenth of a degree, west to east. Cities have
# kelurahan only, the islands lie apart, and the codes of two regencies were others in the index.
REGENCIES = {
    "35.01": ("Kabupaten Sawah", ["Satu", "Dua", "Tiga", "Empat", "Lima", "Ra''as"]),
    "35.71": ("Kota Sawah", ["Utara", "Tengah", "Selatan"]),
    "35.02": ("Kabupaten Kepulauan", ["Pulau A", "Pulau B", "Pulau C", "Pulau D"]),
    "35.03": ("Kabupaten Lama", ["Kulon", "Wetan", "Lor", "Kidul"]),
    "35.72": ("Kota Kelurahan", ["Barat", "Timur", "Pusat", "Baru"]),
}
OLD_CODES = {"35.03": "35.09", "35.02": "35.03"}  # of the index: 35.03 is another regency there
PER_AREA = 3
WITH_VILLAGES = ("35.01", "35.02")  # regencies that have borders of villages


def areas():
    """Code, name, west edge and south edge of every kecamatan."""
    for row, (regency, (_, listed)) in enumerate(REGENCIES.items()):
        step = 0.3 if regency == "35.02" else 0.1
        for number, name in enumerate(listed, 1):
            yield f"{regency}.{number:02d}", name, 112 + step * number, -8 + row - number / 20


def villages():
    """Code, name and point of every village; the last one of 35.01.01 has no point."""
    for code, name, west, south in areas():
        kind = 1 if code.startswith("35.7") else 2
        for number in range(1, PER_AREA + 1):
            place = (round(west + number / 40, 5), round(south + number / 40, 5))
            lost = (code, number) == ("35.01.01", PER_AREA)
            yield (f"{code}.{kind}{number:03d}", f"{name} {number}".replace("''", "'"),
                   (None, None) if lost else place)


def borders_sql() -> str:
    rows = []
    for code, name, west, south in areas():
        corners = [[south, west], [south, west + 0.1], [south + 0.1, west + 0.1],
                   [south + 0.1, west], [south, west]]
        name = name.lower() if code == "35.01.06" else name  # as published files have some
        path = [[corners]] if code.endswith(".02") else [corners]
        if code == "35.01.03":  # a spike that crosses itself, as published files have them
            corners[2:2] = [[south + 0.05, west + 0.1], [south + 0.0499, west + 0.1001],
                            [south + 0.0501, west + 0.1001], [south + 0.05, west + 0.1]]
        rows.append(f"\t('{code}','{name}',{south + 0.05},{west + 0.05},'{json.dumps(path)}')")
    return "/* public */\nINSERT INTO t(kode,nama,lat,lng,path) VALUES\n" + ",\n".join(rows) + ";\n"


def villages_sql(regency: str) -> str:
    """Borders of villages: each kecamatan cut into strips from west to east."""
    rows = []
    for code, name, west, south in areas():
        for number in range(1, PER_AREA + 1) if code.startswith(regency) else ():
            low, high = (west + 0.1 * (number - end) / PER_AREA for end in (1, 0))
            strip = [[south, low], [south, high], [south + 0.1, high], [south + 0.1, low],
                     [south, low]]
            rows.append(f"\t('{code}.2{number:03d}','{name} {number}',{south},{low},"
                        f"'{json.dumps([strip])}')")
    return "INSERT INTO t VALUES\n" + ",\n".join(rows) + ";\n"


def index_json() -> str:
    parts = {}
    for code, name, _ in villages():
        if code[9] == "2":
            old = (OLD_CODES.get(code[:5], code[:5]) + code[5:]).replace(".", "")
            part = parts.setdefault(old[:6], {"k": old[:6], "kb": old[:4], "ds": [],
                                              "nm": name.rsplit(" ", 1)[0].upper()})
            level = round(0.5 + int(code[6:8]) / 20 + int(code[-1]) / 100, 4)
            part["ds"].append([old[6:], name.upper(), level, level, level - 0.1, level + 0.1,
                               1 if level > 0.8155 else 2, 0])
    return json.dumps({"k": "35", "nm": "JAWA TIMUR", "kec": list(parts.values())})


def wheel() -> bytes:
    regencies = "id,province_id,name,capital,latitude,longitude,area\n" + "".join(
        f"{code.replace('.', '')},35,{name},Kota,{-7.9 + row},112.15,500\n"
        for row, (code, (name, _)) in enumerate(REGENCIES.items()))
    points = "id,district_id,name,latitude,longitude\n" + "".join(
        f"{code.replace('.', '')},{code[:8].replace('.', '')},{name},{lat or ''},{lon or ''}\n"
        for code, name, (lon, lat) in villages())
    districts = "id,regency_id,name\n" + "".join(
        f"{code.replace('.', '')},{code[:5].replace('.', '')},{name}\n"
        for code, name in ((code, name.replace("''", "'")) for code, name, _, _ in areas()))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as files:
        for name, text in (("regencies", regencies), ("districts", districts),
                           ("villages/villages_35", points)):
            files.writestr(f"{register.DATA}{name}.csv.gz", gzip.compress(text.encode(), mtime=0))
    return content.getvalue()


def write(folder: Path, monkeypatch) -> Path:
    """Write the mirror, and pin the hashes of its files instead of the real ones."""
    table = yaml.safe_load(pinned.TABLE.read_text(encoding="utf-8"))
    made = {"borders": {"db/kec/wilayah_boundaries_kec_35.sql": borders_sql().encode(),
                        **{f"db/kel/35/wilayah_boundaries_kel_{regency}.sql": villages_sql(
                    regency).encode() for regency in WITH_VILLAGES}},
            "idm": {"data/idm/prov/35.json": index_json().encode()},
            "points": {"small.whl": wheel()}}
    for name, files in made.items():
        table[name]["files"] = {}
        for path, content in files.items():
            place = folder / table[name]["folder"] / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            table[name]["files"][path] = {"sha256": hashlib.sha256(content).hexdigest(),
                                          "bytes": len(content)}
    (folder / "pinned.yml").write_text(yaml.safe_dump(table), encoding="utf-8")
    monkeypatch.setattr(pinned, "TABLE", folder / "pinned.yml")
    forget()
    return folder


def forget() -> None:
    """Forget what was read of other sources."""
    for kept in (pinned.sources, register.regencies, register.read_table):
        kept.cache_clear()
