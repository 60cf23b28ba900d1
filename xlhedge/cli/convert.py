"""`xlhedge convert`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from xlhedge.formula.spelling import Spelling
from xlhedge.system.watchdog import limited
from xlhedge.workbook.package import changing
from xlhedge.workbook.spelling import translate


def convert(
    source: Annotated[Path, typer.Argument(metavar="BOOK.xlsx", help="The workbook.")],
    to: Annotated[
        Spelling,
        typer.Option(help="vba: Excel on Windows; office-js: Excel on the Mac and on the web."),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="OUT.xlsx", help="Where to save.")
    ] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Save over the workbook itself.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace OUT.xlsx if it exists.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Put a workbook's calls of our functions into the spelling of another kind of add-in.

    LIQ_PRICE(…) is Excel's add-in for Windows; XLHEDGE.LIQ_PRICE(…), in the file
    _xldudf_XLHEDGE_LIQ_PRICE(…), is the add-in for the Mac and the web. Values and everything
    else stay byte for byte. What is not translated is said in a line each.

    Examples:

      xlhedge convert desk.xlsx --to office-js -o desk_web.xlsx

      xlhedge convert desk_web.xlsx --to vba -o desk.xlsx
    """
    with (
        limited(str(source)),
        changing(source, output, in_place=in_place, overwrite=overwrite) as (package, target),
    ):
        done = translate(package, to)
    if as_json:
        data = {"source": str(source), "target": str(target), "to": to.value, **done._asdict()}
        print(json.dumps(data, ensure_ascii=False, indent=1))
        return
    calls = f"{done.calls} call{'s' * (done.calls != 1)} of ours"
    print(f"{target}: {calls} in {done.formulas} formulas spelled for {to.value}")
    for sentence in done.left:
        print(f"  {sentence}")
