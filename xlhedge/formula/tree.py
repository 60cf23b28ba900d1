"""A formula as a tree of few kinds of nodes, and back.

formualizer has a parser of its own, eight times as fast; but it drops the spaces at the ends of
column names, knows no dialect of another program, and a formula's copies are parsed only once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from xlhedge.formula.tokens import Kind, Token, storage_name, tokenize


class Unreadable(ValueError):
    """A text that is no formula."""


class Leaf(NamedTuple):
    """A number, a text, an error value, an array constant; also whatever is written as it is."""

    kind: Kind
    text: str


class Reference(NamedTuple):
    """A cell, a range, whole rows or columns; `sheet` is the text before the exclamation mark."""

    sheet: str
    text: str

    @property
    def is_range(self) -> bool:
        """Whether it may hold more than one cell."""
        return ":" in self.text


class Name(NamedTuple):
    """A defined name, a variable of LET or LAMBDA, a table or a structured reference."""

    sheet: str
    text: str


class Call(NamedTuple):
    """A function, named or the result of another call, with its arguments; None is omitted."""

    function: str | Node
    arguments: tuple[Node | None, ...]

    @property
    def name(self) -> str:
        """The function's name in upper case without storage prefixes."""
        return storage_name(self.function) if isinstance(self.function, str) else ""


class Operation(NamedTuple):
    """Operands of one precedence with the operators between them."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]


class Sign(NamedTuple):
    """An operator before its operand (`-`, `+`, `@`) or after it (`%`, `#`)."""

    text: str
    operand: Node

    @property
    def is_after(self) -> bool:
        """Whether the operator follows."""
        return self.text in ("%", "#")


class Group(NamedTuple):
    """An expression in parentheses; several are a union of areas."""

    members: tuple[Node, ...]


class Position(NamedTuple):
    """A number that follows from where a formula stands, such as `ROW` of a reference.

    It is `rows` times the formula's row, and `columns` times its column, and `offset`.
    """

    rows: int
    columns: int
    offset: int

    def at(self, row: int, column: int) -> int:
        """The number in a formula of that cell."""
        return self.rows * row + self.columns * column + self.offset


Node = Leaf | Reference | Name | Call | Operation | Sign | Group | Position
Piece = Token | Position

_LOOSEST_FIRST = ("= <> < > <= >=", "&", "+ -", "* /", "^")
_PRECEDENCE = {
    operator: level
    for level, operators in enumerate(_LOOSEST_FIRST)
    for operator in operators.split()
}
_OPERAND = frozenset(
    [
        Kind.SHEET, Kind.REFERENCE, Kind.FUNCTION, Kind.TABLE, Kind.NAME, Kind.OPEN, Kind.ERROR,
    ]
)  # fmt: skip
_LITERALS = frozenset([Kind.TEXT, Kind.ARRAY, Kind.ERROR, Kind.NUMBER])
_END = Token(Kind.CLOSE, "")


def parse(formula: str) -> Node:
    """The tree of a formula without its equals sign.

    Raises
    ------
    Unreadable
        When the text is no formula.
    """
    parser = _Parser(tokenize(formula))
    node = parser.expression()
    if parser.next.text == "|":
        raise Unreadable("is a DDE link to another program")
    if parser.next is not _END:
        raise Unreadable(f"cannot be read at {parser.next.text!r}")
    return node


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = [token for token in tokens if token.text]
        self.position = 0
        self.spaced = False
        self.next = _END
        self.move(0)

    def move(self, step: int = 1) -> Token:
        """Take the next token; spaces are noted, since one between references intersects them."""
        token = self.next
        self.position += step
        self.spaced = False
        while self.position < len(self.tokens):
            self.next = self.tokens[self.position]
            if self.next.kind is not Kind.SPACE:
                return token
            self.spaced = True
            self.position += 1
        self.next = _END
        return token

    def expression(self, loosest: int = 0) -> Node:
        """Operands between operators that bind at least as tightly as `loosest`."""
        node = self.signed()
        while (level := self.precedence()) >= loosest:
            operands, operators = [node], []
            while self.precedence() == level:
                operators.append(self.move().text)
                operands.append(self.expression(level + 1))
            node = Operation(tuple(operators), tuple(operands))
        return node

    def precedence(self) -> int:
        """How tightly the next token binds; -1 where it is no operator between two operands."""
        return _PRECEDENCE.get(self.next.text, -1) if self.next.kind is Kind.OPERATOR else -1

    def signed(self) -> Node:
        if self.next.kind is Kind.OPERATOR and self.next.text in "+-@":
            return Sign(self.move().text, self.signed())
        node = self.intersection()
        while self.next.text == "%":
            node = Sign(self.move().text, node)
        return node

    def intersection(self) -> Node:
        operands = [self.range()]
        while self.spaced and self.next.kind in _OPERAND and _may_refer(operands[-1]):
            operands.append(self.range())
        return _joined(" ", operands)

    def range(self) -> Node:
        operands = [self.postfixed()]
        while self.next.text == ":":
            self.move()
            operands.append(self.postfixed())
        return _joined(":", operands)

    def postfixed(self) -> Node:
        node = self.primary()
        while True:
            if self.next.text == "#":
                node = Sign(self.move().text, node)
            elif self.next.kind is Kind.OPEN and not self.spaced and isinstance(node, (Call, Name)):
                self.move()
                node = Call(node, self.given())
            else:
                return node

    def primary(self) -> Node:
        token = self.move()
        if token.text == "#REF!" and self.next.kind in _OPERAND and not self.spaced:
            self.primary()  # what is left of a reference to a sheet that was deleted
        if token.kind in _LITERALS:
            return Leaf(token.kind, token.text)
        if token.kind is Kind.REFERENCE:
            return Reference("", token.text)
        if token.kind in (Kind.NAME, Kind.TABLE):
            return Name("", token.text)
        if token.kind is Kind.FUNCTION:
            return Call(token.text[:-1].strip(), self.given())
        if token.kind is Kind.OPEN:
            return self.group()
        if token.kind is Kind.SHEET:
            return self.elsewhere(token.text)
        raise Unreadable(f"cannot be read at {token.text!r}" if token.text else "ends too early")

    def elsewhere(self, sheet: str) -> Node:
        """What stands behind a sheet's name."""
        token = self.move()
        while token.kind is Kind.SHEET:
            sheet, token = sheet + token.text, self.move()
        if token.kind is Kind.REFERENCE:
            return Reference(sheet, token.text)
        if token.kind in (Kind.NAME, Kind.TABLE):
            return Name(sheet, token.text)
        if token.kind is Kind.ERROR:
            return Leaf(Kind.ERROR, token.text)
        if token.kind is Kind.FUNCTION:
            return Call(sheet + token.text[:-1].strip(), self.given())
        raise Unreadable(f"cannot be read at {sheet}{token.text}")

    def given(self) -> tuple[Node | None, ...]:
        """The arguments up to the closing parenthesis."""
        found: list[Node | None] = []
        while True:
            omitted = self.next.kind in (Kind.COMMA, Kind.CLOSE)
            found.append(None if omitted else self.expression())
            token = self.move()
            if token is _END:
                raise Unreadable("lacks a closing parenthesis")
            if token.kind is Kind.CLOSE:
                return () if found == [None] else tuple(found)
            if token.kind is not Kind.COMMA:
                raise Unreadable(f"cannot be read at {token.text!r}")

    def group(self) -> Node:
        members = self.given()
        if not members or None in members:
            raise Unreadable("holds empty parentheses")
        return Group(tuple(member for member in members if member is not None))


