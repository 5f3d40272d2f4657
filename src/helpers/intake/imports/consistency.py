"""What must hold of imported answers, and what is only reported."""

import numpy as np
import pandas as pd

from helpers.intake.imports.source import shown
from helpers.study.errors import InputError

FEWEST_FOR_CORRELATION = 10


def refuse_unanswered(answers: pd.DataFrame, columns: dict[str, str], file: str) -> None:
    """Stop at an item that nobody answered, and where all answers are the same."""
    for item in answers:
        if answers[item].isna().all():
            raise InputError(
                f"{file}: column {shown(columns[item])}: nobody answered the item '{item}'; "
                f"say without={item} to take it off the questionnaire")
    given = pd.unique(answers.to_numpy(dtype=object).ravel())
    if len(values := [value for value in given if not pd.isna(value)]) == 1:
        raise InputError(
            f"{file}: all answers of all respondents are {values[0]}; nothing can be estimated from that: "
            "check the export")


def refuse_repeats(keys: pd.Series, column: str, file: str) -> None:
    """Stop where a respondent or submission stands twice."""
    twice = keys[keys.duplicated() & (keys != "")]
    if len(twice):
        first = keys.index[keys == twice.iloc[0]][0]
        raise InputError(
            f"{file}: row {twice.index[0]}, column {shown(column)}: {shown(twice.iloc[0])} stands in row "
            f"{first} already ({len(twice)} such rows); keep one row for each respondent")


def refuse_weights(weights: pd.Series, column: str, file: str) -> None:
    """Stop at a weight that is missing, zero or negative."""
    wrong = weights[~(weights > 0)]
    if len(wrong):
        value = wrong.iloc[0]
        what = "the weight is missing" if np.isnan(value) else f"the weight is {value:g}"
        raise InputError(
            f"{file}: row {wrong.index[0]}, column {shown(column)}: {what} ({len(wrong)} such rows); a "
            "weight is above 0: correct it, or take the rows out if they do not count")


def refuse_outside_frame(codes: pd.Series, frame: pd.DataFrame, file: str, frame_name: str) -> None:
    """Stop at a stratum that the frame does not have, or that has fewer units than respondents."""
    units = frame.set_index("code")["units"]
    for code, asked in codes.value_counts(sort=False).items():
        row = codes.index[codes == code][0]
        if code not in units.index:
            raise InputError(
                f"{file}: row {row}: the stratum '{code}' has {asked} respondents but no row in "
                f"{frame_name}; add it to the frame, correct the respondents' area, or say frame=no"
            )
        if units[code] < asked:
            raise InputError(
                f"{file}: row {row}: the stratum '{code}' has {asked} respondents but {units[code]:g} "
                f"units in {frame_name}; correct one of them, or say frame=no")


def refuse_mixed_scales(items: pd.DataFrame, file: str) -> None:
    """Stop where the items do not have one scale."""
    scales = items[["lowest", "highest"]].drop_duplicates()
    if len(scales) > 1:
        first, second = scales.index[:2]
        raise InputError(
            f"{file}: row {second + 2}: the item '{items['item'][second]}' runs from "
            f"{items['lowest'][second]} to {items['highest'][second]}, but '{items['item'][first]}' from "
            f"{items['lowest'][first]} to {items['highest'][first]}; scores are averaged, so bring all "
            "items to one scale")


def report(answers: pd.DataFrame, codes: pd.Series, items: pd.DataFrame,
           areas: pd.DataFrame) -> list[str]:
    """Say what a careful reader would want to know before estimating; nothing is changed.

    Parameters
    ----------
    answers : DataFrame of Int64
        One column per item; the index counts rows of the file.
    codes : Series of str
        Area of every respondent.
    items, areas : DataFrame
        As in the data package.

    Returns
    -------
    list of str
        Sentences; empty where there is nothing to say.
    """
    said = [f"{int(answers.isna().to_numpy().sum())} of {answers.size} answers are missing"]
    said += _identical(answers, codes)
    straight = answers.index[(answers.nunique(axis=1) == 1) & (answers.notna().sum(axis=1) > 2)]
    if len(straight):
        said.append(
            f"{len(straight)} respondents gave one answer throughout (rows {_some(straight)})")
    if constant := [item for item in answers if answers[item].nunique() == 1]:
        said.append(
            f"everyone gave the same answer to: {', '.join(constant)}; such an item says nothing about "
            "reliability")
    said += _middle(answers, items)
    said += _suspicious_direction(answers, items)
    counts = codes.value_counts()
    if single := [code for code in areas["code"] if counts.get(code) == 1]:
        said.append(
            f"one respondent only in: {', '.join(single)}; such a stratum has no spread of its own, so stage 2 "
            "takes the deviation from the mean of the whole sample, which errs on the side of caution"
        )
    if absent := [code for code in areas["code"] if code not in counts]:
        said.append(
            f"no respondent in {len(absent)} of {len(areas)} areas: {_some(absent)}; nothing is estimated for "
            "them")
    return said


def _identical(answers: pd.DataFrame, codes: pd.Series) -> list[str]:
    rows = answers.astype("Float64").assign(code=codes)
    varied = (answers.nunique(axis=1) > 1) & (answers.notna().sum(axis=1) > 4)
    again = rows.index[rows.duplicated() & varied]
    if not len(again):
        return []
    return [
        f"{len(again)} rows repeat an earlier row's area and all of its answers (rows {_some(again)}): were they "
        "entered twice? They are kept"
    ]


def _middle(answers: pd.DataFrame, items: pd.DataFrame) -> list[str]:
    lowest, highest = int(items["lowest"].iloc[0]), int(items["highest"].iloc[0])
    middle = (lowest + highest) / 2
    if not middle.is_integer() or len(answers) < FEWEST_FOR_CORRELATION:
        return []
    if (answers == middle).to_numpy(dtype=bool, na_value=False).any():
        return []
    return [
        f"nobody gave the middle answer {middle:g} to any item; if the questionnaire had {highest - lowest} "
        "answers, give it as items=FILE with that scale"
    ]


def _suspicious_direction(answers: pd.DataFrame, items: pd.DataFrame) -> list[str]:
    """Report items that run against the rest of their scale; whether one is reversed is for a
    person to say."""
    from helpers.scoring import align, corrected_item_total

    if len(answers) < FEWEST_FOR_CORRELATION:
        return []
    aligned, against = align(answers, items), []
    for (_, _), scale in items.groupby(["dimension", "aspect"], sort=False):
        part = aligned[scale["item"]].dropna()
        if len(scale) < 3 or len(part) < FEWEST_FOR_CORRELATION or (part.nunique() == 1).any():
            continue
        correlations = corrected_item_total(part)
        against += [f"'{item}' ({value:.2f})" for item, value in correlations.items() if value < 0]
    if not against:
        return []
    return [
        f"running against the rest of their scale (corrected item-total below 0): {', '.join(against)}; is "
        "'reverse' right for them in the items? Nothing was changed"
    ]


def _some(values) -> str:
    values = [str(value) for value in values]
    return ", ".join(values[:5]) + (f" and {len(values) - 5} more" if len(values) > 5 else "")
