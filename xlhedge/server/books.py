"""The templates for the pane: what there is, their key figures, and each as a workbook."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from xlhedge.formula.spelling import Spelling
from xlhedge.templates import TEMPLATES, build
from xlhedge.workbook.package import Package
from xlhedge.workbook.spelling import translate


def listing() -> dict[str, Any]:
    """The templates, each with the named cells by which its workbooks say what matters."""
    return {
        "templates": [
            {"name": name, "summary": item.summary, "figures": [f._asdict() for f in item.figures]}
            for name, item in TEMPLATES.items()
        ]
    }


@cache
def workbook(name: str) -> bytes:
    """A template as Excel opens it: with the add-in's spelling, to be calculated there."""
    with tempfile.TemporaryDirectory(prefix="xlhedge-") as folder:
        package = Package.open(build(name, Path(folder) / f"{name}.xlsx"))
    translate(package, Spelling.OFFICE_JS)
    return package.to_bytes()
