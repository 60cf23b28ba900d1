"""What matters of a workbook: the named cells that hosts and the command line show."""

from __future__ import annotations

from typing import NamedTuple


class Figure(NamedTuple):
    """A named cell: its label, its name, its unit, and the kind of number of the theme."""

    label: str
    name: str
    unit: str
    number: str
