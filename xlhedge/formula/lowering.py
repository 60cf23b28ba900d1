"""A workbook reduced to what a plain calculation engine understands.

The temporary copy holds cells, names and formulas only. Structured references are A1
references, shared formulas are written out, cached values of formulas are gone, and each call of
a function of ours is a call of `XLHEDGE.CALL` with the number of its call site, so that the
engine's callback knows the cell, the function and the arguments that were left out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from xlhedge.catalog import CATALOG
from xlhedge.formula import lifting
from xlhedge.formula.addresses import Area
from xlhedge.formula.copying import Number, Pattern
from xlhedge.formula.functions import REACHES_OUTSIDE
from xlhedge.formula.structured import DefinedName, Table, resolve
from xlhedge.formula.tokens import (
    Kind,
    Token,
    arguments,
    closing,
    function_name,
    tokenize,
    untokenize,
)

CALL, FIT, LIFT = "XLHEDGE.CALL", "XLHEDGE.FIT", "XLHEDGE.LIFT"
HELPERS = (CALL, FIT, LIFT)

_EXTERNAL_BOOK = re.compile(r"'?(?:[^'\[]*)\[[^\]]+\]")
_DEEPEST_NAME = 8
_MOST_TOKENS = 100_000


class CallSite(NamedTuple):
    """One call of a function of ours in a formula."""

    sheet: str
    row: int
    column: int
    function: str
    skipped: frozenset[int]


class Outside(Exception):  # a signal, not an error that a user meets
    """A formula reaches outside the workbook; the text says how."""


_Key = tuple[object, ...]


class _Lowered(NamedTuple):
    """A formula that was lowered once, for its copies."""

    pattern: Pattern
    sites: tuple[CallSite, ...]
    functions: frozenset[str]
    suspect: bool


class Lowering:
    """Rewrites the formulas of one workbook.

    A formula that is a copy of an earlier one, as in the column of a table, is written by
    copying what that one became.

    Parameters
    ----------
    tables
        The workbook's tables by name in lower case.
    names
        Its defined names.

    Attributes
    ----------
    sites
        Every call of a function of ours met so far.
    suspects
        Cells whose formula must show one value and yet might give several.
    functions
        Functions of Excel that were met, with the cells that call them.
    """

    def __init__(self, tables: dict[str, Table], names: list[DefinedName]) -> None:
        self.sites: list[CallSite] = []
        self.suspects: list[tuple[str, tuple[int, int]]] = []
        self.functions: dict[str, set[tuple[str, tuple[int, int]]]] = {}
        self._budget = _MOST_TOKENS
        self._tables = tables
        self._areas: dict[str, list[tuple[str, Area, Area]]] = {}
        for name, table in tables.items():
            self._areas.setdefault(table.sheet, []).append((name, table.area, table.data))
        self._met: set[str] = set()
        self._copyable = True
        self._lowered: dict[_Key, _Lowered] = {}
        self._patterns: dict[str, Pattern] = {}
        self._inlined = {
            (name.name.lower(), name.sheet): tokenize(name.text.lstrip("="))
            for name in names
            if _must_be_inlined(name.text)
        }
        # A name may be a cell on one sheet and a range on another.
        self._cells = {name.name.lower() for name in names} - {
            name.name.lower()
            for name in names
            if not lifting.is_cell(tokenize(name.text.lstrip("=")))
        }
        self._ranges = {
            name.name.lower() for name in names if _is_range(tokenize(name.text.lstrip("=")))
        }

    def name(self, name: DefinedName) -> str | None:
        """A defined name's text for the copy; None where formulas hold it inline or not at all."""
        if (name.name.lower(), name.sheet) in self._inlined or name.name.startswith("_xl"):
            return None
        try:
            tokens = self._expanded(name.text.lstrip("="), (name.sheet or "", 0, 0))
        except Outside:
            return None
        return untokenize(tokens)

    def formula(self, text: str, sheet: str, row: int, column: int, *, array: bool) -> str:
        """A cell's formula for the copy.

        Parameters
        ----------
        text
            As the file stores it, without an equals sign.
        sheet, row, column
            The cell.
        array
            Whether it is stored as an array formula; if not, ranges that stand where one value
            is meant are cut to the cell's own row or column, as Excel does.

        Raises
        ------
        Outside
            When the formula needs another workbook or the network.
        """
        source = self._patterns.get(text)
        if source is None:
            source = Pattern(tokenize(text), row, column)
            if source.reads_the_same_everywhere:
                self._patterns[text] = source
        key = source.pieces, array, sheet, self._tables_beside(text, sheet, row, column)
        found = self._lowered.get(key)
        if found is None:
            return self._first(key, text, (sheet, row, column), array=array)
        place = sheet, (row, column)
        number = len(self.sites)
        self.sites.extend(site._replace(row=row, column=column) for site in found.sites)
        for function in found.functions:
            self.functions[function].add(place)
        if found.suspect:
            self.suspects.append(place)
        return found.pattern.at(row, column, number)

    def _tables_beside(self, text: str, sheet: str, row: int, column: int) -> tuple[object, ...]:
        """What structured references depend on: the tables that share the cell's row."""
        if "[" not in text:
            return ()
        return tuple(
            [
                (name, data.top <= row <= data.bottom, area.left <= column <= area.right)
                for name, area, data in self._areas.get(sheet, ())
                if area.top <= row <= area.bottom
            ]
        )

    def _first(self, key: _Key, text: str, place: tuple[str, int, int], *, array: bool) -> str:
        sheet, row, column = place
        number = len(self.sites)
        self._met, self._copyable = set(), True
        tokens = self._expanded(text, place)
        tokens = lifting.lowered(tokens, self._ranges, array=array, lift=LIFT, ours=CALL)
        suspect = not array and lifting.may_fill_more(tokens, self._cells)
        if suspect:
            self.suspects.append((sheet, (row, column)))
        if self._copyable:
            pattern = Pattern(_numbered(tokens, number), row, column)
            sites = tuple(self.sites[number:])
            self._lowered[key] = _Lowered(pattern, sites, frozenset(self._met), suspect)
        return untokenize(tokens)

    def _expanded(self, text: str, place: tuple[str, int, int]) -> list[Token]:
        self._budget = _MOST_TOKENS
        return self._rewritten(tokenize(text), place, 0)

    def _rewritten(
        self, tokens: list[Token], place: tuple[str, int, int], depth: int
    ) -> list[Token]:
        result: list[Token] = []
        index = 0
        # Names within names can multiply without end.
        self._budget -= len(tokens)
        if self._budget < 0:
            raise Outside("grows endlessly when its names are written out")
        while index < len(tokens):
            token = tokens[index]
            follower = tokens[index + 1] if index + 1 < len(tokens) else None
            if token.kind is Kind.SHEET:
                ours = follower is not None and _is_ours(follower)
                if not ours:
                    if _EXTERNAL_BOOK.match(token.text):
                        raise Outside("refers to another workbook")
                    result.append(token)
                    if follower is not None and follower.kind is Kind.NAME:
                        result.append(follower)
                        index += 1
            elif token.kind is Kind.FUNCTION:
                index += self._call(tokens, index, place, depth, result)
            elif token.kind is Kind.TABLE or (
                token.kind is Kind.NAME and token.text.lower() in self._tables
            ):
                text = resolve(token.text, self._tables, *place)
                if text == "#REF!" and re.fullmatch(r"\[\d+\]", token.text):
                    raise Outside("refers to another workbook")
                result.extend(tokenize(text))
            elif token.kind is Kind.NAME and (content := self._content(token.text, place[0])):
                if depth > _DEEPEST_NAME:
                    raise Outside(f"uses the name {token.text}, which refers to itself")
                result.append(Token(Kind.OPEN, "("))
                result.extend(self._named(content, place, depth))
                result.append(Token(Kind.CLOSE, ")"))
            elif token.kind is Kind.OPERATOR and token.text == "|":
                raise Outside("is a DDE link to another program")
            else:
                result.append(token)
            index += 1
        return result

    def _named(self, content: list[Token], place: tuple[str, int, int], depth: int) -> list[Token]:
        # What a name refers to does not move with the formula that uses it, and its tables are
        # not seen in that formula's text.
        stays = Pattern(content).reads_the_same_everywhere
        self._copyable &= stays and not any(token.kind is Kind.TABLE for token in content)
        return self._rewritten(content, place, depth + 1)

    def _call(
        self,
        tokens: list[Token],
        index: int,
        place: tuple[str, int, int],
        depth: int,
        result: list[Token],
    ) -> int:
        """Write the call at `index`; return how many further tokens it took."""
        sheet, row, column = place
        name = function_name(tokens[index])
        if name in REACHES_OUTSIDE:
            raise Outside(f"calls {name}, which reaches outside the workbook")
        if content := self._content(name, sheet):
            if depth > _DEEPEST_NAME:
                raise Outside(f"calls the name {name}, which calls itself")
            # LAMBDA(...)(...): the lifting pass puts it into the form that engines know.
            result.extend(self._named(content, place, depth))
            result.append(Token(Kind.OPEN, "("))
            return 0
        if name not in CATALOG:
            self._met.add(name)
            self.functions.setdefault(name, set()).add((sheet, (row, column)))
            result.append(tokens[index])
            return 0
        given = arguments(tokens, index)
        if given == [[]]:
            given = []
        skipped = frozenset(number for number, argument in enumerate(given) if not argument)
        number = len(self.sites)
        self.sites.append(CallSite(sheet, row, column, name, skipped))
        result.append(Token(Kind.FUNCTION, f"{CALL}("))
        result.append(Token(Kind.NUMBER, str(number)))
        for argument in given:
            if argument:
                result.append(Token(Kind.COMMA, ","))
                result.extend(self._rewritten(argument, place, depth))
        result.append(Token(Kind.CLOSE, ")"))
        return closing(tokens, index) - index

    def _content(self, name: str, sheet: str) -> list[Token] | None:
        key = name.lower()
        return self._inlined.get((key, sheet)) or self._inlined.get((key, None))