def _joined(operator: str, operands: list[Node]) -> Node:
    operators = (operator,) * (len(operands) - 1)
    return Operation(operators, tuple(operands)) if operators else operands[0]


def _may_refer(node: Node) -> bool:
    return not isinstance(node, Leaf) or node.kind is Kind.ERROR


def pieces(node: Node) -> list[Piece]:
    """The tokens of a tree, and the numbers that follow from the formula's place."""
    found: list[Piece] = []
    _collect(node, found)
    return found


def _collect(node: Node, found: list[Piece]) -> None:
    match node:
        case Leaf(kind, text):
            found.append(Token(kind, text))
        case Reference(sheet, text):
            if sheet:
                found.append(Token(Kind.SHEET, sheet))
            found.append(Token(Kind.REFERENCE, text))
        case Name(sheet, text):
            if sheet:
                found.append(Token(Kind.SHEET, sheet))
            found.append(Token(Kind.TABLE if "[" in text else Kind.NAME, text))
        case Position():
            found.append(node)
        case Group(members):
            found.append(Token(Kind.OPEN, "("))
            _collect_list(members, found)
            found.append(Token(Kind.CLOSE, ")"))
        case Sign(text, operand):
            if not node.is_after:
                found.append(Token(Kind.OPERATOR, text))
            _collect(operand, found)
            if node.is_after:
                found.append(Token(Kind.OPERATOR, text))
        case Operation(operators, operands):
            for sign, operand in zip(("", *operators), operands, strict=True):
                if sign:
                    found.append(Token(Kind.OPERATOR, sign))
                _collect(operand, found)
        case Call(function, arguments):
            if isinstance(function, str):
                found.append(Token(Kind.FUNCTION, f"{function}("))
            else:
                _collect(function, found)
                found.append(Token(Kind.OPEN, "("))
            _collect_list(arguments, found)
            found.append(Token(Kind.CLOSE, ")"))


def _collect_list(nodes: tuple[Node | None, ...], found: list[Piece]) -> None:
    for number, node in enumerate(nodes):
        if number:
            found.append(Token(Kind.COMMA, ","))
        if node is not None:
            _collect(node, found)


def write(node: Node) -> str:
    """The formula that a tree makes."""
    return "".join(
        str(piece.at(1, 1)) if isinstance(piece, Position) else piece.text for piece in pieces(node)
    )


def changed(node: Node, change: Callable[[Node], Node]) -> Node:
    """A tree with each of its children changed."""
    match node:
        case Group(members):
            return Group(tuple(map(change, members)))
        case Sign(text, operand):
            return Sign(text, change(operand))
        case Operation(operators, operands):
            return Operation(operators, tuple(map(change, operands)))
        case Call(function, arguments):
            head = function if isinstance(function, str) else change(function)
            return Call(head, tuple(None if one is None else change(one) for one in arguments))
    return node


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
