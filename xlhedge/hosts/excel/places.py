"""Where things are on Windows: folders, files, registry keys, and how Python is started."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

SETTINGS = r"Software\VB and VBA Program Settings\xlhedge\Places"
"""Where VBA's ``GetSetting("xlhedge", "Places", …)`` reads."""

OFFICE = r"Software\Microsoft\Office"


@dataclass(frozen=True)
class Places:
    """The folders of one user's installation.

    Parameters
    ----------
    home
        Where xlhedge is installed, with its environment in ``venv``.
    templates
        Where the template workbooks are copied to.
    """

    home: Path
    templates: Path

    @classmethod
    def of(cls, home: Path | None = None, templates: Path | None = None) -> Places:
        """Places, where not given the usual ones below the user's local application data."""
        home = home or Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "xlhedge"
        home = home.absolute()  # Excel and the registry know no current folder
        return cls(home, (templates or home / "templates").absolute())

    @property
    def add_in(self) -> Path:
        """The add-in."""
        return self.home / "xlhedge.xlam"

    @property
    def tooltips(self) -> Path:
        """What Excel-DNA's IntelliSense add-in shows while a function is typed."""
        return self.home / "xlhedge.xlam.intellisense.xml"

    @property
    def by_hand(self) -> Path:
        """The functions as a module to import into a workbook, where the add-in cannot be used."""
        return self.home / "udfs.bas"

    @property
    def help_page(self) -> Path:
        """The page that the ribbon's Help opens."""
        return self.home / "help.html"

    @property
    def manifest(self) -> Path:
        """Which files were installed, with their hashes."""
        return self.home / "installed.json"

    @property
    def environment(self) -> Path:
        """The Python environment."""
        return self.home / "venv"

    @property
    def python(self) -> Path:
        """The interpreter without a console."""
        return self.environment / "Scripts" / "pythonw.exe"

    def library(self, bits: int = 64) -> Path:
        """The library of xlwings that Excel loads, which must have Excel's own bitness."""
        return self.environment / f"xlwings{bits}-{version('xlwings')}.dll"

    @property
    def server_command(self) -> str:
        """How xlwings' library starts the COM server; the add-in builds the same line."""
        return f'"{self.python}" -I -m xlhedge.windows.serve $(CLSID)'
