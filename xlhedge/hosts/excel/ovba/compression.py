"""The compression of VBA sources, [MS-OVBA] 2.4.1."""

from __future__ import annotations

_CHUNK = 4096
_LONGEST_SEARCH = 64


def compress(data: bytes) -> bytes:
    """Compress a stream.

    Parameters
    ----------
    data
        Any bytes.

    Returns
    -------
    bytes
        A CompressedContainer. It is a valid one, not the shortest.
    """
    container = bytearray(b"\x01")
    for start in range(0, len(data), _CHUNK):
        chunk = data[start : start + _CHUNK]
        tokens = _tokens(chunk)
        if len(tokens) < _CHUNK:
            container += _header(len(tokens), compressed=True) + tokens
        else:
            container += _header(_CHUNK, compressed=False) + chunk.ljust(_CHUNK, b"\0")
    return bytes(container)


def _header(size: int, *, compressed: bool) -> bytes:
    return ((0x8000 if compressed else 0) | 0x3000 | size - 1).to_bytes(2, "little")


def _tokens(chunk: bytes) -> bytes:
    """Groups of eight tokens, literal or copied, each group led by a byte that tells which."""
    output = bytearray()
    seen: dict[bytes, list[int]] = {}
    position = 0
    while position < len(chunk):
        flags_at = len(output)
        output.append(0)
        for bit in range(8):
            if position == len(chunk):
                break
            offset, length = _longest_match(chunk, position, seen)
            if length:
                output[flags_at] |= 1 << bit
                shift = 16 - _offset_bits(position)
                output += ((offset - 1) << shift | length - 3).to_bytes(2, "little")
            else:
                length = 1
                output.append(chunk[position])
            for index in range(position, position + length):
                seen.setdefault(chunk[index : index + 3], []).append(index)
            position += length
    return bytes(output)


def _offset_bits(position: int) -> int:
    """How many bits of a copy token hold the offset: as many as the position needs, at least 4."""
    return max((position - 1).bit_length(), 4)


def _longest_match(chunk: bytes, position: int, seen: dict[bytes, list[int]]) -> tuple[int, int]:
    """Offset and length of the longest earlier copy of what follows; (0, 0) if there is none."""
    limit = min((0xFFFF >> _offset_bits(position)) + 3, len(chunk) - position)
    best = (0, 0)
    if limit < 3:
        return best
    for start in reversed(seen.get(chunk[position : position + 3], [])[-_LONGEST_SEARCH:]):
        length = 3
        while length < limit and chunk[start + length] == chunk[position + length]:
            length += 1
        if length > best[1]:
            best = (position - start, length)
            if length == limit:
                break
    return best
