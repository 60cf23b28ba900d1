"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Target = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="OUT.xlsx", help="Where to save.")
]
InPlace = Annotated[bool, typer.Option("--in-place", help="Save over the workbook itself.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace OUT.xlsx if it exists.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
