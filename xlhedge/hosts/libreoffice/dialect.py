"""A workbook's formulas as LibreOffice Calc reads them with the values that Excel gives."""

from __future__ import annotations

from collections.abc import Mapping

from xlhedge.catalog import CATALOG
from xlhedge.formula.addresses import Area, parse_area, quote_sheet, sheet_of_prefix
from xlhedge.formula.functions import REACHES_OUTSIDE
from xlhedge.formula.rewriting import Outside, Place, Rewriting
from xlhedge.formula.tokens import Kind, tokenize
from xlhedge.formula.tree import Call, Leaf, Node, Reference, Sign, changed, made
from xlhedge.hosts.libreoffice.bridge import ERROR_PREFIX
from xlhedge.recalc.dependents import CellName

_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
_TEXTS = [f'"{ERROR_PREFIX}{error}"' for error in _ERRORS]
# ERROR.TYPE does not know Err:502, which stands for #NUM!, and takes one cell at a time.
_NAMED = f"IFERROR(CHOOSE(ERROR.TYPE({{0}}),{','.join(_TEXTS)}),{_TEXTS[5]})"
_CELL = 'IF(ISBLANK(given),"",given)'
_ANYTHING = f"IFERROR(given,{_NAMED.format('given')})"
_RANGE = (
    'IF(SUMPRODUCT(ISERROR(given)*1)=0,given,IF(ISBLANK(given),"",'
    f"IF(ISNA(given),{_TEXTS[6]},IFERROR(given,{_NAMED.format('SUM(given)')}))))"
)
_REACHES_OUTSIDE = REACHES_OUTSIDE | {"DDE"}


class CalcRewriting(Rewriting):
    """Rewrites the formulas of one workbook; `filled` are the cells of each dynamic array (`A2#`).

    Calc takes the cells of a range as Excel does, but knows no `A2#`; it passes a reference to an
    empty cell as 0 where Excel passes a blank; it calls no function, not even XLHEDGE_WHY, with an
    error or with a range that holds one; and it finds a text that an add-in gives inside a range
    unequal to every other text until something is joined to it.
    """

    filled: Mapping[CellName, Area] = {}

    def is_local(self, text: str) -> bool:
        """Whether a formula has no copies: what an array fills is known by its cell."""
        return super().is_local(text) or "#" in text or "ANCHORARRAY" in text.upper()

    def evaluated(self, node: Node, place: Place, *, array: bool) -> Node:
        """The tree as Calc reads it."""
        return self._read(node, place.sheet, array=array)

    def _read(self, node: Node, sheet: str, *, array: bool) -> Node:
        if isinstance(node, Sign) and node.text == "#":
            return self._area(node.operand, sheet)
        if isinstance(node, Call):
            # Calc also knows COM.MICROSOFT.WEBSERVICE.
            if node.name.rpartition(".")[2] in _REACHES_OUTSIDE:
                raise Outside(f"calls {node.name}, which reaches outside the workbook")
            if node.name == "ANCHORARRAY" and node.arguments[0] is not None:
                return self._area(node.arguments[0], sheet)
            if node.name in CATALOG:
                return self._ours(node, sheet, array=array)
        return changed(node, lambda child: self._read(child, sheet, array=array))

    def _area(self, node: Node, sheet: str) -> Node:
        """`A2#` as the range that the array of A2 fills; Excel shows #REF! where there is none."""
        area = None
        if isinstance(node, Reference) and not node.is_range:
            cell = parse_area(node.text)
            owner = sheet_of_prefix(node.sheet) or sheet
            area = self.filled.get((owner, (cell.top, cell.left)))
        if area is None:
            return Leaf(Kind.ERROR, "#REF!")
        return Reference(node.sheet if isinstance(node, Reference) else "", area.absolute)

    def _ours(self, node: Call, sheet: str, *, array: bool) -> Node:
        function, given = CATALOG[node.name], list[Node | None]()
        for number, argument in enumerate(node.arguments):
            read = None if argument is None else self._read(argument, sheet, array=array)
            if isinstance(read, Reference) and read.is_range:
                read = made(_RANGE, given=read) if array else read
            elif read is not None:
                if isinstance(read, Reference):
                    read = made(_CELL, given=read)
                if number and function.parameters[-1].variadic:
                    read = made(_ANYTHING, given=read)
            given.append(read)
        call = Call(node.name, tuple(given))
        if array and function.returns_array:
            return made('IF(ISTEXT(call),call&"",call)', call=call)
        return call


def qualified(formula: str, sheet: str) -> str:
    """A rewritten formula as it reads on another sheet."""
    own = f"{quote_sheet(sheet)}!"
    return "".join(
        (token.sheet or own if token.kind is Kind.REFERENCE else token.sheet) + token.text
        for token in tokenize(formula)
    )
