"""What the rewriting of formulas must know of Excel's own functions.

Each argument of a function is of one of three classes, which Excel stores with the formula:

V
    One value. Of a range it takes the cell in the formula's own row or column; where the formula
    is evaluated as an array, and for an array of constants, it is applied to each element.
R
    A reference, taken whole. What is computed inside it is computed from single values.
A
    An array: what is computed inside it is computed element by element in any formula.

References
----------
.. [1] OpenOffice.org's Documentation of the Microsoft Excel File Format, sections 3.2 (Token
   Classes) and 3.11 (Built-In Sheet Functions).
"""

from __future__ import annotations

import tomllib
from importlib.resources import files

_TABLES = tomllib.loads(files(__package__).joinpath("functions.toml").read_text(encoding="utf-8"))
_ARGUMENTS: dict[str, str] = {
    name: classes for classes, names in _TABLES["classes"].items() for name in names.split()
}


def _of_kind(kind: str) -> frozenset[str]:
    return frozenset(_TABLES["sets"][kind].split())


# functions.toml says what each is.
ELEMENTWISE = _of_kind("elementwise")
GIVES_REFERENCE = _of_kind("gives_reference")
GIVES_ARRAY = _of_kind("gives_array")
OF_MANY_ARGUMENTS = _of_kind("of_many_arguments")
REACHES_OUTSIDE = _of_kind("reaches_outside")
VOLATILE = _of_kind("volatile")


def argument_class(function: str, position: int) -> str:
    """The class of an argument: V, R or A.

    Examples
    --------
    >>> argument_class("ROUND", 0), argument_class("SUMIFS", 4), argument_class("IF", 2)
    ('V', 'V', 'R')
    """
    classes = _ARGUMENTS.get(function, "V")
    first, _, repeated = classes.partition("(")
    if repeated and position >= len(first):
        return repeated[(position - len(first)) % 2]
    return first[min(position, len(first) - 1)]
