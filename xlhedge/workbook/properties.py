"""The document's own properties: what a workbook says of itself beside its cells."""

from __future__ import annotations

from typing import Any

from xlhedge.workbook.package import Package
from xlhedge.workbook.xml import local_name

TEMPLATE = "xlhedge template"
"""The property of a workbook that says from which template it was made."""


def template_of(package: Package) -> str:
    """The template that a workbook was made from; empty for others."""
    custom = _properties(package, "custom-properties", "property")
    found = (node for node in custom if node.get("name") == TEMPLATE)
    return next(("".join(node.itertext()).strip() for node in found), "")


def title_of(package: Package) -> str:
    """The document's title; empty where it has none."""
    return next((node.text or "" for node in _properties(package, "core-properties", "title")), "")


def _properties(package: Package, kind: str, name: str) -> list[Any]:
    part = package.linked("", kind)
    return [node for node in package.tree(part) if local_name(node) == name] if part else []
