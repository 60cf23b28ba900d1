"""`xlhedge convert`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from xlhedge.cli.options import AsJson, InPlace, Overwrite, Target
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
    output: Target = None,
    in_place: InPlace = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
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
