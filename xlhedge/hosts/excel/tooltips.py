"""Help while a function is typed, for Excel-DNA's free IntelliSense add-in.

Excel itself shows the arguments of its own functions only. That add-in reads a file beside an
add-in, named after it.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from xlhedge.hosts.excel import vba

_SPACE = "http://schemas.excel-dna.net/intellisense/1.0"


def render(names: vba.Names = "both") -> bytes:
    """The file's content.

    Parameters
    ----------
    names
        Under which names the functions are declared.
    """
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<IntelliSense xmlns={quoteattr(_SPACE)}>"]
    lines.append("<FunctionInfo>")
    for name, spec in vba.named(names).items():
        lines.append(f"<Function Name={quoteattr(name)} Description={quoteattr(spec.summary)}>")
        for parameter in spec.parameters:
            text = spec.help.get(parameter.name, "")
            if parameter.choices:
                text += " Options: " + ", ".join(parameter.choices)
            own, told = quoteattr(parameter.name), quoteattr(text)
            lines.append(f"<Argument Name={own} Description={told}/>")
        lines.append("</Function>")
    lines += ["</FunctionInfo>", "</IntelliSense>", ""]
    return "\n".join(lines).encode()
