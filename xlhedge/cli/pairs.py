"""NAME=VALUE words of a command line."""

from __future__ import annotations

from collections.abc import Iterable

from xlhedge.errors import InputError


def pairs(texts: Iterable[str], form: str, *, blank: bool = False) -> dict[str, str]:
    """NAME=VALUE words as a mapping; a name may come once, in any case.

    Parameters
    ----------
    texts
        The words.
    form
        How a sentence shows them.
    blank
        Whether a value may be left out.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name or not (value or blank):
            raise InputError(f"{text!r} is not of the form {form}")
        if name.lower() in map(str.lower, found):
            raise InputError(f"{name} is given twice")
        found[name] = value
    return found
