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
    """The templates, and the named cells by which each of them says what matters."""
    figures = {f.name: f._asdict() for item in TEMPLATES.values() for f in item.figures}
    names = [{"name": name, "summary": item.summary} for name, item in TEMPLATES.items()]
    return {"templates": names, "figures": list(figures.values())}


@cache
def workbook(name: str) -> bytes:
    """A template as Excel opens it: with the add-in's spelling, to be calculated there."""
    with tempfile.TemporaryDirectory(prefix="xlhedge-") as folder:
        package = Package.open(build(name, Path(folder) / f"{name}.xlsx"))
    translate(package, Spelling.OFFICE_JS)
    return package.to_bytes()
