"""Numbers as files write them: decimal comma or point, thousands, currency signs, per cent."""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

import numpy as np

from xlhedge.core.types import Floats
from xlhedge.errors import FileError

Column = Any
"""A pandas Series: its stubs know no labels of cells."""

Decimal = Literal["point", "comma"]

_SIGNS = r"[$€£¥₿₮\s'\u2019\u00a0\u202f\u2009]|\b(?:USDT|USDC|USD|EUR|BTC)\b"
_MISSING = ("", "-", "--", "null", "none", "nan", "na", "n/a", "#n/a", "<na>")
_EXPONENT = r"(?:[eE][+-]?\d+)?"
_POINT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d*)(?:\.\d*)?" + _EXPONENT)
_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d*)(?:,\d*)?" + _EXPONENT)
_ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


class Numbers(NamedTuple):
    """Numbers of some columns, and how they were read."""

    columns: dict[int, Floats]
    per_cent: set[int]
    """Places of the columns whose numbers carried a per cent sign; they are divided already."""
    said: str


def numbers(
    columns: dict[int, Column], where: dict[int, str], first_row: int, decimal: Decimal | None
) -> Numbers:
    """The numbers of columns of one file, which share a decimal sign.

    Parameters
    ----------
    columns
        Numbers, or texts as they were written, by place.
    where
        File and column of each, for sentences.
    first_row
        Row of the file where the index is 0.
    decimal
        The decimal sign that the user says; None where nobody did.

    Raises
    ------
    FileError
        For what is no number, and where comma and point can be exchanged.
    """
    found: dict[int, Floats] = {}
    texts: dict[int, Column] = {}
    per_cent: set[int] = set()
    for place, column in columns.items():
        if column.dtype.kind in "iuf" or column.dtype.kind == "b":
            found[place] = column.to_numpy(dtype=float)
        else:
            texts[place] = _plain(column)
            marked = texts[place].str.endswith("%").fillna(value=False)
            if marked.any():
                _refuse_half_marked(texts[place], marked, where[place], first_row)
                texts[place] = texts[place].str.rstrip("%")
                per_cent.add(place)
    if not texts:
        return Numbers(found, per_cent, "")
    sign = _sign(texts, where, first_row, decimal)
    for place, text in texts.items():
        values = _values(text, sign, where[place], first_row)
        found[place] = values / 100.0 if place in per_cent else values
    said = ["decimal comma"] if sign == "comma" else []
    if per_cent:
        said.append("per cent signs")
    return Numbers(found, per_cent, " and ".join(said))


def _plain(column: Column) -> Column:
    """Texts without currency signs and spaces; missing ones are None; (1.5) is −1.5."""
    text = column.astype("string").str.strip()
    text = text.mask(text.str.lower().isin(_MISSING))
    text = text.str.replace(_SIGNS, "", regex=True).str.replace("\u2212", "-")
    return text.str.replace(r"^\((.*)\)$", r"-\1", regex=True)


def _refuse_half_marked(text: Column, marked: Column, where: str, first_row: int) -> None:
    half = ~marked & text.notna() & (text != "0")
    if half.any():
        raise FileError(
            f"{_place(where, half.idxmax(), first_row)}: {text[half.idxmax()]!r} has no per cent "
            "sign and other rows have one: write it in all or in none"
        )


def _place(where: str, index: Any, first_row: int) -> str:
    file, _, name = where.rpartition(", ")
    return f"{file} row {int(index) + first_row}, {name}"


def _sign(
    texts: dict[int, Column], where: dict[int, str], first_row: int, decimal: Decimal | None
) -> Decimal:
    """The decimal sign of a file."""
    # A number of each kind settles it; only texts with a comma or two points need a look.
    told = {"point": False, "comma": False}
    doubtful = None
    fits = {"point": True, "comma": True}
    for place, text in texts.items():
        present = text.dropna()
        point = present.str.fullmatch(_POINT.pattern)
        comma = present.str.fullmatch(_COMMA.pattern)
        neither = ~(point | comma)
        if neither.any():
            index = neither.idxmax()
            raise FileError(
                f"{_place(where[place], index, first_row)}: {present[index]!r} is not a number"
            )
        fits["point"] &= bool(point.all())
        fits["comma"] &= bool(comma.all())
        told["point"] |= bool((point & ~comma).any())
        told["comma"] |= bool((comma & ~point).any())
        single = present.str.fullmatch(_ONE_GROUP.pattern)
        if doubtful is None and single.any():
            doubtful = (place, single.idxmax(), present[single.idxmax()])
    if told["point"] and told["comma"] and not (fits["point"] or fits["comma"]):
        name = next(iter(where.values())).rpartition(", ")[0]
        raise FileError(f"{name}: some numbers have a decimal comma and others a point")
    if decimal == "comma":
        # A file beside it may have points: where every number can only be one, it is.
        return "comma" if fits["comma"] or not fits["point"] else "point"
    if decimal == "point":
        return "point"
    if not fits["point"]:
        place, text = next(iter(texts.items()))
        raise FileError(
            f"{where[place]}: numbers such as {text.dropna().iloc[0]!r} have a decimal comma: say "
            "--decimal comma"
        )
    if doubtful is not None and not told["point"]:
        place, index, cell = doubtful
        raise FileError(
            f"{_place(where[place], index, first_row)}: {cell!r} can be read two ways, with "
            "thousands or a decimal comma: say --decimal point or --decimal comma"
        )
    return "point"


def _values(text: Column, sign: Decimal, where: str, first_row: int) -> Floats:
    form = _COMMA if sign == "comma" else _POINT
    wrong = ~text.str.fullmatch(form.pattern).fillna(value=True)
    if wrong.any():
        index = wrong.idxmax()
        raise FileError(
            f"{_place(where, index, first_row)}: {text[index]!r} is not a number with a decimal "
            f"{sign}"
        )
    if sign == "comma":
        text = text.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    else:
        text = text.str.replace(",", "", regex=False)
    # Python's own reading gives every number to the last bit.
    present = text.notna().to_numpy()
    values = np.full(len(text), np.nan)
    try:
        values[present] = text[present].astype(object).map(float).to_numpy(dtype=float)
    except ValueError:
        index = next(i for i, cell in text[present].items() if not re.search(r"\d", cell))
        raise FileError(
            f"{_place(where, index, first_row)}: {text[index]!r} is not a number"
        ) from None
    return values
