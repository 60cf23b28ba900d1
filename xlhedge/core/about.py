"""The version, for a cell."""

from __future__ import annotations


def version() -> str:
    """The version of xlhedge that answers, as text.

    Returns
    -------
    str
        For example "0.1.0".

    Notes
    -----
    Read from the package that is loaded, so it tells which installation the worksheet talks to.

    Examples
    --------
    >>> from xlhedge import call
    >>> call("XLHEDGE_VERSION")
    '...'
    """
    import xlhedge

    return xlhedge.__version__
