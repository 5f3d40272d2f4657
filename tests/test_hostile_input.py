"""Whatever bytes stand in the input: it works, or it ends with one line for people. Never a
traceback."""

import copy
import json
import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.study import InputError, parameters, validation
from helpers.study.package import Package
from helpers.study.paths import ROOT

FILES = {
    "areas.csv": "code,name,zone,group\na,A,n,g\nb,B,n,g\nc,C,s,g\nd,D,s,g\n",
    "sources.csv": "source,title,url,publisher,year,licence\nS1,T,https://x.org,P,2020,CC\n",
    "indicators.csv": "code,indicator,year,value,unit,source\na,x,2020,1,p,S1\nb,x,2020,2.5,p,"
                      "S1\nc,x,,3,p,S1\n",
    "frame.csv": "code,units,source\na,1,S1\nb,2,S1\nc,3,S1\nd,4,\n",
}
TYPES = {"year": "integer", "value": "number", "units": "integer"}
DESCRIPTOR = {
    "name": "small", "title": "Small", "resources": [{
        "name": name[:-4], "path": name, "status": "published", "encoding": "utf-8",
        "dialect": {"delimiter": ","}, "sources": [{"title": "A source"}], "schema": {
            "fields": [{
                "name": column, "type": TYPES.get(column, "string"),
                "constraints": {"maxLength": 99}
            } if column not in TYPES else {"name": column, "type": TYPES[column]}
                       for column in text.split("\n")[0].split(",")], "missingValues": [""]
        }
    } for name, text in FILES.items()]
}
DESCRIPTOR["resources"][0]["schema"]["primaryKey"] = ["code"]
DESCRIPTOR["resources"][3]["schema"]["foreignKeys"] = [
    {"fields": ["source"], "reference": {"resource": "sources", "fields": ["source"]}}]
JUNK = st.one_of(
    st.sampled_from([
        None, True, -1, 1e400, "", "\0", "a\nb", [], {}, ["code"], {"a": 1}, "../x", "/etc/passwd",
        "\ud800", 10**40, "utf-16", "hex", "undefined", ",,", ";", "[a-z", "date", "geojson",
        "é" * 300
    ]), st.text(max_size=5), st.lists(st.integers(), max_size=2))
NAMES = st.sampled_from([
    "constraints", "format", "type", "encoding", "hash", "missingValues", "decimalChar", "pattern",
    "minimum", "enum", "header", "data", "extrapaths", "control", "scheme", "rdfType"
])
CELLS = st.one_of(
    st.sampled_from([
        "", "=1+1", "1e999", "nan", "-inf", "1,5", "9" * 20, "0x10", " 1 ", '"', '"""', "\r", "\0",
        "\u202e", "NA", "１２", "\ufeff", "\u2028"
    ]), st.text(max_size=4))
CALM = settings(max_examples=60, deadline=None, derandomize=True, database=None,
                suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def places(value, path=()):
    if path:
        yield path
    parts = value.items() if isinstance(
        value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, (*path, key))


@st.composite
def descriptors(draw):
    """The small descriptor with one to three things put in, taken out or replaced."""
    changed = copy.deepcopy(DESCRIPTOR)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(list(places(changed))))
        holder = changed
        for key in way:
            holder = holder[key]
        kind = draw(st.sampled_from(["replace", "replace", "remove", "add"]))
        if kind == "replace":
            holder[last] = draw(JUNK)
        elif kind == "remove":
            del holder[last]
        elif isinstance(holder, dict):
            holder[draw(NAMES)] = draw(JUNK)
        if not list(places(changed)):
            break
    return changed


@st.composite
def edited_files(draw):
    """The small files, one of them with a cell replaced or bytes put in."""
    name = draw(st.sampled_from(list(FILES)))
    rows = [line.split(",") for line in FILES[name].split("\n")]
    row = draw(st.sampled_from(rows))
    row[draw(st.integers(0, len(row) - 1))] = draw(CELLS)
    content = "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass")
    at = draw(st.integers(0, len(content)))
    return FILES | {
        name: content[:at] + draw(st.binary(max_size=2)) + content[at + draw(st.integers(0, 3)):]
    }


