"""The worksheet functions as VBA: `udfs.bas`, one function per line of the catalogue.

What is the same for all of them stands in `excel/functions.bas`, as VBA. This module adds one
wrapper per function, the list of names, and the help for Excel's function wizard.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import groupby
from textwrap import wrap
from typing import Literal

import xlhedge
from xlhedge.catalog import CATALOG, prefixed
from xlhedge.sheet.spec import FunctionSpec, Parameter

HELP_LIMIT = 255
"""Characters that Excel takes for a description."""

_WIDTH = 96
_ASCII = str.maketrans(
    {
        "−": "-",
        "–": "-",
        "—": "-",
        "×": "x",
        "·": "*",
        "…": "...",
        "≤": "<=",
        "≥": ">=",
        "≠": "<>",
        "“": '"',
        "”": '"',
        "’": "'",
        "√": "sqrt ",
        "σ": "sigma",
        "μ": "mu",
        "Δ": "d",
        "`": "'",
    }
)
_OWN_WORDS = frozenset({"answer", "contents", "given", "caller"})
"""What the wrappers call, and the argument that xlwings fills in itself."""

_SIMULATES = "seed"
"""An argument of the functions that are too slow to be called at each key in the wizard."""

Names = Literal["both", "prefixed"]
"""Which names a function has: BETA and XLH_BETA, or the second alone."""


def identifier(name: str) -> str:
    """An argument's name as VBA accepts it.

    Words that VBA or the wrappers use, and names of functions, get a "_" at the end: the editor
    has one spelling for a name, and would show HEDGE_RATIO as hedge_ratio everywhere.
    """
    word = name.lower()
    taken = word in _reserved() or word in _OWN_WORDS or name.upper() in CATALOG
    return f"{name}_" if taken else name


@cache
def _reserved() -> frozenset[str]:
    """VBA's keywords, and the built-in functions that an argument would hide."""
    return frozenset(_resource("reserved.txt").split())


def _resource(name: str) -> str:
    return files("xlhedge.hosts.excel").joinpath(name).read_text(encoding="ascii")


def named(names: Names = "both") -> dict[str, FunctionSpec]:
    """Worksheet name to declaration, under the names that are asked for."""
    second = CATALOG.second_names
    own = {name: spec for name, spec in CATALOG.items() if prefixed(name) == name}
    return {**own, **second} if names == "prefixed" else {**CATALOG, **second}


def render(names: Names = "both") -> str:
    """The text of `udfs.bas`, with CRLF line ends and in ASCII.

    Parameters
    ----------
    names
        Under which names the functions are declared.
    """
    functions = named(names)
    head = _resource("functions.bas")
    lines = head.replace("@VERSION@", xlhedge.__version__).splitlines()
    lines += ["", *_names(functions), *_registration(CATALOG.values())]
    for name, spec in functions.items():
        lines += ["", *_wrapper(name, spec)]
    return "\r\n".join([*lines, ""])


def signature(spec: FunctionSpec) -> str:
    """The argument list of a function, as VBA declares it."""
    return ", ".join(_declared(parameter) for parameter in spec.parameters)


def _declared(parameter: Parameter) -> str:
    name = identifier(parameter.name)
    if parameter.variadic:
        return f"ParamArray {name}()"
    return f"Optional {name}" if parameter.optional else name


def _wrapper(worksheet_name: str, spec: FunctionSpec) -> Iterator[str]:
    names = [identifier(parameter.name) for parameter in spec.parameters]
    start, end = f"Public Function {worksheet_name}(", ")"
    yield from _folded(start, signature(spec).split(", "), end)
    simulates = any(parameter.name == _SIMULATES for parameter in spec.parameters)
    more = ", True" if simulates else ""
    if spec.parameters and spec.parameters[-1].variadic:
        fixed, rest = names[:-1], names[-1]
        yield "    Dim given() As Variant, i As Long"
        yield f"    ReDim given(0 To UBound({rest}) + {len(fixed)})"
        for index, name in enumerate(fixed):
            yield from _assigned("    ", f"given({index})", name)
        yield f"    For i = 0 To UBound({rest})"
        yield from _assigned("        ", f"given(i + {len(fixed)})", f"{rest}(i)")
        yield "    Next i"
        yield f'    {worksheet_name} = Answer("{spec.name}", given{more})'
    else:
        call = f'    {worksheet_name} = Answer("{spec.name}", Array('
        yield from _folded(call, names, f"){more})")
    yield "End Function"


def _assigned(indent: str, target: str, source: str) -> Iterator[str]:
    """An argument copied: a range as its values, one that is left out as Empty."""
    yield f'{indent}If TypeName({source}) = "Range" Then'
    yield f"{indent}    {target} = Contents({source})"
    yield f"{indent}ElseIf Not IsMissing({source}) Then"
    yield f"{indent}    {target} = {source}"
    yield f"{indent}End If"


def _names(names: Iterable[str]) -> Iterator[str]:
    """One statement per line: a statement may go over 24 lines only."""
    yield "Public Function XlhedgeNames() As Variant"
    yield "    Dim listed As String"
    for line in wrap(" ".join(names), _WIDTH - 30):
        yield f'    listed = listed & " {line}"'
    yield "    XlhedgeNames = Split(Mid(listed, 2))"
    yield "End Function"


def _registration(specs: Iterable[FunctionSpec]) -> Iterator[str]:
    calls = []
    bodies: list[str] = []
    for number, (topic, members) in enumerate(groupby(specs, lambda spec: spec.topic), 1):
        calls.append(f"    Register{number}")
        bodies += ["", f"' {ascii_text(topic)}", f"Private Sub Register{number}()"]
        for spec in members:
            bodies += _description(spec)
        bodies.append("End Sub")
    yield from ["", "Private Sub RegisterAll()", *calls, "End Sub", *bodies]


def _description(spec: FunctionSpec) -> Iterator[str]:
    texts = [spec.summary, *(spec.help.get(item.name, "") for item in spec.parameters)]
    quoted = [_quoted(text) for text in texts]
    yield f'    Describe "{spec.name}", _'
    yield from (f"        {text}, _" for text in quoted[:-1])
    yield f"        {quoted[-1]}"


def ascii_text(text: str) -> str:
    """A text in ASCII: VBA files are read in the code page of the machine."""
    plain = unicodedata.normalize("NFKD", text.translate(_ASCII))
    return plain.encode("ascii", "ignore").decode("ascii")


def _quoted(text: str) -> str:
    short = ascii_text(text)
    if len(short) > HELP_LIMIT:
        short = short[: HELP_LIMIT - 3].rsplit(" ", 1)[0] + "..."
    return '"' + short.replace('"', '""') + '"'


def _folded(start: str, items: list[str], end: str) -> Iterator[str]:
    """A list on one line, or on as few lines as its width asks for."""
    line = start
    for position, item in enumerate(items):
        last = position == len(items) - 1
        piece = item + (end if last else ", ")
        if line.strip() and len(line) + len(piece) > _WIDTH:
            yield f"{line}_" if line.endswith(" ") else f"{line} _"
            line = "        "
        line += piece
    yield line if items else start + end
