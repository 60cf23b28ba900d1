"""One cell to what the core takes: a number, an option, a text. A refusal names its place."""

from __future__ import annotations

import math
from typing import Any

from xlhedge.errors import DomainError, HedgeError, InputError
from xlhedge.sheet.cells import CellError, describe, number_of
from xlhedge.sheet.spec import CHOICE, INTEGER, TEXT, Parameter


class ErrorInCell(HedgeError):
    """An argument cell holds an error value, which is to come back as itself."""

    def __init__(self, error: CellError, place: str) -> None:
        super().__init__(f"holds the error {error}", argument=place)
        self.error = error


def _whole_number(name: str, number: float) -> int:
    if not number.is_integer():
        raise DomainError("must be a whole number", argument=name, value=number)
    return int(number)


def number(cell: Any, place: str) -> float:
    """The number in a cell; anything else is refused in words that name `place`."""
    if type(cell) is CellError:
        raise ErrorInCell(cell, place)
    value = number_of(cell)
    if value is None:
        raise InputError(f"must be a number, got {describe(cell)}", argument=place)
    if not math.isfinite(value):
        raise DomainError(f"must be finite, got {value}", argument=place)
    return value


def choice(cell: Any, place: str, choices: tuple[str, ...], *, number_too: bool = False) -> str:
    """One of the named options, in any case; `number_too` says that a number would do as well."""
    if type(cell) is CellError:
        raise ErrorInCell(cell, place)
    if isinstance(cell, str):
        text = cell.strip().lower()
        for option in choices:
            if text == option.lower():
                return option
    listing = ", ".join(f'"{option}"' for option in choices)
    wanted = f"a number or {listing}" if number_too else f"one of {listing}"
    raise InputError(f"must be {wanted}, got {describe(cell)}", argument=place)


def single(parameter: Parameter, cell: Any, place: str) -> Any:
    """One cell that is not blank, for a parameter of a single value or an elementwise one."""
    if parameter.choices and (parameter.kind == CHOICE or isinstance(cell, str)):
        also = parameter.kind != CHOICE
        return choice(cell, place, parameter.choices, number_too=also)
    if parameter.kind == TEXT:
        if type(cell) is CellError:
            raise ErrorInCell(cell, place)
        if not isinstance(cell, str):
            raise InputError(f"must be a text, got {describe(cell)}", argument=place)
        return cell
    value = number(cell, place)
    return _whole_number(place, value) if parameter.kind == INTEGER else value
