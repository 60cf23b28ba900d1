"""What Excel loads of the add-in, from the catalogue: functions.json, functions.js, the pane."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, NamedTuple

import xlhedge
from xlhedge.catalog import CATALOG, namespaced
from xlhedge.sheet.spec import FunctionSpec, Parameter

NAMESPACE = "XLHEDGE"
"""What stands before a function's name in a formula: ``=XLHEDGE.LIQ_PRICE(…)``."""

OFFICE_JS = "https://appsforoffice.microsoft.com/lib/1/hosted/office.js"
"""Microsoft's library, from the only address that Excel supports for it."""


class Bounds(NamedTuple):
    """What a request may be, so that the script asks for nothing that is refused."""

    body_bytes: int
    seconds: float


def functions(help_page: str) -> dict[str, Any]:
    """The functions as Excel registers them: the content of functions.json.

    Parameters
    ----------
    help_page
        Address of the page that explains each function under its name.
    """
    return {
        "allowErrorForDataTypeAny": True,
        "functions": [_function(spec, help_page) for spec in CATALOG.values()],
    }


def functions_script(bounds: Bounds) -> str:
    """functions.js: registers each function, and sends the calls of a calculation together."""
    settings = {
        "functions": {
            _identifier(spec): {
                "name": name,
                "alone": _alone(spec),
                "repeats": any(p.variadic for p in spec.parameters),
            }
            for name, spec in CATALOG.items()
        },
        "bodyBytes": bounds.body_bytes,
        "seconds": bounds.seconds,
    }
    return part("functions.js").replace("__SETTINGS__", json.dumps(settings))


def pane(office_js: str = OFFICE_JS) -> str:
    """pane.html: the page in which the task pane and the functions run."""
    return part("pane.html").replace("__OFFICE_JS__", office_js)


def catalog() -> dict[str, Any]:
    """What the pane shows of the functions: help, arguments, options."""
    return {
        "version": xlhedge.__version__,
        "namespace": NAMESPACE,
        "functions": [_described(spec) for spec in CATALOG.values()],
    }


def part(name: str) -> str:
    """One of the add-in's files as it lies in the package."""
    return files("xlhedge.hosts.office_js").joinpath(name).read_text(encoding="utf-8")


def icon(size: int) -> bytes:
    """The add-in's icon as PNG, 16, 32, 64 or 80 pixels wide."""
    return files("xlhedge.hosts.office_js").joinpath(f"icon-{size}.png").read_bytes()


def _function(spec: FunctionSpec, help_page: str) -> dict[str, Any]:
    parameters = spec.parameters
    return {
        "id": _identifier(spec),
        "name": _identifier(spec),
        "description": spec.summary,
        "helpUrl": f"{help_page}#{spec.name}",
        # Excel allows no optional argument before a required one.
        "parameters": [
            _parameter(spec, item, optional=all(map(_may_be_blank, parameters[index:])))
            for index, item in enumerate(parameters)
        ],
        # A result of one cell is a matrix too: only then does Excel tell addresses.
        "result": {"dimensionality": "matrix"},
        "options": {
            "cancelable": True,
            "requiresAddress": True,
            "requiresParameterAddresses": True,
        },
    }


def _identifier(spec: FunctionSpec) -> str:
    """The name below the namespace: LIQ_PRICE, and WHY for XLHEDGE_WHY."""
    return namespaced(spec.name).removeprefix(f"{NAMESPACE}.")


def _described(spec: FunctionSpec) -> dict[str, Any]:
    described = spec.describe()
    for shown, parameter in zip(described["parameters"], spec.parameters, strict=True):
        shown["required"] = not _may_be_blank(parameter)
    return {**described, "formula": namespaced(spec.name), "syntax": spec.syntax}


def _parameter(spec: FunctionSpec, parameter: Parameter, *, optional: bool) -> dict[str, Any]:
    text = spec.help.get(parameter.name, "")
    if parameter.choices:
        text += f" Options: {', '.join(parameter.choices)}."
    described: dict[str, Any] = {
        "name": parameter.name,
        "description": text.strip(),
        "type": "any",
        "dimensionality": "matrix",
    }
    if parameter.variadic:
        described["repeating"] = True
    elif optional:
        described["optional"] = True
    return described


def _may_be_blank(parameter: Parameter) -> bool:
    return parameter.optional or parameter.blank


def _alone(spec: FunctionSpec) -> bool:
    """Whether a function simulates paths: it may take seconds, and nothing should wait for it."""
    return any(parameter.name == "paths" for parameter in spec.parameters)
