"""A formula as a tree of few kinds of nodes, and back.

formualizer has a parser of its own, eight times as fast; but it drops the spaces at the ends of
column names, knows no dialect of another program, and a formula's copies are parsed only once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from xlhedge.formula.tokens import Kind, Token, remembered, storage_name, tokenize


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


class Group(NamedTuple):
    """An expression in parentheses; several are a union of areas.

    What a name's formula gives Excel evaluates as an array wherever it stands.
    """

    members: tuple[Node, ...]
    of_name: bool = False


Node = Leaf | Reference | Name | Call | Operation | Sign | Group

_LOOSEST_FIRST = (("=", "<>", "<", ">", "<=", ">="), "&", "+-", "*/", "^", "%", " ", ":", "#")
_PRECEDENCE = {
    operator: level for level, operators in enumerate(_LOOSEST_FIRST) for operator in operators
}
_BEFORE = _PRECEDENCE["%"]
"""How tightly a sign before its operand binds."""
_OPERAND = frozenset([Kind.REFERENCE, Kind.FUNCTION, Kind.TABLE, Kind.NAME, Kind.OPEN, Kind.ERROR])
_LITERALS = frozenset([Kind.TEXT, Kind.ARRAY, Kind.ERROR, Kind.NUMBER])
_END = Token(Kind.CLOSE, "", "")


@remembered
def parse(formula: str) -> Node:
    """The tree of a formula without its equals sign; Unreadable where the text is none."""
    parser = _Parser(tokenize(formula))
    node = parser.expression()
    if parser.next.text == "|":
        raise Unreadable("is a DDE link to another program")
    if parser.next is not _END:
        raise Unreadable(f"cannot be read at {parser.next.text!r}")
    return node


class _Parser:
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = iter(tokens)
        self.next = _END
        self.spaced = False
        self.move()

    def move(self) -> Token:
        """Take the next token; spaces are noted, since one between references intersects them."""
        token = self.next
        self.next = next(self.tokens, _END)
        self.spaced = self.next.kind is Kind.SPACE
        if self.spaced:
            self.next = next(self.tokens, _END)
        return token

    def expression(self, loosest: int = 0) -> Node:
        """Operands between operators that bind at least as tightly as `loosest`."""
        if self.next.kind is Kind.OPERATOR and self.next.text in "+-@":
            node: Node = Sign(self.move().text, self.expression(_BEFORE))
        else:
            node = self.operand()
        while (operator := self.operator(node)) and _PRECEDENCE[operator] >= loosest:
            if operator in "%#":
                node = Sign(self.move().text, node)
                continue
            level = _PRECEDENCE[operator]
            operators, operands = [], [node]
            while operator and _PRECEDENCE[operator] == level:
                if operator != " ":
                    self.move()
                operators.append(operator)
                operands.append(self.expression(level + 1))
                operator = self.operator(operands[-1])
            node = Operation(tuple(operators), tuple(operands))
        return node

    def operator(self, before: Node) -> str:
        """The operator that follows a node; empty where it ends."""
        kind, text, _ = self.next
        if kind is Kind.OPERATOR and text in _PRECEDENCE:
            return text
        may_refer = not isinstance(before, Leaf) or before.kind is Kind.ERROR
        return " " if self.spaced and kind in _OPERAND and may_refer else ""

    def operand(self) -> Node:
        kind, text, sheet = self.move()
        if text == "#REF!" and self.next.kind in _OPERAND and not self.spaced:
            self.operand()  # what is left of a reference to a sheet that was deleted
        if kind in _LITERALS:
            return Leaf(kind, text)
        if kind is Kind.REFERENCE:
            return Reference(sheet, text)
        if kind in (Kind.NAME, Kind.TABLE):
            node: Node = Name(sheet, text)
        elif kind is Kind.FUNCTION:
            self.move()
            node = Call(sheet + text, self.given())
        elif kind is Kind.OPEN:
            return self.group()
        else:
            raise Unreadable(f"cannot be read at {text!r}" if text else "ends too early")
        while self.next.kind is Kind.OPEN and not self.spaced:
            self.move()
            node = Call(node, self.given())
        return node

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


def write(node: Node | None) -> str:
    """The formula that a tree makes."""
    match node:
        case None:
            return ""
        case Leaf(_, text):
            return text
        case Reference(sheet, text) | Name(sheet, text):
            return sheet + text
        case Group(members):
            return f"({','.join(map(write, members))})"
        case Sign("%" | "#" as text, operand):
            return write(operand) + text
        case Sign(text, operand):
            return text + write(operand)
        case Operation(operators, operands):
            pairs = zip(operands, (*operators, ""), strict=True)
            return "".join([write(operand) + operator for operand, operator in pairs])
        case Call(function, arguments):
            head = function if isinstance(function, str) else write(function)
            return f"{head}({','.join(map(write, arguments))})"


def changed(node: Node, change: Callable[[Node], Node]) -> Node:
    """A tree with each of its children changed."""
    match node:
        case Group(members, of_name):
            return Group(tuple(map(change, members)), of_name)
        case Sign(text, operand):
            return Sign(text, change(operand))
        case Operation(operators, operands):
            return Operation(operators, tuple(map(change, operands)))
        case Call(function, arguments):
            head = function if isinstance(function, str) else change(function)
            return Call(head, tuple(None if one is None else change(one) for one in arguments))
    return node


def made(formula: str, **nodes: Node) -> Node:
    """The tree of a formula in which some names stand for other trees.

    Examples
    --------
    >>> write(made("(total+0*largest)", total=parse("A1"), largest=parse("MAX(B1:B9)")))
    '(A1+0*MAX(B1:B9))'
    """

    def filled(node: Node) -> Node:
        if isinstance(node, Name):
            return nodes.get(node.text, node)
        return changed(node, filled)

    return filled(parse(formula))
