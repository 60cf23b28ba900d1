"""Packs an extension of LibreOffice (.oxt)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

import xlhedge
from xlhedge.hosts.libreoffice.launch import OLDEST

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

_MEDIA_TYPES = {
    "idl": "application/vnd.sun.star.uno-typelibrary;type=RDB",
    "components": "application/vnd.sun.star.uno-components",
    "xcu": "application/vnd.sun.star.configuration-data",
}
_OLDEST_DATE = (1980, 1, 1, 0, 0, 0)


def pack(identifier: str, title: str, parts: Mapping[str, str]) -> bytes:
    """The bytes of an extension; the same on every machine.

    The extension manager knows it by its identifier and shows its title. LibreOffice is told of
    each of the parts, its files by name, by the ending of its name.
    """
    target = io.BytesIO()
    # Stored, not packed: compression libraries differ in the bytes that they write.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name, text in {
            "META-INF/manifest.xml": _manifest(parts),
            "description.xml": _description(identifier, title),
            **parts,
        }.items():
            entry = zipfile.ZipInfo(name, _OLDEST_DATE)
            entry.create_system = 0
            package.writestr(entry, text.replace("\r\n", "\n").encode())
    return target.getvalue()


def components(service: str, file: str) -> str:
    """The part that tells which Python file holds a service."""
    return (
        f'{HEAD}<components xmlns="http://openoffice.org/2010/uno-components">\n'
        f'<component loader="com.sun.star.loader.Python" uri="{file}">'
        f'<implementation name="{service}Implementation"><service name="{service}"/>'
        "</implementation></component>\n</components>\n"
    )


def _manifest(parts: Mapping[str, str]) -> str:
    entries = "".join(
        f'<manifest:file-entry manifest:media-type="{_MEDIA_TYPES[ending]}"'
        f' manifest:full-path="{name}"/>\n'
        for name in parts
        if (ending := name.rpartition(".")[2]) in _MEDIA_TYPES
    )
    return (
        f'{HEAD}<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">\n'
        f"{entries}</manifest:manifest>\n"
    )


def _description(identifier: str, title: str) -> str:
    oldest = ".".join(map(str, OLDEST))
    return (
        f'{HEAD}<description xmlns="http://openoffice.org/extensions/description/2006"'
        ' xmlns:dep="http://openoffice.org/extensions/description/2006"'
        ' xmlns:lo="http://libreoffice.org/extensions/description/2011">\n'
        f'<identifier value="{identifier}"/>\n<version value="{xlhedge.__version__}"/>\n'
        f'<display-name><name lang="en">{escape(title)}</name></display-name>\n'
        f'<dependencies><lo:LibreOffice-minimal-version value="{oldest}"'
        f' dep:name="LibreOffice {oldest}"/></dependencies>\n</description>\n'
    )
