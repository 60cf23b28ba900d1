"""Functions of one value over ranges: element by element, or cut to the formula's own row.

Excel applies ABS, ROUND, TEXT and the like to each element of an array. In a formula that is not
stored as an array it takes the one cell of a range that lies in the formula's own row or column.
Engines that do neither get the first as a call of a helper function and the second as the `@`
operator.
"""

from __future__ import annotations

from itertools import count
from string import ascii_letters

from xlhedge.formula.functions import (
    ELEMENTWISE_ALREADY,
    FORCES_ARRAYS,
    OF_ONE_VALUE,
    ONE_VALUE_RESULT,
    SINGLE_POSITIONS,
)
from xlhedge.formula.tokens import Kind, Token, arguments, closing, function_name, tokenize


def lowered(
    tokens: list[Token], ranges: set[str], *, array: bool, lift: str, ours: str
) -> list[Token]:
    """A formula with its elementwise calls and implicit intersections written out.

    Parameters
    ----------
    tokens
        The formula, without structured references.
    ranges
        Names of ranges of more than one cell, in lower case.
    array
        Whether the formula is evaluated as an array.
    lift
        Helper that applies a function to each element: `lift("ABS", "1", range)`, the second
        text telling with 1 which arguments are taken apart.
    ours
        Name under which functions of ours are called; they take ranges everywhere.
    """
    return _Rewriting(ranges, lift, ours).expression(tokens, array=array, cut=not array)


def may_fill_more(tokens: list[Token], cells: set[str]) -> bool:
    """Whether a lowered formula outside an array might still fill more than its own cell.

    Parameters
    ----------
    tokens
        The formula.
    cells
        Names of single cells, in lower case.
    """
    for index, token in enumerate(tokens):
        if token.kind is Kind.FUNCTION:
            name = function_name(token)
            if not (
                name in OF_ONE_VALUE
                or name in ONE_VALUE_RESULT
                or name in ELEMENTWISE_ALREADY
                or (name in ("ROW", "COLUMN") and _of_one_cell(tokens, index))
            ):
                return True
        elif token.kind is Kind.NAME:
            if token.text.lower() not in cells:
                return True
        elif token.kind is Kind.ARRAY or token.text == "#":
            return True
    return False


def _of_one_cell(tokens: list[Token], index: int) -> bool:
    """Whether a call has no argument, or one that is the reference of a single cell."""
    argument = tokens[index + 1 : closing(tokens, index)]
    return not argument or is_cell(argument)


def is_cell(tokens: list[Token]) -> bool:
    """Whether tokens are the reference of a single cell, with or without its sheet."""
    return (
        0 < len(tokens) <= 2
        and tokens[-1].kind is Kind.REFERENCE
        and not any(":" in token.text for token in tokens)
        and any(character.isdigit() for character in tokens[-1].text)
    )


