"""One Python function for each line of the catalogue, made when it is first asked for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from xlhedge.catalog import CATALOG
from xlhedge.errors import DomainError
from xlhedge.hosts.python import arguments, results
from xlhedge.sheet.call import calculate
from xlhedge.sheet.prepare import prepare
from xlhedge.sheet.sentences import TOO_EXTREME
from xlhedge.sheet.spec import FunctionSpec


def topic_of(module: str) -> dict[str, FunctionSpec]:
    """Python name to declaration of a topic, "margin" for instance, in the manual's order."""
    return {
        spec.python_name: spec
        for spec in CATALOG.values()
        if spec.python_module == module.rpartition(".")[2]
    }


def attributes(module: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a topic's module, which make its functions on first use."""
    specs = topic_of(module)
    made: dict[str, Callable[..., Any]] = {}

    def get(name: str) -> Any:
        if name == "__all__":
            return list(specs)
        if name not in specs:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        if name not in made:
            made[name] = python_function(specs[name], module)
        return made[name]

    return get, lambda: list(specs)


def python_function(spec: FunctionSpec, module: str) -> Callable[..., Any]:
    """A function of the catalogue with the core's signature and docstring.

    Parameters
    ----------
    spec
        The function.
    module
        The module that it says it comes from.
    """
    signature = inspect.signature(spec.function)

    def function(*given: Any, **named: Any) -> Any:
        bound = signature.bind(*given, **named)
        cells, labels = arguments.cells(spec, bound.arguments)
        try:
            with np.errstate(all="ignore"):
                value = calculate(spec, prepare(spec, cells, {}))
        except (ArithmeticError, np.linalg.LinAlgError):
            raise DomainError(TOO_EXTREME) from None
        return results.result(spec, value, labels)

    function.__name__ = function.__qualname__ = spec.python_name
    function.__module__ = module
    function.__doc__ = spec.function.__doc__
    function.__signature__ = signature  # type: ignore[attr-defined]  # inspect reads it
    return function
