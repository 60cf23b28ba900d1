"""`xlhedge call` and `xlhedge functions`."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from xlhedge.catalog import CATALOG, explain
from xlhedge.cli import cells
from xlhedge.cli.console import console, print_rows
from xlhedge.errors import InputError
from xlhedge.sheet.cells import CellError
from xlhedge.sheet.spec import FunctionSpec


def call(
    name: Annotated[str, typer.Argument(help="Worksheet name, for example LIQ_PRICE.")],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help='Cells: numbers, text, TRUE, "" (blank), {1,2;3,4}, @file.csv:column.'),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Call a worksheet function.

    Examples:

      xlhedge call LIQ_PRICE -- -1 70000 7000 0.005

      xlhedge call BETA_CONTRACTS "{35000000;17500000}" "{1.2;1.2}" 70000 1 0.8

      xlhedge call HEDGE_RATIO @prices.csv:spot @prices.csv:futures
    """
    if name.upper() not in CATALOG:
        raise InputError(f"there is no function {name}: `xlhedge functions` lists them")
    outcome = explain(name, *map(cells.parse, arguments or []))
    if as_json:
        print(cells.as_json(outcome.value))
    elif isinstance(outcome.value, list):
        print_rows(outcome.value)
    else:
        print(cells.show(outcome.value))
    if outcome.reason:
        console(error=True).print(
            f"{name.upper()}: {outcome.reason}", highlight=False, soft_wrap=True
        )
    if isinstance(outcome.value, CellError):
        raise typer.Exit(1)


def functions(
    name: Annotated[str | None, typer.Argument(help="One function, in full.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the listing as JSON.")] = False,
) -> None:
    """List the worksheet functions, or explain one.

    Examples:

      xlhedge functions

      xlhedge functions LIQ_PRICE

      xlhedge functions --json
    """
    if name is not None and name.upper() not in CATALOG:
        raise InputError(f"there is no function {name}: `xlhedge functions` lists them")
    chosen = [CATALOG[name]] if name else list(CATALOG.values())
    if as_json:
        print(json.dumps([spec.describe() for spec in chosen], ensure_ascii=False, indent=1))
    elif name:
        _explain(chosen[0])
    else:
        _list(chosen)


def _list(specs: list[FunctionSpec]) -> None:
    from rich.table import Table

    table = Table("topic", "function", "what it gives", box=None, header_style="bold")
    topic = ""
    for spec in specs:
        table.add_row("" if spec.topic == topic else spec.topic, spec.name, spec.summary)
        topic = spec.topic
    console().print(table)


def _explain(spec: FunctionSpec) -> None:
    from rich.table import Table
    from rich.text import Text

    out = console()
    out.print(Text(spec.syntax, style="bold"))
    out.print(Text(spec.summary))
    table = Table("argument", "takes", "default", "meaning", box=None, header_style="bold")
    for p in spec.parameters:
        takes = " | ".join(p.choices) if p.choices else p.kind
        table.add_row(p.name, takes, _default(p), spec.help.get(p.name, ""))
    if spec.parameters:
        out.print(table)


def _default(parameter: Any) -> str:
    if not parameter.optional:
        return "required"
    return "" if parameter.default is None else str(parameter.default)
