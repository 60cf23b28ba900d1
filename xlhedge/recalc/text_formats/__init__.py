"""Numbers, dates and texts in Excel's number formats, in English (United States).

References
----------
.. [1] ECMA-376, part 1, 18.8.31 (number formats).
.. [2] Microsoft, Review guidelines for customizing a number format.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

from xlhedge.recalc.text_formats.dates import with_dates
from xlhedge.recalc.text_formats.fractions import with_fraction
from xlhedge.recalc.text_formats.numbers import with_decimals, with_exponent
from xlhedge.recalc.text_formats.tokens import Token, kinds_of, literal, sections_of

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne,
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
"""What the signs of conditions mean."""

_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)\]")
_DATES = {"date", "ampm", "elapsed"}
_DIGITS = {"digit", "exponent"}


def formatted(value: Any, pattern: str, *, from_1904: bool = False) -> str:
    """A value as a cell with a number format shows it.

    Parameters
    ----------
    value
        Number, text, logical value or None.
    pattern
        Up to four sections: positive, negative, zero, text.
    from_1904
        Whether the number 0 is 1 January 1904.

    Raises
    ------
    ValueError
        When a number cannot be shown in that format.

    Examples
    --------
    >>> formatted(-1234.5, "#,##0.00_);(#,##0.00)"), formatted(1234.5, "0.00E+00")
    ('(1,234.50)', '1.23E+03')
    >>> formatted(0.256, "0.0%"), formatted(45000.5, "yyyy-mm-dd hh:mm")
    ('25.6%', '2023-03-15 12:00')
    """
    sections = sections_of(pattern)
    of_text = sections.pop() if len(sections) == 4 or "@" in kinds_of(sections[-1]) else None
    if len(sections) > 3 or any("@" in kinds_of(section) for section in sections):
        raise ValueError("a number format has four sections, the last of them for texts")
    if of_text and len(kinds_of(of_text) & {"@", "general", *_DATES, *_DIGITS}) > 1:
        raise ValueError("a section shows a text or a number")
    if isinstance(value, (bool, str)):
        text = str(value).upper() if isinstance(value, bool) else value
        return text if of_text is None else _around(text, of_text)
    section, number = _chosen(sections, 0.0 if value is None else float(value))
    return _shown(section, number, from_1904=from_1904)


def _chosen(sections: list[list[Token]], number: float) -> tuple[Sequence[Token], float]:
    """The section of a number, and the number as that section shows it."""
    if any(_condition(section) for section in sections):
        return _chosen_by_conditions(sections, number)
    if number < 0 and len(sections) > 1:
        return sections[1], -number
    if number == 0 and len(sections) > 2:
        return sections[2], number
    return sections[0] if sections else _GENERAL, number


_GENERAL = sections_of("General")[0]


def _condition(section: Sequence[Token]) -> tuple[str, float] | None:
    found = (_CONDITION.fullmatch(token[0]) for token in section if token["bracket"])
    return next(((match[1], float(match[2])) for match in found if match), None)


def _chosen_by_conditions(
    sections: list[list[Token]], number: float
) -> tuple[Sequence[Token], float]:
    sections = [*sections, _GENERAL] if len(sections) == 1 else sections
    conditions = [_condition(section) for section in sections]
    first = conditions[0] = conditions[0] or (">", 0.0)
    if len(sections) == 3:
        conditions[1] = conditions[1] or ("<", 0.0)
    for section, condition in zip(sections, conditions, strict=True):
        if condition is None:
            # The second of two sections shows the sign where the first asks for 0 or more.
            signed = len(sections) == 3 or first[0] == "=" or (first[0][0] == ">" and first[1] >= 0)
        elif COMPARISONS[condition[0]](number, condition[1]):
            signed = not _negative_only(*condition)
        else:
            continue
        return section, number if signed else abs(number)
    raise ValueError("no section of the format is for that number")


def _negative_only(sign: str, limit: float) -> bool:
    """Whether a condition holds for negative numbers only: their section writes its own minus."""
    return (limit < 0 and sign in ("<", "<=", "=")) or (limit == 0 and sign == "<")


def _shown(section: Sequence[Token], number: float, *, from_1904: bool) -> str:
    kinds = kinds_of(section)
    if (kinds & _DATES and "exponent" in kinds) or (
        "general" in kinds and kinds & (_DATES | _DIGITS)
    ):
        raise ValueError("a section shows a number or a date")
    if kinds & _DATES:
        return with_dates(section, number, from_1904=from_1904)
    if "digit" in kinds:
        marks = [token[0] for token in section]
        if "/" in marks:
            return with_fraction(section, number)
        return (with_exponent if "exponent" in kinds else with_decimals)(section, number)
    if kinds == {"bracket"} and not any(literal(token) for token in section):
        section = _GENERAL
    return "-" * (number < 0) + _around(general(abs(number)), section)


def _around(text: str, section: Sequence[Token]) -> str:
    """A text, or a number in the format General, among what else a section shows."""
    return "".join(
        text if token["other"] == "@" or token["general"] else literal(token) for token in section
    )


def general(number: float) -> str:
    """A number in the format General: eleven characters, or a power of ten."""
    if number == int(number) and abs(number) < 1e11:
        return str(int(number))
    size = abs(number)
    if 1e-4 <= size < 1 or (size < 1 and float(f"{number:.9f}") == number):
        return f"{number:.9f}".rstrip("0").rstrip(".")
    if 1 <= size < 1e11:
        return f"{number:.{max(10, len(str(int(size))))}g}"
    digits, _, power = f"{number:.5E}".partition("E")
    return f"{digits.rstrip('0').rstrip('.')}E{power[0]}{int(power[1:]):02d}"
