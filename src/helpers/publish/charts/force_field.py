"""Charts of the force field analysis."""

import textwrap

import numpy as np

COLOURS = {"driving": "#0072B2", "restraining": "#D55E00"}
LIGHT = {"driving": "#9CC9E6", "restraining": "#F3BE94"}
LABEL_WIDTH = 44
DIAGRAM_LABEL_WIDTH = 70


def force_field_diagram(analysed, *, t):
    """Draw the forces as arrows against the present state: drivers from the left, restrainers from the right.

    Parameters
    ----------
    analysed : DataFrame
        What :func:`helpers.force_field.analyse` returns, with ``label``.
    t : callable
        Texts of the stage.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyArrow

    rows = int(analysed["rank"].max())
    longest = analysed["tnb"].max()
    labels = (analysed["factor"] + "  " + analysed["label"]).map(lambda text: _wrapped(text, DIAGRAM_LABEL_WIDTH))
    lines = labels.str.count("\n").max() + 1
    figure = Figure(figsize=(10, 1.6 + (0.44 + 0.18 * lines) * rows), layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(-1.12 * longest, 1.12 * longest), ylim=(rows + 0.5, -0.1))
    for _, row in analysed.iterrows():
        side = -1 if row["force"] == "driving" else 1
        colours = COLOURS if row["key"] else LIGHT
        axes.add_patch(FancyArrow(
            side * row["tnb"], row["rank"] + 0.15, side * (0.012 * longest - row["tnb"]), 0, width=0.26,
            head_width=0.46, head_length=min(0.05 * longest, row["tnb"] / 2), length_includes_head=True,
            color=colours[row["force"]], lw=0,
        ))
        axes.text(side * 0.02 * longest, row["rank"] - 0.1, labels[row.name], size=9, va="bottom",
                  ha="right" if side < 0 else "left", weight="bold" if row["key"] else "normal")
        axes.text(side * (row["tnb"] + 0.012 * longest), row["rank"] + 0.15, t.number(row["tnb"], 2), size=9,
                  va="center", ha="right" if side < 0 else "left")
    axes.axvline(0, color="#333333", lw=2.5)
    axes.text(0, 0.05, t("chart.present_state"), ha="center", va="center", size=10,
              bbox={"facecolor": "white", "edgecolor": "#333333", "boxstyle": "round,pad=0.3"})
    for force, side in (("driving", -1), ("restraining", 1)):
        total = t.number(analysed.loc[analysed["force"] == force, "tnb"].sum(), 2)
        axes.text(side * 1.1 * longest, 0.05, t(f"chart.{force}_total", total=total), size=11, weight="bold",
                  color=COLOURS[force], va="center", ha="left" if side < 0 else "right")
    axes.set_xlabel(t("chart.tnb_axis"))
    axes.xaxis.set_major_formatter(lambda value, _: t.number(abs(value), 1))
    axes.yaxis.set_visible(False)
    axes.spines[["left", "right", "top"]].set_visible(False)
    return figure


def factor_tnb(analysed, *, t):
    """Draw total weight by factor, split into its support part (NBD) and its linkage part (NBK).

    Parameters
    ----------
    analysed : DataFrame
        What :func:`helpers.force_field.analyse` returns, with ``label``.
    t : callable
        Texts of the stage.
    """
    from matplotlib.figure import Figure

    counts = analysed["force"].value_counts()
    figure = Figure(figsize=(10, 2.2 + 0.42 * len(analysed)), layout="constrained")
    panels = figure.subplots(2, 1, sharex=True, height_ratios=[counts["driving"] + 1, counts["restraining"] + 1])
    for axes, force in zip(panels, ("driving", "restraining"), strict=True):
        part = analysed[analysed["force"] == force].sort_values("rank")
        places = np.arange(len(part))
        axes.barh(places, part["nbd"], color=COLOURS[force], label=t("chart.nbd"))
        axes.barh(places, part["nbk"], left=part["nbd"], color=LIGHT[force], label=t("chart.nbk"))
        for place, (_, row) in enumerate(part.iterrows()):
            axes.text(row["tnb"], place, " " + t.number(row["tnb"], 2), va="center", size=9,
                      weight="bold" if row["key"] else "normal")
        axes.set_yticks(places, [_wrapped(f"{row['factor']}  {row['label']}") for _, row in part.iterrows()], size=9)
        for tick, key in zip(axes.get_yticklabels(), part["key"], strict=True):
            tick.set_weight("bold" if key else "normal")
        axes.invert_yaxis()
        axes.set_title(t(f"chart.{force}"), loc="left", size=11, color=COLOURS[force])
        axes.legend(loc="lower right", frameon=False, fontsize=9)
        axes.spines[["right", "top"]].set_visible(False)
    panels[1].set_xlabel(t("chart.tnb_axis"))
    panels[1].set_xlim(0, 1.08 * analysed["tnb"].max())
    panels[1].xaxis.set_major_formatter(lambda value, _: t.number(value, 1))
    return figure


def strategies(ranked, analysed, *, t):
    """Draw the score of every strategy as the sum of its two factors.

    Parameters
    ----------
    ranked : DataFrame
        What :func:`helpers.force_field.rank_strategies` returns, with ``label``.
    analysed : DataFrame
        What :func:`helpers.force_field.analyse` returns.
    t : callable
        Texts of the stage.
    """
    from matplotlib.figure import Figure

    tnb = analysed.set_index("factor")["tnb"]
    figure = Figure(figsize=(10, 1.8 + 0.5 * len(ranked)), layout="constrained")
    axes = figure.subplots()
    places, start = np.arange(len(ranked)), np.zeros(len(ranked))
    for force in ("driving", "restraining"):
        widths = tnb[ranked[force]].to_numpy()
        axes.barh(places, widths, left=start, color=COLOURS[force], edgecolor="white", label=t(f"chart.{force}_part"))
        for place, name in enumerate(ranked[force]):
            axes.text(start[place] + widths[place] / 2, place, name, color="white", ha="center", va="center", size=9)
        start = start + widths
    for place, score in enumerate(ranked["score"]):
        axes.text(score, place, " " + t.number(score, 2), va="center", size=9)
    labels = [f"{rank}.  {_wrapped(label)}" for rank, label in zip(ranked["rank"], ranked["label"], strict=True)]
    axes.set_yticks(places, labels, size=9)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.1 * ranked["score"].max())
    axes.set_xlabel(t("chart.score_axis"))
    axes.xaxis.set_major_formatter(lambda value, _: t.number(value, 1))
    axes.spines[["right", "top"]].set_visible(False)
    figure.legend(loc="outside upper right", ncols=2, frameon=False, fontsize=9)
    return figure


def _wrapped(text: str, width: int = LABEL_WIDTH) -> str:
    return "\n".join(textwrap.wrap(text, width))