def _numbered(tokens: list[Token], first: int) -> list[Token | Number]:
    """A lowered formula whose call sites are counted from its first one."""
    result: list[Token | Number] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        is_site = before is not None and before.text == f"{CALL}(" and token.text.isdigit()
        result.append(Number(int(token.text) - first) if is_site else token)
    return result


def fitted(formula: str, height: int, width: int) -> str:
    """A lowered formula whose result always has this size, as in an array of fixed size."""
    return f"{FIT}({formula},{height},{width})"


def calls_ours(text: str) -> bool:
    """Whether a formula calls a function of ours."""
    upper = text.upper()
    # A cheap test that spares most formulas the tokenizer.
    return any(name in upper for name in CATALOG) and any(map(_is_ours, tokenize(text)))


def _is_ours(token: Token) -> bool:
    return token.kind is Kind.FUNCTION and function_name(token) in CATALOG


def _must_be_inlined(text: str) -> bool:
    """Engines do not calculate functions of ours or LAMBDA inside a defined name."""
    tokens = tokenize(text.lstrip("="))
    return any(
        _is_ours(token) or (token.kind is Kind.FUNCTION and function_name(token) == "LAMBDA")
        for token in tokens
    )


def _is_range(tokens: list[Token]) -> bool:
    return (
        len(tokens) <= 2  # a reference with its sheet
        and bool(tokens)
        and tokens[-1].kind is Kind.REFERENCE
        and ":" in tokens[-1].text
    )
