"""What can go wrong, drawn as a tree.

::

    HedgeError            can be shown to the user as it stands
    ├── InputError        wrong type, shape, option or length      #VALUE!
    ├── DomainError       outside the formula's domain             #NUM!
    │   └── NoConvergence an iteration that did not settle         #NUM!
    ├── TooFewData        fewer observations than the method needs #N/A
    ├── NoSolution        the thing asked for does not exist       #N/A
    ├── ZeroVariance      a denominator without variance           #DIV/0!
    └── FileError         a file that cannot be read or written    (command line)

Which cell error each kind becomes is decided in one place, `xlhedge.sheet.call`.
"""

from __future__ import annotations

from typing import Any


class HedgeError(Exception):
    """A failure with a sentence for the user.

    Parameters
    ----------
    message
        One sentence: "*argument* must ..., got ...".
    where
        Boolean array that marks the offending elements of an elementwise call; None when the
        whole call fails. It broadcasts against the call's result.
    """

    def __init__(self, message: str, where: Any = None) -> None:
        super().__init__(message)
        self.where = where


class InputError(HedgeError):
    """Wrong type, wrong shape, unknown option, lengths that differ."""


class DomainError(HedgeError):
    """A value outside the formula's domain."""


class NoConvergence(DomainError):
    """An iteration that did not settle."""


class TooFewData(HedgeError):
    """Fewer observations than the method needs."""


class NoSolution(HedgeError):
    """The thing asked for does not exist."""


class ZeroVariance(HedgeError):
    """A regressor or a denominator without variance."""


class FileError(HedgeError):
    """A file that cannot be read, is not what it should be, or must not be written."""
