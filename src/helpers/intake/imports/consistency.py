"""What must hold of imported answers, and what is only reported."""

import numpy as np
import pandas as pd

from helpers.errors import InputError
from helpers.intake.imports.source import shown
from helpers.messages import Message, both, some

FEWEST_FOR_CORRELATION, FEWEST_ANSWERS = 10, 5
ONE_ROW, ONE_OF_THEM = Message("keep one row for each respondent"), Message("keep one of them")


def refuse_unanswered(answers: pd.DataFrame, columns: dict[str, str], file: str) -> None:
    """Stop at an item that nobody answered, and where all answers are the same."""
    for item in answers:
        if answers[item].isna().all():
            raise InputError("{file}: column {column}: nobody answered the item '{item}'; say "
                             "without={item} to take it off the questionnaire", file=file,
                             column=shown(columns[item]), item=item)
    given = pd.unique(answers.to_numpy(dtype=object).ravel())
    if len(values := [value for value in given if not pd.isna(value)]) == 1:
        raise InputError("{file}: all answers of all respondents are {value}; nothing can be "
                         "estimated from that: check the export", file=file, value=values[0])


def refuse_repeats(keys: pd.Series, column: str, file: str,
                   remedy: Message = ONE_ROW) -> None:
    """Stop where a respondent, a submission or an area stands twice."""
    twice = keys[keys.duplicated() & (keys != "")]
    if len(twice):
        first = keys.index[keys == twice.iloc[0]][0]
        raise InputError("{file}: row {row}, column {column}: {cell} stands in row {first} "
                         "already ({number} such rows); {remedy}", remedy=remedy,
                         file=file, row=twice.index[0], column=shown(column),
                         cell=shown(twice.iloc[0]), first=first, number=len(twice))


def refuse_outside_frame(codes: pd.Series, frame: pd.DataFrame, file: str, frame_name: str) -> None:
    """Stop at a stratum that the frame does not have, or that has fewer units than respondents."""
    units = frame.set_index("code")["units"]
    for code, asked in codes.value_counts(sort=False).items():
        row = codes.index[codes == code][0]
        if code not in units.index:
            raise InputError("{file}: row {row}: the stratum '{code}' has {respondents} "
                             "respondents but no row in {frame}; add it to the frame, correct the "
                             "respondents' area, or say frame=no", file=file, row=row, code=code,
                             respondents=asked, frame=frame_name)
        if units[code] < asked:
            raise InputError("{file}: row {row}: the stratum '{code}' has {respondents} "
                             "respondents but {units:g} units in {frame}; correct one of them, or "
                             "say frame=no", file=file, row=row, code=code, respondents=asked,
                             units=units[code], frame=frame_name)


def refuse_mixed_scales(items: pd.DataFrame, file: str, rows: pd.Index) -> None:
    """Stop where the items do not have one scale; `rows` counts them as the file does."""
    scales = items[["lowest", "highest"]].drop_duplicates()
    if len(scales) > 1:
        first, second = scales.index[:2]
        raise InputError("{file}: row {row}: the item '{item}' runs from {lowest} to {highest}, "
                         "but '{first}' from {first_lowest} to {first_highest}; scores are "
                         "averaged, so bring all items to one scale", file=file, row=rows[second],
                         item=items["item"][second], lowest=items["lowest"][second],
                         highest=items["highest"][second], first=items["item"][first],
                         first_lowest=items["lowest"][first], first_highest=items["highest"][first])


