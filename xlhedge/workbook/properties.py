"""The document's own properties: what a workbook says of itself beside its cells."""

from __future__ import annotations

from xlhedge.workbook.package import Package
from xlhedge.workbook.xml import local_name

TEMPLATE = "xlhedge template"
"""The property of a workbook that says from which template it was made."""

_CUSTOM, _CORE = "custom-properties", "core-properties"


def custom_properties(package: Package) -> dict[str, str]:
    """The custom properties, each as text."""
    part = package.linked("", _CUSTOM)
    if part is None:
        return {}
    return {
        node.get("name", ""): "".join(node.itertext()).strip()
        for node in package.tree(part)
        if local_name(node) == "property"
    }


def title_of(package: Package) -> str:
    """The document's title; empty where it has none."""
    part = package.linked("", _CORE)
    if part is None:
        return ""
    return next((node.text or "" for node in package.tree(part) if local_name(node) == "title"), "")
