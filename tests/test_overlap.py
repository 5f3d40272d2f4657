"""Borders from village points against real ones: the measurement can be repeated, and its conclusion holds."""

import pandas as pd
import pytest

from helpers.study import overlap


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return overlap.measure()


def test_measuring_again_gives_what_is_stated(found):
    stated = overlap.measured().reset_index()
    assert stated.columns.tolist() == found.columns.tolist()
    for column in found:
        if found[column].dtype == float:
            assert stated[column].to_numpy() == pytest.approx(found[column].to_numpy(), abs=2e-4, nan_ok=True)
        else:
            assert stated[column].tolist() == found[column].tolist()


def test_the_guide_shows_what_was_measured():
    text = overlap.GUIDE.read_text(encoding="utf-8")
    assert overlap.in_guide(text, overlap.measured().reset_index()) == text


def test_what_the_guide_concludes(found):
    rows = found.set_index(["place", "method"])
    nepal = rows.loc["nepal"]
    assert nepal.loc["voronoi", "share"] > 0.9 and nepal.loc["voronoi", "iou_median"] > 0.8
    # Sizes become right, borders hardly: less than one part in a hundred of the land changes to its right area.
    assert nepal.loc["power", "size_misfit"] < 1e-3
    assert nepal.loc["power", "share"] - nepal.loc["voronoi", "share"] < 0.01
    assert rows.loc[("blitar", "power"), "centre_km"] > rows.loc[("blitar", "voronoi"), "centre_km"]
    # Sizes of every village help clearly.
    assert nepal.loc["power_of_villages", "share"] - nepal.loc["voronoi", "share"] > 0.01
    assert rows.loc[("indonesia", "voronoi"), "share"] > nepal.loc["voronoi", "share"]


def test_the_example_data_stay_small_and_name_their_licence():
    text = (overlap.BORDERS / "README.md").read_text(encoding="utf-8")
    for folder in (path for path in overlap.BORDERS.iterdir() if path.is_dir()):
        assert sum(path.stat().st_size for path in folder.iterdir()) < 300_000
        assert f"| `{folder.name}` |" in text