def outcome(folder, descriptor, files):
    """Write a package, validate it and read all of it; return the message, empty where it is
    fine."""
    folder.mkdir(exist_ok=True)
    (folder / "datapackage.json").write_bytes(descriptor if isinstance(descriptor, bytes)
                                              else json.dumps(descriptor).encode())
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        package = Package(folder)
        validation.validate(package)
        for resource in package.resources.values():
            if resource.tabular:
                package.table(resource.name)
    except InputError as error:
        assert str(error).isprintable() and 10 < len(str(error)) <= 600
        return str(error)
    return ""


def test_the_small_package_is_valid(tmp_path):
    assert outcome(tmp_path / "raw", DESCRIPTOR, FILES) == ""


@CALM
@given(descriptors())
def test_any_descriptor_works_or_is_refused_in_one_line(tmp_path, descriptor):
    outcome(tmp_path / "raw", descriptor, FILES)


@CALM
@given(edited_files())
def test_any_file_works_or_is_refused_in_one_line(tmp_path, files):
    outcome(tmp_path / "raw", DESCRIPTOR, files)


@CALM
@given(st.binary(max_size=3), st.integers(0, 2000))
def test_any_bytes_in_the_descriptor_work_or_are_refused_in_one_line(tmp_path, junk, at):
    content = json.dumps(DESCRIPTOR).encode()
    outcome(tmp_path / "raw", content[:at] + junk + content[at + 1:], FILES)


YAML = st.sampled_from([
    "!!map 5", "!!timestamp x", "!!bool x", "!!int x", "!!python/object/apply:os.system [id]", "é",
    "2024-13-45", "&a [*a]", "*zz", "{<<: [1]}", "[" * 3000, "\0", "---\n---", ".inf", "1" * 5000,
    "!!omap [a]", "{a: 1, a: 2}", "'", "|", "\u202e", "99999999999999999999"
])


@settings(CALM, max_examples=30)
@given(YAML | st.text(max_size=6), st.integers(0, 60), st.booleans())
def test_any_parameters_work_or_are_refused_in_one_line(tmp_path, junk, number, as_value):
    lines = (ROOT / "params.yml").read_text().split("\n")
    at = number % len(lines)
    lines[at] = f"{lines[at].partition(':')[0]}: {junk}" if as_value else junk
    (tmp_path / "my.yml").write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    try:
        parameters.load(tmp_path / "my.yml")
    except InputError as error:
        assert str(error).isprintable() and len(str(error)) <= 600


def test_a_value_that_would_unfold_without_end_is_refused(tmp_path):
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    rows += [
        f"{chr(98 + level)}: &{chr(98 + level)} [{', '.join(['*' + chr(97 + level)] * 9)}]"
        for level in range(12)
    ]
    (tmp_path / "my.yml").write_text("\n".join(["seed:", *(f"  {row}" for row in rows)]))
    with pytest.raises(InputError,
                       match=r"not valid YAML at line 3, column 10: '\*a' refers to another value"):
        parameters.load(tmp_path / "my.yml")


def damaged(folder, change):
    """Return the message of the small package after a change to its folder."""
    outcome(folder, DESCRIPTOR, FILES)
    change(folder)
    with pytest.raises(InputError) as caught:
        validation.validate(Package(folder))
    return str(caught.value)


def replaced(name, make):
    def change(folder):
        (folder / name).unlink()
        make(folder / name)

    return change


@pytest.mark.parametrize("name, make, part", [
    ("frame.csv", os.mkfifo, "frame.csv: the file of resource 'frame' is not a file"),
    ("frame.csv", os.mkdir, "frame.csv: the file of resource 'frame' is not a file"),
    ("frame.csv", lambda path: path.symlink_to("/etc/passwd"),
     "resource 'frame' points outside the package"),
    ("frame.csv", lambda path: path.symlink_to("/dev/zero"),
     "resource 'frame' points outside the package"),
    ("frame.csv", lambda path: path.symlink_to(path.name), "resource 'frame'"),
    ("frame.csv", lambda path: path.write_text('code,units,source\n"' + "x" * 200_000),
     "is a quotation mark missing?"),
    ("frame.csv", lambda path: path.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 9),
     "frame.csv: row 2 holds a byte"),
    ("datapackage.json", os.mkdir, "datapackage.json: cannot be read"),
    ("datapackage.json", lambda path: path.write_text("[" * 100_000), "datapackage.json: "),
    ("datapackage.json", lambda path: path.write_text('{"resources": ' + "9" * 9999 + "}"),
     "datapackage.json: "),
])
def test_what_is_not_a_plain_file_is_refused(tmp_path, name, make, part):
    assert part in damaged(tmp_path / "raw", replaced(name, make))