def report(answers: pd.DataFrame, codes: pd.Series, items: pd.DataFrame,
           areas: pd.DataFrame) -> list[str]:
    """What a careful reader would want to know before estimating; nothing is changed.

    `answers` has one Int64 column an item, its index counts rows of the file; `codes` has the area
    of every respondent.
    """
    said = [Message("{missing} of {answers} answers are missing",
                    missing=int(answers.isna().to_numpy().sum()), answers=answers.size)]
    if len(again := twins(answers, codes, items).index):
        said.append(Message("{rows} rows repeat an earlier row's area and all of its answers (rows "
                            "{examples}): were they entered twice? They are kept", rows=len(again),
                            examples=some(again)))
    straight = answers.index[~varied(answers) & (answers.notna().sum(axis=1) > 2)]
    if len(straight):
        said.append(Message("{number} respondents gave one answer throughout (rows {examples})",
                            number=len(straight), examples=some(straight)))
    if constant := [item for item in answers if answers[item].nunique() == 1]:
        said.append(Message("everyone gave the same answer to: {items}; such an item says nothing "
                            "about reliability", items=", ".join(constant)))
    said += _middle(answers, items)
    said += _suspicious_direction(answers, items)
    counts = codes.value_counts()
    if single := [code for code in areas["code"] if counts.get(code) == 1]:
        said.append(Message("one respondent only in: {strata}; such a stratum has no spread of its "
                            "own, so stage 2 takes the deviation from the mean of the whole "
                            "sample, which errs on the side of caution", strata=", ".join(single)))
    if absent := [code for code in areas["code"] if code not in counts]:
        said.append(
            Message("no respondent in {number} of {areas} areas: {examples}; nothing is estimated "
                    "for them", number=len(absent), areas=len(areas), examples=some(absent)))
    return said


def varied(answers: pd.DataFrame) -> pd.Series:
    """Whether a respondent gave more than one answer.

    >>> varied(pd.DataFrame({"a": [1, 2, None], "b": [3, 2, None]}, dtype="Int64")).tolist()
    [True, False, False]
    """
    values = answers.to_numpy(dtype=float, na_value=np.nan)
    empty = np.isnan(values)
    return pd.Series(np.where(empty, -np.inf, values).max(axis=1)
                     > np.where(empty, np.inf, values).min(axis=1), answers.index)


def twins(answers: pd.DataFrame, codes: pd.Series, items: pd.DataFrame) -> pd.Series:
    """Earlier row of the same area with the same answers, where they vary and are many.

    Where there are few ways to answer, the same answers are chance, and none is named:

    >>> yes_no = pd.DataFrame({"lowest": [0] * 6, "highest": [1] * 6})
    >>> given = pd.DataFrame([[0, 1, 1, 0, 1, 0]] * 9).astype("Int64")
    >>> area = pd.Series(["k1"] * 9)
    >>> twins(given, area, yes_no).size, twins(given, area, yes_no.assign(highest=4)).tolist()[:2]
    (0, [0, 0])
    """
    ways = np.log((items["highest"] - items["lowest"] + 1).astype(float)).sum()
    many = answers[varied(answers) & (answers.notna().sum(axis=1) >= FEWEST_ANSWERS)]
    if ways <= 2 * np.log(len(answers)) or many.empty:
        return pd.Series(dtype=object)
    rows = many.assign(code=codes).astype("object").fillna(-1)
    rows = pd.Series(list(rows.itertuples(index=False, name=None)), many.index)
    first = {answer: row for row, answer in reversed(list(rows.items()))}
    return rows[rows.duplicated()].map(first).astype(object)


def _middle(answers: pd.DataFrame, items: pd.DataFrame) -> list[str]:
    """Answers of the scale that nobody gave to any item: was it asked with fewer?"""
    lowest, highest = int(items["lowest"].iloc[0]), int(items["highest"].iloc[0])
    if len(answers) < FEWEST_FOR_CORRELATION:
        return []
    given = set(pd.unique(answers.to_numpy(dtype=object).ravel())) - {pd.NA}
    middle, said = (lowest + highest) / 2, []
    if middle.is_integer() and middle not in given:
        said.append(Message("nobody gave the middle answer {middle:g} to any item; if the "
                            "questionnaire had {highest} answers, give it as items=FILE with that "
                            "scale", middle=middle, highest=highest - lowest))
    ends = [end for end in (lowest, highest) if end not in given]
    if ends:
        said.append(Message("nobody gave {ends} to any item of the scale {lowest} to {highest}; if "
                            "the questionnaire had fewer answers, give it as items=FILE with that "
                            "scale", ends=both(map(str, ends)), lowest=lowest, highest=highest))
    return said


def _suspicious_direction(answers: pd.DataFrame, items: pd.DataFrame) -> list[str]:
    """Items that run against the rest of their scale; a person says whether one is reversed."""
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
    return [Message("running against the rest of their scale (corrected item-total below 0): "
                    "{items}; is 'reverse' right for them in the items? Nothing was changed",
                    items=", ".join(against))]
