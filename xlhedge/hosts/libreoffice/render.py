"""The LibreOffice Calc add-in `xlhedge.oxt`, rendered from the catalogue.

An .oxt is a zip archive of XML and Python; no compiler and no SDK is needed, since LibreOffice
reads the interface from its text (.idl). What is the same for all functions stands in
`xlhedge/hosts/libreoffice/addin.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import NamedTuple
from xml.sax.saxutils import escape

from xlhedge.catalog import CATALOG, namespaced, stored
from xlhedge.hosts.libreoffice.extension import HEAD, components, pack
from xlhedge.hosts.libreoffice.install import IDENTIFIER
from xlhedge.sheet.spec import FunctionSpec, Parameter

_SERVICE = f"{IDENTIFIER}.AddIn"
_RANGE = "sequence< sequence< any > >"
_REGISTRY = (
    ' xmlns:oor="http://openoffice.org/2001/registry"'
    ' xmlns:xs="http://www.w3.org/2001/XMLSchema" oor:package="org.openoffice.Office"'
)


class _Name(NamedTuple):
    """One of a function's names: as UNO knows it, as Calc shows it, and in .xlsx files."""

    method: str
    shown: str
    filed: str
    spec: FunctionSpec


def _names() -> Iterator[_Name]:
    """Every name: a file keeps the one that it came with."""
    for name, spec in (*CATALOG.items(), *CATALOG.second_names.items()):
        yield _Name(name, name, name, spec)
    for name, spec in CATALOG.items():
        filed = stored(name)
        yield _Name(filed.upper().lstrip("_"), namespaced(name), filed, spec)


def render(search_path: Iterable[str] = ()) -> bytes:
    """The bytes of `xlhedge.oxt`; the same on every machine.

    Parameters
    ----------
    search_path
        Folders in which the add-in is to look for the package `xlhedge` and its libraries.
    """
    parts = {
        "XHedge.idl": _interface(),
        "xlhedge.components": components(_SERVICE, "addin.py"),
        "CalcAddIns.xcu": _functions(),
        "Recalculation.xcu": _recalculation(),
        "addin.py": files("xlhedge.hosts.libreoffice")
        .joinpath("addin.py")
        .read_text(encoding="utf-8"),
    }
    recorded = "".join(f"{folder}\n" for folder in search_path)
    if recorded:
        parts["search_path.txt"] = recorded
    return pack(IDENTIFIER, "xlhedge: hedging functions for Calc", parts)


def _interface() -> str:
    """The functions as UNO knows them: `any` takes a cell as well as a range.

    Arguments are numbered, since many of their names are words of this language or hold an
    underscore, which it does not allow there. Calc shows the names of CalcAddIns.xcu.
    """
    methods = "".join(
        f"    {_RANGE if gives_range(one.spec) else 'any'} {one.method}("
        + ", ".join(f"[in] any argument{n}" for n in range(1, len(parameters(one.spec)) + 1))
        + ");\n"
        for one in _names()
    )
    return (
        "module org { module xlhedge { module calc {\n"
        f"  interface XHedge {{\n{methods}  }};\n}}; }}; }};\n"
    )


def gives_range(spec: FunctionSpec) -> bool:
    """Whether a function may give more than one cell.

    One that never does is declared as such, because Calc finds a text inside an add-in's range
    unequal to every other text.
    """
    return spec.elementwise or spec.returns_array


def parameters(spec: FunctionSpec) -> list[Parameter]:
    """The arguments of a function; a variadic one as often as the longest call needs it.

    Calc has variadic functions too, but takes their ranges apart inside array formulas.
    """
    if not (spec.parameters and spec.parameters[-1].variadic):
        return list(spec.parameters)
    *fixed, last = spec.parameters
    most = max(len(other.parameters) for other in CATALOG.values())
    return [*fixed, *(last._replace(name=f"{last.name[:-1]}{n}") for n in range(1, most + 1))]


def _functions() -> str:
    """Names and help for the function wizard and for reading and writing .xlsx."""
    return (
        f'{HEAD}<oor:component-data oor:name="CalcAddIns"{_REGISTRY}>\n'
        f'<node oor:name="AddInInfo"><node oor:name="{_SERVICE}" oor:op="replace">'
        '<node oor:name="AddInFunctions">\n'
        + "\n".join("".join(_function(one)) for one in _names())
        + "\n</node></node></node>\n</oor:component-data>\n"
    )


def _function(name: _Name) -> Iterator[str]:
    yield f'<node oor:name="{name.method}" oor:op="replace">'
    yield _text("DisplayName", name.shown)
    yield _text("Description", name.spec.summary)
    yield '<prop oor:name="Category"><value>Add-In</value></prop>'
    yield _text("CompatibilityName", name.filed)
    yield '<node oor:name="Parameters">'
    for number, parameter in enumerate(parameters(name.spec), 1):
        yield f'<node oor:name="argument{number}" oor:op="replace">'
        yield _text("DisplayName", parameter.name)
        yield _text("Description", _help(name.spec, parameter))
        yield "</node>"
    yield "</node></node>"


def _text(name: str, text: str) -> str:
    return f'<prop oor:name="{name}"><value xml:lang="en-US">{escape(text)}</value></prop>'


def _help(spec: FunctionSpec, parameter: Parameter) -> str:
    declared = spec.parameters[-1] if parameter.variadic else parameter
    text = spec.help.get(declared.name, "")
    if parameter.optional and not parameter.variadic:
        default = "" if parameter.default is None else f", default {parameter.default}"
        text = f"{text} Optional{default}."
    return text.strip()


def _recalculation() -> str:
    """Calculate files when they are opened: Calc otherwise shows what they were saved with."""
    return (
        f'{HEAD}<oor:component-data oor:name="Calc"{_REGISTRY}>\n'
        '<node oor:name="Formula"><node oor:name="Load">'
        '<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>'
        "</node></node>\n</oor:component-data>\n"
    )
