"""A VBA project as its streams, [MS-OVBA] 2.2 and 2.3.

Only sources are written. Without the compiled form that Office keeps beside them, Office compiles
the sources when it opens the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from xlhedge.hosts.excel.ovba import compound
from xlhedge.hosts.excel.ovba.compression import compress

_CODE_PAGE = 1252
_NO_CACHE = bytes.fromhex("CC61FFFF000000")
_PROTECTED, _PASSWORD, _VISIBLE = bytes(4), b"\x00", b"\xff"


class Kind(Enum):
    """What a module is: the class identifier of a document module, none for a standard one."""

    STANDARD = None
    WORKBOOK = "00020819-0000-0000-C000-000000000046"
    SHEET = "00020820-0000-0000-C000-000000000046"


class Module(NamedTuple):
    """A module; `source` as the editor shows it, without attributes."""

    name: str
    source: str
    kind: Kind = Kind.STANDARD

    @property
    def text(self) -> str:
        """The source as it is stored: attributes first, CRLF line ends."""
        lines = [f'Attribute VB_Name = "{self.name}"']
        if self.kind is not Kind.STANDARD:
            lines += [
                f'Attribute VB_Base = "0{{{self.kind.value}}}"',
                "Attribute VB_GlobalNameSpace = False",
                "Attribute VB_Creatable = False",
                "Attribute VB_PredeclaredId = True",
                "Attribute VB_Exposed = True",
                "Attribute VB_TemplateDerived = False",
                "Attribute VB_Customizable = True",
            ]
        source = self.source.splitlines()
        if source and source[0].startswith("Attribute VB_Name"):
            source = source[1:]
        return "\r\n".join([*lines, *source, ""])


class Reference(NamedTuple):
    """A type library that the project uses."""

    name: str
    libid: str


REFERENCES = (
    Reference(
        "stdole",
        r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0"
        r"#C:\Windows\System32\stdole2.tlb#OLE Automation",
    ),
    Reference(
        "Office",
        r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0"
        r"#C:\Program Files\Common Files\Microsoft Shared\OFFICE16\MSO.DLL"
        r"#Microsoft Office 16.0 Object Library",
    ),
)
"""What Excel adds to every project by itself."""


def write(name: str, identifier: UUID, modules: Sequence[Module]) -> bytes:
    """The file `vbaProject.bin` of a project.

    Parameters
    ----------
    name
        Name of the project.
    identifier
        Its identifier; the same one gives the same bytes.
    modules
        The modules. Those of the workbook and of each sheet must be among them.
    """
    streams: dict[str, bytes] = {
        "_VBA_PROJECT": _NO_CACHE,
        "dir": compress(_directory(name, modules)),
    }
    for module in modules:
        streams[module.name] = compress(module.text.encode("cp1252"))
    return compound.write(
        {
            "VBA": streams,
            "PROJECT": _properties(name, identifier, modules),
            "PROJECTwm": _names(modules),
        }
    )


def _record(number: int, content: bytes) -> bytes:
    return struct.pack("<HI", number, len(content)) + content


def _text(number: int, unicode_number: int, text: str) -> bytes:
    """A text in the code page, followed by the same in UTF-16."""
    return _record(number, text.encode("cp1252")) + _record(
        unicode_number, text.encode("utf-16-le")
    )


def _directory(name: str, modules: Sequence[Module]) -> bytes:
    """The `dir` stream before compression, [MS-OVBA] 2.3.4.2."""
    english = struct.pack("<I", 0x0409)
    information = [
        _record(0x01, struct.pack("<I", 3)),
        _record(0x02, english),
        _record(0x14, english),
        _record(0x03, struct.pack("<H", _CODE_PAGE)),
        _record(0x04, name.encode("cp1252")),
        _text(0x05, 0x40, ""),
        _record(0x06, b"") + _record(0x3D, b""),
        _record(0x07, bytes(4)),
        _record(0x08, bytes(4)),
        struct.pack("<HIIH", 0x09, 4, 1, 1),
        _text(0x0C, 0x3C, ""),
    ]
    return b"".join(
        [
            *information,
            *map(_reference, REFERENCES),
            _record(0x0F, struct.pack("<H", len(modules))),
            _record(0x13, b"\xff\xff"),
            *map(_module, modules),
            _record(0x10, b""),
        ]
    )


def _reference(reference: Reference) -> bytes:
    libid = reference.libid.encode("cp1252")
    content = struct.pack("<I", len(libid)) + libid + bytes(6)
    return _text(0x16, 0x3E, reference.name) + _record(0x0D, content)


def _module(module: Module) -> bytes:
    return b"".join(
        [
            _text(0x19, 0x47, module.name),
            _text(0x1A, 0x32, module.name),
            _text(0x1C, 0x48, ""),
            _record(0x31, bytes(4)),
            _record(0x1E, bytes(4)),
            _record(0x2C, b"\xff\xff"),
            _record(0x21 if module.kind is Kind.STANDARD else 0x22, b""),
            _record(0x2B, b""),
        ]
    )


def _names(modules: Iterable[Module]) -> bytes:
    """The `PROJECTwm` stream: each name in the code page and in UTF-16."""
    pairs = (
        module.name.encode("cp1252") + b"\0" + module.name.encode("utf-16-le") + b"\0\0"
        for module in modules
    )
    return b"".join(pairs) + b"\0\0"


def _properties(name: str, identifier: UUID, modules: Sequence[Module]) -> bytes:
    """The `PROJECT` stream, [MS-OVBA] 2.3.1."""
    project_id = f"{{{str(identifier).upper()}}}"
    lines = [f'ID="{project_id}"']
    for module in modules:
        standard = module.kind is Kind.STANDARD
        lines.append(f"Module={module.name}" if standard else f"Document={module.name}/&H00000000")
    lines += [
        f'Name="{name}"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        f'CMG="{_obscure(_PROTECTED, project_id, 0x08)}"',
        f'DPB="{_obscure(_PASSWORD, project_id, 0x10)}"',
        f'GC="{_obscure(_VISIBLE, project_id, 0x18)}"',
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
        *(f"{module.name}=0, 0, 0, 0, C" for module in modules),
        "",
    ]
    return "\r\n".join(lines).encode("cp1252")


def _obscure(data: bytes, project_id: str, seed: int) -> str:
    """Three of the project's properties in the form that [MS-OVBA] 2.4.3.2 calls encryption."""
    key = sum(project_id.encode("cp1252")) & 0xFF
    output = [seed, seed ^ 2, seed ^ key]
    before, last, plain = output[1], output[2], key
    ignored = bytes((seed & 6) // 2)
    for byte in ignored + struct.pack("<I", len(data)) + data:
        hidden = byte ^ (before + plain & 0xFF)
        output.append(hidden)
        before, last, plain = last, hidden, byte
    return bytes(output).hex().upper()
