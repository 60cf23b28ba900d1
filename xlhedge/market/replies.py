"""The rows within a venue's reply or a dump in JSON."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from xlhedge.errors import FileError

_NESTED = 3


def rows(text: str, name: str) -> tuple[list[list[Any]], bool]:
    """The longest list of rows, or columns as rows; and whether the first are names.

    Raises
    ------
    FileError
        When there is neither.
    """
    data = parsed(text, name)
    found = max(_lists(data, 0), key=len, default=[])
    if found and all(isinstance(row, dict) for row in found):
        names = list(dict.fromkeys(itertools.chain.from_iterable(found)))
        plain = [
            key for key in names if not any(isinstance(r.get(key), (dict, list)) for r in found)
        ]
        return [plain, *[[row.get(key) for key in plain] for row in found]], True
    if found and all(isinstance(row, list) for row in found):
        return found, False
    columns = _columns(data, 0)
    if columns:
        return [list(columns), *map(list, zip(*columns.values(), strict=True))], True
    raise FileError(f"{name}: there are no rows in it")


def parsed(text: str | bytes, name: str) -> Any:
    """What a text in JSON holds."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise FileError(f"{name} is not JSON: {problem}") from None


def _lists(data: Any, depth: int) -> Iterator[list[Any]]:
    if depth > _NESTED + 1:
        return
    if isinstance(data, list):
        if data and all(isinstance(row, (list, dict)) for row in data):
            yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _lists(value, depth + 1)


def _columns(data: Any, depth: int) -> dict[str, list[Any]]:
    if not isinstance(data, dict) or depth > _NESTED:
        return {}
    lists = {key: value for key, value in data.items() if isinstance(value, list)}
    if len(lists) > 1:
        size = max(map(len, lists.values()))
        return {key: value for key, value in lists.items() if len(value) == size}
    for value in data.values():
        found = _columns(value, depth + 1)
        if found:
            return found
    return {}
