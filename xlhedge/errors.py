"""What can go wrong, drawn as a tree.

::

    HedgeError            can be shown to the user as it stands
    ├── InputError        wrong type, shape, option or length      #VALUE!
    ├── DomainError       outside the formula's domain             #NUM!
    │   └── NoConvergence an iteration that did not converge        #NUM!
    ├── TooFewData        fewer observations than the method needs #N/A
    ├── NoSolution        the thing asked for does not exist       #N/A
    ├── ZeroVariance      a denominator without variance           #DIV/0!
    ├── MissingExtra      a library that was not installed         #N/A
    ├── FileError         a file that cannot be read or written    (command line)
    └── VenueError        an exchange that cannot or will not say  (command line)

All but the last three are ValueErrors too. Which cell error each kind becomes is decided in one
place, `xlhedge.sheet.call`.
"""

from __future__ import annotations

import re
from typing import Any

# Names from files go into sentences, and some hold line breaks or codes that steer a terminal.
_NOT_ONE_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class HedgeError(Exception):
    """A failure that names what it rejects.

    Parameters
    ----------
    message
        What is wrong: "must be positive" of the argument, or a whole sentence where no argument
        is named. It is kept on one line.
    argument
        Name of the argument.
    column
        Its column, where the argument is a range with a header row.
    row
        Its offending row, counted from 0 as the arrays are. A host counts rows in its own way.
    value
        The offending value, which ends the sentence.
    where
        Boolean array that marks the offending elements; None when the whole call fails. It
        broadcasts against the result of an elementwise call.

    Attributes
    ----------
    rows
        Where Python called over arrays: the rows of all elements that failed, from 0.

    Examples
    --------
    >>> str(DomainError("must be positive", argument="positions", column="price", row=1, value=-7))
    'positions.price[1] must be positive, got -7'
    """

    rows: tuple[int, ...] = ()

    def __init__(
        self,
        message: str,
        *,
        argument: str | None = None,
        column: str | None = None,
        row: int | None = None,
        value: Any = None,
        where: Any = None,
    ) -> None:
        self.message = _NOT_ONE_LINE.sub(" ", message)
        self.argument = argument
        self.column = column
        self.row = row
        self.value = value
        self.where = where
        super().__init__(self.message)

    def __str__(self) -> str:
        """The sentence, with rows as Python counts them."""
        column = "" if self.column is None else f".{self.column}"
        row = "" if self.row is None else f"[{self.row}]"
        return self.sentence(f"{self.argument}{column}{row}")

    def sentence(self, place: str) -> str:
        """The sentence, with `place` for the argument, its column and its row."""
        start = self.message if self.argument is None else f"{place} {self.message}"
        if self.value is None:
            return start
        # A question comes last: "must lie in [0, 1), got 5: was a percentage meant?"
        claim, *question = start.rsplit(": ", 1) if start.endswith("?") else (start,)
        return ": ".join([f"{claim}, got {_shown(self.value)}", *question])


def _shown(value: Any) -> str:
    try:
        return f"{float(value):.12g}"
    except (TypeError, ValueError):
        return repr(value)


class InputError(HedgeError, ValueError):
    """Wrong type, wrong shape, unknown option, lengths that differ."""


class DomainError(HedgeError, ValueError):
    """A value outside the formula's domain."""


class NoConvergence(DomainError):
    """An iteration that did not converge."""


class TooFewData(HedgeError, ValueError):
    """Fewer observations than the method needs."""


class NoSolution(HedgeError, ValueError):
    """The thing asked for does not exist."""


class ZeroVariance(HedgeError, ValueError):
    """A regressor or a denominator without variance."""


class MissingExtra(HedgeError):
    """A library that is installed on request, and is not."""


class FileError(HedgeError):
    """A file that cannot be read, is not what it should be, or must not be written."""


class VenueError(HedgeError):
    """An exchange that does not answer, refuses, or says what cannot be verified."""
