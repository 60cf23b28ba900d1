"""Help while a function is typed, for Excel-DNA's free IntelliSense add-in.

Excel itself shows the arguments of its own functions only. That add-in reads a file beside an
add-in, named after it.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from xlhedge.hosts.excel import vba

_SPACE = "http://schemas.excel-dna.net/intellisense/1.0"


def render(names: vba.Names = "both") -> bytes:
    """The file's content.

    Parameters
    ----------
    names
        Under which names the functions are declared.
    """
    root = ET.Element("IntelliSense", xmlns=_SPACE)
    info = ET.SubElement(root, "FunctionInfo")
    for name, spec in vba.named(names).items():
        function = ET.SubElement(info, "Function", Name=name, Description=spec.summary)
        for parameter in spec.parameters:
            text = spec.help.get(parameter.name, "")
            if parameter.choices:
                text += " Options: " + ", ".join(parameter.choices)
            ET.SubElement(function, "Argument", Name=parameter.name, Description=text)
    ET.indent(root)
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made
