"""Formulas as a person types them, put into the form that files hold.

Excel shows ``=LET(x, A2#, SORT(x))`` and stores ``_xlfn.LET(_xlpm.x,…)``. Everything that a
template writes is typed as shown and goes through `file_form` once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xlhedge.catalog import CATALOG
from xlhedge.formula.tokens import Kind
from xlhedge.formula.tree import (
    Call,
    Group,
    Leaf,
    Name,
    Node,
    Operation,
    Reference,
    Sign,
    changed,
    parse,
    write,
)

_PLAIN_PREFIX = "_xlfn."
_SHEET_PREFIX = "_xlfn._xlws."
_VARIABLE_PREFIX = "_xlpm."
_EMPTY_TEXT = Leaf(Kind.TEXT, '""')

_SHEET_FUNCTIONS = frozenset({"FILTER", "SORT"})
_NEWER = """
    ACOT ACOTH AGGREGATE ANCHORARRAY ARABIC BASE BETA.DIST BETA.INV BINOM.DIST BINOM.DIST.RANGE
    BINOM.INV BITAND BITLSHIFT BITOR BITRSHIFT BITXOR BYCOL BYROW CEILING.MATH CHISQ.DIST
    CHISQ.DIST.RT CHISQ.INV CHISQ.INV.RT CHISQ.TEST CHOOSECOLS CHOOSEROWS COMBINA CONCAT
    CONFIDENCE.NORM CONFIDENCE.T COT COTH COVARIANCE.P COVARIANCE.S CSC CSCH DAYS DECIMAL DROP
    ERF.PRECISE ERFC.PRECISE EXPAND EXPON.DIST F.DIST F.DIST.RT F.INV F.INV.RT F.TEST FLOOR.MATH
    FORECAST.ETS FORECAST.LINEAR FORMULATEXT GAMMA GAMMA.DIST GAMMA.INV GAMMALN.PRECISE GAUSS
    HSTACK HYPGEOM.DIST IFNA IFS IMCOSH ISFORMULA ISOMITTED ISOWEEKNUM LAMBDA LET LOGNORM.DIST
    LOGNORM.INV MAKEARRAY MAP MAXIFS MINIFS MODE.MULT MODE.SNGL MUNIT NEGBINOM.DIST NORM.DIST
    NORM.INV NORM.S.DIST NORM.S.INV NUMBERVALUE PDURATION PERCENTILE.EXC PERCENTILE.INC
    PERCENTRANK.EXC PERCENTRANK.INC PERMUTATIONA PHI POISSON.DIST QUARTILE.EXC QUARTILE.INC
    RANDARRAY RANK.AVG RANK.EQ REDUCE RRI SCAN SEC SECH SEQUENCE SHEET SHEETS SINGLE SKEW.P SORTBY
    STDEV.P STDEV.S SWITCH T.DIST T.DIST.2T T.DIST.RT T.INV T.INV.2T T.TEST TAKE TEXTAFTER
    TEXTBEFORE TEXTJOIN TEXTSPLIT TOCOL TOROW UNICHAR UNICODE UNIQUE VALUETOTEXT VAR.P VAR.S
    VSTACK WEIBULL.DIST WRAPCOLS WRAPROWS XLOOKUP XMATCH XOR Z.TEST
"""
_NEWER_FUNCTIONS = frozenset(_NEWER.split())

_THIS_ROW = re.compile(r"@\s*(?:\[(?P<bracketed>.+)\]|(?P<plain>[^\[\]]+))")


def _tree(formula: str) -> Node:
    return parse(formula.removeprefix("="))


def walk(node: Node) -> Iterator[Node]:
    """A tree's nodes, each before its children."""
    waiting: list[Node] = [node]
    while waiting:
        node = waiting.pop()
        yield node
        match node:
            case Group(nodes) | Operation(_, nodes):
                waiting.extend(reversed(nodes))
            case Sign(_, operand):
                waiting.append(operand)
            case Call(function, nodes):
                waiting.extend(one for one in reversed(nodes) if one is not None)
                if not isinstance(function, str):
                    waiting.append(function)


def file_form(formula: str, table: str = "") -> str:
    """A formula as it is stored.

    Parameters
    ----------
    formula
        As typed into a cell of Excel 365, beginning with "=".
    table
        The table that the cell lies in: gives ``[@column]`` its name.

    Returns
    -------
    str
        With the prefixes of newer functions and of LET variables, spill references as
        ANCHORARRAY, this-row references written out, and the empty text for each argument that a
        call of ours leaves out. Spaces that mean nothing go.

    Examples
    --------
    >>> file_form("=LET(n,COUNT(A2#),SORT(A2#)*n)")
    '=_xlfn.LET(_xlpm.n,COUNT(_xlfn.ANCHORARRAY(A2)),_xlfn._xlws.SORT(_xlfn.ANCHORARRAY(A2))*_xlpm.n)'
    >>> file_form("=[@spot]-[@futures]", table="History")
    '=History[[#This Row],[spot]]-History[[#This Row],[futures]]'
    """
    return f"={write(_stored(_tree(formula), table, frozenset()))}"


