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

import xlhedge
from xlhedge.catalog import CATALOG
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


def identifier(name: str, function: str = "") -> str:
    """An argument's name as VBA accepts it.

    Words that VBA or the wrappers use, and the function's own name, get a "_" at the end.
    """
    word = name.lower()
    taken = word in _reserved() or word in _OWN_WORDS or word == function.lower()
    return f"{name}_" if taken else name


@cache
def _reserved() -> frozenset[str]:
    """VBA's keywords, and the built-in functions that an argument would hide."""
    return frozenset(_resource("reserved.txt").split())


def _resource(name: str) -> str:
    return files("xlhedge.hosts.excel").joinpath(name).read_text(encoding="ascii")


def render() -> str:
    """The text of `udfs.bas`, with CRLF line ends and in ASCII."""
    head = _resource("functions.bas")
    lines = head.replace("@VERSION@", xlhedge.__version__).splitlines()
    lines += ["", *_names(CATALOG), *_registration(CATALOG.values())]
    for spec in CATALOG.values():
        lines += ["", *_wrapper(spec)]
    return "\r\n".join([*lines, ""])


def signature(spec: FunctionSpec) -> str:
    """The argument list of a function, as VBA declares it."""
    return ", ".join(_declared(parameter, spec.name) for parameter in spec.parameters)


def _declared(parameter: Parameter, function: str) -> str:
    name = identifier(parameter.name, function)
    if parameter.variadic:
        return f"ParamArray {name}()"
    return f"Optional {name}" if parameter.optional else name


def _wrapper(spec: FunctionSpec) -> Iterator[str]:
    names = [identifier(parameter.name, spec.name) for parameter in spec.parameters]
    yield from _folded(f"Public Function {spec.name}(", signature(spec).split(", "), ")")
    if spec.parameters and spec.parameters[-1].variadic:
        fixed, rest = names[:-1], names[-1]
        yield "    Dim given() As Variant, i As Long"
        yield f"    ReDim given(0 To UBound({rest}) + {len(fixed)})"
        for index, name in enumerate(fixed):
            yield from _assigned("    ", f"given({index})", name)
        yield f"    For i = 0 To UBound({rest})"
        yield from _assigned("        ", f"given(i + {len(fixed)})", f"{rest}(i)")
        yield "    Next i"
        yield f'    {spec.name} = Answer("{spec.name}", given)'
    else:
        yield from _folded(f'    {spec.name} = Answer("{spec.name}", Array(', names, "))")
    yield "End Function"


def _assigned(indent: str, target: str, source: str) -> Iterator[str]:
    """An argument copied: a range as its values, one that is left out as Empty."""
    yield f'{indent}If TypeName({source}) = "Range" Then'
    yield f"{indent}    {target} = Contents({source})"
    yield f"{indent}ElseIf Not IsMissing({source}) Then"
    yield f"{indent}    {target} = {source}"
    yield f"{indent}End If"


def _names(names: Iterable[str]) -> Iterator[str]:
    quoted = [f'"{name}"' for name in names]
    yield "Public Function XlhedgeNames() As Variant"
    yield from _folded("    XlhedgeNames = Array(", quoted, ")")
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
