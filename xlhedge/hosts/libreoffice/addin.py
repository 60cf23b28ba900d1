"""The UNO component of the Calc add-in; it runs inside LibreOffice's own Python.

Nothing of the hedging is here. Each method of the generated interface is a worksheet function of
the same name, answered by `xlhedge.hosts.libreoffice.bridge`; `SEARCHED` tells where that is
looked for.
"""

from __future__ import annotations

import os
import platform
import struct
import sys
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

import unohelper
from com.sun.star.lang import XServiceName
from com.sun.star.sheet import XAddIn
from org.xlhedge.calc import XHedge

SERVICE = "org.xlhedge.calc.AddIn"
SEARCHED = (
    "the environment variable XLHEDGE_PYTHONPATH, the folder pythonpath inside the add-in, and the"
    " folders recorded by `xlhedge calc install`"
)
_NAME_ERROR = struct.unpack("<d", struct.pack("<II", 525, 0x7FF80000))[0]


def _search() -> None:
    """Put the folders that hold the package first: another numpy must not come before its own."""
    recorded = Path(__file__).with_name("search_path.txt")
    folders = os.environ.get("XLHEDGE_PYTHONPATH", "").split(os.pathsep)
    if recorded.is_file():
        folders += recorded.read_text(encoding="utf-8").splitlines()
    for folder in reversed([item for item in folders if item]):
        if folder in sys.path:
            sys.path.remove(folder)
        sys.path.insert(0, folder)


@cache
def _answer() -> Any:
    """What answers the calls, or the sentence that says why nothing can."""
    _search()
    try:
        # Not by an import statement: LibreOffice's own would blame UNO for a missing module.
        return import_module("xlhedge.hosts.libreoffice.bridge").answer
    except ImportError as problem:
        version = platform.python_version()
        if problem.name == "xlhedge":
            return (
                f"The Python package xlhedge was not found by LibreOffice's Python {version}."
                f" Looked for in {SEARCHED}."
            )
        return (
            f"The Python package xlhedge cannot be used by LibreOffice's Python {version}:"
            f" {' '.join(str(problem).split())[:300]}. Install it for that version of Python, then"
            " run `xlhedge calc install` from there."
        )


class AddIn(unohelper.Base, XHedge, XAddIn, XServiceName):  # type: ignore[misc]  # made at run time
    """The add-in as Calc sees it.

    Of XAddIn only the language is asked for: names and help are in CalcAddIns.xcu.
    """

    def __init__(self, context: Any) -> None:
        self._reflection = context.ServiceManager.createInstanceWithContext(
            "com.sun.star.reflection.CoreReflection", context
        )

    def __getattr__(self, name: str) -> Any:
        """The method of that worksheet name: upper case, which no method of UNO's is."""
        if not name.isupper():
            raise AttributeError(name)
        method = partial(self._call, name, self._gives_range(name))
        setattr(self, name, method)
        return method

    def _gives_range(self, name: str) -> bool:
        interface = self._reflection.forName("org.xlhedge.calc.XHedge")
        return bool(interface.getMethod(name).ReturnType.Name != "any")

    @staticmethod
    def _call(name: str, gives_range: bool, *given: Any) -> Any:
        answer = _answer()
        if not isinstance(answer, str):
            result = answer(name, *given)
        else:
            tells = name.endswith(("XLHEDGE_WHY", "XLHEDGE_VERSION"))
            result = answer if tells else _NAME_ERROR
        return ((result,),) if gives_range and not isinstance(result, tuple) else result

    def getServiceName(self) -> str:  # noqa: N802  # UNO's spelling
        """The name under which Calc knows the functions."""
        return SERVICE

    def setLocale(self, locale: Any) -> None:  # noqa: N802  # UNO's spelling
        """Take no notice: names and help are English."""


# Not as com.sun.star.sheet.AddIn: Calc would then ask the component and leave CalcAddIns.xcu.
g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816  # the loader's name for it
g_ImplementationHelper.addImplementation(AddIn, f"{SERVICE}Implementation", (SERVICE,))
