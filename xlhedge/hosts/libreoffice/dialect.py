"""A workbook's formulas as LibreOffice Calc reads them with the values that Excel gives."""

from __future__ import annotations

from collections.abc import Mapping

from xlhedge.catalog import CATALOG
from xlhedge.formula.addresses import Area, parse_area, quote_sheet
from xlhedge.formula.functions import REACHES_OUTSIDE
from xlhedge.formula.lowering import Lowering, Outside
from xlhedge.formula.structured import DefinedName, Table
from xlhedge.formula.tokens import Kind, Token, arguments, closing, function_name, tokenize
from xlhedge.hosts.libreoffice.bridge import ERROR_PREFIX
from xlhedge.workbook.worksheet import Address

Anchor = tuple[str, Address]
"""Sheet and cell of a formula."""

_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
_TEXTS = [f'"{ERROR_PREFIX}{error}"' for error in _ERRORS]
# ERROR.TYPE does not know Err:502, which stands for #NUM!, and takes one cell at a time.
_NAMED = f"IFERROR(CHOOSE(ERROR.TYPE({{0}}),{','.join(_TEXTS)}),{_TEXTS[5]})"
_CELL = 'IF(ISBLANK({0}),"",{0})'
_ANYTHING = f"IFERROR({{0}},{_NAMED})"
_RANGE = (
    'IF(SUMPRODUCT(ISERROR({0})*1)=0,{0},IF(ISBLANK({0}),"",'
    f"IF(ISNA({{0}}),{_TEXTS[6]},IFERROR({{0}},{_NAMED.format('SUM({0})')}))))"
)
_REACHES_OUTSIDE = REACHES_OUTSIDE | {"DDE"}


class CalcLowering(Lowering):
    """Rewrites the formulas of one workbook.

    Parameters
    ----------
    tables
        The workbook's tables by name in lower case.
    names
        Its defined names.
    filled
        Cells that each dynamic array fills: what `A2#` means.

    Attributes
    ----------
    stored
        Functions of Excel that were met, as formulas call them, with their storage prefix.

    Notes
    -----
    Calc reads table names, shared formulas and names itself, but not `A2#`; it passes a
    reference to an empty cell as 0 where Excel passes a blank; it calls no function, not even
    XLHEDGE_WHY, with an error or with a range that holds one; and it finds a text that an
    add-in gives inside a range unequal to every other text until something is joined to it.
    """

    def __init__(
        self,
        tables: dict[str, Table],
        names: list[DefinedName],
        filled: Mapping[Anchor, Area],
    ) -> None:
        super().__init__(tables, names)
        self.stored: dict[str, str] = {}
        self._filled = filled
        self._array = False
        self._cells = {
            name.name.lower() for name in names if _is_cell(tokenize(name.text.lstrip("=")))
        }

    def formula(self, text: str, sheet: str, row: int, column: int, *, array: bool) -> str:
        """A cell's formula; see `Lowering.formula`."""
        self._array = array
        tokens = self._expanded(text, (sheet, row, column))
        return "".join(token.text for token in self._spilled(tokens, sheet))

    def _call(
        self,
        tokens: list[Token],
        index: int,
        place: tuple[str, int, int],
        depth: int,
        result: list[Token],
    ) -> int:
        name = function_name(tokens[index])
        # Calc also knows COM.MICROSOFT.WEBSERVICE.
        if name.rpartition(".")[2] in _REACHES_OUTSIDE:
            raise Outside(f"calls {name}, which reaches outside the workbook")
        if name == "ANCHORARRAY":
            (reference,) = arguments(tokens, index)
            result.extend(self._rewritten(reference, place, depth))
            result.append(Token(Kind.OPERATOR, "#"))
        elif name in CATALOG:
            call = self._ours(name, arguments(tokens, index), place, depth)
            if self._array and CATALOG[name].returns_array:
                call = tokenize('IF(ISTEXT({0}),{0}&"",{0})'.format("".join(t.text for t in call)))
            result.extend(call)
        else:
            taken = super()._call(tokens, index, place, depth, result)
            if name in self.functions:
                self.stored[name] = tokens[index].text
            return taken
        return closing(tokens, index) - index

    def _ours(
        self, name: str, given: list[list[Token]], place: tuple[str, int, int], depth: int
    ) -> list[Token]:
        call = [Token(Kind.FUNCTION, f"{name}(")]
        for number, argument in enumerate(given):
            if number:
                call.append(Token(Kind.COMMA, ","))
            written = self._rewritten(argument, place, depth)
            text = "".join(token.text for token in written)
            if self._is_range(written):
                text = _RANGE.format(text) if self._array else text
            elif text:
                if _is_cell(written) or self._names_cell(written):
                    text = _CELL.format(text)
                if number and CATALOG[name].parameters[-1].variadic:
                    text = _ANYTHING.format(text)
            call.extend(tokenize(text))
        return [*call, Token(Kind.CLOSE, ")")]

    def _names_cell(self, tokens: list[Token]) -> bool:
        return (
            len(tokens) == 1
            and tokens[0].kind is Kind.NAME
            and tokens[0].text.lower() in self._cells
        )

    def _is_range(self, tokens: list[Token]) -> bool:
        if not 0 < len(tokens) <= 3:
            return False
        last = tokens[-1]
        return (
            last.text == "#"
            or (last.kind is Kind.REFERENCE and ":" in last.text and len(tokens) <= 2)
            or (last.kind is Kind.NAME and last.text.lower() in self._ranges and len(tokens) <= 2)
        )

    def _spilled(self, tokens: list[Token], sheet: str) -> list[Token]:
        """`A2#` as the range that the array of A2 fills."""
        result: list[Token] = []
        for token in tokens:
            if token.text != "#":
                result.append(token)
                continue
            last = result.pop() if result else token
            owner = sheet
            if result and result[-1].kind is Kind.SHEET:
                owner = result[-1].text[:-1].strip("'").replace("''", "'")
            area = None
            if last.kind is Kind.REFERENCE and ":" not in last.text:
                cell = parse_area(last.text)
                area = self._filled.get((owner, (cell.top, cell.left)))
            # Excel shows #REF! where the cell holds no array.
            result.append(Token(Kind.REFERENCE, "#REF!" if area is None else _absolute(area)))
        return result


def qualified(formula: str, sheet: str) -> str:
    """A lowered formula as it reads on another sheet."""
    prefix = f"{quote_sheet(sheet)}!"
    before, text = None, ""
    for token in tokenize(formula):
        if token.kind is Kind.REFERENCE and (before is None or before.kind is not Kind.SHEET):
            text += prefix
        text += token.text
        before = token
    return text


def _absolute(area: Area) -> str:
    first, _, last = str(area).partition(":")
    return ":".join(_dollars(part) for part in (first, last or first))


def _dollars(place: str) -> str:
    letters = place.rstrip("0123456789")
    return f"${letters}${place[len(letters) :]}"


def _is_cell(tokens: list[Token]) -> bool:
    """Whether an expression is a reference to one cell."""
    return (
        0 < len(tokens) <= 2
        and tokens[-1].kind is Kind.REFERENCE
        and ":" not in tokens[-1].text
        and (len(tokens) == 1 or tokens[0].kind is Kind.SHEET)
    )
