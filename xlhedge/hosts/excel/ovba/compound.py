"""Compound files, [MS-CFB] version 3: storages and streams in sectors of 512 bytes."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

Storage = Mapping[str, "bytes | Storage"]
"""Names to contents: bytes for a stream, a mapping for a storage."""

_SECTOR, _SMALL_SECTOR, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_BLACK = 1
_HEADER_FATS = 109


@dataclass
class _Entry:
    """A directory entry; `left`, `right` and `child` are indices of other entries."""

    name: str
    kind: int
    content: bytes = b""
    left: int = _FREE
    right: int = _FREE
    child: int = _FREE
    start: int = 0


@dataclass
class _Chains:
    """Sectors of one size and the table that links them."""

    size: int
    data: bytearray = field(default_factory=bytearray)
    table: list[int] = field(default_factory=list)

    def add(self, content: bytes) -> int:
        """Append a stream; the index of its first sector."""
        if not content:
            return _END
        start = len(self.table)
        count = -(-len(content) // self.size)
        self.table += [*range(start + 1, start + count), _END]
        self.data += content.ljust(count * self.size, b"\0")
        return start


def write(root: Storage) -> bytes:
    """A compound file that holds the given storages and streams.

    Parameters
    ----------
    root
        What the root storage holds.

    Returns
    -------
    bytes
        The file. The same contents always give the same bytes.

    Raises
    ------
    ValueError
        When the contents need more than the 6.8 MB that a header alone can index.
    """
    entries = [_Entry("Root Entry", _ROOT)]
    entries[0].child = _add(root, entries)
    sectors, small = _Chains(_SECTOR), _Chains(_SMALL_SECTOR)
    for entry in entries:
        if entry.kind == _STREAM:
            chains = small if len(entry.content) < _CUTOFF else sectors
            entry.start = chains.add(entry.content)
    entries[0].content = bytes(small.data)
    entries[0].start = sectors.add(entries[0].content)
    small_table = b"".join(link.to_bytes(4, "little") for link in small.table)
    small_start = sectors.add(small_table.ljust(-(-len(small_table) // _SECTOR) * _SECTOR, b"\xff"))
    directory = b"".join(map(_directory_entry, entries))
    spare = -len(entries) % 4
    directory_start = sectors.add(directory + _directory_entry(_Entry("", 0)) * spare)
    return _file(sectors, directory_start, small_start, -(-len(small_table) // _SECTOR))


def _file(sectors: _Chains, directory: int, small: int, small_count: int) -> bytes:
    used = len(sectors.table)
    fats = 0
    while fats * _SECTOR // 4 < used + fats:
        fats += 1
    if fats > _HEADER_FATS:
        raise ValueError("the contents are too large for one header")
    table = sectors.table + [_FAT] * fats
    table += [_FREE] * (fats * _SECTOR // 4 - len(table))
    places = [used + index for index in range(fats)] + [_FREE] * (_HEADER_FATS - fats)
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        0,
        fats,
        directory,
        0,
        _CUTOFF,
        small,
        small_count,
        _END,
        0,
        places[0],
    )
    rest = struct.pack(f"<{_HEADER_FATS - 1}I", *places[1:])
    return header + rest + bytes(sectors.data) + struct.pack(f"<{len(table)}I", *table)


def _add(storage: Storage, entries: list[_Entry]) -> int:
    """Add a storage's members as a balanced tree; the index of the tree's root."""
    indices = []
    for name in sorted(storage, key=_order):
        content = storage[name]
        index = len(entries)
        if isinstance(content, bytes):
            entries.append(_Entry(name, _STREAM, content))
        else:
            entries.append(_Entry(name, _STORAGE))
            entries[index].child = _add(content, entries)
        indices.append(index)
    return _tree(indices, entries)


def _order(name: str) -> tuple[int, str]:
    return len(name), name.upper()


def _tree(indices: list[int], entries: list[_Entry]) -> int:
    if not indices:
        return _FREE
    middle = len(indices) // 2
    entry = entries[indices[middle]]
    entry.left = _tree(indices[:middle], entries)
    entry.right = _tree(indices[middle + 1 :], entries)
    return indices[middle]


def _directory_entry(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16x4x16xIQ",
        name,
        len(name) + 2 if entry.name else 0,
        entry.kind,
        _BLACK,
        entry.left,
        entry.right,
        entry.child,
        entry.start,
        len(entry.content),
    )
