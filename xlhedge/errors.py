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

import re
from typing import Any

# Names from files go into sentences, and some hold line breaks or codes that steer a terminal.
_NOT_ONE_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class HedgeError(Exception):
    """A failure with a sentence for the user.

    Parameters
    ----------
    message
        One sentence: "*argument* must ..., got ...". It is kept on one line.
    where
        Boolean array that marks the offending elements of an elementwise call; None when the
        whole call fails. It broadcasts against the call's result.
    """

    def __init__(self, message: str, where: Any = None) -> None:
        super().__init__(_NOT_ONE_LINE.sub(" ", message))
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