def test_a_name_too_long_or_invisible_is_refused(tmp_path):
    for path in ("a" * 5000 + ".csv", "x\0.csv", "x\n.csv", "\u202evsc.csv"):
        changed = copy.deepcopy(DESCRIPTOR)
        changed["resources"][3]["path"] = path
        assert "resource 'frame' has a 'path' that no file has" in outcome(
            tmp_path / "raw", changed, FILES)


@pytest.mark.parametrize("name",
                         ["../x", "/etc/x", "a/b", "a\\\\b", ".x", "x.", "_x", "a:b", "x" * 81,
                          "a#b", "<b>", "x "])
def test_an_indicator_that_cannot_name_a_file_is_refused(tmp_path, name):
    text = outcome(tmp_path / "raw", DESCRIPTOR,
                   FILES | {"indicators.csv": FILES["indicators.csv"].replace(",x,", f",{name},")})
    assert text.startswith(
        "indicators.csv: row 2, column 'indicator': '") and "cannot name a file" in text


@pytest.mark.parametrize("name",
                         ["poverty_rate", "GDP per capita", "p90-p10", "indeks.1", "Pengangguran-é",
                          "x"])
def test_an_indicator_may_be_called_as_people_do(tmp_path, name):
    assert outcome(tmp_path / "raw", DESCRIPTOR, FILES
                   | {"indicators.csv": FILES["indicators.csv"].replace(",x,", f",{name},")}) == ""


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\x07", "\u202e", "\u2066", "\x9f", "\r"])
def test_invisible_characters_are_refused_with_their_row(tmp_path, sign):
    files = FILES | {"areas.csv": FILES["areas.csv"].replace("C,s", f"C{sign}C,s")}
    assert outcome(tmp_path / "raw", DESCRIPTOR, files) == \
        f"areas.csv: row 4 holds the invisible character U+{ord(sign):04X}; remove it"


def test_shapes_of_a_kind_that_may_name_other_files_are_refused(tmp_path):
    changed = copy.deepcopy(DESCRIPTOR)
    changed["resources"].append({"name": "boundaries", "path": "b.geojson", "status": "published"})
    virtual = ("<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</"
               "SrcDataSource></OGRVRTLayer></OGRVRTDataSource>")
    assert outcome(tmp_path / "raw", changed, FILES | {"b.geojson": virtual}) == \
        "b.geojson: cannot be read as GeoPackage, GeoJSON or Shapefile (it does not begin like one)"


def test_nothing_is_imported_from_the_folder_that_one_stands_in(tmp_path):
    ran = tmp_path / "ran"
    for name in ("helpers", "runpy", "pkgutil", "yaml", "pandas", "typing", "messages"):
        (tmp_path / f"{name}.py").write_text(f"open({str(ran)!r}, 'a').write({name!r})\n")
    for call in (["-m", "helpers"], [str(ROOT / "src" / "helpers")]):
        # As a person calls it, who stands in a folder of data.
        done = subprocess.run([sys.executable, *call, "describe", "."], cwd=tmp_path,
                              capture_output=True, text=True)
        assert "there is no datapackage.json in this folder" in done.stderr
        assert not ran.exists(), ran.read_text()


@pytest.mark.parametrize("kind", ["sources", "licenses"])
@pytest.mark.parametrize("path", ["javascript:alert(1)", "www.bps.go.id/tabel", "//host/x",
                                  "data:text/html,x", "https://x y.org", "../../etc/passwd.txt",
                                  "https://x.org/a", "LICENSE-villages.txt"])
def test_addresses_of_a_descriptor_are_http_or_end_the_check(kind, path):
    from helpers.messages import translate
    from helpers.study.validation.cell_checks import check_links

    stated = {kind: [{"title": "T", "path": path}]}
    if path in ("https://x.org/a", "LICENSE-villages.txt"):
        return check_links("areas", stated)
    with pytest.raises(InputError) as caught:
        check_links("areas", stated)
    assert str(caught.value).startswith(
        f"datapackage.json: resource 'areas', {kind}: '{path}' is no address that a page can")
    assert "bukan alamat" in translate(caught.value, "id")
