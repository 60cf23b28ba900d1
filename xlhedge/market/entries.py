"""The entries of a file that lists brackets or positions: a venue's reply in JSON, or a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlhedge.market import replies
from xlhedge.market.column_names import normal
from xlhedge.market.containers import open_tables
from xlhedge.system.limits import Limits
from xlhedge.workbook.archive import read_file


def reply(path: Path, limits: Limits) -> Any:
    """What a file in JSON holds; None where it is no such file."""
    content = read_file(path, limits)
    return replies.parsed(content, str(path)) if content.lstrip()[:1] in (b"[", b"{") else None


def table_rows(path: Path, limits: Limits) -> Iterator[dict[str, Any]]:
    """The rows of a file's one table, by the normal names of its columns."""
    (table,) = open_tables(path, limits)
    names = [normal(name) for name in table.header]
    columns = table.columns(range(table.width))
    for cells in zip(*columns.values(), strict=True):
        yield dict(zip(names, cells, strict=True))
