"""The Excel add-in `xlhedge.xlam`, built on any platform without Excel.

XlsxWriter writes the workbook around the VBA project; what makes it an add-in, its content type and
its ribbon tab, is set in the package afterwards.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files
from uuid import UUID

from xlhedge.hosts.excel.ovba.project import Kind, Module, write

_PROJECT = UUID("6d0a1b52-5b0e-5c6f-9d6c-2f3f6b1c7e10")
_MACRO_BOOK = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_ADD_IN = b"application/vnd.ms-excel.addin.macroEnabled.main+xml"
_RIBBON = "customUI/customUI14.xml"
_RIBBON_LINK = (
    b'<Relationship Id="rIdRibbon" '
    b'Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility" '
    b'Target="' + _RIBBON.encode() + b'"/></Relationships>'
)


def modules(functions: str) -> tuple[Module, ...]:
    """The modules of the add-in's VBA project.

    Parameters
    ----------
    functions
        The text of `udfs.bas`.
    """
    bridge = _resource("bridge.bas").replace("@XLWINGS@", version("xlwings"))
    return (
        Module("ThisWorkbook", _resource("workbook.cls"), Kind.WORKBOOK),
        Module("Sheet1", "Option Explicit\n", Kind.SHEET),
        Module("xlhedge_udfs", functions),
        Module("xlhedge_bridge", bridge),
        Module("xlhedge_why", _resource("why.bas")),
        Module("xlhedge_ribbon", _resource("ribbon.bas")),
    )


def build(functions: str) -> bytes:
    """The add-in as a file.

    Parameters
    ----------
    functions
        The text of `udfs.bas`.

    Returns
    -------
    bytes
        The package. The same text always gives the same bytes.
    """
    return _as_add_in(_workbook(write("xlhedge", _PROJECT, modules(functions))))


def is_signed(package: bytes) -> bool:
    """Whether somebody has signed an add-in's VBA project."""
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as opened:
            return any("vbaprojectsignature" in name.lower() for name in opened.namelist())
    except zipfile.BadZipFile:
        return False


def _resource(name: str) -> str:
    return files("xlhedge.hosts.excel").joinpath(name).read_text(encoding="ascii")


def _workbook(project: bytes) -> bytes:
    import xlsxwriter

    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"in_memory": True})
    book.set_properties(
        {
            "title": "xlhedge",
            "comments": "Hedging of crypto positions with futures, as worksheet functions",
            "created": datetime(2024, 1, 1),
        }
    )
    sheet = book.add_worksheet("xlhedge")
    sheet.write("A1", "This is the add-in xlhedge. Its functions and its ribbon tab are in use.")
    book.set_vba_name("ThisWorkbook")
    sheet.set_vba_name("Sheet1")
    book.add_vba_project(io.BytesIO(project), is_stream=True)
    book.close()
    return output.getvalue()


def _as_add_in(package: bytes) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(output, "w") as target:
        for item in source.infolist():
            data = source.read(item)
            if item.filename == "[Content_Types].xml":
                data = data.replace(_MACRO_BOOK, _ADD_IN)
            elif item.filename == "_rels/.rels":
                data = data.replace(b"</Relationships>", _RIBBON_LINK)
            _add(target, item.filename, data)
        _add(target, _RIBBON, _resource("ribbon.xml").encode("ascii"))
    return output.getvalue()


def _add(package: zipfile.ZipFile, name: str, data: bytes) -> None:
    item = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    item.external_attr = 0o600 << 16
    package.writestr(item, data, zipfile.ZIP_DEFLATED)