class _Rewriting:
    def __init__(self, ranges: set[str], lift: str, ours: str) -> None:
        self.ranges = ranges
        self.lift = lift
        self.ours = ours
        self.fresh = count(1)

    def expression(self, tokens: list[Token], *, array: bool, cut: bool) -> list[Token]:
        cut = cut or (not array and _computes(tokens))
        result: list[Token] = []
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.kind is Kind.FUNCTION:
                end = closing(tokens, index)
                call = self.call(tokens, index, end, array=array)
                if end + 1 < len(tokens) and tokens[end + 1].kind is Kind.OPEN:
                    end, call = self.immediate(tokens, end + 1, call, array=array)
                result.extend(call)
                index = end + 1
                continue
            if cut and self.is_range(tokens, index):
                before = len(result)
                if result and result[-1].kind is Kind.SHEET:
                    before -= 1
                if not (before and result[before - 1].text in ("@", ":")):
                    result.insert(before, Token(Kind.OPERATOR, "@"))
            result.append(token)
            index += 1
        return result

    def is_range(self, tokens: list[Token], index: int) -> bool:
        token = tokens[index]
        if index + 1 < len(tokens) and tokens[index + 1].text in (":", "#"):
            return False
        if token.kind is Kind.NAME:
            return token.text.lower() in self.ranges
        return token.kind is Kind.REFERENCE and ":" in token.text

    def call(self, tokens: list[Token], start: int, end: int, *, array: bool) -> list[Token]:
        head, name = tokens[start], function_name(tokens[start])
        given = arguments(tokens, start)
        if given == [[]]:
            return tokens[start : end + 1]
        if name == "SINGLE":
            inner = self.expression(given[0], array=False, cut=True)
            return [Token(Kind.OPERATOR, "@"), Token(Kind.OPEN, "("), *inner, _CLOSE]
        if name == "ROW" and array and (rows := _row_numbers(given[0])):
            return rows
        array = array or name == self.ours or name in FORCES_ARRAYS
        positions = _positions(name, len(given))
        cuts = positions | set(ELEMENTWISE_ALREADY.get(name, ()))
        lifted = array and any(self.may_be_array(given[place]) for place in positions)
        written = [
            self.expression(argument, array=array, cut=not array and place in cuts)
            for place, argument in enumerate(given)
        ]
        if lifted:
            mask = "".join("1" if place in positions else "0" for place in range(len(given)))
            head = Token(Kind.FUNCTION, f"{self.lift}(")
            texts = [[Token(Kind.TEXT, f'"{text}"')] for text in (name, mask)]
            written = [*texts, *written]
        return [head, *_joined(written), _CLOSE]

    def immediate(
        self, tokens: list[Token], opening: int, function: list[Token], *, array: bool
    ) -> tuple[int, list[Token]]:
        """`LAMBDA(...)(...)`, which engines know only through LET."""
        end = closing(tokens, opening)
        name = f"xlhedge_lambda_{next(self.fresh)}"
        given = self.expression(tokens[opening + 1 : end], array=array, cut=False)
        call = [*function, _COMMA, Token(Kind.FUNCTION, f"{name}("), *given, _CLOSE, _CLOSE]
        return end, [*tokenize(f"LET({name},"), *call]

    def may_be_array(self, tokens: list[Token]) -> bool:
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.kind is Kind.FUNCTION:
                name = function_name(token)
                end = closing(tokens, index)
                if name in OF_ONE_VALUE or name in ELEMENTWISE_ALREADY or name == self.ours:
                    parts = arguments(tokens, index)
                    if any(self.may_be_array(part) for part in parts) or name == self.ours:
                        return True
                elif name not in ONE_VALUE_RESULT:
                    return True
                index = end
            elif token.text == "#":
                return True
            elif token.kind in (Kind.NAME, Kind.ARRAY) or self.is_range(tokens, index):
                return token.text.upper() not in ("TRUE", "FALSE")
            index += 1
        return False


_CLOSE, _COMMA = Token(Kind.CLOSE, ")"), Token(Kind.COMMA, ",")


def _positions(name: str, given: int) -> set[int]:
    if name in OF_ONE_VALUE:
        return set(range(given))
    return {place for place in SINGLE_POSITIONS.get(name, ()) if place < given}


def _joined(parts: list[list[Token]]) -> list[Token]:
    result: list[Token] = []
    for place, part in enumerate(parts):
        if place:
            result.append(_COMMA)
        result.extend(part)
    return result


def _computes(tokens: list[Token]) -> bool:
    """Whether an operator other than a reference operator stands at the top level."""
    depth = 0
    for token in tokens:
        if token.kind in (Kind.FUNCTION, Kind.OPEN):
            depth += 1
        elif token.kind is Kind.CLOSE:
            depth -= 1
        elif depth == 0 and token.kind is Kind.OPERATOR and token.text not in (":", "#", "@"):
            return True
    return False


def _row_numbers(argument: list[Token]) -> list[Token] | None:
    """ROW(A2:A9) as an array of numbers."""
    if not argument or argument[-1].kind is not Kind.REFERENCE:
        return None
    first, _, last = argument[-1].text.partition(":")
    top, bottom = (part.replace("$", "").lstrip(ascii_letters) for part in (first, last))
    if not (top.isdigit() and bottom.isdigit()):
        return None
    cell = f"A{first}" if first.lstrip("$") == top else first
    return tokenize(f"SEQUENCE({int(bottom) - int(top) + 1},1,ROW({cell}))")
