"""A worksheet function as read from its Python signature and docstring."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from xlhedge.core.types import Shape

CHOICE, NUMBER, INTEGER, TEXT = "choice", "number", "integer", "text"


class Parameter(NamedTuple):
    """One argument of a worksheet function.

    `kind` is a value of `Shape`, or choice, number, integer or text. `blank` says that the core
    takes None for "left out"; `number_too` that a shape also takes a single number. A series with
    a `row` may also be a range with a header row.
    """

    name: str
    kind: str
    optional: bool
    default: Any
    choices: tuple[str, ...]
    row: Any
    blank: bool
    number_too: bool
    variadic: bool


class FunctionSpec:
    """The declaration of one worksheet function; everything in it is read on first use.

    Parameters
    ----------
    name
        Worksheet name.
    topic
        Heading under which it is listed.
    target
        The function, or "module.function" below `xlhedge.core`: then the module is imported on
        the first call, which keeps the start of a process short.
    """

    def __init__(self, name: str, topic: str, target: str | Callable[..., Any]) -> None:
        self.name = name
        self.topic = topic
        self._target = target

    def __repr__(self) -> str:
        """The worksheet name."""
        return f"FunctionSpec({self.name})"

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The core function."""
        if callable(self._target):
            return self._target
        module, _, attribute = self._target.rpartition(".")
        function: Callable[..., Any] = getattr(import_module(f"xlhedge.core.{module}"), attribute)
        return function

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.function, include_extras=True)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The arguments in worksheet order."""
        signature = inspect.signature(self.function)
        return tuple(
            _parameter(item, self._hints[item.name]) for item in signature.parameters.values()
        )

    @cached_property
    def elementwise(self) -> bool:
        """Whether the function broadcasts over its arguments."""
        return any(p.kind == Shape.ELEMENTWISE.value for p in self.parameters)

    @cached_property
    def returns_array(self) -> bool:
        """Whether the result is more than one cell even for arguments of one cell."""
        return not _is_scalar(self._hints["return"])

    @property
    def python_name(self) -> str:
        """Its name in Python: that of the core function."""
        return self._target.__name__ if callable(self._target) else self._target.rpartition(".")[2]

    @property
    def python_module(self) -> str:
        """The topic's module below `xlhedge` that offers it to Python; "" where none does."""
        topic, _, function = ("", "", "") if callable(self._target) else self._target.partition(".")
        return topic if "." in function else ""

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of a result without a header row, as "Returns" lists them."""
        returned = self.doc.returns
        text = " ".join((returned.description or "").split()) if returned else ""
        found = re.match(r"Columns ([a-z0-9_, ]+?)(?: and ([a-z0-9_]+))?[;.:]", text)
        return tuple(re.findall(r"\w+", " ".join(filter(None, found.groups())))) if found else ()

    @cached_property
    def doc(self) -> Any:
        """The parsed docstring (`docstring_parser.common.Docstring`)."""
        from docstring_parser import DocstringStyle, parse

        return parse(inspect.getdoc(self.function) or "", DocstringStyle.NUMPYDOC)

    @property
    def summary(self) -> str:
        """What the function gives, in one sentence: the wizard's help."""
        return " ".join((self.doc.short_description or "").split())

    @cached_property
    def help(self) -> dict[str, str]:
        """One sentence per argument."""
        return {
            name.strip().lstrip("*"): " ".join((item.description or "").split())
            for item in self.doc.params
            for name in item.arg_name.split(",")
        }

    def describe(self) -> dict[str, Any]:
        """The declaration as plain data, for listings in JSON."""
        return {
            "name": self.name,
            "topic": self.topic,
            "summary": self.summary,
            "parameters": [
                {
                    "name": p.name,
                    "kind": p.kind,
                    "optional": p.optional,
                    "default": p.default,
                    "choices": list(p.choices),
                    "help": self.help.get(p.name, ""),
                }
                for p in self.parameters
            ],
        }

    @property
    def syntax(self) -> str:
        """The call as a manual prints it: optional arguments in brackets with their default."""
        return f"{self.name}({', '.join(_shown(p) for p in self.parameters)})"


def _shown(parameter: Parameter) -> str:
    if parameter.variadic:
        return f"[{parameter.name}], …"
    if not parameter.optional:
        return parameter.name
    if parameter.default is None:
        return f"[{parameter.name}]"
    default = parameter.default
    text = f'"{default}"' if isinstance(default, str) else f"{default:g}"
    return f"[{parameter.name}={text}]"


def _is_scalar(hint: Any) -> bool:
    return hint in (float, int, str, bool) or _shape(hint) is Shape.ELEMENTWISE


def _shape(hint: Any) -> Shape | None:
    if get_origin(hint) is Annotated:
        return next((item for item in hint.__metadata__ if isinstance(item, Shape)), None)
    return None


def _parameter(item: inspect.Parameter, hint: Any) -> Parameter:
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    if _shape(hint) is not None:
        options = (hint,)
    kind, row = "", None
    choices: tuple[str, ...] = ()
    for option in options:
        shape = _shape(option)
        if shape is not None:
            kind = shape.value
            if shape in (Shape.LABELLED, Shape.RECORD):
                row = get_args(option)[0]
        elif get_origin(option) is Literal:
            choices = tuple(map(str, get_args(option)))
            kind = kind or CHOICE
        elif option is str:
            kind = kind or TEXT
    if {Shape.SERIES, Shape.LABELLED} <= {_shape(option) for option in options}:
        kind = Shape.SERIES.value
    number_too = float in options
    if not kind or (kind == CHOICE and number_too):
        kind = INTEGER if int in options else NUMBER
    variadic = item.kind is inspect.Parameter.VAR_POSITIONAL
    optional = variadic or item.default is not inspect.Parameter.empty
    return Parameter(
        name=item.name,
        kind=kind,
        optional=optional,
        default=item.default if optional and not variadic else None,
        choices=choices,
        row=row,
        blank=type(None) in options,
        number_too=number_too,
        variadic=variadic,
    )
