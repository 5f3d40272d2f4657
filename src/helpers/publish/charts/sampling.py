"""Charts of the sampling stage."""

import pandas as pd

from helpers.library_types import Axes, Figure
from helpers.publish.charts.axes import percents
from helpers.publish.charts.figure import one_panel
from helpers.publish.charts.palette import INK, styles
from helpers.publish.texts import Texts


def sample_precision(curves: pd.DataFrame, chosen: pd.DataFrame, *, t: Texts) -> Figure:
    """Margin of error against the sample size, with the chosen size marked.

    `curves` has n, domain, level, margin, as from `helpers.sampling.precision_curves`; `chosen` the
    margins that the allocation reaches, and n, the chosen size of the whole; lines may lack a row.
    """
    from matplotlib.ticker import NullFormatter

    figure, axes = one_panel(8, 5.2)
    for (domain, level), style in _line_styles(curves).items():
        line = curves[(curves["domain"] == domain) & (curves["level"] == level)]
        axes.plot(line["n"], line["margin"], color=style["color"], ls=style["linestyle"], lw=1.8,
                  label=_line_name(domain, level, t))
        point = chosen[(chosen["domain"] == domain) & (chosen["level"] == level)]
        axes.plot(point["n"], point["margin"], color=style["color"], marker=style["marker"], ms=7,
                  mec="white", zorder=4)
    n = int(chosen["n"].max())
    axes.axvline(n, color=INK, lw=0.9, ls=":")
    axes.annotate(t("chart.chosen", n=n), (n, 1), xycoords=("data", "axes fraction"),
                  xytext=(5, -12), textcoords="offset points", size=9, color=INK)
    axes.set_xscale("log")
    axes.set_xticks(_ticks(curves["n"].min(), curves["n"].max()))
    axes.xaxis.set_major_formatter(lambda value, _: t.number(value))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(percents(t))
    axes.set(xlim=(curves["n"].min(), curves["n"].max()), xlabel=t("chart.size"),
             ylim=(0, min(curves["margin"].max(), 0.5)), ylabel=t("column.margin"))
    _name_points(axes, chosen, t)
    axes.grid(color="#e0e0e0", lw=0.6)
    axes.legend(frameon=False, fontsize=9)
    return figure


def zone_power(curves: pd.DataFrame, found: pd.DataFrame, power: float, *, t: Texts) -> Figure:
    """Power of the test of two zones against the true difference, one line a pair.

    `curves` has zone_a, zone_b, difference, power; `found` the difference that is found with
    `power`, the one asked for.
    """
    figure, axes = one_panel(8, 4.6)
    pairs = list(found[["zone_a", "zone_b"]].itertuples(index=False, name=None))
    for (a, b), style in styles(pairs).items():
        line = curves[(curves["zone_a"] == a) & (curves["zone_b"] == b)]
        point = found[(found["zone_a"] == a) & (found["zone_b"] == b)]
        axes.plot(line["difference"], line["power"], color=style["color"], ls=style["linestyle"],
                  lw=1.8)
        axes.plot(point["difference"], [power] * len(point), color=style["color"],
                  ls=style["linestyle"], lw=1.8, marker=style["marker"], ms=7, mec="white",
                  zorder=4, label=f"{t.word(a)} – {t.word(b)}")
    axes.axhline(power, color=INK, lw=0.9, ls=":")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(percents(t))
    axes.set(xlabel=t("chart.true_difference"), ylabel=t("chart.power"), ylim=(0, 1.02),
             xlim=(0, curves["difference"].max()))
    axes.grid(color="#e0e0e0", lw=0.6)
    axes.legend(frameon=False, fontsize=9)
    return figure


def _name_points(axes: Axes, chosen: pd.DataFrame, t: Texts) -> None:
    from matplotlib.patheffects import withStroke

    points = chosen.sort_values("margin")
    step = 0.042 * axes.get_ylim()[1]
    height = -step
    for row in points.itertuples():
        # The lowest label is below its point, the others above: zones of like size stay legible.
        height = (row.margin - 0.9 * step if height < 0
                  else max(row.margin + 0.6 * step, height + step))
        axes.annotate(t.percent(row.margin, 1), (row.n, height), xytext=(7, 0),
                      textcoords="offset points", size=8.5, color=INK, va="center",
                      path_effects=[withStroke(linewidth=2.5, foreground="white")])


def _line_styles(curves: pd.DataFrame) -> dict[tuple[str, str], dict]:
    lines = list(curves[["domain", "level"]].drop_duplicates().itertuples(index=False, name=None))
    # The whole and the single area are no zones: they stay out of the zones' colours.
    looks = styles([line for line in lines if line[0] == "zone"]) | {
        ("all", "all"): {"color": "#000000", "linestyle": "-", "marker": "D"},
        ("area", "median"): {"color": "#777777", "linestyle": (0, (1, 2)), "marker": "v"}}
    return {line: looks[line] for line in lines}


def _line_name(domain: str, level: str, t: Texts) -> str:
    zone = {"zone": t.word(level)} if domain == "zone" else {}
    return t(f"chart.line.{domain}", **zone)


def _ticks(lowest: float, highest: float) -> list[int]:
    steps = [factor * 10**power for power in range(8) for factor in (1, 2, 5)]
    return [step for step in steps if lowest <= step <= highest]