def _stored(node: Node, table: str, variables: frozenset[str]) -> Node:
    """The tree as it is stored; `variables` are those of the LET and LAMBDA around it."""
    match node:
        case Name("", text) if text.lower() in variables:
            return Name("", _VARIABLE_PREFIX + text)
        case Name(sheet, text) if "[" in text:
            return Name(sheet, _structured(text, table))
        case Sign("#", operand):
            return Call(f"{_PLAIN_PREFIX}ANCHORARRAY", (_stored(operand, table, variables),))
        case Call(str() as function, given):
            if function.upper() in ("LET", "LAMBDA"):
                declared = given[:-1:2] if node.name == "LET" else given[:-1]
                variables |= {write(one).lower() for one in declared if one is not None}
            if node.name in CATALOG:
                given = tuple(_EMPTY_TEXT if one is None else one for one in given)
            node = Call(_prefix(function) + function, given)
    return changed(node, lambda child: _stored(child, table, variables))


def _prefix(function: str) -> str:
    name = function.upper()
    if name in _SHEET_FUNCTIONS:
        return _SHEET_PREFIX
    return _PLAIN_PREFIX if name in _NEWER_FUNCTIONS else ""


def _structured(text: str, table: str) -> str:
    name, _, inside = text[:-1].partition("[")
    match = _THIS_ROW.fullmatch(inside.strip())
    if match is None:
        return f"{name or table}[{inside}]"
    return f"{name or table}[[#This Row],[{match['bracketed'] or match['plain'].strip()}]]"


def calls(formula: str) -> list[tuple[str, list[str]]]:
    """Every function call in a formula with its arguments as text, outermost first.

    Examples
    --------
    >>> calls("=ROUND(BASIS(a,b),1)")
    [('ROUND', ['BASIS(a,b)', '1']), ('BASIS', ['a', 'b'])]
    """
    return [
        (node.function, ["" if one is None else write(one) for one in node.arguments])
        for node in walk(_tree(formula))
        if isinstance(node, Call) and isinstance(node.function, str)
    ]


def with_equal_texts(formula: str, numbers: Sequence[str]) -> str:
    """A spill of ours whose texts equal the same texts elsewhere, in LibreOffice too.

    LibreOffice compares texts by their place in a pool, and those that an add-in returns inside a
    table are not in it: no MATCH finds them, in the cells that they fill either. Joining them with
    the empty text puts them there.

    Examples
    --------
    >>> with_equal_texts("=STRESS_SCENARIOS()", ("text", "percent"))
    '=LET(spilled,STRESS_SCENARIOS(),IF(ISTEXT(spilled),spilled&"",spilled))'
    """
    names = {name for name, _ in calls(formula)}
    if "text" not in numbers or "LET" in names or not names & CATALOG.keys():
        return formula  # LibreOffice knows no LET inside another: such a formula does it itself
    return f"=LET(spilled,{formula[1:]},{equal_texts('spilled')})"


def equal_texts(table: str) -> str:
    """A table in a variable, with texts that equal the same texts elsewhere."""
    return f'IF(ISTEXT({table}),{table}&"",{table})'


def computes_arrays(formula: str) -> bool:
    """Whether a formula must be stored as a dynamic array: it calls us or spans several cells."""
    for node in walk(_tree(formula)):
        match node:
            case Call() if node.name in CATALOG or _prefix(node.name):
                return True
            case Sign("#", _) | Operation((":",), _):
                return True
            case Name(_, text) if "[" in text:
                return True
            case Reference() if node.is_range:
                return True
    return False


def explained(formula: str, cell: str, note: str) -> str:
    """A note that gives way to the reason where `cell`, a plain call of ours, shows an error.

    Examples
    --------
    >>> explained("=OU_FIT(b,dt)", "C4", "the fit")
    '=IF(ISERROR(C4),XLHEDGE_WHY("OU_FIT",b,dt),"the fit")'
    >>> explained("=a+b", "C4", "a sum")
    'a sum'
    """
    found = calls(formula)
    if not found or found[0][0] not in CATALOG:
        return note
    name, arguments = found[0]
    if formula != f"={name}({','.join(arguments)})":
        return note
    asked = ",".join([f'"{name}"', *arguments])
    return f'=IF(ISERROR({cell}),XLHEDGE_WHY({asked}),"{note}")'
