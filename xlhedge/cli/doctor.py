"""`xlhedge doctor`."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check the installation: one line per finding, with a cure where something is wrong.

    Exit code 1 when there is a problem. Nothing is changed and nothing is sent anywhere.

    Examples:

      xlhedge doctor

      xlhedge doctor --json > findings.json
    """
    from xlhedge import doctor as checks

    findings = checks.run()
    data = checks.as_data(findings)
    print(json.dumps(data, indent=1) if as_json else checks.as_text(findings))
    if not checks.healthy(findings):
        raise typer.Exit(1)
