"""Formulas as a person types them, put into the form that files hold.

Excel shows ``=LET(x, A2#, SORT(x))`` and stores ``_xlfn.LET(_xlpm.x,…)``. Everything that a
template writes is typed as shown and goes through `file_form` once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xlhedge.catalog import CATALOG

_PLAIN_PREFIX = "_xlfn."
_SHEET_PREFIX = "_xlfn._xlws."
_VARIABLE_PREFIX = "_xlpm."

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

_TOKEN = re.compile(
    r"""
      (?P<text>"(?:[^"]|"")*")
    | (?P<number>(?<![\w.$])\d+\.?\d*(?:[eE][+-]?\d+)?(?![\w.!:(]))
    | (?P<error>\#(?:N/A|VALUE!|NUM!|DIV/0!|REF!|NAME\?|NULL!))
    | (?P<word>(?:'(?:[^']|'')+'!|[A-Za-z_\\][\w.]*!)?[$A-Za-z_\\\d][\w.$\\]*)
    | (?P<space>\s+)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_THIS_ROW = re.compile(r"@\s*(?:\[(?P<bracketed>.+)\]|(?P<plain>[^\[\]]+))")


def tokens(formula: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each piece: text, number, word, function, table, mark, error or space.

    A structured reference's bracket, up to the one that closes it, is one piece of kind table. A
    word is a function where an opening parenthesis follows.
    """
    place = 0
    while place < len(formula):
        if formula[place] == "[":
            stop = _closing(formula, place)
            yield "table", formula[place:stop]
            place = stop
            continue
        match = _TOKEN.match(formula, place)
        if match is None or match.lastgroup is None:  # pragma: no cover - the last group takes all
            raise ValueError(f"cannot read {formula!r} at {place}")
        kind, text = match.lastgroup, match[0]
        place = match.end()
        if kind == "word" and formula[place : place + 1] == "(":
            kind = "function"
        yield kind, text


def _closing(formula: str, place: int) -> int:
    depth = 0
    while place < len(formula):
        character = formula[place]
        if character == "'":
            place += 2
            continue
        depth += {"[": 1, "]": -1}.get(character, 0)
        place += 1
        if depth == 0:
            return place
    raise ValueError(f"a bracket is not closed in {formula!r}")


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
        call of ours leaves out in the middle.

    Examples
    --------
    >>> file_form("=LET(n,COUNT(A2#),SORT(A2#)*n)")
    '=_xlfn.LET(_xlpm.n,COUNT(_xlfn.ANCHORARRAY(A2)),_xlfn._xlws.SORT(_xlfn.ANCHORARRAY(A2))*_xlpm.n)'
    >>> file_form("=[@spot]-[@futures]", table="History")
    '=History[[#This Row],[spot]]-History[[#This Row],[futures]]'
    """
    pieces = [list(piece) for piece in tokens(formula)]
    _prefix_variables(pieces)
    _write_omitted(pieces)
    out: list[str] = []
    for index, (kind, text) in enumerate(pieces):
        if kind == "function":
            out.append(_prefix(text) + text)
        elif kind == "table":
            named = index > 0 and pieces[index - 1][0] == "word"
            out.append(_structured(text, "" if named else table))
        elif text == "#" and out:
            out[-1] = f"{_PLAIN_PREFIX}ANCHORARRAY({out[-1]})"
        else:
            out.append(text)
    return "".join(out)


def _prefix(function: str) -> str:
    name = function.upper()
    if name in _SHEET_FUNCTIONS:
        return _SHEET_PREFIX
    return _PLAIN_PREFIX if name in _NEWER_FUNCTIONS else ""


def _structured(text: str, table: str) -> str:
    match = _THIS_ROW.fullmatch(text[1:-1].strip())
    if match is None:
        return table + text
    columns = f"[{match['bracketed'] or match['plain'].strip()}]"
    return f"{table}[[#This Row],{columns}]"


def _arguments(pieces: list[list[str]], opening: int) -> list[tuple[int, int]]:
    """The spans of a call's arguments; `opening` is the place of its parenthesis."""
    spans: list[tuple[int, int]] = []
    depth, start = 0, opening + 1
    for index in range(opening, len(pieces)):
        text = pieces[index][1] if pieces[index][0] == "mark" else ""
        if text in ("(", "{"):
            depth += 1
        elif text in (")", "}"):
            depth -= 1
            if depth == 0:
                return [*spans, (start, index)]
        elif text == "," and depth == 1:
            spans.append((start, index))
            start = index + 1
    raise ValueError(f"a parenthesis is not closed in {''.join(text for _, text in pieces)!r}")


def _prefix_variables(pieces: list[list[str]]) -> None:
    for index, (kind, text) in enumerate(pieces):
        if kind != "function" or text.upper() not in ("LET", "LAMBDA"):
            continue
        spans = _arguments(pieces, index + 1)
        declared = spans[0:-1:2] if text.upper() == "LET" else spans[:-1]
        names = {
            "".join(piece for _, piece in pieces[start:stop]).strip().lower()
            for start, stop in declared
        }
        for piece in pieces[index : spans[-1][1]]:
            if piece[0] == "word" and piece[1].lower() in names:
                piece[1] = _VARIABLE_PREFIX + piece[1]


def _write_omitted(pieces: list[list[str]]) -> None:
    for index in reversed(range(len(pieces))):
        kind, text = pieces[index]
        if kind != "function" or text not in CATALOG:
            continue
        spans = _arguments(pieces, index + 1)
        if len(spans) == 1:
            continue
        for start, stop in reversed(spans):
            if all(kind == "space" for kind, _ in pieces[start:stop]):
                pieces.insert(start, ["text", '""'])


def calls(formula: str) -> list[tuple[str, list[str]]]:
    """Every function call in a formula with its arguments as text, outermost first.

    Examples
    --------
    >>> calls("=ROUND(BASIS(a,b),1)")
    [('ROUND', ['BASIS(a,b)', '1']), ('BASIS', ['a', 'b'])]
    """
    pieces = [list(piece) for piece in tokens(formula)]
    found = []
    for index, (kind, text) in enumerate(pieces):
        if kind == "function":
            spans = _arguments(pieces, index + 1)
            given = ["".join(piece for _, piece in pieces[a:b]).strip() for a, b in spans]
            found.append((text, [] if given == [""] else given))
    return found


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
    for kind, text in tokens(formula):
        if kind == "function" and (
            text in CATALOG or text.upper() in _NEWER_FUNCTIONS | _SHEET_FUNCTIONS
        ):
            return True
        if kind == "table" or (kind == "mark" and text in "#:"):
            return True
    return False
